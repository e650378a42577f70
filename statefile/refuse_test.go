package statefile

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fails returns a system whose steps of that name fail.
func fails(step string, err error) *system {
	return &system{chunk: testChunk, now: fixedTime, fault: func(at string, n int) (int, error) {
		if at == step {
			return n / 2, err
		}
		return n, nil
	}}
}

// neverCalled is an edit that isn't to be called.
func neverCalled(t *testing.T) func(*File) (*File, error) {
	return func(f *File) (*File, error) {
		t.Error("the edit was called")
		return f, nil
	}
}

// leftAt lets an update fail for good from a step on, and returns the path of the state
// that it leaves with a journal.
func leftAt(t *testing.T, old []byte, text, step string) string {
	t.Helper()
	path := writeState(t, old)
	broken := false
	s := &system{chunk: testChunk, fault: func(at string, n int) (int, error) {
		if broken = broken || at == step; broken {
			return n / 2, syscall.EIO
		}
		return n, nil
	}}
	opts := UpdateOptions{disk: s, Now: fixedTime, Who: "someone\n@there", Operation: "a\x1bchange"}
	if _, err := Update(t.Context(), path, opts, setText(text)); !errors.Is(err, syscall.EIO) {
		t.Fatalf("got error %v, want %v", err, syscall.EIO)
	}
	return path
}

// What is said of an interrupted write is all that the journal says, fit for a terminal,
// whoever says it.
func TestPendingSaysAll(t *testing.T) {
	path := leftAt(t, textState(9, oldText), "new", "state: write")
	want := Interrupted{
		Path: path, Condition: Torn, OldSerial: "9", NewSerial: "10",
		Backup:  path + ".herokutf-20260102T150405Z-serial9.backup",
		Copy:    path + ".herokutf-new",
		Created: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC),
		Who:     "someone @there", Operation: "a change",
	}
	got, err := Pending(path)
	must(t, err)
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("Pending (-want +got):\n%s", diff)
	}
	_, err = PlanUndo(path, "", UpdateOptions{})
	e, ok := errors.AsType[*InterruptedError](err)
	if !ok || e.Hint == "" || e.Undecided {
		t.Fatalf("PlanUndo: got error %v, want an InterruptedError with a hint", err)
	}
	if diff := cmp.Diff(want, e.Interrupted); diff != "" {
		t.Errorf("PlanUndo (-want +got):\n%s", diff)
	}
	done, err := Recover(t.Context(), path, UpdateOptions{})
	must(t, err)
	if diff := cmp.Diff(&Recovery{Outcome: FinishedNew, Serial: "10", Backup: want.Backup, Found: &want}, done); diff != "" {
		t.Errorf("Recover (-want +got):\n%s", diff)
	}
}

// Where there is no journal, Pending has no need of the lock, nor of a state.
func TestPendingOfNothing(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	_, err := Update(t.Context(), path, UpdateOptions{}, func(f *File) (*File, error) {
		if got, err := Pending(path); got != nil || err != nil {
			t.Errorf("locked: got %+v, %v, want nothing", got, err)
		}
		return f, nil
	})
	must(t, err)
	if got, err := Pending(path + ".gone"); got != nil || err != nil {
		t.Errorf("no state: got %+v, %v, want nothing", got, err)
	}
	link(t, path, path+".link")
	if got, err := Pending(path + ".link"); got != nil || !errors.Is(err, ErrSymlink) {
		t.Errorf("a link: got %+v, %v, want %v", got, err, ErrSymlink)
	}
}

func TestPlanUndoRefuses(t *testing.T) {
	path := writeState(t, textState(9, oldText)[:90])
	if _, err := PlanUndo(path, "", UpdateOptions{}); !errors.Is(err, ErrSyntax) {
		t.Errorf("half a state: got error %v, want %v", err, ErrSyntax)
	}
	if _, err := PlanUndo(path+".gone", "", UpdateOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no state: got error %v, want %v", err, fs.ErrNotExist)
	}
	must(t, os.WriteFile(path+journalSuffix, []byte("{}"), 0o600))
	if _, err := PlanUndo(path, "", UpdateOptions{}); !errors.Is(err, ErrInterrupted) {
		t.Errorf("another's journal: got error %v, want %v", err, ErrInterrupted)
	}
	if got, err := Backups(filepath.Join(filepath.Dir(path), "no", "x")); got != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Backups without a folder: got %v and error %v, want %v", got, err, fs.ErrNotExist)
	}
	path = writeState(t, textState(9, oldText))
	_, err := PlanUndo(path, path, UpdateOptions{})
	if e, ok := errors.AsType[*FileError](err); !ok || !errors.Is(err, ErrNoBackup) || e.Path != path || e.Hint == "" {
		t.Errorf("the state for its backup: got error %v, want %v and a hint", err, ErrNoBackup)
	}
}

