package herokutest_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/herokutf/herokutf/herokutest"
)

// ask makes a request over a socket, or without one when transport is the
// server itself.
func ask(t testing.TB, transport http.RoundTripper, base, path string) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/vnd.heroku+json; version=3")
	req.SetBasicAuth("me@example.com", "token")
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp, string(data), err
}

func TestFaults(t *testing.T) {
	started := herokutest.NewServer()
	defer started.Close()
	direct := herokutest.New(herokutest.Options{})
	for _, way := range []struct {
		name      string
		s         *herokutest.Server
		transport http.RoundTripper
		base      string
	}{
		{"socket", started, http.DefaultTransport, started.URL},
		{"direct", direct, direct, "https://api.heroku.com"},
	} {
		s := way.s
		s.AddApp(herokutest.App{Name: "one"})
		s.AddApp(herokutest.App{Name: "two"})
		get := func(t *testing.T, path string) (*http.Response, string, error) {
			return ask(t, way.transport, way.base, path)
		}
		t.Run(way.name+"/status", func(t *testing.T) {
			s.Inject(herokutest.Fault{Route: "GET /apps/{app}", Status: 429, RetryAfter: 1500 * time.Millisecond})
			resp, body, err := get(t, "/apps/one")
			if err != nil || resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "2" || decode[object](t, body)["id"] != "rate_limit" {
				t.Errorf("got %v %v %s", err, resp, body)
			}
			if resp, _, err := get(t, "/apps/one"); err != nil || resp.StatusCode != 200 {
				t.Errorf("second request: got %v %v, want 200", err, resp)
			}
		})
		t.Run(way.name+"/html", func(t *testing.T) {
			s.Inject(herokutest.Fault{Status: 503, Body: "<html>down</html>", Times: 2, Skip: 1,
				Header: http.Header{"Via": {"1.1 router"}}})
			for i, want := range []int{200, 503, 503, 200} {
				resp, body, err := get(t, "/apps")
				if err != nil || resp.StatusCode != want {
					t.Fatalf("request %d: got %v %v, want %d", i+1, err, resp, want)
				}
				if want == 503 && (body != "<html>down</html>" || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") || resp.Header.Get("Via") == "") {
					t.Errorf("got %v %s", resp.Header, body)
				}
			}
		})
		t.Run(way.name+"/truncate", func(t *testing.T) {
			s.Inject(herokutest.Fault{Route: "GET /apps", Truncate: true})
			resp, body, err := get(t, "/apps")
			if !errors.Is(err, io.ErrUnexpectedEOF) || resp.StatusCode != 200 || !strings.HasPrefix(body, "[{") {
				t.Errorf("got %v %v %q, want half a body and %v", err, resp, body, io.ErrUnexpectedEOF)
			}
		})
		t.Run(way.name+"/reset", func(t *testing.T) {
			if _, _, err := get(t, "/apps"); err != nil { // the connection is a used one now
				t.Fatal(err)
			}
			s.ResetRequests()
			s.Inject(herokutest.Fault{Reset: true})
			resp, _, err := get(t, "/apps")
			if err == nil {
				t.Errorf("got %v, want an error", resp.Status)
			}
			if got := s.Requests()["GET /apps"]; got != 1 {
				t.Errorf("%d requests, want 1", got)
			}
			if log := s.Log(); log[0].Status != 0 {
				t.Errorf("log: %+v, want no status", log[0])
			}
		})
		t.Run(way.name+"/app", func(t *testing.T) {
			s.Inject(herokutest.Fault{Route: "GET", App: "two", Status: 403, Times: -1})
			s.Rename("two", "zwei")
			for path, want := range map[string]int{"/apps/one": 200, "/apps/zwei": 403, "/apps/zwei/releases": 403, "/apps": 200} {
				if resp, body, err := get(t, path); err != nil || resp.StatusCode != want {
					t.Errorf("%s: got %v %v %s, want %d", path, err, resp, body, want)
				}
			}
			s.ClearFaults()
			if resp, _, err := get(t, "/apps/zwei"); err != nil || resp.StatusCode != 200 {
				t.Errorf("after ClearFaults: got %v %v, want 200", err, resp)
			}
		})
		t.Run(way.name+"/hook", func(t *testing.T) {
			s.Inject(herokutest.Fault{Route: "GET /apps/{app}/releases", Do: func(s *herokutest.Server) { s.DeleteApp("one") }})
			if resp, _, _ := get(t, "/apps/one"); resp.StatusCode != 200 {
				t.Errorf("before: %s", resp.Status)
			}
			if resp, _, _ := get(t, "/apps/one/releases"); resp.StatusCode != 404 {
				t.Errorf("after the hook: %s, want 404", resp.Status)
			}
		})
	}
}

