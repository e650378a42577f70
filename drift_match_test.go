package herokutf

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
)

// subjectOf returns the first subject of a state, and its app as Heroku has it.
func subjectOf(t testing.TB, live string, all ...stated) *subject {
	t.Helper()
	inv := inventoryOf(t, selection{}, all...)
	s := inv.subjects[0]
	if s.app != nil && live != "" {
		s.app.live = valueOf(t, live)
	}
	return s
}

func TestSettle(t *testing.T) {
	gone := func(s *subject) { s.app.verdict, s.app.reason = Missing, "gone" }
	for _, tt := range []struct {
		name    string
		state   stated
		prepare func(*subject)
		settled bool
		want    Verdict
		reason  string
	}{
		{name: "to be found", state: stated{"heroku_formation w", formationAttrs}},
		{name: "not chosen", state: stated{"heroku_formation w", formationAttrs}, prepare: func(s *subject) { s.chosen = false }, settled: true},
		{name: "deposed", state: stated{"heroku_formation w deposed", formationAttrs}, settled: true, want: Ignored, reason: "deposed"},
		{name: "an unknown type", state: stated{"heroku_of_tomorrow x", `{"id": "1"}`}, settled: true, want: Undetermined, reason: "doesn't know the type"},
		{name: "in the state alone", state: stated{"heroku_config c", `{"id": "1"}`}, settled: true, want: InSync, reason: "in the state alone"},
		{name: "its app is gone", state: stated{"heroku_formation w", formationAttrs}, prepare: gone, settled: true, want: Missing, reason: "its app is gone"},
		{name: "an add-on of an app that is gone", state: stated{"heroku_addon d", `{"id": "1", "app_id": "` + appOne + `"}`}, prepare: gone},
		{name: "of no known app", state: stated{"heroku_formation w", `{"id": "1"}`}, settled: true, want: Undetermined, reason: "doesn't say which app"},
		{name: "a pipeline", state: stated{"heroku_pipeline p", `{"id": "1"}`}},
	} {
		s := subjectOf(t, "", tt.state)
		if tt.prepare != nil {
			tt.prepare(s)
		}
		if settled := settle(s); settled != tt.settled || s.object.Verdict != tt.want || !strings.Contains(s.object.Reason, tt.reason) {
			t.Errorf("%s: %t, %q, %q, want %t, %q, ...%s...", tt.name, settled, s.object.Verdict, s.object.Reason, tt.settled, tt.want, tt.reason)
		}
	}
}

