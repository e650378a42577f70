package ignore

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/zclconf/go-cty/cty"
)

const (
	maxIgnoreSize  = 1 << 20 // bytes of a text of rules
	maxIgnoreDepth = 20      // brackets within brackets; rules need three
	maxIgnoreOps   = 100     // operators and the like, none of which a rule may hold
)

// Parse reads rules in HCL, or in its JSON form if the text begins
// with a brace or name ends in .json. name serves only messages and
// [Rule.Origin].
//
//	ignore {
//	  address   = "heroku_formation.*"
//	  attribute = "quantity"
//	  reason    = "autoscaled"
//	  expires   = "2027-03-31"
//	}
//
//	ignore {
//	  type    = "heroku_domain"
//	  app     = "shop-*"
//	  verdict = ["unmanaged"]
//	  reason  = "customers bring their own domains"
//	}
//
// The arguments are those of [Rule]: address, type, app and id, of which
// one at least is needed, attribute, verdict (one or a list), reason, which is
// needed, and expires. That is a date, to the end of which in UTC the rule
// counts, or a time as RFC 3339 spells it. Since HCL has escapes of its own, a
// backslash of a pattern is written twice.
//
// In JSON, "ignore" is an object or a list of objects. An empty text has no
// rules.
//
// All faults are returned at once, in an [Error] that unwraps to
// [ErrRules], with line and column; only a text that isn't HCL or JSON
// isn't searched for more. Variables, functions and templates are faults, as is
// everything that isn't known. A text of more than 1 MiB is refused.
func Parse(name string, data []byte) (*Rules, error) {
	p := &parser{name: name}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	switch {
	case len(data) > maxIgnoreSize:
		p.faults = append(p.faults, Fault{Name: name, Err: fmt.Errorf("the text is larger than %d MiB", maxIgnoreSize>>20)})
	case strings.HasSuffix(name, ".json") || bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")):
		p.json(data)
	default:
		p.native(data)
	}
	if len(p.faults) > 0 {
		slices.SortStableFunc(p.faults, func(a, b Fault) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		return nil, newError(p.faults)
	}
	return &Rules{rules: p.rules}, nil
}

type parser struct {
	name   string
	rules  []Rule
	faults []Fault
}

// ignoreArgument is an argument of a rule in either syntax.
type argument struct {
	name  string
	at    hcl.Range // of the name
	value hcl.Expression
}

func (p *parser) fault(at hcl.Range, format string, args ...any) {
	p.faults = append(p.faults, Fault{Name: p.name, Line: at.Start.Line, Column: at.Start.Column, Err: fmt.Errorf(format, args...)})
}

func (p *parser) diagnostics(diags hcl.Diagnostics) {
	for _, d := range diags {
		text := d.Summary
		if d.Detail != "" {
			text += ": " + d.Detail
		}
		f := Fault{Name: p.name, Err: errors.New(printable.Line(strings.TrimSuffix(text, "."), nil))}
		if d.Subject != nil {
			f.Line, f.Column = d.Subject.Start.Line, d.Subject.Start.Column
		}
		p.faults = append(p.faults, f)
	}
}

func (p *parser) native(data []byte) {
	if !p.flat(data) {
		return
	}
	file, diags := hclsyntax.ParseConfig(data, p.name, hcl.InitialPos)
	if diags.HasErrors() {
		p.diagnostics(diags)
		return
	}
	body := file.Body.(*hclsyntax.Body)
	for _, a := range body.Attributes {
		p.fault(a.NameRange, "unknown argument %q: arguments stand in ignore blocks", printable.Short(a.Name))
	}
	for _, b := range body.Blocks {
		if b.Type != "ignore" {
			p.fault(b.TypeRange, "unknown block %q: a rule is an ignore block", printable.Short(b.Type))
			continue
		}
		if len(b.Labels) > 0 {
			p.fault(b.LabelRanges[0], "an ignore block has no label")
		}
		for _, nested := range b.Body.Blocks {
			p.fault(nested.TypeRange, "an ignore block holds no blocks, such as %q", printable.Short(nested.Type))
		}
		var arguments []argument
		for _, a := range b.Body.Attributes {
			arguments = append(arguments, argument{a.Name, a.NameRange, a.Expr})
		}
		p.rule(b.TypeRange, arguments)
	}
}

// flat reports whether the text can be parsed: the parser recurses, and Go ends
// the process when the stack overflows. Rules are flat, so the bounds are low.
func (p *parser) flat(data []byte) bool {
	tokens, _ := hclsyntax.LexConfig(data, p.name, hcl.InitialPos)
	depth, operators := 0, 0
	for i, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			depth++
		case hclsyntax.TokenOBrack:
			depth++
			// An index: x[0][0] is a tree of two levels.
			if i > 0 && tokens[i-1].Type != hclsyntax.TokenEqual && tokens[i-1].Type != hclsyntax.TokenComma {
				operators++
			}
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			depth--
		case hclsyntax.TokenIdent, hclsyntax.TokenEqual, hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit,
			hclsyntax.TokenNumberLit, hclsyntax.TokenComma, hclsyntax.TokenNewline, hclsyntax.TokenComment, hclsyntax.TokenEOF:
		default:
			operators++
		}
		if depth > maxIgnoreDepth || operators > maxIgnoreOps {
			p.fault(t.Range, "nested too deep, or too many operators: rules are made of plain texts")
			return false
		}
	}
	return true
}

