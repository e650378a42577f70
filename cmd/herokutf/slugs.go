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

const (
	// exitDiff is the exit code of --diff when there is a difference.
	exitDiff = 2
	// exitMissing is that of --keep-going when something is missing.
	exitMissing = 3
)

const slugsHelp = `Resolves the slugs that the apps of Heroku pipelines run to the Terraform
variables TF_VAR_{name}_slug_{stage}, for Fir apps
TF_VAR_{name}_oci_image_{stage}, and prints them, or runs COMMAND with them.

Pipelines come from environment variables: BUILD_PIPELINE_{NAME} holds a
pipeline's UUID or name, and NAME, in lower case, is the variables' {name}.

--lock keeps what was resolved in a pin file, and --locked takes exactly that in
a later run. --diff prints what would change against a pin file, or against a
state: what Terraform has released.

With --format external it is a program for Terraform's data source "external",
whose query may name pipelines as the environment does. --to tfc sets the
variables of an HCP Terraform workspace.

In a script, take the exit code before you evaluate: vars=$(herokutf slugs) &&
eval "$vars". eval "$(herokutf slugs)" succeeds when there is nothing to
evaluate.`

type slugsOptions struct {
	*env
	slugFlags
	format  string
	output  string // "" and "-": standard output
	command []string

	diff      string // a pin file or a state; "": none
	to        string // "tfc", or ""
	workspace string

	explicit    bool // the format or the output was asked for
	formatGiven bool
}

