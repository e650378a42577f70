package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
	"github.com/herokutf/herokutf/tfconfig"
)

// inHome repairs the folder's state.
func (r *renaming) inHome(ctx context.Context) error {
	opts := terraform.UpdateOptions{
		Plan:      terraform.PlanCheck(r.planCheck),
		Judge:     r.judge,
		DryRun:    r.dryRun,
		Operation: "herokutf rename",
	}
	if r.writeConfig && r.config != nil {
		opts.Files = func() []tfconfig.FileEdit { return r.report.config.edits }
	}
	result, err := r.home.edit(ctx, opts, func(f *statefile.File) (*statefile.File, error) { return r.edit(ctx, f) })
	if result == nil {
		return err
	}
	r.report.plan, r.report.noPlan, r.report.backup = result.Plan, result.NoPlan, r.home.shown(result.Backup)
	r.report.undo = r.self("undo")
	if result.Changed {
		r.report.after = result.NewSerial
	}
	return err
}

// judge refuses a plan that the repair was to make harmless and hasn't, and notes
// which apps it would rename back.
func (r *renaming) judge(plan *tfjson.Plan) error {
	for _, rc := range ofHeroku(plan) {
		r.noteBack(rc)
	}
	return refuseHarm(plan, "with the repaired state Terraform would still",
		"Look what else the configuration, the state and Heroku differ in; a key that is the old name needs a moved block, which --write-config adds. --plan-check off writes the state without a plan.")
}

// ofHeroku returns what a plan says of Heroku objects.
func ofHeroku(plan *tfjson.Plan) []*tfjson.ResourceChange {
	return slices.DeleteFunc(slices.Clone(plan.ResourceChanges), func(rc *tfjson.ResourceChange) bool {
		return rc == nil || rc.Change == nil || !strings.HasPrefix(rc.Type, "heroku_")
	})
}

// refuseHarm returns an error for a plan that destroys, replaces or creates a Heroku
// object, with a line for each.
func refuseHarm(plan *tfjson.Plan, would, hint string) error {
	err := herokutf.CheckPlanSettled(plan)
	refused, ok := errors.AsType[*herokutf.PlanError](err)
	if !ok {
		return err
	}
	return ui.Advise(fmt.Errorf("nothing was written: %s destroy, replace or create Heroku objects:%s", would, harmLines(refused)), hint)
}

// harmLines lists what a plan would do, one object a line.
func harmLines(err *herokutf.PlanError) string {
	var b strings.Builder
	for _, d := range err.Destructions {
		fmt.Fprintf(&b, "\n\t%s: %s", ui.Printable(d.Address), d.Action)
	}
	return b.String()
}

// noteBack notes an app that the plan would give its old name again.
func (r *renaming) noteBack(rc *tfjson.ResourceChange) {
	before, _ := rc.Change.Before.(map[string]any)
	after, _ := rc.Change.After.(map[string]any)
	old, _ := before["name"].(string)
	name, _ := after["name"].(string)
	if rc.Type != "heroku_app" || !rc.Change.Actions.Update() || old == name || name == "" {
		return
	}
	r.report.notes = append(r.report.notes, herokutf.Note{Address: rc.Address,
		Text: fmt.Sprintf("the plan renames the app from %q back to %q: the configuration has to follow, which --write-config sees to", old, name)})
}

// planJSON is what a plan would do, in the JSON of rename.
type planJSON struct {
	Actions map[string]tfjson.Actions `json:"actions"` // by address; what stays as it is isn't in it
}

func newPlanJSON(plan *tfjson.Plan) *planJSON {
	if plan == nil {
		return nil
	}
	doc := &planJSON{Actions: map[string]tfjson.Actions{}}
	for _, rc := range plan.ResourceChanges {
		if rc != nil && rc.Change != nil && !rc.Change.Actions.NoOp() && !rc.Change.Actions.Read() {
			doc.Actions[rc.Address] = rc.Change.Actions
		}
	}
	return doc
}
