package platform

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/herokutf/herokutf/internal/printable"
	"golang.org/x/sync/semaphore"
)

const (
	accept      = "application/vnd.heroku+json; version=3"
	maxErrBody  = 64 << 10 // bytes read of an error
	maxBackoff  = 30 * time.Second
	noticeable  = 100 * time.Millisecond // shorter waits for the budget aren't told
	oddBodySize = 4 << 10                // an answer 200 that says not_found is smaller
)

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

	// authorize and redact hold the token in closures, where neither fmt nor
	// any other package that prints by reflection finds it.
	authorize func(http.Header)
	redact    func(string) string

	slots    *semaphore.Weighted
	budget   *budget
	reporter reporter
	sent     atomic.Int64

	retries int
	backoff time.Duration
	maxWait time.Duration
	timeout time.Duration

	maxBody      int64 // bytes read of one answer
	maxListBytes int   // bytes of a list in all its pages
	maxPages     int   // pages of a list
}

var _ http.RoundTripper = (*transport)(nil)

// answer is a complete answer with its body read.
type answer struct {
	status    int
	header    http.Header
	body      []byte
	requestID string
}

func (a *answer) response(req *http.Request) *http.Response {
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.header,
		Body:          io.NopCloser(bytes.NewReader(a.body)),
		ContentLength: int64(len(a.body)),
		Request:       req,
	}
}

// RoundTrip sends req, again where that is safe and helps, and reads the
// answer whole. It returns an *APIError for a status other than 2xx and a
// *RequestError for everything else that goes wrong. The pages of a list are
// joined unless the request asks for one page, by a Range with max, or the
// context says otherwise.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	if err := t.check(req.URL); err != nil {
		return nil, t.fail(req, 0, err)
	}
	mode, _ := req.Context().Value(pageKey{}).(*pageMode)
	if mode != nil && mode.rangeText != "" {
		req = req.Clone(req.Context())
		req.Header.Set("Range", mode.rangeText)
	}
	a, err := t.exchange(req)
	if err != nil {
		return nil, err
	}
	switch onePage := strings.Contains(req.Header.Get("Range"), "max="); {
	case req.Method != http.MethodGet:
	case mode != nil && !mode.all:
		mode.first = a
	case mode != nil || !onePage:
		if a, err = t.join(req, a); err != nil {
			return nil, err
		}
	}
	return a.response(req), nil
}

// check keeps requests, and with them the token, at the base URL.
func (t *transport) check(u *url.URL) error {
	prefix := t.base.EscapedPath()
	path := u.EscapedPath()
	if u.Scheme != t.base.Scheme || !strings.EqualFold(u.Host, t.base.Host) || u.User != nil ||
		path != prefix && !strings.HasPrefix(path, prefix+"/") {
		return ErrForeignHost
	}
	return checkPath(&url.URL{Path: strings.TrimPrefix(u.Path, t.base.Path), RawPath: strings.TrimPrefix(path, prefix)})
}

// exchange sends req until there is an answer 2xx or no hope for one.
//
// A GET is sent again after 5xx, a broken connection, an attempt's timeout
// and a body that is cut off or no JSON. Any request is sent again after 429,
// which the API answers before it begins to work on a request. Nothing else
// is: after a broken connection nobody knows whether a POST was done.
func (t *transport) exchange(req *http.Request) (*answer, error) {
	ctx := req.Context()
	wait := &waiter{most: t.maxWait}
	var last error // why the request is sent again
	failures, refusals := 0, 0
	for sent := 0; ; {
		a, err := t.attempt(req, wait, &sent, last)
		if err == nil {
			return a, nil
		}
		if errors.Is(err, errNotSent) {
			return nil, t.gaveUp(req, sent, err, last)
		}
		var delay time.Duration
		given, hasGiven := retryAfter(a, time.Now())
		left := wait.left()
		switch status := statusOf(err); {
		case ctx.Err() != nil:
			return nil, t.gaveUp(req, sent, ctx.Err(), nil)
		case status == http.StatusTooManyRequests:
			if !resendable(req) || left <= 0 {
				return nil, err
			}
			delay = t.delay(refusals)
			refusals++
		case req.Method == http.MethodGet && isTransient(status, err) && failures < t.retries && left > 0:
			delay = t.delay(failures)
			failures++
		default:
			return nil, err
		}
		if hasGiven {
			// To come back before the time the server names is of no use.
			if given > left {
				return nil, err
			}
			delay = max(delay, given)
		}
		delay = min(delay, left)
		last = err
		kind := EventRetry
		if statusOf(err) == http.StatusTooManyRequests {
			kind = EventThrottled
			t.budget.pause(delay) // for all other requests, too
		}
		t.report(req, Event{Kind: kind, Attempt: sent + 1, Status: statusOf(err), Wait: delay, Err: err})
		if err := wait.sleep(ctx, delay); err != nil {
			return nil, t.gaveUp(req, sent, err, last)
		}
	}
}

// sentKey is the key of a context's *atomic.Int64, which counts the requests that
// are sent under it.
type sentKey struct{}

