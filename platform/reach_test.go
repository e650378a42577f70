package platform

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// refusedError is what a dial to a port without a listener ends in.
var refusedError = &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}

// dripping answers with a byte a second, for ever.
func dripping(req *http.Request) (*http.Response, error) {
	resp, _ := answer200("")(req)
	resp.ContentLength = -1
	resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
		select {
		case <-time.After(time.Second):
			p[0] = ' '
			return 1, nil
		case <-req.Context().Done():
			return 0, req.Context().Err()
		}
	}))
	return resp, nil
}

// heedless is dripping by a RoundTripper that doesn't heed the context.
func heedless(req *http.Request) (*http.Response, error) {
	return dripping(req.WithContext(context.WithoutCancel(req.Context())))
}

// outOfReach are the ways in which an API can be out of reach, and how its
// error reads.
var outOfReach = []struct {
	name  string
	fault reply
	want  string // beginning of the error's text
	is    error
	hint  string // part of it
}{
	{"never answers", silent, "reach https://api.heroku.com: 4 attempts: no answer at all within 1m40s: no complete answer within ", ErrTooSlow, "nothing answers there: check HEROKU_API_URL"},
	{"a byte a second", dripping, "reach https://api.heroku.com: 2 attempts: no answer at all within 1m40s: no complete answer within ", ErrTooSlow, "HEROKU_API_URL"},
	{"a byte a second, without heed", heedless, "reach https://api.heroku.com: 2 attempts: no answer at all within 1m40s: no complete answer within ", ErrTooSlow, "HEROKU_API_URL"},
	{"refused", breaking(refusedError), "reach https://api.heroku.com: 5 attempts: dial tcp: connect: connection refused", syscall.ECONNREFUSED, "nothing listens there"},
	{"name server is silent", breaking(&net.DNSError{Err: "i/o timeout", Name: "api.heroku.com", IsTimeout: true}), "reach https://api.heroku.com: 5 attempts: lookup api.heroku.com: i/o timeout", nil, "name server"},
	{"no such host", breaking(&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "api.heroku.com", IsNotFound: true}}),
		"reach https://api.heroku.com: dial tcp: lookup api.heroku.com: no such host", nil, "HEROKU_API_URL"},
	{"unknown authority", breaking(fmt.Errorf("tls: %w", x509.UnknownAuthorityError{})), "reach https://api.heroku.com: tls: x509: certificate signed by unknown authority", nil, "SSL_CERT_FILE"},
}

// TestNeverAnswered: many requests to an API that has never answered end
// together, in two minutes at the most, in one and the same error, and one of
// them alone is sent again.
func TestNeverAnswered(t *testing.T) {
	for _, tt := range outOfReach {
		for _, requests := range []int{1, 200} {
			t.Run(fmt.Sprintf("%s/%d", tt.name, requests), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					n := newNetwork(tt.fault)
					retries := 0
					c := n.client(t, func(o *Options) {
						o.Progress = func(e Event) {
							if e.Kind == EventRetry {
								retries++
							}
						}
					})
					var mu sync.Mutex
					failures := make(map[*RequestError]int)
					var wg sync.WaitGroup
					for i := range requests {
						wg.Go(func() {
							_, err := List[thing](t.Context(), c, fmt.Sprintf("/pipelines/%d/latest-releases", i), "id")
							e, ok := err.(*RequestError)
							if !ok || !errors.Is(err, ErrUnreachable) || tt.is != nil && !errors.Is(err, tt.is) || !strings.HasPrefix(err.Error(), tt.want) {
								t.Errorf("got %v, want ErrUnreachable with %q", err, tt.want)
								return
							}
							if !strings.Contains(e.Hint, tt.hint) {
								t.Errorf("got the hint %q, want one with %q", e.Hint, tt.hint)
							}
							if errors.Is(err, context.DeadlineExceeded) {
								t.Errorf("%v looks as if the caller's time were up", err)
							}
							mu.Lock()
							failures[e]++
							mu.Unlock()
						})
					}
					wg.Wait()
					if took := time.Since(n.start); took > 2*time.Minute {
						t.Errorf("took %v", took)
					}
					if len(failures) != 1 {
						t.Errorf("got %d different errors, want 1", len(failures))
					}
					if retries > 4 {
						t.Errorf("%d repetitions for %d requests, want 4 at most", retries, requests)
					}
					if first := min(requests, 64); len(n.times) > first+4 {
						t.Errorf("%d requests were sent, want %d at first and 4 again", len(n.times), first)
					}
				})
			})
		}
	}
}

