package herokutf

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	heroku "github.com/heroku/heroku-go/v5"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/platform"
)

// A settler finds out what apps run.
type settler struct {
	client   *platform.Client
	opts     SlugOptions
	begin    time.Time
	progress sync.Mutex // serialises opts.Progress
}

// describe asks for an app itself, and notes its name.
func (s *settler) describe(ctx context.Context, app *coupledApp) (apiApp, error) {
	path, err := platform.Path("apps", app.ID)
	if err != nil {
		return apiApp{}, err
	}
	a, err := platform.Get[apiApp](ctx, s.client, path)
	if err == nil && !strings.EqualFold(a.ID, app.ID) {
		err = fmt.Errorf("%w: asked for app %s, got %q", platform.ErrBadAnswer, app.ID, printable.Short(a.ID))
	}
	if err != nil {
		return apiApp{}, err
	}
	app.Name = a.Name
	return a, nil
}

// selects says whether rel is the kind of release that counts.
func (s *settler) selects(rel *apiRelease) bool {
	if s.opts.LatestSucceeded {
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
func (s *settler) settle(ctx context.Context, live *livePipeline, stage string, app *coupledApp) error {
	// Whether latest-releases shows a pending release isn't documented, so
	// that whoever wants to wait for it has to ask the app itself.
	if s.opts.WaitPending == 0 && app.latest != nil && s.selects(app.latest) {
		return s.use(ctx, app, app.latest, app.latest)
	}
	for interval := firstPoll; ; interval = min(interval*3/2, maxPoll) {
		found, err := s.search(ctx, app)
		if err != nil {
			return err
		}
		waited := time.Since(s.begin)
		if found.pending == nil || waited >= s.opts.WaitPending {
			return s.conclude(ctx, app, found)
		}
		if s.opts.Progress != nil {
			s.progress.Lock()
			s.opts.Progress(Artifact{Pipeline: NamedID{ID: live.id, Name: live.as.Name}, Stage: stage, App: app.NamedID,
				Newest: new(found.pending.release())}, waited)
			s.progress.Unlock()
		}
		timer := time.NewTimer(min(interval, s.opts.WaitPending-waited))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// foundReleases is what an app's releases say, from the newest down to
// the one that counts.
type foundReleases struct {
	selected *apiRelease // nil when none counts
	newest   *apiRelease // nil when there are none at all
	pending  *apiRelease // the newest pending one above selected, or nil
}

// search goes through the releases of app until it has the one that counts.
func (s *settler) search(ctx context.Context, app *coupledApp) (foundReleases, error) {
	var found foundReleases
	path, err := platform.Path("apps", app.ID, "releases")
	if err != nil {
		return found, err
	}
	newestFirst := heroku.ListRange{Field: "version", Descending: true, Max: searchPage}
	last := 0
	for page, err := range platform.Pages[apiRelease](ctx, s.client, path, newestFirst) {
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
			if s.selects(rel) {
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
func (s *settler) conclude(ctx context.Context, app *coupledApp, found foundReleases) error {
	switch {
	case found.pending != nil && s.opts.WaitPending > 0:
		return fmt.Errorf("%w: v%d still is after %v", ErrReleasePending, found.pending.Version, s.opts.WaitPending)
	case found.selected != nil:
		if found.pending != nil {
			app.pending = new(found.pending.release())
		}
		return s.use(ctx, app, found.selected, found.newest)
	case found.pending != nil:
		return fmt.Errorf("%w: v%d is, and none before it can stand in", ErrReleasePending, found.pending.Version)
	case found.newest != nil:
		return fmt.Errorf("%w: the newest, v%d, is %s", ErrNoCurrent, found.newest.Version, cmp.Or(found.newest.Status, "of unknown status"))
	}
	if _, err := s.describe(ctx, app); err != nil {
		return fmt.Errorf("it has no releases: %w", err)
	}
	return fmt.Errorf("%w: it has no releases", ErrNeverReleased)
}

// use settles app with the release that counts.
func (s *settler) use(ctx context.Context, app *coupledApp, selected, newest *apiRelease) error {
	app.release = selected.release()
	app.promoted = strings.HasPrefix(selected.Description, "Promote ")
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
	a, err := s.describe(ctx, app)
	if err != nil {
		return fmt.Errorf("release v%d has neither slug nor image: %w", selected.Version, err)
	}
	if a.Stack.Name == "container" || a.BuildStack.Name == "container" {
		return fmt.Errorf("%w: release v%d", ErrContainerImage, selected.Version)
	}
	return fmt.Errorf("%w: release v%d has neither slug nor image", ErrNeverReleased, selected.Version)
}
