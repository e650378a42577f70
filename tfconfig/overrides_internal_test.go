package tfconfig

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folder writes files to a folder of their own.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestOverrides: arguments and nested blocks take the place of those of their name, wherever
// they stand, but for lifecycle blocks of resources, which are all kept; locals each by
// themselves. What overrides nothing counts by itself.
func TestOverrides(t *testing.T) {
	dir := folder(t, map[string]string{
		"main.tf": `resource "t" "n" {
  a = 1
  b = 2
  x {
    p = 1
  }
  x {
    q = 1
  }
  y {}
  lifecycle {
    l = 1
  }
}
provider "p" {
  a = 1
}
data "t" "n" {
  a = 1
}
ephemeral "t" "n" {
  a = 1
}
variable "v" {
  lifecycle {}
  a = 1
}
locals {
  a = 1
  b = 2
}
`,
		"a_override.tf": `resource "t" "n" {
  b = 3
  c = 4
  x {
    r = 1
  }
  x {
    s = 1
  }
  z {}
  lifecycle {
    m = 1
  }
}
resource "t" "new" {
  a = 1
}
provider "p" {
  b = 1
}
variable "v" {
  lifecycle {
    k = 1
  }
}
locals {
  b = 3
  c = 4
}
module "m" {
  source = "./m"
}
output "o" {}
`,
		"b_override.tf.json": `{"resource": {"t": {"n": {"lifecycle": {}, "b": 5}}}, "locals": {"c": 5}}`,
		"override.tf.json":   `{"resource": {"t": {"n": {"lifecycle": []}}}}`,
		"m/main.tf":          "",
	})
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	m := c.root.mod
	if diff := cmp.Diff("resource t n@1:1{a@2:3, c@3:3, lifecycle@1:27, b@1:44, lifecycle@1:27, y@10:3{}, lifecycle@11:3{l@12:5 in lifecycle}, "+
		"x@4:3{r@5:5 in x}, x@7:3{s@8:5 in x}, z@10:3{}, lifecycle@11:3{m@12:5 in lifecycle}}, "+
		"provider p@15:1{a@16:3}, data t n@18:1{a@19:3}, ephemeral t n@21:1{a@22:3}, variable v@24:1{a@26:3, lifecycle@22:3{k@23:5 in lifecycle}}, "+
		"locals@28:1{a@29:3, b@30:3}, resource t new@15:1{a@16:3}, provider p@18:1{b@19:3}, module m@30:1{source@31:3}, output o@33:1{}", spelled(&body{blocks: m.order})); diff != "" {
		t.Errorf("blocks (-want +got):\n%s", diff)
	}
	var locals []string
	for _, name := range slices.Sorted(maps.Keys(m.locals)) {
		locals = append(locals, name+" in "+filepath.Base(m.locals[name].file.name))
	}
	if diff := cmp.Diff([]string{"a in main.tf", "b in a_override.tf", "c in b_override.tf.json"}, locals); diff != "" {
		t.Errorf("locals (-want +got):\n%s", diff)
	}
	var keys []string
	for kind, index := range map[string]map[string]*block{"variable": m.variables, "output": m.outputs, "module": m.calls, "": m.resources} {
		for key, b := range index {
			if strings.Join(b.labels, ".") != key[len(key)-len(strings.Join(b.labels, ".")):] {
				t.Errorf("%s is %s", key, b.address())
			}
			keys = append(keys, kind+" "+key)
		}
	}
	slices.Sort(keys)
	if diff := cmp.Diff([]string{" data.t.n", " ephemeral.t.n", " t.n", " t.new", "module m", "output o", "variable v"}, keys); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
}

