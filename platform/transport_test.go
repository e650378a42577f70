package platform

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	heroku "github.com/heroku/heroku-go/v5"
)

// A reply is what a fake network answers to one request.
type reply func(*http.Request) (*http.Response, error)

// network is a RoundTripper without a network, for tests whose clock is a
// bubble's. It answers with its replies one after the other, the last for all
// that follow, and notes when requests came.
type network struct {
	mu      sync.Mutex
	replies []reply
	start   time.Time
	times   []time.Duration // since start
	bodies  []string
}

func newNetwork(replies ...reply) *network {
	return &network{replies: replies, start: time.Now()}
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		req.Body.Close()
	}
	n.mu.Lock()
	r := n.replies[min(len(n.times), len(n.replies)-1)]
	n.times = append(n.times, time.Since(n.start))
	n.bodies = append(n.bodies, string(body))
	n.mu.Unlock()
	return r(req)
}

// client returns a client over n. It has to be made in the bubble, too.
func (n *network) client(t *testing.T, change ...func(*Options)) *Client {
	t.Helper()
	opts := Options{Token: testToken, Transport: n}
	for _, f := range change {
		f(&opts)
	}
	c, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func answer200(body string, headers ...string) reply { return answering(200, body, headers...) }

func answering(status int, body string, headers ...string) reply {
	return func(req *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		say(status, body, headers...)(w, req)
		return w.Result(), nil
	}
}

func breaking(err error) reply {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// cutting answers with a body that breaks off.
func cutting(body string) reply {
	return func(req *http.Request) (*http.Response, error) {
		resp, _ := answer200(body)(req)
		resp.Body = io.NopCloser(io.MultiReader(resp.Body, failingReader{io.ErrUnexpectedEOF}))
		return resp, nil
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// silent never answers.
func silent(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

const okBody = `{"id":"1","name":"a"}`

// TestFaultsOfGet: one fault each way, and then an answer; and the fault
// without an end.
func TestFaultsOfGet(t *testing.T) {
	reset := &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	tests := []struct {
		name  string
		fault reply
		is    error  // what the error is when the fault goes on
		want  string // its text
		times int    // requests when the fault goes on
	}{
		{"429", answering(429, `{"id":"rate_limit","message":"Your account reached the API rate limit\nPlease wait a few minutes before making new requests"}`),
			ErrRateLimited, "GET /apps/a: 429 rate_limit: Your account reached the API rate limit Please wait a few minutes before making new requests", 0},
		{"500", answering(500, `{"id":"internal_server_error","message":"Oops."}`), ErrUnavailable, "GET /apps/a: 500 internal_server_error: Oops.", 5},
		{"503 in HTML", answering(503, "<html><h1>Application error</h1></html>", "Content-Type", "text/html"), ErrUnavailable, "GET /apps/a: 503 Service Unavailable", 5},
		{"502 without a body", answering(502, ""), ErrUnavailable, "GET /apps/a: 502 Bad Gateway", 5},
		{"connection reset", breaking(reset), syscall.ECONNRESET, "GET /apps/a: 5 attempts: read: read: connection reset by peer", 5},
		{"connection refused", breaking(syscall.ECONNREFUSED), syscall.ECONNREFUSED, "GET /apps/a: 5 attempts: connection refused", 5},
		{"closed early", breaking(io.EOF), io.EOF, "GET /apps/a: 5 attempts: EOF", 5},
		{"body cut off", cutting(`{"id":"1","na`), io.ErrUnexpectedEOF, "GET /apps/a: 5 attempts: unexpected EOF", 5},
		{"body cut off where it is whole", cutting(okBody), io.ErrUnexpectedEOF, "GET /apps/a: 5 attempts: unexpected EOF", 5},
		{"body cut off unnoticed", answer200(`{"id":"1","na`), ErrBadAnswer, "GET /apps/a: 5 attempts: unusable answer: the body isn't complete JSON", 5},
		{"two bodies", answer200(okBody + okBody), ErrBadAnswer, "GET /apps/a: 5 attempts: unusable answer: the body isn't complete JSON", 5},
		{"HTML", answer200("<html>Sign in</html>", "Content-Type", "text/html"), ErrBadAnswer, `GET /apps/a: 5 attempts: unusable answer: the body isn't complete JSON (content type "text/html")`, 5},
		{"no body", answer200(""), ErrBadAnswer, "GET /apps/a: 5 attempts: unusable answer: the body is empty", 5},
		{"white space", answer200("\r\n"), ErrBadAnswer, "GET /apps/a: 5 attempts: unusable answer: the body is empty", 5},
		{"null", answer200("null"), ErrBadAnswer, "GET /apps/a: 5 attempts: unusable answer: the body is null", 5},
		{"no answer", silent, errAny, "GET /apps/a: 5 attempts: no complete answer within 1m0s", 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork(tt.fault, answer200(okBody))
				c := n.client(t)
				got, err := Get[thing](t.Context(), c, "/apps/a")
				if want := (thing{"1", "a"}); err != nil || got != want {
					t.Errorf("once: got %v, %v; want %v", got, err, want)
				}
				if c.Requests() != 2 || len(n.times) != 2 {
					t.Errorf("once: got %d requests, %d counted, want 2", len(n.times), c.Requests())
				}

				// What happens before there was any answer is in reach_test.go.
				n = newNetwork(answer200(okBody), tt.fault)
				c = n.client(t)
				if _, err := Get[thing](t.Context(), c, "/apps/first"); err != nil {
					t.Error(err)
				}
				start := time.Now()
				got, err = Get[thing](t.Context(), c, "/apps/a")
				if err == nil || err.Error() != tt.want || got != (thing{}) {
					t.Errorf("for ever: got %v, %q; want %q", got, err, tt.want)
				}
				if tt.is != errAny && !errors.Is(err, tt.is) {
					t.Errorf("for ever: %v isn't %v", err, tt.is)
				}
				if errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("for ever: %v looks as if the caller's time were up", err)
				}
				if got := len(n.times) - 1; tt.times > 0 && got != tt.times {
					t.Errorf("for ever: got %d requests, want %d", got, tt.times)
				}
				if took := time.Since(start); took > 6*time.Minute {
					t.Errorf("for ever: took %v", took)
				}
			})
		})
	}
}

var errAny = errors.New("any")

// TestNoRetry: faults that don't go away by asking again.
func TestNoRetry(t *testing.T) {
	tests := []struct {
		name  string
		fault reply
	}{
		{"400", answering(400, `{"id":"bad_request","message":"m"}`)},
		{"401", answering(401, `{"id":"unauthorized","message":"m"}`)},
		{"403", answering(403, `{"id":"forbidden","error":"m"}`)},
		{"404", answering(404, `{"id":"not_found","message":"m"}`)},
		{"416", answering(416, `{"id":"requested_range_not_satisfiable","message":"m"}`)},
		{"422", answering(422, `{"id":"invalid_params","message":"m"}`)},
		{"304", answering(304, ``)},
		{"no such host", breaking(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}})},
		{"certificate", breaking(fmt.Errorf("tls: %w", x509.UnknownAuthorityError{}))},
		{"too large", answer200(`"` + strings.Repeat("x", 2000) + `"`)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork(tt.fault)
				c := n.client(t)
				c.transport.limits.Answer = 2001 // one less than that of "too large"
				_, err := Get[thing](t.Context(), c, "/apps/a")
				if err == nil || (tt.name == "too large") != errors.Is(err, ErrTooLarge) {
					t.Errorf("got %v", err)
				}
				if len(n.times) != 1 {
					t.Errorf("got %d requests, want 1", len(n.times))
				}
			})
		})
	}
}

