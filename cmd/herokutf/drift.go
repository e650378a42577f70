package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// The exit codes beside those that all verbs share.
const (
	exitDrift      = 2
	exitIncomplete = 3
)

// comparing is how much more memory than what is in use a comparison takes before garbage
// is collected, in percent. It waits for answers nearly all the time, and they are garbage
// once an app is judged: to collect often costs a tenth of the processor time, and what
// the other verbs do with their memory would take two and a half times as much.
const comparing = 25

const driftHelp = `Compares Terraform states with Heroku and says what has drifted. It takes no
lock, and no Terraform runs unless it is needed to pull the state. Nothing is
ever changed on Heroku; --accept changes the state, and with --write-config the
configuration as well.

Without STATE it is that of this folder, or of --chdir, wherever its backend and
the selected workspace keep it, and what the configuration has in
lifecycle.ignore_changes is left out. A STATE is a file, - for standard input,
or the output of terraform show -json. Several states, and those of --folders,
make one report; what they share is asked for once.
Values of config vars and other secrets are shown as fingerprints, which differ
when the values do, and from run to run, unless a key is given for them: with
--fingerprint-key-file, or in HEROKUTF_FINGERPRINT_KEY.`

type driftOptions struct {
	*env
	folderFlags
	states  []string
	folders []string
	scope   driftScope
	look    driftLook
	accept  acceptOptions

	baseline baselineOptions
	next     bool   // say what the next apply would do
	again    string // a report that is only printed, in another format

	config      string
	importFile  string
	placed      *tfconfig.Config // into which --import writes; nil: into none
	unread      []unreadModule   // of the configurations
	cache       string
	lockTimeout time.Duration
}

// driftScope is what is compared.
type driftScope struct {
	unmanaged bool
	only      []string
	ignore    []string // files
	blame     bool
}

// driftLook is how the report looks.
type driftLook struct {
	format      string
	verbose     bool
	showSecrets bool
	showVars    []string
	keyFile     string
	limit       int // of Markdown, in bytes; 0: GitHub's
}

func newDriftCmd(e *env, standIn func(context.Context, *driftOptions) error) *cobra.Command {
	o := &driftOptions{env: e}
	cmd := &cobra.Command{
		Use:        "drift [flags] [STATE...]",
		Short:      "Compare states with Heroku",
		Long:       driftHelp,
		SuggestFor: []string{"detect-drift", "diff", "check"},
		Example: `herokutf drift
herokutf drift --unmanaged --blame *.tfstate
herokutf drift --only identity
herokutf drift --folders 'env/*' --format html > drift.html
herokutf drift --ignore drift-ignore.hcl --format markdown > comment.md
herokutf drift --write-baseline baseline.hcl --unmanaged
herokutf drift --import imports.tf
herokutf drift --import .
herokutf drift --next-apply
herokutf drift --accept --dry-run
herokutf drift --accept --write-config
herokutf drift --chdir production`,
		Annotations: map[string]string{exitCodes: `0  in sync; with --accept: accepted, or nothing to accept
1  error
2  drift; with --accept --dry-run: something would be accepted
3  no drift seen, but some objects could not be read`},
		ValidArgsFunction: completeStates,
	}
	o.folderFlags.bind(cmd)
	o.bindVars(cmd)
	o.bindScope(cmd)
	o.bindLook(cmd)
	o.accept.bind(cmd)
	o.bindNext(cmd)
	o.baseline.bind(cmd)
	o.bindAgain(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.importFile, "import", "", "write import blocks and resources for what is unmanaged to `FILE`, which must not exist, or beside each app in the configuration of the folder FILE; - is standard output, in place of the report (implies --unmanaged)")
	flags.StringVar(&o.cache, "cache", "", "keep answers that hold no secrets in the folder `DIR`, for the next run")
	bindLockTimeout(cmd, &o.lockTimeout, "with --accept: how long to wait for the state's lock, as `D`, such as 30s")
	completeFiles(cmd, "import", "tf")
	completeDirs(cmd, "cache")
	cmd.RunE = runs(e, o, (*driftOptions).check, driftRun, standIn)
	return cmd
}

