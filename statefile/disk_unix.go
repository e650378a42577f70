//go:build unix

package statefile

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// openShared opens a file for reading. The flags guard against a path that turns
// into a link or a pipe after it was looked at.
func openShared(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}

// An open file can be removed, and a locked one be read, by anybody.
func inUse(error) bool       { return false }
func passing(error) bool     { return false }
func rangeLocked(error) bool { return false }

// chown gives a file of ours to the owner of the state. Only root can, and where
// even root can't, as on a network's disk, the file stays private to this user,
// which is safe.
func chown(f *os.File, owner os.FileInfo) {
	if st, ok := owner.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Geteuid() {
		f.Chown(int(st.Uid), int(st.Gid))
	}
}

// planted reports whether a file beside the state at path, which this package is
// to take for its own, may be the work of someone who can't write the state. In a
// folder with the sticky bit, such as /tmp, everyone may make files and only their
// owners replace them. Elsewhere, who can make a file can replace the state, too.
func planted(path string, file os.FileInfo) bool {
	dir, err := os.Stat(filepath.Dir(path))
	if err == nil && dir.Mode()&os.ModeSticky == 0 {
		return false
	}
	uid, ok := ownerOf(file)
	if ok && (uid == 0 || uid == os.Geteuid()) {
		return false
	}
	state, err := os.Lstat(path)
	if err != nil {
		return true
	}
	owner, known := ownerOf(state)
	return !ok || !known || uid != owner
}

// ownerOf returns the number of the user whose file it is.
func ownerOf(file os.FileInfo) (uid int, ok bool) {
	st, ok := file.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(st.Uid), true
}

// readOnly reports whether an error says that the disk or the file's mode allows
// no writing.
func readOnly(err error) bool {
	return errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.EROFS)
}

// diskFull reports whether an error says that the disk, or what this user may use
// of it, is full.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
