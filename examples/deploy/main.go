// Command deploy releases what Heroku pipelines have built: it resolves the
// slugs, refuses to go on when Heroku has drifted from the state, plans, refuses
// a plan that loses an app or an add-on or has other slugs, and applies it.
//
// It shows how little a tool of one's own takes; "herokutf deploy" does more.
package main

import (
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
	// The plan holds secrets in clear: it stays where only this user can read.
	tmp, err := os.MkdirTemp("", "deploy-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	file, environ := filepath.Join(tmp, "plan"), slugs.Environ(os.Environ())
	terraform := func(out io.Writer, args ...string) error {
		cmd := exec.CommandContext(ctx, "terraform", append([]string{"-chdir=" + *dir}, args...)...)
		// An interrupt reaches Terraform by itself; it ends in its own way.
		cmd.Cancel = func() error { return nil }
		cmd.Env, cmd.Stdout, cmd.Stderr = environ, out, os.Stderr
		return cmd.Run()
	}
	if err := gate(ctx, client, slugs, terraform); err != nil {
		return err
	}
	if err := terraform(stdout, "plan", "-input=false", "-out="+file); err != nil {
		return err
	}
	plan, err := show(terraform, file)
	if err != nil {
		return err
	}
	if err := errors.Join(slugs.CheckPlan(plan), herokutf.CheckPlan(plan)); err != nil {
		return err
	}
	return terraform(stdout, "apply", "-input=false", file)
}
