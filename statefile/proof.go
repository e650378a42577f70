package statefile

import (
	"bytes"
	"cmp"
	"slices"
)

// claim is what an edit says will differ. The places are those of the original:
// offsets stay unique where names don't.
type claim struct {
	what difference
	// at is the offset of the value that was replaced, of the element that was taken,
	// of the element or the closing bracket that one was inserted before, and of the
	// name otherwise.
	at    int
	name  []byte         // JSON of the new name, of what was renamed or added
	value []byte         // JSON of the new value, of what was replaced, added or inserted
	adds  []*NewInstance // that the new value brings
}

// difference is a way in which two versions of a document differ at one place.
type difference byte

const (
	replaced difference = iota + 1 // another value stands at the place
	renamed                        // the member has another name
	removed                        // the member is gone
	added                          // a member stands after that at the place
	inserted                       // an element stands before the place
	taken                          // the element is gone
)

func (d difference) String() string {
	return [...]string{"nothing", "a value differs", "a member has another name", "a member is missing", "a member was added",
		"an element was inserted", "an element is missing"}[d]
}

func compareClaims(a, b claim) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.what, b.what))
}

// whole is the unit of everything.
func whole(before, after *File) []unit {
	return []unit{{before: before.root, after: after.root, instance: -1}}
}

// prove checks that after is before with the claims come true, and nothing else,
// wherever that may be.
func prove(before, after *File, splices []splice, claims []claim) error {
	return proveUnits(before, after, splices, claims, whole(before, after))
}

// proveUnits checks that after is before with the claims come true, and nothing
// else. It trusts no splice: it finds the differences from the two texts of the
// units, which have both been parsed, and compares them with the claims. Beyond that,
// the bytes between the splices have to be the same, white space included, and the
// same instances have to stand in the same order. What is in no unit is the same
// by that: a value in the place of another leaves the structure around it as it is.
func proveUnits(before, after *File, splices []splice, claims []claim, units []unit) error {
	w := &walk{a: before.data, b: after.data,
		whole: make(map[int]bool), removed: make(map[int]bool), added: make(map[int]int)}
	for _, c := range claims {
		switch c.what {
		case replaced:
			w.whole[c.at] = true
		case removed, taken:
			w.removed[c.at] = true
		case added, inserted:
			w.added[c.at]++
		}
	}
	fault := func(at int, problem string) error {
		return &ProofError{Name: before.name, Path: before.pathOf(at), Problem: problem}
	}

	if at, ok := unspliced(before.data, after.data, splices); !ok {
		return fault(at, "the text differs outside the edits")
	}
	if before.version != after.version || before.lineage != after.lineage {
		return fault(0, "version or lineage would change")
	}
	if at, problem := proveInstances(before, after, claims); problem != "" {
		return fault(at, problem)
	}

	for _, u := range units {
		if u.before == before.root {
			w.ia, w.ib = before.instances, after.instances
		}
		if i, j := w.value(u.before.start, u.after.start); i != u.before.end || j != u.after.end {
			return fault(u.before.start, "the value ends elsewhere")
		}
	}
	slices.SortStableFunc(claims, compareClaims)
	slices.SortStableFunc(w.found, compareClaims)
	for i := range max(len(claims), len(w.found)) {
		switch {
		case i >= len(claims) || i < len(w.found) && compareClaims(w.found[i], claims[i]) < 0:
			return fault(w.found[i].at, w.found[i].what.String()+" without an edit")
		case i >= len(w.found) || compareClaims(w.found[i], claims[i]) > 0:
			return fault(claims[i].at, "an edit had no effect")
		case !bytes.Equal(w.found[i].name, claims[i].name), !bytes.Equal(w.found[i].value, claims[i].value):
			return fault(claims[i].at, "an edit had another effect than it should")
		}
	}
	return nil
}

