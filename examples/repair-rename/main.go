// Command repair-rename rewrites a Terraform state after Heroku apps were
// renamed, so that Terraform goes on with the same apps, add-ons and domains
// instead of planning to create and destroy them.
//
//	repair-rename                          find the renames through the API
//	repair-rename -rename old=new          check and apply this one
//	repair-rename -dry-run                 show what would change; exit code 2
//	repair-rename -undo                    put the state of before back
//	terraform state pull | repair-rename -state - | terraform state push -
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/big"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/examples/internal/cli"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

const name = "repair-rename"

// exitWouldChange is the exit code of a dry run that found something to do.
const exitWouldChange = 2

const help = `usage: repair-rename [flags]
       repair-rename -undo [flags] [BACKUP]
       repair-rename -recover [flags]

Rewrites a Terraform state after Heroku apps were renamed outside of Terraform.
Without -rename it finds the renames itself, by the apps' UUIDs. It edits only
the fields in which the Heroku provider keeps an app's name, raises the serial
by one and keeps every other byte. The state is locked as Terraform locks it,
backed up beside itself and read back after the write.

Credentials: HEROKU_API_KEY, else the netrc file that "heroku login" writes.
HEROKU_API_URL overrides the API's address.

Flags:
`

const helpExit = `
Exit codes: 0 repaired or nothing to do; 2 with -dry-run when something would
change; 1 error.

Examples:
  repair-rename -dry-run
  repair-rename -rename shop-old=shop -config .
  repair-rename -offline -rename a=b -rename b=a
  terraform state pull | repair-rename -state - | terraform state push -
`

type options struct {
	state       string
	renames     cli.List
	appIDs      cli.List
	toIDs       bool
	offline     bool
	dryRun      bool
	format      string
	config      string
	writeConfig bool
	undo        bool
	recover     bool
	lockTimeout time.Duration

	backup string // of -undo: the argument, "" for the newest
}

func main() {
	// A run is short and holds little but the state, before and after: to
	// collect garbage meanwhile takes a fifth of its time and frees nothing
	// worth it.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	cli.Main(run)
}

func run(ctx context.Context, std cli.IO, args []string) int {
	var o options
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.StringVar(&o.state, "state", "terraform.tfstate", "the state `FILE`; - reads standard input and writes the new state to standard output")
	fs.Var(&o.renames, "rename", "an app was renamed, `OLD=NEW`: checked through the API (repeatable; none: find them through the API)")
	fs.Var(&o.appIDs, "app-id", "`NAME=UUID` of an app of which the state proves none; NAME is the one in the state (repeatable)")
	fs.BoolVar(&o.toIDs, "to-ids", false, "convert to the form of provider 5, where apps are kept by UUID")
	fs.BoolVar(&o.offline, "offline", false, "ask no API: trust OLD=NEW; web_url stays as it is")
	fs.BoolVar(&o.dryRun, "dry-run", false, "show what would change and write nothing; exit code 2 if there is something")
	fs.StringVar(&o.format, "format", "text", "print the result as `FORMAT`: text or json")
	fs.StringVar(&o.config, "config", "", "also list what must change in the Terraform configuration in `DIR`")
	fs.BoolVar(&o.writeConfig, "write-config", false, "with -config: edit the literals there")
	fs.BoolVar(&o.undo, "undo", false, "put back the newest backup this command made, or the BACKUP named")
	fs.BoolVar(&o.recover, "recover", false, "finish or roll back a write that was interrupted")
	fs.DurationVar(&o.lockTimeout, "lock-timeout", 0, "how long to wait for the state's lock, for example 30s")
	fs.Usage = func() {
		fmt.Fprint(fs.Output(), help)
		fs.PrintDefaults()
		fmt.Fprint(fs.Output(), helpExit)
	}
	if code, ok := cli.Parse(fs, std, args); !ok {
		return code
	}
	renames, ids, err := o.check(fs.Args())
	if err != nil {
		cli.Usage(fs, std, err)
		return cli.ExitError
	}
	code, err := o.run(ctx, std, renames, ids)
	if !o.recover {
		err = cli.AdviseRecovery(err, o.state)
	}
	if err != nil {
		cli.Fail(name, std, err)
		return cli.ExitError
	}
	return code
}

