package herokutf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
)

// testComparer makes fingerprints that are the same in every run.
func testComparer(t testing.TB, clear ...string) comparer {
	t.Helper()
	globs, err := compileVars(clear)
	if err != nil {
		t.Fatal(err)
	}
	return comparer{prints: newFingerprinter([]byte("k")), clear: globs}
}

// differences renders those of an object: path, state and live, "secret" for
// fingerprints.
func differences(o *DriftObject) []string {
	all := []string{}
	for _, d := range o.Differences {
		state, live := d.State, d.Live
		if d.Sensitive {
			for _, v := range []*any{&state, &live} {
				if *v != nil {
					*v = "secret"
				}
			}
		}
		all = append(all, fmt.Sprintf("%s: %v -> %v", d.Path, state, live))
	}
	return all
}

func TestComparer(t *testing.T) {
	const app = `{"id": "` + appOne + `", "name": "one", "generation": {"name": "cedar"}, "team": {"name": "t"}}`
	formation := func(more string) stated {
		return stated{"heroku_formation web", strings.TrimSuffix(formationAttrs, "}") + more + "}"}
	}
	vars := func(attr, values string) stated {
		return stated{"heroku_app x", `{"id": "` + appOne + `", "name": "one", "` + attr + `": ` + values + `}`}
	}
	config := func(text string) map[provider.List]reading {
		return map[provider.List]reading{provider.ConfigVars: {value: valueOf(t, text)}}
	}
	noApp := func(s *subject) { s.app.live = nil }
	for _, tt := range []struct {
		name    string
		state   stated
		own     string // what Heroku says of it; that of its app by default
		lists   map[provider.List]reading
		clear   []string
		prepare func(*subject)
		want    []string
		unread  []string
	}{
		{name: "the same", state: formation(""), own: `{"id": "f", "type": "web", "quantity": 1, "size": "Standard-1X"}`, want: []string{}},
		{name: "a number", state: formation(""), own: `{"type": "web", "quantity": 2}`, want: []string{"quantity: 1 -> 2"}},
		{name: "in the table's order", state: formation(`, "size": "standard-1x"`), own: `{"type": "worker", "quantity": 2, "size": "Basic"}`,
			want: []string{"type: web -> worker", "quantity: 1 -> 2", "size: standard-1x -> Basic"}},
		{name: "an attribute that nobody knows", state: formation(`, "of_tomorrow": "x"`), own: `{"type": "web", "quantity": 1}`,
			want: []string{}, unread: []string{"this version of the library doesn't know the attribute of_tomorrow"}},
		{name: "an empty one", state: formation(`, "of_tomorrow": []`), own: `{"type": "web", "quantity": 1}`, want: []string{}},

		{name: "config vars", state: vars("config_vars", `{"A": "1", "B": "2", "C": "3"}`), lists: config(`{"A": "1", "B": "x", "D": "4"}`),
			want: []string{"config_vars.B: secret -> secret", "config_vars.C: secret -> <nil>"}},
		{name: "in a list of one map", state: vars("config_vars", `[{"A": "1"}]`), lists: config(`{"A": "2"}`),
			want: []string{"config_vars[0].A: secret -> secret"}},
		{name: "clear config vars", clear: []string{"A", "B*"}, state: vars("sensitive_config_vars", `{"A": "1", "AB": "2", "B": "3", "BB": "4"}`), lists: config(`{"A": "x", "AB": "x", "B": "x"}`),
			want: []string{"sensitive_config_vars.A: 1 -> x", "sensitive_config_vars.AB: secret -> secret", "sensitive_config_vars.B: 3 -> x", "sensitive_config_vars.BB: 4 -> <nil>"}},
		{name: "passwords in clear config vars", clear: []string{"*"}, state: vars("config_vars", `{"A": "postgres://u:p@h", "B": "x", "C": "https://h/", "D": "//u:p/w#@h"}`),
			lists: config(`{"A": "x", "B": "redis://:p@h", "C": "https://h/?x", "D": "x"}`),
			want: []string{"config_vars.A: secret -> secret", "config_vars.B: secret -> secret", "config_vars.C: https://h/ -> https://h/?x",
				"config_vars.D: secret -> secret"}},
		{name: "an association's", clear: []string{"A"}, state: stated{"heroku_app_config_association c", `{"id": "config:x", "app_id": "` + appOne + `", "vars": {"A": "1"}, "sensitive_vars": {"B": "1"}}`},
			lists: config(`{"A": "2", "B": "2"}`), want: []string{"vars.A: 1 -> 2", "sensitive_vars.B: secret -> secret"}},
		{name: "a pipeline's", clear: []string{"A"}, state: stated{"heroku_pipeline_config_var v", `{"id": "1", "pipeline_id": "p", "pipeline_stage": "test", "vars": {"A": "1", "B": "1"}}`},
			own: `{"A": "2", "B": "2"}`, want: []string{"vars.A: 1 -> 2", "vars.B: secret -> secret"}},
		{name: "other secrets are never clear", clear: []string{"*"}, state: stated{"heroku_drain d", `{"id": "1", "app_id": "` + appOne + `", "url": "https://a", "token": "t"}`},
			own: `{"id": "1", "url": "https://b", "token": "u"}`, want: []string{"token: secret -> secret", "url: secret -> secret"}},
		{name: "headers are no config vars", clear: []string{"*"}, state: stated{"heroku_telemetry_drain d", `{"id": "1", "headers": {"x": "1"}}`},
			own: `{"id": "1", "exporter": {"headers": {"x": "2"}}}`, want: []string{"headers.x: secret -> secret"}},
		{name: "a list that can't be read", state: vars("config_vars", `{"A": "1"}`), lists: map[provider.List]reading{provider.ConfigVars: {err: errDown}},
			want: []string{}, unread: []string{"config_vars: the config vars can't be read: " + errDown.Error()}},
		{name: "a password in a public attribute", state: stated{"heroku_app x", `{"id": "` + appOne + `", "buildpacks": []}`},
			lists: map[provider.List]reading{provider.Buildpacks: {value: valueOf(t, `[{"buildpack": {"name": "https://u:p@h/bp"}}]`)}},
			want:  []string{"buildpacks: secret -> secret"}},

		{name: "a condition of the app", state: stated{"heroku_app x", `{"id": "` + appOne + `", "organization": [{"name": "other"}]}`},
			lists: map[provider.List]reading{provider.TeamApps: {value: valueOf(t, `{"locked": false}`)}}, want: []string{"organization[0].name: other -> t"}},
		{name: "a condition of an app that isn't known", state: stated{"heroku_domain d", `{"id": "1", "app_id": "` + appOne + `", "hostname": "h", "sni_endpoint_id": "s"}`},
			own: `{"id": "1", "hostname": "h", "sni_endpoint": {"id": "other"}}`, prepare: noApp, want: []string{}, unread: []string{"sni_endpoint_id: it depends on the app, which can't be read"}},
		{name: "shallow", state: vars("config_vars", `{"A": "1"}`), own: `{"id": "` + appOne + `", "name": "two"}`, prepare: func(s *subject) { s.shallow = true },
			want: []string{"name: one -> two"}},

		{name: "an add-on of another app, by UUID", state: stated{"heroku_addon d", `{"id": "1", "app_id": "` + appOne + `"}`}, own: `{"id": "1", "app": {"id": "` + appTwo + `", "name": "two"}}`,
			want: []string{"app_id: " + appOne + " -> " + appTwo}},
		{name: "an add-on of another app, by name", state: stated{"heroku_addon d", `{"id": "1", "app": "one"}`}, own: `{"id": "1", "app": {"id": "` + appTwo + `", "name": "two"}}`,
			prepare: func(s *subject) { s.app.id = appOne }, want: []string{"app: one -> two"}},
		{name: "an add-on of another app, without its name", state: stated{"heroku_addon d", `{"id": "1", "app": "one"}`}, own: `{"id": "1", "app": {"id": "` + appTwo + `"}}`,
			prepare: func(s *subject) { s.app.id = appOne }, want: []string{"app: one -> " + appTwo}},
		{name: "an add-on of the app, renamed", state: stated{"heroku_addon d", `{"id": "1", "app": "old"}`}, own: `{"id": "1", "app": {"id": "` + appOne + `", "name": "one"}}`,
			prepare: func(s *subject) { s.app.id = appOne }, want: []string{}},
		{name: "what runs is compared elsewhere", state: releasesOf(1)[0], own: `{"slug": {"id": "other"}}`, want: []string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := subjectOf(t, app, tt.state)
			if tt.own == "" {
				tt.own = app
			}
			s.own = valueOf(t, tt.own)
			if tt.prepare != nil {
				tt.prepare(s)
			}
			testComparer(t, tt.clear...).compare(s, tt.lists)
			if diff := cmp.Diff(tt.want, differences(&s.object)); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.unread, s.unread); diff != "" {
				t.Errorf("unread (-want +got):\n%s", diff)
			}
			if s.object.Verdict != "" {
				t.Errorf("it has the verdict %s already", s.object.Verdict)
			}
		})
	}
}

