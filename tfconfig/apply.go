package tfconfig

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/herokutf/herokutf/internal/diskio"
)

// Apply writes edited files in place of the old ones. All new contents are
// written and synced beside their files first; then, if every file still
// holds what was read, each is renamed into place. When a rename fails, the
// files replaced before are put back. Permissions are kept; a symbolic link
// stays one, and the file it leads to is replaced. A new file has the owner
// who runs the program and no further hard links.
//
// An edit whose Old is nil makes a file, which only this user can read if the edit is
// Sensitive; when something goes wrong it is removed again.
//
// A file that holds something else than the edit's Old, or is there when it
// should be new, gives [ErrChanged],
// and then, as after any fault found before the first rename, no file is
// changed; all such faults are in one [ErrorList].
func Apply(edits []FileEdit) error { return apply(diskio.OS{}, edits) }

// apply is Apply by way of the calls.
func apply(on diskio.Calls, edits []FileEdit) error {
	work, err := planned(on, edits)
	if err != nil {
		return err
	}
	defer func() {
		for _, r := range work {
			if r.temp != "" {
				on.Remove(r.temp)
			}
		}
	}()
	if err := stage(work); err != nil {
		return err
	}
	if err := swap(work); err != nil {
		return err
	}
	return syncDirs(on, work)
}

// planned holds the edits against their files.
func planned(on diskio.Calls, edits []FileEdit) ([]*replacement, error) {
	var work []*replacement
	var faults ErrorList
	seen := map[string]bool{}
	for _, e := range edits {
		if bytes.Equal(e.Old, e.New) && e.Old != nil {
			continue
		}
		r := &replacement{on: on, edit: e}
		work = append(work, r)
		err := r.open()
		if err == nil && seen[r.target] {
			err = errors.New("is edited twice")
		}
		if err != nil {
			faults = append(faults, &FileError{Name: e.Path, Err: err})
		}
		seen[r.target] = true
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return work, nil
}

// stage writes all new contents beside their files.
func stage(work []*replacement) error {
	for _, r := range work {
		var err error
		if r.temp, err = r.write(r.edit.New); err != nil {
			return &FileError{Name: r.edit.Path, Err: err}
		}
	}
	return nil
}

// swap puts all new contents in place, or none.
func swap(work []*replacement) error {
	// The check comes once more, as close to the renames as can be.
	var faults ErrorList
	for _, r := range work {
		if err := r.unchanged(); err != nil {
			faults = append(faults, &FileError{Name: r.edit.Path, Err: err})
		}
	}
	if len(faults) > 0 {
		return faults
	}
	for i, r := range work {
		if err := r.replace(); err != nil {
			errs := []error{&FileError{Name: r.edit.Path, Err: err}}
			for _, done := range work[:i] {
				if err := done.restore(); err != nil {
					errs = append(errs, &FileError{Name: done.edit.Path, Err: fmt.Errorf("put back: %w", err)})
				}
			}
			return errors.Join(errs...)
		}
		r.temp = ""
	}
	return nil
}

// syncDirs makes the renames last.
func syncDirs(on diskio.Calls, work []*replacement) error {
	dirs := map[string]bool{}
	for _, r := range work {
		dir := filepath.Dir(r.target)
		if dirs[dir] {
			continue
		}
		dirs[dir] = true
		if err := diskio.SyncFolder(on, dir); err != nil {
			return &FileError{Name: dir, Err: err}
		}
	}
	return nil
}

// errThere is for a file that is to be new and isn't.
var errThere = fmt.Errorf("a file of this name is there already (%w)", ErrChanged)

// errPutThere is for a file that the next init overwrites.
var errPutThere = errors.New("it stands in " + putThere)

type replacement struct {
	on     diskio.Calls
	edit   FileEdit
	target string // without symbolic links
	mode   os.FileMode
	temp   string
}

// isNew reports whether the file isn't there yet.
func (r *replacement) isNew() bool { return r.edit.Old == nil }

func (r *replacement) open() error {
	if r.isNew() {
		// The folder may be one by a link; the file can't.
		dir, err := filepath.EvalSymlinks(filepath.Dir(r.edit.Path))
		if err != nil {
			return err
		}
		r.target, r.mode = filepath.Join(dir, filepath.Base(r.edit.Path)), 0o644
		if isPutThere(r.target) {
			return errPutThere
		}
		if r.edit.Sensitive {
			r.mode = 0o600
		}
		return r.unchanged()
	}
	info, err := os.Stat(r.edit.Path)
	if err == nil {
		r.target, err = filepath.EvalSymlinks(r.edit.Path)
	}
	if err != nil {
		return err
	}
	if isPutThere(r.target) {
		return errPutThere
	}
	if !info.Mode().IsRegular() {
		return errors.New("isn't a regular file")
	}
	r.mode = info.Mode().Perm()
	// A rename would replace a file that its owner made read-only.
	f, err := os.OpenFile(r.target, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	f.Close()
	return r.unchanged()
}

// replace puts the new content in the file's place.
func (r *replacement) replace() error {
	if r.isNew() {
		// A rename would replace a file that has come meanwhile. A link is there whole or
		// not at all; some file systems have none.
		switch err := r.on.Link(r.temp, r.target); {
		case err == nil:
			r.on.Remove(r.temp)
			return nil
		case errors.Is(err, fs.ErrExist):
			return errThere
		}
		f, err := r.on.OpenFile(r.target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, r.mode)
		if err != nil {
			return err
		}
		f.Close()
	}
	err := r.on.Rename(r.temp, r.target)
	if err != nil && r.isNew() {
		r.on.Remove(r.target)
	}
	return err
}

func (r *replacement) unchanged() error {
	if r.isNew() {
		if _, err := os.Lstat(r.target); !errors.Is(err, fs.ErrNotExist) {
			return cmp.Or(err, errThere)
		}
		return nil
	}
	data, err := os.ReadFile(r.target)
	if err != nil {
		return err
	}
	if !bytes.Equal(data, r.edit.Old) {
		return ErrChanged
	}
	return nil
}

// write puts data into a new synced file beside the target. Its name begins
// with a dot, so that a Terraform started meanwhile doesn't read it.
func (r *replacement) write(data []byte) (name string, err error) {
	f, err := r.on.CreateTemp(filepath.Dir(r.target), ".herokutf-*")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			f.Close()
			r.on.Remove(f.Name())
		}
	}()
	if _, err := r.on.WriteAt(f, data, 0); err != nil {
		return "", err
	}
	if err := f.Chmod(r.mode); err != nil {
		return "", err
	}
	if err := r.on.Sync(f); err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	return f.Name(), nil
}

func (r *replacement) restore() error {
	if r.isNew() {
		return r.on.Remove(r.target)
	}
	temp, err := r.write(r.edit.Old)
	if err != nil {
		return err
	}
	if err := r.on.Rename(temp, r.target); err != nil {
		r.on.Remove(temp)
		return err
	}
	return nil
}