func (o *driftOptions) bindScope(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&o.states, "state", nil, "read the state from `FILE`, which may be a pattern, or from - for standard input (repeatable, as STATE is; default: that of the folder)")
	o.bindFolders(cmd)
	flags.BoolVar(&o.scope.unmanaged, "unmanaged", false, "also report what the apps have and no state manages")
	flags.Var(list{&o.scope.only}, "only", "compare objects of these `KINDS` alone, with commas or repeated: resource types, such as formation, or identity, for apps, add-ons, attachments and couplings in a few requests in all")
	flags.StringArrayVar(&o.scope.ignore, "ignore", nil, "leave out what the rules in `FILE`, HCL or JSON, say (repeatable)")
	flags.BoolVar(&o.scope.blame, "blame", false, "say who changed code, config vars and add-ons, and when, by the releases of the apps")
	bindConfig(cmd, &o.config, "the folder `DIR` of the configuration, for a state that isn't that of the folder: what lifecycle.ignore_changes names there is left out, and --write-config edits it")
	completeFiles(cmd, "state", "tfstate", "json")
	completeList(cmd, "only", herokutf.DriftKinds()...)
	completeFiles(cmd, "ignore", "hcl", "json")
}

func (o *driftOptions) bindLook(cmd *cobra.Command) {
	flags := cmd.Flags()
	formats := make([]string, 0, len(report.Formats()))
	for _, f := range report.Formats() {
		formats = append(formats, string(f))
	}
	bindFormat(cmd, &o.look.format, "print the report as `FORMAT`: "+either(formats), formats...)
	flags.BoolVar(&o.look.verbose, "verbose", false, "list what is in sync as well, with --format text")
	flags.BoolVar(&o.look.showSecrets, "show-secrets", false, "show secret values in clear, with --format text only")
	flags.Var(list{&o.look.showVars}, "show-var", "show config vars whose name fits `GLOB` in clear, in every format: they are no secrets (repeatable, or with commas)")
	flags.IntVar(&o.look.limit, "markdown-limit", 0, "with --format markdown: write `N` bytes at the most, where a marker or other text is put before the report (default 65536, as a comment on GitHub takes)")
	flags.StringVar(&o.look.keyFile, "fingerprint-key-file", "", "the `FILE` with the key of the fingerprints, 16 bytes or more, so that they are the same in each run; it goes before HEROKUTF_FINGERPRINT_KEY")
	completeFiles(cmd, "fingerprint-key-file")
	complete(cmd, "show-var", "LOG_*", "*_ENV")
	complete(cmd, "markdown-limit", "65536")
}

// completeStates has shells complete arguments with state files.
func completeStates(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"tfstate", "json"}, cobra.ShellCompDirectiveFilterFileExt
}

// check holds the flags against each other.
func (o *driftOptions) check(args []string) error {
	o.states = append(o.states, args...)
	o.place = place{dir: o.dir, config: o.config}
	if len(o.states) == 1 {
		o.place.state = o.states[0]
	}
	stdin := 0
	for i, s := range o.states {
		if s == "-" {
			stdin++
		}
		o.states[i] = o.inDir(s)
	}
	if o.importFile != "-" {
		o.importFile = o.inDir(o.importFile)
	}
	for i, file := range o.scope.ignore {
		o.scope.ignore[i] = o.inDir(file)
	}
	o.look.keyFile = o.inDir(o.look.keyFile)
	if err := o.checkFolders(); err != nil {
		return err
	}
	switch {
	case o.config != "" && (o.dir != "" || len(o.states) == 0):
		return errConfig
	case stdin > 1:
		return errors.New("--state -: there is one standard input")
	case o.look.showSecrets && o.look.format != formatText:
		return errors.New("--show-secrets goes with --format text alone: other reports are kept and passed on")
	case o.look.verbose && o.look.format != formatText:
		return errors.New("--verbose goes with --format text: other reports are whole")
	case o.look.limit != 0 && o.look.format != string(report.Markdown):
		return errors.New("--markdown-limit goes with --format markdown")
	case o.importFile == "-" && o.look.format != formatText:
		return errors.New("--import - prints the blocks in place of the report: --format goes without it")
	}
	if err := errors.Join(o.checkAgain(), o.checkAccept(), o.checkNext(), o.baseline.check(o, time.Now())); err != nil {
		return err
	}
	o.scope.unmanaged = o.scope.unmanaged || o.importFile != ""
	return nil
}

