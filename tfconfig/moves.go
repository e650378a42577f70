package tfconfig

import (
	"bytes"
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/statefile"
)

// Move says that what stands under one address belongs under another.
type Move struct {
	// From and To are addresses as Terraform spells them, of a resource's
	// instance or of a module's.
	From, To string
	// Note says why no moved block does it as things are, and what does; ""
	// if one does. It is printable.
	Note string
}

// String returns the moved block, as terraform fmt has it, with a newline at
// its end. It belongs into the root module.
func (m Move) String() string {
	return fmt.Sprintf("moved {\n  from = %s\n  to   = %s\n}\n", m.From, m.To)
}

// Moves returns what moves when the keys that are an old name become the new
// one: the keys of for_each and of modules with for_each, in addresses as the
// state has them. It needs no configuration, so it also returns what keeps
// its key when that is no name, but a word that happens to be one;
// [Config.RenameWithState] knows better.
//
// A move of a module's instance stands for everything in it, and later moves
// are from where earlier ones lead, as Terraform reads them. The order is that
// of the addresses, with modules before what is in them. Data sources don't
// move. Nil means that no key is touched.
//
// Where one app's new name is another's old one Terraform refuses moved
// blocks; such moves have a Note and come last, and [StateMoves] says how
// "terraform state mv" makes them.
func Moves(addresses []string, renames ...AppRename) []Move {
	w := newMover(renames)
	for _, a := range addresses {
		w.walk(a, func(Move, movedStep) (bool, string) { return true, "" })
	}
	return w.inOrder()
}

// mover collects moves, each once.
type mover struct {
	next  map[string]string // new names by old ones
	isNew map[string]bool
	seen  map[Move]bool
	there map[string]bool // addresses of the state that stay
	moves []Move
}

func newMover(renames []AppRename) *mover {
	w := &mover{next: map[string]string{}, seen: map[Move]bool{}, there: map[string]bool{}, isNew: map[string]bool{}}
	for _, r := range renames {
		if r.Old != r.New {
			w.next[r.Old], w.isNew[r.New] = r.New, true
		}
	}
	return w
}

// movedStep is a step of an address whose key is an old name.
type movedStep struct {
	modules []string // names of the modules around the block
	block   string   // module.app, heroku_app.web
	old     string   // the key
	new     string
}

// stepText is one step of an address with its key.
type stepText struct {
	text string // with the dot before it
	key  string // as Terraform spells it, in brackets; "" for none
	str  string // a key in quotes, without them
}

// walk takes an address apart and adds the moves of those of its steps that
// are to move. With a note, the move is for the user to make.
func (w *mover) walk(addr string, moves func(Move, movedStep) (bool, string)) {
	if !w.concerned(addr) {
		return
	}
	steps, ok := splitAddress(addr)
	if !ok {
		return
	}
	prefix := ""
	var modules []string
	for _, s := range steps {
		here := strings.TrimPrefix(prefix+s.text, ".")
		name := strings.TrimPrefix(s.text, ".")
		next, renamed := w.next[s.str]
		if s.str != "" && renamed && !strings.HasPrefix(name, "data.") {
			to := statefile.StringKey(next).String()
			m := Move{From: here + s.key, To: here + to}
			if ok, note := moves(m, movedStep{modules: modules, block: name, old: s.str, new: next}); ok {
				if m.Note = printable.Text(note); !w.seen[m] {
					w.seen[m] = true
					w.moves = append(w.moves, m)
				}
				if note == "" {
					s.key = to
				}
			}
		}
		prefix += s.text + s.key
		if s.key == statefile.StringKey(s.str).String() { // not one that has just moved
			w.there[here+s.key] = true
		}
		if module, ok := strings.CutPrefix(name, "module."); ok {
			modules = append(slices.Clip(modules), module)
		}
	}
}

