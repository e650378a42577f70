package herokutf

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
)

// Routes, as herokutest counts them.
const (
	routePipelines = "GET /pipelines"
	routeCouplings = "GET /pipelines/{pipeline}/pipeline-couplings"
	routeShared    = "GET /pipeline-couplings"
	routeLatest    = "GET /pipelines/{pipeline}/latest-releases"
	routeReleases  = "GET /apps/{app}/releases"
	routeApp       = "GET /apps/{app}"
)

// n is the UUID number i of a test.
func n(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", i) }

// fakeHeroku returns a server without a socket.
func fakeHeroku(policy herokutest.Policy) *herokutest.Server {
	return herokutest.New(herokutest.Options{
		Policy: policy,
		Clock:  func() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) },
	})
}

func fakeClient(t testing.TB, transport http.RoundTripper) *platform.Client {
	t.Helper()
	c, err := platform.New(platform.Options{Token: "secret", Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// deployed adds an app that runs the given slugs' last.
func deployed(s *herokutest.Server, name string, slugs ...int) {
	s.AddApp(herokutest.App{Name: name, ID: appID(name)})
	for _, slug := range slugs {
		s.Deploy(name, n(slug))
	}
}

// appID makes the UUID of an app of its name, so that messages can be compared.
func appID(name string) string {
	sum := int64(0)
	for _, c := range name {
		sum = sum*31 + int64(c)
	}
	return fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012d", sum%1e12)
}

// pipeline adds a pipeline; couplings are written "stage app".
func pipeline(s *herokutest.Server, id int, name string, couplings ...string) {
	p := herokutest.Pipeline{ID: n(id), Name: name, CreatedAt: time.Date(2020, 1, id%28+1, 0, 0, 0, 0, time.UTC)}
	for _, c := range couplings {
		stage, app, _ := strings.Cut(c, " ")
		p.Couplings = append(p.Couplings, herokutest.Coupling{App: app, Stage: stage})
	}
	s.AddPipeline(p)
}

// brief is an artifact on one line.
func brief(a Artifact) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s=%s %s", a.Variable, strings.TrimLeft(a.Value, "0-48"), a.App.Name)
	for _, o := range a.Others {
		text.WriteString("," + o.Name)
	}
	fmt.Fprintf(&text, " v%d %s", a.Release.Version, cmp.Or(a.Release.Status, "?"))
	if a.Newest != nil {
		fmt.Fprintf(&text, " (newest v%d %s)", a.Newest.Version, a.Newest.Status)
	}
	return text.String()
}

// after makes a fault's Do wait until the first answer of route is out.
func after(route string, do func(*herokutest.Server)) func(*herokutest.Server) {
	return func(s *herokutest.Server) {
		for !slices.ContainsFunc(s.Log(), func(r herokutest.Request) bool { return r.Route == route && r.Status != 0 }) {
			time.Sleep(time.Millisecond)
		}
		do(s)
	}
}

type resolveTest struct {
	name      string
	world     func(*herokutest.Server)
	pipelines []Pipeline // nil: {"api", n(1)}
	opts      SlugOptions
	want      []string // artifacts as brief has them
	problems  []error  // what the problems wrap, in order
	contains  string   // in the error's text
	requests  map[string]int
	shown     bool // it needs latest-releases to show the newest release
}

// two is the number of requests for a pipeline of which every app's newest
// release runs.
func two(more ...map[string]int) map[string]int {
	all := map[string]int{routeCouplings: 1, routeLatest: 1}
	for _, m := range more {
		maps.Copy(all, m)
	}
	return all
}

var resolveTests = []resolveTest{
	{
		name: "every newest release runs: two requests, however many apps",
		world: func(s *herokutest.Server) {
			deployed(s, "api-dev", 11)
			deployed(s, "api-staging", 11, 12)
			deployed(s, "api-prod", 12, 13)
			deployed(s, "api-pr-1", 14)
			deployed(s, "api-ci", 15)
			pipeline(s, 1, "api", "development api-dev", "staging api-staging", "production api-prod", "review api-pr-1", "test api-ci")
		},
		want: []string{
			"api_slug_development=11 api-dev v3 succeeded",
			"api_slug_production=13 api-prod v4 succeeded",
			"api_slug_staging=12 api-staging v4 succeeded",
		},
		requests: two(),
	},
	{
		name: "stages by choice",
		world: func(s *herokutest.Server) {
			deployed(s, "api-prod", 13)
			deployed(s, "api-pr-1", 14)
			deployed(s, "api-ci", 15)
			pipeline(s, 1, "api", "production api-prod", "review api-pr-1", "test api-ci")
		},
		opts:     SlugOptions{Stages: []string{"review", "test", "staging", "review"}},
		want:     []string{"api_slug_review=14 api-pr-1 v3 succeeded", "api_slug_test=15 api-ci v3 succeeded"},
		requests: two(),
	},
	{
		name: "the newest release is of config vars only",
		world: func(s *herokutest.Server) {
			deployed(s, "api-prod", 13)
			s.SetConfigVars("api-prod", map[string]string{"A": "b"})
			pipeline(s, 1, "api", "production api-prod")
		},
		want:     []string{"api_slug_production=13 api-prod v4 succeeded"},
		requests: two(),
	},
	{
		name: "a rollback runs the old slug again",
		world: func(s *herokutest.Server) {
			deployed(s, "api-prod", 13, 14)
			s.Rollback("api-prod", 3)
			pipeline(s, 1, "api", "production api-prod")
		},
		want:     []string{"api_slug_production=13 api-prod v5 succeeded"},
		requests: two(),
	},
	{
		name: "the release phase of the newest has failed",
		world: func(s *herokutest.Server) {
			deployed(s, "api-prod", 13)
			deployed(s, "api-staging", 14)
			s.FailRelease("api-prod", n(14))
			pipeline(s, 1, "api", "production api-prod", "staging api-staging")
		},
		want: []string{
			"api_slug_production=13 api-prod v3 succeeded (newest v4 failed)",
			"api_slug_staging=14 api-staging v3 succeeded",
		},
		requests: two(map[string]int{routeReleases: 1}),
	},
	{
		name: "a config var release has failed",
		world: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "api-prod", ID: appID("api-prod"), Releases: []herokutest.Release{
				{Version: 1}, {Version: 2, Slug: n(13)}, {Version: 3, Slug: n(13), Status: herokutest.Failed},
			}})
			pipeline(s, 1, "api", "production api-prod")
		},
		want:     []string{"api_slug_production=13 api-prod v2 succeeded (newest v3 failed)"},
		requests: two(map[string]int{routeReleases: 1}),
	},
	{
		name: "the newest is pending",
		world: func(s *herokutest.Server) {
			deployed(s, "api-prod", 13)
			s.PendingRelease("api-prod", n(14))
			pipeline(s, 1, "api", "production api-prod")
		},
		want:     []string{"api_slug_production=13 api-prod v3 succeeded (newest v4 pending)"},
		requests: two(map[string]int{routeReleases: 1}),
	},
	{
		name: "45 releases have failed since: three pages",
		world: func(s *herokutest.Server) {
			deployed(s, "api-prod", 13)
			for range 45 {
				s.FailRelease("api-prod", n(14))
			}
			pipeline(s, 1, "api", "production api-prod")
		},
		want:     []string{"api_slug_production=13 api-prod v3 succeeded (newest v48 failed)"},
		requests: two(map[string]int{routeReleases: 3}),
	},
	{
		name: "the running release has no known status",
		world: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "api-prod", Releases: []herokutest.Release{{Version: 7, Slug: n(13), Status: herokutest.Null, Current: true}}})
			pipeline(s, 1, "api", "production api-prod")
		},
		want:     []string{"api_slug_production=13 api-prod v7 ?"},
		requests: two(),
	},
	{
		name: "the latest succeeded instead of the current one",
		world: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "api-prod", Releases: []herokutest.Release{
				{Version: 7, Slug: n(13)},
				{Version: 8, Slug: n(14), Status: herokutest.Null, Current: true},
				{Version: 9, Slug: n(15), Status: herokutest.Failed},
			}})
			pipeline(s, 1, "api", "production api-prod")
		},
		opts:     SlugOptions{LatestSucceeded: true},
		want:     []string{"api_slug_production=13 api-prod v7 succeeded (newest v9 failed)"},
		requests: two(map[string]int{routeReleases: 1}),
	},
	{
		name: "the running release has expired",
		world: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "api-prod", Releases: []herokutest.Release{{Version: 7, Slug: n(13), Status: herokutest.Expired, Current: true}}})
			pipeline(s, 1, "api", "production api-prod")
		},
		problems: []error{ErrSlugExpired},
		contains: `pipeline api (` + n(1) + `), stage production, app "api-prod": the slug or image is deleted: release v7 is expired`,
		requests: two(),
	},
	{
		name: "an image of the Fir generation",
		world: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "api-prod", Generation: herokutest.Fir})
			s.Deploy("api-prod", n(13))
			s.AddPipeline(herokutest.Pipeline{ID: n(1), Name: "api", Generation: herokutest.Fir,
				Couplings: []herokutest.Coupling{{App: "api-prod", Stage: "production"}}})
		},
		want:     []string{"api_oci_image_production=13 api-prod v3 succeeded"},
		requests: two(),
	},
	{
		name: "a container image has no slug",
		world: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "api-prod", Stack: "container"})
			s.Deploy("api-prod", "")
			pipeline(s, 1, "api", "production api-prod")
		},
		problems: []error{ErrContainerImage},
		requests: two(map[string]int{routeApp: 1}),
	},
	{
		name: "no code was ever released",
		world: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "api-new"})
			s.AddApp(herokutest.App{Name: "api-empty", Releases: []herokutest.Release{}})
			pipeline(s, 1, "api", "production api-new", "staging api-empty")
		},
		problems: []error{ErrNeverReleased, ErrNeverReleased},
		contains: `stage staging, app "api-empty": no code is released: it has no releases`,
		requests: two(map[string]int{routeApp: 2, routeReleases: 1}),
	},
	{
		name: "nothing but failed releases, or pending ones",
		world: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "api-prod", Releases: []herokutest.Release{
				{Version: 1, Slug: n(13), Status: herokutest.Failed}, {Version: 2, Slug: n(13), Status: herokutest.Failed}}})
			s.AddApp(herokutest.App{Name: "api-staging", Releases: []herokutest.Release{
				{Version: 1, Slug: n(13), Status: herokutest.Pending}}})
			pipeline(s, 1, "api", "production api-prod", "staging api-staging")
		},
		problems: []error{ErrNoCurrent, ErrReleasePending},
		contains: "the newest, v2, is failed",
		requests: two(map[string]int{routeReleases: 2}),
	},
	{
		name: "no access to an app",
		world: func(s *herokutest.Server) {
			deployed(s, "api-prod", 13)
			deployed(s, "api-staging", 13)
			deployed(s, "api-dev", 13)
			pipeline(s, 1, "api", "production api-prod", "staging api-staging", "development api-dev")
			s.Deny("api-prod")
			s.DenyAsError("api-staging")
		},
		problems: []error{platform.ErrForbidden, platform.ErrForbidden},
		contains: "You do not have access to the app api-prod",
		requests: two(map[string]int{routeReleases: 2}),
	},
	{
		name: "with KeepGoing the rest is resolved",
		world: func(s *herokutest.Server) {
			deployed(s, "api-prod", 13)
			deployed(s, "api-staging", 13)
			pipeline(s, 1, "api", "production api-prod", "staging api-staging")
			s.Deny("api-prod")
		},
		pipelines: []Pipeline{{"api", n(1)}, {"gone", n(99)}, {"lost", "lost"}},
		opts:      SlugOptions{KeepGoing: true},
		want:      []string{"api_slug_staging=13 api-staging v3 succeeded"},
		problems:  []error{platform.ErrForbidden, platform.ErrNotFound, platform.ErrNotFound},
		requests:  map[string]int{routePipelines: 1, routeShared: 1, routeLatest: 2, routeReleases: 1},
	},
	{
		name: "an app is deleted between the requests",
		world: func(s *herokutest.Server) {
			deployed(s, "api-prod", 13)
			deployed(s, "api-staging", 13)
			pipeline(s, 1, "api", "production api-prod", "staging api-staging")
			s.Inject(herokutest.Fault{Route: routeLatest, Do: after(routeCouplings, func(s *herokutest.Server) { s.DeleteApp("api-prod") })})
		},
		problems: []error{ErrAppGone},
		contains: "stage production, app " + appID("api-prod") + ": the app is gone",
		requests: two(map[string]int{routeReleases: 1}),
	},
	{
		name: "review apps may vanish",
		world: func(s *herokutest.Server) {
			deployed(s, "api-pr-1", 13)
			deployed(s, "api-pr-2", 14)
			pipeline(s, 1, "api", "review api-pr-1", "review api-pr-2")
			s.Inject(herokutest.Fault{Route: routeLatest, Do: after(routeCouplings, func(s *herokutest.Server) { s.DeleteApp("api-pr-1") })})
		},
		opts:     SlugOptions{Stages: []string{"review"}},
		want:     []string{"api_slug_review=14 api-pr-2 v3 succeeded"},
		requests: two(map[string]int{routeReleases: 1}),
	},
	{
		name: "a review app vanishes while its releases are read",
		world: func(s *herokutest.Server) {
			deployed(s, "api-pr-1", 13)
			deployed(s, "api-pr-2", 14)
			s.FailRelease("api-pr-1", n(15))
			pipeline(s, 1, "api", "review api-pr-1", "test api-pr-2")
			s.Inject(herokutest.Fault{Route: routeReleases, Do: func(s *herokutest.Server) {
				if _, ok := s.App("api-pr-1"); ok {
					s.DeleteApp("api-pr-1")
				}
			}})
		},
		opts:  SlugOptions{Stages: []string{"review", "test"}},
		want:  []string{"api_slug_test=14 api-pr-2 v3 succeeded"},
		shown: true,
	},
	{
		name: "all review apps vanish",
		world: func(s *herokutest.Server) {
			deployed(s, "api-pr-1", 13)
			pipeline(s, 1, "api", "review api-pr-1")
			s.Inject(herokutest.Fault{Route: routeLatest, Do: after(routeCouplings, func(s *herokutest.Server) { s.DeleteApp("api-pr-1") })})
		},
		opts:     SlugOptions{Stages: []string{"review"}},
		problems: []error{ErrNoApps},
		requests: two(map[string]int{routeReleases: 1}),
	},
	{
		name: "a picked review app must not vanish",
		world: func(s *herokutest.Server) {
			deployed(s, "api-pr-1", 13)
			pipeline(s, 1, "api", "review api-pr-1")
			s.Inject(herokutest.Fault{Route: routeLatest, Do: after(routeCouplings, func(s *herokutest.Server) { s.DeleteApp("api-pr-1") })})
		},
		opts:     SlugOptions{Stages: []string{"review"}, Apps: map[string][]string{"review": {appID("api-pr-1")}}},
		problems: []error{ErrAppGone},
		requests: two(map[string]int{routeReleases: 1}),
	},
	{
		name: "several apps of a stage run the same",
		world: func(s *herokutest.Server) {
			deployed(s, "api-us", 12, 13)
			deployed(s, "api-eu", 13)
			deployed(s, "api-au", 12)
			s.Deploy("api-au", n(13))
			s.FailRelease("api-au", n(14))
			pipeline(s, 1, "api", "production api-us", "production api-eu", "production api-au")
		},
		want:     []string{"api_slug_production=13 api-au,api-eu,api-us v4 succeeded (newest v5 failed)"},
		requests: two(map[string]int{routeReleases: 1}),
	},
	{
		name: "several apps of a stage don't run the same",
		world: func(s *herokutest.Server) {
			deployed(s, "api-us", 13)
			deployed(s, "api-eu", 14)
			pipeline(s, 1, "api", "production api-us", "production api-eu")
		},
		problems: []error{ErrAppsDiffer},
		contains: `"api-eu" runs slug ` + n(14) + ` (v3), "api-us" runs slug ` + n(13) + ` (v3)`,
		requests: two(),
	},
	{
		name: "one of several apps has no slug",
		world: func(s *herokutest.Server) {
			deployed(s, "api-us", 13)
			s.AddApp(herokutest.App{Name: "api-eu"})
			pipeline(s, 1, "api", "production api-us", "production api-eu")
		},
		problems: []error{ErrNeverReleased},
		requests: two(map[string]int{routeApp: 1}),
	},
	{
		name: "apps are picked, in two pipelines; what else there is doesn't matter",
		world: func(s *herokutest.Server) {
			deployed(s, "api-us", 13)
			deployed(s, "api-eu", 14)
			s.FailRelease("api-us", n(15))
			deployed(s, "web-us", 16)
			deployed(s, "web-eu", 17)
			pipeline(s, 1, "api", "production api-us", "production api-eu")
			pipeline(s, 2, "web", "production web-us", "production web-eu")
		},
		pipelines: []Pipeline{{"web", n(2)}, {"api", n(1)}},
		opts:      SlugOptions{Apps: map[string][]string{"production": {"api-eu", strings.ToUpper(appID("web-us"))}}},
		want:      []string{"api_slug_production=14 api-eu v3 succeeded", "web_slug_production=16 web-us v3 succeeded"},
		requests:  map[string]int{routeShared: 1, routeLatest: 2},
	},
	{
		name: "a picked app without releases is found by its name",
		world: func(s *herokutest.Server) {
			deployed(s, "api-us", 13)
			s.AddApp(herokutest.App{Name: "api-eu", Releases: []herokutest.Release{}})
			pipeline(s, 1, "api", "production api-us", "production api-eu")
		},
		opts:     SlugOptions{Apps: map[string][]string{"production": {"api-eu"}}},
		problems: []error{ErrNeverReleased},
		requests: two(map[string]int{routeApp: 2, routeReleases: 1}),
	},
	{
		name: "a picked app isn't in the stage",
		world: func(s *herokutest.Server) {
			deployed(s, "api-us", 13)
			deployed(s, "api-eu", 14)
			pipeline(s, 1, "api", "production api-us", "staging api-eu")
		},
		opts:     SlugOptions{KeepGoing: true, Apps: map[string][]string{"production": {"api-eu"}}},
		problems: []error{ErrNotInStage},
		contains: `the stage has "api-us", but not "api-eu"; it is in stage staging of pipeline api`,
		requests: two(),
	},
	{
		name: "two apps are picked for one stage",
		world: func(s *herokutest.Server) {
			deployed(s, "api-us", 13)
			deployed(s, "api-eu", 14)
			pipeline(s, 1, "api", "production api-us", "production api-eu")
		},
		opts:     SlugOptions{Apps: map[string][]string{"production": {"api-eu", "api-us", "api-us"}}},
		problems: []error{ErrSlugOptions},
		contains: `"api-eu", "api-us" are all picked`,
		requests: two(),
	},
	{
		name: "a picked app isn't blamed for a pipeline that can't be read",
		world: func(s *herokutest.Server) {
			deployed(s, "api-us", 13)
			pipeline(s, 1, "api", "production api-us")
		},
		pipelines: []Pipeline{{"api", n(1)}, {"web", n(2)}},
		opts:      SlugOptions{KeepGoing: true, Apps: map[string][]string{"production": {"web-eu"}}},
		want:      []string{"api_slug_production=13 api-us v3 succeeded"},
		problems:  []error{platform.ErrNotFound},
		requests:  map[string]int{routeShared: 1, routeLatest: 2},
	},
	{
		name:     "a pipeline without apps",
		world:    func(s *herokutest.Server) { pipeline(s, 1, "api") },
		problems: []error{ErrNoApps},
		contains: "it has none at all",
		requests: two(),
	},
	{
		name: "a pipeline without apps in the stages",
		world: func(s *herokutest.Server) {
			deployed(s, "api-pr-1", 13)
			deployed(s, "api-ci", 13)
			pipeline(s, 1, "api", "review api-pr-1", "test api-ci")
		},
		problems: []error{ErrNoApps},
		contains: "it has some in review, test",
		requests: two(),
	},
	{
		name: "names are looked up in one list, and two names may mean one pipeline",
		world: func(s *herokutest.Server) {
			deployed(s, "api-prod", 13)
			deployed(s, "web-prod", 14)
			pipeline(s, 1, "api", "production api-prod")
			pipeline(s, 2, "web-ui", "production web-prod")
		},
		pipelines: []Pipeline{{"web_ui", "web-ui"}, {"api", "api"}, {"old_api", strings.ToUpper(n(1))}},
		want: []string{
			"api_slug_production=13 api-prod v3 succeeded",
			"old_api_slug_production=13 api-prod v3 succeeded",
			"web_ui_slug_production=14 web-prod v3 succeeded",
		},
		requests: map[string]int{routePipelines: 1, routeShared: 1, routeLatest: 2},
	},
	{
		name: "two pipelines of one name",
		world: func(s *herokutest.Server) {
			pipeline(s, 4, "api")
			pipeline(s, 3, "api")
		},
		pipelines: []Pipeline{{"api", "api"}},
		problems:  []error{ErrAmbiguousName},
		contains:  n(3) + ", created 2020-01-04 00:00:00; and " + n(4) + ", created 2020-01-05 00:00:00",
		requests:  map[string]int{routePipelines: 1},
	},
	{
		name:      "a pipeline that nobody knows, by name and UUID",
		world:     func(*herokutest.Server) {},
		pipelines: []Pipeline{{"api", "api"}, {"web", n(2)}},
		problems:  []error{platform.ErrNotFound, platform.ErrNotFound},
		contains:  "2 problems:\n\tpipeline api (api): not found: none of the 0 pipelines",
		requests:  map[string]int{routePipelines: 1, routeShared: 1, routeLatest: 1},
	},
	{
		name: "a pipeline without access",
		world: func(s *herokutest.Server) {
			pipeline(s, 1, "api")
			s.Deny(n(1))
		},
		problems: []error{platform.ErrForbidden},
		requests: two(),
	},
	{
		name:  "everything that is wrong with the input at once, without a request",
		world: func(*herokutest.Server) {},
		pipelines: []Pipeline{
			{"", n(1)}, {"api", "No"}, {"api", n(1)}, {"a;b", "../x"},
		},
		opts: SlugOptions{
			KeepGoing: true, Stages: []string{"prod", "production"}, WaitPending: -1,
			Apps: map[string][]string{"prod": {"api-eu"}, "staging": {"api-eu"}, "production": {"../x"}},
		},
		problems: []error{ErrPipelineName, ErrPipelineRef, ErrPipelineClash, ErrPipelineName, ErrPipelineRef,
			ErrSlugOptions, ErrSlugOptions, platform.ErrInvalidName, ErrSlugOptions, ErrSlugOptions},
		requests: map[string]int{},
	},
	{
		name:      "no pipeline",
		world:     func(*herokutest.Server) {},
		pipelines: []Pipeline{},
		problems:  []error{ErrNoPipelines},
		requests:  map[string]int{},
	},
}

