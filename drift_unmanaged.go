package herokutf

import (
	"context"
	"fmt"
	"slices"

	"github.com/herokutf/herokutf/internal/provider"
)

// An unmanagedFinder finds what apps have and no state manages.
type unmanagedFinder struct {
	plan   listPlanner
	lists  *appReader
	claims claims
	report *assembler
}

// find adds what an app has to the report.
func (u *unmanagedFinder) find(ctx context.Context, a *driftApp) error {
	var found []DriftObject
	for res := range u.plan.unmanagedTypes() {
		if !res.Unmanaged.IsFor(a.live) {
			continue
		}
		elements, err := u.elements(ctx, a, res)
		if err != nil {
			if err := u.lists.reader.fatal(ctx, err); err != nil {
				return err
			}
			u.report.note("%s: unmanaged %s aren't reported: %v", a.name(), res.Origin.List, err)
			continue
		}
		found = append(found, unmanagedAmong(a, res, elements, u.claims)...)
	}
	vars, err := u.vars(ctx, a)
	if err != nil {
		return err
	}
	facts, err := u.facts(ctx, a)
	if err != nil {
		return err
	}
	found = append(append(found, vars...), facts...)
	ref, byUUID := a.reference()
	for i := range found {
		o := &found[i]
		if o.origin == nil {
			o.origin = &origin{}
		}
		o.Verdict, o.App, o.origin.appID = Unmanaged, a.name(), a.id
		o.origin.appRef, o.origin.byUUID, o.origin.live = ref, byUUID, a.live
		o.Differences = []DriftDifference{}
	}
	if u.plan.blame && len(found) > 0 {
		if err := u.blame(ctx, a, found); err != nil {
			return err
		}
	}
	u.report.add(found)
	return nil
}

// blame adds the releases that may have added what was found.
func (u *unmanagedFinder) blame(ctx context.Context, a *driftApp, found []DriftObject) error {
	releases := u.lists.list(ctx, a, provider.Releases)
	if releases.err != nil {
		// Of an app that is compared as a whole, facts has noted it.
		if chosen, shallow := u.plan.chosen.has(provider.App); !chosen || shallow {
			u.report.noteUnblamed(a, releases.err)
		}
		return u.lists.reader.fatal(ctx, releases.err)
	}
	for i := range found {
		found[i].Blame = blameUnmanaged(&found[i], releases.elements())
	}
	return nil
}

// elements returns the elements of a resource type's list that belong to an app.
func (u *unmanagedFinder) elements(ctx context.Context, a *driftApp, res *provider.Resource) ([]any, error) {
	answer := u.lists.list(ctx, a, res.Origin.List)
	if res.Unmanaged.Of == "" {
		return answer.elements(), answer.err
	}
	return answer.where(res.Unmanaged.Of, a.id), answer.err
}

// vars returns the config vars of an app that no state manages and no add-on has set.
func (u *unmanagedFinder) vars(ctx context.Context, a *driftApp) ([]DriftObject, error) {
	if chosen, shallow := u.plan.chosen.has(provider.App); !chosen || shallow {
		return nil, nil
	}
	reader := u.lists.reader
	vars := u.lists.list(ctx, a, provider.ConfigVars)
	if vars.err != nil {
		u.report.note("%s: unmanaged config vars aren't reported: %v", a.name(), vars.err)
		return nil, reader.fatal(ctx, vars.err)
	}
	attachments, addons := reader.list(ctx, provider.Attachments, nil), reader.list(ctx, provider.Addons, nil)
	for _, answer := range []*answer{attachments, addons} {
		if answer.err != nil {
			u.report.note("%s: unmanaged config vars aren't reported, since those of add-ons aren't known: %v", a.name(), answer.err)
			return nil, reader.fatal(ctx, answer.err)
		}
	}
	return unmanagedVars(a, vars.value, attachments.where("app.id", a.id), addons.where("app.id", a.id)), nil
}

