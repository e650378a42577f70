package main

import (
	"strings"
	"testing"

	"github.com/herokutf/herokutf/herokutest"
)

func TestRun(t *testing.T) {
	heroku := herokutest.NewServer()
	defer heroku.Close()
	pipeline := heroku.AddPipeline(herokutest.Pipeline{Name: "api"})
	app := heroku.AddApp(herokutest.App{Name: "api-prod"})
	heroku.Couple(pipeline.ID, app.ID, herokutest.Production)
	slug := heroku.AddSlug(app.ID, herokutest.Slug{})
	heroku.Deploy(app.ID, slug.ID)
	t.Setenv("HEROKU_API_URL", heroku.URL)
	t.Setenv("HEROKU_API_KEY", "any-token-will-do")
	t.Setenv("BUILD_PIPELINE_API", "api")

	var out strings.Builder
	if err := run(t.Context(), []string{"-format", "tfvars"}, &out); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "api_slug_production = \""+slug.ID+"\"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	t.Setenv("BUILD_PIPELINE_API", "no-such-pipeline")
	if err := run(t.Context(), nil, &out); err == nil {
		t.Error("no error for a pipeline that isn't there")
	}
}
