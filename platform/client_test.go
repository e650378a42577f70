package platform

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	heroku "github.com/heroku/heroku-go/v5"

	"github.com/herokutf/herokutf/internal/leaktest"
	"github.com/herokutf/herokutf/internal/provider"
)

const testToken = "HRKU-sesame-0123456789"

// prefix is the path under which test servers have their API, so that a path
// put together without the base URL's shows.
const prefix = "/some/where"

// newTestServer serves handler under prefix and returns a client of it whose
// waits are short.
func newTestServer(t *testing.T, handler http.HandlerFunc, change ...func(*Options)) *Client {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(prefix+"/", http.StripPrefix(prefix, handler))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("request outside the base URL: %s %s", r.Method, r.URL)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	opts := Options{BaseURL: s.URL + prefix, Token: testToken, Backoff: time.Millisecond}
	for _, f := range change {
		f(&opts)
	}
	c, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answers serves the n-th of its handlers for the n-th request, and fails the
// test on more requests than that.
func answers(t *testing.T, handlers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		i := n
		n++
		mu.Unlock()
		if i >= len(handlers) {
			t.Errorf("request %d, %s %s: only %d are expected", i+1, r.Method, r.URL, len(handlers))
			w.WriteHeader(http.StatusTeapot)
			return
		}
		handlers[i](w, r)
	}
}

// say answers with a status, a body, and headers as name and value by turns.
func say(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for pair := range slices.Chunk(headers, 2) {
			w.Header().Set(pair[0], pair[1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

type thing struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func TestRequestHeaders(t *testing.T) {
	tests := []struct {
		name  string
		email string
		want  string
	}{
		{"bearer", "", "Bearer " + testToken},
		{"basic with an email", "me@example.com", "Basic bWVAZXhhbXBsZS5jb206SFJLVS1zZXNhbWUtMDEyMzQ1Njc4OQ=="},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var ids []string
			c := newTestServer(t, func(w http.ResponseWriter, r *http.Request) {
				want := map[string]string{
					"Authorization": tt.want,
					"Accept":        "application/vnd.heroku+json; version=3",
					"User-Agent":    "deploy/7",
				}
				for name, value := range want {
					if got := r.Header.Values(name); !slices.Equal(got, []string{value}) {
						t.Errorf("%s: got %q, want %q", name, got, value)
					}
				}
				ids = append(ids, r.Header.Get("Request-Id"))
				if r.URL.Path != "/apps/a" {
					t.Errorf("path: got %q", r.URL.Path)
				}
				say(200, `{"id":"1","name":"a"}`)(w, r)
			}, func(o *Options) { o.Email = tt.email; o.UserAgent = "deploy/7" })
			for range 2 {
				got, err := Get[thing](t.Context(), c, "/apps/a")
				if want := (thing{"1", "a"}); err != nil || got != want {
					t.Errorf("Get: got %v, %v; want %v", got, err, want)
				}
			}
			if len(ids) != 2 || ids[0] == ids[1] || !provider.IsUUID(ids[0]) {
				t.Errorf("Request-Id: got %q, want two different UUIDs", ids)
			}
			if got := c.Requests(); got != 2 {
				t.Errorf("Requests: got %d, want 2", got)
			}
		})
	}
}

func TestNoTokenNoAuthorization(t *testing.T) {
	c := newTestServer(t, func(w http.ResponseWriter, r *http.Request) {
		if got, ok := r.Header["Authorization"]; ok {
			t.Errorf("Authorization: got %q, want none", got)
		}
		say(200, `{}`)(w, r)
	}, func(o *Options) { o.Token = "" })
	if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil {
		t.Error(err)
	}
}

// TestService calls methods of heroku.Service, whose requests with a body go
// the same way.
func TestService(t *testing.T) {
	c := newTestServer(t, answers(t,
		say(200, `[{"id":"1","name":"a"}]`, "Next-Range", "id ]1..; max=200"),
		say(200, `[{"id":"2","name":"b"}]`),
		func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if r.Method != "PATCH" || string(body) != `{"name":"new"}` || r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("got %s with %s", r.Method, body)
			}
			say(200, `{"id":"1","name":"new"}`)(w, r)
		},
		say(404, `{"id":"not_found","message":"Couldn't find that app.","resource":"app"}`),
	))
	s := c.Service()
	apps, err := s.AppList(t.Context(), nil)
	if err != nil || len(apps) != 2 || apps[0].Name != "a" || apps[1].Name != "b" {
		t.Errorf("AppList: got %v, %v", apps, err)
	}
	app, err := s.AppUpdate(t.Context(), "a", heroku.AppUpdateOpts{Name: heroku.String("new")})
	if err != nil || app.Name != "new" {
		t.Errorf("AppUpdate: got %v, %v", app, err)
	}
	_, err = s.AppInfo(t.Context(), "a")
	if _, ok := errors.AsType[*url.Error](err); !ok || !errors.Is(err, ErrNotFound) {
		t.Errorf("AppInfo: got %v, want ErrNotFound in a *url.Error", err)
	}
	if e, ok := errors.AsType[*APIError](err); !ok || e.Resource != "app" {
		t.Errorf("AppInfo: got %#v", e)
	}
	// What a caller does to a service is between him and it.
	s.URL = "https://elsewhere.example"
	if _, err := s.AppInfo(t.Context(), "a"); !errors.Is(err, ErrForeignHost) {
		t.Errorf("got %v, want ErrForeignHost", err)
	}
	if got := c.Service().URL; got == s.URL {
		t.Errorf("another service has the URL of the first: %s", got)
	}
}

