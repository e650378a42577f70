package statefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// indexer goes through the text once, from token to token where the structure
// of a state is, and over whole values where it isn't. The decoder checks all
// of the text on the way.
type indexer struct {
	f    *File
	dec  *jsontext.Decoder
	base int // offset of the decoder's first byte: what a byte order mark takes
	seen map[string]string

	// What the root says, whatever version it turns out to be: the version may
	// come last.
	version, encrypted, encryption, sops, backend, format, planned span
	lineage, terraform                                             span
	v3, v4                                                         content
}

// content is what one version of the format makes of the document.
type content struct {
	instances []Instance
	outputs   []outputs
	malformed error // the first fault in the structure
}

func index(name string, data []byte) (*File, error) {
	x := &indexer{f: &File{name: name, data: data}, seen: make(map[string]string)}
	text := bytes.TrimPrefix(data, bom)
	x.base = len(data) - len(text)
	// The decoder reads straight from the buffer's slice.
	x.dec = jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true))
	if err := x.document(); err != nil {
		return nil, x.fault(err)
	}
	if err := x.classify(); err != nil {
		return nil, err
	}
	return x.f, nil
}

// errMore is about a second value after the root.
var errMore = errors.New("more text after the end of the state")

// fault turns an error of the decoder into ours.
func (x *indexer) fault(err error) error {
	name, data := x.f.name, x.f.data
	if err := conflict(name, data); err != nil {
		return err
	}
	e := &SyntaxError{Name: name, Offset: x.at(), Problem: err.Error(),
		Hint: "Terraform can't read this file either. Restore a backup, or mend the text at this place."}
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		e.Offset = x.base + int(syntactic.ByteOffset)
		e.Problem = syntactic.Err.Error()
		// The decoder quotes what it takes for an escape, and up to eleven
		// characters after the one at fault with it.
		for _, problem := range []string{"invalid escape sequence", "invalid surrogate pair"} {
			if strings.HasPrefix(e.Problem, problem) {
				e.Problem = problem + " in a string"
			}
		}
		if e.Problem == "invalid UTF-8" || strings.HasPrefix(e.Problem, "invalid surrogate pair") {
			e.Hint = "Terraform reads U+FFFD in its place, and writes that with its next change of the state. Mend the text at this place first."
		}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		e.Truncated = true
		e.Offset = len(data)
		e.Problem = "the text ends in the middle"
		e.Hint = "The file is truncated: a write was interrupted, or a download. Restore a backup or pull the state again; don't complete it by hand."
	}
	e.Line, e.Col = position(data, e.Offset)
	return e
}

// document reads the whole text.
func (x *indexer) document() (err error) {
	if x.dec.PeekKind() == '{' {
		x.f.root, err = x.object(x.rootMember)
	} else {
		x.f.root, err = x.skip()
	}
	if err != nil {
		return err
	}
	if _, err = x.dec.ReadToken(); err == nil {
		return errMore
	} else if err != io.EOF {
		return err
	}
	return nil
}

