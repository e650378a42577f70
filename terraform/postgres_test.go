//go:build unix

package terraform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/herokutf/herokutf/internal/testmode"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// postgres starts a server of its own, which only a socket leads to, and returns the
// address of its database.
func postgres(t *testing.T) string {
	t.Helper()
	server, err := exec.LookPath("postgres")
	if err != nil {
		found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
		if found == nil {
			t.Skipf("there is no Postgres server to try: %v", err)
		}
		server = found[len(found)-1]
	}
	if server, err = filepath.EvalSymlinks(server); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "pg") // the path of a socket has to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	attr := &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() == 0 {
		// It refuses to be run by root.
		name := "postgres"
		u, err := user.Lookup(name)
		if err != nil {
			if u, err = user.Lookup("nobody"); err != nil {
				t.Skipf("there is no user but root to run Postgres: %v", err)
			}
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.SysProcAttr = dir, attr
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
		return cmd
	}
	data := filepath.Join(dir, "data")
	init := filepath.Join(filepath.Dir(server), "initdb")
	if out, err := command(init, "-D", data, "-U", "tester", "-A", "trust", "--no-sync", "-E", "UTF8").CombinedOutput(); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			t.Skipf("there is no initdb beside the Postgres server: %v", err)
		}
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	cmd := command(server, "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=20", "-c", "shared_buffers=1MB")
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		<-done
	})
	for range 500 {
		if _, err := os.Stat(filepath.Join(dir, ".s.PGSQL.5432")); err == nil {
			// The host's place is empty: the parameter says it.
			return fmt.Sprintf("postgres://tester:hunter2@/postgres?host=%s&sslmode=disable", dir)
		}
		select {
		case err := <-done:
			done <- err
			t.Fatalf("postgres: %v\n%s", err, log.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("postgres doesn't start:\n%s", log.String())
	return ""
}

// TestRealPostgres: the backend that Heroku's documentation recommends, in a workspace of
// its own, with its lock.
func TestRealPostgres(t *testing.T) {
	if !testmode.Full() {
		t.Skipf("a server of its own takes seconds to start: set %s to run it", testmode.FullVariable)
	}
	t.Parallel()
	realTerraform(t)
	address := postgres(t)
	config := func(input string) string {
		return "terraform {\n  backend \"pg\" {}\n}\n" + resource(input)
	}
	r := newRealFolder(t, map[string]string{"prod/main.tf": config("one")}, "PG_CONN_STR="+address)
	r.terraform(t, "init", "-input=false")
	r.terraform(t, "workspace", "new", "blue")
	r.terraform(t, "apply", "-auto-approve", "-input=false")
	f := r.open(t, Options{})
	if got := f.Location().String(); got != `the state of workspace "blue" in backend "pg"` || f.Location().Locks != Locked {
		t.Errorf("the state is %s", got)
	}
	opts := UpdateOptions{Plan: PlanRequire, Files: func() []tfconfig.FileEdit {
		return []tfconfig.FileEdit{edit(t, r.dir, "main.tf", config("two"))}
	}}
	// An apply in between, by the one who edits.
	calls := 0
	done, err := f.Update(t.Context(), opts, func(state *statefile.File) (*statefile.File, error) {
		if calls++; calls == 1 {
			r.terraform(t, "apply", "-auto-approve", "-input=false", "-replace=terraform_data.a")
		}
		return rename("one", "two")(state)
	})
	if err != nil || calls != 2 || done.Attempts != 2 || actions(done.Plan) != "" {
		t.Fatalf("%+v after %d calls, %v", done, calls, err)
	}
	tree(t, r.dir, map[string]string{"main.tf": config("two")})
	if out := r.terraform(t, "plan", "-no-color", "-input=false"); !strings.Contains(out, "No changes.") {
		t.Errorf("the plan afterwards:\n%s", out)
	}
	if back, err := f.Undo(t.Context(), "", UpdateOptions{Plan: PlanOff}); err != nil || back.Restored != done.Backup {
		t.Errorf("undo: %+v, %v", back, err)
	}
	if left := scratches(t, r.parent); left != nil {
		t.Errorf("left behind: %v", left)
	}
	dump := exec.CommandContext(context.WithoutCancel(t.Context()), "grep", "-rl", "hunter2", filepath.Join(r.dir, ".terraform", "herokutf"))
	if out, err := dump.Output(); err == nil {
		t.Errorf("the password is in %s", out)
	}
	if t.Failed() {
		return
	}

	// A wrong address says so without the password.
	r.environ = append(r.environ, "PG_CONN_STR=postgres://tester:hunter2@127.0.0.1:1/postgres")
	_, err = r.open(t, Options{}).Pull(t.Context())
	if !errors.Is(err, ErrCommand) || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), `workspace "blue" in backend "pg"`) {
		t.Errorf("a server that isn't there: %v", err)
	}
}
