package acceptance

import (
	"os"
	"path/filepath"
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

// TestSetValues: what was changed on Heroku goes into the configuration, in
// one go, and the plan is empty.
func TestSetValues(t *testing.T) {
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
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