// classify decides from the members of the root what the document is.
func (x *indexer) classify() error {
	f := x.f
	fault := func(kind FormatKind, problem, hint string) error {
		return &FormatError{Kind: kind, Name: f.name, Problem: problem, Hint: hint}
	}
	kind := func(s span) Kind {
		if s.none() {
			return 0
		}
		return kindOf(f.data[s.start])
	}
	version := string(x.version.of(f.data))
	switch {
	case kind(f.root) != Object:
		return fault(KindOther, "JSON, but no object: not a Terraform state", "Give the path of a state file, such as terraform.tfstate.")
	case kind(x.encrypted) == String && !x.encryption.none():
		return fault(KindEncrypted, "a state that OpenTofu encrypted",
			"Only OpenTofu can decrypt it: pipe it through tofu state pull and tofu state push.")
	case kind(x.sops) == Object:
		return fault(KindSOPS, "a file that SOPS encrypted", "Decrypt it with sops first, and encrypt the outcome again.")
	case version == "3" && kind(x.backend) == Object:
		return fault(KindBackend, "a record of the backend in use, not a state",
			"The file in .terraform only says where the state is kept. Fetch the state with terraform state pull.")
	case x.version.none() && kind(x.format) == String && !x.planned.none():
		return fault(KindShowJSON, "a plan as terraform show -json prints it, not a state",
			"That output can't be turned back into a state. Fetch the state with terraform state pull.")
	case x.version.none() && kind(x.format) == String:
		return fault(KindShowJSON, "output of terraform show -json, not a state",
			"That output can't be turned back into a state. Fetch the state with terraform state pull.")
	case x.version.none():
		return fault(KindOther, "JSON without a version: not a Terraform state", "Give the path of a state file, such as terraform.tfstate.")
	case kind(x.version) != Number || strings.ContainsAny(version, ".eE-"):
		return x.wrong("version", x.version, "a whole number")
	case version == "1" || version == "2":
		return fault(KindOldVersion, "a state of version "+version+", which Terraform before 0.7 wrote",
			"Let Terraform 0.12 or newer rewrite it: run terraform init and terraform apply -refresh-only, or terraform refresh, and try again.")
	case version == "0":
		return fault(KindOther, "version 0 is no version of a Terraform state", "Give the path of a state file, such as terraform.tfstate.")
	case version != "3" && version != "4":
		if len(version) > 20 {
			version = version[:20] + "..."
		}
		return fault(KindNewVersion, "a state of version "+version+", newer than this program knows", "Look for a newer version of this program.")
	}
	for _, serial := range f.serials {
		if k := kind(serial); k == Null {
			continue
		} else if k != Number || bytes.ContainsAny(serial.of(f.data), ".eE") {
			return x.wrong("serial", serial, "a whole number")
		}
	}
	f.version = version
	for _, text := range []struct {
		name string
		at   span
		into *string
	}{{"lineage", x.lineage, &f.lineage}, {"terraform_version", x.terraform, &f.terraform}} {
		switch kind(text.at) {
		case String:
			*text.into = unquote(text.at.of(f.data))
		case 0, Null:
		default:
			return x.wrong(text.name, text.at, "a string")
		}
	}
	read := x.v4
	if version == "3" {
		read = x.v3
	}
	if read.malformed != nil {
		return read.malformed
	}
	f.instances, f.outputs = read.instances, read.outputs
	return nil
}

// wrong returns the error about something of the wrong kind.
func (x *indexer) wrong(what string, at span, want string) error {
	e := &FormatError{Kind: KindMalformed, Name: x.f.name,
		Problem: fmt.Sprintf("%s is not %s", what, want),
		Hint:    "Terraform can't read this file either. Restore a backup, or mend the text at this place."}
	e.Line, e.Col = position(x.f.data, at.start)
	return e
}

// at returns the offset of the end of what was read last.
func (x *indexer) at() int { return x.base + int(x.dec.InputOffset()) }

// skip reads a whole value.
func (x *indexer) skip() (span, error) {
	v, err := x.dec.ReadValue()
	if err != nil {
		return span{}, err
	}
	end := x.at()
	return span{end - len(v), end}, nil
}

// object reads an object and calls member at each value, which has to read it.
func (x *indexer) object(member func(name span) error) (span, error) {
	if _, err := x.dec.ReadToken(); err != nil {
		return span{}, err
	}
	v := span{start: x.at() - 1}
	for x.dec.PeekKind() != '}' {
		name, err := x.skip()
		if err != nil {
			return v, err
		}
		if err := member(name); err != nil {
			return v, err
		}
	}
	_, err := x.dec.ReadToken()
	v.end = x.at()
	return v, err
}

// array reads an array and calls element at each value, which has to read it.
func (x *indexer) array(element func() error) (span, error) {
	if _, err := x.dec.ReadToken(); err != nil {
		return span{}, err
	}
	v := span{start: x.at() - 1}
	for x.dec.PeekKind() != ']' {
		if err := element(); err != nil {
			return v, err
		}
	}
	_, err := x.dec.ReadToken()
	v.end = x.at()
	return v, err
}

// expect reads a value. If it is null or of another kind, it is skipped and ok
// is false; another kind is noted as malformed.
func (x *indexer) expect(c *content, what string, want Kind) (ok bool, err error) {
	kind := kindOf(byte(x.dec.PeekKind()))
	if kind == want {
		return true, nil
	}
	v, err := x.skip()
	if err == nil && kind != Null && c.malformed == nil {
		c.malformed = x.wrong(what, v, [...]string{Number: "a number", String: "a string", Object: "an object", Array: "a list"}[want])
	}
	return false, err
}

