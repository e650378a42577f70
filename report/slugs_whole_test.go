package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/statefile"
)

// artifact is a slug of the app app-STAGE with every field set.
func artifact(stage, value string, version int) *herokutf.Artifact {
	return &herokutf.Artifact{
		Variable: "api_slug_" + stage, Kind: herokutf.KindSlug, Value: value, Stage: stage,
		Pipeline: herokutf.NamedID{ID: "p1", Name: "api"}, App: herokutf.NamedID{ID: "a-" + stage, Name: "app-" + stage},
		Release: herokutf.Release{ID: "r-" + value, Version: version, Status: "succeeded", CreatedAt: driftTime, User: "ann@example.com"},
		Commit:  strings.Repeat("0123456789abcdef", 2) + "01234567", ExpiresAfter: driftTime.AddDate(0, 0, 30),
	}
}

// richSlugs has every kind of change and every field.
func richSlugs() *SlugDiff {
	older := artifact("production", "one", 3)
	older.Commit = "feature/x-" + strings.Repeat("y", 60)
	unbuilt := artifact("production", "one", 4)
	unbuilt.Commit = ""
	bare := &herokutf.Artifact{Variable: "api_slug_staging", Kind: herokutf.KindOCIImage, Value: "sha256:1", App: herokutf.NamedID{ID: "a-staging"}}
	unknown := artifact("staging", "two", 0)
	unknown.Release.User, unknown.Commit, unknown.ExpiresAfter = "", "", time.Time{}
	short := artifact("review", "three", 9)
	short.Commit, short.Release.CreatedAt = "abcdef0", time.Time{}
	gone := artifact("test", "four", 2)
	return &SlugDiff{
		Unchanged: 2, Notes: []string{"b: the second note", "a: the first note", "b: the second note"},
		Changes: []SlugChange{
			{Variable: "api_slug_production", Address: `heroku_app_release.web["eu"]`, Old: older, New: artifact("production", "two", 5), Compare: "https://github.com/acme/api/compare/a...b"},
			{Variable: "api_slug_production", Address: "heroku_app_release.worker", Old: unbuilt, New: artifact("production", "two", 5)},
			{Variable: "api_slug_review", New: short},
			{Variable: "api_slug_staging", Old: bare, New: unknown, Compare: "https://github.com/acme/api/compare/c...d"},
			{Variable: "api_slug_test", Old: gone},
			{Variable: "nothing"},
		},
	}
}

// TestSlugsGolden: all that is written of a difference.
func TestSlugsGolden(t *testing.T) {
	for _, tt := range []struct {
		file   string
		diff   *SlugDiff
		format Format
		opts   Options
	}{
		{"slugs.txt", richSlugs(), Text, Options{}},
		{"slugs-color.txt", richSlugs(), Text, Options{Color: true}},
		{"slugs.json", richSlugs(), JSON, Options{}},
		{"slugs.md", richSlugs(), Markdown, Options{Title: "Slugs of *acme*"}},
		{"slugs-none.txt", &SlugDiff{Unchanged: 1}, Text, Options{Color: true}},
		{"slugs-none.json", &SlugDiff{}, JSON, Options{}},
		{"slugs-none.md", &SlugDiff{Unchanged: 3, Notes: []string{"a note"}}, Markdown, Options{}},
	} {
		var b bytes.Buffer
		if err := WriteSlugs(&b, tt.diff, tt.format, tt.opts); err != nil {
			t.Fatal(err)
		}
		golden(t, tt.file, b.String())
	}
	// A time that JSON doesn't have is an error, and nothing is written.
	bad := richSlugs()
	bad.Changes[0].New.Release.CreatedAt = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	var b bytes.Buffer
	if err := WriteSlugs(&b, bad, JSON, Options{}); err == nil || b.Len() > 0 {
		t.Errorf("a year of five digits: %v, %q", err, b.String())
	}
	if err := WriteSlugs(brokenWriter{}, richSlugs(), Text, Options{}); err == nil {
		t.Error("nothing was written, and no error")
	}
}

