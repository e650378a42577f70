package statefile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/herokutf/herokutf/internal/printable"
)

// Conditions of the verbs that write, which callers match with [errors.Is].
var (
	// ErrLocked says that another program holds the state's lock. A
	// [LockedError] says who.
	ErrLocked = errors.New("state is locked")
	// ErrChanged says that the state isn't what was read any more, although it
	// was locked: someone wrote to it without a lock or put another file in its
	// place. A [FileError] says which.
	ErrChanged = errors.New("state was changed by another program")
	// ErrInterrupted says that a write to the state didn't end, and that
	// [Recover] ends it. An [InterruptedError] or a [WriteError] says more.
	ErrInterrupted = errors.New("a write to the state was interrupted")
	// ErrUndecided says that [Recover] won't touch a state, since it is neither
	// what the interrupted write found nor what it was to leave nor a state
	// that someone has written since. An [InterruptedError] says more.
	ErrUndecided = errors.New("state is neither the old nor the new one")
	// ErrReadOnly says that the state or its folder can't be written. A
	// [FileError] says which.
	ErrReadOnly = errors.New("no permission to write")
	// ErrSymlink says that a path is a symbolic link. A [FileError] says where
	// it leads.
	ErrSymlink = errors.New("state is a symbolic link")
	// ErrLineage says that two states aren't revisions of the same one. A
	// [LineageError] says which.
	ErrLineage = errors.New("states have different lineages")
	// ErrSerial says that a new state's serial isn't above the old one's, so
	// that Terraform would take the one for the other.
	ErrSerial = errors.New("serial of the new state is not above that of the old one")
	// ErrNoBackup says that there is no backup to return to.
	ErrNoBackup = errors.New("no backup")
	// ErrMovedOn says that a state was written again since the change that is to be
	// undone. A [MovedOnError] says how far.
	ErrMovedOn = errors.New("state has moved on")
)

// LockedError says who holds a state's lock. It unwraps to [ErrLocked] and, when
// the context ended the waiting, to the cause of that.
type LockedError struct {
	Path   string
	Info   LockInfo      // of the holder; zero when it says nothing
	Waited time.Duration // how long the lock was asked for
	Hint   string        // what to do, in whole sentences
	cause  error
}

