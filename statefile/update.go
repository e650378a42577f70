package statefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/herokutf/herokutf/internal/printable"
)

// UpdateOptions says how [Update], [Undo] and [Recover] take the lock, and who
// wants to know. The zero value works.
type UpdateOptions struct {
	// LockTimeout is how long to wait for a lock that another program holds. With
	// 0 the verbs fail at once.
	LockTimeout time.Duration
	// Operation, Info and Who are shown to whoever meets the lock. Operation
	// defaults to "herokutf", Who to user@host.
	Operation, Info, Who string
	// Progress, if set, is called from the goroutine of the verb, before each
	// pause for the lock and before each stage of a write.
	Progress func(Progress)
	// Check, if set, is called with the new state of [Update] or [Undo] under the
	// lock, before anything is written. An error ends the verb with nothing changed,
	// and is returned as it is. It isn't called when nothing is to be written.
	Check func(*File) error
	// Initial, if set, is what the edit of [Update] is given where there is no state yet:
	// no file, or one without a byte, which Terraform takes for the same. Make it with
	// [New]. Its text is what the backup holds then. With nil Update fails there.
	Initial *File
	// Known, if set, is the state as it was read a moment ago. Where it still has those
	// bytes, edit is given Known itself, and the text is neither held in memory nor
	// parsed a second time.
	Known *File
	// BackUpFirst begins with the backup before the edit of [Update] is called, and goes on
	// beside it: for an edit that takes its time and is all but sure to change something.
	// When it changes nothing, the backup is removed again. Without it nothing is written
	// to the disk before the edit has returned.
	BackUpFirst bool
	// Force lets [Undo] go back to a backup that is named although the state was
	// written again since.
	Force bool
	// Now, if set, is asked for the time in the names of backups, in the journal
	// and in the lock's description. It defaults to time.Now.
	Now func() time.Time

	disk *system // set by tests
}

func (o UpdateOptions) system() *system {
	s := disk
	if o.disk != nil {
		s = o.disk
	}
	if o.Now != nil {
		with := *s
		with.now = o.Now
		s = &with
	}
	return s
}

func (o UpdateOptions) now() time.Time { return o.system().now() }

func (o UpdateOptions) progress(p Progress) {
	if o.Progress != nil {
		o.Progress(p)
	}
}

// Stage is a part of [Update], [Undo] and [Recover].
type Stage string

// The stages, in the order they come in.
const (
	StageWaiting Stage = "waiting" // for the lock; once for each pause
	StageLocked  Stage = "locked"  // the lock is ours
	StageBackup  Stage = "backup"  // saving the old and the new state beside it
	StageWriting Stage = "writing" // can't be cancelled any more
	StageDone    Stage = "done"    // the new state is on the disk and was read back
)

// Progress says what a verb is about to do.
type Progress struct {
	Stage  Stage
	Path   string        // of the state
	Holder LockInfo      // of the lock, while waiting
	Waited time.Duration // for the lock, so far
	Next   time.Duration // until the lock is tried again
}

// Result says what [Update] or [Undo] did.
type Result struct {
	Changed   bool   // whether the state was written
	OldSerial string // of the state before
	NewSerial string // of the state now; OldSerial when it wasn't written
	// Backup is the path of the copy of the old state, beside the state; "" when
	// nothing was written.
	Backup string
	// Restored is the path of the backup that Undo put back, and RestoredSerial
	// the serial in it; both are "" after Update.
	Restored, RestoredSerial string
}

