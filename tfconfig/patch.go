package tfconfig

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/rogpeppe/go-internal/diff"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

// hidden reports whether a task's values aren't to be shown.
func (t *task) hidden() bool { return t.secret || t.change.Hidden }

// appendTexts adds the texts of a value, line by line.
func appendTexts(texts []string, v any) []string {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			texts = appendTexts(texts, e)
		}
	case map[string]any:
		for _, e := range v {
			texts = appendTexts(texts, e)
		}
	default:
		text, _ := scalarText(v)
		for line := range strings.Lines(text) {
			texts = append(texts, strings.TrimSpace(line))
		}
	}
	return texts
}

// masked stands for a value in a patch.
const masked = "(secret)"

// Patch returns the edit as a unified difference; nil without one. With secrets it is
// one that patch -p0 takes. Without, nothing in it may be a secret: masked are the values
// that are secret or hidden ([Change]), and of the lines around the texts of all that
// isn't known to be none, as a resource's stack and a variable's new value are.
func (e *FileEdit) Patch(secrets bool) []byte {
	patch := diff.Diff(e.Path, e.Old, e.Path, e.New)
	if secrets {
		return patch
	}
	before, after := bytes.SplitAfter(e.mask(e.Old), []byte("\n")), bytes.SplitAfter(e.mask(e.New), []byte("\n"))
	var b bytes.Buffer
	var old, next int // numbers of lines, from 0
	inHunk := false
	for line := range bytes.Lines(patch) {
		var n int
		switch _, err := fmt.Sscanf(string(line), "@@ -%d,%d +%d,", &old, &n, &next); {
		case err == nil:
			old, next, inHunk = max(old-1, 0), max(next-1, 0), true
			b.Write(line)
		case !inHunk || line[0] == '\\':
			b.Write(line)
		case line[0] == '+':
			b.WriteByte('+')
			b.Write(endLine(after[next]))
			next++
		default:
			b.WriteByte(line[0])
			b.Write(endLine(before[old]))
			old++
			if line[0] == ' ' {
				next++
			}
		}
	}
	return b.Bytes()
}

// endLine returns a line with its break.
func endLine(line []byte) []byte {
	if bytes.HasSuffix(line, []byte("\n")) {
		return line
	}
	return append(slices.Clip(line), '\n')
}

// mask returns a file in which the texts are masked that may be secrets. It has the
// same lines.
func (e *FileEdit) mask(data []byte) []byte {
	tokens, diags := hclsyntax.LexConfig(data, e.Path, hcl.InitialPos)
	open := visible(data, e.Path)
	var b bytes.Buffer
	at := 0
	for i, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit, hclsyntax.TokenNumberLit, hclsyntax.TokenIdent:
		default:
			continue
		}
		text := strings.TrimSpace(string(t.Bytes))
		if t.Type == hclsyntax.TokenQuotedLit {
			if v, ok := unquoted(t.Bytes); ok {
				text = v
			}
		}
		word := t.Type == hclsyntax.TokenNumberLit || t.Type == hclsyntax.TokenIdent
		key := i+2 < len(tokens) && tokens[i+1].Type == hclsyntax.TokenCQuote && tokens[i+2].Type == hclsyntax.TokenColon
		shown, secret := slices.Contains(e.shown, text), slices.Contains(e.secrets, text)
		switch {
		case text == "" || key || shown && (word || !secret):
			continue
		case word && (t.Type == hclsyntax.TokenIdent && text != "true" && text != "false" || !secret):
			continue
		case slices.ContainsFunc(open, func(r hcl.Range) bool { return r.Start.Byte <= t.Range.Start.Byte && t.Range.End.Byte <= r.End.Byte }):
			continue
		}
		b.Write(data[at:t.Range.Start.Byte])
		b.Write(t.Bytes[:len(t.Bytes)-len(bytes.TrimLeft(t.Bytes, " \t"))])
		b.WriteString(masked)
		if bytes.HasSuffix(t.Bytes, []byte("\n")) {
			b.WriteByte('\n')
		}
		at = t.Range.End.Byte
	}
	b.Write(data[at:])
	if diags.HasErrors() || bytes.Count(b.Bytes(), []byte("\n")) != bytes.Count(data, []byte("\n")) {
		return bytes.Repeat([]byte(masked+"\n"), 1+bytes.Count(data, []byte("\n"))) // can't be, of what Load takes
	}
	return b.Bytes()
}

// unquoted is the text of what stands between quotes.
func unquoted(raw []byte) (string, bool) {
	e, diags := hclsyntax.ParseExpression([]byte(`"`+string(raw)+`"`), "", hcl.InitialPos)
	if diags.HasErrors() {
		return "", false
	}
	return literalString(e)
}

// visible returns the parts of a file whose texts are no secrets: labels, keys, and the
// arguments of which the provider's table says that they are none.
func visible(data []byte, name string) (open []hcl.Range) {
	parsed, diags := hclsyntax.ParseConfig(data, name, hcl.InitialPos)
	if diags.HasErrors() {
		return nil
	}
	hclsyntax.VisitAll(parsed.Body.(*hclsyntax.Body), func(n hclsyntax.Node) hcl.Diagnostics {
		if key, ok := n.(*hclsyntax.ObjectConsKeyExpr); ok {
			open = append(open, key.Range())
		}
		return nil
	})
	var walk func(b *hclsyntax.Body, res *provider.Resource, path statefile.Path)
	walk = func(b *hclsyntax.Body, res *provider.Resource, path statefile.Path) {
		for _, a := range b.Attributes {
			if attr := res.At(append(path.Clone(), a.Name)); attr != nil && !attr.Secret {
				open = append(open, a.Expr.Range())
			}
		}
		for _, nested := range b.Blocks {
			walk(nested.Body, res, append(path.Clone(), nested.Type))
		}
	}
	for _, b := range parsed.Body.(*hclsyntax.Body).Blocks {
		open = append(open, b.LabelRanges...)
		switch b.Type {
		case "moved", "removed", "import":
			open = append(open, b.Body.Range())
		case "module":
			for _, name := range []string{"source", "version"} {
				if a := b.Body.Attributes[name]; a != nil {
					open = append(open, a.Expr.Range())
				}
			}
		case "resource":
			if len(b.Labels) > 0 {
				if res, ok := provider.Lookup(provider.Managed, b.Labels[0]); ok {
					walk(b.Body, res, nil)
				}
			}
		}
	}
	return open
}
