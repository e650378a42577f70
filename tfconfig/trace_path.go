package tfconfig

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// stepKind says how one step of a path selects from a container.
type stepKind byte

const (
	stepAny   stepKind = iota // some member, not known which
	stepName                  // the member or element of this key
	stepEach                  // the value that for_each hands out: a map's value, a set's element
	stepKeyOf                 // the key that for_each hands out: a map's key, a set's element
)

// step selects a member of an object, map, list or set. Keys are text, also
// for lists ("0"). For stepEach and stepKeyOf an unknown key is any.
type step struct {
	kind  stepKind
	key   string
	known bool
}

func (s step) matches(key string) bool { return !s.known || s.key == key }

func named(key string) step { return step{kind: stepName, key: key, known: true} }

type path []step

func (p path) with(first ...step) path {
	out := make(path, 0, len(first)+len(p))
	return append(append(out, first...), p...)
}

func (p path) String() string {
	var b strings.Builder
	for _, s := range p {
		b.WriteByte('0' + byte(s.kind))
		if s.known {
			b.WriteString(strconv.Quote(s.key))
		}
	}
	return b.String()
}

// steps turns the rest of a traversal into steps.
func steps(tr hcl.Traversal) []step {
	var out []step
	for _, s := range tr {
		next := step{} // to any member
		switch s := s.(type) {
		case hcl.TraverseAttr:
			next = named(s.Name)
		case hcl.TraverseIndex:
			if k, ok := ctyKey(s.Key); ok {
				next = named(k)
			}
		}
		out = append(out, next)
	}
	return out
}

func ctyKey(v cty.Value) (string, bool) {
	if !v.IsKnown() || v.IsNull() {
		return "", false
	}
	switch v.Type() {
	case cty.String:
		return v.AsString(), true
	case cty.Number:
		if f := v.AsBigFloat(); f.IsInt() {
			return numberText(f)
		}
	}
	return "", false
}

// pathTexts are the keys of a path, as far as they are known.
func pathTexts(p path) (texts []string) {
	for _, s := range p {
		if s.known {
			texts = append(texts, s.key)
		}
	}
	return texts
}