// Update changes the state at path by way of edit, under a lock that Terraform
// and OpenTofu respect and with the holder described in .NAME.lock.info, as they
// do it. It reads the state through the locked file and calls edit with it once.
// When edit returns the same file or one with the same bytes, nothing is written
// and no backup made. Otherwise the new state must have the lineage of the old
// one and a higher serial, as [File.Apply] makes it.
//
// A write goes like this: a byte-identical backup called
// NAME.herokutf-<time>-serial<n>.backup (which may begin earlier, see
// [UpdateOptions.BackUpFirst]), then a copy of the new state and a journal, all of them
// private to the state's owner and synced to the disk; then the state is checked once
// more to be what was read, written over in place, synced, and read back. It is written
// in place since a Terraform that waits for the lock has the file open: a new file in
// its place would never be seen by it, and its result would be lost. While bytes are
// being written the file starts with a line that isn't JSON, so that programs that read
// without a lock get an error and no mixture. When a step fails, the old content is put
// back. On whatever error the state is as it was, unless [WriteError.Condition] says
// otherwise.
//
// When the process dies on the way, the old and the new state can both be had
// whole, and further calls return [ErrInterrupted] until [Recover] was called.
// Cancelling the context ends the wait for the lock, and ends the call before the
// first byte of the state is written, with nothing changed. After that the write
// goes on to its end.
//
// Where there is no state yet and opts.Initial is set, the edit is worked out and
// checked first, and only then an empty file put there, locked and written in the same
// way. A failure may leave it empty, which is no state either.
//
// The state must be a regular file by its own name. A symbolic link is refused
// ([ErrSymlink]): the lock would hold, but Terraform looks for the holder's
// description beside the link and fails where it should wait. Links among the
// folders do no harm, and hard links stay what they are. The state is held in
// memory twice, before and after the edit.
//
// Any number of goroutines and processes may call Update on one state. Where the
// system's locks belong to the process (not on Linux and Windows), nothing else in
// this process may open and close the state meanwhile: that drops the lock.
//
// With an error the result is nil, unless the new state is in its place and only
// clearing up after the write failed ([Written], or an error of unlocking).
//
// Errors: [*LockedError], [*FileError] ([io/fs.ErrNotExist], [ErrReadOnly],
// [ErrSymlink], [ErrChanged]), [*InterruptedError], [*WriteError],
// [*LineageError], [ErrSerial], those of [Parse], and those of edit as they are.
//
// On Windows and on file systems with access lists of the NFSv4 kind, a backup
// gets the list that its folder hands on, as the state once did.
func Update(ctx context.Context, path string, opts UpdateOptions, edit func(*File) (*File, error)) (result *Result, err error) {
	s := opts.system()
	l, err := acquire(ctx, path, opts)
	if opts.Initial != nil && errors.Is(err, os.ErrNotExist) { // and no write to it was interrupted
		return s.create(ctx, path, opts, edit)
	}
	if err != nil {
		return nil, err
	}
	// Also when edit panics.
	defer func() {
		if cerr := l.close(); cerr != nil && err == nil {
			err = &FileError{Path: path, Err: fmt.Errorf("unlock: %w", cerr)}
		}
	}()
	opts.progress(Progress{Stage: StageLocked, Path: path})
	if err := s.checkInterrupted(l); err != nil {
		return nil, err
	}
	old, have, ahead, err := s.read(l, opts)
	defer func() {
		if cerr := ahead.discard(); cerr != nil && err == nil {
			result, err = nil, folderError(path, cerr)
		}
	}()
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read state %s: %w", printable.Path(path), err)
	}
	new, err := edited(path, old, opts, edit)
	result = &Result{OldSerial: old.Serial(), NewSerial: old.Serial()}
	if err != nil {
		return nil, err
	}
	if new == nil {
		return result, nil
	}
	result.Backup, err = s.commit(ctx, l, ahead, old, new, have, opts)
	var failed *WriteError
	if err != nil && !(errors.As(err, &failed) && failed.Condition == Written) {
		return nil, err
	}
	result.Changed = true
	result.NewSerial = new.Serial()
	opts.progress(Progress{Stage: StageDone, Path: path})
	return result, err
}

// edited calls the edit and holds its outcome against what it was given. It returns nil
// when there is nothing to write.
func edited(path string, old *File, opts UpdateOptions, edit func(*File) (*File, error)) (*File, error) {
	new, err := edit(old)
	if err != nil {
		return nil, err
	}
	switch {
	case new == nil:
		return nil, fmt.Errorf("update state %s: the edit returned no file", printable.Path(path))
	case bytes.Equal(new.Bytes(), old.Bytes()):
		return nil, nil
	case new.Lineage() != old.Lineage():
		return nil, &LineageError{Path: path, Lineage: old.Lineage(), OtherLin: new.Lineage(),
			Hint: "An edit must start from the state it is given."}
	case compareNumbers(new.Serial(), old.Serial()) <= 0:
		return nil, &FileError{Path: path, Err: fmt.Errorf("%w: %s over %s", ErrSerial, new.Serial(), old.Serial()),
			Hint: "An edit must raise the serial, as File.Apply does."}
	}
	if opts.Check != nil {
		if err := opts.Check(new); err != nil {
			return nil, err
		}
	}
	return new, nil
}

// create writes the first state. Nothing is there to be locked before it is known what
// to write: then an empty file is put there, which means the same as none, and the rest
// is an update of that.
func (s *system) create(ctx context.Context, path string, opts UpdateOptions, edit func(*File) (*File, error)) (*Result, error) {
	initial := opts.Initial
	new, err := edited(path, initial, opts, edit)
	if err != nil {
		return nil, err
	}
	if new == nil {
		return &Result{OldSerial: initial.Serial(), NewSerial: initial.Serial()}, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("write state %s: %w", printable.Path(path), err)
	}
	err = s.do("create state", func() error {
		folder, err := os.Stat(filepath.Dir(path))
		if err != nil {
			return err
		}
		file, err := s.createPrivate(path, folder)
		if err != nil {
			return err
		}
		return file.Close()
	})
	appeared := fmt.Errorf("%w: there was none before", errDiffers)
	if errors.Is(err, os.ErrExist) {
		return nil, changedError(path, appeared)
	}
	if err != nil {
		return nil, folderError(path, err)
	}
	opts.Check = nil
	return Update(ctx, path, opts, func(now *File) (*File, error) {
		if now != initial {
			return nil, changedError(path, appeared)
		}
		return new, nil
	})
}

