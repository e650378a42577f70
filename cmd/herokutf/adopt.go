package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
	"github.com/herokutf/herokutf/tfconfig"
)

const adoptHelp = `Brings Heroku apps that were made by hand under Terraform: writes a
configuration for them and puts them into the state, so that terraform plan
says "No changes". Heroku is only read. What is chosen comes with all that
belongs to it, config vars included; what a state manages already, and what
Heroku and add-ons make by themselves, is left out, each with the reason.
Further states, whose objects stay theirs, are arguments.

Secrets become variables. Their values are written to *.auto.tfvars.json files
that only you can read, and that .gitignore is told of. No file that is there
is overwritten.

Where the folder is initialized, Terraform first makes a plan with the new
files and the new state; unless that leaves everything adopted as it is, nothing
is written. Then come the files, then the state, with a backup that herokutf
undo puts back. A state on a remote backend, which others share, is written with
--write-state only: until their copies of the configuration have the new files,
their plans would destroy what is adopted. Without it the files are written;
merge them, and run the same command with --write-state.

--release does the opposite: the blocks of an object, and of the Heroku objects
that refer to it, are taken out of the configuration, and removed blocks put
there, with which the next apply forgets them and destroys nothing.`

type adoptOptions struct {
	*env
	folderFlags
	choice      herokutf.AdoptOptions // what the flags of choice say
	states      []string              // others
	release     []string
	writeState  bool
	dryRun      bool
	planCheck   string
	format      string
	lockTimeout time.Duration
}

