package herokutest_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/herokutest"
)

func releases(t testing.TB, s *herokutest.Server, app string) []object {
	t.Helper()
	_, body := send(t, s, "GET", "/apps/"+app+"/releases", "", "Range", "version ..; max=1000")
	return decode[[]object](t, body)
}

// story is an app's releases in short: version, status, a star for the
// current one, and the slug by its first digit.
func story(t testing.TB, s *herokutest.Server, app string) string {
	t.Helper()
	var b strings.Builder
	for i, r := range releases(t, s, app) {
		if i > 0 {
			b.WriteString(" ")
		}
		fmt.Fprintf(&b, "v%v:%v", r["version"], r["status"])
		if r["current"] == true {
			b.WriteString("*")
		}
		if slug, ok := r["slug"].(object); ok {
			b.WriteString(":" + slug["id"].(string)[:1])
		}
	}
	return b.String()
}

func TestReleases(t *testing.T) {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{Name: "one"})
	s.AddPipeline(herokutest.Pipeline{Name: "p", Couplings: []herokutest.Coupling{{App: "one", Stage: herokutest.Production}}})
	p, _ := s.Pipeline("p")
	latest := func(kind string) string {
		_, body := send(t, s, "GET", "/pipelines/"+p.ID+"/latest-"+kind, "")
		out := []string{}
		for _, r := range decode[[]object](t, body) {
			out = append(out, fmt.Sprintf("v%v", r["version"]))
		}
		return strings.Join(out, " ")
	}
	for _, step := range []struct {
		do                           func()
		want, latest, lastDeployment string
	}{
		{func() {}, "v1:succeeded v2:succeeded*", "v2", ""},
		{func() { s.Deploy("one", slug1) }, "v3:succeeded*:1", "v3", "v3"},
		{func() { s.SetConfigVars("one", map[string]string{"A": "1"}) }, "v3:succeeded:1 v4:succeeded*:1", "v4", "v3"},
		{func() { s.FailRelease("one", slug2) }, "v4:succeeded*:1 v5:failed:2", "v5", "v5"},
		{func() { s.UnsetConfigVars("one", "A") }, "v5:failed:2 v6:succeeded*:1", "v6", "v5"},
		{func() { s.PendingRelease("one", slug2) }, "v6:succeeded*:1 v7:pending:2", "v7", "v7"},
		{func() { s.FinishRelease("one", herokutest.Succeeded) }, "v6:succeeded:1 v7:succeeded*:2", "v7", "v7"},
		{func() { s.Rollback("one", 4) }, "v7:succeeded:2 v8:succeeded*:1", "v8", "v8"},
		{func() { s.PendingRelease("one", "") }, "v8:succeeded*:1 v9:pending:", "v9", "v9"},
		{func() { s.FinishRelease("one", herokutest.Failed) }, "v8:succeeded*:1 v9:failed:", "v9", "v9"},
		{func() { s.Expire("one", 7) }, "v7:expired:2 v8:succeeded*:1 v9:failed:", "v9", "v9"},
	} {
		step.do()
		if got := story(t, s, "one"); !strings.Contains(got, step.want) {
			t.Errorf("got %s, want %s in it", got, step.want)
		}
		if got := latest("releases"); got != step.latest {
			t.Errorf("latest-releases: got %s, want %s", got, step.latest)
		}
		if got := latest("deployments"); got != step.lastDeployment {
			t.Errorf("latest-deployments: got %s, want %s", got, step.lastDeployment)
		}
	}
	if got := read(t, s, "/apps/one/config-vars"); len(got) != 1 || got["A"] != "1" {
		t.Errorf("config vars after the rollback: got %v, want A as of v4", got)
	}
	if resp, _ := send(t, s, "GET", "/apps/one/slugs/"+slug1, ""); resp.StatusCode != 200 {
		t.Errorf("slug of the running release: %s", resp.Status)
	}
	if resp, _ := send(t, s, "POST", "/apps/one/releases", `{"release":"7"}`); resp.StatusCode != 422 {
		t.Errorf("rollback to an expired release: %s, want 422", resp.Status)
	}
	if resp, _ := send(t, s, "POST", "/apps/one/releases", `{"release":"3","description":""}`); resp.StatusCode != 201 {
		t.Errorf("rollback: %s, want 201", resp.Status)
	}
	if resp, _ := send(t, s, "POST", "/apps/one/releases", `{"slug":"`+slug1+`"}`); resp.StatusCode != 201 {
		t.Errorf("release of a slug: %s, want 201", resp.Status)
	}
	if resp, _ := send(t, s, "POST", "/apps/one/releases", `{"slug":"99999999-9999-4999-8999-999999999999"}`); resp.StatusCode != 404 {
		t.Errorf("release of an unknown slug: %s, want 404", resp.Status)
	}
}

