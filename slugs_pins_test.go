package herokutf

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
)

// goodPin is an artifact that a pin file may have, with everything in it.
func goodPin() Artifact {
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	return Artifact{Variable: "api_slug_production", Kind: KindSlug, Stage: "production", Value: n(1), Pipeline: NamedID{ID: n(2), Name: "api"},
		App: NamedID{ID: n(3), Name: "api-eu"}, Others: []NamedID{{ID: n(4), Name: "api-us"}}, Release: Release{ID: n(5), Version: 1, Status: "succeeded", CreatedAt: at, User: "ann@example.com"},
		Newest: &Release{ID: n(6), Version: 2, Status: "failed", CreatedAt: at, User: "bob@example.com"}, Pending: map[string]Release{"api-us": {ID: n(7), Version: 3, Status: "pending", User: "cy@example.com"}},
		Commit: "0123abc", ExpiresAfter: at.AddDate(0, 0, 30)}
}

// TestCheckPins: each part of a pin that can't be one is named, and a pin that has all
// of them is taken, with exactly what it has.
func TestCheckPins(t *testing.T) {
	const bell = "\a"
	good := &Slugs{Artifacts: []Artifact{goodPin()}, Pipelines: []Pipeline{{"api", "api"}}, Stages: []string{"production"}}
	good.Notes, good.Problems = []string{"x"}, []*SlugError{{Err: ErrNoApps}}
	got, err := good.pinned()
	want := &Slugs{Artifacts: good.Artifacts, Pipelines: good.Pipelines, Stages: good.Stages}
	if diff := gocmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("a good one: %v (-want +got):\n%s", err, diff)
	}
	if err := new(Slugs).checkPins(); err != ErrNoPins {
		t.Errorf("none: %v", err)
	}
	pin := func(edit func(*Artifact)) func(*Slugs) { return func(s *Slugs) { edit(&s.Artifacts[0]) } }
	more := func(edit func(*Artifact)) func(*Slugs) {
		return func(s *Slugs) {
			a := goodPin()
			edit(&a)
			s.Artifacts = append(s.Artifacts, a)
		}
	}
	const v = `the variable "api_slug_production": `
	for name, tt := range map[string]struct {
		edit func(*Slugs)
		says string // behind "not a pin file: "; "": it is good
	}{
		"kind":               {pin(func(a *Artifact) { a.Kind = KindRelease }), "-"},
		"another kind":       {pin(func(a *Artifact) { a.Kind = "image" }), v + `its kind is "image"`},
		"stage":              {pin(func(a *Artifact) { a.Stage = "No" }), v + `its stage is "No"`},
		"variable":           {pin(func(a *Artifact) { a.Variable = "api_slug_staging" }), `the variable "api_slug_staging": it isn't that of a slug in stage production`},
		"no name":            {pin(func(a *Artifact) { a.Variable = "_slug_production" }), `the variable "_slug_production": it isn't that of a slug in stage production`},
		"value":              {pin(func(a *Artifact) { a.Value = "x" }), v + `its value is "x"`},
		"pipeline":           {pin(func(a *Artifact) { a.Pipeline.ID = "x" }), v + `its pipeline is "x"`},
		"app":                {pin(func(a *Artifact) { a.App.ID = "" }), v + `its app is ""`},
		"release":            {pin(func(a *Artifact) { a.Release.ID = "x" }), v + `its release is "x"`},
		"version":            {pin(func(a *Artifact) { a.Release.Version = 0 }), v + `its release is "` + n(5) + `"`},
		"commit":             {pin(func(a *Artifact) { a.Commit = "-x" }), v + `its commit is "-x"`},
		"no commit":          {pin(func(a *Artifact) { a.Commit = "" }), ""},
		"another app":        {pin(func(a *Artifact) { a.Others[0].ID = "x" }), v + `its app is "x"`},
		"pipeline's name":    {pin(func(a *Artifact) { a.Pipeline.Name = bell }), v + `its text is "\a"`},
		"app's name":         {pin(func(a *Artifact) { a.App.Name = bell }), v + `its text is "\a"`},
		"status":             {pin(func(a *Artifact) { a.Release.Status = bell }), v + `its text is "\a"`},
		"user":               {pin(func(a *Artifact) { a.Release.User = bell }), v + `its text is "\a"`},
		"another app's name": {pin(func(a *Artifact) { a.Others[0].Name = bell }), v + `its text is "\a"`},
		"pending app":        {pin(func(a *Artifact) { a.Pending = map[string]Release{bell: {}} }), v + `its text is "\a"`},
		"pending status":     {pin(func(a *Artifact) { a.Pending = map[string]Release{"x": {Status: bell}} }), v + `its text is "\a"`},
		"pending user":       {pin(func(a *Artifact) { a.Pending = map[string]Release{"x": {User: bell}} }), v + `its text is "\a"`},
		"newest status":      {pin(func(a *Artifact) { a.Newest.Status = bell }), v + `its text is "\a"`},
		"newest user":        {pin(func(a *Artifact) { a.Newest.User = bell }), v + `its text is "\a"`},
		"no newest":          {pin(func(a *Artifact) { a.Newest = nil }), ""},
		"twice":              {more(func(*Artifact) {}), v + "it has two values"},
		"another stage":      {more(func(a *Artifact) { a.Variable, a.Stage = "api_slug_staging", "staging" }), ""},
		"in capitals": {more(func(a *Artifact) {
			a.Variable, a.Stage, a.Pipeline.ID = "api_slug_staging", "staging", strings.ToUpper(goodPin().Pipeline.ID)
		}), ""},
		"another pipeline": {more(func(a *Artifact) { a.Variable, a.Stage, a.Pipeline.ID = "api_slug_staging", "staging", n(9) }),
			`the variable "api_slug_staging": the pipelines ` + n(2) + " and " + n(9) + " both have the name"},
		"another name":   {more(func(a *Artifact) { a.Variable, a.Pipeline.ID = "web_slug_production", n(9) }), ""},
		"pipeline as it": {func(s *Slugs) { s.Pipelines[0].Name = "API" }, `the pipeline "API": ` + ErrPipelineName.Error()},
		"pipeline's ref": {func(s *Slugs) { s.Pipelines[0].Ref = "../x" }, `the pipeline "api": ` + ErrPipelineRef.Error()},
		"a stage":        {func(s *Slugs) { s.Stages = append(s.Stages, "No Stage") }, `the stage "No Stage" isn't one`},
	} {
		s := &Slugs{Artifacts: []Artifact{goodPin()}, Pipelines: []Pipeline{{"api", "api"}}, Stages: []string{"production"}}
		tt.edit(s)
		got, err := s.pinned()
		switch {
		case tt.says == "-":
			if !errors.Is(err, ErrNoPins) {
				t.Errorf("%s: %v", name, err)
			}
		case tt.says == "":
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		case err == nil || err.Error() != ErrPinFile.Error()+": "+tt.says || !errors.Is(err, ErrPinFile) || got != nil:
			t.Errorf("%s: got  %v\nwant %s", name, err, tt.says)
		}
	}
}

