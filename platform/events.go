package platform

import (
	"fmt"
	"sync"
	"time"

	"github.com/herokutf/herokutf/internal/printable"
)

// An EventKind says what an [Event] is about.
type EventKind int

const (
	// EventRequest: an answer has come in, or a request has failed.
	EventRequest EventKind = iota + 1
	// EventRetry: a request has failed and is sent again after Wait.
	EventRetry
	// EventThrottled: the account's request budget is used up (429). All
	// requests wait for Wait; it is reported once.
	EventThrottled
	// EventPage: a page of a list of several has been read.
	EventPage
	// EventWarning: the API has sent a warning along.
	EventWarning
	// EventLowBudget: the account's request budget is low, and requests are
	// sent with Spacing between them. It is reported once, and again when the
	// requests that are there are going to take a minute longer than it said.
	EventLowBudget
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
	case EventLowBudget:
		return "low budget"
	}
	return fmt.Sprintf("EventKind(%d)", int(k))
}

// An Event says how the work of a [Client] goes on. It holds no token.
type Event struct {
	Kind    EventKind
	Method  string
	Path    string        // as in APIError.URL
	Attempt int           // which sending of the request it is about, from 1: for EventRetry and EventThrottled the one to come
	Status  int           // status of the answer; 0 if there is none
	Wait    time.Duration // EventRetry, EventThrottled: how long until the request is sent; EventLowBudget: about how long until all that wait now are
	Took    time.Duration // EventRequest: from sending to the last byte of the body
	Left    int           // EventRequest, EventLowBudget: requests left in the account's budget; -1 if the answer doesn't say
	Page    int           // EventPage: number of the page, from 1
	Items   int           // EventPage: elements of all pages so far
	Waiting int           // EventLowBudget: requests that have no answer yet
	Spacing time.Duration // EventLowBudget: time between two requests
	Message string        // EventWarning: the warning; EventRetry, EventThrottled: what of the answer isn't heeded, often ""
	Err     error         // EventRequest: the error if it failed; EventRetry, EventThrottled: why
}

// String returns one line for people.
func (e Event) String() string {
	route := e.Method + " " + e.Path
	wait := e.Wait.Round(100 * time.Millisecond)
	aside := ""
	if e.Message != "" {
		aside = " (" + e.Message + ")"
	}
	switch e.Kind {
	case EventRequest:
		if e.Err != nil {
			return e.Err.Error()
		}
		return fmt.Sprintf("%s: %d in %v", route, e.Status, e.Took.Round(time.Millisecond))
	case EventRetry:
		return fmt.Sprintf("%v; trying again in %v%s", e.Err, wait, aside)
	case EventThrottled:
		return fmt.Sprintf("%s: waiting %v for the request budget%s", route, wait, aside)
	case EventPage:
		return fmt.Sprintf("%s: page %d, %d so far", route, e.Page, e.Items)
	case EventWarning:
		return fmt.Sprintf("%s: warning: %s", route, e.Message)
	}
	if e.Kind == EventLowBudget {
		about := "less than a minute"
		if minutes := int((e.Wait + 30*time.Second) / time.Minute); minutes > 0 {
			about = "about " + printable.Count(minutes, "minute")
		}
		return fmt.Sprintf("the account has %s left in its budget: %s, %s", printable.Count(e.Left, "request"), printable.Count(e.Waiting, "request")+" waiting", about)
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
