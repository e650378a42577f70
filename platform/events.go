package platform

import (
	"fmt"
	"sync"
	"time"
)

// An EventKind says what an [Event] tells.
type EventKind int

const (
	// EventRequest: an answer has come in, or a request has failed.
	EventRequest EventKind = iota + 1
	// EventRetry: a request has failed and is sent again after Wait.
	EventRetry
	// EventThrottled: a request waits for the account's request budget.
	EventThrottled
	// EventPage: a page of a list of several has been read.
	EventPage
	// EventWarning: the API has sent a warning along.
	EventWarning
)

func (k EventKind) String() string {
	switch k {
	case EventRequest:
		return "request"
	case EventRetry:
		return "retry"
	case EventThrottled:
		return "throttled"
	case EventPage:
		return "page"
	case EventWarning:
		return "warning"
	}
	return fmt.Sprintf("EventKind(%d)", int(k))
}

// An Event tells how the work of a [Client] goes on. It holds no token.
type Event struct {
	Kind    EventKind
	Method  string
	Path    string        // as in APIError.URL
	Attempt int           // which sending of the request it is about, from 1: for EventRetry and EventThrottled the one to come
	Status  int           // status of the answer; 0 if there is none
	Wait    time.Duration // EventRetry, EventThrottled: how long until the request is sent
	Took    time.Duration // EventRequest: from sending to the last byte of the body
	Left    int           // EventRequest: requests left in the account's budget; -1 if the answer doesn't say
	Page    int           // EventPage: number of the page, from 1
	Items   int           // EventPage: elements of all pages so far
	Message string        // EventWarning: the warning
	Err     error         // EventRequest: the error if it failed; EventRetry, EventThrottled: why, nil if the budget is merely low
}

// String returns one line for people.
func (e Event) String() string {
	route := e.Method + " " + e.Path
	wait := e.Wait.Round(100 * time.Millisecond)
	switch e.Kind {
	case EventRequest:
		if e.Err != nil {
			return e.Err.Error()
		}
		return fmt.Sprintf("%s: %d in %v", route, e.Status, e.Took.Round(time.Millisecond))
	case EventRetry:
		return fmt.Sprintf("%v; trying again in %v", e.Err, wait)
	case EventThrottled:
		return fmt.Sprintf("%s: waiting %v for the request budget", route, wait)
	case EventPage:
		return fmt.Sprintf("%s: page %d, %d so far", route, e.Page, e.Items)
	case EventWarning:
		return fmt.Sprintf("%s: warning: %s", route, e.Message)
	}
	return fmt.Sprintf("%v: %s", e.Kind, route)
}

// reporter calls a Progress function, one call at a time.
type reporter struct {
	mu sync.Mutex
	f  func(Event)
}

func (r *reporter) report(e Event) {
	if r.f == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.f(e)
}
