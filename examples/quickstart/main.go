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
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/examples/internal/cli"
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

func main() { cli.Main(run) }

func run(ctx context.Context, std cli.IO, args []string) int {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.Usage = func() { fmt.Fprint(fs.Output(), help) }
	if code, ok := cli.Parse(fs, std, args); !ok {
		return code
	}
	if fs.NArg() > 0 {
		cli.Usage(fs, std, fmt.Errorf("unexpected argument %q", fs.Arg(0)))
		return cli.ExitError
	}
	if err := show(ctx, std); err != nil {
		cli.Fail(name, std, err)
		return cli.ExitError
	}
	return cli.ExitOK
}

// A tour prints what it does as it goes on.
type tour struct {
	cli.Style
	std    cli.IO
	heroku *herokutest.Server
	client *platform.Client
	path   string // of the state
}

func (t *tour) say(format string, args ...any) { fmt.Fprintf(t.std.Stdout, format+"\n", args...) }

func (t *tour) heading(text string) { t.say("\n%s", t.Bold(text)) }

func show(ctx context.Context, std cli.IO) (err error) {
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
	t := &tour{Style: cli.NewStyle(std, std.Stdout), std: std, heroku: heroku, client: client, path: filepath.Join(dir, "terraform.tfstate")}
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
	t.say("%s later, for a shell:\n", cli.Plural(t.client.Requests()-before, "request"))
	var shell strings.Builder
	if err := slugs.Write(&shell, herokutf.FormatShell, nil); err != nil {
		return err
	}
	for line := range strings.Lines(shell.String()) {
		t.say("  %s", t.New(strings.TrimSuffix(line, "\n")))
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
	t.say("deploys, and renames %s to %s:\n", t.Old("shop"), t.New("boutique"))
	return t.compare(ctx)
}

// compare prints the drift of the state, as detect-drift does.
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
	if err := report.Write(&text, drift, report.Text, report.Options{Color: t.On()}); err != nil {
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
	t.say("%s", t.Diff(string(hunks)))
	t.say("%s, serial %s -> %s. Mentioned elsewhere, and left alone:", cli.Plural(len(repair.Changes), "change"), result.OldSerial, result.NewSerial)
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
