package herokutf

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/statefile"
)

// TestRenamesFit: which renames can't be meant, by themselves and beside those before.
func TestRenamesFit(t *testing.T) {
	const form = " is not an app name: 3 to 30 of a-z, 0-9 and -, beginning with a letter and not ending with -"
	before := []Rename{{Old: "shop", New: "store"}, {ID: webID, Old: "web", New: "site", WebURL: "https://site.test/"}}
	for _, tt := range []struct {
		r     Rename
		added bool
		says  string
	}{
		{Rename{Old: "No", New: "x-y"}, false, `"No"` + form},
		{Rename{Old: "x-y", New: "y-"}, false, `"y-"` + form},
		{Rename{Old: "x-y", New: "x-y"}, false, "both names are the same"},
		{Rename{ID: "x", Old: "x-y", New: "y-z"}, false, `"x" is not a UUID`},
		{Rename{Old: "x-y", New: "y-z", WebURL: "y-z.test"}, false, `"y-z.test" is not a web address`},
		{Rename{Old: "x-y", New: "y-z", WebURL: "ftp://y-z.test"}, false, `"ftp://y-z.test" is not a web address`},
		{Rename{Old: "x-y", New: "y-z", WebURL: "https:///x"}, false, `"https:///x" is not a web address`},
		{Rename{Old: "x-y", New: "y-z", WebURL: "https://x:y"}, false, `"https://x:y" is not a web address`},
		{Rename{Old: "x-y", New: "y-z", WebURL: "https://x/\xff"}, false, `"https://x/\xff" is not a web address`},
		{Rename{Old: "x-y", New: "y-z", WebURL: "http://y-z.test"}, true, ""},
		{Rename{ID: strings.ToUpper(shopID), Old: "x-y", New: "y-z", WebURL: "https://y-z.test/"}, true, ""},

		{Rename{Old: "shop", New: "store"}, false, ""},
		{Rename{ID: shopID, Old: "shop", New: "store"}, false, "given twice, with different UUIDs or addresses"},
		{Rename{Old: "shop", New: "store", WebURL: "https://store.test/"}, false, "given twice, with different UUIDs or addresses"},
		{Rename{Old: "shop", New: "other"}, false, `renamed to "store" as well`},
		{Rename{ID: shopID, Old: "shop", New: "other"}, false, `renamed to "store" as well`},
		{Rename{ID: strings.ToUpper(webID), Old: "web", New: "other"}, false, `renamed to "site" as well`},
		{Rename{Old: "web", New: "other"}, false, `renamed to "site" as well`},
		{Rename{ID: shopID, Old: "web", New: "other"}, true, ""},
		{Rename{Old: "other", New: "store"}, false, `"shop" is renamed to the same name`},
		{Rename{ID: shopID, Old: "other", New: "store"}, false, `"shop" is renamed to the same name`},
		{Rename{ID: shopID, Old: "other", New: "site"}, false, `"web" is renamed to the same name`},
		{Rename{Old: "other", New: "site"}, false, `"web" is renamed to the same name`},
		{Rename{ID: strings.ToUpper(webID), Old: "other", New: "site"}, true, ""},
		{Rename{Old: "store", New: "shop"}, true, ""},
	} {
		tasks := newRenameTasks()
		for _, r := range before {
			if added, err := tasks.add(r); !added || err != nil {
				t.Fatal(r, err)
			}
		}
		added, err := tasks.add(tt.r)
		want := fmt.Sprintf("rename %q to %q: %s", tt.r.Old, tt.r.New, tt.says)
		if added != tt.added || (err != nil) != (tt.says != "") || err != nil && err.Error() != strings.ReplaceAll(want, "\xff", `\xff`) && err.Error() != want {
			t.Errorf("%+v: %t, %v", tt.r, added, err)
		}
		if n := 2; added && (len(tasks.all) != n+1 || tasks.all[n].Rename != tt.r || tasks.all[n].id != strings.ToLower(tt.r.ID) || tasks.byNew[tt.r.New] != tasks.all[n] || !slices.Contains(tasks.byOld[tt.r.Old], tasks.all[n])) || !added && len(tasks.all) != n {
			t.Errorf("%+v: tasks %v", tt.r, tasks.all)
		}
	}
}

