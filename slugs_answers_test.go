package herokutf

import (
	"context"
	"errors"
	"fmt"
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

// TestStagesOf: which apps couplings make of each stage, and what of them is no answer
// of Heroku's.
func TestStagesOf(t *testing.T) {
	latest := map[string]*apiRelease{n(5): {App: NamedID{ID: n(5), Name: "api"}, Version: 3}}
	coupling := func(app, pipeline, stage string) apiCoupling {
		return apiCoupling{App: NamedID{ID: app}, Pipeline: NamedID{ID: pipeline}, Stage: stage}
	}
	for name, tt := range map[string]struct {
		couplings []apiCoupling
		want      map[string][]NamedID
		says      string
	}{
		"none":           {nil, map[string][]NamedID{}, ""},
		"two":            {[]apiCoupling{coupling(n(5), n(1), "staging"), coupling(n(6), strings.ToUpper(n(1)), "staging")}, map[string][]NamedID{"staging": {{n(5), "api"}, {n(6), ""}}}, ""},
		"twice":          {[]apiCoupling{coupling(n(5), n(1), "staging"), coupling(n(5), n(1), "staging")}, map[string][]NamedID{"staging": {{n(5), "api"}}}, ""},
		"a new stage":    {[]apiCoupling{coupling(n(6), n(1), "canary_2")}, map[string][]NamedID{"canary_2": {{n(6), ""}}}, ""},
		"no app":         {[]apiCoupling{coupling("x", n(1), "staging")}, nil, `the app id of a coupling is "x"`},
		"pipeline":       {[]apiCoupling{coupling(n(5), n(2), "staging")}, nil, `a coupling is with the pipeline "` + n(2) + `"`},
		"no stage":       {[]apiCoupling{coupling(n(5), n(1), "Staging")}, nil, "app " + n(5) + ` is in the stage "Staging"`},
		"stage and more": {[]apiCoupling{coupling(n(5), n(1), "staging x")}, nil, "app " + n(5) + ` is in the stage "staging x"`},
		"two stages":     {[]apiCoupling{coupling(n(5), n(1), "staging"), coupling(n(5), n(1), "test")}, nil, "app " + n(5) + " is in the stages staging and test"},
	} {
		stages, err := stagesOf(n(1), tt.couplings, latest)
		if err != nil || tt.says != "" {
			if err == nil || err.Error() != tt.says || stages != nil {
				t.Errorf("%s: %v, want %s", name, err, tt.says)
			}
			continue
		}
		got := make(map[string][]NamedID)
		for stage, apps := range stages {
			for _, app := range apps {
				got[stage] = append(got[stage], app.NamedID)
				if app.latest != latest[app.ID] {
					t.Errorf("%s: the newest release of %s is %v", name, app.ID, app.latest)
				}
			}
		}
		if diff := gocmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	releases := []apiRelease{
		{ID: n(1), App: NamedID{ID: n(5)}, Version: 3}, {ID: n(2), App: NamedID{ID: n(5)}, Version: 4}, {ID: n(3), App: NamedID{ID: n(5)}, Version: 2},
		{ID: n(4), App: NamedID{ID: n(5)}, Version: 4}, {ID: n(5), App: NamedID{ID: n(6)}, Version: 1},
	}
	newest, err := newestReleases(releases)
	if err != nil || len(newest) != 2 || newest[n(5)] != &releases[1] || newest[n(6)] != &releases[4] {
		t.Errorf("newest %v, %v", newest, err)
	}
	one := []apiCoupling{coupling(n(5), n(1), "staging")}
	if covers(one, releases) || !covers(one, releases[:4]) || !covers(nil, nil) || !covers(one, nil) {
		t.Error("couplings cover others than they have")
	}
}

// TestReleaseChecks: what a release is refused for, and what it runs.
func TestReleaseChecks(t *testing.T) {
	good := apiRelease{ID: n(1), App: NamedID{ID: n(2), Name: "api"}, Version: 1, Status: "succeeded"}
	bad := platform.ErrBadAnswer.Error() + ": "
	for want, edit := range map[string]func(*apiRelease){
		"":                                       func(*apiRelease) {},
		`the app id of a release is "x"`:         func(r *apiRelease) { r.App.ID = "x" },
		`the id of a release is "x"`:             func(r *apiRelease) { r.ID = "x" },
		"release " + n(1) + " has the version 0": func(r *apiRelease) { r.Version = 0 },
		"release " + n(1) + ` has the status "\a" and is of the app "api"`:       func(r *apiRelease) { r.Status = "\a" },
		"release " + n(1) + ` has the status "succeeded" and is of the app "\a"`: func(r *apiRelease) { r.App.Name = "\a" },
	} {
		r := good
		edit(&r)
		if err := r.check(); (want == "") != (err == nil) || err != nil && err.Error() != bad+want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for name, tt := range map[string]struct {
		slug      string
		artifacts []apiArtifact
		kind      ArtifactKind
		value     string
		says      string
	}{
		"nothing":      {},
		"a slug":       {slug: n(3), kind: KindSlug, value: n(3)},
		"an image":     {artifacts: []apiArtifact{{"oci-image", n(4)}}, kind: KindOCIImage, value: n(4)},
		"other kinds":  {artifacts: []apiArtifact{{"sbom", "x"}, {"", n(4)}}},
		"the same":     {slug: n(3), artifacts: []apiArtifact{{"sbom", "x"}, {"slug", n(3)}}, kind: KindSlug, value: n(3)},
		"another":      {slug: n(3), artifacts: []apiArtifact{{"slug", n(4)}}, says: "release v1 has slug " + n(3) + " and slug " + n(4)},
		"another kind": {slug: n(3), artifacts: []apiArtifact{{"oci-image", n(3)}}, says: "release v1 has slug " + n(3) + " and oci-image " + n(3)},
		"no UUID":      {artifacts: []apiArtifact{{"oci-image", "x"}}, says: `the oci-image of release v1 is "x"`},
	} {
		r := good
		if r.Artifacts = tt.artifacts; tt.slug != "" {
			r.Slug = &NamedID{ID: tt.slug}
		}
		kind, value, err := r.artifact()
		if kind != tt.kind || value != tt.value || (err != nil) != (tt.says != "") || err != nil && err.Error() != bad+tt.says {
			t.Errorf("%s: %q %q, %v", name, kind, value, err)
		}
	}
}

// TestFindPipeline: a name is one pipeline's, or it is said whose it is, and what there
// is instead.
func TestFindPipeline(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2020, 1, d, 1, 2, 3, 0, time.FixedZone("", 3600)) }
	all := []apiPipeline{
		{strings.ToUpper(uuidA), "web", day(1)}, {n(3), "twice", day(5)}, {n(2), "twice", day(4)}, {n(9), "same", day(4)}, {n(8), "same", day(4)}, {"x", "bad", day(1)},
	}
	for name, tt := range map[string]struct {
		id, says string
		err      error
	}{
		"web":   {id: uuidA},
		"wep":   {err: platform.ErrNotFound, says: `not found: none of the 6 pipelines that this account can see has the name "wep"`},
		"bad":   {err: platform.ErrBadAnswer, says: `list pipelines: ` + platform.ErrBadAnswer.Error() + `: the id of "bad" is "x"`},
		"twice": {err: ErrAmbiguousName, says: `several pipelines have this name: "twice" is ` + n(2) + ", created 2020-01-04 00:02:03; and " + n(3) + ", created 2020-01-05 00:02:03"},
		"same":  {err: ErrAmbiguousName, says: `several pipelines have this name: "same" is ` + n(8) + ", created 2020-01-04 00:02:03; and " + n(9) + ", created 2020-01-04 00:02:03"},
	} {
		id, err := findPipeline(slices.Clone(all), name)
		if id != tt.id || !errors.Is(err, tt.err) || err != nil && err.Error() != tt.says {
			t.Errorf("%s: %q, %v", name, id, err)
		}
		live := unknownPipeline(Pipeline{name, name}, all, err)
		if live.err != err || (live.hint != "") != (tt.err == platform.ErrNotFound) || (live.near != nil) != (name == "wep") {
			t.Errorf("%s: %+v", name, live)
		}
	}
	ten := []string{"web", "a-9", "a-8", "a-7", "a-6", "a-5", "a-4", "a-3", "a-2", "a-1"}
	for _, tt := range []struct {
		names, near []string
		want        string
	}{
		{nil, nil, "The token's account can see no pipeline at all: use the token of a member of the team."},
		{[]string{"No", "x\x1b"}, nil, "The token's account can see no pipeline at all: use the token of a member of the team."},
		{[]string{"web", "No"}, []string{"web"}, `Did you mean "web"? The account can see 1 pipeline.`},
		{[]string{"web", "api"}, []string{"web", "api"}, `Did you mean "web" or "api"? The account can see 2 pipelines.`},
		{[]string{"web", "api", "No"}, nil, "The account can see api, web."},
		{ten, nil, "The account can see a-1, a-2, a-3, a-4, a-5, a-6, a-7, a-8, a-9, web."},
		{append(slices.Clone(ten), "zzz"), nil, "None of the 11 pipelines that the account can see has a name like it: try its UUID."},
	} {
		was := slices.Clone(tt.names)
		if got := pipelinesHint(tt.names, tt.near); got != tt.want || !slices.Equal(was, tt.names) {
			t.Errorf("of %q: %s", tt.names, got)
		}
	}
}

// TestSharedPages: the list of all couplings is given up where it has more pages than the
// pipelines that are asked for are worth.
func TestSharedPages(t *testing.T) {
	first := func(i int) string { return fmt.Sprintf("00000000-0000-0000-0000-%012d", i) } // before those of the fake
	page := func(from, to int, more bool) herokutest.Fault {
		var all []string
		for i := from; i < to; i++ {
			all = append(all, fmt.Sprintf(`{"id":%q,"app":{"id":%[1]q},"pipeline":{"id":%q},"stage":"test"}`, first(i), n(99)))
		}
		f := herokutest.Fault{Route: routeShared, Status: 200, Body: "[" + strings.Join(all, ",") + "]"}
		if more {
			f.Status, f.Header = 206, http.Header{"Next-Range": {fmt.Sprintf("id ]%s..; max=1000", first(to-1))}}
		}
		return f
	}
	for name, tt := range map[string]struct {
		pipelines   int
		pages       []herokutest.Fault // before those of the fake
		shared, own int
	}{
		"one page":                  {2, nil, 1, 0},
		"a full page":               {2, []herokutest.Fault{page(0, couplingsPage, true)}, 1, 2},
		"a full page, the last":     {2, []herokutest.Fault{page(0, couplingsPage, false)}, 1, 2},
		"a short page, and another": {2, []herokutest.Fault{page(0, couplingsPage-1, true)}, 2, 2},
		"of seven, a full page":     {7, []herokutest.Fault{page(0, couplingsPage, true)}, 1, 7},
		"of eight, a full page":     {8, []herokutest.Fault{page(0, couplingsPage, true)}, 2, 0},
		"of eight, two full pages":  {8, []herokutest.Fault{page(0, couplingsPage, true), page(couplingsPage, 2*couplingsPage, true)}, 2, 8},
	} {
		s := fakeHeroku(herokutest.Policy{})
		var pipelines []Pipeline
		for i := range tt.pipelines {
			app := fmt.Sprintf("app-%d", i)
			deployed(s, app, 13)
			pipeline(s, 20+i, fmt.Sprintf("pipe-%d", i), "production "+app)
			pipelines = append(pipelines, Pipeline{fmt.Sprintf("p%d", i), n(20 + i)})
		}
		for _, f := range tt.pages {
			s.Inject(f)
		}
		slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), pipelines, SlugOptions{})
		if err != nil || len(slugs.Artifacts) != tt.pipelines || s.Requests()[routeShared] != tt.shared || s.Requests()[routeCouplings] != tt.own {
			t.Errorf("%s: %v, %v", name, s.Requests(), err)
		}
	}
}

