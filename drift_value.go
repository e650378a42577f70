package herokutf

import (
	"bytes"
	"encoding/json"
	"sync"

	jsonopts "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// decodeJSON decodes JSON as encoding/json does into an empty interface, with numbers
// kept as text. Of members with the same name the last one counts. It goes through the
// text once, makes maps and lists in just their size, and has one copy of each name.
func decodeJSON(raw []byte) (any, error) { return decode(raw, false) }

// decodeAnswer is decodeJSON for what is never changed: objects within the object that
// it decodes, such as the team, the region and the stack of an app, are one and the
// same wherever their text is.
func decodeAnswer(raw []byte) (any, error) { return decode(raw, true) }

func decode(raw []byte, share bool) (any, error) {
	d := decoders.Get().(*decoder)
	defer decoders.Put(d)
	if len(d.names) > most {
		clear(d.names)
	}
	if len(d.shared) > most {
		clear(d.shared)
	}
	d.json.Reset(bytes.NewBuffer(raw), asEncodingJSON)
	d.share, d.depth = share, 0
	v, err := d.value()
	clear(d.values[:cap(d.values)])
	d.values, d.members = d.values[:0], d.members[:0]
	d.json.Reset(bytes.NewBuffer(nil))
	return v, err
}

// most is how many names, and how many objects, a decoder keeps. Those that aren't met
// again, such as the names of config vars, go when there are so many.
const most = 1000

// shortObject is how long the text of an object is at the most that is kept, in bytes.
const shortObject = 512

var (
	decoders       = sync.Pool{New: func() any { return &decoder{names: make(map[string]string), shared: make(map[string]any)} }}
	asEncodingJSON = jsonopts.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
)

// A decoder decodes one text after the other.
type decoder struct {
	json   jsontext.Decoder
	names  map[string]string // the names of members by their JSON
	shared map[string]any    // objects by their JSON
	share  bool
	depth  int // of objects that aren't complete yet

	// What these and the lists in them hold so far.
	members []string
	values  []any
}

func (d *decoder) value() (any, error) {
	switch d.json.PeekKind() {
	case jsontext.KindBeginObject:
		if d.share && d.depth > 0 {
			return d.sharedObject()
		}
		return d.object()
	case jsontext.KindBeginArray:
		return d.list()
	case jsontext.KindNumber:
		text, err := d.json.ReadValue()
		return json.Number(text), err
	}
	t, err := d.json.ReadToken()
	if err != nil {
		return nil, err
	}
	switch t.Kind() {
	case jsontext.KindString:
		return t.String(), nil
	case jsontext.KindNull:
		return nil, nil
	}
	return t.Bool(), nil
}

// sharedObject reads an object of which there is one for each text.
func (d *decoder) sharedObject() (any, error) {
	raw, err := d.json.ReadValue()
	if err != nil {
		return nil, err
	}
	if v, ok := d.shared[string(raw)]; ok {
		return v, nil
	}
	v, err := decodeJSON(raw)
	if err == nil && len(raw) <= shortObject {
		d.shared[string(raw)] = v
	}
	return v, err
}

func (d *decoder) object() (any, error) {
	if _, err := d.json.ReadToken(); err != nil {
		return nil, err
	}
	d.depth++
	first, named := len(d.values), len(d.members)
	for d.json.PeekKind() == jsontext.KindString {
		name, err := d.name()
		if err != nil {
			return nil, err
		}
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		d.members, d.values = append(d.members, name), append(d.values, v)
	}
	if _, err := d.json.ReadToken(); err != nil {
		return nil, err
	}
	object := make(map[string]any, len(d.values)-first)
	for i, v := range d.values[first:] {
		object[d.members[named+i]] = v
	}
	d.members, d.values = d.members[:named], d.values[:first]
	d.depth--
	return object, nil
}

func (d *decoder) list() (any, error) {
	if _, err := d.json.ReadToken(); err != nil {
		return nil, err
	}
	first := len(d.values)
	for d.json.PeekKind() != jsontext.KindEndArray {
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		d.values = append(d.values, v)
	}
	if _, err := d.json.ReadToken(); err != nil {
		return nil, err
	}
	list := append(make([]any, 0, len(d.values)-first), d.values[first:]...)
	d.values = d.values[:first]
	return list, nil
}

// name reads the name of a member.
func (d *decoder) name() (string, error) {
	raw, err := d.json.ReadValue()
	if err != nil {
		return "", err
	}
	name, ok := d.names[string(raw)]
	if !ok {
		// What isn't UTF-8 is replaced, as everywhere else.
		text, _ := jsontext.AppendUnquote(nil, raw)
		name = string(text)
		d.names[string(raw)] = name
	}
	return name, nil
}
