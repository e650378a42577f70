//go:build unix

package terraform

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/tfconfig"
)

// list describes a tree below dir, by paths: the content of a file, "-> TARGET" for a
// link, with names for the folders above.
func list(t *testing.T, dir string, names map[string]string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		switch {
		case d.Name() == scratchLock:
		case d.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			for name, dir := range names {
				if rel, ok := within(dir, target); ok {
					target = name + "/" + rel
				}
			}
			found[rel] = "-> " + target
			return err
		case d.Type().IsRegular():
			data, err := os.ReadFile(path)
			found[rel] = string(data)
			return err
		default:
			if info, err := d.Info(); err != nil || !hasMode(info, 0o700) {
				t.Errorf("folder %s: %v, %v", rel, info.Mode(), err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestMirror(t *testing.T) {
	top := real(t, t.TempDir())
	prod := filepath.Join(top, "infra", "prod")
	tree(t, top, map[string]string{
		"infra/prod/main.tf":            "main",
		"infra/prod/vars/a.tfvars":      "a",
		"infra/prod/app/main.tf":        "app",
		"infra/prod/app/sub/x.tf":       "x",
		"infra/prod/terraform.tfstate":  "secret",
		"infra/prod/network.tfstate":    "another state",
		"infra/prod/.terraform/p":       "",
		"infra/modules/db/main.tf":      "db",
		"infra/modules/db/README":       "readme",
		"infra/modules/web/main.tf":     "web",
		"infra/other/x":                 "",
		"shared/versions.tf":            "versions",
		"infra/" + scratchPrefix + "ab": "somebody's",
	})
	for link, target := range map[string]string{"infra/prod/versions.tf": "../../shared/versions.tf", "infra/prod/db": "../modules/db", "infra/prod/gone": "nowhere"} {
		if err := os.Symlink(target, filepath.Join(top, link)); err != nil {
			t.Fatal(err)
		}
	}
	skip := []string{stateName, dataName}
	m, err := newMirror(prod, prod, skip)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Dir(m.scratch.root) != filepath.Join(top, "infra") {
		t.Errorf("the mirror is %s", m.scratch.root)
	}
	names := map[string]string{"TOP": top, "MIRROR": m.scratch.root}
	plain := map[string]string{
		"main.tf": "-> TOP/infra/prod/main.tf", "vars": "-> TOP/infra/prod/vars", "app": "-> TOP/infra/prod/app", "network.tfstate": "-> TOP/infra/prod/network.tfstate",
		"versions.tf": "-> TOP/infra/prod/versions.tf", "db": "-> TOP/infra/prod/db", "gone": "-> TOP/infra/prod/gone",
	}
	if diff := cmp.Diff(plain, list(t, m.scratch.root, names)); diff != "" {
		t.Errorf("as it is (-want +got)\n%s", diff)
	}
	own := filepath.Join(m.scratch.root, "own")
	if err := os.WriteFile(own, []byte("own"), 0o600); err != nil {
		t.Fatal(err)
	}
	plain["own"] = "own"

	apply := func(edits ...tfconfig.FileEdit) []edited {
		t.Helper()
		files, err := resolve(top, edits)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.apply(files); err != nil {
			t.Fatal(err)
		}
		return files
	}
	apply(tfconfig.FileEdit{Path: "infra/prod/main.tf", New: []byte("new main")}, tfconfig.FileEdit{Path: "infra/prod/app/sub/x.tf", New: []byte("new x")},
		tfconfig.FileEdit{Path: "infra/prod/imports.tf", New: []byte("new file")}, tfconfig.FileEdit{Path: filepath.Join(top, "infra/prod/versions.tf"), New: []byte("new versions")})
	want := map[string]string{
		"main.tf": "new main", "vars": "-> TOP/infra/prod/vars", "app/main.tf": "-> TOP/infra/prod/app/main.tf", "app/sub/x.tf": "new x", "network.tfstate": "-> TOP/infra/prod/network.tfstate",
		"versions.tf": "new versions", "db": "-> TOP/infra/prod/db", "gone": "-> TOP/infra/prod/gone", "imports.tf": "new file", "own": "own",
	}
	if diff := cmp.Diff(want, list(t, m.scratch.root, names)); diff != "" {
		t.Errorf("with edits (-want +got)\n%s", diff)
	}
	apply()
	if diff := cmp.Diff(plain, list(t, m.scratch.root, names)); diff != "" {
		t.Errorf("as it was again (-want +got)\n%s", diff)
	}
	if err := m.close(); err != nil {
		t.Fatal(err)
	}

	// A module beside the folder is edited, by its own path and through a link.
	files, err := resolve(top, []tfconfig.FileEdit{{Path: "infra/prod/db/main.tf", New: []byte("new db")}})
	if err != nil {
		t.Fatal(err)
	}
	base := covering(prod, files)
	if base != filepath.Join(top, "infra") {
		t.Fatalf("base %s", base)
	}
	if m, err = newMirror(base, prod, skip); err != nil {
		t.Fatal(err)
	}
	defer m.close()
	if err := m.apply(files); err != nil {
		t.Fatal(err)
	}
	names["MIRROR"] = m.scratch.root
	want = map[string]string{"other": "-> TOP/infra/other", "modules/web": "-> TOP/infra/modules/web", "modules/db/main.tf": "new db", "modules/db/README": "-> TOP/infra/modules/db/README"}
	for name, what := range plain {
		if name != "own" {
			want["prod/"+name] = what
		}
	}
	got := list(t, m.scratch.root, names)
	if target := got["prod/db"]; !strings.HasSuffix(target, "/modules/db") || strings.Contains(target, "TOP/infra/modules") {
		t.Errorf("the link to the module leads to %s", target)
	}
	got["prod/db"] = want["prod/db"]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("with a module (-want +got)\n%s", diff)
	}
	if data, err := os.ReadFile(filepath.Join(m.dir(), "../modules/db/main.tf")); err != nil || string(data) != "new db" {
		t.Errorf("by the module's path: %s, %v", data, err)
	}
	if data, err := os.ReadFile(filepath.Join(m.dir(), "db/main.tf")); err != nil || string(data) != "new db" {
		t.Errorf("through the link: %s, %v", data, err)
	}
	for name, text := range map[string]string{"infra/prod/main.tf": "main", "infra/modules/db/main.tf": "db", "shared/versions.tf": "versions"} {
		if data, err := os.ReadFile(filepath.Join(top, name)); err != nil || string(data) != text {
			t.Errorf("the user's %s is %s, %v", name, data, err)
		}
	}
}

// TestMirrorElsewhere: where nothing can be made beside the folder, the mirror is among
// the temporary files, and ".." leads where it does in the folder.
func TestMirrorElsewhere(t *testing.T) {
	temp, top := real(t, t.TempDir()), real(t, t.TempDir())
	t.Setenv("TMPDIR", temp)
	prod := filepath.Join(top, "infra", "prod")
	tree(t, top, map[string]string{"infra/prod/main.tf": "main", "infra/prod/terraform.tfstate": "", "infra/modules/db/main.tf": "db", "shared/x": "x"})
	none := filepath.Join(top, "none", "prod") // also root can't make anything beside it
	m, err := newMirror(none, prod, []string{stateName})
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Dir(m.scratch.root) != temp {
		t.Errorf("the mirror is %s", m.scratch.root)
	}
	files, err := resolve(top, []tfconfig.FileEdit{{Path: "shared/x", New: []byte("new x")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.apply(files); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"main.tf": "main", "../modules/db/main.tf": "db", "../../shared/x": "new x"} {
		if data, err := os.ReadFile(filepath.Join(m.dir(), path)); err != nil || string(data) != want {
			t.Errorf("%s: %q, %v", path, data, err)
		}
	}
	if _, err := os.Lstat(filepath.Join(m.dir(), stateName)); !os.IsNotExist(err) {
		t.Errorf("the state is linked: %v", err)
	}
	if err := m.close(); err != nil {
		t.Error(err)
	}
	if left := scratches(t, temp); left != nil {
		t.Errorf("left behind: %v", left)
	}
	t.Setenv("TMPDIR", filepath.Join(top, "none"))
	if m, err := newMirror(none, prod, nil); err == nil {
		t.Errorf("a mirror was made: %s", m.scratch.root)
	}
}

// TestMirrorApply: a mirror shows the user's files as they are but for the edited ones,
// whatever it showed before, and touches nothing outside of it.
func TestMirrorApply(t *testing.T) {
	top := real(t, t.TempDir())
	tree(t, top, map[string]string{
		"prod/main.tf": "main", "prod/app/main.tf": "app", "prod/app/" + stateName: "of the application", "prod/" + stateName: "secret",
		"modules/db/main.tf": "db", "prod/" + scratchPrefix + "x/y": "", "prod/app/" + scratchPrefix + "x": "", "mirror/main.tf/in/the/way": "",
	})
	prod := filepath.Join(top, "prod")
	for link, target := range map[string]string{"prod/db": "../modules/db", "prod/loop": "loop", "prod/alias.tf": "main.tf", "prod/up": "../.."} {
		if err := os.Symlink(target, filepath.Join(top, link)); err != nil {
			t.Fatal(err)
		}
	}
	m := &mirror{scratch: &scratch{root: filepath.Join(top, "mirror", "m")}, base: top, config: prod, skip: []string{stateName, "mirror"}}
	names := map[string]string{"TOP": top, "MIRROR": m.scratch.root}
	if err := os.Mkdir(m.scratch.root, 0o700); err != nil {
		t.Fatal(err)
	}
	at := func(name, text string) edited {
		path := filepath.Join(top, filepath.FromSlash(name))
		real := path
		if r, err := filepath.EvalSymlinks(path); err == nil {
			real = r
		}
		return edited{path, real, []byte(text)}
	}
	plain := map[string]string{
		"mirror": "-> TOP/mirror", "modules": "-> TOP/modules", "prod/main.tf": "-> TOP/prod/main.tf", "prod/alias.tf": "-> TOP/prod/alias.tf",
		"prod/app": "-> TOP/prod/app", "prod/db": "-> TOP/prod/db", "prod/loop": "-> TOP/prod/loop", "prod/up": "-> TOP/prod/up",
	}
	for range 2 {
		if err := m.apply(nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(plain, list(t, m.scratch.root, names)); diff != "" {
			t.Errorf("as it is (-want +got)\n%s", diff)
		}
		if err := m.apply([]edited{at("prod/app/main.tf", "new app"), at("prod/alias.tf", "new main"), at("prod/new.tf", "new"), at("modules/db/main.tf", "new db")}); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{
			"mirror": "-> TOP/mirror", "modules/db/main.tf": "new db", "prod/main.tf": "new main", "prod/alias.tf": "new main", "prod/new.tf": "new",
			"prod/app/main.tf": "new app", "prod/app/" + stateName: "-> TOP/prod/app/" + stateName, "prod/loop": "-> TOP/prod/loop", "prod/up": "-> TOP/prod/up",
		}
		got := list(t, m.scratch.root, names)
		if target, err := os.Readlink(filepath.Join(m.dir(), "db")); err != nil || target != filepath.Join(m.scratch.root, "modules", "db") {
			t.Errorf("the link to the module leads to %s, %v", target, err)
		}
		delete(got, "prod/db")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("with edits (-want +got)\n%s", diff)
		}
	}
	// A new file that is gone again is no fault, and one that can't be removed is.
	added := filepath.Join(m.dir(), "new.tf")
	if err := os.Remove(added); err != nil {
		t.Fatal(err)
	}
	if err := m.apply([]edited{at("prod/new.tf", "new")}); err != nil {
		t.Fatal(err)
	}
	os.Remove(added)
	tree(t, added, map[string]string{"x": ""})
	if err := m.apply(nil); err == nil {
		t.Error("an added file that can't be removed: no error")
	}
	// Nothing is written outside of what the mirror stands for, nor where there is no folder.
	m = &mirror{scratch: &scratch{root: filepath.Join(top, "mirror", "n")}, base: prod, config: prod, skip: []string{stateName}}
	if err := m.apply([]edited{at("modules/new.tf", "new"), at("modules/db/main.tf", "new db")}); err != nil {
		t.Error(err)
	}
	if exists(filepath.Join(top, "modules", "new.tf")) {
		t.Error("a file of the user's was made")
	}
	if data, err := os.ReadFile(filepath.Join(top, "modules", "db", "main.tf")); err != nil || string(data) != "db" {
		t.Errorf("a file of the user's is %s, %v", data, err)
	}
	if err := m.apply([]edited{at("prod/none/new.tf", "new")}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a new file in a folder that isn't there: %v", err)
	}
	// Paths that lead nowhere.
	for name, is := range map[string]error{"none/x.tf": fs.ErrNotExist, "prod/loop": nil, "prod/main.tf/x": nil} {
		if files, err := resolve(top, []tfconfig.FileEdit{{Path: name}}); err == nil || files != nil || is != nil && !errors.Is(err, is) {
			t.Errorf("%s: %v, %v", name, files, err)
		}
	}
	// What isn't below any folder is below the highest.
	if got := covering(prod, []edited{{path: "elsewhere"}}); got != "/" {
		t.Errorf("got %s", got)
	}
	// What can't be shown leaves nothing behind.
	if m, err := newMirror(filepath.Join(top, "gone"), filepath.Join(top, "gone"), nil); m != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, %v", m, err)
	}
	if left := scratches(t, top); left != nil {
		t.Errorf("left behind: %v", left)
	}
}
