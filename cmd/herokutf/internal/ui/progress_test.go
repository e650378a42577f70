package ui

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// A tape notes what was written, and when.
type tape struct {
	mu    sync.Mutex
	start time.Time
	text  strings.Builder
	at    []time.Duration
}

func (w *tape) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = append(w.at, time.Since(w.start))
	return w.text.Write(p)
}

func (w *tape) take() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.text.Reset()
	return w.text.String()
}

// screen is what a terminal shows of a text in which lines are taken away.
func screen(text string) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		if i := strings.LastIndex(line, "\r\x1b[K"); i >= 0 {
			line = line[i+len("\r\x1b[K"):]
		}
		lines = append(lines, line)
	}
	return lines
}

// record runs f with a progress, in time that only passes in sleep.
func record(t *testing.T, terminal bool, f func(*Progress, *tape)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &tape{start: time.Now()}
		p := NewProgress(NewPrinter(Screen{Writer: w, Terminal: terminal, Width: func() int { return 80 }}, Style{}, false))
		p.Start()
		p.Start() // once more does nothing
		f(p, w)
		p.Stop()
		p.Stop()
	})
}

func request(path string, left int) platform.Event {
	return platform.Event{Kind: platform.EventRequest, Method: "GET", Path: path, Status: 200, Left: left}
}

func TestProgressMoves(t *testing.T) {
	record(t, true, func(p *Progress, w *tape) {
		time.Sleep(10 * time.Second)
		synctest.Wait()
		// Something moves in the first second, and goes on, though no answer comes.
		if w.at[0] > time.Second {
			t.Errorf("the first sign comes after %v", w.at[0])
		}
		for i := 1; i < len(w.at); i++ {
			if d := w.at[i] - w.at[i-1]; d > time.Second {
				t.Errorf("nothing moves for %v", d)
			}
		}
		text := w.take()
		if !strings.HasSuffix(text, "Waiting for Heroku: 10 s") {
			t.Errorf("after 10 s the line ends in %q", text[len(text)-40:])
		}
		p.Event(request("/apps", 4000))
		p.Drift(herokutf.DriftProgress{Apps: 2, Requests: 9, Left: 4000})
		time.Sleep(frame)
		synctest.Wait()
		if got := screen(w.take()); !strings.HasSuffix(got[0], "1 request of about 9, 10 s") {
			t.Errorf("the line is %q", got)
		}
		// It is taken away before anything else is printed.
		p.Say("something")
		if got := w.take(); got != "\r\x1b[KSomething.\n" {
			t.Errorf("got %q", got)
		}
		p.Stop()
		if got := w.take(); got != "" {
			t.Errorf("after Stop, with no line on the screen: %q", got)
		}
	})
	// A line that stands is taken away by Stop.
	record(t, true, func(p *Progress, w *tape) {
		time.Sleep(time.Second)
		synctest.Wait()
		p.Stop()
		if got := w.take(); !strings.HasSuffix(got, "\r\x1b[K") {
			t.Errorf("after Stop: %q", got)
		}
	})
	// What is over at once shows nothing.
	record(t, true, func(p *Progress, w *tape) {
		time.Sleep(400 * time.Millisecond)
		synctest.Wait()
		if got := w.take(); got != "" {
			t.Errorf("after 400 ms: %q", got)
		}
	})
}

