package tfconfig

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

// argument is what a block has for a path.
type argument struct {
	expr hclsyntax.Expression // nil if there is no argument
	attr *attr
	rest path // into the expression's value

	body    *block // the block in which it is, or would have to be
	name    string
	missing statefile.Path // of what isn't there, below body; nil if something is
	nested  *block         // the nested block, if the path leads to one as a whole
	reason  string
}

// argument finds the argument that a path leads to.
func (c *Config) argument(t *target, p statefile.Path) argument {
	return findArgument(t.block, p)
}

func findArgument(b *block, p statefile.Path) argument {
	name, ok := p[0].(string)
	if !ok {
		return argument{body: b, reason: "its path has an index where a name belongs"}
	}
	if a := b.attr(name); a != nil {
		rest := p[1:]
		// In JSON a block is an object, or a list of objects.
		if _, isObject := a.expr.(*hclsyntax.ObjectConsExpr); isObject && a.file.json && len(rest) > 0 && rest[0] == any(0) {
			rest = rest[1:]
		}
		return argument{expr: a.expr, attr: a, rest: pathSteps(rest), body: b, name: name}
	}
	var blocks []*block
	for _, nested := range b.blocks {
		switch {
		case nested.kind == name:
			blocks = append(blocks, nested)
		case nested.kind == "dynamic" && slices.Equal(nested.labels, []string{name}):
			return argument{body: b, name: name, reason: "dynamic blocks make it"}
		}
	}
	if len(blocks) == 0 {
		return argument{body: b, name: name, missing: p}
	}
	n := 0
	rest := p[1:]
	if len(rest) > 0 {
		if i, ok := rest[0].(int); ok {
			n, rest = i, rest[1:]
		}
	}
	switch {
	case n >= len(blocks):
		return argument{body: b, name: name, reason: fmt.Sprintf("it has no block %s[%d]", name, n)}
	case len(rest) == 0 && len(blocks) == 1:
		return argument{body: b, name: name, nested: blocks[0]}
	case len(rest) == 0:
		return argument{body: b, name: name, reason: fmt.Sprintf("it has %d blocks %s", len(blocks), name)}
	}
	return findArgument(blocks[n], rest)
}

// attribute is the table's entry of what a task changes; nil if there is none.
func (t *task) attribute() *provider.Attr {
	res, ok := provider.Lookup(provider.Managed, t.target.block.labels[0])
	if !ok {
		return nil
	}
	return res.At(t.change.Path)
}

// foldsCase reports whether the provider takes an argument in either case.
func foldsCase(t *task) bool {
	attr := t.attribute()
	return attr != nil && attr.As == provider.FoldCase
}

// computed reports whether the provider fills in what the configuration doesn't say.
func computed(t *task) bool {
	attr := t.attribute()
	return attr != nil && attr.Computed
}

// unordered reports whether an argument's elements are in no order.
func unordered(t *task) bool {
	top, _ := t.change.Path[0].(string)
	return provider.ArgumentShape(t.target.block.labels[0], top) == provider.Unordered
}

// same compares a value that is written with one of the change.
func (t *task) same(a, b any) bool {
	x, isList := a.([]any)
	y, isList2 := b.([]any)
	if isList && isList2 && unordered(t) {
		text := func(v any) string { return hclText(v, nil, "") }
		sorted := func(list []any) []any {
			list = slices.Clone(list)
			slices.SortFunc(list, func(a, b any) int { return strings.Compare(text(a), text(b)) })
			return list
		}
		return equalValues(sorted(x), sorted(y), foldsCase(t))
	}
	return equalValues(a, b, foldsCase(t))
}

// at notes where a task's place is.
func (s *setter) at(t *task, src source) {
	t.file = s.c.byName[src.rng.Filename]
	t.site = site{t.file.real, src.rng.Start.Byte}
	t.chain = src.chain
	t.position = s.c.position(src.rng)
	t.secret = t.secret || src.secret
	for l := src.chain; l != nil; l = l.prev {
		t.secret = t.secret || l.sensitive
	}
}

// locate finds the place that a task is to change, and what is to be done
// there; the reason says why there is none.
func (s *setter) locate(t *task, arg argument) {
	switch {
	case arg.reason != "":
		t.reason = arg.reason
	case arg.expr != nil:
		s.follow(t, arg)
		return
	case arg.nested != nil:
		s.wholeBlock(t, arg)
	case len(arg.missing) == 1:
		s.missing(t, arg)
	case t.change.New == nil:
		t.op = opNone
	default:
		s.missingBelow(t, arg)
	}
	if t.position.File == "" {
		t.position = s.c.position(arg.body.rng)
	}
}

// inBlock prepares a change of a block's content.
func (s *setter) inBlock(t *task, b *block, o op) {
	t.op, t.place.body = o, b
	t.file = b.file
	t.site = site{b.file.real, b.rng.Start.Byte}
	t.position = s.c.position(b.rng)
}

