package herokutest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

// attrs are the attributes of an instance as JSON decodes them, with numbers
// kept as text. Flat attributes are made into trees, whose scalars stay texts.
type attrs map[string]any

var _ provider.Values = attrs(nil)

// read decodes the attributes of an instance; nil if it has none.
func read(inst *statefile.Instance) (attrs, error) {
	raw := inst.Attributes().Raw()
	if raw == nil || inst.Attributes().Kind() != statefile.Object {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("%s: attributes: %w", inst.Address(), err)
	}
	if inst.Flat() {
		v = unflatten(v)
	}
	if _, ok := v["id"]; !ok {
		if id, ok := inst.Attr("id"); ok { // primary.id of version 3
			v["id"] = id.Text()
		}
	}
	return v, nil
}

// Value returns the value of an attribute by its name in the provider's table.
func (v attrs) Value(name string) any {
	top, rest, nested := strings.Cut(name, ".")
	value := v[top]
	if !nested {
		return value
	}
	if list, ok := value.([]any); ok && len(list) > 0 {
		value = list[0]
	}
	block, _ := value.(map[string]any)
	return attrs(block).Value(rest)
}

// has reports whether the attribute, or the block that it is in, is there at all.
func (v attrs) has(name string) bool {
	top, _, _ := strings.Cut(name, ".")
	_, ok := v[top]
	return ok
}

// text returns the first of the attributes that has a text.
func (v attrs) text(names ...string) string {
	for _, name := range names {
		if text := provider.Text(v.Value(name)); text != "" {
			return text
		}
	}
	return ""
}

func (v attrs) bool(name string) bool { return v.text(name) == "true" }

func (v attrs) int(name string) int {
	n, _ := strconv.Atoi(v.text(name))
	return n
}

// texts returns the elements of a list or set; nil if it has none.
func (v attrs) texts(name string) []string {
	list, _ := v.Value(name).([]any)
	var all []string
	for _, e := range list {
		all = append(all, provider.Text(e))
	}
	return all
}

// blocks returns the blocks of a list or set.
func (v attrs) blocks(name string) []attrs {
	list, _ := v.Value(name).([]any)
	var all []attrs
	for _, e := range list {
		if block, ok := e.(map[string]any); ok {
			all = append(all, block)
		}
	}
	return all
}

// dict returns a map of texts, also out of the list of one map that config vars
// were up to v1.9.0; never nil.
func (v attrs) dict(name string) map[string]string {
	all := make(map[string]string)
	maps := v.blocks(name)
	if m, ok := v.Value(name).(map[string]any); ok {
		maps = append(maps, m)
	}
	for _, m := range maps {
		for key, value := range m {
			if value != nil {
				all[key] = provider.Text(value)
			}
		}
	}
	return all
}

// unflatten makes a tree of flat attributes: "x.#" counts the elements of the
// list or set x, and "x.%" the members of the map x.
func unflatten(flat map[string]any) map[string]any {
	tree := make(map[string]any)
	for _, step := range steps(flat, "") {
		tree[step] = branch(flat, step)
	}
	return tree
}

// steps returns the first steps of all keys below the prefix, each once: by
// number where they are numbers.
func steps(flat map[string]any, prefix string) []string {
	seen := make(map[string]bool)
	for key := range flat {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			step, _, _ := strings.Cut(rest, ".")
			seen[step] = true
		}
	}
	all := make([]string, 0, len(seen))
	for step := range seen {
		if step != "#" && step != "%" {
			all = append(all, step)
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		x, errX := strconv.Atoi(a)
		y, errY := strconv.Atoi(b)
		if errX == nil && errY == nil {
			return x - y
		}
		return strings.Compare(a, b)
	})
	return all
}

func branch(flat map[string]any, at string) any {
	if _, ok := flat[at+".%"]; ok {
		object := make(map[string]any)
		for key, value := range flat {
			if name, ok := strings.CutPrefix(key, at+"."); ok && name != "%" {
				object[name] = value // its name may hold dots
			}
		}
		return object
	}
	if _, ok := flat[at+".#"]; ok {
		list := []any{}
		for _, step := range steps(flat, at+".") {
			list = append(list, branch(flat, at+"."+step))
		}
		return list
	}
	if value, ok := flat[at]; ok {
		return value
	}
	block := make(map[string]any)
	for _, step := range steps(flat, at+".") {
		block[step] = branch(flat, at+"."+step)
	}
	return block
}
