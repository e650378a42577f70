package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/ignore"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

const deployHelp = `Resolves the slugs of the pipelines that BUILD_PIPELINE_{NAME} name (see
herokutf help slugs), compares the state with Heroku, runs terraform plan with
the slugs, judges the plan, asks, and applies that very plan. ARGS, such as
-target, go to terraform plan. These gates refuse it, each with its name in
--format json:

variables  something was resolved that the configuration doesn't declare
slugs      the plan was made with other slugs
plan       it destroys or replaces an object, of any provider, that
           --allow-destroy doesn't name; but releases, builds and slugs are
           replaced at every deployment, and nothing is lost
drift      it would undo what was done on Heroku since the last apply, or fail
           on it; what the configuration has taken in already, what -target
           leaves out, what the rules of --ignore and lifecycle.ignore_changes
           cover and what can't be read is no reason
approval   nobody has said yes: it asks on a terminal, and anywhere else
           --auto-approve has to be given

A plan without changes is not applied. As with Terraform's own -chdir, all files
are looked for in the DIR of --chdir: those of --ignore, --out, --check, --lock
and --locked, and those of ARGS. With --format json what Terraform prints goes
to standard error.`

type deployOptions struct {
	*env
	slugFlags
	folderFlags
	format      string
	planOnly    bool
	out         string // "": the plan isn't kept
	approved    bool
	allow       []string
	drift       string
	ignore      []string // files
	lockTimeout time.Duration

	checkGiven bool // --check was, so that it says which configuration counts
	planArgs   []string
}

func newDeployCmd(e *env, standIn func(context.Context, *deployOptions) error) *cobra.Command {
	o := &deployOptions{env: e}
	cmd := &cobra.Command{
		Use:        "deploy [flags] [-- ARGS]",
		Short:      "Resolve slugs, look for drift, plan, judge the plan, apply",
		Long:       deployHelp,
		SuggestFor: []string{"apply", "plan", "release"},
		Example: `herokutf deploy --chdir production
herokutf deploy --auto-approve --allow-destroy 'heroku_addon.old_*'
herokutf deploy --locked slugs.lock.json
herokutf deploy --plan-only --out FILE --var-file production.tfvars`,
		Annotations: map[string]string{exitCodes: `0  applied, or there was nothing to apply
1  error: what a gate refuses among them; nothing is applied then
Terraform's own, when it fails`},
	}
	flags := cmd.Flags()
	o.folderFlags.bind(cmd)
	o.bindVars(cmd)
	bindFormat(cmd, &o.format, "print what was done in this `FORMAT`: text, on standard error, or json", formatText, formatJSON)
	flags.BoolVar(&o.planOnly, "plan-only", false, "plan and judge the plan, but don't apply it")
	flags.StringVar(&o.out, "out", "", "with --plan-only, keep the plan in `FILE` (mode 0600; it holds secrets), to apply it when it is approved")
	flags.BoolVar(&o.approved, "auto-approve", false, "apply without asking")
	flags.StringArrayVar(&o.allow, "allow-destroy", nil, "the `ADDRESS` of an object that may be destroyed or replaced; * stands for any text (repeatable)")
	bindChoice(cmd, flags, &o.drift, "drift", "what to do about drift, as `MODE`: refuse a plan that undoes it; warn, which reports it and goes on; off, which doesn't look", driftRefuse, driftWarn, driftOff)
	flags.StringArrayVar(&o.ignore, "ignore", nil, "leave out of drift what the rules in `FILE`, HCL or JSON, say (repeatable)")
	bindLockTimeout(cmd, &o.lockTimeout, "how long Terraform waits for the state's lock, as `D`, such as 30s")
	o.slugFlags.bind(cmd)
	flags.Lookup("check").Usage = "hold the variables against the configuration in `DIR`, and refuse all that doesn't fit; --check= looks at none (default: what the configuration of --chdir doesn't declare is refused)"
	completeFiles(cmd, "out")
	completeFiles(cmd, "ignore", "hcl", "json")
	complete(cmd, "allow-destroy")
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		o.checkGiven = cmd.Flags().Changed("check")
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
	o.checkGiven = o.checkGiven || o.check != "" // by a default
	switch {
	case o.drift == driftOff && len(o.ignore) > 0:
		return errors.New("--ignore has nothing to do with --drift off")
	case o.planOnly && o.approved:
		return errors.New("--plan-only applies nothing: --auto-approve goes without it")
	case o.out != "" && !o.planOnly:
		return errors.New("--out keeps the plan of --plan-only; a plan that is applied isn't kept")
	}
	for _, arg := range o.planArgs {
		if flag, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "="); flag != arg && (flag == "out" || flag == "detailed-exitcode") {
			return fmt.Errorf("%s can't be among the arguments for the plan, which is kept and judged here", arg)
		}
	}
	if err := o.checkVars(); err != nil {
		return err
	}
	o.place = place{dir: o.dir}
	o.dir = cmp.Or(o.dir, ".")
	return o.checkPins()
}

