// Command rename repairs a Terraform state after Heroku apps were renamed:
//
//	rename terraform.tfstate
//
// It shows how little a tool of one's own takes; "herokutf rename" does more.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "rename:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("rename", flag.ContinueOnError)
	wait := flags.Duration("lock-timeout", 0, "how long to wait for the state's lock")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("name the state")
	}
	client, err := platform.FromEnv(os.Getenv, platform.Options{UserAgent: "example-rename"})
	if err != nil {
		return err
	}
	// The state is locked as Terraform locks it, backed up, written in place,
	// and read back.
	opts := statefile.UpdateOptions{Operation: "rename", LockTimeout: *wait}
	result, err := statefile.Update(ctx, flags.Arg(0), opts, func(f *statefile.File) (*statefile.File, error) {
		renames, err := herokutf.FindRenames(ctx, client, f)
		if err != nil {
			return nil, err
		}
		repair, err := herokutf.RepairRename(f, renames...)
		if err != nil {
			return nil, err
		}
		for _, change := range repair.Changes {
			fmt.Fprintf(stdout, "%s %s: %v -> %v\n", change.Address, change.Path, change.Old, change.New)
		}
		return repair.Apply()
	})
	if err != nil {
		return err
	}
	if result.Changed {
		fmt.Fprintf(stdout, "serial %s -> %s, backup %s\n", result.OldSerial, result.NewSerial, result.Backup)
	}
	return nil
}
