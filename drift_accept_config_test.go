package herokutf_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/internal/testmode"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// ctyLiteral is a value of a state as a configuration has it.
func ctyLiteral(v any) cty.Value {
	switch v := v.(type) {
	case string:
		return cty.StringVal(v)
	case bool:
		return cty.BoolVal(v)
	case json.Number, int, int64, float64:
		return cty.MustParseNumberVal(fmt.Sprint(v))
	case []any:
		list := []cty.Value{cty.EmptyTupleVal}[:0]
		for _, e := range v {
			list = append(list, ctyLiteral(e))
		}
		return cty.TupleVal(list)
	case map[string]any:
		object := map[string]cty.Value{}
		for k, e := range v {
			object[k] = ctyLiteral(e)
		}
		return cty.ObjectVal(object)
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

// configuration writes what a state manages, with literals. Blocks are blocks.
func (s tree) configuration(t *testing.T) (dir string) {
	t.Helper()
	file := hclwrite.NewEmptyFile()
	var fill func(body *hclwrite.Body, attrs map[string]any, res *provider.Resource, prefix statefile.Path)
	fill = func(body *hclwrite.Body, attrs map[string]any, res *provider.Resource, prefix statefile.Path) {
		for _, name := range slices.Sorted(maps.Keys(attrs)) {
			path := append(prefix.Clone(), name)
			attr := res.At(path)
			blocks, _ := attrs[name].([]any)
			isBlock := len(blocks) > 0
			for _, b := range blocks {
				_, object := b.(map[string]any)
				isBlock = isBlock && object
			}
			switch {
			case isBlock && attr == nil || isBlock && len(prefix) == 0 && attr.As.Compared() && !attr.Computed:
				for _, b := range blocks {
					fill(body.AppendNewBlock(name, nil).Body(), b.(map[string]any), res, path)
				}
			case attr == nil || !attr.As.Compared() || attr.As == provider.AppReference || attrs[name] == nil:
			default:
				body.SetAttributeValue(name, ctyLiteral(attrs[name]))
			}
		}
	}
	for _, inst := range s.instances() {
		res, ok := provider.Lookup(inst.text("mode"), inst.text("type"))
		if !ok || inst.text("mode") != "managed" || inst.text("module") != "" || inst.instance["index_key"] != nil || inst.instance["deposed"] != nil {
			continue
		}
		fill(file.Body().AppendNewBlock("resource", []string{inst.text("type"), inst.text("name")}).Body(), inst.attrs, res, nil)
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), hclwrite.Format(file.Bytes()), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// pendingBecause are the reasons for which a literal may not follow.
var pendingBecause = []string{"it is secret, and no variable file has it", "no heroku_", "its elements are in no order", "for_each or count makes it",
	" blocks ", "a block has other members than before", "the items don't stand on lines of their own"}

// TestAcceptAttributesWithConfig accepts every attribute that a state has, into it and
// into a configuration of literals: what was accepted stands there, and what can't follow
// is in neither.
func TestAcceptAttributesWithConfig(t *testing.T) {
	followed, want := 0, 200
	names := []string{"corners", "5.3.2"}
	if !testmode.Full() {
		names, want = names[:1], 50 // the corners have each attribute
	}
	for _, name := range names {
		for _, form := range stateForms[:2] {
			if form.name != "version 4" && !testmode.Full() {
				continue
			}
			state := decodeState(t, stateText(t, name))
			s, c := matching(t, form.parse(t, state))
			for _, round := range attributeRounds(state, make(map[string]bool)) {
				swap(round)
				f, dir := form.parse(t, state), state.configuration(t)
				swap(round)
				config, err := tfconfig.Load(dir)
				if err != nil {
					t.Fatal(err)
				}
				report := detect(t, s, c, herokutf.DriftOptions{Config: config}, f)
				a, err := report.Accept(f)
				if err != nil {
					text, _ := os.ReadFile(filepath.Join(dir, "main.tf"))
					t.Fatalf("after %s: %v\n%s", described(round), err, text)
				}
				followed += checkFollowed(t, report, a, dir)
			}
		}
	}
	if followed < want {
		t.Errorf("the configuration followed %d values only", followed)
	}
}

// checkFollowed holds a configuration, edited as an acceptance says, against it.
func checkFollowed(t *testing.T, report *herokutf.DriftReport, a *herokutf.Acceptance, dir string) (followed int) {
	t.Helper()
	key := func(address string, path statefile.Path) string { return address + " " + path.String() }
	accepted := map[string]bool{}
	for _, c := range a.Changes {
		accepted[key(c.Address, c.Path)] = true
	}
	pending := map[string]bool{}
	for _, c := range a.Config.Pending() {
		pending[key(c.Address, c.Path)] = true
		if !slices.ContainsFunc(pendingBecause, func(why string) bool { return strings.Contains(c.Reason, why) }) {
			text, _ := os.ReadFile(filepath.Join(dir, "main.tf"))
			t.Errorf("%s %s can't follow: %s %v %v\n%s", c.Address, c.Path, c.Reason, c.Old, c.New, text)
		}
	}
	for i := range a.Config.Files {
		e := &a.Config.Files[i]
		if err := os.WriteFile(e.Path, e.New, 0o600); err != nil {
			t.Fatal(err)
		}
		if cmp.Equal(e.Old, e.New) {
			t.Errorf("%s isn't edited", e.Path)
		}
	}
	config, err := tfconfig.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	var addresses []string
	for inst := range a.File.Instances() {
		addresses = append(addresses, inst.Address())
	}
	for _, o := range report.Objects {
		for _, d := range o.Differences {
			if k := key(o.Address, d.Path); pending[k] && accepted[k] {
				t.Errorf("%s is accepted into the state alone", k)
			}
			if len(d.Path) == 0 || strings.Contains(fmt.Sprint(d.Path[0]), ".") || strings.HasPrefix(o.Address, "data.") || !accepted[key(o.Address, d.Path)] {
				continue
			}
			old, live, _ := d.Values(true)
			again, err := config.SetValues(addresses, tfconfig.Change{Address: o.Address, Path: d.Path, Old: old, New: live})
			if err != nil || len(again.Files) > 0 || len(again.Pending()) > 0 && !strings.HasPrefix(again.Changes[0].Reason, "it has no") {
				t.Errorf("%s %s isn't %v in the configuration: %+v, %v", o.Address, d.Path, live, again.Pending(), err)
			}
			followed++
		}
	}
	return followed
}

// configured writes a configuration and compares a state with it.
func configured(t *testing.T, f *statefile.File, files map[string]string, act func(*fake)) (*herokutf.DriftReport, string) {
	t.Helper()
	s, c := matching(t, f)
	act(s)
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config, err := tfconfig.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return detect(t, s, c, herokutf.DriftOptions{Config: config, Key: []byte("key")}, f), dir
}

// TestAcceptWithConfig: what the configuration can't follow isn't accepted into the
// state, a release not in part; and nothing that is returned shows a secret.
func TestAcceptWithConfig(t *testing.T) {
	f := readState(t, "5.3.2")
	report, _ := configured(t, f, map[string]string{"main.tf": `variable "quantity" { default = 1 }
variable "slug" {}

resource "heroku_app" "main" {
  name        = "old-name"
  config_vars = { FOO = "bar" }
}
resource "heroku_formation" "web" {
  quantity = var.quantity + 1
  size     = "standard-1x"
}
resource "heroku_app_release" "r" {
  slug_id = var.slug
}
`}, func(s *fake) {
		s.Scale("old-name", "web", 7, "performance-m")
		s.SetConfigVars("old-name", map[string]string{"FOO": "correct-horse"})
		s.Deploy("old-name", "")
	})
	a, err := report.Accept(f, "heroku_app.main", "heroku_formation.web", "heroku_app_release.r")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range a.Changes {
		got = append(got, c.Address+" "+c.Path.String())
	}
	want := []string{"heroku_app.main config_vars.FOO", "heroku_formation.web size"}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("accepted (-want +got):\n%s", diff)
	}
	reasons := map[string]string{
		"heroku_formation.web quantity": "an expression makes it; main.tf",
		"heroku_app_release.r slug_id":  "TF_VAR_slug, -var or a -var-file gives it; herokutf slugs gives the slug that runs",
	}
	for _, c := range a.Config.Pending() {
		k := c.Address + " " + c.Path.String()
		if reason, ok := reasons[k]; !ok || !strings.Contains(strings.ReplaceAll(c.Reason, filepath.Dir(c.Places[0].File)+string(filepath.Separator), ""), reason) {
			t.Errorf("%s: %s", k, c.Reason)
		}
		delete(reasons, k)
	}
	if len(reasons) > 0 {
		t.Errorf("not pending: %v", reasons)
	}
	if text := fmt.Sprintf("%+v %s", a.Config.Changes, a.Config.Files[0].Patch(false)); strings.Contains(text, "horse") || !strings.Contains(text, "secret:") {
		t.Errorf("got %s", text)
	}
	if !strings.Contains(string(a.Config.Files[0].New), `FOO = "correct-horse"`) {
		t.Errorf("the edit is %s", a.Config.Files[0].New)
	}
}

// TestAcceptGoneWithConfig: the block of an object that is gone goes, unless something
// that stays refers to it; the state has it until the next apply.
func TestAcceptGoneWithConfig(t *testing.T) {
	f := readState(t, "4.9.0")
	const app = "resource \"heroku_app\" \"main\" {\n  name = \"old-name\"\n}\n"
	var addon string
	for inst := range f.Instances() {
		if inst.Type == "heroku_addon" {
			addon = inst.Address()
		}
	}
	block := fmt.Sprintf("\nresource \"heroku_addon\" %q {\n  app  = heroku_app.main.name\n  plan = \"heroku-postgresql:mini\"\n}\n", strings.TrimPrefix(addon, "heroku_addon."))
	for _, output := range []string{"", "\noutput \"db\" {\n  value = " + addon + ".id\n}\n"} {
		report, _ := configured(t, f, map[string]string{"main.tf": app + block + output}, func(s *fake) { s.DeleteAddon("postgresql-curly-1234") })
		a, err := report.Accept(f, addon)
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Changes)+len(a.Left) > 0 || len(a.Config.Changes) != 1 || a.Config.Changes[0].Settled != (output == "") {
			t.Fatalf("with %q: %+v", output, a.Config)
		}
		if output == "" && string(a.Config.Files[0].New) != app {
			t.Errorf("the edit is %s", a.Config.Files[0].New)
		}
		if after, err := a.Apply(); err != nil || after != f {
			t.Errorf("the state changes: %v", err)
		}
	}
}

// TestAcceptConfigGone: a configuration that can't be read any more is an error: nothing
// proves what an edit would come to.
func TestAcceptConfigGone(t *testing.T) {
	f := readState(t, "5.3.2")
	report, dir := configured(t, f, map[string]string{"main.tf": "resource \"heroku_formation\" \"web\" {\n  quantity = 2\n}\n"},
		func(s *fake) { s.Scale("old-name", "web", 7, "") })
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if a, err := report.Accept(f, "heroku_formation.web"); err == nil || a != nil {
		t.Errorf("got %+v, %v", a, err)
	}
}
