package terraform

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

const (
	standInLineage = "5c0d0f2c-1111-4222-8333-444455556666"
	otherLineage   = "0c0d0f2c-1111-4222-8333-444455556666"
)

// wantWhole fails the test if an error of this package lacks what it promises to say: what
// it is about, why, and what to do.
func wantWhole(t *testing.T, err error, f *Folder) {
	t.Helper()
	ofFolder := func(e error, dir, hint string, cause error) {
		if dir != f.location.Dir || hint == "" || cause == nil {
			t.Errorf("%T of %q, with the hint %q, because of %v", e, dir, hint, cause)
		}
	}
	switch e := err.(type) {
	case *FolderError:
		ofFolder(e, e.Dir, e.Hint, e.Err)
	case *NoPlanError:
		ofFolder(e, e.Dir, e.Hint, e.Err)
		if e.Reason == "" {
			t.Errorf("no reason: %v", e)
		}
	case *UpdateError:
		if e.State != f.location.String() || e.Err == nil {
			t.Errorf("%T: %+v", e, e)
		}
		if e.Backup != "" && !exists(e.Backup) {
			t.Errorf("the backup %s isn't there", e.Backup)
		}
	case *CommandError:
		if e.Command == "" || e.Code == 0 && e.Err == nil || e.State != "" && e.State != f.location.String() || strings.HasSuffix(e.Command, " plan") && e.Hint == "" {
			t.Errorf("%T: %+v", e, e)
		}
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		wantWhole(t, e.Unwrap(), f)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			wantWhole(t, inner, f)
		}
	}
}

// A step is a part of the progress of a verb.
type step struct {
	Stage   Stage
	Attempt int
}

// steps notes the progress of a folder's verbs.
func (b *bench) steps(t *testing.T, list *[]step) func(Progress) {
	return func(p Progress) {
		if p.Location.Dir != b.dir || p.Location.Backend == "" {
			t.Errorf("progress of %+v", p)
		}
		*list = append(*list, step{p.Stage, p.Attempt})
	}
}

// TestUpdateSteps: what is done, in which order, what is said of it, and what comes out,
// when others write in between.
func TestUpdateSteps(t *testing.T) {
	b := newBench(t, "apply-after-pull")
	tree(t, b.dir, map[string]string{"main.tf": backendBlock("http") + resource("one"), ".terraform/terraform.tfstate": backendRecord("http", "")})
	var got []step
	note := func(name string) { got = append(got, step{Stage(name), 0}) }
	f := b.open(t, Options{Progress: b.steps(t, &got)})
	result, err := f.Update(t.Context(), UpdateOptions{Watch: 4, Judge: func(*tfjson.Plan) error { note("judged"); return nil }, Before: func() error { note("before"); return nil }},
		rename("one", "two"))
	if err != nil {
		t.Fatal(err)
	}
	want := []step{{StagePulling, 1}, {StagePlanning, 0}, {"judged", 0}, {StageBackup, 1}, {"before", 0}, {StagePushing, 1}, {StageVerifying, 1}, {StageRetrying, 2},
		{StagePulling, 2}, {StagePlanning, 0}, {"judged", 0}, {StageBackup, 2}, {"before", 0}, {StagePushing, 2}, {StageVerifying, 2},
		{StageWatching, 2}, {StageWatching, 2}, {StageDone, 2}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got)\n%s", diff)
	}
	wantResult := &Result{Location: f.location, Changed: true, OldSerial: "8", NewSerial: "10", Attempts: 2}
	if diff := cmp.Diff(wantResult, result, cmpopts.IgnoreFields(Result{}, "Backup", "Plan")); diff != "" || actions(result.Plan) != "terraform_data.a[update]" {
		t.Errorf("plan %s, result (-want +got)\n%s", actions(result.Plan), diff)
	}
	if backups, err := f.Backups(""); err != nil || len(backups) != 1 || backups[0].Path != result.Backup || backups[0].Serial != "8" || backups[0].Next != "10" {
		t.Errorf("backups %+v, %v", backups, err)
	}

	// Nothing is said of what isn't done.
	got = nil
	same := func(f *statefile.File) (*statefile.File, error) { return f, nil }
	result, err = f.Update(t.Context(), UpdateOptions{Judge: func(*tfjson.Plan) error { note("judged"); return nil }, Before: func() error { note("before"); return nil }}, same)
	if err != nil || cmp.Diff(&Result{Location: f.location, OldSerial: "10", NewSerial: "10", Attempts: 1}, result) != "" || cmp.Diff([]step{{StagePulling, 1}}, got) != "" {
		t.Errorf("an edit of nothing: %+v, %v, steps %v", result, err, got)
	}
	got = nil
	result, err = f.Update(t.Context(), UpdateOptions{DryRun: true, Plan: PlanOff, Before: func() error { note("before"); return nil }}, rename("two", "three"))
	if err != nil || cmp.Diff(&Result{Location: f.location, Changed: true, OldSerial: "10", NewSerial: "11", Attempts: 1}, result) != "" || cmp.Diff([]step{{StagePulling, 1}}, got) != "" {
		t.Errorf("a dry run: %+v, %v, steps %v", result, err, got)
	}
}

