package herokutf

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/herokutf/herokutf/ignore"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

// reportRename gives one subject of an app in each state the verdict that the app
// was renamed, and takes what follows from that from all others.
func reportRename(a *driftApp, files []*statefile.File) {
	stale := a.stale()
	if !a.readable() || stale == nil {
		return
	}
	for _, f := range files {
		anchor, holders := renameAnchor(a, f, stale)
		if anchor == nil {
			continue
		}
		what := fmt.Sprintf("renamed from %s to %s", strings.Join(stale, " and "), a.name())
		anchor.object.Verdict = Renamed
		anchor.object.Reason, anchor.object.origin.holders = what+renameAdvice(anchor, holders-1), holders-1
		for _, s := range a.subjects {
			if s != anchor && s.object.origin.file == f {
				followRename(s, what)
			}
		}
	}
}

// renameAnchor returns the subject of a state at which a rename is reported, and how
// many hold one of the old names: the app that the state manages, else its data
// source, else the first that holds one; nil if none does.
func renameAnchor(a *driftApp, f *statefile.File, stale []string) (anchor *subject, holders int) {
	for _, s := range a.subjects {
		if s.object.origin.file != f || s.object.Verdict != "" || !s.chosen || !slices.ContainsFunc(s.ref.names, func(name string) bool { return slices.Contains(stale, name) }) {
			continue
		}
		holders++
		if anchor == nil || s.ref.isManagedApp() && !anchor.ref.isManagedApp() || s.ref.isApp() && !anchor.ref.isApp() {
			anchor = s
		}
	}
	return anchor, holders
}

// renameAdvice says what to do about a rename; others is how many more objects of the
// state hold the old name.
func renameAdvice(anchor *subject, others int) string {
	byUUID := provider.IsUUID(provider.Text(anchor.attrs.Value("id")))
	switch {
	case others > 0:
		return fmt.Sprintf("; the old name stands in %s of the state; RepairRename (herokutf rename) puts the new one there", printable.Count(others, "more object"))
	case anchor.ref.isManagedApp() && byUUID:
		return "; with the old name in the configuration, the next apply would rename it back"
	}
	return "; RepairRename (herokutf rename) puts the new name into the state"
}

// followRename takes the differences that a rename explains from an app that
// isn't the one at which it is reported.
func followRename(s *subject, what string) {
	if !s.ref.isApp() || s.object.Verdict != "" {
		return
	}
	before := len(s.object.Differences)
	s.object.Differences = slices.DeleteFunc(s.object.Differences, func(d DriftDifference) bool {
		top, _ := d.Path[0].(string)
		attr := s.res.Attr(top)
		return attr != nil && (attr.As == provider.AppName || attr.As == provider.Host)
	})
	if len(s.object.Differences) < before {
		s.object.Reason = "the app was " + what
	}
}

// conclude gives a subject its verdict, if it has none, and lets go of what Heroku
// says of it: thousands of apps would add up.
func conclude(s *subject) {
	o := &s.object
	moved := func(d DriftDifference) bool {
		attr := s.res.At(d.Path)
		return attr != nil && attr.Place != ""
	}
	if s.res != nil && slices.ContainsFunc(o.Differences, moved) {
		was := provider.Membership{Team: provider.Text(s.attrs.Value("organization.name")), Space: provider.Text(s.attrs.Value("space"))}
		now := provider.Membership{Team: provider.Text(provider.Find(s.own, "team.name")), Space: provider.Text(provider.Find(s.own, "space.name"))}
		if outlook := was.Outlook(now); outlook != "" {
			o.addReason(outlook)
		}
	}
	if s.unread != nil {
		o.origin.partial = true
		o.addReason(strings.Join(s.unread, "; "))
	}
	switch {
	case o.Verdict != "" || !s.chosen:
	case len(o.Differences) > 0:
		o.Verdict = Changed
	case s.unread != nil:
		o.Verdict = Undetermined
	default:
		o.Verdict = InSync
	}
	s.own = nil
}

