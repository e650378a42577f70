package statefile

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Edit is one change of a [File], to be made by [File.Apply]. Make one with
// [ReplaceString], [ReplaceRaw], [RenameMember], [RemoveMember], [AddMember],
// [InsertInstance] or [RemoveInstance].
// It prints and logs without the new text, which may be a secret.
type Edit struct{ *edit }

type edit struct {
	op   op
	file *File
	name span // of the member to rename, to remove or to add after
	at   span // of the value
	*replacement
}

// replacement is what an edit puts into the state, out of the reach of what
// prints by reflection, see format.go.
type replacement struct {
	raw      []byte       // JSON of the new value
	text     string       // new name, or new text of a string
	instance *NewInstance // to be inserted
}

type op byte

const (
	replaceString op = iota + 1
	replaceRaw
	renameMember
	removeMember
	addMember
	insertInstance
	removeInstance
)

func (o op) String() string {
	return [...]string{"none", "replace", "replace", "rename", "remove", "add after", "insert", "remove"}[o]
}

// ReplaceString puts the string s in place of a value of any kind, escaped as
// Terraform escapes it. A string that says s already stays as it is, to the
// byte.
func ReplaceString(v Value, s string) Edit {
	return Edit{&edit{replaceString, v.file, span{}, v.at, &replacement{text: s}}}
}

// ReplaceRaw puts JSON text in place of a value, byte for byte but for white
// space around it. Any valid JSON value will do; Apply refuses other text.
func ReplaceRaw(v Value, raw []byte) Edit {
	return Edit{&edit{replaceRaw, v.file, span{}, v.at, &replacement{raw: bytes.Trim(raw, whiteSpace)}}}
}

// RenameMember gives a member another name and leaves its value, which may be
// edited at the same time. Another member of that name isn't looked for.
func RenameMember(m Member, name string) Edit {
	return Edit{&edit{renameMember, m.Value.file, m.name, m.Value.at, &replacement{text: name}}}
}

// RemoveMember removes a member with the comma and the white space before it, or
// behind it if it is the first of its object. The rest of the object stays as it
// is.
func RemoveMember(m Member) Edit {
	return Edit{&edit{removeMember, m.Value.file, m.name, m.Value.at, new(replacement)}}
}

// AddMember adds a member with a value of any valid JSON after another one. The
// white space around it is that of its neighbour; the value is taken as by
// [ReplaceRaw]. Several members added after the same one keep the order of the edits.
func AddMember(after Member, name string, raw []byte) Edit {
	return Edit{&edit{addMember, after.Value.file, after.name, after.Value.at, &replacement{raw: bytes.Trim(raw, whiteSpace), text: name}}}
}

// splice puts new text in place of a span; an empty span is an insertion.
type splice struct {
	span
	text []byte
}

// Apply makes all edits at once and returns the edited file under the same
// name; f itself is unchanged. The serial rises by one, with as many digits as
// it takes; where a state holds it twice both rise, and one that has none gets
// one. Every other byte stays as it is. With no edits, or only such as change
// no byte, Apply returns f itself and the serial stays.
//
// Before it returns the new file, Apply proves it: all bytes outside the edits are
// compared, the new text of each instance and member of the root that is edited, or
// all of it if that isn't enough, is parsed, both versions are walked side by side
// there, and every difference has to be one of the edits, every edit one of the
// differences. The instances stay the same, in the same order, but for those that are
// inserted and removed, and so do version and lineage. If the outcome is anything
// else, the error is a [*ProofError]. For edits that can't be made (they overlap,
// belong to another file, touch the serial, hold invalid JSON or UTF-8, insert what is
// there or beside what is removed) it is an [*EditError].
func (f *File) Apply(edits ...Edit) (*File, error) {
	p, err := f.plan(edits)
	if err != nil {
		return nil, err
	}
	if len(p.splices) == 0 {
		return f, nil
	}
	return p.outcome(f.name)
}

