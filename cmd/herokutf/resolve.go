package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/tfconfig"
)

// slugFlags are the flags of the verbs that resolve pipelines.
type slugFlags struct {
	prefix    string
	stages    []string
	apps      []string
	latest    bool
	wait      time.Duration
	keepGoing bool
	check     string
}

// bind adds the flags that all of these verbs take.
func (f *slugFlags) bind(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.prefix, "prefix", "", "the `PREFIX` of the variables that name pipelines (default $BUILD_PIPELINE_VAR_PREFIX, else BUILD_PIPELINE_)")
	flags.Var(list{&f.stages}, "stage", "resolve these `STAGES`, with commas or repeated (default: all but review and test)")
	flags.StringArrayVar(&f.apps, "app", nil, "the app that counts where a stage has several that run different slugs, `STAGE=NAME` (repeatable)")
	flags.BoolVar(&f.latest, "latest-succeeded", false, "take the newest release that succeeded, not the one that runs")
	flags.Var(duration{&f.wait}, "wait", "wait up to `D`, such as 10m, for releases that are pending")
	flags.StringVar(&f.check, "check", "", "hold the variables against the Terraform configuration in `DIR`; what doesn't fit is an error")
	complete(cmd, "prefix")
	completeList(cmd, "stage", herokutf.Stages()...)
	complete(cmd, "wait")
	completeDirs(cmd, "check")
	must(cmd.RegisterFlagCompletionFunc("app", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var words []string
		for _, stage := range herokutf.Stages() {
			words = append(words, stage+"=")
		}
		return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}))
}

// stageApps parses --app.
func (f *slugFlags) stageApps() (map[string][]string, error) {
	apps := make(map[string][]string)
	for _, s := range f.apps {
		stage, app, ok := strings.Cut(s, "=")
		if !ok || stage == "" || app == "" {
			return nil, fmt.Errorf("--app %q: it is STAGE=NAME", s)
		}
		apps[stage] = append(apps[stage], app)
	}
	return apps, nil
}

// resolve finds what the pipelines of the environment run. What --keep-going
// passes over is reported on standard error; complete is false then.
func (f *slugFlags) resolve(ctx context.Context, e *env, verb string) (slugs *herokutf.Slugs, complete bool, err error) {
	apps, err := f.stageApps()
	if err != nil {
		return nil, false, err
	}
	opts := herokutf.SlugOptions{
		Stages:      f.stages,
		Apps:        apps,
		KeepGoing:   f.keepGoing,
		WaitPending: f.wait,

		LatestSucceeded: f.latest,

		Progress: func(p herokutf.SlugProgress) {
			e.progress.Say(fmt.Sprintf("Release v%d of %s is pending: waiting (%v of %v).",
				p.Release.Version, p.App.Name, p.Waited.Round(time.Second), p.Limit))
		},
	}
	pipelines, err := herokutf.PipelinesFromEnv(e.Environ, f.prefix)
	if err != nil {
		return nil, false, err
	}
	client, err := e.client(verb, nil)
	if err != nil {
		return nil, false, err
	}
	e.progress.Start()
	defer e.progress.Stop()
	slugs, err = herokutf.ResolveSlugs(ctx, client, pipelines, opts)
	if err != nil {
		return nil, false, advisePipelines(ctx, client, err)
	}
	for _, p := range slugs.Problems {
		e.progress.Say(p.Error())
	}
	fits, err := f.checkConfig(e, slugs)
	if err != nil {
		return nil, false, err
	}
	return slugs, fits && len(slugs.Problems) == 0, nil
}

// checkConfig holds the variables against the configuration. That they don't
// fit is an error without --keep-going.
func (f *slugFlags) checkConfig(e *env, slugs *herokutf.Slugs) (fits bool, err error) {
	if f.check == "" {
		return true, nil
	}
	config, err := tfconfig.Load(f.check)
	if err != nil {
		return false, err
	}
	report := config.CheckVariables(slugs.Variables())
	// In one piece: a line alone has no full stop, and what is indented belongs
	// to the line above.
	e.progress.Say(report.String())
	if !report.OK() && !f.keepGoing {
		return false, fmt.Errorf("the configuration in %s doesn't fit the pipelines", f.check)
	}
	return report.OK(), nil
}

// advisePipelines adds what pipelines there are to an error about some that
// there aren't.
func advisePipelines(ctx context.Context, client *platform.Client, err error) error {
	var unknown []string
	for _, p := range problems(err) {
		if p.Stage == "" && p.App == (herokutf.NamedID{}) && p.Pipeline.Ref != "" && errors.Is(p.Err, platform.ErrNotFound) {
			unknown = append(unknown, p.Pipeline.Ref)
		}
	}
	if unknown == nil {
		return err
	}
	type pipeline struct {
		Name string `json:"name"`
	}
	// Without an answer there is no advice; the error itself is known.
	all, listErr := platform.List[pipeline](ctx, client, "/pipelines", "id")
	if listErr != nil {
		return err
	}
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.Name
	}
	slices.Sort(names)
	var near []string
	for _, ref := range unknown {
		near = append(near, ui.Nearest(ref, names, 3)...)
	}
	slices.Sort(near)
	near = slices.Compact(near)
	switch {
	case len(names) == 0:
		return ui.Advise(err, "the token's account can see no pipeline at all: use the token of a member of the team")
	case len(near) > 0:
		return ui.Advise(err, "did you mean "+either(near)+"? The account can see "+ui.Plural(len(names), "pipeline"))
	case len(names) > 10:
		return ui.Advise(err, fmt.Sprintf("none of the %d pipelines that the account can see has a name like it; herokutf asks for a UUID as well", len(names)))
	}
	return ui.Advise(err, "the account can see "+strings.Join(names, ", "))
}
