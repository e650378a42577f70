package ui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/herokutf/herokutf/internal/printable"
)

// Plural returns "1 thing" or "N things".
func Plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Printable escapes what does something to a terminal instead of being shown.
func Printable(s string) string { return printable.Text(s) }

// printableLines is [Printable] for a text whose line breaks and tabs are meant.
func printableLines(s string) string {
	return printable.Keep(s, "\n\t")
}

// JSON spells v for programs, indented and with a newline at the end. Nothing in
// it does anything to a terminal either: such characters are escaped.
func JSON(v any) (string, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return string(printable.JSON(buf.Bytes())), nil
}

// Duration spells a duration as people say it, and never as nothing: "12 s",
// "4 minutes", "2 h 5 min".
func Duration(d time.Duration) string {
	switch {
	case d < 100*time.Second:
		return fmt.Sprintf("%d s", max(1, int(d.Round(time.Second)/time.Second)))
	case d < 100*time.Minute:
		return Plural(int(d.Round(time.Minute)/time.Minute), "minute")
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %d min", int(d/time.Hour), int(d%time.Hour/time.Minute))
}

// Sentence makes a sentence of a message or of advice: it begins with a
// capital, unless its first word is a name, and ends with a full stop, unless
// it ends in a list.
func Sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	word, _, _ := strings.Cut(s, " ")
	// What stands before a colon may be a file.
	if first, size := utf8.DecodeRuneInString(s); !isName(word) && !strings.HasSuffix(word, ":") {
		s = string(unicode.ToUpper(first)) + s[size:]
	}
	if last, _ := utf8.DecodeLastRuneInString(s); strings.ContainsRune(".!?:…", last) || strings.Contains(s, "\n") {
		return s
	}
	return s + "."
}

// isName reports whether a word is spelt as it has to be: a command, a flag, a
// path, a variable.
func isName(word string) bool {
	word = strings.TrimRight(word, ":,;")
	switch word {
	case "terraform", "tofu", "herokutf", "netrc", "stdin", "stdout":
		return true
	}
	return strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLower(r) && r != '\'' && r != '’' })
}

// Wrap breaks the lines of a text that are longer than width characters at
// spaces; what follows is indented like the line, and two more. Words that are
// longer stay whole, so that paths and addresses can be copied. Paint takes no
// room. A width of 0 breaks nothing.
func Wrap(text string, width int) string {
	if width <= 0 {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		body := strings.TrimRight(line, "\r\n")
		wrapLine(&b, body, width)
		b.WriteString(line[len(body):])
	}
	return b.String()
}

func wrapLine(b *strings.Builder, line string, width int) {
	if runes(line) <= width {
		b.WriteString(line)
		return
	}
	rest := strings.TrimLeft(line, " ")
	indent := line[:len(line)-len(rest)]
	b.WriteString(indent)
	at, first := len(indent), true
	hanging := indent + "  "
	for rest != "" {
		// A word goes with the spaces before it, which a break swallows.
		word := rest
		if i := strings.IndexByte(strings.TrimLeft(rest, " "), ' '); i >= 0 {
			word = rest[:len(rest)-len(strings.TrimLeft(rest, " "))+i]
		}
		rest = rest[len(word):]
		if n := runes(word); first || at+n <= width {
			b.WriteString(word)
			at += n
		} else {
			word = strings.TrimLeft(word, " ")
			b.WriteString("\n" + hanging + word)
			at = len(hanging) + runes(word)
		}
		first = false
	}
}

func runes(s string) int { return utf8.RuneCountInString(plain(s)) }

// Nearest returns those of names that word may have been meant for, the nearest
// first, at most n of them.
func Nearest(word string, names []string, n int) []string {
	word = strings.ToLower(word)
	limit := max(1, min(3, len(word)/3))
	var near []string
	for d := 0; d <= limit; d++ {
		for _, name := range names {
			if distance(word, strings.ToLower(name)) == d && len(near) < n {
				near = append(near, name)
			}
		}
	}
	// A beginning is no slip, but a name all the same.
	for _, name := range names {
		lower := strings.ToLower(name)
		if len(near) < n && len(word) > 2 && strings.Contains(lower, word) && distance(word, lower) > limit {
			near = append(near, name)
		}
	}
	return near
}

// distance counts the letters to insert, to leave out, to change or to swap
// with the next (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			best := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				best = min(best, rows[i-2][j-2]+1)
			}
			rows[i][j] = best
		}
	}
	return rows[len(x)][len(y)]
}
