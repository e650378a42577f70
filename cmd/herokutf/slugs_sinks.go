package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/tfc"
)

// maxQuery is how large the query of a data source may be, in bytes.
const maxQuery = 1 << 20

// readQuery reads the query of Terraform's data source "external" from standard
// input: one object of strings. What it says of pipelines adds to the environment.
func (o *slugsOptions) readQuery(ctx context.Context) error {
	if o.Screen(o.Stdout).Terminal && o.Interactive() {
		return nil // somebody tries it out at a terminal, and has no query
	}
	data, err := ui.ReadAll(ctx, io.LimitReader(o.Stdin, maxQuery))
	if err != nil {
		return fmt.Errorf("read the query from standard input: %w", err)
	}
	var query map[string]string
	if text := strings.TrimSpace(string(data)); text != "" && json.Unmarshal(data, &query) != nil {
		return errors.New(`the query on standard input isn't an object of strings, as Terraform's data source "external" writes it`)
	}
	o.environ = slices.Clone(o.Environ)
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if prefix := o.prefixIn(query); !strings.HasPrefix(name, prefix) && name != herokutf.PipelinePrefixVariable {
			o.printer.Warn(fmt.Sprintf("the query's %q means nothing here: pipelines are named by %s{NAME}", ui.Printable(name), ui.Printable(prefix)))
			continue
		}
		o.environ = append(o.environ, name+"="+query[name])
	}
	return nil
}

// prefixIn is what the names of variables for pipelines begin with.
func (o *slugsOptions) prefixIn(query map[string]string) string {
	for _, prefix := range []string{o.prefix, query[herokutf.PipelinePrefixVariable], o.Getenv(herokutf.PipelinePrefixVariable)} {
		if prefix != "" {
			return prefix
		}
	}
	return herokutf.DefaultPipelinePrefix
}

// push sets the variables of an HCP Terraform workspace, and reports what was done.
func (o *slugsOptions) push(ctx context.Context, slugs *herokutf.Slugs) error {
	getenv := o.Getenv
	if o.Getenv("HOME") == "" {
		home, _ := os.UserHomeDir() // Terraform asks the system, too
		getenv = func(name string) string {
			if name == "HOME" {
				return home
			}
			return o.Getenv(name)
		}
	}
	opts, err := tfc.FromEnv(getenv)
	if err != nil {
		return err
	}
	result, err := tfc.Push(ctx, opts, o.workspace, slugs)
	if err != nil {
		if result != nil && len(result.Created)+len(result.Updated)+len(result.Removed) > 0 {
			return fmt.Errorf("%w; before that: %v", err, result)
		}
		return err
	}
	o.printer.Say(fmt.Sprintf("%s: %v.", o.workspace, result))
	return nil
}
