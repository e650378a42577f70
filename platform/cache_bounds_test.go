package platform

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestCacheKeys: an answer is one request's, of one token; who asks a question of their
// own gets no other's answer.
func TestCacheKeys(t *testing.T) {
	key := func(change func(*http.Request)) (*cacheKey, bool) {
		t.Helper()
		req := cacheRequest(t, "GET", "/apps", nil)
		if change != nil {
			change(req)
		}
		return keyOf(req)
	}
	first, ok := key(nil)
	again, _ := key(func(r *http.Request) {
		r.Header.Set("User-Agent", "x")
		r.Header.Set("Request-Id", "y")
		r.Body = http.NoBody
	})
	if !ok || again == nil || first.name != again.name || !isEntryName(first.name) {
		t.Fatalf("got %v and %v for one request", first, again)
	}
	sealed := first.aead.Seal(nil, nil, []byte("text"), nil)
	if text, err := again.aead.Open(nil, nil, sealed, nil); err != nil || string(text) != "text" {
		t.Errorf("got %q, %v", text, err)
	}
	if bytes.Equal(sealed, first.aead.Seal(nil, nil, []byte("text"), nil)) {
		t.Error("one text is encrypted twice to the same")
	}
	names := map[string]string{first.name: "nothing"}
	other := func(what string, change func(*http.Request)) {
		t.Helper()
		k, ok := key(change)
		if !ok {
			t.Errorf("%s: no key", what)
			return
		}
		if with, ok := names[k.name]; ok {
			t.Errorf("%s: the entry is that of %s", what, with)
		}
		names[k.name] = what
		if _, err := k.aead.Open(nil, nil, sealed, nil); err == nil {
			t.Errorf("%s: the other's entry can be read", what)
		}
	}
	other("token", func(r *http.Request) { r.Header.Set("Authorization", "Bearer other") })
	other("the same token in another form", func(r *http.Request) { r.Header.Set("Authorization", basic("me", testToken)) })
	other("path", func(r *http.Request) { r.URL.Path = "/addons" })
	other("host", func(r *http.Request) { r.URL.Host = "other.example.com" })
	for _, name := range []string{"Range", "Accept", "Accept-Expansion"} {
		other(name, func(r *http.Request) { r.Header.Set(name, "x") })
		other(name+" twice", func(r *http.Request) { r.Header[name] = []string{"x", "y"} })
	}
	refused := map[string]func(*http.Request){
		"a POST":   func(r *http.Request) { r.Method = "POST" },
		"a HEAD":   func(r *http.Request) { r.Method = "HEAD" },
		"no token": func(r *http.Request) { r.Header.Del("Authorization") },
		"a body":   func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("x")) },
		"a query":  func(r *http.Request) { r.URL.RawQuery = "a=b" },
		"secrets":  func(r *http.Request) { r.URL.Path = "/apps/a/config-vars" },
	}
	for _, name := range []string{"If-None-Match", "If-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Cache-Control", "Pragma"} {
		refused[name] = func(r *http.Request) { r.Header.Set(name, "x") }
	}
	for what, change := range refused {
		if _, ok := key(change); ok {
			t.Errorf("%s: got a key", what)
		}
	}
}

// TestCacheEntryNames: what is the cache's own in its folder.
func TestCacheEntryNames(t *testing.T) {
	for name, want := range map[string]bool{
		strings.Repeat("0", 64): true, strings.Repeat("f9", 32): true, strings.Repeat("0", 63): false, strings.Repeat("0", 65): false,
		strings.Repeat("F", 64): false, strings.Repeat("0", 31) + "g" + strings.Repeat("0", 32): false, "": false,
	} {
		if got := isEntryName(name); got != want {
			t.Errorf("%q: got %v", name, got)
		}
	}
}

