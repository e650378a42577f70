package tfconfig

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Sources spells what a trace of an expression finds, a line for each source: what it
// is, whether it is the value as it is or a part of it, where it stands and how it was
// reached. The expression stands in the root module, or in the block that in is the
// address of; at is the path into its value that is asked for, its steps a member (x), a
// member that isn't known (*), the value that for_each hands out (=x, = for any) or
// the key (#x, #).
func (c *Config) Sources(in, at, text string, strict bool) ([]string, error) {
	e, diags := hclsyntax.ParseExpression([]byte(text), "asked", hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diags
	}
	t := &target{node: c.root, keys: map[*node]step{}}
	if in != "" {
		var err error
		if t, err = c.lookup(in); err != nil {
			return nil, err
		}
	}
	var out []string
	w := work{strict: strict}
	tr, sc := t.instance(c, &w, func(s source) { out = append(out, c.spell(s, text)) })
	tr.strict = strict
	tr.resolve(e, askedPath(at), sc, true, nil)
	if w.incomplete {
		out = append(out, "incomplete")
	}
	return out, nil
}

func askedPath(at string) (p path) {
	for s := range strings.SplitSeq(at, "/") {
		st := step{key: strings.TrimLeft(s, "*=#"), known: strings.TrimLeft(s, "*=#") != ""}
		switch {
		case s == "":
			continue
		case s[0] == '=':
			st.kind = stepEach
		case s[0] == '#':
			st.kind = stepKeyOf
		case s[0] != '*':
			st.kind = stepName
		}
		p = append(p, st)
	}
	return p
}

func (c *Config) spell(s source, asked string) string {
	kinds := map[sourceKind]string{fromLiteral: "literal", fromKey: "key", fromUnset: "unset", fromResource: "resource", fromUnknown: "unknown", fromContainer: "container"}
	text := asked
	if f := c.byName[s.rng.Filename]; f != nil {
		text = string(f.data)
	}
	place := shorten(text[s.rng.Start.Byte:s.rng.End.Byte])
	if s.rng.Filename != "asked" {
		place += fmt.Sprintf(" at line %d", s.rng.Start.Line)
	}
	words := []string{kinds[s.kind], place}
	if !s.exact {
		words[0] = "part: " + words[0]
	}
	if s.value != "" || s.text {
		words = append(words, "= "+strconv.Quote(s.value))
		if !s.text {
			words[len(words)-1] = "named " + s.value
		}
	}
	if len(s.sub) > 0 {
		words = append(words, "in "+strings.Join(s.sub, "/"))
	}
	if s.kind == fromResource {
		words = append(words, "reads", s.reference())
	}
	if (s.expr != nil) != (s.kind == fromLiteral || s.kind == fromContainer) || s.expr != nil && s.expr.Range() != s.rng {
		words = append(words, "with another expression")
	}
	if s.secret {
		words = append(words, "secret")
	}
	if s.selects != nil {
		rng := s.selects.collection.Range()
		if f := c.byName[rng.Filename]; f != nil {
			words = append(words, "selects in "+shorten(string(rng.SliceBytes(f.data))))
		} else {
			words = append(words, "selects in "+shorten(asked[rng.Start.Byte:rng.End.Byte]))
		}
	}
	for l := s.chain; l != nil; l = l.prev {
		word := "by " + string(l.kind) + " " + l.address
		if l.key.known {
			word += "[" + l.key.key + "]"
		}
		if l.sensitive {
			word += "!"
		}
		if (l.node != nil) != (l.kind == KindOutput) {
			word += " of another node"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}
