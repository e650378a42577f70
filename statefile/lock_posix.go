//go:build unix && !linux

package statefile

import (
	"os"
	"syscall"
)

// setLock takes the lock or gives it back, and returns errBusy at once when
// somebody else has it. It is a POSIX record lock,
// as Terraform takes it; flock(2) would be of no use, since Terraform doesn't see
// it everywhere.
func setLock(file *os.File, kind int16) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	whole := wholeFile(kind)
	var result error
	err = conn.Control(func(fd uintptr) {
		result = retry(func() error { return syscall.FcntlFlock(fd, syscall.F_SETLK, &whole) })
	})
	if err != nil {
		return err
	}
	return lockResult(result)
}
