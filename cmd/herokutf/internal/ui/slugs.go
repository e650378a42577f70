package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/tfconfig"
)

// SlugFlags are the flags of the commands that resolve pipelines.
type SlugFlags struct {
	prefix    string
	stages    List
	apps      List
	latest    bool
	wait      time.Duration
	keepGoing bool
	check     string
}

// Register adds the flags to fs.
func (f *SlugFlags) Register(fs *flag.FlagSet) {
	fs.StringVar(&f.prefix, "prefix", "", "the `PREFIX` of the variables that name pipelines (default $BUILD_PIPELINE_VAR_PREFIX, else BUILD_PIPELINE_)")
	fs.Var(&f.stages, "stage", "resolve this `STAGE` (repeatable; default: all but review and test)")
	fs.Var(&f.apps, "app", "the app that counts where a stage has several that run different slugs, `STAGE=NAME` (repeatable)")
	fs.BoolVar(&f.latest, "latest-succeeded", false, "take the newest release that succeeded, not the one that runs")
	fs.DurationVar(&f.wait, "wait", 0, "how long to wait for releases that are pending, for example 10m")
	fs.StringVar(&f.check, "check", "", "hold the variables against the Terraform configuration in `DIR`; what doesn't fit is an error")
}

// RegisterKeepGoing adds -keep-going.
func (f *SlugFlags) RegisterKeepGoing(fs *flag.FlagSet) {
	fs.BoolVar(&f.keepGoing, "keep-going", false, "print what could be resolved even if some could not, or doesn't fit -check; exit code 3")
}

// Resolve finds what the pipelines of the environment run. What -keep-going
// passes over is reported on standard error; complete is false then.
func (f *SlugFlags) Resolve(ctx context.Context, name string, std IO) (slugs *herokutf.Slugs, complete bool, err error) {
	progress := NewProgress(name, std)
	defer progress.Done()
	opts := herokutf.SlugOptions{
		Stages:      f.stages,
		KeepGoing:   f.keepGoing,
		WaitPending: f.wait,
		Progress: func(p herokutf.SlugProgress) {
			progress.Say(fmt.Sprintf("release v%d of %s is pending: waiting (%v of %v)",
				p.Release.Version, p.App.Name, p.Waited.Round(time.Second), p.Limit))
		},
	}
	if f.latest {
		opts.Select = herokutf.LatestSucceeded
	}
	for _, s := range f.apps {
		stage, app, ok := strings.Cut(s, "=")
		if !ok || stage == "" || app == "" {
			return nil, false, fmt.Errorf("-app %q: it is STAGE=NAME", s)
		}
		opts.Apps = append(opts.Apps, herokutf.StageApp{Stage: stage, App: app})
	}
	pipelines, err := herokutf.PipelinesFromEnv(std.Environ, f.prefix)
	if err != nil {
		return nil, false, err
	}
	client, err := platform.FromEnv(std.Getenv, platform.Options{
		UserAgent: "herokutf-" + name,
		Progress:  progress.Event,
	})
	if err != nil {
		return nil, false, err
	}
	slugs, err = herokutf.ResolveSlugs(ctx, client, pipelines, opts)
	if err != nil {
		return nil, false, err
	}
	for _, p := range slugs.Problems {
		progress.Say(p)
	}
	fits, err := f.checkConfig(progress, slugs)
	if err != nil {
		return nil, false, err
	}
	return slugs, fits && len(slugs.Problems) == 0, nil
}

// checkConfig holds the variables against the configuration. That they don't
// fit is an error without -keep-going.
func (f *SlugFlags) checkConfig(progress *Progress, slugs *herokutf.Slugs) (fits bool, err error) {
	if f.check == "" {
		return true, nil
	}
	config, err := tfconfig.Load(f.check)
	if err != nil {
		return false, err
	}
	report := config.CheckVariables(slugs.Variables())
	for line := range strings.Lines(report.String()) {
		progress.Say(strings.TrimRight(line, "\n"))
	}
	if !report.OK() && !f.keepGoing {
		return false, fmt.Errorf("the configuration in %s doesn't fit the pipelines", f.check)
	}
	return report.OK(), nil
}

// SplitCommand cuts a command's own arguments from those behind "--"; command
// is nil when there is no "--".
func SplitCommand(args []string) (own, command []string, err error) {
	for i, arg := range args {
		if arg == "--" {
			if i == len(args)-1 {
				return nil, nil, errors.New("there is no command behind --")
			}
			return args[:i], args[i+1:], nil
		}
	}
	return args, nil, nil
}
