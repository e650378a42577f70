package tfconfig

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/herokutf/herokutf/internal/printable"
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

// finder collects the places of one call.
type finder struct {
	c       *Config
	renames []AppRename
	targets []*target
	uses    map[site][]use
	work    work
	places  []Place
	taken   map[site]bool // literals that are a place already

	// withState says that the addresses of a state are known, so that keys can
	// change.
	withState bool
	keys      map[site]*keySite
	keyOrder  []site
	blockKeys map[scopeKey]blockKeys // by block, once they were asked for
	// moved are the moves to write, byHand those that are the user's.
	moved, byHand []Move
}

// site is where a literal begins, the same for all names of a file.
type site struct {
	real  string
	start int
}

func (f *finder) site(rng hcl.Range) site {
	return site{f.c.byName[rng.Filename].real, rng.Start.Byte}
}

// RenamePlaces lists the places that have to do with the renamed apps,
// sorted by file, in the order of [Config.Files], and position; addresses
// that the configuration doesn't hold come first, as KindAbsent. All renames
// are looked for at once, so swaps and chains are distinguished. A rename that
// the files show already gives no place for its name. Nil when there is
// nothing.
//
// Keys of for_each that are the old name are places too, and never editable:
// the state's addresses decide about those, see [Config.RenameWithState].
func (c *Config) RenamePlaces(renames ...AppRename) []Place {
	return c.find(false, nil, renames).places
}

// find looks for all places.
func (c *Config) find(withState bool, addresses []string, renames []AppRename) *finder {
	f := &finder{c: c, renames: renames, uses: map[site][]use{}, taken: map[site]bool{}, withState: withState, keys: map[site]*keySite{}, blockKeys: map[scopeKey]blockKeys{}}
	for _, r := range renames {
		if r.Address == "" {
			continue
		}
		t, err := c.target(r)
		if err != nil {
			f.places = append(f.places, Place{Kind: KindAbsent, Address: r.Address, Old: r.Old, New: r.New, Note: err.Error()})
			continue
		}
		f.targets = append(f.targets, t)
	}
	f.collectUses()
	for _, t := range f.targets {
		f.follow(t)
		f.name(t)
	}
	f.children()
	f.finishKeys(addresses)
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
		p.Note = printable.Text(p.Note)
	}
	slices.SortStableFunc(f.places, func(a, b Place) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.start, b.start), cmp.Compare(a.Old, b.Old))
	})
	return f
}

func (f *finder) add(p Place, rng hcl.Range) {
	p.Position = f.c.position(rng)
	p.start, p.end = rng.Start.Byte, rng.End.Byte
	f.places = append(f.places, p)
}

// literal adds the place of a string literal that is the old name, once.
func (f *finder) literal(p Place, rng hcl.Range, r AppRename) {
	if f.withState && f.feedsKeys(rng) {
		f.key(p, rng, r)
		return
	}
	k := f.site(rng)
	if f.taken[k] {
		return
	}
	f.taken[k] = true
	p.Old, p.New, p.text = r.Old, r.New, `"`+r.New+`"`
	p.Text = shorten(string(rng.SliceBytes(f.c.byName[rng.Filename].data)))
	if p.Note = f.blocked(rng, r, false); p.Note == "" {
		p.Editable = true
	}
	f.add(p, rng)
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
	tr, sc := t.instance(f.c, &f.work, func(s source) { sources = append(sources, s) })
	tr.resolve(a.expr, nil, sc, true, nil)

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
		if s.exact && s.value == r.Old && f.withState {
			f.key(p, s.rng, r)
			return
		}
		if s.exact && s.value == r.Old {
			p.Text = shorten(string(s.rng.SliceBytes(f.c.byName[s.rng.Filename].data)))
			p.Note = "the key is part of the address: changing it needs a moved block too"
			f.taken[f.site(s.rng)] = true
		}
	case fromUnset:
		p.Note = s.unset("its")
	case fromResource:
		p.Note = fmt.Sprintf("reads %s%s", s.node.prefix(), s.address)
	case fromUnknown:
		p.Note = fmt.Sprintf("comes from %s, which isn't followed", s.value)
	}
	f.add(p, s.rng)
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
