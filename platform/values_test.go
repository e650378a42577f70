package platform

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestKindsOfFailures: which failures are tried again, and which say that nothing is
// there that could have answered.
func TestKindsOfFailures(t *testing.T) {
	tooSlow := &LimitError{Limit: LimitAttempt, Most: 1}
	for _, tt := range []struct {
		err                   error
		transient, outOfReach bool
	}{
		{errors.New("some"), true, false},
		{syscall.ECONNREFUSED, true, true},
		{syscall.ECONNRESET, true, false},
		{tooSlow, true, true},
		{&net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}, true, true},
		{&net.OpError{Op: "proxyconnect", Err: errors.New("x")}, true, true},
		{&net.OpError{Op: "read", Err: errors.New("x")}, true, false},
		{&net.OpError{Op: "write", Err: errors.New("x")}, true, false},
		{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, true, true},
		{&net.DNSError{Err: "no such host", IsNotFound: true}, false, true},
		{&net.DNSError{Err: "server misbehaving"}, true, true},
		{errors.New("Proxy Authentication Required"), true, true},
		{errProxyAddress, false, true},
		{http.ErrSchemeMismatch, false, true},
		{&LimitError{Limit: LimitAnswer, Most: 1}, false, false},
		{ErrPaging, false, false},
		{ErrBadAnswer, true, false},
		{x509.UnknownAuthorityError{}, false, true},
		{x509.HostnameError{Certificate: &x509.Certificate{}}, false, true},
		{x509.CertificateInvalidError{}, false, true},
		{x509.SystemRootsError{}, false, true},
		{tls.RecordHeaderError{}, true, true},
	} {
		for _, err := range []error{tt.err, fmt.Errorf("wrapped: %w", tt.err), &url.Error{Op: "Get", URL: "https://x", Err: tt.err}} {
			if got := isTransient(0, err); got != tt.transient {
				t.Errorf("%v (%T): transient: got %v, want %v", err, tt.err, got, tt.transient)
			}
			if got := isOutOfReach(err); got != tt.outOfReach {
				t.Errorf("%v (%T): out of reach: got %v, want %v", err, tt.err, got, tt.outOfReach)
			}
		}
	}
	// With a status, that alone counts.
	for status, want := range map[int]bool{200: false, 404: false, 429: false, 499: false, 500: true, 503: true, 599: true} {
		for _, err := range []error{errors.New("some"), ErrTooLarge} {
			if got := isTransient(status, err); got != want {
				t.Errorf("%d: transient: got %v, want %v", status, got, want)
			}
		}
	}
}

// TestHeaderValues: numbers in headers at their bounds.
func TestHeaderValues(t *testing.T) {
	for text, want := range map[string]int{"": -1, "0": 0, "1": 1, " 4500 ": 4500, "-1": -1, "-7": -1, "x": -1, "1.5": -1} {
		if got := remaining(http.Header{"Ratelimit-Remaining": {text}}); got != want {
			t.Errorf("remaining %q: got %d, want %d", text, got, want)
		}
	}
	for text, want := range map[string]int{
		"": 0, "id ..": 0, "id ..; max=1": 1, "id ..;max=1000": 1000, "id ..; order=desc,max=7": 7, "id ..; max=7, order=desc": 7, "id ..; max=7;": 7, "max=7": 0, "id ..; max=x": 0, "id ..; xmax=7": 0,
	} {
		if got := rangeMax(text); got != want {
			t.Errorf("rangeMax(%q): got %d, want %d", text, got, want)
		}
	}
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for after, heeded := range map[time.Duration]bool{
		-time.Minute - time.Second: false, -time.Minute: true, 0: true, time.Second: true, time.Hour: true, time.Hour + time.Second: false,
	} {
		got, odd := retryAfter(now.Add(after).Format(http.TimeFormat), "", now)
		if want := max(after, 0); heeded && (got != want || odd != "") || !heeded && (got != 0 || odd == "") {
			t.Errorf("%v from now: got %v, %q", after, got, odd)
		}
	}
}