// TestResolveSlugs resolves every case under both readings of what
// latest-releases shows, which Heroku's documents leave open. The requests are
// those of the usual reading; the other one may need fewer or more.
func TestResolveSlugs(t *testing.T) {
	for _, policy := range []herokutest.Policy{{}, {LatestIsCurrent: true}, {DeniedIDNotFound: true}} {
		for _, tt := range resolveTests {
			if tt.shown && policy.LatestIsCurrent {
				continue
			}
			t.Run(fmt.Sprintf("%s/%+v", tt.name, policy), func(t *testing.T) {
				s := fakeHeroku(policy)
				tt.world(s)
				c := fakeClient(t, s)
				pipelines := tt.pipelines
				if pipelines == nil {
					pipelines = []Pipeline{{"api", n(1)}}
				}
				slugs, err := ResolveSlugs(t.Context(), c, pipelines, tt.opts)

				problems := tt.problems
				if policy.DeniedIDNotFound {
					problems = slices.Clone(problems)
					for i, p := range problems {
						if p == platform.ErrForbidden && !strings.Contains(tt.name, "pipeline without") {
							problems[i] = platform.ErrNotFound
						}
					}
				}
				var got []*SlugError
				if slugs != nil {
					got = slugs.Problems
				}
				if err != nil {
					list, ok := errors.AsType[*slugErrors](err)
					if !ok {
						t.Fatalf("got error %v, want a list of problems", err)
					}
					if slugs != nil {
						t.Errorf("got slugs with the error %v", err)
					}
					got = list.problems
					if tt.opts.KeepGoing && len(tt.want) > 0 {
						t.Errorf("got error %v with KeepGoing", err)
					}
					if strings.Contains(err.Error(), "secret") {
						t.Errorf("the token is in %q", err)
					}
				}
				if len(got) != len(problems) {
					t.Fatalf("got problems %q, want %q", got, problems)
				}
				for i, p := range got {
					if !errors.Is(p, problems[i]) {
						t.Errorf("problem %d is %q, want %q", i, p, problems[i])
					}
				}
				if policy == (herokutest.Policy{}) {
					if text := fmt.Sprint(err); !strings.Contains(text, tt.contains) {
						t.Errorf("got %q, want it to contain %q", text, tt.contains)
					}
				}
				if len(problems) > 0 && len(tt.want) == 0 && err == nil {
					t.Error("got no error")
				}

				var artifacts []string
				if slugs != nil {
					for _, a := range slugs.Artifacts {
						text := brief(a)
						if policy.LatestIsCurrent {
							text, _, _ = strings.Cut(text, " (newest")
						}
						artifacts = append(artifacts, text)
					}
				}
				want := slices.Clone(tt.want)
				if policy.LatestIsCurrent {
					for i, text := range want {
						want[i], _, _ = strings.Cut(text, " (newest")
					}
				}
				if diff := gocmp.Diff(want, artifacts); diff != "" {
					t.Errorf("artifacts (-want +got):\n%s", diff)
				}
				if policy == (herokutest.Policy{}) && tt.requests != nil {
					if diff := gocmp.Diff(tt.requests, s.Requests()); diff != "" {
						t.Errorf("requests (-want +got):\n%s", diff)
					}
				}
				if sent := c.Requests(); sent > 60 {
					t.Errorf("%d requests", sent)
				}
			})
		}
	}
}

