package statefile

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// NewInstance is an object that a state of version 4 is to get, by
// [InsertInstance]. It prints and logs as its address, since the attributes may be
// secrets.
type NewInstance struct {
	Module string // address of the module with its keys, "" for the root
	Mode   Mode   // "" stands for Managed
	Type   string // such as "heroku_app"
	Name   string // of the resource in the configuration
	Key    Key    // of count or for_each; the zero Key for a resource with neither
	// Provider is the provider's address as the file spells it, such as
	// provider["registry.terraform.io/heroku/heroku"]. It must not be "": Terraform
	// passes over such a resource without a word.
	Provider string

	SchemaVersion int
	// Attributes is the JSON object of the attributes, with the names in the order
	// that they are to stand in; Terraform sorts them. Its text is kept but for
	// white space.
	Attributes []byte
	// Sensitive is the JSON array of sensitive_attributes; nil stands for an empty
	// one.
	Sensitive []byte
	// Private is the provider's private data in base64; "" leaves it out.
	Private string
	// Dependencies are addresses of resources, which Terraform sorts; nil leaves
	// them out.
	Dependencies []string
}

// Address returns the address of the instance, as [Instance.Address] does.
func (i NewInstance) Address() string { return i.identity().Address() }

// identity is an instance of the same address.
func (i *NewInstance) identity() *Instance {
	return &Instance{Module: i.Module, Mode: cmp.Or(i.Mode, Managed), Type: i.Type, Name: i.Name, Key: i.Key,
		Provider: i.Provider, SchemaVersion: i.SchemaVersion}
}

// Format prints the address, whatever the verb.
func (i NewInstance) Format(s fmt.State, _ rune) {
	io.WriteString(s, "statefile.NewInstance("+i.Address()+")")
}

// LogValue returns the address, for slog.
func (i NewInstance) LogValue() slog.Value { return slog.StringValue(i.Address()) }

// New returns the state, of version 4, that stands for no state at all: without
// resources and outputs, with serial 0 and a new lineage. [File.Apply] raises the
// serial to 1, which is that of the first state that Terraform writes. The name
// serves messages only; terraformVersion, such as 1.11.4, is what the file says
// wrote it, and must be a version.
func New(name, terraformVersion string) *File {
	text := fmt.Appendf(nil, "{\n  \"version\": 4,\n  \"terraform_version\": %s,\n  \"serial\": 0,\n  \"lineage\": %s,\n"+
		"  \"outputs\": {},\n  \"resources\": [],\n  \"check_results\": null\n}\n", encode(terraformVersion), encode(newUUID()))
	f, err := index(name, text)
	if err != nil {
		panic("statefile: an empty state is none: " + err.Error())
	}
	return f
}

// InsertInstance puts a new instance into a state of version 4. If the file has its
// resource it becomes a further instance of that, else the resource is inserted with
// it: where Terraform would sort it, by module, mode (data first), type and name, and
// instances by key; in a file of another order before the first that sorts behind it.
// It is indented as its neighbours are, and nothing else changes.
//
// [File.Apply] refuses an address that the state has or that is inserted twice, an
// instance that lacks something, a resource that is there with another provider, and a
// state of version 3: Terraform 0.12 or newer rewrites that one first.
func InsertInstance(f *File, i NewInstance) Edit {
	i.Attributes, i.Sensitive, i.Dependencies = slices.Clone(i.Attributes), slices.Clone(i.Sensitive), slices.Clone(i.Dependencies)
	i.Mode = cmp.Or(i.Mode, Managed)
	return Edit{&edit{op: insertInstance, file: f, replacement: &replacement{instance: &i}}}
}

// RemoveInstance takes an instance out of a state of version 4, and its resource with
// the last one: the reverse of [InsertInstance], to the byte but for the serial.
func RemoveInstance(i *Instance) Edit {
	return Edit{&edit{op: removeInstance, file: i.file, at: i.object, replacement: new(replacement)}}
}

