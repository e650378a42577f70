//go:build unix && !solaris && !illumos && !aix

package terraform

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// openFlags keep a link or a pipe in a lock's place from being opened.
const openFlags = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// lockFile takes the file's lock, or returns errHeld. It is one of the kind that
// belongs to the open file, so that commands which inherit it hold it, too.
func lockFile(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return errHeld
	}
	return err
}

// inherit returns the files that a command keeps open.
func (s *scratch) inherit() []*os.File { return []*os.File{s.lock} }

func unlockAndRemove(f *os.File, path string) error {
	return errors.Join(os.Remove(path), f.Close())
}

// ours reports whether the file is this user's.
func ours(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}
