package herokutf

import (
	"strings"

	"github.com/herokutf/herokutf/statefile"
)

// A mentioner finds the places that hold one of a set of old names.
type mentioner struct {
	olds  wordSet
	found []placed[Leftover]
}

// instance looks for old names in all of an instance.
func (m *mentioner) instance(inst *statefile.Instance) {
	address := inst.Address()
	m.keys(address, inst)
	for path, v := range inst.Scalars() {
		if v.IsString() {
			m.text(address, path, v)
		}
	}
}

// text lists a string that holds an old name.
func (m *mentioner) text(address string, path statefile.Path, v statefile.Value) {
	if m.olds.in(v.Text()) {
		m.add(address, path, v)
	}
}

// value looks for old names in all of a value, the keys of maps included.
func (m *mentioner) value(address string, path statefile.Path, v statefile.Value) {
	m.key(address, path, v)
	switch v.Kind() {
	case statefile.String:
		m.text(address, path, v)
	case statefile.Object:
		for member := range v.Members() {
			m.value(address, append(path, member.Name), member.Value)
		}
	case statefile.Array:
		i := 0
		for element := range v.Elements() {
			m.value(address, append(path, i), element)
			i++
		}
	}
}

// keys looks for old names in the keys of an instance's maps. The names
// of the attributes themselves are the provider's.
func (m *mentioner) keys(address string, inst *statefile.Instance) {
	var walk func(path statefile.Path, v statefile.Value)
	walk = func(path statefile.Path, v statefile.Value) {
		if len(path) > 1 {
			m.key(address, path, v)
		}
		for member := range v.Members() {
			walk(append(path, member.Name), member.Value)
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
	for member := range inst.Attributes().Members() {
		if _, key, ok := strings.Cut(member.Name, "."); ok && m.olds.in(key) && !m.olds.in(member.Value.Text()) {
			m.add(address, statefile.Path{member.Name}, member.Value)
		}
	}
}

// key lists a place that has an old name as its key and not in its
// value, by which it would be listed as well.
func (m *mentioner) key(address string, path statefile.Path, v statefile.Value) {
	if len(path) == 0 {
		return
	}
	if key, ok := path[len(path)-1].(string); ok && m.olds.in(key) && !(v.IsString() && m.olds.in(v.Text())) {
		m.add(address, path, v)
	}
}

func (m *mentioner) add(address string, path statefile.Path, v statefile.Value) {
	m.found = append(m.found, placed[Leftover]{v.Offset(), Leftover{Address: address, Path: path.Clone()}})
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
