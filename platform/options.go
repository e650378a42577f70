package platform

import (
	"cmp"
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
	"time"
	"unicode"

	heroku "github.com/heroku/heroku-go/v5"
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

	// TokenFrom is where [FromEnv] looks for a token. Default: in all places,
	// in their order. [New] doesn't look for any.
	TokenFrom TokenSource

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

	// Limits bound what is taken from a server that never ends. Default: those
	// of the zero Limits.
	Limits Limits

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

// New returns a client. Errors are [ErrInsecure] and faults of single
// options, all of them joined.
func New(opts Options) (*Client, error) {
	var from Credentials
	if strings.TrimSpace(opts.Token) != "" {
		from = Credentials{Source: FromOptions, Place: "Options.Token"}
	}
	return newClient(opts, from)
}

func newClient(opts Options, from Credentials) (*Client, error) {
	base, err := parseBaseURL(opts.BaseURL)
	opts.Token = strings.TrimSpace(opts.Token)
	if err := errors.Join(opts.faults(base, err)...); err != nil {
		return nil, err
	}
	concurrency := cmp.Or(opts.Concurrency, 64)
	limits := opts.Limits.withDefaults()
	t := &transport{
		base:      base,
		inner:     opts.Transport,
		userAgent: cmp.Or(opts.UserAgent, "herokutf heroku-go/"+heroku.Version+" ("+runtime.GOOS+"; "+runtime.GOARCH+")"),
		secret:    hideToken(opts.Email, opts.Token),
		from:      from,
		slots:     semaphore.NewWeighted(int64(concurrency)),
		budget:    newBudget(),
		reach:     newReach(limits.Contact),
		memory:    &memory{most: int64(limits.Memory)},
		reporter:  reporter{f: opts.Progress},
		retries:   max(cmp.Or(opts.Retries, 4), 0),
		backoff:   cmp.Or(opts.Backoff, 500*time.Millisecond),
		maxWait:   max(cmp.Or(opts.MaxWait, 5*time.Minute), 0),
		timeout:   cmp.Or(opts.Timeout, time.Minute),
		limits:    limits,
	}
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

// faults returns what is wrong with the options; base and baseErr are what
// parseBaseURL has made of the address.
func (o Options) faults(base *url.URL, baseErr error) []error {
	var faults []error
	if baseErr != nil {
		faults = append(faults, fmt.Errorf("base URL: %w", baseErr))
	} else if o.Token != "" && base.Scheme != "https" && !isLoopback(base.Hostname()) {
		faults = append(faults, fmt.Errorf("base URL: %w: %s is not https", ErrInsecure, printableURL(base.String())))
	}
	if strings.ContainsFunc(o.Token, notInHeader) {
		faults = append(faults, errors.New("token: it holds characters that a token can't have"))
	}
	if _, err := ParseTokenSource(string(o.TokenFrom)); err != nil {
		faults = append(faults, err)
	}
	if strings.ContainsFunc(o.Email, notInHeader) || strings.Contains(o.Email, ":") {
		faults = append(faults, errors.New("email: it holds characters that an address can't have"))
	}
	if strings.ContainsFunc(o.UserAgent, unicode.IsControl) {
		faults = append(faults, errors.New("user agent: it holds control characters"))
	}
	if o.Concurrency < 0 || o.Backoff < 0 || o.Timeout < 0 {
		faults = append(faults, errors.New("concurrency, backoff and timeout can't be negative"))
	}
	if o.Limits.negative() {
		faults = append(faults, errors.New("limits can't be negative"))
	}
	return faults
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
	if err := checkPath(u, hideToken("", "")); err != nil {
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
