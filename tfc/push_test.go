package tfc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/faketfc"
	"github.com/herokutf/herokutf/tfc"
)

const token = "at-0123456789.atlasv1.secret"

// slugs are those of a pipeline, stage by stage.
func slugs(values map[string]string) *herokutf.Slugs {
	s := &herokutf.Slugs{
		Pipelines: []herokutf.Pipeline{{Name: "api", Ref: "api"}},
		Stages:    []string{"development", "production", "staging"},
	}
	for stage, value := range values {
		s.Artifacts = append(s.Artifacts, herokutf.Artifact{Variable: "api_slug_" + stage, Value: value, Kind: herokutf.KindSlug,
			Stage: stage, Pipeline: herokutf.NamedID{Name: "api"}})
	}
	return s
}

func serve(t testing.TB) (*faketfc.Server, tfc.Options) {
	fake := &faketfc.Server{Token: token, Workspace: "acme/production", PageSize: 2}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	return fake, tfc.Options{Address: server.URL, Token: token}
}

func ExamplePush() {
	fake := &faketfc.Server{Token: token, Workspace: "acme/production"}
	server := httptest.NewServer(fake)
	defer server.Close()
	opts, err := tfc.FromEnv(func(name string) string {
		return map[string]string{"TFE_ADDRESS": server.URL, "TF_TOKEN_127_0_0_1": token}[name]
	})
	if err != nil {
		log.Fatal(err)
	}
	result, err := tfc.Push(context.Background(), opts, "acme/production", slugs(map[string]string{
		"production": "51000000-0000-4000-8000-000000000011", "staging": "51000000-0000-4000-8000-000000000010"}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result)
	for _, v := range fake.Variables() {
		fmt.Println(v.Key, "=", v.Value)
	}
	// Output:
	// 2 created, 0 updated, 0 unchanged, 0 removed
	// api_slug_production = 51000000-0000-4000-8000-000000000011
	// api_slug_staging = 51000000-0000-4000-8000-000000000010
}

func TestPush(t *testing.T) {
	fake, opts := serve(t)
	others := []faketfc.Variable{
		{Key: "api_slug_development", Value: "by hand, though its name is ours", Category: "terraform", Description: "mine"},
		{Key: "api_slug_production", Value: "of the environment", Category: "env"},
		{Key: "region", Value: "eu", Category: "terraform", Description: "herokutf slugs: not really"},
		{Key: "web_slug_staging", Value: "of another pipeline", Category: "terraform", Description: "herokutf slugs: pipeline web, stage staging."},
	}
	for _, v := range others {
		fake.Set(v)
	}
	push := func(values map[string]string) string {
		t.Helper()
		result, err := tfc.Push(t.Context(), opts, "acme/production", slugs(values))
		if err != nil {
			t.Fatal(err)
		}
		return result.String()
	}
	state := func() map[string]string {
		all := make(map[string]string)
		for _, v := range fake.Variables() {
			if slices.Contains(others, v) {
				continue
			}
			if v.Category != "terraform" || v.HCL || v.Sensitive || !strings.HasPrefix(v.Description, "herokutf slugs: pipeline api, stage ") {
				t.Errorf("got %+v", v)
			}
			all[v.Key] = v.Value
		}
		if len(fake.Variables()) != len(others)+len(all) {
			t.Errorf("others were changed: %+v", fake.Variables())
		}
		return all
	}
	for _, step := range []struct {
		values   map[string]string
		want     string
		requests int
	}{
		{map[string]string{"production": "1", "staging": "2"}, "2 created, 0 updated, 0 unchanged, 0 removed", 1 + 2 + 2},
		{map[string]string{"production": "1", "staging": "2"}, "0 created, 0 updated, 2 unchanged, 0 removed", 1 + 3},
		{map[string]string{"production": "3", "staging": "2"}, "0 created, 1 updated, 1 unchanged, 0 removed", 1 + 3 + 1},
		{map[string]string{"production": "3"}, "0 created, 0 updated, 1 unchanged, 1 removed", 1 + 3 + 1},
		{nil, "0 created, 0 updated, 0 unchanged, 1 removed", 1 + 3 + 1},
	} {
		fake.Log()
		if got := push(step.values); got != step.want {
			t.Errorf("got %s, want %s", got, step.want)
		}
		want := make(map[string]string)
		for stage, value := range step.values {
			want["api_slug_"+stage] = value
		}
		if diff := cmp.Diff(want, state()); diff != "" {
			t.Errorf("variables (-want +got):\n%s", diff)
		}
		if log := fake.Log(); len(log) != step.requests {
			t.Errorf("%d requests, want %d: %q", len(log), step.requests, log)
		}
	}

	// What somebody has set by hand isn't overwritten, and nothing else is done.
	before := fake.Variables()
	_, err := tfc.Push(t.Context(), opts, "acme/production", slugs(map[string]string{"development": "4", "staging": "5"}))
	if !errors.Is(err, tfc.ErrForeign) || !strings.Contains(err.Error(), "api_slug_development") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(before, fake.Variables()); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

// roundTrip is an http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestPushToken: the token goes by https to the host that it is for, and whatever the
// service makes of it isn't shown.
func TestPushToken(t *testing.T) {
	const token = `abc-"<0123>&'45`
	for _, location := range []string{"http://app.terraform.io/api/v2/x", "https://app.terraform.io/api/v2/x", "https://example.com/"} {
		for _, status := range []int{301, 302, 307, 308, 400} {
			for _, echo := range []string{token, url.QueryEscape(token), html.EscapeString(token), strings.Trim(strconv.Quote(token), `"`), `\u0061bc-"<0123>&#38;'45`} {
				var sent []string
				opts := tfc.Options{Token: token, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					sent = append(sent, r.URL.Scheme+"://"+r.URL.Host)
					body, _ := json.Marshal(map[string]any{"errors": []any{map[string]string{"detail": "not " + echo}}})
					return &http.Response{StatusCode: status, Header: http.Header{"Location": {location}}, Body: io.NopCloser(bytes.NewReader(body))}, nil
				})}
				_, err := tfc.Push(t.Context(), opts, "acme/production", slugs(map[string]string{"production": "1"}))
				if err == nil || strings.Contains(err.Error(), "0123") || !strings.Contains(err.Error(), "not (the token)") {
					t.Errorf("%d, %q: %v", status, echo, err)
				}
				for _, to := range sent {
					if to != "https://app.terraform.io" {
						t.Errorf("%d: a request to %s", status, to)
					}
				}
			}
		}
	}
}

