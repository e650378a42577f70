package herokutf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	heroku "github.com/heroku/heroku-go/v5"
	"github.com/herokutf/herokutf/internal/near"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"golang.org/x/sync/errgroup"
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
		ID      string  `json:"id"`
		App     NamedID `json:"app"`
		Version int     `json:"version"`
		Status  string  `json:"status"`
		Current bool    `json:"current"`
		// Description begins with "Promote" where a promotion made the release.
		Description string    `json:"description"`
		CreatedAt   time.Time `json:"created_at"`
		User        struct {
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
			return r.outage.fatal(ctx, listErr)
		})
	}
	couplings := r.shareCouplings(ctx, g)
	r.live = make([]*livePipeline, len(r.pipelines))
	for i, p := range r.pipelines {
		g.Go(func() error {
			id := strings.ToLower(p.Ref)
			if !provider.IsUUID(id) {
				<-listed
				if listErr != nil {
					r.live[i] = &livePipeline{err: fmt.Errorf("list pipelines: %w", listErr)}
					return nil
				}
				var err error
				if id, err = findPipeline(all, p.Ref); err != nil {
					r.live[i] = unknownPipeline(p, all, err)
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
			live.err = r.readPipeline(ctx, live, couplings)
			return r.outage.fatal(ctx, live.err)
		})
	}
	return g.Wait()
}

// unknownPipeline is what is known of a name that leads to no pipeline.
func unknownPipeline(p Pipeline, all []apiPipeline, err error) *livePipeline {
	live := &livePipeline{err: err}
	if errors.Is(err, platform.ErrNotFound) {
		names := pipelineNames(all)
		live.near = near.Names(p.Ref, names)
		live.hint = pipelinesHint(names, live.near)
	}
	return live
}

// pipelinesHint says which pipelines there are in the place of one that there isn't.
func pipelinesHint(names, near []string) string {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !pipelineName.MatchString(name) })
	slices.Sort(names)
	switch {
	case len(names) == 0:
		return "The token's account can see no pipeline at all: use the token of a member of the team."
	case len(near) > 0:
		return "Did you mean " + quoteAny(near) + "? The account can see " + printable.Count(len(names), "pipeline") + "."
	case len(names) > 10:
		return fmt.Sprintf("None of the %d pipelines that the account can see has a name like it: try its UUID.", len(names))
	}
	return "The account can see " + strings.Join(names, ", ") + "."
}

// sharedCouplings are the couplings of all pipelines that the account can see.
type sharedCouplings struct {
	done       chan struct{} // closed when they have been read
	byPipeline map[string][]apiCoupling
}

// shareCouplings begins to read the couplings of all pipelines in one list. It
// returns nil if the lists of the single pipelines are as few requests.
func (r *resolver) shareCouplings(ctx context.Context, g *errgroup.Group) *sharedCouplings {
	refs := make(map[string]bool)
	for _, p := range r.pipelines {
		refs[strings.ToLower(p.Ref)] = true
	}
	if len(refs) < 2 {
		return nil
	}
	shared := &sharedCouplings{done: make(chan struct{})}
	g.Go(func() error {
		defer close(shared.done)
		// An account may see so many more pipelines than are asked for that
		// their own lists are fewer pages.
		most := max(1, len(refs)/4)
		byPipeline := make(map[string][]apiCoupling)
		pages := 0
		for page, err := range platform.Pages[apiCoupling](ctx, r.client, "/pipeline-couplings", heroku.ListRange{Field: "id", Max: couplingsPage}) {
			if err != nil {
				// Each pipeline is asked for its own then.
				return r.outage.fatal(ctx, err)
			}
			for _, c := range page {
				id := strings.ToLower(c.Pipeline.ID)
				byPipeline[id] = append(byPipeline[id], c)
			}
			r.outage.answered.Store(true)
			if pages++; pages == most && len(page) >= couplingsPage || pages > most {
				return nil
			}
		}
		shared.byPipeline = byPipeline
		return nil
	})
	return shared
}

// couplingsPage is how many couplings are asked for at once, the most that Heroku
// gives.
const couplingsPage = 1000

