package tfconfig

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// maxVisits bounds the work of one call of an exported method, maxPath the
// length of the attribute path that is carried. A path that long comes only
// from values that refer to themselves, which Terraform refuses.
const (
	maxVisits = 20_000_000
	maxPath   = 32
)

// stepKind says how one step of a path selects from a container.
type stepKind byte

const (
	stepAny   stepKind = iota // some member, not known which
	stepName                  // the member or element of this key
	stepEach                  // the value that for_each hands out: a map's value, a set's element
	stepKeyOf                 // the key that for_each hands out: a map's key, a set's element
)

// step selects a member of an object, map, list or set. Keys are text, also
// for lists ("0"). For stepEach and stepKeyOf an unknown key is any.
type step struct {
	kind  stepKind
	key   string
	known bool
}

func (s step) matches(key string) bool { return !s.known || s.key == key }

func named(key string) step { return step{kind: stepName, key: key, known: true} }

type path []step

func (p path) with(first ...step) path {
	out := make(path, 0, len(first)+len(p))
	return append(append(out, first...), p...)
}

func (p path) String() string {
	var b strings.Builder
	for _, s := range p {
		b.WriteByte('0' + byte(s.kind))
		if s.known {
			b.WriteString(strconv.Quote(s.key))
		}
	}
	return b.String()
}

// scope is where an expression stands: the module call, the block whose
// each and count it may use, and the names that a for expression binds.
type scope struct {
	node  *node
	block *block // with the for_each or count; nil outside resources and module calls
	key   *step  // the instance key, nil when not known
	binds map[string]thunk
	anon  *thunk // what a splat's element stands for
	outer *scope // where binds are looked up next
}

// thunk is an expression with a path into it, to be followed later.
type thunk struct {
	expr hclsyntax.Expression
	path path
	sc   *scope
}

func (s *scope) bound(name string) (thunk, bool) {
	for ; s != nil; s = s.outer {
		if t, ok := s.binds[name]; ok {
			return t, true
		}
	}
	return thunk{}, false
}

func (s *scope) element() (thunk, bool) {
	for ; s != nil; s = s.outer {
		if s.anon != nil {
			return *s.anon, true
		}
	}
	return thunk{}, false
}

type sourceKind byte

const (
	fromLiteral  sourceKind = iota // a string, number or bool that is written out
	fromKey                        // a map key or set element that for_each hands out as a key
	fromUnset                      // a root variable without default or value in a file
	fromResource                   // an attribute of a resource or data source
	fromUnknown                    // the output of a module that wasn't followed
)

// source is one origin that a value may come from.
type source struct {
	kind  sourceKind
	rng   hcl.Range // of the literal, or of the reference
	value string    // of a literal string or key
	text  bool      // value is a string
	// exact tells that the value is handed on unchanged all the way; else it
	// went into a template, an operator, a condition or a function.
	exact bool
	chain *link // how it was reached, last link first

	// For fromResource:
	node    *node
	address string
	key     step // instance key, when written out
	keyed   bool // the resource has keys
	attr    string
}

// link is one carrier on the way from a use to a source.
type link struct {
	kind    Kind
	address string
	prev    *link
	// For KindOutput: the module call and the instance it was read from.
	node *node
	key  step
}

type visit struct {
	expr  hclsyntax.Expression
	path  string
	sc    *scope
	exact bool
}

type scopeKey struct {
	node  *node
	block *block
}

// tracer follows one value backwards to its sources.
type tracer struct {
	c      *Config
	keys   map[*node]step // instance keys of module calls, for a trace of one instance
	scopes map[scopeKey]*scope
	seen   map[visit]bool
	emit   func(source)
	onRoot func(name string, exact bool) // a root variable was passed through
	work   *work
}

// work is what the tracers of one call have done together.
type work struct {
	visits int
	// incomplete is set when a bound was reached, so that sources may be
	// missing.
	incomplete bool
}

func (c *Config) tracer(w *work, emit func(source)) *tracer {
	return &tracer{c: c, scopes: map[scopeKey]*scope{}, seen: map[visit]bool{}, emit: emit, work: w}
}

// scope returns the one scope of a block in a node, so that visits can be
// told apart by it.
func (t *tracer) scope(n *node, b *block) *scope {
	k := scopeKey{n, b}
	if s, ok := t.scopes[k]; ok {
		return s
	}
	s := &scope{node: n, block: b}
	if b != nil && b.kind == "module" {
		if child := n.children[b.labels[0]]; child != nil {
			if key, ok := t.keys[child]; ok {
				s.key = &key
			}
		}
	}
	t.scopes[k] = s
	return s
}

