package herokutest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/herokutest"
)

// writeStep is a write and what is read afterwards.
type writeStep struct {
	method, path, body string
	status             int
	save               string // under which name the answer's id is kept for later steps
	check              string // path to read afterwards
	want               string // text in the answer to it; with ! in front, no such text
}

// TestWrites makes every write once and reads back what it did. Answers are
// held against the API's schema by send.
func TestWrites(t *testing.T) {
	s := herokutest.New(herokutest.Options{})
	s.AddAccount(herokutest.Account{Email: "user@example.com", Sessions: []herokutest.Session{{ID: "99999999-9999-4999-8999-999999999991"}}})
	s.AddTeam(herokutest.Team{Name: "acme"})
	s.AddApp(herokutest.App{Name: "fir-app", Generation: herokutest.Fir})
	s.AddSpace(herokutest.Space{Name: "fir-space", Team: "acme", Generation: herokutest.Fir,
		Peerings: []herokutest.Peering{{ID: "pcx-1", Status: "pending-acceptance"}}})
	vars := map[string]string{}
	expand := func(text string) string {
		for k, v := range vars {
			text = strings.ReplaceAll(text, "$"+k, v)
		}
		return text
	}
	steps := []writeStep{
		{"POST", "/apps", `{"name":"one","region":"eu","stack":"heroku-22"}`, 201, "one", "/apps/one", `"heroku-22"`},
		{"POST", "/apps", `{}`, 201, "", "/apps", `"name":"app-`},
		{"POST", "/apps", `{"name":"one"}`, 422, "", "/apps/one", `"one"`},
		{"POST", "/apps", `{"name":`, 400, "", "/apps/one", `"one"`},
		{"POST", "/spaces", `{"name":"walls","team":"acme","region":"tokyo","cidr":"10.9.0.0/16"}`, 201, "space", "/spaces/walls", `"10.9.0.0/16"`},
		{"POST", "/teams/apps", `{"name":"two","team":"acme","space":"walls","locked":true}`, 201, "two", "/teams/apps/two", `"locked":true`},
		{"PATCH", "/teams/apps/two", `{"locked":false}`, 200, "", "/teams/apps/two", `"locked":false`},
		{"PATCH", "/teams/apps/two", `{"owner":"ann@example.com"}`, 200, "", "/apps/two/collaborators", `"ann@example.com"`},
		{"PATCH", "/teams/apps/two", `{"owner":"acme"}`, 200, "", "/apps/two", `"acme@herokumanager.com"`},
		{"DELETE", "/teams/apps/two/collaborators/ann@example.com", ``, 200, "", "/apps/two/collaborators", `!ann@example.com`},
		{"PATCH", "/apps/$one", `{"maintenance":true,"build_stack":"heroku-24"}`, 200, "", "/apps/one", `"maintenance":true`},
		{"PATCH", "/apps/one", `{"name":"uno"}`, 200, "", "/apps/$one", `"name":"uno"`},
		{"POST", "/apps/uno/acm", ``, 200, "", "/apps/uno", `"acm":true`},
		{"PATCH", "/apps/uno/acm", `{"acm_refresh":true}`, 200, "", "/apps/uno", `"acm":true`},
		{"DELETE", "/apps/uno/acm", ``, 200, "", "/apps/uno", `"acm":false`},
		{"PATCH", "/apps/uno/acm", `{"acm_refresh":true}`, 422, "", "/apps/uno", `"acm":false`},
		{"POST", "/filters/apps", `{"in":{"id":["$one","00000000-0000-4000-8000-000000000000"]}}`, 200, "", "/apps/uno", `"uno"`},

		{"PATCH", "/apps/uno/config-vars", `{"A":"1","B":"2"}`, 200, "", "/apps/uno/config-vars", `{"A":"1","B":"2"}`},
		{"PATCH", "/apps/uno/config-vars", `{"B":null}`, 200, "", "/apps/uno/config-vars", `{"A":"1"}`},
		{"POST", "/apps/uno/slugs", `{"process_types":{"web":"./web","clock":"./clock"},"commit":"abc"}`, 201, "slug", "/apps/uno/slugs/$slug", `"./clock"`},
		{"POST", "/apps/uno/slugs", `{"process_types":{"web":"./web"}}`, 201, "bare", "/apps/uno/slugs/$bare", `"commit":null`},
		{"POST", "/apps/uno/slugs", `{}`, 422, "", "/apps/uno/slugs/$slug", `"abc"`},
		{"POST", "/apps/uno/releases", `{"slug":"$slug","description":"Ship"}`, 201, "release", "/apps/uno/releases/$release", `"current":true`},
		{"PATCH", "/apps/uno/formation/web", `{"quantity":3,"size":"standard-2x"}`, 200, "", "/apps/uno/formation/web", `"quantity":3`},
		{"PATCH", "/apps/uno/formation/web", `{}`, 200, "", "/apps/uno/formation/web", `"Standard-2X"`},
		{"PATCH", "/apps/uno/formation", `{"updates":[{"type":"clock","quantity":1},{"type":"web","size":"Performance-M"}]}`, 200, "", "/apps/uno/formation", `"Performance-M"`},
		{"PATCH", "/apps/uno/formation", `{"updates":[{"type":"none","quantity":1}]}`, 404, "", "/apps/uno/formation", `!"none"`},
		{"POST", "/apps/uno/builds", `{"source_blob":{"url":"https://example.com/1.tgz","version":"v1"},"buildpacks":[{"url":"https://example.com/pack"}]}`, 201, "build", "/apps/uno/builds/$build", `"v1"`},
		{"PUT", "/apps/uno/buildpack-installations", `{"updates":[{"buildpack":"heroku/go"},{"buildpack":"urn:buildpack:heroku/ruby"}]}`, 200, "", "/apps/uno/buildpack-installations", `"name":"heroku/ruby"`},
		{"PATCH", "/apps/uno/features/preboot", `{"enabled":true}`, 200, "", "/apps/uno/features/preboot", `"enabled":true`},
		{"PATCH", "/account/features/pipelines", `{"enabled":true}`, 200, "", "/account/features/pipelines", `"enabled":true`},

		{"POST", "/apps/uno/sni-endpoints", `{"certificate_chain":"chain","private_key":"key"}`, 201, "cert", "/apps/uno/sni-endpoints/$cert", `"chain"`},
		{"PATCH", "/apps/uno/sni-endpoints/$cert", `{"certificate_chain":"other","private_key":"key"}`, 200, "", "/apps/uno/sni-endpoints", `"other"`},
		{"POST", "/apps/uno/domains", `{"hostname":"www.example.com","sni_endpoint":"$cert"}`, 201, "domain", "/apps/uno/domains/www.example.com", `$cert`},
		{"PATCH", "/apps/uno/domains/$domain", `{"sni_endpoint":null}`, 200, "", "/apps/uno/domains/$domain", `"sni_endpoint":null`},
		{"DELETE", "/apps/uno/sni-endpoints/$cert", ``, 200, "", "/apps/uno/sni-endpoints", `[]`},
		{"DELETE", "/apps/uno/domains/$domain", ``, 200, "", "/apps/uno/domains", `!www.example.com`},
		{"POST", "/apps/uno/log-drains", `{"url":"https://logs.example.com/x"}`, 201, "drain", "/apps/uno/log-drains/https:%2F%2Flogs.example.com%2Fx", `$drain`},
		{"DELETE", "/apps/uno/log-drains/$drain", ``, 200, "", "/apps/uno/log-drains", `[]`},
		{"POST", "/apps/uno/webhooks", `{"url":"https://hooks.example.com","include":["api:build"],"level":"sync","secret":"s"}`, 201, "hook", "/apps/uno/webhooks/$hook", `!"secret"`},
		{"PATCH", "/apps/uno/webhooks/$hook", `{"level":"notify"}`, 200, "", "/apps/uno/webhooks/$hook", `"notify"`},
		{"DELETE", "/apps/uno/webhooks/$hook", ``, 200, "", "/apps/uno/webhooks", `[]`},
		{"POST", "/apps/uno/collaborators", `{"user":"ann@example.com"}`, 201, "", "/apps/uno/collaborators/ann@example.com", `"ann@example.com"`},
		{"POST", "/apps/uno/collaborators", `{"user":"ann@example.com"}`, 422, "", "/apps/uno/collaborators", `"ann@example.com"`},
		{"DELETE", "/apps/uno/collaborators/ann@example.com", ``, 200, "", "/apps/uno/collaborators", `!ann@example.com`},
		{"DELETE", "/apps/uno/collaborators/user@example.com", ``, 422, "", "/apps/uno/collaborators", `user@example.com`},
		{"POST", "/teams/apps/two/collaborators", `{"user":"ann@example.com","permissions":["view"]}`, 201, "", "/teams/apps/two/collaborators/ann@example.com", `"view"`},
		{"PATCH", "/teams/apps/two/collaborators/ann@example.com", `{"permissions":["deploy"]}`, 200, "", "/teams/apps/two/collaborators/ann@example.com", `"deploy"`},
		{"DELETE", "/teams/apps/two/collaborators/ann@example.com", ``, 200, "", "/apps/two/collaborators", `!ann@example.com`},

		{"POST", "/apps/uno/addons", `{"plan":"heroku-postgresql:essential-0"}`, 201, "db", "/apps/uno/config-vars", `"DATABASE_URL"`},
		{"POST", "/apps/uno/addons", `{"plan":"heroku-redis:mini","name":"cache","attachment":{"name":"CACHE"}}`, 201, "cache", "/apps/uno/addons/cache", `"CACHE_URL"`},
		{"PATCH", "/apps/uno/addons/$db", `{"plan":"heroku-postgresql:standard-0"}`, 200, "", "/addons/$db", `"heroku-postgresql:standard-0"`},
		{"POST", "/actions/addons/resolve", `{"addon":"DATABASE","app":"uno"}`, 200, "", "/apps/uno/addons/$db", `"DATABASE_URL"`},
		{"POST", "/actions/addons/resolve", `{"addon":"cache"}`, 200, "", "/addons/cache", `"CACHE_URL"`},
		{"POST", "/actions/addons/resolve", `{"addon":"none"}`, 404, "", "/addons", `"cache"`},
		{"POST", "/addon-attachments", `{"addon":"$db","app":"two","name":"SHARED"}`, 201, "attachment", "/apps/two/addon-attachments/SHARED", `"uno"`},
		{"DELETE", "/addon-attachments/$attachment", ``, 200, "", "/apps/two/config-vars", `!SHARED_URL`},
		{"DELETE", "/apps/uno/addons/$db", ``, 200, "", "/apps/uno/config-vars", `!DATABASE_URL`},

		{"POST", "/pipelines", `{"name":"pipe","owner":{"id":"acme","type":"team"}}`, 201, "pipe", "/pipelines/$pipe", `"type":"team"`},
		{"PATCH", "/pipelines/$pipe", `{"name":"pipeline"}`, 200, "", "/pipelines/$pipe", `"pipeline"`},
		{"POST", "/pipeline-couplings", `{"app":"$one","pipeline":"$pipe","stage":"staging"}`, 201, "coupling", "/apps/uno/pipeline-couplings", `"staging"`},
		{"POST", "/pipeline-couplings", `{"app":"$one","pipeline":"$pipe","stage":"staging"}`, 422, "", "/pipelines/pipeline", `$pipe`},
		{"PATCH", "/pipeline-couplings/$coupling", `{"stage":"development"}`, 200, "", "/pipeline-couplings/$coupling", `"development"`},
		{"POST", "/pipeline-couplings", `{"app":"$two","pipeline":"$pipe","stage":"production"}`, 201, "", "/pipelines/$pipe/pipeline-couplings", `"production"`},
		{"POST", "/pipeline-promotions", `{"pipeline":{"id":"$pipe"},"source":{"app":{"id":"$one"}},"targets":[{"app":{"id":"$two"}}]}`, 201, "promotion", "/pipeline-promotions/$promotion/promotion-targets", `"succeeded"`},
		{"PATCH", "/pipelines/$pipe/stage/test/config-vars", `{"CI":"1"}`, 200, "", "/pipelines/$pipe/stage/test/config-vars", `{"CI":"1"}`},
		{"POST", "/pipelines/$pipe/review-app-config", `{"repo":"example/web","base_name":"web","deploy_target":{"id":"us","type":"region"}}`, 201, "", "/pipelines/$pipe/review-app-config", `"web"`},
		{"PATCH", "/pipelines/$pipe/review-app-config", `{"wait_for_ci":true,"stale_days":3}`, 200, "", "/pipelines/$pipe/review-app-config", `"stale_days":3`},
		{"DELETE", "/pipelines/$pipe/review-app-config", ``, 200, "", "/pipelines", `"pipeline"`},
		{"DELETE", "/pipeline-couplings/$coupling", ``, 200, "", "/pipelines/$pipe/pipeline-couplings", `!$coupling`},
		{"DELETE", "/pipelines/$pipe", ``, 200, "", "/pipelines", `[]`},

		{"PUT", "/teams/acme/members", `{"email":"ann@example.com","role":"admin"}`, 201, "", "/teams/acme/members", `"admin"`},
		{"PATCH", "/teams/acme/members", `{"email":"ann@example.com","role":"viewer"}`, 200, "", "/teams", `"acme"`},
		{"POST", "/teams/acme/members", `{"email":"ann@example.com","role":"member"}`, 200, "", "/teams/acme/members", `"member"`},
		{"DELETE", "/teams/acme/members/ann@example.com", ``, 200, "", "/teams/acme/members", `[]`},
		{"PATCH", "/teams/acme", `{"name":"acme2"}`, 200, "", "/apps/two", `"acme2@herokumanager.com"`},
		{"PATCH", "/spaces/walls/members/ann@example.com", `{"permissions":[{"name":"create_apps"}]}`, 200, "", "/spaces/walls/members/ann@example.com", `"create_apps"`},
		{"PUT", "/spaces/walls/inbound-ruleset", `{"rules":[{"action":"deny","source":"198.51.100.0/24"}]}`, 200, "", "/spaces/walls/inbound-ruleset", `"deny"`},
		{"POST", "/spaces/walls/vpn-connections", `{"name":"office","public_ip":"198.51.100.7","routable_cidrs":["172.16.0.0/16"]}`, 201, "", "/spaces/walls/vpn-connections/office", `"172.16.0.0/16"`},
		{"DELETE", "/spaces/walls/vpn-connections/office", ``, 200, "", "/spaces/walls/vpn-connections", `[]`},
		{"POST", "/spaces/fir-space/peerings/pcx-1/actions/accept", ``, 200, "", "/spaces/fir-space/peerings/pcx-1", `"status":"active"`},
		{"POST", "/spaces/fir-space/peerings/pcx-2/actions/accept", ``, 404, "", "/spaces/fir-space/peerings", `"pcx-1"`},
		{"DELETE", "/spaces/fir-space/peerings/pcx-1", ``, 200, "", "/spaces/fir-space/peerings", `[]`},
		{"POST", "/telemetry-drains", `{"owner":{"id":"fir-app","type":"app"},"signals":["logs"],"exporter":{"type":"otlp","endpoint":"https://otlp.example.com","headers":{"X-Key":"k"}}}`, 201, "telemetry", "/apps/fir-app/telemetry-drains", `"X-Key"`},
		{"PATCH", "/telemetry-drains/$telemetry", `{"signals":["traces"]}`, 200, "", "/telemetry-drains/$telemetry", `"traces"`},
		{"PATCH", "/telemetry-drains/$telemetry", `{"signals":["smoke"]}`, 422, "", "/telemetry-drains/$telemetry", `!"smoke"`},
		{"DELETE", "/telemetry-drains/$telemetry", ``, 200, "", "/apps/fir-app/telemetry-drains", `[]`},
		{"POST", "/telemetry-drains", `{"owner":{"id":"fir-space","type":"space"},"signals":["logs"],"exporter":{"type":"otlp","endpoint":"https://otlp.example.com"}}`, 201, "telemetry", "/spaces/fir-space/telemetry-drains", `$telemetry`},
		{"POST", "/telemetry-drains", `{"owner":{"id":"uno","type":"app"},"signals":["logs"],"exporter":{"type":"otlp","endpoint":"https://otlp.example.com"}}`, 422, "", "/apps/uno/telemetry-drains", `[]`},
		{"POST", "/telemetry-drains", `{"owner":{"id":"none","type":"space"},"signals":["logs"],"exporter":{"type":"otlp","endpoint":"https://otlp.example.com"}}`, 404, "", "/apps/uno", `"uno"`},
		{"POST", "/telemetry-drains", `{"owner":{"id":"fir-app","type":"app"}}`, 422, "", "/apps/fir-app/telemetry-drains", `[]`},
	}
	steps = append(steps, moreWrites...)
	steps = append(steps, []writeStep{
		{"PATCH", "/spaces/walls", `{"name":"fences"}`, 200, "", "/spaces/$space", `"fences"`},
		{"DELETE", "/spaces/fences", ``, 422, "", "/spaces/fences", `$space`},
		{"DELETE", "/apps/two", ``, 200, "", "/apps", `!"two"`},
		{"DELETE", "/spaces/fences", ``, 200, "", "/spaces", `!"fences"`},
		{"DELETE", "/apps/uno", ``, 200, "", "/addons", `[]`},
	}...)
	for _, step := range steps {
		path := expand(step.path)
		resp, body := send(t, s, step.method, path, expand(step.body))
		if resp.StatusCode != step.status {
			t.Fatalf("%s %s %s: got %s %s, want %d", step.method, path, expand(step.body), resp.Status, body, step.status)
		}
		if step.save != "" {
			vars[step.save] = decode[object](t, body)["id"].(string)
		}
		_, got := send(t, s, "GET", expand(step.check), "")
		want, not := strings.CutPrefix(expand(step.want), "!")
		if strings.Contains(got, want) == not {
			t.Fatalf("after %s %s %s:\nGET %s: got %s, want it with %s", step.method, path, expand(step.body), step.check, got, expand(step.want))
		}
	}
	counts := s.Requests()
	for _, route := range herokutest.Routes() {
		if !strings.HasPrefix(route, http.MethodGet+" ") && counts[route] == 0 {
			t.Errorf("%s: not tried", route)
		}
	}
}