// into reads a value into a span, leaving null out.
func (x *indexer) into(c *content, what string, want Kind, s *span) error {
	*s = span{}
	ok, err := x.expect(c, what, want)
	if ok {
		*s, err = x.skip()
	}
	return err
}

// text reads a string that many instances share.
func (x *indexer) text(c *content, what string, s *string) error {
	var at span
	err := x.into(c, what, String, &at)
	if err == nil && !at.none() {
		*s = x.share(at)
	}
	return err
}

// name reads the name of a resource, which few instances share.
func (x *indexer) name(c *content, s *string) error {
	var at span
	err := x.into(c, "name", String, &at)
	if err == nil && !at.none() {
		*s = unquote(at.of(x.f.data))
	}
	return err
}

// instance notes an instance. Where there is no more room, it is made for as
// many as the text will have if it goes on like this: growing step by step
// would take several times the memory in the end.
func (x *indexer) instance(c *content, i Instance) {
	if n := len(c.instances); n == cap(c.instances) {
		expected := int(float64(n) * float64(len(x.f.data)) / float64(x.at()) * 1.02)
		c.instances = slices.Grow(c.instances, max(4, min(expected-n, 8*n)))
	}
	c.instances = append(c.instances, i)
}

// share returns the text of a string, always the same copy of it.
func (x *indexer) share(at span) string {
	raw := at.of(x.f.data)
	s, ok := x.seen[string(raw)]
	if !ok {
		s = unquote(raw)
		x.seen[string(raw)] = s
	}
	return s
}

// field returns which of the fields a member is, or "" for none of them.
func (x *indexer) field(name span, fields ...string) string {
	raw := name.of(x.f.data)
	for _, field := range fields {
		if len(raw) == len(field)+2 && string(raw[1:len(raw)-1]) == field {
			return field
		}
	}
	for _, field := range fields {
		if isField(raw, field) {
			return field
		}
	}
	return ""
}

// isField reports whether encoding/json takes a member for a field of a struct,
// by the JSON of its name and the field's: exactly, or in any case of letters.
func isField(raw []byte, field string) bool {
	// Nearly all names differ in length or in the last letter. Only escapes,
	// and the two letters outside ASCII that fold into it, make a longer name
	// the same.
	switch last := raw[len(raw)-2]; {
	case len(raw) < len(field)+2:
		return false
	case len(raw) > len(field)+2:
		return bytes.ContainsFunc(raw, func(r rune) bool { return r == '\\' || r >= utf8.RuneSelf }) &&
			strings.EqualFold(unquote(raw), field)
	case last < utf8.RuneSelf && last|0x20 != field[len(field)-1]:
		return false
	}
	return strings.EqualFold(string(raw[1:len(raw)-1]), field)
}

var rootFields = []string{"version", "terraform_version", "serial", "lineage", "outputs", "resources", "modules",
	"backend", "encrypted_data", "encryption_version", "sops", "format_version", "planned_values"}

func (x *indexer) rootMember(name span) error {
	read := func(s *span) (err error) {
		*s, err = x.skip()
		return err
	}
	switch x.field(name, rootFields...) {
	case "version":
		err := read(&x.version)
		x.f.versionAt = Member{Value: Value{x.f, x.version}, name: name}
		return err
	case "serial":
		v, err := x.skip()
		x.f.serials = append(x.f.serials, v)
		return err
	case "terraform_version":
		return read(&x.terraform)
	case "lineage":
		return read(&x.lineage)
	case "backend":
		return read(&x.backend)
	case "encrypted_data":
		return read(&x.encrypted)
	case "encryption_version":
		return read(&x.encryption)
	case "sops":
		return read(&x.sops)
	case "format_version":
		return read(&x.format)
	case "planned_values":
		return read(&x.planned)
	case "outputs":
		var v span
		err := x.into(&x.v4, "outputs", Object, &v)
		x.v4.outputs = nil
		if !v.none() {
			x.v4.outputs = []outputs{{at: v}}
		}
		return err
	case "resources":
		x.v4.instances = x.v4.instances[:0]
		if ok, err := x.expect(&x.v4, "resources", Array); !ok {
			return err
		}
		_, err := x.array(x.resource4)
		return err
	case "modules":
		x.v3.instances, x.v3.outputs = x.v3.instances[:0], nil
		if ok, err := x.expect(&x.v3, "modules", Array); !ok {
			return err
		}
		_, err := x.array(x.module3)
		return err
	}
	_, err := x.skip()
	return err
}

