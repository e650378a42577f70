package terraform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/statefile"
)

// Undo puts the folder's state back to a backup that [Folder.Update] or Undo made: its
// content, with a serial above that of the state now, since Terraform takes nothing
// else. It goes the same way as Update, with a plan and with a backup of what it
// replaces, so that it can be undone. With PlanAuto a plan that can't be made, or fails,
// doesn't stand in the way of going back, since a state from before a repair is often
// one that can't be planned: Result.NoPlan says why there is none. With "" it takes the backup whose successor the
// state is, by its serial and not by the clock; of a local state, the one that
// [statefile.Undo] takes.
//
// A state that was written again since, or of which that isn't known, is refused with
// [ErrMovedOn]: what came after would be lost. opts.Force goes back all the same; with ""
// to the backup with the highest serial, and only to one that is named if the state is a
// local one. What was created or destroyed since, no undo
// brings back.
//
// Errors: those of Update; [statefile.ErrNoBackup]; [*statefile.MovedOnError], of a remote state
// in an [*UpdateError];
// [*statefile.LineageError] for the backup of another state, which opts.Force doesn't
// help against; those of [statefile.ReadFile] for the backup; of a local state those of
// [statefile.Undo].
func (f *Folder) Undo(ctx context.Context, backup string, opts UpdateOptions) (*Result, error) {
	if f.inPlace() {
		return f.undoLocal(ctx, backup, opts)
	}
	var restored, serial string
	u := &update{f: f, opts: opts, lenient: true}
	u.edit = func(now *statefile.File) (*statefile.File, error) {
		old, err := f.chooseBackup(now, backup, opts.Force)
		if err != nil {
			return nil, err
		}
		restored, serial = old.Name(), old.Serial()
		if same(old, now) {
			return now, nil
		}
		return old.RaiseSerial(now.Name(), now.Serial())
	}
	result, err := u.remote(ctx)
	if result != nil {
		result.Restored, result.RestoredSerial = restored, serial
	}
	return result, err
}

// chooseBackup reads the backup that the state is to go back to.
func (f *Folder) chooseBackup(now *statefile.File, path string, force bool) (*statefile.File, error) {
	next := ""
	if path == "" {
		b, err := f.newestBackup(now)
		if err != nil {
			return nil, err
		}
		path, next = b.Path, b.Next
	} else if b, ok := parseBackupName(filepath.Base(path)); ok {
		next = b.Next
	}
	old, err := statefile.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &statefile.FileError{Path: path, Err: fmt.Errorf("%w: %w", statefile.ErrNoBackup, err), Hint: "Give the path of a backup that is there."}
	}
	if err != nil {
		return nil, fmt.Errorf("read backup: %w", err)
	}
	if old.Lineage() != now.Lineage() {
		return nil, &statefile.LineageError{Path: f.location.String(), Lineage: now.Lineage(), Other: path, OtherLin: old.Lineage(),
			Hint: "The backup is one of another state, which was created anew since or elsewhere. Nothing was changed."}
	}
	if !force && next != now.Serial() && !same(old, now) {
		return nil, f.movedOn(now, old, next)
	}
	return old, nil
}

// newestBackup returns the backup whose successor the state is, else the one with the
// highest serial.
func (f *Folder) newestBackup(now *statefile.File) (Backup, error) {
	backups, err := f.Backups(now.Lineage())
	if err != nil {
		return Backup{}, err
	}
	if backups == nil {
		return Backup{}, &UpdateError{State: f.location.String(), Err: statefile.ErrNoBackup,
			Hint: "No copy made by this program is in " + f.backupsDir() + ". Give the path of one."}
	}
	best := backups[0]
	for _, b := range backups {
		if b.Next == now.Serial() {
			return b, nil
		}
		if statefile.CompareSerials(b.Serial, best.Serial) > 0 {
			best = b
		}
	}
	return best, nil // which is refused by its own name, unless it is forced
}

func (f *Folder) movedOn(now, old *statefile.File, next string) error {
	e := statefile.NewMovedOnError(old, now, next)
	if next == "" {
		e.Hint = "The run that made the backup didn't end, or somebody else's followed at once. Compare the backup with terraform state pull, and go back all the same by force."
	}
	return &UpdateError{State: f.location.String(), Backup: old.Name(), Err: e, Hint: e.Hint}
}

// undoLocal puts a local state back.
func (f *Folder) undoLocal(ctx context.Context, backup string, opts UpdateOptions) (result *Result, err error) {
	u := &update{f: f, opts: opts, lenient: true}
	if err := f.checkPresent(); err != nil {
		return nil, err
	}
	if err := u.begin(); err != nil {
		return nil, err
	}
	defer u.end(&err)
	if opts.DryRun {
		return u.undoDry(ctx, backup)
	}
	var plan *tfjson.Plan
	local := f.localOptions(opts)
	local.Check = u.check(ctx, &plan)
	done, err := statefile.Undo(ctx, f.location.Path, backup, local)
	if done == nil {
		return nil, err
	}
	return u.localResult(done, plan), err
}

// undoDry says what undoLocal would do.
func (u *update) undoDry(ctx context.Context, backup string) (*Result, error) {
	would, err := statefile.PlanUndo(u.f.location.Path, backup, u.f.localOptions(u.opts))
	if err != nil {
		return nil, err
	}
	if !would.Changed {
		return u.localResult(would, nil), nil
	}
	old, err := statefile.ReadFile(would.Restored)
	if err == nil {
		old, err = old.RaiseSerial(u.f.location.Path, would.OldSerial)
	}
	var plan *tfjson.Plan
	if err == nil {
		plan, err = u.judge(ctx, old)
	}
	if err != nil {
		return nil, err
	}
	return u.localResult(would, plan), nil
}
