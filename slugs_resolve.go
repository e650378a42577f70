package herokutf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
)

// resolver is one call of ResolveSlugs.
type resolver struct {
	client    *platform.Client
	opts      SlugOptions
	pipelines []Pipeline // sorted by name
	picks     []stageApp
	settler   *settler

	live []*livePipeline // of each of pipelines; shared where two mean the same

	mu   sync.Mutex
	byID map[string]*livePipeline // guarded by mu while pipelines are read

	outage outage

	misplaced bool         // apps were picked that aren't there
	picking   []*SlugError // with the picks
}

// livePipeline is what Heroku says about a pipeline.
type livePipeline struct {
	id     string
	as     Pipeline      // one of the configured ones that mean it
	done   chan struct{} // closed when it has been read
	err    error         // why nothing is known about it
	near   []string      // of a name that nothing has: what is spelled like it
	hint   string        // likewise: what there is
	stages map[string][]*coupledApp
}

// coupledApp is an app of a pipeline.
type coupledApp struct {
	NamedID             // Name is "" until Heroku has said it
	latest  *apiRelease // what latest-releases has, or nil
	picked  bool        // by SlugOptions.Apps

	// The outcome.
	kind    ArtifactKind
	value   string
	release Release
	newest  *Release
	pending *Release // the newest pending one above release, or nil
	// promoted says that a promotion made the release.
	promoted bool
	err      error
}

// fatal returns err if it makes further requests pointless. Other errors are
// problems of the one thing that was asked for.
func fatal(ctx context.Context, err error) error {
	if err != nil && (ctx.Err() != nil || errors.Is(err, platform.ErrUnauthorized) || errors.Is(err, platform.ErrRateLimited) ||
		errors.Is(err, platform.ErrRedirect) || errors.Is(err, platform.ErrForeignHost) || errors.Is(err, platform.ErrUnreachable)) {
		return err
	}
	return nil
}

// An outage tells an API that is down for every request there was from one that
// fails some.
type outage struct {
	answered atomic.Bool // something else came than that the API is down
	once     sync.Once
	err      error // the first that said so
}

// fatal is the function of that name, and takes note of what err says of the API.
func (o *outage) fatal(ctx context.Context, err error) error {
	if fatal(ctx, err) != nil {
		return err
	}
	if down(err) {
		o.once.Do(func() { o.err = err })
	} else {
		o.answered.Store(true)
	}
	return nil
}

// whole returns the error if the API was down for every request, which are all done.
func (o *outage) whole() error {
	if o.answered.Load() {
		return nil
	}
	return o.err
}

// down reports whether err says that the API is unavailable, or that the connection
// to it was lost.
func down(err error) bool {
	if _, ok := errors.AsType[*platform.RequestError](err); ok {
		return !errors.Is(err, platform.ErrBadAnswer) && !errors.Is(err, platform.ErrTooLarge) && !errors.Is(err, platform.ErrPaging)
	}
	return errors.Is(err, platform.ErrUnavailable)
}

func (r *resolver) run(ctx context.Context) error {
	if err := r.readPipelines(ctx); err != nil {
		return err
	}
	if err := r.outage.whole(); err != nil {
		return err
	}
	if err := r.pickApps(ctx); err != nil || r.misplaced {
		return err
	}
	return r.settleApps(ctx)
}

// each calls f once for every app that is to be resolved, in no order.
func (r *resolver) each(f func(live *livePipeline, stage string, app *coupledApp)) {
	for _, live := range r.byID {
		for stage, apps := range live.stages {
			if r.opts.wants(stage) {
				for _, app := range apps {
					f(live, stage, app)
				}
			}
		}
	}
}

// is says whether app is the one that was picked.
func (a *coupledApp) is(pick stageApp) bool {
	return a.Name == pick.app || strings.EqualFold(a.ID, pick.app)
}

