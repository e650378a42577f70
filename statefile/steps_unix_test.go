//go:build unix

package statefile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/herokutf/herokutf/internal/diskio/powerloss"
)

// wantSteps compares what was done to the disk with the golden file of the name, which
// has a line for each step. A step that is missing, added or moved needs a reason that
// holds against a loss of power; -update rewrites the files.
func wantSteps(t *testing.T, name string, d *powerloss.Disk) {
	t.Helper()
	d.Check(t)
	path := filepath.Join("testdata", "steps", name+".txt")
	got := d.Lines()
	if *update {
		must(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	if diff := cmp.Diff(string(readFile(t, path)), got); diff != "" {
		t.Errorf("the steps have changed (-want +got):\n%s", diff)
	}
}

// StepsOfAccept compares the steps of an update with AcceptEdit.
func StepsOfAccept(t *testing.T, old []byte) {
	t.Helper()
	path := writeState(t, old)
	s, d := recorded(t, path)
	_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime}, AcceptEdit)
	must(t, err)
	wantSteps(t, "accept", d)
}

func TestSteps(t *testing.T) {
	old := textState(9, oldText)
	for name, text := range map[string]string{"larger": newTexts["much larger"], "smaller": newTexts["smaller"], "equal": newTexts["equal"], "none": oldText} {
		t.Run("update to "+name, func(t *testing.T) {
			path := writeState(t, old)
			s, d := recorded(t, path)
			_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime}, setText(text))
			must(t, err)
			wantSteps(t, "update-"+name, d)
		})
	}
	for name, text := range map[string]string{"larger": newTexts["much larger"], "none": oldText} {
		t.Run("backup first, update to "+name, func(t *testing.T) {
			path := writeState(t, old)
			s, d := recorded(t, path)
			_, err := Update(t.Context(), path, first(s), setText(text))
			must(t, err)
			wantSteps(t, "first-"+name, d)
		})
	}
	t.Run("create", func(t *testing.T) {
		path := placed(t, nil)
		s, d := recorded(t, path)
		_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime, Initial: initial}, insertApps)
		must(t, err)
		wantSteps(t, "create", d)
	})
	t.Run("undo", func(t *testing.T) {
		path := writeState(t, old)
		_, err := Update(t.Context(), path, UpdateOptions{Now: fixedTime}, setText("to be undone"))
		must(t, err)
		s, d := recorded(t, path)
		_, err = Undo(t.Context(), path, "", UpdateOptions{disk: s, Now: fixedTime})
		must(t, err)
		wantSteps(t, "undo", d)
	})
}

// A step of an update fails, and what was done before is taken back.
func TestStepsOfRollback(t *testing.T) {
	old, text := textState(9, oldText), newTexts["much larger"]
	for name, test := range map[string]struct {
		at    string
		first bool
	}{
		"in-backup":        {"backup: sync", false},
		"in-growth":        {"state: grow", false},
		"in-content":       {"state: write", false},
		"first-in-backup":  {"backup: sync", true},
		"first-in-name":    {"backup: sync folder", true},
		"first-in-copy":    {"copy: sync", true},
		"first-in-growth":  {"state: grow", true},
		"first-in-content": {"state: write", true},
	} {
		t.Run(name, func(t *testing.T) {
			path := writeState(t, old)
			s, d := recorded(t, path)
			s.fault = failAt(d, test.at)
			opts := UpdateOptions{disk: s, Now: fixedTime, BackUpFirst: test.first}
			if _, err := Update(t.Context(), path, opts, setText(text)); !errors.Is(err, syscall.EIO) {
				t.Fatalf("got error %v", err)
			}
			wantState(t, path, old)
			wantSteps(t, "rollback-"+name, d)
		})
	}
}

// failAt returns a fault of the first step of that name.
func failAt(d *powerloss.Disk, at string) func(string, int) (int, error) {
	failed := false
	return func(step string, n int) (int, error) {
		if step != at || failed {
			d.Step(step)
			return n, nil
		}
		failed = true
		d.Step(step + " (fails)")
		return n / 2, syscall.EIO
	}
}

func TestStepsOfRecover(t *testing.T) {
	old, text := textState(9, oldText), newTexts["much larger"]
	steps := record(t, old, text)
	before := func(step string) func(*testing.T) string {
		return func(t *testing.T) string {
			path, _, _ := killedAt(t, old, text, slices.Index(steps, step))
			return path
		}
	}
	for outcome, test := range map[Outcome]struct {
		file  string
		state func(*testing.T) string
	}{
		NothingToRecover: {"recover-leftovers", before("journal: rename")},
		KeptOld:          {"recover-kept-old", before("state: grow")},
		KeptNew:          {"recover-kept-new", before("state: sync all")},
		FinishedNew:      {"recover-finished-new", before("state: write")},
		RestoredOld: {"recover-restored-old", func(t *testing.T) string {
			path := before("state: write")(t)
			must(t, os.WriteFile(path+copySuffix, []byte("lost"), 0o600))
			return path
		}},
		KeptReplaced: {"recover-kept-replaced", func(t *testing.T) string {
			path := before("state: write")(t)
			must(t, os.WriteFile(path, textState(12, "by another program"), 0o600))
			return path
		}},
	} {
		t.Run(string(outcome), func(t *testing.T) {
			path := test.state(t)
			s, d := recorded(t, path)
			done, err := Recover(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime})
			must(t, err)
			if done.Outcome != outcome {
				t.Fatalf("got %q", done.Outcome)
			}
			wantSteps(t, test.file, d)
		})
	}
}

// A file system may look for room for what a file grows by when it is synced only.
// That is before a byte of the old state was written over.
func TestNoRoomAtSync(t *testing.T) {
	old := textState(9, oldText)
	path := writeState(t, old)
	s, d := recorded(t, path)
	full := 0
	d.Before = func(op powerloss.Op) error {
		if op.Kind != powerloss.Sync || op.Name != filepath.Base(path) || full > 0 {
			return nil
		}
		full++
		if !bytes.HasPrefix(readFile(t, path), old) {
			t.Error("the state was written over before it was known that there is room for the new one")
		}
		return syscall.ENOSPC
	}
	_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime}, setText(newTexts["much larger"]))
	if e, ok := errors.AsType[*WriteError](err); !ok || e.Condition != Untouched || !errors.Is(err, syscall.ENOSPC) || full == 0 {
		t.Errorf("got error %v", err)
	}
	wantState(t, path, old)
}
