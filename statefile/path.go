package statefile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Path says where a value stands, as steps from the outside in: a string for
// the member of an object, an int (from 0) for the element of an array. The
// empty path is the value it starts from. In flat attributes the whole key,
// such as "config_vars.0.FOO", is one step.
type Path []any

// String spells the path as Terraform would: members with dots, elements and
// members that are no plain identifier in brackets.
func (p Path) String() string {
	var b strings.Builder
	for _, step := range p {
		switch step := step.(type) {
		case int:
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(step))
			b.WriteByte(']')
		case string:
			if !identifier(step) {
				b.WriteByte('[')
				b.WriteString(quote(step))
				b.WriteByte(']')
				continue
			}
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		}
	}
	return b.String()
}

// MarshalJSON writes the path as a list of strings and numbers; the empty and
// the nil path are an empty list.
func (p Path) MarshalJSON() ([]byte, error) {
	if p == nil {
		return []byte("[]"), nil
	}
	return json.Marshal([]any(p))
}

// UnmarshalJSON reads what [Path.MarshalJSON] has written: a list of strings and
// of whole numbers from 0 on. null leaves the path as it is.
func (p *Path) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var steps []json.RawMessage
	if err := json.Unmarshal(data, &steps); err != nil {
		return fmt.Errorf("read a path: %w", err)
	}
	path := make(Path, len(steps))
	for i, raw := range steps {
		var name string
		if json.Unmarshal(raw, &name) == nil && raw[0] == '"' {
			path[i] = name
			continue
		}
		n, err := strconv.Atoi(string(raw))
		if err != nil || n < 0 {
			return fmt.Errorf("read a path: step %d is neither a string nor a whole number from 0 on", i)
		}
		path[i] = n
	}
	*p = path
	return nil
}

// Clone returns a copy that shares nothing with p. A nil path stays nil.
func (p Path) Clone() Path { return slices.Clone(p) }

// Equal reports whether p and q have the same steps; nil equals empty.
func (p Path) Equal(q Path) bool { return slices.Equal(p, q) }

func identifier(s string) bool {
	for i, r := range s {
		switch {
		case r == '_', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		case i > 0 && (r == '-' || '0' <= r && r <= '9'):
		default:
			return false
		}
	}
	return s != ""
}
