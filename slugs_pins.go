package herokutf

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
)

// How long Heroku keeps slugs and images: those of releases of the last 30 days, and
// of the newest 20 releases of an app. Source: "Releases" in the Heroku Dev Center,
// October 2025.
const (
	keptFor      = 30 * 24 * time.Hour
	keptReleases = 20

	// Of what is nearer to its end than this, a note says so.
	soonDays     = 7 * 24 * time.Hour
	soonReleases = 10
)

func expiresAfter(r Release) time.Time { return r.CreatedAt.Add(keptFor) }

// finish adds what options ask for, and the notes. newest has the versions of apps'
// newest releases that are known besides, by the id of the app.
func (s *Slugs) finish(opts SlugOptions, newest map[string]int, now time.Time) {
	var notes []string
	for _, a := range s.Artifacts {
		version := max(newest[a.App.ID], a.Release.Version)
		if a.Newest != nil {
			version = max(version, a.Newest.Version)
		}
		if note := a.Expiry(version, now); note != "" {
			notes = append(notes, note)
		}
		if opts.Locked != nil {
			continue // what was pending then is long over
		}
		for _, app := range slices.Sorted(maps.Keys(a.Pending)) {
			notes = append(notes, fmt.Sprintf("%s: release v%d of %s is pending and doesn't count yet: the variable has what runs",
				a.Variable, a.Pending[app].Version, app))
		}
	}
	slices.Sort(notes)
	s.Notes = notes
	if !opts.ReleaseIDs {
		return
	}
	for _, a := range slices.Clone(s.Artifacts) {
		a.Variable = KindRelease.variable(a.name(), a.Stage)
		a.Kind, a.Value = KindRelease, a.Release.ID
		s.Artifacts = append(s.Artifacts, a)
	}
	sortArtifacts(s.Artifacts)
}

// name returns the part of the variable's name that is the pipeline's; "" if the
// variable isn't made as this package makes them.
func (a *Artifact) name() string {
	name, ok := strings.CutSuffix(a.Variable, a.Kind.variable("", a.Stage))
	if !ok {
		return ""
	}
	return name
}

// Expiry says when Heroku deletes the artifact, if that is near: its release is
// older than 30 days, or will be within a week, and the app has 10 newer ones at
// least. newest is the version of the app's newest release. Otherwise it is "".
// Source: "Releases" in the Heroku Dev Center: slugs and images are kept for 30 days,
// and those of an app's newest 20 releases for longer.
func (a *Artifact) Expiry(newest int, now time.Time) string {
	left, behind := a.ExpiresAfter.Sub(now), newest-a.Release.Version
	if a.ExpiresAfter.IsZero() || left > soonDays || behind < soonReleases {
		return ""
	}
	what := fmt.Sprintf("%s: Heroku keeps %s %s of %s (v%d) until %s", a.Variable, a.Kind, a.Value, a.App.Name,
		a.Release.Version, a.ExpiresAfter.UTC().Format(time.DateOnly))
	switch {
	case behind < keptReleases:
		return what + fmt.Sprintf(", and as long as the app has fewer than %s", printable.Count(keptReleases-behind, "more release"))
	case left <= 0:
		return what + ", and may delete it at any time"
	}
	return what
}