// check holds the flags against each other and parses the renames and the UUIDs
// by app name.
func (o *options) check(args []string) (renames []herokutf.Rename, ids map[string]string, err error) {
	if o.undo && len(args) == 1 {
		o.backup, args = args[0], nil
	}
	others := len(o.renames)+len(o.appIDs) > 0 || o.toIDs || o.offline || o.dryRun || o.config != ""
	switch {
	case len(args) > 0:
		return nil, nil, fmt.Errorf("unexpected argument %q", args[0])
	case o.format != "text" && o.format != "json":
		return nil, nil, fmt.Errorf("-format %q: it is text or json", o.format)
	case o.writeConfig && o.config == "":
		return nil, nil, errors.New("-write-config needs -config DIR")
	case o.undo && o.recover:
		return nil, nil, errors.New("-undo and -recover exclude each other")
	case (o.undo || o.recover) && others:
		return nil, nil, errors.New("-undo and -recover go with -state, -format and -lock-timeout alone")
	case (o.undo || o.recover) && o.state == "-":
		return nil, nil, errors.New("-undo and -recover need a state file, not standard input")
	case o.offline && len(o.renames) == 0 && !o.toIDs:
		return nil, nil, errors.New("-offline needs -rename OLD=NEW: only the API knows what was renamed")
	case len(o.appIDs) > 0 && len(o.renames) == 0 && !o.toIDs:
		return nil, nil, errors.New("-app-id goes with -to-ids or -rename")
	case o.lockTimeout < 0:
		return nil, nil, fmt.Errorf("-lock-timeout %v: it can't be negative", o.lockTimeout)
	}
	ids = make(map[string]string)
	for _, s := range o.appIDs {
		app, id, ok := strings.Cut(s, "=")
		if !ok || app == "" || id == "" {
			return nil, nil, fmt.Errorf("-app-id %q: it is NAME=UUID", s)
		}
		ids[app] = id
	}
	for _, s := range o.renames {
		old, new, ok := strings.Cut(s, "=")
		if !ok {
			return nil, nil, fmt.Errorf("-rename %q: it is OLD=NEW", s)
		}
		renames = append(renames, herokutf.Rename{ID: ids[old], Old: old, New: new})
	}
	return renames, ids, nil
}

func (o *options) run(ctx context.Context, std cli.IO, renames []herokutf.Rename, ids map[string]string) (int, error) {
	progress := cli.NewProgress(name, std)
	defer progress.Done()
	opts := statefile.UpdateOptions{
		LockTimeout: o.lockTimeout,
		Operation:   name,
		Progress:    progress.Waiting(),
	}
	switch {
	case o.undo:
		return o.runUndo(ctx, std, opts)
	case o.recover:
		return o.runRecover(ctx, std, opts)
	}

	var client *platform.Client
	if !o.offline {
		var err error
		client, err = platform.FromEnv(std.Getenv, platform.Options{
			UserAgent: "herokutf-" + name,
			Progress:  progress.Event,
		})
		if err != nil {
			return 0, err
		}
	}
	var config *tfconfig.Config
	if o.config != "" {
		var err error
		if config, err = tfconfig.Load(o.config); err != nil {
			return 0, err
		}
	}

	out := report{dryRun: o.dryRun, toIDs: o.toIDs, state: o.state}
	edit := func(f *statefile.File) (*statefile.File, error) {
		repair, err := o.plan(ctx, client, f, renames, ids)
		if err != nil {
			return nil, err
		}
		after, err := repair.Apply()
		if err != nil {
			return nil, err
		}
		out.repair, out.before, out.after = repair, f.Serial(), after.Serial()
		if config != nil {
			renames := repair.AppRenames()
			out.places = config.RenamePlaces(renames...)
			out.edits, err = config.EditRename(renames...)
			// What can't be edited can still be listed: the places say why.
			if err != nil && (o.writeConfig || !errors.Is(err, tfconfig.ErrInvalidRename)) {
				return nil, err
			}
		}
		return after, nil
	}

	switch {
	case o.state == "-":
		// One byte more than a state may have, which Parse refuses.
		data, err := cli.ReadAll(ctx, io.LimitReader(std.Stdin, statefile.MaxSize+1))
		if err != nil {
			return 0, fmt.Errorf("read the state from standard input: %w", err)
		}
		f, err := statefile.Parse("standard input", data)
		if err != nil {
			return 0, err
		}
		after, err := edit(f)
		if err != nil {
			return 0, err
		}
		if o.dryRun {
			break
		}
		// What follows in the pipe takes the state for granted, so it comes
		// last of all that can fail.
		if err := out.writeConfig(o); err != nil {
			return 0, err
		}
		if _, err := std.Stdout.Write(after.Bytes()); err != nil {
			return 0, fmt.Errorf("write the state to standard output: %w", err)
		}
	case o.dryRun:
		// What would keep the write from beginning.
		interrupted, err := statefile.Pending(o.state)
		if err != nil {
			return 0, err
		}
		if interrupted != nil {
			return 0, &statefile.InterruptedError{Interrupted: *interrupted}
		}
		f, err := statefile.ReadFile(o.state)
		if err != nil {
			return 0, err
		}
		if _, err := edit(f); err != nil {
			return 0, err
		}
	default:
		result, err := statefile.Update(ctx, o.state, opts, edit)
		if err != nil {
			return 0, err
		}
		out.backup = result.Backup
	}

	configErr := out.writeConfig(o)
	var buf bytes.Buffer
	w := std.Stdout
	if o.state == "-" && !o.dryRun {
		w = std.Stderr // standard output is the new state's alone
	}
	if o.format == "json" {
		if err := out.json(&buf); err != nil {
			return 0, fmt.Errorf("print the result: %w", err)
		}
	} else {
		out.text(&buf, cli.NewStyle(std, w))
	}
	if _, err := w.Write(buf.Bytes()); err != nil {
		return 0, fmt.Errorf("print the result: %w", err)
	}
	if configErr != nil {
		return 0, configErr
	}
	if o.dryRun && out.wouldChange(o.writeConfig) {
		return exitWouldChange, nil
	}
	return cli.ExitOK, nil
}

