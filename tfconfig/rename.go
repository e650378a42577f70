package tfconfig

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/herokutf/herokutf/internal/provider"
)

const (
	appType = provider.App
	appName = "name"
)

// AppRename is one app that was renamed on Heroku.
type AppRename struct {
	// Address is that of the heroku_app as the state spells it, such as
	// module.env["blue"].heroku_app.web[0], or of a data.heroku_app. Empty
	// means that the state doesn't manage the app: then only children and
	// data sources are looked for.
	Address string
	Old     string
	New     string
}

// Place is one place in the configuration that has to do with a renamed app.
type Place struct {
	Position
	Kind Kind
	// Address is what the place belongs to, with the module calls but
	// without instance keys: a resource, module.m.var.x, local.x, an output.
	// For a KindAbsent it is the address that was asked for; a KindMention
	// has none.
	Address   string
	Attribute string // the argument, for KindName, KindData, KindChild and KindReference
	Old, New  string
	// Text is the source of the expression, on one line and cut to 200
	// characters. It is empty where the place may hold a value that has
	// nothing to do with the app's name, which may be a secret.
	Text string
	// Via lists the variables, locals, module arguments and outputs that
	// hand the value on, from the use to the place; nil when there are none.
	Via []string
	// Editable tells that [Config.EditRename] changes the place.
	Editable bool
	// ForcesReplacement tells that the provider up to v4 replaces the
	// resource, an add-on with its data included, whenever this argument
	// isn't known to be unchanged.
	ForcesReplacement bool
	// Note says why the place isn't edited or what to mind, "" for nothing.
	Note string

	start, end int // offsets in the file
}

// String returns the place as a line without the newline.
func (p Place) String() string {
	var b strings.Builder
	if p.Kind == KindAbsent {
		fmt.Fprintf(&b, "%s: %s", p.Address, p.Note)
		return b.String()
	}
	fmt.Fprintf(&b, "%s: %s", p.Position, p.Kind)
	if p.Kind == KindMention {
		fmt.Fprintf(&b, " of %q", p.Old)
	}
	if p.Attribute != "" && p.Attribute != string(p.Kind) {
		fmt.Fprintf(&b, " %s", p.Attribute)
	}
	if p.Address != "" {
		fmt.Fprintf(&b, " of %s", p.Address)
	}
	if p.Text != "" {
		fmt.Fprintf(&b, ": %s", p.Text)
	}
	if len(p.Via) > 0 {
		fmt.Fprintf(&b, " (via %s)", strings.Join(p.Via, ", "))
	}
	if p.Note != "" {
		fmt.Fprintf(&b, " [%s]", p.Note)
	}
	return b.String()
}

// checkRenames finds renames that can't be meant.
func checkRenames(renames []AppRename) error {
	next := map[string]string{}
	prev := map[string]string{}
	for _, r := range renames {
		for _, name := range []string{r.Old, r.New} {
			if !provider.IsAppName(name) {
				return fmt.Errorf("%w: %q isn't a Heroku app name", ErrInvalidRename, name)
			}
		}
		if n, ok := next[r.Old]; ok && n != r.New {
			return fmt.Errorf("%w: %q becomes %q and %q", ErrInvalidRename, r.Old, n, r.New)
		}
		if o, ok := prev[r.New]; ok && o != r.Old {
			return fmt.Errorf("%w: %q and %q both become %q", ErrInvalidRename, o, r.Old, r.New)
		}
		next[r.Old], prev[r.New] = r.New, r.Old
		if r.Address != "" {
			if _, err := parseAddress(r.Address); err != nil {
				return fmt.Errorf("%w: %w", ErrInvalidRename, err)
			}
		}
	}
	return nil
}

// address is a parsed resource address.
type address struct {
	modules []moduleStep
	block   string // heroku_app.web or data.heroku_app.web
	key     *step
}

type moduleStep struct {
	name string
	key  *step
}

