package herokutf_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
)

// exampleHeroku stands in for Heroku: a pipeline web-ui with two apps. The
// newest release of the one in production has failed.
func exampleHeroku() (*herokutest.Server, *platform.Client) {
	s := herokutest.NewServer()
	s.AddApp(herokutest.App{Name: "web-staging"})
	s.Deploy("web-staging", "22222222-2222-4222-8222-222222222222")
	s.AddApp(herokutest.App{Name: "web-production"})
	s.Deploy("web-production", "11111111-1111-4111-8111-111111111111")
	s.FailRelease("web-production", "22222222-2222-4222-8222-222222222222")
	s.AddPipeline(herokutest.Pipeline{Name: "web-ui", Couplings: []herokutest.Coupling{
		{App: "web-staging", Stage: "staging"},
		{App: "web-production", Stage: "production"},
	}})
	c, err := platform.New(platform.Options{BaseURL: s.URL, Token: "token"})
	if err != nil {
		log.Fatal(err)
	}
	return s, c
}

func ExamplePipelinesFromEnv() {
	pipelines, err := herokutf.PipelinesFromEnv([]string{
		"PATH=/bin",
		"BUILD_PIPELINE_WEB_UI=web-ui",
		"BUILD_PIPELINE_API=aaaaaaaa-0000-4000-8000-000000000001",
	}, "")
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range pipelines {
		fmt.Println(p.Name, p.Ref)
	}

	_, err = herokutf.PipelinesFromEnv([]string{"BUILD_PIPELINE_API=", "BUILD_PIPELINE_WEB-UI=web-ui"}, "")
	fmt.Println(err)
	// Output:
	// api aaaaaaaa-0000-4000-8000-000000000001
	// web_ui web-ui
	// read pipelines from the environment: 2 problems:
	// 	BUILD_PIPELINE_API: the value is empty
	// 	BUILD_PIPELINE_WEB-UI: the name can't be part of a Terraform variable's name: it has to be letters, digits and underscores and must not begin with a digit
}

