package acceptance

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/postgrestest"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
	"github.com/herokutf/herokutf/tfconfig"
)

// A stateServer keeps states as the http backend wants it.
type stateServer struct {
	mu     sync.Mutex
	states map[string][]byte
	locks  map[string][]byte
	put    func() // before each write, without the lock
}

func (s *stateServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	put := s.put
	s.mu.Unlock()
	if put != nil && r.Method == http.MethodPost {
		put()
	}
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

// The places that tests keep a state in.
const (
	inHTTP      = "http"
	inUnlocked  = "http without locks"
	inPostgres  = "pg"
	inWorkspace = "workspace" // a local one
)

// remote moves the world's state to a backend of its own. It returns the server of an
// http backend.
func (w *world) remote(t *testing.T, place string) *stateServer {
	t.Helper()
	server := &stateServer{states: map[string][]byte{}, locks: map[string][]byte{}}
	config := ""
	switch place {
	case inHTTP, inUnlocked:
		listening := httptest.NewServer(server)
		t.Cleanup(listening.Close)
		config = fmt.Sprintf("address = %q", listening.URL+"/state")
		if place == inHTTP { // as terraform fmt has it
			config = fmt.Sprintf("address        = %q", listening.URL+"/state")
			config += fmt.Sprintf("\n    lock_address   = %q\n    unlock_address = %[1]q", listening.URL+"/state")
		}
		config = "terraform {\n  backend \"http\" {\n    " + config + "\n  }\n}\n"
	case inPostgres:
		w.more = append(w.more, "PG_CONN_STR="+postgrestest.Start(t))
		config = "terraform {\n  backend \"pg\" {}\n}\n"
	case inWorkspace:
		if r := w.run(t, "workspace", "new", "-state=terraform.tfstate", "blue"); r.exit != 0 {
			t.Fatal(r)
		}
		return server
	}
	if err := os.WriteFile(filepath.Join(w.dir, "backend.tf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	initialising.Lock()
	defer initialising.Unlock()
	if r := w.run(t, "init", "-input=false", "-no-color", "-migrate-state", "-force-copy"); r.exit != 0 {
		t.Fatal(r)
	}
	return server
}

// build returns the path of the command, which is built once for all tests.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "herokutf")
	out, err := exec.Command("go", "build", "-o", path, "../cmd/herokutf").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, out)
	}
	return path, err
})

// herokutf runs the command on the world's folder, and returns what it printed.
func (w *world) herokutf(t *testing.T, want int, args ...string) string {
	t.Helper()
	command, err := build()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), command, append(args, "--chdir", w.dir, "--terraform", w.bin)...)
	cmd.Env = w.environ(t)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != want {
		t.Fatalf("herokutf %q: %v, want exit code %d\n%s", args, err, want, out)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(w.dir), ".herokutf-*")); left != nil {
		t.Errorf("herokutf %q left behind: %v", args, left)
	}
	return string(out)
}

// TestRemoteRename: an app is renamed, and its state is in a backend. The repair and the
// edited configuration are planned before either is written, and what was planned is what
// Terraform plans afterwards.
func TestRemoteRename(t *testing.T) {
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
		w := s.open(t, s.version, true)
		w.remote(t, inHTTP)
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

// TestRemoteCommand: the command does the same in the configuration's folder, wherever
// the state is: a dry run, the repair with the configuration, a plan without changes,
// nothing more to do; once more after a second rename; and back.
func TestRemoteCommand(t *testing.T) {
	for _, place := range []string{inHTTP, inPostgres, inWorkspace} {
		t.Run(place, func(t *testing.T) {
			each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
				w := s.open(t, s.version, true)
				w.remote(t, place)
				for _, apps := range [][][2]string{
					{{"acme-ui-staging", "acme-ui-test"}, {"acme-batch-eu", "acme-batch-ie"}},
					{{"acme-ui-test", "acme-ui-trial"}},
				} {
					rename(w.api, apps)
					w.herokutf(t, 2, "rename", "--dry-run", "--write-config", "--plan-check", "require")
					w.herokutf(t, 0, "rename", "--write-config", "--plan-check", "require")
					w.noChanges(t, "after the repair")
					if out := w.herokutf(t, 0, "rename"); !strings.Contains(out, "nothing to do") {
						t.Errorf("again: %s", out)
					}
				}
				if out := w.herokutf(t, 0, "undo", "--list"); strings.Count(out, "edited with it: ") != 2 {
					t.Errorf("the backups are\n%s", out)
				}
				w.herokutf(t, 0, "undo", "--dry-run")
				// What the run edited is named, and what Terraform makes of the old name is
				// said: with provider 4 the plan fails, or is harm.
				out := w.herokutf(t, 0, "undo")
				if !strings.Contains(out, "next:   take back what the same run edited in ") || !strings.Contains(out, "\nplan:   ") {
					t.Errorf("undo: %s", out)
				}
				if s.version == v4 && !strings.Contains(out, "apply nothing before that is as it should be") {
					t.Errorf("undo: %s", out)
				}
				if r := w.run(t, "state", "pull"); r.exit != 0 || !strings.Contains(r.stdout, `"acme-ui-test"`) {
					t.Errorf("after the undo the state lacks the old name: exit %d", r.exit)
				}
				// And forth again.
				w.herokutf(t, 0, "undo")
				w.noChanges(t, "after the second undo")
			})
		})
	}
}

