package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/internal/near"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// What --drift says is done with drift.
const (
	driftRefuse = "refuse"
	driftWarn   = "warn"
	driftOff    = "off"
)

// The gates of a deployment, in the order in which it comes to them.
const (
	gateVariables = "variables" // the configuration declares all that was resolved
	gateSlugs     = "slugs"     // the plan was made with what was resolved
	gatePlan      = "plan"      // the plan destroys and replaces nothing
	gateDrift     = "drift"     // the plan undoes nothing that was done on Heroku
	gateApproval  = "approval"  // somebody has said yes
)

// A refusal is a gate that a deployment doesn't pass.
type refusal struct {
	gate string
	err  error
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

// refuse returns err as a refusal; nil for nil.
func refuse(gate string, err error) error {
	if err == nil {
		return nil
	}
	return &refusal{gate, err}
}

// refusals returns the refusals that are joined in err; nil if there are none.
func refusals(err error) []*refusal {
	switch err := err.(type) {
	case *refusal:
		return []*refusal{err}
	case interface{ Unwrap() []error }:
		var all []*refusal
		for _, err := range err.Unwrap() {
			all = append(all, refusals(err)...)
		}
		return all
	}
	return nil
}

// checkVariables refuses to go on when something was resolved that the
// configuration doesn't declare: Terraform passes over such a variable without a
// word, and deploys what another one has. A configuration that can't be read is for
// Terraform to judge.
func (d *deployment) checkVariables() error {
	if d.checkGiven || !hasConfig(d.dir) {
		return nil
	}
	config, err := tfconfig.Load(d.dir)
	if err != nil {
		d.printer.Warn(fmt.Sprintf("whether the configuration declares the variables isn't known: %v", err))
		return nil
	}
	undeclared := config.CheckVariables(d.slugs.Variables()).Undeclared
	if len(undeclared) == 0 {
		return nil
	}
	var declared []string
	for _, v := range config.Variables() {
		declared = append(declared, v.Name)
	}
	lines := make([]string, len(undeclared))
	for i, name := range undeclared {
		lines[i] = "\n  " + name
		if close := near.Names(name, declared); close != nil {
			lines[i] += "; did you mean " + either(close) + "?"
		}
	}
	return refuse(gateVariables, ui.Advise(
		fmt.Errorf("nothing was planned: the configuration in %s doesn't declare what was resolved:%s", ui.Printable(d.dir), strings.Join(lines, "")),
		"declare each with a variable block, or resolve fewer with --stage; --check= deploys without looking at the configuration"))
}

// pull returns the state, nil if there is none yet.
func (d *deployment) pull(ctx context.Context) (*statefile.File, error) {
	var out bytes.Buffer
	if err := d.exec(ctx, &out, append([]string{"state", "pull"}, d.tofuVars()...)...); err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(out.Bytes())) == 0 {
		return nil, nil
	}
	return statefile.Parse(d.terraform+" state pull", out.Bytes())
}

// showSlugs reports how the slugs differ from what the state has released.
func (d *deployment) showSlugs(ctx context.Context, f *statefile.File) error {
	diff, err := d.compareSlugs(ctx, d.env, "deploy", &baseline{state: f, dir: d.dir}, d.slugs)
	if err != nil {
		return err
	}
	d.summary.Difference = diff
	if d.format == formatJSON {
		return nil
	}
	shown := *diff
	shown.Notes = nil // they were reported with the slugs
	d.show(func(text *bytes.Buffer, opts report.Options) error {
		err := report.WriteSlugs(text, &shown, report.Text, opts)
		if len(diff.Changes) > 0 {
			text.WriteString("\n")
		}
		return err
	})
	return nil
}

// show prints a report on standard error. What counts is the plan: a report that can't be
// made ends nothing.
func (d *deployment) show(write func(text *bytes.Buffer, opts report.Options) error) {
	var text bytes.Buffer
	if err := write(&text, report.Options{Color: d.style(d.Stderr).On(), Width: d.Screen(d.Stderr).Columns()}); err != nil {
		d.printer.Warn(fmt.Sprintf("a report is missing here: %v", err))
		return
	}
	d.printer.Print(text.String())
}

