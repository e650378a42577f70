// Package ui is how the command speaks with people and their terminals:
// streams, colours, progress, diagnostics, signals and child processes. It
// knows no verb.
package ui

import (
	"context"
	"io"
	"os"

	"golang.org/x/term"
)

// IO is a command's surroundings, so that tests run commands in-process.
type IO struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Getenv looks an environment variable up; "" is unset.
	Getenv func(string) string
	// Environ is the whole environment as KEY=VALUE.
	Environ []string
	// GOOS is the system that the command runs on, as package runtime names it.
	GOOS string
}

// A Screen is a stream and what is known of the terminal behind it.
type Screen struct {
	io.Writer
	// Terminal reports whether a terminal that understands more than plain
	// text is there.
	Terminal bool
	// Width returns the terminal's width in characters; 0 if nobody knows.
	// It is asked each time, as windows change. Nil is 0.
	Width func() int
}

// Screen returns w, one of the command's streams, as a screen.
func (std IO) Screen(w io.Writer) Screen {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return Screen{Writer: w}
	}
	return Screen{Writer: w, Terminal: std.Getenv("TERM") != "dumb", Width: func() int {
		width, _, err := term.GetSize(int(f.Fd()))
		if err != nil {
			return 0
		}
		return width
	}}
}

// Interactive reports whether somebody sits at standard input.
func (std IO) Interactive() bool {
	f, ok := std.Stdin.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Piped reports whether standard input may be what another program prints, rather than
// a file.
func (std IO) Piped() bool {
	f, ok := std.Stdin.(*os.File)
	if !ok {
		return true
	}
	info, err := f.Stat()
	return err != nil || !info.Mode().IsRegular()
}

// Columns is the terminal's width in characters; 0 if there is none, or nobody
// knows.
func (s Screen) Columns() int {
	if s.Width == nil || !s.Terminal {
		return 0
	}
	return s.Width()
}

// Wrap breaks the lines of text at the terminal's width; what isn't a terminal
// gets them as they are.
func (s Screen) Wrap(text string) string { return Wrap(text, s.Columns()) }

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
