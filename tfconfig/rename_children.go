package tfconfig

import (
	"fmt"
	"strings"
)

// children adds the places of other resources that hold the name or read it
// from the app.
func (f *finder) children() {
	f.c.consumers(func(n *node, b *block, a *attr, p path) {
		if len(b.labels) == 0 || !strings.HasPrefix(b.labels[0], "heroku_") || p != nil {
			return
		}
		if b.kind != "resource" && b.kind != "data" {
			return
		}
		holdsApp := isAppArgument(b, a) && !(b.kind == "resource" && b.labels[0] == appType)
		base := Place{Kind: KindChild, Address: n.prefix() + b.address(), Attribute: a.name}
		if b.kind == "data" {
			base.Kind = KindData
		}
		referred := map[string]bool{}
		t := f.c.tracer(&f.work, nil)
		t.emit = func(s source) {
			if s.kind == fromResource {
				f.reference(s, n, b, a, holdsApp, referred)
				return
			}
			if !holdsApp || !s.exact || !s.text {
				return
			}
			for _, r := range f.renames {
				if s.value != r.Old || s.kind != fromLiteral && s.kind != fromKey {
					continue
				}
				if f.taken[f.site(s.rng)] {
					break
				}
				f.source(s, base, r)
				break
			}
		}
		t.resolve(a.expr, nil, t.scope(n, b), true, nil)
	})
}

// reference adds the place of an expression that reads the name of a target.
func (f *finder) reference(s source, n *node, b *block, a *attr, holdsApp bool, done map[string]bool) {
	for _, t := range f.targets {
		if t.block.kind != "resource" || s.node != t.node || s.address != t.block.address() || s.attr != appName {
			continue
		}
		if done[t.rename.Old] || !t.readBy(s) {
			continue
		}
		done[t.rename.Old] = true
		p := Place{
			Kind: KindReference, Address: n.prefix() + b.address(), Attribute: a.name,
			Old: t.rename.Old, New: t.rename.New,
			// Not the whole expression: it may be a config var with a password
			// in it.
			Text:              s.reference(),
			ForcesReplacement: holdsApp && b.kind == "resource" && !updatesApp(b.labels[0]),
		}
		if s.chain != nil {
			p.Via = via(&link{prev: s.chain})
		}
		if p.ForcesReplacement {
			p.Note = "follows by itself; with a provider up to v4 the resource is replaced when the name is changed by Terraform"
		}
		rng := a.expr.Range()
		if s.chain == nil {
			rng = s.rng
		}
		f.add(p, rng)
	}
}

// reference spells a source that is an attribute of a resource.
func (s source) reference() string {
	key := ""
	switch {
	case s.key.known && strings.Trim(s.key.key, "0123456789") == "":
		key = "[" + s.key.key + "]"
	case s.key.known:
		key = fmt.Sprintf("[%q]", s.key.key)
	case s.keyed:
		key = "[…]"
	}
	return s.node.prefix() + s.address + key + "." + s.attr
}
