package tfconfig

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/printable"
)

// call follows the module calls of n. The stack holds the real directories
// from the root to n, so that a module that calls itself ends.
func (l *loader) call(n *node, stack []string) {
	if len(l.c.nodes) >= maxCalls {
		if len(l.c.nodes) == maxCalls {
			l.errs = append(l.errs, &FileError{Name: l.c.dir, Err: fmt.Errorf("more than %d module calls", maxCalls)})
			l.c.nodes = append(l.c.nodes, n)
		}
		return
	}
	l.c.nodes = append(l.c.nodes, n)
	if n.mod == nil {
		return
	}
	for _, b := range n.mod.order {
		if b.kind != "module" {
			continue
		}
		name := b.labels[0]
		child := &node{parent: n, name: name, call: b, children: map[string]*node{}}
		n.children[name] = child
		src := b.attr("source")
		if src == nil {
			l.fault(b.file, b.rng, "module %q has no source", name)
			continue
		}
		l.follow(n, child, src, stack)
	}
}

// follow reads the module that a call names, and those that it calls.
func (l *loader) follow(n, child *node, src *attr, stack []string) {
	rng := src.expr.Range()
	source, ok := literalString(src.expr)
	if !ok {
		source = "(an expression)"
	}
	from, dir := n.from(), ""
	if ok && isLocalSource(source) {
		dir = filepath.Join(n.mod.dir, filepath.FromSlash(source))
	} else {
		m := Module{
			Address: strings.TrimSuffix(child.prefix(), "."),
			Source:  withoutCredentials(source),
			File:    src.file.name, Line: rng.Start.Line, Column: rng.Start.Column,
		}
		if m.Dir = l.manifest.dir(child.path(), source); m.Dir == "" {
			l.c.unfollowed = append(l.c.unfollowed, m)
			l.call(child, stack)
			return
		}
		l.c.installed = append(l.c.installed, m)
		dir, from = m.Dir, m.Source
	}
	key := real(dir)
	if slices.Contains(stack, key) {
		l.fault(src.file, rng, "module %q calls itself by %q", child.name, withoutCredentials(source))
		return
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		l.fault(src.file, rng, "module %q: %s isn't a directory", child.name, printable.Path(dir))
		return
	}
	mod, err := l.module(dir, from)
	if err != nil {
		l.fault(src.file, rng, "module %q: %w", child.name, err)
		return
	}
	child.mod = mod
	l.call(child, append(slices.Clip(stack), key))
}

// from is where the node's module comes from, "" for a part of the
// configuration.
func (n *node) from() string {
	if len(n.mod.files) == 0 {
		return ""
	}
	return n.mod.files[0].from
}

// path is the node's module path as modules.json has it, "" for the root.
func (n *node) path() string {
	if n.parent == nil || n.parent.parent == nil {
		return n.name
	}
	return n.parent.path() + "." + n.name
}

// A manifest is what init wrote of the modules that it installed
// (Terraform 1.11, modsdir.Manifest), by module path.
type manifest map[string]manifestModule

type manifestModule struct {
	Key, Source, Dir string
}

// dataDir is the data directory, relative to the configuration's or absolute.
func (o Options) dataDir() string {
	return cmp.Or(o.DataDir, os.Getenv("TF_DATA_DIR"), ".terraform")
}

// readManifest reads modules.json; a manifest that can't be read has no
// modules, as before init. Directories are as they can be opened from here,
// and only those that lie where init puts modules.
func readManifest(dir, dataDir string) manifest {
	if !filepath.IsAbs(dataDir) {
		dataDir = filepath.Join(dir, dataDir)
	}
	modules := filepath.Join(dataDir, "modules")
	data, err := readSmall(filepath.Join(modules, "modules.json"))
	if err != nil {
		return nil
	}
	var content struct{ Modules []manifestModule }
	if err := json.Unmarshal(data, &content); err != nil {
		return nil
	}
	out := manifest{}
	for _, m := range content.Modules {
		if m.Dir == "" {
			continue
		}
		if !filepath.IsAbs(m.Dir) {
			m.Dir = filepath.Join(dir, filepath.FromSlash(m.Dir))
		}
		if rel, err := filepath.Rel(real(modules), real(m.Dir)); err == nil && filepath.IsLocal(rel) && rel != "." {
			out[m.Key] = m
		}
	}
	return out
}

// dir returns where a module is installed, "" if it isn't, or if what is there
// is another module: the call's source was changed since init.
func (m manifest) dir(path, source string) string {
	found, ok := m[path]
	if !ok {
		return ""
	}
	// init writes the address of a registry before one that has none.
	registry := func(s string) bool {
		parts := strings.Split(s, "/")
		return !strings.Contains(s, ":") && (len(parts) == 3 || len(parts) == 4) && !strings.HasPrefix(s, "github.com/") &&
			!strings.HasPrefix(s, "bitbucket.org/")
	}
	source, _, _ = strings.Cut(source, "//")
	installed, _, _ := strings.Cut(found.Source, "//")
	if registry(source) != registry(installed) || registry(source) && installed != source && !strings.HasSuffix(installed, "/"+source) {
		return ""
	}
	return found.Dir
}

func isLocalSource(s string) bool {
	return s == "." || s == ".." || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../") ||
		strings.HasPrefix(s, `.\`) || strings.HasPrefix(s, `..\`)
}

// withoutCredentials cuts what may hold a secret from a module source:
// git::https://user:token@host/x?token=y.
func withoutCredentials(s string) string {
	s, _, _ = strings.Cut(s, "?")
	head, rest, ok := strings.Cut(s, "://")
	if !ok {
		return s
	}
	host, path, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	if path != "" {
		path = "/" + path
	}
	return head + "://" + host + path
}
