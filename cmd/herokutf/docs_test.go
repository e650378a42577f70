package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// docsPages returns the texts that tell people how to use the command, by their
// paths from the root of the module.
func docsPages(t *testing.T) map[string]string {
	t.Helper()
	pages := make(map[string]string)
	for _, pattern := range []string{"README.md", "CONTRIBUTING.md", "docs/*.md", "docs/examples/*.*", "docs/examples/*/bin/*"} {
		files, err := filepath.Glob("../../" + pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			pages[strings.TrimPrefix(filepath.ToSlash(file), "../../")] = string(data)
		}
	}
	return pages
}

var (
	docsCommand = regexp.MustCompile("herokutf\"? ([a-z]+)([^|;&`\n#]*)")
	docsFlagArg = regexp.MustCompile(`^--([a-z][a-z-]*)`)
	docsFlag    = regexp.MustCompile("`--([a-z][a-z-]*)")
	docsOld     = regexp.MustCompile(`repair-rename|detect-drift|[^/]pipeline-slug-ids`)
)

// TestDocs: the verbs and flags on the pages are there, and what the pages show
// of an output is held against the command by a script.
func TestDocs(t *testing.T) {
	e, _, _ := testEnv(t)
	root := newRootCmd(e)
	var scripts strings.Builder
	files, err := filepath.Glob("testdata/script/docs-*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		scripts.Write(data)
	}
	commands, shown := 0, 0
	for page, text := range docsPages(t) {
		if old := docsOld.FindString(text); old != "" {
			t.Errorf("%s: %s is no command any more", page, old)
		}
		for _, m := range docsCommand.FindAllStringSubmatch(text, -1) {
			commands++
			docsCommandExists(t, root, page, m[1], strings.Fields(m[2]))
		}
		for _, m := range docsFlag.FindAllStringSubmatch(text, -1) {
			if !anyFlag(root, m[1]) {
				t.Errorf("%s: no verb has --%s", page, m[1])
			}
		}
		for line := range strings.Lines(text) {
			command, ok := strings.CutPrefix(strings.TrimSpace(line), "$ ")
			if !ok {
				continue
			}
			shown++
			if !strings.Contains(scripts.String(), " "+page+" '"+command+"'\n") {
				t.Errorf("%s: no script shows %q", page, command)
			}
		}
	}
	if commands < 100 || shown < 15 {
		t.Errorf("%d commands and %d outputs were found; that can't be all", commands, shown)
	}
}

func docsCommandExists(t *testing.T, root *cobra.Command, page, verb string, args []string) {
	t.Helper()
	cmd := subcommand(root, verb)
	if cmd == nil {
		t.Errorf("%s: herokutf %s: no such verb", page, verb)
		return
	}
	for _, arg := range args {
		if arg == "--" {
			return
		}
		m := docsFlagArg.FindStringSubmatch(arg)
		if m != nil && cmd.Flag(m[1]) == nil && cmd.InheritedFlags().Lookup(m[1]) == nil {
			t.Errorf("%s: herokutf %s has no --%s", page, verb, m[1])
		}
	}
}

// anyFlag reports whether a verb has the flag.
func anyFlag(root *cobra.Command, name string) bool {
	found := root.PersistentFlags().Lookup(name) != nil
	for _, cmd := range root.Commands() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) { found = found || f.Name == name })
	}
	return found
}
