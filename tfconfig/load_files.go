package tfconfig

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

type loader struct {
	c        *Config
	modules  map[string]*module // by real directory
	manifest *manifest
	contents map[string][]byte // of files, in the place of what they hold; may be nil
	errs     ErrorList
	total    int
	dirs     int // searched for variable files
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

// configSuffix returns the suffix by which a file is a configuration's, "" for
// other files.
func configSuffix(name string) string {
	for _, suffix := range []string{".tf", ".tf.json", ".tofu", ".tofu.json"} {
		if strings.HasSuffix(name, suffix) {
			return suffix
		}
	}
	return ""
}

func isTofu(suffix string) bool { return strings.HasPrefix(suffix, ".tofu") }

func isOverride(name string) bool {
	base := strings.TrimSuffix(name, configSuffix(name))
	return base == "override" || strings.HasSuffix(base, "_override")
}

// detectLanguage decides by what is in a directory, see [Auto].
func detectLanguage(dir string, entries []fs.DirEntry) Language {
	tf, tofu := false, false
	for _, e := range entries {
		if suffix := configSuffix(e.Name()); suffix != "" && !e.IsDir() && !ignored(e.Name()) {
			tf = tf || !isTofu(suffix)
			tofu = tofu || isTofu(suffix)
		}
	}
	if !tofu {
		return Terraform
	}
	if tf {
		lock, _ := readSmall(filepath.Join(dir, ".terraform.lock.hcl"))
		if bytes.Contains(lock, []byte(`"registry.terraform.io/`)) && !bytes.Contains(lock, []byte(`"registry.opentofu.org/`)) {
			return Terraform
		}
	}
	return OpenTofu
}

// choose returns the names of the configuration files of a directory that the
// language reads, override files last, and of those that it passes over, both
// in the order of the directory.
func (l Language) choose(entries []fs.DirEntry) (names, passedOver []string) {
	there := map[string]bool{}
	for _, e := range entries {
		there[e.Name()] = !e.IsDir() && !ignored(e.Name())
	}
	var overrides []string
	for _, e := range entries {
		name := e.Name()
		suffix := configSuffix(name)
		if suffix == "" || !there[name] {
			continue
		}
		// The alternative of an override file is an override file too.
		alternative := strings.TrimSuffix(name, suffix) + strings.Replace(suffix, ".tf", ".tofu", 1)
		switch {
		case isTofu(suffix) && l != OpenTofu, !isTofu(suffix) && l == OpenTofu && there[alternative]:
			passedOver = append(passedOver, name)
		case isOverride(name):
			overrides = append(overrides, name)
		default:
			names = append(names, name)
		}
	}
	return append(names, overrides...), passedOver
}

// readSmall reads a file of at most maxFileSize bytes.
func readSmall(path string) ([]byte, error) {
	// A named pipe of that name would keep the open waiting for ever.
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("isn't a regular file")
	case info.Size() > maxFileSize:
		return nil, fmt.Errorf("larger than %d MiB", maxFileSize>>20)
	}
	return os.ReadFile(path)
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
	var err error
	if data, ok := l.contents[path]; ok {
		f.data = data
	} else if f.data, err = readSmall(path); err != nil {
		return note(err)
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
// from says where the module comes from, "" for a part of the configuration.
func (l *loader) module(dir, from string) (*module, error) {
	key := real(dir)
	if m, ok := l.modules[key]; ok {
		return m, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if l.c.language == Auto { // the root module is the first
		l.c.language = detectLanguage(dir, entries)
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
	from = l.manifest.from(dir, from)
	names, passedOver := l.c.language.choose(entries)
	for _, name := range passedOver {
		l.c.passedOver = append(l.c.passedOver, filepath.Join(dir, name))
	}
	for _, name := range names {
		l.addFile(m, filepath.Join(dir, name), from, isOverride(name))
	}
	return m, nil
}

func (l *loader) addFile(m *module, path, from string, override bool) {
	f := l.read(path)
	if f == nil {
		return
	}
	f.from = from
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
	old.override = b.file
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
