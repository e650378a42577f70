package herokutest

import (
	"bytes"
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
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
	// Clock tells the server's time, which dates objects and refills the rate
	// limit. Nil: time.Now. It must be safe for concurrent use.
	Clock func() time.Time
	// Email is the address of the account that owns the token. Empty:
	// "user@example.com".
	Email string
	// Policy decides what Heroku's documents leave open.
	Policy Policy
}

// Policy picks an answer where Heroku's documents don't say what the live API
// does. A tool that is right under either choice doesn't depend on a guess:
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
	Method string
	Path   string // escaped, without query
	Query  string // raw
	// Route is the pattern that matched, such as "GET /apps/{app}", or the
	// method and the path itself when no route did.
	Route  string
	Range  string // the request's Range header
	Status int    // of the answer; 0 while there is none, and after a reset
}

// Requests tells how many requests each route got, rejected ones included,
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

// reply is an answer before it is put on the wire.
type reply struct {
	status   int
	header   http.Header
	body     []byte
	truncate bool
	reset    bool
}

// errReset is what RoundTrip returns for a connection cut by a fault: the
// error that a socket gives.
var errReset error = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}

// answer makes the reply to a request. An error means that the caller went
// away while it waited.
func (s *Server) answer(r *http.Request) (*reply, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(io.LimitReader(r.Body, 32<<20)); err != nil {
			return nil, err
		}
	}
	rt, args := match(r.Method, r.URL.EscapedPath())
	pattern := r.Method + " " + r.URL.EscapedPath()
	if rt != nil {
		pattern = rt.pattern
	}

	s.mu.Lock()
	epoch, line := s.epoch, len(s.log)
	s.counts[pattern]++
	s.log = append(s.log, Request{
		Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
		Route: pattern, Range: r.Header.Get("Range"),
	})
	fault := s.pickFault(rt, pattern, args)
	s.mu.Unlock()

	// Neither the hook nor the wait holds the lock: the hook calls the
	// server's methods, and one slow request must not delay the others.
	if fault != nil {
		if fault.Do != nil {
			fault.Do(s)
		}
		if fault.Latency > 0 {
			t := time.NewTimer(fault.Latency)
			select {
			case <-t.C:
			case <-r.Context().Done():
				t.Stop()
				return nil, r.Context().Err()
			}
		}
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	rep := s.serve(r, rt, args, body, fault)
	if epoch == s.epoch && !rep.reset {
		s.log[line].Status = rep.status
	}
	return rep, nil
}

// serve makes the reply, holding the lock.
func (s *Server) serve(r *http.Request, rt *route, args map[string]string, body []byte, fault *Fault) *reply {
	rep := &reply{status: http.StatusOK, header: http.Header{}}
	h := rep.header
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Oauth-Scope", "global")
	h.Set("Oauth-Scope-Accepted", "global")
	h.Set("Ratelimit-Multiplier", "1")
	h.Set("Vary", "Authorization, Accept-Encoding")
	id := s.newID("request", "")
	if sent := r.Header.Get("Request-Id"); sent != "" {
		id = sent + "," + id
	}
	h.Set("Request-Id", id)

	if fault != nil && fault.Reset {
		rep.reset = true
		return rep
	}

	free := rt != nil && rt.pattern == "GET /account/rate-limits"
	s.refill()
	limited := !free && s.bucket < 1
	if !free && !limited {
		s.bucket--
	}

	var v any
	var err error
	c := &call{Server: s, r: r, args: args, body: body, header: h}
	switch {
	case fault != nil && fault.Status != 0:
		rep.status = fault.Status
		fault.write(rep)
	case limited:
		err = errRateLimit
	case !accepted(r.Header.Get("Accept")):
		err = &apiError{status: http.StatusNotAcceptable, id: "not_acceptable",
			message: `The API needs the header "Accept: application/vnd.heroku+json; version=3".`}
	case !s.authorized(r):
		err = &apiError{status: http.StatusUnauthorized, id: "unauthorized", message: "Invalid credentials provided."}
	case rt == nil:
		err = &apiError{status: http.StatusNotFound, id: "not_found", message: "The requested API endpoint was not found."}
	default:
		rep.status, v, err = rt.serve(c)
	}
	h.Set("RateLimit-Remaining", strconv.Itoa(int(s.bucket)))

	switch {
	case err != nil:
		e, ok := err.(*apiError)
		if !ok {
			e = &apiError{status: http.StatusInternalServerError, id: "internal_server_error", message: err.Error()}
		}
		rep.status = e.status
		rep.body = encode(e.wire())
	case v != nil:
		rep.body = encode(v)
		sum := md5.Sum(rep.body)
		tag := `"` + hex.EncodeToString(sum[:]) + `"`
		h.Set("ETag", tag)
		if !c.modified.IsZero() {
			h.Set("Last-Modified", c.modified.UTC().Format(http.TimeFormat))
		}
		if r.Method == http.MethodGet && matchesTag(r.Header.Get("If-None-Match"), tag) {
			rep.status, rep.body = http.StatusNotModified, nil
			h.Del("Content-Type")
			if s.opts.Policy.FreeNotModified && !free {
				s.bucket++
				h.Set("RateLimit-Remaining", strconv.Itoa(int(s.bucket)))
			}
		}
	}
	if fault != nil {
		maps.Copy(h, fault.Header)
		if fault.RetryAfter > 0 {
			h.Set("Retry-After", strconv.Itoa(int((fault.RetryAfter+time.Second-1)/time.Second)))
		}
		rep.truncate = fault.Truncate && len(rep.body) > 0
	}
	return rep
}

