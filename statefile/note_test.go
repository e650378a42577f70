package statefile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNoteEdited: a note is found where its backup is, also when all of it was moved, and
// is no backup itself.
func TestNoteEdited(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "a")
	deep := filepath.Join(dir, ".terraform", "herokutf", "x")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(dir, "terraform.tfstate")
	for _, backup := range []string{state + ".herokutf-20260102T150405Z-serial7.backup", filepath.Join(deep, "b.tfstate")} {
		if err := os.WriteFile(backup, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := Edited(backup); got != nil || err != nil {
			t.Errorf("before there is a note: %q, %v", got, err)
		}
		files := []string{filepath.Join(dir, "main.tf"), filepath.Join(parent, "modules", "m", "x.tf")}
		if err := NoteEdited(backup, files...); err != nil {
			t.Fatal(err)
		}
		got, err := Edited(backup)
		if diff := cmp.Diff(files, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if info, err := os.Stat(backup + noteSuffix); err != nil || info.Mode().Perm()&0o077 != 0 && filepath.Separator == '/' {
			t.Errorf("the note: %v, %v", info, err)
		}
	}
	moved := filepath.Join(parent, "b")
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(moved, ".terraform", "herokutf", "x", "b.tfstate")
	if got, err := Edited(backup); err != nil || len(got) != 2 || got[0] != filepath.Join(moved, "main.tf") {
		t.Errorf("after a move: %q, %v", got, err)
	}
	t.Chdir(moved)
	if got, err := Edited("terraform.tfstate.herokutf-20260102T150405Z-serial7.backup"); err != nil || got[0] != "main.tf" {
		t.Errorf("in the folder: %q, %v", got, err)
	}
	if backups, err := Backups("terraform.tfstate"); err != nil || len(backups) != 1 {
		t.Errorf("backups: %v, %v", backups, err)
	}
	for range 2 {
		if err := NoteEdited(backup); err != nil {
			t.Error(err)
		}
	}
	if got, err := Edited(backup); got != nil || err != nil {
		t.Errorf("removed: %q, %v", got, err)
	}
	if err := os.WriteFile(backup+noteSuffix, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Edited(backup); err == nil || !strings.Contains(err.Error(), "b.tfstate.files") {
		t.Errorf("a broken note: %v", err)
	}
	if err := NoteEdited(filepath.Join(moved, "none", "b"), "x"); err == nil {
		t.Error("a folder that isn't there")
	}
}
