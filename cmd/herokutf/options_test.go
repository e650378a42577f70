package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/statefile"
)

// TestFilesBelowChdir: files that are named are looked for in the folder of --chdir, but
// those that are named by an absolute path, and standard streams. Commands that are to
// be copied have them as they were given.
func TestFilesBelowChdir(t *testing.T) {
	abs := filepath.Join(t.TempDir(), "x")
	in := func(name string) string { return filepath.Join("d", name) }
	const again = " --chdir d"
	for _, tt := range []struct {
		args string
		want []string // the files, and the flags of the place
	}{
		{"drift --chdir d", []string{"", "", "", "", "", "", again}},
		{"drift --chdir d a ABS", []string{in("a") + " " + abs, "", "", "", "", "", again}},
		{"drift --chdir d --state a", []string{in("a"), "", "", "", "", "", again + " --state a"}},
		{"drift --chdir d -", []string{"-", "", "", "", "", "", again + " --state -"}},
		{"drift --chdir d --import a --ignore b --ignore ABS --fingerprint-key-file c --write-baseline e", []string{"", in("b") + " " + abs, in("c"), in("a"), in("e"), "", again}},
		{"drift --chdir d --import -", []string{"", "", "", "-", "", "", again}},
		{"drift --chdir d --report a", []string{"", "", "", "", "", in("a"), again}},
		{"drift --chdir d --report -", []string{"", "", "", "", "", "-", again}},
		{"drift --state a --config c", []string{"a", "", "", "", "", "", " --state a --config c"}},
		{"rename --chdir d --state a", []string{in("a"), again + " --state a"}},
		{"rename --chdir d --state -", []string{"-", again + " --state -"}},
		{"rename --state a --config c", []string{"a", " --state a --config c"}},
		{"rename --chdir d --state ABS", []string{abs, again + " --state ABS"}},
		{"undo --chdir d --state a b", []string{in("a"), "b", again + " --state a"}},
		{"recover --chdir d a", []string{in("a"), again + " --state a"}},
		{"recover --chdir d --state ABS", []string{abs, again + " --state ABS"}},
		{"adopt --chdir d --all a --state b --state ABS", []string{in("a") + " " + in("b") + " " + abs, again}},
		{"deploy --chdir d", []string{"d", again}},
		{"deploy", []string{".", ""}},
	} {
		words := strings.Fields(strings.ReplaceAll(tt.args, "ABS", abs))
		e, _, _ := testEnv(t)
		var got []string
		cmd := newRootCmd(e)
		switch words[0] {
		case "drift":
			cmd = newDriftCmd(e, func(_ context.Context, o *driftOptions) error {
				got = []string{strings.Join(o.states, " "), strings.Join(o.scope.ignore, " "), o.look.keyFile, o.importFile, o.baseline.file, o.again}
				return nil
			})
		case "rename":
			cmd = newRenameCmd(e, func(_ context.Context, o *renameOptions) error { got = []string{o.state}; return nil })
		case "undo":
			cmd = newUndoCmd(e, func(_ context.Context, o *undoOptions) error { got = []string{o.state, o.backup}; return nil })
		case "recover":
			cmd = newRecoverCmd(e, func(_ context.Context, o *recoverOptions) error { got = []string{o.state}; return nil })
		case "adopt":
			cmd = newAdoptCmd(e, func(_ context.Context, o *adoptOptions) error {
				got = []string{strings.Join(o.states, " ")}
				return nil
			})
		case "deploy":
			cmd = newDeployCmd(e, func(_ context.Context, o *deployOptions) error { got = []string{o.dir}; return nil })
		}
		cmd.SetArgs(words[1:])
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		if err := cmd.ExecuteContext(t.Context()); err != nil {
			t.Errorf("%s: %v", tt.args, err)
			continue
		}
		got = append(got, strings.ReplaceAll(e.place.flags(), abs, "ABS"))
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.args, diff)
		}
	}
}

// TestAcceptedNothing: for programs, no changes are an empty list.
func TestAcceptedNothing(t *testing.T) {
	a := accepting{driftOptions: new(driftOptions), accepted: new(herokutf.Acceptance)}
	got, err := a.json()
	if err != nil {
		t.Fatal(err)
	}
	if want := "{\n  \"format_version\": \"1.1\",\n  \"changes\": []\n}\n"; got != want {
		t.Errorf("got %s", got)
	}
}