// pickApps leaves only the picked apps in their stages.
func (r *resolver) pickApps(ctx context.Context) error {
	picks := slices.Clone(r.picks)
	find := func() {
		picks = slices.DeleteFunc(picks, func(pick stageApp) bool {
			found := false
			r.each(func(_ *livePipeline, stage string, app *coupledApp) {
				if stage == pick.stage && app.is(pick) {
					app.picked, found = true, true
				}
			})
			return found
		})
	}
	find()
	if len(picks) > 0 {
		// The name of an app without a release isn't known so far.
		g, ctx := errgroup.WithContext(ctx)
		r.each(func(_ *livePipeline, stage string, app *coupledApp) {
			if app.Name == "" && slices.ContainsFunc(picks, func(pick stageApp) bool { return pick.stage == stage }) {
				g.Go(func() error {
					_, err := r.settler.describe(ctx, app)
					return fatal(ctx, err)
				})
			}
		})
		if err := g.Wait(); err != nil {
			return err
		}
		find()
	}
	unread := slices.ContainsFunc(r.live, func(live *livePipeline) bool { return live.err != nil })
	for _, pick := range picks {
		if unread {
			break // it may be an app of the pipeline that couldn't be read
		}
		r.picking = append(r.picking, &SlugError{Stage: pick.stage, Err: r.notInStage(pick)})
	}
	for _, live := range r.byID {
		for stage, apps := range live.stages {
			picked := slices.DeleteFunc(slices.Clone(apps), func(a *coupledApp) bool { return !a.picked })
			if len(picked) > 1 {
				r.picking = append(r.picking, &SlugError{Pipeline: live.as, Stage: stage,
					Err: fmt.Errorf("%w: %s are all picked", ErrSlugOptions, labels(picked))})
			}
			if len(picked) > 0 {
				live.stages[stage] = picked
			}
		}
	}
	r.misplaced = len(r.picking) > 0
	return nil
}

// notInStage says which apps the stage has, and where the picked one is.
func (r *resolver) notInStage(pick stageApp) error {
	var there []*coupledApp
	var elsewhere string
	for _, live := range r.byID {
		for stage, apps := range live.stages {
			for _, app := range apps {
				switch {
				case stage == pick.stage:
					there = append(there, app)
				case app.is(pick):
					elsewhere = fmt.Sprintf("; it is in stage %s of pipeline %s", stage, live.as.Name)
				}
			}
		}
	}
	has := "has no apps"
	if len(there) > 0 {
		has = "has " + labels(there)
	}
	return fmt.Errorf("%w: the stage %s, but not %q%s", ErrNotInStage, has, pick.app, elsewhere)
}

