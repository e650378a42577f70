package tfconfig

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

const (
	maxFileSize  = 4 << 20
	maxTotalSize = 64 << 20
	maxFiles     = 10_000
	maxCalls     = 10_000 // module calls in all, so that a tree of calls that doubles at each level ends
	maxVarsDepth = 3      // directories below the root that are searched for variable files
)

// Config is a Terraform configuration as it stands in files: the root
// module, the child modules reached by local paths and the variable files.
// It holds the files' bytes and isn't changed by any method, so it may be
// used from several goroutines at once.
type Config struct {
	dir        string
	root       *node
	nodes      []*node // every call of every module, root first
	files      []*file // every file once per name, in the order read
	byName     map[string]*file
	varFiles   []*file // in the order in which Terraform lets the later one win, then those it reads only when they are named
	unfollowed []Module
}

// Module is a module call that [Load] didn't follow.
type Module struct {
	Address string // of the call, such as module.network or module.a.module.b
	Source  string // as written, without credentials and query
	File    string
	Line    int // of the source argument, from 1
	Column  int // of the source argument, from 1
}

// module is one module directory, parsed once however often it is called.
type module struct {
	dir       string
	files     []*file
	order     []*block // every block but overrides, in file order
	variables map[string]*block
	locals    map[string]*attr
	outputs   map[string]*block
	calls     map[string]*block
	resources map[string]*block // by address within the module, data sources with "data."
}

// node is one call of a module: Terraform's module path without instance
// keys.
type node struct {
	parent   *node
	name     string
	call     *block
	mod      *module // nil when the source wasn't followed
	children map[string]*node
}

// prefix is what stands before an address in the node, "module.a." or "".
func (n *node) prefix() string {
	if n.parent == nil {
		return ""
	}
	return n.parent.prefix() + "module." + n.name + "."
}

// Dir returns the directory given to [Load].
func (c *Config) Dir() string { return c.dir }

// Files returns the paths of the files read, in the order read: the root
// module's, the child modules', the variable files. Override files are
// among their module's.
func (c *Config) Files() []string {
	names := make([]string, len(c.files))
	for i, f := range c.files {
		names[i] = f.name
	}
	return names
}

// Unfollowed returns the module calls whose source isn't a local path, in
// the order of the calls; nil when there are none.
func (c *Config) Unfollowed() []Module { return slices.Clone(c.unfollowed) }

// Load reads the Terraform configuration in dir: the *.tf and *.tf.json
// files of the root module, override files last, then the modules called by
// a local path, and terraform.tfvars, *.auto.tfvars and their JSON forms.
// Other *.tfvars files, in dir and in directories below it that hold no
// configuration of their own, are read as candidates for -var-file.
// .terraform, hidden files and editors' backups are ignored, as
// Terraform does.
//
// There is no partial success: a fault in any file gives an [ErrorList] with
// all of them. A directory without a .tf file gives [ErrNoConfiguration], a
// missing one [fs.ErrNotExist].
func Load(dir string) (*Config, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("read configuration: %s isn't a directory", dir)
	}
	l := &loader{
		c:       &Config{dir: dir, byName: map[string]*file{}},
		modules: map[string]*module{},
	}
	root, err := l.module(dir)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	if root == nil || len(root.files) == 0 {
		if len(l.errs) > 0 {
			return nil, l.errs
		}
		return nil, fmt.Errorf("read configuration: %s: %w", dir, ErrNoConfiguration)
	}
	l.c.root = &node{mod: root, children: map[string]*node{}}
	l.call(l.c.root, []string{real(dir)})
	l.variableFiles(dir)
	if len(l.errs) > 0 {
		return nil, l.errs
	}
	return l.c, nil
}

type loader struct {
	c       *Config
	modules map[string]*module // by real directory
	errs    ErrorList
	total   int
}

func (l *loader) fault(f *file, rng hcl.Range, format string, args ...any) {
	l.errs = append(l.errs, &FileError{Name: f.name, Line: rng.Start.Line, Column: rng.Start.Column, Err: fmt.Errorf(format, args...)})
}

// real resolves symbolic links; a path that can't be resolved stays as it is
// and fails when it is opened.
func real(path string) string {
	if r, err := filepath.EvalSymlinks(path); err == nil {
		path = r
	}
	if a, err := filepath.Abs(path); err == nil {
		path = a
	}
	return path
}

// ignored reports whether Terraform ignores a file: hidden files and what editors
// leave behind.
func ignored(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") ||
		strings.HasPrefix(name, "#") && strings.HasSuffix(name, "#")
}

