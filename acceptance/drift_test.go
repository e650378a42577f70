package acceptance

import (
	"cmp"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/statefile"
)

// detect compares the world's state with its Heroku, and looks for what is
// unmanaged too.
func (w *world) detect(t *testing.T) *herokutf.DriftReport {
	t.Helper()
	report, err := herokutf.DetectDrift(t.Context(), w.client, w.state(t), herokutf.DriftOptions{Unmanaged: true})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// told is what a report says of everything that isn't in sync, in its order:
// the verdict, the object and the attributes that differ.
func told(report *herokutf.DriftReport) []string {
	var all []string
	for i := range report.Objects {
		o := &report.Objects[i]
		if o.Verdict == herokutf.InSync {
			continue
		}
		words := []string{string(o.Verdict), o.Address}
		if o.Address == "" {
			label := cmp.Or(o.Label, o.Reason)
			words = []string{string(o.Verdict), o.App, o.Type, uuid.ReplaceAllString(label, "UUID")}
		}
		for _, d := range o.Differences {
			words = append(words, d.Path.String())
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// TestInSync: right after apply there is nothing to tell.
func TestInSync(t *testing.T) {
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
		w := s.open(t, s.version, true)
		report := w.detect(t)
		if got := told(report); len(got) > 0 {
			t.Errorf("right after apply: got %q", got)
		}
		if got := report.Count(herokutf.InSync); got != len(report.Objects) || got < 50 {
			t.Errorf("%d of %d objects are in sync, want all, of 50 at least", got, len(report.Objects))
		}
	})
}

// send makes a request of the API, for what the server has no method for.
func send(s *herokutest.Server, method, path, body string) {
	req, err := http.NewRequest(method, "http://api.example.com"+path, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Accept", "application/vnd.heroku+json; version=3")
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := s.RoundTrip(req)
	if err != nil {
		panic(err)
	}
	resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		panic(method + " " + path + ": " + resp.Status)
	}
}

// fails is what Terraform says of a change when it fails at it: no drift, but
// an error, which hides what else there may be.
const fails = "(error)"

// A change is one that happens behind Terraform's back.
type change struct {
	name   string
	change func(*herokutest.Server)
	// found is what the report must say, see told.
	found []string
	// seen is what "terraform plan -refresh-only" sees: the attributes that
	// drift, fails, or nil where it is blind.
	seen []string
	// only limits the change to a version of the provider; "" is both.
	only string
}

var changes = []change{
	// Formation.
	{
		name:   "quantity",
		change: func(s *herokutest.Server) { s.Scale("acme-ui-staging", "web", 5, "") },
		found:  []string{"changed heroku_formation.ui_web quantity"},
		seen:   []string{"heroku_formation.ui_web.quantity"},
	},
	{
		name:   "size",
		change: func(s *herokutest.Server) { s.Scale("acme-ui-staging", "web", 2, "Standard-2X") },
		found:  []string{"changed heroku_formation.ui_web size"},
		seen:   []string{"heroku_formation.ui_web.size"},
	},
	{
		name:   "process type that isn't in the configuration",
		change: func(s *herokutest.Server) { s.Scale("acme-ui-staging", "worker", 1, "") },
		found:  []string{"unmanaged acme-ui-staging heroku_formation worker"},
	},

	// Config vars.
	{
		name: "config var",
		change: func(s *herokutest.Server) {
			s.SetConfigVars("acme-ui-staging", map[string]string{"LOG_LEVEL": "debug"})
		},
		found: []string{"changed heroku_app.ui config_vars.LOG_LEVEL"},
		seen:  []string{"heroku_app.ui.all_config_vars", "heroku_app.ui.config_vars"},
	},
	{
		name: "secret config var",
		change: func(s *herokutest.Server) {
			s.SetConfigVars("acme-ui-staging", map[string]string{"SESSION_KEY": "another"})
		},
		found: []string{"changed heroku_app.ui sensitive_config_vars.SESSION_KEY"},
		seen:  []string{"heroku_app.ui.all_config_vars", "heroku_app.ui.sensitive_config_vars"},
	},
	{
		name:   "config var removed",
		change: func(s *herokutest.Server) { s.UnsetConfigVars("acme-ui-staging", "LOG_LEVEL") },
		found:  []string{"changed heroku_app.ui config_vars.LOG_LEVEL"},
		seen:   []string{"heroku_app.ui.all_config_vars", "heroku_app.ui.config_vars"},
	},
	{
		name:   "config var by hand",
		change: func(s *herokutest.Server) { s.SetConfigVars("acme-ui-staging", map[string]string{"DEBUG": "1"}) },
		found:  []string{"unmanaged acme-ui-staging heroku_app_config_association DEBUG"},
		seen:   []string{"heroku_app.ui.all_config_vars"}, // a secret, and plan exits 0
	},
	{
		name:   "associated config var",
		change: func(s *herokutest.Server) { s.SetConfigVars("acme-api-staging", map[string]string{"REGION": "eu"}) },
		found:  []string{"changed heroku_app_config_association.api vars.REGION"},
		seen:   []string{"heroku_app.api.all_config_vars", "heroku_app_config_association.api.vars"},
	},
	{
		name: "associated secret",
		change: func(s *herokutest.Server) {
			s.SetConfigVars("acme-api-staging", map[string]string{"SHARED_KEY": "another"})
		},
		found: []string{"changed heroku_app_config_association.api sensitive_vars.SHARED_KEY"},
		seen:  []string{"heroku_app.api.all_config_vars", "heroku_app_config_association.api.sensitive_vars"},
	},
	{
		name:   "association of a UUID",
		change: func(s *herokutest.Server) { s.UnsetConfigVars("acme-api", "REGION") },
		found:  []string{"changed heroku_app_config_association.api_production vars.REGION"},
		seen:   []string{"heroku_app.api_production.all_config_vars", "heroku_app_config_association.api_production.vars"},
	},

	// The app itself.
	{
		name:   "stack",
		change: func(s *herokutest.Server) { send(s, "PATCH", "/apps/acme-ui-staging", `{"build_stack":"heroku-22"}`) },
		found:  []string{"changed heroku_app.ui stack"},
		seen:   []string{"heroku_app.ui.stack"},
	},
	{
		name:   "buildpacks",
		change: func(s *herokutest.Server) { s.SetBuildpacks("acme-ui-staging", "heroku/nodejs", "heroku/go") },
		found:  []string{"changed heroku_app.ui buildpacks"},
		seen:   []string{"heroku_app.ui.buildpacks"},
	},
	{
		name:   "automated certificates off",
		change: func(s *herokutest.Server) { send(s, "DELETE", "/apps/acme-ui-staging/acm", "") },
		found:  []string{"changed heroku_app.ui acm"},
		seen:   []string{"heroku_app.ui.acm"},
	},
	{
		name:   "maintenance mode",
		change: func(s *herokutest.Server) { s.SetMaintenance("acme-ui-staging", true) },
		found:  []string{"unmanaged acme-ui-staging heroku_app maintenance mode is on"},
	},
	{
		name:   "unlocked",
		change: func(s *herokutest.Server) { send(s, "PATCH", "/teams/apps/acme-ui", `{"locked":false}`) },
		found:  []string{"changed heroku_app.ui_production organization[0].locked"},
		seen:   []string{"heroku_app.ui_production.organization"},
	},
	{
		name:   "app deleted",
		change: func(s *herokutest.Server) { s.DeleteApp("acme-batch-us") },
		found:  []string{`missing heroku_addon.batch["us"]`, `missing heroku_app.batch["us"]`},
		seen:   []string{`heroku_addon.batch["us"]`, `heroku_app.batch["us"]`},
	},
	{
		name:   "app without access",
		change: func(s *herokutest.Server) { s.Deny("acme-private-app") },
		found:  []string{"undetermined heroku_app.private"},
		seen:   []string{fails},
	},
	{
		name:   "app renamed",
		change: func(s *herokutest.Server) { s.Rename("acme-private-app", "acme-private-new") },
		found:  []string{"renamed heroku_app.private name git_url web_url heroku_hostname"},
		seen: []string{"heroku_app.private.git_url", "heroku_app.private.heroku_hostname",
			"heroku_app.private.name", "heroku_app.private.web_url"},
		only: v5,
	},
	{
		name:   "app renamed",
		change: func(s *herokutest.Server) { s.Rename("acme-ui-staging", "acme-ui-new") },
		found:  []string{"renamed heroku_app.ui name git_url web_url heroku_hostname"},
		seen:   []string{fails},
		only:   v4,
	},
	{
		name: "app replaced by another of the name",
		change: func(s *herokutest.Server) {
			s.DeleteApp("acme-private-app")
			s.AddApp(herokutest.App{Name: "acme-private-app", Team: "acme", Space: "acme-private"})
		},
		found: []string{"replaced heroku_app.private"},
		seen:  []string{"heroku_app.private.uuid", "heroku_app.private.web_url"},
		only:  v4,
	},

	// What an app has.
	{
		name: "domain by hand",
		change: func(s *herokutest.Server) {
			s.AddDomain("acme-ui-staging", herokutest.Domain{Hostname: "new.example.com"})
		},
		found: []string{"unmanaged acme-ui-staging heroku_domain new.example.com"},
	},
	{
		name: "domain removed",
		change: func(s *herokutest.Server) {
			send(s, "DELETE", "/apps/acme-ui-staging/domains/staging.example.com", "")
		},
		found: []string{"missing heroku_domain.ui"},
		seen:  []string{fails},
	},
	{
		name: "domain removed and added again",
		change: func(s *herokutest.Server) {
			send(s, "DELETE", "/apps/acme-ui-staging/domains/staging.example.com", "")
			s.AddDomain("acme-ui-staging", herokutest.Domain{Hostname: "staging.example.com"})
		},
		found: []string{"replaced heroku_domain.ui"},
		seen:  []string{fails},
	},
	{
		name: "drain by hand",
		change: func(s *herokutest.Server) {
			s.AddLogDrain("acme-ui-staging", herokutest.LogDrain{URL: "https://user:password@new.example.com/"})
		},
		found: []string{"unmanaged acme-ui-staging heroku_drain UUID"},
	},
	{
		name: "drain removed",
		change: func(s *herokutest.Server) {
			s.UpdateApp("acme-ui-staging", func(a *herokutest.App) { a.LogDrains = nil })
		},
		found: []string{"missing heroku_drain.ui"},
		seen:  []string{fails},
	},
	{
		name: "drain's secret address",
		change: func(s *herokutest.Server) {
			s.UpdateApp("acme-api", func(a *herokutest.App) { a.LogDrains[0].URL = "https://user:stolen@logs.example.com/" })
		},
		found: []string{"changed heroku_drain.api_production sensitive_url"},
		seen:  []string{"heroku_drain.api_production.sensitive_url"},
	},
	{
		name: "collaborator by hand",
		change: func(s *herokutest.Server) {
			s.AddCollaborator("acme-tool", herokutest.Collaborator{Email: "stranger@example.com"})
		},
		found: []string{"unmanaged acme-tool heroku_collaborator stranger@example.com"},
	},
	{
		name: "collaborator removed",
		change: func(s *herokutest.Server) {
			send(s, "DELETE", "/apps/acme-tool/collaborators/friend@example.com", "")
		},
		found: []string{"missing heroku_collaborator.tool"},
		seen:  []string{fails},
	},
	{
		name: "permissions",
		change: func(s *herokutest.Server) {
			send(s, "PATCH", "/teams/apps/acme-ui-staging/collaborators/guest@example.com", `{"permissions":["view","operate"]}`)
		},
		found: []string{"changed heroku_team_collaborator.ui permissions"},
		seen:  []string{"heroku_team_collaborator.ui.permissions"},
	},
	{
		name:   "feature off",
		change: func(s *herokutest.Server) { s.SetFeature("acme-ui-staging", "http-session-affinity", false) },
		found:  []string{"changed heroku_app_feature.ui enabled"},
		seen:   []string{"heroku_app_feature.ui.enabled"},
	},
	{
		name:   "feature by hand",
		change: func(s *herokutest.Server) { s.SetFeature("acme-ui-staging", "preboot", true) },
		found:  []string{"unmanaged acme-ui-staging heroku_app_feature preboot"},
	},
	{
		name: "webhook's address",
		change: func(s *herokutest.Server) {
			s.UpdateApp("acme-ui-staging", func(a *herokutest.App) { a.Webhooks[0].URL = "https://hooks.example.com/other" })
		},
		found: []string{"changed heroku_app_webhook.ui url"},
		seen:  []string{"heroku_app_webhook.ui.url"},
	},
	{
		name:   "webhook removed",
		change: func(s *herokutest.Server) { s.UpdateApp("acme-api", func(a *herokutest.App) { a.Webhooks = nil }) },
		found:  []string{"missing heroku_app_webhook.api_production"},
		seen:   []string{fails},
	},
	{
		name: "certificate",
		change: func(s *herokutest.Server) {
			s.UpdateApp("acme-api", func(a *herokutest.App) { a.SNIEndpoints[0].CertificateChain = "another" })
		},
		found: []string{"changed heroku_ssl.api_production certificate_chain"},
		seen:  []string{"heroku_ssl.api_production.certificate_chain"},
	},
	{
		name: "domain without its certificate",
		change: func(s *herokutest.Server) {
			s.UpdateApp("acme-api", func(a *herokutest.App) {
				for i := range a.Domains {
					a.Domains[i].SNIEndpoint = ""
				}
			})
		},
		// The provider takes a null for nothing to read, and we compare as it
		// does.
	},

	// Releases.
	{
		name:   "another slug",
		change: func(s *herokutest.Server) { s.Deploy("acme-ui-staging", "") },
		found:  []string{"changed heroku_app_release.ui slug_id"},
	},
	{
		name:   "another slug that failed",
		change: func(s *herokutest.Server) { s.FailRelease("acme-ui-staging", "") },
		found:  []string{"unmanaged acme-ui-staging heroku_app the newest release, v7, has failed; v6 runs"},
	},
	{
		name:   "another slug that is pending",
		change: func(s *herokutest.Server) { s.PendingRelease("acme-ui-staging", "") },
		found:  []string{"unmanaged acme-ui-staging heroku_app the newest release, v7, is pending; v6 runs"},
	},
	{
		name:   "another build",
		change: func(s *herokutest.Server) { s.Deploy("acme-api-staging", "") },
		found:  []string{"changed heroku_build.api slug_id"},
	},

	// Add-ons.
	{
		name: "add-on's plan",
		change: func(s *herokutest.Server) {
			send(s, "PATCH", "/apps/acme-ui-staging/addons/acme-cache", `{"plan":"heroku-redis:premium-0"}`)
		},
		found: []string{"changed heroku_addon.ui_cache plan"},
		seen:  []string{"heroku_addon.ui_cache.plan"},
	},
	{
		name: "add-on renamed",
		change: func(s *herokutest.Server) {
			send(s, "PATCH", "/apps/acme-ui-staging/addons/acme-cache", `{"name":"acme-new-cache"}`)
		},
		found: []string{"changed data.heroku_addon.cache name", "changed heroku_addon.ui_cache name"},
		seen:  []string{"heroku_addon.ui_cache.name"},
	},
	{
		name:   "add-on deleted",
		change: func(s *herokutest.Server) { s.DeleteAddon("acme-cache") },
		found:  []string{"missing data.heroku_addon.cache", "missing heroku_addon.ui_cache"},
		seen:   []string{"heroku_addon.ui_cache", "heroku_app.ui.all_config_vars"},
	},
	{
		name: "attached add-on deleted",
		change: func(s *herokutest.Server) {
			a, _ := s.App("acme-ui-staging")
			for _, x := range s.Snapshot().Addons {
				if x.App == a.ID && strings.HasPrefix(x.Plan, "heroku-postgresql") {
					s.DeleteAddon(x.Name)
				}
			}
		},
		found: []string{"missing heroku_addon.ui_db", "missing heroku_addon_attachment.api_db"},
		seen:  []string{fails},
	},
	{
		name: "add-on by hand",
		change: func(s *herokutest.Server) {
			s.AddAddon(herokutest.Addon{Name: "acme-search", App: "acme-tool", Plan: "bonsai:sandbox"})
		},
		found: []string{"unmanaged acme-tool heroku_addon acme-search"},
		seen:  []string{"heroku_app.tool.all_config_vars"},
	},
	{
		name: "attachment by hand",
		change: func(s *herokutest.Server) {
			s.Attach("acme-cache", herokutest.Attachment{Name: "UI_CACHE", App: "acme-tool"})
		},
		found: []string{"unmanaged acme-tool heroku_addon_attachment UI_CACHE"},
		seen:  []string{"heroku_app.tool.all_config_vars"},
	},

	// Pipelines.
	{
		name:   "coupling removed",
		change: func(s *herokutest.Server) { s.Uncouple("acme-api-staging") },
		found:  []string{"missing heroku_pipeline_coupling.api"},
		seen:   []string{fails},
	},
	{
		name: "stage",
		change: func(s *herokutest.Server) {
			p, _ := s.Pipeline("acme-api")
			send(s, "PATCH", "/pipeline-couplings/"+p.Couplings[0].ID, `{"stage":"development"}`)
		},
		found: []string{"changed heroku_pipeline_coupling.api stage"},
		seen:  []string{"heroku_pipeline_coupling.api.stage"},
	},
	{
		name: "pipeline renamed",
		change: func(s *herokutest.Server) {
			p, _ := s.Pipeline("acme-api")
			send(s, "PATCH", "/pipelines/"+p.ID, `{"name":"acme-interface"}`)
		},
		found: []string{"changed heroku_pipeline.api name"},
		seen:  []string{"heroku_pipeline.api.name"},
	},
	{
		name: "config var of review apps",
		change: func(s *herokutest.Server) {
			p, _ := s.Pipeline("acme-ui")
			send(s, "PATCH", "/pipelines/"+p.ID+"/stage/review/config-vars", `{"REVIEW":"no"}`)
		},
		found: []string{"changed heroku_pipeline_config_var.ui vars.REVIEW"},
		seen:  []string{"heroku_pipeline_config_var.ui.all_vars", "heroku_pipeline_config_var.ui.vars"},
	},
	{
		name: "review apps",
		change: func(s *herokutest.Server) {
			p, _ := s.Pipeline("acme-ui")
			send(s, "PATCH", "/pipelines/"+p.ID+"/review-app-config", `{"wait_for_ci":true,"stale_days":5}`)
		},
		found: []string{"changed heroku_review_app_config.ui stale_days wait_for_ci"},
		seen:  []string{"heroku_review_app_config.ui.stale_days", "heroku_review_app_config.ui.wait_for_ci"},
	},

	// The account, the team and spaces.
	{
		name:   "account feature",
		change: func(s *herokutest.Server) { send(s, "PATCH", "/account/features/pipelines", `{"enabled":false}`) },
		found:  []string{"changed heroku_account_feature.metrics enabled"},
		seen:   []string{"heroku_account_feature.metrics.enabled"},
	},
	{
		name: "role",
		change: func(s *herokutest.Server) {
			send(s, "PATCH", "/teams/acme/members", `{"email":"dev@example.com","role":"admin"}`)
		},
		found: []string{"changed heroku_team_member.dev role"},
		seen:  []string{"heroku_team_member.dev.role"},
	},
	{
		name:   "member removed",
		change: func(s *herokutest.Server) { send(s, "DELETE", "/teams/acme/members/dev@example.com", "") },
		found:  []string{"missing heroku_team_member.dev"},
		seen:   []string{fails},
	},
	{
		name: "inbound rules",
		change: func(s *herokutest.Server) {
			send(s, "PUT", "/spaces/acme-private/inbound-ruleset", `{"rules":[{"action":"allow","source":"0.0.0.0/0"}]}`)
		},
		found: []string{"changed heroku_space_inbound_ruleset.private rule"},
		seen:  []string{"heroku_space_inbound_ruleset.private.id", "heroku_space_inbound_ruleset.private.rule"},
	},
	{
		name: "access to a space",
		change: func(s *herokutest.Server) {
			send(s, "PATCH", "/spaces/acme-private/members/dev@example.com", `{"permissions":[]}`)
		},
		found: []string{"changed heroku_space_app_access.private permissions"},
		seen:  []string{"heroku_space_app_access.private.permissions"},
	},
	{
		name: "VPN connection removed",
		change: func(s *herokutest.Server) {
			send(s, "DELETE", "/spaces/acme-private/vpn-connections/office", "")
		},
		found: []string{"missing heroku_space_vpn_connection.private"},
		seen:  []string{fails},
	},
	{
		name: "peering removed",
		change: func(s *herokutest.Server) {
			send(s, "DELETE", "/spaces/acme-old-space/peerings/pcx-123456789012", "")
		},
		found: []string{"missing heroku_space_peering_connection_accepter.old"},
		seen:  []string{fails},
	},
	{
		name: "telemetry drain",
		change: func(s *herokutest.Server) {
			s.UpdateApp("acme-fir-app", func(a *herokutest.App) { a.TelemetryDrains[0].Signals = []string{"metrics"} })
		},
		found: []string{"changed heroku_telemetry_drain.app signals"},
		seen:  []string{"heroku_telemetry_drain.app.signals"},
		only:  v5,
	},
}

// TestDrift: each change is found, and where Terraform is blind or fails we say
// so in the README, which has to stay true.
func TestDrift(t *testing.T) {
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
		for _, tt := range changes {
			if tt.only != "" && tt.only != s.version {
				continue
			}
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				w := s.open(t, s.version, true)
				tt.change(w.api)
				if diff := gocmp.Diff(tt.found, told(w.detect(t))); diff != "" {
					t.Errorf("found (-want +got):\n%s", diff)
				}
				p := w.plan(t, "-refresh-only")
				seen := []string{fails}
				if p.exit != 1 {
					seen = p.drift()
				}
				if diff := gocmp.Diff(tt.seen, seen); diff != "" {
					t.Errorf("seen by Terraform (-want +got):\n%s", diff)
				}
			})
		}
	})
}

