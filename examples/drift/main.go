// Command drift compares Terraform states with Heroku and ends with exit code 2
// when they differ:
//
//	drift -unmanaged production.tfstate staging.tfstate
//
// It shows how little a tool of one's own takes; "herokutf drift" does more.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
)

var errDrift = errors.New("there is drift")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.Stdout); {
	case errors.Is(err, errDrift):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "drift:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("drift", flag.ContinueOnError)
	unmanaged := flags.Bool("unmanaged", false, "also report what no state manages")
	format := flags.String("format", string(report.Text), "the `FORMAT` of the report")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var states []*statefile.File
	for _, path := range flags.Args() {
		f, err := statefile.ReadFile(path)
		if err != nil {
			return err
		}
		states = append(states, f)
	}
	client, err := platform.FromEnv(os.Getenv, platform.Options{UserAgent: "example-drift"})
	if err != nil {
		return err
	}
	found, err := herokutf.DetectDriftIn(ctx, client, states, herokutf.DriftOptions{Unmanaged: *unmanaged})
	if err != nil {
		return err
	}
	if err := report.Write(stdout, found, report.Format(*format), report.Options{Time: time.Now()}); err != nil {
		return err
	}
	if found.Drifted() {
		return errDrift
	}
	return nil
}
