package terraform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// UpdateOptions says what [Folder.Update] and [Folder.Undo] do besides writing the
// state. The zero value works: it makes a plan wherever it can, and accepts any.
type UpdateOptions struct {
	// Plan says whether the new state is planned before it is written. It defaults
	// to PlanAuto.
	Plan PlanCheck
	// Judge, if set, is given the plan. An error ends the verb before anything is
	// written, and is returned as it is. Of a plan that changes nothing at all, outputs
	// among it, there are the managed objects with the action no-op, and neither values
	// nor variables nor the configuration: to have terraform write those down takes as
	// long as a small plan.
	Judge func(*tfjson.Plan) error
	// Files, if set, is asked, after each edit, for the files of the configuration
	// that will be written with the state, so that the plan is made with them. They
	// aren't written.
	Files func() []tfconfig.FileEdit
	// Before, if set, is called when the plan was accepted, right before the state is
	// written, for what must be there first; in a dry run it isn't. Where others write
	// the state meanwhile it is called once more. An error ends the verb, the state isn't
	// written, and the error is returned as it is.
	Before func() error
	// Initial, if set, is what the edit of Update is given where there is no state yet:
	// no file or an empty one, or nothing that the backend has. Make it with
	// [statefile.New]. It is what the backup holds then, and what Undo goes back to. With
	// nil Update ends with ErrNoState there.
	Initial *statefile.File
	// DryRun does everything but write the state and its backup.
	DryRun bool
	// Force lets Undo go back also when the state was written again since.
	Force bool
	// Operation is shown to whoever meets the lock of a local state. It defaults to
	// "herokutf".
	Operation string
	// Watch is for how long, after a write, a backend without locks is watched for
	// an apply that was under way and overwrites it. It defaults to 10 seconds; with
	// a negative one the state is read once, as it is where there are locks. An apply
	// that goes on for longer can't be seen.
	Watch time.Duration
}

// Stage is a part of a verb.
type Stage string

// The stages, in the order they come in.
const (
	StagePulling   Stage = "pulling"   // reading the state
	StagePlanning  Stage = "planning"  // making a plan of the new state
	StageBackup    Stage = "backup"    // saving the old state
	StagePushing   Stage = "pushing"   // writing the new state; can't be cancelled any more
	StageVerifying Stage = "verifying" // reading it again
	StageWatching  Stage = "watching"  // the same once more after a while: the backend has no locks
	StageRetrying  Stage = "retrying"  // others wrote the state meanwhile: beginning anew
	StageDone      Stage = "done"
)

// Progress says what a verb is about to do.
type Progress struct {
	Stage    Stage
	Location Location
	Attempt  int           // of writing a state, from 1; 0 elsewhere
	Next     time.Duration // until the next reading, while watching
}

func (o Options) progress(p Progress) {
	if o.Progress != nil {
		o.Progress(p)
	}
}

// Result says what [Folder.Update] or [Folder.Undo] did.
type Result struct {
	Location Location
	// Changed says whether the state was written; in a dry run, whether it would
	// be.
	Changed   bool
	OldSerial string // of the state before
	// NewSerial is that of the state now, or of the new state in a dry run. Terraform
	// raises the serial of what it is given by one more when it pushes it.
	NewSerial string
	// Backup is the path of the copy of the old state; "" when nothing was written.
	Backup string
	// Restored is the path of the backup that Undo put back, and RestoredSerial the
	// serial in it; both are "" after Update.
	Restored, RestoredSerial string
	// Plan is the plan of the new state, as Judge got it; nil when none was made.
	Plan *tfjson.Plan
	// NoPlan says why there is none although PlanAuto asked for one; nil otherwise.
	NoPlan *NoPlanError
	// Attempts is how often the state was pulled and edited: 1 unless others wrote
	// it meanwhile.
	Attempts int
	// Later reports that somebody has written the state once more since, with the
	// change in it.
	Later bool
}

// maxAttempts is how often a state is edited anew when others keep writing it.
const maxAttempts = 4

// Pull returns the folder's state. A local one is read from its file without a lock; any
// other one by "terraform state pull". It doesn't see what an apply that is under way has
// done so far.
//
// The error has [ErrNoState] if there is none, [ErrNoTerraform], [ErrCommand], or is one
// of [statefile.Parse].
func (f *Folder) Pull(ctx context.Context) (*statefile.File, error) {
	if f.inPlace() {
		if err := f.checkPresent(); err != nil {
			return nil, err
		}
		return statefile.ReadFile(f.location.Path)
	}
	out, err := f.output(ctx, f.here(append([]string{"state", "pull", "-no-color"}, f.tofuVars()...)...))
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(out)) == 0 {
		return nil, f.noState()
	}
	state, err := statefile.Parse(f.location.String(), out)
	if err != nil || !unborn(state) {
		return state, err
	}
	return nil, f.noState()
}

// noState is the error about a backend that has none.
func (f *Folder) noState() error {
	return &FolderError{Dir: f.location.Dir, Err: fmt.Errorf("%w: %v is empty", ErrNoState, f.location),
		Hint: "Nothing was applied there yet, or another workspace is meant: select it with terraform workspace select or TF_WORKSPACE."}
}

