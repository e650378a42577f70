package herokutf

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// WriteImports writes a Terraform configuration that adopts the unmanaged
// objects of the report: an import block and a resource for each that can be
// imported, and comments for those that can't. Import blocks need Terraform 1.5.
//
// The resources say what the provider requires, as Heroku has it. Apps, add-ons
// and pipelines of the state are referred to where there is one state and they
// are in its root module; else their ids stand there. No secret is written: a
// drain's or a webhook's URL becomes a variable without a default, which has to
// be set before the plan. The names of the resources are made of the app's name
// and of what people call the object, and don't clash with one another or with
// those in the states. With [DriftOptions.Config] the name of an app's resource stands for
// the app's, and nothing clashes with or refers to what isn't in the configuration. The
// objects have the order of the report.
//
// The text is written at once; with nothing to adopt it is a comment. A report that is
// nil is an error.
func (r *DriftReport) WriteImports(w io.Writer) error {
	if r == nil {
		return fmt.Errorf("write the import blocks: %w", errNoReport)
	}
	b := newImportBuilder(r)
	for i := range r.Objects {
		if o := &r.Objects[i]; o.Verdict == Unmanaged {
			b.add(o)
		}
	}
	if _, err := w.Write(b.finish()); err != nil {
		return fmt.Errorf("write the import blocks: %w", err)
	}
	return nil
}

// An importBuilder makes a configuration.
type importBuilder struct {
	file      *hclwrite.File
	taken     map[string]bool     // addresses without keys
	managed   map[string]string   // address by id, of what can be referred to
	config    *tfconfig.Config    // nil: none is known
	byApp     map[string][]string // config vars
	variables []importVariable
	count     int
}

// An importVariable stands for a secret. A value that is sensitive where the
// provider's schema doesn't have it so would be a change to Terraform.
type importVariable struct {
	name      string
	sensitive bool
}

func newImportBuilder(r *DriftReport) *importBuilder {
	b := &importBuilder{
		file:    hclwrite.NewEmptyFile(),
		config:  r.config,
		taken:   make(map[string]bool),
		managed: make(map[string]string),
		byApp:   make(map[string][]string),
	}
	for _, f := range r.states {
		for inst := range f.Instances() {
			b.taken[inst.Type+"."+inst.Name] = true
			id, ok := inst.Attr("id")
			if ok && len(r.states) == 1 && inst.Module == "" && inst.Deposed == "" && inst.Mode == statefile.Managed && lookup(inst) != nil && b.has(inst.Address()) {
				b.managed[id.Text()] = inst.Address()
			}
		}
	}
	return b
}

// has reports whether the configuration has an address, as far as one is known.
func (b *importBuilder) has(address string) bool {
	if b.config == nil {
		return true
	}
	_, ok := b.config.Position(address, false)
	return ok
}

// add adds an object.
func (b *importBuilder) add(o *DriftObject) {
	if o.Type == provider.Config {
		b.byApp[o.App] = append(b.byApp[o.App], o.Label)
		return
	}
	res, ok := provider.Lookup(provider.Managed, o.Type)
	if !ok || o.origin == nil || o.origin.element == nil || o.ImportID == "" {
		return
	}
	name := b.name(o)
	body := b.file.Body()
	if b.count++; b.count > 1 {
		body.AppendNewline()
	}
	to := hcl.Traversal{hcl.TraverseRoot{Name: o.Type}, hcl.TraverseAttr{Name: name}}
	block := body.AppendNewBlock("import", nil).Body()
	block.SetAttributeTraversal("to", to)
	block.SetAttributeValue("id", cty.StringVal(o.ImportID))
	body.AppendNewline()
	b.resource(body.AppendNewBlock("resource", []string{o.Type, name}).Body(), res, o, name)
}

// resource writes what a configuration for the object has to say.
func (b *importBuilder) resource(body *hclwrite.Body, res *provider.Resource, o *DriftObject, name string) {
	shape := &res.UUIDs
	if !o.origin.byUUID {
		shape = &res.Names
	}
	view := &provider.View{Own: o.origin.element, App: o.origin.live}
	app := ""
	for i := range res.Attrs {
		attr := &res.Attrs[i]
		switch {
		case !attr.Argument:
		case attr.As == provider.AppReference:
			// Up to provider 4 a coupling has app_id beside its app.
			if ref := shape.Ref(attr.Name); ref != nil && app == "" {
				app = attr.Name
				if res.ImportsUUID && !o.origin.byUUID && o.origin.appID != "" {
					b.referUUID(body, attr.Name, o)
				} else {
					b.refer(body, attr.Name, o.origin.appRef)
				}
			}
		case attr.Secret:
			variable := name + "_" + attr.Name
			b.variables = append(b.variables, importVariable{variable, !attr.Open})
			body.SetAttributeTraversal(attr.Name, hcl.Traversal{hcl.TraverseRoot{Name: "var"}, hcl.TraverseAttr{Name: variable}})
		default:
			// What the state would have to have doesn't count before there is one.
			read := *attr
			read.If &^= provider.IfSet | provider.IfKept
			if !view.Holds(&read, &attributes{}) {
				continue
			}
			v := view.Value(attr)
			if id, ok := v.(string); ok && strings.HasSuffix(attr.Path(), ".id") {
				b.refer(body, attr.Name, id)
			} else if value, ok := ctyValue(v); ok {
				body.SetAttributeValue(attr.Name, value)
			}
		}
	}
}

