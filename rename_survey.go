package herokutf

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/near"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// A Survey is what Heroku says about the names in a state.
type Survey struct {
	// Renames are those that [FindRenames] finds, or those that were given, in
	// their order, each with its ID and WebURL.
	Renames []Rename
	// AddonIDs are the UUIDs of the add-ons that the state knows by name, by
	// that name; nil if it knows none so, or none could be found. See
	// [UpgradeOptions.AddonIDs].
	AddonIDs map[string]string
	// Notes, in document order, say which names nothing is known of, and which
	// apps are in another team or space than the state has them in, with what
	// Terraform makes of it; nil if there are none.
	Notes []Note
}

// SurveyNames asks Heroku about everything that a state knows by name: which
// apps were renamed, as [FindRenames] does it, or whether those that are given are
// what they say: that the app which has the new name is the one that the state has
// under the old one, which takes a request each; which UUIDs
// belong to add-ons that are known by name, as after an import by name; and
// whether the apps are in the teams and spaces that the state has them in. Of the
// options it takes the Renames, which it checks and looks for no others, and the
// AppIDs, of apps of which the state proves none.
//
// Unlike for FindRenames it is no error when nothing proves which app a name
// stands for, if the state has no heroku_app of that name, as where the app is
// managed elsewhere, and Heroku has an app that is called so: that is a note.
//
// The errors are those of FindRenames, with the Survey of what was found, or of
// those of the renames that were given, without one ([ErrNotSameApp],
// [ErrNoSuchApp] and the like); and, without one, a [*RenameError] with
// [ErrAppNotInState], Name, Known and Near for each of the AppIDs whose name the
// state doesn't have, or with [ErrAmbiguousApp] if it is another app's there. A
// nil client or file is an error.
func SurveyNames(ctx context.Context, c *platform.Client, f *statefile.File, opts UpgradeOptions) (*Survey, error) {
	if err := needBoth("survey names", c, f); err != nil {
		return nil, err
	}
	if err := opts.check(); err != nil {
		return nil, err
	}
	s := &surveyor{client: c, file: f, index: indexApps(f), given: opts.AppIDs}
	if err := s.checkGiven(opts.Renames); err != nil {
		return nil, err
	}
	var faults error
	if opts.Renames != nil {
		if err := s.check(ctx, opts.Renames); err != nil {
			return nil, err
		}
	} else if fatal := s.find(ctx); fatal != nil {
		return nil, fatal
	} else {
		faults = join(s.excuse(ctx)...)
	}
	if err := s.findAddons(ctx); err != nil {
		return nil, err
	}
	s.compareMemberships()
	return &Survey{Renames: s.renames, AddonIDs: s.addonIDs, Notes: inOrder(s.notes)}, faults
}

// A surveyor asks Heroku about the names in a state.
type surveyor struct {
	client *platform.Client
	file   *statefile.File
	index  *appIndex
	given  map[string]string // UUIDs by app name

	apps     map[string]*liveApp // by UUID in lower case
	renames  []Rename
	errs     []error // one for each app of which nothing is known
	addonIDs map[string]string
	notes    []placed[Note]
}

func (s *surveyor) note(inst *statefile.Instance, text string) {
	s.notes = append(s.notes, placed[Note]{inst.Attributes().Offset(), Note{inst.Address(), text}})
}

// checkGiven refuses UUIDs that are given for names the state doesn't have, or
// has for other apps.
func (s *surveyor) checkGiven(renames []Rename) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(s.given)) {
		isNew := slices.ContainsFunc(renames, func(r Rename) bool { return r.Old == name || r.New == name })
		id, ids := strings.ToLower(s.given[name]), s.index.idsOf(name)
		switch {
		case isNew:
		case len(s.index.byName[name]) == 0:
			errs = append(errs, nameNotInState(name, s.index.names()))
		case ids != nil && !slices.Contains(ids, id):
			errs = append(errs, ambiguousApp(name, slices.Sorted(slices.Values(append(ids, id))), s.index.addresses(name, anyRef)))
		}
	}
	return join(errs...)
}

func (s *surveyor) check(ctx context.Context, renames []Rename) error {
	checked, err := checkAll(ctx, s.client, s.index, renames)
	if err != nil {
		return err
	}
	s.apps = make(map[string]*liveApp)
	for _, c := range checked {
		s.renames = append(s.renames, c.Rename)
		s.apps[c.ID] = c.app
	}
	return nil
}

// find looks for renames. The error is for a list of apps that can't be read;
// what isn't known of single apps is kept.
func (s *surveyor) find(ctx context.Context) error {
	if len(s.index.byName) == 0 {
		return nil
	}
	s.errs = identify(ctx, s.client, s.index, s.index.inOrder(), s.given)
	if len(s.index.ids) == 0 {
		return nil
	}
	listed, err := platform.List[liveApp](ctx, s.client, "/apps", "id")
	if err != nil {
		return err
	}
	s.apps = make(map[string]*liveApp, len(listed))
	for i := range listed {
		s.apps[strings.ToLower(listed[i].ID)] = &listed[i]
	}

	type pair struct{ name, id string }
	var pairs []pair
	var missing []string
	of := make(map[string]string)
	for _, name := range s.index.inOrder() {
		for _, id := range s.index.idsOf(name) {
			pairs = append(pairs, pair{name, id})
			if s.apps[id] == nil && of[id] == "" {
				of[id] = name
				missing = append(missing, id)
			}
		}
	}
	found, faults := each(missing, func(id string) (*liveApp, error) {
		return getApp(ctx, s.client, id)
	})
	for i, id := range missing {
		if faults[i] != nil {
			s.errs = append(s.errs, unreachable(of[id], id, faults[i]))
			continue
		}
		s.apps[id] = found[i]
	}
	for _, p := range pairs {
		if app := s.apps[p.id]; app != nil && app.Name != p.name {
			s.renames = append(s.renames, Rename{ID: p.id, Old: p.name, New: app.Name, WebURL: app.WebURL})
		}
	}
	return nil
}

