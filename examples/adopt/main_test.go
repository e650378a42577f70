package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/herokutest"
)

func TestRun(t *testing.T) {
	heroku := herokutest.NewServer()
	defer heroku.Close()
	t.Setenv("HEROKU_API_URL", heroku.URL)
	t.Setenv("HEROKU_API_KEY", "any-token-will-do")
	heroku.AddApp(herokutest.App{Name: "shop-eu", ConfigVars: map[string]string{"SECRET": "correct-horse"}, Formation: []herokutest.Process{{Type: "web", Quantity: 1}}})
	dir := t.TempDir()
	var out strings.Builder
	if err := run(t.Context(), dir, []string{"shop-eu"}, &out); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "heroku_app.shop_eu\nheroku_formation.shop_eu_web\nserial 0 -> 1\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	config, err := os.ReadFile(filepath.Join(dir, "shop-eu.tf"))
	if err != nil || strings.Contains(string(config), "correct-horse") {
		t.Errorf("the configuration: %s, %v", config, err)
	}
	out.Reset()
	if err := run(t.Context(), dir, []string{"shop-eu"}, &out); err != nil || out.String() != "serial 1 -> 1\n" {
		t.Errorf("once more: %q, %v", out.String(), err)
	}
	if err := run(t.Context(), dir, []string{"none"}, &out); err == nil {
		t.Error("no error for an app that isn't there")
	}
}
