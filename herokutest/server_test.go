package herokutest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/herokutest"
)

// send makes a request without a socket and returns the answer and its body.
// What the server answers must follow the API's schema.
func send(t testing.TB, s *herokutest.Server, method, path, body string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://api.heroku.example"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/vnd.heroku+json; version=3")
	req.Header.Set("Authorization", "Bearer token")
	for i := 0; i < len(header); i += 2 {
		if header[i+1] == "" {
			req.Header.Del(header[i])
		} else {
			req.Header.Set(header[i], header[i+1])
		}
	}
	resp, err := s.RoundTrip(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: read the body: %v", method, path, err)
	}
	if resp.StatusCode/100 == 2 {
		log := s.Log()
		checkSchema(t, log[len(log)-1].Route, string(data))
	}
	return resp, string(data)
}

// decode reads a body of the API.
func decode[T any](t testing.TB, body string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("decode %s: %v", body, err)
	}
	return v
}

type object = map[string]any

// read gets one object with status 200.
func read(t testing.TB, s *herokutest.Server, path string) object {
	t.Helper()
	resp, body := send(t, s, "GET", path, "")
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: got %s %s, want 200", path, resp.Status, body)
	}
	return decode[object](t, body)
}

func TestRename(t *testing.T) {
	s := herokutest.New(herokutest.Options{})
	a := s.AddApp(herokutest.App{Name: "old-name", Hostname: "old-name.herokuapp.com"})
	s.AddDomain("old-name", herokutest.Domain{Hostname: "www.example.com"})
	before := read(t, s, "/apps/old-name")

	resp, body := send(t, s, "PATCH", "/apps/"+a.ID, `{"name":"new-name"}`)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("rename: %s %s", resp.Status, body)
	}
	after := read(t, s, "/apps/"+a.ID)
	want := maps.Clone(before)
	want["name"] = "new-name"
	want["git_url"] = "https://git.heroku.com/new-name.git"
	url, _ := after["web_url"].(string)
	if digits, ok := strings.CutPrefix(url, "https://new-name-"); !ok || len(digits) != 12+len(".herokuapp.com/") {
		t.Errorf("web_url: got %q, want the name and 12 digits", url)
	}
	want["web_url"] = url
	want["updated_at"] = after["updated_at"]
	if !maps.EqualFunc(after, want, func(x, y any) bool { return fmt.Sprint(x) == fmt.Sprint(y) }) {
		t.Errorf("after the rename: got %v\nwant %v", after, want)
	}

	resp, body = send(t, s, "GET", "/apps/old-name", "")
	if got := decode[object](t, body); resp.StatusCode != 404 || got["id"] != "not_found" || got["resource"] != "app" || got["message"] != "Couldn't find that app." {
		t.Errorf("old name: got %s %s", resp.Status, body)
	}
	_, body = send(t, s, "GET", "/apps/new-name/domains", "")
	var hosts []string
	for _, d := range decode[[]object](t, body) {
		hosts = append(hosts, d["hostname"].(string))
		if name := d["app"].(object)["name"]; name != "new-name" {
			t.Errorf("domain of %v, want new-name", name)
		}
	}
	slices.Sort(hosts)
	if wantHosts := []string{strings.Trim(strings.TrimPrefix(url, "https:"), "/"), "www.example.com"}; !slices.Equal(hosts, wantHosts) {
		t.Errorf("domains: got %q, want %q", hosts, wantHosts)
	}

	// The old name is free again, for another app.
	b := s.AddApp(herokutest.App{Name: "old-name"})
	if got := read(t, s, "/apps/old-name"); got["id"] != b.ID || b.ID == a.ID {
		t.Errorf("the old name is now %v, want %v, which isn't %v", got["id"], b.ID, a.ID)
	}
	if resp, _ := send(t, s, "PATCH", "/apps/new-name", `{"name":"old-name"}`); resp.StatusCode != 422 {
		t.Errorf("rename to a taken name: got %s, want 422", resp.Status)
	}
	if resp, _ := send(t, s, "PATCH", "/apps/new-name", `{"name":"Bad_Name"}`); resp.StatusCode != 422 {
		t.Errorf("rename to no name: got %s, want 422", resp.Status)
	}
}