// plan asks the library what has to change in f.
func (o *options) plan(ctx context.Context, client *platform.Client, f *statefile.File, renames []herokutf.Rename, ids map[string]string) (*herokutf.Repair, error) {
	if client != nil {
		var err error
		if len(renames) > 0 {
			renames, err = herokutf.CheckRenames(ctx, client, f, renames...)
		} else {
			renames, err = herokutf.FindRenames(ctx, client, f)
			err = withoutKnown(err, ids)
			if err != nil && len(renames) > 0 {
				// Some apps can't be judged, others were renamed: what was
				// found can be asked for.
				err = cli.Advise(err, "what was found can be repaired by itself:"+flags(renames))
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if !o.toIDs {
		return herokutf.RepairRename(f, renames...)
	}
	upgrade := herokutf.UpgradeOptions{Renames: renames, AppIDs: ids}
	if client != nil {
		var err error
		if upgrade.AppIDs, err = herokutf.LookupAppIDs(ctx, client, f, upgrade); err != nil {
			return nil, err
		}
	}
	return herokutf.UpgradeAppIDs(f, upgrade)
}

// withoutKnown takes those apps out of the errors joined in err of which only
// the UUID is unknown, and given by the user.
func withoutKnown(err error, ids map[string]string) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	return errors.Join(slices.DeleteFunc(slices.Clone(joined.Unwrap()), func(err error) bool {
		unknown, ok := errors.AsType[*herokutf.UnknownAppIDError](err)
		return ok && ids[unknown.Name] != ""
	})...)
}

// flags spells renames as the flags that ask for them.
func flags(renames []herokutf.Rename) string {
	var b strings.Builder
	for _, r := range renames {
		fmt.Fprintf(&b, " -rename %s=%s", r.Old, r.New)
	}
	return b.String()
}

// runUndo puts a backup back.
func (o *options) runUndo(ctx context.Context, std cli.IO, opts statefile.UpdateOptions) (int, error) {
	result, err := statefile.Undo(ctx, o.state, o.backup, opts)
	if err != nil {
		return 0, err
	}
	out := report{state: o.state, before: result.OldSerial, after: result.NewSerial, backup: result.Backup}
	var text strings.Builder
	if result.Changed {
		fmt.Fprintf(&text, "%s: %s put back, serial %s -> %s\n", o.state, result.Restored, result.OldSerial, result.NewSerial)
		fmt.Fprintf(&text, "backup: %s\n", result.Backup)
		if since := writesSince(result.RestoredSerial, result.OldSerial); since != "" {
			fmt.Fprintf(&text, "warning: %s written after the repair, by Terraform or others, went back as well; the backup has what they wrote\n", since)
		}
	} else {
		fmt.Fprintf(&text, "%s: nothing to do; it is what %s holds\n", o.state, result.Restored)
	}
	return cli.ExitOK, out.print(std, o.format, text.String())
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

// runRecover ends an interrupted write.
func (o *options) runRecover(ctx context.Context, std cli.IO, opts statefile.UpdateOptions) (int, error) {
	recovery, err := statefile.Recover(ctx, o.state, opts)
	if err != nil {
		return 0, err
	}
	out := report{state: o.state, outcome: recovery.Outcome, backup: recovery.Backup}
	text := fmt.Sprintf("%s: %s\n", o.state, recovery.Outcome)
	if found := recovery.Found; found != nil {
		out.before, out.after = found.OldSerial, recovery.Serial
		text = fmt.Sprintf("%s: %s, serial %s now\na write of serial %s over serial %s was interrupted; the state was found %s\n",
			o.state, recovery.Outcome, recovery.Serial, found.NewSerial, found.OldSerial, found.Condition)
	}
	if recovery.Backup != "" {
		text += fmt.Sprintf("backup: %s\n", recovery.Backup)
	}
	return cli.ExitOK, out.print(std, o.format, text)
}