// The state can't be read, or what a dead process left can't be removed: the verb says so
// and does nothing.
func TestRefusesBeforeTheEdit(t *testing.T) {
	verbs := func(t *testing.T, path string, s *system) map[string]error {
		opts := UpdateOptions{disk: s, Now: fixedTime}
		_, update := Update(t.Context(), path, opts, neverCalled(t))
		_, recover := Recover(t.Context(), path, opts)
		return map[string]error{"Update": update, "Recover": recover}
	}
	torn := leftAt(t, textState(9, oldText), "new", "state: write")
	left := readFile(t, torn)
	for verb, err := range verbs(t, torn, fails("read", syscall.EIO)) {
		if e, ok := errors.AsType[*FileError](err); !ok || e.Path != torn || !errors.Is(err, syscall.EIO) {
			t.Errorf("%s of what can't be read: got error %v, want %v", verb, err, syscall.EIO)
		}
	}
	usual := disk
	disk = fails("read", syscall.EIO)
	got, err := Pending(torn)
	disk = usual
	if got != nil || !errors.Is(err, syscall.EIO) {
		t.Errorf("Pending of what can't be read: got %+v and error %v, want %v", got, err, syscall.EIO)
	}
	wantState(t, torn, left)
	// Between two looks at the journal it is gone, or becomes another.
	for text, want := range map[string]error{"": nil, "{}": ErrInterrupted} {
		path := leftAt(t, textState(9, oldText), "new", "state: write")
		disk = &system{chunk: testChunk, now: fixedTime, fault: func(at string, n int) (int, error) {
			if must(t, os.Remove(path+journalSuffix)); text != "" {
				must(t, os.WriteFile(path+journalSuffix, []byte(text), 0o600))
			}
			return n, nil
		}}
		got, err := Pending(path)
		disk = usual
		if got != nil || !errors.Is(err, want) {
			t.Errorf("Pending of a journal that becomes %q: got %+v and error %v, want %v", text, got, err, want)
		}
	}

	path := writeState(t, textState(9, oldText))
	must(t, os.WriteFile(path+copySuffix, []byte("left"), 0o600))
	for verb, err := range verbs(t, path, fails("remove leftovers", syscall.EROFS)) {
		if e, ok := errors.AsType[*FileError](err); !ok || e.Path != path || !errors.Is(err, syscall.EROFS) {
			t.Errorf("%s beside what can't be removed: got error %v, want %v", verb, err, syscall.EROFS)
		}
	}
	wantBeside(t, path, 1)
	// What isn't ours stays, and so does what can't be ours.
	must(t, os.Remove(path+copySuffix))
	kept := []string{"other.tmp", filepath.Base(path) + ".tmp", filepath.Base(path) + ".herokutf-other.tmp", "other.tfstate.herokutf-new"}
	for _, name := range kept {
		must(t, os.WriteFile(filepath.Join(filepath.Dir(path), name), []byte("theirs"), 0o600))
	}
	_, err = Update(t.Context(), path, UpdateOptions{}, func(f *File) (*File, error) { return f, nil })
	must(t, err)
	wantBeside(t, path, len(kept))
	must(t, os.MkdirAll(filepath.Join(path+copySuffix, "theirs"), 0o700))
	for verb, err := range verbs(t, path, nil) {
		if e, ok := errors.AsType[*FileError](err); !ok || e.Path != path {
			t.Errorf("%s beside a folder of the copy's name: got error %v, want one of it", verb, err)
		}
	}

	// What couldn't be read once isn't read a second time.
	once := false
	s := &system{chunk: testChunk, fault: func(at string, n int) (int, error) {
		if at == "read" && !once {
			once = true
			return n, syscall.EIO
		}
		return n, nil
	}}
	if _, err := Update(t.Context(), torn, UpdateOptions{disk: s, Now: fixedTime}, neverCalled(t)); !errors.Is(err, syscall.EIO) {
		t.Errorf("got error %v, want %v", err, syscall.EIO)
	}
}

