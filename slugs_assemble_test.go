package herokutf

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
)

// TestAssemble: artifacts by variable, problems by pipeline, stage and app, and the
// stages whose variables these are.
func TestAssemble(t *testing.T) {
	app := func(name, id string, value int, err error) *coupledApp {
		a := &coupledApp{NamedID: NamedID{ID: id, Name: name}, kind: KindSlug, value: n(value), release: Release{ID: n(50), Version: 3, CreatedAt: time.Unix(0, 0).UTC()}, err: err}
		if err != nil {
			a.value = ""
		}
		return a
	}
	gone := fmt.Errorf("%w: %w", ErrAppGone, platform.ErrNotFound)
	picked := app("picked", n(9), 1, gone)
	picked.picked = true
	live := []*livePipeline{
		{id: n(1), stages: map[string][]*coupledApp{"staging": {app("b", n(3), 7, nil), app("a", n(4), 7, nil)}, "production": {app("b", n(5), 1, ErrNoCurrent), app("a", n(7), 1, ErrNoCurrent), app("a", n(6), 1, ErrNoCurrent), app("c", n(8), 2, nil)},
			"canary": {app("d", n(2), 8, nil)}, "review": {app("e", n(2), 8, nil)}}},
		{err: platform.ErrNotFound, near: []string{"near"}, hint: "hint"},
		{id: n(3), stages: map[string][]*coupledApp{}},
		{id: n(4), stages: map[string][]*coupledApp{"review": {app("x", n(2), 8, nil)}}},
		{id: n(5), stages: map[string][]*coupledApp{"staging": {app("y", n(2), 8, nil), app("z", n(3), 9, nil)}}},
	}
	pipelines := []Pipeline{{"api", n(1)}, {"lost", "lost"}, {"none", n(3)}, {"only", "only"}, {"two", n(5)}}
	r := &resolver{pipelines: pipelines, live: live, picking: []*SlugError{{Stage: "test", Err: ErrNotInStage}}}
	got := r.assemble()
	var texts []string
	for _, p := range got.Problems {
		texts = append(texts, p.Error()+" | "+p.Hint)
	}
	if diff := gocmp.Diff([]string{
		"stage test: the app isn't in the stage | ",
		"pipeline api (" + n(1) + `), stage production, app "a": none of the releases counts | Release to the app, or resolve other stages only.`,
		"pipeline api (" + n(1) + `), stage production, app "a": none of the releases counts | Release to the app, or resolve other stages only.`,
		"pipeline api (" + n(1) + `), stage production, app "b": none of the releases counts | Release to the app, or resolve other stages only.`,
		`pipeline lost (lost): not found | hint`,
		"pipeline none (" + n(3) + "): the pipeline has no app in the stages to resolve: it has none at all | Add apps to the pipeline, or name the stages to resolve.",
		"pipeline only (only): the pipeline has no app in the stages to resolve: it has some in review | Add apps to the pipeline, or name the stages to resolve.",
		"pipeline two (" + n(5) + `), stage staging: the apps of the stage don't run the same: "y" runs slug ` + n(8) + ` (v3), "z" runs slug ` + n(9) + " (v3) | Pick one of the apps for the stage, or release the same to all of them.",
	}, strings.Split(strings.ReplaceAll(strings.Join(texts, "\n"), "Did you mean \"near\"?", "hint"), "\n")); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if first, second := got.Problems[1].App.ID, got.Problems[2].App.ID; first != n(6) || second != n(7) {
		t.Errorf("apps of one name: %s, %s", first, second)
	}
	release := Release{ID: n(50), Version: 3, CreatedAt: time.Unix(0, 0).UTC()}
	artifact := func(stage string, value int, app NamedID, others ...NamedID) Artifact {
		return Artifact{Variable: "api_slug_" + stage, Value: n(value), Kind: KindSlug, Pipeline: NamedID{n(1), "api"}, Stage: stage, App: app, Others: others, Release: release, ExpiresAfter: time.Unix(30*24*3600, 0).UTC()}
	}
	got.Problems = nil
	want := &Slugs{Artifacts: []Artifact{artifact("canary", 8, NamedID{n(2), "d"}), artifact("staging", 7, NamedID{n(4), "a"}, NamedID{n(3), "b"})}, Pipelines: pipelines,
		Stages: []string{"canary", "development", "production", "staging"}}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// What may vanish does so without a word, unless it was picked.
	for name, tt := range map[string]struct {
		apps      []*coupledApp
		stage     string
		artifacts int
		problems  int
	}{
		"one of two":      {[]*coupledApp{app("x", n(2), 1, gone), app("y", n(3), 1, nil)}, "review", 1, 0},
		"all":             {[]*coupledApp{app("x", n(2), 1, gone)}, "review", 0, 1},
		"picked":          {[]*coupledApp{picked}, "test", 0, 1},
		"another fault":   {[]*coupledApp{app("x", n(2), 1, ErrNoCurrent), app("y", n(3), 1, nil)}, "review", 0, 1},
		"in staging":      {[]*coupledApp{app("x", n(2), 1, gone), app("y", n(3), 1, nil)}, "staging", 0, 1},
		"another kind":    {[]*coupledApp{app("x", n(2), 1, nil), {NamedID: NamedID{n(3), "y"}, kind: KindOCIImage, value: n(1)}}, "staging", 0, 1},
		"another, of two": {[]*coupledApp{app("x", n(2), 1, nil), app("y", n(3), 2, nil), app("z", n(4), 1, nil)}, "staging", 0, 1},
	} {
		r := &resolver{opts: SlugOptions{Stages: []string{tt.stage}}, pipelines: []Pipeline{{"api", n(1)}}, live: []*livePipeline{{id: n(1), stages: map[string][]*coupledApp{tt.stage: tt.apps}}}}
		if got := r.assemble(); len(got.Artifacts) != tt.artifacts || len(got.Problems) != tt.problems {
			t.Errorf("%s: %v, %v", name, got.Artifacts, got.Problems)
		}
	}
	r = &resolver{misplaced: true, pipelines: pipelines[:1], live: live[:1], picking: []*SlugError{{Stage: "test", Err: ErrNotInStage}}}
	if got := r.assemble(); len(got.Artifacts) != 0 || len(got.Problems) != 1 {
		t.Errorf("misplaced: %v, %v", got.Artifacts, got.Problems)
	}
}

