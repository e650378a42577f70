package statefile

import (
	"slices"
	"sort"
	"sync"
)

// A unit is a value that edits are within, in both versions of a document: the object
// of an instance, or a member of the root on which nothing else of the index depends.
// As the text around it stays, it is enough to look at the units, to know what the
// outcome is, and to prove it.
type unit struct {
	before, after span
	instance      int // which one it is, -1 for a member of the root
	serial        bool
}

// holds reports whether the unit's value is still one value, and at the same place,
// whatever stands in place of s.
func (u unit) holds(s span) bool {
	if s.start == s.end {
		return u.before.start < s.start && s.end < u.before.end
	}
	return u.before.start <= s.start && s.end <= u.before.end
}

// units returns the units that the splices are within, in document order. ok is false
// if one is elsewhere.
func (f *File) units(splices []splice) (units []unit, ok bool) {
	shift := 0
	for _, s := range splices {
		if last := len(units) - 1; last < 0 || !units[last].holds(s.span) {
			u, ok := f.unitOf(s.span)
			if !ok {
				return nil, false
			}
			u.after = span{u.before.start + shift, u.before.end + shift}
			units = append(units, u)
		}
		n := len(s.text) - (s.end - s.start)
		units[len(units)-1].after.end += n
		shift += n
	}
	return units, true
}

// unitOf returns the unit that holds s.
func (f *File) unitOf(s span) (u unit, ok bool) {
	// Instances stand in document order.
	n := sort.Search(len(f.instances), func(i int) bool { return f.instances[i].object.start > s.start }) - 1
	if n >= 0 {
		if u = (unit{before: f.instances[n].object, instance: n}); u.holds(s) {
			return u, true
		}
	}
	for _, m := range f.members {
		u = unit{before: m.value, instance: -1}
		if !u.holds(s) {
			continue
		}
		name := m.name.of(f.data)
		switch u.serial = isField(name, "serial"); {
		case u.serial, isField(name, "outputs") && kindOf(f.data[m.value.start]) == Object:
			return u, true
		}
		return u, !slices.ContainsFunc(rootFields, func(field string) bool { return isField(name, field) })
	}
	return u, false
}

// carried returns the outcome of the edits, under the name, with the index of the
// original: what stands behind an edit is moved, and the units are read anew. The
// index is that which the whole text would give, which the tests see to. ok is false
// where that can't be said, and all of the text has to be read.
func (p *plan) carried(name string, data []byte) (after *File, units []unit, ok bool) {
	f := p.f
	if units, ok = f.units(p.splices); !ok {
		return nil, nil, false
	}
	m := newMoves(p.splices)
	after = &File{name: name, text: newText(data), version: f.version, lineage: f.lineage, terraform: f.terraform,
		root: m.span(f.root), versionAt: Member{name: m.span(f.versionAt.name)}}
	after.versionAt.Value = Value{after, m.span(f.versionAt.Value.at)}
	for _, serial := range f.serials {
		after.serials = append(after.serials, m.span(serial))
	}
	for _, set := range f.outputs {
		after.outputs = append(after.outputs, outputs{set.module, m.span(set.at)})
	}
	for _, member := range f.members {
		after.members = append(after.members, rootMember{m.span(member.name), m.span(member.value)})
	}
	after.instances = slices.Clone(f.instances)
	for n := range after.instances {
		i := &after.instances[n]
		i.move(after, m.offset(i.object.start)-i.object.start)
	}
	for _, u := range units {
		if !f.readUnit(after, u) {
			return nil, nil, false
		}
	}
	after.addresses = sync.OnceValue(after.byAddress)
	return after, units, true
}

// readUnit reads a unit of the outcome, and reports whether it is what it was before.
func (f *File) readUnit(after *File, u unit) bool {
	if u.instance < 0 {
		r := reader{data: after.data[:u.after.end], i: u.after.start, open: make([]byte, 1)}
		v, err := r.value()
		if err != nil || v != u.after {
			return false
		}
		text := v.of(after.data)
		switch is, was := kindOf(text[0]), kindOf(f.data[u.before.start]); {
		case u.serial:
			return isSerial(text)
		default:
			return is == was
		}
	}
	like := &f.instances[u.instance]
	was, ok := f.readInstance(u.before, like)
	if !ok {
		return false
	}
	is, ok := after.readInstance(u.after, like)
	// One that names no provider has that of its resource.
	if !ok || is.Provider != was.Provider {
		return false
	}
	is.Module, is.Mode, is.Type, is.Name, is.Provider = like.Module, like.Mode, like.Type, like.Name, like.Provider
	if is.v3 {
		is.Key = like.Key
	}
	after.instances[u.instance] = is
	return true
}

// readInstance reads the object of an instance, without what its resource says of it,
// in the version of the format that another one has.
func (f *File) readInstance(at span, like *Instance) (i Instance, ok bool) {
	x := newIndexer(f, at.start)
	x.data = f.data[:at.end]
	// What is open around it counts as it does in the whole text.
	c, read, depth := &x.v4, x.instance4, len("{[{[")
	if like.v3 {
		c, depth = &x.v3, len("{[{{{")
		if like.Deposed != "" {
			depth++
		}
		read = func() error { return x.instance3(like.Deposed) }
	}
	x.open = make([]byte, depth)
	if read() != nil || x.i != at.end || c.malformed != nil || len(c.instances) != 1 || c.instances[0].object != at {
		return Instance{}, false
	}
	return c.instances[0], true
}

// move makes the instance one of another file, so many bytes further behind.
func (i *Instance) move(f *File, by int) {
	i.file = f
	for _, s := range [...]*span{&i.object, &i.attributes, &i.id, &i.idName, &i.schema} {
		if !s.none() {
			s.start += by
			s.end += by
		}
	}
}

// moves says where to splices move what they don't change.
type moves []struct{ from, by int }

func newMoves(splices []splice) moves {
	m := make(moves, 0, len(splices))
	by := 0
	for _, s := range splices {
		by += len(s.text) - (s.end - s.start)
		m = append(m, struct{ from, by int }{s.end, by})
	}
	return m
}

// offset returns where an offset is after the splices.
func (m moves) offset(at int) int {
	if n := sort.Search(len(m), func(i int) bool { return m[i].from > at }); n > 0 {
		return at + m[n-1].by
	}
	return at
}

func (m moves) span(s span) span { return span{m.offset(s.start), m.offset(s.end)} }