// A backup's name is longer than the system takes: nothing is written.
func TestNameTooLong(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a name that is too long is one that isn't there")
	}
	path := filepath.Join(t.TempDir(), strings.Repeat("n", 225))
	old := textState(9, oldText)
	must(t, os.WriteFile(path, old, 0o600))
	_, err := Update(t.Context(), path, UpdateOptions{Now: fixedTime}, setText("new"))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v, want one about the name", err)
	}
	wantState(t, path, old)
	wantBeside(t, path, 0)
}

// The verb ends before the write, and what it has put there can't be removed: both are said.
func TestCantTakeBack(t *testing.T) {
	for _, step := range []string{"remove copy", "remove journal", "sync folder", "remove backup"} {
		path := writeState(t, textState(9, oldText))
		ctx, cancel := context.WithCancel(t.Context())
		opts := UpdateOptions{disk: fails(step, syscall.EIO), Now: fixedTime, Progress: func(p Progress) {
			if p.Stage == StageWriting {
				cancel()
			}
		}}
		_, err := Update(ctx, path, opts, setText("new"))
		if !errors.Is(err, context.Canceled) || !errors.Is(err, syscall.EIO) {
			t.Errorf("%s: got error %v, want %v and %v", step, err, context.Canceled, syscall.EIO)
		}
		checkRecovery(t, path, textState(9, oldText), textState(10, "new"))
	}
}

// The hint says what to do about the failure that there was.
func TestHintsOfWrites(t *testing.T) {
	for name, test := range map[string]struct {
		step string
		err  error
		hint string
	}{
		"full":     {"state: write", syscall.ENOSPC, "Make room"},
		"broken":   {"state: write", syscall.EIO, "Look after the disk"},
		"clearing": {"remove journal", syscall.ENOSPC, "Recover does it"},
	} {
		if name == "full" && runtime.GOOS == "windows" {
			continue // its full disk has another error
		}
		path := writeState(t, textState(9, oldText))
		_, err := Update(t.Context(), path, UpdateOptions{disk: fails("check", test.err), Now: fixedTime}, setText("new"))
		if e, ok := errors.AsType[*FileError](err); !ok || e.Path != path || !errors.Is(err, test.err) || errors.Is(err, ErrChanged) {
			t.Errorf("%s: got %#v, want %v, of the state", name, err, test.err)
		}
		wantBackups(t, path, 0, nil)
		_, err = Update(t.Context(), path, UpdateOptions{disk: fails(test.step, test.err), Now: fixedTime}, setText("new"))
		e, ok := errors.AsType[*WriteError](err)
		if !ok || e.Path != path || !errors.Is(err, test.err) || !strings.Contains(e.Hint, test.hint) {
			t.Errorf("%s: got %+v, want %v and the hint %q", name, err, test.err, test.hint)
		}
	}
	path := leftAt(t, textState(9, oldText), "new", "state: write")
	_, err := Recover(t.Context(), path, UpdateOptions{disk: fails("recover: write", syscall.EIO)})
	if e, ok := errors.AsType[*WriteError](err); !ok || e.Path != path || e.Backup == "" || e.Condition != Torn || e.Hint == "" {
		t.Errorf("Recover: got %#v, want a torn state, its backup and a hint", err)
	}
}

// The state is whole, and what says that a write is under way can't be removed: the error
// says what the state is.
func TestRecoverCantClearAway(t *testing.T) {
	old, new := textState(9, oldText), textState(10, "new")
	for name, test := range map[string]struct {
		data []byte // nil: as it was left
		want Condition
	}{"old": {old, Untouched}, "new": {new, Written}, "torn": {nil, Written}, "replaced": {textState(12, "other"), Replaced}} {
		for _, step := range []string{"state: sync", "remove copy", "remove journal", "sync folder"} {
			path := leftAt(t, old, "new", "state: write")
			if test.data != nil {
				must(t, os.WriteFile(path, test.data, 0o600))
			}
			done, err := Recover(t.Context(), path, UpdateOptions{disk: fails(step, syscall.EIO)})
			e, ok := errors.AsType[*WriteError](err)
			if !ok || done != nil || !errors.Is(err, syscall.EIO) {
				t.Errorf("%s, %s: got %+v and error %v, want a WriteError", name, step, done, err)
				continue
			}
			if e.Path != path || e.Condition != test.want || e.Hint == "" || !bytes.Equal(readFile(t, e.Backup), old) {
				t.Errorf("%s, %s: got %#v, want condition %q, the backup and a hint", name, step, e, test.want)
			}
		}
	}
}

