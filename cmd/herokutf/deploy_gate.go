package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
)

// What --drift says is done with drift.
const (
	driftRefuse = "refuse"
	driftWarn   = "warn"
	driftOff    = "off"
)

// gate compares the state with Heroku before anything is planned, and reports
// on standard error how they stand to each other. Drift is an error if it is
// refused.
func (d *deployment) gate(ctx context.Context) error {
	var out bytes.Buffer
	if err := d.exec(ctx, &out, "state", "pull"); err != nil {
		return err
	}
	if len(bytes.TrimSpace(out.Bytes())) == 0 {
		return nil // nothing was applied yet
	}
	f, err := statefile.Parse(d.terraform+" state pull", out.Bytes())
	if err != nil {
		return err
	}
	client, err := d.client("deploy", nil)
	if err != nil {
		return err
	}
	// It is Terraform that judges a configuration: of one that can't be read
	// nothing is ignored, so that rather too much is reported.
	if err := addLifecycle(d.rules, d.dir); err != nil {
		d.printer.Warn(fmt.Sprintf("what ignore_changes names isn't ignored: %v", err))
	}
	d.progress.Start()
	found, err := herokutf.DetectDrift(ctx, client, f, herokutf.DriftOptions{Ignore: d.rules, Progress: d.progress.Drift})
	d.progress.Stop()
	if err != nil && ctx.Err() == nil {
		err = ui.Advise(err, "--drift off deploys without looking for drift")
	}
	if err != nil || len(found.Objects) == 0 {
		return err
	}
	var text bytes.Buffer
	opts := report.Options{Color: d.style(d.Stderr).On(), Width: d.Screen(d.Stderr).Columns()}
	if err := report.Write(&text, found, report.Text, opts); err != nil {
		return fmt.Errorf("print the drift: %w", err)
	}
	d.printer.Print(text.String())
	if d.drift == driftRefuse && slices.ContainsFunc(found.Objects, d.drifted) {
		return ui.Advise(errors.New("nothing was planned: what runs on Heroku isn't what the state says"),
			"put it into the configuration, or back on Heroku, or into the state (herokutf drift --accept); --ignore FILE leaves it out, --drift warn deploys all the same")
	}
	return nil
}

// drifted reports whether an object stands in the way.
func (d *deployment) drifted(o herokutf.DriftObject) bool {
	return o.Verdict.IsDrift() && !d.slugs.Explains(o)
}
