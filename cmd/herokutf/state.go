package main

import (
	"context"
	"errors"
	"fmt"
	"os"

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

// readRules reads rules for what is no drift; without a file there are none.
// They are never nil without an error.
func readRules(file string) (*ignore.Rules, error) {
	if file == "" {
		return &ignore.Rules{}, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the ignore rules: %w", err)
	}
	return ignore.Parse(file, data)
}

// addLifecycle adds what the configuration in a folder has Terraform ignore.
func addLifecycle(rules *ignore.Rules, dir string) error {
	config, err := tfconfig.Load(dir)
	if err != nil {
		return err
	}
	changes, err := config.IgnoreChanges()
	if err != nil {
		return err
	}
	rules.AddLifecycle(changes)
	return nil
}

// writeNew writes a file that must not be there yet: what stands in a
// configuration is somebody's work.
func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, os.ErrExist) {
		return existsError(path)
	}
	if err == nil {
		_, err = f.Write(data)
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(path)) // Terraform would read half of it
		}
	}
	if err != nil {
		return fmt.Errorf("write the import blocks: %w", err)
	}
	return nil
}

func existsError(path string) error {
	return ui.Advise(fmt.Errorf("write the import blocks: %s exists", path), "move it away, or name another file")
}
