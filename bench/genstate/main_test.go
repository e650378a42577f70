package main

import (
	"bytes"
	"io"
	"testing"

	"github.com/herokutf/herokutf/statefile"
)

func TestRun(t *testing.T) {
	var out bytes.Buffer
	if err := run([]string{"-n", "13"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	f, err := statefile.Parse("generated", out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for range f.Instances() {
		n++
	}
	if n != 13 {
		t.Errorf("got %d instances, want 13", n)
	}
	if err := run([]string{"-n", "-1"}, io.Discard, io.Discard); err == nil {
		t.Error("-n -1: got no error")
	}
}
