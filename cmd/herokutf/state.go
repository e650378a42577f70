package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/ignore"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// readState reads a state, or what terraform show -json prints of one; shows
// says which.
func readState(ctx context.Context, e *env, path string) (f *statefile.File, shows bool, err error) {
	from := stateName(path)
	var data []byte
	if path == "-" {
		if data, err = e.readStdin(ctx); err != nil {
			return nil, false, err
		}
		f, err = statefile.Parse(from, data)
	} else {
		f, err = statefile.ReadFile(path)
		err = e.adviseMissing(err)
	}
	if e, ok := errors.AsType[*statefile.FormatError](err); !ok || e.Kind != statefile.KindShowJSON {
		return f, false, err
	}
	if path != "-" {
		if data, err = os.ReadFile(path); err != nil {
			return nil, false, err
		}
	}
	f, err = herokutf.ParseShowJSON(from, data)
	return f, true, err
}

// readRules reads rules for what is no drift, from all files; without any there are
// none. They are never nil without an error, which has the faults of all files.
func readRules(files []string) (*ignore.Rules, error) {
	all := &ignore.Rules{}
	var errs []error
	for i, file := range files {
		if slices.Contains(files[:i], file) {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			errs = append(errs, fmt.Errorf("read the ignore rules: %w", err))
			continue
		}
		rules, err := ignore.Parse(file, data)
		if err == nil {
			err = all.Add(rules.Rules()...)
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return all, nil
}

// addLifecycle adds what the configuration in a folder has Terraform ignore, of these
// states, or of all, and returns the modules that couldn't be asked.
func addLifecycle(rules *ignore.Rules, dir string, states ...string) ([]unreadModule, error) {
	config, err := tfconfig.Load(dir)
	if err != nil {
		return nil, err
	}
	changes, err := config.IgnoreChanges()
	if err != nil {
		return nil, err
	}
	rules.AddLifecycle(changes, states...)
	return unreadModules(config, states), nil
}

// writeNew writes a file that must not be there yet: what stands in a
// configuration is somebody's work. what is the step that an error begins with;
// [os.ErrExist] says that there is such a file.
func writeNew(what, path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err == nil {
		_, err = f.Write(data)
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(path)) // Terraform would read half of it
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func existsError(path string) error {
	return ui.Advise(fmt.Errorf("write the import blocks: %s exists", path), "move it away, or name another file")
}

// repository is the root of the git repository that a folder is in; "" if it is in none.
func repository(dir string) string {
	for {
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}
