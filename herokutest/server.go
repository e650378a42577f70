package herokutest

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// BucketSize is how many requests a fresh account may send at once, and
// RefillPerMinute how many more it earns each minute. Both are Heroku's
// figures (Platform API reference, "Rate limits").
const (
	BucketSize      = 4500
	RefillPerMinute = 75
)

// Options says how a [Server] made by [New] behaves. The zero value is the
// server that [NewServer] starts.
type Options struct {
	// Token is the only token the server accepts. Empty: any token will do,
	// but there must be one.
	Token string
	// Seed goes into every identifier the server makes up. Two servers with
	// the same seed that are given the same calls in the same order answer
	// with the same identifiers.
	Seed uint64
	// Clock returns the server's time, which dates objects and refills the rate
	// limit. Nil: time.Now. It must be safe for concurrent use.
	Clock func() time.Time
	// Email is the address of the account that owns the token. Empty:
	// "user@example.com".
	Email string
	// Policy decides what Heroku's documents leave open.
	Policy Policy
}

// Policy picks an answer where Heroku's documents don't say what the live API
// does. A tool that is right under both doesn't depend on the choice:
// run its tests under both. In the zero value the fake behaves in the way
// that is harder on the caller.
type Policy struct {
	// LatestIsCurrent makes latest-releases show the current release of each
	// app. By default it shows the newest one, which may be failed or pending
	// and then isn't what runs.
	LatestIsCurrent bool
	// RollbackNoDeployment keeps rollbacks out of latest-deployments.
	RollbackNoDeployment bool
	// DeniedIDNotFound answers 404 for the UUID of an app the token may not
	// see, as if it didn't exist. By default it is a 403, as it is for names.
	DeniedIDNotFound bool
	// UncoupledOK answers 200 with the body {"id":"not_found"} when an app
	// without coupling is asked for its coupling, as the API was once seen to
	// do. By default it is a 404.
	UncoupledOK bool
	// ScaleBeforeCode lets the process type web be scaled before an app has any
	// code, as the provider's own tests do. By default there is no such type
	// then.
	ScaleBeforeCode bool
	// FreeNotModified makes 304 answers cost nothing of the rate limit.
	FreeNotModified bool
	// ClampMax reads a max above 1000 in a Range header as 1000. By default
	// it is a 416.
	ClampMax bool
}

// Server is a Heroku Platform API in memory. Make one with [NewServer], or
// with [New] where no socket is wanted. All methods are safe for concurrent
// use.
type Server struct {
	// URL is the server's address, such as "http://127.0.0.1:40001", without
	// a slash at the end. Empty until the server was started.
	URL string
	// Token is the only token the server accepts; when empty, any will do.
	// Set it before the first request.
	Token string

	opts Options
	now  func() time.Time

	http *http.Server

	mu      sync.Mutex // guards everything below
	state   state
	acting  string    // email of the account whose request is being answered
	bucket  float64   // requests left, as of filled
	filled  time.Time // when bucket was last brought up to date
	faults  []*Fault
	counts  map[string]int
	log     []Request
	epoch   int             // how often the log was emptied
	serials map[string]int  // how often each identifier was derived
	seeded  map[string]bool // identifiers that came with a seed
}

var (
	_ http.Handler      = (*Server)(nil)
	_ http.RoundTripper = (*Server)(nil)
)

// New returns a server that doesn't listen. Use it as an [http.Handler]
// (below a prefix with http.StripPrefix) or as an [http.RoundTripper], which
// needs no socket and therefore works inside testing/synctest bubbles. Start
// makes it listen.
func New(opts Options) *Server {
	s := &Server{
		Token:   opts.Token,
		opts:    opts,
		now:     opts.Clock,
		counts:  map[string]int{},
		serials: map[string]int{},
		seeded:  map[string]bool{},
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.opts.Email = cmp.Or(opts.Email, "user@example.com")
	s.bucket, s.filled = BucketSize, s.now()
	s.state = s.newState()
	return s
}

// NewServer returns a server with the zero [Options] that listens on a free
// port of the loopback interface. The caller should call Close when done. It
// panics if there is no port to listen on.
func NewServer() *Server {
	s := New(Options{})
	s.Start()
	return s
}

// Start listens on a free port of the loopback interface and sets URL. It
// panics if the server already listens or if there is no port to listen on.
func (s *Server) Start() {
	if s.http != nil {
		panic("herokutest: Start: the server listens already")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		if l, err = net.Listen("tcp6", "[::1]:0"); err != nil {
			panic(fmt.Sprintf("herokutest: listen on the loopback interface: %v", err))
		}
	}
	s.URL = "http://" + l.Addr().String()
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go s.http.Serve(l) // ends with Close; its error is always ErrServerClosed
}

// Close stops listening and cuts every connection. What the server holds can
// still be read and changed through its methods, and it goes on answering as
// a RoundTripper.
func (s *Server) Close() {
	if s.http != nil {
		s.http.Close()
	}
}

// Request is one line of the log that [Server.Log] returns.
type Request struct {
	Method string `json:"method"`
	Path   string `json:"path"`            // escaped, without query
	Query  string `json:"query,omitempty"` // raw
	// Route is the pattern that matched, such as "GET /apps/{app}", or the
	// method and the path itself when no route did.
	Route  string `json:"route"`
	Range  string `json:"range,omitempty"` // the request's Range header
	Status int    `json:"status"`          // of the answer; 0 while there is none, and after a reset
	// Account is the email address of the account whose token it had; empty for
	// a token that isn't accepted.
	Account string `json:"account,omitempty"`
}

// Requests returns how many requests each route got, rejected ones included,
// since the start or the last ResetRequests. Keys are patterns such as
// "GET /apps/{app}/releases"; a request that no route serves counts under its
// method and path.
func (s *Server) Requests() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.counts)
}

// Log returns the requests in the order in which they came in since the start
// or the last ResetRequests. It holds no headers but Range, and so no tokens.
func (s *Server) Log() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// ResetRequests empties what Requests and Log return.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts = map[string]int{}
	s.log = nil
	s.epoch++
}

// SetRateLimit sets how many requests the account has left. The next answer's
// RateLimit-Remaining is one less; with 0 the next request gets a 429.
func (s *Server) SetRateLimit(remaining int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bucket, s.filled = float64(remaining), s.now()
}

// refill brings the bucket up to now. The caller holds the lock.
func (s *Server) refill() {
	now := s.now()
	if gone := now.Sub(s.filled); gone > 0 && s.bucket < BucketSize {
		s.bucket = min(BucketSize, s.bucket+gone.Minutes()*RefillPerMinute)
	}
	s.filled = now
}
