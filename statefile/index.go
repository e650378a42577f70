package statefile

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// indexer goes through the text once, from token to token where the structure
// of a state is, and over whole values where it isn't. The decoder checks all
// of the text on the way.
type indexer struct {
	f    *File
	dec  *jsontext.Decoder
	base int // offset of the decoder's first byte: what a byte order mark takes
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
	x := &indexer{f: &File{name: name, text: &text{&content{data}}}, seen: make(map[string]string)}
	text := bytes.TrimPrefix(data, bom)
	x.base = len(data) - len(text)
	// The decoder reads straight from the buffer's slice.
	x.dec = jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true))
	if err := x.document(); err != nil {
		return nil, x.fault(err)
	}
	if err := x.classify(); err != nil {
		return nil, err
	}
	x.f.addresses = sync.OnceValue(x.f.byAddress)
	return x.f, nil
}

// errMore is about a second value after the root.
var errMore = errors.New("more text after the end of the state")

// document reads the whole text.
func (x *indexer) document() (err error) {
	if x.dec.PeekKind() == '{' {
		x.f.root, err = x.object(x.rootMember)
	} else {
		x.f.root, err = x.skip()
	}
	if err != nil {
		return err
	}
	if _, err = x.dec.ReadToken(); err == nil {
		return errMore
	} else if err != io.EOF {
		return err
	}
	return nil
}

var rootFields = []string{"version", "terraform_version", "serial", "lineage", "outputs", "resources", "modules",

	"backend", "state_store", "encrypted_data", "encryption_version", "sops", "format_version", "planned_values"}

func (x *indexer) rootMember(name span) error {
	read := func(s *span) (err error) {
		*s, err = x.skip()
		return err
	}
	switch x.field(name, rootFields...) {
	case "version":
		err := read(&x.version)
		x.f.versionAt = Member{Value: Value{x.f, x.version}, name: name}
		return err
	case "serial":
		v, err := x.skip()
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
		_, err := x.array(x.resource4)
		return err
	case "modules":
		x.v3.instances, x.v3.outputs = x.v3.instances[:0], nil
		if ok, err := x.expect(&x.v3, "modules", Array); !ok {
			return err
		}
		_, err := x.array(x.module3)
		return err
	}
	_, err := x.skip()
	return err
}

// at returns the offset of the end of what was read last.
func (x *indexer) at() int { return x.base + int(x.dec.InputOffset()) }

// skip reads a whole value.
func (x *indexer) skip() (span, error) {
	v, err := x.dec.ReadValue()
	if err != nil {
		return span{}, err
	}
	end := x.at()
	return span{end - len(v), end}, nil
}

// object reads an object and calls member at each value, which has to read it.
func (x *indexer) object(member func(name span) error) (span, error) {
	if _, err := x.dec.ReadToken(); err != nil {
		return span{}, err
	}
	v := span{start: x.at() - 1}
	for x.dec.PeekKind() != '}' {
		name, err := x.skip()
		if err != nil {
			return v, err
		}
		if err := member(name); err != nil {
			return v, err
		}
	}
	_, err := x.dec.ReadToken()
	v.end = x.at()
	return v, err
}

// array reads an array and calls element at each value, which has to read it.
func (x *indexer) array(element func() error) (span, error) {
	if _, err := x.dec.ReadToken(); err != nil {
		return span{}, err
	}
	v := span{start: x.at() - 1}
	for x.dec.PeekKind() != ']' {
		if err := element(); err != nil {
			return v, err
		}
	}
	_, err := x.dec.ReadToken()
	v.end = x.at()
	return v, err
}

// expect reads a value. If it is null or of another kind, it is skipped and ok
// is false; another kind is noted as malformed.
func (x *indexer) expect(c *reading, what string, want Kind) (ok bool, err error) {
	kind := kindOf(byte(x.dec.PeekKind()))
	if kind == want {
		return true, nil
	}
	v, err := x.skip()
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
		*s, err = x.skip()
	}
	return err
}

// text reads a string that many instances share.
func (x *indexer) text(c *reading, what string, s *string) error {
	var at span
	err := x.into(c, what, String, &at)
	if err == nil && !at.none() {
		*s = x.share(at)
	}
	return err
}

// name reads the name of a resource, which few instances share.
func (x *indexer) name(c *reading, s *string) error {
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
// many as the text will have if it goes on like this: growing step by step
// would take several times the memory in the end.
func (x *indexer) instance(c *reading, i Instance) {
	if n := len(c.instances); n == cap(c.instances) {
		expected := int(float64(n) * float64(len(x.f.data)) / float64(x.at()) * 1.02)
		c.instances = slices.Grow(c.instances, max(4, min(expected-n, 8*n)))
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