// excuse returns the errors without those about apps that the state doesn't
// manage and that nothing contradicts, which it makes notes.
func (s *surveyor) excuse(ctx context.Context) []error {
	errs, faults := each(s.errs, func(err error) (error, error) {
		unknown, ok := err.(*RenameError)
		if !ok || unknown.Err != ErrUnknownAppID || len(s.index.possessions(unknown.Name)) > 0 ||
			slices.ContainsFunc(s.index.byName[unknown.Name], (*appRef).isManagedApp) {
			return err, nil
		}
		_, fault := getApp(ctx, s.client, unknown.Name)
		if fault != nil {
			return err, unreachable(unknown.Name, "", fault)
		}
		return nil, nil
	})
	var left []error
	for i, err := range errs {
		switch {
		case faults[i] != nil:
			left = append(left, faults[i])
		case err != nil:
			left = append(left, err)
		default:
			name := s.errs[i].(*RenameError).Name
			s.note(s.index.byName[name][0].inst, "nothing in the state proves which app "+quoteAll([]string{name})+" is. "+
				"Heroku has an app of that name, which stays as it is here; to make sure that it is the one, give its UUID (--app-id "+name+"=UUID)")
		}
	}
	return left
}

// compareMemberships notes which apps are in another team or space than the
// state has them in.
func (s *surveyor) compareMemberships() {
	for _, a := range s.index.refs {
		if !a.isManagedApp() || a.inst.Deposed != "" {
			continue
		}
		ids := []string{a.id}
		if a.id == "" && len(a.names) > 0 {
			ids = s.index.idsOf(a.names[0])
		}
		was, ok := membership(a.inst)
		if !ok || len(ids) != 1 || s.apps[ids[0]] == nil {
			continue
		}
		app := s.apps[ids[0]]
		if text := was.Outlook(provider.Membership{Team: app.Team.Name, Space: app.Space.Name}); text != "" {
			s.note(a.inst, text)
		}
	}
}

// membership returns the team and the space that the state has an app in; ok is
// false if it doesn't say.
func membership(inst *statefile.Instance) (m provider.Membership, ok bool) {
	for _, attr := range []string{"organization", "organization.#"} {
		if _, has := inst.Attr(attr); has {
			ok = true
		}
	}
	for path, v := range inst.Scalars() {
		if !v.IsString() {
			continue
		}
		switch {
		case path.Equal(statefile.Path{"organization", 0, "name"}), path.Equal(statefile.Path{"organization.0.name"}):
			m.Team = v.Text()
		case path.Equal(statefile.Path{"space"}):
			m.Space = v.Text()
		}
	}
	return m, ok
}

// nameNotInState says that a state knows no app by a name.
func nameNotInState(name string, known []string) error {
	e := &RenameError{Err: ErrAppNotInState, Name: name, Known: known, Near: near.Names(name, known)}
	e.reason = "the state has no app " + quoteAll([]string{name})
	if e.Near != nil {
		e.Hint = "Did you mean " + quoteAny(e.Near) + "?"
	}
	return e
}

// checkSeen returns an error for each of the repair's renames that there is
// nothing to do for and of which nothing says that the app ever had the old name.
func (r *Repair) checkSeen(seen func(Rename) bool) error {
	if seen == nil {
		return nil
	}
	var errs []error
	var known, addresses []string
	if r.Done != nil {
		for inst := range r.File.Instances() {
			addresses = append(addresses, inst.Address())
		}
	}
	for _, rename := range r.Done {
		switch {
		case r.File.MayContain("/" + provider.HostnameOf(rename.Old)), r.File.MayContain(provider.GitURLOf(rename.Old)),
			tfconfig.Moves(addresses, tfconfig.AppRename{Old: rename.Old, New: rename.New}) != nil,
			seen(rename):
			continue
		}
		if known == nil {
			known = indexApps(r.File).names()
		}
		e := &RenameError{Err: ErrAppNotInState, Rename: rename, Known: known, Near: near.Names(rename.Old, known)}
		e.reason = "the state has the new name alone, and nothing shows that an app of it was ever called " + quoteAll([]string{rename.Old})
		if e.Near != nil {
			e.Hint = "Did you mean " + quoteAny(e.Near) + "? "
		}
		e.Hint += "If an earlier run has made this rename, there is nothing left to do."
		errs = append(errs, e)
	}
	return join(errs...)
}

// namesProvider reports whether every reference of a state to the Heroku provider
// says from where the provider comes.
func namesProvider(f *statefile.File) bool {
	for inst := range f.Instances() {
		if provider.IsHeroku(inst.Provider, inst.Type) && (f.Version() == 3 || provider.IsLegacy(inst.Provider)) {
			return false
		}
	}
	return true
}
