package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
)

// TestProgressFolder: what is waited for at each stage of a folder's state.
func TestProgressFolder(t *testing.T) {
	p := NewProgress(NewPrinter(Screen{Writer: new(strings.Builder)}, Style{}, false))
	location := terraform.Location{Backend: "http", Workspace: "eu"}
	state := location.String()
	for _, tt := range []struct {
		stage terraform.Stage
		want  string
	}{
		{terraform.StagePulling, "Reading " + state},
		{terraform.StagePlanning, "Making a plan with the new state"},
		{terraform.StagePushing, "Writing " + state},
		{terraform.StageVerifying, "Reading " + state + " back"},
		{terraform.StageWatching, "Watching whether an apply overwrites " + state},
		{terraform.StageDone, ""},
	} {
		p.Doing("before")
		p.Folder(terraform.Progress{Stage: tt.stage, Location: location})
		if p.activity != tt.want {
			t.Errorf("%v: %q, want %q", tt.stage, p.activity, tt.want)
		}
	}
	var out strings.Builder
	p = NewProgress(NewPrinter(Screen{Writer: &out}, Style{}, false))
	p.Event(platform.Event{Kind: platform.EventWarning, Method: "GET", Path: "/y", Message: "old"})
	p.Folder(terraform.Progress{Stage: terraform.StageRetrying, Location: location})
	// What was held back comes first.
	if want := "Warning: Heroku says of GET /y: old.\nSomebody else has written " + state + " meanwhile: once more from there.\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

// TestProgressLines: the moving line and the sign of life, by what is known.
func TestProgressLines(t *testing.T) {
	at := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	for _, tt := range []struct {
		p          *Progress
		line, life string
	}{
		{&Progress{}, "Waiting for Heroku: 7 s", "No answer from Heroku yet, after 7 s."},
		{&Progress{activity: "Waiting"}, "Waiting: 7 s", "Waiting: 7 s."},
		{&Progress{requests: 1}, "1 request, 7 s", "Still at work after 7 s: 1 request."},
		{&Progress{requests: 2, expected: 1}, "2 requests, 7 s", "Still at work after 7 s: 2 requests."},
		{&Progress{requests: 2, expected: 2}, "2 requests of about 2, 7 s", "Still at work after 7 s: 2 requests of about 2."},
		{&Progress{requests: 2, expected: 3, again: 1}, "2 requests of about 3, 1 failed, 7 s", "Still at work after 7 s: 2 requests of about 3."},
		{&Progress{requests: 2, activity: "Waiting", again: 1}, "Waiting: 7 s", "Waiting: 7 s."},
	} {
		tt.p.started = at
		if got := tt.p.line(at.Add(7 * time.Second)); got != tt.line {
			t.Errorf("line %q, want %q", got, tt.line)
		}
		if got := tt.p.life(at.Add(7 * time.Second)); got != tt.life {
			t.Errorf("life %q, want %q", got, tt.life)
		}
	}
}

// TestProgressHeld: when it is said that the budget holds requests back, and what.
func TestProgressHeld(t *testing.T) {
	at := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	const low = "The account's request budget is low, so that requests have to wait"
	for name, tt := range map[string]struct {
		p     *Progress
		after time.Duration
		want  string
	}{
		"nothing is held":       {&Progress{left: 3}, time.Hour, ""},
		"for a moment":          {&Progress{left: 3, held: held{since: at}}, lowAfter - 1, ""},
		"for long":              {&Progress{left: 3, held: held{since: at}}, lowAfter, "The account's request budget has 3 left, so that requests have to wait"},
		"nobody knows":          {&Progress{left: -1, held: held{since: at}}, lowAfter, low},
		"none left":             {&Progress{held: held{since: at}}, lowAfter, "The account's request budget has 0 left, so that requests have to wait"},
		"said already":          {&Progress{held: held{since: at, said: true}}, lowAfter, ""},
		"with what is to come":  {&Progress{left: -1, requests: 12, expected: 32, held: held{since: at, requests: 2}}, 10 * time.Second, low + "; the 20 to come take about 20 s"},
		"nothing was answered":  {&Progress{left: -1, requests: 2, expected: 32, held: held{since: at, requests: 2}}, 10 * time.Second, low},
		"nothing is to come":    {&Progress{left: -1, requests: 12, expected: 12, held: held{since: at, requests: 2}}, 10 * time.Second, low},
		"one, after one answer": {&Progress{left: -1, requests: 3, expected: 4, held: held{since: at, requests: 2}}, 10 * time.Second, low + "; the 1 to come take about 10 s"},
	} {
		if got := tt.p.low(at.Add(tt.after)); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
		if tt.want != "" && tt.p.low(at.Add(tt.after)) != "" {
			t.Errorf("%s: it is said twice", name)
		}
	}
}

// TestProgressEvents: what is taken note of.
func TestProgressEvents(t *testing.T) {
	p := NewProgress(NewPrinter(Screen{Writer: new(strings.Builder)}, Style{}, false))
	step := func(e platform.Event, want string) {
		t.Helper()
		p.Event(e)
		if got := fmt.Sprintf("%d requests, %d again, %d left, held %t at %d, %d notices", p.requests, p.again, p.left, !p.held.since.IsZero(), p.held.requests, len(p.notices.order)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	step(platform.Event{Kind: platform.EventRequest, Left: -1}, "1 requests, 0 again, -1 left, held false at 0, 0 notices")
	step(platform.Event{Kind: platform.EventRequest, Left: 9}, "2 requests, 0 again, 9 left, held false at 0, 0 notices")
	step(platform.Event{Kind: platform.EventRequest, Left: -1}, "3 requests, 0 again, 9 left, held false at 0, 0 notices")
	step(platform.Event{Kind: platform.EventRequest, Left: 0}, "4 requests, 0 again, 0 left, held false at 0, 0 notices")
	step(platform.Event{Kind: platform.EventRetry}, "4 requests, 1 again, 0 left, held false at 0, 1 notices")
	step(platform.Event{Kind: platform.EventRequest, Left: 8}, "5 requests, 1 again, 8 left, held false at 0, 1 notices")
	step(platform.Event{Kind: platform.EventLowBudget}, "5 requests, 1 again, 8 left, held true at 5, 1 notices")
	step(platform.Event{Kind: platform.EventRequest, Left: 7}, "6 requests, 1 again, 7 left, held true at 5, 1 notices")
	step(platform.Event{Kind: platform.EventThrottled, Err: errors.New("429")}, "6 requests, 1 again, 0 left, held true at 5, 1 notices")
	step(platform.Event{Kind: platform.EventWarning}, "6 requests, 1 again, 0 left, held true at 5, 2 notices")

	// The estimate of a comparison is its first call's.
	p.Drift(herokutf.DriftProgress{Done: 1, Requests: 99})
	if p.expected != 0 {
		t.Errorf("expects %d", p.expected)
	}
	p.Drift(herokutf.DriftProgress{Requests: 7, Wait: lowAfter - 1})
	if p.expected != 7 || p.held.said {
		t.Errorf("expects %d, said %t", p.expected, p.held.said)
	}
	p.Drift(herokutf.DriftProgress{Requests: 8, Wait: lowAfter})
	if p.expected != 8 || !p.held.said {
		t.Errorf("expects %d, said %t", p.expected, p.held.said)
	}
	// Different warnings aren't alike.
	p.Event(platform.Event{Kind: platform.EventWarning, Message: "other"})
	if lines := p.notices.take(); len(lines) != 3 {
		t.Errorf("got %q", lines)
	}
	if p.Stop(); p.activity != "" {
		t.Errorf("still %q", p.activity)
	}
}

// TestProgressAgain: after Stop, Start begins anew, and a lock is waited for with each
// holder said once.
func TestProgressAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &tape{start: time.Now()}
		p := NewProgress(NewPrinter(Screen{Writer: w}, Style{}, false))
		p.Start()
		time.Sleep(31 * time.Second)
		p.Stop()
		p.Start()
		time.Sleep(31 * time.Second)
		p.Stop()
		if got, want := w.take(), strings.Repeat("No answer from Heroku yet, after 30 s.\n", 2); got != want {
			t.Errorf("got %q", got)
		}
		report := p.Waiting()
		for _, who := range []string{"ann@host", "ann@host", "bob@host"} {
			report(statefile.Progress{Stage: statefile.StageWaiting, Path: "x", Holder: statefile.LockInfo{Who: who}})
		}
		if got := w.take(); strings.Count(got, "ann@host") != 1 || strings.Count(got, "bob@host") != 1 {
			t.Errorf("got %q", got)
		}
		if p.activity != "Waiting for the lock of x" {
			t.Errorf("activity %q", p.activity)
		}
		if report(statefile.Progress{Stage: statefile.StageLocked}); p.activity != "" {
			t.Errorf("activity %q", p.activity)
		}
	})
}

