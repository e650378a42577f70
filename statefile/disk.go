package statefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/herokutf/herokutf/internal/diskio"
)

// system is the door that every change on the disk goes through, so that tests
// can let each single one fail, be done in part, or be the process's last.
type system struct {
	now   func() time.Time
	chunk int // bytes written or read at once
	// fault, if set, is called before each step with its name and the number of
	// bytes that it will write (0 when it writes none). It returns how many of them to
	// write, and the error that the step ends with in that case.
	fault func(step string, n int) (int, error)
	// calls, if set, are made in place of those of the operating system.
	calls diskio.Calls
}

// disk is the system in use unless a test has set another one.
var disk = &system{now: time.Now, chunk: 256 << 10}

// on returns the calls that change the disk.
func (s *system) on() diskio.Calls {
	if s.calls == nil {
		return diskio.OS{}
	}
	return s.calls
}

// do does a step that writes no content.
func (s *system) do(step string, f func() error) error {
	var err error
	if s.fault != nil {
		_, err = s.fault(step, 0)
	}
	if err == nil {
		err = f()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", step, err)
	}
	return nil
}

// writeAt writes data at the offset, chunk by chunk.
func (s *system) writeAt(step string, f *os.File, data []byte, offset int64) error {
	for len(data) > 0 {
		part := data[:min(s.chunk, len(data))]
		data = data[len(part):]
		if s.fault != nil {
			n, err := s.fault(step, len(part))
			if err != nil {
				_, werr := s.on().WriteAt(f, part[:n], offset)
				return fmt.Errorf("%s: %w", step, join(err, werr))
			}
		}
		// WriteAt returns an error for a short write.
		if _, err := s.on().WriteAt(f, part, offset); err != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
		offset += int64(len(part))
		if s.calls == nil && offset%writeback == 0 {
			startWriteback(f, offset-writeback, writeback)
		}
	}
	return nil
}

// writeback is of how many bytes the system is asked at once to begin to write them to the
// disk, while the next ones are being copied: of a large state that takes a quarter off
// the time until it is synced. What lasts, a sync alone says.
const writeback = 1 << 20

// sync makes the content of the file last.
func (s *system) sync(step string, f *os.File) error {
	return s.do(step, func() error { return s.on().Sync(f) })
}

// truncate cuts the file to the size.
func (s *system) truncate(step string, f *os.File, size int64) error {
	return s.do(step, func() error { return s.on().Truncate(f, size) })
}

// errDiffers says that a file holds something else than it should.
var errDiffers = errors.New("content differs")

// compare reads the file from its beginning, chunk by chunk, and returns
// errDiffers unless it holds just want.
func (s *system) compare(step string, f *os.File, want []byte) error {
	return s.do(step, func() error {
		stat, err := f.Stat()
		if err != nil {
			return err
		}
		if stat.Size() != int64(len(want)) {
			return fmt.Errorf("%w: %d bytes, want %d", errDiffers, stat.Size(), len(want))
		}
		return inHalves(len(want), func(offset, end int) error {
			buf := make([]byte, min(s.chunk, end-offset))
			for offset < end {
				part := want[offset:min(offset+len(buf), end)]
				if _, err := f.ReadAt(buf[:len(part)], int64(offset)); err != nil {
					if err == io.EOF {
						err = io.ErrUnexpectedEOF
					}
					return err
				}
				if !bytes.Equal(buf[:len(part)], part) {
					return fmt.Errorf("%w within the %d bytes at offset %d", errDiffers, len(part), offset)
				}
				offset += len(part)
			}
			return nil
		})
	})
}

// save makes a new file that holds data, durably but for its name, which lasts
// once the folder is synced. It fails when there is one of that name.
func (s *system) save(what, path string, data []byte, owner os.FileInfo) error {
	var f *os.File
	err := s.do(what+": create", func() (err error) {
		f, err = s.createPrivate(path, owner)
		return err
	})
	if err != nil {
		return err
	}
	err = s.writeAt(what+": write", f, data, 0)
	if err == nil {
		err = s.sync(what+": sync", f)
	}
	if err == nil && s.calls == nil && len(data) >= large {
		dropCache(f)
	}
	if cerr := f.Close(); err == nil && cerr != nil {
		err = fmt.Errorf("%s: close: %w", what, cerr)
	}
	if err != nil {
		s.on().Remove(path)
	}
	return err
}

// createPrivate makes a new file that nobody can read but the state's owner and
// this user, who can read the state. Whatever the state's mode allows the group
// and others, and whatever an access control list of the folder would hand on (its
// POSIX form ends where the group's bits do), a copy doesn't: with that, there is
// no way to widen access.
//
// When root runs us, the owner of the state gets the file, who could neither
// undo nor let Terraform lock the state otherwise. Others can't give files away.
func (s *system) createPrivate(path string, owner os.FileInfo) (*os.File, error) {
	f, err := s.on().OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(0o600); err != nil {
		// File systems without modes refuse it and show one for all files.
		if stat, serr := f.Stat(); serr != nil || stat.Mode().Perm()&^(0o600|owner.Mode().Perm()) != 0 {
			f.Close()
			s.on().Remove(path)
			return nil, err
		}
	}
	chown(f, owner)
	return f, nil
}

// openRegular opens a file for reading unless it is a link, a folder, a pipe or
// a device.
func openRegular(path string) (*os.File, error) {
	before, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	return openSame(path, before)
}

// openSame opens the file that was looked at before, unless another one is there by now.
func openSame(path string, before os.FileInfo) (*os.File, error) {
	if !before.Mode().IsRegular() {
		return nil, irregular(path)
	}
	f, err := openShared(path)
	if err != nil {
		return nil, err
	}
	if after, err := f.Stat(); err != nil || !os.SameFile(before, after) {
		f.Close()
		return nil, join(errMoved, err)
	}
	return f, nil
}

// remove removes a file, if there is one.
func (s *system) remove(step, path string) error {
	return s.do(step, func() error {
		if err := s.on().Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	})
}

// syncFolder makes the names in the folder of path last.
func (s *system) syncFolder(step, path string) error {
	return s.do(step, func() error { return diskio.SyncFolder(s.on(), filepath.Dir(path)) })
}
