package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/herokutest"
)

// standIn is a terraform that logs what it is called with, and prints the state
// and the plan of the test.
const standIn = `#!/bin/sh
shift # -chdir
echo "$1 $TF_VAR_api_slug_production" >> "$LOG"
case $1 in
state) cat "$STATE" ;;
show) cat "$PLAN" ;;
esac
`

func TestRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no sh for the stand-in")
	}
	heroku := herokutest.NewServer()
	defer heroku.Close()
	seed, err := os.Open("../quickstart/heroku.json")
	if err != nil {
		t.Fatal(err)
	}
	defer seed.Close()
	if err := heroku.Load(seed); err != nil {
		t.Fatal(err)
	}
	pipeline := heroku.AddPipeline(herokutest.Pipeline{Name: "api"})
	app := heroku.AddApp(herokutest.App{Name: "api-prod"})
	heroku.Couple(pipeline.ID, app.ID, herokutest.Production)
	slug := heroku.AddSlug(app.ID, herokutest.Slug{})
	heroku.Deploy(app.ID, slug.ID)

	dir := t.TempDir()
	state, err := filepath.Abs("../quickstart/terraform.tfstate")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"terraform": standIn,
		"release":   `{"format_version": "1.2", "planned_values": {"root_module": {}}}`,
		"loss": `{"format_version": "1.2", "resource_changes": [{"address": "heroku_addon.db", "mode": "managed",
			"type": "heroku_addon", "change": {"actions": ["delete", "create"]}}]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{
		"HEROKU_API_URL": heroku.URL, "HEROKU_API_KEY": "any-token-will-do", "BUILD_PIPELINE_API": "api",
		"PATH": dir + string(os.PathListSeparator) + os.Getenv("PATH"), "STATE": state,
	} {
		t.Setenv(name, value)
	}
	deploy := func(plan string) (log string, err error) {
		t.Setenv("PLAN", filepath.Join(dir, plan))
		t.Setenv("LOG", filepath.Join(dir, plan+".log"))
		var out strings.Builder
		err = run(t.Context(), []string{"-chdir", dir}, &out)
		text, _ := os.ReadFile(os.Getenv("LOG"))
		return string(text), err
	}

	log, err := deploy("release")
	if err != nil || !strings.Contains(log, "apply "+slug.ID+"\n") {
		t.Errorf("a release: %v, called:\n%s", err, log)
	}
	log, err = deploy("loss")
	if err == nil || !strings.Contains(err.Error(), "heroku_addon.db: replace") || strings.Contains(log, "apply") {
		t.Errorf("a loss: %v, called:\n%s", err, log)
	}
	// A slug that a pipeline has brought to its app is no reason to stop.
	shop := heroku.AddPipeline(herokutest.Pipeline{Name: "shop"})
	heroku.Couple(shop.ID, "shop", herokutest.Production)
	next := heroku.AddSlug("shop", herokutest.Slug{})
	heroku.Deploy("shop", next.ID)
	t.Setenv("BUILD_PIPELINE_SHOP", "shop")
	if log, err = deploy("release"); err != nil || strings.Count(log, "apply ") != 2 {
		t.Errorf("a release by a pipeline: %v, called:\n%s", err, log)
	}
	heroku.Scale("shop", "web", 5, "")
	os.Remove(filepath.Join(dir, "release.log"))
	log, err = deploy("release")
	if err == nil || strings.Contains(log, "plan") {
		t.Errorf("drift: %v, called:\n%s", err, log)
	}
}
