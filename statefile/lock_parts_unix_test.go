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

	"github.com/herokutf/herokutf/internal/diskio"
)

// unknown is a file of which the system says nothing.
type unknown struct{ os.FileInfo }

func (unknown) Sys() any { return nil }

// A lock is of the file that the path names, and of no other one.
func TestInPlace(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	stat, err := os.Lstat(path)
	must(t, err)
	l := &lock{path: path, stat: stat}
	must(t, l.inPlace())
	must(t, os.Rename(path, path+".old"))
	if err := l.inPlace(); err != errMoved {
		t.Errorf("gone: got error %v, want %v", err, errMoved)
	}
	must(t, os.WriteFile(path, nil, 0o600))
	if err := l.inPlace(); err != errMoved {
		t.Errorf("another file: got error %v, want %v", err, errMoved)
	}
	l.path = filepath.Join(path, "x")
	if err := l.inPlace(); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("below a file: got error %v, want %v", err, syscall.ENOTDIR)
	}
	if _, err := checkPath(l.path); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("below a file: got error %v, want %v", err, syscall.ENOTDIR)
	}
}

// Without what identifies a file there is no lock.
func TestLockOfUnknownFiles(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	stat, err := os.Lstat(path)
	must(t, err)
	if _, _, err := openLocked(path, unknown{stat}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got error %v, want %v", err, errors.ErrUnsupported)
	}
	if id, ok := inodeOf(unknown{stat}); ok {
		t.Errorf("an unknown file is %v", id)
	}
	if len(held.files) > 0 {
		t.Errorf("held: %v", held.files)
	}
	closed, err := os.Open(path)
	must(t, err)
	must(t, closed.Close())
	for _, file := range []*os.File{nil, closed} {
		if err := setLock(file, syscall.F_WRLCK); err == nil || errors.Is(err, errBusy) {
			t.Errorf("got error %v of a file that isn't open", err)
		}
	}
	// A call that a signal interrupts is made again.
	calls := 0
	err = retry(func() error {
		if calls++; calls < 3 {
			return syscall.EINTR
		}
		return syscall.ENOLCK
	})
	if err != syscall.ENOLCK || calls != 3 {
		t.Errorf("got error %v after %d calls", err, calls)
	}
}

// Whose a file is, and that a stranger's isn't taken for ours where everyone may make files.
func TestPlanted(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "terraform.tfstate")
	must(t, os.WriteFile(path, nil, 0o600))
	stat, err := os.Lstat(path)
	must(t, err)
	if uid, ok := ownerOf(stat); !ok || uid != os.Geteuid() {
		t.Errorf("the owner is %d, %v", uid, ok)
	}
	if uid, ok := ownerOf(unknown{stat}); ok {
		t.Errorf("the owner of an unknown file is %d", uid)
	}
	if planted(path, stat) || planted(path, unknown{stat}) {
		t.Error("a file in a folder of one's own is taken for a stranger's")
	}
	must(t, os.Chmod(dir, 0o777|os.ModeSticky))
	if planted(path, stat) {
		t.Error("a file of one's own is taken for a stranger's")
	}
	if !planted(path, unknown{stat}) {
		t.Error("a file of nobody knows whom is taken for one's own")
	}
	// Nothing is known of the folder, or of the state.
	if gone := filepath.Join(dir, "none", "x"); planted(gone, stat) || !planted(gone, unknown{stat}) {
		t.Error("without a folder: a file isn't what it is")
	}
	must(t, os.Remove(path))
	if planted(path, stat) || !planted(path, unknown{stat}) {
		t.Error("without a state: a file isn't what it is")
	}
	if os.Geteuid() != 0 {
		return
	}
	other := filepath.Join(dir, "other")
	must(t, os.WriteFile(other, nil, 0o600))
	must(t, os.Chown(other, 1, 1))
	theirs, err := os.Lstat(other)
	must(t, err)
	if !planted(path, theirs) || !planted(filepath.Join(dir, "none", "x"), theirs) {
		t.Error("without a state: a stranger's file is taken for one's own")
	}
}

