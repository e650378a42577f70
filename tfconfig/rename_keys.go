package tfconfig

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// keySite is a literal that is an instance key and an old name.
type keySite struct {
	place  Place
	rng    hcl.Range
	rename AppRename
	note   string // why it isn't edited
	needs  []site // keys that it selects by, so that they have to change with it
}

// keyRead is an index that selects by an old name.
type keyRead struct {
	place   Place
	rng     hcl.Range // of the literal, "" quotes included; of the whole index when it isn't one
	literal bool
	sources []site // where the index is written, unless it is a literal
	keys    []site // where the keys that it selects are written
	rename  AppRename
}

// feedsKeys reports whether a literal becomes an instance key.
func (f *finder) feedsKeys(rng hcl.Range) bool {
	return slices.ContainsFunc(f.uses[f.site(rng)], use.instanceKey)
}

// instanceKey reports whether the use makes keys of instances.
func (u use) instanceKey() bool {
	return u.key && u.attr.name == "for_each" && u.attr.block == ""
}

// key takes a literal note of that is to change together with addresses.
func (f *finder) key(p Place, rng hcl.Range, r AppRename) {
	k := f.site(rng)
	if f.taken[k] {
		return
	}
	f.taken[k] = true
	p.Old, p.New = r.Old, r.New
	p.Text = shorten(string(rng.SliceBytes(f.c.byName[rng.Filename].data)))
	ks := &keySite{place: p, rng: rng, rename: r, note: f.blocked(rng, r, true)}
	f.keys[k] = ks // before others, that may lead back to it
	f.keyOrder = append(f.keyOrder, k)
	for _, u := range f.uses[k] {
		switch {
		case ks.note != "":
		case u.instanceKey():
			ks.note = f.crowded(u, r)
		case u.selects != nil:
			found := f.selected(u.selects.collection, u.selects.sc, r.Old)
			if len(found) == 0 {
				ks.note = "it also selects in " + f.where(u)
			}
			// A map by the name: its key follows.
			for _, s := range found {
				ks.needs = append(ks.needs, f.site(s.rng))
				f.key(Place{Kind: s.chain.kindOr(p.Kind), Address: s.chain.addressOr(p.Address), Via: via(s.chain)}, s.rng, r)
			}
		}
	}
}

// crowded says why a key of a block can't become the new name, "" when it can.
func (f *finder) crowded(u use, r AppRename) string {
	has := func(name string) bool {
		written, _ := f.keysOf(u.node, u.block, name)
		return len(written) > 0
	}
	for _, o := range f.renames {
		if o.Old != o.New && (o.Old == r.New && has(o.Old) || o.New == r.Old && has(o.Old)) {
			return chainedNote
		}
	}
	if has(r.New) {
		return fmt.Sprintf("%q is a key of %s%s already", r.New, u.node.prefix(), u.block.address())
	}
	return ""
}

// kindOr and addressOr say what carries a source, if anything does.
func (l *link) kindOr(k Kind) Kind {
	if l == nil {
		return k
	}
	return l.kind
}

func (l *link) addressOr(a string) string {
	if l == nil {
		return a
	}
	return l.address
}

// blockKeys are the keys of a block's instances, as far as they are written out.
type blockKeys struct {
	written map[string][]site
	known   bool // there are no others
}

// keysOf returns where a name is written as a key of a block's instances, and
// whether the keys are known at all.
func (f *finder) keysOf(n *node, b *block, name string) (written []site, known bool) {
	a := b.attr("for_each")
	if a == nil {
		return nil, false
	}
	if keys, ok := f.blockKeys[scopeKey{n, b}]; ok {
		return keys.written[name], keys.known
	}
	keys := blockKeys{map[string][]site{}, true}
	t := f.c.tracer(&f.work, nil)
	t.emit = func(s source) {
		if s.kind != fromKey || !s.exact {
			keys.known = false
			return
		}
		keys.written[s.value] = append(keys.written[s.value], f.site(s.rng))
	}
	t.resolve(a.expr, path{{kind: stepKeyOf}}, t.scope(n, b), true, nil)
	f.blockKeys[scopeKey{n, b}] = keys
	return keys.written[name], keys.known
}

// selected returns where a key of a collection is written.
func (f *finder) selected(collection hclsyntax.Expression, sc *scope, key string) (found []source) {
	t := f.c.tracer(&f.work, nil)
	t.emit = func(s source) {
		if s.kind == fromKey && s.exact && s.value == key {
			found = append(found, s)
		}
	}
	t.resolve(collection, path{{kind: stepKeyOf, key: key, known: true}}, sc, true, nil)
	return found
}

