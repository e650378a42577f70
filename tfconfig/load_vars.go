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
	for _, path := range append(other, l.candidates(dir, maxVarsDepth)...) {
		l.addVars(path, false)
	}
}

// candidates finds variable files below dir. A directory with configuration
// of its own is another module, and its variable files are that module's.
func (l *loader) candidates(dir string, depth int) []string {
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
		if l.dirs++; l.dirs > maxDirs {
			if l.dirs == maxDirs+1 {
				l.errs = append(l.errs, &FileError{Name: dir, Err: fmt.Errorf("more than %d directories to search for variable files", maxDirs)})
			}
			return nil
		}
		sub := filepath.Join(dir, e.Name())
		inner, err := os.ReadDir(sub)
		if err != nil || slices.ContainsFunc(inner, func(e fs.DirEntry) bool { return configSuffix(e.Name()) != "" }) {
			continue
		}
		for _, f := range inner {
			if !f.IsDir() && !ignored(f.Name()) && isVars(f.Name()) {
				out = append(out, filepath.Join(sub, f.Name()))
			}
		}
		out = append(out, l.candidates(sub, depth-1)...)
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
