package terraform

import (
	"errors"
	"io/fs"
	"os"
)

// link makes a link, or a copy without what is left out where the system lets this user
// make none.
func link(target, name string, leavesOut func(path string) bool) error {
	err := os.Symlink(target, name)
	if err == nil {
		_, err = os.Lstat(name) // wine makes none, and has no error
	}
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	return copyTree(target, name, leavesOut)
}
