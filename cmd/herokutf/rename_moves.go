package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// A renameConfig is what renames come to in a configuration.
type renameConfig struct {
	looked bool // a configuration was read
	places []tfconfig.Place
	edits  []tfconfig.FileEdit
	// moved are moved blocks: those that the edits add, or, where no
	// configuration was read, those that the keys in the state ask for.
	moved  []tfconfig.Move
	byHand []tfconfig.Move // for which there can be no block
	// written: the edits are on disk.
	written bool
}

// inConfig finds out what the repair of a state comes to in its configuration,
// as far as one is known.
func (r *renaming) inConfig(f *statefile.File, repair *herokutf.Repair) error {
	to := &r.report.config
	*to = renameConfig{looked: r.config != nil}
	renames := repair.AppRenames()
	if len(renames) == 0 {
		return nil
	}
	var addresses []string
	for inst := range f.Instances() {
		if inst.Deposed == "" {
			addresses = append(addresses, inst.Address())
		}
	}
	if r.config == nil {
		for _, move := range tfconfig.Moves(addresses, renames...) {
			if move.Note == "" {
				to.moved = append(to.moved, move)
			} else {
				to.byHand = append(to.byHand, move)
			}
		}
		return nil
	}
	edit, err := r.config.RenameWithState(addresses, renames...)
	if err == nil {
		to.places, to.edits, to.moved, to.byHand = edit.Places, edit.Files, edit.Moved, edit.ByHand
		return nil
	}
	// What can't be edited can still be listed: the places say why.
	if r.writeConfig || !errors.Is(err, tfconfig.ErrInvalidRename) {
		return err
	}
	to.places = r.config.RenamePlaces(renames...)
	to.byHand = tfconfig.Moves(addresses, renames...)
	return nil
}

// textMoves lists the moves, with the blocks ready to be copied.
func (c *renameConfig) textMoves(b *strings.Builder, style ui.Style) {
	heading := "To add to the configuration (--write-config does it):"
	switch {
	case c.written:
		heading = "Added to the configuration:"
	case !c.looked:
		heading = "Keys that are the old name. If the configuration makes them from it, it needs, with the new one:"
	}
	if len(c.moved) > 0 {
		fmt.Fprintf(b, "\n%s\n", style.Warn(heading))
		for _, move := range c.moved {
			for line := range strings.Lines(move.String()) {
				b.WriteString(ui.Printable(strings.TrimSuffix(line, "\n")) + "\n")
			}
		}
	}
	if len(c.byHand) > 0 {
		fmt.Fprintf(b, "\n%s\n", style.Warn("To move by hand:"))
		for _, move := range c.byHand {
			fmt.Fprintf(b, "  %s\n", ui.Printable(strings.TrimSuffix(fmt.Sprintf("%s -> %s: %s", move.From, move.To, move.Note), ": ")))
		}
	}
}

// next warns of what the plan would destroy without the moves.
func (c *renameConfig) next() []string {
	n := len(c.byHand)
	if !c.looked {
		n += len(c.moved)
	}
	if n == 0 {
		return nil
	}
	how := "moved blocks"
	if len(c.byHand) > 0 {
		how = "moves"
	}
	return []string{fmt.Sprintf("%s the old name as key in the state: where the configuration makes the key from the name, it needs the %s above together with the new one, "+
		"or Terraform destroys what stands there and creates it anew", addresses(n), how)}
}

func addresses(n int) string {
	if n == 1 {
		return "1 address has"
	}
	return fmt.Sprintf("%d addresses have", n)
}

// notes are the moves where no configuration was read, for programs.
func (c *renameConfig) notes() []herokutf.Note {
	var notes []herokutf.Note
	if c.looked {
		return nil
	}
	for _, moves := range [][]tfconfig.Move{c.moved, c.byHand} {
		for _, move := range moves {
			notes = append(notes, herokutf.Note{Address: move.From,
				Text: "the key is the old name; where the configuration makes it from the name, Terraform destroys what stands there and creates it anew, unless it is moved to " + move.To})
		}
	}
	return notes
}
