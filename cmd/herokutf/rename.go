package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/internal/near"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
	"github.com/herokutf/herokutf/tfconfig"
)

// exitWouldChange is the exit code of a dry run that found something to do.
const exitWouldChange = 2

const renameHelp = `Rewrites a Terraform state after Heroku apps were renamed outside of Terraform.
Without OLD=NEW it finds the renames itself, by the apps' UUIDs; one that is
given is checked through the API. It edits only the fields in which the Heroku
provider keeps an app's name, raises the serial by one and keeps every other
byte. The state is that of this folder, or of --chdir, wherever its backend and
the selected workspace keep it, unless --state names a file. It is locked as
Terraform locks it, but not while Heroku is asked; it is backed up and read back
after the write, and herokutf undo puts it back.

Before the write Terraform makes a plan with the new state, where the folder is
initialized. One that destroys, replaces or creates a Heroku object is refused.

What must change in the configuration is listed, and edited with
--write-config, after the state was written. It is that of the folder; for a
state that is named with --state, --config says where it is.`

type renameOptions struct {
	*env
	folderFlags
	state       string
	planCheck   string
	appIDs      []string
	toIDs       bool
	offline     bool
	dryRun      bool
	writeConfig bool
	format      string
	config      string
	lockTimeout time.Duration

	renames []herokutf.Rename // the arguments
	ids     map[string]string // --app-id: UUIDs by name
}

