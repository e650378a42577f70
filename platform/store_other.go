//go:build !windows

package platform

import "os/exec"

// hideWindow is for Windows, where a program can open a window of its own.
func hideWindow(*exec.Cmd) {}
