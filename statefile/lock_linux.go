package statefile

import "golang.org/x/sys/unix"

// lockCommands are the locks to try, the better one first. Both exclude each
// other, and Terraform's, which is of the second kind. An open-file-description
// lock isn't lost when someone in this process reads the state by its path, as
// the first command's owner is the descriptor. Sandboxes such as gVisor don't
// know it.
var lockCommands = []int{unix.F_OFD_SETLK, unix.F_SETLK}
