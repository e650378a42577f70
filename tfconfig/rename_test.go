package tfconfig_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/tfconfig"
)

// load writes a configuration of the given files to a directory of its own.
func load(t testing.TB, files map[string]string) (*tfconfig.Config, string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	c, err := tfconfig.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c, dir
}

var webRename = tfconfig.AppRename{Address: "heroku_app.web", Old: "old-app", New: "new-app"}

// Bytes that txtar can't hold, or that an editor would tidy up.
func TestEditRenameKeepsBytes(t *testing.T) {
	tests := []struct{ name, file, in, want string }{
		{
			"crlf", "main.tf",
			"# c\r\nresource \"heroku_app\" \"web\" {\r\n  name = \"old-app\"\r\n}\r\n",
			"# c\r\nresource \"heroku_app\" \"web\" {\r\n  name = \"new-app\"\r\n}\r\n",
		},
		{
			"byte order mark", "main.tf",
			"\ufeffresource \"heroku_app\" \"web\" {\n  name = \"old-app\"\n}\n",
			"\ufeffresource \"heroku_app\" \"web\" {\n  name = \"new-app\"\n}\n",
		},
		{
			"no newline at the end", "main.tf",
			`resource "heroku_app" "web" { name = "old-app" }`,
			`resource "heroku_app" "web" { name = "new-app" }`,
		},
		{
			"unformatted", "main.tf",
			"resource heroku_app web {\n\tname=(\"old-app\")//x\n\n\n   acm   =  true\n}",
			"resource heroku_app web {\n\tname=(\"new-app\")//x\n\n\n   acm   =  true\n}",
		},
		{
			"wide characters before", "main.tf",
			"/* 日本語 👩‍🚀 */ resource \"heroku_app\" \"web\" {\n  /* é */ name = \"old-app\"\n}\n",
			"/* 日本語 👩‍🚀 */ resource \"heroku_app\" \"web\" {\n  /* é */ name = \"new-app\"\n}\n",
		},
		{
			"heredoc beside it", "main.tf",
			"resource \"heroku_app\" \"web\" {\n  buildpacks = [<<-X\n   old-app\r\n  X\n  ]\n  name = \"old-app\"\n}\n",
			"resource \"heroku_app\" \"web\" {\n  buildpacks = [<<-X\n   old-app\r\n  X\n  ]\n  name = \"new-app\"\n}\n",
		},
		{
			"json", "main.tf.json",
			"{\"resource\":\r\n\t{\"heroku_app\":{\"web\":{\"x\":1e400,\"name\":\"old-app\",\"\\u0061\":\"\\/\"}}}}",
			"{\"resource\":\r\n\t{\"heroku_app\":{\"web\":{\"x\":1e400,\"name\":\"new-app\",\"\\u0061\":\"\\/\"}}}}",
		},
		{
			"escaped json stays", "main.tf.json",
			`{"resource":{"heroku_app":{"web":{"name":"old\u002dapp"}}}}`,
			"",
		},
		{
			"escaped hcl stays", "main.tf",
			"resource \"heroku_app\" \"web\" {\n  name = \"old\\u002dapp\"\n}\n",
			"",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, dir := load(t, map[string]string{tt.file: tt.in})
			edits, err := c.EditRename(webRename)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				if edits != nil {
					t.Errorf("got %d edits, want none", len(edits))
				}
				if places := c.RenamePlaces(webRename); len(places) != 1 || places[0].Note == "" {
					t.Errorf("got places %v, want one with a note", places)
				}
				return
			}
			if len(edits) != 1 {
				t.Fatalf("got %d edits, want 1; places %v", len(edits), c.RenamePlaces(webRename))
			}
			if diff := cmp.Diff(tt.want, string(edits[0].New)); diff != "" {
				t.Errorf("edited (-want +got):\n%s", diff)
			}
			if err := tfconfig.Apply(edits); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(dir, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("file (-want +got):\n%s", diff)
			}
		})
	}
}

