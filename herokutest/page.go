package herokutest

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	defaultPage = 200
	maxPage     = 1000
)

// listing is a list before it is cut into pages.
type listing[T any] struct {
	items  []T
	fields []field[T] // by which it can be ranged, the first by default
	wire   func(T) obj
	// updated dates an item, for Last-Modified. May be nil.
	updated func(T) time.Time
}

// field is something a list can be sorted by.
type field[T any] struct {
	name    string
	key     func(T) string
	numeric bool // compare keys as numbers
}

// span is a parsed Range header.
type span struct {
	field       string
	first, last string
	afterFirst  bool // "]": first itself is left out
	beforeLast  bool // "[": last itself is left out
	max         int
	desc        bool
}

const rangeForm = `Invalid "Range" header. Ranges have the form "<field> <first>..<last>; max=<n>,order=<asc|desc>".`

// parseRange reads a Range header: a field, two bounds of which either may be
// missing, and parameters that follow one semicolon and are separated by
// commas. A second semicolon between parameters is an error, as it is on
// Heroku; one at the very end is not.
func parseRange(h string, clamp bool) (span, error) {
	sp := span{max: defaultPage}
	if h == "" {
		return sp, nil
	}
	bounds, params, _ := strings.Cut(h, ";")
	field, bounds, ok := strings.Cut(strings.TrimSpace(bounds), " ")
	if !ok || strings.Contains(field, "..") {
		return sp, badRequest(rangeForm)
	}
	sp.field = field
	first, last, ok := strings.Cut(strings.TrimSpace(bounds), "..")
	if !ok {
		return sp, badRequest(rangeForm)
	}
	sp.first, sp.afterFirst = strings.CutPrefix(first, "]")
	sp.last, sp.beforeLast = strings.CutSuffix(last, "[")
	if sp.first == "" && sp.last != "" {
		return sp, badRequest(rangeForm)
	}
	params = strings.TrimSuffix(strings.TrimSpace(params), ";")
	if params == "" {
		return sp, nil
	}
	for p := range strings.SplitSeq(params, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		switch {
		case name == "max":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 {
				return sp, badRequest(rangeForm)
			}
			if n > maxPage {
				if !clamp {
					return sp, errorFor(http.StatusRequestedRangeNotSatisfiable)
				}
				n = maxPage
			}
			sp.max = n
		case name == "order" && (value == "asc" || value == "desc"):
			sp.desc = value == "desc"
		default:
			return sp, badRequest(rangeForm)
		}
	}
	return sp, nil
}

func (f *field[T]) compare(a, b string) int {
	if f.numeric {
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		return cmp.Compare(x, y)
	}
	return strings.Compare(a, b)
}

// page answers with the part of the list that the request's Range asks for.
func (l listing[T]) page(c *call) (int, any, error) {
	sp, err := parseRange(c.r.Header.Get("Range"), c.opts.Policy.ClampMax)
	if err != nil {
		return 0, nil, err
	}
	names := make([]string, len(l.fields))
	for i, f := range l.fields {
		names[i] = f.name
	}
	c.header.Set("Accept-Ranges", strings.Join(names, ", "))
	if sp.field == "" {
		sp.field = names[0]
	}
	i := slices.Index(names, sp.field)
	if i < 0 {
		return 0, nil, errorFor(http.StatusRequestedRangeNotSatisfiable)
	}
	f, id := &l.fields[i], &l.fields[0]

	items := l.equal(c.r.URL.Query(), l.within(sp, f, id))
	status := http.StatusOK
	if len(items) > sp.max {
		last, next := items[sp.max-1], items[sp.max]
		items = items[:sp.max]
		bound := f.key(last)
		if bound == f.key(next) {
			bound += " " + id.key(last)
		}
		c.header.Set("Next-Range", sp.from(bound))
		status = http.StatusPartialContent
	}
	var first, last string
	if len(items) > 0 {
		first, last = f.key(items[0]), f.key(items[len(items)-1])
	}
	c.header.Set("Content-Range", fmt.Sprintf("%s %s..%s%s", sp.field, first, last, sp.params()))

	out := make([]obj, len(items))
	for i, item := range items {
		out[i] = l.wire(item)
		if l.updated != nil {
			if t := l.updated(item); t.After(c.modified) {
				c.modified = t
			}
		}
	}
	return status, out, nil
}

// within returns the items between the bounds of a span, in its order: by the
// field f, and by id where that is the same.
func (l listing[T]) within(sp span, f, id *field[T]) []T {
	dir := 1
	if sp.desc {
		dir = -1
	}
	// A bound that Next-Range gave may carry, after a blank, the identifier
	// of the last item: dates are not unique, and without it the items that
	// share the last one's would be lost.
	against := func(item T, bound string) int {
		key, tie, tied := strings.Cut(bound, " ")
		n := f.compare(f.key(item), key)
		if n == 0 && tied {
			n = id.compare(id.key(item), tie)
		}
		return dir * n
	}
	items := slices.DeleteFunc(slices.Clone(l.items), func(item T) bool {
		if sp.first != "" {
			if n := against(item, sp.first); n < 0 || n == 0 && sp.afterFirst {
				return true
			}
		}
		if sp.last != "" {
			if n := against(item, sp.last); n > 0 || n == 0 && sp.beforeLast {
				return true
			}
		}
		return false
	})
	slices.SortStableFunc(items, func(a, b T) int {
		return dir * cmp.Or(f.compare(f.key(a), f.key(b)), id.compare(id.key(a), id.key(b)))
	})
	return items
}

// equal keeps the items that a query such as eq[name]=web asks for.
func (l listing[T]) equal(query url.Values, items []T) []T {
	for key, want := range query {
		name, ok := strings.CutPrefix(key, "eq[")
		if !ok || !strings.HasSuffix(name, "]") {
			continue
		}
		name = strings.TrimSuffix(name, "]")
		items = slices.DeleteFunc(items, func(item T) bool {
			v := l.wire(item)[name]
			return v == nil || !slices.Contains(want, fmt.Sprint(v))
		})
	}
	return items
}

// from is the Range header of the rest of a span, after a bound.
func (sp span) from(bound string) string {
	end := sp.last
	if sp.beforeLast {
		end += "["
	}
	return fmt.Sprintf("%s ]%s..%s%s", sp.field, bound, end, sp.params())
}

func (sp span) params() string {
	params := fmt.Sprintf("; max=%d", sp.max)
	if sp.desc {
		params += ",order=desc"
	}
	return params
}

// objects is a list of objects that are on hand as they are sent.
func objects(all []obj, keys ...string) listing[obj] {
	l := listing[obj]{items: all, wire: func(o obj) obj { return o }}
	for _, k := range keys {
		l.fields = append(l.fields, field[obj]{name: k, key: func(o obj) string { s, _ := o[k].(string); return s }})
	}
	return l
}

// objectByID returns the one that {id} names of objects that are on hand as they
// are sent.
func (c *call) objectByID(kind string, all []obj) (obj, error) {
	for _, o := range all {
		if ref := c.args["id"]; o["id"] == ref || o["name"] == ref {
			return o, nil
		}
	}
	return nil, notFound(kind)
}

func showObject(_ *call, o obj) any { return o }
