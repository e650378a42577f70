//go:build unix

// Command compare measures the library and what people use in its place, side by
// side, and prints Markdown tables. Run it through bench/compare.sh.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	do := func() error { return run(ctx, os.Args[1:], os.Stdout) }
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case measureVerb:
			do = func() error { return measure(os.Args[2:]) }
		case "generate":
			do = func() error { return generate(ctx, os.Args[1:], os.Stdout) }
		}
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// config is what to measure.
type config struct {
	out     io.Writer
	dir     string // for files
	repair  string // path of the command herokutf
	runs    int
	sizes   []int // of states, in megabytes
	latency time.Duration
	apps    []int // of comparisons
}

func run(ctx context.Context, args []string, out io.Writer) error {
	c := config{out: out}
	fs := flag.NewFlagSet("compare", flag.ContinueOnError)
	fs.StringVar(&c.dir, "dir", ".", "the folder for files")
	fs.StringVar(&c.repair, "herokutf", "", "the command herokutf; without it, repairs are left out")
	fs.IntVar(&c.runs, "runs", 5, "how often each is measured; the median counts")
	sizes := fs.String("sizes", "1,10,50", "sizes of the states to repair, in megabytes")
	apps := fs.String("apps", "10,100", "numbers of apps to compare with Heroku")
	fs.DurationVar(&c.latency, "latency", 50*time.Millisecond, "how long an answer of the API takes")
	if err := fs.Parse(args); err != nil {
		return err
	}
	var err error
	if c.sizes, err = numbers(*sizes); err != nil {
		return fmt.Errorf("-sizes: %w", err)
	}
	if c.apps, err = numbers(*apps); err != nil {
		return fmt.Errorf("-apps: %w", err)
	}
	if c.runs < 1 {
		return fmt.Errorf("-runs %d: want 1 or more", c.runs)
	}
	if c.repair != "" {
		// It runs in other folders, too.
		if c.repair, err = filepath.Abs(c.repair); err != nil {
			return err
		}
	}
	if c.dir, err = filepath.Abs(c.dir); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s/%s, %d cores, %s, medians of %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), plural(c.runs, "run"))
	if c.repair != "" {
		if err := c.repairs(ctx); err != nil {
			return err
		}
		if err := c.remotes(ctx); err != nil {
			return err
		}
	}
	if err := c.slugs(ctx); err != nil {
		return err
	}
	return c.drift(ctx)
}

func numbers(list string) ([]int, error) {
	var all []int
	for word := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is no number from 1", word)
		}
		all = append(all, n)
	}
	return all, nil
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// median returns the middle one of several measurements.
func median[T cmp.Ordered](all []T) T {
	sorted := slices.Clone(all)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()) }

// ratio says how many times as much a is as b.
func ratio(a, b time.Duration) string { return fmt.Sprintf("%.1f", a.Seconds()/b.Seconds()) }
