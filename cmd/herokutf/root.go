package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/internal/printable"
)

const name = "herokutf"

const rootHelp = `Works on Heroku apps that Terraform manages: passes the slugs that their
pipelines run to Terraform, reports what has drifted from the state, repairs the
state after an app was renamed, and brings apps that were made by hand under
Terraform.

Credentials: HEROKU_API_KEY, else what "heroku login" has kept, in the system's
store or in the netrc file. HEROKU_API_URL overrides the API's address. Values
of config vars and other secrets are never printed, unless that is asked for.
Defaults for flags are in the environment, as HEROKUTF_TIMEOUT for --timeout,
and in herokutf.hcl of the folder, or of one above it in the repository.`

// newRootCmd returns the command with all its verbs.
func newRootCmd(e *env) *cobra.Command {
	root := &cobra.Command{
		Use:           name,
		Short:         "Heroku apps under Terraform: slugs, drift, renames and adoption",
		Long:          rootHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		// The verb of that name is our own.
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Annotations: map[string]string{exitCodes: `0    done, or nothing to do
1    error
130  interrupted; 143 terminated
Verbs have others; their help lists them.`},
	}
	version := root.Flags().BoolP("version", "v", false, "print the version")
	root.RunE = func(cmd *cobra.Command, _ []string) error {
		if *version {
			return versionRun(cmd.Context(), &versionOptions{env: e, format: formatText})
		}
		return cmd.Help()
	}
	flags := root.PersistentFlags()
	bindChoice(root, flags, &e.color, "color", "paint what is printed: `WHEN` is auto, always or never", ui.ColorModes()...)
	flags.Var(duration{&e.timeout}, "timeout", "end the whole run after `D`, such as 10m (default: no limit)")
	complete(root, "timeout")
	flags.Var(choice{&e.tokenFrom, []string{"env", "store", "netrc"}}, "token-from", "take the token from this `PLACE` alone: env (HEROKU_API_KEY), store (of the system, as the Heroku CLI keeps it) or netrc (default: the first that has one)")
	complete(root, "token-from", "env", "store", "netrc")
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { fmt.Fprint(cmd.OutOrStdout(), helpText(cmd)) })
	root.SetFlagErrorFunc(flagError)
	root.SetIn(e.Stdin)
	root.SetOut(e.Stdout)
	root.SetErr(e.Stderr)

	root.AddCommand(
		newSlugsCmd(e, nil),
		newDriftCmd(e, nil),
		newRenameCmd(e, nil),
		newAdoptCmd(e, nil),
		newUndoCmd(e, nil),
		newRecoverCmd(e, nil),
		newDeployCmd(e, nil),
		newFakeCmd(e, nil),
		newVersionCmd(e, nil),
		newCompletionCmd(e),
		newManCmd(e),
	)
	root.SetHelpCommand(newHelpCmd(e))
	root.InitDefaultHelpCmd()
	for _, cmd := range append(root.Commands(), root) {
		cmd.InitDefaultHelpFlag()
		cmd.Flags().Lookup("help").Usage = "print this help"
		cmd.DisableFlagsInUseLine = true
	}
	return root
}

// execute parses args and runs what they ask for.
func (e *env) execute(ctx context.Context, root *cobra.Command, args []string) error {
	args, unknown := normalize(root, args)
	if unknown != "" {
		return unknownVerb(root, unknown)
	}
	root.SetArgs(append([]string{}, args...)) // nil would be those of the process
	return root.ExecuteContext(ctx)
}

// unknownVerb says what may have been meant. The commands of before this one
// are known by their names.
func unknownVerb(root *cobra.Command, word string) error {
	var names []string
	for _, cmd := range root.Commands() {
		if cmd.Hidden {
			continue
		}
		if slices.Contains(cmd.SuggestFor, word) {
			return &usageError{name, fmt.Errorf("unknown verb %q; did you mean %s?", word, cmd.Name())}
		}
		names = append(names, cmd.Name())
	}
	return &usageError{name, errors.New(fmt.Sprintf("unknown verb %q", word) + didYouMean("", word, names))}
}

// noArgs refuses arguments; instead says what to do with them.
func noArgs(args []string, instead string) error {
	if len(args) == 0 {
		return nil
	}
	if instead != "" {
		instead = "; " + instead
	}
	return fmt.Errorf("unexpected argument %s%s", printable.Path(args[0]), instead)
}
