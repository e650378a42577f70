package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

type manOptions struct {
	*env
	root *cobra.Command
	dir  string
}

// newManCmd returns a verb that packagers call.
func newManCmd(e *env) *cobra.Command {
	o := &manOptions{env: e}
	cmd := &cobra.Command{
		Use:         "man DIR",
		Short:       "Write the man pages into a folder",
		Long:        "Writes the man pages of all verbs into the folder DIR, which is made if need be.",
		Hidden:      true,
		Annotations: map[string]string{exitCodes: "0  written\n1  error"},
		Example:     "herokutf man /usr/local/share/man/man1",
	}
	check := func(o *manOptions, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("name the folder for the man pages, and nothing else")
		}
		o.root, o.dir = cmd.Root(), args[0]
		return nil
	}
	cmd.RunE = runs(e, o, check, manRun, nil)
	return cmd
}

func manRun(_ context.Context, o *manOptions) error {
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return fmt.Errorf("make the folder for the man pages: %w", err)
	}
	for _, cmd := range append(o.root.Commands(), o.root) {
		cmd.DisableAutoGenTag = true
		cmd.Long += "\n\n# EXIT CODES\n" + indented(cmd.Annotations[exitCodes])
		cmd.Example = indented(cmd.Example)
	}
	if err := doc.GenManTree(o.root, &doc.GenManHeader{Section: "1", Source: name + " " + buildVersion().Version, Manual: "herokutf"}, o.dir); err != nil {
		return fmt.Errorf("write the man pages: %w", err)
	}
	return nil
}

// indented is a text that man pages leave as it is.
func indented(text string) string {
	return "\n    " + strings.ReplaceAll(text, "\n", "\n    ") + "\n"
}