func (p *parser) json(data []byte) {
	if at, ok := shallowJSON(data); !ok {
		p.fault(hcl.Range{Start: at}, "nested too deep: a rule is an object of plain texts")
		return
	}
	file, diags := hcljson.Parse(data, p.name)
	if diags.HasErrors() {
		p.diagnostics(diags)
		return
	}
	top, diags := file.Body.JustAttributes()
	p.diagnostics(diags)
	for _, a := range top {
		if a.Name != "ignore" {
			p.fault(a.NameRange, "unknown member %q: rules stand in \"ignore\"", printable.Short(a.Name))
			continue
		}
		rules := []hcl.Expression{a.Expr}
		if list, diags := hcl.ExprList(a.Expr); !diags.HasErrors() {
			rules = list
		}
		for _, r := range rules {
			pairs, diags := hcl.ExprMap(r)
			if diags.HasErrors() {
				p.fault(r.Range(), "a rule is an object")
				continue
			}
			var arguments []argument
			for _, pair := range pairs {
				// A key is a text in any case.
				if key, _ := pair.Key.Value(nil); key.AsString() != "//" { // a comment, as in HCL's JSON
					arguments = append(arguments, argument{key.AsString(), pair.Key.Range(), pair.Value})
				}
			}
			p.rule(r.StartRange(), arguments)
		}
	}
}

// shallowJSON reports whether brackets nest within bounds, and where not.
func shallowJSON(data []byte) (hcl.Pos, bool) {
	depth, quoted := 0, false
	at := hcl.Pos{Line: 1}
	for i := 0; i < len(data); i++ {
		at.Column++
		switch b := data[i]; {
		case b == '\n':
			at.Line, at.Column = at.Line+1, 0
		case quoted && b == '\\':
			i, at.Column = i+1, at.Column+1
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '[' || b == '{':
			if depth++; depth > maxIgnoreDepth {
				return at, false
			}
		case b == ']' || b == '}':
			depth--
		}
	}
	return at, true
}