// TestComparerScope: the same value in two places has two fingerprints.
func TestComparerScope(t *testing.T) {
	prints := make(map[any]bool)
	for _, state := range []stated{
		{"heroku_drain a", `{"id": "1", "app_id": "` + appOne + `", "url": "https://a", "token": "https://a"}`},
		{"heroku_drain b", `{"id": "1", "app_id": "` + appOne + `", "url": "https://a", "token": "https://a"}`},
		{"heroku_drain a", `{"id": "2", "app_id": "` + appOne + `", "url": "https://a", "token": "https://a"}`},
	} {
		s := subjectOf(t, "", state)
		s.own = map[string]any{"url": nil, "token": nil}
		testComparer(t).compare(s, nil)
		for _, d := range s.object.Differences {
			if prints[d.State] {
				t.Errorf("%s %s has the fingerprint of another place", s.object.Address, d.Path)
			}
			prints[d.State] = true
		}
	}
	if len(prints) != 6 {
		t.Errorf("%d fingerprints, want 6", len(prints))
	}
}

func TestComparePins(t *testing.T) {
	pin := func(name, slug string) stated {
		return stated{"heroku_app_release " + name, `{"id": "7e000000-0000-4000-8000-000000000001", "app_id": "` + appOne + `", "slug_id": "` + slug + `"}`}
	}
	build := func(name, slug string) stated {
		return stated{"heroku_build " + name, `{"id": "b1000000-0000-4000-8000-000000000001", "app_id": "` + appOne + `", "slug_id": "` + slug + `"}`}
	}
	image := stated{"heroku_app_release i", `{"id": "7e000000-0000-4000-8000-000000000001", "app_id": "` + appOne + `", "oci_image": "i1", "slug_id": ""}`}
	nothing := stated{"heroku_app_release n", `{"id": "7e000000-0000-4000-8000-000000000001", "app_id": "` + appOne + `", "slug_id": ""}`}
	const running = `{"version": 8, "slug": {"id": "s8"}, "artifacts": [{"type": "oci-image", "id": "i8"}]}`
	for _, tt := range []struct {
		name    string
		state   []stated
		running string // "": none
		err     error
		want    []string
		reason  string
		pins    int
	}{
		{name: "the release that runs", state: []stated{pin("r", "s8")}, running: running},
		{name: "another one", state: []stated{pin("r", "s7")}, running: running, want: []string{"heroku_app_release.r slug_id: s7 -> s8"}, reason: "the app runs release v8", pins: 1},
		{name: "an image", state: []stated{image}, running: running, want: []string{"heroku_app_release.i oci_image: i1 -> i8"}, reason: "the app runs release v8", pins: 1},
		{name: "none runs", state: []stated{pin("r", "s7")}, want: []string{"heroku_app_release.r slug_id: s7 -> <nil>"}, reason: "the app runs no release", pins: 1},
		{name: "unreadable", state: []stated{pin("r", "s7")}, err: errDown},
		{name: "one of two runs", state: []stated{pin("r", "s7"), pin("q", "s8")}, running: running},
		{name: "none of two runs", state: []stated{pin("r", "s6"), pin("q", "s7")}, running: running,
			want: []string{"heroku_app_release.r slug_id: s6 -> s8", "heroku_app_release.q slug_id: s7 -> s8"}, reason: "the app runs release v8", pins: 2},
		{name: "one that names nothing doesn't run", state: []stated{pin("r", "s7"), nothing}, running: running,
			want: []string{"heroku_app_release.r slug_id: s7 -> s8"}, reason: "the app runs release v8", pins: 2},
		{name: "a build beside a release", state: []stated{pin("r", "s8"), build("b", "s7")}, running: running},
		{name: "a build alone", state: []stated{build("b", "s7")}, running: running, want: []string{"heroku_build.b slug_id: s7 -> s8"}, reason: "the app runs release v8", pins: 1},
		{name: "a build beside a release that is deposed", state: []stated{{"heroku_app_release r deposed", pin("r", "s8").attrs}, build("b", "s7")}, running: running,
			want: []string{"heroku_build.b slug_id: s7 -> s8"}, reason: "the app runs release v8", pins: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inv := inventoryOf(t, selection{}, tt.state...)
			a := inv.apps[0]
			a.release.err = tt.err
			if tt.running != "" {
				a.release.running = valueOf(t, tt.running)
			}
			for _, s := range inv.subjects {
				if !s.deposed() {
					s.own = map[string]any{"id": s.object.ID}
				}
			}
			testComparer(t).comparePins(a)
			var got []string
			for _, s := range inv.subjects {
				for _, line := range differences(&s.object) {
					got = append(got, s.object.Address+" "+line)
				}
				if differs := len(s.object.Differences) > 0; differs && (s.object.Reason != tt.reason || s.object.origin.pins != tt.pins) {
					t.Errorf("%s: %q, %d pins, want %q, %d", s.object.Address, s.object.Reason, s.object.origin.pins, tt.reason, tt.pins)
				} else if !differs && s.object.Reason != "" {
					t.Errorf("%s doesn't differ: %q", s.object.Address, s.object.Reason)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTeamApp(t *testing.T) {
	apps := answerOf(t, `[{"id": "`+appOne+`", "locked": true}]`)
	if got := teamApp(apps, appOne); got.err != nil || provider.Find(got.value, "locked") != true {
		t.Errorf("got %v", got)
	}
	if got := teamApp(apps, appTwo); got.err == nil || got.value != nil {
		t.Errorf("an app that isn't there: %v", got)
	}
	if _, err := compileVars([]string{"A", `B\`, `C\`}); !errors.Is(err, platform.ErrInvalidName) || !strings.Contains(err.Error(), "C") {
		t.Errorf("patterns at fault: %v", err)
	}
}

// TestCompareReference: an object belongs to another app only where both say to which, and
// they differ.
func TestCompareReference(t *testing.T) {
	for _, tt := range []struct {
		name, attrs, own string
		want             []string
	}{
		{"the same", `"app_id": "` + appOne + `"`, `{"app": {"id": "` + strings.ToUpper(appOne) + `", "name": "renamed"}}`, nil},
		{"another", `"app_id": "` + appOne + `"`, `{"app": {"id": "` + appTwo + `", "name": "two"}}`, []string{"app_id: " + appOne + " -> " + appTwo}},
		{"another, by name", `"app": "one"`, `{"app": {"id": "` + appTwo + `", "name": "two"}}`, []string{"app: one -> two"}},
		{"another without a name", `"app": "one"`, `{"app": {"id": "` + appTwo + `"}}`, []string{"app: one -> " + appTwo}},
		{"in one of two", `"app": "one", "app_id": null`, `{"app": {"id": "` + appTwo + `", "name": "two"}}`, []string{"app: one -> two"}},
		{"none on Heroku", `"app_id": "` + appOne + `"`, `{"app": null}`, nil},
		{"none in the state", `"app_id": ""`, `{"app": {"id": "` + appTwo + `"}}`, nil},
	} {
		s := subjectOf(t, `{"id": "`+appOne+`", "name": "one"}`, stated{"heroku_addon a", `{"id": "1", ` + tt.attrs + `}`})
		if s.own = valueOf(t, tt.own); s.app != nil {
			s.app.id = appOne
		}
		testComparer(t).compare(s, nil)
		if got := differences(&s.object); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestCompareWithoutApp: what depends on an app that can't be read is undetermined if it
// differs.
func TestCompareWithoutApp(t *testing.T) {
	for _, tt := range []struct {
		state, live string
		app         string
		differences []string
		unread      []string
	}{
		{"null", "null", "", nil, nil},
		{`"a"`, `{"id": "a"}`, "", nil, nil},
		{`"a"`, `{"id": "b"}`, "", nil, []string{"sni_endpoint_id: it depends on the app, which can't be read"}},
		{`"a"`, "null", "", nil, []string{"sni_endpoint_id: it depends on the app, which can't be read"}},
		{`"a"`, "null", `{"id": "` + appOne + `"}`, nil, nil},
		{`"a"`, `{"id": "b"}`, `{"id": "` + appOne + `"}`, []string{"sni_endpoint_id: a -> b"}, nil},
		{`"a"`, `{"id": "b"}`, `{"id": "` + appOne + `", "acm": true}`, nil, nil},
	} {
		s := subjectOf(t, tt.app, stated{"heroku_domain d", `{"id": "1", "app_id": "` + appOne + `", "sni_endpoint_id": ` + tt.state + `}`})
		s.own = valueOf(t, `{"id": "1", "sni_endpoint": `+tt.live+`}`)
		testComparer(t).compare(s, nil)
		if got := differences(&s.object); !slices.Equal(got, tt.differences) || !slices.Equal(s.unread, tt.unread) {
			t.Errorf("%s and %s, app %s: got %q, %q, want %q, %q", tt.state, tt.live, tt.app, got, s.unread, tt.differences, tt.unread)
		}
	}
}
