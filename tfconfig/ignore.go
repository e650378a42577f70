package tfconfig

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// IgnoreChanges returns what the lifecycle blocks of the managed resources
// tell Terraform to ignore: for each resource of the root module and of the
// child modules that were followed, the attributes that stand in its
// ignore_changes, in their order. Resources without any aren't in the map,
// which is never nil.
//
// The address of a resource has no keys of instances, neither its own nor
// those of modules: module.env.heroku_app.web stands for all of them. An
// attribute is spelled with dots between all steps, such as config_vars.FOO
// for config_vars["FOO"] and organization.0.locked for
// organization[0].locked. The keyword all, and its old form ["*"], is "*",
// and nothing else then stands beside it.
//
// Quoted references, as Terraform 0.11 has them and JSON needs them, are read
// like others. What Terraform couldn't read either, such as a function call
// or a splat, gives an [ErrorList] with every such place, and no map.
//
// Source: "The lifecycle Meta-Argument" and "Override Files" in the Terraform
// language's documentation.
func (c *Config) IgnoreChanges() (map[string][]string, error) {
	all := map[string][]string{}
	var faults ErrorList
	// A module that is called often is read once.
	modules := map[*module]map[string][]string{}
	for _, n := range c.nodes {
		if n.mod == nil {
			continue
		}
		changes, ok := modules[n.mod]
		if !ok {
			changes = map[string][]string{}
			for _, b := range n.mod.order {
				if b.kind != "resource" {
					continue
				}
				attributes, errs := c.ignoreChanges(n.mod, b)
				faults = append(faults, errs...)
				if len(attributes) > 0 {
					changes[b.address()] = attributes
				}
			}
			modules[n.mod] = changes
		}
		for address, attributes := range changes {
			all[n.prefix()+address] = slices.Clone(attributes)
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return all, nil
}

// ignoreChanges reads the ignore_changes of a resource. Of several, in
// override files, the last that isn't empty counts, and all wins over others
// (Terraform 1.11, configs, Resource.merge).
func (c *Config) ignoreChanges(m *module, b *block) (attributes []string, faults ErrorList) {
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
		if a.name == "lifecycle" && a.block == "" {
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
			attributes = read
			everything = everything || slices.Contains(read, "*")
		}
	}
	if everything {
		attributes = []string{"*"}
	}
	return attributes, faults
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
			if key, ok := keyString(item.KeyExpr); ok && key == name {
				values = append(values, item.ValueExpr)
			}
		}
	}
	return values
}

var errNoReferences = errors.New(`ignore_changes has to be a list of attributes, or all`)

// ignoreList reads the value of an ignore_changes argument.
func (c *Config) ignoreList(e hclsyntax.Expression) (attributes []string, faults ErrorList) {
	fault := func(e hclsyntax.Expression, err error) {
		p := c.position(e.Range())
		faults = append(faults, &FileError{Name: p.File, Line: p.Line, Column: p.Column, Err: err})
	}
	if text, ok := literalString(e); hcl.ExprAsKeyword(e) == "all" || ok && text == "all" {
		return []string{"*"}, nil
	}
	list, ok := e.(*hclsyntax.TupleConsExpr)
	if !ok {
		fault(e, errNoReferences)
		return nil, faults
	}
	for _, element := range list.Exprs {
		text, quoted := literalString(element)
		if quoted && text == "*" {
			attributes = append(attributes, text)
			continue
		}
		var reference hcl.Traversal
		var diags hcl.Diagnostics
		if quoted {
			reference, diags = hclsyntax.ParseTraversalAbs([]byte(text), "", hcl.InitialPos)
		} else {
			reference, diags = hcl.AbsTraversalForExpr(element)
		}
		spelled, ok := dotted(reference)
		if diags.HasErrors() || !ok {
			fault(element, fmt.Errorf("%w: %s is no attribute", errNoReferences, shorten(c.source(element))))
			continue
		}
		attributes = append(attributes, spelled)
	}
	return attributes, faults
}

// dotted spells a reference with dots between its steps, and reports whether
// all of them are written out.
func dotted(reference hcl.Traversal) (string, bool) {
	if len(reference) == 0 || reference.IsRelative() {
		return "", false
	}
	texts := []string{reference.RootName()}
	for _, s := range steps(reference[1:]) {
		if !s.known || s.kind != stepName {
			return "", false
		}
		texts = append(texts, s.key)
	}
	return strings.Join(texts, "."), true
}
