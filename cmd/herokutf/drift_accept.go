package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
	"github.com/herokutf/herokutf/tfconfig"
)

// acceptOptions are the flags of drift --accept.
type acceptOptions struct {
	accept      bool
	writeConfig bool
	partial     bool
	addresses   []string
	dryRun      bool
	planCheck   string
}

func (o *acceptOptions) bind(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&o.accept, "accept", false, "write the values on Heroku into the state, locked and backed up")
	flags.BoolVar(&o.writeConfig, "write-config", false, "with --accept: have the configuration follow, in the same go, so that a plan changes nothing back; what can't follow is listed, and nothing is written then")
	flags.BoolVar(&o.partial, "partial", false, "with --write-config: accept the rest if some of it can't follow")
	flags.StringArrayVar(&o.addresses, "address", nil, "with --accept: accept objects whose address matches `GLOB` alone (repeatable; default: all that changed)")
	flags.BoolVar(&o.dryRun, "dry-run", false, "with --accept: show what would change, in the files as a patch, and write nothing; exit code 2 if there is something")
	bindPlanCheck(cmd, &o.planCheck, "how much a plan counts, with the new state for --accept and as things are for --next-apply, as `MODE`: auto makes one wherever the folder is initialized; require refuses where none can be made; off makes none")
	complete(cmd, "address")
}

// checkAccept holds the flags of --accept against the others.
func (o *driftOptions) checkAccept() error {
	a := &o.accept
	switch {
	case !a.accept && (a.dryRun || len(a.addresses) > 0 || o.lockTimeout != 0 || a.writeConfig || a.partial):
		return errors.New("--dry-run, --address, --write-config, --partial and --lock-timeout go with --accept")
	case !a.accept:
		return nil
	case a.partial && !a.writeConfig:
		return errors.New("--partial goes with --write-config: without, all that can be is accepted into the state")
	case o.look.verbose:
		return errors.New("--accept goes without --verbose: it prints what changes")
	case o.look.format != formatText && o.look.format != formatJSON:
		return errors.New("--accept prints text or json")
	case len(o.states) > 1:
		return errors.New("--accept takes one state at a time")
	case o.importFile != "" || o.scope.unmanaged:
		return errors.New("--accept goes without --unmanaged and --import: it adds nothing to the state")
	}
	return nil
}

// An accepting is a run of drift --accept.
type accepting struct {
	*driftOptions
	client   *platform.Client
	opts     herokutf.DriftOptions
	file     *statefile.File // as it was before
	report   *herokutf.DriftReport
	accepted *herokutf.Acceptance
	written  bool // the edits of the configuration are on disk
	notes    []string
	state    string // as messages name it
	backup   string
	undo     string // the command that puts it back
}

// runAccept writes the values on Heroku into the state: that of home, unless
// another one was named.
func (o *driftOptions) runAccept(ctx context.Context, home *home, client *platform.Client, opts herokutf.DriftOptions) error {
	a := accepting{driftOptions: o, client: client, opts: opts}
	edit := func(f *statefile.File) (*statefile.File, error) { return a.edit(ctx, f) }
	out := o.Stdout
	if home != nil {
		if err := a.inHome(ctx, home, edit); err != nil {
			return home.advise(err)
		}
	} else {
		a.state = o.states[0]
		if err := a.inFile(ctx, edit); err != nil {
			return o.adviseRecovery(err, a.state)
		}
		if a.state == "-" && !o.accept.dryRun {
			out = o.Stderr // standard output is the new state's alone
		}
	}
	o.progress.Stop()
	for _, note := range a.notes {
		o.printer.Warn(ui.Printable(note))
	}
	var err error
	text := a.text(o.style(out))
	if o.look.format == formatJSON {
		text, err = a.json()
	}
	if err := o.printResult(out, o.look.format, text, err); err != nil {
		return err
	}
	if o.accept.dryRun && len(a.accepted.Changes)+len(a.edits()) > 0 {
		return exitCode(exitDrift)
	}
	return nil
}

// edits are those of the configuration.
func (a *accepting) edits() []tfconfig.FileEdit {
	if a.accepted == nil || a.accepted.Config == nil {
		return nil
	}
	return a.accepted.Config.Files
}

// applyConfig edits the configuration, after the state or, where that goes to standard
// output, before it.
func (a *accepting) applyConfig() error {
	if a.accept.dryRun || len(a.edits()) == 0 {
		return nil
	}
	if err := a.writeEdits(a.edits(), a.backup, a.look.format, "the values are accepted into the state"); err != nil {
		return err
	}
	a.written = true
	return nil
}

