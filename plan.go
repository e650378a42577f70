package herokutf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/internal/glob"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
)

// What can be wrong with a plan. Each comes as a [*PlanError].
var (
	// ErrDestroys: the plan destroys or replaces objects, or does something
	// with them that isn't known to be harmless.
	ErrDestroys = errors.New("plan destroys or replaces objects")

	// ErrUnsettled: the plan of a state that was put right destroys, replaces or
	// creates Heroku objects all the same.
	ErrUnsettled = errors.New("plan destroys, replaces or creates Heroku objects")

	// ErrOverridden: the plan was made with other values than those of
	// [Slugs].
	ErrOverridden = errors.New("plan has other values than were resolved")

	// ErrNotPlan: what was to be read as a plan is none.
	ErrNotPlan = errors.New("not a plan as JSON")
)

// What a plan does to an object of a [Destruction]. What none of these says is
// spelled as the plan has it, its actions with commas between them: later versions
// of Terraform may have actions that nobody knows yet.
const (
	// ActionDestroy: the plan destroys the object.
	ActionDestroy = "destroy"
	// ActionReplace: the plan destroys the object and creates another one.
	ActionReplace = "replace"
	// ActionRecreate: Terraform no longer finds the object on Heroku and
	// plans to create a second one. That is what it makes of an app that was
	// renamed, with provider versions up to 4.
	ActionRecreate = "create again"
	// ActionAbandon: the plan creates another object, and takes the one that
	// there is out of the state. That stays on Heroku without Terraform, and
	// all that refers to it goes on with an empty one. It is what
	// "lifecycle { destroy = false }" makes of a replacement.
	ActionAbandon = "replace and forget"
	// ActionCreate: the plan creates an object that isn't in the state. That is what
	// [CheckPlanSettled] refuses, and nothing else.
	ActionCreate = "create"
)

// A Destruction is an object that a plan would destroy or replace, create a
// second time, or do something to that isn't known to be harmless.
type Destruction struct {
	Address string // as Terraform spells it; the deposed key follows in parentheses
	Type    string // such as "heroku_addon"
	Action  string // ActionDestroy and so on, or the plan's own words
	// Because lists the attributes that force a replacement, such as "app";
	// nil when the plan names none.
	Because []string
}

// A PlanError says what is wrong with a plan. It unwraps to Err.
type PlanError struct {
	Err error // ErrDestroys, ErrUnsettled, ErrOverridden, or ErrNotPlan with the details

	// Destructions are what the plan would destroy, in its order: of
	// ErrDestroys and ErrUnsettled, never empty there.
	Destructions []Destruction

	// Variables are those that the plan has other values for, sorted: of
	// ErrOverridden, never empty there.
	Variables []string

	Hint string // what to do next
}

// Error returns one line, and for each destruction one more.
func (e *PlanError) Error() string {
	var b strings.Builder
	b.WriteString(e.Err.Error())
	if len(e.Variables) > 0 {
		b.WriteString(": " + strings.Join(e.Variables, ", "))
	}
	for _, d := range e.Destructions {
		fmt.Fprintf(&b, "\n  %s: %s", printable.Text(d.Address), d.Action)
		if len(d.Because) > 0 {
			b.WriteString(" (because of " + strings.Join(d.Because, ", ") + ")")
		}
	}
	return b.String()
}

// Unwrap returns Err.
func (e *PlanError) Unwrap() error { return e.Err }

// errNilPlan is for a plan that isn't there.
var errNilPlan = errors.New("check plan: the plan is nil")

// ParsePlan reads a plan as "terraform show -json PLANFILE" or "tofu show -json
// PLANFILE" prints it. Its values hold numbers as json.Number, so that none is
// rounded. name, such as the plan file's, serves messages only.
//
// Whatever else Terraform writes is refused, with advice: a state, in a file or
// as "terraform show -json" prints one, the plan file itself, and the messages of
// "terraform plan -json". The error is a [*PlanError] with [ErrNotPlan].
//
// Source: "JSON Output Format" in Terraform's documentation, formats 0.1 to 1.x.
func ParsePlan(name string, data []byte) (*tfjson.Plan, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // as PowerShell's UTF-8 has it
	if reason, hint := notPlan(data); reason != "" {
		return nil, newNotPlan(name, reason, hint)
	}
	var plan tfjson.Plan
	plan.UseJSONNumber(true)
	if err := json.Unmarshal(data, &plan); err != nil {
		return nil, newNotPlan(name, printable.Line(err.Error(), nil), showPlan)
	}
	return &plan, nil
}

const showPlan = "Give what \"terraform show -json PLANFILE\" prints."

func newNotPlan(name, reason, hint string) *PlanError {
	return &PlanError{Err: fmt.Errorf("read the plan %s: %w: %s", name, ErrNotPlan, reason), Hint: hint}
}

