package platform

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestThrottledOnce: requests that are refused together are one event.
func TestThrottledOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		n := newNetwork(func(req *http.Request) (*http.Response, error) {
			if time.Since(start) < time.Second {
				time.Sleep(10 * time.Millisecond)
				return answering(429, ``, "Retry-After", "60")(req)
			}
			return answer200(okBody, "RateLimit-Remaining", "4000")(req)
		})
		var got []string
		c := n.client(t, func(o *Options) {
			o.Progress = func(e Event) {
				if e.Kind == EventThrottled || e.Kind == EventLowBudget {
					got = append(got, e.Kind.String())
				}
			}
		})
		var wg sync.WaitGroup
		for range 200 {
			wg.Go(func() {
				if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		// The first after the pause still finds the budget used up.
		if len(got) > 2 || len(got) == 0 || got[0] != "throttled" {
			t.Errorf("got the events %q, want one of the pause", got)
		}
	})
}

// TestLowBudgetInTurn: requests that come one after the other are spaced for
// minutes; a display gets a line a minute, with what it needs to say how long
// its own work is going to take.
func TestLowBudgetInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(answer200(okBody, "RateLimit-Remaining", "0"))
		var got []Event
		c := n.client(t, func(o *Options) {
			o.Progress = func(e Event) {
				if e.Kind == EventLowBudget {
					got = append(got, e)
				}
			}
		})
		for range 500 {
			if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil {
				t.Fatal(err)
			}
		}
		took := time.Since(n.start)
		if len(got) == 0 || len(got) > 1+int(took.Minutes()) {
			t.Errorf("got %d events in %v", len(got), took)
		}
		for _, e := range got {
			want := Event{Kind: EventLowBudget, Method: "GET", Path: "/apps/a", Attempt: 1, Wait: Refill, Waiting: 1, Spacing: Refill}
			if diff := cmp.Diff(want, e); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		}
	})
}

func TestEventStrings(t *testing.T) {
	route := Event{Method: "GET", Path: "/apps"}
	with := func(kind EventKind, change func(*Event)) Event {
		e := route
		e.Kind = kind
		change(&e)
		return e
	}
	tests := []struct {
		in   Event
		want string
	}{
		{with(EventLowBudget, func(e *Event) { e.Left, e.Waiting, e.Wait = 12, 200, 3*time.Minute }), "the account has 12 requests left in its budget: 200 requests waiting, about 3 minutes"},
		{with(EventLowBudget, func(e *Event) { e.Left, e.Waiting, e.Wait = 1, 1, time.Minute }), "the account has 1 request left in its budget: 1 request waiting, about 1 minute"},
		{with(EventLowBudget, func(e *Event) { e.Waiting, e.Wait = 20, 16*time.Second }), "the account has 0 requests left in its budget: 20 requests waiting, less than a minute"},
		{with(EventThrottled, func(e *Event) { e.Wait = time.Second; e.Message = "Retry-After is odd" }), "GET /apps: waiting 1s for the request budget (Retry-After is odd)"},
		{with(EventRetry, func(e *Event) { e.Wait = time.Second; e.Err = ErrUnavailable; e.Message = "Retry-After is odd" }), "service unavailable; trying again in 1s (Retry-After is odd)"},
		{with(EventKind(99), func(*Event) {}), "EventKind(99): GET /apps"},
	}
	for _, tt := range tests {
		if got := tt.in.String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	for k := EventRequest; k <= EventLowBudget; k++ {
		if strings.Contains(k.String(), "EventKind") {
			t.Errorf("kind %d has no name", k)
		}
	}
}

// TestOddRetryAfterIsSaid: a wait of a year isn't heeded, and the event and the
// error say so.
func TestOddRetryAfterIsSaid(t *testing.T) {
	for _, status := range []int{429, 503} {
		synctest.Test(t, func(t *testing.T) {
			n := newNetwork(answering(status, ``, "Retry-After", "31536000"))
			var said string
			c := n.client(t, func(o *Options) {
				o.Progress = func(e Event) {
					if e.Kind == EventRetry || e.Kind == EventThrottled {
						said = e.Message
					}
				}
			})
			_, err := Get[thing](t.Context(), c, "/apps/a")
			const want = `Retry-After is "31536000", which is more than 1h0m0s, and isn't heeded`
			e, ok := err.(*APIError)
			if !ok || e.Status != status || e.RetryAfter != 0 || !strings.HasSuffix(e.Hint, "("+want+")") {
				t.Errorf("%d: got %v with the hint %q", status, err, fmt.Sprint(e))
			}
			if said != want {
				t.Errorf("%d: the event says %q, want %q", status, said, want)
			}
			if took := time.Since(n.start); took > 6*time.Minute || len(n.times) < 2 {
				t.Errorf("%d: took %v with %d requests", status, took, len(n.times))
			}

			// What is longer than the client waits, but makes sense, is its error.
			n = newNetwork(answering(status, ``, "Retry-After", "301"))
			_, err = Get[thing](t.Context(), n.client(t), "/apps/a")
			if e, ok := err.(*APIError); !ok || e.RetryAfter != 301*time.Second || !strings.Contains(e.Hint, "asks to wait 5m1s") {
				t.Errorf("%d: got %v, want a hint with the time", status, err)
			}
		})
	}
}
