package herokutf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	heroku "github.com/heroku/heroku-go/v5"
	"golang.org/x/sync/errgroup"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
)

// What the API answers, as far as it matters here. heroku-go/v5 has no artifacts
// in its releases, without which an app of the Fir generation looks like one that
// was never released.
type (
	apiPipeline struct {
		ID        string    `json:"id"`
		Name      string    `json:"name"`
		CreatedAt time.Time `json:"created_at"`
	}
	apiCoupling struct {
		App      NamedID `json:"app"`
		Pipeline NamedID `json:"pipeline"`
		Stage    string  `json:"stage"`
	}
	apiRelease struct {
		ID        string    `json:"id"`
		App       NamedID   `json:"app"`
		Version   int       `json:"version"`
		Status    string    `json:"status"`
		Current   bool      `json:"current"`
		CreatedAt time.Time `json:"created_at"`
		User      struct {
			Email string `json:"email"`
		} `json:"user"`
		Slug      *NamedID      `json:"slug"`
		Artifacts []apiArtifact `json:"artifacts"`
	}
	apiArtifact struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	}
	apiApp struct {
		NamedID
		Stack      NamedID `json:"stack"`
		BuildStack NamedID `json:"build_stack"`
	}
)

func (a *apiRelease) release() Release {
	return Release{ID: a.ID, Version: a.Version, Status: a.Status, CreatedAt: a.CreatedAt.UTC(), User: a.User.Email}
}

