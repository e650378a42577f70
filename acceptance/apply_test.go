package acceptance

import (
	"slices"
	"testing"

	"github.com/herokutf/herokutf/internal/provider"
)

// TestApply: what was applied is what Heroku has, as far as Terraform can see,
// and every type that this library knows is in it.
func TestApply(t *testing.T) {
	// Heroku's endpoints for heroku_cert are gone.
	without := map[string][]string{
		v4: {"heroku_cert", "heroku_pipeline_promotion", "heroku_telemetry_drain"},
		v5: {"heroku_cert"},
	}
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
		w := s.open(t, s.version, true)
		p := w.plan(t)
		if p.exit != 0 || len(p.actions()) > 0 || len(p.drift()) > 0 {
			t.Errorf("right after apply: got the actions %q, the drift %q, want none of either in %s", p.actions(), p.drift(), p.result)
		}
		got := types(w.state(t))
		for r := range provider.All() {
			name := r.Type
			if r.Mode != "managed" {
				name = r.Mode + "." + name
			}
			if want := !slices.Contains(without[s.version], name); slices.Contains(got, name) != want {
				t.Errorf("%s: in the state %t, want %t", name, !want, want)
			}
		}
	})
}
