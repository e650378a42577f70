package herokutf

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/near"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// The conditions that [RepairRename], [UpgradeAppIDs], [FindRenames],
// [SurveyNames] and [LookupAppIDs] report. Each comes as a [*RenameError],
// which says here which of its fields are set beside Err and Hint.
var (
	// ErrBadRename: a rename can't be meant as it is given, by itself or
	// beside the others of the call. Rename.
	ErrBadRename = errors.New("bad rename")

	// ErrAppNotInState: the state refers to the app neither by the old name
	// nor by the new one, or only to another app of that name, or doesn't have
	// the name for which a UUID was given. Rename, or Name for a UUID's; Known
	// and Near, or, of the other app, Name and IDs.
	ErrAppNotInState = errors.New("app not in the state")

	// ErrBothInState: the state holds the old and the new name, with nothing
	// to show that they are one app. Renaming would merge two apps. Rename,
	// Addresses.
	ErrBothInState = errors.New("both names are in the state")

	// ErrAmbiguousApp: the state, or the state and the caller, know several
	// apps by one name. Name, IDs; Addresses of what refers to one of them by
	// name alone.
	ErrAmbiguousApp = errors.New("app is ambiguous")

	// ErrFlatState: instances have flat attributes, with keys like
	// "config_vars.0.FOO" and nothing but strings as values, as Terraform up
	// to 0.11 writes them. Addresses.
	ErrFlatState = errors.New("state has flat attributes")

	// ErrUnknownAppID: nothing says which app a name in the state stands
	// for. Name, Addresses.
	ErrUnknownAppID = errors.New("app has no known UUID")

	// ErrNotSameApp: the new name belongs to another app than the one in the
	// state. Rename; IDs, that of the state's app first; LiveName.
	ErrNotSameApp = errors.New("not the same app")

	// ErrNoSuchApp: no app has the new name. Rename, LiveName, Cause.
	ErrNoSuchApp = errors.New("no such app")

	// ErrAppUnreachable: the API doesn't show an app of the state. Name,
	// unless it isn't known there by name; IDs, unless the app was asked for
	// by name; Cause, which is [platform.ErrForbidden] or
	// [platform.ErrNotFound].
	ErrAppUnreachable = errors.New("app can't be looked up")
)

// A RenameError says why an app can't be renamed in a state, or why it isn't
// known whether it was renamed. It unwraps to Err and Cause.
type RenameError struct {
	Err    error  // one of the conditions above, which say what else is set
	Rename Rename // as it was given

	Name      string   // the app's name in the state
	IDs       []string // UUIDs of apps, sorted unless the condition says otherwise
	Addresses []string // of instances, in document order
	LiveName  string   // what the app of the state is called on Heroku; "" if the API doesn't show it

	Known []string // the names that the state knows apps by, sorted; nil if there are none
	Near  []string // those of them that are spelled like the one given, the nearest first, three at the most

	Cause error  // the API's error
	Hint  string // what to do next; "" if the message is enough

	reason string
}

// Error says which rename or which app is at fault, and why.
func (e *RenameError) Error() string {
	s := e.reason
	if s == "" {
		s = e.Err.Error()
	}
	if e.Rename.Old != "" || e.Rename.New != "" {
		s = fmt.Sprintf("rename %q to %q: %s", e.Rename.Old, e.Rename.New, s)
	}
	s = printable.Text(s)
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns Err and Cause.
func (e *RenameError) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.Cause}
}

// needFile refuses a state that isn't there.
func needFile(op string, f *statefile.File) error {
	if f == nil {
		return errors.New(op + ": the state is nil")
	}
	return nil
}

// needBoth refuses a client or a state that isn't there.
func needBoth(op string, c *platform.Client, f *statefile.File) error {
	if c == nil {
		return errors.New(op + ": the client is nil")
	}
	return needFile(op, f)
}

func badRename(r Rename, reason string) error {
	return &RenameError{Err: ErrBadRename, Rename: r, reason: reason}
}

// manyNames is from how many names on a message doesn't list them all.
const manyNames = 10

// joinedErrors are errors of one call, of which the message lists some.
type joinedErrors struct{ all []error }

// join returns the errors that aren't nil as one; nil if there is none. Unlike
// that of [errors.Join], its message has an end.
func join(errs ...error) error {
	var all []error
	for _, err := range errs {
		switch err := err.(type) {
		case nil:
		case *joinedErrors:
			all = append(all, err.all...)
		default:
			all = append(all, err)
		}
	}
	if all == nil {
		return nil
	}
	return &joinedErrors{all}
}

// Error has a line for each of the first errors, and one for all others.
func (e *joinedErrors) Error() string {
	var b strings.Builder
	for i, err := range e.all[:min(len(e.all), manyNames)] {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(err.Error())
	}
	if more := len(e.all) - manyNames; more > 0 {
		fmt.Fprintf(&b, "\nand %d more of %d", more, len(e.all))
	}
	return b.String()
}

// Unwrap returns all of them.
func (e *joinedErrors) Unwrap() []error { return e.all }

// someOf lists addresses, or others of which there may be many, with a count of
// those left out.
func someOf(list []string) string {
	if len(list) <= manyNames {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:manyNames], ", "), len(list)-manyNames)
}

