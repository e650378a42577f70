package acceptance

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/herokutest"
)

// command builds the command, and returns its path.
func command(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "herokutf")
	if out, err := exec.Command("go", "build", "-o", path, "../cmd/herokutf").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// inFolder runs the command in the world's folder; it has to end with the exit code.
func (w *world) inFolder(t *testing.T, path string, environ []string, want int, args ...string) result {
	t.Helper()
	run := *w
	run.setting = &setting{path, w.version}
	r := run.runWith(t, environ, args...)
	if r.exit != want {
		t.Fatalf("want exit %d, got %s", want, r)
	}
	return r
}

// TestOrigin goes through docs/migrate-the-example.md: a system that the shell script
// fed, with provider 4, comes to provider 5, to pins and to gates, and no step but a
// deployment changes anything on Heroku.
func TestOrigin(t *testing.T) {
	each(t, []string{v4}, func(t *testing.T, s *setting) {
		w := s.open(t, "origin-4.9.0", false)
		path := command(t)
		var environ []string
		for name, ref := range map[string]string{"API": "api", "WEB_UI": "web-ui"} {
			p := w.api.AddPipeline(herokutest.Pipeline{Name: ref})
			for _, stage := range []string{"staging", "production"} {
				w.api.AddApp(herokutest.App{Name: "build-" + ref + "-" + stage})
				w.api.Deploy("build-"+ref+"-"+stage, "")
				w.api.Couple(p.ID, "build-"+ref+"-"+stage, stage)
			}
			environ = append(environ, "BUILD_PIPELINE_"+name+"="+p.ID)
		}
		runs := func(when string) {
			t.Helper()
			for app, build := range map[string]string{
				"acme-api-staging": "build-api-staging", "acme-api-production": "build-api-production",
				"acme-ui-staging": "build-web-ui-staging", "acme-ui-production": "build-web-ui-production",
			} {
				if got, want := w.current(t, app).Slug, w.current(t, build).Slug; got != want {
					t.Errorf("%s: %s runs slug %s, want %s", when, app, got, want)
				}
			}
		}
		terraform := func(want int, args ...string) {
			t.Helper()
			w.inFolder(t, path, environ, want, append([]string{"slugs", "--check", ".", "--", s.bin}, args...)...)
		}

		// The line that takes the script's place.
		terraform(0, "apply", "-auto-approve", "-input=false", "-no-color")
		runs("applied")
		terraform(0, "plan", "-detailed-exitcode", "-input=false", "-no-color")

		// To provider 5.
		w.inFolder(t, path, environ, 0, "rename", "--to-ids", "--plan-check", "off")
		five, err := os.ReadFile(filepath.Join("testdata", "origin-5.3.2", "main.tf"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(w.dir, "main.tf"), five, 0o600); err != nil {
			t.Fatal(err)
		}
		initialising.Lock()
		r := w.run(t, "init", "-upgrade", "-input=false", "-no-color")
		initialising.Unlock()
		if r.exit != 0 {
			t.Fatal(r)
		}
		terraform(0, "plan", "-detailed-exitcode", "-input=false", "-no-color")

		// Pins: what is released after them waits for the next.
		w.api.Deploy("build-api-production", "")
		w.inFolder(t, path, environ, 2, "slugs", "--diff", "terraform.tfstate")
		w.inFolder(t, path, environ, 0, "slugs", "--lock")
		pinned := w.current(t, "build-api-production").Slug
		w.api.Deploy("build-api-production", "")
		r = w.inFolder(t, path, environ, 0, "deploy", "--terraform", s.bin, "--auto-approve", "--locked")
		if got := w.current(t, "acme-api-production").Slug; got != pinned || !strings.Contains(r.stderr, "1 of 4 values changed") {
			t.Errorf("the app runs %s, want %s: %s", got, pinned, r)
		}
		w.inFolder(t, path, environ, 0, "slugs", "--locked", "slugs.lock.json", "--diff", "terraform.tfstate")
		r = w.inFolder(t, path, environ, 2, "slugs", "--diff", "terraform.tfstate", "--format", "json")
		var diff struct {
			Changes []struct {
				Address  string `json:"address"`
				Old, New struct {
					Value string `json:"value"`
				}
			} `json:"changes"`
			Unchanged int `json:"unchanged"`
		}
		if err := json.Unmarshal([]byte(r.stdout), &diff); err != nil {
			t.Fatal(err)
		}
		if len(diff.Changes) != 1 || diff.Unchanged != 3 || diff.Changes[0].Address != "heroku_app_release.api_production" || diff.Changes[0].Old.Value != pinned {
			t.Errorf("the difference is %+v", diff)
		}
		w.inFolder(t, path, environ, 0, "deploy", "--terraform", s.bin, "--auto-approve")
		runs("deployed")
		w.inFolder(t, path, environ, 0, "slugs", "--diff", "terraform.tfstate")
	})
}

// TestReleaseID: a promotion by Terraform starts from the very release that was
// resolved.
func TestReleaseID(t *testing.T) {
	each(t, []string{v5}, func(t *testing.T, s *setting) {
		w := s.open(t, "promotion-5.3.2", false)
		path := command(t)
		p := w.api.AddPipeline(herokutest.Pipeline{Name: "api"})
		ids := make(map[string]string)
		for _, stage := range []string{"staging", "production"} {
			ids[stage] = w.api.AddApp(herokutest.App{Name: "api-" + stage}).ID
			w.api.Couple(p.ID, "api-"+stage, stage)
		}
		w.api.Deploy("api-production", "")
		want := w.api.Deploy("api-staging", "").Slug
		w.inFolder(t, path, []string{"BUILD_PIPELINE_API=api", "TF_VAR_pipeline=" + p.ID, "TF_VAR_staging=" + ids["staging"], "TF_VAR_production=" + ids["production"]},
			0, "slugs", "--release-ids", "--", s.bin, "apply", "-auto-approve", "-input=false", "-no-color")
		if got := w.current(t, "api-production").Slug; got != want {
			t.Errorf("production runs %s, want %s", got, want)
		}
	})
}

// TestExternal: the values come through Terraform's data source "external", where its
// provider can be had.
func TestExternal(t *testing.T) {
	each(t, []string{v5}, func(t *testing.T, s *setting) {
		w := &world{setting: s, dir: t.TempDir()}
		w.heroku(t)
		path := command(t)
		config := `terraform {
  required_providers {
    external = { source = "hashicorp/external" }
  }
}
data "external" "slugs" {
  program = ["` + path + `", "slugs", "--format", "external"]
  query   = { BUILD_PIPELINE_API = "api" }
}
output "slugs" { value = data.external.slugs.result }
`
		if err := os.WriteFile(filepath.Join(w.dir, "main.tf"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		initialising.Lock()
		r := w.run(t, "init", "-input=false", "-no-color")
		initialising.Unlock()
		if r.exit != 0 {
			t.Skip("the provider hashicorp/external isn't to be had here: " + r.text())
		}
		w.api.AddApp(herokutest.App{Name: "api-production"})
		p := w.api.AddPipeline(herokutest.Pipeline{Name: "api"})
		w.api.Couple(p.ID, "api-production", "production")
		want := w.api.Deploy("api-production", "").Slug
		w.apply(t)
		r = w.run(t, "output", "-json", "slugs")
		var got map[string]string
		if err := json.Unmarshal([]byte(r.stdout), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{"api_slug_production": want}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
