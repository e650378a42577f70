package tfconfig_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/tfconfig"
)

// callApp calls a module that init has to install.
const callApp = "module \"app\" {\n  source = \"acme/app/heroku\"\n}\n"

// TestManifests: whatever is in modules.json, the configuration is read; a module that
// isn't is one of those that aren't followed, with the reason.
func TestManifests(t *testing.T) {
	const inPlace = ".terraform/modules/app/main.tf"
	for name, tt := range map[string]struct {
		manifest string            // "": there is none
		call     string            // "": that of callApp
		files    map[string]string // besides, with an installed module
		dir, why string
	}{
		"none":             {why: "init hasn't installed it"},
		"empty":            {manifest: " ", why: "can't be read"},
		"cut off":          {manifest: `{"Modules":[{"Key":"app",`, why: "can't be read"},
		"another shape":    {manifest: `{"Modules":{"app":"x"}}`, why: "can't be read"},
		"a number":         {manifest: `{"Modules":[{"Key":"app","Source":"acme/app/heroku","Dir":7}]}`, why: "can't be read"},
		"null":             {manifest: `null`, why: "init hasn't installed it"},
		"no modules":       {manifest: `{"Modules":[null]}`, why: "init hasn't installed it"},
		"no folder":        {manifest: `{"Modules":[{"Key":"app","Source":"registry.terraform.io/acme/app/heroku"}]}`, why: "init hasn't installed it"},
		"another key":      {manifest: `{"Modules":[{"Key":"a.app","Source":"registry.terraform.io/acme/app/heroku","Dir":".terraform/modules/app"}]}`, why: "init hasn't installed it"},
		"another source":   {manifest: `{"Modules":[{"Key":"app","Source":"registry.terraform.io/acme/old/heroku","Dir":".terraform/modules/app"}]}`, why: "another one in its place"},
		"a local one":      {manifest: `{"Modules":[{"Key":"app","Source":"./app","Dir":".terraform/modules/app"}]}`, why: "another one in its place"},
		"folder is gone":   {manifest: `{"Modules":[{"Key":"app","Source":"registry.terraform.io/acme/app/heroku","Dir":".terraform/modules/gone"}]}`, why: "is gone"},
		"folder is a file": {manifest: `{"Modules":[{"Key":"app","Source":"registry.terraform.io/acme/app/heroku","Dir":"` + inPlace + `"}]}`, why: "is gone"},
		"outside":          {manifest: `{"Modules":[{"Key":"app","Source":"registry.terraform.io/acme/app/heroku","Dir":"../elsewhere"}]}`, why: "outside"},
		"the folder of modules": {manifest: `{"Modules":[{"Key":"app","Source":"registry.terraform.io/acme/app/heroku","Dir":".terraform/modules"}]}`,
			why: "outside"},
		"outside by dots": {manifest: `{"Modules":[{"Key":"app","Source":"registry.terraform.io/acme/app/heroku","Dir":".terraform/modules/../../app"}]}`,
			files: map[string]string{"app/main.tf": ""}, why: "outside"},
		"in place": {manifest: `{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"app","Source":"registry.terraform.io/acme/app/heroku","Dir":".terraform/modules/app"}]}`,
			dir: ".terraform/modules/app"},
		"of Windows": {manifest: `{"Modules":[{"Key":"app","Source":"registry.terraform.io/acme/app/heroku","Dir":".terraform\\modules\\app"}]}`,
			dir: ".terraform/modules/app"},
		"of git": {manifest: `{"Modules":[{"Key":"app","Source":"git::https://example.com/app.git","Dir":".terraform/modules/app"}]}`,
			call: "module \"app\" {\n  source = \"git::https://example.com/app.git\"\n}\n", dir: ".terraform/modules/app"},
		"of a computed source": {manifest: `{"Modules":[{"Key":"app","Source":"git::https://example.com/app.git?ref=v1","Dir":".terraform/modules/app"}]}`,
			call: "variable \"v\" {}\nmodule \"app\" {\n  source = \"git::https://example.com/app.git?ref=${var.v}\"\n}\n", dir: ".terraform/modules/app"},
		"of a computed path": {manifest: `{"Modules":[{"Key":"app","Source":"./kinds/web","Dir":"kinds/web"}]}`,
			call:  "variable \"v\" {}\nmodule \"app\" {\n  source = \"./kinds/${var.v}\"\n}\n",
			files: map[string]string{"kinds/web/main.tf": "locals {}\n"}, dir: "kinds/web"},
		"of a computed path, elsewhere": {manifest: `{"Modules":[{"Key":"app","Source":"./kinds/web","Dir":"other"}]}`,
			call:  "variable \"v\" {}\nmodule \"app\" {\n  source = \"./kinds/${var.v}\"\n}\n",
			files: map[string]string{"other/main.tf": "locals {}\n", "kinds/web/main.tf": ""}, why: "outside"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TF_DATA_DIR", "")
			files := map[string]string{"main.tf": callApp, inPlace: "locals {}\n"}
			if tt.call != "" {
				files["main.tf"] = tt.call
			}
			maps.Copy(files, tt.files)
			if tt.manifest != "" {
				files[".terraform/modules/modules.json"] = tt.manifest
			}
			c, dir := load(t, files)
			read, unread := c.Installed(), c.Unfollowed()
			if len(read)+len(unread) != 1 || (len(read) == 1) != (tt.dir != "") {
				t.Fatalf("got %+v and %+v", read, unread)
			}
			if tt.dir == "" {
				if m := unread[0]; m.Address != "module.app" || m.Dir != "" || !strings.Contains(m.Why, tt.why) {
					t.Errorf("got %+v, want %q in why", m, tt.why)
				}
				if got := c.CheckVariables(nil).String(); !strings.Contains(got, "module.app isn't followed") || !strings.Contains(got, tt.why) {
					t.Errorf("the report says %q", got)
				}
				return
			}
			if m := read[0]; m.Dir != filepath.Join(dir, filepath.FromSlash(tt.dir)) || m.Why != "" {
				t.Errorf("got %+v, want the folder %s", m, tt.dir)
			}
		})
	}
}

