package tfconfig_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/tfconfig"
)

const releaseConfig = `# The shop.
resource "heroku_app" "shop" {
  name   = "shop" # by hand
  region = "us"
}

import {
  to = heroku_domain.www
  id = "shop:www"
}

resource "heroku_domain" "www" {
  app_id   = heroku_app.shop.id
  hostname = "www.example.com"
}

resource "heroku_addon_attachment" "db" {
  count = 2
  app_id = heroku_app.other.id
  addon_id = [for a in [heroku_addon.db] : a.id][0]
}
resource "heroku_addon" "db" {
  app_id = heroku_app.shop.id
  plan   = "heroku-postgresql:essential-0"
  lifecycle {
    ignore_changes = [config]
  }
}

resource "heroku_app" "other" { name = "other" }
`

const releaseWant = `# The shop.
removed {
  from = heroku_app.shop

  lifecycle {
    destroy = false
  }
}

removed {
  from = heroku_domain.www

  lifecycle {
    destroy = false
  }
}

removed {
  from = heroku_addon_attachment.db

  lifecycle {
    destroy = false
  }
}
removed {
  from = heroku_addon.db

  lifecycle {
    destroy = false
  }
}

resource "heroku_app" "other" { name = "other" }
`

// releaseFolder writes a configuration and reads it.
func releaseFolder(t testing.TB, files map[string]string) *tfconfig.Config {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := tfconfig.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRelease(t *testing.T) {
	windows := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	for name, test := range map[string]struct{ in, want string }{
		"with what refers to it": {releaseConfig, releaseWant},
		"CRLF":                   {windows(releaseConfig), windows(releaseWant)},
	} {
		t.Run(name, func(t *testing.T) {
			c := releaseFolder(t, map[string]string{"main.tf": test.in, "other.tf": "output \"x\" {\n  value = heroku_app.other.id\n}\n"})
			r, err := c.Release("heroku_app.shop")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"heroku_app.shop", "heroku_domain.www", "heroku_addon_attachment.db", "heroku_addon.db"}, r.Addresses); diff != "" {
				t.Errorf("addresses (-want +got):\n%s", diff)
			}
			if len(r.Files) != 1 {
				t.Fatalf("%d files", len(r.Files))
			}
			if diff := cmp.Diff(test.want, string(r.Files[0].New)); diff != "" {
				t.Errorf("file (-want +got):\n%s", diff)
			}
			if string(r.Files[0].Old) != test.in || filepath.Base(r.Files[0].Path) != "main.tf" {
				t.Errorf("edit of %s", r.Files[0].Path)
			}
			if err := tfconfig.Apply(r.Files); err != nil {
				t.Fatal(err)
			}
			if c, err = tfconfig.Load(c.Dir()); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Release("heroku_app.shop"); !errors.Is(err, tfconfig.ErrRelease) {
				t.Errorf("released twice: got error %v", err)
			}
		})
	}
}

func TestReleaseRefused(t *testing.T) {
	shop := "resource \"heroku_app\" \"shop\" {\n  name = \"shop\"\n}\n"
	for _, test := range []struct {
		name    string
		files   map[string]string
		address string
		want    []string
	}{
		{"no such resource", map[string]string{"a.tf": shop}, "heroku_app.none", []string{"heroku_app.none can't be released: the root module has no such resource"}},
		{"of a module", map[string]string{"a.tf": shop}, "module.m.heroku_app.shop", []string{"write a removed block in the module"}},
		{"an instance", map[string]string{"a.tf": shop}, "heroku_app.shop[0]", []string{"removed blocks are for whole resources"}},
		{"a data source", map[string]string{"a.tf": shop}, "data.heroku_app.shop", []string{"take its block out"}},
		{"others refer to it", map[string]string{"a.tf": shop, "b.tf": "output \"o\" {\n  value = heroku_app.shop.name\n}\nlocals {\n  x = heroku_app.shop.id\n}\nresource \"aws_route53_record\" \"r\" {\n  alias {\n    name = heroku_app.shop.web_url\n  }\n}\n"},
			"heroku_app.shop", []string{"b.tf:1:1: heroku_app.shop can't be released: output.o refers to it", "b.tf:4:1: heroku_app.shop can't be released: local refers to it", "b.tf:7:1: heroku_app.shop can't be released: aws_route53_record.r refers to it; take that out first"}},
		{"named otherwise", map[string]string{"a.tf": shop, "b.tf": "output \"o\" {\n  value = [heroku_app.shop[0], heroku_app[\"shop\"]]\n}\n"}, "heroku_app.shop", []string{"b.tf:1:1: heroku_app.shop can't be released: output.o refers to it"}},
		{"by its data source", map[string]string{"a.tf": shop, "b.tf": "data \"heroku_app\" \"d\" {\n  name = heroku_app.shop.name\n}\n"}, "heroku_app.shop", []string{"b.tf:1:1: heroku_app.shop can't be released: data.heroku_app.d refers to it"}},
		{"a block of another kind", map[string]string{"a.tf": "check \"c\" {}\n"}, "check.c", []string{"check.c can't be released: the root module has no such resource"}},
		{"JSON", map[string]string{"a.tf.json": `{"resource": {"heroku_app": {"shop": {"name": "shop"}}}}`}, "heroku_app.shop", []string{"a.tf.json:1:30: heroku_app.shop can't be released: it stands in JSON, which isn't edited; put a removed block in its place by hand"}},
		{"JSON of its import", map[string]string{"a.tf": shop, "b.tf.json": `{"import": [{"to": "heroku_app.none", "id": "a"}, {"to": "heroku_app.shop[\"x\"]", "id": "b"}]}`}, "heroku_app.shop", []string{"b.tf.json:1:2: heroku_app.shop can't be released: its import block stands in JSON, which isn't edited; take that out first"}},
		{"overridden", map[string]string{"a.tf": shop, "b_override.tf": "resource \"heroku_app\" \"shop\" {}\n"}, "heroku_app.shop", []string{"a.tf:1:1: heroku_app.shop can't be released: an override file has a part of it, ", "b_override.tf\"; take that out first"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := releaseFolder(t, test.files).Release(test.address)
			if r != nil || !errors.Is(err, tfconfig.ErrRelease) {
				t.Fatalf("got %+v, error %v", r, err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %v lacks %q", err, want)
				}
			}
		})
	}
}

