package terraform

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/tfconfig"
)

// checkerOf returns a checker of the bench's folder that has made its folder.
func (b *bench) checkerOf(t *testing.T, opts Options) *checker {
	t.Helper()
	c, err := b.open(t, opts).newChecker()
	if err == nil {
		err = c.show(nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.close() })
	return c
}

// TestShowFaults: where the folder that plans are made in can't be made, the error says so
// of the user's folder, with what to do, and nothing is left of it.
func TestShowFaults(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(t *testing.T, b *bench)
		says   string // in the hint
	}{
		{"the lock file is a folder", func(t *testing.T, b *bench) { tree(t, b.dir, map[string]string{lockFileName + "/x": ""}) }, "room on the disk"},
		{"the modules are a file", func(t *testing.T, b *bench) { tree(t, b.dir, map[string]string{".terraform/modules": ""}) }, "room on the disk"},
		{"the record of the modules is a folder", func(t *testing.T, b *bench) {
			tree(t, b.dir, map[string]string{".terraform/modules/modules.json/x": ""})
		}, "room on the disk"},
		{"no name is left for the override", func(t *testing.T, b *bench) {
			tree(t, b.dir, map[string]string{strings.Repeat("z", 240) + "_override.tf": ""})
		}, "room on the disk"},
		{"the folder is gone", func(t *testing.T, b *bench) { os.RemoveAll(b.dir) }, "make one of them writable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "the modules are a file" && runtime.GOOS == "windows" {
				t.Skip("what is below a file isn't there")
			}
			b := newBench(t, "")
			f := b.open(t, Options{})
			c, err := f.newChecker()
			if err != nil {
				t.Fatal(err)
			}
			tt.change(t, b)
			_, err = c.plan(t.Context(), state(t, standInState), nil, false)
			e, ok := errors.AsType[*NoPlanError](err)
			if !ok || e.Reason != InitFailed || !strings.Contains(e.Hint, tt.says) {
				t.Errorf("got %v (%+v)", err, e)
			}
			wantWhole(t, err, f)
			if err := c.close(); err != nil {
				t.Error(err)
			}
			if left := scratches(t, b.parent); left != nil {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	// Edits of files that are nowhere.
	b := newBench(t, "")
	f := b.open(t, Options{})
	_, err := f.Plan(t.Context(), state(t, standInState), []tfconfig.FileEdit{{Path: filepath.Join(b.parent, "none", "x.tf")}})
	if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "plan with edited files: ") {
		t.Errorf("an edit in a folder that isn't there: %v", err)
	}
	// A folder that shows what the user has no more is shown anew.
	c := b.checkerOf(t, Options{})
	os.RemoveAll(b.dir)
	if err := c.show(nil); !errors.Is(err, ErrNoPlan) || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(hints(err), "room on the disk") {
		t.Errorf("the folder has gone meanwhile: %v", err)
	}
	if err := c.furnish(); !errors.Is(err, fs.ErrExist) {
		t.Errorf("it is furnished twice: %v", err)
	}
	os.RemoveAll(c.data())
	if err := c.furnish(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is furnished without the user's folder: %v", err)
	}
}

