package acceptance

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
	"github.com/herokutf/herokutf/tfconfig"
)

// stateServer keeps states as the http backend wants it, with locks.
type stateServer struct {
	mu     sync.Mutex
	states map[string][]byte
	locks  map[string][]byte
}

func (s *stateServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch held := s.locks[r.URL.Path]; r.Method {
	case http.MethodGet:
		if s.states[r.URL.Path] == nil {
			w.WriteHeader(http.StatusNotFound)
		}
		w.Write(s.states[r.URL.Path])
	case http.MethodPost:
		s.states[r.URL.Path] = data
	case "LOCK":
		if held != nil {
			w.WriteHeader(http.StatusLocked)
			w.Write(held)
			return
		}
		s.locks[r.URL.Path] = data
	case "UNLOCK":
		delete(s.locks, r.URL.Path)
	}
}

// remote moves the world's state to a backend of its own.
func (w *world) remote(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(&stateServer{states: map[string][]byte{}, locks: map[string][]byte{}})
	t.Cleanup(server.Close)
	config := fmt.Sprintf("terraform {\n  backend \"http\" {\n    address        = \"%[1]s/state\"\n    lock_address   = \"%[1]s/state\"\n    unlock_address = \"%[1]s/state\"\n  }\n}\n", server.URL)
	if err := os.WriteFile(filepath.Join(w.dir, "backend.tf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	initialising.Lock()
	defer initialising.Unlock()
	if r := w.run(t, "init", "-input=false", "-no-color", "-migrate-state", "-force-copy"); r.exit != 0 {
		t.Fatal(r)
	}
}

// TestRemoteRename: an app is renamed, and its state is in a backend. The repair and the
// edited configuration are planned before either is written, and what was planned is what
// Terraform plans afterwards.
func TestRemoteRename(t *testing.T) {
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
		w := s.open(t, s.version, true)
		w.remote(t)
		f, err := terraform.Open(w.dir, terraform.Options{Terraform: w.bin, Environ: w.environ(t)})
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Location().String(); got != `the state of workspace "default" in backend "http"` {
			t.Errorf("the state is %s", got)
		}
		apps := [][2]string{{"acme-ui-staging", "acme-ui-test"}, {"acme-batch-eu", "acme-batch-ie"}}
		rename(w.api, apps)

		config, err := tfconfig.Load(w.dir)
		if err != nil {
			t.Fatal(err)
		}
		var repair *herokutf.Repair
		edit := func(state *statefile.File) (*statefile.File, error) {
			found, err := herokutf.FindRenames(t.Context(), w.client, state)
			if err != nil {
				return nil, err
			}
			if repair, err = herokutf.RepairRename(state, found...); err != nil {
				return nil, err
			}
			return repair.Apply()
		}
		files := func() []tfconfig.FileEdit {
			edits, err := config.EditRename(repair.AppRenames()...)
			if err != nil {
				t.Error(err)
			}
			return edits
		}
		judge := func(plan *tfjson.Plan) error { return herokutf.CheckPlan(plan) }

		// Without the configuration, Terraform would rename the apps back.
		dry, err := f.Update(t.Context(), terraform.UpdateOptions{DryRun: true, Plan: terraform.PlanRequire}, edit)
		if err != nil {
			t.Fatal(err)
		}
		if got := (plan{Plan: dry.Plan}).actions(); len(got) == 0 {
			t.Error("the configuration still has the old names, and nothing is planned")
		}
		begun := time.Now()
		done, err := f.Update(t.Context(), terraform.UpdateOptions{Plan: terraform.PlanRequire, Judge: judge, Files: files}, edit)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("written in %v", time.Since(begun).Round(time.Millisecond))
		if got := (plan{Plan: done.Plan}).actions(); len(got) > 0 {
			t.Errorf("the plan of the new state has the actions %q", got)
		}
		if err := tfconfig.Apply(files()); err != nil {
			t.Fatal(err)
		}
		w.noChanges(t, "after the repair")
		again, err := f.Update(t.Context(), terraform.UpdateOptions{Judge: judge}, edit)
		if err != nil || again.Changed {
			t.Errorf("again: %+v, %v", again, err)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(w.dir), ".herokutf-*")); left != nil {
			t.Errorf("left behind: %v", left)
		}
		if r := w.run(t, "state", "pull"); r.exit != 0 || strings.Contains(r.stdout, `"acme-batch-eu"`) {
			t.Errorf("the state has the old name: exit %d", r.exit)
		}

		begun = time.Now()
		for _, args := range [][]string{{"state", "pull"}, {"plan", "-input=false"}} {
			if r := w.run(t, args...); r.exit != 0 {
				t.Fatal(r)
			}
		}
		t.Logf("a bare pull and plan take %v", time.Since(begun).Round(time.Millisecond))
	})
}

// TestRemoteCommand: the command does the same in the configuration's folder: a dry run,
// the repair with the configuration, a plan without changes, nothing more to do, and back.
func TestRemoteCommand(t *testing.T) {
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
		w := s.open(t, s.version, true)
		w.remote(t)
		command := filepath.Join(t.TempDir(), "herokutf")
		if out, err := exec.Command("go", "build", "-o", command, "../cmd/herokutf").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		rename(w.api, [][2]string{{"acme-ui-staging", "acme-ui-test"}, {"acme-batch-eu", "acme-batch-ie"}})
		run := func(want int, args ...string) {
			t.Helper()
			cmd := exec.CommandContext(t.Context(), command, append(args, "--chdir", w.dir, "--terraform", w.bin)...)
			cmd.Env = w.environ(t)
			out, err := cmd.CombinedOutput()
			if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != want {
				t.Fatalf("herokutf %q: %v, want exit code %d\n%s", args, err, want, out)
			}
		}
		run(2, "rename", "--dry-run", "--write-config", "--plan-check", "require")
		run(0, "rename", "--write-config", "--plan-check", "require")
		w.noChanges(t, "after the repair")
		run(0, "rename")
		run(0, "undo", "--dry-run")
		run(0, "undo")
		if r := w.run(t, "state", "pull"); r.exit != 0 || !strings.Contains(r.stdout, `"acme-batch-eu"`) {
			t.Errorf("after the undo the state lacks the old name: exit %d", r.exit)
		}
	})
}
