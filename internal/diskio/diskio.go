// Package diskio makes the calls that change what is on a disk. What goes through
// its Calls can be recorded and failed by tests, which then see what a loss of power
// leaves of it (package powerloss).
package diskio

import "os"

// Calls are calls that change what is on a disk, as package os has them.
type Calls interface {
	OpenFile(path string, flag int, perm os.FileMode) (*os.File, error)
	CreateTemp(dir, pattern string) (*os.File, error)
	WriteAt(f *os.File, p []byte, off int64) (int, error)
	Truncate(f *os.File, size int64) error
	// Sync returns when the content of a file, or the names in a folder, last.
	Sync(f *os.File) error
	// Rename gives a file another name, and takes that from the file that had it. On
	// Windows, where folders can't be synced, it lasts when it returns.
	Rename(from, to string) error
	Link(from, to string) error
	Remove(path string) error
}

// OS are the calls of the operating system.
type OS struct{}

func (OS) OpenFile(path string, flag int, perm os.FileMode) (*os.File, error) {
	return os.OpenFile(path, flag, perm)
}
func (OS) CreateTemp(dir, pattern string) (*os.File, error) {
	return os.CreateTemp(dir, pattern)
}
func (OS) WriteAt(f *os.File, p []byte, off int64) (int, error) { return f.WriteAt(p, off) }
func (OS) Truncate(f *os.File, size int64) error                { return f.Truncate(size) }
func (OS) Sync(f *os.File) error                                { return f.Sync() }
func (OS) Rename(from, to string) error                         { return rename(from, to) }
func (OS) Link(from, to string) error                           { return os.Link(from, to) }
func (OS) Remove(path string) error                             { return os.Remove(path) }