func TestMatch(t *testing.T) {
	const (
		web   = "f0000000-0000-4000-8000-000000000001"
		other = "f0000000-0000-4000-8000-00000000000f"
		addon = "ad000000-0000-4000-8000-000000000001"
	)
	formation := stated{"heroku_formation w", formationAttrs}
	database := stated{"heroku_addon d", `{"id": "` + addon + `", "app_id": "` + appOne + `", "name": "db-1"}`}
	for _, tt := range []struct {
		name    string
		state   stated
		in      string // the answer for the list
		err     error
		single  string // the answer for a single element
		failure error
		prepare func(*subject)

		found    string // id of what was found
		want     Verdict
		reason   string
		importID string
		wantErr  error
	}{
		{name: "by id", state: formation, in: `[{"id": "x"}, {"id": "` + web + `"}]`, found: web},
		{name: "by id in upper case", state: stated{"heroku_formation w", strings.Replace(formationAttrs, "f0000000", "F0000000", 1)}, in: `[{"id": "` + web + `"}]`, found: web},
		{name: "by its second key", state: stated{"heroku_addon d", `{"id": "db-1", "app_id": "` + appOne + `"}`}, in: `[{"id": "` + addon + `", "name": "db-1"}]`, found: addon},
		{name: "by what is behind a colon", state: stated{"heroku_app_feature f", `{"id": "` + appOne + `:web", "app_id": "` + appOne + `"}`}, in: `[{"id": "9", "name": "web"}]`, found: "9"},
		{name: "without what it is found by", state: stated{"heroku_app_feature f", `{"id": "` + appOne + `:", "app_id": "` + appOne + `"}`}, in: `[{"id": "9"}]`, want: Missing, reason: "it isn't among"},
		{name: "missing", state: formation, in: `[{"id": "` + other + `", "type": "worker"}]`, want: Missing, reason: "it isn't among the formation"},
		{name: "missing from an empty list", state: formation, in: `[]`, want: Missing, reason: "it isn't among the formation"},
		{name: "replaced", state: formation, in: `[{"id": "` + other + `", "type": "web"}]`, want: Replaced, reason: other + ", has taken its place", importID: appOne + ":web"},
		{name: "replaced, by what is the app's", state: stated{"heroku_pipeline_coupling c", `{"id": "` + addon + `", "app_id": "` + appOne + `"}`}, failure: errNotFound,
			in: `[{"id": "x", "app": {"id": "` + appTwo + `"}}, {"id": "` + other + `", "app": {"id": "` + appOne + `"}}]`, want: Replaced, reason: other, importID: other},
		{name: "another app's has the name", state: formation, in: `[{"id": "` + other + `", "type": "web", "app": {"id": "` + appTwo + `"}}]`, want: Missing, reason: "it isn't among"},
		{name: "unreadable", state: formation, err: errDown, want: Undetermined, reason: "the formation can't be read: GET /x", wantErr: platform.ErrUnavailable},
		{name: "a list that isn't there", state: formation, err: errNotFound, want: Undetermined, reason: "the formation can't be read", wantErr: platform.ErrNotFound},
		{name: "an object that isn't there", state: stated{"heroku_slug s", `{"id": "1", "app_id": "` + appOne + `"}`}, err: errNotFound, want: Missing, reason: "Heroku has no such slug"},
		{name: "a single object", state: stated{"heroku_slug s", `{"id": "1", "app_id": "` + appOne + `"}`}, in: `{"id": "1"}`, found: "1"},
		{name: "not in the list, and there", state: database, in: `[]`, single: `{"id": "` + addon + `"}`, found: addon},
		{name: "not in the list, and not there", state: database, in: `[]`, failure: errNotFound, want: Missing, reason: "it isn't among the add-ons"},
		{name: "not in the list, and made again", state: database, in: `[{"id": "` + other + `", "name": "db-1", "app": {"id": "` + appOne + `"}}]`, failure: errNotFound,
			want: Replaced, reason: other, importID: other},
		{name: "not in the list, and unreadable", state: database, in: `[]`, failure: errDown, want: Undetermined, reason: "the add-ons can't be read", wantErr: platform.ErrUnavailable},
		{name: "not in the list, and the app is gone", state: database, in: `[]`, prepare: func(s *subject) { s.app.verdict, s.app.reason = Missing, "deleted" },
			want: Missing, reason: "its app is gone: deleted"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := subjectOf(t, `{"id": "`+appOne+`", "name": "one"}`, tt.state)
			if tt.prepare != nil {
				tt.prepare(s)
			}
			in := &answer{err: tt.err}
			if tt.err == nil {
				in = answerOf(t, tt.in)
			}
			err := match(s, s.list(), in, func(id string) *answer {
				switch {
				case tt.single == "" && tt.failure == nil:
					t.Errorf("%s is read by itself", id)
				case id != addon:
					t.Errorf("%s is read by itself, want %s", id, addon)
				case tt.failure == nil:
					return answerOf(t, tt.single)
				}
				return &answer{err: tt.failure}
			})
			if !errors.Is(err, tt.wantErr) || (err == nil) != (tt.wantErr == nil) {
				t.Errorf("error %v, want %v", err, tt.wantErr)
			}
			if got := provider.Text(provider.Find(s.own, "id")); got != tt.found {
				t.Errorf("found %q, want %q", got, tt.found)
			}
			if o := &s.object; o.Verdict != tt.want || !strings.Contains(o.Reason, tt.reason) || o.ImportID != tt.importID {
				t.Errorf("got %q, %q, import id %q, want %q, ...%s..., %q", o.Verdict, o.Reason, o.ImportID, tt.want, tt.reason, tt.importID)
			}
			if successors := len(s.app.successors); (successors == 1) != (tt.want == Replaced) {
				t.Errorf("%d successors are kept from being unmanaged", successors)
			}
		})
	}
}