// TestWritesAreSentOnce: whether a POST whose answer is lost took effect,
// nobody knows; one that was refused with 429 did not.
func TestWritesAreSentOnce(t *testing.T) {
	tests := []struct {
		name  string
		fault reply
		want  int // requests
		fails bool
	}{
		{"none", answering(201, okBody), 1, false},
		{"429", answering(429, `{"id":"rate_limit"}`), 2, false},
		{"503", answering(503, ``), 1, true},
		{"reset", breaking(syscall.ECONNRESET), 1, true},
		{"body cut off", cutting(`{"id":`), 1, true},
		{"no JSON", answering(201, `{"id":`), 1, true},
		{"no answer", silent, 1, true},
	}
	for _, method := range []string{"POST", "PATCH", "PUT", "DELETE"} {
		for _, tt := range tests {
			t.Run(method+" "+tt.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					n := newNetwork(tt.fault, answering(201, okBody))
					c := n.client(t)
					var got thing
					err := c.Service().Do(t.Context(), &got, method, "/apps", map[string]string{"name": "a"}, nil, nil)
					if (err != nil) != tt.fails {
						t.Errorf("got %v", err)
					}
					if want := (thing{"1", "a"}); !tt.fails && got != want {
						t.Errorf("got %v, want %v", got, want)
					}
					if e, ok := errors.AsType[*RequestError](err); ok && !strings.Contains(e.Hint, "not known whether") {
						t.Errorf("the hint doesn't say that it may have taken effect: %q", e.Hint)
					}
					want := slices.Repeat([]string{`{"name":"a"}`}, tt.want)
					if diff := cmp.Diff(want, n.bodies); diff != "" {
						t.Errorf("bodies sent (-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

// TestUnrepeatableBody: a body that can be read once isn't sent twice.
func TestUnrepeatableBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(answering(429, ``), answering(201, okBody))
		c := n.client(t)
		err := c.Service().Post(t.Context(), nil, "/apps", io.MultiReader(strings.NewReader("{}")))
		if !errors.Is(err, ErrRateLimited) || len(n.times) != 1 {
			t.Errorf("got %v after %d requests, want ErrRateLimited after 1", err, len(n.times))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("the file is gone")
		n := newNetwork(answering(429, ``), answering(201, okBody))
		req, err := http.NewRequestWithContext(t.Context(), "POST", "https://api.heroku.com/apps", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.GetBody = func() (io.ReadCloser, error) { return nil, gone }
		_, err = n.client(t).transport.RoundTrip(req)
		e, ok := errors.AsType[*RequestError](err)
		if !ok || e.Attempts != 1 || !errors.Is(err, gone) || !errors.Is(err, ErrRateLimited) || len(n.times) != 1 {
			t.Errorf("a body that is gone: %v after %d requests", err, len(n.times))
		}
	})
}

func TestEmptyAnswerToDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(answering(204, ""))
		if err := n.client(t).Service().Delete(t.Context(), nil, "/apps/a"); err != nil {
			t.Error(err)
		}
	})
}

// TestBackoff: each wait is twice the one before, give or take a quarter, up
// to 30 seconds.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(answering(503, ``))
		var waits []time.Duration
		c := n.client(t, func(o *Options) {
			o.Retries = 10
			o.Backoff = time.Second
			o.MaxWait = time.Hour
			o.Progress = func(e Event) {
				if e.Kind == EventRetry {
					waits = append(waits, e.Wait)
				}
			}
		})
		Get[thing](t.Context(), c, "/apps/a")
		if len(n.times) != 11 || len(waits) != 10 {
			t.Fatalf("got %d requests and %d waits, want 11 and 10", len(n.times), len(waits))
		}
		for i, wait := range waits {
			middle := min(time.Second<<i, 30*time.Second)
			if wait < middle*3/4 || wait > middle*5/4 {
				t.Errorf("wait %d: got %v, want %v give or take a quarter", i, wait, middle)
			}
			if got := n.times[i+1] - n.times[i]; got != wait {
				t.Errorf("wait %d: said %v, was %v", i, wait, got)
			}
		}
	})
}

