package tfc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/herokutf/herokutf/internal/printable"
)

// An Error is an answer of the service that refuses a request. It holds nothing of
// the token.
type Error struct {
	Method, Path string // of the request
	Status       int
	Message      string // what the service says of it, on one line; may be ""
}

// Error says which request was refused, and why.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s %s: %d %s", e.Method, e.Path, e.Status, http.StatusText(e.Status))
	if e.Message != "" {
		s += ": " + e.Message
	}
	switch e.Status {
	case http.StatusUnauthorized:
		s += "; the token isn't valid there"
	case http.StatusNotFound:
		s += "; it isn't there, or the token may not see it"
	}
	return s
}

func isStatus(err error, status int) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == status
}

// errAnswer is for an answer that isn't the service's.
var errAnswer = errors.New("the answer isn't one of HCP Terraform: check the address")

const (
	attempts   = 4
	firstPause = time.Second
	answerTime = 30 * time.Second
	maxAnswer  = 16 << 20
	maxPages   = 100
)

type client struct {
	http   http.Client
	base   *url.URL
	token  string
	redact func(string) string // takes the token out of a text
}

func newClient(opts Options) (*client, error) {
	base, err := opts.base()
	if err != nil {
		return nil, err
	}
	c := &client{base: base, token: opts.Token, redact: printable.Redactor("(the token)", opts.Token)}
	c.http.Transport = opts.Transport
	c.http.Timeout = answerTime
	// The token goes to the host that it is for, and nowhere else.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

// A document is one object in the form of JSON:API.
type document[T any] struct {
	Data struct {
		ID         string `json:"id,omitempty"`
		Type       string `json:"type"`
		Attributes T      `json:"attributes"`
	} `json:"data"`
}

// identifier is what an id of the service looks like.
var identifier = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// variables lists those of a workspace, all pages of them.
func (c *client) variables(ctx context.Context, path string) ([]variable, error) {
	var all []variable
	for page := 1; page <= maxPages; page++ {
		var in struct {
			Data []struct {
				ID         string     `json:"id"`
				Attributes attributes `json:"attributes"`
			} `json:"data"`
			Meta struct {
				Pagination struct {
					Next *int `json:"next-page"`
				} `json:"pagination"`
			} `json:"meta"`
		}
		query := ""
		if page > 1 {
			query = "?page%5Bnumber%5D=" + strconv.Itoa(page)
		}
		if err := c.do(ctx, http.MethodGet, path+query, nil, &in); err != nil {
			return nil, err
		}
		if in.Data == nil {
			return nil, errAnswer
		}
		for _, v := range in.Data {
			if !identifier.MatchString(v.ID) {
				return nil, errAnswer
			}
			all = append(all, variable{v.ID, v.Attributes})
		}
		if next := in.Meta.Pagination.Next; next == nil || *next <= page {
			return all, nil
		}
	}
	return nil, fmt.Errorf("the list has more than %d pages", maxPages)
}

// do sends a request, again where that can't do anything twice, and reads the answer
// into out unless it is nil.
func (c *client) do(ctx context.Context, method, path string, body []byte, out any) error {
	for attempt := 1; ; attempt++ {
		again, err := c.once(ctx, method, path, body, out)
		if !again || attempt == attempts {
			return err
		}
		select {
		case <-time.After(firstPause << (attempt - 1)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// once sends a request. again says that it failed in a way that passes.
func (c *client) once(ctx context.Context, method, path string, body []byte, out any) (again bool, err error) {
	address := c.base.Scheme + "://" + c.base.Host + "/api/v2/" + path
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", "application/vnd.api+json")
	req.Header.Set("User-Agent", "herokutf")
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		return method != http.MethodPost, c.hide(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return method != http.MethodPost, fmt.Errorf("%s %s: read the answer: %w", method, printable.Short(path), c.hide(err))
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		again = resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500 && method != http.MethodPost
		return again, &Error{Method: method, Path: path, Status: resp.StatusCode, Message: c.message(text)}
	}
	if out != nil && json.Unmarshal(text, out) != nil {
		return false, fmt.Errorf("%s %s: %w", method, printable.Short(path), errAnswer)
	}
	return false, nil
}

// message is what the service says of an error.
func (c *client) message(text []byte) string {
	var in struct {
		Errors []struct {
			Title  string `json:"title"`
			Detail string `json:"detail"`
		} `json:"errors"`
	}
	_ = json.Unmarshal(text, &in) // a web page says nothing
	var parts []string
	for _, e := range in.Errors {
		part := e.Detail
		if part == "" {
			part = e.Title
		}
		if part != "" && !strings.EqualFold(part, "not found") {
			parts = append(parts, part)
		}
	}
	return printable.Line(strings.Join(parts, "; "), c.redact)
}

// hide takes the token out of an error, should anybody have put it there.
func (c *client) hide(err error) error {
	if text := c.redact(err.Error()); text != err.Error() {
		return errors.New(text)
	}
	return err
}