// of returns the couplings of a pipeline; nil if its own list has to be read. It
// waits until the list of all is there.
func (s *sharedCouplings) of(id string) []apiCoupling {
	if s == nil {
		return nil
	}
	<-s.done
	return s.byPipeline[id]
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

func pipelineNames(all []apiPipeline) []string {
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.Name
	}
	return names
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
// at once. Couplings that are among the shared ones aren't read again.
func (r *resolver) readPipeline(ctx context.Context, live *livePipeline, shared *sharedCouplings) error {
	path, err := platform.Path("pipelines", live.id)
	if err != nil {
		return err
	}
	own := func() ([]apiCoupling, error) {
		return platform.List[apiCoupling](ctx, r.client, path+"/pipeline-couplings", "id")
	}
	var couplings []apiCoupling
	var releases []apiRelease
	var couplingsErr, releasesErr error
	var wg sync.WaitGroup
	if shared == nil {
		wg.Go(func() { couplings, couplingsErr = own() })
	}
	wg.Go(func() {
		releases, releasesErr = platform.List[apiRelease](ctx, r.client, path+"/latest-releases", "id")
	})
	wg.Wait()
	// A pipeline that isn't there fails both alike, and saying so once is
	// enough; but an error that ends the whole call has precedence.
	switch {
	case releasesErr != nil && (couplingsErr == nil || fatal(ctx, releasesErr) != nil):
		return fmt.Errorf("read its releases: %w", releasesErr)
	case couplingsErr != nil:
		return fmt.Errorf("read its couplings: %w", couplingsErr)
	}
	r.outage.answered.Store(true)
	if shared != nil {
		// That the list of all pipelines has each app of each isn't documented.
		if couplings = shared.of(live.id); couplings == nil || !covers(couplings, releases) {
			if couplings, err = own(); err != nil {
				return fmt.Errorf("read its couplings: %w", err)
			}
		}
	}
	latest, err := newestReleases(releases)
	if err != nil {
		return fmt.Errorf("read its releases: %w", err)
	}
	if live.stages, err = stagesOf(live.id, couplings, latest); err != nil {
		return fmt.Errorf("read its couplings: %w: %w", platform.ErrBadAnswer, err)
	}
	return nil
}

// covers says whether every app that has a release has a coupling.
func covers(couplings []apiCoupling, releases []apiRelease) bool {
	apps := make(map[string]bool)
	for _, c := range couplings {
		apps[c.App.ID] = true
	}
	return !slices.ContainsFunc(releases, func(rel apiRelease) bool { return !apps[rel.App.ID] })
}

// newestReleases returns the newest of releases for each app, by its id.
func newestReleases(releases []apiRelease) (map[string]*apiRelease, error) {
	latest := make(map[string]*apiRelease)
	for i := range releases {
		rel := &releases[i]
		if err := rel.check(); err != nil {
			return nil, err
		}
		if had := latest[rel.App.ID]; had == nil || had.Version < rel.Version {
			latest[rel.App.ID] = rel
		}
	}
	return latest, nil
}

// stagesOf returns the apps of each stage of the pipeline with the given id.
func stagesOf(id string, couplings []apiCoupling, latest map[string]*apiRelease) (map[string][]*coupledApp, error) {
	stages := make(map[string][]*coupledApp)
	stageOf := make(map[string]string)
	for _, cp := range couplings {
		had, again := stageOf[cp.App.ID]
		switch {
		case !provider.IsUUID(cp.App.ID):
			return nil, fmt.Errorf("the app id of a coupling is %q", printable.Short(cp.App.ID))
		case !strings.EqualFold(cp.Pipeline.ID, id):
			return nil, fmt.Errorf("a coupling is with the pipeline %q", printable.Short(cp.Pipeline.ID))
		case !stageName.MatchString(cp.Stage):
			return nil, fmt.Errorf("app %s is in the stage %q", cp.App.ID, printable.Short(cp.Stage))
		case again && had != cp.Stage:
			return nil, fmt.Errorf("app %s is in the stages %s and %s", cp.App.ID, had, cp.Stage)
		case again:
			continue
		}
		stageOf[cp.App.ID] = cp.Stage
		app := &coupledApp{NamedID: NamedID{ID: cp.App.ID}, latest: latest[cp.App.ID]}
		if app.latest != nil {
			app.Name = app.latest.App.Name
		}
		stages[cp.Stage] = append(stages[cp.Stage], app)
	}
	return stages, nil
}
