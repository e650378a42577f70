package tfconfig

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Provider says how the root module uses a provider.
type Provider struct {
	// Local is the provider's name in the module, and Source the address that
	// required_providers has for it; "" for none there.
	Local, Source string
	// Version is the constraint of required_providers, and Locked the version that
	// the dependency lock file selects; "" for none.
	Version, Locked string
	// Elsewhere is the required_providers block that doesn't have the provider; its
	// File is "" if there is none, or if it has.
	Elsewhere Position
	// Blocks are the provider's blocks in the order of the files; nil if there are
	// none.
	Blocks []ProviderBlock
}

// ProviderBlock is a provider block.
type ProviderBlock struct {
	Position
	Alias string // "" for the default
	// Off are the arguments of its nested blocks that are the literal false, each as
	// BLOCK.ARGUMENT, sorted; nil if there are none.
	Off []string
}

// Provider returns how the root module uses the provider of that type, such as
// "heroku": the one whose source ends with it, or else the one of that name.
func (c *Config) Provider(typ string) Provider {
	p := Provider{Local: typ}
	for _, b := range c.root.mod.order {
		if b.kind == "terraform" {
			c.required(&p, b, typ)
		}
	}
	if p.Source != "" || p.Version != "" {
		p.Elsewhere = Position{}
	}
	for _, b := range c.root.mod.order {
		if b.kind == "provider" && len(b.labels) == 1 && b.labels[0] == p.Local {
			p.Blocks = append(p.Blocks, c.providerBlock(b))
		}
	}
	p.Locked = lockedVersion(c.dir, typ)
	return p
}

// required reads the required_providers of a terraform block.
func (c *Config) required(p *Provider, b *block, typ string) {
	var entries []*attr
	for _, nested := range b.blocks {
		if nested.kind == "required_providers" {
			entries = append(entries, nested.attrs...)
			p.Elsewhere = c.position(nested.rng)
		}
	}
	if a := b.attr("required_providers"); a != nil {
		p.Elsewhere = c.position(a.rng)
		for name, e := range objectMembers(a.expr) {
			entries = append(entries, &attr{name: name, expr: e})
		}
	}
	for _, a := range entries {
		members := objectMembers(a.expr)
		source, _ := literalString(members["source"])
		if a.name != typ && source[strings.LastIndexByte(source, '/')+1:] != typ {
			continue
		}
		p.Local, p.Source = a.name, source
		p.Version, _ = literalString(members["version"])
		if text, ok := literalString(a.expr); ok { // Terraform 0.12
			p.Version = text
		}
	}
}

// objectMembers returns the members of an object that is written out; nil for any other
// expression.
func objectMembers(e hclsyntax.Expression) map[string]hclsyntax.Expression {
	object, ok := e.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return nil
	}
	all := make(map[string]hclsyntax.Expression, len(object.Items))
	for _, item := range object.Items {
		if key, diags := item.KeyExpr.Value(nil); !diags.HasErrors() && key.Type() == cty.String {
			all[key.AsString()] = item.ValueExpr
		}
	}
	return all
}

func (c *Config) providerBlock(b *block) ProviderBlock {
	p := ProviderBlock{Position: c.position(b.rng)}
	if a := b.attr("alias"); a != nil {
		p.Alias, _ = literalString(a.expr)
	}
	off := func(name string, e hclsyntax.Expression) {
		if l, ok := e.(*hclsyntax.LiteralValueExpr); ok && l.Val.Type() == cty.Bool && l.Val.False() {
			p.Off = append(p.Off, name)
		}
	}
	for _, nested := range b.blocks {
		for _, a := range nested.attrs {
			off(nested.kind+"."+a.name, a.expr)
		}
	}
	for _, a := range b.attrs { // JSON has blocks as arguments
		for name, e := range objectMembers(a.expr) {
			off(a.name+"."+name, e)
		}
	}
	slices.Sort(p.Off)
	return p
}

// lockedVersion returns the version of a provider that the dependency lock file of a
// directory selects; "" if it selects none or can't be read.
func lockedVersion(dir, typ string) string {
	data, _ := readSmall(filepath.Join(dir, ".terraform.lock.hcl"))
	f, diags := hclsyntax.ParseConfig(data, "", hcl.InitialPos)
	if diags.HasErrors() {
		return ""
	}
	for _, b := range f.Body.(*hclsyntax.Body).Blocks {
		if b.Type != "provider" || len(b.Labels) != 1 || !strings.HasSuffix(b.Labels[0], "/"+typ) || b.Body.Attributes["version"] == nil {
			continue
		}
		if version, ok := literalString(b.Body.Attributes["version"].Expr); ok {
			return version
		}
	}
	return ""
}

// Declaration is what uses up an address in the root module.
type Declaration struct {
	Position
	// Arguments are the texts of a resource block's arguments as they are written,
	// by name, without those of its nested blocks; nil without a resource block.
	Arguments map[string]string
	Imported  bool // an import block names it
}

// Declared returns the addresses of managed resources that the root module uses up: those
// of its resource blocks, and those that its moved, removed and import blocks name, without
// keys. Never nil.
func (c *Config) Declared() map[string]Declaration {
	all := make(map[string]Declaration)
	for _, b := range c.root.mod.order {
		switch b.kind {
		case "import":
			if to := importTarget(b); to != "" {
				all[to] = Declaration{Position: c.position(b.rng), Imported: true}
			}
			continue
		case "moved", "removed":
		default:
			continue
		}
		for _, a := range b.attrs {
			address, _, _ := strings.Cut(strings.Trim(c.source(a.expr), `"`), "[")
			if a.name == "from" || a.name == "to" {
				all[address] = Declaration{Position: c.position(b.rng)}
			}
		}
	}
	for _, b := range c.root.mod.order {
		if b.kind != "resource" {
			continue
		}
		d := Declaration{c.position(b.rng), make(map[string]string), all[b.address()].Imported}
		for _, a := range b.attrs {
			d.Arguments[a.name] = c.source(a.expr)
		}
		all[b.address()] = d
	}
	return all
}
