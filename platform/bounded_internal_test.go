package platform

import (
	"io"
	"strings"
	"testing"
)

// TestStoredIsBounded: of what a program prints, the beginning is kept, however it is copied.
func TestStoredIsBounded(t *testing.T) {
	var out limitedBuffer
	const printed = maxStored + 100
	n, err := io.Copy(&out, struct{ io.Reader }{strings.NewReader("begin" + strings.Repeat("x", printed-len("begin")))})
	if got := out.kept.String(); n != printed || err != nil || len(got) != maxStored || !strings.HasPrefix(got, "begin") {
		t.Errorf("%d bytes copied, %v, and %d kept, %.10q", n, err, len(got), got)
	}
	if n, err := out.Write([]byte("more")); n != 4 || err != nil || out.kept.Len() != maxStored {
		t.Errorf("%d more bytes, %v, and %d kept", n, err, out.kept.Len())
	}
}

// TestNamesOfVariables: only on Windows a variable has its name in any case.
func TestNamesOfVariables(t *testing.T) {
	for _, tt := range []struct {
		goos, a, b string
		want       bool
	}{
		{"linux", "PATH", "PATH", true},
		{"linux", "PATH", "Path", false},
		{"windows", "PATH", "PATH", true},
		{"windows", "PATH", "Path", true},
		{"windows", "PATH", "PATHS", false},
	} {
		if got := sameName(tt.goos, tt.a, tt.b); got != tt.want {
			t.Errorf("%s: %s and %s: %t", tt.goos, tt.a, tt.b, got)
		}
	}
}
