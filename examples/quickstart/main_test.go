package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/examples/internal/cli"
)

func TestQuickstart(t *testing.T) {
	tmp := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, tmp)
	}
	var stdout, stderr bytes.Buffer
	std := cli.IO{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }}
	if code := run(t.Context(), std, nil); code != 0 {
		t.Fatalf("exit code %d\n%s", code, stderr.String())
	}
	for _, want := range []string{
		"2 requests later",
		"export TF_VAR_api_slug_production='",
		`-            "id": "shop",`,
		`+            "id": "boutique",`,
		"serial 41 -> 42",
		"heroku_app_config_association.shop vars.STATSD_PREFIX",
		"every byte as it was, but the serial, which is 43 now.",
	} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("output lacks %q", want)
		}
	}
	if strings.Contains(stdout.String(), "\x1b") {
		t.Error("colours on what is no terminal")
	}
	if stderr.Len() > 0 {
		t.Errorf("standard error: %s", stderr.String())
	}
	left, err := os.ReadDir(tmp)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{{"-nonsense"}, {"extra"}} {
		var stdout, stderr bytes.Buffer
		std := cli.IO{Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }}
		if code := run(t.Context(), std, args); code != cli.ExitError {
			t.Errorf("%v: exit code %d, want %d", args, code, cli.ExitError)
		}
		if !strings.Contains(stderr.String(), "quickstart -h") || stdout.Len() > 0 {
			t.Errorf("%v: standard output %q, error %q", args, stdout.String(), stderr.String())
		}
	}
}