func TestRetryAfter(t *testing.T) {
	tests := []struct {
		name   string
		status int
		header string
		want   time.Duration // between two requests; 0 if there is only one
	}{
		{"seconds", 429, "17", 17 * time.Second},
		{"seconds with 503", 503, "17", 17 * time.Second},
		{"date", 503, "DATE+40s", 40 * time.Second},
		{"longer than the client waits", 429, "301", 0},
		{"longer than the client waits, with 503", 503, "301", 0},
		{"longer than any number", 429, "99999999999999999999", 500 * time.Millisecond},
		{"date in the past", 429, "Mon, 02 Jan 1995 15:04:05 GMT", 500 * time.Millisecond},
		{"zero", 429, "0", 500 * time.Millisecond},
		{"negative", 429, "-5", 500 * time.Millisecond},
		{"nonsense", 503, "soon", 500 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				header := tt.header
				if header == "DATE+40s" {
					header = time.Now().Add(40 * time.Second).UTC().Format(http.TimeFormat)
				}
				n := newNetwork(answering(tt.status, ``, "Retry-After", header), answer200(okBody))
				_, err := Get[thing](t.Context(), n.client(t), "/apps/a")
				if tt.want == 0 {
					if statusOf(err) != tt.status || len(n.times) != 1 || n.times[0] != 0 {
						t.Errorf("got %v after %v, want an error at once", err, n.times)
					}
					return
				}
				if err != nil || len(n.times) != 2 {
					t.Fatalf("got %v after %d requests, want none after 2", err, len(n.times))
				}
				got := n.times[1] - n.times[0]
				// What the server names is kept to; the client's own is about.
				if tt.want >= time.Second && got != tt.want || got < tt.want*3/4 || got > tt.want*5/4 {
					t.Errorf("waited %v, want %v", got, tt.want)
				}
			})
		})
	}
}