func TestPushFaults(t *testing.T) {
	values := map[string]string{"production": "1", "staging": "2"}
	for name, tt := range map[string]struct {
		workspace string
		change    func(fake *faketfc.Server, opts *tfc.Options)
		want      string
	}{
		"no organization": {"production", nil, "it is ORGANIZATION/NAME"},
		"a path":          {"acme/../x", nil, "it is ORGANIZATION/NAME"},
		"not there":       {"acme/other", nil, "404 Not Found; it isn't there, or the token may not see it"},
		"another token":   {"", func(_ *faketfc.Server, o *tfc.Options) { o.Token = "other" }, "401 Unauthorized: unauthorized; the token isn't valid there"},
		"no token":        {"", func(_ *faketfc.Server, o *tfc.Options) { o.Token = "" }, "no token"},
		"plain http":      {"", func(_ *faketfc.Server, o *tfc.Options) { o.Address = "http://tfe.example.com" }, "has to begin with https://"},
		"a change fails": {"", func(fake *faketfc.Server, _ *tfc.Options) {
			posts := 0
			fake.Fail = func(method, _ string) int {
				if method == http.MethodPost {
					if posts++; posts == 2 {
						return 500
					}
				}
				return 0
			}
		}, "create the variable api_slug_staging: POST workspaces/"},
		"a web page": {"", func(_ *faketfc.Server, o *tfc.Options) {
			page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }))
			t.Cleanup(page.Close)
			o.Address = page.URL
		}, "check the address"},
		"a redirect": {"", func(_ *faketfc.Server, o *tfc.Options) {
			away := httptest.NewServer(http.RedirectHandler("https://example.com/", http.StatusFound))
			t.Cleanup(away.Close)
			o.Address = away.URL
		}, "302 Found"},
	} {
		t.Run(name, func(t *testing.T) {
			fake, opts := serve(t)
			if tt.change != nil {
				tt.change(fake, &opts)
			}
			if tt.workspace == "" {
				tt.workspace = "acme/production"
			}
			result, err := tfc.Push(t.Context(), opts, tt.workspace, slugs(values))
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), token) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if created := len(fake.Variables()); result != nil && len(result.Created) != created || result == nil && created > 0 {
				t.Errorf("%d variables were created, the result is %v", created, result)
			}
		})
	}
	if s := fmt.Sprintf("%v %+v %#v", tfc.Options{Token: token}, tfc.Options{Token: token}, tfc.Options{Token: token}); strings.Contains(s, token) {
		t.Error("options print the token")
	}
}

