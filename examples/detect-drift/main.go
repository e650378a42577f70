// Command detect-drift compares Terraform states with Heroku: what was changed,
// renamed, deleted or added in the dashboard, and which apps run other slugs
// than Terraform has released.
//
//	detect-drift                                  text for people; exit code 2 when there is drift
//	detect-drift -unmanaged -blame                also what no state manages, and who did it
//	detect-drift -format html > drift.html
//	terraform show -json | detect-drift -state -
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/examples/internal/cli"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

const name = "detect-drift"

// The exit codes beside those that all commands share.
const (
	exitDrift      = 2
	exitIncomplete = 3
)

const help = `usage: detect-drift [flags]

Compares Terraform states with Heroku and says what has drifted. It reads the
state and the API alone: no Terraform, no configuration, no lock. Nothing is
ever changed on Heroku; -accept changes the state. Values of config vars and
other secrets are shown as fingerprints, which differ when the values do, and
from run to run.

Credentials: HEROKU_API_KEY, else the netrc file that "heroku login" writes.
HEROKU_API_URL overrides the API's address.

Flags:
`

const helpExit = `
Exit codes: 0 in sync; 2 drift; 3 no drift seen, but some objects could not be
read; 1 error. With -accept: 0 accepted, or nothing to accept; 2 with -dry-run
when something would be.

Examples:
  detect-drift -state production.tfstate -state staging.tfstate -unmanaged
  detect-drift -only identity
  detect-drift -ignore drift-ignore.hcl -format markdown > comment.md
  detect-drift -unmanaged -import imports.tf
  detect-drift -accept -dry-run
  terraform state pull | detect-drift -state -
`

type options struct {
	states      cli.List
	format      string
	unmanaged   bool
	only        cli.List
	ignore      string
	config      string
	blame       bool
	importFile  string
	accept      bool
	addresses   cli.List
	dryRun      bool
	showSecrets bool
	verbose     bool
	cache       string
	lockTimeout time.Duration
}

func main() { cli.Main(run) }

func run(ctx context.Context, std cli.IO, args []string) int {
	var o options
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.Var(&o.states, "state", "read the state from `FILE`, or from - for standard input; the output of terraform show -json will do (repeatable; default terraform.tfstate)")
	fs.StringVar(&o.format, "format", "text", "print the report as `FORMAT`: text, json, markdown or html")
	fs.BoolVar(&o.unmanaged, "unmanaged", false, "also tell what the apps have and no state manages")
	fs.Var(&o.only, "only", "compare objects of this `KIND` alone: a resource type, such as formation, or identity, for apps, add-ons, attachments and couplings in a few requests in all (repeatable)")
	fs.StringVar(&o.ignore, "ignore", "", "leave out what the rules in `FILE`, HCL or JSON, say")
	fs.StringVar(&o.config, "config", "", "leave out what lifecycle.ignore_changes names in the configuration in `DIR`")
	fs.BoolVar(&o.blame, "blame", false, "say who changed code, config vars and add-ons, and when, by the releases of the apps")
	fs.StringVar(&o.importFile, "import", "", "write import blocks and resources for what is unmanaged to `FILE`, which must not exist; - is standard output, in place of the report (implies -unmanaged)")
	fs.BoolVar(&o.accept, "accept", false, "write the values on Heroku into the state, locked and backed up")
	fs.Var(&o.addresses, "address", "with -accept: accept the object at `ADDRESS` alone (repeatable; default: all that changed)")
	fs.BoolVar(&o.dryRun, "dry-run", false, "with -accept: show what would change and write nothing; exit code 2 if there is something")
	fs.BoolVar(&o.showSecrets, "show-secrets", false, "show secret values in clear, with -format text only")
	fs.BoolVar(&o.verbose, "verbose", false, "list what is in sync as well, with -format text")
	fs.StringVar(&o.cache, "cache", "", "keep answers that hold no secrets in the folder `DIR`, for the next run")
	fs.DurationVar(&o.lockTimeout, "lock-timeout", 0, "with -accept: how long to wait for the state's lock, for example 30s")
	fs.Usage = func() {
		fmt.Fprint(fs.Output(), help)
		fs.PrintDefaults()
		fmt.Fprint(fs.Output(), helpExit)
	}
	if code, ok := cli.Parse(fs, std, args); !ok {
		return code
	}
	if err := o.check(fs.Args()); err != nil {
		cli.Usage(fs, std, err)
		return cli.ExitError
	}
	code, err := o.run(ctx, std)
	if err != nil {
		err = cli.AdviseRecovery(err, o.states[0])
		cli.Fail(name, std, err)
		return cli.ExitError
	}
	return code
}

