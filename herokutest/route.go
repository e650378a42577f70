package herokutest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// obj is a JSON object of an answer.
type obj map[string]any

// call is one request on its way through a handler. The handler holds the
// server's lock.
type call struct {
	*Server
	r        *http.Request
	args     map[string]string // values of the pattern's {name}s, unescaped
	body     []byte
	header   http.Header // of the answer
	modified time.Time   // for Last-Modified; zero leaves it out
}

// bind decodes the request's body. An empty body leaves v as it is.
func (c *call) bind(v any) error {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.body, v); err != nil {
		return badRequest("The body of the request isn't the JSON the endpoint expects: %v", err)
	}
	return nil
}

type route struct {
	pattern string
	method  string
	steps   []string
	serve   func(*call) (int, any, error)
}

// routes is every route, the more literal ones of a kind first, so that the
// first match is the right one: /teams/apps/{app} before /teams/{team}/apps.
var routes []*route

func handle(pattern string, serve func(*call) (int, any, error)) {
	method, path, _ := strings.Cut(pattern, " ")
	routes = append(routes, &route{pattern: pattern, method: method, steps: strings.Split(path[1:], "/"), serve: serve})
}

// get registers a route that reads one object.
func get(pattern string, serve func(*call) (any, error)) {
	handle("GET "+pattern, func(c *call) (int, any, error) {
		v, err := serve(c)
		return http.StatusOK, v, err
	})
}

// list registers a route that reads a list.
func list[T any](pattern string, serve func(*call) (listing[T], error)) {
	handle("GET "+pattern, func(c *call) (int, any, error) {
		l, err := serve(c)
		if err != nil {
			return 0, nil, err
		}
		return l.page(c)
	})
}

func init() {
	appRoutes()
	childRoutes()
	releaseRoutes()
	pipelineRoutes()
	teamRoutes()
	addonRoutes()
	spaceRoutes()
	// A literal step sorts before a wildcard at the same place.
	slices.SortStableFunc(routes, func(a, b *route) int {
		for i := range min(len(a.steps), len(b.steps)) {
			aw, bw := wild(a.steps[i]), wild(b.steps[i])
			switch {
			case aw && !bw:
				return 1
			case !aw && bw:
				return -1
			case !aw && a.steps[i] != b.steps[i]:
				return strings.Compare(a.steps[i], b.steps[i])
			}
		}
		return len(a.steps) - len(b.steps)
	})
}

func wild(step string) bool { return strings.HasPrefix(step, "{") }

// Routes returns the patterns of all routes the server answers, sorted. They
// are what [Server.Requests] counts by and [Fault.Route] names.
func Routes() []string {
	all := make([]string, len(routes))
	for i, r := range routes {
		all[i] = r.pattern
	}
	slices.Sort(all)
	return all
}

func knownRoute(pattern string) bool {
	return slices.ContainsFunc(routes, func(r *route) bool { return r.pattern == pattern })
}

// match finds the route of a request, and the values of its wildcards. path
// is escaped: a log drain's URL is one step of it.
func match(method, path string) (*route, map[string]string) {
	steps := strings.Split(strings.TrimPrefix(path, "/"), "/")
next:
	for _, r := range routes {
		if r.method != method || len(r.steps) != len(steps) {
			continue
		}
		args := map[string]string{}
		for i, want := range r.steps {
			if !wild(want) {
				if want != steps[i] {
					continue next
				}
				continue
			}
			v, err := url.PathUnescape(steps[i])
			if err != nil || v == "" {
				continue next
			}
			args[want[1:len(want)-1]] = v
		}
		return r, args
	}
	return nil, nil
}
