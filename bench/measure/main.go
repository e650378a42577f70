//go:build unix

// Command measure runs a command and prints what it took: wall clock seconds,
// peak resident memory and exit code, behind a label.
//
//	measure LABEL COMMAND ARGS...
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: measure LABEL COMMAND ARGS...")
		os.Exit(1)
	}
	cmd := exec.Command(os.Args[2], os.Args[3:]...)
	cmd.Stdin = os.Stdin
	cmd.Stderr = os.Stderr // standard output is dropped: it is not what is compared
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
	peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS != "darwin" && runtime.GOOS != "ios" {
		peak *= 1024 // kilobytes everywhere but there
	}
	fmt.Printf("%-28s %8.2f s %8.0f MB   exit %d\n", os.Args[1], took.Seconds(), float64(peak)/1e6, cmd.ProcessState.ExitCode())
}
