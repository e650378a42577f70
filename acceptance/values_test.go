package acceptance

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/tfconfig"
)

// valued is a configuration whose values come from all over the place.
var valued = map[string]string{
	"versions.tf": versions,
	"main.tf": `variable "quantity" {
  type    = number
  default = 1 # enough
}

variable "plans" {
  type = map(string)
}

locals {
  sizes = { web = "standard-1x", worker = "standard-2x" }
}

resource "heroku_app" "web" {
  name       = "acme-web"
  region     = "us"
  stack      = "heroku-22" # until summer
  buildpacks = ["heroku/nodejs", "heroku/ruby"]

  config_vars = {
    FIRST  = "1" # the first
    SECOND = <<-EOT
      two
    EOT
  }
}

resource "heroku_slug" "web" {
  APP = heroku_app.web.id
  file_path     = "${path.module}/slug.tgz"
  process_types = { web = "bin/web" }
}

resource "heroku_app_release" "web" {
  APP = heroku_app.web.id
  slug_id = heroku_slug.web.id
}

resource "heroku_formation" "web" {
  APP = heroku_app.web.id
  type       = "web"
  quantity   = var.quantity
  size       = local.sizes["web"]
  depends_on = [heroku_app_release.web]
}

resource "heroku_addon" "db" {
  for_each = var.plans
  APP = heroku_app.web.id
  plan     = each.value
}

resource "heroku_app_feature" "log" {
  APP = heroku_app.web.id
  name    = "log-runtime-metrics"
  enabled = true
}

locals {
  stages = { api = "staging" }
  hook   = ["api:app"]
}

resource "heroku_app" "api" {
  name   = "acme-api"
  region = "us"
  acm    = false
  organization {
    name   = "acme"
    locked = false
  }
  config_vars = {
    GOES = "1"
    # STAYS has a reason
    STAYS = "1"
  }
}

resource "heroku_app" "plain" {
  name        = "acme-plain"
  region      = "us"
  config_vars = { ONE = "1", TWO = "2" }
}

resource "heroku_pipeline" "p" {
  name = "acme-pipe"
}

resource "heroku_pipeline_coupling" "api" {
  APP      = heroku_app.api.id
  pipeline = heroku_pipeline.p.id
  stage    = local.stages.api
}

resource "heroku_app_webhook" "api" {
  app_id  = heroku_app.api.id
  level   = "notify"
  url     = "https://example.com/hook"
  include = local.hook
}

module "vars" {
  source = "./vars"
  app    = heroku_app.web.id
  vars = {
    THIRD = "3"
  }
}
`,
	"terraform.tfvars": `plans = {
  main  = "heroku-postgresql:standard-0" # the big one
  cache = "heroku-redis:mini"
}
`,
	"vars/main.tf": requirements + `
variable "app" {
  type = string
}

variable "vars" {
  type = map(string)
}

resource "heroku_app_config_association" "this" {
  app_id = var.app
  vars   = merge(var.vars, { FOURTH = "4" })
}
`,
}

// valued applies that configuration.
func (s *setting) valued(t *testing.T) *world {
	t.Helper()
	files := map[string]string{}
	app := map[string]string{v4: "app", v5: "app_id"}[s.version]
	for name, text := range valued {
		files[name] = strings.ReplaceAll(text, "APP", app)
	}
	slug, err := os.ReadFile(filepath.Join("testdata", s.version, "slug.tgz"))
	if err != nil {
		t.Fatal(err)
	}
	files["slug.tgz"] = string(slug)
	w := s.write(t, files)
	return w
}

