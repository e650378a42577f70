//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/statefile"
)

// A backend keeps one state as the http backend wants it.
type backend struct {
	mu          sync.Mutex
	state, lock []byte
}

func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	defer b.mu.Unlock()
	switch r.Method {
	case http.MethodGet:
		if b.state == nil {
			w.WriteHeader(http.StatusNotFound)
		}
		w.Write(b.state)
	case http.MethodPost:
		b.state = data
	case "LOCK":
		if b.lock != nil {
			w.WriteHeader(http.StatusLocked)
			w.Write(b.lock)
			return
		}
		b.lock = data
	case "UNLOCK":
		b.lock = nil
	}
}

func (b *backend) set(state []byte) {
	b.mu.Lock()
	b.state = state
	b.mu.Unlock()
}

// A workplace is a configuration's folder with its state in a backend, and the Heroku
// that they are about.
type workplace struct {
	dir     string
	environ []string
	backend *backend
	config  []byte // main.tf before the rename
	before  []byte // the state, likewise
}

// remoteConfig is a configuration of apps with four objects each.
func remoteConfig(address string, apps int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `terraform {
  required_providers {
    heroku = {
      source  = "heroku/heroku"
      version = "~> 5.3"
    }
  }
  backend "http" {
    address        = %[1]q
    lock_address   = %[1]q
    unlock_address = %[1]q
  }
}
provider "heroku" {
  delays {
    post_app_create_delay = 0
  }
}
`, address)
	for i := range apps {
		fmt.Fprintf(&b, `resource "heroku_app" "a%[1]d" {
  name   = "bench-%[1]d"
  region = "us"
}
resource "heroku_addon" "db%[1]d" {
  app_id = heroku_app.a%[1]d.id
  plan   = "heroku-postgresql:essential-0"
}
resource "heroku_drain" "d%[1]d" {
  app_id = heroku_app.a%[1]d.id
  url    = "https://logs.example.com/%[1]d"
}
resource "heroku_app_feature" "f%[1]d" {
  app_id = heroku_app.a%[1]d.id
  name   = "runtime-dyno-metadata"
}
`, i)
	}
	return b.Bytes()
}

// errSkipped says why a comparison can't be made on this machine.
type errSkipped struct{ reason string }

func (e *errSkipped) Error() string { return e.reason }

// newWorkplace applies a configuration.
func (c *config) newWorkplace(ctx context.Context, a *api, apps int) (*workplace, func(), error) {
	b := &backend{}
	server := httptest.NewServer(b)
	w := &workplace{dir: filepath.Join(c.dir, fmt.Sprintf("remote-%d", apps)), backend: b, config: remoteConfig(server.URL+"/state", apps)}
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); !strings.HasPrefix(name, "HEROKU") && (!strings.HasPrefix(name, "TF_") || name == "TF_CLI_CONFIG_FILE") {
			w.environ = append(w.environ, kv)
		}
	}
	w.environ = append(w.environ, "HEROKU_API_URL="+a.URL, "HEROKU_API_KEY=bench-token", "CHECKPOINT_DISABLE=1", "NETRC_PATH="+filepath.Join(c.dir, "no-netrc"))
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return nil, server.Close, err
	}
	if err := os.WriteFile(w.file(), w.config, 0o600); err != nil {
		return nil, server.Close, err
	}
	if err := w.run(ctx, nil, "terraform", "init", "-input=false"); err != nil {
		return nil, server.Close, &errSkipped{"terraform init can't get the provider heroku/heroku"}
	}
	if err := w.run(ctx, nil, "terraform", "apply", "-input=false", "-auto-approve"); err != nil {
		return nil, server.Close, err
	}
	if err := w.run(ctx, nil, "terraform", "apply", "-input=false", "-auto-approve", "-refresh-only"); err != nil {
		return nil, server.Close, err
	}
	w.before = b.state
	return w, server.Close, nil
}

