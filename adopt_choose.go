package herokutf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/near"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
)

// choose returns the homes that the options choose: teams, spaces, pipelines and apps,
// each kind by age.
func (a *adoptFinder) choose(ctx context.Context) ([]*home, error) {
	c := &adoptChoice{finder: a, byID: make(map[string]*home)}
	list := func(l provider.List) []any { return a.reader.list(ctx, l, nil).elements() }
	c.apps, c.couplings = list(provider.Apps), list(provider.Couplings)
	c.teams()
	if a.opts.All || len(a.opts.Spaces) > 0 {
		c.named("Private Space", a.opts.Spaces, list(provider.Spaces), func(e any) { c.space(e) })
	}
	if a.opts.All || len(a.opts.Pipelines) > 0 {
		c.named("pipeline", a.opts.Pipelines, list(provider.Pipelines), func(e any) { c.pipeline(e) })
	}
	c.named("app", a.opts.Apps, c.apps, func(e any) { c.app(e) })
	if a.opts.All {
		for _, e := range list(provider.Teams) {
			c.add("", e)
		}
	}
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	slices.SortStableFunc(c.homes, func(x, y *home) int {
		return cmp.Or(cmp.Compare(homeRank(x.typ), homeRank(y.typ)), cmp.Compare(createdAt(x.live), createdAt(y.live)), cmp.Compare(x.id, y.id))
	})
	return c.homes, nil
}

func homeRank(typ string) int {
	return slices.Index([]string{"", provider.Space, provider.Pipeline, provider.App}, typ)
}

func createdAt(e any) string { return provider.Text(provider.Find(e, "created_at")) }

// An adoptChoice collects homes.
type adoptChoice struct {
	finder    *adoptFinder
	apps      []any
	couplings []any
	homes     []*home
	byID      map[string]*home
	errs      []error
}

// named chooses the elements that the words name, by name or UUID, or all.
func (c *adoptChoice) named(kind string, words []string, all []any, add func(any)) {
	if c.finder.opts.All {
		for _, e := range all {
			add(e)
		}
		return
	}
	var names []string
	for _, e := range all {
		names = append(names, provider.Text(provider.Find(e, "name")))
	}
	for _, word := range words {
		var found []any
		for i, e := range all {
			if names[i] == word || strings.EqualFold(provider.Text(provider.Find(e, "id")), word) {
				found = append(found, e)
			}
		}
		switch len(found) {
		case 0:
			c.errs = append(c.errs, &adoptError{fmt.Sprintf("the token sees no %s %q", kind, printable.Short(word)), didYouMean(near.Names(word, names)), ErrNotFoundToAdopt})
		case 1:
			add(found[0])
		default:
			var ids []string
			for _, e := range found {
				ids = append(ids, provider.Text(provider.Find(e, "id")))
			}
			c.errs = append(c.errs, &adoptError{fmt.Sprintf("%d %ss are called %q", len(found), kind, printable.Short(word)), "name it by its UUID: " + strings.Join(ids, ", "), ErrNotFoundToAdopt})
		}
	}
}

func didYouMean(names []string) string {
	if len(names) == 0 {
		return "it is deleted, renamed, or not visible to the token's account; the API doesn't say which"
	}
	return "did you mean " + strings.Join(names, ", ") + "?"
}

// teams chooses teams, which are known by name, and their apps.
func (c *adoptChoice) teams() {
	var names []string
	for _, e := range c.apps {
		if team := provider.Text(provider.Find(e, "team.name")); team != "" {
			names = append(names, team)
		}
	}
	for _, word := range c.finder.opts.Teams {
		found := false
		for _, e := range c.apps {
			if provider.Text(provider.Find(e, "team.name")) == word {
				found = true
				c.add("", provider.Find(e, "team"))
				c.app(e)
			}
		}
		if !found {
			slices.Sort(names)
			c.errs = append(c.errs, &adoptError{fmt.Sprintf("the token sees no app of a team %q", printable.Short(word)), didYouMean(near.Names(word, slices.Compact(names))), ErrNotFoundToAdopt})
		}
	}
}

func (c *adoptChoice) space(e any) {
	h := c.add(provider.Space, e)
	for _, app := range c.apps {
		if strings.EqualFold(provider.Text(provider.Find(app, "space.id")), h.id) {
			c.app(app)
		}
	}
}

func (c *adoptChoice) pipeline(e any) {
	h := c.add(provider.Pipeline, e)
	for _, coupling := range c.couplings {
		if !strings.EqualFold(provider.Text(provider.Find(coupling, "pipeline.id")), h.id) || temporary(coupling) != "" {
			continue
		}
		id := provider.Text(provider.Find(coupling, "app.id"))
		if i := slices.IndexFunc(c.apps, func(app any) bool { return strings.EqualFold(provider.Text(provider.Find(app, "id")), id) }); i >= 0 {
			c.app(c.apps[i])
		}
	}
}

