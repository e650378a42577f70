package tfconfig

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/diskio"
)

// A file that was replaced before a later rename failed gets its old bytes
// and mode back.
func TestRestore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "main.tf")
	if err := os.WriteFile(path, []byte("old\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &replacement{on: diskio.OS{}, edit: FileEdit{Path: path, Old: []byte("old\r\n"), New: []byte("new\r\n")}}
	if err := r.open(); err != nil {
		t.Fatal(err)
	}
	temp, err := r.write(r.edit.New)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(temp, r.target); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "new\r\n" {
		t.Fatalf("got %q, %v, want the new bytes", got, err)
	}
	if err := r.restore(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "old\r\n" {
		t.Errorf("got %q, %v, want the old bytes", got, err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("got %d files, %v, want 1", len(entries), err)
	}
}

// folderOf reads all of a folder.
func folderOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestApplySteps has every step of writing several files fail: each file is as it was, no
// other file is left behind, and the error names the file.
func TestApplySteps(t *testing.T) {
	old := map[string]string{"a.tf": "a", "sub/b.tf": "b", "c.tf": "c"}
	edits := func(dir string) []FileEdit {
		return []FileEdit{
			{Path: filepath.Join(dir, "a.tf"), Old: []byte("a"), New: []byte("A")},
			{Path: filepath.Join(dir, "new.tf"), New: []byte("N")},
			{Path: filepath.Join(dir, "sub", "b.tf"), Old: []byte("b"), New: []byte("B")},
			{Path: filepath.Join(dir, "sub", "secret.tf"), New: []byte("S"), Sensitive: true},
			{Path: filepath.Join(dir, "c.tf"), Old: []byte("c"), New: []byte("C")},
		}
	}
	fresh := func(t *testing.T) string {
		t.Helper()
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "sub"), 0o777); err != nil {
			t.Fatal(err)
		}
		for name, text := range old {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o640); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	for failing := range edits("") {
		for name, breaks := range map[string]func(t *testing.T, r *replacement) (undo func()){
			"its new content is gone": func(t *testing.T, r *replacement) func() {
				if err := os.Remove(r.temp); err != nil {
					t.Fatal(err)
				}
				return func() {}
			},
			"it has changed": func(t *testing.T, r *replacement) func() {
				if err := os.WriteFile(r.target, []byte("changed"), 0o666); err != nil {
					t.Fatal(err)
				}
				return func() {
					if r.isNew() {
						os.Remove(r.target)
					} else if got, err := os.ReadFile(r.target); err != nil || string(got) != "changed" {
						t.Errorf("%s: got %q, %v", r.edit.Path, got, err)
					} else if err := os.WriteFile(r.target, r.edit.Old, 0o666); err != nil {
						t.Error(err)
					}
				}
			},
			"it can't be read": func(t *testing.T, r *replacement) func() {
				if r.isNew() {
					return nil
				}
				if err := errors.Join(os.Remove(r.target), os.Mkdir(r.target, 0o777)); err != nil {
					t.Fatal(err)
				}
				return func() {
					if err := errors.Join(os.Remove(r.target), os.WriteFile(r.target, r.edit.Old, 0o666)); err != nil {
						t.Error(err)
					}
				}
			},
		} {
			dir := fresh(t)
			work, err := planned(diskio.OS{}, edits(dir))
			if err != nil {
				t.Fatal(err)
			}
			if err := stage(work); err != nil {
				t.Fatal(err)
			}
			if got := len(folderOf(t, dir)); got != len(old)+len(work) {
				t.Errorf("%d files when the new contents are written", got)
			}
			undo := breaks(t, work[failing])
			if undo == nil {
				continue
			}
			path := work[failing].edit.Path
			err = swap(work)
			if err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("%s, %s: got %v", path, name, err)
			}
			if e, ok := errors.AsType[*FileError](err); !ok || e.Name != path {
				t.Errorf("%s, %s: got %T of %v", path, name, err, e)
			}
			if name == "it has changed" && !errors.Is(err, ErrChanged) {
				t.Errorf("%s: got %v, want ErrChanged", path, err)
			}
			undo()
			for _, r := range work {
				if r.temp != "" {
					os.Remove(r.temp)
				}
			}
			if diff := cmp.Diff(old, folderOf(t, dir)); diff != "" {
				t.Errorf("%s, %s (-before +after):\n%s", path, name, diff)
			}
		}
	}

	// A file that can't be opened, and a folder that isn't there, are faults of their own,
	// all at once, and nothing is written.
	dir := fresh(t)
	faulty := edits(dir)
	faulty[0].Old, faulty[2].Path, faulty[3].Path = []byte("other"), filepath.Join(dir, "sub"), filepath.Join(dir, "nowhere", "x.tf")
	faulty = append(faulty, FileEdit{Path: filepath.Join(dir, "sub", "..", "c.tf"), Old: []byte("c"), New: []byte("D")}, FileEdit{Path: filepath.Join(dir, "sub", "b.tf"), New: []byte("x")})
	err := Apply(faulty)
	list, _ := errors.AsType[ErrorList](err)
	var names []string
	for _, e := range list {
		if e, ok := errors.AsType[*FileError](e); ok {
			names = append(names, e.Name)
		}
	}
	want := []string{faulty[0].Path, faulty[2].Path, faulty[3].Path, faulty[5].Path, faulty[6].Path}
	if diff := cmp.Diff(want, names); diff != "" || !errors.Is(err, ErrChanged) {
		t.Errorf("faults (-want +got):\n%s\n%v", diff, err)
	}
	if diff := cmp.Diff(old, folderOf(t, dir)); diff != "" {
		t.Errorf("after faults (-before +after):\n%s", diff)
	}

	// And all of it.
	if err := Apply(edits(dir)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a.tf": "A", "sub/b.tf": "B", "c.tf": "C", "new.tf": "N", "sub/secret.tf": "S"}, folderOf(t, dir)); diff != "" {
		t.Errorf("after all (-want +got):\n%s", diff)
	}
	if runtime.GOOS != "windows" {
		for name, mode := range map[string]fs.FileMode{"a.tf": 0o640, "sub/b.tf": 0o640, "new.tf": 0o644, "sub/secret.tf": 0o600} {
			if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != mode {
				t.Errorf("%s: %v, %v, want %v", name, info.Mode(), err, mode)
			}
		}
	}
	// What is the same already isn't opened.
	if err := Apply([]FileEdit{{Path: filepath.Join(dir, "nowhere"), Old: []byte("x"), New: []byte("x")}}); err != nil {
		t.Error(err)
	}
}

// TestRestoreFails: what can't be put back is named beside what went wrong first.
func TestRestoreFails(t *testing.T) {
	dir := t.TempDir()
	sub := filepath.Join(dir, "sub")
	if err := errors.Join(os.Mkdir(sub, 0o777), os.WriteFile(filepath.Join(sub, "a.tf"), []byte("a"), 0o666), os.WriteFile(filepath.Join(dir, "b.tf"), []byte("b"), 0o666)); err != nil {
		t.Fatal(err)
	}
	work, err := planned(diskio.OS{}, []FileEdit{
		{Path: filepath.Join(sub, "a.tf"), Old: []byte("a"), New: []byte("A")},
		{Path: filepath.Join(dir, "b.tf"), Old: []byte("b"), New: []byte("B")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(stage(work), os.Remove(work[1].temp)); err != nil {
		t.Fatal(err)
	}
	work[0].edit.Old = []byte("a")
	if err := work[0].unchanged(); err != nil {
		t.Fatal(err)
	}
	// Its folder goes with the first rename.
	if err := work[0].replace(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(sub); err != nil {
		t.Fatal(err)
	}
	if err := work[0].restore(); err == nil {
		t.Error("a file was put back into a folder that is gone")
	}
	fresh := &replacement{on: diskio.OS{}, target: filepath.Join(sub, "new.tf")}
	if err := fresh.restore(); err == nil {
		t.Error("a new file that is gone was removed")
	}
}

// An edit that would change anything but the listed names isn't let through.
func TestProve(t *testing.T) {
	native := "a = \"old-app\" # c\nb = 1\n"
	json := `{"a": "old-app", "b": 1}`
	place := func(start int) []replace {
		return []replace{{start, start + len(`"old-app"`), `"new-app"`}}
	}
	tests := []struct {
		name, in, out string
		places        []replace
		ok            bool
	}{
		{"native", native, "a = \"new-app\" # c\nb = 1\n", place(4), true},
		{"another value", native, "a = \"new-app\" # c\nb = 2\n", place(4), false},
		{"comment", native, "a = \"new-app\" # d\nb = 1\n", place(4), false},
		{"another name", native, "a = \"new-apq\" # c\nb = 1\n", place(4), false},
		{"unchanged", native, native, place(4), false},
		{"line gone", native, "a = \"new-app\" # c\n", place(4), false},
		{"unlisted", native, "a = \"new-app\" # c\nb = 1\n", nil, false},
		{"invalid", native, "a = \"new-app\n", place(4), false},
		{"json", json, `{"a": "new-app", "b": 1}`, place(6), true},
		{"json number text", json, `{"a": "new-app", "b": 1.0}`, place(6), false},
		{"json key", json, `{"c": "new-app", "b": 1}`, place(6), false},
		{"json invalid", json, `{"a": "new-app", "b": 1`, place(6), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &file{name: "x.tfvars", data: []byte(tt.in), vars: true}
			if tt.in == json {
				f.name, f.json = "x.tfvars.json", true
			}
			if err := prove(f, []byte(tt.out), tt.places); (err == nil) != tt.ok {
				t.Errorf("got %v, want ok %v", err, tt.ok)
			}
		})
	}
}
