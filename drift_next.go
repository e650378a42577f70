package herokutf

import (
	"slices"
	"strconv"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

// A NextApply says what the next apply would do about drift, if nothing is done
// about it before. The texts are those of the JSON report; "" is that nobody has
// asked, see [DriftReport.Foresee].
type NextApply string

// What the next apply would do.
const (
	// NextNothing: all stays on Heroku as it is.
	NextNothing NextApply = "nothing"
	// NextPutBack: an update in place brings back what the state has.
	NextPutBack NextApply = "put_back"
	// NextUpdate: an update in place brings what the configuration has, which is
	// neither the value of the state nor that on Heroku.
	NextUpdate NextApply = "update"
	// NextCreate: an object is created, since Terraform no longer finds the one of
	// the state.
	NextCreate NextApply = "create"
	// NextReplace: the object is destroyed, and another one created.
	NextReplace NextApply = "replace"
	// NextDestroy: the object is destroyed.
	NextDestroy NextApply = "destroy"
	// NextFail: the plan fails at the object, and with it all plans that refresh
	// the state, until the object is taken out of it.
	NextFail NextApply = "fail"
	// NextUnknown: the configuration decides, or what is known doesn't say.
	NextUnknown NextApply = "unknown"
)

// Foresee fills in what the next apply would do: [DriftObject.Next] of all objects but
// those that are in sync or ignored and stay as they are, and [DriftDifference.Next] where that
// can be said of an attribute alone. The plan has to be one of the state as it was
// compared, with a refresh. Of a plan the actions count, and which attributes it
// changes; no value of it gets into the report.
//
// A nil plan has it forecast by what the provider does with such objects and
// attributes, whatever the configuration says; [DriftObject.Forecast] says so.
//
// states are those whose objects are meant, by [DriftObject.State]; none: all of them.
func (r *DriftReport) Foresee(plan *tfjson.Plan, states ...string) {
	changes := plannedChanges(plan)
	for i := range r.Objects {
		o := &r.Objects[i]
		switch {
		case o.Verdict == Unmanaged:
			// Of several states one may have no plan.
			o.Next, o.Forecast = NextNothing, plan == nil || len(states) > 0 && o.Forecast
		case len(states) > 0 && !slices.Contains(states, o.State):
		case plan == nil:
			o.forecast()
		default:
			o.follow(plan, changes[o.Address])
		}
	}
}

// plannedChanges are the changes of a plan by the addresses that the state has.
func plannedChanges(plan *tfjson.Plan) map[string]*tfjson.ResourceChange {
	if plan == nil {
		return nil
	}
	changes := make(map[string]*tfjson.ResourceChange, len(plan.ResourceChanges))
	for _, rc := range plan.ResourceChanges {
		switch {
		case rc == nil || rc.Change == nil:
		case rc.DeposedKey != "":
			changes[rc.Address+" (deposed "+rc.DeposedKey+")"] = rc
		case rc.PreviousAddress != "":
			changes[rc.PreviousAddress] = rc
		default:
			changes[rc.Address] = rc
		}
	}
	return changes
}

// managed is the table's entry of the object; nil for a data source and for what
// the table doesn't know.
func (o *DriftObject) managed() *provider.Resource {
	res, _ := provider.Lookup(provider.Managed, o.Type)
	return res
}

// follow fills in what a plan does; rc is nil if it has nothing about the object.
func (o *DriftObject) follow(plan *tfjson.Plan, rc *tfjson.ResourceChange) {
	o.Forecast = false
	if rc == nil {
		o.Next = unplanned(plan, o)
	} else if o.Next = actionOf(rc.Change.Actions); o.Verdict == InSync && o.Next == NextNothing {
		o.Next = ""
	}
	if o.Next != NextUpdate && o.Next != NextReplace {
		o.each(func(*DriftDifference) NextApply {
			if o.Next == NextNothing {
				return NextNothing
			}
			return ""
		})
		return
	}
	renamed := false
	o.each(func(d *DriftDifference) NextApply {
		next := attributeNext(rc.Change, d, o.attr(d))
		if attr := o.attr(d); attr != nil && attr.As == provider.AppName && next == NextPutBack {
			renamed = true
		}
		if next == NextPutBack && o.Next == NextUpdate {
			o.Next = NextPutBack
		}
		return next
	})
	if renamed { // what follows from the name goes back with it, which no plan shows
		o.each(func(d *DriftDifference) NextApply {
			if attr := o.attr(d); attr != nil && (attr.As == provider.AppName || attr.As == provider.Host) {
				return NextPutBack
			}
			return d.Next
		})
	}
}

// unplanned is what becomes of an object that the plan has nothing about: a data
// source is read again, and what the refresh no longer finds and no configuration
// wants is dropped from the state.
func unplanned(plan *tfjson.Plan, o *DriftObject) NextApply {
	switch {
	case o.Verdict == InSync:
		return ""
	case strings.HasPrefix(o.Type, "data."):
		return NextNothing
	}
	for _, gone := range plan.ResourceDrift {
		if gone != nil && gone.Change != nil && gone.Address == o.Address && gone.Change.Actions.Delete() {
			return NextNothing
		}
	}
	return NextUnknown
}

// actionOf says what actions of a plan do to an object on Heroku.
func actionOf(actions tfjson.Actions) NextApply {
	switch {
	case actions.NoOp(), actions.Read():
		return NextNothing
	case actions.Update():
		return NextUpdate
	case actions.Create():
		return NextCreate
	}
	switch judged(actions) {
	case "": // forget
		return NextNothing
	case ActionDestroy:
		return NextDestroy
	case ActionReplace:
		return NextReplace
	case ActionAbandon:
		return NextCreate
	}
	return NextUnknown
}

// attributeNext is what an update or a replacement does about a difference of an
// attribute; attr is nil if the table doesn't have it.
func attributeNext(change *tfjson.Change, d *DriftDifference, attr *provider.Attr) NextApply {
	same := sameValue
	if attr != nil && attr.As != provider.Mapping && attr.As != provider.ManagedKeys && attr.As != provider.Host {
		same = func(a, b any) bool { return attr.Compare(a, b) == nil }
	}
	path := d.Path
	if len(path) == 1 {
		path = unflattenedPath(path[0])
	}
	if unknown, _ := planValue(change.AfterUnknown, path).(bool); unknown {
		return NextUnknown
	}
	for _, forcing := range change.ReplacePaths {
		if steps, ok := forcing.([]any); ok && along(steps, path) {
			return NextReplace
		}
	}
	if !hasAttr(change.Before, path) && !hasAttr(change.After, path) {
		return NextUnknown
	}
	state, live := d.plain()
	before, after := planValue(change.Before, path), planValue(change.After, path)
	switch {
	case !same(before, after) && (same(after, state) || d.Sensitive && d.values == nil):
		return NextPutBack
	case same(after, live):
		return NextNothing
	case !same(before, after):
		return NextUpdate
	case same(before, state):
		return NextUnknown // the refresh hasn't seen it, and an update may write it
	}
	return NextNothing
}

// along reports whether one of two paths leads through the other, whatever the numbers
// of elements in them.
func along(a, b []any) bool {
	for i := range min(len(a), len(b)) {
		x, ok := a[i].(string)
		if y, _ := b[i].(string); ok && x != y {
			return false
		}
	}
	return len(a) > 0 && len(b) > 0
}

// forecast fills in what the provider makes of the object by itself.
func (o *DriftObject) forecast() {
	res := o.managed()
	o.Forecast = true
	switch {
	case o.Verdict == Ignored && strings.Contains(o.Address, " (deposed "):
		o.Next = NextDestroy
	case o.Verdict == InSync, o.Verdict == Ignored:
		o.Next, o.Forecast = "", false
	case strings.HasPrefix(o.Type, "data.") && o.Verdict == Changed:
		o.Next = NextNothing // it is read again
		o.each(func(*DriftDifference) NextApply { return NextNothing })
	case strings.HasPrefix(o.Type, "data.") && o.Verdict == Missing:
		o.Next = NextFail
	case res == nil:
		o.Next = NextUnknown
	case o.Verdict == Missing && res.Recreates():
		o.Next = NextCreate
	case o.Verdict == Missing || o.Verdict == Replaced && !res.Recreates():
		o.Next = NextFail
	case o.Verdict == Renamed && o.lostByName():
		o.Next = NextCreate
	case o.Verdict == Renamed && !provider.IsUUID(o.stateID()), o.Verdict == Replaced, o.Verdict == Undetermined:
		o.Next = NextUnknown
	default:
		o.Next = o.forecastEach()
	}
}

// forecastEach fills in what comes of each difference, and returns what that comes
// to: what does most harm.
func (o *DriftObject) forecastEach() NextApply {
	worst := NextNothing
	if len(o.Differences) == 0 {
		worst = NextUnknown
	}
	for i := range o.Differences {
		d, next := &o.Differences[i], NextUnknown
		if attr := o.attr(d); attr != nil {
			next = map[provider.Fate]NextApply{provider.Configured: NextUnknown, provider.PutBack: NextPutBack,
				provider.Replaced: NextReplace, provider.Left: NextNothing}[o.managed().Fate(attr)]
		}
		order := []NextApply{NextNothing, NextUnknown, NextPutBack, NextReplace}
		if slices.Index(order, next) > slices.Index(order, worst) {
			worst = next
		}
		d.Next = next
	}
	return worst
}

// each sets what comes of each difference, those that a rule covers as well.
func (o *DriftObject) each(next func(*DriftDifference) NextApply) {
	for _, differences := range [][]DriftDifference{o.Differences, o.Ignored} {
		for i := range differences {
			differences[i].Next = next(&differences[i])
		}
	}
}

// attr is the table's entry of what differs; nil if there is none.
func (o *DriftObject) attr(d *DriftDifference) *provider.Attr {
	if res := o.managed(); res != nil {
		return res.At(d.Path)
	}
	return nil
}

// stateID is the id that the state has; that of the object on Heroku in a report that
// was read back.
func (o *DriftObject) stateID() string {
	if o.origin != nil && o.origin.inst != nil {
		if id, ok := o.origin.inst.Attr("id"); ok {
			return id.Text()
		}
	}
	return o.ID
}

// lostByName reports whether a renamed app is all that the state knows by the old
// name, which the provider up to v4.9.0 no longer finds. With more that know it, the
// plan may fail at these before.
func (o *DriftObject) lostByName() bool {
	return o.origin != nil && o.origin.holders == 0 && o.Type == provider.App && !provider.IsUUID(o.stateID())
}

// unflattenedPath takes the one step of a flat attribute apart.
func unflattenedPath(step any) statefile.Path {
	key, ok := step.(string)
	if !ok || !strings.Contains(key, ".") {
		return statefile.Path{step}
	}
	var path statefile.Path
	for part := range strings.SplitSeq(key, ".") {
		if n, err := strconv.Atoi(part); err == nil && strconv.Itoa(n) == part {
			path = append(path, n)
		} else {
			path = append(path, part)
		}
	}
	return path
}

// sameValue reports whether two values of JSON are the same,
// or both nothing: Terraform has null where Heroku has an empty text or list.
func sameValue(a, b any) bool {
	if provider.Empty(a) || provider.Empty(b) {
		return provider.Empty(a) && provider.Empty(b)
	}
	switch x := a.(type) {
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, sameValue)
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for key := range x {
			if _, ok := y[key]; !ok || !sameValue(x[key], y[key]) {
				return false
			}
		}
		return true
	}
	return provider.Text(a) == provider.Text(b)
}
