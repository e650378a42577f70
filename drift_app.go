package herokutf

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// A driftApp is an app that the states know something of.
type driftApp struct {
	id       string   // UUID in lower case; "" if neither the states nor Heroku tell
	names    []string // names that the states have for it, in document order
	subjects []*subject

	byName bool // the name alone has told which app it is

	live any // what the list of apps says of it; nil if it isn't there
	// fate is what the verdict of everything that belongs to the app is when
	// the app can't be looked at; "" if it can.
	fate   Verdict
	reason string
	// taken is the app that bears the name of one that is gone.
	taken any
	// successors are the ids of what has taken the place of objects that are
	// gone. It is told of there.
	successors []string

	running any // the release that runs; nil if none does
	runErr  error
}

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
				a.fate, a.reason = Undetermined, fmt.Sprintf("the states have %d apps called %s", len(ids), key)
			}
			byKey[key] = a
			apps = append(apps, a)
		}
		s.app = a
		a.subjects = append(a.subjects, s)
		for _, name := range s.ref.names {
			if !slices.Contains(a.names, name) {
				a.names = append(a.names, name)
			}
		}
	}
	return apps
}

// wanted reports whether anything of the app is to be looked at.
func (d *detector) wanted(a *driftApp) bool {
	return d.opts.Unmanaged && a.managed() || slices.ContainsFunc(a.subjects, func(s *subject) bool { return s.chosen })
}

// resolve finds the apps on Heroku.
func (d *detector) resolve(ctx context.Context) error {
	if !d.bulk[provider.Apps] {
		return nil
	}
	list := d.reader.list(ctx, provider.Apps, nil)
	if list.err != nil {
		for _, a := range d.apps {
			// Lists of an app whose UUID is known can be read all the same.
			if a.id == "" && a.fate == "" {
				a.fate, a.reason = Undetermined, "the list of apps can't be read: "+list.err.Error()
			}
		}
		return nil
	}
	byName := make(map[string]any)
	for _, e := range list.elements() {
		byName[provider.Text(provider.Find(e, "name"))] = e
	}
	seen := 0
	var lost []*driftApp
	for _, a := range d.apps {
		if a.fate != "" || !d.wanted(a) {
			continue
		}
		if a.id == "" {
			a.id = d.addonsApp(ctx, a)
		}
		if a.id != "" {
			a.live = list.byID[a.id]
		} else if a.live = byName[a.names[0]]; a.live != nil {
			a.byName = true
			a.id = strings.ToLower(provider.Text(provider.Find(a.live, "id")))
		}
		if a.live != nil {
			seen++
		} else {
			lost = append(lost, a)
		}
	}
	// What isn't in the list may still be there, or be somebody else's.
	_, errs := each(lost, func(a *driftApp) (struct{}, error) {
		ref := a.id
		if ref == "" {
			ref = a.names[0]
		}
		answer := d.reader.each(ctx, provider.Apps, ref)
		if answer.err == nil {
			a.live, a.byName = answer.value, a.id == ""
			a.id = strings.ToLower(provider.Text(provider.Find(a.live, "id")))
		}
		return struct{}{}, answer.err
	})
	for i, a := range lost {
		for _, name := range a.names {
			if errs[i] != nil && a.taken == nil {
				a.taken = byName[name]
			}
		}
		if errs[i] == nil || a.taken != nil {
			seen++
		}
	}
	// Apps that aren't looked at tell as well whose token it is.
	for _, a := range d.apps {
		if a.id != "" && list.byID[a.id] != nil {
			seen++
		}
	}
	for i, a := range lost {
		if err := errs[i]; err != nil {
			if err := d.ends(ctx, err); err != nil {
				return err
			}
			d.lose(ctx, a, err, len(d.apps) > 1 && seen == 0)
		}
	}
	d.mergeApps()
	return nil
}

