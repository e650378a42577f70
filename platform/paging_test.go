package platform

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	heroku "github.com/heroku/heroku-go/v5"
)

// book is a list in pages and what has to be asked to get them.
type book struct {
	ranges []string // Range of each request
	pages  []http.HandlerFunc
}

// serve answers with the pages one by one, and checks the Range of each.
func (b book) serve(t *testing.T) http.HandlerFunc {
	n := 0
	inner := answers(t, b.pages...)
	return func(w http.ResponseWriter, r *http.Request) {
		if n < len(b.ranges) {
			if got := r.Header.Get("Range"); got != b.ranges[n] {
				t.Errorf("request %d: Range: got %q, want %q", n+1, got, b.ranges[n])
			}
		}
		n++
		inner(w, r)
	}
}

// things is the JSON of things with these ids.
func things(ids ...string) string {
	items := make([]string, len(ids))
	for i, id := range ids {
		items[i] = fmt.Sprintf(`{"id":%q,"name":"n%s"}`, id, id)
	}
	return "[" + strings.Join(items, ", ") + "]"
}

func many(n int) string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strconv.Itoa(i)
	}
	return things(ids...)
}

func TestList(t *testing.T) {
	const first = "id ..; max=1000"
	tests := []struct {
		name  string
		field string
		book  book
		want  string // ids, with blanks between
		err   error
	}{
		{"empty", "id", book{[]string{first}, []http.HandlerFunc{say(200, `[]`)}}, "", nil},
		{"one page", "id", book{[]string{first}, []http.HandlerFunc{say(200, things("1", "2"))}}, "1 2", nil},
		{"three pages", "id", book{
			[]string{first, "id ]2..; max=1000", "id ]4..;max=1000 , order=asc"},
			[]http.HandlerFunc{
				say(206, things("1", "2"), "Next-Range", "id ]2..; max=1000"),
				say(206, things("3", "4"), "Next-Range", "id ]4..;max=1000 , order=asc"),
				say(200, things("5")),
			}}, "1 2 3 4 5", nil},
		{"a page fails between", "id", book{
			[]string{first, "id ]1..", "id ]1.."},
			[]http.HandlerFunc{
				say(206, things("1"), "Next-Range", "id ]1.."),
				say(503, ``),
				say(200, things("2")),
			}}, "1 2", nil},
		{"Next-Range with 200", "id", book{
			[]string{first, "id ]1.."},
			[]http.HandlerFunc{say(200, things("1"), "Next-Range", "id ]1.."), say(200, things("2"))},
		}, "1 2", nil},
		{"last page says 206, and isn't full", "id", book{
			[]string{first, "id ]1.."},
			[]http.HandlerFunc{say(206, things("1"), "Next-Range", "id ]1.."), say(206, things("2"))},
		}, "1 2", nil},
		{"last page is empty", "id", book{
			[]string{first, "id ]1.."},
			[]http.HandlerFunc{say(206, things("1"), "Next-Range", "id ]1.."), say(200, `[]`)},
		}, "1", nil},
		{"by another field", "email", book{
			[]string{"email ..; max=1000", "email ]b@x..; max=1000"},
			[]http.HandlerFunc{
				say(206, `[{"email":"a@x","name":"n"},{"email":"b@x"}]`, "Next-Range", "email ]b@x..; max=1000"),
				say(200, `[{"email":"b@x"},{"email":"c@x"}]`),
			}}, "  ", nil},
		{"no field", "", book{
			[]string{"", "seq ]1.."},
			[]http.HandlerFunc{say(206, things("1"), "Next-Range", "seq ]1.."), say(200, things("2"))},
		}, "1 2", nil},
		{"an element on two pages", "updated_at", book{
			[]string{"updated_at ..; max=1000", "updated_at x.."},
			[]http.HandlerFunc{
				say(206, things("1", "2"), "Next-Range", "updated_at x.."),
				say(200, things("2", "3")),
			}}, "1 2 3", nil},
		{"twice on one page", "id", book{
			[]string{first, "id ]1.."},
			[]http.HandlerFunc{
				say(206, things("1", "1"), "Next-Range", "id ]1.."),
				say(200, things("2")),
			}}, "1 1 2", nil},

		{"full page without Next-Range", "id", book{[]string{first}, []http.HandlerFunc{say(206, many(1000))}}, "", ErrPaging},
		{"full page of the default without Next-Range", "", book{[]string{""}, []http.HandlerFunc{say(206, many(200))}}, "", ErrPaging},
		{"leads back to the start", "id", book{[]string{first},
			[]http.HandlerFunc{say(206, things("1"), "Next-Range", first)}}, "", ErrPaging},
		{"leads in a circle", "id", book{[]string{first, "id a..", "id b.."}, []http.HandlerFunc{
			say(206, things("1"), "Next-Range", "id a.."),
			say(206, things("2"), "Next-Range", "id b.."),
			say(206, things("3"), "Next-Range", "id a.."),
		}}, "", ErrPaging},
		{"the same page again", "id", book{[]string{first, "id a.."}, []http.HandlerFunc{
			say(206, things("1", "2"), "Next-Range", "id a.."),
			say(206, things("1", "2"), "Next-Range", "id b.."),
		}}, "", ErrPaging},
		{"nothing on it, but leads on", "id", book{[]string{first},
			[]http.HandlerFunc{say(206, `[]`, "Next-Range", "id a..")}}, "", ErrPaging},
		{"a page isn't a list", "id", book{[]string{first, "id a.."}, []http.HandlerFunc{
			say(206, things("1"), "Next-Range", "id a.."),
			say(200, `{"id":"2"}`),
		}}, "", ErrBadAnswer},
		{"a page is gone", "id", book{[]string{first, "id a.."}, []http.HandlerFunc{
			say(206, things("1"), "Next-Range", "id a.."),
			say(404, `{"id":"not_found","message":"m"}`),
		}}, "", ErrNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newTestServer(t, tt.book.serve(t))
			got, err := List[thing](t.Context(), c, "/apps", tt.field)
			if !errors.Is(err, tt.err) || (err != nil) != (tt.err != nil) {
				t.Errorf("got error %v, want %v", err, tt.err)
			}
			if (got == nil) != (err != nil) {
				t.Errorf("got %#v with error %v", got, err)
			}
			var ids []string
			for _, x := range got {
				ids = append(ids, x.ID)
			}
			if got := strings.Join(ids, " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if c.Requests() != len(tt.book.pages) {
				t.Errorf("got %d requests, want %d", c.Requests(), len(tt.book.pages))
			}
		})
	}
}

