package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"
)

func TestAdoptOptions(t *testing.T) {
	// The constructor binds what the run function takes.
	var got adoptOptions
	parse := func(args ...string) error {
		e, _, _ := testEnv(t)
		cmd := newAdoptCmd(e, func(_ context.Context, o *adoptOptions) error {
			got = *o
			return nil
		})
		cmd.SetArgs(args)
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		return cmd.ExecuteContext(t.Context())
	}
	absolute := filepath.Join(t.TempDir(), "b.tfstate")
	if err := parse("--chdir", "infra", "a.tfstate", "--app", "x", "--app", "y", "--state", absolute, "--skip", "formation, domain", "--out", "all.tf", "--import-blocks", "--write-state"); err != nil {
		t.Fatal(err)
	}
	if want := []string{filepath.Join("infra", "a.tfstate"), absolute}; !slices.Equal(got.states, want) {
		t.Errorf("states %q, want %q", got.states, want)
	}
	a := adopting{adoptOptions: &got}
	if got, want := a.again(), "herokutf adopt --chdir infra --app x --app y --skip formation --skip domain --out all.tf --import-blocks"; got != want {
		t.Errorf("again: got %s, want %s", got, want)
	}
	if !got.writeState || got.dryRun || got.planCheck != "auto" || got.format != formatText {
		t.Errorf("got %+v", got)
	}
	for _, args := range [][]string{
		nil, {"--state", "a.tfstate"}, {"--all", "--release", "heroku_app.x"}, {"--release", "heroku_app.x", "a.tfstate"}, {"--release", "heroku_app.x", "--write-state"},
		{"--all", "--no-config-vars", "--config-association"}, {"--all", "--out", "a/b.tf"}, {"--all", "--out", "a.json"}, {"--all", "--format", "csv"},
	} {
		if parse(args...) == nil {
			t.Errorf("%q are taken", args)
		}
	}
}

func TestIgnoreEdit(t *testing.T) {
	const name = "shop.auto.tfvars.json"
	for _, test := range []struct {
		what, above, have string // .gitignore of the repository and of the folder; "-": none
		want              string // of the folder afterwards; "": no edit
	}{
		{"no file", "-", "-", "/" + name + "\n"},
		{"others", "-", "*.tfstate\n", "*.tfstate\n/" + name + "\n"},
		{"no newline at its end", "-", "*.tfstate", "*.tfstate\n/" + name + "\n"},
		{"CRLF", "-", "*.tfstate\r\n", "*.tfstate\r\n/" + name + "\r\n"},
		{"by its name", "-", name + "\n", ""},
		{"by its path", "-", "/" + name + "\n", ""},
		{"by a pattern", "-", "# secrets\n*.auto.tfvars.json\r\n", ""},
		{"by a pattern above", "**/*.tfvars.json\n", "-", ""},
		{"by a path above", "/" + name + "\n", "-", "/" + name + "\n"},
		{"taken back", "-", "*.json\n!*.tfvars.json\n", "*.json\n!*.tfvars.json\n/" + name + "\n"},
	} {
		t.Run(test.what, func(t *testing.T) {
			root := t.TempDir()
			dir := filepath.Join(root, "infra")
			must(os.MkdirAll(filepath.Join(root, ".git"), 0o700))
			must(os.Mkdir(dir, 0o700))
			for path, text := range map[string]string{root: test.above, dir: test.have} {
				if text != "-" {
					must(os.WriteFile(filepath.Join(path, gitignore), []byte(text), 0o600))
				}
			}
			edit, how, err := ignoreEdit(dir, "infra/.gitignore", []string{name})
			if err != nil || how != ".gitignore names it" {
				t.Fatalf("%q, %v", how, err)
			}
			got := ""
			if edit != nil {
				got = string(edit.New)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	if edit, how, err := ignoreEdit(t.TempDir(), ".gitignore", []string{name}); edit != nil || how != "keep it out of version control" || err != nil {
		t.Errorf("outside of a repository: %v, %q, %v", edit, how, err)
	}
}

func TestActionText(t *testing.T) {
	for want, c := range map[string]tfjson.Change{
		"update for a, c, e": {
			Actions: tfjson.Actions{"update"}, Before: map[string]any{"a": "1", "b": "2", "e": "3"}, After: map[string]any{"a": "hunter2", "b": "2", "e": "3"},
			AfterUnknown: map[string]any{"c": true, "d": false}, BeforeSensitive: map[string]any{}, AfterSensitive: map[string]any{"e": true},
		},
		"update":  {Actions: tfjson.Actions{"update"}},
		"create":  {Actions: tfjson.Actions{"create"}, After: map[string]any{"a": "1"}},
		"destroy": {Actions: tfjson.Actions{"delete"}, Before: map[string]any{"a": "1"}},
		"forget":  {Actions: tfjson.Actions{"forget"}},
		"read":    {Actions: tfjson.Actions{"read"}},
		"replace": {Actions: tfjson.Actions{"create", "delete"}},
	} {
		if got := actionText(&c); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