// TestLastMoment: until the state is pushed everything can still be stopped, and nothing is
// left of it then.
func TestLastMoment(t *testing.T) {
	cause := errors.New("enough")
	for _, tt := range []struct {
		name   string
		opts   UpdateOptions
		now    func(b *bench, cancel func()) // when the backup gets its name
		is     error
		says   string
		pushed bool
	}{
		{name: "the caller refuses", opts: UpdateOptions{Before: func() error { return cause }}, is: cause, says: "enough"},
		{name: "the context ends", now: func(_ *bench, cancel func()) { cancel() }, is: cause, says: `write the state of workspace "default" in backend "pg": enough`},
		{name: "the folder of the backups is gone", now: func(b *bench, _ func()) { os.RemoveAll(filepath.Join(b.dir, ".terraform", "herokutf")) }, is: os.ErrNotExist, says: "save the old state: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, "")
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			var list []step
			f := b.open(t, Options{Progress: b.steps(t, &list), Now: func() time.Time {
				if tt.now != nil {
					tt.now(b, func() { cancel(cause) })
				}
				return time.Now()
			}})
			tt.opts.Plan = PlanOff
			result, err := f.Update(ctx, tt.opts, rename("one", "two"))
			if result != nil || !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %+v, %v", result, err)
			}
			wantWhole(t, err, f)
			if b.remote(t) != standInState || b.backups(t) != nil || cmp.Diff([]string{"state pull"}, b.calls(t)) != "" {
				t.Errorf("something was written: backups %v, calls %v", b.backups(t), b.calls(t))
			}
			b.clean(t)
		})
	}
}

// TestPushOutcomes: what an error says of a push whose outcome isn't the one that was
// wanted, and what the next undo finds.
func TestPushOutcomes(t *testing.T) {
	where := `the state of workspace "default" in backend "pg"`
	for _, tt := range []struct {
		fault  string
		is     []error
		says   string
		hint   string
		backup bool
		result *Result // without its backup
		next   string  // the serial that followed the backup
	}{
		{fault: "unlock-fails", is: []error{ErrCommand}, says: "write " + where + ": terraform state push, " + where + ": Error releasing the state lock", hint: "The new state is there all the same", backup: true,
			result: &Result{Changed: true, OldSerial: "7", NewSerial: "9", Attempts: 1}, next: "9"},
		{fault: "push-lies", is: []error{ErrNotWritten}, says: "write " + where + ": state wasn't written, although the push reported success", hint: "The backend still has the old state.", backup: true},
		{fault: "overwrite", is: []error{ErrOverwritten}, says: "write " + where + ": another program has overwritten the state (serial 8)", hint: "starts from what is there now (serial 8). The state before both is saved in ", backup: true},
		{fault: "push-relabels", is: []error{ErrOverwritten}, says: "(serial 9)", hint: "saved in ", backup: true},
		{fault: "vanish", is: []error{ErrUnverified, ErrCommand}, says: "write " + where + ": unknown whether the state was written: terraform state pull, ", hint: "The old state is saved in ", backup: true},
		{fault: "break", is: []error{ErrUnverified, ErrCommand}, says: where + ": broken", hint: "The old state is saved in ", backup: true},
		{fault: "fail-state-push", is: []error{ErrCommand}, says: "terraform state push, " + where + ": Failed in state push: with …"},
	} {
		t.Run(tt.fault, func(t *testing.T) {
			b := newBench(t, tt.fault)
			f := b.open(t, Options{})
			result, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff}, rename("one", "two"))
			for _, is := range tt.is {
				if !errors.Is(err, is) {
					t.Errorf("error %v isn't %v", err, is)
				}
			}
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("error %v, want %q", err, tt.says)
			}
			wantWhole(t, err, f)
			e, ok := errors.AsType[*UpdateError](err)
			if ok != tt.backup || ok && (e.Backup == "" || !strings.Contains(e.Hint, tt.hint) || strings.HasSuffix(tt.hint, "saved in ") && !strings.Contains(e.Hint, tt.hint+e.Backup)) {
				t.Fatalf("error %+v", e)
			}
			if (result != nil) != (tt.result != nil) {
				t.Fatalf("result %+v", result)
			}
			if result != nil {
				tt.result.Location, tt.result.Backup = f.location, e.Backup
				if diff := cmp.Diff(tt.result, result); diff != "" {
					t.Errorf("result (-want +got)\n%s", diff)
				}
			}
			backups, err := f.Backups(standInLineage)
			if err != nil || (len(backups) == 1) != tt.backup {
				t.Fatalf("backups %+v, %v", backups, err)
			}
			if tt.backup && (backups[0].Path != e.Backup || backups[0].Next != tt.next) {
				t.Errorf("backup %+v, want %s, followed by %q", backups[0], e.Backup, tt.next)
			}
			b.clean(t)
		})
	}
}

