package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
)

// newTerminal returns a terminal, and a function that closes it and returns what was
// printed there. What is written to keys is typed.
func newTerminal(t *testing.T) (tty, keys *os.File, printed func() string) {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip("there are no terminals here: ", err)
	}
	t.Cleanup(func() { keys.Close() })
	var number, unlocked uint32
	for request, arg := range map[uintptr]*uint32{syscall.TIOCGPTN: &number, syscall.TIOCSPTLCK: &unlocked} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, keys.Fd(), request, uintptr(unsafe.Pointer(arg))); errno != 0 {
			t.Skip("there are no terminals here: ", errno)
		}
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip("there are no terminals here: ", err)
	}
	text := make(chan string, 1)
	go func() {
		data, _ := io.ReadAll(keys) // an error is the end
		text <- strings.ReplaceAll(string(data), "\r\n", "\n")
	}()
	return tty, keys, func() string {
		tty.Close()
		return <-text
	}
}

// TestAdviseNext: what can be done about drift is said at a terminal, two things at most.
func TestAdviseNext(t *testing.T) {
	const (
		rename    = "Apps were renamed: herokutf rename --chdir infra repairs the state.\n"
		accept    = "To take the values on Heroku into state and configuration: herokutf drift --chdir infra --accept --write-config. To put back those of the configuration: terraform -chdir=infra apply.\n"
		unmanaged = "To import what is unmanaged: herokutf drift --chdir infra --import FILE, or --import . for the files of the configuration.\n"
		gone      = "What is gone would be created again by the next apply; herokutf drift --chdir infra --accept --write-config takes it out of the configuration.\n"
		provider  = "Before Terraform plans anything: terraform state replace-provider -- -/heroku heroku/heroku, since the state doesn't say from where its provider comes.\n"
	)
	state := func(provider string) *statefile.File {
		f, err := statefile.Parse("x", fmt.Appendf(nil, `{"version": 4, "terraform_version": "0.12.31", "serial": 1, "lineage": "x", "outputs": {}, "resources": [
			{"mode": "managed", "type": "heroku_app", "name": "shop", "provider": %q, "instances": [{"schema_version": 0, "attributes": {"id": "shop", "name": "shop"}}]}]}`, provider))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	now, old := state(`provider["registry.terraform.io/heroku/heroku"]`), state("provider.heroku")
	for _, tt := range []struct {
		name     string
		verdicts []herokutf.Verdict
		file     *statefile.File
		format   string
		imports  string
		want     string
	}{
		{"nothing", []herokutf.Verdict{herokutf.InSync, herokutf.Ignored, herokutf.Undetermined}, now, formatText, "", ""},
		{"nothing, with an old state", []herokutf.Verdict{herokutf.InSync}, old, formatText, "", ""},
		{"renamed", []herokutf.Verdict{herokutf.Renamed}, now, formatText, "", rename},
		{"changed", []herokutf.Verdict{herokutf.Changed}, now, formatText, "", accept},
		{"unmanaged", []herokutf.Verdict{herokutf.Unmanaged}, now, formatText, "", unmanaged},
		{"unmanaged, and imported", []herokutf.Verdict{herokutf.Unmanaged}, now, formatText, "x.tf", ""},
		{"missing", []herokutf.Verdict{herokutf.Missing}, now, formatText, "", gone},
		{"replaced", []herokutf.Verdict{herokutf.Replaced}, now, formatText, "", gone},
		{"two", []herokutf.Verdict{herokutf.Unmanaged, herokutf.Missing}, now, formatText, "", unmanaged + gone},
		{"more than two", []herokutf.Verdict{herokutf.Renamed, herokutf.Changed, herokutf.Missing}, now, formatText, "", rename + accept},
		{"an old state", []herokutf.Verdict{herokutf.Renamed, herokutf.Changed}, old, formatText, "", provider + rename},
		{"for programs", []herokutf.Verdict{herokutf.Renamed}, now, formatJSON, "", ""},
	} {
		tty, _, printed := newTerminal(t)
		e, _, _ := testEnv(t)
		e = newEnv(ui.IO{Stdin: e.Stdin, Stdout: e.Stdout, Stderr: tty, Getenv: e.Getenv}, nil)
		e.place = place{dir: "infra"}
		found := new(herokutf.DriftReport)
		for _, v := range tt.verdicts {
			found.Objects = append(found.Objects, herokutf.DriftObject{Verdict: v})
		}
		o := &driftOptions{env: e, look: driftLook{format: tt.format}, importFile: tt.imports}
		o.adviseNext(found, []*statefile.File{now, tt.file})
		if tt.want != "" {
			tt.want = "\n" + tt.want
		}
		if diff := cmp.Diff(tt.want, printed()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestResultsAtTerminal: what programs read isn't broken at the width of a terminal.
func TestResultsAtTerminal(t *testing.T) {
	const long = "a sentence that is a good deal longer than eighty characters, which is what a terminal has in a line"
	result := func(format string) func(e *env) error {
		return func(e *env) error { return e.printResult(e.Stdout, format, long+"\n", nil) }
	}
	for _, tt := range []struct {
		name   string
		broken bool
		print  func(e *env) error
	}{
		{"for people", true, func(e *env) error { return e.print(e.Stdout, long+"\n") }},
		{"text", true, result(formatText)},
		{"json", false, result(formatJSON)},
		{"html", false, result(formatHTML)},
		{"a summary of a deployment", false, func(e *env) error {
			d := deployment{deployOptions: &deployOptions{env: e, format: formatJSON}, slugs: new(herokutf.Slugs)}
			d.summary.Plan.File = long
			return d.report(nil)
		}},
		{"import blocks", false, func(e *env) error {
			o := &driftOptions{env: e, importFile: "-"}
			return o.deliver(&herokutf.DriftReport{Objects: []herokutf.DriftObject{
				{Verdict: herokutf.Unmanaged, Type: "heroku_app_config_association", App: "shop", Label: long},
			}}, report.Options{})
		}},
	} {
		tty, keys, printed := newTerminal(t)
		if err := unix.IoctlSetWinsize(int(keys.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}); err != nil {
			t.Fatal(err)
		}
		e, _, _ := testEnv(t)
		e = newEnv(ui.IO{Stdin: e.Stdin, Stdout: tty, Stderr: e.Stderr, Getenv: e.Getenv}, nil)
		if err := tt.print(e); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if out := printed(); strings.Contains(out, long) == tt.broken || out == "" {
			t.Errorf("%s: broken: %t, printed %s", tt.name, !tt.broken, out)
		}
	}
}

// TestApprove: only yes is one, and it is waited for no longer than the run.
func TestApprove(t *testing.T) {
	const nobody = "nothing was applied: nobody has said yes to the plan"
	for _, tt := range []struct{ typed, want string }{
		{"yes\n", ""}, {" yes \n", ""}, {"y\n", nobody}, {"yes, please\n", nobody}, {"\n", nobody}, {"Yes\n", nobody},
	} {
		tty, keys, printed := newTerminal(t)
		e, _, stderr := testEnv(t)
		e.Stdin = tty
		if _, err := keys.WriteString(tt.typed); err != nil {
			t.Fatal(err)
		}
		d := deployment{deployOptions: &deployOptions{env: e}}
		err := d.approve(t.Context())
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tt.want || stderr.String() != "Apply this plan? Only yes is taken for one: " {
			t.Errorf("%q: got %q, want %q; asked %q", tt.typed, got, tt.want, stderr)
		}
		if refused, ok := err.(*refusal); tt.want != "" && (!ok || refused.gate != gateApproval) {
			t.Errorf("%q: %v is no refusal of the gate", tt.typed, err)
		}
		printed()
	}
	tty, keys, printed := newTerminal(t)
	e, _, stderr := testEnv(t)
	e.Stdin = tty
	d := deployment{deployOptions: &deployOptions{env: e}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.approve(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a run that is ended: %v", err)
	}
	end(t, keys)
	stderr.Reset()
	d.approved = true
	if err := d.approve(t.Context()); err != nil || stderr.Len() > 0 {
		t.Errorf("with --auto-approve: %v, %s", err, stderr)
	}
	printed()
}

// TestShowAtTerminal: a report is as wide as the terminal, and painted.
func TestShowAtTerminal(t *testing.T) {
	tty, keys, printed := newTerminal(t)
	size := [4]uint16{20, 44} // rows, columns, and pixels
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, keys.Fd(), syscall.TIOCSWINSZ, uintptr(unsafe.Pointer(&size))); errno != 0 {
		t.Skip("terminals have no size here: ", errno)
	}
	for _, tt := range []struct {
		stderr io.Writer
		color  bool
		width  int
	}{{tty, true, 44}, {io.Discard, false, 0}} {
		e, _, _ := testEnv(t)
		e.Stderr = tt.stderr
		d := deployment{deployOptions: &deployOptions{env: e}}
		d.show(func(_ *bytes.Buffer, got report.Options) error {
			if got.Color != tt.color || got.Width != tt.width {
				t.Errorf("got %+v, want %+v", got, tt)
			}
			return nil
		})
	}
	printed()
}

// TestQueryAtTerminal: somebody who tries --format external out has no query.
func TestQueryAtTerminal(t *testing.T) {
	tty, keys, printed := newTerminal(t)
	e, stdout, _ := testEnv(t)
	for _, tt := range []struct {
		out   io.Writer
		typed bool // there is something to read, or an end
	}{{tty, false}, {stdout, true}} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // nothing is ever typed
		o := &slugsOptions{env: &env{IO: ui.IO{Stdin: tty, Stdout: tt.out, Getenv: e.Getenv}}}
		if err := o.readQuery(ctx); (err != nil) != tt.typed || o.environ != nil {
			t.Errorf("got %v, %q", err, o.environ)
		}
	}
	end(t, keys)
	printed()
}

// end types a line and the end of the input, for whoever still reads it.
func end(t *testing.T, keys *os.File) {
	if _, err := keys.WriteString("\n\x04"); err != nil {
		t.Fatal(err)
	}
}
