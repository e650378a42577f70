package herokutf

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

// attributes are the values of an instance, as JSON decodes them with numbers
// kept as text. They are decoded when they are asked for, and again after they were
// dropped: those of thousands of instances take more than the state itself. They can
// be used from many goroutines.
type attributes struct {
	inst *statefile.Instance
	flat bool // the tree is made out of flat attributes
	kept atomic.Pointer[map[string]any]
}

var _ provider.Values = (*attributes)(nil)

func newAttributes(inst *statefile.Instance) *attributes {
	return &attributes{inst: inst, flat: inst.Flat()}
}

// tree is the object of the attributes; never nil, and not to be changed.
func (a *attributes) tree() map[string]any {
	if tree := a.kept.Load(); tree != nil {
		return *tree
	}
	tree := treeOf(a.inst)
	a.kept.Store(&tree)
	return tree
}

// drop lets go of the tree until it is asked for again.
func (a *attributes) drop() { a.kept.Store(nil) }

func treeOf(inst *statefile.Instance) map[string]any {
	var tree map[string]any
	if v := inst.Attributes(); v.Kind() == statefile.Object {
		if inst.Flat() {
			flat := make(map[string]string)
			for m := range v.Members() {
				flat[m.Name] = m.Value.Text()
			}
			tree, _ = unflatten(flat).(map[string]any)
		} else if v, err := decodeJSON(v.Raw()); err == nil {
			tree, _ = v.(map[string]any)
		}
	}
	if tree == nil {
		tree = make(map[string]any)
	}
	if id, ok := inst.Attr("id"); ok && tree["id"] == nil {
		tree["id"] = id.Text()
	}
	return tree
}

// unflatten makes a tree out of keys that are paths, as Terraform up to 0.11
// stores attributes: "a.#" is the length of a list whose elements are "a.0" and
// so on, or, in a set, "a." and a hash; "a.%" is the size of a map. The keys of
// a map may hold dots themselves.
func unflatten(flat map[string]string) any {
	if text, ok := flat[""]; ok && len(flat) == 1 {
		return text
	}
	if _, ok := flat["%"]; ok {
		tree := make(map[string]any, len(flat)-1)
		for key, text := range flat {
			if key != "%" {
				tree[key] = text
			}
		}
		return tree
	}
	groups := make(map[string]map[string]string)
	for key, text := range flat {
		first, rest, _ := strings.Cut(key, ".")
		if groups[first] == nil {
			groups[first] = make(map[string]string)
		}
		groups[first][rest] = text
	}
	if _, ok := groups["#"]; ok {
		delete(groups, "#")
		if len(groups) == 0 {
			return nil // an empty list, or null
		}
		list := []any{}
		for _, index := range slices.SortedFunc(maps.Keys(groups), byNumber) {
			list = append(list, unflatten(groups[index]))
		}
		return list
	}
	tree := make(map[string]any, len(groups))
	for name, group := range groups {
		tree[name] = unflatten(group)
	}
	return tree
}

func byNumber(a, b string) int {
	x, errX := strconv.ParseUint(a, 10, 64)
	y, errY := strconv.ParseUint(b, 10, 64)
	switch {
	case errX != nil || errY != nil:
		return strings.Compare(a, b)
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// Value returns the value of an attribute by its name in the table, whose dots
// lead into the first block of a list or into a map; nil if there is none.
func (a *attributes) Value(name string) any {
	var v any = a.tree()
	for step := range strings.SplitSeq(name, ".") {
		if list, ok := v.([]any); ok {
			if len(list) == 0 {
				return nil
			}
			v = list[0]
		}
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = object[step]
	}
	return v
}

// has reports whether the instance has the attribute at all. One that it
// doesn't have came with a later release of the provider, or is null in flat
// attributes, which keep no nulls.
func (a *attributes) has(top string) bool {
	_, ok := a.tree()[top]
	return ok
}

// path returns where an attribute stands, or the key of a map in it.
func (a *attributes) path(name, key string) statefile.Path {
	var path statefile.Path
	var v any = a.tree()
	enter := func(step string) {
		if list, ok := v.([]any); ok {
			// A list of one block, or of one map.
			path, v = append(path, 0), nil
			if len(list) > 0 {
				v = list[0]
			}
		} else if v == nil && len(path) == 1 && name != path[0] {
			// A block that isn't there.
			path = append(path, 0)
		}
		path = append(path, step)
		if object, ok := v.(map[string]any); ok {
			v = object[step]
		} else {
			v = nil
		}
	}
	for step := range strings.SplitSeq(name, ".") {
		enter(step)
	}
	if key != "" {
		enter(key)
	}
	if !a.flat {
		return path
	}
	var flat strings.Builder
	for i, step := range path {
		if i > 0 {
			flat.WriteByte('.')
		}
		switch step := step.(type) {
		case int:
			flat.WriteString(strconv.Itoa(step))
		case string:
			flat.WriteString(step)
		}
	}
	return statefile.Path{flat.String()}
}

// unknown returns the attributes that hold something and that the table doesn't
// have, sorted.
func (a *attributes) unknown(res *provider.Resource) []string {
	var names []string
next:
	for name, v := range a.tree() {
		// Every provider may have timeouts, which are Terraform's own.
		if name == "id" || name == "timeouts" || provider.Empty(v) {
			continue
		}
		for i := range res.Attrs {
			if res.Attrs[i].Top() == name {
				continue next
			}
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