// TestFurnish: the folder has what terraform init has put into the user's, each record of it
// as a copy that terraform may write.
func TestFurnish(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links may be copies")
	}
	b := newBench(t, "")
	tree(t, b.dir, map[string]string{
		".terraform/modules/modules.json": "the record", ".terraform/modules/app/main.tf": "of a module", lockFileName: "the lock",
		"network_override.tf": "", "terraform.tfstate.backup": "old", ".terraform.tfstate.lock.info": "held", "terraform.tfstate.d/x/terraform.tfstate": "another",
	})
	c := b.checkerOf(t, Options{})
	kinds := map[string]string{}
	err := filepath.WalkDir(c.mirror.scratch.root, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(c.mirror.scratch.root, path)
		switch {
		case err != nil:
			return err
		case d.Type()&fs.ModeSymlink != 0:
			kinds[filepath.ToSlash(rel)] = "a link"
		case d.Type().IsRegular() && d.Name() != scratchLock:
			data, err := os.ReadFile(path)
			kinds[filepath.ToSlash(rel)] = string(data)
			if info, ierr := d.Info(); ierr != nil || !hasMode(info, 0o600) {
				t.Errorf("%s: %v, %v", rel, info.Mode(), ierr)
			}
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"main.tf": "a link", "network_override.tf": "a link", lockFileName: "the lock",
		".terraform/modules/modules.json": "the record", ".terraform/modules/app": "a link", ".terraform/providers": "a link", ".terraform/" + stateName: localRecord,
		"zz_herokutf_check_override.tf": localBackend, "zz_herokutf_check_override.tofu": localBackend,
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestShowAbove: when files above the folder are edited as well, another folder takes the
// place of the first one.
func TestShowAbove(t *testing.T) {
	b := newBench(t, "")
	tree(t, b.parent, map[string]string{"modules/db/main.tf": "db"})
	path := filepath.Join(b.parent, "modules", "db", "main.tf")
	c := b.checkerOf(t, Options{})
	first := c.mirror.scratch.root
	files := []edited{{path, path, []byte("new db")}}
	for range 2 {
		if err := c.show(files); err != nil {
			t.Fatal(err)
		}
	}
	if exists(first) {
		t.Error("the first folder is still there")
	}
	if data, err := os.ReadFile(filepath.Join(c.mirror.dir(), "..", "modules", "db", "main.tf")); err != nil || string(data) != "new db" {
		t.Errorf("the module is %s, %v", data, err)
	}
	if !exists(filepath.Join(c.data(), stateName)) {
		t.Error("the folder has no record of a backend")
	}
	if runtime.GOOS == "windows" {
		return // a file that is open can't be removed
	}
	// The first one can't be removed.
	c = b.checkerOf(t, Options{})
	os.Remove(filepath.Join(c.mirror.scratch.root, scratchLock))
	if err := c.show(files); err == nil || !strings.Contains(err.Error(), "remove the folder that the plan was made in: ") {
		t.Errorf("got %v", err)
	}
}

// TestCheckerFaults: what can't be put into the folder ends the plan.
func TestCheckerFaults(t *testing.T) {
	b := newBench(t, "")
	s := state(t, standInState)
	for _, tt := range []struct {
		name   string
		change func(c *checker)
	}{
		{"nothing can be removed", func(c *checker) { c.mirror.scratch = &scratch{root: "no\x00path"} }},
		{"a workspace whose name is too long", func(c *checker) { c.f.location.Workspace = strings.Repeat("w", 300) }},
		{"an encrypted state without a place", func(c *checker) { c.f.location.Encrypted = true; os.RemoveAll(c.data()) }},
	} {
		c := b.checkerOf(t, Options{})
		own := c.mirror.scratch
		t.Cleanup(func() { own.close() })
		tt.change(c)
		if err := c.removeState(); (err != nil) != (tt.name == "nothing can be removed") {
			t.Errorf("%s: the state is removed: %v", tt.name, err)
		}
		calls := len(b.calls(t))
		if _, err := c.tryPlan(t.Context(), s, filepath.Join(own.root, "plan"), func(path string) string { return path }); err == nil || len(b.calls(t)) != calls {
			t.Errorf("%s: got %v, %d calls", tt.name, err, len(b.calls(t))-calls)
		} else if e, ok := errors.AsType[*fs.PathError](err); !ok || (e.Op == "mkdir") != (tt.name == "a workspace whose name is too long") {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
	// The same before an init.
	c := b.checkerOf(t, Options{})
	own := c.mirror.scratch
	t.Cleanup(func() { own.close() })
	c.mirror.scratch = &scratch{root: "no\x00path"}
	if err := c.initialize(t.Context()); err == nil || errors.Is(err, ErrNoPlan) {
		t.Errorf("nothing can be removed: %v", err)
	}
	os.RemoveAll(filepath.Join(b.dir, ".terraform", "providers"))
	c = b.checkerOf(t, Options{})
	if err := os.WriteFile(filepath.Join(c.data(), "none"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.initialize(t.Context()); err == nil || errors.Is(err, ErrNoPlan) {
		t.Errorf("no folder for providers: %v", err)
	}
	os.Remove(filepath.Join(c.data(), "none"))
	if err := c.initialize(t.Context()); err != nil {
		t.Errorf("without providers: %v", err)
	}
}

// TestLeftover: a folder that can't be removed is an error where there is no other one.
func TestLeftover(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open can't be removed")
	}
	const says = "remove the folder that the plan was made in: "
	b := newBench(t, "lock-gone")
	f := b.open(t, Options{})
	if plan, err := f.Plan(t.Context(), state(t, standInState), nil); err == nil || plan != nil || !strings.HasPrefix(err.Error(), says) {
		t.Errorf("a plan: %v, %v", plan, err)
	}
	if _, err := f.Update(t.Context(), UpdateOptions{DryRun: true}, rename("one", "two")); err == nil || !strings.HasPrefix(err.Error(), says) {
		t.Errorf("a dry run: %v", err)
	}
	refuse := errors.New("refused")
	if _, err := f.Update(t.Context(), UpdateOptions{Judge: func(*tfjson.Plan) error { return refuse }}, rename("one", "two")); err != refuse {
		t.Errorf("a plan that is refused: %v", err)
	}
	b.environ = append(b.environ, standInFault+"=lock-gone fail-show")
	if _, err := b.open(t, Options{}).Plan(t.Context(), state(t, standInState), nil); !errors.Is(err, ErrCommand) || strings.Contains(err.Error(), says) {
		t.Errorf("a plan that can't be read: %v", err)
	}
}

// TestPlanMessages: what a plan reports in its messages counts as what it reports otherwise.
func TestPlanMessages(t *testing.T) {
	for says, want := range map[string]string{"Invalid reference": "plan", "Inconsistent dependency lock file": "plan, init, plan"} {
		b := newBench(t, "")
		var out strings.Builder
		f := b.open(t, Options{Environ: []string{standInSays + "=" + says}, Output: &out})
		_, err := f.Plan(t.Context(), state(t, standInState), nil)
		e, ok := errors.AsType[*CommandError](err)
		if !ok || cmp.Diff([]string{says}, e.Diagnostics) != "" || !strings.HasPrefix(e.Hint, "Mend what terraform plan reports") || err.Error() != "terraform plan: "+says {
			t.Errorf("%s: %v (%+v)", says, err, e)
		}
		if got := strings.Join(b.calls(t), ", "); got != want {
			t.Errorf("%s: calls %s, want %s", says, got, want)
		}
		if !strings.HasPrefix(out.String(), "Error: "+says+"\n  hunter2\n") {
			t.Errorf("%s: output %q", says, out.String())
		}
		b.clean(t)
	}
}

// TestVarFiles: a file of variables is read where it is edited, and else where the user has
// it.
func TestVarFiles(t *testing.T) {
	b := newBench(t, "")
	tree(t, b.dir, map[string]string{"vars/a.tfvars": "", "vars/b.tfvars": ""})
	c := b.checkerOf(t, Options{})
	edits := []tfconfig.FileEdit{{Path: filepath.Join(b.dir, "vars", "a.tfvars"), New: []byte("new")}}
	files, err := resolve(b.parent, edits)
	if err == nil {
		err = c.show(files)
	}
	if err != nil {
		t.Fatal(err)
	}
	there := c.varFile(files)
	in := func(names ...string) string { return filepath.Join(append([]string{b.dir}, names...)...) }
	for path, want := range map[string]string{
		in("vars", "a.tfvars"): filepath.Join(c.mirror.dir(), "vars", "a.tfvars"), in("vars", "b.tfvars"): in("vars", "b.tfvars"), in("none", "a.tfvars"): in("none", "a.tfvars"),
	} {
		if got := there(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	if os.Symlink("vars", in("link")) == nil && runtime.GOOS != "windows" { // wine makes none, and has no error
		if got, want := there(in("link", "a.tfvars")), filepath.Join(c.mirror.dir(), "vars", "a.tfvars"); got != want {
			t.Errorf("through a link: got %s, want %s", got, want)
		}
	}
}

// TestFullPlan: a plan that is asked for is whole, also where nothing changes.
func TestFullPlan(t *testing.T) {
	for fault, want := range map[string]string{"": "plan, show", "old": "plan, plan, show"} {
		b := newBench(t, fault)
		plan, err := b.open(t, Options{}).Plan(t.Context(), state(t, standInState), nil)
		if err != nil || actions(plan) != "" || len(plan.ResourceChanges) != 1 {
			t.Errorf("%q: plan %+v, %v", fault, plan, err)
		}
		if got := strings.Join(b.calls(t), ", "); got != want {
			t.Errorf("%q: calls %s, want %s", fault, got, want)
		}
		b.clean(t)
	}
}

// TestReadPlan: what isn't a plan isn't shown.
func TestReadPlan(t *testing.T) {
	b := newBench(t, "")
	tree(t, b.dir, map[string]string{"plan": `{"format_version":"1.2","hunter2`, "number": `{"format_version":"1.2","output_changes":{"n":{"actions":["no-op"],"before":9007199254740993}}}`})
	f := b.open(t, Options{})
	_, err := f.ReadPlan(t.Context(), filepath.Join(b.dir, "plan"))
	e, ok := errors.AsType[*CommandError](err)
	if !ok || e.Command != "terraform show" || e.Hint == "" || err.Error() != "terraform show: what it printed is no plan that this program knows" {
		t.Errorf("got %v (%+v)", err, e)
	}
	plan, err := f.ReadPlan(t.Context(), filepath.Join(b.dir, "number"))
	if err != nil {
		t.Fatal(err)
	}
	if got := plan.OutputChanges["n"].Before; got != json.Number("9007199254740993") {
		t.Errorf("a number is %T %[1]v", got)
	}
	// What terraform says of a plan may hold values.
	b.environ = append(b.environ, standInFault+"=fail-show")
	_, err = b.open(t, Options{}).ReadPlan(t.Context(), filepath.Join(b.dir, "plan"))
	if e, ok := errors.AsType[*CommandError](err); !ok || cmp.Diff([]string{"Failed in show"}, e.Diagnostics) != "" {
		t.Errorf("got %v", err)
	}
}

// TestUndoExcuses: why there is no plan of a state that is gone back to.
func TestUndoExcuses(t *testing.T) {
	for _, tt := range []struct {
		fault       string
		reason      NoPlanReason
		hint        string
		says, calls string
	}{
		{"fail-plan", PlanFailed, "Mend what terraform plan reports", "Failed in plan", "state pull, plan"},
		{"needs-init fail-init", InitFailed, "Run terraform init in ", "Failed in init: with …", "state pull, plan, init"},
	} {
		b := newBench(t, "")
		if _, err := b.open(t, Options{}).Update(t.Context(), UpdateOptions{Plan: PlanOff}, rename("one", "two")); err != nil {
			t.Fatal(err)
		}
		b.environ = append(b.environ, standInFault+"="+tt.fault)
		f := b.open(t, Options{})
		done, err := f.Undo(t.Context(), "", UpdateOptions{DryRun: true})
		if err != nil || done.NoPlan == nil || done.NoPlan.Reason != tt.reason || !strings.HasPrefix(done.NoPlan.Hint, tt.hint) || !errors.Is(done.NoPlan, ErrCommand) {
			t.Fatalf("%s: %+v, %v", tt.fault, done, err)
		}
		e, _ := errors.AsType[*CommandError](done.NoPlan)
		if diff := cmp.Diff([]string{tt.says}, e.Diagnostics); diff != "" {
			t.Errorf("%s: diagnostics (-want +got)\n%s", tt.fault, diff)
		}
		if got := strings.Join(b.calls(t)[3:], ", "); got != tt.calls {
			t.Errorf("%s: calls %s, want %s", tt.fault, got, tt.calls)
		}
		wantWhole(t, done.NoPlan, f)
		b.environ = append(b.environ, standInFault+"=")
		refuse := errors.New("refused")
		if done, err := b.open(t, Options{}).Undo(t.Context(), "", UpdateOptions{DryRun: true, Judge: func(*tfjson.Plan) error { return refuse }}); err != refuse {
			t.Errorf("%s: a plan that is refused: %+v, %v", tt.fault, done, err)
		}
	}
	// Where no plan can be made it is said also of an edit of nothing.
	b := newBench(t, "")
	os.Remove(filepath.Join(b.dir, "main.tf"))
	if done, err := b.open(t, Options{}).Update(t.Context(), UpdateOptions{}, rename("none", "two")); err != nil || done.Changed || done.NoPlan == nil || done.NoPlan.Reason != NoConfiguration {
		t.Errorf("an edit of nothing: %+v, %v", done, err)
	}
}