// temporary says why an app of the coupling comes and goes by itself; "" if it doesn't.
func temporary(coupling any) string {
	switch provider.Text(provider.Find(coupling, "stage")) {
	case "review":
		return "it is a review app, which Heroku makes and deletes"
	case "test":
		return "it is an app of Heroku CI, which comes and goes with a test run"
	}
	return ""
}

func (c *adoptChoice) app(e any) {
	h := c.add(provider.App, e)
	for _, coupling := range c.couplings {
		if why := temporary(coupling); why != "" && strings.EqualFold(provider.Text(provider.Find(coupling, "app.id")), h.id) {
			h.away = why
		}
	}
}

// add adds a home once.
func (c *adoptChoice) add(typ string, e any) *home {
	id := strings.ToLower(provider.Text(provider.Find(e, "id")))
	if h := c.byID[id]; h != nil {
		return h
	}
	h := &home{typ: typ, id: id, name: provider.Text(provider.Find(e, "name")), live: e, lists: make(map[provider.List]any)}
	c.byID[id] = h
	c.homes = append(c.homes, h)
	for _, s := range c.finder.inv.subjects {
		ref := s.object.ID
		same := strings.EqualFold(ref, id) || ref == h.name || typ == provider.App && s.app != nil && s.app.id == id
		if s.object.Type != typ || s.deposed() || !same {
			continue
		}
		h.owner = s
		if !c.finder.inFolder(s) {
			h.away = fmt.Sprintf("%s manages it: adopt there what belongs to it", s.object.origin.file.Name())
		}
	}
	return h
}

// itself adopts a home, and finds out which config vars of an app Terraform is to manage.
func (a *adoptFinder) itself(h *home, answers map[provider.List]*answer) {
	res, ok := provider.Lookup(provider.Managed, h.typ)
	if !ok {
		return
	}
	if h.typ == provider.App {
		if err := answers[provider.ConfigVars].err; err != nil {
			h.away = "the provider reads the config vars of every app, and this token may not: " + err.Error()
			return
		}
	}
	for _, l := range slices.Sorted(maps.Keys(answers)) {
		if err := answers[l].err; err != nil && h.owner == nil && hasFrom(res, l) {
			h.away = fmt.Sprintf("its %s can't be read: %v", l, err)
			return
		}
	}
	if l := answers[provider.TeamApps]; l != nil {
		h.lists[provider.TeamApps] = l.byID[h.id]
	}
	if h.owner != nil {
		h.left = append(h.left, a.managed(h, res, h.live, h.owner))
		return
	}
	if !a.skip[res.Type] {
		a.adopt(h, res, h.live, nil)
	}
}

// hasFrom reports whether an attribute that the type has in provider 5 comes from the
// list.
func hasFrom(res *provider.Resource, l provider.List) bool {
	return slices.ContainsFunc(res.Attrs, func(a provider.Attr) bool { return a.From == l && res.In5(&a) })
}

// association decides what becomes of an app's config vars that no state manages and no
// add-on has set. A home of another type has none.
func (a *adoptFinder) association(h *home, addons, attachments []any) {
	known := make(map[string]bool)
	for _, app := range a.inv.apps {
		if app.id == h.id {
			known = managedVars(app)
		}
	}
	for _, e := range addons {
		for _, name := range provider.AddonVars(e) {
			known[name] = true
		}
	}
	vars := h.lists[provider.ConfigVars]
	for _, key := range provider.Keys(vars) {
		if slices.ContainsFunc(attachments, func(e any) bool { return provider.IsVarOf(e, key) }) {
			known[key] = true
		}
	}
	chosen := textsOf(vars, known)
	if len(chosen) == 0 {
		return
	}
	res, _ := provider.Lookup(provider.Managed, provider.Config)
	why := ""
	switch {
	case a.opts.NoConfigVars:
		why = "config vars stay on Heroku"
	case a.opts.ConfigAssociation && a.skip[provider.Config]:
		why = "its kind is skipped"
	case a.opts.ConfigAssociation && a.associated(h, res):
		why = "a heroku_app_config_association of the app is managed already: add it there"
	case a.opts.ConfigAssociation:
		o := a.adopt(h, res, h.live, nil)
		o.Vars, o.object.ID, o.object.ImportID = chosen, "config:"+h.id, ""
		o.object.Label, o.object.Detail = "", ""
		return
	case h.owner != nil:
		why = "the app is managed already: only a config association can adopt it"
	case a.skip[provider.App]:
		why = "the app is skipped: only a config association can adopt it"
	default:
		h.objects[0].Vars = chosen
		return
	}
	for _, key := range provider.Keys(vars) {
		if _, ok := chosen[key]; ok {
			h.left = append(h.left, AdoptObject{Type: provider.Config, App: h.name, ID: key, Label: key, Reason: why})
		}
	}
}

// associated reports whether a state has a config association of the app.
func (a *adoptFinder) associated(h *home, res *provider.Resource) bool {
	return slices.ContainsFunc(a.inv.subjects, func(s *subject) bool {
		return s.res == res && !s.deposed() && s.app != nil && s.app.id == h.id
	})
}
