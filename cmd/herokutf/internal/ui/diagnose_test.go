package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// advised carries its advice in a field, as most errors of the library do.
type advised struct {
	text string
	Hint string
	err  error
}

func (e *advised) Error() string { return e.text }
func (e *advised) Unwrap() error { return e.err }

// methodical has a method for it.
type methodical struct{}

func (methodical) Error() string { return "methodical" }
func (methodical) Hint() string  { return "by method" }

func TestDiagnose(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want []string // the hints
	}{
		{"none", errors.New("plain"), nil},
		{"field, wrapped", fmt.Errorf("step: %w", &advised{text: "x", Hint: "do this"}), []string{"do this"}},
		{"method", methodical{}, []string{"by method"}},
		{"outermost of a chain", &advised{"x", "outer", fmt.Errorf("step: %w", &advised{text: "y", Hint: "inner"})}, []string{"outer"}},
		{"an outer one without", &advised{"x", "", &advised{text: "y", Hint: "inner"}}, []string{"inner"}},
		{"joined, each once", errors.Join(&advised{text: "x", Hint: "one"}, &advised{text: "y", Hint: "two"}, &advised{text: "z", Hint: "one"}), []string{"one", "two"}},
		{"above what is joined", &advised{"x", "all", errors.Join(&advised{text: "y", Hint: "one"}, methodical{})}, []string{"all", "one", "by method"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Diagnose(tt.err, nil)
			if d.Message != tt.err.Error() {
				t.Errorf("error shown as %q", d.Message)
			}
			if diff := cmp.Diff(tt.want, d.Hints); diff != "" {
				t.Errorf("hints (-want +got):\n%s", diff)
			}
		})
	}
	// What the command knows counts more than what the error says.
	knows := func(err error) string {
		if e, ok := err.(*advised); ok && e.text == "y" {
			return "known"
		}
		return ""
	}
	d := Diagnose(errors.Join(&advised{text: "x", Hint: "one"}, fmt.Errorf("step: %w", &advised{text: "y", Hint: "two"})), knows)
	if diff := cmp.Diff([]string{"one", "known"}, d.Hints); diff != "" {
		t.Errorf("hints (-want +got):\n%s", diff)
	}
	if err := Advise(nil, "x"); err != nil {
		t.Errorf("advice on nothing is %v", err)
	}
	if diff := cmp.Diff([]string{"x"}, Diagnose(Advise(&advised{text: "y", Hint: "two"}, "x"), knows).Hints); diff != "" {
		t.Errorf("hints (-want +got):\n%s", diff)
	}
}

func TestPrinter(t *testing.T) {
	d := Diagnostic{Message: "it went wrong", Hints: []string{"do this", "or --that"}}
	tests := []struct {
		name string
		p    func(*strings.Builder) *Printer
		want string
	}{
		{"text", func(b *strings.Builder) *Printer { return NewPrinter(Screen{Writer: b}, Style{}, false) },
			"Error: It went wrong.\nHint: Do this.\nHint: Or --that.\nWarning: Mind.\nSaid.\n"},
		{"painted", func(b *strings.Builder) *Printer { return NewPrinter(Screen{Writer: b}, Style{on: true}, false) },
			"\x1b[1;31mError:\x1b[0m It went wrong.\n\x1b[1mHint:\x1b[0m Do this.\n\x1b[1mHint:\x1b[0m Or --that.\n\x1b[33mWarning:\x1b[0m Mind.\nSaid.\n"},
		{"json", func(b *strings.Builder) *Printer { return NewPrinter(Screen{Writer: b}, Style{}, true) },
			`{"error":{"message":"It went wrong.","hint":"Do this.\nOr --that."}}` + "\n" + `{"warning":{"message":"Mind."}}` + "\n" + `{"notice":{"message":"Said."}}` + "\n"},
		{"narrow", func(b *strings.Builder) *Printer {
			return NewPrinter(Screen{Writer: b, Terminal: true, Width: func() int { return 12 }}, Style{}, false)
		}, "Error: It\n  went\n  wrong.\nHint: Do\n  this.\nHint: Or\n  --that.\nWarning:\n  Mind.\nSaid.\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			p := tt.p(&out)
			p.Fail(d)
			p.Warn("mind")
			p.Say("said")
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadAll(t *testing.T) {
	data, err := ReadAll(t.Context(), strings.NewReader("all of it"))
	if string(data) != "all of it" || err != nil {
		t.Errorf("got %q, %v", data, err)
	}
	// Nothing ever comes, as at a terminal where nobody types.
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if data, err := ReadAll(ctx, r); data != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %q, %v; want context.Canceled", data, err)
	}
}