var resourceFields = []string{"mode", "type", "name", "provider", "instances", "module"}

// resource4 reads an element of resources. What it says of all its instances
// may come after them.
func (x *indexer) resource4() error {
	c := &x.v4
	if ok, err := x.expect(c, "a resource", Object); !ok {
		return err
	}
	from := len(c.instances)
	var r Instance
	var mode string
	_, err := x.object(func(name span) error {
		switch x.field(name, resourceFields...) {
		case "mode":
			return x.text(c, "mode", &mode)
		case "type":
			return x.text(c, "type", &r.Type)
		case "name":
			return x.name(c, &r.Name)
		case "provider":
			return x.text(c, "provider", &r.Provider)
		case "module":
			return x.text(c, "module", &r.Module)
		case "instances":
			c.instances = c.instances[:from]
			if ok, err := x.expect(c, "instances", Array); !ok {
				return err
			}
			_, err := x.array(x.instance4)
			return err
		}
		_, err := x.skip()
		return err
	})
	for i := from; i < len(c.instances); i++ {
		instance := &c.instances[i]
		instance.Module, instance.Mode, instance.Type, instance.Name = r.Module, Mode(mode), r.Type, r.Name
		if instance.Provider == "" {
			instance.Provider = r.Provider
		}
	}
	return err
}

// instanceFields ends with fields that are passed over: names that are known
// need no look at other spellings.
var instanceFields = []string{"schema_version", "attributes", "index_key", "deposed", "provider", "attributes_flat",
	"sensitive_attributes", "private", "dependencies", "identity", "create_before_destroy"}

func (x *indexer) instance4() error {
	c := &x.v4
	if ok, err := x.expect(c, "an instance", Object); !ok {
		return err
	}
	i := Instance{file: x.f}
	hasJSON := false
	var flat, key span
	var err error
	i.object, err = x.object(func(name span) error {
		switch x.field(name, instanceFields...) {
		case "schema_version":
			return x.into(c, "schema_version", Number, &i.schema)
		case "attributes":
			// Terraform ignores attributes_flat as soon as there are
			// attributes, be they null.
			hasJSON = true
			return x.into(c, "attributes", Object, &i.attributes)
		case "attributes_flat":
			return x.into(c, "attributes_flat", Object, &flat)
		case "index_key":
			var err error
			key, err = x.skip()
			return err
		case "deposed":
			return x.text(c, "deposed", &i.Deposed)
		case "provider":
			return x.text(c, "provider", &i.Provider)
		}
		_, err := x.skip()
		return err
	})
	if err != nil {
		return err
	}
	if !hasJSON && !flat.none() {
		i.flat, i.attributes = true, flat
	}
	if !i.schema.none() {
		i.SchemaVersion = x.number(c, "schema_version", i.schema, string(i.schema.of(x.f.data)))
	}
	if !key.none() {
		i.Key = x.key(c, key)
	}
	x.instance(c, i)
	return nil
}

func (x *indexer) number(c *content, what string, at span, text string) int {
	n, err := strconv.Atoi(text)
	if (err != nil || n < 0) && c.malformed == nil {
		c.malformed = x.wrong(what, at, "a whole number")
	}
	return n
}

// key reads an index_key as Terraform does: a number through a float64.
func (x *indexer) key(c *content, at span) Key {
	raw := at.of(x.f.data)
	switch kindOf(raw[0]) {
	case String:
		return StringKey(unquote(raw))
	case Number:
		if n, err := strconv.Atoi(string(raw)); err == nil {
			return IntKey(n)
		}
		if n, err := strconv.ParseFloat(string(raw), 64); err == nil && math.Abs(n) < 1<<53 {
			return IntKey(int(n))
		}
	case Null:
		return Key{}
	}
	if c.malformed == nil {
		c.malformed = x.wrong("index_key", at, "a number or a string")
	}
	return Key{}
}