// TestNestedManifest: a module that an installed one calls has the path of calls as its
// key; both are read for what Terraform ignores and for places, and neither is edited.
func TestNestedManifest(t *testing.T) {
	t.Setenv("TF_DATA_DIR", "")
	c, dir := load(t, map[string]string{
		"main.tf": callApp + "resource \"heroku_app\" \"own\" {\n  name = \"own-app\"\n}\n",
		".terraform/modules/modules.json": `{"Modules":[
			{"Key":"app","Source":"registry.terraform.io/acme/app/heroku","Dir":".terraform/modules/app"},
			{"Key":"app.part","Source":"registry.terraform.io/acme/part/heroku","Dir":".terraform/modules/app.part"}]}`,
		".terraform/modules/app/main.tf": "module \"part\" {\n  source = \"acme/part/heroku\"\n}\n" +
			"module \"local\" {\n  source = \"./local\"\n}\n",
		".terraform/modules/app/local/main.tf": "resource \"heroku_app\" \"a\" {\n  name = \"local-app\"\n}\n",
		".terraform/modules/app.part/main.tf": "resource \"heroku_app\" \"a\" {\n  name = \"old-app\"\n" +
			"  lifecycle {\n    ignore_changes = [config_vars]\n  }\n}\n",
	})
	changes, err := c.IgnoreChanges()
	if err != nil || len(changes["module.app.module.part.heroku_app.a"]) != 1 {
		t.Errorf("ignore_changes: got %v, %v", changes, err)
	}
	for address, old := range map[string]string{"module.app.module.part.heroku_app.a": "old-app", "module.app.module.local.heroku_app.a": "local-app"} {
		places := c.RenamePlaces(tfconfig.AppRename{Address: address, Old: old, New: "new-app"})
		if len(places) != 1 || places[0].Editable || !strings.Contains(places[0].Note, "the next init would put back: change it there, and run init -upgrade") {
			t.Errorf("%s: got %v", address, places)
		}
		if at, ok := c.Position(address, false); !ok || !strings.HasPrefix(at.File, filepath.Join(dir, ".terraform")) {
			t.Errorf("%s: got %v, %v", address, at, ok)
		}
	}
	if places := c.RenamePlaces(tfconfig.AppRename{Address: "heroku_app.own", Old: "own-app", New: "new-app"}); len(places) != 1 || !places[0].Editable {
		t.Errorf("of the configuration itself: got %v", places)
	}
}