// TestAccept: what was found is accepted, and then a plan wants back what the
// configuration says, and sees no drift any more.
func TestAccept(t *testing.T) {
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
		w := s.open(t, s.version, true)
		var want []string
		for _, name := range []string{
			"quantity", "config var", "secret config var", "associated config var", "stack", "buildpacks",
			"automated certificates off", "unlocked", "drain's secret address", "permissions", "feature off",
			"webhook's address", "certificate", "add-on's plan", "add-on renamed", "stage", "pipeline renamed",
			"config var of review apps", "review apps", "account feature", "role", "inbound rules", "access to a space",
		} {
			i := slices.IndexFunc(changes, func(c change) bool { return c.name == name })
			changes[i].change(w.api)
			want = append(want, changes[i].seen...)
		}
		before := w.plan(t, "-refresh-only")
		slices.Sort(want)
		if diff := gocmp.Diff(slices.Compact(want), before.drift()); before.exit == 1 || diff != "" {
			t.Fatalf("before: %s\ndrift (-want +got):\n%s", before.text(), diff)
		}

		w.accept(t)
		if got := told(w.detect(t)); len(got) > 0 {
			t.Errorf("after accepting: got %q, want nothing", got)
		}
		// What isn't compared, a refresh still copies.
		snapshots := func(attr string) bool {
			return strings.HasSuffix(attr, ".all_config_vars") || strings.HasSuffix(attr, ".all_vars") ||
				attr == "heroku_space_inbound_ruleset.private.id"
		}
		after := w.plan(t)
		if after.exit == 1 {
			t.Fatal(after.result)
		}
		if got := slices.DeleteFunc(after.drift(), snapshots); len(got) > 0 {
			t.Errorf("after accepting: the refresh still changes %q", got)
		}
		// The plan is the one that Terraform itself comes to by a refresh.
		w2 := s.open(t, s.version, true)
		w2.api = w.api
		plan := w2.plan(t)
		if diff := gocmp.Diff(plan.actions(), after.actions()); diff != "" || len(plan.actions()) == 0 {
			t.Errorf("the plan after accepting (-after a refresh +after accepting):\n%s", diff)
		}
	})
}

