package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// contract are the flags that tools outside this repository pass.
var contract = map[string]string{
	"slugs":   "format output prefix stage app keep-going check wait lock locked offline diff to workspace release-ids timeout token-from color",
	"drift":   "chdir terraform state folders format unmanaged only ignore write-baseline next-apply blame import accept write-config partial address dry-run cache show-secrets config lock-timeout timeout token-from color",
	"rename":  "chdir terraform plan-check var var-file state app-id to-ids offline dry-run write-config format config lock-timeout timeout token-from color",
	"adopt":   "app pipeline team space all out skip write-state import-blocks no-config-vars config-association release dry-run plan-check chdir terraform state var var-file format lock-timeout timeout token-from color",
	"undo":    "chdir terraform plan-check var var-file state force list dry-run format lock-timeout timeout token-from color",
	"recover": "chdir terraform state format lock-timeout timeout token-from color",
	"deploy":  "prefix stage app check wait lock locked offline drift allow-destroy auto-approve chdir terraform var var-file lock-timeout timeout token-from color",
	"fake":    "listen state seed snapshot log timeout color",
	"version": "format",
}

func TestHelp(t *testing.T) {
	e, _, _ := testEnv(t)
	root := newRootCmd(e)
	for _, cmd := range append(root.Commands(), root) {
		t.Run(cmd.Name(), func(t *testing.T) {
			text := helpText(cmd)
			for line := range strings.Lines(text) {
				line = strings.TrimRight(line, "\n")
				if n := utf8.RuneCountInString(line); n > helpWidth {
					t.Errorf("%d columns: %s", n, line)
				}
				if strings.TrimRight(line, " ") != line {
					t.Errorf("spaces at the end: %q", line)
				}
			}
			want := []string{"\nUsage:\n", "\nFlags:\n", "\nExit codes:\n", "\nCommon flags:\n", "--timeout D"}
			if cmd != root {
				want = append(want, "\nExamples:\n")
			}
			for _, want := range want {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in the help", strings.TrimSpace(want))
				}
			}
			cmd.Flags().VisitAll(func(f *pflag.Flag) {
				if f.Usage == "" || strings.Contains(f.Usage, "`") != (f.NoOptDefVal == "") {
					t.Errorf("--%s: the usage %q and the value don't fit", f.Name, f.Usage)
				}
				if _, ok := cmd.GetFlagCompletionFunc(f.Name); !ok && f.NoOptDefVal == "" && f.Annotations == nil {
					t.Errorf("--%s: shells complete nothing", f.Name)
				}
			})
		})
	}
	for verb, flags := range contract {
		cmd := subcommand(root, verb)
		if cmd == nil {
			t.Errorf("no verb %s", verb)
			continue
		}
		for name := range strings.FieldsSeq(flags) {
			if cmd.Flag(name) == nil && cmd.InheritedFlags().Lookup(name) == nil {
				t.Errorf("%s has no --%s", verb, name)
			}
		}
	}
}

// TestExamples: what help texts give as examples can be parsed.
func TestExamples(t *testing.T) {
	e, _, _ := testEnv(t)
	for _, cmd := range newRootCmd(e).Commands() {
		for line := range strings.Lines(cmd.Example) {
			_, line, _ = strings.Cut(strings.TrimSpace(line), "herokutf ")
			line, _, _ = strings.Cut(line, " > ")
			line, _, _ = strings.Cut(line, " | ")
			line, _, _ = strings.Cut(line, ")")
			t.Run(line, func(t *testing.T) {
				root := newRootCmd(e)
				args, unknown := normalize(root, strings.Fields(line))
				if unknown != "" {
					t.Fatalf("unknown verb %q", unknown)
				}
				found, rest, err := root.Find(args)
				if err != nil {
					t.Fatal(err)
				}
				// The verb itself isn't to run.
				found.RunE = func(*cobra.Command, []string) error { return nil }
				root.SetArgs(args)
				if err := root.Execute(); err != nil {
					t.Errorf("%v: %v", rest, err)
				}
			})
		}
	}
}
