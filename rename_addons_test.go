package herokutf

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

const (
	shopID, webID      = "55550000-0000-4000-8000-000000000001", "55550000-0000-4000-8000-000000000002"
	shopAddon          = "0add0000-0000-4000-8000-00000000000a"
	webAddon           = "0add0000-0000-4000-8000-00000000000b"
	attachedAs         = "0a770000-0000-4000-8000-000000000001"
	postgres           = "heroku-postgresql:essential-0"
	addonByName        = `"id":"db","name":"db","provider_id":"p","plan":"` + postgres + `"`
	addonNotFoundWords = `the add-on is known by its name, "db", and its UUID couldn't be found: Heroku shows none with its provider_id, app and plan. ` +
		"If it was renamed, Terraform takes it for deleted and creates another one"
)

// TestRepairAddons: the UUID takes the place of exactly the add-on's name, wherever an
// add-on is referred to, and what is changed is no mention.
func TestRepairAddons(t *testing.T) {
	f := parseState(t, "addons", `{"version":4,"serial":1,"lineage":"l","outputs":{},"resources":[
		{"mode":"managed","type":"heroku_app","name":"a","provider":"provider.heroku","instances":[{"schema_version":0,"attributes":{"id":"shop-db","name":"shop-db","uuid":"`+shopID+`"}}]},
		{"mode":"managed","type":"heroku_addon","name":"a","provider":"provider.heroku","instances":[
			{"index_key":0,"schema_version":0,"attributes":{"app":"shop-db","id":"shop-db","name":"shop-db"}},
			{"index_key":1,"schema_version":0,"attributes":{"app_id":"`+shopID+`","id":null}},
			{"index_key":2,"schema_version":0,"attributes":{"app_id":"`+shopID+`","id":123}},
			{"index_key":3,"schema_version":0,"attributes":{"app_id":"`+shopID+`","id":"other"}},
			{"index_key":4,"schema_version":0,"attributes":{"app_id":"`+shopID+`"}}]},
		{"mode":"managed","type":"heroku_addon_attachment","name":"x","provider":"provider.heroku","instances":[
			{"schema_version":0,"attributes":{"addon_id":"shop-db","app_id":"shop-db","id":"`+attachedAs+`"}}]},
		{"mode":"managed","type":"heroku_addon","name":"foreign","provider":"provider.acme","instances":[{"schema_version":0,"attributes":{"id":"shop-db"}}]}]}`)
	ids := map[string]string{"shop-db": shopAddon, "null": webAddon, "123": webAddon, "gone": webAddon}
	addon := func(address, attr string) Change {
		return Change{address, statefile.Path{attr}, "shop-db", shopAddon}
	}
	r, err := RepairNames(f, UpgradeOptions{AddonIDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Change{addon("heroku_addon.a[0]", "id"), addon("heroku_addon_attachment.x", "addon_id")}, r.Changes); diff != "" || r.Mentions != nil {
		t.Errorf("mentions %v, changes (-want +got):\n%s", r.Mentions, diff)
	}
	app := func(address, attr string) Change {
		return Change{address, statefile.Path{attr}, "shop-db", "store"}
	}
	r, err = RepairNames(f, UpgradeOptions{AddonIDs: ids, Renames: []Rename{{Old: "shop-db", New: "store"}}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Change{
		app("heroku_app.a", "id"), app("heroku_app.a", "name"), app("heroku_addon.a[0]", "app"), addon("heroku_addon.a[0]", "id"),
		addon("heroku_addon_attachment.x", "addon_id"), app("heroku_addon_attachment.x", "app_id"),
	}, r.Changes); diff != "" {
		t.Errorf("with a rename, changes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Leftover{{Address: "heroku_addon.a[0]", Path: statefile.Path{"name"}}, {Address: "heroku_addon.foreign", Path: statefile.Path{"id"}}}, r.Mentions); diff != "" {
		t.Errorf("with a rename, mentions (-want +got):\n%s", diff)
	}
	bad := UpgradeOptions{AddonIDs: map[string]string{"b": "no", "a": "none", "c": shopAddon}}
	const says = "UUID of add-on \"a\": \"none\" is not one\nUUID of add-on \"b\": \"no\" is not one"
	_, namesErr := RepairNames(f, bad)
	_, upgradeErr := UpgradeAppIDs(f, bad)
	for _, err := range []error{namesErr, upgradeErr} {
		if err == nil || err.Error() != says {
			t.Errorf("got %v, want %s", err, says)
		}
	}
}

// TestFindAddons: which add-on a name stands for, what an account that doesn't see
// everything makes of it, and what ends the search.
func TestFindAddons(t *testing.T) {
	const app = `heroku_app {"id":"shop","name":"shop","uuid":"` + shopID + `"}`
	attachment := `heroku_addon_attachment {"app_id":"shop","addon_id":"db","id":"` + attachedAs + `"}`
	one := map[string]string{"db": shopAddon}
	none := []Note{{"heroku_addon.r1", addonNotFoundWords}}
	twins := Note{"heroku_addon_attachment.r2", `the add-on is known by its name, "db", which may be any of ` + shopAddon + ", " + webAddon + "; it stays as it is"}
	for name, tt := range map[string]struct {
		state  []string
		opts   UpgradeOptions
		fault  herokutest.Fault
		ids    map[string]string
		notes  []Note
		err    error
		routes map[string]int // of add-ons
	}{
		"by its app's UUID":    {state: []string{app, `heroku_addon {"app_id":"` + shopID + `",` + addonByName + `}`}, ids: one},
		"in capitals":          {state: []string{app, `heroku_addon {"app_id":"` + strings.ToUpper(shopID) + `",` + addonByName + `}`}, ids: one},
		"by its app's name":    {state: []string{app, `heroku_addon {"app":"shop",` + addonByName + `}`}, ids: one},
		"attached":             {state: []string{app, attachment}, ids: one, routes: map[string]int{"GET /addon-attachments/{id}": 1}},
		"attached, without id": {state: []string{app, `heroku_addon_attachment {"app_id":"shop","addon_id":"db","id":"DB"}`}, notes: []Note{{"heroku_addon_attachment.r1", addonNotFoundWords}}},
		"two that agree":       {state: []string{app, `heroku_addon {"app":"shop",` + addonByName + `}`, attachment}, ids: one, routes: map[string]int{"GET /addon-attachments/{id}": 1}},
		"two that don't": {state: []string{app, `heroku_addon {"app_id":"` + webID + `",` + addonByName + `}`, attachment}, routes: map[string]int{"GET /addon-attachments/{id}": 1},
			notes: []Note{{"heroku_addon.r1", twins.Text}, twins}},
		"no names":    {state: []string{app, `heroku_addon {"app":"shop","id":"` + shopAddon + `"}`, `heroku_addon {"app":"shop","id":null}`, `heroku_addon {"app":"shop","id":""}`, `heroku_addon {"app":"shop"}`}},
		"other maker": {state: []string{app, `heroku_addon {"app":"shop","id":"db","provider_id":"q","plan":"` + postgres + `"}`}, notes: none},
		"other plan":  {state: []string{app, `heroku_addon {"app":"shop","id":"db","provider_id":"p","plan":"heroku-redis:mini"}`}, notes: none},
		"list out of sight": {state: []string{app, `heroku_addon {"app":"shop",` + addonByName + `}`}, notes: none,
			fault: herokutest.Fault{Route: "GET /addons", Status: 403}},
		"list fails": {state: []string{app, `heroku_addon {"app":"shop",` + addonByName + `}`}, err: platform.ErrUnavailable,
			fault: herokutest.Fault{Route: "GET /addons", Status: 500}},
		"attachment gone": {state: []string{app, attachment}, notes: []Note{{"heroku_addon_attachment.r1", addonNotFoundWords}}, routes: map[string]int{"GET /addon-attachments/{id}": 1},
			fault: herokutest.Fault{Route: "GET /addon-attachments/{id}", Status: 404}},
		"attachment fails": {state: []string{app, attachment}, err: platform.ErrUnavailable, fault: herokutest.Fault{Route: "GET /addon-attachments/{id}", Status: 500}},
		"attachment of nothing": {state: []string{app, attachment}, notes: []Note{{"heroku_addon_attachment.r1", addonNotFoundWords}}, routes: map[string]int{"GET /addon-attachments/{id}": 1},
			fault: herokutest.Fault{Route: "GET /addon-attachments/{id}", Status: 200, Body: `{"addon":{"id":"x"}}`}},
		"of a renamed app": {state: []string{`heroku_addon {"app":"old-shop",` + addonByName + `}`, `heroku_formation {"app":"old-web","id":"f"}`}, ids: one,
			opts: UpgradeOptions{Renames: []Rename{{ID: shopID, Old: "old-shop", New: "shop"}, {ID: webID, Old: "old-web", New: "web"}}}},
		"of an app that has its new name": {state: []string{`heroku_addon {"app":"shop",` + addonByName + `}`, `heroku_formation {"app":"web","id":"f"}`}, ids: one,
			opts: UpgradeOptions{Renames: []Rename{{ID: shopID, Old: "old-shop", New: "shop"}, {ID: webID, Old: "old-web", New: "web"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := herokutest.New(herokutest.Options{})
			s.AddApp(herokutest.App{ID: shopID, Name: "shop"})
			s.AddApp(herokutest.App{ID: webID, Name: "web"})
			s.AddAddon(herokutest.Addon{ID: shopAddon, App: "shop", Name: "renamed", Plan: postgres, ProviderID: "p",
				Attachments: []herokutest.Attachment{{ID: attachedAs, App: "shop", Name: "DB"}}})
			s.AddAddon(herokutest.Addon{ID: webAddon, App: "web", Name: "other", Plan: postgres, ProviderID: "p"})
			if tt.fault.Route != "" {
				s.Inject(tt.fault)
			}
			found, err := SurveyNames(t.Context(), clientOf(t, s), children(t, tt.state...), tt.opts)
			if tt.err != nil {
				if !errors.Is(err, tt.err) || found != nil {
					t.Errorf("got %v, %v, want %v", found, err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.ids, found.AddonIDs); diff != "" {
				t.Errorf("UUIDs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.notes, found.Notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			want := map[string]int{"GET /addons": 1}
			if tt.ids == nil && tt.notes == nil {
				want["GET /addons"] = 0
			}
			for _, route := range []string{"GET /addons", "GET /addon-attachments/{id}"} {
				if n := want[route] + tt.routes[route]; s.Requests()[route] != n {
					t.Errorf("%s: %d requests, want %d", route, s.Requests()[route], n)
				}
			}
		})
	}
}

// TestSurveyGiven: UUIDs that are given are of names that the state has, or that a
// rename is about, and of no other app.
func TestSurveyGiven(t *testing.T) {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{ID: shopID, Name: "shop"})
	s.AddApp(herokutest.App{ID: webID, Name: "web"})
	rename := []Rename{{ID: shopID, Old: "old-shop", New: "shop"}}
	old := children(t, `heroku_app {"id":"old-shop","name":"old-shop","uuid":"`+shopID+`"}`)
	for name, tt := range map[string]struct {
		f       *statefile.File
		renames []Rename
		given   map[string]string
		says    string
	}{
		"the state's":        {old, rename, map[string]string{"old-shop": strings.ToUpper(shopID)}, ""},
		"the new name":       {old, rename, map[string]string{"shop": shopID}, ""},
		"not in the state":   {old, rename, map[string]string{"zebra": shopID, "yak": shopID}, "the state has no app \"yak\"\nthe state has no app \"zebra\""},
		"no UUID":            {old, rename, map[string]string{"old-shop": "shop"}, `UUID of app "old-shop": "shop" is not one`},
		"another app's":      {old, nil, map[string]string{"old-shop": webID}, fmt.Sprintf(`app "old-shop" is ambiguous: %s and %s; nothing says which is meant at heroku_app.r0`, shopID, webID)},
		"the old name, both": {old, rename, map[string]string{"old-shop": webID}, ""},
	} {
		found, err := SurveyNames(t.Context(), clientOf(t, s), tt.f, UpgradeOptions{Renames: tt.renames, AppIDs: tt.given})
		if tt.says == "" && (err != nil || len(found.Renames) != 1 || found.Renames[0].ID != shopID) || tt.says != "" && (err == nil || err.Error() != tt.says || found != nil) {
			t.Errorf("%s: got %v, %v, want %s", name, found, err, tt.says)
		}
	}
}