// mergeApps makes one of two apps that the states didn't know to be the same:
// of one they have the UUID, of the other a name that it bears now.
func (d *detector) mergeApps() {
	byID := make(map[string]*driftApp)
	same := make(map[*driftApp]*driftApp)
	for _, a := range d.apps {
		if first := byID[a.id]; first != nil {
			same[a] = first
			for _, name := range a.names {
				if !slices.Contains(first.names, name) {
					first.names = append(first.names, name)
				}
			}
		} else if a.id != "" {
			byID[a.id] = a
		}
	}
	if len(same) == 0 {
		return
	}
	d.apps = slices.DeleteFunc(d.apps, func(a *driftApp) bool {
		a.subjects = nil
		return same[a] != nil
	})
	for _, s := range d.subjects {
		if s.app == nil {
			continue
		}
		if first := same[s.app]; first != nil {
			s.app = first
		}
		s.app.subjects = append(s.app.subjects, s)
	}
}

// doubt takes the verdicts back of an app that is known by its name alone when
// nothing that the state knows by UUID to be the app's is there: the name may
// have passed to another app.
func (a *driftApp) doubt() {
	if !a.byName {
		return
	}
	proofs := 0
	for _, s := range a.subjects {
		if s.res == nil || s.res.Within == "" || !s.chosen || s.object.origin.inst.Deposed != "" || !provider.IsUUID(s.object.ID) {
			continue
		}
		if s.object.Verdict != Missing && s.object.Verdict != Replaced {
			return
		}
		proofs++
	}
	if proofs == 0 {
		return
	}
	for _, s := range a.subjects {
		if o := &s.object; s.chosen && o.Verdict != Ignored {
			o.Verdict, o.ImportID, o.Differences, s.unread = Undetermined, "", []DriftDifference{}, nil
			o.Reason = "the state knows the app by its name alone, and the app that has the name has none of what the state knows by UUID; it may be another app"
		}
	}
}

// lose says what an error about an app means for all that belongs to it.
func (d *detector) lose(ctx context.Context, a *driftApp, err error, alone bool) {
	a.fate = Undetermined
	switch {
	case errors.Is(err, platform.ErrForbidden):
		a.reason = "no access to the app: " + err.Error()
	case !errors.Is(err, platform.ErrNotFound):
		a.reason = "the app can't be read: " + err.Error()
	case a.id == "":
		a.reason = "no app is called that; the state has no UUID of it, so it may be renamed, deleted, or not visible to this token"
	case alone:
		a.reason = "this token sees none of the apps of the state; it may be another account's"
	case d.mentioned(ctx, a.id):
		a.reason = "the app is not visible to this token, but others mention it, so it exists"
	default:
		a.fate, a.reason = Missing, "the app is deleted, or not visible to this token; the API doesn't tell which"
	}
}

// mentioned reports whether an account-wide list that was read names the app as
// one that exists.
func (d *detector) mentioned(ctx context.Context, id string) bool {
	for _, l := range []provider.List{provider.Addons, provider.Attachments, provider.Couplings} {
		if d.bulk[l] && d.reader.list(ctx, l, nil).of("app.id", id) != nil {
			return true
		}
	}
	return false
}

// addonsApp returns the UUID of the app that the state's add-ons of an app
// belong to, for an app of which the state has the name alone; "" if there are
// none.
func (d *detector) addonsApp(ctx context.Context, a *driftApp) string {
	if !d.bulk[provider.Addons] {
		return ""
	}
	addons := d.reader.list(ctx, provider.Addons, nil)
	for _, s := range a.subjects {
		if s.object.Type == provider.Addon && s.ref.inst.Mode == statefile.Managed {
			if e := addons.byID[strings.ToLower(provider.Text(s.attrs.Value("id")))]; e != nil {
				if id := provider.Text(provider.Find(e, "app.id")); provider.IsUUID(id) {
					return strings.ToLower(id)
				}
			}
		}
	}
	return ""
}

// ends returns an error that ends the whole comparison: the context's, or that
// of a budget which is used up and isn't refilled within the time that requests
// may wait. Anything else is about what was asked for alone.
func (d *detector) ends(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, platform.ErrRateLimited) && d.client.Left() == 0:
		return err
	}
	return nil
}
