package platform

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/herokutf/herokutf/internal/printable"
	"golang.org/x/sync/semaphore"
)

const accept = "application/vnd.heroku+json; version=3"

// transport is the http.RoundTripper between heroku.Service and the network.
// It does what heroku.Transport does, without its traps: that one hands a
// part of a list back as if it were the whole, drops the status and id of
// errors whose body isn't as expected, sleeps through a cancelled context,
// and writes to its own fields while requests run.
//
// Every field is set once, before the first request.
type transport struct {
	base      *url.URL // without user info, without a slash at the end
	inner     http.RoundTripper
	userAgent string
	secret    secret
	from      Credentials

	slots    *semaphore.Weighted
	budget   *budget
	reach    *reach
	memory   *memory
	reporter reporter
	sent     atomic.Int64
	pending  atomic.Int64 // requests that have no answer yet, those that wait to be sent included

	retries int
	backoff time.Duration
	maxWait time.Duration
	timeout time.Duration
	limits  Limits // all set
}

var _ http.RoundTripper = (*transport)(nil)

// RoundTrip sends req, again where that is safe and helps, and reads the
// answer whole. It returns an *APIError for a status other than 2xx and a
// *RequestError for everything else that goes wrong. The pages of a list are
// joined unless the request asks for one page, by a Range with max.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	a, err := t.do(req)
	if err != nil {
		// http.Client puts the address of the request before the error. It is
		// not for a RoundTripper to change that, but this request goes nowhere.
		if e, ok := errors.AsType[*InvalidNameError](err); ok && e.Secret {
			req.URL = t.base.JoinPath(t.path(req))
		}
		return nil, err
	}
	return a.response(req), nil
}

// CloseIdleConnections passes the call on, for http.Client.
func (t *transport) CloseIdleConnections() { closeIdle(t.inner) }

// do is RoundTrip without the form of a response. The caller releases what the
// answer holds.
func (t *transport) do(req *http.Request) (*answer, error) {
	if err := t.check(req.URL); err != nil {
		return nil, t.fail(req, 0, err)
	}
	ctx, cancel := t.bounded(req.Context(), t.limits.Call)
	defer cancel()
	req = req.WithContext(ctx)
	a, err := t.exchange(req)
	if err != nil || req.Method != http.MethodGet || strings.Contains(req.Header.Get("Range"), "max=") {
		return a, err
	}
	return t.join(req, a)
}

// bounded limits what is left of a call.
func (t *transport) bounded(ctx context.Context, left time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, left, &LimitError{Limit: LimitCall, Most: int64(t.limits.Call)})
}

// check keeps requests, and with them the token, at the base URL, and the
// token out of their paths.
func (t *transport) check(u *url.URL) error {
	prefix := t.base.EscapedPath()
	path := u.EscapedPath()
	if u.Scheme != t.base.Scheme || !strings.EqualFold(u.Host, t.base.Host) || u.User != nil ||
		path != prefix && !strings.HasPrefix(path, prefix+"/") {
		return ErrForeignHost
	}
	return checkPath(&url.URL{Path: strings.TrimPrefix(u.Path, t.base.Path), RawPath: strings.TrimPrefix(path, prefix)}, t.secret)
}

// sentKey is the key of a context's *atomic.Int64, which counts the requests that
// are sent under it.
type sentKey struct{}

// A notSentError is what kept an attempt from being sent at all.
type notSentError struct{ error }

// An exchange is one request with its repetitions.
type exchange struct {
	t      *transport
	req    *http.Request
	number int // of reach.begin
	wait   waiter

	sent     int   // attempts so far
	failures int   // of those, failed by chance
	refusals int   // of those, refused with 429
	last     error // why the request is sent again
	role     role  // what it does for other requests
}

// exchange sends req until there is an answer 2xx or no hope for one.
//
// A GET is sent again after 5xx, a broken connection, an attempt's timeout
// and a body that is cut off or no JSON. Any request is sent again after 429,
// which the API answers before it begins to work on a request. Nothing else
// is: after a broken connection nobody knows whether a POST was done.
func (t *transport) exchange(req *http.Request) (*answer, error) {
	x := &exchange{t: t, req: req, number: t.reach.begin(), wait: waiter{most: t.maxWait}}
	t.pending.Add(1)
	defer func() {
		t.pending.Add(-1)
		if x.role != noRole {
			t.reach.resign()
		}
	}()
	for {
		a, err := x.attempt()
		if err != nil {
			err = x.again(a, err)
			a = nil
		}
		if a != nil || err != nil {
			return a, err
		}
	}
}

