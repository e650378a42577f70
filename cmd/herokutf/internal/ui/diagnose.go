package ui

import (
	"cmp"
	"reflect"
)

// Advise returns err with advice that counts more than what err itself advises.
// nil stays nil.
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

// maxHints is how many pieces of advice one diagnostic gives.
const maxHints = 10

// Diagnose makes a diagnostic of err, with the advice on each of its faults. Of
// an error and what it wraps, the outermost advice counts, which knows most of
// what was tried. advise, which may be nil, is asked about each of them before
// the error itself; "" is no advice.
func Diagnose(err error, advise func(error) string) Diagnostic {
	d := Diagnostic{Message: err.Error()}
	said := make(map[string]bool)
	walk(err, func(err error) (deeper bool) {
		hint := ""
		if advise != nil {
			hint = advise(err)
		}
		hint = cmp.Or(hint, hintOf(err))
		if hint != "" && !said[hint] && len(said) < maxHints {
			said[hint] = true
			d.Hints = append(d.Hints, hint)
		}
		return hint == ""
	})
	return d
}

// walk visits err and what it wraps, outermost first, as far as visit wants to
// go deeper; errors that are joined are visited each for itself.
func walk(err error, visit func(error) bool) {
	deeper := visit(err)
	for {
		switch wrapped := err.(type) {
		case interface{ Unwrap() error }:
			if err = wrapped.Unwrap(); err == nil {
				return
			}
			deeper = deeper && visit(err)
		case interface{ Unwrap() []error }:
			for _, err := range wrapped.Unwrap() {
				walk(err, visit)
			}
			return
		default:
			return
		}
	}
}

// hintOf returns the advice that err itself carries, in a method or a field
// named Hint. Which types of the library have one is the library's business,
// so the field is looked up by its name.
func hintOf(err error) string {
	if err, ok := err.(interface{ Hint() string }); ok {
		return err.Hint()
	}
	v := reflect.Indirect(reflect.ValueOf(err))
	if v.Kind() != reflect.Struct {
		return ""
	}
	f := v.FieldByName("Hint")
	if f.Kind() != reflect.String { // or there is none
		return ""
	}
	return f.String()
}
