package herokutf

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

const addonID = "0add0000-0000-4000-8000-000000000001"

// newHeroku returns a fake Heroku with the two apps of the real states, and a
// client for it.
func newHeroku(t testing.TB) (*herokutest.Server, *platform.Client) {
	t.Helper()
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{ID: mainID, Name: "old-name"})
	s.AddApp(herokutest.App{ID: personalID, Name: "personal-app"})
	c, err := platform.New(platform.Options{Token: "token", Transport: s, Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func wantRequests(t testing.TB, s *herokutest.Server, want map[string]int) {
	t.Helper()
	if diff := cmp.Diff(want, s.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func webURL(t testing.TB, s *herokutest.Server, app string) string {
	t.Helper()
	a, ok := s.App(app)
	if !ok {
		t.Fatalf("no app %s", app)
	}
	return "https://" + a.Hostname + "/"
}

// children is a state that refers to apps by name and holds no app.
func children(t testing.TB, resources ...string) *statefile.File {
	t.Helper()
	var b strings.Builder
	for i, r := range resources {
		typ, attributes, _ := strings.Cut(r, " ")
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"mode":"managed","type":%q,"name":"r%d","provider":"provider.heroku","instances":[{"schema_version":0,"attributes":%s}]}`, typ, i, attributes)
	}
	return parseState(t, "children", `{"version":4,"serial":1,"lineage":"l","outputs":{},"resources":[`+b.String()+`]}`)
}

func TestFindRenames(t *testing.T) {
	t.Parallel()
	one := map[string]int{"GET /apps": 1}
	for _, test := range []struct {
		name     string
		state    func(testing.TB) *statefile.File
		change   func(*herokutest.Server)
		want     map[string]string // old to new
		requests map[string]int
	}{
		{
			name:     "nothing renamed",
			change:   func(*herokutest.Server) {},
			requests: one,
		},
		{
			name:     "renamed",
			change:   func(s *herokutest.Server) { s.Rename("old-name", "new-name") },
			want:     map[string]string{"old-name": "new-name"},
			requests: one,
		},
		{
			name:     "provider 5",
			state:    func(t testing.TB) *statefile.File { return readState(t, "5.3.2") },
			change:   func(s *herokutest.Server) { s.Rename("old-name", "new-name") },
			want:     map[string]string{"old-name": "new-name"},
			requests: one,
		},
		{
			name: "both, swapped",
			change: func(s *herokutest.Server) {
				s.Rename(mainID, "in-between")
				s.Rename(personalID, "old-name")
				s.Rename(mainID, "personal-app")
			},
			want:     map[string]string{"old-name": "personal-app", "personal-app": "old-name"},
			requests: one,
		},
		{
			name: "another app has taken the old name",
			change: func(s *herokutest.Server) {
				s.Rename("old-name", "new-name")
				s.AddApp(herokutest.App{Name: "old-name"})
			},
			want:     map[string]string{"old-name": "new-name"},
			requests: one,
		},
		{
			name: "a stranger has taken the old name",
			change: func(s *herokutest.Server) {
				s.Rename("old-name", "new-name")
				s.Deny("old-name")
			},
			want:     map[string]string{"old-name": "new-name"},
			requests: one,
		},
		{
			name: "a list of several pages",
			change: func(s *herokutest.Server) {
				for i := range 2100 {
					s.AddApp(herokutest.App{Name: fmt.Sprintf("other-%d", i)})
				}
				s.Rename("old-name", "new-name")
			},
			want:     map[string]string{"old-name": "new-name"},
			requests: map[string]int{"GET /apps": 3},
		},
		{
			name: "through an add-on",
			state: func(t testing.TB) *statefile.File {
				return children(t, `heroku_formation {"app":"old-name","id":"f1"}`, `heroku_addon {"app":"old-name","id":"by-name"}`, `heroku_addon {"app":"old-name","id":"`+addonID+`"}`)
			},
			change: func(s *herokutest.Server) {
				s.AddAddon(herokutest.Addon{ID: addonID, App: "old-name", Plan: "heroku-postgresql:essential-0"})
				s.Rename("old-name", "new-name")
			},
			want:     map[string]string{"old-name": "new-name"},
			requests: map[string]int{"GET /apps": 1, "GET /addons/{addon}": 1},
		},
		{
			name: "through a coupling",
			state: func(t testing.TB) *statefile.File {
				return children(t, `heroku_formation {"app":"old-name","id":"f1"}`, `heroku_pipeline_coupling {"app":"old-name","app_id":"`+mainID+`","id":"p1"}`)
			},
			change:   func(s *herokutest.Server) { s.Rename("old-name", "new-name") },
			want:     map[string]string{"old-name": "new-name"},
			requests: one,
		},
		{
			name: "through a certificate",
			state: func(t testing.TB) *statefile.File {
				return children(t, `heroku_domain {"app":"old-name","id":"d1","sni_endpoint_id":"e1"}`, `heroku_ssl {"app_id":"`+mainID+`","id":"e1"}`)
			},
			change:   func(s *herokutest.Server) { s.Rename("old-name", "new-name") },
			want:     map[string]string{"old-name": "new-name"},
			requests: one,
		},
		{
			name: "two old names of one app",
			state: func(t testing.TB) *statefile.File {
				return children(t, `heroku_pipeline_coupling {"app":"older-name","app_id":"`+mainID+`","id":"p1"}`, `heroku_app {"id":"old-name","name":"old-name","uuid":"`+mainID+`"}`)
			},
			change:   func(s *herokutest.Server) { s.Rename("old-name", "new-name") },
			want:     map[string]string{"older-name": "new-name", "old-name": "new-name"},
			requests: one,
		},
		{
			name: "no apps in the state",
			state: func(t testing.TB) *statefile.File {
				return children(t, `heroku_space {"id":"s1","name":"old-name"}`)
			},
			change:   func(s *herokutest.Server) {},
			requests: map[string]int{},
		},
		{
			name: "not in the list, but there",
			change: func(s *herokutest.Server) {
				s.Rename("old-name", "new-name")
				s.Inject(herokutest.Fault{Route: "GET /apps", Status: 200, Body: "[]", Times: -1})
			},
			want:     map[string]string{"old-name": "new-name"},
			requests: map[string]int{"GET /apps": 1, "GET /apps/{app}": 2},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, c := newHeroku(t)
			test.change(s)
			f := readState(t, "4.9.0")
			if test.state != nil {
				f = test.state(t)
			}
			renames, err := FindRenames(t.Context(), c, f)
			if err != nil {
				t.Fatal(err)
			}
			got := make(map[string]string)
			for _, r := range renames {
				got[r.Old] = r.New
				live, ok := s.App(r.New)
				if !ok || live.ID != r.ID || r.WebURL != webURL(t, s, r.New) {
					t.Errorf("rename %+v; want UUID %s and address %s", r, live.ID, webURL(t, s, r.New))
				}
			}
			if !maps.Equal(got, test.want) {
				t.Errorf("renames %v; want %v", got, test.want)
			}
			wantRequests(t, s, test.requests)
			// What is found can be repaired, and is gone then.
			repair, err := RepairRename(f, renames...)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := FindRenames(t.Context(), c, applied(t, repair)); err != nil || again != nil {
				t.Errorf("after the repair: %v, %v; want nothing", again, err)
			}
		})
	}
}

// TestFindRenamesFaults: apps that can't be looked up are all reported, and
// don't hide the one that was renamed.
func TestFindRenamesFaults(t *testing.T) {
	s, c := newHeroku(t)
	s.AddApp(herokutest.App{ID: "aaaaaaaa-0000-4000-8000-000000000001", Name: "their-app"})
	s.Deny("their-app")
	s.Rename("old-name", "new-name")
	f := children(t,
		`heroku_formation {"app":"no-uuid","id":"f1"}`,
		`heroku_addon {"app":"no-addon","id":"`+addonID+`"}`,
		`heroku_app {"id":"their-app","name":"their-app","uuid":"aaaaaaaa-0000-4000-8000-000000000001"}`,
		`heroku_app {"id":"deleted","name":"deleted","uuid":"aaaaaaaa-0000-4000-8000-000000000002"}`,
		`heroku_app {"id":"old-name","name":"old-name","uuid":"`+mainID+`"}`,
	)
	renames, err := FindRenames(t.Context(), c, f)
	if diff := cmp.Diff([]Rename{{ID: mainID, Old: "old-name", New: "new-name", WebURL: webURL(t, s, "new-name")}}, renames); diff != "" {
		t.Errorf("renames (-want +got):\n%s", diff)
	}
	wantRequests(t, s, map[string]int{"GET /apps": 1, "GET /apps/{app}": 2, "GET /addons/{addon}": 1})
	for _, want := range []error{ErrUnknownAppID, ErrAppUnreachable, platform.ErrForbidden, platform.ErrNotFound} {
		if !errors.Is(err, want) {
			t.Errorf("error %v; want it to be %v", err, want)
		}
	}
	for _, want := range []string{
		`app "no-uuid" has no known UUID; it stands at heroku_formation.r0`,
		`app "no-addon" has no known UUID; it stands at heroku_addon.r1`,
		`app "their-app" (aaaaaaaa-0000-4000-8000-000000000001) can't be seen with this account`,
		`app "deleted" (aaaaaaaa-0000-4000-8000-000000000002) is gone: deleted, or out of this account's sight, which the API answers alike`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %q", err, want)
		}
	}
}

func TestFindRenamesWithoutUUIDs(t *testing.T) {
	s, c := newHeroku(t)
	renames, err := FindRenames(t.Context(), c, children(t, `heroku_formation {"app":"old-name","id":"f1"}`))
	unknown, ok := errors.AsType[*RenameError](err)
	if renames != nil || !ok || unknown.Err != ErrUnknownAppID || unknown.Name != "old-name" || unknown.Hint == "" {
		t.Errorf("FindRenames = %v, %v; want nil and ErrUnknownAppID for old-name", renames, err)
	}
	wantRequests(t, s, map[string]int{})

	// An add-on that can't be read just now says nothing about the app.
	s.Inject(herokutest.Fault{Route: "GET /addons/{addon}", Status: 500})
	renames, err = FindRenames(t.Context(), c, children(t, `heroku_addon {"app":"old-name","id":"`+addonID+`"}`))
	if renames != nil || !errors.Is(err, platform.ErrUnavailable) || errors.Is(err, ErrUnknownAppID) {
		t.Errorf("FindRenames = %v, %v; want nil and ErrUnavailable alone", renames, err)
	}
}

func TestFindRenamesFails(t *testing.T) {
	s, _ := newHeroku(t)
	s.Token = "another"
	c, err := platform.New(platform.Options{Token: "token", Transport: s, Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	if renames, err := FindRenames(t.Context(), c, readState(t, "4.9.0")); renames != nil || !errors.Is(err, platform.ErrUnauthorized) {
		t.Errorf("with a wrong token: %v, %v; want nil and ErrUnauthorized", renames, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if renames, err := FindRenames(ctx, c, readState(t, "4.9.0")); renames != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v, %v; want nil and context.Canceled", renames, err)
	}
}

func TestCheckRenames(t *testing.T) {
	rename := Rename{Old: "old-name", New: "new-name"}
	for _, test := range []struct {
		name     string
		state    func(testing.TB) *statefile.File
		rename   Rename
		change   func(*herokutest.Server)
		want     []error // nil: it is right
		says     string
		requests map[string]int
	}{
		{
			name: "right", rename: rename,
			change:   func(s *herokutest.Server) { s.Rename("old-name", "new-name") },
			requests: map[string]int{"GET /apps/{app}": 1},
		},
		{
			name: "right, with its UUID", rename: Rename{ID: strings.ToUpper(mainID), Old: "old-name", New: "new-name"},
			change:   func(s *herokutest.Server) { s.Rename("old-name", "new-name") },
			requests: map[string]int{"GET /apps/{app}": 1},
		},
		{
			name: "done", rename: Rename{Old: "older-name", New: "old-name"},
			change:   func(s *herokutest.Server) {},
			requests: map[string]int{"GET /apps/{app}": 1},
		},
		{
			name: "through an add-on", rename: rename,
			state: func(t testing.TB) *statefile.File {
				return children(t, `heroku_addon {"app":"old-name","id":"`+addonID+`"}`)
			},
			change: func(s *herokutest.Server) {
				s.AddAddon(herokutest.Addon{ID: addonID, App: "old-name", Plan: "heroku-postgresql:essential-0"})
				s.Rename("old-name", "new-name")
			},
			requests: map[string]int{"GET /apps/{app}": 1, "GET /addons/{addon}": 1},
		},
		{
			name: "another app", rename: Rename{Old: "old-name", New: "personal-app"},
			change:   func(s *herokutest.Server) { s.Rename("old-name", "new-name") },
			want:     []error{ErrNotSameApp},
			says:     `rename "old-name" to "personal-app": the state's app is ` + mainID + ` and "personal-app" is ` + personalID + `; the state's app is called "new-name" now`,
			requests: map[string]int{"GET /apps/{app}": 2},
		},
		{
			name: "no such app", rename: Rename{Old: "old-name", New: "nobody"},
			change:   func(s *herokutest.Server) { s.Rename("old-name", "new-name") },
			want:     []error{ErrNoSuchApp, platform.ErrNotFound},
			says:     `rename "old-name" to "nobody": no app "nobody"; the state's app is called "new-name": `,
			requests: map[string]int{"GET /apps/{app}": 2},
		},
		{
			name: "not renamed at all", rename: rename,
			change:   func(s *herokutest.Server) {},
			want:     []error{ErrNoSuchApp},
			says:     `the state's app is called "old-name"`,
			requests: map[string]int{"GET /apps/{app}": 2},
		},
		{
			name: "deleted", rename: rename,
			change:   func(s *herokutest.Server) { s.DeleteApp("old-name") },
			want:     []error{ErrNoSuchApp, ErrAppUnreachable, platform.ErrNotFound},
			says:     `app "old-name" (` + mainID + `) is gone: deleted, or out of this account's sight`,
			requests: map[string]int{"GET /apps/{app}": 2},
		},
		{
			name: "the new name is a stranger's", rename: rename,
			change:   func(s *herokutest.Server) { s.Deny("new-name") },
			want:     []error{ErrAppUnreachable, platform.ErrForbidden},
			says:     `app "new-name" can't be seen with this account`,
			requests: map[string]int{"GET /apps/{app}": 1},
		},
		{
			name: "no UUID", rename: rename,
			state: func(t testing.TB) *statefile.File {
				return children(t, `heroku_formation {"app":"old-name","id":"f1"}`)
			},
			change:   func(s *herokutest.Server) { s.Rename("old-name", "new-name") },
			want:     []error{ErrUnknownAppID},
			says:     `app "old-name" has no known UUID; it stands at heroku_formation.r0`,
			requests: map[string]int{},
		},
		{
			name: "not in the state", rename: Rename{Old: "foo", New: "bar"},
			change:   func(s *herokutest.Server) {},
			want:     []error{ErrAppNotInState},
			says:     `the state has neither; it has "old-name", "personal-app"`,
			requests: map[string]int{},
		},
		{
			name: "another UUID than the state's", rename: Rename{ID: personalID, Old: "old-name", New: "new-name"},
			change:   func(s *herokutest.Server) {},
			want:     []error{ErrAppNotInState},
			says:     `the app "old-name" of the state is ` + mainID,
			requests: map[string]int{},
		},
		{
			name: "no name", rename: Rename{Old: "../teams", New: "new-name"},
			change:   func(s *herokutest.Server) {},
			want:     []error{ErrBadRename},
			says:     `"../teams" is not an app name`,
			requests: map[string]int{},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, c := newHeroku(t)
			test.change(s)
			f := readState(t, "4.9.0")
			if test.state != nil {
				f = test.state(t)
			}
			got, err := checkRenames(t.Context(), c, f, test.rename)
			wantRequests(t, s, test.requests)
			if test.want == nil {
				want := []Rename{{ID: mainID, Old: test.rename.Old, New: test.rename.New, WebURL: webURL(t, s, test.rename.New)}}
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Errorf("error %v, renames (-want +got):\n%s", err, diff)
				}
				return
			}
			if got != nil {
				t.Errorf("renames %v; want nil", got)
			}
			for _, want := range test.want {
				if !errors.Is(err, want) {
					t.Errorf("error %v; want it to be %v", err, want)
				}
			}
			if err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %q lacks %q", err, test.says)
			}
		})
	}
}

// TestCheckRenamesAll: a swap is right, and of several faults none is lost.
func TestCheckRenamesAll(t *testing.T) {
	s, c := newHeroku(t)
	s.Rename(mainID, "in-between")
	s.Rename(personalID, "old-name")
	s.Rename(mainID, "personal-app")
	swap := []Rename{{Old: "old-name", New: "personal-app"}, {Old: "personal-app", New: "old-name"}}
	got, err := checkRenames(t.Context(), c, readState(t, "4.9.0"), swap...)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].ID != mainID || got[1].ID != personalID {
		t.Errorf("renames %+v", got)
	}
	wantRequests(t, s, map[string]int{"GET /apps/{app}": 2})
	_, err = checkRenames(t.Context(), c, readState(t, "4.9.0"), swap[0], Rename{Old: "personal-app", New: "nobody"}, Rename{Old: "foo", New: "bar"})
	if !errors.Is(err, ErrNoSuchApp) || !errors.Is(err, ErrAppNotInState) {
		t.Errorf("error %v; want both faults", err)
	}
}

func TestLookupAppIDs(t *testing.T) {
	s, c := newHeroku(t)
	s.AddAddon(herokutest.Addon{ID: addonID, App: "old-name", Plan: "heroku-postgresql:essential-0"})
	web := s.Scale("personal-app", "web", 1, "basic")
	s.Rename("old-name", "new-name")
	s.AddApp(herokutest.App{Name: "old-name"})
	f := children(t,
		`heroku_formation {"app":"old-name","id":"f1"}`,
		`heroku_addon {"app":"old-name","id":"`+addonID+`"}`,
		`heroku_domain {"app":"former","id":"d0000000-0000-4000-8000-000000000009"}`, // gone meanwhile
		`heroku_formation {"app":"former","id":"`+web.ID+`"}`,
		`heroku_app {"id":"known","name":"known","uuid":"aaaaaaaa-0000-4000-8000-000000000001"}`,
		`heroku_formation {"app":"known","id":"f3"}`,
		`heroku_formation {"app":"nobody","id":"f0000000-0000-4000-8000-000000000009"}`,
	)
	rename := Rename{Old: "former", New: "personal-app"}
	got, err := LookupAppIDs(t.Context(), c, f, UpgradeOptions{Renames: []Rename{rename}})
	if diff := cmp.Diff(map[string]string{"old-name": mainID, "former": personalID}, got); diff != "" {
		t.Errorf("UUIDs (-want +got):\n%s", diff)
	}
	unreachable := renameError(err, ErrAppUnreachable)
	if unreachable == nil || unreachable.Name != "nobody" || !errors.Is(err, platform.ErrNotFound) || unreachable.Hint == "" {
		t.Errorf("error %v; want ErrAppUnreachable for nobody", err)
	}
	wantRequests(t, s, map[string]int{
		"GET /apps/{app}": 2, "GET /addons/{addon}": 1,
		"GET /apps/{app}/domains/{id}": 1, "GET /apps/{app}/formation/{id}": 1,
	})

	got["nobody"] = "aaaaaaaa-0000-4000-8000-000000000002"
	r, err := UpgradeAppIDs(f, UpgradeOptions{Renames: []Rename{rename}, AppIDs: got})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for inst := range applied(t, r).Instances() {
		if v, ok := inst.Attr("app_id"); ok {
			ids = append(ids, v.Text())
		}
	}
	want := []string{mainID, mainID, personalID, personalID, "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"}
	if !slices.Equal(ids, want) {
		t.Errorf("app_id %v; want %v", ids, want)
	}

	s.ResetRequests()
	if got, err := LookupAppIDs(t.Context(), c, readState(t, "4.9.0"), UpgradeOptions{}); err != nil || len(got) != 0 || got == nil {
		t.Errorf("nothing to look up: %v, %v; want an empty map", got, err)
	}
	wantRequests(t, s, map[string]int{})
}

// Whoever has the name now is adopted by no verb, unless something of the
// state's proves that it is the same app.
func TestStrangerWithTheName(t *testing.T) {
	s, c := newHeroku(t)
	web := s.Scale("old-name", "web", 1, "basic")
	s.SetFeature("old-name", "runtime-dyno-metadata", true)
	formation := `heroku_formation {"app":"old-name","id":"` + web.ID + `"}`
	association := `heroku_app_config_association {"app_id":"old-name","id":"config:old-name"}`

	// The app itself.
	f := children(t, association, formation)
	if renames, err := FindRenames(t.Context(), c, f); err != nil || renames != nil {
		t.Errorf("FindRenames = %v, %v; want no rename", renames, err)
	}
	if ids, err := LookupAppIDs(t.Context(), c, f, UpgradeOptions{}); err != nil || ids["old-name"] != mainID {
		t.Errorf("LookupAppIDs = %v, %v; want %s", ids, err, mainID)
	}

	// The app after a rename that was given.
	s.Rename("old-name", "new-name")
	s.AddApp(herokutest.App{Name: "old-name"})
	given := Rename{Old: "old-name", New: "new-name"}
	checked, err := checkRenames(t.Context(), c, f, given)
	if err != nil || checked[0].ID != mainID {
		t.Errorf("checkRenames = %v, %v; want %s", checked, err, mainID)
	}
	if ids, err := LookupAppIDs(t.Context(), c, f, UpgradeOptions{Renames: []Rename{given}}); err != nil || ids["old-name"] != mainID {
		t.Errorf("LookupAppIDs = %v, %v; want %s", ids, err, mainID)
	}

	// A UUID that comes with the rename is proof as well, and has to be right.
	bare := children(t, association)
	if checked, err := checkRenames(t.Context(), c, bare, Rename{ID: strings.ToUpper(mainID), Old: "old-name", New: "new-name"}); err != nil || checked[0].ID != mainID {
		t.Errorf("checkRenames with a UUID = %v, %v; want %s", checked, err, mainID)
	}
	if _, err := checkRenames(t.Context(), c, bare, Rename{ID: mainID, Old: "old-name", New: "personal-app"}); !errors.Is(err, ErrNotSameApp) {
		t.Errorf("checkRenames with the UUID of another app: %v; want ErrNotSameApp", err)
	}

	// The same for LookupAppIDs.
	for _, tt := range []struct {
		name string
		f    *statefile.File
		id   string
		want error
	}{
		{"nothing contradicts it", bare, mainID, nil},
		{"nothing contradicts the wrong one", bare, personalID, nil},
		{"proven", f, strings.ToUpper(mainID), nil},
		{"another app's, and the state proves it", f, personalID, ErrUnknownAppID},
		{"no app's", bare, "aaaaaaaa-0000-4000-8000-000000000009", ErrAppUnreachable},
	} {
		ids, err := LookupAppIDs(t.Context(), c, tt.f, UpgradeOptions{AppIDs: map[string]string{"old-name": tt.id}})
		switch {
		case tt.want == nil && (err != nil || ids["old-name"] != strings.ToLower(tt.id)):
			t.Errorf("LookupAppIDs, %s: %v, %v; want %s", tt.name, ids, err, tt.id)
		case tt.want != nil && (!errors.Is(err, tt.want) || len(ids) > 0):
			t.Errorf("LookupAppIDs, %s: %v, %v; want none and %v", tt.name, ids, err, tt.want)
		}
	}
	if _, err := LookupAppIDs(t.Context(), c, bare, UpgradeOptions{AppIDs: map[string]string{"old-name": "new-name"}}); err == nil {
		t.Error("LookupAppIDs took a name for a UUID")
	}

	// A stranger.
	stranger := Rename{Old: "old-name", New: "personal-app"}
	for _, f := range []*statefile.File{f, bare} {
		unknown := func(what string, err error) {
			if e := renameError(err, ErrUnknownAppID); e == nil || e.Name != "old-name" || e.Hint == "" {
				t.Errorf("%s: %v; want ErrUnknownAppID for old-name", what, err)
			}
		}
		_, err := FindRenames(t.Context(), c, f)
		unknown("FindRenames", err)
		_, err = checkRenames(t.Context(), c, f, stranger)
		unknown("checkRenames", err)
		for _, renames := range [][]Rename{nil, {stranger}} {
			ids, err := LookupAppIDs(t.Context(), c, f, UpgradeOptions{Renames: renames})
			unknown("LookupAppIDs", err)
			if len(ids) > 0 {
				t.Errorf("LookupAppIDs adopted %v", ids)
			}
		}
	}
}

// An add-on in the state outweighs a UUID that is given.
func TestLookupAppIDsContradicted(t *testing.T) {
	s, c := newHeroku(t)
	s.AddAddon(herokutest.Addon{ID: addonID, App: "old-name", Plan: "heroku-postgresql:essential-0"})
	f := children(t, `heroku_addon {"app":"old-name","id":"`+addonID+`"}`)
	ids, err := LookupAppIDs(t.Context(), c, f, UpgradeOptions{AppIDs: map[string]string{"old-name": personalID}})
	if e := renameError(err, ErrAmbiguousApp); e == nil || e.Name != "old-name" || len(e.IDs) != 2 || len(ids) > 0 {
		t.Errorf("LookupAppIDs = %v, %v; want none and ErrAmbiguousApp for old-name", ids, err)
	}
}

// renameError returns the first of the errors joined in err that has the
// condition; nil if none has.
func renameError(err, condition error) *RenameError {
	if e, ok := err.(*RenameError); ok && e.Err == condition {
		return e
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			if e := renameError(err, condition); e != nil {
				return e
			}
		}
	}
	return nil
}

// checkRenames checks renames that were given, as SurveyNames does.
func checkRenames(ctx context.Context, c *platform.Client, f *statefile.File, renames ...Rename) ([]Rename, error) {
	if err := needBoth("check renames", c, f); err != nil {
		return nil, err
	}
	checked, err := checkAll(ctx, c, indexApps(f), renames)
	if err != nil {
		return nil, err
	}
	all := make([]Rename, len(checked))
	for i := range checked {
		all[i] = checked[i].Rename
	}
	return all, nil
}