// TestRenameOfApp: which rename an app is subject to: by its name, by its UUID, or by the
// name that it has got.
func TestRenameOfApp(t *testing.T) {
	tasks := newRenameTasks()
	for _, r := range []Rename{{ID: shopID, Old: "shop", New: "store"}, {Old: "web", New: "site"}, {Old: "done", New: "made"}} {
		if _, err := tasks.add(r); err != nil {
			t.Fatal(err)
		}
	}
	tasks.all[2].done = true
	for name, tt := range map[string]struct {
		app       appRef
		ofApp, of int // in tasks; -1 for none
	}{
		"old name":             {appRef{names: []string{"shop"}}, 0, 0},
		"old name, its UUID":   {appRef{names: []string{"shop"}, id: shopID}, 0, 0},
		"old name, another's":  {appRef{names: []string{"shop"}, id: webID}, -1, -1},
		"by UUID alone":        {appRef{names: []string{"other"}, id: shopID}, 0, -1},
		"any UUID":             {appRef{names: []string{"web"}, id: webID}, 1, 1},
		"new name":             {appRef{names: []string{"store"}}, 0, -1},
		"new name, another's":  {appRef{names: []string{"store"}, id: webID}, -1, -1},
		"done":                 {appRef{names: []string{"done"}}, -1, -1},
		"made":                 {appRef{names: []string{"made"}}, 2, -1},
		"the name that it has": {appRef{names: []string{"site", "shop"}}, 0, -1},
		"nothing":              {appRef{}, -1, -1},
	} {
		index := func(task *renameTask) int { return slices.Index(tasks.all, task) }
		if got := index(tasks.ofApp(&tt.app)); got != tt.ofApp {
			t.Errorf("%s: of the app %d, want %d", name, got, tt.ofApp)
		}
		if first := slices.Concat(tt.app.names, []string{""})[0]; index(tasks.of(&tt.app, first)) != tt.of {
			t.Errorf("%s: of the name %d, want %d", name, index(tasks.of(&tt.app, first)), tt.of)
		}
	}
}

// TestResolveRenames: what the UUIDs and the places of both names say about a rename:
// that it is to be made, that it is done, or why it can't be.
func TestResolveRenames(t *testing.T) {
	coupling := func(name, id string) string {
		return `heroku_pipeline_coupling {"id":"c","app":"` + name + `","app_id":"` + id + `"}`
	}
	app := func(name, id string) string {
		return `heroku_app {"id":"` + name + `","name":"` + name + `","uuid":"` + id + `"}`
	}
	bare := func(name string) string { return `heroku_app {"id":"` + name + `","name":"` + name + `"}` }
	formation := func(name string) string { return `heroku_formation {"id":"f","app":"` + name + `"}` }
	data := func(name string) string { return `data.heroku_app {"id":"1","name":"` + name + `"}` }
	shop := Rename{Old: "shop", New: "store"}
	withID := Rename{ID: strings.ToUpper(shopID), Old: "shop", New: "store"}
	upper := withID.ID
	both := " and "
	merge := func(old, new string) string {
		return `rename "shop" to "store": the state holds both as different apps, at ` + old + " and at " + new
	}
	for name, tt := range map[string]struct {
		state   []string
		renames []Rename
		changed []string // addresses
		done    int
		says    string
	}{
		"one":                       {state: []string{bare("shop"), formation("shop")}, renames: []Rename{shop}, changed: []string{"heroku_app.r0", "heroku_app.r0", "heroku_formation.r1"}},
		"two apps":                  {state: []string{coupling("shop", shopID), coupling("shop", webID)}, renames: []Rename{shop}, says: `app "shop" is ambiguous: ` + shopID + both + webID},
		"two apps, and who knows":   {state: []string{coupling("shop", shopID), coupling("shop", webID), formation("shop")}, renames: []Rename{shop}, says: `app "shop" is ambiguous: ` + shopID + both + webID + "; nothing says which is meant at heroku_formation.r2"},
		"one of two":                {state: []string{coupling("shop", shopID), coupling("shop", webID)}, renames: []Rename{withID}, changed: []string{"heroku_pipeline_coupling.r0"}},
		"one of two, and who knows": {state: []string{coupling("shop", shopID), coupling("shop", webID), formation("shop")}, renames: []Rename{withID}, says: `app "shop" is ambiguous: ` + shopID + both + webID + "; nothing says which is meant at heroku_formation.r2"},
		"taken, and done":           {state: []string{coupling("shop", webID), coupling("store", shopID)}, renames: []Rename{withID}, done: 1},
		"another app":               {state: []string{coupling("shop", webID)}, renames: []Rename{withID}, says: `rename "shop" to "store": the app "shop" of the state is ` + webID + ", not " + upper},
		"another app, new is known": {state: []string{coupling("shop", webID), formation("store")}, renames: []Rename{withID}, says: `rename "shop" to "store": the app "shop" of the state is ` + webID + ", not " + upper},
		"done":                      {state: []string{formation("store")}, renames: []Rename{shop}, done: 1},
		"done, by its UUID":         {state: []string{coupling("store", shopID)}, renames: []Rename{withID}, done: 1},
		"done, one of two":          {state: []string{coupling("store", webID), coupling("store", shopID)}, renames: []Rename{withID}, done: 1},
		"done, who knows":           {state: []string{coupling("store", webID)}, renames: []Rename{shop}, done: 1},
		"neither":                   {state: []string{formation("other")}, renames: []Rename{shop, {Old: "web", New: "site"}}, says: `rename "shop" to "store": the state has neither; it has "other"` + "\n" + `rename "web" to "site": the state has neither; it has "other"`},
		"two UUIDs":                 {state: []string{app("shop", shopID), app("store", webID)}, renames: []Rename{shop}, says: merge("heroku_app.r0", "heroku_app.r1")},
		"two UUIDs, children":       {state: []string{app("shop", shopID), formation("shop"), coupling("store", webID)}, renames: []Rename{withID}, says: merge("heroku_app.r0, heroku_formation.r1", "heroku_pipeline_coupling.r2")},
		"no UUID, the rename's":     {state: []string{formation("shop"), coupling("store", webID)}, renames: []Rename{withID}, says: merge("heroku_formation.r0", "heroku_pipeline_coupling.r1")},
		"no UUIDs":                  {state: []string{bare("shop"), bare("store")}, renames: []Rename{shop}, says: merge("heroku_app.r0", "heroku_app.r1")},
		"no UUIDs, no app":          {state: []string{bare("shop"), formation("store")}, renames: []Rename{shop}, changed: []string{"heroku_app.r0", "heroku_app.r0"}},
		"no UUIDs, new alone":       {state: []string{formation("shop"), bare("store")}, renames: []Rename{shop}, changed: []string{"heroku_formation.r0"}},
		"half done":                 {state: []string{`heroku_app {"id":"shop","name":"store"}`}, renames: []Rename{shop}, changed: []string{"heroku_app.r0"}},
		"the same UUID":             {state: []string{app("shop", shopID), coupling("store", shopID)}, renames: []Rename{shop}, changed: []string{"heroku_app.r0", "heroku_app.r0"}},
		"the same, managed twice":   {state: []string{coupling("shop", shopID), bare("shop"), app("store", shopID)}, renames: []Rename{shop}, says: merge("heroku_app.r1", "heroku_app.r2")},
		"the same, read as well":    {state: []string{coupling("shop", shopID), data("shop"), app("store", shopID)}, renames: []Rename{shop}, changed: []string{"heroku_pipeline_coupling.r0", "data.heroku_app.r1"}},
		"the same, with its UUID":   {state: []string{app("shop", shopID), app("store", shopID)}, renames: []Rename{shop}, changed: []string{"heroku_app.r0", "heroku_app.r0"}},
		"the same, and new is read": {state: []string{coupling("shop", shopID), bare("shop"), coupling("store", shopID), data("store")}, renames: []Rename{shop}, changed: []string{"heroku_pipeline_coupling.r0", "heroku_app.r1", "heroku_app.r1"}},
		"a chain":                   {state: []string{bare("shop"), bare("store")}, renames: []Rename{shop, {Old: "store", New: "last"}}, changed: []string{"heroku_app.r0", "heroku_app.r0", "heroku_app.r1", "heroku_app.r1"}},
		"a chain, the end is done":  {state: []string{app("shop", shopID), app("store", webID), app("last", mainID)}, renames: []Rename{shop, {ID: mainID, Old: "store", New: "last"}}, says: merge("heroku_app.r0", "heroku_app.r1")},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := RepairRename(withData(t, tt.state...), tt.renames...)
			if err != nil || tt.says != "" {
				if err == nil || err.Error() != tt.says || r != nil {
					t.Errorf("got  %v\nwant %s", err, tt.says)
				}
				return
			}
			var got []string
			for _, c := range r.Changes {
				got = append(got, c.Address)
			}
			if diff := cmp.Diff(tt.changed, got); diff != "" || len(r.Done) != tt.done {
				t.Errorf("%d done, changes (-want +got):\n%s", len(r.Done), diff)
			}
		})
	}
}

