package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestQuickstart(t *testing.T) {
	tmp := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, tmp)
	}
	var stdout bytes.Buffer
	if err := run(t.Context(), nil, &stdout); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"2 requests later",
		"export TF_VAR_api_slug_production='",
		"  In sync: 6 objects (1 app, ",
		"  Drift found: 3 changed, 1 renamed, 1 unmanaged, 2 in sync (1 app, ",
		"quantity: 2 -> 5\n",
		"renamed from shop to boutique",
		`slug_id: "51000000-0000-4000-8000-000000000001" -> "`,
		"unmanaged     heroku_addon redis-round-5678\n",
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
	// A config var's value is nobody's business; the word stands nowhere else.
	if strings.Contains(stdout.String(), "debug") {
		t.Error("the value of a config var is printed")
	}
	if strings.Contains(stdout.String(), "\x1b") {
		t.Error("colours on what is no terminal")
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
		var stdout bytes.Buffer
		if err := run(t.Context(), args, &stdout); err == nil || stdout.Len() > 0 {
			t.Errorf("%v: %v, standard output %q", args, err, stdout.String())
		}
	}
	if err := run(t.Context(), []string{"-h"}, &bytes.Buffer{}); err != nil {
		t.Errorf("-h: %v", err)
	}
}
