package herokutest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/herokutf/herokutf/herokutest"
)

// deployTool stands for the program under test: it finds which slug an app
// runs. It tries again once when Heroku fails.
type deployTool struct {
	url   string // of the API
	token string
}

func (d deployTool) get(path string, v any) error {
	for attempt := 1; ; attempt++ {
		req, err := http.NewRequest("GET", d.url+path, nil)
		if err != nil {
			return err
		}
		req.Header.Set("Accept", "application/vnd.heroku+json; version=3")
		req.Header.Set("Authorization", "Bearer "+d.token)
		req.Header.Set("Range", "version ..; order=desc,max=20")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		switch {
		case resp.StatusCode >= 500 && attempt == 1:
			continue
		case resp.StatusCode/100 != 2:
			var e struct{ ID, Message string }
			json.NewDecoder(resp.Body).Decode(&e)
			return fmt.Errorf("%s: %s", e.ID, e.Message)
		}
		return json.NewDecoder(resp.Body).Decode(v)
	}
}

func (d deployTool) runningSlug(app string) (string, error) {
	var releases []struct {
		Current bool
		Slug    *struct{ ID string }
	}
	if err := d.get("/apps/"+app+"/releases", &releases); err != nil {
		return "", err
	}
	for _, r := range releases {
		if r.Current && r.Slug != nil {
			return r.Slug.ID, nil
		}
	}
	return "", errors.New(app + " runs no slug")
}

func Example() {
	s := herokutest.NewServer()
	defer s.Close()
	s.AddApp(herokutest.App{Name: "api-production"})
	tool := deployTool{url: s.URL, token: "any"}

	fmt.Println(tool.runningSlug("api-production"))

	s.Deploy("api-production", "0b5c9f6e-7a1d-4c42-9d0e-3f2b1a4c5d6e")
	fmt.Println(tool.runningSlug("api-production"))

	// A release phase that fails leaves the old slug running.
	s.FailRelease("api-production", "")
	fmt.Println(tool.runningSlug("api-production"))

	s.Rename("api-production", "api-live")
	fmt.Println(tool.runningSlug("api-production"))
	// Output:
	//  api-production runs no slug
	// 0b5c9f6e-7a1d-4c42-9d0e-3f2b1a4c5d6e <nil>
	// 0b5c9f6e-7a1d-4c42-9d0e-3f2b1a4c5d6e <nil>
	//  not_found: Couldn't find that app.
}

func ExampleServer_Inject() {
	s := herokutest.NewServer()
	defer s.Close()
	s.AddApp(herokutest.App{Name: "api"})
	s.Deploy("api", "0b5c9f6e-7a1d-4c42-9d0e-3f2b1a4c5d6e")
	tool := deployTool{url: s.URL, token: "any"}

	// Heroku is down for one request, and the tool tries again.
	s.Inject(herokutest.Fault{Route: "GET /apps/{app}/releases", Status: 503, Body: "<html>"})
	fmt.Println(tool.runningSlug("api"))
	fmt.Println(s.Requests())

	// The next answer breaks off in the middle.
	s.Inject(herokutest.Fault{Route: "GET", Truncate: true})
	_, err := tool.runningSlug("api")
	fmt.Println(err)

	// Somebody deletes the app before the second request of a run.
	s.Inject(herokutest.Fault{Route: "GET /apps/{app}/releases", Skip: 1, Do: func(s *herokutest.Server) {
		s.DeleteApp("api")
	}})
	fmt.Println(tool.runningSlug("api"))
	fmt.Println(tool.runningSlug("api"))
	// Output:
	// 0b5c9f6e-7a1d-4c42-9d0e-3f2b1a4c5d6e <nil>
	// map[GET /apps/{app}/releases:2]
	// unexpected EOF
	// 0b5c9f6e-7a1d-4c42-9d0e-3f2b1a4c5d6e <nil>
	//  not_found: Couldn't find that app.
}

func ExampleServer_Load() {
	s := herokutest.NewServer()
	defer s.Close()
	err := s.Load(strings.NewReader(`{
		"teams": [{"name": "acme"}],
		"apps": [
			{"name": "web-staging", "team": "acme"},
			{"name": "web-production", "team": "acme",
			 "config_vars": {"LOG_LEVEL": "info"},
			 "releases": [
				{"slug": "0b5c9f6e-7a1d-4c42-9d0e-3f2b1a4c5d6e"},
				{"slug": "5d6e0b5c-7a1d-4c42-9d0e-3f2b1a4c9f6e", "status": "failed"}
			 ]}
		],
		"pipelines": [{"name": "web", "team": "acme", "couplings": [
			{"app": "web-staging", "stage": "staging"},
			{"app": "web-production", "stage": "production"}
		]}],
		"denied": ["web-staging"]
	}`))
	if err != nil {
		fmt.Println(err)
	}
	tool := deployTool{url: s.URL, token: "any"}
	fmt.Println(tool.runningSlug("web-production"))
	fmt.Println(tool.runningSlug("web-staging"))

	fmt.Println(s.Load(strings.NewReader(`{"apps": [{"name": "api", "config": {}}]}`)))
	// Output:
	// 0b5c9f6e-7a1d-4c42-9d0e-3f2b1a4c5d6e <nil>
	//  forbidden: You do not have access to the app web-staging.
	// read seed: json: unknown field "config"
}

