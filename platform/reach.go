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

	// secondLook is the same for one that looks whether the API is still out of
	// reach.
	secondLook = 5 * time.Second

	// coolDown is how long a failure of all counts for requests that come later.
	coolDown = 30 * time.Second
)

// reach keeps requests from trying on their own while the API has never
// answered: an address that is wrong or down costs every one of them the same
// time, and ends in the same error. At first requests go out as they come. When
// one is lost, it tries again for all, and the others wait for what comes of it.
// With the first answer, whatever it says, that is over for good: from then on a
// lost request says nothing of the others.
//
// A failure of all also counts for requests that come within coolDown, so that
// many that run a few at a time end together, too. But the first of these looks
// once more: it may have been the one request before that nothing answers to.
type reach struct {
	most time.Duration // Limits.Contact

	mu       sync.Mutex
	answered bool
	since    time.Time     // of the first sending; zero if there is none yet
	probing  bool          // one request tries for all
	change   chan struct{} // closed and replaced at every change of these
	failure  *RequestError // in which the last try of all has ended; nil if none has
	failed   time.Time     // when that was
	failures int           // how many tries of all have failed
	looked   bool          // a later request has found the same
}

func newReach(most time.Duration) *reach {
	return &reach{most: most, change: make(chan struct{})}
}

// changed wakes who waits. The caller holds mu.
func (r *reach) changed() {
	close(r.change)
	r.change = make(chan struct{})
}

// A role is what a request does for the others.
type role int

const (
	noRole  role = iota
	probing      // it tries to reach the API, for as long as Limits.Contact
	looking      // it looks once whether the API is still out of reach
)

// begin is called when a request begins. The number says which failures are
// older than the request.
func (r *reach) begin() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failures
}

// enter asks whether the request of a number may be sent, and as what. It may if
// wait and err are nil; otherwise it ends in err, or asks again when wait is
// closed.
func (r *reach) enter(number int) (as role, wait <-chan struct{}, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.answered {
		return noRole, nil, nil
	}
	later := number == r.failures
	if r.failure != nil && later && !r.probing && time.Since(r.failed) > coolDown {
		r.failure, r.since, r.looked = nil, time.Time{}, false
	}
	switch {
	case r.failure != nil && (r.looked || !later):
		return noRole, nil, r.failure
	case r.probing:
		return noRole, r.change, nil
	case r.failure != nil:
		r.probing = true
		return looking, nil, nil
	}
	// Nobody has tried for all in the time there is for that: what was sent
	// then has ended by itself, and this is another beginning.
	if r.since.IsZero() || time.Since(r.since) > r.most {
		r.since = time.Now()
	}
	return noRole, nil, nil
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
func (r *reach) lost(ctx context.Context) (probe bool, err error) {
	for {
		r.mu.Lock()
		answered, taken, failure, change := r.answered, r.probing, r.failure, r.change
		if !answered && failure == nil {
			r.probing = true
		}
		r.mu.Unlock()
		switch {
		case answered:
			return false, nil
		case failure != nil:
			return false, failure
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
	r.failures++
	r.changed()
}

// still ends the look of one that came later: nothing has changed. It returns
// the failure; nil if the API has answered another request meanwhile.
func (r *reach) still() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.answered {
		return nil
	}
	r.failed, r.looked, r.probing = time.Now(), true, false
	r.changed()
	return r.failure
}

// resign leaves the try to another request.
func (r *reach) resign() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.probing = false
	r.changed()
}
