package main

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spf13/pflag"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/ignore"
	"github.com/herokutf/herokutf/internal/faketfc"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
	"github.com/herokutf/herokutf/tfconfig"
)

var errNo = errors.New("no")

// wants holds an error against what it begins with.
func wants(t *testing.T, what, begin string, err error) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), begin) {
		t.Errorf("%s: got %v, want %s", what, err, begin)
	}
}

// ended is a context that is over.
func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// put writes a file below the current folder.
func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestPrintResult: of a result that can't be spelt nothing is printed.
func TestPrintResult(t *testing.T) {
	e, stdout, _ := testEnv(t)
	wants(t, "no result", "print the result: no", e.printResult(e.Stdout, formatText, "half", errNo))
	if err := e.printResult(e.Stdout, formatText, "whole", nil); err != nil || stdout.String() != "whole" {
		t.Errorf("printed %q, %v", stdout, err)
	}
}

// TestNoticesBeforeResults: what was held back while the work went on is printed before
// the result, whoever that is for.
func TestNoticesBeforeResults(t *testing.T) {
	for name, result := range map[string]func(e *env) error{
		"for people": func(e *env) error { return e.print(e.Stdout, "result\n") },
		"for others": func(e *env) error { return e.write([]byte("result\n")) },
	} {
		var out strings.Builder
		e := newEnv(ui.IO{Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }}, nil)
		e.progress.Event(platform.Event{Kind: platform.EventWarning, Method: "GET", Path: "/apps", Message: "held back"})
		if err := result(e); err != nil || out.String() != "Warning: Heroku says of GET /apps: held back.\nresult\n" {
			t.Errorf("%s: %v, %q", name, err, out.String())
		}
	}
}

// TestCompletionUnprinted: a script that can't be printed is an error, of every shell.
func TestCompletionUnprinted(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		for _, plain := range []bool{false, true} {
			e, _, _ := testEnv(t)
			e.Stdout = brokenStream{}
			o := &completionOptions{env: e, root: newRootCmd(e), shell: shell, plain: plain}
			wants(t, shell, "the stream is broken", completionRun(t.Context(), o))
		}
	}
}

// TestReportUnwritten: what can't be made of a comparison is an error, and nothing of it
// is printed or written.
func TestReportUnwritten(t *testing.T) {
	t.Chdir(t.TempDir())
	e, stdout, stderr := testEnv(t)
	o := &driftOptions{env: e, importFile: "x.tf", look: driftLook{format: formatText}}
	wants(t, "import blocks of nothing", "write the import blocks: ", o.deliver(nil, report.Options{}))
	o.baseline = baselineOptions{file: "x.hcl", expires: expiry{days: 1}}
	unnamed := &herokutf.DriftReport{Objects: []herokutf.DriftObject{{Verdict: herokutf.Unmanaged}}}
	wants(t, "a rule for what has no name", "write ignore rules: rule 1: ", o.writeBaseline(unnamed, time.Now()))
	s := &slugsOptions{env: e, format: "none"}
	changed, err := s.printDiff(t.Context(), &baseline{pins: new(herokutf.Slugs)}, new(herokutf.Slugs))
	wants(t, "a format that isn't one", `unknown format "none"`, err)
	s.format = string(herokutf.FormatShell)
	wants(t, "a variable that isn't one", "write slugs as shell: ", s.deliver(&herokutf.Slugs{Artifacts: []herokutf.Artifact{{Variable: "a b"}}}))
	if changed || stdout.Len()+stderr.Len() > 0 {
		t.Errorf("changed: %t; printed %s%s", changed, stdout, stderr)
	}
	if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
		t.Errorf("wrote %v, %v", files, err)
	}
}

