package tfconfig_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/tfconfig"
)

// TestRenameForms: which of the texts that spell the old name the name of the app comes
// from. Those that an edit renames stand in «», and those that are named, with a reason
// why they aren't renamed, in ‹›.
func TestRenameForms(t *testing.T) {
	const name = "resource \"heroku_app\" \"web\" {\n  name = local.n\n}\n"
	local := func(expr string) map[string]string {
		return map[string]string{"main.tf": name + "locals {\n  n = " + expr + "\n}\n"}
	}
	with := func(expr, more string) map[string]string {
		return map[string]string{"main.tf": name + "locals {\n  n = " + expr + "\n" + more + "\n}\n"}
	}
	each := func(forEach, value string) map[string]string {
		return map[string]string{"main.tf": "resource \"heroku_app\" \"web\" {\n  for_each = " + forEach + "\n  name = " + value + "\n}\n"}
	}
	for title, tt := range map[string]struct {
		files   map[string]string
		address string // "": heroku_app.web
	}{
		"an element of a list": {files: local(`["old-app", «"old-app"», "old-app"][1]`)},
		"a member":             {files: local(`{ a = "old-app", b = «"old-app"» }.b`)},
		"a member by index":    {files: local(`{ a = "old-app", b = «"old-app"» }["b"]`)},
		"a member by a number": {files: local(`{ 0 = "old-app", 1 = «"old-app"» }[1]`)},
		"in parentheses":       {files: local(`((«"old-app"»))`)},
		"in a template":        {files: local(`"${«"old-app"»}"`)},
		"deep":                 {files: with(`local.a.b[1].c`, `a = { b = [{ c = "old-app" }, { c = «"old-app"», d = "old-app" }], x = "old-app" }`)},

		// Sets have no indices, so that whichever index is meant, it is by chance.
		"an element of a set":       {files: local(`tolist(toset([‹"old-app"›, "x"]))[0]`)},
		"an index of null":          {files: local(`[«"old-app"», «"old-app"»][null]`)},
		"an index of null in a map": {files: local(`{ null = «"old-app"», a = «"old-app"» }[null]`)},

		"element":             {files: local(`element(["old-app", «"old-app"»], 1)`)},
		"element wraps round": {files: local(`element(["old-app", «"old-app"»], 3)`)},
		"tostring":            {files: local(`tostring(«"old-app"»)`)},
		"sensitive":           {files: local(`sensitive(«"old-app"»)`)},
		"nonsensitive":        {files: local(`nonsensitive(sensitive(«"old-app"»))`)},
		"tomap":               {files: local(`tomap({ a = «"old-app"», b = "old-app" })["a"]`)},
		"tolist":              {files: local(`tolist(["old-app", «"old-app"»])[1]`)},
		"lookup":              {files: local(`lookup({ a = «"old-app"», b = "old-app" }, "a")`)},
		"one":                 {files: local(`one([«"old-app"»])`)},
		"concat":              {files: local(`concat(["x"], [«"old-app"»])[1]`)},
		"values":              {files: local(`values({ a = «"old-app"», old-app = "x" })[0]`)},
		"keys":                {files: local(`keys({ old-app = "old-app" })[0]`)},
		"reverse":             {files: local(`reverse([«"old-app"», "x"])[1]`)},
		"sort":                {files: local(`sort([«"old-app"», "x"])[0]`)},
		"distinct":            {files: local(`distinct([«"old-app"»])[0]`)},
		"compact":             {files: local(`compact(["", «"old-app"»])[0]`)},
		"zipmap":              {files: local(`zipmap(["old-app"], [«"old-app"»])["old-app"]`)},
		"zipmap, a member":    {files: local(`zipmap(["a"], [{ n = «"old-app"», m = "old-app" }])["a"].n`)},
		"within core":         {files: local(`core::tostring(«"old-app"»)`)},
		"expanded":            {files: local(`coalesce([‹"old-app"›]...)`)},
		"length":              {files: local(`"x${length(["old-app"])}"`)},
		"join":                {files: local(`join("", ["old-app"])`)},
		"a condition":         {files: with(`"old-app" == "" ? "x" : local.b`, `b = «"old-app"»`)},

		"a key of for_each":         {files: each(`toset([‹"old-app"›, "x"])`, "each.key"), address: `heroku_app.web["old-app"]`},
		"a value of a set":          {files: each(`toset([‹"old-app"›, "x"])`, "each.value"), address: `heroku_app.web["old-app"]`},
		"a value of a map":          {files: each(`{ a = «"old-app"», b = "old-app" }`, "each.value"), address: `heroku_app.web["a"]`},
		"another value of it":       {files: each(`{ a = "old-app", b = «"old-app"» }`, "each.value"), address: `heroku_app.web["b"]`},
		"a member of a value":       {files: each(`{ a = { n = «"old-app"», m = "old-app" }, b = { n = "old-app" } }`, "each.value.n"), address: `heroku_app.web["a"]`},
		"by the key of another map": {files: map[string]string{"main.tf": "locals {\n  m = { a = «\"old-app\"», b = \"old-app\" }\n}\nresource \"heroku_app\" \"web\" {\n  for_each = toset([\"a\", \"b\"])\n  name = local.m[each.key]\n}\n"}, address: `heroku_app.web["a"]`},
		"by a key that isn't known": {files: map[string]string{"main.tf": "locals {\n  m = { old-app = «\"old-app\"», new-app = \"x\" }\n}\nresource \"heroku_app\" \"web\" {\n  for_each = yamldecode(file(\"x\"))\n  name = local.m[each.key]\n}\n"}, address: `heroku_app.web["old-app"]`},
		"a set in a local":          {files: map[string]string{"main.tf": "locals {\n  s = toset([\"x\", ‹\"old-app\"›])\n}\nresource \"heroku_app\" \"web\" {\n  for_each = local.s\n  name = each.key\n}\n"}, address: `heroku_app.web["old-app"]`},
		"the value of for":          {files: each(`{ for k, v in { a = «"old-app"», b = "old-app" } : k => v }`, "each.value"), address: `heroku_app.web["a"]`},
		"an instance by count":      {files: map[string]string{"main.tf": "resource \"heroku_app\" \"web\" {\n  count = 2\n  name = [\"old-app\", «\"old-app\"»][count.index]\n}\n"}, address: `heroku_app.web[1]`},
		"another one by count":      {files: map[string]string{"main.tf": "resource \"heroku_app\" \"web\" {\n  count = 2\n  name = [«\"old-app\"», \"old-app\"][count.index]\n}\n"}, address: `heroku_app.web[0]`},

		"a default":                 {files: map[string]string{"main.tf": "variable \"n\" {\n  default = «\"old-app\"»\n}\nvariable \"m\" {\n  default = \"old-app\"\n}\nresource \"heroku_app\" \"web\" {\n  name = var.n\n}\n"}},
		"a variable file":           {files: map[string]string{"main.tf": "variable \"n\" {}\nresource \"heroku_app\" \"web\" {\n  name = var.n\n}\n", "terraform.tfvars": "n = «\"old-app\"»\nm = \"old-app\"\n"}},
		"an argument":               {files: map[string]string{"main.tf": "module \"m\" {\n  source = \"./m\"\n  n = «\"old-app\"»\n  o = \"old-app\"\n}\n", "m/m.tf": "variable \"n\" {}\nvariable \"o\" {}\nresource \"heroku_app\" \"web\" {\n  name = var.n\n}\n"}, address: "module.m.heroku_app.web"},
		"a default for null":        {files: map[string]string{"main.tf": "module \"m\" {\n  source = \"./m\"\n  n = null\n}\n", "m/m.tf": "variable \"n\" {\n  nullable = false\n  default = «\"old-app\"»\n}\nresource \"heroku_app\" \"web\" {\n  name = var.n\n}\n"}, address: "module.m.heroku_app.web"},
		"no default for null":       {files: map[string]string{"main.tf": "module \"m\" {\n  source = \"./m\"\n  n = null\n}\n", "m/m.tf": "variable \"n\" {\n  nullable = true\n  default = \"old-app\"\n}\nresource \"heroku_app\" \"web\" {\n  name = var.n\n}\n"}, address: "module.m.heroku_app.web"},
		"a default, not for a text": {files: map[string]string{"main.tf": "module \"m\" {\n  source = \"./m\"\n  n = «\"old-app\"»\n}\n", "m/m.tf": "variable \"n\" {\n  nullable = false\n  default = \"old-app\"\n}\nresource \"heroku_app\" \"web\" {\n  name = var.n\n}\n"}, address: "module.m.heroku_app.web"},
		"an unused default":         {files: map[string]string{"main.tf": "module \"m\" {\n  source = \"./m\"\n  n = «\"old-app\"»\n}\n", "m/m.tf": "variable \"n\" {\n  default = \"old-app\"\n}\nresource \"heroku_app\" \"web\" {\n  name = var.n\n}\n"}, address: "module.m.heroku_app.web"},
		"an output":                 {files: map[string]string{"main.tf": "module \"m\" {\n  source = \"./m\"\n}\nresource \"heroku_app\" \"web\" {\n  name = module.m.n\n}\n", "m/m.tf": "output \"n\" {\n  value = «\"old-app\"»\n}\noutput \"o\" {\n  value = \"old-app\"\n}\n"}},

		// In every folder that holds variable files, however many are before it.
		"variable files in later folders": {files: map[string]string{
			"main.tf": "variable \"n\" {}\nresource \"heroku_app\" \"web\" {\n  name = var.n\n}\n", "a/x.txt": "n = \"old-app\"\n", "b/m.tf": "", "b/b.tfvars": "n = \"old-app\"\n",
			"c/c.tfvars": "n = «\"old-app\"»\n", "c/d/d.tfvars.json": "{\"n\": «\"old-app\"»}\n", "e/e.tfvars": "n = «\"old-app\"»\n", "f/g/h.tfvars": "n = «\"old-app\"»\n", "z.tfvars": "n = «\"old-app\"»\n",
			// Terraform's and editors' own folders and files aren't looked into.
			".h/h.tfvars": "n = \"old-app\"\n", "i~/i.tfvars": "n = \"old-app\"\n", "#j#/j.tfvars": "n = \"old-app\"\n", ".k.tfvars": "n = \"old-app\"\n",
			"#l/l.tfvars": "n = «\"old-app\"»\n", "m#/m.tfvars": "n = «\"old-app\"»\n",
		}},
	} {
		t.Run(title, func(t *testing.T) {
			var named []string
			plain, want := make(map[string]string), make(map[string]string)
			for name, text := range tt.files {
				plain[name] = strings.NewReplacer("«", "", "»", "", "‹", "", "›", "").Replace(text)
				for i, line := range strings.Split(text, "\n") {
					if before, _, ok := strings.Cut(line, "‹"); ok {
						named = append(named, fmt.Sprintf("%s:%d:%d", name, i+1, len(strings.NewReplacer("«", "", "»", "").Replace(before))+1))
					}
				}
				want[name] = strings.NewReplacer("«\"old-app\"»", "\"new-app\"", "‹", "", "›", "").Replace(text)
			}
			c, dir := load(t, plain)
			address := tt.address
			if address == "" {
				address = "heroku_app.web"
			}
			rename := tfconfig.AppRename{Address: address, Old: "old-app", New: "new-app"}
			edits, err := c.EditRename(rename)
			if err != nil {
				t.Fatal(err)
			}
			got := maps.Clone(plain)
			for _, e := range edits {
				name := strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(e.Path, dir), "/"), `\`, "/")
				if plain[name] != string(e.Old) {
					t.Errorf("an edit of %s, which was %q", e.Path, e.Old)
				}
				got[name] = string(e.New)
			}
			places := strings.ReplaceAll(fmt.Sprint(c.RenamePlaces(rename)), `\`, "/")
			for _, at := range named {
				if _, rest, ok := strings.Cut(places, "/"+at+": "); !ok || !strings.Contains(rest, "[") {
					t.Errorf("%s isn't named with a reason: %s", at, places)
				}
			}
			for _, name := range slices.Sorted(maps.Keys(plain)) {
				if diff := cmp.Diff(want[name], got[name]); diff != "" {
					t.Errorf("%s (-want +got):\n%s\nplaces: %v", name, diff, places)
				}
			}
		})
	}
}
