package platform

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"

	heroku "github.com/heroku/heroku-go/v5"
	"github.com/herokutf/herokutf/internal/printable"
)

// A Client reaches the Platform API. It pages through lists, repeats what
// failed by chance, keeps to the account's request budget, and never has more
// than [Options.Concurrency] requests under way. It can be used from
// many goroutines, and should be shared by them: the budget is common to all.
//
// A nil Client, and one that wasn't made by [New] or [FromEnv], answers
// everything with [ErrNoClient].
//
// Printing, logging or marshalling a Client, and what it prints itself in
// errors and events, leaves the token out.
type Client struct {
	transport *transport
	http      *http.Client
	url       string
}

// check returns ErrNoClient unless the client can be used.
func (c *Client) check() error {
	if c == nil || c.transport == nil {
		return ErrNoClient
	}
	return nil
}

// noClient refuses requests.
type noClient struct{}

func (noClient) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		req.Body.Close()
	}
	return nil, ErrNoClient
}

// String returns the address of the API.
func (c *Client) String() string {
	if c.check() != nil {
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
// dots for one is refused with [ErrInvalidName], and so is one of which a part
// is the token; other than that, escape what comes from outside.
func (c *Client) Service() *heroku.Service {
	if c.check() != nil {
		return heroku.NewService(&http.Client{Transport: noClient{}})
	}
	s := heroku.NewService(c.http)
	s.URL = c.url
	return s
}

// CloseIdleConnections closes the connections that are open for requests to
// come, and asks a Transport of [Options] to do so if it has a method of that
// name. Requests under way go on, and the client can be used again: there is
// nothing else to close.
func (c *Client) CloseIdleConnections() {
	if c.check() == nil {
		closeIdle(c.transport.inner)
	}
}

func closeIdle(rt http.RoundTripper) {
	if closer, ok := rt.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// Credentials returns where the client's token is from.
func (c *Client) Credentials() Credentials {
	if c.check() != nil {
		return Credentials{}
	}
	return c.transport.from.clone()
}

// CheckName refuses a name that is, or looks like, an API token: pasted where
// an app or a pipeline should be named, it would get into messages and
// requests. kind says what it should be, as in [InvalidNameError], which is the
// error and doesn't show it. Paths of requests are checked anyway.
func (c *Client) CheckName(kind, name string) error {
	if looksLikeToken(name) || c.check() == nil && c.transport.secret.is(strings.TrimSpace(name)) {
		return &InvalidNameError{Kind: kind, Secret: true}
	}
	return nil
}

// Requests returns how many requests have been sent so far, repetitions
// included.
func (c *Client) Requests() int {
	if c.check() != nil {
		return 0
	}
	return int(c.transport.sent.Load())
}

// Left returns how many requests of the account's budget the last answer said
// are left, -1 if none has said so yet.
func (c *Client) Left() int {
	if c.check() != nil {
		return unknownLow
	}
	return c.transport.budget.remaining()
}

// CountRequests returns a context and a counter of the requests that any client
// sends with it, repetitions included. It serves to tell one call's requests
// from those of others that share the client.
func CountRequests(ctx context.Context) (context.Context, *atomic.Int64) {
	n := new(atomic.Int64)
	return context.WithValue(ctx, sentKey{}, n), n
}

// Get reads the object at path. Errors are an [APIError], a [RequestError] or
// [ErrNoClient]. Parts of path that come from outside have to be escaped.
func Get[T any](ctx context.Context, c *Client, path string) (T, error) {
	var v, zero T
	req, err := c.request(ctx, path, nil)
	if err != nil {
		return zero, err
	}
	a, err := c.transport.do(req)
	if err != nil {
		return zero, err
	}
	defer a.held.release()
	if err := a.decode(&v); err != nil {
		return zero, c.transport.fail(req, 1, fmt.Errorf("decode: %w", err))
	}
	return v, nil
}

// request is the request of a GET.
func (c *Client) request(ctx context.Context, path string, lr *heroku.ListRange) (*http.Request, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+path, nil)
	if err != nil {
		// Its text has the path, and that can have anything.
		return nil, &InvalidNameError{Kind: "path", Value: printable.Short(c.transport.secret.redact(path))}
	}
	if lr != nil {
		lr.SetHeader(req)
	}
	return req, nil
}