func TestProgressWithoutTerminal(t *testing.T) {
	record(t, false, func(p *Progress, w *tape) {
		time.Sleep(65 * time.Second)
		synctest.Wait()
		for range 12 {
			p.Event(request("/apps", 4000))
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		want := []string{
			"No answer from Heroku yet, after 30 s.",
			"No answer from Heroku yet, after 60 s.",
			"Still at work after 90 s: 12 requests.",
		}
		if diff := cmp.Diff(want, strings.Split(strings.TrimSpace(w.take()), "\n")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestProgressNarrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &tape{start: time.Now()}
		p := NewProgress(NewPrinter(Screen{Writer: w, Terminal: true, Width: func() int { return 10 }}, Style{}, false))
		p.Start()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		p.Stop()
		for line := range strings.SplitSeq(w.take(), "\r\x1b[K") {
			if len(line) > 9 {
				t.Errorf("%q is too long for 10 columns", line)
			}
		}
	})
}

// TestProgressLowBudget: hundreds of requests wait for the budget, and one line
// says so, with what it comes to.
func TestProgressLowBudget(t *testing.T) {
	throttled := func(n int) platform.Event {
		return platform.Event{Kind: platform.EventThrottled, Method: "GET", Path: fmt.Sprintf("/apps/%d/formation", n), Wait: 300 * time.Millisecond}
	}
	t.Run("known beforehand", func(t *testing.T) {
		record(t, false, func(p *Progress, w *tape) {
			p.Drift(herokutf.DriftProgress{Apps: 12, Requests: 336, Left: 10, Wait: 4*time.Minute + 20*time.Second})
			for i := range 80 {
				p.Event(throttled(i))
				time.Sleep(300 * time.Millisecond)
				p.Event(request("/x", 10))
			}
			synctest.Wait()
			if got, want := w.take(), "336 requests for 12 apps: the account's request budget has 10 left, so that they take about 4 minutes.\n"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	})
	t.Run("found out", func(t *testing.T) {
		record(t, false, func(p *Progress, w *tape) {
			p.Drift(herokutf.DriftProgress{Apps: 12, Requests: 336, Left: 400, Wait: 0})
			for i := range 80 {
				p.Event(throttled(i))
				time.Sleep(300 * time.Millisecond)
				p.Event(request("/x", 400-i))
			}
			synctest.Wait()
			got := w.take()
			if strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "The account's request budget has 38") || !strings.Contains(got, " to come take about 2 minutes.") {
				t.Errorf("got %q", got)
			}
			if strings.Contains(got, "0s") {
				t.Errorf("takes no time: %q", got)
			}
		})
	})
	t.Run("over in a moment", func(t *testing.T) {
		record(t, false, func(p *Progress, w *tape) {
			p.Drift(herokutf.DriftProgress{Apps: 1, Requests: 5, Left: 400, Wait: time.Second})
			p.Event(throttled(1))
			time.Sleep(2 * time.Second)
			synctest.Wait()
			if got := w.take(); got != "" {
				t.Errorf("got %q", got)
			}
		})
	})
	t.Run("used up", func(t *testing.T) {
		record(t, false, func(p *Progress, w *tape) {
			for i := range 64 {
				e := throttled(i)
				e.Status, e.Err, e.Wait = 429, errors.New("429 rate_limit"), 20*time.Second
				p.Event(e)
			}
			time.Sleep(20 * time.Second)
			synctest.Wait()
			if got, want := w.take(), "The account's request budget has 0 left, so that requests have to wait.\n"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	})
}

// TestProgressAlike: what happens to many requests alike is one line.
func TestProgressAlike(t *testing.T) {
	record(t, false, func(p *Progress, w *tape) {
		for i := range 200 {
			path := fmt.Sprintf("/apps/%d/formation%%2F", i)
			p.Event(platform.Event{Kind: platform.EventRetry, Method: "GET", Path: path, Attempt: 2, Wait: time.Second,
				Err: &platform.APIError{Method: "GET", URL: path, Status: 503, Message: "Service Unavailable"}})
		}
		for i := range 3 {
			p.Event(platform.Event{Kind: platform.EventRetry, Method: "GET", Path: "/x", Attempt: 2,
				Err: fmt.Errorf("GET /x: %d attempts: read tcp 127.0.0.1:%d->127.0.0.1:80: connection reset", i+2, 5000+i)})
			p.Event(platform.Event{Kind: platform.EventWarning, Method: "GET", Path: "/y", Message: "this stack is old"})
		}
		p.Event(platform.Event{Kind: platform.EventRetry, Method: "GET", Path: "/z", Attempt: 2, Err: errors.New("GET /z: odd")})
		p.Event(platform.Event{Kind: platform.EventRetry, Method: "GET", Path: "/w", Attempt: 2})
		if got := w.take(); got != "" {
			t.Errorf("before the end: %q", got)
		}
		p.Stop()
		want := []string{
			"Warning: 200 requests failed and were sent again, GET /apps/0/formation%2F first: 503 Service Unavailable.",
			"Warning: 3 requests failed and were sent again, GET /x first: read tcp 127.0.0.1:80: connection reset.",
			"Warning: 3 requests have a warning of Heroku's, GET /y first: this stack is old.",
			"Warning: GET /z failed and was sent again: odd.",
			"Warning: GET /w failed and was sent again: no reason is known.",
		}
		if diff := cmp.Diff(want, screen(w.take())); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	// On a terminal the line shows it meanwhile.
	record(t, true, func(p *Progress, w *tape) {
		p.Event(request("/x", -1))
		p.Event(platform.Event{Kind: platform.EventRetry, Method: "GET", Path: "/x", Err: errors.New("x")})
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if got := w.take(); !strings.HasSuffix(got, "1 request, 1 failed, 3 s") {
			t.Errorf("the line is %q", screen(got))
		}
	})
}

func TestProgressLock(t *testing.T) {
	waiting := statefile.Progress{Stage: statefile.StageWaiting, Path: "a.tfstate", Holder: statefile.LockInfo{Who: "ann@host", Operation: "OperationTypeApply"}}
	run := func(p *Progress) {
		report := p.Waiting()
		for range 40 {
			report(waiting)
			time.Sleep(time.Second)
		}
		report(statefile.Progress{Stage: statefile.StageLocked, Path: "a.tfstate"})
	}
	record(t, false, func(p *Progress, w *tape) {
		run(p)
		synctest.Wait()
		lines := screen(w.take())
		if len(lines) != 2 || !strings.HasPrefix(lines[0], "Waiting for the lock of a.tfstate, held by ") || lines[1] != "Waiting for the lock of a.tfstate: 30 s." {
			t.Errorf("got %q", lines)
		}
	})
	record(t, true, func(p *Progress, w *tape) {
		run(p)
		synctest.Wait()
		got := w.take()
		if !strings.Contains(got, " Waiting for the lock of a.tfstate: 39 s") || strings.Count(got, "held by") != 1 {
			t.Errorf("got %q", got)
		}
	})
}