// concerned reports whether an address may have an old or a new name for a key.
func (w *mover) concerned(addr string) bool {
	if strings.Contains(addr, " (deposed ") {
		return false
	}
	for {
		_, rest, ok := strings.Cut(addr, `["`)
		if !ok {
			return false
		}
		// A name has nothing that would be escaped.
		if key, _, _ := strings.Cut(rest, `"]`); w.next[key] != "" || w.isNew[key] {
			return true
		}
		addr = rest
	}
}

// splitAddress takes an address apart, and spells its keys as Terraform does.
func splitAddress(addr string) ([]stepText, bool) {
	if len(addr) > maxAddress {
		return nil, false
	}
	tr, diags := hclsyntax.ParseTraversalAbs([]byte(addr), "", hcl.InitialPos)
	if diags.HasErrors() {
		return nil, false
	}
	var out []stepText
	words := 0 // that are still to come in this step
	for _, t := range tr {
		name := ""
		switch t := t.(type) {
		case hcl.TraverseRoot:
			name = t.Name
		case hcl.TraverseAttr:
			name = t.Name
		case hcl.TraverseIndex:
			last := &out[len(out)-1]
			if words > 0 || last.key != "" {
				return nil, false
			}
			if t.Key.Type() == cty.String {
				last.str = t.Key.AsString()
				last.key = statefile.StringKey(last.str).String()
			} else if n, ok := ctyKey(t.Key); ok {
				last.key = "[" + n + "]"
			}
			continue
		}
		if words > 0 {
			words--
			out[len(out)-1].text += "." + name
			continue
		}
		out = append(out, stepText{text: "." + name})
		if words = 1; name == "data" {
			words = 2
		}
	}
	return out, words == 0
}

const chainedNote = "its new key is another's old one, and Terraform moves no two at once: " +
	`"terraform state mv" moves them one by one`

// inOrder returns the moves, and after them those that hang together: each
// behind the one that makes room for it.
func (w *mover) inOrder() []Move {
	from, to := map[string]bool{}, map[string]bool{}
	for _, m := range w.moves {
		from[m.From], to[m.To] = true, true
	}
	var free, chained []Move
	for _, m := range w.moves {
		if !from[m.To] && !to[m.From] {
			if w.there[m.To] && m.Note == "" {
				m.Note = "the state has the new address already"
			}
			free = append(free, m)
			continue
		}
		m.Note = cmp.Or(m.Note, chainedNote)
		chained = append(chained, m)
	}
	for len(chained) > 0 {
		// In a circle none makes room.
		i := max(0, slices.IndexFunc(chained, func(m Move) bool { return !from[m.To] }))
		delete(from, chained[i].From)
		free = append(free, chained[i])
		chained = slices.Delete(chained, i, i+1)
	}
	return free
}

// StateMoves returns steps of "terraform state mv" that make moves which moved
// blocks can't, because one takes the place of another: in an order in which
// every place is free, by way of a third address where they go in a circle.
// Nil for no moves.
func StateMoves(moves []Move) []Move {
	later := map[string]int{}
	for i, m := range moves {
		later[m.From] = i
	}
	var steps, parked []Move
	for i, m := range moves {
		if later[m.To] <= i {
			steps = append(steps, Move{From: m.From, To: m.To})
			continue
		}
		aside := m.From
		if parts, ok := splitAddress(m.From); ok {
			key := parts[len(parts)-1].key
			aside = strings.TrimSuffix(m.From, key) + statefile.StringKey(parts[len(parts)-1].str+" (moving)").String()
		}
		steps = append(steps, Move{From: m.From, To: aside})
		parked = append(parked, Move{From: aside, To: m.To})
	}
	return append(steps, parked...)
}

// movedBlock is a moved block that the root module has.
type movedBlock struct {
	Move
	Position
	file *file
}

