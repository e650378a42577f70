package herokutf

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
)

// TestLockedIsResolved: of everything that can be resolved, the pins give the same,
// in every format, and the same pins again.
func TestLockedIsResolved(t *testing.T) {
	locked := 0
	for _, tt := range resolveTests {
		s := fakeHeroku(herokutest.Policy{})
		tt.world(s)
		pipelines := tt.pipelines
		if pipelines == nil {
			pipelines = []Pipeline{{"api", n(1)}}
		}
		for _, opts := range []SlugOptions{tt.opts, {Stages: tt.opts.Stages, Apps: tt.opts.Apps, ReleaseIDs: true, Commits: true}} {
			slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), pipelines, opts)
			if err != nil || len(slugs.Problems) > 0 {
				continue
			}
			locked++
			text, err := slugs.lockText()
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
				continue
			}
			if err := validate(t, "slugs", string(text)); err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			pins, err := parseLock(text)
			if err != nil {
				t.Errorf("%s: %v in\n%s", tt.name, err, text)
				continue
			}
			for _, offline := range []bool{true, false} {
				s.ResetRequests()
				c := fakeClient(t, s)
				got, err := ResolveSlugs(t.Context(), c, pipelines,
					SlugOptions{Stages: opts.Stages, Apps: opts.Apps, ReleaseIDs: opts.ReleaseIDs, Locked: pins, Offline: offline})
				if err != nil {
					t.Errorf("%s: %v", tt.name, err)
					continue
				}
				if most := len(pipelines); offline && c.Requests() > 0 || c.Requests() > most {
					t.Errorf("%s: %d requests: %v", tt.name, c.Requests(), s.Requests())
				}
				slugs.Notes, got.Notes = nil, nil
				if diff := gocmp.Diff(slugs, got); diff != "" {
					t.Errorf("%s (-resolved +locked):\n%s", tt.name, diff)
				}
				for _, f := range Formats() {
					if a, b := write(t, slugs, f), write(t, got, f); a != b {
						t.Errorf("%s: %s: resolved %q, locked %q", tt.name, f, a, b)
					}
				}
				again, err := got.lockText()
				if err != nil || !bytes.Equal(again, text) {
					t.Errorf("%s: pinned again: %v\n%s\nwas\n%s", tt.name, err, again, text)
				}
			}
		}
	}
	if locked < 20 {
		t.Errorf("only %d cases were locked", locked)
	}
}

// pinned returns the pins of a world of three pipelines, the first of which has
// several apps.
func pinned(t *testing.T) (*herokutest.Server, []Pipeline, *Slugs) {
	t.Helper()
	s := fakeHeroku(herokutest.Policy{})
	deployed(s, "api-prod", 11, 13)
	deployed(s, "api-staging", 14)
	deployed(s, "web-prod", 16)
	pipeline(s, 1, "api", "production api-prod", "staging api-staging")
	pipeline(s, 2, "web", "production web-prod")
	pipelines := []Pipeline{{"api", n(1)}, {"web", "web"}}
	slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), pipelines, SlugOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s.ResetRequests()
	return s, pipelines, slugs
}

