package tfconfig

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/herokutf/herokutf/statefile"
)

// loadText reads a configuration of one file.
func loadText(t *testing.T, text string) *Config {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestHolds: which values the configuration has, as the proof of an edit asks for them.
func TestHolds(t *testing.T) {
	type object = map[string]any
	c := loadText(t, `resource "heroku_app" "a" {
  stack       = "heroku-24"
  config_vars = { A = "1", B = "2" }
  buildpacks  = ["x", "y"]
  organization {
    name = "acme"
  }
}
module "far" {
  source = "acme/far/heroku"
}
`)
	for _, tt := range []struct {
		address string
		path    statefile.Path
		next    any
		holds   bool
	}{
		{"heroku_app.a", statefile.Path{"stack"}, "heroku-24", true},
		{"heroku_app.a", statefile.Path{"stack"}, "heroku-22", false},
		{"heroku_app.b", statefile.Path{"stack"}, "heroku-24", false},
		{"module.far.heroku_app.a", statefile.Path{"stack"}, "heroku-24", false},
		{"heroku_app.a", nil, nil, false},
		{"heroku_app.b", nil, nil, true},
		{"heroku_app.a", statefile.Path{"config_vars"}, object{"A": "1", "B": "2"}, true},
		{"heroku_app.a", statefile.Path{"config_vars"}, object{"A": "1"}, true}, // a part of it
		{"heroku_app.a", statefile.Path{"config_vars"}, object{"A": "1", "B": "3"}, false},
		{"heroku_app.a", statefile.Path{"config_vars", "C"}, nil, true},
		{"heroku_app.a", statefile.Path{"config_vars", "B"}, nil, false},
		{"heroku_app.a", statefile.Path{"buildpacks"}, []any{"x", "y"}, true},
		{"heroku_app.a", statefile.Path{"buildpacks"}, []any{"y", "x"}, false},
		{"heroku_app.a", statefile.Path{"organization"}, []any{object{"name": "acme"}}, true},
		{"heroku_app.a", statefile.Path{"organization"}, []any{object{"name": "other"}}, false},
		{"heroku_app.a", statefile.Path{"space"}, nil, true},
		{"heroku_app.a", statefile.Path{"space"}, "s", false},
	} {
		s := &setter{c: c, work: work{strict: true}}
		err := s.holds(&task{change: Change{Address: tt.address, Path: tt.path, New: tt.next}, path: normalPath(tt.path)})
		if (err == nil) != tt.holds {
			t.Errorf("%s %s = %v: got %v, want %t", tt.address, tt.path, tt.next, err, tt.holds)
		}
	}
}

// TestIndexLiteral: which indices are written so that they can be edited, and where.
func TestIndexLiteral(t *testing.T) {
	for text, want := range map[string]string{
		`.old-app`:        "old-app",
		`. old-app`:       "old-app",
		`["old-app"]`:     `"old-app"`,
		`[ "old-app" ]`:   `"old-app"`,
		`"old-app"`:       `"old-app"`,
		`["old-app-2"]`:   "",
		`["${"old-app"}`:  "",
		`[("old-app")]`:   "",
		`["old\u002dapp"`: "",
	} {
		f := &file{data: []byte("x = 1\n" + text)}
		start := hcl.Pos{Line: 2, Column: 1, Byte: len("x = 1\n")}
		rng := hcl.Range{Filename: "a.tf", Start: start, End: hcl.Pos{Line: 2, Column: 1 + len(text), Byte: len(f.data)}}
		read := func(change func(f *file, r *keyRead)) string {
			f, r := *f, &keyRead{literal: true, rng: rng, rename: AppRename{Old: "old-app", New: "new-app"}}
			change(&f, r)
			c := &Config{byName: map[string]*file{"a.tf": &f}}
			at, ok := (&finder{c: c}).indexLiteral(r)
			if !ok {
				if at != r.rng {
					t.Errorf("%s: got the place %v, though it isn't one", text, at)
				}
				return ""
			}
			if at.Start.Line != 2 || at.Start.Column-1 != at.Start.Byte-start.Byte || at.End.Column-1 != at.End.Byte-start.Byte {
				t.Errorf("%s: got the place %v", text, at)
			}
			return string(at.SliceBytes(f.data))
		}
		if got := read(func(*file, *keyRead) {}); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
		for name, change := range map[string]func(f *file, r *keyRead){
			"computed":     func(_ *file, r *keyRead) { r.literal = false },
			"no file":      func(_ *file, r *keyRead) { r.rng.Filename = "b.tf" },
			"installed":    func(f *file, _ *keyRead) { f.from = "a module from x" },
			"another file": func(f *file, _ *keyRead) { f.data = f.data[:8] },
		} {
			if got := read(change); got != "" {
				t.Errorf("%s, %s: got %q", text, name, got)
			}
		}
	}
}