// proveInstances checks that after has the instances of before in their order, less
// those that were taken and with those that were inserted, at their places.
func proveInstances(before, after *File, claims []claim) (at int, problem string) {
	var news []claim
	var gone []span
	for _, c := range claims {
		switch {
		case len(c.adds) > 0:
			news = append(news, c)
		case c.what == taken:
			gone = append(gone, span{c.at, skipValue(before.data, c.at)})
		}
	}
	slices.SortStableFunc(news, compareClaims)
	slices.SortFunc(gone, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	rest := after.instances
	insertedBefore := func(offset int) bool {
		for ; len(news) > 0 && news[0].at <= offset; news = news[1:] {
			for _, i := range news[0].adds {
				if at = news[0].at; len(rest) == 0 || !i.is(&rest[0]) {
					return false
				}
				rest = rest[1:]
			}
		}
		return true
	}
	for n := range before.instances {
		i := &before.instances[n]
		if !insertedBefore(i.object.start) {
			return at, "an instance would be inserted otherwise than it should"
		}
		for len(gone) > 0 && gone[0].end <= i.object.start {
			gone = gone[1:]
		}
		if len(gone) > 0 && gone[0].start <= i.object.start {
			continue
		}
		if len(rest) == 0 {
			return 0, "the number of instances would change"
		}
		if !i.same(&rest[0]) {
			return i.object.start, "the address of an instance would change"
		}
		rest = rest[1:]
	}
	if !insertedBefore(len(before.data)) {
		return at, "an instance would be inserted otherwise than it should"
	}
	if len(rest) > 0 {
		return 0, "the number of instances would change"
	}
	return 0, ""
}

// unspliced compares the bytes outside the splices. It returns the offset in
// the original from which a stretch differs.
func unspliced(a, b []byte, splices []splice) (at int, ok bool) {
	i, j := 0, 0
	for _, s := range append(slices.Clone(splices), splice{span: span{len(a), len(a)}}) {
		n := s.start - i
		if n < 0 || j+n > len(b) || !bytes.Equal(a[i:i+n], b[j:j+n]) {
			return i, false
		}
		i, j = s.end, j+n+len(s.text)
	}
	return i, j == len(b)
}

// same reports whether two instances are the same one in two versions of a
// state.
func (i *Instance) same(j *Instance) bool {
	return i.Module == j.Module && i.Mode == j.Mode && i.Type == j.Type && i.Name == j.Name &&
		i.Key == j.Key && i.Deposed == j.Deposed && i.flat == j.flat
}

// walk goes through two versions of a document side by side and notes where
// they differ. Places are found by their order in the text. The claims are
// asked only what belongs together: which members were taken out or added,
// without which the rest of an object would have to be guessed, and which
// values are to be compared whole.
type walk struct {
	a, b    []byte
	ia, ib  []Instance   // those not yet passed, of both versions
	whole   map[int]bool // offsets of values
	removed map[int]bool // offsets of names, and of elements
	added   map[int]int  // how many after the name at an offset, or before the element or bracket there
	found   []claim
}

// value compares the values that start at i and j and returns their ends.
func (w *walk) value(i, j int) (int, int) {
	for len(w.ia) > 0 && w.ia[0].object.start < i {
		w.ia = w.ia[1:]
	}
	for len(w.ib) > 0 && w.ib[0].object.start < j {
		w.ib = w.ib[1:]
	}
	if len(w.ia) > 0 && len(w.ib) > 0 && w.ia[0].object.start == i && w.ib[0].object.start == j {
		// Most instances are equal to the byte, and need no walk.
		u, v := w.ia[0].object, w.ib[0].object
		if bytes.Equal(u.of(w.a), v.of(w.b)) {
			return u.end, v.end
		}
	}
	if w.a[i] == w.b[j] && !w.whole[i] {
		switch w.a[i] {
		case '{':
			return w.object(i, j)
		case '[':
			return w.array(i, j)
		}
	}
	return w.unit(i, j)
}

// unit compares two values by their text.
func (w *walk) unit(i, j int) (int, int) {
	u, v := span{i, skipValue(w.a, i)}, span{j, skipValue(w.b, j)}
	if !bytes.Equal(u.of(w.a), v.of(w.b)) {
		w.found = append(w.found, claim{what: replaced, at: i, value: v.of(w.b)})
	}
	return u.end, v.end
}

// array compares two arrays element by element, less those that were taken out or
// inserted, and as a whole if one is longer.
func (w *walk) array(i, j int) (int, int) {
	u, v := skipSpace(w.a, i+1), skipSpace(w.b, j+1)
	for {
		for range w.added[u] {
			if w.b[v] == ']' {
				break
			}
			new := span{v, skipValue(w.b, v)}
			w.found = append(w.found, claim{what: inserted, at: u, value: new.of(w.b)})
			v = following(w.b, new.end)
		}
		if w.removed[u] && w.a[u] != ']' {
			w.found = append(w.found, claim{what: taken, at: u})
			u = following(w.a, skipValue(w.a, u))
			continue
		}
		if w.a[u] == ']' || w.b[v] == ']' {
			break
		}
		u, v = w.value(u, v)
		u, v = following(w.a, u), following(w.b, v)
	}
	if w.a[u] != w.b[v] {
		return w.unit(i, j)
	}
	return u + 1, v + 1
}

// object compares two objects member by member, in the order they stand in.
func (w *walk) object(i, j int) (int, int) {
	u, v := skipSpace(w.a, i+1), skipSpace(w.b, j+1)
	last := i
	for w.a[u] == '"' {
		name := span{u, skipString(w.a, u)}
		u = afterColon(w.a, name.end)
		last = name.start
		if w.removed[name.start] || w.b[v] != '"' {
			w.found = append(w.found, claim{what: removed, at: name.start})
			u = following(w.a, skipValue(w.a, u))
			continue
		}
		other := span{v, skipString(w.b, v)}
		if !bytes.Equal(name.of(w.a), other.of(w.b)) {
			w.found = append(w.found, claim{what: renamed, at: name.start, name: other.of(w.b)})
		}
		u, v = w.value(u, afterColon(w.b, other.end))
		u, v = following(w.a, u), following(w.b, v)
		for range w.added[name.start] {
			v = w.more(name.start, v)
		}
	}
	for w.b[v] == '"' {
		v = w.more(last, v)
	}
	return u + 1, v + 1
}

// more notes the member that starts at v, if there is one, as added, and
// returns the start of the next one.
func (w *walk) more(after, v int) int {
	if w.b[v] != '"' {
		return v
	}
	name := span{v, skipString(w.b, v)}
	value := span{start: afterColon(w.b, name.end)}
	value.end = skipValue(w.b, value.start)
	w.found = append(w.found, claim{what: added, at: after, name: name.of(w.b), value: value.of(w.b)})
	return following(w.b, value.end)
}

// pathOf returns the path to what stands at an offset.
func (f *File) pathOf(offset int) Path {
	path := Path{}
	for at := f.root; at.start < offset; {
		inner := span{}
		var step any
		switch f.data[at.start] {
		case '{':
			for name, value := range members(f.data, at) {
				if name.start <= offset && offset < value.end {
					inner, step = value, unquote(name.of(f.data))
				}
			}
		case '[':
			i := 0
			for value := range elements(f.data, at) {
				if value.start <= offset && offset < value.end {
					inner, step = value, i
				}
				i++
			}
		}
		if inner.none() {
			break
		}
		path = append(path, step)
		at = inner
	}
	return path
}