// attempt waits for a slot and for the budget, and sends the request once. The
// answer comes with an error, too, if the server gave one.
func (x *exchange) attempt() (*answer, error) {
	t, ctx := x.t, x.req.Context()
	if err := x.enter(ctx); err != nil {
		return nil, notSentError{err}
	}
	defer t.slots.Release(1)
	if err := x.await(); err != nil {
		return nil, notSentError{err}
	}
	// The first attempt has the body itself; it is spent then.
	body := x.req.Body
	if x.sent > 0 && x.req.GetBody != nil {
		var err error
		if body, err = x.req.GetBody(); err != nil {
			return nil, notSentError{err}
		}
	}
	x.sent++
	t.sent.Add(1)
	if n, ok := ctx.Value(sentKey{}).(*atomic.Int64); ok {
		n.Add(1)
	}
	start := time.Now()
	a, err := x.send(body)
	event := Event{Kind: EventRequest, Attempt: x.sent, Took: time.Since(start), Left: unknownLow, Err: err}
	if a != nil {
		event.Status = a.status
		event.Left = remaining(a.header)
		t.budget.observe(event.Left)
		if a.whole {
			t.reach.answer()
			x.role = noRole
		}
	}
	t.report(x.req, event)
	if a != nil {
		for _, name := range []string{"X-Heroku-Warning", "Warning-Message"} {
			if text := t.clean(a.header.Get(name)); text != "" {
				t.report(x.req, Event{Kind: EventWarning, Attempt: x.sent, Status: a.status, Message: text})
			}
		}
	}
	return a, err
}

// enter takes a slot as soon as the request may be sent. While another one
// tries to reach the API, none is held: that one needs it.
func (x *exchange) enter(ctx context.Context) error {
	for {
		if x.t.slots.Acquire(ctx, 1) != nil {
			return endOf(ctx)
		}
		if x.role != noRole {
			return nil
		}
		as, wait, err := x.t.reach.enter(x.number)
		if wait == nil && err == nil {
			x.role = as
			return nil
		}
		x.t.slots.Release(1)
		if err != nil {
			return err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return endOf(ctx)
		}
	}
}

// await waits until the budget lets a request pass. A pause after 429 is
// reported once, by whoever was refused.
func (x *exchange) await() error {
	t, ctx := x.t, x.req.Context()
	pause := func(d time.Duration) error {
		if d > x.wait.left() {
			return fmt.Errorf("%w: it would take %v more", ErrRateLimited, d.Round(time.Second))
		}
		return x.wait.sleep(ctx, d)
	}
	// Another goroutine's 429 can prolong the pause meanwhile.
	for d := t.budget.paused(); d > 0; d = t.budget.paused() {
		if err := pause(d); err != nil {
			return err
		}
	}
	place := t.budget.reserve()
	d := place.Delay()
	if d <= 0 {
		if ctx.Err() != nil {
			return endOf(ctx)
		}
		return nil
	}
	if low, ok := t.budget.announce(d, int(t.pending.Load())); ok {
		low.Attempt = x.sent + 1
		t.report(x.req, low)
	}
	err := pause(d)
	if err != nil {
		place.Cancel()
	}
	return err
}

// again is called with the error of an attempt, and with the answer if there
// was one. It returns nil when the request is to be sent again, after it has
// waited for that, and the error of the request otherwise.
func (x *exchange) again(a *answer, err error) error {
	t, ctx := x.t, x.req.Context()
	if not, ok := err.(notSentError); ok {
		return x.gaveUp(not.error, x.last)
	}
	if ctx.Err() != nil {
		return x.gaveUp(endOf(ctx), nil)
	}
	if a == nil || !a.whole {
		if again, err := x.unanswered(err); again || err != nil {
			return err
		}
	}
	var delay time.Duration
	left := x.wait.left()
	status := statusOf(err)
	switch {
	case status == http.StatusTooManyRequests:
		if !resendable(x.req) || left <= 0 {
			return err
		}
		delay = t.delay(x.refusals)
		x.refusals++
	case x.repeatable(err):
		delay = t.delay(x.failures)
		x.failures++
	default:
		return err
	}
	e := Event{Kind: EventRetry, Attempt: x.sent + 1, Status: status, Err: err}
	if a != nil {
		// To come back before the time the server names is of no use.
		if a.after > left {
			return err
		}
		delay = max(delay, a.after)
		e.Message = a.odd
	}
	delay = min(delay, left)
	x.last = err
	e.Wait = delay
	if status == http.StatusTooManyRequests {
		e.Kind = EventThrottled
		if !t.budget.pause(delay) && e.Message == "" {
			return x.rest(delay) // others have said so
		}
	}
	t.report(x.req, e)
	return x.rest(delay)
}

