//go:build unix

package statefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/diskio/powerloss"
)

// Each file that is made beside a state is a new one: what someone puts there at the last
// moment, such as a link to a file of theirs, isn't written to, and the write ends before it has
// begun.
func TestPrivateFilesAreNew(t *testing.T) {
	old := textState(9, oldText)
	for n := 0; ; n++ {
		path := writeState(t, old)
		victim := filepath.Join(t.TempDir(), "victim")
		must(t, os.WriteFile(victim, []byte("theirs"), 0o600))
		s, d := recorded(t, path)
		made, planted := 0, ""
		d.Before = func(op powerloss.Op) error {
			if op.Kind != powerloss.Create || made > n {
				return nil
			}
			if made++; made > n {
				planted = lockInfoPath(path)
				if op.Name != "" {
					planted = filepath.Join(filepath.Dir(path), op.Name)
				}
				must(t, os.Symlink(victim, planted))
			}
			return nil
		}
		_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime}, setText("new"))
		if planted == "" {
			must(t, err)
			if n < 3 {
				t.Errorf("only %d files were made beside the state", n)
			}
			return
		}
		if !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s was there: got error %v", filepath.Base(planted), err)
		}
		if got := readFile(t, victim); string(got) != "theirs" {
			t.Errorf("%s was written through", filepath.Base(planted))
		}
		wantState(t, path, old)
		if pending, err := Pending(path); pending != nil || err != nil && !strings.Contains(planted, journalSuffix) {
			t.Errorf("%s was there: pending is %+v, %v", filepath.Base(planted), pending, err)
		}
	}
}

// The lock info can't be written: the error is returned, nothing is left of it, and the
// lock is free.
func TestLockInfoFails(t *testing.T) {
	for _, kind := range []powerloss.Kind{powerloss.Create, powerloss.Write} {
		path := writeState(t, textState(9, oldText))
		s, d := recorded(t, path)
		failed := 0
		d.Before = func(op powerloss.Op) error {
			if op.Kind == kind {
				failed++
				return syscall.ENOSPC
			}
			return nil
		}
		called := false
		_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime}, func(f *File) (*File, error) {
			called = true
			return f, nil
		})
		if e, ok := errors.AsType[*FileError](err); !ok || e.Path != path || !strings.Contains(e.Hint, "Make room") || !errors.Is(err, syscall.ENOSPC) || called || failed != 1 {
			t.Errorf("%s: got error %v, the edit was called: %v, %d tries", kind, err, called, failed)
		}
		wantState(t, path, textState(9, oldText))
		if names := beside(t, path); len(names) > 0 {
			t.Errorf("%s: left is %q", kind, names)
		}
		_, err = Update(t.Context(), path, UpdateOptions{}, setText("after"))
		must(t, err)
	}
}

// The first state can't be made: that is the error, and there is none.
func TestCreateFails(t *testing.T) {
	path := placed(t, nil)
	s, d := recorded(t, path)
	d.Before = func(op powerloss.Op) error {
		if op.Kind == powerloss.Create && op.Name == filepath.Base(path) {
			return syscall.ENOSPC
		}
		return nil
	}
	_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime, Initial: initial}, insertApps)
	if e, ok := errors.AsType[*FileError](err); !ok || e.Path != path || !errors.Is(err, syscall.ENOSPC) || !strings.Contains(e.Hint, "Make room") || !absent(path) {
		t.Errorf("got error %v, nothing there: %v", err, absent(path))
	}
	wantBackups(t, path, 0, nil)
}

// Only what says that someone has the lock counts as that.
func TestLockResult(t *testing.T) {
	for err, want := range map[error]error{nil: nil, syscall.EAGAIN: errBusy, syscall.EACCES: errBusy, syscall.ENOLCK: syscall.ENOLCK, syscall.EINVAL: syscall.EINVAL} {
		if got := lockResult(err); !errors.Is(got, want) || (got == nil) != (want == nil) || want != errBusy && errors.Is(got, errBusy) {
			t.Errorf("%v: got %v, want %v", err, got, want)
		}
	}
	if got := lockResult(syscall.ENOLCK); got.Error() != "fcntl: "+syscall.ENOLCK.Error() {
		t.Errorf("got %v, want the call's name", got)
	}
}

// A note is whole after a loss of power, the old or the new one.
func TestNotePowerLoss(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	backup := path + ".herokutf-20260102T150405Z-serial9.backup"
	must(t, os.WriteFile(backup, textState(9, oldText), 0o600))
	must(t, NoteEdited(backup, "a.tf"))
	old, err := Edited(backup)
	must(t, err)
	must(t, os.WriteFile(backup+noteSuffix+tmpSuffix, []byte("left"), 0o600))
	s, d := recorded(t, path)
	must(t, s.noteEdited(backup, []string{"b.tf"}))
	d.Check(t)
	new, err := Edited(backup)
	must(t, err)
	other := filepath.Join(memoryDir(t), filepath.Base(backup))
	for loss := range d.Losses(0, 100, 1) {
		must(t, loss.Files.Put(filepath.Dir(other)))
		got, err := Edited(other)
		if err != nil || len(got) != 1 || filepath.Base(got[0]) != filepath.Base(new[0]) && (filepath.Base(got[0]) != filepath.Base(old[0]) || loss.After == len(d.Ops())) {
			t.Errorf("before operation %d, lost is %s: got %q, error %v", loss.After, loss.Lost, got, err)
		}
	}
	s, d = recorded(t, path)
	must(t, s.noteEdited(backup, nil))
	const want = "note: remove             remove terraform.tfstate.herokutf-20260102T150405Z-serial9.backup.files\nnote: sync folder        sync folder .\n"
	if diff := cmp.Diff(want, d.Lines()); diff != "" {
		t.Errorf("steps of removing a note (-want +got):\n%s", diff)
	}
}
