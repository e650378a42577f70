package acceptance

import (
	"maps"
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
	"github.com/herokutf/herokutf/tfconfig"
)

// adoptions are worlds that somebody has made by hand, a row a type: what there is
// beside the stock, the types that are adopted, sorted, and what an app is chosen by.
var adoptions = []struct {
	name  string
	make  func(*herokutest.Server)
	types []string
	opts  herokutf.AdoptOptions
	told  []string // what drift says afterwards
}{
	{
		name: "personal app",
		make: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "tool-app", Region: "eu", Stack: "heroku-22", Buildpacks: []string{"heroku/go", "https://example.com/pack.git"},
				ConfigVars: map[string]string{"A": "1", "odd.key": "${x} %{y} \"quoted\" \\ \n\t<&> ü 🙂", "EMPTY": ""}})
		},
		types: []string{"heroku_app"},
	},
	{
		name:  "app without config vars",
		make:  func(s *herokutest.Server) { s.AddApp(herokutest.App{Name: "plain", ConfigVars: map[string]string{}}) },
		types: []string{"heroku_app"},
	},
	{
		name: "app of a team",
		make: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "shop-eu", Team: "acme", Locked: true, ACM: true, ConfigVars: map[string]string{"A": "1"}})
		},
		types: []string{"heroku_app"},
	},
	{
		name: "private buildpack",
		make: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "shop-eu", Buildpacks: []string{"heroku/go", "https://user:a-token@github.com/acme/pack"}})
		},
		types: []string{"heroku_app"},
	},
	{
		name: "config association",
		make: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "shop-eu", Team: "acme", ConfigVars: map[string]string{"A": "1", "B": "2"}})
		},
		types: []string{"heroku_app", "heroku_app_config_association"},
		opts:  herokutf.AdoptOptions{ConfigAssociation: true},
	},
	{
		name: "no config vars",
		make: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "shop-eu", ConfigVars: map[string]string{"A": "1", "B": "2"}})
		},
		types: []string{"heroku_app"},
		opts:  herokutf.AdoptOptions{NoConfigVars: true},
		told:  []string{"unmanaged shop-eu heroku_app_config_association A", "unmanaged shop-eu heroku_app_config_association B"},
	},
	{
		name: "add-on",
		make: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "shop-eu", ConfigVars: map[string]string{"A": "1"}})
			s.AddAddon(herokutest.Addon{App: "shop-eu", Plan: "heroku-postgresql:essential-0"})
			s.AddAddon(herokutest.Addon{App: "shop-eu", Plan: "heroku-postgresql:standard-0", Attachments: []herokutest.Attachment{{Name: "HEROKU_POSTGRESQL_PINK"}}})
		},
		types: []string{"heroku_addon", "heroku_addon", "heroku_app"},
	},
	{
		name: "attachment",
		make: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "shop-eu"})
			s.AddApp(herokutest.App{Name: "shop-us", ConfigVars: map[string]string{"A": "1"}})
			s.AddAddon(herokutest.Addon{Name: "db", App: "shop-eu", Plan: "heroku-postgresql:essential-0"})
			s.Attach("db", herokutest.Attachment{Name: "OTHER_DB", App: "shop-us"})
			s.Attach("db", herokutest.Attachment{Name: "READER", App: "shop-eu", Namespace: "credential:reader"})
		},
		types: []string{"heroku_addon", "heroku_addon_attachment", "heroku_addon_attachment", "heroku_app", "heroku_app"},
	},
	{
		name: "children of a personal app",
		make: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{
				Name: "shop-eu", Features: []string{"preboot", "http-session-affinity"},
				Formation:     []herokutest.Process{{Type: "web", Quantity: 2, Size: "Standard-2X"}, {Type: "worker", Quantity: 1}, {Type: "rake"}},
				Domains:       []herokutest.Domain{{Hostname: "www.example.com"}, {Hostname: "*.example.com"}},
				LogDrains:     []herokutest.LogDrain{{URL: "https://user:password@logs.example.com/"}, {URL: "syslog://logs.example.com:514"}},
				Collaborators: []herokutest.Collaborator{{Email: "friend@example.com"}},
				Webhooks:      []herokutest.Webhook{{URL: "https://user:password@hooks.example.com/", Level: "sync", Include: []string{"api:release", "api:build"}}},
			})
		},
		types: []string{
			"heroku_app", "heroku_app_feature", "heroku_app_feature", "heroku_app_webhook", "heroku_collaborator", "heroku_domain", "heroku_domain",
			"heroku_drain", "heroku_drain", "heroku_formation", "heroku_formation",
		},
	},
	{
		name: "certificate",
		make: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "shop-eu", SNIEndpoints: []herokutest.SNIEndpoint{{Name: "tyranno-1", CertificateChain: certificate}},
				Domains: []herokutest.Domain{{Hostname: "www.example.com", SNIEndpoint: "tyranno-1"}, {Hostname: "shop.example.com"}}})
		},
		types: []string{"heroku_app", "heroku_domain", "heroku_domain", "heroku_ssl"},
	},
	{
		name: "automatic certificate",
		make: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "shop-eu", ACM: true, SNIEndpoints: []herokutest.SNIEndpoint{{Name: "tyranno-1", CertificateChain: certificate}},
				Domains: []herokutest.Domain{{Hostname: "www.example.com", SNIEndpoint: "tyranno-1"}}})
		},
		types: []string{"heroku_app", "heroku_domain"},
	},
	{
		name: "team",
		make: func(s *herokutest.Server) {
			s.AddTeam(herokutest.Team{Name: "other", Members: []herokutest.Member{
				{Email: "boss@example.com", Role: "admin"}, {Email: "dev@example.com"}, {Email: "sso@example.com", Federated: true, Role: "collaborator"},
			}})
			s.AddApp(herokutest.App{Name: "shop-eu", Team: "other", Collaborators: []herokutest.Collaborator{
				{Email: "guest@example.com", Permissions: []string{"view", "deploy"}},
			}})
		},
		types: []string{"heroku_app", "heroku_team_collaborator", "heroku_team_member", "heroku_team_member"},
		opts:  herokutf.AdoptOptions{Teams: []string{"other"}},
	},
	{
		name: "pipeline",
		make: func(s *herokutest.Server) {
			for _, name := range []string{"shop-eu", "shop-us", "shop-pr-1"} {
				s.AddApp(herokutest.App{Name: name, Team: "acme"})
			}
			s.AddPipeline(herokutest.Pipeline{Name: "shop", Team: "acme",
				ConfigVars: map[string]map[string]string{"test": {"CI": "yes"}, "review": {"A": "1", "B": "2"}},
				Couplings:  []herokutest.Coupling{{App: "shop-eu", Stage: "production"}, {App: "shop-us", Stage: "staging"}, {App: "shop-pr-1", Stage: "review"}},
			})
		},
		types: []string{
			"heroku_app", "heroku_app", "heroku_pipeline", "heroku_pipeline_config_var", "heroku_pipeline_config_var",
			"heroku_pipeline_coupling", "heroku_pipeline_coupling",
		},
		opts: herokutf.AdoptOptions{Pipelines: []string{"shop"}},
	},
	{
		name: "coupling to a pipeline that isn't adopted",
		make: func(s *herokutest.Server) {
			s.AddApp(herokutest.App{Name: "shop-eu"})
			s.AddPipeline(herokutest.Pipeline{Name: "shop", Couplings: []herokutest.Coupling{{App: "shop-eu", Stage: "production"}}})
		},
		types: []string{"heroku_app", "heroku_pipeline_coupling"},
		opts:  herokutf.AdoptOptions{Apps: []string{"shop-eu"}},
	},
	{
		name: "Private Space",
		make: func(s *herokutest.Server) {
			s.AddSpace(herokutest.Space{
				Name: "walled", Team: "acme", Region: "frankfurt", Shield: true,
				Members:  []herokutest.SpaceMember{{Email: "dev@example.com", Permissions: []string{"create_apps"}}, {Email: "boss@example.com", Permissions: []string{}}},
				Rulesets: []herokutest.Ruleset{{Rules: []herokutest.Rule{{Action: "allow", Source: "203.0.113.0/24"}, {Action: "allow", Source: "198.51.100.0/24"}}}},
				VPNs:     []herokutest.VPN{{Name: "office", PublicIP: "203.0.113.7", RoutableCIDRs: []string{"192.168.1.0/24", "192.168.0.0/24"}}},
				Peerings: []herokutest.Peering{{ID: "pcx-223456789012", Status: "active"}},
			})
			s.AddApp(herokutest.App{Name: "inside", Team: "acme", Space: "walled", InternalRouting: true})
		},
		types: []string{
			"heroku_app", "heroku_space", "heroku_space_app_access", "heroku_space_inbound_ruleset",
			"heroku_space_peering_connection_accepter", "heroku_space_vpn_connection",
		},
		opts: herokutf.AdoptOptions{Spaces: []string{"walled"}},
	},
	{
		name: "Fir",
		make: func(s *herokutest.Server) {
			s.AddSpace(herokutest.Space{Name: "forest", Team: "acme", Generation: herokutest.Fir, TelemetryDrains: []herokutest.TelemetryDrain{
				{Endpoint: "otlp.example.com:4317", Type: "otlp", Signals: []string{"traces", "metrics"}, Headers: map[string]string{"X-Key": "a-key", "A": "b"}},
			}})
			s.AddApp(herokutest.App{Name: "tree", Team: "acme", Space: "forest", Generation: herokutest.Fir, ConfigVars: map[string]string{"A": "1"},
				Formation:       []herokutest.Process{{Type: "web", Quantity: 1}},
				TelemetryDrains: []herokutest.TelemetryDrain{{Endpoint: "https://otlp.example.com", Headers: map[string]string{"Authorization": "Bearer a-key"}}},
			})
		},
		types: []string{"heroku_app", "heroku_formation", "heroku_space", "heroku_telemetry_drain", "heroku_telemetry_drain"},
		opts:  herokutf.AdoptOptions{Spaces: []string{"forest"}},
	},
}

