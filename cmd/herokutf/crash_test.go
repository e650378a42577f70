//go:build unix

package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/internal/testmode"
	"github.com/herokutf/herokutf/statefile"
)

// killer is terraform with a backend of one file, which sends a signal to the command
// that runs it: before or after a step that $AT names. What it was asked to do, it does
// all the same, as Terraform would. While it runs there is a folder busy; an interrupt that
// comes while it is about to end doesn't keep it from removing that.
const killer = `#!/bin/sh
case $1 in -chdir=*) shift ;; esac
until mkdir "$STORE/busy" 2>/dev/null; do :; done
trap 'trap "" INT; rmdir "$STORE/busy"' EXIT
trap 'exit 1' INT
trap '' PIPE
step=$1
if [ "$1" = state ]; then
	step=$2
	echo >> "$STORE/$2s"
	step=$2$(($(wc -l < "$STORE/$2s")))
fi
signal() {
	if [ "$1-$step" = "$AT" ]; then kill "-$SIGNAL" $PPID; fi
}
signal before
case $1$2 in
statepull) cat "$STORE/remote" ;;
statepush) for f; do :; done; cp "$f" "$STORE/new" && mv "$STORE/new" "$STORE/remote" ;;
plan*) echo '{"@message":"Terraform 1.11.4","terraform":"1.11.4","type":"version"}'
	echo '{"@level":"info","@message":"Plan","type":"change_summary","changes":{"add":0,"change":0,"remove":0,"operation":"plan"}}' ;;
*) echo "unexpected: $*" >&2; exit 1 ;;
esac
signal after
trap '' INT
exit 0
`

// A remoteShop is a configuration's folder with its state in a backend, and an app that
// was renamed.
type remoteShop struct {
	heroku             *herokutest.Server
	parent, dir, store string
	environ            []string
	state, config      []byte // before anything was done
}

func newRemoteShop(t *testing.T) *remoteShop {
	t.Helper()
	heroku, environ, state := shop(t)
	s := &remoteShop{heroku: heroku, parent: t.TempDir(), config: []byte("resource \"heroku_app\" \"shop\" {\n  name   = \"shop\"\n  region = \"us\"\n}\nterraform {\n  backend \"http\" {}\n}\n")}
	s.dir, s.store = filepath.Join(s.parent, "prod"), filepath.Join(s.parent, "store")
	var err error
	if s.state, err = os.ReadFile(state); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		filepath.Join(s.dir, "main.tf"):                         s.config,
		filepath.Join(s.dir, ".terraform", "terraform.tfstate"): []byte(`{"version": 3, "backend": {"type": "http", "config": {"address": "x", "lock_address": "x"}, "hash": 1}}`),
		filepath.Join(s.store, "remote"):                        s.state,
		filepath.Join(s.parent, "terraform"):                    []byte(killer),
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s.environ = append(os.Environ(), append(environ, "STORE="+s.store, "HEROKUTF_TERRAFORM="+filepath.Join(s.parent, "terraform"), "GORACE=atexit_sleep_ms=0")...)
	heroku.Rename("shop", "boutique")
	return s
}