// TestPutThere: what lies below the folder of modules isn't edited, however the
// configuration comes to it.
func TestPutThere(t *testing.T) {
	const app = "resource \"heroku_app\" \"a\" {\n  name = \"old-app\"\n}\n"
	const local = "module \"m\" {\n  source = \"./.terraform/modules/app\"\n}\n"
	const there = ".terraform/modules/app/main.tf"
	rename := func(t *testing.T, o tfconfig.Options, dir, address string) tfconfig.Place {
		t.Helper()
		c, err := o.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		places := c.RenamePlaces(tfconfig.AppRename{Address: address, Old: "old-app", New: "new-app"})
		if len(places) != 1 || places[0].Kind != tfconfig.KindName {
			t.Fatalf("got %v", places)
		}
		return places[0]
	}
	refused := func(t *testing.T, p tfconfig.Place) {
		t.Helper()
		if p.Editable || !strings.Contains(p.Note, "run init -upgrade") {
			t.Errorf("got %+v, want a place that isn't edited, and what to do", p)
		}
	}
	t.Setenv("TF_DATA_DIR", "")
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		writeFile(t, filepath.Join(dir, filepath.FromSlash(name)), []byte(text))
	}
	write("main.tf", local)
	write(there, app)
	t.Run("by a path", func(t *testing.T) { refused(t, rename(t, tfconfig.Options{}, dir, "module.m.heroku_app.a")) })
	t.Run("as the configuration", func(t *testing.T) {
		refused(t, rename(t, tfconfig.Options{}, filepath.Join(dir, ".terraform", "modules", "app"), "heroku_app.a"))
	})
	t.Run("in another data directory", func(t *testing.T) {
		write("main.tf", "module \"m\" {\n  source = \"./data/modules/app\"\n}\n")
		write("data/modules/app/main.tf", app)
		if p := rename(t, tfconfig.Options{}, dir, "module.m.heroku_app.a"); !p.Editable {
			t.Errorf("without the option: got %+v", p)
		}
		refused(t, rename(t, tfconfig.Options{DataDir: "data"}, dir, "module.m.heroku_app.a"))
	})
	t.Run("by a link", func(t *testing.T) {
		if err := os.Symlink(filepath.Join(".terraform", "modules", "app"), filepath.Join(dir, "link")); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
		if _, err := os.ReadDir(filepath.Join(dir, "link")); err != nil {
			t.Skipf("no links to folders here: %v", err)
		}
		write("main.tf", "module \"m\" {\n  source = \"./link\"\n}\n")
		refused(t, rename(t, tfconfig.Options{}, dir, "module.m.heroku_app.a"))
	})
	t.Run("by an edit", func(t *testing.T) {
		file := filepath.Join(dir, filepath.FromSlash(there))
		for _, e := range []tfconfig.FileEdit{
			{Path: file, Old: []byte(app), New: []byte("locals {}\n")},
			{Path: filepath.Join(filepath.Dir(file), "new.tf"), New: []byte("locals {}\n")},
		} {
			err := tfconfig.Apply([]tfconfig.FileEdit{e})
			if faults, ok := errors.AsType[tfconfig.ErrorList](err); !ok || len(faults) != 1 || !strings.Contains(err.Error(), "run init -upgrade") {
				t.Errorf("%s: got %v", e.Path, err)
			}
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != app {
			t.Errorf("the file holds %q, %v", got, err)
		}
		if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 {
			t.Errorf("got the files %v, %v", left, err)
		}
	})
}

// TestComputedPath: the module that init has chosen for a computed path is read, and not
// edited.
func TestComputedPath(t *testing.T) {
	t.Setenv("TF_DATA_DIR", "")
	c, _ := load(t, map[string]string{
		"main.tf":                         "variable \"v\" {}\nmodule \"app\" {\n  source = \"./kinds/${var.v}\"\n}\n",
		"kinds/web/main.tf":               "resource \"heroku_app\" \"a\" {\n  name = \"old-app\"\n}\n",
		".terraform/modules/modules.json": `{"Modules":[{"Key":"app","Source":"./kinds/web","Dir":"kinds/web"}]}`,
	})
	places := c.RenamePlaces(tfconfig.AppRename{Address: "module.app.heroku_app.a", Old: "old-app", New: "new-app"})
	if len(places) != 1 || places[0].Editable || !strings.Contains(places[0].Note, "whose source is computed") {
		t.Errorf("got %v", places)
	}
}

// TestUnreadableManifest: a record that can't be opened is said to be so.
func TestUnreadableManifest(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("nothing is unreadable to this user by its mode")
	}
	t.Setenv("TF_DATA_DIR", "")
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "main.tf"), []byte(callApp))
	record := filepath.Join(dir, ".terraform", "modules", "modules.json")
	writeFile(t, record, []byte(`{"Modules":[]}`))
	if err := os.Chmod(record, 0); err != nil {
		t.Fatal(err)
	}
	c, err := tfconfig.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Unfollowed(); len(got) != 1 || !strings.Contains(got[0].Why, "permission denied") {
		t.Error(cmp.Diff("permission denied", got))
	}
}
