//go:build unix

package terraform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/herokutf/herokutf/internal/testmode"
	"github.com/herokutf/herokutf/tfconfig"
)

// updateProcess renames "one" to "two" in a folder, and dies without a word at the
// stage that the environment names.
func updateProcess() int {
	dir, stage, _ := strings.Cut(os.Getenv(updateVar), "|")
	os.Unsetenv(updateVar)
	program, err := os.Executable()
	if err != nil {
		return fail(err)
	}
	f, err := Open(dir, Options{Terraform: program, Progress: func(p Progress) {
		if string(p.Stage) == stage {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
	}})
	if err != nil {
		return fail(err)
	}
	result, err := f.Update(context.Background(), UpdateOptions{Watch: 10 * time.Millisecond, Files: func() []tfconfig.FileEdit {
		return []tfconfig.FileEdit{{Path: filepath.Join(dir, "main.tf"), New: []byte(resource("two"))}}
	}}, rename("one", "two"))
	if err != nil {
		return fail(err)
	}
	fmt.Println(result.Changed, result.NewSerial)
	return 0
}

// start runs updateProcess on the bench.
func (b *bench) start(t *testing.T, stage string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), append(b.environ, updateVar+"="+b.dir+"|"+stage)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// TestKilled: killed at any stage, the backend's state is the old or the new one, and the
// old one is saved before it can be gone. The next run clears away what is left and comes
// to its end.
func TestKilled(t *testing.T) {
	stages := []Stage{StagePulling, StagePlanning, StageBackup, StagePushing, StageVerifying, StageWatching, StageDone}
	if !testmode.Full() {
		stages = []Stage{StagePlanning, StagePushing, StageVerifying}
	}
	for _, stage := range stages {
		t.Run(string(stage), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, "")
			tree(t, b.dir, map[string]string{"main.tf": backendBlock("http") + resource("one"), ".terraform/terraform.tfstate": backendRecord("http", "")})
			err := b.start(t, string(stage)).Wait()
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Fatalf("it ended with %v", err)
			}
			isNew := false
			switch now := b.remote(t); {
			case now == standInState:
			case strings.Contains(now, `"serial": 9`) && strings.Contains(now, `"two"`):
				isNew = true
			default:
				t.Errorf("the state is neither old nor new: %s", now)
			}
			if late := stage == StageVerifying || stage == StageWatching || stage == StageDone; isNew != late {
				t.Errorf("the state is new: %v, want %v", isNew, late)
			}
			backups := b.backups(t)
			if isNew && len(backups) == 0 {
				t.Error("there is no backup of the old state")
			}
			for _, path := range backups {
				if !strings.HasSuffix(path, backupSuffix) || strings.Contains(path, scratchPrefix) {
					continue
				}
				if text, err := os.ReadFile(path); err != nil || string(text) != standInState {
					t.Errorf("backup %s: %s, %v", path, text, err)
				}
			}
			// A command that was begun may outlive it for a moment.
			left := 0
			for range 100 {
				if left = len(scratches(t, b.parent)); !running(b.parent) {
					break
				}
				time.Sleep(20 * time.Millisecond)
			}
			if left == 0 && stage != StagePulling {
				t.Error("nothing was left behind: this test proves nothing")
			}
			f := b.open(t, Options{})
			result, err := f.Update(t.Context(), UpdateOptions{Watch: -1, Files: b.followConfig(t, "two")}, rename("one", "two"))
			if err != nil || result.Changed == isNew {
				t.Errorf("the next run: %+v, %v", result, err)
			}
			if !strings.Contains(b.remote(t), `"two"`) {
				t.Error("the state is still the old one")
			}
			b.clean(t)
		})
	}
}

// running reports whether a lock of a scratch folder is held.
func running(parent string) bool {
	left, _ := filepath.Glob(filepath.Join(parent, scratchPrefix+"*", scratchLock))
	for _, path := range left {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		err = lockFile(f)
		f.Close()
		if err != nil {
			return true
		}
	}
	return false
}

