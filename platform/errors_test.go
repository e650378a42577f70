package platform

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/herokutf/herokutf/internal/leaktest"
	"github.com/herokutf/herokutf/internal/printable"
)

func TestAPIError(t *testing.T) {
	sentinels := map[string]error{
		"unauthorized": ErrUnauthorized, "delinquent": ErrDelinquent, "forbidden": ErrForbidden, "suspended": ErrSuspended,
		"two_factor": ErrTwoFactor, "not_found": ErrNotFound, "rate_limit": ErrRateLimited, "unavailable": ErrUnavailable, "redirect": ErrRedirect,
	}
	tests := []struct {
		name   string
		status int
		body   string
		want   APIError // without what is the same in all
		text   string
		is     []string
	}{
		{"404", 404, `{"resource":"app","id":"not_found","message":"Couldn't find that app."}`,
			APIError{ID: "not_found", Message: "Couldn't find that app.", Resource: "app"},
			"404 not_found: Couldn't find that app.", []string{"not_found"}},
		{"403 with message", 403, `{"id":"forbidden","message":"You do not have access to the app x."}`,
			APIError{ID: "forbidden", Message: "You do not have access to the app x."},
			"403 forbidden: You do not have access to the app x.", []string{"forbidden"}},
		{"403 with error", 403, `{"id":"forbidden","error":"You do not have access to the app x."}`,
			APIError{ID: "forbidden", Message: "You do not have access to the app x."},
			"403 forbidden: You do not have access to the app x.", []string{"forbidden"}},
		{"403 with both", 403, `{"id":"forbidden","error":"e","message":"m"}`, APIError{ID: "forbidden", Message: "m"}, "403 forbidden: m", []string{"forbidden"}},
		{"401 with message", 401, `{"id":"unauthorized","message":"Invalid credentials provided."}`,
			APIError{ID: "unauthorized", Message: "Invalid credentials provided."},
			"401 unauthorized: Invalid credentials provided.", []string{"unauthorized"}},
		{"401 with error", 401, `{"id":"unauthorized","error":"Invalid credentials provided."}`,
			APIError{ID: "unauthorized", Message: "Invalid credentials provided."},
			"401 unauthorized: Invalid credentials provided.", []string{"unauthorized"}},
		{"suspended", 403, `{"id":"suspended","message":"m"}`, APIError{ID: "suspended", Message: "m"}, "403 suspended: m", []string{"forbidden", "suspended"}},
		{"two_factor", 403, `{"id":"two_factor","message":"m","app":{"id":"1","name":"a"}}`, APIError{ID: "two_factor", Message: "m"}, "403 two_factor: m", []string{"forbidden", "two_factor"}},
		{"402", 402, `{"id":"delinquent","message":"m"}`, APIError{ID: "delinquent", Message: "m"}, "402 delinquent: m", []string{"delinquent"}},
		{"429", 429, `{"id":"rate_limit","message":"a\nb"}`, APIError{ID: "rate_limit", Message: "a b"}, "429 rate_limit: a b", []string{"rate_limit"}},
		{"503 in HTML", 503, "<!DOCTYPE html><title>secret</title>", APIError{Message: "Service Unavailable"}, "503 Service Unavailable", []string{"unavailable"}},
		{"empty body", 404, "", APIError{Message: "Not Found"}, "404 Not Found", []string{"not_found"}},
		{"array", 422, `["a"]`, APIError{Message: "Unprocessable Entity"}, "422 Unprocessable Entity", nil},
		{"message is an object", 422, `{"id":"invalid_params","message":{"name":["is taken"]}}`,
			APIError{ID: "invalid_params", Message: "Unprocessable Entity"}, "422 invalid_params: Unprocessable Entity", nil},
		{"id is a number", 400, `{"id":7,"message":"m"}`, APIError{Message: "m"}, "400: m", nil},
		{"unknown status", 599, ``, APIError{}, "599", []string{"unavailable"}},
		{"304", 304, ``, APIError{Message: "Not Modified"}, "304 Not Modified", []string{"redirect"}},
		{"200 that says not_found", 200, `{"id":"not_found"}`, APIError{ID: "not_found", Message: "OK"}, "200 not_found: OK", []string{"not_found"}},
		{"terminal codes", 400, `{"id":"a\u001b]0;b","message":"\u001b[31mred\u0007 \u202ertl\u0000"}`,
			APIError{ID: "a]0;b", Message: "[31mred rtl"}, "400 a]0;b: [31mred rtl", nil},
		{"long", 400, `{"message":"` + strings.Repeat("ä", 1000) + `"}`,
			APIError{Message: strings.Repeat("ä", 500) + "…"}, "400: " + strings.Repeat("ä", 500) + "…", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork(answering(tt.status, tt.body, "Request-Id", "r1,r2"))
				c := n.client(t, func(o *Options) { o.MaxWait = -1 })
				_, err := Get[thing](t.Context(), c, "/apps/a/pipeline-couplings?q="+testToken)
				got, ok := err.(*APIError)
				if !ok {
					t.Fatalf("got %T %v, want *APIError", err, err)
				}
				want := tt.want
				want.Method, want.URL, want.Status, want.RequestID = "GET", "/apps/a/pipeline-couplings", tt.status, "r1,r2"
				if diff := cmp.Diff(&want, got, cmpopts.IgnoreFields(APIError{}, "Hint")); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if want := "GET /apps/a/pipeline-couplings: " + tt.text; got.Error() != want {
					t.Errorf("got %q, want %q", got, want)
				}
				if (got.Hint != "") != (len(tt.is) > 0) {
					t.Errorf("hint: got %q", got.Hint)
				}
				wrapped := fmt.Errorf("find renames: %w", &url.Error{Op: "Get", URL: "x", Err: err})
				for name, sentinel := range sentinels {
					if is := errors.Is(wrapped, sentinel); is != slices.Contains(tt.is, name) {
						t.Errorf("errors.Is %s: got %v", name, is)
					}
				}
			})
		})
	}
}