// TestMistakesPanic: what a test can only get wrong by mistake stops it.
func TestMistakesPanic(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(*herokutest.Server)
		want string
	}{
		"taken name":       {func(s *herokutest.Server) { s.AddApp(herokutest.App{Name: "one"}) }, "already taken"},
		"stranger's name":  {func(s *herokutest.Server) { s.Deny("two"); s.Rename("one", "two") }, "already taken"},
		"unknown app":      {func(s *herokutest.Server) { s.Deploy("none", "") }, `no app "none"`},
		"no slug":          {func(s *herokutest.Server) { s.Deploy("one", "x") }, "no UUID"},
		"unknown route":    {func(s *herokutest.Server) { s.Inject(herokutest.Fault{Route: "GET /apps/{id}"}) }, "no route"},
		"route, no method": {func(s *herokutest.Server) { s.Inject(herokutest.Fault{Route: "/apps"}) }, "no method"},
		"nothing pending":  {func(s *herokutest.Server) { s.FinishRelease("one", herokutest.Failed) }, "no pending release"},
		"two pipelines": {func(s *herokutest.Server) {
			s.AddPipeline(herokutest.Pipeline{Name: "p"})
			s.AddPipeline(herokutest.Pipeline{Name: "p"})
			s.Couple("p", "one", herokutest.Test)
		}, "several pipelines"},
		"started twice": {func(s *herokutest.Server) { s.Start(); defer s.Close(); s.Start() }, "listens already"},
		"bad update":    {func(s *herokutest.Server) { s.UpdateApp("one", func(a *herokutest.App) { a.Region = "moon" }) }, `"moon"`},
	} {
		t.Run(name, func(t *testing.T) {
			s := herokutest.New(herokutest.Options{})
			s.AddApp(herokutest.App{Name: "one"})
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "herokutest: ") || !strings.Contains(got, tt.want) {
					t.Errorf("got %s, want a panic with %q", got, tt.want)
				}
				// The lock is free and the app still there.
				if _, ok := s.App("one"); !ok {
					t.Error("the app is gone")
				}
			}()
			tt.do(s)
		})
	}
}

