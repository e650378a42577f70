package terraform

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/statefile"
)

// Conditions that callers match with [errors.Is].
var (
	// ErrUninitialized says that a folder's configuration names a backend and
	// terraform init hasn't been run, so that nothing says where the state is. A
	// [FolderError] says which backend.
	ErrUninitialized = errors.New("folder isn't initialized")
	// ErrBackendChanged says that the configuration names another backend than the
	// one that the folder was initialized with. A [FolderError] says which.
	ErrBackendChanged = errors.New("backend was changed since the folder was initialized")
	// ErrWorkspace says that the selected workspace can't be worked in, or is
	// another one than it was. A [FolderError] says which.
	ErrWorkspace = errors.New("wrong workspace")
	// ErrNoState says that there is no state yet, or none any more. A
	// [FolderError] says where.
	ErrNoState = errors.New("no state")
	// ErrNoTerraform says that neither terraform nor tofu was found.
	ErrNoTerraform = errors.New("no terraform command")
	// ErrCommand says that terraform ran and failed, or was ended. A
	// [CommandError] says at what.
	ErrCommand = errors.New("terraform failed")
	// ErrNoPlan says that no plan of a state can be made. A [NoPlanError] says
	// why.
	ErrNoPlan = errors.New("no plan can be made")
	// ErrConflict says that others wrote the state each time it was to be written.
	// Nothing of theirs was overwritten. An [UpdateError] says more.
	ErrConflict = errors.New("others keep writing the state")
	// ErrOverwritten says that the state was written, and that another program
	// wrote over it, as happens where a backend has no locks. An [UpdateError] has
	// the backup.
	ErrOverwritten = errors.New("another program has overwritten the state")
	// ErrNotWritten says that terraform reported that it wrote the state, and
	// that the backend still has the old one. An [UpdateError] says more.
	ErrNotWritten = errors.New("state wasn't written")
	// ErrUnverified says that the state couldn't be read again after it was
	// written, or was to be. An [UpdateError] has the backup.
	ErrUnverified = errors.New("unknown whether the state was written")
	// ErrMovedOn says that a state was written again since the change that is to be
	// undone. A [statefile.MovedOnError] says how far.
	ErrMovedOn = statefile.ErrMovedOn
)

// FolderError says what is wrong with a configuration's folder, or with where its
// state is. It unwraps to the condition, such as [ErrUninitialized] or
// [ErrNoState], or to what the system says.
type FolderError struct {
	Dir  string // as Location.Dir, or as given to Open when there is none
	Hint string // what to do, in whole sentences
	Err  error
}

func (e *FolderError) Error() string {
	return fmt.Sprintf("folder %s: %v", printable.Path(e.Dir), e.Err)
}

func (e *FolderError) Unwrap() error { return e.Err }

// CommandError says which terraform command failed and what it reported. It
// unwraps to [ErrCommand]; to the cause if the context ended it; and to
// [statefile.ErrLocked] if the state's lock couldn't be had.
type CommandError struct {
	Command string // such as "terraform state pull"; no more of its arguments
	State   string // which state was meant, as Location.String says it; "" for none of the user's
	Code    int    // exit code; -1 if a signal ended the command or it didn't start
	// Diagnostics are the errors that the command reported, one line each, without
	// the secrets of the environment and the backend's record; nil when it reported
	// none. Of a plan they are the summaries alone, since the rest may hold values.
	Diagnostics []string
	Hint        string // what to do, in whole sentences
	Err         error  // why the command ended, unless it did so by itself; nil otherwise

	locked, wantsInit, noJSON bool // what else it reported, which may hold secrets
}

func (e *CommandError) Error() string {
	var b strings.Builder
	b.WriteString(e.Command)
	if e.State != "" {
		b.WriteString(", " + e.State)
	}
	switch {
	case e.Err != nil:
		fmt.Fprintf(&b, ": %v", e.Err)
	case len(e.Diagnostics) == 0 && e.Code < 0:
		b.WriteString(": ended by a signal")
	case len(e.Diagnostics) == 0:
		b.WriteString(": exit code " + strconv.Itoa(e.Code))
	}
	if len(e.Diagnostics) > 0 {
		b.WriteString(": " + strings.Join(e.Diagnostics, "; "))
	}
	return b.String()
}

// Unwrap returns [ErrCommand] and what else is known of the cause.
func (e *CommandError) Unwrap() []error {
	errs := []error{ErrCommand}
	if e.locked {
		errs = append(errs, statefile.ErrLocked)
	}
	if e.Err != nil {
		errs = append(errs, e.Err)
	}
	return errs
}

// A NoPlanReason says why no plan can be made.
type NoPlanReason string

// The reasons for which no plan can be made.
const (
	NoTerraform     NoPlanReason = "no-terraform"     // no terraform or tofu was found
	NotInitialized  NoPlanReason = "not-initialized"  // terraform init hasn't been run in the folder
	NoConfiguration NoPlanReason = "no-configuration" // the folder holds no configuration
	InitFailed      NoPlanReason = "init-failed"      // providers, modules or a folder to plan in can't be had
	PlanFailed      NoPlanReason = "plan-failed"      // terraform plan failed, which only Undo puts up with
)

// NoPlanError says why no plan of a state can be made. It unwraps to [ErrNoPlan]
// and the cause.
type NoPlanError struct {
	Dir    string // of the configuration
	Reason NoPlanReason
	Hint   string // what to do, in whole sentences
	Err    error  // the cause
}

func (e *NoPlanError) Error() string {
	return fmt.Sprintf("plan in %s: %v: %v", printable.Path(e.Dir), ErrNoPlan, e.Err)
}

// Unwrap returns [ErrNoPlan] and the cause.
func (e *NoPlanError) Unwrap() []error { return []error{ErrNoPlan, e.Err} }

// UpdateError says what became of a state that was to be written. It unwraps to
// the condition, such as [ErrConflict] or [ErrOverwritten], and to the cause.
type UpdateError struct {
	State  string // as Location.String says it
	Backup string // path of the copy of the old state; "" when there is none
	Hint   string // what to do, in whole sentences
	Err    error
}

func (e *UpdateError) Error() string { return fmt.Sprintf("write %s: %v", e.State, e.Err) }

func (e *UpdateError) Unwrap() error { return e.Err }