// addReason adds a clause to the object's reason.
func (o *DriftObject) addReason(clause string) {
	if o.Reason != "" {
		clause = o.Reason + "; " + clause
	}
	o.Reason = clause
}

// An assembler puts a report together: what rules ignore, what is unmanaged, notes,
// and the order. It can be used from many goroutines.
type assembler struct {
	rules *ignore.Matcher

	mu        sync.Mutex
	unmanaged []DriftObject
	notes     []string
}

// note adds a line to the report's notes.
func (b *assembler) note(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notes = append(b.notes, fmt.Sprintf(format, args...))
}

// noteUnblamed notes of an app, once, that its releases can't be read, which would say
// who made changes.
func (b *assembler) noteUnblamed(a *driftApp, err error) {
	if !a.release.noted {
		b.note("%s: who made the changes isn't reported, since the releases can't be read: %v", a.name(), err)
		a.release.noted = true
	}
}

// ignoreIn applies the rules to subjects.
func (b *assembler) ignoreIn(subjects []*subject) {
	for _, s := range subjects {
		applyRules(b.rules, &s.object)
	}
}

// add adds unmanaged objects, after the rules.
func (b *assembler) add(found []DriftObject) {
	for i := range found {
		applyRules(b.rules, &found[i])
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unmanaged = append(b.unmanaged, found...)
}

// report puts everything into the order of the states.
func (b *assembler) report(subjects []*subject, partly, unmanaged bool) *DriftReport {
	r := &DriftReport{Objects: make([]DriftObject, 0, len(subjects)+len(b.unmanaged))}
	for _, s := range subjects {
		if s.chosen {
			r.Objects = append(r.Objects, s.object)
		}
	}
	slices.SortStableFunc(b.unmanaged, func(a, b DriftObject) int {
		return slices.Compare([]string{a.App, a.Type, a.Label, a.ID}, []string{b.App, b.Type, b.Label, b.ID})
	})
	r.Objects = append(r.Objects, b.unmanaged...)
	slices.Sort(b.notes)
	r.Notes = append(slices.Compact(b.notes), b.rules.Notes(partly, unmanaged)...)
	// Names of a state or of Heroku may hold what acts on a terminal.
	for i := range r.Objects {
		r.Objects[i].Reason = printable.Text(r.Objects[i].Reason)
	}
	for i := range r.Notes {
		r.Notes[i] = printable.Text(r.Notes[i])
	}
	return r
}

// applyRules moves what a rule covers out of the object's differences.
func applyRules(rules *ignore.Matcher, o *DriftObject) {
	if o.Verdict == "" {
		return
	}
	if rule := rules.Object(o.subject()); rule != nil {
		o.Verdict, o.Reason = Ignored, ruleReason(rule, o)
		o.Ignored, o.Differences = o.Differences, []DriftDifference{}
		if len(o.Ignored) == 0 {
			o.Ignored = nil
		}
		return
	}
	kept := []DriftDifference{}
	var last *ignore.Rule
	for _, diff := range o.Differences {
		state, live := diff.plain()
		if rule := rules.Difference(o.subject(), diff.Path, state, live); rule != nil {
			o.Ignored, last = append(o.Ignored, diff), rule
			continue
		}
		kept = append(kept, diff)
	}
	o.Differences = kept
	switch {
	case last == nil || len(kept) > 0 || o.Verdict != Changed && o.Verdict != Renamed:
	case o.origin.partial:
		// What couldn't be compared is no rule's business.
		o.Verdict = Undetermined
	default:
		o.Verdict, o.Reason = Ignored, ruleReason(last, o)
	}
}

// subject is the object as rules see it.
func (o *DriftObject) subject() ignore.Subject {
	return ignore.Subject{State: o.State, Address: o.Address, Type: o.Type, App: o.App, ID: o.ID, Label: o.Label, Verdict: string(o.Verdict)}
}

func ruleReason(rule *ignore.Rule, o *DriftObject) string {
	return fmt.Sprintf("%s (was %s)", rule.Reason, strings.ReplaceAll(string(o.Verdict), "_", " "))
}