func TestLockFile(t *testing.T) {
	_, _, slugs := pinned(t)
	path := filepath.Join(t.TempDir(), "slugs.lock.json")
	if err := slugs.Lock(path); err != nil {
		t.Fatal(err)
	}
	got, err := ReadLock(path)
	if diff := gocmp.Diff(slugs, got); err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// A change is one line of a diff.
	slugs.Artifacts[1].Value, slugs.Artifacts[1].Release.Version = n(17), 12
	if err := slugs.Lock(path); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(before), "\n")
	changed := 0
	for i, line := range strings.Split(string(after), "\n") {
		if line != lines[i] {
			changed++
		}
	}
	if changed != 1 {
		t.Errorf("%d lines have changed:\n%s", changed, after)
	}
	// What a value in JSON was printed as is a pin file, too.
	if err := os.WriteFile(path, []byte(write(t, slugs, FormatJSON)), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err = ReadLock(path); err != nil || !slices.Equal(got.Variables(), slugs.Variables()) {
		t.Errorf("of JSON: %v, %v", got, err)
	}
	if _, err := ReadLock(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	bare := *slugs
	bare.Pipelines, bare.Stages = nil, nil
	if text, err := bare.lockText(); err != nil || strings.Contains(string(text), `"pipelines"`) || strings.Contains(string(text), `"stages"`) {
		t.Errorf("without pipelines and stages: %v\n%s", err, text)
	}
	for name, bad := range map[string]*Slugs{
		"nil": nil, "empty": {}, "with problems": {Artifacts: slugs.Artifacts, Problems: []*SlugError{{Err: ErrNoApps}}},
		"a value that is none": {Artifacts: []Artifact{{Variable: "api_slug_production", Kind: KindSlug, Stage: "production", Value: "null"}}},
	} {
		if err := bad.Lock(filepath.Join(t.TempDir(), "x")); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// lockWith returns a pin file with one part of it replaced.
func lockWith(t testing.TB, old, new string) []byte {
	s := fakeHeroku(herokutest.Policy{})
	deployed(s, "api-prod", 13)
	pipeline(s, 1, "api", "production api-prod")
	slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), []Pipeline{{"api", n(1)}}, SlugOptions{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := slugs.lockText()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(old)) {
		t.Fatalf("no %s in %s", old, text)
	}
	return bytes.Replace(text, []byte(old), []byte(new), 1)
}

func TestReadLockRefuses(t *testing.T) {
	value := `"value":"` + n(13) + `"`
	for name, tt := range map[string]struct {
		text []byte
		want error
	}{
		"nothing":            {nil, ErrPinFile},
		"a list":             {[]byte(`[]`), ErrPinFile},
		"no artifacts":       {[]byte(`{"format_version":"1.0"}`), ErrNoPins},
		"empty artifacts":    {[]byte(`{"format_version":"1.0","artifacts":[]}`), ErrNoPins},
		"null artifacts":     {[]byte(`{"format_version":"1.0","artifacts":null}`), ErrNoPins},
		"another version":    {lockWith(t, `"1.0"`, `"2.0"`), ErrPinFile},
		"no version":         {lockWith(t, `"format_version": "1.0",`, ``), ErrPinFile},
		"a state":            {[]byte(`{"version":4,"resources":[]}`), ErrPinFile},
		"half of it":         {lockWith(t, `]`, ``), ErrPinFile},
		"more behind it":     {append(lockWith(t, "x", "x"), "{}"...), ErrPinFile},
		"conflict":           {lockWith(t, `    {"variable"`, "<<<<<<< HEAD\n    {\"variable\""), ErrPinFile},
		"two values":         {lockWith(t, value, value+`,"value":"`+n(14)+`"`), ErrPinFile},
		"two versions":       {lockWith(t, `"1.0"`, `"1.0", "format_version": "1.0"`), ErrPinFile},
		"two lists":          {lockWith(t, `"pipelines"`, `"Artifacts":[],"pipelines"`), ErrPinFile},
		"two, in other case": {lockWith(t, value, value+`,"VALUE":"`+n(14)+`"`), ErrPinFile},
		"text null":          {lockWith(t, value, `"value":"null"`), ErrPinFile},
		"null":               {lockWith(t, value, `"value":null`), ErrPinFile},
		"no value":           {lockWith(t, value+",", ``), ErrPinFile},
		"a number":           {lockWith(t, value, `"value":13`), ErrPinFile},
		"another variable":   {lockWith(t, `api_slug_production`, `api_slug_staging`), ErrPinFile},
		"a command":          {lockWith(t, `api_slug_production`, "$(id)_slug_production"), ErrPinFile},
		"another kind":       {lockWith(t, `"kind":"slug"`, `"kind":"image"`), ErrPinFile},
		"the kind doesn't fit": {
			lockWith(t, `"kind":"slug"`, `"kind":"oci-image"`), ErrPinFile},
		"a stage that is none": {lockWith(t, `"stage":"production"`, `"stage":"../x"`), ErrPinFile},
		"no release":           {lockWith(t, `"version":3`, `"version":0`), ErrPinFile},
		"an escape sequence":   {lockWith(t, `"name":"api-prod"`, `"name":"\u001b[31m"`), ErrPinFile},
		"a commit that is none": {
			lockWith(t, `"expires_after"`, `"commit":"$(id)","expires_after"`), ErrPinFile},
		"a bad pipeline": {lockWith(t, `{"name":"api","ref"`, `{"name":"API","ref"`), ErrPinFile},
		"problems":       {lockWith(t, `"pipelines"`, `"problems":[{"reasons":[],"message":"x"}],"pipelines"`), ErrPinFile},
	} {
		t.Run(name, func(t *testing.T) {
			if s, err := parseLock(tt.text); s != nil || !errors.Is(err, tt.want) {
				t.Errorf("got %v, %v, want %v", s, err, tt.want)
			}
		})
	}
	// What later versions add is passed over.
	if _, err := parseLock(lockWith(t, `"stage":`, `"later":{"a":[1]},"stage":`)); err != nil {
		t.Error(err)
	}
}

// FuzzReadLock: what is read from any bytes can be written, and read again as the
// same; each value is a UUID, and the variable's own.
func FuzzReadLock(f *testing.F) {
	good := lockWith(f, "x", "x")
	f.Add(good)
	f.Add(lockWith(f, `"stages"`, `"Stages":["staging"],"stages"`))
	for i := 0; i < len(good); i += 97 {
		f.Add(good[:i])
		f.Add(slices.Concat(good[:i], []byte(`"`), good[i:]))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseLock(data)
		if err != nil {
			if s != nil || !errors.Is(err, ErrPinFile) && !errors.Is(err, ErrNoPins) {
				t.Fatalf("got %v, %v", s, err)
			}
			return
		}
		for _, a := range s.Artifacts {
			if !provider.IsUUID(a.Value) || !bytes.Contains(bytes.ToLower(data), []byte(strings.ToLower(a.Value))) && !bytes.Contains(data, []byte(`\u`)) {
				t.Errorf("%s is %q", a.Variable, a.Value)
			}
			if a.Variable != a.Kind.variable(a.name(), a.Stage) {
				t.Errorf("%s is of %s in %s", a.Variable, a.Kind, a.Stage)
			}
		}
		text, err := s.lockText()
		if err != nil {
			// A time that JSON doesn't have, or a text that isn't UTF-8.
			return
		}
		again, err := parseLock(text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if diff := gocmp.Diff(s, again); diff != "" {
			t.Errorf("(-first +again):\n%s", diff)
		}
	})
}

func TestLockedChecks(t *testing.T) {
	tests := []struct {
		name     string
		later    func(s *herokutest.Server, pins *Slugs)
		opts     SlugOptions
		want     []error
		contains string
		requests int
	}{
		{name: "all is there", later: func(*herokutest.Server, *Slugs) {}, requests: 2},
		{
			name: "apps have moved on",
			later: func(s *herokutest.Server, _ *Slugs) {
				s.Deploy("api-prod", n(20))
				s.Deploy("web-prod", n(21))
			},
			requests: 2,
		},
		{
			name:     "a single slug is gone",
			later:    func(s *herokutest.Server, _ *Slugs) { s.Deploy("web-prod", n(21)); s.Expire("web-prod", 3) },
			want:     []error{ErrSlugExpired},
			contains: `pipeline web (` + n(2) + `), stage production, app "web-prod": the slug or image is deleted: slug ` + n(16) + ` of release v3, 2026-11-22 10:00 UTC`,
			requests: 2,
		},
		{
			name:     "the release that runs has expired, in a pipeline of several",
			later:    func(s *herokutest.Server, _ *Slugs) { s.Expire("api-prod", 4) },
			want:     []error{ErrSlugExpired},
			contains: `app "api-prod": the slug or image is deleted: slug ` + n(13),
			requests: 3,
		},
		{
			name: "old, and 20 releases behind: looked after, and gone",
			later: func(s *herokutest.Server, pins *Slugs) {
				pins.Artifacts[0].Release.CreatedAt = time.Now().Add(-31 * 24 * time.Hour)
				for range 20 {
					s.Deploy("api-prod", n(20))
				}
				s.Expire("api-prod", 4)
			},
			want:     []error{ErrSlugExpired},
			requests: 3,
		},
		{
			name: "an app has left the pipeline: its slug is looked for",
			later: func(s *herokutest.Server, _ *Slugs) {
				s.Uncouple("api-staging")
			},
			requests: 3,
		},
		{
			name:     "an app is gone",
			later:    func(s *herokutest.Server, _ *Slugs) { s.DeleteApp("api-staging") },
			want:     []error{ErrSlugExpired},
			contains: `app "api-staging"`,
			requests: 3,
		},
		{name: "no access", later: func(s *herokutest.Server, _ *Slugs) { s.Deny("web-prod") }, want: []error{platform.ErrForbidden}, requests: 2},
		{
			name: "the releases of a pipeline of several can't be read",
			later: func(s *herokutest.Server, _ *Slugs) {
				s.Inject(herokutest.Fault{Route: "GET /pipelines/{pipeline}/latest-releases", Status: 403})
			},
			want:     []error{platform.ErrForbidden},
			contains: `app "api-staging": look whether it is still there: `,
			requests: 2,
		},
		{name: "offline", later: func(s *herokutest.Server, _ *Slugs) { s.DeleteApp("web-prod") }, opts: SlugOptions{Offline: true}},
		{
			name:  "what is left with KeepGoing",
			later: func(s *herokutest.Server, _ *Slugs) { s.DeleteApp("web-prod") }, opts: SlugOptions{KeepGoing: true}, requests: 2,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, pipelines, pins := pinned(t)
				tt.later(s, pins)
				s.ResetRequests()
				tt.opts.Locked = pins
				c := fakeClient(t, s)
				if tt.opts.Offline {
					c = nil
				}
				slugs, err := ResolveSlugs(t.Context(), c, pipelines, tt.opts)
				if len(s.Log()) != tt.requests {
					t.Errorf("%d requests, want %d: %v", len(s.Log()), tt.requests, s.Requests())
				}
				if tt.want == nil {
					if err != nil {
						t.Fatal(err)
					}
					for i, a := range slugs.Artifacts {
						if a.Value != pins.Artifacts[i].Value {
							t.Errorf("%s moved to %s", a.Variable, a.Value)
						}
					}
					if lost := len(pins.Artifacts) - len(slugs.Artifacts); lost != len(slugs.Problems) {
						t.Errorf("%d values are missing, and the problems are %v", lost, slugs.Problems)
					}
					return
				}
				for _, want := range tt.want {
					if !errors.Is(err, want) || !strings.Contains(err.Error(), tt.contains) {
						t.Errorf("got %v, want %v with %q", err, want, tt.contains)
					}
				}
			})
		})
	}
}

