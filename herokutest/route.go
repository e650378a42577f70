package herokutest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// obj is a JSON object of an answer.
type obj map[string]any

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

// get registers a route that reads one object, which find finds and show puts
// into the answer.
func get[P any](path string, find func(*call) (P, error), show func(*call, P) any) {
	handle("GET "+path, func(c *call) (int, any, error) {
		p, err := find(c)
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, show(c, p), nil
	})
}

// list registers a route that reads the list of what belongs to the object that
// find finds.
func list[P, T any](path string, find func(*call) (P, error), all func(*call, P) listing[T]) {
	handle("GET "+path, func(c *call) (int, any, error) {
		p, err := find(c)
		if err != nil {
			return 0, nil, err
		}
		return all(c, p).page(c)
	})
}

// write registers a route that changes the object that find finds, or what
// belongs to it, as a body says. do makes the change and returns the answer, which has
// this status.
func write[P, B any](pattern string, status int, find func(*call) (P, error), do func(c *call, p P, body B) (any, error)) {
	handle(pattern, func(c *call) (int, any, error) {
		p, err := find(c)
		if err != nil {
			return 0, nil, err
		}
		var body B
		if err := c.bind(&body); err != nil {
			return 0, nil, err
		}
		v, err := do(c, p, body)
		return status, v, err
	})
}

// remove registers the DELETE of the object that find finds; the answer shows it
// as it was.
func remove[P any](path string, find func(*call) (P, error), show func(*call, P) any, drop func(*call, P) error) {
	handle("DELETE "+path, func(c *call) (int, any, error) {
		p, err := find(c)
		if err != nil {
			return 0, nil, err
		}
		v := show(c, p)
		return http.StatusOK, v, drop(c, p)
	})
}

func init() {
	accountRoutes()
	oauthRoutes()
	keyRoutes()
	addonRoutes()
	addonServiceRoutes()
	attachmentRoutes()
	appRoutes()
	buildRoutes()
	buildpackRoutes()
	catalogRoutes()
	collaboratorRoutes()
	configVarRoutes()
	couplingRoutes()
	domainRoutes()
	drainRoutes()
	dynoRoutes()
	sourceRoutes()
	endpointRoutes()
	featureRoutes()
	formationRoutes()
	imageRoutes()
	memberRoutes()
	peeringRoutes()
	pipelineRoutes()
	promotionRoutes()
	releaseRoutes()
	reviewAppRoutes()
	rulesetRoutes()
	slugRoutes()
	spaceRoutes()
	spaceMemberRoutes()
	teamRoutes()
	teamAccessRoutes()
	testRunRoutes()
	topologyRoutes()
	usageRoutes()
	webhookEventRoutes()
	telemetryRoutes()
	transferRoutes()
	vpnRoutes()
	webhookRoutes()
	slices.SortStableFunc(routes, compareRoutes)
}

// compareRoutes sorts a literal step before a wildcard at the same place.
func compareRoutes(a, b *route) int {
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