// TestOutages: an API that has answered anything isn't down as a whole, and what makes
// all requests pointless ends the call wherever it is met.
func TestOutages(t *testing.T) {
	off := func(route string) herokutest.Fault {
		return herokutest.Fault{Route: route, Status: 503, Times: -1}
	}
	for name, tt := range map[string]struct {
		faults []herokutest.Fault
		opts   SlugOptions
		refs   []string
		whole  error // nil: each pipeline, or app, has a problem
	}{
		"all couplings came":         {faults: []herokutest.Fault{off(routeLatest)}},
		"releases came":              {faults: []herokutest.Fault{off(routeShared), off(routeCouplings)}},
		"nothing came":               {faults: []herokutest.Fault{off(routeShared), off(routeCouplings), off(routeLatest)}, whole: platform.ErrUnavailable},
		"the list of pipelines came": {faults: []herokutest.Fault{off(routeShared), off(routeCouplings), off(routeLatest)}, refs: []string{"pipe-0", "pipe-1"}},
		"not even that":              {faults: []herokutest.Fault{off("GET")}, refs: []string{"pipe-0", "pipe-1"}, whole: platform.ErrUnavailable},
		"all couplings, token":       {faults: []herokutest.Fault{{Route: routeShared, Status: 401}}, whole: platform.ErrUnauthorized},
		"own couplings, token":       {faults: []herokutest.Fault{{Route: routeShared, Status: 403}, {Route: routeCouplings, Status: 401}}, whole: platform.ErrUnauthorized},
		"releases, token":            {faults: []herokutest.Fault{{Route: routeLatest, Status: 401}}, whole: platform.ErrUnauthorized},
		"pipelines, token":           {faults: []herokutest.Fault{{Route: routePipelines, Status: 401}}, refs: []string{"pipe-0", "pipe-1"}, whole: platform.ErrUnauthorized},
		"an app, token":              {faults: []herokutest.Fault{{Route: routeApp, Status: 401}}, opts: SlugOptions{Apps: map[string][]string{"production": {"empty-0", "empty-1"}}}, whole: platform.ErrUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := fakeHeroku(herokutest.Policy{})
				for i := range 2 {
					deployed(s, fmt.Sprintf("app-%d", i), 13)
					s.AddApp(herokutest.App{Name: fmt.Sprintf("empty-%d", i), Releases: []herokutest.Release{}})
					pipeline(s, 20+i, fmt.Sprintf("pipe-%d", i), fmt.Sprintf("production app-%d", i), fmt.Sprintf("production empty-%d", i))
				}
				for _, f := range tt.faults {
					s.Inject(f)
				}
				pipelines := []Pipeline{{"p0", n(20)}, {"p1", n(21)}}
				for i, ref := range tt.refs {
					pipelines[i].Ref = ref
				}
				tt.opts.KeepGoing = true
				slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), pipelines, tt.opts)
				switch {
				case tt.whole != nil:
					if slugs != nil || !errors.Is(err, tt.whole) {
						t.Errorf("got %v, %v, want %v", slugs, err, tt.whole)
					}
				case err != nil || len(slugs.Problems) != 2:
					t.Errorf("got %v, %v", slugs, err)
				default:
					for i, p := range slugs.Problems {
						if p.Pipeline != pipelines[i] || p.Stage != "" || !errors.Is(p, platform.ErrUnavailable) {
							t.Errorf("problem %+v", p)
						}
					}
				}
			})
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	other := errors.New("other")
	if err := wholeCall(ctx, other); !errors.Is(err, other) || err.Error() != "resolve slugs: other" {
		t.Errorf("got %v", err)
	}
	if fatal(ctx, other) != nil || fatal(ctx, nil) != nil {
		t.Error("any error is fatal")
	}
	cancel()
	if err := wholeCall(ctx, other); !errors.Is(err, context.Canceled) || errors.Is(err, other) {
		t.Errorf("cancelled: got %v", err)
	}
	if err := wholeCall(ctx, fmt.Errorf("step: %w", context.Canceled)); err.Error() != "resolve slugs: step: context canceled" {
		t.Errorf("cancelled: got %v", err)
	}
	if fatal(ctx, other) != other || fatal(ctx, nil) != nil {
		t.Error("a cancelled call goes on, or has an error of its own")
	}
	for err, want := range map[error]bool{
		nil: false, other: false, platform.ErrUnavailable: true, platform.ErrNotFound: false, &platform.RequestError{Err: other}: true,
		&platform.RequestError{Err: platform.ErrBadAnswer}: false, &platform.RequestError{Err: platform.ErrTooLarge}: false, &platform.RequestError{Err: platform.ErrPaging}: false,
	} {
		if got := down(err); got != want {
			t.Errorf("%v means that the API is down: %t", err, got)
		}
	}
	for _, err := range []error{platform.ErrUnauthorized, platform.ErrRateLimited, platform.ErrRedirect, platform.ErrForeignHost, platform.ErrUnreachable} {
		if wrapped := fmt.Errorf("x: %w", err); fatal(t.Context(), wrapped) != wrapped {
			t.Errorf("%v isn't fatal", err)
		}
	}
}