// reads collects the indices by old names, everywhere.
func (f *finder) reads() (all []*keyRead) {
	var walk func(n *node, top *block, b *body)
	walk = func(n *node, top *block, b *body) {
		for _, a := range b.attrs {
			sc := f.c.tracer(&f.work, nil).scope(n, top)
			hclsyntax.VisitAll(a.expr, func(e hclsyntax.Node) hcl.Diagnostics {
				for _, r := range f.readsOf(e, sc) {
					r.place.Kind, r.place.Address, r.place.Attribute = KindIndex, n.prefix()+top.address(), a.name
					all = append(all, r)
				}
				return nil
			})
		}
		for _, nested := range b.blocks {
			walk(n, top, &nested.body)
		}
	}
	for _, n := range f.c.nodes {
		if n.mod == nil {
			continue
		}
		for _, b := range n.mod.order {
			if b.kind != "moved" && b.kind != "removed" {
				walk(n, b, &b.body)
			}
		}
		for _, a := range n.mod.locals { // of override files
			walk(n, &block{kind: "locals"}, &body{attrs: []*attr{a}})
		}
	}
	return all
}

// readsOf returns the indices of one node of an expression.
func (f *finder) readsOf(e hclsyntax.Node, sc *scope) (all []*keyRead) {
	add := func(collection hclsyntax.Expression, key string, rng hcl.Range, r keyRead) {
		for _, rename := range f.renames {
			if rename.Old != key {
				continue
			}
			r.rng, r.rename = rng, rename
			r.place.Old, r.place.New = rename.Old, rename.New
			for _, s := range f.selected(collection, sc, key) {
				r.keys = append(r.keys, f.site(s.rng))
			}
			if len(r.keys) > 0 {
				all = append(all, &r)
			}
			return
		}
	}
	traversal := func(tr hcl.Traversal, from int, before func(hcl.Traversal) hclsyntax.Expression) {
		for i := from; i < len(tr); i++ {
			if s := steps(tr[i : i+1])[0]; s.known {
				add(before(tr[:i]), s.key, tr[i].SourceRange(), keyRead{literal: true})
			}
		}
	}
	index := func(collection, key hclsyntax.Expression) {
		if text, ok := literalString(key); ok {
			add(collection, text, key.Range(), keyRead{literal: true})
			return
		}
		sources := map[string][]site{}
		t := f.c.tracer(&f.work, nil)
		t.emit = func(s source) {
			if s.exact && (s.kind == fromKey || s.kind == fromLiteral) {
				sources[s.value] = append(sources[s.value], f.site(s.rng))
			}
		}
		t.resolve(key, nil, sc, true, nil)
		for _, value := range slices.Sorted(maps.Keys(sources)) {
			add(collection, value, key.Range(), keyRead{sources: sources[value]})
		}
	}
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		traversal(e.Traversal, 1, func(tr hcl.Traversal) hclsyntax.Expression {
			return &hclsyntax.ScopeTraversalExpr{Traversal: tr, SrcRange: e.SrcRange}
		})
	case *hclsyntax.RelativeTraversalExpr:
		traversal(e.Traversal, 0, func(tr hcl.Traversal) hclsyntax.Expression {
			return &hclsyntax.RelativeTraversalExpr{Source: e.Source, Traversal: tr, SrcRange: e.SrcRange}
		})
	case *hclsyntax.IndexExpr:
		index(e.Collection, e.Key)
	case *hclsyntax.FunctionCallExpr:
		if e.Name == "lookup" && len(e.Args) >= 2 {
			index(e.Args[0], e.Args[1])
		}
	}
	return all
}

// finishKeys decides which keys are edited: those whose every reader follows,
// and whose every address moves; and what moves.
func (f *finder) finishKeys(addresses []string) {
	var reads []*keyRead
	if len(f.keys) > 0 {
		reads = f.reads()
	}
	for again := true; again; {
		f.settleKeys(reads)
		again = f.settleMoves(addresses)
	}
	for _, k := range f.keyOrder {
		ks := f.keys[k]
		ks.place.Note, ks.place.Editable = ks.note, ks.note == ""
		ks.place.text = newKey(string(ks.rng.SliceBytes(f.c.byName[ks.rng.Filename].data)), ks.rename)
		f.add(ks.place, ks.rng)
	}
	for _, r := range reads {
		rng, plain := f.indexLiteral(r)
		if !plain || !all(r.keys, f.changes) || f.taken[f.site(rng)] {
			continue
		}
		f.taken[f.site(rng)] = true
		text := string(rng.SliceBytes(f.c.byName[rng.Filename].data))
		r.place.Editable, r.place.Text, r.place.text = true, text, newKey(text, r.rename)
		f.add(r.place, rng)
	}
}

// changes reports whether the key at a site is edited, as far as is known yet.
func (f *finder) changes(s site) bool { return f.keys[s] != nil && f.keys[s].note == "" }

// keep leaves keys as they are, and reports whether that is news.
func (f *finder) keep(sites []site, note string) (news bool) {
	for _, s := range sites {
		if f.changes(s) {
			f.keys[s].note, news = note, true
		}
	}
	return news
}

// settleKeys leaves keys as they are until all that hang together agree.
func (f *finder) settleKeys(reads []*keyRead) {
	for again := true; again; {
		again = false
		for _, k := range f.keyOrder {
			if ks := f.keys[k]; ks.note == "" && !all(ks.needs, f.changes) {
				ks.note, again = "it selects by a key that isn't edited", true
			}
		}
		for _, r := range reads {
			_, plain := f.indexLiteral(r)
			if all(r.keys, f.changes) && all(r.sources, f.changes) && (plain || !r.literal) {
				continue
			}
			note := fmt.Sprintf("it is read by its key at %s", f.c.position(r.rng))
			again = f.keep(r.keys, note) || f.keep(r.sources, note) || again
		}
	}
}

