//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/internal/stategen"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

const (
	// atOnce is how many requests the library has under way, unless
	// Options.Concurrency says otherwise.
	atOnce = 64
	// terraformAtOnce is how many Terraform has: its default parallelism.
	terraformAtOnce = 10
	// refreshed is with how many apps the requests of a refresh are still
	// measured: those of a thousand apps take minutes.
	refreshed = 100
)

// drift measures DetectDrift beside its floor: the requests that it sends, bare,
// as many at once, against the same fake, with nothing made of the answers and no
// request waiting for another's answer. Beside both stand the requests of
// Terraform's refresh alone, without Terraform, the provider's start and the plan,
// and the command as a process of its own, which is what memory is measured of.
func (c *config) drift(ctx context.Context) error {
	fmt.Fprintf(c.out, "\n## Drift of apps with 13 instances each, %v an answer\n\n"+
		"| apps | | requests | seconds | times the library | times the floor | memory |\n|---|---|---|---|---|---|---|\n", c.latency)
	for _, apps := range c.apps {
		if err := c.driftOf(ctx, apps); err != nil {
			return err
		}
	}
	return nil
}

// A row is one thing that is measured.
type row struct {
	label    string
	run      func() error
	times    []time.Duration
	requests int
	memory   int64 // bytes at most, of all runs; 0 if it isn't measured
}

func (c *config) driftOf(ctx context.Context, apps int) error {
	state := stategen.Drift(apps)
	f, err := statefile.Parse("drift", state)
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
	sent, err := a.sent(ctx, f)
	if err != nil {
		return err
	}
	own := &row{label: "`DetectDrift`", run: func() error { return inSync(ctx, client, f) }}
	floor := &row{label: fmt.Sprintf("the floor: its requests, bare, %d at once", atOnce), run: a.getter(ctx, sent, atOnce)}
	rows := []*row{own, floor}
	if apps <= refreshed {
		rows = append(rows, &row{label: fmt.Sprintf("the requests of a refresh, %d at once", terraformAtOnce), run: a.getter(ctx, refresh(f), terraformAtOnce)})
	}
	if c.repair != "" {
		path := filepath.Join(c.dir, "drift.tfstate")
		if err := os.WriteFile(path, state, 0o600); err != nil {
			return err
		}
		whole := &row{label: "`herokutf drift`, a process"}
		whole.run = func() error {
			bytes, err := memoryOf(ctx, []string{"HEROKU_API_URL=" + a.URL, "HEROKU_API_KEY=" + token}, c.repair, "drift", "--state", path)
			whole.memory = max(whole.memory, bytes)
			return err
		}
		rows = append(rows, whole)
	}
	// Turn by turn: what else the machine does slows all.
	for range c.runs {
		for _, r := range rows {
			took, requests, err := a.time(r.run)
			if err != nil {
				return fmt.Errorf("%s: %w", r.label, err)
			}
			r.times, r.requests = append(r.times, took), requests
		}
	}
	for _, r := range rows {
		memory := ""
		if r.memory > 0 {
			memory = fmt.Sprintf("%d MB", r.memory/1e6)
		}
		took := median(r.times)
		fmt.Fprintf(c.out, "| %d | %s | %d | %s | %s | %.2f | %s |\n", apps, r.label, r.requests, seconds(took), ratio(took, median(own.times)),
			took.Seconds()/median(floor.times).Seconds(), memory)
	}
	return nil
}

// inSync compares the state, in which there must be no drift.
func inSync(ctx context.Context, client *platform.Client, f *statefile.File) error {
	report, err := herokutf.DetectDrift(ctx, client, f, herokutf.DriftOptions{})
	if err == nil && (report.Drifted() || report.Count(herokutf.Undetermined) > 0) {
		err = errors.New("the state is in sync, and the report says otherwise")
	}
	return err
}

// sent returns the requests of DetectDrift.
func (a *api) sent(ctx context.Context, f *statefile.File) ([]request, error) {
	w := &witness{inner: http.DefaultTransport.(*http.Transport).Clone()}
	client, err := platform.New(platform.Options{BaseURL: a.URL, Token: token, Transport: w})
	if err != nil {
		return nil, err
	}
	defer client.CloseIdleConnections()
	err = inSync(ctx, client, f)
	return w.seen, err
}

// A witness notes the requests that pass.
type witness struct {
	inner *http.Transport
	mu    sync.Mutex
	seen  []request
}

func (w *witness) RoundTrip(req *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.seen = append(w.seen, request{req.URL.RequestURI(), req.Header.Get("Range")})
	w.mu.Unlock()
	return w.inner.RoundTrip(req)
}

func (w *witness) CloseIdleConnections() { w.inner.CloseIdleConnections() }

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

// refresh returns the requests of a refresh of the state.
func refresh(f *statefile.File) []request {
	var all []request
	for inst := range f.Instances() {
		text := func(name string) string {
			v, _ := inst.Attr(name)
			return v.Text()
		}
		feature := provider.Key{After: true}
		fill := strings.NewReplacer("{id}", text("id"), "{app}", text("app_id"), "{feature}", feature.Value(text("id")))
		for _, path := range reads[inst.Type] {
			all = append(all, request{path: fill.Replace(path)})
		}
	}
	return all
}
