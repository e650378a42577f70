package tfconfig

import "testing"

// TestSpaced: an alignment is taken when it changes white space alone.
func TestSpaced(t *testing.T) {
	if got, err := spaced([]byte("a = 1\n"), []byte("a   = 1\n")); string(got) != "a   = 1\n" || err != nil {
		t.Errorf("aligned: %q, %v", got, err)
	}
	if got, err := spaced([]byte("a = 1\n"), []byte("a = 2\n")); got != nil || err == nil {
		t.Errorf("changed: %q, %v", got, err)
	}
}
