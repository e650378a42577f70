package tfconfig_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/herokutf/herokutf/tfconfig"
)

// FuzzEditRename holds that loading and editing never panic, that an edit
// changes nothing but the old name into the new one, and that the way back
// gives every byte.
func FuzzEditRename(f *testing.F) {
	paths, err := filepath.Glob(filepath.Join("testdata", "*", "*.txtar"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		ar, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range ar.Files {
			switch {
			case strings.HasPrefix(file.Name, "["):
			case strings.HasSuffix(file.Name, ".tf"):
				f.Add(file.Data, []byte("name = \"old-app\"\n"), false)
				f.Add(bytes.ReplaceAll(file.Data, []byte("\n"), []byte("\r\n")), []byte{}, false)
			case strings.HasSuffix(file.Name, ".tf.json"):
				f.Add(file.Data, []byte("{\"name\": \"old-app\"}"), true)
			}
		}
	}
	f.Fuzz(func(t *testing.T, config, vars []byte, json bool) {
		dir := t.TempDir()
		main, values := "main.tf", "terraform.tfvars"
		if json {
			main, values = "main.tf.json", "terraform.tfvars.json"
		}
		for name, data := range map[string][]byte{main: config, values: vars} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		c, err := tfconfig.Load(dir)
		if err != nil {
			return
		}
		c.CheckVariables([]string{"a_slug_b"})
		c.IgnoreChanges()
		for _, p := range c.RenamePlaces(webRename) {
			if p.Kind != tfconfig.KindAbsent && p.Line < 1 {
				t.Errorf("a place without position: %v", p)
			}
		}
		edits, err := c.EditRename(webRename)
		if err != nil {
			t.Fatal(err)
		}
		state := []string{`heroku_app.web["old-app"]`, `module.a["old-app"].heroku_app.web["old-app"]`, "heroku_app.web"}
		keyed := webRename
		keyed.Address = state[0]
		both, err := c.RenameWithState(state, webRename, keyed)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range both.Files {
			for _, p := range e.Places {
				if p.Old != "old-app" || p.New != "new-app" {
					t.Errorf("%s: an edit of something else: %v", e.Path, p)
				}
			}
		}
		for _, e := range edits {
			old := config
			if filepath.Base(e.Path) == values {
				old = vars
			}
			if !bytes.Equal(e.Old, old) {
				t.Errorf("%s: Old isn't what was read", e.Path)
			}
			if len(e.New) != len(e.Old) {
				t.Fatalf("%s: %d bytes became %d", e.Path, len(e.Old), len(e.New))
			}
			back := bytes.Clone(e.New)
			for range e.Places {
				i := 0
				for i < len(back) && back[i] == e.Old[i] {
					i++
				}
				if i == len(back) || !bytes.HasPrefix(back[i:], []byte("new")) || !bytes.HasPrefix(e.Old[i:], []byte("old-app\"")) {
					t.Fatalf("%s: the byte at %d isn't the begin of a name", e.Path, i)
				}
				copy(back[i:], "old-app")
			}
			if !bytes.Equal(back, e.Old) {
				t.Errorf("%s: more than %d names differ", e.Path, len(e.Places))
			}
		}
	})
}
