package terraform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/internal/diskio"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// An update is one run of Update or Undo.
type update struct {
	f       *Folder
	opts    UpdateOptions
	edit    func(*statefile.File) (*statefile.File, error)
	checker *checker     // nil when no plan is made
	noPlan  *NoPlanError // why, if PlanAuto allows it
	lenient bool         // PlanAuto allows a plan that fails, too
}

// begin clears away what killed runs have left, and finds out whether a plan can be
// made, and why not.
func (u *update) begin() error {
	sweep(filepath.Dir(u.f.location.Dir))
	sweep(os.TempDir())
	switch u.opts.Plan {
	case PlanOff:
		return nil
	case PlanAuto, PlanRequire, "":
	default:
		return fmt.Errorf("plan check %q: it is %s, %s or %s", u.opts.Plan, PlanAuto, PlanOff, PlanRequire)
	}
	var err error
	u.checker, err = u.f.newChecker()
	if e, ok := errors.AsType[*NoPlanError](err); ok && u.opts.Plan != PlanRequire {
		u.noPlan = e
		return nil
	}
	return err
}

// end clears up, with the error that the verb ends in.
func (u *update) end(err *error) {
	if cerr := u.checker.close(); cerr != nil && *err == nil {
		*err = cerr
	}
}

// judge plans the new state and lets the caller say what it thinks of the plan, which
// is nil when none is to be made.
func (u *update) judge(ctx context.Context, state *statefile.File) (*tfjson.Plan, error) {
	var files []tfconfig.FileEdit
	if u.opts.Files != nil {
		files = u.opts.Files()
	}
	if u.checker == nil {
		return nil, nil
	}
	plan, err := u.checker.plan(ctx, state, files, false)
	switch {
	case err == nil && u.opts.Judge != nil:
		err = u.opts.Judge(plan)
	case err != nil && u.lenient && u.opts.Plan != PlanRequire && context.Cause(ctx) == nil && u.excuse(err):
		return nil, nil
	}
	return plan, err
}

// excuse notes why there is no plan, if that is what err is about.
func (u *update) excuse(err error) bool {
	var ok bool
	if u.noPlan, ok = errors.AsType[*NoPlanError](err); ok {
		return true
	}
	if ok = errors.Is(err, ErrCommand); ok {
		u.noPlan = &NoPlanError{Dir: u.f.location.Dir, Reason: PlanFailed, Err: err, Hint: hintOf(err)}
	}
	return ok
}

// edited calls the edit and holds its outcome against what it was given. It returns
// nil when there is nothing to write.
func (u *update) edited(old *statefile.File) (*statefile.File, error) {
	f := u.f
	new, err := u.edit(old)
	if err != nil {
		return nil, err
	}
	switch {
	case new == nil:
		return nil, &UpdateError{State: f.location.String(), Err: errors.New("the edit returned no file")}
	case new == old, bytes.Equal(new.Bytes(), old.Bytes()):
		return nil, nil
	case new.Lineage() != old.Lineage():
		return nil, &statefile.LineageError{Path: f.location.String(), Lineage: old.Lineage(), OtherLin: new.Lineage(),
			Hint: "An edit must start from the state it is given."}
	case statefile.CompareSerials(new.Serial(), old.Serial()) <= 0:
		return nil, &UpdateError{State: f.location.String(), Err: fmt.Errorf("%w: %s over %s", statefile.ErrSerial, new.Serial(), old.Serial()),
			Hint: "An edit must raise the serial, as File.Apply does."}
	}
	return new, nil
}

// local edits a state in its file.
func (u *update) local(ctx context.Context) (result *Result, err error) {
	f := u.f
	if err := f.checkPresent(); err != nil && !u.first(err) {
		return nil, err
	}
	if err := u.begin(); err != nil {
		return nil, err
	}
	defer u.end(&err)
	if u.opts.DryRun {
		return u.dry(ctx)
	}
	var plan *tfjson.Plan
	opts := f.localOptions(u.opts)
	opts.Check = u.check(ctx, &plan)
	done, err := statefile.Update(ctx, f.location.Path, opts, u.edit)
	if done == nil {
		return nil, err
	}
	return u.localResult(done, plan), err
}

// check is what happens to the new state of a local file before it is written.
func (u *update) check(ctx context.Context, plan **tfjson.Plan) func(*statefile.File) error {
	return func(new *statefile.File) (err error) {
		if *plan, err = u.judge(ctx, new); err != nil {
			return err
		}
		if err := u.f.unmoved(); err != nil {
			return err
		}
		if err := u.before(); err != nil || u.opts.Initial == nil {
			return err
		}
		// As terraform does before it writes the first state.
		return os.MkdirAll(filepath.Dir(u.f.location.Path), 0o755)
	}
}

// before does what the caller wants done before the state is written.
func (u *update) before() error {
	if u.opts.Before == nil {
		return nil
	}
	return u.opts.Before()
}

// first reports whether an error says that there is no state, and that one may be made.
func (u *update) first(err error) bool { return u.opts.Initial != nil && errors.Is(err, ErrNoState) }