func isConfig(name string) bool {
	return strings.HasSuffix(name, ".tf") || strings.HasSuffix(name, ".tf.json")
}

func isOverride(name string) bool {
	base := strings.TrimSuffix(strings.TrimSuffix(name, ".json"), ".tf")
	return base == "override" || strings.HasSuffix(base, "_override")
}

func isVars(name string) bool {
	return strings.HasSuffix(name, ".tfvars") || strings.HasSuffix(name, ".tfvars.json")
}

// read reads one file, nil when there is a fault, which is noted.
func (l *loader) read(path string) *file {
	f := &file{name: path, real: real(path), json: strings.HasSuffix(path, ".json")}
	note := func(err error) *file {
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			err = fmt.Errorf("%s: %w", pe.Op, pe.Err) // the path is in the FileError already
		}
		l.errs = append(l.errs, &FileError{Name: path, Err: err})
		return nil
	}
	// A named pipe called x.tf would keep the open waiting for ever.
	info, err := os.Stat(path)
	if err != nil {
		return note(err)
	}
	if !info.Mode().IsRegular() {
		return note(errors.New("isn't a regular file"))
	}
	r, err := os.Open(path)
	if err != nil {
		return note(err)
	}
	defer r.Close()
	f.data, err = io.ReadAll(io.LimitReader(r, maxFileSize+1))
	if err != nil {
		return note(err)
	}
	if len(f.data) > maxFileSize {
		return note(fmt.Errorf("larger than %d MiB", maxFileSize>>20))
	}
	l.total += len(f.data)
	if l.total > maxTotalSize || len(l.c.files) >= maxFiles {
		return note(fmt.Errorf("the configuration is larger than %d MiB or %d files", maxTotalSize>>20, maxFiles))
	}
	l.c.files = append(l.c.files, f)
	l.c.byName[f.name] = f
	return f
}

// module reads a module directory, once. It returns an error only when the
// directory itself can't be read.
func (l *loader) module(dir string) (*module, error) {
	key := real(dir)
	if m, ok := l.modules[key]; ok {
		return m, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	m := &module{
		dir:       dir,
		variables: map[string]*block{},
		locals:    map[string]*attr{},
		outputs:   map[string]*block{},
		calls:     map[string]*block{},
		resources: map[string]*block{},
	}
	l.modules[key] = m
	var overrides []string
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || ignored(name) || !isConfig(name) {
			continue
		}
		if isOverride(name) {
			overrides = append(overrides, name)
			continue
		}
		l.addFile(m, filepath.Join(dir, name), false)
	}
	for _, name := range overrides {
		l.addFile(m, filepath.Join(dir, name), true)
	}
	return m, nil
}

func (l *loader) addFile(m *module, path string, override bool) {
	f := l.read(path)
	if f == nil {
		return
	}
	m.files = append(m.files, f)
	b, errs := parse(f)
	if len(errs) > 0 {
		l.errs = append(l.errs, errs...)
		return
	}
	f.body = b
	for _, blk := range b.blocks {
		l.addBlock(m, blk, override)
	}
}

func (l *loader) addBlock(m *module, b *block, override bool) {
	if b.kind == "locals" {
		for _, a := range b.attrs {
			old, ok := m.locals[a.name]
			if ok && !override {
				l.fault(a.file, a.rng, "local.%s is defined twice, first at %s:%d", a.name, old.file.name, old.rng.Start.Line)
				continue
			}
			m.locals[a.name] = a
		}
		if !override {
			m.order = append(m.order, b)
		}
		return
	}
	index, key := m.index(b)
	if index == nil {
		m.order = append(m.order, b)
		return
	}
	if want := len(rootSchema[b.kind]); len(b.labels) != want {
		l.fault(b.file, b.rng, "a %s block takes %d labels, not %d", b.kind, want, len(b.labels))
		return
	}
	old, ok := index[key]
	if !ok {
		// An override of nothing is Terraform's error to report; here it
		// counts as the definition.
		index[key] = b
		m.order = append(m.order, b)
		return
	}
	if !override {
		l.fault(b.file, b.rng, "%s is defined twice, first at %s:%d", b.address(), old.file.name, old.rng.Start.Line)
		return
	}
	// Arguments replace arguments, nested blocks replace all nested blocks of
	// their type (Terraform language, "Override Files"). Only lifecycle is
	// merged argument by argument; all of its blocks are kept for that, which in
	// JSON look like arguments.
	merged := func(name string) bool { return b.kind == "resource" && name == "lifecycle" }
	for _, a := range b.attrs {
		old.attrs = slices.DeleteFunc(old.attrs, func(o *attr) bool { return o.name == a.name && !merged(a.name) })
		old.attrs = append(old.attrs, a)
	}
	for _, nested := range b.blocks {
		old.blocks = slices.DeleteFunc(old.blocks, func(o *block) bool {
			return o.kind == nested.kind && !slices.Contains(b.blocks, o) && !merged(o.kind)
		})
		old.blocks = append(old.blocks, nested)
	}
}

