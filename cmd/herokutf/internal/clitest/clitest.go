// Package clitest runs the example commands in scripts, against a fake Heroku.
package clitest

import (
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/herokutf/herokutf/herokutest"
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
//	heroku requests N              so many requests have come in
//	heroku unmodified N            so many were answered with 304
//	heroku reset                   count requests from here
//
//	backend start | load FILE | save FILE | unlocked
//	                               a state store for Terraform's http backend
//
// The condition [hangup] holds where a hangup would be heard.
//
// HEROKU_API_URL and HEROKU_API_KEY lead to the fake; $STATES is the folder of
// states that the Heroku provider wrote, and $SHOP that of a small shop's state,
// shop.tfstate, and of the seed that it is in sync with, shop.json.
func Run(t *testing.T) {
	states, err := filepath.Abs("../../statefile/testdata/states")
	if err != nil {
		t.Fatal(err)
	}

	shop, err := filepath.Abs("../internal/clitest/testdata")
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
			env.Setenv("HEROKU_API_URL", server.URL)
			env.Setenv("HEROKU_API_KEY", Token)
			env.Setenv("STATES", states)
			env.Setenv("SHOP", shop)
			env.Setenv("CHECKPOINT_DISABLE", "1")     // Terraform calls no home
			env.Setenv("GORACE", "atexit_sleep_ms=0") // with -race, commands would sleep a second when they exit
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"backend": backendCommand,
			"exits":   exits,
			"heroku":  heroku,
		},
		Condition: func(cond string) (bool, error) {
			// Under nohup, and in some CI jobs, nobody here hears a hangup.
			if cond == "hangup" {
				return !signal.Ignored(syscall.SIGHUP), nil
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

func heroku(ts *testscript.TestScript, neg bool, args []string) {
	server := ts.Value(serverKey{}).(*herokutest.Server)
	need := func(n int) {
		if neg || len(args) != n+1 {
			ts.Fatalf("heroku %s: wrong arguments", args[0])
		}
	}
	if len(args) == 0 {
		ts.Fatalf("heroku: which command?")
	}
	switch args[0] {
	case "load":
		need(1)
		ts.Check(server.Load(strings.NewReader(ts.ReadFile(args[1]))))
	case "app":
		app := herokutest.App{}
		if len(args) == 3 {
			app.ID = args[2]
			args = args[:2]
		}
		need(1)
		app.Name = args[1]
		server.AddApp(app)
	case "pipeline":
		need(2)
		server.AddPipeline(herokutest.Pipeline{Name: args[1], ID: args[2]})
	case "couple":
		need(3)
		server.Couple(args[1], args[2], args[3])
	case "deploy":
		need(2)
		server.AddSlug(args[1], herokutest.Slug{ID: args[2]})
		server.Deploy(args[1], args[2])
	case "fail":
		need(2)
		server.AddSlug(args[1], herokutest.Slug{ID: args[2]})
		server.FailRelease(args[1], args[2])
	case "pending":
		need(2)
		server.AddSlug(args[1], herokutest.Slug{ID: args[2]})
		server.PendingRelease(args[1], args[2])
	case "rename":
		need(2)
		server.Rename(args[1], args[2])
	case "scale":
		need(3)
		n, err := strconv.Atoi(args[3])
		ts.Check(err)
		server.Scale(args[1], args[2], n, "")
	case "config":
		need(2)
		if key, value, ok := strings.Cut(args[2], "="); ok {
			server.SetConfigVars(args[1], map[string]string{key: value})
		} else {
			server.UnsetConfigVars(args[1], key)
		}
	case "addon":
		need(3)
		server.AddAddon(herokutest.Addon{App: args[1], Plan: args[2], Name: args[3]})
	case "remove":
		need(1)
		server.DeleteAddon(args[1])
	case "maintenance":
		need(1)
		server.SetMaintenance(args[1], true)
	case "deny":
		need(1)
		server.Deny(args[1])
	case "delete":
		need(1)
		server.DeleteApp(args[1])
	case "slow":
		need(0)
		server.Inject(herokutest.Fault{Times: -1, Latency: time.Minute})
	case "await":
		need(0)
		for range 1000 {
			if len(server.Log()) > 0 {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		ts.Fatalf("no request comes")
	case "down":
		need(0)
		server.Close()
	case "unmodified":
		need(1)
		n := 0
		for _, r := range server.Log() {
			if r.Status == http.StatusNotModified {
				n++
			}
		}
		if strconv.Itoa(n) != args[1] {
			ts.Fatalf("%d requests were answered with 304, want %s", n, args[1])
		}
	case "reset":
		need(0)
		server.ResetRequests()
	case "requests":
		need(1)
		if got := strconv.Itoa(len(server.Log())); got != args[1] {
			ts.Fatalf("%s requests, want %s: %v", got, args[1], server.Requests())
		}
	default:
		ts.Fatalf("heroku: unknown command %q", args[0])
	}
}
