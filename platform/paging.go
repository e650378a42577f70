package platform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	jsonopts "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	heroku "github.com/heroku/heroku-go/v5"
)

const (
	pageSize    = 1000 // the most elements of a page that the API gives
	defaultPage = 200  // what it gives unless asked
)

// join reads the pages that follow the first of a list and returns an answer
// that holds them all. An answer that is no list, or has no more pages, stays.
func (t *transport) join(req *http.Request, first *answer) (*answer, error) {
	if first.status != http.StatusPartialContent && first.header.Get("Next-Range") == "" {
		return first, nil
	}
	w := newWalk(t, req)
	items := []json.RawMessage{}
	for a := first; ; {
		p, err := w.add(a)
		if err != nil {
			w.held.release()
			return nil, err
		}
		items = append(items, p.items...)
		if w.next == "" {
			break
		}
		if a, err = w.ask(req.Context()); err != nil {
			w.held.release()
			return nil, err
		}
	}
	// Who reads it whole has a copy of the text.
	if err := w.held.resize(w.held.n + 2*int64(w.size)); err != nil {
		w.held.release()
		return nil, t.fail(req, 1, err)
	}
	header := first.header.Clone()
	for _, name := range []string{"Next-Range", "Content-Range", "Content-Length", "Etag"} {
		header.Del(name)
	}
	return &answer{status: http.StatusOK, header: header, items: items, held: w.held, requestID: first.requestID, whole: true}, nil
}

// walk follows the pages of one list and sees to it that they lead to its
// end: each step leads somewhere new, and what is on two pages counts once.
type walk struct {
	t     *transport
	req   *http.Request
	full  int                 // elements that a page can hold
	field string              // the list is sorted by it; "" if the server chose
	next  string              // Range of the next page; "" after the last
	sent  map[string]struct{} // every Range so far
	seen  map[string]struct{} // keys of the elements so far
	pages int
	items int
	size  int           // bytes so far
	spent time.Duration // of Limits.Call
	held  *claim        // of the pages so far

	decoder jsontext.Decoder // of key
}

func newWalk(t *transport, req *http.Request) *walk {
	text := req.Header.Get("Range")
	field, _, _ := strings.Cut(text, " ")
	w := &walk{t: t, req: req, full: defaultPage, field: field, next: text, held: &claim{of: t.memory}}
	w.sent, w.seen = map[string]struct{}{text: {}}, map[string]struct{}{}
	if n := rangeMax(text); n > 0 {
		w.full = n
	}
	return w
}

// page is a page of a list.
type page struct {
	body  []byte
	items []json.RawMessage // the elements that weren't on a page before; parts of body
	all   bool              // these are all of body's
}

// decodePage decodes the elements of a page.
func decodePage[T any](w *walk, p *page) ([]T, error) {
	list := []T{}
	_, own := any(new(T)).(json.Unmarshaler)
	var err error
	if p.all && !own {
		err = json.Unmarshal(p.body, &list)
	} else {
		list = make([]T, len(p.items))
		for i := 0; err == nil && i < len(list); i++ {
			err = decode(p.items[i], &list[i])
		}
	}
	if err != nil {
		return nil, w.t.fail(w.req, 1, fmt.Errorf("decode: %w", err))
	}
	return list, nil
}

// ask reads the next page.
func (w *walk) ask(ctx context.Context) (*answer, error) {
	ctx, cancel := w.t.bounded(ctx, w.t.limits.Call-w.spent)
	defer cancel()
	start := time.Now()
	defer func() { w.spent += time.Since(start) }()
	r := w.req.Clone(ctx)
	if w.pages > 0 {
		r.Header.Set("Range", w.next)
	}
	return w.t.exchange(r)
}

// step reads the next page and takes it in.
func (w *walk) step(ctx context.Context) (*page, error) {
	a, err := w.ask(ctx)
	if err != nil {
		return nil, err
	}
	return w.add(a)
}

// rangeMax is the max in the text of a Range, or 0.
func rangeMax(text string) int {
	_, params, _ := strings.Cut(text, ";")
	for p := range strings.SplitSeq(params, ",") {
		if digits, ok := strings.CutPrefix(strings.TrimSpace(p), "max="); ok {
			n, _ := strconv.Atoi(strings.TrimRight(digits, "; "))
			return n
		}
	}
	return 0
}

func (w *walk) fail(format string, args ...any) error {
	return w.t.fail(w.req, 1, fmt.Errorf("%w: "+format, append([]any{ErrPaging}, args...)...))
}

// limit is the error of a bound that the list goes beyond.
func (w *walk) limit(limit Limit, most int) error {
	return w.t.fail(w.req, 1, &LimitError{Limit: limit, Most: int64(most)})
}

