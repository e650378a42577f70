// Package printable makes texts from outside fit for messages.
package printable

import (
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