func TestArtifactFields(t *testing.T) {
	s := fakeHeroku(herokutest.Policy{})
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	s.AddApp(herokutest.App{ID: n(5), Name: "web-prod", Releases: []herokutest.Release{
		{ID: n(6), Version: 4, Slug: n(7), User: "ann@example.com", CreatedAt: at},
		{ID: n(8), Version: 5, Slug: n(9), User: "bob@example.com", CreatedAt: at.Add(time.Hour), Status: herokutest.Failed},
	}})
	s.AddApp(herokutest.App{ID: n(10), Name: "web-prod-2", Releases: []herokutest.Release{{Version: 1, Slug: n(7)}}})
	pipeline(s, 2, "web-ui", "production web-prod", "production web-prod-2")

	slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), []Pipeline{{"web", "web-ui"}, {"by_id", n(2)}}, SlugOptions{})
	if err != nil {
		t.Fatal(err)
	}
	web := Artifact{
		Variable: "web_slug_production", Kind: KindSlug, Value: n(7), Stage: "production",
		Pipeline: NamedID{ID: n(2), Name: "web-ui"}, App: NamedID{ID: n(5), Name: "web-prod"}, Others: []NamedID{{ID: n(10), Name: "web-prod-2"}},
		Release: Release{ID: n(6), Version: 4, Status: "succeeded", CreatedAt: at, User: "ann@example.com"},
		Newest:  &Release{ID: n(8), Version: 5, Status: "failed", CreatedAt: at.Add(time.Hour), User: "bob@example.com"},

		ExpiresAfter: at.AddDate(0, 0, 30),
	}
	byID := web
	byID.Variable = "by_id_slug_production"
	byID.Pipeline.Name = "by_id"
	want := &Slugs{
		Artifacts: []Artifact{byID, web},
		Pipelines: []Pipeline{{"by_id", n(2)}, {"web", "web-ui"}},
		Stages:    []string{"development", "production", "staging"},
	}
	if diff := gocmp.Diff(want, slugs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// smallPages asks for fewer elements a page than the client does.
type smallPages struct {
	inner http.RoundTripper
}

func (t smallPages) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Range", strings.Replace(req.Header.Get("Range"), "max=1000", "max=100", 1))
	return t.inner.RoundTrip(req)
}