// TestCouplingMadeAgain: a coupling is its app's, whichever way the state knows the app.
func TestCouplingMadeAgain(t *testing.T) {
	for _, attrs := range []string{`"app": "one"`, `"app": "one", "app_id": "` + appOne + `"`, `"app_id": "` + strings.ToUpper(appOne) + `"`} {
		s := subjectOf(t, "", stated{"heroku_pipeline_coupling c", `{"id": "x", ` + attrs + `}`})
		s.app.id = appOne
		missing(s, provider.Couplings, answerOf(t, `[{"id": "y", "app": {"id": "`+appTwo+`"}}, {"id": "z", "app": {"id": "`+appOne+`"}}]`))
		if o := &s.object; o.Verdict != Replaced || o.ImportID != "z" {
			t.Errorf("%s: %s, import id %q", attrs, o.Verdict, o.ImportID)
		}
	}
}

func TestMatchAppAndRelease(t *testing.T) {
	s := subjectOf(t, `{"id": "`+appOne+`"}`, stated{"heroku_app x", appAttrs})
	if err := matchApp(s, nil); err != nil || s.own == nil || s.object.Verdict != "" {
		t.Errorf("an app: %v, %v, %s", err, s.own, s.object.Verdict)
	}
	s = subjectOf(t, "", stated{"heroku_app x", appAttrs})
	if err := matchApp(s, errDown); !errors.Is(err, platform.ErrUnavailable) || s.object.Verdict != Undetermined {
		t.Errorf("no list of apps: %v, %s", err, s.object.Verdict)
	}

	for _, tt := range []struct {
		name    string
		release release
		found   string
		want    Verdict
	}{
		{"one runs", release{running: map[string]any{"id": "7"}}, "7", ""},
		{"none runs", release{}, "", ""},
		{"unreadable", release{err: errDown}, "", Undetermined},
	} {
		s := subjectOf(t, "", releasesOf(1)[0])
		s.app.release = tt.release
		err := matchRelease(s)
		if !errors.Is(err, tt.release.err) || s.object.Verdict != tt.want || provider.Text(provider.Find(s.own, "id")) != tt.found {
			t.Errorf("%s: %v, %q, %v", tt.name, err, s.object.Verdict, s.own)
		}
		if tt.want == "" && s.own == nil {
			t.Errorf("%s: it counts as not found", tt.name)
		}
	}
}

func TestLostWithApp(t *testing.T) {
	app, child := stated{"heroku_app x", appAttrs}, stated{"heroku_formation w", formationAttrs}
	taken := map[string]any{"id": appTwo, "name": "one"}
	for _, tt := range []struct {
		name     string
		state    stated
		verdict  Verdict
		taken    any
		want     Verdict
		reason   string
		importID string
	}{
		{"the app", app, Missing, nil, Missing, "because", ""},
		{"the app, whose name another one has", app, Missing, taken, Replaced, "the app " + appOne + " is gone, and another one, " + appTwo + ", is called one", appTwo},
		{"the app, perhaps", app, Undetermined, taken, Undetermined, "because", ""},
		{"a child", child, Missing, taken, Missing, "its app is gone: because", ""},
		{"a child, perhaps", child, Undetermined, nil, Undetermined, "because", ""},
	} {
		s := subjectOf(t, "", tt.state)
		s.app.verdict, s.app.reason, s.app.taken = tt.verdict, "because", tt.taken
		lostWithApp(s)
		if o := &s.object; o.Verdict != tt.want || o.Reason != tt.reason || o.ImportID != tt.importID {
			t.Errorf("%s: %s, %q, %q, want %s, %q, %q", tt.name, o.Verdict, o.Reason, o.ImportID, tt.want, tt.reason, tt.importID)
		}
	}
}