// accept accepts all that differs.
func (w *world) accept(t *testing.T) {
	t.Helper()
	_, err := statefile.Update(t.Context(), w.statePath(), statefile.UpdateOptions{}, func(f *statefile.File) (*statefile.File, error) {
		report, err := herokutf.DetectDrift(context.WithoutCancel(t.Context()), w.client, f, herokutf.DriftOptions{})
		if err != nil {
			return nil, err
		}
		a, err := report.Accept(f)
		if err != nil {
			return nil, err
		}
		for _, left := range a.Left {
			t.Errorf("%s %s can't be accepted: %s", left.Address, left.Path, left.Reason)
		}
		return a.Apply()
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestImport: what was made by hand is adopted by the blocks that the report
// writes: Terraform plans imports and nothing else.
func TestImport(t *testing.T) {
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
		w := s.open(t, s.version, true)
		w.api.Scale("acme-ui-staging", "worker", 1, "")
		w.api.AddDomain("acme-ui-staging", herokutest.Domain{Hostname: "new.example.com"})
		w.api.AddLogDrain("acme-ui-staging", herokutest.LogDrain{URL: "https://user:password@new.example.com/"})
		w.api.AddCollaborator("acme-tool", herokutest.Collaborator{Email: "stranger@example.com"})
		w.api.AddCollaborator("acme-ui", herokutest.Collaborator{Email: "guest@example.com", Permissions: []string{"view", "operate"}})
		w.api.SetFeature("acme-ui-staging", "preboot", true)
		w.api.AddWebhook("acme-tool", herokutest.Webhook{URL: "https://hooks.example.com/new"})
		w.api.AddAddon(herokutest.Addon{Name: "acme-search", App: "acme-tool", Plan: "bonsai:sandbox"})
		w.api.Attach("acme-cache", herokutest.Attachment{Name: "UI_CACHE", App: "acme-tool"})
		w.api.AddAddon(herokutest.Addon{Name: "acme-blue-cache", App: "acme-worker-blue", Plan: "heroku-redis:mini"})
		w.api.Couple("acme-api", "acme-api", herokutest.Production)
		w.api.SetConfigVars("acme-ui-staging", map[string]string{"DEBUG": "a-secret-value"})

		var blocks strings.Builder
		if err := w.detect(t).WriteImports(&blocks); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"password", "a-secret-value"} {
			if strings.Contains(blocks.String(), secret) {
				t.Errorf("the import blocks hold the secret %q:\n%s", secret, blocks.String())
			}
		}
		if err := os.WriteFile(filepath.Join(w.dir, "imports.tf"), []byte(blocks.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		// The secrets that the blocks leave to the user.
		var vars []string
		for _, m := range regexp.MustCompile(`variable "(\w+)"`).FindAllStringSubmatch(blocks.String(), -1) {
			value := "https://hooks.example.com/new"
			if strings.HasSuffix(m[1], "_sensitive_url") {
				value = "https://user:password@new.example.com/"
			}
			vars = append(vars, "-var="+m[1]+"="+value)
		}
		p := w.plan(t, vars...)
		if p.exit == 1 {
			t.Fatal(p.result)
		}
		var imported []string
		for _, action := range p.actions() {
			address, how, _ := strings.Cut(action, ": ")
			if how != "no-op import" {
				t.Errorf("got the action %q, want imports alone", action)
			}
			typ, _, _ := strings.Cut(address, ".")
			imported = append(imported, typ)
		}
		want := []string{"heroku_addon", "heroku_addon", "heroku_addon_attachment", "heroku_app_feature", "heroku_app_webhook",
			"heroku_collaborator", "heroku_domain", "heroku_drain", "heroku_formation", "heroku_pipeline_coupling", "heroku_team_collaborator"}
		if diff := gocmp.Diff(want, imported); diff != "" {
			t.Errorf("types imported (-want +got):\n%s", diff)
		}
		if t.Failed() {
			t.Log(blocks.String())
		}
	})
}