func TestPathsStayInside(t *testing.T) {
	c := newTestServer(t, answers(t))
	for _, path := range []string{
		"/apps/", "/apps//releases", "/apps/../teams", "/apps/./x", "/apps/%2e%2e/teams", "/..", "/../x",
	} {
		if _, err := Get[thing](t.Context(), c, path); !errors.Is(err, ErrInvalidName) {
			t.Errorf("Get %q: got %v, want ErrInvalidName", path, err)
		}
	}
	if err := c.Service().Delete(t.Context(), nil, "/apps/a/domains/"+""); !errors.Is(err, ErrInvalidName) {
		t.Errorf("Delete: got %v, want ErrInvalidName", err)
	}
	if got := c.Requests(); got != 0 {
		t.Errorf("Requests: got %d, want 0", got)
	}
}

// TestPathsCannotChangeTheHost: heroku.Service puts the path behind the URL as
// it is, and not every path begins with a slash.
func TestPathsCannotChangeTheHost(t *testing.T) {
	for _, base := range []string{"https://api.example", "https://api.example:444/some/where"} {
		c, err := New(Options{BaseURL: base, Token: testToken, Transport: failing{errors.New("sent")}})
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{".evil.example/apps", "@evil.example/apps", ":1@evil.example/apps", "x", "x/apps"} {
			_, err := Get[thing](t.Context(), c, path)
			if !errors.Is(err, ErrForeignHost) && !errors.Is(err, ErrInvalidName) {
				t.Errorf("%s: Get %q: got %v, want ErrForeignHost or ErrInvalidName", base, path, err)
			}
		}
		if got := c.Requests(); got != 0 {
			t.Errorf("%s: Requests: got %d, want 0", base, got)
		}
	}
}