// TestDelays: each is twice the one before, up to the most, give or take a quarter, and
// not always the same.
func TestDelays(t *testing.T) {
	for _, backoff := range []time.Duration{time.Millisecond, time.Second, 20 * time.Second, 30 * time.Second, time.Hour} {
		x := &transport{backoff: backoff}
		want := min(backoff, 30*time.Second)
		for n := range 12 {
			seen := map[time.Duration]bool{}
			for range 20 {
				got := x.delay(n)
				seen[got] = true
				if got < want*3/4 || got > want*5/4 {
					t.Errorf("back-off %v, repetition %d: got %v, want about %v", backoff, n, got, want)
				}
			}
			if len(seen) < 10 {
				t.Errorf("back-off %v, repetition %d: only %d different ones", backoff, n, len(seen))
			}
			want = min(2*want, 30*time.Second)
		}
	}
}

// TestElements: an array in its elements, as they stand, up to a number of them.
func TestElements(t *testing.T) {
	for _, tt := range []struct {
		text string
		most int
		want []string // nil for an error
	}{
		{`[]`, 0, []string{}},
		{` [ 1 , "a,]" ,{"b":[2]}, [ ], null ] `, 5, []string{"1", `"a,]"`, `{"b":[2]}`, "[ ]", "null"}},
		{`[1,2]`, 2, []string{"1", "2"}},
		{`[1,2]`, 1, nil},
		{`[1]`, 0, nil},
		{`{}`, 9, nil},
		{`"[1]"`, 9, nil},
		{`null`, 9, nil},
		{`[1`, 9, nil},
		{``, 9, nil},
	} {
		got, err := elements([]byte(tt.text), tt.most)
		var texts []string
		for i, item := range got {
			texts = append(texts, string(item))
			// Who appends to one doesn't write into the next.
			if cap(item) != len(item) {
				t.Errorf("%s: element %d has room for %d bytes more", tt.text, i, cap(item)-len(item))
			}
		}
		if !slices.Equal(texts, tt.want) || (err == nil) != (tt.want != nil) || errors.Is(err, errMore) != (tt.want == nil && strings.HasPrefix(tt.text, "[") && tt.most < 2) {
			t.Errorf("%s, %d at most: got %q, %v; want %q", tt.text, tt.most, texts, err, tt.want)
		}
	}
}

// TestElementKeys: what distinguishes the elements of a list.
func TestElementKeys(t *testing.T) {
	w := &walk{field: "email"}
	for item, want := range map[string]string{
		`{"id":"1","email":"a"}`:             `id "1"`,
		`{"email":"a","id":"1"}`:             `id "1"`,
		`{"email":"a"}`:                      `email "a"`,
		`{"id":null,"email":"a"}`:            `email "a"`,
		`{"email":null}`:                     "",
		`{"name":{"id":"2"},"email":"a"}`:    `email "a"`,
		`{"name":{"id":"2"}}`:                "",
		`{}`:                                 "",
		`["id"]`:                             "",
		`"id"`:                               "",
		`{"id":7}`:                           `id 7`,
		`{"name":["id","1"],"id":{"a":"b"}}`: `id {"a":"b"}`,
	} {
		if got := w.key([]byte(item)); got != want {
			t.Errorf("%s: got %q, want %q", item, got, want)
		}
	}
}

// TestEnds: the end of a context is the caller's, with its cause, unless it is a bound of
// this package.
func TestEnds(t *testing.T) {
	cause := errors.New("stopped")
	with := func(err error) context.Context {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(err)
		return ctx
	}
	if err := endOf(with(nil)); err != context.Canceled {
		t.Errorf("without a cause: %v", err)
	}
	if err := endOf(with(cause)); !errors.Is(err, cause) || !errors.Is(err, context.Canceled) || err.Error() != "stopped" {
		t.Errorf("with a cause: %v", err)
	}
	limit := &LimitError{Limit: LimitCall, Most: 1}
	if err := endOf(with(limit)); err != error(limit) || errors.Is(err, context.Canceled) {
		t.Errorf("with a bound: %v", err)
	}
}

