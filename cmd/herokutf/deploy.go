package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/ignore"
)

const deployHelp = `Resolves the slugs of the pipelines that BUILD_PIPELINE_{NAME} name (see
herokutf help slugs), compares the state with Heroku, runs terraform plan with
the slugs, and applies that plan unless it destroys or replaces a Heroku app or
add-on, or was made with other slugs. ARGS, such as -target or -var-file, go to
terraform plan. Before it applies it asks, unless nothing would change, or
--auto-approve has said yes.

The state is what terraform state pull prints. If Heroku has drifted from it
(see herokutf help drift), the report goes to standard error and nothing is
planned: what somebody changed by hand since the last apply, this one would undo
or fail on. That includes an app that runs another slug than Terraform released,
unless the slug was resolved from this very app. What the rules of --ignore and
lifecycle.ignore_changes in the configuration cover is no drift, and neither is
what can't be read.`

type deployOptions struct {
	*env
	slugFlags
	dir         string
	terraform   string
	planOnly    bool
	approved    bool
	allow       []string
	drift       string
	ignore      string
	lockTimeout time.Duration

	planArgs []string
}

func newDeployCmd(e *env, standIn func(context.Context, *deployOptions) error) *cobra.Command {
	o := &deployOptions{env: e}
	cmd := &cobra.Command{
		Use:        "deploy [flags] [-- ARGS]",
		Short:      "Resolve slugs, look for drift, plan, judge the plan, apply",
		Long:       deployHelp,
		SuggestFor: []string{"apply", "plan", "release"},
		Example: `herokutf deploy --chdir production
herokutf deploy --auto-approve --allow-destroy heroku_addon.old_db
herokutf deploy --plan-only -- -var-file production.tfvars`,
		Annotations: map[string]string{exitCodes: `0  applied
1  error: drift and plans that are refused among them; nothing is applied then
Terraform's own, when it fails`},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.dir, "chdir", ".", "the folder `DIR` with the Terraform configuration")
	flags.StringVar(&o.terraform, "terraform", "", "the `COMMAND` that is Terraform (default $HEROKUTF_TERRAFORM, else terraform, else tofu)")
	flags.BoolVar(&o.planOnly, "plan-only", false, "plan and judge the plan, but don't apply it")
	flags.BoolVar(&o.approved, "auto-approve", false, "apply without asking")
	flags.StringArrayVar(&o.allow, "allow-destroy", nil, "the `ADDRESS` of an app or add-on that may be destroyed or replaced (repeatable)")
	bindChoice(cmd, flags, &o.drift, "drift", "what to do about drift, as `MODE`: refuse to go on; warn, which reports it and goes on; off, which doesn't look", driftRefuse, driftWarn, driftOff)
	flags.StringVar(&o.ignore, "ignore", "", "leave out of drift what the rules in `FILE`, HCL or JSON, say")
	bindLockTimeout(cmd, &o.lockTimeout, "how long Terraform waits for the state's lock, as `D`, such as 30s")
	o.bind(cmd)
	completeDirs(cmd, "chdir")
	completeFiles(cmd, "terraform")
	completeFiles(cmd, "ignore", "hcl", "json")
	complete(cmd, "allow-destroy")
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		own := args
		if dash := cmd.ArgsLenAtDash(); dash >= 0 {
			own, o.planArgs = args[:dash], args[dash:]
		}
		if err := noArgs(own, "arguments for the plan go behind --"); err != nil {
			return &usageError{cmd.CommandPath(), err}
		}
		return nil
	}
	cmd.RunE = runs(e, o, (*deployOptions).checkFlags, deployRun, standIn)
	return cmd
}

func (o *deployOptions) checkFlags([]string) error {
	switch {
	case o.drift == driftOff && o.ignore != "":
		return errors.New("--ignore has nothing to do with --drift off")
	case o.planOnly && o.approved:
		return errors.New("--plan-only applies nothing: --auto-approve goes without it")
	}
	for _, arg := range o.planArgs {
		if flag, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "="); flag != arg && (flag == "out" || flag == "detailed-exitcode") {
			return fmt.Errorf("%s can't be among the arguments for the plan, which is kept and judged here", arg)
		}
	}
	_, err := o.stageApps()
	return err
}

// A deployment runs Terraform in one folder and environment.
type deployment struct {
	*deployOptions
	environ []string
	rules   *ignore.Rules
	slugs   *herokutf.Slugs
}

