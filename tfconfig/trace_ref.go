package tfconfig

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// reference follows what a traversal reads: a name that an expression binds, a
// variable, a local, an output, each, or a resource.
func (t *tracer) reference(tr hcl.Traversal, p path, sc *scope, exact bool, chain *link) {
	if len(tr) == 0 || tr.IsRelative() {
		return
	}
	root := tr.RootName()
	rest := steps(tr[1:])
	full := p.with(rest...)
	if th, ok := sc.bound(root); ok {
		t.resolve(th.expr, full.with(th.path...), th.sc, exact, chain)
		return
	}
	n := sc.node
	switch root {
	case "path", "terraform", "self":
		if t.strict {
			t.emit(source{kind: fromUnknown, rng: tr.SourceRange(), value: strings.Join(append([]string{root}, pathTexts(rest)...), "."), chain: chain})
		}
		return
	case "var", "local", "module":
		if len(rest) == 0 {
			return
		}
		name, below := rest[0].key, full[1:]
		switch root {
		case "var":
			t.variable(n, name, below, exact, chain)
		case "local":
			a := n.mod.locals[name]
			if a == nil {
				return
			}
			t.resolve(a.expr, below, t.scope(n, nil), exact,
				&link{kind: KindLocal, address: n.prefix() + "local." + name, prev: chain})
		case "module":
			t.output(n, name, below, tr.SourceRange(), exact, chain)
		}
		return
	case "each", "count":
		t.each(rest, full, sc, exact, chain)
		return
	}
	t.resource(n, tr, full, exact, chain)
}

func (t *tracer) each(rest []step, full path, sc *scope, exact bool, chain *link) {
	if sc.block == nil || len(rest) == 0 {
		return
	}
	a := sc.block.attr("for_each")
	if a == nil {
		if t.strict {
			t.emit(source{kind: fromUnknown, rng: sc.block.rng, value: "count.index", chain: chain})
		}
		return // count.index is a number
	}
	exact = exact && (sc.key != nil || !t.strict)
	first := step{kind: stepEach}
	if rest[0].key == "key" {
		first.kind = stepKeyOf
	}
	if sc.key != nil {
		first.key, first.known = sc.key.key, true
	}
	below := full[1:].with(first)
	t.resolve(a.expr, below, t.scope(sc.node, sc.block), exact,
		&link{kind: KindForEach, address: sc.node.prefix() + sc.block.address(), prev: chain})
}

func (t *tracer) variable(n *node, name string, p path, exact bool, chain *link) {
	decl := n.mod.variables[name]
	if decl == nil {
		return
	}
	address := n.prefix() + "var." + name
	chain = &link{kind: KindVariable, address: address, prev: chain, sensitive: isTrue(decl.attr("sensitive"))}
	// for_each over a set hands out the elements, whether the set comes from
	// toset or from the variable's type.
	if len(p) > 0 && (p[0].kind == stepName || p[0].kind == stepAny) && t.isSet(decl) {
		p = p[1:].with(step{kind: stepKeyOf})
	}
	def := decl.attr("default")
	value := func(kind Kind, a *attr, sc *scope) {
		t.resolve(a.expr, p, sc, exact,
			&link{kind: kind, address: address, prev: chain})
	}
	if n.parent != nil {
		if arg := n.call.attr(name); arg != nil {
			call := n.call
			value(KindArgument, arg, t.scope(n.parent, call))
			if !isNullable(decl, arg) {
				return
			}
		}
		if def != nil {
			value(KindDefault, def, t.scope(n, nil))
		}
		return
	}
	if t.onRoot != nil {
		t.onRoot(name, exact)
	}
	found := false
	for _, vf := range slices.Backward(t.c.varFiles) {
		if a := vf.body.attr(name); a != nil && (!t.strict || !vf.auto || !found) {
			found = found || vf.auto
			value(KindValue, a, t.scope(n, nil))
		}
	}
	if def != nil && (!t.strict || !found) {
		value(KindDefault, def, t.scope(n, nil))
	}
	if def == nil && !found {
		t.emit(source{kind: fromUnset, rng: decl.rng, value: name, exact: exact, chain: chain})
	}
}

