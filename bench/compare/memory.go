//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
)

// measureVerb makes this command run another one and print how much memory that has
// taken. Linux counts for a process what the one took that started it, too: one that
// has a whole fake in it can't measure.
const measureVerb = "memory-of"

// memoryOf runs a command in a process that does nothing else, and returns how many
// bytes of memory it had at the most.
func memoryOf(ctx context.Context, environ []string, name string, args ...string) (int64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, self, append([]string{measureVerb, name}, args...)...)
	cmd.Env = append(os.Environ(), environ...)
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, said.Bytes())
	}
	return strconv.ParseInt(out.String(), 10, 64)
}

// measure is what the process of memoryOf does.
func measure(args []string) error {
	if len(args) == 0 {
		return errors.New("no command to measure")
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return err
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("the system doesn't say what memory a process took")
	}
	most := int64(usage.Maxrss)
	if runtime.GOOS != "darwin" {
		most *= 1024 // kilobytes
	}
	fmt.Print(most)
	return nil
}