// No value but the name itself shows, whatever the place.
func TestPlacesShowNoSecrets(t *testing.T) {
	c, _ := load(t, map[string]string{
		"main.tf": `
variable "secrets" {
  default = { name = "old-app", password = "hunter2" }
}
variable "prefix" {}
locals {
  all = merge(var.secrets, { token = "hunter2" })
}
resource "heroku_app" "web" {
  name = lookup(local.all, "name")
  sensitive_config_vars = {
    URL = "postgres://u:hunter2@old-app.example.com/${heroku_app.web.name}"
  }
}
resource "heroku_app" "api" {
  name = "${var.prefix}-${jsonencode(local.all)}"
}
resource "heroku_config" "c" {
  sensitive_vars = { (heroku_app.web.name) = "hunter2 old-app hunter2" }
}
`,
		"terraform.tfvars": "prefix = \"hunter2\"\nsecrets = { name = \"old-app\", password = \"hunter2 old-app\" }\n",
	})
	places := c.RenamePlaces(webRename, tfconfig.AppRename{Address: "heroku_app.api", Old: "hunter9-x", New: "new-api"})
	if len(places) < 6 {
		t.Errorf("got only %d places: %v", len(places), places)
	}
	for _, p := range places {
		if got := fmt.Sprintf("%v %+v", p, p); strings.Contains(got, "hunter2") {
			t.Errorf("a place shows a secret: %s", strings.ReplaceAll(got, "hunter2", "SECRET"))
		}
	}
}

func TestRenameLinkedFileOnce(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("creating symbolic links needs a privilege on Windows")
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "shared.tf"), []byte("resource \"heroku_app\" \"web\" {\n  name = \"old-app\"\n}\nlocals {\n  note = \"see old-app\"\n}\n"))
	for _, name := range []string{"a", "b"} {
		if err := os.MkdirAll(filepath.Join(dir, "root", name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("../../shared.tf", filepath.Join(dir, "root", name, "app.tf")); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, filepath.Join(dir, "root", "main.tf"), []byte(`
module "a" {
  source = "./a"
}
module "b" {
  source = "./b"
}
`))
	c, err := tfconfig.Load(filepath.Join(dir, "root"))
	if err != nil {
		t.Fatal(err)
	}
	rename := webRename
	rename.Address = "module.a.heroku_app.web"
	other := webRename
	other.Address = "module.b.heroku_app.web"
	mentions := 0
	for _, p := range c.RenamePlaces(rename, other) {
		if p.Kind == tfconfig.KindMention {
			mentions++
		}
	}
	if mentions != 1 {
		t.Errorf("%d mentions, want 1", mentions)
	}
	edits, err := c.EditRename(rename, other)
	if err != nil {
		t.Fatal(err)
	}
	if len(edits) != 1 || len(edits[0].Places) != 1 {
		t.Fatalf("got %d edits, want one of one place", len(edits))
	}
	if err := tfconfig.Apply(edits); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(filepath.Join(dir, "root", "a", "app.tf")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "shared.tf"))
	if err != nil || !bytes.Contains(got, []byte(`"new-app"`)) {
		t.Errorf("got %q, %v, want the new name in the file behind the links", got, err)
	}
}

// One real file under two names can't mean two apps.
func TestRenameLinkedFileNamesTwoApps(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("creating symbolic links needs a privilege on Windows")
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "m", "app.tf"), []byte("resource \"heroku_app\" \"web\" {\n  name = \"old-app\"\n}\n"))
	writeFile(t, filepath.Join(dir, "main.tf"), []byte("module \"a\" {\n  source = \"./m\"\n}\nmodule \"b\" {\n  source = \"./n\"\n}\n"))
	if err := os.Mkdir(filepath.Join(dir, "n"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../m/app.tf", filepath.Join(dir, "n", "app.tf")); err != nil {
		t.Fatal(err)
	}
	c, err := tfconfig.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	rename := webRename
	rename.Address = "module.a.heroku_app.web"
	edits, err := c.EditRename(rename)
	if err != nil || edits != nil {
		t.Errorf("got %d edits, error %v, want none: the file names module.b's app too", len(edits), err)
	}
}