// plan works out the splices of edits. Without any there is nothing to do.
func (f *File) plan(edits []Edit) (*plan, error) {
	p := &plan{f: f, removed: make(map[int]bool)}
	for _, e := range edits {
		if err := p.add(e); err != nil {
			return nil, err
		}
	}
	if err := p.takeOut(); err != nil {
		return nil, err
	}
	if err := p.insertAll(); err != nil {
		return nil, err
	}
	p.remove()
	if len(p.splices) == 0 {
		return p, nil
	}
	if err := p.raiseSerial(); err != nil {
		return nil, err
	}
	return p, p.sort()
}

// outcome makes the splices and proves what comes out, which gets the name.
func (p *plan) outcome(name string) (*File, error) {
	text := p.spliced()
	after, units, ok := p.carried(name, text)
	if !ok {
		var err error
		if after, err = index(name, text); err != nil {
			return nil, &ProofError{Name: name, Problem: "the outcome is no state: " + err.Error()}
		}
		units = whole(p.f, after)
	}
	if err := proveUnits(p.f, after, p.splices, p.claims, units); err != nil {
		return nil, err
	}
	return after, nil
}

// plan turns edits into splices of the text, and into claims of what will
// differ.
type plan struct {
	f        *File
	splices  []splice
	claims   []claim
	removals []removal
	removed  map[int]bool   // by the offset of the name or the element
	inserts  []*NewInstance // in the order of the edits
	takes    []span         // objects of instances that are to go
}

// A removal is a member that is to go, from its name to the end of its value, or an
// element.
type removal struct {
	span
	what difference // removed or taken
}

func (p *plan) fault(at span, format string, args ...any) error {
	e := &EditError{Name: p.f.name, Problem: fmt.Sprintf(format, args...)}
	if !at.none() {
		e.Line, e.Col = position(p.f.data, at.start)
	}
	return e
}

func (p *plan) add(e Edit) error {
	data := p.f.data
	switch {
	case e.edit == nil || e.file == nil:
		return p.fault(span{}, "the edit has no value to edit")
	case e.file != p.f:
		return p.fault(span{}, "made for another file or another version of this one")
	case e.op >= renameMember && e.op <= addMember && e.name.none():
		return p.fault(e.at, "the member was not read from a file")
	case !utf8.ValidString(e.text):
		return p.fault(e.at, "the new text is not valid UTF-8")
	case (e.op == replaceRaw || e.op == addMember) && !jsontext.Value(e.raw).IsValid(jsontext.AllowDuplicateNames(true)):
		return p.fault(e.at, "the new value is not valid JSON")
	}
	switch e.op {
	case replaceString:
		if old := e.at.of(data); kindOf(old[0]) != String || !unquotesTo(old, e.text) {
			p.replace(e.at, encode(e.text))
		}
	case replaceRaw:
		if string(e.at.of(data)) != string(e.raw) {
			p.replace(e.at, e.raw)
		}
	case renameMember:
		if !unquotesTo(e.name.of(data), e.text) {
			text := encode(e.text)
			p.splices = append(p.splices, splice{e.name, text})
			p.claims = append(p.claims, claim{what: renamed, at: e.name.start, name: text})
		}
	case removeMember:
		p.removals = append(p.removals, removal{span{e.name.start, e.at.end}, removed})
	case addMember:
		p.insert(e.name, e.at, encode(e.text), e.raw)
	case insertInstance:
		p.inserts = append(p.inserts, e.instance)
	case removeInstance:
		p.takes = append(p.takes, e.at)
	}
	return nil
}

// replace puts the text in place of the value at v.
func (p *plan) replace(v span, text []byte) {
	p.splices = append(p.splices, splice{v, text})
	p.claims = append(p.claims, claim{what: replaced, at: v.start, value: text})
}

// insert adds a member after the one of the given name and value, with the
// white space that its neighbour has.
func (p *plan) insert(after, v span, name, value []byte) {
	data := p.f.data
	start := after.start
	for data[start-1] != ',' && data[start-1] != '{' {
		start--
	}
	text := slices.Concat([]byte{','}, data[start:after.start], name, data[after.end:v.start], value)
	p.splices = append(p.splices, splice{span{v.end, v.end}, text})
	p.claims = append(p.claims, claim{what: added, at: after.start, name: name, value: value})
}

