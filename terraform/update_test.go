package terraform

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// followConfig puts the new name into the configuration, too.
func (b *bench) followConfig(t *testing.T, name string) func() []tfconfig.FileEdit {
	return func() []tfconfig.FileEdit {
		return []tfconfig.FileEdit{edit(t, b.dir, "main.tf", backendBlock("pg")+resource(name))}
	}
}

func TestUpdate(t *testing.T) {
	b := newBench(t, "")
	var out bytes.Buffer
	var stages []Stage
	f := b.open(t, Options{Output: &out, LockTimeout: 90 * time.Second, Progress: func(p Progress) {
		stages = append(stages, p.Stage)
		if p.Location != (Location{Dir: b.dir, Workspace: "default", Backend: "pg", Locks: Locked}) {
			t.Errorf("progress of %+v", p)
		}
	}})
	result, err := f.Update(t.Context(), UpdateOptions{Files: b.followConfig(t, "two")}, rename("one", "two"))
	if err != nil {
		t.Fatal(err)
	}
	if !result.Changed || result.OldSerial != "7" || result.NewSerial != "9" || result.Attempts != 1 || result.NoPlan != nil || actions(result.Plan) != "" || result.Plan == nil || result.Later {
		t.Errorf("result %+v", result)
	}
	if saved, err := os.ReadFile(result.Backup); err != nil || string(saved) != standInState {
		t.Errorf("backup %s, %v", saved, err)
	}
	want := strings.NewReplacer(`"serial": 7`, `"serial": 9`, `"one"`, `"two"`).Replace(standInState)
	if diff := cmp.Diff(want, b.remote(t)); diff != "" {
		t.Errorf("the state (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]Stage{StagePulling, StagePlanning, StageBackup, StagePushing, StageVerifying, StageDone}, stages); diff != "" {
		t.Errorf("stages (-want +got)\n%s", diff)
	}
	if got := out.String(); !strings.HasPrefix(got, "plan of serial 8 in workspace default: no-op\n") {
		t.Errorf("output %q", got)
	}
	if diff := cmp.Diff([]string{"state pull", "plan", "state push", "state pull"}, b.calls(t)); diff != "" {
		t.Errorf("calls (-want +got)\n%s", diff)
	}
	backups, err := f.Backups("")
	if err != nil || len(backups) != 1 || backups[0].Path != result.Backup || backups[0].Serial != "7" || backups[0].Next != "9" ||
		backups[0].Lineage != "5c0d0f2c-1111-4222-8333-444455556666" || time.Since(backups[0].Time) > time.Minute {
		t.Errorf("backups %+v, %v", backups, err)
	}
	b.clean(t)
	if config, err := os.ReadFile(filepath.Join(b.dir, "main.tf")); err != nil || strings.Contains(string(config), "two") {
		t.Errorf("the configuration was written: %s, %v", config, err)
	}
	for _, dir := range []string{"", "5c0d0f2c-1111-4222-8333-444455556666", "5c0d0f2c-1111-4222-8333-444455556666/default"} {
		if info, err := os.Stat(filepath.Join(b.dir, ".terraform/herokutf", dir)); err != nil || !hasMode(info, 0o700) {
			t.Errorf("folder %q of the backups: %v, %v", dir, info.Mode(), err)
		}
	}
}

// TestUpdateFaults: whatever goes wrong, the backend's state is old, new or somebody
// else's, whole, the backup is there where the old one isn't, and the error says which.
func TestUpdateFaults(t *testing.T) {
	refuse := errors.New("not this plan")
	for _, test := range []struct {
		name, fault string
		environ     []string
		opts        UpdateOptions
		record      string // in place of pg
		edit        func(*statefile.File) (*statefile.File, error)
		is          []error  // nil: success
		says        []string // in the error and its hint
		remote      []string // in the state afterwards
		backups     int
		attempts    int
	}{
		{name: "a plan that is refused", opts: UpdateOptions{Judge: func(p *tfjson.Plan) error {
			if actions(p) != "terraform_data.a[update]" {
				t.Errorf("plan %s", actions(p))
			}
			return refuse
		}}, is: []error{refuse}, remote: []string{`"serial": 7`, `"one"`}},
		{name: "a dry run", opts: UpdateOptions{DryRun: true}, remote: []string{`"serial": 7`, `"one"`}, attempts: 1},
		{name: "a terraform that wants an init", fault: "needs-init", opts: UpdateOptions{Plan: PlanRequire}, remote: []string{`"serial": 9`, `"two"`}, backups: 1, attempts: 1},
		{name: "a plan that always wants an init", fault: "needs-init fail-plan", is: []error{ErrCommand}, remote: []string{`"serial": 7`}},
		{name: "no plan wanted", fault: "fail-plan fail-init", opts: UpdateOptions{Plan: PlanOff}, remote: []string{`"serial": 9`, `"two"`}, backups: 1, attempts: 1},
		{name: "an unknown mode", opts: UpdateOptions{Plan: "always"}, says: []string{`plan check "always": it is auto, off or require`}, remote: []string{`"serial": 7`}},
		{name: "a plan that fails", fault: "fail-plan", is: []error{ErrCommand}, says: []string{"plan", "Failed in plan"}, remote: []string{`"serial": 7`}},
		{name: "an old terraform", fault: "old", opts: UpdateOptions{Plan: PlanRequire}, remote: []string{`"serial": 9`, `"two"`}, backups: 1, attempts: 1},
		{name: "an odd message", fault: "odd fail-show", is: []error{ErrCommand}, says: []string{"terraform show: Failed in show"}, remote: []string{`"serial": 7`}},
		{name: "a plan that can't be read", fault: "fail-show", is: []error{ErrCommand}, remote: []string{`"serial": 7`}},
		{name: "no providers", fault: "needs-init fail-init", is: []error{ErrNoPlan, ErrCommand}, says: []string{"terraform init: Failed in init: with …", "Run terraform init"}, remote: []string{`"serial": 7`}},
		{name: "pull fails", fault: "fail-state-pull", is: []error{ErrCommand}, says: []string{`state pull, the state of workspace "default" in backend "pg": Failed in state pull`}, remote: []string{`"serial": 7`}},
		{name: "push fails", fault: "fail-state-push", is: []error{ErrCommand}, says: []string{"state push", "Failed in state push"}, remote: []string{`"serial": 7`, `"one"`}},
		{name: "locked", fault: "locked", is: []error{ErrCommand, statefile.ErrLocked}, says: []string{"held by me", "--lock-timeout"}, remote: []string{`"serial": 7`}},
		{name: "an apply in between", fault: "apply-after-pull", remote: []string{`"serial": 10`, `"two"`, "apply0"}, backups: 1, attempts: 2},
		{name: "three applies in between", fault: "apply-after-pull", environ: []string{"HEROKUTF_STANDIN_APPLIES=3"}, remote: []string{`"two"`, "apply0", "apply1", "apply2"}, backups: 1, attempts: 3},
		{name: "applies without an end", fault: "apply-after-pull", environ: []string{"HEROKUTF_STANDIN_APPLIES=99"}, is: []error{ErrConflict, ErrCommand},
			says: []string{"4 times", "Nothing of theirs was overwritten"}, remote: []string{`"one"`, "apply3"}},
		{name: "push lies", fault: "push-lies", is: []error{ErrNotWritten}, says: []string{"still has the old state"}, remote: []string{`"serial": 7`, `"one"`}, backups: 1},
		{name: "push loses it and says so", fault: "push-loses unlock-fails", is: []error{ErrCommand}, says: []string{"releasing the state lock"}, remote: []string{`"serial": 7`, `"one"`}},
		{name: "overwritten", fault: "overwrite", is: []error{ErrOverwritten}, says: []string{"serial 8", "Run this again", "saved in"}, remote: []string{`"serial": 8`, `"one"`}, backups: 1},
		{name: "overwritten, without locks", fault: "overwrite", record: "http", opts: UpdateOptions{Watch: -1}, is: []error{ErrOverwritten}, says: []string{`Backend "http" has no locks`},
			remote: []string{`"serial": 8`, `"one"`}, backups: 1},
		{name: "an apply on top", fault: "apply-on-top", remote: []string{`"serial": 10`, `"two"`, "apply0"}, backups: 1, attempts: 1},
		{name: "unlocking fails", fault: "unlock-fails", is: []error{ErrCommand}, says: []string{"The new state is there all the same", "releasing the state lock"}, remote: []string{`"serial": 9`, `"two"`}, backups: 1, attempts: 1},
		{name: "gone", fault: "vanish", is: []error{ErrUnverified, ErrCommand}, says: []string{"saved in"}, backups: 1},
		{name: "an edit that fails", edit: func(*statefile.File) (*statefile.File, error) { return nil, refuse }, is: []error{refuse}, remote: []string{`"serial": 7`}},
		{name: "an edit of nothing", edit: func(f *statefile.File) (*statefile.File, error) { return f, nil }, remote: []string{`"serial": 7`}},
		{name: "no file", edit: func(*statefile.File) (*statefile.File, error) { return nil, nil }, says: []string{"returned no file"}, remote: []string{`"serial": 7`}},
		{name: "another lineage", edit: func(*statefile.File) (*statefile.File, error) {
			return state(t, strings.Replace(standInState, "5c0d", "ffff", 1)), nil
		}, is: []error{statefile.ErrLineage}, remote: []string{`"serial": 7`}},
		{name: "the same serial", edit: func(*statefile.File) (*statefile.File, error) {
			return state(t, strings.Replace(standInState, "one", "two", 1)), nil
		}, is: []error{statefile.ErrSerial}, remote: []string{`"serial": 7`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, test.fault)
			b.environ = append(b.environ, test.environ...)
			if test.record != "" {
				tree(t, b.dir, map[string]string{"main.tf": backendBlock(test.record) + resource("one"), ".terraform/terraform.tfstate": backendRecord(test.record, "")})
			}
			f := b.open(t, Options{})
			change := rename("one", "two")
			if test.edit != nil {
				change = test.edit
			}
			result, err := f.Update(t.Context(), test.opts, change)
			if (err == nil) != (test.is == nil && test.says == nil) {
				t.Fatalf("error %v", err)
			}
			text := ""
			if err != nil {
				text = err.Error() + " " + hints(err)
			}
			for _, want := range test.is {
				if !errors.Is(err, want) {
					t.Errorf("error %v isn't %v", err, want)
				}
			}
			for _, want := range test.says {
				if !strings.Contains(text, want) {
					t.Errorf("error %s doesn't say %s", text, want)
				}
			}
			if strings.Contains(text, "hunter2") {
				t.Errorf("a secret is shown: %s", text)
			}
			if test.remote != nil {
				now := b.remote(t)
				for _, want := range test.remote {
					if !strings.Contains(now, want) {
						t.Errorf("the state has no %s:\n%s", want, now)
					}
				}
			}
			wantWhole(t, err, f)
			backups := b.backups(t)
			if len(backups) != test.backups {
				t.Errorf("backups %v, want %d", backups, test.backups)
			}
			for _, path := range backups {
				if saved, err := statefile.ReadFile(path); err != nil || !strings.Contains(string(saved.Bytes()), `"one"`) {
					t.Errorf("backup %s: %v", path, err)
				}
			}
			if (result != nil) != (test.attempts > 0 || err == nil) {
				t.Errorf("result %+v with error %v", result, err)
			}
			if result != nil && test.attempts > 0 && result.Attempts != test.attempts {
				t.Errorf("attempts %d, want %d", result.Attempts, test.attempts)
			}
			b.clean(t)
		})
	}
}

