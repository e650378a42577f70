//go:build !unix

package ui

import "os/exec"

// ownGroup gives a command a process group of its own, and reports whether it could.
func ownGroup(*exec.Cmd) bool { return false }
