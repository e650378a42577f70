package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/platform"
)

// few is how many problems are listed one by one, whatever they are.
const few = 3

// problems returns the problems that are joined in err, each with what else is
// wrapped around it left out; nil if there are none.
func problems(err error) []*herokutf.SlugError {
	switch err := err.(type) {
	case *herokutf.SlugError:
		return []*herokutf.SlugError{err}
	case interface{ Unwrap() error }:
		return problems(err.Unwrap())
	case interface{ Unwrap() []error }:
		var all []*herokutf.SlugError
		for _, err := range err.Unwrap() {
			all = append(all, problems(err)...)
		}
		return all
	}
	return nil
}

// summary is what to say of problems, with those that have the same cause on one
// line; all is what the error says itself.
func summary(problems []*herokutf.SlugError, all string) string {
	var order []string
	alike := make(map[string][]*herokutf.SlugError)
	for _, p := range problems {
		why := requestCause(p.Err)
		if why == "" {
			why = p.Error()
		}
		if alike[why] == nil {
			order = append(order, why)
		}
		alike[why] = append(alike[why], p)
	}
	if len(problems) <= few || len(order) == len(problems) {
		return all
	}
	var b strings.Builder
	fmt.Fprintf(&b, "resolve slugs: %d problems:", len(problems))
	for _, why := range order {
		group := alike[why]
		fmt.Fprintf(&b, "\n\t%v", group[0])
		if len(group) > 1 {
			fmt.Fprintf(&b, " (and %d more alike)", len(group)-1)
		}
	}
	return b.String()
}

// ofRequest is what differs between requests that fail alike.
var ofRequest = regexp.MustCompile(`[A-Z]+ /\S*: (\d+ attempts: )?|\S+->`)

// requestCause is why a request failed, without what is the request's alone; ""
// if none did.
func requestCause(err error) string {
	if failed, ok := errors.AsType[*platform.RequestError](err); ok {
		return ofRequest.ReplaceAllString(failed.Error(), "")
	}
	// Not found, or no access, is said of each.
	if answer, ok := errors.AsType[*platform.APIError](err); ok && (errors.Is(err, platform.ErrUnavailable) || errors.Is(err, platform.ErrUnauthorized) || errors.Is(err, platform.ErrRateLimited)) {
		return ofRequest.ReplaceAllString(answer.Error(), "")
	}
	return ""
}
