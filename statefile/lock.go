package statefile

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/herokutf/herokutf/internal/printable"
)

// errBusy says that another holder has the lock.
var errBusy = errors.New("lock is held")

// errMoved says that the path named another file before it was locked than after.
var errMoved = errors.New("file was replaced while it was being locked")

// A lock is an open state file with an exclusive lock on it, which Terraform and
// OpenTofu respect. The content must be read and written through file alone: on
// systems without locks that belong to an open file, closing any other
// descriptor of the same file in this process releases the lock.
type lock struct {
	path    string
	file    *os.File
	stat    os.FileInfo
	id      string       // of the lock info; "" while there is none
	release func() error // releases the lock and closes file
}

// tryLock opens and locks the state at path, without lock info. It returns
// errBusy when someone else holds the lock.
func tryLock(path string) (*lock, error) { return lockBy(path, openLocked) }

// lockBy is [tryLock] by another way to open and lock a file than [openLocked].
func lockBy(path string, open func(string, os.FileInfo) (*os.File, func() error, error)) (*lock, error) {
	for range 10 {
		before, err := checkPath(path)
		if err != nil {
			return nil, err
		}
		file, release, err := open(path, before)
		if errors.Is(err, errMoved) {
			continue
		}
		if err != nil {
			return nil, openError(path, err)
		}
		l := &lock{path: path, file: file, release: release}
		if l.stat, err = file.Stat(); err == nil {
			err = l.inPlace()
		}
		if err == nil {
			return l, nil
		}
		release()
		// With errMoved, another program has put another file there since it was
		// looked at. That one is the state now.
		if !errors.Is(err, errMoved) {
			return nil, openError(path, err)
		}
	}
	return nil, openError(path, errMoved)
}

// checkPath refuses what can't be locked and written as a state, without opening
// it: opening a device or a pipe can do things by itself.
func checkPath(path string) (os.FileInfo, error) {
	stat, err := os.Lstat(path)
	if err != nil {
		return nil, openError(path, err)
	}
	switch mode := stat.Mode(); {
	case mode&os.ModeSymlink != 0:
		return nil, symlinkError(path)
	case !mode.IsRegular():
		return nil, irregular(path)
	}
	return stat, nil
}

// inPlace reports errMoved when the path no longer names the locked file.
func (l *lock) inPlace() error {
	now, err := os.Lstat(l.path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return errMoved
	case err != nil:
		return err
	case !os.SameFile(now, l.stat):
		return errMoved
	}
	return nil
}

// close removes the lock info, releases the lock and closes the file, in this
// order, so that nobody's lock info is removed but ours.
func (l *lock) close() error {
	if l.id != "" {
		removeLockInfo(lockInfoPath(l.path), l.id)
	}
	return l.release()
}

// First and longest pause between two tries for the lock.
const (
	minPause = 10 * time.Millisecond
	maxPause = time.Second
)

// acquire locks the state at path and says so in its lock info, waiting for it
// as the options say.
func acquire(ctx context.Context, path string, opts UpdateOptions) (*lock, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("lock state %s: %w", printable.Path(path), err)
	}
	// Put together before there is a lock: to look the user up can take a while,
	// in which others would see a lock that nobody holds.
	info := newLockInfo(path, opts)
	start := time.Now()
	pause := minPause
	for {
		l, err := tryLock(path)
		if err == nil {
			info.Created = opts.now().UTC()
			if err := opts.system().writeLockInfo(lockInfoPath(path), info, l.stat); err != nil {
				l.close()
				return nil, folderError(path, err)
			}
			l.id = info.ID
			return l, nil
		}
		if errors.Is(err, os.ErrNotExist) {
			// Who takes the state away doesn't take the journal away.
			if j, _ := readJournal(path); j != nil {
				return nil, undecided(path, j, Missing)
			}
		}
		if !errors.Is(err, errBusy) {
			return nil, err
		}
		waited := time.Since(start)
		locked := &LockedError{Path: path, Info: holder(path), Waited: waited}
		left := opts.LockTimeout - waited
		if left <= 0 {
			locked.Hint = lockHint(opts.LockTimeout)
			return nil, locked
		}
		// The pauses grow, so that a long apply isn't asked thousands of times,
		// and differ, so that several waiting processes don't ask in step.
		next := min(pause/2+rand.N(pause), left)
		pause = min(2*pause, maxPause)
		opts.progress(Progress{Stage: StageWaiting, Path: path, Holder: locked.Info, Waited: waited, Next: next})
		select {
		case <-ctx.Done():
			locked.Waited = time.Since(start)
			locked.cause = context.Cause(ctx)
			return nil, locked
		case <-time.After(next):
		}
	}
}

// holder returns what is known of the lock's holder. The holder writes it just
// after it has taken the lock, so what is missing or torn is looked at again.
func holder(path string) LockInfo {
	for range 3 {
		if info, err := readLockInfo(lockInfoPath(path)); err == nil {
			return info
		}
		time.Sleep(5 * time.Millisecond)
	}
	return LockInfo{}
}
