package tfc_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/faketfc"
	"github.com/herokutf/herokutf/internal/leaktest"
	"github.com/herokutf/herokutf/tfc"
)

// direct leads to a handler without a network.
func direct(h http.Handler) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result(), nil
	}
}

// reply is an answer of the service's.
func reply(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// marked is the description of a variable that Push has made.
const marked = "herokutf slugs: pipeline api."

// TestPushAgain: a request is sent again where that can't do anything twice, after
// pauses that double, four times in all.
func TestPushAgain(t *testing.T) {
	broken := errors.New("broken, with Bearer " + token)
	status := func(code int) roundTrip {
		return func(*http.Request) (*http.Response, error) { return reply(code, "{}"), nil }
	}
	faults := []struct {
		name        string
		fault       roundTrip
		again, post bool // whether it is sent again, and if it is a POST
		says        string
	}{
		{"199", status(199), false, false, "199 "},
		{"300", status(300), false, false, "300 Multiple Choices"},
		{"400", status(400), false, false, "400 Bad Request"},
		{"499", status(499), false, false, "499 "},
		{"429", status(429), true, true, "429 Too Many Requests"},
		{"500", status(500), true, false, "500 Internal Server Error"},
		{"503", status(503), true, false, "503 Service Unavailable"},
		{"no answer", func(*http.Request) (*http.Response, error) { return nil, broken }, true, false, "broken, with Bearer (the token)"},
		{"an answer that breaks off", func(*http.Request) (*http.Response, error) {
			resp := reply(200, "")
			resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"data":`), iotest.ErrReader(broken)))
			return resp, nil
		}, true, false, "read the answer: broken, with Bearer (the token)"},
	}
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete} {
		for _, tt := range faults {
			for _, times := range []int{1, 3, 4} {
				synctest.Test(t, func(t *testing.T) {
					fake := &faketfc.Server{Token: token, Workspace: "acme/production"}
					for _, stage := range []string{"development", "production"} {
						fake.Set(faketfc.Variable{Key: "api_slug_" + stage, Value: "old", Category: "terraform", Description: marked})
					}
					sent := 0
					opts := tfc.Options{Token: token, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
						if r.Header.Get("User-Agent") != "herokutf" {
							t.Errorf("the user agent is %q", r.Header.Get("User-Agent"))
						}
						if r.Method == method && (method != http.MethodGet || strings.Contains(r.URL.Path, "/organizations/")) {
							if sent++; sent <= times {
								return tt.fault(r)
							}
						}
						return direct(fake)(r)
					})}
					start := time.Now()
					result, err := tfc.Push(t.Context(), opts, "acme/production", slugs(map[string]string{"production": "new", "staging": "new"}))
					again := tt.again && (tt.post || method != http.MethodPost)
					want, pause := 1, time.Duration(0)
					for again && want <= times && want < 4 {
						pause += time.Second << (want - 1)
						want++
					}
					if sent != want || time.Since(start) != pause {
						t.Errorf("%s, %s %d times: sent %d times, want %d; in %v, want %v", method, tt.name, times, sent, want, time.Since(start), pause)
					}
					if again && times < 4 {
						if err != nil || result.String() != "1 created, 1 updated, 0 unchanged, 1 removed" || len(fake.Variables()) != 2 {
							t.Errorf("%s, %s %d times: %v, %v", method, tt.name, times, result, err)
						}
						return
					}
					if err == nil || !strings.Contains(err.Error(), tt.says) {
						t.Errorf("%s, %s %d times: got %v, want %q", method, tt.name, times, err, tt.says)
					}
					for _, text := range leaktest.Dumps(err) {
						if strings.Contains(text, token) {
							t.Errorf("%s, %s: the token is shown", method, tt.name)
						}
					}
				})
			}
		}
	}
}

// A body is an answer's that notes that it was closed.
type body struct {
	io.Reader
	open *int
}

func (b body) Close() error {
	*b.open--
	return nil
}

// TestPushCloses: each answer is closed, whatever it says.
func TestPushCloses(t *testing.T) {
	fake := &faketfc.Server{Token: token, Workspace: "acme/production"}
	open, sent := 0, 0
	opts := tfc.Options{Token: token, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		resp, err := direct(fake)(r)
		open++
		sent++
		resp.Body = body{resp.Body, &open}
		return resp, err
	})}
	for _, value := range []string{"1", "2"} {
		if _, err := tfc.Push(t.Context(), opts, "acme/production", slugs(map[string]string{"production": value})); err != nil {
			t.Error(err)
		}
	}
	if _, err := tfc.Push(t.Context(), opts, "acme/other", slugs(nil)); err == nil {
		t.Error("another workspace: no error")
	}
	if open != 0 || sent != 7 {
		t.Errorf("of %d answers %d are open", sent, open)
	}
}

// TestPushStatus: each status from 200 to 299 is one of success.
func TestPushStatus(t *testing.T) {
	for _, status := range []int{200, 201, 299} {
		fake := &faketfc.Server{Token: token, Workspace: "acme/production"}
		result, err := tfc.Push(t.Context(), tfc.Options{Token: token, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := direct(fake)(r)
			resp.StatusCode = status
			return resp, err
		})}, "acme/production", slugs(map[string]string{"production": "1"}))
		if err != nil || len(result.Created) != 1 {
			t.Errorf("%d: %v, %v", status, result, err)
		}
	}
}

// TestPushGone: what somebody else has removed meanwhile is removed.
func TestPushGone(t *testing.T) {
	fake := &faketfc.Server{Token: token, Workspace: "acme/production"}
	fake.Set(faketfc.Variable{Key: "api_slug_staging", Category: "terraform", Description: marked})
	fake.Fail = func(method, _ string) int {
		if method == http.MethodDelete {
			return 404
		}
		return 0
	}
	result, err := tfc.Push(t.Context(), tfc.Options{Token: token, Transport: direct(fake)}, "acme/production", slugs(nil))
	if err != nil || !slices.Equal(result.Removed, []string{"api_slug_staging"}) {
		t.Errorf("got %v, %v", result, err)
	}
}

// TestPushEnds: the end of the context ends a push at once, and an answer that doesn't
// come isn't waited for without end.
func TestPushEnds(t *testing.T) {
	values := slugs(map[string]string{"production": "1"})
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		for _, when := range []string{"while it is sent", "in a pause"} {
			synctest.Test(t, func(t *testing.T) {
				fake := &faketfc.Server{Token: token, Workspace: "acme/production"}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				sent := 0
				_, err := tfc.Push(ctx, tfc.Options{Token: token, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					if r.Method != method {
						return direct(fake)(r)
					}
					sent++
					if when == "in a pause" {
						time.AfterFunc(500*time.Millisecond, cancel)
						return reply(429, ""), nil
					}
					cancel()
					return nil, errors.New("broken")
				})}, "acme/production", values)
				if !errors.Is(err, context.Canceled) || sent != 1 {
					t.Errorf("%s, %s: %v, sent %d times", method, when, err, sent)
				}
			})
		}
	}
	synctest.Test(t, func(t *testing.T) {
		_, err := tfc.Push(t.Context(), tfc.Options{Token: token, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}, "acme/production", values)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("no answer: %v", err)
		}
	})
}

// TestPushRefused: an error says what was refused, and what the service says of it.
func TestPushRefused(t *testing.T) {
	for _, tt := range []struct{ body, want string }{
		{``, ""},
		{`<html>`, ""},
		{`{"errors":[]}`, ""},
		{`{"errors":[{"title":"a title"},{"title":"x","detail":"a detail"},{"title":"Not Found"},{"detail":"not found"},{}]}`, "a title; a detail"},
		{`{"errors":[{"detail":"two\nlines, with ` + token + `"}]}`, "two lines, with (the token)"},
	} {
		_, err := tfc.Push(t.Context(), tfc.Options{Token: token, Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			return reply(422, tt.body), nil
		})}, "acme/production", slugs(nil))
		e, ok := errors.AsType[*tfc.Error](err)
		if want := (tfc.Error{Method: "GET", Path: "organizations/acme/workspaces/production", Status: 422, Message: tt.want}); !ok || *e != want {
			t.Errorf("%s: got %+v, want %+v", tt.body, e, want)
		}
		want := "GET organizations/acme/workspaces/production: 422 Unprocessable Entity"
		if tt.want != "" {
			want += ": " + tt.want
		}
		if ok && e.Error() != want {
			t.Errorf("%s: got %q, want %q", tt.body, e, want)
		}
	}
}

// TestPushPages: the pages of the list are followed to the end, and what isn't a list of
// the service's is none.
func TestPushPages(t *testing.T) {
	id := func(n int) string { return strings.Repeat("v", n) }
	one := func(id, next string) string {
		return fmt.Sprintf(`{"data":[{"id":%q,"attributes":{"key":"x","category":"terraform"}}],"meta":{"pagination":{"next-page":%s}}}`, id, next)
	}
	next := func(n int) string { return fmt.Sprint(n + 1) }
	for _, tt := range []struct {
		name  string
		space string // the workspace's id
		page  func(n int) string
		pages int    // that are asked for
		says  string // "" for no error
	}{
		{"one", "ws-1", func(int) string { return one(id(64), "null") }, 1, ""},
		{"none", "ws-1", func(int) string { return `{"data":[]}` }, 1, ""},
		{"three", "ws-1", func(n int) string { return one("v", []string{"2", "3", "null"}[n-1]) }, 3, ""},
		{"one that leads to itself", "ws-1", func(n int) string { return one("v", []string{"2", "2"}[n-1]) }, 2, ""},
		{"one that leads back", "ws-1", func(n int) string { return one("v", []string{"2", "1"}[n-1]) }, 2, ""},
		{"a hundred", "ws-1", func(n int) string {
			if n == 100 {
				return one("v", "null")
			}
			return one("v", next(n))
		}, 100, ""},
		{"without end", "ws-1", func(n int) string { return one("v", next(n)) }, 100, "more than 100 pages"},
		{"an id that is too long", "ws-1", func(int) string { return one(id(65), "null") }, 1, "check the address"},
		{"an id that leads elsewhere", "ws-1", func(int) string { return one("../x", "null") }, 1, "check the address"},
		{"no list", "ws-1", func(int) string { return `{}` }, 1, "check the address"},
		{"no JSON", "ws-1", func(int) string { return `[` }, 1, "GET workspaces/ws-1/vars: the answer isn't one"},
		{"a workspace without an id", "", nil, 0, "look for the workspace acme/production: the answer isn't one"},
		{"a workspace whose id leads elsewhere", "../x", nil, 0, "check the address"},
	} {
		pages := 0
		_, err := tfc.Push(t.Context(), tfc.Options{Token: token, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if !strings.HasSuffix(r.URL.Path, "/vars") {
				return reply(200, fmt.Sprintf(`{"data":{"id":%q}}`, tt.space)), nil
			}
			pages++
			query := ""
			if pages > 1 {
				query = fmt.Sprint("page%5Bnumber%5D=", pages)
			}
			if r.URL.RawQuery != query {
				t.Errorf("%s: page %d is asked for by %q", tt.name, pages, r.URL.RawQuery)
			}
			return reply(200, tt.page(pages)), nil
		})}, "acme/production", slugs(nil))
		if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) || pages != tt.pages {
			t.Errorf("%s: %d pages, %v; want %d, %q", tt.name, pages, err, tt.pages, tt.says)
		}
	}
}

// TestPushOrder: what is done, and reported, is in the order of the names, and what a
// variable is otherwise stays, or becomes what Push makes.
func TestPushOrder(t *testing.T) {
	fake := &faketfc.Server{Token: token, Workspace: "acme/production"}
	opts := tfc.Options{Token: token, Transport: direct(fake)}
	push := func(variables []faketfc.Variable, stages ...string) *tfc.Result {
		t.Helper()
		for _, v := range variables {
			v.Category, v.Description = "terraform", marked
			fake.Set(v)
		}
		s := slugs(nil)
		s.Stages = []string{"a", "b", "c"}
		for _, stage := range stages {
			more := slugs(map[string]string{stage: "new"})
			s.Artifacts = append(s.Artifacts, more.Artifacts...)
		}
		result, err := tfc.Push(t.Context(), opts, "acme/production", s)
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	abc := []string{"api_slug_a", "api_slug_b", "api_slug_c"}
	for _, step := range []struct {
		stages []string
		want   *tfc.Result
	}{
		{[]string{"c", "a", "b"}, &tfc.Result{Created: abc}},
		{[]string{"b", "c", "a"}, &tfc.Result{Unchanged: abc}},
		{nil, &tfc.Result{Removed: abc}},
	} {
		if diff := cmp.Diff(step.want, push(nil, step.stages...)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	there := []faketfc.Variable{{Key: "api_slug_c", Value: "old"}, {Key: "api_slug_b", Value: "new", HCL: true}, {Key: "api_slug_a", Sensitive: true}}
	if diff := cmp.Diff(&tfc.Result{Updated: abc}, push(there, "b", "a", "c")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, v := range fake.Variables() {
		if v.Value != "new" || v.HCL || v.Sensitive != (v.Key == "api_slug_a") || !strings.HasPrefix(v.Description, "herokutf slugs: pipeline api, stage ") {
			t.Errorf("got %+v", v)
		}
	}
	// They are removed in the order of their names, whatever order they are listed in.
	for _, stage := range []string{"c", "b", "a"} {
		fake.Set(faketfc.Variable{Key: "web_slug_" + stage, Category: "terraform", Description: marked})
	}
	s := slugs(nil)
	s.Pipelines[0].Name, s.Pipelines[0].Ref = "web", "web"
	s.Stages = []string{"a", "b", "c"}
	result, err := tfc.Push(t.Context(), opts, "acme/production", s)
	if err != nil || !slices.Equal(result.Removed, []string{"web_slug_a", "web_slug_b", "web_slug_c"}) {
		t.Errorf("got %v, %v", result, err)
	}

	// All that were set by hand are named, in order.
	for _, stage := range []string{"b", "a"} {
		fake.Set(faketfc.Variable{Key: "web_slug_" + stage, Category: "terraform", Description: "mine"})
	}
	for _, stage := range []string{"b", "a"} {
		more := slugs(map[string]string{stage: "new"})
		more.Artifacts[0].Variable = "web_slug_" + stage
		s.Artifacts = append(s.Artifacts, more.Artifacts...)
	}
	if _, err := tfc.Push(t.Context(), opts, "acme/production", s); !errors.Is(err, tfc.ErrForeign) || !strings.Contains(err.Error(), "set the variables of acme/production: not set by herokutf: web_slug_a, web_slug_b: delete") {
		t.Errorf("got %v", err)
	}
	if _, err := tfc.Push(t.Context(), opts, "acme/production", nil); err == nil {
		t.Error("no slugs: no error")
	}
}

// TestAddresses: the token goes by https, or stays on this machine.
func TestAddresses(t *testing.T) {
	for _, tt := range []struct {
		address string
		host    string // "" for an error
	}{
		{"", "app.terraform.io"},
		{"https://tfe.example.com", "tfe.example.com"},
		{"https://tfe.example.com/", "tfe.example.com"},
		{"https://tfe.example.com:8443", "tfe.example.com:8443"},
		{"http://localhost", "localhost"},
		{"http://127.0.0.1:8080", "127.0.0.1:8080"},
		{"http://[::1]:8080", "[::1]:8080"},
		{"http://10.0.0.1", ""},
		{"http://localhost.example.com", ""},
		{"http://127.0.0.1.example.com", ""},
		{"http://app.terraform.io", ""},
		{"ftp://localhost", ""},
		{"ftp://tfe.example.com", ""},
		{"https://", ""},
		{"https:///x", ""},
		{"tfe.example.com", ""},
		{"https://u:hunter2@tfe.example.com", ""},
		{"https://hunter2@tfe.example.com", ""},
		{"https://tfe.example.com/hunter2", ""},
		{"https://tfe.example.com?token=hunter2", ""},
		{"https://tfe.example.com/%zz", ""},
	} {
		sent := ""
		opts := tfc.Options{Address: tt.address, Token: token, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			sent = r.URL.Host
			return reply(404, ""), nil
		})}
		_, err := tfc.Push(t.Context(), opts, "acme/production", slugs(nil))
		if _, answered := errors.AsType[*tfc.Error](err); sent != tt.host || answered != (tt.host != "") {
			t.Errorf("%q: sent to %q, %v; want %q", tt.address, sent, err, tt.host)
		}
		want := "HCP Terraform at " + tt.host
		if tt.host == "" {
			want = "HCP Terraform at an address that isn't one"
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if got := fmt.Sprintf(verb, opts); got != want {
				t.Errorf("%q: %s prints %s, want %s", tt.address, verb, got, want)
			}
		}
		if opts.String() != want {
			t.Errorf("%q: got %s, want %s", tt.address, opts, want)
		}
		encoded, jerr := json.Marshal(tfc.Options{Address: tt.address, Token: token})
		for _, text := range append(leaktest.Dumps(err), fmt.Sprintf("%v %+v %#v %s %q %x %d", opts, opts, opts, opts, opts, opts, opts), strings.Replace(string(encoded), tt.address, "", 1)) {
			if jerr != nil || strings.Contains(text, token) || strings.Contains(text, "hunter2") {
				t.Errorf("%q: a secret is shown: %s, %v", tt.address, text, jerr)
			}
		}
	}
}

// TestTokenPlaces: the token is the one that Terraform takes, for that host, from that
// file, and no other.
func TestTokenPlaces(t *testing.T) {
	home, folder, rc, write := settings(t)
	block := func(host, token string) string {
		return fmt.Sprintf("credentials %q {\n  token = %s\n}\n", host, token)
	}
	logins := filepath.Join(folder, "credentials.tfrc.json")
	const named = "TF_CLI_CONFIG_FILE"
	for i, tt := range []struct {
		config  string // of the file that TF_CLI_CONFIG_FILE names; "" for none
		logins  string // what terraform login has written; "" for nothing
		environ map[string]string
		want    string // "" for ErrNoToken
	}{
		{block("app.terraform.io", `"a"`), "", nil, "a"},
		{block("tfe.example.com", `"b"`), "", nil, ""},
		{block("tfe.example.com", `"b"`) + block("app.terraform.io", `"a"`), "", nil, "a"},
		{block("app.terraform.io", `"a"`) + block("app.terraform.io", `"b"`), "", nil, "a"},
		{block("app.terraform.io", `5`) + block("app.terraform.io", `"b"`), "", nil, "b"},
		{block("app.terraform.io", `true ? null : "x"`) + block("app.terraform.io", `"b"`), "", nil, "b"},
		{block("app.terraform.io", `null`) + block("app.terraform.io", `"b"`), "", nil, "b"},
		{block("app.terraform.io", `"x${y}"`) + block("app.terraform.io", `"b"`), "", nil, "b"},
		{"credentials \"app.terraform.io\" {}\n" + block("app.terraform.io", `"b"`), "", nil, "b"},
		{"credentials_helper \"x\" {\n  args = []\n}\n" + block("app.terraform.io", `"a"`), "", nil, "a"},
		{block("localhost", `"a"`) + block("localhost:8080", `"b"`), "", map[string]string{"TFE_ADDRESS": "http://localhost:8080"}, "a"},
		{block("localhost:8080", `"b"`), "", map[string]string{"TFE_ADDRESS": "http://localhost:8080"}, "b"},
		{block("localhost:8081", `"b"`), "", map[string]string{"TFE_ADDRESS": "http://localhost:8080"}, ""},
		{"", `{"credentials":{"localhost":{"token":"a"},"localhost:8080":{"token":"b"}}}`, map[string]string{"TFE_ADDRESS": "http://localhost:8080"}, "b"},
		{"", `{"credentials":{"localhost":{"token":"a"},"localhost:8080":{}}}`, map[string]string{"TFE_ADDRESS": "http://localhost:8080"}, "a"},
		{"", `{"credentials":{"tfe.example.com":{"token":"a"}}}`, nil, ""},
		{"", `{}`, nil, ""},
		{block("tfe.example.com", `"b"`), `{"credentials":{"app.terraform.io":{"token":"a"}}}`, nil, "a"},
		{block("app.terraform.io", `"b"`), `{"credentials":{"app.terraform.io":{"token":"a"}}}`, nil, "b"},
		{block("app.terraform.io", `"b"`), "", map[string]string{"TF_TOKEN_app_terraform_io": "a"}, "a"},
		{block("app.terraform.io", `"b"`), "", map[string]string{"TF_TOKEN_example_com": "a"}, "b"},
		{"", "", map[string]string{"TF_CLOUD_HOSTNAME": "my-tfe.example.com", "TF_TOKEN_my-tfe_example_com": "a"}, "a"},
		{"", "", map[string]string{"TF_CLOUD_HOSTNAME": "my-tfe.example.com", "TF_TOKEN_my-tfe_example_com": "a", "TF_TOKEN_my__tfe_example_com": "b"}, "b"},
		{"", "", map[string]string{"TF_CLOUD_HOSTNAME": "tfe.example.com", "TF_TOKEN_app_terraform_io": "a"}, ""},
	} {
		os.RemoveAll(filepath.Join(home, folder))
		environ := map[string]string{"HOME": home, "APPDATA": home}
		if tt.config != "" {
			environ[named] = write("named.tfrc", tt.config)
		}
		if tt.logins != "" {
			write(logins, tt.logins)
		}
		maps.Copy(environ, tt.environ)
		got, err := tfc.FromEnv(func(name string) string { return environ[name] })
		if got.Token != tt.want || (err == nil) != (tt.want != "") || err != nil && !errors.Is(err, tfc.ErrNoToken) {
			t.Errorf("%d: got %q, %v; want %q", i, got.Token, err, tt.want)
		}
	}

	// Which file is read, by the variables.
	os.RemoveAll(filepath.Join(home, folder))
	first, second := write("first.tfrc", block("app.terraform.io", `"first"`)), write("second.tfrc", block("app.terraform.io", `"second"`))
	write(rc, block("app.terraform.io", `"home"`))
	t.Chdir(home)
	for _, tt := range []struct {
		environ map[string]string
		want    string
	}{
		{map[string]string{"HOME": home, "APPDATA": home}, "home"},
		{map[string]string{"HOME": home, "APPDATA": home, "TERRAFORM_CONFIG": first}, "first"},
		{map[string]string{"HOME": home, "APPDATA": home, "TERRAFORM_CONFIG": first, named: second}, "second"},
		{map[string]string{named: second}, "second"},
		{nil, ""}, // the working folder isn't the home directory
	} {
		got, err := tfc.FromEnv(func(name string) string { return tt.environ[name] })
		if got.Token != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%v: got %q, %v; want %q", tt.environ, got.Token, err, tt.want)
		}
	}

	// A file that can't be read, or is broken, is an error that shows nothing of it.
	for _, file := range []string{home, write("broken.tfrc", `credentials "app.terraform.io" { token = "hunter2`),
		write("broken.tfrc.json", `{"credentials":{"app.terraform.io":{"token":"hunter2"`), write("odd.tfrc.json", `{"credentials":"hunter2"}`)} {
		got, err := tfc.FromEnv(func(name string) string { return map[string]string{named: file}[name] })
		if err == nil || errors.Is(err, tfc.ErrNoToken) || got.Token != "" || !strings.Contains(err.Error(), "look for the token of app.terraform.io: ") {
			t.Errorf("%s: got %q, %v", file, got.Token, err)
		}
		for _, text := range leaktest.Dumps(err) {
			if strings.Contains(text, "hunter2") {
				t.Errorf("%s: a secret is shown: %s", file, text)
			}
		}
	}
}