// Without a socket: the server is the client's transport, under whatever
// address.
func ExampleNew() {
	s := herokutest.New(herokutest.Options{
		Token: "secret",
		Clock: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
	})
	a := s.AddApp(herokutest.App{Name: "api", Hostname: "api.herokuapp.com"})

	req, _ := http.NewRequest("GET", "https://api.heroku.com/apps/api", nil)
	req.Header.Set("Accept", "application/vnd.heroku+json; version=3")
	req.SetBasicAuth("", "secret")
	resp, err := (&http.Client{Transport: s}).Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	var got struct {
		ID        string
		WebURL    string    `json:"web_url"`
		CreatedAt time.Time `json:"created_at"`
	}
	err = json.NewDecoder(resp.Body).Decode(&got)
	fmt.Println(resp.Status, resp.Header.Get("RateLimit-Remaining"), err)
	fmt.Println(got.ID == a.ID, got.WebURL, got.CreatedAt)
	// Output:
	// 200 OK 4499 <nil>
	// true https://api.herokuapp.com/ 2026-01-02 03:04:05 +0000 UTC
}

func ExampleServer_Rename() {
	s := herokutest.New(herokutest.Options{})
	before := s.AddApp(herokutest.App{Name: "old-name", Hostname: "old-name.herokuapp.com"})
	after := s.Rename("old-name", "new-name")
	_, found := s.App("old-name")
	fmt.Println(after.ID == before.ID, after.Name, found)
	fmt.Println(before.Hostname, "->", after.Hostname)
	// Output:
	// true new-name false
	// old-name.herokuapp.com -> new-name-09fe1e63a797.herokuapp.com
}

func ExampleServer_Rollback() {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{Name: "api"})
	s.Deploy("api", "0b5c9f6e-7a1d-4c42-9d0e-3f2b1a4c5d6e")
	s.SetConfigVars("api", map[string]string{"LOG_LEVEL": "debug"})
	s.Rollback("api", 3)
	a, _ := s.App("api")
	for _, r := range a.Releases {
		fmt.Println(r.Version, r.Status, r.Current, r.Description)
	}
	fmt.Println(a.ConfigVars)
	// Output:
	// 1 succeeded false Initial release
	// 2 succeeded false Enable Logplex
	// 3 succeeded false Deploy e14caecd
	// 4 succeeded false Set LOG_LEVEL config vars
	// 5 succeeded true Rollback to v3
	// map[]
}

func ExampleServer_SetRateLimit() {
	s := herokutest.New(herokutest.Options{})
	s.SetRateLimit(0)
	req, _ := http.NewRequest("GET", "https://api.heroku.com/apps", nil)
	req.Header.Set("Accept", "application/vnd.heroku+json; version=3")
	req.Header.Set("Authorization", "Bearer any")
	resp, err := s.RoundTrip(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resp.Status)
	io.Copy(os.Stdout, resp.Body)
	// Output:
	// 429 Too Many Requests
	// {"id":"rate_limit","message":"Your account reached the API rate limit\nPlease wait a few minutes before making new requests","url":"https://devcenter.heroku.com/articles/platform-api-reference#rate-limits"}
}

func ExampleServer_AddAddon() {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{Name: "api"})
	s.AddApp(herokutest.App{Name: "worker"})
	s.AddAddon(herokutest.Addon{Name: "api-db", App: "api", Plan: "heroku-postgresql:essential-0",
		Config: map[string]string{"DATABASE_URL": "postgres://db.example.com/api"}})
	s.Attach("api-db", herokutest.Attachment{Name: "API_DB", App: "worker"})
	api, _ := s.App("api")
	worker, _ := s.App("worker")
	fmt.Println(api.ConfigVars)
	fmt.Println(worker.ConfigVars)
	// Output:
	// map[DATABASE_URL:postgres://db.example.com/api]
	// map[API_DB_URL:postgres://db.example.com/api]
}

func ExampleServer_PendingRelease() {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{Name: "api"})
	s.Deploy("api", "0b5c9f6e-7a1d-4c42-9d0e-3f2b1a4c5d6e")
	r := s.PendingRelease("api", "5d6e0b5c-7a1d-4c42-9d0e-3f2b1a4c9f6e")
	fmt.Println(r.Version, r.Status, r.Current)
	r = s.FinishRelease("api", herokutest.Succeeded)
	fmt.Println(r.Version, r.Status, r.Current)
	// Output:
	// 4 pending false
	// 4 succeeded true
}

