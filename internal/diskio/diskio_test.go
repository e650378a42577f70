package diskio_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/herokutf/herokutf/internal/diskio"
)

// The calls are made: of a file that isn't open, or isn't there, they fail.
func TestCallsAreMade(t *testing.T) {
	var c diskio.OS
	path := filepath.Join(t.TempDir(), "file")
	f, err := c.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("OpenFile: got error %v", err)
	}
	f.Close()
	for name, call := range map[string]func() error{
		"Sync":       func() error { return c.Sync(f) },
		"WriteAt":    func() error { _, err := c.WriteAt(f, []byte("x"), 0); return err },
		"Truncate":   func() error { return c.Truncate(f, 0) },
		"Rename":     func() error { return c.Rename(path+"-", path) },
		"Link":       func() error { return c.Link(path+"-", path) },
		"Remove":     func() error { return c.Remove(path + "-") },
		"CreateTemp": func() error { _, err := c.CreateTemp(path+"-", "x"); return err },
	} {
		if err := call(); !errors.Is(err, fs.ErrClosed) && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}

// failing are calls whose Sync fails.
type failing struct {
	diskio.OS
	err error
}

func (f failing) Sync(*os.File) error { return f.err }

// What a folder's sync fails with is returned, unless the file system has none.
func TestSyncFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("folders aren't synced here")
	}
	dir := t.TempDir()
	broken := errors.New("broken")
	if err := diskio.SyncFolder(failing{err: broken}, dir); !errors.Is(err, broken) {
		t.Errorf("got error %v, want %v", err, broken)
	}
	for _, err := range []error{errors.ErrUnsupported, syscall.EINVAL} {
		if err := diskio.SyncFolder(failing{err: err}, dir); err != nil {
			t.Errorf("a file system without such syncs: got error %v", err)
		}
	}
	if err := diskio.SyncFolder(diskio.OS{}, filepath.Join(dir, "no")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a folder: got error %v", err)
	}
	if err := diskio.SyncFolder(diskio.OS{}, dir); err != nil {
		t.Error(err)
	}
}
