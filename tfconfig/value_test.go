package tfconfig_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/internal/testmode"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// samples returns two values of an attribute, as a state and as HCL have them.
func samples(attr *provider.Attr) (old, new any, oldText, newText string) {
	switch {
	case attr.Type == provider.Bool:
		return false, true, "false", "true"
	case attr.Type == provider.Int:
		return json.Number("1"), json.Number("22"), "1", "22"
	case attr.As == provider.Mapping || attr.As == provider.ManagedKeys:
		return map[string]any{"A": "1"}, map[string]any{"A": "2"}, `{ A = "1" }`, `{ A = "2" }`
	case attr.As == provider.InOrder || attr.As == provider.AnyOrder || attr.As == provider.Set:
		return []any{"a", "b"}, []any{"a", "c", "b"}, `["a", "b"]`, `["a", "c", "b"]`
	}
	return "one", "another", `"one"`, `"another"`
}

// Every attribute that the provider has follows from every place that its value
// may come from, and back; in the short form from one place each.
func TestSetValuesOfEveryAttribute(t *testing.T) {
	tests, want := 0, 100
	if testmode.Full() {
		want = 600
	}
	for res := range provider.All() {
		if res.Mode != provider.Managed {
			continue
		}
		for i := range res.Attrs {
			attr := &res.Attrs[i]
			if attr.Name == "id" || strings.Contains(attr.Name, ".") || strings.HasPrefix(attr.Name, "sensitive_") {
				continue
			}
			old, next, oldText, newText := samples(attr)
			resource := func(value string) string {
				return fmt.Sprintf("resource %q \"x\" {\n  %s = %s # why\n}\n", res.Type, attr.Name, value)
			}
			places := []struct {
				name    string
				files   map[string]string
				edited  string
				address string
			}{
				{"literal", map[string]string{"main.tf": resource(oldText)}, "main.tf", "X"},
				{"variable", map[string]string{"main.tf": "variable \"v\" {\n  default = " + oldText + " # v\n}\n" + resource("var.v")}, "main.tf", "X"},
				{"file", map[string]string{"main.tf": "variable \"v\" {}\n" + resource("var.v"), "terraform.tfvars": "v = " + oldText + " # v\n"}, "terraform.tfvars", "X"},
				{"local", map[string]string{"main.tf": "locals {\n  l = { k = " + oldText + " }\n}\n" + resource("local.l.k")}, "main.tf", "X"},
				{"argument", map[string]string{"main.tf": "module \"m\" {\n  source = \"./m\"\n  v      = " + oldText + "\n}\n", "m/m.tf": "variable \"v\" {}\n" + resource("var.v")}, "main.tf", "module.m.X"},
				{"for_each", map[string]string{"main.tf": strings.Replace(resource("each.value"), "{\n", "{\n  for_each = { k = "+oldText+" }\n", 1)}, "main.tf", `X["k"]`},
			}
			if !testmode.Full() {
				places = places[tests%len(places):][:1]
			}
			for _, tt := range places {
				name := tt.name
				c, dir := load(t, tt.files)
				address := strings.Replace(tt.address, "X", res.Type+".x", 1)
				change := tfconfig.Change{Address: address, Path: statefile.Path{attr.Name}, Old: old, New: next}
				edit, err := c.SetValues([]string{address}, change)
				if err != nil || !edit.Changes[0].Settled || len(edit.Files) != 1 {
					t.Fatalf("%s.%s by %s: got %+v, %v", res.Type, attr.Name, name, edit, err)
				}
				got := edit.Files[0].New
				writeFile(t, filepath.Join(dir, tt.edited), got) // without Apply, which waits for the disk
				if want := strings.Replace(tt.files[tt.edited], oldText, newText, 1); string(got) != want {
					t.Errorf("%s.%s by %s (-want +got):\n%s", res.Type, attr.Name, name, cmp.Diff(want, string(got)))
				}
				if c, err = tfconfig.Load(dir); err != nil {
					t.Fatal(err)
				}
				change.Old, change.New = next, old
				back, err := c.SetValues([]string{address}, change)
				if err != nil || len(back.Files) != 1 || !bytes.Equal(back.Files[0].New, []byte(tt.files[tt.edited])) {
					t.Errorf("%s.%s by %s: the way back: %+v, %v", res.Type, attr.Name, name, back, err)
				}
				tests++
			}
		}
	}
	if tests < want {
		t.Errorf("only %d edits were made", tests)
	}
}

