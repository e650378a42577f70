package clitest

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the outputs that README.md and docs/*.md show, except shortened ones")

// pages is held while a page is read or rewritten: scripts run side by side.
var pages sync.Mutex

// elided stands for any number of lines in an output that a page shows.
const elided = "..."

// shows is the script command "shows".
func shows(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: shows CODE PAGE COMMAND")
	}
	got := printed(ts, args[0], args[2])
	page := filepath.Join("..", "..", filepath.FromSlash(args[1]))
	pages.Lock()
	defer pages.Unlock()
	text, err := os.ReadFile(page)
	ts.Check(err)
	lines := strings.Split(string(text), "\n")
	from, to, indent := output(lines, args[2])
	if from < 0 {
		ts.Fatalf("%s doesn't show %q, which prints\n%s", args[1], args[2], strings.Join(got, "\n"))
	}
	want := slices.Clone(lines[from:to])
	for i := range want {
		want[i] = strings.TrimPrefix(want[i], indent)
	}
	if fits(masked(got), masked(want)) {
		return
	}
	if *update && !slices.ContainsFunc(want, isElided) {
		for i := range got {
			got[i] = strings.TrimRight(indent+got[i], " ")
		}
		text := strings.Join(slices.Concat(lines[:from], got, lines[to:]), "\n")
		ts.Check(os.WriteFile(page, []byte(text), 0o666))
		return
	}
	ts.Fatalf("%s shows another output of %q than it has (-shown +printed):\n%s", args[1], args[2], cmp.Diff(masked(want), masked(got)))
}

// printed runs a command line of a page and returns the lines that it prints on
// a terminal.
func printed(ts *testscript.TestScript, code, command string) []string {
	want, err := strconv.Atoi(code)
	ts.Check(err)
	got := 0
	if err := ts.Exec("sh", "-c", "{ "+command+"\n} 2>&1"); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	out := ts.ReadFile("stdout")
	if strings.Contains(out, Token) {
		ts.Fatalf("the token stands in the output")
	}
	if got != want {
		ts.Fatalf("%s: exit code %d, want %d:\n%s", command, got, want, out)
	}
	if out = strings.TrimSuffix(out, "\n"); out == "" {
		return nil
	}
	return strings.Split(out, "\n")
}

// output returns where the lines of a page are that show what a command prints,
// and the indent of the block they stand in; from is -1 if there are none. They
// end where the next command begins, or with the block; an empty line before the
// next command isn't among them.
func output(lines []string, command string) (from, to int, indent string) {
	at := slices.IndexFunc(lines, func(line string) bool { return strings.TrimSpace(line) == "$ "+command })
	if at < 0 {
		return -1, -1, ""
	}
	indent, _, _ = strings.Cut(lines[at], "$")
	from, to = at+1, at+1
	for to < len(lines) && !strings.HasPrefix(lines[to], indent+"$ ") && !strings.HasPrefix(lines[to], indent+"```") {
		to++
	}
	if to < len(lines) && strings.HasPrefix(lines[to], indent+"$ ") && to > from && lines[to-1] == "" {
		to--
	}
	return from, to, indent
}

func isElided(line string) bool { return strings.TrimSpace(line) == elided }

// fits reports whether got is want, where a line "..." of want stands for any
// lines.
func fits(got, want []string) bool {
	i := slices.IndexFunc(want, isElided)
	if i < 0 {
		return slices.Equal(got, want)
	}
	if len(got) < i || !slices.Equal(got[:i], want[:i]) {
		return false
	}
	for got, want = got[i:], want[i+1:]; ; got = got[1:] {
		if fits(got, want) {
			return true
		}
		if len(got) == 0 {
			return false
		}
	}
}

// moments are what differs from run to run.
var moments = []struct {
	pattern *regexp.Regexp
	mask    string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?`), "TIME"},
	{regexp.MustCompile(`\d{8}T\d{6}Z`), "TIME"},
	{regexp.MustCompile(`secret [0-9a-f]{16}`), "secret FINGERPRINT"},
}

func masked(lines []string) []string {
	out := slices.Clone(lines)
	for i := range out {
		for _, m := range moments {
			out[i] = m.pattern.ReplaceAllString(out[i], m.mask)
		}
		out[i] = strings.TrimRight(out[i], " ")
	}
	return out
}
