package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// The exit codes that verbs share; the help of each lists its own.
const (
	exitOK    = 0
	exitError = 1
)

// defaultState is the state that is meant where none is named.
const defaultState = "terraform.tfstate"

// An env is what verbs share: the streams, what is printed besides results, and
// the flags that all of them take. There is one for each run.
type env struct {
	ui.IO
	printer  *ui.Printer
	progress *ui.Progress

	color     string
	timeout   time.Duration
	tokenFrom string // "": wherever there is one

	command string           // the verb that runs, as it is typed: "herokutf drift"
	place   place            // what the run works on
	known   *platform.Client // nil until a verb has asked for it
}

// newEnv returns the env for a run with args. They are looked at before they
// are parsed, since what is wrong with them has to be printed, too.
func newEnv(std ui.IO, args []string) *env {
	e := &env{IO: std, color: flagText(args, "color")}
	if !slices.Contains(ui.ColorModes(), e.color) {
		e.color = string(ui.ColorAuto)
	}
	e.printer = ui.NewPrinter(std.Screen(std.Stderr), e.style(std.Stderr), flagText(args, "format") == formatJSON)
	e.progress = ui.NewProgress(e.printer)
	return e
}

// flagText returns what args set a flag to, "" if they don't, whatever verb
// they are for.
func flagText(args []string, name string) string {
	text := ""
	for i, arg := range args {
		if arg == "--" {
			break
		}
		flag, value, ok := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if flag != name || !strings.HasPrefix(arg, "-") {
			continue
		}
		if !ok && i+1 < len(args) {
			value = args[i+1]
		}
		text = value
	}
	return text
}

// style is how text is painted that is written to w.
func (e *env) style(w io.Writer) ui.Style {
	return ui.NewStyle(e.IO, e.Screen(w), ui.ColorMode(e.color))
}

// An exitCode ends a verb that has said all it has to say.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// code returns the error that ends a verb with an exit code; nil for 0.
func code(c int) error {
	if c == exitOK {
		return nil
	}
	return exitCode(c)
}

// A usageError is a wrong use of a verb.
type usageError struct {
	command string // as it is typed, such as "herokutf drift"
	err     error
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// Hint says where to look.
func (e *usageError) Hint() string { return e.command + " -h lists the flags." }

// finish says how a run has ended, and returns the exit code for it.
func (e *env) finish(err error) int {
	e.progress.Stop()
	if err == nil {
		return exitOK
	}
	if code, ok := errors.AsType[exitCode](err); ok {
		return int(code)
	}
	if stopped, ok := errors.AsType[*ui.Interruption](err); ok {
		e.printer.Fail(ui.Diagnostic{Message: "Interrupted."})
		return stopped.ExitCode()
	}
	if refused := refusals(err); refused != nil {
		for _, r := range refused {
			d := ui.Diagnose(r, e.advise)
			d.Gate = r.gate
			e.printer.Fail(d)
		}
		return exitError
	}
	d := ui.Diagnose(err, e.advise)
	d.Message = summary(problems(err), d.Message)
	e.printer.Fail(d)
	return exitError
}

// work runs a verb, under --timeout. When that or a signal has ended it, the
// error says so.
func (e *env) work(ctx context.Context, verb func(context.Context) error) error {
	if e.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, e.timeout, &ui.Timeout{After: e.timeout})
		defer cancel()
	}
	err := verb(ctx)
	switch ended := ui.Ended(ctx, err).(type) {
	case *ui.Timeout:
		if locked, ok := errors.AsType[*statefile.LockedError](err); ok {
			return fmt.Errorf("%w, while the state was locked by %s", ended, locked.Info)
		}
		return ended
	case *ui.Interruption:
		return ended
	}
	return err
}

