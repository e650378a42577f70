package platform

import (
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestEnterReach: what a request is told before it is sent, in every state, and what
// becomes of the state.
func TestEnterReach(t *testing.T) {
	const most, now = 100 * time.Second, time.Duration(0)
	failure := &RequestError{Err: errors.New("out of reach")}
	type state struct {
		answered, probing, failed, looked bool
		since, ago                        time.Duration // before now, of since and failed; -1 for never
	}
	const failures = 2
	for _, tt := range []struct {
		name   string
		is     state
		number int
		as     role
		wait   bool
		err    bool
		then   state
	}{
		{"it has answered", state{answered: true, failed: true, ago: time.Second, since: -1}, 2, noRole, false, false, state{answered: true, failed: true, ago: time.Second, since: -1}},
		{"the first", state{since: -1}, 2, noRole, false, false, state{since: now}},
		{"the second", state{since: most}, 2, noRole, false, false, state{since: most}},
		{"long after the first", state{since: most + 1}, 2, noRole, false, false, state{since: now}},
		{"while one tries", state{probing: true, since: time.Second}, 2, noRole, true, false, state{probing: true, since: time.Second}},
		{"of before the failure", state{failed: true, since: most}, 1, noRole, false, true, state{failed: true, since: most}},
		{"of before the failure, much later", state{failed: true, ago: coolDown + 1, since: most}, 1, noRole, false, true, state{failed: true, ago: coolDown + 1, since: most}},
		{"of before the failure, while one looks", state{failed: true, probing: true, since: most}, 1, noRole, false, true, state{failed: true, probing: true, since: most}},
		{"after the failure", state{failed: true, ago: coolDown, since: most}, 2, looking, false, false, state{failed: true, ago: coolDown, probing: true, since: most}},
		{"after the failure, while one looks", state{failed: true, ago: time.Second, probing: true, since: most}, 2, noRole, true, false, state{failed: true, ago: time.Second, probing: true, since: most}},
		{"after one has looked", state{failed: true, ago: coolDown, looked: true, since: most}, 2, noRole, false, true, state{failed: true, ago: coolDown, looked: true, since: most}},
		{"long after one has looked", state{failed: true, ago: coolDown + 1, looked: true, since: most}, 2, noRole, false, false, state{since: now}},
		{"long after the failure, while one looks", state{failed: true, ago: coolDown + 1, probing: true, since: most}, 2, noRole, true, false, state{failed: true, ago: coolDown + 1, probing: true, since: most}},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newReach(most)
			r.answered, r.probing, r.looked, r.failures = tt.is.answered, tt.is.probing, tt.is.looked, failures
			if tt.is.since >= 0 {
				r.since = time.Now().Add(-tt.is.since)
			}
			if tt.is.failed {
				r.failure, r.failed = failure, time.Now().Add(-tt.is.ago)
			}
			if got := r.begin(); got != failures {
				t.Errorf("%s: begins as number %d", tt.name, got)
			}
			as, wait, err := r.enter(tt.number)
			if as != tt.as || (wait != nil) != tt.wait || (err != nil) != tt.err || err != nil && err != failure {
				t.Errorf("%s: got %d, waits %t, %v", tt.name, as, wait != nil, err)
			}
			got := state{answered: r.answered, probing: r.probing, failed: r.failure != nil, looked: r.looked, since: -1}
			if !r.since.IsZero() {
				got.since = time.Since(r.since)
			}
			if got.failed {
				got.ago = time.Since(r.failed)
			}
			if got != tt.then {
				t.Errorf("%s: then %+v, want %+v", tt.name, got, tt.then)
			}
		})
	}
}

