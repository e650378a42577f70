package main

import (
	"context"
	"errors"
	"fmt"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
)

// bindNext adds --next-apply.
func (o *driftOptions) bindNext(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.next, "next-apply", false, "also say what the next apply would do about each difference: by a plan of the folder, or else as a forecast by what the provider does with such attributes")
}

// checkNext holds --next-apply against the other flags.
func (o *driftOptions) checkNext() error {
	switch {
	case o.next && o.accept.accept:
		return errors.New("--next-apply goes without --accept: it says what comes of drift that isn't accepted")
	case o.next && len(o.states) > 0 && o.accept.planCheck == string(terraform.PlanRequire):
		return errors.New("--next-apply --plan-check require goes without --state: a plan is made of the state of a folder")
	}
	return nil
}

// foresee adds what the next apply would do, by a plan of the folder where one can be
// made; home is nil if states were named. state is the name of its state in the
// report, if there are several.
func (o *driftOptions) foresee(ctx context.Context, found *herokutf.DriftReport, home *home, f *statefile.File, state ...string) error {
	if !o.next {
		return nil
	}
	plan, err := o.nextPlan(ctx, home, f)
	if err != nil {
		if ctx.Err() != nil || home != nil && o.accept.planCheck == string(terraform.PlanRequire) {
			return err
		}
		found.Notes = append(found.Notes, ui.Printable(fmt.Sprintf("what the next apply would do is a forecast, since there is no plan: %v", err)))
	}
	found.Foresee(plan, state...)
	return nil
}

// nextPlan makes a plan of the state as it is. It is nil without an error where none
// is wanted.
func (o *driftOptions) nextPlan(ctx context.Context, home *home, f *statefile.File) (*tfjson.Plan, error) {
	if home == nil || o.accept.planCheck == string(terraform.PlanOff) {
		return nil, nil
	}
	return home.Plan(ctx, f, nil)
}