// TestGetOfPages: who reads a list whole gets all pages in one, or the error.
func TestGetOfPages(t *testing.T) {
	pages := func() *Client {
		return newTestServer(t, answers(t, say(206, things("1", "2"), "Next-Range", "id ]2.."), say(200, things("3"))))
	}
	if got, err := Get[[]thing](t.Context(), pages(), "/apps"); err != nil || len(got) != 3 || got[2].ID != "3" {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := Get[[]struct{ ID int }](t.Context(), pages(), "/apps"); err == nil || got != nil || !strings.HasPrefix(err.Error(), "GET /apps: decode: ") {
		t.Errorf("got %v, %v; want an error of decoding", got, err)
	}
}

// TestListHasAnEnd: each page leads to a new one with new elements, for ever.
func TestListHasAnEnd(t *testing.T) {
	endless := func() http.HandlerFunc {
		n := 0
		return func(w http.ResponseWriter, r *http.Request) {
			n++
			say(206, things(strconv.Itoa(n)), "Next-Range", fmt.Sprintf("id ]%d..; max=1000", n))(w, r)
		}
	}
	c := newTestServer(t, endless())
	c.transport.limits.Pages = 50
	if _, err := List[thing](t.Context(), c, "/apps", "id"); !errors.Is(err, ErrPaging) || c.Requests() != 50 {
		t.Errorf("got %v after %d requests, want ErrPaging after 50", err, c.Requests())
	}
	c = newTestServer(t, endless())
	c.transport.limits.List = 1000
	if _, err := List[thing](t.Context(), c, "/apps", "id"); !errors.Is(err, ErrTooLarge) || c.Requests() < 10 || c.Requests() > 60 {
		t.Errorf("got %v after %d requests, want ErrTooLarge", err, c.Requests())
	}
	c = newTestServer(t, endless())
	ctx, cancel := context.WithCancel(t.Context())
	c.transport.reporter.f = func(e Event) {
		if e.Kind == EventPage && e.Page == 3 {
			cancel()
		}
	}
	if _, err := List[thing](ctx, c, "/apps", "id"); !errors.Is(err, context.Canceled) || c.Requests() != 3 {
		t.Errorf("got %v after %d requests, want context.Canceled after 3", err, c.Requests())
	}
}

// TestServiceLists: the service's own methods get all pages, unless they ask
// for one of a size.
func TestServiceLists(t *testing.T) {
	tests := []struct {
		name string
		lr   *heroku.ListRange
		book book
		want int
	}{
		{"no range", nil, book{[]string{"", "id ]2.."}, []http.HandlerFunc{
			say(206, things("1", "2"), "Next-Range", "id ]2.."), say(200, things("3"))}}, 3},
		{"order only", &heroku.ListRange{Field: "version", Descending: true}, book{[]string{"version ..; order=desc", "version ]2..; order=desc"}, []http.HandlerFunc{
			say(206, things("3", "2"), "Next-Range", "version ]2..; order=desc"), say(200, things("1"))}}, 3},
		{"the newest", &heroku.ListRange{Field: "version", Descending: true, Max: 2}, book{[]string{"version ..; order=desc"}, []http.HandlerFunc{
			say(206, things("3", "2"), "Next-Range", "version ]2..; max=2,order=desc")}}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.lr != nil && tt.lr.Max > 0 {
				tt.book.ranges = []string{"version ..; max=2,order=desc"}
			}
			c := newTestServer(t, tt.book.serve(t))
			got, err := c.Service().ReleaseList(t.Context(), "a", tt.lr)
			if err != nil || len(got) != tt.want || c.Requests() != len(tt.book.pages) {
				t.Errorf("got %d elements in %d requests, %v; want %d in %d", len(got), c.Requests(), err, tt.want, len(tt.book.pages))
			}
		})
	}
}

