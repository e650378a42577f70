package report

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/printable"
)

// The limits of Options.Limit. The default is the length of a comment that GitHub
// takes. It counts characters; counting bytes keeps well within it. In the least one
// there is room for the longest headline, title and note of what is left out.
const (
	defaultLimit = 65536
	leastLimit   = 4096
)

// share is what the differences of one object, and the notes, may take of the limit,
// in bytes, so that neither can take all of it.
func share(limit int) int { return min(8000, limit/4) }

// markdown writes the report for a comment on GitHub. What isn't in sync gets a
// row of a table, one table an app.
func markdown(r *herokutf.DriftReport, opts Options) ([]byte, error) {
	limit := cmp.Or(opts.Limit, defaultLimit)
	if limit < leastLimit {
		return nil, fmt.Errorf("a limit of %d bytes for Markdown is too small: it has to be %d at least, or 0 for what GitHub takes", opts.Limit, leastLimit)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", markdownProse(elide(opts.heading(), pathLimit)))
	if len(r.Objects) == 0 {
		fmt.Fprintf(&b, "**%s** (%s)\n", headline(r), circumstances(r, opts))
	} else {
		fmt.Fprintf(&b, "**%s:** %s (%s)\n", headline(r), tally(pointers(r)), circumstances(r, opts))
	}
	notes := markdownNotes(r, share(limit))

	groups := byApp(r, func(o *herokutf.DriftObject) bool {
		return o.Verdict != herokutf.InSync && o.Verdict != herokutf.Ignored
	})
	total := 0
	for _, g := range groups {
		total += len(g.objects)
	}
	details := "<details>"
	if total <= 20 {
		details = "<details open>"
	}
	const end = "\n</details>\n"
	const leftOut = "\n%s left out: more than fits into a comment.\n"
	room := limit - len(notes) - len(end) - len(leftOut) - len("1234567890 objects")
	written := 0
groups:
	for _, g := range groups {
		head := fmt.Sprintf("\n%s\n<summary>%s: %s</summary>\n\n| Verdict | Object | State → Heroku |\n|---|---|---|\n",
			details, g.markdownHeading(), tally(g.objects))
		for i, o := range g.objects {
			row := markdownRow(o, share(limit)/2)
			if i == 0 {
				row = head + row
			}
			if b.Len()+len(row) > room {
				if i > 0 {
					b.WriteString(end)
				}
				break groups
			}
			b.WriteString(row)
			written++
		}
		b.WriteString(end)
	}
	if written < total {
		fmt.Fprintf(&b, leftOut, printable.Count(total-written, "object"))
	}
	b.WriteString(notes)
	return []byte(b.String()), nil
}

// markdownHeading is for a line of HTML, in which Markdown isn't looked for.
func (g group) markdownHeading() string {
	if g.app == "" {
		return g.heading()
	}
	return "<code>" + entities(elide(g.heading(), pathLimit)) + "</code>"
}

// markdownRow is the object's row, with the line break. Its differences take room at
// most, and one more.
func markdownRow(o *herokutf.DriftObject, room int) string {
	names := []string{markdownCode(elide(o.Title(), 2*pathLimit))}
	for _, s := range aside(o) {
		names = append(names, markdownCode(elide(s, pathLimit)))
	}
	var lines []string
	if o.Reason != "" {
		lines = append(lines, markdownProse(elide(printable.Text(o.Reason), noteLimit)))
	}
	size := 0
	for i, d := range shownDifferences(o.Differences, false, lineLimit) {
		s := markdownCode(d.Path) + ": " + d.State.markdown() + " → " + d.Live.markdown()
		if aside := nextAside(o, d); aside != "" {
			s += " (" + aside + ")"
		}
		if size += len(s); size > room {
			lines = append(lines, "and "+printable.Count(len(o.Differences)-i, "more difference"))
			break
		}
		lines = append(lines, s)
	}
	if len(o.Ignored) > 0 {
		lines = append(lines, printable.Count(len(o.Ignored), "difference")+" ignored")
	}
	if o.Next != "" {
		lines = append(lines, nextHead(o)+": "+nextText(o))
	}
	if o.ImportID != "" {
		lines = append(lines, "import id: "+markdownCode(elide(printable.Text(o.ImportID), 2*pathLimit)))
	}
	for i, bl := range o.Blame {
		if i == 3 {
			lines = append(lines, "and "+printable.Count(len(o.Blame)-i, "older release"))
			break
		}
		lines = append(lines, blameMarkdown(bl))
	}
	return "| " + o.Verdict.String() + " | " + strings.Join(names, "<br>") + " | " + strings.Join(lines, "<br>") + " |\n"
}

func blameMarkdown(b herokutf.DriftBlame) string {
	s := "v" + strconv.Itoa(b.Version)
	if b.User != "" {
		s += " by " + markdownCode(elide(printable.Text(b.User), pathLimit))
	}
	if !b.At.IsZero() {
		s += ", " + minute(b.At)
	}
	if b.Description != "" {
		s += ": " + markdownCode(elide(printable.Text(b.Description), 2*pathLimit))
	}
	return s
}

// markdownNotes is the list of notes, or "". It takes room at most, and a line.
func markdownNotes(r *herokutf.DriftReport, room int) string {
	var b strings.Builder
	for i, n := range r.Notes {
		if i == 0 {
			b.WriteString("\n**Notes**\n\n")
		}
		item := "- " + markdownProse(elide(strings.TrimSpace(printable.Text(n)), noteLimit)) + "\n"
		if b.Len()+len(item) > room {
			fmt.Fprintf(&b, "- and %s\n", printable.Count(len(r.Notes)-i, "more note"))
			break
		}
		b.WriteString(item)
	}
	return b.String()
}

func (v shownValue) markdown() string {
	if v.Kind == "none" {
		return v.Text
	}
	return markdownCode(v.Text)
}

// markdownCode makes a code span of a printable text, fit for a cell of a
// table. GitHub makes no mentions and links in one.
func markdownCode(s string) string {
	switch {
	case s == "":
		return ""
	case strings.ContainsAny(s, "`|") || strings.HasPrefix(s, " ") || strings.HasSuffix(s, " "):
		// A pipe ends a cell even in a code span, and what a backslash before
		// it does depends on the reader. As an entity it is a pipe for all.
		return "<code>" + entities(s) + "</code>"
	}
	return "`" + s + "`"
}

// entities writes all that could mean something in Markdown or HTML as numbers,
// which never do (CommonMark 0.31, section 2.5).
func entities(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 && r != ' ' && !asciiWord(r) {
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// markdownProse makes a printable text one that Markdown shows as it is. Common
// punctuation stays, where it means nothing, to keep the source readable.
// GitHub looks for mentions and issues in the finished page, where entities are
// of no help: an invisible space keeps it from finding any.
func markdownProse(s string) string {
	var b strings.Builder
	text := []rune(s)
	at := func(i int) rune {
		if i < 0 || i >= len(text) {
			return ' '
		}
		return text[i]
	}
	for i, r := range text {
		before, after := at(i-1), at(i+1)
		word := func(r rune) bool { return asciiWord(r) || unicode.IsLetter(r) }
		switch so := strings.ToLower(string(text[max(0, i-3):i])); {
		case strings.ContainsRune(`,;'"/(`, r):
			b.WriteRune(r)
		case r == '@' || r == '#':
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";&#8203;")
		case r == '-' && strings.HasSuffix(so, "gh"): // GH-1 is an issue
			b.WriteString("-&#8203;")
		case (r == '.' || r == '-' || r == '_') && word(before) && word(after) && so != "www",
			r == ')' && strings.ContainsRune(string(text[:i]), '('), // else "1) " begins a list
			(r == ':' || r == '.') && unicode.IsLetter(before) && after == ' ':
			b.WriteRune(r)
		default:
			b.WriteString(entities(string(r)))
		}
	}
	return b.String()
}

func asciiWord(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}
