package tfconfig

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/herokutf/herokutf/internal/provider"
)

// use is one place that a literal's value gets to.
type use struct {
	node  *node
	block *block
	attr  *attr
	exact bool
	key   bool // as an instance key, or what reads one
	// selects is what the value is an index into, nil if it isn't one.
	selects *selection
}

// collectUses notes for every literal what it gets to.
func (f *finder) collectUses() {
	f.c.consumers(func(n *node, b *block, a *attr, p path) {
		t := f.c.tracer(&f.work, nil)
		t.emit = func(s source) {
			if s.kind != fromLiteral && s.kind != fromKey {
				return
			}
			if !slices.ContainsFunc(f.renames, func(r AppRename) bool { return r.Old == s.value }) {
				return
			}
			k := f.site(s.rng)
			f.uses[k] = append(f.uses[k], use{n, b, a, s.exact, s.kind == fromKey, s.selects})
		}
		t.resolve(a.expr, p, t.scope(n, b), true, nil)
	})
}

// where names a use.
func (f *finder) where(u use) string {
	return fmt.Sprintf("%s%s.%s at %s", u.node.prefix(), u.block.address(), u.attr.name, f.c.position(u.attr.expr.Range()))
}

// blocked says why a literal mustn't be edited, "" when it may. asKey says that
// instance keys may change with it.
func (f *finder) blocked(rng hcl.Range, r AppRename, asKey bool) string {
	file := f.c.byName[rng.Filename]
	if file.from != "" {
		return file.putBack()
	}
	if text := string(rng.SliceBytes(file.data)); text != `"`+r.Old+`"` && !(asKey && text == r.Old) {
		return "isn't written as one plain string"
	}
	if f.work.incomplete {
		return "the configuration refers to itself too deeply to find out what else it feeds"
	}
	for _, u := range f.uses[f.site(rng)] {
		switch {
		case u.instanceKey() && !u.exact:
			return "it is part of the keys of " + f.where(u)
		case asKey && (u.instanceKey() || u.selects != nil):
		case u.key && !asKey:
			return "it is a key of " + f.where(u)
		case !isAppArgument(u.block, u.attr):
			return "it also feeds " + f.where(u)
		case !u.exact:
			return "it is only part of " + f.where(u)
		case u.block.kind == "resource" && u.block.labels[0] == appType && !f.isTarget(u, r):
			return "it also names " + f.where(u)
		}
	}
	return ""
}

func (f *finder) isTarget(u use, r AppRename) bool {
	return slices.ContainsFunc(f.targets, func(t *target) bool {
		return t.node == u.node && t.block == u.block && t.rename.Old == r.Old
	})
}

// consumers yields every expression that Terraform hands to a provider or
// decides something by, with the path that is used of its value. What only
// reports (outputs) or checks (conditions) isn't among them: a new name can't
// do harm there unnoticed.
func (c *Config) consumers(yield func(n *node, b *block, a *attr, p path)) {
	for _, n := range c.nodes {
		if n.mod == nil {
			for _, a := range n.call.attrs {
				if a.name != "source" && a.name != "version" && !isMeta(a.name) {
					yield(n.parent, n.call, a, nil)
				}
			}
			continue
		}
		for _, b := range n.mod.order {
			switch b.kind {
			case "variable", "locals", "output", "terraform", "moved", "removed":
			case "module":
				for _, a := range b.attrs {
					if isMeta(a.name) {
						consume(n, b, a, yield)
					}
				}
			default:
				consumeBody(n, b, &b.body, yield)
			}
		}
	}
}

func isMeta(name string) bool { return name == "for_each" || name == "count" }

func consumeBody(n *node, b *block, body *body, yield func(*node, *block, *attr, path)) {
	for _, a := range body.attrs {
		consume(n, b, a, yield)
	}
	for _, nested := range body.blocks {
		switch nested.kind {
		case "precondition", "postcondition", "assert":
		default:
			consumeBody(n, b, &nested.body, yield)
		}
	}
}

func consume(n *node, b *block, a *attr, yield func(*node, *block, *attr, path)) {
	switch {
	case a.block == "" && (a.name == "depends_on" || a.name == "provider"):
	case a.block == "" && a.name == "for_each":
		// for_each decides by the keys; the values count where each.value is.
		yield(n, b, a, path{{kind: stepKeyOf}})
	default:
		yield(n, b, a, nil)
	}
}

// updatesApp reports whether a resource type takes another app in place.
func updatesApp(typ string) bool {
	res, ok := provider.Lookup(provider.Managed, typ)
	return ok && res.UpdatesApp
}

// isChildArgument reports whether the argument holds an app, by name or UUID,
// in one of the provider's release lines.
func isChildArgument(typ, attr string) bool {
	if typ == appType || attr == "id" {
		return false
	}
	res, ok := provider.Lookup(provider.Managed, typ)
	if !ok {
		return false
	}
	for _, shape := range []*provider.Shape{&res.Names, &res.UUIDs} {
		ref := shape.Ref(attr)
		if ref != nil && ref.Part == provider.Whole && (ref.Holds != provider.UUID || shape == &res.UUIDs) {
			return true
		}
	}
	return false
}

// isAppArgument reports whether an argument is where an app's name belongs.
func isAppArgument(b *block, a *attr) bool {
	if a.block != "" || len(b.labels) == 0 {
		return false
	}
	switch b.kind {
	case "resource":
		return b.labels[0] == appType && a.name == appName || isChildArgument(b.labels[0], a.name)
	case "data":
		return b.labels[0] == appType && a.name == appName
	}
	return false
}