func all[T any](list []T, ok func(T) bool) bool {
	return !slices.ContainsFunc(list, func(e T) bool { return !ok(e) })
}

// indexLiteral returns where the key of a literal index is written; ok is false
// if it isn't written as one plain string or name.
func (f *finder) indexLiteral(r *keyRead) (rng hcl.Range, ok bool) {
	file := f.c.byName[r.rng.Filename]
	if !r.literal || file == nil || file.from != "" || !r.rng.CanSliceBytes(file.data) {
		return r.rng, false
	}
	text := string(r.rng.SliceBytes(file.data))
	m := regexp.MustCompile(`^(?:\.\s*|\[\s*|)("?` + regexp.QuoteMeta(r.rename.Old) + `"?)\s*\]?$`).FindStringSubmatchIndex(text)
	if m == nil {
		return r.rng, false
	}
	rng = r.rng
	rng.Start = advance(r.rng.Start, text[:m[2]])
	rng.End = advance(r.rng.Start, text[:m[3]])
	return rng, true
}

// newKey spells the new name as the old one was: a key without quotes stays one,
// unless it is a word that HCL reads as something else there.
func newKey(old string, r AppRename) string {
	if old == r.Old && !slices.Contains([]string{"for", "null", "true", "false"}, r.New) {
		return r.New
	}
	return `"` + r.New + `"`
}

// settleMoves finds what moves in a state that has the addresses. It reports
// whether a key has to stay because its addresses can't move.
func (f *finder) settleMoves(addresses []string) (again bool) {
	w := newMover(f.renames)
	blocks := f.c.movedBlocks()
	written := map[Move]bool{}
	for _, a := range addresses {
		w.walk(a, func(m Move, s movedStep) (bool, string) {
			moves, sites, note := f.moving(s)
			if !moves || note != "" {
				return moves, note
			}
			for _, b := range blocks {
				switch {
				case b.Move == m:
					written[m] = true
				case b.From == m.From || b.To == m.To || b.From == m.To:
					note = fmt.Sprintf("the moved block at %s stands against it: take that out first", b.Position)
				}
			}
			if note != "" && f.keep(sites, "its address can't move: "+note) {
				again = true
			}
			return true, note
		})
	}
	f.moved, f.byHand = nil, nil
	for _, m := range w.inOrder() {
		switch {
		case m.Note != "":
			f.byHand = append(f.byHand, m)
		case !written[m]:
			f.moved = append(f.moved, m)
		}
	}
	return again
}

// moving says whether a step of an address moves, by which keys, and why not by
// itself.
func (f *finder) moving(s movedStep) (moves bool, sites []site, note string) {
	n := f.c.root
	for _, name := range s.modules {
		if n = n.children[name]; n == nil {
			return true, nil, "the configuration doesn't hold it"
		}
	}
	var b *block
	if n.mod != nil {
		b = n.mod.block(s.block)
	}
	switch {
	case n.mod == nil:
		return true, nil, "its module wasn't read: it moves if its key there is the name"
	case b == nil || b.attr("for_each") == nil:
		return true, nil, "the configuration has no for_each for it"
	}
	where := f.c.position(b.attr("for_each").expr.Range())
	written, known := f.keysOf(n, b, s.old)
	for _, k := range written {
		if ks := f.keys[k]; ks != nil {
			if ks.note != "" {
				return true, nil, fmt.Sprintf("its key at %s isn't edited: %s", f.c.position(ks.rng), ks.note)
			}
			sites = append(sites, k)
		}
	}
	switch {
	case len(sites) > 0:
		return true, sites, ""
	case len(written) > 0:
		return false, nil, "" // the key is just a word that was the name as well
	}
	if next, _ := f.keysOf(n, b, s.new); len(next) > 0 {
		return true, nil, "" // the files have the new name already
	}
	if known {
		return true, nil, fmt.Sprintf("its for_each at %s has neither the old key nor the new one", where)
	}
	return true, nil, fmt.Sprintf("its keys come from for_each at %s, which isn't followed: change them there first", where)
}

// follow takes the new name for the key of an instance whose for_each has it
// already, so that its name isn't looked for by a key that is gone.
func (f *finder) follow(t *target) {
	r := t.rename
	done := func(n *node, b *block, key string) bool {
		if key != r.Old {
			return false
		}
		old, _ := f.keysOf(n, b, r.Old)
		next, _ := f.keysOf(n, b, r.New)
		return len(old) == 0 && len(next) > 0
	}
	if t.key != nil && done(t.node, t.block, t.key.key) {
		t.key = new(named(r.New))
	}
	for n, key := range t.keys {
		if done(n.parent, n.call, key.key) {
			t.keys[n] = named(r.New)
		}
	}
}
