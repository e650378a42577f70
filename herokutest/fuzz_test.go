package herokutest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/herokutest"
)

// FuzzRequest: whatever comes in, the answer is JSON with a status that the
// API has for it: no panic, no 5xx, and the server can still be copied.
func FuzzRequest(f *testing.F) {
	for _, route := range herokutest.Routes() {
		method, path, _ := strings.Cut(route, " ")
		path = strings.NewReplacer("{app}", "rich", "{team}", "acme", "{space}", "acme-space", "{addon}", "rich-db",
			"{pipeline}", "web", "{release}", "2", "{user}", "~", "{stage}", "test").Replace(path)
		f.Add(method, path, "id ..; max=2", `{"name":"x","updates":[{"type":"web","quantity":-1}],"app":"rich","addon":"rich-db"}`)
	}
	f.Add("GET", "/apps/%2e%2e/%zz", "version ]..[; max=1,order=desc", "")
	f.Add("GET", "/apps", "updated_at ]2026-03-04T05:06:07Z x..", "null")
	f.Add("PATCH", "/apps/rich/config-vars", "", `{"A":null,"\u0000":"\ud800"}`)
	seed := full(f).Snapshot()
	f.Fuzz(func(t *testing.T, method, path, span, body string) {
		s := herokutest.New(herokutest.Options{})
		if err := s.Seed(seed); err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse("https://api.heroku.com" + path)
		if err != nil {
			t.Skip()
		}
		resp, err := s.RoundTrip((&http.Request{
			Method: method, URL: u, Body: io.NopCloser(strings.NewReader(body)),
			Header: http.Header{"Accept": {"application/vnd.heroku+json; version=3"}, "Authorization": {"Bearer x"}, "Range": {span}},
		}).WithContext(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode >= 500 || !json.Valid(data) {
			t.Errorf("%s %s: got %s %q, %v", method, path, resp.Status, data, err)
		}
		if err := herokutest.New(herokutest.Options{}).Seed(s.Snapshot()); err != nil && resp.StatusCode/100 == 2 {
			t.Errorf("%s %s %s: the server holds what it wouldn't take: %v", method, path, body, err)
		}
	})
}
