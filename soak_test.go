package herokutf_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/ignore"
	"github.com/herokutf/herokutf/internal/stategen"
	"github.com/herokutf/herokutf/internal/testmode"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// TestSoak makes 60 calls at once, in a full run 200, with one client, of a
// Heroku that fails at random, and stops some of them. A call gives what it gives
// alone of a Heroku that is well, or a named error, or it says of objects that
// they are undetermined. It never gives another value, and it leaves no goroutine.
//
// HEROKUTF_SOAK is the number of rounds. Rounds differ in how much fails, and
// whether a socket is between client and Heroku.
func TestSoak(t *testing.T) {
	rounds := 1
	if text := os.Getenv("HEROKUTF_SOAK"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("HEROKUTF_SOAK: %v", err)
		}
		rounds = n
	}
	s, calls := soakCalls(t, rounds > 1)
	s.Start()
	defer s.Close()
	goroutines := runtime.NumGoroutine()
	var total soakCount
	for round := range rounds {
		// Few failures are mended by repetition; of many, calls fail.
		failing := []float64{0.5, 0.02, 0.7, 0.1, 0}[round%5]
		total.add(soak(t, s, calls, uint64(round), failing, round%2 == 0))
		waitForGoroutines(t, goroutines)
		if t.Failed() {
			t.Fatalf("round %d, %v of the requests fail", round, failing)
		}
	}
	t.Logf("%d rounds: %v", rounds, &total)
	if total.same == 0 || total.failed+total.partial == 0 || total.cancelled == 0 {
		t.Errorf("the soak doesn't come to everything: %v", &total)
	}
}

// A soakCall is a call, and what it gives without faults.
type soakCall struct {
	name string
	run  func(context.Context, *platform.Client) (any, error)
	want any
	// check says what is wrong with a result, and whether it is the whole of
	// what is wanted. Nil: only the same is right.
	check func(got, want any) (whole bool, err error)
}

// soakCount counts how calls end.
type soakCount struct {
	requests, faults                 int
	same, partial, failed, cancelled int
}

func (n *soakCount) add(o soakCount) {
	n.requests += o.requests
	n.faults += o.faults
	n.same += o.same
	n.partial += o.partial
	n.failed += o.failed
	n.cancelled += o.cancelled
}

func (n *soakCount) String() string {
	return fmt.Sprintf("%d calls: %d as without faults, %d in part, %d with an error, %d cancelled; %d requests, %d faults",
		n.same+n.partial+n.failed+n.cancelled, n.same, n.partial, n.failed, n.cancelled, n.requests, n.faults)
}

// soak is one round.
func soak(t *testing.T, s *fake, calls []soakCall, seed uint64, failing float64, socket bool) soakCount {
	t.Helper()
	s.ResetRequests()
	s.SetRateLimit(herokutest.BucketSize)
	defer s.ClearFaults()
	c := &chaos{server: s, inner: s, failing: failing, rand: rand.New(rand.NewPCG(seed, 7))}
	opts := platform.Options{Token: "token-of-the-test", Transport: c, Retries: 3, Backoff: 200 * time.Microsecond, MaxWait: 100 * time.Millisecond}
	if socket {
		inner := &http.Transport{MaxIdleConnsPerHost: 64}
		defer inner.CloseIdleConnections()
		c.inner, opts.BaseURL = inner, s.URL
	}
	client, err := platform.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var n soakCount
	var wg sync.WaitGroup
	atOnce := 60
	if testmode.Full() {
		atOnce = 200
	}
	for i := range atOnce {
		call := &calls[i%len(calls)]
		// Every sixth is stopped, at a time in which most calls are under way.
		ctx, cancel := context.WithCancel(t.Context())
		stop := i%6 == 5
		if stop {
			time.AfterFunc(time.Duration(c.number(100_000))*time.Microsecond, cancel)
		}
		wg.Go(func() {
			defer cancel()
			got, err := call.run(ctx, client)
			whole, wrong := call.judge(got, err, stop)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case wrong != nil:
				t.Errorf("%s: %v", call.name, wrong)
			case errors.Is(err, context.Canceled):
				n.cancelled++
			case err != nil && !whole:
				n.failed++
			case whole:
				n.same++
			default:
				n.partial++
			}
		})
	}
	wg.Wait()
	n.requests, n.faults = client.Requests(), int(c.faults.Load())
	return n
}

