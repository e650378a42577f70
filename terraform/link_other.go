//go:build !windows

package terraform

import "os"

// link makes a link.
func link(target, name string) error { return os.Symlink(target, name) }
