package herokutf_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
)

// TestDriftImports: the configuration is one, names nothing twice, refers to what
// the state has, and holds no secret.
func TestDriftImports(t *testing.T) {
	const app = "old-name"
	for _, name := range driftStates[:5] {
		t.Run(name, func(t *testing.T) {
			f := readState(t, name)
			s, c := matching(t, f)
			s.AddDomain(app, herokutest.Domain{Hostname: "a-b.example.com"})
			s.AddDomain(app, herokutest.Domain{Hostname: "a.b.example.com"}) // the same name
			s.AddDomain(app, herokutest.Domain{Hostname: `x"${file("/etc/passwd")}%{if true}` + "\n# y"})
			s.AddLogDrain(app, herokutest.LogDrain{URL: "https://u:LEAK@example.com"})
			s.AddWebhook(app, herokutest.Webhook{URL: "https://u:LEAK@example.com"})
			s.Scale(app, "worker", 2, "Standard-1X")
			s.SetFeature(app, "preboot", true)
			s.AddAddon(herokutest.Addon{Name: "redis-round-1", App: app, Plan: "heroku-redis:mini"})
			s.SetConfigVars(app, map[string]string{"EXTRA\nresource": "LEAK"})
			var b strings.Builder
			report := detect(t, s, c, herokutf.DriftOptions{Unmanaged: true}, f)
			if err := report.WriteImports(&b); err != nil {
				t.Fatal(err)
			}
			noLeak(t, "imports", b.String())
			file, diags := hclsyntax.ParseConfig([]byte(b.String()), "imports.tf", hcl.InitialPos)
			if diags.HasErrors() {
				t.Fatalf("%v in\n%s", diags, b.String())
			}
			resources, imports := make(map[string]bool), make(map[string]string)
			variables := make(map[string]bool)
			var bodies []*hclsyntax.Body
			for _, block := range file.Body.(*hclsyntax.Body).Blocks {
				switch block.Type {
				case "resource":
					address := strings.Join(block.Labels, ".")
					if resources[address] {
						t.Errorf("%s is there twice", address)
					}
					resources[address] = true
					bodies = append(bodies, block.Body)
				case "variable":
					variables[block.Labels[0]] = true
				case "import":
					to, diags := hcl.AbsTraversalForExpr(block.Body.Attributes["to"].Expr)
					id, more := block.Body.Attributes["id"].Expr.Value(nil)
					if diags.HasErrors() || more.HasErrors() {
						t.Fatal(diags, more)
					}
					imports[to.RootName()+"."+to[1].(hcl.TraverseAttr).Name] = id.AsString()
				default:
					t.Errorf("a block %q", block.Type)
				}
			}
			known := make(map[string]bool)
			for inst := range f.Instances() {
				known[inst.Address()] = true
			}
			for _, body := range bodies {
				for attr, a := range body.Attributes {
					for _, ref := range a.Expr.Variables() {
						step := ref[1].(hcl.TraverseAttr).Name
						switch root := ref.RootName(); {
						case root == "var" && variables[step], known[root+"."+step]:
						default:
							t.Errorf("%s refers to %s.%s, which isn't there", attr, root, step)
						}
					}
				}
				if want := map[bool]string{true: "app_id", false: "app"}[strings.HasPrefix(name, "5")]; body.Attributes[want] == nil && body.Attributes["app_id"] == nil {
					t.Errorf("a resource without %s", want)
				}
			}
			want := make(map[string]bool)
			for i := range report.Objects {
				o := &report.Objects[i]
				if o.Verdict == herokutf.Unmanaged && o.ImportID != "" {
					want[o.ImportID] = true
				}
			}
			if len(imports) != len(resources) || len(imports) < 7 {
				t.Errorf("%d imports, %d resources", len(imports), len(resources))
			}
			for address, id := range imports {
				if !resources[address] || !want[id] {
					t.Errorf("import of %q to %s: no such resource or object", id, address)
				}
				if known[address] {
					t.Errorf("%s is in the state", address)
				}
				ref := "01234567-89ab-cdef-0123-456789abcdef:"
				if !strings.HasPrefix(name, "5") {
					ref = app + ":"
				}
				if strings.Contains(id, ":") && !strings.HasPrefix(id, ref) {
					t.Errorf("import id %q doesn't begin with %s", id, ref)
				}
			}
			if len(variables) == 0 {
				t.Error("the secrets are no variables")
			}
		})
	}
}

func TestDriftImportsOfNothing(t *testing.T) {
	var b strings.Builder
	if err := new(herokutf.DriftReport).WriteImports(&b); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "#") {
			t.Errorf("not a comment: %q", line)
		}
	}
}