// rule takes a rule in; at is where it begins.
func (p *parser) rule(at hcl.Range, arguments []argument) {
	before := len(p.faults)
	rule := Rule{Origin: p.name + ":" + strconv.Itoa(at.Start.Line)}
	places := map[string]hcl.Range{}
	unread := map[string]bool{} // what is there, but can't be used; its absence is no second fault
	for _, a := range arguments {
		if _, ok := places[a.name]; ok {
			p.fault(a.at, "%s is given twice", printable.Short(a.name))
			continue
		}
		places[a.name] = a.value.Range()
		var to *string
		switch a.name {
		case "address":
			to = &rule.Address
		case "type":
			to = &rule.Type
		case "app":
			to = &rule.App
		case "id":
			to = &rule.ID
		case "attribute":
			to = &rule.Attribute
		case "reason":
			to = &rule.Reason
		case "verdict":
			for _, e := range elements(a.value) {
				if text, ok := p.text(a.name, e); ok {
					rule.Verdicts = append(rule.Verdicts, text)
				}
			}
			if len(elements(a.value)) == 0 {
				p.fault(a.value.Range(), "verdict is an empty list: leave it out for all verdicts")
			}
			continue
		case "expires":
			if text, ok := p.text(a.name, a.value); ok {
				if rule.Expires, ok = expiry(text); !ok {
					p.fault(a.value.Range(), "expires %q is neither a date such as 2027-03-31 nor a time such as 2027-03-31T18:00:00Z", printable.Short(text))
				}
			}
			continue
		default:
			p.fault(a.at, "unknown argument %q", printable.Short(a.name))
			continue
		}
		text, ok := p.text(a.name, a.value)
		if ok && text == "" && a.name != "reason" {
			p.fault(a.value.Range(), "%s is empty: leave it out", a.name)
			ok = false
		}
		*to, unread[a.name] = text, !ok
	}
	for _, f := range rule.check() {
		where, given := places[f.argument]
		switch {
		case f.argument == "" && (unread["address"] || unread["type"] || unread["app"] || unread["id"]), unread[f.argument]:
			continue
		case !given:
			where = at
		}
		p.fault(where, "%w", f.err)
	}
	if len(p.faults) == before {
		p.rules = append(p.rules, rule)
	}
}

// elements returns the elements of a list, or the one value that isn't a list.
func elements(e hcl.Expression) []hcl.Expression {
	if list, diags := hcl.ExprList(e); !diags.HasErrors() {
		return list
	}
	return []hcl.Expression{e}
}

// text returns the text of a literal; everything else is a fault.
func (p *parser) text(name string, e hcl.Expression) (string, bool) {
	var parts []hclsyntax.Expression
	switch e := e.(type) {
	case *hclsyntax.TemplateExpr:
		parts = e.Parts
	case *hclsyntax.LiteralValueExpr:
		parts = []hclsyntax.Expression{e}
	case hclsyntax.Expression:
		p.fault(e.Range(), "%s has to be a text in quotes, without variables and functions", name)
		return "", false
	default: // JSON; without a context, a text is what stands there
		value, diags := e.Value(nil)
		if diags.HasErrors() || value.IsNull() || !value.IsKnown() || value.Type() != cty.String {
			p.fault(e.Range(), "%s has to be a text", name)
			return "", false
		}
		text, ok := untemplate(value.AsString())
		if !ok {
			p.fault(e.Range(), "%s has to be a text without variables and functions; ${ and %%{ are written $${ and %%%%{", name)
		}
		return text, ok
	}
	var text strings.Builder
	for _, part := range parts {
		l, ok := part.(*hclsyntax.LiteralValueExpr)
		if !ok || l.Val.IsNull() || !l.Val.IsKnown() || l.Val.Type() != cty.String {
			p.fault(part.Range(), "%s has to be a text in quotes, without variables and functions", name)
			return "", false
		}
		text.WriteString(l.Val.AsString())
	}
	return text.String(), true
}

// untemplate returns what a template in JSON stands for, unless it has marks
// that aren't escaped.
func untemplate(s string) (string, bool) {
	const open, control = "\x00", "\x01"
	plain := strings.NewReplacer("$${", open, "%%{", control).Replace(s)
	if strings.Contains(plain, "${") || strings.Contains(plain, "%{") || strings.ContainsAny(s, open+control) {
		return "", false
	}
	return strings.NewReplacer(open, "${", control, "%{").Replace(plain), true
}

// expiry reads the time from which on a rule doesn't count.
func expiry(s string) (time.Time, bool) {
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return day.AddDate(0, 0, 1), true
	}
	t, err := time.Parse(time.RFC3339, s)
	return t, err == nil && !t.IsZero()
}
