// Command slugs prints the slugs that Heroku pipelines run as Terraform
// variables:
//
//	export BUILD_PIPELINE_API=api-pipeline
//	vars=$(slugs) && eval "$vars"
//
// It shows how little a tool of one's own takes; "herokutf slugs" does more.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/platform"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "slugs:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("slugs", flag.ContinueOnError)
	format := flags.String("format", string(herokutf.FormatShell), "the `FORMAT` to print the variables in")
	if err := flags.Parse(args); err != nil {
		return err
	}
	pipelines, err := herokutf.PipelinesFromEnv(os.Environ(), "")
	if err != nil {
		return err
	}
	client, err := platform.FromEnv(os.Getenv, platform.Options{UserAgent: "example-slugs"})
	if err != nil {
		return err
	}
	slugs, err := herokutf.ResolveSlugs(ctx, client, pipelines, herokutf.SlugOptions{})
	if err != nil {
		return err
	}
	return slugs.Write(stdout, herokutf.Format(*format), os.Environ())
}
