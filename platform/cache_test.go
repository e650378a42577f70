package platform

import (
	"bytes"
	stdcmp "cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	heroku "github.com/heroku/heroku-go/v5"

	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/internal/provider"
)

// roundTrip is a function as an http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// cachedClient returns a client of inner with a cache in dir.
func cachedClient(t *testing.T, dir, token string, inner http.RoundTripper, change ...func(*cache)) *Client {
	t.Helper()
	rt, err := NewCache(dir, inner)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(rt.(*cache))
	}
	c, err := New(Options{Token: token, Transport: rt, Backoff: time.Millisecond, Concurrency: 4})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// cacheSecrets stand where the server holds what nobody may see.
var cacheSecrets = []string{"s3cret-config", "s3cret-drain", "s3cret-hook", "s3cret-otel", "s3cret-log-input", "s3cret-stream", "s3cret-addon"}

func cacheServer(policy herokutest.Policy) *herokutest.Server {
	s := herokutest.New(herokutest.Options{Policy: policy, Seed: 7})
	for _, name := range []string{"shop", "blog"} {
		s.AddApp(herokutest.App{
			Name:            name,
			ConfigVars:      map[string]string{"KEY": "s3cret-config"},
			Formation:       []herokutest.Process{{Type: "web", Quantity: 2}},
			Domains:         []herokutest.Domain{{Hostname: name + ".example.com"}},
			LogDrains:       []herokutest.LogDrain{{URL: "https://user:s3cret-drain@logs.example.com"}},
			TelemetryDrains: []herokutest.TelemetryDrain{{Endpoint: "https://otel.example.com", Headers: map[string]string{"key": "s3cret-otel"}}},
			Webhooks:        []herokutest.Webhook{{URL: "https://hooks.example.com/?key=s3cret-hook"}},
			Releases:        []herokutest.Release{{OutputStreamURL: "https://stream.example.com/s3cret-stream"}},
		})
		s.AddAddon(herokutest.Addon{
			App: name, Plan: "heroku-postgresql:essential-0", Config: map[string]string{"DATABASE_URL": "postgres://u:s3cret-addon@db"},
			Attachments: []herokutest.Attachment{{Name: "DATABASE", LogInputURL: "https://s3cret-log-input@logs"}},
		})
	}
	s.AddPipeline(herokutest.Pipeline{Name: "p", Couplings: []herokutest.Coupling{{App: "shop", Stage: herokutest.Production}}})
	return s
}

// readLists reads what a comparison reads, and returns it by path.
func readLists(t *testing.T, c *Client) map[string]string {
	t.Helper()
	all := map[string]string{}
	get := func(l provider.List, path string) {
		var v any
		var err error
		if s := l.Source(); s.One {
			v, err = Get[json.RawMessage](t.Context(), c, path)
		} else {
			v, err = List[json.RawMessage](t.Context(), c, path, s.Field)
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		all[path] = string(text)
	}
	for _, l := range []provider.List{provider.Apps, provider.Addons, provider.Attachments, provider.Pipelines, provider.Couplings, provider.Regions} {
		get(l, l.Source().Path)
	}
	for _, app := range []string{"shop", "blog"} {
		for _, l := range []provider.List{
			provider.ConfigVars, provider.Formation, provider.Buildpacks, provider.Features, provider.Domains, provider.Certificates,
			provider.LogDrains, provider.AppTelemetry, provider.Collaborators, provider.Webhooks, provider.Releases, provider.Builds,
		} {
			get(l, strings.Replace(l.Source().Path, "{app}", app, 1))
		}
	}
	return all
}

func cacheFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = data
	}
	return files
}

