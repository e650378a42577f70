package report

import (
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

// text writes the report for a terminal.
func text(r *herokutf.DriftReport, opts Options) ([]byte, error) {
	paint := func(code, s string) string {
		if !opts.Color || code == "" || s == "" {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	var b strings.Builder
	line := func(indent int, parts ...string) {
		b.WriteString(strings.Repeat(" ", indent))
		for _, p := range parts {
			b.WriteString(p)
		}
		b.WriteByte('\n')
	}

	calls := r.Drifted() || r.Count(herokutf.Undetermined) > 0
	result := paint(paintNew, headline(r))
	if calls {
		result = paint(paintBold, paint(paintWarn, headline(r)))
	}
	if len(r.Objects) == 0 {
		line(0, headline(r), paint(paintDim, " ("+circumstances(r, opts)+")"))
	} else {
		line(0, result, ": ", tally(pointers(r)), paint(paintDim, " ("+circumstances(r, opts)+")"))
	}

	// With nothing to do, one line says it all.
	groups := byApp(r, func(o *herokutf.DriftObject) bool {
		return opts.Verbose || calls && o.Verdict != herokutf.InSync
	})
	for _, g := range groups {
		line(0)
		line(0, paint(paintBold, g.heading()))
		for _, o := range g.objects {
			const column = len(herokutf.Undetermined) + 2
			head := paint(paintOf(o.Verdict), o.Verdict.String()) + strings.Repeat(" ", column-len(o.Verdict.String())) + o.Title()
			if aside := aside(o); aside != nil {
				head += paint(paintDim, " ("+strings.Join(aside, ", ")+")")
			}
			line(2, head)
			const indent = 6
			if o.Reason != "" {
				line(indent, printable.Text(o.Reason))
			}
			differences := shownDifferences(o.Differences, opts.ShowSecrets, lineLimit)
			ignored := shownDifferences(o.Ignored, opts.ShowSecrets, lineLimit)
			// A path that is much longer than the others stands out rather
			// than pushing all values to the right.
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
				line(indent, pad(d), paint(paintOld, d.State.Text), " -> ", paint(paintNew, d.Live.Text))
			}
			switch {
			case opts.Verbose:
				for _, d := range ignored {
					line(indent, paint(paintDim, pad(d)+d.State.Text+" -> "+d.Live.Text+" (ignored)"))
				}
			case len(o.Ignored) > 0 && o.Verdict != herokutf.Ignored:
				line(indent, paint(paintDim, printable.Count(len(o.Ignored), "difference")+" ignored"))
			}
			if o.ImportID != "" {
				line(indent, "import id: ", printable.Text(o.ImportID))
			}
			for _, bl := range o.Blame {
				line(indent, paint(paintDim, blameText(bl)))
			}
		}
	}
	if len(r.Notes) > 0 {
		line(0)
		line(0, paint(paintBold, "Notes"))
		for _, n := range r.Notes {
			line(2, printable.Text(n))
		}
	}
	return []byte(b.String()), nil
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