// commitText is what a commit may look like to be shown: what builds a slug may
// say anything.
var commitText = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._/+-]{0,99}$`)

// built asks for a slug or an image, and returns the commit it was built from; "" if
// it has none.
func built(ctx context.Context, c *platform.Client, app string, kind ArtifactKind, value string) (commit string, err error) {
	type answer struct {
		Commit string `json:"commit"`
	}
	list := "slugs"
	if kind == KindOCIImage {
		list = "oci-images"
	}
	path, err := platform.Path("apps", app, list, value)
	if err != nil {
		return "", err
	}
	var a answer
	if kind == KindOCIImage { // which Heroku answers with a list of one
		var all []answer
		if all, err = platform.Get[[]answer](ctx, c, path); len(all) > 0 {
			a = all[0]
		}
	} else {
		a, err = platform.Get[answer](ctx, c, path)
	}
	if err != nil || !commitText.MatchString(a.Commit) {
		return "", err
	}
	return a.Commit, nil
}

// commits asks for the commits of artifacts, each once. Those that can't be had stay
// empty: they are for people.
func (s *settler) commits(ctx context.Context, artifacts []Artifact) error {
	g, ctx := errgroup.WithContext(ctx)
	for i := range artifacts {
		a := &artifacts[i]
		g.Go(func() error {
			var err error
			a.Commit, err = built(ctx, s.client, a.App.ID, a.Kind, a.Value)
			return fatal(ctx, err)
		})
	}
	return g.Wait()
}

// resolvePins returns pins as what was resolved, if they are what was asked for and
// still there.
func resolvePins(ctx context.Context, c *platform.Client, pipelines []Pipeline, opts SlugOptions) (*Slugs, error) {
	slugs, err := opts.Locked.pinned()
	if err != nil {
		return nil, fmt.Errorf("resolve slugs: %w", err)
	}
	if problems := slugs.otherPins(pipelines, opts); problems != nil {
		return nil, newSlugErrors("resolve slugs", problems)
	}
	slugs.Pipelines = slices.SortedFunc(slices.Values(pipelines), func(a, b Pipeline) int { return strings.Compare(a.Name, b.Name) })
	p := &pinCheck{client: c, newest: make(map[string]int), now: time.Now()}
	if !opts.Offline {
		if c == nil {
			return nil, errNoClient
		}
		if problems := checkNoToken(c, pipelines); problems != nil {
			return nil, newSlugErrors("resolve slugs", problems)
		}
		if err := p.run(ctx, slugs); err != nil {
			return nil, wholeCall(ctx, err)
		}
		if len(p.problems) > 0 && !opts.KeepGoing {
			return nil, newSlugErrors("resolve slugs", p.sorted())
		}
		if len(p.problems) > 0 {
			slugs.Problems = completeSlugErrors(p.sorted())
			slugs.Artifacts = slices.DeleteFunc(slugs.Artifacts, func(a Artifact) bool { return p.gone[a.Variable] })
		}
	}
	slugs.finish(opts, p.newest, p.now)
	return slugs, nil
}

// pinned returns a copy without what options add, or an error if these are no pins.
func (s *Slugs) pinned() (*Slugs, error) {
	out := *s
	out.Notes, out.Problems = nil, nil
	out.Artifacts = slices.DeleteFunc(s.sorted(), func(a Artifact) bool { return a.Kind == KindRelease })
	if out.Artifacts == nil {
		out.Artifacts = []Artifact{}
	}
	if err := out.checkPins(); err != nil {
		return nil, err
	}
	return &out, nil
}

// otherPins says where pins aren't those of the pipelines, stages and apps that are
// asked for.
func (s *Slugs) otherPins(pipelines []Pipeline, opts SlugOptions) []*SlugError {
	var problems []*SlugError
	other := func(p Pipeline, stage, format string, args ...any) {
		problems = append(problems, &SlugError{Pipeline: p, Stage: stage,
			Err: fmt.Errorf("%w: "+format, append([]any{ErrOtherPins}, args...)...)})
	}
	pins := make(map[string][]Artifact)
	for _, a := range s.Artifacts {
		pins[a.name()] = append(pins[a.name()], a)
	}
	asked := make(map[string]bool)
	for _, p := range pipelines {
		asked[p.Name] = true
		switch of := pins[p.Name]; {
		case of == nil:
			other(p, "", "none of them is of this pipeline")
		case provider.IsUUID(p.Ref) && !strings.EqualFold(p.Ref, of[0].Pipeline.ID):
			other(p, "", "they are of the pipeline %s", of[0].Pipeline.ID)
		case !provider.IsUUID(p.Ref) && p.Ref != of[0].Pipeline.Name:
			other(p, "", "they are of the pipeline %s (%s)", of[0].Pipeline.Name, of[0].Pipeline.ID)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(pins)) {
		if a := pins[name][0]; !asked[name] {
			other(Pipeline{Name: name, Ref: a.Pipeline.ID}, "", "the pipeline isn't among those asked for")
		}
	}
	have := make(map[string]bool)
	for _, a := range s.Artifacts {
		have[a.Stage] = true
	}
	for _, stage := range s.Stages {
		have[stage] = true
	}
	for _, stage := range slices.Sorted(maps.Keys(have)) {
		if len(opts.Stages) > 0 && !opts.wants(stage) {
			other(Pipeline{}, stage, "the stage isn't among those asked for")
		}
	}
	for _, stage := range slices.Compact(slices.Sorted(slices.Values(opts.Stages))) {
		if !have[stage] {
			other(Pipeline{}, stage, "they were made without the stage")
		}
	}
	for _, pick := range opts.picks() {
		if !slices.ContainsFunc(s.Artifacts, func(a Artifact) bool {
			return a.Stage == pick.stage && (a.runsOn(pick.app) || strings.EqualFold(a.App.ID, pick.app))
		}) {
			other(Pipeline{}, pick.stage, "none of them is of the app %q", pick.app)
		}
	}
	return problems
}

// A pinCheck finds out whether slugs are still there.
type pinCheck struct {
	client *platform.Client
	now    time.Time
	outage outage

	mu       sync.Mutex // guards what follows
	newest   map[string]int
	gone     map[string]bool // variables
	problems []*SlugError
}

func (p *pinCheck) sorted() []*SlugError {
	slices.SortFunc(p.problems, func(a, b *SlugError) int { return strings.Compare(a.Error(), b.Error()) })
	return p.problems
}

// run asks all pipelines at once.
func (p *pinCheck) run(ctx context.Context, slugs *Slugs) error {
	p.gone = make(map[string]bool)
	byPipeline := make(map[string][]*Artifact)
	for i := range slugs.Artifacts {
		a := &slugs.Artifacts[i]
		id := strings.ToLower(a.Pipeline.ID)
		byPipeline[id] = append(byPipeline[id], a)
	}
	g, ctx := errgroup.WithContext(ctx)
	for id, pins := range byPipeline {
		g.Go(func() error { return p.pipeline(ctx, id, pins) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return p.outage.whole()
}

// pipeline checks the pins of one pipeline: a single one by the slug itself, several
// by what their apps run now.
func (p *pinCheck) pipeline(ctx context.Context, id string, pins []*Artifact) error {
	single := !slices.ContainsFunc(pins, func(a *Artifact) bool { return a.App.ID != pins[0].App.ID || a.Value != pins[0].Value })
	if single {
		return p.ask(ctx, pins...)
	}
	path, err := platform.Path("pipelines", id, "latest-releases")
	if err != nil {
		return err
	}
	releases, err := platform.List[apiRelease](ctx, p.client, path, "id")
	var latest map[string]*apiRelease
	if err == nil {
		latest, err = newestReleases(releases)
	}
	if err != nil {
		if ended := p.outage.fatal(ctx, err); ended != nil {
			return ended
		}
		for _, a := range pins {
			p.problem(a, fmt.Errorf("look whether it is still there: %w", err))
		}
		return nil
	}
	p.outage.answered.Store(true)
	g, ctx := errgroup.WithContext(ctx)
	for _, a := range pins {
		if rel := latest[a.App.ID]; rel == nil || !p.kept(a, rel) {
			g.Go(func() error { return p.ask(ctx, a) })
		}
	}
	return g.Wait()
}

// kept says whether what is known of an app's newest release settles it: the release
// has the pin's value, or Heroku still keeps that for its age.
func (p *pinCheck) kept(a *Artifact, newest *apiRelease) bool {
	p.mu.Lock()
	p.newest[a.App.ID] = newest.Version
	p.mu.Unlock()
	kind, value, err := newest.artifact()
	switch behind := newest.Version - a.Release.Version; {
	case err != nil || behind < 0:
		return false
	case kind == a.Kind && value == a.Value:
		return newest.Status != "expired"
	case behind == 0:
		return false // the same release with something else
	default:
		return behind < keptReleases || p.now.Before(expiresAfter(a.Release))
	}
}

// ask asks for the slug or image of pins that are the same.
func (p *pinCheck) ask(ctx context.Context, pins ...*Artifact) error {
	a := pins[0]
	_, err := built(ctx, p.client, a.App.ID, a.Kind, a.Value)
	if ended := p.outage.fatal(ctx, err); ended != nil {
		return ended
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, platform.ErrNotFound):
		// That the API has no such slug says no more, and its hint is about names.
		err = &slugReason{fmt.Sprintf("%v: %s %s of release v%d, %s", ErrSlugExpired, a.Kind, a.Value, a.Release.Version,
			a.Release.CreatedAt.UTC().Format("2006-01-02 15:04 UTC")), []error{ErrSlugExpired, platform.ErrNotFound}}
	default:
		err = fmt.Errorf("look whether %s %s is still there: %w", a.Kind, a.Value, err)
	}
	for _, a := range pins {
		p.problem(a, err)
	}
	return nil
}

func (p *pinCheck) problem(a *Artifact, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone[a.Variable] = true
	p.problems = append(p.problems, &SlugError{Pipeline: Pipeline{Name: a.name(), Ref: a.Pipeline.ID}, Stage: a.Stage, App: a.App, Err: err})
}
