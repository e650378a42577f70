package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
)

const undoHelp = `Restores a state from a backup that herokutf made: the one that was made before
the last write, by its serial, or BACKUP. The state is that of this folder, or
of --chdir, wherever it is kept, unless --state names a file. Every byte becomes
that of the backup, except for the serial, which is raised, so that Terraform
takes the result for the newer state. What is replaced is backed up, too: a
second undo undoes the first.

Undo is for edits, not for applies: Terraform doesn't know afterwards what it
has created or destroyed since the backup. A state that has moved on since is
refused, therefore; --force goes back to a BACKUP all the same.

Where the folder is initialized, a plan says what Terraform would do with the
state that is put back. It is shown, and is no reason not to go back, since a
state from before a repair is one that Terraform plans harm for, or can't plan
for; --plan-check require refuses these. The configuration isn't touched: the
files that the same run has edited are named.`

type undoOptions struct {
	*env
	folderFlags
	state       string
	planCheck   string
	backup      string // the argument, "" for that before the last write
	list        bool
	dryRun      bool
	force       bool
	format      string
	lockTimeout time.Duration
}

func newUndoCmd(e *env, standIn func(context.Context, *undoOptions) error) *cobra.Command {
	o := &undoOptions{env: e}
	cmd := &cobra.Command{
		Use:        "undo [flags] [BACKUP]",
		Short:      "Restore a state from a backup",
		Long:       undoHelp,
		SuggestFor: []string{"revert", "restore", "rollback"},
		Example: `herokutf undo --list
herokutf undo --dry-run
herokutf undo --state production.tfstate`,
		Annotations: map[string]string{exitCodes: `0  restored, or nothing to do
1  error, and nothing was changed`},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			_, backups, err := o.backups()
			if err != nil || len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var words []string
			for _, b := range backups {
				words = append(words, b.Path)
			}
			return words, cobra.ShellCompDirectiveKeepOrder
		},
	}
	o.folderFlags.bind(cmd)
	o.bindVars(cmd)
	bindState(cmd, &o.state, "the state `FILE`, if it isn't that of the folder")
	bindPlanCheck(cmd, &o.planCheck, "how much a plan with the state that is put back counts, as `MODE`: auto shows one wherever it can be made; require refuses where none can be made, or it destroys, replaces or creates Heroku objects; off makes none")
	flags := cmd.Flags()
	flags.BoolVar(&o.list, "list", false, "list the backups, the newest first, and restore none")
	flags.BoolVar(&o.dryRun, "dry-run", false, "show what would be restored, and write nothing")
	flags.BoolVar(&o.force, "force", false, "with BACKUP: go back to it although the state has moved on since, and lose what came after")
	bindFormat(cmd, &o.format, "print the result as `FORMAT`: text or json", formatText, formatJSON)
	bindLockTimeout(cmd, &o.lockTimeout, "how long to wait for the state's lock, as `D`, such as 30s")
	cmd.RunE = runs(e, o, (*undoOptions).check, undoRun, standIn)
	return cmd
}

func (o *undoOptions) check(args []string) error {
	if len(args) > 0 {
		o.backup, args = args[0], args[1:]
	}
	switch {
	case o.state == "-":
		return errors.New("--state -: an undo needs a state file with its backups beside it, not standard input")
	case o.list && (o.dryRun || o.backup != ""):
		return errors.New("--list goes without --dry-run and BACKUP")
	case o.state != "" && o.planCheck == string(terraform.PlanRequire):
		return errors.New("--plan-check require goes without --state: no folder is known to plan in")
	case o.force && o.backup == "":
		return errors.New("--force goes with BACKUP: name the one to go back to; herokutf undo --list shows them")
	}
	o.place = place{dir: o.dir, state: o.state}
	o.state = o.inDir(o.state)
	return noArgs(args, "")
}