// TestMaxWait: 429 for ever ends when the wait is used up.
func TestMaxWait(t *testing.T) {
	for _, most := range []time.Duration{time.Second, time.Minute, 17 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			n := newNetwork(answering(429, `{"id":"rate_limit"}`))
			var said time.Duration
			c := n.client(t, func(o *Options) {
				o.MaxWait = most
				o.Progress = func(e Event) {
					if e.Kind == EventThrottled {
						said += e.Wait
					}
				}
			})
			_, err := Get[thing](t.Context(), c, "/apps/a")
			if e, ok := errors.AsType[*APIError](err); !ok || !errors.Is(err, ErrRateLimited) || e.Hint == "" {
				t.Errorf("got %v, want ErrRateLimited with a hint", err)
			}
			// It gives up early only if the budget's next place is too late.
			got := time.Since(n.start)
			if got > most || got < most-Refill {
				t.Errorf("gave up after %v, want %v", got, most)
			}
			// What follows from the low budget afterwards isn't said each time.
			if silent := got - said; silent < 0 || silent > Refill*time.Duration(len(n.times)) {
				t.Errorf("said to wait %v in all, waited %v", said, got)
			}
			if len(n.times) > 50 {
				t.Errorf("got %d requests", len(n.times))
			}
		})
	}
}

func TestNoMaxWait(t *testing.T) {
	for _, status := range []int{429, 503} {
		synctest.Test(t, func(t *testing.T) {
			n := newNetwork(answering(status, ``))
			c := n.client(t, func(o *Options) { o.MaxWait = -1 })
			if _, err := Get[thing](t.Context(), c, "/apps/a"); statusOf(err) != status {
				t.Errorf("got %v", err)
			}
			if len(n.times) != 1 || time.Since(n.start) != 0 {
				t.Errorf("got %d requests in %v, want 1 at once", len(n.times), time.Since(n.start))
			}
		})
	}
}