func driftRun(ctx context.Context, o *driftOptions) error {
	if o.again != "" {
		return o.printAgain()
	}
	if o.Getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(comparing))
	}
	sources, err := o.sources()
	if err != nil {
		return err
	}
	opts, err := o.options()
	if err != nil {
		return err
	}
	if err := o.ignoreLifecycle(opts, sources); err != nil {
		return err
	}
	if err := o.checkImport(&opts); err != nil {
		return err
	}
	if err := o.baseline.absent(); err != nil {
		return err
	}
	client, err := o.newClient()
	if err != nil {
		return err
	}
	if o.accept.accept {
		return o.runAccept(ctx, sources[0].home, client, opts)
	}
	files, err := o.readSources(ctx, sources)
	if err != nil {
		return err
	}
	o.progress.Start()
	found, err := herokutf.DetectDriftIn(ctx, client, files, opts)
	if err != nil {
		return adviseKind(err)
	}
	noteUnread(found, o.unread)
	if err := o.foresee(ctx, found, sources); err != nil {
		return err
	}
	if err := o.writeBaseline(found, time.Now()); err != nil {
		return err
	}
	left := client.Left()
	look := report.Options{Place: o.placer(o.configured(found, sources)), Time: time.Now(), Left: &left}
	if err := o.deliver(found, look); err != nil {
		return err
	}
	o.adviseNext(found, files)
	return ending(found)
}

// deliver writes the import blocks and prints the report. look has what the flags don't
// say.
func (o *driftOptions) deliver(found *herokutf.DriftReport, look report.Options) error {
	var out bytes.Buffer
	switch {
	case o.importFile == "":
	case o.placed != nil:
		if err := o.placeImports(found); err != nil {
			return err
		}
	default:
		if err := found.WriteImports(&out); err != nil {
			return err
		}
		if o.importFile == "-" {
			// Terraform reads them, so that no line is broken at a width.
			if err := o.write(out.Bytes()); err != nil {
				return fmt.Errorf("print the import blocks: %w", err)
			}
			return nil
		}
		if err := writeNew("write the import blocks", o.importFile, out.Bytes()); errors.Is(err, os.ErrExist) {
			return existsError(o.importFile)
		} else if err != nil {
			return err
		}
		o.progress.Say("Import blocks are in " + o.importFile + ".")
		out.Reset()
	}
	look.Color = o.style(o.Stdout).On()
	look.Width = o.Screen(o.Stdout).Columns()
	look.ShowSecrets, look.Verbose, look.Limit = o.look.showSecrets, o.look.verbose, o.look.limit
	if err := report.Write(&out, found, report.Format(o.look.format), look); err != nil {
		return err
	}
	if err := o.write(out.Bytes()); err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	return nil
}

