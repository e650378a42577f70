package tfconfig

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func (t *tracer) literal(e hclsyntax.Expression, value string, text bool, p path, exact bool, chain *link) {
	if len(p) > 0 {
		return // a string has no members
	}
	t.emit(source{kind: fromLiteral, rng: e.Range(), value: value, text: text, exact: exact, chain: chain, expr: e, sub: slices.Clone(t.sub)})
}

// container emits a list or an object that is written out.
func (t *tracer) container(e hclsyntax.Expression, exact bool, chain *link) {
	if t.strict {
		t.emit(source{kind: fromContainer, rng: e.Range(), exact: exact, chain: chain, expr: e, sub: slices.Clone(t.sub)})
	}
}

// condition follows what decides a condition. A comparison with "" or null
// comes out the same before and after a rename, so it decides nothing there.
func (t *tracer) condition(e hclsyntax.Expression, sc *scope, chain *link) {
	if p, ok := e.(*hclsyntax.ParenthesesExpr); ok {
		t.condition(p.Expression, sc, chain)
		return
	}
	b, ok := e.(*hclsyntax.BinaryOpExpr)
	if !ok {
		t.resolve(e, nil, sc, false, chain)
		return
	}
	if b.Op == hclsyntax.OpEqual || b.Op == hclsyntax.OpNotEqual {
		if !t.strict && (isEmpty(b.LHS) || isEmpty(b.RHS)) {
			return
		}
	}
	for _, side := range []hclsyntax.Expression{b.LHS, b.RHS} {
		t.resolve(side, nil, sc, false, chain)
	}
}

func isEmpty(e hclsyntax.Expression) bool {
	if s, ok := literalString(e); ok {
		return s == ""
	}
	l, ok := e.(*hclsyntax.LiteralValueExpr)
	return ok && l.Val.IsNull()
}

func (t *tracer) tuple(e *hclsyntax.TupleConsExpr, p path, sc *scope, exact bool, chain *link) {
	if len(p) == 0 {
		t.container(e, exact, chain)
		for i, el := range e.Exprs {
			t.within(strconv.Itoa(i), exact, func(exact bool) { t.resolve(el, nil, sc, exact, chain) })
		}
		return
	}
	first, rest := p[0], p[1:]
	if first.kind == stepKeyOf || first.kind == stepAny {
		t.container(e, false, chain)
	}
	for i, el := range e.Exprs {
		switch first.kind {
		case stepAny:
			t.resolve(el, rest, sc, exact, chain)
		case stepName:
			if first.key == strconv.Itoa(i) {
				t.resolve(el, rest, sc, exact, chain)
			}
		case stepEach, stepKeyOf:
			// A set: the element is its own key.
			t.key(el, first, sc, exact, chain)
		}
	}
}

// key follows an expression that becomes an instance key.
func (t *tracer) key(e hclsyntax.Expression, want step, sc *scope, exact bool, chain *link) {
	if s, ok := keyString(e); ok {
		if want.matches(s) {
			t.emit(source{kind: fromKey, rng: e.Range(), value: s, text: true, exact: exact, chain: chain})
		}
		return
	}
	emit := t.emit
	t.emit = func(s source) {
		if s.kind == fromLiteral {
			if !want.matches(s.value) {
				return
			}
			s.kind = fromKey
		}
		emit(s)
	}
	t.resolve(e, nil, sc, exact, chain)
	t.emit = emit
}

func (t *tracer) object(e *hclsyntax.ObjectConsExpr, p path, sc *scope, exact bool, chain *link) {
	if len(p) == 0 {
		t.container(e, exact, chain)
		for _, item := range e.Items {
			k, known := keyString(item.KeyExpr)
			if !t.strict || !known {
				t.resolve(item.KeyExpr, nil, sc, false, chain)
			}
			t.within(k, exact && known, func(exact bool) { t.resolve(item.ValueExpr, nil, sc, exact, chain) })
		}
		return
	}
	first, rest := p[0], p[1:]
	if first.kind == stepKeyOf || first.kind == stepAny {
		t.container(e, false, chain)
	}
	for _, item := range e.Items {
		k, known := keyString(item.KeyExpr)
		if known && first.kind != stepAny && !first.matches(k) {
			continue
		}
		if first.kind == stepKeyOf {
			t.key(item.KeyExpr, first, sc, exact, chain)
			continue
		}
		t.resolve(item.ValueExpr, rest, sc, exact && (known && first.known || !t.strict), chain)
	}
}

