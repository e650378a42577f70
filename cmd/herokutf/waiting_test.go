package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// movers counts the progresses that are shown, or would be at a terminal.
func movers() int {
	stacks := make([]byte, 4<<20)
	return bytes.Count(stacks[:runtime.Stack(stacks, true)], []byte("ui.(*Progress).move("))
}

// A watch tells a test's own progress from what other tests have left.
type watch struct{ others int }

func newWatch() watch { return watch{movers()} }

func (w watch) moving() bool { return movers() > w.others }

// becomes waits until something moves, or nothing does.
func (w watch) becomes(moving bool) bool {
	for range 500 {
		if w.moving() == moving {
			return true
		}
		time.Sleep(2 * time.Millisecond)
	}
	return false
}

// TestProgressWhileHerokuIsAsked: whatever waits for Heroku says so, and no longer than it
// waits.
func TestProgressWhileHerokuIsAsked(t *testing.T) {
	w := newWatch()
	heroku, _, path := shop(t)
	heroku.AddPipeline(herokutest.Pipeline{Name: "shop", ID: "aaaaaaaa-0000-4000-8000-000000000001"})
	heroku.Couple("shop", "shop", "production")
	var asked, silent atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if asked.Add(1); !w.moving() {
			silent.Add(1)
		}
		heroku.ServeHTTP(rw, r)
	}))
	defer server.Close()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	put(t, "s.tfstate", string(data))
	put(t, "empty.tfstate", `{"version": 4, "serial": 1, "lineage": "x", "outputs": {}, "resources": []}`)
	put(t, filepath.Join("home", defaultState), string(data))
	put(t, filepath.Join("new", "x.txt"), "")
	heroku.Scale("shop", "web", 5, "")
	for _, tt := range []struct {
		args string
		code int
	}{
		{"drift --state s.tfstate", exitDrift},
		{"drift --accept --dry-run --state s.tfstate", exitDrift},
		{"drift --accept --state s.tfstate", 0},
		{"drift --accept --chdir home", 0},
		{"rename --dry-run --state s.tfstate", 0},
		{"adopt --chdir new --app shop --dry-run", exitWouldChange},
		{"slugs --format json", 0},
		{"slugs --diff empty.tfstate", exitDiff},
	} {
		e, _, stderr := testEnv(t, "HEROKU_API_URL="+server.URL, "HEROKU_API_KEY=any-token-will-do", "BUILD_PIPELINE_SHOP=shop", "HEROKUTF_TERRAFORM=none")
		asked.Store(0)
		silent.Store(0)
		code := e.finish(e.execute(t.Context(), newRootCmd(e), strings.Fields(tt.args)))
		if code != tt.code || asked.Load() == 0 || silent.Load() > 0 || !w.becomes(false) {
			t.Errorf("%s: exit code %d, %d requests, %d of them in silence; %s", tt.args, code, asked.Load(), silent.Load(), stderr)
		}
	}
	// By themselves, since something else may follow: a command, or a plan.
	e, _, _ := testEnv(t, "HEROKU_API_URL="+server.URL, "HEROKU_API_KEY=any-token-will-do", "BUILD_PIPELINE_SHOP=shop")
	flags := new(slugFlags)
	slugs, _, err := flags.resolve(t.Context(), e, "slugs")
	if err != nil || !w.becomes(false) {
		t.Errorf("resolved: %v", err)
	}
	f, err := statefile.ReadFile("s.tfstate")
	if err != nil {
		t.Fatal(err)
	}
	asked.Store(0)
	silent.Store(0)
	if _, err := flags.compareSlugs(t.Context(), e, "slugs", &baseline{pins: new(herokutf.Slugs)}, slugs); err != nil || !w.becomes(false) {
		t.Errorf("compared: %v", err)
	}
	client, err := e.client("deploy", nil)
	if err != nil {
		t.Fatal(err)
	}
	d := &deployment{deployOptions: &deployOptions{env: e, folderFlags: folderFlags{dir: "new"}, format: formatText}, heroku: client, slugs: slugs}
	if d.rules, err = readRules(nil); err != nil {
		t.Fatal(err)
	}
	if _, err := d.compare(t.Context(), f); err != nil || !w.becomes(false) || silent.Load() > 0 || asked.Load() == 0 {
		t.Errorf("a deployment: %v; %d requests, %d of them in silence", err, asked.Load(), silent.Load())
	}
}

// TestProgressWhileLocked: whatever waits for a lock says so.
func TestProgressWhileLocked(t *testing.T) {
	w := newWatch()
	_, _, path := shop(t)
	dir := filepath.Dir(path)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, defaultState), string(data))
	for _, args := range []string{
		"undo --lock-timeout 1m --state " + path,
		"undo --lock-timeout 1m --chdir " + dir,
		"rename --offline a=b --lock-timeout 1m --state " + path,
	} {
		t.Run(args[:4], func(t *testing.T) {
			held := path
			if strings.Contains(args, "--chdir") {
				held = filepath.Join(dir, defaultState)
			}
			e, _, _ := testEnv(t, "HEROKUTF_TERRAFORM=none")
			ctx, cancel := context.WithCancel(t.Context())
			over := make(chan struct{})
			_, err := statefile.Update(t.Context(), held, statefile.UpdateOptions{}, func(f *statefile.File) (*statefile.File, error) {
				go func() {
					defer close(over)
					e.finish(e.execute(ctx, newRootCmd(e), strings.Fields(args)))
				}()
				if !w.becomes(true) {
					t.Errorf("%s waits in silence", args)
				}
				cancel()
				<-over
				return f, nil
			})
			if err != nil || !w.becomes(false) {
				t.Error(err)
			}
		})
	}
}

// TestNoticesBeforeNotes: what was held back while Heroku was asked is printed before the
// notes on what came of it.
func TestNoticesBeforeNotes(t *testing.T) {
	heroku, environ, path := shop(t)
	heroku.Deny("shop-jobs")
	e, _, stderr := testEnv(t, environ...)
	e.progress.Event(platform.Event{Kind: platform.EventWarning, Method: "GET", Path: "/x", Message: "held back"})
	if code := e.finish(e.execute(t.Context(), newRootCmd(e), []string{"drift", "--accept", "--dry-run", "--state", path})); code != 0 {
		t.Errorf("exit code %d", code)
	}
	held, note := strings.Index(stderr.String(), "held back"), strings.Index(stderr.String(), "could not be compared")
	if held < 0 || note < held {
		t.Errorf("got %s", stderr)
	}
}