// TestLater: with somebody else's change on top of it, a write is done, and its backup isn't one
// that the next undo goes back to by itself.
func TestLater(t *testing.T) {
	b := newBench(t, "apply-on-top")
	f := b.open(t, Options{})
	result, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff}, rename("one", "two"))
	want := &Result{Location: f.location, Changed: true, OldSerial: "7", NewSerial: "10", Attempts: 1, Later: true}
	if diff := cmp.Diff(want, result, cmpopts.IgnoreFields(Result{}, "Backup")); err != nil || diff != "" {
		t.Fatalf("%v (-want +got)\n%s", err, diff)
	}
	backups, err := f.Backups("")
	if err != nil || len(backups) != 1 || backups[0].Path != result.Backup || backups[0].Next != "" {
		t.Errorf("backups %+v, %v", backups, err)
	}
	if _, err := f.Undo(t.Context(), "", UpdateOptions{Plan: PlanOff}); !errors.Is(err, ErrMovedOn) {
		t.Errorf("undo: %v", err)
	}
}

// TestBackupGone: when the backup has gone meanwhile, the write is reported with that.
func TestBackupGone(t *testing.T) {
	for _, fault := range []string{"", "unlock-fails"} {
		b := newBench(t, fault)
		f := b.open(t, Options{Progress: func(p Progress) {
			if p.Stage == StageVerifying {
				os.RemoveAll(filepath.Join(b.dir, ".terraform", "herokutf"))
			}
		}})
		result, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff}, rename("one", "two"))
		if result == nil || !result.Changed || result.NewSerial != "9" || result.Backup == "" || !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "note what followed a backup: ") ||
			errors.Is(err, ErrCommand) != (fault != "") {
			t.Errorf("%q: %+v, %v", fault, result, err)
		}
	}
}

