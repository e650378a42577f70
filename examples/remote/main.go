// Command remote repairs the state of a configuration's folder after Heroku apps
// were renamed, wherever its backend keeps it:
//
//	remote production
//
// It pulls the state, repairs it, makes a plan, and pushes it if that leaves all
// Heroku objects where they are. "herokutf rename" does more.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "remote:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) != 1 {
		return errors.New("name the folder of the configuration")
	}
	folder, err := terraform.Open(args[0], terraform.Options{Output: stdout})
	if err != nil {
		return err
	}
	client, err := platform.FromEnv(os.Getenv, platform.Options{UserAgent: "example-remote"})
	if err != nil {
		return err
	}
	opts := terraform.UpdateOptions{
		Judge:     herokutf.CheckPlanSettled,
		Operation: "remote",
	}
	// Called anew with what is there then, should somebody else write the state
	// meanwhile.
	result, err := folder.Update(ctx, opts, func(state *statefile.File) (*statefile.File, error) {
		renames, err := herokutf.FindRenames(ctx, client, state)
		if err != nil {
			return nil, err
		}
		repair, err := herokutf.RepairRename(state, renames...)
		if err != nil {
			return nil, err
		}
		return repair.Apply()
	})
	if err != nil {
		return err
	}
	if !result.Changed {
		fmt.Fprintln(stdout, "nothing to do")
		return nil
	}
	fmt.Fprintf(stdout, "%v: serial %s -> %s, backup %s\n", result.Location, result.OldSerial, result.NewSerial, result.Backup)
	return nil
}
