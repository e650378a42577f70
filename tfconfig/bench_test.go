package tfconfig_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// large returns a configuration of n apps with three children each, half of
// them named by a variable.
func large(n int) map[string]string {
	var b strings.Builder
	for i := range n {
		name := fmt.Sprintf("%q", fmt.Sprintf("app-%d", i))
		if i%2 == 0 {
			fmt.Fprintf(&b, "variable \"n%d\" {\n  default = %s\n}\n", i, name)
			name = fmt.Sprintf("var.n%d", i)
		}
		fmt.Fprintf(&b, `resource "heroku_app" "a%[1]d" {
  name   = %[2]s
  region = "eu"
  config_vars = {
    ENV = "production"
    URL = "https://app-%[1]d.example.com"
  }
}
resource "heroku_addon" "db%[1]d" {
  app  = heroku_app.a%[1]d.name
  plan = "heroku-postgresql:mini"
}
resource "heroku_formation" "web%[1]d" {
  app      = %[2]s
  type     = "web"
  quantity = 2
  size     = "standard-1x"
}
`, i, name)
	}
	return map[string]string{"main.tf": b.String()}
}

func BenchmarkLoad(b *testing.B) {
	files := large(2000)
	_, dir := load(b, files)
	b.SetBytes(int64(len(files["main.tf"])))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tfconfig.Load(dir); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEditRename(b *testing.B) {
	files := large(2000)
	c, _ := load(b, files)
	b.SetBytes(int64(len(files["main.tf"])))
	b.ReportAllocs()
	for b.Loop() {
		edits, err := c.EditRename(
			tfconfig.AppRename{Address: "heroku_app.a7", Old: "app-7", New: "new-app"},
			tfconfig.AppRename{Address: "heroku_app.a8", Old: "app-8", New: "app-7"},
		)
		if err != nil || len(edits) != 1 || len(edits[0].Places) != 3 {
			b.Fatalf("got %d edits, error %v", len(edits), err)
		}
	}
}

// Keys of many apps that are all renamed, in a state of many addresses.
func BenchmarkRenameWithState(b *testing.B) {
	const apps = 400
	var config strings.Builder
	var renames []tfconfig.AppRename
	var state []string
	config.WriteString("locals {\n  apps = {\n")
	for i := range apps {
		fmt.Fprintf(&config, "    acme-%d = { size = \"s\" }\n", i)
		address := fmt.Sprintf("heroku_app.app[\"acme-%d\"]", i)
		renames = append(renames, tfconfig.AppRename{Address: address, Old: fmt.Sprintf("acme-%d", i), New: fmt.Sprintf("store-%d", i)})
		state = append(state, address)
		for child := range 10 {
			state = append(state, fmt.Sprintf("heroku_addon.child%d[\"acme-%d\"]", child, i))
		}
	}
	config.WriteString("  }\n}\nresource \"heroku_app\" \"app\" {\n  for_each = local.apps\n  name     = each.key\n}\n")
	for child := range 10 {
		fmt.Fprintf(&config, "resource \"heroku_addon\" \"child%d\" {\n  for_each = heroku_app.app\n  app      = heroku_app.app[each.key].id\n}\n", child)
	}
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	c, err := tfconfig.Load(dir)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		edit, err := c.RenameWithState(state, renames...)
		if err != nil || len(edit.Moved) != len(state) {
			b.Fatalf("got %d moves, %v, want %d", len(edit.Moved), err, len(state))
		}
	}
}

// Many changes at once: half of them in a literal each, half in one variable
// that feeds all.
func BenchmarkSetValues(b *testing.B) {
	const apps = 400
	var config strings.Builder
	var changes []tfconfig.Change
	var state []string
	config.WriteString("variable \"size\" {\n  default = \"basic\"\n}\n")
	for i := range apps {
		fmt.Fprintf(&config, "resource \"heroku_formation\" \"f%d\" {\n  quantity = 1\n  size     = var.size\n}\n", i)
		address := fmt.Sprintf("heroku_formation.f%d", i)
		state = append(state, address)
		changes = append(changes,
			tfconfig.Change{Address: address, Path: statefile.Path{"quantity"}, Old: 1, New: 2},
			tfconfig.Change{Address: address, Path: statefile.Path{"size"}, Old: "basic", New: "eco"})
	}
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	c, err := tfconfig.Load(dir)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		edit, err := c.SetValues(state, changes...)
		if err != nil || edit.Pending() != nil {
			b.Fatalf("%d are left, %v", len(edit.Pending()), err)
		}
	}
}