func TestResolveSlugsPages(t *testing.T) {
	s := fakeHeroku(herokutest.Policy{})
	var couplings []string
	for i := range 300 {
		name := fmt.Sprintf("api-%03d", i)
		deployed(s, name, 13)
		couplings = append(couplings, "production "+name)
	}
	pipeline(s, 1, "api", couplings...)
	slugs, err := ResolveSlugs(t.Context(), fakeClient(t, smallPages{s}), []Pipeline{{"api", n(1)}}, SlugOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(slugs.Artifacts) != 1 || slugs.Artifacts[0].Value != n(13) || len(slugs.Artifacts[0].Others) != 299 {
		t.Errorf("got %d artifacts, the first with %d other apps", len(slugs.Artifacts), len(slugs.Artifacts[0].Others))
	}
	if diff := gocmp.Diff(map[string]int{routeCouplings: 3, routeLatest: 3}, s.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}

	// A single app on the last page that runs something else must be noticed.
	s.Deploy("api-299", n(14))
	if _, err := ResolveSlugs(t.Context(), fakeClient(t, smallPages{s}), []Pipeline{{"api", n(1)}}, SlugOptions{}); !errors.Is(err, ErrAppsDiffer) {
		t.Errorf("got error %v, want ErrAppsDiffer", err)
	}
}

// TestOddAnswers has answers from which a wrong value could be made.
func TestOddAnswers(t *testing.T) {
	coupling := func(app, pipeline, stage string) string {
		return fmt.Sprintf(`{"id":%q,"app":{"id":%q},"pipeline":{"id":%q},"stage":%q}`, n(50), app, pipeline, stage)
	}
	release := func(app, rest string) string {
		return fmt.Sprintf(`[{"app":{"id":%q,"name":"api-prod"},"id":%q,"version":3,"status":"succeeded","current":true,%s}]`, app, n(60), rest)
	}
	good := release(n(5), `"slug":{"id":"`+n(13)+`"}`)
	tests := []struct {
		name, couplings, latest string
		want                    error
	}{
		{"none of them", "[" + coupling(n(5), n(1), "production") + "]", good, nil},
		{"an artifact beside the slug it names", "", release(n(5), `"slug":{"id":"`+n(13)+`"},"artifacts":[{"type":"slug","id":"`+n(13)+`"},{"type":"sbom","id":"x"}]`), nil},
		{"couplings that say not_found", `{"id":"not_found"}`, "", platform.ErrNotFound},
		{"couplings that are an object", `{"id":"` + n(1) + `"}`, "", nil},
		{"a coupling that says not_found", `[{"id":"not_found"}]`, "", platform.ErrBadAnswer},
		{"a coupling without an app", "[" + coupling("", n(1), "production") + "]", "", platform.ErrBadAnswer},
		{"a coupling with a path for an app", "[" + coupling("../teams", n(1), "production") + "]", "", platform.ErrBadAnswer},
		{"a coupling of another pipeline", "[" + coupling(n(5), n(2), "production") + "]", "", platform.ErrBadAnswer},
		{"a coupling with a command for a stage", "[" + coupling(n(5), n(1), "x;touch pwned") + "]", "", platform.ErrBadAnswer},
		{"an app in two stages", "[" + coupling(n(5), n(1), "production") + "," + strings.Replace(coupling(n(5), n(1), "staging"), n(50), n(51), 1) + "]", "", platform.ErrBadAnswer},
		{"a slug that is a word", "", release(n(5), `"slug":{"id":"null"}`), platform.ErrBadAnswer},
		{"a slug that is a command", "", release(n(5), `"slug":{"id":"$(touch pwned)"}`), platform.ErrBadAnswer},
		{"a slug without id", "", release(n(5), `"slug":{}`), platform.ErrBadAnswer},
		{"an image that is a word", "", release(n(5), `"slug":null,"artifacts":[{"type":"oci-image","id":"latest"}]`), platform.ErrBadAnswer},
		{"two images", "", release(n(5), `"artifacts":[{"type":"oci-image","id":"`+n(13)+`"},{"type":"oci-image","id":"`+n(14)+`"}]`), platform.ErrBadAnswer},
		{"a slug and an image", "", release(n(5), `"slug":{"id":"`+n(13)+`"},"artifacts":[{"type":"oci-image","id":"`+n(13)+`"}]`), platform.ErrBadAnswer},
		{"a slug and another one", "", release(n(5), `"slug":{"id":"`+n(13)+`"},"artifacts":[{"type":"slug","id":"`+n(14)+`"}]`), platform.ErrBadAnswer},
		{"a release without app", "", release("", `"slug":{"id":"`+n(13)+`"}`), platform.ErrBadAnswer},
		{"a status that paints the terminal", "", strings.Replace(good, "succeeded", `\u001b[2J`, 1), platform.ErrBadAnswer},
		{"a name that paints the terminal", "", strings.Replace(good, "api-prod", `api\u009b2J`, 1), platform.ErrBadAnswer},
		{"a release without id", "", strings.Replace(good, n(60), "", 1), platform.ErrBadAnswer},
		{"a release without version", "", strings.Replace(good, `"version":3,`, "", 1), platform.ErrBadAnswer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := fakeHeroku(herokutest.Policy{})
			s.AddApp(herokutest.App{ID: n(5), Name: "api-prod", Releases: []herokutest.Release{{Version: 3, Slug: n(13)}}})
			pipeline(s, 1, "api", "production api-prod")
			if tt.couplings != "" {
				s.Inject(herokutest.Fault{Route: routeCouplings, Status: 200, Body: tt.couplings})
			}
			if tt.latest != "" {
				s.Inject(herokutest.Fault{Route: routeLatest, Status: 200, Body: tt.latest})
			}
			slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), []Pipeline{{"api", n(1)}}, SlugOptions{})
			switch {
			case slugs != nil && (len(slugs.Artifacts) != 1 || slugs.Artifacts[0].Value != n(13)):
				t.Errorf("got %v", slugs.Artifacts)
			case tt.want != nil && !errors.Is(err, tt.want):
				t.Errorf("got error %v, want %v", err, tt.want)
			case tt.want == nil && (err != nil) != strings.HasSuffix(tt.name, "an object"):
				t.Errorf("got error %v", err)
			}
		})
	}
}