// check holds the flags against each other.
func (o *options) check(args []string) error {
	if len(o.states) == 0 {
		o.states = cli.List{"terraform.tfstate"}
	}
	o.only = slices.Collect(func(yield func(string) bool) {
		for _, list := range o.only {
			for word := range strings.SplitSeq(list, ",") {
				if !yield(strings.TrimSpace(word)) {
					return
				}
			}
		}
	})
	stdin := 0
	for _, s := range o.states {
		if s == "-" {
			stdin++
		}
	}
	switch {
	case len(args) > 0:
		return fmt.Errorf("unexpected argument %q", args[0])
	case !slices.Contains(report.Formats(), report.Format(o.format)):
		return fmt.Errorf("-format %q: it is text, json, markdown or html", o.format)
	case o.showSecrets && o.format != "text":
		return errors.New("-show-secrets goes with -format text alone: other reports are kept and passed on")
	case o.verbose && o.format != "text":
		return errors.New("-verbose goes with -format text: other reports are whole")
	case o.accept && (o.showSecrets || o.verbose):
		return errors.New("-accept goes without -show-secrets and -verbose: it prints what changes in the state")
	case o.importFile == "-" && o.format != "text":
		return errors.New("-import - prints the blocks in place of the report: -format goes without it")
	case stdin > 1:
		return errors.New("-state -: there is one standard input")
	case (o.dryRun || len(o.addresses) > 0 || o.lockTimeout != 0) && !o.accept:
		return errors.New("-dry-run, -address and -lock-timeout go with -accept")
	case o.accept && o.format != "text" && o.format != "json":
		return errors.New("-accept prints text or json")
	case o.accept && len(o.states) > 1:
		return errors.New("-accept takes one state at a time")
	case o.accept && (o.importFile != "" || o.unmanaged):
		return errors.New("-accept goes without -unmanaged and -import: it adds nothing to the state")
	case o.lockTimeout < 0:
		return fmt.Errorf("-lock-timeout %v: it can't be negative", o.lockTimeout)
	}
	o.unmanaged = o.unmanaged || o.importFile != ""
	return nil
}

func (o *options) run(ctx context.Context, std cli.IO) (int, error) {
	progress := cli.NewProgress(name, std)
	defer progress.Done()
	opts, err := o.drift(progress)
	if err != nil {
		return 0, err
	}
	if o.importFile != "" && o.importFile != "-" {
		// Found out before the work, and held to when the file is written.
		if _, err := os.Lstat(o.importFile); err == nil {
			return 0, existsError(o.importFile)
		}
	}
	client, err := o.client(std, progress)
	if err != nil {
		return 0, err
	}
	if o.accept {
		return o.runAccept(ctx, std, progress, client, opts)
	}
	var files []*statefile.File
	for _, path := range o.states {
		f, _, err := readState(ctx, std, path)
		if err != nil {
			return 0, err
		}
		files = append(files, f)
	}
	drift, err := herokutf.DetectDriftIn(ctx, client, files, opts)
	if err != nil {
		return 0, adviseKind(err)
	}
	progress.Done()
	var out bytes.Buffer
	if o.importFile != "" {
		var blocks bytes.Buffer
		if err := drift.WriteImports(&blocks); err != nil {
			return 0, err
		}
		if o.importFile == "-" {
			out = blocks
		} else if err := writeNew(o.importFile, blocks.Bytes()); err != nil {
			return 0, err
		} else {
			progress.Say("import blocks are in " + o.importFile)
		}
	}
	if o.importFile != "-" {
		err := report.Write(&out, drift, report.Format(o.format), report.Options{
			Color:       cli.NewStyle(std, std.Stdout).On(),
			ShowSecrets: o.showSecrets,
			Verbose:     o.verbose,
			Time:        time.Now(),
		})
		if err != nil {
			return 0, err
		}
	}
	if _, err := std.Stdout.Write(out.Bytes()); err != nil {
		return 0, fmt.Errorf("print the report: %w", err)
	}
	switch {
	case drift.Drifted():
		return exitDrift, nil
	case drift.Count(herokutf.Undetermined) > 0:
		return exitIncomplete, nil
	}
	return cli.ExitOK, nil
}