// TestImportsIntoChanged: import blocks aren't put into a file that has changed since it
// was read.
func TestImportsIntoChanged(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, "imports.tf", "# mine\n")
	config, err := tfconfig.Load(".")
	if err != nil {
		t.Fatal(err)
	}
	put(t, "imports.tf", "# theirs\n")
	e, stdout, _ := testEnv(t)
	o := &driftOptions{env: e, importFile: ".", placed: config, look: driftLook{format: formatText}}
	found := &herokutf.DriftReport{Objects: []herokutf.DriftObject{{Type: "heroku_domain", Label: "www.example.com", ID: "1", ImportID: "a:1", App: "a", Verdict: herokutf.Unmanaged}}}
	err = o.deliver(found, report.Options{})
	wants(t, "a file that has changed", "write the import blocks: ", err)
	if !errors.Is(err, tfconfig.ErrChanged) || stdout.Len() > 0 {
		t.Errorf("got %v; printed %s", err, stdout)
	}
	if data, err := os.ReadFile("imports.tf"); err != nil || string(data) != "# theirs\n" {
		t.Errorf("%q, %v", data, err)
	}
}

// TestEditsOfChanged: a configuration that has changed since it was read isn't edited. It
// is found out before the state is written, and once more when the files are.
func TestEditsOfChanged(t *testing.T) {
	heroku, environ, path := shop(t)
	t.Chdir(t.TempDir())
	f, err := statefile.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const text = "resource \"heroku_app\" \"shop\" {\n  name   = \"shop\"\n  region = \"us\"\n}\nresource \"heroku_formation\" \"web\" {\n  app_id   = heroku_app.shop.id\n  type     = \"web\"\n  size     = \"Standard-1X\"\n  quantity = 2\n}\n"
	put(t, "main.tf", text)
	config, err := tfconfig.Load(".")
	if err != nil {
		t.Fatal(err)
	}
	e, stdout, _ := testEnv(t, environ...)
	client, err := e.client("drift", nil)
	if err != nil {
		t.Fatal(err)
	}
	heroku.Scale("shop", "web", 5, "")
	a := accepting{driftOptions: &driftOptions{env: e, accept: acceptOptions{writeConfig: true}}, client: client, opts: herokutf.DriftOptions{Config: config}}
	r := renaming{renameOptions: &renameOptions{env: e, offline: true, writeConfig: true, format: formatText, renames: []herokutf.Rename{{Old: "shop", New: "boutique"}}}, config: config}
	for _, edit := range []func() (*statefile.File, error){
		func() (*statefile.File, error) { return a.edit(t.Context(), f) },
		func() (*statefile.File, error) { return r.edit(t.Context(), f) },
	} {
		if after, err := edit(); err != nil || after == f {
			t.Fatalf("as it was read: %v", err)
		}
		put(t, "main.tf", text+"# more\n")
		if after, err := edit(); !errors.Is(err, tfconfig.ErrChanged) || after != nil {
			t.Errorf("changed: %v", err)
		}
		put(t, "main.tf", text)
	}
	put(t, "main.tf", text+"# more\n")
	r.report.env, r.report.state = e, "s"
	if err := r.deliver("s"); !errors.Is(err, tfconfig.ErrChanged) || !strings.Contains(stdout.String(), "changes made, serial ") {
		t.Errorf("of a state that is written: %v; printed %s", err, stdout)
	}
}

// TestInterruptedStateInDryRun: a dry run reads no state that a write was interrupted of,
// nor what is no file.
func TestInterruptedStateInDryRun(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/script/recover.txtar")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, f := range archive.Files {
		put(t, f.Name, string(f.Data))
		if f.Name == "new" {
			put(t, defaultState, string(f.Data))
		}
	}
	f, err := readWritable(defaultState)
	if interrupted, ok := errors.AsType[*statefile.InterruptedError](err); !ok || f != nil || interrupted.NewSerial != "10" || interrupted.Path != defaultState {
		t.Errorf("got %v, %v", f, err)
	}
	if f, err := readWritable("."); err == nil || f != nil {
		t.Errorf("a folder: %v, %v", f, err)
	}
	if f, err := readWritable("new"); err != nil || f.Serial() != "10" {
		t.Errorf("a state: %v, %v", f, err)
	}
}

