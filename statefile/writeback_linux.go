package statefile

import (
	"os"

	"golang.org/x/sys/unix"
)

// startWriteback asks the system to begin to write a part of the file to the disk. It may
// refuse, or not know how to.
func startWriteback(f *os.File, offset, n int64) {
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	conn.Control(func(fd uintptr) { unix.SyncFileRange(int(fd), offset, n, unix.SYNC_FILE_RANGE_WRITE) })
}

// dropCache lets the system forget what it keeps in memory of a file that is on the disk.
// Nobody reads a copy, mostly, and to remove one that is kept takes as long as to
// write it there. It goes on beside what comes next.
func dropCache(f *os.File) {
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	conn.Control(func(fd uintptr) {
		again, err := unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			return
		}
		go func() {
			defer unix.Close(again)
			unix.Fadvise(again, 0, 0, unix.FADV_DONTNEED)
		}()
	})
}
