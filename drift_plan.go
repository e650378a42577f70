package herokutf

import (
	"context"
	"strings"
	"time"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
)

// worthwhile is how many apps must need their running release before the list
// of all couplings is read only to find out which pipelines tell of several.
const worthwhile = 3

// fir reports whether the app is of the Fir generation, as far as that is known.
func (a *driftApp) fir() bool {
	if provider.Text(provider.Find(a.live, "generation.name")) == "fir" {
		return true
	}
	for _, s := range a.subjects {
		if s.ref.isManagedApp() && provider.Text(s.attrs.Value("generation")) == "fir" {
			return true
		}
	}
	return false
}

// plan finds out which account-wide lists are needed.
func (d *detector) plan() {
	releases := 0
	for _, a := range d.apps {
		wanted := d.listsOf(a)
		if wanted[provider.Releases] {
			releases++
		}
		for _, s := range a.subjects {
			if a.id == "" && s.object.Type == provider.Addon {
				d.bulk[provider.Addons] = true
			}
		}
		if d.wanted(a) {
			d.bulk[provider.Apps] = true
		}
		if d.opts.Unmanaged && a.managed() {
			for res := range d.strayTypes() {
				if l := res.Origin.List; l.Source().PerAccount() {
					d.bulk[l] = true
				}
			}
		}
	}
	for _, s := range d.subjects {
		for l := range s.lists() {
			if l.Source().PerAccount() {
				d.bulk[l] = true
			}
		}
	}
	if releases >= worthwhile && !d.history() {
		d.bulk[provider.Couplings] = true
	}
}

// history reports whether the releases of an app are needed beyond the one that
// runs.
func (d *detector) history() bool { return d.opts.Unmanaged || d.opts.Blame }

// lists are the lists that a subject is found in and compared with, not those
// that are of a single object.
func (s *subject) lists() map[provider.List]bool {
	lists := make(map[provider.List]bool)
	if !s.chosen || s.res == nil || s.object.origin.inst.Deposed != "" || s.ownList() == provider.NoList {
		return lists
	}
	lists[s.ownList()] = true
	for i := range s.res.Attrs {
		attr := &s.res.Attrs[i]
		if attr.From != provider.NoList && attr.As.Compared() && s.attrs.has(attr.Top()) && s.needs(attr) {
			lists[attr.From] = true
		}
	}
	return lists
}

// listsOf are the lists of an app, or of its team, that its subjects need.
func (d *detector) listsOf(a *driftApp) map[provider.List]bool {
	lists := make(map[provider.List]bool)
	add := func(l provider.List) {
		source := l.Source()
		if (source.Needs("app") || source.Needs("team")) && !source.Needs("id") {
			lists[l] = true
		}
	}
	for _, s := range a.subjects {
		for l := range s.lists() {
			add(l)
		}
	}
	if d.opts.Unmanaged && a.managed() {
		for res := range d.strayTypes() {
			add(res.Origin.List)
		}
		add(provider.ConfigVars)
		add(provider.Releases)
	}
	if a.fir() {
		delete(lists, provider.Buildpacks)
	}
	return lists
}

// groupPipelines finds out for which apps the newest releases of a pipeline
// tell more than one app's running release.
func (d *detector) groupPipelines(ctx context.Context) {
	d.latest = make(map[string]string)
	if !d.bulk[provider.Couplings] || d.history() {
		return
	}
	needs := make(map[string]bool)
	for _, a := range d.apps {
		if a.fate == "" && d.listsOf(a)[provider.Releases] {
			needs[a.id] = true
		}
	}
	apps := make(map[string][]string)
	for _, e := range d.reader.list(ctx, provider.Couplings, nil).elements() {
		app := strings.ToLower(provider.Text(provider.Find(e, "app.id")))
		if pipeline := provider.Text(provider.Find(e, "pipeline.id")); needs[app] && provider.IsUUID(pipeline) {
			apps[pipeline] = append(apps[pipeline], app)
		}
	}
	for pipeline, ids := range apps {
		if len(ids) < 2 {
			continue
		}
		for _, id := range ids {
			d.latest[id] = pipeline
		}
	}
}

// announce tells what is to come.
func (d *detector) announce(ctx context.Context) {
	d.groupPipelines(ctx)
	if d.opts.Plan == nil {
		return
	}
	paths := make(map[string]bool)
	read := func(l provider.List, with steps) {
		if path, err := fill(l.Source().Path, with); err == nil && !l.Source().PerAccount() {
			paths[path] = true
		}
	}
	apps := 0
	for _, a := range d.apps {
		if a.fate != "" || a.id == "" || !d.wanted(a) {
			continue
		}
		apps++
		for l := range d.listsOf(a) {
			if l == provider.Releases && d.latest[a.id] != "" {
				read(provider.LatestReleases, steps{"pipeline": d.latest[a.id]})
				continue
			}
			read(l, steps{"app": a.id, "team": a.team()})
		}
	}
	for _, s := range d.subjects {
		if s.app != nil && s.app.fate != "" {
			continue
		}
		for l := range s.lists() {
			if source := l.Source(); source.Needs("id") || !source.Needs("app") && !source.Needs("team") || s.app == nil {
				read(l, s.steps())
			}
		}
	}
	sent := int(d.sent.Load())
	p := DriftPlan{Apps: apps, Requests: sent + len(paths), Left: d.client.Left()}
	if p.Left >= 0 && len(paths) > p.Left {
		p.Wait = platform.Refill * time.Duration(len(paths)-p.Left)
	}
	d.opts.Plan(p)
}