func deployRun(ctx context.Context, o *deployOptions) error {
	d := deployment{deployOptions: o}
	d.findTerraform()
	var err error
	if d.rules, err = readRules(o.ignore); err != nil {
		return err
	}
	if d.slugs, _, err = o.resolve(ctx, o.env, "deploy"); err != nil {
		return err
	}
	var text strings.Builder
	for _, a := range d.slugs.Artifacts {
		fmt.Fprintf(&text, "%s = %s (%s v%d)\n", a.Variable, a.Value, a.App.Name, a.Release.Version)
	}
	o.printer.Print(text.String())
	// In automation Terraform doesn't advise to apply a plan file that may
	// be refused, and is gone in either case.
	d.environ = append(d.slugs.Environ(o.Environ), "TF_IN_AUTOMATION=1")
	if o.drift != driftOff {
		if err := d.gate(ctx); err != nil {
			return err
		}
	}
	return d.run(ctx)
}

// findTerraform settles which command is Terraform.
func (o *deployOptions) findTerraform() {
	if o.terraform = cmp.Or(o.terraform, o.Getenv("HEROKUTF_TERRAFORM")); o.terraform != "" {
		return
	}
	o.terraform = "terraform"
	if _, err := exec.LookPath("terraform"); err != nil {
		if _, err := exec.LookPath("tofu"); err == nil {
			o.terraform = "tofu"
		}
	}
}

// run plans, judges and applies. An exit code other than 0 is Terraform's.
func (d *deployment) run(ctx context.Context) (err error) {
	// The plan holds secrets in clear: it stays in a folder that only this
	// user can read, and no longer than it is needed.
	tmp, err := os.MkdirTemp("", "herokutf-deploy-")
	if err != nil {
		return fmt.Errorf("make a folder for the plan: %w", err)
	}
	defer func() {
		if rmErr := os.RemoveAll(tmp); rmErr != nil {
			err = errors.Join(err, rmErr)
		}
	}()
	file := filepath.Join(tmp, "plan")

	// TF_CLI_ARGS_plan could ask for exit codes that look like a failure.
	args := []string{"plan", "-input=false", "-detailed-exitcode=false", "-out=" + file}
	if err := d.exec(ctx, d.Stdout, slices.Concat(args, d.lockArgs(), d.planArgs)...); err != nil {
		return err
	}
	plan, err := d.show(ctx, file)
	if err != nil {
		return err
	}
	if err := errors.Join(d.slugs.CheckPlan(plan), herokutf.CheckPlan(plan, d.allow...)); err != nil {
		return fmt.Errorf("nothing was applied: %w", err)
	}
	if d.planOnly {
		return nil
	}
	if !d.approved && changes(plan) {
		if err := d.ask(ctx); err != nil {
			return err
		}
	}
	return d.exec(ctx, d.Stdout, slices.Concat([]string{"apply", "-input=false"}, d.lockArgs(), []string{file})...)
}

func (d *deployment) lockArgs() []string {
	if d.lockTimeout == 0 {
		return nil
	}
	return []string{"-lock-timeout=" + d.lockTimeout.String()}
}

// show reads a plan file through Terraform.
func (d *deployment) show(ctx context.Context, file string) (*tfjson.Plan, error) {
	var out bytes.Buffer
	if err := d.exec(ctx, &out, "show", "-json", file); err != nil {
		return nil, err
	}
	return herokutf.ParsePlan(fmt.Sprintf("that %q printed", d.terraform+" show -json"), out.Bytes())
}

// changes reports whether a plan would do anything but write the state.
func changes(plan *tfjson.Plan) bool {
	for _, rc := range plan.ResourceChanges {
		if rc.Change != nil && !rc.Change.Actions.NoOp() && !rc.Change.Actions.Read() {
			return true
		}
	}
	for _, out := range plan.OutputChanges {
		if !out.Actions.NoOp() {
			return true
		}
	}
	return false
}

// ask waits for a yes on standard input.
func (d *deployment) ask(ctx context.Context) error {
	d.printer.Print("Apply this plan? Only yes is taken for one: ")
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(io.LimitReader(d.Stdin, 100)).ReadString('\n')
		answer <- strings.TrimSpace(line)
	}()
	var said string
	select {
	case said = <-answer:
	case <-ctx.Done():
		return ctx.Err()
	}
	if !d.Interactive() {
		d.printer.Print("\n")
	}
	if said != "yes" {
		return ui.Advise(errors.New("nothing was applied: nobody has said yes to the plan"),
			"--auto-approve applies without asking, where nobody can answer; --plan-only doesn't apply")
	}
	return nil
}

// exec runs Terraform with its output to stdout. An exit code other than 0 is
// the error.
func (d *deployment) exec(ctx context.Context, stdout io.Writer, args ...string) error {
	std := d.IO
	std.Stdout = stdout
	status, err := ui.Run(ctx, std, ui.Child{Args: append([]string{d.terraform}, args...), Dir: d.dir, Environ: d.environ})
	if err != nil {
		return err
	}
	return code(status)
}