// TestConclusions: what is said of an app by what its releases say, whole.
func TestConclusions(t *testing.T) {
	const where = `resolve slugs: pipeline api (`
	at := where + n(1) + `), stage production, app "api-prod": `
	release := func(version int, status string, current bool) herokutest.Release {
		return herokutest.Release{Version: version, Slug: n(13), Status: status, Current: current}
	}
	for name, tt := range map[string]struct {
		app   herokutest.App
		opts  SlugOptions
		fault herokutest.Fault
		want  string
	}{
		"failed":      {app: herokutest.App{Releases: []herokutest.Release{release(1, herokutest.Failed, false), release(2, herokutest.Failed, false)}}, want: at + "none of the releases counts: the newest, v2, is failed"},
		"unknown":     {app: herokutest.App{Releases: []herokutest.Release{release(1, herokutest.Failed, false), release(2, herokutest.Null, false)}}, opts: SlugOptions{LatestSucceeded: true}, want: at + "none of the releases counts: the newest, v2, is of unknown status"},
		"pending":     {app: herokutest.App{Releases: []herokutest.Release{release(1, herokutest.Pending, false), release(2, herokutest.Pending, false)}}, want: at + "a release is pending: v2 is, and none before it can stand in"},
		"waited":      {app: herokutest.App{Releases: []herokutest.Release{release(1, "", true), release(2, herokutest.Pending, false)}}, opts: SlugOptions{WaitPending: time.Minute}, want: at + "a release is pending: v2 still is after 1m0s"},
		"expired":     {app: herokutest.App{Releases: []herokutest.Release{release(4, herokutest.Expired, true)}}, want: at + "the slug or image is deleted: release v4 is expired"},
		"no releases": {app: herokutest.App{Releases: []herokutest.Release{}}, want: at + "no code is released: it has no releases"},
		"no code":     {app: herokutest.App{Releases: []herokutest.Release{{Version: 3}}}, want: at + "no code is released: release v3 has neither slug nor image"},
		"container":   {app: herokutest.App{Stack: "container", Releases: []herokutest.Release{{Version: 3}}}, want: at + "the app runs a container image, which has no slug: release v3"},
		"to be one": {app: herokutest.App{Releases: []herokutest.Release{{Version: 3}}}, want: at + "the app runs a container image, which has no slug: release v3",
			fault: herokutest.Fault{Route: routeApp, Status: 200, Body: `{"id":"` + appID("api-prod") + `","name":"api-prod","stack":{"name":"heroku-24"},"build_stack":{"name":"container"}}`}},
		"another app": {app: herokutest.App{Releases: []herokutest.Release{{Version: 3}}}, fault: herokutest.Fault{Route: routeApp, Status: 200, Body: `{"id":"` + n(9) + `","name":"x"}`},
			want: at + "release v3 has neither slug nor image: " + platform.ErrBadAnswer.Error() + ": asked for app " + appID("api-prod") + `, got "` + n(9) + `"`},
		"no releases, out of sight": {app: herokutest.App{Releases: []herokutest.Release{}}, fault: herokutest.Fault{Route: routeApp, Status: 403},
			want: where + n(1) + "), stage production, app " + appID("api-prod") + ": it has no releases: GET /apps/" + appID("api-prod") + ": 403"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// As latest-releases may show the current ones only.
				for _, policy := range []herokutest.Policy{{}, {LatestIsCurrent: true}} {
					s := fakeHeroku(policy)
					tt.app.Name, tt.app.ID = "api-prod", appID("api-prod")
					s.AddApp(tt.app)
					pipeline(s, 1, "api", "production api-prod")
					if tt.fault.Route != "" {
						s.Inject(tt.fault)
					}
					slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), []Pipeline{{"api", n(1)}}, tt.opts)
					if slugs != nil || err == nil || !strings.HasPrefix(err.Error(), tt.want) || tt.fault.Status != 403 && err.Error() != tt.want {
						t.Errorf("%+v: got  %v\nwant %s", policy, err, tt.want)
					}
				}
			})
		})
	}
}