// remove makes the splices that take members and elements out. Which comma goes with
// one depends on which of its neighbours go as well, so a run of neighbours is one
// splice.
func (p *plan) remove() {
	data := p.f.data
	slices.SortFunc(p.removals, func(a, b removal) int { return cmp.Compare(a.start, b.start) })
	for i := 0; i < len(p.removals); {
		start, end := p.removals[i].start, 0
		for next := start; i < len(p.removals) && p.removals[i].start == next; i++ {
			p.claims = append(p.claims, claim{what: p.removals[i].what, at: next})
			p.removed[next] = true
			end = p.removals[i].end
			next = following(data, end)
		}
		// The comma before it goes with it, as AddMember has put it there; with
		// the first of an object the one behind, or, if there is none, all
		// white space.
		before := start - 1
		for data[before] != ',' && data[before] != '{' && data[before] != '[' {
			before--
		}
		if data[before] == ',' {
			start = before
		} else if comma := skipSpace(data, end); data[comma] == ',' {
			end = skipSpace(data, comma+1)
		} else {
			start, end = before+1, comma
		}
		p.splices = append(p.splices, splice{span{start, end}, nil})
	}
}

// raiseSerial raises every member that Terraform reads as the serial: it takes
// the last one, other programs may take the first.
func (p *plan) raiseSerial() error {
	for _, serial := range p.f.serials {
		p.replace(serial, increment(serial.of(p.f.data)))
	}
	if len(p.f.serials) == 0 {
		version := p.f.versionAt
		if p.removed[version.name.start] {
			return p.fault(version.name, "the version can't be removed")
		}
		p.insert(version.name, version.Value.at, []byte(`"serial"`), []byte("1"))
	}
	return nil
}

// increment adds one to a whole number of any size, as text. Null counts as 0.
func increment(number []byte) []byte {
	if string(number) == "null" {
		return []byte("1")
	}
	if number[0] == '-' {
		return decrement(number)
	}
	sum := slices.Clone(number)
	for i := len(sum) - 1; i >= 0; i-- {
		if sum[i] != '9' {
			sum[i]++
			return sum
		}
		sum[i] = '0'
	}
	return append([]byte{'1'}, sum...)
}

// decrement takes one off the digits of a negative number, so that the number
// rises. Version 3 allows such serials.
func decrement(number []byte) []byte {
	if string(number) == "-0" {
		return []byte("1")
	}
	digits := slices.Clone(number[1:])
	i := len(digits) - 1
	for ; digits[i] == '0'; i-- {
		digits[i] = '9'
	}
	digits[i]--
	if len(digits) > 1 && digits[0] == '0' {
		digits = digits[1:]
	}
	if string(digits) == "0" {
		return digits
	}
	return append([]byte{'-'}, digits...)
}

// sort brings the splices into the order of the text and refuses those that
// overlap.
func (p *plan) sort() error {
	// Stable, since members added at one place keep their order; an insertion
	// goes before what is taken out at the same place.
	slices.SortStableFunc(p.splices, func(a, b splice) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	for i := 1; i < len(p.splices); i++ {
		if p.splices[i].start < p.splices[i-1].end {
			return p.fault(p.splices[i].span, "overlaps another edit")
		}
	}
	for _, c := range p.claims {
		if c.what == added && p.removed[c.at] {
			return p.fault(span{c.at, c.at + 1}, "a member can't be added after one that is removed")
		}
	}
	return nil
}

// spliced returns the text with all splices made, in a slice of just its size.
func (p *plan) spliced() []byte {
	size := len(p.f.data)
	for _, s := range p.splices {
		size += len(s.text) - (s.end - s.start)
	}
	text := room(size)[:0]
	at := 0
	for _, s := range p.splices {
		text = append(text, p.f.data[at:s.start]...)
		text = append(text, s.text...)
		at = s.end
	}
	return append(text, p.f.data[at:]...)
}

// encode writes a string as Terraform does, which uses encoding/json with its
// escapes for HTML.
func encode(s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic("statefile: a string has no JSON: " + err.Error())
	}
	return text
}