// TestRefusedEdits: what is wrong with an edit's outcome is said, of a state in a backend.
func TestRefusedEdits(t *testing.T) {
	b := newBench(t, "")
	f := b.open(t, Options{})
	for _, tt := range []struct {
		edit       func(*statefile.File) (*statefile.File, error)
		says, hint string
	}{
		{func(*statefile.File) (*statefile.File, error) { return nil, nil }, "the edit returned no file", ""},
		{func(*statefile.File) (*statefile.File, error) {
			return state(t, strings.Replace(standInState, "one", "two", 1)), nil
		}, "serial", "An edit must raise the serial"},
		{func(*statefile.File) (*statefile.File, error) {
			return state(t, strings.NewReplacer("one", "two", `"serial": 7`, `"serial": 6`).Replace(standInState)), nil
		}, ": 6 over 7", "An edit must raise the serial"},
	} {
		_, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff}, tt.edit)
		e, ok := errors.AsType[*UpdateError](err)
		if !ok || !strings.Contains(err.Error(), tt.says) || !strings.Contains(e.Hint, tt.hint) {
			t.Errorf("got %v (%+v)", err, e)
		}
		wantWhole(t, err, f)
	}
	_, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff}, func(*statefile.File) (*statefile.File, error) {
		return state(t, strings.NewReplacer(standInLineage, otherLineage, `"serial": 7`, `"serial": 8`).Replace(standInState)), nil
	})
	e, _ := errors.AsType[*statefile.LineageError](err)
	want := &statefile.LineageError{Path: f.location.String(), Lineage: standInLineage, OtherLin: otherLineage, Hint: "An edit must start from the state it is given."}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got, want := strings.Join(b.calls(t), ", "), "state pull, state pull, state pull, state pull"; got != want {
		t.Errorf("calls %s, want %s", got, want)
	}
}

// TestFirstFaults: the first state isn't written over one that can't be read, nor counted
// as one that somebody else has written.
func TestFirstFaults(t *testing.T) {
	initial := statefile.New("first", "1.11.4")
	b := newBench(t, "fail-state-pull")
	if _, err := b.open(t, Options{}).Update(t.Context(), UpdateOptions{Plan: PlanOff, Initial: initial}, insert); !errors.Is(err, ErrCommand) || b.remote(t) != standInState || b.backups(t) != nil {
		t.Errorf("a state that can't be pulled: %v", err)
	}
	if got := b.calls(t); len(got) != 1 {
		t.Errorf("calls %v", got)
	}

	// The lineage that terraform has given is one whose folder can't be made.
	b = newBench(t, "nothing-yet unborn")
	if err := os.Remove(filepath.Join(b.store, "remote.tfstate")); err != nil {
		t.Fatal(err)
	}
	tree(t, b.dir, map[string]string{".terraform/herokutf/" + otherLineage: "a file"})
	f := b.open(t, Options{})
	result, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff, Initial: initial}, insert)
	e, ok := errors.AsType[*UpdateError](err)
	if !ok || !errors.Is(err, ErrUnverified) || result == nil || result.Backup != e.Backup || !strings.Contains(err.Error(), "make a folder for backups") {
		t.Errorf("a backup that can't be moved: %+v, %v", result, err)
	}
	wantWhole(t, err, f)

	// So is one in which nothing can be made.
	b = newBench(t, "nothing-yet unborn")
	if err := os.Remove(filepath.Join(b.store, "remote.tfstate")); err != nil {
		t.Fatal(err)
	}
	n := 0
	f = b.open(t, Options{Now: func() time.Time {
		if n++; n == 2 {
			os.RemoveAll(filepath.Join(b.dir, ".terraform", "herokutf", otherLineage))
		}
		return time.Now()
	}})
	if result, err = f.Update(t.Context(), UpdateOptions{Plan: PlanOff, Initial: initial}, insert); !errors.Is(err, ErrUnverified) || result == nil || !exists(result.Backup) || !strings.Contains(err.Error(), "save the old state") {
		t.Errorf("a backup that can't be saved again: %+v, %v", result, err)
	}
	wantWhole(t, err, f)

	// And one that can't be written.
	u := &update{f: f}
	result = &Result{Backup: "saved"}
	if old, new, err := u.christen(result, initial, initial, "\a"); old != nil || new != nil || err == nil || result.Backup != "saved" {
		t.Errorf("got %v, %v, %v, %+v", old, new, err, result)
	}

	// When all goes well, nothing is left of the lineage that was made up first.
	b = newBench(t, "nothing-yet unborn")
	if err := os.Remove(filepath.Join(b.store, "remote.tfstate")); err != nil {
		t.Fatal(err)
	}
	f = b.open(t, Options{})
	if result, err = f.Update(t.Context(), UpdateOptions{Plan: PlanOff, Initial: initial}, insert); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(f.backupsDir())
	if err != nil || len(entries) != 1 || entries[0].Name() != otherLineage || filepath.Dir(result.Backup) != filepath.Join(f.backupsDir(), otherLineage, "default") {
		t.Errorf("folders of backups %v, %v, backup %s", entries, err, result.Backup)
	}
}

