package statefile

import (
	"errors"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

// hold opens a file as a program does that shares it with others as far as shared says.
func hold(t *testing.T, path string, shared uint32) (release func()) {
	t.Helper()
	name, err := windows.UTF16PtrFromString(path)
	must(t, err)
	handle, err := windows.CreateFile(name, windows.GENERIC_READ, shared, nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	must(t, err)
	open := true
	release = func() {
		if open {
			open = false
			windows.CloseHandle(handle)
		}
	}
	t.Cleanup(release)
	return release
}

// TestLockBesideReaders: somebody who looks who held the lock keeps nobody from taking it.
func TestLockBesideReaders(t *testing.T) {
	for name, test := range map[string]struct {
		shared uint32
		until  time.Duration // 0: to the end
	}{
		"without delete sharing": {windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE, 0},
		"with delete sharing":    {windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE, 30 * time.Millisecond},
		"alone, for a moment":    {0, 15 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			path := writeState(t, textState(9, oldText))
			info := lockInfoPath(path)
			must(t, os.WriteFile(info, []byte(`{"ID":"dead"}`), 0o600))
			release := hold(t, info, test.shared)
			if test.until > 0 {
				time.AfterFunc(test.until, release)
			}
			_, err := Update(t.Context(), path, UpdateOptions{}, setText("new"))
			must(t, err)
			wantState(t, path, textState(10, "new"))
		})
	}
}

// TestReadOfLocked: a read of a state that another handle has locked says that it is
// locked, and by whom, as locks are mandatory here.
func TestReadOfLocked(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	l, err := tryLock(path)
	must(t, err)
	defer l.close()
	must(t, os.WriteFile(lockInfoPath(path), []byte(`{"ID":"x","Who":"ann@host","Operation":"OperationTypeApply"}`), 0o600))
	if _, err := os.ReadFile(path); err == nil {
		t.Skip("wine reads what is locked")
	}
	_, err = ReadFile(path)
	e, ok := errors.AsType[*LockedError](err)
	if !ok || !errors.Is(err, ErrLocked) || e.Info.Who != "ann@host" || e.Hint == "" {
		t.Errorf("got %#v, want a LockedError", err)
	}
}

// TestReadersShare: who looks for the holder of a lock keeps nobody from removing its
// description.
func TestReadersShare(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	f, err := openShared(path)
	must(t, err)
	defer f.Close()
	must(t, os.Remove(path))
}