// TestPauseIsShared: what one request is refused for, all others wait for.
func TestPauseIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(answering(429, ``, "Retry-After", "60"), answer200(okBody, "RateLimit-Remaining", "4000"))
		c := n.client(t)
		var wg sync.WaitGroup
		wg.Go(func() { Get[thing](t.Context(), c, "/apps/a") })
		synctest.Wait() // it is refused
		for range 5 {
			wg.Go(func() {
				if _, err := Get[thing](t.Context(), c, "/apps/b"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(n.times) != 7 {
			t.Fatalf("got %d requests, want 7", len(n.times))
		}
		for i, at := range n.times[1:] {
			if at < time.Minute {
				t.Errorf("request %d was sent %v into a pause of a minute", i+1, at)
			}
		}
	})
}

// TestBudget: a bucket of 4500 that is refilled with 75 a minute. However
// many goroutines ask, the client never overdraws it, uses what is there, and
// says that it waits.
func TestBudget(t *testing.T) {
	for _, goroutines := range []int{1, 10, 100} {
		t.Run(fmt.Sprint(goroutines), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const bucket, requests = 600, 1000
				var mu sync.Mutex
				tokens, last, refused, least := float64(bucket), time.Now(), 0, bucket
				account := func(req *http.Request) (*http.Response, error) {
					mu.Lock()
					now := time.Now()
					tokens = min(tokens+now.Sub(last).Minutes()*75, bucket)
					last = now
					refuse := tokens < 1
					if refuse {
						refused++
					} else {
						tokens--
					}
					left := int(tokens)
					least = min(least, left)
					mu.Unlock()
					time.Sleep(20 * time.Millisecond)
					if refuse {
						return answering(429, ``, "RateLimit-Remaining", "0")(req)
					}
					return answer200(okBody, "RateLimit-Remaining", fmt.Sprint(left))(req)
				}
				n := newNetwork(account)
				throttled := 0
				c := n.client(t, func(o *Options) {
					o.Progress = func(e Event) {
						if e.Kind == EventLowBudget {
							throttled++
							if e.Left < 0 || e.Spacing <= 0 || e.Waiting < 1 || e.Wait < e.Spacing || !strings.Contains(e.String(), "minute") {
								t.Errorf("got the event %+v", e)
							}
						}
					}
				})
				var wg sync.WaitGroup
				work := make(chan struct{}, requests)
				for range requests {
					work <- struct{}{}
				}
				close(work)
				for range goroutines {
					wg.Go(func() {
						for range work {
							if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil {
								t.Error(err)
							}
						}
					})
				}
				wg.Wait()
				took := time.Since(n.start)
				if refused > 0 {
					t.Errorf("overdrawn %d times", refused)
				}
				// Once, and then once a minute at the most.
				if throttled == 0 || throttled > 1+int(took.Minutes()) {
					t.Errorf("%d events of a low budget in %v", throttled, took)
				}
				// 400 requests beyond the bucket have to be refilled; slowing
				// down in time costs some patience more.
				if ideal := 400 * Refill; took < ideal || took > ideal*3/2 {
					t.Errorf("took %v, ideal is %v", took, ideal)
				}
				if least > bucket/5 {
					t.Errorf("%d requests were never used", least)
				}
			})
		})
	}
}

func TestSpacing(t *testing.T) {
	tests := []struct {
		left int
		want time.Duration
	}{
		{unknownLow, 0}, {4500, 0}, {450, 0}, {449, Refill / 450}, {225, Refill / 2}, {0, Refill},
	}
	for _, tt := range tests {
		if got := spacing(tt.left); got != tt.want {
			t.Errorf("spacing(%d): got %v, want %v", tt.left, got, tt.want)
		}
	}
}

