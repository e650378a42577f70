package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/statefile"
)

const recoverHelp = `Finishes a write to a state that was interrupted, or rolls it back, from the
copies beside the state: afterwards the state is the new one or the old one,
complete. Until then other verbs refuse the state, and say so. Without STATE it
is that of this folder, or of --chdir. One in a backend is never found half
written: there is nothing to recover then.`

type recoverOptions struct {
	*env
	folderFlags
	state       string
	format      string
	lockTimeout time.Duration
}

func newRecoverCmd(e *env, standIn func(context.Context, *recoverOptions) error) *cobra.Command {
	o := &recoverOptions{env: e}
	cmd := &cobra.Command{
		Use:   "recover [flags] [STATE]",
		Short: "Finish or roll back a write that was interrupted",
		Long:  recoverHelp,
		Example: `herokutf recover
herokutf recover --chdir production
herokutf recover --state production.tfstate`,
		Annotations: map[string]string{exitCodes: `0  the state is complete
1  error, and nothing was changed`},
		ValidArgsFunction: completeStates,
	}
	o.folderFlags.bind(cmd)
	bindState(cmd, &o.state, "the state `FILE`, if it isn't that of the folder")
	bindFormat(cmd, &o.format, "print the result as `FORMAT`: text or json", formatText, formatJSON)
	bindLockTimeout(cmd, &o.lockTimeout, "how long to wait for the state's lock, as `D`, such as 30s")
	cmd.RunE = runs(e, o, (*recoverOptions).check, recoverRun, standIn)
	return cmd
}

func (o *recoverOptions) check(args []string) error {
	if o.state == "" && len(args) > 0 {
		o.state, args = args[0], args[1:]
	}
	if o.state == "-" {
		return errors.New("--state -: there is a state file to recover, not standard input")
	}
	o.place = place{dir: o.dir, state: o.state}
	o.state = o.inDir(o.state)
	return noArgs(args, "one state is recovered at a time")
}

func recoverRun(ctx context.Context, o *recoverOptions) error {
	if o.state == "" {
		h, err := o.openFolder(&o.folderFlags, o.lockTimeout)
		if err != nil {
			return err
		}
		if o.state = h.name(); !h.location.Local() || h.location.Encrypted {
			return o.deliver(&statefile.Recovery{Outcome: statefile.NothingToRecover})
		}
	}
	o.progress.Start()
	recovery, err := statefile.Recover(ctx, o.state, o.update("recover", o.lockTimeout))
	if err != nil {
		return err
	}
	return o.deliver(recovery)
}

// deliver says what was done.
func (o *recoverOptions) deliver(recovery *statefile.Recovery) error {
	text := fmt.Sprintf("%s: %s\n", o.state, recovery.Outcome)
	var before, after string
	if found := recovery.Found; found != nil {
		before, after = found.OldSerial, recovery.Serial
		text = fmt.Sprintf("%s: %s, serial %s now\na write of serial %s over serial %s was interrupted; the state was found %s\n",
			o.state, recovery.Outcome, recovery.Serial, found.NewSerial, found.OldSerial, found.Condition)
	}
	if recovery.Backup != "" {
		text += fmt.Sprintf("backup: %s\n", recovery.Backup)
	}
	var err error
	if o.format == formatJSON {
		doc := newRenameJSON(before, after, recovery.Backup)
		doc.Outcome = string(recovery.Outcome)
		text, err = doc.String()
	}
	return o.printResult(o.Stdout, o.format, text, err)
}

// adviseRecovery names the verb that ends an interrupted write to the state at
// path, if that is what err is about. "" is the folder's own.
func (e *env) adviseRecovery(err error, path string) error {
	if !recoverable(err) {
		return err
	}
	if path != "" && e.place.state == "" { // one of several
		return ui.Advise(err, fmt.Sprintf("Run %s recover --state %s.", name, shellQuote(path)))
	}
	return ui.Advise(err, fmt.Sprintf("Run %s.", e.self("recover")))
}

// recoverable reports whether an error is about an interrupted write that
// the verb recover may end.
func recoverable(err error) bool {
	if e, ok := errors.AsType[*statefile.FormatError](err); ok {
		return e.Kind == statefile.KindInterrupted
	}
	if e, ok := errors.AsType[*statefile.WriteError](err); ok {
		return e.Condition == statefile.Torn
	}
	_, ok := errors.AsType[*statefile.InterruptedError](err)
	return ok
}
