package terraform

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/herokutf/herokutf/internal/printable"
)

// A scratch is a folder for as long as a run needs it, which nobody else can read.
// It is locked as long as this process lives, or a command that it has started: what a
// killed run leaves behind is known by a lock that nobody holds, and the next run
// clears it away.
type scratch struct {
	root string
	lock *os.File
}

const (
	// scratchPrefix begins the names of scratch folders. No configuration is looked
	// for in hidden folders.
	scratchPrefix = ".herokutf-check-"
	scratchLock   = ".herokutf-lock"
)

// newScratch makes a scratch folder within parent, after it has cleared away what
// killed runs have left there.
func newScratch(parent string) (*scratch, error) {
	return newScratchBy(parent, lockFile)
}

// newScratchBy is newScratch with a function that locks a file.
func newScratchBy(parent string, take func(*os.File) error) (*scratch, error) {
	sweep(parent)
	var err error
	for range 10 {
		root := filepath.Join(parent, scratchPrefix+strings.ToLower(rand.Text()[:12]))
		if err = os.Mkdir(root, 0o700); err != nil {
			return nil, err
		}
		// The sweep of another run may take the folder, until it is locked.
		var lock *os.File
		if lock, err = lockNew(filepath.Join(root, scratchLock), take); err == nil {
			return &scratch{root, lock}, nil
		}
		if !errors.Is(err, errHeld) && !errors.Is(err, fs.ErrNotExist) {
			os.RemoveAll(root)
			return nil, err
		}
	}
	return nil, fmt.Errorf("make a folder in %s: %w", printable.Path(parent), err)
}

// close removes the folder. Links in it aren't followed.
func (s *scratch) close() error {
	if s == nil {
		return nil
	}
	return removeLocked(s.root, s.lock)
}

// errHeld says that another process has a lock.
var errHeld = errors.New("locked by another process")

// lockNew makes a new file and locks it, and makes sure that it still is where it was
// made.
func lockNew(path string, take func(*os.File) error) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	err = take(f)
	mine, merr := f.Stat()
	there, terr := os.Lstat(path)
	if err = errors.Join(err, merr, terr); err == nil && !os.SameFile(mine, there) {
		err = fs.ErrNotExist
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// justMade is how long a folder without a lock may belong to a run that is about to
// lock it.
const justMade = time.Minute

// sweep removes the scratch folders in parent that killed runs have left. Those of
// other users, and whatever can't be removed, stay.
func sweep(parent string) {
	entries, _ := os.ReadDir(parent)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), scratchPrefix) {
			continue
		}
		root := filepath.Join(parent, e.Name())
		info, err := os.Lstat(root)
		if err != nil || !info.IsDir() || !ours(info) {
			continue
		}
		lock, err := os.OpenFile(filepath.Join(root, scratchLock), os.O_RDWR|openFlags, 0)
		if err != nil {
			if time.Since(info.ModTime()) > justMade {
				os.Remove(root) // killed before it locked the folder, if it is empty
			}
			continue
		}
		if lockFile(lock) != nil {
			lock.Close()
			continue
		}
		removeLocked(root, lock)
	}
}

// removeLocked removes a scratch folder whose lock this process holds. The lock goes
// last, so that what can't be removed now is found again.
func removeLocked(root string, lock *os.File) error {
	entries, err := os.ReadDir(root)
	for _, e := range entries {
		if e.Name() != scratchLock {
			err = errors.Join(err, removeAll(filepath.Join(root, e.Name())))
		}
	}
	if err == nil {
		// Windows removes no open file.
		name := filepath.Join(root, scratchLock)
		err = unlockAndRemove(lock, name)
		// Without its lock the folder is anybody's to clear away, as of a run that
		// was killed: another one may have been faster.
		if rerr := os.Remove(root); !errors.Is(rerr, fs.ErrNotExist) {
			err = errors.Join(err, rerr)
		}
	} else {
		err = errors.Join(err, lock.Close())
	}
	if err != nil {
		return fmt.Errorf("remove the folder that the plan was made in: %w", err)
	}
	return nil
}

// removeAll removes a tree, also where a command made folders read-only.
func removeAll(path string) error {
	err := os.RemoveAll(path)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() {
			os.Chmod(name, 0o700)
		}
		return nil
	})
	return os.RemoveAll(path)
}
