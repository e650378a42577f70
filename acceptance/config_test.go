package acceptance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/ignore"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// write makes a world of files, with the provider's version in place of
// VERSION, and applies it.
func (s *setting) write(t *testing.T, files map[string]string) *world {
	t.Helper()
	w := &world{setting: s, dir: filepath.Join(t.TempDir(), "w")}
	for name, text := range files {
		w.file(t, name, strings.ReplaceAll(text, "VERSION", s.version))
	}
	w.heroku(t)
	stock(w.api)
	if r := w.run(t, "fmt", "-recursive"); r.exit != 0 {
		t.Fatal(r)
	}
	initialising.Lock()
	r := w.run(t, "init", "-input=false", "-no-color")
	initialising.Unlock()
	if r.exit != 0 {
		t.Fatal(r)
	}
	w.apply(t)
	w.refresh(t)
	return w
}

// file writes a file of the world's folder.
func (w *world) file(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const requirements = `terraform {
  required_providers {
    heroku = {
      source  = "heroku/heroku"
      version = "= VERSION"
    }
  }
}
`

const versions = requirements + `
provider "heroku" {
  delays {
    post_app_create_delay    = 0
    post_space_create_delay  = 0
    post_domain_create_delay = 0
  }
}
`

// What is changed behind Terraform's back, of an app that has the buildpacks
// heroku/a and heroku/b, the variables NUM, ODD.KEY and OTHER, and is a team's.
var (
	buildpacks = func(names ...string) func(*herokutest.Server, string) {
		return func(s *herokutest.Server, app string) { s.SetBuildpacks(app, names...) }
	}
	vars = func(name, value string) func(*herokutest.Server, string) {
		return func(s *herokutest.Server, app string) { s.SetConfigVars(app, map[string]string{name: value}) }
	}
	unset = func(name string) func(*herokutest.Server, string) {
		return func(s *herokutest.Server, app string) { s.UnsetConfigVars(app, name) }
	}
	lock = func(s *herokutest.Server, app string) {
		s.UpdateApp(app, func(a *herokutest.App) { a.Locked = !a.Locked })
	}
)

var ignored = []struct {
	changes string // in ignore_changes
	change  func(s *herokutest.Server, app string)
	ignored bool
}{
	{`[config_vars.NUM]`, vars("NUM", "2"), false},
	{`["config_vars.NUM"]`, vars("NUM", "2"), false},
	{`[config_vars["NUM"]]`, vars("NUM", "2"), true},
	{`["config_vars[\"NUM\"]"]`, vars("NUM", "2"), true},
	{`[config_vars["NUM"]]`, vars("OTHER", "2"), false},
	{`[config_vars["num"]]`, vars("NUM", "2"), false},
	{`[config_vars["NUM"]]`, unset("NUM"), true},
	{`[config_vars["ODD.KEY"]]`, vars("ODD.KEY", "2"), true},
	{`[config_vars["ODD"]]`, vars("ODD.KEY", "2"), false},
	{`[config_vars[0]]`, vars("NUM", "2"), false},
	{`[config_vars]`, vars("NUM", "2"), true},
	{`[config_vars, buildpacks]`, unset("NUM"), true},
	{`all`, vars("NUM", "2"), true},
	{`all`, buildpacks("heroku/x"), true},
	{`[buildpacks]`, buildpacks("heroku/x"), true},
	{`[buildpacks]`, buildpacks(), true},
	{`[buildpacks[0]]`, buildpacks("heroku/x", "heroku/b"), true},
	{`[buildpacks.0]`, buildpacks("heroku/x", "heroku/b"), true},
	{`[buildpacks[0]]`, buildpacks("heroku/a", "heroku/x"), false},
	{`[buildpacks[0]]`, buildpacks("heroku/x", "heroku/y"), false},
	{`[buildpacks[0], buildpacks[1]]`, buildpacks("heroku/x", "heroku/y"), true},
	{`[buildpacks[0]]`, buildpacks("heroku/x"), false},
	{`[buildpacks[1]]`, buildpacks("heroku/a", "heroku/b", "heroku/c"), false},
	{`[buildpacks[2]]`, buildpacks("heroku/a", "heroku/b", "heroku/c"), false},
	{`[buildpacks["0"]]`, buildpacks("heroku/a", "heroku/x"), true},
	{`[organization[0].locked]`, lock, true},
	{`[organization.0.locked]`, lock, true},
	{`[organization[0].name]`, lock, false},
	{`[organization[0]]`, lock, true},
	{`[organization]`, lock, true},
	{`[name]`, lock, false},
}

// TestIgnoreChanges: what drift leaves out by ignore_changes is what Terraform
// leaves as it is, and the rest is what it reverts.
func TestIgnoreChanges(t *testing.T) {
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
		var config strings.Builder
		config.WriteString(versions)
		for i, tt := range ignored {
			fmt.Fprintf(&config, `
resource "heroku_app" "a%d" {
  name        = "acme-ignore-%d"
  region      = "us"
  buildpacks  = ["heroku/a", "heroku/b"]
  config_vars = { NUM = "1", "ODD.KEY" = "1", OTHER = "1" }
  organization {
    name   = "acme"
    locked = false
  }
  lifecycle {
    ignore_changes = %s
  }
}
`, i, i, tt.changes)
		}
		w := s.write(t, map[string]string{"main.tf": config.String()})
		for i, tt := range ignored {
			tt.change(w.api, fmt.Sprintf("acme-ignore-%d", i))
		}
		p := w.plan(t)
		if p.exit == 1 {
			t.Fatal(p.result)
		}
		reverts := map[string]bool{}
		for _, action := range p.actions() {
			address, _, _ := strings.Cut(action, ":")
			reverts[address] = true
		}

		c, err := tfconfig.Load(w.dir)
		if err != nil {
			t.Fatal(err)
		}
		changes, err := c.IgnoreChanges()
		if err != nil {
			t.Fatal(err)
		}
		var rules ignore.Rules
		rules.AddLifecycle(changes)
		report, err := herokutf.DetectDrift(t.Context(), w.client, w.state(t), herokutf.DriftOptions{Ignore: &rules})
		if err != nil {
			t.Fatal(err)
		}
		verdicts := map[string]herokutf.Verdict{}
		for _, o := range report.Objects {
			verdicts[o.Address] = o.Verdict
		}
		for i, tt := range ignored {
			address := fmt.Sprintf("heroku_app.a%d", i)
			if reverts[address] == tt.ignored {
				t.Errorf("%s: Terraform ignores %s: %v, want %v", address, tt.changes, !reverts[address], tt.ignored)
			}
			want := herokutf.Changed
			if tt.ignored {
				want = herokutf.Ignored
			}
			if got := verdicts[address]; got != want {
				t.Errorf("%s: drift with %s: got %s, want %s", address, tt.changes, got, want)
			}
		}
	})
}

