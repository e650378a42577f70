package tfconfig

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMovesOfStates: each step of an address whose key is an old name moves, once, from where
// those before it lead.
func TestMovesOfStates(t *testing.T) {
	there := "the state has the new address already"
	a := func(key string) string { return `heroku_app.a["` + key + `"]` }
	for name, tt := range map[string]struct {
		state   []string
		renames []string // old>new
		want    []Move
	}{
		"nothing":       {nil, []string{"old-app>new-app"}, nil},
		"no rename":     {[]string{a("old-app")}, nil, nil},
		"no old name":   {[]string{"heroku_app.a", `module.m[""].heroku_app.a`, `heroku_app.a[""]`}, []string{">new-app"}, nil},
		"long chain":    {[]string{a("a-app"), a("b-app"), a("c-app")}, []string{"a-app>b-app", "b-app>c-app", "c-app>d-app"}, []Move{{From: a("c-app"), To: a("d-app"), Note: chainedNote}, {From: a("b-app"), To: a("c-app"), Note: chainedNote}, {From: a("a-app"), To: a("b-app"), Note: chainedNote}}},
		"the same name": {[]string{a("old-app")}, []string{"old-app>old-app"}, nil},
		"one":           {[]string{a("old-app")}, []string{"old-app>new-app"}, []Move{{From: a("old-app"), To: a("new-app")}}},
		"once":          {[]string{a("old-app"), a("old-app")}, []string{"old-app>new-app"}, []Move{{From: a("old-app"), To: a("new-app")}}},
		"others": {[]string{"heroku_app.b", "heroku_app.a[0]", `heroku_app.a["old"]`, a("xold-app"), a("old-appx"), `heroku_app.a["x"] ["old-app"]`, `module.m["x"].heroku_app.a["old-app"`, `module.m["old-app"].heroku_app`, `heroku_app["old-app"]`, `heroku_app.a["old-app"]["x"]`,
			"heroku_app." + strings.Repeat("b", maxAddress-len(a("old-app"))+1) + `a["old-app"]`}, []string{"old-app>new-app"}, nil},
		"as long as can be":  {[]string{"heroku_app." + strings.Repeat("b", maxAddress-len(a("old-app"))) + `a["old-app"]`}, []string{"old-app>new-app"}, []Move{{From: "heroku_app." + strings.Repeat("b", maxAddress-len(a("old-app"))) + `a["old-app"]`, To: "heroku_app." + strings.Repeat("b", maxAddress-len(a("old-app"))) + `a["new-app"]`}}},
		"data":               {[]string{"data." + a("old-app"), `module.m.data.heroku_app.a["old-app"]`}, []string{"old-app>new-app"}, nil},
		"deposed":            {[]string{a("old-app") + " (deposed 12345678)"}, []string{"old-app>new-app"}, nil},
		"the second key":     {[]string{`module.m["x"].` + a("old-app")}, []string{"old-app>new-app"}, []Move{{From: `module.m["x"].` + a("old-app"), To: `module.m["x"].` + a("new-app")}}},
		"both keys":          {[]string{`module.m["old-app"].` + a("old-app")}, []string{"old-app>new-app"}, []Move{{From: `module.m["old-app"]`, To: `module.m["new-app"]`}, {From: `module.m["new-app"].` + a("old-app"), To: `module.m["new-app"].` + a("new-app")}}},
		"two names":          {[]string{a("a-app"), a("b-app")}, []string{"b-app>d-app", "a-app>c-app"}, []Move{{From: a("a-app"), To: a("c-app")}, {From: a("b-app"), To: a("d-app")}}},
		"there":              {[]string{a("new-app"), a("old-app")}, []string{"old-app>new-app"}, []Move{{From: a("old-app"), To: a("new-app"), Note: there}}},
		"there, and later":   {[]string{a("old-app"), a("new-app")}, []string{"old-app>new-app"}, []Move{{From: a("old-app"), To: a("new-app"), Note: there}}},
		"there in a module":  {[]string{`module.m["old-app"].` + a("old-app"), `module.m["old-app"].` + a("new-app")}, []string{"old-app>new-app"}, []Move{{From: `module.m["old-app"]`, To: `module.m["new-app"]`}, {From: `module.m["new-app"].` + a("old-app"), To: `module.m["new-app"].` + a("new-app"), Note: there}}},
		"there, as a number": {[]string{a("old-app"), "heroku_app.a[7]"}, []string{"old-app>7"}, []Move{{From: a("old-app"), To: a("7")}}},
		"elsewhere":          {[]string{a("old-app"), `heroku_app.b["new-app"]`, `module.m["new-app"].heroku_app.a`}, []string{"old-app>new-app"}, []Move{{From: a("old-app"), To: a("new-app")}}},
		"chain":              {[]string{a("a-app"), a("b-app"), a("z-app")}, []string{"a-app>b-app", "b-app>c-app", "z-app>y-app"}, []Move{{From: a("z-app"), To: a("y-app")}, {From: a("b-app"), To: a("c-app"), Note: chainedNote}, {From: a("a-app"), To: a("b-app"), Note: chainedNote}}},
		"circle":             {[]string{a("a-app"), a("b-app")}, []string{"a-app>b-app", "b-app>a-app"}, []Move{{From: a("a-app"), To: a("b-app"), Note: chainedNote}, {From: a("b-app"), To: a("a-app"), Note: chainedNote}}},
	} {
		var renames []AppRename
		for _, r := range tt.renames {
			old, next, _ := strings.Cut(r, ">")
			renames = append(renames, AppRename{Old: old, New: next})
		}
		if diff := cmp.Diff(tt.want, Moves(tt.state, renames...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	// What is noted on a move stays.
	w := newMover([]AppRename{{Old: "a-app", New: "b-app"}, {Old: "b-app", New: "c-app"}, {Old: "old-app", New: "new-app"}})
	for _, address := range []string{a("a-app"), a("b-app"), a("old-app"), a("new-app"), "module.m[\"old-app\"]." + a("old-app")} {
		w.walk(address, func(m Move, s movedStep) (bool, string) {
			return s.block != "module.m" || s.old != "old-app", "note\u202e"
		})
	}
	want := []Move{{From: a("old-app"), To: a("new-app"), Note: `note\u202e`}, {From: `module.m["old-app"].` + a("old-app"), To: `module.m["old-app"].` + a("new-app"), Note: `note\u202e`},
		{From: a("b-app"), To: a("c-app"), Note: `note\u202e`}, {From: a("a-app"), To: a("b-app"), Note: `note\u202e`}}
	if diff := cmp.Diff(want, w.inOrder()); diff != "" {
		t.Errorf("with notes (-want +got):\n%s", diff)
	}
	// What a step is.
	var steps []movedStep
	newMover([]AppRename{{Old: "old-app", New: "new-app"}}).walk(`module.m.module.n["old-app"].heroku_app.a["old-app"]`, func(_ Move, s movedStep) (bool, string) {
		steps = append(steps, s)
		return true, ""
	})
	if diff := cmp.Diff([]movedStep{{[]string{"m"}, "module.n", "old-app", "new-app"}, {[]string{"m", "n"}, "heroku_app.a", "old-app", "new-app"}}, steps, cmp.AllowUnexported(movedStep{})); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// TestStepsOfMoves: a move whose place is taken goes aside first.
func TestStepsOfMoves(t *testing.T) {
	for _, tt := range []struct{ moves, want []Move }{
		{nil, nil},
		{[]Move{{From: "a.b", To: "a.c", Note: "x"}}, []Move{{From: "a.b", To: "a.c"}}},
		{[]Move{{From: `a.b["x"]`, To: `a.b["y"]`}, {From: `a.b["y"]`, To: `a.b["x"]`}},
			[]Move{{From: `a.b["x"]`, To: `a.b["x (moving)"]`}, {From: `a.b["y"]`, To: `a.b["x"]`}, {From: `a.b["x (moving)"]`, To: `a.b["y"]`}}},
		{[]Move{{From: `a.b["y"]`, To: `a.b["z"]`}, {From: `a.b["x"]`, To: `a.b["y"]`}}, []Move{{From: `a.b["y"]`, To: `a.b["z"]`}, {From: `a.b["x"]`, To: `a.b["y"]`}}},
		{[]Move{{From: `a.b[0]`, To: `a.b["y"]`}, {From: `a.b["y"]`, To: `a.c`}}, []Move{{From: `a.b[0]`, To: `a.b[" (moving)"]`}, {From: `a.b["y"]`, To: `a.c`}, {From: `a.b[" (moving)"]`, To: `a.b["y"]`}}},
	} {
		if diff := cmp.Diff(tt.want, StateMoves(tt.moves)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestMovedBlocks: those of the root module, in both syntaxes, as the state spells addresses.
func TestMovedBlocks(t *testing.T) {
	dir := folder(t, map[string]string{
		"a.tf": `moved {
  from = heroku_app.a[ "\u0061" ]
  to   = module.m.heroku_app.b[0]
}
moved {
  from = heroku_app.x
}
removed {
  from = heroku_app.y
}
moved {
  from = 7
  to   = data.heroku_app.z
}
module "m" {
  source = "./m"
}
`,
		"b.tf.json": `{"moved": [{"from": " heroku_app.c[\"x\"] ", "to": "heroku_app.d"}]}`,
		"m/main.tf": "moved {\n  from = heroku_app.q\n  to = heroku_app.r\n}\n",
	})
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range c.movedBlocks() {
		if m.file != c.byName[m.File] {
			t.Errorf("%v has the file %s", m.Position, m.file.name)
		}
		got = append(got, strings.TrimPrefix(m.Position.String(), dir+string(filepath.Separator))+" "+m.From+" > "+m.To)
	}
	if diff := cmp.Diff([]string{`a.tf:1:1 heroku_app.a["a"] > module.m.heroku_app.b[0]`, "a.tf:5:1 heroku_app.x > ", "a.tf:11:1  > data.heroku_app.z", `b.tf.json:1:2 heroku_app.c["x"] > heroku_app.d`}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFileForMoves: the file of the last moved block that is this configuration's own and in
// native syntax; else moved.tf.
func TestFileForMoves(t *testing.T) {
	const moved = "moved {\n  from = a.b\n  to   = a.c\n}\n"
	for name, tt := range map[string]struct {
		files map[string]string
		link  string // from, to
		want  string // "new" stands for a file that isn't there
	}{
		"new":                   {files: map[string]string{"main.tf": ""}, want: "moved.tf new"},
		"there":                 {files: map[string]string{"main.tf": "", "moved.tf": ""}, want: "moved.tf"},
		"there without a block": {files: map[string]string{"main.tf": "", "moved.tf": "", "other.tf": moved}, want: "other.tf"},
		"the last":              {files: map[string]string{"a.tf": moved, "b.tf": moved, "c.tf": ""}, want: "b.tf"},
		"not JSON":              {files: map[string]string{"a.tf": moved, "b.tf.json": `{"moved": {"from": "a.b", "to": "a.c"}}`}, want: "a.tf"},
		"JSON alone":            {files: map[string]string{"moved.tf.json": `{"moved": {"from": "a.b", "to": "a.c"}}`}, want: "moved.tf new"},
		"a module's":            {files: map[string]string{"main.tf": "module \"m\" {\n  source = \"./m\"\n}\n", "m/moved.tf": moved}, want: "moved.tf new"},
		"tofu":                  {files: map[string]string{"main.tofu": "", "b.tofu.json": "{}"}, want: "moved.tofu new"},
		"tofu, there":           {files: map[string]string{"main.tofu": "", "moved.tofu": ""}, want: "moved.tofu"},
		"tofu and tf":           {files: map[string]string{"main.tofu": "", "b.tf": ""}, want: "moved.tf new"},
		"linked":                {files: map[string]string{"main.tf": "", "other/x.tf": moved}, link: "other/x.tf moved.tf", want: "moved.tf new"},
		"linked, with another":  {files: map[string]string{"main.tf": moved, "other/x.tf": moved}, link: "other/x.tf z.tf", want: "main.tf"},
	} {
		dir := folder(t, tt.files)
		if from, to, ok := strings.Cut(tt.link, " "); ok {
			if err := os.Symlink(from, filepath.Join(dir, to)); err != nil {
				continue
			}
		}
		c, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		f := c.movedFile()
		got := strings.TrimPrefix(f.name, dir+string(filepath.Separator))
		if f.data == nil {
			got += " new"
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}

// TestAppend: blocks come behind all that a file holds, after an empty line and with its line
// endings; what isn't such blocks isn't added.
func TestAppend(t *testing.T) {
	dir := folder(t, map[string]string{"a.tf": "locals {}\n", "b.tf": "locals {}", "c.tf": "locals {}\r\n", "d.tf": "# c\r\nlocals {}", "e.tf": "", "f.tf.json": "{}"})
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	const blocks = "moved {\n}\n"
	for name, want := range map[string]string{
		"a.tf": "locals {}\n\nmoved {\n}\n", "b.tf": "locals {}\n\nmoved {\n}\n", "c.tf": "locals {}\r\n\r\nmoved {\r\n}\r\n", "d.tf": "# c\r\nlocals {}\r\n\r\nmoved {\r\n}\r\n",
		"e.tf": blocks, "new.tf": blocks,
	} {
		path := filepath.Join(dir, name)
		e, err := c.Append(path, []byte(blocks))
		if err != nil || e.Path != path || string(e.New) != want || (e.Old == nil) != (name == "new.tf") || e.Old != nil && string(e.Old) != string(c.byName[path].data) {
			t.Errorf("%s: got %+v, %v", name, e, err)
		}
	}
	for path, text := range map[string]string{"a.tf": "moved {\n", "b.tf": "}", "f.tf.json": blocks, "new.tf": "x y z", "new\u202e.tf": "\""} {
		e, err := c.Append(filepath.Join(dir, path), []byte(text))
		if !errors.Is(err, ErrProof) || e.Path != "" || !strings.HasPrefix(err.Error(), "edit "+filepath.Join(dir, strings.ReplaceAll(path, "\u202e", `\u202e`))+": edited file isn't what was meant: ") {
			t.Errorf("%s: got %+v, %v", path, e, err)
		}
	}
}

// TestReadsOnce: a key that is read in a module of two calls is one place.
func TestReadsOnce(t *testing.T) {
	dir := folder(t, map[string]string{"a.tf": "module \"a\" {\n  source = \"./m\"\n}\nmodule \"b\" {\n  source = \"./m\"\n}\n",
		"m/m.tf": "resource \"heroku_app\" \"x\" {\n  for_each = toset([\"old-app\"])\n  name     = each.key\n}\noutput \"id\" {\n  value = heroku_app.x[\"old-app\"].id\n}\n"})
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	renames := []AppRename{
		{Address: `module.a.heroku_app.x["old-app"]`, Old: "old-app", New: "new-app"},
		{Address: `module.b.heroku_app.x["old-app"]`, Old: "old-app", New: "new-app"},
	}
	e, err := c.RenameWithState([]string{renames[0].Address, renames[1].Address}, renames...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range e.Files {
		if filepath.Base(f.Path) == "m.tf" {
			if len(f.Places) != 2 || strings.Count(string(f.New), "new-app") != 2 || strings.Contains(string(f.New), "old-app") {
				t.Errorf("%d places:\n%s", len(f.Places), f.New)
			}
			return
		}
	}
	t.Errorf("no edit of the module: %+v", e)
}

// TestRenameProof: without an edit that is what was meant there is none.
func TestRenameProof(t *testing.T) {
	rename := AppRename{Address: `heroku_app.a["old-app"]`, Old: "old-app", New: "new-app"}
	c, err := Load(folder(t, map[string]string{"a.tf": "resource \"heroku_app\" \"a\" {\n  for_each = toset([\"old-app\"])\n  name = each.key\n}\nresource \"heroku_app\" \"b\" {\n  name = \"b-app\"\n}\n", "b.tf": ""}))
	if err != nil {
		t.Fatal(err)
	}
	other := AppRename{Address: "heroku_app.b", Old: "b-app", New: "c-app"}
	state := []string{rename.Address, "heroku_app.b"}
	if e, err := c.RenameWithState(state, rename, other); err != nil || len(e.Files) != 2 || len(e.Files[0].Places) != 2 || e.Files[1].Places != nil || len(e.Moved) != 1 || e.ByHand != nil {
		t.Fatalf("got %+v, %v", e, err)
	}
	moved := filepath.Join(c.dir, "moved.tf")
	for _, tt := range []struct {
		text  string // of moved.tf; "" for none
		spoil func(c *Config)
		want  string
	}{
		{"", func(c *Config) { c.files[0].data = append([]byte("}"), c.files[0].data[1:]...) }, "edit " + c.files[0].name + ": edited file isn't what was meant: "},
		{"", func(c *Config) { c.files[1].data = []byte("}") }, "edited file isn't what was meant: " + c.files[1].name + ":1:1: "},
		{"", func(c *Config) { os.WriteFile(moved, []byte("}"), 0o600) }, "edited file isn't what was meant: " + moved + ":1:1: "},
		{"", func(c *Config) { c.dir = filepath.Join(c.dir, "none") }, "edited file isn't what was meant: read configuration: "},
		{"# moves\n", func(c *Config) { c.byName[moved].data = []byte("}") }, "edit " + moved + ": edited file isn't what was meant: "},
	} {
		if tt.text != "" {
			if err := os.WriteFile(moved, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		o, err := Load(c.dir)
		if err != nil {
			t.Fatal(err)
		}
		tt.spoil(o)
		e, err := o.RenameWithState(state, rename, other)
		if !errors.Is(err, ErrProof) || e != nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("got %+v, %v, want %s", e, err, tt.want)
		}
		os.Remove(moved)
	}
	o, err := Load(c.dir)
	if err != nil {
		t.Fatal(err)
	}
	o.files[0].data = append(slices.Clip(o.files[0].data), '}')
	r, err := o.Release("heroku_app.a")
	if e, ok := errors.AsType[*FileError](err); !ok || r != nil || e.Name != o.files[0].name || !errors.Is(err, ErrProof) {
		t.Errorf("got %+v, %v", r, err)
	}
	c.files[0].data = append([]byte("}"), c.files[0].data[1:]...)
	if e, err := c.EditRename(other); !errors.Is(err, ErrProof) || e != nil || !strings.HasPrefix(err.Error(), "edit "+c.files[0].name+": ") {
		t.Errorf("got %+v, %v", e, err)
	}
	bad := AppRename{Address: "heroku_app.b", Old: "b-app"}
	if e, err := c.RenameWithState(state, bad); !errors.Is(err, ErrInvalidRename) || e != nil {
		t.Errorf("got %+v, %v", e, err)
	}
}

// TestProofReadsInstalledModules: an instance in a module that init has put elsewhere keeps
// its key as well.
func TestProofReadsInstalledModules(t *testing.T) {
	dir := folder(t, map[string]string{
		"main.tf":                      "module \"app\" {\n  source = \"acme/app/heroku\"\n  apps   = { old-app = 1 }\n}\n",
		"data/modules/app/main.tf":     "variable \"apps\" {}\nresource \"heroku_app\" \"a\" {\n  for_each = var.apps\n}\n",
		"data/modules/modules.json":    `{"Modules":[{"Key":"app","Source":"registry.terraform.io/acme/app/heroku","Dir":"data/modules/app"}]}`,
		".terraform/modules/main.tofu": "",
	})
	c, err := Options{DataDir: "data"}.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	main := c.files[0]
	edits := []FileEdit{{Path: main.name, Old: main.data, New: []byte(strings.Replace(string(main.data), "old-app", "new-app", 1))}}
	f := &finder{c: c, blockKeys: map[scopeKey]blockKeys{}}
	const address = `module.app.heroku_app.a["old-app"]`
	if err := f.proveKeys([]string{address}, edits); err == nil || err.Error() != address+" would lose its key" {
		t.Errorf("got %v", err)
	}
}

// TestEditedPlaces: places are edited once, and those of an edit are in the order of the
// file; their texts may be shown.
func TestEditedPlaces(t *testing.T) {
	c, err := Load(folder(t, map[string]string{"a.tf": "x {\n  a = \"1\"\n  b = \"2\"\n  c = \"3\"\n}\n", "b.tf": "x {\n  a = \"1\"\n}\n"}))
	if err != nil {
		t.Fatal(err)
	}
	place := func(file, line int, editable bool) Place {
		start := 11 + 10*(line-2)
		return Place{Position: Position{File: c.files[file].name, Line: line}, Old: string(c.files[file].data[start]), New: "n", Editable: editable, start: start, end: start + 1, text: "n"}
	}
	all := []Place{place(1, 2, true), place(0, 3, true), place(0, 2, true), place(0, 4, false), place(0, 3, true)}
	got, err := c.editPlaces(all)
	want := []FileEdit{
		{Path: c.files[0].name, Old: c.files[0].data, New: []byte("x {\n  a = \"n\"\n  b = \"n\"\n  c = \"3\"\n}\n"), Places: []Place{all[2], all[1]}, shown: []string{"1", "n", "2", "n"}},
		{Path: c.files[1].name, Old: c.files[1].data, New: []byte("x {\n  a = \"n\"\n}\n"), Places: []Place{all[0]}, shown: []string{"1", "n"}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(FileEdit{}, Place{})); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if got, err := c.editPlaces(all[3:4]); got != nil || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestMergedCuts: cuts that touch are one, and no file begins with an empty line behind one.
func TestMergedCuts(t *testing.T) {
	for _, tt := range []struct {
		name, data    string
		changes, want []replace
	}{
		{"none", "abc", nil, nil},
		{"apart", "abcdefgh", []replace{{5, 6, ""}, {1, 3, ""}}, []replace{{1, 3, ""}, {5, 6, ""}}},
		{"touching", "abcdefgh", []replace{{3, 6, ""}, {1, 3, ""}}, []replace{{1, 6, ""}}},
		{"over another", "abcdefgh", []replace{{1, 6, ""}, {2, 4, ""}, {6, 7, ""}}, []replace{{1, 7, ""}}},
		{"beside a text", "abcdefgh", []replace{{1, 3, "x"}, {3, 4, ""}, {4, 5, "y"}}, []replace{{1, 3, "x"}, {3, 4, ""}, {4, 5, "y"}}},
		{"at the start", "a\nb\n", []replace{{0, 2, ""}}, []replace{{0, 2, ""}}},
		{"at the start, an empty line", "a\n \nb\n", []replace{{0, 2, ""}}, []replace{{0, 4, ""}}},
		{"at the start, all", "a\n", []replace{{0, 2, ""}}, []replace{{0, 2, ""}}},
		{"a text at the start", "a\n\nb\n", []replace{{0, 2, "x"}}, []replace{{0, 2, "x"}}},
		{"not at the start", "a\nb\n\nc\n", []replace{{2, 4, ""}}, []replace{{2, 4, ""}}},
	} {
		given := append([]replace(nil), tt.changes...)
		if diff := cmp.Diff(tt.want, (&file{data: []byte(tt.data)}).mergeCuts(tt.changes), cmp.AllowUnexported(replace{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(given, tt.changes, cmp.AllowUnexported(replace{})); diff != "" {
			t.Errorf("%s: what was given has changed:\n%s", tt.name, diff)
		}
	}
}
