package herokutf

import (
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// worthwhile is how many apps must need their running release before the list
// of all couplings is read only to find out which pipelines have several.
const worthwhile = 3

// identityTypes are those of -only identity: what one list for the whole
// account serves.
var identityTypes = []string{provider.App, provider.Addon, provider.Attachment, provider.Coupling}

// DriftKinds returns the words that [DriftOptions.Only] takes: "identity", and every
// resource type and data source without its "heroku_", sorted.
func DriftKinds() []string {
	var kinds []string
	for res := range provider.All() {
		kinds = append(kinds, strings.TrimPrefix(res.Type, "heroku_"))
	}
	slices.Sort(kinds)
	return append([]string{"identity"}, slices.Compact(kinds)...)
}

// A selection is what DriftOptions.Only chooses. The zero value has everything.
type selection struct {
	types    map[string]bool // resource types; nil: all
	identity bool            // those of identityTypes, shallow
}

// newSelection reads DriftOptions.Only.
func newSelection(only []string) (selection, error) {
	var all selection
	var errs []error
	for _, word := range only {
		if all.types == nil {
			all.types = make(map[string]bool)
		}
		if word == "identity" {
			all.identity = true
			continue
		}
		typ := "heroku_" + strings.TrimPrefix(word, "heroku_")
		_, managed := provider.Lookup(provider.Managed, typ)
		_, data := provider.Lookup(provider.Data, typ)
		if !managed && !data {
			errs = append(errs, &platform.InvalidNameError{Kind: `resource type, nor "identity"`, Value: printable.Short(word)})
			continue
		}
		all.types[typ] = true
	}
	return all, errors.Join(errs...)
}

// has says whether objects of a type are compared, and whether without what
// takes a list an app.
func (s selection) has(typ string) (chosen, shallow bool) {
	if s.types == nil || s.types[typ] {
		return true, false
	}
	identity := s.identity && slices.Contains(identityTypes, typ)
	return identity, identity
}

// A listPlanner says which lists a comparison needs, and what they cost. It reads
// nothing.
type listPlanner struct {
	chosen    selection
	unmanaged bool // what no state manages is looked for
	blame     bool // releases are looked through for who made a change
}

// history reports whether the releases of an app are needed beyond the one that
// runs.
func (p listPlanner) history() bool { return p.unmanaged || p.blame }

// wants reports whether anything of the app is to be looked at.
func (p listPlanner) wants(a *driftApp) bool {
	return p.unmanaged && a.managed() || slices.ContainsFunc(a.subjects, func(s *subject) bool { return s.chosen })
}

// unmanagedTypes yields the chosen resource types of which an app can have
// objects that no state manages.
func (p listPlanner) unmanagedTypes() iter.Seq[*provider.Resource] {
	return func(yield func(*provider.Resource) bool) {
		for res := range provider.All() {
			if chosen, _ := p.chosen.has(res.Type); chosen && res.Unmanaged != nil && !yield(res) {
				return
			}
		}
	}
}

// listsOf returns the lists that a subject is found in and compared with, each once.
func listsOf(s *subject) []provider.List {
	if !s.chosen || s.res == nil || s.deposed() || s.list() == provider.NoList {
		return nil
	}
	lists := []provider.List{s.list()}
	for i := range s.res.Attrs {
		if attr := &s.res.Attrs[i]; attr.From != provider.NoList && !slices.Contains(lists, attr.From) && s.compares(attr) {
			lists = append(lists, attr.From)
		}
	}
	return lists
}

// certain are those of ofAccount that are needed for the types alone of what the states
// have, before anything else is known of it.
func (p listPlanner) certain(files []*statefile.File) []provider.List {
	var lists []provider.List
	seen := make(map[*provider.Resource]bool)
	for _, f := range files {
		for inst := range f.Instances() {
			res := lookup(inst)
			if res == nil || inst.Deposed != "" || seen[res] {
				continue
			}
			seen[res] = true
			list := res.Origin.List
			if chosen, _ := p.chosen.has(inst.Type); chosen && list != provider.NoList && res.Origin.Else.Attr == "" && list.Source().PerAccount() && !slices.Contains(lists, list) {
				lists = append(lists, list)
			}
		}
	}
	return lists
}

// ofAccount are the lists of the whole account that are needed.
func (p listPlanner) ofAccount(inv *inventory) map[provider.List]bool {
	lists := make(map[provider.List]bool)
	add := func(l provider.List) {
		if l.Source().PerAccount() {
			lists[l] = true
		}
	}
	releases := 0
	for _, a := range inv.apps {
		if p.ofApp(a)[provider.Releases] {
			releases++
		}
		for _, s := range a.subjects {
			// They say which app it is.
			if a.id == "" && s.object.Type == provider.Addon {
				add(provider.Addons)
			}
		}
		if p.wants(a) {
			add(provider.Apps)
		}
		if p.unmanaged && a.managed() {
			for res := range p.unmanagedTypes() {
				add(res.Origin.List)
			}
		}
	}
	for _, s := range inv.subjects {
		for _, l := range s.lists {
			add(l)
		}
	}
	if releases >= worthwhile && !p.history() {
		add(provider.Couplings)
	}
	return lists
}

// ofApp are the lists of an app, or of its team, that its subjects need, but for
// those of a single object.
func (p listPlanner) ofApp(a *driftApp) map[provider.List]bool {
	lists := make(map[provider.List]bool)
	add := func(l provider.List) {
		source := l.Source()
		if (source.Needs("app") || source.Needs("team")) && !source.Needs("id") {
			lists[l] = true
		}
	}
	for _, s := range a.subjects {
		for _, l := range s.lists {
			add(l)
		}
	}
	if p.unmanaged && a.managed() {
		for res := range p.unmanagedTypes() {
			if !res.Unmanaged.Fir || res.Unmanaged.IsFor(a.live) {
				add(res.Origin.List)
			}
		}
		add(provider.ConfigVars)
		add(provider.Releases)
	}
	if !a.installed() {
		maps.DeleteFunc(lists, func(l provider.List, _ bool) bool { return l.Source().Installed })
	}
	return lists
}

// latest returns the pipelines whose newest releases, one request, show what more
// than one of the apps runs: the pipeline's UUID by that of the app. couplings is
// the account's list.
func (p listPlanner) latest(apps []*driftApp, couplings []any) map[string]string {
	needs := make(map[string]bool)
	for _, a := range apps {
		if a.readable() && p.ofApp(a)[provider.Releases] {
			needs[a.id] = true
		}
	}
	coupled := make(map[string][]string)
	for _, e := range couplings {
		app := strings.ToLower(provider.Text(provider.Find(e, "app.id")))
		if pipeline := provider.Text(provider.Find(e, "pipeline.id")); needs[app] && provider.IsUUID(pipeline) {
			coupled[pipeline] = append(coupled[pipeline], app)
		}
	}
	latest := make(map[string]string)
	for pipeline, ids := range coupled {
		if len(ids) < 2 {
			continue
		}
		for _, id := range ids {
			latest[id] = pipeline
		}
	}
	return latest
}

// compares reports whether the app is there to be compared.
func (p listPlanner) compares(a *driftApp) bool { return a.readable() && a.id != "" && p.wants(a) }

// cost returns how many apps are compared, and how many requests that takes
// beyond the lists of the account. latest is what the method latest returned.
func (p listPlanner) cost(inv *inventory, latest map[string]string) (apps, requests int) {
	paths := make(map[string]bool)
	read := func(l provider.List, with steps) {
		if path, err := fill(l.Source().Path, with); err == nil && !l.Source().PerAccount() {
			paths[path] = true
		}
	}
	for _, a := range inv.apps {
		if !p.compares(a) {
			continue
		}
		apps++
		for l := range p.ofApp(a) {
			if l == provider.Releases && latest[a.id] != "" {
				read(provider.LatestReleases, steps{"pipeline": latest[a.id]})
				continue
			}
			read(l, a.steps())
		}
	}
	for _, s := range inv.subjects {
		if s.app != nil && !s.app.readable() {
			continue
		}
		for _, l := range s.lists {
			if source := l.Source(); source.Needs("id") || !source.Needs("app") && !source.Needs("team") || s.app == nil {
				read(l, s.steps())
			}
		}
	}
	return apps, len(paths)
}
