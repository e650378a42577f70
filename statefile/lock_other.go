//go:build !unix && !windows

package statefile

import (
	"errors"
	"os"
)

// openLocked fails: without a lock that Terraform respects, nothing is written.
func openLocked(string, os.FileInfo) (*os.File, func() error, error) {
	return nil, nil, errors.ErrUnsupported
}