// splat follows an expression that goes over all elements of its source.
func (t *tracer) splat(e *hclsyntax.SplatExpr, p path, sc *scope, exact bool, chain *link) {
	first, rest := step{}, path(nil)
	if len(p) > 0 {
		first, rest = p[0], p[1:]
	}
	inner := &scope{node: sc.node, block: sc.block, key: sc.key, outer: sc,
		anon: &thunk{e.Source, path{first}, sc}}
	t.resolve(e.Each, rest, inner, exact && len(p) > 0 && !t.strict, chain)
}

func (t *tracer) forExpr(e *hclsyntax.ForExpr, p path, sc *scope, exact bool, chain *link) {
	first, rest, whole := step{}, path(nil), len(p) == 0
	if !whole {
		first, rest = p[0], p[1:]
	}
	// The element of the collection that the result's member is made of is
	// known when the result keeps the collection's keys.
	elem := step{kind: stepAny}
	if e.KeyExpr != nil && first.known && e.KeyVar != "" && hcl.ExprAsKeyword(e.KeyExpr) == e.KeyVar {
		elem = named(first.key)
	}
	inner := &scope{node: sc.node, block: sc.block, key: sc.key, outer: sc, binds: map[string]thunk{
		e.ValVar: {e.CollExpr, path{elem}, sc},
	}}
	if e.KeyVar != "" {
		inner.binds[e.KeyVar] = thunk{e.CollExpr, path{{kind: stepKeyOf, key: elem.key, known: elem.known}}, sc}
	}
	if e.CondExpr != nil {
		t.condition(e.CondExpr, inner, chain)
	}
	exact = exact && t.sure(elem)
	switch {
	case whole:
		if e.KeyExpr != nil {
			t.resolve(e.KeyExpr, nil, inner, false, chain)
		}
		t.resolve(e.ValExpr, nil, inner, false, chain)
	case e.KeyExpr != nil && first.kind == stepKeyOf:
		t.key(e.KeyExpr, first, inner, exact, chain)
	case e.KeyExpr == nil && (first.kind == stepKeyOf || first.kind == stepEach):
		t.key(e.ValExpr, first, inner, exact, chain)
	case e.Group: // a list of all values with the key
		t.resolve(e.ValExpr, nil, inner, false, chain)
	default:
		t.resolve(e.ValExpr, rest, inner, exact, chain)
	}
}