// movedBlocks returns the root module's moved blocks, with addresses as the
// state spells them.
func (c *Config) movedBlocks() (out []movedBlock) {
	for _, b := range c.root.mod.order {
		if b.kind != "moved" {
			continue
		}
		m := movedBlock{Position: c.position(b.rng), file: b.file}
		for name, to := range map[string]*string{"from": &m.From, "to": &m.To} {
			a := b.attr(name)
			if a == nil {
				continue
			}
			text, ok := literalString(a.expr) // as JSON has it
			if !ok {
				text = c.source(a.expr)
			}
			if steps, ok := splitAddress(strings.TrimSpace(text)); ok {
				for _, s := range steps {
					*to += s.text + s.key
				}
				*to = strings.TrimPrefix(*to, ".")
			}
		}
		out = append(out, m)
	}
	return out
}

// block returns the resource or the module call of an address without keys.
func (m *module) block(address string) *block {
	if name, ok := strings.CutPrefix(address, "module."); ok {
		return m.calls[name]
	}
	return m.resources[address]
}

// appendMoves returns the edit that adds moved blocks to the root module: behind
// the last ones there are, in a file that is this configuration's alone; else
// in moved.tf, which may be new.
func (c *Config) appendMoves(moves []Move, edits []FileEdit) ([]FileEdit, error) {
	if len(moves) == 0 {
		return edits, nil
	}
	var blocks []string
	for _, m := range moves {
		blocks = append(blocks, m.String())
	}
	text := strings.Join(blocks, "\n")
	f := c.movedFile()
	i := slices.IndexFunc(edits, func(e FileEdit) bool { return c.byName[e.Path].real == f.real })
	if i < 0 {
		i = len(edits)
		edits = append(edits, FileEdit{Path: f.name, Old: f.data, New: f.data})
	}
	e, err := appendBlocks(f, edits[i].New, text)
	if err != nil {
		return nil, err
	}
	edits[i].New = e.New
	return edits, nil
}

// Append returns the edit that adds blocks in native syntax at the end of one of the
// configuration's files, by its name in [Config.Files], or makes a file. All bytes of
// the file stay; its line endings are those of the blocks as well. The error is
// [ErrProof] if the blocks aren't such.
func (c *Config) Append(path string, blocks []byte) (FileEdit, error) {
	f := c.byName[path]
	if f == nil {
		f = &file{name: path}
	}
	return appendBlocks(f, f.data, string(blocks))
}

// appendBlocks adds blocks to the bytes that a file is to have; nil ones are those of a
// file that is new.
func appendBlocks(f *file, data []byte, text string) (FileEdit, error) {
	line := "\n"
	if bytes.Contains(data, []byte("\r\n")) {
		line = "\r\n"
		text = strings.ReplaceAll(text, "\n", line)
	}
	if len(data) > 0 {
		text = line + text
		if !bytes.HasSuffix(data, []byte("\n")) {
			text = line + text
		}
	}
	added := append(slices.Clip(data), text...)
	if err := prove(&file{name: f.name, data: data, json: f.json}, added, []replace{{len(data), len(data), text}}); err != nil {
		return FileEdit{}, fmt.Errorf("edit %s: %w: %w", printable.Text(f.name), ErrProof, err)
	}
	return FileEdit{Path: f.name, Old: f.data, New: added}, nil
}

// movedFile returns the file that moved blocks are for, without data if it is
// a new one.
func (c *Config) movedFile() *file {
	own := func(f *file) bool { return !f.json && filepath.Dir(f.real) == real(c.dir) }
	blocks := c.movedBlocks()
	for _, b := range slices.Backward(blocks) {
		if own(b.file) {
			return b.file
		}
	}
	name := "moved.tf"
	if c.language == OpenTofu && all(c.root.mod.files, func(f *file) bool { return isTofu(configSuffix(f.name)) }) {
		name = "moved.tofu"
	}
	for _, f := range c.root.mod.files {
		if base := filepath.Base(f.name); (base == "moved.tf" || base == "moved.tofu") && own(f) {
			return f
		}
	}
	return &file{name: filepath.Join(c.dir, name)}
}
