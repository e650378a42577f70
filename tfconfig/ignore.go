package tfconfig

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

// IgnoreChanges returns what the lifecycle blocks of the managed resources
// tell Terraform to ignore: for each resource of the root module and of the
// child modules that were followed, the paths that its ignore_changes keeps as
// they are, in their order. Resources without any aren't in the map, which is
// never nil.
//
// The address of a resource has no keys of instances, neither its own nor
// those of modules: module.env.heroku_app.web stands for all of them. A path
// leads into the attributes as a state has them: organization[0].locked is the
// attribute, the number 0, and the member. The keyword all, and its old form
// ["*"], is the empty path, and nothing else then stands beside it.
//
// A reference that Terraform accepts and that has no effect isn't returned:
// config_vars.FOO, since the key of a map needs config_vars["FOO"]; an element
// of a set; a member of a block without its index. An index in quotes at the
// end of what isn't a map means all that the map would be
// (buildpacks["0"] is buildpacks).
//
// Quoted references, as Terraform 0.11 has them and JSON needs them, are read
// like others. What Terraform couldn't read either, such as a function call
// or a splat, gives an [ErrorList] with every such place, and no map.
//
// Source: "The lifecycle Meta-Argument" and "Override Files" in the Terraform
// language's documentation, and processIgnoreChangesIndividual of Terraform
// 1.11.
func (c *Config) IgnoreChanges() (map[string][]statefile.Path, error) {
	all := map[string][]statefile.Path{}
	var faults ErrorList
	// A module that is called often is read once.
	modules := map[*module]map[string][]statefile.Path{}
	for _, n := range c.nodes {
		if n.mod == nil {
			continue
		}
		changes, ok := modules[n.mod]
		if !ok {
			changes = map[string][]statefile.Path{}
			for _, b := range n.mod.order {
				if b.kind != "resource" {
					continue
				}
				references, errs := c.ignoreChanges(n.mod, b)
				faults = append(faults, errs...)
				changes[b.address()] = keptPaths(b.labels[0], references)
			}
			modules[n.mod] = changes
		}
		for address, paths := range changes {
			for _, path := range paths {
				all[n.prefix()+address] = append(all[n.prefix()+address], path.Clone())
			}
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return all, nil
}

// ignoreChanges reads the ignore_changes of a resource; an empty reference is
// the keyword all. Of several arguments, in
// override files, the last that isn't empty counts, and all wins over others
// (Terraform 1.11, configs, Resource.merge).
func (c *Config) ignoreChanges(m *module, b *block) (references []hcl.Traversal, faults ErrorList) {
	type argument struct {
		file *file
		expr hclsyntax.Expression
	}
	var arguments []argument
	for _, nested := range b.blocks {
		if a := nested.attr("ignore_changes"); a != nil && nested.kind == "lifecycle" {
			arguments = append(arguments, argument{a.file, a.expr})
		}
	}
	for _, a := range b.attrs {
		if a.name == "lifecycle" {
			for _, e := range members(a.expr, "ignore_changes") {
				arguments = append(arguments, argument{a.file, e})
			}
		}
	}
	// The files of a module are in the order in which they count.
	slices.SortStableFunc(arguments, func(a, b argument) int {
		return cmp.Compare(slices.Index(m.files, a.file), slices.Index(m.files, b.file))
	})
	everything := false
	for _, a := range arguments {
		read, errs := c.ignoreList(a.expr)
		faults = append(faults, errs...)
		if len(read) > 0 {
			references = read
			everything = everything || slices.ContainsFunc(read, isAll)
		}
	}
	if everything {
		references = []hcl.Traversal{nil}
	}
	return references, faults
}

// members returns the values of a member of an object, or of each object of a
// list: in JSON a block is either.
func members(e hclsyntax.Expression, name string) (values []hclsyntax.Expression) {
	switch e := e.(type) {
	case *hclsyntax.TupleConsExpr:
		for _, element := range e.Exprs {
			if _, ok := element.(*hclsyntax.ObjectConsExpr); ok {
				values = append(values, members(element, name)...)
			}
		}
	case *hclsyntax.ObjectConsExpr:
		for _, item := range e.Items {
			if key, _ := keyString(item.KeyExpr); key == name {
				values = append(values, item.ValueExpr)
			}
		}
	}
	return values
}

func isAll(reference hcl.Traversal) bool { return len(reference) == 0 }

var errNoReferences = errors.New(`ignore_changes has to be a list of attributes, or all`)

// ignoreList reads the value of an ignore_changes argument.
func (c *Config) ignoreList(e hclsyntax.Expression) (references []hcl.Traversal, faults ErrorList) {
	fault := func(e hclsyntax.Expression, err error) {
		p := c.position(e.Range())
		faults = append(faults, &FileError{Name: p.File, Line: p.Line, Column: p.Column, Err: err})
	}
	if text, _ := literalString(e); hcl.ExprAsKeyword(e) == "all" || text == "all" {
		return []hcl.Traversal{nil}, nil
	}
	list, ok := e.(*hclsyntax.TupleConsExpr)
	if !ok {
		fault(e, errNoReferences)
		return nil, faults
	}
	for _, element := range list.Exprs {
		text, quoted := literalString(element)
		if text == "*" {
			references = append(references, nil)
			continue
		}
		var reference hcl.Traversal
		var diags hcl.Diagnostics
		if quoted {
			reference, diags = hclsyntax.ParseTraversalAbs([]byte(text), "", hcl.InitialPos)
		} else {
			reference, diags = hcl.AbsTraversalForExpr(element)
		}
		if diags.HasErrors() || !writtenOut(reference) {
			fault(element, fmt.Errorf("%w: %s is no attribute", errNoReferences, shorten(c.source(element))))
		} else {
			references = append(references, reference)
		}
	}
	return references, faults
}

// writtenOut reports whether all steps of a reference are written out.
func writtenOut(reference hcl.Traversal) bool {
	return !slices.ContainsFunc(steps(reference[1:]), func(s step) bool { return !s.known })
}

// keptPaths returns the paths that Terraform keeps in resources of a type.
func keptPaths(typ string, references []hcl.Traversal) (paths []statefile.Path) {
	for _, reference := range references {
		if path, ok := keptPath(typ, reference); ok {
			paths = append(paths, path)
		}
	}
	return paths
}

// keptPath returns the path that Terraform keeps for a reference; ok is false
// if it has no effect. Terraform walks the reference through the value and
// gives up where a step doesn't fit: a map has no members, only keys, and a
// list no names. What the reference ends in quotes for is cut off and looked
// up where it is a map.
func keptPath(typ string, reference hcl.Traversal) (path statefile.Path, ok bool) {
	if isAll(reference) {
		return statefile.Path{}, true
	}
	path = statefile.Path{reference.RootName()}
	shape := provider.ArgumentShape(typ, reference.RootName())
	for i, s := range reference[1:] {
		last := i == len(reference)-2
		switch s := s.(type) {
		case hcl.TraverseAttr:
			// A member: of the object that an element of a list of blocks is.
			if _, indexed := path[len(path)-1].(int); !indexed {
				return nil, false
			}
			path = append(path, s.Name)
		case hcl.TraverseIndex:
			if s.Key.Type() != cty.String {
				n, _ := s.Key.AsBigFloat().Int64() // a whole number, and none is negative
				if shape != provider.Listed || n > math.MaxInt32 {
					return nil, false
				}
				path = append(path, int(n))
				continue
			}
			switch {
			case !last || len(path) > 1:
				return nil, false // refused where a block is meant
			case shape == provider.Mapped:
				path = append(path, s.Key.AsString())
			}
		}
	}
	return path, true
}
