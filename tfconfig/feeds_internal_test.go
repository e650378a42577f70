package tfconfig

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/herokutf/herokutf/statefile"
)

const consuming = `variable "v" {
  default = "x"
}
locals {
  l = "x"
}
output "o" {
  value = "x"
}
terraform {
  required_version = "x"
}
moved {
  from = heroku_app.x
  to   = heroku_app.a
}
removed {
  from = heroku_app.y
}
provider "heroku" {
  email = "x"
}
check "c" {
  assert {
    condition = true
  }
}
data "heroku_app" "d" {
  name       = "x"
  depends_on = [heroku_app.a]
}
resource "heroku_app" "a" {
  for_each   = { k = "v" }
  name       = "x"
  provider   = heroku.x
  depends_on = [heroku_app.b]
  organization {
    name     = "x"
    for_each = "x"
    provider = "x"
    deep {
      name = "x"
    }
    deep {
      name = "y"
    }
  }
  organization {
    name = "y"
  }
  dynamic "organization" {
    for_each = ["x"]
    content {
      name = "x"
    }
  }
  provisioner "local-exec" {
    command = "x"
    connection {
      host = "x"
    }
  }
  connection {
    host = "x"
  }
  lifecycle {
    ignore_changes = [name]
    precondition {
      condition     = true
      error_message = "x"
    }
    postcondition {
      condition = true
    }
  }
}
resource "heroku_app" "b" {
  count = 2
}
module "m" {
  source    = "./m"
  for_each  = { k = "v" }
  providers = { heroku = heroku.x }
  given     = "x"
}
module "counted" {
  source = "./m"
  count  = 2
}
module "far" {
  source   = "acme/far/heroku"
  version  = "1"
  for_each = { k = "v" }
  count    = 2
  given    = "x"
}
`

func loadConsuming(t *testing.T) *Config {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"main.tf": consuming, "m/m.tf": "variable \"given\" {}\nresource \"heroku_app\" \"in\" {\n  name = var.given\n}\n"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
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
	return c
}

