//go:build !unix && !windows

package terraform

import (
	"os"
	"os/exec"
)

func ownGroup(*exec.Cmd) {}

func interrupt(p *os.Process) error { return p.Signal(os.Interrupt) }

func killGroup(p *os.Process) { p.Kill() }

func exitCode(state *os.ProcessState) int {
	return state.ExitCode()
}