// facts returns what is true of an app and held by no attribute.
func (u *unmanagedFinder) facts(ctx context.Context, a *driftApp) ([]DriftObject, error) {
	chosen, shallow := u.plan.chosen.has(provider.App)
	if !chosen {
		return nil, nil
	}
	found := appFacts(a)
	if shallow {
		return found, nil
	}
	releases := u.lists.list(ctx, a, provider.Releases)
	if releases.err != nil {
		u.report.note("%s: the newest release can't be read: %v", a.name(), releases.err)
		return found, u.lists.reader.fatal(ctx, releases.err)
	}
	return append(found, releaseFacts(a, releases.elements())...), nil
}

// unmanagedAmong returns those of an app's elements of a list that are worth a report
// and that no state has.
func unmanagedAmong(a *driftApp, res *provider.Resource, elements []any, managed claims) []DriftObject {
	var found []DriftObject
	ref, _ := a.reference()
	for _, e := range elements {
		id := provider.Text(provider.Find(e, "id"))
		if !res.Unmanaged.Reported(e) || managed.has(res.Origin.List, a.id, e) || slices.Contains(a.successors, id) ||
			res.Type == provider.Attachment && provider.IsOwnAttachment(e, elements) {
			continue
		}
		found = append(found, DriftObject{
			Type:     res.Type,
			ID:       id,
			Label:    provider.Text(provider.Find(e, res.Unmanaged.Label)),
			ImportID: importID(res, e, ref),
			origin:   &origin{element: e},
		})
	}
	return found
}

// unmanagedVars returns the config vars of an app that no state manages and no add-on
// has set. attachments and addons are those of the app.
func unmanagedVars(a *driftApp, vars any, attachments, addons []any) []DriftObject {
	known := managedVars(a)
	for _, e := range addons {
		for _, name := range provider.AddonVars(e) {
			known[name] = true
		}
	}
	attached := func(key string) bool {
		return slices.ContainsFunc(attachments, func(e any) bool { return provider.IsVarOf(e, key) })
	}
	var found []DriftObject
	for _, key := range provider.Keys(vars) {
		if !known[key] && !attached(key) {
			found = append(found, DriftObject{Type: provider.Config, ID: key, Label: key, Reason: "a config var; its value stays on Heroku"})
		}
	}
	return found
}

// managedVars are the config vars of an app that the states manage.
func managedVars(a *driftApp) map[string]bool {
	known := make(map[string]bool)
	for _, s := range a.subjects {
		for i := range s.res.Attrs {
			if attr := &s.res.Attrs[i]; attr.ConfigVars() {
				for _, key := range provider.Keys(s.attrs.Value(attr.Name)) {
					known[key] = true
				}
			}
		}
	}
	return known
}

// appFacts returns what Heroku says of an app itself that no attribute holds.
func appFacts(a *driftApp) []DriftObject {
	var found []DriftObject
	if provider.Find(a.live, "maintenance") == true {
		found = append(found, appFact(a, "maintenance mode is on"))
	}
	return found
}

// releaseFacts returns whether the newest release of an app, the first of the list,
// failed or is pending.
func releaseFacts(a *driftApp, releases []any) []DriftObject {
	if len(releases) == 0 || provider.Find(releases[0], "current") == true {
		return nil
	}
	verb := map[string]string{"failed": "has failed", "pending": "is pending"}[provider.Text(provider.Find(releases[0], "status"))]
	if verb == "" {
		return nil
	}
	was := "no release runs"
	if a.release.running != nil {
		was = "v" + provider.Text(provider.Find(a.release.running, "version")) + " runs"
	}
	return []DriftObject{appFact(a, "the newest release, v%s, %s; %s", provider.Text(provider.Find(releases[0], "version")), verb, was)}
}

func appFact(a *driftApp, format string, args ...any) DriftObject {
	return DriftObject{Type: provider.App, ID: a.id, Reason: fmt.Sprintf(format, args...)}
}