func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("herokutest: encode an answer: %v", err)) // only plain values come here
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// accepted reports whether an Accept header asks for version 3 or one of its
// variants (version=3.sdk and the like), which are answered as plain 3.
func accepted(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		typ, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(typ) != "application/vnd.heroku+json" {
			continue
		}
		for p := range strings.SplitSeq(params, ";") {
			v, ok := strings.CutPrefix(strings.TrimSpace(p), "version=")
			if ok && (v == "3" || strings.HasPrefix(v, "3.")) {
				return true
			}
		}
	}
	return false
}

func (s *Server) authorized(r *http.Request) bool {
	var token string
	if _, password, ok := r.BasicAuth(); ok {
		token = password
	} else if scheme, t, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		token = strings.TrimSpace(t)
	}
	return token != "" && (s.Token == "" || token == s.Token)
}

func matchesTag(header, tag string) bool {
	for t := range strings.SplitSeq(header, ",") {
		if t = strings.TrimSpace(t); t == tag || t == "*" {
			return true
		}
	}
	return false
}

// ServeHTTP answers a request of the Platform API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, blobPath) {
		// A presigned URL, which takes no token, and is no part of the API.
		if r.Method != http.MethodPut {
			http.NotFound(w, r)
			return
		}
		io.Copy(io.Discard, r.Body)
		return
	}
	rep, err := s.answer(r)
	if err != nil {
		panic(http.ErrAbortHandler) // the caller went away
	}
	if rep.reset {
		reset(w)
	}
	maps.Copy(w.Header(), rep.header)
	if rep.status == http.StatusNotModified {
		w.WriteHeader(rep.status)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(rep.body)))
	w.WriteHeader(rep.status)
	body := rep.body
	if rep.truncate {
		body = body[:len(body)/2]
	}
	w.Write(body)
	if rep.truncate {
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // closes the connection under the reader
	}
}

// reset cuts the connection and doesn't return. The first line of an answer
// goes out before: without it Go's http.Transport repeats a GET by itself
// when the connection had been used before, and the test would see nothing.
func reset(w http.ResponseWriter) {
	conn, buf, err := http.NewResponseController(w).Hijack()
	if err == nil {
		buf.WriteString("HTTP/1.1 200 OK\r\n")
		buf.Flush()
		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetLinger(0) // RST rather than FIN
		}
		conn.Close()
	}
	panic(http.ErrAbortHandler)
}

// RoundTrip answers a request without a socket, whatever its scheme and host.
// Latency and resets of injected faults apply to it as well. The path starts
// at the API's root.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	rep, err := s.answer(r)
	if err != nil {
		return nil, err
	}
	if rep.reset {
		return nil, errReset
	}
	var body io.Reader = bytes.NewReader(rep.body)
	if rep.truncate {
		body = io.MultiReader(bytes.NewReader(rep.body[:len(rep.body)/2]), failingReader{})
	}
	return &http.Response{
		Status:     strconv.Itoa(rep.status) + " " + http.StatusText(rep.status),
		StatusCode: rep.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        rep.header,
		Body:          io.NopCloser(body),
		ContentLength: int64(len(rep.body)),
		Request:       r,
	}, nil
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
