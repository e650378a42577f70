//go:build unix && !linux

package statefile

import "syscall"

// lockCommands are the locks to try: a POSIX record lock, as Terraform takes it.
var lockCommands = []int{syscall.F_SETLK}