const certificate = "-----BEGIN CERTIFICATE-----\nMIIBhTCCASugAwIBAgIQIRi6zePL6mKjOipn+dNuaTAKBggqhkjOPQQDAjASMRAw\n-----END CERTIFICATE-----\n"

// adopt adopts into the world's folder and state.
func (w *world) adopt(t *testing.T, opts herokutf.AdoptOptions) *herokutf.Adoption {
	t.Helper()
	config, err := tfconfig.Load(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	opts.Config = config
	var f *statefile.File
	if _, err := os.Stat(w.statePath()); err == nil {
		f = w.state(t)
	}
	a, err := herokutf.Adopt(t.Context(), w.client, f, opts)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (w *world) write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// writes counts the requests that change something.
func writes(s *herokutest.Server) int {
	n := 0
	for route, count := range s.Requests() {
		if !strings.HasPrefix(route, "GET ") {
			n += count
		}
	}
	return n
}

// TestAdopt: what is adopted plans clean with and without a refresh, an apply sends
// nothing and stores what was there, a second adoption finds nothing, and without its
// files all of it is destroyed in an order that Heroku takes.
func TestAdopt(t *testing.T) {
	each(t, []string{v5}, func(t *testing.T, s *setting) {
		for _, tt := range adoptions {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				w := s.open(t, "adopt-"+s.version, false)
				tt.make(w.api)
				opts := tt.opts
				if opts.Apps == nil && opts.Pipelines == nil && opts.Teams == nil && opts.Spaces == nil {
					for _, app := range w.api.Snapshot().Apps {
						opts.Apps = append(opts.Apps, app.Name)
					}
				}
				before := writes(w.api)
				a := w.adopt(t, opts)
				var types []string
				for _, o := range a.Objects {
					types = append(types, o.Type)
				}
				slices.Sort(types)
				if diff := gocmp.Diff(tt.types, types); diff != "" {
					t.Errorf("adopted types (-want +got):\n%s", diff)
				}
				for _, file := range a.Files {
					w.write(t, file.Name, []byte(file.Text))
					if secret := regexp.MustCompile("password|a-token|a-key").FindString(file.Text); secret != "" && !file.Secret {
						t.Errorf("%s has a secret:\n%s", file.Name, file.Text)
					}
				}
				if r := w.run(t, "fmt", "-check", "-diff"); r.exit != 0 {
					t.Error(r)
				}
				next, err := a.Apply(nil)
				if err != nil {
					t.Fatal(err)
				}
				w.write(t, "terraform.tfstate", next.Bytes())
				w.noChanges(t, "adopted")
				w.noChanges(t, "adopted, without a refresh", "-refresh=false")
				w.apply(t)
				if n := writes(w.api) - before; n != 0 {
					t.Errorf("%d writes: %v", n, w.api.Requests())
				}
				if diff := gocmp.Diff(instancesOf(next), instancesOf(w.state(t))); diff != "" {
					t.Errorf("the apply stored something else (-adopted +applied):\n%s", diff)
				}
				if got := told(w.detect(t)); !slices.Equal(got, tt.told) {
					t.Errorf("after the adoption: got %q, want %q", got, tt.told)
				}
				if again := w.adopt(t, opts); len(again.Objects) > 0 || len(again.Files) > 0 || again.Pending != nil {
					t.Errorf("a second run adopts %+v, in %d files", again.Objects, len(again.Files))
				}
				for _, file := range a.Files {
					w.remove(t, file.Name)
				}
				w.apply(t)
				if n := len(slices.Collect(w.state(t).Instances())); n != 0 {
					t.Errorf("%d instances are left", n)
				}
			})
		}
	})
}

