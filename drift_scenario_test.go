package herokutf_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/statefile"
)

// everyOption looks for everything, so that scenarios show what isn't reported too.
var everyOption = herokutf.DriftOptions{Unmanaged: true, Blame: true}

func TestDriftScenarios(t *testing.T) {
	const app = "old-name"
	for _, tt := range []struct {
		name   string
		state  string
		edit   func(testing.TB, tree)
		act    func(*fake)
		policy herokutest.Policy
		opts   herokutf.DriftOptions
		want   []string
	}{
		{name: "renamed, by name", state: "4.9.0", act: func(s *fake) { s.Rename(app, "new-name") },
			want: []string{"renamed heroku_app.main name git_url web_url heroku_hostname"}},
		{name: "renamed, by UUID", state: "5.3.2", act: func(s *fake) { s.Rename(app, "new-name") },
			want: []string{"renamed heroku_app.main name git_url web_url heroku_hostname"}},
		{name: "renamed twice", state: "5.3.2", act: func(s *fake) { s.Rename(app, "new-name"); s.Rename("new-name", "newer-name") },
			want: []string{"renamed heroku_app.main name git_url web_url heroku_hostname"}},
		{name: "renamed, and the old name is a stranger's", state: "4.9.0", act: func(s *fake) {
			s.Rename(app, "new-name")
			s.AddApp(herokutest.App{Name: app, Owner: "stranger@example.com"})
			s.Deny(app)
		}, want: []string{"renamed heroku_app.main name git_url web_url heroku_hostname"}},
		{name: "renamed, and the old name is another own app's", state: "4.9.0", act: func(s *fake) {
			s.Rename(app, "new-name")
			s.AddApp(herokutest.App{Name: app})
		}, want: []string{"renamed heroku_app.main name git_url web_url heroku_hostname"}},
		{name: "names swapped", state: "5.3.2", act: func(s *fake) {
			s.Rename(app, "between")
			s.Rename("personal-app", app)
			s.Rename("between", "personal-app")
		}, want: []string{
			"renamed heroku_app.main name git_url web_url heroku_hostname",
			"renamed heroku_app.personal name git_url web_url heroku_hostname",
		}},
		{name: "app deleted", state: "5.3.2", act: func(s *fake) { s.DeleteApp("personal-app") },
			want: []string{"missing heroku_app.personal", "missing heroku_collaborator.c"}},
		{name: "app denied", state: "5.3.2", act: func(s *fake) { s.Deny("personal-app") },
			want: []string{"undetermined heroku_app.personal", "undetermined heroku_collaborator.c"}},
		{name: "app denied, as if it weren't there", state: "5.3.2", policy: herokutest.Policy{DeniedIDNotFound: true},
			act:  func(s *fake) { s.Deny("personal-app") },
			want: []string{"missing heroku_app.personal", "missing heroku_collaborator.c"}},
		{name: "app replaced", state: "5.3.2", act: func(s *fake) {
			s.DeleteApp("personal-app")
			s.AddApp(herokutest.App{Name: "personal-app"})
		}, want: []string{"replaced heroku_app.personal", "missing heroku_collaborator.c"}},
		{name: "another slug deployed", state: "5.3.2", act: func(s *fake) { s.Deploy(app, "") },
			want: []string{"changed heroku_app_release.r slug_id"}},
		{name: "another slug deployed and rolled back", state: "5.3.2", act: func(s *fake) {
			was, _ := s.App(app)
			s.Deploy(app, "")
			s.Rollback(app, was.Releases[len(was.Releases)-1].Version)
		}, want: []string{}},
		{name: "a release that failed", state: "5.3.2", act: func(s *fake) { s.FailRelease(app, "") },
			want: []string{}},
		{name: "a release that is pending", state: "5.3.2", act: func(s *fake) { s.PendingRelease(app, "") },
			want: []string{}},
		{name: "a release that failed, with all that is unmanaged", state: "5.3.2", opts: everyOption,
			act:  func(s *fake) { s.FailRelease(app, "") },
			want: []string{"unmanaged old-name heroku_app"}},
		{name: "a release of config vars alone", state: "5.3.2", act: func(s *fake) { s.SetConfigVars(app, map[string]string{"NEW": "x"}) },
			want: []string{}},
		{name: "a managed config var", state: "4.9.0", act: func(s *fake) { s.SetConfigVars(app, map[string]string{"SECRET": "x"}) },
			want: []string{"changed heroku_app.main sensitive_config_vars.SECRET"}},
		{name: "a slug that is gone", state: "5.3.2", act: func(s *fake) {
			s.UpdateApp(app, func(a *herokutest.App) { a.Slugs, a.Releases, a.Builds = nil, nil, nil })
		}, want: []string{
			"changed heroku_app_release.r slug_id", "missing heroku_build.b", "missing heroku_slug.s",
		}},
		{name: "scaled", state: "4.9.0", act: func(s *fake) { s.Scale(app, "web", 5, "performance-m") },
			want: []string{"changed heroku_formation.web quantity size"}},
		{name: "maintenance", state: "5.3.2", opts: everyOption, act: func(s *fake) { s.SetMaintenance(app, true) },
			want: []string{"unmanaged old-name heroku_app"}},
		{name: "feature switched off", state: "4.9.0", act: func(s *fake) { s.SetFeature(app, "runtime-dyno-metadata", false) },
			want: []string{"changed heroku_app_feature.f enabled"}},
		{name: "add-on deleted and made again", state: "5.3.2", act: func(s *fake) {
			s.DeleteAddon("postgresql-curly-1234")
			s.AddAddon(herokutest.Addon{Name: "postgresql-curly-1234", App: app, Plan: "heroku-postgresql:essential-0"})
		}, want: []string{"replaced heroku_addon.db", "replaced heroku_addon_attachment.att"}},
		{name: "coupled elsewhere", state: "5.3.2", act: func(s *fake) {
			s.Uncouple(app)
			s.AddPipeline(herokutest.Pipeline{Name: "other", Couplings: []herokutest.Coupling{{App: app, Stage: "staging"}}})
		}, want: []string{"replaced heroku_pipeline_coupling.pc"}},
		{name: "another stage", state: "4.9.0", act: func(s *fake) { s.Uncouple(app); s.Couple("my-pipe", app, "staging") },
			want: []string{"replaced heroku_pipeline_coupling.pc"}},
		{name: "pipeline deleted", state: "5.3.2", act: func(s *fake) { s.DeletePipeline("my-pipe") }, want: []string{
			"missing heroku_pipeline.p", "missing heroku_pipeline_config_var.pcv",
			"missing heroku_pipeline_coupling.pc", "missing heroku_review_app_config.rac",
		}},
		{name: "an attribute that nobody knows", state: "5.3.2",
			edit: func(t testing.TB, s tree) { s.at(t, "heroku_formation.web")["of_tomorrow"] = "x" },
			want: []string{"undetermined heroku_formation.web"}},
		{name: "an attribute that nobody knows beside a change", state: "5.3.2",
			edit: func(t testing.TB, s tree) { s.at(t, "heroku_formation.web")["of_tomorrow"] = "x" },
			act:  func(s *fake) { s.Scale(app, "web", 5, "") },
			want: []string{"changed heroku_formation.web quantity"}},
		{name: "an empty attribute that nobody knows", state: "5.3.2",
			edit: func(t testing.TB, s tree) { s.at(t, "heroku_formation.web")["of_tomorrow"] = nil }, want: []string{}},
		{name: "unmanaged objects of every kind", state: "5.3.2", opts: herokutf.DriftOptions{Unmanaged: true}, act: func(s *fake) {
			s.AddDomain(app, herokutest.Domain{Hostname: "extra.example.com"})
			s.AddLogDrain(app, herokutest.LogDrain{ID: "d7000000-0000-4000-8000-00000000000f", URL: "https://drain.example.com"})
			s.AddWebhook(app, herokutest.Webhook{ID: "40000000-0000-4000-8000-00000000000f", URL: "https://hook.example.com"})
			s.AddCollaborator(app, herokutest.Collaborator{Email: "ann@example.com"})
			s.AddCollaborator("personal-app", herokutest.Collaborator{Email: "ann@example.com"})
			s.AddAddon(herokutest.Addon{Name: "redis-round-1", App: app, Plan: "heroku-redis:mini"})
			s.Attach("redis-round-1", herokutest.Attachment{Name: "SHARED", App: "personal-app"})
			s.Scale(app, "worker", 2, "Standard-1X")
			s.SetFeature(app, "preboot", true)
			s.SetConfigVars(app, map[string]string{"EXTRA": "x"})
		}, want: []string{
			"unmanaged old-name heroku_addon redis-round-1",
			"unmanaged old-name heroku_app_config_association EXTRA",
			"unmanaged old-name heroku_app_feature preboot",
			"unmanaged old-name heroku_app_webhook 40000000-0000-4000-8000-00000000000f",
			"unmanaged old-name heroku_domain extra.example.com",
			"unmanaged old-name heroku_drain d7000000-0000-4000-8000-00000000000f",
			"unmanaged old-name heroku_formation worker",
			"unmanaged old-name heroku_team_collaborator ann@example.com",
			"unmanaged personal-app heroku_addon_attachment SHARED",
			"unmanaged personal-app heroku_collaborator ann@example.com",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			state := decodeState(t, stateText(t, tt.state))
			s, c := matchingUnder(t, herokutest.Options{Policy: tt.policy}, state.parse(t))
			if tt.edit != nil {
				tt.edit(t, state)
			}
			f := state.parse(t)
			var before []string
			if tt.opts.Unmanaged {
				before = reported(detect(t, s, c, tt.opts, f))
			}
			if tt.act != nil {
				tt.act(s)
			}
			report := detect(t, s, c, tt.opts, f)
			got := slices.DeleteFunc(reported(report), func(line string) bool { return slices.Contains(before, line) })
			want := slices.Clone(tt.want)
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
				for i := range report.Objects {
					if o := &report.Objects[i]; o.Reason != "" {
						t.Logf("%s %s: %s", o.Address, o.ID, o.Reason)
					}
				}
			}
			for i := range report.Objects {
				o := &report.Objects[i]
				if o.Reason == "" && len(o.Differences) == 0 && o.Verdict != herokutf.InSync && o.Verdict != herokutf.Unmanaged {
					t.Errorf("%s is %s, and nothing says why", o.Address, o.Verdict)
				}
				if strings.HasSuffix(o.Reason, ".") && !strings.Contains(o.Reason, "GET ") { // Heroku's messages have one
					t.Errorf("%s: the reason ends in a full stop: %s", o.Address, o.Reason)
				}
			}
		})
	}
}

