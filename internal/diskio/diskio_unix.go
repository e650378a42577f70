//go:build unix

package diskio

import (
	"errors"
	"os"
	"syscall"
)

func rename(from, to string) error { return os.Rename(from, to) }

// SyncFolder makes the names in a folder last. Some file systems, mostly those of a
// network, have nothing to sync in one, and say so; that is no error.
func SyncFolder(c Calls, dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := c.Sync(d); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