// TestBudgetIsLimited: other tools use the same bucket up; the client waits
// for it and ends in an error when that takes too long.
func TestBudgetIsLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(answer200(okBody, "RateLimit-Remaining", "0"))
		c := n.client(t, func(o *Options) { o.MaxWait = 5 * time.Second; o.Concurrency = 100 })
		var wg sync.WaitGroup
		var mu sync.Mutex
		var failed int
		Get[thing](t.Context(), c, "/apps/a")
		for range 50 {
			wg.Go(func() {
				_, err := Get[thing](t.Context(), c, "/apps/a")
				if err != nil {
					mu.Lock()
					failed++
					mu.Unlock()
					if !errors.Is(err, ErrRateLimited) || !strings.Contains(err.Error(), "it would take") {
						t.Errorf("got %v, want ErrRateLimited", err)
					}
				}
			})
		}
		wg.Wait()
		// One each 0.8 s for 5 s.
		if took := time.Since(n.start); took > 5*time.Second {
			t.Errorf("took %v, want 5 s at most", took)
		}
		if failed == 0 || failed+c.Requests() != 51 || c.Requests() < 6 {
			t.Errorf("%d failed and %d were sent, want 51 in all", failed, c.Requests())
		}
	})
}

// TestCancelLater: a request that ends while it is under way for the second time says so, and
// nothing of the first time.
func TestCancelLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		retries := 0
		n := newNetwork(answering(503, ``), silent)
		c := n.client(t, func(o *Options) {
			o.Backoff = time.Second
			o.Progress = func(e Event) {
				if e.Kind == EventRetry {
					retries++
				}
			}
		})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err := Get[thing](ctx, c, "/apps/a")
		e, ok := errors.AsType[*RequestError](err)
		if !ok || e.Attempts != 2 || retries != 1 || !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "503") {
			t.Errorf("got %v after %d repetitions", err, retries)
		}
	})
}

// TestCancel: whatever a request waits for, the context's end is the
// request's, at once.
func TestCancel(t *testing.T) {
	tests := []struct {
		name  string
		reply reply
		waits string // what the error has to tell, besides
	}{
		{"back-off", answering(503, ``), "503 Service Unavailable"},
		{"429", answering(429, ``, "Retry-After", "200"), "429 Too Many Requests"},
		{"answer", silent, ""},
		{"body", func(req *http.Request) (*http.Response, error) {
			resp, _ := answer200(okBody)(req)
			resp.Body = io.NopCloser(readerFunc(func([]byte) (int, error) {
				<-req.Context().Done()
				return 0, req.Context().Err()
			}))
			return resp, nil
		}, ""},
	}
	for _, tt := range tests {
		for _, deadline := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s deadline=%v", tt.name, deadline), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					n := newNetwork(tt.reply)
					// Backoff and timeout are beyond the cancellation.
					c := n.client(t, func(o *Options) { o.Concurrency = 2; o.Backoff = time.Minute })
					ctx, cancel := context.WithCancel(t.Context())
					want := context.Canceled
					if deadline {
						ctx, cancel = context.WithTimeout(t.Context(), 10*time.Second)
						want = context.DeadlineExceeded
					} else {
						time.AfterFunc(10*time.Second, cancel)
					}
					defer cancel()
					var wg sync.WaitGroup
					for range 6 { // two with a slot, four waiting for one
						wg.Go(func() {
							_, err := Get[thing](ctx, c, "/apps/a")
							if !errors.Is(err, want) {
								t.Errorf("got %v, want %v", err, want)
							}
							if e, ok := errors.AsType[*RequestError](err); !ok || e.Attempts > 0 && !strings.Contains(err.Error(), tt.waits) {
								t.Errorf("got %v, want a *RequestError with %q", err, tt.waits)
							}
						})
					}
					wg.Wait()
					if got := time.Since(n.start); got != 10*time.Second {
						t.Errorf("took %v, want 10 s", got)
					}
				})
			})
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestEvents tells one story in order.
func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(
			answering(503, ``),
			answering(429, `{"id":"rate_limit","message":"slow down"}`, "Retry-After", "9"),
			answering(206, `[{"id":"1"},{"id":"2"}]`, "Next-Range", "id ]2..; max=1000", "RateLimit-Remaining", "4000"),
			answer200(`[{"id":"3"}]`, "X-Heroku-Warning", "The stack is\nold.\x1b[31m"),
		)
		var got []string
		c := n.client(t, func(o *Options) {
			o.Backoff = 4 * time.Second
			o.Progress = func(e Event) {
				if e.Kind == EventRetry {
					e.Wait = 4 * time.Second // it is about that
				}
				got = append(got, fmt.Sprintf("%v %d: %v", e.Kind, e.Attempt, e))
			}
		})
		list, err := List[thing](t.Context(), c, "/apps", "id")
		if err != nil || len(list) != 3 {
			t.Fatalf("got %v, %v", list, err)
		}
		want := []string{
			"request 1: GET /apps: 503 Service Unavailable",
			"retry 2: GET /apps: 503 Service Unavailable; trying again in 4s",
			"request 2: GET /apps: 429 rate_limit: slow down",
			"throttled 3: GET /apps: waiting 9s for the request budget",
			"request 3: GET /apps: 206 in 0s",
			"page 1: GET /apps: page 1, 2 so far",
			"request 1: GET /apps: 200 in 0s",
			"warning 1: GET /apps: warning: The stack is old.[31m",
			"page 1: GET /apps: page 2, 3 so far",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// TestProgressOneAtATime: a Progress function needs no lock of its own. The
// race detector looks on.
func TestProgressOneAtATime(t *testing.T) {
	events := 0
	c := newTestServer(t, say(200, okBody), func(o *Options) { o.Progress = func(Event) { events++ } })
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { Get[thing](t.Context(), c, "/apps/a") })
	}
	wg.Wait()
	if events != 20 {
		t.Errorf("got %d events, want 20", events)
	}
}