// drift makes the library's options out of the flags.
func (o *options) drift(progress *cli.Progress) (herokutf.DriftOptions, error) {
	opts := herokutf.DriftOptions{
		Unmanaged: o.unmanaged,
		Only:      o.only,
		Blame:     o.blame,
		Plan:      progress.Plan,
	}
	var err error
	if opts.Ignore, err = cli.ReadIgnoreRules(o.ignore); err != nil {
		return opts, err
	}
	if o.config != "" {
		config, err := tfconfig.Load(o.config)
		if err != nil {
			return opts, err
		}
		changes, err := config.IgnoreChanges()
		if err != nil {
			return opts, err
		}
		opts.Ignore.AddLifecycle(changes)
	}
	return opts, nil
}

func (o *options) client(std cli.IO, progress *cli.Progress) (*platform.Client, error) {
	opts := platform.Options{UserAgent: "herokutf-" + name, Progress: progress.Event}
	if o.cache != "" {
		cache, err := platform.NewCache(o.cache, nil)
		if err != nil {
			return nil, err
		}
		opts.Transport = cache
	}
	return platform.FromEnv(std.Getenv, opts)
}

// readState reads a state, or what terraform show -json prints of one; shows
// says which.
func readState(ctx context.Context, std cli.IO, path string) (f *statefile.File, shows bool, err error) {
	from := path
	var data []byte
	if path == "-" {
		from = "standard input"
		if data, err = cli.ReadAll(ctx, io.LimitReader(std.Stdin, statefile.MaxSize+1)); err != nil {
			return nil, false, fmt.Errorf("read the state from standard input: %w", err)
		}
		f, err = statefile.Parse(from, data)
	} else {
		if f, err = statefile.ReadFile(path); errors.Is(err, os.ErrNotExist) {
			return nil, false, cli.Advise(err, "name the state with -state FILE, or pipe a remote one: terraform state pull | detect-drift -state -")
		}
	}
	if e, ok := errors.AsType[*statefile.FormatError](err); !ok || e.Kind != statefile.KindShowJSON {
		return f, false, err
	}
	if path != "-" {
		if data, err = os.ReadFile(path); err != nil {
			return nil, false, err
		}
	}
	f, err = herokutf.ParseShowJSON(from, data)
	return f, true, err
}

// adviseKind adds what a wrong -only may be.
func adviseKind(err error) error {
	if errors.Is(err, platform.ErrInvalidName) {
		return cli.Advise(err, "-only takes resource types as the configuration has them, such as heroku_formation or just formation")
	}
	return err
}

// writeNew writes a file that must not be there yet: what stands in a
// configuration is somebody's work.
func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, os.ErrExist) {
		return existsError(path)
	}
	if err == nil {
		_, err = f.Write(data)
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(path)) // Terraform would read half of it
		}
	}
	if err != nil {
		return fmt.Errorf("write the import blocks: %w", err)
	}
	return nil
}

func existsError(path string) error {
	return cli.Advise(fmt.Errorf("write the import blocks: %s exists", path), "move it away, or name another file")
}

