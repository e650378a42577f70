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

// foresee adds what the next apply would do, by plans of the folders where they can be
// made.
func (o *driftOptions) foresee(ctx context.Context, found *herokutf.DriftReport, sources []*driftSource) error {
	if !o.next {
		return nil
	}
	for _, s := range sources {
		plan, err := o.nextPlan(ctx, s.home, s.file)
		if err != nil {
			if ctx.Err() != nil || s.home != nil && o.accept.planCheck == string(terraform.PlanRequire) {
				return err
			}
			found.Notes = append(found.Notes, ui.Printable(fmt.Sprintf("what the next apply would do is a forecast, since there is no plan: %v", err)))
		}
		if s.name == "" {
			found.Foresee(plan)
		} else {
			found.Foresee(plan, s.name)
		}
	}
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
