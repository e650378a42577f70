package acceptance

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
)

// TestSlugs: the slugs that pipelines run become the releases that Terraform
// makes, and again after the next deployment.
func TestSlugs(t *testing.T) {
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
		w := s.open(t, "slugs-"+s.version, false)
		for _, app := range []string{"build-api", "build-web-ui"} {
			w.api.AddApp(herokutest.App{Name: app})
		}
		w.api.AddPipeline(herokutest.Pipeline{Name: "api", Couplings: []herokutest.Coupling{{App: "build-api", Stage: "production"}}})
		p := w.api.AddPipeline(herokutest.Pipeline{Name: "web", Couplings: []herokutest.Coupling{{App: "build-web-ui", Stage: "staging"}}})
		pipelines, err := herokutf.PipelinesFromEnv([]string{"BUILD_PIPELINE_API=api", "BUILD_PIPELINE_WEB_UI=" + p.ID}, "")
		if err != nil {
			t.Fatal(err)
		}

		for round := 1; round <= 2; round++ {
			want := map[string]string{
				"acme-api":    w.api.Deploy("build-api", "").Slug,
				"acme-web-ui": w.api.Deploy("build-web-ui", "").Slug,
			}
			// Neither of these runs.
			w.api.FailRelease("build-api", "")
			w.api.PendingRelease("build-web-ui", "")
			slugs, err := herokutf.ResolveSlugs(t.Context(), w.client, pipelines, herokutf.SlugOptions{})
			if err != nil {
				t.Fatal(err)
			}
			environ := slugs.Environ(w.environ(t))
			w.apply(t, environ...)
			got := map[string]string{}
			for app := range want {
				got[app] = w.current(t, app).Slug
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("round %d: the slugs that run (-want +got):\n%s", round, diff)
			}
			if r := w.runWith(t, environ, "plan", "-detailed-exitcode", "-input=false", "-no-color"); r.exit != 0 {
				t.Errorf("round %d, right after apply: %s", round, r)
			}
			w.api.FinishRelease("build-web-ui", herokutest.Failed)
		}
	})
}

// current is the release that an app runs.
func (w *world) current(t *testing.T, app string) herokutest.Release {
	t.Helper()
	a, ok := w.api.App(app)
	if !ok {
		t.Fatalf("no app %s", app)
	}
	for _, r := range a.Releases {
		if r.Current {
			return r
		}
	}
	t.Fatalf("%s: no release is current", app)
	return herokutest.Release{}
}