// Another program puts a file in the place of a torn state just before it is made whole.
func TestRecoverFindsReplacement(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open keeps its name")
	}
	theirs := textState(20, "theirs")
	path := leftAt(t, textState(9, oldText), "new", "state: write")
	torn := readFile(t, path)
	_, err := Recover(t.Context(), path, UpdateOptions{Progress: func(p Progress) {
		if p.Stage == StageWriting {
			must(t, os.Rename(path, path+".moved"))
			must(t, os.WriteFile(path, theirs, 0o600))
		}
	}})
	if !errors.Is(err, ErrChanged) {
		t.Errorf("got error %v, want %v", err, ErrChanged)
	}
	wantState(t, path, theirs)
	wantState(t, path+".moved", torn)
}

// Without the new state's copy, what stands behind the old state may be anybody's.
func TestGrownWithoutCopy(t *testing.T) {
	old := textState(9, oldText)
	path := leftAt(t, old, newTexts["much larger"], "state: mark")
	pending, err := Pending(path)
	must(t, err)
	must(t, os.WriteFile(path, append(bytes.Clone(old), "more"...), 0o600))
	must(t, os.Remove(pending.Copy))
	if pending, err = Pending(path); err != nil || pending.Condition != Damaged {
		t.Errorf("got %+v, %v, want %q", pending, err, Damaged)
	}
}

// Each report of progress says of which state it is.
func TestProgressInOrder(t *testing.T) {
	var got []Progress
	opts := UpdateOptions{Progress: func(p Progress) { got = append(got, p) }}
	path := writeState(t, textState(9, oldText))
	_, err := Update(t.Context(), path, opts, setText("new"))
	must(t, err)
	want := []Progress{{Stage: StageLocked, Path: path}, {Stage: StageBackup, Path: path}, {Stage: StageWriting, Path: path}, {Stage: StageDone, Path: path}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Update (-want +got):\n%s", diff)
	}
	got = nil
	path = leftAt(t, textState(9, oldText), "new", "state: write")
	_, err = Recover(t.Context(), path, opts)
	must(t, err)
	want = []Progress{{Stage: StageLocked, Path: path}, {Stage: StageWriting, Path: path}, {Stage: StageDone, Path: path}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Recover (-want +got):\n%s", diff)
	}
}

// The error of another lineage names both and both files, and the one of a lock its holder.
func TestErrorsNameThings(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	other := beforehand(t, path, bytes.Replace(textState(3, "x"), []byte("5c0d"), []byte("6c0d"), 1))
	_, err := Undo(t.Context(), path, other, UpdateOptions{})
	e, ok := errors.AsType[*LineageError](err)
	if !ok || e.Path != path || e.Other != other || !strings.HasPrefix(e.Lineage, "5c0d") || !strings.HasPrefix(e.OtherLin, "6c0d") || e.Hint == "" {
		t.Errorf("got %#v, want both lineages, both files and a hint", err)
	}
	must(t, os.Remove(other))
	_, err = Update(t.Context(), path, UpdateOptions{Who: "me@here", Operation: "work"}, func(f *File) (*File, error) {
		must(t, os.WriteFile(path+journalSuffix, (&journal{Format: 1,
			Old: revision{filepath.Base(path) + ".herokutf-20260102T150405Z-serial9.backup", "9", 10, "00000000"},
			New: revision{filepath.Base(path) + copySuffix, "10", 11, "00000000"}}).encode(), 0o600))
		_, err := Pending(path)
		if e, ok := errors.AsType[*LockedError](err); !ok || e.Path != path || e.Info.Who != "me@here" || e.Info.Operation != "work" || e.Hint == "" {
			t.Errorf("Pending: got %#v, want the holder and a hint", err)
		}
		must(t, os.Remove(path+journalSuffix))
		return f, nil
	})
	must(t, err)
}

// The old state is longer than what stands there, and there is no room for it any more.
func TestNoRoomToPutBack(t *testing.T) {
	old, text := textState(9, oldText), newTexts["smaller"]
	path := writeState(t, old)
	s := &system{chunk: testChunk, fault: func(at string, n int) (int, error) {
		switch at {
		case "state: sync content":
			return n, syscall.EIO
		case "rollback: grow":
			return n / 2, syscall.ENOSPC
		}
		return n, nil
	}}
	_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime}, setText(text))
	if e, ok := errors.AsType[*WriteError](err); !ok || e.Path != path || e.Condition != Torn || !errors.Is(err, syscall.EIO) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got error %v, want a torn state with both causes", err)
	}
	checkRecovery(t, path, old, textState(10, text))
}

