package tfconfig

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/herokutf/herokutf/internal/printable"
)

// ErrRelease means that a resource can't be let go by edits of the configuration.
var ErrRelease = errors.New("can't be released")

// Release is the edit by which Terraform lets go of resources, without destroying what
// they stand for.
type Release struct {
	Files []FileEdit // in the order of [Config.Files]
	// Addresses are the resources that are let go, in the order of the files.
	Addresses []string
}

// Release puts a removed block, which forgets without destroying, in the place of the
// resource block of each address, and of each block of a Heroku resource that refers to
// one of those. Their import blocks go, too; all other bytes stay. Terraform 1.7 and
// newer know removed blocks. Nothing is written, see [Apply].
//
// An address is one of a whole resource of the root module, in native syntax and in no
// override file. Whatever else refers to what is let go (outputs, locals, modules,
// resources of other providers) has to change first. Each of these faults is a [FileError] in the [ErrorList] that is
// returned, and unwraps to [ErrRelease].
func (c *Config) Release(addresses ...string) (*Release, error) {
	r := releaser{released: make(map[string]bool), order: c.root.mod.order}
	for _, address := range addresses {
		if problem := r.begin(address); problem != "" {
			r.faults = append(r.faults, &FileError{Name: c.dir, Err: fmt.Errorf("%s %w: %s", address, ErrRelease, problem)})
		}
	}
	for r.spread() {
	}
	r.check()
	if len(r.faults) > 0 {
		return nil, r.faults
	}
	out := &Release{}
	changes := make(map[*file][]replace)
	var files []*file
	for _, b := range r.order {
		text := ""
		switch {
		case b.kind == "resource" && r.released[b.address()]:
			out.Addresses = append(out.Addresses, b.address())
			text = "removed {\n  from = " + b.address() + "\n\n  lifecycle {\n    destroy = false\n  }\n}"
		case b.kind == "import" && r.released[importTarget(b)]:
		default:
			continue
		}
		if changes[b.file] == nil {
			files = append(files, b.file)
		}
		changes[b.file] = append(changes[b.file], b.replaced(text))
	}
	for _, f := range files {
		data, err := rewrite(f, changes[f])
		if err != nil {
			return nil, &FileError{Name: f.name, Err: fmt.Errorf("%w: %w", ErrProof, err)}
		}
		out.Files = append(out.Files, FileEdit{Path: f.name, Old: f.data, New: data})
	}
	return out, nil
}

// A releaser finds what is let go.
type releaser struct {
	released map[string]bool // addresses
	order    []*block        // of the root module
	faults   ErrorList
}

// begin notes an address, or says why it can't be released.
func (r *releaser) begin(address string) string {
	switch {
	case strings.HasPrefix(address, "module."):
		return "its block is one of a module, whose other users it belongs to as well; write a removed block in the module"
	case strings.HasPrefix(address, "data."):
		return "a data source is only read; take its block out"
	case strings.Contains(address, "["):
		return "removed blocks are for whole resources, with all their instances"
	}
	if !slices.ContainsFunc(r.order, func(b *block) bool { return b.kind == "resource" && b.address() == address }) {
		return "the root module has no such resource"
	}
	r.released[address] = true
	return ""
}

// spread adds Heroku resources that refer to what is let go, and reports whether there
// were any.
func (r *releaser) spread() (more bool) {
	for _, b := range r.order {
		if r.released[b.address()] || !strings.HasPrefix(b.address(), "heroku_") {
			continue
		}
		if r.refers(b) != "" {
			r.released[b.address()] = true
			more = true
		}
	}
	return more
}

// check finds what keeps the resources from being let go.
func (r *releaser) check() {
	fault := func(b *block, address, problem string) {
		r.faults = append(r.faults, &FileError{Name: b.file.name, Line: b.rng.Start.Line, Column: b.rng.Start.Column,
			Err: fmt.Errorf("%s %w: %s", address, ErrRelease, problem)})
	}
	for _, b := range r.order {
		switch released := b.kind == "resource" && r.released[b.address()]; {
		case released && b.file.json:
			fault(b, b.address(), "it stands in JSON, which isn't edited; put a removed block in its place by hand")
		case released && b.override != nil:
			fault(b, b.address(), "an override file has a part of it, "+printable.Path(b.override.name)+"; take that out first")
		case b.kind == "import" && b.file.json && r.released[importTarget(b)]:
			fault(b, importTarget(b), "its import block stands in JSON, which isn't edited; take that out first")
		case released, b.kind == "import", b.kind == "moved", b.kind == "removed":
		default:
			if to := r.refers(b); to != "" {
				fault(b, to, b.address()+" refers to it; take that out first")
			}
		}
	}
}

// refers returns an address that is let go and that the block refers to; "" if there is
// none.
func (r *releaser) refers(b *block) string {
	for expr := range b.expressions() {
		for _, t := range hclsyntax.Variables(expr) {
			if address := traversedResource(t); r.released[address] && address != b.address() {
				return address
			}
		}
	}
	return ""
}

// traversedResource is the address of the managed resource that a traversal may start
// with, such as heroku_app.web.
func traversedResource(t hcl.Traversal) string {
	if len(t) < 2 {
		return ""
	}
	name, _ := t[1].(hcl.TraverseAttr) // with an index it is no reference to a resource
	return t.RootName() + "." + name.Name
}

// expressions yields those of all arguments, in nested blocks, too.
func (b *body) expressions() iter.Seq[hclsyntax.Expression] {
	return func(yield func(hclsyntax.Expression) bool) {
		for _, a := range b.attrs {
			if !yield(a.expr) {
				return
			}
		}
		for _, nested := range b.blocks {
			for expr := range nested.expressions() {
				if !yield(expr) {
					return
				}
			}
		}
	}
}

// importTarget is the resource that an import block is for, without a key.
func importTarget(b *block) string {
	a := b.attr("to")
	if a == nil {
		return ""
	}
	if text, ok := literalString(a.expr); ok && b.file.json {
		if t, diags := hclsyntax.ParseTraversalAbs([]byte(text), "", hcl.InitialPos); !diags.HasErrors() {
			return traversedResource(t)
		}
	}
	for _, t := range hclsyntax.Variables(a.expr) {
		return traversedResource(t)
	}
	return ""
}

// replaced puts a text in the place of a block of native syntax; without one the white
// space behind the block goes, too.
func (b *block) replaced(text string) replace {
	end := b.end + 1
	if text == "" {
		for end < len(b.file.data) && strings.IndexByte(" \t\r\n", b.file.data[end]) >= 0 {
			end++
		}
	}
	if strings.Contains(string(b.file.data), "\r\n") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return replace{b.rng.Start.Byte, end, text}
}