func TestWithdraw(t *testing.T) {
	formation := stated{"heroku_formation w", `{"id": "f0000000-0000-4000-8000-000000000001", "app": "one", "type": "web"}`}
	domain := stated{"heroku_domain d", `{"id": "d0000000-0000-4000-8000-000000000001", "app": "one", "hostname": "h"}`}
	association := stated{"heroku_app_config_association c", `{"id": "config:one", "app_id": "one", "vars": {"A": "1"}}`}
	for _, tt := range []struct {
		name     string
		byName   bool
		state    []stated
		verdicts []Verdict
		want     bool
	}{
		{"none of what has a UUID is there", true, []stated{formation, domain, association}, []Verdict{Missing, Replaced, ""}, true},
		{"one is there", true, []stated{formation, domain}, []Verdict{Missing, ""}, false},
		{"found by UUID", false, []stated{formation, domain}, []Verdict{Missing, Missing}, false},
		{"nothing has a UUID", true, []stated{association}, []Verdict{""}, false},
		{"what is ignored stays so", true, []stated{formation, association}, []Verdict{Missing, Ignored}, true},
	} {
		inv := inventoryOf(t, selection{}, tt.state...)
		a := inv.apps[0]
		a.byName = tt.byName
		for i, s := range inv.subjects {
			s.object.Verdict, s.object.ImportID = tt.verdicts[i], "id"
		}
		withdraw(a)
		for i, s := range inv.subjects {
			switch {
			case tt.want && tt.verdicts[i] != Ignored && (s.object.Verdict != Undetermined || s.object.ImportID != "" || !strings.Contains(s.object.Reason, "it may be another app")):
				t.Errorf("%s: %s is %q, %q, %q", tt.name, s.object.Address, s.object.Verdict, s.object.ImportID, s.object.Reason)
			case (!tt.want || tt.verdicts[i] == Ignored) && s.object.Verdict != tt.verdicts[i]:
				t.Errorf("%s: %s is %q, was %q", tt.name, s.object.Address, s.object.Verdict, tt.verdicts[i])
			}
		}
	}
}

func TestClaims(t *testing.T) {
	inv := inventoryOf(t, selection{},
		stated{"heroku_app_feature f", `{"id": "` + appOne + `:preboot", "app_id": "` + appOne + `"}`},
		stated{"heroku_collaborator c", `{"id": "C0000000-0000-4000-8000-000000000001", "app_id": "` + appOne + `", "email": "Ann@example.com"}`},
		stated{"heroku_addon a", `{"id": "ad000000-0000-4000-8000-000000000001", "app_id": "` + appOne + `"}`},
		stated{"heroku_addon half", `{"app_id": "` + appOne + `"}`}, stated{"heroku_app_feature half", `{"id": "` + appOne + `:", "app_id": "` + appOne + `"}`},
		stated{"data.heroku_addon b", `{"id": "ad000000-0000-4000-8000-000000000002", "app_id": "` + appOne + `"}`})
	managed := newClaims(inv.subjects)
	for _, tt := range []struct {
		name    string
		list    provider.List
		app     string
		element string
		want    bool
	}{
		{"a feature by id", provider.Features, appOne, `{"id": "preboot"}`, true},
		{"a feature by name", provider.Features, appOne, `{"id": "9", "name": "preboot"}`, true},
		{"of another app", provider.Features, appTwo, `{"id": "preboot"}`, false},
		{"in another case", provider.Collaborators, appOne, `{"id": "c0000000-0000-4000-8000-000000000001"}`, true},
		{"another one", provider.Collaborators, appOne, `{"id": "c0000000-0000-4000-8000-000000000002"}`, false},
		{"a list of all apps", provider.Addons, appTwo, `{"id": "ad000000-0000-4000-8000-000000000001"}`, true},
		{"a data source manages nothing", provider.Addons, appOne, `{"id": "ad000000-0000-4000-8000-000000000002"}`, false},
		{"without a name", provider.Addons, appOne, `{"id": "ad000000-0000-4000-8000-000000000003"}`, false},
		{"a feature without a name", provider.Features, appOne, `{"id": "9"}`, false},
		{"another list", provider.Domains, appOne, `{"id": "preboot"}`, false},
	} {
		if got := managed.has(tt.list, tt.app, valueOf(t, tt.element)); got != tt.want {
			t.Errorf("%s: %t, want %t", tt.name, got, tt.want)
		}
	}
}

