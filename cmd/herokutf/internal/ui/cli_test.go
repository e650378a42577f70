package cli

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

func TestFail(t *testing.T) {
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
			var stderr strings.Builder
			Fail("tool", IO{Stderr: &stderr}, tt.err)
			text, hints, _ := strings.Cut(stderr.String(), "\nhint: ")
			if !strings.HasPrefix(text, "tool: "+tt.err.Error()) {
				t.Errorf("error shown as %q", text)
			}
			var got []string
			if hints != "" {
				got = strings.Split(strings.TrimSuffix(hints, "\n"), "\nhint: ")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("hints (-want +got):\n%s", diff)
			}
		})
	}
	var stderr strings.Builder
	Fail("tool", IO{Stderr: &stderr}, fmt.Errorf("GET /apps: %w", context.Canceled))
	if got, want := stderr.String(), "tool: interrupted: GET /apps: context canceled\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
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

func TestStyle(t *testing.T) {
	plain, painted := Style{}, Style{on: true}
	diff := "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z\r\n"
	if got := plain.Diff(diff); got != diff {
		t.Errorf("plain diff %q, want it as it is", got)
	}
	want := "\x1b[1m--- a\x1b[0m\n\x1b[1m+++ b\x1b[0m\n\x1b[2m@@ -1 +1 @@\x1b[0m\n\x1b[31m-x\x1b[0m\n\x1b[32m+y\x1b[0m\n z\r\n"
	if got := painted.Diff(diff); got != want {
		t.Errorf("painted diff %q, want %q", got, want)
	}
	// What is no terminal gets no colours.
	var out strings.Builder
	if NewStyle(IO{Getenv: func(string) string { return "" }}, &out).on {
		t.Error("colours for what is no terminal")
	}
}