func (e *LockedError) Error() string {
	s := fmt.Sprintf("lock state %s: held by %s", printable.Path(e.Path), e.Info)
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

func (e *LockedError) Unwrap() []error {
	if e.cause != nil {
		return []error{ErrLocked, e.cause}
	}
	return []error{ErrLocked}
}

func lockHint(timeout time.Duration) string {
	if timeout <= 0 {
		return "Try again when the other program is done, or let this one wait with a lock timeout."
	}
	return "Try again when the other program is done, or wait longer for it."
}

// FileError says why a file can't be read or written at all. It unwraps to the
// condition, such as [ErrReadOnly], [ErrSymlink], [ErrChanged] or
// [io/fs.ErrNotExist].
type FileError struct {
	Path string
	Hint string // what to do, in whole sentences
	Err  error
}

func (e *FileError) Error() string { return fmt.Sprintf("state %s: %v", printable.Path(e.Path), e.Err) }

func (e *FileError) Unwrap() error { return e.Err }

// LineageError says that a backup is one of another state. It unwraps to
// [ErrLineage].
type LineageError struct {
	Path, Lineage   string // of the state
	Other, OtherLin string // of the backup, or of the new state that an edit made ("")
	Hint            string // what to do, in whole sentences
}

func (e *LineageError) Error() string {
	if e.Other == "" {
		return fmt.Sprintf("state %s has lineage %q, its edit %q", printable.Path(e.Path), e.Lineage, e.OtherLin)
	}
	return fmt.Sprintf("state %s has lineage %q, backup %s has %q", printable.Path(e.Path), e.Lineage, printable.Path(e.Other), e.OtherLin)
}

func (e *LineageError) Unwrap() error { return ErrLineage }

// MovedOnError says that a state was written again since the change that is to be
// undone, so that what came after would be lost. It unwraps to [ErrMovedOn].
type MovedOnError struct {
	Path, Serial string // of the state
	Backup       string // path of the backup
	Next         string // the serial that followed the backup; "" when that isn't known
	// Added are the addresses of the managed instances that the state has and the
	// backup doesn't have, Removed those that only the backup has, and Changed those that
	// differ, in the order of the file; nil when there are none.
	Added, Removed, Changed []string
	Hint                    string // what to do, in whole sentences
}

// NewMovedOnError compares a state with the backup that it was to go back to. next is
// the serial that followed the backup, "" when that isn't known.
func NewMovedOnError(backup, now *File, next string) *MovedOnError {
	e := &MovedOnError{Path: now.Name(), Serial: now.Serial(), Backup: backup.Name(), Next: next,
		Hint: "Undoing would lose what was written since. Make the reverse change, or name the backup and force it."}
	had := make(map[string]*Instance)
	for i := range backup.Instances() {
		had[i.Address()] = i
	}
	for i := range now.Instances() {
		if i.Mode != Managed {
			continue
		}
		switch before, ok := had[i.Address()]; {
		case !ok:
			e.Added = append(e.Added, i.Address())
		case !bytes.Equal(before.object.of(before.file.data), i.object.of(i.file.data)):
			e.Changed = append(e.Changed, i.Address())
		}
		delete(had, i.Address())
	}
	for i := range backup.Instances() {
		if had[i.Address()] != nil && i.Mode == Managed {
			e.Removed = append(e.Removed, i.Address())
		}
	}
	return e
}

func (e *MovedOnError) Error() string {
	s := fmt.Sprintf("%v: its serial is %s, and that of the state that followed the backup was %s", ErrMovedOn, e.Serial, e.Next)
	if e.Next == "" {
		s = fmt.Sprintf("%v, or may have: its serial is %s, and which state followed the backup isn't known", ErrMovedOn, e.Serial)
	}
	for _, part := range []struct {
		what      string
		addresses []string
	}{{"new since", e.Added}, {"gone since", e.Removed}, {"changed since", e.Changed}} {
		const most = 5
		if n := len(part.addresses); n > 0 {
			s += fmt.Sprintf("; %s: %s", part.what, strings.Join(part.addresses[:min(n, most)], ", "))
			if n > most {
				s += fmt.Sprintf(" and %d more", n-most)
			}
		}
	}
	return s
}

func (e *MovedOnError) Unwrap() error { return ErrMovedOn }

// InterruptedError says that an earlier write to the state didn't end. It unwraps
// to [ErrInterrupted], and also to [ErrUndecided] when [Recover] itself returns
// it.
type InterruptedError struct {
	Interrupted
	Hint      string // what to do, in whole sentences
	Undecided bool   // whether Recover can't determine what the state is
}

func (e *InterruptedError) Error() string {
	s := fmt.Sprintf("state %s: a write of serial %s over serial %s, begun %s, was interrupted",
		printable.Path(e.Path), e.NewSerial, e.OldSerial, e.Created.UTC().Format(time.RFC3339))
	return s + "; " + e.Condition.describe()
}

func (e *InterruptedError) Unwrap() []error {
	if e.Undecided {
		return []error{ErrInterrupted, ErrUndecided}
	}
	return []error{ErrInterrupted}
}

// WriteError says that writing the state failed, or what goes with it. It unwraps
// to the cause, and to [ErrInterrupted] when the state isn't whole.
type WriteError struct {
	Path   string
	Backup string // of the old state; "" when there is none
	// Condition says what the state is now: [Untouched] when nothing was written
	// or the old content was put back, [Written] when the new state is there
	// and only cleaning up failed, [Torn] when it takes [Recover] to have one
	// of them.
	Condition Condition
	Hint      string // what to do, in whole sentences
	Err       error
}

func (e *WriteError) Error() string {
	s := fmt.Sprintf("write state %s: %v", printable.Path(e.Path), e.Err)
	return s + "; " + e.Condition.describe()
}

func (e *WriteError) Unwrap() []error {
	if e.Condition == Torn {
		return []error{e.Err, ErrInterrupted}
	}
	return []error{e.Err}
}

func symlinkError(path string) error {
	e := &FileError{Path: path, Err: ErrSymlink,
		Hint: "The state would be locked under another name than Terraform knows it by. Give the path of the file itself."}
	if target, err := os.Readlink(path); err == nil {
		e.Err = fmt.Errorf("%w to %s", ErrSymlink, printable.Path(target))
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			e.Err = fmt.Errorf("%w to %s, which is not there", ErrSymlink, printable.Path(target))
		}
	}
	return e
}

func irregular(path string) error {
	return &FormatError{Kind: KindNoRegularFile, Name: path, Problem: "no regular file",
		Hint: "Give the path of the state file itself, such as terraform.tfstate."}
}

// openError says why a state can't be opened and locked.
func openError(path string, err error) error {
	// These have been explained already.
	if e, ok := errors.AsType[*FormatError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*FileError](err); ok {
		return e
	}
	e := &FileError{Path: path, Err: err}
	switch {
	case errors.Is(err, errMoved):
		e.Err = fmt.Errorf("%w: %w", ErrChanged, err)
		e.Hint = "Another program keeps putting new files in its place. Try again when it is done."
	case errors.Is(err, os.ErrNotExist):
		e.Hint = "Give the path of a state that Terraform has written; with a remote backend, terraform state pull prints it."
	case readOnly(err):
		e.Err = fmt.Errorf("%w: %w", ErrReadOnly, err)
		e.Hint = "Locking a state takes the permission to write it. Run as its owner, or make it writable."
	case errors.Is(err, errors.ErrUnsupported):
		e.Err = fmt.Errorf("its file system or this system has no locks: %w", err)
		e.Hint = "Copy the state to a local disk, or keep it in a remote backend."
	}
	return e
}

// folderError says why something can't be put beside a state.
func folderError(path string, err error) error {
	e := &FileError{Path: path, Err: err}
	if readOnly(err) {
		e.Err = fmt.Errorf("%w: %w", ErrReadOnly, err)
		e.Hint = "The lock's description and the backup are written into the folder of the state. Make it writable."
	}
	if diskFull(err) {
		e.Hint = "Nothing was written to the state. Make room for two more copies of it."
	}
	return e
}

// join returns both errors as one, in one line, or the one there is.
func join(err, other error) error {
	switch {
	case err == nil:
		return other
	case other == nil:
		return err
	}
	return fmt.Errorf("%w; and %w", err, other)
}
