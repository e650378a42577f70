package statefile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
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

// A note is JSON with a version, and says what it says in the order it was given.
func TestNoteText(t *testing.T) {
	backup := filepath.Join(t.TempDir(), "b")
	must(t, NoteEdited(backup, filepath.Join(filepath.Dir(backup), "z.tf"), filepath.Join(filepath.Dir(backup), "m", "a.tf")))
	const want = "{\n  \"format_version\": \"1.0\",\n  \"edited\": [\n    \"z.tf\",\n    \"m/a.tf\"\n  ]\n}\n"
	if got := string(readFile(t, backup+noteSuffix)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// What isn't there needs no folder to be removed from.
	must(t, NoteEdited(filepath.Join(filepath.Dir(backup), "none", "b")))
}

// A note that can't be written, removed or read is an error, and which one.
func TestNoteFails(t *testing.T) {
	broken := errors.New("broken")
	backup := filepath.Join(t.TempDir(), "b")
	for _, step := range []string{"note: remove leftovers", "note: create", "note: write", "note: sync", "note: rename", "note: sync folder"} {
		if err := fails(step, broken).noteEdited(backup, []string{"x"}); !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "note what is edited with a state: ") {
			t.Errorf("%s: got error %v", step, err)
		}
		if got, err := Edited(backup); got != nil || err != nil {
			t.Errorf("%s: got %q, %v", step, got, err)
		}
	}
	for _, step := range []string{"note: remove", "note: sync folder"} {
		must(t, NoteEdited(backup, "x"))
		if err := fails(step, broken).noteEdited(backup, nil); !errors.Is(err, broken) {
			t.Errorf("%s: got error %v", step, err)
		}
	}
	var steps []string
	s := &system{chunk: testChunk, fault: func(step string, n int) (int, error) { steps = append(steps, step); return n, nil }}
	if err := s.noteEdited(filepath.Join(backup, "none", "b"), []string{"x"}); err == nil || steps != nil {
		t.Errorf("without a folder: got error %v after %q", err, steps)
	}

	must(t, NoteEdited(backup))
	must(t, os.Mkdir(backup+noteSuffix, 0o700))
	if _, err := Edited(backup); err == nil || !strings.HasSuffix(err.Error(), ": it isn't a file") {
		t.Errorf("a folder: got error %v", err)
	}
	must(t, os.Remove(backup+noteSuffix))
	must(t, os.WriteFile(backup, []byte(`{"edited":["x"]}`), 0o600))
	// Windows says of what is below a file that it isn't there.
	if _, err := Edited(filepath.Join(backup, "b")); err == nil && runtime.GOOS != "windows" {
		t.Error("below a file: no error")
	}
	link(t, backup, backup+noteSuffix)
	if got, err := Edited(backup); err == nil || !strings.HasSuffix(err.Error(), ": it isn't a file") {
		t.Errorf("a link: got %q and error %v", got, err)
	}
}
