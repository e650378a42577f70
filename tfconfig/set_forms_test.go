package tfconfig_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// TestSetForms: which of the texts that spell an attribute's value is the one that it has.
// That stands in «»; where none does, or where it isn't sure, nothing is edited.
func TestSetForms(t *testing.T) {
	stack := func(expr string, more ...string) string {
		return "resource \"heroku_app\" \"a\" {\n  stack = " + expr + "\n}\n" + strings.Join(more, "\n") + "\n"
	}
	locals := func(body string) string { return "locals {\n" + body + "\n}" }
	const old, next = "heroku-22", "heroku-24"
	for title, config := range map[string]string{
		"in place":                           stack(`«"heroku-22"»`),
		"in parentheses":                     stack(`(«"heroku-22"»)`),
		"coalesce, first":                    stack(`coalesce(«"heroku-22"», "heroku-22")`),
		"coalesce, after null":               stack(`coalesce(null, «"heroku-22"», "heroku-22")`),
		"coalesce, after nothing":            stack(`coalesce("", «"heroku-22"»)`),
		"coalesce of what isn't known":       stack(`coalesce(data.http.y.body, "heroku-22")`, `data "http" "y" {}`),
		"try, first":                         stack(`try(«"heroku-22"», "heroku-22")`),
		"try, an empty text":                 stack(`try("", "heroku-22")`),
		"try, a member that is there":        stack(`try(local.m.a, "heroku-22")`, locals(`m = { a = «"heroku-22"», b = "heroku-22" }`)),
		"try, one that isn't":                stack(`try(local.m.c, «"heroku-22"»)`, locals(`m = { a = "heroku-22" }`)),
		"merge, the last":                    stack(`merge({ a = "heroku-22" }, { a = «"heroku-22"» }).a`),
		"merge, only the first":              stack(`merge({ a = «"heroku-22"» }, { b = "heroku-22" }).a`),
		"merge of what isn't known":          stack(`merge({ a = "heroku-22" }, data.http.y.m).a`, `data "http" "y" {}`),
		"lookup":                             stack(`lookup({ a = «"heroku-22"» }, "a", "heroku-22")`),
		"lookup, the default":                stack(`lookup({ b = "heroku-22" }, "a", «"heroku-22"»)`),
		"lookup of what isn't known":         stack(`lookup(data.http.y.m, "a", "heroku-22")`, `data "http" "y" {}`),
		"element":                            stack(`element(["heroku-22", «"heroku-22"»], 1)`),
		"element, wrapped":                   stack(`element(["heroku-22", «"heroku-22"»], 5)`),
		"element within a template":          stack(`"x-${element(["heroku-22"], 0)}"`),
		"element within a function":          stack(`lower(element(["heroku-22"], 0))`),
		"an index":                           stack(`["heroku-22", «"heroku-22"»][1]`),
		"a splat":                            stack(`[for s in ["heroku-22"] : s][0]`),
		"a function":                         stack(`lower("heroku-22")`),
		"join":                               stack(`join("", ["heroku-22"])`),
		"tostring":                           stack(`tostring(«"heroku-22"»)`),
		"a condition":                        stack(`true ? "heroku-22" : "heroku-22"`),
		"shared with another":                stack(`local.s`, locals(`s = "heroku-22"`), "resource \"heroku_app\" \"b\" {\n  stack = local.s\n}"),
		"shared by a condition":              stack(`local.s`, locals(`s = "heroku-22"`), "resource \"heroku_app\" \"b\" {\n  count = local.s == \"heroku-22\" ? 1 : 0\n}"),
		"shared by an and":                   stack(`local.s`, locals(`s = "heroku-22"`), "resource \"heroku_app\" \"b\" {\n  stack = true && local.s == \"heroku-22\" ? \"x\" : \"y\"\n}"),
		"shared by an or":                    stack(`local.s`, locals(`s = "heroku-22"`), "resource \"heroku_app\" \"b\" {\n  stack = (false || local.s != \"x\") ? \"x\" : \"y\"\n}"),
		"shared by a name":                   stack(`local.s`, locals(`s = "heroku-22"`), "resource \"heroku_app\" \"b\" {\n  name = \"x-${local.s}\"\n}"),
		"shared by a dynamic block":          stack(`local.s`, locals(`s = "heroku-22"`), "resource \"heroku_app\" \"b\" {\n  dynamic \"organization\" {\n    for_each = [local.s]\n    content {\n      name = organization.value\n    }\n  }\n}"),
		"shared as an element that is a key": stack(`local.s`, locals(`s = "heroku-22"`), "resource \"heroku_app\" \"b\" {\n  for_each = toset([local.s])\n  stack = \"x\"\n}"),
		"shared by each.key":                 stack(`local.s`, locals(`s = "heroku-22"`), "resource \"heroku_app\" \"b\" {\n  for_each = toset([local.s])\n  stack = each.key\n}"),
		"shared as a key in a map":           stack(`local.s`, locals(`s = "heroku-22"`), "resource \"heroku_app\" \"b\" {\n  for_each = { (local.s) = \"x\" }\n  stack = each.value\n}"),
		"shared by its reverse":              stack(`local.l[1]`, locals(`l = ["x", "heroku-22"]`), "resource \"heroku_app\" \"b\" {\n  stack = reverse(local.l)[0]\n}"),
		"shared as one of several":           stack(`local.l[1]`, locals(`l = ["x", "heroku-22"]`), "resource \"heroku_app\" \"b\" {\n  stack = concat([\"y\"], local.l)[2]\n}"),
		"shared as one of the values":        stack(`local.m.a`, locals(`m = { a = "heroku-22" }`), "resource \"heroku_app\" \"b\" {\n  stack = values(local.m)[0]\n}"),
		"shared by a wrapped index":          stack(`local.l[1]`, locals(`l = ["x", "heroku-22"]`), "resource \"heroku_app\" \"b\" {\n  stack = element(local.l, 3)\n}"),
		"not by another index":               stack(`local.l[1]`, locals(`l = ["x", «"heroku-22"»]`), "resource \"heroku_app\" \"b\" {\n  stack = element(local.l, 0)\n}"),
		"shared by key":                      stack(`local.l[1]`, locals(`l = ["x", "heroku-22"]`), "resource \"heroku_app\" \"b\" {\n  stack = zipmap([\"a\", \"b\"], local.l)[\"b\"]\n}"),
		"shared in a group":                  stack(`local.m.a`, locals(`m = { a = "heroku-22" }`), "resource \"heroku_app\" \"b\" {\n  stack = { for k, v in local.m : k => v... }[\"a\"][0]\n}"),
		"overridden elsewhere":               stack(`local.s`, locals(`s = «"heroku-22"»`), "resource \"heroku_app\" \"c\" {\n  config_vars = merge({ A = local.s }, { A = \"x\" })\n}"),
		"its length is shared":               stack(`local.l[0]`, locals(`l = [«"heroku-22"»]`), "resource \"heroku_app\" \"b\" {\n  count = length(local.l)\n}"),
		"of for_each, another one":           "resource \"heroku_app\" \"a\" {\n  for_each = { x = «\"heroku-22\"», y = \"heroku-22\" }\n  stack = each.value\n}\n",
		"the key of for_each":                "resource \"heroku_app\" \"a\" {\n  for_each = toset([\"heroku-22\"])\n  stack = each.key\n}\n",
		"two modules of one source":          "module \"m\" {\n  source = \"./m\"\n  s = «\"heroku-22\"»\n}\nmodule \"n\" {\n  source = \"./m\"\n  s = \"heroku-22\"\n}\n",
		"the default of a module":            "module \"m\" {\n  source = \"./m\"\n}\n",
	} {
		t.Run(title, func(t *testing.T) {
			plain := strings.NewReplacer("«", "", "»", "").Replace(config)
			files := map[string]string{"main.tf": plain}
			address := "heroku_app.a"
			switch {
			case strings.Contains(config, "each.value\n}"):
				address = `heroku_app.a["x"]`
			case strings.Contains(config, "each.key"):
				address = `heroku_app.a["heroku-22"]`
			case strings.Contains(config, "module"):
				address = "module.m.heroku_app.a"
				files["m/m.tf"] = "variable \"s\" {\n  default = \"heroku-22\"\n}\nresource \"heroku_app\" \"a\" {\n  stack = var.s\n}\n"
			}
			c, _ := load(t, files)
			state := []string{address}
			for other, has := range map[string]string{"heroku_app.b": `"b"`, "module.n.heroku_app.a": `"n"`, `heroku_app.a["y"]`: "y ="} {
				if strings.Contains(config, has) {
					state = append(state, other)
				}
			}
			change := tfconfig.Change{Address: address, Path: statefile.Path{"stack"}, Old: old, New: next}
			edit, err := c.SetValues(state, change)
			if err != nil {
				t.Fatal(err)
			}
			marked, inModule := strings.Contains(config, "«"), title == "the default of a module"
			want := strings.NewReplacer("«\"heroku-22\"»", "\"heroku-24\"").Replace(config)
			got := plain
			for _, f := range edit.Files {
				if strings.HasSuffix(f.Path, "main.tf") {
					got = string(f.New)
				} else if !inModule {
					t.Errorf("%s is edited", f.Path)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			r := edit.Changes[0]
			if r.Settled != (marked || inModule) {
				t.Errorf("settled: %t, %+v", r.Settled, r)
			}
		})
	}
}

// TestReportOK: what a report of variables finds fault with.
func TestReportOK(t *testing.T) {
	const declared = "variable \"api_slug_production\" {}\nresource \"heroku_app_release\" \"r\" {\n  slug_id = var.api_slug_production\n}\n"
	for _, tt := range []struct {
		name, config, vars string
		resolved           []string
		want               bool
	}{
		{"all are there", declared, "", []string{"api_slug_production"}, true},
		{"one isn't declared", declared, "", []string{"api_slug_production", "web_slug_production"}, false},
		{"one isn't resolved", declared + "variable \"web_slug_production\" {}\n", "", []string{"api_slug_production"}, false},
		{"it has a default", declared + "variable \"web_slug_production\" {\n  default = null\n}\n", "", []string{"api_slug_production"}, true},
		{"it is in a file", declared + "variable \"web_slug_production\" {}\n", "web_slug_production = \"x\"\n", []string{"api_slug_production"}, true},
		{"it has both", declared + "variable \"web_slug_production\" {\n  default = \"\"\n}\n", "web_slug_production = \"x\"\n", []string{"api_slug_production"}, true},
		{"nothing", "", "", nil, true},
	} {
		c, _ := load(t, map[string]string{"main.tf": tt.config, "terraform.tfvars": tt.vars})
		if r := c.CheckVariables(tt.resolved); r.OK() != tt.want {
			t.Errorf("%s: OK is %t:\n%s", tt.name, r.OK(), r)
		}
	}
}

// TestSetClash: one place can't get two values; with one, all that it feeds follow.
func TestSetClash(t *testing.T) {
	const config = "locals {\n  s = \"heroku-22\"\n}\nresource \"heroku_app\" \"a\" {\n  stack = local.s\n}\nresource \"heroku_app\" \"b\" {\n  stack = local.s\n}\n"
	state := []string{"heroku_app.a", "heroku_app.b"}
	for next, settled := range map[string]bool{"heroku-24": true, "heroku-26": false} {
		c, _ := load(t, map[string]string{"main.tf": config})
		edit, err := c.SetValues(state,
			tfconfig.Change{Address: "heroku_app.a", Path: statefile.Path{"stack"}, Old: "heroku-22", New: "heroku-24"},
			tfconfig.Change{Address: "heroku_app.b", Path: statefile.Path{"stack"}, Old: "heroku-22", New: next})
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range edit.Changes {
			if r.Settled != settled || settled == strings.Contains(r.Reason, state[1-i]+" stack is to get another value from the same place") {
				t.Errorf("%s: %s: settled %t, %q", next, r.Change.Address, r.Settled, r.Reason)
			}
		}
		if (len(edit.Files) > 0) != settled {
			t.Errorf("%s: %d files are edited", next, len(edit.Files))
		}
	}
}
