package main

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/internal/printable"
)

// Where the value of a flag is from, the strongest first.
const (
	fromArgs = iota
	fromEnv
	fromFile
	fromNowhere
)

// A setter gives the flags of a run what the environment and the files say of them.
type setter struct {
	env   *env
	cmd   *cobra.Command
	files []*settings
	from  map[string]int    // of each flag that has a value
	said  map[string]string // the place of a value that no argument gave
}

// envName is the variable of a flag.
func envName(flag string) string {
	return "HEROKUTF_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// set fills in the flags that args don't set: from the environment, else from the
// files of the folder. It returns where those values stand, by flag.
func (e *env) set(cmd *cobra.Command, args []string) (map[string]string, error) {
	if !settable(cmd) {
		return nil, nil
	}
	s := &setter{env: e, cmd: cmd, from: make(map[string]int), said: make(map[string]string)}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed {
			s.from[f.Name] = fromArgs
		}
	})
	if len(args) > 0 {
		s.from["state"] = fromArgs
	}
	if err := s.environment(); err != nil {
		return nil, err
	}
	dir := "."
	if f := cmd.Flags().Lookup("chdir"); f != nil && f.Value.String() != "" {
		dir = f.Value.String()
	}
	var err error
	if s.files, err = findSettings(cmd.Root(), dir); err != nil {
		return nil, ui.Advise(err, "a setting is named as its flag, and stands alone or in the block of a verb: timeout = \"10m\", drift { unmanaged = true }")
	}
	err = s.each(func(f *pflag.Flag) error { return s.file(f, dir) })
	e.restyle(cmd)
	return s.said, err
}

// each calls for each flag without a value that may have one; those that others
// depend on come first.
func (s *setter) each(set func(*pflag.Flag) error) error {
	var errs []error
	for _, dependent := range []bool{false, true} {
		s.cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if _, ok := s.from[f.Name]; !ok && f.Name != "help" && (needs[f.Name] != nil) == dependent {
				errs = append(errs, set(f))
			}
		})
	}
	return errors.Join(errs...)
}

// environment fills in what the environment says. Of a flag that is repeatable there
// is one value a line.
func (s *setter) environment() error {
	return s.each(func(f *pflag.Flag) error {
		name := envName(f.Name)
		text := s.env.Getenv(name)
		if text == "" || name == "HEROKUTF_TERRAFORM" || !s.fits(f.Name, fromEnv) {
			return nil // package terraform reads that one
		}
		values := []string{text}
		if repeatable(f) {
			values = strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
		}
		return s.put(f, values, fromEnv, name)
	})
}

// file fills in what the nearest file says that says something.
func (s *setter) file(f *pflag.Flag, dir string) error {
	for _, file := range s.files {
		v, ok := file.of(s.cmd.Name(), f.Name)
		if !ok {
			continue
		}
		if !s.fits(f.Name, fromFile) || f.Name == "folders" && !listed(v, dir) {
			return nil
		}
		values := slices.Clone(v.values)
		if len(values) != 1 && !repeatable(f) {
			return fmt.Errorf("%s: %s is one value, and no list", v.at, f.Name)
		}
		if isPath(f) {
			for i, value := range values {
				values[i] = rebase(value, v.dir, dir)
			}
		}
		return s.put(f, values, fromFile, v.at)
	}
	return nil
}

// put sets a flag.
func (s *setter) put(f *pflag.Flag, values []string, from int, at string) error {
	for _, value := range values {
		if err := f.Value.Set(value); err != nil {
			shown := printable.Path(value)
			if f.Name == "var" {
				shown = "a value"
			}
			return fmt.Errorf("%s: --%s %s: %w", at, f.Name, shown, err)
		}
	}
	f.Changed = true
	s.from[f.Name], s.said[f.Name] = from, at
	return nil
}

// apart are flags that say the same in different ways: where one of them is given
// more strongly, another one doesn't count.
var apart = map[string][]string{
	"state":   {"chdir", "folders"},
	"folders": {"chdir", "state"},
	"config":  {"chdir", "folders"},
}

// needs are flags that mean something only beside another one: as a default they
// wait for it.
var needs = map[string]func(get func(string) string) bool{
	"ignore":           func(get func(string) string) bool { return get("drift") != driftOff },
	"baseline-expires": func(get func(string) string) bool { return get("write-baseline") != "" },
	"markdown-limit":   func(get func(string) string) bool { return get("format") == "markdown" },
	"verbose":          func(get func(string) string) bool { return get("format") == formatText && get("accept") != "true" },
	"lock-timeout":     func(get func(string) string) bool { return get("accept") != "false" },
	"address":          func(get func(string) string) bool { return get("accept") != "false" },
}

// fits reports whether a value that no argument gives means anything in this run.
func (s *setter) fits(flag string, from int) bool {
	for _, other := range apart[flag] {
		if at, ok := s.from[other]; ok && at < from {
			return false
		}
	}
	need := needs[flag]
	return need == nil || need(func(name string) string {
		if f := s.cmd.Flags().Lookup(name); f != nil {
			return f.Value.String()
		}
		return ""
	})
}

// listed reports whether folders that a file lists are those meant in dir: where the
// file is, and below it where no configuration is.
func listed(v setting, dir string) bool {
	abs, err := filepath.Abs(dir)
	return err == nil && (abs == v.dir || !hasConfig(abs))
}

// repeatable reports whether a flag takes several values.
func repeatable(f *pflag.Flag) bool {
	return f.Value.Type() == "stringArray" || f.Value.Type() == "list"
}

// isPath reports whether a flag names files or folders, as shells are told.
func isPath(f *pflag.Flag) bool {
	return f.Annotations[cobra.BashCompFilenameExt] != nil || f.Annotations[cobra.BashCompSubdirsInDir] != nil
}

// rebase is a path of a file with settings, as a flag in the folder dir names it.
func rebase(path, from, dir string) string {
	if path == "" || path == "-" || filepath.IsAbs(path) {
		return path
	}
	path = filepath.Join(from, path)
	if base, err := filepath.Abs(dir); err == nil {
		if rel, err := filepath.Rel(base, path); err == nil {
			return rel
		}
	}
	return path
}

// adviseSettings says where the flags of an error stand that no argument gave.
func adviseSettings(err error, said map[string]string) error {
	if err == nil {
		return nil
	}
	var hints []string
	for _, flag := range slices.Sorted(maps.Keys(said)) {
		if strings.Contains(err.Error(), "--"+flag) {
			hints = append(hints, "--"+flag+" is from "+said[flag])
		}
	}
	if hints == nil {
		return err
	}
	return ui.Advise(err, strings.Join(hints, "; "))
}

// restyle has what is printed besides results follow settings that came late.
func (e *env) restyle(cmd *cobra.Command) {
	format := cmd.Flags().Lookup("format")
	e.printer.Restyle(e.style(e.Stderr), format != nil && format.Value.String() == formatJSON)
}
