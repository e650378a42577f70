package statefile

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// lockCommands are the locks to try, the better one first. Both exclude each
// other, and Terraform's, which is of the second kind. An open-file-description
// lock isn't lost when someone in this process reads the state by its path, as
// the first command's owner is the descriptor. Sandboxes such as gVisor don't
// know it.
var lockCommands = []int{unix.F_OFD_SETLK, unix.F_SETLK}

// setLock takes the lock or gives it back, and returns errBusy at once when
// somebody else has it. flock(2) would be of no
// use: Terraform doesn't see it.
func setLock(file *os.File, kind int16) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	for _, command := range lockCommands {
		whole := wholeFile(kind)
		var result error
		err = conn.Control(func(fd uintptr) {
			result = retry(func() error { return syscall.FcntlFlock(fd, command, &whole) })
		})
		if err != nil {
			return err
		}
		if result != syscall.EINVAL {
			return lockResult(result)
		}
	}
	return lockResult(syscall.EINVAL)
}