// notPlan returns what data is instead of a plan as JSON, and what to do about
// it; "" if it may be one.
func notPlan(data []byte) (reason, hint string) {
	text := bytes.TrimSpace(data)
	switch {
	case len(text) == 0:
		return "it is empty", showPlan
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return "it is the plan file itself", "Run terraform show -json on the file, and give what it prints."
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return "it is UTF-16, as > in PowerShell writes it", "Write it as UTF-8: terraform show -json PLANFILE | Out-File -Encoding utf8 FILE."
	case text[0] != '{':
		return "it isn't a JSON object", showPlan
	}
	var doc struct {
		FormatVersion json.RawMessage `json:"format_version"`
		Level         json.RawMessage `json:"@level"`
		Lineage       json.RawMessage `json:"lineage"`
		Values        json.RawMessage `json:"values"`
		Planned       json.RawMessage `json:"planned_values"`
		Changes       json.RawMessage `json:"resource_changes"`
		Outputs       json.RawMessage `json:"output_changes"`
		Variables     json.RawMessage `json:"variables"`
		Configuration json.RawMessage `json:"configuration"`
	}
	// The first value is enough: plan -json prints one a line.
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&doc); err != nil {
		return "", "" // what is wrong with it is for the parser to say
	}
	planned := doc.Planned != nil || doc.Changes != nil || doc.Outputs != nil || doc.Variables != nil || doc.Configuration != nil
	switch {
	case doc.Level != nil:
		return "it is what \"terraform plan -json\" prints, messages for a program", "Write the plan to a file, terraform plan -out=PLANFILE, and give what terraform show -json PLANFILE prints."
	case doc.Lineage != nil && doc.FormatVersion == nil:
		return "it is a state", showPlan
	case doc.FormatVersion == nil:
		return "it has no format_version", showPlan
	case doc.Values != nil || !planned:
		return "it is a state as \"terraform show -json\" prints it", "Name the plan file: terraform show -json PLANFILE."
	}
	return "", ""
}

// CheckPlan returns a [*PlanError] with [ErrDestroys] when plan does anything to a
// Heroku app or add-on that isn't known to be harmless, unless its address is
// allowed; nil otherwise. Harmless are no change, a read, an update in place, a
// creation, unless the object was there and Terraform no longer finds it, and taking
// it out of the state ("forget"), which leaves it on Heroku. Objects of other types
// may be destroyed; [CheckPlanStrict] is for plans that nobody has looked at.
// [ParsePlan] reads plans.
//
// allowed are addresses, in which * stands for any text and ? for any one character.
// One that the plan doesn't destroy is no fault: the same list may serve several
// runs. A nil plan, and a pattern that ends with a lone backslash, are errors.
func CheckPlan(plan *tfjson.Plan, allowed ...string) error {
	return checkPlan(plan, destroysApps, allowed)
}

// CheckPlanStrict is [CheckPlan] that also refuses whatever destroys or replaces an
// object of any other type, of any provider: a space, a domain, another cloud's
// database, and whatever actions of such an object aren't known. What passes is that a
// release, a build or a slug is replaced: a deployment does nothing else, and the
// provider takes none of them off Heroku.
func CheckPlanStrict(plan *tfjson.Plan, allowed ...string) error {
	return checkPlan(plan, destroysAny, allowed)
}

// CheckPlanSettled returns a [*PlanError] with [ErrUnsettled] when plan destroys,
// replaces or creates a Heroku object of any type, or does to one what isn't known to be
// harmless. It is for the plan of a state that was put right, by a repair of renames or
// by taking in drift, before that is written: with the state right, and the
// configuration with it, there is nothing of the kind left to do. Updates in place pass,
// and so does what happens to objects of other providers. As with [CheckPlanStrict] a
// release, a build or a slug may be replaced. A nil plan is an error.
func CheckPlanSettled(plan *tfjson.Plan) error {
	return checkPlan(plan, touchesHeroku, nil)
}

// A planRule says what a plan may not do.
type planRule int

const (
	destroysApps  planRule = iota // apps and add-ons
	destroysAny                   // whatever there is
	touchesHeroku                 // Heroku objects, and it may create none
)

