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
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/tfconfig"
)

// slugFlags are the flags of the verbs that resolve pipelines.
type slugFlags struct {
	prefix    string
	stages    []string
	apps      map[string][]string // by stage
	latest    bool
	wait      time.Duration
	keepGoing bool
	check     string

	releaseIDs bool
	lock       string // a pin file to write; "": none
	locked     string // a pin file to take; "": none
	offline    bool

	// Set by verbs.
	commits bool     // for people to read
	environ []string // where pipelines are configured; nil: in the environment
}

// defaultLock is the pin file where a flag for one is given without a value.
const defaultLock = "slugs.lock.json"

// bind adds the flags that all of these verbs take.
func (f *slugFlags) bind(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.prefix, "prefix", "", "the `PREFIX` of the variables that name pipelines (default $BUILD_PIPELINE_VAR_PREFIX, else BUILD_PIPELINE_)")
	flags.Var(list{&f.stages}, "stage", "resolve these `STAGES`, with commas or repeated (default: all but review and test)")
	flags.Var(stageApp{&f.apps}, "app", "the app that counts where a stage has several that run different slugs, `STAGE=NAME` (repeatable)")
	flags.BoolVar(&f.latest, "latest-succeeded", false, "take the newest release that succeeded, not the one that runs")
	flags.Var(duration{&f.wait}, "wait", "wait up to `D`, such as 10m, for releases that are pending")
	flags.BoolVar(&f.releaseIDs, "release-ids", false, "besides, {name}_release_id_{stage}: the releases' UUIDs, for heroku_pipeline_promotion")
	bindPins(cmd, &f.lock, "lock", "write what was resolved to `FILE`, for a later --locked: pins, to be committed")
	bindPins(cmd, &f.locked, "locked", "take exactly the pins in `FILE`, and look whether the slugs are still there, with one request a pipeline")
	flags.BoolVar(&f.offline, "offline", false, "with --locked, don't look")
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

// A stageApp is a flag that names an app that counts in a stage, and may be given several
// times.
type stageApp struct{ apps *map[string][]string }

func (s stageApp) String() string { return "" }
func (s stageApp) Type() string   { return "list" }

func (s stageApp) Set(text string) error {
	stage, app, _ := strings.Cut(text, "=")
	if stage == "" || app == "" {
		return errors.New("it is STAGE=NAME")
	}
	if *s.apps == nil {
		*s.apps = make(map[string][]string)
	}
	(*s.apps)[stage] = append((*s.apps)[stage], app)
	return nil
}

// resolve finds what the pipelines of the environment run. What --keep-going
// passes over is reported on standard error; complete is false then.
func (f *slugFlags) resolve(ctx context.Context, e *env, verb string) (slugs *herokutf.Slugs, complete bool, err error) {
	opts, err := f.options(e)
	if err != nil {
		return nil, false, err
	}
	pipelines, err := f.pipelines(e, opts.Locked)
	if err != nil {
		return nil, false, err
	}
	var client *platform.Client
	if !f.offline {
		if client, err = e.client(verb, nil); err != nil {
			return nil, false, err
		}
	}
	e.progress.Start()
	defer e.progress.Stop()
	slugs, err = herokutf.ResolveSlugs(ctx, client, pipelines, opts)
	if err != nil {
		return nil, false, err
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

// options are those that the flags ask for.
func (f *slugFlags) options(e *env) (herokutf.SlugOptions, error) {
	opts := herokutf.SlugOptions{
		Stages: f.stages, Apps: f.apps, KeepGoing: f.keepGoing, WaitPending: f.wait, LatestSucceeded: f.latest,
		ReleaseIDs: f.releaseIDs, Offline: f.offline, Commits: f.commits || f.lock != "",

		Progress: func(pending herokutf.Artifact, waited time.Duration) {
			e.progress.Say(fmt.Sprintf("Release v%d of %s is pending: waiting (%v of %v).",
				pending.Newest.Version, pending.App.Name, waited.Round(time.Second), f.wait))
		},
	}
	if f.locked != "" {
		opts.Commits = false
		var err error
		if opts.Locked, err = herokutf.ReadLock(f.locked); err != nil {
			return opts, fmt.Errorf("--locked: %w", err)
		}
	}
	return opts, nil
}

// pipelines are those that the environment names; of pins, those that they were made
// for, where it names none.
func (f *slugFlags) pipelines(e *env, pins *herokutf.Slugs) ([]herokutf.Pipeline, error) {
	environ := f.environ
	if environ == nil {
		environ = e.Environ
	}
	pipelines, err := herokutf.PipelinesFromEnv(environ, f.prefix)
	if pins == nil || !errors.Is(err, herokutf.ErrNoPipelines) || len(problems(err)) > 1 {
		return pipelines, err
	}
	if pins.Pipelines == nil {
		return nil, err
	}
	return pins.Pipelines, nil
}

// checkPins refuses flags that contradict those for pins.
func (f *slugFlags) checkPins() error {
	switch {
	case f.offline && f.locked == "":
		return errors.New("--offline takes pins: it goes with --locked FILE")
	case f.locked != "" && (f.wait != 0 || f.latest):
		return errors.New("--locked takes the pins as they are: --wait and --latest-succeeded go without it")
	}
	return nil
}

// writePins writes the file of --lock, if there is to be one.
func (f *slugFlags) writePins(slugs *herokutf.Slugs) error {
	if f.lock == "" {
		return nil
	}
	if err := slugs.Lock(f.lock); err != nil {
		return fmt.Errorf("--lock: %w", err)
	}
	return nil
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
	report := config.CheckVariables(slugVariables(slugs))
	// In one piece: a line alone has no full stop, and what is indented belongs
	// to the line above.
	e.progress.Say(undeclared(config, slugs) + report.String())
	fits = report.OK() && undeclared(config, slugs) == ""
	if !fits && !f.keepGoing {
		return false, fmt.Errorf("the configuration in %s doesn't fit the pipelines", f.check)
	}
	return fits, nil
}

// undeclared says, a line each, which of the variables that lead to no release the
// configuration doesn't declare.
func undeclared(config *tfconfig.Config, slugs *herokutf.Slugs) string {
	var lines strings.Builder
	for _, a := range slugs.Artifacts {
		if a.Kind == herokutf.KindRelease && !slices.ContainsFunc(config.Variables(), func(v tfconfig.Variable) bool { return v.Name == a.Variable }) {
			lines.WriteString(a.Variable + ": resolved, but no variable of the root module has this name\n")
		}
	}
	return lines.String()
}

// slugVariables are those that lead to releases: slugs and images.
func slugVariables(slugs *herokutf.Slugs) []string {
	var names []string
	for _, a := range slugs.Artifacts {
		if a.Kind != herokutf.KindRelease {
			names = append(names, a.Variable)
		}
	}
	return names
}