// TestReleaseOfFiles: the files come in order; an import block goes with the white space behind
// it, also at the end of a file; what refers by way of others is found, too, and other blocks
// stay.
func TestReleaseOfFiles(t *testing.T) {
	const removed = "removed {\n  from = %s\n\n  lifecycle {\n    destroy = false\n  }\n}"
	gone := func(address string) string { return strings.Replace(removed, "%s", address, 1) }
	c := releaseFolder(t, map[string]string{
		"a.tf":      "resource \"heroku_formation\" \"f\" {\n  x {\n    y {\n      app_id = heroku_domain.d.id\n    }\n  }\n}",
		"b.tf":      "import {\n  to = heroku_app.a[\"x\"]\n  id = 1\n} \t\r\n\n  resource \"heroku_app\" \"a\" {\n  name = heroku_app.a.id\n}\nimport {\n  id = 1\n  to = heroku_app.a\n}",
		"c.tf":      "moved {\n  from = heroku_app.b\n  to = heroku_app.a\n}\nimport {\n  to = heroku_app.b\n  id = heroku_app.a.id\n}\nremoved {\n  from = heroku_app.a\n}\ndata \"heroku_app\" \"a\" {}\nlocals {\n  x = data.heroku_app.a.name\n  y = heroku_app[0]\n  z = heroku_app\n}\nresource \"other\" \"a\" {}\ncheck \"c\" {}\nresource \"check\" \"c\" {}\n",
		"d.tf":      "resource \"heroku_domain\" \"d\" {\n  app_id = \"${heroku_app.a.id}\"\n}\nimport {\n  to = heroku_domain.d\n  id = 2\n}\n\n\n# end\n",
		"e.tf.json": `{"import": [{"to": "heroku_app.z", "id": "1"}, {"to": "a.b + c"}, {"to": 7}, {"id": "heroku_app.a"}]}`,
	})
	r, err := c.Release("heroku_app.a", "other.a", "check.c")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"heroku_formation.f", "heroku_app.a", "other.a", "check.c", "heroku_domain.d"}, r.Addresses); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	var got []string
	for _, f := range r.Files {
		got = append(got, filepath.Base(f.Path)+": "+string(f.New))
	}
	want := []string{
		"a.tf: " + gone("heroku_formation.f"),
		"b.tf: " + strings.ReplaceAll(gone("heroku_app.a"), "\n", "\r\n") + "\n",
		"c.tf: moved {\n  from = heroku_app.b\n  to = heroku_app.a\n}\nimport {\n  to = heroku_app.b\n  id = heroku_app.a.id\n}\nremoved {\n  from = heroku_app.a\n}\ndata \"heroku_app\" \"a\" {}\nlocals {\n  x = data.heroku_app.a.name\n  y = heroku_app[0]\n  z = heroku_app\n}\n" + gone("other.a") + "\ncheck \"c\" {}\n" + gone("check.c") + "\n",
		"d.tf: " + gone("heroku_domain.d") + "\n# end\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	_, err = c.Release("heroku_app.none", "heroku_app.a", "data.heroku_app.a")
	if want := c.Dir() + ": heroku_app.none can't be released: the root module has no such resource\n" + c.Dir() + ": data.heroku_app.a can't be released: a data source is only read; take its block out"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A new file with secrets is this user's alone.
func TestApplySecretFile(t *testing.T) {
	dir := t.TempDir()
	edits := []tfconfig.FileEdit{{Path: filepath.Join(dir, "a.tf"), New: []byte("\n")}, {Path: filepath.Join(dir, "a.auto.tfvars.json"), New: []byte("{}\n"), Sensitive: true}}
	if err := tfconfig.Apply(edits); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{"a.tf": 0o644, "a.auto.tfvars.json": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || filepath.Separator == '/' && info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}