// refer sets an attribute to a text, or to a reference to what has it as id.
func (b *importBuilder) refer(body *hclwrite.Body, attr, text string) {
	if address := b.managed[text]; address != "" {
		if tokens, ok := expression(address + ".id"); ok {
			body.SetAttributeRaw(attr, tokens)
			return
		}
	}
	body.SetAttributeValue(attr, cty.StringVal(text))
}

// referUUID is refer for the UUID of the object's app, where the state knows it
// by name.
func (b *importBuilder) referUUID(body *hclwrite.Body, attr string, o *DriftObject) {
	if address := b.managed[o.origin.appRef]; address != "" {
		if tokens, ok := expression(address + ".uuid"); ok {
			body.SetAttributeRaw(attr, tokens)
			return
		}
	}
	body.SetAttributeValue(attr, cty.StringVal(o.origin.appID))
}

// expression returns the tokens of an expression.
func expression(text string) (hclwrite.Tokens, bool) {
	if _, diags := hclsyntax.ParseExpression([]byte(text), "", hcl.InitialPos); diags.HasErrors() {
		return nil, false
	}
	f, diags := hclwrite.ParseConfig([]byte("x = "+text+"\n"), "", hcl.InitialPos)
	if diags.HasErrors() {
		return nil, false
	}
	return f.Body().GetAttribute("x").Expr().BuildTokens(nil), true
}

// ctyValue is a value of JSON as Terraform's language has it; false for null and
// for objects, which no argument takes.
func ctyValue(v any) (cty.Value, bool) {
	switch v := v.(type) {
	case bool:
		return cty.BoolVal(v), true
	case []any:
		var elements []cty.Value
		for _, e := range v {
			if value, ok := ctyValue(e); ok {
				elements = append(elements, value)
			}
		}
		if elements == nil {
			return cty.EmptyTupleVal, true
		}
		return cty.TupleVal(elements), true
	case string:
		return cty.StringVal(v), true
	}
	if number, err := cty.ParseNumberVal(provider.Text(v)); err == nil {
		return number, true
	}
	return cty.NilVal, false
}

// name makes a name for the resource that is not taken.
func (b *importBuilder) name(o *DriftObject) string {
	app := o.App
	if address := b.managed[o.origin.appRef]; b.config != nil && !strings.HasSuffix(address, "]") {
		_, name, ok := strings.Cut(address, ".")
		if ok {
			app = name
		}
	}
	name := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '_'
	}, app+"_"+o.Label), "_")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "app_" + name
	}
	free := name
	for n := 2; b.taken[o.Type+"."+free] || b.config != nil && b.has(o.Type+"."+free); n++ {
		free = fmt.Sprintf("%s_%d", name, n)
	}
	b.taken[o.Type+"."+free] = true
	return free
}

// finish returns the text, with what it is on top.
func (b *importBuilder) finish() []byte {
	var out bytes.Buffer
	out.WriteString("# What the apps have on Heroku and no state manages.\n")
	if b.count == 0 {
		out.WriteString("# There is nothing that can be imported.\n")
	} else {
		out.WriteString("# Review it: terraform plan must say \"import\" and nothing else.\n")
	}
	for _, app := range slices.Sorted(maps.Keys(b.byApp)) {
		fmt.Fprintf(&out, "#\n# Config vars of %s can't be imported; manage them with heroku_app_config_association:\n", comment(app))
		for _, key := range b.byApp[app] {
			fmt.Fprintf(&out, "#   %s\n", comment(key))
		}
	}
	for _, v := range b.variables {
		if v.sensitive {
			fmt.Fprintf(&out, "\nvariable %q {\n  type      = string\n  sensitive = true\n}\n", v.name)
		} else {
			fmt.Fprintf(&out, "\nvariable %q {\n  type = string\n}\n", v.name)
		}
	}
	if b.count > 0 {
		out.WriteByte('\n')
		out.Write(escaped(hclwrite.Format(b.file.Bytes())))
	}
	return out.Bytes()
}

// comment is a text from outside for a comment, which a line break would end, and which
// people read in a terminal.
func comment(s string) string { return printable.Text(s) }

// escaped returns a configuration with what a terminal or an editor would not show as it
// is in the form that HCL's quoted texts have for it.
func escaped(text []byte) []byte {
	var b bytes.Buffer
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == '\n' || strconv.IsPrint(r):
			b.Write(text[:size])
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		text = text[size:]
	}
	return b.Bytes()
}
