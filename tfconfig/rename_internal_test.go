package tfconfig

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// TestIsTarget: a use is of the app that is renamed if it is in that app's block, in the
// same call of the module.
func TestIsTarget(t *testing.T) {
	n, b, r := &node{}, &block{}, AppRename{Old: "a", New: "b"}
	f := &finder{targets: []*target{{node: &node{}, block: b, rename: r}, {node: n, block: b, rename: r}}}
	for name, tt := range map[string]struct {
		use    use
		rename AppRename
		want   bool
	}{
		"the app":        {use{node: n, block: b}, r, true},
		"another call":   {use{node: &node{}, block: b}, r, false},
		"another block":  {use{node: n, block: &block{}}, r, false},
		"another rename": {use{node: n, block: b}, AppRename{Old: "c", New: "b"}, false},
	} {
		if got := f.isTarget(tt.use, tt.rename); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// An edit that leaves an instance of the state without its key isn't let
// through, whatever led to it.
func TestProveKeys(t *testing.T) {
	const inner = "resource \"heroku_app\" \"a\" {\n  for_each = toset([\"old-app\"])\n}\nresource \"heroku_app\" \"inner\" {\n  for_each = toset([\"within\"])\n}\n"
	const config = `module "m" {
  for_each = toset(["old-app", "x"])
  source   = "./m"
}
resource "heroku_app" "a" {
  for_each = { old-app = 1, kept = 2 }
  name     = each.key
}
resource "heroku_app" "unknown" {
  for_each = yamldecode(file("old-app"))
  name     = each.key
}
`
	dir := t.TempDir()
	for name, text := range map[string]string{"main.tf": config, "m/m.tf": inner} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	main := filepath.Join(dir, "main.tf")
	edit := func(old, new string) []FileEdit {
		return []FileEdit{{Path: main, Old: []byte(config), New: bytes.ReplaceAll([]byte(config), []byte(old), []byte(new))}}
	}
	within := func(old, new string) []FileEdit {
		return []FileEdit{{Path: filepath.Join(dir, "m", "m.tf"), Old: []byte(inner), New: []byte(strings.ReplaceAll(inner, old, new))}}
	}
	tests := []struct {
		name    string
		edits   []FileEdit
		moved   []Move
		address string
		lost    string
	}{
		{"nothing edited", nil, nil, `heroku_app.a["old-app"]`, ""},
		{"no move", edit("{ old-app", "{ new-app"), nil, `heroku_app.a["old-app"]`, `heroku_app.a["old-app"]`},
		{"moved", edit("{ old-app", "{ new-app"), []Move{{From: `heroku_app.a["old-app"]`, To: `heroku_app.a["new-app"]`}}, `heroku_app.a["old-app"]`, ""},
		{"moved elsewhere", edit("{ old-app", "{ new-app"), []Move{{From: `heroku_app.a["old-app"]`, To: `heroku_app.a["else"]`}}, `heroku_app.a["old-app"]`, `heroku_app.a["old-app"]`},
		{"moved by the edit", []FileEdit{{Path: main, New: []byte(strings.Replace(config, "{ old-app", "{ new-app", 1) +
			"moved {\n  from = heroku_app.a[\"old-app\"]\n  to   = heroku_app.a[\"new-app\"]\n}\n")}}, nil, `heroku_app.a["old-app"]`, ""},
		{"another key", edit("kept = 2", "other = 2"), nil, `heroku_app.a["kept"]`, `heroku_app.a["kept"]`},
		{"module", edit(`["old-app", "x"]`, `["new-app", "x"]`), nil, `module.m["old-app"].heroku_app.a["old-app"]`, `module.m["old-app"]`},
		{"in a moved module", edit(`["old-app", "x"]`, `["new-app", "x"]`), []Move{{From: `module.m["old-app"]`, To: `module.m["new-app"]`}},
			`module.m["old-app"].heroku_app.a["old-app"]`, ""},
		{"within a module", within("within", "without"), nil, `module.m["x"].heroku_app.inner["within"]`, `module.m["x"].heroku_app.inner["within"]`},
		{"moved within a module", within("within", "without"), []Move{{From: `module.m["x"].heroku_app.inner["within"]`, To: `module.m["x"].heroku_app.inner["without"]`}}, `module.m["x"].heroku_app.inner["within"]`, ""},
		{"beside it within a module", within("old-app", "new-app"), nil, `module.m["x"].heroku_app.inner["within"]`, ""},
		{"deposed", edit("kept = 2", "other = 2"), nil, `heroku_app.a["kept"] (deposed 1a2b3c4d)`, ""},
		{"a number", edit("kept = 2", "other = 2"), nil, `heroku_app.a[0]`, ""},
		{"not known", edit(`file("old-app")`, `file("new-app")`), nil, `heroku_app.unknown["old-app"]`, ""},
		{"not there before", edit("kept = 2", "other = 2"), nil, `heroku_app.a["gone"]`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &finder{c: c, moved: tt.moved, blockKeys: map[scopeKey]blockKeys{}}
			err := f.proveKeys([]string{tt.address}, tt.edits)
			if (err != nil) != (tt.lost != "") || err != nil && !strings.HasPrefix(err.Error(), tt.lost+" ") {
				t.Errorf("got %v, want that %q is lost", err, tt.lost)
			}
		})
	}
}

// TestParseAddress: what is the address of a resource or of an instance, and what isn't.
func TestParseAddress(t *testing.T) {
	spell := func(a address) string {
		key := func(k *step) string {
			if k == nil {
				return ""
			}
			return "<" + k.key + ">"
		}
		var out strings.Builder
		for _, m := range a.modules {
			out.WriteString(m.name + key(m.key) + "/")
		}
		return out.String() + a.block + key(a.key)
	}
	for s, want := range map[string]string{ // "": it is none
		`heroku_app.a`:                            `heroku_app.a`,
		`heroku_app.a[0]`:                         `heroku_app.a<0>`,
		`heroku_app.a["b.c"]`:                     `heroku_app.a<b.c>`,
		`data.heroku_app.a["b"]`:                  `data.heroku_app.a<b>`,
		`module.m.heroku_app.a`:                   `m/heroku_app.a`,
		`module.m["x"].module.n[1].data.t.a["y"]`: `m<x>/n<1>/data.t.a<y>`,
		`module.module.module.a.b.c`:              `module/a/b.c`,
		`module.heroku_app`:                       `module.heroku_app`,
		`data.a`:                                  `data.a`,
		``:                                        ``,
		`heroku_app`:                              ``,
		`a.b.c`:                                   ``,
		`data.a.b.c`:                              ``,
		`module.m.a`:                              ``,
		`module.m.a.b.c`:                          ``,
		`module[0].m.a.b`:                         ``,
		`heroku_app[0].a`:                         ``,
		`data[0].a.b`:                             ``,
		`data.a["x"].b`:                           ``,
		`a.b[0][1]`:                               ``,
		`a.b["c"]["d"]`:                           ``,
		`a.b[*]`:                                  ``,
		`a.b[c]`:                                  ``,
		`a.b + c`:                                 ``,
		`a.b[`:                                    ``,
		`a.` + strings.Repeat("b", maxAddress-2):  `a.` + strings.Repeat("b", maxAddress-2),
		`a.` + strings.Repeat("b", maxAddress-1):  ``,
	} {
		a, err := parseAddress(s)
		if (err == nil) != (want != "") || err == nil && spell(a) != want {
			t.Errorf("%.100q: got %s, %v, want %.100q", s, spell(a), err, want)
		}
	}
}

// TestSplitAddress: the steps of an address, with keys as Terraform spells them.
func TestSplitAddress(t *testing.T) {
	for s, want := range map[string]string{ // "": it has none
		`heroku_app.a`:                         `.heroku_app.a`,
		`heroku_app.a["\u0061"]`:               `.heroku_app.a|["a"]=a`,
		`heroku_app.a[ 7 ]`:                    `.heroku_app.a|[7]=`,
		`data.heroku_app.a["x"]`:               `.data.heroku_app.a|["x"]=x`,
		`module.m["x"].data.t.a[0]`:            `.module.m|["x"]=x .data.t.a|[0]=`,
		`module.m.module.n["y"].heroku_app.a`:  `.module.m .module.n|["y"]=y .heroku_app.a`,
		`heroku_app`:                           ``,
		`data.a`:                               ``,
		`module.m.heroku_app`:                  ``,
		`heroku_app["x"].a`:                    ``,
		`heroku_app.a[0]["x"]`:                 ``,
		`heroku_app.a[*]`:                      ``,
		`a.` + strings.Repeat("b", maxAddress): ``,
	} {
		steps, ok := splitAddress(s)
		var texts []string
		for _, st := range steps {
			text := st.text
			if st.key != "" {
				text += "|" + st.key + "=" + st.str
			}
			texts = append(texts, text)
		}
		if got := strings.Join(texts, " "); ok != (want != "") || ok && got != want {
			t.Errorf("%.100q: got %s, %t, want %s", s, got, ok, want)
		}
	}
}

// TestNewKey: how a key is spelled that has the new name.
func TestNewKey(t *testing.T) {
	for _, tt := range [][3]string{
		{`old-app`, "new-app", `new-app`}, {`"old-app"`, "new-app", `"new-app"`}, {`(old-app)`, "new-app", `"new-app"`},
		{`old-app`, "for", `"for"`}, {`old-app`, "null", `"null"`}, {`old-app`, "true", `"true"`}, {`old-app`, "false", `"false"`}, {`"old-app"`, "for", `"for"`},
	} {
		if got := newKey(tt[0], AppRename{Old: "old-app", New: tt[1]}); got != tt[2] {
			t.Errorf("%s as %s: got %s, want %s", tt[0], tt[1], got, tt[2])
		}
	}
}

// TestKeyOfValues: which values are keys of instances, and how they are spelled.
func TestKeyOfValues(t *testing.T) {
	for _, tt := range []struct {
		v    cty.Value
		want string
		ok   bool
	}{
		{cty.StringVal("a"), "a", true},
		{cty.StringVal(""), "", true},
		{cty.NumberIntVal(7), "7", true},
		{cty.NumberFloatVal(1.5), "", false},
		{cty.True, "", false},
		{cty.NullVal(cty.String), "", false},
		{cty.NullVal(cty.Number), "", false},
		{cty.UnknownVal(cty.String), "", false},
		{cty.UnknownVal(cty.Number), "", false},
		{cty.DynamicVal, "", false},
	} {
		if got, ok := ctyKey(tt.v); got != tt.want || ok != tt.ok {
			t.Errorf("%#v: got %q, %t", tt.v, got, ok)
		}
	}
}