func parseAddress(s string) (address, error) {
	bad := fmt.Errorf("%q is no resource address", s)
	if len(s) > 4096 {
		return address{}, bad
	}
	tr, diags := hclsyntax.ParseTraversalAbs([]byte(s), "", hcl.InitialPos)
	if diags.HasErrors() {
		return address{}, bad
	}
	var a address
	var words []string
	var keys []*step // after each word
	for _, st := range tr {
		switch st := st.(type) {
		case hcl.TraverseRoot:
			words, keys = append(words, st.Name), append(keys, nil)
		case hcl.TraverseAttr:
			words, keys = append(words, st.Name), append(keys, nil)
		case hcl.TraverseIndex:
			k, ok := ctyKey(st.Key)
			if !ok || keys[len(keys)-1] != nil {
				return address{}, bad
			}
			keys[len(keys)-1] = new(named(k))
		}
	}
	for len(words) > 2 && words[0] == "module" {
		if keys[0] != nil {
			return address{}, bad
		}
		a.modules = append(a.modules, moduleStep{words[1], keys[1]})
		words, keys = words[2:], keys[2:]
	}
	if len(words) == 0 || len(words) != 2 && (len(words) != 3 || words[0] != "data") {
		return address{}, bad
	}
	for _, k := range keys[:len(keys)-1] {
		if k != nil {
			return address{}, bad
		}
	}
	a.block, a.key = strings.Join(words, "."), keys[len(keys)-1]
	return a, nil
}

// target is the block behind an address.
type target struct {
	rename AppRename
	node   *node
	block  *block
	key    *step
	keys   map[*node]step
}

// find looks an address up; the error says what is missing.
func (c *Config) find(r AppRename) (*target, error) {
	a, err := parseAddress(r.Address)
	if err != nil {
		return nil, err
	}
	t := &target{rename: r, node: c.root, key: a.key, keys: map[*node]step{}}
	for _, m := range a.modules {
		child := t.node.children[m.name]
		if child == nil {
			return nil, fmt.Errorf("%smodule.%s isn't called in %s", t.node.prefix(), m.name, c.dir)
		}
		if child.mod == nil {
			return nil, fmt.Errorf("%s isn't followed, its source is no local path", strings.TrimSuffix(child.prefix(), "."))
		}
		if m.key != nil {
			t.keys[child] = *m.key
		}
		t.node = child
	}
	t.block = t.node.mod.resources[a.block]
	if t.block == nil {
		return nil, fmt.Errorf("no %s in %s", a.block, t.node.mod.dir)
	}
	if typ := t.block.labels[0]; typ != appType {
		return nil, fmt.Errorf("a %s isn't an app", typ)
	}
	return t, nil
}

// use is one place that a literal's value gets to.
type use struct {
	node  *node
	block *block
	attr  *attr
	exact bool
	key   bool // as an instance key
}

// site is where a literal begins, the same for all names of a file.
type site struct {
	real  string
	start int
}

func (f *finder) site(rng hcl.Range) site {
	return site{f.c.byName[rng.Filename].real, rng.Start.Byte}
}

// finder collects the places of one call.
type finder struct {
	c       *Config
	renames []AppRename
	targets []*target
	uses    map[site][]use
	work    work
	places  []Place
	taken   map[site]bool // literals that are a place already
}

// RenamePlaces lists the places that have to do with the renamed apps,
// sorted by file, in the order of [Config.Files], and position; addresses
// that the configuration doesn't hold come first, as KindAbsent. All renames
// are looked for at once, so swaps and chains are told apart. A rename that
// the files show already gives no place for its name. Nil when there is
// nothing.
func (c *Config) RenamePlaces(renames ...AppRename) []Place {
	f := &finder{c: c, renames: renames, uses: map[site][]use{}, taken: map[site]bool{}}
	for _, r := range renames {
		if r.Address == "" {
			continue
		}
		t, err := c.find(r)
		if err != nil {
			f.places = append(f.places, Place{Kind: KindAbsent, Address: r.Address, Old: r.Old, New: r.New, Note: err.Error()})
			continue
		}
		f.targets = append(f.targets, t)
	}
	f.collectUses()
	for _, t := range f.targets {
		f.name(t)
	}
	f.children()
	f.mentions()
	bad := checkRenames(renames)
	order := map[string]int{}
	for i, file := range c.files {
		order[file.name] = i + 1
	}
	for i := range f.places {
		p := &f.places[i]
		if bad != nil && p.Editable {
			p.Editable, p.Note = false, bad.Error()
		}
	}
	slices.SortStableFunc(f.places, func(a, b Place) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.start, b.start), cmp.Compare(a.Old, b.Old))
	})
	return f.places
}