// TestCacheSweep: what is removed, and what is counted.
func TestCacheSweep(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	name := func(c string) string { return strings.Repeat(c, 64) }
	for _, tt := range []struct {
		what  string
		files map[string]time.Duration // by their names, how long ago each was of use
		sizes map[string]int64         // other than 1
		most  int64
		left  []string
		total int64
	}{
		{"nothing", nil, nil, 10, nil, 0},
		{"ages", map[string]time.Duration{
			name("a"): 30 * 24 * time.Hour, name("b"): 30*24*time.Hour + time.Second, name("c"): 0,
			"tmp-1": time.Hour, "tmp-2": time.Hour + time.Second, "tmp-3": 31 * 24 * time.Hour,
			"notes.txt": 1000 * 24 * time.Hour, name("G"): 1000 * 24 * time.Hour,
		}, nil, 1 << 20, []string{name("G"), name("a"), name("c"), "notes.txt", "tmp-1"}, 2 * 4096},
		{"small files take a block", map[string]time.Duration{name("a"): 0, name("b"): 0, name("c"): 0}, map[string]int64{name("a"): 4095, name("b"): 4096, name("c"): 4097}, 1 << 20,
			[]string{name("a"), name("b"), name("c")}, 3*4096 + 1},
		{"just enough room", map[string]time.Duration{name("a"): 3, name("b"): 2, name("c"): 1, name("d"): 0}, nil, 4 * 4096,
			[]string{name("a"), name("b"), name("c"), name("d")}, 4 * 4096},
		{"too little room: the oldest, to three quarters", map[string]time.Duration{name("a"): 0, name("b"): 4 * time.Second, name("c"): 2 * time.Second, name("d"): 3 * time.Second, name("e"): time.Second}, nil, 4 * 4096,
			[]string{name("a"), name("c"), name("e")}, 3 * 4096},
		{"of one age: by name", map[string]time.Duration{name("c"): 0, name("b"): 0, name("a"): 0, name("e"): 0, name("d"): 0}, nil, 4 * 4096,
			[]string{name("c"), name("d"), name("e")}, 3 * 4096},
		{"unfinished ones aren't counted", map[string]time.Duration{name("a"): 0, "tmp-1": 0}, map[string]int64{"tmp-1": 1 << 20}, 4096, []string{name("a"), "tmp-1"}, 4096},
	} {
		t.Run(tt.what, func(t *testing.T) {
			dir := t.TempDir()
			for name, age := range tt.files {
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
					t.Fatal(err)
				}
				if size, ok := tt.sizes[name]; ok {
					if err := os.Truncate(path, size); err != nil {
						t.Fatal(err)
					}
				}
				if err := os.Chtimes(path, now.Add(-age), now.Add(-age)); err != nil {
					t.Fatal(err)
				}
			}
			// A folder isn't the cache's, whatever its name and age.
			if err := os.Mkdir(filepath.Join(dir, name("0")), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(filepath.Join(dir, name("0")), now.Add(-10000*time.Hour), now.Add(-10000*time.Hour)); err != nil {
				t.Fatal(err)
			}
			c := &cache{dir: dir, maxTotal: tt.most, now: func() time.Time { return now }}
			total := c.sweep()
			var left []string
			for _, e := range mustReadDir(t, dir) {
				if !e.IsDir() {
					left = append(left, e.Name())
				}
			}
			if total != tt.total || !slices.Equal(left, tt.left) || len(mustReadDir(t, dir)) != len(left)+1 {
				t.Errorf("got %d bytes in %q, want %d in %q", total, left, tt.total, tt.left)
			}
		})
	}
}

// TestCacheAccounts: the folder is read at first, when it may be full, and now and then.
func TestCacheAccounts(t *testing.T) {
	const most = 1 << 20
	for _, tt := range []struct {
		size, slop, n int64 // before, and what is written
		sweeps        bool
	}{
		{-1, 0, 1, true},
		{0, 0, 1, false},
		{0, most/4 - 4097, 1, false},
		{0, most/4 - 4096, 1, true},
		{0, most/4 - 5000, 5000, true},
		{0, most/4 - 5000, 4999, false},
		{most - 4096, most / 16, 1, false},
		{most - 4095, most / 16, 1, true},
		{most, most/16 - 4097, 1, false},
		{most, most/16 - 4096, 1, true},
	} {
		sweeps := 0
		c := &cache{dir: t.TempDir(), maxTotal: most, size: tt.size, slop: tt.slop, now: func() time.Time { sweeps++; return time.Now() }}
		c.account(tt.n)
		size, slop := tt.size+max(tt.n, 4096), tt.slop+max(tt.n, 4096)
		if tt.sweeps {
			size, slop = 0, 0
		}
		if sweeps > 1 || (sweeps == 1) != tt.sweeps || c.size != size || c.slop != slop {
			t.Errorf("%+v: read %d times, then %d and %d; want %d and %d", tt, sweeps, c.size, c.slop, size, slop)
		}
	}
}

