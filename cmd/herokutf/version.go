package main

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
)

// What a release says of itself, with -ldflags "-X main.version=v0.1.0 -X
// main.commit=3c1f797". Otherwise the Go toolchain knows what was built.
var version, commit string

type buildInfo struct {
	Version  string `json:"version"`          // of the module, such as v0.1.0; (devel) when nobody knows
	Commit   string `json:"commit,omitempty"` // with "-dirty" behind it when files had changed
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func buildVersion() buildInfo {
	info := buildInfo{Version: version, Commit: commit, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	build, _ := debug.ReadBuildInfo()
	info.add(build)
	return info
}

// add adds what the toolchain knows; nil is nothing.
func (info *buildInfo) add(build *debug.BuildInfo) {
	if build != nil {
		info.Version = cmp.Or(info.Version, build.Main.Version)
		info.Commit = cmp.Or(info.Commit, revision(build.Settings))
	}
	info.Version = cmp.Or(info.Version, "(devel)")
}

// revision is the commit that was built; "" if the build doesn't say.
func revision(settings []debug.BuildSetting) string {
	values := make(map[string]string)
	for _, s := range settings {
		values[s.Key] = s.Value
	}
	if values["vcs.revision"] != "" && values["vcs.modified"] == "true" {
		return values["vcs.revision"] + "-dirty"
	}
	return values["vcs.revision"]
}

type versionOptions struct {
	*env
	format string
}

func newVersionCmd(e *env, standIn func(context.Context, *versionOptions) error) *cobra.Command {
	o := &versionOptions{env: e}
	cmd := &cobra.Command{
		Use:         "version [flags]",
		Short:       "Print the version, the commit and the version of Go",
		Long:        "Prints the version, the commit that was built, and with which version of Go.",
		Annotations: map[string]string{exitCodes: "0  printed"},
		Example:     "herokutf version --format json",
	}
	bindFormat(cmd, &o.format, "print it as `FORMAT`: text or json", formatText, formatJSON)
	cmd.RunE = runs(e, o, func(_ *versionOptions, args []string) error { return noArgs(args, "") }, versionRun, standIn)
	return cmd
}

func versionRun(_ context.Context, o *versionOptions) error {
	info := buildVersion()
	if o.format == formatJSON {
		text, err := ui.JSON(info)
		return o.printResult(o.Stdout, o.format, text, err)
	}
	text := name + " " + info.Version + "\n"
	if info.Commit != "" {
		text += "commit " + info.Commit + "\n"
	}
	return o.print(o.Stdout, text+fmt.Sprintf("%s %s\n", info.Go, info.Platform))
}