func newAdoptCmd(e *env, standIn func(context.Context, *adoptOptions) error) *cobra.Command {
	o := &adoptOptions{env: e}
	cmd := &cobra.Command{
		Use:        "adopt [flags] [STATE...]",
		Short:      "Bring apps that were made by hand under Terraform",
		Long:       adoptHelp,
		SuggestFor: []string{"import", "generate", "inventory"},
		Example: `herokutf adopt --app shop-eu --app shop-us
herokutf adopt --pipeline shop --write-state
herokutf adopt --all --dry-run
herokutf adopt --release heroku_app.shop_eu`,
		Annotations: map[string]string{exitCodes: `0  adopted, or nothing to do
1  error, and nothing was written that the message doesn't name
2  with --dry-run, something would be written`},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"tfstate"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	flags := cmd.Flags()
	o.folderFlags.bind(cmd)
	o.bindVars(cmd)
	c := &o.choice
	flags.StringArrayVar(&c.Apps, "app", nil, "an app, by `NAME` or UUID (repeatable)")
	flags.StringArrayVar(&c.Pipelines, "pipeline", nil, "a pipeline with its apps, by `NAME` or UUID (repeatable)")
	flags.StringArrayVar(&c.Teams, "team", nil, "a team with its apps and members, by `NAME` (repeatable)")
	flags.StringArrayVar(&c.Spaces, "space", nil, "a Private Space with its apps, by `NAME` or UUID (repeatable)")
	flags.BoolVar(&c.All, "all", false, "everything that the token sees")
	flags.Var(list{&c.Skip}, "skip", "leave objects of these `KINDS` out, with commas or repeated: resource types, such as formation")
	flags.StringVar(&c.File, "out", "", "write one configuration `FILE` for all, in place of one for each app")
	flags.BoolVar(&o.writeState, "write-state", false, "write the state on a remote backend, too")
	flags.BoolVar(&c.ImportBlocks, "import-blocks", false, "have the next apply import what can be imported, by import blocks; put only the rest into the state")
	flags.BoolVar(&c.NoConfigVars, "no-config-vars", false, "leave config vars to Heroku")
	flags.BoolVar(&c.ConfigAssociation, "config-association", false, "adopt config vars as heroku_app_config_association")
	flags.StringArrayVar(&o.release, "release", nil, "let go of what stands at `ADDRESS`, without destroying it (repeatable)")
	flags.BoolVar(&o.dryRun, "dry-run", false, "show what would be adopted and write nothing; exit code 2 if there is something")
	flags.StringArrayVar(&o.states, "state", nil, "a further state `FILE`: what it manages is left to it (repeatable)")
	bindPlanCheck(cmd, &o.planCheck, "how much a plan with the new files and the new state counts, as `MODE`: auto makes one wherever the folder is initialized; require refuses where none can be made; off makes none")
	bindFormat(cmd, &o.format, "print the result as `FORMAT`: text, json or html, a page that shows what there is", formatText, formatJSON, formatHTML)
	bindLockTimeout(cmd, &o.lockTimeout, "how long to wait for the state's lock, as `D`, such as 30s")
	for _, name := range []string{"app", "pipeline", "team", "space", "release"} {
		complete(cmd, name)
	}
	completeList(cmd, "skip", slices.DeleteFunc(herokutf.DriftKinds(), func(kind string) bool { return kind == "identity" })...)
	completeFiles(cmd, "out", "tf")
	completeFiles(cmd, "state", "tfstate")
	cmd.RunE = runs(e, o, (*adoptOptions).check, adoptRun, standIn)
	return cmd
}

// check holds the flags against each other.
func (o *adoptOptions) check(args []string) error {
	c := &o.choice
	chosen := c.All || len(c.Apps)+len(c.Pipelines)+len(c.Teams)+len(c.Spaces) > 0
	switch {
	case len(o.release) > 0 && (chosen || o.writeState || len(args)+len(o.states) > 0):
		return errors.New("--release goes by itself: nothing is adopted with it")
	case len(o.release) == 0 && !chosen:
		return errors.New("nothing is chosen: name apps with --app, --pipeline, --team or --space, or choose --all")
	case len(o.release) > 0 && o.format == formatHTML:
		return errors.New("--release has no HTML")
	case c.NoConfigVars && c.ConfigAssociation:
		return errors.New("--no-config-vars and --config-association exclude each other")
	case c.File != "" && (filepath.Base(c.File) != c.File || filepath.Ext(c.File) != ".tf"):
		return fmt.Errorf("--out %s: it is the name of a .tf file, which goes into the folder of the configuration", printable.Path(c.File))
	}
	o.place = place{dir: o.dir}
	o.states = append(slices.Clone(args), o.states...)
	for i, state := range o.states {
		o.states[i] = o.inDir(state)
	}
	return nil
}

// An adopting is a run of the verb.
type adopting struct {
	*adoptOptions
	home    *home
	client  *platform.Client
	initial *statefile.File // stands for a state that isn't there yet
	report  adoptReport
	files   []tfconfig.FileEdit // to write
	ignored string              // how the secret files are kept out of version control; "" if nothing is known
}

func adoptRun(ctx context.Context, o *adoptOptions) error {
	a := &adopting{adoptOptions: o}
	var err error
	if a.home, err = o.openFolder(&o.folderFlags, o.lockTimeout); err != nil {
		return err
	}
	if len(o.release) > 0 {
		return a.let(ctx)
	}
	for _, path := range o.states {
		if a.home.has(path) {
			continue // all states may be named, by *.tfstate
		}
		other, _, err := readState(ctx, o.env, path)
		if err != nil {
			return err
		}
		o.choice.Others = append(o.choice.Others, other)
	}
	if a.client, err = o.client("adopt", nil); err != nil {
		return err
	}
	a.initial = statefile.New(a.home.name(), firstVersion)
	a.report = adoptReport{state: a.home.name(), again: a.again(), dryRun: o.dryRun, remote: !a.home.location.Local()}
	o.progress.Start()
	if err := a.home.advise(a.run(ctx)); err != nil {
		return a.adviseFiles(err)
	}
	return a.deliver()
}

// formatHTML is a page for people who have no terminal.
const formatHTML = "html"

// firstVersion is the Terraform that a first state is from: the oldest one that what is
// written was tried with. A newer one reads it.
const firstVersion = "1.5.0"

// again spells the command, for one that is to be copied.
func (a *adopting) again() string {
	var b strings.Builder
	b.WriteString(a.self("adopt"))
	c := &a.choice
	for _, flag := range []struct {
		name   string
		values []string
	}{{"app", c.Apps}, {"pipeline", c.Pipelines}, {"team", c.Teams}, {"space", c.Spaces}, {"skip", c.Skip}} {
		for _, value := range flag.values {
			fmt.Fprintf(&b, " --%s %s", flag.name, shellQuote(value))
		}
	}
	if c.File != "" {
		b.WriteString(" --out " + shellQuote(c.File))
	}
	for _, flag := range []struct {
		name string
		set  bool
	}{{"all", c.All}, {"import-blocks", c.ImportBlocks}, {"no-config-vars", c.NoConfigVars}, {"config-association", c.ConfigAssociation}} {
		if flag.set {
			b.WriteString(" --" + flag.name)
		}
	}
	return b.String()
}

// run finds what is to be adopted, has it planned, and writes it.
func (a *adopting) run(ctx context.Context) error {
	// Until everybody's configuration has the files, a shared state may not have them.
	filesAlone := !a.home.location.Local() && !a.writeState
	opts := terraform.UpdateOptions{
		Plan:      terraform.PlanCheck(a.planCheck),
		Judge:     a.judge,
		Files:     func() []tfconfig.FileEdit { return a.files },
		Before:    a.write,
		Initial:   a.initial,
		DryRun:    a.dryRun || filesAlone,
		Operation: "herokutf adopt",
	}
	var now *statefile.File
	result, err := a.home.edit(ctx, opts, func(f *statefile.File) (*statefile.File, error) {
		now = f
		return a.find(ctx, f)
	})
	if result == nil {
		return err
	}
	a.report.plan, a.report.noPlan, a.report.backup = result.Plan, result.NoPlan, a.home.shown(result.Backup)
	a.report.written = result.Changed && !opts.DryRun
	a.warnOfNote(noteEdits(a.report.backup, withoutIgnore(a.report.files)...), "were written")
	if result.Changed {
		a.report.before, a.report.after = result.OldSerial, result.NewSerial
	}
	if err == nil && !result.Changed && len(a.files) > 0 {
		err = a.prove(ctx, now)
	}
	if err == nil && !a.dryRun && !a.report.written {
		err = a.write()
	}
	return err
}

// find asks Heroku, and returns the state with what is adopted.
func (a *adopting) find(ctx context.Context, f *statefile.File) (*statefile.File, error) {
	opts := a.choice
	opts.Progress = a.progress.Drift
	if hasConfig(a.home.location.Dir) {
		// Anew each time: files may have been written.
		var err error
		if opts.Config, err = tfconfig.Load(a.configDir()); err != nil {
			return nil, err
		}
	}
	adoption, err := herokutf.Adopt(ctx, a.client, f, opts)
	if err != nil {
		return nil, err
	}
	a.report.Adoption = adoption
	if w := a.home.location.Workspace; w != "default" && len(adoption.Objects) > 0 {
		adoption.Warnings = append(adoption.Warnings, fmt.Sprintf("what is adopted is for workspace %q, and the folder's other workspaces read the new files, too: "+
			"a plan in one of these wants to create what is adopted here", w))
	}
	if err := a.edits(adoption.Files); err != nil {
		return nil, err
	}
	return adoption.Apply(f)
}

// configDir is the configuration's folder, as messages name it.
func (a *adopting) configDir() string { return filepath.Join(".", a.dir) }

// prove has the files planned with a state that stays as it is.
func (a *adopting) prove(ctx context.Context, f *statefile.File) error {
	if a.planCheck == string(terraform.PlanOff) {
		return nil
	}
	plan, err := a.home.Plan(ctx, f, a.files)
	if e, ok := errors.AsType[*terraform.NoPlanError](err); ok && a.planCheck == string(terraform.PlanAuto) && e.Reason != terraform.InitFailed {
		a.report.noPlan = e
		return nil
	}
	if err != nil {
		return err
	}
	a.report.plan = plan
	return a.judge(plan)
}

// judge refuses a plan that changes anything of what is adopted.
func (a *adopting) judge(plan *tfjson.Plan) error {
	adopted := make(map[string]*herokutf.AdoptObject)
	for i := range a.report.Objects {
		adopted[a.report.Objects[i].Address] = &a.report.Objects[i]
	}
	var lines []string
	for _, rc := range plan.ResourceChanges {
		o := adopted[rc.Address]
		if o == nil || rc.Change == nil {
			continue
		}
		delete(adopted, rc.Address)
		switch {
		case !rc.Change.Actions.NoOp():
			lines = append(lines, ui.Printable(rc.Address)+": "+actionText(rc.Change))
		case o.Import && rc.Change.Importing == nil:
			lines = append(lines, ui.Printable(rc.Address)+": isn't imported")
		}
	}
	for address := range adopted {
		lines = append(lines, ui.Printable(address)+": isn't in the plan")
	}
	if lines == nil {
		return nil
	}
	slices.Sort(lines)
	return ui.Advise(fmt.Errorf("nothing was written: Terraform would still change what is adopted:\n\t%s", strings.Join(lines, "\n\t")),
		"Look at these with --plan-check off --dry-run; --skip leaves a kind out, and --plan-check off writes without a plan.")
}

// actionText is what a plan does, with the arguments that it does it for.
func actionText(c *tfjson.Change) string {
	action := "update"
	switch {
	case c.Actions.Replace():
		action = "replace"
	case c.Actions.Create():
		action = "create"
	case c.Actions.Delete():
		action = "destroy"
	case c.Actions.Forget():
		action = "forget"
	case c.Actions.Read():
		action = "read"
	}
	if names := changedNames(c); names != nil && (action == "update" || action == "replace") {
		action += " for " + strings.Join(names, ", ")
	}
	return action
}