func TestCacheSecondRun(t *testing.T) {
	for _, free := range []bool{false, true} {
		t.Run(fmt.Sprintf("free=%v", free), func(t *testing.T) {
			s := cacheServer(herokutest.Policy{FreeNotModified: free})
			now := time.Now()
			dir := filepath.Join(t.TempDir(), "made", "here")

			// Without a cache, for what has to come out.
			plain, err := New(Options{Token: testToken, Transport: s})
			if err != nil {
				t.Fatal(err)
			}
			want := readLists(t, plain)

			var counts []map[int]int // statuses by run
			var left []int
			for range 3 {
				s.ResetRequests()
				s.SetRateLimit(herokutest.BucketSize)
				c := cachedClient(t, dir, testToken, s)
				got := readLists(t, c)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("answers (-want +got):\n%s", diff)
				}
				if c.Requests() != len(want) {
					t.Errorf("got %d requests, want %d", c.Requests(), len(want))
				}
				count := map[int]int{}
				for _, r := range s.Log() {
					count[r.Status]++
					if r.Status == http.StatusNotModified && !provider.Cacheable(r.Path) {
						t.Errorf("%s was asked with a condition", r.Path)
					}
				}
				counts = append(counts, count)
				budget, err := Get[struct{ Remaining int }](t.Context(), plain, "/account/rate-limits")
				if err != nil {
					t.Fatal(err)
				}
				left = append(left, budget.Remaining)
				if len(counts) == 2 {
					s.SetMaintenance("shop", true) // of one app, which changes the list
					want = readLists(t, plain)
				}
			}
			kept := len(cacheFiles(t, dir))
			if kept < 10 {
				t.Fatalf("got %d entries", kept)
			}
			wantCounts := []map[int]int{
				{200: len(want)},
				{200: len(want) - kept, 304: kept},
				{200: len(want) - kept + 1, 304: kept - 1},
			}
			if diff := cmp.Diff(wantCounts, counts); diff != "" {
				t.Errorf("statuses (-want +got):\n%s", diff)
			}
			// The fake's budget refills meanwhile, but not by that much.
			saved := left[1] - left[0]
			if free && saved < kept || !free && saved > kept/2 && time.Since(now) < 5*time.Second {
				t.Errorf("the second run has saved %d of the budget, with %d answers not modified", saved, kept)
			}
		})
	}
}

// Nothing secret gets into the folder, neither as it stands nor encrypted, and
// nothing that isn't encrypted.
func TestCacheSecrets(t *testing.T) {
	s := cacheServer(herokutest.Policy{})
	dir := filepath.Join(t.TempDir(), "cache")
	var keys []*cacheKey
	var mu sync.Mutex
	c := cachedClient(t, dir, testToken, roundTrip(func(r *http.Request) (*http.Response, error) {
		if key, ok := keyOf(r); ok {
			mu.Lock()
			keys = append(keys, key)
			mu.Unlock()
		}
		return s.RoundTrip(r)
	}))
	all := readLists(t, c)
	texts := fmt.Sprint(all)
	for _, secret := range cacheSecrets {
		if !strings.Contains(texts, secret) {
			t.Errorf("%s isn't in the answers, so this test finds nothing", secret)
		}
	}
	files := cacheFiles(t, dir)
	clear := func(name string) string { // what a file holds, for who has the token
		for _, key := range keys {
			if key.name == name {
				data, err := key.aead.Open(nil, nil, files[name], nil)
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				return string(data)
			}
		}
		t.Errorf("%s is no entry of a request that may be cached", name)
		return ""
	}
	apps := 0
	for name, data := range files {
		opened := clear(name)
		if strings.Contains(opened, "shop") {
			apps++
		}
		for _, secret := range append(cacheSecrets, testToken, "Bearer") {
			if strings.Contains(opened, secret) {
				t.Errorf("an entry holds %s", secret)
			}
		}
		for _, word := range []string{"shop", "example.com", "heroku", "http", "Etag", testToken} {
			if strings.Contains(name, word) || bytes.Contains(data, []byte(word)) {
				t.Errorf("a file shows %q", word)
			}
		}
	}
	if apps == 0 {
		t.Error("no entry names the app, so this test finds nothing")
	}
	if runtime.GOOS == "windows" {
		return
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: got mode %v, %v; want 0700", info.Mode().Perm(), err)
	}
	for name := range files {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("file: got mode %v, %v; want 0600", info.Mode().Perm(), err)
		}
	}
}

// Another token, as a bearer or a basic one, asks without conditions and doesn't
// touch the entries of the first.
func TestCacheOtherToken(t *testing.T) {
	s := cacheServer(herokutest.Policy{})
	dir := t.TempDir()
	readLists(t, cachedClient(t, dir, testToken, s))
	before := cacheFiles(t, dir)
	s.ResetRequests()
	readLists(t, cachedClient(t, dir, "HRKU-another-0123456789", s))
	for _, r := range s.Log() {
		if r.Status != http.StatusOK {
			t.Errorf("%s: got %d, want 200", r.Path, r.Status)
		}
	}
	after := cacheFiles(t, dir)
	if len(after) != 2*len(before) {
		t.Errorf("got %d entries, want twice %d", len(after), len(before))
	}
	for name, data := range before {
		if !bytes.Equal(data, after[name]) {
			t.Error("an entry of the first token is another one")
		}
	}
}

