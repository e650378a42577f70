//go:build unix

package terraform

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/internal/postgrestest"
	"github.com/herokutf/herokutf/internal/testmode"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// TestRealPostgres: the backend that Heroku's documentation recommends, in a workspace of
// its own, with its lock.
func TestRealPostgres(t *testing.T) {
	if !testmode.Full() {
		t.Skipf("a server of its own takes seconds to start: set %s to run it", testmode.FullVariable)
	}
	t.Parallel()
	realTerraform(t)
	address := postgrestest.Start(t)
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
