package herokutf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
)

// An ArtifactKind says what a release runs.
type ArtifactKind string

const (
	// KindSlug is the slug of an app of the Cedar generation.
	KindSlug ArtifactKind = "slug"

	// KindOCIImage is the OCI image of an app of the Fir generation.
	KindOCIImage ArtifactKind = "oci-image"

	// KindRelease is the release itself, which a promotion starts from: see
	// SlugOptions.ReleaseIDs.
	KindRelease ArtifactKind = "release"
)

// variable returns the Terraform variable for an artifact of kind k:
// {name}_slug_{stage}, {name}_oci_image_{stage} or {name}_release_id_{stage}.
func (k ArtifactKind) variable(name, stage string) string {
	switch k {
	case KindOCIImage:
		return name + "_oci_image_" + stage
	case KindRelease:
		return name + "_release_id_" + stage
	}
	return name + "_slug_" + stage
}

// A NamedID is an object of Heroku's: its UUID and its name.
type NamedID struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// A Release is what [ResolveSlugs] keeps of a release of an app.
type Release struct {
	ID        string    `json:"id"`         // UUID
	Version   int       `json:"version"`    // counts an app's releases from 1
	Status    string    `json:"status"`     // "succeeded", "failed", "pending", "expired", or "" where Heroku says nothing
	CreatedAt time.Time `json:"created_at"` // as Heroku has it, in UTC
	User      string    `json:"user"`       // the email address of whoever released
}

// An Artifact is what the apps of one stage of a pipeline run.
type Artifact struct {
	Variable string       `json:"variable"` // the Terraform variable, as in web_ui_slug_production
	Value    string       `json:"value"`    // UUID of the slug, OCI image or release
	Kind     ArtifactKind `json:"kind"`     // what Value identifies

	// Pipeline is the pipeline with its UUID. Its name is the one it was
	// configured by: Heroku's name when Ref was one, else [Pipeline].Name,
	// since asking for Heroku's would cost a request.
	Pipeline NamedID   `json:"pipeline"`
	Stage    string    `json:"stage"`                // "development", "staging", "production", "review" or "test"
	App      NamedID   `json:"app"`                  // the app that runs it, the first by name
	Others   []NamedID `json:"other_apps,omitempty"` // the stage's other apps, sorted by name, which all run the same; nil when there are none

	Release Release  `json:"release"`                  // the release of App that Value belongs to
	Newest  *Release `json:"newest_release,omitempty"` // App's newest release when that isn't Release, as it failed, is pending or was overtaken; else nil

	// Pending are releases of the stage's apps that are pending, and don't
	// count yet, by the app's name; nil when there are none.
	Pending map[string]Release `json:"pending,omitempty"`

	// Commit is what Value was built from, as its builder said it; "" unless
	// SlugOptions.Commits asked for it and it is known.
	Commit string `json:"commit,omitempty"`

	// ExpiresAfter is when Heroku stops keeping Value for its age, 30 days after
	// the release. After that it is deleted once the app has 20 newer releases.
	ExpiresAfter time.Time `json:"expires_after,omitzero"`
}

// Slugs is what [ResolveSlugs] found. encoding/json writes and reads it in the
// form of schemas/slugs.schema.json.
type Slugs struct {
	// Artifacts holds one artifact for each pipeline name and stage, sorted
	// by variable. Never nil.
	Artifacts []Artifact

	// Problems says what couldn't be resolved, sorted by pipeline, stage and
	// app. It is nil unless SlugOptions.KeepGoing was set.
	Problems []*SlugError

	// Pipelines and Stages say whose variables these are, with or without a
	// value: see [Slugs.Environ]. Both are sorted.
	Pipelines []Pipeline
	Stages    []string

	// Notes say what is to be known of the values besides, for people: releases
	// that are pending, slugs that Heroku is about to delete. Sorted; nil if
	// there is nothing. They aren't part of the JSON.
	Notes []string
}