// pull reads the state, or gives the initial one where there is none.
func (u *update) pull(ctx context.Context) (*statefile.File, error) {
	f, err := u.f.Pull(ctx)
	if u.first(err) {
		return u.opts.Initial, nil
	}
	return f, err
}

func (u *update) localResult(done *statefile.Result, plan *tfjson.Plan) *Result {
	return &Result{Location: u.f.location, Changed: done.Changed, OldSerial: done.OldSerial, NewSerial: done.NewSerial, Backup: done.Backup,
		Restored: done.Restored, RestoredSerial: done.RestoredSerial, Plan: plan, NoPlan: u.noPlan, Attempts: 1}
}

// dry does what comes before anything is written.
func (u *update) dry(ctx context.Context) (*Result, error) {
	_, _, result, err := u.prepare(ctx, 1)
	return result, err
}

// prepare reads the state, edits it and judges the outcome. new is nil when there is
// nothing to write.
func (u *update) prepare(ctx context.Context, attempt int) (old, new *statefile.File, result *Result, err error) {
	f := u.f
	f.opts.progress(Progress{Stage: StagePulling, Location: f.location, Attempt: attempt})
	if old, err = u.pull(ctx); err != nil {
		return nil, nil, nil, err
	}
	if !f.inPlace() {
		sweep(f.backupPath(old))
	}
	if new, err = u.edited(old); err != nil {
		return nil, nil, nil, err
	}
	result = &Result{Location: f.location, OldSerial: old.Serial(), NewSerial: old.Serial(), NoPlan: u.noPlan, Attempts: attempt}
	if new == nil {
		return old, nil, result, nil
	}
	if result.Plan, err = u.judge(ctx, new); err != nil {
		return nil, nil, nil, err
	}
	result.NoPlan = u.noPlan
	result.Changed, result.NewSerial = true, new.Serial()
	return old, new, result, nil
}

// errAgain says that others wrote the state, and that nothing of ours was written.
var errAgain = errors.New("others wrote the state meanwhile")

// remote edits a state through terraform, as often as it takes.
func (u *update) remote(ctx context.Context) (result *Result, err error) {
	if err := u.begin(); err != nil {
		return nil, err
	}
	defer u.end(&err)
	if u.opts.DryRun {
		return u.dry(ctx)
	}
	for attempt := 1; ; attempt++ {
		result, err := u.once(ctx, attempt)
		if !errors.Is(err, errAgain) {
			return result, err
		}
		if attempt == maxAttempts {
			return nil, &UpdateError{State: u.f.location.String(), Err: fmt.Errorf("%w: %d times, each between pull and push: %w", ErrConflict, attempt, err),
				Hint: "Nothing of theirs was overwritten, and nothing of this was written. Try again when no apply is under way."}
		}
		u.f.opts.progress(Progress{Stage: StageRetrying, Location: u.f.location, Attempt: attempt + 1})
	}
}

// once pulls, edits, plans, saves, pushes and compares.
func (u *update) once(ctx context.Context, attempt int) (*Result, error) {
	f := u.f
	old, new, result, err := u.prepare(ctx, attempt)
	if err != nil || new == nil {
		return result, err
	}
	if err := f.unmoved(); err != nil {
		return nil, err
	}
	f.opts.progress(Progress{Stage: StageBackup, Location: f.location, Attempt: attempt})
	dir, err := f.backupFolder(old)
	if err != nil {
		return nil, err
	}
	if result.Backup, err = f.saveBackup(dir, old); err != nil {
		return nil, err
	}
	// The last moment at which nothing has happened yet.
	if err := context.Cause(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("write %v: %w", f.location, err), discard(result.Backup))
	}
	if err := u.before(); err != nil {
		return nil, errors.Join(err, discard(result.Backup))
	}
	f.opts.progress(Progress{Stage: StagePushing, Location: f.location, Attempt: attempt})
	perr := f.push(ctx, dir, new)
	f.opts.progress(Progress{Stage: StageVerifying, Location: f.location, Attempt: attempt})
	now, err := u.pullAnyway(ctx)
	if err != nil {
		return nil, u.unverified(result, errors.Join(perr, err))
	}
	if old == u.opts.Initial && now.Lineage() != new.Lineage() && same(new, now) {
		if old, new, err = u.christen(result, old, new, now.Lineage()); err != nil {
			return result, u.unverified(result, err)
		}
	}
	seen := compare(old, new, now)
	if perr != nil {
		return u.failed(ctx, result, seen, now, perr)
	}
	if err := u.verdict(result, seen, now); err != nil {
		return nil, err
	}
	if f.location.Locks == NotLocked && u.opts.Watch >= 0 {
		if err := u.watch(ctx, result, old, new); err != nil {
			return nil, err
		}
	}
	// What followed a backup is written into its name, which an undo looks at. With
	// somebody else's change on top of this one there is no going back by itself.
	if !result.Later {
		if result.Backup, err = followed(diskio.OS{}, result.Backup, result.NewSerial); err != nil {
			return result, err
		}
	}
	f.opts.progress(Progress{Stage: StageDone, Location: f.location, Attempt: attempt})
	return result, nil
}

