package tfconfig

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/herokutf/herokutf/statefile"
)

// normalValue returns a value with its numbers as [json.Number], and texts in the
// normal form of Unicode in which Terraform keeps them.
func normalValue(v any, depth int) (any, error) {
	if depth > maxNesting {
		return nil, errTooDeep
	}
	switch v := v.(type) {
	case nil, bool:
		return v, nil
	case string:
		if !utf8.ValidString(v) {
			return nil, errOddValue
		}
		return cty.StringVal(v).AsString(), nil
	case json.Number:
		if f, _, err := big.ParseFloat(v.String(), 10, 512, big.ToNearestEven); err == nil {
			if text, ok := numberText(f); ok {
				return json.Number(text), nil
			}
		}
	case int, int64, float64:
		text, err := json.Marshal(v)
		if err != nil {
			return nil, errOddValue
		}
		return normalValue(json.Number(text), depth)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			var err error
			if out[i], err = normalValue(v[i], depth+1); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for k := range v {
			var err error
			if !utf8.ValidString(k) {
				return nil, errOddValue
			}
			if out[cty.StringVal(k).AsString()], err = normalValue(v[k], depth+1); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return nil, errOddValue
}

// scalarText is the text that Terraform converts a value to; ok is false for
// null, lists and maps.
func scalarText(v any) (text string, ok bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return fmt.Sprint(v), true
	case json.Number:
		return v.String(), true
	}
	return "", false
}

// equalValues compares values as Terraform does after conversion: 1 is "1". With
// fold, letters are the same in either case.
func equalValues(a, b any, fold bool) bool {
	switch x := a.(type) {
	case nil:
		return b == nil
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, func(a, b any) bool { return equalValues(a, b, fold) })
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && maps.EqualFunc(x, y, func(a, b any) bool { return equalValues(a, b, fold) })
	}
	x, ok := scalarText(a)
	y, ok2 := scalarText(b)
	return ok && ok2 && (x == y || fold && strings.EqualFold(x, y))
}

// writtenValue returns the value of an expression that is written out entirely.
func writtenValue(e hclsyntax.Expression) (v any, ok bool) {
	if s, ok := literalString(e); ok {
		return s, true
	}
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		switch {
		case e.Val.IsNull():
			return nil, true
		case e.Val.Type() == cty.Bool:
			return e.Val.True(), true
		case e.Val.Type() == cty.Number:
			text, ok := numberText(e.Val.AsBigFloat())
			return json.Number(text), ok
		}
	case *hclsyntax.ParenthesesExpr:
		return writtenValue(e.Expression)
	case *hclsyntax.TupleConsExpr:
		list := make([]any, len(e.Exprs))
		for i, el := range e.Exprs {
			if list[i], ok = writtenValue(el); !ok {
				return nil, false
			}
		}
		return list, true
	case *hclsyntax.ObjectConsExpr:
		object := map[string]any{}
		for _, item := range e.Items {
			k, ok := keyString(item.KeyExpr)
			if !ok {
				return nil, false
			}
			if object[k], ok = writtenValue(item.ValueExpr); !ok {
				return nil, false
			}
		}
		return object, true
	}
	return nil, false
}

// like returns the value in the type in which an expression has the old one: a
// number in quotes stays in quotes.
func like(v any, e hclsyntax.Expression) any {
	old, ok := writtenValue(e)
	text, scalar := scalarText(v)
	if !ok || !scalar {
		return v
	}
	switch old.(type) {
	case string:
		return text
	case json.Number:
		if n, err := normalValue(json.Number(text), 0); err == nil && n == any(json.Number(text)) {
			return n
		}
	case bool:
		if text == "true" || text == "false" {
			return text == "true"
		}
	}
	return v
}

// quoted writes a string as HCL has it.
func quoted(s string) string {
	key := statefile.StringKey(s).String()
	return key[1 : len(key)-1]
}

// hclText writes a value in native syntax, in the type of an expression that it
// replaces, if there is one. indent is that of the line it begins on.
func hclText(v any, old hclsyntax.Expression, indent string) string {
	if old != nil {
		v = like(v, old)
	}
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return quoted(v)
	case []any:
		texts := make([]string, len(v))
		for i := range v {
			texts[i] = hclText(v[i], nil, indent+"  ")
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case map[string]any:
		if len(v) == 0 {
			return "{}"
		}
		var b strings.Builder
		b.WriteString("{\n")
		for _, k := range slices.Sorted(maps.Keys(v)) {
			fmt.Fprintf(&b, "%s  %s = %s\n", indent, hclKey(k), hclText(v[k], nil, indent+"  "))
		}
		return b.String() + indent + "}"
	}
	text, _ := scalarText(v)
	return text
}

// hclKey writes a key of an object, without quotes where that is the same.
func hclKey(k string) string {
	if hclsyntax.ValidIdentifier(k) && !slices.Contains([]string{"for", "null", "true", "false"}, k) {
		return k
	}
	return quoted(k)
}

// jsonText writes a value in JSON syntax. verbatim says that Terraform doesn't
// read the place's strings as templates.
func jsonText(v any, old hclsyntax.Expression, verbatim bool) string {
	if old != nil {
		v = like(v, old)
	}
	if !verbatim {
		v = templated(v)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "null" // can't be, of what normalValue returns
	}
	return strings.TrimSuffix(b.String(), "\n")
}

var template = strings.NewReplacer("${", "$${", "%{", "%%{")

// templated returns a value whose strings are templates that mean themselves.
func templated(v any) any {
	switch v := v.(type) {
	case string:
		return template.Replace(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = templated(v[i])
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k := range v {
			out[template.Replace(k)] = templated(v[k])
		}
		return out
	}
	return v
}

// heredoc writes a text as the heredoc that it replaces, with its marker and
// its indent; ok is false if it can't be one.
func heredoc(old, text string) (string, bool) {
	head, rest, ok := strings.Cut(old, "\n")
	if !ok || !strings.HasPrefix(head, "<<") || !strings.HasSuffix(text, "\n") {
		return "", false
	}
	line := "\n"
	if strings.HasSuffix(head, "\r") {
		line = "\r\n"
		head = strings.TrimSuffix(head, "\r")
	}
	marker := strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(head, "<<"), "-"))
	lines := strings.SplitAfter(rest, "\n")
	last := len(lines) - 1
	for last > 0 && strings.TrimSpace(lines[last]) == "" {
		last--
	}
	if strings.TrimSpace(lines[last]) != marker {
		return "", false
	}
	indent := ""
	if strings.HasPrefix(head, "<<-") {
		for i, l := range lines[:last] {
			space := l[:len(l)-len(strings.TrimLeft(l, " \t"))]
			if strings.TrimSpace(l) != "" && (i == 0 || len(space) < len(indent)) {
				indent = space
			}
		}
	}
	var b strings.Builder
	b.WriteString(head + line)
	for l := range strings.Lines(template.Replace(text)) {
		if l, ok = strings.CutSuffix(l, line); !ok {
			return "", false // a heredoc's lines end as the file's do
		}
		if strings.TrimSpace(l) == marker || strings.ContainsFunc(l, func(r rune) bool { return r < ' ' && r != '\t' }) {
			return "", false
		}
		if l != "" {
			l = indent + l
		}
		b.WriteString(l + line)
	}
	return b.String() + strings.Join(lines[last:], ""), true
}
