package platform

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/herokutf/herokutf/internal/provider"
)

// What the API can answer instead of what was asked for. An [APIError]
// matches those that apply to it, through errors.Is.
var (
	// ErrUnauthorized: status 401. The token is missing, wrong or expired.
	ErrUnauthorized = errors.New("not authorized")

	// ErrDelinquent: status 402. The account or team has unpaid invoices.
	ErrDelinquent = errors.New("payment required")

	// ErrForbidden: status 403, whatever the reason. The thing exists, but
	// not for this account. [ErrSuspended] and [ErrTwoFactor] are special
	// cases of it.
	ErrForbidden = errors.New("no access")

	// ErrSuspended: the app or the account is suspended.
	ErrSuspended = errors.New("suspended")

	// ErrTwoFactor: the app asks for a second factor, which a token alone
	// doesn't give.
	ErrTwoFactor = errors.New("second factor needed")

	// ErrNotFound: status 404. Nothing has this name or id; it may be
	// deleted, renamed, or hidden from this account.
	ErrNotFound = errors.New("not found")

	// ErrRateLimited: status 429, or a wait for the account's request budget
	// that would take longer than [Options.MaxWait].
	ErrRateLimited = errors.New("request budget used up")

	// ErrUnavailable: status 500 or above.
	ErrUnavailable = errors.New("service unavailable")

	// ErrRedirect: status 3xx. Redirects aren't followed, since the token
	// would travel along.
	ErrRedirect = errors.New("redirected")
)

// What can be wrong with an answer that the API calls a success. A
// [RequestError] unwraps to these.
var (
	// ErrBadAnswer: the body is empty, cut off or not JSON.
	ErrBadAnswer = errors.New("unusable answer")

	// ErrTooLarge: an answer or a list is larger than this package reads.
	ErrTooLarge = errors.New("answer too large")

	// ErrPaging: a list can't be read to its end, as its pages don't lead
	// there. A part of a list is never returned for the whole.
	ErrPaging = errors.New("pages of the list don't add up")
)

// What can keep an answer from coming. A [RequestError] unwraps to these.
var (
	// ErrTooSlow: no answer, or not all of it, in the time that this package
	// gives it. The end of the caller's own context is another error.
	ErrTooSlow = errors.New("too slow")

	// ErrUnreachable: the API has never answered this client, and one attempt
	// on behalf of all requests has failed. All of them get the same
	// *[RequestError], so that it can be counted as one.
	ErrUnreachable = errors.New("the API can't be reached")
)

// What is refused before a request is sent.
var (
	// ErrNoClient: the client is nil, or wasn't made by [New] or [FromEnv].
	ErrNoClient = errors.New("no client")

	// ErrNoCredentials: there is no token where [FromEnv] looks for one.
	ErrNoCredentials = errors.New("no Heroku credentials")

	// ErrInsecure: the token would be sent without encryption to another
	// machine.
	ErrInsecure = errors.New("refusing to send the token unencrypted")

	// ErrForeignHost: the request is for another place than
	// [Options.BaseURL]; the token doesn't go there.
	ErrForeignHost = errors.New("refusing to send the token to another host")

	// ErrInvalidName: a name or an id can't be one, so that it doesn't get
	// into the path of a request.
	ErrInvalidName = errors.New("not a valid name or id")
)

// An APIError is an answer of the API with a status other than 2xx. Its texts
// come from the server, with control characters and the client's own token
// taken out. It matches the sentinels through errors.Is, wrapped in a
// *url.Error or not.
//
// Statuses and ids are those of "Client error responses" in the Platform API
// reference.
type APIError struct {
	Method    string // GET, POST, ...
	URL       string // path of the request below the base URL, without query; parts that hold credentials are replaced by "{hidden}"
	Status    int    // HTTP status
	ID        string // Heroku's id of the error, like not_found; "" if the body has none
	Message   string // Heroku's message, from the body's "message" or "error"; the status's own text if the body has none or isn't JSON
	Resource  string // what wasn't found, like app or add_on; often ""
	RequestID string // Request-Id of the answer, for Heroku's support

	// RetryAfter is how long the answer asks to wait; 0 if it doesn't say, or
	// says what makes no sense: a time that is over, or more than an hour.
	RetryAfter time.Duration

	Hint string // what to do next; "" if nothing general can be said
}

func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d", e.Method, e.URL, e.Status)
	if e.ID != "" {
		b.WriteString(" " + e.ID)
	}
	switch {
	case e.Message == "":
	case e.ID == "" && e.Message == http.StatusText(e.Status):
		b.WriteString(" " + e.Message)
	default:
		b.WriteString(": " + e.Message)
	}
	return b.String()
}

// Is says whether target is a sentinel that applies to the answer.
func (e *APIError) Is(target error) bool {
	switch target {
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized
	case ErrDelinquent:
		return e.Status == http.StatusPaymentRequired || e.ID == "delinquent"
	case ErrForbidden:
		return e.Status == http.StatusForbidden
	case ErrSuspended:
		return e.ID == "suspended"
	case ErrTwoFactor:
		return e.ID == "two_factor"
	case ErrNotFound:
		return e.Status == http.StatusNotFound || e.ID == "not_found"
	case ErrRateLimited:
		return e.Status == http.StatusTooManyRequests || e.ID == "rate_limit"
	case ErrUnavailable:
		return e.Status >= 500
	case ErrRedirect:
		return e.Status/100 == 3
	}
	return false
}

