package tfconfig

import (
	"fmt"
	"strings"
)

// contents are the files' contents after edits, by name.
func (c *Config) contents(edits []FileEdit) map[string][]byte {
	byFile := map[string][]byte{}
	out := map[string][]byte{}
	for _, e := range edits {
		if f := c.byName[e.Path]; f != nil {
			byFile[f.real] = e.New
		}
	}
	for _, f := range c.files {
		out[f.name] = f.data
		if data, ok := byFile[f.real]; ok {
			out[f.name] = data
		}
	}
	return out
}

// proveKeys reads the configuration with the edits and looks whether every
// instance of the state still has its key there: one without is destroyed by the
// next apply.
func (f *finder) proveKeys(addresses []string, edits []FileEdit) error {
	if len(edits) == 0 {
		return nil
	}
	after, err := f.c.opts.load(f.c.dir, f.c.language, f.c.contents(edits))
	if err != nil {
		return err
	}
	g := &finder{c: after, blockKeys: map[scopeKey]blockKeys{}}
	to := map[string]string{}
	for _, b := range after.movedBlocks() {
		to[b.From] = b.To
	}
	for _, m := range f.moved {
		to[m.From] = m.To // in a file that is new
	}
	for _, a := range addresses {
		if !strings.Contains(a, `["`) || strings.Contains(a, " (deposed ") {
			continue
		}
		if err := f.keepsKeys(g, a, to); err != nil {
			return err
		}
	}
	return nil
}

// keepsKeys reports whether an instance still has its keys, as far as they are
// written out.
func (f *finder) keepsKeys(after *finder, address string, to map[string]string) error {
	steps, ok := splitAddress(address)
	if !ok {
		return nil
	}
	n, m := f.c.root, after.c.root
	prefix := ""
	for _, s := range steps {
		here := strings.TrimPrefix(prefix+s.text, ".")
		name := strings.TrimPrefix(s.text, ".")
		if n.mod == nil || m.mod == nil {
			return nil
		}
		b, c := n.mod.block(name), m.mod.block(name)
		if b == nil || c == nil {
			return nil
		}
		key, next := s.key, s.str
		if moved := to[here+s.key]; moved != "" {
			parts, _ := splitAddress(moved)
			key, next = parts[len(parts)-1].key, parts[len(parts)-1].str
		}
		if s.str != "" {
			before, _ := f.keysOf(n, b, s.str)
			now, _ := after.keysOf(m, c, next)
			if len(before) > 0 && len(now) == 0 {
				return fmt.Errorf("%s would lose its key", here+s.key)
			}
		}
		prefix += s.text + key
		if child, ok := strings.CutPrefix(name, "module."); ok {
			if n, m = n.children[child], m.children[child]; n == nil || m == nil {
				return nil
			}
		}
	}
	return nil
}