// check refuses a release from which a wrong value could come.
func (a *apiRelease) check() error {
	switch {
	case !provider.IsUUID(a.App.ID):
		return fmt.Errorf("%w: the app id of a release is %q", platform.ErrBadAnswer, printable.Short(a.App.ID))
	case !provider.IsUUID(a.ID):
		return fmt.Errorf("%w: the id of a release is %q", platform.ErrBadAnswer, printable.Short(a.ID))
	case a.Version < 1:
		return fmt.Errorf("%w: release %s has the version %d", platform.ErrBadAnswer, a.ID, a.Version)
	// Both get into messages as they are, and from there onto terminals.
	case strings.ContainsFunc(a.Status+a.App.Name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Errorf("%w: release %s has the status %q and is of the app %q", platform.ErrBadAnswer, a.ID, printable.Short(a.Status), printable.Short(a.App.Name))
	}
	return nil
}

// artifact returns what the release runs. value is "" when there is no code in
// it.
func (a *apiRelease) artifact() (kind ArtifactKind, value string, err error) {
	artifacts := a.Artifacts
	if a.Slug != nil {
		artifacts = append([]apiArtifact{{Type: string(KindSlug), ID: a.Slug.ID}}, artifacts...)
	}
	for _, art := range artifacts {
		k := ArtifactKind(art.Type)
		switch {
		case k != KindSlug && k != KindOCIImage:
			continue
		case !provider.IsUUID(art.ID):
			return "", "", fmt.Errorf("%w: the %s of release v%d is %q", platform.ErrBadAnswer, k, a.Version, printable.Short(art.ID))
		case value != "" && (k != kind || art.ID != value):
			return "", "", fmt.Errorf("%w: release v%d has %s %s and %s %s", platform.ErrBadAnswer, a.Version, kind, value, k, art.ID)
		}
		kind, value = k, art.ID
	}
	return kind, value, nil
}

// stageName is what the name of a stage has to look like to be part of a
// variable's.
var stageName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// resolver is one call of ResolveSlugs.
type resolver struct {
	client    *platform.Client
	opts      SlugOptions
	pipelines []Pipeline // sorted by name
	begin     time.Time
	progress  sync.Mutex // serialises opts.Progress

	live []*livePipeline // of each of pipelines; shared where two mean the same

	mu   sync.Mutex
	byID map[string]*livePipeline // guarded by mu while pipelines are read

	misplaced bool      // apps were picked that aren't there
	picking   []Problem // with the picks
}

// livePipeline is what Heroku says about a pipeline.
type livePipeline struct {
	id     string
	as     Pipeline      // one of the configured ones that mean it
	done   chan struct{} // closed when it has been read
	err    error         // why nothing is known about it
	stages map[string][]*coupledApp
}

// coupledApp is an app of a pipeline.
type coupledApp struct {
	NamedID             // Name is "" until Heroku tells it
	latest  *apiRelease // what latest-releases has, or nil
	picked  bool        // by SlugOptions.Apps

	// The outcome.
	kind    ArtifactKind
	value   string
	release Release
	newest  *Release
	err     error
}

// fatal returns err if it makes further requests pointless. Other errors are
// problems of the one thing that was asked for.
func fatal(ctx context.Context, err error) error {
	if err != nil && (ctx.Err() != nil || errors.Is(err, platform.ErrUnauthorized) || errors.Is(err, platform.ErrRateLimited) ||
		errors.Is(err, platform.ErrRedirect) || errors.Is(err, platform.ErrForeignHost)) {
		return err
	}
	return nil
}

func (r *resolver) run(ctx context.Context) error {
	if err := r.readPipelines(ctx); err != nil {
		return err
	}
	if err := r.pickApps(ctx); err != nil || r.misplaced {
		return err
	}
	return r.settleApps(ctx)
}

// readPipelines fills r.live.
func (r *resolver) readPipelines(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	var all []apiPipeline
	var listErr error
	listed := make(chan struct{})
	if slices.ContainsFunc(r.pipelines, func(p Pipeline) bool { return !provider.IsUUID(p.Ref) }) {
		g.Go(func() error {
			defer close(listed)
			all, listErr = platform.List[apiPipeline](ctx, r.client, "/pipelines", "id")
			return fatal(ctx, listErr)
		})
	}
	r.live = make([]*livePipeline, len(r.pipelines))
	for i, p := range r.pipelines {
		g.Go(func() error {
			id := strings.ToLower(p.Ref)
			if !provider.IsUUID(id) {
				<-listed
				err := listErr
				if err != nil {
					err = fmt.Errorf("list pipelines: %w", err)
				} else {
					id, err = findPipeline(all, p.Ref)
				}
				if err != nil {
					r.live[i] = &livePipeline{as: p, err: err}
					return nil
				}
			}
			live, first := r.pipeline(id, p)
			r.live[i] = live
			if !first {
				<-live.done
				return nil
			}
			defer close(live.done)
			live.err = r.readPipeline(ctx, live)
			return fatal(ctx, live.err)
		})
	}
	return g.Wait()
}

// findPipeline returns the id of the pipeline called name. The API would take a
// name in some places, but names aren't unique, and what it answers for a name
// that two pipelines bear isn't documented.
func findPipeline(all []apiPipeline, name string) (string, error) {
	var found []apiPipeline
	for _, p := range all {
		if p.Name != name {
			continue
		}
		if !provider.IsUUID(p.ID) {
			return "", fmt.Errorf("list pipelines: %w: the id of %q is %q", platform.ErrBadAnswer, name, printable.Short(p.ID))
		}
		found = append(found, p)
	}
	switch {
	case len(found) == 0:
		return "", fmt.Errorf("%w: none of the %d pipelines that this account can see has the name %q", platform.ErrNotFound, len(all), name)
	case len(found) > 1:
		slices.SortFunc(found, func(a, b apiPipeline) int {
			return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
		})
		var each []string
		for _, p := range found {
			each = append(each, fmt.Sprintf("%s, created %s", p.ID, p.CreatedAt.UTC().Format(time.DateTime)))
		}
		return "", fmt.Errorf("%w: %q is %s", ErrAmbiguousName, name, strings.Join(each, "; and "))
	}
	return strings.ToLower(found[0].ID), nil
}

// pipeline returns the pipeline with the given id, and whether it is for the
// caller to read it and to close done.
func (r *resolver) pipeline(id string, as Pipeline) (live *livePipeline, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if live, ok := r.byID[id]; ok {
		return live, false
	}
	live = &livePipeline{id: id, as: as, done: make(chan struct{})}
	r.byID[id] = live
	return live, true
}

// readPipeline reads the couplings and the newest releases of a pipeline, both
// at once.
func (r *resolver) readPipeline(ctx context.Context, live *livePipeline) error {
	path, err := platform.Path("pipelines", live.id)
	if err != nil {
		return err
	}
	var couplings []apiCoupling
	var releases []apiRelease
	var couplingsErr, releasesErr error
	var wg sync.WaitGroup
	wg.Go(func() {
		couplings, couplingsErr = platform.List[apiCoupling](ctx, r.client, path+"/pipeline-couplings", "id")
	})
	wg.Go(func() {
		releases, releasesErr = platform.List[apiRelease](ctx, r.client, path+"/latest-releases", "id")
	})
	wg.Wait()
	// A pipeline that isn't there fails both alike, and saying so once is
	// enough; what ends the whole call must not be lost, though.
	switch {
	case releasesErr != nil && (couplingsErr == nil || fatal(ctx, releasesErr) != nil):
		return fmt.Errorf("read its releases: %w", releasesErr)
	case couplingsErr != nil:
		return fmt.Errorf("read its couplings: %w", couplingsErr)
	}

	latest := make(map[string]*apiRelease)
	for i := range releases {
		rel := &releases[i]
		if err := rel.check(); err != nil {
			return fmt.Errorf("read its releases: %w", err)
		}
		if had := latest[rel.App.ID]; had == nil || had.Version < rel.Version {
			latest[rel.App.ID] = rel
		}
	}
	stages := make(map[string][]*coupledApp)
	stageOf := make(map[string]string)
	for _, cp := range couplings {
		had, again := stageOf[cp.App.ID]
		switch {
		case !provider.IsUUID(cp.App.ID):
			err = fmt.Errorf("the app id of a coupling is %q", printable.Short(cp.App.ID))
		case !strings.EqualFold(cp.Pipeline.ID, live.id):
			err = fmt.Errorf("a coupling is with the pipeline %q", printable.Short(cp.Pipeline.ID))
		case !stageName.MatchString(cp.Stage):
			err = fmt.Errorf("app %s is in the stage %q", cp.App.ID, printable.Short(cp.Stage))
		case again && had != cp.Stage:
			err = fmt.Errorf("app %s is in the stages %s and %s", cp.App.ID, had, cp.Stage)
		}
		if err != nil {
			return fmt.Errorf("read its couplings: %w: %w", platform.ErrBadAnswer, err)
		}
		if again {
			continue
		}
		stageOf[cp.App.ID] = cp.Stage
		app := &coupledApp{NamedID: NamedID{ID: cp.App.ID}, latest: latest[cp.App.ID]}
		if app.latest != nil {
			app.Name = app.latest.App.Name
		}
		stages[cp.Stage] = append(stages[cp.Stage], app)
	}
	live.stages = stages
	return nil
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
func (a *coupledApp) is(pick StageApp) bool {
	return a.Name == pick.App || strings.EqualFold(a.ID, pick.App)
}

// pickApps leaves only the picked apps in their stages.
func (r *resolver) pickApps(ctx context.Context) error {
	picks := slices.Clone(r.opts.Apps)
	find := func() {
		picks = slices.DeleteFunc(picks, func(pick StageApp) bool {
			found := false
			r.each(func(_ *livePipeline, stage string, app *coupledApp) {
				if stage == pick.Stage && app.is(pick) {
					app.picked, found = true, true
				}
			})
			return found
		})
	}
	find()
	if len(picks) > 0 {
		// An app without a release has told no name so far.
		g, ctx := errgroup.WithContext(ctx)
		r.each(func(_ *livePipeline, stage string, app *coupledApp) {
			if app.Name == "" && slices.ContainsFunc(picks, func(pick StageApp) bool { return pick.Stage == stage }) {
				g.Go(func() error {
					_, err := r.describe(ctx, app)
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
		r.picking = append(r.picking, Problem{Stage: pick.Stage, Err: r.notInStage(pick)})
	}
	for _, live := range r.byID {
		for stage, apps := range live.stages {
			picked := slices.DeleteFunc(slices.Clone(apps), func(a *coupledApp) bool { return !a.picked })
			if len(picked) > 1 {
				r.picking = append(r.picking, Problem{Pipeline: live.as, Stage: stage,
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
func (r *resolver) notInStage(pick StageApp) error {
	var there []*coupledApp
	var elsewhere string
	for _, live := range r.byID {
		for stage, apps := range live.stages {
			for _, app := range apps {
				switch {
				case stage == pick.Stage:
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
	return fmt.Errorf("%w: the stage %s, but not %q%s", ErrNotInStage, has, pick.App, elsewhere)
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

// describe asks for an app itself, and notes its name.
func (r *resolver) describe(ctx context.Context, app *coupledApp) (apiApp, error) {
	path, err := platform.Path("apps", app.ID)
	if err != nil {
		return apiApp{}, err
	}
	a, err := platform.Get[apiApp](ctx, r.client, path)
	if err == nil && !strings.EqualFold(a.ID, app.ID) {
		err = fmt.Errorf("%w: asked for app %s, got %q", platform.ErrBadAnswer, app.ID, printable.Short(a.ID))
	}
	if err != nil {
		return apiApp{}, err
	}
	app.Name = a.Name
	return a, nil
}

// settleApps finds out for every app what it runs.
func (r *resolver) settleApps(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	r.each(func(live *livePipeline, stage string, app *coupledApp) {
		g.Go(func() error {
			app.err = r.settle(ctx, live, stage, app)
			if errors.Is(app.err, platform.ErrNotFound) {
				app.err = fmt.Errorf("%w: %w", ErrAppGone, app.err)
			}
			return fatal(ctx, app.err)
		})
	})
	return g.Wait()
}

// selects says whether rel is the kind of release that counts.
func (r *resolver) selects(rel *apiRelease) bool {
	if r.opts.Select == LatestSucceeded {
		return rel.Status == "succeeded"
	}
	return rel.Current
}

const (
	firstPoll = 2 * time.Second // between the first two looks at a pending release
	maxPoll   = 30 * time.Second

	// searchPage is how many releases are asked for at once: nearly always the
	// running one is among the newest few.
	searchPage = 20
)

// settle fills in the outcome of app but for its error.
func (r *resolver) settle(ctx context.Context, live *livePipeline, stage string, app *coupledApp) error {
	// Whether latest-releases shows a pending release isn't documented, so
	// that whoever wants to wait for it has to ask the app itself.
	if r.opts.WaitPending == 0 && app.latest != nil && r.selects(app.latest) {
		return r.use(ctx, app, app.latest, app.latest)
	}
	for interval := firstPoll; ; interval = min(interval*3/2, maxPoll) {
		found, err := r.search(ctx, app)
		if err != nil {
			return err
		}
		waited := time.Since(r.begin)
		if found.pending == nil || waited >= r.opts.WaitPending {
			return r.conclude(ctx, app, found)
		}
		if r.opts.Progress != nil {
			r.progress.Lock()
			r.opts.Progress(SlugProgress{Pipeline: live.as, Stage: stage, App: app.NamedID,
				Release: found.pending.release(), Waited: waited, Limit: r.opts.WaitPending})
			r.progress.Unlock()
		}
		timer := time.NewTimer(min(interval, r.opts.WaitPending-waited))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// foundReleases is what an app's releases have to tell, from the newest down to
// the one that counts.
type foundReleases struct {
	selected *apiRelease // nil when none counts
	newest   *apiRelease // nil when there are none at all
	pending  *apiRelease // the newest pending one above selected, or nil
}

// search goes through the releases of app until it has the one that counts.
func (r *resolver) search(ctx context.Context, app *coupledApp) (foundReleases, error) {
	var found foundReleases
	path, err := platform.Path("apps", app.ID, "releases")
	if err != nil {
		return found, err
	}
	newestFirst := heroku.ListRange{Field: "version", Descending: true, Max: searchPage}
	last := 0
	for page, err := range platform.Pages[apiRelease](ctx, r.client, path, newestFirst) {
		if err != nil {
			return found, err
		}
		for i := range page {
			rel := &page[i]
			if err := rel.check(); err != nil {
				return found, err
			}
			// In another order the first one that counts needn't be the right
			// one, and a pending one could be missed.
			if !strings.EqualFold(rel.App.ID, app.ID) || last != 0 && rel.Version >= last {
				return found, fmt.Errorf("%w: release v%d of app %s comes after v%d of app %s",
					platform.ErrBadAnswer, rel.Version, rel.App.ID, last, app.ID)
			}
			last = rel.Version
			app.Name = rel.App.Name
			if found.newest == nil {
				found.newest = rel
			}
			if r.selects(rel) {
				found.selected = rel
				return found, nil
			}
			if rel.Status == "pending" && found.pending == nil {
				found.pending = rel
			}
		}
	}
	return found, nil
}

// conclude settles app with what was found.
func (r *resolver) conclude(ctx context.Context, app *coupledApp, found foundReleases) error {
	switch {
	case found.pending != nil && r.opts.WaitPending > 0:
		return fmt.Errorf("%w: v%d still is after %v", ErrReleasePending, found.pending.Version, r.opts.WaitPending)
	case found.selected != nil:
		return r.use(ctx, app, found.selected, found.newest)
	case found.pending != nil:
		return fmt.Errorf("%w: v%d is, and none before it can stand in", ErrReleasePending, found.pending.Version)
	case found.newest != nil:
		return fmt.Errorf("%w: the newest, v%d, is %s", ErrNoCurrent, found.newest.Version, cmp.Or(found.newest.Status, "of unknown status"))
	}
	if _, err := r.describe(ctx, app); err != nil {
		return fmt.Errorf("it has no releases: %w", err)
	}
	return fmt.Errorf("%w: it has no releases", ErrNeverReleased)
}

// use settles app with the release that counts.
func (r *resolver) use(ctx context.Context, app *coupledApp, selected, newest *apiRelease) error {
	app.release = selected.release()
	if newest.Version != selected.Version {
		app.newest = new(newest.release())
	}
	if selected.Status == "expired" {
		return fmt.Errorf("%w: release v%d is expired", ErrSlugExpired, selected.Version)
	}
	var err error
	if app.kind, app.value, err = selected.artifact(); err != nil || app.value != "" {
		return err
	}
	a, err := r.describe(ctx, app)
	if err != nil {
		return fmt.Errorf("release v%d has neither slug nor image: %w", selected.Version, err)
	}
	if a.Stack.Name == "container" || a.BuildStack.Name == "container" {
		return fmt.Errorf("%w: release v%d", ErrContainerImage, selected.Version)
	}
	return fmt.Errorf("%w: release v%d has neither slug nor image", ErrNeverReleased, selected.Version)
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
			slugs.Problems = append(slugs.Problems, Problem{Pipeline: p, Err: live.err})
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
			slugs.Problems = append(slugs.Problems, Problem{Pipeline: p, Err: noApps(live)})
		}
	}
	for stage, wanted := range stages {
		if wanted {
			slugs.Stages = append(slugs.Stages, stage)
		}
	}
	slices.Sort(slugs.Stages)
	sortArtifacts(slugs.Artifacts)
	slices.SortStableFunc(slugs.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Pipeline.Name, b.Pipeline.Name), cmp.Compare(a.Stage, b.Stage),
			cmp.Compare(a.App.Name, b.App.Name), cmp.Compare(a.App.ID, b.App.ID))
	})
	withHints(slugs.Problems)
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
			slugs.Problems = append(slugs.Problems, Problem{Pipeline: p, Stage: stage, App: app.NamedID, Err: app.err})
			known = false
		}
		agree = agree && app.kind == first.kind && app.value == first.value
	}
	if !known {
		return
	}
	if !agree {
		var runs []string
		for _, app := range apps {
			runs = append(runs, fmt.Sprintf("%s runs %s %s (v%d)", app.label(), app.kind, app.value, app.release.Version))
		}
		slugs.Problems = append(slugs.Problems, Problem{Pipeline: p, Stage: stage,
			Err: fmt.Errorf("%w: %s", ErrAppsDiffer, strings.Join(runs, ", "))})
		return
	}
	a := Artifact{
		Variable: first.kind.variable(p.Name, stage), Kind: first.kind, Value: first.value,
		Pipeline: NamedID{ID: live.id, Name: p.Name}, Stage: stage,
		App: first.NamedID, Release: first.release, Newest: first.newest,
	}
	if !provider.IsUUID(p.Ref) {
		a.Pipeline.Name = p.Ref
	}
	for _, app := range apps[1:] {
		a.Others = append(a.Others, app.NamedID)
	}
	slugs.Artifacts = append(slugs.Artifacts, a)
}