// TestKilledWhileACommandRuns: the folder of a plan stays as long as the command that
// works in it, also when who started that is gone.
func TestKilledWhileACommandRuns(t *testing.T) {
	b := newBench(t, "hang-plan")
	cmd := b.start(t, "")
	pid := b.hanging(t)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if len(scratches(t, b.parent)) != 1 || !running(b.parent) {
		t.Errorf("left %v, in use %v", scratches(t, b.parent), running(b.parent))
	}
	sweep(b.parent)
	if len(scratches(t, b.parent)) != 1 {
		t.Error("the folder was taken away from a command that works in it")
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if sweep(b.parent); scratches(t, b.parent) == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the folder stays when nobody works in it any more")
}

// hanging waits for a command that hangs, and returns its process.
func (b *bench) hanging(t *testing.T) (pid int) {
	t.Helper()
	for range 1000 {
		data, err := os.ReadFile(filepath.Join(b.store, "hanging"))
		if pid, _ = strconv.Atoi(string(data)); err == nil && pid > 0 {
			return pid
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("no command hangs")
	return 0
}

// TestInterrupted: when the context ends, a command gets one interrupt, and is killed
// only if that doesn't help; the folder is gone, and nothing is written.
func TestInterrupted(t *testing.T) {
	for _, test := range []struct {
		name, fault string
		grace       time.Duration
	}{
		{"plan", "hang-plan", time.Minute},
		{"init", "needs-init hang-init", time.Minute},
		{"pull", "hang-state-pull", time.Minute},
		{"show", "odd hang-show", time.Minute},
		{"stubborn", "hang-plan stubborn", 300 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, test.fault)
			f := b.open(t, Options{Grace: test.grace})
			ctx, cancel := context.WithCancelCause(t.Context())
			cause := errors.New("interrupted by the test")
			failed := make(chan error)
			go func() {
				_, err := f.Update(ctx, UpdateOptions{}, rename("one", "two"))
				failed <- err
			}()
			pid := b.hanging(t)
			if pgid, err := syscall.Getpgid(pid); err != nil || pgid != pid {
				t.Errorf("the command is in group %d, %v; want one of its own, %d", pgid, err, pid)
			}
			cancel(cause)
			err := <-failed
			if !errors.Is(err, cause) {
				t.Errorf("error %v", err)
			}
			if n, err := os.ReadFile(filepath.Join(b.store, "signals")); err != nil || string(n) != "1" {
				t.Errorf("%s signals, want 1: %v", n, err)
			}
			if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
				t.Errorf("the command is still there: %v", err)
			}
			if b.remote(t) != standInState || b.backups(t) != nil {
				t.Error("something was written")
			}
			b.clean(t)
		})
	}
}