// hints is the advice in an error and all that it wraps.
func hints(err error) string {
	var all []string
	var walk func(error)
	walk = func(err error) {
		switch e := err.(type) {
		case *FolderError:
			all = append(all, e.Hint)
		case *CommandError:
			all = append(all, e.Hint)
		case *NoPlanError:
			all = append(all, e.Hint)
		case *UpdateError:
			all = append(all, e.Hint)
		}
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			if inner := e.Unwrap(); inner != nil {
				walk(inner)
			}
		case interface{ Unwrap() []error }:
			for _, inner := range e.Unwrap() {
				walk(inner)
			}
		}
	}
	walk(err)
	return strings.Join(all, " ")
}

// TestNoPlan: where no plan can be made, the mode decides.
func TestNoPlan(t *testing.T) {
	for _, test := range []struct {
		name   string
		reason NoPlanReason
		change func(t *testing.T, b *bench)
	}{
		{"no configuration", NoConfiguration, func(t *testing.T, b *bench) { os.Remove(filepath.Join(b.dir, "main.tf")) }},
		{"not initialized", NotInitialized, func(t *testing.T, b *bench) {
			os.RemoveAll(filepath.Join(b.dir, ".terraform"))
			tree(t, b.dir, map[string]string{"main.tf": resource("one"), stateName: standInState})
		}},
		{"no terraform", NoTerraform, func(t *testing.T, b *bench) {
			tree(t, b.dir, map[string]string{"main.tf": resource("one"), stateName: standInState, ".terraform/terraform.tfstate": `{"version":3}`})
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, "")
			test.change(t, b)
			f := b.open(t, Options{})
			if test.reason == NoTerraform {
				var err error
				if f, err = Open(b.dir, Options{Environ: nothing}); err != nil {
					t.Fatal(err)
				}
			}
			_, err := f.Update(t.Context(), UpdateOptions{Plan: PlanRequire}, rename("one", "two"))
			e, ok := errors.AsType[*NoPlanError](err)
			if !ok || !errors.Is(err, ErrNoPlan) || e.Reason != test.reason || e.Hint == "" || e.Dir != b.dir {
				t.Errorf("require: %v (%+v)", err, e)
			}
			state, err := f.Pull(t.Context())
			if err != nil || state.Serial() != "7" {
				t.Fatalf("%v, %v", state, err)
			}
			if _, err := f.Plan(t.Context(), state, nil); !errors.Is(err, ErrNoPlan) {
				t.Errorf("Plan: %v", err)
			}
			result, err := f.Update(t.Context(), UpdateOptions{}, rename("one", "two"))
			if err != nil || !result.Changed || result.Plan != nil || result.NoPlan == nil || result.NoPlan.Reason != test.reason {
				t.Errorf("auto: %+v, %v", result, err)
			}
			b.clean(t)
		})
	}
}

