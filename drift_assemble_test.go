package herokutf

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/ignore"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

func TestReportRename(t *testing.T) {
	const live = `{"id": "` + appOne + `", "name": "new"}`
	byName := stated{"heroku_app x", `{"id": "old", "uuid": "` + appOne + `", "name": "old"}`}
	byUUID := stated{"heroku_app x", `{"id": "` + appOne + `", "name": "old"}`}
	data := stated{"data.heroku_app d", `{"id": "old", "uuid": "` + appOne + `", "name": "old"}`}
	child := stated{"heroku_formation w", `{"id": "f", "app": "old", "type": "web"}`}
	for _, tt := range []struct {
		name    string
		states  [][]stated
		prepare func(*inventory)
		want    []string // the verdict and address of those that have one
		reason  string   // of the first
		holders int
	}{
		{name: "an app by name", states: [][]stated{{byName}}, want: []string{"renamed heroku_app.x"},
			reason: "renamed from old to new; RepairRename (herokutf rename) puts the new name into the state"},
		{name: "an app by UUID", states: [][]stated{{byUUID}}, want: []string{"renamed heroku_app.x"},
			reason: "renamed from old to new; with the old name in the configuration, the next apply would rename it back"},
		{name: "the app before what is its", states: [][]stated{{child, data, byName}}, want: []string{"renamed heroku_app.x"},
			reason: "renamed from old to new; the old name stands in 2 more objects of the state; RepairRename (herokutf rename) puts the new one there", holders: 2},
		{name: "its data source before what is its", states: [][]stated{{child, data}}, want: []string{"renamed data.heroku_app.d"}, holders: 1, reason: "1 more object"},
		{name: "the first of what is its", states: [][]stated{{child, {"heroku_domain d", `{"id": "d", "app": "old"}`}}}, want: []string{"renamed heroku_formation.w"}, holders: 1, reason: "1 more object"},
		{name: "the app before its data source", states: [][]stated{{byName, data}}, want: []string{"renamed heroku_app.x"}, holders: 1, reason: "1 more object"},
		{name: "the first of two apps", states: [][]stated{{byName, {"heroku_app y", byName.attrs}}}, want: []string{"renamed heroku_app.x"}, holders: 1, reason: "1 more object"},
		{name: "once in each state", states: [][]stated{{byName, child}, {child}}, want: []string{"renamed heroku_app.x", "renamed heroku_formation.w"}, holders: 1, reason: "1 more object"},
		{name: "one that has a verdict is passed over", states: [][]stated{{byName, child}}, prepare: func(inv *inventory) { inv.subjects[0].object.Verdict = Undetermined },
			want: []string{"undetermined heroku_app.x", "renamed heroku_formation.w"}},
		{name: "one that isn't chosen is passed over", states: [][]stated{{byName, child}}, prepare: func(inv *inventory) { inv.subjects[0].chosen = false },
			want: []string{"renamed heroku_formation.w"}},
		{name: "an app that can't be looked at", states: [][]stated{{byName}}, prepare: func(inv *inventory) { inv.apps[0].verdict = Missing }},
		{name: "an app that isn't there", states: [][]stated{{byName}}, prepare: func(inv *inventory) { inv.apps[0].live = nil }},
		{name: "the name that it has", states: [][]stated{{byName}}, prepare: func(inv *inventory) { inv.apps[0].names = []string{"new"} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var files []*statefile.File
			for _, state := range tt.states {
				files = append(files, stateOf(t, "test.tfstate", state...))
			}
			inv := newInventory(files, selection{})
			for _, a := range inv.apps {
				a.live = valueOf(t, live)
			}
			if tt.prepare != nil {
				tt.prepare(inv)
			}
			reportRename(inv.apps[0], files)
			var got []string
			for _, s := range inv.subjects {
				if s.object.Verdict == "" {
					continue
				}
				got = append(got, string(s.object.Verdict)+" "+s.object.Address)
				if s.object.Verdict == Renamed && len(got) == 1 && (!strings.Contains(s.object.Reason, tt.reason) || s.object.origin.holders != tt.holders) {
					t.Errorf("%s: %q, %d holders, want %q, %d", s.object.Address, s.object.Reason, s.object.origin.holders, tt.reason, tt.holders)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestFollowRename: of another object that is the app, a rename explains the name and
// what is made of it, and nothing else.
func TestFollowRename(t *testing.T) {
	inv := inventoryOf(t, selection{},
		stated{"heroku_app x", `{"id": "` + appOne + `", "name": "old"}`},
		stated{"data.heroku_app d", `{"id": "` + appOne + `", "name": "old"}`})
	inv.apps[0].live = valueOf(t, `{"id": "`+appOne+`", "name": "new"}`)
	for _, s := range inv.subjects {
		for _, name := range []string{"name", "stack"} {
			s.object.Differences = append(s.object.Differences, DriftDifference{Path: statefile.Path{name}, State: "a", Live: "b"})
		}
	}
	reportRename(inv.apps[0], inv.files)
	app, data := &inv.subjects[0].object, &inv.subjects[1].object
	if diff := cmp.Diff([]string{"name: a -> b", "stack: a -> b"}, differences(app)); diff != "" {
		t.Errorf("where it is reported (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"stack: a -> b"}, differences(data)); diff != "" || data.Reason != "the app was renamed from old to new" {
		t.Errorf("elsewhere: %q (-want +got):\n%s", data.Reason, diff)
	}
}

func TestConclude(t *testing.T) {
	differs := []DriftDifference{{Path: statefile.Path{"quantity"}, State: "1", Live: "2"}}
	for _, tt := range []struct {
		name    string
		subject subject
		want    Verdict
		reason  string
		partial bool
	}{
		{"the same", subject{chosen: true}, InSync, "", false},
		{"not chosen", subject{}, "", "", false},
		{"a difference", subject{chosen: true, object: DriftObject{Differences: differs}}, Changed, "", false},
		{"unread", subject{chosen: true, unread: []string{"a", "b"}}, Undetermined, "a; b", true},
		{"unread beside a difference", subject{chosen: true, unread: []string{"a"}, object: DriftObject{Differences: differs}}, Changed, "a", true},
		{"a verdict", subject{chosen: true, object: DriftObject{Verdict: Renamed, Reason: "r", Differences: differs}, unread: []string{"a"}}, Renamed, "r; a", true},
	} {
		s := tt.subject
		s.object.origin, s.own = &origin{}, "x"
		conclude(&s)
		if o := &s.object; o.Verdict != tt.want || o.Reason != tt.reason || o.origin.partial != tt.partial || s.own != nil {
			t.Errorf("%s: %q, %q, partial %t, own %v, want %q, %q, %t", tt.name, o.Verdict, o.Reason, o.origin.partial, s.own, tt.want, tt.reason, tt.partial)
		}
	}
}

func matcherOf(t testing.TB, all ...ignore.Rule) *ignore.Matcher {
	t.Helper()
	var rules ignore.Rules
	for _, rule := range all {
		if err := rules.Add(rule); err != nil {
			t.Fatal(err)
		}
	}
	return rules.Matcher(time.Now())
}

func TestApplyRules(t *testing.T) {
	whole := ignore.Rule{Type: "heroku_formation", Reason: "by hand"}
	quantity := ignore.Rule{Type: "heroku_formation", Attribute: "quantity", Reason: "scaled"}
	size := ignore.Rule{Type: "heroku_formation", Attribute: "size", Reason: "sized"}
	for _, tt := range []struct {
		name    string
		rules   []ignore.Rule
		verdict Verdict
		paths   []string
		partial bool

		want          Verdict
		reason        string
		kept, ignored int
	}{
		{"no rule", nil, Changed, []string{"quantity"}, false, Changed, "r", 1, 0},
		{"a rule for the object", []ignore.Rule{whole}, Changed, []string{"quantity", "size"}, false, Ignored, "by hand (was changed)", 0, 2},
		{"missing", []ignore.Rule{whole}, Missing, nil, false, Ignored, "by hand (was missing)", 0, 0},
		{"in sync", []ignore.Rule{whole}, InSync, nil, false, InSync, "r", 0, 0},
		{"no verdict", []ignore.Rule{whole}, "", nil, false, "", "r", 0, 0},
		{"one of two differences", []ignore.Rule{quantity}, Changed, []string{"quantity", "size"}, false, Changed, "r", 1, 1},
		{"both of two", []ignore.Rule{quantity, size}, Changed, []string{"quantity", "size"}, false, Ignored, "sized (was changed)", 0, 2},
		{"of an object that is renamed", []ignore.Rule{quantity}, Renamed, []string{"quantity"}, false, Ignored, "scaled (was renamed)", 0, 1},
		{"of an object that is replaced", []ignore.Rule{quantity}, Replaced, []string{"quantity"}, false, Replaced, "r", 0, 1},
		{"what couldn't be compared", []ignore.Rule{quantity}, Changed, []string{"quantity"}, true, Undetermined, "r", 0, 1},
	} {
		o := &DriftObject{Type: "heroku_formation", Address: "heroku_formation.web", Verdict: tt.verdict, Reason: "r", Differences: []DriftDifference{}, origin: &origin{partial: tt.partial}}
		for _, path := range tt.paths {
			o.Differences = append(o.Differences, DriftDifference{Path: statefile.Path{path}})
		}
		applyRules(matcherOf(t, tt.rules...), o)
		if o.Verdict != tt.want || o.Reason != tt.reason || len(o.Differences) != tt.kept || len(o.Ignored) != tt.ignored || o.Differences == nil || (o.Ignored == nil) != (tt.ignored == 0) {
			t.Errorf("%s: %q, %q, %d kept, %d ignored, want %q, %q, %d, %d", tt.name, o.Verdict, o.Reason, len(o.Differences), len(o.Ignored), tt.want, tt.reason, tt.kept, tt.ignored)
		}
	}
}

func TestAssembler(t *testing.T) {
	b := &assembler{rules: matcherOf(t, ignore.Rule{ID: "b", Reason: "by hand"}, ignore.Rule{ID: "nothing", Reason: "of no use"})}
	b.note("%s: later", "two")
	b.note("one: first")
	b.note("one: first")
	object := func(app, typ, label, id string) DriftObject {
		return DriftObject{App: app, Type: typ, Label: label, ID: id, Verdict: Unmanaged, Differences: []DriftDifference{}, origin: &origin{}}
	}
	b.add([]DriftObject{object("two", "a", "", "a"), object("one", "b", "y", "b"), object("one", "b", "x", "z")})
	b.add([]DriftObject{object("one", "a", "z", "c"), object("one", "b", "x", "y")})
	inv := inventoryOf(t, selection{}, stated{"heroku_formation z", formationAttrs}, stated{"heroku_domain x", `{}`}, stated{"heroku_formation a", formationAttrs})
	inv.subjects[1].chosen = false
	for _, s := range inv.subjects {
		conclude(s)
	}
	b.ignoreIn(inv.subjects)
	r := b.report(inv.subjects, false, true)
	var got []string
	for i := range r.Objects {
		got = append(got, strings.TrimSpace(r.Objects[i].Address+" "+r.Objects[i].App+" "+r.Objects[i].ID+" "+string(r.Objects[i].Verdict)))
	}
	web := " f0000000-0000-4000-8000-000000000001 in_sync"
	want := []string{"heroku_formation.z " + web, "heroku_formation.a " + web, "one c unmanaged", "one y unmanaged", "one z unmanaged", "one b ignored", "two a unmanaged"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	if len(r.Notes) != 3 || r.Notes[0] != "one: first" || r.Notes[1] != "two: later" || !strings.Contains(r.Notes[2], "nothing") {
		t.Errorf("notes: %q", r.Notes)
	}
	if r := (&assembler{rules: matcherOf(t)}).report(nil, false, false); r.Objects == nil || r.Notes != nil {
		t.Errorf("of nothing: %#v, %#v", r.Objects, r.Notes)
	}
}

func TestUnmanagedVars(t *testing.T) {
	inv := inventoryOf(t, selection{},
		stated{"heroku_app x", `{"id": "` + appOne + `", "name": "one", "config_vars": {"OF_APP": "1"}, "all_config_vars": {"COPIED": "1"}}`},
		stated{"heroku_app_config_association c", `{"id": "config:x", "app_id": "` + appOne + `", "sensitive_vars": {"OF_ASSOCIATION": "1"}}`})
	got := unmanagedVars(inv.apps[0], valueOf(t, `{"OF_APP": "1", "OF_ASSOCIATION": "1", "COPIED": "1", "NEW": "1", "REDIS": "1", "REDIS_URL": "1", "REDISTRIBUTE": "1", "PAPERTRAIL_TOKEN": "1"}`),
		elementsOf(t, `[{"name": "REDIS"}, {"name": ""}]`), elementsOf(t, `[{"config_vars": ["PAPERTRAIL_TOKEN"]}, {}]`))
	var keys []string
	for i := range got {
		if o := &got[i]; o.Type != provider.Config || o.Label != o.ID || o.Reason == "" {
			t.Errorf("got %+v", o)
		}
		keys = append(keys, got[i].ID)
	}
	if diff := cmp.Diff([]string{"COPIED", "NEW", "REDISTRIBUTE"}, keys); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUnmanagedAmong(t *testing.T) {
	inv := inventoryOf(t, selection{}, stated{"heroku_app x", appAttrs}, stated{"heroku_formation web", formationAttrs})
	a := inv.apps[0]
	a.successors = []string{"successor"}
	for _, tt := range []struct {
		typ      string
		elements string
		want     []string // label and import id
	}{
		{"heroku_formation", `[{"id": "f0000000-0000-4000-8000-000000000001", "type": "web", "quantity": 1}, {"id": "successor", "type": "clock", "quantity": 1},
			{"id": "3", "type": "worker", "quantity": 2}, {"id": "4", "type": "release", "quantity": 0}]`, []string{"worker " + appOne + ":worker"}},
		{"heroku_domain", `[{"id": "1", "hostname": "one.herokuapp.com", "kind": "heroku"}, {"id": "2", "hostname": "h", "kind": "custom"}]`, []string{"h " + appOne + ":2"}},
		{"heroku_addon_attachment", `[{"id": "1", "name": "OWN", "app": {"id": "a"}, "addon": {"id": "x", "app": {"id": "a"}}, "created_at": "2026-01-01"},
			{"id": "2", "name": "MORE", "app": {"id": "a"}, "addon": {"id": "x", "app": {"id": "a"}}, "created_at": "2026-01-02"},
			{"id": "3", "name": "SHARED", "app": {"id": "a"}, "addon": {"id": "y", "app": {"id": "b"}}, "created_at": "2026-01-01"}]`, []string{"MORE 2", "SHARED 3"}},
		{"heroku_drain", `[{"id": "1", "url": "https://u:p@h"}, {"id": "2", "addon": {"id": "x"}}]`, []string{"1 " + appOne + ":1:sensitive"}},
		{"heroku_formation", `[]`, nil},
	} {
		res, _ := provider.Lookup(provider.Managed, tt.typ)
		var got []string
		for _, o := range unmanagedAmong(a, res, elementsOf(t, tt.elements), newClaims(inv.subjects)) {
			got = append(got, o.Label+" "+o.ImportID)
			if o.Type != tt.typ || o.origin.element == nil {
				t.Errorf("%s: got %+v", tt.typ, &o)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.typ, diff)
		}
	}
}

func TestFacts(t *testing.T) {
	team := stated{"heroku_app x", `{"id": "` + appOne + `", "name": "one", "organization": [{"name": "acme"}]}`}
	for _, tt := range []struct {
		name     string
		state    stated
		live     string
		releases string
		running  string
		want     []string
	}{
		{"nothing", team, `{"team": {"name": "acme"}, "maintenance": false}`, `[]`, `null`, nil},
		{"maintenance", team, `{"team": {"name": "acme"}, "maintenance": true}`, `[]`, `null`, []string{"maintenance mode is on"}},
		{"left its team, which is a difference", team, `{"team": null}`, `[]`, `null`, nil},
		{"a personal app", stated{"heroku_app x", appAttrs}, `{}`, `[]`, `null`, nil},
		{"the newest runs", stated{"heroku_app x", appAttrs}, `{}`, `[{"version": 3, "current": true, "status": "succeeded"}]`, `{"version": 3}`, nil},
		{"the newest failed", stated{"heroku_app x", appAttrs}, `{}`, `[{"version": 3, "status": "failed"}]`, `{"version": 2}`, []string{"the newest release, v3, has failed; v2 runs"}},
		{"the only one is pending", stated{"heroku_app x", appAttrs}, `{}`, `[{"version": 1, "status": "pending"}]`, `null`, []string{"the newest release, v1, is pending; no release runs"}},
		{"an older one failed", stated{"heroku_app x", appAttrs}, `{}`, `[{"version": 4, "status": "expired"}, {"version": 3, "status": "failed"}]`, `{"version": 2}`, nil},
	} {
		a := subjectOf(t, tt.live, tt.state).app
		a.release.running = valueOf(t, tt.running)
		var got []string
		for _, o := range append(appFacts(a), releaseFacts(a, elementsOf(t, tt.releases))...) {
			got = append(got, o.Reason)
			if o.Type != provider.App || o.ID != appOne {
				t.Errorf("%s: %+v", tt.name, &o)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestBlame(t *testing.T) {
	const releases = `[
		{"version": 9, "description": "Set LOG_LEVEL, FEATURE_A config vars", "current": true, "slug": {"id": "s2"}, "status": "succeeded", "user": {"email": "ann@example.com"}, "created_at": "2026-01-09T00:00:00Z"},
		{"version": 8, "description": "Deploy LOG_LEVELS", "slug": {"id": "s2"}, "status": "succeeded"},
		{"version": 7, "description": "Deploy 123", "slug": {"id": "s3"}, "status": "failed"},
		{"version": 6, "description": "Remove LOG_LEVEL config vars", "slug": {"id": "s1"}, "status": "succeeded"},
		{"version": 5, "description": "Set LOG_LEVEL config vars", "slug": {"id": "s1"}, "status": "succeeded"},
		{"version": 4, "description": "Set LOG_LEVEL config vars", "slug": {"id": "s1"}, "status": "succeeded"}]`
	vars := stated{"heroku_app x", `{"id": "` + appOne + `", "name": "one", "config_vars": {"LOG_LEVEL": "1"}}`}
	for _, tt := range []struct {
		name    string
		state   stated
		verdict Verdict
		path    statefile.Path
		running string // "": none
		want    []int  // versions; nil: not traceable
	}{
		{"a config var", vars, Changed, statefile.Path{"config_vars", "LOG_LEVEL"}, "", []int{9, 6, 5}},
		{"a flat one", vars, Changed, statefile.Path{"config_vars.FEATURE_A"}, "", []int{9}},
		{"one that no release names", vars, Changed, statefile.Path{"config_vars", "LEVEL"}, "", []int{}},
		{"in sync", vars, InSync, statefile.Path{"config_vars", "LOG_LEVEL"}, "", nil},
		{"what makes no release", stated{"heroku_app x", appAttrs}, Changed, statefile.Path{"stack"}, "", nil},
		{"code, and then config vars", releasesOf(1)[0], Changed, statefile.Path{"slug_id"}, `{"version": 9, "slug": {"id": "s2"}}`, []int{8}},
	} {
		s := subjectOf(t, "", tt.state)
		s.object.Verdict = tt.verdict
		s.object.Differences = []DriftDifference{{Path: tt.path}}
		if tt.running != "" {
			s.object.origin.running = valueOf(t, tt.running)
		}
		traceable := traceable(s.app)
		if len(traceable) == 0 {
			if tt.want != nil {
				t.Errorf("%s: it isn't traceable", tt.name)
			}
			continue
		}
		got := []int{}
		for _, b := range blameOn(traceable[0], elementsOf(t, releases)) {
			got = append(got, b.Version)
			if b.Version == 9 && (b.User != "ann@example.com" || b.At.Day() != 9) {
				t.Errorf("%s: got %+v", tt.name, b)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestBlameRollback: a rollback is blamed for config vars that changed after the release
// that it went back to, and for those of releases that aren't known.
func TestBlameRollback(t *testing.T) {
	const all = `[
		{"version": 9, "description": "Rollback to v2"}, {"version": 8, "description": "Set B config vars"},
		{"version": 7, "description": "Rollback to v5"}, {"version": 6, "description": "Set A config vars"},
		{"version": 5, "description": "Rollback to a better world"}, {"version": 4, "description": "Set C config vars"}`
	for _, tt := range []struct {
		name, releases string
		trace          trace
		want           []int
	}{
		{"set before", all + `]`, trace{vars: []string{"A"}}, []int{9, 7, 6}},
		{"set after the first of them", all + `]`, trace{vars: []string{"B"}}, []int{9, 8}},
		{"what came before isn't known", all + `]`, trace{vars: []string{"D"}}, []int{9}},
		{"nothing set it", all + `, {"version": 3, "description": "Deploy"}]`, trace{vars: []string{"D"}}, nil},
		{"no config var", all + `]`, trace{words: []string{"A", "v2"}}, []int{9, 6}},
		{"another verb", all + `]`, trace{vars: []string{"A"}, not: []string{"Set"}}, []int{9}},
	} {
		var got []int
		for _, b := range tt.trace.among(elementsOf(t, tt.releases)) {
			got = append(got, b.Version)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
