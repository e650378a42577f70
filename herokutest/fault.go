package herokutest

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Fault is something that goes wrong with a request. The fields of the first
// group choose the requests, those of the second say what happens to them. A
// fault that has only Do or Latency leaves the answer as it is.
type Fault struct {
	// Route is the pattern of the route, such as "GET /apps/{app}/releases",
	// a method alone, such as "POST", or empty for every request.
	Route string
	// App limits the fault to requests whose {app} is this app, by its name
	// or UUID, however the request names it. Empty: any.
	App string
	// Skip lets this many of the chosen requests pass first: with 2, the
	// third is the first to fail.
	Skip int
	// Times is how many requests fail. 0 means one; a negative number means
	// every one from then on.
	Times int

	// Do is called before the request is answered, with no lock held, so that
	// it may change what the server holds: delete an app between two requests
	// of a run, say.
	Do func(*Server)
	// Latency is how long the answer waits. Other requests go on meanwhile.
	Latency time.Duration
	// Reset cuts the connection instead of an answer.
	Reset bool
	// Status is the answer's code, such as 503. 0: the real answer.
	Status int
	// Body is the answer's body when there is a Status. Empty: the JSON error
	// that Heroku sends with this status. A body starting with "<" is sent as
	// HTML.
	Body string
	// Header is added to the answer.
	Header http.Header
	// RetryAfter, rounded up to seconds, becomes the Retry-After header.
	RetryAfter time.Duration
	// Truncate sends the answer's full Content-Length, half of its body, and
	// then cuts the connection.
	Truncate bool

	seen int
}

// Inject adds a fault. Of several faults that choose the same request the
// first injected one acts; one that has acted as often as it should is out of
// the way. It panics when Route is no route of the API or App is unknown.
func (s *Server) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.Contains(f.Route, " ") {
		if !knownRoute(f.Route) {
			panic(fmt.Sprintf("herokutest: Inject: no route %q; Routes lists them", f.Route))
		}
	} else if strings.ContainsAny(f.Route, "/{") {
		panic(fmt.Sprintf("herokutest: Inject: route %q has no method", f.Route))
	}
	if f.App != "" {
		f.App = s.mustApp("Inject", f.App).ID
	}
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults = append(s.faults, &f)
}

// ClearFaults removes every fault.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// pickFault returns a copy of the fault that acts on this request, or nil.
// The caller holds the lock.
func (s *Server) pickFault(rt *route, pattern string, args map[string]string) *Fault {
	method, _, _ := strings.Cut(pattern, " ")
	for _, f := range s.faults {
		if f.Route != "" && f.Route != pattern && f.Route != method {
			continue
		}
		if f.App != "" {
			a := s.state.findApp(args["app"])
			if rt == nil || args["app"] != f.App && (a == nil || a.ID != f.App) {
				continue
			}
		}
		if f.Times > 0 && f.seen >= f.Skip+f.Times {
			continue
		}
		f.seen++
		if f.seen > f.Skip {
			cp := *f
			return &cp
		}
	}
	return nil
}

// write puts the fault's status and body into rep.
func (f *Fault) write(rep *reply) {
	switch {
	case strings.HasPrefix(f.Body, "<"):
		rep.header.Set("Content-Type", "text/html; charset=utf-8")
		rep.body = []byte(f.Body)
	case f.Body != "":
		rep.body = []byte(f.Body)
	case f.Status >= 400:
		rep.body = encode(errorFor(f.Status).wire())
	}
}
