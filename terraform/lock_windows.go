package terraform

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

const openFlags = 0

// lockFile takes the file's lock, or returns errHeld.
func lockFile(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errHeld
	}
	return err
}

// inherit returns nothing: a command can't be given the file. A folder that it works
// in can't be removed on Windows.
func (s *scratch) inherit() []*os.File { return nil }

func unlockAndRemove(f *os.File, path string) error {
	return errors.Join(f.Close(), os.Remove(path))
}

// ours is true: who may remove a folder is the system's business.
func ours(os.FileInfo) bool { return true }
