package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/herokutest"
)

// TestDeployDrift: "herokutf deploy" refuses a plan that undoes what was done by
// hand, and none that has taken it in or has nothing to do with it.
func TestDeployDrift(t *testing.T) {
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
		w := s.open(t, "slugs-"+s.version, false)
		path := command(t)
		for _, app := range []string{"build-api", "build-web-ui"} {
			w.api.AddApp(herokutest.App{Name: app})
			w.api.Deploy(app, "")
		}
		w.api.AddPipeline(herokutest.Pipeline{Name: "api", Couplings: []herokutest.Coupling{{App: "build-api", Stage: "production"}}})
		w.api.AddPipeline(herokutest.Pipeline{Name: "web", Couplings: []herokutest.Coupling{{App: "build-web-ui", Stage: "staging"}}})
		deploy := func(want int, says string, args ...string) {
			t.Helper()
			run := *w
			run.setting = &setting{path, s.version}
			r := run.runWith(t, []string{"BUILD_PIPELINE_API=api", "BUILD_PIPELINE_WEB_UI=web"},
				append([]string{"deploy", "--terraform", s.bin, "--auto-approve"}, args...)...)
			if r.exit != want || !strings.Contains(r.text(), says) {
				t.Errorf("deploy %s: got %s\nwant exit %d and %q", args, r, want, says)
			}
		}
		quantity := func(want int) {
			t.Helper()
			app, _ := w.api.App("acme-web-ui")
			for _, p := range app.Formation {
				if p.Type == "web" && p.Quantity != want {
					t.Errorf("the quantity is %d, want %d", p.Quantity, want)
				}
			}
		}

		deploy(0, "Apply complete!")
		quantity(1)
		deploy(0, "There is nothing to apply.")

		// Scaled by hand: the plan puts it back, unless it leaves it out.
		w.api.Scale("acme-web-ui", "web", 5, "")
		deploy(1, "heroku_formation.web_ui: update quantity")
		quantity(5)
		w.api.Deploy("build-api", "")
		deploy(0, "heroku_app_release.api (acme-api): ", "--", "-target=heroku_app_release.api")
		quantity(5)

		// The configuration says the same by now.
		main := filepath.Join(w.dir, "main.tf")
		text, err := os.ReadFile(main)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(main, []byte(strings.Replace(string(text), "quantity = 1", "quantity = 5", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		deploy(0, "There is nothing to apply.")
		w.api.Deploy("build-web-ui", "")
		deploy(0, "Apply complete!")
		quantity(5)

		// What is destroyed is refused, whatever it is; here the block is gone, the
		// last one.
		kept, _, _ := strings.Cut(string(text), `resource "heroku_formation"`)
		if err := os.WriteFile(main, []byte(kept), 0o600); err != nil {
			t.Fatal(err)
		}
		deploy(1, "heroku_formation.web_ui: destroy")
		deploy(0, "1 destroyed", "--allow-destroy", "heroku_formation.*")
	})
}