// TestProgressPanics: the panic is the caller's own; the client goes on.
func TestProgressPanics(t *testing.T) {
	calls := 0
	c := newTestServer(t, say(200, okBody), func(o *Options) {
		o.Progress = func(Event) {
			if calls++; calls == 1 {
				panic("progress")
			}
		}
		o.Concurrency = 1
	})
	func() {
		defer func() {
			if got := recover(); got != "progress" {
				t.Errorf("recovered %v", got)
			}
		}()
		Get[thing](t.Context(), c, "/apps/a")
	}()
	if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil {
		t.Error(err)
	}
}

// TestBrokenConnections goes over real ones.
func TestBrokenConnections(t *testing.T) {
	hijack := func(text string, reset bool) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			io.WriteString(conn, text)
			if reset {
				conn.(*net.TCPConn).SetLinger(0)
			}
			conn.Close()
		}
	}
	tests := []struct {
		name  string
		fault http.HandlerFunc
	}{
		{"closed", hijack("", false)},
		{"reset", hijack("", true)},
		{"header cut off", hijack("HTTP/1.1 200 OK\r\nContent-", false)},
		{"body cut off", hijack("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"+okBody, false)},
		{"chunk cut off", hijack("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}   \r\n", false)},
		{"no HTTP", hijack("SSH-2.0-OpenSSH_9.9\r\n", false)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newTestServer(t, answers(t, tt.fault, tt.fault, say(200, okBody)))
			if got, err := Get[thing](t.Context(), c, "/apps/a"); err != nil || got.ID != "1" {
				t.Errorf("got %v, %v", got, err)
			}
			c = newTestServer(t, answers(t, tt.fault))
			if _, err := c.Service().AppCreate(t.Context(), heroku.AppCreateOpts{}); err == nil {
				t.Error("POST: no error")
			}
		})
	}
}