// errNotSent marks what kept an attempt from being sent at all.
var errNotSent = errors.New("not sent")

type notSentError struct{ err error }

func (e notSentError) Error() string        { return e.err.Error() }
func (e notSentError) Is(target error) bool { return target == errNotSent }

// attempt waits for a slot and for the budget, and sends req once. The answer
// comes with an error, too, if the server gave one.
func (t *transport) attempt(req *http.Request, wait *waiter, sent *int, last error) (*answer, error) {
	ctx := req.Context()
	if err := t.slots.Acquire(ctx, 1); err != nil {
		return nil, notSentError{err}
	}
	defer t.slots.Release(1)
	if err := t.await(req, wait, *sent+1, last); err != nil {
		return nil, notSentError{err}
	}
	// The first attempt has the body itself; it is spent then.
	body := req.Body
	if *sent > 0 && req.GetBody != nil {
		var err error
		if body, err = req.GetBody(); err != nil {
			return nil, notSentError{err}
		}
	}
	*sent++
	t.sent.Add(1)
	if n, ok := req.Context().Value(sentKey{}).(*atomic.Int64); ok {
		n.Add(1)
	}
	start := time.Now()
	a, err := t.send(req, body, *sent)
	event := Event{Kind: EventRequest, Attempt: *sent, Took: time.Since(start), Left: unknownLow, Err: err}
	if a != nil {
		event.Status = a.status
		event.Left = remaining(a.header)
		t.budget.observe(event.Left)
	}
	t.report(req, event)
	if a != nil {
		for _, name := range []string{"X-Heroku-Warning", "Warning-Message"} {
			if text := t.clean(a.header.Get(name)); text != "" {
				t.report(req, Event{Kind: EventWarning, Attempt: *sent, Status: a.status, Message: text})
			}
		}
	}
	return a, err
}

// await waits until the budget lets a request pass.
func (t *transport) await(req *http.Request, wait *waiter, attempt int, last error) error {
	ctx := req.Context()
	pause := func(d time.Duration) error {
		if d <= 0 {
			return ctx.Err()
		}
		if d > wait.left() {
			return fmt.Errorf("%w: it would take %v more", ErrRateLimited, d.Round(time.Second))
		}
		if d >= noticeable {
			t.report(req, Event{Kind: EventThrottled, Attempt: attempt, Status: statusOf(last), Wait: d, Err: last})
		}
		return wait.sleep(ctx, d)
	}
	// Another goroutine's 429 can prolong the pause meanwhile.
	for {
		d := t.budget.paused()
		if d <= 0 {
			break
		}
		if err := pause(d); err != nil {
			return err
		}
	}
	place := t.budget.reserve()
	if err := pause(place.Delay()); err != nil {
		place.Cancel()
		return err
	}
	return nil
}

// send sends req once and reads the answer.
func (t *transport) send(req *http.Request, body io.ReadCloser, attempt int) (*answer, error) {
	parent := req.Context()
	ctx, cancel := context.WithTimeout(parent, t.timeout)
	defer cancel()
	r := req.Clone(ctx)
	r.Body = body
	id := uuid.NewString()
	r.Header.Set("Accept", accept)
	r.Header.Set("User-Agent", t.userAgent)
	r.Header.Set("Request-Id", id)
	t.authorize(r.Header)

	lost := func(err error) error {
		if parent.Err() == nil && ctx.Err() != nil {
			err = fmt.Errorf("no complete answer within %v", t.timeout)
		}
		return t.fail(req, attempt, err)
	}
	resp, err := t.inner.RoundTrip(r)
	if err != nil {
		if resp != nil && resp.Body != nil {
			resp.Body.Close()
		}
		return nil, lost(err)
	}
	defer resp.Body.Close()
	a := &answer{status: resp.StatusCode, header: resp.Header, requestID: id}
	if got := t.clean(resp.Header.Get("Request-Id")); got != "" {
		a.requestID = got
	}
	if a.status/100 != 2 {
		// An error is an error, also when its text breaks off. What is beyond
		// the limit is left unread; the connection is closed then.
		a.body, _ = io.ReadAll(io.LimitReader(resp.Body, maxErrBody))
		return a, t.apiError(req, a)
	}
	if a.body, err = io.ReadAll(io.LimitReader(resp.Body, t.maxBody+1)); err != nil {
		return a, lost(err)
	}
	if int64(len(a.body)) > t.maxBody {
		return a, t.fail(req, attempt, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, t.maxBody))
	}
	return a, t.checkBody(req, a, attempt)
}

