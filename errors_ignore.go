package herokutf

import (
	"errors"
	"fmt"
	"strings"
)

// ErrIgnoreRules: rules that say what to ignore can't be used as they stand.
// See [IgnoreError].
var ErrIgnoreRules = errors.New("unusable ignore rules")

// An IgnoreError holds every fault that [ParseIgnoreRules] or
// [IgnoreRules.Add] has found. It unwraps to [ErrIgnoreRules] and to the
// faults.
type IgnoreError struct {
	Faults []IgnoreFault // never empty; in the order of the text
	Hint   string        // what to do next
}

func (e *IgnoreError) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns ErrIgnoreRules and the faults.
func (e *IgnoreError) Unwrap() []error {
	errs := []error{ErrIgnoreRules}
	for _, f := range e.Faults {
		errs = append(errs, f)
	}
	return errs
}

// An IgnoreFault is one fault of ignore rules.
type IgnoreFault struct {
	// Name is that of the text, or for a rule made in Go its Origin, or else
	// "rule" and its number among the arguments, from 1.
	Name   string
	Line   int // from 1; 0 when the fault isn't in a text
	Column int // from 1, in characters as HCL counts them; 0 as Line
	Err    error
}

func (f IgnoreFault) Error() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %v", f.Name, f.Err)
	}
	return fmt.Sprintf("%s:%d:%d: %v", f.Name, f.Line, f.Column, f.Err)
}

// Unwrap returns Err.
func (f IgnoreFault) Unwrap() error { return f.Err }

func newIgnoreError(faults []IgnoreFault) *IgnoreError {
	return &IgnoreError{
		Faults: faults,
		Hint: "a rule is an ignore block with a line for each argument: address, type, app or id say which objects, reason why; " +
			"attribute, verdict and expires are optional",
	}
}