func checkPlan(plan *tfjson.Plan, rule planRule, allowed []string) error {
	if plan == nil {
		return errNilPlan
	}
	allows, err := allowance(allowed)
	if err != nil {
		return err
	}
	var destroyed []Destruction
	vanished := make(map[string]bool)
	for _, drift := range plan.ResourceDrift {
		if drift != nil && drift.Change != nil && drift.Change.Actions.Delete() {
			vanished[drift.Address] = true
		}
	}
	for _, rc := range plan.ResourceChanges {
		if rc == nil || rc.Change == nil {
			continue
		}
		d := Destruction{Address: rc.Address, Type: rc.Type, Action: judged(rc.Change.Actions)}
		entry, _ := provider.Lookup(string(rc.Mode), rc.Type)
		switch irreplaceable := entry != nil && entry.Irreplaceable; {
		case rule == destroysApps && !irreplaceable, rule == touchesHeroku && !strings.HasPrefix(rc.Type, "heroku_"):
			continue
		case d.Action == "" && irreplaceable && rc.Change.Actions.Create() && vanished[rc.Address]:
			d.Action = ActionRecreate
		case d.Action == "" && rule == touchesHeroku && rc.Change.Actions.Create():
			d.Action = ActionCreate
		case d.Action == "":
			continue
		case d.Action == ActionReplace || d.Action == ActionAbandon:
			if entry != nil && entry.Kept() {
				continue
			}
			d.Because = replacePaths(rc.Change)
		}
		if rc.DeposedKey != "" {
			d.Address += " (deposed " + rc.DeposedKey + ")"
		}
		// As Terraform has it, for all there is at the address, or as shown.
		if !allows(rc.Address) && !allows(d.Address) {
			destroyed = append(destroyed, d)
		}
	}
	if destroyed == nil {
		return nil
	}
	if rule == touchesHeroku {
		return &PlanError{Err: ErrUnsettled, Destructions: destroyed,
			Hint: "Look what else the configuration, the state and Heroku differ in."}
	}
	return &PlanError{Err: ErrDestroys, Destructions: destroyed, Hint: destroyHint(destroyed)}
}

// allowance returns what says whether an address is one of those allowed. A text
// that is an address matches itself even where it isn't a pattern: keys of instances
// may hold backslashes.
func allowance(allowed []string) (func(address string) bool, error) {
	globs := make([]*glob.Glob, 0, len(allowed))
	for _, pattern := range allowed {
		g, err := glob.Compile(pattern)
		if err != nil {
			return nil, fmt.Errorf("check plan: the address %q that is allowed: %w", pattern, err)
		}
		globs = append(globs, g)
	}
	return func(address string) bool {
		return slices.Contains(allowed, address) ||
			slices.ContainsFunc(globs, func(g *glob.Glob) bool { return g.Match(address) })
	}, nil
}

// judged says what actions do to an object; "" if they are known to be harmless to
// one that there is. Source: "Change Representation" in "JSON Output Format" of
// Terraform 1.16 and of OpenTofu 1.12, whose two orders of create and forget mean
// the same.
func judged(actions tfjson.Actions) string {
	const forget = tfjson.Action("forget")
	switch {
	case actions.NoOp(), actions.Read(), actions.Update(), actions.Create(), slices.Equal(actions, tfjson.Actions{forget}):
		return ""
	case actions.Delete():
		return ActionDestroy
	case actions.Replace():
		return ActionReplace
	case slices.Equal(actions, tfjson.Actions{tfjson.ActionCreate, forget}), slices.Equal(actions, tfjson.Actions{forget, tfjson.ActionCreate}):
		return ActionAbandon
	case len(actions) == 0:
		return "unknown, since the plan names no action"
	}
	words := make([]string, len(actions))
	for i, action := range actions {
		words[i] = printable.Text(string(action))
	}
	return strings.Join(words, ", ")
}

// replacePaths returns the top-level attributes that force a replacement.
func replacePaths(change *tfjson.Change) []string {
	var attrs []string
	for _, path := range change.ReplacePaths {
		steps, _ := path.([]any)
		if len(steps) == 0 {
			continue
		}
		if attr, ok := steps[0].(string); ok && !slices.Contains(attrs, attr) {
			attrs = append(attrs, attr)
		}
	}
	slices.Sort(attrs)
	return attrs
}

// destroyHint advises by what the destructions look like: an app that is
// created again or a child that is replaced because of its app was most likely
// renamed.
func destroyHint(destroyed []Destruction) string {
	for _, d := range destroyed {
		if d.Action == ActionRecreate || slices.Contains(d.Because, "app") || slices.Contains(d.Because, "app_id") {
			return "If the app was renamed on Heroku, repair the state (RepairRename, or herokutf rename) and plan again. If it is meant to go, allow its address (--allow-destroy)."
		}
	}
	return "If this is meant, allow each address (--allow-destroy). Else look at what changed in the configuration."
}

// CheckPlan returns a [*PlanError] with [ErrOverridden] when plan was made with
// another value for a variable of s, nil otherwise. Variables that the
// configuration doesn't declare are passed over. [ParsePlan] reads plans. A nil
// plan, or nil slugs, are an error.
//
// Terraform prefers terraform.tfvars, *.auto.tfvars, -var and -var-file to
// environment variables, so a file of an earlier run wins over TF_VAR_ without
// a word. Source: "Variable definition precedence" in Terraform's documentation.
func (s *Slugs) CheckPlan(plan *tfjson.Plan) error {
	switch {
	case s == nil:
		return fmt.Errorf("check plan: %w", errNilSlugs)
	case plan == nil:
		return errNilPlan
	}
	var other []string
	for _, a := range s.sorted() {
		if v := plan.Variables[a.Variable]; v != nil && v.Value != a.Value {
			other = append(other, a.Variable)
		}
	}
	if other == nil {
		return nil
	}
	return &PlanError{Err: ErrOverridden, Variables: other,
		Hint: "Terraform prefers variable files, -var and -var-file to the environment: take the variables out there."}
}
