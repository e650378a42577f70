// Package printable makes texts from outside fit for messages.
package printable

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Short cuts s, which is to be quoted in a message, to 64 bytes at the most,
// between characters.
func Short(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// MaxLine is how much of a server's text an error shows, in characters.
const MaxLine = 500

// Line makes a text from outside fit for a terminal and a log: one line of
// limited length, without control and formatting characters. redact takes
// secrets out, in the middle, so that neither a character that goes nor the cut
// at the end hides one from it; nil: there are none.
func Line(s string, redact func(string) string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if redact != nil {
		s = redact(s)
	}
	if utf8.RuneCountInString(s) > MaxLine {
		s = string([]rune(s)[:MaxLine]) + "…"
	}
	return s
}

// Text escapes what a terminal or a browser would not show as it is:
// control and formatting characters, line breaks, and bytes that are no UTF-8.
func Text(s string) string { return Keep(s, "") }

// Keep is [Text] for a text in which the characters of keep are meant.
func Keep(s, keep string) string {
	var b strings.Builder
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		// Quote leaves U+FFFD itself as it is.
		if r != utf8.RuneError && (strconv.IsPrint(r) || strings.ContainsRune(keep, r)) {
			b.WriteRune(r)
		} else {
			quoted := strconv.Quote(s[:size])
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[size:]
	}
	return b.String()
}

// Path quotes a path for a message, as %q does, but for the backslashes of Windows,
// which stay single: the path can be copied.
func Path(path string) string {
	parts := strings.Split(path, `\`)
	for i, part := range parts {
		quoted := strconv.Quote(part)
		parts[i] = quoted[1 : len(quoted)-1]
	}
	return `"` + strings.Join(parts, `\`) + `"`
}

// JSON escapes in JSON text what [Text] escapes in others, in JSON's own way, so
// that it means the same. Package json leaves some of it as it is, such as
// U+007F, U+009B and U+202E. White space between values stays.
func JSON(text []byte) []byte {
	var out []byte // nil: as text so far
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == '\n' || r == '\t' || r == '\r' || strconv.IsPrint(r):
			if out != nil {
				out = append(out, text[i:i+size]...)
			}
		default:
			if out == nil {
				out = append(make([]byte, 0, len(text)+64), text[:i]...)
			}
			for _, unit := range utf16.AppendRune(nil, r) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		}
		i += size
	}
	if out == nil {
		return text
	}
	return out
}

// Count returns "1 thing" or "N things".
func Count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return strconv.Itoa(n) + " " + thing
}