// drifts changes on Heroku what is valued: 16 values.
func (w *world) drifts(t *testing.T) {
	t.Helper()
	w.api.Scale("acme-web", "web", 3, "standard-2x")
	w.api.UpdateApp("acme-web", func(a *herokutest.App) { a.Stack, a.BuildStack = "heroku-24", "heroku-24" })
	w.api.SetBuildpacks("acme-web", "heroku/nodejs", "heroku/go", "heroku/ruby")
	w.api.SetConfigVars("acme-web", map[string]string{"FIRST": "one ${x}", "SECOND": "2\n2\n", "THIRD": "three"})
	w.api.SetFeature("acme-web", "log-runtime-metrics", false)
	for _, x := range w.api.Snapshot().Addons {
		if x.Plan == "heroku-postgresql:standard-0" {
			send(w.api, "PATCH", "/apps/acme-web/addons/"+x.ID, `{"plan": "heroku-postgresql:standard-2"}`)
		}
	}
	w.api.UpdateApp("acme-api", func(a *herokutest.App) { a.Locked = true })
	w.api.UnsetConfigVars("acme-api", "GOES")
	w.api.UnsetConfigVars("acme-plain", "TWO")
	seed := w.api.Snapshot()
	for _, a := range seed.Apps {
		for _, h := range a.Webhooks {
			send(w.api, "PATCH", "/apps/acme-api/webhooks/"+h.ID, `{"level": "sync", "include": ["api:app", "api:release"]}`)
		}
	}
	for _, pipeline := range seed.Pipelines {
		send(w.api, "PATCH", "/pipelines/"+pipeline.ID, `{"name": "acme-line"}`)
		for _, coupling := range pipeline.Couplings {
			send(w.api, "PATCH", "/pipeline-couplings/"+coupling.ID, `{"stage": "production"}`)
		}
	}
}

// TestSetValues: what was changed on Heroku goes into the configuration, in
// one go, and the plan is empty.
func TestSetValues(t *testing.T) {
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
		w := s.valued(t)
		w.drifts(t)
		report, err := herokutf.DetectDrift(t.Context(), w.client, w.state(t), herokutf.DriftOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var changes []tfconfig.Change
		for _, o := range report.Objects {
			for _, d := range o.Differences {
				state, live, _ := d.Values(true)
				changes = append(changes, tfconfig.Change{Address: o.Address, Path: d.Path, Old: state, New: live})
			}
		}
		if len(changes) != 16 {
			t.Fatalf("got %d changes, want 16: %q", len(changes), told(report))
		}
		var addresses []string
		for inst := range w.state(t).Instances() {
			addresses = append(addresses, inst.Address())
		}
		c, err := tfconfig.Load(w.dir)
		if err != nil {
			t.Fatal(err)
		}
		edit, err := c.SetValues(addresses, changes...)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range edit.Pending() {
			t.Errorf("%s %s: %s", v.Address, v.Path, v.Reason)
		}
		if err := tfconfig.Apply(edit.Files); err != nil {
			t.Fatal(err)
		}
		p := w.plan(t)
		if got := p.actions(); p.exit == 1 || len(got) > 0 {
			t.Errorf("after the edit: got the actions %q, %s", got, p.stderr)
		}
		w.noChanges(t, "after the edit")
		if r := w.run(t, "fmt", "-check", "-diff", "-recursive"); r.exit != 0 {
			t.Errorf("not as terraform fmt has it: %s", r)
		}
	})
}

