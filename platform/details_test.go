package platform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	heroku "github.com/heroku/heroku-go/v5"
)

// TestSentinels: which sentinels an answer matches, by status and by id alone.
func TestSentinels(t *testing.T) {
	sentinels := []error{ErrUnauthorized, ErrDelinquent, ErrForbidden, ErrSuspended, ErrTwoFactor, ErrNotFound, ErrRateLimited, ErrUnavailable, ErrRedirect}
	for _, tt := range []struct {
		status int
		id     string
		want   []error
	}{
		{401, "", []error{ErrUnauthorized}}, {402, "", []error{ErrDelinquent}}, {403, "", []error{ErrForbidden}}, {404, "", []error{ErrNotFound}}, {429, "", []error{ErrRateLimited}},
		{499, "", nil}, {500, "", []error{ErrUnavailable}}, {599, "", []error{ErrUnavailable}}, {299, "", nil}, {300, "", []error{ErrRedirect}}, {399, "", []error{ErrRedirect}}, {400, "", nil},
		{422, "unauthorized", nil}, {422, "delinquent", []error{ErrDelinquent}}, {422, "forbidden", nil}, {422, "suspended", []error{ErrSuspended}},
		{422, "two_factor", []error{ErrTwoFactor}}, {422, "not_found", []error{ErrNotFound}}, {422, "rate_limit", []error{ErrRateLimited}}, {422, "unavailable", nil},
	} {
		var got []error
		for _, s := range sentinels {
			if errors.Is(&APIError{Status: tt.status, ID: tt.id}, s) {
				got = append(got, s)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%d %s: got %v, want %v", tt.status, tt.id, got, tt.want)
		}
	}
	if errors.Is(&APIError{}, io.EOF) {
		t.Error("matches another error")
	}
}

// TestLimitHints: what is to be done about each bound names it.
func TestLimitHints(t *testing.T) {
	for limit, want := range map[Limit]string{
		LimitAnswer: "raise Limits.Answer", LimitPages: "raise Limits.Pages;", LimitElements: "raise Limits.Elements;", LimitList: "raise Limits.List;", LimitMemory: "raise Limits.Memory",
		LimitAttempt: "a longer Options.Timeout", LimitCall: "raise Limits.Call", LimitContact: "the address is reached, but nothing answers there",
	} {
		if got := (&LimitError{Limit: limit}).hint(); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want one with %q", limit, got, want)
		}
	}
	if got := (&LimitError{Limit: "odd", Most: 7}); got.hint() != "" || got.Error() != `limit "odd" reached: 7` {
		t.Errorf("an unknown one: %q, %v", got.hint(), got)
	}
	for n, want := range map[int64]string{0: "0 bytes", 1<<20 - 1: "1048575 bytes", 1 << 20: "1 MiB", 1<<20 + 1: "1048577 bytes", 3 << 20: "3 MiB"} {
		if got := size(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
	// A timeout that isn't the network's says nothing of the address.
	if got := networkHint(context.DeadlineExceeded); got != "" {
		t.Errorf("the caller's time is up: %q", got)
	}
}

// TestPrintedOptions: what options, credentials and errors show of themselves.
func TestPrintedOptions(t *testing.T) {
	for _, tt := range []struct {
		opts Options
		want string
	}{
		{Options{}, "platform.Options(https://api.heroku.com)"},
		{Options{Token: testToken}, "platform.Options(https://api.heroku.com, with a token)"},
		{Options{BaseURL: "https://u:" + testToken + "@api.example:444/" + testToken + "?" + testToken}, "platform.Options(https://api.example:444)"},
		{Options{BaseURL: "api.heroku.com"}, "platform.Options(invalid URL)"},
		{Options{BaseURL: "https:///x"}, "platform.Options(invalid URL)"},
		{Options{BaseURL: "https://%zz"}, "platform.Options(invalid URL)"},
	} {
		if got := tt.opts.String(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	for _, tt := range []struct {
		from Credentials
		want string
	}{{Credentials{}, "no token"}, {Credentials{Place: "nowhere"}, "no token"}, {Credentials{Source: FromVariable, Place: "HEROKU_API_KEY"}, "the token in HEROKU_API_KEY"}} {
		if got := tt.from.String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	for in, want := range map[string]string{
		"": "https://api.heroku.com", "https://h/": "https://h", "https://h//": "https://h", "https://h/a/b/": "https://h/a/b", "https://h/a%2Fb/": "https://h/a%2Fb", "http://h:80": "http://h:80",
	} {
		if u, err := parseBaseURL(in); err != nil || u.String() != want {
			t.Errorf("%q: got %v, %v, want %s", in, u, err, want)
		}
	}
}

// TestRefusedNames: a path that can't be one is refused in words that say which part of it
// is wrong, and show no token.
func TestRefusedNames(t *testing.T) {
	c := newTestServer(t, answers(t))
	for _, tt := range []struct {
		path string
		want InvalidNameError
	}{
		{"/apps//x", InvalidNameError{Kind: "path segment"}},
		{"/apps/../x", InvalidNameError{Kind: "path segment", Value: ".."}},
		{"/apps/\x7f", InvalidNameError{Kind: "path", Value: "/apps/\x7f"}},
		{"/apps/\x7f" + testToken[5:], InvalidNameError{Kind: "path", Value: "/apps/\x7f" + testToken[5:]}},
		{"/apps/\x7f/" + testToken, InvalidNameError{Kind: "path", Value: "/apps/\x7f/[token]"}},
		{"/apps/" + testToken, InvalidNameError{Kind: "path segment", Secret: true}},
		{"/apps/x" + testToken + "/..", InvalidNameError{Kind: "path segment", Secret: true}},
		{"/apps/HRKU-another", InvalidNameError{Kind: "path segment", Secret: true}},
	} {
		_, err := Get[thing](t.Context(), c, tt.path)
		e, ok := errors.AsType[*InvalidNameError](err)
		if !ok || *e != tt.want {
			t.Errorf("%q: got %#v (%v), want %#v", tt.path, e, err, tt.want)
		}
		hiding(t, "the error", fmt.Sprint(err))
		for _, err := range Pages[thing](t.Context(), c, tt.path, heroku.ListRange{Field: "id"}) {
			if e, ok := errors.AsType[*InvalidNameError](err); !ok || *e != tt.want {
				t.Errorf("Pages of %q: got %v", tt.path, err)
			}
		}
	}
	for _, s := range []string{"", ".", "x" + testToken, "a\n"} {
		_, err := Path("apps", s)
		want := InvalidNameError{Kind: "path segment", Value: s, Secret: strings.Contains(s, testToken)}
		if want.Secret {
			want.Value = ""
		}
		if e, ok := errors.AsType[*InvalidNameError](err); !ok || *e != want {
			t.Errorf("%q: got %v", s, err)
		}
	}
	if _, err := Path("apps", strings.Repeat("a", 1000)); err != nil {
		t.Errorf("1000 bytes: %v", err)
	}
	// http.Client shows the address of what it sends, except where that has a token.
	_, err := c.Service().AppInfo(t.Context(), "")
	if err == nil || !strings.Contains(err.Error(), c.url+"/apps/\"") {
		t.Errorf("an empty name: %v", err)
	}
	err = c.Service().Get(t.Context(), nil, "/apps//x", nil, nil)
	if e, ok := errors.AsType[*url.Error](err); !ok || e.URL != c.url+"/apps//x" {
		t.Errorf("an empty part: %v", err)
	}
	// Nothing was sent, and nothing else is said.
	err = c.Service().Delete(t.Context(), nil, "/apps//x")
	if e, ok := errors.AsType[*RequestError](err); !ok || e.Attempts != 0 || strings.Contains(e.Hint, "not known whether") {
		t.Errorf("DELETE that wasn't sent: %v", err)
	}
}

// TestRoot: the root of the API has a path, too.
func TestRoot(t *testing.T) {
	c := newTestServer(t, answers(t, say(200, okBody)))
	if got, err := Get[thing](t.Context(), c, "/"); err != nil || got.ID != "1" {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestUnreachedHidesTheToken: the error of all requests shows it as little as that of one.
func TestUnreachedHidesTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(breaking(&net.OpError{Op: "dial", Err: errors.New("to " + testToken + "\x1b[31m")}))
		var events []string
		c := n.client(t, func(o *Options) {
			o.Retries = 1
			o.Backoff = 4 * time.Second
			o.Progress = func(e Event) {
				if e.Kind == EventRetry {
					if e.Wait < 3*time.Second || e.Wait > 5*time.Second {
						t.Errorf("waits %v", e.Wait)
					}
					e.Wait = 4 * time.Second
				}
				events = append(events, fmt.Sprintf("%v %d: %v", e.Kind, e.Attempt, e))
			}
		})
		_, err := Get[thing](t.Context(), c, "/apps/a")
		if want := "reach https://api.heroku.com: 2 attempts: dial: to [token][31m"; err == nil || err.Error() != want || !errors.Is(err, ErrUnreachable) {
			t.Errorf("got %v, want %s", err, want)
		}
		hiding(t, "the error", fmt.Sprintf("%v %+v %#v %q", err, err, err, err))
		want := []string{
			"request 1: GET /apps/a: dial: to [token][31m",
			"retry 2: GET /apps/a: dial: to [token][31m; trying again in 4s",
			"request 2: GET /apps/a: 2 attempts: dial: to [token][31m",
		}
		if diff := cmp.Diff(want, events); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// TestAnyAnswerIsOne: an API that has answered with an error is reached: what is lost later
// is one request's own affair.
func TestAnyAnswerIsOne(t *testing.T) {
	for _, status := range []int{302, 404, 422, 503} {
		synctest.Test(t, func(t *testing.T) {
			n := newNetwork(answering(status, `{}`), breaking(refusedError))
			c := n.client(t, func(o *Options) { o.Retries = -1 })
			if _, err := Get[thing](t.Context(), c, "/apps/a"); statusOf(err) != status {
				t.Errorf("got %v, want %d", err, status)
			}
			if _, err := Get[thing](t.Context(), c, "/apps/b"); err == nil || errors.Is(err, ErrUnreachable) || len(n.times) != 2 {
				t.Errorf("after %d: %v after %d requests", status, err, len(n.times))
			}
		})
	}
}

// TestLooksAgainAfterEveryFailure: the first request after a failure of all looks once,
// also when that isn't the first such failure.
func TestLooksAgainAfterEveryFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(breaking(refusedError))
		c := n.client(t, func(o *Options) { o.Retries = -1 })
		for round := range 3 {
			var sent []int
			for range 4 {
				before := len(n.times)
				if _, err := Get[thing](t.Context(), c, "/apps/a"); !errors.Is(err, ErrUnreachable) {
					t.Errorf("got %v", err)
				}
				sent = append(sent, len(n.times)-before)
			}
			if want := []int{1, 1, 0, 0}; !slices.Equal(sent, want) {
				t.Errorf("round %d: requests sent %v, want %v", round, sent, want)
			}
			time.Sleep(coolDown + time.Second)
		}
	})
}

// TestEndedWhileOthersTry: who waits for another's try, and is interrupted, gets an error
// of its own request.
func TestEndedWhileOthersTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(func(*http.Request) (*http.Response, error) {
			time.Sleep(time.Second) // until all are sent
			return nil, refusedError
		})
		c := n.client(t, func(o *Options) { o.Backoff = 10 * time.Second })
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() { Get[thing](t.Context(), c, "/apps/tries") })
		for range 3 {
			wg.Go(func() {
				_, err := Get[thing](ctx, c, "/apps/a")
				e, ok := errors.AsType[*RequestError](err)
				if !ok || e.Method != "GET" || e.URL != "/apps/a" || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrUnreachable) {
					t.Errorf("got %#v", err)
				}
			})
		}
		wg.Wait()
	})
}