// TestErrorBodies: what bodies of errors say.
func TestErrorBodies(t *testing.T) {
	for body, want := range map[string]errorBody{
		`{"id":"a","message":"b","resource":"c","error":"d"}`: {"a", "b", "c"},
		`{"id":"a","error":"d"}`:                              {"a", "d", ""},
		`{"id":7,"message":["b"],"error":"d"}`:                {"", "d", ""},
		`{"message":null}`:                                    {},
		`[]`:                                                  {},
		`<html>`:                                              {},
		``:                                                    {},
	} {
		if got := parseErrorBody([]byte(body)); got != want {
			t.Errorf("%s: got %+v, want %+v", body, got, want)
		}
	}
}

// TestHiddenParts: parts of a path that are credentials aren't shown.
func TestHiddenParts(t *testing.T) {
	for _, tt := range []struct{ base, address, want string }{
		{"https://x", "https://x/apps/a", "/apps/a"},
		{"https://x/some", "https://x/some/apps/a", "/apps/a"},
		{"https://x/some/", "https://x/some/apps/a", "/apps/a"},
		{"https://x", "https://x/apps/a?token=hunter2", "/apps/a"},
		{"https://x", "https://x/apps/a/log-drains/syslog:%2F%2Fu:hunter2@h", "/apps/a/log-drains/{hidden}"},
		{"https://x", "https://x/apps/a/log-drains/d.01234567-89ab-4cde-8f01-23456789abcd", "/apps/a/log-drains/{hidden}"},
		{"https://x", "https://x/apps/a/log-drains/01234567-89ab-4cde-8f01-23456789abcd", "/apps/a/log-drains/01234567-89ab-4cde-8f01-23456789abcd"},
		{"https://x", "https://x/apps/d.a/x", "/apps/d.a/x"},
	} {
		base, err := url.Parse(tt.base)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(tt.address)
		if err != nil {
			t.Fatal(err)
		}
		if got := cleanPath(base, u); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.address, got, tt.want)
		}
	}
}

// TestSecrets: what is done with tokens of any length, with an address and without.
func TestSecrets(t *testing.T) {
	for _, tt := range []struct {
		email, token string
		hidden       bool
	}{
		{"", "1234567", false},
		{"", "12345678", true},
		{"me@example.com", "12345678", true},
		{"me@example.com", "1234567", false},
		{"me@example.com", "", false},
	} {
		s := hideToken(tt.email, tt.token)
		h := http.Header{"Authorization": {"old"}}
		s.authorize(h)
		want := "Bearer " + tt.token
		switch {
		case tt.token == "":
			want = "old"
		case tt.email != "":
			want = basic(tt.email, tt.token)
		}
		if got := h.Values("Authorization"); !slices.Equal(got, []string{want}) {
			t.Errorf("%q: got %q, want %q", tt.token, got, want)
		}
		text := "x " + tt.token + " y " + basic(tt.email, tt.token) + " z"
		wantText := text
		if tt.hidden {
			wantText = "x [token] y Basic [token] z"
		}
		if got := s.redact(text); strings.ReplaceAll(got, "[token]=", "[token]") != wantText {
			t.Errorf("%q: got %q, want %q", tt.token, got, wantText)
		}
		if got := s.is(tt.token); got != tt.hidden || s.is(tt.token+"x") || s.is("x") {
			t.Errorf("%q: is the token: %v", tt.token, got)
		}
		for _, export := range []struct{ env, want []string }{
			{nil, []string{"HEROKU_API_KEY=" + tt.token}},
			{[]string{"A=b", "HEROKU_API_KEY=old", "C"}, []string{"A=b", "C", "HEROKU_API_KEY=" + tt.token}},
			{[]string{"HEROKU_API_KEY= " + tt.token + "\n", "A=b"}, []string{"HEROKU_API_KEY= " + tt.token + "\n", "A=b"}},
			{[]string{"HEROKU_API_KEY=" + tt.token, "HEROKU_API_KEY=last"}, []string{"HEROKU_API_KEY=" + tt.token}},
			{[]string{"HEROKU_API_KEY=first", "HEROKU_API_KEY=" + tt.token}, []string{"HEROKU_API_KEY=first", "HEROKU_API_KEY=" + tt.token}},
		} {
			if tt.token == "" {
				export.want = export.env
			}
			if diff := cmp.Diff(export.want, s.export(slices.Clone(export.env))); diff != "" {
				t.Errorf("%q (-want +got):\n%s", tt.token, diff)
			}
		}
	}
}