// compare compares the state with Heroku before anything is planned, and reports on
// standard error how they stand to each other. It is nil without a state.
func (d *deployment) compare(ctx context.Context, f *statefile.File) (*herokutf.DriftReport, error) {
	if f == nil {
		return nil, nil
	}
	// It is Terraform that judges a configuration: of one that can't be read
	// nothing is ignored, so that rather too much is reported.
	unread, err := addLifecycle(d.rules, d.dir)
	if err != nil {
		d.printer.Warn(fmt.Sprintf("what ignore_changes names isn't ignored: %v", err))
	}
	d.progress.Start()
	found, err := herokutf.DetectDrift(ctx, d.heroku, f, herokutf.DriftOptions{Ignore: d.rules, Progress: d.progress.Drift})
	d.progress.Stop()
	if err != nil {
		if ctx.Err() == nil {
			err = ui.Advise(err, "--drift off deploys without looking for drift")
		}
		return nil, err
	}
	noteUnread(found, unread)
	if len(found.Objects) == 0 || d.format == formatJSON {
		return found, nil
	}
	d.show(func(text *bytes.Buffer, opts report.Options) error {
		return report.Write(text, found, report.Text, opts)
	})
	return found, nil
}

// judge holds a plan against everything that it may not do.
func (d *deployment) judge(plan *tfjson.Plan) error {
	applied := func(err error) error {
		if err == nil {
			return nil
		}
		return fmt.Errorf("nothing was applied: %w", err)
	}
	refused := errors.Join(
		refuse(gateSlugs, applied(d.slugs.CheckPlan(plan))),
		refuse(gatePlan, applied(herokutf.CheckPlanStrict(plan, d.allow...))))
	d.undone = undone(plan, d.drifted())
	if len(d.undone) == 0 || d.drift != driftRefuse {
		return refused
	}
	lines := make([]string, len(d.undone))
	for i, u := range d.undone {
		lines[i] = "\n  " + u.object.Title() + ": " + u.why
	}
	return errors.Join(refused, refuse(gateDrift, ui.Advise(
		fmt.Errorf("nothing was applied: the plan would undo what was done on Heroku, or fail on it:%s", strings.Join(lines, "")),
		"put it into the configuration, or back on Heroku, or into the state ("+d.self("drift", "--accept")+"); --ignore FILE leaves it out, --drift warn deploys all the same")))
}

// drifted returns what has drifted, but releases of what was resolved from the very
// app: pipelines bring them there before Terraform hears of them.
func (d *deployment) drifted() []herokutf.DriftObject {
	if d.found == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(d.found.Objects), func(o herokutf.DriftObject) bool {
		return !o.Verdict.IsDrift() || d.slugs.Explains(o)
	})
}

// An undoing is a drifted object that a plan would put back, or fail on.
type undoing struct {
	object herokutf.DriftObject
	why    string // what the plan would do
}

// undone returns those of the drifted objects that the plan would put back to what
// they were, or fail on. What the configuration has taken in, and what the plan has
// nothing to do with, as with -target, is not among them.
func undone(plan *tfjson.Plan, drifted []herokutf.DriftObject) []undoing {
	changes := make(map[string]*tfjson.ResourceChange)
	for _, rc := range plan.ResourceChanges {
		if rc == nil || rc.Change == nil || rc.DeposedKey != "" {
			continue
		}
		changes[rc.Address] = rc
		if rc.PreviousAddress != "" { // the state has it there yet
			changes[rc.PreviousAddress] = rc
		}
	}
	var all []undoing
	for _, o := range drifted {
		if rc := changes[o.Address]; rc != nil && o.Address != "" {
			if why := o.UndoneBy(rc.Change); why != "" {
				all = append(all, undoing{o, why})
			}
		}
	}
	return all
}