// TestConsumers: whatever Terraform hands to a provider or decides by, and nothing else.
func TestConsumers(t *testing.T) {
	c := loadConsuming(t)
	var got []string
	c.consumers(func(n *node, b *block, a *attr, p path) {
		got = append(got, strings.TrimSpace(n.prefix()+b.address()+" "+a.block+"."+a.name+" "+p.String()))
	})
	want := []string{
		"provider.heroku .email",
		"data.heroku_app.d .name",
		"heroku_app.a .for_each 3",
		"heroku_app.a .name",
		"heroku_app.a organization.name",
		"heroku_app.a organization.for_each",
		"heroku_app.a organization.provider",
		"heroku_app.a organization.deep.name",
		"heroku_app.a organization.deep.name",
		"heroku_app.a organization.name",
		"heroku_app.a dynamic.for_each",
		"heroku_app.a dynamic.content.name",
		"heroku_app.a provisioner.command",
		"heroku_app.a provisioner.connection.host",
		"heroku_app.a connection.host",
		"heroku_app.a lifecycle.ignore_changes",
		"heroku_app.b .count",
		"module.m .for_each 3",
		"module.counted .count",
		"module.m.heroku_app.in .name",
		"module.counted.heroku_app.in .name",
		"module.far .for_each 3",
		"module.far .count",
		"module.far .given",
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestReaches: the arguments that what is written gets to, with their paths as a state
// has them; in brackets what no attribute of a state is.
func TestReaches(t *testing.T) {
	c := loadConsuming(t)
	s := newSetter(c, nil)
	s.index()
	s.index() // once
	got := map[string]bool{}
	for _, list := range s.reaches {
		for _, r := range list {
			text := r.node.prefix() + r.block.address() + " " + strings.Join(r.prefix, ".")
			if !r.whole {
				text = r.node.prefix() + r.block.address() + " (" + r.attr.name + ") " + strings.Join(r.prefix, ".")
			}
			got[strings.TrimSpace(text)] = true
		}
	}
	want := []string{
		"provider.heroku (email)",
		"data.heroku_app.d (name)",
		"heroku_app.a (for_each)",
		"heroku_app.a name",
		"heroku_app.a organization.0.name",
		"heroku_app.a organization.0.for_each",
		"heroku_app.a organization.0.provider",
		"heroku_app.a organization.0.deep.0.name",
		"heroku_app.a organization.0.deep.1.name",
		"heroku_app.a organization.1.name",
		"heroku_app.a (for_each) dynamic.0.for_each",
		"heroku_app.a (name) dynamic.0.content.0.name",
		"heroku_app.a (command) provisioner.0.command",
		"heroku_app.a (host) provisioner.0.connection.0.host",
		"heroku_app.a (host) connection.0.host",
		"heroku_app.b (count)",
		"module.m (for_each)",
		"module.counted (count)",
		"module.m.heroku_app.in name",
		"module.far (for_each)",
		"module.far (count)",
		"module.far (given)",
	}
	var list []string
	for text := range got {
		list = append(list, text)
	}
	slices.Sort(list)
	slices.Sort(want)
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, list := range s.reaches {
		seen := map[string]bool{}
		for _, r := range list {
			k := fmt.Sprintf("%s%p%v", r.node.prefix(), r.attr, r.whole)
			if seen[k] {
				t.Errorf("%s is reached twice", r.attr.name)
			}
			seen[k] = true
		}
	}
}

// TestAppArguments: which arguments hold an app's name, and which resources take
// another app in place.
func TestAppArguments(t *testing.T) {
	for arg, want := range map[string]bool{
		"resource heroku_app name":                true,
		"resource heroku_app id":                  false,
		"resource heroku_app region":              false,
		"resource heroku_addon app":               true,
		"resource heroku_addon app_id":            true,
		"resource heroku_addon id":                false,
		"resource heroku_addon plan":              false,
		"resource heroku_addon name":              false,
		"resource heroku_addon_attachment app_id": true,
		"resource heroku_formation app":           true,
		"resource heroku_pipeline_coupling app":   true,
		"resource heroku_pipeline name":           false,
		"resource random_pet name":                false,
		"resource random_pet app":                 false,
		"resource heroku_addon app nested":        false,
		"resource heroku_app name nested":         false,
		"data heroku_app name":                    true,
		"data heroku_app region":                  false,
		"data heroku_team name":                   false,
		"data heroku_addon app":                   false,
		"provider heroku app":                     false,
		"ephemeral heroku_app name":               false,
		"module heroku_addon app":                 false,
		"resource heroku_app_release app":         true,
		"resource heroku_app_release slug_id":     false,
		"resource heroku_review_app_config name":  false,
	} {
		f := strings.Fields(arg)
		b, a := &block{kind: f[0], labels: []string{f[1], "x"}}, &attr{name: f[2]}
		if len(f) > 3 {
			a.block = f[3]
		}
		if got := isAppArgument(b, a); got != want {
			t.Errorf("%s: %t", arg, got)
		}
	}
	if isAppArgument(&block{kind: "resource"}, &attr{name: "name"}) {
		t.Error("a block without labels has an app")
	}
	if isChildArgument(appType, "name") {
		t.Error("an app is its own child")
	}
	for typ, want := range map[string]bool{"heroku_app": false, "heroku_addon": false, "random_pet": false, "heroku_formation": false, "heroku_app_config_association": true} {
		if got := updatesApp(typ); got != want {
			t.Errorf("%s updates its app: %t", typ, got)
		}
	}
}

// TestBounds: a trace ends where its bounds are, and says so.
func TestBounds(t *testing.T) {
	e, _ := hclsyntax.ParseExpression([]byte(`"a"`), "x", hcl.InitialPos)
	long := make(path, maxPath+1)
	for _, tt := range []struct {
		strict  bool
		visits  int
		path    path
		entered bool
	}{
		{false, 0, nil, true},
		{false, maxVisits, nil, true},
		{false, maxVisits + 1, nil, false},
		{true, maxStrict, nil, true},
		{true, maxStrict + 1, nil, false},
		{false, maxStrict + 1, nil, true},
		{false, 0, long[1:], true},
		{false, 0, long, false},
	} {
		w := work{visits: tt.visits, strict: tt.strict}
		tr := (&Config{}).tracer(&w, nil)
		v := visit{expr: e}
		if got := tr.enter(v, tt.path); got != tt.entered || w.incomplete == got {
			t.Errorf("%+v: entered %t, incomplete %t", tt, got, w.incomplete)
		}
		again := w.visits
		if tr.enter(v, tt.path) || w.visits != again {
			t.Errorf("%+v: entered twice", tt)
		}
		if tt.entered && again != tt.visits+1 {
			t.Errorf("%+v: %d visits", tt, again)
		}
	}
	// Deeper than a value is taken apart, a member is a part of it.
	text := strings.Repeat("[", maxSub+2) + `"a"` + strings.Repeat("]", maxSub+2)
	c := loadText(t, "")
	got, err := c.Sources("", "", text, true)
	if err != nil {
		t.Fatal(err)
	}
	exact := 0
	for i, line := range got {
		if !strings.HasPrefix(line, "part: ") {
			exact++
		}
		if depth := strings.Count(line, "/0"); i < exact && i > 0 && depth != i-1 {
			t.Errorf("%d: %s", i, line)
		}
	}
	if exact != maxSub+1 || len(got) != maxSub+3 {
		t.Errorf("%d of %d are exact: %q", exact, len(got), got)
	}
	// And what is judged by others.
	text = `"a"`
	for range maxProbes + 2 {
		text = "coalesce(" + text + ")"
	}
	got, err = c.Sources("", "", text, true)
	if err != nil || len(got) != 2 || got[0] != `part: literal "a" = "a"` || got[1] != "incomplete" {
		t.Errorf("too deep: got %q, %v", got, err)
	}
	got, err = c.Sources("", "", strings.Replace(strings.Replace(text, "coalesce(coalesce(", "", 1), "))", "", 1), true)
	if err != nil || len(got) != 1 || got[0] != `literal "a" = "a"` {
		t.Errorf("as deep as it may be: got %q, %v", got, err)
	}
	w := work{strict: true}
	tr := c.tracer(&w, nil)
	tr.probes = maxProbes
	var found []source
	tr.probe(func(s source) { found = append(found, s) }, func() { t.Error("followed") })
	if diff := cmp.Diff([]source{{kind: fromUnknown, value: "a value that refers to itself"}}, found, cmp.AllowUnexported(source{}, step{})); diff != "" || !w.incomplete {
		t.Errorf("a probe too deep (-want +got):\n%s", diff)
	}
}

// newer is an expression of a kind that isn't known.
type newer struct{ hclsyntax.Expression }

// TestNewerExpression: whatever an expression refers to has a part in it.
func TestNewerExpression(t *testing.T) {
	c := loadText(t, "locals {\n  a = \"x\"\n}\n")
	e, _ := hclsyntax.ParseExpression([]byte(`local.a`), "x", hcl.InitialPos)
	var got []source
	w := work{}
	tr := c.tracer(&w, func(s source) { got = append(got, s) })
	tr.resolve(newer{e}, nil, tr.scope(c.root, nil), true, nil)
	if len(got) != 1 || got[0].value != "x" || got[0].exact {
		t.Errorf("got %+v", got)
	}
	tr.resolve(nil, nil, tr.scope(c.root, nil), true, nil)
	tr.reference(nil, nil, tr.scope(c.root, nil), true, nil)
	tr.reference(hcl.Traversal{hcl.TraverseAttr{Name: "a"}}, nil, tr.scope(c.root, nil), true, nil)
	if len(got) != 1 {
		t.Errorf("nothing is something: %+v", got[1:])
	}
}

// TestFindArgument: where a path leads in a block, and what isn't there.
func TestFindArgument(t *testing.T) {
	c := loadText(t, `resource "heroku_app" "a" {
  name = { x = ["y"] }
  one {
    name = "x"
  }
  two {
    name = "x"
  }
  two {
    name = "y"
    deep {
      name = "z"
    }
  }
  dynamic "made" {
    content {}
  }
  dynamic {
  }
}
`)
	b := c.root.mod.resources["heroku_app.a"]
	for _, tt := range []struct {
		path statefile.Path
		want string
	}{
		{statefile.Path{"name"}, `name "" in heroku_app.a`},
		{statefile.Path{"name", "x", 0}, `name x/0 in heroku_app.a`},
		{statefile.Path{"one"}, `block one in heroku_app.a`},
		{statefile.Path{"one", 0}, `block one in heroku_app.a`},
		{statefile.Path{"one", 1}, `reason it has no block one[1] in heroku_app.a`},
		{statefile.Path{"one", "name"}, `name "" in one`},
		{statefile.Path{"one", 0, "name"}, `name "" in one`},
		{statefile.Path{"one", 0, "other"}, `missing other in one`},
		{statefile.Path{"two"}, `reason it has 2 blocks two in heroku_app.a`},
		{statefile.Path{"two", 1, "name"}, `name "" in two`},
		{statefile.Path{"two", 1, "deep", 0, "name"}, `name "" in deep`},
		{statefile.Path{"two", 2, "name"}, `reason it has no block two[2] in heroku_app.a`},
		{statefile.Path{"two", 0, 0}, `reason its path has an index where a name belongs in two`},
		{statefile.Path{"made", 0, "name"}, `reason dynamic blocks make it in heroku_app.a`},
		{statefile.Path{"other"}, `missing other in heroku_app.a`},
		{statefile.Path{"other", 0, "name"}, `missing other[0].name in heroku_app.a`},
		{statefile.Path{0}, `reason its path has an index where a name belongs in heroku_app.a`},
	} {
		a := findArgument(b, tt.path)
		in := a.body.address()
		var got string
		switch {
		case a.reason != "":
			got = "reason " + a.reason
		case a.expr != nil:
			got = a.attr.name + " " + strings.Join(pathTexts(a.rest), "/")
			if a.rest == nil {
				got += `""`
			}
			if a.attr.expr != a.expr || a.attr.name != a.name {
				t.Errorf("%s: %s is another argument", tt.path, a.attr.name)
			}
		case a.nested != nil:
			got = "block " + a.nested.kind
		case a.missing != nil:
			got = "missing " + a.missing.String()
		}
		if got += " in " + in; got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.path, got, tt.want)
		}
		if name, ok := tt.path[0].(string); ok && in == "heroku_app.a" && a.name != name {
			t.Errorf("%s: its name is %q", tt.path, a.name)
		}
	}
}