// TestRecoveryAdvice: which errors are about a write that herokutf recover ends, and how
// that is spelt for the state of a run, and for one of several.
func TestRecoveryAdvice(t *testing.T) {
	interrupted := &statefile.InterruptedError{Interrupted: statefile.Interrupted{Path: "x"}}
	for _, tt := range []struct {
		name  string
		err   error
		place place
		path  string
		want  string
	}{
		{"interrupted", interrupted, place{}, "", "Run herokutf recover."},
		{"wrapped", fmt.Errorf("step: %w", interrupted), place{}, "", "Run herokutf recover."},
		{"in a folder", interrupted, place{dir: "a b"}, "", "Run herokutf recover --chdir 'a b'."},
		{"named", interrupted, place{state: "s"}, "s", "Run herokutf recover --state s."},
		{"named in a folder", interrupted, place{dir: "d", state: "s"}, "d/s", "Run herokutf recover --chdir d --state s."},
		{"of several", interrupted, place{}, "a b", "Run herokutf recover --state 'a b'."},
		{"torn", &statefile.WriteError{Condition: statefile.Torn, Err: os.ErrClosed}, place{}, "", "Run herokutf recover."},
		{"untouched", &statefile.WriteError{Condition: statefile.Untouched, Err: os.ErrClosed}, place{}, "", ""},
		{"written", &statefile.WriteError{Condition: statefile.Written, Err: os.ErrClosed}, place{}, "", ""},
		{"marked", &statefile.FormatError{Kind: statefile.KindInterrupted}, place{}, "", "Run herokutf recover."},
		{"no state", &statefile.FormatError{Kind: statefile.KindShowJSON}, place{}, "", ""},
		{"another", os.ErrNotExist, place{}, "x", ""},
	} {
		e, _, _ := testEnv(t)
		e.place = tt.place
		err := e.adviseRecovery(tt.err, tt.path)
		if !errors.Is(err, tt.err) {
			t.Errorf("%s: got %v", tt.name, err)
		}
		got := ""
		if hints := ui.Diagnose(err, func(error) string { return "" }).Hints; tt.want != "" && len(hints) == 1 {
			got = hints[0]
		} else if err != tt.err {
			got = strings.Join(hints, "|")
		}
		if quoteFor("linux", "a b") == shellQuote("a b") && got != tt.want {
			t.Errorf("%s: advice %q, want %q", tt.name, got, tt.want)
		}
	}
	if e, _, _ := testEnv(t); e.adviseRecovery(nil, "x") != nil {
		t.Error("no error is one")
	}
}

// TestRecovered: what a recovery says, in text and for programs.
func TestRecovered(t *testing.T) {
	found := &statefile.Interrupted{Path: "s", Condition: statefile.Torn, OldSerial: "7", NewSerial: "8"}
	for _, tt := range []struct {
		recovery   statefile.Recovery
		text, json string
	}{
		{statefile.Recovery{Outcome: statefile.NothingToRecover}, "s: nothing to recover\n",
			`{"format_version":"1.1","renames":[],"changes":[],"mentions":[],"backup":"","outcome":"nothing to recover"}`},
		{statefile.Recovery{Outcome: statefile.FinishedNew, Serial: "8", Backup: "b", Found: found},
			"s: finished new, serial 8 now\na write of serial 8 over serial 7 was interrupted; the state was found torn\nbackup: b\n",
			`{"format_version":"1.1","renames":[],"changes":[],"mentions":[],"serial":{"old":7,"new":8},"backup":"b","outcome":"finished new"}`},
	} {
		for _, format := range []string{formatText, formatJSON} {
			e, stdout, _ := testEnv(t)
			o := &recoverOptions{env: e, state: "s", format: format}
			if err := o.deliver(&tt.recovery); err != nil {
				t.Fatal(err)
			}
			got, want := stdout.String(), tt.text
			if format == formatJSON {
				want = tt.json
				got = strings.Join(strings.Fields(got), "")
				want = strings.ReplaceAll(want, " ", "")
			}
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
}
