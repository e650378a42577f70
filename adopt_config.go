package herokutf

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// An adoptWriter writes the configuration of what is adopted, and notes what it refers
// to, which the state has as dependencies.
type adoptWriter struct {
	folder    *adoptFolder
	only      string                     // the one file of all; "": one a home
	byID      map[string]string          // address with its key, of what has an id that others refer to
	spaces    map[string]string          // address of a Private Space by name
	depends   map[string]map[string]bool // by address, what it refers to
	marks     map[string][]string        // by address, attributes that a variable makes sensitive
	body      *hclwrite.Body
	variables []adoptVariable
	values    map[string]any // of the variables of one file
	count     int            // of blocks in the body
}

// An adoptVariable stands for a secret.
type adoptVariable struct{ name, typ, description string }

func newAdoptWriter(folder *adoptFolder, only string) *adoptWriter {
	return &adoptWriter{
		folder: folder, only: only,
		byID: make(map[string]string), spaces: make(map[string]string),
		depends: make(map[string]map[string]bool), marks: make(map[string][]string),
	}
}

// file is the name of the file that a home is written into.
func (w *adoptWriter) file(h *home) string { return cmp.Or(w.only, h.stem()+".tf") }

// know makes what the state of the folder manages known, to be referred to.
func (w *adoptWriter) know(subjects []*subject) {
	for _, s := range subjects {
		inst := s.object.origin.inst
		if s.object.origin.file != w.folder.file || inst.Mode != statefile.Managed || inst.Module != "" || s.deposed() || !provider.IsUUID(s.object.ID) {
			continue
		}
		if x := w.folder; x.config != nil && x.declared[inst.Type+"."+inst.Name].Arguments == nil {
			continue // its block is gone: nothing can refer to it
		}
		if s.res == nil || s.res.ID == "" { // else the id is that of its pipeline or of a user
			w.byID[strings.ToLower(s.object.ID)] = inst.Address()
		}
		if inst.Type == provider.Space {
			w.spaces[provider.Text(s.attrs.Value("name"))] = inst.Address()
		}
	}
	for _, s := range subjects {
		if address := w.byID[strings.ToLower(s.object.ID)]; address != "" {
			for _, v := range s.attrs.tree() {
				if text, ok := v.(string); ok && s.res != nil {
					w.depend(address, w.byID[strings.ToLower(text)])
				}
			}
		}
	}
}

// depend notes that an object refers to another one; "" is none.
func (w *adoptWriter) depend(from, to string) {
	from, _, _ = strings.Cut(from, "[")
	to, _, _ = strings.Cut(to, "[")
	if to == "" || from == to {
		return
	}
	if w.depends[from] == nil {
		w.depends[from] = make(map[string]bool)
	}
	w.depends[from][to] = true
}

// dependencies are all that an object refers to, directly or not, sorted; nil if there
// is nothing.
func (w *adoptWriter) dependencies(address string) []string {
	all := make(map[string]bool)
	var add func(string)
	add = func(from string) {
		for to := range w.depends[from] {
			if !all[to] {
				all[to] = true
				add(to)
			}
		}
	}
	add(address)
	return slices.Sorted(maps.Keys(all))
}