func undoRun(ctx context.Context, o *undoOptions) error {
	if o.list {
		return o.printList()
	}
	done, err := o.undo(ctx)
	if err != nil {
		return err
	}
	text := done.text(o.env)
	if o.format == formatJSON {
		if none := done.result.NoPlan; failed(none) {
			o.printer.Warn(fmt.Sprintf("with this state a plan fails: %v", none.Err))
		}
		text, err = done.json()
	}
	return o.printResult(o.Stdout, o.format, text, err)
}

// undo restores the state.
func (o *undoOptions) undo(ctx context.Context) (*undoReport, error) {
	if o.state != "" {
		opts := o.update("undo", o.lockTimeout)
		opts.Force = o.force
		var result *statefile.Result
		var err error
		if o.dryRun {
			result, err = statefile.PlanUndo(o.state, o.backup, opts)
		} else {
			o.progress.Start()
			result, err = statefile.Undo(ctx, o.state, o.backup, opts)
		}
		if err != nil {
			return nil, o.adviseRecovery(named(err, o.state), o.state)
		}
		return o.done(o.state, &terraform.Result{Changed: result.Changed, OldSerial: result.OldSerial, NewSerial: result.NewSerial,
			Backup: result.Backup, Restored: result.Restored}), nil
	}
	h, err := o.openFolder(&o.folderFlags, o.lockTimeout)
	if err != nil {
		return nil, err
	}
	backup := o.backup
	if _, err := os.Stat(backup); err != nil {
		backup = o.inDir(backup) // it may be as --list shows it
	}
	o.progress.Start()
	opts := terraform.UpdateOptions{Plan: terraform.PlanCheck(o.planCheck), DryRun: o.dryRun, Force: o.force, Operation: "herokutf undo"}
	if opts.Plan == terraform.PlanRequire {
		opts.Judge = func(plan *tfjson.Plan) error {
			return refuseHarm(plan, "with the state that is put back Terraform would", "--plan-check auto goes back all the same.")
		}
	}
	result, err := h.Undo(ctx, backup, opts)
	if err != nil {
		return nil, h.advise(h.named(err))
	}
	result.Backup, result.Restored = h.shown(result.Backup), h.shown(result.Restored)
	return o.done(h.name(), result), nil
}

// done is what was done, with the files that were edited along with what was taken
// back.
func (o *undoOptions) done(state string, result *terraform.Result) *undoReport {
	files, err := statefile.Edited(result.Restored)
	if err != nil {
		o.printer.Warn(fmt.Sprintf("which files of the configuration were edited with the state isn't known: %v", err))
	}
	return &undoReport{state, result, files, o.dryRun}
}

// named says which state has moved on, if that is what err is about.
func named(err error, state string) error {
	if moved, ok := err.(*statefile.MovedOnError); ok {
		return fmt.Errorf("undo %s: %w", state, moved)
	}
	return err
}

// named is named for a state of a folder.
func (h *home) named(err error) error {
	if moved, ok := errors.AsType[*statefile.MovedOnError](err); ok {
		moved.Backup = h.shown(moved.Backup)
	}
	return named(err, h.name())
}

// backups returns the state as messages name it, and its backups, the newest first.
func (o *undoOptions) backups() (state string, backups []backupJSON, err error) {
	if o.state != "" {
		found, err := statefile.Backups(o.state)
		for _, b := range found {
			backups = append(backups, o.listed(b.Path, b.Serial, b.Time))
		}
		return o.state, backups, err
	}
	h, err := o.openFolder(&o.folderFlags, 0)
	if err != nil {
		return "", nil, err
	}
	found, err := h.Backups("")
	for _, b := range found {
		backups = append(backups, o.listed(h.shown(b.Path), b.Serial, b.Time))
	}
	return h.name(), backups, err
}

// listed is one of them. A note that can't be read is passed over with a warning.
func (o *undoOptions) listed(path, serial string, at time.Time) backupJSON {
	files, err := statefile.Edited(path)
	if err != nil && o.list {
		o.printer.Warn(err.Error())
	}
	return backupJSON{path, serial, at, files}
}
