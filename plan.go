package herokutf

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/internal/provider"
)

// ErrDestroys is the condition of a plan that would lose a Heroku app or
// add-on; the error that carries it is a [*DestroyError].
var ErrDestroys = errors.New("plan destroys what can't be made again")

// A LossAction says how a plan loses an object.
type LossAction string

const (
	// LossDestroy: the plan destroys the object.
	LossDestroy LossAction = "destroy"
	// LossReplace: the plan destroys the object and creates another one.
	LossReplace LossAction = "replace"
	// LossRecreate: Terraform no longer finds the object on Heroku and
	// plans to create a second one. That is what it makes of an app that was
	// renamed, with provider versions up to 4.
	LossRecreate LossAction = "create again"
)

// A Loss is a Heroku app or add-on that a plan would destroy or replace, or
// create a second time.
type Loss struct {
	Address string // as Terraform spells it; the deposed key follows in parentheses
	Type    string // such as "heroku_addon"
	Action  LossAction
	// Because lists the attributes that force a replacement, such as "app";
	// nil when the plan names none.
	Because []string
}

// String returns the loss on one line.
func (l Loss) String() string {
	s := fmt.Sprintf("%s: %s", l.Address, l.Action)
	if len(l.Because) > 0 {
		s += " (because of " + strings.Join(l.Because, ", ") + ")"
	}
	return s
}

// A DestroyError lists everything irreplaceable that a plan would lose. It
// unwraps to [ErrDestroys].
type DestroyError struct {
	Losses []Loss // in the plan's order, never empty
	Hint   string
}

// Error returns one line a loss.
func (e *DestroyError) Error() string {
	var b strings.Builder
	b.WriteString(ErrDestroys.Error())
	for _, l := range e.Losses {
		b.WriteString("\n  " + l.String())
	}
	return b.String()
}

// Unwrap returns [ErrDestroys].
func (e *DestroyError) Unwrap() error { return ErrDestroys }

// CheckPlan returns a [*DestroyError] when plan, as "terraform show -json"
// prints it, destroys or replaces a Heroku app or add-on, or would create an
// app a second time, unless its address is among allowed; nil otherwise.
// Objects that the plan only takes out of the state ("forget") are not lost.
//
// An allowed address that the plan doesn't lose is no fault: the same list may
// serve several runs.
func CheckPlan(plan *tfjson.Plan, allowed ...string) error {
	var losses []Loss
	vanished := make(map[string]bool)
	for _, drift := range plan.ResourceDrift {
		if drift.Change != nil && drift.Change.Actions.Delete() {
			vanished[drift.Address] = true
		}
	}
	for _, rc := range plan.ResourceChanges {
		entry, ok := provider.Lookup(string(rc.Mode), rc.Type)
		if !ok || !entry.Irreplaceable || rc.Change == nil {
			continue
		}
		loss := Loss{Address: rc.Address, Type: rc.Type}
		switch actions := rc.Change.Actions; {
		case actions.Replace():
			loss.Action = LossReplace
			loss.Because = replacePaths(rc.Change)
		case actions.Delete():
			loss.Action = LossDestroy
		case actions.Create() && vanished[rc.Address]:
			loss.Action = LossRecreate
		default:
			continue
		}
		if rc.DeposedKey != "" {
			loss.Address += " (deposed " + rc.DeposedKey + ")"
		}
		// As Terraform has it, for all there is at the address, or as shown.
		if slices.Contains(allowed, rc.Address) || slices.Contains(allowed, loss.Address) {
			continue
		}
		losses = append(losses, loss)
	}
	if losses == nil {
		return nil
	}
	return &DestroyError{Losses: losses, Hint: destroyHint(losses)}
}

// replacePaths returns the top-level attributes that force a replacement.
func replacePaths(change *tfjson.Change) []string {
	var attrs []string
	for _, path := range change.ReplacePaths {
		steps, ok := path.([]any)
		if !ok || len(steps) == 0 {
			continue
		}
		if attr, ok := steps[0].(string); ok && !slices.Contains(attrs, attr) {
			attrs = append(attrs, attr)
		}
	}
	slices.Sort(attrs)
	return attrs
}

// destroyHint advises by what the losses look like: an app that is created
// again or a child that is replaced because of its app was most likely
// renamed.
func destroyHint(losses []Loss) string {
	for _, l := range losses {
		if l.Action == LossRecreate || slices.Contains(l.Because, "app") || slices.Contains(l.Because, "app_id") {
			return "if the app was renamed on Heroku, repair the state (RepairRename, or herokutf rename) and plan again; if it is meant to go, allow its address (--allow-destroy)"
		}
	}
	return "if this is meant, allow each address (--allow-destroy); else look at what changed in the configuration"
}

// ErrOverridden is the condition of a plan that was made with other values
// than those of [Slugs]; the error that carries it is an [*OverrideError].
var ErrOverridden = errors.New("plan has other values than were resolved")

// An OverrideError lists the variables that a plan has other values for. It
// unwraps to [ErrOverridden].
type OverrideError struct {
	Variables []string // sorted, never empty
	Hint      string
}

func (e *OverrideError) Error() string {
	return ErrOverridden.Error() + ": " + strings.Join(e.Variables, ", ")
}

// Unwrap returns [ErrOverridden].
func (e *OverrideError) Unwrap() error { return ErrOverridden }

// CheckPlan returns an [*OverrideError] when plan, as "terraform show -json"
// prints it, was made with another value for a variable of s, nil otherwise.
// Variables that the configuration doesn't declare are passed over.
//
// Terraform prefers terraform.tfvars, *.auto.tfvars, -var and -var-file to
// environment variables, so a file of an earlier run wins over TF_VAR_ without
// a word. Source: "Variable definition precedence" in Terraform's documentation.
func (s *Slugs) CheckPlan(plan *tfjson.Plan) error {
	var other []string
	for _, a := range s.sorted() {
		if v := plan.Variables[a.Variable]; v != nil && v.Value != a.Value {
			other = append(other, a.Variable)
		}
	}
	if other == nil {
		return nil
	}
	return &OverrideError{Variables: other, Hint: "Terraform prefers variable files, -var and -var-file to the environment: take the variables out there"}
}