// instancesOf are the texts of a state's instances by address.
func instancesOf(f *statefile.File) map[string]string {
	all := make(map[string]string)
	for inst := range f.Instances() {
		all[inst.Address()] = string(inst.Attributes().Raw())
	}
	return maps.Clone(all)
}

// TestAdoptBesideOthers: into a folder with a provider of another name, an alias alone
// and a state, what is adopted refers to what is there.
func TestAdoptBesideOthers(t *testing.T) {
	each(t, []string{v5}, func(t *testing.T, s *setting) {
		w := s.open(t, "adopt-alias-"+s.version, true)
		w.api.AddAddon(herokutest.Addon{App: "first-app", Plan: "heroku-redis:mini"})
		w.api.AddApp(herokutest.App{Name: "second-app", ConfigVars: map[string]string{"A": "1"}})
		w.api.Attach(w.api.Snapshot().Addons[0].Name, herokutest.Attachment{Name: "CACHE", App: "second-app"})
		before := writes(w.api)
		a := w.adopt(t, herokutf.AdoptOptions{Apps: []string{"first-app", "second-app"}})
		if len(a.Objects) != 3 {
			t.Errorf("adopted %+v", a.Objects)
		}
		for _, file := range a.Files {
			w.write(t, file.Name, []byte(file.Text))
		}
		next, err := a.Apply(w.state(t))
		if err != nil {
			t.Fatal(err)
		}
		w.write(t, "terraform.tfstate", next.Bytes())
		w.noChanges(t, "adopted")
		w.noChanges(t, "adopted, without a refresh", "-refresh=false")
		w.apply(t)
		if n := writes(w.api) - before; n != 0 {
			t.Errorf("%d writes: %v", n, w.api.Requests())
		}
	})
}