// TestNetrcBounds: how much of a file is read, and how many faults are noted.
func TestNetrcBounds(t *testing.T) {
	dir := t.TempDir()
	path := dir + "/netrc"
	entry := "machine api.heroku.com login l password p\n"
	for _, size := range []int{maxNetrc, maxNetrc + 1} {
		text := entry + strings.Repeat("#", size-len(entry))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, _, err := readNetrc(path, "api.heroku.com")
		if (err == nil) != (size == maxNetrc) || (got == netrcEntry{"l", "p"}) != (size == maxNetrc) {
			t.Errorf("%d bytes: got %v, %v", size, got, err)
		}
	}
	for n := range 6 {
		text := strings.Repeat("oops\n", n) + entry
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, faults, err := readNetrc(path, "api.heroku.com")
		if err != nil || got != (netrcEntry{"l", "p"}) || len(faults) != min(n, 3) {
			t.Errorf("%d faults: got %v, %v, %v", n, got, faults, err)
		}
		for i, fault := range faults {
			if fault.line != i+1 {
				t.Errorf("fault %d is in line %d", i, fault.line)
			}
		}
	}
}

// TestNetrcEverySpelling: an entry is found whatever stands between its words, in any
// order of these, and behind whatever else; its lines are counted.
func TestNetrcEverySpelling(t *testing.T) {
	for _, space := range []string{" ", "\t", "\n", "\r\n", "\n\n\n", " # no comment\n", "\v\f", "\u00a0"} {
		for _, before := range []string{"", "machine g login x password y", "default login x password y\n#", "macdef init\nmachine h password z\n\n", "machine", "port 1", "account a", "macdef x\r\nmachine h password z\r\n\r\n"} {
			for i, order := range [][]string{{"login l", "password p", "account a"}, {"account a", "password p", "login l"}, {"password p", "login l"}, {"password p"}} {
				if strings.HasPrefix(space, " #") && before == "machine" {
					continue
				}
				words := append([]string{"machine h"}, order...)
				text := strings.Join(words, "\n")
				if !strings.HasPrefix(space, " #") {
					text = strings.ReplaceAll(strings.ReplaceAll(text, "\n", " "), " ", space)
				} else {
					text = strings.ReplaceAll(text, "\n", space)
				}
				text = before + "\n" + text + "\noops"
				if before == "machine" {
					text = "machine\ng\n" + text[len("machine\n"):]
				}
				got, faults, fault := findNetrc([]byte(text), "h")
				want := netrcEntry{"l", "p"}
				if i == 3 {
					want.login = ""
				}
				// The last word is a fault of the entry, in the last line.
				if fault == nil || fault.line != 1+strings.Count(text, "\n") || got != (netrcEntry{}) {
					t.Errorf("%q: got %v, %v, %v", text, got, faults, fault)
				}
				text = strings.TrimSuffix(text, "oops")
				if got, _, fault = findNetrc([]byte(text), "h"); got != want || fault != nil {
					t.Errorf("%q: got %v, %v; want %v", text, got, fault, want)
				}
			}
		}
	}
}

// TestAccounts: an account of login.json becomes an argument of a program only if it is
// one word and no option.
func TestAccounts(t *testing.T) {
	long := strings.Repeat("x", maxAccount-len("@x"))
	for account, want := range map[string]bool{
		"me@example.com": true, long + "@x": true, long + "y@x": false, "": false, "-": false, "-a@x": false, "a-b@x": true,
		"a b": false, "a\tb": false, "a\x00b": false, "a\u202eb": false, "a\u00a0b": false, "jörg@example.com": true,
	} {
		dir := signIn(t, fmt.Sprintf(`{"account":%s}`, strconv.QuoteToASCII(account)))
		if account == "a\x00b" {
			dir = signIn(t, `{"account":"a\u0000b"}`)
		}
		f := findFor(false, map[string]string{"HEROKU_DATA_DIR": dir})
		got, ok := f.signedIn()
		if ok != want || ok && got != account || !ok && (got != "" || len(f.notes) != 1 || len(f.looked) != 1) {
			t.Errorf("%q: got %q, %v, notes %q", account, got, ok, f.notes)
		}
		if !ok && account != "" && account != "-" && strings.Contains(strings.Join(f.notes, ""), account) {
			t.Errorf("%q is shown: %q", account, f.notes)
		}
	}
}

