package herokutf

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

// lookup returns the table's entry for an instance; nil if another provider
// made it, or if the table doesn't know its type.
func lookup(inst *statefile.Instance) *provider.Resource {
	if !provider.IsHeroku(inst.Provider, inst.Type) {
		return nil
	}
	res, _ := provider.Lookup(string(inst.Mode), inst.Type)
	return res
}

// An appRef is an instance that refers to apps, and what it says about them.
type appRef struct {
	inst    *statefile.Instance
	res     *provider.Resource
	address string
	// names are the app names it holds, each once. An app that is half
	// renamed has two.
	names []string
	// id is the UUID, in lower case, of the app that it belongs to or is;
	// "" if it holds none.
	id string
}

// isApp reports whether the instance is an app, rather than something of one.
func (a *appRef) isApp() bool { return a.inst.Type == provider.App }

// isManagedApp reports whether the instance is an app that Terraform manages.
func (a *appRef) isManagedApp() bool { return a.isApp() && a.inst.Mode == statefile.Managed }

// topRefs yields the references that are an attribute by themselves, in both
// shapes. Those within lists hold the UUIDs of other apps beside the
// instance's own.
func topRefs(res *provider.Resource) iter.Seq[*provider.Ref] {
	return func(yield func(*provider.Ref) bool) {
		for _, shape := range []*provider.Shape{&res.Names, &res.UUIDs} {
			for i := range shape.Refs {
				if ref := &shape.Refs[i]; len(ref.Path) == 1 && !yield(ref) {
					return
				}
			}
		}
	}
}

// newAppRef reads what the instance says about apps.
func newAppRef(inst *statefile.Instance, res *provider.Resource) *appRef {
	a := &appRef{inst: inst, res: res, address: inst.Address()}
	for ref := range topRefs(res) {
		if ref.When.Attr != "" {
			if v, _ := inst.Attr(ref.When.Attr); v.Text() != ref.When.Value {
				continue
			}
		}
		for _, m := range inst.AttrAll(ref.Path[0]) {
			if !m.Value.IsString() {
				continue
			}
			app, ok := ref.App(m.Value.Text())
			switch {
			case !ok:
			case provider.IsUUID(app):
				if a.id == "" {
					a.id = strings.ToLower(app)
				}
			case ref.Holds != provider.UUID && provider.IsAppName(app) && !slices.Contains(a.names, app):
				a.names = append(a.names, app)
			}
		}
	}
	return a
}

// An appIndex is what a set of instances says about apps.
type appIndex struct {
	refs []*appRef
	// byName lists the instances that hold a name, in document order.
	byName map[string][]*appRef
	// ids are the UUIDs that belong to a name. More than one: the name
	// passed from one app to another, and part of the state is stale.
	ids map[string]map[string]struct{}
}

func newAppIndex() *appIndex {
	return &appIndex{byName: make(map[string][]*appRef), ids: make(map[string]map[string]struct{})}
}

// indexApps reads what all of the state says about apps.
func indexApps(f *statefile.File) *appIndex {
	x := newAppIndex()
	for inst := range f.Instances() {
		if res := lookup(inst); res != nil && res.Refers() {
			x.add(newAppRef(inst, res))
		}
	}
	x.linkCertificates()
	return x
}

func (x *appIndex) add(a *appRef) {
	x.refs = append(x.refs, a)
	for _, name := range a.names {
		x.byName[name] = append(x.byName[name], a)
		if a.id != "" {
			x.link(name, a.id)
		}
	}
}

func (x *appIndex) link(name, id string) {
	if x.ids[name] == nil {
		x.ids[name] = make(map[string]struct{})
	}
	x.ids[name][id] = struct{}{}
}

// linkCertificates gives names the UUIDs that heroku_ssl knows: a domain that
// is served by an SNI endpoint belongs to the endpoint's app.
func (x *appIndex) linkCertificates() {
	endpoints := make(map[string]string)
	for _, a := range x.refs {
		if a.inst.Type == provider.SSL && a.id != "" {
			if id, ok := a.inst.Attr("id"); ok {
				endpoints[id.Text()] = a.id
			}
		}
	}
	if len(endpoints) == 0 {
		return
	}
	for _, a := range x.refs {
		if a.inst.Type != provider.Domain || a.id != "" {
			continue
		}
		if endpoint, _ := a.inst.Attr("sni_endpoint_id"); endpoint.IsString() {
			if id := endpoints[endpoint.Text()]; id != "" {
				for _, name := range a.names {
					x.link(name, id)
				}
			}
		}
	}
}

// names returns every name that the state knows an app by, sorted; nil if
// there is none. It takes long enough in a large state to be kept by callers.
func (x *appIndex) names() []string { return slices.Sorted(maps.Keys(x.byName)) }

// inOrder returns every name that the state knows an app by, in the order of
// their first appearance.
func (x *appIndex) inOrder() []string {
	var all []string
	seen := make(map[string]bool)
	for _, a := range x.refs {
		for _, name := range a.names {
			if !seen[name] {
				seen[name] = true
				all = append(all, name)
			}
		}
	}
	return all
}

// idsOf returns the UUIDs that belong to a name, sorted; nil if there are none.
func (x *appIndex) idsOf(name string) []string { return slices.Sorted(maps.Keys(x.ids[name])) }

// addresses returns where a name stands, in document order, leaving out what
// keep is false for.
func (x *appIndex) addresses(name string, keep func(*appRef) bool) []string {
	var all []string
	for _, a := range x.byName[name] {
		if keep(a) {
			all = append(all, a.address)
		}
	}
	return all
}

// owned returns the paths of the API that say of what the state has under an
// app's name which app it belongs to, the add-ons first, each in document order.
func (x *appIndex) owned(name string) []string {
	var addons, others []string
	for _, a := range x.byName[name] {
		at := a.res.AppOf()
		id, _ := a.inst.Attr("id")
		if at == "" || !provider.IsUUID(id.Text()) {
			continue
		}
		path := strings.ReplaceAll(at, "{id}", id.Text())
		if a.inst.Type == provider.Addon {
			addons = append(addons, path)
		} else {
			others = append(others, path)
		}
	}
	return append(addons, others...)
}

// A possession is something of an app's that no other app has: its id, and the
// collection of the app's in which the API has it.
type possession struct{ within, id string }

// possessions returns what the app of that name owns by UUID, in document
// order.
func (x *appIndex) possessions(name string) []possession {
	var all []possession
	for _, a := range x.byName[name] {
		if a.res.Within == "" || a.inst.Deposed != "" {
			continue
		}
		if id, _ := a.inst.Attr("id"); provider.IsUUID(id.Text()) {
			all = append(all, possession{a.res.Within, id.Text()})
		}
	}
	return all
}

func anyRef(*appRef) bool     { return true }
func nameOnly(a *appRef) bool { return a.id == "" }