// TestSlowServer: an answer whose headers don't come ends with the context.
func TestSlowServer(t *testing.T) {
	arrived := make(chan struct{})
	c := newTestServer(t, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	if _, err := Get[thing](ctx, c, "/apps/a"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if got := c.Requests(); got != 1 {
		t.Errorf("Requests: got %d, want 1", got)
	}
}

// TestConnectionsAreReused: also after errors and faulty bodies.
func TestConnectionsAreReused(t *testing.T) {
	var mu sync.Mutex
	opened := 0
	s := httptest.NewUnstartedServer(answers(t,
		say(200, okBody), say(404, `{"id":"not_found"}`), say(503, strings.Repeat("x", 1000)), say(200, `{"id":`), say(429, ``), say(200, okBody),
	))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			mu.Lock()
			opened++
			mu.Unlock()
		}
	}
	s.Start()
	defer s.Close()
	c, err := New(Options{BaseURL: s.URL, Token: testToken, Backoff: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	Get[thing](t.Context(), c, "/apps/a")
	Get[thing](t.Context(), c, "/apps/a")
	if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil {
		t.Error(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if opened != 1 || c.Requests() != 6 {
		t.Errorf("got %d connections for %d requests, want 1 for 6", opened, c.Requests())
	}
}

// TestBodiesAreClosed: every body that a RoundTripper gives has to be.
func TestBodiesAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open := 0
		counting := func(r reply) reply {
			return func(req *http.Request) (*http.Response, error) {
				resp, err := r(req)
				if resp != nil {
					open++
					body := resp.Body
					resp.Body = struct {
						io.Reader
						io.Closer
					}{body, closerFunc(func() error { open--; return body.Close() })}
				}
				return resp, err
			}
		}
		n := newNetwork(counting(answering(503, `x`)), counting(cutting(`{`)), counting(answering(429, `x`)), counting(answer200(`{`)),
			counting(func(req *http.Request) (*http.Response, error) {
				resp, _ := answer200(`{}`)(req)
				return resp, io.EOF // not allowed, but seen
			}), counting(answer200(okBody)))
		if _, err := Get[thing](t.Context(), n.client(t), "/apps/a"); err != nil || open != 0 {
			t.Errorf("got %v with %d open bodies, want none", err, open)
		}
	})
}

// TestRequestBodiesAreClosed: a RoundTripper closes the body of a request, also of one that
// it doesn't send, and joins pages of a GET alone.
func TestRequestBodiesAreClosed(t *testing.T) {
	for address, sent := range map[string]int{"https://api.heroku.com/apps": 1, "https://heroku.example/apps": 0} {
		closed := 0
		body := struct {
			io.Reader
			io.Closer
		}{strings.NewReader("{}"), closerFunc(func() error { closed++; return nil })}
		req, err := http.NewRequestWithContext(t.Context(), "POST", address, body)
		if err != nil {
			t.Fatal(err)
		}
		n := newNetwork(answering(206, things("1"), "Next-Range", "id ]1.."))
		resp, err := n.client(t).transport.RoundTrip(req)
		if closed == 0 || len(n.times) != sent || (err == nil) != (sent == 1) {
			t.Errorf("%s: closed %d times, sent %d times, %v", address, closed, len(n.times), err)
		}
		if resp != nil && (resp.StatusCode != 206 || resp.Header.Get("Next-Range") != "id ]1..") {
			t.Errorf("%s: got %+v", address, resp)
		}
	}
}

type closerFunc func() error

func (f closerFunc) Close() error { return f() }

// TestErrorBodyIsLimited: an endless error ends.
func TestErrorBodyIsLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read := 0
		n := newNetwork(func(req *http.Request) (*http.Response, error) {
			resp, _ := answering(404, "")(req)
			resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
				read += len(p)
				return copy(p, bytes.Repeat([]byte("x"), len(p))), nil
			}))
			return resp, nil
		})
		_, err := Get[thing](t.Context(), n.client(t), "/apps/a")
		if !errors.Is(err, ErrNotFound) || len(err.Error()) > 100 || read > 2*maxErrBody {
			t.Errorf("got %v after %d bytes", err, read)
		}
	})
}
