package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// compareJSON compares documents, whatever the order of their members.
func compareJSON(t *testing.T, want, got string) {
	t.Helper()
	var w, g any
	if err := errors.Join(json.Unmarshal([]byte(want), &w), json.Unmarshal([]byte(got), &g)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAdoptJSON: each part of a report has its own place in the document.
func TestAdoptJSON(t *testing.T) {
	a := &adopting{report: adoptReport{
		Adoption: &herokutf.Adoption{
			Objects:  []herokutf.AdoptObject{{Address: "heroku_app.a", Type: "heroku_app", App: "a", ID: "1", Label: "l", Detail: "d", ImportID: "a:1", Import: true}},
			Left:     []herokutf.AdoptObject{{ID: "2", Reason: "why", State: "other.tfstate"}},
			Notes:    []herokutf.Note{{Address: "heroku_app.a", Text: "note"}},
			Warnings: []string{"warning"},
			Pending:  []string{"pending.tf"},
		},
		files: []string{"a.tf"}, written: true, backup: "backup", before: "1", after: "20000000000000000000",
		plan: &tfjson.Plan{ResourceChanges: []*tfjson.ResourceChange{{Address: "heroku_app.b", Change: &tfjson.Change{Actions: tfjson.Actions{tfjson.ActionUpdate}}}}},
	}}
	got, err := a.json()
	if err != nil {
		t.Fatal(err)
	}
	compareJSON(t, `{"format_version": "1.0",
		"objects": [{"address": "heroku_app.a", "type": "heroku_app", "app": "a", "id": "1", "label": "l", "detail": "d", "import_id": "a:1", "import": true, "reason": "", "state": ""}],
		"left": [{"address": "", "type": "", "app": "", "id": "2", "label": "", "detail": "", "import_id": "", "import": false, "reason": "why", "state": "other.tfstate"}],
		"notes": [{"address": "heroku_app.a", "text": "note"}], "warnings": ["warning"], "pending": ["pending.tf"], "released": [],
		"files": [{"path": "a.tf", "secret": false, "written": true}], "plan": {"actions": {"heroku_app.b": ["update"]}},
		"serial": {"old": 1, "new": 20000000000000000000}, "state_written": true, "backup": "backup"}`, got)
	if !strings.Contains(got, `"new": 20000000000000000000`) {
		t.Errorf("the serial isn't as the state has it: %s", got)
	}
	a.report = adoptReport{Adoption: new(herokutf.Adoption)}
	if got, err = a.json(); err != nil {
		t.Fatal(err)
	}
	compareJSON(t, `{"format_version": "1.0", "objects": [], "left": [], "notes": [], "warnings": [], "files": [], "pending": [],
		"released": [], "state_written": false, "backup": ""}`, got)
}

// TestAcceptedJSON: the same of what was accepted.
func TestAcceptedJSON(t *testing.T) {
	quantity := statefile.Path{"quantity"}
	change := herokutf.Change{Address: "heroku_formation.web", Path: quantity, Old: 1, New: 2}
	edit := tfconfig.Place{Position: tfconfig.Position{File: "main.tf", Line: 3, Column: 5}, Address: "heroku_formation.web", Attribute: "quantity", Old: "1", New: "2", Editable: true}
	block := tfconfig.Place{Position: tfconfig.Position{File: "b.tf", Line: 7, Column: 1}, Address: "heroku_drain.x", Editable: true}
	fixed := tfconfig.Place{Position: tfconfig.Position{File: "c.tf", Line: 9, Column: 1}, Address: "heroku_app.c"}
	config := &tfconfig.ValueEdit{Changes: []tfconfig.ValueChange{
		{Settled: true, Places: []tfconfig.Place{edit, fixed, edit}}, // once
		{Settled: true, Places: []tfconfig.Place{block}},
		{Places: []tfconfig.Place{{}, fixed, edit}, Reason: "why"},
	}}
	config.Changes[2].Address, config.Changes[2].Path = "heroku_app.c", statefile.Path{"stack"}
	a := accepting{driftOptions: new(driftOptions), backup: "backup", accepted: &herokutf.Acceptance{
		Changes: []herokutf.Change{change}, Config: config,
		Left: []herokutf.Leftover{{Address: "heroku_app.d", Path: quantity, Reason: "secret"}},
	}}
	got, err := a.json()
	if err != nil {
		t.Fatal(err)
	}
	compareJSON(t, `{"format_version": "1.1", "changes": [{"address": "heroku_formation.web", "path": ["quantity"], "old": 1, "new": 2}],
		"left": [{"address": "heroku_app.d", "path": ["quantity"], "reason": "secret"}],
		"config": {"edits": [{"file": "main.tf", "line": 3, "address": "heroku_formation.web quantity", "old": "1", "new": "2"},
			{"file": "b.tf", "line": 7, "address": "heroku_drain.x", "old": "", "new": ""}],
			"by_hand": [{"file": "c.tf", "line": 9, "reason": "heroku_app.c stack: why"}]},
		"backup": "backup"}`, got)
	for want, e := range map[string]editJSON{
		"a":                {Address: "a"},
		"a: 1 -> (none)":   {Address: "a", Old: "1"},
		"a: (none) -> 2":   {Address: "a", New: "2"},
		"a: \"1\" -> null": {Address: "a", Old: `"1"`, New: "null"},
	} {
		if got := editText(e); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestPrintDiffFails: of a comparison that failed nothing is printed.
func TestPrintDiffFails(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx     context.Context
		environ []string
	}{
		"ended":     {ended, []string{"HEROKU_API_URL=http://127.0.0.1:1", "HEROKU_API_KEY=x"}},
		"no client": {t.Context(), []string{"HEROKU_API_URL=://", "HEROKU_API_KEY=x"}},
	} {
		e, stdout, _ := testEnv(t, tt.environ...)
		o := &slugsOptions{env: e, format: formatText}
		before := &baseline{pins: new(herokutf.Slugs)}
		slugs := &herokutf.Slugs{Artifacts: []herokutf.Artifact{{Variable: "v", Kind: herokutf.KindSlug, Value: "s", Commit: "c", Release: herokutf.Release{Version: 1}}}}
		changed, err := o.printDiff(tt.ctx, before, slugs)
		if err == nil || changed || stdout.String() != "" {
			t.Errorf("%s: got %v, %v, %s", name, changed, err, stdout)
		}
	}
}

// TestSourcesOf: which addresses of a state are those of repositories, and whose.
func TestSourcesOf(t *testing.T) {
	f, err := statefile.Parse("x", []byte(`{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","outputs":{},"resources":[
{"mode":"managed","type":"heroku_build","name":"a","provider":"provider[\"registry.terraform.io/heroku/heroku\"]","instances":[{"schema_version":1,"attributes":{
"app_id":"1","id":"b","url":"https://no","local":{"url":"https://no"},"source":[{"path":"p","url":"https://a","version":"v1"},{"url":3},{"path":"q","url":null}]}}]},
{"mode":"managed","type":"heroku_build","name":"b","provider":"provider[\"registry.terraform.io/heroku/heroku\"]","instances":[{"schema_version":1,"attributes":{
"app_id":"1","id":"c","source":{"checksum":"x","url":"https://b","version":"v2"}}}]},
{"mode":"managed","type":"heroku_app","name":"c","provider":"provider[\"registry.terraform.io/heroku/heroku\"]","instances":[{"schema_version":1,"attributes":{
"app_id":"1","id":"d","org_repo":"no/no","source":{"url":"https://no"}}}]},
{"mode":"managed","type":"heroku_review_app_config","name":"r","provider":"provider[\"registry.terraform.io/heroku/heroku\"]","instances":[{"schema_version":1,"attributes":{
"pipeline_id":"AB","id":"e","org_repo":"o/r"}}]},
{"mode":"managed","type":"heroku_review_app_config","name":"s","provider":"provider[\"registry.terraform.io/heroku/heroku\"]","instances":[{"schema_version":1,"attributes":{
"pipeline_id":"CD","id":"f","org_repo":""}}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]builtFrom{"1": {{source: "https://a"}, {source: "https://b"}}, "ab": {{source: "https://github.com/o/r"}}}
	if diff := cmp.Diff(want, sourcesOf(f), cmp.AllowUnexported(builtFrom{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := sourcesOf(nil); len(got) != 0 {
		t.Errorf("of no state: %v", got)
	}
}

// TestPushWithoutHome: where HOME isn't set, the token of HCP Terraform is looked for in
// the home that the system names, as Terraform does it.
func TestPushWithoutHome(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Terraform looks into APPDATA there")
	}
	var sent string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent = r.Header.Get("Authorization")
		w.WriteHeader(http.StatusNotFound)
	}))
	defer server.Close()
	credentials := func(token string) string {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, ".terraform.d"), 0o700); err != nil {
			t.Fatal(err)
		}
		text := `{"credentials": {"127.0.0.1": {"token": "` + token + `"}}}`
		if err := os.WriteFile(filepath.Join(dir, ".terraform.d", "credentials.tfrc.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	t.Setenv("HOME", credentials("system"))
	for home, want := range map[string]string{"": "Bearer system", credentials("named"): "Bearer named"} {
		e, _, _ := testEnv(t, "TFE_ADDRESS="+server.URL, "HOME="+home)
		o := &slugsOptions{env: e, workspace: "acme/production"}
		sent = ""
		slugs := &herokutf.Slugs{Artifacts: []herokutf.Artifact{{Variable: "v", Kind: herokutf.KindSlug, Value: "s"}}}
		if err := o.push(t.Context(), slugs); err == nil || sent != want {
			t.Errorf("HOME %q: got %v, sent %q, want %q", home, err, sent, want)
		}
	}
}

// TestPlacer: an object of a module is where the module has it, not where that is called.
func TestPlacer(t *testing.T) {
	t.Chdir(t.TempDir())
	for file, text := range map[string]string{
		"a.tf":     "resource \"heroku_app\" \"a\" {\n  name = \"a\"\n}\n",
		"main.tf":  "\nmodule \"m\" {\n  source = \"./m\"\n}\n",
		"m/app.tf": "\n\n\nresource \"heroku_app\" \"b\" {\n  name = \"b\"\n}\n",
	} {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	e, _, stderr := testEnv(t)
	o := &driftOptions{env: e, look: driftLook{format: "sarif"}}
	place := o.placer(map[string]string{"s": "."})
	for _, tt := range []struct {
		state, address, file string
		line                 int
	}{
		{"s", "heroku_app.a", "a.tf", 1},
		{"s", "module.m.heroku_app.b", "m/app.tf", 4},
		{"s", "module.m.heroku_app.gone", "main.tf", 1},
		{"s", "heroku_app.gone", "main.tf", 1},
		{"", "", "main.tf", 1},
		{"other", "heroku_app.a", "", 0},
	} {
		if file, line := place(tt.state, tt.address); file != tt.file || line != tt.line {
			t.Errorf("%s %s: got %s:%d, want %s:%d", tt.state, tt.address, file, line, tt.file, tt.line)
		}
	}
	if stderr.String() != "" {
		t.Errorf("stderr: %s", stderr)
	}
	if err := os.WriteFile("a.tf", []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if file, line := o.placer(map[string]string{"s": "."})("s", "heroku_app.a"); file != "" || line != 0 || !strings.Contains(stderr.String(), "Where objects are configured isn't known: a.tf:1:1: ") {
		t.Errorf("a configuration that can't be read: %s:%d, %s", file, line, stderr)
	}
	o.look.format = formatText
	if o.placer(nil) != nil {
		t.Error("text has no use for places")
	}
}

// TestLatestBuilds: what Heroku says of a pipeline's builds, of which not each has a slug.
func TestLatestBuilds(t *testing.T) {
	answer := `[{"id": "1", "slug": {"id": "s"}, "source_blob": {"url": "https://a"}}, {"id": "2", "slug": null, "source_blob": {"url": "https://b"}}, {"id": "3"}]`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/pipelines/p/latest-builds" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Write([]byte(answer))
	}))
	defer server.Close()
	e, _, _ := testEnv(t, "HEROKU_API_URL="+server.URL, "HEROKU_API_KEY=x")
	client, err := e.client("slugs", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []builtFrom{{"s", "https://a"}, {"", "https://b"}, {}}
	if diff := cmp.Diff(want, latestBuilds(t.Context(), client, "p"), cmp.AllowUnexported(builtFrom{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, pipeline := range []string{"q", ""} {
		if got := latestBuilds(t.Context(), client, pipeline); got != nil {
			t.Errorf("of %q: %v", pipeline, got)
		}
	}
}