// appNotInState says that a state, which knows apps by the names known, has
// nothing to do with a rename.
func appNotInState(r Rename, known []string) error {
	e := &RenameError{Err: ErrAppNotInState, Rename: r, Known: known, Near: near.Names(r.Old, known)}
	if e.Near == nil {
		e.Near = near.Names(r.New, known)
	}
	switch {
	case known == nil:
		e.reason = "the state refers to no app by name"
	case len(known) <= manyNames:
		e.reason = "the state has neither; it has " + quoteAll(known)
	default:
		e.reason = fmt.Sprintf("the state has neither among its %d apps", len(known))
	}
	if e.Near != nil {
		e.Hint = "Did you mean " + quoteAny(e.Near) + "?"
	}
	return e
}

// otherAppInState says that a state has a name of a rename, but for other apps
// than the one that is renamed.
func otherAppInState(r Rename, name string, ids []string) error {
	return &RenameError{Err: ErrAppNotInState, Rename: r, Name: name, IDs: ids,
		reason: fmt.Sprintf("the app %q of the state is %s, not %s", name, strings.Join(ids, " and "), r.ID)}
}

func bothInState(r Rename, oldAt, newAt []string) error {
	return &RenameError{Err: ErrBothInState, Rename: r, Addresses: slices.Concat(oldAt, newAt),
		reason: fmt.Sprintf("the state holds both as different apps, at %s and at %s", someOf(oldAt), someOf(newAt))}
}

func ambiguousApp(name string, ids, addresses []string) error {
	e := &RenameError{Err: ErrAmbiguousApp, Name: name, IDs: ids, Addresses: addresses,
		reason: fmt.Sprintf("app %q is ambiguous: %s", name, strings.Join(ids, " and "))}
	if addresses != nil {
		e.reason += "; nothing says which is meant at " + someOf(addresses)
	}
	return e
}

func flatState(addresses []string) error {
	return &RenameError{Err: ErrFlatState, Addresses: addresses,
		reason: "state has the flat attributes of Terraform 0.11 at " + someOf(addresses),
		Hint: "Repair renames in the state as it is first. Then let Terraform 0.12 or newer rewrite it with provider 2 to 4: " +
			"terraform apply -refresh-only (terraform refresh before 0.15.4). Then convert it."}
}

func unknownAppID(name string, addresses []string, hint string) *RenameError {
	return &RenameError{Err: ErrUnknownAppID, Name: name, Addresses: addresses, Hint: hint,
		reason: fmt.Sprintf("app %q has no known UUID; it stands at %s", name, someOf(addresses))}
}

func notSameApp(r Rename, stateID, liveID, liveName string) error {
	e := &RenameError{Err: ErrNotSameApp, Rename: r, IDs: []string{stateID, liveID}, LiveName: liveName,
		reason: fmt.Sprintf("the state's app is %s and %q is %s", stateID, r.New, liveID)}
	if liveName != "" {
		e.reason += fmt.Sprintf("; the state's app is called %q now", liveName)
	}
	e.Hint = hintLiveName(r, liveName)
	return e
}

func noSuchApp(r Rename, liveName string, cause error) error {
	e := &RenameError{Err: ErrNoSuchApp, Rename: r, LiveName: liveName, Cause: cause, reason: fmt.Sprintf("no app %q", r.New)}
	if liveName != "" {
		e.reason += fmt.Sprintf("; the state's app is called %q", liveName)
	}
	e.Hint = hintLiveName(r, liveName)
	return e
}

// hintLiveName advises by what the app of the state is called now.
func hintLiveName(r Rename, liveName string) string {
	switch liveName {
	case "":
		return "Look up what the app is called now, and give that as the new name."
	case r.Old:
		return "The app has its old name still: nothing is to be renamed."
	}
	return fmt.Sprintf("Give %q as the new name.", liveName)
}

// unreachable says what a failed look-up of an app, by its UUID or by its name,
// means. Failures that say nothing about the app stay as they are.
func unreachable(name, id string, err error) error {
	e := &RenameError{Err: ErrAppUnreachable, Name: name, Cause: err, reason: fmt.Sprintf("app %q", name)}
	switch {
	case id == "":
	case name == "":
		e.reason = "app " + id
	default:
		e.reason += " (" + id + ")"
	}
	if id != "" {
		e.IDs = []string{id}
	}
	switch {
	case errors.Is(err, platform.ErrForbidden):
		e.reason += " can't be seen with this account"
		e.Hint = "Use a token of an account that has access to the app."
		if id == "" {
			e.Hint += " After a rename the name may belong to somebody else."
		}
	case errors.Is(err, platform.ErrNotFound):
		e.reason += " is gone: deleted, or out of this account's sight, which the API answers alike"
		e.Hint = "If the app is deleted, take it out of the state (terraform state rm). If it isn't, use a token of an account that has access to it."
		if id == "" {
			e.Hint = "If the app was renamed, give the rename. If it is deleted, take it out of the state (terraform state rm)."
		}
	default:
		return err
	}
	return e
}

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(quoted, ", ")
}

// quoteAny lists names to choose from.
func quoteAny(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return quoteAll(names)
	}
	return quoteAll(names[:last]) + " or " + quoteAll(names[last:])
}
