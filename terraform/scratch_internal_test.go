package terraform

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestScratchTaken: a folder that another run's sweep takes is made anew, ten times at the
// most, and none of another fault.
func TestScratchTaken(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		name  string
		fault error
		times int // that it comes
		calls int
		want  error
	}{
		{"once", errHeld, 1, 2, nil},
		{"nine times", fs.ErrNotExist, 9, 10, nil},
		{"always", errHeld, 100, 10, errHeld},
		{"another fault", broken, 100, 1, broken},
	} {
		parent := t.TempDir()
		calls := 0
		s, err := newScratchBy(parent, func(f *os.File) error {
			if calls++; calls <= tt.times {
				return tt.fault
			}
			return lockFile(f)
		})
		if calls != tt.calls || !errors.Is(err, tt.want) || (s == nil) != (tt.want != nil) {
			t.Errorf("%s: locked %d times: %v", tt.name, calls, err)
		}
		if tt.want == errHeld && !strings.HasPrefix(err.Error(), "make a folder in ") {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err := s.close(); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestLockOfAnotherFile: a lock whose file isn't where it was made is none.
func TestLockOfAnotherFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), scratchLock)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := lockNew(path, lockFile); f != nil || !errors.Is(err, fs.ErrExist) {
		t.Errorf("a lock is made twice: %v, %v", f, err)
	}
	if runtime.GOOS == "windows" {
		return // a file that is open keeps its name
	}
	path += "2"
	f, err := lockNew(path, func(*os.File) error {
		return errors.Join(os.Rename(path, path+".moved"), os.WriteFile(path, nil, 0o600))
	})
	if f != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, %v", f, err)
	}
}

// TestEnded: a process whose end nobody knows has no code.
func TestEnded(t *testing.T) {
	lost := errors.New("no child processes")
	if code, err := ended(nil, lost); code != -1 || err != lost {
		t.Errorf("no state: code %d, error %v", code, err)
	}
	if code, err := ended(new(os.ProcessState), lost); code != 0 || err != nil {
		t.Errorf("a state: code %d, error %v", code, err)
	}
}
