package herokutf

import (
	"strings"

	"github.com/herokutf/herokutf/statefile"
)

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
		p.mentions = append(p.mentions, placed[Leftover]{v.Offset(), Leftover{Address: address, Path: path.Clone()}})
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
			p.mentions = append(p.mentions, placed[Leftover]{m.Value.Offset(), Leftover{Address: address, Path: statefile.Path{m.Name}}})
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
		p.mentions = append(p.mentions, placed[Leftover]{v.Offset(), Leftover{Address: address, Path: path.Clone()}})
	}
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
