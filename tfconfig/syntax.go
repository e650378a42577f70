package tfconfig

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
)

// maxNesting bounds how deep brackets, templates and operators nest. The
// parsers recurse, and Go ends the process when a stack overflows, so the
// bound is checked on the tokens before anything is parsed.
const maxNesting = 500

// maxOperators bounds the operators of one expression for the same reason: a
// sum of a million terms is a tree a million levels deep.
const maxOperators = 2000

// maxControls bounds the template directives (%{if}, %{for}) of one file;
// they nest without brackets.
const maxControls = 2000

// maxExponent bounds the binary exponent of numbers that are written out as
// text. HCL's own have a precision of 512 bits.
const maxExponent = 1024

var errTooDeep = errors.New("nested too deep")

// file is one source file and what is needed to find places in it.
type file struct {
	name   string // path as Load found it; also the Filename in every range
	real   string // the same without symbolic links; one real file may have several names
	data   []byte
	json   bool
	vars   bool   // a variable file
	auto   bool   // a variable file that Terraform reads by itself
	from   string // what init has put it into, as putBack says it; "" for a part of the configuration
	body   *body
	labels []hcl.Range
	// escaped holds the JSON strings with escapes or line breaks, whose
	// inner positions HCL computes from the decoded text and so gets wrong.
	escaped []hcl.Range
}

// putBack says why the file of an installed module isn't edited.
func (f *file) putBack() string { return "it stands in " + f.from }

// body is the content of a block, the same for both syntaxes: expressions
// are always native ones. JSON strings are parsed as the templates they are.
type body struct {
	attrs  []*attr // sorted by position
	blocks []*block
}

type attr struct {
	name  string
	rng   hcl.Range // of the name
	expr  hclsyntax.Expression
	file  *file
	block string // path of the nested blocks it stands in, "" at the top
}

func (b *body) attr(name string) *attr {
	for _, a := range b.attrs {
		if a.name == name {
			return a
		}
	}
	return nil
}

// block is a block of a body. In JSON syntax only the blocks that Terraform's
// own schema knows are blocks; inside resources they look like arguments.
type block struct {
	kind   string
	labels []string
	rng    hcl.Range
	// open and end are the offsets of the braces, in native syntax.
	open, end int
	file      *file
	override  *file // the last override file that has a part of it; nil for none
	body
}

// address is how the block is referred to in its module, such as
// heroku_app.web, data.heroku_app.web, var.x, module.m or output.o.
func (b *block) address() string {
	switch b.kind {
	case "resource":
		return strings.Join(b.labels, ".")
	case "variable":
		return "var." + strings.Join(b.labels, ".")
	case "locals":
		return "local"
	}
	return strings.Join(append([]string{b.kind}, b.labels...), ".")
}

// rootSchema is the blocks of a module file. What isn't listed (a block of a
// newer Terraform) is ignored in JSON and kept in native syntax.
var rootSchema = map[string][]string{
	"terraform": nil,
	"locals":    nil,
	"moved":     nil,
	"removed":   nil,
	"import":    nil,
	"variable":  {"name"},
	"output":    {"name"},
	"module":    {"name"},
	"provider":  {"name"},
	"check":     {"name"},
	"resource":  {"type", "name"},
	"data":      {"type", "name"},
	"ephemeral": {"type", "name"},
	"action":    {"type", "name"},
}

// parse reads one file. All its faults are returned; the body is nil then.
func parse(f *file) (*body, []*FileError) {
	if err := checkNesting(f); err != nil {
		return nil, []*FileError{err}
	}
	if f.json {
		return parseJSON(f)
	}
	hf, diags := hclsyntax.ParseConfig(f.data, f.name, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, fileErrors(f, diags)
	}
	return nativeBody(f, hf.Body.(*hclsyntax.Body), nil), nil
}

