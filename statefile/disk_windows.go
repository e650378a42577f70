package statefile

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

const openFlags = 0

// chown does nothing: a new file gets its owner and its access list from the
// folder, as the state did.
func chown(*os.File, os.FileInfo) {}

// planted is false: access lists decide here who makes files in a folder.
func planted(string, os.FileInfo) bool { return false }

// rename gives a file another name, durably, as folders can't be synced here.
func rename(from, to string) error {
	f, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	t, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	if err := windows.MoveFileEx(f, t, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

func syncDir(string) error { return nil }

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