// keyed is a configuration whose keys are names of apps.
var keyed = map[string]string{
	"versions.tf": versions,
	"main.tf": `variable "sizes" {
  type = map(string)
}

resource "heroku_app" "apps" {
  for_each = toset(["acme-shop", "acme-blog"])
  name     = each.key
  region   = "us"
}

resource "heroku_addon" "db" {
  for_each = heroku_app.apps
  app      = each.value.id
  plan     = "heroku-postgresql:standard-0"
}

resource "heroku_addon_attachment" "db" {
  for_each = { for name, app in heroku_app.apps : name => app.name }
  app_id   = each.value
  addon_id = heroku_addon.db[each.key].id
  name     = "MAIN"
}

resource "heroku_app" "sized" {
  for_each = var.sizes
  name     = each.key
  region   = "us"
}

resource "heroku_app_config_association" "sized" {
  for_each = heroku_app.sized
  app_id   = each.value.name
  vars     = { SIZE = var.sizes[each.key] }
}

resource "heroku_drain" "shop" {
  app = heroku_app.apps["acme-shop"].name
  url = "https://logs.example.com/"
}

module "app" {
  for_each = toset(["acme-mod", "acme-other"])
  source   = "./app"
  name     = each.key
}

locals {
  listed = [
    { name = "acme-list", enabled = true },
    { name = "acme-last", enabled = false },
  ]
}

resource "heroku_app" "listed" {
  for_each = { for a in local.listed : a.name => a }
  name     = each.value.name
  region   = "us"
}

resource "heroku_app_feature" "listed" {
  for_each = { for name, a in { for a in local.listed : a.name => a } : name => a if a.enabled }
  app      = heroku_app.listed[each.key].name
  name     = "log-runtime-metrics"
}

resource "heroku_config" "mod" {
  vars = { URL = module.app["acme-mod"].url }
}

output "mod" {
  value = { for name, app in module.app : "url" => app.url... }
}
`,
	"terraform.tfvars": `sizes = {
  acme-sized = "standard-1x" # enough
  acme-two   = "standard-2x"
}
`,
	"app/main.tf": requirements + `
variable "name" {
  type = string
}

resource "heroku_app" "this" {
  name   = var.name
  region = "us"
}

resource "heroku_addon" "db" {
  for_each = toset([var.name])
  app      = heroku_app.this.id
  plan     = "heroku-postgresql:standard-0"
}

resource "heroku_app_feature" "log" {
  app  = heroku_app.this.name
  name = "log-runtime-metrics"
}

output "url" {
  value = "fixed"
}
`,
}