// TestCacheBounds: which answers are kept, at the bounds.
func TestCacheBounds(t *testing.T) {
	body := func(n int) string { return `"` + strings.Repeat("x", n-2) + `"` }
	for _, tt := range []struct {
		what   string
		tag    string
		body   string
		length int64 // that is said
		status int
		header [2]string
		kept   bool
	}{
		{"kept", `"1"`, body(1000), 1000, 200, [2]string{}, true},
		{"a part", `"1"`, body(1000), 1000, 206, [2]string{}, true},
		{"of no length", `"1"`, body(1000), -1, 200, [2]string{}, true},
		{"one more than fits", `"1"`, body(1001), -1, 200, [2]string{}, false},
		{"one more than fits, as it says", `"1"`, body(1001), 1001, 200, [2]string{}, false},
		{"longer than said", `"1"`, body(10), 9, 200, [2]string{}, false},
		{"shorter than said", `"1"`, body(10), 11, 200, [2]string{}, false},
		{"a long tag", strings.Repeat("x", 256), body(10), -1, 200, [2]string{}, true},
		{"too long a tag", strings.Repeat("x", 257), body(10), -1, 200, [2]string{}, false},
		{"large headers", `"1"`, body(10), -1, 200, [2]string{"Content-Type", strings.Repeat("x", cacheOverhead/2-200)}, true},
		{"too large headers", `"1"`, body(10), -1, 200, [2]string{"Content-Type", strings.Repeat("x", cacheOverhead/2)}, false},
		{"201", `"1"`, body(10), -1, 201, [2]string{}, false},
		{"404", `"1"`, body(10), -1, 404, [2]string{}, false},
	} {
		t.Run(tt.what, func(t *testing.T) {
			dir := t.TempDir()
			rt, err := NewCache(dir, roundTrip(func(*http.Request) (*http.Response, error) {
				resp := &http.Response{StatusCode: tt.status, Header: http.Header{"Etag": {tt.tag}}, Body: io.NopCloser(strings.NewReader(tt.body)), ContentLength: tt.length}
				if tt.header[0] != "" {
					resp.Header.Set(tt.header[0], tt.header[1])
				}
				return resp, nil
			}))
			if err != nil {
				t.Fatal(err)
			}
			rt.(*cache).maxEntry = 1000
			resp, err := rt.RoundTrip(cacheRequest(t, "GET", "/apps", nil))
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(resp.Body); err != nil || string(text) != tt.body {
				t.Errorf("got %.20q, %v", text, err)
			}
			if got := len(cacheFiles(t, dir)) == 1; got != tt.kept {
				t.Errorf("kept: %v", got)
			}
		})
	}
}

// TestCacheResponse: what becomes of an answer "not modified", down to its fields.
func TestCacheResponse(t *testing.T) {
	read := 0
	body := closingReader{readerFunc(func(p []byte) (int, error) {
		if read++; read > 3 {
			return 0, io.EOF
		}
		return 1, nil
	}), new(int)}
	fresh := &http.Response{
		Status: "304 Not Modified", StatusCode: 304, ContentLength: 9, TransferEncoding: []string{"chunked"}, Uncompressed: true, Trailer: http.Header{"X": nil}, Body: body,
		Header: http.Header{"Content-Length": {"9"}, "Content-Encoding": {"gzip"}, "Transfer-Encoding": {"chunked"}, "Etag": {"new"}},
	}
	e := &cacheEntry{Status: 200, Header: http.Header{"Etag": {"old"}, "Content-Type": {"application/json"}}, body: []byte("[1]")}
	got := e.response(fresh)
	text, err := io.ReadAll(got.Body)
	if err != nil || string(text) != "[1]" || got.ContentLength != 3 || got.Status != "200 OK" || got.StatusCode != 200 ||
		got.TransferEncoding != nil || got.Uncompressed || got.Trailer != nil {
		t.Errorf("got %+v with %q, %v", got, text, err)
	}
	if h := fmt.Sprint(got.Header); h != "map[Content-Type:[application/json] Etag:[new]]" {
		t.Errorf("headers: got %s", h)
	}
	if read != 4 || *body.closed != 1 {
		t.Errorf("the body was read %d times and closed %d times", read, *body.closed)
	}
	got.Header["Content-Type"][0] = "changed"
	if e.Header.Get("Content-Type") != "application/json" || len(fresh.Header) != 4 {
		t.Errorf("changed: %v, %v", e.Header, fresh.Header)
	}
}

type closingReader struct {
	io.Reader
	closed *int
}

func (r closingReader) Close() error { *r.closed++; return nil }

// TestCacheNoAnswer: an error passes as it is.
func TestCacheNoAnswer(t *testing.T) {
	broken := errors.New("broken")
	dir := t.TempDir()
	rt, err := NewCache(dir, failing{broken})
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := rt.RoundTrip(cacheRequest(t, "GET", "/apps", nil)); resp != nil || err != broken {
		t.Errorf("got %v, %v", resp, err)
	}
	// An answer beside it isn't allowed, but seen.
	both := roundTrip(func(req *http.Request) (*http.Response, error) {
		resp, _ := answer200(`[]`, "Etag", `"a"`)(req)
		return resp, broken
	})
	if rt, err = NewCache(dir, both); err != nil {
		t.Fatal(err)
	}
	if resp, err := rt.RoundTrip(cacheRequest(t, "GET", "/apps", nil)); resp == nil || err != broken {
		t.Errorf("with an answer: got %v, %v", resp, err)
	}
	if got := len(cacheFiles(t, dir)); got != 0 {
		t.Errorf("%d files", got)
	}
}
