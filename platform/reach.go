package platform

import (
	"context"
	"sync"
	"time"
)

const (
	// firstSign is how long an attempt waits for the beginning of an answer
	// while none has ever come. Heroku's router itself gives up after 30 seconds.
	firstSign = 30 * time.Second

	// coolDown is how long the outcome counts for requests that come later, so
	// that many that run a few at a time end together, too.
	coolDown = 30 * time.Second
)

// reach keeps requests from trying on their own while the API has never
// answered: an address that is wrong or down costs every one of them the same
// time, and ends in the same error. At first requests go out as they come. When
// one is lost, it tries again for all, and the others wait for what comes of it.
// With the first answer, whatever it says, that is over for good: from then on a
// lost request says nothing of the others.
type reach struct {
	most time.Duration // Limits.Contact

	mu       sync.Mutex
	answered bool
	since    time.Time     // of the first sending; zero if there is none yet
	probing  bool          // one request tries for all
	change   chan struct{} // closed and replaced at every change of these
	failure  *RequestError // in which the last try of all has ended; nil if none has
	failed   time.Time     // when that was
}

func newReach(most time.Duration) *reach {
	return &reach{most: most, change: make(chan struct{})}
}

// changed wakes who waits. The caller holds mu.
func (r *reach) changed() {
	close(r.change)
	r.change = make(chan struct{})
}

// outcome is the failure that counts for a request of began; nil if there is
// none. The caller holds mu.
func (r *reach) outcome(began time.Time) error {
	if r.failure == nil {
		return nil
	}
	if began.After(r.failed.Add(coolDown)) {
		r.failure, r.since = nil, time.Time{}
		return nil
	}
	return r.failure
}

// enter asks whether a request may be sent. It may if both results are nil;
// otherwise it ends in err, or asks again when wait is closed.
func (r *reach) enter(began time.Time) (wait <-chan struct{}, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.answered {
		return nil, nil
	}
	if err := r.outcome(began); err != nil {
		return nil, err
	}
	if r.probing {
		return r.change, nil
	}
	// Nobody has tried for all in the time there is for that: what was sent
	// then has ended by itself, and this is another beginning.
	if r.since.IsZero() || time.Since(r.since) > r.most {
		r.since = time.Now()
	}
	return nil, nil
}

// left is how long the API is still tried; false if it has answered.
func (r *reach) left() (time.Duration, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.most - time.Since(r.since), !r.answered
}

// lost is called for a request that got no answer. With probe, it tries again
// for all, and has to call answer, fail or resign in the end. Without, and
// without an error, the API has answered another request meanwhile. err is the
// failure of the one that tried for all, or the context's end.
func (r *reach) lost(ctx context.Context, began time.Time) (probe bool, err error) {
	for {
		r.mu.Lock()
		err := r.outcome(began)
		answered, taken, change := r.answered, r.probing, r.change
		if !answered && err == nil && !taken {
			r.probing = true
		}
		r.mu.Unlock()
		switch {
		case answered:
			return false, nil
		case err != nil:
			return false, err
		case !taken:
			return true, nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return false, endOf(ctx)
		}
	}
}

// answer notes that the API has answered.
func (r *reach) answer() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.answered {
		r.answered, r.probing = true, false
		r.changed()
	}
}

// fail ends the try of all.
func (r *reach) fail(err *RequestError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failure, r.failed, r.probing = err, time.Now(), false
	r.changed()
}

// resign leaves the try to another request.
func (r *reach) resign() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.probing = false
	r.changed()
}