// christen gives the states of a first write the lineage that terraform has made up for
// it: of the first state that it pushes it takes the content alone. The backup moves to
// where an undo looks for it.
func (u *update) christen(result *Result, old, new *statefile.File, lineage string) (_, _ *statefile.File, err error) {
	for _, f := range []**statefile.File{&old, &new} {
		if *f, err = withLineage(*f, lineage); err != nil {
			return nil, nil, err
		}
	}
	dir, err := u.f.backupFolder(old)
	if err != nil {
		return nil, nil, err
	}
	backup, err := u.f.saveBackup(dir, old)
	if err != nil {
		return nil, nil, err
	}
	err = discard(result.Backup)
	for dir := filepath.Dir(result.Backup); dir != u.f.backupsDir() && os.Remove(dir) == nil; {
		dir = filepath.Dir(dir)
	}
	result.Backup = backup
	return old, new, err
}

// withLineage returns a state under another lineage.
func withLineage(f *statefile.File, lineage string) (*statefile.File, error) {
	return statefile.Parse(f.Name(), bytes.Replace(f.Bytes(), []byte(strconv.Quote(f.Lineage())), []byte(strconv.Quote(lineage)), 1))
}

// lastPull is how long reading the state again may take when the context has ended.
const lastPull = 2 * time.Minute

// pullAnyway reads the state again, also when the context has ended meanwhile: what
// became of it is to be known.
func (u *update) pullAnyway(ctx context.Context) (*statefile.File, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastPull)
	defer cancel()
	return u.pull(ctx)
}

// failed says what became of the state when the push failed.
func (u *update) failed(ctx context.Context, result *Result, seen outcome, now *statefile.File, err error) (*Result, error) {
	switch {
	case seen == written:
		result.NewSerial = now.Serial()
		backup, ferr := followed(diskio.OS{}, result.Backup, now.Serial())
		result.Backup = backup
		return result, &UpdateError{State: u.f.location.String(), Backup: backup, Err: errors.Join(err, ferr),
			Hint: "The new state is there all the same, and was read back. Look whether a lock was left: terraform plan says so."}
	case seen == untouched:
		return nil, errors.Join(err, discard(result.Backup))
	case context.Cause(ctx) != nil:
		return nil, errors.Join(fmt.Errorf("write %v: %w", u.f.location, context.Cause(ctx)), discard(result.Backup))
	}
	return nil, errors.Join(fmt.Errorf("%w: %w", errAgain, err), discard(result.Backup))
}

func (u *update) unverified(result *Result, err error) error {
	return &UpdateError{State: u.f.location.String(), Backup: result.Backup, Err: fmt.Errorf("%w: %w", ErrUnverified, err),
		Hint: "Look with terraform state pull, or run this again when the backend can be reached: it finds out what is still to be done. The old state is saved in " + result.Backup + "."}
}

// verdict says what became of the state when the push succeeded, as far as it did.
func (u *update) verdict(result *Result, seen outcome, now *statefile.File) error {
	result.NewSerial = now.Serial()
	switch seen {
	case written:
		return nil
	case later:
		result.Later = true
		return nil
	case untouched:
		return &UpdateError{State: u.f.location.String(), Backup: result.Backup, Err: fmt.Errorf("%w, although the push reported success", ErrNotWritten),
			Hint: "The backend still has the old state. Look whether it answers from a copy, and run this again."}
	}
	hint := fmt.Sprintf("Run this again when the other program is done: it starts from what is there now (serial %s). The state before both is saved in %s.", now.Serial(), result.Backup)
	if u.f.location.Locks == NotLocked {
		hint += fmt.Sprintf(" Backend %q has no locks as it is set up, so that this can happen at every apply: give it some.", u.f.location.Backend)
	}
	return &UpdateError{State: u.f.location.String(), Backup: result.Backup, Err: fmt.Errorf("%w (serial %s)", ErrOverwritten, now.Serial()), Hint: hint}
}

// watchFor is how long a backend without locks is watched, unless the caller says
// otherwise.
const watchFor = 10 * time.Second

// watch reads the state again and again, with growing pauses.
func (u *update) watch(ctx context.Context, result *Result, old, new *statefile.File) error {
	left := u.opts.Watch
	if left == 0 {
		left = watchFor
	}
	for pause := min(time.Second, left/4+1); left > 0; pause += pause / 2 {
		pause = min(pause, left)
		left -= pause
		u.f.opts.progress(Progress{Stage: StageWatching, Location: u.f.location, Attempt: result.Attempts, Next: pause})
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return &UpdateError{State: u.f.location.String(), Backup: result.Backup, Err: context.Cause(ctx),
				Hint: "The new state was written and read back. Whether an apply that was under way overwrites it wasn't waited for; run this again to see."}
		}
		now, err := u.pullAnyway(ctx)
		if err != nil {
			return u.unverified(result, err)
		}
		if err := u.verdict(result, compare(old, new, now), now); err != nil {
			return err
		}
	}
	return nil
}