// adviseNext says to somebody at a terminal what can be done about the drift,
// in two lines at most.
func (o *driftOptions) adviseNext(found *herokutf.DriftReport, files []*statefile.File) {
	if !o.Screen(o.Stderr).Terminal || o.look.format != formatText {
		return
	}
	var next []string
	if found.Count(herokutf.Renamed) > 0 {
		next = append(next, "Apps were renamed: "+o.self("rename")+" repairs the state.")
	}
	if found.Count(herokutf.Changed) > 0 {
		next = append(next, "To take the values on Heroku into state and configuration: "+o.self("drift", "--accept", "--write-config")+". To put back those of the configuration: "+o.terraformAgain("apply")+".")
	}
	if found.Count(herokutf.Unmanaged) > 0 && o.importFile == "" {
		next = append(next, "To import what is unmanaged: "+o.self("drift", "--import FILE")+", or --import . for the files of the configuration.")
	}
	if found.Count(herokutf.Missing)+found.Count(herokutf.Replaced) > 0 {
		next = append(next, "What is gone would be created again by the next apply; "+o.self("drift", "--accept", "--write-config")+" takes it out of the configuration.")
	}
	if len(next) > 0 && slices.ContainsFunc(files, legacy) {
		next = slices.Insert(next, 0, "Before Terraform plans anything: "+replaceProvider+".")
	}
	if len(next) > 0 {
		o.printer.Print("\n" + o.Screen(o.Stderr).Wrap(strings.Join(next[:min(2, len(next))], "\n")+"\n"))
	}
}

// legacy reports whether Terraform plans with a state only after its provider was
// replaced.
func legacy(f *statefile.File) bool {
	repair, err := herokutf.RepairRename(f)
	return err == nil && repair.Legacy
}

// options makes the library's options out of the flags.
func (o *driftOptions) options() (herokutf.DriftOptions, error) {
	opts := herokutf.DriftOptions{
		Unmanaged: o.scope.unmanaged,
		Only:      o.scope.only,
		Blame:     o.scope.blame,
		ShowVars:  o.look.showVars,
		Progress:  o.progress.Drift,
	}
	var err error
	if opts.Key, err = o.fingerprintKey(); err != nil {
		return opts, err
	}
	if opts.Ignore, err = readRules(o.scope.ignore); err != nil {
		return opts, err
	}
	if o.accept.writeConfig {
		if opts.Config, err = configToWrite(o.config, cmp.Or(o.dir, ".")); err != nil {
			return opts, err
		}
	}
	return opts, nil
}

// minKey is how long the key of fingerprints is at least, in bytes: with one
// that can be guessed, values can be found out by trying.
const minKey = 16

// fingerprintKey is the key of fingerprints; nil if none is given. No error
// holds any of it.
func (o *driftOptions) fingerprintKey() ([]byte, error) {
	from, key := "HEROKUTF_FINGERPRINT_KEY", []byte(o.Getenv("HEROKUTF_FINGERPRINT_KEY"))
	if o.look.keyFile != "" {
		var err error
		from = "--fingerprint-key-file " + o.look.keyFile
		if key, err = os.ReadFile(o.look.keyFile); err != nil {
			return nil, fmt.Errorf("read the key of the fingerprints: %w", err)
		}
		key = bytes.TrimRight(key, "\r\n")
	} else if len(key) == 0 {
		return nil, nil
	}
	if len(key) < minKey {
		return nil, ui.Advise(fmt.Errorf("%s: the key has %d bytes, and needs %d or more", from, len(key), minKey),
			"make one with: openssl rand -hex 32")
	}
	return key, nil
}

func (o *driftOptions) newClient() (*platform.Client, error) {
	if o.cache == "" {
		return o.client("drift", nil)
	}
	cache, err := platform.NewCache(o.cache, nil)
	if err != nil {
		return nil, err
	}
	return o.client("drift", cache)
}

// adviseKind adds what a wrong --only may be.
func adviseKind(err error) error {
	wrong, ok := errors.AsType[*platform.InvalidNameError](err)
	switch {
	case ok && strings.HasPrefix(wrong.Kind, "name of config vars"):
		return ui.Advise(err, "--show-var takes names of config vars, with * for any run of characters and ? for one")
	case ok:
		hint := "--only takes resource types as the configuration has them, such as heroku_formation or just formation"
		if near := ui.Nearest(strings.TrimPrefix(wrong.Value, "heroku_"), herokutf.DriftKinds(), 1); len(near) > 0 {
			hint += "; did you mean " + near[0] + "?"
		}
		return ui.Advise(err, hint)
	}
	return err
}