// wholeBlock takes a nested block out.
func (s *setter) wholeBlock(t *task, arg argument) {
	empty := func(v any) bool {
		list, ok := v.([]any)
		return v == nil || ok && len(list) == 0
	}
	if !empty(t.change.New) {
		t.reason = "a block has other members than before"
		return
	}
	s.inBlock(t, arg.body, opCutBlock)
	t.place.nested = arg.nested
	t.position = s.c.position(arg.nested.rng)
}

// missing adds an argument, or a block with arguments, to a block.
func (s *setter) missing(t *task, arg argument) {
	if t.change.New == nil || t.same(t.change.New, []any{}) || computed(t) {
		return // opNone
	}
	o := opAddArg
	if list, ok := t.change.New.([]any); ok && slices.ContainsFunc(list, isObject) {
		if o = opAddBlock; len(list) != 1 {
			t.reason = "there are several blocks to add"
			return
		}
		for _, v := range list[0].(map[string]any) {
			if _, scalar := scalarText(v); !scalar && v != nil {
				t.reason = "the block to add has more than plain arguments"
				return
			}
		}
	}
	s.inBlock(t, arg.body, o)
	t.place.key, t.place.value = arg.name, t.change.New
}

// missingBelow adds an argument of which the path leads into the value: a map
// with the key.
func (s *setter) missingBelow(t *task, arg argument) {
	if computed(t) {
		return // opNone
	}
	key, ok := arg.missing[1].(string)
	if !ok || len(arg.missing) != 2 {
		t.reason = fmt.Sprintf("it has no %s", arg.name)
		return
	}
	s.inBlock(t, arg.body, opInsert)
	t.place.key, t.place.value = key, t.change.New
	t.place.at, t.place.name = -1, arg.name // for all its keys at once
}

// follow finds the place that a value comes from.
func (s *setter) follow(t *task, arg argument) {
	t.position = s.c.position(arg.expr.Range())
	sources := s.trace(t.target, arg.expr, arg.rest)
	if list, ok := t.change.New.([]any); ok || isListed(t.change.Old) {
		if s.list(t, sources, list) {
			return
		}
	}
	sources = slices.DeleteFunc(sources, func(src source) bool { return len(src.sub) > 0 })
	if len(sources) == 0 && len(arg.rest) > 0 {
		s.item(t, arg)
		return
	}
	if len(sources) == 0 && arg.rest == nil && t.change.New == nil {
		return
	}
	src, reason := s.one(t, sources)
	if reason != "" {
		t.reason = reason
		return
	}
	s.at(t, src)
	value, ok := writtenValue(src.expr)
	switch {
	case ok && t.change.New == nil && src.chain == nil && len(arg.rest) == 0 && t.same(value, t.change.Old):
		s.inBlock(t, arg.body, opCutArg)
		t.place.attr = arg.attr
		t.position = s.c.position(arg.expr.Range())
	case !ok || src.kind == fromContainer:
		t.reason = "a list or a map stands where a plain value was expected"
	case t.same(value, t.change.New):
		t.op = opNone
	case !t.same(value, t.change.Old):
		t.reason = "the value there is neither the old nor the new one"
	case t.change.New == nil && len(arg.rest) > 0:
		s.item(t, arg)
	default:
		t.op, t.place.source, t.place.value = opReplace, src, t.change.New
	}
}

func isListed(v any) bool {
	_, ok := v.([]any)
	return ok
}

// trace follows an expression of an instance.
func (s *setter) trace(t *target, e hclsyntax.Expression, p path) (sources []source) {
	tr, sc := t.instance(s.c, &s.work, func(src source) { sources = append(sources, src) })
	tr.strict = true
	tr.resolve(e, p, sc, true, nil)
	return sources
}

// one picks the one source that the value comes from: the only one, or of those
// in files that count only when they are named, the only one that has the
// old value.
func (s *setter) one(t *task, sources []source) (source, string) {
	if s.work.incomplete {
		return source{}, "the configuration refers to itself too deeply to be followed"
	}
	has := func(src source, value any) bool {
		v, ok := writtenValue(src.expr)
		return ok && src.exact && t.same(v, value)
	}
	// A file that is named when Terraform runs counts if it has the value.
	named := slices.ContainsFunc(sources, func(src source) bool { return has(src, t.change.Old) || has(src, t.change.New) })
	var found []source
	seen := map[site]bool{}
	for _, src := range sources {
		if named && src.kind == fromUnset {
			continue
		}
		if reason := s.unfit(src); reason != "" {
			return source{}, reason
		}
		k := site{s.c.byName[src.rng.Filename].real, src.rng.Start.Byte}
		if !seen[k] {
			seen[k] = true
			found = append(found, src)
		}
	}
	for _, value := range []any{t.change.Old, t.change.New} {
		fit := slices.DeleteFunc(slices.Clone(found), func(src source) bool { return !has(src, value) })
		if len(found) > 1 && (len(fit) == 1 || len(fit) == len(found)) && (len(fit) == 1 || t.same(value, t.change.New)) {
			found = fit[:1]
		}
	}
	if len(found) > 1 {
		return source{}, fmt.Sprintf("it may come from %s or %s", s.c.position(found[0].rng), s.c.position(found[1].rng))
	}
	if len(found) == 0 {
		return source{}, "its value isn't written out anywhere"
	}
	return found[0], ""
}