// settings returns a home, the names that Terraform's settings have in it, the folder and
// the file, and a function that writes a file there and returns its path.
func settings(t *testing.T) (home, folder, rc string, write func(name, text string) string) {
	t.Helper()
	home = t.TempDir()
	folder, rc = ".terraform.d", ".terraformrc"
	if runtime.GOOS == "windows" {
		folder, rc = "terraform.d", "terraform.rc"
	}
	return home, folder, rc, func(name, text string) string {
		file := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
}

func TestFromEnv(t *testing.T) {
	home, folder, rc, write := settings(t)
	from := func(environ map[string]string) (tfc.Options, error) {
		return tfc.FromEnv(func(name string) string {
			if name == "HOME" || name == "APPDATA" {
				return home
			}
			return environ[name]
		})
	}
	if _, err := from(nil); !errors.Is(err, tfc.ErrNoToken) || !strings.Contains(err.Error(), "TF_TOKEN_app_terraform_io") {
		t.Errorf("nothing is set: %v", err)
	}
	write(filepath.Join(folder, "credentials.tfrc.json"), `{"credentials":{"app.terraform.io":{"token":"login"},"tfe.my-company.com":{"token":"own"}}}`)
	other := write("other.tfrc", `plugin_cache_dir = "x"`+"\n"+`credentials "app.terraform.io" { token = "named" }`+"\n")
	broken := write("broken.tfrc", `credentials "app.terraform.io" { token = "sec`)
	for _, tt := range []struct {
		environ map[string]string
		token   string
		address string
	}{
		{nil, "login", ""},
		{map[string]string{"TF_TOKEN_app_terraform_io": "env", "TF_CLI_CONFIG_FILE": other}, "env", ""},
		{map[string]string{"TF_CLI_CONFIG_FILE": other}, "named", ""},
		{map[string]string{"TF_CLI_CONFIG_FILE": filepath.Join(home, "none")}, "login", ""},
		{map[string]string{"TF_CLOUD_HOSTNAME": "tfe.my-company.com"}, "own", "https://tfe.my-company.com"},
		{map[string]string{"TF_CLOUD_HOSTNAME": "tfe.my-company.com", "TF_TOKEN_tfe_my__company_com": "env"}, "env", "https://tfe.my-company.com"},
		{map[string]string{"TFE_ADDRESS": "http://localhost:8080", "TF_CLOUD_HOSTNAME": "x", "TF_TOKEN_localhost": "local"}, "local", "http://localhost:8080"},
	} {
		got, err := from(tt.environ)
		if err != nil || got.Token != tt.token || got.Address != tt.address {
			t.Errorf("%v: got %q at %q, %v", tt.environ, got.Token, got.Address, err)
		}
	}
	if _, err := from(map[string]string{"TF_CLI_CONFIG_FILE": broken}); err == nil || strings.Contains(err.Error(), "sec") {
		t.Errorf("broken: %v", err)
	}
	write(rc, `credentials "app.terraform.io" { token = "rc" }`)
	if got, err := from(nil); err != nil || got.Token != "rc" {
		t.Errorf("%s: got %q, %v", rc, got.Token, err)
	}
	for _, address := range []string{"ftp://x", "https://u:p@x", "https://x/path", "x"} {
		if _, err := from(map[string]string{"TFE_ADDRESS": address}); err == nil || strings.Contains(err.Error(), "u:p") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
