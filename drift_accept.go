package herokutf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/herokutf/herokutf/internal/glob"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// An Acceptance is what has to change in a state so that it has what Heroku
// has. It changes nothing by itself; [Acceptance.Apply] does.
type Acceptance struct {
	// File is the state that it is for.
	File *statefile.File
	// Changes are the edits, in the order of the report; nil if there is
	// nothing to do. Of secrets Old and New are fingerprints.
	Changes []Change
	// Left is what differs in the objects chosen and can't be accepted, and
	// why: renames of apps that anything in the state knows by name, for which
	// there is [RepairRename], objects that are gone, and what the state has no place
	// for. Nil if there is nothing.
	Left []Leftover
	// Config is what has to change in the configuration, so that a plan changes
	// nothing back; nil without [DriftOptions.Config]. What can't follow is
	// [tfconfig.ValueEdit.Pending], and isn't accepted into the state either. Objects
	// that are gone are changes without a path, and no Changes of the state, from
	// which the next apply takes them. Secrets are fingerprints, but in the texts of
	// the files.
	Config *tfconfig.ValueEdit

	edits []statefile.Edit
	parts []acceptedPart

	configured bool // there is a configuration
	values     []followed
	kept       []keptChange
}

// itIsGone is why an object isn't accepted that Heroku doesn't have.
const itIsGone = "it is gone; take it out of the state with terraform state rm, or let the next apply make it again"

// noPlace is why something can't be accepted: there is nothing to edit.
const noPlace = "the state has no place for it; terraform apply -refresh-only makes one"

// ErrOtherState is the condition of an acceptance for a state that the report
// isn't about: one that was written since, or another one.
var ErrOtherState = errors.New("the report is not about this state")

// ErrNotInReport is the condition of an address that the report has no object
// for.
var ErrNotInReport = errors.New("no such object in the report")

// Accept finds out what has to change in a state for the values of attributes
// that differ from those on Heroku, as the provider would store them: with its
// types, with sets sorted, in flat attributes flat. No object comes or goes. A
// rename is accepted where the state knows the app by UUID, as since provider 5,
// and nothing else in it holds the old name; otherwise it is left, as it has to
// be followed everywhere at once. With [DriftOptions.Config] what has to change in the
// configuration is in the acceptance as well; see [Acceptance.Config].
//
// A heroku_app_release becomes the one that runs: its id, slug or image, and
// description. A heroku_build can't become another one.
//
// The file must be one that the report is about, byte for byte, or the error is
// [ErrOtherState]; with [statefile.Update], compare again within the lock. With
// addresses only the objects there count. An address that isn't in the report is a
// pattern: * stands for any text, ? for any one character, and \ takes the meaning
// from what follows. One that matches no object is an error that matches
// [ErrNotInReport]. So is a report or a file that is nil, without a sentinel.
func (r *DriftReport) Accept(f *statefile.File, addresses ...string) (*Acceptance, error) {
	switch {
	case r == nil:
		return nil, fmt.Errorf("accept drift: %w", errNoReport)
	case f == nil:
		return nil, errors.New("accept drift: the state is nil")
	}
	var state *statefile.File
	for _, known := range r.states {
		if state == nil && (known == f || bytes.Equal(known.Bytes(), f.Bytes())) {
			state = known
		}
	}
	if state == nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), ErrOtherState)
	}
	var objects []*DriftObject
	for i := range r.Objects {
		if o := &r.Objects[i]; o.origin != nil && o.origin.file == state {
			objects = append(objects, o)
		}
	}
	objects, err := atAddresses(objects, addresses)
	if err != nil {
		return nil, err
	}
	if r.config == nil {
		a := &Acceptance{File: f}
		a.acceptAll(objects)
		return a, nil
	}
	return acceptWithConfig(f, objects, r.config)
}

// atAddresses returns the objects at the addresses, which may be patterns, in their own
// order; without addresses all of them.
func atAddresses(objects []*DriftObject, addresses []string) ([]*DriftObject, error) {
	if len(addresses) == 0 {
		return objects, nil
	}
	chosen := make(map[*DriftObject]bool)
	// An address is taken as it is first: a key of for_each may hold any character.
	choose := func(match func(address string) bool) (some bool) {
		for _, o := range objects {
			if match(o.Address) {
				chosen[o], some = true, true
			}
		}
		return some
	}
	var errs []error
	for _, address := range addresses {
		if choose(func(s string) bool { return s == address }) {
			continue
		}
		if pattern, err := glob.Compile(address); err != nil || !choose(pattern.Match) {
			errs = append(errs, fmt.Errorf("%q: %w", address, ErrNotInReport))
		}
	}
	return slices.DeleteFunc(objects, func(o *DriftObject) bool { return !chosen[o] }), errors.Join(errs...)
}