// TestDriftOtherToken: a token that sees none of a state's apps doesn't make
// all of them deleted.
func TestDriftOtherToken(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		f := readState(t, "5.3.2")
		s, c := matchingUnder(t, herokutest.Options{Policy: herokutest.Policy{DeniedIDNotFound: hidden}}, f)
		s.Deny("old-name", "personal-app")
		report := detect(t, s, c, herokutf.DriftOptions{}, f)
		for i := range report.Objects {
			if o := &report.Objects[i]; o.Type == "heroku_app" && o.Verdict != herokutf.Undetermined {
				t.Errorf("DeniedIDNotFound %t: %s is %s: %s", hidden, o.Address, o.Verdict, o.Reason)
			}
		}
	}
}

// TestDriftOnly: identity takes a few requests, however many apps there are.
func TestDriftOnly(t *testing.T) {
	f := readState(t, "5.3.2")
	s, c := matching(t, f)
	s.Rename("old-name", "new-name")
	s.Scale("new-name", "web", 9, "")
	for _, tt := range []struct {
		only     []string
		want     []string
		requests int
	}{
		{[]string{"identity"}, []string{"renamed heroku_app.main name git_url web_url heroku_hostname"}, 4},
		{[]string{"formation"}, []string{"changed heroku_formation.web quantity"}, 2},
		{[]string{"heroku_formation", "domain"}, []string{"changed heroku_formation.web quantity"}, 3},
	} {
		report := detect(t, s, c, herokutf.DriftOptions{Only: tt.only}, f)
		if diff := cmp.Diff(tt.want, reported(report)); diff != "" {
			t.Errorf("only %q (-want +got):\n%s", tt.only, diff)
		}
		if report.Requests != tt.requests {
			t.Errorf("only %q: %d requests, want %d", tt.only, report.Requests, tt.requests)
		}
	}
	_, err := herokutf.DetectDrift(t.Context(), c, f, herokutf.DriftOptions{Only: []string{"formations", "nothing"}})
	if err == nil || !strings.Contains(err.Error(), "formations") || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("unknown words: %v", err)
	}
}

