package statefile

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// openShared opens a file for reading in a way that keeps nobody from removing it
// or putting another in its place, which os.Open does. Terraform removes its lock
// info while others look who holds the lock.
func openShared(path string) (*os.File, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	handle, err := windows.CreateFile(name, windows.GENERIC_READ,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE,
		nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL|windows.FILE_FLAG_OPEN_REPARSE_POINT, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(handle), path), nil
}

// inUse reports whether an error says that another program has the file open and
// shares it less than was asked for.
func inUse(err error) bool { return errors.Is(err, windows.ERROR_SHARING_VIOLATION) }

// passing reports whether an error may be gone in a moment: another program has the
// file open, or it was removed while one has it open, so that access is denied, or the name
// taken, until that one is done.
func passing(err error) bool {
	return inUse(err) || errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_DELETE_PENDING) || errors.Is(err, windows.ERROR_FILE_EXISTS)
}

// rangeLocked reports whether an error says that another program has locked the
// bytes to be read: locks are mandatory here.
func rangeLocked(err error) bool { return errors.Is(err, windows.ERROR_LOCK_VIOLATION) }

// chown does nothing: a new file gets its owner and its access list from the
// folder, as the state did.
func chown(*os.File, os.FileInfo) {}

// planted is false: access lists decide here who makes files in a folder.
func planted(string, os.FileInfo) bool { return false }

// readOnly reports whether an error says that the disk or the file's attributes
// allow no writing.
func readOnly(err error) bool {
	return errors.Is(err, os.ErrPermission) || errors.Is(err, windows.ERROR_WRITE_PROTECT)
}

// diskFull reports whether an error says that the disk, or what this user may use
// of it, is full.
func diskFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}