func TestOtherPins(t *testing.T) {
	s, pipelines, pins := pinned(t)
	for name, tt := range map[string]struct {
		pipelines []Pipeline
		opts      SlugOptions
		contains  string
	}{
		"another pipeline of the name": {[]Pipeline{{"api", n(3)}, pipelines[1]}, SlugOptions{}, "they are of the pipeline " + n(1)},
		"another name on Heroku":       {[]Pipeline{pipelines[0], {"web", "web-2"}}, SlugOptions{}, "they are of the pipeline web (" + n(2) + ")"},
		"one more":                     {append(slices.Clone(pipelines), Pipeline{"new", n(9)}), SlugOptions{}, "none of them is of this pipeline"},
		"one less":                     {pipelines[:1], SlugOptions{}, "the pipeline isn't among those asked for"},
		"fewer stages":                 {pipelines, SlugOptions{Stages: []string{"production"}}, "stage staging: the pins are for something else: the stage isn't among those asked for"},
		"another stage":                {pipelines, SlugOptions{Stages: []string{"development", "staging", "production", "review"}}, "they were made without the stage"},
		"another app":                  {pipelines, SlugOptions{Apps: map[string][]string{"production": {"api-eu"}}}, `none of them is of the app "api-eu"`},
	} {
		tt.opts.Locked = pins
		_, err := ResolveSlugs(t.Context(), fakeClient(t, s), tt.pipelines, tt.opts)
		if !errors.Is(err, ErrOtherPins) || !strings.Contains(err.Error(), tt.contains) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if len(s.Log()) > 0 {
		t.Errorf("asked for %v", s.Requests())
	}
	// Pins that don't say what they were made for are held to what they have.
	bare := *pins
	bare.Pipelines, bare.Stages = nil, nil
	if _, err := ResolveSlugs(t.Context(), nil, pipelines, SlugOptions{Locked: &bare, Offline: true}); err != nil {
		t.Error(err)
	}
	// Without Stages, those of the pins count.
	staging := *pins
	staging.Artifacts = slices.DeleteFunc(slices.Clone(pins.Artifacts), func(a Artifact) bool { return a.Stage != "production" })
	staging.Stages = []string{"production"}
	got, err := ResolveSlugs(t.Context(), nil, pipelines, SlugOptions{Locked: &staging, Offline: true})
	if err != nil || len(got.Artifacts) != 2 || !slices.Equal(got.Stages, staging.Stages) {
		t.Errorf("of one stage: %v, %v", got, err)
	}
	for name, opts := range map[string]SlugOptions{
		"offline without pins": {Offline: true},
		"waiting for pins":     {Locked: pins, WaitPending: time.Second},
	} {
		if _, err := ResolveSlugs(t.Context(), fakeClient(t, s), pipelines, opts); !errors.Is(err, ErrSlugOptions) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestExpiry: what Heroku deletes soon is a note; Heroku keeps slugs for 30 days and
// 20 releases.
func TestExpiry(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	for _, tt := range []struct {
		age    time.Duration
		behind int
		want   string // in the note; "": none
	}{
		{0, 0, ""}, {0, 100, ""}, {22 * day, 100, ""}, {100 * day, 0, ""}, {100 * day, 9, ""},
		{24 * day, 20, "(v7) until 2026-11-28"},
		{24 * day, 12, "until 2026-11-28, and as long as the app has fewer than 8 more releases"},
		{31 * day, 19, "until 2026-11-21, and as long as the app has fewer than 1 more release"},
		{31 * day, 20, "until 2026-11-21, and may delete it at any time"},
	} {
		a := Artifact{Variable: "api_slug_production", Kind: KindSlug, Value: n(1), App: NamedID{Name: "api"}, Release: Release{Version: 7, CreatedAt: now.Add(-tt.age)}}
		a.ExpiresAfter = expiresAfter(a.Release)
		got := a.Expiry(7+tt.behind, now)
		if (got == "") != (tt.want == "") || !strings.HasSuffix(got, tt.want) {
			t.Errorf("%v old, %d behind: got %q, want %q", tt.age, tt.behind, got, tt.want)
		}
	}
	if got := new(Artifact).Expiry(100, now); got != "" {
		t.Errorf("of an unknown release: %q", got)
	}
}

// TestHalfPromoted: a promotion that not all apps of a stage have is named, with what
// is missing.
func TestHalfPromoted(t *testing.T) {
	tests := []struct {
		name  string
		world func(s *herokutest.Server)
		want  string
	}{
		{
			"of the slug in staging",
			func(s *herokutest.Server) {},
			"a promotion is half done: slug " + n(14) + ` is released to "api-us" (v4), and "api-eu" runs slug ` + n(13) + " (v3)",
		},
		{
			"and the rest is pending",
			func(s *herokutest.Server) { s.PendingRelease("api-eu", n(14)) },
			`"api-us" (v4), and "api-eu" runs slug ` + n(13) + " (v3, and v4 is pending)",
		},
		{
			"and staging runs the next already",
			func(s *herokutest.Server) { s.Deploy("api-staging", n(15)) },
			`the apps of the stage don't run the same: "api-eu" runs slug ` + n(13) + ` (v3), "api-us" runs slug ` + n(14) + ` (v4)`,
		},
	}
	for _, tt := range tests {
		clock := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
		s := herokutest.New(herokutest.Options{Clock: func() time.Time { clock = clock.Add(time.Minute); return clock }})
		deployed(s, "api-eu", 13)
		deployed(s, "api-us", 13)
		deployed(s, "api-staging", 14)
		pipeline(s, 1, "api", "production api-eu", "production api-us", "staging api-staging")
		s.Deploy("api-us", n(14))
		tt.world(s)
		for _, stages := range [][]string{nil, {"production"}} {
			_, err := ResolveSlugs(t.Context(), fakeClient(t, s), []Pipeline{{"api", n(1)}}, SlugOptions{Stages: stages})
			if !errors.Is(err, ErrAppsDiffer) || errors.Is(err, ErrReleasePending) != strings.Contains(tt.want, "pending") || !strings.HasSuffix(err.Error(), tt.want) {
				t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
			}
		}
	}
	// The API's own promotion says so by itself, whatever staging runs.
	s := fakeHeroku(herokutest.Policy{})
	deployed(s, "api-eu", 13)
	s.AddApp(herokutest.App{Name: "api-us", Releases: []herokutest.Release{
		{Version: 1, Slug: n(13)}, {Version: 2, Slug: n(14), Description: "Promote api-staging v3", CreatedAt: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}}})
	pipeline(s, 1, "api", "production api-eu", "production api-us")
	_, err := ResolveSlugs(t.Context(), fakeClient(t, s), []Pipeline{{"api", n(1)}}, SlugOptions{})
	if !errors.Is(err, ErrAppsDiffer) || !strings.Contains(err.Error(), "a promotion is half done") {
		t.Errorf("got %v", err)
	}
}

// TestPendingIsReported: a pending release of one of several apps that agree.
func TestPendingIsReported(t *testing.T) {
	s := fakeHeroku(herokutest.Policy{})
	deployed(s, "api-eu", 13)
	deployed(s, "api-us", 13)
	s.PendingRelease("api-us", n(14))
	pipeline(s, 1, "api", "production api-eu", "production api-us")
	slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), []Pipeline{{"api", n(1)}}, SlugOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"api_slug_production: release v4 of api-us is pending and doesn't count yet: the variable has what runs"}
	if diff := gocmp.Diff(want, slugs.Notes); diff != "" || slugs.Artifacts[0].Pending["api-us"].Version != 4 {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// TestSharedCouplings: the list of all pipelines is used where it has all, and each
// pipeline's own where not.
func TestSharedCouplings(t *testing.T) {
	three := []Pipeline{{"a", n(1)}, {"b", n(2)}, {"c", n(3)}}
	world := func() *herokutest.Server {
		s := fakeHeroku(herokutest.Policy{})
		for i, name := range []string{"a", "b", "c"} {
			deployed(s, name+"-prod", 11+i)
			pipeline(s, 1+i, name, "production "+name+"-prod")
		}
		return s
	}
	coupling := func(app string, pipeline int) string {
		return `{"id":"` + n(pipeline+50) + `","app":{"id":"` + appID(app) + `"},"pipeline":{"id":"` + n(pipeline) + `"},"stage":"production"}`
	}
	for name, tt := range map[string]struct {
		shared string // "": as it is
		own    int
	}{
		"complete":        {"", 0},
		"one is missing":  {"[" + coupling("a-prod", 1) + "," + coupling("c-prod", 3) + "]", 1},
		"an app is":       {"[" + coupling("a-prod", 1) + "," + coupling("c-prod", 3) + "," + coupling("other", 2) + "]", 1},
		"nothing is seen": {"[]", 3},
		"forbidden":       {`{"id":"forbidden","message":"no"}`, 3},
	} {
		s := world()
		if tt.shared != "" {
			status := 200
			if name == "forbidden" {
				status = 403
			}
			s.Inject(herokutest.Fault{Route: routeShared, Status: status, Body: tt.shared})
		}
		slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), three, SlugOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := s.Requests(); len(slugs.Artifacts) != 3 || got[routeShared] != 1 || got[routeCouplings] != tt.own || got[routeLatest] != 3 {
			t.Errorf("%s: %d artifacts by %v", name, len(slugs.Artifacts), got)
		}
	}
	// One pipeline has no use for it.
	s := world()
	if _, err := ResolveSlugs(t.Context(), fakeClient(t, s), three[:1], SlugOptions{}); err != nil || s.Requests()[routeShared] != 0 {
		t.Errorf("one pipeline: %v, %v", s.Requests(), err)
	}
	// An account that sees thousands of couplings: the list ends after a page.
	s = world()
	s.Inject(herokutest.Fault{Route: routeShared, Status: 200, Body: "[" + strings.Repeat(coupling("x", 9)+",", couplingsPage-1) + coupling("x", 9) + "]"})
	if _, err := ResolveSlugs(t.Context(), fakeClient(t, s), three, SlugOptions{}); err != nil || s.Requests()[routeShared] != 1 || s.Requests()[routeCouplings] != 3 {
		t.Errorf("many couplings: %v, %v", s.Requests(), err)
	}
}

// TestDeadAPI: an API that is down for every request is one error.
func TestDeadAPI(t *testing.T) {
	for name, fault := range map[string]herokutest.Fault{
		"503": {Status: 503, Times: -1}, "reset": {Reset: true, Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := fakeHeroku(herokutest.Policy{})
				pipelines := manyPipelines(s, byUUID)
				s.ClearFaults()
				s.Inject(fault)
				for _, opts := range []SlugOptions{{}, {KeepGoing: true}} {
					slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), pipelines, opts)
					if slugs != nil || err == nil {
						t.Fatalf("got %v, %v", slugs, err)
					}
					if _, ok := errors.AsType[*SlugError](err); ok || strings.Contains(err.Error(), "\n") {
						t.Errorf("the error has more than one part: %v", err)
					}
				}
			})
		})
	}
}