func (w *workplace) file() string { return filepath.Join(w.dir, "main.tf") }

// run runs a command in the folder. Its output goes to out.
func (w *workplace) run(ctx context.Context, out io.Writer, args ...string) error {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var stderr bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = w.dir, w.environ, out, &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(args[:2], " "), err, stderr.Bytes())
	}
	return nil
}

// reset puts the state and the configuration back.
func (w *workplace) reset(config []byte) error {
	w.backend.set(w.before)
	return os.WriteFile(w.file(), config, 0o600)
}

// bare is what Terraform needs at the least: pull, plan and push.
func (w *workplace) bare(ctx context.Context) error {
	var pulled bytes.Buffer
	if err := w.run(ctx, &pulled, "terraform", "state", "pull"); err != nil {
		return err
	}
	if err := w.run(ctx, nil, "terraform", "plan", "-input=false"); err != nil {
		return err
	}
	f, err := statefile.Parse("pulled", pulled.Bytes())
	if err != nil {
		return err
	}
	if f, err = f.RaiseSerial("pushed", f.Serial()); err != nil {
		return err
	}
	path := filepath.Join(filepath.Dir(w.dir), "pushed.tfstate")
	if err := os.WriteFile(path, f.Bytes(), 0o600); err != nil {
		return err
	}
	return w.run(ctx, nil, "terraform", "state", "push", path)
}

// remotes measures a rename in a remote state, with its plan, its backup and the second
// look, beside what Terraform alone takes for pull, plan and push.
func (c *config) remotes(ctx context.Context) error {
	fmt.Fprintf(c.out, "\n## One app renamed in a remote state, plan included, %v an answer of Heroku\n\n| apps | | seconds | times the bare commands |\n|---|---|---|---|\n", c.latency)
	if _, err := exec.LookPath("terraform"); err != nil {
		fmt.Fprintf(c.out, "| | not measured: there is no terraform | | |\n")
		return nil
	}
	for _, apps := range []int{1, 10} {
		err := c.remote(ctx, apps)
		if skipped, ok := errors.AsType[*errSkipped](err); ok {
			fmt.Fprintf(c.out, "| | not measured: %s | | |\n", skipped.reason)
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *config) remote(ctx context.Context, apps int) error {
	server := herokutest.New(herokutest.Options{})
	if err := server.Seed(herokutest.Seed{}); err != nil {
		return err
	}
	a := c.api(server)
	defer a.Close()
	w, done, err := c.newWorkplace(ctx, a, apps)
	defer done()
	if err != nil {
		return err
	}
	a.Rename("bench-0", "bench-renamed")
	renamed := bytes.ReplaceAll(w.config, []byte(`"bench-0"`), []byte(`"bench-renamed"`))
	var bare, own []time.Duration
	for range c.runs {
		// Turn by turn: what else the machine does slows both.
		if err := w.reset(renamed); err != nil {
			return err
		}
		begin := time.Now()
		if err := w.bare(ctx); err != nil {
			return err
		}
		bare = append(bare, time.Since(begin))
		if err := w.reset(w.config); err != nil {
			return err
		}
		begin = time.Now()
		if err := w.run(ctx, nil, c.repair, "rename", "--write-config", "--plan-check", "require"); err != nil {
			return err
		}
		own = append(own, time.Since(begin))
		if config, err := os.ReadFile(w.file()); err != nil || !bytes.Equal(config, renamed) || !bytes.Contains(w.backend.state, []byte(`"bench-renamed"`)) {
			return errors.Join(errors.New("the state or the configuration isn't repaired"), err)
		}
	}
	fmt.Fprintf(c.out, "| %d | `terraform state pull`, `plan`, `state push` | %s | 1.00 |\n", apps, seconds(median(bare)))
	fmt.Fprintf(c.out, "| %d | `herokutf rename --write-config` | %s | %.2f |\n", apps, seconds(median(own)), median(own).Seconds()/median(bare).Seconds())
	return nil
}
