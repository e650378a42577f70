//go:build unix

package tfconfig

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/diskio"
	"github.com/herokutf/herokutf/internal/diskio/powerloss"
)

// edits are those of files in two folders, of which one is new.
func powerEdits(t *testing.T) (dir string, edits []FileEdit) {
	t.Helper()
	dir = t.TempDir()
	for _, e := range []struct{ name, old, new string }{
		{"main.tf", "# old main\n", "# new main\n"},
		{"module/app.tf", "# old app\n", "# new app\n"},
		{"module/new.tf", "", "# all new\n"},
	} {
		path := filepath.Join(dir, e.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		edit := FileEdit{Path: path, New: []byte(e.new)}
		if e.old != "" {
			edit.Old = []byte(e.old)
			if err := os.WriteFile(path, edit.Old, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		edits = append(edits, edit)
	}
	return dir, edits
}

// Each file is the old or the new one after a loss of power, and the new one after
// the call has returned.
func TestApplyPowerLoss(t *testing.T) {
	dir, edits := powerEdits(t)
	d := powerloss.Record(t, dir, nil)
	if err := apply(d, edits); err != nil {
		t.Fatal(err)
	}
	d.Check(t)
	for loss := range d.Losses(0, 300, 1) {
		returned := loss.After == len(d.Ops())
		for _, e := range edits {
			name, err := filepath.Rel(dir, e.Path)
			if err != nil {
				t.Fatal(err)
			}
			got, there := loss.Files[name]
			isOld := there == (e.Old != nil) && got == string(e.Old)
			if got != string(e.New) && (!isOld || returned) {
				t.Fatalf("before operation %d, lost is %s: %s holds %q", loss.After, loss.Lost, name, got)
			}
		}
		if returned && len(loss.Files) != len(edits) {
			// What a new file was linked from may come back.
			for name := range loss.Files {
				if ok, _ := filepath.Match("*.tf", filepath.Base(name)); !ok && filepath.Base(name)[0] != '.' {
					t.Errorf("%s is left", name)
				}
			}
		}
	}
	const want = `create TEMP
write TEMP: 11 bytes at 0
sync TEMP
create module/TEMP
write module/TEMP: 10 bytes at 0
sync module/TEMP
create module/TEMP
write module/TEMP: 10 bytes at 0
sync module/TEMP
rename TEMP to main.tf
rename module/TEMP to module/app.tf
link module/TEMP to module/new.tf
remove module/TEMP
sync folder .
sync folder module
`
	steps := regexp.MustCompile(`\.herokutf-\d+`).ReplaceAllString(d.Lines(), "TEMP")
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// Each operation fails, once: the error is returned, and all files are as they were, but
// when a folder can't be synced. Where there are no links, the new file is made otherwise. From
// then on nothing works: the error says which files couldn't be put back.
func TestApplyFaults(t *testing.T) {
	for at := 0; ; at++ {
		dir, edits := powerEdits(t)
		d := powerloss.Record(t, dir, nil)
		failed := d.FailAt(at, syscall.EIO)
		err := apply(d, edits)
		if *failed == "" {
			if err != nil || at != 15 {
				t.Errorf("%d operations, error %v", at, err)
			}
			break
		}
		harmless := *failed == powerloss.Link || *failed == powerloss.Remove
		if (err == nil) != harmless {
			t.Errorf("%s failed: error %v", *failed, err)
		}
		for _, e := range edits {
			want := e.Old
			if harmless || *failed == powerloss.SyncFolder {
				want = e.New
			}
			if got, _ := os.ReadFile(e.Path); string(got) != string(want) {
				t.Errorf("operation %d, %s failed: %s holds %q, want %q", at, *failed, e.Path, got, want)
			}
		}
		for _, pattern := range []string{".herokutf-*", "module/.herokutf-*"} {
			if left, _ := filepath.Glob(filepath.Join(dir, pattern)); len(left) > 0 && *failed != powerloss.Remove {
				t.Errorf("operation %d, %s failed: left is %q", at, *failed, left)
			}
		}
	}
}

// folderSyncs counts how often each folder is written to the disk.
type folderSyncs struct {
	diskio.OS
	synced map[string]int
	fails  string // this folder
}

func (d *folderSyncs) Sync(f *os.File) error {
	d.synced[filepath.Base(f.Name())]++
	if filepath.Base(f.Name()) == d.fails {
		return os.ErrPermission
	}
	return nil
}

// TestSyncDirs: every folder is written to the disk once, and one that can't be is said.
func TestSyncDirs(t *testing.T) {
	dir := t.TempDir()
	var work []*replacement
	for _, name := range []string{"a/1.tf", "b/1.tf", "a/2.tf", "b/2.tf"} {
		target := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
			t.Fatal(err)
		}
		work = append(work, &replacement{target: target})
	}
	disk := &folderSyncs{synced: map[string]int{}}
	if err := syncDirs(disk, work); err != nil || disk.synced["a"] != 1 || disk.synced["b"] != 1 {
		t.Errorf("got %v, %v", disk.synced, err)
	}
	disk.fails = "b"
	err := syncDirs(disk, work)
	if e, ok := errors.AsType[*FileError](err); !ok || filepath.Base(e.Name) != "b" || !errors.Is(err, os.ErrPermission) {
		t.Errorf("got %v", err)
	}
}
