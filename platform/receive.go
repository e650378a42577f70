package platform

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	maxErrBody  = 64 << 10 // bytes read of an error
	oddBodySize = 4 << 10  // an answer 200 that says not_found is smaller
	firstRead   = 4 << 10  // bytes of the first buffer for a body whose length isn't known
	trustedRead = 1 << 20  // bytes that are set aside because a server says that so many come
)

// answer is a complete answer with its body read.
type answer struct {
	status    int
	header    http.Header
	body      []byte
	items     []json.RawMessage // in place of the body, the elements of a list of several pages
	held      *claim            // what it takes in memory; nil for an error
	requestID string
	whole     bool          // the body didn't take longer than an attempt may
	after     time.Duration // how long it asks to wait; 0 if it doesn't
	odd       string        // what of that isn't heeded, for an event; "" if nothing
}

// response returns the answer as net/http has it. Closing the body gives its
// memory back.
func (a *answer) response(req *http.Request) *http.Response {
	r := &http.Response{
		Status:        fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.header,
		ContentLength: int64(len(a.body)),
		Request:       req,
	}
	var text io.Reader = bytes.NewReader(a.body)
	if a.items != nil {
		text = &array{items: a.items}
		r.ContentLength = arrayLen(a.items)
	}
	r.Body = &heldBody{text, a.held}
	return r
}

// decode decodes the body into v.
func (a *answer) decode(v any) error {
	if a.items != nil {
		return json.NewDecoder(&array{items: a.items}).Decode(v)
	}
	return decode(a.body, v)
}

// decode decodes text that is known to be JSON. What decodes itself gets it at once:
// encoding/json goes through it twice before.
func decode(text []byte, v any) error {
	if u, ok := v.(json.Unmarshaler); ok {
		return u.UnmarshalJSON(bytes.TrimSpace(text))
	}
	return json.Unmarshal(text, v)
}

type heldBody struct {
	io.Reader
	held *claim
}

func (b *heldBody) Close() error {
	b.held.release()
	return nil
}

// array reads as a JSON array of its items, which are not copied for that.
type array struct {
	items []json.RawMessage
	next  int
	part  []byte // what is left of the current piece
	begun bool   // what stands before the next item was read
	done  bool
}

func arrayLen(items []json.RawMessage) int64 {
	n := max(2, len(items)+1) // brackets and commas
	for _, item := range items {
		n += len(item)
	}
	return int64(n)
}

func (r *array) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(r.part) == 0 && !r.advance() {
			if n == 0 {
				return 0, io.EOF
			}
			break
		}
		k := copy(p[n:], r.part)
		r.part = r.part[k:]
		n += k
	}
	return n, nil
}

// advance takes the next piece: the bracket or comma before an item, the item,
// and in the end the other bracket.
func (r *array) advance() bool {
	switch {
	case r.begun:
		r.begun = false
		r.part = r.items[r.next]
		r.next++
	case r.next < len(r.items):
		r.begun = true
		r.part = []byte(",")
		if r.next == 0 {
			r.part = []byte("[")
		}
	case !r.done:
		r.done = true
		r.part = []byte("]")
		if len(r.items) == 0 {
			r.part = []byte("[]")
		}
	default:
		return false
	}
	return true
}