// TestMovesByHand: of apps that have swapped names Terraform takes no moved blocks.
func TestMovesByHand(t *testing.T) {
	app := func(name, id string) string {
		return `{"index_key":"` + name + `","schema_version":0,"attributes":{"id":"` + name + `","name":"` + name + `","uuid":"` + id + `"}}`
	}
	f, err := statefile.Parse("x", []byte(`{"version":4,"serial":1,"lineage":"x","outputs":{},"resources":[{"mode":"managed","type":"heroku_app","name":"a","each":"map",
"provider":"provider[\"registry.terraform.io/heroku/heroku\"]","instances":[`+app("one", "aaaaaaaa-0000-4000-8000-000000000001")+","+app("two", "aaaaaaaa-0000-4000-8000-000000000002")+`]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		renames       []herokutf.Rename
		moved, byHand int
	}{
		{[]herokutf.Rename{{Old: "one", New: "two"}, {Old: "two", New: "one"}}, 0, 2},
		{[]herokutf.Rename{{Old: "one", New: "three"}}, 1, 0},
	} {
		repair, err := herokutf.RepairRename(f, tt.renames...)
		if err != nil {
			t.Fatal(err)
		}
		r := renaming{renameOptions: new(renameOptions)}
		if err := r.inConfig(f, repair); err != nil {
			t.Fatal(err)
		}
		if c := r.report.config; len(c.moved) != tt.moved || len(c.byHand) != tt.byHand {
			t.Errorf("%v: got %+v", tt.renames, c)
		}
	}
}

// TestSecretsThatGitMaySee: where it can't be found out whether git ignores a file with
// secrets, nothing is adopted.
func TestSecretsThatGitMaySee(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("what is below a file merely isn't there")
	}
	_, environ, _ := shop(t)
	t.Chdir(t.TempDir())
	put(t, filepath.Join(".git", "HEAD"), "")
	put(t, "file", "")
	e, _, _ := testEnv(t, environ...)
	client, err := e.client("adopt", nil)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.Abs("file")
	if err != nil {
		t.Fatal(err)
	}
	a := &adopting{adoptOptions: &adoptOptions{env: e, choice: herokutf.AdoptOptions{All: true}}, client: client,
		home: &home{location: terraform.Location{Dir: dir, Workspace: "default"}}}
	f, err := a.find(t.Context(), statefile.New("x", firstVersion))
	wants(t, "a file in the place of the folder", "look whether git ignores files with secrets: ", err)
	if f != nil {
		t.Error("there is a state all the same")
	}
}

// TestPendingOfSeveral: a difference that can't be followed names all that hang on the
// place.
func TestPendingOfSeveral(t *testing.T) {
	change := tfconfig.ValueChange{Reason: "why", Feeds: []string{"heroku_app.b stack"}}
	change.Address, change.Path = "heroku_app.a", statefile.Path{"stack"}
	more := change
	more.Feeds = []string{"heroku_app.b stack", "heroku_app.c stack"}
	a := accepting{accepted: &herokutf.Acceptance{Config: &tfconfig.ValueEdit{Changes: []tfconfig.ValueChange{change, more}}}}
	want := "heroku_app.a stack: why|heroku_app.a stack: why (heroku_app.b stack, heroku_app.c stack)"
	if got := strings.Join(a.pendingLines(), "|"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestSourcesInterrupted: a run that was ended while it reads doesn't go on with the
// states that it has.
func TestSourcesInterrupted(t *testing.T) {
	e, _, _ := testEnv(t)
	silent, end := io.Pipe()
	defer end.Close()
	e.Stdin = silent
	ctx := ended(t)
	if files, err := (&driftOptions{env: e}).readSources(ctx, []*driftSource{{path: "-"}, {path: "none"}}); !errors.Is(err, ctx.Err()) || files != nil {
		t.Errorf("got %v, %v", files, err)
	}
}

// TestFakeOfWrongState: what can't be on Heroku makes no fake.
func TestFakeOfWrongState(t *testing.T) {
	_, _, path := shop(t)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, strings.ReplaceAll(string(data), `"name": "shop"`, `"name": "No Name"`))
	e, _, _ := testEnv(t)
	server, err := (&fakeOptions{env: e, states: []string{path}}).hold(t.Context())
	wants(t, "a name that no app has", "--state: ", err)
	if server != nil {
		t.Error("there is a server all the same")
	}
}

// TestUndoOfHarm: a plan that fails, and one that does harm, are to be looked at before
// anything is applied.
func TestUndoOfHarm(t *testing.T) {
	changes := func(actions ...tfjson.Action) *tfjson.Plan {
		return &tfjson.Plan{ResourceChanges: []*tfjson.ResourceChange{{Address: "heroku_app.a", Type: "heroku_app", Mode: "managed", Change: &tfjson.Change{Actions: actions}}}}
	}
	for want, result := range map[string]terraform.Result{
		"plan:   it fails with this state and the configuration as it is now: no\n":                                 {NoPlan: &terraform.NoPlanError{Reason: terraform.PlanFailed, Err: errNo}},
		"plan:   it fails with this state and the configuration as it is now: no, not\n":                            {NoPlan: &terraform.NoPlanError{Reason: terraform.InitFailed, Err: errors.New("no, not")}},
		"Terraform would destroy, replace or create Heroku objects:\n\theroku_app.a: destroy\n":                     {Plan: changes("delete")},
		"plan:   with this state and the configuration as it is now Terraform would change 1 object\nnext:   terra": {Plan: changes("update")},
		"plan:   no changes\nnext:   terraform plan\n":                                                              {Plan: changes("no-op")},
		"backup: \nnext:   terraform plan\n":                                                                        {NoPlan: &terraform.NoPlanError{Reason: terraform.NoTerraform, Err: errNo}},
	} {
		e, _, _ := testEnv(t)
		result.Changed = true
		u := &undoReport{state: "s", result: &result}
		got := u.text(e)
		harm := strings.HasSuffix(got, "next:   terraform plan\n        apply nothing before that is as it should be; herokutf undo takes this undo back\n")
		if !strings.Contains(got, want) || harm == strings.Contains(want, "next:") {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestPushHalfway: what was done before a change failed is in the error.
func TestPushHalfway(t *testing.T) {
	const token = "token-of-the-test"
	fake := &faketfc.Server{Token: token, Workspace: "acme/shop"}
	server := httptest.NewServer(fake)
	defer server.Close()
	slugs := &herokutf.Slugs{Artifacts: []herokutf.Artifact{{Variable: "a_slug_staging", Value: "1"}, {Variable: "b_slug_staging", Value: "2"}}}
	for passed, want := range []string{"; before that: 0 created", "; before that: 1 created, 0 updated, 0 unchanged, 0 removed"} {
		posts := 0
		fake.Fail = func(method, _ string) int {
			if method == "POST" {
				posts++
			}
			if posts > passed {
				return 422
			}
			return 0
		}
		e, _, stderr := testEnv(t, "TFE_ADDRESS="+server.URL, "TF_TOKEN_127_0_0_1="+token, "HOME="+t.TempDir())
		err := (&slugsOptions{env: e, workspace: "acme/shop"}).push(t.Context(), slugs)
		if err == nil || strings.Contains(err.Error(), want) != (passed > 0) || stderr.Len() > 0 {
			t.Errorf("%d created: %v; said %s", passed, err, stderr)
		}
	}
}

// TestReadBaseline: what slugs are compared with is a state if it has a version, as long as
// it isn't pins all the same.
func TestReadBaseline(t *testing.T) {
	t.Chdir(t.TempDir())
	const state = `{"version": 4, "serial": 1, "lineage": "x", "outputs": {}, "resources": []}`
	const pins = `{"format_version": "1.0", "artifacts": []}`
	for _, tt := range []struct {
		file, text string
		state      bool
		begin      string // of the error; "": none
	}{
		{"f", state, true, ""},
		{"-", state, true, ""},
		{"f", pins, false, "--diff: read pins from f: there are no pins"},
		{"f", `{"version": 4, ` + pins[1:], false, "--diff: read pins from f: there are no pins"},
		{"f", "{}", false, "--diff: read pins from f: "},
		{"-", pins, false, "--diff -: standard input is for a state"},
		{"-", "{}", false, "--diff -: standard input is for a state"},
		{"f", "no", false, "--diff: f:1:2: "},
		{"-", "no", false, "--diff: standard input:1:2: "},
		{"f", `{"version": 99}`, false, "--diff: f: "},
	} {
		put(t, "f", tt.text)
		e, _, _ := testEnv(t)
		e.Stdin = strings.NewReader(tt.text)
		got, err := (&slugsOptions{env: e, diff: tt.file}).readBaseline(t.Context())
		if tt.begin != "" {
			wants(t, tt.file+" "+tt.text, tt.begin, err)
		} else if err != nil || (got.state != nil) != tt.state || (got.pins == nil) != tt.state {
			t.Errorf("%s %s: %+v, %v", tt.file, tt.text, got, err)
		}
	}
}

// TestUndeclared: which variables for promotions a configuration lacks.
func TestUndeclared(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, "main.tf", "variable \"a_release_id_staging\" {}\n")
	config, err := tfconfig.Load(".")
	if err != nil {
		t.Fatal(err)
	}
	slugs := &herokutf.Slugs{Artifacts: []herokutf.Artifact{{Variable: "a_release_id_staging", Kind: herokutf.KindRelease},
		{Variable: "b_release_id_staging", Kind: herokutf.KindRelease}, {Variable: "b_slug_staging", Kind: herokutf.KindSlug}}}
	if got, want := undeclared(config, slugs), "b_release_id_staging: resolved, but no variable of the root module has this name\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestPipelinesOfPins: pins that don't say what they were made for name no pipelines.
func TestPipelinesOfPins(t *testing.T) {
	e, _, _ := testEnv(t, "X=")
	for _, pins := range []*herokutf.Slugs{nil, {}} {
		if got, err := new(slugFlags).pipelines(e, pins); !errors.Is(err, herokutf.ErrNoPipelines) || got != nil {
			t.Errorf("%v: got %v, %v", pins, got, err)
		}
	}
	want := []herokutf.Pipeline{{Name: "a"}}
	if got, err := new(slugFlags).pipelines(e, &herokutf.Slugs{Pipelines: want}); err != nil || len(got) != 1 || got[0] != want[0] {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestLifecycleUnread: an ignore_changes that can't be read adds no rules.
func TestLifecycleUnread(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, "main.tf", "resource \"heroku_app\" \"a\" {\n  lifecycle {\n    ignore_changes = upper(\"x\")\n  }\n}\n")
	rules := new(ignore.Rules)
	if unread, err := addLifecycle(rules, "."); err == nil || unread != nil || len(rules.Rules()) > 0 {
		t.Errorf("got %v, %v, %v", unread, rules.Rules(), err)
	}
}

// A refusing is a flag that takes no value.
type refusing struct{ pflag.Value }

func (refusing) Set(string) error { return errNo }

// TestPutShowsNoSecret: the value of a variable isn't in an error.
func TestPutShowsNoSecret(t *testing.T) {
	for name, want := range map[string]string{"var": "x:1:2: --var a value: no", "other": `x:1:2: --other "hunter2": no`} {
		err := new(setter).put(&pflag.Flag{Name: name, Value: refusing{}}, []string{"hunter2"}, fromFile, "x:1:2")
		wants(t, name, want, err)
	}
}

// TestSettingsOfNowhere: in a folder that is gone there are no settings, and an error.
func TestSettingsOfNowhere(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("a folder can be removed while a program is in it")
	}
	e, _, _ := testEnv(t)
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if all, err := findSettings(newRootCmd(e), "."); err == nil || all != nil {
		t.Errorf("got %v, %v", all, err)
	}
}

// TestMust: a slip in this package is found by every run.
func TestMust(t *testing.T) {
	defer func() {
		if recover() != errNo {
			t.Error("no panic")
		}
	}()
	must(nil)
	must(errNo)
}