// hashes are those of all files of the folder but Terraform's own.
func (w *world) hashes(t *testing.T) map[string][sha256.Size]byte {
	t.Helper()
	all := map[string][sha256.Size]byte{}
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && d.Name() == ".terraform" {
				return fs.SkipDir
			}
			return err
		}
		data, err := os.ReadFile(path)
		all[path] = sha256.Sum256(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestAcceptWithConfig: one command takes what was changed on Heroku into the state, a
// local one or one in a backend, and into the configuration: the plan is empty, the
// form is that of terraform fmt, and comments stand.
func TestAcceptWithConfig(t *testing.T) {
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
		w := s.valued(t)
		app := map[string]string{v4: "app", v5: "app_id"}[s.version]
		// A slug that a pin file has, and objects that will be gone.
		w.file(t, "slugs.auto.tfvars", fmt.Sprintf("slug = %q # pinned\n", w.attr(t, "heroku_slug.web", "id")))
		w.file(t, "more.tf", strings.ReplaceAll(`variable "slug" {}

resource "heroku_app_release" "plain" {
  APP     = heroku_app.plain.id
  slug_id = var.slug
}

# Nobody uses it.
resource "heroku_app" "gone" {
  name   = "acme-gone"
  region = "us"
}

resource "heroku_addon" "gone" {
  APP  = heroku_app.gone.id
  plan = "heroku-redis:mini"
}
`, "APP", app))
		w.run(t, "fmt")
		w.apply(t)
		w.refresh(t)
		if s.version == v5 {
			w.remote(t, inHTTP)
			w.run(t, "fmt")
		}
		w.drifts(t)
		w.api.Deploy("acme-plain", "")
		w.api.DeleteApp("acme-gone")
		plain := "acme-plain"
		if s.version == v5 { // where a rename is a value like others
			plain = "acme-simple"
			rename(w.api, [][2]string{{"acme-plain", plain}})
		}

		command := filepath.Join(t.TempDir(), "herokutf")
		if out, err := exec.Command("go", "build", "-o", command, "../cmd/herokutf").CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
		drift := func(want int, args ...string) result {
			t.Helper()
			in := *w
			in.setting = &setting{command, s.version}
			r := in.run(t, append([]string{"drift", "--terraform", s.bin}, args...)...)
			if r.exit != want {
				t.Fatalf("drift %s: %s\nwant exit %d", args, r, want)
			}
			return r
		}
		run := func(want int, args ...string) result {
			t.Helper()
			return drift(want, append([]string{"--accept", "--write-config", "--plan-check", "require"}, args...)...)
		}
		before := w.hashes(t)
		dry := run(2, "--dry-run")
		if !maps.Equal(before, w.hashes(t)) {
			t.Error("a dry run changed files")
		}
		for _, want := range []string{"\n-  default = 1 # enough\n+  default = 3 # enough\n", "\n-resource \"heroku_app\" \"gone\" {\n"} {
			if !strings.Contains(dry.stdout, want) {
				t.Errorf("the dry run doesn't show %q:\n%s", want, dry.stdout)
			}
		}
		run(0)
		w.noChanges(t, "after one command")
		if r := w.run(t, "fmt", "-check", "-diff", "-recursive"); r.exit != 0 {
			t.Errorf("not as terraform fmt has it: %s", r)
		}
		main, err := os.ReadFile(filepath.Join(w.dir, "main.tf"))
		if err != nil {
			t.Fatal(err)
		}
		for _, comment := range []string{"= 3 # enough", "# until summer", `"one $${x}" # the first`, "# STAYS has a reason"} {
			if !strings.Contains(string(main), comment) {
				t.Errorf("%q isn't in the configuration:\n%s", comment, main)
			}
		}
		if r := run(0); !strings.Contains(r.stdout, "configuration: nothing to edit") {
			t.Errorf("again: %s", r)
		}

		// What is unmanaged comes beside the app that it belongs to.
		w.api.AddDomain("acme-web", herokutest.Domain{Hostname: "new.example.com"})
		w.api.AddAddon(herokutest.Addon{Name: "acme-search", App: plain, Plan: "bonsai:sandbox"})
		drift(2, "--import", ".")
		want := []string{"heroku_addon.plain_acme_search: no-op import", "heroku_domain.web_new_example_com: no-op import", "heroku_formation.plain_web: no-op import"}
		if got := w.plan(t).actions(); !slices.Equal(got, want) {
			t.Errorf("with the import blocks: got %q, want %q", got, want)
		}
		if r := w.run(t, "fmt", "-check", "-diff", "-recursive"); r.exit != 0 {
			t.Errorf("not as terraform fmt has it: %s", r)
		}
	})
}