func ExampleServer_Deny() {
	s := herokutest.NewServer()
	defer s.Close()
	s.AddApp(herokutest.App{Name: "api"})
	s.Deny("api")                   // ours, but not for this token
	s.DenyAsError("somebody-elses") // a stranger's
	tool := deployTool{url: s.URL, token: "any"}
	_, err := tool.runningSlug("api")
	fmt.Println(err)
	_, err = tool.runningSlug("somebody-elses")
	fmt.Printf("%q\n", err) // this tool doesn't look for "error"
	s.Allow("api")
	_, err = tool.runningSlug("api")
	fmt.Println(err)
	// Output:
	// forbidden: You do not have access to the app api.
	// "forbidden: "
	// api runs no slug
}

func ExampleServer_Snapshot() {
	s := herokutest.New(herokutest.Options{})
	s.AddTeam(herokutest.Team{Name: "acme"})
	s.AddApp(herokutest.App{Name: "api", Team: "acme"})
	other := herokutest.New(herokutest.Options{})
	if err := other.Seed(s.Snapshot()); err != nil {
		fmt.Println(err)
	}
	a, found := other.App("api")
	fmt.Println(a.Name, a.Owner, found)
	// Output: api acme@herokumanager.com true
}

func ExampleServer_UpdateApp() {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{Name: "api"})
	a := s.UpdateApp("api", func(a *herokutest.App) {
		a.ACM = true
		a.Buildpacks = []string{"heroku/go"}
	})
	fmt.Println(a.ACM, a.Buildpacks)
	// Output: true [heroku/go]
}

func ExampleServer_Scale() {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{Name: "api"})
	s.Scale("api", "web", 1, "")
	p := s.Scale("api", "web", 3, "Performance-M")
	fmt.Println(p.Type, p.Quantity, p.Size)
	// Output: web 3 Performance-M
}

func ExampleRoutes() {
	for _, r := range herokutest.Routes() {
		if strings.Contains(r, "/releases") {
			fmt.Println(r)
		}
	}
	// Output:
	// GET /apps/{app}/releases
	// GET /apps/{app}/releases/{release}
	// GET /apps/{app}/releases/{release}/config-vars
	// POST /apps/{app}/releases
}

func ExampleServer_AddPipeline() {
	s := herokutest.New(herokutest.Options{})
	for _, name := range []string{"api-staging", "api-eu", "api-us"} {
		s.AddApp(herokutest.App{Name: name})
	}
	p := s.AddPipeline(herokutest.Pipeline{Name: "api", Couplings: []herokutest.Coupling{
		{App: "api-staging", Stage: herokutest.Staging},
		{App: "api-eu", Stage: herokutest.Production},
	}})
	s.Couple(p.ID, "api-us", herokutest.Production)
	s.Uncouple("api-staging")
	p, _ = s.Pipeline("api")
	for _, c := range p.Couplings {
		a, _ := s.App(c.App)
		fmt.Println(a.Name, c.Stage)
	}
	// Output:
	// api-eu production
	// api-us production
}

// A tool is held to what it may cost.
func ExampleServer_Requests() {
	s := herokutest.NewServer()
	defer s.Close()
	s.AddApp(herokutest.App{Name: "api"})
	tool := deployTool{url: s.URL, token: "any"}
	tool.runningSlug("api")
	tool.runningSlug("none")
	fmt.Println(s.Requests())
	for _, r := range s.Log() {
		fmt.Println(r.Method, r.Path, r.Range, r.Status)
	}
	s.ResetRequests()
	fmt.Println(s.Requests())
	// Output:
	// map[GET /apps/{app}/releases:2]
	// GET /apps/api/releases version ..; order=desc,max=20 200
	// GET /apps/none/releases version ..; order=desc,max=20 404
	// map[]
}

func ExampleServer_Expire() {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{Name: "api"})
	old := s.Deploy("api", "")
	s.Deploy("api", "")
	fmt.Println(s.Expire("api", old.Version).Status)
	a, _ := s.App("api")
	for _, g := range a.Slugs {
		fmt.Println(g.ID == old.Slug, g.Expired)
	}
	// Output:
	// expired
	// true true
	// false false
}

func ExampleServer_DeleteApp() {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{Name: "api"})
	s.AddAddon(herokutest.Addon{Name: "api-db", App: "api", Plan: "heroku-postgresql:essential-0"})
	s.DeleteApp("api")
	_, app := s.App("api")
	_, addon := s.Addon("api-db")
	fmt.Println(app, addon)
	// Output: false false
}
