//go:build unix

package terraform

import (
	"errors"
	"os"
	"syscall"
)

// syncDir makes the names in a folder last. Some file systems have nothing to sync in
// one, and say so.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
