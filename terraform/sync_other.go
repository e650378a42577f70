//go:build !unix

package terraform

// syncDir does nothing: there are no folders to sync.
func syncDir(string) error { return nil }