// TestPicks: what is said of apps that are picked and aren't there, or are there twice.
func TestPicks(t *testing.T) {
	at := func(ref string) string { return "pipeline " + ref }
	for name, tt := range map[string]struct {
		picks map[string][]string
		want  []string // the problems; nil: none
	}{
		"by name":             {map[string][]string{"production": {"api-us"}}, nil},
		"by UUID":             {map[string][]string{"production": {strings.ToUpper(appID("api-us"))}}, nil},
		"one of each":         {map[string][]string{"production": {"api-us", "web-us"}}, nil},
		"twice the same":      {map[string][]string{"production": {"api-us", appID("api-us")}}, nil},
		"without releases":    {map[string][]string{"production": {"api-bare"}}, []string{at("api (" + n(1) + `), stage production, app "api-bare": no code is released: it has no releases`)}},
		"in another stage":    {map[string][]string{"production": {"api-staging"}}, []string{`stage production: the app isn't in the stage: the stage has "api-bare", "api-eu", "api-us", "web-us", but not "api-staging"; it is in stage staging of pipeline api`}},
		"nowhere":             {map[string][]string{"staging": {"nobody"}}, []string{`stage staging: the app isn't in the stage: the stage has "api-staging", but not "nobody"`}},
		"in an empty stage":   {map[string][]string{"development": {"api-eu"}}, []string{`stage development: the app isn't in the stage: the stage has no apps, but not "api-eu"; it is in stage production of pipeline api`}},
		"two of one pipeline": {map[string][]string{"production": {"api-us", "api-eu"}}, []string{at("api (" + n(1) + `), stage production: not a valid option: "api-eu", "api-us" are all picked`)}},
		"two faults": {map[string][]string{"production": {"api-us", "api-eu"}, "staging": {"nobody"}}, []string{`stage staging: the app isn't in the stage: the stage has "api-staging", but not "nobody"`,
			at("api (" + n(1) + `), stage production: not a valid option: "api-eu", "api-us" are all picked`)}},
	} {
		s := fakeHeroku(herokutest.Policy{})
		for _, app := range []string{"api-us", "api-eu", "web-us", "api-staging"} {
			deployed(s, app, 13)
		}
		s.Deploy("api-eu", n(14))
		s.AddApp(herokutest.App{Name: "api-bare", Releases: []herokutest.Release{}})
		pipeline(s, 1, "api", "production api-us", "production api-eu", "production api-bare", "staging api-staging")
		pipeline(s, 2, "web", "production web-us")
		opts := SlugOptions{Apps: tt.picks}
		if name == "by name" || name == "by UUID" || name == "twice the same" {
			opts.KeepGoing = true
		}
		slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), []Pipeline{{"api", n(1)}, {"web", n(2)}}, opts)
		var got []string
		if list, ok := errors.AsType[*slugErrors](err); ok {
			for _, p := range list.problems {
				got = append(got, p.Error())
			}
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := gocmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if tt.want == nil && (slugs == nil || len(slugs.Problems) > 0 || slugs.Artifacts[0].App.Name != "api-us") {
			t.Errorf("%s: %+v", name, slugs)
		}
	}
}
