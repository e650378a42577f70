package tfconfig

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// replace is the replacement of some bytes of a file; with start and end the
// same it is an insertion.
type replace struct {
	start, end int
	text       string
}

// rewrite returns the file's bytes with the replacements, which mustn't
// overlap. All other bytes stay, but for one thing: where terraform fmt had
// nothing to say to the block, or the group of lines, it has nothing to say
// afterwards, so the alignment of neighbours may change.
//
// The new bytes are read back: the error says what else would differ.
func rewrite(f *file, changes []replace) ([]byte, error) {
	changes = slices.Clone(changes)
	slices.SortStableFunc(changes, func(a, b replace) int { return a.start - b.start })
	var out bytes.Buffer
	at := 0
	for _, c := range changes {
		if c.start < at || c.end < c.start || c.end > len(f.data) {
			return nil, fmt.Errorf("the edit at offset %d overlaps another", c.start)
		}
		out.Write(f.data[at:c.start])
		out.WriteString(c.text)
		at = c.end
	}
	out.Write(f.data[at:])
	data := out.Bytes()
	if err := prove(f, data, changes); err != nil {
		return nil, err
	}
	if f.json {
		return data, nil
	}
	return spaced(data, realign(f, data, changes))
}

// spaced returns aligned, or an error where more than white space makes it another text
// than data.
func spaced(data, aligned []byte) ([]byte, error) {
	if err := equalTokens(tokens(&file{data: data}), tokens(&file{data: aligned})); err != nil {
		return nil, err
	}
	return aligned, nil
}

// token is one token of either syntax.
type token struct {
	start int // offset of a byte of it
	kind  string
	text  string
}

// prove compares the tokens of both versions: outside the replacements they
// are the same; and parses the new one.
func prove(f *file, data []byte, changes []replace) error {
	edited := &file{name: f.name, data: data, json: f.json, vars: f.vars}
	if _, errs := parse(edited); len(errs) > 0 {
		return errs[0]
	}
	// Where the replacements are in the new version.
	moved := slices.Clone(changes)
	shift := 0
	for i, c := range changes {
		moved[i].start += shift
		shift += len(c.text) - (c.end - c.start)
		moved[i].end = moved[i].start + len(c.text)
		if moved[i].end > len(data) || string(data[moved[i].start:moved[i].end]) != c.text {
			return fmt.Errorf("the text at offset %d isn't what was meant", c.start)
		}
	}
	return equalTokens(outside(tokens(f), changes), outside(tokens(edited), moved))
}

// outside returns the tokens that are in none of the replaced parts.
func outside(tokens []token, parts []replace) []token {
	var out []token
	for _, t := range tokens {
		for len(parts) > 0 && t.start >= parts[0].end {
			parts = parts[1:]
		}
		if len(parts) == 0 || t.start < parts[0].start {
			out = append(out, t)
		}
	}
	return out
}

func equalTokens(before, after []token) error {
	for i, b := range before {
		if i >= len(after) || b.kind != after[i].kind || b.text != after[i].text {
			return fmt.Errorf("the token at offset %d changed", b.start)
		}
	}
	if len(before) != len(after) {
		return fmt.Errorf("%d tokens became %d", len(before), len(after))
	}
	return nil
}

// tokens returns the tokens of a file, with all of its bytes but white space: what is no
// token in JSON is one from there to the end.
func tokens(f *file) (out []token) {
	if !f.json {
		list, _ := hclsyntax.LexConfig(f.data, f.name, hcl.InitialPos)
		for _, t := range list {
			text := string(t.Bytes)
			if t.Type == hclsyntax.TokenComment {
				text = strings.TrimRight(text, "\r\n") // the last line's may have none
			}
			out = append(out, token{t.Range.Start.Byte, string(rune(t.Type)), text})
		}
		return out
	}
	d := json.NewDecoder(bytes.NewReader(f.data))
	d.UseNumber()
	for {
		t, err := d.Token()
		if err == io.EOF {
			return out
		}
		if err != nil {
			at := int(d.InputOffset())
			return append(out, token{at, "fault", string(f.data[at:])})
		}
		text := fmt.Sprint(t)
		// InputOffset is behind the token.
		out = append(out, token{int(d.InputOffset()) - 1, strings.TrimPrefix(fmt.Sprintf("%T", t), "json."), text})
	}
}

// realign formats the lines around the replacements as terraform fmt does, if
// they were so before: those of the whole file, else of the top-level block,
// else of the run of lines without an empty one.
func realign(f *file, data []byte, changes []replace) []byte {
	old := bytes.SplitAfter(f.data, []byte("\n"))
	neat := bytes.SplitAfter(hclwrite.Format(f.data), []byte("\n"))
	lines := bytes.SplitAfter(data, []byte("\n"))
	formatted := bytes.SplitAfter(hclwrite.Format(data), []byte("\n"))
	if len(old) != len(neat) || len(lines) != len(formatted) {
		return data
	}
	dirty := make([]int, len(old)+1) // lines before the numbered one that fmt would change
	for i := range old {
		dirty[i+1] = dirty[i]
		if !bytes.Equal(old[i], neat[i]) {
			dirty[i+1]++
		}
	}
	if dirty[len(old)] == 0 {
		return bytes.Join(formatted, nil)
	}
	blocks := f.blockLines()
	shift := 0 // lines that the replacements so far have added
	at, line := 0, 0
	for _, c := range changes {
		line += bytes.Count(f.data[at:c.start], []byte("\n"))
		at = c.start
		gone := bytes.Count(f.data[c.start:c.end], []byte("\n"))
		added := strings.Count(c.text, "\n") - gone
		from, to := paragraph(old, blocks, line, line+gone)
		if dirty[from] == dirty[to] {
			for i := from + shift; i < to+shift+added && i < len(lines); i++ {
				lines[i] = formatted[i]
			}
		}
		shift += added
	}
	return bytes.Join(lines, nil)
}

// blockLines returns the lines of the top-level blocks, from 0, the end excluded.
func (f *file) blockLines() (blocks [][2]int) {
	parsed, diags := hclsyntax.ParseConfig(f.data, f.name, hcl.InitialPos)
	if body, ok := parsed.Body.(*hclsyntax.Body); ok && !diags.HasErrors() {
		for _, b := range body.Blocks {
			blocks = append(blocks, [2]int{b.TypeRange.Start.Line - 1, b.CloseBraceRange.End.Line})
		}
	}
	return blocks
}

// paragraph returns the lines of the block that holds two lines, or of the run
// without an empty line around them.
func paragraph(lines [][]byte, blocks [][2]int, first, last int) (from, to int) {
	i, _ := slices.BinarySearchFunc(blocks, first+1, func(b [2]int, line int) int { return b[1] - line })
	if i < len(blocks) && blocks[i][0] <= first && last < blocks[i][1] {
		return blocks[i][0], blocks[i][1]
	}
	empty := func(i int) bool { return len(bytes.TrimSpace(lines[i])) == 0 }
	for from = first; from > 0 && !empty(from-1); from-- {
	}
	for to = last + 1; to < len(lines) && !empty(to); to++ {
	}
	return from, min(to, len(lines))
}