// A deployment runs Terraform on one configuration, in one environment.
type deployment struct {
	*deployOptions
	heroku  *platform.Client
	environ []string
	rules   *ignore.Rules
	slugs   *herokutf.Slugs
	found   *herokutf.DriftReport // nil if nothing was looked for
	undone  []undoing

	summary deploySummary
}

func deployRun(ctx context.Context, o *deployOptions) error {
	// Nobody is asked for anything if the plan can't be made.
	if err := o.findTerraform(); err != nil {
		return err
	}
	if info, err := os.Stat(o.dir); err != nil {
		return fmt.Errorf("--chdir: %w", err)
	} else if !info.IsDir() {
		return fmt.Errorf("--chdir: %s is no folder", o.dir)
	}
	d := deployment{deployOptions: o}
	err := d.deploy(ctx)
	return cmp.Or(err, d.report(err))
}

// deploy goes through the gates in their order.
func (d *deployment) deploy(ctx context.Context) error {
	var files []string
	for _, file := range d.ignore {
		files = append(files, d.inDir(file))
	}
	var err error
	if d.rules, err = readRules(files); err != nil {
		return err
	}
	d.check, d.lock, d.locked = d.inDir(d.check), d.inDir(d.lock), d.inDir(d.locked)
	if d.slugs, _, err = d.resolve(ctx, d.env, "deploy"); err != nil {
		return err
	}
	if err := d.checkVariables(); err != nil {
		return err
	}
	if d.format != formatJSON {
		var text strings.Builder
		for _, a := range d.slugs.Artifacts {
			fmt.Fprintf(&text, "%s = %s (%s v%d)\n", a.Variable, a.Value, a.App.Name, a.Release.Version)
		}
		d.printer.Print(text.String())
		for _, note := range d.slugs.Notes {
			d.printer.Warn(note)
		}
	}
	if err := d.writePins(d.slugs); err != nil {
		return err
	}
	if d.heroku, err = d.client("deploy", nil); err != nil {
		return err
	}
	// In automation Terraform doesn't advise to apply a plan file that may be
	// refused, and is gone in either case. The provider finds a token in the
	// environment or in netrc alone.
	d.environ = d.heroku.Environ(append(d.slugs.Environ(d.Environ), "TF_IN_AUTOMATION=1"))
	var state *statefile.File // nil without one, and if it isn't to be looked at
	if d.drift != driftOff {
		if state, err = d.pull(ctx); err != nil {
			return err
		}
	}
	if state != nil {
		if err := d.showSlugs(ctx, state); err != nil {
			return err
		}
	}
	if d.found, err = d.compare(ctx, state); err != nil {
		return err
	}
	return d.run(ctx)
}

// findTerraform settles which command is Terraform, and that it is there.
func (o *deployOptions) findTerraform() error {
	if o.terraform = cmp.Or(o.terraform, o.Getenv("HEROKUTF_TERRAFORM")); o.terraform != "" {
		_, err := exec.LookPath(o.terraform)
		return ui.Advise(err, "give the path of terraform or tofu with --terraform or HEROKUTF_TERRAFORM")
	}
	for _, o.terraform = range []string{"terraform", "tofu"} {
		if _, err := exec.LookPath(o.terraform); err == nil {
			return nil
		}
	}
	return ui.Advise(errors.New("neither terraform nor tofu is in PATH"),
		"install one of them, or give its path with --terraform or HEROKUTF_TERRAFORM")
}