// checkBody holds the body of a success against what it can be. The API
// answers in JSON throughout; a proxy's page or an answer that was cut off
// without a sign from the connection isn't.
func (t *transport) checkBody(req *http.Request, a *answer, attempt int) error {
	body := bytes.TrimSpace(a.body)
	bad := func(what string) error {
		if ctype := t.clean(a.header.Get("Content-Type")); ctype != "" && !strings.Contains(ctype, "json") {
			what += fmt.Sprintf(" (content type %q)", ctype)
		}
		return t.fail(req, attempt, fmt.Errorf("%w: %s", ErrBadAnswer, what))
	}
	get := req.Method == http.MethodGet
	switch {
	case len(body) == 0 && get:
		return bad("the body is empty")
	case len(body) == 0:
		return nil
	case !json.Valid(body):
		return bad("the body isn't complete JSON")
	case get && string(body) == "null":
		return bad("the body is null")
	}
	// The API has answered 200 {"id":"not_found"} for the coupling of an app
	// that has none. Config vars may well be called id.
	if get && len(body) <= oddBodySize && body[0] == '{' && !strings.HasSuffix(req.URL.Path, "config-vars") {
		if parseErrorBody(body).id == "not_found" {
			return t.apiError(req, a)
		}
	}
	return nil
}

// apiError makes an error of an answer.
func (t *transport) apiError(req *http.Request, a *answer) *APIError {
	body := parseErrorBody(a.body)
	e := &APIError{
		Method:    req.Method,
		URL:       t.path(req),
		Status:    a.status,
		ID:        t.clean(body.id),
		Message:   t.clean(body.message),
		Resource:  t.clean(body.resource),
		RequestID: a.requestID,
	}
	if e.Message == "" {
		e.Message = http.StatusText(a.status)
	}
	e.Hint = e.hint()
	return e
}

// fail makes a *RequestError of err.
func (t *transport) fail(req *http.Request, attempts int, err error) *RequestError {
	e := &RequestError{
		Method:   req.Method,
		URL:      t.path(req),
		Attempts: attempts,
		Err:      err,
		text:     t.clean(err.Error()),
	}
	switch {
	case errors.Is(err, ErrForeignHost):
		e.Hint = "ask for paths below the base URL only"
	case attempts > 0 && req.Method != http.MethodGet && !errors.Is(err, ErrRateLimited):
		e.Hint = "it is not known whether the request took effect: look before you send it again"
	case errors.Is(err, ErrRateLimited):
		e.Hint = (&APIError{Status: http.StatusTooManyRequests}).hint()
	}
	return e
}

// gaveUp is the error of a request that is not sent again, because err keeps
// it from that. last is what happened to it before, or nil.
func (t *transport) gaveUp(req *http.Request, attempts int, err, last error) error {
	if not, ok := errors.AsType[notSentError](err); ok {
		err = not.err
	}
	if last == nil {
		return t.fail(req, attempts, err)
	}
	if errors.Is(err, ErrRateLimited) {
		return last
	}
	return t.fail(req, attempts, fmt.Errorf("%w; before that: %w", err, last))
}

func (t *transport) path(req *http.Request) string {
	return t.clean(cleanPath(t.base, req.URL))
}

// clean makes a text from outside fit for an error or an event.
func (t *transport) clean(s string) string {
	return printable.Line(s, t.redact)
}

func (t *transport) report(req *http.Request, e Event) {
	if t.reporter.f == nil {
		return
	}
	e.Method = req.Method
	e.Path = t.path(req)
	t.reporter.report(e)
}

// delay is the wait before the n-th repetition, from 0: twice as long each
// time, up to maxBackoff, give or take a quarter so that many clients that
// failed at once don't come back at once.
func (t *transport) delay(n int) time.Duration {
	d := t.backoff
	for ; n > 0 && d < maxBackoff; n-- {
		d *= 2
	}
	return time.Duration(float64(min(d, maxBackoff)) * (0.75 + rand.Float64()/2))
}

// waiter adds up what one request waits.
type waiter struct {
	most, used time.Duration
}

func (w *waiter) left() time.Duration { return w.most - w.used }

func (w *waiter) sleep(ctx context.Context, d time.Duration) error {
	w.used += d
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return ctx.Err()
	}
}

// statusOf is the status in an *APIError; 0 for other errors.
func statusOf(err error) int {
	if e, ok := errors.AsType[*APIError](err); ok {
		return e.Status
	}
	return 0
}

// resendable says whether req's body can be sent a second time.
func resendable(req *http.Request) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
}

// isTransient says whether a GET that failed so may succeed when repeated.
func isTransient(status int, err error) bool {
	if status != 0 {
		return status >= 500
	}
	if errors.Is(err, ErrTooLarge) || errors.Is(err, ErrPaging) {
		return false
	}
	// The answers of a name server and certificates don't change in seconds.
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return false
	}
	for _, permanent := range []func(error) bool{is[x509.UnknownAuthorityError], is[x509.HostnameError], is[x509.CertificateInvalidError]} {
		if permanent(err) {
			return false
		}
	}
	return true
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// retryAfter is the wait that an answer asks for, in seconds or as a date
// (RFC 9110, section 10.2.3). Heroku doesn't document it; routers send it.
func retryAfter(a *answer, now time.Time) (time.Duration, bool) {
	if a == nil {
		return 0, false
	}
	text := strings.TrimSpace(a.header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(date.Sub(now), 0), true
	}
	return 0, false
}

// remaining is RateLimit-Remaining, or unknownLow.
func remaining(h http.Header) int {
	n, err := strconv.Atoi(strings.TrimSpace(h.Get("RateLimit-Remaining")))
	if err != nil || n < 0 {
		return unknownLow
	}
	return n
}