// index returns the map that a block of this kind is found in, nil for the
// kinds that nothing refers to by address.
func (m *module) index(b *block) (map[string]*block, string) {
	key := strings.Join(b.labels, ".")
	switch b.kind {
	case "variable":
		return m.variables, key
	case "output":
		return m.outputs, key
	case "module":
		return m.calls, key
	case "resource":
		return m.resources, key
	case "data", "ephemeral":
		return m.resources, b.kind + "." + key
	}
	return nil, ""
}

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
		rng := src.expr.Range()
		source, ok := literalString(src.expr)
		if !ok || !isLocalSource(source) {
			if !ok {
				source = "(an expression)"
			}
			l.c.unfollowed = append(l.c.unfollowed, Module{
				Address: strings.TrimSuffix(child.prefix(), "."),
				Source:  withoutCredentials(source),
				File:    src.file.name, Line: rng.Start.Line, Column: rng.Start.Column,
			})
			l.call(child, stack)
			continue
		}
		dir := filepath.Join(n.mod.dir, filepath.FromSlash(source))
		key := real(dir)
		if slices.Contains(stack, key) {
			l.fault(src.file, rng, "module %q calls itself by %q", name, source)
			continue
		}
		if info, err := os.Stat(dir); err == nil && !info.IsDir() {
			l.fault(src.file, rng, "module %q: %s isn't a directory", name, dir)
			continue
		}
		mod, err := l.module(dir)
		if err != nil {
			l.fault(src.file, rng, "module %q: %w", name, err)
			continue
		}
		child.mod = mod
		l.call(child, append(slices.Clip(stack), key))
	}
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

// variableFiles reads terraform.tfvars, terraform.tfvars.json, then
// *.auto.tfvars and *.auto.tfvars.json by name, the order in which Terraform
// lets the later one win, and after them the candidates.
func (l *loader) variableFiles(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // reported by module already
	}
	var auto, other []string
	for _, e := range entries {
		name := e.Name()
		if ignored(name) || e.IsDir() || !isVars(name) || strings.HasPrefix(name, "terraform.tfvars") {
			continue
		}
		if strings.HasSuffix(strings.TrimSuffix(name, ".json"), ".auto.tfvars") {
			auto = append(auto, filepath.Join(dir, name))
		} else {
			other = append(other, filepath.Join(dir, name))
		}
	}
	var first []string
	for _, name := range []string{"terraform.tfvars", "terraform.tfvars.json"} {
		if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == name && !e.IsDir() }) {
			first = append(first, filepath.Join(dir, name))
		}
	}
	auto = append(first, auto...)
	for _, path := range auto {
		l.addVars(path, true)
	}
	for _, path := range append(other, candidates(dir, maxVarsDepth)...) {
		l.addVars(path, false)
	}
}

// candidates finds variable files below dir. A directory with configuration
// of its own is another module, and its variable files are that module's.
func candidates(dir string, depth int) []string {
	if depth == 0 {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() || ignored(e.Name()) {
			continue
		}
		sub := filepath.Join(dir, e.Name())
		inner, err := os.ReadDir(sub)
		if err != nil || slices.ContainsFunc(inner, func(e fs.DirEntry) bool { return isConfig(e.Name()) }) {
			continue
		}
		for _, f := range inner {
			if !f.IsDir() && !ignored(f.Name()) && isVars(f.Name()) {
				out = append(out, filepath.Join(sub, f.Name()))
			}
		}
		out = append(out, candidates(sub, depth-1)...)
	}
	return out
}

func (l *loader) addVars(path string, auto bool) {
	f := l.read(path)
	if f == nil {
		return
	}
	f.vars, f.auto = true, auto
	b, errs := parse(f)
	if len(errs) > 0 {
		l.errs = append(l.errs, errs...)
		return
	}
	f.body = b
	for _, blk := range b.blocks {
		l.fault(f, blk.rng, "a variable file holds no blocks")
	}
	l.c.varFiles = append(l.c.varFiles, f)
}

// source returns the text of an expression as it is written.
func (c *Config) source(e hclsyntax.Expression) string {
	rng := e.Range()
	f := c.byName[rng.Filename]
	if f == nil || !rng.CanSliceBytes(f.data) {
		return ""
	}
	return string(rng.SliceBytes(f.data))
}
