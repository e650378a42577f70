package tfconfig

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// maxVisits bounds the work of one call of an exported method, maxPath the
// length of the attribute path that is carried. A path that long comes only
// from values that refer to themselves, which Terraform refuses.
//
// maxSub bounds how deep a value is taken apart by a strict trace, and
// maxStrict the work of those, which is more for each step.
//
// maxProbes bounds how deep the arguments of coalesce, try and merge are judged
// by others.
const (
	maxVisits = 20_000_000
	maxPath   = 32
	maxSub    = 8
	maxStrict = 2_000_000
	maxProbes = 4
)

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

// element is what the element of the innermost splat stands for.
func (s *scope) element() (th thunk) {
	for ; s != nil; s = s.outer {
		if s.anon != nil {
			return *s.anon
		}
	}
	return th
}

type sourceKind byte

const (
	fromLiteral   sourceKind = iota // a string, number or bool that is written out
	fromKey                         // a map key or set element that for_each hands out as a key
	fromUnset                       // a root variable without default or value in a file
	fromResource                    // an attribute of a resource or data source
	fromUnknown                     // the output of a module that wasn't followed, or what only a run knows
	fromContainer                   // a list or an object that is written out; strict traces only
)

// source is one origin that a value may come from.
type source struct {
	kind  sourceKind
	rng   hcl.Range // of the literal, or of the reference
	value string    // of a literal string or key
	text  bool      // value is a string
	// exact says that the value is handed on unchanged all the way; else it
	// went into a template, an operator, a condition or a function.
	exact bool
	chain *link // how it was reached, last link first
	// selects is what the value is an index into, the outermost of several;
	// nil for one that isn't an index. exact is false then.
	selects *selection

	// For strict traces: the expression that is written out, and where it is in
	// the value that was traced, as keys and indices.
	expr   hclsyntax.Expression
	sub    []string
	secret bool // the function sensitive hands it on

	// For fromResource:
	node    *node
	address string
	key     step // instance key, when written out
	keyed   bool // the resource has keys
	attr    string
}

// unset says of a root variable that no file has its value, what has.
func (s source) unset(whose string) string {
	return fmt.Sprintf("%s value is in no file: TF_VAR_%s, -var or a -var-file gives it", whose, s.value)
}

// selection is a collection that a value selects a member of.
type selection struct {
	collection hclsyntax.Expression
	sc         *scope
}

// link is one carrier on the way from a use to a source.
type link struct {
	kind      Kind
	address   string
	prev      *link
	sensitive bool // it is a variable or an output that is declared so
	// For KindOutput: the module call and the instance it was read from.
	node *node
	key  step
}

type visit struct {
	expr  hclsyntax.Expression
	path  string
	sc    *scope
	exact bool
	index bool
	sub   string
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
	index  bool // what is followed is an index

	// strict says that only what surely decides the value is exact: no branch
	// of a condition, no element of which the index isn't known, the one
	// argument of merge, lookup or coalesce that counts, and the variable file
	// that wins. Null and containers are emitted as well.
	strict bool
	sub    []string // where what is followed is in the value that was asked for
	probes int      // how deep the trace is in probes
	emit   func(source)
	onRoot func(name string, exact bool) // a root variable was passed through
	work   *work
}

// work is what the tracers of one call have done together.
type work struct {
	visits int
	strict bool // it is of strict traces
	// incomplete is set when a bound was reached, so that sources may be
	// missing.
	incomplete bool
}

// most is how many visits may be made.
func (w *work) most() int {
	if w.strict {
		return maxStrict
	}
	return maxVisits
}

// sure reports whether a step selects one member, as strict traces need it.
func (t *tracer) sure(s step) bool { return !t.strict || s.known }

// within follows a member of what is followed as a whole. Only strict traces
// take values apart, and not endlessly: beyond, a member is just a part of it.
func (t *tracer) within(key string, exact bool, follow func(exact bool)) {
	if !t.strict || !exact || len(t.sub) >= maxSub {
		follow(false)
		return
	}
	t.sub = append(t.sub, key)
	follow(true)
	t.sub = t.sub[:len(t.sub)-1]
}

func (c *Config) tracer(w *work, emit func(source)) *tracer {
	return &tracer{c: c, scopes: map[scopeKey]*scope{}, seen: map[visit]bool{}, emit: emit, work: w}
}

// scope returns the one scope of a block in a node, so that visits can be
// distinguished by it.
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

// enter reports whether a visit is to be made: once, and within the bounds.
func (t *tracer) enter(v visit, p path) bool {
	if t.work.visits > t.work.most() || len(p) > maxPath {
		t.work.incomplete = true
		return false
	}
	if t.seen[v] {
		return false
	}
	t.seen[v] = true
	t.work.visits++
	return true
}

// resolve follows an expression, and a path into its value, to the sources of
// what stands there. exact says that the value has been handed on unchanged so
// far, and chain by whom.
func (t *tracer) resolve(e hclsyntax.Expression, p path, sc *scope, exact bool, chain *link) {
	if e == nil {
		return
	}
	if !t.enter(visit{e, p.String(), sc, exact, t.index, strings.Join(t.sub, "\x00")}, p) {
		return
	}
	// A literal string ends the way, whichever node holds it.
	if s, ok := literalString(e); ok {
		t.literal(e, s, true, p, exact, chain)
		return
	}
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		if !e.Val.IsNull() || t.strict {
			t.literal(e, "", false, p, exact, chain)
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
		exact = exact && !t.strict
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
		t.reference(e.Traversal, p, sc, exact, chain)
	case *hclsyntax.RelativeTraversalExpr:
		t.resolve(e.Source, p.with(steps(e.Traversal)...), sc, exact, chain)
	case *hclsyntax.IndexExpr:
		k := t.member(e.Key, sc)
		t.resolve(e.Collection, p.with(k), sc, exact && t.sure(k), chain)
		if !t.strict || !k.known {
			t.selector(e.Key, e.Collection, sc, chain)
		}
	case *hclsyntax.SplatExpr:
		t.splat(e, p, sc, exact, chain)
	case *hclsyntax.AnonSymbolExpr:
		th := sc.element()
		t.resolve(th.expr, p.with(th.path...), th.sc, exact, chain)
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