// TestSlugsReadBack: everything that slugs have, problems among them, comes back from JSON.
func TestSlugsReadBack(t *testing.T) {
	want := Slugs{Artifacts: []Artifact{goodPin()}, Pipelines: []Pipeline{{"api", "api"}}, Stages: []string{"production"}, Problems: []*SlugError{
		{Variables: []string{"A", "B"}, Pipeline: Pipeline{"web", n(2)}, Stage: "staging", App: NamedID{ID: n(3), Name: "web-eu"}, Err: &slugReason{"why", []error{ErrNoApps, ErrStale}}, Near: []string{"webs"}, Hint: "do"},
		{Err: &slugReason{text: "other"}, App: NamedID{Name: "x"}},
	}}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Slugs
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for in, says := range map[string]string{
		`{"format_version":"1.7","later":1}`: "", `{"format_version":"1"}`: "",
		`{"format_version":"2.0"}`: `read slugs: the format_version is "2.0", and this version of the library reads 1.x`,
		`{"format_version":"10"}`:  `read slugs: the format_version is "10", and this version of the library reads 1.x`,
		`{"format_version":1}`:     "read slugs: json: cannot unmarshal",
	} {
		kept := Slugs{Stages: []string{"kept"}}
		err := kept.UnmarshalJSON([]byte(in))
		if says == "" && (err != nil || kept.Artifacts == nil || kept.Stages != nil) || says != "" && (err == nil || !strings.HasPrefix(err.Error(), says) || len(kept.Stages) != 1) {
			t.Errorf("%s: %+v, %v", in, kept, err)
		}
	}
	if text, err := json.Marshal(Slugs{Problems: []*SlugError{{}}}); err != nil || string(text) != `{"format_version":"1.0","artifacts":[],"problems":[{"reasons":[],"message":""}]}` {
		t.Errorf("a problem of nothing: %s, %v", text, err)
	}
}

