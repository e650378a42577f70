package herokutf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/herokutf/herokutf/internal/diskio"
)

// WriteFile writes s to the file at path in format f; environ is that of
// [Slugs.Write].
//
// The file is replaced as a whole, with mode 0600: a reader sees the old content
// or the new, and after a crash either is there. A symbolic link stays, and the
// file behind it is replaced. What is no regular file, such as a pipe or
// /dev/stdout, is written to.
//
// With [FormatGitHub], [FormatGitHubOutput] and [FormatCircleCI] the lines are
// appended instead, in one write, and the mode stays: these files hold the variables
// of other steps too.
//
// Nothing is written when s can't be expressed in f. The errors are those of
// Write and of package os.
func (s *Slugs) WriteFile(path string, f Format, environ []string) error {
	text, err := s.encode(f, environ, runtime.GOOS == "windows")
	if err != nil {
		return err
	}
	switch {
	// Opening these anew would begin at the start of the file that the shell
	// has led them to, over what others have written there.
	case path == "/dev/stdout":
		_, err = os.Stdout.Write(text)
		return err
	case path == "/dev/stderr":
		_, err = os.Stderr.Write(text)
		return err
	case f.appends():
		return appendFile(path, text)
	}
	return replaceFile(diskio.OS{}, path, text, ownerOnly)
}

// appendFile appends whole lines to the file at path, which may lack the line
// break at its end or not exist at all.
func appendFile(path string, lines []byte) (err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return appendLines(file, lines)
}

// appendLines is appendFile for a file that is open for reading and appending.
func appendLines(file *os.File, lines []byte) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if size := info.Size(); size > 0 {
		var last [1]byte
		if _, err := file.ReadAt(last[:], size-1); err != nil {
			return fmt.Errorf("read the end of %s: %w", file.Name(), err)
		}
		if last[0] != '\n' {
			lines = append([]byte{'\n'}, lines...)
		}
	}
	_, err = file.Write(lines)
	return err
}

// ownerOnly is the mode of files that nobody else reads.
const ownerOnly fs.FileMode = 0o600

// replaceFile writes data to a new file beside path and renames that over path.
// Nobody locks the files that come here; for the state, which Terraform locks by
// its inode, this would be wrong. The file gets the mode; one that was
// there keeps its own, unless mode is ownerOnly.
func replaceFile(on diskio.Calls, path string, data []byte, mode fs.FileMode) (err error) {
	target := path
	// Stat goes through links as the kernel does: EvalSymlinks can't follow
	// /dev/fd/63 to a pipe, which has no name.
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		// New, or a link to what doesn't exist yet, which Lstat can see. A file
		// that another process has made in between is neither.
		if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return fmt.Errorf("write %s: the symbolic link leads nowhere", path)
		}
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("write %s: it is a directory", path)
	case !info.Mode().IsRegular():
		return writeInto(path, data)
	default:
		if target, err = filepath.EvalSymlinks(path); err != nil {
			return err
		}
		if mode != ownerOnly {
			mode = info.Mode().Perm()
		}
	}

	dir := filepath.Dir(target)
	// CreateTemp makes the file with mode 0600. The name begins with a dot and
	// doesn't end like the target's: Terraform reads every *.auto.tfvars there.
	temp, err := on.CreateTemp(dir, "."+strings.TrimPrefix(filepath.Base(target), ".")+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			temp.Close()
			on.Remove(temp.Name())
		}
	}()
	if _, err := on.WriteAt(temp, data, 0); err != nil {
		return err
	}
	if mode != ownerOnly {
		if err := temp.Chmod(mode); err != nil {
			return err
		}
	}
	// Without the fsync a crash after the rename can leave an empty file.
	if err := on.Sync(temp); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	if err := renameOver(on, temp.Name(), target, runtime.GOOS == "windows"); err != nil {
		return err
	}
	return diskio.SyncFolder(on, dir)
}

// renameOver renames a file over another one. Windows refuses that while somebody has
// the other one open, or renames to the same name, which is soon over: there it is tried
// again for half a second.
func renameOver(on diskio.Calls, from, to string, windows bool) error {
	const sharingViolation = syscall.Errno(32)
	for try := 1; ; try++ {
		err := on.Rename(from, to)
		if !windows || try == 10 || !errors.Is(err, fs.ErrPermission) && !errors.Is(err, sharingViolation) {
			return err
		}
		time.Sleep(time.Duration(try) * 10 * time.Millisecond)
	}
}

// writeInto writes data to what is there already and is no regular file.
func writeInto(path string, data []byte) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = file.Write(data)
	return err
}