// TestUpdateLocal: a local state gets the same plan, and is written in place.
func TestUpdateLocal(t *testing.T) {
	var out bytes.Buffer
	local := func(t *testing.T) (*bench, *Folder) {
		b := newBench(t, "")
		tree(t, b.dir, map[string]string{
			"main.tf": resource("one"), ".terraform/terraform.tfstate": `{"version":3}`, ".terraform/environment": "prod",
			"terraform.tfstate.d/prod/terraform.tfstate": standInState, stateName: "another",
		})
		return b, b.open(t, Options{Output: &out})
	}
	b, f := local(t)
	path := filepath.Join(b.dir, "terraform.tfstate.d/prod/terraform.tfstate")
	if !f.Location().Local() || f.Location().Path != path {
		t.Fatalf("location %+v", f.Location())
	}
	refuse := errors.New("not this plan")
	_, err := f.Update(t.Context(), UpdateOptions{Judge: func(*tfjson.Plan) error { return refuse }}, rename("one", "two"))
	if err != refuse {
		t.Errorf("error %v", err)
	}
	dry, err := f.Update(t.Context(), UpdateOptions{DryRun: true}, rename("one", "two"))
	if err != nil || actions(dry.Plan) != "terraform_data.a[update]" || dry.NewSerial != "8" || !dry.Changed {
		t.Errorf("dry run: %+v, %v", dry, err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != standInState {
		t.Fatalf("the state was written: %s, %v", text, err)
	}
	done, err := f.Update(t.Context(), UpdateOptions{Operation: "TestUpdateLocal"}, rename("one", "two"))
	if err != nil || done.NewSerial != "8" || done.OldSerial != "7" || done.Backup == "" || actions(done.Plan) != "terraform_data.a[update]" {
		t.Fatalf("%+v, %v", done, err)
	}
	if backups, err := f.Backups(""); err != nil || len(backups) != 1 || backups[0].Path != done.Backup || backups[0].Serial != "7" {
		t.Errorf("backups %+v, %v", backups, err)
	}
	if again, err := f.Update(t.Context(), UpdateOptions{}, rename("one", "two")); err != nil || again.Changed {
		t.Errorf("again: %+v, %v", again, err)
	}
	_, err = f.Undo(t.Context(), "", UpdateOptions{Judge: func(*tfjson.Plan) error { return refuse }})
	if err != refuse {
		t.Errorf("undo: error %v", err)
	}
	out.Reset()
	if dry, err := f.Undo(t.Context(), "", UpdateOptions{DryRun: true}); err != nil || !strings.HasPrefix(out.String(), "plan of serial 9 in workspace prod: no-op\n") || !dry.Changed || dry.NewSerial != "9" || dry.OldSerial != "8" || dry.Restored != done.Backup || actions(dry.Plan) != "" {
		t.Errorf("undo, dry: %+v, %v", dry, err)
	}
	back, err := f.Undo(t.Context(), "", UpdateOptions{})
	if err != nil || back.RestoredSerial != "7" || back.NewSerial != "9" || back.Restored != done.Backup {
		t.Errorf("undo: %+v, %v", back, err)
	}
	pushed := state(t, strings.Replace(standInState, `"serial": 7`, `"serial": 20`, 1))
	if err := f.Push(t.Context(), pushed); err != nil {
		t.Error(err)
	}
	if now, err := f.Pull(t.Context()); err != nil || now.Serial() != "20" {
		t.Errorf("%v, %v", now, err)
	}
	if text, err := os.ReadFile(filepath.Join(b.dir, stateName)); err != nil || string(text) != "another" {
		t.Errorf("the default workspace's state: %s, %v", text, err)
	}
	b.clean(t)
}

// TestWorkspaceChanged: somebody selects another workspace between pull and push.
func TestWorkspaceChanged(t *testing.T) {
	b := newBench(t, "")
	f := b.open(t, Options{})
	_, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff}, func(state *statefile.File) (*statefile.File, error) {
		tree(t, b.dir, map[string]string{".terraform/environment": "other"})
		return rename("one", "two")(state)
	})
	if !errors.Is(err, ErrWorkspace) || !strings.Contains(err.Error(), `it was the state of workspace "default" in backend "pg", and is the state of workspace "other"`) {
		t.Errorf("error %v", err)
	}
	wantWhole(t, err, f)
	// The record is torn, or the folder gone.
	for _, spoil := range []func(){
		func() { tree(t, b.dir, map[string]string{".terraform/terraform.tfstate": "{"}) },
		func() { os.RemoveAll(b.dir) },
	} {
		tree(t, b.dir, map[string]string{".terraform/environment": "default"})
		_, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff}, func(state *statefile.File) (*statefile.File, error) {
			spoil()
			return rename("one", "two")(state)
		})
		if _, ok := errors.AsType[*FolderError](err); !ok || errors.Is(err, ErrWorkspace) {
			t.Errorf("error %v", err)
		}
	}
	if b.remote(t) != standInState || b.backups(t) != nil {
		t.Error("something was written")
	}
}

