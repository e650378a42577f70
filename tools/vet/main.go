// Vet runs the analyzers of go vet on the packages that its arguments match, tests included,
// as the system that GOOS and GOARCH name has them, and reports what doesn't compile. It reads
// all code from its source and compiles none, which is a small part of the work of go vet for
// a system that nothing has been compiled for yet.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/analysis/suite/vet"
	"golang.org/x/tools/go/packages"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: vet PACKAGE...")
		os.Exit(2)
	}
	// Facts of a package, such as which functions print, come from its syntax.
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax | packages.NeedModule | packages.NeedForTest, Tests: true}, os.Args[1:]...)
	if err != nil {
		fail(err)
	}
	if packages.PrintErrors(loaded) > 0 {
		os.Exit(1)
	}
	if len(loaded) == 0 {
		fail("no packages match")
	}
	graph, err := checker.Analyze(vet.Suite, vetted(loaded), nil)
	if err != nil {
		fail(err)
	}
	if err := graph.PrintText(os.Stderr, -1); err != nil {
		fail(err)
	}
	if slices.ContainsFunc(graph.Roots, func(a *checker.Action) bool { return a.Err != nil || len(a.Diagnostics) > 0 }) {
		os.Exit(1)
	}
}

// vetted are the packages that go vet takes: not the main packages of tests, which are
// generated, and a package that tests are compiled into with these alone.
func vetted(loaded []*packages.Package) []*packages.Package {
	tested := map[string]bool{}
	for _, p := range loaded {
		if p.ForTest == p.PkgPath {
			tested[p.PkgPath] = true
		}
	}
	return slices.DeleteFunc(loaded, func(p *packages.Package) bool {
		return strings.HasSuffix(p.ID, ".test") || p.ForTest == "" && tested[p.PkgPath]
	})
}

func fail(why any) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}