// TestLockFaults: what can't be written as pins, or read, says why and of which file.
func TestLockFaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pins\x1b.json")
	late := goodPin()
	late.ExpiresAfter = time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		s    *Slugs
		says string
	}{
		"nil": {nil, "the slugs are nil"}, "none": {&Slugs{}, "there are no pins"},
		"problems":    {&Slugs{Artifacts: []Artifact{goodPin()}, Problems: []*SlugError{{}, {}}}, "not a pin file: 2 values couldn't be resolved"},
		"one problem": {&Slugs{Artifacts: []Artifact{goodPin()}, Problems: []*SlugError{{}}}, "not a pin file: 1 value couldn't be resolved"},
		"a late time": {&Slugs{Artifacts: []Artifact{late}}, "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: year outside of range [0,9999]"},
	} {
		err := tt.s.Lock(path)
		if err == nil || !strings.HasPrefix(err.Error(), "write pins to ") || !strings.HasSuffix(err.Error(), `pins\x1b.json: `+tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("there is a file")
	}
	if _, err := ReadLock(filepath.Dir(path)); err == nil {
		t.Error("a folder is read")
	}
	for text, says := range map[string]string{
		`{"a":1,"A":2}`: `not a pin file: the member "a" is there twice`, `{"a":{"b":1,"B":2}}`: `not a pin file: the member "b" is there twice`,
		`{"a":[{"b":1},{"b":2,"c":{},"C":1}]}`:                `not a pin file: the member "c" is there twice`,
		"{\n<<<<<<< HEAD":                                     "not a pin file: it has the marks of a merge conflict",
		`{"a":[{"b":1},{"b":2}],"b":"b","c":[["b"],"b","b"]}`: `not a pin file: read slugs: the format_version is ""`,
	} {
		if _, err := parseLock([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("%s: %v, want %s", text, err, says)
		}
	}
}

// TestKept: whether what an app's newest release says settles that a pin is there.
func TestKept(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	release := func(version int, status, slug string) *apiRelease {
		return &apiRelease{Version: version, Status: status, Slug: &NamedID{ID: slug}}
	}
	for name, tt := range map[string]struct {
		newest *apiRelease
		age    time.Duration
		want   bool
	}{
		"the same":                {release(5, "succeeded", n(1)), time.Hour, true},
		"the same later":          {release(9, "succeeded", n(1)), 100 * 24 * time.Hour, true},
		"the same, expired":       {release(5, "expired", n(1)), time.Hour, false},
		"an earlier one":          {release(4, "succeeded", n(1)), time.Hour, false},
		"the same with another":   {release(5, "succeeded", n(2)), time.Hour, false},
		"one that can't be read":  {release(9, "succeeded", "x"), time.Hour, false},
		"another, young":          {release(99, "succeeded", n(2)), 30*24*time.Hour - 1, true},
		"another, old":            {release(24, "succeeded", n(2)), 31 * 24 * time.Hour, true},
		"another, old and behind": {release(25, "succeeded", n(2)), 30 * 24 * time.Hour, false},
		"an image of that id":     {&apiRelease{Version: 99, Artifacts: []apiArtifact{{Type: "oci-image", ID: n(1)}}}, 31 * 24 * time.Hour, false},
	} {
		p := &pinCheck{now: now, newest: make(map[string]int)}
		a := goodPin()
		a.Release.Version, a.Release.CreatedAt = 5, now.Add(-tt.age)
		if got := p.kept(&a, tt.newest); got != tt.want || p.newest[a.App.ID] != tt.newest.Version {
			t.Errorf("%s: kept %t, newest %v", name, got, p.newest)
		}
	}
}

// TestPinFaults: what ends a call with pins, and what is one pin's problem.
func TestPinFaults(t *testing.T) {
	const (
		routeSlug = "GET /apps/{app}/slugs/{slug}"
	)
	for name, tt := range map[string]struct {
		fault herokutest.Fault
		want  error
		whole bool
	}{
		"a wrong token, for a slug":      {herokutest.Fault{Route: routeSlug, Status: 401}, platform.ErrUnauthorized, true},
		"a wrong token, for releases":    {herokutest.Fault{Route: routeLatest, Status: 401}, platform.ErrUnauthorized, true},
		"nothing works":                  {herokutest.Fault{Status: 503, Times: -1}, platform.ErrUnavailable, true},
		"slugs don't work":               {herokutest.Fault{Route: routeSlug, Status: 503, Times: -1}, platform.ErrUnavailable, false},
		"releases don't work":            {herokutest.Fault{Route: routeLatest, Status: 503, Times: -1}, platform.ErrUnavailable, false},
		"releases of which none is good": {herokutest.Fault{Route: routeLatest, Status: 200, Body: `[{"id":"x"}]`}, platform.ErrBadAnswer, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, pipelines, pins := pinned(t)
				s.Inject(tt.fault)
				slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), pipelines, SlugOptions{Locked: pins})
				_, isList := errors.AsType[*SlugError](err)
				if slugs != nil || !errors.Is(err, tt.want) || isList == tt.whole {
					t.Errorf("got %v, %v, want %v", slugs, err, tt.want)
				}
				if !tt.whole && !strings.Contains(err.Error(), "look whether ") {
					t.Errorf("got %v", err)
				}
			})
		})
	}
	s, pipelines, pins := pinned(t)
	if _, err := ResolveSlugs(t.Context(), nil, pipelines, SlugOptions{Locked: pins}); !errors.Is(err, errNoClient) {
		t.Errorf("without a client: %v", err)
	}
	if _, err := ResolveSlugs(t.Context(), fakeClient(t, s), pipelines, SlugOptions{Locked: &Slugs{}}); !errors.Is(err, ErrNoPins) || !strings.HasPrefix(err.Error(), "resolve slugs: ") {
		t.Errorf("without pins: %v", err)
	}
	token, err := platform.New(platform.Options{Token: pipelines[0].Ref, Transport: s})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ResolveSlugs(t.Context(), token, pipelines, SlugOptions{Locked: pins}); !errors.Is(err, ErrPipelineRef) || len(s.Log()) > 0 {
		t.Errorf("a token for a pipeline: %v after %v", err, s.Requests())
	}
	// What is left, and why the rest isn't there.
	s.DeleteApp("web-prod")
	slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), pipelines, SlugOptions{Locked: pins, KeepGoing: true})
	if err != nil || len(slugs.Problems) != 1 || len(slugs.Artifacts) != 2 {
		t.Fatalf("what is left: %+v, %v", slugs, err)
	}
	p := slugs.Problems[0]
	if p.Pipeline != (Pipeline{"web", n(2)}) || p.Stage != "production" || p.App.Name != "web-prod" || !errors.Is(p, ErrSlugExpired) || !errors.Is(p, platform.ErrNotFound) || p.Hint != slugHint(&SlugError{Err: ErrSlugExpired}) {
		t.Errorf("problem %+v", p)
	}
}