func TestNewFaults(t *testing.T) {
	tests := []struct {
		name string
		opts Options
		want string // "" for none
	}{
		{"zero", Options{}, ""},
		{"token", Options{Token: testToken}, ""},
		{"token with the newline of a file", Options{Token: testToken + "\n"}, ""},
		{"loopback name", Options{Token: testToken, BaseURL: "http://LocalHost:80/"}, ""},
		{"loopback v4", Options{Token: testToken, BaseURL: "http://127.8.8.8"}, ""},
		{"loopback v6", Options{Token: testToken, BaseURL: "http://[::1]:1/x"}, ""},
		{"http without a token", Options{BaseURL: "http://api.example"}, ""},
		{"http", Options{Token: testToken, BaseURL: "http://api.example"}, "base URL: refusing to send the token unencrypted: http://api.example is not https"},
		{"http, looks like loopback", Options{Token: testToken, BaseURL: "http://127.0.0.1.example"}, "base URL: refusing to send the token unencrypted: http://127.0.0.1.example is not https"},
		{"user info", Options{BaseURL: "https://u:" + testToken + "@api.example"}, "base URL: it holds a user or a password, which belong into HEROKU_API_KEY or netrc"},
		{"query", Options{BaseURL: "https://api.example?a=" + testToken}, "base URL: it holds a query or a fragment"},
		{"fragment", Options{BaseURL: "https://api.example/#" + testToken}, "base URL: it holds a query or a fragment"},
		{"no scheme", Options{BaseURL: "api.heroku.com"}, "base URL: not an address that begins with https://"},
		{"other scheme", Options{BaseURL: "ftp://api.heroku.com"}, "base URL: not an address that begins with https://"},
		{"no host", Options{BaseURL: "https://:443/"}, "base URL: not an address that begins with https://"},
		{"not a URL", Options{BaseURL: "https://u:" + testToken + "@%zz"}, "base URL: not a URL"},
		{"dots", Options{BaseURL: "https://api.example/a/../b"}, "base URL: its path holds empty parts or dots"},
		{"token in two lines", Options{Token: testToken + "\nHost: x"}, "token: it holds characters that a token can't have"},
		{"email with a colon", Options{Email: "a:b"}, "email: it holds characters that an address can't have"},
		{"email in two lines", Options{Email: "a@x\nHost: y"}, "email: it holds characters that an address can't have"},
		{"email with a space", Options{Email: "a @x"}, "email: it holds characters that an address can't have"},
		{"token with a space", Options{Token: testToken + " x"}, "token: it holds characters that a token can't have"},
		{"token beyond ASCII", Options{Token: testToken + "é"}, "token: it holds characters that a token can't have"},
		{"token with a delete", Options{Token: testToken + "\x7f"}, "token: it holds characters that a token can't have"},
		{"token with a tilde", Options{Token: testToken + "~!"}, ""},
		{"another source", Options{TokenFrom: "options"}, `token source: "options" is none of env, store and netrc`},
		{"user agent with a tab", Options{UserAgent: "a\tb"}, "user agent: it holds control characters"},
		{"backoff", Options{Backoff: -1}, "concurrency, backoff and timeout can't be negative"},
		{"timeout", Options{Timeout: -1}, "concurrency, backoff and timeout can't be negative"},
		{"retries and waits may be", Options{Retries: -1, MaxWait: -1}, ""},
		{"answer", Options{Limits: Limits{Answer: -1}}, "limits can't be negative"},
		{"pages", Options{Limits: Limits{Pages: -1}}, "limits can't be negative"},
		{"elements", Options{Limits: Limits{Elements: -1}}, "limits can't be negative"},
		{"list", Options{Limits: Limits{List: -1}}, "limits can't be negative"},
		{"memory", Options{Limits: Limits{Memory: -1}}, "limits can't be negative"},
		{"call", Options{Limits: Limits{Call: -1}}, "limits can't be negative"},
		{"contact", Options{Limits: Limits{Contact: -1}}, "limits can't be negative"},
		{"http in upper case", Options{Token: testToken, BaseURL: "HTTP://api.example"}, "base URL: refusing to send the token unencrypted: http://api.example is not https"},
		{"empty query", Options{BaseURL: "https://api.example/?"}, "base URL: it holds a query or a fragment"},
		{"user without a password", Options{BaseURL: "https://u@api.example"}, "base URL: it holds a user or a password, which belong into HEROKU_API_KEY or netrc"},
		{"empty parts", Options{BaseURL: "https://api.example/a//b"}, "base URL: its path holds empty parts or dots"},
		{"user agent with a newline", Options{UserAgent: "a\nb"}, "user agent: it holds control characters"},
		{"several", Options{Concurrency: -1, BaseURL: "x"}, "base URL: not an address that begins with https://\nconcurrency, backoff and timeout can't be negative"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := New(tt.opts)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if (c == nil) != (err != nil) {
				t.Errorf("got client %v with error %v", c, err)
			}
			if strings.Contains(got, testToken) {
				t.Errorf("the error shows what is secret: %s", got)
			}
			if is := errors.Is(err, ErrInsecure); is != strings.Contains(tt.want, "unencrypted") {
				t.Errorf("errors.Is ErrInsecure: got %v", is)
			}
		})
	}
}

