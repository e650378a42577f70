package platform

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"

	heroku "github.com/heroku/heroku-go/v5"
)

const (
	pageSize    = 1000 // the most elements of a page that the API gives
	defaultPage = 200  // what it gives unless asked
)

// pageMode tells the transport, through the context, what to do with pages.
type pageMode struct {
	all       bool    // join them
	rangeText string  // Range to send; "" for the request's own
	first     *answer // set by the transport unless all
}

type pageKey struct{}

// join reads the pages that follow the first of a list and returns an answer
// that holds them all.
func (t *transport) join(req *http.Request, first *answer) (*answer, error) {
	if first.status != http.StatusPartialContent && first.header.Get("Next-Range") == "" {
		return first, nil
	}
	w := newWalk(t, req)
	var items []json.RawMessage
	for a := first; ; {
		fresh, next, err := w.add(a)
		if err != nil {
			return nil, err
		}
		items = append(items, fresh...)
		if next == "" {
			break
		}
		r := req.Clone(req.Context())
		r.Header.Set("Range", next)
		if a, err = t.exchange(r); err != nil {
			return nil, err
		}
	}
	body := make([]byte, 0, w.size+len(items)+2)
	body = append(body, '[')
	for i, item := range items {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, item...)
	}
	body = append(body, ']')
	header := first.header.Clone()
	for _, name := range []string{"Next-Range", "Content-Range", "Content-Length", "Etag"} {
		header.Del(name)
	}
	return &answer{status: http.StatusOK, header: header, body: body, requestID: first.requestID}, nil
}

// walk follows the pages of one list and sees to it that they lead to its
// end: each step leads somewhere new, and what is on two pages counts once.
type walk struct {
	t     *transport
	req   *http.Request
	full  int                 // elements that a page can hold
	field string              // the list is sorted by it; "" if the server chose
	sent  map[string]struct{} // every Range so far
	seen  map[string]struct{} // keys of the elements so far
	pages int
	items int
	size  int // bytes so far
}

func newWalk(t *transport, req *http.Request) *walk {
	text := req.Header.Get("Range")
	field, _, _ := strings.Cut(text, " ")
	w := &walk{t: t, req: req, full: defaultPage, field: field, sent: map[string]struct{}{text: {}}, seen: map[string]struct{}{}}
	if n := rangeMax(text); n > 0 {
		w.full = n
	}
	return w
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

// add takes a page in. It returns the elements that weren't on a page before
// and the Range of the next page, "" after the last.
func (w *walk) add(a *answer) (fresh []json.RawMessage, next string, err error) {
	var all []json.RawMessage
	if err := json.Unmarshal(a.body, &all); err != nil {
		return nil, "", w.t.fail(w.req, 1, fmt.Errorf("%w: a page of a list isn't an array", ErrBadAnswer))
	}
	w.pages++
	if w.size += len(a.body); w.size > w.t.maxListBytes {
		return nil, "", w.t.fail(w.req, 1, fmt.Errorf("%w: a list of more than %d bytes", ErrTooLarge, w.t.maxListBytes))
	}
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
	w.items += len(fresh)
	w.t.report(w.req, Event{Kind: EventPage, Attempt: 1, Status: a.status, Page: w.pages, Items: w.items})

	next = a.header.Get("Next-Range")
	if next == "" {
		// 206 says that there is more. A last page may still say it, but it
		// isn't full.
		if a.status == http.StatusPartialContent && len(all) >= w.full {
			return nil, "", w.fail("page %d is full and said to be a part, without saying where the next begins", w.pages)
		}
		return fresh, "", nil
	}
	if _, ok := w.sent[next]; ok {
		return nil, "", w.fail("page %d leads back to %q", w.pages, w.t.clean(next))
	}
	if len(fresh) == 0 {
		return nil, "", w.fail("page %d has nothing new, but leads on", w.pages)
	}
	if w.pages >= w.t.maxPages {
		return nil, "", w.fail("more than %d pages", w.t.maxPages)
	}
	w.sent[next] = struct{}{}
	return fresh, next, nil
}

// key is what tells an element from the others of its list: its id, or the
// field that the list is sorted by, or nothing.
func (w *walk) key(item json.RawMessage) string {
	// Nearly everything has an id: leave the other fields alone for it.
	var object struct {
		ID json.RawMessage `json:"id"`
	}
	if json.Unmarshal(item, &object) != nil {
		return ""
	}
	name, value := "id", object.ID
	if (len(value) == 0 || string(value) == "null") && w.field != "" {
		var fields map[string]json.RawMessage
		if json.Unmarshal(item, &fields) != nil {
			return ""
		}
		name, value = w.field, fields[w.field]
	}
	if len(value) == 0 || string(value) == "null" {
		return ""
	}
	return name + " " + string(value)
}

// List reads the whole list at path, all pages of it, 1000 elements a page,
// sorted by field: "id" nearly everywhere, "email" for the members of a team.
// With field "" the server chooses the order and the size of the pages. An
// element that is on two pages, since the list changed meanwhile, is taken
// once.
//
// The list of nothing is empty and not nil; after an error it is nil. Errors
// are an [APIError] or a [RequestError]. Parts of path that come from outside
// have to be escaped.
//
// Source: "Ranges" in the Platform API reference.
func List[T any](ctx context.Context, c *Client, path, field string) ([]T, error) {
	var lr *heroku.ListRange
	if field != "" {
		lr = &heroku.ListRange{Field: field, Max: pageSize}
	}
	list := []T{}
	ctx = context.WithValue(ctx, pageKey{}, &pageMode{all: true})
	if err := c.get(ctx, &list, path, lr); err != nil {
		return nil, err
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
		mode := &pageMode{}
		var w *walk
		for {
			var all []json.RawMessage
			if err := c.get(context.WithValue(ctx, pageKey{}, mode), &all, path, &r); err != nil {
				yield(nil, err)
				return
			}
			if w == nil {
				req, err := c.request(ctx, path, &r)
				if err != nil {
					yield(nil, err)
					return
				}
				w = newWalk(c.transport, req)
			}
			fresh, next, err := w.add(mode.first)
			if err != nil {
				yield(nil, err)
				return
			}
			page := make([]T, len(fresh))
			for i, item := range fresh {
				if err := json.Unmarshal(item, &page[i]); err != nil {
					yield(nil, c.transport.fail(w.req, 1, fmt.Errorf("decode: %w", err)))
					return
				}
			}
			if !yield(page, nil) || next == "" {
				return
			}
			mode = &pageMode{rangeText: next}
		}
	}
}
