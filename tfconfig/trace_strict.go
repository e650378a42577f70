package tfconfig

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// strictCall follows the function calls that a strict trace treats otherwise:
// of the arguments that may count, the one that does. It reports whether it has
// followed the call.
func (t *tracer) strictCall(name string, args []hclsyntax.Expression, p path, sc *scope, exact bool, chain *link) bool {
	follow := func(e hclsyntax.Expression, p path, exact bool) bool {
		t.resolve(e, p, sc, exact, chain)
		return true
	}
	all := func() bool {
		for _, a := range args {
			t.resolve(a, p, sc, false, chain)
		}
		return true
	}
	switch name {
	case "tonumber", "tobool", "toset":
		if len(args) == 1 && len(p) == 0 {
			return follow(args[0], p, exact)
		}
	case "try", "coalesce", "coalescelist":
		for _, a := range args {
			switch t.outcome(a, p, sc, name == "try") {
			case decided:
				return follow(a, p, exact)
			case doubtful:
				return all()
			}
		}
		return true
	case "merge":
		if len(p) == 0 && t.mergeAll(args, sc, exact, chain) {
			return true
		}
		if len(p) == 0 || p[0].kind != stepName || !p[0].known {
			return all()
		}
		for _, a := range slices.Backward(args) {
			has, known := t.hasKey(a, p[0].key, sc)
			switch {
			case has && known:
				return follow(a, p, exact)
			case !known:
				return all()
			}
		}
		return true
	case "lookup":
		return t.strictLookup(args, p, sc, exact, chain) || all()
	case "length":
		// A value more or less counts, another value doesn't.
		t.only(func(s source) bool { return s.kind == fromContainer }, func() { all() })
		return true
	case "sensitive":
		emit := t.emit
		t.emit = func(s source) {
			s.secret = true
			emit(s)
		}
		all := len(args) == 1 && follow(args[0], p, exact)
		t.emit = emit
		return all
	}
	return false
}

// strictLookup follows the argument of lookup that counts; false if that isn't
// known, or not how many there are.
func (t *tracer) strictLookup(args []hclsyntax.Expression, p path, sc *scope, exact bool, chain *link) bool {
	if len(args) != 2 && len(args) != 3 {
		return false
	}
	k := t.member(args[1], sc)
	if !k.known {
		t.selector(args[1], args[0], sc, chain)
	}
	has, known := false, false
	if k.known {
		has, known = t.hasKey(args[0], k.key, sc)
	}
	switch {
	case has && known:
		t.resolve(args[0], p.with(k), sc, exact, chain)
	case known && len(args) == 3:
		t.resolve(args[2], p, sc, exact, chain)
	default:
		t.resolve(args[0], p.with(k), sc, false, chain)
		if len(args) == 3 {
			t.resolve(args[2], p, sc, false, chain)
		}
	}
	return true
}

// mergeAll follows all that a merge makes, of which an item of a later argument
// takes the place of one with the same key; false if not all keys are known.
func (t *tracer) mergeAll(args []hclsyntax.Expression, sc *scope, exact bool, chain *link) bool {
	later := map[string]bool{}
	hidden := make([]map[string]bool, len(args))
	for i, a := range slices.Backward(args) {
		hidden[i] = maps.Clone(later)
		known := true
		t.probe(func(s source) {
			switch {
			case s.kind == fromContainer:
			case s.kind != fromKey || !s.exact:
				known = false
			default:
				later[s.value] = true
			}
		}, func() { t.resolve(a, path{{kind: stepKeyOf}}, sc, true, nil) })
		if !known {
			return false
		}
	}
	depth := len(t.sub)
	for i, a := range args {
		t.only(func(s source) bool { return len(s.sub) <= depth || !hidden[i][s.sub[depth]] },
			func() { t.resolve(a, nil, sc, exact, chain) })
	}
	return true
}

// only follows something and passes on those sources alone that fit.
func (t *tracer) only(fits func(source) bool, follow func()) {
	emit := t.emit
	t.emit = func(s source) {
		if fits(s) {
			emit(s)
		}
	}
	follow()
	t.emit = emit
}

// outcome is what is known of an argument of coalesce or try.
type outcome byte

const (
	doubtful outcome = iota
	decided          // this argument is the value
	passed           // the next one is
)

// outcome judges an argument: coalesce passes over null and "", try over what
// isn't there.
func (t *tracer) outcome(e hclsyntax.Expression, p path, sc *scope, try bool) outcome {
	result := passed
	t.probe(func(s source) {
		switch {
		case s.kind != fromLiteral && s.kind != fromContainer || !s.exact:
			result = doubtful
		case len(s.sub) > 0:
		case result != doubtful:
			result = decided
			text, ok := literalString(s.expr)
			if !try && (ok && text == "" || isNull(s.expr)) {
				result = passed
			}
		}
	}, func() { t.resolve(e, p, sc, true, nil) })
	return result
}

// hasKey reports whether a map has a key, and whether that is known.
func (t *tracer) hasKey(e hclsyntax.Expression, key string, sc *scope) (has, known bool) {
	known = true
	t.probe(func(s source) {
		switch {
		case s.kind == fromContainer:
		case s.kind != fromKey || !s.exact:
			known = false
		case s.value == key:
			has = true
		}
	}, func() { t.resolve(e, path{{kind: stepKeyOf}}, sc, true, nil) })
	return has, known
}

// finds reports whether anything stands where a path into an expression leads.
func (t *tracer) finds(e hclsyntax.Expression, p path, sc *scope) (found bool) {
	t.probe(func(source) { found = true }, func() { t.resolve(e, p, sc, true, nil) })
	return found
}

// probe follows something apart from the trace.
func (t *tracer) probe(emit func(source), follow func()) {
	if t.probes >= maxProbes {
		t.work.incomplete = true
		emit(source{kind: fromUnknown, value: "a value that refers to itself"})
		return
	}
	before := *t
	t.probes++
	t.emit, t.seen, t.sub, t.index, t.onRoot = emit, map[visit]bool{}, nil, false, nil
	follow()
	*t = before
}

func isNull(e hclsyntax.Expression) bool {
	l, ok := e.(*hclsyntax.LiteralValueExpr)
	return ok && l.Val.IsNull()
}
