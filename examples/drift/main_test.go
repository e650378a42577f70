package main

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/herokutest"
)

const state = "../quickstart/terraform.tfstate"

func TestRun(t *testing.T) {
	heroku := herokutest.NewServer()
	defer heroku.Close()
	t.Setenv("HEROKU_API_URL", heroku.URL)
	t.Setenv("HEROKU_API_KEY", "any-token-will-do")
	seed, err := os.Open("../quickstart/heroku.json")
	if err != nil {
		t.Fatal(err)
	}
	defer seed.Close()
	if err := heroku.Load(seed); err != nil {
		t.Fatal(err)
	}

	var out strings.Builder
	if err := run(t.Context(), []string{state}, &out); err != nil || !strings.HasPrefix(out.String(), "In sync: ") {
		t.Errorf("got %q, %v", out.String(), err)
	}
	heroku.Scale("shop", "web", 5, "")
	out.Reset()
	if err := run(t.Context(), []string{"-format", "markdown", state}, &out); !errors.Is(err, errDrift) {
		t.Errorf("got %v, want errDrift", err)
	}
	if !strings.Contains(out.String(), "`quantity`: `2` → `5`") {
		t.Errorf("the report is %q", out.String())
	}
	if err := run(t.Context(), []string{"none.tfstate"}, &out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want os.ErrNotExist", err)
	}
}
