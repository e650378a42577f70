package cli

import (
	"errors"
	"fmt"

	"github.com/herokutf/herokutf/statefile"
)

// Advise returns err with advice that only the command can give, and that counts
// more than what err itself advises. nil stays nil.
func Advise(err error, hint string) error {
	if err == nil {
		return nil
	}
	return &advisedError{err, hint}
}

type advisedError struct {
	error
	Hint string
}

func (e *advisedError) Unwrap() error { return e.error }

// AdviseRecovery names the command that ends an interrupted write to the state
// at path, if that is what err is about.
func AdviseRecovery(err error, path string) error {
	if !recoverable(err) {
		return err
	}
	return Advise(err, fmt.Sprintf("Run repair-rename -state %s -recover.", path))
}

// recoverable reports whether an error is about an interrupted write that
// -recover may end.
func recoverable(err error) bool {
	if e, ok := errors.AsType[*statefile.FormatError](err); ok {
		return e.Kind == statefile.KindInterrupted
	}
	if e, ok := errors.AsType[*statefile.WriteError](err); ok {
		return e.Condition == statefile.Torn
	}
	_, ok := errors.AsType[*statefile.InterruptedError](err)
	return ok
}
