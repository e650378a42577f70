//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
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

// usage is what a command took.
type usage struct {
	time   time.Duration
	memory int64 // at its peak, in bytes; of a shell's commands, that of the largest
}

// repairs measures one rename in states of several sizes.
func (c *config) repairs(ctx context.Context) error {
	fmt.Fprintf(c.out, "\n## One app renamed in a state\n\n| state | | seconds | times herokutf rename | memory, MB | times the file |\n|---|---|---|---|---|---|\n")
	for _, size := range c.sizes {
		instances := size * 1_000_000 / instanceSize
		old, address := stategen.AppName(instances/2), stategen.AppAddress(instances/2)
		state := filepath.Join(c.dir, "generated.tfstate")
		length, err := c.generated(ctx, instances, state)
		if err != nil {
			return err
		}
		var own usage
		for i, cmd := range []command{
			{"`herokutf rename`: proof, backup, sync and all", []string{c.repair, "rename", "--offline", old + "=renamed-by-bench", "--state", "{state}"}, false},
			{"`terraform state mv`", []string{"terraform", "state", "mv", address, "heroku_app.moved_by_bench"}, true},
			{"`jq .`, to read and write alone", []string{"jq", ".", "{state}"}, false},
			{"`sed s/old/new/g`, of every text there is", []string{"sed", "s/" + old + "/renamed-by-bench/g", "{state}"}, false},
			{"`cp` and `sync` of file and folder", []string{"sh", "-c", `cp "$1" "$1.copy" && sync "$1.copy" && sync "${1%/*}"`, "sh", "{state}"}, false},
		} {
			if _, err := exec.LookPath(cmd.args[0]); err != nil {
				fmt.Fprintf(c.out, "| %d MB | %s | not on this machine | | | |\n", size, cmd.label)
				continue
			}
			took, err := c.measure(ctx, cmd, state)
			if err != nil {
				return err
			}
			if i == 0 {
				own = took
			}
			fmt.Fprintf(c.out, "| %d MB | %s | %s | %s | %d | %.1f |\n", size, cmd.label, seconds(took.time), ratio(took.time, own.time),
				took.memory/1_000_000, float64(took.memory)/float64(length))
		}
	}
	return nil
}

// generated writes a state in a process of its own: what a program has in memory when it
// starts another one, Linux counts to what the other one has had.
func (c *config) generated(ctx context.Context, instances int, path string) (size int64, err error) {
	exe, err := os.Executable()
	if err != nil {
		return 0, err
	}
	proc := exec.CommandContext(ctx, exe, "generate", strconv.Itoa(instances), path)
	proc.Stderr = os.Stderr
	if err := proc.Run(); err != nil {
		return 0, fmt.Errorf("generate a state: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// generate is that process: it is given the number of instances and the file.
func generate(_ context.Context, args []string, _ io.Writer) error {
	if len(args) != 3 {
		return fmt.Errorf("generate: got %d arguments, want a number of instances and a file", len(args)-1)
	}
	instances, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	return os.WriteFile(args[2], stategen.State(instances), 0o600)
}

// measure runs a command several times, each on a fresh copy of the state. It returns the
// medians.
func (c *config) measure(ctx context.Context, cmd command, state string) (took usage, err error) {
	var times []time.Duration
	var peaks []int64
	for range c.runs {
		dir, err := os.MkdirTemp(c.dir, "run-")
		if err != nil {
			return usage{}, err
		}
		path := filepath.Join(dir, "terraform.tfstate")
		if err := copySynced(path, state); err != nil {
			return usage{}, err
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
		peaks = append(peaks, peak(proc.ProcessState))
		if err != nil {
			return usage{}, fmt.Errorf("%s: %w", cmd.label, err)
		}
		if err := os.RemoveAll(dir); err != nil {
			return usage{}, err
		}
	}
	return usage{median(times), median(peaks)}, nil
}

// peak returns how much memory a process that ended has had at most, in bytes, and 0 for
// one that never began.
func peak(p *os.ProcessState) int64 {
	if p == nil {
		return 0
	}
	used, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(used.Maxrss)
	}
	return int64(used.Maxrss) * 1024
}

// copySynced copies a file down to the disk, so that nobody's measurement pays for it.
func copySynced(path, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, in); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}