// add takes a page in, with what it holds in memory, and notes which is the
// next.
func (w *walk) add(a *answer) (*page, error) {
	w.held.join(a.held)
	limits := w.t.limits
	w.pages++
	if w.size += len(a.body); w.size > limits.List {
		return nil, w.limit(LimitList, limits.List)
	}
	all, err := elements(a.body, limits.Elements-w.items)
	switch {
	case errors.Is(err, errMore):
		return nil, w.limit(LimitElements, limits.Elements)
	case err != nil:
		return nil, w.t.fail(w.req, 1, &badAnswerError{what: "a page of a list isn't an array"})
	}
	next := a.header.Get("Next-Range")
	p := &page{body: a.body, items: all}
	if next != "" || w.pages > 1 {
		p.items = w.fresh(all)
	}
	p.all = len(p.items) == len(all)
	w.items += len(p.items)
	w.t.report(w.req, Event{Kind: EventPage, Attempt: 1, Status: a.status, Page: w.pages, Items: w.items})

	w.next = next
	if next == "" {
		// 206 says that there is more. A last page may still say it, but it
		// isn't full.
		if a.status == http.StatusPartialContent && len(all) >= w.full {
			return nil, w.fail("page %d is full and said to be a part, without saying where the next begins", w.pages)
		}
		return p, nil
	}
	if _, ok := w.sent[next]; ok {
		return nil, w.fail("page %d leads back to %q", w.pages, w.t.clean(next))
	}
	if len(p.items) == 0 {
		return nil, w.fail("page %d has nothing new, but leads on", w.pages)
	}
	if w.pages >= limits.Pages {
		return nil, w.limit(LimitPages, limits.Pages)
	}
	w.sent[next] = struct{}{}
	return p, nil
}

// fresh returns the elements that weren't on a page before.
func (w *walk) fresh(all []json.RawMessage) []json.RawMessage {
	fresh := make([]json.RawMessage, 0, len(all))
	keys := make([]string, 0, len(all))
	for _, item := range all {
		key := w.key(item)
		if key != "" {
			if _, ok := w.seen[key]; ok {
				continue
			}
			keys = append(keys, key)
		}
		fresh = append(fresh, item)
	}
	// Only now, so that two elements of one page never count as one.
	for _, key := range keys {
		w.seen[key] = struct{}{}
	}
	return fresh
}

// lenient reads whatever encoding/json does.
var lenient = jsonopts.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// errMore is that of a list with more elements than it may have.
var errMore = errors.New("too many elements")

// elements returns the elements of a JSON array, as parts of data, which is
// JSON. It returns errMore if there are more than most.
func elements(data []byte, most int) ([]json.RawMessage, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(data), lenient)
	if t, err := d.ReadToken(); err != nil || t.Kind() != '[' {
		return nil, errors.New("no array")
	}
	items := []json.RawMessage{}
	for d.PeekKind() != ']' {
		v, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		if len(items) == most {
			return nil, errMore
		}
		// The decoder's own slice is good until the next call.
		end := d.InputOffset()
		items = append(items, data[end-int64(len(v)):end:end])
	}
	return items, nil
}

// key distinguishes an element from the others of its list: its id, or the
// field that the list is sorted by, or nothing.
func (w *walk) key(item json.RawMessage) string {
	w.decoder.Reset(bytes.NewBuffer(item), lenient)
	if t, _ := w.decoder.ReadToken(); t.Kind() != '{' {
		return ""
	}
	byField := ""
	for w.decoder.PeekKind() == '"' {
		t, err := w.decoder.ReadToken()
		if err != nil {
			return ""
		}
		name := t.String()
		if name != "id" && name != w.field {
			if w.decoder.SkipValue() != nil {
				return ""
			}
			continue
		}
		value, err := w.decoder.ReadValue()
		switch {
		case err != nil:
			return ""
		case value.Kind() == 'n':
		case name == "id":
			return "id " + string(value)
		default:
			byField = name + " " + string(value)
		}
	}
	return byField
}

// List reads the whole list at path, all pages of it, 1000 elements a page,
// sorted by field: "id" nearly everywhere, "email" for the members of a team.
// With field "" the server chooses the order and the size of the pages. An
// element that is on two pages, since the list changed meanwhile, is taken
// once.
//
// The list of nothing is empty and not nil; after an error it is nil. Errors
// are an [APIError], a [RequestError] or [ErrNoClient]. Parts of path that come
// from outside have to be escaped.
//
// Source: "Ranges" in the Platform API reference.
func List[T any](ctx context.Context, c *Client, path, field string) ([]T, error) {
	var lr *heroku.ListRange
	if field != "" {
		lr = &heroku.ListRange{Field: field, Max: pageSize}
	}
	w, err := c.walk(ctx, path, lr)
	if err != nil {
		return nil, err
	}
	defer w.held.release()
	var list []T
	for list == nil || w.next != "" {
		p, err := w.step(ctx)
		if err != nil {
			return nil, err
		}
		part, err := decodePage[T](w, p)
		if err != nil {
			return nil, err
		}
		if list == nil {
			list = part
		} else {
			list = append(list, part...)
		}
	}
	return list, nil
}

// Pages yields the list at path page by page, asking for the next only when
// the loop comes to it: for lists of which the beginning may be enough, like
// the newest releases of an app. Field of r has to be set. An element that
// was on an earlier page isn't yielded again. An error, as of [List], is
// yielded last.
func Pages[T any](ctx context.Context, c *Client, path string, r heroku.ListRange) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		w, err := c.walk(ctx, path, &r)
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { w.held.release() }()
		for w.pages == 0 || w.next != "" {
			p, err := w.step(ctx)
			var list []T
			if err == nil {
				list, err = decodePage[T](w, p)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			// The page is the caller's from now on.
			w.held.release()
			if !yield(list, nil) {
				return
			}
		}
	}
}

// walk begins to read the list at path.
func (c *Client) walk(ctx context.Context, path string, lr *heroku.ListRange) (*walk, error) {
	req, err := c.request(ctx, path, lr)
	if err != nil {
		return nil, err
	}
	if err := c.transport.check(req.URL); err != nil {
		return nil, c.transport.fail(req, 0, err)
	}
	return newWalk(c.transport, req), nil
}