func TestPages(t *testing.T) {
	s := herokutest.New(herokutest.Options{})
	want := map[string]bool{}
	for i := range 450 {
		want[s.AddApp(herokutest.App{Name: fmt.Sprintf("app-%03d", i)}).ID] = true
	}
	for _, first := range []string{"", "id ..", "id ..; max=7", "name ..; max=100,order=desc", "name ..; max=13, order=asc",
		"updated_at ..; max=9", "updated_at ..; max=450,order=desc", "id ..; max=1000;"} {
		t.Run(first, func(t *testing.T) {
			got := map[string]bool{}
			pages := 0
			for r := first; ; pages++ {
				resp, body := send(t, s, "GET", "/apps", "", "Range", r)
				for _, a := range decode[[]object](t, body) {
					if got[a["id"].(string)] {
						t.Fatalf("%v came twice", a["name"])
					}
					got[a["id"].(string)] = true
				}
				if resp.Header.Get("Accept-Ranges") != "id, name, updated_at" || resp.Header.Get("Content-Range") == "" {
					t.Fatalf("headers: %v", resp.Header)
				}
				r = resp.Header.Get("Next-Range")
				if want := map[bool]int{true: 206, false: 200}[r != ""]; resp.StatusCode != want {
					t.Fatalf("got %s with Next-Range %q, want %d", resp.Status, r, want)
				}
				if r == "" {
					break
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("%d pages hold %d apps, want all %d", pages+1, len(got), len(want))
			}
		})
	}
}

func TestRangeErrors(t *testing.T) {
	s := herokutest.New(herokutest.Options{})
	for _, tt := range []struct {
		in   string
		want int
		id   string
	}{
		{"id ..; max=10; order=desc", 400, "bad_request"},
		{"..; max=10", 400, "bad_request"},
		{"id", 400, "bad_request"},
		{"id ..; max=0", 400, "bad_request"},
		{"id ..; max=x", 400, "bad_request"},
		{"id ..; order=up", 400, "bad_request"},
		{"id ..5", 400, "bad_request"},
		{"hostname ..; max=10", 416, "requested_range_not_satisfiable"},
		{"id ..; max=1001", 416, "requested_range_not_satisfiable"},
		{"id ..; max=1000", 200, ""},
	} {
		resp, body := send(t, s, "GET", "/apps", "", "Range", tt.in)
		if resp.StatusCode != tt.want || tt.id != "" && decode[object](t, body)["id"] != tt.id {
			t.Errorf("Range %q: got %s %s, want %d %s", tt.in, resp.Status, body, tt.want, tt.id)
		}
	}
}

func TestAccess(t *testing.T) {
	s := herokutest.New(herokutest.Options{Token: "right"})
	a := s.AddApp(herokutest.App{Name: "mine"})
	hidden := s.AddApp(herokutest.App{Name: "hidden"})
	s.Deny("hidden")
	s.DenyAsError("foreign")
	for _, tt := range []struct {
		name, path string
		header     []string
		want       int
		id, text   string // of the error and the key of its text
	}{
		{"bearer", "/apps/mine", []string{"Authorization", "Bearer right"}, 200, "", ""},
		{"basic", "/apps/" + a.ID, []string{"Authorization", "Basic bWU6cmlnaHQ="}, 200, "", ""},
		{"variant", "/apps/mine", []string{"Authorization", "Bearer right", "Accept", "application/vnd.heroku+json; version=3.sdk"}, 200, "", ""},
		{"wrong token", "/apps/mine", []string{"Authorization", "Bearer wrong"}, 401, "unauthorized", "message"},
		{"no token", "/apps/mine", []string{"Authorization", ""}, 401, "unauthorized", "message"},
		{"plain JSON", "/apps/mine", []string{"Authorization", "Bearer right", "Accept", "application/json"}, 406, "not_acceptable", "message"},
		{"unknown app", "/apps/nobody", []string{"Authorization", "Bearer right"}, 404, "not_found", "message"},
		{"unknown route", "/no/such/route", []string{"Authorization", "Bearer right"}, 404, "not_found", "message"},
		{"denied", "/apps/hidden/releases", []string{"Authorization", "Bearer right"}, 403, "forbidden", "message"},
		{"denied by id", "/apps/" + hidden.ID, []string{"Authorization", "Bearer right"}, 403, "forbidden", "message"},
		{"foreign", "/apps/foreign", []string{"Authorization", "Bearer right"}, 403, "forbidden", "error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp, body := send(t, s, "GET", tt.path, "", tt.header...)
			if resp.StatusCode != tt.want {
				t.Fatalf("got %s %s, want %d", resp.Status, body, tt.want)
			}
			if tt.id != "" {
				got := decode[object](t, body)
				if got["id"] != tt.id || got[tt.text] == nil {
					t.Errorf("got %s, want id %s and a text under %s", body, tt.id, tt.text)
				}
			}
		})
	}
	_, body := send(t, s, "GET", "/apps", "", "Authorization", "Bearer right")
	if got := decode[[]object](t, body); len(got) != 1 || got[0]["name"] != "mine" {
		t.Errorf("list of apps: got %s, want only mine", body)
	}
	want := map[string]int{"GET /apps/{app}": 9, "GET /apps/{app}/releases": 1, "GET /apps": 1, "GET /no/such/route": 1}
	if got := s.Requests(); !maps.Equal(got, want) {
		t.Errorf("Requests: got %v, want %v", got, want)
	}
	for _, r := range s.Log() {
		if strings.Contains(fmt.Sprint(r), "right") {
			t.Errorf("the log shows the token: %v", r)
		}
	}
	s.ResetRequests()
	if got, log := s.Requests(), s.Log(); len(got) != 0 || len(log) != 0 {
		t.Errorf("after ResetRequests: got %v, %v", got, log)
	}
}

