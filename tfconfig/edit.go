package tfconfig

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// FileEdit is the change of one file.
type FileEdit struct {
	Path     string // as [Load] found it
	Old, New []byte // the whole file before and after
	// Places are the literals that differ, by position in Old; at least one.
	Places []Place
}

// EditRename changes the places that [Config.RenamePlaces] marks editable
// and returns the files that differ, in the order of [Config.Files]; nil when
// nothing is to be edited. Each edit replaces the text between the quotes of
// one string literal; every other byte (comments, line endings, byte order
// mark, indentation) stays. Nothing is written, see [Apply].
//
// Renames that contradict each other or hold names that Heroku doesn't take
// give [ErrInvalidRename]. Every edited file is read back, and if anything
// but the listed literals differs, the error is [ErrProof].
func (c *Config) EditRename(renames ...AppRename) ([]FileEdit, error) {
	if err := checkRenames(renames); err != nil {
		return nil, err
	}
	var edits []FileEdit
	index := map[string]int{} // by real file: two names of one file are edited as one
	for _, p := range c.RenamePlaces(renames...) {
		if !p.Editable {
			continue
		}
		f := c.byName[p.File]
		i, ok := index[f.real]
		if !ok {
			i = len(edits)
			index[f.real] = i
			edits = append(edits, FileEdit{Path: f.name, Old: f.data})
		}
		if !slices.ContainsFunc(edits[i].Places, func(o Place) bool { return o.start == p.start }) {
			edits[i].Places = append(edits[i].Places, p)
		}
	}
	for i := range edits {
		e := &edits[i]
		slices.SortFunc(e.Places, func(a, b Place) int { return a.start - b.start })
		e.New = splice(e.Old, e.Places)
		if err := prove(c.byName[e.Path], e.New, e.Places); err != nil {
			return nil, fmt.Errorf("edit %s: %w: %w", e.Path, ErrProof, err)
		}
	}
	return edits, nil
}

// splice replaces the text between the quotes of each place.
func splice(data []byte, places []Place) []byte {
	var out bytes.Buffer
	at := 0
	for _, p := range places {
		out.Write(data[at : p.start+1])
		out.WriteString(p.New)
		at = p.end - 1
	}
	out.Write(data[at:])
	return out.Bytes()
}

// token is one token of either syntax.
type token struct {
	start int
	kind  string
	text  string
}

// prove compares the tokens of both versions: as many, of the same kinds,
// and the same but for the names in the places; and parses the new one.
func prove(f *file, data []byte, places []Place) error {
	edited := &file{name: f.name, data: data, json: f.json, vars: f.vars}
	if _, errs := parse(edited); len(errs) > 0 {
		return errs[0]
	}
	before, err := tokens(f)
	if err != nil {
		return err
	}
	after, err := tokens(edited)
	if err != nil {
		return err
	}
	if len(before) != len(after) {
		return fmt.Errorf("%d tokens became %d", len(before), len(after))
	}
	changed := 0
	for i, b := range before {
		a := after[i]
		if a.kind == b.kind && a.text == b.text {
			continue
		}
		at := slices.IndexFunc(places, func(p Place) bool { return p.start < b.start && b.start < p.end })
		if at < 0 || a.kind != b.kind || b.text != places[at].Old || a.text != places[at].New {
			return fmt.Errorf("the token at offset %d changed", b.start)
		}
		changed++
	}
	if changed != len(places) {
		return fmt.Errorf("%d of %d places changed", changed, len(places))
	}
	return nil
}

func tokens(f *file) ([]token, error) {
	var out []token
	if !f.json {
		list, diags := hclsyntax.LexConfig(f.data, f.name, hcl.InitialPos)
		if diags.HasErrors() {
			return nil, errors.New(diags[0].Summary)
		}
		for _, t := range list {
			out = append(out, token{t.Range.Start.Byte, string(rune(t.Type)), string(t.Bytes)})
		}
		return out, nil
	}
	d := json.NewDecoder(bytes.NewReader(f.data))
	d.UseNumber()
	for {
		t, err := d.Token()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		text := fmt.Sprint(t)
		// InputOffset is behind the closing quote.
		out = append(out, token{int(d.InputOffset()) - 1, strings.TrimPrefix(fmt.Sprintf("%T", t), "json."), text})
	}
}
