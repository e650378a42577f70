package cli

import (
	"fmt"
	"sync"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// quiet is how long a command works before it tells of single requests.
const quiet = time.Second

// Progress shows on standard error how requests go on. On a terminal one line
// counts them once the work has taken a second; waits, repetitions and
// warnings are lines of their own everywhere.
type Progress struct {
	name string
	std  IO

	mu       sync.Mutex
	started  time.Time
	requests int
	expected int  // requests in all; 0 if nobody knows
	line     bool // a counting line stands on the terminal
}

// NewProgress returns the progress of the command called name.
func NewProgress(name string, std IO) *Progress {
	return &Progress{name: name, std: std, started: time.Now()}
}

// Event shows e; it is a [platform.Options] Progress.
func (p *Progress) Event(e platform.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e.Kind {
	case platform.EventRequest:
		p.requests++
		if time.Since(p.started) > quiet && IsTerminal(p.std, p.std.Stderr) {
			of := ""
			if p.expected >= p.requests {
				of = fmt.Sprintf(" of about %d", p.expected)
			}
			fmt.Fprintf(p.std.Stderr, "\r\x1b[K%s: %s%s", p.name, Plural(p.requests, "request"), of)
			p.line = true
		}
	case platform.EventRetry, platform.EventThrottled, platform.EventWarning:
		p.clear()
		fmt.Fprintf(p.std.Stderr, "%s: %v\n", p.name, e)
	}
}

// Expect says how many requests there are going to be in all.
func (p *Progress) Expect(requests int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = requests
}

// Plan is a [herokutf.DriftOptions] Plan. It tells of a comparison that the
// account's request budget makes longer.
func (p *Progress) Plan(plan herokutf.DriftPlan) {
	if plan.Wait > 0 {
		p.Say(fmt.Sprintf("%s for %s: the account's budget has %d left and gets 75 a minute, so this takes about %v longer",
			Plural(plan.Requests, "request"), Plural(plan.Apps, "app"), plan.Left, plan.Wait.Round(time.Minute)))
	}
	p.Expect(plan.Requests)
}

// Waiting returns a [statefile.UpdateOptions] Progress. It tells of a lock that
// is waited for: at once who holds it, and then when a while has gone by without
// a change. The other stages are over in a moment.
func (p *Progress) Waiting() func(statefile.Progress) {
	const seldom = 10 * time.Second
	var said time.Duration
	var holder string
	return func(s statefile.Progress) {
		if s.Stage != statefile.StageWaiting || s.Holder.String() == holder && s.Waited-said < seldom {
			return
		}
		said, holder = s.Waited, s.Holder.String()
		p.Say(fmt.Sprintf("waiting for the lock of %s, held by %s", s.Path, holder))
	}
}

// Say prints a line on standard error.
func (p *Progress) Say(v any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	fmt.Fprintf(p.std.Stderr, "%s: %v\n", p.name, v)
}

// Done takes the counting line away; results and errors follow.
func (p *Progress) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *Progress) clear() {
	if p.line {
		fmt.Fprint(p.std.Stderr, "\r\x1b[K")
		p.line = false
	}
}