// The first state of all: what comes between.
func TestCreateRefuses(t *testing.T) {
	theirs := textState(1, "theirs")
	path := placed(t, nil)
	_, err := Update(t.Context(), path, UpdateOptions{Initial: initial, Progress: func(p Progress) {
		if p.Stage == StageLocked { // the empty file is there
			must(t, os.WriteFile(path, theirs, 0o600))
		}
	}}, insertApps)
	if !errors.Is(err, ErrChanged) {
		t.Errorf("another state in the empty file: got error %v, want %v", err, ErrChanged)
	}
	wantState(t, path, theirs)

	path = placed(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = Update(ctx, path, UpdateOptions{Initial: initial}, func(f *File) (*File, error) {
		cancel()
		return insertApps(f)
	})
	if !errors.Is(err, context.Canceled) || !absent(path) {
		t.Errorf("cancelled: got error %v; nothing there: %v", err, absent(path))
	}

	if _, err := Undo(t.Context(), path, "", UpdateOptions{Initial: initial}); !errors.Is(err, fs.ErrNotExist) || !absent(path) {
		t.Errorf("Undo: got error %v, want %v; nothing there: %v", err, fs.ErrNotExist, absent(path))
	}
	got, err := Update(t.Context(), path, UpdateOptions{Initial: initial}, func(f *File) (*File, error) { return f, nil })
	must(t, err)
	if want := (Result{OldSerial: initial.Serial(), NewSerial: initial.Serial()}); *got != want || !absent(path) {
		t.Errorf("unchanged: got %+v, want %+v; nothing there: %v", *got, want, absent(path))
	}
}

// A file that can't be looked at or read isn't taken for one that holds the same.
func TestCompareFails(t *testing.T) {
	closed := fs.ErrClosed
	if runtime.GOOS == "windows" {
		closed = syscall.Errno(6) // ERROR_INVALID_HANDLE
	}
	text := textState(9, oldText)
	path := writeState(t, text)
	s := &system{chunk: testChunk}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	if err := s.compare("compare", f, text); err == nil || errors.Is(err, errDiffers) {
		t.Errorf("not open for reading: got error %v", err)
	}
	must(t, f.Close())
	for _, want := range [][]byte{text, nil} {
		if err := s.compare("compare", f, want); !errors.Is(err, closed) {
			t.Errorf("closed: got error %v, want %v", err, closed)
		}
	}
	if marked, err := s.overwrite("state", f, text, text, nil); marked || !errors.Is(err, closed) {
		t.Errorf("overwrite: got %v and error %v, want %v", marked, err, closed)
	}
	// The checksum alone doesn't do.
	r := revision{Size: 4, CRC32C: sum([]byte("abc"))}
	if r.is([]byte("abc")) || !(revision{Size: 3, CRC32C: sum([]byte("abc"))}).is([]byte("abc")) {
		t.Error("a revision isn't known by its length and checksum")
	}
}

func TestIsNumber(t *testing.T) {
	for s, want := range map[string]bool{"0": true, "12": true, "-1": true, "1e3": true, "": false, `"9"`: false, "[9]": false, "{}": false,
		"true": false, "null": false, " 9": false, "9 8": false, "-": false, "+1": false, "01": false, "/": false, ":": false} {
		if got := isNumber(s); got != want {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
}

// An unexpected end of a file is an error of its own kind, not one that says that all was read.
func TestShorterThanItSays(t *testing.T) {
	// A file of the kernel says that it has a page, and has less.
	f, err := os.Open("/sys/kernel/mm/transparent_hugepage/enabled")
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	stat, err := f.Stat()
	must(t, err)
	have, err := io.ReadAll(f)
	must(t, err)
	if int64(len(have)) >= stat.Size() {
		t.Skip("the file has the length that it says")
	}
	want := append(bytes.Clone(have), make([]byte, int(stat.Size())-len(have))...)
	s := &system{chunk: int(stat.Size())}
	if err := s.compare("compare", f, want); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got error %v, want %v", err, io.ErrUnexpectedEOF)
	}
}