// inFile edits a state that was named.
func (a *accepting) inFile(ctx context.Context, edit func(*statefile.File) (*statefile.File, error)) error {
	if a.state == "-" || a.accept.dryRun {
		after, err := a.editRead(ctx, a.state)
		if err == nil {
			err = a.applyConfig()
		}
		if err != nil || a.accept.dryRun {
			return err
		}
		if err := a.write(after.Bytes()); err != nil {
			return fmt.Errorf("write the state to standard output: %w", err)
		}
		return nil
	}
	a.progress.Start()
	result, err := a.editState(ctx, a.state, "drift --accept", a.lockTimeout, edit)
	if err != nil {
		return err
	}
	a.backup, a.undo = result.Backup, a.self("undo")
	return a.applyConfig()
}

// inHome edits the state of a folder, with a plan before it is written.
func (a *accepting) inHome(ctx context.Context, home *home, edit func(*statefile.File) (*statefile.File, error)) error {
	a.state, a.undo = home.name(), a.self("undo")
	a.progress.Start()
	opts := terraform.UpdateOptions{
		Plan:      terraform.PlanCheck(a.accept.planCheck),
		Judge:     a.judge,
		DryRun:    a.accept.dryRun,
		Files:     a.edits,
		Operation: "herokutf drift --accept",
	}
	result, err := home.edit(ctx, opts, edit)
	if result != nil {
		a.backup = home.shown(result.Backup)
	}
	if err == nil && !result.Changed && len(a.edits()) > 0 {
		err = a.planFiles(ctx, home)
	}
	if err != nil {
		return err
	}
	return a.applyConfig()
}

// planFiles plans with edits of the configuration where nothing changes in the state.
func (a *accepting) planFiles(ctx context.Context, home *home) error {
	if a.accept.planCheck == string(terraform.PlanOff) {
		return nil
	}
	plan, err := home.Plan(ctx, a.file, a.edits())
	if _, none := errors.AsType[*terraform.NoPlanError](err); none && a.accept.planCheck != string(terraform.PlanRequire) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.judge(plan)
}

// judge refuses a plan that does harm, and notes what takes accepted values back.
func (a *accepting) judge(plan *tfjson.Plan) error {
	accepted := make(map[string]bool)
	for _, c := range a.accepted.Changes {
		accepted[c.Address] = true
	}
	note := ": the configuration has to follow, which --write-config sees to; the next apply updates it in place, and may take the accepted values back"
	if a.accept.writeConfig {
		note = ": the next apply still updates it in place: the configuration differs in more than what was accepted"
	}
	for _, rc := range ofHeroku(plan) {
		if rc.Change.Actions.Update() && accepted[rc.Address] {
			a.notes = append(slices.Clone(a.notes), rc.Address+note)
		}
	}
	return refuseHarm(plan, "with the accepted values Terraform would",
		"Bring the configuration in line first (--write-config does it), or accept other objects alone with --address. --plan-check off writes without a plan.")
}

// editRead reads a state that isn't written in place, and edits it.
func (a *accepting) editRead(ctx context.Context, path string) (*statefile.File, error) {
	f, shows, err := readState(ctx, a.env, path)
	if err != nil {
		return nil, err
	}
	if shows {
		return nil, errors.New("--accept needs the state itself, as terraform state pull prints it, not the output of terraform show -json")
	}
	a.progress.Start()
	return a.edit(ctx, f)
}

// edit compares a state and takes the values into it.
func (a *accepting) edit(ctx context.Context, f *statefile.File) (*statefile.File, error) {
	report, err := herokutf.DetectDrift(ctx, a.client, f, a.opts)
	if err != nil {
		return nil, adviseKind(err)
	}
	noteUnread(report, a.unread)
	a.notes = report.Notes
	if n := report.Count(herokutf.Undetermined); n > 0 {
		a.notes = append(slices.Clone(a.notes), ui.Plural(n, "object")+" could not be compared, or not wholly; the report says why")
	}
	a.file, a.report = f, report
	if a.accepted, err = report.Accept(f, a.accept.addresses...); err != nil {
		return nil, err
	}
	if err := a.refusePart(); err != nil {
		return nil, err
	}
	if err := checkEdits(a.edits()); err != nil {
		return nil, err
	}
	return a.accepted.Apply()
}
