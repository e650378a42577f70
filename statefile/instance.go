package statefile

import (
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// Mode says whether Terraform manages a resource or only reads it.
type Mode string

// The modes that a state holds.
const (
	Managed Mode = "managed"
	Data    Mode = "data"
)

// Key is the key of an instance of a resource with count or for_each. The zero
// Key is that of a resource with neither.
type Key struct {
	kind byte // 0, 'i' or 's'
	text string
}

// IntKey returns the key of instance n of a resource with count.
func IntKey(n int) Key { return Key{'i', strconv.Itoa(n)} }

// StringKey returns the key s of a resource with for_each.
func StringKey(s string) Key { return Key{'s', s} }

// IsZero reports whether there is no key.
func (k Key) IsZero() bool { return k.kind == 0 }

// Int returns the number of a counted instance, from 0.
func (k Key) Int() (int, bool) {
	n, err := strconv.Atoi(k.text)
	return n, k.kind == 'i' && err == nil
}

// Str returns the key of an instance of for_each.
func (k Key) Str() (string, bool) { return k.text, k.kind == 's' }

// String spells the key as it ends an address: [0], ["blue"], or nothing.
func (k Key) String() string {
	switch k.kind {
	case 'i':
		return "[" + k.text + "]"
	case 's':
		return "[" + quote(k.text) + "]"
	}
	return ""
}

// quote writes a string as Terraform writes keys in addresses: in quotes, with
// HCL's escapes, and template marks doubled (Terraform 1.11, addrs,
// toHCLQuotedString).
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case (r == '$' || r == '%') && strings.HasPrefix(s[i+1:], "{"):
			b.WriteRune(r)
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= math.MaxUint16:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// Instance is one object that Terraform keeps in the state for a resource. It
// belongs to its [File] and must not be changed.
type Instance struct {
	Module   string // address of the module with its keys, "" for the root
	Mode     Mode
	Type     string // such as "heroku_app"
	Name     string // of the resource in the configuration
	Key      Key    // of count or for_each
	Deposed  string // of an object waiting for its destruction: its key, in version 3 "#" and its number; else ""
	Provider string // as the file spells it, which differs between versions of Terraform; may be ""

	// SchemaVersion is the provider's number for the shape of the attributes,
	// 0 where the file has none.
	SchemaVersion int

	file       *File
	v3, flat   bool
	object     span // the instance's own object
	attributes span // none if the instance has no attributes
	id         span // version 3: primary.id
	idName     span
	schema     span
}

// ResourceAddress returns the address of the resource: without the instance's
// key, and without the mark of a deposed object.
func (i *Instance) ResourceAddress() string {
	var b strings.Builder
	if i.Module != "" {
		b.WriteString(i.Module)
		b.WriteByte('.')
	}
	if i.Mode == Data {
		b.WriteString("data.")
	}
	b.WriteString(i.Type)
	b.WriteByte('.')
	b.WriteString(i.Name)
	return b.String()
}

// Address returns the address as Terraform spells it, such as
// module.env["blue"].data.heroku_app.a[0], with " (deposed 1a2b3c4d)" after it
// for a deposed object.
func (i *Instance) Address() string {
	address := i.ResourceAddress() + i.Key.String()
	if i.Deposed != "" {
		address += " (deposed " + i.Deposed + ")"
	}
	return address
}

// Flat reports whether the attributes are flat: one object whose keys are whole
// paths, such as config_vars.0.FOO, and whose values are strings. Version 3
// has no others; version 4 has them in attributes_flat, until a provider
// rewrites what Terraform took over from version 3.
func (i *Instance) Flat() bool { return i.flat }

// Attributes returns the object of the attributes, or the zero Value if the
// instance has none.
func (i *Instance) Attributes() Value {
	if i.attributes.none() {
		return Value{}
	}
	return Value{i.file, i.attributes}
}

// Scalars yields every scalar of the attributes in document order, every
// duplicate too, with its path within the attributes. In flat attributes the
// path is one step, the key as it stands. In version 3 primary.id is yielded
// as well, as "id". The path is reused between steps; [platform.Path.Clone] keeps one.
func (i *Instance) Scalars() iter.Seq2[Path, Value] {
	return func(yield func(Path, Value) bool) {
		path := make(Path, 0, 8)
		id := func() bool {
			return yield(append(path, "id"), Value{i.file, i.id})
		}
		if !i.id.none() && i.id.start < i.attributes.start && !id() {
			return
		}
		if !i.Attributes().scalars(&path, yield) {
			return
		}
		if !i.id.none() && i.id.start >= i.attributes.start {
			id()
		}
	}
}

// Attr returns an attribute by the name of its member, the last of duplicates,
// as Terraform reads it. In version 3 "id" is the attribute, else primary.id.
func (i *Instance) Attr(name string) (Value, bool) {
	var last Value
	if v := i.Attributes(); v.Kind() == Object {
		for n, value := range members(i.file.data, v.at) {
			if unquotesTo(n.of(i.file.data), name) {
				last = Value{i.file, value}
			}
		}
	}
	if last.file == nil && name == "id" && !i.id.none() {
		last = Value{i.file, i.id}
	}
	return last, last.file != nil
}

// AttrAll returns every member of the attributes with the name, in document
// order, and nil if there is none. In version 3 primary.id is one of those
// named "id".
func (i *Instance) AttrAll(name string) []Member {
	var all []Member
	id := func() {
		if name == "id" && !i.id.none() {
			all = append(all, i.file.member(i.idName, i.id))
		}
	}
	if i.id.start < i.attributes.start {
		id()
	}
	if v := i.Attributes(); v.Kind() == Object {
		for n, value := range members(i.file.data, v.at) {
			if unquotesTo(n.of(i.file.data), name) {
				all = append(all, Member{Name: name, Value: Value{i.file, value}, name: n})
			}
		}
	}
	if i.id.start >= i.attributes.start {
		id()
	}
	return all
}

// SchemaVersionValue returns the value that [Instance.SchemaVersion] was read
// from: a number in version 4, a string in version 3.
func (i *Instance) SchemaVersionValue() (Value, bool) {
	if i.schema.none() {
		return Value{}, false
	}
	return Value{i.file, i.schema}, true
}

// MayContain reports whether a string in the instance's object, names included,
// may hold s. False is certain; true may be wrong, since escapes are judged by
// single characters.
func (i *Instance) MayContain(s string) bool {
	return mayContain(i.object.of(i.file.data), s)
}
