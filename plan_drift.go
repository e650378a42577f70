package herokutf

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

// UndoneBy says how a plan's change of a drifted object would put it back to what it
// was, or fail on it: its actions, and the attributes in question, such as "update
// quantity". It is "" if the change does neither: because the configuration has taken
// the drift in, because only the provider knows what comes out, or because the object
// is left alone or destroyed, which [CheckPlanStrict] is for. change is what the plan has at
// the object's address; nil, as for an object that isn't in the plan, does nothing.
func (o *DriftObject) UndoneBy(change *tfjson.Change) string {
	if change == nil {
		return ""
	}
	gone := o.Verdict == Missing || o.Verdict == Replaced
	switch actions := change.Actions; {
	case actions.NoOp(), actions.Read(), slices.Equal(actions, tfjson.Actions{"forget"}):
		return ""
	case actions.Create():
		return "create, as Terraform doesn't find it"
	case actions.Delete() && !gone:
		return "" // whether it may go is for CheckPlanStrict
	case gone:
		return joinActions(actions) + ", while it is " + o.Verdict.String()
	case len(o.Differences) == 0:
		return joinActions(actions)
	}
	var paths []string
	for _, d := range o.Differences {
		if !keeps(change, d) {
			paths = append(paths, d.Path.String())
		}
	}
	if paths == nil {
		return ""
	}
	return joinActions(change.Actions) + " " + printable.Text(strings.Join(paths, ", "))
}

// keeps reports whether a change leaves a difference as it is on Heroku: because
// that is what the plan has, in its words or in the provider's, or because only the
// provider knows what comes out. Of an attribute that the plan doesn't have, such as
// a flat one of an old state, nobody knows.
func keeps(change *tfjson.Change, d DriftDifference) bool {
	if unknown, _ := planValue(change.AfterUnknown, d.Path).(bool); unknown {
		return true
	}
	if !hasAttr(change.Before, d.Path) && !hasAttr(change.After, d.Path) {
		return false
	}
	state, live, _ := d.Values(true)
	before, after := planValue(change.Before, d.Path), planValue(change.After, d.Path)
	return sameInPlan(after, live) || sameInPlan(after, before) && !sameInPlan(before, state)
}

// hasAttr reports whether an object has the attribute that a path begins with.
func hasAttr(v any, path statefile.Path) bool {
	in, _ := v.(map[string]any)
	if len(path) == 0 {
		return false
	}
	key, _ := path[0].(string)
	_, ok := in[key]
	return ok
}

// planValue returns the value that a path leads to; nil if there is none. What is true on
// the way is all true, as in what is unknown.
func planValue(v any, path statefile.Path) any {
	for _, step := range path {
		switch in := v.(type) {
		case map[string]any:
			key, _ := step.(string)
			v = in[key]
		case []any:
			i, ok := step.(int)
			if !ok || i < 0 || i >= len(in) {
				return nil
			}
			v = in[i]
		case bool:
			if in {
				return true
			}
			return nil
		default:
			return nil
		}
	}
	return v
}

// sameInPlan reports whether two values of JSON are the same. None is the same as an
// empty one: Terraform has null where Heroku has an empty text or list, and the other
// way round.
func sameInPlan(a, b any) bool {
	if provider.Empty(a) || provider.Empty(b) {
		return provider.Empty(a) && provider.Empty(b)
	}
	if a, ok := a.(json.Number); ok {
		if b, ok := b.(json.Number); ok {
			x, errX := a.Float64()
			y, errY := b.Float64()
			return a == b || errX == nil && errY == nil && x == y
		}
	}
	return reflect.DeepEqual(a, b)
}

// joinActions spells actions as one word or several.
func joinActions(actions tfjson.Actions) string {
	if actions.Replace() {
		return "replace"
	}
	words := make([]string, len(actions))
	for i, action := range actions {
		words[i] = string(action)
	}
	return printable.Text(strings.Join(words, " and "))
}
