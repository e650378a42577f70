package main

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"

	"github.com/herokutf/herokutf/statefile"
)

// TestDiffOfLocked: a state that another program has locked can't be read here, and --diff
// says who has.
func TestDiffOfLocked(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "terraform.tfstate")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, err = f.WriteString(`{"version":4}`)
	info := []byte(`{"ID":"x","Who":"ann@host","Operation":"OperationTypeApply"}`)
	if err := errors.Join(err, os.WriteFile(filepath.Join(dir, ".terraform.tfstate.lock.info"), info, 0o600)); err != nil {
		t.Fatal(err)
	}
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	if err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 0, math.MaxUint32, new(windows.Overlapped)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadFile(path); err == nil {
		t.Skip("wine reads what is locked")
	}
	_, err = (&slugsOptions{diff: path}).readBaseline(t.Context())
	if e, ok := errors.AsType[*statefile.LockedError](err); !ok || e.Info.Who != "ann@host" || e.Hint == "" {
		t.Errorf("got %v, want a LockedError", err)
	}
}
