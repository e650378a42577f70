package tfconfig_test

import (
	"fmt"
	"strings"
	"testing"

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
