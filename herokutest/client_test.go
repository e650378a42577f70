package herokutest_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	heroku "github.com/heroku/heroku-go/v5"

	"github.com/herokutf/herokutf/herokutest"
)

// service is heroku-go over the given transport.
func service(transport http.RoundTripper, base string) *heroku.Service {
	svc := heroku.NewService(&http.Client{Transport: &heroku.Transport{BearerToken: "token", Transport: transport}})
	svc.URL = base
	return svc
}

// TestHerokuGo: the client that most Go programs use reads and writes through
// the server, over a socket, below a prefix and without a socket.
func TestHerokuGo(t *testing.T) {
	for _, way := range []string{"socket", "prefix", "direct"} {
		t.Run(way, func(t *testing.T) {
			s := herokutest.New(herokutest.Options{Token: "token"})
			var svc *heroku.Service
			switch way {
			case "socket":
				s.Start()
				defer s.Close()
				svc = service(http.DefaultTransport, s.URL)
			case "prefix":
				mux := http.NewServeMux()
				mux.Handle("/heroku/", http.StripPrefix("/heroku", s))
				front := &http.Server{Handler: mux}
				l := listen(t)
				go front.Serve(l)
				defer front.Close()
				svc = service(http.DefaultTransport, "http://"+l.Addr().String()+"/heroku")
			case "direct":
				svc = service(s, heroku.DefaultURL)
			}
			herokuGo(t, s, svc)
		})
	}
}

func herokuGo(t *testing.T, s *herokutest.Server, svc *heroku.Service) {
	ctx := t.Context()
	check := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	one, err := svc.AppCreate(ctx, heroku.AppCreateOpts{Name: new("one")})
	check("AppCreate", err)
	if _, err = svc.ConfigVarUpdate(ctx, "one", map[string]*string{"A": new("1"), "B": nil}); err != nil {
		t.Fatal(err)
	}
	vars, err := svc.ConfigVarInfoForApp(ctx, one.ID)
	check("ConfigVarInfoForApp", err)
	if len(vars) != 1 || *vars["A"] != "1" {
		t.Errorf("config vars: got %v", vars)
	}
	app, err := svc.AppUpdate(ctx, one.ID, heroku.AppUpdateOpts{Name: new("uno")})
	check("AppUpdate", err)
	if app.ID != one.ID || app.Name != "uno" || app.WebURL == one.WebURL || app.GitURL != "https://git.heroku.com/uno.git" {
		t.Errorf("renamed app: got %+v", app)
	}
	_, err = svc.AppInfo(ctx, "one")
	if e, ok := errors.AsType[heroku.Error](err); !ok || e.ID != "not_found" || e.StatusCode != 404 {
		t.Errorf("AppInfo of the old name: got %v", err)
	}

	pipe, err := svc.PipelineCreate(ctx, heroku.PipelineCreateOpts{Name: "web"})
	check("PipelineCreate", err)
	if _, err = svc.PipelineCouplingCreate(ctx, heroku.PipelineCouplingCreateOpts{App: app.ID, Pipeline: pipe.ID, Stage: "production"}); err != nil {
		t.Fatal(err)
	}
	slug, err := svc.SlugCreate(ctx, "uno", heroku.SlugCreateOpts{ProcessTypes: map[string]string{"web": "./web"}})
	check("SlugCreate", err)
	release, err := svc.ReleaseCreate(ctx, "uno", heroku.ReleaseCreateOpts{Slug: slug.ID})
	check("ReleaseCreate", err)
	latest, err := svc.PipelineReleaseList(ctx, pipe.ID, &heroku.ListRange{Field: "id", Max: 1000})
	check("PipelineReleaseList", err)
	if len(latest) != 1 || latest[0].Slug.ID != slug.ID || !latest[0].Current || latest[0].Version != release.Version || latest[0].App.Name != "uno" {
		t.Errorf("latest releases: got %+v, want v%d", latest, release.Version)
	}
	newest, err := svc.ReleaseList(ctx, "uno", &heroku.ListRange{Field: "version", Descending: true, Max: 1})
	check("ReleaseList", err)
	if len(newest) != 1 || newest[0].ID != release.ID {
		t.Errorf("newest release: got %+v, want %s", newest, release.ID)
	}
	addon, err := svc.AddOnCreate(ctx, "uno", heroku.AddOnCreateOpts{Plan: "heroku-postgresql:essential-0"})
	check("AddOnCreate", err)
	addons, err := svc.AddOnList(ctx, &heroku.ListRange{Field: "id"})
	check("AddOnList", err)
	if len(addons) != 1 || addons[0].ID != addon.ID || addons[0].App.Name != "uno" {
		t.Errorf("add-ons: got %+v", addons)
	}
	apps, err := svc.FilterAppsApps(ctx, heroku.FilterAppsAppsOpts{In: &struct {
		ID []*string `json:"id,omitempty" url:"id,omitempty,key"`
	}{ID: []*string{&app.ID}}})
	check("FilterAppsApps", err)
	if len(apps) != 1 || apps[0].Name != "uno" {
		t.Errorf("filtered apps: got %+v", apps)
	}
	limit, err := svc.RateLimitInfo(ctx)
	check("RateLimitInfo", err)
	if want := herokutest.BucketSize - len(s.Log()) + 1; limit.Remaining < want || limit.Remaining > want+75 {
		t.Errorf("remaining: got %d, want %d", limit.Remaining, want)
	}
	// The client doesn't speak of it, but a list may be cut.
	for i := range 3 {
		s.AddApp(herokutest.App{Name: "more-" + strings.Repeat("x", i+1)})
	}
	if part, err := svc.AppList(ctx, &heroku.ListRange{Field: "id", Max: 3}); err != nil || len(part) != 3 {
		t.Errorf("AppList: got %d apps and %v, want 3", len(part), err)
	}
	for route, want := range map[string]int{"POST /apps": 1, "GET /apps/{app}": 1, "GET /pipelines/{pipeline}/latest-releases": 1} {
		if got := s.Requests()[route]; got != want {
			t.Errorf("%s: counted %d, want %d", route, got, want)
		}
	}
	if _, err := service(s, heroku.DefaultURL).AppInfo(canceled(t), "uno"); !errors.Is(err, context.Canceled) {
		t.Errorf("with a canceled context: got %v", err)
	}
}

func listen(t *testing.T) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func canceled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// Close cuts what is under way, and the server goes on without a socket.
func TestClose(t *testing.T) {
	s := herokutest.NewServer()
	s.AddApp(herokutest.App{Name: "one"})
	s.Inject(herokutest.Fault{Latency: time.Hour})
	done := make(chan error)
	go func() {
		_, _, err := ask(t, &http.Transport{}, s.URL, "/apps/one")
		done <- err
	}()
	for s.Requests()["GET /apps/{app}"] == 0 {
		time.Sleep(time.Millisecond)
	}
	s.Close()
	if err := <-done; err == nil {
		t.Errorf("request under way: got %v, want an error", err)
	}
	if resp, _, err := ask(t, s, "https://api.heroku.com", "/apps/one"); err != nil || resp.StatusCode != 200 {
		t.Errorf("after Close: got %v %v", err, resp)
	}
	herokutest.New(herokutest.Options{}).Close() // never started: nothing to do
}
