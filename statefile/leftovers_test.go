package statefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a process leaves that died before its write began is cleared away by the next one,
// and nothing else is.
func TestSweep(t *testing.T) {
	const backup = "x.tfstate.herokutf-20260102T150405Z-serial9.backup"
	gone := []string{"x.tfstate.herokutf-new", "x.tfstate.herokutf-backup.tmp", "x.tfstate.herokutf-journal.tmp", backup + ".tmp",
		"x.tfstate.herokutf-20260102T150405Z-serial-long-2.backup.tmp"}
	stay := []string{backup, backup + ".files", backup + ".files.tmp", backup + ".tmp.tmp", "x.tfstate", "x.tfstate.tmp", "x.tfstate.backup", "x.tfstate.herokutf-backup", "x.tfstate.herokutf-journal",
		"x.tfstate.herokutf-other.tmp", "x.tfstate.herokutf-new.tmp", ".x.tfstate.lock.info", "y.tfstate.herokutf-new", "y.tfstate.herokutf-journal.tmp", "y.tfstate.herokutf-backup.tmp",
		"y.tfstate.herokutf-20260102T150405Z-serial9.backup.tmp", "herokutf-new", ".herokutf-new", ".tmp"}
	dir := t.TempDir()
	for _, name := range slices.Concat(gone, stay) {
		must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	must(t, disk.sweep(filepath.Join(dir, "x.tfstate")))
	slices.Sort(stay)
	if diff := cmp.Diff(stay, beside(t, filepath.Join(dir, "none"))); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if err := disk.sweep(filepath.Join(dir, "none", "x.tfstate")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a folder: got error %v", err)
	}
}

// A backup is a file: what else has such a name isn't one.
func TestBackupsAreFiles(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	name := path + ".herokutf-20260102T150405Z-serial%.backup"
	at := func(serial string) string { return strings.Replace(name, "%", serial, 1) }
	must(t, os.WriteFile(at("7"), textState(7, "x"), 0o600))
	must(t, os.Mkdir(at("8"), 0o700))
	if os.Symlink(at("7"), at("6")) != nil {
		t.Log("no links here")
	}
	got, err := Backups(path)
	want := []Backup{{Path: at("7"), Time: fixedTime(), Serial: "7"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Backup{})); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// A serial that isn't a few digits doesn't stand in a file's name.
func TestBackupNameOfSerials(t *testing.T) {
	for serial, want := range map[string]string{
		"0": "0", "12345678901234567890": "12345678901234567890", "123456789012345678901": "-long", "-5": "-long", "": "-long", "1/2": "-long", "1e3": "-long",
	} {
		const start, end = "x.herokutf-20260102T150405Z-serial", ".backup"
		if got := backupName("x", fixedTime(), serial, 0); got != start+want+end {
			t.Errorf("%q: got %s", serial, got)
		}
		if got := backupName("x", fixedTime(), serial, 1); got != start+want+"-2"+end {
			t.Errorf("%q, the second: got %s", serial, got)
		}
		b, ok := parseBackupName("x", start+want+end)
		if want = strings.TrimPrefix(want, "-long"); !ok || b.Serial != want || b.count != 0 {
			t.Errorf("%q: read as %+v, %v", serial, b, ok)
		}
	}
}