// TestDraw: the line that moves never fills the width.
func TestDraw(t *testing.T) {
	for width, want := range map[int]string{0: "12345678", 9: "12345678", 8: "1234567", 3: "12"} {
		var out strings.Builder
		p := NewPrinter(Screen{Writer: &out, Terminal: true, Width: func() int { return width }}, Style{}, false)
		p.draw("12345678")
		if got := out.String(); got != "\r\x1b[K"+want {
			t.Errorf("in %d columns: %q", width, got)
		}
		out.Reset()
		p.Clear()
		p.Clear()
		if got := out.String(); got != "\r\x1b[K" {
			t.Errorf("taken away by %q", got)
		}
	}
	if n := (Screen{Width: func() int { return 80 }}).Columns(); n != 0 {
		t.Errorf("%d columns without a terminal", n)
	}
	if n := (Screen{Terminal: true}).Columns(); n != 0 {
		t.Errorf("%d columns, where nobody knows", n)
	}
	var out strings.Builder
	p := NewPrinter(Screen{Writer: &out}, Style{}, false)
	p.Restyle(Style{on: true}, true)
	p.Say("said")
	p.Fail(Diagnostic{Message: "a <b>", Gate: "plan"})
	p.Restyle(Style{on: true}, false)
	p.Warn("mind")
	if diff := cmp.Diff(`{"notice":{"message":"Said."}}`+"\n"+`{"error":{"message":"A <b>.","gate":"plan"}}`+"\n\x1b[33mWarning:\x1b[0m Mind.\n", out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDurations: the bounds between seconds, minutes and hours.
func TestDurations(t *testing.T) {
	for in, want := range map[time.Duration]string{
		100*time.Second - 1: "100 s", 100 * time.Second: "2 minutes", 1499 * time.Millisecond: "1 s", 1500 * time.Millisecond: "2 s",
		99*time.Minute + 59*time.Second: "100 minutes", 100 * time.Minute: "1 h 40 min", 119*time.Minute + 40*time.Second: "2 h 0 min", 89*time.Second + 600*time.Millisecond: "90 s",
	} {
		if got := Duration(in); got != want {
			t.Errorf("%v: got %q, want %q", in, got, want)
		}
	}
}

// TestNearestNames: how far a slip may be off, which names come first, and how many.
func TestNearestNames(t *testing.T) {
	for _, tt := range []struct {
		word  string
		names string
		n     int
		want  string
	}{
		{"ab", "abc b xy", 3, "abc b"}, // short words may be off by one
		{"abcdef", "abcd abc", 2, "abcd"},
		{"abcdefghi", "abcdef abcde", 2, "abcdef"},
		{"abcdefghijkl", "abcdefghi abcdefgh", 2, "abcdefghi"},
		{"plan", "plna plane planet lpan", 9, "plna plane lpan planet"},
		{"state", "stage state sate", 2, "state stage"},
		{"time", "lock-timeout timeout", 1, "lock-timeout"},
		{"ti", "lock-timeout", 1, ""},
		{"tim", "lock-timeout", 1, "lock-timeout"},
		{"FORMAT", "Formt", 1, "Formt"},
		{"acb", "abc", 1, "abc"},
		{"", "a", 1, "a"},
		{"kitten", "sitting", 1, ""},
		{"abcd", "badc", 1, ""},
	} {
		if got := strings.Join(Nearest(tt.word, strings.Fields(tt.names), tt.n), " "); got != tt.want {
			t.Errorf("%q of %s: got %q, want %q", tt.word, tt.names, got, tt.want)
		}
	}
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"ab", "ba", 1}, {"abc", "acb", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3}, {"ö", "o", 1}, {"abcd", "badc", 2}} {
		if got := distance(tt.a, tt.b); got != tt.want || distance(tt.b, tt.a) != tt.want {
			t.Errorf("%q and %q: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

// TestSentences: names that keep their case, and ends that keep without a full stop.
func TestSentences(t *testing.T) {
	for in, want := range map[string]string{
		"  spaces around ": "Spaces around.", "it ends!": "It ends!", "it ends…": "It ends…", "ends:": "ends:", "don't": "Don't.", "don’t do it": "Don’t do it.",
		"tofu plan": "tofu plan.", "herokutf drift": "herokutf drift.", "netrc is gone": "netrc is gone.", "stdin ends": "stdin ends.", "stdout ends": "stdout ends.",
		"heroku is down": "Heroku is down.", "terraform: no": "terraform: no.", "terraform, too": "terraform, too.", "a/b is": "a/b is.", "x1 is": "x1 is.", "one;": "One;.",
	} {
		if got := Sentence(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestWrapLines: where lines break, to the column.
func TestWrapLines(t *testing.T) {
	for _, tt := range []struct {
		in    string
		width int
		want  string
	}{
		{"one two", 7, "one two"}, {"one two", 6, "one\n  two"}, {"one two", 1, "one\n  two"}, {"one two", -1, "one two"},
		{"one   two", 6, "one\n  two"}, {"one two \r\n", 6, "one\n  two \r\n"}, {"  aa bb cc", 7, "  aa bb\n    cc"}, {"    a", 3, "    a"},
		{"aa bb cc dd", 5, "aa bb\n  cc\n  dd"}, {"aa bb cc dd", 8, "aa bb cc\n  dd"}, {"äö üß", 5, "äö üß"}, {"\x1b[1maa\x1b[0m bb cc", 5, "\x1b[1maa\x1b[0m bb\n  cc"},
		{"", 5, ""}, {"\n\n", 5, "\n\n"}, {"      ", 3, "      "},
	} {
		if got := Wrap(tt.in, tt.width); got != tt.want {
			t.Errorf("%q in %d: got %q, want %q", tt.in, tt.width, got, tt.want)
		}
	}
	if got := plain("a\x1b[1"); got != "a" {
		t.Errorf("paint that is cut off: %q", got)
	}
}

// TestEnded: which errors a signal or the time limit are the reason of.
func TestEnded(t *testing.T) {
	interruption, timeout := &Interruption{Signal: syscall.SIGTERM}, &Timeout{After: time.Second}
	ended := func(cause error) context.Context {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		return ctx
	}
	other := errors.New("other")
	for name, tt := range map[string]struct {
		ctx       context.Context
		err, want error
	}{
		"still running":      {t.Context(), context.Canceled, nil},
		"no error":           {ended(interruption), nil, nil},
		"interrupted":        {ended(interruption), fmt.Errorf("step: %w", context.Canceled), interruption},
		"by its cause":       {ended(interruption), fmt.Errorf("step: %w", interruption), interruption},
		"out of time":        {ended(timeout), context.Canceled, timeout},
		"another error":      {ended(interruption), other, nil},
		"ended for no cause": {ended(nil), context.Canceled, nil},
		"ended for another":  {ended(other), other, nil},
	} {
		if got := Ended(tt.ctx, tt.err); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
	for signal, want := range map[os.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, unknownSignal{}: 130} {
		if got := (&Interruption{Signal: signal}).ExitCode(); got != want {
			t.Errorf("%v: exit code %d, want %d", signal, got, want)
		}
	}
	if got := interruption.Error() + "; " + timeout.Error() + "; " + timeout.Hint(); got != "interrupted; the run took longer than the 1s of --timeout; Give it more time with --timeout, or none of it for no limit." {
		t.Errorf("got %s", got)
	}
}

type unknownSignal struct{}

func (unknownSignal) Signal()        {}
func (unknownSignal) String() string { return "unknown" }

// TestManyHints: of many faults a few are advised on.
func TestManyHints(t *testing.T) {
	var errs []error
	for i := range maxHints + 2 {
		errs = append(errs, &advised{text: "x", Hint: fmt.Sprint(i)})
	}
	if got := len(Diagnose(errors.Join(errs...), nil).Hints); got != maxHints {
		t.Errorf("%d hints, want %d", got, maxHints)
	}
	type number struct{ error }
	for _, err := range []error{number{errors.New("x")}, &struct {
		error
		Hint int
	}{errors.New("x"), 7}} {
		if hints := Diagnose(err, nil).Hints; hints != nil {
			t.Errorf("%T: %q", err, hints)
		}
	}
}

// TestPiped: a file is no pipe, and everything else may be one.
func TestPiped(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/x")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for name, tt := range map[string]struct {
		std  IO
		want bool
	}{"a file": {IO{Stdin: file}, false}, "a pipe": {IO{Stdin: r}, true}, "no file": {IO{Stdin: strings.NewReader("")}, true}} {
		if tt.std.Piped() != tt.want || tt.std.Interactive() {
			t.Errorf("%s: piped %t, somebody sits there %t", name, tt.std.Piped(), tt.std.Interactive())
		}
	}
	if r.Close(); !(IO{Stdin: r}).Piped() {
		t.Error("a stream that nobody knows is no pipe")
	}
	if s := (IO{}).Screen(file); s.Terminal || s.Width != nil || s.Columns() != 0 {
		t.Error("a file is a terminal")
	}
}

// TestJSON: what programs read is indented, escapes what a terminal would act on, and
// nothing else.
func TestJSON(t *testing.T) {
	got, err := JSON(map[string]string{"a": "<\x1b\u202e>"})
	if want := "{\n  \"a\": \"<\\u001b\\u202e>\"\n}\n"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if _, err := JSON(func() {}); err == nil {
		t.Error("no error")
	}
}
