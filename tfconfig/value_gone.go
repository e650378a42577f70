package tfconfig

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// gone prepares the end of a resource whose object is gone.
func (s *setter) gone(t *task) {
	b := t.target.block
	s.inBlock(t, b, opCutResource)
	switch {
	case b.kind != "resource":
		t.reason = "it is no managed resource"
	case t.target.node.repeats(b):
		t.reason = "for_each or count makes it: take its key out there"
	case b.file.json:
		t.reason = "it stands in a JSON file"
	case len(b.own()) < len(b.attrs):
		t.reason = "an override file has a part of it"
	}
}

// cutResource takes a resource out, with the comment right above it and an empty line.
func (f *file) cutResource(b *block) ([]replace, error) {
	start, end := b.rng.Start.Byte, b.end+1
	if !f.alone(start, end) {
		return nil, errors.New("it doesn't stand on lines of its own")
	}
	start, end = f.lineStart(start), f.nextLine(end)
	line := func(at int) string { return strings.TrimSpace(string(f.data[at:f.nextLine(at)])) }
	for start > 0 {
		before := f.lineStart(start - 1)
		if text := line(before); !strings.HasPrefix(text, "#") && !strings.HasPrefix(text, "//") {
			break
		}
		start = before
	}
	if start > 0 {
		if before := f.lineStart(start - 1); line(before) == "" {
			start = before
		}
	}
	return []replace{{start, end, ""}}, nil
}

// mention is an expression that names a resource.
type mention struct {
	by  *block
	rng hcl.Range
}

// mentioned says what of the configuration that stays refers to a resource that is to
// go, "" if nothing does.
func (s *setter) mentioned(t *task) string {
	if s.mentions == nil {
		s.mentions = map[*block][]mention{}
		seen := map[*module]bool{}
		for _, n := range s.c.nodes {
			if n.mod != nil && !seen[n.mod] {
				seen[n.mod] = true
				s.collectMentions(n.mod)
			}
		}
	}
	goes := map[*block]bool{}
	for _, o := range s.tasks {
		if o.op == opCutResource && o.reason == "" {
			goes[o.target.block] = true
		}
	}
	for _, m := range s.mentions[t.target.block] {
		if !goes[m.by] {
			return fmt.Sprintf("%s at %s refers to it", m.by.address(), s.c.position(m.rng))
		}
	}
	return ""
}

// collectMentions notes the resources that the blocks of a module name.
func (s *setter) collectMentions(m *module) {
	var walk func(by *block, body *body)
	note := func(by *block, address string, rng hcl.Range) {
		if b := m.resources[address]; b != nil && b != by {
			s.mentions[b] = append(s.mentions[b], mention{by, rng})
		}
	}
	walk = func(by *block, body *body) {
		for _, a := range body.attrs {
			for _, ref := range a.expr.Variables() {
				if len(ref) > 1 {
					if name, ok := ref[1].(hcl.TraverseAttr); ok {
						note(by, ref.RootName()+"."+name.Name, ref.SourceRange())
					}
				}
			}
			if a.file.json { // where depends_on is made of strings
				hclsyntax.VisitAll(a.expr, func(n hclsyntax.Node) hcl.Diagnostics {
					if e, ok := n.(hclsyntax.Expression); ok {
						if text, ok := literalString(e); ok {
							note(by, text, e.Range())
						}
					}
					return nil
				})
			}
		}
		for _, nested := range body.blocks {
			walk(by, &nested.body)
		}
	}
	for _, b := range m.order {
		walk(b, &b.body)
	}
}