// TestConfigVarsNamedLikeErrors: an app may well have config vars that are
// called id and message.
func TestConfigVarsNamedLikeErrors(t *testing.T) {
	c := newTestServer(t, answers(t, say(200, `{"id":"not_found","message":"m"}`)))
	got, err := Get[map[string]string](t.Context(), c, "/apps/a/config-vars")
	if err != nil || got["id"] != "not_found" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestCleanPath(t *testing.T) {
	base, _ := url.Parse("https://api.example/some/where")
	tests := []struct{ in, want string }{
		{"/apps/a", "/apps/a"},
		{"/apps/a?token=x#y", "/apps/a"},
		{"/apps/a%2Fb", "/apps/a%2Fb"},
		{"/apps/a%1b[31m", "/apps/a%1b[31m"},
		{"/apps/a/log-drains/" + url.PathEscape("syslog+tls://u:p@logs.example:7"), "/apps/a/log-drains/{hidden}"},
		{"/apps/a/log-drains/d.01234567-89ab-cdef-0123-456789abcdef", "/apps/a/log-drains/{hidden}"},
		{"/apps/a/domains/d.example", "/apps/a/domains/d.example"},
	}
	for _, tt := range tests {
		u, err := url.Parse(base.String() + tt.in)
		if err != nil {
			t.Fatal(err)
		}
		if got := cleanPath(base, u); got != tt.want {
			t.Errorf("cleanPath(%q): got %q, want %q", tt.in, got, tt.want)
		}
	}
}

// FuzzErrorBody: an error is one printable line of limited length, whatever
// the body, and never holds the token.
func FuzzErrorBody(f *testing.F) {
	for _, s := range []string{
		``, `{}`, `{"id":"not_found","message":"m","resource":"app"}`, `{"error":"e"}`, `{"message":{"a":1}}`, `[1]`, `"x"`, `null`, `<html>`,
		`{"message":"` + testToken + `","id":"` + testToken + `"}`, "{\"message\":\"\\u001b[2J\xff\"}", strings.Repeat("[", 20000), `{"id":"` + strings.Repeat("x", 3000) + `"}`,
		`{"message":"HRKU-sesame-\u0000012` + `3456789"}`,
	} {
		f.Add([]byte(s), 404)
		f.Add([]byte(s), 503)
	}
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		status = 300 + (status&0xffff)%300
		network := roundTripper(func(req *http.Request) (*http.Response, error) {
			return answering(status, string(body))(req)
		})
		c, err := New(Options{Token: testToken, Transport: network, MaxWait: -1})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Get[thing](t.Context(), c, "/apps/a")
		e, ok := err.(*APIError)
		if !ok || e.Status != status {
			t.Fatalf("got %T %v, want *APIError with %d", err, err, status)
		}
		text := e.Error()
		if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("not one printable line: %q", text)
		}
		if len(text) > 3*printable.MaxLine*utf8.UTFMax {
			t.Errorf("%d bytes", len(text))
		}
		hiding(t, "error", leaktest.Dumps(err)...)
	})
}
