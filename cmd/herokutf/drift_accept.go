package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
)

// acceptOptions are the flags of drift --accept.
type acceptOptions struct {
	accept    bool
	addresses []string
	dryRun    bool
	planCheck string
}

func (o *acceptOptions) bind(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&o.accept, "accept", false, "write the values on Heroku into the state, locked and backed up")
	flags.StringArrayVar(&o.addresses, "address", nil, "with --accept: accept the object at `ADDRESS` alone (repeatable; default: all that changed)")
	flags.BoolVar(&o.dryRun, "dry-run", false, "with --accept: show what would change and write nothing; exit code 2 if there is something")
	bindPlanCheck(cmd, &o.planCheck, "with --accept: how much a plan with the new state counts, as `MODE`: auto makes one wherever the folder is initialized; require refuses where none can be made; off makes none")
	complete(cmd, "address")
}

// checkAccept holds the flags of --accept against the others.
func (o *driftOptions) checkAccept() error {
	a := &o.accept
	switch {
	case !a.accept && (a.dryRun || len(a.addresses) > 0 || o.lockTimeout != 0):
		return errors.New("--dry-run, --address and --lock-timeout go with --accept")
	case !a.accept:
		return nil
	case o.look.showSecrets || o.look.verbose:
		return errors.New("--accept goes without --show-secrets and --verbose: it prints what changes in the state")
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
	accepted *herokutf.Acceptance
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
	text := a.text(o.style(out))
	if o.look.format == formatJSON {
		var err error
		if text, err = a.json(); err != nil {
			return err
		}
	}
	if err := o.print(out, text); err != nil {
		return err
	}
	if o.accept.dryRun && len(a.accepted.Changes) > 0 {
		return exitCode(exitDrift)
	}
	return nil
}

// inFile edits a state that was named.
func (a *accepting) inFile(ctx context.Context, edit func(*statefile.File) (*statefile.File, error)) error {
	if a.state == "-" || a.accept.dryRun {
		after, err := a.editRead(ctx, a.state)
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
	return nil
}

// inHome edits the state of a folder, with a plan before it is written.
func (a *accepting) inHome(ctx context.Context, home *home, edit func(*statefile.File) (*statefile.File, error)) error {
	a.state, a.undo = home.name(), a.self("undo")
	a.progress.Start()
	result, err := home.edit(ctx, terraform.UpdateOptions{
		Plan:      terraform.PlanCheck(a.accept.planCheck),
		Judge:     a.judge,
		DryRun:    a.accept.dryRun,
		Operation: "herokutf drift --accept",
	}, edit)
	if result != nil {
		a.backup = home.shown(result.Backup)
	}
	return err
}

// judge refuses a plan that does harm, and notes what takes accepted values back.
func (a *accepting) judge(plan *tfjson.Plan) error {
	accepted := make(map[string]bool)
	for _, c := range a.accepted.Changes {
		accepted[c.Address] = true
	}
	for _, rc := range ofHeroku(plan) {
		if rc.Change.Actions.Update() && accepted[rc.Address] {
			a.notes = append(slices.Clone(a.notes), rc.Address+": the configuration has to follow; the next apply updates it in place, and may take the accepted values back")
		}
	}
	return refuseHarm(plan, "with the accepted values Terraform would",
		"Bring the configuration in line first, or accept other objects alone with --address. --plan-check off writes the state without a plan.")
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
	a.notes = report.Notes
	if n := report.Count(herokutf.Undetermined); n > 0 {
		a.notes = append(slices.Clone(a.notes), ui.Plural(n, "object")+" could not be compared, or not wholly; the report says why")
	}
	if a.accepted, err = report.Accept(f, a.accept.addresses...); err != nil {
		return nil, err
	}
	return a.accepted.Apply()
}

// text says what was or would be accepted.
func (a *accepting) text(style ui.Style) string {
	var b strings.Builder
	address := ""
	for _, c := range a.accepted.Changes {
		if c.Address != address {
			address = c.Address
			fmt.Fprintf(&b, "%s\n", style.Bold(ui.Printable(address)))
		}
		fmt.Fprintf(&b, "  %s: %s -> %s\n", ui.Printable(c.Path.String()), style.Old(valueText(c.Old)), style.New(valueText(c.New)))
	}
	for _, l := range a.accepted.Left {
		fmt.Fprintf(&b, "%s\n", style.Warn(ui.Printable(strings.TrimSpace(l.Address+" "+l.Path.String())+": left: "+l.Reason)))
	}
	state := stateName(a.state)
	switch n := ui.Plural(len(a.accepted.Changes), "value"); {
	case len(a.accepted.Changes) == 0:
		fmt.Fprintf(&b, "%s: nothing to accept\n", state)
	case a.accept.dryRun:
		fmt.Fprintf(&b, "%s: %s would be accepted; nothing was written\n", state, n)
	default:
		fmt.Fprintf(&b, "%s: %s accepted\n", state, n)
	}
	if a.backup != "" {
		fmt.Fprintf(&b, "backup: %s\nundo:   %s\n", a.backup, a.undo)
	}
	return b.String()
}

// json is what --accept --format json prints; accept.schema.json, in the root of
// this module, describes it.
func (a *accepting) json() (string, error) {
	doc := struct {
		Format  string              `json:"format_version"`
		Changes []herokutf.Change   `json:"changes"`
		Left    []herokutf.Leftover `json:"left,omitempty"`
		Backup  string              `json:"backup,omitempty"`
	}{"1.0", slices.Concat([]herokutf.Change{}, a.accepted.Changes), a.accepted.Left, a.backup} // never null
	return ui.JSON(doc)
}

// valueText is a value on one line.
func valueText(v any) string {
	if v == nil {
		return "(none)"
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return ui.Printable(fmt.Sprint(v))
	}
	return ui.Printable(string(raw))
}
