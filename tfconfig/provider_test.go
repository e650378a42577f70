package tfconfig_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/tfconfig"
)

// TestProvider: how the root module uses a provider, in every form of its requirement, its
// blocks and the lock file.
func TestProvider(t *testing.T) {
	const lock = "provider \"registry.terraform.io/%s\" {\n  version = %s\n}\n"
	locked := func(source, version string) string {
		return strings.NewReplacer("%s\" {", source+"\" {", "%s", version).Replace(lock)
	}
	for name, tt := range map[string]struct {
		native, json, lock string
		want               tfconfig.Provider // with the names of files alone
	}{
		"nothing": {want: tfconfig.Provider{Local: "heroku"}},
		"required": {native: "terraform {\n  required_providers {\n    aws = {}\n    heroku = {\n      source = \"heroku/heroku\"\n      version = \"~> 5.0\"\n    }\n  }\n}\n",
			want: tfconfig.Provider{Local: "heroku", Source: "heroku/heroku", Version: "~> 5.0"}},
		"by another name": {native: "terraform {\n  required_providers {\n    h = { source = \"example.com/x/heroku\" }\n  }\n}\nprovider \"h\" {}\nprovider \"heroku\" {}\n",
			want: tfconfig.Provider{Local: "h", Source: "example.com/x/heroku", Blocks: []tfconfig.ProviderBlock{{Position: tfconfig.Position{File: "main.tf", Line: 6, Column: 1}}}}},
		"by a version":         {native: "terraform {\n  required_providers {\n    heroku = \">= 4.0\"\n  }\n}\n", want: tfconfig.Provider{Local: "heroku", Version: ">= 4.0"}},
		"by its version alone": {native: "terraform {\n  required_providers {\n    heroku = { version = \"1\" }\n  }\n}\n", want: tfconfig.Provider{Local: "heroku", Version: "1"}},
		"without anything": {native: "terraform {\n  required_providers {\n    heroku = {}\n  }\n}\n",
			want: tfconfig.Provider{Local: "heroku", Elsewhere: tfconfig.Position{File: "main.tf", Line: 2, Column: 3}}},
		"others": {native: "terraform {\n  backend \"local\" {}\n  required_providers {\n    aws = { source = \"hashicorp/aws\" }\n    x = { source = \"heroku/heroku2\", version = \"7\" }\n  }\n}\nprovider \"aws\" {}\n",
			want: tfconfig.Provider{Local: "heroku", Elsewhere: tfconfig.Position{File: "main.tf", Line: 3, Column: 3}}},
		"keys that aren't names": {native: "terraform {\n  required_providers {\n    heroku = { (null) = \"x\", (var.x) = \"y\", (1) = \"z\", \"s${var.x}\" = \"y\", (source) = \"heroku/heroku\", \"version\" = \"2\" }\n  }\n}\n",
			want: tfconfig.Provider{Local: "heroku", Version: "2"}},
		"in JSON": {json: `{"terraform": {"required_providers": {"heroku": {"source": "heroku/heroku", "version": "5.3.2"}}},
"provider": {"heroku": {"customizations": {"set_app_all_config_vars_in_state": false, "b": true, "a": false}, "delays": {"c": "false"}}}}`,
			want: tfconfig.Provider{Local: "heroku", Source: "heroku/heroku", Version: "5.3.2", Blocks: []tfconfig.ProviderBlock{
				{Position: tfconfig.Position{File: "main.tf.json", Line: 2, Column: 14}, Off: []string{"customizations.a", "customizations.set_app_all_config_vars_in_state"}}}}},
		"others in JSON": {json: `{"terraform": {"required_providers": {"aws": {}}}}`,
			want: tfconfig.Provider{Local: "heroku", Elsewhere: tfconfig.Position{File: "main.tf.json", Line: 1, Column: 16}}},
		"blocks": {native: "provider \"heroku\" {\n  api_key = false\n  customizations {\n    set_app_all_config_vars_in_state = false\n    b = true\n    a = (false)\n    c = \"false\"\n    d = null\n    e = 0\n  }\n  delays {\n    a = false\n  }\n}\nprovider \"heroku\" {\n  alias = \"eu\"\n}\n",
			want: tfconfig.Provider{Local: "heroku", Blocks: []tfconfig.ProviderBlock{
				{Position: tfconfig.Position{File: "main.tf", Line: 1, Column: 1}, Off: []string{"customizations.set_app_all_config_vars_in_state", "delays.a"}},
				{Position: tfconfig.Position{File: "main.tf", Line: 15, Column: 1}, Alias: "eu"}}}},
		"others by the name": {native: "variable \"heroku\" {}\nmodule \"heroku\" {\n  source = \"a/heroku/b\"\n}\nprovider {}\nprovider \"heroku\" \"x\" {}\nother \"heroku\" {}\nprovider \"heroku\" {}\n",
			want: tfconfig.Provider{Local: "heroku", Blocks: []tfconfig.ProviderBlock{{Position: tfconfig.Position{File: "main.tf", Line: 8, Column: 1}}}}},
		"locked":           {lock: locked("hashicorp/aws", `"1.0.0"`) + locked("heroku/heroku", `"5.3.2"`), want: tfconfig.Provider{Local: "heroku", Locked: "5.3.2"}},
		"locked, others":   {lock: locked("hashicorp/aws", `"1.0.0"`) + locked("x/noheroku", `"2.0.0"`) + "other \"x/heroku\" {\n  version = \"3\"\n}\n", want: tfconfig.Provider{Local: "heroku"}},
		"locked, no text":  {lock: locked("heroku/heroku", "5") + locked("x/heroku", `"4.0.0"`), want: tfconfig.Provider{Local: "heroku", Locked: "4.0.0"}},
		"locked, none":     {lock: "provider \"x/heroku\" {\n}\nprovider \"x\" \"y/heroku\" {\n  version = \"1\"\n}\nprovider {\n  version = \"2\"\n}\n", want: tfconfig.Provider{Local: "heroku"}},
		"locked, cut off":  {lock: locked("heroku/heroku", `"5.3.2`), want: tfconfig.Provider{Local: "heroku"}},
		"locked, by local": {native: "terraform {\n  required_providers {\n    h = { source = \"heroku/heroku\" }\n  }\n}\n", lock: locked("heroku/heroku", `"5.3.2"`), want: tfconfig.Provider{Local: "h", Source: "heroku/heroku", Locked: "5.3.2"}},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"main.tf": tt.native}
			for file, text := range map[string]string{"main.tf.json": tt.json, ".terraform.lock.hcl": tt.lock} {
				if text != "" {
					files[file] = text
				}
			}
			c, _ := load(t, files)
			got := c.Provider("heroku")
			base := func(p *tfconfig.Position) {
				if p.File != "" {
					p.File = filepath.Base(p.File)
				}
			}
			base(&got.Elsewhere)
			for i := range got.Blocks {
				base(&got.Blocks[i].Position)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
