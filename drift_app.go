package herokutf

import (
	"fmt"
	"slices"

	"github.com/herokutf/herokutf/internal/provider"
)

// A driftApp is an app that the states know something of.
type driftApp struct {
	id       string     // UUID in lower case; "" if neither the states nor Heroku say
	names    []string   // names that the states have for it, in document order
	subjects []*subject // of types that the table has: others refer to no app

	byName bool // it was found by its name alone

	live any // what the list of apps says of it; nil if it isn't there
	// verdict is that of everything that belongs to the app when the app can't
	// be looked at; "" if it can. reason is why.
	verdict Verdict
	reason  string
	// taken is the app that bears the name of one that is gone.
	taken any
	// successors are the ids of what has taken the place of objects that are
	// gone, and is reported there.
	successors []string

	release release
}

// A release is the one that an app runs.
type release struct {
	running any // nil if the app runs none
	newest  any // the newest of those that were read; nil if there is none
	err     error
	noted   bool // that nobody is named, since the releases can't be read
}

// readable reports whether the app can be looked at.
func (a *driftApp) readable() bool { return a.verdict == "" }

// name is what the app is called now, or, if Heroku doesn't say, in the state.
func (a *driftApp) name() string {
	if name := provider.Text(provider.Find(a.live, "name")); name != "" {
		return name
	}
	if len(a.names) > 0 {
		return a.names[0]
	}
	return a.id
}

// stale returns the names that the states have and that aren't the app's any
// more; nil if it wasn't renamed.
func (a *driftApp) stale() []string {
	now := provider.Text(provider.Find(a.live, "name"))
	if now == "" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(a.names), func(name string) bool { return name == now })
}

// team is the name of the team that has the app; "" for a personal app.
func (a *driftApp) team() string { return provider.Text(provider.Find(a.live, "team.name")) }

// steps fill in the paths of the app's lists.
func (a *driftApp) steps() steps { return steps{"app": a.id, "team": a.team()} }

// managed reports whether a state manages the app itself.
func (a *driftApp) managed() bool {
	return slices.ContainsFunc(a.subjects, func(s *subject) bool { return s.ref.isManagedApp() })
}

// reference is how the state that manages the app refers to it, and provider
// with it: by UUID since version 5, before by name.
func (a *driftApp) reference() (ref string, byUUID bool) {
	for _, s := range a.subjects {
		if s.ref.isManagedApp() && !provider.IsUUID(provider.Text(s.attrs.Value("id"))) {
			return a.name(), false
		}
	}
	return a.id, true
}

// installed reports whether the app has buildpack installations, as far as that is known.
func (a *driftApp) installed() bool {
	if a.live != nil {
		return provider.HasInstallations(a.live, nil)
	}
	return !slices.ContainsFunc(a.subjects, func(s *subject) bool { return s.ref.isManagedApp() && !provider.HasInstallations(nil, s.attrs) })
}

// groupApps finds out which of the subjects belong to the same app.
func groupApps(subjects []*subject) []*driftApp {
	x := newAppIndex()
	for _, s := range subjects {
		if s.ref != nil {
			x.add(s.ref)
		}
	}
	x.linkCertificates()
	var apps []*driftApp
	byKey := make(map[string]*driftApp)
	for _, s := range subjects {
		if s.ref == nil || s.ref.id == "" && len(s.ref.names) == 0 {
			continue
		}
		id := s.ref.id
		for _, name := range s.ref.names {
			if ids := x.ids[name]; id == "" && len(ids) == 1 {
				id = x.idsOf(name)[0]
			}
		}
		// A name that two apps have had, one after the other, says nothing.
		key := id
		if key == "" {
			key = s.ref.names[0]
		}
		a := byKey[key]
		if a == nil {
			a = &driftApp{id: id}
			if ids := x.idsOf(key); id == "" && len(ids) > 1 {
				a.verdict, a.reason = Undetermined, fmt.Sprintf("the states have %d apps called %s", len(ids), key)
			}
			byKey[key] = a
			apps = append(apps, a)
		}
		s.app = a
		a.subjects = append(a.subjects, s)
		a.addNames(s.ref.names)
	}
	return apps
}

// addNames adds the names that the app doesn't have yet.
func (a *driftApp) addNames(names []string) {
	for _, name := range names {
		if !slices.Contains(a.names, name) {
			a.names = append(a.names, name)
		}
	}
}

// mergeApps makes one of two apps that the states didn't know to be the same:
// of one they have the UUID, of the other a name that it bears now.
func (inv *inventory) mergeApps() {
	byID := make(map[string]*driftApp)
	same := make(map[*driftApp]*driftApp)
	for _, a := range inv.apps {
		if first := byID[a.id]; first != nil {
			same[a] = first
			first.addNames(a.names)
		} else if a.id != "" {
			byID[a.id] = a
		}
	}
	if len(same) == 0 {
		return
	}
	inv.apps = slices.DeleteFunc(inv.apps, func(a *driftApp) bool {
		a.subjects = nil
		return same[a] != nil
	})
	for _, s := range inv.subjects {
		if s.app == nil {
			continue
		}
		if first := same[s.app]; first != nil {
			s.app = first
		}
		s.app.subjects = append(s.app.subjects, s)
	}
}