// errNilSlugs is for slugs that aren't there.
var errNilSlugs = errors.New("the slugs are nil")

// Variables returns the names of the Terraform variables that have a value,
// sorted; nil slugs have none.
func (s *Slugs) Variables() []string {
	if s == nil {
		return nil
	}
	names := make([]string, 0, len(s.Artifacts))
	for _, a := range s.Artifacts {
		names = append(names, a.Variable)
	}
	slices.Sort(names)
	return names
}

// sorted returns the artifacts by variable.
func (s *Slugs) sorted() []Artifact {
	artifacts := slices.Clone(s.Artifacts)
	sortArtifacts(artifacts)
	return artifacts
}

// sortArtifacts sorts by variable.
func sortArtifacts(artifacts []Artifact) {
	slices.SortFunc(artifacts, func(a, b Artifact) int { return cmp.Compare(a.Variable, b.Variable) })
}

// Stages returns the stages that a pipeline can have, in the order in which code
// goes through them. Source: pipeline-coupling.stage in the Platform API's
// schema.
func Stages() []string { return provider.Stages() }

// ephemeral says whether the apps of stage come and go by themselves.
func ephemeral(stage string) bool { return stage == "review" || stage == "test" }

// A stageApp picks one app of a stage, by name or UUID.
type stageApp struct{ stage, app string }

// SlugOptions say what [ResolveSlugs] resolves, and how. The zero value resolves
// what runs now in every stage but review and test, all of it or nothing.
type SlugOptions struct {
	// Stages are those to resolve; others are passed over. A pipeline needs an
	// app in one of them at least. Default: all but review and test.
	Stages []string

	// Apps pick apps for stages that have several, by name or UUID: a list
	// for each stage, with at most one app of a pipeline. An app is in one
	// pipeline only, so it says which is meant. Default: every app of a stage
	// counts, and all of them have to run the same.
	Apps map[string][]string

	// LatestSucceeded resolves what the newest release with the status
	// succeeded has, current or not. Default: the release that runs, which
	// Heroku marks as current. After a failed release phase, and while one is
	// pending, that isn't the newest.
	LatestSucceeded bool

	// WaitPending is how long the whole call waits for releases that are
	// pending, until they have succeeded or failed. The newest releases of
	// each app are asked for then, one request an app, and again in growing
	// intervals as long as one is pending. Default: a pending release is
	// passed over.
	WaitPending time.Duration

	// KeepGoing has ResolveSlugs return what could be resolved, and the rest
	// in Slugs.Problems. Default: all or nothing.
	KeepGoing bool

	// Commits asks for the commit of each artifact, with one request each.
	// Default: [Artifact].Commit stays empty.
	Commits bool

	// ReleaseIDs adds an artifact of [KindRelease] for each slug and image: the
	// variable {name}_release_id_{stage} holds the UUID of the release, which
	// heroku_pipeline_promotion takes. Default: none.
	ReleaseIDs bool

	// Locked are pins from [ReadLock], which are then the result: the
	// pipelines aren't asked what they run. They have to be for the very
	// pipelines, picked apps and, if there are any, Stages. Unless Offline is set, it is checked
	// that each slug and image still exists, with one request a pipeline. A pin
	// that its app has moved on from counts as there for as long as Heroku
	// keeps slugs, for 30 days and 20 releases; one more request says what has
	// become of it then. Default: nil, and what runs is resolved.
	Locked  *Slugs
	Offline bool

	// Progress is called each time before the call waits for a pending
	// release: Newest of an artifact without a value, of which Pipeline, Stage
	// and App say where. waited is the time since the call began. Calls come
	// one at a time, from different goroutines, and hold the wait up: return
	// soon. Default: none.
	Progress func(pending Artifact, waited time.Duration)
}