// fault says what is wrong with a new instance, or returns "".
func (i *NewInstance) fault() string {
	valid := func(raw []byte, kind jsontext.Kind) bool {
		v := jsontext.Value(raw)
		return v.IsValid(jsontext.AllowDuplicateNames(true)) && v.Kind() == kind
	}
	for _, s := range append([]string{i.Module, i.Type, i.Name, i.Provider, i.Private, i.Key.text}, i.Dependencies...) {
		if !utf8.ValidString(s) {
			return "it has text that is not valid UTF-8"
		}
	}
	switch {
	case i.Type == "" || i.Name == "":
		return "it has no type or no name"
	case i.Mode != Managed && i.Mode != Data:
		return fmt.Sprintf("mode %q is neither %s nor %s", i.Mode, Managed, Data)
	case i.Module != "" && !strings.HasPrefix(i.Module, "module."):
		return fmt.Sprintf("%q is no address of a module", i.Module)
	case i.Provider == "":
		return "it has no provider, and Terraform would pass over it"
	case i.SchemaVersion < 0:
		return "its schema version is negative"
	case !valid(i.Attributes, '{'):
		return "its attributes are no JSON object"
	case i.Sensitive != nil && !valid(i.Sensitive, '['):
		return "its sensitive attributes are no JSON array"
	}
	return ""
}

// is reports whether an instance of a state is this one.
func (i *NewInstance) is(j *Instance) bool {
	id := i.identity()
	if !id.same(j) || id.Provider != j.Provider || id.SchemaVersion != j.SchemaVersion {
		return false
	}
	want, got := jsontext.Value(slices.Clone(i.Attributes)), jsontext.Value(slices.Clone(j.Attributes().Raw()))
	return want.Compact(jsontext.AllowDuplicateNames(true)) == nil && got.Compact(jsontext.AllowDuplicateNames(true)) == nil &&
		string(want) == string(got)
}

// object returns the JSON of the instance, in the order that Terraform writes it in
// (1.11, statefile, instanceObjectStateV4).
func (i *NewInstance) object() []byte {
	text := []byte{'{'}
	member := func(name string, raw []byte) {
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = append(append(append(text, encode(name)...), ':'), raw...)
	}
	if n, ok := i.Key.Int(); ok {
		member("index_key", []byte(strconv.Itoa(n)))
	} else if s, ok := i.Key.Str(); ok {
		member("index_key", encode(s))
	}
	member("schema_version", []byte(strconv.Itoa(i.SchemaVersion)))
	member("attributes", i.Attributes)
	if i.Sensitive == nil {
		member("sensitive_attributes", []byte("[]"))
	} else {
		member("sensitive_attributes", i.Sensitive)
	}
	if i.Private != "" {
		member("private", encode(i.Private))
	}
	if i.Dependencies != nil {
		list, err := json.Marshal(i.Dependencies)
		if err != nil {
			panic("statefile: strings have no JSON: " + err.Error())
		}
		member("dependencies", list)
	}
	return append(text, '}')
}

// resource returns the JSON of a resource with those instances.
func resource(instances []*NewInstance) []byte {
	r := instances[0]
	text := []byte{'{'}
	if r.Module != "" {
		text = append(append(append(text, `"module":`...), encode(r.Module)...), ',')
	}
	text = fmt.Appendf(text, `"mode":%s,"type":%s,"name":%s,"provider":%s,"instances":[`,
		encode(string(r.Mode)), encode(r.Type), encode(r.Name), encode(r.Provider))
	for n, i := range instances {
		if n > 0 {
			text = append(text, ',')
		}
		text = append(text, i.object()...)
	}
	return append(text, "]}"...)
}

// compareResources is the order of resources in a state (Terraform 1.11, statefile,
// sortResourcesV4).
func compareResources(a, b *Instance) int {
	return cmp.Or(cmp.Compare(a.Module, b.Module), cmp.Compare(a.Mode, b.Mode), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name))
}

// compareKeys is the order of a resource's instances: without a key, by number, by
// text, the current object before deposed ones (sortInstancesV4).
func compareKeys(a, b *Instance) int {
	x, _ := a.Key.Int()
	y, _ := b.Key.Int()
	rank := map[byte]int{0: 0, 'i': 1, 's': 2}
	return cmp.Or(cmp.Compare(rank[a.Key.kind], rank[b.Key.kind]), cmp.Compare(x, y), cmp.Compare(a.Key.text, b.Key.text),
		cmp.Compare(a.Deposed, b.Deposed))
}

// An inset is what an array is to get.
type inset struct {
	before int    // the element that it goes before, by its index; the number of elements for the end
	text   []byte // of the new element, without white space
	adds   []*NewInstance
}

