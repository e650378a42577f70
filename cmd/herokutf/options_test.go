package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
	"github.com/herokutf/herokutf/tfconfig"
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

// TestFindTerraform: which command is Terraform: the one that is named, else whichever
// there is.
func TestFindTerraform(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("programs have other names there")
	}
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	find := func(named string, environ ...string) string {
		e, _, _ := testEnv(t, environ...)
		o := &deployOptions{env: e, folderFlags: folderFlags{terraform: named}}
		if err := o.findTerraform(); err != nil {
			return err.Error() + "; " + strings.Join(ui.Diagnose(err, nil).Hints, "|")
		}
		return o.terraform
	}
	const advice = "give the path of terraform or tofu with --terraform or HEROKUTF_TERRAFORM"
	missing := func(name string) string {
		return `exec: "` + name + `": executable file not found in $PATH; ` + advice
	}
	for _, step := range []struct{ program, named, environ, want string }{
		{"", "", "", "neither terraform nor tofu is in PATH; install one of them, or give its path with --terraform or HEROKUTF_TERRAFORM"},
		{"", "none", "", missing("none")},
		{"", "", "HEROKUTF_TERRAFORM=none", missing("none")},
		{"tofu", "", "", "tofu"},
		{"terraform", "", "", "terraform"},
		{"other", "other", "HEROKUTF_TERRAFORM=none", "other"},
		{"", "", "HEROKUTF_TERRAFORM=other", "other"},
		{"", "none", "HEROKUTF_TERRAFORM=other", missing("none")},
	} {
		if step.program != "" {
			if err := os.WriteFile(filepath.Join(dir, step.program), []byte("#!/bin/sh\n"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if got := find(step.named, step.environ); got != step.want {
			t.Errorf("%+v: got %s", step, got)
		}
	}
}

// TestVersionText: what a release says of itself, and what the toolchain knows.
func TestVersionText(t *testing.T) {
	was, wasCommit := version, commit
	t.Cleanup(func() { version, commit = was, wasCommit })
	build := runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + "\n"
	for _, tt := range []struct{ version, commit, want string }{
		{"v1.2.3", "3c1f797", "herokutf v1.2.3\ncommit 3c1f797\n" + build},
		{"v1.2.3", "", "herokutf v1.2.3\n" + build},
	} {
		version, commit = tt.version, tt.commit
		e, stdout, _ := testEnv(t)
		if err := versionRun(t.Context(), &versionOptions{env: e, format: formatText}); err != nil {
			t.Fatal(err)
		}
		got := stdout.String()
		if info, ok := debug.ReadBuildInfo(); tt.commit == "" && ok && revision(info.Settings) != "" {
			got = strings.Replace(got, "commit "+revision(info.Settings)+"\n", "", 1)
		}
		if got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	version = ""
	if got := buildVersion().Version; got == "" {
		t.Error("nobody knows the version, and it isn't (devel) either")
	}
	built := &debug.BuildInfo{Main: debug.Module{Version: "v0.9.0"}, Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "3c1f797"}}}
	for _, tt := range []struct {
		info, want buildInfo
		build      *debug.BuildInfo
	}{
		{buildInfo{}, buildInfo{Version: "v0.9.0", Commit: "3c1f797"}, built},
		{buildInfo{Version: "v1.0.0", Commit: "0000000"}, buildInfo{Version: "v1.0.0", Commit: "0000000"}, built},
		{buildInfo{Go: "go1.26"}, buildInfo{Version: "(devel)", Go: "go1.26"}, new(debug.BuildInfo)},
		{buildInfo{Commit: "0000000"}, buildInfo{Version: "(devel)", Commit: "0000000"}, nil},
	} {
		if tt.info.add(tt.build); tt.info != tt.want {
			t.Errorf("got %+v, want %+v", tt.info, tt.want)
		}
	}
	setting := func(pairs ...string) (all []debug.BuildSetting) {
		for i := 0; i < len(pairs); i += 2 {
			all = append(all, debug.BuildSetting{Key: pairs[i], Value: pairs[i+1]})
		}
		return all
	}
	for _, tt := range []struct {
		settings []debug.BuildSetting
		want     string
	}{
		{nil, ""},
		{setting("vcs.revision", "3c1f797"), "3c1f797"},
		{setting("vcs.revision", "3c1f797", "vcs.modified", "false"), "3c1f797"},
		{setting("vcs.modified", "true", "vcs.revision", "3c1f797"), "3c1f797-dirty"},
		{setting("vcs.modified", "true"), ""},
	} {
		if got := revision(tt.settings); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.settings, got, tt.want)
		}
	}
}

