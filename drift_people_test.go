package herokutf_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
)

// peopleState has an app with a config var and an add-on, and a config var of a
// pipeline.
const peopleState = `{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "outputs": {}, "resources": [
{"mode": "managed", "type": "heroku_app", "name": "shop", "provider": "provider[\"registry.terraform.io/heroku/heroku\"]", "instances": [
  {"schema_version": 0, "attributes": {"id": "a0000000-0000-4000-8000-000000000001", "name": "shop", "config_vars": {"LEVEL": "info"}}}]},
{"mode": "managed", "type": "heroku_addon", "name": "db", "provider": "provider[\"registry.terraform.io/heroku/heroku\"]", "instances": [
  {"schema_version": 2, "attributes": {"id": "b0000000-0000-4000-8000-000000000001", "name": "shop-db", "plan": "heroku-postgresql:essential-0", "app_id": "a0000000-0000-4000-8000-000000000001"}}]},
{"mode": "managed", "type": "heroku_pipeline_config_var", "name": "ci", "provider": "provider[\"registry.terraform.io/heroku/heroku\"]", "instances": [
  {"schema_version": 0, "attributes": {"id": "c0000000-0000-4000-8000-000000000001:test", "pipeline_id": "c0000000-0000-4000-8000-000000000001", "pipeline_stage": "test", "vars": {"CI": "1"}, "sensitive_vars": {}, "all_vars": {"CI": "1"}}}]}]}`

