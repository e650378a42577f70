//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
)

// plenty is more than the account's budget has: what is measured is the work,
// not the wait for the budget.
const plenty = 10_000_000

// token is any: the fake takes them all.
const token = "bench-token"

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

// A request is what a GET asks for.
type request struct {
	path string // with the query
	list string // the header Range; "" for none
}

// get reads one answer and drops it, as cheaply as can be.
func (a *api) get(ctx context.Context, client *http.Client, r request) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.URL+r.path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/vnd.heroku+json; version=3")
	req.Header.Set("Authorization", "Bearer bench")
	if r.list != "" {
		req.Header.Set("Range", r.list)
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode >= 400 && resp.StatusCode != http.StatusNotFound {
		err = fmt.Errorf("GET %s: %s", r.path, resp.Status)
	}
	return errors.Join(err, resp.Body.Close())
}

// getter returns what sends the requests, so many at once.
func (a *api) getter(ctx context.Context, all []request, atOnce int) func() error {
	pool := &http.Client{Transport: &http.Transport{MaxIdleConns: atOnce, MaxIdleConnsPerHost: atOnce}}
	return func() error {
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(atOnce)
		for _, r := range all {
			g.Go(func() error { return a.get(ctx, pool, r) })
		}
		return g.Wait()
	}
}

// timed runs f several times and returns the median, and the requests of one run.
func (c *config) timed(a *api, f func() error) (took time.Duration, requests int, err error) {
	var times []time.Duration
	for range c.runs {
		took, n, err := a.time(f)
		if err != nil {
			return 0, 0, err
		}
		times, requests = append(times, took), n
	}
	return median(times), requests, nil
}

// time runs f once.
func (a *api) time(f func() error) (took time.Duration, requests int, err error) {
	before, begin := a.count(), time.Now()
	err = f()
	return time.Since(begin), a.count() - before, err
}

func (a *api) client() (*platform.Client, error) {
	return platform.New(platform.Options{BaseURL: a.URL, Token: token})
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
			if err := a.get(ctx, http.DefaultClient, request{path: "/pipelines/" + id + "/latest-releases"}); err != nil {
				return err
			}
			for i := range apps {
				if err := a.get(ctx, http.DefaultClient, request{path: fmt.Sprintf("/apps/api-%02d/pipeline-couplings", i)}); err != nil {
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