// TestRequestErrorByHand: an error that was made outside of the package says what it holds.
func TestRequestErrorByHand(t *testing.T) {
	for _, tt := range []struct {
		err  *RequestError
		want string
	}{
		{&RequestError{}, "reach : "},
		{&RequestError{Method: "GET", URL: "/apps", Attempts: 1, Err: errors.New("broken")}, "GET /apps: broken"},
		{&RequestError{Method: "GET", URL: "/apps", Attempts: 2, Err: errors.New("broken")}, "GET /apps: 2 attempts: broken"},
		{&RequestError{URL: "https://x", Err: errors.New("broken"), text: "clean"}, "reach https://x: clean"},
	} {
		if got := tt.err.Error(); got != tt.want || fmt.Sprintf("%#v", tt.err) != fmt.Sprintf("&platform.RequestError{%q}", tt.want) {
			t.Errorf("got %q, %#v; want %q", got, tt.err, tt.want)
		}
	}
}

// TestMemoryWhileReading: an answer for which there is no room isn't read to its end, and
// nothing of it is counted afterwards; one that just fits is read.
func TestMemoryWhileReading(t *testing.T) {
	for _, length := range []int64{-1, 1 << 20} {
		read := 0
		body := func(most int) io.ReadCloser {
			return io.NopCloser(readerFunc(func(p []byte) (int, error) {
				n := copy(p, bytes.Repeat([]byte(" "), min(len(p), most-read)))
				if read += n; n == 0 {
					return 0, io.EOF
				}
				return n, nil
			}))
		}
		c, err := New(Options{Retries: -1, Limits: Limits{Memory: 16 << 10}, Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: body(1 << 20), ContentLength: length}, nil
		})})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Get[thing](t.Context(), c, "/apps/a")
		limit, ok := errors.AsType[*LimitError](err)
		if !ok || limit.Limit != LimitMemory || read > 16<<10 || c.transport.memory.used != 0 {
			t.Errorf("length %d: %v after %d bytes, %d counted", length, err, read, c.transport.memory.used)
		}
	}
	m := &memory{most: 10}
	a, b := &claim{of: m}, &claim{of: m}
	for i, step := range []struct {
		claim *claim
		n     int64
		ok    bool
		used  int64
	}{{a, 10, true, 10}, {a, 11, false, 10}, {b, 1, false, 10}, {b, 0, true, 10}, {a, 6, true, 6}, {b, 4, true, 10}, {b, 5, false, 10}, {a, 5, true, 9}, {b, 5, true, 10}} {
		if err := step.claim.resize(step.n); (err == nil) != step.ok || m.used != step.used {
			t.Errorf("step %d: %v, %d are used", i, err, m.used)
		}
	}
	a.join(b)
	b.release()
	if m.used != 10 || a.n != 10 || b.n != 0 {
		t.Errorf("joined: %d are used, %d and %d", m.used, a.n, b.n)
	}
	a.join(nil)
	a.release()
	a.release()
	(*claim)(nil).release()
	if m.used != 0 {
		t.Errorf("released: %d are used", m.used)
	}
}

// TestAnnounceBounds: from which wait on a low budget is said.
func TestAnnounceBounds(t *testing.T) {
	for d, want := range map[time.Duration]bool{0: false, noticeable - 1: false, noticeable: true, time.Hour: true} {
		b := newBudget()
		b.observe(0)
		if e, ok := b.announce(d, 1); ok != want || ok && (e.Wait != max(d, Refill) || e.Left != 0 || e.Waiting != 1 || e.Spacing != Refill) {
			t.Errorf("%v: got %+v, %v", d, e, ok)
		}
	}
}