// TestSlugInput: everything that is wrong with what was asked for, in words.
func TestSlugInput(t *testing.T) {
	s := fakeHeroku(herokutest.Policy{})
	_, err := ResolveSlugs(t.Context(), fakeClient(t, s), []Pipeline{{"", n(1)}, {"api", "secret thing"}, {"api", n(1)}, {"a;b", "../x"}}, SlugOptions{
		Stages: []string{"prod", "production"}, WaitPending: -1, Offline: true,
		Apps: map[string][]string{"prod": {"api-eu"}, "staging": {"api-eu"}, "production": {"../x", "api-us", n(5)}},
	})
	const stages = "stages are test, review, development, staging, production"
	want := "resolve slugs: 11 problems:" + strings.Join([]string{"",
		`pipeline "": ` + ErrPipelineName.Error(),
		`pipeline "api": ` + ErrPipelineRef.Error(),
		"pipeline api (" + n(1) + "): the names are the same in lower case",
		`pipeline "a;b": ` + ErrPipelineName.Error(),
		`pipeline "a;b": ` + ErrPipelineRef.Error(),
		`not a valid option: there is no stage "prod"; ` + stages,
		`not a valid option: there is no stage "prod" to pick app "api-eu" for; ` + stages,
		`not a valid option: "../x" is not a valid app name or UUID`,
		`not a valid option: app "api-eu" is picked for stage staging, which isn't among those to resolve`,
		"not a valid option: without pins nothing can be resolved offline",
		"not a valid option: the limit for pending releases is negative: -1ns",
	}, "\n\t")
	if err == nil || err.Error() != want {
		t.Errorf("(-want +got):\n%s", gocmp.Diff(want, fmt.Sprint(err)))
	}
	pins := &Slugs{Artifacts: []Artifact{goodPin()}}
	for name, opts := range map[string]SlugOptions{"succeeded": {LatestSucceeded: true}, "waiting": {WaitPending: 1}, "commits": {Commits: true}} {
		opts.Locked = pins
		if _, err := ResolveSlugs(t.Context(), nil, []Pipeline{{"api", "api"}}, opts); err == nil || err.Error() != "resolve slugs: not a valid option: pins are taken as they are: neither other releases nor their commits are asked for" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ResolveSlugs(t.Context(), nil, []Pipeline{{"api", "api"}}, SlugOptions{Locked: &Slugs{Artifacts: []Artifact{goodPin()}}, Offline: true}); err != nil {
		t.Errorf("offline: %v", err)
	}
}

// TestRunsBefore: only what an earlier stage runs was promoted from there.
func TestRunsBefore(t *testing.T) {
	app := &coupledApp{kind: KindSlug, value: n(1)}
	latest := func(current bool, slug string) *coupledApp {
		return &coupledApp{latest: &apiRelease{Version: 1, Current: current, Slug: &NamedID{ID: slug}}}
	}
	for name, tt := range map[string]struct {
		stage string
		apps  []*coupledApp
		want  bool
	}{
		"it":                 {"staging", []*coupledApp{{kind: KindSlug, value: n(2)}, {kind: KindSlug, value: n(1)}}, true},
		"another slug":       {"staging", []*coupledApp{{kind: KindSlug, value: n(2)}}, false},
		"an image":           {"staging", []*coupledApp{{kind: KindOCIImage, value: n(1)}}, false},
		"the same stage":     {"production", []*coupledApp{{kind: KindSlug, value: n(1)}}, false},
		"another pipeline's": {"canary", []*coupledApp{{kind: KindSlug, value: n(1)}}, false},
		"not resolved":       {"development", []*coupledApp{latest(true, n(1))}, true},
		"not current":        {"development", []*coupledApp{latest(false, n(1))}, false},
		"another current":    {"development", []*coupledApp{latest(true, n(2))}, false},
		"resolved":           {"development", []*coupledApp{{kind: KindSlug, value: n(2), latest: latest(true, n(1)).latest}}, false},
		"nothing known":      {"development", []*coupledApp{{}}, false},
	} {
		live := &livePipeline{stages: map[string][]*coupledApp{tt.stage: tt.apps}}
		if got := live.runsBefore("production", app); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestPlainWords: what a dotenv file has without quotes, and words that end a text.
func TestPlainWords(t *testing.T) {
	for r := rune(1); r < 0x100; r++ {
		plain := r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("-_.", r)
		if got := quoteDotenv("x" + string(r)); (got == "x"+string(r)) != plain || !plain && got != "'x"+string(r)+"'" {
			t.Errorf("%q is written %s", r, got)
		}
		if got := printableASCII(r); got != (r >= 0x20 && r < 0x7f) {
			t.Errorf("%q is printable: %t", r, got)
		}
	}
	for _, value := range []string{"", "a\nb", "end_0"} {
		for range 3 { // a text that has the word already gets the next
			end := delimiter(value)
			if !strings.HasPrefix(end, "end_") || len(end) < 5 || strings.Contains(value, end) {
				t.Errorf("%q ends with %q", value, end)
			}
			value += "\n" + end
		}
	}
	if got := string(asciiJSON([]byte("a\u007f\u0080\uffff\U00010000\U0010ffff"))); got != "a\u007f\\u0080\\uffff\\ud800\\udc00\\udbff\\udfff" {
		t.Errorf("got %s", got)
	}
	if got := quotePowerShell("a'\uffff\U00010000~\x7f"); got != `'a''' + [char]0xffff + '' + [char]::ConvertFromUtf32(0x10000) + '~' + [char]0x7f + ''` {
		t.Errorf("got %s", got)
	}
}

// TestPipelinesUnlisted: where the pipelines can't be listed, those that are given by UUID
// are resolved all the same, and each of the others has the reason.
func TestPipelinesUnlisted(t *testing.T) {
	s := fakeHeroku(herokutest.Policy{})
	deployed(s, "api-prod", 13)
	pipeline(s, 1, "api", "production api-prod")
	pipeline(s, 2, "web")
	s.Inject(herokutest.Fault{Route: routePipelines, Status: 403, Body: `{"id":"forbidden","message":"no list for you"}`, Times: -1})
	slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), []Pipeline{{"api", n(1)}, {"web", "web"}}, SlugOptions{KeepGoing: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(slugs.Artifacts) != 1 || slugs.Artifacts[0].Value != n(13) || len(slugs.Problems) != 1 {
		t.Fatalf("got %v, problems %v", slugs.Artifacts, slugs.Problems)
	}
	if p := slugs.Problems[0]; p.Pipeline.Name != "web" || !errors.Is(p, platform.ErrForbidden) || !strings.Contains(p.Error(), "list pipelines: ") {
		t.Errorf("the problem is %+v", p)
	}
}
