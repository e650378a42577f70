package main

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/tfconfig"
)

// placed are the formats that say where objects are configured.
var placed = map[report.Format]bool{report.SARIF: true, report.JUnit: true, report.GitHub: true}

// placer returns what finds the places of objects in the configurations in folders, by
// the states that these are of; nil if the format has no use for it. A configuration
// that can't be read has no places. What no configuration has is at the begin of one:
// code scanning refuses findings without a file.
func (o *driftOptions) placer(dirs map[string]string) func(state, address string) (string, int) {
	if !placed[report.Format(o.look.format)] {
		return nil
	}
	configs := make(map[string]*tfconfig.Config) // by folder
	var first *tfconfig.Config
	for _, dir := range slices.Sorted(maps.Values(dirs)) {
		if _, ok := configs[dir]; ok || !hasConfig(dir) {
			continue
		}
		c, err := tfconfig.Load(dir)
		if err != nil {
			o.printer.Warn("where objects are configured isn't known: " + ui.Printable(err.Error()))
		}
		configs[dir] = c // nil with an error
		first = cmp.Or(first, c)
	}
	return func(state, address string) (string, int) {
		c := configs[dirs[state]]
		if state == "" {
			c = cmp.Or(c, first) // what is unmanaged is in no state
		}
		if c == nil {
			return "", 0
		}
		if p, ok := c.Position(address, false); ok {
			return repositoryPath(p.File), p.Line
		}
		files := c.Files()
		if len(files) == 0 {
			return "", 0
		}
		i := slices.IndexFunc(files, func(file string) bool { return filepath.Base(file) == "main.tf" })
		return repositoryPath(files[max(i, 0)]), 1
	}
}

// repositoryPath is the path of a file from the root of its repository, as readers of
// findings take it, with slashes; from the current folder where there is none.
func repositoryPath(file string) string {
	abs, err := filepath.Abs(file)
	if err != nil {
		return filepath.ToSlash(file)
	}
	if root := repository(filepath.Dir(abs)); root != "" {
		if rel, err := filepath.Rel(root, abs); err == nil {
			return filepath.ToSlash(rel)
		}
	}
	if cwd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(cwd, abs); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.ToSlash(abs)
}
