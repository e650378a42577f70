package statefile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestPlanUndo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "terraform.tfstate")
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	state := `{"version": 4, "serial": 5, "lineage": "x", "outputs": {}, "resources": []}`
	put(path, state)
	if _, err := PlanUndo(path, "", UpdateOptions{}); !errors.Is(err, ErrNoBackup) {
		t.Errorf("without a backup: %v, want ErrNoBackup", err)
	}
	older := path + ".herokutf-20260102T150405Z-serial4.backup"
	put(older, `{"version": 4, "serial": 4, "lineage": "x", "outputs": {}, "resources": []}`)
	// The newest is what a write that failed leaves: the state as it is.
	put(path+".herokutf-20260103T150405Z-serial5.backup", state)

	plan, err := PlanUndo(path, "", UpdateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Result{Changed: true, OldSerial: "5", NewSerial: "6", Restored: older, RestoredSerial: "4"}); *plan != want {
		t.Errorf("got %+v, want %+v", *plan, want)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, []byte(state)) {
		t.Errorf("the state is %q now (%v)", now, err)
	}
	// It is what Undo does.
	undone, err := Undo(t.Context(), path, "", UpdateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	undone.Backup = ""
	if *undone != *plan {
		t.Errorf("Undo did %+v, planned was %+v", *undone, *plan)
	}

	other := filepath.Join(t.TempDir(), "other")
	put(other, `{"version": 4, "serial": 3, "lineage": "y", "outputs": {}, "resources": []}`)
	if _, err := PlanUndo(path, other, UpdateOptions{}); !errors.Is(err, ErrLineage) {
		t.Errorf("a backup of another state: %v, want ErrLineage", err)
	}
	if _, err := PlanUndo(path, older, UpdateOptions{}); !errors.Is(err, ErrMovedOn) {
		t.Errorf("a backup from before the undo: %v", err)
	}
	same, err := PlanUndo(path, older, UpdateOptions{Force: true})
	if err != nil || !same.Changed {
		t.Errorf("by name: %+v, %v", same, err)
	}
}