// TestInterruptedPush: a push that hangs is interrupted and killed in the end, and what
// became of the state is found out all the same.
func TestInterruptedPush(t *testing.T) {
	b := newBench(t, "hang-state-push stubborn")
	f := b.open(t, Options{Grace: 200 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() {
		_, err := f.Update(ctx, UpdateOptions{Plan: PlanOff}, rename("one", "two"))
		failed <- err
	}()
	b.hanging(t)
	cancel()
	err := <-failed
	e, ok := errors.AsType[*CommandError](err)
	if !ok || !errors.Is(err, context.Canceled) || e.Code != 128+int(syscall.SIGKILL) {
		t.Errorf("error %v (%+v)", err, e)
	}
	if b.remote(t) != standInState || b.backups(t) != nil {
		t.Error("something was written")
	}
	b.clean(t)
}

// TestSweep: only what is ours, and what nobody works in, is cleared away.
func TestSweep(t *testing.T) {
	parent := real(t, t.TempDir())
	live, err := newScratch(parent)
	if err != nil {
		t.Fatal(err)
	}
	stale := filepath.Join(parent, scratchPrefix+"stale")
	user := filepath.Join(parent, "user")
	tree(t, parent, map[string]string{
		scratchPrefix + "stale/" + scratchLock: "",
		scratchPrefix + "stale/sub/file":       "",
		scratchPrefix + "file":                 "a file, no folder",
		scratchPrefix + "foreign/main.tf":      "no lock, and not empty",
		"user/main.tf":                         "precious",
		"user/" + scratchLock:                  "",
		"user/sub/" + scratchPrefix + "x/y":    "elsewhere",
	})
	for link, target := range map[string]string{
		filepath.Join(stale, "link"):                           user,
		filepath.Join(stale, "sub", "file2"):                   filepath.Join(user, "main.tf"),
		filepath.Join(parent, scratchPrefix+"link"):            user,
		filepath.Join(parent, scratchPrefix+"foreign", "link"): user,
	} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	// A run that was killed before it locked its folder, and one that is about to.
	for name, age := range map[string]time.Duration{"old": time.Hour, "new": 0} {
		dir := filepath.Join(parent, scratchPrefix+name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(dir, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	os.Chtimes(filepath.Join(parent, scratchPrefix+"foreign"), time.Time{}, time.Now().Add(-time.Hour))
	if err := os.Chmod(filepath.Join(stale, "sub"), 0o500); err != nil {
		t.Fatal(err)
	}
	// Another user's, as far as this one can make it.
	tree(t, parent, map[string]string{scratchPrefix + "theirs/" + scratchLock: ""})
	chown := os.Chown(filepath.Join(parent, scratchPrefix+"theirs"), 65534, 65534)
	sweep(parent)
	for name, want := range map[string]bool{
		filepath.Base(live.root): true, scratchPrefix + "theirs": chown == nil, scratchPrefix + "stale": false, scratchPrefix + "file": true, scratchPrefix + "foreign": true,
		scratchPrefix + "link": true, scratchPrefix + "old": false, scratchPrefix + "new": true, "user/main.tf": true, "user/sub/" + scratchPrefix + "x/y": true,
	} {
		if _, err := os.Lstat(filepath.Join(parent, name)); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", name, err == nil, want)
		}
	}
	if info, err := os.Stat(live.root); err != nil || !hasMode(info, 0o700) {
		t.Errorf("%v, %v", info, err)
	}
	if err := live.close(); err != nil {
		t.Error(err)
	}
	// So it is when a folder is made.
	tree(t, parent, map[string]string{scratchPrefix + "stale/" + scratchLock: ""})
	next, err := newScratch(parent)
	if err != nil {
		t.Fatal(err)
	}
	if exists(stale) {
		t.Error("a stale folder stays when another one is made")
	}
	again, err := os.OpenFile(filepath.Join(next.root, scratchLock), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := lockFile(again); err != errHeld {
		t.Errorf("a lock is had twice: %v", err)
	}
	again.Close()
	if err := lockFile(again); err == nil || err == errHeld {
		t.Errorf("a closed file is locked: %v", err)
	}
	if err := next.close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(live.root); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	if _, err := newScratch(filepath.Join(parent, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in a folder that isn't there: %v", err)
	}
}

// TestScratchRace: folders that are being made and cleared away at once.
func TestScratchRace(t *testing.T) {
	parent := t.TempDir()
	failed := make(chan error)
	const runs = 8
	for range runs {
		go func() {
			var err error
			for range 20 {
				s, serr := newScratch(parent)
				if serr != nil {
					err = errors.Join(err, serr)
					continue
				}
				sweep(parent)
				if _, serr := os.Stat(filepath.Join(s.root, scratchLock)); serr != nil {
					err = errors.Join(err, serr)
				}
				err = errors.Join(err, s.close())
			}
			failed <- err
		}()
	}
	for range runs {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	if left := scratches(t, parent); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

// TestEncrypted: a state that OpenTofu encrypts is read, planned and written by it alone,
// also where it is a file, and each command gets the variables that the key may be in.
func TestEncrypted(t *testing.T) {
	b := newBench(t, "wants-vars")
	os.Remove(filepath.Join(b.dir, "main.tf"))
	tree(t, b.dir, map[string]string{
		"main.tf": resource("one"), "main.tofu": resource("one"), "encryption.tofu": "terraform {\n  encryption {}\n}\n",
		".terraform/terraform.tfstate": `{"version":3}`,
		stateName:                      `{"encryption_version":"v0","encrypted_data":"x","meta":{},"serial":7,"lineage":"l"}`,
	})
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	tofu := filepath.Join(b.parent, "tofu")
	if err := os.Symlink(program, tofu); err != nil {
		t.Fatal(err)
	}
	f, err := Open(b.dir, Options{Terraform: tofu, Environ: b.environ, Vars: []Var{{Value: "passphrase=correct-horse"}}})
	if err != nil {
		t.Fatal(err)
	}
	if where := f.Location(); !where.Local() || !where.Encrypted {
		t.Errorf("location %+v", where)
	}
	done, err := f.Update(t.Context(), UpdateOptions{Plan: PlanRequire}, rename("one", "two"))
	if err != nil || done.NewSerial != "9" || actions(done.Plan) != "terraform_data.a[update]" || !strings.Contains(b.remote(t), `"two"`) {
		t.Errorf("%+v, %v", done, err)
	}
	if got, want := strings.Join(b.calls(t), ", "), "state pull, state push, plan, show, state push, state pull"; got != want {
		t.Errorf("calls %s, want %s", got, want)
	}
	b.clean(t)

	b.environ = append(b.environ, standInFault+"=wants-vars fail-plan")
	f, err = Open(b.dir, Options{Terraform: tofu, Environ: b.environ, Vars: []Var{{Value: "passphrase=hunter2"}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = f.Pull(t.Context()); !errors.Is(err, ErrCommand) || !strings.Contains(err.Error(), "tofu state pull") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v", err)
	}
}