// TestRefusedOnce: a rename is refused for one reason, and others for theirs.
func TestRefusedOnce(t *testing.T) {
	f := withData(t, `heroku_pipeline_coupling {"id":"c","app":"store","app_id":"`+webID+`"}`, `heroku_app {"id":"alpha","name":"alpha"}`, `heroku_app {"id":"beta","name":"beta"}`)
	r, err := RepairRename(f, Rename{ID: shopID, Old: "shop", New: "store"}, Rename{Old: "alpha", New: "beta"})
	const want = `rename "shop" to "store": the app "store" of the state is ` + webID + ", not " + shopID + "\n" +
		`rename "alpha" to "beta": the state holds both as different apps, at heroku_app.r1 and at heroku_app.r2`
	if r != nil || err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestRepairHas: what a repair says besides its changes.
func TestRepairHas(t *testing.T) {
	f := versioned(t, `heroku_app 1 {"id":"`+shopID+`","name":"shop","uuid":"`+shopID+`","web_url":"https://shop.herokuapp.com/"}`, `heroku_app 1 {"id":"`+webID+`","name":"site","uuid":"`+webID+`"}`)
	renames := []Rename{{ID: webID, Old: "web", New: "site"}, {ID: shopID, Old: "shop", New: "store"}, {ID: webID, Old: "web", New: "site"}}
	r, err := RepairRename(f, renames...)
	if err != nil {
		t.Fatal(err)
	}
	want := Repair{File: f, Renames: renames[:2], Done: renames[:1], Changes: []Change{{"heroku_app.r0", statefile.Path{"name"}, "shop", "store"}},
		Left: []Leftover{{"heroku_app.r0", statefile.Path{"web_url"}, addressLeft}}}
	if diff := cmp.Diff(want, *r); diff != "" || r.Legacy {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