// TestMethods exercises the methods that add and change one thing.
func TestMethods(t *testing.T) {
	s := herokutest.New(herokutest.Options{})
	s.AddTeam(herokutest.Team{Name: "acme"})
	s.AddMember("acme", herokutest.Member{Email: "ann@example.com"})
	s.AddSpace(herokutest.Space{Name: "walls", Team: "acme"})
	s.AddApp(herokutest.App{Name: "one"})
	s.AddApp(herokutest.App{Name: "fir-app", Generation: herokutest.Fir})
	p := s.AddPipeline(herokutest.Pipeline{Name: "p"})
	s.Couple("p", "one", herokutest.Staging)
	s.AddSNIEndpoint("one", herokutest.SNIEndpoint{Name: "cert"})
	s.AddDomain("one", herokutest.Domain{Hostname: "www.example.com", SNIEndpoint: "cert"})
	x := s.AddAddon(herokutest.Addon{App: "one", Plan: "heroku-postgresql"})
	s.Attach(x.Name, herokutest.Attachment{Name: "COPY", App: "fir-app"})
	s.AddLogDrain("one", herokutest.LogDrain{URL: "https://logs.example.com", Addon: x.Name})
	s.AddTelemetryDrain("one", herokutest.TelemetryDrain{Endpoint: "https://otlp.example.com"})
	s.AddTelemetryDrain("walls", herokutest.TelemetryDrain{Endpoint: "https://otlp.example.com"})
	s.AddCollaborator("one", herokutest.Collaborator{Email: "ann@example.com"})
	s.AddWebhook("one", herokutest.Webhook{URL: "https://hooks.example.com"})
	g := s.AddSlug("one", herokutest.Slug{ProcessTypes: map[string]string{"clock": "./clock"}})
	i := s.AddImage("fir-app", herokutest.OCIImage{})
	s.AddBuild("one", herokutest.Build{Slug: g.ID})
	s.Deploy("one", g.ID)
	s.Deploy("fir-app", i.ID)
	s.Scale("one", "clock", 2, "Standard-2X")
	s.SetFeature("one", "preboot", true)
	s.SetBuildpacks("one", "heroku/go")
	s.AddPromotion(herokutest.Promotion{Pipeline: "p", Source: "one"})
	s.UpdateApp("one", func(a *herokutest.App) { a.Team, a.Region = "acme", "eu" })
	for path, want := range map[string]string{
		"/teams/acme/members":                   "ann@example.com",
		"/teams/acme/apps":                      `"one"`,
		"/pipelines/" + p.ID + "/latest-builds": g.ID,
		"/apps/one/formation/clock":             `"quantity":2`,
		"/apps/one/domains/www.example.com":     `"cert"`,
		"/apps/one/config-vars":                 `@` + x.Name,
		"/apps/fir-app/config-vars":             `@` + x.Name,
		"/addons/" + x.Name + "/log-drains":     "https://logs.example.com",
		"/addons/" + x.ID + "/config":           "DATABASE_URL",
		"/apps/one/telemetry-drains":            `"app"`,
		"/spaces/walls/telemetry-drains":        `"space"`,
		"/apps/one/collaborators":               "ann@example.com",
		"/apps/one/webhooks":                    "hooks.example.com",
		"/apps/one/features/preboot":            `"enabled":true`,
		"/apps/one/buildpack-installations":     "heroku/go",
		"/apps/fir-app/oci-images/" + i.ID:      i.Digest,
		"/apps/one":                             `"region":{"id":"`,
	} {
		if _, got := send(t, s, "GET", path, ""); !strings.Contains(got, want) {
			t.Errorf("GET %s: got %s, want %s in it", path, got, want)
		}
	}
	if got, ok := s.Addon(x.ID); !ok || got.Name != x.Name {
		t.Errorf("Addon: got %v %v", got, ok)
	}
	s.DeleteAddon(x.Name)
	if a, _ := s.App("fir-app"); len(a.ConfigVars) != 0 {
		t.Errorf("config vars after the add-on is gone: %v", a.ConfigVars)
	}
	s.Uncouple("one")
	if p, _ := s.Pipeline("p"); len(p.Couplings) != 0 {
		t.Errorf("couplings: %v, want none", p.Couplings)
	}
	s.DeletePipeline("p")
	if _, ok := s.Pipeline("p"); ok {
		t.Error("the pipeline is still there")
	}
	s.UpdateApp("one", func(a *herokutest.App) { a.Suspended = true })
	if resp, body := send(t, s, "GET", "/apps/one/releases", ""); resp.StatusCode != 403 || decode[object](t, body)["id"] != "suspended" {
		t.Errorf("suspended app: got %s %s", resp.Status, body)
	}
	if !slices.IsSorted(herokutest.Routes()) {
		t.Error("Routes aren't sorted")
	}
}

// TestSlugUpload sends a slug's archive to where a new slug says.
func TestSlugUpload(t *testing.T) {
	s := herokutest.NewServer()
	defer s.Close()
	s.AddApp(herokutest.App{Name: "one"})
	_, body := send(t, s, "POST", "/apps/one/slugs", `{"process_types":{"web":"./web"}}`)
	slug := decode[struct{ Blob struct{ Method, URL string } }](t, body)
	if slug.Blob.Method != "PUT" || !strings.HasPrefix(slug.Blob.URL, s.URL+"/") {
		t.Fatalf("a new slug: got %+v, want a PUT below %s", slug.Blob, s.URL)
	}
	// The URL is signed: neither token nor Accept header go there.
	req, err := http.NewRequest(slug.Blob.Method, slug.Blob.URL, strings.NewReader("archive"))
	if err != nil {
		t.Fatal(err)
	}
	before := s.Requests()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("upload: got %s, want 200", resp.Status)
	}
	if diff := cmp.Diff(before, s.Requests()); diff != "" {
		t.Errorf("the upload counts as a request of the API (-want +got):\n%s", diff)
	}
	resp, err = http.Get(slug.Blob.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("download: got %s, want 404", resp.Status)
	}
}