// acceptAll plans the edits for the objects, but for what is kept.
func (a *Acceptance) acceptAll(objects []*DriftObject) {
	live := make(map[string]*statefile.Instance)
	for inst := range a.File.Instances() {
		live[inst.Address()] = inst
	}
	for _, o := range objects {
		if o = a.without(o); o != nil {
			a.parts = append(a.parts, acceptedPart{o, len(a.edits), len(a.Changes), len(a.values)})
			a.accept(o, live[o.Address])
		}
	}
	a.leaveImpossible()
}

// An acceptedPart is an object of an acceptance: where its edits, changes and values
// begin.
type acceptedPart struct {
	object                 *DriftObject
	edits, changes, values int
}

// leaveImpossible leaves the objects whose edits can't be made. One of them would stop
// all the others.
func (a *Acceptance) leaveImpossible() {
	if _, err := a.File.Apply(a.edits...); err == nil {
		return
	}
	edits, changes, values := a.edits, a.Changes, a.values
	a.edits, a.Changes, a.values = nil, nil, nil
	for i, part := range a.parts {
		next := acceptedPart{nil, len(edits), len(changes), len(values)}
		if i+1 < len(a.parts) {
			next = a.parts[i+1]
		}
		own := edits[part.edits:next.edits]
		if _, err := a.File.Apply(own...); err != nil {
			a.leave(part.object, nil, "the state can't be edited there: "+err.Error())
			continue
		}
		a.edits, a.Changes = append(a.edits, own...), append(a.Changes, changes[part.changes:next.changes]...)
		a.values = append(a.values, values[part.values:next.values]...)
	}
}

// Apply makes the changes and returns the new state, with the serial raised by
// one; see [statefile.File.Apply]. Without changes it returns the acceptance's
// own File. One that [DriftReport.Accept] hasn't returned, and so has no File, is an
// error.
func (a *Acceptance) Apply() (*statefile.File, error) {
	if a == nil || a.File == nil {
		return nil, errors.New("accept drift: the acceptance has no state")
	}
	return a.File.Apply(a.edits...)
}

func (a *Acceptance) leave(o *DriftObject, path statefile.Path, reason string) {
	a.Left = append(a.Left, Leftover{Address: o.Address, Path: path, Reason: reason})
}

// accept plans the edits for one object.
func (a *Acceptance) accept(o *DriftObject, inst *statefile.Instance) {
	switch o.Verdict {
	case Changed, Renamed:
	case Missing:
		a.gone(o)
		return
	case Replaced:
		a.leave(o, nil, itIsGone)
		return
	default:
		return
	}
	if o.origin.addonByName {
		a.leave(o, nil, "the state knows the add-on by name; "+uuidOfAddon+", here and wherever else the name stands")
		return
	}
	res := lookup(inst)
	attrs := newAttributes(inst)
	w := &stateWriter{acceptance: a, object: o, inst: inst, attrs: attrs, first: len(a.values)}
	// The old name identifies the app for as long as others hold it.
	byName := o.Verdict == Renamed && (o.origin.holders > 0 || !provider.IsUUID(provider.Text(attrs.Value("id"))))
	if byName {
		a.leave(o, nil, "the app was renamed; RepairRename (herokutf rename) follows that in all of the state")
	}
	for i := range o.Differences {
		d := &o.Differences[i]
		attr := res.At(d.Path)
		switch {
		case attr == nil:
			a.leave(o, d.Path, "it isn't known how the provider stores it")
		case byName && (attr.As == provider.AppName || attr.As == provider.Host):
		case attr.As == provider.Running && !res.Origin.Current:
			a.leave(o, d.Path, "a build is what it was; another slug needs another build")
		case attr.As == provider.Running && o.origin.pins > 1:
			a.leave(o, d.Path, "the states have several releases of the app, and only one can be the one that runs")
		case attr.As == provider.AppReference:
			a.leave(o, d.Path, "it belongs to another app now; the configuration has to follow")
		default:
			w.write(attr, d)
		}
	}
	w.resize()
	if res.Origin.Current && o.origin.running != nil && w.written > 0 {
		w.become(o.origin.running)
	}
}

