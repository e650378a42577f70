package herokutf

import (
	"cmp"
	"slices"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

// A planner collects what a repair consists of.
type planner struct {
	file     *statefile.File
	renames  renameTasks
	index    *appIndex
	mentions mentioner

	repair           *Repair
	changes          []placed[Change]
	left             []placed[Leftover]
	notes            []placed[Note]
	nameEra, eraDone bool

	knownNames []string
	knownDone  bool
}

// placed is something with its place in the file, for document order.
type placed[T any] struct {
	offset int
	it     T
}

func inOrder[T any](list []placed[T]) []T {
	slices.SortStableFunc(list, func(a, b placed[T]) int { return cmp.Compare(a.offset, b.offset) })
	var all []T
	for _, p := range list {
		all = append(all, p.it)
	}
	return all
}

// newPlanner checks the renames by themselves and against one another.
func newPlanner(f *statefile.File, renames []Rename) (*planner, error) {
	p := &planner{
		file:     f,
		renames:  newRenameTasks(),
		index:    newAppIndex(),
		mentions: mentioner{olds: make(wordSet)},
		repair:   &Repair{File: f},
	}
	var errs []error
	for _, r := range renames {
		added, err := p.renames.add(r)
		if err != nil {
			errs = append(errs, err)
		}
		if added {
			p.mentions.olds.add(r.Old)
			p.repair.Renames = append(p.repair.Renames, r)
		}
	}
	return p, join(errs...)
}

// see takes in an instance that may hold one of the names.
func (p *planner) see(inst *statefile.Instance) {
	res := lookup(inst)
	if res == nil || !res.Refers() {
		p.mentions.instance(inst)
		return
	}
	p.index.add(newAppRef(inst, res))
}

// resolve finds out which renames there is anything to do for, and refuses
// those that would do harm.
func (p *planner) resolve() error {
	var errs []error
	var left []*renameTask
	for _, t := range p.renames.all {
		if err := p.resolveOld(t); err != nil {
			errs = append(errs, err)
		} else {
			left = append(left, t)
		}
	}
	for _, t := range left {
		errs = append(errs, p.resolveNew(t))
	}
	return join(errs...)
}

func (p *planner) resolveOld(t *renameTask) error {
	ids := p.index.idsOf(t.Old)
	_, known := p.index.ids[t.Old][t.id]
	switch {
	case t.id == "" && len(ids) > 1, known && len(ids) > 1:
		// With a UUID, what holds one is clear. What holds the
		// name alone can't.
		if at := p.index.addresses(t.Old, nameOnly); at != nil || t.id == "" {
			return ambiguousApp(t.Old, ids, at)
		}
		return nil
	case t.id != "" && len(ids) > 0 && !known:
		// The name is another app's now, in the state as well.
		if _, ok := p.index.ids[t.New][t.id]; ok {
			t.done = true
			return nil
		}
		return otherAppInState(t.Rename, t.Old, ids)
	case len(p.index.byName[t.Old]) > 0:
		return nil
	}
	switch newIDs := p.index.idsOf(t.New); {
	case len(p.index.byName[t.New]) == 0:
		return appNotInState(t.Rename, p.known())
	case t.id != "" && len(newIDs) > 0 && !slices.Contains(newIDs, t.id):
		return otherAppInState(t.Rename, t.New, newIDs)
	}
	t.done = true
	return nil
}

// known returns every name that the state knows an app by, sorted. Reading all
// of a large state takes long, so it is done once, and only for an error.
func (p *planner) known() []string {
	if !p.knownDone {
		p.knownDone = true
		p.knownNames = indexApps(p.file).names()
	}
	return p.knownNames
}

// resolveNew refuses to merge two apps.
func (p *planner) resolveNew(t *renameTask) error {
	moves := func(other *renameTask) bool { return !other.done }
	if t.done || slices.ContainsFunc(p.renames.byOld[t.New], moves) {
		return nil
	}
	oldIDs, newIDs := p.index.idsOf(t.Old), p.index.idsOf(t.New)
	if t.id != "" {
		oldIDs = []string{t.id}
	}
	oldAt := p.index.addresses(t.Old, (*appRef).isApp)
	newAt := p.index.addresses(t.New, (*appRef).isApp)
	if len(oldIDs) > 0 && len(newIDs) > 0 {
		if !slices.Equal(oldIDs, newIDs) {
			return bothInState(t.Rename, p.index.addresses(t.Old, t.concerns), p.index.addresses(t.New, anyRef))
		}
		// Nothing but the rename says that an app without a UUID is this one,
		// and no app is managed at two addresses.
		oldAt = p.index.addresses(t.Old, func(a *appRef) bool { return a.isManagedApp() && a.id == "" })
		newAt = p.index.addresses(t.New, (*appRef).isManagedApp)
	}
	// An app that is half renamed has both names at one address.
	if len(oldAt) > 0 && len(newAt) > 0 && !slices.Equal(oldAt, newAt) {
		return bothInState(t.Rename, oldAt, newAt)
	}
	return nil
}

// rename plans the changes of an instance that refers to apps.
func (p *planner) rename(a *appRef) {
	app := p.renames.ofApp(a)
	p.mentions.keys(a.address, a.inst)
	for path, v := range a.inst.Scalars() {
		if !v.IsString() {
			continue
		}
		if len(path) == 1 {
			name := path[0].(string)
			if ref := nameRef(a.res, name); ref != nil && p.renameRef(a, ref, path, v) {
				continue
			}
			if from := a.res.DerivedFrom(name); from != 0 && p.renameDerived(a, app, from, path, v) {
				continue
			}
		}
		p.mentions.text(a.address, path, v)
	}
}

// nameRef returns the reference to an app's name that is the attribute; nil if
// it is none.
func nameRef(res *provider.Resource, attr string) *provider.Ref {
	for ref := range res.NameRefs() {
		if len(ref.Path) == 1 && ref.Path[0] == attr {
			return ref
		}
	}
	return nil
}

// renameRef reports whether the field has been dealt with: renamed, or found to
// be the rightful name of an app.
func (p *planner) renameRef(a *appRef, ref *provider.Ref, path statefile.Path, v statefile.Value) bool {
	text := v.Text()
	name, ok := ref.App(text)
	if !ok || p.renames.byOld[name] == nil {
		return false
	}
	if t := p.renames.of(a, name); t != nil {
		p.replace(a, path, v, ref.With(text, t.New))
	}
	return true
}

func (p *planner) replace(a *appRef, path statefile.Path, v statefile.Value, text string) {
	p.change(v.Offset(), Change{a.address, path.Clone(), v.Text(), text})
	p.edit(statefile.ReplaceString(v, text))
}

func (p *planner) change(offset int, c Change) {
	p.changes = append(p.changes, placed[Change]{offset, c})
}

func (p *planner) edit(edits ...statefile.Edit) {
	p.repair.edits = append(p.repair.edits, edits...)
}

// finish looks for old names outside of instances, and elsewhere than in
// outputs if there may be any, and puts everything in order.
func (p *planner) finish(elsewhere bool) *Repair {
	r := p.repair
	for output := range p.file.Outputs() {
		p.mentions.value(output.Address(), nil, output.Value)
	}
	for _, t := range p.renames.all {
		if t.done {
			r.Done = append(r.Done, t.Rename)
		}
	}
	r.Legacy = !namesProvider(p.file)
	r.Changes = inOrder(p.changes)
	r.Mentions = inOrder(p.mentions.found)
	r.Left = inOrder(p.left)
	r.Notes = inOrder(p.notes)
	if elsewhere {
		for path, v := range p.file.Rest() {
			if !isAddress(path) && p.mentions.olds.in(v.Text()) {
				r.Mentions = append(r.Mentions, Leftover{Path: path.Clone()})
			}
		}
	}
	return r
}
