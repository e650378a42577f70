//go:build unix

package statefile

import (
	"errors"
	"os"
	"sync"
	"syscall"
)

// inode is a file's identity on this machine, whatever its path is called.
type inode struct{ dev, ino uint64 }

func inodeOf(stat os.FileInfo) (inode, bool) {
	st, ok := stat.Sys().(*syscall.Stat_t)
	if !ok {
		return inode{}, false
	}
	return inode{uint64(st.Dev), uint64(st.Ino)}, true
}

// held lists the files that this process has locked. A POSIX record lock belongs
// to the process: it keeps no other goroutine out, and it is gone as soon as any
// descriptor of the file is closed. So within the process this table decides, and
// a file that stands in it is never opened, let alone closed.
var held struct {
	sync.Mutex
	files map[inode][]*os.File // further descriptors, to be closed with the lock
}

// openLocked opens the file at path, which before describes, and locks it. The
// returned function releases the lock and closes the file.
func openLocked(path string, before os.FileInfo) (*os.File, func() error, error) {
	id, ok := inodeOf(before)
	if !ok {
		return nil, nil, errors.ErrUnsupported
	}
	if !reserve(id) {
		return nil, nil, errBusy
	}
	// Not through a link, and not waiting for a pipe's other end, should the path
	// have become one just now.
	file, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		unreserve(id, nil)
		if errors.Is(err, syscall.ELOOP) {
			err = errMoved
		}
		return nil, nil, err
	}
	after, err := file.Stat()
	if err == nil && !os.SameFile(before, after) {
		err = errMoved
	}
	if err == nil {
		err = setLock(file, syscall.F_WRLCK)
	}
	if err != nil {
		closeOther(file, after, id)
		unreserve(id, nil)
		return nil, nil, err
	}
	return file, func() error { return unreserve(id, file) }, nil
}

// reserve takes the file for this caller, unless another one of the process has
// it.
func reserve(id inode) bool {
	held.Lock()
	defer held.Unlock()
	if _, ok := held.files[id]; ok {
		return false
	}
	if held.files == nil {
		held.files = make(map[inode][]*os.File)
	}
	held.files[id] = nil
	return true
}

// unreserve closes the file, which releases its lock, and whatever was opened of
// it by mistake. Only then may another goroutine open it.
func unreserve(id inode, file *os.File) error {
	held.Lock()
	defer held.Unlock()
	var err error
	if file != nil {
		// Closing isn't enough for a lock of the open file: a child process that
		// another goroutine is just starting has the file open, too, until it
		// has become the other program.
		err = join(setLock(file, syscall.F_UNLCK), file.Close())
	}
	for _, f := range held.files[id] {
		f.Close()
	}
	delete(held.files, id)
	return err
}

// closeOther closes a file that turned out to be another one than id, or not to
// be free. Where this process has locked it by another path, closing it now would
// release that lock.
func closeOther(file *os.File, stat os.FileInfo, id inode) {
	held.Lock()
	defer held.Unlock()
	if stat != nil {
		if other, ok := inodeOf(stat); ok && other != id {
			if files, ok := held.files[other]; ok {
				held.files[other] = append(files, file)
				return
			}
		}
	}
	file.Close()
}

// wholeFile describes a lock on the whole file, to any length it may get.
func wholeFile(kind int16) syscall.Flock_t {
	return syscall.Flock_t{Type: kind, Whence: 0}
}

// lockResult distinguishes a held lock from a failure. POSIX allows both error numbers.
func lockResult(err error) error {
	if err == syscall.EAGAIN || err == syscall.EACCES {
		return errBusy
	}
	if err != nil {
		return &os.SyscallError{Syscall: "fcntl", Err: err}
	}
	return nil
}

// retry repeats a call that a signal interrupted.
func retry(call func() error) error {
	for {
		if err := call(); err != syscall.EINTR {
			return err
		}
	}
}

// setLock takes the lock or gives it back, and returns errBusy at once when
// somebody else has it. flock(2) would be of no use: Terraform doesn't see it
// everywhere.
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
