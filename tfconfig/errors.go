package tfconfig

import (
	"errors"
	"strings"

	"github.com/herokutf/herokutf/internal/printable"
)

var (
	// ErrNoConfiguration means that a directory holds no .tf or .tf.json
	// file, so it is no Terraform module.
	ErrNoConfiguration = errors.New("no Terraform configuration")

	// ErrChanged means that a file is no longer what was read.
	ErrChanged = errors.New("file changed since it was read")

	// ErrProof means that an edit, read back, differs from what was meant.
	// Nothing was written.
	ErrProof = errors.New("edited file isn't what was meant")

	// ErrInvalidRename means that a rename can't be looked for: a name isn't
	// a Heroku app name, or two renames contradict each other.
	ErrInvalidRename = errors.New("invalid rename")
)

// FileError is one fault in one file.
type FileError struct {
	Name   string // path of the file as [Load] found it
	Line   int    // line, from 1; 0 when the fault has no position
	Column int    // column, from 1, in characters as HCL counts them
	Err    error
}

// Error returns one printable line, whatever the file's path and text hold.
func (e *FileError) Error() string {
	return Position{e.Name, e.Line, e.Column}.String() + ": " + printable.Text(e.Err.Error())
}

func (e *FileError) Unwrap() error { return e.Err }

// ErrorList holds every fault that [Load] found, in the order of the files,
// so that all can be fixed in one go. It is never empty.
type ErrorList []*FileError

func (l ErrorList) Error() string {
	var b strings.Builder
	for i, e := range l {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(e.Error())
	}
	return b.String()
}

// Unwrap returns the faults one by one, for [errors.Is] and [errors.As].
func (l ErrorList) Unwrap() []error {
	errs := make([]error, len(l))
	for i, e := range l {
		errs[i] = e
	}
	return errs
}
