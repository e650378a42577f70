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

// A Rename says that a Heroku app has another name than a state knows it by.
type Rename struct {
	// ID is the app's UUID; "" if it isn't known. With it, an app that has
	// the old name but another UUID is left alone.
	ID string `json:"id"`

	Old string `json:"old"` // the name in the state
	New string `json:"new"` // the name on Heroku

	// WebURL is the app's address as the API has it now, such as
	// https://new-name-0123456789ab.herokuapp.com/. It can't be computed
	// from the name. "": unknown, and what depends on it stays as it is.
	WebURL string `json:"-"`
}

// A Change is an edit of one field of a state.
type Change struct {
	Address string `json:"address"` // of the instance, as Terraform spells it
	// Path leads from the instance's attributes to the field. The schema
	// version, which stands beside the attributes, has the path
	// schema_version. In a version 3 state the path id can stand twice, for
	// the attribute and for the instance's own id.
	Path statefile.Path `json:"path"`
	// Old and New are what stands there: a string; an int for the schema
	// version; a [Form] where the value itself isn't shown; nil where
	// nothing stands.
	Old any `json:"old"`
	New any `json:"new"`
}

// A Form describes a value in place of showing it, such as "map".
type Form string

// A Mention is a place that holds an old name as a whole word, or as the
// beginning of the app's herokuapp.com host, in its value or as the key that
// leads to it, and that isn't changed: nothing
// tells whether the name ought to follow there. Many are remote values, such as
// config vars, which are to be changed where they are set. The value itself is
// never part of it.
type Mention struct {
	// Address is that of an instance or an output; "" for a place in
	// neither.
	Address string `json:"address"`
	// Path leads from the instance's attributes, from the output's value,
	// or, without an address, from the beginning of the document.
	Path statefile.Path `json:"path"`
}

// A Leftover is a field that follows from the app's name, is out of date, and
// can't be computed.
type Leftover struct {
	Address string         `json:"address"`
	Path    statefile.Path `json:"path"`
	Reason  string         `json:"reason"`
}

// A Note is something to know about an instance before its new state is used.
type Note struct {
	Address string `json:"address"`
	Text    string `json:"text"`
}

// A Repair is what has to change in a state, and what was found on the way. It
// changes nothing by itself; [Repair.Apply] does.
type Repair struct {
	// File is the state the repair is for.
	File *statefile.File
	// Renames are those asked for, each once, in the order given.
	Renames []Rename
	// Changes are the edits, in document order; nil if there is nothing to
	// do.
	Changes []Change
	// Mentions are places that hold an old name and stay as they are: those
	// in instances and outputs in document order, then all others. Nil if
	// there are none.
	Mentions []Mention
	// Left are the fields that stay out of date, in document order: the
	// app's address where [Rename.WebURL] isn't given. Nil if there are
	// none. The next refresh corrects them.
	Left []Leftover
	// Notes, in document order, are those of [UpgradeAppIDs]; nil if there
	// are none.
	Notes []Note

	edits []statefile.Edit
}

// RepairRename finds out what has to change in a state for apps that were
// renamed on Heroku.
//
// The fields are those in which the heroku/heroku provider keeps an app's name:
// id, name, app and app_id, the part of an id that is an app, and git_url,
// web_url and heroku_hostname of an app; in managed and data resources, in
// every module, counted, for_each'd or deposed, in state versions 3 and 4, with
// the names of provider 4 and older as with the UUIDs of provider 5. A field
// changes only if the old name is the whole of it, or the whole of the part
// that is the app. UUIDs, values of config vars, and whatever merely has the
// same text stay. What else holds an old name is listed in [Repair.Mentions].
//
// All renames happen at once, so a swap (a to b, b to a) and a chain (a to b,
// b to c) come out right. A rename whose old name is gone and whose new name is
// there already is done, and a state that is half done gets completed; so a
// second run finds nothing to change. The exception is a swap or a chain
// without UUIDs: nothing in the names tells that it was done before.
//
// All renames that can't be made are reported, joined, as [*RenameError],
// [*AppNotInStateError], [*BothInStateError] or [*AmbiguousAppError]; there is
// no Repair then.
func RepairRename(f *statefile.File, renames ...Rename) (*Repair, error) {
	p, err := newPlanner(f, renames)
	if err != nil {
		return nil, err
	}
	// Most instances of a large state have nothing to do with the renames.
	// What doesn't hold any of the names isn't even looked at.
	both := make(wordSet)
	for _, t := range p.tasks {
		both.add(t.Old, t.New)
	}
	instances, elsewhere := both.locate(f)
	for _, inst := range instances {
		p.see(inst)
	}
	if err := p.resolve(); err != nil {
		return nil, err
	}
	for _, a := range p.index.refs {
		p.rename(a)
	}
	return p.finish(elsewhere), nil
}

