package statefile

import (
	"errors"
	"io/fs"
	"os"
	"testing"
)

// A path names another file when it is opened than when it was looked at: that one isn't
// read.
func TestOpenSame(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	before, err := os.Lstat(path)
	must(t, err)
	f, err := openSame(path, before)
	must(t, err)
	must(t, f.Close())
	must(t, os.Rename(path, path+".old"))
	if f, err := openSame(path, before); f != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("gone: got error %v", err)
	}
	must(t, os.WriteFile(path, textState(20, "other"), 0o600))
	if f, err := openSame(path, before); f != nil || !errors.Is(err, errMoved) {
		t.Errorf("another file: got error %v, want %v", err, errMoved)
	}
}
