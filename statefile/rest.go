package statefile

import "iter"

// Rest yields every string of the document that is in no instance's attributes
// and in no output, with its path from the root, in document order: keys of
// instances, check results, identities, fields this package doesn't know. It
// leaves out what holds no data of the user's: versions, lineage, addresses in
// dependencies and depends_on, provider, type, name and module, deposed keys,
// private data and sensitive_attributes. The path is reused between steps;
// [Path.Clone] keeps one.
func (f *File) Rest() iter.Seq2[Path, Value] {
	return func(yield func(Path, Value) bool) {
		r := rest{f: f, instances: f.instances, outputs: f.outputs, yield: yield}
		r.value(f.root.start, levels[f.Version()])
	}
}

// level says which members of an object hold nothing of the user's, and what
// stands in the others.
type level struct {
	skip   []string
	inside map[string]*level // by member
	each   *level            // of every element of an array, or member of a map
}

// levels are the structures of the two versions.
var levels = map[int]*level{
	3: {
		skip: []string{"version", "terraform_version", "serial", "lineage"},
		inside: map[string]*level{"modules": {each: &level{
			skip: []string{"path", "depends_on"},
			inside: map[string]*level{"resources": {each: &level{
				skip: []string{"type", "depends_on", "provider"},
				inside: map[string]*level{
					"primary": instanceLevel3,
					"deposed": {each: instanceLevel3},
				},
			}}},
		}}},
	},
	4: {
		skip: []string{"version", "terraform_version", "serial", "lineage"},
		inside: map[string]*level{"resources": {each: &level{
			skip: []string{"module", "mode", "type", "name", "each", "provider"},
			inside: map[string]*level{"instances": {each: &level{
				skip: []string{"schema_version", "status", "deposed", "provider", "dependencies", "depends_on", "private", "sensitive_attributes"},
			}}},
		}}},
	},
}

var instanceLevel3 = &level{inside: map[string]*level{"meta": {skip: []string{"schema_version"}}}}

// rest walks a document, jumping over what has been indexed.
type rest struct {
	f         *File
	path      Path
	instances []Instance // those whose end hasn't been passed
	outputs   []outputs
	yield     func(Path, Value) bool
}

// indexed returns the end of what starts at i, if it is the attributes or the
// id of an instance, or an object of outputs.
func (r *rest) indexed(i int) (int, bool) {
	for len(r.instances) > 0 && r.instances[0].object.end <= i {
		r.instances = r.instances[1:]
	}
	for len(r.outputs) > 0 && r.outputs[0].at.end <= i {
		r.outputs = r.outputs[1:]
	}
	if len(r.outputs) > 0 && r.outputs[0].at.start == i {
		return r.outputs[0].at.end, true
	}
	if len(r.instances) == 0 {
		return 0, false
	}
	for _, at := range [...]span{r.instances[0].attributes, r.instances[0].id} {
		if at.start == i && !at.none() {
			return at.end, true
		}
	}
	return 0, false
}

// value walks the value at i and returns its end, or 0 to stop. What stands at
// a place the format doesn't know has no level.
func (r *rest) value(i int, l *level) int {
	if end, ok := r.indexed(i); ok {
		return end
	}
	data := r.f.data
	switch data[i] {
	case '{':
		for i = skipSpace(data, i+1); data[i] == '"'; i = following(data, i) {
			name := span{i, skipString(data, i)}
			i = afterColon(data, name.end)
			text := unquote(name.of(data))
			if l.skips(text) {
				i = skipValue(data, i)
				continue
			}
			r.path = append(r.path, text)
			if i = r.value(i, l.member(text)); i == 0 {
				return 0
			}
			r.path = r.path[:len(r.path)-1]
		}
		return i + 1
	case '[':
		n := 0
		for i = skipSpace(data, i+1); data[i] != ']'; i = following(data, i) {
			r.path = append(r.path, n)
			if i = r.value(i, l.element()); i == 0 {
				return 0
			}
			r.path = r.path[:len(r.path)-1]
			n++
		}
		return i + 1
	}
	at := span{i, skipValue(data, i)}
	if data[i] == '"' && !r.yield(r.path, Value{r.f, at}) {
		return 0
	}
	return at.end
}

func (l *level) skips(name string) bool {
	if l == nil {
		return false
	}
	for _, s := range l.skip {
		if same(name, s) {
			return true
		}
	}
	return false
}

func (l *level) member(name string) *level {
	if l == nil {
		return nil
	}
	if l.each != nil {
		return l.each
	}
	for field, inner := range l.inside {
		if same(name, field) {
			return inner
		}
	}
	return nil
}

func (l *level) element() *level {
	if l == nil {
		return nil
	}
	return l.each
}
