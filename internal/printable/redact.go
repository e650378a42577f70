package printable

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"
)

// Redactor returns what puts hidden in the place of every secret in a text. A server or
// a program that repeats a secret may have escaped it: a secret is found where any of its
// bytes stands as JSON, a URL, HTML or a quoted string spell it, in any mixture. Empty
// secrets are none.
func Redactor(hidden string, secrets ...string) func(string) string {
	secrets = slices.DeleteFunc(slices.Clone(secrets), func(s string) bool { return s == "" })
	// One may be part of another.
	slices.SortStableFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return func(text string) string {
		var b strings.Builder
		from := 0 // what is before it has been written
		for i := 0; i < len(text); i++ {
			for _, s := range secrets {
				if n, ok := spelled(text[i:], s); ok {
					b.WriteString(text[from:i])
					b.WriteString(hidden)
					i += n - 1
					from = i + 1
					break
				}
			}
		}
		b.WriteString(text[from:])
		return b.String()
	}
}

// spelled reports whether a text begins with the secret in any spelling, and how long
// that is.
func spelled(text, secret string) (n int, ok bool) {
	if secret == "" {
		return 0, true
	}
	if text == "" {
		return 0, false
	}
	c := secret[0]
	if text[0] == c {
		if n, ok := spelled(text[1:], secret[1:]); ok {
			return n + 1, true
		}
	}
	if text[0] != '%' && text[0] != '\\' && text[0] != '&' {
		return 0, false
	}
	for _, escape := range escapes(c) {
		if len(text) >= len(escape) && strings.EqualFold(text[:len(escape)], escape) {
			if n, ok := spelled(text[len(escape):], secret[1:]); ok {
				return len(escape) + n, true
			}
		}
	}
	return 0, false
}

// escapes are the ways to write a byte other than as it is, in either case of letters.
func escapes(c byte) []string {
	all := []string{
		fmt.Sprintf("%%%02x", c),
		fmt.Sprintf(`\u%04x`, c),
		fmt.Sprintf(`\u{%x}`, c),
		fmt.Sprintf(`\x%02x`, c),
		fmt.Sprintf("&#%d;", c),
		fmt.Sprintf("&#%03d;", c),
		fmt.Sprintf("&#x%x;", c),
	}
	if entity := html.EscapeString(string(rune(c))); entity[0] == '&' {
		all = append(all, entity)
	}
	switch c {
	case '"':
		all = append(all, "&quot;", `\"`)
	case '\'':
		all = append(all, "&apos;", `\'`)
	case '\\', '/':
		all = append(all, `\`+string(c))
	}
	return all
}
