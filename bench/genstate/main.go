// Command genstate writes a big, deterministic Terraform state to standard
// output, for side-by-side runs with other tools.
//
//	genstate -n 30000 > terraform.tfstate
//	genstate -app 15000                      which app to rename there
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
	app := flags.Int("app", -1, "print the name and the address of the app of instance `I`, from 0, instead of the state")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *n < 0 {
		return fmt.Errorf("-n %d: want 0 or more", *n)
	}
	if *app >= 0 {
		_, err := fmt.Fprintln(stdout, stategen.AppName(*app), stategen.AppAddress(*app))
		return err
	}
	_, err := stdout.Write(stategen.State(*n))
	return err
}