// TestLocalRefused: the same of a file: whatever comes before it is written can stop it.
func TestLocalRefused(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	refuse := errors.New("refused")
	for _, tt := range []struct {
		name string
		opts UpdateOptions
		move bool // somebody selects another workspace while it is planned
		is   error
		says string
	}{
		{name: "an unknown mode", opts: UpdateOptions{Plan: "always"}, says: `plan check "always": it is auto, off or require`},
		{name: "the caller refuses", opts: UpdateOptions{Plan: PlanOff, Before: func() error { return refuse }}, is: refuse},
		{name: "another workspace", move: true, is: ErrWorkspace, says: "Nothing was written"},
		{name: "no plan", opts: UpdateOptions{Plan: PlanRequire}, is: ErrNoPlan},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, "")
			f := local(t, Options{Terraform: program, Environ: b.environ}, map[string]string{".terraform/x": ""})
			if tt.name == "no plan" {
				f.command = func() (string, error) { return "", ErrNoTerraform }
			}
			if tt.move {
				tt.opts.Judge = func(*tfjson.Plan) error {
					tree(t, f.location.Dir, map[string]string{".terraform/environment": "other"})
					return nil
				}
			}
			before := 0
			if tt.opts.Before == nil {
				tt.opts.Before = func() error { before++; return nil }
			}
			_, err := f.Update(t.Context(), tt.opts, rename("one", "two"))
			check := func(verb string, err error) {
				t.Helper()
				if err == nil || tt.is != nil && !errors.Is(err, tt.is) || !strings.Contains(err.Error()+hints(err), tt.says) || before != 0 {
					t.Errorf("%s: %v, called before it %d times", verb, err, before)
				}
				if text, err := os.ReadFile(f.location.Path); err != nil || string(text) != standInState {
					t.Errorf("%s: the state is %s, %v", verb, text, err)
				}
			}
			check("update", err)
			// An undo is refused in the same way, and so is a dry run.
			backup := f.location.Path + ".old"
			tree(t, f.location.Dir, map[string]string{stateName + ".old": strings.NewReplacer("one", "two", `"serial": 7`, `"serial": 6`).Replace(standInState)})
			os.Remove(filepath.Join(f.location.Dir, ".terraform", "environment"))
			tt.opts.Force = true
			_, err = f.Undo(t.Context(), backup, tt.opts)
			check("undo", err)
			if tt.opts.Judge == nil && tt.opts.Plan != PlanOff {
				return
			}
			// So is a dry run, by what is asked for in one.
			tt.opts = UpdateOptions{DryRun: true, Force: true, Judge: func(*tfjson.Plan) error { return refuse }}
			os.Remove(filepath.Join(f.location.Dir, ".terraform", "environment"))
			tt.is, tt.says = refuse, ""
			_, err = f.Undo(t.Context(), backup, tt.opts)
			check("dry undo", err)
		})
	}
	f := local(t, Options{}, nil)
	if _, err := f.Undo(t.Context(), "", UpdateOptions{Plan: PlanOff, DryRun: true}); !errors.Is(err, statefile.ErrNoBackup) {
		t.Errorf("a dry run of an undo without a backup: %v", err)
	}
	done, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff}, rename("one", "two"))
	want := &Result{Location: f.location, Changed: true, OldSerial: "7", NewSerial: "8", Attempts: 1}
	if err != nil || done.Backup == "" || cmp.Diff(want, done, cmpopts.IgnoreFields(Result{}, "Backup")) != "" {
		t.Fatalf("%+v, %v", done, err)
	}
	back, err := f.Undo(t.Context(), "", UpdateOptions{Plan: PlanOff})
	want = &Result{Location: f.location, Changed: true, OldSerial: "8", NewSerial: "9", Attempts: 1, Restored: done.Backup, RestoredSerial: "7"}
	if err != nil || back.Backup == "" || cmp.Diff(want, back, cmpopts.IgnoreFields(Result{}, "Backup")) != "" {
		t.Errorf("%+v, %v", back, err)
	}

	// A first state needs a folder, which is made last.
	initial := statefile.New("first", "1.11.4")
	f = local(t, Options{Environ: []string{"TF_WORKSPACE=eu"}}, nil)
	if _, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff, Initial: initial, Before: func() error { return refuse }}, insert); err != refuse || exists(filepath.Dir(f.location.Path)) {
		t.Errorf("refused: %v", err)
	}
}