// labels lists apps by name.
func labels(apps []*coupledApp) string {
	var all []string
	for _, app := range apps {
		all = append(all, app.label())
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// settleApps finds out for every app what it runs.
func (r *resolver) settleApps(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	r.each(func(live *livePipeline, stage string, app *coupledApp) {
		g.Go(func() error {
			app.err = r.settler.settle(ctx, live, stage, app)
			if errors.Is(app.err, platform.ErrNotFound) {
				app.err = fmt.Errorf("%w: %w", ErrAppGone, app.err)
			}
			return fatal(ctx, app.err)
		})
	})
	return g.Wait()
}

// assemble makes artifacts and problems of what is known about the apps.
func (r *resolver) assemble() *Slugs {
	slugs := &Slugs{Artifacts: []Artifact{}, Pipelines: r.pipelines, Problems: r.picking}
	stages := make(map[string]bool)
	for _, stage := range Stages() {
		stages[stage] = r.opts.wants(stage)
	}
	for i, p := range r.pipelines {
		live := r.live[i]
		switch {
		case live.err != nil:
			slugs.Problems = append(slugs.Problems, &SlugError{Pipeline: p, Err: live.err, Near: live.near, Hint: live.hint})
			continue
		case r.misplaced:
			continue // no app was looked at
		}
		before := len(slugs.Artifacts) + len(slugs.Problems)
		for stage := range live.stages {
			if r.opts.wants(stage) {
				stages[stage] = true
				r.assembleStage(slugs, p, live, stage)
			}
		}
		if len(slugs.Artifacts)+len(slugs.Problems) == before {
			slugs.Problems = append(slugs.Problems, &SlugError{Pipeline: p, Err: noApps(live)})
		}
	}
	for stage, wanted := range stages {
		if wanted {
			slugs.Stages = append(slugs.Stages, stage)
		}
	}
	slices.Sort(slugs.Stages)
	sortArtifacts(slugs.Artifacts)
	slices.SortStableFunc(slugs.Problems, func(a, b *SlugError) int {
		return cmp.Or(cmp.Compare(a.Pipeline.Name, b.Pipeline.Name), cmp.Compare(a.Stage, b.Stage),
			cmp.Compare(a.App.Name, b.App.Name), cmp.Compare(a.App.ID, b.App.ID))
	})
	completeSlugErrors(slugs.Problems)
	return slugs
}

// noApps says in which stages there are apps instead.
func noApps(live *livePipeline) error {
	if len(live.stages) == 0 {
		return fmt.Errorf("%w: it has none at all", ErrNoApps)
	}
	return fmt.Errorf("%w: it has some in %s", ErrNoApps, strings.Join(slices.Sorted(maps.Keys(live.stages)), ", "))
}

// assembleStage adds the artifact of a stage, or the problems that there are
// instead, or nothing if all of its apps have vanished as they may.
func (r *resolver) assembleStage(slugs *Slugs, p Pipeline, live *livePipeline, stage string) {
	apps := slices.DeleteFunc(slices.Clone(live.stages[stage]), func(app *coupledApp) bool {
		return ephemeral(stage) && !app.picked && errors.Is(app.err, ErrAppGone)
	})
	if len(apps) == 0 {
		return
	}
	slices.SortFunc(apps, func(a, b *coupledApp) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	first, known, agree := apps[0], true, true
	for _, app := range apps {
		if app.err != nil {
			slugs.Problems = append(slugs.Problems, &SlugError{Pipeline: p, Stage: stage, App: app.NamedID, Err: app.err})
			known = false
		}
		agree = agree && app.kind == first.kind && app.value == first.value
	}
	if !known {
		return
	}
	if !agree {
		slugs.Problems = append(slugs.Problems, &SlugError{Pipeline: p, Stage: stage, Err: differing(live, stage, apps)})
		return
	}
	a := Artifact{
		Variable: first.kind.variable(p.Name, stage), Kind: first.kind, Value: first.value,
		Pipeline: NamedID{ID: live.id, Name: p.Name}, Stage: stage,
		App: first.NamedID, Release: first.release, Newest: first.newest,
		ExpiresAfter: expiresAfter(first.release),
	}
	if !provider.IsUUID(p.Ref) {
		a.Pipeline.Name = p.Ref
	}
	for i, app := range apps {
		if i > 0 {
			a.Others = append(a.Others, app.NamedID)
		}
		if app.pending != nil {
			if a.Pending == nil {
				a.Pending = make(map[string]Release)
			}
			a.Pending[app.Name] = *app.pending
		}
	}
	slugs.Artifacts = append(slugs.Artifacts, a)
}

// differing says what each of the apps runs, and which of them a promotion hasn't
// reached.
func differing(live *livePipeline, stage string, apps []*coupledApp) error {
	newest := slices.MaxFunc(apps, func(a, b *coupledApp) int { return a.release.CreatedAt.Compare(b.release.CreatedAt) })
	var has, lacks, runs []string
	promoted := live.runsBefore(stage, newest)
	for _, app := range apps {
		text := fmt.Sprintf("%s runs %s %s (v%d", app.label(), app.kind, app.value, app.release.Version)
		if app.pending != nil {
			text += fmt.Sprintf(", and v%d is pending", app.pending.Version)
		}
		text += ")"
		runs = append(runs, text)
		if app.kind == newest.kind && app.value == newest.value {
			has = append(has, app.label())
			promoted = promoted || app.promoted
		} else {
			lacks = append(lacks, text)
		}
	}
	text := strings.Join(runs, ", ")
	if promoted {
		text = fmt.Sprintf("a promotion is half done: %s %s is released to %s (v%d), and %s",
			newest.kind, newest.value, strings.Join(has, ", "), newest.release.Version, strings.Join(lacks, ", "))
	}
	reason := &slugReason{ErrAppsDiffer.Error() + ": " + text, []error{ErrAppsDiffer}}
	if slices.ContainsFunc(apps, func(app *coupledApp) bool { return app.pending != nil }) {
		reason.errs = append(reason.errs, ErrReleasePending)
	}
	return reason
}

// runsBefore reports whether an app of a stage that code goes through before the
// given one runs what app does.
func (l *livePipeline) runsBefore(stage string, app *coupledApp) bool {
	for _, before := range Stages() {
		if before == stage {
			break
		}
		if slices.ContainsFunc(l.stages[before], func(a *coupledApp) bool {
			kind, value := a.kind, a.value
			if value == "" && a.latest != nil && a.latest.Current {
				kind, value, _ = a.latest.artifact()
			}
			return kind == app.kind && value == app.value
		}) {
			return true
		}
	}
	return false
}