func fileErrors(f *file, diags hcl.Diagnostics) []*FileError {
	var list []*FileError
	for _, d := range diags {
		e := &FileError{Name: f.name}
		if d.Subject != nil {
			e.Line, e.Column = d.Subject.Start.Line, d.Subject.Start.Column
		}
		// The detail may quote the source, and values in variable files are
		// often secrets.
		msg := d.Summary
		if !f.vars && !f.json {
			msg += ": " + d.Detail
		}
		e.Err = errors.New(strings.TrimSuffix(lowerFirst(msg), "."))
		list = append(list, e)
	}
	return list
}

func lowerFirst(s string) string {
	capital := func(b byte) bool { return 'A' <= b && b <= 'Z' }
	if len(s) > 1 && capital(s[0]) && !capital(s[1]) {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

// nativeBody converts a body; within holds the types of the blocks around it.
func nativeBody(f *file, b *hclsyntax.Body, within []string) *body {
	var out body
	path := ""
	if len(within) > 0 {
		path = strings.Join(within[1:], ".")
	}
	for _, a := range b.Attributes {
		out.attrs = append(out.attrs, &attr{name: a.Name, rng: a.NameRange, expr: a.Expr, file: f, block: path})
	}
	slices.SortFunc(out.attrs, func(a, b *attr) int { return cmp.Compare(a.rng.Start.Byte, b.rng.Start.Byte) })
	for _, nested := range b.Blocks {
		f.labels = append(f.labels, nested.LabelRanges...)
		out.blocks = append(out.blocks, &block{
			kind:   nested.Type,
			labels: nested.Labels,
			rng:    nested.DefRange(),
			open:   nested.OpenBraceRange.Start.Byte,
			end:    nested.CloseBraceRange.Start.Byte,
			file:   f,
			body:   *nativeBody(f, nested.Body, append(slices.Clip(within), nested.Type)),
		})
	}
	return &out
}

func parseJSON(f *file) (*body, []*FileError) {
	hf, diags := hcljson.Parse(f.data, f.name)
	if diags.HasErrors() {
		return nil, fileErrors(f, diags)
	}
	var out body
	c := jsonConverter{file: f}
	if f.vars {
		attrs, diags := hf.Body.JustAttributes()
		c.diags = append(c.diags, diags...)
		out.attrs = c.attrs(attrs, func(string) bool { return true })
	} else {
		schema := &hcl.BodySchema{}
		for kind, labels := range rootSchema {
			schema.Blocks = append(schema.Blocks, hcl.BlockHeaderSchema{Type: kind, LabelNames: labels})
		}
		content, _, diags := hf.Body.PartialContent(schema)
		c.diags = append(c.diags, diags...)
		for _, b := range content.Blocks {
			f.labels = append(f.labels, b.LabelRanges...)
			attrs, diags := b.Body.JustAttributes()
			c.diags = append(c.diags, diags...)
			rng := b.TypeRange
			if n := len(b.LabelRanges); n > 0 {
				rng = b.LabelRanges[n-1]
			}
			out.blocks = append(out.blocks, &block{
				kind:   b.Type,
				labels: b.Labels,
				rng:    rng,
				file:   f,
				body: body{attrs: c.attrs(attrs, func(name string) bool {
					// Terraform reads these without evaluating them, so a
					// "${" in them is text.
					switch b.Type {
					case "variable":
						return true
					case "module":
						return name == "source" || name == "version"
					}
					return false
				})},
			})
		}
	}
	if c.diags.HasErrors() {
		return nil, fileErrors(f, c.diags)
	}
	return &out, nil
}

type jsonConverter struct {
	file  *file
	diags hcl.Diagnostics
}

func (c *jsonConverter) attrs(in hcl.Attributes, verbatim func(name string) bool) []*attr {
	var out []*attr
	byPlace := func(a, b *hcl.Attribute) int { return cmp.Compare(a.NameRange.Start.Byte, b.NameRange.Start.Byte) }
	for _, a := range slices.SortedFunc(maps.Values(in), byPlace) {
		out = append(out, &attr{
			name: a.Name,
			rng:  a.NameRange,
			expr: c.expr(a.Expr, verbatim(a.Name)),
			file: c.file,
		})
	}
	return out
}

// expr turns a JSON value into the native expression of the same meaning,
// with the ranges of the JSON source.
func (c *jsonConverter) expr(e hcl.Expression, verbatim bool) hclsyntax.Expression {
	rng := e.Range()
	if pairs, diags := hcl.ExprMap(e); !diags.HasErrors() {
		out := &hclsyntax.ObjectConsExpr{SrcRange: rng}
		for _, p := range pairs {
			out.Items = append(out.Items, hclsyntax.ObjectConsItem{
				KeyExpr:   c.expr(p.Key, verbatim),
				ValueExpr: c.expr(p.Value, verbatim),
			})
		}
		return out
	}
	if elems, diags := hcl.ExprList(e); !diags.HasErrors() {
		out := &hclsyntax.TupleConsExpr{SrcRange: rng}
		for _, el := range elems {
			out.Exprs = append(out.Exprs, c.expr(el, verbatim))
		}
		return out
	}
	// Without a context the value is the JSON value as it stands; null is of no type.
	val, _ := e.Value(nil)
	if val.Type() != cty.String {
		return &hclsyntax.LiteralValueExpr{Val: val, SrcRange: rng}
	}
	text := val.AsString()
	literal := &hclsyntax.TemplateExpr{
		Parts:    []hclsyntax.Expression{&hclsyntax.LiteralValueExpr{Val: val, SrcRange: rng}},
		SrcRange: rng,
	}
	if verbatim || !strings.Contains(text, "${") && !strings.Contains(text, "%{") {
		return literal
	}
	if len(text) != rng.End.Byte-rng.Start.Byte-2 {
		c.file.escaped = append(c.file.escaped, rng)
	}
	start := hcl.Pos{Line: rng.Start.Line, Column: rng.Start.Column + 1, Byte: rng.Start.Byte + 1}
	tokens, _ := hclsyntax.LexTemplate([]byte(text), c.file.name, start)
	if err := checkTokens(c.file, tokens); err != nil {
		c.diags = append(c.diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: errTooDeep.Error(), Subject: &rng})
		return literal
	}
	tmpl, diags := hclsyntax.ParseTemplate([]byte(text), c.file.name, start)
	if diags.HasErrors() {
		// Terraform reads some strings as references or keywords only
		// (depends_on, provider), so a bad template isn't always an error
		// there; but none of those may hold "${".
		c.diags = append(c.diags, diags...)
		return literal
	}
	return tmpl
}

// checkNesting refuses sources that would exhaust the stack of a recursive
// parser.
func checkNesting(f *file) *FileError {
	if f.json {
		return checkJSONNesting(f)
	}
	if shallow(f.data) {
		return nil
	}
	tokens, _ := hclsyntax.LexConfig(f.data, f.name, hcl.InitialPos)
	return checkTokens(f, tokens)
}

// shallow reports, from the bytes alone, whether a file can't reach the bounds, as
// is so for nearly all files: lexing them once more would double the time.
func shallow(data []byte) bool {
	open, operators := 0, 0
	for _, b := range data {
		switch b {
		case '{', '"', '<':
			open++
		case '(', '[':
			open++
			operators++
		case '!', '-', '+', '*', '/', '%', '>', '=', '&', '|', '?', '.':
			operators++
		}
	}
	return open <= maxNesting && operators <= maxOperators
}

func tooDeep(f *file, pos hcl.Pos) *FileError {
	return &FileError{Name: f.name, Line: pos.Line, Column: pos.Column,
		Err: fmt.Errorf("%w: more than %d levels of brackets or %d operators in one expression", errTooDeep, maxNesting, maxOperators)}
}

func checkTokens(f *file, tokens hclsyntax.Tokens) *FileError {
	var open []hclsyntax.TokenType
	operators, controls := []int{0}, 0
	for _, tok := range tokens {
		switch tok.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote,
			hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			if tok.Type == hclsyntax.TokenTemplateControl {
				controls++
			}
			if tok.Type == hclsyntax.TokenOBrack || tok.Type == hclsyntax.TokenOParen {
				operators[len(operators)-1]++ // a[0][0][0] is a tree of three levels
			}
			open = append(open, tok.Type)
			operators = append(operators, 0)
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote,
			hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
			if len(open) > 0 {
				open = open[:len(open)-1]
				operators = operators[:len(operators)-1]
			}
		case hclsyntax.TokenComma, hclsyntax.TokenEqual, hclsyntax.TokenColon:
			// A colon may belong to a conditional, whose question mark has
			// to go on counting.
			if tok.Type != hclsyntax.TokenColon {
				operators[len(operators)-1] = 0
			}
		case hclsyntax.TokenNewline:
			if len(open) == 0 || open[len(open)-1] == hclsyntax.TokenOBrace {
				operators[len(operators)-1] = 0
			}
		case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit,
			hclsyntax.TokenComment, hclsyntax.TokenEOF, hclsyntax.TokenFatArrow:
		default:
			operators[len(operators)-1]++
		}
		if len(open) > maxNesting || operators[len(operators)-1] > maxOperators || controls > maxControls {
			return tooDeep(f, tok.Range.Start)
		}
	}
	return nil
}