// runs is a verb's RunE: it checks the options that were parsed and runs the
// verb, or a test's stand-in for it.
func runs[O any](e *env, o *O, check func(o *O, args []string) error, verb, standIn func(context.Context, *O) error) func(*cobra.Command, []string) error {
	if standIn != nil {
		verb = standIn
	}
	return func(cmd *cobra.Command, args []string) error {
		e.command = cmd.CommandPath()
		said, err := e.set(cmd, args)
		if err != nil {
			return err
		}
		if err := check(o, args); err != nil {
			return adviseSettings(&usageError{cmd.CommandPath(), err}, said)
		}
		return e.work(cmd.Context(), func(ctx context.Context) error { return verb(ctx, o) })
	}
}

// client returns the client that the environment describes, and warns of what was
// passed over on the way to its token. transport may be nil.
func (e *env) client(verb string, transport http.RoundTripper) (*platform.Client, error) {
	// A store is asked for the token once, and what it says is reported once.
	if transport == nil && e.known != nil {
		return e.known, nil
	}
	c, err := platform.FromEnv(e.Getenv, platform.Options{
		UserAgent: "herokutf-" + verb,
		Progress:  e.progress.Event,
		Transport: transport,
		TokenFrom: platform.TokenSource(e.tokenFrom),
	})
	if err != nil {
		return nil, err
	}
	for _, note := range c.Credentials().Notes {
		e.printer.Warn(note)
	}
	if transport == nil {
		e.known = c
	}
	return c, nil
}

// update returns the options of a write to a state.
func (e *env) update(verb string, lockTimeout time.Duration) statefile.UpdateOptions {
	return statefile.UpdateOptions{LockTimeout: lockTimeout, Operation: "herokutf " + verb, Progress: e.progress.Waiting()}
}

// print writes a result for people to w, which is one of the streams, after all progress.
func (e *env) print(w io.Writer, text string) error {
	return e.printResult(w, formatText, text, nil)
}

// printResult prints a result in one of a verb's formats, as far as making it went, after
// all progress. What programs read isn't broken at the width of a terminal.
func (e *env) printResult(w io.Writer, format, text string, err error) error {
	e.progress.Stop()
	if err == nil {
		if format == formatText {
			text = e.Screen(w).Wrap(text)
		}
		_, err = io.WriteString(w, text)
	}
	if err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// write writes bytes that are somebody else's input to standard output.
func (e *env) write(data []byte) error {
	e.progress.Stop()
	_, err := e.Stdout.Write(data)
	return err
}

// writePrivate writes a file that nobody but its owner can read, whatever the mode of
// one that is there. What is no regular file, such as a pipe, is written to.
func writePrivate(path string, data []byte) error {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(path, info.Mode().Perm()&0o700); err != nil {
			return err
		}
	}
	return os.WriteFile(path, data, 0o600)
}

// readStdin reads a state from standard input.
func (e *env) readStdin(ctx context.Context) ([]byte, error) {
	// One byte more than a state may have, which Parse refuses.
	data, err := ui.ReadAll(ctx, io.LimitReader(e.Stdin, statefile.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read the state from standard input: %w", err)
	}
	e.warnOfPipe()
	return data, nil
}

// warnOfPipe says what may have become of a state in a pipe on Windows. Windows
// PowerShell (5.1, and PowerShell before 7.4) reads what a program prints as text and
// writes it anew: in the state nothing shows that a ? was a letter.
func (e *env) warnOfPipe() {
	if e.GOOS == "windows" && e.Piped() {
		e.printer.Warn("Windows PowerShell changes the bytes in a pipe: letters beyond ASCII become ? in the state, and it can't be seen any more. " +
			"Run the whole pipe with cmd /c \"...\", or leave it out, with --chdir DIR.")
	}
}

// stateName is a state as messages name it.
func stateName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

// hasConfig reports whether a folder holds a Terraform configuration.
func hasConfig(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && slices.ContainsFunc(entries, func(entry os.DirEntry) bool {
		name := strings.TrimSuffix(entry.Name(), ".json")
		return !entry.IsDir() && (filepath.Ext(name) == ".tf" || filepath.Ext(name) == ".tofu")
	})
}