// files writes the files of homes.
func (w *adoptWriter) files(homes []*home) (files []tfconfig.NewFile, pending []string) {
	for _, h := range homes {
		for _, o := range h.objects {
			if provider.IsUUID(o.object.ID) && o.res.ID == "" {
				w.byID[strings.ToLower(o.object.ID)] = o.object.Address
			}
			if o.res.Type == provider.Space {
				w.spaces[h.name] = o.object.Address
			}
		}
	}
	byFile := make(map[string][]*adoptee)
	for _, h := range homes {
		name := w.file(h)
		byFile[name] = append(byFile[name], h.objects...)
		for _, o := range h.objects {
			if o.pending != "" && !slices.Contains(pending, o.pending) {
				pending = append(pending, o.pending)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byFile)) {
		files = append(files, w.write(strings.TrimSuffix(name, ".tf"), byFile[name])...)
	}
	if w.folder.declares && len(files) > 0 {
		files = append(files, tfconfig.NewFile{Name: w.folder.free("file", "heroku", ".tf"), Text: declaration})
	}
	slices.SortFunc(files, func(a, b tfconfig.NewFile) int { return strings.Compare(a.Name, b.Name) })
	return files, pending
}

// declaration declares the provider where nothing does.
const declaration = `terraform {
  required_providers {
    heroku = {
      source  = "heroku/heroku"
      version = "~> 5.3"
    }
  }
}
`

// write writes the configuration of objects, and the values of its variables.
func (w *adoptWriter) write(stem string, objects []*adoptee) []tfconfig.NewFile {
	f := hclwrite.NewEmptyFile()
	w.body, w.variables, w.values, w.count = f.Body(), nil, make(map[string]any), 0
	for _, o := range objects {
		w.object(o)
	}
	var files []tfconfig.NewFile
	if w.count > 0 {
		for _, v := range w.variables {
			w.variable(v)
		}
		files = append(files, tfconfig.NewFile{Name: w.folder.free("file", stem, ".tf"), Text: string(escaped(hclwrite.Format(f.Bytes())))})
	}
	if len(w.values) > 0 {
		var text bytes.Buffer
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		_ = enc.Encode(w.values) // texts alone
		files = append(files, tfconfig.NewFile{Name: w.folder.free("file", stem, ".auto.tfvars.json"), Text: text.String(), Secret: true})
	}
	return files
}

func (w *adoptWriter) block(typ string, labels ...string) *hclwrite.Body {
	if w.count++; w.count > 1 {
		w.body.AppendNewline()
	}
	return w.body.AppendNewBlock(typ, labels).Body()
}

func (w *adoptWriter) variable(v adoptVariable) {
	b := w.block("variable", v.name)
	b.SetAttributeValue("description", cty.StringVal(v.description))
	if tokens, ok := expression(v.typ); ok {
		b.SetAttributeRaw("type", tokens)
	}
	b.SetAttributeValue("sensitive", cty.True)
}

// object writes an object; of one that the configuration has already, it notes what it
// refers to, and the values of its variables.
func (w *adoptWriter) object(o *adoptee) {
	attrs, _ := o.res.Adopted(&o.Adoptee)
	target := &objectWriter{w: w, o: o, attrs: attrs, body: hclwrite.NewEmptyFile().Body()}
	if o.pending == "" {
		if o.object.Import {
			b := w.block("import")
			b.SetAttributeTraversal("to", hcl.Traversal{hcl.TraverseRoot{Name: o.res.Type}, hcl.TraverseAttr{Name: o.name}})
			b.SetAttributeValue("id", cty.StringVal(o.object.ImportID))
		}
		target.body = w.block("resource", o.res.Type, o.name)
		if w.folder.argument != "" {
			if tokens, ok := expression(w.folder.argument); ok {
				target.body.SetAttributeRaw("provider", tokens)
				target.body.AppendNewline()
			}
		}
	}
	target.write()
}

// An objectWriter writes the arguments of one object.
type objectWriter struct {
	w     *adoptWriter
	o     *adoptee
	attrs map[string]any
	body  *hclwrite.Body
}

func (t *objectWriter) write() {
	blocks := make(map[string]*hclwrite.Body)
	for i := range t.o.res.Attrs {
		a := &t.o.res.Attrs[i]
		if v := t.value(a); a.Name == a.Top() && !a.Blocks && a.Written(v) {
			t.argument(t.body, a, a.Name, v)
		}
	}
	for i := range t.o.res.Attrs {
		a := &t.o.res.Attrs[i]
		v := t.value(a)
		switch {
		case !a.Written(v):
		case a.Blocks:
			list, _ := v.([]any)
			for _, e := range list {
				t.body.AppendNewline()
				b := t.body.AppendNewBlock(a.Name, nil).Body()
				members, _ := e.(map[string]any)
				for _, name := range slices.Sorted(maps.Keys(members)) {
					if value, ok := ctyValue(members[name]); ok {
						b.SetAttributeValue(name, value)
					}
				}
			}
		case a.Name != a.Top():
			top, member, _ := strings.Cut(a.Name, ".")
			if blocks[top] == nil {
				t.body.AppendNewline()
				blocks[top] = t.body.AppendNewBlock(top, nil).Body()
			}
			t.argument(blocks[top], a, member, v)
		}
	}
}

// value is what the state has of an attribute, in the first block of those in one.
func (t *objectWriter) value(a *provider.Attr) any {
	top, member, nested := strings.Cut(a.Name, ".")
	if !nested {
		return t.attrs[top]
	}
	list, _ := t.attrs[top].([]any)
	if len(list) == 0 {
		return nil
	}
	return provider.Find(list[0], member)
}

// argument writes an argument: a secret as a variable, an id as a reference, all else as
// it is.
func (t *objectWriter) argument(body *hclwrite.Body, a *provider.Attr, name string, v any) {
	if a.HoldsSecret(v) {
		t.secret(body, a, name, v)
		return
	}
	text, _ := v.(string)
	if t.refer(body, name, t.w.byID[strings.ToLower(text)], "id") || name == "space" && t.refer(body, name, t.w.spaces[text], "name") {
		return
	}
	if value, ok := ctyValue(v); ok {
		body.SetAttributeValue(name, value)
	}
}

// refer writes a reference to an attribute of what has the address; false for none.
func (t *objectWriter) refer(body *hclwrite.Body, name, address, attr string) bool {
	tokens, ok := expression(address + "." + attr)
	if !ok {
		return false
	}
	body.SetAttributeRaw(name, tokens)
	t.w.depend(t.o.object.Address, address)
	return true
}

// secret writes a variable.
func (t *objectWriter) secret(body *hclwrite.Body, a *provider.Attr, name string, v any) {
	stem, description := t.o.secretName(a)
	variable := stem
	if t.o.pending == "" {
		variable = t.w.folder.free("var", stem, "")
		typ := "string"
		switch v.(type) {
		case map[string]any:
			typ = "map(string)"
		case []any:
			typ = "list(string)"
		}
		t.w.variables = append(t.w.variables, adoptVariable{variable, typ, description})
	}
	if !t.w.folder.valued[variable] {
		t.w.values[variable] = v
	}
	if !a.Marked {
		t.w.marks[t.o.object.Address] = append(t.w.marks[t.o.object.Address], a.Name)
	}
	body.SetAttributeTraversal(name, hcl.Traversal{hcl.TraverseRoot{Name: "var"}, hcl.TraverseAttr{Name: variable}})
}

// secretName returns what the variable of an attribute is called, and its description.
func (o *adoptee) secretName(a *provider.Attr) (name, description string) {
	what := strings.TrimPrefix(strings.TrimPrefix(o.res.Type, "heroku_"), "app_")
	attr := strings.TrimPrefix(a.Name, "sensitive_")
	if o.res.Type == provider.App && !a.Secret {
		return o.name + "_" + attr, strings.ToUpper(attr[:1]) + attr[1:] + " of the app " + o.home.name
	}
	if a.ConfigVars() {
		of := map[string]string{provider.App: "app " + o.home.name, provider.Config: "app " + o.home.name}[o.res.Type]
		if of == "" {
			of = "pipeline " + o.home.name + ", stage " + o.Steps["stage"]
		}
		return o.name + "_config_vars", "Config vars of the " + of
	}
	words := strings.ReplaceAll(what, "_", " ")
	title := strings.ToUpper(attr[:1]) + strings.ReplaceAll(attr[1:], "_", " ")
	if attr == "url" {
		title = "URL"
	}
	return o.name + "_" + what + "_" + attr, title + " of a " + words + " of " + o.home.name
}
