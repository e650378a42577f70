package terraform

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/internal/leaktest"
)

// local returns the folder of a local state.
func local(t *testing.T, opts Options, files map[string]string) *Folder {
	t.Helper()
	dir := real(t, t.TempDir())
	tree(t, dir, map[string]string{"main.tf": resource("one"), stateName: standInState})
	tree(t, dir, files)
	opts.Environ = append(slices.Clone(nothing), opts.Environ...)
	f, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestSecretNames: what is kept behind the name of a secret isn't shown, wherever it is
// from, unless it is so short that it stands in any text.
func TestSecretNames(t *testing.T) {
	for _, name := range []string{"TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "API_KEY", "APIKEY", "ACCESS_KEY",
		"PRIVATE_KEY", "CONN_STR", "DATABASE_URL", "PGPASS", "TF_ENCRYPTION"} {
		for _, name := range []string{name, strings.ToLower(name), "MY_" + name + "_2"} {
			for _, where := range []string{"environment", "option", "record", "deep in the record"} {
				var opts Options
				files := map[string]string{}
				rec := func(config string) {
					files["main.tf"], files[".terraform/terraform.tfstate"] = backendBlock("pg"), backendRecord("pg", config)
				}
				switch where {
				case "environment":
					opts.Environ = []string{name + "=hunter"}
				case "option":
					opts.Vars = []Var{{Value: name + "=hunter"}}
				case "record":
					rec(fmt.Sprintf(`%q:"hunter"`, name))
				default:
					rec(fmt.Sprintf(`"x":[{"y":{%q:"hunter"}}]`, name))
				}
				f := local(t, opts, files)
				if got := f.redact("a hunter b"); got != "a … b" {
					t.Errorf("%s in the %s: got %q", name, where, got)
				}
			}
		}
	}
	f := local(t, Options{Environ: []string{"REGION=hunter", "TOKEN=short", "MY_TOKEN=sixsix", "EMPTY_TOKEN="}, Vars: []Var{{Value: "region=hunter"}, {Value: "token=short"}, {File: "token=x"}}}, nil)
	for in, want := range map[string]string{
		"hunter short sixsix":                     "hunter short …",
		"https://u:p@host/x":                      "https://…@host/x",
		"postgres://u:p@w@host, mail me@host":     "postgres://…@host, mail me@host",
		"https://host/a@b and https://host 'a@b'": "https://host/a@b and https://host 'a@b'",
	} {
		if got := f.redact(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	for _, text := range leaktest.Dumps(f) {
		if strings.Contains(text, "sixsix") {
			t.Errorf("a folder prints its environment: %s", text)
		}
	}
}
