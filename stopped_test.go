package herokutf_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// A stopping transport ends a context at the first request for a path, and fails that
// request.
type stopping struct {
	http.RoundTripper
	path string
	stop context.CancelFunc
}

func (s *stopping) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == s.path {
		s.stop()
		return nil, context.Canceled
	}
	return s.RoundTripper.RoundTrip(r)
}

// stoppedAt calls something once, and then once for every path that it asks for, with a
// context that ends at the request. Each time it has to return that as its error, and
// nothing else.
func stoppedAt(t *testing.T, name string, s *fake, call func(context.Context, *platform.Client) (any, error)) (stopped int) {
	t.Helper()
	s.ResetRequests()
	call(t.Context(), driftClient(t, s)) // where all is refused, that is an error
	paths := make(map[string]bool)
	for _, r := range s.Log() {
		paths[r.Path] = true
	}
	for path := range paths {
		ctx, cancel := context.WithCancel(t.Context())
		c, err := platform.New(platform.Options{Token: "t", Transport: &stopping{s, path, cancel}, Retries: -1, MaxWait: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		got, err := call(ctx, c)
		if ctx.Err() == nil {
			t.Errorf("%s: %s isn't asked for again", name, path)
		} else if !errors.Is(err, context.Canceled) || got != nil {
			t.Errorf("%s, cancelled at %s: result %t, error %v", name, path, got != nil, err)
		}
		cancel()
	}
	return len(paths)
}

// TestDriftBudget: a budget that is used up before an app is found is an error.
func TestDriftBudget(t *testing.T) {
	f := edgeState(t, edge{"heroku_pipeline", "p", 0, map[string]any{"id": "b0000000-0000-4000-8000-000000000001", "name": "found"}},
		edge{"heroku_app", "x", 1, edgeAppAttributes("app-one")})
	s := newFake()
	s.AddPipeline(herokutest.Pipeline{ID: "b0000000-0000-4000-8000-000000000001", Name: "found"})
	const requests = 3 // pipelines, apps, and the app
	for left := range requests + 1 {
		s.SetRateLimit(left)
		report, err := herokutf.DetectDrift(t.Context(), driftClient(t, s), f, herokutf.DriftOptions{})
		if left < requests && (report != nil || !errors.Is(err, platform.ErrRateLimited)) || left == requests && err != nil {
			t.Errorf("with %d requests left: report %t, %v", left, report != nil, err)
		}
	}
}

// stoppedWorlds are a Heroku that is as a state says, one that has nothing of it, and one
// that shows no lists of the account, but each of their elements.
func stoppedWorlds(t *testing.T, state tree) map[string]*fake {
	t.Helper()
	there, _ := matching(t, state.parse(t))
	refused, _ := matching(t, state.parse(t))
	for _, route := range []string{"GET /apps", "GET /addons", "GET /addon-attachments", "GET /pipelines", "GET /pipeline-couplings", "GET /spaces", "GET /teams",
		"GET /regions", "GET /teams/{team}/apps"} {
		refused.Inject(herokutest.Fault{Route: route, Status: http.StatusForbidden, Times: -1})
	}
	return map[string]*fake{"there": there, "gone": newFake(), "refused": refused}
}

// TestDriftStopped: whichever request a comparison is cancelled at, there is an error and
// no report. The states have objects of one type, so that often nothing else fails, and a
// pipeline, so that something is read.
func TestDriftStopped(t *testing.T) {
	full := decodeState(t, stateText(t, "corners"))
	pipeline := edge{"heroku_pipeline", "found", 0, map[string]any{"id": "b0000000-0000-4000-8000-000000000001", "name": "found"}}
	found := decodeState(t, edgeState(t, pipeline).Bytes())["resources"].([]any)[0]
	var types []string
	for _, inst := range full.instances() {
		types = append(types, inst.text("type"))
	}
	slices.Sort(types)
	states := map[string]*statefile.File{"an app alone": edgeState(t, pipeline, edge{"heroku_app", "x", 1, edgeAppAttributes("app-one")})}
	for _, typ := range slices.Compact(types) {
		state := decodeState(t, stateText(t, "corners"))
		state.remove(func(i *treeInstance) bool { return i.text("type") != typ })
		state["resources"] = append(state["resources"].([]any), found)
		states[typ] = state.parse(t)
	}
	stopped := 0
	for world, s := range stoppedWorlds(t, full) {
		s.AddPipeline(herokutest.Pipeline{ID: "b0000000-0000-4000-8000-000000000001", Name: "found"})
		for typ, f := range states {
			for _, opts := range []herokutf.DriftOptions{{Blame: true}, {Unmanaged: true, Only: []string{typ}}} {
				if opts.Unmanaged && typ != "heroku_app" {
					continue
				}
				stopped += stoppedAt(t, typ+" "+world, s, func(ctx context.Context, c *platform.Client) (any, error) {
					report, err := herokutf.DetectDrift(ctx, c, f, opts)
					if report == nil {
						return nil, err
					}
					return report, err
				})
			}
		}
	}
	if stopped < 100 {
		t.Errorf("stopped at %d requests only", stopped)
	}
}

// TestAdoptStopped is TestDriftStopped for adoptions, of one home with one type each, and
// with none.
func TestAdoptStopped(t *testing.T) {
	s, _ := shop(t)
	s.AddSpace(herokutest.Space{Name: "walls", Team: "acme"})
	s.AddApp(herokutest.App{Name: "shop-tls", SNIEndpoints: []herokutest.SNIEndpoint{{Name: "cert"}},
		Domains: []herokutest.Domain{{Hostname: "tls.example.com", SNIEndpoint: "cert"}}})
	kinds := herokutf.DriftKinds()[1:]
	stopped := 0
	for _, home := range []struct {
		chosen herokutf.AdoptOptions
		kinds  []string
	}{
		{herokutf.AdoptOptions{Apps: []string{"shop-eu"}}, []string{"", "app", "domain", "addon"}},
		{herokutf.AdoptOptions{Apps: []string{"shop-tls"}}, []string{"ssl"}},
		{herokutf.AdoptOptions{Pipelines: []string{"shop"}}, []string{"pipeline_config_var"}},
		{herokutf.AdoptOptions{Spaces: []string{"walls"}}, []string{"space", "space_app_access", "space_inbound_ruleset"}},
		{herokutf.AdoptOptions{Teams: []string{"acme"}}, []string{"team_member"}},
		{herokutf.AdoptOptions{All: true}, []string{""}},
	} {
		for _, kind := range home.kinds {
			opts := home.chosen
			opts.Skip = slices.DeleteFunc(slices.Clone(kinds), func(k string) bool { return k == kind })
			stopped += stoppedAt(t, kind, s, func(ctx context.Context, c *platform.Client) (any, error) {
				a, err := herokutf.Adopt(ctx, c, nil, opts)
				if a == nil {
					return nil, err
				}
				return a, err
			})
		}
	}
	if stopped < 50 {
		t.Errorf("stopped at %d requests only", stopped)
	}
}

// TestSurveyStopped: whichever request a survey is cancelled at, there is an error that
// says so.
func TestSurveyStopped(t *testing.T) {
	for _, name := range []string{"4.9.0", "corners"} {
		f := readState(t, name)
		s, _ := matching(t, f)
		for world, s := range map[string]*fake{"there": s, "gone": newFake()} {
			stoppedAt(t, name+" "+world, s, func(ctx context.Context, c *platform.Client) (any, error) {
				_, err := herokutf.SurveyNames(ctx, c, f, herokutf.UpgradeOptions{})
				return nil, err
			})
			stoppedAt(t, name+" "+world+", UUIDs", s, func(ctx context.Context, c *platform.Client) (any, error) {
				ids, err := herokutf.LookupAppIDs(ctx, c, f, herokutf.UpgradeOptions{})
				if ids == nil {
					return nil, err
				}
				return ids, err
			})
		}
	}
}