func TestPages(t *testing.T) {
	chain := book{
		[]string{"version ..; max=2,order=desc", "version ]5..; max=2,order=desc", "version ]3..; max=2,order=desc"},
		[]http.HandlerFunc{
			say(206, things("6", "5"), "Next-Range", "version ]5..; max=2,order=desc"),
			say(206, things("5", "4", "3"), "Next-Range", "version ]3..; max=2,order=desc"),
			say(200, things("2", "1")),
		},
	}
	newest := heroku.ListRange{Field: "version", Descending: true, Max: 2}
	for _, stop := range []int{1, 2, 3, 4} {
		c := newTestServer(t, chain.serve(t))
		var got [][]string
		for page, err := range Pages[thing](t.Context(), c, "/apps/a/releases", newest) {
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, x := range page {
				ids = append(ids, x.ID)
			}
			if got = append(got, ids); len(got) == stop {
				break
			}
		}
		n := min(stop, 3)
		want := [][]string{{"6", "5"}, {"4", "3"}, {"2", "1"}}[:n]
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("stop after %d (-want +got):\n%s", stop, diff)
		}
		if c.Requests() != n {
			t.Errorf("stop after %d: got %d requests, want %d", stop, c.Requests(), n)
		}
	}

	c := newTestServer(t, answers(t, say(206, things("1"), "Next-Range", "version ]1.."), say(403, `{"id":"forbidden","error":"No."}`)))
	var pages, errs int
	for page, err := range Pages[thing](t.Context(), c, "/apps/a/releases", newest) {
		if err != nil {
			errs++
			if !errors.Is(err, ErrForbidden) || page != nil {
				t.Errorf("got %v, %v", page, err)
			}
			continue
		}
		pages++
	}
	if pages != 1 || errs != 1 {
		t.Errorf("got %d pages and %d errors, want 1 and 1", pages, errs)
	}

	c = newTestServer(t, answers(t, say(200, `[{"id":7}]`)))
	for page, err := range Pages[thing](t.Context(), c, "/apps/a/releases", newest) {
		if err == nil || !strings.Contains(err.Error(), "decode") {
			t.Errorf("got %v, %v; want an error of decoding", page, err)
		}
	}
}

// FuzzNextRange: whatever the header says, a list ends, in all its elements
// once or in an error.
func FuzzNextRange(f *testing.F) {
	for _, s := range []string{"", "id ]2..; max=1000", "id ..; max=1000", "id", ";;;", "max=", "id ..; max=999999999999999999999", "\x00", "é"} {
		f.Add(s, 206, "max=1000", things("1", "2"))
		f.Add(s, 200, "x", `[1,"a",null,{"id":null},{"id":{}}]`)
		f.Add(s, 206, s, `{}`)
	}
	f.Fuzz(func(t *testing.T, next string, status int, sent, page string) {
		n := 0
		network := roundTripper(func(req *http.Request) (*http.Response, error) {
			if n++; n > 3 {
				t.Fatalf("request %d", n)
			}
			if n == 1 {
				resp, _ := answering(200+(status&0xff)%7, page)(req)
				resp.Header["Next-Range"] = []string{next}
				return resp, nil
			}
			resp, _ := answer200(page)(req)
			resp.Header["Next-Range"] = []string{next}
			return resp, nil
		})
		c, err := New(Options{Token: testToken, Transport: network, Retries: -1})
		if err != nil {
			t.Fatal(err)
		}
		got, err := List[any](t.Context(), c, "/apps", "id")
		if (got == nil) != (err != nil) {
			t.Fatalf("got %v with %v", got, err)
		}
		if rangeMax(sent) < 0 {
			t.Fatalf("rangeMax(%q): got %d", sent, rangeMax(sent))
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
