package tfconfig

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// reach is an argument that what is written at a site gets to.
type reach struct {
	node   *node
	block  *block
	attr   *attr
	prefix []string // of the attribute, with the nested blocks that it is in
	whole  bool     // a resource's attribute, and not what decides on instances or providers
}

// index finds for every literal and container what it gets to.
func (s *setter) index() {
	if s.reaches != nil {
		return
	}
	s.reaches = map[site][]reach{}
	note := func(r reach, p path) {
		t := s.c.tracer(&s.work, nil)
		t.strict = true
		seen := map[site]bool{}
		t.emit = func(src source) {
			if src.kind != fromLiteral && src.kind != fromKey && src.kind != fromContainer {
				return
			}
			k := site{s.c.byName[src.rng.Filename].real, src.rng.Start.Byte}
			if !seen[k] {
				seen[k] = true
				s.reaches[k] = append(s.reaches[k], r)
			}
		}
		t.resolve(r.attr.expr, p, t.scope(r.node, r.block), true, nil)
	}
	s.c.consumers(func(n *node, b *block, a *attr, p path) {
		if b.kind != "resource" || a.block == "" && isMeta(a.name) {
			note(reach{node: n, block: b, attr: a}, p)
		}
	})
	for _, n := range s.c.nodes {
		if n.mod == nil {
			continue
		}
		for _, b := range n.mod.order {
			if b.kind == "resource" {
				s.attributes(n, b, &b.body, nil, true, note)
			}
		}
	}
}

// attributes yields the arguments of a resource, nested blocks included.
func (s *setter) attributes(n *node, b *block, body *body, prefix []string, whole bool, note func(reach, path)) {
	for _, a := range body.attrs {
		if len(prefix) == 0 && (isMeta(a.name) || a.name == "depends_on" || a.name == "provider") {
			continue
		}
		note(reach{n, b, a, append(slices.Clip(prefix), a.name), whole}, nil)
	}
	count := map[string]int{}
	for _, nested := range body.blocks {
		at := append(slices.Clip(prefix), nested.kind, strconv.Itoa(count[nested.kind]))
		count[nested.kind]++
		switch nested.kind {
		case "lifecycle":
		case "dynamic", "provisioner", "connection":
			s.attributes(n, b, &nested.body, at, false, note)
		default:
			s.attributes(n, b, &nested.body, at, whole, note)
		}
	}
}

// fed is one attribute of one instance that hangs on a place.
type fed struct {
	address string
	path    string // normalized
	shown   string
	sure    bool // what stands at the place is its value as it is
}

// feeds returns what hangs on a task's place.
func (s *setter) feeds(t *task) []fed {
	if t.op == opAddArg || t.op == opCutArg || t.op == opAddBlock || t.op == opCutBlock || t.op == opCutResource ||
		t.op == opInsert && t.place.at < 0 {
		return s.siblings(t)
	}
	s.index()
	var out []fed
	for _, r := range s.reaches[t.site] {
		where := fmt.Sprintf("%s%s.%s at %s", r.node.prefix(), r.block.address(), r.attr.name, s.c.position(r.attr.expr.Range()))
		if !r.whole {
			out = append(out, fed{shown: where})
			continue
		}
		instances := s.instances[scopeKey{r.node, r.block}]
		if len(instances) == 0 && !r.node.repeats(r.block) {
			out = append(out, fed{shown: where})
		}
		for _, inst := range instances {
			for _, src := range s.trace(inst, r.attr.expr, nil) {
				f := s.c.byName[src.rng.Filename]
				if (site{f.real, src.rng.Start.Byte}) != t.site {
					continue
				}
				steps := append(slices.Clip(r.prefix), src.sub...)
				if t.op == opInsert || t.op == opRemove {
					steps = append(steps, t.place.key)
				}
				out = append(out, fed{
					address: inst.address, path: normalSteps(steps), sure: src.exact && src.kind != fromKey,
					shown: inst.address + " " + strings.Join(steps, "."),
				})
			}
		}
	}
	return out
}