// module3 reads an element of modules. Its path may come after its resources.
func (x *indexer) module3() error {
	c := &x.v3
	if ok, err := x.expect(c, "a module", Object); !ok {
		return err
	}
	from, fromOutputs := len(c.instances), len(c.outputs)
	module := ""
	_, err := x.object(func(name span) error {
		switch x.field(name, "path", "outputs", "resources") {
		case "path":
			module = ""
			if ok, err := x.expect(c, "path", Array); !ok {
				return err
			}
			depth := 0
			_, err := x.array(func() error {
				var step string
				err := x.text(c, "a step of path", &step)
				// The first step is "root".
				if depth++; depth > 1 {
					if module != "" {
						module += "."
					}
					module += "module." + step
				}
				return err
			})
			return err
		case "outputs":
			var v span
			err := x.into(c, "outputs", Object, &v)
			if !v.none() {
				c.outputs = append(c.outputs, outputs{at: v})
			}
			return err
		case "resources":
			if ok, err := x.expect(c, "resources", Object); !ok {
				return err
			}
			_, err := x.object(x.resource3)
			return err
		}
		_, err := x.skip()
		return err
	})
	for i := from; i < len(c.instances); i++ {
		c.instances[i].Module = module
	}
	for i := fromOutputs; i < len(c.outputs); i++ {
		c.outputs[i].module = module
	}
	return err
}

// resource3 reads a member of a module's resources.
func (x *indexer) resource3(address span) error {
	c := &x.v3
	if ok, err := x.expect(c, "a resource", Object); !ok {
		return err
	}
	r, ok := legacyAddress(unquote(address.of(x.f.data)))
	if !ok && c.malformed == nil {
		c.malformed = x.wrong("the name of a resource", address, "an address such as type.name or data.type.name.0")
	}
	from := len(c.instances)
	// Of duplicates, the last one is read.
	forget := func(deposed bool) {
		kept := slices.DeleteFunc(c.instances[from:], func(i Instance) bool { return (i.Deposed != "") == deposed })
		c.instances = c.instances[:from+len(kept)]
	}
	_, err := x.object(func(name span) error {
		switch x.field(name, "primary", "deposed", "provider") {
		case "provider":
			return x.text(c, "provider", &r.Provider)
		case "primary":
			forget(false)
			return x.instance3("")
		case "deposed":
			forget(true)
			if ok, err := x.expect(c, "deposed", Array); !ok {
				return err
			}
			n := 0
			_, err := x.array(func() error {
				err := x.instance3("#" + strconv.Itoa(n))
				n++
				return err
			})
			return err
		}
		_, err := x.skip()
		return err
	})
	for i := from; i < len(c.instances); i++ {
		instance := &c.instances[i]
		instance.Mode, instance.Type, instance.Name, instance.Key, instance.Provider = r.Mode, r.Type, r.Name, r.Key, r.Provider
	}
	return err
}

// legacyAddress takes apart the address of a resource in version 3, as
// Terraform 0.12 and newer do (statefile, parseLegacyResourceAddress).
func legacyAddress(address string) (Instance, bool) {
	parts := strings.Split(address, ".")
	i := Instance{Mode: Managed}
	if len(parts) > 2 && parts[0] == "data" {
		i.Mode, parts = Data, parts[1:]
	}
	if len(parts) < 2 || len(parts) > 3 {
		return i, false
	}
	i.Type, i.Name = parts[0], parts[1]
	if len(parts) == 3 {
		n, err := strconv.ParseInt(parts[2], 0, 0)
		if err != nil {
			return i, false
		}
		i.Key = IntKey(int(n))
	}
	return i, true
}

func (x *indexer) instance3(deposed string) error {
	c := &x.v3
	if ok, err := x.expect(c, "an instance", Object); !ok {
		return err
	}
	i := Instance{file: x.f, v3: true, flat: true, Deposed: deposed}
	var err error
	i.object, err = x.object(func(name span) error {
		switch x.field(name, "id", "attributes", "meta") {
		case "id":
			i.idName = name
			return x.into(c, "id", String, &i.id)
		case "attributes":
			return x.into(c, "attributes", Object, &i.attributes)
		case "meta":
			if ok, err := x.expect(c, "meta", Object); !ok {
				return err
			}
			_, err := x.object(func(name span) error {
				v, err := x.skip()
				if err == nil && unquotesTo(name.of(x.f.data), "schema_version") && x.f.data[v.start] != 'n' {
					i.schema = v
				}
				return err
			})
			return err
		}
		_, err := x.skip()
		return err
	})
	if err == nil && !i.schema.none() {
		i.SchemaVersion = x.number(c, "schema_version", i.schema, (Value{x.f, i.schema}).Text())
	}
	x.instance(c, i)
	return err
}
