package statefile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/herokutf/herokutf/internal/diskio"
)

// The lock can't be given back: that is said, unless there is worse, and the outcome is
// returned with it.
func TestUnlockFails(t *testing.T) {
	commands := lockCommands
	defer func() { lockCommands = commands }()
	old := textState(9, oldText)
	unlocked := func(what, path string, err error) {
		t.Helper()
		lockCommands = commands
		if e, ok := errors.AsType[*FileError](err); !ok || e.Path != path || !errors.Is(err, syscall.EINVAL) {
			t.Errorf("%s: got error %v, want %v", what, err, syscall.EINVAL)
		}
		if len(held.files) > 0 {
			t.Errorf("%s: still held: %v", what, held.files)
		}
	}
	path := writeState(t, old)
	result, err := Update(t.Context(), path, UpdateOptions{}, func(f *File) (*File, error) {
		lockCommands = []int{9999}
		return setText("new")(f)
	})
	unlocked("Update", path, err)
	if result == nil || !result.Changed {
		t.Errorf("got %+v, want a changed state", result)
	}
	wantState(t, path, textState(10, "new"))

	broken := errors.New("broken")
	_, err = Update(t.Context(), path, UpdateOptions{}, func(*File) (*File, error) {
		lockCommands = []int{9999}
		return nil, broken
	})
	lockCommands = commands
	if err != broken {
		t.Errorf("got error %v, want that of the edit", err)
	}

	path = leftAt(t, old, "new", "state: write")
	lockFails := UpdateOptions{Progress: func(p Progress) {
		if p.Stage == StageWriting {
			lockCommands = []int{9999}
		}
	}}
	recovery, err := Recover(t.Context(), path, lockFails)
	unlocked("Recover", path, err)
	if recovery == nil || recovery.Outcome != FinishedNew {
		t.Errorf("got %+v, want %q", recovery, FinishedNew)
	}
	path = leftAt(t, old, "new", "state: write")
	lockFails.disk = fails("recover: write", syscall.EIO)
	_, err = Recover(t.Context(), path, lockFails)
	lockCommands = commands
	if !errors.Is(err, syscall.EIO) || !errors.Is(err, ErrInterrupted) {
		t.Errorf("got error %v, want %v", err, syscall.EIO)
	}
	// Nor can it be taken to look at what is left.
	lockCommands = []int{9999}
	got, err := Pending(path)
	lockCommands = commands
	if got != nil || !errors.Is(err, syscall.EINVAL) {
		t.Errorf("Pending without locks: got %+v and error %v, want %v", got, err, syscall.EINVAL)
	}
}

// modeless are calls of a file system that refuses to change a mode: a file has the same
// one whatever it is made with.
type modeless struct {
	diskio.OS
	mode   os.FileMode
	closed bool // the file is
}

func (m modeless) OpenFile(path string, flag int, perm os.FileMode) (*os.File, error) {
	f, err := m.OS.OpenFile(path, flag, perm)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(f.Chmod(m.mode), f.Close()); err != nil {
		return nil, err
	}
	if m.closed {
		return f, nil
	}
	return os.OpenFile(path, unix.O_PATH, 0) // which has a mode and takes none
}

// Where there are no modes, a copy is no more open than the state is, or there is none.
func TestNoModes(t *testing.T) {
	for _, test := range []struct {
		mode, state os.FileMode
		ok          bool
	}{{0o600, 0o600, true}, {0o644, 0o644, true}, {0o400, 0o600, true}, {0o644, 0o600, false}, {0o666, 0o644, false}, {0o700, 0o644, false}} {
		path := writeState(t, nil)
		must(t, os.Chmod(path, test.state))
		owner, err := os.Stat(path)
		must(t, err)
		s := &system{calls: modeless{mode: test.mode}}
		name := filepath.Join(filepath.Dir(path), "copy")
		f, err := s.createPrivate(name, owner)
		if test.ok {
			must(t, err)
			must(t, f.Close())
		} else if !errors.Is(err, syscall.EBADF) || !absent(name) {
			t.Errorf("%o beside %o: got error %v, nothing left: %v", test.mode, test.state, err, absent(name))
		}
	}
}

