// Command deploy releases what Heroku pipelines have built: it resolves the
// slugs, refuses to go on when Heroku has drifted from the state, plans, refuses
// a plan that loses an app or an add-on or has other slugs, and applies it.
//
// It shows how little a tool of one's own takes; "herokutf deploy" does more.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "deploy:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("deploy", flag.ContinueOnError)
	dir := flags.String("chdir", ".", "the `DIR` with the configuration")
	if err := flags.Parse(args); err != nil {
		return err
	}
	client, err := platform.FromEnv(os.Getenv, platform.Options{UserAgent: "example-deploy"})
	if err != nil {
		return err
	}
	pipelines, err := herokutf.PipelinesFromEnv(os.Environ(), "")
	if err != nil {
		return err
	}
	slugs, err := herokutf.ResolveSlugs(ctx, client, pipelines, herokutf.SlugOptions{})
	if err != nil {
		return err
	}
	terraform := func(out io.Writer, args ...string) error {
		cmd := exec.CommandContext(ctx, "terraform", args...)
		// An interrupt reaches Terraform by itself; it ends in its own way.
		cmd.Cancel = func() error { return nil }
		cmd.Dir, cmd.Env = *dir, slugs.Environ(os.Environ())
		cmd.Stdout, cmd.Stderr = out, os.Stderr
		return cmd.Run()
	}

	var state bytes.Buffer
	if err := terraform(&state, "state", "pull"); err != nil {
		return err
	}
	if err := gate(ctx, client, state.Bytes(), stdout); err != nil {
		return err
	}
	// The plan holds secrets in clear: it stays where only this user can read.
	tmp, err := os.MkdirTemp("", "deploy-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	file := filepath.Join(tmp, "plan")
	if err := terraform(stdout, "plan", "-input=false", "-out="+file); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := terraform(&text, "show", "-json", file); err != nil {
		return err
	}
	plan, err := herokutf.ParsePlan(file, text.Bytes())
	if err != nil {
		return err
	}
	if err := errors.Join(slugs.CheckPlan(plan), herokutf.CheckPlan(plan)); err != nil {
		return err
	}
	return terraform(stdout, "apply", "-input=false", file)
}

// gate refuses a state that Heroku has drifted from.
func gate(ctx context.Context, client *platform.Client, state []byte, stdout io.Writer) error {
	if len(bytes.TrimSpace(state)) == 0 {
		return nil // nothing was applied yet
	}
	f, err := statefile.Parse("terraform state pull", state)
	if err != nil {
		return err
	}
	found, err := herokutf.DetectDrift(ctx, client, f, herokutf.DriftOptions{})
	if err != nil || !found.Drifted() {
		return err
	}
	return errors.Join(errors.New("nothing was planned: what runs on Heroku isn't what the state says"), report.Write(stdout, found, report.Text, report.Options{}))
}
