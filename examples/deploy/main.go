// Command deploy releases what Heroku pipelines have built: it resolves the
// slugs, refuses to go on when Heroku has drifted from the state, plans with
// Terraform, refuses a plan that loses an app or an add-on or has other slugs,
// and applies what it planned.
//
//	deploy -chdir production
//	deploy -allow-destroy heroku_addon.old_db
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/examples/internal/cli"
)

const name = "deploy"

const help = `usage: deploy [flags] [-- PLAN-ARGS]

Resolves the slugs of the pipelines that BUILD_PIPELINE_{NAME} name (see
pipeline-slug-ids -h), compares the state with Heroku, runs "terraform plan"
with the slugs, and applies that plan unless it destroys or replaces a Heroku
app or add-on, or was made with other slugs. PLAN-ARGS, such as -target or
-var-file, go to "terraform plan".

The state is what "terraform state pull" prints. If Heroku has drifted from it
(see detect-drift -h), the report goes to standard error and nothing is planned:
what somebody changed by hand since the last apply, this one would undo or fail
on. That includes an app that runs another slug than Terraform released, unless
deploy resolved that slug from this very app. What the rules of -ignore and
lifecycle.ignore_changes in the configuration cover is no drift, and neither is
what can't be read.

Flags:
`

const helpExit = `
Exit codes: 0; Terraform's own when it fails; 1 any other error, the refusal of
drift or of a plan among them. Nothing is applied then.
`

func main() { cli.Main(run) }

func run(ctx context.Context, std cli.IO, args []string) int {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	var resolve cli.SlugFlags
	var allow cli.List
	dir := fs.String("chdir", ".", "the `DIR` with the Terraform configuration")
	terraform := fs.String("terraform", "terraform", "the terraform `COMMAND`, for example tofu")
	planOnly := fs.Bool("plan-only", false, "plan and judge the plan, but don't apply it")
	fs.Var(&allow, "allow-destroy", "the `ADDRESS` of an app or add-on that may be destroyed or replaced (repeatable)")
	drift := fs.String("drift", driftRefuse, "what to do about drift, as `MODE`: refuse to go on; warn, which reports it and goes on; off, which doesn't look")
	ignore := fs.String("ignore", "", "leave out of drift what the rules in `FILE`, HCL or JSON, say")
	resolve.Register(fs)
	fs.Usage = func() {
		fmt.Fprint(fs.Output(), help)
		fs.PrintDefaults()
		fmt.Fprint(fs.Output(), helpExit)
	}
	own, planArgs, err := cli.SplitCommand(args)
	if err != nil {
		cli.Usage(fs, std, err)
		return cli.ExitError
	}
	if code, ok := cli.Parse(fs, std, own); !ok {
		return code
	}
	if fs.NArg() > 0 {
		cli.Usage(fs, std, fmt.Errorf("unexpected argument %q; arguments for the plan go behind --", fs.Arg(0)))
		return cli.ExitError
	}
	switch {
	case !slices.Contains([]string{driftRefuse, driftWarn, driftOff}, *drift):
		cli.Usage(fs, std, fmt.Errorf("-drift %q: it is refuse, warn or off", *drift))
		return cli.ExitError
	case *drift == driftOff && *ignore != "":
		cli.Usage(fs, std, errors.New("-ignore has nothing to do with -drift off"))
		return cli.ExitError
	}
	for _, arg := range planArgs {
		if flag, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "="); flag != arg && (flag == "out" || flag == "detailed-exitcode") {
			cli.Usage(fs, std, fmt.Errorf("%s can't be among the arguments for the plan, which is kept and judged here", arg))
			return cli.ExitError
		}
	}

	rules, err := cli.ReadIgnoreRules(*ignore)
	if err != nil {
		cli.Fail(name, std, err)
		return cli.ExitError
	}
	slugs, _, err := resolve.Resolve(ctx, name, std)
	if err != nil {
		cli.Fail(name, std, err)
		return cli.ExitError
	}
	for _, a := range slugs.Artifacts {
		fmt.Fprintf(std.Stderr, "%s: %s = %s (%s v%d)\n", name, a.Variable, a.Value, a.App.Name, a.Release.Version)
	}
	d := deployment{
		std:       std,
		terraform: *terraform,
		dir:       *dir,
		// In automation Terraform doesn't advise to apply a plan file that may
		// be refused, and is gone in either case.
		environ: append(slugs.Environ(std.Environ), "TF_IN_AUTOMATION=1"),
	}
	code := 0
	if *drift != driftOff {
		g := gate{mode: *drift, ignore: rules, slugs: slugs}
		code, err = g.pass(ctx, &d)
	}
	if err == nil && code == 0 {
		code, err = d.run(ctx, slugs, planArgs, allow, *planOnly)
	}
	if err != nil {
		cli.Fail(name, std, err)
		return cli.ExitError
	}
	return code
}

// A deployment runs Terraform in one folder and environment.
type deployment struct {
	std       cli.IO
	terraform string
	dir       string
	environ   []string
}

// run plans, judges and applies. The code is Terraform's.
func (d *deployment) run(ctx context.Context, slugs *herokutf.Slugs, planArgs, allow []string, planOnly bool) (code int, err error) {
	// The plan holds secrets in clear: it stays in a folder that only this
	// user can read, and no longer than it is needed.
	tmp, err := os.MkdirTemp("", "herokutf-deploy-")
	if err != nil {
		return 0, fmt.Errorf("make a folder for the plan: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	file := filepath.Join(tmp, "plan")

	// TF_CLI_ARGS_plan could ask for exit codes that look like a failure.
	args := append([]string{"plan", "-input=false", "-detailed-exitcode=false", "-out=" + file}, planArgs...)
	if code, err := d.exec(ctx, d.std, args...); err != nil || code != 0 {
		return code, err
	}
	plan, code, err := d.show(ctx, file)
	if err != nil || code != 0 {
		return code, err
	}
	if err := errors.Join(slugs.CheckPlan(plan), herokutf.CheckPlan(plan, allow...)); err != nil {
		return 0, fmt.Errorf("nothing was applied: %w", err)
	}
	if planOnly {
		return 0, nil
	}
	return d.exec(ctx, d.std, "apply", "-input=false", file)
}

// show reads a plan file through Terraform.
func (d *deployment) show(ctx context.Context, file string) (*tfjson.Plan, int, error) {
	var out bytes.Buffer
	std := d.std
	std.Stdout = &out
	if code, err := d.exec(ctx, std, "show", "-json", file); err != nil || code != 0 {
		return nil, code, err
	}
	var plan tfjson.Plan
	if err := json.Unmarshal(out.Bytes(), &plan); err != nil {
		return nil, 0, fmt.Errorf("read the plan that %q printed: %w", d.terraform+" show -json", err)
	}
	return &plan, 0, nil
}

func (d *deployment) exec(ctx context.Context, std cli.IO, args ...string) (int, error) {
	return cli.Run(ctx, std, cli.Child{Args: append([]string{d.terraform}, args...), Dir: d.dir, Environ: d.environ})
}
