package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
)

// Child describes a command to run.
type Child struct {
	Args    []string // the command and its arguments
	Environ []string // KEY=VALUE, all of it
	// OwnGroup is for Terraform, which drops the state at the second signal. In
	// a process group of its own it gets each signal once, from here, however
	// many processes the signal was sent to; it can't read from the terminal
	// there, and gets no input at all. A hangup, which Terraform doesn't know
	// how to end from, is passed on as a termination. On Windows there are no
	// such groups: the child is as any other.
	OwnGroup bool
}

// Run runs the child with std's streams and returns its exit code; a child
// that a signal ended gives 128 and the signal's number, as in a shell.
//
// Run waits for the child to end in its own way and doesn't end before it. An
// interrupt typed at the terminal reaches a child in the foreground by itself.
// Termination and hangup signals, which this process may be the only one to get,
// are passed on, and so is an interrupt to a child in a group of its own. A run that takes too long ([*Timeout]) has the child terminated, but on
// Windows, where that would leave it no time to clear up, and is an error. Other
// errors are about a child that couldn't be started.
func Run(ctx context.Context, std IO, child Child) (code int, err error) {
	// To listen to the signals keeps them from ending this process. One that
	// came before has ended ctx, and one that comes from now on is passed on.
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, stopSignals()...)
	defer signal.Stop(signals)
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	path, err := exec.LookPath(child.Args[0])
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(path, child.Args[1:]...)
	cmd.Args[0] = child.Args[0]
	cmd.Env = child.Environ
	cmd.Stdin, cmd.Stdout, cmd.Stderr = std.Stdin, std.Stdout, std.Stderr
	apart := child.OwnGroup && ownGroup(cmd)
	if apart {
		cmd.Stdin = nil
	}
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("start %s: %w", child.Args[0], err)
	}
	done := make(chan struct{})
	passed := make(chan struct{})
	go func() {
		defer close(passed)
		passOn(ctx, cmd.Process, apart, signals, done)
	}()
	err = cmd.Wait()
	close(done)
	<-passed
	if late, ok := errors.AsType[*Timeout](context.Cause(ctx)); ok {
		return 0, late
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return 128 + int(status.Signal()), nil
		}
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 0, fmt.Errorf("run %s: %w", child.Args[0], err)
	}
	return 0, nil
}

// passOn passes signals on to a child until done is closed. apart says that it is
// in a process group of its own.
func passOn(ctx context.Context, child *os.Process, apart bool, signals <-chan os.Signal, done <-chan struct{}) {
	ended := ctx.Done()
	for {
		var s os.Signal
		select {
		case s = <-signals:
			switch {
			case !apart && s == os.Interrupt:
				continue
			case apart && s == syscall.SIGHUP:
				s = syscall.SIGTERM
			}
		case <-ended:
			ended = nil
			if _, ok := errors.AsType[*Timeout](context.Cause(ctx)); !ok {
				continue
			}
			s = syscall.SIGTERM
		case <-done:
			return
		}
		if runtime.GOOS != "windows" {
			child.Signal(s)
		}
	}
}
