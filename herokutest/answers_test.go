package herokutest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/herokutest"
)

var day = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func fixedClock() time.Time { return day }

const (
	slug1 = "11111111-1111-4111-8111-111111111111"
	slug2 = "22222222-2222-4222-8222-222222222222"
	image = "33333333-3333-4333-8333-333333333333"
)

// full returns a server that holds at least one of everything.
func full(t testing.TB) *herokutest.Server {
	t.Helper()
	s := herokutest.New(herokutest.Options{Clock: fixedClock})
	err := s.Seed(herokutest.Seed{
		Teams: []herokutest.Team{
			{Name: "acme", Features: []string{"org-access-controls", "of-the-team"}, Invitations: []herokutest.Invitation{{Email: "eve@example.com"}}, Members: []herokutest.Member{
				{Email: "ann@example.com", Role: "admin", Name: "Ann", TwoFactor: true},
				{Email: "bob@example.com", Role: herokutest.Null},
			}},
			{Name: "big", Type: "enterprise", Role: herokutest.Null, Members: []herokutest.Member{{Email: "ann@example.com"}}},
		},
		Spaces: []herokutest.Space{
			{Name: "acme-space", Team: "acme", Shield: true,
				Members:         []herokutest.SpaceMember{{Email: "ann@example.com"}},
				Rulesets:        []herokutest.Ruleset{{Rules: []herokutest.Rule{{Action: "allow", Source: "198.51.100.0/24"}}}, {}},
				VPNs:            []herokutest.VPN{{Name: "office", PublicIP: "198.51.100.7", RoutableCIDRs: []string{"172.16.0.0/16"}}},
				Peerings:        []herokutest.Peering{{ID: "pcx-123456789012"}},
				TelemetryDrains: []herokutest.TelemetryDrain{{Endpoint: "https://otlp.example.com", Signals: []string{"logs"}}},
			},
			{Name: "fir-space", Team: "big", Generation: herokutest.Fir,
				Members:         []herokutest.SpaceMember{{Email: "ann@example.com", Permissions: []string{}}},
				VPNs:            []herokutest.VPN{{Name: "home", PublicIP: "198.51.100.8"}},
				Peerings:        []herokutest.Peering{{}},
				TelemetryDrains: []herokutest.TelemetryDrain{{Endpoint: "https://otlp.example.com", Type: "otlp", Headers: map[string]string{"x": "y"}}},
			},
		},
		Apps: []herokutest.App{
			{Name: "plain"},
			{Name: "old-style", Hostname: "old-style.herokuapp.com", Releases: []herokutest.Release{}},
			{Name: "no-host", NoHostname: true},
			{Name: "image-app", Stack: "container", ReleasedAt: day},
			{Name: "rich", Team: "acme", Region: "eu", Locked: true, ACM: true, Maintenance: true,
				BuildpackProvidedDescription: "Go", RepoSize: 10, SlugSize: 20,
				ConfigVars: map[string]string{"A": "1", "EMPTY": ""},
				Buildpacks: []string{"heroku/go", "https://github.com/example/buildpack"},
				Features:   []string{"preboot", "of-my-own"},
				FeatureDetails: []herokutest.Feature{
					{Name: "preboot", ID: "55555555-5555-4555-8555-555555555555", Description: "as it was"},
					{Name: "seen-elsewhere", DisplayName: "Elsewhere", State: "general"}},
				SSLEndpoints: []herokutest.SSLEndpoint{{Name: "tokyo-1234"}, {CNAME: "x.herokussl.com", CertificateChain: "chain"}},
				Formation:    []herokutest.Process{{Type: "web", Quantity: 2}, {Type: "worker", Size: "Performance-M"}},
				SNIEndpoints: []herokutest.SNIEndpoint{
					{Name: "mine", DisplayName: "mine-too"}, {Pending: true}},
				Domains: []herokutest.Domain{
					{Hostname: "www.example.com", SNIEndpoint: "mine", ACMStatus: "failed", ACMStatusReason: "because"},
					{Hostname: "*.example.com", CNAME: herokutest.Null}},
				LogDrains:       []herokutest.LogDrain{{URL: "syslog+tls://user:secret@logs.example.com:1"}, {URL: "https://addon.example.com", Addon: "rich-db"}},
				TelemetryDrains: []herokutest.TelemetryDrain{{Endpoint: "https://otlp.example.com"}},
				Collaborators:   []herokutest.Collaborator{{Email: "ann@example.com", Role: "admin"}, {Email: "bob@example.com", Role: herokutest.Null, Permissions: []string{"view"}}},
				Webhooks:        []herokutest.Webhook{{ID: "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", URL: "https://hooks.example.com/1", Include: []string{"api:build", "api:release"}, Level: "sync"}},
				WebhookEvents:   []herokutest.WebhookEvent{{Include: "api:release", Action: "create", Webhooks: []string{"aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"}}},
				Dynos:           []herokutest.Dyno{{Command: "rake db:migrate", Attach: true}},
				Restarts:        map[string]time.Time{"web.1": day.Add(time.Hour)},
				Slugs:           []herokutest.Slug{{ID: slug1, Size: 20, CommitDescription: "fix", BuildpackProvidedDescription: "Go"}, {Commit: herokutest.Null, Checksum: herokutest.Null}},
				Builds:          []herokutest.Build{{Slug: slug1, Buildpacks: []string{"heroku/go"}, SourceVersion: "v1", SourceChecksum: "SHA256:1", VersionDescription: "one"}, {Status: herokutest.Failed}},
				Releases: []herokutest.Release{
					{Description: "Initial release", ConfigVars: map[string]string{}},
					{Slug: slug1, AddonPlans: []string{"heroku-postgresql:essential-0"}},
					{Slug: slug2, Status: herokutest.Failed, OutputStreamURL: "https://release-output.example.com/1"},
				},
			},
			{Name: "walled", Team: "acme", Space: "acme-space", InternalRouting: true, NotJoined: true, PlainHTTP: new(true),
				Formation: []herokutest.Process{{Type: "web", Quantity: 1}}, SNIEndpoints: []herokutest.SNIEndpoint{{CertificateChain: testChain}}},
			{Name: "fir-app", Team: "big", Space: "fir-space", Generation: herokutest.Fir,
				Releases: []herokutest.Release{{Image: image}}},
		},
		Addons: []herokutest.Addon{
			{Name: "rich-db", App: "rich", Plan: "heroku-postgresql:essential-0", PriceCents: 500, WebURL: "https://addon.example.com/sso",
				Attachments: []herokutest.Attachment{{Name: "DATABASE", LogInputURL: "https://token:t.1@logs.example.com"}, {Name: "SHARED", App: "plain", Namespace: "credential:x"}}},
			{App: "plain", Plan: "papertrail", State: "provisioning"},
		},
		Pipelines: []herokutest.Pipeline{
			{Name: "web", Team: "acme", ConfigVars: map[string]map[string]string{"test": {"CI": "1"}},
				Couplings:    []herokutest.Coupling{{App: "rich", Stage: herokutest.Production}, {App: "plain", Stage: herokutest.Review}},
				ReviewConfig: &herokutest.ReviewConfig{RepoID: 1, DeployTarget: "us", BaseName: "web"},
				TestRuns:     []herokutest.TestRun{{}, {Status: "failed", Message: "no"}},
				ReviewApps:   []herokutest.ReviewApp{{Branch: "fix", App: "plain", PRNumber: 3}, {Branch: "next"}}},
			{Name: "fir-pipe", Generation: herokutest.Fir, Owner: "ann@example.com",
				Couplings:    []herokutest.Coupling{{App: "fir-app", Stage: herokutest.Staging}},
				ReviewConfig: &herokutest.ReviewConfig{RepoID: 2}},
		},
		Promotions: []herokutest.Promotion{{Pipeline: "web", Source: "rich", Targets: []herokutest.PromotionTarget{
			{App: "plain"}, {App: "rich", Release: "44444444-4444-4444-8444-444444444444", Status: herokutest.Failed, ErrorMessage: "no"}}}},
		Accounts: []herokutest.Account{
			{Email: "user@example.com", Name: "Uma", Tokens: []string{"uma"},
				Authorizations: []herokutest.Authorization{{Description: "ci", Client: "88888888-8888-4888-8888-888888888888", ExpiresIn: 60}, {}},
				Clients:        []herokutest.OAuthClient{{ID: "88888888-8888-4888-8888-888888888888", Name: "ci", RedirectURI: "https://ci.example.com/auth"}},
				Sessions:       []herokutest.Session{{}},
				Keys:           []herokutest.Key{{PublicKey: "ssh-ed25519 AAAAC3Nz uma@laptop"}, {PublicKey: "ssh-rsa ="}}},
			{Email: "cleo@example.com", ID: "99999999-9999-4999-8999-999999999999", Tokens: []string{"cleo"}}},
		Transfers: []herokutest.AppTransfer{{App: "plain", Recipient: "cleo@example.com"},
			{App: "no-host", Owner: "ann@example.com", Recipient: "cleo@example.com", State: "accepted"}},
		AccountFeatures:       []string{"pipelines"},
		AccountFeatureDetails: []herokutest.Feature{{Name: "github-sync", Description: "d", State: "general"}},
		IDs: map[string]map[string]string{
			"user":  {"ann@example.com": "66666666-6666-4666-8666-666666666666"},
			"stack": {"heroku-24": "77777777-7777-4777-8777-777777777777"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// walk reads every GET route of the server with every value its {holes} can
// have, and returns the bodies by path. visited counts good answers by route.
func walk(t *testing.T, s *herokutest.Server) (bodies map[string]string, visited map[string]int) {
	t.Helper()
	bodies, visited = map[string]string{}, map[string]int{}
	// keysOf returns by what the elements of a list are read one by one.
	keysOf := func(path string) []string {
		resp, body := send(t, s, "GET", path, "")
		if resp.StatusCode == 403 || resp.StatusCode == 404 || resp.StatusCode == 422 || !strings.HasPrefix(body, "[") {
			return nil
		}
		var keys []string
		for _, o := range decode[[]object](t, body) {
			for _, k := range []string{"id", "pcx_id", "name", "hostname", "type", "email", "version", "token", "url"} {
				switch v := o[k].(type) {
				case string:
					keys = append(keys, v)
				case float64:
					keys = append(keys, fmt.Sprint(v))
				}
			}
			if slug, ok := o["slug"].(object); ok {
				keys = append(keys, slug["id"].(string))
			}
			if list, ok := o["artifacts"].([]any); ok {
				for _, a := range list {
					keys = append(keys, a.(object)["id"].(string))
				}
			}
			if user, ok := o["user"].(object); ok {
				keys = append(keys, user["email"].(string))
			}
		}
		return keys
	}
	snap := s.Snapshot()
	for _, route := range herokutest.Routes() {
		pattern, ok := strings.CutPrefix(route, "GET ")
		if !ok {
			continue
		}
		paths := []string{""}
		for step := range strings.SplitSeq(pattern[1:], "/") {
			var next []string
			for _, path := range paths {
				var values []string
				switch {
				case !strings.HasPrefix(step, "{"):
					next = append(next, path+"/"+step)
					continue
				case step == "{promotion}":
					for _, p := range snap.Promotions {
						values = append(values, p.ID)
					}
				case step == "{user}":
					values = []string{"~", "user@example.com"}
				case step == "{service}":
					values = keysOf("/addon-services")
				case step == "{run}":
					for _, p := range snap.Pipelines {
						for _, r := range p.TestRuns {
							values = append(values, r.ID)
						}
					}
				case step == "{token}":
					values = keysOf("/teams/acme/invitations")
				case path == "/plans" || strings.HasSuffix(path, "/plans"):
					values = []string{"heroku-postgresql:essential-0", "heroku-redis:mini", "mini", "no:plan"}
				case step == "{stage}":
					values = []string{"test", "review"}
				case step == "{slug}" || strings.HasSuffix(path, "/oci-images"):
					app, _, _ := strings.Cut(strings.TrimPrefix(path, "/apps/"), "/")
					values = keysOf("/apps/" + app + "/releases")
				case path == "/teams/apps":
					values = keysOf("/apps")
				case path == "/telemetry-drains":
					values = append(keysOf("/apps/rich/telemetry-drains"), keysOf("/spaces/fir-space/telemetry-drains")...)
				default:
					values = keysOf(path)
				}
				for _, v := range values {
					next = append(next, path+"/"+url.PathEscape(v))
				}
			}
			paths = next
		}
		for _, path := range paths {
			resp, body := send(t, s, "GET", path, "")
			bodies[path] = resp.Status + " " + body
			switch {
			case resp.StatusCode == 404 || resp.StatusCode == 422: // a key of another kind of thing
			case resp.StatusCode/100 != 2:
				t.Errorf("GET %s: %s %s", path, resp.Status, body)
			case body != "[]" && body != "{}":
				visited[route]++
			}
		}
	}
	return bodies, visited
}

// TestAnswersFollowTheSchema reads everything that a full server has; send
// holds each answer against the API's schema.
func TestAnswersFollowTheSchema(t *testing.T) {
	if why := loadSchema().skipped; why != "" {
		t.Skip(why)
	}
	bodies, visited := walk(t, full(t))
	for _, route := range herokutest.Routes() {
		if strings.HasPrefix(route, "GET ") && visited[route] == 0 {
			t.Errorf("%s: never answered with something to check", route)
		}
	}
	t.Logf("%d paths of %d routes", len(bodies), len(visited))
}

// TestSchemaIsStrict makes sure that the check above would see a mistake.
func TestSchemaIsStrict(t *testing.T) {
	v := loadSchema()
	if v.skipped != "" {
		t.Skip(v.skipped)
	}
	_, body := send(t, full(t), "GET", "/apps/rich", "")
	for _, tt := range []struct {
		name string
		edit func(object)
	}{
		{"missing", func(o object) { delete(o, "git_url") }},
		{"misspelt", func(o object) { o["giturl"] = o["git_url"] }},
		{"wrong kind", func(o object) { o["maintenance"] = "no" }},
		{"no UUID", func(o object) { o["id"] = "x" }},
		{"no date", func(o object) { o["created_at"] = "yesterday" }},
		{"null", func(o object) { o["name"] = nil }},
		{"missing below", func(o object) { delete(o["region"].(object), "id") }},
		{"unknown below", func(o object) { o["team"].(object)["x"] = 1 }},
		{"newer field of another shape", func(o object) { o["generation"] = "cedar" }},
	} {
		o := decode[object](t, body)
		if err := v.byRoute["GET /apps/{}"].Validate(o); err != nil {
			t.Fatalf("the answer itself: %v", err)
		}
		tt.edit(o)
		if v.byRoute["GET /apps/{}"].Validate(o) == nil {
			t.Errorf("%s: the check doesn't see it", tt.name)
		}
	}
}

// TestSnapshot: a server that is given the snapshot of another, through JSON,
// answers every read in the same way.
func TestSnapshot(t *testing.T) {
	s := full(t)
	s.Rename("plain", "not-so-plain")
	s.Deploy("rich", "")
	s.Rollback("rich", 2)
	s.Expire("rich", 4)
	s.SetConfigVars("rich", map[string]string{"B": "2"})
	s.DenyAsError("image-app")
	s.Deny("stranger")
	data, err := json.MarshalIndent(s.Snapshot(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	copied := herokutest.New(herokutest.Options{Clock: fixedClock})
	if err := copied.Load(bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	want, _ := walk(t, s)
	got, _ := walk(t, copied)
	delete(want, "/account/rate-limits")
	delete(got, "/account/rate-limits")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the copy answers otherwise (-want +got):\n%s", diff)
	}
	again, err := json.MarshalIndent(copied.Snapshot(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(data), string(again)); diff != "" {
		t.Errorf("the snapshot of the copy (-want +got):\n%s", diff)
	}
}

func TestLoadErrors(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"unknown member", "{\"apps\": [\n{\"name\": \"one\", \"colour\": 1}]}", `unknown field "colour"`},
		{"no JSON", "{\n\n]", "line 3: "},
		{"wrong kind", "{\n\"apps\": 1}", "line 2: "},
		{"more", `{} {}`, "more after"},
		{"bad name", `{"apps": [{"name": "Bad_Name"}]}`, `app "Bad_Name"`},
		{"twice", `{"apps": [{"name": "one"}, {"name": "one"}]}`, "already taken"},
		{"no team", `{"apps": [{"name": "one", "team": "none"}]}`, `no team "none"`},
		{"no app", `{"apps": [{"name": "one"}], "pipelines": [{"name": "p", "couplings": [{"app": "two", "stage": "staging"}]}]}`, `no app "two"`},
		{"stage", `{"apps": [{"name": "one"}], "pipelines": [{"name": "p", "couplings": [{"app": "one", "stage": "live"}]}]}`, `"live"`},
		{"generations", `{"apps": [{"name": "one"}], "pipelines": [{"name": "p", "generation": "fir", "couplings": [{"app": "one", "stage": "staging"}]}]}`, "generation"},
		{"two pipelines", `{"apps": [{"name": "one"}], "pipelines": [
			{"name": "p", "couplings": [{"app": "one", "stage": "staging"}]},
			{"name": "q", "couplings": [{"app": "one", "stage": "staging"}]}]}`, "in a pipeline already"},
		{"two current", `{"apps": [{"name": "one", "releases": [{"current": true}, {"current": true}]}]}`, "2 releases are current"},
		{"failed and current", `{"apps": [{"name": "one", "releases": [{"status": "failed", "current": true}]}]}`, "can't be current"},
		{"drain of nothing", `{"apps": [{"name": "one", "log_drains": [{"url": "https://x", "addon": "none"}]}]}`, `no add-on "none"`},
		{"no UUID", `{"apps": [{"name": "one", "id": "1"}]}`, "no UUID"},
		{"kind of ids", `{"ids": {"stacks": {"heroku-24": "1"}}}`, `ids of "stacks"`},
		{"nameless feature", `{"apps": [{"name": "one", "feature_details": [{"state": "beta"}]}]}`, "a feature without name"},
		{"nameless account feature", `{"account_feature_details": [{}]}`, "a feature without name"},
		{"two owners", `{"teams": [{"name": "t"}], "pipelines": [{"name": "p", "team": "t", "owner": "ann@example.com"}]}`, "is owned by a team and a user"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := full(t)
			before := s.Snapshot()
			err := s.Load(strings.NewReader(tt.in))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
			if diff := cmp.Diff(before, s.Snapshot()); diff != "" {
				t.Errorf("the server changed (-before +after):\n%s", diff)
			}
		})
	}
}

// TestSeededDetails: what a seed says of what Heroku gives out itself.
func TestSeededDetails(t *testing.T) {
	s := full(t)
	for _, tt := range []struct{ path, member, want string }{
		{"/apps/rich/features/preboot", "id", "55555555-5555-4555-8555-555555555555"},
		{"/apps/rich/features/preboot", "description", "as it was"},
		{"/apps/rich/features/preboot", "display_name", "Preboot"},
		{"/apps/rich/features/seen-elsewhere", "enabled", "false"},
		{"/apps/rich/features/seen-elsewhere", "state", "general"},
		{"/account/features/github-sync", "description", "d"},
		{"/stacks/heroku-24", "id", "77777777-7777-4777-8777-777777777777"},
		{"/pipelines/fir-pipe", "owner", "map[id:66666666-6666-4666-8666-666666666666 type:user]"},
		{"/apps/rich/domains/*.example.com", "cname", "<nil>"},
		{"/apps/rich/ssl-endpoints/tokyo-1234", "cname", "tokyo-1234.herokussl.com"},
	} {
		resp, body := send(t, s, "GET", tt.path, "")
		if resp.StatusCode != 200 {
			t.Errorf("GET %s: %s", tt.path, resp.Status)
			continue
		}
		if got := fmt.Sprint(decode[object](t, body)[tt.member]); got != tt.want {
			t.Errorf("%s: %s is %s, want %s", tt.path, tt.member, got, tt.want)
		}
	}
	// The SSL Endpoint API is gone, but for apps that were given some.
	if resp, body := send(t, s, "GET", "/apps/plain/ssl-endpoints", ""); resp.StatusCode != 404 {
		t.Errorf("got %s %s, want a 404", resp.Status, body)
	}
}

// TestSameCallsSameIDs: what a server makes up depends on its seed and the
// calls alone.
func TestSameCallsSameIDs(t *testing.T) {
	make := func(seed uint64) herokutest.Seed {
		s := herokutest.New(herokutest.Options{Seed: seed, Clock: fixedClock})
		s.AddApp(herokutest.App{Name: "one"})
		s.Deploy("one", "")
		s.Rename("one", "two")
		s.AddAddon(herokutest.Addon{App: "two", Plan: "heroku-redis:mini"})
		s.AddPipeline(herokutest.Pipeline{Name: "p", Couplings: []herokutest.Coupling{{App: "two", Stage: herokutest.Test}}})
		return s.Snapshot()
	}
	if diff := cmp.Diff(make(1), make(1)); diff != "" {
		t.Errorf("two runs with one seed (-first +second):\n%s", diff)
	}
	if a, b := make(1).Apps[0].ID, make(2).Apps[0].ID; a == b {
		t.Errorf("seeds 1 and 2 both give %s", a)
	}
	ids := map[string]bool{}
	s := herokutest.New(herokutest.Options{})
	for range 100 {
		id := s.AddApp(herokutest.App{Name: "again"}).ID
		if ids[id] {
			t.Fatalf("%s came twice", id)
		}
		ids[id] = true
		s.DeleteApp("again")
	}
	if len(s.Snapshot().Apps) > 0 {
		t.Error("a deleted app is still there")
	}
}
