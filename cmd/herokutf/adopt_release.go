package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
	"github.com/herokutf/herokutf/tfconfig"
)

// let lets go of what --release names: in the configuration, and only when a plan shows
// that nothing is destroyed. The state follows with the next apply.
func (a *adopting) let(ctx context.Context) error {
	config, err := tfconfig.Load(a.configDir())
	if err != nil {
		return err
	}
	release, err := config.Release(a.release...)
	if err != nil {
		return err
	}
	a.files = release.Files
	a.progress.Start()
	plan, noPlan, err := a.planRelease(ctx, release)
	if err == nil && !a.dryRun {
		err = a.write()
	}
	if err != nil {
		return a.home.advise(err)
	}
	text := a.releaseText(release, plan, noPlan)
	if a.format == formatJSON {
		doc := a.newJSON()
		doc.Released, doc.Plan = release.Addresses, newPlanJSON(plan)
		text, err = ui.JSON(doc)
	}
	if err := a.printResult(a.Stdout, a.format, text, err); err != nil {
		return err
	}
	if a.dryRun {
		return exitCode(exitWouldChange)
	}
	return nil
}

// planRelease plans the edited configuration with the state as it is, and refuses a plan
// that does anything to what is let go but forgetting it, or harm to others.
func (a *adopting) planRelease(ctx context.Context, release *tfconfig.Release) (*tfjson.Plan, *terraform.NoPlanError, error) {
	if a.planCheck == string(terraform.PlanOff) {
		return nil, nil, nil
	}
	f, err := a.home.read(ctx)
	if errors.Is(err, terraform.ErrNoState) {
		f, err = statefile.New(a.home.name(), firstVersion), nil
	}
	if err != nil {
		return nil, nil, err
	}
	plan, err := a.home.Plan(ctx, f, release.Files)
	if e, ok := errors.AsType[*terraform.NoPlanError](err); ok && a.planCheck == string(terraform.PlanAuto) && e.Reason != terraform.InitFailed {
		return nil, e, nil
	}
	if err != nil {
		return nil, nil, err
	}
	var lines []string
	for _, rc := range plan.ResourceChanges {
		if rc.Change == nil || rc.Change.Actions.Forget() || rc.Change.Actions.NoOp() {
			continue
		}
		address, _, _ := strings.Cut(rc.Address, "[")
		harm := rc.Change.Actions.Delete() || rc.Change.Actions.Replace() || rc.Change.Actions.Create()
		if slices.Contains(release.Addresses, address) || harm && strings.HasPrefix(rc.Type, "heroku_") {
			lines = append(lines, ui.Printable(rc.Address)+": "+actionText(rc.Change))
		}
	}
	if lines != nil {
		return nil, nil, ui.Advise(fmt.Errorf("nothing was written: with the removed blocks Terraform would do more than forget:\n\t%s", strings.Join(lines, "\n\t")),
			"Apply, or take back, what else the configuration changes first. --plan-check off writes without a plan.")
	}
	return plan, nil, nil
}

// releaseText says what was let go.
func (a *adopting) releaseText(release *tfconfig.Release, plan *tfjson.Plan, noPlan *terraform.NoPlanError) string {
	style := a.style(a.Stdout)
	var b strings.Builder
	heading, edited := "Released:", "Edited:"
	if a.dryRun {
		heading, edited = "To release:", "To edit:"
	}
	fmt.Fprintf(&b, "%s\n", style.Bold(heading))
	for _, address := range release.Addresses {
		fmt.Fprintf(&b, "  %s\n", ui.Printable(address))
	}
	fmt.Fprintf(&b, "\n%s\n", style.Bold(edited))
	for _, f := range release.Files {
		fmt.Fprintf(&b, "  %s\n", ui.Printable(f.Path))
	}
	b.WriteString("\n")
	if plan != nil {
		forgotten := 0
		for _, rc := range plan.ResourceChanges {
			if rc.Change != nil && rc.Change.Actions.Forget() {
				forgotten++
			}
		}
		fmt.Fprintf(&b, "plan:   %s forgotten, none destroyed\n", ui.Plural(forgotten, "object"))
	} else if noPlan != nil {
		fmt.Fprintf(&b, "plan:   %s\n", noPlanText(noPlan))
	}
	if !a.dryRun {
		b.WriteString("next:   terraform plan, and terraform apply, which forgets them; then the removed blocks can go\n")
	}
	return b.String()
}