// judge says whether a call has ended as it may.
func (call *soakCall) judge(got any, err error, stopped bool) (whole bool, wrong error) {
	if failed, ok := call.want.(error); ok {
		// It fails without faults, too: in the same way, or for a fault.
		// Of an answer that was cut off the text is missing.
		if err != nil && (err.Error() == failed.Error() || errors.Is(err, platform.ErrNotFound) && errors.Is(failed, platform.ErrNotFound)) {
			return true, nil
		}
		if err == nil {
			return false, fmt.Errorf("got a result, alone it is the error %q", failed)
		}
	}
	switch {
	case errors.Is(err, context.Canceled):
		if !stopped {
			return false, fmt.Errorf("nobody has stopped it: %w", err)
		}
		return false, nil
	case err != nil:
		return false, named(err)
	case call.check != nil:
		return call.check(got, call.want)
	}
	if g, w := soakText(got), soakText(call.want); g != w {
		return false, fmt.Errorf("got %s\nwant %s", g, w)
	}
	return true, nil
}

// named returns an error that doesn't say what went wrong with Heroku: by a name
// that fits the faults, and for a fault that there was.
func named(err error) error {
	if strings.Contains(err.Error(), "token-of-the-test") {
		return errors.New("the error holds the token")
	}
	if _, ok := errors.AsType[*herokutf.SlugError](err); ok {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, p := range joined.Unwrap() {
				// Those of the pipeline that has nothing to resolve are right.
				if err := named(p); err != nil && !errors.Is(p, herokutf.ErrNeverReleased) {
					return err
				}
			}
			return nil
		}
	}
	for _, name := range []error{platform.ErrUnavailable, platform.ErrRateLimited, platform.ErrBadAnswer} {
		if errors.Is(err, name) {
			return nil
		}
	}
	if e, ok := errors.AsType[*platform.RequestError](err); ok && e.Err != nil {
		return nil
	}
	return fmt.Errorf("an error without a name: %w", err)
}