// TestNeverAnsweredInTurn: callers that run a few requests at a time wait once,
// and those that come later begin anew.
func TestNeverAnsweredInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(silent)
		c := n.client(t)
		work := make(chan int, 200)
		for i := range 200 {
			work <- i
		}
		close(work)
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for range work {
					if _, err := Get[thing](t.Context(), c, "/apps/a"); !errors.Is(err, ErrUnreachable) {
						t.Errorf("got %v, want ErrUnreachable", err)
					}
				}
			})
		}
		wg.Wait()
		if took := time.Since(n.start); took > 2*time.Minute {
			t.Errorf("took %v", took)
		}
		sent := len(n.times)
		time.Sleep(coolDown + time.Second)
		start := time.Now()
		if _, err := Get[thing](t.Context(), c, "/apps/a"); !errors.Is(err, ErrUnreachable) || len(n.times) == sent {
			t.Errorf("later: got %v after %d requests more", err, len(n.times)-sent)
		}
		if took := time.Since(start); took < time.Minute || took > 2*time.Minute {
			t.Errorf("later: took %v", took)
		}
		n.mu.Lock()
		n.replies = []reply{answer200(okBody)}
		n.mu.Unlock()
		time.Sleep(coolDown + time.Second)
		if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil {
			t.Errorf("when it is back: got %v", err)
		}
	})
}

// TestOneSilentPath: a path to which nothing is answered says nothing of the
// others, also if it is the first to be asked for.
func TestOneSilentPath(t *testing.T) {
	for name, fault := range map[string]reply{"silent": silent, "reset": breaking(&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)})} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, together := range []bool{false, true} {
					n := newNetwork(func(req *http.Request) (*http.Response, error) {
						if req.URL.Path == "/apps/silent" {
							return fault(req)
						}
						time.Sleep(100 * time.Millisecond)
						return answer200(okBody)(req)
					})
					c := n.client(t, func(o *Options) {
						if together {
							o.Retries = -1
						}
					})
					var wg sync.WaitGroup
					for i := range 20 {
						ask := func() {
							path := "/apps/a"
							if i == 0 {
								path = "/apps/silent"
							}
							if _, err := Get[thing](t.Context(), c, path); (err != nil) != (i == 0) {
								t.Errorf("together=%v, request %d: got %v", together, i, err)
							}
						}
						if together {
							wg.Go(ask)
						} else {
							ask()
						}
					}
					wg.Wait()
				}
			})
		})
	}
}

// TestAnswersAfterSilence: the one that tries for all gets an answer, and all go
// on.
func TestAnswersAfterSilence(t *testing.T) {
	for _, fault := range []reply{silent, breaking(refusedError)} {
		for _, first := range []reply{answer200(okBody), answering(503, ``), answering(404, `{"id":"not_found"}`)} {
			synctest.Test(t, func(t *testing.T) {
				const requests = 200
				var mu sync.Mutex
				start, answered, failed := time.Now(), 0, 0
				n := newNetwork(func(req *http.Request) (*http.Response, error) {
					if time.Since(start) < 2*time.Second {
						return fault(req)
					}
					mu.Lock()
					answered++
					again := answered > 1
					mu.Unlock()
					if again {
						return answer200(okBody)(req)
					}
					return first(req)
				})
				c := n.client(t)
				var wg sync.WaitGroup
				for range requests {
					wg.Go(func() {
						_, err := Get[thing](t.Context(), c, "/apps/a")
						mu.Lock()
						defer mu.Unlock()
						if errors.Is(err, ErrNotFound) {
							failed++
						} else if err != nil {
							t.Errorf("got %v", err)
						}
					})
				}
				wg.Wait()
				if failed > 1 {
					t.Errorf("%d requests failed, want the one that was answered with 404 at most", failed)
				}
				if took := time.Since(n.start); took > 35*time.Second {
					t.Errorf("took %v", took)
				}
			})
		}
	}
}

// TestInterruptedOutOfReach: the end of a context ends its request at once,
// whether it tries for all or waits, and another takes its place.
func TestInterruptedOutOfReach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(breaking(refusedError))
		c := n.client(t, func(o *Options) { o.Backoff = 10 * time.Second })
		errUser := errors.New("interrupted by the user")
		ctx, cancel := context.WithCancelCause(t.Context())
		var wg sync.WaitGroup
		for range 10 { // all of these, and the one that tries, since these are first
			wg.Go(func() {
				_, err := Get[thing](ctx, c, "/apps/a")
				if !errors.Is(err, context.Canceled) || !errors.Is(err, errUser) || !strings.Contains(err.Error(), errUser.Error()) {
					t.Errorf("got %v, want context.Canceled and its cause", err)
				}
				if took := time.Since(n.start); took != 5*time.Second {
					t.Errorf("ended after %v, want 5 s", took)
				}
			})
		}
		synctest.Wait()
		wg.Go(func() {
			if _, err := Get[thing](t.Context(), c, "/apps/b"); !errors.Is(err, ErrUnreachable) {
				t.Errorf("got %v, want ErrUnreachable", err)
			}
		})
		synctest.Wait()
		sent := len(n.times)
		time.AfterFunc(5*time.Second, func() { cancel(errUser) })
		wg.Wait()
		if len(n.times) <= sent {
			t.Error("nobody went on in the place of the one that was interrupted")
		}
	})
}