func TestFindApps(t *testing.T) {
	inv := inventoryOf(t, selection{},
		stated{"heroku_app by_id", `{"id": "` + appOne + `", "name": "old"}`},
		stated{"heroku_app by_name", `{"id": "two", "name": "two"}`},
		stated{"heroku_app lost", `{"id": "three", "name": "three"}`},
		stated{"heroku_addon db", `{"id": "ad000000-0000-4000-8000-000000000004", "app": "four"}`},
		stated{"heroku_formation f", `{"id": "f0000000-0000-4000-8000-000000000004", "app": "four", "type": "web"}`})
	appFour := appOne[:35] + "4"
	all := answerOf(t, `[{"id": "`+strings.ToUpper(appOne)+`", "name": "one"}, {"id": "`+appTwo+`", "name": "two"}, {"id": "`+appFour+`", "name": "new-four"}]`)
	addons := answerOf(t, `[{"id": "ad000000-0000-4000-8000-000000000004", "app": {"id": "`+appFour+`"}}]`)
	lost := findApps(inv.apps, all, addons)
	got := make(map[string]string)
	for _, a := range inv.apps {
		got[a.name()] = fmt.Sprint(a.id, " ", a.byName, " ", a.stale())
	}
	want := map[string]string{
		"one":      appOne + " false [old]",
		"two":      appTwo + " true []",
		"three":    " false []",
		"new-four": appFour + " false [four]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(lost) != 1 || lost[0].name() != "three" {
		t.Errorf("%d apps are lost", len(lost))
	}
	if app := appNamed(all, "nobody", "two", "one"); provider.Text(provider.Find(app, "id")) != appTwo {
		t.Errorf("the first of the names is borne by %v", app)
	}
	if !seesAny(inv.apps, all) || seesAny(lost, all) {
		t.Error("it isn't known which apps are seen")
	}

	// A state without UUIDs and one with them may have the same app.
	inv = newInventory(inv.files, selection{})
	inv.apps[1].id = appOne
	inv.mergeApps()
	if len(inv.apps) != 3 || len(inv.apps[0].subjects) != 2 || len(inv.apps[0].names) != 2 || inv.subjects[1].app != inv.apps[0] {
		t.Errorf("two apps with one UUID: %d apps, the first has the names %v", len(inv.apps), inv.apps[0].names)
	}

	appsUnread(inv.apps, errDown)
	if inv.apps[0].verdict != "" || inv.apps[1].verdict != Undetermined {
		t.Errorf("without the list of apps, one with UUID is %q, one without %q", inv.apps[0].verdict, inv.apps[1].verdict)
	}
}

func TestLoseApp(t *testing.T) {
	forbidden := fmt.Errorf("GET /x: %w", platform.ErrForbidden)
	for _, tt := range []struct {
		name             string
		id               string
		err              error
		alone, mentioned bool
		want             Verdict
		reason           string
	}{
		{"deleted", appOne, errNotFound, false, false, Missing, "deleted, or not visible"},
		{"forbidden", appOne, forbidden, false, false, Undetermined, "no access"},
		{"forbidden by name", "", forbidden, true, true, Undetermined, "no access"},
		{"unreadable", appOne, errDown, true, true, Undetermined, "can't be read"},
		{"by name", "", errNotFound, true, true, Undetermined, "no app has that name"},
		{"another account's", appOne, errNotFound, true, true, Undetermined, "this token sees none of the apps"},
		{"others mention it", appOne, errNotFound, false, true, Undetermined, "others mention it"},
	} {
		a := &driftApp{id: tt.id, names: []string{"one"}}
		loseApp(a, tt.err, tt.alone, tt.mentioned)
		if a.verdict != tt.want || !strings.Contains(a.reason, tt.reason) {
			t.Errorf("%s: %s, %q, want %s, ...%s...", tt.name, a.verdict, a.reason, tt.want, tt.reason)
		}
	}
}
