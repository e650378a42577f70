package tfconfig

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/herokutf/herokutf/internal/printable"
)

// Kind says what a place in the configuration is.
type Kind string

const (
	// KindName is the name argument of the heroku_app that was renamed.
	KindName Kind = "name"
	// KindData is the name argument of a data.heroku_app.
	KindData Kind = "data"
	// KindChild is the app or app_id argument of another Heroku resource.
	KindChild Kind = "child"
	// KindReference is an expression of a Heroku resource that reads the
	// name from the heroku_app, such as heroku_app.web.name. It follows by
	// itself.
	KindReference Kind = "reference"
	// KindVariable is a variable whose value isn't in any file: the
	// environment, -var or a prompt gives it.
	KindVariable Kind = "variable"
	// KindDefault is the default of a variable.
	KindDefault Kind = "default"
	// KindValue is the value of a variable in a variable file.
	KindValue Kind = "value"
	// KindLocal is a local value.
	KindLocal Kind = "local"
	// KindArgument is an argument of a module call.
	KindArgument Kind = "argument"
	// KindForEach is what for_each goes over: the value of an element, or,
	// when the name is the key, the key.
	KindForEach Kind = "for_each"
	// KindIndex is an index that reads an element by the key that changes,
	// such as heroku_app.web["old-name"].
	KindIndex Kind = "index"
	// KindAttribute is an argument of a resource, where its value is written
	// there.
	KindAttribute Kind = "attribute"
	// KindResource is a resource block that goes, since its object is gone.
	KindResource Kind = "resource"
	// KindOutput is an output of a child module.
	KindOutput Kind = "output"
	// KindMention is a string literal that holds the old name as a whole
	// word and isn't known to belong to the app.
	KindMention Kind = "mention"
	// KindAbsent stands for an address that the configuration doesn't hold.
	KindAbsent Kind = "absent"
)

// Place is one place in the configuration that has to do with a renamed app.
type Place struct {
	Position
	Kind Kind
	// Address is what the place belongs to, with the module calls but
	// without instance keys: a resource, module.m.var.x, local.x, an output.
	// For a KindAbsent it is the address that was asked for; a KindMention
	// has none.
	Address   string
	Attribute string // the argument, for KindName, KindData, KindChild and KindReference
	Old, New  string
	// Text is the source of the expression, on one printable line and cut to
	// 200 characters. It is empty where the place may hold a value that has
	// nothing to do with the app's name, which may be a secret.
	Text string
	// Via lists the variables, locals, module arguments and outputs that
	// hand the value on, from the use to the place; nil when there are none.
	Via []string
	// Editable says that [Config.EditRename] changes the place.
	Editable bool
	// ForcesReplacement says that the provider up to v4 replaces the
	// resource, an add-on with its data included, whenever this argument
	// isn't known to be unchanged.
	ForcesReplacement bool
	// Note says why the place isn't edited or what to mind, "" for nothing.
	Note string

	start, end int    // offsets in the file
	text       string // what an edit puts there
}

// String returns the place as a printable line without the newline.
func (p Place) String() string {
	var b strings.Builder
	if p.Kind == KindAbsent {
		return printable.Text(p.Address + ": " + p.Note)
	}
	fmt.Fprintf(&b, "%s: %s", p.Position, p.Kind)
	if p.Kind == KindMention {
		fmt.Fprintf(&b, " of %q", p.Old)
	}
	if p.Attribute != "" && p.Attribute != string(p.Kind) {
		fmt.Fprintf(&b, " %s", p.Attribute)
	}
	if p.Address != "" {
		fmt.Fprintf(&b, " of %s", p.Address)
	}
	if p.Text != "" {
		fmt.Fprintf(&b, ": %s", p.Text)
	}
	if len(p.Via) > 0 {
		fmt.Fprintf(&b, " (via %s)", strings.Join(p.Via, ", "))
	}
	if p.Note != "" {
		fmt.Fprintf(&b, " [%s]", p.Note)
	}
	return printable.Text(b.String())
}

// Position is a place in a file.
type Position struct {
	File   string // path as [Load] found it
	Line   int    // from 1
	Column int    // from 1, in characters as HCL counts them
}

// String returns file:line:column, and the file alone without a line. It is
// printable, as paths needn't be.
func (p Position) String() string {
	file := printable.Text(p.File)
	if p.Line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d:%d", file, p.Line, p.Column)
}

// Position returns where an object is configured: of an address of a resource or a data
// source, as the state spells it, the block's; of one in a module with inRoot that of
// the call in the root module. ok is false for what the configuration hasn't got.
func (c *Config) Position(address string, inRoot bool) (at Position, ok bool) {
	a, err := parseAddress(address)
	if err == nil && inRoot && len(a.modules) > 0 {
		child := c.root.children[a.modules[0].name]
		if child == nil {
			return Position{}, false
		}
		return c.position(child.call.rng), true
	}
	t, err := c.lookup(address)
	if err != nil {
		return Position{}, false
	}
	return c.position(t.block.rng), true
}

// position turns a range into what is shown.
func (c *Config) position(rng hcl.Range) Position {
	if f := c.byName[rng.Filename]; f != nil {
		for _, esc := range f.escaped {
			if rng.Start.Byte >= esc.Start.Byte && rng.Start.Byte < esc.End.Byte {
				rng = esc
			}
		}
	}
	return Position{File: rng.Filename, Line: rng.Start.Line, Column: rng.Start.Column}
}

// maxText bounds the source text that a place shows.
const maxText = 200

func shorten(s string) string {
	s = printable.Text(strings.Join(strings.Fields(s), " "))
	if r := []rune(s); len(r) > maxText {
		return string(r[:maxText]) + "…"
	}
	return s
}