// TestPlacesAreGivenBack: requests that don't wait for the budget leave their places in the
// row to others.
func TestPlacesAreGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(answer200(okBody, "RateLimit-Remaining", "0"))
		c := n.client(t, func(o *Options) { o.MaxWait = Refill / 2 })
		refused := 0
		for range 20 {
			if _, err := Get[thing](t.Context(), c, "/apps/a"); errors.Is(err, ErrRateLimited) {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		}
		time.Sleep(Refill)
		if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil || refused < 10 {
			t.Errorf("%d were refused, and then: %v", refused, err)
		}
	})
}

// TestOddWaitIsSaidByEach: of several that are refused at once, one says so, and besides
// each whose answer asks for a wait that makes no sense.
func TestOddWaitIsSaidByEach(t *testing.T) {
	const requests = 6
	for odd, least := range map[string]int{"": 1, "soon": requests} {
		synctest.Test(t, func(t *testing.T) {
			slow := func(req *http.Request) (*http.Response, error) {
				time.Sleep(time.Millisecond)
				return answering(429, ``, "Retry-After", odd)(req)
			}
			n := newNetwork(append(slices.Repeat([]reply{slow}, requests), answer200(okBody))...)
			throttled := 0
			c := n.client(t, func(o *Options) {
				o.Progress = func(e Event) {
					if e.Kind == EventThrottled {
						throttled++
					}
				}
			})
			var wg sync.WaitGroup
			for range requests {
				wg.Go(func() {
					if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if throttled < least || throttled > requests || odd == "" && throttled == requests {
				t.Errorf("Retry-After %q: said %d times, want %d at least", odd, throttled, least)
			}
		})
	}
}

// TestFirstBodyIsItsOwn: a body is copied for repetitions alone.
func TestFirstBodyIsItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(answering(429, ``), answering(201, okBody))
		c := n.client(t)
		copies := 0
		req, err := http.NewRequestWithContext(t.Context(), "POST", c.url+"/apps", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.GetBody = func() (io.ReadCloser, error) {
			copies++
			return io.NopCloser(strings.NewReader("{}")), nil
		}
		resp, err := c.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		if copies != 1 || !slices.Equal(n.bodies, []string{"{}", "{}"}) || err != nil || string(text) != okBody || resp.ContentLength != int64(len(okBody)) || resp.Status != "201 Created" {
			t.Errorf("%d copies, bodies %q, answer %q of %d bytes, %s, %v", copies, n.bodies, text, resp.ContentLength, resp.Status, err)
		}
	})
}

// TestJoinedAnswer: the answer of several pages, as net/http has it.
func TestJoinedAnswer(t *testing.T) {
	c := newTestServer(t, answers(t, say(206, things("1", "2"), "Next-Range", "id ]2.."), say(200, things("3"))))
	req, err := http.NewRequestWithContext(t.Context(), "GET", c.url+"/apps", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.ContentLength != int64(len(text)) || resp.StatusCode != 200 || !bytes.HasPrefix(text, []byte("[")) || resp.Header.Get("Next-Range") != "" {
		t.Errorf("got %d, %q of %d bytes, %v", resp.StatusCode, text, resp.ContentLength, err)
	}
}

// refusing is a value that takes no JSON.
type refusing struct{}

var errRefusing = errors.New("refused by the value")

func (*refusing) UnmarshalJSON([]byte) error { return errRefusing }

// TestOddBodies: bodies that aren't what is asked for, by method.
func TestOddBodies(t *testing.T) {
	one := func(status int, body string, headers ...string) *Client {
		c, err := New(Options{Token: testToken, Retries: -1, MaxWait: -1, Transport: roundTripper(answering(status, body, headers...))})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	var v any
	for _, tt := range []struct{ method, body string }{{"POST", `{"id":"not_found"}`}, {"PATCH", `{"id":"not_found"}`}, {"DELETE", `null`}, {"POST", ` null `}} {
		if err := one(200, tt.body).Service().Do(t.Context(), &v, tt.method, "/apps", nil, nil, nil); err != nil {
			t.Errorf("%s answered with %s: %v", tt.method, tt.body, err)
		}
	}
	if _, err := Get[thing](t.Context(), one(200, `{"id":"not_found"}`), "/apps/a/pipeline-couplings"); !errors.Is(err, ErrNotFound) {
		t.Errorf("GET answered with not_found: %v", err)
	}
	if _, err := Get[refusing](t.Context(), one(200, okBody), "/apps/a"); !errors.Is(err, errRefusing) {
		t.Errorf("a value that refuses: %v", err)
	}
	if _, err := List[refusing](t.Context(), one(200, `[1]`), "/apps", "id"); !errors.Is(err, errRefusing) {
		t.Errorf("a list of such: %v", err)
	}
	for _, tt := range []struct{ ctype, body, text, hint string }{
		{"", "oops", "GET /apps/a: unusable answer: the body isn't complete JSON", "the answer was cut off, or isn't the API's"},
		{"application/json", "oops", "GET /apps/a: unusable answer: the body isn't complete JSON", "the answer was cut off, or isn't the API's"},
		{"text/plain", "oops", `GET /apps/a: unusable answer: the body isn't complete JSON (content type "text/plain")`, "the answer was cut off, or isn't the API's"},
		{"TEXT/HTML", "Sign in", `GET /apps/a: unusable answer: the body isn't complete JSON (content type "TEXT/HTML")`, "the answer is a web page"},
		{"", " \n<p>", "GET /apps/a: unusable answer: the body isn't complete JSON", "the answer is a web page"},
	} {
		_, err := Get[thing](t.Context(), one(200, tt.body, "Content-Type", tt.ctype), "/apps/a")
		if e, ok := errors.AsType[*RequestError](err); !ok || e.Error() != tt.text || !strings.HasPrefix(e.Hint, tt.hint) {
			t.Errorf("%q, %q: got %#v with the hint %q", tt.ctype, tt.body, err, e.Hint)
		}
	}
	// A wait that makes no sense is a matter of those answers that ask for one.
	for status, want := range map[int]bool{404: false, 403: false, 429: true, 500: true, 503: true} {
		_, err := Get[thing](t.Context(), one(status, `{}`, "Retry-After", "soon"), "/apps/a")
		if e, ok := errors.AsType[*APIError](err); !ok || strings.Contains(e.Hint, "isn't heeded)") != want {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// TestTooLongIsNotRead: what is said to be too long isn't read at all.
func TestTooLongIsNotRead(t *testing.T) {
	for length, want := range map[int64]bool{8 << 20: true, 8<<20 + 1: false, -1: true} {
		reads := 0
		c, err := New(Options{Retries: -1, Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			body := readerFunc(func([]byte) (int, error) { reads++; return 0, io.ErrUnexpectedEOF })
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(body), ContentLength: length}, nil
		})})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Get[thing](t.Context(), c, "/apps/a")
		if (reads > 0) != want || errors.Is(err, ErrTooLarge) == want {
			t.Errorf("length %d: %d reads, %v", length, reads, err)
		}
	}
}

// TestFromEnvByItself: without a function the environment is this process's.
func TestFromEnvByItself(t *testing.T) {
	for name, value := range map[string]string{"HEROKU_API_URL": "https://api.example/x", "HEROKU_API_KEY": " " + testToken + "\n", "HEROKU_EMAIL": "me@example.com"} {
		t.Setenv(name, value)
	}
	n := &noting{}
	c, err := FromEnv(nil, Options{Transport: n})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil || n.host != "api.example" || n.auth != basic("me@example.com", testToken) {
		t.Errorf("got %s, %s, %v", n.host, n.auth, err)
	}
}

// TestNetrcErrorWhole: the error of a netrc file that counts says all, with what was passed
// over before.
func TestNetrcErrorWhole(t *testing.T) {
	dir := signIn(t, "[]")
	path := filepath.Join(dir, "netrc")
	if err := os.WriteFile(path, []byte("machine api.heroku.com\n  login l\n  password p q\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := findFor(false, map[string]string{"HEROKU_DATA_DIR": dir, "NETRC_PATH": path}).client(Options{})
	e, ok := errors.AsType[*CredentialsError](err)
	if !ok {
		t.Fatal(err)
	}
	want := &CredentialsError{
		Source: path, Line: 3, Err: e.Err, Hint: "correct the file, or set HEROKU_API_KEY, which goes before it: " + exportToken,
		Notes: []string{filepath.Join(dir, "login.json") + " can't be read: it isn't JSON with an account"},
	}
	if diff := cmp.Diff(*want, *e, cmp.Comparer(func(a, b error) bool { return a == b })); diff != "" || !strings.HasPrefix(e.Err.Error(), "a keyword is expected") {
		t.Errorf("%v (-want +got):\n%s", e.Err, diff)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	_, err = findFor(false, map[string]string{"HEROKU_DATA_DIR": dir, "NETRC_PATH": path}).client(Options{})
	places := "HEROKU_API_KEY, " + filepath.Join(dir, "login.json") + " and " + path
	if e, ok := errors.AsType[*CredentialsError](err); !ok || e.Source != places || !errors.Is(err, ErrNoCredentials) || !slices.Equal(e.Notes, want.Notes) || e.Line != 0 || e.Hint == "" {
		t.Errorf("got %#v, want %q", err, places)
	}
	// A macro without a name has a text all the same.
	if got, _, fault := findNetrc([]byte("macdef\nmachine h password z\n\nmachine h login l password p"), "h"); fault != nil || got != (netrcEntry{"l", "p"}) {
		t.Errorf("behind a macro without a name: %v, %v", got, fault)
	}
}

// TestUnreadable: what can't be read or run is an error, without its path.
func TestUnreadable(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("takes what Linux has")
	}
	if data, err := readSmall("/proc/self/mem", 10); err == nil || data != nil || strings.Contains(err.Error(), "/proc") {
		t.Errorf("a file that fails at reading: %q, %v", data, err)
	}
	kept := filepath.Join(t.TempDir(), "netrc")
	if err := os.WriteFile(kept, []byte("machine h"), 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := readSmall(kept, 10); string(data) != "machine h" || err != nil {
		t.Errorf("a file: %q, %v", data, err)
	}
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range open {
		if path, _ := os.Readlink(filepath.Join("/proc/self/fd", fd.Name())); path == kept {
			t.Errorf("%s is still open", path)
		}
	}
	if err := bare(fmt.Errorf("read: %w", os.ErrClosed)); err == nil || err.Error() != "read: file already closed" {
		t.Errorf("of no path: %v", err)
	}
	file := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(file, []byte("\x7fELF, but no more"), 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := (storeProgram{name: file}).run(time.Minute); err == nil || out != "" || err.Error() != file+" can't be run" {
		t.Errorf("a program that is none: %q, %v", out, err)
	}
}

// TestNoHome: without a home directory nothing is looked for in the directory that a
// program happens to run in.
func TestNoHome(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{
		".netrc": "machine api.heroku.com login l password planted\n", "_netrc": "machine api.heroku.com login l password planted\n",
		loginFile: `{"account":"planted@example.com"}`,
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, windows := range []bool{false, true} {
		f := findFor(windows, nil)
		if path, data := f.netrcPath(), f.dataDir(); path != "" || data != "" {
			t.Errorf("windows=%v: looks into %q and %q", windows, path, data)
		}
		if account, ok := f.signedIn(); ok || account != "" || len(f.looked) > 0 {
			t.Errorf("windows=%v: takes %q for the account, and looked into %q", windows, account, f.looked)
		}
		_, err := f.client(Options{})
		if e, ok := errors.AsType[*CredentialsError](err); !ok || !errors.Is(err, ErrNoCredentials) || e.Source != variableKey {
			t.Errorf("windows=%v: got %#v", windows, err)
		}
	}
	// A directory in the place of a file is none.
	if err := os.Remove(loginFile); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{loginFile, "netrc"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	f := findFor(false, map[string]string{"HEROKU_DATA_DIR": dir, "NETRC_PATH": filepath.Join(dir, "netrc")})
	_, err := f.client(Options{})
	if e, ok := errors.AsType[*CredentialsError](err); !ok || !errors.Is(err, ErrNoCredentials) || len(e.Notes) != 0 || e.Source != variableKey+" and "+filepath.Join(dir, "netrc") {
		t.Errorf("directories: got %#v", err)
	}
}

// TestPrintedClient: whatever prints a client shows its address alone, and what isn't one
// sends nothing.
func TestPrintedClient(t *testing.T) {
	c, err := New(Options{BaseURL: "https://api.example/" + "x", Token: testToken})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		c    *Client
		want string
	}{{c, "platform.Client(https://api.example)"}, {nil, "platform.Client(none)"}, {new(Client), "platform.Client(none)"}} {
		text, err := tt.c.MarshalJSON()
		for _, got := range []string{fmt.Sprint(tt.c), fmt.Sprintf("%+v", tt.c), fmt.Sprintf("%#v", tt.c), fmt.Sprintf("%d", tt.c), tt.c.LogValue().String(), strings.Trim(string(text), `"`)} {
			if got != tt.want || err != nil {
				t.Errorf("got %s, %v, want %s", got, err, tt.want)
			}
		}
	}
	for _, opts := range []Options{{Token: testToken}, {}} {
		text, err := opts.MarshalJSON()
		for _, got := range []string{fmt.Sprint(opts), fmt.Sprintf("%+v", opts), fmt.Sprintf("%#v", opts), fmt.Sprintf("%d", opts), opts.LogValue().String(), strings.Trim(string(text), `"`)} {
			if got != opts.String() || err != nil {
				t.Errorf("got %s, %v, want %s", got, err, opts.String())
			}
		}
	}
	closed := 0
	req, err := http.NewRequestWithContext(t.Context(), "POST", "https://api.heroku.com/apps", closingReader{strings.NewReader("{}"), &closed})
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := (noClient{}).RoundTrip(req); resp != nil || err != ErrNoClient || closed != 1 {
		t.Errorf("no client: %v, %v, closed %d times", resp, err, closed)
	}
	req.Body = nil
	if resp, err := (noClient{}).RoundTrip(req); resp != nil || err != ErrNoClient {
		t.Errorf("no client: %v, %v", resp, err)
	}
}

// TestTokensForNames: what can be nothing but a token is no name, with any client or none.
func TestTokensForNames(t *testing.T) {
	other, err := New(Options{Token: "0123456789-another"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Client{nil, new(Client), other} {
		for name, want := range map[string]bool{"shop": false, testToken: true, "'" + testToken + "'": true, " 0123456789-another\n": c == other, "0123456789-another2": false} {
			err := c.CheckName("app name", name)
			e, ok := errors.AsType[*InvalidNameError](err)
			if ok != want || ok && *e != (InvalidNameError{Kind: "app name", Secret: true}) {
				t.Errorf("%v, %q: got %v", c, name, err)
			}
		}
	}
}
