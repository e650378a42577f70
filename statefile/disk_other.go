//go:build !unix && !windows

package statefile

import (
	"errors"
	"os"
)

func openShared(path string) (*os.File, error) { return os.Open(path) }

func inUse(error) bool       { return false }
func passing(error) bool     { return false }
func rangeLocked(error) bool { return false }

func chown(*os.File, os.FileInfo) {}

func planted(string, os.FileInfo) bool { return false }

func readOnly(err error) bool { return errors.Is(err, os.ErrPermission) }

// diskFull reports whether an error says that the disk, or what this user may use
// of it, is full.
func diskFull(_ error) bool {
	return false
}