func newRenameCmd(e *env, standIn func(context.Context, *renameOptions) error) *cobra.Command {
	o := &renameOptions{env: e}
	cmd := &cobra.Command{
		Use:        "rename [flags] [OLD=NEW...]",
		Short:      "Repair a state after apps were renamed",
		Long:       renameHelp,
		SuggestFor: []string{"repair-rename", "repair", "mv"},
		Example: `herokutf rename --dry-run
herokutf rename shop-old=shop --write-config
herokutf rename --offline a=b b=a
herokutf rename --chdir production --var-file production.tfvars`,
		Annotations: map[string]string{exitCodes: `0  repaired, or nothing to do
1  error, and nothing was written
2  with --dry-run, something would change`},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	flags := cmd.Flags()
	o.folderFlags.bind(cmd)
	o.bindVars(cmd)
	bindState(cmd, &o.state, "the state `FILE`, if it isn't that of the folder; - reads standard input and writes the new state to standard output")
	bindPlanCheck(cmd, &o.planCheck, "how much a plan with the new state counts, as `MODE`: auto makes one wherever the folder is initialized; require refuses where none can be made; off makes none")
	flags.StringArrayVar(&o.appIDs, "app-id", nil, "the UUID of an app of which the state proves none, `NAME=UUID`; NAME is the one in the state (repeatable)")
	flags.BoolVar(&o.toIDs, "to-ids", false, "convert to the form of provider 5, where apps are kept by UUID")
	flags.BoolVar(&o.offline, "offline", false, "ask no API: trust OLD=NEW; web_url stays as it is")
	flags.BoolVar(&o.dryRun, "dry-run", false, "show what would change and write nothing; exit code 2 if there is something")
	flags.BoolVar(&o.writeConfig, "write-config", false, "edit the literals in the configuration, too")
	bindFormat(cmd, &o.format, "print the result as `FORMAT`: text or json", formatText, formatJSON)
	bindConfig(cmd, &o.config, "the folder `DIR` of the Terraform configuration (default: that of the folder, if the state is its own)")
	bindLockTimeout(cmd, &o.lockTimeout, "how long to wait for the state's lock, as `D`, such as 30s")
	complete(cmd, "app-id")
	cmd.RunE = runs(e, o, (*renameOptions).check, renameRun, standIn)
	return cmd
}

// check holds the flags against each other and parses the renames and the UUIDs
// by app name.
func (o *renameOptions) check(args []string) error {
	o.ids = make(map[string]string)
	for _, s := range o.appIDs {
		app, id, ok := strings.Cut(s, "=")
		if !ok || app == "" || id == "" {
			return fmt.Errorf("--app-id %q: it is NAME=UUID", s)
		}
		o.ids[app] = id
	}
	for _, s := range args {
		old, new, ok := strings.Cut(s, "=")
		if !ok {
			return fmt.Errorf("unexpected argument %s: a rename is OLD=NEW; a state is named with --state", printable.Path(s))
		}
		o.renames = append(o.renames, herokutf.Rename{ID: o.ids[old], Old: old, New: new})
	}
	for app := range o.ids {
		if o.offline && !o.toIDs && !slices.ContainsFunc(o.renames, func(r herokutf.Rename) bool { return r.Old == app }) {
			hint := ""
			if alike := near.Names(app, o.olds()); alike != nil {
				hint = fmt.Sprintf("; did you mean %q?", alike[0])
			}
			return fmt.Errorf("--app-id %s: no rename is of that name%s", app, hint)
		}
	}
	switch {
	case o.offline && len(o.renames) == 0 && !o.toIDs:
		return errors.New("--offline needs OLD=NEW: only the API knows what was renamed")
	case o.config != "" && (o.dir != "" || o.state == ""):
		return errConfig
	case o.state != "" && o.planCheck == string(terraform.PlanRequire):
		return errors.New("--plan-check require goes without --state: no folder is known to plan in")
	}
	o.place = place{o.dir, o.state, o.config}
	o.state = o.inDir(o.state)
	return nil
}

// olds returns the names of the apps that are renamed.
func (o *renameOptions) olds() []string {
	var names []string
	for _, r := range o.renames {
		names = append(names, r.Old)
	}
	return names
}

// A renaming is a run of the verb.
type renaming struct {
	*renameOptions
	home   *home            // nil: the state is named with --state
	client *platform.Client // nil: offline
	config *tfconfig.Config // nil: none
	report renameReport
}

func renameRun(ctx context.Context, o *renameOptions) error {
	r := renaming{renameOptions: o}
	r.report = renameReport{env: o.env, dryRun: o.dryRun, toIDs: o.toIDs, offline: o.offline, state: o.state, file: o.place.state}
	var err error
	if o.state == "" {
		if r.home, err = o.openFolder(&o.folderFlags, o.lockTimeout); err != nil {
			return err
		}
		r.report.state = r.home.name()
		if r.home.location.Local() {
			r.report.file = r.home.file()
		}
	}
	if !o.offline {
		if r.client, err = o.client("rename", nil); err != nil {
			return err
		}
	}
	if r.config, err = o.loadConfig(); err != nil {
		return err
	}
	o.progress.Start()
	if r.home != nil {
		err = r.home.advise(r.inHome(ctx))
	} else {
		err = o.adviseRecovery(r.repair(ctx, o.state), o.state)
	}
	if err != nil {
		return err
	}
	return r.deliver(o.state)
}

// loadConfig reads the configuration that the state is of; nil if none is known.
// One that wasn't asked for may be broken.
func (o *renameOptions) loadConfig() (*tfconfig.Config, error) {
	dir := cmp.Or(o.dir, ".")
	switch {
	case o.writeConfig:
		return configToWrite(o.config, dir)
	case o.config != "":
		return tfconfig.Load(o.config)
	case o.state != "" || !hasConfig(dir):
		return nil, nil
	}
	config, err := tfconfig.Load(dir)
	if err != nil {
		o.printer.Warn(fmt.Sprintf("what must change in the configuration is not listed: %v", err))
		return nil, nil
	}
	return config, nil
}

// repair makes the edits, where they are to be made.
func (r *renaming) repair(ctx context.Context, path string) error {
	edit := func(f *statefile.File) (*statefile.File, error) { return r.edit(ctx, f) }
	switch {
	case path == "-":
		data, err := r.readStdin(ctx)
		if err != nil {
			return err
		}
		f, err := statefile.Parse(stateName(path), data)
		if err != nil {
			return err
		}
		after, err := edit(f)
		if err == nil {
			err = r.applyConfig()
		}
		if err != nil || r.dryRun {
			return err
		}
		// What follows in the pipe takes the state for granted, so it comes
		// last of all that can fail.
		if err := r.write(after.Bytes()); err != nil {
			return fmt.Errorf("write the state to standard output: %w", err)
		}
		return nil
	case r.dryRun:
		f, err := readWritable(path)
		if err != nil {
			return r.adviseMissing(err)
		}
		_, err = edit(f)
		return err
	}
	write := r.editState
	if r.client == nil {
		// Nobody is asked, so the lock isn't held for long.
		write = r.editLocked
	}
	result, err := write(ctx, path, "rename", r.lockTimeout, edit)
	if err != nil {
		return err
	}
	r.report.backup, r.report.undo = result.Backup, r.self("undo")
	return nil
}

// readWritable reads a state for a dry run, which meets what would keep a write
// from beginning.
func readWritable(path string) (*statefile.File, error) {
	interrupted, err := statefile.Pending(path)
	if err != nil {
		return nil, err
	}
	if interrupted != nil {
		return nil, &statefile.InterruptedError{Interrupted: *interrupted}
	}
	return statefile.ReadFile(path)
}

// edit repairs a state and notes what it did.
func (r *renaming) edit(ctx context.Context, f *statefile.File) (*statefile.File, error) {
	var after *statefile.File
	repair, err := r.plan(ctx, f)
	if err == nil {
		after, err = repair.Apply()
	}
	if err != nil {
		return nil, err
	}
	r.report.legacy = repair.Legacy
	r.report.repair, r.report.before, r.report.after = repair, f.Serial(), after.Serial()
	if err := r.inConfig(f, repair); err != nil {
		return nil, err
	}
	if r.writeConfig {
		if err := checkEdits(r.report.config.edits); err != nil {
			return nil, err
		}
	}
	return after, nil
}

// plan asks the library what has to change in f.
func (r *renaming) plan(ctx context.Context, f *statefile.File) (*herokutf.Repair, error) {
	found, err := r.survey(ctx, f)
	if err != nil {
		return nil, err
	}
	r.report.notes = found.Notes
	upgrade := herokutf.UpgradeOptions{Renames: found.Renames, AppIDs: r.ids, AddonIDs: found.AddonIDs, Seen: r.seen(f)}
	if !r.toIDs {
		return herokutf.RepairNames(f, upgrade)
	}
	if r.client != nil {
		if upgrade.AppIDs, err = herokutf.LookupAppIDs(ctx, r.client, f, upgrade); err != nil {
			return nil, err
		}
	}
	return herokutf.UpgradeAppIDs(f, upgrade)
}

// survey returns the renames, those given, as the API knows them, or what it
// finds, and what else Heroku says about names of the state.
func (r *renaming) survey(ctx context.Context, f *statefile.File) (*herokutf.Survey, error) {
	if r.client == nil {
		return &herokutf.Survey{Renames: r.renames}, nil
	}
	found, err := herokutf.SurveyNames(ctx, r.client, f, herokutf.UpgradeOptions{Renames: r.renames, AppIDs: r.ids})
	if err != nil && found != nil && len(found.Renames) > 0 {
		// Some apps can't be judged, others were renamed: what was found can be
		// asked for.
		err = ui.Advise(err, "what was found can be repaired by itself: "+r.self("rename")+arguments(found.Renames))
	}
	if err != nil {
		return nil, err
	}
	return found, nil
}

// seen returns what shows, beside the state f, that an app had the old name of a
// rename: a backup of the state that has it, or the configuration.
func (r *renaming) seen(f *statefile.File) func(herokutf.Rename) bool {
	return func(rename herokutf.Rename) bool {
		if r.config != nil && (slices.ContainsFunc(r.config.RenamePlaces(tfconfig.AppRename{Old: rename.Old, New: rename.New}),
			func(p tfconfig.Place) bool { return p.Old == rename.Old && p.Kind != tfconfig.KindMention }) ||
			// The app's own block, which a repair in a pipe has left behind.
			slices.ContainsFunc(r.config.RenamePlaces((&herokutf.Repair{File: f, Renames: []herokutf.Rename{rename}}).AppRenames()...),
				func(p tfconfig.Place) bool { return p.Editable })) {
			return true
		}
		return slices.ContainsFunc(r.backups(), func(path string) bool {
			before, err := statefile.ReadFile(path)
			if err != nil || before.Lineage() != f.Lineage() {
				return false
			}
			repair, err := herokutf.RepairRename(before, herokutf.Rename{Old: rename.Old, New: rename.New})
			return err == nil && len(repair.Done) == 0
		})
	}
}

// backups returns the paths of the state's backups; none is no fault.
func (r *renaming) backups() []string {
	var paths []string
	path := r.state
	if r.home != nil {
		backups, _ := r.home.Backups("")
		for _, b := range backups {
			paths = append(paths, b.Path)
		}
		path = r.home.location.Path
	} else if path != "-" {
		backups, _ := statefile.Backups(path)
		for _, b := range backups {
			paths = append(paths, b.Path)
		}
	}
	if path != "" && path != "-" {
		paths = append(paths, path+".backup") // Terraform's own
	}
	return paths
}

// arguments spells renames as the arguments that ask for them.
func arguments(renames []herokutf.Rename) string {
	var b strings.Builder
	for _, r := range renames {
		fmt.Fprintf(&b, " %s=%s", r.Old, r.New)
	}
	return b.String()
}

// applyConfig makes the edits of the configuration if that is asked for and
// hasn't been done.
func (r *renaming) applyConfig() error {
	if !r.writeConfig || r.dryRun || r.report.config.written || len(r.report.config.edits) == 0 {
		return nil
	}
	if err := r.writeEdits(r.report.config.edits, r.report.backup, r.format, "the state is repaired"); err != nil {
		return err
	}
	r.report.config.written = true
	return nil
}

// deliver edits the configuration and prints the report.
func (r *renaming) deliver(path string) error {
	configErr := r.applyConfig()
	w := r.Stdout
	if path == "-" && !r.dryRun {
		w = r.Stderr // standard output is the new state's alone
	}
	var err error
	text := r.report.text(r.style(w))
	if r.format == formatJSON {
		text, err = r.report.json()
	}
	if err := r.printResult(w, r.format, text, err); err != nil {
		return err
	}
	if configErr != nil {
		return configErr
	}
	if r.dryRun && r.report.wouldChange(r.writeConfig) {
		return exitCode(exitWouldChange)
	}
	return nil
}
