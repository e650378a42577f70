//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/herokutf/herokutf/internal/stategen"
)

// instanceSize is about what an instance of [stategen.State] takes, in bytes.
const instanceSize = 1820

// A command is one way to change a state.
type command struct {
	label string
	args  []string // {state} is the file
	dir   bool     // runs in the folder of the state
}

// repairs measures one rename in states of several sizes.
func (c *config) repairs(ctx context.Context) error {
	fmt.Fprintf(c.out, "\n## One app renamed in a state\n\n| state | | seconds | times herokutf rename |\n|---|---|---|---|\n")
	for _, size := range c.sizes {
		instances := size * 1_000_000 / instanceSize
		old, address := stategen.AppName(instances/2), stategen.AppAddress(instances/2)
		state := stategen.State(instances)
		var own time.Duration
		for i, cmd := range []command{
			{"`herokutf rename`: proof, backup, sync and all", []string{c.repair, "rename", "--offline", old + "=renamed-by-bench", "--state", "{state}"}, false},
			{"`terraform state mv`", []string{"terraform", "state", "mv", address, "heroku_app.moved_by_bench"}, true},
			{"`jq .`, to read and write alone", []string{"jq", ".", "{state}"}, false},
			{"`sed s/old/new/g`, of every text there is", []string{"sed", "s/" + old + "/renamed-by-bench/g", "{state}"}, false},
		} {
			if _, err := exec.LookPath(cmd.args[0]); err != nil {
				fmt.Fprintf(c.out, "| %d MB | %s | not on this machine | |\n", size, cmd.label)
				continue
			}
			took, err := c.measure(ctx, cmd, state)
			if err != nil {
				return err
			}
			if i == 0 {
				own = took
			}
			fmt.Fprintf(c.out, "| %d MB | %s | %s | %s |\n", size, cmd.label, seconds(took), ratio(took, own))
		}
	}
	return nil
}

// measure runs a command several times, each on a fresh copy of the state.
func (c *config) measure(ctx context.Context, cmd command, state []byte) (took time.Duration, err error) {
	var times []time.Duration
	for range c.runs {
		dir, err := os.MkdirTemp(c.dir, "run-")
		if err != nil {
			return 0, err
		}
		path := filepath.Join(dir, "terraform.tfstate")
		if err := writeSynced(path, state); err != nil {
			return 0, err
		}
		args := make([]string, len(cmd.args))
		for i, arg := range cmd.args {
			if args[i] = arg; arg == "{state}" {
				args[i] = path
			}
		}
		proc := exec.CommandContext(ctx, args[0], args[1:]...)
		proc.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull)
		if cmd.dir {
			proc.Dir = dir
		}
		begin := time.Now()
		err = proc.Run() // what it prints is dropped: it is not what is compared
		times = append(times, time.Since(begin))
		if err != nil {
			return 0, fmt.Errorf("%s: %w", cmd.label, err)
		}
		if err := os.RemoveAll(dir); err != nil {
			return 0, err
		}
	}
	return median(times), nil
}

// writeSynced writes a file down to the disk, so that nobody's measurement pays
// for it.
func writeSynced(path string, data []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}