// The last page of a list stays as it is, with its tag, when the list grows by
// an element behind it.
func TestCacheGrowingList(t *testing.T) {
	for _, silent := range []bool{false, true} {
		t.Run(fmt.Sprintf("304 without Next-Range=%v", silent), func(t *testing.T) {
			s := herokutest.New(herokutest.Options{})
			id := func(n int) string { return fmt.Sprintf("%08d-0000-4000-8000-000000000000", n) }
			dir := t.TempDir()
			inner := roundTrip(func(r *http.Request) (*http.Response, error) {
				resp, err := s.RoundTrip(r)
				if err == nil && silent && resp.StatusCode == http.StatusNotModified {
					resp.Header.Del("Next-Range")
					resp.Header.Del("Content-Range")
				}
				return resp, err
			})
			// Pages of 20, so that a list of several is a matter of moments.
			list := func() (all []thing, err error) {
				for page, err := range Pages[thing](t.Context(), cachedClient(t, dir, testToken, inner), "/apps", heroku.ListRange{Field: "id", Max: 20}) {
					if err != nil {
						return nil, err
					}
					all = append(all, page...)
				}
				return all, nil
			}
			n := 0
			for _, size := range []int{19, 20, 20, 21, 21, 40, 41, 41} {
				for ; n < size; n++ {
					s.AddApp(herokutest.App{ID: id(n + 1), Name: fmt.Sprintf("app-%d", n+1)})
				}
				got, err := list()
				if err != nil || len(got) != size || got[size-1].ID != id(size) {
					t.Fatalf("got %d apps, %v; want %d", len(got), err, size)
				}
			}
			// Two full pages, which have their successors, and the last.
			s.ResetRequests()
			if _, err := list(); err != nil {
				t.Error(err)
			}
			var got []int
			for _, r := range s.Log() {
				got = append(got, r.Status)
			}
			if want := []int{304, 304, 304}; !slices.Equal(got, want) {
				t.Errorf("got statuses %v, want %v", got, want)
			}
			// And shrinks again, to one full page.
			for ; n > 20; n-- {
				s.DeleteApp(id(n))
			}
			if got, err := list(); err != nil || len(got) != 20 {
				t.Errorf("got %d apps, %v; want 20", len(got), err)
			}
		})
	}
}

