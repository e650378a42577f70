package tfconfig

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// mentions adds the string literals that hold an old name as a whole word.
func (f *finder) mentions() {
	seen := map[string]bool{}
	for _, file := range f.c.files {
		if seen[file.real] {
			continue
		}
		seen[file.real] = true
		// Few files hold a name at all, and lexing is what takes time. A JSON
		// escape may hide one.
		if !slices.ContainsFunc(f.renames, func(r AppRename) bool { return bytes.Contains(file.data, []byte(r.Old)) }) &&
			!(file.json && bytes.ContainsRune(file.data, '\\')) {
			continue
		}
		known := map[int]bool{} // offsets inside places and labels
		mark := func(start, end int) {
			for i := start; i < end; i++ {
				known[i] = true
			}
		}
		for _, p := range f.places {
			if p.File != "" && f.c.byName[p.File].real == file.real && p.Kind != KindReference {
				mark(p.start, p.end)
			}
		}
		for _, l := range file.labels {
			mark(l.Start.Byte, l.End.Byte)
		}
		for _, lit := range stringLiterals(file) {
			for _, r := range f.renames {
				for at := range words(lit.text, r.Old) {
					pos := lit.rng.Start
					if lit.plain {
						pos = advance(pos, lit.text[:at])
					}
					if known[pos.Byte] {
						continue
					}
					mark(pos.Byte, pos.Byte+len(r.Old)) // once, however many addresses share the rename
					f.add(Place{Kind: KindMention, Old: r.Old, New: r.New},
						hcl.Range{Filename: file.name, Start: pos, End: hcl.Pos{Byte: pos.Byte + len(r.Old)}})
					if !lit.plain {
						break
					}
				}
			}
		}
	}
}

// words yields the offsets at which word stands as a whole word: a name's
// own characters, letters, digits, "-" and "_", neither before nor after it.
func words(text, word string) func(yield func(int) bool) {
	inWord := func(b byte) bool {
		return b == '-' || b == '_' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z' || b >= 0x80
	}
	return func(yield func(int) bool) {
		if word == "" {
			return
		}
		for from := 0; ; {
			i := strings.Index(text[from:], word)
			if i < 0 {
				return
			}
			at, end := from+i, from+i+len(word)
			if (at == 0 || !inWord(text[at-1])) && (end == len(text) || !inWord(text[end])) && !yield(at) {
				return
			}
			from = at + 1
		}
	}
}

// advance returns the position behind text, which holds no part of a
// character.
func advance(pos hcl.Pos, text string) hcl.Pos {
	pos.Byte += len(text)
	if i := strings.LastIndexByte(text, '\n'); i >= 0 {
		pos.Line += strings.Count(text, "\n")
		pos.Column = 1
		text = text[i+1:]
	}
	pos.Column += utf8.RuneCountInString(text)
	return pos
}

// literal is the literal part of a string, template or heredoc.
type literal struct {
	rng  hcl.Range
	text string
	// plain says that text is what the file holds from the start of rng,
	// so that offsets in it are offsets in the file.
	plain bool
}

func stringLiterals(f *file) []literal {
	var out []literal
	if !f.json {
		tokens, _ := hclsyntax.LexConfig(f.data, f.name, hcl.InitialPos)
		for _, tok := range tokens {
			if tok.Type == hclsyntax.TokenQuotedLit || tok.Type == hclsyntax.TokenStringLit {
				out = append(out, literal{tok.Range, string(tok.Bytes), true})
			}
		}
		return out
	}
	visit := func(n hclsyntax.Node) hcl.Diagnostics {
		l, ok := n.(*hclsyntax.LiteralValueExpr)
		if !ok {
			return nil
		}
		text, ok := literalString(l)
		if !ok {
			return nil
		}
		rng := l.SrcRange
		raw := string(rng.SliceBytes(f.data))
		if strings.HasPrefix(raw, `"`) {
			rng.Start.Byte, rng.Start.Column, raw = rng.Start.Byte+1, rng.Start.Column+1, raw[1:]
		}
		out = append(out, literal{rng, text, strings.HasPrefix(raw, text)})
		return nil
	}
	var walk func(b *body)
	walk = func(b *body) {
		for _, a := range b.attrs {
			hclsyntax.VisitAll(a.expr, visit)
		}
		for _, nested := range b.blocks {
			walk(&nested.body)
		}
	}
	walk(f.body)
	return out
}