func ExampleResolveSlugs() {
	server, client := exampleHeroku()
	defer server.Close()

	pipelines := []herokutf.Pipeline{{Name: "web_ui", Ref: "web-ui"}}
	slugs, err := herokutf.ResolveSlugs(context.Background(), client, pipelines, herokutf.SlugOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range slugs.Artifacts {
		fmt.Printf("%s = %s\n\t%s runs v%d\n", a.Variable, a.Value, a.App.Name, a.Release.Version)
		if a.Newest != nil {
			fmt.Printf("\tv%d has %s\n", a.Newest.Version, a.Newest.Status)
		}
	}
	// Output:
	// web_ui_slug_production = 11111111-1111-4111-8111-111111111111
	// 	web-production runs v3
	// 	v4 has failed
	// web_ui_slug_staging = 22222222-2222-4222-8222-222222222222
	// 	web-staging runs v3
}

// All or nothing is the default; with KeepGoing the rest comes, too.
func ExampleResolveSlugs_keepGoing() {
	server, client := exampleHeroku()
	defer server.Close()
	server.Deny("web-staging")

	pipelines := []herokutf.Pipeline{{Name: "web_ui", Ref: "web-ui"}}
	_, err := herokutf.ResolveSlugs(context.Background(), client, pipelines, herokutf.SlugOptions{})
	fmt.Println(errors.Is(err, platform.ErrForbidden))

	slugs, err := herokutf.ResolveSlugs(context.Background(), client, pipelines, herokutf.SlugOptions{KeepGoing: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(slugs.Variables())
	for _, p := range slugs.Problems {
		fmt.Println(p.Pipeline.Name, p.Stage, errors.Is(p, platform.ErrForbidden))
	}
	// Output:
	// true
	// [web_ui_slug_production]
	// web_ui staging true
}

// exampleSlugs is what ResolveSlugs returns for exampleHeroku.
func exampleSlugs() *herokutf.Slugs {
	server, client := exampleHeroku()
	defer server.Close()
	slugs, err := herokutf.ResolveSlugs(context.Background(), client,
		[]herokutf.Pipeline{{Name: "web_ui", Ref: "web-ui"}}, herokutf.SlugOptions{})
	if err != nil {
		log.Fatal(err)
	}
	return slugs
}

// For eval "$(...)" in a shell. A variable that an earlier run has set and that
// has no value now is unset.
func ExampleSlugs_Write() {
	environ := []string{"TF_VAR_web_ui_slug_development=00000000-0000-4000-8000-000000000000"}
	if err := exampleSlugs().Write(os.Stdout, herokutf.FormatShell, environ); err != nil {
		log.Fatal(err)
	}
	// Output:
	// export TF_VAR_web_ui_slug_production='11111111-1111-4111-8111-111111111111';
	// export TF_VAR_web_ui_slug_staging='22222222-2222-4222-8222-222222222222';
	// unset -v TF_VAR_web_ui_slug_development;
}

func ExampleSlugs_WriteFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "slugs.auto.tfvars")
	if err := exampleSlugs().WriteFile(name, herokutf.FormatTFVars, nil); err != nil {
		log.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(string(text))
	// Output:
	// web_ui_slug_production = "11111111-1111-4111-8111-111111111111"
	// web_ui_slug_staging    = "22222222-2222-4222-8222-222222222222"
}

// The environment for a child process, as in exec.Cmd.Env.
func ExampleSlugs_Environ() {
	base := []string{"PATH=/bin", "TF_VAR_web_ui_slug_development=old", "TF_VAR_web_ui_slug_staging=old"}
	for _, e := range exampleSlugs().Environ(base) {
		fmt.Println(e)
	}
	// Output:
	// PATH=/bin
	// TF_VAR_web_ui_slug_production=11111111-1111-4111-8111-111111111111
	// TF_VAR_web_ui_slug_staging=22222222-2222-4222-8222-222222222222
}

func ExampleSlugs_Variables() {
	fmt.Println(exampleSlugs().Variables())
	// Output:
	// [web_ui_slug_production web_ui_slug_staging]
}

// Pins make an apply repeatable: what is released later doesn't change them.
func ExampleSlugs_Lock() {
	server, client := exampleHeroku()
	defer server.Close()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "slugs.lock.json")
	pipelines := []herokutf.Pipeline{{Name: "web_ui", Ref: "web-ui"}}
	slugs, err := herokutf.ResolveSlugs(context.Background(), client, pipelines, herokutf.SlugOptions{Commits: true})
	if err != nil {
		log.Fatal(err)
	}
	if err := slugs.Lock(file); err != nil {
		log.Fatal(err)
	}
	server.Deploy("web-production", "33333333-3333-4333-8333-333333333333")

	pins, err := herokutf.ReadLock(file)
	if err != nil {
		log.Fatal(err)
	}
	slugs, err = herokutf.ResolveSlugs(context.Background(), client, pipelines, herokutf.SlugOptions{Locked: pins})
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range slugs.Artifacts {
		fmt.Println(a.Variable, a.Value)
	}
	// Output:
	// web_ui_slug_production 11111111-1111-4111-8111-111111111111
	// web_ui_slug_staging 22222222-2222-4222-8222-222222222222
}

func ExampleArtifact_Expiry() {
	a := &herokutf.Artifact{
		Variable: "web_ui_slug_production", Kind: herokutf.KindSlug, Value: "11111111-1111-4111-8111-111111111111",
		App: herokutf.NamedID{Name: "web-production"}, Release: herokutf.Release{Version: 3},
		ExpiresAfter: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC),
	}
	now := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	fmt.Printf("%q\n", a.Expiry(4, now))
	fmt.Println(a.Expiry(23, now))
	// Output:
	// ""
	// web_ui_slug_production: Heroku keeps slug 11111111-1111-4111-8111-111111111111 of web-production (v3) until 2026-11-20, and may delete it at any time
}
