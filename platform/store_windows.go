package platform

import (
	"os/exec"
	"syscall"
)

// hideWindow keeps the program from opening a console window of its own, when
// this process has none.
func hideWindow(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true}
}