// TestDriftPeople: several people change an app, each with a token of their own, and
// the report names who did what, and nobody where no release says so.
func TestDriftPeople(t *testing.T) {
	file := parseState(t, "people.tfstate", []byte(peopleState))
	for _, tt := range []struct {
		name string
		do   []string // who, method, path, body
		want []string // address or label, and who is blamed
	}{
		{"a config var", []string{"ann PATCH /apps/shop/config-vars {\"LEVEL\":\"debug\"}"}, []string{"heroku_app.shop: ann v4"}},
		{"two people, the newest first", []string{
			"ann PATCH /apps/shop/config-vars {\"LEVEL\":\"debug\"}",
			"bob PATCH /apps/shop/config-vars {\"LEVEL\":\"warn\"}",
		}, []string{"heroku_app.shop: bob v5, ann v4"}},
		{"a rollback brings config vars back", []string{
			"ann PATCH /apps/shop/config-vars {\"LEVEL\":\"debug\"}",
			"ann PATCH /apps/shop/config-vars {\"LEVEL\":\"info\"}",
			"bob POST /apps/shop/releases {\"release\":\"4\"}",
		}, []string{"heroku_app.shop: bob v6, ann v5, ann v4"}},
		{"a rollback over other changes has nothing to do with it", []string{
			"ann PATCH /apps/shop/config-vars {\"LEVEL\":\"debug\"}",
			"ann PATCH /apps/shop/config-vars {\"OTHER\":\"1\"}",
			"bob POST /apps/shop/releases {\"release\":\"4\"}",
		}, []string{"heroku_app.shop: ann v4"}},
		{"a rollback of a rollback", []string{
			"ann PATCH /apps/shop/config-vars {\"LEVEL\":\"debug\"}",
			"bob POST /apps/shop/releases {\"release\":\"3\"}",
			"cleo POST /apps/shop/releases {\"release\":\"4\"}",
		}, []string{"heroku_app.shop: cleo v6, bob v5, ann v4"}},
		{"an add-on's other name is in no release", []string{"ann PATCH /apps/shop/addons/shop-db {\"name\":\"shop-data\"}"},
			[]string{"heroku_addon.db: "}},
		{"a deleted add-on", []string{"bob DELETE /apps/shop/addons/shop-db "}, []string{"heroku_addon.db: bob v4"}},
		{"what nobody manages", []string{
			"ann PATCH /apps/shop/config-vars {\"EXTRA\":\"1\"}",
			"bob POST /apps/shop/addons {\"plan\":\"heroku-redis:mini\",\"name\":\"cache\"}",
			"cleo POST /apps/shop/collaborators {\"user\":\"dan@example.com\"}",
		}, []string{"cache: bob v5", "EXTRA: ann v4", "dan@example.com: "}},
		{"a pipeline that is gone", []string{"ann DELETE /pipelines/c0000000-0000-4000-8000-000000000001 "}, []string{"heroku_pipeline_config_var.ci: "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := herokutest.New(herokutest.Options{})
			for _, who := range []string{"ann", "bob", "cleo"} {
				s.AddAccount(herokutest.Account{Email: who + "@example.com", Tokens: []string{who}})
			}
			s.AddApp(herokutest.App{ID: "a0000000-0000-4000-8000-000000000001", Name: "shop", ConfigVars: map[string]string{"LEVEL": "info"},
				Releases: []herokutest.Release{{}, {}, {Slug: "51000000-0000-4000-8000-000000000001"}}})
			s.AddAddon(herokutest.Addon{ID: "b0000000-0000-4000-8000-000000000001", Name: "shop-db", App: "shop", Plan: "heroku-postgresql:essential-0"})
			s.AddPipeline(herokutest.Pipeline{ID: "c0000000-0000-4000-8000-000000000001", Name: "pipe",
				ConfigVars: map[string]map[string]string{"test": {"CI": "1"}}})
			for _, step := range tt.do {
				part := strings.SplitN(step, " ", 4)
				req, err := http.NewRequest(part[1], "https://api.heroku.com"+part[2], strings.NewReader(part[3]))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Accept", "application/vnd.heroku+json; version=3")
				req.Header.Set("Authorization", "Bearer "+part[0])
				resp, err := s.RoundTrip(req)
				if err != nil || resp.StatusCode >= 300 {
					t.Fatalf("%s: %v %v", step, resp.Status, err)
				}
			}
			client, err := platform.New(platform.Options{Token: "reader", Transport: s})
			if err != nil {
				t.Fatal(err)
			}
			report := detect(t, s, client, herokutf.DriftOptions{Unmanaged: true, Blame: true}, file)
			var got []string
			for _, o := range report.Objects {
				if o.Verdict == herokutf.InSync || o.Verdict == herokutf.Unmanaged && o.Label == "OTHER" {
					continue
				}
				var who []string
				for _, b := range o.Blame {
					name, _, _ := strings.Cut(b.User, "@")
					who = append(who, name+" v"+string(rune('0'+b.Version)))
				}
				name := o.Address
				if name == "" {
					name = o.Label
				}
				got = append(got, name+": "+strings.Join(who, ", "))
				if strings.HasPrefix(o.Address, "heroku_pipeline") && o.Reason != "its pipeline is gone: Heroku has no pipeline c0000000-0000-4000-8000-000000000001" {
					t.Errorf("%s: %s", o.Address, o.Reason)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDriftBlameCancelled: a run that is cancelled while it reads who made the changes has
// no report, and one that isn't allowed to read that has one that says so.
func TestDriftBlameCancelled(t *testing.T) {
	file := parseState(t, "people.tfstate", []byte(peopleState))
	for _, cancelled := range []bool{true, false} {
		s := herokutest.New(herokutest.Options{})
		s.AddApp(herokutest.App{ID: "a0000000-0000-4000-8000-000000000001", Name: "shop", ConfigVars: map[string]string{"LEVEL": "debug"}})
		client, err := platform.New(platform.Options{Token: "reader", Transport: s})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		read := false
		s.Inject(herokutest.Fault{Route: "GET /apps/{app}/releases", Status: http.StatusForbidden, Times: -1, Do: func(*herokutest.Server) {
			if read = true; cancelled {
				cancel()
			}
		}})
		report, err := herokutf.DetectDrift(ctx, client, file, herokutf.DriftOptions{Blame: true, Only: []string{"heroku_app"}})
		switch {
		case !read:
			t.Error("the releases aren't read")
		case cancelled && (!errors.Is(err, context.Canceled) || report != nil):
			t.Errorf("cancelled: got %v, %v", report, err)
		case !cancelled && (err != nil || !strings.Contains(strings.Join(report.Notes, " "), "who made the changes isn't reported")):
			t.Errorf("refused: got %v, %v", report, err)
		}
		cancel()
	}
}

// TestDriftUnblamed: where nobody is named, since the releases can't be read, one note of
// each app says so, whatever is compared; and a run that is cancelled there has no report.
func TestDriftUnblamed(t *testing.T) {
	file := parseState(t, "people.tfstate", []byte(peopleState))
	for _, tt := range []struct {
		name  string
		only  []string
		addon string            // what the state's add-on is on Heroku
		vars  map[string]string // of the app
		want  []string
	}{
		{"an unmanaged add-on", []string{"heroku_addon"}, "heroku-postgresql:essential-0", nil, []string{"who made the changes isn't reported"}},
		{"and a changed one", []string{"heroku_addon"}, "heroku-postgresql:standard-0", nil, []string{"who made the changes isn't reported"}},
		{"everything", nil, "heroku-postgresql:essential-0", map[string]string{"LEVEL": "info", "EXTRA": "1"}, []string{"the newest release can't be read"}},
	} {
		for _, cancelled := range []bool{false, true} {
			s := herokutest.New(herokutest.Options{})
			s.AddApp(herokutest.App{ID: "a0000000-0000-4000-8000-000000000001", Name: "shop", ConfigVars: tt.vars})
			s.AddAddon(herokutest.Addon{ID: "b0000000-0000-4000-8000-000000000001", Name: "shop-db", App: "shop", Plan: tt.addon})
			s.AddAddon(herokutest.Addon{Name: "cache", App: "shop", Plan: "heroku-redis:mini"})
			client, err := platform.New(platform.Options{Token: "reader", Transport: s})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			s.Inject(herokutest.Fault{Route: "GET /apps/{app}/releases", Status: http.StatusForbidden, Times: -1, Do: func(*herokutest.Server) {
				if cancelled {
					cancel()
				}
			}})
			report, err := herokutf.DetectDrift(ctx, client, file, herokutf.DriftOptions{Unmanaged: true, Blame: true, Only: tt.only})
			cancel()
			if cancelled {
				if !errors.Is(err, context.Canceled) || report != nil {
					t.Errorf("%s, cancelled: got %v, %v", tt.name, report, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
				continue
			}
			var got []string
			for _, note := range report.Notes {
				if text, ok := strings.CutPrefix(note, "shop: "); ok && strings.Contains(note, "/releases: 403") {
					text, _, _ = strings.Cut(text, ",")
					text, _, _ = strings.Cut(text, ":")
					got = append(got, text)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s: notes (-want +got):\n%s", tt.name, diff)
			}
			if !slices.ContainsFunc(report.Objects, func(o herokutf.DriftObject) bool { return o.Label == "cache" && o.Verdict == herokutf.Unmanaged }) {
				t.Errorf("%s: the unmanaged add-on isn't reported", tt.name)
			}
		}
	}
}
