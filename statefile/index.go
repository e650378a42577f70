package statefile

import (
	"bytes"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// indexer goes through the text once, from member to member where the structure
// of a state is, and over whole values where it isn't. The reader checks all of the
// text on the way.
type indexer struct {
	reader
	f    *File
	seen map[string]string

	// What the root says, whatever version it turns out to be: the version may
	// come last.
	version, encrypted, encryption, sops, backend, store, format, planned span
	lineage, terraform                                                    span
	v3, v4                                                                reading
}

// reading is what one version of the format makes of the document.
type reading struct {
	instances []Instance
	outputs   []outputs
	malformed error // the first fault in the structure
}

func index(name string, data []byte) (*File, error) {
	x := newIndexer(&File{name: name, text: newText(data)}, len(data)-len(bytes.TrimPrefix(data, bom)))
	if x.document() != nil {
		return nil, x.fault()
	}
	if err := x.classify(); err != nil {
		return nil, err
	}
	x.f.addresses = sync.OnceValue(x.f.byAddress)
	return x.f, nil
}

// newIndexer reads the text of f from an offset on.
func newIndexer(f *File, from int) *indexer {
	return &indexer{reader: reader{data: f.data, i: from}, f: f, seen: make(map[string]string)}
}

// document reads the whole text.
func (x *indexer) document() (err error) {
	if x.peek() == '{' {
		x.f.root, err = x.object(func(name span) error {
			start := skipSpace(x.data, x.i)
			err := x.rootMember(name)
			x.f.members = append(x.f.members, rootMember{name, span{start, x.i}})
			return err
		})
	} else {
		x.f.root, err = x.value()
	}
	if err == nil {
		if x.peek(); x.i < len(x.data) {
			return errInvalid
		}
	}
	return err
}

var rootFields = []string{"version", "terraform_version", "serial", "lineage", "outputs", "resources", "modules",

	"backend", "state_store", "encrypted_data", "encryption_version", "sops", "format_version", "planned_values"}

func (x *indexer) rootMember(name span) error {
	read := func(s *span) (err error) {
		*s, err = x.value()
		return err
	}
	switch x.field(name, rootFields...) {
	case "version":
		err := read(&x.version)
		x.f.versionAt = Member{Value: Value{x.f, x.version}, name: name}
		return err
	case "serial":
		v, err := x.value()
		x.f.serials = append(x.f.serials, v)
		return err
	case "terraform_version":
		return read(&x.terraform)
	case "lineage":
		return read(&x.lineage)
	case "backend":
		return read(&x.backend)
	case "state_store":
		return read(&x.store)
	case "encrypted_data":
		return read(&x.encrypted)
	case "encryption_version":
		return read(&x.encryption)
	case "sops":
		return read(&x.sops)
	case "format_version":
		return read(&x.format)
	case "planned_values":
		return read(&x.planned)
	case "outputs":
		var v span
		err := x.into(&x.v4, "outputs", Object, &v)
		x.v4.outputs = nil
		if !v.none() {
			x.v4.outputs = []outputs{{at: v}}
		}
		return err
	case "resources":
		x.v4.instances = x.v4.instances[:0]
		if ok, err := x.expect(&x.v4, "resources", Array); !ok {
			return err
		}
		_, err := x.list(x.resource4)
		return err
	case "modules":
		x.v3.instances, x.v3.outputs = x.v3.instances[:0], nil
		if ok, err := x.expect(&x.v3, "modules", Array); !ok {
			return err
		}
		_, err := x.list(x.module3)
		return err
	}
	_, err := x.value()
	return err
}

// object reads an object and calls member at each value, which has to read it.
func (x *indexer) object(member func(name span) error) (span, error) {
	return x.list(func() error {
		name, err := x.name()
		if err != nil {
			return err
		}
		return member(name)
	})
}

// list reads an object or an array and calls element at each member or element, which has
// to read it.
func (x *indexer) list(element func() error) (span, error) {
	bracket := x.peek()
	v := span{start: x.i}
	if err := x.enter(); err != nil {
		return v, err
	}
	if x.peek() == bracket+'}'-'{' {
		x.leave()
		v.end = x.i
		return v, nil
	}
	for {
		if err := element(); err != nil {
			return v, err
		}
		if more, err := x.more(); err != nil || !more {
			v.end = x.i
			return v, err
		}
	}
}

// expect reads a value. If it is null or of another kind, it is skipped and ok
// is false; another kind is noted as malformed.
func (x *indexer) expect(c *reading, what string, want Kind) (ok bool, err error) {
	kind := kindOf(x.peek())
	if kind == want {
		return true, nil
	}
	v, err := x.value()
	if err == nil && kind != Null && c.malformed == nil {
		c.malformed = x.wrong(what, v, [...]string{Number: "a number", String: "a string", Object: "an object", Array: "a list"}[want])
	}
	return false, err
}

// into reads a value into a span, leaving null out.
func (x *indexer) into(c *reading, what string, want Kind, s *span) error {
	*s = span{}
	ok, err := x.expect(c, what, want)
	if ok {
		*s, err = x.value()
	}
	return err
}

// shared reads a string that many instances share.
func (x *indexer) shared(c *reading, what string, s *string) error {
	var at span
	err := x.into(c, what, String, &at)
	if err == nil && !at.none() {
		*s = x.share(at)
	}
	return err
}

// resourceName reads the name of a resource, which few instances share.
func (x *indexer) resourceName(c *reading, s *string) error {
	var at span
	err := x.into(c, "name", String, &at)
	if err == nil && !at.none() {
		*s = unquote(at.of(x.f.data))
	}
	return err
}

func (x *indexer) number(c *reading, what string, at span, text string) int {
	n, err := strconv.Atoi(text)
	if (err != nil || n < 0) && c.malformed == nil {
		c.malformed = x.wrong(what, at, "a whole number")
	}
	return n
}

// instance notes an instance. Where there is no more room, it is made for as
// many as the text will have if it goes on like this, once there are enough to say so:
// growing step by step would take several times the memory in the end.
func (x *indexer) instance(c *reading, i Instance) {
	if n := len(c.instances); n == cap(c.instances) {
		more := max(4, 8*n)
		if expected := int(float64(n) * float64(len(x.f.data)) / float64(x.i) * 1.02); n >= 256 || expected-n < more {
			more = max(4, expected-n)
		}
		grown := make([]Instance, n, n+more)
		copy(grown, c.instances)
		c.instances = grown
	}
	c.instances = append(c.instances, i)
}

// share returns the text of a string, always the same copy of it.
func (x *indexer) share(at span) string {
	raw := at.of(x.f.data)
	s, ok := x.seen[string(raw)]
	if !ok {
		s = unquote(raw)
		x.seen[string(raw)] = s
	}
	return s
}

// field returns which of the fields a member is, or "" for none of them.
func (x *indexer) field(name span, fields ...string) string {
	raw := name.of(x.f.data)
	for _, field := range fields {
		if len(raw) == len(field)+2 && string(raw[1:len(raw)-1]) == field {
			return field
		}
	}
	for _, field := range fields {
		if isField(raw, field) {
			return field
		}
	}
	return ""
}

// isField reports whether encoding/json takes a member for a field of a struct,
// by the JSON of its name and the field's: exactly, or in any case of letters.
func isField(raw []byte, field string) bool {
	// Nearly all names differ in length or in the last letter. Only escapes,
	// and the two letters outside ASCII that fold into it, make a longer name
	// the same.
	switch last := raw[len(raw)-2]; {
	case len(raw) < len(field)+2:
		return false
	case len(raw) > len(field)+2:
		return bytes.ContainsFunc(raw, func(r rune) bool { return r == '\\' || r >= utf8.RuneSelf }) &&
			strings.EqualFold(unquote(raw), field)
	case last < utf8.RuneSelf && last|0x20 != field[len(field)-1]:
		return false
	}
	return strings.EqualFold(string(raw[1:len(raw)-1]), field)
}
