package herokutest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// apiError is an error answer of the API.
type apiError struct {
	status   int
	id       string
	message  string
	resource string // what wasn't found
	url      string
	asError  bool // spell the message's key "error", as some 403 answers do
}

func (e *apiError) Error() string { return e.message }

func (e *apiError) wire() obj {
	o := obj{"id": e.id}
	if e.asError {
		o["error"] = e.message
	} else {
		o["message"] = e.message
	}
	if e.resource != "" {
		o["resource"] = e.resource
	}
	if e.url != "" {
		o["url"] = e.url
	}
	return o
}

var errRateLimit = &apiError{
	status: http.StatusTooManyRequests, id: "rate_limit",
	message: "Your account reached the API rate limit\nPlease wait a few minutes before making new requests",
	url:     "https://devcenter.heroku.com/articles/platform-api-reference#rate-limits",
}

// errorFor is the error Heroku sends with a status when nothing more is known.
func errorFor(status int) *apiError {
	switch status {
	case http.StatusTooManyRequests:
		return errRateLimit
	case http.StatusUnauthorized:
		return &apiError{status: status, id: "unauthorized", message: "Invalid credentials provided."}
	case http.StatusPaymentRequired:
		return &apiError{status: status, id: "delinquent", message: "This account has an unpaid balance."}
	case http.StatusForbidden:
		return &apiError{status: status, id: "forbidden", message: "You do not have access to this resource."}
	case http.StatusNotFound:
		return &apiError{status: status, id: "not_found", message: "Couldn't find that resource."}
	case http.StatusRequestedRangeNotSatisfiable:
		return &apiError{status: status, id: "requested_range_not_satisfiable", message: "The requested range cannot be satisfied."}
	case http.StatusUnprocessableEntity:
		return &apiError{status: status, id: "invalid_params", message: "The request has invalid parameters."}
	case http.StatusServiceUnavailable:
		return &apiError{status: status, id: "service_unavailable", message: "The service is temporarily unavailable."}
	}
	if status >= 500 {
		return &apiError{status: status, id: "internal_server_error", message: "Internal server error."}
	}
	return &apiError{status: status, id: "bad_request", message: http.StatusText(status)}
}

// notFound is the error for an object that isn't there, by its kind in words.
func notFound(kind string) *apiError {
	resource := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(kind))
	return &apiError{status: http.StatusNotFound, id: "not_found", resource: resource, message: "Couldn't find that " + kind + "."}
}

func invalid(format string, args ...any) *apiError {
	return &apiError{status: http.StatusUnprocessableEntity, id: "invalid_params", message: fmt.Sprintf(format, args...)}
}

func badRequest(format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, id: "bad_request", message: fmt.Sprintf(format, args...)}
}

// refused turns the reason why something is invalid into an answer.
func refused(err error) *apiError {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e
	}
	return invalid("%s", strings.ReplaceAll(err.Error(), "\n", "; "))
}