func TestPolicies(t *testing.T) {
	s := herokutest.New(herokutest.Options{Policy: herokutest.Policy{
		LatestIsCurrent: true, RollbackNoDeployment: true, DeniedIDNotFound: true, ClampMax: true,
	}})
	a := s.AddApp(herokutest.App{Name: "one"})
	hidden := s.AddApp(herokutest.App{Name: "hidden"})
	p := s.AddPipeline(herokutest.Pipeline{Name: "p", Couplings: []herokutest.Coupling{
		{App: "one", Stage: herokutest.Production}, {App: "hidden", Stage: herokutest.Production}}})
	s.Deny("hidden")
	s.Deploy("one", slug1)
	s.Deploy("one", slug2)
	s.Rollback("one", 3)
	s.FailRelease("one", "")
	for kind, want := range map[string]float64{"releases": 5, "deployments": 6} {
		_, body := send(t, s, "GET", "/pipelines/"+p.ID+"/latest-"+kind, "")
		got := decode[[]object](t, body)
		if len(got) != 1 || got[0]["version"] != want || got[0]["app"].(object)["id"] != a.ID {
			t.Errorf("latest-%s: got %s, want v%v of %s alone", kind, body, want, a.ID)
		}
	}
	if _, body := send(t, s, "GET", "/pipelines/"+p.ID+"/pipeline-couplings", ""); len(decode[[]object](t, body)) != 2 {
		t.Errorf("couplings: got %s, want both", body)
	}
	if resp, _ := send(t, s, "GET", "/apps/"+hidden.ID, ""); resp.StatusCode != 404 {
		t.Errorf("denied id: got %s, want 404", resp.Status)
	}
	if resp, _ := send(t, s, "GET", "/apps/hidden", ""); resp.StatusCode != 403 {
		t.Errorf("denied name: got %s, want 403", resp.Status)
	}
	if resp, _ := send(t, s, "GET", "/apps", "", "Range", "id ..; max=5000"); resp.StatusCode != 200 || !strings.Contains(resp.Header.Get("Content-Range"), "max=1000") {
		t.Errorf("max=5000: got %s %v", resp.Status, resp.Header)
	}
	s.Allow("hidden")
	if resp, _ := send(t, s, "GET", "/apps/hidden", ""); resp.StatusCode != 200 {
		t.Errorf("after Allow: got %s, want 200", resp.Status)
	}

	// An app without coupling: two answers were seen.
	s.AddApp(herokutest.App{Name: "alone"})
	if resp, _ := send(t, s, "GET", "/apps/alone/pipeline-couplings", ""); resp.StatusCode != 404 {
		t.Errorf("uncoupled app: got %s, want 404", resp.Status)
	}
	odd := herokutest.New(herokutest.Options{Policy: herokutest.Policy{UncoupledOK: true}})
	odd.AddApp(herokutest.App{Name: "alone"})
	resp, body, err := ask(t, odd, "https://api.heroku.com", "/apps/alone/pipeline-couplings")
	if err != nil || resp.StatusCode != 200 || decode[object](t, body)["id"] != "not_found" {
		t.Errorf("UncoupledOK: got %v %v %s", err, resp, body)
	}
}

// TestArtifacts: three kinds of app have no slug, each for its own reason.
func TestArtifacts(t *testing.T) {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{Name: "cedar-app"})
	s.AddApp(herokutest.App{Name: "fir-app", Generation: herokutest.Fir})
	s.AddApp(herokutest.App{Name: "image-app", Stack: "container"})
	for app, want := range map[string]string{"cedar-app": "slug", "fir-app": "oci-image", "image-app": ""} {
		r := s.Deploy(app, "")
		got := read(t, s, fmt.Sprintf("/apps/%s/releases/%d", app, r.Version))
		kind := ""
		for _, a := range got["artifacts"].([]any) {
			kind = a.(object)["type"].(string)
		}
		if kind != want || got["current"] != true || (got["slug"] != nil) != (want == "slug") {
			t.Errorf("%s: got %v, want an artifact %q", app, got, want)
		}
	}
	if resp, _ := send(t, s, "GET", "/apps/fir-app/buildpack-installations", ""); resp.StatusCode != 422 {
		t.Errorf("buildpacks of a Fir app: got %s, want 422", resp.Status)
	}
	// A slug of one app can be released on another.
	r := s.Deploy("cedar-app", "")
	s.AddApp(herokutest.App{Name: "other"})
	if resp, _ := send(t, s, "POST", "/apps/other/releases", `{"slug":"`+r.Slug+`"}`); resp.StatusCode != 201 {
		t.Errorf("slug of another app: got %s, want 201", resp.Status)
	}
	if read(t, s, "/apps/other/slugs/"+r.Slug)["commit"] != read(t, s, "/apps/cedar-app/slugs/"+r.Slug)["commit"] {
		t.Error("the copied slug has another commit")
	}
}

// TestReleaseInvariants plays random moves: versions count up without a gap,
// at most one release is current, and it never failed and isn't pending.
func TestReleaseInvariants(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{Name: "one"})
	for range 300 {
		switch n := rnd.IntN(7); n {
		case 0:
			s.Deploy("one", "")
		case 1:
			s.FailRelease("one", "")
		case 2:
			s.PendingRelease("one", "")
			s.FinishRelease("one", []string{herokutest.Failed, herokutest.Succeeded}[rnd.IntN(2)])
		case 3, 4:
			s.SetConfigVars("one", map[string]string{"A": fmt.Sprint(rnd.IntN(5))})
		case 5, 6:
			a, _ := s.App("one")
			r := a.Releases[rnd.IntN(len(a.Releases))]
			if n == 5 && r.Status == herokutest.Succeeded {
				s.Rollback("one", r.Version)
			} else if !r.Current {
				s.Expire("one", r.Version)
			}
		}
	}
	current := 0
	for i, r := range releases(t, s, "one") {
		if r["version"] != float64(i+1) {
			t.Fatalf("release %d has version %v", i+1, r["version"])
		}
		if r["current"] == true {
			current++
			if r["status"] != "succeeded" {
				t.Errorf("the current release is %v", r["status"])
			}
		}
	}
	if current != 1 {
		t.Errorf("%d releases are current", current)
	}
	a, _ := s.App("one")
	for _, r := range a.Releases {
		if r.Current && fmt.Sprint(r.ConfigVars) != fmt.Sprint(a.ConfigVars) {
			t.Errorf("config vars: the app has %v, its release %v", a.ConfigVars, r.ConfigVars)
		}
	}
}
