package herokutf

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/internal/stategen"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// readCase reads a state of testdata/cases.
func readCase(t testing.TB, path string) *statefile.File {
	t.Helper()
	f, err := statefile.ReadFile(filepath.Join("testdata", "cases", path))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func clientOf(t testing.TB, s *herokutest.Server) *platform.Client {
	t.Helper()
	c, err := platform.New(platform.Options{Token: "token", Transport: s, Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// seeded returns the fake Heroku of a case.
func seeded(t testing.TB, path string) (*herokutest.Server, *platform.Client) {
	t.Helper()
	s := herokutest.New(herokutest.Options{})
	seed, err := os.Open(filepath.Join("testdata", "cases", path, "heroku.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer seed.Close()
	if err := s.Load(seed); err != nil {
		t.Fatal(err)
	}
	return s, clientOf(t, s)
}

// TestSurveyAddons: an add-on that the state knows by name is found by what stays
// of it, whatever it is called now, and its UUID takes the name's place.
func TestSurveyAddons(t *testing.T) {
	const name, uuid, other = "postgresql-elliptical-83771", "0f000000-0000-4000-8000-000000000009", "0f000000-0000-4000-8000-0000000000aa"
	addon, attachment := []string{"heroku_addon.db id"}, []string{"heroku_addon.db id", "heroku_addon_attachment.x addon_id"}
	without := func(typ string) func(string) string {
		return func(text string) string {
			return strings.Replace(text, `"type": "`+typ+`"`, `"type": "null_resource"`, 1)
		}
	}
	for _, tt := range []struct {
		name, in string
		change   func(*herokutest.Server)
		state    func(string) string
		places   []string
		notes    string // part of each
	}{
		{name: "renamed", in: "addon-id-is-a-name", places: addon},
		{name: "attached", in: "addon-id-is-a-name/attachment", places: attachment},
		{name: "attachment alone", in: "addon-id-is-a-name/attachment", state: without("heroku_addon"), places: attachment[1:]},
		{name: "app by name", in: "addon-id-is-a-name", places: addon, state: func(text string) string {
			return strings.Replace(text, `"app_id": "01234567-89ab-4def-8123-456789abcdef"`, `"app": "shop"`, 1)
		}},
		{name: "app renamed, too", in: "addon-id-is-a-name", places: append(slices.Clone(addon), "heroku_app.main name"),
			change: func(s *herokutest.Server) { s.Rename("shop", "boutique") }},
		{name: "another plan", in: "addon-id-is-a-name", notes: "couldn't be found", state: func(text string) string {
			return strings.Replace(text, "essential-0", "standard-0", 1)
		}},
		{name: "another maker's id", in: "addon-id-is-a-name", notes: "couldn't be found", state: func(text string) string {
			return strings.Replace(text, `"provider_id": "p"`, `"provider_id": ""`, 1)
		}},
		{name: "two alike", in: "addon-id-is-a-name", notes: uuid + ", " + other, change: func(s *herokutest.Server) {
			s.AddAddon(herokutest.Addon{ID: other, App: "shop", Name: "twin", Plan: "heroku-postgresql:essential-0", ProviderID: "p",
				Attachments: []herokutest.Attachment{{App: "shop", Name: "TWIN"}}})
		}},
		{name: "by UUID", in: "addon-id-is-a-name/attachment", state: func(text string) string {
			return strings.NewReplacer(`"id": "`+name, `"id": "`+uuid, `"addon_id": "`+name, `"addon_id": "`+uuid).Replace(text)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, c := seeded(t, tt.in)
			if tt.change != nil {
				tt.change(s)
			}
			f := readCase(t, tt.in+"/terraform.tfstate")
			if tt.state != nil {
				f = parseState(t, "changed", tt.state(string(f.Bytes())))
			}
			found, err := SurveyNames(t.Context(), c, f, UpgradeOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for _, note := range found.Notes {
				if tt.notes == "" || !strings.Contains(note.Text, tt.notes) || !strings.Contains(note.Text, name) {
					t.Errorf("note %v", note)
				}
			}
			if (tt.notes != "") != (found.Notes != nil) {
				t.Errorf("notes %v, want one with %q", found.Notes, tt.notes)
			}
			repair, err := RepairNames(f, UpgradeOptions{Renames: found.Renames, AddonIDs: found.AddonIDs})
			if err != nil {
				t.Fatal(err)
			}
			var at []string
			for _, change := range repair.Changes {
				if p := change.Address + " " + change.Path.String(); change.Path.String() != "git_url" && change.Path.String() != "web_url" && change.Path.String() != "heroku_hostname" {
					at = append(at, p)
				}
			}
			slices.Sort(at)
			if diff := cmp.Diff(tt.places, at); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			after := applied(t, repair)
			again, err := SurveyNames(t.Context(), c, after, UpgradeOptions{})
			if err != nil || again.Renames != nil || again.AddonIDs != nil {
				t.Errorf("after the repair: %+v, %v", again, err)
			}
			if upgraded, err := UpgradeAppIDs(f, UpgradeOptions{Renames: found.Renames, AddonIDs: found.AddonIDs}); err != nil || found.AddonIDs != nil && !applied(t, upgraded).MayContain(uuid) {
				t.Errorf("UpgradeAppIDs: %v, %v", upgraded, err)
			}
		})
	}
	if _, err := RepairNames(readCase(t, "addon-id-is-a-name/terraform.tfstate"), UpgradeOptions{AddonIDs: map[string]string{name: "none"}}); err == nil {
		t.Error("no UUID is taken for one")
	}
}

// TestSurveyChildrenOnly: of an app that is managed elsewhere the state has
// something that proves nothing. That is no error as long as nothing contradicts.
func TestSurveyChildrenOnly(t *testing.T) {
	const live = "5c000000-0000-4000-8000-000000000001"
	whole := readCase(t, "children-only/terraform.tfstate")
	feature := func(t testing.TB) *statefile.File {
		return children(t, `heroku_app_feature {"app":"outside","id":"outside:f27d0d83-8945-4f19-8d80-effd2c4e10d9","name":"x"}`)
	}
	association := func(t testing.TB) *statefile.File {
		return children(t, `heroku_app_config_association {"app_id":"outside","id":"config:outside","vars":{}}`)
	}
	attachment := func(t testing.TB) *statefile.File {
		return children(t, `heroku_addon_attachment {"app_id":"outside","addon_id":"`+addonID+`","id":"5c000000-0000-4000-8000-00000000000a","name":"DB"}`)
	}
	fake := func(t testing.TB) (*herokutest.Server, *platform.Client) {
		s := herokutest.New(herokutest.Options{})
		s.AddApp(herokutest.App{ID: live, Name: "outside"})
		s.AddApp(herokutest.App{Name: "owner"})
		s.AddAddon(herokutest.Addon{ID: addonID, App: "owner", Name: "db", Plan: "heroku-postgresql:essential-0",
			Attachments: []herokutest.Attachment{{ID: "5c000000-0000-4000-8000-00000000000a", App: "outside", Name: "DB"}}})
		return s, clientOf(t, s)
	}
	for _, tt := range []struct {
		name    string
		state   func(testing.TB) *statefile.File
		change  func(*herokutest.Server)
		given   map[string]string
		note    bool
		renamed string
		err     error
	}{
		{name: "feature", state: feature, note: true},
		{name: "association", state: association, note: true},
		{name: "the app itself, by name alone", err: ErrUnknownAppID, state: func(t testing.TB) *statefile.File {
			return children(t, `heroku_app {"id":"outside","name":"outside"}`)
		}},
		{name: "a formation that it doesn't have", err: ErrUnknownAppID, state: func(t testing.TB) *statefile.File {
			return children(t, `heroku_formation {"app":"outside","id":"f0000000-0000-4000-8000-000000000001","type":"web"}`)
		}},
		{name: "feature, gone by that name", state: feature, err: ErrAppUnreachable, change: func(s *herokutest.Server) { s.Rename("outside", "beyond") }},
		{name: "feature, with a UUID", state: feature, given: map[string]string{"outside": live}, renamed: "beyond", change: func(s *herokutest.Server) { s.Rename("outside", "beyond") }},
		{name: "UUID of a name that isn't there", state: feature, given: map[string]string{"outsdie": live}, err: ErrAppNotInState},
		{name: "UUID of another app than the state's", given: map[string]string{"outside": mainID}, err: ErrAmbiguousApp, state: func(t testing.TB) *statefile.File {
			return children(t, `heroku_app {"id":"outside","name":"outside","uuid":"`+live+`"}`)
		}},
		{name: "attachment", state: attachment},
		{name: "attachment, renamed", state: attachment, renamed: "beyond", change: func(s *herokutest.Server) { s.Rename("outside", "beyond") }},
		{name: "attachment, with another app's UUID", state: attachment, given: map[string]string{"outside": mainID}, err: ErrAmbiguousApp},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, c := fake(t)
			if tt.change != nil {
				tt.change(s)
			}
			found, err := SurveyNames(t.Context(), c, tt.state(t), UpgradeOptions{AppIDs: tt.given})
			if tt.err != nil {
				if renameError(err, tt.err) == nil {
					t.Fatalf("error %v, want %v", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if (found.Notes != nil) != tt.note || tt.note && !strings.Contains(found.Notes[0].Text, "--app-id outside=UUID") {
				t.Errorf("notes %v", found.Notes)
			}
			if got := len(found.Renames); (got == 1) != (tt.renamed != "") || got == 1 && (found.Renames[0].New != tt.renamed || found.Renames[0].ID != live) {
				t.Errorf("renames %v, want one to %q", found.Renames, tt.renamed)
			}
		})
	}
	s, err := herokutest.FromState(herokutest.Options{}, whole)
	if err != nil {
		t.Fatal(err)
	}
	found, err := SurveyNames(t.Context(), clientOf(t, s), whole, UpgradeOptions{})
	if err != nil || found.Renames != nil || len(found.Notes) != 1 || found.Notes[0].Address != "heroku_app_feature.app" {
		t.Errorf("the whole case: %+v, %v", found, err)
	}
}

// TestSurveyTeams: an app that is in another team than the state has it in is
// noted with what Terraform makes of it.
func TestSurveyTeams(t *testing.T) {
	for _, version := range []string{"4.9.0", "5.3.2"} {
		f := readCase(t, "left-team/provider-"+version+".tfstate")
		text := string(f.Bytes())
		i := strings.Index(text, `"organization": [`)
		team := text[i:]
		j := strings.Index(team, `"name": "`) + len(`"name": "`)
		name := team[j : j+strings.IndexByte(team[j:], '"')]
		for _, tt := range []struct {
			name  string
			live  func(string) string // the state that the fake is made of
			says  string
			notes bool
		}{
			{"as it is", func(s string) string { return s }, "", false},
			{"another team", func(s string) string { return strings.ReplaceAll(s, `"name": "`+name+`"`, `"name": "elsewhere"`) }, `"elsewhere", not in "` + name, true},
		} {
			s, err := herokutest.FromState(herokutest.Options{}, parseState(t, "live", tt.live(text)))
			if err != nil {
				t.Fatal(err)
			}
			found, err := SurveyNames(t.Context(), clientOf(t, s), f, UpgradeOptions{})
			if err != nil {
				t.Fatal(version, tt.name, err)
			}
			if (found.Notes != nil) != tt.notes {
				t.Errorf("%s, %s: notes %v", version, tt.name, found.Notes)
			}
			for _, note := range found.Notes {
				if !strings.Contains(note.Text, tt.says) || !strings.Contains(note.Text, "destroy the app") {
					t.Errorf("%s, %s: note %v", version, tt.name, note)
				}
			}
		}
	}
	const app = `{"id":%q,"uuid":%q,"name":"old-name","organization":%s,"space":%s}`
	for _, tt := range []struct{ name, state, team, want string }{
		{"left", fmt.Sprintf(app, "old-name", mainID, `[{"name":"acme","locked":false,"personal":false}]`, `null`), "", `has left the team "acme"`},
		{"joined", fmt.Sprintf(app, "old-name", mainID, `[]`, `null`), "acme", `has joined the team "acme"`},
		{"in its team", fmt.Sprintf(app, "old-name", mainID, `[{"name":"acme"}]`, `""`), "acme", ""},
		{"space", fmt.Sprintf(app, "old-name", mainID, `[{"name":"acme"}]`, `"moon"`), "acme", `isn't in the space "moon"`},
		{"nothing said", `{"id":"old-name","uuid":"` + mainID + `","name":"old-name"}`, "acme", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := herokutest.New(herokutest.Options{})
			if tt.team != "" {
				s.AddTeam(herokutest.Team{Name: tt.team})
			}
			s.AddApp(herokutest.App{ID: mainID, Name: "old-name", Team: tt.team})
			f := children(t, "heroku_app "+tt.state)
			for _, opts := range []UpgradeOptions{{}, {Renames: []Rename{{Old: "old-name", New: "new-name"}}}} {
				if opts.Renames != nil {
					s.Rename("old-name", "new-name")
				}
				found, err := SurveyNames(t.Context(), clientOf(t, s), f, opts)
				if err != nil {
					t.Fatal(err)
				}
				if (tt.want == "") != (found.Notes == nil) || tt.want != "" && !strings.Contains(found.Notes[0].Text, tt.want) {
					t.Errorf("notes %v, want %q", found.Notes, tt.want)
				}
			}
		})
	}
}

func TestSeen(t *testing.T) {
	never, seen := func(Rename) bool { return false }, func(r Rename) bool { return r.Old == "shp" }
	f := children(t, `heroku_app {"id":"shop","name":"shop","uuid":"`+mainID+`"}`)
	host := children(t, `heroku_app {"id":"shop","name":"shop","uuid":"`+mainID+`","config_vars":{"U":"https://shp.herokuapp.com/"}}`)
	for _, tt := range []struct {
		name string
		f    *statefile.File
		seen func(Rename) bool
		ok   bool
	}{
		{"never", f, never, false},
		{"elsewhere", f, seen, true},
		{"nobody asked", f, nil, true},
		{"a host in the state", host, never, true},
		{"a Git URL in the state", children(t, `heroku_app {"id":"shop","name":"shop","uuid":"`+mainID+`","git_url":"https://git.heroku.com/shp.git"}`), never, true},
		{"a key in the state", parseState(t, "key", strings.Replace(string(f.Bytes()), `{"schema_version"`, `{"index_key":"shp","schema_version"`, 1)), never, true},
		{"a host that only ends so", children(t, `heroku_app {"id":"shop","name":"shop","uuid":"`+mainID+`","config_vars":{"U":"https://my-shp.herokuapp.com/"}}`), never, false},
	} {
		opts := UpgradeOptions{Renames: []Rename{{Old: "shp", New: "shop"}}, Seen: tt.seen}
		repair, err := RepairNames(tt.f, opts)
		_, upgradeErr := UpgradeAppIDs(tt.f, opts)
		if tt.ok {
			if err != nil || upgradeErr != nil || len(repair.Done) != 1 {
				t.Errorf("%s: %+v, %v, %v", tt.name, repair, err, upgradeErr)
			}
			continue
		}
		for _, err := range []error{err, upgradeErr} {
			e := renameError(err, ErrAppNotInState)
			want := &RenameError{Err: ErrAppNotInState, Rename: opts.Renames[0], Known: []string{"shop"}, Near: []string{"shop"},
				Hint: `Did you mean "shop"? If an earlier run has made this rename, there is nothing left to do.`}
			const says = `rename "shp" to "shop": the state has the new name alone, and nothing shows that an app of it was ever called "shp"`
			if e == nil || e.Error() != says || !cmp.Equal(want.Known, e.Known) || !cmp.Equal(want.Near, e.Near) || e.Rename != want.Rename || e.Hint != want.Hint {
				t.Errorf("%s: %v, %+v", tt.name, err, e)
			}
		}
	}
}

// TestSeenOfMany: each rename of which nothing is to be seen is an error, those that are
// seen are none, and a name that is like no other gets no guess.
func TestSeenOfMany(t *testing.T) {
	f := children(t, `heroku_app {"id":"shop","name":"shop"}`, `heroku_app {"id":"web","name":"web","git_url":"https://git.heroku.com/seen.git"}`, `heroku_app {"id":"zebra","name":"zebra"}`)
	opts := UpgradeOptions{Renames: []Rename{{Old: "yak", New: "shop"}, {Old: "seen", New: "web"}, {Old: "zbra", New: "zebra"}}, Seen: func(Rename) bool { return false }}
	_, err := RepairNames(f, opts)
	joined, ok := err.(*joinedErrors)
	if !ok || len(joined.all) != 2 {
		t.Fatalf("got %v", err)
	}
	for i, want := range []struct{ old, hint string }{{"yak", "If an earlier"}, {"zbra", `Did you mean "zebra"? If an earlier`}} {
		if e := joined.all[i].(*RenameError); e.Rename.Old != want.old || !strings.HasPrefix(e.Hint, want.hint) || !slices.Equal(e.Known, []string{"shop", "web", "zebra"}) {
			t.Errorf("got %+v", e)
		}
	}
	// What there is something to do for needs nobody to have seen it.
	opts.Renames = []Rename{{Old: "shop", New: "store"}}
	if r, err := RepairNames(f, opts); err != nil || r.Done != nil || len(r.Changes) != 2 {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestLegacy(t *testing.T) {
	for _, tt := range []struct {
		state string
		want  bool
	}{
		{`{"version":3,"serial":1,"lineage":"l","modules":[{"path":["root"],"outputs":{},"resources":{"heroku_app.a":{"type":"heroku_app","provider":"provider.heroku","primary":{"id":"a"}}}}]}`, true},
		{`{"version":3,"serial":1,"lineage":"l","modules":[{"path":["root"],"outputs":{},"resources":{"t.a":{"type":"t","provider":"provider.t","primary":{"id":"a"}}}}]}`, false},
		{`{"version":4,"serial":1,"lineage":"l","outputs":{},"resources":[{"mode":"managed","type":"t","name":"n","provider":"provider.t","instances":[{"schema_version":0,"attributes":{}}]}]}`, false},
	} {
		if repair, err := RepairRename(parseState(t, "legacy", tt.state)); err != nil || repair.Legacy != tt.want {
			t.Errorf("%s: %+v, %v", tt.state, repair, err)
		}
	}
	for path, want := range map[string]bool{"legacy-provider-address/terraform.tfstate": true, "left-team/provider-5.3.2.tfstate": false} {
		if repair, err := RepairRename(readCase(t, path)); err != nil || repair.Legacy != want {
			t.Errorf("%s: %+v, %v", path, repair, err)
		}
	}
}

// TestAbsentNames: many names that a state doesn't have cost reading it once,
// and the message has an end.
func TestAbsentNames(t *testing.T) {
	f := parseState(t, "many", string(stategen.State(1200)))
	renames := absentRenames()
	_, repairErr := RepairRename(f, renames...)
	_, c := newHeroku(t)
	_, checkErr := checkRenames(t.Context(), c, f, renames...)
	for _, err := range []error{repairErr, checkErr} {
		joined, ok := err.(interface{ Unwrap() []error })
		if !ok || len(joined.Unwrap()) != len(renames) {
			t.Fatalf("%T, want %d errors", err, len(renames))
		}
		text := err.Error()
		if len(text) > 4000 || !strings.HasSuffix(text, "and 390 more of 400") {
			t.Errorf("%d bytes, ending in %q", len(text), text[max(0, len(text)-40):])
		}
		if e := renameError(err, ErrAppNotInState); e == nil || e.Near == nil {
			t.Errorf("no near names: %v", e)
		}
	}
}

func absentRenames() []Rename {
	var renames []Rename
	for i := range 400 {
		renames = append(renames, Rename{Old: fmt.Sprintf("svc-%06d-productoin", i), New: fmt.Sprintf("renamed-%d", i)})
	}
	return renames
}

func BenchmarkAbsentNames(b *testing.B) {
	data := stategen.State(6000)
	f, err := statefile.Parse("state", data)
	if err != nil {
		b.Fatal(err)
	}
	renames := absentRenames()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := RepairRename(f, renames...); err == nil {
			b.Fatal("no error")
		}
	}
}

// TestErrorsArePrintable: names in a state that act on a terminal are escaped in
// messages.
func TestErrorsArePrintable(t *testing.T) {
	f := parseState(t, "escapes", `{"version":4,"serial":1,"lineage":"l","outputs":{},"resources":[
		{"mode":"managed","type":"heroku_app","name":"a\u001b[31m\u202e\u009b","provider":"provider.heroku","instances":[{"schema_version":0,"attributes":{"id":"old-name","name":"old-name","uuid":"`+mainID+`"}}]},
		{"mode":"managed","type":"heroku_app","name":"b\u001b[31m","provider":"provider.heroku","instances":[{"schema_version":0,"attributes":{"id":"new-name","name":"new-name","uuid":"`+personalID+`"}}]}]}`)
	_, err := RepairRename(f, Rename{Old: "old-name", New: "new-name"})
	if renameError(err, ErrBothInState) == nil || strings.ContainsAny(err.Error(), "\x1b\u202e\u009b") || !strings.Contains(err.Error(), `\x1b[31m\u202e\u009b`) {
		t.Errorf("error %q", err)
	}
}
