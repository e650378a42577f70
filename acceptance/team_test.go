package acceptance

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
)

// TestTeam: an app that has left its team, or joined one, is still there, and the
// report of a default run says at the app what Terraform makes of it: it destroys
// what belongs to the app and creates everything again.
func TestTeam(t *testing.T) {
	for _, tt := range []struct {
		name, app, address string
		was, is            string              // the app's team
		reason             []string            // what the report says, among other things
		actions            map[string][]string // of the plan, by the provider's version
		seen               []string            // by the refresh of the plan
	}{
		{
			name: "left", app: "acme-ui-staging", address: "heroku_app.ui",
			was: "acme", is: "",
			reason: []string{`left the team "acme"`, "Terraform takes it for deleted", "destroy what belongs to it and create everything again"},
			actions: map[string][]string{
				v4: {
					"heroku_addon.ui_cache: delete create",
					"heroku_app.ui: create",
					"heroku_app_webhook.ui: delete create",
				},
				v5: {
					"heroku_addon.ui_cache: delete create",
					"heroku_addon.ui_db: delete create",
					"heroku_addon_attachment.api_db: delete create",
					"heroku_app.ui: create",
					"heroku_app_feature.ui: delete create",
					"heroku_app_release.ui: delete create",
					"heroku_app_webhook.ui: delete create",
					"heroku_domain.ui: delete create",
					"heroku_drain.ui: delete create",
					"heroku_formation.ui_web: delete create",
					"heroku_pipeline_coupling.ui: delete create",
					"heroku_pipeline_promotion.ui: delete create",
					"heroku_slug.ui: delete create",
					"heroku_team_collaborator.ui: delete create",
				},
			},
			seen: []string{"heroku_app.ui"},
		},
		{
			name: "joined", app: "acme-tool", address: "heroku_app.tool",
			was: "", is: "acme",
			reason: []string{`joined the team "acme"`, "destroy the app with all that belongs to it and create it again", `organization { name = "acme" }`},
			actions: map[string][]string{
				v4: {"heroku_app.tool: delete create"},
				v5: {"heroku_app.tool: delete create", "heroku_collaborator.tool: delete create"},
			},
			seen: []string{"heroku_app.tool.organization", "heroku_app.tool.space"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
				w := s.open(t, s.version, true)
				w.api.UpdateApp(tt.app, func(a *herokutest.App) { a.Team = tt.is })
				report, err := herokutf.DetectDrift(t.Context(), w.client, w.state(t), herokutf.DriftOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([]string{"changed " + tt.address + " organization[0].name"}, told(report)); diff != "" {
					t.Errorf("found (-want +got):\n%s", diff)
				}
				for _, o := range report.Objects {
					for _, want := range tt.reason {
						if o.Address == tt.address && !strings.Contains(o.Reason, want) {
							t.Errorf("the reason doesn't say %q: %s", want, o.Reason)
						}
					}
				}

				p := w.plan(t)
				if diff := cmp.Diff(tt.actions[s.version], p.actions()); p.exit != 2 || diff != "" {
					t.Errorf("%s\nactions (-want +got):\n%s", p.text(), diff)
				}
				if diff := cmp.Diff(tt.seen, p.drift()); diff != "" {
					t.Errorf("seen by Terraform (-want +got):\n%s", diff)
				}

				// Moved back, nothing has happened.
				w.api.UpdateApp(tt.app, func(a *herokutest.App) { a.Team = tt.was })
				if got := told(w.detect(t)); len(got) > 0 {
					t.Errorf("moved back: got %q, want nothing", got)
				}
				w.noChanges(t, "moved back")
			})
		})
	}
}
