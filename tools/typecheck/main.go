// Typecheck reports what doesn't compile of the packages that its arguments match, tests
// included, on the system that GOOS and GOARCH name. It reads all code from its source and
// compiles none, which is a small part of the work of vetting for a system that nothing has
// been compiled for yet.
package main

import (
	"fmt"
	"os"

	"golang.org/x/tools/go/packages"
)

const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps |
	packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: typecheck PACKAGE...")
		os.Exit(2)
	}
	loaded, err := packages.Load(&packages.Config{Mode: mode, Tests: true}, os.Args[1:]...)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if packages.PrintErrors(loaded) > 0 {
		os.Exit(1)
	}
	if len(loaded) == 0 {
		fmt.Fprintln(os.Stderr, "no packages match")
		os.Exit(1)
	}
}
