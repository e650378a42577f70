package herokutf

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// lookups is how many single objects are asked for at once. The client has a
// limit of its own for all that goes on.
const lookups = 8

// maxProofs is how many possessions of an app are asked for at most to find
// out whether it is the one that the state means.
const maxProofs = 5

// liveApp and liveAddon are what the API says about apps and add-ons, as far as
// it matters here.
type (
	liveApp struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		WebURL string `json:"web_url"` // null, which is "", for apps without one
		Team   named  `json:"team"`    // null for personal apps
		Space  named  `json:"space"`
	}
	liveAddon struct {
		ID         string `json:"id"`
		ProviderID string `json:"provider_id"`
		Plan       named  `json:"plan"`
		App        struct {
			ID string `json:"id"`
		} `json:"app"`
	}
	named struct {
		Name string `json:"name"`
	}
)

// FindRenames asks Heroku which apps of a state have another name by now.
//
// Apps are identified by UUID alone: the state's own uuid, id or app_id of apps,
// couplings, certificates and so on, or, for an app of which the state has no
// UUID, the app that an add-on in the state belongs to. So it isn't misled when
// another app has taken the old name since. Without an add-on it can only be
// shown that an app has not been renamed: the app that has the name has
// something, such as a release or a domain, that the state knows by UUID. All
// apps are read in one pass of the list; one by one only those that aren't in
// it, and the add-ons and the like for each app without UUID.
//
// The renames are in document order, with ID and WebURL set; nil if no app was
// renamed. An app that can't be identified doesn't hide the others: the renames
// found come with an error that joins a [*RenameError] for each app without any
// UUID, with [ErrUnknownAppID], and for each that is forbidden or gone, with
// [ErrAppUnreachable]. When the list itself can't be read there are no renames,
// and the error is that of [platform.List]. A nil client or file is an error.
func FindRenames(ctx context.Context, c *platform.Client, f *statefile.File) ([]Rename, error) {
	if err := needBoth("find renames", c, f); err != nil {
		return nil, err
	}
	s := &surveyor{client: c, file: f, index: indexApps(f)}
	if err := s.find(ctx); err != nil {
		return nil, err
	}
	return s.renames, join(s.errs...)
}

// A checkedRename is a rename with the app that it is about.
type checkedRename struct {
	Rename
	app *liveApp
}

func checkAll(ctx context.Context, c *platform.Client, x *appIndex, renames []Rename) ([]checkedRename, error) {
	known := sync.OnceValue(x.names)
	checked, errs := each(renames, func(r Rename) (checkedRename, error) {
		r, app, err := check(ctx, c, x, known, r)
		return checkedRename{r, app}, err
	})
	if err := join(errs...); err != nil {
		return nil, err
	}
	return checked, nil
}

func check(ctx context.Context, c *platform.Client, x *appIndex, known func() []string, r Rename) (Rename, *liveApp, error) {
	if err := checkRename(r); err != nil {
		return r, nil, err
	}
	name := r.Old
	if len(x.byName[name]) == 0 {
		// It may be done already.
		if name = r.New; len(x.byName[name]) == 0 {
			return r, nil, appNotInState(r, known())
		}
	}
	ids := x.idsOf(name)
	if ids == nil {
		id, err := provenID(ctx, c, x, name, r.New, strings.ToLower(r.ID))
		if err != nil {
			return r, nil, err
		}
		ids = []string{id}
	}
	if r.ID != "" {
		id := strings.ToLower(r.ID)
		if !slices.Contains(ids, id) {
			return r, nil, otherAppInState(r, name, ids)
		}
		ids = []string{id}
	}
	app, err := getApp(ctx, c, r.New)
	if err == nil && slices.Contains(ids, strings.ToLower(app.ID)) {
		r.ID, r.WebURL = strings.ToLower(app.ID), app.WebURL
		return r, app, nil
	}
	if err != nil && !errors.Is(err, platform.ErrNotFound) {
		return r, nil, unreachable(r.New, "", err)
	}
	// What is the app called instead?
	liveName := ""
	own, ownErr := getApp(ctx, c, ids[0])
	if ownErr == nil {
		liveName = own.Name
	} else {
		ownErr = unreachable(name, ids[0], ownErr)
	}
	if err != nil {
		return r, nil, join(noSuchApp(r, liveName, err), ownErr)
	}
	return r, nil, join(notSameApp(r, ids[0], strings.ToLower(app.ID), liveName), ownErr)
}

// LookupAppIDs asks Heroku for the UUIDs that [UpgradeAppIDs] needs and the
// state doesn't hold, and returns them by the name in the state, together with
// the AppIDs that the options give; empty if there are none. An add-on in the
// state says which app it belongs to. Where there is none the app is looked up
// by its name, or its new one if it is among the options' renames, and has to
// have something, such as a release or a domain, that the state knows by UUID:
// the name may have passed to another app. A UUID that is given has to be that
// of an app, and stands if nothing of the kind contradicts it.
//
// The error joins a [*RenameError] for each app of which nothing proves which
// one it is, with [ErrUnknownAppID], for each that can't be looked up, with
// [ErrAppUnreachable], and for each that isn't the one given, with
// [ErrAmbiguousApp]; the result holds the others. A nil client or file is an
// error.
func LookupAppIDs(ctx context.Context, c *platform.Client, f *statefile.File, opts UpgradeOptions) (map[string]string, error) {
	if err := needBoth("look up app ids", c, f); err != nil {
		return nil, err
	}
	if err := opts.check(); err != nil {
		return nil, err
	}
	x := indexApps(f)
	now := make(map[string]Rename)
	for _, r := range opts.Renames {
		now[r.Old] = r
	}
	var names []string
	for _, name := range x.inOrder() {
		r, renamed := now[name]
		switch {
		case x.ids[name] != nil, r.ID != "", renamed && x.ids[r.New] != nil:
		case slices.ContainsFunc(x.byName[name], func(a *appRef) bool { return a.inst.Mode == statefile.Managed || !a.isApp() }):
			names = append(names, name)
		}
	}
	ids, errs := each(names, func(name string) (string, error) {
		current := name
		if r, ok := now[name]; ok {
			current = r.New
		}
		return provenID(ctx, c, x, name, current, strings.ToLower(opts.AppIDs[name]))
	})
	byName := make(map[string]string)
	maps.Copy(byName, opts.AppIDs)
	for i, name := range names {
		if errs[i] == nil {
			byName[name] = ids[i]
		} else {
			delete(byName, name)
		}
	}
	return byName, join(errs...)
}