// Apply makes the changes and returns the new state, with the serial raised by
// one. Nothing else differs: package statefile proves that on the result, see
// [statefile.File.Apply]. Without changes it returns the repair's own File.
func (r *Repair) Apply() (*statefile.File, error) {
	return r.File.Apply(r.edits...)
}

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
	mentions         []placed[Mention]
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
			errs = append(errs, &RenameError{Rename: r, Reason: reason})
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
			return &RenameError{Rename: r, Reason: quoteAll([]string{name}) + " is no app name: 3 to 30 of a-z, 0-9 and -, from a letter on, and not ending with -"}
		}
	}
	switch {
	case r.Old == r.New:
		return &RenameError{Rename: r, Reason: "both names are the same"}
	case r.ID != "" && !provider.IsUUID(r.ID):
		return &RenameError{Rename: r, Reason: quoteAll([]string{r.ID}) + " is no UUID"}
	case r.WebURL != "" && !isWebURL(r.WebURL):
		return &RenameError{Rename: r, Reason: quoteAll([]string{r.WebURL}) + " is no web address"}
	}
	return nil
}

func isWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && utf8.ValidString(s)
}

// against holds a rename against those before it. Two apps may have the same
// old name, one having taken it from the other; then their UUIDs must tell.
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
		// With a UUID, what holds one can be told apart. What holds the
		// name alone can't.
		if at := p.index.addresses(t.Old, nameOnly); at != nil || t.id == "" {
			return &AmbiguousAppError{Name: t.Old, IDs: ids, Addresses: at}
		}
		return nil
	case t.id != "" && len(ids) > 0 && !known:
		// The name is another app's now, in the state as well.
		if _, ok := p.index.ids[t.New][t.id]; ok {
			t.done = true
			return nil
		}
		return &AppNotInStateError{Rename: t.Rename, OtherName: t.Old, OtherIDs: ids}
	case len(p.index.byName[t.Old]) > 0:
		return nil
	}
	switch newIDs := p.index.idsOf(t.New); {
	case len(p.index.byName[t.New]) == 0:
		return &AppNotInStateError{Rename: t.Rename, Known: indexApps(p.file).names()}
	case t.id != "" && len(newIDs) > 0 && !slices.Contains(newIDs, t.id):
		return &AppNotInStateError{Rename: t.Rename, OtherName: t.New, OtherIDs: newIDs}
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
			return &BothInStateError{
				Rename: t.Rename,
				OldAt:  p.index.addresses(t.Old, t.concerns),
				NewAt:  p.index.addresses(t.New, anyRef),
			}
		}
		// Nothing but the rename says that an app without a UUID is this one,
		// and no app is managed at two addresses.
		oldAt = p.index.addresses(t.Old, func(a *appRef) bool { return a.isManagedApp() && a.id == "" })
		newAt = p.index.addresses(t.New, (*appRef).isManagedApp)
	}
	// An app that is half renamed has both names at one address.
	if len(oldAt) > 0 && len(newAt) > 0 && !slices.Equal(oldAt, newAt) {
		return &BothInStateError{Rename: t.Rename, OldAt: oldAt, NewAt: newAt}
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

const addressLeft = "the app's address can't be computed from its name; the next refresh corrects it"

// renameDerived reports whether the field has been dealt with. The rename is
// nil for an app that none applies to.
func (p *planner) renameDerived(a *appRef, t *renameTask, from provider.Derivation, path statefile.Path, v statefile.Value) bool {
	text := v.Text()
	if t == nil {
		// Another app that has taken, or always had, one of the old names
		// is right to mention it.
		return slices.ContainsFunc(a.names, func(name string) bool { return p.byOld[name] != nil })
	}
	stale := wordSet{t.Old: {}}.in(text)
	want := text
	switch from {
	case provider.GitURL:
		if text != provider.GitURLOf(t.Old) {
			return false
		}
		want = provider.GitURLOf(t.New)
	case provider.WebURL:
		if t.WebURL != "" {
			want = t.WebURL
		}
	case provider.Hostname:
		computed := p.computesHostname(a, t, text)
		web, _ := a.inst.Attr("web_url")
		switch {
		case computed && text == provider.HostnameOf(t.Old):
			want = provider.HostnameOf(t.New)
		case computed:
			return false
		case t.WebURL != "" && (stale || text == provider.HostOf(web.Text())):
			want = provider.HostOf(t.WebURL)
		}
	}
	switch {
	case want != text:
		p.replace(a, path, v, want)
	case stale && t.WebURL == "":
		p.left = append(p.left, placed[Leftover]{v.Offset(), Leftover{a.address, path.Clone(), addressLeft}})
	default:
		return !stale
	}
	return true
}

// computesHostname reports whether the provider that wrote the app's state made
// its hostname from the name (up to v5.2.1) rather than from the web URL.
func (p *planner) computesHostname(a *appRef, t *renameTask, hostname string) bool {
	if a.inst.Mode == statefile.Managed && a.inst.SchemaVersion <= a.res.Names.Current() {
		return true
	}
	for _, since := range []string{"generation", "last_release_id"} { // v5.3.0, v5.2.5
		if _, ok := a.inst.Attr(since); ok {
			return false
		}
	}
	web, _ := a.inst.Attr("web_url")
	if web.IsString() && provider.HostOf(web.Text()) != hostname && hostname == provider.HostnameOf(t.Old) {
		return true
	}
	// An address without an identifier is the same in both. A data source
	// doesn't tell its provider's era, its neighbours do.
	return a.inst.Mode == statefile.Data && p.inNameEra()
}

// inNameEra reports whether the managed apps of the state have the shape that
// the provider gave them up to v4.9.0.
func (p *planner) inNameEra() bool {
	if !p.eraDone {
		p.eraDone = true
		for inst := range p.file.Instances() {
			if inst.Mode == statefile.Managed && inst.Type == provider.App {
				if res := lookup(inst); res != nil {
					p.nameEra = inst.SchemaVersion <= res.Names.Current()
					break
				}
			}
		}
	}
	return p.nameEra
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

// mentionAll looks for old names in all of an instance.
func (p *planner) mentionAll(inst *statefile.Instance) {
	address := inst.Address()
	p.mentionKeys(address, inst)
	for path, v := range inst.Scalars() {
		if v.IsString() {
			p.mention(address, path, v)
		}
	}
}

// mention lists a string that holds an old name.
func (p *planner) mention(address string, path statefile.Path, v statefile.Value) {
	if p.olds.in(v.Text()) {
		p.mentions = append(p.mentions, placed[Mention]{v.Offset(), Mention{address, path.Clone()}})
	}
}

// mentionValue looks for old names in all of a value, the keys of maps included.
func (p *planner) mentionValue(address string, path statefile.Path, v statefile.Value) {
	p.mentionKey(address, path, v)
	switch v.Kind() {
	case statefile.String:
		p.mention(address, path, v)
	case statefile.Object:
		for m := range v.Members() {
			p.mentionValue(address, append(path, m.Name), m.Value)
		}
	case statefile.Array:
		i := 0
		for element := range v.Elements() {
			p.mentionValue(address, append(path, i), element)
			i++
		}
	}
}

// mentionKeys looks for old names in the keys of an instance's maps. The names
// of the attributes themselves are the provider's.
func (p *planner) mentionKeys(address string, inst *statefile.Instance) {
	var walk func(path statefile.Path, v statefile.Value)
	walk = func(path statefile.Path, v statefile.Value) {
		if len(path) > 1 {
			p.mentionKey(address, path, v)
		}
		for m := range v.Members() {
			walk(append(path, m.Name), m.Value)
		}
		i := 0
		for element := range v.Elements() {
			walk(append(path, i), element)
			i++
		}
	}
	if !inst.Flat() {
		walk(nil, inst.Attributes())
		return
	}
	for m := range inst.Attributes().Members() {
		if _, key, ok := strings.Cut(m.Name, "."); ok && p.olds.in(key) && !p.olds.in(m.Value.Text()) {
			p.mentions = append(p.mentions, placed[Mention]{m.Value.Offset(), Mention{address, statefile.Path{m.Name}}})
		}
	}
}

// mentionKey lists a place that has an old name as its key and not in its
// value, by which it would be listed as well.
func (p *planner) mentionKey(address string, path statefile.Path, v statefile.Value) {
	if len(path) == 0 {
		return
	}
	if key, ok := path[len(path)-1].(string); ok && p.olds.in(key) && !(v.IsString() && p.olds.in(v.Text())) {
		p.mentions = append(p.mentions, placed[Mention]{v.Offset(), Mention{address, path.Clone()}})
	}
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
				r.Mentions = append(r.Mentions, Mention{Path: path.Clone()})
			}
		}
	}
	return r
}

// isAddress reports whether what stands at a path of the document is an address
// of the configuration: the subject of a check result.
func isAddress(path statefile.Path) bool {
	if len(path) < 2 || path[0] != "check_results" {
		return false
	}
	last, _ := path[len(path)-1].(string)
	return last == "config_addr" || last == "object_addr"
}