// TestUnanswered: a request that got no answer tries for all, or is done with that, in every
// role that it can have.
func TestUnanswered(t *testing.T) {
	refused := &RequestError{Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}
	cut := &RequestError{Err: io.ErrUnexpectedEOF}
	failure := &RequestError{Err: errors.New("out of reach")}
	for _, tt := range []struct {
		name     string
		method   string
		lost     error
		as, then role
		prepare  func(r *reach)
		again    bool
		err      bool
		probing  bool // somebody tries, afterwards
		failures int  // of all
	}{
		{"the first", "GET", refused, noRole, probing, nil, true, false, true, 0},
		{"once more", "GET", refused, probing, probing, nil, true, false, true, 0},
		{"a write", "POST", refused, noRole, noRole, nil, false, false, false, 0},
		{"a write that tries", "POST", refused, probing, noRole, nil, false, false, false, 0},
		{"cut off", "GET", cut, noRole, noRole, nil, false, false, false, 0},
		{"cut off, and tries", "GET", cut, probing, noRole, nil, false, false, false, 0},
		{"no time is left", "GET", refused, probing, noRole, func(r *reach) { r.since = time.Now().Add(-r.most) }, false, true, false, 1},
		{"others have failed", "GET", refused, noRole, noRole, func(r *reach) { r.failure = failure }, false, true, false, 0},
		{"looks again", "GET", refused, looking, noRole, func(r *reach) { r.failure = failure }, false, true, false, 0},
		{"looks, and others are answered", "GET", refused, looking, noRole, func(r *reach) { r.answer() }, true, false, false, 0},
		{"others are answered", "GET", refused, noRole, noRole, func(r *reach) { r.answer() }, true, false, false, 0},
		{"others are answered while it tries", "GET", refused, probing, noRole, func(r *reach) { r.answer() }, true, false, false, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			tr := newNetwork().client(t).transport
			req, err := http.NewRequestWithContext(t.Context(), tt.method, "https://api.heroku.com/apps", nil)
			if err != nil {
				t.Fatal(err)
			}
			x := &exchange{t: tr, req: req, number: tr.reach.begin(), wait: waiter{most: tr.maxWait}, sent: 1, role: tt.as}
			tr.reach.since, tr.reach.probing = time.Now(), tt.as != noRole
			if tt.prepare != nil {
				tt.prepare(tr.reach)
			}
			again, err := x.unanswered(tt.lost)
			if again != tt.again || (err != nil) != tt.err || x.role != tt.then || tr.reach.probing != tt.probing || tr.reach.failures != tt.failures {
				t.Errorf("%s: again %t, %v, as %d; probing %t, %d failures", tt.name, again, err, x.role, tr.reach.probing, tr.reach.failures)
			}
			if want := map[bool]int{true: 1}[tt.again]; x.failures != want || (x.last == tt.lost) != tt.again {
				t.Errorf("%s: %d failures, the last %v", tt.name, x.failures, x.last)
			}
		})
	}
}

// TestReachChanges: who waits is woken by every end of a try, and finds what has come of it.
func TestReachChanges(t *testing.T) {
	failure := &RequestError{Err: errors.New("out of reach")}
	for _, tt := range []struct {
		name     string
		change   func(r *reach) error
		probe    bool  // the next one that is lost tries
		err      error // or ends in this
		failures int
		looked   bool
	}{
		{"answer", func(r *reach) error { r.answer(); return nil }, false, nil, 0, false},
		{"fail", func(r *reach) error { r.fail(failure); return nil }, false, failure, 1, false},
		{"still", func(r *reach) error { r.failure = failure; return r.still() }, false, failure, 0, true},
		{"resign", func(r *reach) error { r.resign(); return nil }, true, nil, 0, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newReach(time.Minute)
			if probe, err := r.lost(t.Context()); !probe || err != nil || !r.probing {
				t.Fatalf("%s: the first: %t, %v", tt.name, probe, err)
			}
			type end struct {
				probe bool
				err   error
			}
			ended := make(chan end, 1)
			go func() {
				probe, err := r.lost(t.Context())
				ended <- end{probe, err}
			}()
			synctest.Wait()
			time.Sleep(time.Second)
			select {
			case e := <-ended:
				t.Fatalf("%s: didn't wait: %+v", tt.name, e)
			default:
			}
			err := tt.change(r)
			if tt.name == "still" && err != failure || tt.name != "still" && err != nil {
				t.Errorf("%s: got %v", tt.name, err)
			}
			if e := <-ended; e.probe != tt.probe || e.err != tt.err {
				t.Errorf("%s: got %+v", tt.name, e)
			}
			if r.answered != (tt.name == "answer") || r.probing != tt.probe || r.failures != tt.failures || r.looked != tt.looked {
				t.Errorf("%s: answered %t, probing %t, %d failures, looked %t", tt.name, r.answered, r.probing, r.failures, r.looked)
			}
			if (tt.name == "fail" || tt.name == "still") && !r.failed.Equal(time.Now()) {
				t.Errorf("%s: failed at %v", tt.name, r.failed)
			}
		})
	}
	r := newReach(time.Minute)
	r.answer()
	change := r.change
	r.answer()
	if err := r.still(); err != nil || r.change != change || r.looked || !r.failed.IsZero() {
		t.Errorf("an answer isn't the end: %v, %+v", err, r)
	}
}
