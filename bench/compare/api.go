//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/internal/stategen"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// plenty is more than the account's budget has: what is measured is the work,
// not the wait for the budget.
const plenty = 10_000_000

// terraformAtOnce is how many requests Terraform has under way: its default
// parallelism.
const terraformAtOnce = 10

// An api is a fake Heroku that answers slowly.
type api struct{ *herokutest.Server }

func (c *config) api(s *herokutest.Server) *api {
	s.SetRateLimit(plenty)
	s.Inject(herokutest.Fault{Latency: c.latency, Times: -1})
	s.Start()
	return &api{s}
}

// count is how many requests have been answered.
func (a *api) count() int {
	n := 0
	for _, k := range a.Requests() {
		n += k
	}
	return n
}

// get reads one answer and drops it, as cheaply as can be.
func (a *api) get(ctx context.Context, client *http.Client, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.URL+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/vnd.heroku+json; version=3")
	req.Header.Set("Authorization", "Bearer bench")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode >= 400 && resp.StatusCode != http.StatusNotFound {
		err = fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	return errors.Join(err, resp.Body.Close())
}

// timed runs f several times and returns the median, and the requests of one run.
func (c *config) timed(a *api, f func() error) (took time.Duration, requests int, err error) {
	var times []time.Duration
	for range c.runs {
		before, begin := a.count(), time.Now()
		if err := f(); err != nil {
			return 0, 0, err
		}
		times = append(times, time.Since(begin))
		requests = a.count() - before
	}
	return median(times), requests, nil
}

func (a *api) client() (*platform.Client, error) {
	return platform.New(platform.Options{BaseURL: a.URL, Token: "bench-token"})
}

// slugs measures ResolveSlugs and a script that asks for the pipeline and then
// for one app after the other.
func (c *config) slugs(ctx context.Context) error {
	fmt.Fprintf(c.out, "\n## Slugs of one pipeline, %v an answer\n\n| apps | | requests | seconds | times the library |\n|---|---|---|---|---|\n", c.latency)
	for _, apps := range []int{1, 10, 50} {
		const id = "5b3ae9c0-0000-4000-8000-000000000001"
		seed := herokutest.Seed{Pipelines: []herokutest.Pipeline{{ID: id, Name: "api"}}}
		for i := range apps {
			name := fmt.Sprintf("api-%02d", i)
			slug := fmt.Sprintf("51000000-0000-4000-8000-%012d", 1)
			seed.Apps = append(seed.Apps, herokutest.App{Name: name, Releases: []herokutest.Release{{Slug: slug}}})
			seed.Pipelines[0].Couplings = append(seed.Pipelines[0].Couplings, herokutest.Coupling{App: name, Stage: herokutest.Production})
		}
		server := herokutest.New(herokutest.Options{})
		if err := server.Seed(seed); err != nil {
			return err
		}
		a := c.api(server)
		defer a.Close()
		client, err := a.client()
		if err != nil {
			return err
		}
		own, ownRequests, err := c.timed(a, func() error {
			_, err := herokutf.ResolveSlugs(ctx, client, []herokutf.Pipeline{{Name: "api", Ref: id}}, herokutf.SlugOptions{})
			return err
		})
		if err != nil {
			return err
		}
		script, scriptRequests, err := c.timed(a, func() error {
			if err := a.get(ctx, http.DefaultClient, "/pipelines/"+id+"/latest-releases"); err != nil {
				return err
			}
			for i := range apps {
				if err := a.get(ctx, http.DefaultClient, fmt.Sprintf("/apps/api-%02d/pipeline-couplings", i)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(c.out, "| %d | `ResolveSlugs` | %d | %s | 1.0 |\n", apps, ownRequests, seconds(own))
		fmt.Fprintf(c.out, "| %d | one after the other | %d | %s | %s |\n", apps, scriptRequests, seconds(script), ratio(script, own))
	}
	return nil
}

// drift measures DetectDrift and the requests of Terraform's refresh alone,
// without Terraform, the provider's start and the plan.
func (c *config) drift(ctx context.Context) error {
	fmt.Fprintf(c.out, "\n## Drift of apps with 13 instances each, %v an answer\n\n| apps | | requests | seconds | times the library |\n|---|---|---|---|---|\n", c.latency)
	for _, apps := range c.apps {
		f, err := statefile.Parse("drift", stategen.Drift(apps))
		if err != nil {
			return err
		}
		server, err := herokutest.FromState(herokutest.Options{}, f)
		if err != nil {
			return err
		}
		a := c.api(server)
		defer a.Close()
		client, err := a.client()
		if err != nil {
			return err
		}
		own, ownRequests, err := c.timed(a, func() error {
			report, err := herokutf.DetectDrift(ctx, client, f, herokutf.DriftOptions{})
			if err == nil && (report.Drifted() || report.Count(herokutf.Undetermined) > 0) {
				err = errors.New("the state is in sync, and the report says otherwise")
			}
			return err
		})
		if err != nil {
			return err
		}
		paths := refresh(f)
		pool := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: terraformAtOnce}}
		terraform, terraformRequests, err := c.timed(a, func() error {
			g, ctx := errgroup.WithContext(ctx)
			g.SetLimit(terraformAtOnce)
			for _, path := range paths {
				g.Go(func() error { return a.get(ctx, pool, path) })
			}
			return g.Wait()
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(c.out, "| %d | `DetectDrift` | %d | %s | 1.0 |\n", apps, ownRequests, seconds(own))
		fmt.Fprintf(c.out, "| %d | the requests of a refresh, %d at once | %d | %s | %s |\n", apps, terraformAtOnce, terraformRequests, seconds(terraform), ratio(terraform, own))
	}
	return nil
}

// reads are the requests with which provider 5.3.2 refreshes an instance, as its
// Read and Exists functions send them; {app}, {id} and {feature} are filled in.
var reads = map[string][]string{
	"heroku_app":               {"/teams/apps/{id}", "/apps/{id}", "/teams/apps/{id}", "/apps/{id}/buildpack-installations", "/apps/{id}/config-vars"},
	"heroku_addon":             {"/addons/{id}", "/addons/{id}", "/apps/{app}/config-vars"},
	"heroku_formation":         {"/apps/{app}/formation/{id}"},
	"heroku_domain":            {"/apps/{app}/domains/{id}", "/apps/{app}"},
	"heroku_drain":             {"/apps/{app}/log-drains/{id}"},
	"heroku_app_feature":       {"/apps/{app}/features/{feature}"},
	"heroku_team_collaborator": {"/teams/apps/{app}/collaborators/{id}", "/apps/{app}/collaborators/{id}"},
	"heroku_app_release":       {"/apps/{app}/releases/{id}"},
	"heroku_pipeline":          {"/pipelines/{id}"},
	"heroku_pipeline_coupling": {"/pipeline-couplings/{id}"},
}

// refresh returns the paths that a refresh of the state asks for.
func refresh(f *statefile.File) []string {
	var paths []string
	for inst := range f.Instances() {
		text := func(name string) string {
			v, _ := inst.Attr(name)
			return v.Text()
		}
		feature := provider.Key{After: true}
		fill := strings.NewReplacer("{id}", text("id"), "{app}", text("app_id"), "{feature}", feature.Value(text("id")))
		for _, path := range reads[inst.Type] {
			paths = append(paths, fill.Replace(path))
		}
	}
	return paths
}
