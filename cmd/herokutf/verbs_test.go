package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

const shopFolder = "internal/clitest/testdata/"

// shop returns a Heroku with a small shop, the environment that leads to it, and
// the path of a state that is in sync with it.
func shop(t *testing.T) (heroku *herokutest.Server, environ []string, state string) {
	t.Helper()
	heroku = herokutest.NewServer()
	t.Cleanup(heroku.Close)
	seed, err := os.Open(shopFolder + "shop.json")
	if err != nil {
		t.Fatal(err)
	}
	defer seed.Close()
	if err := heroku.Load(seed); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(shopFolder + "shop.tfstate")
	if err != nil {
		t.Fatal(err)
	}
	state = filepath.Join(t.TempDir(), "shop.tfstate")
	if err := os.WriteFile(state, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return heroku, []string{"HEROKU_API_URL=" + heroku.URL, "HEROKU_API_KEY=any-token-will-do"}, state
}

func TestDriftRun(t *testing.T) {
	heroku, environ, state := shop(t)
	run := func(change func(*driftOptions), environ ...string) (string, error) {
		e, stdout, _ := testEnv(t, environ...)
		o := &driftOptions{env: e, states: []string{state}, look: driftLook{format: formatText}}
		change(o)
		err := driftRun(t.Context(), o)
		return stdout.String(), err
	}
	if out, err := run(func(*driftOptions) {}, environ...); err != nil || !strings.HasPrefix(out, "In sync: ") {
		t.Errorf("got %q, %v", out, err)
	}
	heroku.SetConfigVars("shop", map[string]string{"SESSION_KEY": "battery-horse"})

	// With a key fingerprints are the same in each run, without they aren't.
	keyFile := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(keyFile, []byte("0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	asJSON := func(o *driftOptions) { o.look.format = formatJSON }
	withFile := func(o *driftOptions) { o.look.format, o.look.keyFile = formatJSON, keyFile }
	withKey := append([]string{"HEROKUTF_FINGERPRINT_KEY=0123456789abcdef"}, environ...)
	var outs []string
	for _, r := range []struct {
		change  func(*driftOptions)
		environ []string
	}{{asJSON, environ}, {asJSON, environ}, {asJSON, withKey}, {asJSON, withKey}, {withFile, environ}, {withFile, append([]string{"HEROKUTF_FINGERPRINT_KEY=another-key-of-16"}, environ...)}} {
		out, err := run(r.change, r.environ...)
		if !errors.Is(err, exitCode(exitDrift)) {
			t.Fatal(err)
		}
		if strings.Contains(out, "battery") || strings.Contains(out, "0123456789abcdef\n") {
			t.Fatal("a secret is printed")
		}
		outs = append(outs, out)
	}
	if outs[0] == outs[1] {
		t.Error("without a key two reports have the same fingerprints")
	}
	for i := 3; i < len(outs); i++ {
		if diff := cmp.Diff(outs[2], outs[i]); diff != "" {
			t.Errorf("with the same key, report %d (-want +got):\n%s", i, diff)
		}
	}
	if _, err := run(asJSON, append([]string{"HEROKUTF_FINGERPRINT_KEY=short-key"}, environ...)...); err == nil || strings.Contains(err.Error(), "short-key") {
		t.Errorf("a short key: %v", err)
	}
	if _, err := run(func(o *driftOptions) { o.look.keyFile = "none" }, environ...); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no key file: %v", err)
	}
}

func TestDriftOptions(t *testing.T) {
	// The constructor binds what the run function takes.
	var got driftOptions
	parse := func(args ...string) error {
		e, _, _ := testEnv(t)
		cmd := newDriftCmd(e, func(_ context.Context, o *driftOptions) error {
			got = *o
			return nil
		})
		cmd.SetArgs(args)
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		return cmd.ExecuteContext(t.Context())
	}
	if err := parse("a.tfstate", "--state", "b.tfstate", "--only", "app, formation", "--only", "domain", "--import", "x.tf", "c.tfstate"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b.tfstate", "a.tfstate", "c.tfstate"}, got.states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"app", "formation", "domain"}, got.scope.only); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	if !got.scope.unmanaged || got.look.format != formatText {
		t.Errorf("got %+v %+v", got.scope, got.look)
	}
	if err := parse("--accept", "--dry-run", "--lock-timeout", "3s", "--address", "a.b", "--address", "a.c"); err != nil {
		t.Fatal(err)
	}
	if !got.accept.accept || !got.accept.dryRun || len(got.accept.addresses) != 2 || got.lockTimeout != 3*time.Second || len(got.states) != 0 {
		t.Errorf("got %+v", got)
	}
	if err := parse("--dry-run"); err == nil {
		t.Error("--dry-run without --accept is no error")
	}
}

func TestRenameRun(t *testing.T) {
	heroku, environ, state := shop(t)
	heroku.Rename("shop", "boutique")
	dir := t.TempDir()
	config := "resource \"heroku_app\" \"shop\" {\n  name   = \"shop\"\n  region = \"us\"\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	run := func(change func(*renameOptions)) (string, string, error) {
		e, stdout, stderr := testEnv(t, environ...)
		o := &renameOptions{env: e, format: formatJSON}
		change(o)
		err := renameRun(t.Context(), o)
		return stdout.String(), stderr.String(), err
	}
	read := func(name string) string {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	// A state that is named isn't this folder's: its configuration isn't looked
	// at, unless that is asked for.
	out, _, err := run(func(o *renameOptions) { o.state, o.dryRun = state, true })
	if !errors.Is(err, exitCode(exitWouldChange)) || strings.Contains(out, `"config"`) {
		t.Errorf("got %v\n%s", err, out)
	}
	if err := os.WriteFile(defaultState, []byte(read(state)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, err = run(func(o *renameOptions) { o.dryRun = true })
	var doc renameJSON
	if jsonErr := json.Unmarshal([]byte(out), &doc); jsonErr != nil || !errors.Is(err, exitCode(exitWouldChange)) {
		t.Fatalf("got %v, %v\n%s", err, jsonErr, out)
	}
	want := &configJSON{Edits: []editJSON{{"main.tf", 2, "heroku_app.shop", "shop", "boutique"}}, ByHand: []byHandJSON{}}
	if diff := cmp.Diff(want, doc.Config); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	if _, _, err = run(func(o *renameOptions) { o.writeConfig = true }); err != nil {
		t.Fatal(err)
	}
	if got, want := read("main.tf"), strings.Replace(config, `"shop"`+"\n", `"boutique"`+"\n", 1); got != want {
		t.Errorf("the configuration is %q, want %q", got, want)
	}
	if !strings.Contains(read(defaultState), `"name": "boutique"`) {
		t.Error("the state has the old name")
	}
	// A configuration that wasn't asked for may be broken.
	if err := os.WriteFile("main.tf", []byte("resource {"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr, err := run(func(o *renameOptions) { o.dryRun = true })
	if err != nil || !strings.HasPrefix(stderr, "Warning: What must change in the configuration is not listed: ") {
		t.Errorf("got %v, %q", err, stderr)
	}
	if _, _, err = run(func(o *renameOptions) { o.writeConfig = true }); err == nil {
		t.Error("no error for a broken configuration that is to be edited")
	}
	os.Remove("main.tf")
	if _, _, err = run(func(o *renameOptions) { o.writeConfig = true }); err == nil || !strings.Contains(err.Error(), "--config DIR") {
		t.Errorf("without a configuration: %v", err)
	}
}

// TestToIDsByName: an app of which the state has the name alone is looked up, and has to
// have what the state says.
func TestToIDsByName(t *testing.T) {
	_, environ, path := shop(t)
	for domain, want := range map[string]error{"d0000000-0000-4000-8000-000000000001": nil, "d0000000-0000-4000-8000-000000000009": herokutf.ErrUnknownAppID} {
		put(t, path, `{"version": 4, "serial": 1, "lineage": "x", "outputs": {}, "resources": [{"mode": "managed", "type": "heroku_domain", "name": "www",
"provider": "provider[\"registry.terraform.io/heroku/heroku\"]", "instances": [{"schema_version": 0, "attributes": {"app": "shop", "id": "`+domain+`", "hostname": "www.example.com"}}]}]}`)
		e, stdout, _ := testEnv(t, environ...)
		err := renameRun(t.Context(), &renameOptions{env: e, state: path, toIDs: true, format: formatText})
		data, readErr := os.ReadFile(path)
		if readErr != nil {
			t.Fatal(readErr)
		}
		if !errors.Is(err, want) || strings.Contains(string(data), `"app_id": "01234567-89ab-4def-8123-456789abcdef"`) != (want == nil) {
			t.Errorf("%v\n%s\n%s", err, stdout, data)
		}
	}
}

// TestHints: what can go wrong says what to do about it.
func TestHints(t *testing.T) {
	locked := &statefile.LockedError{Path: "x"}
	waited := &statefile.LockedError{Path: "x", Waited: time.Second}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<html>Please sign in</html>")
	}))
	defer page.Close()
	stranger := httptest.NewUnstartedServer(http.NotFoundHandler())
	stranger.Config.ErrorLog = log.New(io.Discard, "", 0)
	stranger.StartTLS()
	defer stranger.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()

	// request returns what a client says of an address that never works.
	request := func(base string, transport http.RoundTripper) error {
		client, err := platform.New(platform.Options{BaseURL: base, Token: "any-token-will-do", Retries: -1, Transport: transport})
		if err != nil {
			t.Fatal(err)
		}
		_, err = platform.Get[struct{}](t.Context(), client, "/account")
		return err
	}
	problem := func(err error) error {
		return errors.Join(&herokutf.SlugError{Stage: "staging", Err: err, Hint: "the library's"})
	}
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"locked", locked, "--lock-timeout 5m"},
		{"locked for long", fmt.Errorf("step: %w", waited), "longer for it with --lock-timeout"},
		{"no state", &statefile.FileError{Path: "x", Err: os.ErrNotExist}, "the folder whose backend keeps it with --chdir DIR"},
		{"refused", request(closed.URL, nil), "Nothing listens at"},
		{"a page", request(page.URL, nil), "web page"},
		{"unknown CA", request(stranger.URL, nil), "SSL_CERT_FILE"},
		{"apps differ", problem(herokutf.ErrAppsDiffer), "--app staging=NAME"},
		{"pending", problem(herokutf.ErrReleasePending), "--wait 10m"},
		{"never released", problem(herokutf.ErrNeverReleased), "--keep-going"},
		{"container", problem(herokutf.ErrContainerImage), "--stage"},
		{"no apps", problem(herokutf.ErrNoApps), "--stage"},
		{"other", problem(herokutf.ErrSlugExpired), "the library's"},
		{"destroys", &herokutf.PlanError{Err: herokutf.ErrDestroys, Destructions: []herokutf.Destruction{{Because: []string{"app"}}}}, "herokutf rename"},
		{"destroys on purpose", &herokutf.PlanError{Err: herokutf.ErrDestroys, Destructions: []herokutf.Destruction{{Action: herokutf.ActionDestroy}}}, "--allow-destroy"},
		{"unknown app", &herokutf.RenameError{Err: herokutf.ErrUnknownAppID, Name: "shop", Hint: "Why."}, "Why. The flag for a UUID is --app-id shop=UUID."},
		{"stranger", &platform.APIError{Status: 403, Message: "Forbidden", Hint: "ask for it"}, "Ask for it. The answer isn't in Heroku's form"},
		{"redirected", &platform.APIError{Status: 302, Message: "Found"}, "sign-in page"},
		{"Heroku's own", &platform.APIError{Status: 403, ID: "forbidden", Message: "x", Hint: "ask for it"}, "ask for it"},
		{"timeout", &ui.Timeout{After: time.Second}, "--timeout"},
	}
	e, _, _ := testEnv(t)
	e.command = "herokutf drift"
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := ui.Diagnose(tt.err, e.advise)
			if len(d.Hints) != 1 || !strings.Contains(d.Hints[0], tt.want) {
				t.Errorf("hints of %v: %q, want %q", tt.err, d.Hints, tt.want)
			}
		})
	}

	// A proxy that isn't there, as the environment names it.
	e, _, _ = testEnv(t, "HEROKU_API_KEY=any-token-will-do", "HTTPS_PROXY="+closed.URL)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	proxy, err := url.Parse(closed.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport.Proxy = http.ProxyURL(proxy)
	d := ui.Diagnose(request("https://api.example.com", transport), e.advise)
	if len(d.Hints) != 1 || !strings.HasPrefix(d.Hints[0], "The proxy in HTTPS_PROXY can't be reached") {
		t.Errorf("hints about a proxy: %q", d.Hints)
	}
}