// What the system's error numbers stand for.
func TestSystemErrors(t *testing.T) {
	for err, want := range map[error]string{
		syscall.EACCES: "read-only", syscall.EPERM: "read-only", syscall.EROFS: "read-only", syscall.ENOSPC: "full", syscall.EDQUOT: "full", syscall.EFBIG: "full",
		syscall.EIO: "", syscall.ENOENT: "", syscall.EBADF: "",
	} {
		err := &os.PathError{Op: "write", Path: "x", Err: err}
		if readOnly(err) != (want == "read-only") || diskFull(err) != (want == "full") {
			t.Errorf("%v: read-only %v, full %v", err, readOnly(err), diskFull(err))
		}
		if inUse(err) || passing(err) || rangeLocked(err) {
			t.Errorf("%v is taken for one of another system", err)
		}
	}
}

// unclosed are calls of a file system that says at the very end that it has no room: a file
// can't be closed.
type unclosed struct {
	diskio.OS
	err error // of syncs
}

func (u unclosed) Sync(f *os.File) error {
	if stat, err := f.Stat(); err == nil && stat.Mode().IsRegular() {
		return errors.Join(u.err, f.Close()) // it is closed once more
	}
	return nil
}

// A copy that can't be closed isn't taken for saved.
func TestCloseFails(t *testing.T) {
	old := textState(9, oldText)
	for _, first := range []bool{false, true} {
		for _, want := range []error{fs.ErrClosed, syscall.EIO} {
			calls := unclosed{}
			if want != fs.ErrClosed {
				calls.err = want
			}
			path := writeState(t, old)
			_, err := Update(t.Context(), path, UpdateOptions{disk: &system{chunk: testChunk, now: fixedTime, calls: calls}, BackUpFirst: first}, setText("new"))
			if !errors.Is(err, want) || want == syscall.EIO && errors.Is(err, fs.ErrClosed) {
				t.Errorf("backup first %v: got error %v, want %v", first, err, want)
			}
			wantState(t, path, old)
			wantBackups(t, path, 0, nil)
		}
	}
}

// A copy's group is one of ours, whatever the state's is.
func TestGroupStaysOurs(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	if err := os.Chown(path, os.Geteuid(), nobody); err != nil {
		t.Skipf("needs root: %v", err)
	}
	owner, err := os.Stat(path)
	must(t, err)
	f, err := disk.createPrivate(path+".copy", owner)
	must(t, err)
	defer f.Close()
	stat, err := f.Stat()
	must(t, err)
	if st := stat.Sys().(*syscall.Stat_t); int(st.Gid) == nobody {
		t.Errorf("the group of the copy is %d", st.Gid)
	}
}

// Another user's processes take their own files, root's and those of the state's owner for
// ours, and nobody else's.
func TestPlantedForOthers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to make files of others")
	}
	for _, tt := range []struct {
		state, owner int // who the state and the backup belong to
		want         string
	}{
		{nobody, 0, "serial 8"}, {nobody, nobody, "serial 8"}, {nobody, 1, "no backup"},
		{0, nobody, "serial 8"}, {1, nobody, "serial 8"}, {0, 1, "no backup"}, {1, 1, "serial 8"},
	} {
		path := writeState(t, textState(9, oldText))
		must(t, os.Chmod(path, 0o666))
		must(t, os.Chown(path, tt.state, tt.state))
		must(t, os.Chmod(filepath.Dir(path), 0o777|os.ModeSticky))
		backup := path + ".herokutf-20260102T150405Z-serial8.backup"
		must(t, os.WriteFile(backup, textState(8, "x"), 0o644))
		must(t, os.Chown(backup, tt.owner, tt.owner))
		if got := strings.TrimSpace(asNobodyDo(t, path, "undo")); got != tt.want {
			t.Errorf("a backup of user %d beside the state of %d: got %q, want %q", tt.owner, tt.state, got, tt.want)
		}
	}
}
