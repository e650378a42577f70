//go:build unix

package terraform

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup puts the command into a process group of its own. An interrupt at the
// terminal goes to all of the foreground group: within it, the command would get that
// one and the one that is passed on, and a second interrupt makes Terraform drop the
// state.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// interrupt asks the process alone to end: it tells its plugins itself.
func interrupt(p *os.Process) error { return p.Signal(os.Interrupt) }

// killGroup ends the process and all of its group. The group is asked for even when
// its leader is gone; a number isn't given to another group while one process of it
// lives.
func killGroup(p *os.Process) {
	if syscall.Kill(-p.Pid, syscall.SIGKILL) != nil {
		p.Kill() // macOS refuses a group that has a zombie in it
	}
}

// exitCode returns a process's exit code as a shell has it.
func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