// A request that took its place in the row while the budget was low may come to wait when
// it isn't any more, which is no news.
func TestAnnounceNothingLow(t *testing.T) {
	for _, left := range []int{unknownLow, 0, 1, lowBudget - 1, lowBudget, lowBudget + 1} {
		b := newBudget()
		b.observe(left)
		e, ok := b.announce(time.Minute, 100)
		if want := left != unknownLow && left < lowBudget; ok != want || ok && (e.Spacing <= 0 || e.Left != left) {
			t.Errorf("with %d left: got %+v, %v, want an event: %v", left, e, ok, want)
		}
	}
}

// TestRedirectsAreNotFollowed: should one get through the transport, the token stays here.
func TestRedirectsAreNotFollowed(t *testing.T) {
	c, err := New(Options{Token: testToken})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.http.CheckRedirect(nil, nil); err != http.ErrUseLastResponse {
		t.Errorf("got %v", err)
	}
}

// TestDefaults: what the zero options stand for.
func TestDefaults(t *testing.T) {
	type values struct {
		retries                   int
		backoff, maxWait, timeout time.Duration
		limits                    Limits
		memory                    int64
		contact                   time.Duration
	}
	of := func(opts Options) values {
		c, err := New(opts)
		if err != nil {
			t.Fatal(err)
		}
		x := c.transport
		return values{x.retries, x.backoff, x.maxWait, x.timeout, x.limits, x.memory.most, x.reach.most}
	}
	limits := Limits{Answer: 8 << 20, Pages: 1000, Elements: 250_000, List: 64 << 20, Memory: 96 << 20, Call: 30 * time.Minute, Contact: 100 * time.Second}
	if got, want := of(Options{}), (values{4, 500 * time.Millisecond, 5 * time.Minute, time.Minute, limits, 96 << 20, 100 * time.Second}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	limits = Limits{Answer: 1, Pages: 2, Elements: 3, List: 4, Memory: 5, Call: 6, Contact: 7}
	if got, want := of(Options{Retries: 8, Backoff: 9, MaxWait: 10, Timeout: 11, Limits: limits}), (values{8, 9, 10, 11, limits, 5, 7}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := of(Options{Retries: -1, MaxWait: -1}); got.retries != 0 || got.maxWait != 0 {
		t.Errorf("never: got %+v", got)
	}
	for _, n := range []int{0, 7} {
		c, err := New(Options{Concurrency: n})
		if err != nil {
			t.Fatal(err)
		}
		want := n
		if n == 0 {
			want = 64
		}
		own, ok := c.transport.inner.(*http.Transport)
		if !ok || own.MaxIdleConnsPerHost != want || own.Proxy == nil || own == http.DefaultTransport {
			t.Errorf("concurrency %d: got %+v", n, own)
		}
		if !c.transport.slots.TryAcquire(int64(want)) || c.transport.slots.TryAcquire(1) {
			t.Errorf("concurrency %d: not %d at once", n, want)
		}
	}
}

// TestForeignDefaultTransport: a program that has put another one in the standard
// library's place gets that.
func TestForeignDefaultTransport(t *testing.T) {
	old := http.DefaultTransport
	defer func() { http.DefaultTransport = old }()
	http.DefaultTransport = failing{errors.New("foreign")}
	if got := defaultTransport(5); got != http.DefaultTransport {
		t.Errorf("got %v", got)
	}
}

// TestEnvironmentNames: names of variables are as long as they are and, but for Windows, in
// their case; a line that is no variable says nothing.
func TestEnvironmentNames(t *testing.T) {
	env := []string{"HEROKU_API_KEYS=no", "HEROKU_API_KEY=first", "heroku_api_key=lower", "HEROKU_API_KEY"}
	want, rest := "first", []string{"HEROKU_API_KEYS=no", "heroku_api_key=lower", "HEROKU_API_KEY=new=er"}
	if runtime.GOOS == "windows" {
		want, rest = "lower", []string{"HEROKU_API_KEYS=no", "HEROKU_API_KEY=new=er"}
	}
	if got := lookup(env, "HEROKU_API_KEY"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := setenv(slices.Clone(env), "HEROKU_API_KEY", "new=er"); !slices.Equal(got, rest) || lookup(got, "HEROKU_API_KEY") != "new=er" {
		t.Errorf("got %q, want %q", got, rest)
	}
}