// A reset is one for the client, with a socket and without. Some systems
// throw away what came before it, others give it first and then the end.
func TestResetKind(t *testing.T) {
	s := herokutest.NewServer()
	defer s.Close()
	for name, transport := range map[string]http.RoundTripper{"socket": &http.Transport{}, "direct": s} {
		s.Inject(herokutest.Fault{Reset: true})
		_, _, err := ask(t, transport, s.URL, "/apps")
		if !errors.Is(err, syscall.ECONNRESET) && !(name == "socket" && errors.Is(err, io.ErrUnexpectedEOF)) {
			t.Errorf("%s: got %v, want %v", name, err, syscall.ECONNRESET)
		}
	}
}

func TestLatencyDoesNotQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := herokutest.New(herokutest.Options{})
		s.AddApp(herokutest.App{Name: "one"})
		s.Inject(herokutest.Fault{Latency: time.Second, Times: -1})
		start := time.Now()
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if _, _, err := ask(t, s, "https://api.heroku.com", "/apps/one"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := time.Since(start); got != time.Second {
			t.Errorf("50 requests at once took %v, want 1s", got)
		}
	})
}

func TestLatencyEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := herokutest.New(herokutest.Options{})
		s.Inject(herokutest.Fault{Latency: time.Hour})
		client := &http.Client{Transport: s, Timeout: time.Second}
		start := time.Now()
		if resp, err := client.Get("https://api.heroku.com/apps"); err == nil {
			t.Errorf("got %s, want an error", resp.Status)
		}
		if got := time.Since(start); got != time.Second {
			t.Errorf("took %v, want 1s", got)
		}
	})
}

func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := herokutest.New(herokutest.Options{})
		remaining := func(path, wantStatus, want string) {
			t.Helper()
			resp, body := send(t, s, "GET", path, "")
			if got := resp.Header.Get("RateLimit-Remaining"); !strings.HasPrefix(resp.Status, wantStatus) || got != want {
				t.Errorf("GET %s: got %s with %q remaining, want %s with %q; %s", path, resp.Status, got, wantStatus, want, body)
			}
		}
		remaining("/apps", "200", "4499")
		remaining("/account/rate-limits", "200", "4499")
		remaining("/apps/none", "404", "4498")
		s.SetRateLimit(1)
		remaining("/apps", "200", "0")
		remaining("/apps", "429", "0")
		remaining("/account/rate-limits", "200", "0")
		time.Sleep(time.Minute)
		remaining("/apps", "200", "74")
		if got := read(t, s, "/account/rate-limits")["remaining"]; got != 74.0 {
			t.Errorf("remaining: got %v, want 74", got)
		}
		time.Sleep(24 * time.Hour)
		remaining("/apps", "200", "4499")
	})
}

func TestNotModified(t *testing.T) {
	for _, free := range []bool{false, true} {
		// The clock stands: the bucket refills as time passes.
		now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
		s := herokutest.New(herokutest.Options{
			Policy: herokutest.Policy{FreeNotModified: free},
			Clock:  func() time.Time { return now },
		})
		s.AddApp(herokutest.App{Name: "one"})
		resp, _ := send(t, s, "GET", "/apps/one", "", "Request-Id", "mine")
		tag := resp.Header.Get("ETag")
		if len(tag) != 34 || resp.Header.Get("Last-Modified") == "" || !strings.HasPrefix(resp.Header.Get("Request-Id"), "mine,") {
			t.Fatalf("headers: %v", resp.Header)
		}
		resp, body := send(t, s, "GET", "/apps/one", "", "If-None-Match", tag)
		want := map[bool]string{false: "4498", true: "4499"}[free]
		if got := resp.Header.Get("RateLimit-Remaining"); resp.StatusCode != 304 || body != "" || got != want {
			t.Errorf("free=%v: got %s %q with %s remaining, want an empty 304 with %s", free, resp.Status, body, got, want)
		}
		s.SetMaintenance("one", true)
		if resp, _ := send(t, s, "GET", "/apps/one", "", "If-None-Match", tag); resp.StatusCode != 200 {
			t.Errorf("after a change: got %s, want 200", resp.Status)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	s := herokutest.NewServer()
	defer s.Close()
	s.AddApp(herokutest.App{Name: "one"})
	s.AddPipeline(herokutest.Pipeline{Name: "p", Couplings: []herokutest.Coupling{{App: "one", Stage: herokutest.Staging}}})
	p, _ := s.Pipeline("p")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				s.Deploy("one", "")
				s.SetConfigVars("one", map[string]string{"A": "1"})
				s.Inject(herokutest.Fault{Route: "GET /apps", Latency: time.Microsecond})
				for _, path := range []string{"/apps", "/apps/one/releases", "/pipelines/" + p.ID + "/latest-releases", "/apps/one/config-vars"} {
					if resp, body, err := ask(t, http.DefaultTransport, s.URL, path); err != nil || resp.StatusCode/100 != 2 {
						t.Errorf("%s: %v %v %s", path, err, resp, body)
					}
				}
				s.Snapshot()
				s.Requests()
				s.Log()
			}
		})
	}
	wg.Wait()
	if got := s.Requests()["GET /apps"]; got != 40 {
		t.Errorf("counted %d, want 40", got)
	}
}
