package platform

import (
	"bytes"
	"fmt"
	"sync"
	"time"
)

// Limits bound what a client takes from a server, whatever that does. The zero
// value is right for api.heroku.com. Whichever bound is reached, the error is
// a [RequestError] with a [LimitError] in it, and nothing is returned in part.
type Limits struct {
	// Answer is how many bytes one answer may have. Default: 8 MiB.
	Answer int

	// Pages is how many pages a list may have. Default: 1000.
	Pages int

	// Elements is how many elements a list may have. Default: 250,000.
	Elements int

	// List is how many bytes a list may have in all its pages. Default: 64 MiB.
	List int

	// Memory is how many bytes the answers and lists that are being read may
	// take together, with what is made of them, by an estimate. What has been
	// returned is the caller's, and doesn't count. Default: 96 MiB.
	Memory int

	// Call is how long one call may take: a [Get], a [List], a request of
	// [Client.Service], with all pages, repetitions and waits; of [Pages], all
	// requests together. Default: 30 minutes.
	Call time.Duration

	// Contact is how long a client tries to reach an API that has never
	// answered it; all requests share the attempts and the outcome. Default: 100
	// seconds.
	Contact time.Duration
}

// withDefaults fills in what isn't set.
func (l Limits) withDefaults() Limits {
	or := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	or(&l.Answer, 8<<20)
	or(&l.Pages, 1000)
	or(&l.Elements, 250_000)
	or(&l.List, 64<<20)
	or(&l.Memory, 96<<20)
	if l.Call == 0 {
		l.Call = 30 * time.Minute
	}
	if l.Contact == 0 {
		l.Contact = 100 * time.Second
	}
	return l
}

// negative reports whether a limit is below zero.
func (l Limits) negative() bool {
	return min(l.Answer, l.Pages, l.Elements, l.List, l.Memory) < 0 || min(l.Call, l.Contact) < 0
}

// A Limit is a bound that a [LimitError] is about.
type Limit string

// The bounds, as fields of [Limits] and [Options] set them.
const (
	LimitAnswer   Limit = "answer"   // Limits.Answer
	LimitPages    Limit = "pages"    // Limits.Pages
	LimitElements Limit = "elements" // Limits.Elements
	LimitList     Limit = "list"     // Limits.List
	LimitMemory   Limit = "memory"   // Limits.Memory
	LimitAttempt  Limit = "attempt"  // Options.Timeout; 30 seconds to the first sign of an API that has never answered
	LimitCall     Limit = "call"     // Limits.Call
	LimitContact  Limit = "contact"  // Limits.Contact
)

// A LimitError is a bound that was reached. It matches [ErrTooLarge] for
// LimitAnswer, LimitElements, LimitList and LimitMemory, [ErrPaging] for
// LimitPages, and [ErrTooSlow] for the others, through errors.Is.
type LimitError struct {
	Limit Limit
	Most  int64 // bytes, pages, elements; nanoseconds for times
}

func (e *LimitError) Error() string {
	switch d := time.Duration(e.Most).Round(100 * time.Millisecond); e.Limit {
	case LimitAnswer:
		return fmt.Sprintf("%v: one answer has more than %s", ErrTooLarge, size(e.Most))
	case LimitPages:
		return fmt.Sprintf("%v: more than %d pages", ErrPaging, e.Most)
	case LimitElements:
		return fmt.Sprintf("%v: a list has more than %d elements", ErrTooLarge, e.Most)
	case LimitList:
		return fmt.Sprintf("%v: a list has more than %s", ErrTooLarge, size(e.Most))
	case LimitMemory:
		return fmt.Sprintf("%v: what is being read takes more than %s in all", ErrTooLarge, size(e.Most))
	case LimitAttempt:
		return fmt.Sprintf("no complete answer within %v", d)
	case LimitCall:
		return fmt.Sprintf("not done within %v, with all pages, repetitions and waits", d)
	case LimitContact:
		return fmt.Sprintf("no answer at all within %v", d)
	}
	return fmt.Sprintf("limit %q reached: %d", e.Limit, e.Most)
}

// Is says whether target is the sentinel of the bound.
func (e *LimitError) Is(target error) bool {
	switch e.Limit {
	case LimitAnswer, LimitElements, LimitList, LimitMemory:
		return target == ErrTooLarge
	case LimitPages:
		return target == ErrPaging
	}
	return target == ErrTooSlow
}

// hint says what to do about e.
func (e *LimitError) hint() string {
	switch e.Limit {
	case LimitAnswer:
		return "Heroku's answers are far smaller: check that HEROKU_API_URL is the address of the API, or raise Limits.Answer"
	case LimitPages, LimitElements, LimitList:
		return "if the account really has so much, raise Limits." + map[Limit]string{LimitPages: "Pages", LimitElements: "Elements", LimitList: "List"}[e.Limit] +
			"; else check that HEROKU_API_URL is the address of the API"
	case LimitMemory:
		return "read fewer lists at a time (Options.Concurrency), or raise Limits.Memory"
	case LimitAttempt:
		return "the API, or a proxy before it, is slow or doesn't answer: look at https://status.heroku.com, HEROKU_API_URL and HTTPS_PROXY, and try again; a longer Options.Timeout waits longer"
	case LimitCall:
		return "the API is slow, or the account's request budget is used up: try again later, or raise Limits.Call"
	case LimitContact:
		return "the address is reached, but nothing answers there: check HEROKU_API_URL and the network; behind a proxy, set HTTPS_PROXY"
	}
	return ""
}

// size is a number of bytes for people.
func size(n int64) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}

// memory counts what the answers that are being read take together.
type memory struct {
	mu   sync.Mutex
	used int64
	most int64
}

// A claim is one answer's part of a memory. Its methods are for one goroutine
// at a time; a nil claim is of no memory.
type claim struct {
	of *memory
	n  int64
}

// resize makes the claim one of n bytes. It fails with a *LimitError if that
// is too much; the claim stays as it was then.
func (c *claim) resize(n int64) error {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	if n > c.n && c.of.used-c.n+n > c.of.most {
		return &LimitError{Limit: LimitMemory, Most: c.of.most}
	}
	c.of.used += n - c.n
	c.n = n
	return nil
}

// release gives the claim back. It may be called again.
func (c *claim) release() {
	if c != nil {
		c.resize(0)
	}
}

// join adds another claim to c, which takes its place.
func (c *claim) join(other *claim) {
	if other != nil {
		c.n += other.n
		other.n = 0
	}
}

// perValue is about what a JSON value takes in memory beside its text, decoded
// into maps and interfaces: an attack can be all brackets and commas.
const perValue = 64

// weigh estimates what a JSON text takes in memory together with what is
// decoded from it.
func weigh(data []byte) int64 {
	values := 1
	for _, sep := range []string{",", "[", "{"} {
		values += bytes.Count(data, []byte(sep))
	}
	return int64(len(data)) + perValue*int64(values)
}