// TestWritesOutOfReach: a write says what happened to it, not what happens to
// reads, and the time between two of them isn't time without an answer.
func TestWritesOutOfReach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(breaking(refusedError), breaking(refusedError), answering(201, okBody))
		c := n.client(t)
		for range 2 {
			err := c.Service().Post(t.Context(), nil, "/apps", map[string]string{"name": "a"})
			if e, ok := errors.AsType[*RequestError](err); !ok || errors.Is(err, ErrUnreachable) || !strings.Contains(e.Hint, "not known whether") {
				t.Errorf("got %v, want a *RequestError of its own", err)
			}
			time.Sleep(time.Hour)
		}
		if err := c.Service().Post(t.Context(), nil, "/apps", map[string]string{"name": "a"}); err != nil {
			t.Error(err)
		}
	})
}

// TestDripAfterAnswers: the limit of an attempt holds while the body is read.
func TestDripAfterAnswers(t *testing.T) {
	for _, drip := range []reply{dripping, heedless} {
		synctest.Test(t, func(t *testing.T) {
			n := newNetwork(answer200(okBody), drip)
			c := n.client(t, func(o *Options) { o.Timeout = 10 * time.Second; o.Retries = 1 })
			if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil {
				t.Fatal(err)
			}
			_, err := Get[thing](t.Context(), c, "/apps/a")
			limit, ok := errors.AsType[*LimitError](err)
			if !ok || limit.Limit != LimitAttempt || !errors.Is(err, ErrTooSlow) || err.Error() != "GET /apps/a: 2 attempts: no complete answer within 10s" {
				t.Errorf("got %v", err)
			}
			// One byte more comes in before a RoundTripper without heed is left.
			if took := time.Since(n.start); took > 25*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestSlowBeginning: once the API has answered, an answer may take its whole
// time to begin; before, to be read.
func TestSlowBeginning(t *testing.T) {
	late := func(req *http.Request) (*http.Response, error) {
		time.Sleep(50 * time.Second)
		if err := req.Context().Err(); err != nil {
			return nil, err
		}
		return answer200(okBody)(req)
	}
	slow := func(req *http.Request) (*http.Response, error) {
		time.Sleep(20 * time.Second)
		resp, _ := answer200(okBody)(req)
		body := resp.Body
		waited := false
		resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
			if !waited {
				waited = true
				time.Sleep(30 * time.Second)
			}
			return body.Read(p)
		}))
		return resp, nil
	}
	for i, replies := range [][]reply{{slow}, {answer200(okBody), late}} {
		synctest.Test(t, func(t *testing.T) {
			n := newNetwork(replies...)
			c := n.client(t)
			for range replies {
				if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil {
					t.Errorf("%d: got %v", i, err)
				}
			}
			if len(n.times) != len(replies) {
				t.Errorf("%d: got %d requests, want %d", i, len(n.times), len(replies))
			}
		})
	}
}

// TestPanicOutOfReach: a panic in Progress doesn't leave the others waiting for
// one that is gone.
func TestPanicOutOfReach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(breaking(refusedError))
		c := n.client(t, func(o *Options) {
			o.Progress = func(e Event) {
				if e.Kind == EventRetry && e.Attempt == 2 && len(n.times) == 1 {
					panic("progress")
				}
			}
		})
		func() {
			defer func() {
				if got := recover(); got != "progress" {
					t.Errorf("recovered %v", got)
				}
			}()
			Get[thing](t.Context(), c, "/apps/a")
		}()
		if _, err := Get[thing](t.Context(), c, "/apps/a"); !errors.Is(err, ErrUnreachable) {
			t.Errorf("got %v, want ErrUnreachable", err)
		}
	})
}

// TestTryIsHandedOn: a request that tries for all, and reaches something, leaves the try to
// another, and waits for what comes of that.
func TestTryIsHandedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var sent []string
		replies := map[string][]reply{
			"/apps/a": {breaking(syscall.ECONNREFUSED), breaking(syscall.ECONNRESET), answer200(okBody)},
			"/apps/b": {breaking(syscall.ECONNREFUSED), breaking(syscall.ECONNREFUSED), breaking(syscall.ECONNREFUSED), answer200(okBody)},
		}
		c, err := New(Options{Token: testToken, Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			mu.Lock()
			sent = append(sent, req.URL.Path)
			n := 0
			for _, path := range sent {
				if path == req.URL.Path {
					n++
				}
			}
			mu.Unlock()
			return replies[req.URL.Path][n-1](req)
		})})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for _, path := range []string{"/apps/a", "/apps/b"} {
			wg.Go(func() {
				if _, err := Get[thing](t.Context(), c, path); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		want := []string{"/apps/a", "/apps/a", "/apps/b", "/apps/b", "/apps/b", "/apps/b", "/apps/a"}
		if !slices.Equal(sent, want) {
			t.Errorf("got %q, want %q", sent, want)
		}
	})
}