// isNullable reports whether a null argument falls back on the default.
func isNullable(decl *block, arg *attr) bool {
	a := decl.attr("nullable")
	if a == nil {
		return false
	}
	l, ok := a.expr.(*hclsyntax.LiteralValueExpr)
	if !ok || l.Val.Type() != cty.Bool || l.Val.IsNull() || l.Val.True() {
		return false
	}
	_, literal := literalString(arg.expr)
	return !literal
}

func (t *tracer) isSet(decl *block) bool {
	a := decl.attr("type")
	return a != nil && strings.HasPrefix(strings.Trim(strings.TrimSpace(t.c.source(a.expr)), `"`), "set(")
}

func (t *tracer) output(n *node, name string, p path, rng hcl.Range, exact bool, chain *link) {
	child := n.children[name]
	if child == nil {
		return
	}
	if child.mod == nil && t.instanceKeys(n, child.call, p, exact, chain) {
		return
	}
	if child.mod == nil {
		t.emit(source{kind: fromUnknown, rng: rng, value: strings.TrimSuffix(child.prefix(), "."), exact: exact, chain: chain})
		return
	}
	var key step
	if len(p) > 0 && (child.call.attr("for_each") != nil || child.call.attr("count") != nil) {
		if t.instanceKeys(n, child.call, p, exact, chain) {
			return
		}
		key, p = p[0], p[1:]
	}
	var outs []*block
	switch {
	case len(p) == 0 || p[0].kind != stepName:
		for _, b := range child.mod.order {
			if b.kind == "output" {
				outs = append(outs, b)
			}
		}
		exact = false
		p = nil
	case child.mod.outputs[p[0].key] != nil:
		outs = append(outs, child.mod.outputs[p[0].key])
		p = p[1:]
	}
	for _, b := range outs {
		if a := b.attr("value"); a != nil {
			t.resolve(a.expr, p, t.scope(child, nil), exact,
				&link{kind: KindOutput, address: child.prefix() + b.address(), prev: chain, node: child, key: key,
					sensitive: isTrue(b.attr("sensitive"))})
		}
	}
}

func (t *tracer) resource(n *node, tr hcl.Traversal, full path, exact bool, chain *link) {
	address := tr.RootName()
	labels := 1
	if address == "data" || address == "ephemeral" {
		labels = 2
	}
	if len(full) < labels || len(steps(tr[1:])) < labels {
		return
	}
	for _, s := range full[:labels] {
		address += "." + s.key
	}
	b := n.mod.resources[address]
	if b == nil {
		return
	}
	p := full[labels:]
	out := source{kind: fromResource, rng: tr.SourceRange(), exact: exact, chain: chain, node: n, address: address}
	if b.attr("for_each") != nil || b.attr("count") != nil {
		if t.instanceKeys(n, b, p, exact, chain) {
			return
		}
		if len(p) > 0 {
			out.key, out.keyed = p[0], true
			p = p[1:]
		}
	} else if len(p) > 1 && p[0].kind == stepName && p[0].key == "0" || len(p) > 1 && p[0].kind != stepName {
		p = p[1:] // heroku_app.a[0] and heroku_app.a[*] of a single resource
	}
	if len(p) > 0 && p[0].kind == stepName {
		out.attr = p[0].key
	}
	t.emit(out)
}

// instanceKeys follows the keys of a resource or a module call that is used as
// a map, as by for_each = heroku_app.web, to where they are written; false if
// it isn't its keys that the path leads to.
func (t *tracer) instanceKeys(n *node, b *block, p path, exact bool, chain *link) bool {
	a := b.attr("for_each")
	if a == nil || len(p) == 0 || p[0].kind != stepKeyOf {
		return false
	}
	t.resolve(a.expr, p, t.scope(n, b), exact, &link{kind: KindForEach, address: n.prefix() + b.address(), prev: chain})
	return true
}
