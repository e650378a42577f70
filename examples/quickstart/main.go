// Command quickstart shows what the library does, on a fake Heroku that runs
// inside this process: no account, no network, no Terraform.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"golang.org/x/term"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
)

const name = "quickstart"

const help = `usage: quickstart

Shows the library's jobs on a fake Heroku that runs inside this process, with a
Terraform state in a temporary folder. It needs no account, no network and no
Terraform, and leaves nothing behind.
`

// state is what the Heroku provider 4.9.0 keeps of a small shop.
//
//go:embed terraform.tfstate
var state []byte

// seed is the same shop on Heroku, in the form of [herokutest.Seed].
//
//go:embed heroku.json
var seed []byte

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, name+":", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are printed by main
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		_, err = io.WriteString(stdout, help)
		return err
	} else if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; quickstart -h says what it does", flags.Arg(0))
	}
	return show(ctx, stdout)
}

// A tour prints what it does as it goes on.
type tour struct {
	stdout io.Writer
	paint  bool
	heroku *herokutest.Server
	client *platform.Client
	path   string // of the state
}

func (t *tour) say(format string, args ...any) { fmt.Fprintf(t.stdout, format+"\n", args...) }

// colored paints a text, if there is a terminal to see it.
func (t *tour) colored(code, text string) string {
	if !t.paint {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (t *tour) bold(text string) string  { return t.colored("1", text) }
func (t *tour) red(text string) string   { return t.colored("31", text) }
func (t *tour) green(text string) string { return t.colored("32", text) }

func (t *tour) heading(text string) { t.say("\n%s", t.bold(text)) }

func show(ctx context.Context, stdout io.Writer) (err error) {
	heroku := herokutest.NewServer()
	defer heroku.Close()
	client, err := platform.New(platform.Options{BaseURL: heroku.URL, Token: "any-token-will-do"})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "herokutf-quickstart-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	f, ok := stdout.(*os.File)
	paint := ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	t := &tour{stdout: stdout, paint: paint, heroku: heroku, client: client, path: filepath.Join(dir, "terraform.tfstate")}
	t.say("A fake Heroku answers on %s.", heroku.URL)
	if err := t.slugs(ctx); err != nil {
		return err
	}
	if err := t.drift(ctx); err != nil {
		return err
	}
	return t.rename(ctx)
}

// slugs shows the way from pipelines to Terraform variables.
func (t *tour) slugs(ctx context.Context) error {
	t.heading("1. Which slugs do my pipelines run?")
	pipeline := t.heroku.AddPipeline(herokutest.Pipeline{Name: "api"})
	for _, stage := range []string{herokutest.Staging, herokutest.Production} {
		app := t.heroku.AddApp(herokutest.App{Name: "api-" + stage})
		t.heroku.Couple(pipeline.ID, app.ID, stage)
		slug := t.heroku.AddSlug(app.ID, herokutest.Slug{})
		t.heroku.Deploy(app.ID, slug.ID)
	}
	env := []string{"BUILD_PIPELINE_API=" + pipeline.ID}
	t.say("The pipeline comes from the environment: %s", env[0])

	pipelines, err := herokutf.PipelinesFromEnv(env, "")
	if err != nil {
		return err
	}
	before := t.client.Requests()
	slugs, err := herokutf.ResolveSlugs(ctx, t.client, pipelines, herokutf.SlugOptions{})
	if err != nil {
		return err
	}
	t.say("%d requests later, for a shell:\n", t.client.Requests()-before)
	var shell strings.Builder
	if err := slugs.Write(&shell, herokutf.FormatShell, nil); err != nil {
		return err
	}
	for line := range strings.Lines(shell.String()) {
		t.say("  %s", t.green(strings.TrimSuffix(line, "\n")))
	}
	return nil
}

// drift shows what has changed behind Terraform's back.
func (t *tour) drift(ctx context.Context) error {
	t.heading("2. What has drifted?")
	if err := os.WriteFile(t.path, state, 0o600); err != nil {
		return err
	}
	if err := t.heroku.Load(bytes.NewReader(seed)); err != nil {
		return err
	}
	t.say("A shop and its Terraform state, compared without Terraform:\n")
	if err := t.compare(ctx); err != nil {
		return err
	}

	t.heroku.Scale("shop", "web", 5, "")
	t.heroku.SetConfigVars("shop", map[string]string{"LOG_LEVEL": "debug"})
	t.heroku.AddAddon(herokutest.Addon{App: "shop", Name: "redis-round-5678", Plan: "heroku-redis:mini"})
	t.heroku.Deploy("shop", "")
	t.heroku.Rename("shop", "boutique")
	t.say("\nIn the dashboard, somebody scales the dynos, sets a config var, adds an add-on,")
	t.say("deploys, and renames %s to %s:\n", t.red("shop"), t.green("boutique"))
	return t.compare(ctx)
}

// compare prints the drift of the state, as "herokutf drift" does.
func (t *tour) compare(ctx context.Context) error {
	f, err := statefile.ReadFile(t.path)
	if err != nil {
		return err
	}
	drift, err := herokutf.DetectDrift(ctx, t.client, f, herokutf.DriftOptions{Unmanaged: true})
	if err != nil {
		return err
	}
	var text strings.Builder
	if err := report.Write(&text, drift, report.Text, report.Options{Color: t.paint}); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		t.say("%s", strings.TrimRight("  "+strings.TrimSuffix(line, "\n"), " "))
	}
	return nil
}

// rename shows a state before and after the repair, and the undo.
func (t *tour) rename(ctx context.Context) error {
	t.heading("3. An app was renamed. How do I get my state back?")
	before, err := statefile.ReadFile(t.path)
	if err != nil {
		return err
	}
	t.say("The state, serial %s, knows the app by its name:\n", before.Serial())
	for i := range before.Instances() {
		id, _ := i.Attr("id")
		t.say("  %-38s id %s", i.Address(), id.Text())
	}
	t.say("\nTerraform would now create a second app and replace the database. The renames")
	t.say("are found by UUID:\n")

	var repair *herokutf.Repair
	result, err := statefile.Update(ctx, t.path, statefile.UpdateOptions{Operation: name}, func(f *statefile.File) (*statefile.File, error) {
		renames, err := herokutf.FindRenames(ctx, t.client, f)
		if err != nil {
			return nil, err
		}
		if repair, err = herokutf.RepairRename(f, renames...); err != nil {
			return nil, err
		}
		return repair.Apply()
	})
	if err != nil {
		return err
	}
	after, err := os.ReadFile(t.path)
	if err != nil {
		return err
	}
	_, hunks, _ := bytes.Cut(diff.Diff("before", state, "after", after), []byte("\n"))
	for line := range strings.Lines(string(hunks)) {
		switch line = strings.TrimSuffix(line, "\n"); {
		case strings.HasPrefix(line, "+"):
			line = t.green(line)
		case strings.HasPrefix(line, "-"):
			line = t.red(line)
		}
		t.say("%s", line)
	}
	t.say("\n%d changes, serial %s -> %s. Mentioned elsewhere, and left alone:", len(repair.Changes), result.OldSerial, result.NewSerial)
	for _, mention := range repair.Mentions {
		t.say("  %s", strings.TrimSpace(mention.Address+" "+mention.Path.String()))
	}

	t.heading("4. And back")
	undone, err := statefile.Undo(ctx, t.path, "", statefile.UpdateOptions{Operation: name})
	if err != nil {
		return err
	}
	back, err := os.ReadFile(t.path)
	if err != nil {
		return err
	}
	serial := func(s string) []byte { return []byte(`"serial": ` + s + ",") }
	if !bytes.Equal(bytes.Replace(back, serial(undone.NewSerial), serial(before.Serial()), 1), state) {
		return errors.New("the undo didn't give the state back")
	}
	t.say("The backup %s is put back:", filepath.Base(result.Backup))
	t.say("every byte as it was, but the serial, which is %s now.", undone.NewSerial)
	return nil
}