// Bytes that txtar can't hold.
func TestSetValuesKeepsBytes(t *testing.T) {
	change := func(path string, old, new any) tfconfig.Change {
		c := tfconfig.Change{Address: "heroku_app.a", Old: old, New: new}
		for p := range strings.SplitSeq(path, ".") {
			c.Path = append(c.Path, p)
		}
		return c
	}
	locked := tfconfig.Change{Address: "heroku_app.a", Path: statefile.Path{"organization", 0, "locked"}, Old: false, New: true}
	tests := []struct {
		name, file, in, want string
		changes              []tfconfig.Change
	}{
		{
			"crlf", "main.tf",
			"resource \"heroku_app\" \"a\" {\r\n  stack = \"a\" # c\r\n  config_vars = {\r\n    A = \"1\"\r\n  }\r\n}\r\n",
			"resource \"heroku_app\" \"a\" {\r\n  stack = \"b\" # c\r\n  config_vars = {\r\n    A   = \"1\"\r\n    BCD = \"2\"\r\n  }\r\n  space = \"s\"\r\n}\r\n",
			[]tfconfig.Change{change("stack", "a", "b"), change("config_vars.BCD", nil, "2"), change("space", nil, "s")},
		},
		{
			"heredoc with crlf", "main.tf",
			"resource \"heroku_app\" \"a\" {\r\n  config_vars = {\r\n    A = <<X\r\none\r\nX\r\n    B = \"1\"\r\n  }\r\n}\r\n",
			"resource \"heroku_app\" \"a\" {\r\n  config_vars = {\r\n    A = <<X\r\ntwo\r\nthree\r\nX\r\n    B = \"2\"\r\n  }\r\n}\r\n",
			[]tfconfig.Change{change("config_vars.A", "one\r\n", "two\r\nthree\r\n"), change("config_vars.B", "1", "2")},
		},
		{
			"byte order mark, tabs, no newline at the end", "main.tf",
			"\ufeffresource heroku_app a {\n\tstack=\"a\"//x\n\tacm   =  false\n}",
			"\ufeffresource heroku_app a {\n\tstack=\"bb\"//x\n\tacm   =  true\n}",
			[]tfconfig.Change{change("stack", "a", "bb"), change("acm", false, true)},
		},
		{
			"indented by four spaces", "main.tf",
			"resource \"heroku_app\" \"a\" {\n    stack = \"a\"\n}\n",
			"resource \"heroku_app\" \"a\" {\n    stack = \"b\"\n    space = \"s\"\n}\n",
			[]tfconfig.Change{change("stack", "a", "b"), change("space", nil, "s")},
		},
		{
			"a heredoc that becomes a number", "main.tf",
			"resource \"heroku_app\" \"a\" {\n  stack = <<X\na\nX\n}\n",
			"resource \"heroku_app\" \"a\" {\n  stack = \"7\"\n}\n",
			[]tfconfig.Change{change("stack", "a\n", 7)},
		},
		{
			"json", "main.tf.json",
			"{\"resource\":\r\n\t{\"heroku_app\":{\"a\":{\"x\":1e400,\"stack\":\"\\u0061\",\"config_vars\":{\"A\":\"\\/\"}}}}}",
			"{\"resource\":\r\n\t{\"heroku_app\":{\"a\":{\"x\":1e400,\"stack\":\"b\",\"config_vars\":{\"A\":\"\\/\", \"B\": \"2\"}}}}}",
			[]tfconfig.Change{change("stack", "a", "b"), change("config_vars.B", nil, "2")},
		},
		{
			"a block in json, an object", "main.tf.json",
			`{"resource": {"heroku_app": {"a": {"organization": {"name": "o", "locked": false}}}}}`,
			`{"resource": {"heroku_app": {"a": {"organization": {"name": "o", "locked": true}}}}}`,
			[]tfconfig.Change{locked},
		},
		{
			"a block in json, a list of objects", "main.tf.json",
			`{"resource": {"heroku_app": {"a": {"organization": [{"name": "o", "locked": false}]}}}}`,
			`{"resource": {"heroku_app": {"a": {"organization": [{"name": "o", "locked": true}]}}}}`,
			[]tfconfig.Change{locked},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := load(t, map[string]string{tt.file: tt.in})
			edit, err := c.SetValues([]string{"heroku_app.a"}, tt.changes...)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range edit.Pending() {
				t.Errorf("%s: %s", v.Path, v.Reason)
			}
			if len(edit.Files) != 1 {
				t.Fatalf("got %d edits, want 1", len(edit.Files))
			}
			if diff := cmp.Diff(tt.want, string(edit.Files[0].New)); diff != "" {
				t.Errorf("edited (-want +got):\n%s", diff)
			}
		})
	}
}

