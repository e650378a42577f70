package herokutf

import (
	"maps"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

// blockGone reports whether Heroku has nothing of a block: of all that the state has in
// it and that is always there.
func (w *stateWriter) blockGone(top string) bool {
	gone := false
	res := lookup(w.inst)
	for i := range res.Attrs {
		attr := &res.Attrs[i]
		if attr.Name == top || attr.Top() != top || !attr.As.Compared() || attr.If != 0 || provider.Empty(w.attrs.Value(attr.Name)) {
			continue
		}
		at := slices.IndexFunc(w.object.Differences, func(d DriftDifference) bool { return res.At(d.Path) == attr })
		if at < 0 {
			return false
		}
		if _, live := w.object.Differences[at].plain(); live != nil {
			return false
		}
		gone = true
	}
	return gone
}

// once marks a block or a map as written.
func (w *stateWriter) once(name string) {
	if w.whole == nil {
		w.whole = make(map[string]bool)
	}
	w.whole[name] = true
}

// rebuilds reports whether a map has to be written as a whole: where keys come and others
// go, or the first one comes, there is no neighbour to put them beside.
func (w *stateWriter) rebuilds(attr *provider.Attr) bool {
	added, removed := false, provider.Empty(w.attrs.Value(attr.Name))
	res := lookup(w.inst)
	for i := range w.object.Differences {
		if d := &w.object.Differences[i]; res.At(d.Path) == attr {
			state, live := d.plain()
			added, removed = added || state == nil, removed || live == nil
		}
	}
	return added && removed
}

// rebuild writes a map as a whole.
func (w *stateWriter) rebuild(attr *provider.Attr) (edits []statefile.Edit, problem string) {
	members := slices.DeleteFunc(slices.Collect(w.inst.Attributes().Members()), func(m statefile.Member) bool { return m.Name != attr.Name })
	if len(members) == 0 {
		return nil, noPlace
	}
	w.once(attr.Name)
	all, ok := w.attrs.Value(attr.Name).(map[string]any)
	if !ok && !provider.Empty(w.attrs.Value(attr.Name)) {
		return nil, noPlace
	}
	all = maps.Clone(all)
	if all == nil {
		all = make(map[string]any)
	}
	res := lookup(w.inst)
	for i := range w.object.Differences {
		d := &w.object.Differences[i]
		if res.At(d.Path) != attr {
			continue
		}
		key, ok := d.Path[len(d.Path)-1].(string)
		if _, live := d.plain(); !ok {
			return nil, noPlace
		} else if live == nil {
			delete(all, key)
		} else if live, ok = attr.Stored(live); ok {
			all[key] = live
		} else {
			return nil, noPlace
		}
	}
	for _, m := range members {
		edits = append(edits, w.replace(m.Value, all))
	}
	return edits, ""
}

// emptyBlock makes an empty list of a block that is gone.
func (w *stateWriter) emptyBlock(top string) (edits []statefile.Edit, problem string) {
	w.once(top)
	if w.attrs.flat {
		length := w.inst.AttrAll(top + ".#")
		if len(length) == 0 {
			return nil, noPlace
		}
		for m := range w.inst.Attributes().Members() {
			if index, ok := strings.CutPrefix(m.Name, top+"."); ok && index != "#" {
				edits = append(edits, statefile.RemoveMember(m))
			}
		}
		for _, m := range length {
			edits = append(edits, statefile.ReplaceString(m.Value, "0"))
		}
		return edits, ""
	}
	for m := range w.inst.Attributes().Members() {
		if m.Name != top {
			continue
		}
		if m.Value.Kind() != statefile.Array {
			return nil, noPlace
		}
		edits = append(edits, statefile.ReplaceRaw(m.Value, []byte("[]")))
	}
	return edits, ""
}