// hiding fails if a text holds the token in any of its spellings.
func hiding(t *testing.T, what string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		for _, secret := range []string{
			testToken,
			fmt.Sprintf("%x", testToken),
			"bWVAZXhhbXBsZS5jb206SFJLVS1zZXNhbWUtMDEyMzQ1Njc4OQ", // me@example.com:token
			"SFJLVS1zZXNhbWUt",
		} {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows the token: %s", what, text)
			}
		}
	}
}

func TestTokenStaysHidden(t *testing.T) {
	opts := Options{Token: testToken, Email: "me@example.com", BaseURL: "https://u:" + testToken + "@api.example/" + testToken}
	// Reflection reaches an exported field, of course: what is held back is
	// what is printed.
	var printed []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		printed = append(printed, fmt.Sprintf(verb, opts), fmt.Sprintf(verb, &opts), fmt.Sprintf(verb, struct{ O Options }{opts}))
	}
	data, err := json.Marshal(map[string]any{"opts": opts})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "opts", opts)
	hiding(t, "Options", append(printed, string(data), b.String())...)

	// The server echoes whatever it was sent, in every place it can.
	echo := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			auth := r.Header.Get("Authorization")
			_, credentials, _ := strings.Cut(auth, " ")
			text, _ := json.Marshal("you sent " + auth + " and " + testToken)
			for _, name := range []string{"Request-Id", "X-Heroku-Warning", "Next-Range", "Content-Type", "Retry-After"} {
				w.Header().Set(name, credentials+" "+testToken)
			}
			w.Header().Set("Location", "https://evil.example/"+testToken)
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"id":%s,"message":%s,"resource":%s,"url":%s}`, text, text, text, text)
		}
	}
	for _, status := range []int{200, 206, 301, 302, 307, 400, 401, 403, 404, 422, 429, 500, 503} {
		for _, email := range []string{"", "me@example.com"} {
			c := newTestServer(t, echo(status), func(o *Options) {
				o.Email = email
				o.MaxWait = -1
				o.Progress = func(e Event) {
					hiding(t, fmt.Sprintf("event of %d", status), leaktest.Dumps(e)...)
				}
			})
			hiding(t, "Client", leaktest.Dumps(c)...)
			hiding(t, "Client by value", leaktest.Dumps(*c)...)
			hiding(t, "Service", leaktest.Dumps(c.Service())...)
			hiding(t, "http.Client", leaktest.Dumps(c.http)...)
			_, err := List[thing](t.Context(), c, "/apps/a"+testToken+"/x", "id")
			if err == nil {
				t.Fatalf("%d: no error", status)
			}
			hiding(t, fmt.Sprintf("error of %d", status), leaktest.Dumps(err)...)
			err = c.Service().Post(t.Context(), nil, "/apps", map[string]string{"name": "x"})
			if err != nil {
				hiding(t, fmt.Sprintf("error of %d", status), leaktest.Dumps(err)...)
			}
		}
	}
}

// TestTokenStaysHiddenEscaped: whoever repeats the token may have escaped it, once more
// than the answer as a whole is.
func TestTokenStaysHiddenEscaped(t *testing.T) {
	const token, email = `HRKU-a+b/c="<&d>'-0123456789`, "me@example.com"
	basic := base64.StdEncoding.EncodeToString([]byte(email + ":" + token))
	each := func(format string) func(string) string {
		return func(s string) string {
			var b strings.Builder
			for i := range len(s) {
				fmt.Fprintf(&b, format, s[i])
			}
			return b.String()
		}
	}
	for name, spell := range map[string]func(string) string{
		"JSON":         func(s string) string { data, _ := json.Marshal(s); return strings.Trim(string(data), `"`) },
		"JSON, all":    each(`\u%04x`),
		"a query":      url.QueryEscape,
		"a path":       url.PathEscape,
		"percent, all": each("%%%02X"),
		"HTML":         html.EscapeString,
		"HTML, all":    each("&#%d;"),
		"HTML, hex":    each("&#x%x;"),
	} {
		for _, secret := range []string{token, basic, strings.TrimRight(basic, "="), base64.URLEncoding.EncodeToString([]byte(email + ":" + token))} {
			spelled := spell(secret)
			body, err := json.Marshal(map[string]string{"id": spelled, "message": "you sent " + spelled + ".", "resource": spelled})
			if err != nil {
				t.Fatal(err)
			}
			shown := func(what string, texts ...string) {
				for _, text := range texts {
					if strings.Contains(text, spelled) || strings.Contains(text, secret) || strings.Contains(text, "HRKU") || strings.Contains(text, spelled[len(spelled)/2:]) {
						t.Errorf("%s: %s has the token: %s", name, what, text)
					}
				}
			}
			header := http.Header{"Request-Id": {spelled}, "X-Heroku-Warning": {spelled}}
			c, err := New(Options{
				Token: token, Email: email, Retries: -1, Progress: func(e Event) { shown("an event", fmt.Sprintf("%+v", e)) },
				Transport: &recording{answer: func() *http.Response {
					return &http.Response{StatusCode: 422, Header: header, Body: io.NopCloser(bytes.NewReader(body))}
				}},
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = Get[thing](t.Context(), c, "/apps/a")
			e, ok := errors.AsType[*APIError](err)
			if !ok {
				t.Fatal(err)
			}
			shown("the error", leaktest.Dumps(err)...)
			if e.ID != "[token]" || strings.TrimRight(e.Message, "=.") != "you sent [token]" {
				t.Errorf("%s: got %q, %q", name, e.ID, e.Message)
			}
		}
	}
}

// failing is a RoundTripper that fails with a text.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestTransportErrorsHideTheToken(t *testing.T) {
	c, err := New(Options{Token: testToken, Retries: -1, Transport: failing{errors.New("dump: Authorization: Bearer " + testToken)}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Service().AppInfo(t.Context(), "a")
	var printed []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		printed = append(printed, fmt.Sprintf(verb, err))
	}
	hiding(t, "error", printed...)
	if want := `Get "https://api.heroku.com/apps/a": GET /apps/a: dump: Authorization: Bearer [token]`; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

// recording is a RoundTripper that notes where requests go and what they carry.
type recording struct {
	answer func() *http.Response
	sent   []string
}

func (r *recording) RoundTrip(req *http.Request) (*http.Response, error) {
	r.sent = append(r.sent, req.URL.String()+" "+req.Header.Get("Authorization"))
	return r.answer(), nil
}

// TestTokenNotInClear: the token goes by https alone, also to the host that it is for.
func TestTokenNotInClear(t *testing.T) {
	const first = "https://api.heroku.com/apps/a Bearer " + testToken
	for _, status := range []int{300, 301, 302, 303, 307, 308} {
		for _, location := range []string{"http://api.heroku.com/apps/a", "http://api.heroku.com:443/apps/a", "//api.heroku.com/apps/b", "/apps/b", "https://api.heroku.com/apps/b"} {
			inner := &recording{answer: func() *http.Response {
				return &http.Response{StatusCode: status, Header: http.Header{"Location": {location}}, Body: http.NoBody}
			}}
			c, err := New(Options{Token: testToken, Retries: -1, Transport: inner})
			if err != nil {
				t.Fatal(err)
			}
			_, err = Get[thing](t.Context(), c, "/apps/a")
			_, err2 := c.Service().AppInfo(t.Context(), "a")
			if !errors.Is(err, ErrRedirect) || !errors.Is(err2, ErrRedirect) {
				t.Errorf("%d to %s: got %v and %v, want ErrRedirect", status, location, err, err2)
			}
			if want := []string{first, first}; !slices.Equal(inner.sent, want) {
				t.Errorf("%d to %s: sent %q", status, location, inner.sent)
			}
		}
	}
	inner := &recording{answer: func() *http.Response { t.Error("sent"); return nil }}
	c, err := New(Options{Token: testToken, Retries: -1, Transport: inner})
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{
		"http://api.heroku.com", "http://api.heroku.com:443", "https://api.heroku.com:8443", "https://api.heroku.com.example.com",
		"https://me@api.heroku.com", "https://me:x@api.heroku.com", "ftp://api.heroku.com", "https://heroku.com", "https://",
	} {
		s := c.Service()
		s.URL = address
		if _, err := s.AppInfo(t.Context(), "a"); err == nil || !errors.Is(err, ErrForeignHost) && address != "https://" {
			t.Errorf("%s: got %v, want ErrForeignHost", address, err)
		}
		if err := s.Post(t.Context(), nil, "/apps", nil); err == nil {
			t.Errorf("%s: a POST was sent", address)
		}
	}
	if len(inner.sent) > 0 || c.Requests() != 0 {
		t.Errorf("sent %q", inner.sent)
	}
	// A host is the same in any case of letters.
	inner.answer = func() *http.Response {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"id":"1","name":"a"}`))}
	}
	s := c.Service()
	s.URL = "https://API.Heroku.com"
	if _, err := s.AppInfo(t.Context(), "a"); err != nil {
		t.Errorf("%s: %v", s.URL, err)
	}
}

func TestRedirectsAreErrors(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect was followed: %s, Authorization %q", r.URL, r.Header.Get("Authorization"))
	}))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := newTestServer(t, answers(t, say(status, ``, "Location", other.URL+"/apps")))
		_, err := Get[thing](t.Context(), c, "/apps/a")
		e, ok := errors.AsType[*APIError](err)
		if !ok || !errors.Is(err, ErrRedirect) || e.Hint == "" || e.Status != status {
			t.Errorf("%d: got %v, want ErrRedirect", status, err)
		}
	}
}

func TestConcurrency(t *testing.T) {
	const most, all = 3, 20
	var mu sync.Mutex
	now, peak := 0, 0
	full := make(chan struct{})
	c := newTestServer(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		now++
		if peak = max(peak, now); now == most {
			// So many are here at once; the first time, they wait for that.
			select {
			case <-full:
			default:
				close(full)
			}
		}
		mu.Unlock()
		<-full
		mu.Lock()
		now--
		mu.Unlock()
		say(200, `{"id":"1"}`)(w, r)
	}, func(o *Options) { o.Concurrency = most })
	var wg sync.WaitGroup
	for range all {
		wg.Go(func() {
			if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if peak != most {
		t.Errorf("got %d requests at once, want %d", peak, most)
	}
	if got := c.Requests(); got != all {
		t.Errorf("Requests: got %d, want %d", got, all)
	}
}

func TestGetDecodeError(t *testing.T) {
	c := newTestServer(t, answers(t, say(200, `[]`), say(200, `{"id":"1"}`), say(200, `null`), say(200, `null`)), func(o *Options) { o.Retries = 1 })
	if _, err := Get[thing](t.Context(), c, "/apps/a"); err == nil || !strings.HasPrefix(err.Error(), "GET /apps/a: decode: json: ") {
		t.Errorf("array for an object: got %v", err)
	}
	list, err := List[thing](t.Context(), c, "/apps", "id")
	if !errors.Is(err, ErrBadAnswer) || list != nil || !strings.HasPrefix(err.Error(), "GET /apps: ") {
		t.Errorf("object for an array: got %v, %v", list, err)
	}
	if _, err := List[thing](t.Context(), c, "/apps", "id"); !errors.Is(err, ErrBadAnswer) {
		t.Errorf("null: got %v", err)
	}
}

func TestContextBeforehand(t *testing.T) {
	c := newTestServer(t, answers(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Get[thing](ctx, c, "/apps/a"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if got := c.Requests(); got != 0 {
		t.Errorf("Requests: got %d, want 0", got)
	}
}

// TestNoClient: a client that is nil, or was made by hand, is an error and
// not a panic.
func TestNoClient(t *testing.T) {
	for name, c := range map[string]*Client{"nil": nil, "zero": {}} {
		t.Run(name, func(t *testing.T) {
			want := func(what string, err error) {
				t.Helper()
				if !errors.Is(err, ErrNoClient) {
					t.Errorf("%s: got %v, want ErrNoClient", what, err)
				}
			}
			_, err := Get[thing](t.Context(), c, "/apps/a")
			want("Get", err)
			list, err := List[thing](t.Context(), c, "/apps", "id")
			want("List", err)
			if list != nil {
				t.Errorf("List: got %v", list)
			}
			n := 0
			for _, err := range Pages[thing](t.Context(), c, "/apps", heroku.ListRange{Field: "id"}) {
				want("Pages", err)
				n++
			}
			if n != 1 {
				t.Errorf("Pages: got %d pages, want the error", n)
			}
			_, err = c.Service().AppInfo(t.Context(), "a")
			want("Service", err)
			want("Service with a body", c.Service().Post(t.Context(), nil, "/apps", map[string]string{}))
			if c.Requests() != 0 || c.Left() != -1 || c.Credentials().Source != "" || c.String() != "platform.Client(none)" {
				t.Errorf("got %d, %d, %v, %v", c.Requests(), c.Left(), c.Credentials(), c)
			}
			if got := c.Environ([]string{"A=b"}); !slices.Equal(got, []string{"A=b"}) {
				t.Errorf("Environ: got %q", got)
			}
			if err := c.CheckName("app name", "a"); err != nil {
				t.Errorf("CheckName: got %v", err)
			}
			c.CloseIdleConnections()
			leaktest.Dumps(c)
		})
	}
}

// TestTokenForAName: the token, pasted where a name should be, gets neither
// into a request nor into an error.
func TestTokenForAName(t *testing.T) {
	const uuidToken = "01234567-89ab-4cde-8f01-23456789abcd"
	for _, token := range []string{testToken, uuidToken} {
		c := newTestServer(t, answers(t), func(o *Options) { o.Token = token })
		path, err := Path("pipelines", token, "pipeline-couplings")
		if token == testToken && err == nil {
			// Path doesn't know the token, but this one can't be anything else.
			t.Errorf("Path: got %q, want an error", path)
		}
		errs := map[string]error{"CheckName": c.CheckName("pipeline", token), "CheckName with a newline": c.CheckName("pipeline", token+"\n")}
		for _, path := range []string{"/pipelines/" + token, "/pipelines/" + token + "/pipeline-couplings", "/apps/" + url.PathEscape(token+"\n"), "/" + token} {
			_, errs["Get "+path] = Get[thing](t.Context(), c, path)
			_, errs["List "+path] = List[thing](t.Context(), c, path, "id")
		}
		_, errs["Service"] = c.Service().PipelineInfo(t.Context(), token)
		for what, err := range errs {
			e, ok := errors.AsType[*InvalidNameError](err)
			if !ok || !e.Secret || e.Value != "" || !errors.Is(err, ErrInvalidName) || !strings.Contains(err.Error(), "an API token stands where the p") {
				t.Errorf("%s: got %v, want an *InvalidNameError about a token", what, err)
			}
			for _, text := range leaktest.Dumps(err) {
				if strings.Contains(text, token) {
					t.Errorf("%s shows the token: %s", what, text)
				}
			}
		}
		if c.Requests() != 0 {
			t.Errorf("%d requests were sent", c.Requests())
		}
		if err := c.CheckName("pipeline", "web"); err != nil {
			t.Errorf("CheckName of a name: got %v", err)
		}
	}
	_, err := Path("pipelines", testToken+"\n")
	for _, text := range leaktest.Dumps(err) {
		if strings.Contains(text, testToken) {
			t.Errorf("Path shows the token: %s", text)
		}
	}
}

// idling counts how often it is asked to close its connections.
type idling struct {
	noting
	closed int
}

func (i *idling) CloseIdleConnections() { i.closed++ }

func TestCloseIdleConnections(t *testing.T) {
	given := &idling{}
	cache, err := NewCache(t.TempDir(), given)
	if err != nil {
		t.Fatal(err)
	}
	for _, rt := range []http.RoundTripper{given, cache, &noting{}} {
		c, err := New(Options{Transport: rt})
		if err != nil {
			t.Fatal(err)
		}
		c.CloseIdleConnections()
		c.http.CloseIdleConnections() // what a service's user can reach
	}
	if given.closed != 4 {
		t.Errorf("the transport was asked %d times, want 4", given.closed)
	}

	// With the client's own, the connection is gone.
	var mu sync.Mutex
	states := map[http.ConnState]int{}
	s := httptest.NewUnstartedServer(say(200, okBody))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		mu.Lock()
		states[state]++
		mu.Unlock()
	}
	s.Start()
	defer s.Close()
	c, err := New(Options{BaseURL: s.URL, Token: testToken})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil {
			t.Fatal(err)
		}
		c.CloseIdleConnections()
	}
	mu.Lock()
	defer mu.Unlock()
	if states[http.StateNew] != 2 {
		t.Errorf("got %d connections, want 2", states[http.StateNew])
	}
}
