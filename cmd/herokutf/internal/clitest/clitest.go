// Package clitest runs the command in scripts, against a fake Heroku.
package clitest

import (
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/internal/faketfc"
	"github.com/herokutf/herokutf/internal/testmode"
)

// Token is the token that the scripts run with. It may be printed by no
// command, which "exits" sees to.
const Token = "HRKU-0f1e2d3c-secret-of-the-scripts"

type serverKey struct{}

// Run runs the scripts below testdata/script. Besides testscript's own
// commands they have:
//
//	exits CODE COMMAND ARGS...     the command ends with that exit code
//	heroku load FILE               add what a seed of herokutest holds
//	heroku app NAME [UUID]         add an app
//	heroku pipeline NAME UUID      add a pipeline
//	heroku couple PIPELINE APP STAGE
//	heroku deploy APP SLUG         a release that succeeds
//	heroku fail APP SLUG           a release that fails
//	heroku pending APP SLUG        a release that is under way
//	heroku expire APP VERSION      Heroku deletes the slug of that release
//	heroku build APP SLUG URL      what the slug was built from
//	heroku rename APP NAME
//	heroku scale APP PROCESS N
//	heroku config APP KEY=VALUE    KEY alone unsets it
//	heroku addon APP PLAN NAME     add an add-on
//	heroku remove ADDON
//	heroku maintenance APP
//	heroku deny APP                403 from now on
//	heroku delete APP
//	heroku slow                    no answer within a minute, from now on
//	heroku await                   wait until a request has come in
//	heroku down                    nobody answers from now on
//	heroku budget N                so many requests are left to the account
//	heroku requests N              so many requests have come in
//	heroku unmodified N            so many were answered with 304
//	heroku reset                   count requests from here
//
//	schema NAME FILE               every JSON value in the file is as
//	                               schemas/NAME.schema.json says
//
//	shows CODE PAGE COMMAND        the command line ends with that exit code, and
//	                               what PAGE, such as docs/drift.md, shows behind
//	                               "$ COMMAND" is what it prints; a line "..." there
//	                               stands for any lines
//
//	recipe CODE FILE PATH          run what a file for a CI system, such as
//	                               docs/examples/circleci.yml, has at a path such
//	                               as jobs/drift/steps/2/run/command
//
//	backend start | load FILE | save FILE | unlocked
//	                               a state store for Terraform's http backend
//
//	tfc start                      a workspace acme/production of HCP Terraform, for
//	                               the token in $TF_TOKEN_127_0_0_1
//	tfc set KEY VALUE              a variable that somebody sets by hand
//	tfc variables FILE             what the variables are now, a line each
//
// The condition [hangup] holds where a hangup would be heard, and [full] where long
// tests run in full.
//
// HEROKU_API_URL and HEROKU_API_KEY lead to the fake; $STATES is the folder of
// states that the Heroku provider wrote, and $SHOP that of a small shop's state,
// shop.tfstate, and of the seed that it is in sync with, shop.json. $QUICKSTART
// is the folder of the example quickstart, which has such a pair of provider 4.9.0.
func Run(t *testing.T) {
	states, err := filepath.Abs("../../statefile/testdata/states")
	if err != nil {
		t.Fatal(err)
	}

	shop, err := filepath.Abs("internal/clitest/testdata")
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := filepath.Abs("../../schemas")
	if err != nil {
		t.Fatal(err)
	}
	quickstart, err := filepath.Abs("../../examples/quickstart")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			server := herokutest.New(herokutest.Options{Token: Token})
			server.Start()
			env.Defer(server.Close)
			env.Values[serverKey{}] = server
			env.Values[backendKey{}] = new(backend)
			env.Values[tfcKey{}] = &faketfc.Server{Token: Token, Workspace: "acme/production"}
			env.Setenv("HEROKU_API_URL", server.URL)
			env.Setenv("HEROKU_API_KEY", Token)
			env.Values[schemasKey{}] = schemas
			env.Setenv("STATES", states)
			env.Setenv("SHOP", shop)
			env.Setenv("QUICKSTART", quickstart)
			env.Setenv("CHECKPOINT_DISABLE", "1")     // Terraform calls no home
			env.Setenv("GORACE", "atexit_sleep_ms=0") // with -race, commands would sleep a second when they exit
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"backend": backendCommand,
			"exits":   exits,
			"heroku":  heroku,
			"recipe":  recipe,
			"schema":  schema,
			"shows":   shows,
			"tfc":     tfcCommand,
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "full":
				return testmode.Full(), nil
			case "hangup":
				// Under nohup, and in some CI jobs, nobody here hears a hangup.
				return !signal.Ignored(syscall.SIGHUP), nil
			case "sh", "bash":
				// Windows may have one, but runs no scripts as programs, and has neither the
				// paths nor the signals of Unix.
				_, err := exec.LookPath(cond)
				return err == nil && runtime.GOOS != "windows", nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		RequireExplicitExec: true,
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	for _, stream := range []string{"stdout", "stderr"} {
		if strings.Contains(ts.ReadFile(stream), Token) {
			ts.Fatalf("the token stands in %s", stream)
		}
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// A herokuCommand is what "heroku NAME" does with its arguments; arity is how many
// it takes.
type herokuCommand struct {
	arity int
	do    func(ts *testscript.TestScript, server *herokutest.Server, args []string)
}

// releases returns a command that adds a release of a slug.
func releases(release func(server *herokutest.Server, app, slug string)) herokuCommand {
	return herokuCommand{2, func(_ *testscript.TestScript, server *herokutest.Server, args []string) {
		server.AddSlug(args[0], herokutest.Slug{ID: args[1]})
		release(server, args[0], args[1])
	}}
}

var herokuCommands = map[string]herokuCommand{
	"load": {1, func(ts *testscript.TestScript, server *herokutest.Server, args []string) {
		ts.Check(server.Load(strings.NewReader(ts.ReadFile(args[0]))))
	}},
	"app": {1, func(_ *testscript.TestScript, server *herokutest.Server, args []string) {
		server.AddApp(herokutest.App{Name: args[0]})
	}},
	"pipeline": {2, func(_ *testscript.TestScript, server *herokutest.Server, args []string) {
		server.AddPipeline(herokutest.Pipeline{Name: args[0], ID: args[1]})
	}},
	"couple": {3, func(_ *testscript.TestScript, server *herokutest.Server, args []string) {
		server.Couple(args[0], args[1], args[2])
	}},
	"deploy":  releases(func(server *herokutest.Server, app, slug string) { server.Deploy(app, slug) }),
	"fail":    releases(func(server *herokutest.Server, app, slug string) { server.FailRelease(app, slug) }),
	"pending": releases(func(server *herokutest.Server, app, slug string) { server.PendingRelease(app, slug) }),
	"rename": {2, func(_ *testscript.TestScript, server *herokutest.Server, args []string) {
		server.Rename(args[0], args[1])
	}},
	"scale": {3, func(ts *testscript.TestScript, server *herokutest.Server, args []string) {
		n, err := strconv.Atoi(args[2])
		ts.Check(err)
		server.Scale(args[0], args[1], n, "")
	}},
	"config": {2, func(_ *testscript.TestScript, server *herokutest.Server, args []string) {
		if key, value, ok := strings.Cut(args[1], "="); ok {
			server.SetConfigVars(args[0], map[string]string{key: value})
		} else {
			server.UnsetConfigVars(args[0], key)
		}
	}},
	"addon": {3, func(_ *testscript.TestScript, server *herokutest.Server, args []string) {
		server.AddAddon(herokutest.Addon{App: args[0], Plan: args[1], Name: args[2]})
	}},
	"expire": {2, func(ts *testscript.TestScript, server *herokutest.Server, args []string) {
		version, err := strconv.Atoi(args[1])
		ts.Check(err)
		server.Expire(args[0], version)
	}},
	"build": {3, func(_ *testscript.TestScript, server *herokutest.Server, args []string) {
		server.AddBuild(args[0], herokutest.Build{Slug: args[1], SourceURL: args[2]})
	}},
	"remove": {1, func(_ *testscript.TestScript, server *herokutest.Server, args []string) { server.DeleteAddon(args[0]) }},
	"maintenance": {1, func(_ *testscript.TestScript, server *herokutest.Server, args []string) {
		server.SetMaintenance(args[0], true)
	}},
	"deny":   {1, func(_ *testscript.TestScript, server *herokutest.Server, args []string) { server.Deny(args[0]) }},
	"delete": {1, func(_ *testscript.TestScript, server *herokutest.Server, args []string) { server.DeleteApp(args[0]) }},
	"slow": {0, func(_ *testscript.TestScript, server *herokutest.Server, _ []string) {
		server.Inject(herokutest.Fault{Times: -1, Latency: time.Minute})
	}},
	"await": {0, await},
	"budget": {1, func(ts *testscript.TestScript, server *herokutest.Server, args []string) {
		n, err := strconv.Atoi(args[0])
		ts.Check(err)
		server.SetRateLimit(n)
	}},
	"down":       {0, func(_ *testscript.TestScript, server *herokutest.Server, _ []string) { server.Close() }},
	"unmodified": {1, unmodified},
	"reset":      {0, func(_ *testscript.TestScript, server *herokutest.Server, _ []string) { server.ResetRequests() }},
	"requests": {1, func(ts *testscript.TestScript, server *herokutest.Server, args []string) {
		if got := strconv.Itoa(len(server.Log())); got != args[0] {
			ts.Fatalf("%s requests, want %s: %v", got, args[0], server.Requests())
		}
	}},
}

// await waits until a request has come in.
func await(ts *testscript.TestScript, server *herokutest.Server, _ []string) {
	for range 1000 {
		if len(server.Log()) > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("no request comes")
}

// unmodified counts the answers without a body.
func unmodified(ts *testscript.TestScript, server *herokutest.Server, args []string) {
	n := 0
	for _, r := range server.Log() {
		if r.Status == http.StatusNotModified {
			n++
		}
	}
	if strconv.Itoa(n) != args[0] {
		ts.Fatalf("%d requests were answered with 304, want %s", n, args[0])
	}
}

// heroku is the script command "heroku".
func heroku(ts *testscript.TestScript, neg bool, args []string) {
	server := ts.Value(serverKey{}).(*herokutest.Server)
	if len(args) == 0 {
		ts.Fatalf("heroku: which command?")
	}
	name, args := args[0], args[1:]
	if name == "app" && len(args) == 2 && !neg {
		server.AddApp(herokutest.App{Name: args[0], ID: args[1]})
		return
	}
	command, ok := herokuCommands[name]
	if !ok {
		ts.Fatalf("heroku: unknown command %q", name)
	}
	if neg || len(args) != command.arity {
		ts.Fatalf("heroku %s: wrong arguments", name)
	}
	command.do(ts, server, args)
}
