package tfconfig

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPosition(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"main.tf":          "# shop\nresource \"heroku_app\" \"shop\" {\n  for_each = toset([\"eu\"])\n}\n\ndata \"heroku_team\" \"acme\" {}\n\nmodule \"jobs\" {\n  source = \"./jobs\"\n}\n\nmodule \"far\" {\n  source = \"acme/far/heroku\"\n}\n",
		"jobs/web.tf.json": "{\"resource\": {\"heroku_formation\": {\n  \"web\": {\"quantity\": 1}}}}\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ address, want string }{
		{`heroku_app.shop["eu"]`, "main.tf:2:1"},
		{`heroku_app.shop`, "main.tf:2:1"},
		{`data.heroku_team.acme`, "main.tf:6:1"},
		{`module.jobs.heroku_formation.web[0]`, filepath.Join("jobs", "web.tf.json") + ":2:3"},
		{`module.far.heroku_app.x`, ""},
		{`heroku_app.other`, ""},
		{`heroku_app.shop["eu"] (deposed 12345678)`, ""},
		{``, ""},
	} {
		got := ""
		if p, ok := c.Position(tt.address, false); ok {
			p.File, _ = filepath.Rel(dir, p.File)
			got = p.String()
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.address, got, tt.want)
		}
	}
}