// call follows a function call. The functions that hand values on unchanged
// are followed with the path; of any other every argument has a part in the
// result.
func (t *tracer) call(e *hclsyntax.FunctionCallExpr, p path, sc *scope, exact bool, chain *link) {
	args := e.Args
	switch name := strings.TrimPrefix(e.Name, "core::"); {
	case e.ExpandFinal:
	case t.strict && t.strictCall(name, args, p, sc, exact, chain):
		return
	case name == "length":
		return // the number of values doesn't change with a value
	case name == "toset" && len(args) == 1 && len(p) > 0:
		first := p[0]
		first.kind = stepKeyOf
		if p[0].kind == stepAny || p[0].kind == stepName {
			first.known = false // sets have no indices
		}
		t.resolve(args[0], p[1:].with(first), sc, exact, chain)
		return
	case (name == "tostring" || name == "tomap" || name == "tolist" || name == "sensitive" ||
		name == "nonsensitive" || name == "ephemeralasnull") && len(args) == 1:
		t.resolve(args[0], p, sc, exact, chain)
		return
	case name == "try", name == "coalesce", name == "coalescelist", name == "merge":
		for _, a := range args {
			t.resolve(a, p, sc, exact, chain)
		}
		return
	case name == "lookup" && (len(args) == 2 || len(args) == 3):
		t.resolve(args[0], p.with(t.member(args[1], sc)), sc, exact, chain)
		t.selector(args[1], args[0], sc, chain)
		if len(args) == 3 {
			t.resolve(args[2], p, sc, exact, chain)
		}
		return
	case name == "element" && len(args) == 2:
		// element wraps round: an index beyond a list that isn't written out here
		// is any of its elements.
		k := t.member(args[1], sc)
		if tuple, ok := args[0].(*hclsyntax.TupleConsExpr); ok && k.known {
			if n, err := strconv.Atoi(k.key); err == nil && len(tuple.Exprs) > 0 {
				k = named(strconv.Itoa(n % len(tuple.Exprs)))
			}
		} else if k.known && !t.finds(args[0], path{k}, sc) {
			k = step{}
		}
		t.resolve(args[0], p.with(k), sc, exact && t.sure(k), chain)
		if !t.strict || !k.known {
			t.resolve(args[1], nil, sc, false, chain)
		}
		return
	case (name == "concat" || name == "values" || name == "distinct" || name == "compact" || name == "sort" ||
		name == "reverse" || name == "slice" || name == "setunion") && len(p) > 0:
		first := p[0]
		if first.kind == stepName {
			first = step{} // an element's number isn't the one that it had
		}
		for i, a := range args {
			if name == "slice" && i > 0 {
				t.resolve(a, nil, sc, false, chain)
			} else {
				t.resolve(a, p[1:].with(first), sc, exact && !t.strict, chain)
			}
		}
		return
	case name == "one" && len(args) == 1:
		t.resolve(args[0], p.with(step{}), sc, exact, chain)
		return
	case name == "keys" && len(args) == 1 && len(p) > 0:
		t.resolve(args[0], p[1:].with(step{kind: stepKeyOf, key: p[0].key, known: p[0].known && p[0].kind != stepName}), sc, exact && !t.strict, chain)
		return
	case name == "zipmap" && len(args) == 2 && len(p) > 0:
		if p[0].kind == stepKeyOf {
			t.resolve(args[0], p, sc, exact && !t.strict, chain)
		} else {
			t.resolve(args[1], p[1:].with(step{}), sc, exact && !t.strict, chain)
		}
		return
	}
	for _, a := range args {
		t.resolve(a, nil, sc, false, chain)
	}
}

// selector follows an index into a collection.
func (t *tracer) selector(key, collection hclsyntax.Expression, sc *scope, chain *link) {
	emit, index := t.emit, t.index
	t.emit = func(s source) {
		if s.selects == nil {
			s.selects = &selection{collection, sc}
		}
		emit(s)
	}
	t.index = true
	t.resolve(key, nil, sc, false, chain)
	t.emit, t.index = emit, index
}

// member returns the step that an index expression selects, as far as it is
// written out or known from the instance.
func (t *tracer) member(e hclsyntax.Expression, sc *scope) step {
	if s, ok := t.constant(e, sc); ok {
		return named(s)
	}
	return step{}
}

func (t *tracer) constant(e hclsyntax.Expression, sc *scope) (string, bool) {
	if s, ok := keyString(e); ok {
		return s, true
	}
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return t.constant(e.Expression, sc)
	case *hclsyntax.TemplateWrapExpr:
		return t.constant(e.Wrapped, sc)
	case *hclsyntax.ScopeTraversalExpr:
		if sc.key == nil || len(e.Traversal) != 2 {
			return "", false
		}
		if _, shadowed := sc.bound(e.Traversal.RootName()); shadowed {
			return "", false
		}
		a, ok := e.Traversal[1].(hcl.TraverseAttr)
		if ok && (e.Traversal.RootName() == "each" && a.Name == "key" || e.Traversal.RootName() == "count" && a.Name == "index") {
			return sc.key.key, true
		}
	}
	return "", false
}
