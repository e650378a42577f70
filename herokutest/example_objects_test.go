package herokutest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/herokutf/herokutf/herokutest"
)

// Everything that belongs to an app can be added to it one by one, too.
func ExampleServer_AddDomain() {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{Name: "api"})
	domain := s.AddDomain("api", herokutest.Domain{Hostname: "www.example.com"})
	s.AddSNIEndpoint("api", herokutest.SNIEndpoint{Name: "tyrannosaurus-12345"})
	s.AddLogDrain("api", herokutest.LogDrain{URL: "syslog://logs.example.com"})
	s.AddTelemetryDrain("api", herokutest.TelemetryDrain{Endpoint: "https://otel.example.com"})
	s.AddCollaborator("api", herokutest.Collaborator{Email: "dev@example.com"})
	s.AddWebhook("api", herokutest.Webhook{URL: "https://example.com/hook"})
	slug := s.AddSlug("api", herokutest.Slug{})
	s.AddBuild("api", herokutest.Build{Slug: slug.ID})
	s.SetFeature("api", "runtime-dyno-metadata", true)
	s.SetBuildpacks("api", "heroku/go")
	s.SetMaintenance("api", true)

	app, _ := s.App("api")
	fmt.Println(domain.CNAME != "", app.Domains[len(app.Domains)-1].Hostname, app.Features, app.Buildpacks, app.Maintenance)
	fmt.Println(len(app.SNIEndpoints), len(app.LogDrains), len(app.TelemetryDrains), len(app.Webhooks), len(app.Builds))
	// Output:
	// true www.example.com [runtime-dyno-metadata] [heroku/go] true
	// 1 1 1 1 1
}

func ExampleServer_AddSpace() {
	s := herokutest.New(herokutest.Options{})
	s.AddTeam(herokutest.Team{Name: "acme"})
	s.AddMember("acme", herokutest.Member{Email: "dev@example.com"})
	s.AddSpace(herokutest.Space{Name: "acme-private", Team: "acme"})
	app := s.AddApp(herokutest.App{Name: "api", Team: "acme", Space: "acme-private"})
	fmt.Println(app.Name, "is owned by", app.Owner)
	// Output: api is owned by acme@herokumanager.com
}

// Apps of the Fir generation run OCI images.
func ExampleServer_AddImage() {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{Name: "api", Generation: herokutest.Fir})
	image := s.AddImage("api", herokutest.OCIImage{})
	release := s.Deploy("api", image.ID)
	fmt.Println(release.Image == image.ID, release.Slug == "")
	// Output: true true
}

func ExampleServer_AddPromotion() {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{Name: "api-staging"})
	s.AddApp(herokutest.App{Name: "api-production"})
	s.AddPipeline(herokutest.Pipeline{Name: "api", Couplings: []herokutest.Coupling{
		{App: "api-staging", Stage: herokutest.Staging},
		{App: "api-production", Stage: herokutest.Production},
	}})
	s.Deploy("api-staging", "")
	promotion := s.AddPromotion(herokutest.Promotion{Pipeline: "api", Source: "api-staging",
		Targets: []herokutest.PromotionTarget{{App: "api-production"}}})
	fmt.Println(promotion.Status, promotion.Targets[0].Status)

	s.DeletePipeline("api")
	_, ok := s.Pipeline("api")
	fmt.Println(ok)
	// Output:
	// completed succeeded
	// false
}

func ExampleServer_UnsetConfigVars() {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{Name: "api", ConfigVars: map[string]string{"LOG_LEVEL": "info", "OLD_FLAG": "1"}})
	addon := s.AddAddon(herokutest.Addon{App: "api", Plan: "heroku-redis:mini"})
	s.UnsetConfigVars("api", "OLD_FLAG")
	s.DeleteAddon(addon.ID)
	app, _ := s.App("api")
	fmt.Println(app.ConfigVars)
	// Output: map[LOG_LEVEL:info]
}

// A server is an http.Handler, so it can stand behind others.
func ExampleServer_ServeHTTP() {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{Name: "api"})
	mux := http.NewServeMux()
	mux.Handle("/heroku/", http.StripPrefix("/heroku", s))

	ask := func() int {
		r := httptest.NewRequest(http.MethodGet, "/heroku/apps/api", nil)
		r.Header.Set("Accept", "application/vnd.heroku+json; version=3")
		r.Header.Set("Authorization", "Bearer any")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w.Code
	}
	s.Inject(herokutest.Fault{Status: 503, Times: -1})
	fmt.Println(ask())
	s.ClearFaults()
	fmt.Println(ask())
	// Output:
	// 503
	// 200
}

// New and Start, in place of NewServer, make a server with options.
func ExampleServer_Start() {
	s := herokutest.New(herokutest.Options{Token: "the-only-one"})
	s.Start()
	defer s.Close()
	r, err := http.NewRequest(http.MethodGet, s.URL+"/apps", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	r.Header.Set("Accept", "application/vnd.heroku+json; version=3")
	r.Header.Set("Authorization", "Bearer another")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.StatusCode)
	// Output: 401
}

func ExampleServer_AddAccount() {
	s := herokutest.NewServer()
	defer s.Close()
	s.AddApp(herokutest.App{Name: "api-production"})
	s.AddAccount(herokutest.Account{Email: "ann@example.com", Tokens: []string{"anns-token"}})

	// The tool under test, with Ann's token.
	req, _ := http.NewRequest("PATCH", s.URL+"/apps/api-production/config-vars", strings.NewReader(`{"LOG_LEVEL": "debug"}`))
	req.Header.Set("Accept", "application/vnd.heroku+json; version=3")
	req.Header.Set("Authorization", "Bearer anns-token")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	resp.Body.Close()

	app, _ := s.App("api-production")
	newest := app.Releases[len(app.Releases)-1]
	fmt.Println(newest.Description, "by", newest.User)
	fmt.Println(s.Log()[0].Account)
	// Output:
	// Set LOG_LEVEL config vars by ann@example.com
	// ann@example.com
}
