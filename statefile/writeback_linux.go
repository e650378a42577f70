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
