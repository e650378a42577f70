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

// Interrupted describes a write to a state that didn't end, and what it left.
type Interrupted struct {
	Path      string // of the state
	Condition Condition
	Backup    string // path of the copy of the old state
	Copy      string // path of the copy of the new state
	OldSerial string
	NewSerial string
	Created   time.Time // when the write began
	Who       string    // user@host
	Operation string
}

// Outcome says what [Recover] did.
type Outcome string

// What [Recover] can do.
const (
	NothingToRecover Outcome = "nothing to recover" // no write was interrupted
	KeptOld          Outcome = "kept old"           // nothing had been written; the old state stays
	KeptNew          Outcome = "kept new"           // all had been written; the new state stays
	FinishedNew      Outcome = "finished new"       // the state was torn; it is the new one now
	RestoredOld      Outcome = "restored old"       // the state was torn and the copy of the new one lost; it is the old one now
	KeptReplaced     Outcome = "kept replaced"      // someone has written another whole state since; it stays
)

// Recovery says what [Recover] did.
type Recovery struct {
	Outcome Outcome
	Serial  string // of the state now; "" with NothingToRecover
	Backup  string // path of the copy of the old state, which stays
	// Found is what there was to recover; nil with NothingToRecover.
	Found *Interrupted
}

// Pending returns what is known of an interrupted write to the state at path, or
// nil when there was none. It changes nothing. While another program holds the
// lock, what it finds may be a write under way, so it returns a [*LockedError].
func Pending(path string) (*Interrupted, error) {
	if _, err := checkPath(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if j, err := readJournal(path); j == nil {
		return nil, err
	}
	l, err := tryLock(path)
	var data []byte
	condition := Missing
	switch {
	case errors.Is(err, errBusy):
		return nil, &LockedError{Path: path, Info: holder(path), Hint: lockHint(0)}
	case err == nil:
		defer l.release()
		if data, err = disk.readBytes(l); err != nil {
			return nil, err
		}
	case !errors.Is(err, os.ErrNotExist):
		return nil, err
	}
	// Now that nobody writes.
	j, err := readJournal(path)
	if j == nil {
		return nil, err
	}
	if l != nil {
		condition = j.judge(path, data)
	}
	return j.describe(path, condition), nil
}

// Recover ends a write that was interrupted. The state is whole afterwards: the
// old one, if not a byte of the state had been written, and the new one if any
// had. If the copy of the new one is damaged it is the old one in any case. The
// backup of the old one stays.
//
// What someone has written since is never replaced. If it is a whole state, that
// one stays and the interrupted write is forgotten. If it is something else, such
// as an empty file, Recover returns an [*InterruptedError] that unwraps to
// [ErrUndecided] and names the copies, one of which has to be put in its place by
// hand; then Recover ends what is left. That is also the error when there is no
// state any more, or no intact copy of either.
//
// Recover takes the lock as [Update] does, can itself be interrupted at any step
// and called again, and does nothing when there is nothing to do but remove
// incomplete files that a dead process of ours left beside the state.
func Recover(ctx context.Context, path string, opts UpdateOptions) (recovery *Recovery, err error) {
	s := opts.system()
	l, err := acquire(ctx, path, opts)
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := l.close(); cerr != nil && err == nil {
			err = &FileError{Path: path, Err: fmt.Errorf("unlock: %w", cerr)}
		}
	}()
	opts.progress(Progress{Stage: StageLocked, Path: path})
	j, err := readJournal(path)
	if err != nil {
		return nil, err
	}
	if j == nil {
		if err := s.sweep(path); err != nil {
			return nil, folderError(path, err)
		}
		return &Recovery{Outcome: NothingToRecover}, nil
	}
	data, err := s.readBytes(l)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("recover state %s: %w", printable.Path(path), err)
	}
	condition := j.judge(path, data)
	recovery = &Recovery{Found: j.describe(path, condition)}
	if _, err := os.Lstat(recovery.Found.Backup); err == nil {
		recovery.Backup = recovery.Found.Backup
	}
	switch condition {
	case Untouched:
		recovery.Outcome, recovery.Serial = KeptOld, j.Old.Serial
	case Written:
		recovery.Outcome, recovery.Serial = KeptNew, j.New.Serial
	case Replaced:
		f, err := Parse(path, data)
		if err != nil {
			return nil, err
		}
		recovery.Outcome, recovery.Serial = KeptReplaced, f.Serial()
	case Torn:
		opts.progress(Progress{Stage: StageWriting, Path: path})
		recovery.Outcome, recovery.Serial, err = s.restore(l, j)
		if err != nil {
			return nil, err
		}
	default:
		return nil, undecided(path, j, condition)
	}
	// Whoever wrote it may have died before it was on the disk.
	if err = s.sync("state: sync", l.file); err == nil {
		err = s.finish(path)
	}
	if err != nil {
		return nil, &WriteError{Path: path, Backup: recovery.Backup, Condition: recovery.Outcome.condition(), Err: err,
			Hint: "The state is whole. Recover once more when the cause is fixed."}
	}
	opts.progress(Progress{Stage: StageDone, Path: path})
	return recovery, nil
}