// A stateWriter plans the edits of one instance.
type stateWriter struct {
	acceptance *Acceptance
	object     *DriftObject
	inst       *statefile.Instance
	attrs      *attributes
	written    int
	gone       map[string]int  // keys of flat maps that go, by the key of the map's size
	whole      map[string]bool // blocks and maps that were written as a whole already
	first      int             // of the values of the object in the acceptance
}

// write plans the edit of one difference.
func (w *stateWriter) write(attr *provider.Attr, d *DriftDifference) {
	_, live := d.plain()
	live, ok := attr.Stored(live)
	if !ok {
		w.acceptance.leave(w.object, d.Path, "Heroku's value is of another kind than the provider stores")
		return
	}
	var edits []statefile.Edit
	var problem string
	switch top := attr.Top(); {
	case w.blockGone(attr.Top()):
		if !w.whole[top] {
			edits, problem = w.emptyBlock(top)
		}
	case attr.As == provider.Mapping && !w.attrs.flat && w.rebuilds(attr):
		if !w.whole[attr.Name] {
			edits, problem = w.rebuild(attr)
		}
	case w.attrs.flat:
		edits, problem = w.flat(attr, d.Path[0].(string), live)
	default:
		edits, problem = w.nested(d.Path, live, attr.As == provider.ManagedKeys || attr.As == provider.Mapping)
	}
	if problem != "" {
		w.acceptance.leave(w.object, d.Path, problem)
		return
	}
	w.acceptance.edits = append(w.acceptance.edits, edits...)
	w.acceptance.Changes = append(w.acceptance.Changes, Change{Address: w.object.Address, Path: d.Path, Old: d.State, New: d.Live})
	w.value(attr, d)
	w.written++
}

func encodeJSON(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("herokutf: a value out of JSON has no JSON: " + err.Error())
	}
	return raw
}

// nested edits attributes that are a tree.
func (w *stateWriter) nested(path statefile.Path, live any, keyed bool) (edits []statefile.Edit, problem string) {
	value := w.inst.Attributes()
	for i, step := range path {
		last := i == len(path)-1
		if index, ok := step.(int); ok {
			elements := slices.Collect(value.Elements())
			if index >= len(elements) {
				return nil, noPlace
			}
			value = elements[index]
			continue
		}
		members := slices.DeleteFunc(slices.Collect(value.Members()), func(m statefile.Member) bool { return m.Name != step })
		switch {
		case len(members) == 0 && !last:
			return nil, noPlace
		case len(members) == 0:
			return w.addKey(value, step.(string), live)
		case last && live == nil && keyed:
			// A key of a map that is gone.
			for _, m := range members {
				edits = append(edits, statefile.RemoveMember(m))
			}
			return edits, ""
		case last:
			for _, m := range members {
				edits = append(edits, w.replace(m.Value, live))
			}
			return edits, ""
		}
		value = members[len(members)-1].Value
	}
	return nil, noPlace
}

// addKey adds a key to a map.
func (w *stateWriter) addKey(object statefile.Value, key string, live any) (edits []statefile.Edit, problem string) {
	members := slices.Collect(object.Members())
	if len(members) == 0 {
		return nil, noPlace
	}
	after := members[0]
	for _, m := range members {
		if m.Name < key {
			after = m
		}
	}
	return []statefile.Edit{statefile.AddMember(after, key, encodeJSON(live))}, ""
}

// replace puts a value of any kind in place of another one, laid out as that is.
func (w *stateWriter) replace(old statefile.Value, v any) statefile.Edit {
	if s, ok := v.(string); ok {
		return statefile.ReplaceString(old, s)
	}
	raw := encodeJSON(v)
	switch v.(type) {
	case []any, map[string]any:
		raw = indentLike(w.acceptance.File.Bytes(), old, raw)
	}
	return statefile.ReplaceRaw(old, raw)
}

