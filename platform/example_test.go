package platform_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	heroku "github.com/heroku/heroku-go/v5"

	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
)

func ExampleFromEnv() {
	s := herokutest.NewServer()
	defer s.Close()
	s.AddApp(herokutest.App{Name: "api-production"})

	// A tool passes os.Getenv.
	env := map[string]string{"HEROKU_API_KEY": "HRKU-0123", "HEROKU_API_URL": s.URL}
	c, err := platform.FromEnv(func(name string) string { return env[name] }, platform.Options{})
	if err != nil {
		log.Fatal(err)
	}
	app, err := c.Service().AppInfo(context.Background(), "api-production")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(app.Name, c.Requests())
	// Output: api-production 1
}

func ExampleNew() {
	s := herokutest.NewServer()
	defer s.Close()
	s.AddApp(herokutest.App{Name: "api-production"})
	s.Inject(herokutest.Fault{Status: 503})

	c, err := platform.New(platform.Options{
		BaseURL: s.URL,
		Token:   "HRKU-0123",
		MaxWait: time.Minute,
		Progress: func(e platform.Event) {
			switch e.Kind {
			case platform.EventRetry, platform.EventThrottled:
				fmt.Println(e.Kind, "after", e.Status)
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	app, err := c.Service().AppInfo(context.Background(), "api-production")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(app.Name, c.Requests())
	// Output:
	// retry after 503
	// api-production 2
}

func ExampleClient_Service() {
	s := herokutest.NewServer()
	defer s.Close()
	for i := range 450 {
		s.AddApp(herokutest.App{Name: fmt.Sprintf("app-%d", i)})
	}
	c, err := platform.New(platform.Options{BaseURL: s.URL, Token: "HRKU-0123"})
	if err != nil {
		log.Fatal(err)
	}
	all, err := c.Service().AppList(context.Background(), nil)
	if err != nil {
		log.Fatal(err)
	}
	one, err := c.Service().AppList(context.Background(), &heroku.ListRange{Field: "id", Max: 10})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(all), len(one))
	// Output: 450 10
}

func ExampleClient_Requests() {
	s := herokutest.NewServer()
	defer s.Close()
	for i := range 1500 {
		s.AddApp(herokutest.App{Name: fmt.Sprintf("app-%d", i)})
	}
	c, err := platform.New(platform.Options{BaseURL: s.URL, Token: "HRKU-0123"})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := platform.List[heroku.App](context.Background(), c, "/apps", "id"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Requests(), "requests for 1500 apps")
	// Output: 2 requests for 1500 apps
}

func ExampleGet() {
	s := herokutest.NewServer()
	defer s.Close()
	c, err := platform.New(platform.Options{BaseURL: s.URL, Token: "HRKU-0123"})
	if err != nil {
		log.Fatal(err)
	}
	_, err = platform.Get[heroku.App](context.Background(), c, "/apps/renamed-long-ago")
	fmt.Println(err)
	fmt.Println(errors.Is(err, platform.ErrNotFound))
	if e, ok := errors.AsType[*platform.APIError](err); ok {
		fmt.Println(e.Hint)
	}
	// Output:
	// GET /apps/renamed-long-ago: 404 not_found: Couldn't find that app.
	// true
	// it is deleted, renamed, or not visible to the token's account; the API doesn't say which
}

func ExampleList() {
	s := herokutest.NewServer()
	defer s.Close()
	for i := range 1500 {
		s.AddApp(herokutest.App{Name: fmt.Sprintf("app-%04d", i)})
	}
	c, err := platform.New(platform.Options{BaseURL: s.URL, Token: "HRKU-0123"})
	if err != nil {
		log.Fatal(err)
	}
	type app struct{ ID, Name string }
	apps, err := platform.List[app](context.Background(), c, "/apps", "name")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(apps), apps[0].Name, apps[1499].Name)
	// Output: 1500 app-0000 app-1499
}

func ExamplePages() {
	s := herokutest.NewServer()
	defer s.Close()
	s.AddApp(herokutest.App{Name: "api-production"})
	for range 30 {
		s.Deploy("api-production", "")
	}
	s.FailRelease("api-production", "")

	c, err := platform.New(platform.Options{BaseURL: s.URL, Token: "HRKU-0123"})
	if err != nil {
		log.Fatal(err)
	}
	// The newest release isn't the one that runs: walk back to that.
	type release struct {
		Version int
		Status  string
		Current bool
	}
	newest := heroku.ListRange{Field: "version", Descending: true, Max: 10}
	for page, err := range platform.Pages[release](context.Background(), c, "/apps/api-production/releases", newest) {
		if err != nil {
			log.Fatal(err)
		}
		for _, r := range page {
			fmt.Println(r.Version, r.Status, r.Current)
			if r.Current {
				return
			}
		}
	}
	// Output:
	// 33 failed false
	// 32 succeeded true
}

func ExampleNewCache() {
	s := herokutest.NewServer()
	defer s.Close()
	s.AddApp(herokutest.App{Name: "api-production"})
	dir, err := os.MkdirTemp("", "cache")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	// A tool takes a folder below os.UserCacheDir, and each run is another
	// process.
	for range 2 {
		cache, err := platform.NewCache(dir, nil)
		if err != nil {
			log.Fatal(err)
		}
		c, err := platform.New(platform.Options{BaseURL: s.URL, Token: "HRKU-0123", Transport: cache})
		if err != nil {
			log.Fatal(err)
		}
		apps, err := platform.List[heroku.App](context.Background(), c, "/apps", "id")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(apps[0].Name)
	}
	for _, r := range s.Log() {
		fmt.Println(r.Method, r.Path, r.Status)
	}
	// Output:
	// api-production
	// api-production
	// GET /apps 200
	// GET /apps 304
}

// Several tasks share one client, and each wants to know what it sent itself.
func ExampleCountRequests() {
	s := herokutest.NewServer()
	defer s.Close()
	s.AddApp(herokutest.App{Name: "api-production"})
	c, err := platform.New(platform.Options{BaseURL: s.URL, Token: "HRKU-0123"})
	if err != nil {
		log.Fatal(err)
	}
	ctx, sent := platform.CountRequests(context.Background())
	if _, err := platform.List[heroku.App](ctx, c, "/apps", "id"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(sent.Load(), "request sent,", c.Left(), "left in the account's budget")
	// Output: 1 request sent, 4499 left in the account's budget
}

// A command starts Terraform, whose Heroku provider doesn't look into the
// store of the Heroku CLI.
func ExampleClient_Environ() {
	c, err := platform.New(platform.Options{Token: "HRKU-0123"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Credentials())
	cmd := exec.Command("terraform", "plan")
	cmd.Env = c.Environ([]string{"PATH=/usr/bin"})
	for _, line := range cmd.Env {
		name, _, _ := strings.Cut(line, "=") // the value is nobody's to see
		fmt.Println(name)
	}
	// Output:
	// the token in Options.Token
	// PATH
	// HEROKU_API_KEY
}

// A flag --token-from chooses the place of the token.
func ExampleParseTokenSource() {
	from, err := platform.ParseTokenSource("env")
	if err != nil {
		log.Fatal(err)
	}
	env := map[string]string{"HEROKU_API_KEY": "HRKU-0123"}
	c, err := platform.FromEnv(func(name string) string { return env[name] }, platform.Options{TokenFrom: from})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Credentials().Source, c.Credentials().Place)
	_, err = platform.ParseTokenSource("keychain")
	fmt.Println(err)
	// Output:
	// env HEROKU_API_KEY
	// token source: "keychain" is none of env, store and netrc
}

// A name comes from a user, who may have pasted something else.
func ExampleClient_CheckName() {
	c, err := platform.New(platform.Options{Token: "HRKU-0123"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.CheckName("pipeline", "web"))
	fmt.Println(c.CheckName("pipeline", "HRKU-0123"))
	// Output:
	// <nil>
	// an API token stands where the pipeline should be
}

// A program that runs on closes what it doesn't need for a while.
func ExampleClient_CloseIdleConnections() {
	s := herokutest.NewServer()
	defer s.Close()
	s.AddApp(herokutest.App{Name: "api-production"})
	c, err := platform.New(platform.Options{BaseURL: s.URL, Token: "HRKU-0123"})
	if err != nil {
		log.Fatal(err)
	}
	defer c.CloseIdleConnections()
	app, err := platform.Get[heroku.App](context.Background(), c, "/apps/api-production")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(app.Name)
	// Output: api-production
}

// Nothing has ever answered at the address: one attempt is repeated for all
// requests, and all get its error.
func ExampleRequestError() {
	s := herokutest.NewServer()
	s.Close()
	c, err := platform.New(platform.Options{BaseURL: s.URL, Token: "HRKU-0123", Backoff: time.Millisecond})
	if err != nil {
		log.Fatal(err)
	}
	same := make(map[error]int)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			_, err := platform.List[heroku.Pipeline](context.Background(), c, "/pipelines", "id")
			mu.Lock()
			same[err]++
			mu.Unlock()
		})
	}
	wg.Wait()
	for err, n := range same {
		fmt.Println(n, errors.Is(err, platform.ErrUnreachable))
		if e, ok := errors.AsType[*platform.RequestError](err); ok {
			fmt.Println(e.Hint)
		}
	}
	// Output:
	// 200 true
	// nothing listens there: check HEROKU_API_URL; behind a proxy, set HTTPS_PROXY
}