// TestWatch: a backend without locks is looked at for a while.
func TestWatch(t *testing.T) {
	b := newBench(t, "")
	tree(t, b.dir, map[string]string{"main.tf": backendBlock("http") + resource("one"), ".terraform/terraform.tfstate": backendRecord("http", "")})
	watched := 0
	f := b.open(t, Options{Progress: func(p Progress) {
		if p.Stage != StageWatching {
			return
		}
		if watched++; watched == 2 {
			tree(t, b.store, map[string]string{"remote.tfstate": strings.Replace(standInState, `"serial": 7`, `"serial": 8`, 1)})
		}
	}})
	_, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff, Watch: 50 * time.Millisecond}, rename("one", "two"))
	if !errors.Is(err, ErrOverwritten) || watched != 2 {
		t.Errorf("error %v after %d times", err, watched)
	}
	b = newBench(t, "")
	tree(t, b.dir, map[string]string{"main.tf": backendBlock("http") + resource("one"), ".terraform/terraform.tfstate": backendRecord("http", "")})
	ctx, cancel := context.WithCancel(t.Context())
	f = b.open(t, Options{Progress: func(p Progress) {
		if p.Stage == StageWatching {
			cancel()
		}
	}})
	_, err = f.Update(ctx, UpdateOptions{Plan: PlanOff}, rename("one", "two"))
	if !errors.Is(err, context.Canceled) || !strings.Contains(hints(err), "was written and read back") {
		t.Errorf("error %v", err)
	}
}

