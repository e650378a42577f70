package herokutf

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/provider"
)

// strayTypes yields the chosen resource types of which an app can have objects
// that no state manages.
func (d *detector) strayTypes() iter.Seq[*provider.Resource] {
	return func(yield func(*provider.Resource) bool) {
		for res := range provider.All() {
			if chosen, shallow := d.chosen(res.Type); res.Unmanaged == nil || !chosen {
				continue
			} else if shallow && !res.Origin.List.Source().PerAccount() {
				continue
			}
			if !yield(res) {
				return
			}
		}
	}
}

// findStrays finds what an app has and no state manages.
func (d *detector) findStrays(ctx context.Context, a *driftApp) error {
	var found []DriftObject
	ref, byUUID := a.reference()
	for res := range d.strayTypes() {
		if res.Unmanaged.Team == provider.OfTeams && a.team() == "" || res.Unmanaged.Team == provider.Personal && a.team() != "" {
			continue
		}
		elements, err := d.elementsOf(ctx, a, res)
		if err != nil {
			if err := d.ends(ctx, err); err != nil {
				return err
			}
			d.note("%s: what is unmanaged among the %s can't be said: %v", a.name(), res.Origin.List, err)
			continue
		}
		for _, e := range elements {
			if !res.Unmanaged.Reported(e) || d.claims.has(res.Origin.List, a.id, e) ||
				slices.Contains(a.successors, provider.Text(provider.Find(e, "id"))) || res.Type == provider.Attachment && ownAttachment(e, elements) {
				continue
			}
			found = append(found, DriftObject{
				Type:     res.Type,
				ID:       provider.Text(provider.Find(e, "id")),
				Label:    provider.Text(provider.Find(e, res.Unmanaged.Label)),
				ImportID: importID(res, e, ref),
				origin:   &origin{element: e},
			})
		}
	}
	vars, err := d.strayVars(ctx, a)
	if err != nil {
		return err
	}
	facts, err := d.facts(ctx, a)
	if err != nil {
		return err
	}
	found = append(append(found, vars...), facts...)
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range found {
		o := &found[i]
		if o.origin == nil {
			o.origin = &origin{}
		}
		o.Verdict, o.App, o.origin.appID = Unmanaged, a.name(), a.id
		o.origin.appRef, o.origin.byUUID, o.origin.live = ref, byUUID, a.live
		o.Differences = []DriftDifference{}
		d.applyRules(o)
	}
	d.strays = append(d.strays, found...)
	return nil
}

// claims are the elements of lists that a state has, under whichever type: the
// values of their keys, by list and key. Of the lists of an app they hold the
// app as well, since a feature has the same id in all of them.
type claims map[provider.List]map[provider.Key]map[string]bool

// claim is how claims hold a value.
func claim(list provider.List, app, value string) string {
	if !list.Source().Needs("app") {
		app = ""
	}
	return app + " " + strings.ToLower(value)
}

// add claims what a subject is found by.
func (c claims) add(s *subject) {
	for _, key := range s.res.Origin.Keys {
		value := key.Value(provider.Text(s.attrs.Value(key.Attr)))
		if value == "" {
			continue
		}
		// Under which attribute a state has the value is all one.
		key = provider.Key{Live: key.Path(), Fold: key.Fold}
		list, app := s.ownList(), ""
		if s.app != nil {
			app = s.app.id
		}
		if c[list] == nil {
			c[list] = make(map[provider.Key]map[string]bool)
		}
		if c[list][key] == nil {
			c[list][key] = make(map[string]bool)
		}
		c[list][key][claim(list, app, value)] = true
	}
}

// has reports whether a state has the element of an app's list.
func (c claims) has(list provider.List, app string, e any) bool {
	for key, values := range c[list] {
		if values[claim(list, app, provider.Text(provider.Find(e, key.Path())))] {
			return true
		}
	}
	return false
}

// elementsOf returns the elements of a list that belong to an app.
func (d *detector) elementsOf(ctx context.Context, a *driftApp, res *provider.Resource) ([]any, error) {
	answer := d.appList(ctx, a, res.Origin.List)
	if res.Unmanaged.Of == "" {
		return answer.elements(), answer.err
	}
	return answer.of(res.Unmanaged.Of, a.id), answer.err
}

// ownAttachment reports whether an attachment is the one that an add-on has been
// made with: Heroku attaches it to the app that pays. Of several among those of
// the app it is the oldest.
func ownAttachment(e any, all []any) bool {
	owner := provider.Text(provider.Find(e, "addon.app.id"))
	if owner == "" || owner != provider.Text(provider.Find(e, "app.id")) {
		return false
	}
	addon := provider.Text(provider.Find(e, "addon.id"))
	for _, other := range all {
		if provider.Text(provider.Find(other, "addon.id")) == addon &&
			provider.Text(provider.Find(other, "created_at")) < provider.Text(provider.Find(e, "created_at")) {
			return false
		}
	}
	return true
}

