package tfconfig

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/statefile"
)

// Change is the change of an attribute of one instance that the configuration
// is to follow.
type Change struct {
	// Address is that of the instance, as the state spells it, such as
	// module.env["blue"].heroku_formation.web[0].
	Address string
	// Path leads to the attribute, as the state has it: quantity,
	// config_vars.FOO, organization[0].locked, buildpacks. An empty one, with New
	// nil, says that the instance is gone: its block goes, where nothing else
	// refers to it.
	Path statefile.Path
	// Old and New are the values before and after, as JSON decodes them: nil,
	// a bool, a number, a string, a list or a map of these. Old is nil where
	// the configuration is to get an argument or a key, New where it is to lose
	// it.
	Old, New any
	// Sensitive says that the values are secret: then they aren't shown, and
	// change in variable files alone. Those of sensitive_ attributes and of
	// variables that are declared sensitive are without it.
	Sensitive bool
	// Hidden says that the values aren't to be shown, though they may stand
	// anywhere: no place has them, and [FileEdit.Patch] masks them.
	Hidden bool
}

// ValueEdit is what changes of values come to in a configuration.
type ValueEdit struct {
	// Files are the edits, in the order of [Config.Files]; nil when nothing is
	// to be edited.
	Files []FileEdit
	// Changes has an entry for each change that was asked for, in its order.
	Changes []ValueChange
}

// ValueChange is what became of a [Change].
type ValueChange struct {
	Change
	// Settled says that the configuration has the new value: by the edits, or
	// already.
	Settled bool
	// Places are the places that the edits change, or, where not settled, where
	// the value comes from or would have to stand, as far as known. Those that
	// Files change are Editable. Secret values aren't in them.
	Places []Place
	// Reason says why the change isn't settled, "" when it is. It is
	// printable, without any value.
	Reason string
	// Feeds are the other arguments that hang on the place and haven't changed
	// alike, as addresses with their paths; nil when there are none.
	Feeds []string
}

// Pending returns the changes that aren't settled, which a person has to make;
// nil when there are none.
func (e *ValueEdit) Pending() (pending []ValueChange) {
	for _, c := range e.Changes {
		if !c.Settled {
			pending = append(pending, c)
		}
	}
	return pending
}

// SetValues makes the configuration follow changes of attributes: it follows
// each argument to the one place that its value comes from (the literal in
// place, an element of a list or a map, the default of a variable or its value
// in the variable file that wins, a local, the argument of a module call, the
// map of for_each) and edits that alone. Keys are added to maps and taken
// out, arguments and blocks of one resource added and taken out, but that what the
// provider fills in by itself needs no argument. All other bytes stay, comments and heredocs too, but that what was formatted as by
// terraform fmt stays so.
//
// A place is edited only if all that it feeds changes alike, as far as the
// addresses in the state say which instances there are; so all changes are to
// be given at once. What an expression computes is never guessed, nor which
// branch of a condition counts. Values in variable files that Terraform reads
// only by -var-file count by the old value. A secret is edited in variable
// files only. Changes that can't be made have a Reason.
//
// Every edited file is read back: it must hold what was there, but for the
// edits, or the error is [ErrProof]; and a change whose argument doesn't come to
// its new value is taken back. Nothing is written, see [Apply].
func (c *Config) SetValues(addresses []string, changes ...Change) (*ValueEdit, error) {
	s := newSetter(c, addresses)
	edit := &ValueEdit{Changes: make([]ValueChange, len(changes))}
	for _, change := range changes {
		s.ends[change.Address] = s.ends[change.Address] || len(change.Path) == 0
	}
	for i, change := range changes {
		edit.Changes[i].Change = change
		s.expand(i, change)
	}
	var err error
	if edit.Files, err = s.settle(); err != nil {
		return nil, err
	}
	for i := range edit.Changes {
		s.report(i, &edit.Changes[i])
	}
	return edit, nil
}

// op is what a task does to a place.
type op byte

const (
	opNone        op = iota // it has the new value already
	opReplace               // another text for an expression
	opInsert                // an item for a container
	opRemove                // an item of a container goes
	opAddArg                // an argument for a block
	opCutArg                // an argument of a block goes
	opAddBlock              // a nested block for a block
	opCutBlock              // a nested block goes
	opCutResource           // the resource goes
)

// task is one value that changes.
type task struct {
	index  int // of the change that it is part of
	change Change
	path   string // normalized, see normalPath
	target *target
	reason string
	feeds  []string

	op       op
	file     *file
	site     site // of the expression, the container or the block that changes
	place    place
	chain    *link
	position Position
	secret   bool
}

// place is what is found where a value stands.
type place struct {
	source source // the literal or the container
	key    string // of the item, or the name of what is added
	name   string // of the argument that is a missing map
	body   *block // the block that gets, has or loses an argument
	attr   *attr  // the argument that goes
	nested *block // the nested block that goes
	at     int    // the item's number
	list   []any  // the new list, when a list of literals changes
	value  any    // the new value
}

// setter makes the edits of one call.
type setter struct {
	c         *Config
	work      work
	ends      map[string]bool // addresses that are gone
	instances map[scopeKey][]*target
	reaches   map[site][]reach     // nil until it is needed
	mentions  map[*block][]mention // nil until it is needed
	tasks     []*task
}

func newSetter(c *Config, addresses []string) *setter {
	s := &setter{c: c, work: work{strict: true}, ends: map[string]bool{}, instances: map[scopeKey][]*target{}}
	for _, a := range addresses {
		if t, err := c.lookup(a); err == nil {
			k := scopeKey{t.node, t.block}
			s.instances[k] = append(s.instances[k], t)
		}
	}
	return s
}