// identify gives those of the names a UUID that have none, through what the
// apps own, or as it is given by name. Its errors aren't nil.
func identify(ctx context.Context, c *platform.Client, x *appIndex, names []string, given map[string]string) []error {
	names = slices.DeleteFunc(names, func(name string) bool { return x.ids[name] != nil })
	ids, errs := each(names, func(name string) (string, error) {
		return provenID(ctx, c, x, name, name, strings.ToLower(given[name]))
	})
	for i, name := range names {
		if errs[i] == nil {
			x.link(name, ids[i])
		}
	}
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

// provenID returns the UUID of the app that the state has under a name, and no
// UUID for: the one that its add-ons belong to, or else the one called current,
// if it has something that the state knows by UUID to be the app's. With given,
// the UUID that the caller says it is, nothing of that may contradict it.
func provenID(ctx context.Context, c *platform.Client, x *appIndex, name, current, given string) (string, error) {
	unknown := unknownAppID(name, x.addresses(name, anyRef), "Nothing in the state proves which app this is: neither a UUID, nor an add-on, nor a release, domain or the like. "+
		"If you know what it is called now, give the rename and trust it (--offline), or give the app's UUID.")
	owner, errs, err := ownersApp(ctx, c, x, name)
	switch {
	case err != nil:
		return "", err
	case owner != "" && given != "" && owner != given:
		return "", ambiguousApp(name, slices.Sorted(slices.Values([]string{owner, given})), unknown.Addresses)
	case owner != "":
		return owner, nil
	}
	possessions := x.possessions(name)
	if len(possessions) == 0 && given == "" {
		return "", unknownWith(unknown, errs)
	}
	ref := current
	if given != "" {
		ref = given
	}
	app, err := getApp(ctx, c, ref)
	switch {
	case err != nil && !inconclusive(err):
		return "", err
	case err != nil:
		errs = append(errs, unreachable(name, given, err))
		return "", unknownWith(unknown, errs)
	}
	id := strings.ToLower(app.ID)
	if len(possessions) == 0 {
		return id, nil
	}
	// What the state has may be gone from the app, so several are tried.
	for _, p := range possessions[:min(len(possessions), maxProofs)] {
		path, err := platform.Path("apps", app.ID, p.within, p.id)
		if err != nil {
			return "", err
		}
		_, err = platform.Get[struct{}](ctx, c, path)
		switch {
		case err == nil:
			return id, nil
		case !inconclusive(err):
			return "", err
		}
	}
	unknown.Hint = "The app " + quoteAll([]string{app.Name}) + " has none of what the state knows of the app by UUID: either it is another app, or all of that is gone. " +
		"Find out which app it is before you trust a name (--offline)."
	return "", unknownWith(unknown, errs)
}

// unknownWith returns the error about an app that isn't known, with those of the
// look-ups that might have said which it is.
func unknownWith(unknown *RenameError, faults []error) error {
	if len(faults) == 0 {
		return unknown
	}
	return join(append([]error{unknown}, faults...)...)
}

// inconclusive reports whether a failed look-up says nothing about an app but
// that this account doesn't see what was asked for.
func inconclusive(err error) bool {
	return errors.Is(err, platform.ErrNotFound) || errors.Is(err, platform.ErrForbidden)
}

// ownersApp returns the UUID of the app to which belongs what the state has under
// an app's name and the API shows by itself: add-ons, and attachments of others;
// "" if none is known, with the errors of the look-ups.
func ownersApp(ctx context.Context, c *platform.Client, x *appIndex, name string) (id string, faults []error, err error) {
	for _, path := range x.owned(name) {
		live, err := platform.Get[liveAddon](ctx, c, path)
		switch {
		case err == nil && provider.IsUUID(live.App.ID):
			return strings.ToLower(live.App.ID), nil, nil
		case err != nil && !inconclusive(err):
			return "", nil, err
		case err != nil:
			faults = append(faults, err)
		}
	}
	return "", faults, nil
}

func getApp(ctx context.Context, c *platform.Client, ref string) (*liveApp, error) {
	path, err := platform.Path("apps", ref)
	if err != nil {
		return nil, err
	}
	app, err := platform.Get[liveApp](ctx, c, path)
	if err != nil {
		return nil, err
	}
	return &app, nil
}

// each calls do for all of the list, some at once, and returns results and
// errors in the list's order.
func each[In, Out any](list []In, do func(In) (Out, error)) ([]Out, []error) {
	results, errs := make([]Out, len(list)), make([]error, len(list))
	var g errgroup.Group
	g.SetLimit(lookups)
	for i := range list {
		g.Go(func() error {
			results[i], errs[i] = do(list[i])
			return nil
		})
	}
	g.Wait()
	return results, errs
}