// unborn reports whether a state is what terraform prints for none, with some backends.
func unborn(f *statefile.File) bool {
	if f.Lineage() != "" || f.Serial() != "0" {
		return false
	}
	for range f.Instances() {
		return false
	}
	for range f.Outputs() {
		return false
	}
	return true
}

// inPlace reports whether the state is a file that this package edits itself. One that
// OpenTofu encrypts can be read by nobody else.
func (f *Folder) inPlace() bool { return f.location.Local() && !f.location.Encrypted }

// Push writes a state to where the folder keeps it, without a plan, a backup or a second
// look: [Folder.Update] is what does it safely. A local state is written in place under
// its lock, any other one by "terraform state push", which refuses a serial that isn't
// above that of the state there, and one of another lineage. Nothing is ever forced.
// Cancelling the context ends it before it begins, or ends the wait for the lock.
//
// The error has [ErrNoTerraform] or [ErrCommand], with [statefile.ErrLocked] if others
// hold the lock; of a local state it is one of [statefile.Update].
func (f *Folder) Push(ctx context.Context, state *statefile.File) error {
	if f.inPlace() && exists(f.location.Path) {
		_, err := statefile.Update(ctx, f.location.Path, f.localOptions(UpdateOptions{}),
			func(*statefile.File) (*statefile.File, error) { return state, nil })
		return err
	}
	s, err := f.backupFolder(state)
	if err != nil {
		return err
	}
	return f.push(ctx, s, state)
}

// push writes the state through terraform, from a private file in a folder below dir
// that the next run removes if this one is killed.
func (f *Folder) push(ctx context.Context, dir string, state *statefile.File) (err error) {
	s, err := newScratch(dir)
	defer func() { err = errors.Join(err, s.close()) }()
	var path string
	if err == nil {
		path = filepath.Join(s.root, stateName)
		err = os.WriteFile(path, state.Bytes(), 0o600)
	}
	if err != nil {
		return fmt.Errorf("push the state: %w", err)
	}
	args := append([]string{"state", "push", "-no-color", "-lock=true", "-lock-timeout=" + f.opts.LockTimeout.String()}, f.tofuVars()...)
	_, err = f.output(ctx, f.here(append(args, path)...), s.inherit()...)
	return err
}

func (f *Folder) localOptions(opts UpdateOptions) statefile.UpdateOptions {
	return statefile.UpdateOptions{LockTimeout: f.opts.LockTimeout, Operation: opts.Operation, Now: f.opts.Now, Force: opts.Force, Initial: opts.Initial,
		Progress: func(p statefile.Progress) {
			if f.opts.Waiting != nil {
				f.opts.Waiting(p)
			}
			stage := map[statefile.Stage]Stage{statefile.StageBackup: StageBackup, statefile.StageWriting: StagePushing, statefile.StageDone: StageDone}[p.Stage]
			if stage != "" {
				f.opts.progress(Progress{Stage: stage, Location: f.location, Attempt: 1})
			}
		}}
}

// Update changes the folder's state by way of edit, wherever it is kept, as
// [statefile.Update] does with a file: edit is given the state and returns the new one,
// which must have the same lineage and a higher serial, as [statefile.File.Apply] makes
// it. When edit returns the same file or one with the same bytes, nothing is planned or
// written.
//
// The new state is planned before it is written (see [Folder.Plan]), with the edited
// files of the configuration; opts.Judge has the last word. Then the old one is saved
// (see [Folder.Backups]), the new one pushed, and pulled again to be compared: what is
// reported as written was read back. A local state is edited in place under its lock
// by [statefile.Update], with the same plan.
//
// A remote state isn't locked between pull and push. When somebody else writes it in
// between, Terraform refuses the push, nothing of theirs is lost, and everything is done
// once more from a fresh pull, edit included; after three times more the error is
// [ErrConflict]. On a backend without locks ([Location.Locks]) an apply that was under
// way may overwrite what was pushed: the state is watched for a while, and the error is
// [ErrOverwritten] then.
//
// Cancelling the context interrupts terraform and removes the folder of the plan. Once
// the push has begun, it goes on to its end, and so does the comparison.
//
// With an error the result is nil, unless the new state was read back and only something
// after that failed. Errors: those of [Folder.Pull] and [Folder.Plan] ([ErrNoPlan] if no
// plan can be made and opts.Plan doesn't allow that), of edit and opts.Judge as they are,
// [*statefile.LineageError], [statefile.ErrSerial], [*CommandError] if the push failed
// and the old state is still there, [*UpdateError] ([ErrConflict], [ErrOverwritten],
// [ErrNotWritten], [ErrUnverified]), [ErrWorkspace] if another workspace was selected
// meanwhile, and of a local state those of [statefile.Update].
func (f *Folder) Update(ctx context.Context, opts UpdateOptions, edit func(*statefile.File) (*statefile.File, error)) (*Result, error) {
	u := &update{f: f, opts: opts, edit: edit}
	if f.inPlace() {
		return u.local(ctx)
	}
	return u.remote(ctx)
}
