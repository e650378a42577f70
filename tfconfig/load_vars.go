package tfconfig

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// variableFiles reads terraform.tfvars, terraform.tfvars.json, then
// *.auto.tfvars and *.auto.tfvars.json by name, the order in which Terraform
// lets the later one win, and after them the candidates.
func (l *loader) variableFiles(dir string) {
	entries, _ := os.ReadDir(dir) // module has read it already
	var first, auto, other []string
	for _, e := range entries {
		name := e.Name()
		if ignored(name) || e.IsDir() || !isVars(name) {
			continue
		}
		path := filepath.Join(dir, name)
		switch base := strings.TrimSuffix(name, ".json"); {
		case base == "terraform.tfvars":
			first = append(first, path)
		case strings.HasSuffix(base, ".auto.tfvars"):
			auto = append(auto, path)
		default:
			other = append(other, path)
		}
	}
	for _, path := range append(first, auto...) {
		l.addVars(path, true)
	}
	for _, path := range append(other, l.candidates(dir, entries, maxVarsDepth)...) {
		l.addVars(path, false)
	}
}

// candidates finds variable files below dir, which holds the entries. A directory with
// configuration of its own is another module, and its variable files are that module's.
// One that can't be read has none.
func (l *loader) candidates(dir string, entries []fs.DirEntry, depth int) (out []string) {
	if depth == 0 {
		return nil
	}
	for _, e := range entries {
		if !e.IsDir() || ignored(e.Name()) {
			continue
		}
		if l.dirs++; l.dirs > maxDirs {
			if l.dirs == maxDirs+1 {
				l.errs = append(l.errs, &FileError{Name: dir, Err: fmt.Errorf("more than %d directories to search for variable files", maxDirs)})
			}
			return nil
		}
		sub := filepath.Join(dir, e.Name())
		inner, _ := os.ReadDir(sub)
		if slices.ContainsFunc(inner, func(e fs.DirEntry) bool { return configSuffix(e.Name()) != "" }) {
			continue
		}
		for _, f := range inner {
			if !f.IsDir() && !ignored(f.Name()) && isVars(f.Name()) {
				out = append(out, filepath.Join(sub, f.Name()))
			}
		}
		out = append(out, l.candidates(sub, inner, depth-1)...)
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
