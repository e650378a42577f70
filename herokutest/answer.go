package herokutest

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

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
		Route: pattern, Range: r.Header.Get("Range"), Account: s.caller(r),
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
	rep := s.newReply(r)
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
	c := &call{Server: s, r: r, args: args, body: body, header: rep.header}
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
		err = errorFor(http.StatusUnauthorized)
	case rt == nil:
		err = &apiError{status: http.StatusNotFound, id: "not_found", message: "The requested API endpoint was not found."}
	default:
		s.acting = s.caller(r)
		rep.status, v, err = rt.serve(c)
		s.acting = ""
	}
	switch {
	case err != nil:
		e := refused(err)
		rep.status, rep.body = e.status, encode(e.wire())
	case v != nil:
		if c.complete(rep, v); rep.status == http.StatusNotModified && s.opts.Policy.FreeNotModified && !free {
			s.bucket++
		}
	}
	rep.header.Set("RateLimit-Remaining", strconv.Itoa(int(s.bucket)))
	if fault != nil {
		maps.Copy(rep.header, fault.Header)
		if fault.RetryAfter > 0 {
			rep.header.Set("Retry-After", strconv.Itoa(int((fault.RetryAfter+time.Second-1)/time.Second)))
		}
		rep.truncate = fault.Truncate && len(rep.body) > 0
	}
	return rep
}

// newReply returns a reply with what every answer has.
func (s *Server) newReply(r *http.Request) *reply {
	id := s.newID("request", "")
	if sent := r.Header.Get("Request-Id"); sent != "" {
		id = sent + "," + id
	}
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Oauth-Scope", "global")
	h.Set("Oauth-Scope-Accepted", "global")
	h.Set("Ratelimit-Multiplier", "1")
	h.Set("Vary", "Authorization, Accept-Encoding")
	h.Set("Request-Id", id)
	return &reply{status: http.StatusOK, header: h}
}

// complete puts what a handler answers into the reply, which is a 304 if the caller
// has it already.
func (c *call) complete(rep *reply, v any) {
	rep.body = encode(v)
	sum := md5.Sum(rep.body)
	tag := `"` + hex.EncodeToString(sum[:]) + `"`
	rep.header.Set("ETag", tag)
	if !c.modified.IsZero() {
		rep.header.Set("Last-Modified", c.modified.UTC().Format(http.TimeFormat))
	}
	if c.r.Method == http.MethodGet && matchesTag(c.r.Header.Get("If-None-Match"), tag) {
		rep.status, rep.body = http.StatusNotModified, nil
		rep.header.Del("Content-Type")
	}
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

// bearer is the token of a request; "" if it has none.
func bearer(r *http.Request) string {
	if _, password, ok := r.BasicAuth(); ok {
		return password
	}
	if scheme, t, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(t)
	}
	return ""
}

func (s *Server) authorized(r *http.Request) bool { return s.caller(r) != "" }

// caller is the email address of the account whose request it is; "" for one whose
// token isn't accepted.
func (s *Server) caller(r *http.Request) string {
	token := bearer(r)
	if a := s.state.owner(token); a != nil && token != "" {
		return a.Email
	}
	if token != "" && (s.Token == "" || token == s.Token) {
		return s.opts.Email
	}
	return ""
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
	if serveOther(w, r) {
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