// TestOddReleases has lists of releases that aren't in the order asked for, or
// not of the app.
func TestOddReleases(t *testing.T) {
	release := func(app string, version int, status string, current bool) string {
		return fmt.Sprintf(`{"app":{"id":%q,"name":"api-prod"},"id":%q,"version":%d,"status":%q,"current":%t,"slug":{"id":%q}}`,
			app, n(60+version), version, status, current, n(100+version))
	}
	for name, body := range map[string]string{
		"oldest first":   release(n(5), 1, "succeeded", false) + "," + release(n(5), 2, "succeeded", true),
		"of another app": release(n(6), 2, "succeeded", true),
		"a bad status":   strings.Replace(release(n(5), 2, "succeeded", true), "succeeded", `\u001b[2J`, 1),
		"no version":     release(n(5), 0, "succeeded", true),
	} {
		t.Run(name, func(t *testing.T) {
			s := fakeHeroku(herokutest.Policy{})
			s.AddApp(herokutest.App{ID: n(5), Name: "api-prod", Releases: []herokutest.Release{{Version: 2, Slug: n(13)}, {Version: 3, Slug: n(13), Status: herokutest.Failed}}})
			pipeline(s, 1, "api", "production api-prod")
			s.Inject(herokutest.Fault{Route: routeReleases, Status: 200, Body: "[" + body + "]"})
			if slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), []Pipeline{{"api", n(1)}}, SlugOptions{}); !errors.Is(err, platform.ErrBadAnswer) {
				t.Errorf("got %v, error %v, want ErrBadAnswer", slugs, err)
			}
		})
	}
}