func TestNoModeKnown(t *testing.T) {
	path := writeState(t, nil)
	owner, err := os.Stat(path)
	must(t, err)
	s := &system{calls: modeless{mode: 0o600, closed: true}}
	if _, err := s.createPrivate(path+".copy", owner); !errors.Is(err, os.ErrClosed) || !absent(path+".copy") {
		t.Errorf("got error %v, nothing left: %v", err, absent(path+".copy"))
	}
}

// unnamed are calls of a file system that refuses new names.
type unnamed struct{ diskio.OS }

func (unnamed) Rename(from, to string) error { return syscall.EXDEV }

// A copy that can't get its name isn't left, whatever the reason.
func TestRenameFails(t *testing.T) {
	old := textState(9, oldText)
	for _, first := range []bool{false, true} {
		path := writeState(t, old)
		_, err := Update(t.Context(), path, UpdateOptions{disk: &system{chunk: testChunk, now: fixedTime, calls: unnamed{}}, BackUpFirst: first}, setText("new"))
		if !errors.Is(err, syscall.EXDEV) {
			t.Errorf("backup first %v: got error %v, want %v", first, err, syscall.EXDEV)
		}
		wantState(t, path, old)
		wantBeside(t, path, 0)
	}
}

// fixed are calls of a file system that shortens no file.
type fixed struct{ diskio.OS }

func (fixed) Truncate(*os.File, int64) error { return syscall.EPERM }

// A state that can't be shortened is put back.
func TestTruncateFails(t *testing.T) {
	old := textState(9, oldText)
	path := writeState(t, old)
	_, err := Update(t.Context(), path, UpdateOptions{disk: &system{chunk: testChunk, now: fixedTime, calls: fixed{}}}, setText(newTexts["smaller"]))
	if e, ok := errors.AsType[*WriteError](err); !ok || e.Condition != Untouched || !errors.Is(err, syscall.EPERM) {
		t.Errorf("got error %v, want %v and the old state", err, syscall.EPERM)
	}
	wantState(t, path, old)
}

// A copy that is larger than any state is none.
func TestCopyTooLarge(t *testing.T) {
	old := textState(9, oldText)
	path := leftAt(t, old, "new", "state: write")
	pending, err := Pending(path)
	must(t, err)
	must(t, os.Truncate(pending.Copy, MaxSize+1))
	done, err := Recover(t.Context(), path, UpdateOptions{})
	must(t, err)
	if done.Outcome != RestoredOld {
		t.Errorf("got %q, want %q", done.Outcome, RestoredOld)
	}
	wantState(t, path, old)
	large := beforehand(t, path, nil)
	must(t, os.Truncate(large, MaxSize+1))
	_, err = Undo(t.Context(), path, large, UpdateOptions{})
	if e, ok := errors.AsType[*FormatError](err); !ok || e.Kind != KindTooLarge {
		t.Errorf("Undo: got error %v, want a FormatError of kind %q", err, KindTooLarge)
	}
}

// A path that turns into a link or a pipe after it was looked at isn't followed or waited for.
func TestOpenSharedAtTheLastMoment(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	link(t, path, path+".link")
	if f, err := openShared(path + ".link"); !errors.Is(err, syscall.ELOOP) {
		f.Close()
		t.Errorf("a link: got error %v, want %v", err, syscall.ELOOP)
	}
	must(t, syscall.Mkfifo(path+".pipe", 0o600))
	f, err := openShared(path + ".pipe")
	must(t, err)
	must(t, f.Close())
}

// No verb leaves a file open.
func TestNothingStaysOpen(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // what is forgotten is closed at some time
	before := settledFiles(t)
	for _, step := range []string{"state: mark", "state: write", "state: unmark"} {
		path := leftAt(t, textState(9, oldText), "new", step)
		must(t, os.WriteFile(path+".other", nil, 0o600))
		if _, err := Pending(path); err != nil {
			t.Error(err)
		}
		if _, err := Update(t.Context(), path, UpdateOptions{}, neverCalled(t)); !errors.Is(err, ErrInterrupted) {
			t.Errorf("got error %v, want %v", err, ErrInterrupted)
		}
		_, err := Recover(t.Context(), path, UpdateOptions{})
		must(t, err)
		_, err = Undo(t.Context(), path, "", UpdateOptions{BackUpFirst: true})
		must(t, err)
		TestNoModes(t)
		TestOpenSame(t)
		backup := path + ".any"
		must(t, NoteEdited(backup, "x"))
		if _, err := Edited(backup); err != nil {
			t.Error(err)
		}
	}
	if after := openFiles(t); after > before {
		t.Errorf("%d files are open, %d were before", after, before)
	}
}