// rest waits before the next attempt.
func (x *exchange) rest(delay time.Duration) error {
	if x.wait.sleep(x.req.Context(), delay) != nil {
		return x.gaveUp(endOf(x.req.Context()), x.last)
	}
	return nil
}

// repeatable reports whether a GET may be sent again after err.
func (x *exchange) repeatable(err error) bool {
	return x.req.Method == http.MethodGet && isTransient(statusOf(err), err) && x.failures < x.t.retries && x.wait.left() > 0
}

// unanswered is called when an attempt got no answer. With neither again nor
// an error, that is the request's own affair: the API has answered others, or
// something is there that breaks off, or the request can't be sent again anyway.
func (x *exchange) unanswered(lost error) (again bool, err error) {
	t, ctx := x.t, x.req.Context()
	if x.req.Method != http.MethodGet || !isOutOfReach(lost) {
		if x.role != noRole {
			x.role = noRole
			t.reach.resign()
		}
		return false, nil
	}
	switch x.role {
	case looking:
		x.role = noRole
		if err := t.reach.still(); err != nil {
			return false, err
		}
	case noRole:
		probe, err := t.reach.lost(ctx)
		if err != nil {
			return false, x.gaveUp(err, lost)
		}
		if probe {
			x.role = probing
		}
	}
	left, open := t.reach.left()
	if !open {
		x.role = noRole
		if !x.repeatable(lost) {
			return false, nil
		}
		// The one that tried for all has waited long enough.
		x.failures++
		x.last = lost
		return true, nil
	}
	delay, repeatable := t.delay(x.failures), x.repeatable(lost)
	if repeatable && left > delay {
		x.failures++
		x.last = lost
		t.report(x.req, Event{Kind: EventRetry, Attempt: x.sent + 1, Wait: delay, Err: lost})
		return true, x.rest(delay)
	}
	x.role = noRole
	failure := x.unreached(lost, repeatable)
	t.reach.fail(failure)
	return false, failure
}

// unreached is the error of all requests when lost is that of the one that has
// tried to reach the API; late says that there is no time for more.
func (x *exchange) unreached(lost error, late bool) *RequestError {
	if e, ok := lost.(*RequestError); ok {
		lost = e.Err
	}
	hint := requestHint(lost)
	if late {
		limit := &LimitError{Limit: LimitContact, Most: int64(x.t.limits.Contact)}
		if is[*LimitError](lost) {
			hint = limit.hint()
		}
		lost = fmt.Errorf("%w: %w", limit, lost)
	}
	return &RequestError{
		URL:      printableURL(x.t.base.String()),
		Attempts: x.sent,
		Hint:     hint,
		Err:      unreachable{lost},
		text:     x.t.clean(lost.Error()),
	}
}

// gaveUp is the error of a request that is not sent again, because err keeps
// it from that. last is what happened to it before, or nil.
func (x *exchange) gaveUp(err, last error) error {
	if e, ok := err.(*RequestError); ok {
		return e // that of all
	}
	if last == nil {
		return x.t.fail(x.req, x.sent, err)
	}
	if isRateLimited(err) {
		return last
	}
	return x.t.fail(x.req, x.sent, fmt.Errorf("%w; before that: %w", err, last))
}

// fail makes a *RequestError of err.
func (t *transport) fail(req *http.Request, attempts int, err error) *RequestError {
	e := &RequestError{
		Method:   req.Method,
		URL:      t.path(req),
		Attempts: attempts,
		Hint:     requestHint(err),
		Err:      err,
		text:     t.clean(err.Error()),
	}
	if attempts > 0 && req.Method != http.MethodGet && !isRateLimited(err) {
		e.Hint = "it is not known whether the request took effect: look before you send it again"
	}
	return e
}

func (t *transport) path(req *http.Request) string {
	return t.clean(cleanPath(t.base, req.URL))
}

// clean makes a text from outside fit for an error or an event.
func (t *transport) clean(s string) string {
	return printable.Line(s, t.secret.redact)
}

func (t *transport) report(req *http.Request, e Event) {
	if t.reporter.f == nil {
		return
	}
	e.Method = req.Method
	e.Path = t.path(req)
	t.reporter.report(e)
}
