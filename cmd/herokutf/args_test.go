package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
)

// testEnv returns an env whose streams are out and err, in an environment of
// KEY=VALUE.
func testEnv(t *testing.T, environ ...string) (e *env, stdout, stderr *strings.Builder) {
	t.Helper()
	stdout, stderr = new(strings.Builder), new(strings.Builder)
	getenv := func(name string) string {
		for _, pair := range environ {
			if value, ok := strings.CutPrefix(pair, name+"="); ok {
				return value
			}
		}
		return ""
	}
	return newEnv(ui.IO{Stdin: strings.NewReader(""), Stdout: stdout, Stderr: stderr, Getenv: getenv, Environ: environ}, nil), stdout, stderr
}

func TestNormalize(t *testing.T) {
	tests := []struct {
		name     string
		in, want string // words between spaces
		unknown  string
	}{
		{"completions of nothing", "__complete", "__complete", "__complete"},
		{"two dashes", "drift --format json", "drift --format json", ""},
		{"one dash", "drift -format json -unmanaged", "drift --format json --unmanaged", ""},
		{"with =", "drift -format=json", "drift --format=json", ""},
		{"short", "slugs -o FILE -h", "slugs -o FILE -h", ""},
		{"short with its value", "slugs -oFILE", "slugs -oFILE", ""},
		{"short with =", "slugs -o=FILE", "slugs -o=FILE", ""},
		{"short of another verb", "drift -oFILE", "drift --oFILE", ""},
		{"slip in a long one", "slugs -outptu x", "slugs --outptu x", ""},
		{"value with a dash", "rename -lock-timeout -3s -state -x", "rename --lock-timeout -3s --state -x", ""},
		{"value after a short flag", "slugs -o -dry -stage x", "slugs -o -dry --stage x", ""},
		{"bool takes no value", "rename -dry-run a=b", "rename --dry-run a=b", ""},
		{"bool with =", "rename -dry-run=false", "rename --dry-run=false", ""},
		{"standard input", "drift -state - -", "drift --state - -", ""},
		{"before the verb", "-color never drift -blame", "--color never drift --blame", ""},
		{"behind --", "slugs -stage x -- terraform plan -out=x -state", "slugs --stage x -- terraform plan -out=x -state", ""},
		{"-- as a value", "slugs -prefix -- -stage x", "slugs --prefix -- --stage x", ""},
		{"missing value", "drift -state", "drift --state", ""},
		{"unknown verb", "drfit -state x", "drfit --state x", "drfit"},
		{"unknown verb, then a verb", "drfit drift -state x", "drfit drift --state x", "drfit"},
		{"no verb", "", "", ""},
		{"root flags", "-version", "--version", ""},
		{"completion", "__complete drift -format ", "__complete drift --format ", ""},
		{"completion of a flag", "__complete drift -form", "__complete drift -form", ""},
		{"completion of nothing", "__complete", "__complete", "__complete"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, _, _ := testEnv(t)
			var in []string
			if tt.in != "" {
				in = strings.Split(tt.in, " ")
			}
			got, unknown := normalize(newRootCmd(e), in)
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if unknown != tt.unknown {
				t.Errorf("unknown %q, want %q", unknown, tt.unknown)
			}
		})
	}
}

func TestFlagText(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"drift --format json", "json"},
		{"drift -format=json", "json"},
		{"drift --format json --format text", "text"},
		{"drift --format", ""},
		{"drift format json", ""},
		{"slugs -- x --format json", ""},
	} {
		if got := flagText(strings.Fields(tt.args), "format"); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.args, got, tt.want)
		}
	}
}