// What stands in the way of the lock's description, or can't be read as one, is an error.
func TestLockInfoInTheWay(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	must(t, os.MkdirAll(filepath.Join(lockInfoPath(path), "theirs"), 0o700))
	_, err := Update(t.Context(), path, UpdateOptions{}, neverCalled(t))
	if e, ok := errors.AsType[*FileError](err); !ok || e.Path != path || !errors.Is(err, syscall.ENOTEMPTY) {
		t.Errorf("a folder: got error %v, want %v", err, syscall.ENOTEMPTY)
	}
	if len(held.files) > 0 {
		t.Errorf("still held: %v", held.files)
	}
	// A file that can be opened, and not be read from its beginning.
	if _, err := readLockInfo("/proc/self/mem"); err != nil && !errors.Is(err, syscall.EIO) {
		t.Errorf("got error %v, want %v", err, syscall.EIO)
	} else if err == nil {
		t.Error("what can't be read is taken for a description")
	}
	// One that takes no such text, and one that nobody can write.
	if err := rewriteLockInfo("/proc/self/oom_score_adj", []byte("{}")); err == nil {
		t.Error("no error of a write that failed")
	}
	const fixed = "/sys/kernel/uevent_seqnum"
	if stat, err := os.Lstat(fixed); err != nil || stat.Mode().Perm()&0o222 != 0 {
		t.Skip("no such file here")
	}
	if err := rewriteLockInfo(fixed, []byte("{}")); !readOnly(err) {
		t.Errorf("got error %v of a file that can't be written", err)
	}
}

// Paths that start in the current folder need one.
func TestNoteWithoutFolder(t *testing.T) {
	backup := filepath.Join(t.TempDir(), "b")
	dir := filepath.Join(t.TempDir(), "gone")
	must(t, os.Mkdir(dir, 0o700))
	t.Chdir(dir)
	must(t, os.Remove(dir))
	for _, args := range [][2]string{{"b", "/x"}, {backup, "x"}} {
		if err := NoteEdited(args[0], args[1]); !errors.Is(err, os.ErrNotExist) || !absent(backup+noteSuffix) ||
			!strings.HasPrefix(err.Error(), "note what is edited with a state: ") {
			t.Errorf("%q: got error %v", args, err)
		}
	}
}

// A file that is opened by mistake, or couldn't be locked, doesn't stay open.
func TestLockLeavesNothingOpen(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	TestLockMoved(t) // which opens what the tests keep open
	before := settledFiles(t)
	TestLockMoved(t)
	TestLockReplaced(t)
	if after := openFiles(t); after > before {
		t.Errorf("moved: %d files are open, %d were before", after, before)
	}
	path := writeState(t, textState(9, oldText))
	holdLock(t, path)
	before = settledFiles(t)
	for range 3 {
		if _, err := tryLock(path); !errors.Is(err, errBusy) {
			t.Errorf("got error %v, want %v", err, errBusy)
		}
	}
	if after := openFiles(t); after > before {
		t.Errorf("busy: %d files are open, %d were before", after, before)
	}
}

// settledFiles returns how many files this process has open when those are closed that
// nobody holds any more.
func settledFiles(t *testing.T) int {
	t.Helper()
	for n := -1; ; {
		runtime.GC()
		time.Sleep(5 * time.Millisecond)
		now := openFiles(t)
		if now == n {
			return n
		}
		n = now
	}
}

// openFiles returns how many files this process has open.
func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return len(entries)
}

// What lets the system forget a copy leaves nothing open either, once it has done so.
func TestDropCache(t *testing.T) {
	f, err := os.Open(writeState(t, textState(9, oldText)))
	must(t, err)
	defer f.Close()
	before := settledFiles(t)
	for range 50 {
		dropCache(f)
	}
	for deadline := time.Now().Add(10 * time.Second); openFiles(t) > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d files are open, %d were before", openFiles(t), before)
		}
	}
}
