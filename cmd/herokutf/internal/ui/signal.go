package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// An Interruption is the cause that a context ends with when a signal ends the
// command.
type Interruption struct{ Signal os.Signal }

func (e *Interruption) Error() string { return "interrupted" }

// ExitCode is 128 and the signal's number, as in a shell: 130 for an interrupt,
// 143 for a termination.
func (e *Interruption) ExitCode() int {
	if s, ok := e.Signal.(syscall.Signal); ok {
		return 128 + int(s)
	}
	return 130
}

// A Timeout is the cause that a context ends with when the run takes longer
// than it may.
type Timeout struct{ After time.Duration }

func (e *Timeout) Error() string {
	return fmt.Sprintf("the run took longer than the %v of --timeout", e.After)
}

// Hint says what to do about it.
func (e *Timeout) Hint() string {
	return "Give it more time with --timeout, or none of it for no limit."
}

// Ended returns why ctx has ended, if err is about that: an *Interruption or a
// *Timeout; nil otherwise.
func Ended(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	if !errors.Is(err, ctx.Err()) && !errors.Is(err, cause) {
		return nil
	}
	if e, ok := errors.AsType[*Interruption](cause); ok {
		return e
	}
	if e, ok := errors.AsType[*Timeout](cause); ok {
		return e
	}
	return nil
}

// stopSignals are those that end a command. A hangup isn't among them under
// nohup, which must not be undone.
func stopSignals() []os.Signal {
	if signal.Ignored(syscall.SIGHUP) {
		return []os.Signal{os.Interrupt, syscall.SIGTERM}
	}
	return []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}
}

// Main runs a command and exits with its code. The first interrupt,
// termination or hangup signal cancels the context with an [*Interruption]; a
// second one ends the process at once, as if Main had not been there.
func Main(run func(ctx context.Context, std IO, args []string) int) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, stopSignals()...)
	go func() {
		s := <-signals
		signal.Stop(signals)
		cancel(&Interruption{s})
	}()
	os.Exit(run(ctx, IO{
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Getenv:  os.Getenv,
		Environ: os.Environ(),
		GOOS:    runtime.GOOS,
	}, os.Args[1:]))
}
