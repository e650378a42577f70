package ui

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
)

const (
	quiet     = 500 * time.Millisecond // how long a command works before anything moves
	frame     = 200 * time.Millisecond // how long the moving line stands still
	heartbeat = 30 * time.Second       // between signs of life where there is no terminal
	lowAfter  = 5 * time.Second        // how long requests are held back before that is said
)

// Progress shows how the work goes on. On a terminal one line moves from the
// first second on, whether answers come or not; elsewhere there is a sign of
// life every 30 seconds. What happens to many requests alike is one line.
//
// Between Start and Stop it may be used from many goroutines.
type Progress struct {
	printer *Printer

	mu       sync.Mutex
	started  time.Time
	activity string // what is waited for, other than answers
	requests int
	expected int // requests in all; 0 if nobody knows
	again    int // requests that were sent again
	left     int // of the account's budget; -1 if nobody knows
	held     held
	notices  notices

	stop    chan struct{} // nil when nothing moves
	stopped chan struct{}
}

// held says since when the account's budget holds requests back.
type held struct {
	since    time.Time // zero: it doesn't
	requests int       // that had been answered then
	said     bool
}

// NewProgress returns a progress that is shown by way of printer.
func NewProgress(printer *Printer) *Progress {
	return &Progress{printer: printer, left: -1}
}

// Start begins to move. It does nothing when it has begun.
func (p *Progress) Start() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop != nil {
		return
	}
	p.started = time.Now()
	p.stop, p.stopped = make(chan struct{}), make(chan struct{})
	go p.move(p.stop, p.stopped)
}

// Stop takes the moving line away and prints what was held back; results and
// errors follow. Start begins anew.
func (p *Progress) Stop() {
	p.mu.Lock()
	stop, stopped := p.stop, p.stopped
	p.stop, p.activity = nil, ""
	p.mu.Unlock()
	if stop != nil {
		close(stop)
		<-stopped
	}
	p.printer.Clear()
	p.flush()
}

func (p *Progress) move(stop <-chan struct{}, stopped chan<- struct{}) {
	defer close(stopped)
	ticker := time.NewTicker(frame)
	defer ticker.Stop()
	beat := time.Now()
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case now := <-ticker.C:
			if text := p.low(now); text != "" {
				p.printer.Say(text)
			}
			if now.Sub(beat) >= heartbeat {
				beat = now
				p.flush()
				if !p.printer.Terminal() {
					p.printer.Say(p.life(now))
				}
			}
			if p.printer.Terminal() && now.Sub(p.since()) >= quiet {
				p.printer.draw(string(`|/-\`[n%4]) + " " + p.line(now))
			}
		}
	}
}

func (p *Progress) since() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.started
}

// line says what goes on, for the moving line.
func (p *Progress) line(now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	took := Duration(now.Sub(p.started))
	switch {
	case p.activity != "":
		return p.activity + ": " + took
	case p.requests == 0:
		return "Waiting for Heroku: " + took
	}
	parts := []string{p.counted()}
	if p.again > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", p.again))
	}
	return strings.Join(append(parts, took), ", ")
}

func (p *Progress) counted() string {
	s := Plural(p.requests, "request")
	if p.expected >= p.requests {
		s += fmt.Sprintf(" of about %d", p.expected)
	}
	return s
}

// life is the sign of life.
func (p *Progress) life(now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	took := Duration(now.Sub(p.started))
	switch {
	case p.activity != "":
		return fmt.Sprintf("%s: %s.", p.activity, took)
	case p.requests == 0:
		return fmt.Sprintf("No answer from Heroku yet, after %s.", took)
	}
	return fmt.Sprintf("Still at work after %s: %s.", took, p.counted())
}

// Event takes note of e; it is a [platform.Options] Progress.
func (p *Progress) Event(e platform.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e.Kind {
	case platform.EventRequest:
		p.requests++
		if e.Left >= 0 {
			p.left = e.Left
		}
	case platform.EventRetry:
		p.again++
		p.notices.add(again(e))
	case platform.EventThrottled, platform.EventLowBudget:
		if p.held.since.IsZero() {
			p.held.since, p.held.requests = time.Now(), p.requests
		}
		if e.Err != nil {
			p.left = 0
		}
	case platform.EventWarning:
		p.notices.add(warning(e))
	}
}

// low says once that the account's budget holds requests back, and what that
// comes to. Over in a moment, it isn't worth a line.
func (p *Progress) low(now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held.said || p.held.since.IsZero() || now.Sub(p.held.since) < lowAfter {
		return ""
	}
	p.held.said = true
	text := "The account's request budget is low, so that requests have to wait"
	if p.left >= 0 {
		text = fmt.Sprintf("The account's request budget has %d left, so that requests have to wait", p.left)
	}
	if done := p.requests - p.held.requests; done > 0 && p.expected > p.requests {
		each := now.Sub(p.held.since) / time.Duration(done)
		text += fmt.Sprintf("; the %d to come take about %s", p.expected-p.requests, Duration(each*time.Duration(p.expected-p.requests)))
	}
	return text
}

// Drift is a [herokutf.DriftOptions] Progress. It says when the account's request
// budget makes a comparison longer, and how long.
func (p *Progress) Drift(plan herokutf.DriftProgress) {
	if plan.Done > 0 {
		return // the first call has the estimate
	}
	p.mu.Lock()
	p.expected = plan.Requests
	say := plan.Wait >= lowAfter && !p.held.said
	p.held.said = p.held.said || say
	p.mu.Unlock()
	if say {
		p.printer.Say(fmt.Sprintf("%s for %s: the account's request budget has %d left, so that they take about %s.",
			Plural(plan.Requests, "request"), Plural(plan.Apps, "app"), plan.Left, Duration(plan.Wait)))
	}
}

// Doing says what is waited for, if it isn't answers.
func (p *Progress) Doing(activity string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.activity = activity
}

// Waiting is a [statefile.UpdateOptions] Progress. It says who holds a lock that
// is waited for.
func (p *Progress) Waiting() func(statefile.Progress) {
	var holder string
	return func(s statefile.Progress) {
		if s.Stage != statefile.StageWaiting {
			p.Doing("")
			return
		}
		if now := s.Holder.String(); now != holder {
			holder = now
			p.printer.Say(fmt.Sprintf("Waiting for the lock of %s, held by %s.", s.Path, holder))
		}
		p.Doing("Waiting for the lock of " + s.Path)
	}
}

// Folder is a [terraform.Options] Progress. It says what is waited for.
func (p *Progress) Folder(s terraform.Progress) {
	state := Printable(s.Location.String())
	switch s.Stage {
	case terraform.StagePulling:
		p.Doing("Reading " + state)
	case terraform.StagePlanning:
		p.Doing("Making a plan with the new state")
	case terraform.StagePushing:
		p.Doing("Writing " + state)
	case terraform.StageVerifying:
		p.Doing("Reading " + state + " back")
	case terraform.StageWatching:
		p.Doing("Watching whether an apply overwrites " + state)
	case terraform.StageRetrying:
		p.Say(fmt.Sprintf("Somebody else has written %s meanwhile: once more from there.", state))
	case terraform.StageDone:
		p.Doing("")
	}
}

// Say prints a notice, after what was held back.
func (p *Progress) Say(text string) {
	p.flush()
	p.printer.Say(text)
}

func (p *Progress) flush() {
	p.mu.Lock()
	lines := p.notices.take()
	p.mu.Unlock()
	for _, line := range lines {
		p.printer.Warn(line)
	}
}