// send sends the request once and reads the answer.
func (x *exchange) send(body io.ReadCloser) (*answer, error) {
	t, req, attempt := x.t, x.req, x.sent
	// An API that has never answered gets less time to begin with it.
	limit, first := t.timeout, t.timeout
	if left, open := t.reach.left(); open && x.role == looking {
		first = min(limit, secondLook)
	} else if open {
		limit = min(limit, max(left, 0))
		first = min(limit, firstSign)
	}
	parent := req.Context()
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	expire := func(after, limit time.Duration) *time.Timer {
		return time.AfterFunc(after, func() { cancel(&LimitError{Limit: LimitAttempt, Most: int64(limit)}) })
	}
	start := time.Now()
	timer := expire(first, first)
	defer func() { timer.Stop() }()

	r := req.Clone(ctx)
	r.Body = body
	a := &answer{requestID: uuid.NewString()}
	r.Header.Set("Accept", accept)
	r.Header.Set("User-Agent", t.userAgent)
	r.Header.Set("Request-Id", a.requestID)
	t.secret.authorize(r.Header)

	lost := func(err error) *RequestError {
		if limit, ok := context.Cause(ctx).(*LimitError); ok && parent.Err() == nil {
			err = limit
		}
		return t.fail(req, attempt, withoutProxy(err))
	}
	resp, err := t.inner.RoundTrip(r)
	if err != nil {
		if resp != nil && resp.Body != nil {
			resp.Body.Close()
		}
		return nil, lost(err)
	}
	defer resp.Body.Close()
	if first < limit && timer.Stop() {
		timer = expire(limit-time.Since(start), limit)
	}
	a.status, a.header = resp.StatusCode, resp.Header
	a.requestID = cmp.Or(t.clean(resp.Header.Get("Request-Id")), a.requestID)
	a.after, a.odd = retryAfter(t.clean(resp.Header.Get("Retry-After")), resp.Header.Get("Date"), time.Now())
	if a.status/100 != 2 {
		// An error is an error, also when its text breaks off. What is beyond
		// the limit is left unread; the connection is closed then.
		a.body, _ = io.ReadAll(io.LimitReader(resp.Body, maxErrBody))
		a.whole = true
		return a, t.apiError(req, a)
	}
	if err := t.read(ctx, a, resp); err != nil {
		lost := lost(err)
		// What breaks off has begun; what never ends says as little of the API
		// as silence.
		a.whole = !errors.Is(lost, ErrTooSlow)
		return a, lost
	}
	a.whole = true
	if err := t.checkBody(req, a, attempt); err != nil {
		a.held.release()
		return a, err
	}
	return a, nil
}

// read reads the body of a success, as much as is allowed for one answer and
// for all. Some RoundTrippers don't heed the context while a body trickles.
func (t *transport) read(ctx context.Context, a *answer, resp *http.Response) (err error) {
	a.held = &claim{of: t.memory}
	defer func() {
		if err != nil {
			a.held.release()
		}
	}()
	most := int64(t.limits.Answer)
	tooLarge := &LimitError{Limit: LimitAnswer, Most: most}
	if resp.ContentLength > most {
		return tooLarge
	}
	// One byte more than there should be shows that there is more.
	capacity := int64(firstRead)
	if resp.ContentLength >= 0 {
		capacity = min(resp.ContentLength, trustedRead) + 1
	}
	var buf []byte
	for {
		if len(buf) == cap(buf) {
			capacity = min(max(capacity, 2*int64(cap(buf))), most+1)
			if err := a.held.resize(capacity); err != nil {
				return err
			}
			buf = append(make([]byte, 0, capacity), buf...)
		}
		n, err := resp.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case int64(len(buf)) > most:
			return tooLarge
		case err == io.EOF:
			a.body = buf
			return a.held.resize(weigh(buf))
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
	}
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
		return t.fail(req, attempt, &badAnswerError{what, a.isPage()})
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

// isPage reports whether the answer is a web page.
func (a *answer) isPage() bool {
	return strings.Contains(strings.ToLower(a.header.Get("Content-Type")), "html") || bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("<"))
}

// apiError makes an error of an answer.
func (t *transport) apiError(req *http.Request, a *answer) *APIError {
	body := parseErrorBody(a.body)
	e := &APIError{
		Method:     req.Method,
		URL:        t.path(req),
		Status:     a.status,
		ID:         t.clean(body.id),
		Message:    t.clean(body.message),
		Resource:   t.clean(body.resource),
		RequestID:  a.requestID,
		RetryAfter: a.after,
	}
	if e.Message == "" {
		e.Message = http.StatusText(a.status)
	}
	e.Hint = e.hint(t.from, a.isPage())
	if a.odd != "" && (e.Status == http.StatusTooManyRequests || e.Status >= 500) {
		e.Hint += " (" + a.odd + ")"
	}
	return e
}
