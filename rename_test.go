package herokutf

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/herokutf/herokutf/internal/near"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/internal/stategen"
	"github.com/herokutf/herokutf/statefile"
)

const (
	mainID     = "01234567-89ab-cdef-0123-456789abcdef"
	personalID = "11111111-2222-3333-4444-555555555555"
	newURL     = "https://new-name-ba9876543210.herokuapp.com/"
)

func readState(t testing.TB, version string) *statefile.File {
	t.Helper()
	name := filepath.Join("statefile/testdata/states", "provider-"+version+".tfstate")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return parseState(t, name, string(data))
}

func parseState(t testing.TB, name, text string) *statefile.File {
	t.Helper()
	f, err := statefile.Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// places lists changes as "address path".
func places(changes []Change) []string {
	var all []string
	for _, c := range changes {
		all = append(all, c.Address+" "+c.Path.String())
	}
	return all
}

func applied(t testing.TB, r *Repair) *statefile.File {
	t.Helper()
	f, err := r.Apply()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestRepairRealStates renames the team app in states that the real provider
// wrote, and holds the result against the whole list of what must change.
func TestRepairRealStates(t *testing.T) {
	byName := strings.Fields(`
		heroku_addon.db.app
		heroku_addon_attachment.att.app_id
		heroku_app.main.git_url
		heroku_app.main.heroku_hostname
		heroku_app.main.id
		heroku_app.main.name
		heroku_app.main.web_url
		heroku_app_config_association.ca_by_name.app_id
		heroku_app_config_association.ca_by_name.id
		heroku_app_feature.f.app
		heroku_app_feature.f.id
		heroku_app_release.r.app
		heroku_app_webhook.w.app_id
		heroku_build.b.app
		heroku_cert.c.app
		heroku_collaborator.c1.app
		heroku_domain.d.app
		heroku_drain.d.app
		heroku_formation.web.app
		heroku_pipeline_coupling.pc.app
		heroku_slug.s.app
		heroku_team_collaborator.tc.app`)
	byUUID := strings.Fields(`
		heroku_app.main.git_url
		heroku_app.main.heroku_hostname
		heroku_app.main.name
		heroku_app.main.web_url`)
	for _, test := range []struct {
		version string
		want    []string
	}{
		// heroku_collaborator came with v3.1.0.
		{"2.5.0", slices.DeleteFunc(slices.Clone(byName), func(s string) bool { return strings.HasPrefix(s, "heroku_collaborator") })},
		{"3.2.0", byName},
		{"4.9.0", byName},
		{"5.0.0", byUUID},
		{"5.3.2", byUUID},
	} {
		t.Run(test.version, func(t *testing.T) {
			f := readState(t, test.version)
			rename := Rename{ID: mainID, Old: "old-name", New: "new-name", WebURL: newURL}
			r, err := RepairRename(f, rename)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range r.Changes {
				got = append(got, c.Address+"."+c.Path.String())
				if want := strings.Replace(c.Old.(string), "old-name", "new-name", 1); c.New != want && c.New != newURL && c.New != provider.HostOf(newURL) {
					t.Errorf("%s %s: %v becomes %v", c.Address, c.Path, c.Old, c.New)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if r.Mentions != nil || r.Left != nil || r.Notes != nil {
				t.Errorf("mentions %v, left %v, notes %v; want none", r.Mentions, r.Left, r.Notes)
			}
			after := applied(t, r)
			if after.Serial() != "3" || after.Lineage() != f.Lineage() {
				t.Errorf("serial %s, lineage %s; want 3 and %s", after.Serial(), after.Lineage(), f.Lineage())
			}
			if strings.Contains(string(after.Bytes()), "old-name") {
				t.Error("the old name is still there")
			}
			// Everything else is as it was, each byte of it.
			line := regexp.MustCompile(`(?m)^.*(old-name|new-name|"serial").*\n`)
			if diff := cmp.Diff(line.ReplaceAllString(string(f.Bytes()), ""), line.ReplaceAllString(string(after.Bytes()), "")); diff != "" {
				t.Errorf("other lines differ (-before +after):\n%s", diff)
			}
			again, err := RepairRename(after, rename)
			if err != nil {
				t.Fatal(err)
			}
			if again.Changes != nil || applied(t, again) != after {
				t.Errorf("second run changes %v", places(again.Changes))
			}
			// And back, to the last byte but the serial.
			back, err := RepairRename(after, Rename{ID: mainID, Old: "new-name", New: "old-name", WebURL: "https://old-name-0123456789ab.herokuapp.com/"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(withoutSerial(f), withoutSerial(applied(t, back))); diff != "" {
				t.Errorf("there and back (-before +after):\n%s", diff)
			}
		})
	}
}

// TestRepairHolds lists what must stay although it is, or looks like, the old
// name.
func TestRepairHolds(t *testing.T) {
	text := string(readState(t, "4.9.0").Bytes())
	text = strings.ReplaceAll(text, `"FOO": "bar"`, `"FOO": "bar", "LEGACY_NAME": "old-name", "HOME": "https://old-name.herokuapp.com"`)
	text = strings.Replace(text, `"app": "old-name",
            "id": "d7000000`, `"app": "`+mainID+`",
            "id": "d7000000`, 1)
	f := parseState(t, "holds", text)
	r, err := RepairRename(f, Rename{Old: "old-name", New: "new-name"})
	if err != nil {
		t.Fatal(err)
	}
	after := applied(t, r)
	for inst := range after.Instances() {
		before := instance(t, f, inst.Address())
		for path, v := range inst.Scalars() {
			was := valueAt(t, before, path)
			switch {
			case provider.IsUUID(was), len(path) > 1, inst.Type == "heroku_ssl":
				if v.Text() != was {
					t.Errorf("%s %s changed", inst.Address(), path)
				}
			}
		}
	}
	var mentioned []string
	for _, m := range r.Mentions {
		mentioned = append(mentioned, m.Address+" "+m.Path.String())
	}
	var want []string
	for _, at := range []string{
		"heroku_app.main all_config_vars", "heroku_app.main config_vars", "heroku_app.personal all_config_vars",
		"heroku_app_config_association.ca vars", "heroku_app_config_association.ca_by_name vars",
	} {
		want = append(want, at+".LEGACY_NAME", at+".HOME")
	}
	if diff := cmp.Diff(want, mentioned); diff != "" {
		t.Errorf("mentions (-want +got):\n%s", diff)
	}
}

func instance(t testing.TB, f *statefile.File, address string) *statefile.Instance {
	t.Helper()
	for inst := range f.Instances() {
		if inst.Address() == address {
			return inst
		}
	}
	t.Fatalf("no instance %s", address)
	return nil
}

func valueAt(t testing.TB, inst *statefile.Instance, path statefile.Path) string {
	t.Helper()
	for p, v := range inst.Scalars() {
		if p.Equal(path) {
			return v.Text()
		}
	}
	t.Fatalf("no %s at %s", path, inst.Address())
	return ""
}

// TestRepairNeedsOfTerraform: the edits without which the real Terraform's plan
// isn't empty are among those made.
func TestRepairNeedsOfTerraform(t *testing.T) {
	r, err := RepairRename(readState(t, "4.9.0"), Rename{Old: "old-name", New: "new-name"})
	if err != nil {
		t.Fatal(err)
	}
	got := places(r.Changes)
	for _, need := range []string{
		"heroku_app.main id", "heroku_app_release.r app", "heroku_formation.web app", "heroku_domain.d app", "heroku_drain.d app",
		"heroku_collaborator.c1 app", "heroku_team_collaborator.tc app", "heroku_build.b app", "heroku_app_feature.f id",
		"heroku_app_webhook.w app_id", "heroku_app_config_association.ca_by_name app_id",
		// plan -refresh=false, too:
		"heroku_app.main name", "heroku_app_feature.f app", "heroku_addon_attachment.att app_id", "heroku_pipeline_coupling.pc app", "heroku_addon.db app",
	} {
		if !slices.Contains(got, need) {
			t.Errorf("no change of %s", need)
		}
	}
}

func TestRepairErrors(t *testing.T) {
	f := readState(t, "4.9.0")
	_, err := RepairRename(f, Rename{Old: "foo", New: "bar"})
	absent, ok := errors.AsType[*RenameError](err)
	if !ok || !errors.Is(err, ErrAppNotInState) {
		t.Fatalf("error %v; want ErrAppNotInState", err)
	}
	if diff := cmp.Diff([]string{"old-name", "personal-app"}, absent.Known); diff != "" {
		t.Errorf("known apps (-want +got):\n%s", diff)
	}
	for _, test := range []struct {
		name string
		want error
		in   []Rename
	}{
		{"bad name", ErrBadRename, []Rename{{Old: "OLD", New: "new-name"}}},
		{"same old", ErrBadRename, []Rename{{Old: "old-name", New: "one"}, {Old: "old-name", New: "two"}}},
		{"same new", ErrBadRename, []Rename{{Old: "old-name", New: "one"}, {Old: "personal-app", New: "one"}}},
		{"merge", ErrBothInState, []Rename{{Old: "old-name", New: "personal-app"}}},
		{"merge with UUID", ErrBothInState, []Rename{{ID: mainID, Old: "old-name", New: "personal-app"}}},
		{"another app", ErrAppNotInState, []Rename{{ID: "99999999-0000-4000-8000-000000000000", Old: "old-name", New: "new-name"}}},
		{"new is another app", ErrAppNotInState, []Rename{{ID: mainID, Old: "former", New: "personal-app"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := RepairRename(f, test.in...)
			if !errors.Is(err, test.want) || r != nil {
				t.Errorf("RepairRename = %v, %v; want nil and %v", r, err, test.want)
			}
		})
	}
}

// TestRepairOfNothing: no renames, no changes, the same file.
func TestRepairOfNothing(t *testing.T) {
	f := readState(t, "4.9.0")
	r, err := RepairRename(f)
	if err != nil {
		t.Fatal(err)
	}
	if r.Changes != nil || r.Mentions != nil || applied(t, r) != f {
		t.Errorf("RepairRename without renames = %+v", r)
	}
}

// TestRepairMany: many renames at once are the same as one after the other, and
// leave nothing out.
func TestRepairMany(t *testing.T) {
	const apps = 40
	f := parseState(t, "many", string(stategen.State(6*apps)))
	var all []Rename
	oneByOne := f
	for i := range apps {
		r := Rename{Old: stategen.AppName(6 * i), New: fmt.Sprintf("renamed-%d", i)}
		all = append(all, r)
		repair, err := RepairRename(oneByOne, r)
		if err != nil {
			t.Fatal(err)
		}
		oneByOne = applied(t, repair)
	}
	repair, err := RepairRename(f, all...)
	if err != nil {
		t.Fatal(err)
	}
	atOnce := applied(t, repair)
	if got, want := withoutSerial(atOnce), withoutSerial(oneByOne); got != want {
		t.Errorf("at once differs from one by one (-one by one +at once):\n%s", cmp.Diff(want, got))
	}
	// Some 8 fields an app: id, name, git_url, heroku_hostname, and the
	// children's.
	if len(repair.Changes) < 8*apps {
		t.Errorf("%d changes of %d apps", len(repair.Changes), apps)
	}
}

var serialLine = regexp.MustCompile(`"serial": *[0-9]+`)

func withoutSerial(f *statefile.File) string {
	return serialLine.ReplaceAllString(string(f.Bytes()), `"serial":`)
}

// TestRepairJSON: the shapes that the reports of the mains are made of.
func TestRepairJSON(t *testing.T) {
	r, err := RepairRename(readState(t, "5.3.2"), Rename{ID: mainID, Old: "old-name", New: "new-name", WebURL: newURL})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(map[string]any{"renames": r.Renames, "changes": r.Changes[:1], "mentions": []Leftover{{Address: "output.x"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"changes":[{"address":"heroku_app.main","path":["git_url"],"old":"https://git.heroku.com/old-name.git","new":"https://git.heroku.com/new-name.git"}],` +
		`"mentions":[{"address":"output.x","path":[]}],"renames":[{"id":"` + mainID + `","old":"old-name","new":"new-name","web_url":"` + newURL + `"}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// goldenStates returns the states of the golden files, the real ones among
// them, by name.
func goldenStates(t testing.TB) map[string]string {
	states := make(map[string]string)
	files, err := filepath.Glob("testdata/rename/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if f.Name == "in.tfstate" {
				states[filepath.Base(file)] = string(f.Data)
			}
		}
	}
	for _, version := range []string{"2.5.0", "3.2.0", "4.9.0", "5.0.0", "5.3.2"} {
		states[version] = string(readState(t, version).Bytes())
	}
	return states
}

// FuzzRepairRename holds every repair against its properties: a second run has
// nothing to do, what differs are the fields listed, mentions are no changes,
// and a rename and its reverse give every byte back but the serial.
func FuzzRepairRename(f *testing.F) {
	states := goldenStates(f)
	for _, name := range slices.Sorted(maps.Keys(states)) {
		f.Add([]byte(states[name]), "old-name", "new-name", "", "")
		f.Add([]byte(states[name]), "old-name", "new-name", mainID, newURL)
		f.Add([]byte(states[name]), "app-one", "brand-new", "", newURL)
	}
	f.Fuzz(func(t *testing.T, data []byte, from, to, id, url string) {
		file, err := statefile.Parse("fuzz", data)
		if err != nil {
			return
		}
		rename := Rename{ID: id, Old: from, New: to, WebURL: url}
		repair, err := RepairRename(file, rename)
		if err != nil {
			return
		}
		after, err := repair.Apply()
		if err != nil {
			t.Fatalf("apply: %v", err)
		}
		again, err := RepairRename(after, rename)
		if err != nil {
			t.Fatalf("second run: %v", err)
		}
		if again.Changes != nil {
			t.Fatalf("second run changes %v", places(again.Changes))
		}
		if url == "" && !slices.Equal(places2(again.Mentions), places2(repair.Mentions)) {
			t.Errorf("mentions %v, after the repair %v", places2(repair.Mentions), places2(again.Mentions))
		}
		// Back again. The way back is another one where the new name, or a
		// new address, was there before, or a name was spelled with escapes.
		if url != "" || strings.Contains(string(data), to) || strings.Contains(string(data), `\u`) {
			return
		}
		back, err := RepairRename(after, Rename{ID: id, Old: to, New: from})
		if err != nil {
			if repair.Changes == nil {
				return
			}
			t.Fatalf("reverse: %v", err)
		}
		restored, err := back.Apply()
		if err != nil {
			t.Fatalf("apply reverse: %v", err)
		}
		if got, want := withoutSerials(restored), withoutSerials(file); got != want {
			t.Errorf("there and back (-before +after):\n%s", cmp.Diff(want, got))
		}
	})
}

func places2(mentions []Leftover) []string {
	var all []string
	for _, m := range mentions {
		all = append(all, m.Address+" "+m.Path.String())
	}
	return all
}

// withoutSerials takes out every number, since a fuzzed serial can have any
// form, and the member itself where there was none.
func withoutSerials(f *statefile.File) string {
	return regexp.MustCompile(`,?\s*"(?i:serial)"\s*:\s*|[-0-9.eE+]+`).ReplaceAllString(string(f.Bytes()), "")
}

// TestNearApps: a name that no app of the state has comes with those that are
// spelled like it, and a message lists no more apps than one can read.
func TestNearApps(t *testing.T) {
	few := readState(t, "4.9.0")
	many := parseState(t, "many", string(stategen.State(200)))
	known := indexApps(many).names()
	for _, tt := range []struct {
		name       string
		f          *statefile.File
		rename     Rename
		near       []string
		says, hint string
	}{
		{"misspelt", few, Rename{Old: "old-nmae", New: "anything"}, []string{"old-name"}, `the state has neither; it has "old-name", "personal-app"`, `Did you mean "old-name"?`},
		{"the new name of a state that was repaired", few, Rename{Old: "gone-before", New: "personal-ap"}, []string{"personal-app"}, "the state has neither; it has", `Did you mean "personal-app"?`},
		{"unlike all", few, Rename{Old: "zebra", New: "yak"}, nil, "the state has neither; it has", ""},
		{"of many", many, Rename{Old: known[7] + "x", New: "anything"}, near.Names(known[7]+"x", known), fmt.Sprintf("the state has neither among its %d apps", len(known)), "Did you mean"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, c := newHeroku(t)
			_, repairErr := RepairRename(tt.f, tt.rename)
			_, checkErr := checkRenames(t.Context(), c, tt.f, tt.rename)
			for _, err := range []error{repairErr, checkErr} {
				e := renameError(err, ErrAppNotInState)
				if e == nil {
					t.Fatalf("error %v; want ErrAppNotInState", err)
				}
				if diff := cmp.Diff(tt.near, e.Near); diff != "" || !strings.HasPrefix(e.Hint, tt.hint) || (e.Hint == "") != (tt.hint == "") {
					t.Errorf("hint %q, near (-want +got):\n%s", e.Hint, diff)
				}
				if text := err.Error(); !strings.Contains(text, tt.says) || len(text) > 200 {
					t.Errorf("error %q lacks %q, or is long", text, tt.says)
				}
			}
		})
	}
}