// TestEachRequestFailsOnce has every request of a run fail, in every way. The
// run then ends with an error or with values that are all right.
func TestEachRequestFailsOnce(t *testing.T) {
	t.Parallel()
	faults := map[string]herokutest.Fault{
		"reset": {Reset: true}, "truncated": {Truncate: true},
		"429": {Status: 429}, "429 with Retry-After": {Status: 429, RetryAfter: time.Minute},
		"500": {Status: 500}, "503 in HTML": {Status: 503, Body: "<html>down</html>"}, "302": {Status: 302},
		"401": {Status: 401}, "403": {Status: 403}, "404": {Status: 404}, "402": {Status: 402},
		"nothing": {Status: 200, Body: " "}, "null": {Status: 200, Body: "null"}, "no JSON": {Status: 200, Body: "<html>ok</html>"},
		"empty list": {Status: 200, Body: "[]"}, "empty object": {Status: 200, Body: "{}"}, "list of nothing": {Status: 200, Body: "[{}]"},
		"list of null": {Status: 200, Body: "[null]"}, "not found with 200": {Status: 200, Body: `{"id":"not_found"}`},
		"a part without an end": {Status: 206, Body: "[]"},
	}
	world := func() *herokutest.Server {
		s := fakeHeroku(herokutest.Policy{})
		deployed(s, "api-us", 13)
		deployed(s, "api-eu", 13)
		deployed(s, "api-staging", 14)
		s.FailRelease("api-staging", n(15))
		deployed(s, "web-prod", 16)
		s.PendingRelease("web-prod", n(17))
		s.AddApp(herokutest.App{Name: "box", Stack: "container"})
		pipeline(s, 1, "api", "production api-us", "production api-eu", "staging api-staging")
		pipeline(s, 2, "web", "production web-prod", "staging box")
		return s
	}
	pipelines := []Pipeline{{"api", n(1)}, {"web", "web"}}
	right := map[string]string{"api_slug_production": n(13), "api_slug_staging": n(14), "web_slug_production": n(16)}
	opts := SlugOptions{KeepGoing: true}

	s := world()
	if _, err := ResolveSlugs(t.Context(), fakeClient(t, s), pipelines, opts); err != nil {
		t.Fatal(err)
	}
	total := len(s.Log())
	if total != 7 { // a list, that of couplings, one for each pipeline, two searches, one look at the container
		t.Fatalf("%d requests: %v", total, s.Log())
	}
	for name, fault := range faults {
		for i := range total {
			t.Run(fmt.Sprintf("%s/%d", name, i), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := world()
					fault.Skip, fault.Times = i, 1
					s.Inject(fault)
					slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), pipelines, opts)
					if err != nil {
						if strings.Contains(err.Error(), "secret") {
							t.Errorf("the token is in %q", err)
						}
						return
					}
					for _, a := range slugs.Artifacts {
						if a.Value != right[a.Variable] {
							t.Errorf("%s is %s, want %s", a.Variable, a.Value, right[a.Variable])
						}
					}
					// What is missing has a problem that says so: box has one
					// anyhow, or went unread with its pipeline.
					missing := make(map[string]bool)
					for v := range right {
						if !slices.Contains(slugs.Variables(), v) {
							name, stage, _ := strings.Cut(v, "_slug_")
							missing[v] = slices.ContainsFunc(slugs.Problems, func(p *SlugError) bool {
								return p.Pipeline.Name == name && (p.Stage == "" || p.Stage == stage)
							})
						}
					}
					for v, told := range missing {
						if !told {
							t.Errorf("%s is missing; problems are %q", v, slugs.Problems)
						}
					}
					switch name {
					case "reset", "truncated", "429", "429 with Retry-After", "500", "503 in HTML":
						if len(missing) > 0 {
							t.Errorf("repeating the request should have given %v; problems are %q", missing, slugs.Problems)
						}
					}
				})
			})
		}
	}
}