// TestDriftStates: several states share every list, and what one has isn't
// unmanaged for the others.
func TestDriftStates(t *testing.T) {
	state := decodeState(t, stateText(t, "5.3.2"))
	apps, rest := decodeState(t, stateText(t, "5.3.2")), decodeState(t, stateText(t, "5.3.2"))
	isApp := func(i *treeInstance) bool { return i.text("type") == "heroku_app" }
	apps.remove(func(i *treeInstance) bool { return !isApp(i) })
	rest.remove(isApp)
	whole := state.parse(t)
	files := []*statefile.File{
		parseState(t, "apps", apps.encode(t)), parseState(t, "rest", rest.encode(t)),
	}
	s, c := matching(t, whole)
	opts := herokutf.DriftOptions{Unmanaged: true}
	one := detect(t, s, c, opts, whole)
	two := detect(t, s, c, opts, files...)
	if one.Requests != two.Requests || len(one.Objects) != len(two.Objects) {
		t.Errorf("one state: %d objects, %d requests; in two: %d, %d", len(one.Objects), one.Requests, len(two.Objects), two.Requests)
	}
	if diff := cmp.Diff(reported(one), reported(two)); diff != "" {
		t.Errorf("(-one +two):\n%s", diff)
	}
	for i := range two.Objects {
		if o := &two.Objects[i]; o.Address != "" && o.State == "" {
			t.Errorf("%s: it isn't said of which state", o.Address)
		}
	}
}

