package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/examples/internal/cli"
	"github.com/herokutf/herokutf/ignore"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// What -drift says is done with drift.
const (
	driftRefuse = "refuse"
	driftWarn   = "warn"
	driftOff    = "off"
)

// A gate compares the state with Heroku before anything is planned.
type gate struct {
	mode   string
	ignore *ignore.Rules
	slugs  *herokutf.Slugs
}

// pass reports on standard error how the state stands to Heroku. The code is
// Terraform's when it gives no state; drift is an error if the gate refuses it.
func (g *gate) pass(ctx context.Context, d *deployment) (code int, err error) {
	var out bytes.Buffer
	std := d.std
	std.Stdout = &out
	if code, err := d.exec(ctx, std, "state", "pull"); err != nil || code != 0 {
		return code, err
	}
	if len(bytes.TrimSpace(out.Bytes())) == 0 {
		return 0, nil // nothing was applied yet
	}
	f, err := statefile.Parse(d.terraform+" state pull", out.Bytes())
	if err != nil {
		return 0, err
	}
	progress := cli.NewProgress(name, d.std)
	defer progress.Done()
	client, err := platform.FromEnv(d.std.Getenv, platform.Options{UserAgent: "herokutf-" + name, Progress: progress.Event})
	if err != nil {
		return 0, err
	}
	g.ignoreChanges(d.dir, progress)
	drift, err := herokutf.DetectDrift(ctx, client, f, herokutf.DriftOptions{Ignore: g.ignore, Plan: progress.Plan})
	if err != nil && ctx.Err() == nil {
		err = cli.Advise(err, "-drift off deploys without looking for drift")
	}
	if err != nil {
		return 0, err
	}
	progress.Done()
	if len(drift.Objects) == 0 {
		return 0, nil
	}
	opts := report.Options{Color: cli.NewStyle(d.std, d.std.Stderr).On()}
	if err := report.Write(d.std.Stderr, drift, report.Text, opts); err != nil {
		return 0, fmt.Errorf("print the drift: %w", err)
	}
	if g.mode == driftRefuse && slices.ContainsFunc(drift.Objects, g.drifted) {
		return 0, cli.Advise(errors.New("nothing was planned: what runs on Heroku isn't what the state says"),
			"put it into the configuration, or back on Heroku, or into the state (detect-drift -accept); -ignore FILE leaves it out, -drift warn deploys all the same")
	}
	return 0, nil
}

// ignoreChanges adds what the configuration tells Terraform to ignore. It is
// Terraform that judges a configuration: of one that can't be read nothing is
// ignored, so that rather too much is told.
func (g *gate) ignoreChanges(dir string, progress *cli.Progress) {
	config, err := tfconfig.Load(dir)
	if err == nil {
		var changes map[string][]string
		if changes, err = config.IgnoreChanges(); err == nil {
			g.ignore.AddLifecycle(changes)
			return
		}
	}
	progress.Say(fmt.Sprintf("what ignore_changes names isn't ignored: %v", err))
}

// drifted reports whether an object stands in the way.
func (g *gate) drifted(o herokutf.DriftObject) bool {
	switch o.Verdict {
	case herokutf.InSync, herokutf.Ignored, herokutf.Undetermined:
		return false
	}
	return !g.ownRelease(o)
}

// ownRelease reports whether the object is a release of what was resolved from
// that very app. Pipelines bring slugs to their apps before Terraform hears of
// them: that it releases them now is what deploy is for.
func (g *gate) ownRelease(o herokutf.DriftObject) bool {
	if o.Type != "heroku_app_release" || o.Verdict != herokutf.Changed {
		return false
	}
	return !slices.ContainsFunc(o.Differences, func(diff herokutf.DriftDifference) bool {
		return !slices.ContainsFunc(g.slugs.Artifacts, func(a herokutf.Artifact) bool {
			apps := append(slices.Clone(a.Others), a.App)
			return diff.Live == any(a.Value) && slices.ContainsFunc(apps, func(app herokutf.NamedID) bool { return app.Name == o.App })
		})
	})
}
