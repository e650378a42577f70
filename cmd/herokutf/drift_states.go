package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/statefile"
)

// A driftSource is a state that is compared: that of a folder, or a file.
type driftSource struct {
	home *home  // nil: it is a file
	path string // of the file; - for standard input
	name string // that its objects have in the report; "" if it is the only one
	file *statefile.File
}

// bindFolders adds --folders.
func (o *driftOptions) bindFolders(cmd *cobra.Command) {
	cmd.Flags().Var(list{&o.folders}, "folders", "compare the states of these `FOLDERS` in one report, with commas or repeated; each may be a pattern, such as env/*")
	completeDirs(cmd, "folders")
}

// checkFolders holds the flags that say which states are compared against each
// other.
func (o *driftOptions) checkFolders() error {
	switch {
	case len(o.folders) == 0:
		return nil
	case o.dir != "":
		return errors.New("--folders goes without --chdir: it says which folders")
	case len(o.states) > 0:
		return errors.New("--folders goes without --state: each folder has its own")
	case o.config != "":
		return errors.New("--folders goes without --config: the configurations are those in the folders")
	}
	return nil
}

// sources finds out which states are compared. Nothing of them is read yet.
func (o *driftOptions) sources() ([]*driftSource, error) {
	var all []*driftSource
	var err error
	switch {
	case len(o.states) > 0:
		if o.states, err = expand(o.states, "file", func(path string) bool { return !isDir(path) }); err != nil {
			return nil, err
		}
		for _, path := range o.states {
			all = append(all, &driftSource{path: path, name: stateName(path)})
		}
	case len(o.folders) > 0:
		if all, err = o.folderSources(); err != nil {
			return nil, err
		}
	default:
		home, err := o.openFolder(&o.folderFlags, o.lockTimeout)
		if err != nil {
			return nil, err
		}
		all = append(all, &driftSource{home: home})
	}
	if len(all) == 1 {
		all[0].name = ""
	} else if o.accept.accept {
		return nil, errors.New("--accept takes one state at a time")
	}
	return all, nil
}

// folderSources are those of --folders. What is wrong with any of them is reported at
// once.
func (o *driftOptions) folderSources() ([]*driftSource, error) {
	folders, err := expand(o.folders, "folder", isHome)
	if err != nil {
		return nil, err
	}
	var all []*driftSource
	var errs []error
	for _, folder := range folders {
		flags := o.folderFlags
		flags.dir = folder
		home, err := o.openFolder(&flags, o.lockTimeout)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, &driftSource{home: home, name: filepath.ToSlash(filepath.Clean(folder))})
	}
	return all, errors.Join(errs...)
}

// isHome reports whether a folder has to do with a state: it holds a configuration, or
// a state.
func isHome(path string) bool {
	if !isDir(path) {
		return false
	}
	_, err := os.Stat(filepath.Join(path, defaultState))
	return err == nil || hasConfig(path)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// expand puts what patterns fit in their place, sorted, each once. What is there by
// the very name is no pattern.
func expand(paths []string, what string, fits func(string) bool) ([]string, error) {
	var out []string
	var errs []error
	for _, path := range paths {
		_, err := os.Stat(path)
		if path == "-" || err == nil || !strings.ContainsAny(path, "*?[") {
			out = append(out, path)
			continue
		}
		found, err := filepath.Glob(path)
		found = slices.DeleteFunc(found, func(path string) bool { return !fits(path) })
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("%s %s: %w", what, printable.Path(path), err))
		case len(found) == 0:
			errs = append(errs, ui.Advise(fmt.Errorf("no %s fits %s", what, printable.Path(path)), "* stands for any text within one step of a path, ? for one character"))
		}
		out = append(out, found...)
	}
	once := make(map[string]bool)
	out = slices.DeleteFunc(out, func(path string) bool {
		clean := filepath.Clean(path)
		twice := once[clean] && path != "-"
		once[clean] = true
		return twice
	})
	return out, errors.Join(errs...)
}

// readSources reads the states. What is wrong with any of them is reported at once.
func (o *driftOptions) readSources(ctx context.Context, sources []*driftSource) ([]*statefile.File, error) {
	var files []*statefile.File
	var errs []error
	for _, s := range sources {
		var err error
		if s.home == nil {
			if s.file, _, err = readState(ctx, o.env, s.path); err != nil {
				err = o.adviseRecovery(err, s.path)
			}
		} else if s.file, err = s.home.read(ctx); err != nil {
			err = s.home.advise(err)
		} else if s.name != "" && s.name != s.file.Name() {
			// Backends may have states of one name.
			s.file, err = statefile.Parse(s.name, s.file.Bytes())
		}
		if ctx.Err() != nil {
			return nil, err
		}
		files, errs = append(files, s.file), append(errs, err)
	}
	return files, errors.Join(errs...)
}

// configured are the folders of configurations, by the states in a report.
func (o *driftOptions) configured(found *herokutf.DriftReport, sources []*driftSource) map[string]string {
	dirs := make(map[string]string)
	if o.config != "" {
		for _, object := range found.Objects {
			dirs[object.State] = o.config
		}
		return dirs
	}
	for _, s := range sources {
		if s.home != nil {
			dirs[s.name] = s.home.location.Dir
		}
	}
	return dirs
}

// ignoreLifecycle adds what the configurations have Terraform ignore.
func (o *driftOptions) ignoreLifecycle(opts herokutf.DriftOptions, sources []*driftSource) error {
	if o.config != "" {
		var err error
		o.unread, err = addLifecycle(opts.Ignore, o.config)
		return err
	}
	for _, s := range sources {
		if s.home == nil || !hasConfig(s.home.location.Dir) {
			continue
		}
		var states []string
		if s.name != "" {
			states = append(states, s.name)
		}
		unread, err := addLifecycle(opts.Ignore, s.home.location.Dir, states...)
		o.unread = append(o.unread, unread...)
		if err != nil {
			o.printer.Warn(fmt.Sprintf("what lifecycle.ignore_changes names is not left out: %v", err))
		}
	}
	return nil
}
