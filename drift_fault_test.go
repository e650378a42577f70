package herokutf_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/internal/testmode"
	"github.com/herokutf/herokutf/platform"
)

// A driftFault is what one path answers in place of what it should.
type driftFault struct {
	name   string
	status int // 0: a broken connection
	// list and object are the bodies in place of either.
	list, object string
	short        bool // the body is shorter than announced
}

var driftFaults = []driftFault{
	{name: "403", status: 403, list: `{"id":"forbidden","message":"no"}`},
	{name: "404", status: 404, list: `{"id":"not_found","message":"no"}`},
	{name: "429", status: 429, list: `{"id":"rate_limit","message":"no"}`},
	{name: "500", status: 500, list: `{"id":"internal_server_error","message":"no"}`},
	{name: "503 HTML", status: 503, list: `<html>down</html>`},
	{name: "reset"},
	{name: "truncated", status: 200, list: `[{"id":`, object: `{"id":`, short: true},
	{name: "the other kind", status: 200, list: `{}`, object: `[]`},
	{name: "null", status: 200, list: `null`},
	{name: "a list of null", status: 200, list: `[null, null]`},
	{name: "garbage", status: 200, list: `}{`},
	{name: "empty", status: 200, list: ``},
}

// faulty answers one path with a fault.
type faulty struct {
	http.RoundTripper
	path  string
	one   bool // an object is expected
	fault *driftFault
}

func (f *faulty) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != f.path {
		return f.RoundTripper.RoundTrip(r)
	}
	if f.fault.status == 0 {
		return nil, errors.New("connection reset by peer")
	}
	body := f.fault.list
	if f.one && f.fault.object != "" {
		body = f.fault.object
	}
	length := int64(len(body))
	resp := &http.Response{
		Status: fmt.Sprint(f.fault.status), StatusCode: f.fault.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Request: r, ContentLength: length,
	}
	var content io.Reader = bytes.NewReader([]byte(body))
	if f.fault.short {
		resp.ContentLength = 2 * length
		content = io.MultiReader(content, brokenReader{})
	}
	resp.Body = io.NopCloser(content)
	return resp, nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// dependencies returns the lists that an object is compared with, by path.
func dependencies(s *fake, inst *treeInstance) map[string]provider.List {
	paths := make(map[string]provider.List)
	res, ok := provider.Lookup(inst.text("mode"), inst.text("type"))
	if !ok || res.Origin.List == provider.NoList {
		return paths
	}
	text := func(name string) string {
		block, member, _ := holder(inst.attrs, name)
		return provider.Text(block[member])
	}
	with := make(map[string]string)
	for step, names := range res.Origin.Steps {
		for _, name := range names {
			if with[step] == "" {
				with[step] = text(name)
			}
		}
	}
	ref := text("app_id")
	if ref == "" {
		ref = text("app")
	}
	switch res.Type {
	case provider.App:
		ref, with["team"] = text("name"), text("organization.name")
	case "heroku_telemetry_drain":
		ref = text("owner_id")
	}
	if app, ok := s.App(ref); ok {
		with["app"] = app.ID
	}
	for _, step := range []string{"space", "pipeline", "id"} {
		if with[step] == "" {
			with[step] = text("id")
		}
	}
	add := func(l provider.List) {
		path := l.Source().Path
		for step, value := range with {
			path = strings.ReplaceAll(path, "{"+step+"}", value)
		}
		paths[path] = l
	}
	add(res.Origin.List)
	for i := range res.Attrs {
		attr := &res.Attrs[i]
		block, member, _ := holder(inst.attrs, attr.Name)
		if attr.From == provider.NoList || !attr.As.Compared() || block == nil {
			continue
		}
		if attr.As == provider.ManagedKeys && provider.Empty(block[member]) || attr.From == provider.TeamApps && with["team"] == "" {
			continue
		}
		add(attr.From)
	}
	return paths
}

// TestDriftFaults: a read that fails makes undetermined what depends on it, and
// nothing else, whichever it is and however it fails.
func TestDriftFaults(t *testing.T) {
	for _, name := range []string{"4.9.0", "5.3.2"} {
		state := decodeState(t, stateText(t, name))
		f := state.parse(t)
		s, c := matching(t, f)
		if got := reported(detect(t, s, c, herokutf.DriftOptions{}, f)); len(got) > 0 {
			t.Fatalf("without a fault: %q", got)
		}
		paths := make(map[string]bool)
		for _, r := range s.Log() {
			paths[r.Path] = true
		}
		depend := make(map[string][]*treeInstance)
		lists := make(map[string]provider.List)
		for _, inst := range state.instances() {
			for path, list := range dependencies(s, inst) {
				depend[path] = append(depend[path], inst)
				lists[path] = list
			}
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(depend)), slices.Sorted(maps.Keys(paths))); diff != "" {
			t.Errorf("%s: the paths that are read (-by the table +read):\n%s", name, diff)
		}
		for n, path := range slices.Sorted(maps.Keys(depend)) {
			for i := range driftFaults {
				if (n+i)%4 != 0 && !testmode.Full() {
					continue // every request fails, and in every way, but not each in each
				}
				fault := &driftFaults[i]
				t.Run(name+path+"/"+fault.name, func(t *testing.T) {
					source := lists[path].Source()
					s.SetRateLimit(herokutest.BucketSize)
					client, err := platform.New(platform.Options{
						Token: "t", Transport: &faulty{s, path, source.One, fault},
						Retries: -1, Backoff: time.Microsecond, MaxWait: time.Millisecond,
					})
					if err != nil {
						t.Fatal(err)
					}
					report, err := herokutf.DetectDrift(t.Context(), client, f, herokutf.DriftOptions{})
					if err != nil {
						if fault.status != 429 || !errors.Is(err, platform.ErrRateLimited) {
							t.Fatal(err)
						}
						return
					}
					var want []string
					for _, inst := range depend[path] {
						verdict := herokutf.Undetermined
						if source.Whole && fault.status == 404 {
							verdict = herokutf.Missing
						}
						want = append(want, string(verdict)+" "+inst.address())
					}
					if source.Each != "" && (fault.status == 403 || fault.status == 404) {
						want = []string{} // single elements are read
					}
					got := reported(report)
					if fault.status == 429 {
						// The requests that follow don't fit into the budget.
						got = slices.DeleteFunc(got, func(line string) bool {
							return strings.HasPrefix(line, "undetermined ") && !slices.Contains(want, line)
						})
					}
					slices.Sort(got)
					slices.Sort(want)
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
						for i := range report.Objects {
							if o := &report.Objects[i]; o.Verdict != herokutf.InSync {
								t.Logf("%s: %s", o.Address, o.Reason)
							}
						}
					}
				})
			}
		}
	}
}

