package herokutf

import (
	"maps"
	"strings"
	"sync"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

// A subject is an instance of a state, on its way to a verdict.
type subject struct {
	object DriftObject
	res    *provider.Resource // nil for a type that the table doesn't have
	attrs  *attributes
	ref    *appRef   // nil for what refers to no app
	app    *driftApp // nil for what belongs to no app

	chosen  bool // by DriftOptions.Only
	shallow bool // without what takes a list an app

	lists     []provider.List // those of listsOf, kept since they take the attributes
	space     string          // the UUID of its space, where the state has an old name of it
	elsewhere map[string]bool // types that the states have beside it, see provider.Attr

	own    any      // what Heroku says of it; nil if it wasn't found
	unread []string // why some of it couldn't be compared
}

func newSubject(f *statefile.File, inst *statefile.Instance, chosen selection) *subject {
	s := &subject{attrs: newAttributes(inst), res: lookup(inst)}
	s.chosen, s.shallow = chosen.has(inst.Type)
	s.object = DriftObject{
		Address:     inst.Address(),
		Type:        inst.Type,
		ID:          provider.Text(s.attrs.Value("id")),
		Differences: []DriftDifference{},
		origin:      &origin{file: f, inst: inst},
	}
	if inst.Mode == statefile.Data {
		s.object.Type = "data." + inst.Type
	}
	if s.res != nil {
		s.object.Label = labelOf(s.res, s.attrs)
		if s.res.Refers() {
			s.ref = newAppRef(inst, s.res)
		}
	}
	s.lists = listsOf(s)
	s.attrs.drop()
	return s
}

// labelOf is what people call an instance: what another object would have to be
// called to take its place.
func labelOf(res *provider.Resource, attrs *attributes) string {
	attr := res.Attr(res.Origin.Alias.Attr)
	if attr == nil || attr.Secret || attr.As == provider.AppReference || attr.As == provider.AppName {
		return ""
	}
	return provider.Text(attrs.Value(attr.Name))
}

// deposed reports whether Terraform has given the subject up.
func (s *subject) deposed() bool { return s.object.origin.inst.Deposed != "" }

// list is the list that has the subject.
func (s *subject) list() provider.List {
	other := s.res.Origin.Else
	if other.Attr != "" && provider.Text(s.attrs.Value(other.Attr)) == other.Value {
		return other.List
	}
	return s.res.Origin.List
}

// needsApp reports whether the subject can't be looked at without its app. What
// is in a list of the whole account, such as an add-on, can.
func (s *subject) needsApp() bool {
	list := s.list()
	return list == provider.Apps || list.Source().Needs("app")
}

// compares reports whether an attribute is compared and can differ at all: of a
// map of managed keys without keys, nothing can.
func (s *subject) compares(attr *provider.Attr) bool {
	switch {
	case !attr.As.Compared() || !s.attrs.has(attr.Top()):
		return false
	case attr.Elsewhere != "" && s.elsewhere[attr.Elsewhere]:
		return false
	case s.shallow && attr.From != provider.NoList:
		return false
	}
	return attr.As != provider.ManagedKeys || !provider.Empty(s.attrs.Value(attr.Top()))
}

// steps fill in the path of the lists that a subject needs.
func (s *subject) steps() steps {
	with := make(steps)
	if s.space != "" {
		with["space"] = s.space
	}
	for step, attrs := range s.res.Origin.Steps {
		for _, attr := range attrs {
			if with[step] == "" {
				with[step] = provider.Text(s.attrs.Value(attr))
			}
		}
	}
	if s.app != nil {
		with["app"], with["team"] = s.app.id, s.app.team()
	}
	// Below a space, a pipeline or a promotion stands itself.
	for _, step := range []string{"space", "pipeline", "id"} {
		if with[step] == "" {
			with[step] = s.object.ID
		}
	}
	// States that spell a UUID in another case of letters mean the same list.
	for step, value := range with {
		if provider.IsUUID(value) {
			with[step] = strings.ToLower(value)
		}
	}
	return with
}

// An inventory is what the states have: their objects, in the order of the states,
// and the apps that these belong to.
type inventory struct {
	files    []*statefile.File
	subjects []*subject
	apps     []*driftApp

	indexing sync.Once
	byAddon  map[string]*subject // see addons
}

func newInventory(files []*statefile.File, chosen selection) *inventory {
	inv := &inventory{files: files}
	for _, f := range files {
		for inst := range f.Instances() {
			if !provider.IsHeroku(inst.Provider, inst.Type) {
				continue
			}
			s := newSubject(f, inst, chosen)
			if len(files) > 1 {
				s.object.State = f.Name()
			}
			inv.subjects = append(inv.subjects, s)
		}
	}
	inv.apps = groupApps(inv.subjects)
	inv.linkSpaces()
	return inv
}

// linkSpaces tells the spaces which of their attributes other resources of the states
// manage.
func (inv *inventory) linkSpaces() {
	types := make(map[string]map[string]bool) // by what the resource names the space
	for _, s := range inv.subjects {
		if s.res == nil || s.deposed() || s.res.Origin.Steps["space"] == nil {
			continue
		}
		space := strings.ToLower(provider.Text(s.attrs.Value("space")))
		if types[space] == nil {
			types[space] = make(map[string]bool)
		}
		types[space][s.object.Type] = true
	}
	for _, s := range inv.subjects {
		if s.object.Type == provider.Space {
			s.elsewhere = make(map[string]bool)
			for _, key := range []string{"id", "name"} {
				maps.Copy(s.elsewhere, types[strings.ToLower(provider.Text(s.attrs.Value(key)))])
			}
			s.lists = listsOf(s)
		}
	}
}

// addons returns the add-ons of the states by their ids there.
func (inv *inventory) addons() map[string]*subject {
	inv.indexing.Do(func() {
		inv.byAddon = make(map[string]*subject)
		for _, s := range inv.subjects {
			if s.object.Type == provider.Addon && !s.deposed() {
				inv.byAddon[s.object.ID] = s
			}
		}
	})
	return inv.byAddon
}

// withoutApp returns the subjects that belong to no app.
func (inv *inventory) withoutApp() []*subject {
	var rest []*subject
	for _, s := range inv.subjects {
		if s.app == nil {
			rest = append(rest, s)
		}
	}
	return rest
}
