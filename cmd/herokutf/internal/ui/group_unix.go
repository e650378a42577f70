//go:build unix

package ui

import (
	"os/exec"
	"syscall"
)

// ownGroup gives a command a process group of its own, and reports whether it could.
func ownGroup(cmd *exec.Cmd) bool {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return true
}
