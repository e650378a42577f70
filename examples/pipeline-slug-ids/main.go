// Command pipeline-slug-ids prints which slugs Heroku pipelines run, as the
// Terraform variables {name}_slug_{stage}, or runs a command that has them.
//
//	export BUILD_PIPELINE_API=5b3a…        a pipeline's UUID or name
//	vars=$(pipeline-slug-ids) && eval "$vars"
//	pipeline-slug-ids -- terraform apply
//	pipeline-slug-ids -format tfvars -o slugs.auto.tfvars
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/examples/internal/cli"
)

const name = "pipeline-slug-ids"

// exitMissing is the exit code of -keep-going when something is missing.
const exitMissing = 3

const help = `usage: pipeline-slug-ids [flags]
       pipeline-slug-ids [flags] -- COMMAND [ARGS]

Resolves the slugs that the apps of Heroku pipelines run to the Terraform
variables TF_VAR_{name}_slug_{stage} (for Fir apps TF_VAR_{name}_oci_image_{stage})
and prints them, or runs COMMAND with them.

Pipelines come from environment variables: BUILD_PIPELINE_{NAME} holds a
pipeline's UUID or name, and NAME, in lower case, is the variables' {name}.

Credentials: HEROKU_API_KEY, else the netrc file that "heroku login" writes.
HEROKU_API_URL overrides the API's address.

Flags:
`

const helpExit = `
Exit codes: 0; 1 error, and nothing is printed; 3 with -keep-going when some
variables are missing or don't fit -check; that of COMMAND.

In a script, take the exit code before you evaluate:
  vars=$(pipeline-slug-ids) && eval "$vars"
since eval "$(pipeline-slug-ids)" succeeds when there is nothing to evaluate.
`

func main() { cli.Main(run) }

func run(ctx context.Context, std cli.IO, args []string) int {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	var resolve cli.SlugFlags
	format := fs.String("format", string(herokutf.FormatShell), "`FORMAT` of the output: shell, fish, powershell, dotenv, tfvars, tfvars-json, json or github")
	file := fs.String("o", "", "write to `FILE` instead of standard output (mode 0600; github appends to it)")
	resolve.Register(fs)
	resolve.RegisterKeepGoing(fs)
	fs.Usage = func() {
		fmt.Fprint(fs.Output(), help)
		fs.PrintDefaults()
		fmt.Fprint(fs.Output(), helpExit)
	}
	own, command, err := cli.SplitCommand(args)
	if err != nil {
		cli.Usage(fs, std, err)
		return cli.ExitError
	}
	if code, ok := cli.Parse(fs, std, own); !ok {
		return code
	}
	var output herokutf.Format
	set := make(map[string]bool)
	fs.Visit(func(f *flag.Flag) { set[f.Name] = true })
	switch {
	case fs.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q; a command goes behind --", fs.Arg(0))
	case command != nil && (set["format"] || set["o"]):
		err = errors.New("-format and -o don't go with a command, which gets the variables in its environment")
	default:
		output, err = herokutf.ParseFormat(*format)
	}
	if err != nil {
		cli.Usage(fs, std, err)
		return cli.ExitError
	}

	slugs, complete, err := resolve.Resolve(ctx, name, std)
	if err != nil {
		cli.Fail(name, std, err)
		return cli.ExitError
	}
	if command != nil {
		code, err := cli.Run(ctx, std, cli.Child{Args: command, Environ: slugs.Environ(std.Environ)})
		if err != nil {
			cli.Fail(name, std, err)
			return cli.ExitError
		}
		return code
	}
	if err := write(std, slugs, output, *file); err != nil {
		cli.Fail(name, std, err)
		return cli.ExitError
	}
	if !complete {
		return exitMissing
	}
	return cli.ExitOK
}

// write prints the variables or puts them into a file.
func write(std cli.IO, slugs *herokutf.Slugs, format herokutf.Format, file string) error {
	if file == "" && format == herokutf.FormatGitHub {
		file = std.Getenv("GITHUB_ENV")
		if file == "" {
			return errors.New("-format github: GITHUB_ENV isn't set; name the file with -o")
		}
	}
	if file != "" && file != "-" {
		return slugs.WriteFile(file, format, std.Environ)
	}
	var buf bytes.Buffer
	if err := slugs.Write(&buf, format, std.Environ); err != nil {
		return err
	}
	_, err := std.Stdout.Write(buf.Bytes())
	return err
}