func TestRenameInvalid(t *testing.T) {
	c, _ := load(t, map[string]string{"main.tf": "resource \"heroku_app\" \"web\" {\n  name = \"old-app\"\n}\n"})
	tests := []struct {
		name    string
		renames []tfconfig.AppRename
	}{
		{"empty old", []tfconfig.AppRename{{Address: "heroku_app.web", New: "new-app"}}},
		{"quote", []tfconfig.AppRename{{Address: "heroku_app.web", Old: "old-app", New: `x" y`}}},
		{"template", []tfconfig.AppRename{{Address: "heroku_app.web", Old: "old-app", New: "${x}"}}},
		{"no address", []tfconfig.AppRename{{Address: "heroku_app", Old: "old-app", New: "new-app"}}},
		{"bad address", []tfconfig.AppRename{{Address: "heroku_app.web[", Old: "old-app", New: "new-app"}}},
		{"two new names", []tfconfig.AppRename{webRename, {Old: "old-app", New: "else-app"}}},
		{"two old names", []tfconfig.AppRename{webRename, {Old: "older-app", New: "new-app"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if edits, err := c.EditRename(tt.renames...); !errors.Is(err, tfconfig.ErrInvalidRename) || edits != nil {
				t.Errorf("got %d edits, error %v, want ErrInvalidRename", len(edits), err)
			}
			for _, p := range c.RenamePlaces(tt.renames...) {
				if p.Editable {
					t.Errorf("editable in spite of an invalid rename: %v", p)
				}
			}
		})
	}
}

func TestApplyKeepsMode(t *testing.T) {
	c, dir := load(t, map[string]string{"main.tf": "resource \"heroku_app\" \"web\" {\n  name = \"old-app\"\n}\n"})
	path := filepath.Join(dir, "main.tf")
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	edits, err := c.EditRename(webRename)
	if err != nil {
		t.Fatal(err)
	}
	if err := tfconfig.Apply(edits); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); runtime.GOOS != "windows" && got != 0o640 {
		t.Errorf("mode: got %v, want -rw-r-----", got)
	}
	// The second time the file isn't what was read.
	if err := tfconfig.Apply(edits); !errors.Is(err, tfconfig.ErrChanged) {
		t.Errorf("applied again: got %v, want ErrChanged", err)
	}
	onlyFiles(t, dir, "main.tf")
}

func onlyFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// A fault in one file leaves all of them as they were.
func TestApplyAllOrNothing(t *testing.T) {
	files := map[string]string{
		"a.tf": "resource \"heroku_app\" \"web\" {\n  name = \"old-app\"\n}\n",
		"b.tf": "resource \"heroku_addon\" \"db\" {\n  app = \"old-app\"\n}\n",
		"c.tf": "data \"heroku_app\" \"web\" {\n  name = \"old-app\"\n}\n",
	}
	spoil := map[string]struct {
		do   func(t *testing.T, path string)
		want error
	}{
		"changed": {func(t *testing.T, path string) { writeFile(t, path, []byte("# changed\n")) }, tfconfig.ErrChanged},
		"gone": {func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}, fs.ErrNotExist},
		"read-only": {func(t *testing.T, path string) {
			if os.Geteuid() <= 0 {
				t.Skip("this user may write read-only files, or there are no users by number")
			}
			if err := os.Chmod(path, 0o444); err != nil {
				t.Fatal(err)
			}
		}, fs.ErrPermission},
	}
	for name, tt := range spoil {
		t.Run(name, func(t *testing.T) {
			c, dir := load(t, files)
			edits, err := c.EditRename(webRename)
			if err != nil {
				t.Fatal(err)
			}
			if len(edits) != 3 {
				t.Fatalf("got %d edits, want 3", len(edits))
			}
			tt.do(t, filepath.Join(dir, "b.tf"))
			err = tfconfig.Apply(edits)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			for _, name := range []string{"a.tf", "c.tf"} {
				got, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(files[name], string(got)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
	t.Run("twice", func(t *testing.T) {
		c, _ := load(t, files)
		edits, err := c.EditRename(webRename)
		if err != nil {
			t.Fatal(err)
		}
		if err := tfconfig.Apply(append(edits, edits[0])); err == nil || !strings.Contains(err.Error(), "edited twice") {
			t.Errorf("got %v, want that a file is edited twice", err)
		}
	})
}

func TestConfigFromManyGoroutines(t *testing.T) {
	c, _ := load(t, map[string]string{
		"main.tf": "variable \"api_slug_staging\" {}\nresource \"heroku_app\" \"web\" {\n  name = \"old-app\"\n}\n",
	})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if edits, err := c.EditRename(webRename); err != nil || len(edits) != 1 {
				t.Errorf("got %d edits, error %v", len(edits), err)
			}
			if r := c.CheckVariables(nil); len(r.Unresolved) != 1 {
				t.Errorf("got %v, want one unresolved", r)
			}
		})
	}
	wg.Wait()
}

// Values that refer to themselves, which Terraform refuses, end; nothing is
// edited by a trace that was cut short.
func TestSelfReference(t *testing.T) {
	c, _ := load(t, map[string]string{"main.tf": `
variable "name" {
  default = "old-app"
}
locals {
  a = local.b.x
  b = merge(local.a, { x = local.c.y }, { x = var.name })
  c = [for v in local.c : local.a]
}
resource "heroku_app" "web" {
  name = local.a
}
resource "heroku_app_release" "web" {
  app_id  = "x"
  slug_id = local.c[0].z
}
`})
	edits, err := c.EditRename(webRename)
	if err != nil || edits != nil {
		t.Errorf("got %d edits, error %v, want none", len(edits), err)
	}
	if r := c.CheckVariables([]string{"name"}); !r.Incomplete || r.OK() {
		t.Errorf("got a complete report %v", r)
	}
}

// What the real Terraform formats before, it formats after an edit, and the
// same but for the names.
func TestEditedFilesWithTerraform(t *testing.T) {
	terraform, err := exec.LookPath("terraform")
	if err != nil {
		t.Skip("no terraform on the PATH")
	}
	// All files of all cases, to be formatted by one process.
	dir := t.TempDir()
	edited := map[string]tfconfig.FileEdit{} // by the folder of before.tf and after.tf
	eachArchive(t, "rename", func(t *testing.T, a *archive) {
		c, err := tfconfig.Load(".")
		if err != nil {
			t.Fatal(err)
		}
		edits, err := c.EditRename(a.renames(t)...)
		if err != nil {
			t.Skip("nothing to edit in this case")
		}
		for i, e := range edits {
			if strings.HasSuffix(e.Path, ".json") {
				continue
			}
			folder := filepath.Join(dir, filepath.Base(a.path), fmt.Sprint(i))
			writeFile(t, filepath.Join(folder, "before.tf"), e.Old)
			writeFile(t, filepath.Join(folder, "after.tf"), e.New)
			edited[folder] = e
		}
	})
	cmd := exec.CommandContext(t.Context(), terraform, "fmt", "-no-color", "-recursive", "-list=false", dir)
	cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("terraform fmt: %v\n%s", err, out)
	}
	formatted := func(folder, name string) []string {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(string(data), "\n")
	}
	for folder, e := range edited {
		where := filepath.Base(filepath.Dir(folder)) + ": " + e.Path
		before, after := formatted(folder, "before.tf"), formatted(folder, "after.tf")
		if len(before) != len(after) {
			t.Errorf("%s: %d formatted lines became %d", where, len(before), len(after))
			continue
		}
		differ := 0
		for i := range before {
			if before[i] != after[i] {
				differ++
			}
		}
		lines := map[int]bool{}
		for _, p := range e.Places {
			lines[p.Line] = true
		}
		if differ != len(lines) {
			t.Errorf("%s: %d formatted lines differ, want %d", where, differ, len(lines))
		}
	}
	if len(edited) < 10 {
		t.Errorf("%d files were edited, want more cases", len(edited))
	}
}

