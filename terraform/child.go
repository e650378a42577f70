package terraform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"
)

// A Command is a terraform command that [Folder.Run] runs in the configuration's
// folder.
type Command struct {
	Args    []string // subcommand and flags, such as "apply", "-input=false", "plan.out"
	Environ []string // KEY=VALUE, added to the Folder's environment
	// Stdout and Stderr take what it prints; nil discards it. Standard input is
	// closed: a command in a process group of its own can't ask at the terminal.
	Stdout, Stderr io.Writer
}

// Run runs a terraform command in the configuration's folder, on the state that
// [Folder.Location] says, in the environment of the Folder with its TF_CLI_ARGS but
// without [Options.Vars], and returns its exit code; 128 and the signal's
// number for a command that a signal ended, as a shell has it. The command has a
// process group of its own, so that an interrupt at the terminal doesn't reach it by
// itself: when the context ends, it gets one interrupt, and has [Options.Grace] to end
// in its own way before it is killed with all that it started. The error is then the
// cause, with the exit code. Any other error is about a command that couldn't be
// started ([ErrNoTerraform]).
func (f *Folder) Run(ctx context.Context, c Command) (code int, err error) {
	path, err := f.command()
	if err != nil {
		return -1, err
	}
	environ := slices.Concat(f.environ(), []string{"TF_IN_AUTOMATION=1"}, f.here().environ)
	return f.run(ctx, child{path: path, args: append([]string{"-chdir=" + f.location.Dir}, c.Args...),
		environ: append(environ, c.Environ...), stdout: c.Stdout, stderr: c.Stderr})
}

// A child is a process of the program.
type child struct {
	path           string
	args           []string
	environ        []string
	stdout, stderr io.Writer
	keep           []*os.File // stay open in it, and in what it starts
}

// run runs a child to its end. Its working folder is this process's: what a
// configuration sees in path.cwd is what it would with terraform -chdir.
func (f *Folder) run(ctx context.Context, c child) (code int, err error) {
	if err := context.Cause(ctx); err != nil {
		return -1, err
	}
	cmd := exec.CommandContext(ctx, c.path, c.args...)
	cmd.Env, cmd.Dir = c.environ, f.cwd
	cmd.Stdout, cmd.Stderr = c.stdout, c.stderr
	cmd.ExtraFiles = c.keep
	ownGroup(cmd)
	var kill *time.Timer
	cmd.Cancel = func() error {
		kill = time.AfterFunc(f.opts.Grace, func() { killGroup(cmd.Process) })
		return interrupt(cmd.Process)
	}
	// What it started may hold on to its output when it is gone.
	cmd.WaitDelay = f.opts.Grace + 5*time.Second
	if err := cmd.Start(); err != nil {
		return -1, fmt.Errorf("start %s: %w", c.path, err)
	}
	err = cmd.Wait()
	if kill != nil {
		kill.Stop()
		// Plugins that outlived it would go on without anybody to report to.
		killGroup(cmd.Process)
	}
	code, err = ended(cmd.ProcessState, err)
	if cause := context.Cause(ctx); cause != nil && code != 0 {
		return code, cause
	}
	return code, err
}

// ended returns the exit code of a process. Without its state there is none, for err.
func ended(state *os.ProcessState, err error) (code int, _ error) {
	if state == nil {
		return -1, err
	}
	return exitCode(state), nil
}

// errLong is about output that has no end.
var errLong = errors.New("its output is longer than a state may be")

// limited collects what a command prints, up to a size. The buffer isn't embedded: by its
// ReadFrom, copying would go past Write.
type limited struct {
	kept bytes.Buffer
	most int
	last bool // keep the end and not the beginning
	over bool
}

func (l *limited) Write(p []byte) (int, error) {
	n := len(p)
	if room := l.most - l.kept.Len(); len(p) > room {
		l.over = true
		if l.last {
			p = p[max(0, len(p)-l.most):]
			l.kept.Next(l.kept.Len() + len(p) - l.most)
		} else {
			p = p[:max(room, 0)]
		}
	}
	l.kept.Write(p)
	return n, nil
}

// maxStderr is how much is kept of what a command reports, in bytes.
const maxStderr = 1 << 20

// output runs a call and returns what it printed. A call that fails ends in a
// CommandError.
func (f *Folder) output(ctx context.Context, c call, keep ...*os.File) ([]byte, error) {
	path, err := f.command()
	if err != nil {
		return nil, err
	}
	stdout, stderr := &limited{most: f.longest}, &limited{most: maxStderr, last: true}
	ch := child{path: path, args: append([]string{"-chdir=" + c.dir}, c.args...), environ: f.childEnviron(c.environ, c.args[0] == "state"),
		stdout: stdout, stderr: stderr, keep: keep}
	if c.stdout != nil {
		ch.stdout = c.stdout
	}
	code, err := f.run(ctx, ch)
	if code == 0 && !stdout.over {
		return stdout.kept.Bytes(), nil
	}
	if stdout.over {
		err = errLong
	}
	e := &CommandError{Command: f.title(c.args), State: c.state, Code: code, Err: err, Diagnostics: diagnostics(stderr.kept.String(), c.quiet, f.redact)}
	e.judge(stderr.kept.String(), f.location)
	return nil, e
}