// updatesApp tells whether a resource type takes another app in place.
func updatesApp(typ string) bool {
	res, ok := provider.Lookup(provider.Managed, typ)
	return ok && res.UpdatesApp
}

// isChildArgument tells whether the argument holds an app, by name or UUID,
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

// isAppArgument tells whether an argument is where an app's name belongs.
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
	case a.block == "" && (a.name == "depends_on" || a.name == "provider" || a.name == "providers"):
	case a.block == "" && a.name == "for_each":
		// for_each decides by the keys; the values count where each.value is.
		yield(n, b, a, path{{kind: stepKeyOf}})
	default:
		yield(n, b, a, nil)
	}
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
			f.uses[k] = append(f.uses[k], use{n, b, a, s.exact, s.kind == fromKey})
		}
		t.resolve(a.expr, p, t.scope(n, b), true, nil)
	})
}

// blocked says why a literal mustn't be edited, "" when it may.
func (f *finder) blocked(rng hcl.Range, r AppRename) string {
	file := f.c.byName[rng.Filename]
	if string(rng.SliceBytes(file.data)) != `"`+r.Old+`"` {
		return "isn't written as one plain string"
	}
	if f.work.incomplete {
		return "the configuration refers to itself too deeply to see what else it feeds"
	}
	for _, u := range f.uses[f.site(rng)] {
		where := fmt.Sprintf("%s%s.%s at %s", u.node.prefix(), u.block.address(), u.attr.name, f.c.position(u.attr.expr.Range()))
		switch {
		case u.key:
			return "it is a key of " + where
		case !isAppArgument(u.block, u.attr):
			return "it also feeds " + where
		case !u.exact:
			return "it is only part of " + where
		case u.block.kind == "resource" && u.block.labels[0] == appType && !f.isTarget(u, r):
			return "it also names " + where
		}
	}
	return ""
}

func (f *finder) isTarget(u use, r AppRename) bool {
	return slices.ContainsFunc(f.targets, func(t *target) bool {
		return t.node == u.node && t.block == u.block && t.rename.Old == r.Old
	})
}

func (f *finder) add(p Place, rng hcl.Range) {
	p.Position = f.c.position(rng)
	p.start, p.end = rng.Start.Byte, rng.End.Byte
	f.places = append(f.places, p)
}

// literal adds the place of a string literal that is the old name, once.
func (f *finder) literal(p Place, rng hcl.Range, r AppRename) {
	k := f.site(rng)
	if f.taken[k] {
		return
	}
	f.taken[k] = true
	p.Old, p.New = r.Old, r.New
	p.Text = shorten(string(rng.SliceBytes(f.c.byName[rng.Filename].data)))
	if p.Note = f.blocked(rng, r); p.Note == "" {
		p.Editable = true
	}
	f.add(p, rng)
}

// via names the carriers between a use and its source; the last one holds
// the source itself and is left out.
func via(chain *link) []string {
	if chain == nil {
		return nil
	}
	var out []string
	for l := chain.prev; l != nil; l = l.prev {
		if l.kind == KindForEach || l.kind == KindVariable && l.address == chain.address {
			continue // for_each carries nothing, and a variable's declaration and value are one
		}
		out = append(out, l.address)
	}
	slices.Reverse(out)
	return slices.Compact(out)
}