// runAccept writes the values on Heroku into the state.
func (o *options) runAccept(ctx context.Context, std cli.IO, progress *cli.Progress, client *platform.Client, opts herokutf.DriftOptions) (int, error) {
	path := o.states[0]
	var accepted *herokutf.Acceptance
	var notes []string
	edit := func(f *statefile.File) (*statefile.File, error) {
		drift, err := herokutf.DetectDrift(ctx, client, f, opts)
		if err != nil {
			return nil, adviseKind(err)
		}
		notes = drift.Notes
		if n := drift.Count(herokutf.Undetermined); n > 0 {
			notes = append(slices.Clone(notes), cli.Plural(n, "object")+" could not be compared, or not wholly; the report says why")
		}
		if accepted, err = drift.Accept(f, o.addresses...); err != nil {
			return nil, err
		}
		return accepted.Apply()
	}
	out := std.Stdout
	var backup string
	switch {
	case path == "-" || o.dryRun:
		f, shows, err := readState(ctx, std, path)
		if err != nil {
			return 0, err
		}
		if shows {
			return 0, errors.New("-accept needs the state itself, as terraform state pull prints it, not the output of terraform show -json")
		}
		after, err := edit(f)
		if err != nil {
			return 0, err
		}
		if o.dryRun {
			break
		}
		if _, err := std.Stdout.Write(after.Bytes()); err != nil {
			return 0, fmt.Errorf("write the state to standard output: %w", err)
		}
		out = std.Stderr // standard output is the new state's alone
	default:
		result, err := statefile.Update(ctx, path, statefile.UpdateOptions{LockTimeout: o.lockTimeout, Operation: name, Progress: progress.Waiting()}, edit)
		if err != nil {
			return 0, err
		}
		backup = result.Backup
	}
	progress.Done()
	for _, note := range notes {
		progress.Say(printable(note))
	}
	from := path
	if path == "-" {
		from = "standard input"
	}
	text := acceptance(accepted, from, backup, o.dryRun, cli.NewStyle(std, out))
	if o.format == "json" {
		changes := slices.Concat([]herokutf.Change{}, accepted.Changes) // never null
		raw, err := json.MarshalIndent(acceptedJSON{"1.0", changes, accepted.Left, backup}, "", "  ")
		if err != nil {
			return 0, err
		}
		text = string(raw) + "\n"
	}
	if _, err := io.WriteString(out, text); err != nil {
		return 0, fmt.Errorf("print the result: %w", err)
	}
	if o.dryRun && len(accepted.Changes) > 0 {
		return exitDrift, nil
	}
	return cli.ExitOK, nil
}

// acceptedJSON is what -accept -format json prints.
type acceptedJSON struct {
	Format  string              `json:"format_version"`
	Changes []herokutf.Change   `json:"changes"`
	Left    []herokutf.Leftover `json:"left,omitempty"`
	Backup  string              `json:"backup,omitempty"`
}

// shown is a value on one line.
func shown(v any) string {
	if v == nil {
		return "(none)"
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return printable(fmt.Sprint(v))
	}
	return printable(string(raw))
}

// printable escapes what does something to a terminal instead of being shown.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strconv.IsPrint(r) {
			b.WriteRune(r)
		} else {
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// acceptance says what was or would be accepted.
func acceptance(a *herokutf.Acceptance, path, backup string, dryRun bool, style cli.Style) string {
	var b strings.Builder
	address := ""
	for _, c := range a.Changes {
		if c.Address != address {
			address = c.Address
			fmt.Fprintf(&b, "%s\n", style.Bold(printable(address)))
		}
		fmt.Fprintf(&b, "  %s: %s -> %s\n", printable(c.Path.String()), style.Old(shown(c.Old)), style.New(shown(c.New)))
	}
	for _, l := range a.Left {
		fmt.Fprintf(&b, "%s\n", style.Warn(printable(strings.TrimSpace(l.Address+" "+l.Path.String())+": left: "+l.Reason)))
	}
	switch n := cli.Plural(len(a.Changes), "value"); {
	case len(a.Changes) == 0:
		fmt.Fprintf(&b, "%s: nothing to accept\n", path)
	case dryRun:
		fmt.Fprintf(&b, "%s: %s would be accepted; nothing was written\n", path, n)
	default:
		fmt.Fprintf(&b, "%s: %s accepted\n", path, n)
	}
	if backup != "" {
		fmt.Fprintf(&b, "backup: %s\nundo:   repair-rename -state %s -undo\n", backup, path)
	}
	return b.String()
}