func TestFaultsOfTheWholeCall(t *testing.T) {
	for name, tt := range map[string]struct {
		fault herokutest.Fault
		want  error
	}{
		"a wrong token":      {herokutest.Fault{Status: 401, Times: -1}, platform.ErrUnauthorized},
		"an empty budget":    {herokutest.Fault{Status: 429, Times: -1}, platform.ErrRateLimited},
		"another API":        {herokutest.Fault{Status: 302, Times: -1}, platform.ErrRedirect},
		"only one goes awry": {herokutest.Fault{Status: 401, Route: routeReleases}, platform.ErrUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := fakeHeroku(herokutest.Policy{})
				for i := range 10 {
					app := fmt.Sprintf("app-%d", i)
					deployed(s, app, 13)
					s.FailRelease(app, n(14))
					pipeline(s, 20+i, fmt.Sprintf("pipe-%d", i), "production "+app)
				}
				s.Inject(tt.fault)
				var pipelines []Pipeline
				for i := range 10 {
					pipelines = append(pipelines, Pipeline{fmt.Sprintf("p%d", i), n(20 + i)})
				}
				slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), pipelines, SlugOptions{KeepGoing: true})
				if slugs != nil || !errors.Is(err, tt.want) {
					t.Fatalf("got %v, error %v, want %v", slugs, err, tt.want)
				}
				if _, ok := errors.AsType[*SlugError](err); ok {
					t.Errorf("got a list of problems: %v", err)
				}
				if lines := strings.Count(err.Error(), "\n"); lines > 0 {
					t.Errorf("the error has %d lines more than one: %v", lines, err)
				}
			})
		})
	}
}

func TestResolveSlugsCancelled(t *testing.T) {
	cause := errors.New("enough")
	for name, setup := range map[string]func(*herokutest.Server) SlugOptions{
		"while a request runs": func(s *herokutest.Server) SlugOptions {
			s.Inject(herokutest.Fault{Latency: time.Hour, Times: -1})
			return SlugOptions{KeepGoing: true}
		},
		"while it waits for a release": func(s *herokutest.Server) SlugOptions {
			s.PendingRelease("api-prod", n(14))
			return SlugOptions{KeepGoing: true, WaitPending: time.Hour}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := fakeHeroku(herokutest.Policy{})
				deployed(s, "api-prod", 13)
				pipeline(s, 1, "api", "production api-prod")
				opts := setup(s)
				ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, cause)
				defer cancel()
				begin := time.Now()
				slugs, err := ResolveSlugs(ctx, fakeClient(t, s), []Pipeline{{"api", n(1)}}, opts)
				if slugs != nil || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, error %v, want the deadline's", slugs, err)
				}
				if took := time.Since(begin); took != 10*time.Second {
					t.Errorf("it took %v, want it to stop at once", took)
				}
			})
		})
	}
}

func TestWaitPending(t *testing.T) {
	tests := []struct {
		name   string
		policy herokutest.Policy
		world  func(s *herokutest.Server)
		later  func(s *herokutest.Server) // after 45 s
		opts   SlugOptions
		want   string
		err    error
		took   time.Duration
	}{
		{
			name:  "nothing is pending",
			world: func(*herokutest.Server) {},
			later: func(*herokutest.Server) {},
			want:  "api_slug_production=13 api-prod v3 succeeded",
		},
		{
			name:  "it succeeds",
			world: func(s *herokutest.Server) { s.PendingRelease("api-prod", n(14)) },
			later: func(s *herokutest.Server) { s.FinishRelease("api-prod", herokutest.Succeeded) },
			want:  "api_slug_production=14 api-prod v4 succeeded",
			took:  2*time.Second + 3*time.Second + 4500*time.Millisecond + 6750*time.Millisecond + 10125*time.Millisecond + 15187500*time.Microsecond + 22781250*time.Microsecond,
		},
		{
			name:   "it succeeds, and latest-releases never showed it",
			policy: herokutest.Policy{LatestIsCurrent: true},
			world:  func(s *herokutest.Server) { s.PendingRelease("api-prod", n(14)) },
			later:  func(s *herokutest.Server) { s.FinishRelease("api-prod", herokutest.Succeeded) },
			want:   "api_slug_production=14 api-prod v4 succeeded",
			took:   2*time.Second + 3*time.Second + 4500*time.Millisecond + 6750*time.Millisecond + 10125*time.Millisecond + 15187500*time.Microsecond + 22781250*time.Microsecond,
		},
		{
			name:  "it fails",
			world: func(s *herokutest.Server) { s.PendingRelease("api-prod", n(14)) },
			later: func(s *herokutest.Server) { s.FinishRelease("api-prod", herokutest.Failed) },
			want:  "api_slug_production=13 api-prod v3 succeeded (newest v4 failed)",
			took:  2*time.Second + 3*time.Second + 4500*time.Millisecond + 6750*time.Millisecond + 10125*time.Millisecond + 15187500*time.Microsecond + 22781250*time.Microsecond,
		},
		{
			name: "it lies below a failed one",
			world: func(s *herokutest.Server) {
				s.PendingRelease("api-prod", n(14))
				s.FailRelease("api-prod", n(15))
			},
			later: func(s *herokutest.Server) { s.FinishRelease("api-prod", herokutest.Succeeded) },
			want:  "api_slug_production=14 api-prod v4 succeeded (newest v5 failed)",
			took:  2*time.Second + 3*time.Second + 4500*time.Millisecond + 6750*time.Millisecond + 10125*time.Millisecond + 15187500*time.Microsecond + 22781250*time.Microsecond,
		},
		{
			name:  "it goes on beyond the limit",
			world: func(s *herokutest.Server) { s.PendingRelease("api-prod", n(14)) },
			later: func(*herokutest.Server) {},
			err:   ErrReleasePending,
			took:  2 * time.Minute,
		},
		{
			name:  "for the latest succeeded one, too",
			world: func(s *herokutest.Server) { s.PendingRelease("api-prod", n(14)) },
			later: func(*herokutest.Server) {},
			opts:  SlugOptions{LatestSucceeded: true},
			err:   ErrReleasePending,
			took:  2 * time.Minute,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := fakeHeroku(tt.policy)
				deployed(s, "api-prod", 13)
				deployed(s, "api-staging", 13)
				pipeline(s, 1, "api", "production api-prod", "staging api-staging")
				tt.world(s)
				time.AfterFunc(45*time.Second, func() { tt.later(s) })

				type event struct {
					Artifact
					waited time.Duration
				}
				var events []event
				opts := tt.opts
				opts.WaitPending = 2 * time.Minute
				opts.Progress = func(a Artifact, waited time.Duration) { events = append(events, event{a, waited}) }
				begin := time.Now()
				slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), []Pipeline{{"api", n(1)}}, opts)
				if took := time.Since(begin); took != tt.took {
					t.Errorf("it took %v, want %v", took, tt.took)
				}
				if !errors.Is(err, tt.err) {
					t.Fatalf("got error %v, want %v", err, tt.err)
				}
				if tt.err == nil {
					if got := brief(slugs.Artifacts[0]); got != tt.want {
						t.Errorf("got %q, want %q", got, tt.want)
					}
				}
				if (len(events) > 0) != (tt.took > 0) {
					t.Errorf("got events %v", events)
				}
				for _, e := range events {
					if e.App.Name != "api-prod" || e.Stage != "production" || e.Pipeline.Name != "api" || e.Newest.Status != "pending" || e.Value != "" || e.waited >= opts.WaitPending {
						t.Errorf("got event %+v", e)
					}
				}
				if polls := s.Requests()[routeReleases]; polls != 2+len(events) {
					t.Errorf("%d requests for releases after %d events", polls, len(events))
				}
			})
		})
	}
}

