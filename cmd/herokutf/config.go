package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// configToWrite reads the configuration that --write-config edits: the one of --config,
// else that of the folder.
func configToWrite(named, dir string) (*tfconfig.Config, error) {
	if named == "" && !hasConfig(dir) {
		return nil, errors.New("--write-config: there is no configuration in this folder; work in the one that has it (--chdir DIR), or with --state name it with --config DIR")
	}
	return tfconfig.Load(cmp.Or(named, dir))
}

// checkEdits finds out, before a state is written, what would keep edits of files from
// being made after it.
func checkEdits(edits []tfconfig.FileEdit) error {
	for _, e := range edits {
		if e.Old == nil {
			continue
		}
		f, err := os.OpenFile(e.Path, os.O_RDWR, 0)
		if err != nil {
			return fmt.Errorf("edit the configuration: %w", err)
		}
		data, err := io.ReadAll(f)
		f.Close()
		if err == nil && !bytes.Equal(data, e.Old) {
			err = fmt.Errorf("%s: %w", e.Path, tfconfig.ErrChanged)
		}
		if err != nil {
			return fmt.Errorf("edit the configuration: %w", err)
		}
	}
	return nil
}

// writeEdits makes edits of a configuration. If the state was written before, and so has
// a backup, that gets a note of them, and edits that can't be made are printed, so that
// they can be made by hand.
func (e *env) writeEdits(edits []tfconfig.FileEdit, backup, format, done string) error {
	var files []string
	for _, e := range edits {
		files = append(files, e.Path)
	}
	// Noted before they are made, so that no edit is there without its note.
	e.warnOfNote(noteEdits(backup, files...), "are edited now")
	err := tfconfig.Apply(edits)
	if err == nil {
		return nil
	}
	err = errors.Join(err, noteEdits(backup))
	if backup == "" {
		return err
	}
	hint := "edit the files as --dry-run --write-config lists it"
	if patch := patchOf(edits); patch != "" && format == formatText {
		e.printer.Print(patch)
		hint = "make these edits, as with patch -p0 and the lines above"
	}
	return ui.Advise(fmt.Errorf("%s, the configuration is not: %w", done, err), hint+"; or take the state back with herokutf undo, and begin anew")
}

// noteEdits notes beside a backup, if there is one, which files are edited along with the
// state.
func noteEdits(backup string, files ...string) error {
	if backup == "" {
		return nil
	}
	return statefile.NoteEdited(backup, files...)
}

// warnOfNote says what comes of a note that couldn't be made; what says how the files are.
func (e *env) warnOfNote(err error, what string) {
	if err != nil {
		e.printer.Warn(fmt.Sprintf("an undo won't name the files that %s: %v", what, err))
	}
}

// patchOf returns edits of files as a patch, but for those that hold secrets.
func patchOf(edits []tfconfig.FileEdit) string {
	var b strings.Builder
	for i := range edits {
		if !edits[i].Sensitive {
			b.Write(edits[i].Patch(true))
		}
	}
	return b.String()
}
