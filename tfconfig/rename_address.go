package tfconfig

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// maxAddress bounds the length of an address in bytes.
const maxAddress = 4096

// address is a parsed resource address.
type address struct {
	modules []moduleStep
	block   string // heroku_app.web or data.heroku_app.web
	key     *step
}

type moduleStep struct {
	name string
	key  *step
}

func parseAddress(s string) (address, error) {
	bad := fmt.Errorf("%q is no resource address", s)
	if len(s) > maxAddress {
		return address{}, bad
	}
	tr, diags := hclsyntax.ParseTraversalAbs([]byte(s), "", hcl.InitialPos)
	if diags.HasErrors() {
		return address{}, bad
	}
	var a address
	var words []string
	var keys []*step // after each word
	for _, st := range tr {
		switch st := st.(type) {
		case hcl.TraverseRoot:
			words, keys = append(words, st.Name), append(keys, nil)
		case hcl.TraverseAttr:
			words, keys = append(words, st.Name), append(keys, nil)
		case hcl.TraverseIndex:
			k, ok := ctyKey(st.Key)
			if !ok || keys[len(keys)-1] != nil {
				return address{}, bad
			}
			keys[len(keys)-1] = new(named(k))
		}
	}
	for len(words) > 2 && words[0] == "module" {
		if keys[0] != nil {
			return address{}, bad
		}
		a.modules = append(a.modules, moduleStep{words[1], keys[1]})
		words, keys = words[2:], keys[2:]
	}
	if len(words) == 0 || len(words) != 2 && (len(words) != 3 || words[0] != "data") {
		return address{}, bad
	}
	for _, k := range keys[:len(keys)-1] {
		if k != nil {
			return address{}, bad
		}
	}
	a.block, a.key = strings.Join(words, "."), keys[len(keys)-1]
	return a, nil
}

// target is the block behind an address.
type target struct {
	rename  AppRename // of an app
	address string
	node    *node
	block   *block
	key     *step
	keys    map[*node]step
}

// target looks the app of a rename up; the error says what is missing.
func (c *Config) target(r AppRename) (*target, error) {
	t, err := c.lookup(r.Address)
	if err != nil {
		return nil, err
	}
	t.rename = r
	if typ := t.block.labels[0]; typ != appType {
		return nil, fmt.Errorf("a %s isn't an app", typ)
	}
	return t, nil
}

// absent says that the configuration hasn't got an address.
type absent string

func (e absent) Error() string { return string(e) }

// lookup looks an address up; the error says what is missing.
func (c *Config) lookup(addr string) (*target, error) {
	a, err := parseAddress(addr)
	if err != nil {
		return nil, err
	}
	t := &target{address: addr, node: c.root, key: a.key, keys: map[*node]step{}}
	for _, m := range a.modules {
		child := t.node.children[m.name]
		if child == nil {
			return nil, absent(fmt.Sprintf("%smodule.%s isn't called in %s", t.node.prefix(), m.name, c.dir))
		}
		if child.mod == nil {
			return nil, child.unread()
		}
		if m.key != nil {
			t.keys[child] = *m.key
		}
		t.node = child
	}
	t.block = t.node.mod.resources[a.block]
	if t.block == nil {
		return nil, absent(fmt.Sprintf("no %s in %s", a.block, t.node.mod.dir))
	}
	return t, nil
}

// instance returns a tracer for the instance's values, and the scope of its
// block.
func (t *target) instance(c *Config, w *work, emit func(source)) (*tracer, *scope) {
	tr := c.tracer(w, emit)
	tr.keys = t.keys
	sc := *tr.scope(t.node, t.block)
	sc.key = t.key
	tr.scopes[scopeKey{t.node, t.block}] = &sc
	return tr, &sc
}

// readBy reports whether a source may be the target's instance: the keys that
// are written out on the way agree.
func (t *target) readBy(s source) bool {
	if s.key.known && t.key != nil && s.key.key != t.key.key {
		return false
	}
	for l := s.chain; l != nil; l = l.prev {
		if l.kind != KindOutput {
			continue
		}
		if key, ok := t.keys[l.node]; ok && l.key.known && l.key.key != key.key {
			return false
		}
	}
	return true
}