// TestRenameKeys: apps whose names are keys of for_each or of modules are
// renamed, and after the repair nothing is made or destroyed: every address
// moves.
func TestRenameKeys(t *testing.T) {
	each(t, []string{v4}, func(t *testing.T, s *setting) {
		w := s.write(t, keyed)
		rename(w.api, [][2]string{{"acme-shop", "acme-store"}, {"acme-sized", "acme-measured"}, {"acme-mod", "acme-module"}, {"acme-list", "acme-l"}})
		ctx := t.Context()
		var repair *herokutf.Repair
		_, err := statefile.Update(ctx, w.statePath(), statefile.UpdateOptions{}, func(f *statefile.File) (*statefile.File, error) {
			found, err := herokutf.FindRenames(ctx, w.client, f)
			if err != nil {
				return nil, err
			}
			if repair, err = herokutf.RepairRename(f, found...); err != nil {
				return nil, err
			}
			return repair.Apply()
		})
		if err != nil {
			t.Fatal(err)
		}
		var addresses []string
		for inst := range w.state(t).Instances() {
			addresses = append(addresses, inst.Address())
		}
		if got := tfconfig.Moves(addresses, repair.AppRenames()...); len(got) != 9 {
			t.Errorf("from the state alone: got %d moves, want 9: %v", len(got), got)
		}
		c, err := tfconfig.Load(w.dir)
		if err != nil {
			t.Fatal(err)
		}
		edit, err := c.RenameWithState(addresses, repair.AppRenames()...)
		if err != nil {
			t.Fatal(err)
		}
		if len(edit.Moved) != 9 || edit.ByHand != nil {
			t.Errorf("got the moves %v and by hand %v, want 9 and none", edit.Moved, edit.ByHand)
		}
		if err := tfconfig.Apply(edit.Files); err != nil {
			t.Fatal(err)
		}
		p := w.plan(t)
		if p.exit == 1 {
			t.Fatal(p.result)
		}
		if got := p.actions(); len(got) > 0 {
			t.Errorf("after the repair: got the actions %q, want none", got)
		}
		if r := w.run(t, "fmt", "-check", "-diff", "-recursive"); r.exit != 0 {
			t.Errorf("not as terraform fmt has it: %s", r)
		}
		w.apply(t)
		w.noChanges(t, "after the moves")
	})
}
