package herokutf_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	heroku "github.com/heroku/heroku-go/v5"

	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
)

type app struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// newServer is a fake API below a prefix, and a client of it.
func newServer(t *testing.T) (*herokutest.Server, *platform.Client) {
	t.Helper()
	api := herokutest.New(herokutest.Options{Token: "HRKU-sesame"})
	s := httptest.NewServer(http.StripPrefix("/v3", api))
	t.Cleanup(s.Close)
	env := map[string]string{"HEROKU_API_URL": s.URL + "/v3", "HEROKU_API_KEY": "HRKU-sesame"}
	c, err := platform.FromEnv(func(name string) string { return env[name] }, platform.Options{Backoff: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return api, c
}

// TestAppsOfThreePages reads 2010 apps in all the ways there are.
func TestAppsOfThreePages(t *testing.T) {
	t.Parallel()
	api, c := newServer(t)
	const all = 2010
	for i := range all {
		api.AddApp(herokutest.App{Name: fmt.Sprintf("app-%04d", i)})
	}
	check := func(how string, names []string, requests int) {
		t.Helper()
		seen := map[string]bool{}
		for _, name := range names {
			seen[name] = true
		}
		if len(names) != all || len(seen) != all {
			t.Errorf("%s: got %d apps, %d different, want %d", how, len(names), len(seen), all)
		}
		if got := api.Requests()["GET /apps"]; got != requests {
			t.Errorf("%s: got %d requests, want %d", how, got, requests)
		}
		api.ResetRequests()
	}
	for _, field := range []string{"id", "updated_at"} {
		list, err := platform.List[app](t.Context(), c, "/apps", field)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, a := range list {
			names = append(names, a.Name)
		}
		check("List by "+field, names, 3)
	}
	apps, err := c.Service().AppList(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range apps {
		names = append(names, a.Name)
	}
	check("AppList", names, 11) // of 200

	names = nil
	for page, err := range platform.Pages[app](t.Context(), c, "/apps", heroku.ListRange{Field: "name", Max: 500, Descending: true}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page {
			names = append(names, a.Name)
		}
	}
	if names[0] != "app-2009" {
		t.Errorf("Pages: begins with %s", names[0])
	}
	check("Pages", names, 5)
}

// TestEachRequestFailsOnce: a list of three pages, of which each in turn
// fails in each way, is the whole list.
func TestEachRequestFailsOnce(t *testing.T) {
	t.Parallel()
	faults := map[string]herokutest.Fault{
		"429":      {Status: 429},
		"500":      {Status: 500},
		"503":      {Status: 503, Body: "<html>Application error</html>"},
		"reset":    {Reset: true},
		"truncate": {Truncate: true},
	}
	api, c := newServer(t)
	for i := range 410 { // AppList reads 200 a page
		api.AddApp(herokutest.App{Name: fmt.Sprintf("app-%04d", i)})
	}
	for name, fault := range faults {
		for skip := range 3 {
			fault.Skip = skip
			api.Inject(fault)
			api.ResetRequests()
			list, err := c.Service().AppList(t.Context(), nil)
			if err != nil || len(list) != 410 {
				t.Errorf("%s at request %d: got %d apps, %v", name, skip+1, len(list), err)
			}
			if got := api.Requests()["GET /apps"]; got != 4 {
				t.Errorf("%s at request %d: got %d requests, want 4", name, skip+1, got)
			}
		}
	}
}

func TestAnswersOfTheAPI(t *testing.T) {
	api, c := newServer(t)
	api.AddApp(herokutest.App{Name: "mine"})
	theirs := api.AddApp(herokutest.App{Name: "theirs"})
	api.AddApp(herokutest.App{Name: "theirs-too"})
	api.Deny("theirs")
	api.DenyAsError("theirs-too")
	tests := []struct {
		app string
		is  error
	}{
		{"mine", nil},
		{"none", platform.ErrNotFound},
		{"theirs", platform.ErrForbidden},
		{theirs.ID, platform.ErrForbidden},
		{"theirs-too", platform.ErrForbidden},
	}
	for _, tt := range tests {
		_, err := platform.Get[app](t.Context(), c, "/apps/"+tt.app)
		if !errors.Is(err, tt.is) {
			t.Errorf("%s: got %v, want %v", tt.app, err, tt.is)
			continue
		}
		if e, ok := errors.AsType[*platform.APIError](err); ok && (e.ID == "" || e.Message == "" || e.Message == http.StatusText(e.Status) || e.Hint == "") {
			t.Errorf("%s: something is missing: %#v", tt.app, e)
		}
	}

	stranger, err := platform.New(platform.Options{Token: "HRKU-wrong", Transport: api})
	if err != nil {
		t.Fatal(err)
	}
	_, err = platform.Get[app](t.Context(), stranger, "/apps/mine")
	if !errors.Is(err, platform.ErrUnauthorized) || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), "HRKU-wrong") {
		t.Errorf("wrong token: got %v, want ErrUnauthorized", err)
	}
}

// TestRequestBudget runs the account's bucket nearly empty: nothing is
// refused, since the client slows down in time. The bubble's clock is the
// server's.
func TestRequestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := herokutest.New(herokutest.Options{})
		api.AddApp(herokutest.App{Name: "mine"})
		api.SetRateLimit(200)
		refused := 0
		c, err := platform.New(platform.Options{Token: "x", Transport: api, Progress: func(e platform.Event) {
			if e.Kind == platform.EventRequest && e.Status == 429 {
				refused++
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		var wg sync.WaitGroup
		for range 500 {
			wg.Go(func() {
				if _, err := platform.Get[app](t.Context(), c, "/apps/mine"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if refused > 0 || c.Requests() != 500 {
			t.Errorf("got %d requests, %d of them refused, want 500 and none", c.Requests(), refused)
		}
		if took, least := time.Since(start), 300*time.Minute/75; took < least || took > 2*least {
			t.Errorf("took %v, want %v or a little more", took, least)
		}
	})
}

// TestCancelManyAtOnce: a budget that is used up, and a caller who has seen
// enough.
func TestCancelManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := herokutest.New(herokutest.Options{})
		api.Inject(herokutest.Fault{Status: 429, Times: -1})
		c, err := platform.New(platform.Options{Token: "x", Transport: api, MaxWait: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if _, err := platform.List[app](ctx, c, "/apps", "id"); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want context.DeadlineExceeded", err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(start); took != time.Minute {
			t.Errorf("took %v, want 1m", took)
		}
	})
}
