package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
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
refused, therefore; --force goes back to a BACKUP all the same. No plan is made
and the configuration isn't touched: terraform plan says what comes next.`

type undoOptions struct {
	*env
	folderFlags
	state       string
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
	bindState(cmd, &o.state, "the state `FILE`, if it isn't that of the folder")
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
	case o.force && o.backup == "":
		return errors.New("--force goes with BACKUP: name the one to go back to; herokutf undo --list shows them")
	}
	o.state = o.inDir(o.state)
	return noArgs(args, "")
}

func undoRun(ctx context.Context, o *undoOptions) error {
	if o.list {
		return o.printList()
	}
	state, result, err := o.undo(ctx)
	if err != nil {
		return err
	}
	text := undoText(state, result, o.dryRun)
	if o.format == formatJSON {
		doc := newRenameJSON(result.OldSerial, result.NewSerial, result.Backup)
		doc.Restored = result.Restored
		if text, err = doc.String(); err != nil {
			return err
		}
	}
	return o.print(o.Stdout, text)
}

// undo restores the state, and returns it as messages name it.
func (o *undoOptions) undo(ctx context.Context) (state string, result *statefile.Result, err error) {
	if o.state != "" {
		opts := o.update("undo", o.lockTimeout)
		opts.Force = o.force
		if o.dryRun {
			result, err = statefile.PlanUndo(o.state, o.backup, opts)
		} else {
			o.progress.Start()
			result, err = statefile.Undo(ctx, o.state, o.backup, opts)
		}
		return o.state, result, adviseRecovery(named(err, o.state), o.state)
	}
	h, err := o.openFolder(&o.folderFlags, o.lockTimeout)
	if err != nil {
		return "", nil, err
	}
	backup := o.backup
	if _, err := os.Stat(backup); err != nil {
		backup = o.inDir(backup) // it may be as --list shows it
	}
	o.progress.Start()
	done, err := h.Undo(ctx, backup, terraform.UpdateOptions{Plan: terraform.PlanOff, DryRun: o.dryRun, Force: o.force, Operation: "herokutf undo"})
	if done == nil {
		return "", nil, h.advise(h.named(err))
	}
	return h.name(), &statefile.Result{Changed: done.Changed, OldSerial: done.OldSerial, NewSerial: done.NewSerial,
		Backup: h.shown(done.Backup), Restored: h.shown(done.Restored), RestoredSerial: done.RestoredSerial}, err
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
			backups = append(backups, backupJSON{b.Path, b.Serial, b.Time})
		}
		return o.state, backups, err
	}
	h, err := o.openFolder(&o.folderFlags, 0)
	if err != nil {
		return "", nil, err
	}
	found, err := h.Backups("")
	for _, b := range found {
		backups = append(backups, backupJSON{h.shown(b.Path), b.Serial, b.Time})
	}
	return h.name(), backups, err
}

// undoText says what was put back, or would be.
func undoText(path string, result *statefile.Result, dryRun bool) string {
	if !result.Changed {
		return fmt.Sprintf("%s: nothing to do; it is what %s holds\n", path, result.Restored)
	}
	var b strings.Builder
	if dryRun {
		fmt.Fprintf(&b, "%s: %s to put back, serial %s -> %s; nothing was written\n", path, result.Restored, result.OldSerial, result.NewSerial)
	} else {
		fmt.Fprintf(&b, "%s: %s put back, serial %s -> %s\n", path, result.Restored, result.OldSerial, result.NewSerial)
		fmt.Fprintf(&b, "backup: %s\n", result.Backup)
		fmt.Fprintf(&b, "next:   take back what the same run wrote into the configuration (with --write-config, or adopt), then terraform plan\n")
	}
	return b.String()
}

// backupJSON is a backup in the JSON of undo --list.
type backupJSON struct {
	Path   string    `json:"path"`
	Serial string    `json:"serial"` // "" when the name doesn't have it
	Time   time.Time `json:"time"`
}

// printList lists the backups of the state.
func (o *undoOptions) printList() error {
	state, backups, err := o.backups()
	if err != nil {
		return err
	}
	if o.format == formatJSON {
		doc := struct {
			FormatVersion string       `json:"format_version"`
			Backups       []backupJSON `json:"backups"`
		}{"1.0", slices.Concat([]backupJSON{}, backups)} // never null
		text, err := ui.JSON(doc)
		if err != nil {
			return err
		}
		return o.print(o.Stdout, text)
	}
	var b strings.Builder
	for _, backup := range backups {
		fmt.Fprintf(&b, "%s  serial %-6s  %s\n", backup.Time.UTC().Format("2006-01-02 15:04:05 UTC"), backup.Serial, backup.Path)
	}
	if len(backups) == 0 {
		fmt.Fprintf(&b, "%s: there is no backup of it\n", state)
	}
	return o.print(o.Stdout, b.String())
}
