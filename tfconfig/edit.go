package tfconfig

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/herokutf/herokutf/internal/printable"
)

// FileEdit is the change of one file.
type FileEdit struct {
	Path string // as [Load] found it
	// Old and New are the whole file before and after. Old is nil for a file
	// that is new.
	Old, New []byte
	// Places are what differs, by position in Old; nil where only moved blocks
	// are added.
	Places []Place
	// Sensitive says that Old and New hold a secret that differs, so that a
	// difference of them isn't to be shown; [FileEdit.Patch] masks it.
	Sensitive bool

	// The texts that differ, and may be shown or not.
	shown, secrets []string
}

// RenameEdit is what a rename comes to in a configuration whose state is known.
type RenameEdit struct {
	// Places are what [Config.RenamePlaces] returns; those of keys are
	// editable where they can change.
	Places []Place
	// Files are the edits, moved blocks included, in the order of
	// [Config.Files]; nil when nothing is to be edited.
	Files []FileEdit
	// Moved are the moved blocks that Files add; nil when there are none.
	Moved []Move
	// ByHand are moves that are left to the user, each with a Note on what
	// stands in the way; nil when there are none. [StateMoves] takes them.
	ByHand []Move
}

// EditRename changes the places that [Config.RenamePlaces] marks editable
// and returns the files that differ, in the order of [Config.Files]; nil when
// nothing is to be edited. Each edit replaces the text between the quotes of
// one string literal; every other byte (comments, line endings, byte order
// mark, indentation) stays, but that a block that was formatted as by
// terraform fmt stays so. Nothing is written, see [Apply].
//
// Renames that contradict each other or hold names that Heroku doesn't take
// give [ErrInvalidRename]. Every edited file is read back, and if anything
// but the listed literals differs, the error is [ErrProof].
func (c *Config) EditRename(renames ...AppRename) ([]FileEdit, error) {
	if err := checkRenames(renames); err != nil {
		return nil, err
	}
	return c.editPlaces(c.find(false, nil, renames).places)
}

// RenameWithState is [Config.EditRename] for a configuration whose state has
// the addresses, with their keys as Terraform spells them. With them, keys of
// for_each that are the old name (elements of sets, keys of maps, wherever they
// come from, and the indices that read by them) change too, and a moved block
// for each address that changes with them is added to the root module: behind
// the last moved blocks that it has, or in a new moved.tf. One block stands for
// all that is in a module's instance. What has a key of its own that merely is
// the same word as the name keeps it.
//
// A key isn't edited where not everything that it feeds follows, and in modules
// that init installed; the moves that hang on it are in ByHand. So are those of
// apps of which one has the other's old name: Terraform takes no moved blocks
// for them.
//
// The edited configuration is read back, and if an instance of the state would
// be without its key, the error is [ErrProof].
func (c *Config) RenameWithState(addresses []string, renames ...AppRename) (*RenameEdit, error) {
	if err := checkRenames(renames); err != nil {
		return nil, err
	}
	f := c.find(true, addresses, renames)
	r := &RenameEdit{Places: f.places, Moved: f.moved, ByHand: f.byHand}
	var err error
	r.Files, err = c.editPlaces(f.places)
	if err == nil {
		r.Files, err = c.appendMoves(r.Moved, r.Files)
	}
	if err != nil {
		return nil, err
	}
	if err := f.proveKeys(addresses, r.Files); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProof, err)
	}
	return r, nil
}

// editPlaces makes the edits of the places that are editable.
func (c *Config) editPlaces(places []Place) ([]FileEdit, error) {
	byFile := map[string][]Place{}
	changes := map[string][]replace{}
	for _, p := range places {
		if !p.Editable {
			continue
		}
		real := c.byName[p.File].real
		if !slices.ContainsFunc(byFile[real], func(o Place) bool { return o.start == p.start }) {
			byFile[real] = append(byFile[real], p)
			changes[real] = append(changes[real], replace{p.start, p.end, p.text})
		}
	}
	edits, err := c.fileEdits(changes)
	for i := range edits {
		e := &edits[i]
		e.Places = byFile[c.byName[e.Path].real]
		slices.SortFunc(e.Places, func(a, b Place) int { return a.start - b.start })
		for _, p := range e.Places {
			e.shown = append(e.shown, p.Old, p.New)
		}
	}
	return edits, err
}

// fileEdits makes the replacements in the files, by their real names: two names of
// one file are edited as one. The edits are in the order of [Config.Files], without
// places.
func (c *Config) fileEdits(changes map[string][]replace) ([]FileEdit, error) {
	var edits []FileEdit
	done := map[string]bool{}
	for _, f := range c.files {
		if changes[f.real] == nil || done[f.real] {
			continue
		}
		done[f.real] = true
		e := FileEdit{Path: f.name, Old: f.data}
		var err error
		if e.New, err = rewrite(f, f.mergeCuts(changes[f.real])); err != nil {
			return nil, fmt.Errorf("edit %s: %w: %w", printable.Text(f.name), ErrProof, err)
		}
		edits = append(edits, e)
	}
	return edits, nil
}

// mergeCuts makes one of blocks that go together and stand together, and lets no
// file begin with one.
func (f *file) mergeCuts(changes []replace) []replace {
	changes = slices.Clone(changes)
	slices.SortStableFunc(changes, func(a, b replace) int { return a.start - b.start })
	var out []replace
	for _, c := range changes {
		if n := len(out); n > 0 && c.text == "" && out[n-1].text == "" && c.start <= out[n-1].end {
			out[n-1].end = max(out[n-1].end, c.end)
			continue
		}
		out = append(out, c)
	}
	if len(out) > 0 && out[0].start == 0 && out[0].text == "" {
		if next := f.nextLine(out[0].end); len(bytes.TrimSpace(f.data[out[0].end:next])) == 0 {
			out[0].end = next
		}
	}
	return out
}