func checkJSONNesting(f *file) *FileError {
	depth, line, lineStart, inString := 0, 1, 0, false
	for i := 0; i < len(f.data); i++ {
		switch b := f.data[i]; {
		case b == '\n':
			line, lineStart = line+1, i+1
		case inString && b == '\\':
			i++
		case b == '"':
			inString = !inString
		case inString:
		case b == '[' || b == '{':
			if depth++; depth > maxNesting {
				return tooDeep(f, hcl.Pos{Line: line, Column: i - lineStart + 1})
			}
		case b == ']' || b == '}':
			depth--
		}
	}
	return nil
}

// literalString returns the text of a string literal without interpolation.
func literalString(e hclsyntax.Expression) (string, bool) {
	switch e := e.(type) {
	case *hclsyntax.TemplateExpr:
		var text strings.Builder
		for _, part := range e.Parts {
			l, ok := part.(*hclsyntax.LiteralValueExpr)
			if !ok || l.Val.Type() != cty.String { // null is of no type
				return "", false
			}
			text.WriteString(l.Val.AsString())
		}
		return text.String(), true
	case *hclsyntax.LiteralValueExpr:
		if e.Val.Type() == cty.String {
			return e.Val.AsString(), true
		}
	}
	return "", false
}

// keyString returns the key of an object item when it is written out.
func keyString(e hclsyntax.Expression) (string, bool) {
	if k, ok := e.(*hclsyntax.ObjectConsKeyExpr); ok {
		if !k.ForceNonLiteral {
			if word := hcl.ExprAsKeyword(k.Wrapped); word != "" {
				return word, true
			}
		}
		return keyString(k.Wrapped)
	}
	if s, ok := literalString(e); ok {
		return s, true
	}
	if l, ok := e.(*hclsyntax.LiteralValueExpr); ok {
		switch l.Val.Type() {
		case cty.Number:
			return numberText(l.Val.AsBigFloat())
		case cty.Bool:
			return fmt.Sprint(l.Val.True()), true
		}
	}
	return "", false
}

// numberText spells a number as Terraform turns it into a string. ok is false
// for one beyond any use as a key: 1e1000000000 would take gigabytes.
func numberText(f *big.Float) (text string, ok bool) {
	if exp := f.MantExp(nil); f.IsInf() || exp > maxExponent || exp < -maxExponent {
		return "", false
	}
	return f.Text('f', -1), true
}