// TestMentionWords: where a name stands as a whole word.
func TestMentionWords(t *testing.T) {
	for text, want := range map[string]string{
		"app":                           "0",
		"an app, or app":                "3 11",
		"apps":                          "",
		"my-app app":                    "7",
		"app-1 1app app_ _app App app":  "25",
		"éapp appé (app)":               "13",
		"zapp appz Zapp appZ app9 0app": "",
		"`app@app[app{app/":             "1 5 9 13",
		"appapp app":                    "7",
		"":                              "",
	} {
		var got []string
		for at := range words(text, "app") {
			got = append(got, fmt.Sprint(at))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %v, want %s", text, got, want)
		}
	}
	for range words("anything", "") {
		t.Fatal("no word is found")
	}
	n := 0
	for range words("app app app", "app") {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("%d words", n)
	}
	got := slices.Collect(words("aa-a", "a"))
	if len(got) != 0 {
		t.Errorf("parts of a word: %v", got)
	}
}

// TestAdvance: where a text ends that begins somewhere.
func TestAdvance(t *testing.T) {
	from := hcl.Pos{Line: 3, Column: 5, Byte: 40}
	for text, want := range map[string]hcl.Pos{
		"":           from,
		"ab":         {Line: 3, Column: 7, Byte: 42},
		"é":          {Line: 3, Column: 6, Byte: 42},
		"a\n":        {Line: 4, Column: 1, Byte: 42},
		"a\nbc":      {Line: 4, Column: 3, Byte: 44},
		"\nb":        {Line: 4, Column: 2, Byte: 42},
		"\n\n\né":    {Line: 6, Column: 2, Byte: 45},
		"abc\nd\r\n": {Line: 5, Column: 1, Byte: 47},
	} {
		if got := advance(from, text); got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}