// TestPipelineHints: pipelines with names like the one that isn't there.
func TestPipelineHints(t *testing.T) {
	heroku, environ, _ := shop(t)
	run := func() string {
		e, _, stderr := testEnv(t, append(environ, "BUILD_PIPELINE_API=storfront")...)
		o := &slugsOptions{env: e, format: "shell"}
		if code := e.finish(slugsRun(t.Context(), o)); code != exitError {
			t.Errorf("exit code %d", code)
		}
		return stderr.String()
	}
	if got := run(); !strings.Contains(got, "\nHint: The token's account can see no pipeline at all") {
		t.Errorf("got %q", got)
	}
	heroku.AddPipeline(herokutest.Pipeline{Name: "payments"})
	if got := run(); !strings.Contains(got, "\nHint: The account can see payments.\n") {
		t.Errorf("got %q", got)
	}
	heroku.AddPipeline(herokutest.Pipeline{Name: "storefront"})
	heroku.ResetRequests()
	if got := run(); !strings.Contains(got, "\nHint: Did you mean \"storefront\"? The account can see 2 pipelines.\n") {
		t.Errorf("got %q", got)
	}
}

func TestWork(t *testing.T) {
	e, _, stderr := testEnv(t)
	e.timeout = time.Millisecond
	wait := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	if code := e.finish(e.work(t.Context(), wait)); code != exitError || !strings.HasPrefix(stderr.String(), "Error: The run took longer than the 1ms of --timeout.\n") {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
	// What has nothing to do with the end stays.
	other := errors.New("other")
	if err := e.work(t.Context(), func(ctx context.Context) error { <-ctx.Done(); return other }); err != other {
		t.Errorf("got %v, want other", err)
	}
	e.timeout = 0
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(&ui.Interruption{Signal: os.Interrupt})
	stderr.Reset()
	if code := e.finish(e.work(ctx, wait)); code != 130 || stderr.String() != "Error: Interrupted.\n" {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
	locked := func(ctx context.Context) error {
		<-ctx.Done()
		return errors.Join(ctx.Err(), &statefile.LockedError{Path: "x", Info: statefile.LockInfo{Who: "ann@host"}})
	}
	e.timeout = time.Millisecond
	if err := e.work(t.Context(), locked); !strings.Contains(err.Error(), "while the state was locked by ann@host") {
		t.Errorf("got %v", err)
	}
}

// TestSummary: problems with one cause are one line.
func TestSummary(t *testing.T) {
	problem := func(name string, err error) error {
		return &herokutf.SlugError{Pipeline: herokutf.Pipeline{Name: name, Ref: name}, Err: err}
	}
	down := func(name string) error {
		return &platform.APIError{Method: "GET", URL: "/pipelines/" + name, Status: 503, Message: "Service Unavailable"}
	}
	var all []error
	for i := range 200 {
		name := fmt.Sprintf("p%d", i)
		all = append(all, problem(name, down(name)))
	}
	all = append(all, problem("q", platform.ErrNotFound), problem("r", platform.ErrNotFound))
	want := "resolve slugs: 202 problems:\n\tpipeline p0 (p0): GET /pipelines/p0: 503 Service Unavailable (and 199 more alike)\n\tpipeline q (q): not found\n\tpipeline r (r): not found"
	if diff := cmp.Diff(want, summary(problems(fmt.Errorf("step: %w", errors.Join(all...))), "all")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, status := range []int{401, 403, 429, 503} {
		var alike []error
		for _, name := range []string{"a", "b", "c", "d"} {
			alike = append(alike, problem(name, &platform.APIError{Method: "GET", URL: "/pipelines/" + name, Status: status, Message: "why"}))
		}
		// What is said of each pipeline by itself, such as that it is forbidden, stays so.
		if got := summary(problems(errors.Join(alike...)), "all"); strings.HasSuffix(got, "(and 3 more alike)") != (status != 403) || (got == "all") != (status == 403) {
			t.Errorf("%d: %q", status, got)
		}
		if got := summary(problems(errors.Join(alike[:few]...)), "all"); got != "all" {
			t.Errorf("%d, three of them: %q", status, got)
		}
	}
	if got := summary(problems(errors.Join(all[:2]...)), "as it is"); got != "as it is" {
		t.Errorf("two problems: %q", got)
	}
}

func TestShellQuote(t *testing.T) {
	for in, want := range map[string]string{"a/b-c.tfstate": "a/b-c.tfstate", "my state": "'my state'", "it's": `'it'\''s'`, "": "''"} {
		if got := quoteFor("linux", in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{
		`C:\Users\ann\a-b_c.tfstate`: `C:\Users\ann\a-b_c.tfstate`,
		`C:\my state`:                `"C:\my state"`,
		`C:\my state\`:               `"C:\my state\\"`,
		`it's`:                       `"it's"`,
		"":                           `""`,
		`a%b`:                        `"a%b"`,
		`a,b`:                        `"a,b"`,
		`C:\$it's`:                   `'C:\$it''s'`,
		`heroku_app.a["x"]`:          `"heroku_app.a[\"x\"]"`,
		`a\"b`:                       `"a\\\"b"`,
	} {
		if got := quoteFor("windows", in); got != want {
			t.Errorf("on Windows, %q: got %s, want %s", in, got, want)
		}
	}
	if got := shellQuote("a b"); got != quoteFor(runtime.GOOS, "a b") {
		t.Errorf("here: got %s", got)
	}
}

// TestPipeWarning: on Windows alone, a state from a pipe comes with a warning, and one
// from a file doesn't.
func TestPipeWarning(t *testing.T) {
	_, environ, state := shop(t)
	data, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, goos string
		file       bool
		args       []string
		want       bool
	}{
		{"drift", "windows", false, []string{"drift", "--state", "-"}, true},
		{"rename", "windows", false, []string{"rename", "--state", "-"}, true},
		{"accept", "windows", false, []string{"drift", "--accept", "--state", "-"}, true},
		{"a file", "windows", true, []string{"drift", "--state", "-"}, false},
		{"no pipe", "windows", false, []string{"drift", "--state", state}, false},
		{"elsewhere", "linux", false, []string{"rename", "--state", "-"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, stdout, stderr := testEnv(t, environ...)
			e.GOOS, e.Stdin = tt.goos, bytes.NewReader(data)
			if tt.file {
				f, err := os.Open(state)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				e.Stdin = f
			}
			e.finish(e.execute(t.Context(), newRootCmd(e), tt.args))
			if got := strings.Contains(stderr.String(), "Warning: Windows PowerShell changes the bytes in a pipe"); got != tt.want {
				t.Errorf("got a warning: %v, want %v; standard error has %q", got, tt.want, stderr)
			}
			if strings.Contains(stdout.String(), "PowerShell") || stdout.Len() == 0 {
				t.Errorf("standard output has %q", stdout)
			}
		})
	}
}

// TestEditState: what an edit asks, it asks while nobody is kept from the state,
// and an edit is never written over what it doesn't know.
func TestEditState(t *testing.T) {
	_, _, state := shop(t)
	e, _, _ := testEnv(t)
	raise := func(f *statefile.File) (*statefile.File, error) {
		return f.Apply(statefile.ReplaceString(appName(t, f), "other"+f.Serial()))
	}
	meanwhile := func() {
		t.Helper()
		_, err := statefile.Update(t.Context(), state, statefile.UpdateOptions{}, func(f *statefile.File) (*statefile.File, error) {
			return f.Apply(statefile.ReplaceString(appName(t, f), "mean"+f.Serial()))
		})
		if err != nil {
			t.Fatal(err) // such as that it is locked
		}
	}
	var saw []string
	result, err := e.editState(t.Context(), state, "test", 0, func(f *statefile.File) (*statefile.File, error) {
		if saw = append(saw, f.Serial()); len(saw) == 1 {
			meanwhile()
		}
		return raise(f)
	})
	if err != nil || len(saw) != 2 || saw[0] == saw[1] || result.OldSerial != saw[1] {
		t.Fatalf("saw serials %v; %+v, %v", saw, result, err)
	}
	if f, err := statefile.ReadFile(state); err != nil || !strings.HasPrefix(appName(t, f).Text(), "other") {
		t.Errorf("the edit isn't there: %v", err)
	}

	saw = nil
	_, err = e.editState(t.Context(), state, "test", 0, func(f *statefile.File) (*statefile.File, error) {
		saw = append(saw, f.Serial())
		meanwhile()
		return raise(f)
	})
	if !errors.Is(err, errMoving) || len(saw) != maxEdits {
		t.Errorf("a state that never stays: saw %v, %v", saw, err)
	}
	if f, err := statefile.ReadFile(state); err != nil || !strings.HasPrefix(appName(t, f).Text(), "mean") {
		t.Errorf("another program's state was written over: %v", err)
	}
}

// appName returns the name of the first app in a state.
func appName(t *testing.T, f *statefile.File) statefile.Value {
	t.Helper()
	for inst := range f.Instances() {
		if inst.Type == "heroku_app" {
			v, _ := inst.Attr("name")
			return v
		}
	}
	t.Fatal("no app")
	return statefile.Value{}
}
