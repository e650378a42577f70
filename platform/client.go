package platform

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	heroku "github.com/heroku/heroku-go/v5"
	"github.com/herokutf/herokutf/internal/printable"
	"golang.org/x/sync/semaphore"
)

// Options say how to reach the API. The zero value reaches Heroku's own
// without credentials.
//
// Printing, logging or marshalling Options leaves the token out. (fmt
// can't know that of an unexported field of another struct: don't keep
// options in one that is printed.)
type Options struct {
	// BaseURL is the address of the API, without credentials and query. It
	// may have a path. Default: https://api.heroku.com. With a token it has
	// to be https, unless it is on this machine.
	BaseURL string

	// Token is an API key or OAuth token. Default: none; requests go out
	// without, for a Transport that adds its own.
	Token string

	// Email is sent with the token, in HTTP Basic authentication as the
	// Terraform provider sends it. Heroku ignores it. Default: none; the token
	// goes out as a Bearer token.
	Email string

	// UserAgent names the tool. Default: herokutf and the system.
	UserAgent string

	// Transport sends the requests. It has to heed their contexts. Default:
	// a copy of http.DefaultTransport, which uses the proxy of the
	// environment.
	Transport http.RoundTripper

	// Concurrency is how many requests are under way at once. Default: 64.
	Concurrency int

	// Retries is how often a GET is repeated after 5xx, a broken connection
	// or a body that was cut off. Default: 4; negative: never. After 429
	// MaxWait alone counts.
	Retries int

	// Backoff is the wait before the first repetition. It doubles each time,
	// up to 30 seconds, give or take a quarter. Default: 500 milliseconds.
	Backoff time.Duration

	// MaxWait is how long one request waits in all, for repetitions and for
	// the account's request budget. Default: 5 minutes; negative: not at all.
	MaxWait time.Duration

	// Timeout limits one attempt, with reading the body. Default: 1 minute.
	Timeout time.Duration

	// Progress is told of requests, repetitions, waits and pages. Calls come
	// from the goroutines that make the requests, one call at a time, and hold
	// the request up: return soon, and don't use the client in it. Default:
	// nobody is told.
	Progress func(Event)
}

func (o Options) String() string {
	var token string
	if o.Token != "" {
		token = ", with a token"
	}
	return "platform.Options(" + printableURL(o.BaseURL) + token + ")"
}

// Format prints String, whatever the verb.
func (o Options) Format(f fmt.State, _ rune) { io.WriteString(f, o.String()) }

// LogValue returns String for slog.
func (o Options) LogValue() slog.Value { return slog.StringValue(o.String()) }

// MarshalJSON returns String as JSON.
func (o Options) MarshalJSON() ([]byte, error) { return json.Marshal(o.String()) }

// printableURL is a base URL for messages: its scheme and host.
func printableURL(s string) string {
	if s == "" {
		s = heroku.DefaultURL
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return "invalid URL"
	}
	return strings.ToValidUTF8(u.Scheme+"://"+u.Host, "")
}

// A Client reaches the Platform API. It pages through lists, repeats what
// failed by chance, keeps to the account's request budget, and never has more
// than [Options.Concurrency] requests under way. It can be used from
// many goroutines, and should be shared by them: the budget is common to all.
//
// Printing, logging or marshalling a Client, and what it prints itself in
// errors and events, leaves the token out.
type Client struct {
	transport *transport
	http      *http.Client
	url       string
}

// New returns a client. Errors are [ErrInsecure] and faults of single
// options, all of them joined.
func New(opts Options) (*Client, error) {
	base, err := parseBaseURL(opts.BaseURL)
	token := strings.TrimSpace(opts.Token)
	var faults []error
	if err != nil {
		faults = append(faults, fmt.Errorf("base URL: %w", err))
	} else if token != "" && base.Scheme != "https" && !isLoopback(base.Hostname()) {
		faults = append(faults, fmt.Errorf("base URL: %w: %s is not https", ErrInsecure, printableURL(base.String())))
	}
	if strings.ContainsFunc(token, notInHeader) {
		faults = append(faults, errors.New("token: it holds characters that a token can't have"))
	}
	if strings.ContainsFunc(opts.Email, notInHeader) || strings.Contains(opts.Email, ":") {
		faults = append(faults, errors.New("email: it holds characters that an address can't have"))
	}
	if strings.ContainsFunc(opts.UserAgent, unicode.IsControl) {
		faults = append(faults, errors.New("user agent: it holds control characters"))
	}
	if opts.Concurrency < 0 || opts.Backoff < 0 || opts.Timeout < 0 {
		faults = append(faults, errors.New("concurrency, backoff and timeout can't be negative"))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}

	concurrency := cmp.Or(opts.Concurrency, 64)
	t := &transport{
		base:      base,
		inner:     opts.Transport,
		userAgent: cmp.Or(opts.UserAgent, "herokutf heroku-go/"+heroku.Version+" ("+runtime.GOOS+"; "+runtime.GOARCH+")"),
		slots:     semaphore.NewWeighted(int64(concurrency)),
		budget:    newBudget(),
		reporter:  reporter{f: opts.Progress},
		retries:   max(cmp.Or(opts.Retries, 4), 0),
		backoff:   cmp.Or(opts.Backoff, 500*time.Millisecond),
		maxWait:   max(cmp.Or(opts.MaxWait, 5*time.Minute), 0),
		timeout:   cmp.Or(opts.Timeout, time.Minute),

		// The largest answers are lists of a thousand apps or add-ons, about a
		// kilobyte each. More than this is no answer but an attack on memory.
		maxBody:      64 << 20,
		maxListBytes: 256 << 20,
		maxPages:     10_000,
	}
	t.authorize, t.redact = hideToken(opts.Email, token)
	if t.inner == nil {
		t.inner = defaultTransport(concurrency)
	}
	return &Client{
		transport: t,
		http: &http.Client{
			Transport: t,
			// The transport makes errors of redirects. Should one get through,
			// the token doesn't follow it.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		url: base.String(),
	}, nil
}

// notInHeader: white space and control characters in credentials are slips of
// the clipboard, and everything beyond ASCII is mangled on the way.
func notInHeader(r rune) bool { return r <= ' ' || r > '~' }

// defaultTransport keeps as many connections as requests run; the standard
// library's keeps two.
func defaultTransport(concurrency int) http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	own := standard.Clone()
	own.MaxIdleConnsPerHost = concurrency
	return own
}