// TestOnePinForSeveral: pins of one pipeline that are the same are asked for once, others
// by what their apps run, and each has its problem.
func TestOnePinForSeveral(t *testing.T) {
	at := func(variable, stage, app, value string) Artifact {
		a := goodPin()
		a.Variable, a.Stage, a.App, a.Value = variable, stage, NamedID{ID: appID(app), Name: app}, value
		return a
	}
	same := []Artifact{at("api_slug_production", "production", "api", n(13)), at("old_slug_production", "production", "api", n(13))}
	for name, tt := range map[string]struct {
		pins     []Artifact
		gone     int
		requests map[string]int
	}{
		"the same":       {same, 2, map[string]int{"GET /apps/{app}/slugs/{slug}": 1}},
		"another value":  {[]Artifact{same[0], at("old_slug_production", "production", "api", n(14))}, 2, map[string]int{routeLatest: 1, "GET /apps/{app}/slugs/{slug}": 2}},
		"another's same": {[]Artifact{same[0], at("old_slug_production", "production", "web", n(13))}, 2, map[string]int{routeLatest: 1, "GET /apps/{app}/slugs/{slug}": 2}},
	} {
		s := fakeHeroku(herokutest.Policy{})
		pipeline(s, 2, "api")
		p := &pinCheck{client: fakeClient(t, s), newest: make(map[string]int), now: time.Now()}
		if err := p.run(t.Context(), &Slugs{Artifacts: tt.pins}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := gocmp.Diff(tt.requests, s.Requests()); diff != "" || len(p.problems) != tt.gone || len(p.gone) != tt.gone {
			t.Errorf("%s: %d problems, requests (-want +got):\n%s", name, len(p.problems), diff)
		}
	}
}

// TestCommits: the commit of a slug and of an image, if it may be shown.
func TestCommits(t *testing.T) {
	for commit, want := range map[string]string{"0123abc": "0123abc", "v1.2_x/y+z-1": "v1.2_x/y+z-1", "-x": "", "a b": "", "\x1b[2J": "", "": "", strings.Repeat("a", 100): strings.Repeat("a", 100), strings.Repeat("a", 101): ""} {
		for _, kind := range []string{"slug", "image"} {
			s := fakeHeroku(herokutest.Policy{})
			body, err := json.Marshal(map[string]string{"commit": commit})
			if err != nil {
				t.Fatal(err)
			}
			if kind == "slug" {
				deployed(s, "api-prod", 13)
				s.Inject(herokutest.Fault{Route: "GET /apps/{app}/slugs/{slug}", Status: 200, Body: string(body)})
				pipeline(s, 1, "api", "production api-prod")
			} else {
				s.AddApp(herokutest.App{Name: "api-prod", Generation: herokutest.Fir})
				s.Deploy("api-prod", n(13))
				s.AddPipeline(herokutest.Pipeline{ID: n(1), Name: "api", Generation: herokutest.Fir, Couplings: []herokutest.Coupling{{App: "api-prod", Stage: "production"}}})
				s.Inject(herokutest.Fault{Route: "GET /apps/{app}/oci-images/{id}", Status: 200, Body: "[" + string(body) + "]"})
			}
			slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), []Pipeline{{"api", n(1)}}, SlugOptions{Commits: true})
			if err != nil || slugs.Artifacts[0].Commit != want {
				t.Errorf("%s, %q: %v, %v", kind, commit, slugs, err)
			}
		}
	}
	s := fakeHeroku(herokutest.Policy{})
	deployed(s, "api-prod", 13)
	pipeline(s, 1, "api", "production api-prod")
	for status, fails := range map[int]bool{401: true, 404: false, 403: false} {
		s.ClearFaults()
		s.Inject(herokutest.Fault{Route: "GET /apps/{app}/slugs/{slug}", Status: status})
		slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), []Pipeline{{"api", n(1)}}, SlugOptions{Commits: true})
		if (err != nil) != fails || fails && (slugs != nil || !errors.Is(err, platform.ErrUnauthorized) || !strings.HasPrefix(err.Error(), "resolve slugs: ")) {
			t.Errorf("%d for a slug: %v, %v", status, slugs, err)
		}
	}
}