// No result shows a secret, and none gets into a .tf file.
func TestSetValuesKeepsSecrets(t *testing.T) {
	c, _ := load(t, map[string]string{
		"main.tf": `
variable "token" {
  sensitive = true
  default   = "hunter1"
}
variable "vars" {}
resource "heroku_app" "a" {
  config_vars           = { TOKEN = var.token, OTHER = "hunter3" }
  sensitive_config_vars = var.vars
}
`,
		"terraform.tfvars": "vars = {\n  PASSWORD = \"hunter2\"\n}\n",
	})
	edit, err := c.SetValues([]string{"heroku_app.a"},
		tfconfig.Change{Address: "heroku_app.a", Path: statefile.Path{"config_vars", "TOKEN"}, Old: "hunter1", New: "hunter11"},
		tfconfig.Change{Address: "heroku_app.a", Path: statefile.Path{"config_vars", "OTHER"}, Old: "hunter3", New: "hunter33", Sensitive: true},
		tfconfig.Change{Address: "heroku_app.a", Path: statefile.Path{"config_vars", "NEW"}, New: "hunter4", Sensitive: true},
		tfconfig.Change{Address: "heroku_app.a", Path: statefile.Path{"sensitive_config_vars", "PASSWORD"}, Old: "hunter2", New: "hunter22"},
		tfconfig.Change{Address: "heroku_app.a", Path: statefile.Path{"sensitive_config_vars", "NEW"}, New: "hunter5"},
	)
	if err != nil {
		t.Fatal(err)
	}
	var settled []bool
	for _, v := range edit.Changes {
		settled = append(settled, v.Settled)
		v.Change = tfconfig.Change{}
		if got := fmt.Sprintf("%+v", v); strings.Contains(got, "hunter") {
			t.Errorf("a result shows a secret: %s", strings.ReplaceAll(got, "hunter", "SECRET"))
		}
	}
	if want := []bool{false, false, false, true, true}; !slices.Equal(settled, want) {
		t.Errorf("settled: got %v, want %v", settled, want)
	}
	if len(edit.Files) != 1 || filepath.Base(edit.Files[0].Path) != "terraform.tfvars" || !edit.Files[0].Sensitive {
		t.Errorf("got %d edits, want one of terraform.tfvars that is sensitive", len(edit.Files))
	}
}