// TestCompletionScripts: each shell has one of its own, with descriptions or without.
func TestCompletionScripts(t *testing.T) {
	for shell, begin := range map[string]string{"bash": "# bash completion V2 for herokutf", "zsh": "#compdef herokutf\n", "fish": "# fish completion for herokutf", "powershell": "# powershell completion for herokutf"} {
		for _, plain := range []bool{false, true} {
			e, stdout, _ := testEnv(t)
			args := []string{"completion", shell}
			if plain {
				args = append(args, "--no-descriptions")
			}
			if code := e.finish(e.execute(t.Context(), newRootCmd(e), args)); code != 0 {
				t.Errorf("%s: exit code %d", shell, code)
			}
			got := stdout.String()
			if !strings.HasPrefix(got, begin) || strings.Contains(got, "__completeNoDesc") != plain {
				t.Errorf("%s, without descriptions %t: %.60q", shell, plain, got)
			}
		}
	}
}

// TestNothingIsReplaced: a file that has come meanwhile is kept, and the error says how
// to go on.
func TestNothingIsReplaced(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(file, []byte("somebody's"), 0o600); err != nil {
		t.Fatal(err)
	}
	e, stdout, _ := testEnv(t)
	found := new(herokutf.DriftReport)
	o := &driftOptions{env: e, importFile: file, look: driftLook{format: formatText}}
	o.baseline = baselineOptions{file: file, expires: expiry{days: 1}}
	for want, err := range map[string]error{
		"write the import blocks: " + file + " exists|move it away, or name another file":                      o.deliver(found, report.Options{}),
		"write the baseline: " + file + " exists|move it away, or name another file and give both to --ignore": o.writeBaseline(found, time.Now()),
	} {
		if err == nil {
			t.Errorf("no error, want %s", want)
		} else if got := err.Error() + "|" + strings.Join(ui.Diagnose(err, nil).Hints, "|"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "somebody's" || stdout.Len() > 0 {
		t.Errorf("%q, %v; printed %s", data, err, stdout)
	}
}

// TestEditsWithoutNote: edits are made, too, where the backup can have no note of them.
func TestEditsWithoutNote(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "main.tf")
	e, _, stderr := testEnv(t)
	err := e.writeEdits([]tfconfig.FileEdit{{Path: file, New: []byte("# new\n")}}, filepath.Join(dir, "none", "backup"), formatText, "done")
	if err != nil || !strings.HasPrefix(stderr.String(), "Warning: An undo won't name the files that are edited now: ") {
		t.Errorf("%v, %q", err, stderr)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "# new\n" {
		t.Errorf("%q, %v", data, err)
	}
}

// TestNextAfterRename: what is to be done after a repair, by what is known of the
// configuration.
func TestNextAfterRename(t *testing.T) {
	renames := []herokutf.Rename{{Old: "a", New: "b"}, {Old: "c", New: "d"}}
	edits := []tfconfig.FileEdit{{}}
	const ids = "the state is for provider 5 alone now, with app_id = heroku_app.NAME.id in place of app; then terraform -chdir=x plan"
	for name, tt := range map[string]struct {
		r    renameReport
		want []string
	}{
		"no rename":              {renameReport{repair: &herokutf.Repair{}}, []string{"terraform -chdir=x plan"}},
		"no rename, and to ids":  {renameReport{repair: &herokutf.Repair{}, toIDs: true}, []string{ids}},
		"no file, nothing read":  {renameReport{repair: &herokutf.Repair{Renames: renames}}, []string{"give the app its new name in the configuration, then terraform -chdir=x plan"}},
		"a file, nothing read":   {renameReport{repair: &herokutf.Repair{Renames: renames}, file: "f"}, []string{"give the app its new name in the configuration (herokutf rename --chdir x --state f a=b c=d --config DIR lists the places), then terraform -chdir=x plan"}},
		"to be edited":           {renameReport{repair: &herokutf.Repair{Renames: renames}, config: renameConfig{looked: true, edits: edits}}, []string{"herokutf rename --chdir x a=b c=d --write-config edits the configuration; then terraform -chdir=x plan"}},
		"edited":                 {renameReport{repair: &herokutf.Repair{Renames: renames}, config: renameConfig{looked: true, written: true, edits: edits}}, []string{"terraform -chdir=x plan"}},
		"nothing to edit":        {renameReport{repair: &herokutf.Repair{Renames: renames}, config: renameConfig{looked: true}}, []string{"terraform -chdir=x plan"}},
		"edited, and to ids":     {renameReport{repair: &herokutf.Repair{Renames: renames}, toIDs: true, config: renameConfig{looked: true, written: true, edits: edits}}, []string{"terraform -chdir=x plan", ids}},
		"an old state":           {renameReport{repair: &herokutf.Repair{}, legacy: true}, []string{replaceProvider, "terraform -chdir=x plan"}},
		"an old state, with ids": {renameReport{repair: &herokutf.Repair{}, legacy: true, toIDs: true}, []string{replaceProvider, ids}},
	} {
		e, _, _ := testEnv(t)
		e.place = place{dir: "x", state: "ignored"}
		if name != "a file, nothing read" {
			e.place.state = ""
		}
		tt.r.env = e
		if diff := cmp.Diff(tt.want, tt.r.next()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestUnreadModules: which objects are in a module that wasn't read, in whichever of its
// instances, and of which state.
func TestUnreadModules(t *testing.T) {
	module := tfconfig.Module{Address: "module.site", Source: "acme/app/heroku", Why: "it isn't there"}
	for _, tt := range []struct {
		states         []string
		address, state string
		want           bool
	}{
		{nil, "module.site.heroku_app.x", "", true},
		{nil, `module.site["a"].heroku_app.x`, "s", true},
		{nil, `module.site["a\"]."].heroku_app.x["b"]`, "", true},
		{nil, "module.site[12].module.inner[0].heroku_app.x", "", true},
		{nil, "module.site2.heroku_app.x", "", false},
		{nil, "module.other.module.site.heroku_app.x", "", false},
		{nil, "heroku_app.x", "", false},
		{[]string{"a", "b"}, "module.site.heroku_app.x", "b", true},
		{[]string{"a", "b"}, "module.site.heroku_app.x", "c", false},
		{[]string{}, "module.site.heroku_app.x", "", false},
	} {
		u := unreadModule{tt.states, module}
		r := &herokutf.DriftReport{Objects: []herokutf.DriftObject{{Address: "heroku_app.y", State: "a"}, {Address: tt.address, State: tt.state}}, Notes: []string{"before"}}
		notes := r.Notes
		noteUnread(r, []unreadModule{u})
		want := []string{"before"}
		if tt.want {
			of := ""
			if len(tt.states) > 0 {
				of = " of a, b"
			}
			want = append(want, "what lifecycle.ignore_changes names in module.site"+of+" (acme/app/heroku) is not left out, as the module wasn't read: it isn't there")
		}
		if diff := cmp.Diff(want, r.Notes); diff != "" || len(notes) != 1 {
			t.Errorf("%s of %q (-want +got):\n%s", tt.address, tt.state, diff)
		}
	}
}

// TestHasConfig: what makes a folder one of a configuration.
func TestHasConfig(t *testing.T) {
	for name, want := range map[string]bool{"main.tf": true, "main.tf.json": true, "main.tofu": true, "main.tofu.json": true, "main.txt": false, "main.json": false, "main.tf.txt": false, "tf": false, "main.tf/": false, "": false} {
		dir := t.TempDir()
		var err error
		if folder, ok := strings.CutSuffix(name, "/"); ok {
			err = os.Mkdir(filepath.Join(dir, folder), 0o700)
		} else if name != "" {
			err = os.WriteFile(filepath.Join(dir, name), nil, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := hasConfig(dir); got != want {
			t.Errorf("%q: got %t", name, got)
		}
	}
	if hasConfig("none") {
		t.Error("a folder that isn't there has a configuration")
	}
}

// TestHome: how the files of a folder's state are shown, and which file is its state.
func TestHome(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"terraform.tfstate", "other.tfstate"} {
		if err := os.WriteFile(in(name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h := &home{location: terraform.Location{Dir: dir, Path: in("terraform.tfstate"), Backend: "local"}, flags: &folderFlags{dir: "d"}}
	outside := filepath.Join(filepath.Dir(dir), "x")
	for path, want := range map[string]string{"": "", in("a"): filepath.Join("d", "a"), in("..a"): filepath.Join("d", "..a"), outside: outside, filepath.Dir(dir): filepath.Dir(dir), dir: "d"} {
		if got := h.shown(path); got != want {
			t.Errorf("%s: shown as %s, want %s", path, got, want)
		}
	}
	for path, want := range map[string]bool{in("terraform.tfstate"): true, in("./terraform.tfstate"): true, in("other.tfstate"): false, in("none"): false} {
		if got := h.has(path); got != want {
			t.Errorf("%s is the state: %t", path, got)
		}
	}
	if got := h.file() + " " + h.name(); got != "terraform.tfstate "+filepath.Join("d", "terraform.tfstate") {
		t.Errorf("got %s", got)
	}
	h.location.Path = outside
	if got := h.file() + " " + h.name(); got != outside+" "+outside || h.has(in("none")) {
		t.Errorf("outside of the folder: got %s", got)
	}
	h.location = terraform.Location{Dir: dir, Backend: "http", Workspace: "default"}
	if h.has(in("terraform.tfstate")) || h.name() != h.location.String() {
		t.Errorf("elsewhere: %s", h.name())
	}
}

// TestUpdateOptions: whoever meets the lock of a write learns which verb holds it.
func TestUpdateOptions(t *testing.T) {
	e, _, _ := testEnv(t)
	if got := e.update("undo", time.Second); got.Operation != "herokutf undo" || got.LockTimeout != time.Second || got.Progress == nil {
		t.Errorf("got %+v", got)
	}
}

// TestEditHome: the state of a folder that another program changes each time is left to
// that program.
func TestEditHome(t *testing.T) {
	_, _, path := shop(t)
	dir := filepath.Dir(path)
	path = filepath.Join(dir, defaultState)
	if err := os.Rename(filepath.Join(dir, "shop.tfstate"), path); err != nil {
		t.Fatal(err)
	}
	e, _, _ := testEnv(t, "HEROKUTF_TERRAFORM=none")
	h, err := e.openFolder(&folderFlags{dir: dir}, 0)
	if err != nil {
		t.Fatal(err)
	}
	opts := terraform.UpdateOptions{Plan: terraform.PlanOff}
	calls, moves := 0, 1
	edit := func(f *statefile.File) (*statefile.File, error) {
		if calls++; calls <= moves {
			_, err := statefile.Update(t.Context(), path, statefile.UpdateOptions{}, func(f *statefile.File) (*statefile.File, error) {
				return f.Apply(statefile.ReplaceString(appName(t, f), "mean"+f.Serial()))
			})
			if err != nil {
				t.Fatal(err) // such as that it is locked
			}
		}
		return f.Apply(statefile.ReplaceString(appName(t, f), "other"+f.Serial()))
	}
	result, err := h.edit(t.Context(), opts, edit)
	if err != nil || calls != 2 || !result.Changed || result.OldSerial != "8" {
		t.Errorf("changed once: %d calls, %+v, %v", calls, result, err)
	}
	calls, moves = 0, maxEdits
	if _, err = h.edit(t.Context(), opts, edit); !errors.Is(err, errMoving) || calls != maxEdits || !strings.HasPrefix(err.Error(), "edit "+h.name()+": ") {
		t.Errorf("changed each time: %d calls, %v", calls, err)
	}
	if f, err := statefile.ReadFile(path); err != nil || !strings.HasPrefix(appName(t, f).Text(), "mean") {
		t.Errorf("another program's state was written over: %v", err)
	}
	failed := errors.New("no")
	if _, err = h.edit(t.Context(), opts, func(*statefile.File) (*statefile.File, error) { return nil, failed }); err != failed {
		t.Errorf("got %v", err)
	}
	calls, moves = 0, 0
	result, err = h.edit(t.Context(), opts, func(f *statefile.File) (*statefile.File, error) { calls++; return f, nil })
	if err != nil || result.Changed || calls != 1 {
		t.Errorf("nothing to change: %d calls, %+v, %v", calls, result, err)
	}
}
