package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/tfconfig"
)

// TestPatch: edits of the configuration that can't be written once the state is are
// printed, to be made by hand.
func TestPatch(t *testing.T) {
	e, _, stderr := testEnv(t)
	gone := filepath.Join(t.TempDir(), "gone", "main.tf")
	r := &renaming{renameOptions: &renameOptions{env: e, writeConfig: true, format: formatText}}
	r.report.backup = "terraform.tfstate.backup"
	r.report.config.edits = []tfconfig.FileEdit{
		{Path: gone, Old: []byte("resource {\n  name = \"shop\"\n}\n"), New: []byte("resource {\n  name = \"boutique\"\n}\n")},
		{Path: gone + "vars", Old: []byte("x = \"hunter1\"\n"), New: []byte("x = \"hunter2\"\n"), Sensitive: true},
	}
	err := r.applyConfig()
	if err == nil || !strings.Contains(err.Error(), "the state is repaired, the configuration is not") || r.report.config.written {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"--- " + gone, "-  name = \"shop\"\n", "+  name = \"boutique\"\n"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("%q isn't in the patch:\n%s", want, stderr)
		}
	}
	if strings.Contains(stderr.String(), "hunter") {
		t.Errorf("the patch shows a secret:\n%s", stderr)
	}
}

// TestAcceptedPatch: the same where values were accepted; without a state that was
// written the error alone says all.
func TestAcceptedPatch(t *testing.T) {
	for _, backup := range []string{"terraform.tfstate.backup", ""} {
		e, _, stderr := testEnv(t)
		a := &accepting{driftOptions: &driftOptions{env: e, look: driftLook{format: formatText}}, backup: backup}
		a.accepted = &herokutf.Acceptance{Config: &tfconfig.ValueEdit{Files: []tfconfig.FileEdit{
			{Path: filepath.Join(t.TempDir(), "gone", "main.tf"), Old: []byte("quantity = 1\n"), New: []byte("quantity = 2\n")}}}}
		err := a.applyConfig()
		if err == nil || a.written {
			t.Fatalf("got %v", err)
		}
		done := strings.Contains(err.Error(), "the values are accepted into the state, the configuration is not")
		if patch := strings.Contains(stderr.String(), "+quantity = 2\n"); done != (backup != "") || patch != done {
			t.Errorf("with backup %q: %v, %s", backup, err, stderr)
		}
	}
}

// TestCheckEdits: what would keep files from being edited is found out before the state
// is written.
func TestCheckEdits(t *testing.T) {
	file := filepath.Join(t.TempDir(), "main.tf")
	if err := os.WriteFile(file, []byte("quantity = 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		edit tfconfig.FileEdit
		want error
	}{
		{tfconfig.FileEdit{Path: file, Old: []byte("quantity = 3\n")}, nil},
		{tfconfig.FileEdit{Path: file, Old: []byte("quantity = 1\n")}, tfconfig.ErrChanged},
		{tfconfig.FileEdit{Path: file + "vars", Old: []byte("x")}, os.ErrNotExist},
		{tfconfig.FileEdit{Path: file + "vars"}, nil}, // a new one
	} {
		if err := checkEdits([]tfconfig.FileEdit{tt.edit}); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.edit.Old, err, tt.want)
		}
	}
}