// TestSlugsOrder: changes are sorted by variable and address, and notes are those of the
// slugs, whose list stays theirs.
func TestSlugsOrder(t *testing.T) {
	now := &herokutf.Slugs{Notes: []string{"n"}, Pipelines: []herokutf.Pipeline{{Name: "api"}}, Stages: []string{"c", "a", "d", "b"}}
	pins := &herokutf.Slugs{}
	for i, stage := range now.Stages {
		now.Artifacts = append(now.Artifacts, *artifact(stage, "two", 5))
		if i < 2 {
			pins.Artifacts = append(pins.Artifacts, *artifact(stage, "one", 3))
		}
	}
	d := DiffSlugs(pins, now)
	var got []string
	for _, c := range d.Changes {
		got = append(got, c.Variable)
	}
	if diff := cmp.Diff([]string{"api_slug_a", "api_slug_b", "api_slug_c", "api_slug_d"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if now.Notes[0] = "changed"; len(d.Notes) != 1 || d.Notes[0] != "n" {
		t.Errorf("notes %q", d.Notes)
	}
	if d := DiffState(nil, nil, nil); len(d.Changes) != 0 || d.Unchanged != 0 || d.Notes != nil {
		t.Errorf("of nothing: %+v", d)
	}
}

// TestSameValue: a value is the same in any case, and only as what it is.
func TestSameValue(t *testing.T) {
	of := func(kind herokutf.ArtifactKind, value string) *herokutf.Artifact {
		return &herokutf.Artifact{Kind: kind, Value: value}
	}
	for _, tt := range []struct {
		old, new *herokutf.Artifact
		same     bool
	}{
		{of(herokutf.KindSlug, "a"), of(herokutf.KindSlug, "A"), true},
		{of(herokutf.KindSlug, "a"), of(herokutf.KindSlug, "b"), false},
		{of(herokutf.KindSlug, "a"), of(herokutf.KindOCIImage, "a"), false},
		{nil, of(herokutf.KindSlug, ""), false},
		{of(herokutf.KindSlug, ""), nil, false},
		{nil, nil, false},
	} {
		d := &SlugDiff{}
		if d.add("", tt.old, tt.new); d.Unchanged == 1 != tt.same || len(d.Changes) == 1 == tt.same {
			t.Errorf("%v and %v: %d unchanged, %d changes", tt.old, tt.new, d.Unchanged, len(d.Changes))
		}
	}
}

// stateOf is a state of the resources.
func stateOf(t *testing.T, resources string) *statefile.File {
	t.Helper()
	f, err := statefile.Parse("terraform.tfstate", []byte(`{"version":4,"serial":1,"lineage":"x","outputs":{},"resources":[`+resources+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestStateReleases: which releases of a state count, and what is known of them.
func TestStateReleases(t *testing.T) {
	const of = `"provider":"provider[\"registry.terraform.io/heroku/heroku\"]"`
	f := stateOf(t, `
		{"mode":"managed","type":"heroku_app_release","name":"each",`+of+`,"instances":[
			{"index_key":"a.b[0]","schema_version":1,"attributes":{"app_id":"a-production","slug_id":"one","oci_image":"","id":"r1"}},
			{"index_key":"c","schema_version":1,"attributes":{"app_id":"a-production","slug_id":"","oci_image":"img","id":"r2"}},
			{"index_key":"c","deposed":"00000001","schema_version":1,"attributes":{"app_id":"a-production","slug_id":"old","id":"r3"}},
			{"index_key":"d","schema_version":1,"attributes":{"app_id":"a-production","slug_id":null,"id":"r4"}},
			{"index_key":"e","schema_version":1,"attributes":{"app_id":"a-production","slug_id":"both","oci_image":"img","id":"r5"}}]},
		{"mode":"data","type":"heroku_app_release","name":"data",`+of+`,"instances":[{"schema_version":1,"attributes":{"app_id":"a-production","slug_id":"one","id":"r6"}}]},
		{"mode":"managed","type":"heroku_build","name":"build",`+of+`,"instances":[{"schema_version":1,"attributes":{"app_id":"a-production","slug_id":"one","id":"r7"}}]},
		{"mode":"managed","type":"heroku_app_release","name":"counted",`+of+`,"instances":[
			{"index_key":0,"schema_version":0,"attributes":{"app":"app-production","slug_id":"one","id":"r8"}},
			{"index_key":1,"schema_version":0,"attributes":{"app":"a-production","slug_id":"one","id":"r9"}},
			{"index_key":2,"schema_version":0,"attributes":{"app":"other","slug_id":"one","id":"r10"}},
			{"index_key":3,"schema_version":0,"attributes":{"slug_id":"one","id":"r11"}},
			{"index_key":4,"schema_version":0,"attributes":{"app_id":"other","app":"app-production","slug_id":"one","id":"r12"}}]}`)
	line := func(c SlugChange) string {
		if c.Old == nil {
			return "none"
		}
		o := c.Old
		return fmt.Sprintf("%s: %s %s, app %s %s, %s of %s, release %s, %s", c.Address, o.Kind, o.Value, o.App.ID, o.App.Name, o.Stage, o.Pipeline.Name, o.Release.ID, o.Variable)
	}
	const known = "app a-production app-production, production of api"
	for _, tt := range []struct {
		name    string
		reaches map[string][]string
		others  []herokutf.NamedID
		want    []string
	}{
		{"of the app", nil, nil, []string{
			`heroku_app_release.counted[0]: slug one, app  app-production, production of api, release r8, api_slug_production`,
			`heroku_app_release.counted[1]: slug one, app  a-production, production of api, release r9, api_slug_production`,
			`heroku_app_release.each["a.b[0]"]: slug one, ` + known + `, release r1, api_slug_production`,
			`heroku_app_release.each["c"]: oci-image img, ` + known + `, release r2, api_slug_production`,
			`heroku_app_release.each["e"]: slug both, ` + known + `, release r5, api_slug_production`,
		}},
		{"of another app of the same artifact", map[string][]string{}, []herokutf.NamedID{{ID: "x", Name: "other"}}, []string{
			`heroku_app_release.counted[0]: slug one, app  app-production, production of api, release r8, api_slug_production`,
			`heroku_app_release.counted[1]: slug one, app  a-production, production of api, release r9, api_slug_production`,
			`heroku_app_release.counted[2]: slug one, app  other, production of api, release r10, api_slug_production`,
			`heroku_app_release.each["a.b[0]"]: slug one, ` + known + `, release r1, api_slug_production`,
			`heroku_app_release.each["c"]: oci-image img, ` + known + `, release r2, api_slug_production`,
			`heroku_app_release.each["e"]: slug both, ` + known + `, release r5, api_slug_production`,
		}},
		{"that the variable leads to", map[string][]string{"api_slug_production": {"heroku_app_release.counted"}}, nil, []string{
			`heroku_app_release.counted[0]: slug one, app  app-production, production of api, release r8, api_slug_production`,
			`heroku_app_release.counted[1]: slug one, app  a-production, production of api, release r9, api_slug_production`,
			`heroku_app_release.counted[2]: slug one, app  other, production of api, release r10, api_slug_production`,
			`heroku_app_release.counted[3]: slug one, app  , production of api, release r11, api_slug_production`,
			`heroku_app_release.counted[4]: slug one, app other app-production, production of api, release r12, api_slug_production`,
		}},
		{"that the variable leads to no more", map[string][]string{"api_slug_production": nil}, nil, []string{"none"}},
	} {
		a := artifact("production", "two", 5)
		a.Others = tt.others
		d := DiffState(f, &herokutf.Slugs{Artifacts: []herokutf.Artifact{*a}}, tt.reaches)
		var got []string
		for _, c := range d.Changes {
			got = append(got, line(c))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || d.Unchanged != 0 {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	// An artifact whose app has neither id nor name is of no release's app.
	a := artifact("production", "two", 5)
	a.App = herokutf.NamedID{}
	if d := DiffState(f, &herokutf.Slugs{Artifacts: []herokutf.Artifact{*a}}, nil); len(d.Changes) != 1 || d.Changes[0].Old != nil {
		t.Errorf("of no app: %+v", d.Changes)
	}
	// A release's id is no artifact.
	a.Kind = herokutf.KindRelease
	if d := DiffState(f, &herokutf.Slugs{Artifacts: []herokutf.Artifact{*a}}, nil); len(d.Changes) != 0 {
		t.Errorf("the id of a release: %+v", d.Changes)
	}
}

// TestExpiryNotes: only what the same app ran is kept or deleted as its releases go by,
// and the newest of those counts, whichever the artifact is from.
func TestExpiryNotes(t *testing.T) {
	expiring := func(version int) *herokutf.Artifact {
		a := artifact("production", "one", version)
		a.ExpiresAfter = time.Now().AddDate(0, 0, -1)
		return a
	}
	for _, tt := range []struct {
		name     string
		old, new *herokutf.Artifact
		change   func(old, new *herokutf.Artifact)
		want     bool
	}{
		{"many releases ago", expiring(3), artifact("production", "two", 40), nil, true},
		{"the one before", expiring(39), artifact("production", "two", 40), nil, false},
		{"in capitals", expiring(3), artifact("production", "two", 40), func(_, n *herokutf.Artifact) { n.App.ID = strings.ToUpper(n.App.ID) }, true},
		{"of another app", expiring(3), artifact("production", "two", 40), func(_, n *herokutf.Artifact) { n.App.ID = "other" }, false},
		{"behind the newest", expiring(3), artifact("production", "two", 4), func(_, n *herokutf.Artifact) { n.Newest = &herokutf.Release{Version: 40} }, true},
		{"the newest is older than it says", expiring(3), artifact("production", "two", 40), func(_, n *herokutf.Artifact) { n.Newest = &herokutf.Release{Version: 4} }, true},
		{"nothing new", expiring(3), nil, nil, false},
		{"nothing old", nil, artifact("production", "two", 40), nil, false},
	} {
		if tt.change != nil {
			tt.change(tt.old, tt.new)
		}
		d := &SlugDiff{Changes: []SlugChange{{Variable: "v", Old: tt.old, New: tt.new}, {Variable: "v", Old: tt.old, New: tt.new}}, Notes: []string{"z", "a"}}
		notes := d.notes()
		if tt.want && (len(notes) != 3 || notes[0] != "a" || !strings.Contains(notes[1], "Heroku keeps slug one")) || !tt.want && strings.Join(notes, " ") != "a z" {
			t.Errorf("%s: %q", tt.name, notes)
		}
	}
}

// TestCompareHosts: what leads to a repository, by host.
func TestCompareHosts(t *testing.T) {
	const a, b = "1a2b3c4", "5d6e7f8"
	for source, want := range map[string]string{
		"http://github.com/acme/api":                    "https://github.com/acme/api/compare/",
		"https://www.github.com/acme/api/":              "https://github.com/acme/api/compare/",
		"https://GitHub.com/acme/api":                   "https://github.com/acme/api/compare/",
		"https://api.github.com/repos/acme/api":         "https://github.com/acme/api/compare/",
		"https://api.github.com/repos/acme":             "",
		"https://api.github.com/repos":                  "",
		"https://gitlab.com/repos/acme/api":             "https://gitlab.com/repos/acme/api/-/compare/",
		"https://api.github.com/users/acme/api":         "",
		"https://api.github.com/acme/api":               "",
		"https://gitlab.com/acme/group/sub/api.git":     "https://gitlab.com/acme/group/sub/api/-/compare/",
		"git@gitlab.com:acme/api.git":                   "https://gitlab.com/acme/api/-/compare/",
		"https://gitlab.com/-/acme/api":                 "https://gitlab.com/-/acme/api/-/compare/",
		"https://gitlab.com/acme/-/archive":             "",
		"ftp://github.com/acme/api":                     "",
		"https://github.com/acme/.git":                  "",
		"https://github.com/acme/...":                   "",
		"https://github.com/acme//api":                  "",
		"https://github.com/a.b_c-d/e.f_g-h":            "https://github.com/a.b_c-d/e.f_g-h/compare/",
		"https://github.com:8443/acme/api":              "https://github.com/acme/api/compare/",
		"https://github.com/acme/api/%2e%2e/b":          "https://github.com/acme/api/compare/",
		"git@evil.example.com:acme/api":                 "",
		"https://gist.github.com/acme/0123456789abcdef": "",
	} {
		if want != "" {
			want += a + "..." + b
		}
		if got := CompareURL(source, a, b); got != want {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
}