// ResolveSlugs asks Heroku which slug or OCI image the apps of each stage of the
// pipelines run. All pipelines are asked at once, as far as the client's
// concurrency goes, with one request each and one for all. More are needed only for
//   - names in Pipeline.Ref: one list of all pipelines for the whole call;
//   - an app whose newest release isn't the one that counts, or doesn't show up:
//     its releases, page by page, until that one is found;
//   - an app that turns out to have neither slug nor image: one, to say why;
//   - a pipeline of which the list of all couplings lacks some: its own; and each,
//     if the account can see so many that this is fewer requests;
//   - SlugOptions.WaitPending and SlugOptions.Commits, as described there.
//
// Two pipelines may have one Ref under two names; it is asked for once then and
// feeds the variables of both. Two pipelines of one name are an error.
//
// Several apps in one stage make one artifact as long as they run the same. Apps
// of the stages review and test may vanish at any time; unless they are picked,
// they are then left out without a word.
//
// By default any problem makes the whole call fail with an error that joins a
// [*SlugError] for every problem there is; each matches one of
//   - [ErrNoPipelines], [ErrPipelineName], [ErrPipelineRef], [ErrPipelineClash],
//     [ErrSlugOptions] for what was asked, [ErrNotInStage] for a picked app, and
//     [ErrOtherPins] for SlugOptions.Locked;
//     these fail the call with SlugOptions.KeepGoing as well;
//   - [ErrAmbiguousName], [platform.ErrNotFound], [platform.ErrForbidden],
//     [ErrNoApps] for a pipeline;
//   - [ErrAppsDiffer] for a stage;
//   - [ErrNeverReleased], [ErrNoCurrent], [ErrReleasePending],
//     [ErrContainerImage], [ErrSlugExpired], [ErrAppGone],
//     [platform.ErrForbidden] for an app;
//   - [platform.ErrBadAnswer], [platform.ErrUnavailable] and other faults of a
//     [platform.RequestError] or a [platform.APIError] for what couldn't be
//     read.
//
// Other errors concern the call as a whole: the context's,
// [platform.ErrUnauthorized], [platform.ErrRateLimited],
// [platform.ErrRedirect], [platform.ErrForeignHost], and a nil client. With an
// error the result is nil.
//
// Source: "Pipeline Release" and "Pipeline Coupling" in the Platform API
// reference; "Release Phase" in the Heroku Dev Center on what a failed release
// leaves running.
func ResolveSlugs(ctx context.Context, c *platform.Client, pipelines []Pipeline, opts SlugOptions) (*Slugs, error) {
	if problems := checkSlugInput(pipelines, opts); problems != nil {
		return nil, newSlugErrors("resolve slugs", problems)
	}
	if opts.Locked != nil {
		return resolvePins(ctx, c, pipelines, opts)
	}
	if c == nil {
		return nil, errNoClient
	}
	if problems := checkNoToken(c, pipelines); problems != nil {
		return nil, newSlugErrors("resolve slugs", problems)
	}
	r := &resolver{
		client:    c,
		opts:      opts,
		pipelines: slices.SortedFunc(slices.Values(pipelines), func(a, b Pipeline) int { return cmp.Compare(a.Name, b.Name) }),
		picks:     opts.picks(),
		settler:   &settler{client: c, opts: opts, begin: time.Now()},
		byID:      make(map[string]*livePipeline),
	}
	if err := r.run(ctx); err != nil {
		return nil, wholeCall(ctx, err)
	}
	slugs := r.assemble()
	if r.misplaced || len(slugs.Problems) > 0 && !opts.KeepGoing {
		return nil, newSlugErrors("resolve slugs", slugs.Problems)
	}
	if opts.Commits {
		if err := r.settler.commits(ctx, slugs.Artifacts); err != nil {
			return nil, wholeCall(ctx, err)
		}
	}
	slugs.finish(opts, nil, time.Now())
	return slugs, nil
}

// errNoClient is for a client that isn't there.
var errNoClient = errors.New("resolve slugs: the client is nil")