func soakText(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// chaos makes requests fail at random. The fault may hit another request that is
// under way.
type chaos struct {
	server  *fake
	inner   http.RoundTripper
	failing float64
	faults  atomic.Int64
	sent    atomic.Int64

	mu   sync.Mutex
	rand *rand.Rand
}

func (c *chaos) number(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rand.IntN(n)
}

func (c *chaos) RoundTrip(req *http.Request) (*http.Response, error) {
	if c.sent.Add(1)%1000 == 0 {
		c.server.SetRateLimit(herokutest.BucketSize) // it isn't what is tested
	}
	if c.number(1_000_000) < int(c.failing*1_000_000) {
		c.faults.Add(1)
		faults := []herokutest.Fault{
			{Status: http.StatusServiceUnavailable},
			{Status: http.StatusInternalServerError},
			{Status: http.StatusBadGateway, Body: "<html><body>Bad Gateway</body></html>"},
			{Status: http.StatusOK, Body: "<html><body>Sign in to this network</body></html>"},
			{Truncate: true},
			{Reset: true},
			{Latency: 2 * time.Millisecond},
			{Latency: time.Millisecond, Truncate: true},
		}
		f := faults[c.number(len(faults))]
		// One of them stops all requests for its wait, so it is seldom.
		if c.number(100) == 0 {
			f = herokutest.Fault{Status: http.StatusTooManyRequests}
		}
		c.server.Inject(f)
	}
	return c.inner.RoundTrip(req)
}

// waitForGoroutines fails unless there are as few goroutines as before, soon.
func waitForGoroutines(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, before %d:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// soakCalls returns a Heroku on which something of each kind has drifted, and the
// calls, with what they give alone. With pages the list of apps has two, which
// most of the calls read, so that a round takes three times as long.
func soakCalls(t *testing.T, pages bool) (*fake, []soakCall) {
	t.Helper()
	generated := parseState(t, "drift", stategen.Drift(3))
	byName, corners := readState(t, "4.9.0"), readState(t, "corners")
	s, client := matching(t, byName, corners, generated)
	if pages {
		for n := range 210 {
			s.AddApp(herokutest.App{Name: fmt.Sprintf("another-%d", n)})
		}
	}
	app := stategen.DriftApp
	s.Rename("old-name", "new-name")
	s.SetConfigVars(app(0), map[string]string{"LOG_LEVEL": "drifted", "NOBODYS": "x"})
	s.Deploy(app(1), "")
	s.FailRelease(app(1), "")
	s.Scale(app(2), "web", 7, "")
	s.AddDomain(app(2), herokutest.Domain{Hostname: "stranger.example.com"})
	s.SetMaintenance(app(2), true)
	s.AddApp(herokutest.App{Name: "never-released"})
	empty := s.AddPipeline(herokutest.Pipeline{Name: "empty", Couplings: []herokutest.Coupling{{App: "never-released", Stage: herokutest.Production}}})
	rules, err := ignore.Parse("rules", []byte(`ignore {
  type      = "heroku_formation"
  attribute = "quantity"
  reason    = "autoscaled"
}`))
	if err != nil {
		t.Fatal(err)
	}

	var ofApp string
	var pipelines []herokutf.Pipeline
	for inst := range generated.Instances() {
		id, _ := inst.Attr("id")
		switch inst.Type {
		case "heroku_app":
			ofApp = id.Text()
		case "heroku_pipeline":
			pipelines = append(pipelines, herokutf.Pipeline{Name: fmt.Sprintf("p%d", len(pipelines)), Ref: id.Text()})
		}
	}
	broken := append(slices.Clone(pipelines), herokutf.Pipeline{Name: "empty", Ref: empty.ID})
	resolve := func(opts herokutf.SlugOptions, pipelines ...herokutf.Pipeline) func(context.Context, *platform.Client) (any, error) {
		return func(ctx context.Context, c *platform.Client) (any, error) {
			return herokutf.ResolveSlugs(ctx, c, pipelines, opts)
		}
	}
	drift := func(f *statefile.File, opts herokutf.DriftOptions) soakCall {
		opts.Key = []byte("the same for all")
		return soakCall{
			name: fmt.Sprintf("drift of %s, unmanaged %t, blame %t, rules %t, only %v", f.Name(), opts.Unmanaged, opts.Blame, opts.Ignore != nil, opts.Only),
			run: func(ctx context.Context, c *platform.Client) (any, error) {
				return herokutf.DetectDrift(ctx, c, f, opts)
			},
			check: func(got, want any) (bool, error) {
				return checkSoakDrift(got.(*herokutf.DriftReport), want.(*herokutf.DriftReport))
			},
		}
	}
	calls := []soakCall{
		{name: "slugs", run: resolve(herokutf.SlugOptions{}, pipelines...)},
		{name: "slugs by release", run: resolve(herokutf.SlugOptions{LatestSucceeded: true}, pipelines...)},
		{name: "slugs with an error", run: resolve(herokutf.SlugOptions{}, broken...)},
		{name: "slugs, as many as can be", run: resolve(herokutf.SlugOptions{KeepGoing: true}, broken...), check: func(got, want any) (bool, error) {
			return checkSoakSlugs(got.(*herokutf.Slugs), want.(*herokutf.Slugs))
		}},
		{name: "find renames", run: func(ctx context.Context, c *platform.Client) (any, error) {
			return herokutf.FindRenames(ctx, c, byName)
		}},
		{name: "check renames", run: func(ctx context.Context, c *platform.Client) (any, error) {
			return herokutf.SurveyNames(ctx, c, byName, herokutf.UpgradeOptions{Renames: []herokutf.Rename{{Old: "old-name", New: "new-name"}}})
		}},
		{name: "check a rename that isn't", run: func(ctx context.Context, c *platform.Client) (any, error) {
			return herokutf.SurveyNames(ctx, c, byName, herokutf.UpgradeOptions{Renames: []herokutf.Rename{{Old: "old-name", New: "personal-app"}}})
		}},
		{name: "look up ids", run: func(ctx context.Context, c *platform.Client) (any, error) {
			return herokutf.LookupAppIDs(ctx, c, byName, herokutf.UpgradeOptions{})
		}},
		{name: "get", run: func(ctx context.Context, c *platform.Client) (any, error) {
			return platform.Get[map[string]any](ctx, c, "/apps/"+ofApp)
		}},
		{name: "get what isn't there", run: func(ctx context.Context, c *platform.Client) (any, error) {
			return platform.Get[map[string]any](ctx, c, "/apps/no-such-app")
		}},
		{name: "list", run: func(ctx context.Context, c *platform.Client) (any, error) {
			return platform.List[struct{ ID, Name string }](ctx, c, "/apps", "id")
		}},
		drift(generated, herokutf.DriftOptions{}),
		drift(generated, herokutf.DriftOptions{Unmanaged: true, Blame: true}),
		drift(generated, herokutf.DriftOptions{Ignore: rules, Unmanaged: true}),
		drift(byName, herokutf.DriftOptions{Blame: true}),
		drift(corners, herokutf.DriftOptions{Unmanaged: true}),
		drift(corners, herokutf.DriftOptions{Only: []string{"identity"}}),
	}
	for i := range calls {
		s.SetRateLimit(herokutest.BucketSize)
		got, err := calls[i].run(t.Context(), client)
		calls[i].want = got
		if err != nil {
			calls[i].want = err
		}
	}
	for i, failing := range map[int]bool{0: false, 2: true, 4: false, 5: false, 6: true, 8: false, 9: true, 11: false, 12: false} {
		if err, ok := calls[i].want.(error); ok != failing {
			t.Fatalf("%s, alone: got error %v, want one: %t", calls[i].name, err, failing)
		}
	}
	report := calls[12].want.(*herokutf.DriftReport)
	for _, v := range []herokutf.Verdict{herokutf.Changed, herokutf.Unmanaged} {
		if report.Count(v) == 0 {
			t.Fatalf("nothing is %s", v)
		}
	}
	return s, calls
}

// checkSoakSlugs: what is resolved is right, and what isn't has a problem.
func checkSoakSlugs(got, want *herokutf.Slugs) (whole bool, err error) {
	right := make(map[string]string)
	for i := range want.Artifacts {
		right[want.Artifacts[i].Variable] = soakText(want.Artifacts[i])
	}
	for i := range got.Artifacts {
		if a := &got.Artifacts[i]; right[a.Variable] != soakText(a) {
			return false, fmt.Errorf("got %s\nwant %s", soakText(a), right[a.Variable])
		}
	}
	if len(got.Artifacts) < len(want.Artifacts) && len(got.Problems) <= len(want.Problems) {
		return false, fmt.Errorf("%d artifacts in place of %d, and no problem more", len(got.Artifacts), len(want.Artifacts))
	}
	var usual []string
	for _, p := range want.Problems {
		usual = append(usual, p.Error())
	}
	for _, p := range got.Problems {
		if !slices.Contains(usual, p.Error()) {
			if err := named(p); err != nil {
				return false, err
			}
		}
	}
	return len(got.Artifacts) == len(want.Artifacts) && len(got.Problems) == len(want.Problems), nil
}

// checkSoakDrift: each object is reported as it is without faults, or with less that
// differs. One of which nothing differs then is undetermined, so that nobody
// takes it for in sync.
func checkSoakDrift(got, want *herokutf.DriftReport) (whole bool, err error) {
	key := func(o *herokutf.DriftObject) string {
		return strings.Join([]string{o.Address, o.Type, o.ID, o.Label}, "|")
	}
	alone := make(map[string]*herokutf.DriftObject)
	missing := make(map[string]bool)
	for i := range want.Objects {
		o := &want.Objects[i]
		alone[key(o)] = o
		if o.Address != "" {
			missing[o.Address] = true
		}
	}
	whole = len(got.Objects) == len(want.Objects) && len(got.Notes) == len(want.Notes)
	for i := range got.Objects {
		o := &got.Objects[i]
		delete(missing, o.Address)
		w := alone[key(o)]
		if w == nil {
			// The id and the label may be from what couldn't be read.
			for j := range want.Objects {
				if at := &want.Objects[j]; o.Address != "" && at.Address == o.Address {
					w = at
				}
			}
		}
		if w == nil {
			return false, fmt.Errorf("%s %s isn't there without faults", o.Verdict, key(o))
		}
		same := soakObject(o) == soakObject(w)
		whole = whole && same
		if same {
			continue
		}
		for _, list := range [][2][]herokutf.DriftDifference{{o.Differences, w.Differences}, {o.Ignored, w.Ignored}} {
			for _, d := range list[0] {
				if !slices.ContainsFunc(list[1], func(e herokutf.DriftDifference) bool { return soakDifference(d) == soakDifference(e) }) {
					return false, fmt.Errorf("%s: got the difference %s, want some of %s", key(o), soakDifference(d), soakObject(w))
				}
			}
		}
		switch {
		case o.Verdict == herokutf.Undetermined:
			if o.Reason == "" {
				return false, fmt.Errorf("%s is undetermined without a reason", key(o))
			}
		case o.Verdict == w.Verdict:
			// With fewer differences, or without knowing who made them.
			if len(o.Differences) == 0 && len(w.Differences) > 0 {
				return false, fmt.Errorf("got %s\nwant %s", soakObject(o), soakObject(w))
			}
		default:
			return false, fmt.Errorf("got %s\nwant %s", soakObject(o), soakObject(w))
		}
	}
	if len(missing) > 0 {
		return false, fmt.Errorf("not in the report: %v", slices.Sorted(maps.Keys(missing)))
	}
	return whole, nil
}

func soakDifference(d herokutf.DriftDifference) string {
	return soakText([]any{d.Path, d.State, d.Live, d.Sensitive})
}

// soakObject is all that a report says of an object.
func soakObject(o *herokutf.DriftObject) string {
	var text strings.Builder
	text.WriteString(soakText([]any{o.State, o.Address, o.Type, o.ID, o.Verdict, o.App, o.Label, o.ImportID, o.Reason, o.Blame}))
	for _, list := range [][]herokutf.DriftDifference{o.Differences, o.Ignored} {
		text.WriteString(" ;")
		for _, d := range list {
			text.WriteString(" " + soakDifference(d))
		}
	}
	return text.String()
}

// TestRequestsOfOneComparison: a report counts its own requests, whatever else is
// sent with the client meanwhile.
func TestRequestsOfOneComparison(t *testing.T) {
	f := readState(t, "5.3.2")
	s, c := matching(t, f)
	want := detect(t, s, c, herokutf.DriftOptions{}, f).Requests
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			report, err := herokutf.DetectDrift(t.Context(), c, f, herokutf.DriftOptions{})
			if err != nil {
				t.Error(err)
				return
			}
			if report.Requests != want {
				t.Errorf("the report says %d requests, alone %d", report.Requests, want)
			}
		})
	}
	wg.Wait()
}
