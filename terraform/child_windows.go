package terraform

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// ownGroup puts the command into a process group of its own, which a control
// character at the console doesn't reach.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
}

// interrupt asks the group to end. Control-C can't be sent to a group; Go and
// Terraform take Control-Break for an interrupt.
func interrupt(p *os.Process) error {
	return windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(p.Pid))
}

func killGroup(p *os.Process) { p.Kill() }

// exitCode returns a process's exit code.
func exitCode(state *os.ProcessState) int {
	return state.ExitCode()
}
