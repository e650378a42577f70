package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

const completionHelp = `Prints a script that has a shell complete verbs, flags, their values, and files.

bash        source <(herokutf completion bash)
            or into /etc/bash_completion.d/herokutf; needs bash-completion
zsh         herokutf completion zsh > "${fpath[1]}/_herokutf"
fish        herokutf completion fish > ~/.config/fish/completions/herokutf.fish
powershell  herokutf completion powershell | Out-String | Invoke-Expression

The first three take effect in new shells.`

type completionOptions struct {
	*env
	root  *cobra.Command
	shell string
	plain bool
}

// shells write the completion script of a shell, with descriptions or without.
func (o *completionOptions) shells() map[string]func(io.Writer) error {
	return map[string]func(io.Writer) error{
		"bash": func(w io.Writer) error { return o.root.GenBashCompletionV2(w, !o.plain) },
		"zsh": func(w io.Writer) error {
			if o.plain {
				return o.root.GenZshCompletionNoDesc(w)
			}
			return o.root.GenZshCompletion(w)
		},
		"fish": func(w io.Writer) error { return o.root.GenFishCompletion(w, !o.plain) },
		"powershell": func(w io.Writer) error {
			if o.plain {
				return o.root.GenPowerShellCompletion(w)
			}
			return o.root.GenPowerShellCompletionWithDesc(w)
		},
	}
}

func newCompletionCmd(e *env) *cobra.Command {
	o := &completionOptions{env: e}
	words := []string{"bash", "zsh", "fish", "powershell"}
	cmd := &cobra.Command{
		Use:         "completion SHELL",
		Short:       "Print a completion script for bash, zsh, fish or powershell",
		Long:        completionHelp,
		Annotations: map[string]string{exitCodes: "0  printed\n1  there is no such shell"},
		Example:     "source <(herokutf completion bash)",
		ValidArgs:   words,
	}
	cmd.Flags().BoolVar(&o.plain, "no-descriptions", false, "complete without saying what things are")
	check := func(o *completionOptions, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("name the shell: %s", either(words))
		}
		o.root, o.shell = cmd.Root(), args[0]
		if o.shells()[o.shell] == nil {
			return fmt.Errorf("%q is no shell that is known here: they are %s", o.shell, either(words))
		}
		return nil
	}
	cmd.RunE = runs(e, o, check, completionRun, nil)
	return cmd
}

func completionRun(_ context.Context, o *completionOptions) error {
	return o.shells()[o.shell](o.Stdout)
}
