package ignore

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// glob is a pattern made ready: the literal texts between its * with ? in
// them. The nil glob fits everything.
type glob struct {
	parts []globPart // never empty
}

// globPart is what stands before, between or after *.
type globPart struct {
	text  string
	runes []rune // with anyOne for ?; nil if there is none, so that the text is all
}

// anyOne stands for ? among the runes of a part.
const anyOne rune = -1

var literalGlob = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`)

var errTrailingBackslash = errors.New(`a \ at the end stands before nothing`)

func compileGlob(pattern string) (*glob, error) {
	g := &glob{}
	var runes []rune
	end := func() {
		p := globPart{text: string(runes)}
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

// fits reports whether the pattern fits the whole of s. Each part between two
// * is taken where it is found first: if the rest fits behind a later place,
// it fits behind the first one, too.
func (g *glob) fits(s string) bool {
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
func (p *globPart) begins(s string) (rest string, ok bool) {
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
func (p *globPart) within(s string) (rest string, ok bool) {
	if p.runes == nil {
		_, rest, ok = strings.Cut(s, p.text)
		return rest, ok
	}
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
func (p *globPart) ends(s string) bool {
	if p.runes == nil {
		return strings.HasSuffix(s, p.text)
	}
	// One rune of the part is one character of the text.
	skip := utf8.RuneCountInString(s) - len(p.runes)
	if skip < 0 {
		return false
	}
	for range skip {
		_, n := utf8.DecodeRuneInString(s)
		s = s[n:]
	}
	_, ok := p.begins(s)
	return ok
}