// hideToken returns a function that adds the credentials to a header and one
// that takes them out of a text. Only these know the token.
func hideToken(email, token string) (authorize func(http.Header), redact func(string) string) {
	if token == "" {
		return func(http.Header) {}, func(s string) string { return s }
	}
	basic := base64.StdEncoding.EncodeToString([]byte(email + ":" + token))
	value := "Bearer " + token
	if email != "" {
		value = "Basic " + basic
	}
	authorize = func(h http.Header) { h.Set("Authorization", value) }
	// Heroku's tokens have 36 characters and more. One of a few letters is a
	// test's, and taking it out would make riddles of all texts.
	if len(token) < minSecret {
		return authorize, func(s string) string { return s }
	}
	const hidden = "[token]"
	pairs := []string{basic, hidden, token, hidden}
	for _, s := range []string{url.QueryEscape(token), url.PathEscape(token)} {
		if s != token {
			pairs = append(pairs, s, hidden)
		}
	}
	replacer := strings.NewReplacer(pairs...)
	return authorize, replacer.Replace
}

// minSecret is the length from which on a token is taken out of texts.
const minSecret = 8

// parseBaseURL returns the address to put paths behind. Its errors don't show
// the text, which may hold a password.
func parseBaseURL(s string) (*url.URL, error) {
	if s == "" {
		s = heroku.DefaultURL
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, errors.New("not a URL")
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return nil, errors.New("not an address that begins with https://")
	case u.User != nil:
		return nil, errors.New("it holds a user or a password, which belong into HEROKU_API_KEY or netrc")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("it holds a query or a fragment")
	}
	u = &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(u.Path, "/"), RawPath: strings.TrimRight(u.RawPath, "/")}
	if err := checkPath(u); err != nil {
		return nil, errors.New("its path holds empty parts or dots")
	}
	return u, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// String returns the address of the API.
func (c *Client) String() string {
	if c == nil || c.transport == nil {
		return "platform.Client(none)"
	}
	return "platform.Client(" + printableURL(c.url) + ")"
}

// Format prints String, whatever the verb.
func (c *Client) Format(f fmt.State, _ rune) { io.WriteString(f, c.String()) }

// LogValue returns String for slog.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalJSON returns String as JSON.
func (c *Client) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }

// Service returns a service whose requests go through the client: with its
// credentials, repetitions, request budget and errors, which come wrapped in
// a *url.Error. Each call returns another, for the caller to keep.
//
// Of lists, its methods return all pages, as long as the range is nil or has
// no Max. With a Max they return one page of that size, and there is no way
// to see whether more follow: [List] and [Pages] are better at that. Without
// a range, pages are of 200 elements; List asks for 1000.
//
// Names and ids get into paths as they are. A path with an empty part or with
// dots for one is refused with [ErrInvalidName]; other than that, escape what
// comes from outside.
func (c *Client) Service() *heroku.Service {
	s := heroku.NewService(c.http)
	s.URL = c.url
	return s
}

// Requests returns how many requests have been sent so far, repetitions
// included.
func (c *Client) Requests() int { return int(c.transport.sent.Load()) }

// Left returns how many requests of the account's budget the last answer said
// are left, -1 if none has said so yet.
func (c *Client) Left() int { return c.transport.budget.remaining() }

// CountRequests returns a context and a counter of the requests that any client
// sends with it, repetitions included. It serves to tell one call's requests
// from those of others that share the client.
func CountRequests(ctx context.Context) (context.Context, *atomic.Int64) {
	n := new(atomic.Int64)
	return context.WithValue(ctx, sentKey{}, n), n
}

// Get reads the object at path. Errors are an [APIError] or a [RequestError].
// Parts of path that come from outside have to be escaped.
func Get[T any](ctx context.Context, c *Client, path string) (T, error) {
	var v T
	if err := c.get(ctx, &v, path, nil); err != nil {
		var zero T
		return zero, err
	}
	return v, nil
}

// request is the request of a GET, for its URL and Range.
func (c *Client) request(ctx context.Context, path string, lr *heroku.ListRange) (*http.Request, error) {
	req, err := c.Service().NewRequest(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return nil, &InvalidNameError{Kind: "path", Value: printable.Short(path)}
	}
	if lr != nil {
		lr.SetHeader(req)
	}
	return req, nil
}

// get decodes the answer to a GET into v.
func (c *Client) get(ctx context.Context, v any, path string, lr *heroku.ListRange) error {
	req, err := c.request(ctx, path, lr)
	if err != nil {
		return err
	}
	err = c.Service().Get(ctx, v, path, nil, lr)
	if err == nil {
		return nil
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		// Ours says the same again, and the path without the query.
		switch outer.Err.(type) {
		case *APIError, *RequestError:
			return outer.Err
		}
		return c.transport.fail(req, 0, outer.Err)
	}
	return c.transport.fail(req, 1, fmt.Errorf("decode: %w", err))
}
