// Package printable makes texts from outside fit for messages.
package printable

import (
	"strconv"
	"strings"
	"unicode"
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
func Text(s string) string {
	plain := true
	for _, r := range s {
		plain = plain && r != utf8.RuneError && strconv.IsPrint(r)
	}
	if plain {
		return s
	}
	var b strings.Builder
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		if strconv.IsPrint(r) && (r != utf8.RuneError || size > 1) {
			b.WriteRune(r)
		} else {
			quoted := strconv.Quote(s[:size])
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[size:]
	}
	return b.String()
}

// Count returns "1 thing" or "N things".
func Count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return strconv.Itoa(n) + " " + thing
}