// name adds the places that the name of a target comes from.
func (f *finder) name(t *target) {
	r := t.rename
	a := t.block.attr(appName)
	base := Place{
		Kind: KindName, Address: t.node.prefix() + t.block.address(), Attribute: appName, Old: r.Old, New: r.New,
	}
	if t.block.kind == "data" {
		base.Kind = KindData
	}
	if a == nil {
		base.Note = "it has no name argument"
		f.add(base, t.block.rng)
		return
	}
	rng := a.expr.Range()
	if s, ok := literalString(a.expr); ok {
		switch s {
		case r.Old:
			f.literal(base, rng, r)
		case r.New:
		default:
			base.Text = shorten(f.c.source(a.expr))
			base.Note = "the name here is neither the old nor the new one"
			f.add(base, rng)
		}
		return
	}

	var sources []source
	tr := f.c.tracer(&f.work, func(s source) { sources = append(sources, s) })
	tr.keys = t.keys
	sc := *tr.scope(t.node, t.block)
	sc.key = t.key
	tr.scopes[scopeKey{t.node, t.block}] = &sc
	tr.resolve(a.expr, nil, &sc, true, nil)

	holds := func(name string) func(source) bool {
		return func(s source) bool {
			return (s.kind == fromLiteral || s.kind == fromKey) && s.exact && s.text && s.value == name
		}
	}
	if !slices.ContainsFunc(sources, holds(r.Old)) && slices.ContainsFunc(sources, holds(r.New)) {
		return
	}
	found := slices.ContainsFunc(sources, holds(r.Old))
	base.Text = shorten(f.c.source(a.expr))
	switch {
	case !found:
		base.Note = "an expression; the name isn't written out anywhere it comes from"
	case f.work.incomplete:
		base.Note = "an expression that refers to itself too deeply to be followed"
	}
	if !found {
		for _, s := range sources {
			// What stands in the expression itself is listed with it.
			if s.chain == nil && s.kind == fromResource {
				base.Note += fmt.Sprintf(", it reads %s%s", s.node.prefix(), s.address)
			} else if s.chain == nil && s.kind == fromUnknown {
				base.Note += fmt.Sprintf(", it comes from %s, which isn't followed", s.value)
			}
		}
	}
	f.add(base, rng)
	for _, s := range sources {
		if found && holds(r.Old)(s) || !found && s.chain != nil {
			f.source(s, base, r)
		}
	}
}

// source adds the place of one source of a name.
func (f *finder) source(s source, base Place, r AppRename) {
	p := Place{Kind: base.Kind, Address: base.Address, Attribute: base.Attribute, Old: r.Old, New: r.New, Via: via(s.chain)}
	if s.chain != nil {
		p.Kind, p.Address, p.Attribute = s.chain.kind, s.chain.address, ""
	}
	switch s.kind {
	case fromLiteral:
		if s.exact && s.text && s.value == r.Old {
			f.literal(p, s.rng, r)
			return
		}
		p.Note = fmt.Sprintf("takes part in the name %q", r.Old)
		if s.exact {
			p.Note = fmt.Sprintf("stands where the name %q was expected", r.Old)
		}
	case fromKey:
		p.Kind = KindForEach
		p.Note = fmt.Sprintf("a key of it takes part in the name %q", r.Old)
		if s.exact && s.value == r.Old {
			p.Text = shorten(string(s.rng.SliceBytes(f.c.byName[s.rng.Filename].data)))
			p.Note = "the key is part of the address: changing it needs a moved block too"
			f.taken[f.site(s.rng)] = true
		}
	case fromUnset:
		p.Note = fmt.Sprintf("its value is in no file: TF_VAR_%s, -var or a -var-file gives it", s.value)
	case fromResource:
		p.Note = fmt.Sprintf("reads %s%s", s.node.prefix(), s.address)
	case fromUnknown:
		p.Note = fmt.Sprintf("comes from %s, which isn't followed", s.value)
	}
	f.add(p, s.rng)
}

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

