//go:build unix

package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/herokutf/herokutf/internal/stategen"
	"github.com/herokutf/herokutf/statefile"
)

// TestRun: every table comes out whole, with the requests that are known.
func TestRun(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-runs", "1", "-apps", "3", "-latency", "1ms"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| 50 | `ResolveSlugs` | 2 |", "| 50 | one after the other | 51 |", "| 3 | `DetectDrift` | 27 |", "| 3 | the floor: its requests, bare, 64 at once | 27 |", "| 3 | the requests of a refresh, 10 at once | 76 |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	for _, args := range [][]string{{"-runs", "0"}, {"-sizes", "x"}, {"-apps", "0"}} {
		if err := run(t.Context(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v: got no error", args)
		}
	}
}

// TestReads: the requests of a refresh are known for every type that the
// generated state has, or it would look cheaper than it is.
func TestReads(t *testing.T) {
	f, err := statefile.Parse("drift", stategen.Drift(1))
	if err != nil {
		t.Fatal(err)
	}
	for inst := range f.Instances() {
		if reads[inst.Type] == nil {
			t.Errorf("no requests are known for %s", inst.Type)
		}
	}
}

func TestMedian(t *testing.T) {
	if got := median([]time.Duration{5, 1, 3}); got != 3 {
		t.Errorf("got %d, want 3", got)
	}
}