// TestAddresses: how blocks are referred to in their module.
func TestAddresses(t *testing.T) {
	for want, b := range map[string]*block{
		"heroku_app.web": {kind: "resource", labels: []string{"heroku_app", "web"}}, "data.heroku_app.web": {kind: "data", labels: []string{"heroku_app", "web"}},
		"ephemeral.t.n": {kind: "ephemeral", labels: []string{"t", "n"}}, "var.x": {kind: "variable", labels: []string{"x"}}, "local": {kind: "locals"},
		"module.m": {kind: "module", labels: []string{"m"}}, "output.o": {kind: "output", labels: []string{"o"}}, "terraform": {kind: "terraform"},
	} {
		if got := b.address(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestLoadFaults: what stands in the way of reading a configuration, each fault with its file
// and its place.
func TestLoadFaults(t *testing.T) {
	long := strings.Repeat("x", 400)
	for name, tt := range map[string]struct {
		files map[string]string
		want  string // DIR is the folder's name
	}{
		"no configuration":       {map[string]string{"a.txt": ""}, "read configuration: DIR: no Terraform configuration"},
		"a folder":               {map[string]string{"a.tf/x": "", "a.tofu/x": "", "a.auto.tfvars/x": ""}, "read configuration: DIR: no Terraform configuration"},
		"hidden":                 {map[string]string{".a.tf": "", ".a.tofu": ""}, "read configuration: DIR: no Terraform configuration"},
		"broken alone":           {map[string]string{"a.tf": "x ="}, "DIR/a.tf:1:4: missing expression: Expected the start of an expression, but found the end of the file"},
		"broken, and vars":       {map[string]string{"a.tf": "", "terraform.tfvars": "x = y z", "a.tfvars": "b {}\nx = 1\n"}, "DIR/terraform.tfvars:1:7: missing newline after argument\nDIR/a.tfvars:1:1: a variable file holds no blocks"},
		"module is a file":       {map[string]string{"a.tf": "module \"m\" {\n  source = \"./a.tf\"\n}\n"}, "DIR/a.tf:2:12: module \"m\": \"DIR/a.tf\" isn't a directory"},
		"module's name too long": {map[string]string{"a.tf": "module \"m\" {\n  source = \"./" + long + "\"\n}\n"}, "DIR/a.tf:2:12: module \"m\": open DIR/" + long + ": file name too long"},
		"module of a module": {map[string]string{"a.tf": "module \"m\" {\n  source = \"./m\"\n}\n", "m/b.tf": "module \"n\" {\n  source = \"../a\"\n}\nmodule \"o\" {}\n"},
			"DIR/m/b.tf:2:12: module \"n\": there is no directory \"DIR/a\"\nDIR/m/b.tf:4:1: module \"o\" has no source"},
		"itself": {map[string]string{"a.tf": "module \"m\" {\n  source = \".\"\n}\n"}, "DIR/a.tf:2:12: module \"m\" calls itself by \".\""},
		"twice": {map[string]string{"a.tf": "resource \"t\" \"n\" {}\nmodule \"m\" {}\n", "b.tf.json": `{"resource": {"t": {"n": {}}}, "module": {"m": {}}}`},
			"DIR/b.tf.json:1:21: t.n is defined twice, first at DIR/a.tf:1\nDIR/b.tf.json:1:43: module.m is defined twice, first at DIR/a.tf:2\nDIR/a.tf:2:1: module \"m\" has no source"},
		"labels": {map[string]string{"a.tf": "module {}\nvariable \"a\" \"b\" {}\nprovider {}\nother \"x\" {}\n"},
			"DIR/a.tf:1:1: a module block takes 1 labels, not 0\nDIR/a.tf:2:1: a variable block takes 1 labels, not 2"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "module's name too long" && runtime.GOOS == "windows" {
				t.Skip("the error is the system's")
			}
			dir := folder(t, tt.files)
			c, err := Load(dir)
			if c != nil || err == nil {
				t.Fatalf("got %v, %v", c, err)
			}
			got := strings.ReplaceAll(filepath.ToSlash(err.Error()), filepath.ToSlash(dir), "DIR")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if errors.Is(err, ErrNoConfiguration) != strings.Contains(tt.want, "no Terraform configuration") {
				t.Errorf("%v is ErrNoConfiguration: %t", err, errors.Is(err, ErrNoConfiguration))
			}
		})
	}
	dir := folder(t, map[string]string{"a.tofu": "", "b.tofu.json": "{}"})
	if _, err := (Options{Language: Terraform}).Load(dir); err == nil || err.Error() != "read configuration: "+dir+": no Terraform configuration that Terraform reads, but a.tofu, which it doesn't" {
		t.Errorf("got %v", err)
	}
	if _, err := Load(filepath.Join(dir, "a.tofu")); err == nil || err.Error() != "read configuration: "+filepath.Join(dir, "a.tofu")+" isn't a directory" {
		t.Errorf("got %v", err)
	}
	if _, err := Load(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "read configuration: ") {
		t.Errorf("got %v", err)
	}
	if err := os.Symlink("none", filepath.Join(dir, "l.tofu")); err == nil {
		if _, err := Load(dir); err == nil || !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), "l.tofu") != 1 {
			t.Errorf("a link that leads nowhere: got %v", err)
		}
	}
}

