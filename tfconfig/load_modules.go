package tfconfig

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

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
		source = byExpression
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
		if m.Dir, m.Why = l.manifest.dir(child.path(), source, n.mod.dir); m.Dir == "" {
			child.why = m.Why
			l.c.unfollowed = append(l.c.unfollowed, m)
			l.call(child, stack)
			return
		}
		l.c.installed = append(l.c.installed, m)
		dir, from = m.Dir, installedFrom(m.Source)
		if l.manifest.local(child.path()) {
			from = computedFrom
		}
	}
	key := real(dir)
	if slices.Contains(stack, key) {
		l.fault(src.file, rng, "module %q calls itself by %s", child.name, printable.Path(withoutCredentials(source)))
		return
	}
	var err error
	child.mod, err = l.module(dir, from)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.fault(src.file, rng, "module %q: there is no directory %s", child.name, printable.Path(dir))
		return
	case errors.Is(err, syscall.ENOTDIR):
		l.fault(src.file, rng, "module %q: %s isn't a directory", child.name, printable.Path(dir))
		return
	case err != nil:
		l.fault(src.file, rng, "module %q: %w", child.name, err)
		return
	}
	l.call(child, append(slices.Clip(stack), key))
}

// from is where the node's module comes from, "" for a part of the
// configuration.
func (n *node) from() string {
	return n.mod.files[0].from // the one that calls is in one
}

// unread says that the node's module wasn't read, and why.
func (n *node) unread() error {
	return fmt.Errorf("%s isn't followed, its source is no local path and %s", strings.TrimSuffix(n.prefix(), "."), n.why)
}

// path is the module path of a call as modules.json has it.
func (n *node) path() string {
	if n.parent.parent == nil {
		return n.name
	}
	return n.parent.path() + "." + n.name
}

// installedFrom says where a file of an installed module stands, and what to do in
// place of an edit.
func installedFrom(source string) string {
	return fmt.Sprintf("a module from %s, which the next init would put back: change it there, and run init -upgrade", source)
}

// computedFrom says the same of a local module that init has chosen.
const computedFrom = "a module whose source is computed: another one may stand there next time, change it by hand"

// putThere says the same of a file that no call of an installed module leads to.
const putThere = "the folder into which init puts modules, and would put it back: change it where the module comes from, and run init -upgrade"

// isPutThere reports whether a path, without symbolic links, is below a folder into
// which init puts modules, wherever that is.
func isPutThere(path string) bool {
	steps := strings.Split(filepath.ToSlash(path), "/")
	for i := range len(steps) - 2 {
		if steps[i] == ".terraform" && steps[i+1] == "modules" {
			return true
		}
	}
	return false
}

// from says where the files of a module directory come from: as its call does, or, if
// that is "", by where they are.
func (m *manifest) from(dir, from string) string {
	if from != "" {
		return from
	}
	if path := real(dir); isPutThere(path) || below(m.root, path) {
		return putThere
	}
	return ""
}

// below reports whether a path is below a folder, both without symbolic links.
func below(folder, path string) bool {
	rel, _ := filepath.Rel(folder, path) // "", which isn't local, for another volume
	return filepath.IsLocal(rel) && rel != "."
}

// A manifest is what init wrote of the modules that it installed (Terraform 1.11,
// modsdir.Manifest).
type manifest struct {
	root    string // the folder of modules, without symbolic links
	modules map[string]manifestModule
	err     error // why modules.json can't be read; nil if there is none
}

// manifestModule is an entry of modules.json. Its key is the path of the call, such as
// a.b, and "" for the root module.
type manifestModule struct {
	Key, Source, Dir string
}

// dataDir is the data directory, relative to the configuration's or absolute.
func (o Options) dataDir() string {
	return cmp.Or(o.DataDir, os.Getenv("TF_DATA_DIR"), ".terraform")
}

// readManifest reads modules.json. Directories are as they can be opened from here. One
// that can't be read has no modules, as before init.
func readManifest(dir, dataDir string) *manifest {
	if !filepath.IsAbs(dataDir) {
		dataDir = filepath.Join(dir, dataDir)
	}
	out := &manifest{root: real(filepath.Join(dataDir, "modules")), modules: map[string]manifestModule{}}
	data, err := readSmall(filepath.Join(dataDir, "modules", "modules.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return out
	}
	var content struct{ Modules []manifestModule }
	if err == nil {
		err = json.Unmarshal(data, &content)
	}
	if err != nil {
		out.err = err
		return out
	}
	for _, m := range content.Modules {
		if m.Dir == "" {
			continue
		}
		if !filepath.IsAbs(m.Dir) {
			// Old versions wrote the separators of Windows.
			m.Dir = filepath.Join(dir, filepath.FromSlash(strings.ReplaceAll(m.Dir, `\`, "/")))
		}
		out.modules[m.Key] = m
	}
	return out
}

// local reports whether a module is a local one.
func (m *manifest) local(path string) bool { return isLocalSource(m.modules[path].Source) }

// dir returns where a module is installed that is called in the directory caller; or "",
// and why it isn't read there, as it continues a sentence.
func (m *manifest) dir(path, source, caller string) (dir, why string) {
	if m.err != nil {
		return "", fmt.Sprintf("what init has installed can't be read, %v: run init again", m.err)
	}
	found, ok := m.modules[path]
	if !ok {
		return "", "init hasn't installed it"
	}
	if source != byExpression && !sameModule(source, found.Source) {
		return "", "init has installed another one in its place: run init again"
	}
	// What is elsewhere isn't what init has put there, unless it had no need to.
	elsewhere := !below(m.root, real(found.Dir))
	if m.local(path) {
		elsewhere = real(found.Dir) != real(filepath.Join(caller, filepath.FromSlash(found.Source)))
	}
	if elsewhere {
		return "", "init's record puts it outside of the folder of modules"
	}
	if info, err := os.Stat(found.Dir); err != nil || !info.IsDir() {
		return "", "the folder into which init has put it is gone: run init again"
	}
	return found.Dir, ""
}

// sameModule reports whether what is installed may be what a call asks for. init writes
// the address of a registry before one that has none, and other addresses in other ways.
func sameModule(source, installed string) bool {
	registry := func(s string) bool {
		parts := strings.Split(s, "/")
		return !strings.Contains(s, ":") && (len(parts) == 3 || len(parts) == 4) && !strings.HasPrefix(s, "github.com/") &&
			!strings.HasPrefix(s, "bitbucket.org/")
	}
	source, _, _ = strings.Cut(source, "//")
	installed, _, _ = strings.Cut(installed, "//")
	return registry(source) == registry(installed) && (!registry(source) || installed == source || strings.HasSuffix(installed, "/"+source))
}

// byExpression stands for the source of a call that is no text.
const byExpression = "(an expression)"

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