// TestRemoteInFlight: an apply that is under way ends after the push. Where no lock keeps
// the two apart, the repair is gone then, and the command doesn't report a success.
func TestRemoteInFlight(t *testing.T) {
	each(t, []string{v5}, func(t *testing.T, s *setting) {
		if _, err := build(); err != nil { // not while others wait
			t.Fatal(err)
		}
		w := s.open(t, s.version, true)
		server := w.remote(t, inUnlocked)
		rename(w.api, [][2]string{{"acme-ui-staging", "acme-ui-test"}})
		begun := make(chan struct{})
		var writes atomic.Int32
		server.mu.Lock()
		server.put = func() {
			if writes.Add(1) > 1 {
				return
			}
			// The apply's own, which waits for the push.
			close(begun)
			for t.Context().Err() == nil {
				server.mu.Lock()
				pushed := bytes.Contains(server.states["/state"], []byte(`"acme-ui-test"`))
				server.mu.Unlock()
				if pushed {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		}
		server.mu.Unlock()
		applied := make(chan result, 1)
		go func() {
			applied <- w.run(t, "apply", "-auto-approve", "-input=false", "-no-color", "-target=heroku_app_webhook.api_production", "-replace=heroku_app_webhook.api_production")
		}()
		select {
		case <-begun:
		case r := <-applied:
			t.Fatalf("the apply wrote nothing: %s", r)
		}
		// Nothing can be planned while the webhook is gone.
		out := w.herokutf(t, 1, "rename", "--plan-check", "off")
		if !strings.Contains(out, "another program has overwritten the state") || !strings.Contains(out, `Backend "http" has no locks`) {
			t.Errorf("herokutf rename: %s", out)
		}
		if r := <-applied; r.exit != 0 {
			t.Error(r)
		}
		w.herokutf(t, 0, "rename", "--write-config")
		w.noChanges(t, "once more, in peace")
	})
}

// TestEncrypted: a state that OpenTofu encrypts, in a file and in a backend. Terraform
// can't do that.
func TestEncrypted(t *testing.T) {
	if _, err := exec.LookPath("tofu"); err != nil && os.Getenv("TF_ACC") != "" {
		t.Skipf("only OpenTofu encrypts states: %v", err)
	}
	for _, place := range []string{inHTTP, inWorkspace} {
		t.Run(place, func(t *testing.T) {
			each(t, []string{v5}, func(t *testing.T, s *setting) {
				if filepath.Base(s.bin) != "tofu" {
					t.Skip("only OpenTofu encrypts states")
				}
				w := s.open(t, s.version, true)
				w.encrypt(t, place)
				rename(w.api, [][2]string{{"acme-ui-staging", "acme-ui-test"}})
				passphrase := []string{"--var", "passphrase=correct horse battery staple"}
				w.herokutf(t, 2, append([]string{"rename", "--dry-run", "--write-config", "--plan-check", "require"}, passphrase...)...)
				w.herokutf(t, 0, append([]string{"rename", "--write-config", "--plan-check", "require"}, passphrase...)...)
				w.noChanges(t, "after the repair", "-var=passphrase=correct horse battery staple")
				w.herokutf(t, 0, append([]string{"undo"}, passphrase...)...)
				if r := w.run(t, "state", "pull", "-var=passphrase=correct horse battery staple"); r.exit != 0 || !strings.Contains(r.stdout, `"acme-ui-staging"`) {
					t.Errorf("after the undo: exit %d", r.exit)
				}
				if out := w.herokutf(t, 1, "rename", "--var", "passphrase=not the right one at all"); strings.Contains(out, "not the right one") {
					t.Errorf("the passphrase is shown: %s", out)
				}
			})
		})
	}
}

// encrypt moves the world's state to a place where OpenTofu encrypts it.
func (w *world) encrypt(t *testing.T, place string) {
	t.Helper()
	config := `variable "passphrase" {
  sensitive = true
}
terraform {
  encryption {
    method "unencrypted" "before" {}
    key_provider "pbkdf2" "key" {
      passphrase = var.passphrase
    }
    method "aes_gcm" "method" {
      keys = key_provider.pbkdf2.key
    }
    state {
      method = method.aes_gcm.method
      fallback {
        method = method.unencrypted.before
      }
    }
  }
}
`
	w.more = append(w.more, "TF_VAR_passphrase=correct horse battery staple")
	server := w.remote(t, place)
	if err := os.WriteFile(filepath.Join(w.dir, "encryption.tofu"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	initialising.Lock()
	r := w.run(t, "init", "-input=false", "-no-color")
	initialising.Unlock()
	if r.exit != 0 {
		t.Fatal(r)
	}
	w.apply(t)
	w.refresh(t)
	w.more = nil
	kept := server.states["/state"]
	if place == inWorkspace {
		var err error
		if kept, err = os.ReadFile(filepath.Join(w.dir, "terraform.tfstate.d", "blue", "terraform.tfstate")); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(string(kept), "encrypted_data") {
		t.Fatalf("the state isn't encrypted")
	}
}
