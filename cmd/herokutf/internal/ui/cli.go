// Package cli holds what the example commands share: signals and exit codes,
// colours, progress lines and how an error is shown.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"reflect"
	"strings"
	"syscall"

	"golang.org/x/term"
)

// The exit codes that the commands share; each command's help lists its own.
const (
	ExitOK    = 0
	ExitError = 1
)

// IO is a command's surroundings, so that tests run commands in-process.
type IO struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Getenv looks an environment variable up; "" is unset.
	Getenv func(string) string
	// Environ is the whole environment as KEY=VALUE.
	Environ []string
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
// termination or hangup signal cancels the context; a second one ends the
// process at once, as if Main had not been there.
func Main(run func(ctx context.Context, std IO, args []string) int) {
	ctx, stop := signal.NotifyContext(context.Background(), stopSignals()...)
	go func() {
		<-ctx.Done()
		stop()
	}()
	code := run(ctx, IO{
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Getenv:  os.Getenv,
		Environ: os.Environ(),
	}, os.Args[1:])
	stop()
	os.Exit(code)
}

// Parse parses args with fs. It reports whether the command goes on; if not,
// code is what it exits with: 0 after -h, whose text goes to standard output,
// and 1 after a wrong flag, which is reported on standard error with one line
// of advice instead of the whole help.
func Parse(fs *flag.FlagSet, std IO, args []string) (code int, ok bool) {
	usage := fs.Usage
	fs.Usage = func() {}
	fs.SetOutput(io.Discard)
	err := fs.Parse(args)
	switch {
	case err == nil:
		return ExitOK, true
	case errors.Is(err, flag.ErrHelp):
		fs.SetOutput(std.Stdout)
		usage()
		return ExitOK, false
	}
	Usage(fs, std, err)
	return ExitError, false
}

// Usage reports a wrong use of the command on standard error.
func Usage(fs *flag.FlagSet, std IO, err error) {
	fmt.Fprintf(std.Stderr, "%s: %v\n", fs.Name(), err)
	fmt.Fprintf(std.Stderr, "hint: %s -h lists the flags\n", fs.Name())
}

// Fail reports err on standard error, one line a fault, followed by the advice
// on each. Of an error and what it wraps, the outermost advice counts, which
// knows most of what was tried.
func Fail(name string, std IO, err error) {
	if errors.Is(err, context.Canceled) {
		err = fmt.Errorf("interrupted: %w", err)
	}
	fmt.Fprintf(std.Stderr, "%s: %v\n", name, err)
	said := make(map[string]bool)
	walk(err, func(err error) (deeper bool) {
		hint := hintOf(err)
		if hint != "" && !said[hint] {
			said[hint] = true
			fmt.Fprintf(std.Stderr, "hint: %s\n", hint)
		}
		return hint == ""
	})
}

// walk visits err and what it wraps, outermost first, as far as visit wants to
// go deeper; errors that are joined are visited each for itself.
func walk(err error, visit func(error) bool) {
	deeper := visit(err)
	for {
		switch wrapped := err.(type) {
		case interface{ Unwrap() error }:
			if err = wrapped.Unwrap(); err == nil {
				return
			}
			deeper = deeper && visit(err)
		case interface{ Unwrap() []error }:
			for _, err := range wrapped.Unwrap() {
				walk(err, visit)
			}
			return
		default:
			return
		}
	}
}

// hintOf returns the advice that err itself carries, in a method or a field
// named Hint. Which types of the library have one is the library's business,
// so the field is looked up by its name.
func hintOf(err error) string {
	if err, ok := err.(interface{ Hint() string }); ok {
		return err.Hint()
	}
	v := reflect.Indirect(reflect.ValueOf(err))
	if v.Kind() != reflect.Struct {
		return ""
	}
	f := v.FieldByName("Hint")
	if !f.IsValid() || f.Kind() != reflect.String {
		return ""
	}
	return f.String()
}

// ReadAll reads r to its end, which may never come: it ends with the context,
// too. What still arrives after that is lost, so it is for commands that then
// exit.
func ReadAll(ctx context.Context, r io.Reader) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data, err := io.ReadAll(r)
		done <- result{data, err}
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// IsTerminal reports whether w is a terminal that understands more than plain
// text.
func IsTerminal(std IO, w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && std.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// Style paints text, or leaves it plain.
type Style struct{ on bool }

// NewStyle returns the style for what is written to w: colours only on a
// terminal, and never when NO_COLOR is set to anything
// (https://no-color.org).
func NewStyle(std IO, w io.Writer) Style {
	return Style{on: IsTerminal(std, w) && std.Getenv("NO_COLOR") == ""}
}

// On reports whether text is painted at all.
func (s Style) On() bool { return s.on }

func (s Style) paint(code, text string) string {
	if !s.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Old paints what goes away.
func (s Style) Old(text string) string { return s.paint("31", text) }

// New paints what comes.
func (s Style) New(text string) string { return s.paint("32", text) }

// Bold paints a heading.
func (s Style) Bold(text string) string { return s.paint("1", text) }

// Dim paints what matters less.
func (s Style) Dim(text string) string { return s.paint("2", text) }

// Warn paints what needs attention.
func (s Style) Warn(text string) string { return s.paint("33", text) }

// Diff paints the lines of a unified diff.
func (s Style) Diff(diff string) string {
	var b strings.Builder
	for line := range strings.Lines(diff) {
		text := strings.TrimRight(line, "\r\n")
		end := line[len(text):]
		switch {
		case strings.HasPrefix(text, "+++"), strings.HasPrefix(text, "---"):
			text = s.Bold(text)
		case strings.HasPrefix(text, "+"):
			text = s.New(text)
		case strings.HasPrefix(text, "-"):
			text = s.Old(text)
		case strings.HasPrefix(text, "@@"):
			text = s.Dim(text)
		}
		b.WriteString(text)
		b.WriteString(end)
	}
	return b.String()
}

// Plural returns "1 thing" or "N things".
func Plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// List is a flag that may be given several times.
type List []string

// String returns the values, for the help.
func (l *List) String() string { return strings.Join(*l, ",") }

// Set adds a value.
func (l *List) Set(s string) error {
	*l = append(*l, s)
	return nil
}
