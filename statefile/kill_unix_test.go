//go:build unix

package statefile

import (
	"os"
	"syscall"
)

// kill ends the process as kill -9 does: nothing deferred runs.
func kill() {
	syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}
