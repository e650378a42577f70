package statefile

import "iter"

// Rest yields every string of the document that is in no instance's attributes
// and in no output, with its path from the root, in document order: keys of
// instances, check results, identities, fields this package doesn't know. It
// leaves out what holds no data of the user's: versions, lineage, addresses in
// dependencies and depends_on, provider, type, name and module, deposed keys,
// private data and sensitive_attributes. The path is reused between steps;
// [platform.Path.Clone] keeps one.
func (f *File) Rest() iter.Seq2[Path, Value] {
	return func(yield func(Path, Value) bool) {
		r := rest{f: f, instances: f.instances, outputs: f.outputs, yield: yield}
		r.value(f.root.start, levels[f.Version()])
	}
}

// level says what the members of an object are, or the elements of an array.
type level struct {
	skip   []string // members that hold nothing of the user's
	member string   // the member that has a level of its own
	more   *level   // of that member, or, without a name, of all that is inside
	other  string   // another one
	others *level
}

// levels are the structures of the two versions.
var levels = map[int]*level{
	3: {
		skip:   []string{"version", "terraform_version", "serial", "lineage"},
		member: "modules",
		more: &level{more: &level{
			skip:   []string{"path", "depends_on"},
			member: "resources",
			more: &level{more: &level{
				skip:   []string{"type", "depends_on", "provider"},
				member: "primary",
				more:   instanceLevel3,
				other:  "deposed",
				others: &level{more: instanceLevel3},
			}},
		}},
	},
	4: {
		skip:   []string{"version", "terraform_version", "serial", "lineage"},
		member: "resources",
		more: &level{more: &level{
			skip:   []string{"module", "mode", "type", "name", "each", "provider"},
			member: "instances",
			more: &level{more: &level{
				skip: []string{"schema_version", "status", "deposed", "provider", "dependencies", "depends_on", "private", "sensitive_attributes"},
			}},
		}},
	},
}

var instanceLevel3 = &level{member: "meta", more: &level{skip: []string{"schema_version"}}}

// inside returns the level of a member, by the JSON of its name, and whether it
// is to be skipped. The level of what the format doesn't know is nil.
func (l *level) inside(name []byte) (inner *level, skip bool) {
	switch {
	case l == nil:
		return nil, false
	case l.member == "":
		inner = l.more
	case isField(name, l.member):
		return l.more, false
	case l.others != nil && isField(name, l.other):
		return l.others, false
	}
	for _, field := range l.skip {
		if isField(name, field) {
			return nil, true
		}
	}
	return inner, false
}

// rest walks a document, jumping over what has been indexed.
type rest struct {
	f         *File
	steps     []step
	path      Path       // that was yielded last
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

// value walks the value at i and returns its end, or 0 to stop.
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
			inner, skip := l.inside(name.of(data))
			if skip {
				i = skipValue(data, i)
				continue
			}
			r.steps = append(r.steps, step{name: name})
			if i = r.value(i, inner); i == 0 {
				return 0
			}
			r.steps = r.steps[:len(r.steps)-1]
		}
		return i + 1
	case '[':
		inner, _ := l.inside(nil)
		n := 0
		for i = skipSpace(data, i+1); data[i] != ']'; i = following(data, i) {
			r.steps = append(r.steps, step{index: n})
			if i = r.value(i, inner); i == 0 {
				return 0
			}
			r.steps = r.steps[:len(r.steps)-1]
			n++
		}
		return i + 1
	case '"':
		at := span{i, skipString(data, i)}
		if !r.yield(r.spell(), Value{r.f, at}) {
			return 0
		}
		return at.end
	}
	return skipValue(data, i)
}

// step is a step of a path that may never be asked for.
type step struct {
	name  span // of a member, none for an element
	index int
}

// spell returns the path of the steps.
func (r *rest) spell() Path {
	r.path = r.path[:0]
	for _, s := range r.steps {
		if s.name.none() {
			r.path = append(r.path, s.index)
		} else {
			r.path = append(r.path, unquote(s.name.of(r.f.data)))
		}
	}
	return r.path
}