// repeats reports whether a block may have any number of instances.
func (n *node) repeats(b *block) bool {
	if b.attr("for_each") != nil || b.attr("count") != nil {
		return true
	}
	return n.parent != nil && n.parent.repeats(n.call)
}

// siblings returns the instances of the block that a task changes, for all calls
// of its module.
func (s *setter) siblings(t *task) []fed {
	var out []fed
	for _, n := range s.c.nodes {
		if n.mod == nil || n.mod.resources[t.target.block.address()] != t.target.block {
			continue
		}
		for _, inst := range s.instances[scopeKey{n, t.target.block}] {
			out = append(out, fed{address: inst.address, path: t.path, sure: true, shown: inst.address + " " + t.change.Path.String()})
		}
	}
	return out
}

func normalSteps(steps []string) string {
	if len(steps) > 2 && steps[1] == "0" {
		steps = append([]string{steps[0]}, steps[2:]...)
	}
	return strings.Join(steps, "\x00")
}

// weigh leaves the tasks undone whose places feed something that doesn't change
// alike, until all that hang together agree.
func (s *setter) weigh() {
	type at struct{ address, path string }
	byPath := map[at]*task{}
	bySite := map[site][]*task{}
	for _, t := range s.tasks {
		if t.target == nil {
			continue
		}
		byPath[at{t.change.Address, t.path}] = t
		bySite[t.site] = append(bySite[t.site], t)
		if t.reason == "" && t.op != opNone {
			t.reason = t.forbidden()
		}
	}
	for _, t := range s.tasks {
		for _, o := range bySite[t.site] {
			if t.reason == "" && t.clashes(o) {
				t.reason = fmt.Sprintf("%s %s is to get another value from the same place", o.change.Address, o.change.Path)
			}
		}
	}
	type hanging struct {
		site      site
		op        op
		key, path string
	}
	feeds := map[hanging][]fed{} // tasks of one place share them
	for again := true; again; {
		again = false
		for _, t := range s.tasks {
			if t.reason != "" || t.op == opNone {
				continue
			}
			h := hanging{t.site, t.op, t.place.key, t.path}
			if _, ok := feeds[h]; !ok {
				feeds[h] = s.feeds(t)
			}
			for _, f := range feeds[h] {
				o := byPath[at{f.address, f.path}]
				if o == nil || o.reason != "" || !f.sure || o.site != t.site || o.op != t.op || !t.same(o.change.New, t.change.New) {
					t.feeds = append(t.feeds, f.shown)
				}
			}
			switch {
			case t.op == opCutResource && len(t.feeds) == 0:
				t.reason = s.mentioned(t)
			case s.work.incomplete:
				t.reason = "the configuration refers to itself too deeply to find out what else hangs on the place"
			case len(t.feeds) > 0:
				slices.Sort(t.feeds)
				t.feeds = slices.Compact(t.feeds)
				t.reason = "the place also feeds " + t.feeds[0]
				if n := len(t.feeds) - 1; n > 0 {
					t.reason += fmt.Sprintf(" and %d more", n)
				}
			}
			again = again || t.reason != ""
		}
	}
}

// forbidden says why a place mustn't be edited, "" when it may.
func (t *task) forbidden() string {
	switch {
	case t.file == nil:
		return "its place isn't known"
	case t.file.from != "":
		return t.file.putBack()
	case t.secret && !t.file.vars:
		return "it is secret, and no variable file has it: secrets aren't written into the configuration"
	}
	return ""
}

// clashes reports whether two tasks can't both be done.
func (t *task) clashes(o *task) bool {
	if t.op == opReplace && o.op == opReplace {
		return !t.same(t.change.New, o.change.New)
	}
	if t.op == opInsert && o.op == opInsert && t.place.key == o.place.key && t.place.name == o.place.name {
		return !t.same(t.change.New, o.change.New)
	}
	return false
}