// TestDriftProgress: what is announced is what it costs when nothing fails.
func TestDriftProgress(t *testing.T) {
	for _, name := range driftStates {
		for _, opts := range []herokutf.DriftOptions{{}, {Unmanaged: true}} {
			f := readState(t, name)
			s, c := matching(t, f)
			var progress []herokutf.DriftProgress
			requests := -1 // those sent when the first call came
			opts.Progress = func(p herokutf.DriftProgress) {
				if progress = append(progress, p); requests < 0 {
					requests = len(s.Log())
				}
			}
			report := detect(t, s, c, opts, f)
			if len(progress) == 0 || progress[0].Requests != report.Requests || progress[0].Wait != 0 || progress[0].Done != 0 {
				t.Fatalf("%s, Unmanaged %t: announced %+v, it took %d", name, opts.Unmanaged, progress, report.Requests)
			}
			if requests < 1 || requests > 10 {
				t.Errorf("%s: announced after %d requests", name, requests)
			}
			for i, p := range progress {
				want := progress[0]
				want.Done = i
				if p != want {
					t.Errorf("%s: call %d says %+v, want %+v", name, i, p, want)
				}
			}
			if n := len(progress); n < 2 || progress[n-1].Done != progress[n-1].Apps {
				t.Errorf("%s: the progress ends with %+v", name, progress)
			}
		}
	}
}

// TestDriftGone takes the objects of one type after the other from Heroku.
func TestDriftGone(t *testing.T) {
	for _, name := range driftStates[2:5] {
		state := decodeState(t, stateText(t, name))
		f := state.parse(t)
		types := make(map[string]bool)
		for _, inst := range state.instances() {
			types[inst.text("type")] = true
		}
		for typ := range types {
			switch typ {
			case "heroku_app", "heroku_addon", "heroku_pipeline", "heroku_space", "heroku_config", "heroku_app_config_association",
				"heroku_account_feature", "heroku_app_feature", "heroku_space_inbound_ruleset", "heroku_app_release":
				continue // others make these again, or Heroku always has them
			}
			t.Run(fmt.Sprintf("%s/%s", name, typ), func(t *testing.T) {
				less := decodeState(t, stateText(t, name))
				var addresses []string
				less.remove(func(i *treeInstance) bool {
					gone := i.text("type") == typ || strings.HasSuffix(typ, "collaborator") && strings.HasSuffix(i.text("type"), "collaborator") ||
						typ == "heroku_ssl" && i.text("type") == "heroku_domain" ||
						typ == "heroku_slug" && (i.text("type") == "heroku_build" || i.text("type") == "heroku_app_release")
					if gone && i.text("type") == typ {
						addresses = append(addresses, i.address())
					}
					return gone
				})
				s, c := matching(t, less.parse(t))
				report := detect(t, s, c, herokutf.DriftOptions{}, f)
				for _, address := range addresses {
					o := objectAt(t, report, address)
					ok := o.Verdict == herokutf.Missing || o.Verdict == herokutf.Replaced && o.ImportID != ""
					switch typ {
					case "heroku_pipeline_config_var":
						ok = o.Verdict == herokutf.Changed // the vars are gone
					case "heroku_cert":
						// Heroku has shut the endpoints down: their list is 404,
						// which may be an app that the token may not see.
						ok = o.Verdict == herokutf.Undetermined
					}
					if typ == "heroku_cert" && !strings.HasPrefix(o.Reason, "SSL Endpoint was shut down") {
						t.Errorf("%s: %s", address, o.Reason)
					}
					if !ok || o.Reason == "" && o.Verdict != herokutf.Changed {
						t.Errorf("%s is %s (%s), import id %q", address, o.Verdict, o.Reason, o.ImportID)
					}
				}
			})
		}
	}
}