// insertAll makes the splices for all new instances.
func (p *plan) insertAll() error {
	if len(p.inserts) == 0 {
		return nil
	}
	if p.f.Version() != 4 {
		return p.fault(span{}, "a state of version %d can't get new instances; Terraform 0.12 or newer rewrites it as one that can", p.f.Version())
	}
	groups := make(map[string][]*NewInstance)
	seen := make(map[string]bool)
	for _, i := range p.inserts {
		address := i.Address()
		if problem := i.fault(); problem != "" {
			return p.fault(span{}, "insert %s: %s", address, problem)
		}
		if there, ok := p.f.Instance(address); ok {
			return p.fault(there.object, "insert %s: the state has it already", address)
		}
		if seen[address] {
			return p.fault(span{}, "insert %s: it is inserted twice", address)
		}
		seen[address] = true
		group := i.identity().ResourceAddress()
		groups[group] = append(groups[group], i)
	}
	l := p.f.layout()
	var insets []inset
	for _, group := range slices.SortedFunc(maps.Values(groups), func(a, b []*NewInstance) int {
		return compareResources(a[0].identity(), b[0].identity())
	}) {
		slices.SortFunc(group, func(a, b *NewInstance) int { return compareKeys(a.identity(), b.identity()) })
		id := group[0].identity()
		for _, i := range group {
			if i.Provider != id.Provider {
				return p.fault(span{}, "insert %s: another provider than that of %s", i.Address(), id.Address())
			}
		}
		if at := slices.IndexFunc(l.resources, func(r resourceAt) bool { return compareResources(&r.Instance, id) == 0 }); at >= 0 {
			if err := p.insertInto(l.resources[at], group); err != nil {
				return err
			}
			continue
		}
		before := slices.IndexFunc(l.resources, func(r resourceAt) bool { return compareResources(&r.Instance, id) > 0 })
		if before < 0 {
			before = len(l.resources)
		}
		insets = append(insets, inset{before, resource(group), group})
	}
	if len(insets) == 0 {
		return nil
	}
	return p.insertResources(l, insets)
}

// insertInto puts new instances into a resource that the state has.
func (p *plan) insertInto(r resourceAt, group []*NewInstance) error {
	if r.Provider != group[0].Provider {
		return p.fault(r.object, "insert %s: its resource is there with the provider %s", group[0].Address(), r.Provider)
	}
	if r.list.none() {
		return p.fault(r.object, "insert %s: its resource is there without a list of instances", group[0].Address())
	}
	var there []span
	var insets []inset
	for i := range p.f.instances {
		if at := p.f.instances[i].object; r.list.start < at.start && at.end < r.list.end {
			there = append(there, at)
		}
	}
	for _, i := range group {
		before := slices.IndexFunc(there, func(at span) bool { return compareKeys(p.f.at(at), i.identity()) > 0 })
		if before < 0 {
			before = len(there)
		}
		insets = append(insets, inset{before, i.object(), []*NewInstance{i}})
	}
	slices.SortStableFunc(insets, func(a, b inset) int { return cmp.Compare(a.before, b.before) })
	p.insertElements(r.object, r.list, there, insets)
	return nil
}

// at returns the instance whose object is there.
func (f *File) at(object span) *Instance {
	n, _ := slices.BinarySearchFunc(f.instances, object, func(i Instance, at span) int { return cmp.Compare(i.object.start, at.start) })
	return &f.instances[n]
}

// insertResources puts new resources into the state.
func (p *plan) insertResources(l layout, insets []inset) error {
	data := p.f.data
	var there []span
	for _, r := range l.resources {
		there = append(there, r.object)
	}
	slices.SortStableFunc(insets, func(a, b inset) int { return cmp.Compare(a.before, b.before) })
	if !l.list.none() && kindOf(data[l.list.start]) == Array {
		p.insertElements(p.f.root, l.list, there, insets)
		return nil
	}
	// There is no list, or null in its place.
	s := p.f.style(p.f.root)
	anchor, at := l.anchor.name, l.list
	if at.none() {
		at = l.anchor.Value.at
	}
	text := []byte{'['}
	text = append(append(text, s.fill(data, at.start, nil, insets)...), ']')
	var adds []*NewInstance
	for _, i := range insets {
		adds = append(adds, i.adds...)
	}
	if l.list.none() {
		p.insert(anchor, l.anchor.Value.at, []byte(`"resources"`), text)
	} else {
		p.replace(at, text)
	}
	p.claims[len(p.claims)-1].adds = adds
	return nil
}