func TestCacheAnswer(t *testing.T) {
	rt, err := NewCache(t.TempDir(), roundTrip(func(r *http.Request) (*http.Response, error) {
		h := http.Header{"Etag": {`W/"1"`}, "Ratelimit-Remaining": {"9"}, "Request-Id": {"first"}, "Next-Range": {"id ]1..; max=1"}, "Content-Type": {"application/json"}}
		body := `[{"id":"1"}]`
		status := http.StatusPartialContent
		if r.Header.Get("If-None-Match") == `W/"1"` {
			h = http.Header{"Ratelimit-Remaining": {"8"}, "Request-Id": {"second"}, "Content-Length": {"0"}}
			status, body = http.StatusNotModified, ""
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []http.Header{
		{"Etag": {`W/"1"`}, "Ratelimit-Remaining": {"9"}, "Request-Id": {"first"}, "Next-Range": {"id ]1..; max=1"}, "Content-Type": {"application/json"}},
		{"Etag": {`W/"1"`}, "Ratelimit-Remaining": {"8"}, "Request-Id": {"second"}, "Next-Range": {"id ]1..; max=1"}, "Content-Type": {"application/json"}},
	} {
		req := cacheRequest(t, "GET", "/apps", nil)
		req.Header.Set("Range", "id ..; max=1")
		sent := req.Header.Clone()
		resp, err := rt.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || string(body) != `[{"id":"1"}]` || resp.StatusCode != http.StatusPartialContent || resp.Request != req {
			t.Errorf("answer %d: got %d %q, %v", i+1, resp.StatusCode, body, err)
		}
		if diff := cmp.Diff(want, resp.Header); diff != "" {
			t.Errorf("answer %d: headers (-want +got):\n%s", i+1, diff)
		}
		if diff := cmp.Diff(sent, req.Header); diff != "" {
			t.Errorf("the request was changed (-want +got):\n%s", diff)
		}
	}
}

// A page that has got a successor, and says so with the 304, is a part from
// then on.
func TestCacheAnswerBecomesPart(t *testing.T) {
	rt, err := NewCache(t.TempDir(), roundTrip(func(r *http.Request) (*http.Response, error) {
		resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Etag": {`"1"`}}, Body: io.NopCloser(strings.NewReader("[1]")), ContentLength: -1}
		if r.Header.Get("If-None-Match") != "" {
			resp.StatusCode, resp.Body = http.StatusNotModified, nil
			resp.Header.Set("Next-Range", "id ]1..")
		}
		return resp, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"200 ", "206 id ]1.."} {
		resp, err := rt.RoundTrip(cacheRequest(t, "GET", "/apps", nil))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(resp.StatusCode, " ", resp.Header.Get("Next-Range")); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func cacheRequest(t *testing.T, method, path string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "https://api.example.com"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	req.Header.Set("Accept", accept)
	return req
}

// What isn't to be kept passes as it is.
func TestCachePassesBy(t *testing.T) {
	answer := func(status int, body string, headers ...string) func() (*http.Response, error) {
		return func() (*http.Response, error) {
			h := http.Header{"Etag": {`"1"`}}
			for pair := range slices.Chunk(headers, 2) {
				h.Set(pair[0], pair[1])
			}
			return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}, nil
		}
	}
	list := answer(200, `[{"id":"1"}]`)
	broken := errors.New("broken")
	tests := []struct {
		name   string
		method string
		path   string
		header string // name and value
		answer func() (*http.Response, error)
		body   string
		err    error // of reading the body
		kept   bool
	}{
		{name: "kept", answer: list, body: `[{"id":"1"}]`, kept: true},
		{name: "below a path", path: "/some/where/apps", answer: list, body: `[{"id":"1"}]`, kept: true},
		{name: "POST", method: "POST", answer: list, body: `[{"id":"1"}]`},
		{name: "no token", header: "Authorization ", answer: list, body: `[{"id":"1"}]`},
		{name: "secret", path: "/apps/shop/config-vars", answer: answer(200, `{"A":"b"}`), body: `{"A":"b"}`},
		{name: "unknown path", path: "/apps/shop", answer: answer(200, `{"id":"1"}`), body: `{"id":"1"}`},
		{name: "query", path: "/apps?key=1", answer: list, body: `[{"id":"1"}]`},
		{name: "own condition", header: `If-None-Match "2"`, answer: answer(304, ""), body: ""},
		{name: "no tag", answer: answer(200, `[]`, "Etag", ""), body: `[]`},
		{name: "no-store", answer: answer(200, `[]`, "Cache-Control", "private, no-store"), body: `[]`},
		{name: "error", answer: answer(503, `[]`), body: `[]`},
		{name: "not JSON", answer: answer(200, `<html>`), body: `<html>`},
		{name: "cut off", answer: answer(200, `[{"id":`), body: `[{"id":`},
		{name: "too large", answer: answer(200, `["`+strings.Repeat("x", 2000)+`"]`), body: `["` + strings.Repeat("x", 2000) + `"]`},
		{name: "full page", header: "Range id ..; max=2", answer: answer(200, `[1,2]`), body: `[1,2]`},
		{name: "full page with a next one", header: "Range id ..; max=2", answer: answer(206, `[1,2]`, "Next-Range", "id ]2..; max=2"), body: `[1,2]`, kept: true},
		{name: "broken", answer: func() (*http.Response, error) {
			r := io.MultiReader(strings.NewReader(`[{"id":"1"}]`), failedReader{broken})
			return &http.Response{StatusCode: 200, Header: http.Header{"Etag": {`"1"`}}, Body: io.NopCloser(r), ContentLength: -1}, nil
		}, body: `[{"id":"1"}]`, err: broken},
		{name: "shorter than said", answer: func() (*http.Response, error) {
			r, err := list()
			r.ContentLength = 100
			return r, err
		}, body: `[{"id":"1"}]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			closed := false
			rt, err := NewCache(dir, roundTrip(func(r *http.Request) (*http.Response, error) {
				if name, _, _ := strings.Cut(tt.header, " "); name != "If-None-Match" && r.Header.Get("If-None-Match") != "" {
					t.Error("the request has a condition")
				}
				resp, err := tt.answer()
				resp.Body = struct {
					io.Reader
					io.Closer
				}{resp.Body, closer(func() error { closed = true; return nil })}
				return resp, err
			}))
			if err != nil {
				t.Fatal(err)
			}
			rt.(*cache).maxEntry = 1000
			req := cacheRequest(t, stdcmp.Or(tt.method, "GET"), stdcmp.Or(tt.path, "/apps"), nil)
			if name, value, ok := strings.Cut(tt.header, " "); ok {
				req.Header.Set(name, value)
			}
			resp, err := rt.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			if string(body) != tt.body || !errors.Is(err, tt.err) {
				t.Errorf("got %.100q, %v; want %.100q, %v", body, err, tt.body, tt.err)
			}
			if resp.Body.Close(); !closed {
				t.Error("the body isn't closed")
			}
			if got := len(cacheFiles(t, dir)) > 0; got != tt.kept {
				t.Errorf("kept: got %v, want %v", got, tt.kept)
			}
		})
	}
}

type closer func() error

func (f closer) Close() error { return f() }

// Entries that aren't whole, or stand in another's place, are none, and are
// replaced.
func TestCacheCorrupt(t *testing.T) {
	s := cacheServer(herokutest.Policy{})
	dir := t.TempDir()
	want := readLists(t, cachedClient(t, dir, testToken, s))
	n := len(cacheFiles(t, dir))
	names := func() (names []string) {
		for name := range cacheFiles(t, dir) {
			names = append(names, name)
		}
		slices.Sort(names)
		return names
	}
	damages := map[string]func(path string, data []byte) error{
		"empty":     func(path string, _ []byte) error { return os.WriteFile(path, nil, 0o600) },
		"cut off":   func(path string, data []byte) error { return os.WriteFile(path, data[:len(data)/2], 0o600) },
		"changed":   func(path string, data []byte) error { data[len(data)/2] ^= 1; return os.WriteFile(path, data, 0o600) },
		"plain":     func(path string, _ []byte) error { return os.WriteFile(path, []byte(`{"Status":200}`+"\n[]"), 0o600) },
		"swapped":   func(path string, _ []byte) error { return copyFile(filepath.Join(dir, names()[0]), path) },
		"a folder":  func(path string, _ []byte) error { os.Remove(path); return os.Mkdir(path, 0o700) },
		"too large": func(path string, _ []byte) error { return os.Truncate(path, cacheMaxEntry+cacheOverhead+1) },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			for i, file := range names() {
				if i == 0 && name == "swapped" {
					continue
				}
				path := filepath.Join(dir, file)
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := damage(path, data); err != nil {
					t.Fatal(err)
				}
			}
			for _, whole := range []bool{false, true} {
				s.ResetRequests()
				if diff := cmp.Diff(want, readLists(t, cachedClient(t, dir, testToken, s))); diff != "" {
					t.Fatalf("answers (-want +got):\n%s", diff)
				}
				unchanged := 0
				for _, r := range s.Log() {
					if r.Status == http.StatusNotModified {
						unchanged++
					}
				}
				wantUnchanged := map[bool]int{true: n}[whole]
				if name == "swapped" && !whole {
					wantUnchanged = 1
				}
				if name == "a folder" {
					wantUnchanged = 0 // not the cache's to remove
				}
				if unchanged != wantUnchanged {
					t.Errorf("after the damage is mended=%v: got %d answers not modified, want %d", whole, unchanged, wantUnchanged)
				}
			}
			if name == "a folder" {
				for _, e := range mustReadDir(t, dir) {
					if e.IsDir() {
						os.Remove(filepath.Join(dir, e.Name()))
					}
				}
				readLists(t, cachedClient(t, dir, testToken, s))
			}
			if got := len(cacheFiles(t, dir)); got != n {
				t.Errorf("got %d files, want %d", got, n)
			}
		})
	}
}

func mustReadDir(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o600)
}

// The oldest go first, and nothing that isn't the cache's.
func TestCacheRoom(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	old := func(name string, age time.Duration) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	old("notes.txt", 100*24*time.Hour)
	old(cacheTemp+"123", 2*time.Hour)
	old(cacheTemp+"456", time.Minute)
	old(strings.Repeat("a", 64), 31*24*time.Hour)

	rt, err := NewCache(dir, roundTrip(func(r *http.Request) (*http.Response, error) {
		status, body := 200, `["`+strings.Repeat("x", 9000)+`"]`
		if r.Header.Get("If-None-Match") != "" {
			status, body = 304, ""
		}
		return &http.Response{StatusCode: status, Header: http.Header{"Etag": {`"1"`}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	c := rt.(*cache)
	c.maxTotal = 100_000 // eleven entries
	c.now = func() time.Time { return now }
	read := func(app int) (status int) {
		t.Helper()
		inner := c.inner
		defer func() { c.inner = inner }()
		c.inner = roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := inner.RoundTrip(r)
			status = resp.StatusCode
			return resp, err
		})
		now = now.Add(time.Second)
		if _, err := c.RoundTrip(cacheRequest(t, "GET", fmt.Sprintf("/apps/app-%d/formation", app), nil)); err != nil {
			t.Fatal(err)
		}
		return status
	}
	for i := range 50 {
		read(i)
		if i >= 5 && read(3) != 304 {
			t.Fatalf("after %d entries the one that is of use is gone", i+1)
		}
		size := 0
		for _, data := range cacheFiles(t, dir) {
			size += len(data)
		}
		if size > 110_000 {
			t.Fatalf("after %d entries: got %d bytes, want at most 110,000", i+1, size)
		}
	}
	if got := read(49); got != 304 {
		t.Errorf("the newest: got %d, want 304", got)
	}
	if got := read(10); got != 200 {
		t.Errorf("one of the oldest: got %d, want 200", got)
	}
	files := cacheFiles(t, dir)
	for name, want := range map[string]bool{"notes.txt": true, cacheTemp + "123": false, cacheTemp + "456": true, strings.Repeat("a", 64): false} {
		if _, got := files[name]; got != want {
			t.Errorf("%s: there is one: %v, want %v", name, got, want)
		}
	}
}

func TestCacheFolder(t *testing.T) {
	if _, err := NewCache("", nil); err == nil {
		t.Error("no folder: got no error")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewCache(filepath.Join(file, "cache"), nil); err == nil {
		t.Error("below a file: got no error")
	}
	// A folder that goes away is no error of a request.
	s := cacheServer(herokutest.Policy{})
	dir := filepath.Join(t.TempDir(), "cache")
	c := cachedClient(t, dir, testToken, s)
	want := readLists(t, c)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, readLists(t, c)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// An answer that is cut off is repeated by the client, and never kept.
func TestCacheFaults(t *testing.T) {
	s := cacheServer(herokutest.Policy{})
	dir := t.TempDir()
	s.Inject(herokutest.Fault{Route: "GET /apps", Truncate: true, Times: 1})
	for _, want := range []int{2, 1} {
		c := cachedClient(t, dir, testToken, s)
		apps, err := List[thing](t.Context(), c, "/apps", "id")
		if err != nil || len(apps) != 2 || c.Requests() != want {
			t.Errorf("got %d apps with %d requests, %v; want 2 with %d", len(apps), c.Requests(), err, want)
		}
	}
	// An error is an error, and what is kept is of use again afterwards.
	s.Inject(herokutest.Fault{Route: "GET /apps", Status: 403, Times: 1})
	c := cachedClient(t, dir, testToken, s)
	if _, err := List[thing](t.Context(), c, "/apps", "id"); !errors.Is(err, ErrForbidden) {
		t.Errorf("got %v, want ErrForbidden", err)
	}
	s.ResetRequests()
	if apps, err := List[thing](t.Context(), c, "/apps", "id"); err != nil || len(apps) != 2 || s.Log()[0].Status != 304 {
		t.Errorf("got %d apps, %v, status %d; want 2 with 304", len(apps), err, s.Log()[0].Status)
	}
}

// Clients that share a folder, as goroutines here do like processes, get what
// the server says while it changes.
func TestCacheShared(t *testing.T) {
	s := cacheServer(herokutest.Policy{})
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 4 {
		c := cachedClient(t, dir, testToken, s, func(c *cache) { c.maxTotal = 50_000 })
		wg.Go(func() {
			for i := range 5 {
				for _, app := range []string{"shop", "blog"} {
					s.Scale(app, "web", i, "")
					list, err := List[struct{ Type string }](t.Context(), c, "/apps/"+app+"/formation", "")
					if err != nil || len(list) != 1 || list[0].Type != "web" {
						t.Errorf("got %v, %v", list, err)
					}
				}
				readLists(t, c)
			}
		})
	}
	wg.Wait()
	for name := range cacheFiles(t, dir) {
		if !isEntryName(name) {
			t.Errorf("%s is left", name)
		}
	}
}
