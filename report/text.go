package report

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/printable"
)

// The codes that texts are painted with, the same as the commands use.
const (
	paintBold = "1"
	paintDim  = "2"
	paintOld  = "31"
	paintNew  = "32"
	paintWarn = "33"
)

// The indentations of a report's lines.
const (
	objectIndent = 2
	detailIndent = 6
)

// text writes the report for a terminal.
func text(r *herokutf.DriftReport, opts Options) ([]byte, error) {
	w := &textWriter{opts: opts}
	calls := r.Drifted() || r.Count(herokutf.Undetermined) > 0
	aside := w.paint(paintDim, " ("+circumstances(r, opts)+")")
	switch {
	case len(r.Objects) == 0:
		w.line(0, headline(r), aside)
	case calls:
		w.line(0, w.paint(paintBold, w.paint(paintWarn, headline(r))), ": ", tally(pointers(r)), aside)
	default:
		w.line(0, w.paint(paintNew, headline(r)), ": ", tally(pointers(r)), aside)
	}

	// With nothing to do, one line says it all.
	groups := byApp(r, func(o *herokutf.DriftObject) bool {
		return opts.Verbose || calls && o.Verdict != herokutf.InSync
	})
	for _, g := range groups {
		w.line(0)
		w.line(0, w.paint(paintBold, g.heading()))
		for _, o := range g.objects {
			w.object(o)
		}
	}
	if len(r.Notes) > 0 {
		w.line(0)
		w.line(0, w.paint(paintBold, "Notes"))
		for _, n := range r.Notes {
			w.prose(objectIndent, n)
		}
	}
	return w.b.Bytes(), nil
}

// A textWriter writes lines, painted if the options say so.
type textWriter struct {
	b    bytes.Buffer
	opts Options
}

func (w *textWriter) paint(code, s string) string {
	if !w.opts.Color || code == "" || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (w *textWriter) line(indent int, parts ...string) {
	w.b.WriteString(strings.Repeat(" ", indent))
	for _, p := range parts {
		w.b.WriteString(p)
	}
	w.b.WriteByte('\n')
}

// prose writes a sentence, on several lines where it is wider than the terminal.
func (w *textWriter) prose(indent int, s string) {
	for _, line := range wrap(printable.Text(s), w.opts.Width-indent) {
		w.line(indent, line)
	}
}

// wrap breaks s at spaces into lines of at most width characters, if width is large
// enough for that to be of use. A word that is longer stays whole.
func wrap(s string, width int) []string {
	const least = 20
	if width < least {
		return []string{s}
	}
	var lines []string
	line := ""
	for word := range strings.SplitSeq(s, " ") {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			lines, line = append(lines, line), word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

func (w *textWriter) object(o *herokutf.DriftObject) {
	const column = len(herokutf.Undetermined) + 2
	head := w.paint(paintOf(o.Verdict), o.Verdict.String()) + strings.Repeat(" ", column-len(o.Verdict.String())) + o.Title()
	if aside := aside(o); aside != nil {
		head += w.paint(paintDim, " ("+strings.Join(aside, ", ")+")")
	}
	w.line(objectIndent, head)
	if o.Reason != "" {
		w.prose(detailIndent, o.Reason)
	}
	w.differences(o)
	if o.Next != "" {
		w.line(detailIndent, nextHead(o), ": ", w.paint(paintNext(o.Next), nextText(o)))
	}
	if o.ImportID != "" {
		w.line(detailIndent, "import id: ", printable.Text(o.ImportID))
	}
	for _, bl := range o.Blame {
		w.line(detailIndent, w.paint(paintDim, blameText(bl)))
	}
}

func (w *textWriter) differences(o *herokutf.DriftObject) {
	differences := shownDifferences(o.Differences, w.opts.ShowSecrets, lineLimit)
	ignored := shownDifferences(o.Ignored, w.opts.ShowSecrets, lineLimit)
	// A path that is much longer than the others stands out rather than pushing
	// all values to the right.
	width := 0
	for _, d := range slices.Concat(differences, ignored) {
		if n := utf8.RuneCountInString(d.Path); n <= 40 {
			width = max(width, n)
		}
	}
	pad := func(d shownDifference) string {
		return d.Path + ":" + strings.Repeat(" ", 1+max(0, width-utf8.RuneCountInString(d.Path)))
	}
	for _, d := range differences {
		w.line(detailIndent, pad(d), w.paint(paintOld, d.State.Text), " -> ", w.paint(paintNew, d.Live.Text), w.next(o, d))
	}
	switch {
	case w.opts.Verbose:
		for _, d := range ignored {
			w.line(detailIndent, w.paint(paintDim, pad(d)+d.State.Text+" -> "+d.Live.Text+" (ignored)"))
		}
	case len(o.Ignored) > 0 && o.Verdict != herokutf.Ignored:
		w.line(detailIndent, w.paint(paintDim, printable.Count(len(o.Ignored), "difference")+" ignored"))
	}
}

func paintOf(v herokutf.Verdict) string {
	switch v {
	case herokutf.InSync:
		return paintNew
	case herokutf.Missing, herokutf.Replaced:
		return paintOld
	case herokutf.Ignored:
		return paintDim
	}
	return paintWarn
}

// next is what the next apply would do about an attribute, where it is to be said.
func (w *textWriter) next(o *herokutf.DriftObject, d shownDifference) string {
	if aside := nextAside(o, d); aside != "" {
		return w.paint(paintDim, " ("+aside+")")
	}
	return ""
}

func paintNext(next herokutf.NextApply) string {
	switch next {
	case herokutf.NextReplace, herokutf.NextDestroy, herokutf.NextFail:
		return paintOld
	case herokutf.NextNothing:
		return ""
	}
	return paintWarn
}
