// Command genstate writes a big, deterministic Terraform state to standard
// output, for side-by-side runs with other tools.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/herokutf/herokutf/internal/stategen"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "genstate:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("genstate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	n := flags.Int("n", 30_000, "number of instances, about 1.7 kB each")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *n < 0 {
		return fmt.Errorf("-n %d: want 0 or more", *n)
	}
	_, err := stdout.Write(stategen.State(*n))
	return err
}
