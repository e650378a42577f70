package tfconfig_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// No text of a hidden value is in a patch, in whichever form it is written.
func TestPatchMasksHiddenValues(t *testing.T) {
	c, _ := load(t, map[string]string{
		"main.tf": `resource "heroku_app" "a" {
  stack       = "heroku-22"
  config_vars = {
    QUOTED = "cor\"rect"
    TEXT   = <<-EOT
      horse
      battery
    EOT
    N     = 77
    SEVEN = "unchanged-password"
  }
}

variable "other" {
  default = "unchanged-password"
}
variable "quantity" {
  default = 7 # and no config var
}
resource "heroku_formation" "web" {
  quantity = var.quantity
  size     = "standard-1x"
}
provider "x" {
  token = "unchanged-password"
}
`,
		"vars.auto.tfvars": "token = \"staple\"\nother = <<EOT\nunchanged-password\nEOT\n",
		"var.tf":           "variable \"token\" {\n  sensitive = true\n}\nresource \"heroku_config\" \"c\" {\n  vars = { T = var.token }\n}\n",
	})
	change := func(key string, old, new any) tfconfig.Change {
		return tfconfig.Change{Address: "heroku_app.a", Path: statefile.Path{"config_vars", key}, Old: old, New: new, Hidden: true}
	}
	edit, err := c.SetValues([]string{"heroku_app.a", "heroku_config.c", "heroku_formation.web"},
		change("QUOTED", `cor"rect`, `${new} "er"`),
		change("TEXT", "horse\nbattery\n", "mule\ncell\n"),
		change("N", 77.0, 8.0),
		change("MORE", nil, "extra"),
		tfconfig.Change{Address: "heroku_app.a", Path: statefile.Path{"stack"}, Old: "heroku-22", New: "heroku-24"},
		tfconfig.Change{Address: "heroku_formation.web", Path: statefile.Path{"quantity"}, Old: 7, New: 9},
		tfconfig.Change{Address: "heroku_formation.web", Path: statefile.Path{"size"}, Old: "standard-1x", New: "standard-2x"},
		tfconfig.Change{Address: "heroku_config.c", Path: statefile.Path{"vars", "T"}, Old: "staple", New: "stapler"},
	)
	if err != nil || len(edit.Pending()) > 0 || len(edit.Files) != 2 {
		t.Fatalf("got %+v, %v", edit, err)
	}
	for i := range edit.Files {
		f := &edit.Files[i]
		got := string(f.Patch(false))
		for _, secret := range []string{"rect", "new}", "er\\", "horse", "battery", "mule", "cell", "= 77", "= 8", "extra", "staple", "unchanged"} {
			if strings.Contains(got, secret) {
				t.Errorf("%q is in the patch:\n%s", secret, got)
			}
		}
		if clear := string(f.Patch(true)); !f.Sensitive || clear == got || !strings.Contains(clear, "+++ "+f.Path) {
			t.Errorf("with secrets: %t, %s", f.Sensitive, clear)
		}
		for _, p := range f.Places {
			if strings.HasPrefix(p.Attribute+p.Address, "config_vars") && p.Old+p.New != "" {
				t.Errorf("the place has values: %+v", p)
			}
		}
	}
	got := string(edit.Files[0].Patch(false))
	for _, line := range []string{`+  stack = "heroku-24"`, "-  default = 7 # and no config var", "+  default = 9 # and no config var", `+  size     = "standard-2x"`,
		`-    QUOTED = "(secret)`, `+    QUOTED = "(secret)`, `-      (secret)`, `+    N = (secret)`} {
		if !strings.Contains(strings.Join(strings.Fields(got), " "), strings.Join(strings.Fields(line), " ")) {
			t.Errorf("%q isn't shown:\n%s", line, got)
		}
	}
}

func ExampleFileEdit_Patch() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "main.tf")
	if err := os.WriteFile(file, []byte("resource \"heroku_app\" \"web\" {\n  stack = \"heroku-22\" # until summer\n}\n"), 0o644); err != nil {
		log.Fatal(err)
	}
	c, err := tfconfig.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	edit, err := c.SetValues([]string{"heroku_app.web"},
		tfconfig.Change{Address: "heroku_app.web", Path: statefile.Path{"stack"}, Old: "heroku-22", New: "heroku-24"})
	if err != nil {
		log.Fatal(err)
	}
	for i := range edit.Files {
		fmt.Print(strings.ReplaceAll(string(edit.Files[i].Patch(false)), dir+string(filepath.Separator), ""))
	}
	// Output:
	// diff main.tf main.tf
	// --- main.tf
	// +++ main.tf
	// @@ -1,3 +1,3 @@
	//  resource "heroku_app" "web" {
	// -  stack = "heroku-22" # until summer
	// +  stack = "heroku-24" # until summer
	//  }
}
