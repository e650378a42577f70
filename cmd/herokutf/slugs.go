package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
)

// exitMissing is the exit code of --keep-going when something is missing.
const exitMissing = 3

const slugsHelp = `Resolves the slugs that the apps of Heroku pipelines run to the Terraform
variables TF_VAR_{name}_slug_{stage}, for Fir apps
TF_VAR_{name}_oci_image_{stage}, and prints them, or runs COMMAND with them.

Pipelines come from environment variables: BUILD_PIPELINE_{NAME} holds a
pipeline's UUID or name, and NAME, in lower case, is the variables' {name}.

In a script, take the exit code before you evaluate: vars=$(herokutf slugs) &&
eval "$vars". eval "$(herokutf slugs)" succeeds when there is nothing to
evaluate.`

type slugsOptions struct {
	*env
	slugFlags
	format  string
	output  string // "" and "-": standard output
	command []string

	explicit bool // the format or the output was asked for
}

func newSlugsCmd(e *env, standIn func(context.Context, *slugsOptions) error) *cobra.Command {
	o := &slugsOptions{env: e}
	cmd := &cobra.Command{
		Use:        "slugs [flags]\nslugs [flags] -- COMMAND [ARGS]",
		Short:      "Print the slugs that pipelines run as Terraform variables",
		Long:       slugsHelp,
		SuggestFor: []string{"pipeline-slug-ids", "slug", "resolve"},
		Example: `vars=$(herokutf slugs) && eval "$vars"
herokutf slugs --stage staging,production -- terraform apply
herokutf slugs --format tfvars -o slugs.auto.tfvars`,
		Annotations: map[string]string{exitCodes: `0  resolved
1  error, and nothing is printed
3  with --keep-going, some variables are missing or don't fit --check
COMMAND's own, where one is run`},
	}
	formats := make([]string, 0, len(herokutf.Formats()))
	for _, f := range herokutf.Formats() {
		formats = append(formats, string(f))
	}
	bindFormat(cmd, &o.format, "print the variables in this `FORMAT`: "+either(formats), formats...)
	cmd.Flags().StringVarP(&o.output, "output", "o", "", "write to `FILE` instead of standard output (mode 0600; github appends to it)")
	completeFiles(cmd, "output")
	o.bind(cmd)
	cmd.Flags().BoolVar(&o.keepGoing, "keep-going", false, "print what could be resolved even if some could not, or doesn't fit --check; exit code 3")
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		o.explicit = cmd.Flags().Changed("format") || cmd.Flags().Changed("output")
		if dash := cmd.ArgsLenAtDash(); dash >= 0 {
			o.command = append([]string{}, args[dash:]...)
			args = args[:dash]
		}
		if err := noArgs(args, "a command goes behind --"); err != nil {
			return &usageError{cmd.CommandPath(), err}
		}
		return nil
	}
	cmd.RunE = runs(e, o, (*slugsOptions).checkFlags, slugsRun, standIn)
	return cmd
}

func (o *slugsOptions) checkFlags([]string) error {
	_, err := o.stageApps()
	switch {
	case o.command != nil && len(o.command) == 0:
		return errors.New("there is no command behind --")
	case o.command != nil && o.explicit:
		return errors.New("--format and --output don't go with a command, which gets the variables in its environment")
	}
	return err
}

func slugsRun(ctx context.Context, o *slugsOptions) error {
	slugs, complete, err := o.resolve(ctx, o.env, "slugs")
	if err != nil {
		return err
	}
	if o.command != nil {
		status, err := ui.Run(ctx, o.IO, ui.Child{Args: o.command, Environ: slugs.Environ(o.Environ)})
		if err != nil {
			return err
		}
		return code(status)
	}
	if err := o.deliver(slugs); err != nil {
		return err
	}
	if !complete {
		return exitCode(exitMissing)
	}
	return nil
}

// deliver prints the variables or puts them into a file.
func (o *slugsOptions) deliver(slugs *herokutf.Slugs) error {
	file, format := o.output, herokutf.Format(o.format)
	if file == "" && format == herokutf.FormatGitHub {
		if file = o.Getenv("GITHUB_ENV"); file == "" {
			return errors.New("--format github: GITHUB_ENV isn't set; name the file with -o")
		}
	}
	if file != "" && file != "-" {
		return slugs.WriteFile(file, format, o.Environ)
	}
	var buf bytes.Buffer
	if err := slugs.Write(&buf, format, o.Environ); err != nil {
		return err
	}
	if err := o.write(buf.Bytes()); err != nil {
		return fmt.Errorf("print the variables: %w", err)
	}
	return nil
}