// checkInterrupted returns an error when an earlier write didn't end, and clears
// away what is left of one that didn't begin.
func (s *system) checkInterrupted(l *lock) error {
	j, err := readJournal(l.path)
	if err != nil {
		return err
	}
	if j == nil {
		if err := s.sweep(l.path); err != nil {
			return folderError(l.path, err)
		}
		return nil
	}
	data, err := s.readBytes(l)
	if err != nil {
		return err
	}
	return interrupted(l.path, j, j.judge(l.path, data))
}

// read reads and parses the state through the locked file. An empty file stands for
// the initial state, if there is one. have is what the file holds, and ahead the backup
// of it, if that is to begin first.
func (s *system) read(l *lock, opts UpdateOptions) (f *File, have []byte, ahead *ahead, err error) {
	begin := func() {
		if opts.BackUpFirst {
			ahead = s.saveAhead(l, have)
		}
	}
	// Whatever goes wrong there will go wrong again.
	if known := opts.Known; known != nil && len(known.Bytes()) > 0 && s.compare("read", l.file, known.Bytes()) == nil {
		have = known.Bytes()
		begin()
		return known, have, ahead, nil
	}
	have, err = s.readBytes(l)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(have) == 0 && opts.Initial != nil {
		return opts.Initial, []byte{}, nil, nil
	}
	begin()
	if f, err = Parse(l.path, have); err != nil {
		err = withBackup(err, l.path)
	}
	return f, have, ahead, err
}

func (s *system) readBytes(l *lock) (data []byte, err error) {
	err = s.do("read", func() error {
		data, err = readAll(l.file, l.path)
		return err
	})
	if err != nil {
		return nil, openError(l.path, err)
	}
	return data, nil
}

// commit makes new the state's content, with the old one's backup beside it. have is
// what the file holds: the old one's text, or nothing, which the initial one stands for.
// With an error it returns what the state is, as a WriteError, unless it is untouched
// and nothing went wrong but that someone changed it or the context ended.
func (s *system) commit(ctx context.Context, l *lock, ahead *ahead, old, new *File, have []byte, opts UpdateOptions) (backup string, err error) {
	path := l.path
	opts.progress(Progress{Stage: StageBackup, Path: path})
	info := newLockInfo(path, opts)
	if backup, err = s.begin(l, ahead, old, new, have, info.Who, info.Operation); err != nil {
		return "", err
	}
	opts.progress(Progress{Stage: StageWriting, Path: path})
	// The last moment at which nothing has happened yet.
	if err = s.unchanged(l, have); err == nil {
		if err = context.Cause(ctx); err != nil {
			err = fmt.Errorf("write state %s: %w", printable.Path(path), err)
		}
	}
	if err != nil {
		return "", join(err, s.discard(path, backup))
	}
	condition, err := s.replace(l.file, have, new.Bytes())
	if err == nil && l.inPlace() != nil {
		// Someone has put another file there during the write, which is the state
		// now. Ours went into the one that was there.
		return "", join(changedError(path, errMoved), s.finish(path))
	}
	if condition == Torn {
		return backup, &WriteError{Path: path, Backup: backup, Condition: Torn, Err: err,
			Hint: "Leave the state alone and let it be recovered (Recover) when the cause is fixed."}
	}
	// The backup stays also when the write failed and all is as before: what
	// failed was the disk, most likely.
	if ferr := s.finish(path); ferr != nil || err != nil {
		failed := &WriteError{Path: path, Backup: backup, Condition: condition, Err: join(err, ferr)}
		switch {
		case ferr != nil:
			failed.Hint = "What says that a write is under way can't be removed. Recover does it when the cause is fixed."
		case diskFull(err):
			failed.Hint = "The old state was put back and checked. Make room on the disk; the backup stays for now."
		default:
			failed.Hint = "The old state was put back and checked. Look after the disk before the next try; the backup stays for now."
		}
		return backup, failed
	}
	return backup, nil
}

// unchanged makes sure that the path still names the locked file and that its
// content is what was read.
func (s *system) unchanged(l *lock, data []byte) error {
	if err := l.inPlace(); err != nil {
		return changedError(l.path, err)
	}
	if err := s.compare("check", l.file, data); err != nil {
		return changedError(l.path, err)
	}
	return nil
}

func changedError(path string, err error) error {
	if !errors.Is(err, errMoved) && !errors.Is(err, errDiffers) {
		return &FileError{Path: path, Err: err}
	}
	return &FileError{Path: path, Err: fmt.Errorf("%w: %w", ErrChanged, err),
		Hint: "Another program writes it without a lock. Nothing of ours was written to it; try again when that program is done."}
}