// unfit says why a source can't be the place, "" when it can.
func (s *setter) unfit(src source) string {
	switch src.kind {
	case fromUnset:
		return fmt.Sprintf("it comes from var.%s, ", src.value) + src.unset("whose")
	case fromResource:
		return fmt.Sprintf("it reads %s%s at %s", src.node.prefix(), src.address, s.c.position(src.rng))
	case fromUnknown:
		return fmt.Sprintf("it comes from %s, which isn't followed", src.value)
	case fromKey:
		return fmt.Sprintf("it is the key at %s, which is part of addresses", s.c.position(src.rng))
	}
	if !src.exact {
		return fmt.Sprintf("an expression makes it; %s takes part in it", s.c.position(src.rng))
	}
	if f := s.c.byName[src.rng.Filename]; f.from != "" {
		return fmt.Sprintf("it stands at %s, in %s", s.c.position(src.rng), f.from)
	}
	return ""
}

// list changes a list that is written out. It reports whether it has dealt with
// the task: false for a list whose elements come from elsewhere.
func (s *setter) list(t *task, sources []source, next []any) bool {
	top := slices.DeleteFunc(slices.Clone(sources), func(src source) bool { return len(src.sub) > 0 })
	src, reason := s.one(t, top)
	if reason != "" {
		t.reason = reason
		return true
	}
	s.at(t, src)
	tuple, isTuple := src.expr.(*hclsyntax.TupleConsExpr)
	value, written := writtenValue(src.expr)
	old, _ := t.change.Old.([]any)
	switch {
	case written && t.same(value, t.change.New) || written && value == nil && next == nil:
	case !isTuple && written && t.same(value, t.change.Old):
		t.op, t.place.source, t.place.value = opReplace, src, t.change.New
	case isTuple && written && t.change.New == nil && t.same(value, t.change.Old):
		return false
	case isTuple && written && t.same(value, t.change.Old):
		t.op, t.place.source, t.place.list = opReplace, src, next
	case isTuple && !written && len(tuple.Exprs) == len(old) && len(old) == len(next):
		s.tasks = slices.DeleteFunc(s.tasks, func(o *task) bool { return o == t })
		fresh := *t
		fresh.place, fresh.position, fresh.file, fresh.site, fresh.chain = place{}, Position{}, nil, site{}, nil
		s.split(&fresh, true)
	case !written:
		t.reason = "not all elements of the list are written out"
	default:
		t.reason = "the value there is neither the old nor the new one"
	}
	return true
}

// item adds a key to a map, or takes one out.
func (s *setter) item(t *task, arg argument) {
	last := arg.rest[len(arg.rest)-1]
	sources := s.trace(t.target, arg.expr, arg.rest[:len(arg.rest)-1])
	sources = slices.DeleteFunc(sources, func(src source) bool { return len(src.sub) > 0 })
	if call, ok := arg.expr.(*hclsyntax.FunctionCallExpr); ok && call.Name == "merge" && len(arg.rest) == 1 && len(call.Args) > 0 {
		// What stands last wins, so that is where a key can be added, and the
		// key to take out is where it is.
		e := call.Args[len(call.Args)-1]
		if t.change.New == nil {
			for _, a := range slices.Backward(call.Args) {
				if len(s.trace(t.target, a, arg.rest)) > 0 {
					e = a
					break
				}
			}
		}
		sources = slices.DeleteFunc(s.trace(t.target, e, nil), func(src source) bool { return len(src.sub) > 0 })
	}
	t.place.value = t.change.New
	src, reason := s.one(&task{target: t.target}, sources)
	if reason != "" {
		t.reason = reason
		return
	}
	object, ok := src.expr.(*hclsyntax.ObjectConsExpr)
	if !ok || src.kind != fromContainer {
		t.reason = "no map is written out there"
		return
	}
	s.at(t, src)
	t.place.source, t.place.key = src, last.key
	for i, item := range object.Items {
		k, known := keyString(item.KeyExpr)
		if !known {
			t.reason = "a key of the map is an expression"
			return
		}
		if k != last.key {
			continue
		}
		if t.change.New != nil {
			t.reason = "the value there is neither the old nor the new one"
			return
		}
		t.op, t.place.at = opRemove, i
		t.position = s.c.position(item.KeyExpr.Range())
		return
	}
	if t.change.New != nil {
		t.op = opInsert
	}
}