// TestLanguages: which language a folder's files are in.
func TestLanguages(t *testing.T) {
	const terraform, tofu = "provider \"registry.terraform.io/x/y\" {}\n", "provider \"registry.opentofu.org/x/y\" {}\n"
	for name, tt := range map[string]struct {
		names []string
		lock  string
		want  Language
	}{
		"Terraform":                     {[]string{"a.tf"}, "", Terraform},
		"nothing":                       {nil, terraform, Terraform},
		"OpenTofu":                      {[]string{"a.tofu"}, terraform, OpenTofu},
		"OpenTofu in JSON":              {[]string{"a.tofu.json"}, "", OpenTofu},
		"both":                          {[]string{"a.tf", "b.tofu"}, "", OpenTofu},
		"both, the other first":         {[]string{"a.tofu", "b.tf.json"}, terraform, Terraform},
		"both, and Terraform's lock":    {[]string{"a.tf", "b.tofu", "c.tf"}, terraform, Terraform},
		"both, and OpenTofu's lock":     {[]string{"a.tf", "b.tofu"}, tofu, OpenTofu},
		"both, and locks of both":       {[]string{"a.tf", "b.tofu"}, terraform + tofu, OpenTofu},
		"both, and a lock of none":      {[]string{"a.tf", "b.tofu"}, "# registry.terraform.io/\n", OpenTofu},
		"a folder by the name":          {[]string{"a.tf", "b.tofu/x"}, "", Terraform},
		"hidden":                        {[]string{"a.tf", ".b.tofu"}, "", Terraform},
		"a folder by Terraform's name":  {[]string{"a.tf/x", "b.tofu"}, terraform, OpenTofu},
		"hidden ones of Terraform":      {[]string{".a.tf", "b.tofu"}, terraform, OpenTofu},
		"variable files and other ones": {[]string{"a.tf", "b.tofuvars", "c.tofu.txt"}, "", Terraform},
	} {
		files := map[string]string{"x.txt": ""}
		for _, name := range tt.names {
			files[name] = map[bool]string{true: "{}"}[strings.HasSuffix(name, ".json")]
		}
		if tt.lock != "" {
			files[".terraform.lock.hcl"] = tt.lock
		}
		if len(tt.names) == 0 {
			files["x.tf"] = ""
		}
		c, err := Load(folder(t, files))
		if err != nil || c.Language() != tt.want {
			t.Errorf("%s: got %v, %v, want %v", name, c, err, tt.want)
		}
	}
	for l, want := range map[Language]string{Auto: "auto", Terraform: "Terraform", OpenTofu: "OpenTofu", 7: "auto"} {
		if got := l.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	// A folder by the name of an alternative stands for none.
	c, err := Options{Language: OpenTofu}.Load(folder(t, map[string]string{"a.tf": "", "a.tofu/x": "", "b.tf": "", ".b.tofu": "", "c.tf.json": "{}", "c.tofu": ""}))
	if err != nil || len(c.Files()) != 4 || c.PassedOver() != nil {
		t.Errorf("got %v, %v", c, err)
	}
}