// TestUndoFaults: a backup that can't be read, or listed, is no reason to write anything.
func TestUndoFaults(t *testing.T) {
	b := newBench(t, "")
	f := b.open(t, Options{})
	opts := UpdateOptions{Plan: PlanOff, Force: true}
	tree(t, b.parent, map[string]string{"torn.tfstate": `{"version":4`})
	_, err := f.Undo(t.Context(), filepath.Join(b.parent, "torn.tfstate"), opts)
	if err == nil || !strings.HasPrefix(err.Error(), "read backup: ") {
		t.Errorf("a torn backup: %v", err)
	}
	path := filepath.Join(b.parent, "none.tfstate")
	_, err = f.Undo(t.Context(), path, opts)
	if e, ok := errors.AsType[*statefile.FileError](err); !ok || e.Path != path || e.Hint == "" || !errors.Is(err, statefile.ErrNoBackup) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no backup: %v (%+v)", err, e)
	}
	_, err = f.Undo(t.Context(), "", opts)
	if e, ok := errors.AsType[*UpdateError](err); !ok || !errors.Is(err, statefile.ErrNoBackup) || !strings.Contains(e.Hint, f.backupsDir()) {
		t.Errorf("no backups: %v (%+v)", err, e)
	}
	wantWhole(t, err, f)
	tree(t, b.parent, map[string]string{"foreign.tfstate": strings.Replace(standInState, standInLineage, otherLineage, 1)})
	foreign := filepath.Join(b.parent, "foreign.tfstate")
	_, err = f.Undo(t.Context(), foreign, opts)
	e, _ := errors.AsType[*statefile.LineageError](err)
	want := &statefile.LineageError{Path: f.location.String(), Lineage: standInLineage, Other: foreign, OtherLin: otherLineage,
		Hint: "The backup is one of another state, which was created anew since or elsewhere. Nothing was changed."}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("another state's (-want +got)\n%s", diff)
	}
	// The same content is no change, whatever came after it.
	tree(t, b.parent, map[string]string{"same.tfstate": strings.Replace(standInState, `"serial": 7`, `"serial": 3`, 1)})
	same := filepath.Join(b.parent, "same.tfstate")
	done, err := f.Undo(t.Context(), same, UpdateOptions{Plan: PlanOff})
	if diff := cmp.Diff(&Result{Location: f.location, OldSerial: "7", NewSerial: "7", Attempts: 1, Restored: same, RestoredSerial: "3"}, done); err != nil || diff != "" {
		t.Errorf("the same: %v (-want +got)\n%s", err, diff)
	}
	tree(t, b.parent, map[string]string{"other.tfstate": strings.Replace(standInState, "one", "two", 1)})
	other := filepath.Join(b.parent, "other.tfstate")
	_, err = f.Undo(t.Context(), other, UpdateOptions{Plan: PlanOff})
	if e, ok := errors.AsType[*UpdateError](err); !ok || e.Backup != other || e.Hint == "" || !errors.Is(err, ErrMovedOn) {
		t.Errorf("a copy of somebody's: %v (%+v)", err, e)
	}
	wantWhole(t, err, f)
	// Files that can't be edited aren't what a state can't be planned for.
	none := UpdateOptions{DryRun: true, Force: true, Files: func() []tfconfig.FileEdit {
		return []tfconfig.FileEdit{{Path: filepath.Join(b.parent, "none", "main.tf")}}
	}}
	if done, err := f.Undo(t.Context(), other, none); done != nil || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("files in a folder that isn't there: %+v, %v", done, err)
	}
	// Folders that are files; Windows says of what is below one that it isn't there.
	tree(t, b.dir, map[string]string{".terraform/herokutf/" + standInLineage: "a file"})
	if _, err := f.Undo(t.Context(), "", opts); err == nil || runtime.GOOS != "windows" && !strings.Contains(err.Error(), "list backups: ") {
		t.Errorf("a lineage that is a file: %v", err)
	}
	if got := b.calls(t); b.remote(t) != standInState || strings.Contains(strings.Join(got, " "), "push") {
		t.Errorf("something was written: %v", got)
	}
}