func newSlugsCmd(e *env, standIn func(context.Context, *slugsOptions) error) *cobra.Command {
	o := &slugsOptions{env: e}
	cmd := &cobra.Command{
		Use:        "slugs [flags]\nslugs [flags] -- COMMAND [ARGS]",
		Short:      "Print the slugs that pipelines run as Terraform variables",
		Long:       slugsHelp,
		SuggestFor: []string{"pipeline-slug-ids", "slug", "resolve"},
		Example: `herokutf slugs -- terraform apply
herokutf slugs --stage staging,production --format tfvars -o slugs.auto.tfvars
herokutf slugs --lock slugs.lock.json
herokutf slugs --locked slugs.lock.json -- terraform apply
terraform state pull | herokutf slugs --diff - --format markdown
herokutf slugs --to tfc --workspace acme/production
vars=$(herokutf slugs) && eval "$vars"`,
		Annotations: map[string]string{exitCodes: `0  resolved
1  error, and nothing is printed
2  --diff has found a difference
3  with --keep-going, some variables are missing or don't fit --check
COMMAND's own, where one is run`},
	}
	formats := variableFormats()
	bindFormat(cmd, &o.format, "print the variables in this `FORMAT`: "+either(formats)+"; with --diff, text, json or markdown",
		append(formats, formatText, formatMarkdown)...)
	cmd.Flags().StringVarP(&o.output, "output", "o", "", "write to `FILE` instead of standard output (mode 0600; github, github-output and circleci append to it)")
	completeFiles(cmd, "output")
	o.bind(cmd)
	bindPins(cmd, &o.diff, "diff", "print what changes against the pins or the state in `FILE`, - for standard input")
	cmd.Flags().StringVar(&o.to, "to", "", "set the variables at this `PLACE`: tfc, a workspace of HCP Terraform")
	complete(cmd, "to", placeTFC)
	cmd.Flags().StringVar(&o.workspace, "workspace", "", "the workspace for --to, as `ORGANIZATION/NAME`")
	complete(cmd, "workspace")
	cmd.Flags().BoolVar(&o.keepGoing, "keep-going", false, "print what could be resolved even if some could not, or doesn't fit --check; exit code 3")
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		o.formatGiven = cmd.Flags().Changed("format")
		o.explicit = o.formatGiven || cmd.Flags().Changed("output")
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

const (
	placeTFC       = "tfc"
	formatMarkdown = "markdown"
)

// variableFormats are the names of the formats for variables.
func variableFormats() []string {
	var formats []string
	for _, f := range herokutf.Formats() {
		formats = append(formats, string(f))
	}
	return formats
}

func (o *slugsOptions) checkFlags([]string) error {
	if o.diff != "" && !o.formatGiven {
		o.format = formatText
	}
	isDiff := o.format == formatText || o.format == formatMarkdown
	switch {
	case o.command != nil && len(o.command) == 0:
		return errors.New("there is no command behind --")
	case o.command != nil && o.explicit:
		return errors.New("--format and --output don't go with a command, which gets the variables in its environment")
	case o.command != nil && (o.diff != "" || o.to != ""):
		return errors.New("--diff and --to don't go with a command")
	case isDiff && o.diff == "":
		return fmt.Errorf("--format %s is for --diff; variables are printed as %s", o.format, either(variableFormats()))
	case o.diff != "" && !isDiff && o.format != formatJSON:
		return fmt.Errorf("--diff prints %s, %s or %s, not %s", formatText, formatJSON, formatMarkdown, o.format)
	case o.to != "" && o.to != placeTFC:
		return fmt.Errorf("--to %q: it is %s", o.to, placeTFC)
	case o.to != "" && o.workspace == "":
		return errors.New("--to tfc: name the workspace with --workspace ORGANIZATION/NAME")
	case o.to == "" && o.workspace != "":
		return errors.New("--workspace goes with --to tfc")
	case o.to != "" && (o.explicit || o.diff != ""):
		return errors.New("--to prints nothing: --format, --output and --diff go without it")
	}
	return o.checkPins()
}

func slugsRun(ctx context.Context, o *slugsOptions) error {
	if o.format == string(herokutf.FormatExternal) && o.command == nil && o.to == "" {
		if err := o.readQuery(ctx); err != nil {
			return err
		}
	}
	// What is compared with may be the file that --lock is about to write.
	var released *baseline
	if o.diff != "" {
		var err error
		if released, err = o.readBaseline(ctx); err != nil {
			return err
		}
		o.commits = true
	}
	slugs, complete, err := o.resolve(ctx, o.env, "slugs")
	if err != nil {
		return err
	}
	if released == nil {
		for _, note := range slugs.Notes {
			o.printer.Warn(note)
		}
	}
	if err := o.writePins(slugs); err != nil {
		return err
	}
	changed := false
	switch {
	case o.command != nil:
		return o.runCommand(ctx, slugs)
	case o.to != "":
		err = o.push(ctx, slugs)
	case released != nil:
		changed, err = o.printDiff(ctx, released, slugs)
	default:
		err = o.deliver(slugs)
	}
	if err != nil {
		return err
	}
	switch {
	case !complete:
		return exitCode(exitMissing)
	case changed:
		return exitCode(exitDiff)
	}
	return nil
}

// runCommand runs the command with the variables, and with the token where it
// wouldn't find that by itself.
func (o *slugsOptions) runCommand(ctx context.Context, slugs *herokutf.Slugs) error {
	environ := slugs.Environ(o.Environ)
	if o.known != nil { // nobody was asked for anything with --offline
		environ = o.known.Environ(environ)
	}
	status, err := ui.Run(ctx, o.IO, ui.Child{Args: o.command, Environ: environ})
	if err != nil {
		return err
	}
	return code(status)
}

// fileOf are the variables that name the file of a format.
var fileOf = map[herokutf.Format]string{
	herokutf.FormatGitHub:       "GITHUB_ENV",
	herokutf.FormatGitHubOutput: "GITHUB_OUTPUT",
	herokutf.FormatCircleCI:     "BASH_ENV",
}

// deliver prints the variables or puts them into a file.
func (o *slugsOptions) deliver(slugs *herokutf.Slugs) error {
	file, format := o.output, herokutf.Format(o.format)
	if variable := fileOf[format]; file == "" && variable != "" {
		if file = o.Getenv(variable); file == "" {
			return fmt.Errorf("--format %s: %s isn't set; name the file with -o", format, variable)
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
