package herokutf

import (
	"slices"
	"strings"
	"unicode/utf8"
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
func (r *DriftReport) text(opts DriftWriteOptions) []byte {
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

	calls := r.Drifted() || r.Count(Undetermined) > 0
	headline := paint(paintNew, r.headline())
	if calls {
		headline = paint(paintBold, paint(paintWarn, r.headline()))
	}
	if len(r.Objects) == 0 {
		line(0, r.headline(), paint(paintDim, " ("+r.circumstances(opts)+")"))
	} else {
		line(0, headline, ": ", tally(r.pointers()), paint(paintDim, " ("+r.circumstances(opts)+")"))
	}

	// With nothing to do, one line says it all.
	groups := r.byApp(func(o *DriftObject) bool {
		return opts.Verbose || calls && o.Verdict != InSync
	})
	for _, g := range groups {
		line(0)
		line(0, paint(paintBold, g.heading()))
		for _, o := range g.objects {
			const column = len(Undetermined) + 2
			head := paint(paintOf(o.Verdict), o.Verdict.words()) + strings.Repeat(" ", column-len(o.Verdict.words())) + o.title()
			if aside := o.aside(); aside != nil {
				head += paint(paintDim, " ("+strings.Join(aside, ", ")+")")
			}
			line(2, head)
			const indent = 6
			if o.Reason != "" {
				line(indent, printableText(o.Reason))
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
			case len(o.Ignored) > 0 && o.Verdict != Ignored:
				line(indent, paint(paintDim, counted(len(o.Ignored), "difference")+" ignored"))
			}
			if o.ImportID != "" {
				line(indent, "import id: ", printableText(o.ImportID))
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
			line(2, printableText(n))
		}
	}
	return []byte(b.String())
}

func paintOf(v Verdict) string {
	switch v {
	case InSync:
		return paintNew
	case Missing, Replaced:
		return paintOld
	case Ignored:
		return paintDim
	}
	return paintWarn
}