// Keys are spelled as HCL needs them, whatever is in them.
func TestMovesQuotes(t *testing.T) {
	got := tfconfig.Moves([]string{
		`module.a["x` + "\u202e" + `\"y\\ $${z} %%{w} é"].heroku_app.web["old-app"]`,
		`module.b[2].module.c["old-app"].heroku_app.web[0]`,
		`module.c["old-app"].data.heroku_app.web["old-app"]`,
		`data.heroku_app.web["old-app"]`,
		`heroku_app.web["old-app"] (deposed 12345678)`,
		`heroku_app.web["old-app-2"]`,
		`heroku_app.old-app[0]`,
		`no address["old-app"`,
	}, webRename)
	want := []tfconfig.Move{
		{From: `module.a["x\u202e\"y\\ $${z} %%{w} é"].heroku_app.web["old-app"]`, To: `module.a["x\u202e\"y\\ $${z} %%{w} é"].heroku_app.web["new-app"]`},
		{From: `module.b[2].module.c["old-app"]`, To: `module.b[2].module.c["new-app"]`},
		{From: `module.c["old-app"]`, To: `module.c["new-app"]`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("moves (-want +got):\n%s", diff)
	}
	if got := tfconfig.Moves([]string{`heroku_app.web["else"]`}, webRename); got != nil {
		t.Errorf("no key is touched: got %v, want nil", got)
	}
	c, dir := load(t, map[string]string{"main.tf": ""})
	if _, err := c.RenameWithState([]string{got[0].From}, webRename); err != nil {
		t.Error(err)
	}
	writeFile(t, filepath.Join(dir, "moved.tf"), []byte(got[0].String()))
	if _, err := tfconfig.Load(dir); err != nil {
		t.Errorf("the block can't be read: %v", err)
	}
}

// Steps find their place free, and end where the moves end.
func TestStateMoves(t *testing.T) {
	address := func(key string) string { return `heroku_app.a["` + key + `"]` }
	for name, renames := range map[string][][2]string{
		"chain":   {{"app-a", "app-b"}, {"app-b", "app-c"}, {"app-c", "app-d"}},
		"swap":    {{"app-a", "app-b"}, {"app-b", "app-a"}},
		"circle":  {{"app-a", "app-b"}, {"app-b", "app-c"}, {"app-c", "app-a"}},
		"both":    {{"app-a", "app-b"}, {"app-b", "app-a"}, {"app-c", "app-d"}, {"app-d", "app-e"}},
		"nothing": nil,
	} {
		t.Run(name, func(t *testing.T) {
			var apps []tfconfig.AppRename
			var state []string
			where, want := map[string]string{}, map[string]string{}
			for _, r := range renames {
				apps = append(apps, tfconfig.AppRename{Address: address(r[0]), Old: r[0], New: r[1]})
				state = append(state, address(r[0]))
				where[address(r[0])], want[address(r[1])] = r[0], r[0]
			}
			moves := tfconfig.Moves(state, apps...)
			for _, m := range moves {
				if m.Note == "" {
					t.Errorf("%s -> %s has no note", m.From, m.To)
				}
			}
			for _, m := range tfconfig.StateMoves(moves) {
				if where[m.To] != "" || where[m.From] == "" {
					t.Errorf("%s -> %s: the place isn't free, or empty", m.From, m.To)
				}
				where[m.To] = where[m.From]
				delete(where, m.From)
			}
			if diff := cmp.Diff(want, where); diff != "" {
				t.Errorf("where they end (-want +got):\n%s", diff)
			}
		})
	}
}

// A file that is new is made, and gone again when something fails.
func TestApplyNewFile(t *testing.T) {
	dir := t.TempDir()
	edit := tfconfig.FileEdit{Path: filepath.Join(dir, "moved.tf"), New: []byte("moved {}\n")}
	if err := tfconfig.Apply([]tfconfig.FileEdit{edit}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(edit.Path)
	if err != nil || !bytes.Equal(got, edit.New) {
		t.Errorf("got %q, %v", got, err)
	}
	if err := tfconfig.Apply([]tfconfig.FileEdit{edit}); !errors.Is(err, tfconfig.ErrChanged) {
		t.Errorf("made again: got %v, want ErrChanged", err)
	}
	other := edit
	other.Path = filepath.Join(dir, "other.tf")
	if err := tfconfig.Apply([]tfconfig.FileEdit{other, edit}); !errors.Is(err, tfconfig.ErrChanged) {
		t.Errorf("beside another: got %v, want ErrChanged", err)
	}
	onlyFiles(t, dir, "moved.tf")
}

// The blocks go into the root's own file, with the file's line endings.
func TestMovedFile(t *testing.T) {
	const app = "resource \"heroku_app\" \"web\" {\n  for_each = toset([\"old-app\"])\n  name     = each.key\n}\n"
	block := tfconfig.Move{From: `heroku_app.web["old-app"]`, To: `heroku_app.web["new-app"]`}.String()
	crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	before := "moved {\n  from = heroku_app.x\n  to   = heroku_app.y\n}\n"
	tests := []struct {
		name, file string
		files      map[string]string
		want       string
	}{
		{"new", "moved.tf", map[string]string{"main.tf": app}, block},
		{"there", "moved.tf", map[string]string{"main.tf": app, "moved.tf": "# moves"}, "# moves\n\n" + block},
		{"empty", "moved.tf", map[string]string{"main.tf": app, "moved.tf": ""}, block},
		{"behind others", "refactor.tf", map[string]string{"main.tf": app, "refactor.tf": before}, before + "\n" + block},
		{"crlf", "refactor.tf", map[string]string{"main.tf": app, "refactor.tf": crlf(before)}, crlf(before + "\n" + block)},
		{"tofu", "moved.tofu", map[string]string{"main.tofu": app}, block},
		{"both", "moved.tf", map[string]string{"main.tofu": app, "x.tf": ""}, block},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, dir := load(t, tt.files)
			edit, err := c.RenameWithState([]string{`heroku_app.web["old-app"]`},
				tfconfig.AppRename{Address: `heroku_app.web["old-app"]`, Old: "old-app", New: "new-app"})
			if err != nil {
				t.Fatal(err)
			}
			if err := tfconfig.Apply(edit.Files); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(dir, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.file, diff)
			}
		})
	}
}
