package herokutf

import (
	"errors"
	"fmt"
	"strings"

	"github.com/herokutf/herokutf/platform"
)

// The conditions that [RepairRename], [UpgradeAppIDs], [FindRenames],
// [CheckRenames] and [LookupAppIDs] report. Each comes with a type that holds
// the details and unwraps to it.
var (
	// ErrBadRename: a rename can't be meant as it is given, by itself or
	// beside the others of the call. See [RenameError].
	ErrBadRename = errors.New("bad rename")

	// ErrAppNotInState: the state refers to the app neither by the old name
	// nor by the new one. See [AppNotInStateError].
	ErrAppNotInState = errors.New("app not in the state")

	// ErrBothInState: the state holds the old and the new name as two
	// different apps. See [BothInStateError].
	ErrBothInState = errors.New("both names are in the state")

	// ErrAmbiguousApp: a name stands for more than one app. See
	// [AmbiguousAppError].
	ErrAmbiguousApp = errors.New("app is ambiguous")

	// ErrFlatState: an instance has the flat attributes of Terraform 0.11.
	// See [FlatStateError].
	ErrFlatState = errors.New("state has flat attributes")

	// ErrUnknownAppID: an app's UUID is nowhere to be found. See
	// [UnknownAppIDError].
	ErrUnknownAppID = errors.New("app has no known UUID")

	// ErrNotSameApp: the new name belongs to another app than the one in
	// the state. See [NotSameAppError].
	ErrNotSameApp = errors.New("not the same app")

	// ErrNoSuchApp: no app has the new name. See [NoSuchAppError].
	ErrNoSuchApp = errors.New("no such app")

	// ErrAppUnreachable: the API doesn't show an app of the state. See
	// [AppUnreachableError].
	ErrAppUnreachable = errors.New("app can't be looked up")
)

// A RenameError says why a rename can't be meant as it is given. It unwraps to
// [ErrBadRename].
type RenameError struct {
	Rename Rename
	Reason string // such as `"Old_Name" is no app name`
}

func (e *RenameError) Error() string {
	return fmt.Sprintf("rename %q to %q: %s", e.Rename.Old, e.Rename.New, e.Reason)
}

func (e *RenameError) Unwrap() error { return ErrBadRename }

// An AppNotInStateError says that a state has nothing to do with a rename, and
// what apps it does hold. It unwraps to [ErrAppNotInState].
type AppNotInStateError struct {
	Rename Rename
	// Known are the names the state knows apps by, sorted; nil if there are
	// none.
	Known []string
	// OtherName is the old or the new name when the state has it, but with
	// the UUIDs OtherIDs, none of which is Rename.ID; else "" and nil.
	OtherName string
	OtherIDs  []string
}

func (e *AppNotInStateError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "rename %q to %q: ", e.Rename.Old, e.Rename.New)
	switch {
	case e.OtherIDs != nil:
		fmt.Fprintf(&b, "the app %q of the state is %s, not %s", e.OtherName, strings.Join(e.OtherIDs, " and "), e.Rename.ID)
	case e.Known == nil:
		b.WriteString("the state refers to no app by name")
	default:
		fmt.Fprintf(&b, "the state has neither; it has %s", quoteAll(e.Known))
	}
	return b.String()
}

func (e *AppNotInStateError) Unwrap() error { return ErrAppNotInState }

// A BothInStateError says that a state holds both names of a rename, with
// nothing to show that they are one app. Renaming would merge two apps. It
// unwraps to [ErrBothInState].
type BothInStateError struct {
	Rename       Rename
	OldAt, NewAt []string // addresses, in document order
}

func (e *BothInStateError) Error() string {
	return fmt.Sprintf("rename %q to %q: the state holds both as different apps, at %s and at %s",
		e.Rename.Old, e.Rename.New, strings.Join(e.OldAt, ", "), strings.Join(e.NewAt, ", "))
}

func (e *BothInStateError) Unwrap() error { return ErrBothInState }

// An AmbiguousAppError says that a state, or a state and the caller, know
// several apps by one name. It unwraps to [ErrAmbiguousApp].
type AmbiguousAppError struct {
	Name      string
	IDs       []string // the apps' UUIDs, sorted
	Addresses []string // of instances that refer to one of them by name alone; nil if none does
}