// TestAdoptByImport: import blocks and what they can't have in the state adopt without a
// change.
func TestAdoptByImport(t *testing.T) {
	each(t, []string{v5}, func(t *testing.T, s *setting) {
		w := s.open(t, "adopt-"+s.version, false)
		for _, tt := range adoptions {
			// One world of all that don't have the same names.
			if slices.Contains([]string{"personal app", "team", "Private Space", "Fir"}, tt.name) {
				tt.make(w.api)
			}
		}
		w.api.UpdateApp("shop-eu", func(a *herokutest.App) {
			a.LogDrains = []herokutest.LogDrain{{URL: "https://user:password@logs.example.com/"}}
			a.Formation = []herokutest.Process{{Type: "web", Quantity: 2}}
			a.Domains = append(a.Domains, herokutest.Domain{Hostname: "www.example.com"})
			a.Features = []string{"preboot"}
		})
		before := writes(w.api)
		a := w.adopt(t, herokutf.AdoptOptions{All: true, ImportBlocks: true})
		imports := 0
		for _, o := range a.Objects {
			if o.Import {
				imports++
			}
		}
		if imports < 12 || imports == len(a.Objects) {
			t.Errorf("%d of %d objects are imported", imports, len(a.Objects))
		}
		for _, file := range a.Files {
			w.write(t, file.Name, []byte(file.Text))
		}
		next, err := a.Apply(nil)
		if err != nil {
			t.Fatal(err)
		}
		w.write(t, "terraform.tfstate", next.Bytes())
		p := w.plan(t)
		want := make([]string, 0, imports)
		for _, o := range a.Objects {
			if o.Import {
				want = append(want, o.Address+": no-op import")
			}
		}
		slices.Sort(want)
		if diff := gocmp.Diff(want, p.actions()); diff != "" {
			t.Errorf("plan (-want +got):\n%s\n%s", diff, p.result)
		}
		w.apply(t)
		if n := writes(w.api) - before; n != 0 {
			t.Errorf("%d writes: %v", n, w.api.Requests())
		}
		w.noChanges(t, "imported")
	})
}
