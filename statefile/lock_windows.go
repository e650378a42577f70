package statefile

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/windows"
)

// openLocked opens the file at path, which before describes, and locks it. The
// returned function releases the lock and closes the file.
//
// The range is the one that Terraform locks: from 0 to the largest high half of a
// length. On Windows a locked range can't be read through another handle either.
func openLocked(path string, before os.FileInfo) (*os.File, func() error, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, windows.ERROR_SHARING_VIOLATION) {
		return nil, nil, errBusy
	}
	if err != nil {
		return nil, nil, err
	}
	after, err := file.Stat()
	if err == nil && !os.SameFile(before, after) {
		err = errMoved
	}
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	handle := windows.Handle(file.Fd())
	err = windows.LockFileEx(handle, windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 0, math.MaxUint32, new(windows.Overlapped))
	if err != nil {
		file.Close()
		if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
			return nil, nil, errBusy
		}
		return nil, nil, &os.SyscallError{Syscall: "LockFileEx", Err: err}
	}
	return file, func() error {
		// A lock that is left to the closing of its handle is released at some
		// later time.
		err := windows.UnlockFileEx(handle, 0, 0, math.MaxUint32, new(windows.Overlapped))
		return join(err, file.Close())
	}, nil
}
