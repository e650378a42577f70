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

const versions = `terraform {
  required_providers {
    heroku = {
      source  = "heroku/heroku"
      version = "= VERSION"
    }
  }
}

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
