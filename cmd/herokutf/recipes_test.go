package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/herokutest"
)

const recipesPage = "../../docs/slugs-ci.md"

// recipeLine is a command in a block that is to be copied.
var recipeLine = regexp.MustCompile(`(?m)^\s*(?:- )*(?:run: )?herokutf (slugs .*)$`)

// program is the one of a data source "external".
var program = regexp.MustCompile(`program = (\[.*\])`)

// TestRecipes: each command of docs/slugs-ci.md, run as its system does, gives the
// later steps what they read.
func TestRecipes(t *testing.T) {
	page, err := os.ReadFile(recipesPage)
	if err != nil {
		t.Fatal(err)
	}
	heroku, environ, _ := shop(t)
	heroku.AddApp(herokutest.App{Name: "api-production"})
	slug := heroku.Deploy("api-production", "").Slug
	p := heroku.AddPipeline(herokutest.Pipeline{Name: "api", Couplings: []herokutest.Coupling{{App: "api-production", Stage: "production"}}})
	t.Chdir(t.TempDir())

	const pair = "TF_VAR_api_slug_production"
	steps := map[string]func(t *testing.T) string{ // what a later step has in the variable
		"slugs --format github":              func(t *testing.T) string { return lineOf(t, "GITHUB_ENV", pair) },
		"slugs --format github-output":       func(t *testing.T) string { return lineOf(t, "GITHUB_OUTPUT", "api_slug_production") },
		"slugs --format dotenv -o slugs.env": func(t *testing.T) string { return lineOf(t, "slugs.env", pair) },
		"slugs --format circleci":            func(t *testing.T) string { return bashEnv(t, pair) },
	}
	environ = append(environ, "BUILD_PIPELINE_API="+p.ID, "GITHUB_ENV=GITHUB_ENV", "GITHUB_OUTPUT=GITHUB_OUTPUT", "BASH_ENV=BASH_ENV")
	seen := make(map[string]bool)
	for _, m := range recipeLine.FindAllStringSubmatch(string(page), -1) {
		line := strings.TrimSpace(m[1])
		read := steps[line]
		if read == nil || seen[line] {
			continue
		}
		seen[line] = true
		t.Run(line, func(t *testing.T) {
			e, stdout, stderr := testEnv(t, environ...)
			if code := e.finish(e.execute(t.Context(), newRootCmd(e), strings.Fields(line))); code != 0 || stdout.String() != "" {
				t.Fatalf("exit code %d, %q, %s", code, stdout.String(), stderr.String())
			}
			if got := read(t); got != slug {
				t.Errorf("a later step reads %q, want %q", got, slug)
			}
		})
	}
	for line := range steps {
		if !seen[line] {
			t.Errorf("%s has no %q", recipesPage, line)
		}
	}

	// The protocol of the provider hashicorp/external: the query as JSON on
	// standard input, an object of strings on standard output, exit code 0.
	m := program.FindSubmatch(page)
	var words []string
	if m == nil || json.Unmarshal(m[1], &words) != nil || words[0] != "herokutf" {
		t.Fatalf("%s has no program", recipesPage)
	}
	e, stdout, stderr := testEnv(t, environ[:2]...)
	e.Stdin = strings.NewReader(fmt.Sprintf(`{"BUILD_PIPELINE_API":%q}`, p.ID))
	code := e.finish(e.execute(t.Context(), newRootCmd(e), words[1:]))
	var result map[string]string
	if err := json.Unmarshal([]byte(stdout.String()), &result); err != nil || code != 0 || len(result) != 1 || result["api_slug_production"] != slug {
		t.Errorf("exit code %d, %v, %q, %s", code, err, stdout.String(), stderr.String())
	}
}

// lineOf returns the value of a variable in a file of NAME=value lines, in which
// nothing is quoted.
func lineOf(t *testing.T, file, name string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	plain := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=[A-Za-z0-9-]+$`)
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if slices.ContainsFunc(lines, func(line string) bool { return !plain.MatchString(line) }) {
		t.Errorf("lines that readers differ about: %q", lines)
	}
	for _, line := range lines {
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			return value
		}
	}
	return ""
}

// bashEnv returns the value that a step of CircleCI's sees: bash reads the file that
// BASH_ENV names first.
func bashEnv(t *testing.T, name string) string {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	file, err := filepath.Abs("BASH_ENV")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bash, "-c", "printf %s \"$"+name+"\"")
	cmd.Env = append(os.Environ(), "BASH_ENV="+file)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
