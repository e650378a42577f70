package main

import (
	"bytes"
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
	seed, err := os.Open("../quickstart/heroku.json")
	if err != nil {
		t.Fatal(err)
	}
	defer seed.Close()
	if err := heroku.Load(seed); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile("../quickstart/terraform.tfstate")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "terraform.tfstate")
	if err := os.WriteFile(path, before, 0o600); err != nil {
		t.Fatal(err)
	}

	var out strings.Builder
	if err := run(t.Context(), []string{dir}, &out); err != nil || out.String() != "nothing to do\n" {
		t.Errorf("without a rename: %q, %v", out.String(), err)
	}
	heroku.Rename("shop", "boutique")
	if err := run(t.Context(), []string{dir}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"serial 41 -> 42, backup "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, out.String())
		}
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(after, []byte(`"id": "boutique"`)) {
		t.Error("the state has the old name")
	}
	if err := run(t.Context(), nil, &out); err == nil {
		t.Error("no error without a folder")
	}
}