func (e *AmbiguousAppError) Error() string {
	s := fmt.Sprintf("app %q is ambiguous: %s", e.Name, strings.Join(e.IDs, " and "))
	if e.Addresses != nil {
		s += "; can't tell which is meant at " + strings.Join(e.Addresses, ", ")
	}
	return s
}

func (e *AmbiguousAppError) Unwrap() error { return ErrAmbiguousApp }

// A FlatStateError lists the instances whose attributes are flat: keys like
// "config_vars.0.FOO" and nothing but strings as values, as Terraform up to
// 0.11 writes them. It unwraps to [ErrFlatState].
type FlatStateError struct {
	Addresses []string // in document order
	Hint      string
}

func (e *FlatStateError) Error() string {
	return "state has the flat attributes of Terraform 0.11 at " + strings.Join(e.Addresses, ", ")
}

func (e *FlatStateError) Unwrap() error { return ErrFlatState }

// An UnknownAppIDError says that nothing tells which app a name in the state
// stands for. It unwraps to [ErrUnknownAppID].
type UnknownAppIDError struct {
	Name      string
	Addresses []string // where the name stands, in document order
	Hint      string
}

func (e *UnknownAppIDError) Error() string {
	return fmt.Sprintf("app %q has no known UUID; it stands at %s", e.Name, strings.Join(e.Addresses, ", "))
}

func (e *UnknownAppIDError) Unwrap() error { return ErrUnknownAppID }

// A NotSameAppError says that the app that has the new name of a rename isn't
// the app that the state means by the old one. It unwraps to [ErrNotSameApp].
type NotSameAppError struct {
	Rename  Rename
	StateID string // UUID of the app in the state
	LiveID  string // UUID of the app that has the new name
	// LiveName is what the app of the state is called now; "" if the API
	// doesn't show it.
	LiveName string
}

func (e *NotSameAppError) Error() string {
	s := fmt.Sprintf("rename %q to %q: the state's app is %s and %q is %s",
		e.Rename.Old, e.Rename.New, e.StateID, e.Rename.New, e.LiveID)
	if e.LiveName != "" {
		s += fmt.Sprintf("; the state's app is called %q now", e.LiveName)
	}
	return s
}

func (e *NotSameAppError) Unwrap() error { return ErrNotSameApp }

// A NoSuchAppError says that no app has the new name of a rename. It unwraps
// to [ErrNoSuchApp] and to the API's error.
type NoSuchAppError struct {
	Rename Rename
	// LiveName is what the app of the state is called now; "" if the API
	// doesn't show it.
	LiveName string
	Err      error
}

func (e *NoSuchAppError) Error() string {
	s := fmt.Sprintf("rename %q to %q: no app %q", e.Rename.Old, e.Rename.New, e.Rename.New)
	if e.LiveName != "" {
		s += fmt.Sprintf("; the state's app is called %q", e.LiveName)
	}
	return s + ": " + e.Err.Error()
}

func (e *NoSuchAppError) Unwrap() []error { return []error{ErrNoSuchApp, e.Err} }

// An AppUnreachableError says that the API doesn't show an app, and why. It
// unwraps to [ErrAppUnreachable] and to the API's error, so errors.Is with
// [platform.ErrForbidden] and [platform.ErrNotFound] tells the reasons apart.
type AppUnreachableError struct {
	Name string // in the state; "" when it isn't known there by name
	ID   string // UUID; "" when the app was asked for by name
	Err  error
	Hint string
}

func (e *AppUnreachableError) Error() string {
	app := fmt.Sprintf("app %q", e.Name)
	switch {
	case e.ID == "":
	case e.Name == "":
		app = "app " + e.ID
	default:
		app += " (" + e.ID + ")"
	}
	switch {
	case errors.Is(e.Err, platform.ErrForbidden):
		app += " can't be seen with this account"
	case errors.Is(e.Err, platform.ErrNotFound):
		app += " is gone: deleted, or out of this account's sight, which the API doesn't tell apart"
	}
	return app + ": " + e.Err.Error()
}

func (e *AppUnreachableError) Unwrap() []error { return []error{ErrAppUnreachable, e.Err} }

func quoteAll(names []string) string {
	var b strings.Builder
	for i, name := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", name)
	}
	return b.String()
}