// readBy tells whether a source may be the target's instance: the keys that
// are written out on the way agree.
func (t *target) readBy(s source) bool {
	if s.key.known && t.key != nil && s.key.key != t.key.key {
		return false
	}
	for l := s.chain; l != nil; l = l.prev {
		if l.kind != KindOutput {
			continue
		}
		if key, ok := t.keys[l.node]; ok && l.key.known && l.key.key != key.key {
			return false
		}
	}
	return true
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

// mentions adds the string literals that hold an old name as a whole word.
func (f *finder) mentions() {
	seen := map[string]bool{}
	for _, file := range f.c.files {
		if seen[file.real] {
			continue
		}
		seen[file.real] = true
		// Few files hold a name at all, and lexing is the dear part. A JSON
		// escape may hide one.
		if !slices.ContainsFunc(f.renames, func(r AppRename) bool { return bytes.Contains(file.data, []byte(r.Old)) }) &&
			!(file.json && bytes.ContainsRune(file.data, '\\')) {
			continue
		}
		known := map[int]bool{} // offsets inside places and labels
		mark := func(start, end int) {
			for i := start; i < end; i++ {
				known[i] = true
			}
		}
		for _, p := range f.places {
			if p.File != "" && f.c.byName[p.File].real == file.real && p.Kind != KindReference {
				mark(p.start, p.end)
			}
		}
		for _, l := range file.labels {
			mark(l.Start.Byte, l.End.Byte)
		}
		for _, lit := range stringLiterals(file) {
			for _, r := range f.renames {
				for at := range words(lit.text, r.Old) {
					pos := lit.rng.Start
					if lit.plain {
						pos = advance(pos, lit.text[:at])
					}
					if known[pos.Byte] {
						continue
					}
					mark(pos.Byte, pos.Byte+len(r.Old)) // once, however many addresses share the rename
					f.add(Place{Kind: KindMention, Old: r.Old, New: r.New},
						hcl.Range{Filename: file.name, Start: pos, End: hcl.Pos{Byte: pos.Byte + len(r.Old)}})
					if !lit.plain {
						break
					}
				}
			}
		}
	}
}

// words yields the offsets at which word stands as a whole word: a name's
// own characters, letters, digits, "-" and "_", neither before nor after it.
func words(text, word string) func(yield func(int) bool) {
	inWord := func(b byte) bool {
		return b == '-' || b == '_' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z' || b >= 0x80
	}
	return func(yield func(int) bool) {
		if word == "" {
			return
		}
		for from := 0; ; {
			i := strings.Index(text[from:], word)
			if i < 0 {
				return
			}
			at, end := from+i, from+i+len(word)
			if (at == 0 || !inWord(text[at-1])) && (end == len(text) || !inWord(text[end])) && !yield(at) {
				return
			}
			from = at + 1
		}
	}
}

// advance returns the position behind text, which holds no part of a
// character.
func advance(pos hcl.Pos, text string) hcl.Pos {
	pos.Byte += len(text)
	if i := strings.LastIndexByte(text, '\n'); i >= 0 {
		pos.Line += strings.Count(text, "\n")
		pos.Column = 1
		text = text[i+1:]
	}
	pos.Column += utf8.RuneCountInString(text)
	return pos
}

// literal is the literal part of a string, template or heredoc.
type literal struct {
	rng  hcl.Range
	text string
	// plain tells that text is what the file holds from the start of rng,
	// so that offsets in it are offsets in the file.
	plain bool
}

func stringLiterals(f *file) []literal {
	var out []literal
	if !f.json {
		tokens, _ := hclsyntax.LexConfig(f.data, f.name, hcl.InitialPos)
		for _, tok := range tokens {
			if tok.Type == hclsyntax.TokenQuotedLit || tok.Type == hclsyntax.TokenStringLit {
				out = append(out, literal{tok.Range, string(tok.Bytes), true})
			}
		}
		return out
	}
	visit := func(n hclsyntax.Node) hcl.Diagnostics {
		l, ok := n.(*hclsyntax.LiteralValueExpr)
		if !ok {
			return nil
		}
		text, ok := literalString(l)
		if !ok {
			return nil
		}
		rng := l.SrcRange
		raw := string(rng.SliceBytes(f.data))
		if strings.HasPrefix(raw, `"`) {
			rng.Start.Byte, rng.Start.Column, raw = rng.Start.Byte+1, rng.Start.Column+1, raw[1:]
		}
		out = append(out, literal{rng, text, strings.HasPrefix(raw, text)})
		return nil
	}
	var walk func(b *body)
	walk = func(b *body) {
		for _, a := range b.attrs {
			hclsyntax.VisitAll(a.expr, visit)
		}
		for _, nested := range b.blocks {
			walk(&nested.body)
		}
	}
	walk(f.body)
	return out
}
