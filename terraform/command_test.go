package terraform

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestVersion: what the program calls itself, asked once for a folder, and again only when
// that failed.
func TestVersion(t *testing.T) {
	b := newBench(t, "fail-version")
	f := b.open(t, Options{})
	if v, err := f.Version(t.Context()); v != (Version{}) || !errors.Is(err, ErrCommand) || !strings.Contains(err.Error(), "terraform version") {
		t.Errorf("got %+v, %v", v, err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	fault := standInFault + "="
	environ := append(b.environ, fault)
	f.environ = func() []string { return environ }
	want := Version{Name: "Terraform", Number: "1.11.4", Path: program}
	for range 3 {
		if v, err := f.Version(t.Context()); err != nil || v != want {
			t.Errorf("got %+v, %v; want %+v", v, err, want)
		}
	}
	if got := b.calls(t); len(got) != 2 {
		t.Errorf("it was asked %d times", len(got))
	}
	for says, want := range map[string]string{
		"OpenTofu v1.9.0\r\non linux": "OpenTofu v1.9.0", "Terraform v1.12.0-beta2": "Terraform v1.12.0-beta2",
		"hello": "", "Terraform 1.11.4": "", "My Terraform v1.11.4": "", "Terraform v1.11.4 of mine": "", "Terraform v1\t2": "", " v1\nTerraform v2": "",
	} {
		f := b.open(t, Options{Environ: []string{fault, standInSays + "=" + says}})
		v, err := f.Version(t.Context())
		if want != "" {
			if err != nil || v.String() != want {
				t.Errorf("%q: got %v, %v", says, v, err)
			}
			continue
		}
		e, ok := errors.AsType[*CommandError](err)
		if !ok || v != (Version{}) || e.Hint == "" || err.Error() != "terraform version: its answer begins with no name and version" {
			t.Errorf("%q: got %v, %v (%+v)", says, v, err, e)
		}
	}
}

// TestRunEnviron: a command runs where the folder was opened, on the state that was meant
// then, with the folder's environment and its own.
func TestRunEnviron(t *testing.T) {
	b := newBench(t, "")
	t.Chdir(b.parent)
	f := b.open(t, Options{Environ: []string{"X=folder", "TF_CLI_ARGS=-a", "TF_WORKSPACE=prod"}})
	t.Chdir(b.store)
	run := func(c Command) string {
		t.Helper()
		var out bytes.Buffer
		c.Args, c.Stdout = []string{"environ"}, &out
		if code, err := f.Run(t.Context(), c); code != 0 || err != nil {
			t.Errorf("code %d, error %v", code, err)
		}
		return strings.TrimSpace(out.String())
	}
	if got, want := run(Command{}), strings.Join([]string{b.dir, b.parent, "prod", "1", "-a", "folder"}, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := run(Command{Environ: []string{"X=own", "TF_WORKSPACE=other"}}), strings.Join([]string{b.dir, b.parent, "other", "1", "-a", "own"}, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestNotStarted: a program that isn't one.
func TestNotStarted(t *testing.T) {
	b := newBench(t, "")
	f := b.open(t, Options{})
	path := filepath.Join(b.parent, "program")
	tree(t, b.parent, map[string]string{"program": "not one"})
	f.command = func() (string, error) { return path, nil }
	if code, err := f.Run(t.Context(), Command{Args: []string{"apply"}}); code != -1 || err == nil || !strings.HasPrefix(err.Error(), "start "+path+": ") {
		t.Errorf("code %d, error %v", code, err)
	}
	_, err := f.Pull(t.Context())
	if e, ok := errors.AsType[*CommandError](err); !ok || e.Code != -1 || e.State != f.location.String() || !strings.Contains(err.Error(), ": start "+path+": ") {
		t.Errorf("got %v (%+v)", err, e)
	}
	f.command = func() (string, error) { return "", ErrNoTerraform }
	if _, err := f.Pull(t.Context()); err != ErrNoTerraform {
		t.Errorf("got %v", err)
	}
}

// TestLongOutput: of what a command reports, the end is kept; of a state, all, up to a size.
func TestLongOutput(t *testing.T) {
	b := newBench(t, "fail-state-pull chatty")
	if _, err := b.open(t, Options{}).Pull(t.Context()); err == nil || !strings.HasSuffix(err.Error(), ": Failed in state pull: with …") {
		t.Errorf("got %v", err)
	}
	b = newBench(t, "")
	f := b.open(t, Options{})
	f.longest = len(standInState)
	if got, err := f.Pull(t.Context()); err != nil || string(got.Bytes()) != standInState {
		t.Errorf("got %v", err)
	}
	f.longest--
	if got, err := f.Pull(t.Context()); got != nil || !errors.Is(err, errLong) || !errors.Is(err, ErrCommand) || strings.Contains(err.Error(), "exit code") {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestWantsInit: an init is run where a plan asks for it, once, with the variables that
// OpenTofu wants.
func TestWantsInit(t *testing.T) {
	b := newBench(t, "wants-vars needs-init")
	os.RemoveAll(filepath.Join(b.dir, ".terraform", "providers"))
	f := b.open(t, Options{Vars: []Var{{Value: "passphrase=correct-horse"}}})
	f.tofu = true
	done, err := f.Update(t.Context(), UpdateOptions{Plan: PlanRequire}, rename("one", "two"))
	if err != nil || actions(done.Plan) != "terraform_data.a[update]" {
		t.Fatalf("%+v, %v", done, err)
	}
	if diff := cmp.Diff([]string{"state pull", "plan", "init", "plan", "show", "state push", "state pull"}, b.calls(t)); diff != "" {
		t.Errorf("calls (-want +got)\n%s", diff)
	}
	if exists(filepath.Join(b.dir, ".terraform", "initialized")) {
		t.Error("the user's folder was initialized")
	}
}

// TestDefaults: what isn't given.
func TestDefaults(t *testing.T) {
	f, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if f.opts.Grace != 30*time.Second || f.opts.Output == nil || f.opts.Now == nil || time.Since(f.opts.Now()) > time.Minute || f.longest < 1<<30 || cmp.Diff(os.Environ(), f.environ()) != "" {
		t.Errorf("got %+v", f.opts)
	}
	if f, err = Open(t.TempDir(), Options{Grace: time.Second, Environ: []string{"A=1", "B=2", "A=3"}}); err != nil || f.opts.Grace != time.Second || f.getenv("A") != "3" || f.getenv("B") != "2" || f.getenv("") != "" {
		t.Errorf("got %+v, %v", f.opts, err)
	}
}

// TestGuessTofu: the program says whether OpenTofu reads a folder, and where there is none,
// its files do.
func TestGuessTofu(t *testing.T) {
	for _, tt := range []struct {
		program, file string
		want          bool
	}{
		{"/usr/bin/terraform", "main.tf", false}, {"/usr/bin/terraform", "main.tofu", false}, {"/usr/bin/tofu", "main.tf", true}, {"/opt/tofu-1.9", "main.tofu", true},
		{"/tofu/terraform", "main.tf", false}, {"", "main.tf", false}, {"", "main.tofu", true}, {"", "main.tofu.json", false},
	} {
		f := local(t, Options{}, map[string]string{tt.file: ""})
		f.command = func() (string, error) {
			if tt.program == "" {
				return "/usr/bin/tofu", ErrNoTerraform
			}
			return tt.program, nil
		}
		if got := f.guessTofu(); got != tt.want {
			t.Errorf("%q with %s: got %v", tt.program, tt.file, got)
		}
	}
}