// strayVars are the config vars that no state manages and no add-on has set.
func (d *detector) strayVars(ctx context.Context, a *driftApp) ([]DriftObject, error) {
	if chosen, shallow := d.chosen(provider.App); !chosen || shallow {
		return nil, nil
	}
	answer := d.reader.list(ctx, provider.ConfigVars, steps{"app": a.id})
	if answer.err != nil {
		d.note("%s: which config vars are unmanaged can't be said: %v", a.name(), answer.err)
		return nil, d.ends(ctx, answer.err)
	}
	known := make(map[string]bool)
	for _, s := range a.subjects {
		if s.res == nil {
			continue
		}
		for i := range s.res.Attrs {
			if s.res.Attrs[i].As == provider.ManagedKeys {
				for _, key := range provider.Keys(s.attrs.Value(s.res.Attrs[i].Name)) {
					known[key] = true
				}
			}
		}
	}
	// What an add-on sets on the app that pays, and what an attachment sets
	// wherever it is: its name, and names that begin with it.
	attachments, addons := d.reader.list(ctx, provider.Attachments, nil), d.reader.list(ctx, provider.Addons, nil)
	for _, answer := range []*liveAnswer{attachments, addons} {
		if answer.err != nil {
			d.note("%s: which config vars are unmanaged can't be said without knowing those of add-ons: %v", a.name(), answer.err)
			return nil, d.ends(ctx, answer.err)
		}
	}
	var prefixes []string
	for _, e := range attachments.of("app.id", a.id) {
		prefixes = append(prefixes, provider.Text(provider.Find(e, "name")))
	}
	for _, e := range addons.of("app.id", a.id) {
		if names, ok := provider.Find(e, "config_vars").([]any); ok {
			for _, name := range names {
				known[provider.Text(name)] = true
			}
		}
	}
	var found []DriftObject
next:
	for _, key := range provider.Keys(answer.value) {
		if known[key] {
			continue
		}
		for _, prefix := range prefixes {
			if key == prefix || prefix != "" && strings.HasPrefix(key, prefix+"_") {
				continue next
			}
		}
		found = append(found, DriftObject{Type: provider.Config, ID: key, Label: key, Reason: "a config var; its value stays on Heroku"})
	}
	return found, nil
}

// facts are what is true of an app and held by no attribute.
func (d *detector) facts(ctx context.Context, a *driftApp) ([]DriftObject, error) {
	if chosen, _ := d.chosen(provider.App); !chosen {
		return nil, nil
	}
	var found []DriftObject
	tell := func(format string, args ...any) {
		found = append(found, DriftObject{Type: provider.App, ID: a.id, Reason: fmt.Sprintf(format, args...)})
	}
	if provider.Find(a.live, "maintenance") == true {
		tell("maintenance mode is on")
	}
	if a.live != nil && a.team() == "" {
		for _, s := range a.subjects {
			if team := provider.Text(s.attrs.Value("organization.name")); s.ref.isManagedApp() && team != "" {
				tell("the app has left the team %s; Terraform doesn't see that", team)
				break
			}
		}
	}
	if _, shallow := d.chosen(provider.App); shallow {
		return found, nil
	}
	answer := d.appList(ctx, a, provider.Releases)
	if answer.err != nil {
		d.note("%s: the newest release can't be read: %v", a.name(), answer.err)
		return found, d.ends(ctx, answer.err)
	}
	if all := answer.elements(); len(all) > 0 {
		newest := all[0]
		status := provider.Text(provider.Find(newest, "status"))
		if provider.Find(newest, "current") != true && (status == "failed" || status == "pending") {
			was := "no release runs"
			if a.running != nil {
				was = "v" + provider.Text(provider.Find(a.running, "version")) + " runs"
			}
			verb := map[string]string{"failed": "has failed", "pending": "is pending"}[status]
			tell("the newest release, v%s, %s; %s", provider.Text(provider.Find(newest, "version")), verb, was)
		}
	}
	return found, nil
}

// importID fills in the table's pattern of an import id; "" where there is none
// or a part is missing.
func importID(res *provider.Resource, e any, app string) string {
	pattern := res.Import
	var b strings.Builder
	for pattern != "" {
		before, rest, ok := strings.Cut(pattern, "{")
		b.WriteString(before)
		if !ok {
			break
		}
		step, after, _ := strings.Cut(rest, "}")
		value := app
		if step != "app" {
			value = provider.Text(provider.Find(e, step))
		}
		if value == "" {
			return ""
		}
		b.WriteString(value)
		pattern = after
	}
	return b.String()
}