func (o Outcome) condition() Condition {
	switch o {
	case KeptNew, FinishedNew:
		return Written
	case KeptReplaced:
		return Replaced
	}
	return Untouched
}

// restore makes a torn state whole again from one of its copies.
func (s *system) restore(l *lock, j *journal) (Outcome, string, error) {
	outcome, serial := FinishedNew, j.New.Serial
	whole, newErr := j.New.load(l.path)
	if newErr != nil {
		var oldErr error
		outcome, serial = RestoredOld, j.Old.Serial
		if whole, oldErr = j.Old.load(l.path); oldErr != nil {
			e := undecided(l.path, j, Torn)
			return "", "", fmt.Errorf("%w: no copy is intact: %w", e, join(newErr, oldErr))
		}
	}
	if err := l.inPlace(); err != nil {
		return "", "", changedError(l.path, err)
	}
	_, err := s.overwrite("recover", l.file, nil, whole, markerOf(j.Old.Size, j.New.Size))
	if err == nil {
		err = s.compare("recover: read back", l.file, whole)
	}
	if err != nil {
		return "", "", &WriteError{Path: l.path, Backup: j.describe(l.path, Torn).Backup, Condition: Torn, Err: err,
			Hint: "The copies are still there. Recover once more when the cause is fixed."}
	}
	return outcome, serial, nil
}

func (j *journal) describe(path string, c Condition) *Interrupted {
	dir, _ := filepath.Split(path)
	return &Interrupted{
		Path: path, Condition: c, Backup: dir + j.Old.File, Copy: dir + j.New.File,
		OldSerial: j.Old.Serial, NewSerial: j.New.Serial,
		Created: j.Created, Who: oneLine(j.Who), Operation: oneLine(j.Operation),
	}
}

func interrupted(path string, j *journal, c Condition) error {
	return &InterruptedError{Interrupted: *j.describe(path, c),
		Hint: "Recover ends it: the state will be whole, the old or the new one, and the backup stays."}
}

func undecided(path string, j *journal, c Condition) error {
	i := j.describe(path, c)
	return &InterruptedError{Interrupted: *i, Undecided: true,
		Hint: fmt.Sprintf("Nothing was touched, since the state may be someone else's work. Copy the one you want to %s, %s (the old one) or %s (the new one), and recover again.",
			printable.Path(path), printable.Path(i.Backup), printable.Path(i.Copy))}
}

// judge says what the content of a state is after the write was interrupted.
func (j *journal) judge(path string, data []byte) Condition {
	switch {
	case j.Old.is(data):
		return Untouched
	case j.New.is(data):
		return Written
	case j.torn(path, data):
		return Torn
	}
	// Only now, as the check for a whole state costs more. What is torn never
	// passes it.
	if _, err := Parse(path, data); err == nil {
		return Replaced
	}
	return Damaged
}

// torn reports whether the content is what a write leaves between its steps. A
// state that someone else has written never looks like it: what overwrite leaves
// either has a part of the marker, and so is no JSON, or is the whole old state
// with a part of the new one's end behind it.
func (j *journal) torn(path string, data []byte) bool {
	mark := markerOf(j.Old.Size, j.New.Size)
	n := len(mark)
	if len(data) < n {
		return false
	}
	head := data[:n]
	if n > 0 && bytes.Equal(head, mark) {
		return true
	}
	// Partly marked, or partly unmarked again.
	for _, whole := range []revision{j.Old, j.New} {
		want := whole.head(path, n)
		if len(want) != n {
			continue
		}
		for k := 1; k < n; k++ {
			if bytes.Equal(head[:k], mark[:k]) && bytes.Equal(head[k:], want[k:]) ||
				bytes.Equal(head[:k], want[:k]) && bytes.Equal(head[k:], mark[k:]) {
				return true
			}
		}
	}
	// Partly grown. A file system that lost power may have kept the new length
	// and not the bytes.
	size := int64(len(data))
	if size <= j.Old.Size || size > j.New.Size || sum(data[:j.Old.Size]) != j.Old.CRC32C {
		return false
	}
	tail := data[j.Old.Size:]
	if len(bytes.Trim(tail, "\x00")) == 0 {
		return true
	}
	whole, err := j.New.load(path)
	if err != nil {
		return false
	}
	end := whole[j.Old.Size:size]
	for i, b := range tail {
		if b != end[i] && b != 0 {
			return false
		}
	}
	return true
}
