//go:build unix

package ui

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// childOf is the environment variable that makes the test binary the parent of a
// child, which logs its signals to the file of that name.
const childOf = "HEROKUTF_TEST_CHILD_LOG"

// counting logs each signal that it gets, for a second after the first one.
const counting = `trap 'echo interrupt >> "$0"' INT
trap 'echo termination >> "$0"' TERM
echo ready >> "$0"
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 0.1; done
exit 7`

func TestMain(m *testing.M) {
	log := os.Getenv(childOf)
	if log == "" {
		os.Exit(m.Run())
	}
	Main(func(ctx context.Context, std IO, _ []string) int {
		code, err := Run(ctx, std, Child{Args: []string{"sh", "-c", counting, log}, Environ: std.Environ, OwnGroup: true})
		if err != nil {
			return 1
		}
		return code
	})
}

// TestRunSignals: a signal to the whole process group, as a terminal, a shell and
// a CI job send it, reaches a child in a group of its own once.
func TestRunSignals(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no sh")
	}
	for _, tt := range []struct {
		signal syscall.Signal
		want   string
	}{
		{syscall.SIGTERM, "ready\ntermination\n"},
		{syscall.SIGINT, "ready\ninterrupt\n"},
		{syscall.SIGHUP, "ready\ntermination\n"},
	} {
		t.Run(tt.signal.String(), func(t *testing.T) {
			if tt.signal == syscall.SIGHUP && signal.Ignored(syscall.SIGHUP) {
				t.Skip("nobody here hears a hangup")
			}
			t.Parallel()
			log := filepath.Join(t.TempDir(), "log")
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), childOf+"="+log)
			cmd.Stdout, cmd.Stderr = &out, &out
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for range 500 {
				if text, _ := os.ReadFile(log); strings.HasPrefix(string(text), "ready\n") {
					break
				}
				time.Sleep(20 * time.Millisecond)
			}
			if err := syscall.Kill(-cmd.Process.Pid, tt.signal); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != 7 {
				t.Errorf("exit code %d, want the child's own, 7: %s", code, &out)
			}
			text, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			if string(text) != tt.want {
				t.Errorf("the child got %q, want %q", text, tt.want)
			}
		})
	}
}

// TestRun: the exit code is the child's, a signal's is that of a shell, and what isn't
// started or takes too long is an error.
func TestRun(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no sh")
	}
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, []byte("no program"), 0o700); err != nil {
		t.Fatal(err)
	}
	late, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, &Timeout{After: time.Second})
	defer cancel()
	gone, end := context.WithCancelCause(t.Context())
	end(&Interruption{Signal: os.Interrupt})
	for _, tt := range []struct {
		ctx  context.Context
		args []string
		code int
		fail string // the beginning of the error
	}{
		{t.Context(), []string{"sh", "-c", "cat; echo $0 $X; echo err >&2", "zero"}, 0, ""},
		{t.Context(), []string{"sh", "-c", "exit 7"}, 7, ""},
		{t.Context(), []string{"sh", "-c", "kill -TERM $$"}, 143, ""},
		{t.Context(), []string{"there-is-no-such-program"}, 0, "exec: "},
		{t.Context(), []string{plain}, 0, "start " + plain + ": "},
		{late, []string{"sh", "-c", "exec sleep 60"}, 0, "the run took longer than the 1s of --timeout"},
		{gone, []string{"sh", "-c", "echo no"}, 0, "interrupted"},
	} {
		var stdout, stderr bytes.Buffer
		std := IO{Stdin: strings.NewReader("in\n"), Stdout: &stdout, Stderr: &stderr}
		code, err := Run(tt.ctx, std, Child{Args: tt.args, Environ: []string{"X=x", "PATH=" + os.Getenv("PATH")}})
		if code != tt.code || (err == nil) != (tt.fail == "") || err != nil && !strings.HasPrefix(err.Error(), tt.fail) {
			t.Errorf("%q: exit code %d, %v", tt.args, code, err)
		}
		want := ""
		if len(tt.args) == 4 {
			want = "in\nzero x\n|err\n"
		}
		if got := stdout.String() + "|" + stderr.String(); got != want && got != "|"+want {
			t.Errorf("%q: printed %q", tt.args, got)
		}
	}
}

// TestRunUnprinted: what a child prints and nobody takes is an error.
func TestRunUnprinted(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no sh")
	}
	std := IO{Stdin: strings.NewReader(""), Stdout: brokenWriter{}, Stderr: brokenWriter{}}
	code, err := Run(t.Context(), std, Child{Args: []string{"sh", "-c", "echo x"}, Environ: os.Environ()})
	if code != 0 || err == nil || err.Error() != "run sh: broken" {
		t.Errorf("exit code %d, %v", code, err)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken") }

// TestPassOn: an interrupt reaches a child in the foreground from the terminal, and isn't
// sent once more; a termination is.
func TestPassOn(t *testing.T) {
	cmd := exec.Command("sleep", "30")
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	signals, done := make(chan os.Signal), make(chan struct{})
	go func() {
		signals <- os.Interrupt
		signals <- syscall.SIGTERM
		cmd.Wait()
		close(done)
	}()
	passOn(t.Context(), cmd.Process, false, signals, done)
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGTERM {
		t.Errorf("it ended by %v", status.Signal())
	}
}