// A RequestError is a request that got no answer that can be used: the
// connection failed or timed out, or the answer was cut off, not JSON, too
// large or part of a list without an end. Err unwraps to what happened:
// [ErrBadAnswer], [ErrTooLarge], [ErrPaging], [ErrTooSlow], [ErrUnreachable],
// [ErrRateLimited], [ErrForeignHost], [ErrInvalidName], the context's error and
// its cause, or the network's.
type RequestError struct {
	Method   string // "" if it is about all requests, as with ErrUnreachable
	URL      string // as in APIError; the address of the API if it is about all requests
	Attempts int    // how often it was sent
	Hint     string // what to do next; "" if nothing general can be said
	Err      error  `json:"-"`

	text string // Err's text, cleaned
}

func (e *RequestError) Error() string {
	text := e.text
	if text == "" && e.Err != nil {
		text = e.Err.Error()
	}
	if e.Attempts > 1 {
		text = fmt.Sprintf("%d attempts: %s", e.Attempts, text)
	}
	return fmt.Sprintf("%s %s: %s", cmp.Or(e.Method, "reach"), e.URL, text)
}

// Unwrap returns Err.
func (e *RequestError) Unwrap() error { return e.Err }

// GoString keeps what %#v would print of Err, which is not cleaned, to
// Error's text.
func (e *RequestError) GoString() string { return fmt.Sprintf("&platform.RequestError{%q}", e.Error()) }

// An InvalidNameError is a name or an id that can't be one. It unwraps to
// [ErrInvalidName].
type InvalidNameError struct {
	Kind   string // what it should be: "UUID", "app name", "path segment", ...
	Value  string // shortened when long
	Secret bool   // it is, or looks like, an API token; Value is "" then
}

func (e *InvalidNameError) Error() string {
	if e.Secret {
		return fmt.Sprintf("an API token stands where the %s should be", e.Kind)
	}
	return fmt.Sprintf("%q is not a valid %s", e.Value, e.Kind)
}

// Unwrap returns ErrInvalidName.
func (e *InvalidNameError) Unwrap() error { return ErrInvalidName }

// A CredentialsError says why credentials couldn't be read. It shows where,
// and nothing of what stands there.
type CredentialsError struct {
	Source string // file or environment variable
	Line   int    // line of the fault in the file, from 1; 0 if it isn't in a line
	Hint   string
	Notes  []string // what was passed over before, as in Credentials
	Err    error    `json:"-"`
}

func (e *CredentialsError) Error() string {
	text := fmt.Sprintf("%s: %v", e.Source, e.Err)
	if e.Line > 0 {
		text = fmt.Sprintf("%s:%d: %v", e.Source, e.Line, e.Err)
	}
	if len(e.Notes) > 0 {
		text += " (" + strings.Join(e.Notes, "; ") + ")"
	}
	return text
}

// Unwrap returns Err.
func (e *CredentialsError) Unwrap() error { return e.Err }

// unreachable marks the error of all requests.
type unreachable struct{ error }

func (e unreachable) Is(target error) bool { return target == ErrUnreachable }
func (e unreachable) Unwrap() error        { return e.error }

// ended is the end of a context whose cause says more than the context.
type ended struct{ cause, err error }

func (e ended) Error() string   { return e.cause.Error() }
func (e ended) Unwrap() []error { return []error{e.cause, e.err} }

// endOf is why ctx has ended. A bound of this package isn't the end of the
// caller's own time, and doesn't match it.
func endOf(ctx context.Context) error {
	cause, err := context.Cause(ctx), ctx.Err()
	if _, ours := cause.(*LimitError); ours || cause == err {
		return cause
	}
	return ended{cause, err}
}

// errorBody is what the body of an error says: "message" as a rule, "error"
// in some 403 answers, and anything at all from routers and proxies.
type errorBody struct {
	id, message, resource string
}

func parseErrorBody(data []byte) errorBody {
	var fields map[string]json.RawMessage
	// What isn't JSON, or something else than an object, has none of the fields, and
	// what isn't a text says nothing.
	json.Unmarshal(data, &fields)
	text := func(raw json.RawMessage) (s string) {
		json.Unmarshal(raw, &s)
		return s
	}
	b := errorBody{
		id:       text(fields["id"]),
		message:  text(fields["message"]),
		resource: text(fields["resource"]),
	}
	if b.message == "" {
		b.message = text(fields["error"])
	}
	return b
}

// cleanPath is the path of a request for messages: below the base, without
// query, and without the segments that are credentials themselves. A log
// drain, for one, can be addressed by its URL with a password, or its token.
func cleanPath(base, u *url.URL) string {
	path := strings.TrimPrefix(u.EscapedPath(), strings.TrimSuffix(base.EscapedPath(), "/"))
	segments := strings.Split(path, "/")
	for i, s := range segments {
		plain, err := url.PathUnescape(s)
		if err != nil || strings.Contains(plain, "://") || isDrainToken(plain) {
			segments[i] = "{hidden}"
		}
	}
	return strings.Join(segments, "/")
}

func isDrainToken(s string) bool {
	id, ok := strings.CutPrefix(s, "d.")
	return ok && provider.IsUUID(id)
}
