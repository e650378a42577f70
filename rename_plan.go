package herokutf

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

// A renameTask is a rename, and what became of it.
type renameTask struct {
	Rename
	id string // ID in lower case
	// done: nothing that belongs to the app has the old name any more.
	done bool
}

// A planner collects what a repair consists of.
type planner struct {
	file  *statefile.File
	tasks []*renameTask
	byOld map[string][]*renameTask
	olds  wordSet
	index *appIndex

	repair           *Repair
	changes          []placed[Change]
	mentions         []placed[Leftover]
	left             []placed[Leftover]
	notes            []placed[Note]
	nameEra, eraDone bool
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
		file:   f,
		byOld:  make(map[string][]*renameTask),
		olds:   make(wordSet),
		index:  newAppIndex(),
		repair: &Repair{File: f},
	}
	var errs []error
	byNew := make(map[string]*renameTask)
	for _, r := range renames {
		if err := checkRename(r); err != nil {
			errs = append(errs, err)
			continue
		}
		t := &renameTask{Rename: r, id: strings.ToLower(r.ID)}
		if reason, same := p.against(t, byNew[r.New]); reason != "" {
			errs = append(errs, badRename(r, reason))
			continue
		} else if same {
			continue
		}
		byNew[r.New] = t
		p.byOld[r.Old] = append(p.byOld[r.Old], t)
		p.olds.add(r.Old)
		p.tasks = append(p.tasks, t)
		p.repair.Renames = append(p.repair.Renames, r)
	}
	return p, errors.Join(errs...)
}

func checkRename(r Rename) error {
	for _, name := range []string{r.Old, r.New} {
		if !provider.IsAppName(name) {
			return badRename(r, quoteAll([]string{name})+" is not an app name: 3 to 30 of a-z, 0-9 and -, beginning with a letter and not ending with -")
		}
	}
	switch {
	case r.Old == r.New:
		return badRename(r, "both names are the same")
	case r.ID != "" && !provider.IsUUID(r.ID):
		return badRename(r, quoteAll([]string{r.ID})+" is not a UUID")
	case r.WebURL != "" && !isWebURL(r.WebURL):
		return badRename(r, quoteAll([]string{r.WebURL})+" is not a web address")
	}
	return nil
}

func isWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && utf8.ValidString(s)
}

// against holds a rename against those before it. Two apps may have the same
// old name, one having taken it from the other; then their UUIDs decide.
func (p *planner) against(t, sameNew *renameTask) (reason string, same bool) {
	for _, before := range p.byOld[t.Old] {
		switch {
		case before.Rename == t.Rename:
			return "", true
		case before.New == t.New:
			return "given twice, with different UUIDs or addresses", false
		case before.id == "" || t.id == "" || before.id == t.id:
			return "renamed to " + quoteAll([]string{before.New}) + " as well", false
		}
	}
	// An app that was renamed twice may have both old names in the state.
	if sameNew != nil && (t.id == "" || t.id != sameNew.id) {
		return quoteAll([]string{sameNew.Old}) + " is renamed to the same name", false
	}
	return "", false
}

// see takes in an instance that may hold one of the names.
func (p *planner) see(inst *statefile.Instance) {
	res := lookup(inst)
	if res == nil || !res.Refers() {
		p.mentionAll(inst)
		return
	}
	p.index.add(newAppRef(inst, res))
}

// resolve finds out which renames there is anything to do for, and refuses
// those that would do harm.
func (p *planner) resolve() error {
	var errs []error
	for _, t := range p.tasks {
		if err := p.resolveOld(t); err != nil {
			errs = append(errs, err)
		}
	}
	for _, t := range p.tasks {
		if err := p.resolveNew(t); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
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
		return appNotInState(t.Rename, indexApps(p.file).names())
	case t.id != "" && len(newIDs) > 0 && !slices.Contains(newIDs, t.id):
		return otherAppInState(t.Rename, t.New, newIDs)
	}
	t.done = true
	return nil
}

// resolveNew refuses to merge two apps.
func (p *planner) resolveNew(t *renameTask) error {
	moves := func(other *renameTask) bool { return !other.done }
	if t.done || slices.ContainsFunc(p.byOld[t.New], moves) {
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

// task returns the rename that applies to a name at an instance, or nil.
func (p *planner) task(a *appRef, name string) *renameTask {
	for _, t := range p.byOld[name] {
		if !t.done && t.concerns(a) {
			return t
		}
	}
	return nil
}

// taskOf returns the rename that an app was, is or will be subject to: what
// follows from its name may be out of date even if the name isn't.
func (p *planner) taskOf(a *appRef) *renameTask {
	for _, name := range a.names {
		if t := p.task(a, name); t != nil {
			return t
		}
	}
	for _, t := range p.tasks {
		if t.id != "" && t.id == a.id {
			return t
		}
	}
	for _, t := range p.tasks {
		if t.concerns(a) && slices.Contains(a.names, t.New) {
			return t
		}
	}
	return nil
}

// rename plans the changes of an instance that refers to apps.
func (p *planner) rename(a *appRef) {
	app := p.taskOf(a)
	p.mentionKeys(a.address, a.inst)
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
		p.mention(a.address, path, v)
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
	if !ok || p.byOld[name] == nil {
		return false
	}
	if t := p.task(a, name); t != nil {
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
		p.mentionValue(output.Address(), nil, output.Value)
	}
	r.Changes = inOrder(p.changes)
	r.Mentions = inOrder(p.mentions)
	r.Left = inOrder(p.left)
	r.Notes = inOrder(p.notes)
	if elsewhere {
		for path, v := range p.file.Rest() {
			if !isAddress(path) && p.olds.in(v.Text()) {
				r.Mentions = append(r.Mentions, Leftover{Path: path.Clone()})
			}
		}
	}
	return r
}