var errOddValue = errors.New("a value is neither null, bool, number, string in UTF-8, list nor map")

// expand takes a change apart into tasks: maps by their keys, lists of objects
// by their members.
func (s *setter) expand(index int, change Change) {
	t := &task{index: index, change: change}
	var err error
	if t.change.Old, err = normalValue(change.Old, 0); err == nil {
		t.change.New, err = normalValue(change.New, 0)
	}
	switch {
	case err != nil:
	case len(change.Path) == 0 && change.New != nil:
		err = errors.New("the path is empty")
	case len(change.Path) > 0 && s.ends[change.Address]:
		err = errors.New("the instance is gone, as another change says")
	}
	if err == nil {
		t.target, err = s.c.lookup(change.Address)
	}
	switch _, gone := err.(absent); {
	case gone && len(change.Path) == 0:
		s.tasks = append(s.tasks, t)
	case err != nil:
		t.reason = printable.Text(err.Error())
		s.tasks = append(s.tasks, t)
	case len(change.Path) == 0:
		s.tasks = append(s.tasks, t)
		s.gone(t)
	default:
		s.split(t, false)
	}
}

// split adds a task, or those of its parts. apart says that the argument is
// written out in parts, so that it has to be followed in parts.
func (s *setter) split(t *task, apart bool) {
	part := func(step any, old, new any) {
		p := *t
		p.change.Path = append(t.change.Path.Clone(), step)
		p.change.Old, p.change.New = old, new
		s.split(&p, false)
	}
	before, isMap := t.change.Old.(map[string]any)
	after, isMap2 := t.change.New.(map[string]any)
	arg := s.c.argument(t.target, t.change.Path)
	if (isMap || isMap2) && (isMap || t.change.Old == nil) && (isMap2 || t.change.New == nil) &&
		(arg.expr != nil || isMap && isMap2 && arg.nested != nil) {
		keys := maps.Clone(before)
		if keys == nil {
			keys = map[string]any{}
		}
		maps.Copy(keys, after)
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			if !equalValues(before[k], after[k], false) {
				part(k, before[k], after[k])
			}
		}
		return
	}
	old, isList := t.change.Old.([]any)
	next, isList2 := t.change.New.([]any)
	if isList && isList2 && len(old) == len(next) && (apart || slices.ContainsFunc(append(slices.Clip(old), next...), isObject)) {
		if len(old) > 1 && unordered(t) {
			t.reason = "its elements are in no order"
			s.tasks = append(s.tasks, t)
			return
		}
		for i := range old {
			if !equalValues(old[i], next[i], false) {
				part(i, old[i], next[i])
			}
		}
		return
	}
	t.path = normalPath(t.change.Path)
	t.secret = t.change.Sensitive
	if top, _ := t.change.Path[0].(string); strings.HasPrefix(top, "sensitive_") {
		t.secret = true
	}
	s.tasks = append(s.tasks, t)
	s.locate(t, arg)
}

func isObject(v any) bool {
	_, ok := v.(map[string]any)
	return ok
}

// normalPath spells a path so that the same attribute has one spelling, whether
// a block is indexed or not.
func normalPath(p statefile.Path) string {
	var out []string
	for i, step := range p {
		if n, ok := step.(int); ok && n == 0 && i == 1 && len(p) > 2 {
			continue
		}
		out = append(out, fmt.Sprint(step))
	}
	return strings.Join(out, "\x00")
}

// pathSteps turns the rest of a path into steps.
func pathSteps(p statefile.Path) path {
	var out path
	for _, step := range p {
		switch step := step.(type) {
		case string:
			out = append(out, named(step))
		case int:
			out = append(out, named(strconv.Itoa(step)))
		}
	}
	return out
}

// report says what became of a change.
func (s *setter) report(index int, out *ValueChange) {
	out.Settled = true
	for _, t := range s.tasks {
		if t.index != index {
			continue
		}
		if t.reason != "" {
			out.Settled = false
			out.Reason = cmp.Or(out.Reason, printable.Text(t.reason))
			out.Feeds = append(out.Feeds, t.feeds...)
		}
		if t.position.File == "" {
			continue
		}
		out.Places = append(out.Places, s.shown(t))
	}
	slices.Sort(out.Feeds)
	out.Feeds = slices.Compact(out.Feeds)
}

// shown is the place of a task.
func (s *setter) shown(t *task) Place {
	p := Place{
		Position: t.position, Kind: KindAttribute, Address: t.target.node.prefix() + t.target.block.address(),
		Attribute: t.change.Path.String(), Editable: t.reason == "" && t.op != opNone, Note: printable.Text(t.reason),
		start: t.site.start,
	}
	if t.chain != nil {
		p.Kind, p.Address, p.Attribute, p.Via = t.chain.kind, t.chain.address, "", via(t.chain)
	}
	if t.op == opCutResource {
		p.Kind = KindResource
	}
	if !t.hidden() {
		p.Old, p.New = shownValue(t.change.Old), shownValue(t.change.New)
	}
	return p
}

func shownValue(v any) string {
	if v == nil {
		return ""
	}
	return shorten(inlineText(v))
}

// inlineText writes a value on one line.
func inlineText(v any) string {
	switch v := v.(type) {
	case []any:
		texts := make([]string, len(v))
		for i := range v {
			texts[i] = inlineText(v[i])
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case map[string]any:
		var texts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			texts = append(texts, hclKey(k)+" = "+inlineText(v[k]))
		}
		return "{ " + strings.Join(texts, ", ") + " }"
	}
	return hclText(v, nil, "")
}
