package main

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/statefile"
)

const undoHelp = `Restores a state from a backup: the newest one that herokutf made and that
differs from the state, or BACKUP. Every byte becomes that of the backup, except
for the serial, which is raised, so that Terraform takes the result for the
newer state. What is replaced is backed up, too: a second undo undoes the first.

Undo is for edits, not for applies: Terraform doesn't know afterwards what it
has created or destroyed since the backup.`

type undoOptions struct {
	*env
	state       string
	backup      string // the argument, "" for the newest
	list        bool
	dryRun      bool
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
			backups, err := statefile.Backups(o.path())
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
	bindState(cmd, &o.state, "the state `FILE`")
	flags := cmd.Flags()
	flags.BoolVar(&o.list, "list", false, "list the backups, the newest first, and restore none")
	flags.BoolVar(&o.dryRun, "dry-run", false, "show what would be restored, and write nothing")
	bindFormat(cmd, &o.format, "print the result as `FORMAT`: text or json", formatText, formatJSON)
	bindLockTimeout(cmd, &o.lockTimeout, "how long to wait for the state's lock, as `D`, such as 30s")
	cmd.RunE = runs(e, o, (*undoOptions).check, undoRun, standIn)
	return cmd
}

func (o *undoOptions) path() string {
	if o.state == "" {
		return defaultState
	}
	return o.state
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
	}
	return noArgs(args, "")
}

func undoRun(ctx context.Context, o *undoOptions) error {
	path := o.path()
	if o.list {
		return o.printList(path)
	}
	var result *statefile.Result
	var err error
	if o.dryRun {
		result, err = statefile.PlanUndo(path, o.backup, statefile.UpdateOptions{})
	} else {
		o.progress.Start()
		result, err = statefile.Undo(ctx, path, o.backup, o.update("undo", o.lockTimeout))
	}
	if err != nil {
		return adviseRecovery(err, path)
	}
	text := undoText(path, result, o.dryRun)
	if o.format == formatJSON {
		doc := newRenameJSON(result.OldSerial, result.NewSerial, result.Backup)
		doc.Restored = result.Restored
		if text, err = doc.String(); err != nil {
			return err
		}
	}
	return o.print(o.Stdout, text)
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
	}
	if since := writesSince(result.RestoredSerial, result.OldSerial); since != "" {
		goes, has := "went", "the backup has what they wrote"
		if dryRun {
			goes, has = "would go", "the backup would have what they wrote"
		}
		fmt.Fprintf(&b, "warning: %s written after the repair, by Terraform or others, %s back as well; %s\n", since, goes, has)
	}
	return b.String()
}

// writesSince says how many revisions of the state, counted by their serials,
// came after the one that followed a backup; "" if none did.
func writesSince(backup, undone string) string {
	was, ok1 := new(big.Int).SetString(backup, 10)
	is, ok2 := new(big.Int).SetString(undone, 10)
	if !ok1 || !ok2 {
		return ""
	}
	since := is.Sub(is, was)
	switch since.Sub(since, big.NewInt(1)); {
	case since.Sign() <= 0:
		return ""
	case since.IsInt64() && since.Int64() == 1:
		return "1 revision"
	}
	return since.String() + " revisions"
}

// backupJSON is a backup in the JSON of undo --list.
type backupJSON struct {
	Path   string    `json:"path"`
	Serial string    `json:"serial"` // "" when the name doesn't have it
	Time   time.Time `json:"time"`
}

// printList lists the backups of a state.
func (o *undoOptions) printList(path string) error {
	backups, err := statefile.Backups(path)
	if err != nil {
		return err
	}
	if o.format == formatJSON {
		doc := struct {
			FormatVersion string       `json:"format_version"`
			Backups       []backupJSON `json:"backups"`
		}{"1.0", []backupJSON{}}
		for _, b := range backups {
			doc.Backups = append(doc.Backups, backupJSON{b.Path, b.Serial, b.Time})
		}
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
		fmt.Fprintf(&b, "%s: no backup is beside it\n", path)
	}
	return o.print(o.Stdout, b.String())
}
