package statefile

import "iter"

// Kind is a kind of JSON value.
type Kind byte

// The kinds of JSON values.
const (
	Null Kind = iota + 1
	Bool
	Number
	String
	Object
	Array
)

// String returns the kind's name, such as "string" or "object".
func (k Kind) String() string {
	switch k {
	case Null:
		return "null"
	case Bool:
		return "boolean"
	case Number:
		return "number"
	case String:
		return "string"
	case Object:
		return "object"
	case Array:
		return "array"
	}
	return "nothing"
}

func kindOf(c byte) Kind {
	switch c {
	case 'n':
		return Null
	case 't', 'f':
		return Bool
	case '"':
		return String
	case '{':
		return Object
	case '[':
		return Array
	}
	return Number
}

// Value is a JSON value at its place in a [File]. The zero Value stands for
// nothing: its kind is 0 and it can't be edited.
type Value struct {
	file *File
	at   span
}

// Kind returns the kind of the value.
func (v Value) Kind() Kind {
	if v.file == nil {
		return 0
	}
	return kindOf(v.file.data[v.at.start])
}

// IsString reports whether the value is a string.
func (v Value) IsString() bool { return v.Kind() == String }

// Text returns what a string says, with its escapes resolved; of any other
// value, the text as it stands in the file, so numbers keep all their digits.
func (v Value) Text() string {
	if v.IsString() {
		return unquote(v.Raw())
	}
	return string(v.Raw())
}

// Raw returns the value as it stands in the file, quotes and escapes included.
// The slice is part of the file's bytes and must not be changed. It is nil for
// the zero Value.
func (v Value) Raw() []byte {
	if v.file == nil {
		return nil
	}
	return v.at.of(v.file.data)
}

// Offset returns the place of the value's first byte in [File.Bytes], from 0.
func (v Value) Offset() int { return v.at.start }

// Members yields the members of an object in document order, duplicates
// included. It yields nothing for other kinds.
func (v Value) Members() iter.Seq[Member] {
	return func(yield func(Member) bool) {
		if v.Kind() != Object {
			return
		}
		for name, value := range members(v.file.data, v.at) {
			if !yield(v.file.member(name, value)) {
				return
			}
		}
	}
}

// Elements yields the elements of an array in order. It yields nothing for
// other kinds.
func (v Value) Elements() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if v.Kind() != Array {
			return
		}
		for element := range elements(v.file.data, v.at) {
			if !yield(Value{v.file, element}) {
				return
			}
		}
	}
}

// Member is a member of an object: its name, escapes resolved, and its value.
type Member struct {
	Name  string
	Value Value

	name span
}

func (f *File) member(name, value span) Member {
	return Member{Name: unquote(name.of(f.data)), Value: Value{f, value}, name: name}
}

// scalars yields every scalar of v in document order. The path is grown and
// shrunk in place.
func (v Value) scalars(path *Path, yield func(Path, Value) bool) bool {
	switch v.Kind() {
	case 0:
		return true
	case Object:
		for name, value := range members(v.file.data, v.at) {
			*path = append(*path, unquote(name.of(v.file.data)))
			if !(Value{v.file, value}).scalars(path, yield) {
				return false
			}
			*path = (*path)[:len(*path)-1]
		}
		return true
	case Array:
		i := 0
		for value := range elements(v.file.data, v.at) {
			*path = append(*path, i)
			if !(Value{v.file, value}).scalars(path, yield) {
				return false
			}
			*path = (*path)[:len(*path)-1]
			i++
		}
		return true
	}
	return yield(*path, v)
}
