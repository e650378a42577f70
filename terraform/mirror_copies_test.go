package terraform

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestCopyTree: what stands in for a link where there are none: the same files, for this user
// alone.
func TestCopyTree(t *testing.T) {
	dir := t.TempDir()
	tree(t, dir, map[string]string{"from/a": "A", "from/sub/b": "B", "from/sub/deep/c": "C", "file": "F", "there/sub": "in the way", "taken/a": "old"})
	if err := os.MkdirAll(filepath.Join(dir, "from", "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	links := os.Symlink("a", filepath.Join(dir, "from", "link")) == nil && runtime.GOOS != "windows"
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	if err := copyTree(from, to); err != nil {
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
	if err := copyTree(filepath.Join(dir, "file"), filepath.Join(dir, "file2")); err != nil {
		t.Error(err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "file2")); err != nil || string(data) != "F" {
		t.Errorf("a file alone: %s, %v", data, err)
	}
	for _, tt := range [][2]string{{"none", "to2"}, {"from", "there"}, {"from", "taken"}, {"file", "file2"}} {
		if err := copyTree(filepath.Join(dir, tt[0]), filepath.Join(dir, tt[1])); err == nil {
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