// manyPipelines has 20 pipelines of 20 apps, of which each request takes 100 ms.
func manyPipelines(s *herokutest.Server, ref func(i int) string) []Pipeline {
	var pipelines []Pipeline
	for i := range 20 {
		var couplings []string
		for j := range 20 {
			name := fmt.Sprintf("app-%d-%d", i, j)
			deployed(s, name, 13)
			couplings = append(couplings, []string{"development ", "staging ", "production "}[j%3]+name)
		}
		pipeline(s, 20+i, fmt.Sprintf("pipe-%d", i), couplings...)
		pipelines = append(pipelines, Pipeline{fmt.Sprintf("p%d", i), ref(i)})
	}
	s.Inject(herokutest.Fault{Latency: latency, Times: -1})
	return pipelines
}

const latency = 100 * time.Millisecond

func byUUID(i int) string { return n(20 + i) }
func byName(i int) string { return fmt.Sprintf("pipe-%d", i) }

// TestRoundTrips: 21 requests, all of them at once, take the time of one, and with
// names of two.
func TestRoundTrips(t *testing.T) {
	for name, tt := range map[string]struct {
		ref      func(int) string
		requests int
		trips    time.Duration
	}{
		"UUIDs": {byUUID, 21, 1},
		"names": {byName, 22, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := fakeHeroku(herokutest.Policy{})
				pipelines := manyPipelines(s, tt.ref)
				c := fakeClient(t, s)
				begin := time.Now()
				slugs, err := ResolveSlugs(t.Context(), c, pipelines, SlugOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(begin); took != tt.trips*latency {
					t.Errorf("it took %v, want %v", took, tt.trips*latency)
				}
				if len(slugs.Artifacts) != 60 || c.Requests() != tt.requests {
					t.Errorf("got %d artifacts by %d requests, want 60 by %d", len(slugs.Artifacts), c.Requests(), tt.requests)
				}
			})
		})
	}
}

// BenchmarkResolveSlugs goes over a real connection.
func BenchmarkResolveSlugs(b *testing.B) {
	for name, ref := range map[string]func(int) string{"UUIDs": byUUID, "names": byName} {
		b.Run(name, func(b *testing.B) {
			s := herokutest.NewServer()
			defer s.Close()
			pipelines := manyPipelines(s, ref)
			c, err := platform.New(platform.Options{BaseURL: s.URL, Token: "secret"})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				s.SetRateLimit(herokutest.BucketSize)
				if _, err := ResolveSlugs(b.Context(), c, pipelines, SlugOptions{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(latency), "round-trips/op")
		})
	}
}

func TestSlugHints(t *testing.T) {
	for _, err := range []error{
		ErrAmbiguousName, ErrAppsDiffer, ErrReleasePending, ErrNoCurrent, ErrNeverReleased, ErrContainerImage, ErrSlugExpired, ErrNoApps,
		&platform.APIError{Status: 403, Hint: "ask for access"}, &platform.RequestError{Err: platform.ErrPaging, Hint: "try again"},
	} {
		problem, _ := errors.AsType[*SlugError](newSlugErrors("resolve slugs", []*SlugError{{Err: fmt.Errorf("step: %w", err)}}))
		if problem.Hint == "" || !errors.Is(problem, err) {
			t.Errorf("no hint for %q, or another error: %v", err, problem)
		}
	}
	if e, ok := errors.AsType[*SlugError](newPipelinesError("P_", []*SlugError{{Err: ErrNoPipelines}})); !ok || !strings.Contains(e.Hint, "P_WEB_UI=") {
		t.Errorf("the hint of %v doesn't use the prefix", e)
	}
	var b bytes.Buffer
	s := &Slugs{Pipelines: []Pipeline{{"a", "a"}, {"b", "b"}}, Stages: []string{"staging"}, Artifacts: []Artifact{{Variable: "a_slug_staging"}}}
	err := s.Write(&b, FormatGitHub, []string{"TF_VAR_b_slug_staging=x", "TF_VAR_a_oci_image_staging=x"})
	want := "write slugs as github: 3 problems:\n\ta_slug_staging: the value is empty" +
		"\n\tTF_VAR_a_oci_image_staging: " + ErrStale.Error() + "\n\tTF_VAR_b_slug_staging: " + ErrStale.Error()
	if err == nil || err.Error() != want || !errors.Is(err, ErrStale) || !errors.Is(err, ErrUnquotable) {
		t.Errorf("got %v, want %v", err, want)
	}
	for _, p := range err.(*slugErrors).problems {
		if errors.Is(p, ErrStale) && p.Hint == "" {
			t.Errorf("%v has no hint", p)
		}
	}
}

// TestNearPipelines: a name that no pipeline has comes with those that are
// spelled like it.
func TestNearPipelines(t *testing.T) {
	s := fakeHeroku(herokutest.Policy{})
	deployed(s, "api-prod", 13)
	for i, name := range []string{"web-ui-4", "web-ui-3", "web-ui-2", "web-uis", "billing"} {
		pipeline(s, 20+i, name)
	}
	pipeline(s, 1, "api", "production api-prod")
	pipelines := []Pipeline{{"web", "web-ui"}, {"nothing", "zebra-crossing"}, {"gone", n(99)}, {"api", "api"}}
	_, err := ResolveSlugs(t.Context(), fakeClient(t, s), pipelines, SlugOptions{})
	slugs, keepErr := ResolveSlugs(t.Context(), fakeClient(t, s), pipelines, SlugOptions{KeepGoing: true})
	if err == nil || keepErr != nil {
		t.Fatalf("got errors %v, %v", err, keepErr)
	}
	for _, problems := range [][]*SlugError{err.(*slugErrors).problems, slugs.Problems} {
		near := make(map[string][]string)
		for _, p := range problems {
			near[p.Pipeline.Name] = p.Near
			if !errors.Is(p, platform.ErrNotFound) {
				t.Errorf("%v isn't ErrNotFound", p)
			}
			if got, want := p.Hint, `Did you mean "web-uis", "web-ui-2" or "web-ui-3"? The account can see 6 pipelines.`; (p.Near != nil) != (got == want) {
				t.Errorf("hint %q of %v", got, p)
			}
		}
		want := map[string][]string{"web": {"web-uis", "web-ui-2", "web-ui-3"}, "nothing": nil, "gone": nil}
		if diff := gocmp.Diff(want, near); diff != "" {
			t.Errorf("near (-want +got):\n%s", diff)
		}
	}
	if !strings.Contains(err.Error(), `none of the 6 pipelines that this account can see has the name "web-ui"`) {
		t.Errorf("got %v", err)
	}
}
