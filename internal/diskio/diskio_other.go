//go:build !unix && !windows

package diskio

import "os"

func rename(from, to string) error { return os.Rename(from, to) }

// SyncFolder does nothing: there are no folders to sync.
func SyncFolder(Calls, string) error { return nil }
