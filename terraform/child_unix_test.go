//go:build unix

package terraform

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/herokutf/herokutf/statefile"
)

// TestPluginsEnd: what a command has started doesn't outlive its interrupt.
func TestPluginsEnd(t *testing.T) {
	b := newBench(t, "hang-plan plugin")
	f := b.open(t, Options{Grace: time.Minute})
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() {
		_, err := f.Update(ctx, UpdateOptions{}, rename("one", "two"))
		failed <- err
	}()
	b.hanging(t)
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	lock, err := os.OpenFile(filepath.Join(b.store, "plugin.lock"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	for range 500 {
		if lockFile(lock) == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the plugin goes on")
}

// TestLeavesOthers: a command has ended when it has, also if what it started keeps its output
// open.
func TestLeavesOthers(t *testing.T) {
	b := newBench(t, "")
	f := b.open(t, Options{})
	f.opts.Grace = 50*time.Millisecond - 5*time.Second // less what is added to it
	var out strings.Builder
	code, err := f.Run(t.Context(), Command{Args: []string{"leave"}, Stdout: &out})
	if code != 0 || err != nil {
		t.Errorf("code %d, error %v", code, err)
	}
	lock, lerr := os.OpenFile(filepath.Join(b.store, "plugin.lock"), os.O_RDWR, 0)
	pid, perr := strconv.Atoi(strings.TrimSpace(out.String()))
	if err := errors.Join(lerr, perr); err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if lockFile(lock) == nil {
		t.Error("it was waited for what the command started")
	}
	syscall.Kill(pid, syscall.SIGKILL)
}

// TestEndsWell: a command that comes to its end after an interrupt has done so.
func TestEndsWell(t *testing.T) {
	for fault, want := range map[string]error{"hang-apply polite": nil, "hang-apply": context.Canceled} {
		b := newBench(t, fault)
		ctx, cancel := context.WithCancel(t.Context())
		type end struct {
			code int
			err  error
		}
		ended := make(chan end)
		f := b.open(t, Options{Grace: time.Minute})
		go func() {
			code, err := f.Run(ctx, Command{Args: []string{"apply"}})
			ended <- end{code, err}
		}()
		b.hanging(t)
		cancel()
		if got := <-ended; !errors.Is(got.err, want) || (got.err == nil) != (want == nil) || (got.code == 0) != (want == nil) {
			t.Errorf("%s: %+v", fault, got)
		}
	}
}

// TestExitCode: 128 and the signal's number, as a shell has it.
func TestExitCode(t *testing.T) {
	cmd := exec.Command("sh", "-c", "kill -TERM $$")
	if err := cmd.Run(); err == nil || exitCode(cmd.ProcessState) != 128+int(syscall.SIGTERM) {
		t.Errorf("code %d, error %v", exitCode(cmd.ProcessState), err)
	}
	// One that leads no group is killed by itself.
	cmd = exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killGroup(cmd.Process)
	if err := cmd.Wait(); err == nil || exitCode(cmd.ProcessState) != 128+int(syscall.SIGKILL) {
		t.Errorf("killed: code %d, error %v", exitCode(cmd.ProcessState), err)
	}
}

// TestInterruptedUndo: an undo that is interrupted while it is planned isn't one that can't
// be planned.
func TestInterruptedUndo(t *testing.T) {
	for _, remote := range []bool{true, false} {
		b := newBench(t, "")
		if !remote {
			tree(t, b.dir, map[string]string{"main.tf": resource("one"), ".terraform/terraform.tfstate": `{"version":3}`, stateName: standInState})
		}
		if _, err := b.open(t, Options{}).Update(t.Context(), UpdateOptions{Plan: PlanOff}, rename("one", "two")); err != nil {
			t.Fatal(err)
		}
		b.environ = append(b.environ, standInFault+"=hang-plan")
		f := b.open(t, Options{Grace: time.Minute})
		ctx, cancel := context.WithCancelCause(t.Context())
		cause := errors.New("enough")
		failed := make(chan error)
		go func() {
			_, err := f.Undo(ctx, "", UpdateOptions{})
			failed <- err
		}()
		b.hanging(t)
		cancel(cause)
		if err := <-failed; !errors.Is(err, cause) {
			t.Errorf("remote %v: %v", remote, err)
		}
		b.environ = append(b.environ, standInFault+"=")
		if now, err := b.open(t, Options{}).Pull(t.Context()); err != nil || !strings.Contains(string(now.Bytes()), `"two"`) {
			t.Errorf("remote %v: the state was put back: %v", remote, err)
		}
		if backups, err := f.Backups(""); err != nil || len(backups) != 1 {
			t.Errorf("remote %v: backups %v, %v", remote, backups, err)
		}
		b.clean(t)
	}
}

// TestInterruptedConflict: when others have written the state and the context has ended,
// nothing is begun anew.
func TestInterruptedConflict(t *testing.T) {
	b := newBench(t, "hang-state-push")
	f := b.open(t, Options{Grace: time.Minute})
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	failed := make(chan error)
	go func() {
		_, err := f.Update(ctx, UpdateOptions{Plan: PlanOff}, rename("one", "two"))
		failed <- err
	}()
	b.hanging(t)
	theirs := strings.NewReplacer(`"serial": 7`, `"serial": 8`, "one", "three").Replace(standInState)
	tree(t, b.store, map[string]string{"remote.tfstate": theirs})
	cancel(cause)
	err := <-failed
	if !errors.Is(err, cause) || err.Error() != `write the state of workspace "default" in backend "pg": enough` {
		t.Errorf("got %v", err)
	}
	if b.remote(t) != theirs || b.backups(t) != nil || len(b.calls(t)) != 3 {
		t.Errorf("backups %v, calls %v", b.backups(t), b.calls(t))
	}
	b.clean(t)
}

// TestSweptFirst: whatever a verb does, it clears away first what killed runs have left.
func TestSweptFirst(t *testing.T) {
	b := newBench(t, "")
	t.Setenv("TMPDIR", t.TempDir())
	backups := filepath.Join(b.dir, ".terraform", "herokutf", standInLineage, "default")
	places := []string{b.parent, os.Getenv("TMPDIR"), backups}
	for _, dir := range places {
		tree(t, dir, map[string]string{scratchPrefix + "x/" + scratchLock: "", scratchPrefix + "x/" + stateName: "a state"})
	}
	if _, err := b.open(t, Options{}).Update(t.Context(), UpdateOptions{Plan: PlanOff, DryRun: true}, rename("one", "two")); err != nil {
		t.Fatal(err)
	}
	for _, dir := range places {
		if left := scratches(t, dir); left != nil {
			t.Errorf("left behind: %v", left)
		}
	}
}

// TestOddConfigFiles: what can't be read, or isn't a file, is passed over when the backend is
// looked for.
func TestOddConfigFiles(t *testing.T) {
	dir := t.TempDir()
	long := func(size int) string {
		const text = `{"terraform":{"backend":{"pg":{}}}}`
		return text + strings.Repeat(" ", size-len(text))
	}
	tree(t, dir, map[string]string{"long.tf.json": long(maxConfigFile), "longer.tf.json": long(maxConfigFile + 1), "odd.tf.json": "[1]", "empty.tf": "", "odd.tf": "terraform {\n  required_version = \n}\nterraform {\n  backend \"gcs\" {}\n}\n",
		"none.tf.json": "", "torn.tf.json": `{"terraform":`, "text.tf.json": `{"terraform":"x"}`})
	if err := errors.Join(os.Symlink("nowhere", filepath.Join(dir, "link.tf")), syscall.Mkfifo(filepath.Join(dir, "pipe.tf"), 0o600), os.Mkdir(filepath.Join(dir, "folder.tf"), 0o700)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"long.tf.json": "pg", "longer.tf.json": "", "odd.tf.json": "", "empty.tf": "", "none.tf.json": "", "torn.tf.json": "", "text.tf.json": "", "link.tf": "", "pipe.tf": "", "folder.tf": ""} {
		got := ""
		if b := findBackend(dir, []string{name}); b != nil {
			if got = b.Type; b.File != name {
				t.Errorf("%s: in %s", name, b.File)
			}
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if !mentions(dir, []string{"link.tf", "odd.tf"}, "backend") || mentions(dir, []string{"link.tf", "empty.tf"}, "backend") {
		t.Error("what files mention isn't found")
	}
}

// TestOddStates: what is in a state's place and isn't a file.
func TestOddStates(t *testing.T) {
	for name, where := range map[string]string{"a device": "/dev/null", "below a file": "main.tf/x.tfstate", "a link that leads nowhere": "link.tfstate"} {
		dir := real(t, t.TempDir())
		tree(t, dir, map[string]string{"main.tf": backendBlock("local"), ".terraform/terraform.tfstate": backendRecord("local", `"path":"`+where+`"`)})
		if err := os.Symlink("nowhere", filepath.Join(dir, "link.tfstate")); err != nil {
			t.Fatal(err)
		}
		f, err := Open(dir, Options{Environ: nothing})
		if err != nil {
			t.Fatal(err)
		}
		if filepath.IsAbs(where) && f.location.Path != where {
			t.Errorf("%s: the state is %s", name, f.location.Path)
		}
		_, err = f.Pull(t.Context())
		if errors.Is(err, ErrNoState) != (where == "link.tfstate") || err == nil {
			t.Errorf("%s: %v", name, err)
		}
		if e, ok := errors.AsType[*FolderError](err); where == "main.tf/x.tfstate" && (!ok || !strings.Contains(err.Error(), "look at the state: ") || e.Hint != "Make it readable.") {
			t.Errorf("%s: %v (%+v)", name, err, e)
		}
		wantWhole(t, err, f)
	}
	// The folder of a first state can't be made.
	dir := real(t, t.TempDir())
	tree(t, dir, map[string]string{"main.tf": resource("one")})
	if err := os.Symlink(filepath.Join("nowhere", "states"), filepath.Join(dir, workspacesName)); err != nil {
		t.Fatal(err)
	}
	f, err := Open(dir, Options{Environ: append([]string{"TF_WORKSPACE=eu"}, nothing...)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Update(t.Context(), UpdateOptions{Plan: PlanOff, Initial: statefile.New("first", "1.11.4")}, insert)
	if e, ok := errors.AsType[*os.PathError](err); !ok || e.Op != "mkdir" {
		t.Errorf("got %v", err)
	}
}