// wholeCall is the error of a call that err has ended.
func wholeCall(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		err = cause
	}
	return fmt.Errorf("resolve slugs: %w", err)
}

// checkNoToken refuses what is, or looks like, an API token in the place of a
// pipeline, before it gets into a request or a message. Old tokens are UUIDs, as
// pipelines' ids are.
func checkNoToken(c *platform.Client, pipelines []Pipeline) []*SlugError {
	var problems []*SlugError
	for _, p := range pipelines {
		if err := c.CheckName("pipeline", p.Ref); err != nil {
			p.Ref = ""
			problems = append(problems, &SlugError{Pipeline: p, Err: &slugReason{"the value is an API token, not a pipeline", []error{ErrPipelineRef, err}}})
		}
	}
	return problems
}

// checkSlugInput returns everything that is wrong with what was asked.
func checkSlugInput(pipelines []Pipeline, opts SlugOptions) []*SlugError {
	var problems []*SlugError
	names := make(map[string]bool)
	for _, p := range pipelines {
		shown := p
		for _, err := range checkPipeline(p) {
			if errors.Is(err, ErrPipelineRef) {
				shown.Ref = "" // it may be a secret that is no pipeline's
			}
			problems = append(problems, &SlugError{Pipeline: shown, Err: err})
		}
		if names[p.Name] {
			problems = append(problems, &SlugError{Pipeline: shown, Err: ErrPipelineClash})
		}
		names[p.Name] = true
	}
	if len(pipelines) == 0 {
		problems = append(problems, &SlugError{Err: ErrNoPipelines})
	}
	bad := func(format string, args ...any) {
		err := fmt.Errorf("%w: "+format, append([]any{ErrSlugOptions}, args...)...)
		problems = append(problems, &SlugError{Err: err})
	}
	known := strings.Join(Stages(), ", ")
	for _, stage := range opts.Stages {
		if !slices.Contains(Stages(), stage) {
			bad("there is no stage %q; stages are %s", stage, known)
		}
	}
	for _, pick := range opts.picks() {
		switch {
		case !slices.Contains(Stages(), pick.stage):
			bad("there is no stage %q to pick app %q for; stages are %s", pick.stage, pick.app, known)
		case !opts.wants(pick.stage):
			bad("app %q is picked for stage %s, which isn't among those to resolve", pick.app, pick.stage)
		}
		if err := checkApp(pick.app); err != nil {
			bad("%w", err)
		}
	}
	switch {
	case opts.Locked == nil && opts.Offline:
		bad("without pins nothing can be resolved offline")
	case opts.Locked != nil && (opts.LatestSucceeded || opts.WaitPending != 0 || opts.Commits):
		bad("pins are taken as they are: neither other releases nor their commits are asked for")
	}
	if opts.WaitPending < 0 {
		bad("the limit for pending releases is negative: %v", opts.WaitPending)
	}
	return problems
}

// picks returns the picked apps, by stage.
func (o *SlugOptions) picks() []stageApp {
	var picks []stageApp
	for _, stage := range slices.Sorted(maps.Keys(o.Apps)) {
		for _, app := range o.Apps[stage] {
			picks = append(picks, stageApp{stage, app})
		}
	}
	return picks
}

// wants says whether stage is to be resolved.
func (o *SlugOptions) wants(stage string) bool {
	if len(o.Stages) == 0 {
		return !ephemeral(stage)
	}
	return slices.Contains(o.Stages, stage)
}

// checkApp holds what comes from a state file, an environment or a flag
// against what can identify an app, a UUID or a name, before it gets into a
// path. It returns nil or an *InvalidNameError.
func checkApp(s string) error {
	if provider.IsUUID(s) || provider.IsAppName(s) {
		return nil
	}
	return &platform.InvalidNameError{Kind: "app name or UUID", Value: printable.Short(s)}
}
