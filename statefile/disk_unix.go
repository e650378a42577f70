//go:build unix

package statefile

import (
	"errors"
	"os"
	"syscall"
)

// openFlags guard against a path that turns into a link or a pipe after it was
// looked at.
const openFlags = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// chown gives a file of ours to the owner of the state. Only root can, and where
// even root can't, as on a network's disk, the file stays private to this user,
// which is safe.
func chown(f *os.File, owner os.FileInfo) {
	if st, ok := owner.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Geteuid() {
		f.Chown(int(st.Uid), int(st.Gid))
	}
}

// rename gives a file another name.
func rename(from, to string) error { return os.Rename(from, to) }

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	// Some file systems, mostly those of a network, have nothing to sync in a
	// folder, and say so.
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
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
