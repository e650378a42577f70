//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/report"
)

// standIn is terraform as far as a deployment needs it: it runs $SHOW where the plan is
// shown.
const standIn = `#!/bin/sh
case $1 in
state) cat "$STATE" ;;
plan) : > "$LOG" ;;
show) eval "$SHOW" ;;
esac
`

// newDeployment returns one with a stand-in for terraform.
func newDeployment(t *testing.T, show string, environ ...string) (d *deployment, stderr *strings.Builder) {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no sh")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "terraform")
	if err := os.WriteFile(program, []byte(standIn), 0o700); err != nil {
		t.Fatal(err)
	}
	e, _, stderr := testEnv(t, append(environ, "SHOW="+show, "LOG="+filepath.Join(dir, "planned"), "PATH="+os.Getenv("PATH"))...)
	o := &deployOptions{env: e, format: formatText, planOnly: true, folderFlags: folderFlags{terraform: program, dir: "."}}
	return &deployment{deployOptions: o, slugs: new(herokutf.Slugs), environ: e.Environ}, stderr
}

// TestPlanFolder: where the plan can't be kept for the run nothing is planned, and one that
// can't be removed is reported, since it holds secrets.
func TestPlanFolder(t *testing.T) {
	d, _ := newDeployment(t, `echo '{"format_version": "1.2", "planned_values": {}}'; mv "$PLAN_PARENT" "$PLAN_PARENT.moved"; : > "$PLAN_PARENT"`)
	tmp := filepath.Join(t.TempDir(), "tmp")
	t.Setenv("TMPDIR", tmp)
	wants(t, "no folder for it", "make a folder for the plan: ", d.run(t.Context()))
	if err := os.Mkdir(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	d, stderr := newDeployment(t, `echo '{"format_version": "1.2", "planned_values": {}}'; mv "$PLAN_PARENT" "$PLAN_PARENT.moved"; : > "$PLAN_PARENT"`, "PLAN_PARENT="+tmp)
	if err := d.run(t.Context()); err != nil || !strings.HasPrefix(stderr.String(), "Warning: The plan, which holds secrets in clear, is still there: ") {
		t.Errorf("one that can't be removed: %v, %q", err, stderr)
	}
}

// TestPlanUnread: a plan that can't be read is not judged, and not kept.
func TestPlanUnread(t *testing.T) {
	d, _ := newDeployment(t, `echo '{"format_version": "1.2", "planned_values": {}, "applyable": "yes"}'`)
	if plan, err := d.plan(t.Context(), "plan"); err == nil || plan != nil {
		t.Errorf("got %+v, %v", plan, err)
	}
	d.out = "kept"
	t.Chdir(t.TempDir())
	wants(t, "no plan", "keep the plan: ", d.keep("plan"))
	put(t, "plan", "secret")
	if err := os.MkdirAll(filepath.Join("kept", "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	wants(t, "a folder in its place", "keep the plan: ", d.keep("plan"))
	left, err := filepath.Glob(".herokutf-*")
	if err != nil || left != nil || d.summary.Plan.File != "" {
		t.Errorf("left behind: %v, %v, %s", left, err, d.summary.Plan.File)
	}
	d.out = "other"
	put(t, "other", "somebody's")
	if err := os.Chmod("other", 0o644); err != nil {
		t.Fatal(err)
	}
	if err := d.keep("plan"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("other")
	if info, serr := os.Stat("other"); err != nil || serr != nil || string(data) != "secret" || info.Mode() != 0o600 || d.summary.Plan.File != "other" {
		t.Errorf("kept %q, %v, %v in %s", data, err, info, d.summary.Plan.File)
	}
}

// TestShow: of a report that can't be made nothing is printed, and that is said.
func TestShow(t *testing.T) {
	d, stderr := newDeployment(t, "")
	d.show(func(text *bytes.Buffer, _ report.Options) error { text.WriteString("half"); return errNo })
	d.show(func(text *bytes.Buffer, _ report.Options) error { text.WriteString("whole\n"); return nil })
	if got := stderr.String(); got != "Warning: A report is missing here: no.\nwhole\n" {
		t.Errorf("printed %s", got)
	}
}

// TestDeployInterrupted: a deployment that is ended while it asks about the slugs plans
// nothing.
func TestDeployInterrupted(t *testing.T) {
	heroku := herokutest.NewServer()
	defer heroku.Close()
	heroku.AddPipeline(herokutest.Pipeline{Name: "api", ID: "aaaaaaaa-0000-4000-8000-000000000001"})
	heroku.AddApp(herokutest.App{Name: "api", ID: "0a000000-0000-4000-8000-000000000001"})
	heroku.Couple("api", "api", "production")
	heroku.AddSlug("api", herokutest.Slug{ID: "51000000-0000-4000-8000-000000000002", Commit: strings.Repeat("2", 40)})
	heroku.Deploy("api", "51000000-0000-4000-8000-000000000002")
	state := filepath.Join(t.TempDir(), "state")
	put(t, state, `{"version": 4, "serial": 1, "lineage": "x", "outputs": {}, "resources": [{"mode": "managed", "type": "heroku_app_release", "name": "api",
"provider": "provider[\"registry.terraform.io/heroku/heroku\"]", "instances": [{"schema_version": 0, "attributes": {"id": "7e000000-0000-4000-8000-000000000001",
"app_id": "0a000000-0000-4000-8000-000000000001", "slug_id": "51000000-0000-4000-8000-000000000001"}}]}]}`)
	ctx, cancel := context.WithCancel(t.Context())
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/latest-builds") {
			asked = true
			cancel()
		}
		heroku.ServeHTTP(w, r)
	}))
	defer server.Close()
	d, _ := newDeployment(t, "", "HEROKU_API_URL="+server.URL, "HEROKU_API_KEY=any-token-will-do", "BUILD_PIPELINE_API=api", "STATE="+state)
	if err := d.deploy(ctx); !errors.Is(err, ctx.Err()) || !asked {
		t.Errorf("got %v; asked: %t", err, asked)
	}
	if _, err := os.Stat(d.Getenv("LOG")); err == nil {
		t.Error("it was planned")
	}
}

// TestWriteNewHalf: a file that can't be written whole is removed. The limit is one of a
// whole process, and this one has other files under way, so that it is a child's.
func TestWriteNewHalf(t *testing.T) {
	path := os.Getenv("HEROKUTF_TEST_HALF")
	if path == "" {
		path = filepath.Join(t.TempDir(), "x.tf")
		child := exec.Command(os.Args[0], "-test.run=^TestWriteNewHalf$", "-test.v")
		child.Env = append(os.Environ(), "HEROKUTF_TEST_HALF="+path)
		if out, err := child.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: TestWriteNewHalf")) {
			t.Errorf("%v: %s", err, out)
		}
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("it is there: %v", err)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: 1, Max: 1}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	wants(t, "a file of two bytes where there is room for one", "write it: ", writeNew("write it", path, []byte("22")))
}
