package ui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/herokutf/herokutf/internal/printable"
)

// A Printer writes to standard error what isn't the result: notices, warnings,
// errors, and on a terminal one line that moves. It takes that line away before
// anything else is printed. It may be used from many goroutines.
type Printer struct {
	screen Screen
	style  Style
	json   bool

	mu    sync.Mutex
	drawn bool // the moving line stands on the terminal
}

// NewPrinter returns a printer for screen. With asJSON each thing it prints is
// an object on a line of its own, for programs.
func NewPrinter(screen Screen, style Style, asJSON bool) *Printer {
	return &Printer{screen: screen, style: style, json: asJSON}
}

// Restyle has what follows be printed in another way, as for [NewPrinter].
func (p *Printer) Restyle(style Style, asJSON bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.style, p.json = style, asJSON
}

// A Diagnostic is an error as people read it.
type Diagnostic struct {
	Message string
	Hints   []string
	Gate    string // of a deployment that was refused, the gate that did; for programs
}

// Say prints a notice.
func (p *Printer) Say(text string) { p.diagnose("notice", Diagnostic{Message: text}) }

// Warn prints a warning.
func (p *Printer) Warn(text string) { p.diagnose("warning", Diagnostic{Message: text}) }

// Fail prints an error and what to do about it.
func (p *Printer) Fail(d Diagnostic) { p.diagnose("error", d) }

func (p *Printer) diagnose(kind string, d Diagnostic) {
	d.Message = printableLines(Sentence(d.Message))
	hints := make([]string, len(d.Hints))
	for i, hint := range d.Hints {
		hints[i] = printableLines(Sentence(hint))
	}
	if p.json {
		p.object(kind, d, hints)
		return
	}
	var b strings.Builder
	switch kind {
	case "error":
		b.WriteString(p.style.Fault("Error:") + " ")
	case "warning":
		b.WriteString(p.style.Warn("Warning:") + " ")
	}
	b.WriteString(d.Message + "\n")
	for _, hint := range hints {
		b.WriteString(p.style.Bold("Hint:") + " " + hint + "\n")
	}
	p.write(p.screen.Wrap(b.String()))
}

func (p *Printer) object(kind string, d Diagnostic, hints []string) {
	type text struct {
		Message string `json:"message"`
		Hint    string `json:"hint,omitempty"`
		Gate    string `json:"gate,omitempty"`
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	// Strings can be encoded.
	_ = enc.Encode(map[string]text{kind: {d.Message, strings.Join(hints, "\n"), d.Gate}})
	p.write(string(printable.JSON(buf.Bytes())))
}

// Print prints a text as it is.
func (p *Printer) Print(text string) { p.write(text) }

func (p *Printer) write(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	fmt.Fprint(p.screen, text)
}

// Terminal reports whether somebody watches.
func (p *Printer) Terminal() bool { return p.screen.Terminal }

// Clear takes the moving line away.
func (p *Printer) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
}

func (p *Printer) erase() {
	if p.drawn {
		fmt.Fprint(p.screen, "\r\x1b[K")
		p.drawn = false
	}
}

// draw puts the moving line in the place of the last one. It never fills the
// terminal's width: half of it could not be taken away again.
func (p *Printer) draw(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if width := p.screen.Columns(); width > 0 && runes(line) >= width {
		line = string([]rune(line)[:width-1])
	}
	fmt.Fprint(p.screen, "\r\x1b[K"+line)
	p.drawn = true
}