func (t *tracer) resolve(e hclsyntax.Expression, p path, sc *scope, exact bool, chain *link) {
	if e == nil {
		return
	}
	v := visit{e, p.String(), sc, exact}
	if t.seen[v] {
		return
	}
	t.seen[v] = true
	if t.work.visits++; t.work.visits > maxVisits || len(p) > maxPath {
		t.work.incomplete = true
		return
	}
	// A literal string ends the way, whichever node holds it.
	if s, ok := literalString(e); ok {
		t.literal(e.Range(), s, true, p, exact, chain)
		return
	}
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		if !e.Val.IsNull() {
			t.literal(e.SrcRange, "", false, p, exact, chain)
		}
	case *hclsyntax.ParenthesesExpr:
		t.resolve(e.Expression, p, sc, exact, chain)
	case *hclsyntax.TemplateWrapExpr:
		t.resolve(e.Wrapped, p, sc, exact, chain)
	case *hclsyntax.ObjectConsKeyExpr:
		if _, ok := keyString(e); !ok {
			t.resolve(e.Wrapped, p, sc, exact, chain)
		}
	case *hclsyntax.TemplateExpr:
		for _, part := range e.Parts {
			if _, ok := literalString(part); !ok {
				t.resolve(part, nil, sc, false, chain)
			}
		}
	case *hclsyntax.TemplateJoinExpr:
		t.resolve(e.Tuple, nil, sc, false, chain)
	case *hclsyntax.ConditionalExpr:
		t.condition(e.Condition, sc, chain)
		t.resolve(e.TrueResult, p, sc, exact, chain)
		t.resolve(e.FalseResult, p, sc, exact, chain)
	case *hclsyntax.BinaryOpExpr:
		t.condition(e, sc, chain)
	case *hclsyntax.UnaryOpExpr:
		t.resolve(e.Val, nil, sc, false, chain)
	case *hclsyntax.TupleConsExpr:
		t.tuple(e, p, sc, exact, chain)
	case *hclsyntax.ObjectConsExpr:
		t.object(e, p, sc, exact, chain)
	case *hclsyntax.ScopeTraversalExpr:
		t.traversal(e, p, sc, exact, chain)
	case *hclsyntax.RelativeTraversalExpr:
		t.resolve(e.Source, p.with(steps(e.Traversal)...), sc, exact, chain)
	case *hclsyntax.IndexExpr:
		t.resolve(e.Collection, p.with(t.index(e.Key, sc)), sc, exact, chain)
		t.resolve(e.Key, nil, sc, false, chain)
	case *hclsyntax.SplatExpr:
		first, rest := step{}, path(nil)
		if len(p) > 0 {
			first, rest = p[0], p[1:]
		}
		inner := &scope{node: sc.node, block: sc.block, key: sc.key, outer: sc,
			anon: &thunk{e.Source, path{first}, sc}}
		t.resolve(e.Each, rest, inner, exact && len(p) > 0, chain)
	case *hclsyntax.AnonSymbolExpr:
		if th, ok := sc.element(); ok {
			t.resolve(th.expr, p.with(th.path...), th.sc, exact, chain)
		}
	case *hclsyntax.ForExpr:
		t.forExpr(e, p, sc, exact, chain)
	case *hclsyntax.FunctionCallExpr:
		t.call(e, p, sc, exact, chain)
	default:
		// A node of a newer hcl: whatever it refers to has a part in it.
		for _, ref := range e.Variables() {
			t.reference(ref, nil, sc, false, chain)
		}
	}
}

func (t *tracer) literal(rng hcl.Range, value string, text bool, p path, exact bool, chain *link) {
	if len(p) > 0 {
		return // a string has no members
	}
	t.emit(source{kind: fromLiteral, rng: rng, value: value, text: text, exact: exact, chain: chain})
}