// Values that refer to themselves, which Terraform refuses, end.
func TestSetValuesSelfReference(t *testing.T) {
	c, _ := load(t, map[string]string{"main.tf": `
locals {
  nested = { x = local.nested, y = [local.nested, local.other] }
  other  = coalesce(local.other, local.other, local.nested.x)
  merged = merge(local.merged, local.more, { A = "1" })
  more   = merge(local.merged, { B = local.more.B })
  tried  = try(local.tried, try(local.other, local.tried))
  looked = lookup(local.looked, local.looked, "x")
}
resource "heroku_app" "web" {
  stack                 = local.other
  region                = local.looked
  config_vars           = local.merged
  sensitive_config_vars = local.nested
  buildpacks            = local.tried
  name                  = local.nested.x.x.x.y
}
`})
	at := time.Now()
	var changes []tfconfig.Change
	for _, path := range []statefile.Path{{"stack"}, {"region"}, {"config_vars", "A"}, {"config_vars", "B"}, {"sensitive_config_vars", "x"}, {"buildpacks"}, {"name"}} {
		changes = append(changes, tfconfig.Change{Address: "heroku_app.web", Path: path, Old: "1", New: "2"})
	}
	edit, err := c.SetValues([]string{"heroku_app.web"}, changes...)
	if err != nil {
		t.Fatal(err)
	}
	if edit.Files != nil {
		t.Errorf("got %d edits, want none", len(edit.Files))
	}
	if took := time.Since(at); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

// FuzzSetValues holds that no configuration makes SetValues panic or fail its
// own proof, and that the way back from what it settled leads to the values.
func FuzzSetValues(f *testing.F) {
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
				f.Add(file.Data, []byte("size = \"basic\"\n"), "new ${x}", false)
			case strings.HasSuffix(file.Name, ".tf.json"):
				f.Add(file.Data, []byte("{\"size\": \"basic\"}"), "a\nb\n", true)
			}
		}
	}
	f.Fuzz(func(t *testing.T, config, vars []byte, value string, json bool) {
		dir := t.TempDir()
		files := map[string][]byte{"main.tf": config, "terraform.tfvars": vars}
		if json {
			files = map[string][]byte{"main.tf.json": config, "terraform.tfvars.json": vars}
		}
		for name, data := range files {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		c, err := tfconfig.Load(dir)
		if err != nil {
			return
		}
		state := []string{"heroku_app.a", "heroku_app.web", "heroku_formation.web", `heroku_formation.each["a"]`, "heroku_app.lines", "heroku_app.many"}
		changes := []tfconfig.Change{
			{Address: "heroku_app.web", Path: statefile.Path{"config_vars", "FOO"}, Old: "1", New: value},
			{Address: "heroku_app.web", Path: statefile.Path{"config_vars", "NEW"}, New: value},
			{Address: "heroku_app.lines", Path: statefile.Path{"config_vars", "A"}, Old: "1"},
			{Address: "heroku_app.many", Path: statefile.Path{"buildpacks"}, Old: []any{"heroku/nodejs", "heroku/ruby"}, New: []any{value, "heroku/ruby", "x"}},
			{Address: "heroku_formation.web", Path: statefile.Path{"quantity"}, Old: 1, New: 2},
			{Address: "heroku_formation.web", Path: statefile.Path{"size"}, Old: "basic", New: value},
			{Address: `heroku_formation.each["a"]`, Path: statefile.Path{"quantity"}, Old: 1, New: 2},
			{Address: "heroku_app.a", Path: statefile.Path{"organization", 0, "name"}, Old: "acme", New: value},
			{Address: "heroku_app.a", Path: statefile.Path{"stack"}, New: value, Hidden: true},
		}
		if bytes.Contains(config, []byte(`"many"`)) {
			gone, err := c.SetValues(state, append(slices.Clip(changes), tfconfig.Change{Address: "heroku_app.many"}, tfconfig.Change{Address: "heroku_app.web"})...)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range gone.Changes {
				if strings.Contains(v.Reason, "read back") {
					t.Errorf("gone: %s %s: %s", v.Address, v.Path, v.Reason)
				}
			}
			for i := range gone.Files {
				gone.Files[i].Patch(false)
			}
		}
		edit, err := c.SetValues(state, changes...)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range edit.Changes {
			if strings.Contains(v.Reason, "read back") {
				t.Errorf("%s %s: %s", v.Address, v.Path, v.Reason)
			}
		}
		if edit.Files == nil {
			return
		}
		for _, e := range edit.Files { // without Apply, which waits for the disk
			if err := os.WriteFile(e.Path, e.New, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if c, err = tfconfig.Load(dir); err != nil {
			t.Fatal(err)
		}
		var back []tfconfig.Change
		for _, v := range edit.Changes {
			if v.Settled {
				v.Old, v.New = v.New, v.Old
				back = append(back, v.Change)
			}
		}
		reverse, err := c.SetValues(state, back...)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range reverse.Changes {
			if strings.Contains(v.Reason, "read back") {
				t.Errorf("back: %s %s: %s", v.Address, v.Path, v.Reason)
			}
		}
	})
}

func ExampleConfig_SetValues() {
	dir, remove := exampleDir(`
variable "web" {
  default = 1 # enough for now
}

resource "heroku_formation" "web" {
  app_id   = heroku_app.shop.id
  type     = "web"
  quantity = var.web
  size     = "basic"
}

resource "heroku_app" "shop" {
  name        = "acme-shop"
  config_vars = { COLOR = "red" }
}
`)
	defer remove()
	c, err := tfconfig.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	state := []string{"heroku_app.shop", "heroku_formation.web"} // all that the state has
	edit, err := c.SetValues(state,
		tfconfig.Change{Address: "heroku_formation.web", Path: statefile.Path{"quantity"}, Old: 1, New: 3},
		tfconfig.Change{Address: "heroku_app.shop", Path: statefile.Path{"config_vars", "DEBUG"}, New: "1"},
		tfconfig.Change{Address: "heroku_app.shop", Path: statefile.Path{"name"}, Old: "shop", New: "store"},
	)
	if err != nil {
		log.Fatal(err)
	}
	for _, line := range slices.Sorted(maps.Keys(changedLines(edit.Files[0]))) {
		fmt.Println(line)
	}
	for _, v := range edit.Pending() {
		fmt.Println(v.Path, "is left:", v.Reason)
	}
	// Output:
	//   config_vars = { COLOR = "red", DEBUG = "1" }
	//   default = 3 # enough for now
	// name is left: the value there is neither the old nor the new one
}

// changedLines are the lines of an edit that are new.
func changedLines(e tfconfig.FileEdit) map[string]bool {
	lines := map[string]bool{}
	for line := range strings.Lines(string(e.New)) {
		if !strings.Contains(string(e.Old), line) {
			lines[strings.TrimSuffix(line, "\n")] = true
		}
	}
	return lines
}
