package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/tfconfig"
)

// placed are the formats that say where objects are configured.
var placed = map[report.Format]bool{report.SARIF: true, report.JUnit: true}

// placer returns what finds the places of objects in the configurations in folders, by
// the states that these are of; nil if the format has no use for it. A configuration
// that can't be read has no places.
func (o *driftOptions) placer(dirs map[string]string) func(state, address string) (string, int) {
	if !placed[report.Format(o.look.format)] {
		return nil
	}
	configs := make(map[string]*tfconfig.Config) // by folder
	for _, dir := range slices.Sorted(maps.Values(dirs)) {
		if _, ok := configs[dir]; ok {
			continue
		}
		c, err := tfconfig.Load(dir)
		if err != nil {
			o.printer.Warn("where objects are configured isn't known: " + ui.Printable(err.Error()))
		}
		configs[dir] = c // nil with an error
	}
	return func(state, address string) (string, int) {
		c := configs[dirs[state]]
		if c == nil {
			return "", 0
		}
		p, ok := c.Position(address, false)
		if !ok {
			return "", 0
		}
		return fromRepository(p.File), p.Line
	}
}

// fromRepository is the path of a file from the root of its repository, as readers of
// findings take it, with slashes; from the current folder where there is none.
func fromRepository(file string) string {
	abs, err := filepath.Abs(file)
	if err != nil {
		return filepath.ToSlash(file)
	}
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			if rel, err := filepath.Rel(dir, abs); err == nil {
				return filepath.ToSlash(rel)
			}
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if cwd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(cwd, abs); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.ToSlash(abs)
}
