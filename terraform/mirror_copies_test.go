package terraform

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCopyTree: what stands in for a link where there are none: the same files, for this user
// alone.
func TestCopyTree(t *testing.T) {
	none := func(string) bool { return false }
	dir := t.TempDir()
	tree(t, dir, map[string]string{"from/a": "A", "from/sub/b": "B", "from/sub/deep/c": "C", "file": "F", "there/sub": "in the way", "taken/a": "old"})
	if err := os.MkdirAll(filepath.Join(dir, "from", "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	links := os.Symlink("a", filepath.Join(dir, "from", "link")) == nil && runtime.GOOS != "windows"
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	if err := copyTree(from, to, none); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": "A", "sub/b": "B", "sub/deep/c": "C"} {
		path := filepath.Join(to, name)
		data, err := os.ReadFile(path)
		info, ierr := os.Stat(path)
		if err != nil || ierr != nil || string(data) != want || !hasMode(info, 0o600) {
			t.Errorf("%s is %s, %v, %v", name, data, err, ierr)
		}
	}
	for _, name := range []string{"", "empty", "sub"} {
		if info, err := os.Stat(filepath.Join(to, name)); err != nil || !info.IsDir() || !hasMode(info, 0o700) {
			t.Errorf("folder %q: %v", name, err)
		}
	}
	if _, err := os.Lstat(filepath.Join(to, "link")); links && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a link was copied: %v", err)
	}
	if err := copyTree(filepath.Join(dir, "file"), filepath.Join(dir, "file2"), none); err != nil {
		t.Error(err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "file2")); err != nil || string(data) != "F" {
		t.Errorf("a file alone: %s, %v", data, err)
	}
	for _, tt := range [][2]string{{"none", "to2"}, {"from", "there"}, {"from", "taken"}, {"file", "file2"}} {
		if err := copyTree(filepath.Join(dir, tt[0]), filepath.Join(dir, tt[1]), none); err == nil {
			t.Errorf("%v: no error", tt)
		}
	}
	if data, err := os.ReadFile(filepath.Join(dir, "taken", "a")); err != nil || string(data) != "old" {
		t.Errorf("a file was overwritten: %s, %v", data, err)
	}
	for _, tt := range [][2]string{{"none", "x"}, {"from", "x2"}, {"file", "file2"}, {"file", "no/x"}} {
		if err := copyFile(filepath.Join(dir, tt[0]), filepath.Join(dir, tt[1])); err == nil {
			t.Errorf("%v: no error", tt)
		}
	}
}

// TestMirrorLeavesStateOut: the state of a local backend's path is locked while a plan is made,
// so that it couldn't be copied. Neither it nor what stands beside it is in the mirror.
func TestMirrorLeavesStateOut(t *testing.T) {
	const others = "main.tf other.tf"
	const dotted = ".other.tfstate .other.tfstate.backup .other.tfstate.herokutf-journal .other.tfstate.lock.info"
	const deep = "sub/.deep.tfstate.lock.info sub/deep.tfstate sub/deep.tfstate.backup sub/deep.tfstate.herokutf-20260102T150405Z-serial9.backup"
	for name, test := range map[string]struct{ state, want string }{
		"in the folder":    {"prod/.other.tfstate", others + " sub/a " + deep},
		"in one within":    {"prod/sub/deep.tfstate", dotted + " " + others + " sub/a"},
		"in one elsewhere": {"state/main.tf", dotted + " " + others + " sub/a " + deep},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			files := map[string]string{"prod/terraform.tfstate": ""}
			for name := range strings.FieldsSeq(strings.Join([]string{others, dotted, "sub/a", deep}, " ")) {
				files["prod/"+name] = ""
			}
			tree(t, dir, files)
			m := &mirror{config: filepath.Join(dir, "prod"), states: []string{filepath.Join(dir, "prod", stateName), filepath.Join(dir, filepath.FromSlash(test.state))}}
			if err := copyTree(filepath.Join(dir, "prod"), filepath.Join(dir, "to", "prod"), m.leavesOut); err != nil {
				t.Fatal(err)
			}
			var got []string
			err := fs.WalkDir(os.DirFS(filepath.Join(dir, "to", "prod")), ".", func(path string, d fs.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					got = append(got, path)
				}
				return err
			})
			want := strings.Fields(test.want)
			slices.Sort(want)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("copied (-want +got), %v:\n%s", err, diff)
			}
		})
	}
}

// TestPlanLeavesStateOut: the folder that a plan is made in hasn't the state of the backend's path.
func TestPlanLeavesStateOut(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	prod := filepath.Join(dir, "prod")
	tree(t, prod, map[string]string{"main.tf": "", "other.tfstate": "{}", ".other.tfstate.lock.info": "{}", "network.tfstate": "{}"})
	f := &Folder{location: Location{Dir: prod, Path: filepath.Join(prod, "other.tfstate")}, dataDir: filepath.Join(prod, dataName), environ: func() []string { return nil }}
	c := &checker{f: f}
	defer c.close()
	if err := c.show(nil); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"main.tf": true, "network.tfstate": true, "other.tfstate": false, ".other.tfstate.lock.info": false} {
		if got := exists(filepath.Join(c.mirror.dir(), name)); got != want {
			t.Errorf("%s is there: %v, want %v", name, got, want)
		}
	}
}
