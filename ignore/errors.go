package ignore

import (
	"errors"
	"fmt"
	"strings"
)

// ErrRules: rules that say what to ignore can't be used as they stand.
// See [Error].
var ErrRules = errors.New("unusable ignore rules")

// An Error holds every fault that [Parse] or
// [Rules.Add] has found. It unwraps to [ErrRules] and to the
// faults.
type Error struct {
	Faults []Fault // never empty; in the order of the text
	Hint   string  // what to do next
}

func (e *Error) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns ErrRules and the faults.
func (e *Error) Unwrap() []error {
	errs := []error{ErrRules}
	for _, f := range e.Faults {
		errs = append(errs, f)
	}
	return errs
}

// A Fault is one fault of ignore rules.
type Fault struct {
	// Name is that of the text, or for a rule made in Go its Origin, or else
	// "rule" and its number among the arguments, from 1.
	Name   string
	Line   int // from 1; 0 when the fault isn't in a text
	Column int // from 1, in characters as HCL counts them; 0 as Line
	Err    error
}

func (f Fault) Error() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %v", f.Name, f.Err)
	}
	return fmt.Sprintf("%s:%d:%d: %v", f.Name, f.Line, f.Column, f.Err)
}

// Unwrap returns Err.
func (f Fault) Unwrap() error { return f.Err }

func newError(faults []Fault) *Error {
	return &Error{
		Faults: faults,
		Hint: "a rule is an ignore block with a line for each argument: address, type, app or id say which objects, reason why; " +
			"attribute, verdict and expires are optional",
	}
}
