package ignore

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/herokutf/herokutf/internal/glob"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/statefile"
)

// A Found is an object that has drifted, as [Baseline] takes it.
type Found struct {
	Subject
	// Paths are those of its differences. Nil or empty: the whole object is meant,
	// as where it is missing.
	Paths []statefile.Path
}

// Baseline returns the rules that cover what was found and nothing else: one for each
// object, or for each difference of one that has changed. A rule names its object by
// address and id, so that it stops to fit when another one takes its place; what is
// unmanaged it names by type, app and id. They are sorted, each once, and each has the
// reason and the time from which on it no longer counts; zero: never.
//
// What was found has to have one of [Verdicts]; anything else is passed over.
func Baseline(found []Found, reason string, expires time.Time) []Rule {
	var rules []Rule
	for _, f := range found {
		if !slices.Contains(verdictWords, f.Verdict) {
			continue
		}
		rule := Rule{Verdicts: []string{f.Verdict}, Reason: printable.Text(strings.Join(strings.Fields(reason), " ")), Expires: expires}
		if f.Address == "" {
			rule.Type, rule.App = glob.Quote(f.Type), glob.Quote(f.App)
		} else {
			rule.Address = glob.Quote(f.Address)
		}
		rule.ID = glob.Quote(cmp.Or(f.ID, f.Label))
		if len(f.Paths) == 0 || f.Verdict != "changed" {
			rules = append(rules, rule)
			continue
		}
		for _, path := range f.Paths {
			rule.Attribute = glob.Quote(path.String())
			rules = append(rules, rule)
		}
	}
	slices.SortFunc(rules, func(a, b Rule) int { return slices.Compare(a.order(), b.order()) })
	return slices.CompactFunc(rules, func(a, b Rule) bool { return slices.Equal(a.order(), b.order()) })
}

// order is what rules are sorted by: those without an address last.
func (r *Rule) order() []string {
	last := ""
	if r.Address == "" {
		last = "1"
	}
	return []string{last, r.Address, r.Type, r.App, r.ID, r.Attribute, strings.Join(r.Verdicts, " ")}
}

// Write writes rules in HCL, as [Parse] reads them, below a comment that may have
// several lines; "" is for none. It writes in one call of w.Write.
func Write(w io.Writer, comment string, rules []Rule) error {
	var b strings.Builder
	if comment != "" {
		for line := range strings.SplitSeq(strings.TrimRight(comment, "\n"), "\n") {
			b.WriteString(strings.TrimRight("# "+printable.Text(line), " ") + "\n")
		}
	}
	for i, r := range rules {
		if i > 0 || comment != "" {
			b.WriteString("\n")
		}
		if faults := r.check(); faults != nil {
			return fmt.Errorf("write ignore rules: rule %d: %w", i+1, faults[0].err)
		}
		b.WriteString(r.hcl())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// hcl is the rule as a block.
func (r *Rule) hcl() string {
	type line struct{ name, value string }
	var lines []line
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, line{name, quoted(value)})
		}
	}
	add("address", r.Address)
	add("type", r.Type)
	add("app", r.App)
	add("id", r.ID)
	add("attribute", r.Attribute)
	verdicts := make([]string, len(r.Verdicts))
	for i, v := range r.Verdicts {
		verdicts[i] = quoted(v)
	}
	switch len(verdicts) {
	case 0:
	case 1:
		lines = append(lines, line{"verdict", verdicts[0]})
	default:
		lines = append(lines, line{"verdict", "[" + strings.Join(verdicts, ", ") + "]"})
	}
	add("reason", r.Reason)
	if !r.Expires.IsZero() {
		at := r.Expires.UTC()
		if day := at.AddDate(0, 0, -1); at.Equal(at.Truncate(24 * time.Hour)) {
			add("expires", day.Format(time.DateOnly))
		} else {
			add("expires", at.Format(time.RFC3339Nano))
		}
	}
	width := 0
	for _, l := range lines {
		width = max(width, len(l.name))
	}
	var b strings.Builder
	b.WriteString("ignore {\n")
	for _, l := range lines {
		fmt.Fprintf(&b, "  %-*s = %s\n", width, l.name, l.value)
	}
	b.WriteString("}\n")
	return b.String()
}

// quoted is a text as HCL writes it, without anything in it that could be a template.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	text := []rune(s)
	for i, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case (r == '$' || r == '%') && i+1 < len(text) && text[i+1] == '{':
			b.WriteString(string([]rune{r, r}))
		case r > 0xffff && !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