// condition follows what decides a condition. A comparison with "" or null
// comes out the same before and after a rename, so it decides nothing.
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
		if isEmpty(b.LHS) || isEmpty(b.RHS) {
			return
		}
	}
	for _, side := range []hclsyntax.Expression{b.LHS, b.RHS} {
		if b.Op == hclsyntax.OpLogicalAnd || b.Op == hclsyntax.OpLogicalOr {
			t.condition(side, sc, chain)
		} else {
			t.resolve(side, nil, sc, false, chain)
		}
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
		for _, el := range e.Exprs {
			t.resolve(el, nil, sc, false, chain)
		}
		return
	}
	first, rest := p[0], p[1:]
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
		for _, item := range e.Items {
			t.resolve(item.KeyExpr, nil, sc, false, chain)
			t.resolve(item.ValueExpr, nil, sc, false, chain)
		}
		return
	}
	first, rest := p[0], p[1:]
	for _, item := range e.Items {
		k, known := keyString(item.KeyExpr)
		if known && first.kind != stepAny && !first.matches(k) {
			continue
		}
		if first.kind == stepKeyOf {
			t.key(item.KeyExpr, first, sc, exact, chain)
			continue
		}
		t.resolve(item.ValueExpr, rest, sc, exact, chain)
	}
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
		t.resolve(args[0], p.with(t.index(args[1], sc)), sc, exact, chain)
		t.resolve(args[1], nil, sc, false, chain)
		if len(args) == 3 {
			t.resolve(args[2], p, sc, exact, chain)
		}
		return
	case name == "element" && len(args) == 2:
		// element wraps round, so only a splat's or list's own index is sure
		// when it is within the list; any element otherwise.
		k := t.index(args[1], sc)
		if tuple, ok := args[0].(*hclsyntax.TupleConsExpr); ok && k.known {
			if n, err := strconv.Atoi(k.key); err == nil && n >= 0 && len(tuple.Exprs) > 0 {
				k = named(strconv.Itoa(n % len(tuple.Exprs)))
			}
		}
		t.resolve(args[0], p.with(k), sc, exact, chain)
		t.resolve(args[1], nil, sc, false, chain)
		return
	case (name == "concat" || name == "values" || name == "distinct" || name == "compact" || name == "sort" ||
		name == "reverse" || name == "slice" || name == "setunion") && len(p) > 0 && len(args) > 0:
		first := p[0]
		if first.kind == stepName {
			first = step{}
		}
		t.resolve(args[0], p[1:].with(first), sc, exact, chain)
		for _, a := range args[1:] {
			if name == "slice" {
				t.resolve(a, nil, sc, false, chain)
			} else {
				t.resolve(a, p[1:].with(first), sc, exact, chain)
			}
		}
		return
	case name == "one" && len(args) == 1:
		t.resolve(args[0], p.with(step{}), sc, exact, chain)
		return
	case name == "keys" && len(args) == 1 && len(p) > 0:
		t.resolve(args[0], p[1:].with(step{kind: stepKeyOf, key: p[0].key, known: p[0].known && p[0].kind != stepName}), sc, exact, chain)
		return
	case name == "zipmap" && len(args) == 2 && len(p) > 0:
		if p[0].kind == stepKeyOf {
			t.resolve(args[0], p, sc, exact, chain)
		} else {
			t.resolve(args[1], p[1:].with(step{}), sc, exact, chain)
		}
		return
	}
	for _, a := range args {
		t.resolve(a, nil, sc, false, chain)
	}
}

// index returns the step that an index expression selects, as far as it is
// written out or known from the instance.
func (t *tracer) index(e hclsyntax.Expression, sc *scope) step {
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

func (t *tracer) traversal(e *hclsyntax.ScopeTraversalExpr, p path, sc *scope, exact bool, chain *link) {
	t.reference(e.Traversal, p, sc, exact, chain)
}

// steps turns the rest of a traversal into steps.
func steps(tr hcl.Traversal) []step {
	var out []step
	for _, s := range tr {
		switch s := s.(type) {
		case hcl.TraverseAttr:
			out = append(out, named(s.Name))
		case hcl.TraverseIndex:
			if k, ok := ctyKey(s.Key); ok {
				out = append(out, named(k))
			} else {
				out = append(out, step{})
			}
		case hcl.TraverseSplat:
			out = append(out, step{})
		}
	}
	return out
}

func ctyKey(v cty.Value) (string, bool) {
	if !v.IsKnown() || v.IsNull() {
		return "", false
	}
	switch v.Type() {
	case cty.String:
		return v.AsString(), true
	case cty.Number:
		f := v.AsBigFloat()
		if i, acc := f.Int(nil); acc == big.Exact {
			return i.String(), true
		}
	}
	return "", false
}

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
		return // count.index is a number
	}
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
	chain = &link{kind: KindVariable, address: address, prev: chain}
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
	for _, vf := range t.c.varFiles {
		if a := vf.body.attr(name); a != nil {
			found = found || vf.auto
			value(KindValue, a, t.scope(n, nil))
		}
	}
	if def != nil {
		value(KindDefault, def, t.scope(n, nil))
	}
	if def == nil && !found {
		t.emit(source{kind: fromUnset, rng: decl.rng, value: name, exact: exact, chain: chain})
	}
}

// isNullable tells whether a null argument falls back on the default.
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
	if child.mod == nil {
		t.emit(source{kind: fromUnknown, rng: rng, value: strings.TrimSuffix(child.prefix(), "."), exact: exact, chain: chain})
		return
	}
	var key step
	if len(p) > 0 && (child.call.attr("for_each") != nil || child.call.attr("count") != nil) {
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
				&link{kind: KindOutput, address: child.prefix() + b.address(), prev: chain, node: child, key: key})
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