// TestDriftNothingRead: where nothing can be read there is an error, not a report in
// which all is undetermined.
func TestDriftNothingRead(t *testing.T) {
	f := readState(t, "5.3.2")
	// That the only object there is is gone isn't nothing.
	state := decodeState(t, stateText(t, "5.3.2"))
	state.remove(func(i *treeInstance) bool { return i.text("type") != "heroku_review_app_config" })
	empty := herokutest.New(herokutest.Options{})
	report := detect(t, empty, driftClient(t, empty), herokutf.DriftOptions{}, state.parse(t))
	if got := reported(report); !slices.Equal(got, []string{"missing heroku_review_app_config.rac"}) {
		t.Errorf("of a lone object that is gone: %q", got)
	}
	for _, tt := range []struct {
		name  string
		fault herokutest.Fault
		want  error
	}{
		{"unauthorized", herokutest.Fault{Status: 401, Times: -1}, platform.ErrUnauthorized},
		{"down", herokutest.Fault{Status: 503, Times: -1}, platform.ErrUnavailable},
		{"forbidden", herokutest.Fault{Status: 403, Body: `{"id":"forbidden","message":"Your token lacks the scope."}`, Times: -1}, platform.ErrForbidden},
		{"not found", herokutest.Fault{Status: 404, Times: -1}, platform.ErrNotFound},
		{"garbage", herokutest.Fault{Status: 200, Body: "}{", Times: -1}, platform.ErrBadAnswer},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, c := matching(t, f)
			s.Inject(tt.fault)
			report, err := herokutf.DetectDrift(t.Context(), c, f, herokutf.DriftOptions{})
			if !errors.Is(err, tt.want) || report != nil {
				t.Errorf("got %v, %v, want %v", report, err, tt.want)
			}
			if refused := tt.fault.Status == 403 || tt.fault.Status == 404; refused {
				hint, ok := errors.AsType[interface {
					error
					Hint() string
				}](err)
				if !ok || !strings.Contains(hint.Hint(), "HEROKU_API_URL") || tt.fault.Status == 403 && !strings.Contains(err.Error(), "lacks the scope") {
					t.Errorf("it doesn't say what to look at: %v", err)
				}
			}
		})
	}
}

func TestDriftCancelled(t *testing.T) {
	f := readState(t, "5.3.2")
	for _, after := range []int{0, 3, 20} {
		s, c := matching(t, f)
		ctx, cancel := context.WithCancel(t.Context())
		s.Inject(herokutest.Fault{Skip: after, Do: func(*herokutest.Server) { cancel() }, Latency: time.Minute})
		start := time.Now()
		report, err := herokutf.DetectDrift(ctx, c, f, herokutf.DriftOptions{})
		if !errors.Is(err, context.Canceled) || report != nil {
			t.Errorf("cancelled at request %d: got %v, %v", after, report, err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("cancelled at request %d: it took %s", after, took)
		}
	}
}

// TestDriftCancelledAt: whichever request is cancelled, there is an error and no report.
func TestDriftCancelledAt(t *testing.T) {
	f := readState(t, "5.3.2")
	for _, route := range []string{
		"GET /apps", "GET /addons", "GET /apps/{app}/domains", "GET /apps/{app}/config-vars", "GET /apps/{app}/releases", "GET /apps/{app}/webhooks",
		"GET /teams/{team}/apps", "GET /pipelines", "GET /spaces/{space}/vpn-connections",
	} {
		s, c := matching(t, f)
		ctx, cancel := context.WithCancel(t.Context())
		s.Inject(herokutest.Fault{Route: route, Do: func(*herokutest.Server) { cancel() }, Status: http.StatusForbidden, Times: -1})
		report, err := herokutf.DetectDrift(ctx, c, f, herokutf.DriftOptions{Unmanaged: true, Blame: true})
		if !errors.Is(err, context.Canceled) || report != nil {
			t.Errorf("%s: report: %v, error: %v", route, report != nil, err)
		}
		cancel()
	}
}