func TestUndo(t *testing.T) {
	b := newBench(t, "")
	// The clock goes backwards: it is the serial that counts.
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	f := b.open(t, Options{Now: func() time.Time { now = now.Add(-time.Hour); return now }})
	opts := UpdateOptions{Plan: PlanOff}
	if _, err := f.Undo(t.Context(), "", opts); !errors.Is(err, statefile.ErrNoBackup) {
		t.Errorf("without a backup: %v", err)
	}
	first, err := f.Update(t.Context(), opts, rename("one", "two"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := f.Update(t.Context(), opts, rename("two", "three"))
	if err != nil || second.OldSerial != "9" || second.NewSerial != "11" {
		t.Fatalf("%+v, %v", second, err)
	}
	before := b.remote(t)
	if dry, err := f.Undo(t.Context(), "", UpdateOptions{DryRun: true}); err != nil || dry.Restored != second.Backup || actions(dry.Plan) != "terraform_data.a[update]" {
		t.Errorf("dry: %+v, %v", dry, err)
	}
	if _, err := f.Undo(t.Context(), first.Backup, opts); !errors.Is(err, ErrMovedOn) || !strings.Contains(err.Error(), "serial is 11, and that of the state that followed the backup was 9") ||
		strings.Contains(hints(err), "didn't end") {
		t.Errorf("the one before the last: %v", err)
	}
	foreign := filepath.Join(b.parent, "foreign.tfstate")
	tree(t, b.parent, map[string]string{"foreign.tfstate": strings.Replace(standInState, "5c0d", "ffff", 1)})
	if _, err := f.Undo(t.Context(), foreign, UpdateOptions{Plan: PlanOff, Force: true}); !errors.Is(err, statefile.ErrLineage) {
		t.Errorf("another lineage: %v", err)
	}
	tree(t, b.parent, map[string]string{"foreign.tfstate": standInState})
	if _, err := f.Undo(t.Context(), foreign, opts); !errors.Is(err, ErrMovedOn) || !strings.Contains(err.Error(), "isn't known") ||
		!strings.Contains(hints(err), "The run that made the backup didn't end") {
		t.Errorf("a copy of somebody's: %v", err)
	}
	if _, err := f.Undo(t.Context(), foreign+"x", opts); !errors.Is(err, statefile.ErrNoBackup) {
		t.Errorf("a path that leads nowhere: %v", err)
	}
	if b.remote(t) != before {
		t.Error("the state was written")
	}
	back, err := f.Undo(t.Context(), "", opts)
	if err != nil || back.Restored != second.Backup || back.RestoredSerial != "9" || back.OldSerial != "11" || back.NewSerial != "13" || !strings.Contains(b.remote(t), `"two"`) {
		t.Fatalf("%+v, %v", back, err)
	}
	if forth, err := f.Undo(t.Context(), "", opts); err != nil || forth.Restored != back.Backup || !strings.Contains(b.remote(t), `"three"`) {
		t.Errorf("undo of the undo: %+v, %v", forth, err)
	}
	if backups, err := f.Backups("5c0d0f2c-1111-4222-8333-444455556666"); err != nil || len(backups) != 4 || backups[0].Path != first.Backup {
		t.Errorf("backups %+v, %v", backups, err)
	}
	if backups, err := f.Backups("other"); err != nil || backups != nil {
		t.Errorf("of another lineage: %+v, %v", backups, err)
	}

	// Somebody applies: only force goes back over that, to the highest serial.
	apply(b.store, filepath.Join(b.store, "remote.tfstate"))
	if _, err := f.Undo(t.Context(), "", opts); !errors.Is(err, ErrMovedOn) || !strings.Contains(hints(err), "force") {
		t.Errorf("after an apply: %v", err)
	}
	forced, err := f.Undo(t.Context(), "", UpdateOptions{Plan: PlanOff, Force: true})
	if err != nil || forced.RestoredSerial != "13" || !strings.Contains(b.remote(t), `"two"`) || strings.Contains(b.remote(t), "apply0") {
		t.Errorf("forced: %+v, %v", forced, err)
	}
}

// TestUndoUnplannable: a state that can't be planned can be gone back to all the same,
// unless a plan is required.
func TestUndoUnplannable(t *testing.T) {
	for _, local := range []bool{false, true} {
		b := newBench(t, "")
		if local {
			tree(t, b.dir, map[string]string{"main.tf": resource("one"), ".terraform/terraform.tfstate": `{"version":3}`, stateName: standInState})
		}
		if _, err := b.open(t, Options{}).Update(t.Context(), UpdateOptions{Plan: PlanOff}, rename("one", "two")); err != nil {
			t.Fatal(err)
		}
		b.environ = append(b.environ, standInFault+"=fail-plan")
		f := b.open(t, Options{})
		if _, err := f.Undo(t.Context(), "", UpdateOptions{Plan: PlanRequire}); !errors.Is(err, ErrCommand) {
			t.Errorf("local %v: a plan is required: %v", local, err)
		}
		for _, dry := range []bool{true, false} {
			done, err := f.Undo(t.Context(), "", UpdateOptions{DryRun: dry})
			if err != nil || !done.Changed || done.Plan != nil || done.NoPlan == nil || done.NoPlan.Reason != PlanFailed || !errors.Is(done.NoPlan, ErrCommand) {
				t.Errorf("local %v, dry %v: %+v, %v", local, dry, done, err)
			}
		}
		if now, err := f.Pull(t.Context()); err != nil || !strings.Contains(string(now.Bytes()), `"one"`) {
			t.Errorf("local %v: %v", local, err)
		}
		if _, err := f.Update(t.Context(), UpdateOptions{}, rename("one", "two")); !errors.Is(err, ErrCommand) {
			t.Errorf("local %v: an update: %v", local, err)
		}
	}
}

// TestUndoAfterConflict: somebody writes between the pull and the push of an undo. What
// came after the change is not to be lost then.
func TestUndoAfterConflict(t *testing.T) {
	b := newBench(t, "")
	opts := UpdateOptions{Plan: PlanOff}
	if _, err := b.open(t, Options{}).Update(t.Context(), opts, rename("one", "two")); err != nil {
		t.Fatal(err)
	}
	b.environ = append(b.environ, standInFault+"=apply-after-pull")
	if _, err := b.open(t, Options{}).Undo(t.Context(), "", opts); !errors.Is(err, ErrMovedOn) {
		t.Errorf("error %v", err)
	}
	if now := b.remote(t); !strings.Contains(now, "apply0") || !strings.Contains(now, `"two"`) {
		t.Errorf("the state is %s", now)
	}
}

// TestBackupsElsewhere: HEROKUTF_BACKUPS, and one folder for each workspace.
func TestBackupsElsewhere(t *testing.T) {
	b := newBench(t, "")
	elsewhere := filepath.Join(b.parent, "backups")
	b.environ = append(b.environ, "HEROKUTF_BACKUPS="+elsewhere, "TF_WORKSPACE=prod")
	result, err := b.open(t, Options{}).Update(t.Context(), UpdateOptions{}, rename("one", "two"))
	if err != nil || filepath.Dir(result.Backup) != filepath.Join(elsewhere, "5c0d0f2c-1111-4222-8333-444455556666", "prod") {
		t.Errorf("%+v, %v", result, err)
	}
	if b.backups(t) != nil {
		t.Error("there are backups in the folder, too")
	}
	// None can be made: nothing is written.
	file := filepath.Join(b.parent, "file")
	tree(t, b.parent, map[string]string{"file": ""})
	b.environ = append(b.environ, "HEROKUTF_BACKUPS="+file)
	before := b.remote(t)
	_, err = b.open(t, Options{}).Update(t.Context(), UpdateOptions{Plan: PlanOff}, rename("two", "three"))
	if e, ok := errors.AsType[*FolderError](err); !ok || !strings.Contains(e.Hint, "HEROKUTF_BACKUPS") || b.remote(t) != before {
		t.Errorf("error %v", err)
	}
}

func TestPush(t *testing.T) {
	b := newBench(t, "")
	f := b.open(t, Options{})
	if err := f.Push(t.Context(), state(t, standInState)); !errors.Is(err, ErrCommand) || !strings.Contains(err.Error(), "serial 7 over newer state") {
		t.Errorf("the same serial: %v", err)
	}
	if err := f.Push(t.Context(), state(t, strings.Replace(standInState, `"serial": 7`, `"serial": 8`, 1))); err != nil || !strings.Contains(b.remote(t), `"serial": 9`) {
		t.Errorf("error %v", err)
	}
	b.clean(t)
}

func TestRun(t *testing.T) {
	b := newBench(t, "")
	var stdout, stderr bytes.Buffer
	f := b.open(t, Options{Environ: []string{"TF_CLI_ARGS_apply=-x"}})
	code, err := f.Run(t.Context(), Command{Args: []string{"apply", "-input=false", "-auto-approve"}, Stdout: &stdout, Stderr: &stderr})
	if code != 3 || err != nil || stdout.String() != "applied -input=false -auto-approve -x\n" || stderr.String() != "a warning\n" {
		t.Errorf("code %d, error %v, output %q and %q", code, err, stdout.String(), stderr.String())
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	cancel(cause)
	if code, err := f.Run(ctx, Command{Args: []string{"apply"}}); code != -1 || err != cause {
		t.Errorf("code %d, error %v", code, err)
	}
	none, err := Open(b.dir, Options{Environ: nothing})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := none.Run(t.Context(), Command{Args: []string{"apply"}}); !errors.Is(err, ErrNoTerraform) {
		t.Errorf("error %v", err)
	}
	if _, err := none.Version(t.Context()); !errors.Is(err, ErrNoTerraform) {
		t.Errorf("error %v", err)
	}
	if v, err := f.Version(t.Context()); err != nil || v.String() != "Terraform v1.11.4" {
		t.Errorf("version %v, %v", v, err)
	}
	if v, err := f.Version(t.Context()); err != nil || v.Number != "1.11.4" || len(b.calls(t)) != 2 {
		t.Errorf("version %v, %v, calls %v", v, err, b.calls(t))
	}
}
