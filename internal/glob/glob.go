// Package glob matches texts against patterns with * and ?, as ignore rules and the
// names of config vars have them.
package glob

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Glob is a compiled pattern: the literal texts between its *, with ? in
// them. The nil Glob matches everything.
type Glob struct {
	parts []part // never empty
}

// A part is what stands before, between or after *.
type part struct {
	text  string
	runes []rune // with anyOne for ?; nil if there is none, so that the text is all
}

// anyOne stands for ? among the runes of a part.
const anyOne rune = -1

var literal = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`)

// Quote returns the pattern that matches the text and nothing else.
func Quote(text string) string { return literal.Replace(text) }

var errTrailingBackslash = errors.New(`a \ at the end stands before nothing`)

// Compile reads a pattern: * stands for any text, the empty one as well, ? for any one
// character, and \ takes the meaning from what follows. The only fault there can be
// is a \ at the end.
func Compile(pattern string) (*Glob, error) {
	g := &Glob{}
	var runes []rune
	end := func() {
		p := part{text: string(runes)}
		if slices.Contains(runes, anyOne) {
			p.runes = runes
		}
		g.parts = append(g.parts, p)
		runes = nil
	}
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped:
			escaped = false
			runes = append(runes, r)
		case r == '\\':
			escaped = true
		case r == '*':
			end()
		case r == '?':
			runes = append(runes, anyOne)
		default:
			runes = append(runes, r)
		}
	}
	end()
	if escaped {
		return nil, errTrailingBackslash
	}
	return g, nil
}

// Match reports whether the pattern matches the whole of s. Each part between two
// * is taken where it is found first: if the rest matches behind a later place,
// it matches behind the first one, too.
func (g *Glob) Match(s string) bool {
	if g == nil {
		return true
	}
	rest, ok := g.parts[0].begins(s)
	if !ok {
		return false
	}
	if len(g.parts) == 1 {
		return rest == ""
	}
	last := len(g.parts) - 1
	for _, p := range g.parts[1:last] {
		if rest, ok = p.within(rest); !ok {
			return false
		}
	}
	return g.parts[last].ends(rest)
}

// begins returns what is behind the part at the begin of s.
func (p *part) begins(s string) (rest string, ok bool) {
	if p.runes == nil {
		return strings.CutPrefix(s, p.text)
	}
	for _, want := range p.runes {
		r, n := utf8.DecodeRuneInString(s)
		if n == 0 || want != anyOne && want != r {
			return "", false
		}
		s = s[n:]
	}
	return s, true
}

// within returns what is behind the first place where the part is in s.
func (p *part) within(s string) (rest string, ok bool) {
	for {
		if rest, ok := p.begins(s); ok {
			return rest, true
		}
		_, n := utf8.DecodeRuneInString(s)
		if n == 0 {
			return "", false
		}
		s = s[n:]
	}
}

// ends reports whether s ends with the part.
func (p *part) ends(s string) bool {
	if p.runes == nil {
		return strings.HasSuffix(s, p.text)
	}
	// One rune of the part is one character of the text.
	for range utf8.RuneCountInString(s) - len(p.runes) {
		_, n := utf8.DecodeRuneInString(s)
		s = s[n:]
	}
	_, ok := p.begins(s)
	return ok
}