// insertElements makes the splices that put new elements into an array, which is one
// of the object. The new ones are in the order they are to stand in.
func (p *plan) insertElements(object, list span, there []span, insets []inset) {
	data := p.f.data
	end := list.end - 1
	claim := func(i inset, text []byte) {
		at := end
		if i.before < len(there) {
			at = there[i.before].start
		}
		p.claims = append(p.claims, claim{what: inserted, at: at, value: text, adds: i.adds})
	}
	if len(there) == 0 {
		s := p.f.style(object)
		var texts [][]byte
		p.splices = append(p.splices, splice{span{list.start + 1, end}, s.fill(data, list.start, &texts, insets)})
		for n, i := range insets {
			claim(i, texts[n])
		}
		return
	}
	for _, i := range insets {
		neighbour := there[max(i.before-1, 0)]
		s := p.f.style(neighbour)
		text := s.write(nil, i.text, lineIndent(data, neighbour.start))
		gap := s.gap(data, there, i.before)
		if i.before == 0 {
			p.splices = append(p.splices, splice{span{neighbour.start, neighbour.start}, slices.Concat(text, []byte{','}, gap)})
		} else {
			p.splices = append(p.splices, splice{span{neighbour.end, neighbour.end}, slices.Concat([]byte{','}, gap, text)})
		}
		claim(i, text)
	}
}

// takeOut turns the instances that are to be removed into removals of elements: of
// their resource's, or, if none of them is left, of the resource.
func (p *plan) takeOut() error {
	if len(p.takes) == 0 {
		return nil
	}
	if p.f.Version() != 4 {
		return p.fault(span{}, "no instance can be removed from a state of version %d; Terraform 0.12 or newer rewrites it as one that allows it", p.f.Version())
	}
	slices.SortFunc(p.takes, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	for _, r := range p.f.layout().resources {
		var out []span
		all := 0
		for _, at := range p.takes {
			if r.list.start < at.start && at.end < r.list.end {
				out = append(out, at)
			}
		}
		if len(out) == 0 {
			continue
		}
		for range elements(p.f.data, r.list) {
			all++
		}
		if len(out) == all {
			out = []span{r.object}
		}
		for _, at := range out {
			p.removals = append(p.removals, removal{at, taken})
		}
	}
	return nil
}

// layout says where the resources of a state of version 4 stand.
type layout struct {
	list      span   // the value of the member, none if there is none
	anchor    Member // after which a missing one is added
	resources []resourceAt
}

// resourceAt is a resource in the text. Of the instance it is the address alone.
type resourceAt struct {
	Instance
	object, list span // its own object, and the array of its instances; none if it has none
}

// layout looks for the resources: only edits that insert or remove some need them.
func (f *File) layout() layout {
	data := f.data
	l := layout{anchor: f.versionAt}
	for name, value := range members(data, f.root) {
		switch raw := name.of(data); {
		case isField(raw, "resources"):
			l.list = value
		case isField(raw, "outputs"), isField(raw, "lineage") && !isField(l.anchor.name.of(data), "outputs"):
			l.anchor = f.member(name, value)
		}
	}
	if l.list.none() || kindOf(data[l.list.start]) != Array {
		return l
	}
	for object := range elements(data, l.list) {
		r := resourceAt{object: object}
		r.Mode = ""
		if kindOf(data[object.start]) == Object {
			for name, value := range members(data, object) {
				r.member(data, name.of(data), value)
			}
		}
		l.resources = append(l.resources, r)
	}
	return l
}

// member notes a member of a resource.
func (r *resourceAt) member(data, name []byte, value span) {
	kind := kindOf(data[value.start])
	text := func(s *string) {
		if kind == String {
			*s = unquote(value.of(data))
		}
	}
	switch {
	case isField(name, "module"):
		text(&r.Module)
	case isField(name, "mode"):
		text((*string)(&r.Mode))
	case isField(name, "type"):
		text(&r.Type)
	case isField(name, "name"):
		text(&r.Name)
	case isField(name, "provider"):
		text(&r.Provider)
	case isField(name, "instances"):
		r.list = span{}
		if kind == Array {
			r.list = value
		}
	}
}
