package platform

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// The request budget of an account, all of whose tokens and tools share it:
// a bucket of 4500 requests, refilled with 75 a minute. Source: "Rate limits"
// in the Platform API reference.
const (
	Refill     = time.Minute / 75 // time in which the budget gains one request
	lowBudget  = 450              // requests left below which the client slows down
	unknownLow = -1               // RateLimit-Remaining when no answer has said it

	noticeable = 100 * time.Millisecond // shorter waits aren't reported
)

// budget spaces the requests of all goroutines of a client. While the account
// has plenty left, requests go out at once. Below lowBudget they are spaced,
// wider the less is left, and with nothing left as far apart as the refill:
// so the bucket is used to the end, but not overdrawn by this client alone.
type budget struct {
	mu      sync.Mutex
	limiter *rate.Limiter
	until   time.Time // nothing is sent before; set by 429
	left    int       // what the last answer said; unknownLow if none has
	said    time.Time // until when it was last said to take
}

func newBudget() *budget {
	return &budget{limiter: rate.NewLimiter(rate.Inf, 1), left: unknownLow}
}

// spacing is the least time between two requests with left requests left.
func spacing(left int) time.Duration {
	if left == unknownLow || left >= lowBudget {
		return 0
	}
	return Refill * time.Duration(lowBudget-max(left, 0)) / lowBudget
}

// observe notes what an answer says is left.
func (b *budget) observe(left int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if left != unknownLow {
		b.left = left
	}
	// rate.Every gives Inf for 0.
	if limit := rate.Every(spacing(left)); limit != b.limiter.Limit() {
		b.limiter.SetLimit(limit)
	}
}

// remaining is what the last answer has said is left; unknownLow if none has.
func (b *budget) remaining() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.left
}

// pause keeps everything from being sent for d, after a 429. It reports
// whether that is news: others may have been refused at the same time.
func (b *budget) pause(d time.Duration) bool {
	b.observe(0)
	b.mu.Lock()
	defer b.mu.Unlock()
	until := time.Now().Add(d)
	news := until.After(b.until.Add(noticeable))
	if until.After(b.until) {
		b.until = until
	}
	return news
}

// paused is how long the pause goes on; 0 or less if there is none.
func (b *budget) paused() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Until(b.until)
}

// reserve takes the next place in the row. The caller waits for its Delay, or
// cancels it.
func (b *budget) reserve() *rate.Reservation {
	return b.limiter.Reserve()
}

// announce returns the event that the budget is low, when a request has to wait
// for d and pending ones are there in all. It is news at first, and then when
// it is going to take a minute longer than was said: one line for a display,
// and not one a request.
func (b *budget) announce(d time.Duration, pending int) (Event, bool) {
	if d < noticeable {
		return Event{}, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	apart := spacing(b.left)
	if apart == 0 { // there is more again than when the place in the row was taken
		return Event{}, false
	}
	d = max(d, time.Duration(pending)*apart)
	end := time.Now().Add(d)
	if !b.said.IsZero() && end.Before(b.said.Add(time.Minute)) {
		return Event{}, false
	}
	b.said = end
	return Event{Kind: EventLowBudget, Wait: d, Left: b.left, Waiting: pending, Spacing: apart}, true
}