// flat edits flat attributes, in which a list is its elements and its length.
func (w *stateWriter) flat(attr *provider.Attr, key string, live any) (edits []statefile.Edit, problem string) {
	set := func(key, text string) bool {
		members := w.inst.AttrAll(key)
		for _, m := range members {
			edits = append(edits, statefile.ReplaceString(m.Value, text))
		}
		return len(members) > 0
	}
	switch attr.As {
	case provider.InOrder, provider.AnyOrder, provider.Set:
		list, _ := live.([]any)
		return w.flatList(attr.Name, list)
	case provider.ManagedKeys, provider.Mapping:
		if live != nil {
			if !set(key, provider.Text(live)) {
				return nil, noPlace
			}
			return edits, ""
		}
		for _, m := range w.inst.AttrAll(key) {
			edits = append(edits, statefile.RemoveMember(m))
		}
		// The size of the map stands beside its keys; see resize.
		size := key[:strings.LastIndexByte(key, '.')+1] + "%"
		if len(w.inst.AttrAll(size)) == 0 {
			return nil, noPlace
		}
		if w.gone == nil {
			w.gone = make(map[string]int)
		}
		w.gone[size]++
		return edits, ""
	}
	text := provider.Text(live)
	if b, ok := live.(bool); ok {
		text = strconv.FormatBool(b)
	}
	if !set(key, text) {
		return nil, noPlace
	}
	return edits, ""
}

// resize corrects the sizes of flat maps that have lost keys.
func (w *stateWriter) resize() {
	for _, size := range slices.Sorted(maps.Keys(w.gone)) {
		for _, m := range w.inst.AttrAll(size) {
			if n, err := strconv.Atoi(m.Value.Text()); err == nil {
				w.acceptance.edits = append(w.acceptance.edits, statefile.ReplaceString(m.Value, strconv.Itoa(n-w.gone[size])))
			}
		}
	}
}

// flatList replaces the elements of a list or a set of texts. Those of a set
// stand under the CRC-32 of their text (schema.HashString in Terraform 0.11).
func (w *stateWriter) flatList(name string, list []any) (edits []statefile.Edit, problem string) {
	length := w.inst.AttrAll(name + ".#")
	if len(length) == 0 {
		return nil, noPlace
	}
	old := make(map[string][]statefile.Member)
	ordered := true
	for m := range w.inst.Attributes().Members() {
		if index, ok := strings.CutPrefix(m.Name, name+"."); ok && index != "#" {
			n, err := strconv.ParseUint(index, 10, 32)
			if err != nil {
				return nil, noPlace
			}
			old[m.Name] = append(old[m.Name], m)
			ordered = ordered && n < 1000
		}
	}
	if len(old) == 0 && len(list) > 0 {
		return nil, noPlace // nothing distinguishes a list from a set
	}
	want := make(map[string]string)
	for i, e := range list {
		text, ok := e.(string)
		if !ok {
			return nil, noPlace
		}
		index := strconv.Itoa(i)
		if !ordered {
			index = strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(text))), 10)
		}
		want[name+"."+index] = text
	}
	for _, key := range slices.Sorted(maps.Keys(old)) {
		for _, m := range old[key] {
			if text, ok := want[key]; ok {
				edits = append(edits, statefile.ReplaceString(m.Value, text))
			} else {
				edits = append(edits, statefile.RemoveMember(m))
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if old[key] == nil {
			edits = append(edits, statefile.AddMember(length[len(length)-1], key, encodeJSON(want[key])))
		}
	}
	for _, m := range length {
		edits = append(edits, statefile.ReplaceString(m.Value, strconv.Itoa(len(list))))
	}
	return edits, ""
}

// become makes a release the one that runs, in what no difference has: its id,
// its description, and what it runs in place of what the state has.
func (w *stateWriter) become(release any) {
	res := lookup(w.inst)
	view := &provider.View{Own: release, State: w.attrs}
	for i := range res.Attrs {
		attr := &res.Attrs[i]
		live, old := provider.Text(view.Value(attr)), provider.Text(w.attrs.Value(attr.Name))
		differs := slices.ContainsFunc(w.object.Differences, func(d DriftDifference) bool { return res.At(d.Path) == attr })
		if attr.As == provider.AppReference || differs || live == "" || live == old {
			continue
		}
		members := w.inst.AttrAll(attr.Name)
		if len(members) == 0 {
			w.acceptance.leave(w.object, statefile.Path{attr.Name}, noPlace)
			continue
		}
		for _, m := range members {
			w.acceptance.edits = append(w.acceptance.edits, statefile.ReplaceString(m.Value, live))
		}
		d := DriftDifference{Path: statefile.Path{attr.Name}, State: w.attrs.Value(attr.Name), Live: live}
		w.acceptance.Changes = append(w.acceptance.Changes, Change{Address: w.object.Address, Path: d.Path, Old: d.State, New: d.Live})
		w.value(attr, &d)
	}
}