// run runs the command, with a signal at a step, and waits for terraform to end, too.
func (s *remoteShop) run(t *testing.T, signal, at string, args ...string) (status syscall.WaitStatus, output string) {
	t.Helper()
	os.Remove(filepath.Join(s.store, "pulls"))
	os.Remove(filepath.Join(s.store, "pushs"))
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = s.dir, append(s.environ, "AT="+at, "SIGNAL="+signal)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Run()
	for range 3000 {
		if _, err := os.Stat(filepath.Join(s.store, "busy")); err != nil {
			return cmd.ProcessState.Sys().(syscall.WaitStatus), out.String()
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("terraform doesn't end")
	return 0, ""
}

func (s *remoteShop) read(t *testing.T, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// left are the folders that runs have left behind.
func (s *remoteShop) left(t *testing.T) []string {
	t.Helper()
	var left []string
	err := filepath.WalkDir(s.parent, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(d.Name(), ".herokutf-") {
			left = append(left, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// check holds what is there after a run that was ended against what may be: the old or
// the new state, a configuration that is whole, and backups that are what they say.
func (s *remoteShop) check(t *testing.T, old []byte, isNew func(state []byte) bool) {
	t.Helper()
	now := s.read(t, s.store, "remote")
	if !bytes.Equal(now, old) && !isNew(now) {
		t.Errorf("the state is neither old nor new:\n%s", now)
	}
	config := s.read(t, s.dir, "main.tf")
	if renamed := bytes.Replace(s.config, []byte(`"shop"`+"\n  region"), []byte(`"boutique"`+"\n  region"), 1); !bytes.Equal(config, s.config) && !bytes.Equal(config, renamed) {
		t.Errorf("the configuration is neither old nor new:\n%s", config)
	}
	err := filepath.WalkDir(filepath.Join(s.dir, ".terraform", "herokutf"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".tfstate" || strings.Contains(path, ".herokutf-") {
			return nil
		}
		if _, err := statefile.ReadFile(path); err != nil {
			t.Errorf("a backup: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func hasName(name string) func([]byte) bool {
	return func(state []byte) bool {
		f, err := statefile.Parse("state", state)
		return err == nil && bytes.Contains(f.Bytes(), []byte(`"name": "`+name+`"`))
	}
}

// steps are all that a run does through terraform, in their order.
var steps = []string{"before-pull1", "after-pull1", "before-plan", "after-plan", "before-push1", "after-push1", "before-pull2", "after-pull2"}

// TestKilledAtEachStep: whatever a run of a verb was doing when it was killed, the remote
// state is the old or the new one, backups and configuration are whole, and the next run
// clears away what is left and comes to its end.
func TestKilledAtEachStep(t *testing.T) {
	at := steps
	if !testmode.Full() {
		at = []string{"after-plan", "before-push1"}
	}
	for _, step := range at {
		t.Run("rename "+step, func(t *testing.T) {
			t.Parallel()
			s := newRemoteShop(t)
			if status, out := s.run(t, "KILL", step, "rename", "--write-config"); status.Signal() != syscall.SIGKILL {
				t.Fatalf("it wasn't killed: %v\n%s", status, out)
			}
			s.check(t, s.state, hasName("boutique"))
			again := hasName("boutique")(s.read(t, s.store, "remote"))
			if status, out := s.run(t, "", "", "rename", "--write-config", "shop=boutique"); status.ExitStatus() != 0 {
				t.Fatalf("the next run: %v\n%s", status, out)
			}
			s.check(t, nil, hasName("boutique"))
			if config := s.read(t, s.dir, "main.tf"); !bytes.Contains(config, []byte(`"boutique"`)) {
				t.Errorf("the configuration is\n%s", config)
			}
			if left := s.left(t); left != nil {
				t.Errorf("left behind: %v", left)
			}
			if again {
				return // that run had nothing to write, so that there is nothing to undo
			}
			if status, out := s.run(t, "", "", "undo"); status.ExitStatus() != 0 || !hasName("shop")(s.read(t, s.store, "remote")) {
				t.Errorf("undo: %v\n%s", status, out)
			}
		})
	}
	if !testmode.Full() {
		return
	}
	for _, step := range steps {
		t.Run("undo "+step, func(t *testing.T) {
			t.Parallel()
			s := newRemoteShop(t)
			if status, out := s.run(t, "", "", "rename"); status.ExitStatus() != 0 {
				t.Fatalf("%v\n%s", status, out)
			}
			renamed := s.read(t, s.store, "remote")
			if status, out := s.run(t, "KILL", step, "undo"); status.Signal() != syscall.SIGKILL {
				t.Fatalf("it wasn't killed: %v\n%s", status, out)
			}
			s.check(t, renamed, hasName("shop"))
			if status, out := s.run(t, "", "", "rename"); status.ExitStatus() != 0 || !hasName("boutique")(s.read(t, s.store, "remote")) {
				t.Errorf("the next run: %v\n%s", status, out)
			}
			if left := s.left(t); left != nil {
				t.Errorf("left behind: %v", left)
			}
		})
		t.Run("drift --accept "+step, func(t *testing.T) {
			t.Parallel()
			s := newRemoteShop(t)
			s.heroku.Rename("boutique", "shop")
			s.heroku.Scale("shop", "web", 5, "")
			scaled := func(state []byte) bool { return bytes.Contains(state, []byte(`"quantity": 5`)) }
			if status, out := s.run(t, "KILL", step, "drift", "--accept"); status.Signal() != syscall.SIGKILL {
				t.Fatalf("it wasn't killed: %v\n%s", status, out)
			}
			s.check(t, s.state, scaled)
			if status, out := s.run(t, "", "", "drift", "--accept"); status.ExitStatus() != 0 || !scaled(s.read(t, s.store, "remote")) {
				t.Errorf("the next run: %v\n%s", status, out)
			}
			if left := s.left(t); left != nil {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestInterruptedAtEachStep: an interrupt ends a run with exit code 130 and nothing left
// behind, up to the push, which gets the interrupt as well: it may come too late for it,
// and then the state is new. After that the run goes on to its end. An exit code of 0 is
// that of a state that was written.
func TestInterruptedAtEachStep(t *testing.T) {
	at := steps
	if !testmode.Full() {
		at = []string{"before-plan"}
	}
	for _, step := range at {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			s := newRemoteShop(t)
			status, out := s.run(t, "INT", step, "rename", "--write-config")
			pushed := strings.Contains(step, "push") || strings.HasSuffix(step, "pull2")
			if code := status.ExitStatus(); code != 130 && (!pushed || code != 0) {
				t.Errorf("it ended with %v\n%s", status, out)
			}
			s.check(t, s.state, hasName("boutique"))
			written := hasName("boutique")(s.read(t, s.store, "remote"))
			if step != "before-push1" && written != pushed || status.ExitStatus() == 0 && !written {
				t.Errorf("the state is new: %v, want %v\n%s", written, pushed, out)
			}
			if left := s.left(t); left != nil {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}
