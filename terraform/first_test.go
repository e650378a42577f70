package terraform

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/statefile"
)

// insert inserts an object that the configuration of a bench has.
func insert(f *statefile.File) (*statefile.File, error) {
	if _, there := f.Instance("terraform_data.a"); there {
		return f, nil
	}
	return f.Apply(statefile.InsertInstance(f, statefile.NewInstance{Type: "terraform_data", Name: "a",
		Provider: `provider["terraform.io/builtin/terraform"]`, Attributes: []byte(`{"id":"one"}`)}))
}

// TestUpdateFirst: where there is no state yet, the first one is written.
func TestUpdateFirst(t *testing.T) {
	initial := statefile.New("first", "1.11.4")
	refuse := errors.New("not this plan")
	for _, test := range []struct {
		name, fault string
		opts        UpdateOptions
		is          error
		serial      string // of the state afterwards; "" for none
	}{
		{name: "no initial state", is: ErrNoState},
		{name: "pushed", opts: UpdateOptions{Initial: initial}, serial: "1"},
		{name: "planned", opts: UpdateOptions{Initial: initial, Plan: PlanRequire}, serial: "1"},
		{name: "a backend that gives its own lineage", fault: "unborn", opts: UpdateOptions{Initial: initial}, serial: "1"},
		{name: "the same, unlocked", fault: "unborn", opts: UpdateOptions{Initial: initial, Watch: -1}, serial: "1"},
		{name: "no initial state, either", fault: "unborn", is: ErrNoState},
		{name: "a dry run", opts: UpdateOptions{Initial: initial, DryRun: true}},
		{name: "refused", opts: UpdateOptions{Initial: initial, Judge: func(*tfjson.Plan) error { return refuse }}, is: refuse},
		{name: "push fails", fault: "fail-state-push", opts: UpdateOptions{Initial: initial}, is: ErrCommand},
		{name: "push lies", fault: "push-lies", opts: UpdateOptions{Initial: initial}, is: ErrNotWritten},
		{name: "others were first", fault: "first-of-others", opts: UpdateOptions{Initial: initial}, serial: "7"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, "nothing-yet "+test.fault)
			if err := os.Remove(filepath.Join(b.store, "remote.tfstate")); err != nil {
				t.Fatal(err)
			}
			f := b.open(t, Options{})
			result, err := f.Update(t.Context(), test.opts, insert)
			if !errors.Is(err, test.is) || (err == nil) != (test.is == nil) {
				t.Fatalf("got error %v, want %v", err, test.is)
			}
			if _, err := os.Stat(filepath.Join(b.store, "remote.tfstate")); (err == nil) != (test.serial != "") {
				t.Fatalf("the state: %v", err)
			}
			b.clean(t)
			if test.serial == "" {
				return
			}
			if !strings.Contains(b.remote(t), `"serial": `+test.serial+",") {
				t.Errorf("the state is %s", b.remote(t))
			}
			if test.serial != "1" {
				return // theirs has what was to be inserted
			}
			if !result.Changed || result.OldSerial != "0" || result.NewSerial != "1" || result.Plan == nil {
				t.Errorf("result %+v", result)
			}
			saved, err := os.ReadFile(result.Backup)
			now, perr := f.Pull(t.Context())
			if err := errors.Join(err, perr); err != nil {
				t.Fatal(err)
			}
			if want := strings.Replace(string(initial.Bytes()), initial.Lineage(), now.Lineage(), 1); string(saved) != want {
				t.Errorf("backup %s, want %s", saved, want)
			}
			if backups := b.backups(t); len(backups) != 1 {
				t.Errorf("backups %q", backups)
			}
			undone, err := f.Undo(t.Context(), "", UpdateOptions{})
			if err != nil || undone.RestoredSerial != "0" || strings.Contains(b.remote(t), "terraform_data") {
				t.Errorf("undone: %+v, %v, %s", undone, err, b.remote(t))
			}
		})
	}
}

// TestUpdateFirstLocal: the same of a file, in a workspace's folder that isn't there.
func TestUpdateFirstLocal(t *testing.T) {
	initial := statefile.New("first", "1.11.4")
	dir := real(t, t.TempDir())
	tree(t, dir, map[string]string{"main.tf": resource("one")})
	f, err := Open(dir, Options{Environ: []string{"TF_WORKSPACE=eu"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff}, insert); !errors.Is(err, ErrNoState) {
		t.Errorf("without an initial state: got error %v", err)
	}
	path := f.Location().Path
	dry, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff, Initial: initial, DryRun: true}, insert)
	if err != nil || !dry.Changed {
		t.Errorf("dry run: %+v, %v", dry, err)
	}
	if exists(filepath.Dir(path)) {
		t.Error("a dry run left a folder")
	}
	result, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff, Initial: initial}, insert)
	if err != nil || !result.Changed || result.OldSerial != "0" || result.NewSerial != "1" {
		t.Fatalf("%+v, %v", result, err)
	}
	if state, err := f.Pull(t.Context()); err != nil || state.Lineage() != initial.Lineage() || state.Serial() != "1" {
		t.Errorf("%v, %v", state, err)
	}
	// An empty file is no state, too.
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	if result, err = f.Update(t.Context(), UpdateOptions{Plan: PlanOff, Initial: initial}, insert); err != nil || !result.Changed {
		t.Errorf("%+v, %v", result, err)
	}
}