// A server that is given another's snapshot makes up no identifier that came with
// it, although both start from the same seed.
func TestIdentifiersAfterSnapshot(t *testing.T) {
	add := func(s *herokutest.Server, suffix string) {
		app := s.AddApp(herokutest.App{Name: "app-" + suffix})
		s.AddSlug(app.ID, herokutest.Slug{})
		s.AddBuild(app.ID, herokutest.Build{})
		s.AddLogDrain(app.ID, herokutest.LogDrain{URL: "syslog://example.com:1"})
		s.AddWebhook(app.ID, herokutest.Webhook{URL: "https://example.com", Level: "notify", Include: []string{"api:release"}})
		s.AddSNIEndpoint(app.ID, herokutest.SNIEndpoint{})
		s.AddAddon(herokutest.Addon{App: app.ID, Plan: "heroku-redis:mini"})
		s.AddPipeline(herokutest.Pipeline{Name: "pipeline"})
		s.Deploy(app.ID, "")
	}
	first := herokutest.New(herokutest.Options{})
	add(first, "x")
	first.Rename("app-x", "freed")
	second := herokutest.New(herokutest.Options{})
	if err := second.Seed(first.Snapshot()); err != nil {
		t.Fatal(err)
	}
	add(second, "x") // panics on an identifier that is taken
	third := herokutest.New(herokutest.Options{})
	if err := third.Seed(second.Snapshot()); err != nil {
		t.Fatal(err)
	}
	add(third, "y")

	ids := make(map[string][]string)
	var collect func(path string, v any)
	collect = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if id, ok := v["id"].(string); ok {
				ids[id] = append(ids[id], path)
			}
			for name, member := range v {
				if name == "data" { // of a webhook event: a copy of what stands elsewhere
					continue
				}
				collect(path+"."+name, member)
			}
		case []any:
			for i, element := range v {
				collect(fmt.Sprintf("%s[%d]", path, i), element)
			}
		}
	}
	data, err := json.Marshal(third.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	collect("", doc)
	if len(ids) < 20 {
		t.Errorf("only %d identifiers", len(ids))
	}
	for id, paths := range ids {
		if len(paths) > 1 {
			t.Errorf("%s stands at %v", id, paths)
		}
	}
}
