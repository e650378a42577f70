package statefile

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// attr returns a top-level member of the first instance's attributes.
func attr(t testing.TB, f *File, name string) Member {
	t.Helper()
	for i := range f.Instances() {
		if all := i.AttrAll(name); len(all) > 0 {
			return all[0]
		}
	}
	t.Fatalf("no attribute %q", name)
	return Member{}
}

// state makes a minified state of one instance with the attributes.
func state(attributes string) string {
	return `{"version":4,"serial":1,"resources":[{"type":"t","name":"n","instances":[{"attributes":` + attributes + `}]}]}`
}

func TestApply(t *testing.T) {
	replace := func(name, s string) func(*testing.T, *File) []Edit {
		return func(t *testing.T, f *File) []Edit { return []Edit{ReplaceString(attr(t, f, name).Value, s)} }
	}
	remove := func(names ...string) func(*testing.T, *File) []Edit {
		return func(t *testing.T, f *File) []Edit {
			var edits []Edit
			for _, name := range names {
				edits = append(edits, RemoveMember(attr(t, f, name)))
			}
			return edits
		}
	}
	tests := []struct {
		name, in string
		edit     func(*testing.T, *File) []Edit
		want     string
	}{
		{"minified, no final newline", state(`{"id":"a"}`), replace("id", "b"),
			strings.Replace(state(`{"id":"b"}`), `"serial":1`, `"serial":2`, 1)},
		{"byte order mark, CRLF, tabs and two final newlines",
			"\ufeff{\r\n\t\"serial\" : 9 ,\r\n\t\"version\": 4,\r\n\t\"resources\": [ { \"type\": \"t\", \"name\": \"n\", \"instances\": [ {\t\"attributes\":{ \"id\" :\t\"a\" , \"n\": 1.0 }\r\n} ] } ]\r\n}\r\n\r\n",
			replace("id", "b"),
			"\ufeff{\r\n\t\"serial\" : 10 ,\r\n\t\"version\": 4,\r\n\t\"resources\": [ { \"type\": \"t\", \"name\": \"n\", \"instances\": [ {\t\"attributes\":{ \"id\" :\t\"b\" , \"n\": 1.0 }\r\n} ] } ]\r\n}\r\n\r\n"},
		{"new text is escaped as Terraform escapes it, old text is kept as it is", state(`{"id":"a","raw":"<&>\/\u00e9é"}`), replace("id", "<&>/é\u2028\n\""),
			strings.Replace(state(`{"id":"\u003c\u0026\u003e/é\u2028\n\"","raw":"<&>\/\u00e9é"}`), `"serial":1`, `"serial":2`, 1)},
		{"any kind of value", state(`{"a":{"b":[1,2]},"id":null}`), replace("a", "x"),
			strings.Replace(state(`{"a":"x","id":null}`), `"serial":1`, `"serial":2`, 1)},
		{"rename and replace one member, leave its duplicate", state(`{"app":"x","app":"x"}`), func(t *testing.T, f *File) []Edit {
			m := attr(t, f, "app")
			return []Edit{ReplaceString(m.Value, "y"), RenameMember(m, "app_id")}
		}, strings.Replace(state(`{"app_id":"y","app":"x"}`), `"serial":1`, `"serial":2`, 1)},
		{"remove the first", state("{\n  \"a\": 1,\n  \"b\": 2\n}"), remove("a"), strings.Replace(state("{\n  \"b\": 2\n}"), `"serial":1`, `"serial":2`, 1)},
		{"remove the last", state("{\n  \"a\": 1,\n  \"b\": 2\n}"), remove("b"), strings.Replace(state("{\n  \"a\": 1\n}"), `"serial":1`, `"serial":2`, 1)},
		{"remove the last two of three, given backwards", state("{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}"), remove("c", "b"), strings.Replace(state("{\n  \"a\": 1\n}"), `"serial":1`, `"serial":2`, 1)},
		{"remove the first and the last of three", state("{ \"a\": 1 , \"b\": 2 , \"c\": 3 }"), remove("a", "c"), strings.Replace(state("{ \"b\": 2  }"), `"serial":1`, `"serial":2`, 1)},
		{"remove all", state("{\n  \"a\": 1,\n  \"b\": [2]\n}"), remove("a", "b"), strings.Replace(state("{}"), `"serial":1`, `"serial":2`, 1)},
		{"remove one of two duplicates with equal values", state(`{"a":1,"a":1,"b":2}`), remove("a"), strings.Replace(state(`{"a":1,"b":2}`), `"serial":1`, `"serial":2`, 1)},
		{"add two after one, indented like it", state("{\n  \"a\" : 1,\n  \"b\": 2\n}"), func(t *testing.T, f *File) []Edit {
			m := attr(t, f, "a")
			return []Edit{AddMember(m, "x<", []byte(`[1.0]`)), AddMember(m, "y", []byte(`"é"`))}
		}, strings.Replace(state("{\n  \"a\" : 1,\n  \"x\\u003c\" : [1.0],\n  \"y\" : \"é\",\n  \"b\": 2\n}"), `"serial":1`, `"serial":2`, 1)},
		{"add after the last and remove it's neighbours", state(`{"a":1,"b":2,"c":3}`), func(t *testing.T, f *File) []Edit {
			return []Edit{AddMember(attr(t, f, "c"), "d", []byte(`4`)), RemoveMember(attr(t, f, "a")), RemoveMember(attr(t, f, "b"))}
		}, strings.Replace(state(`{"c":3,"d":4}`), `"serial":1`, `"serial":2`, 1)},
		{"remove the last and add after the one before it", state(`{"a":1,"b":2}`), func(t *testing.T, f *File) []Edit {
			return []Edit{RemoveMember(attr(t, f, "b")), AddMember(attr(t, f, "a"), "c", []byte(`3`))}
		}, strings.Replace(state(`{"a":1,"c":3}`), `"serial":1`, `"serial":2`, 1)},
		{"replace a value by JSON, byte for byte", state(`{"a":{"b":1}}`), func(t *testing.T, f *File) []Edit {
			return []Edit{ReplaceRaw(attr(t, f, "a").Value, []byte(`[ {"b":1} ]`))}
		}, strings.Replace(state(`{"a":[ {"b":1} ]}`), `"serial":1`, `"serial":2`, 1)},
		{"no serial", `{"version":4, "resources":[{"instances":[{"attributes":{"id":"a"}}]}]}`, replace("id", "b"),
			`{"version":4,"serial":1, "resources":[{"instances":[{"attributes":{"id":"b"}}]}]}`},
		{"serial null", `{"version":4,"serial":null,"resources":[{"instances":[{"attributes":{"id":"a"}}]}]}`, replace("id", "b"),
			`{"version":4,"serial":1,"resources":[{"instances":[{"attributes":{"id":"b"}}]}]}`},
		{"serial beyond 64 bits, twice, at both ends", `{"serial":99999999999999999999,"version":4,"resources":[{"instances":[{"attributes":{"id":"a"}}]}],"Serial":18446744073709551615}`, replace("id", "b"),
			`{"serial":100000000000000000000,"version":4,"resources":[{"instances":[{"attributes":{"id":"b"}}]}],"Serial":18446744073709551616}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := parse(t, test.in)
			got, err := f.Apply(test.edit(t, f)...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got.Bytes())); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if string(f.Bytes()) != test.in {
				t.Error("Apply changed the original")
			}
			if got.Serial() == f.Serial() || got.Lineage() != f.Lineage() || got.Name() != f.Name() {
				t.Errorf("got serial %s, lineage %q, name %q", got.Serial(), got.Lineage(), got.Name())
			}
		})
	}
}

func TestApplyNothing(t *testing.T) {
	f := parse(t, state(`{"id":"\u0061"}`))
	m := attr(t, f, "id")
	for name, edits := range map[string][]Edit{
		"no edit":                 nil,
		"the text it has":         {ReplaceString(m.Value, "a")},
		"the JSON it has":         {ReplaceRaw(m.Value, m.Value.Raw())},
		"the name it has":         {RenameMember(m, "id")},
		"two that change nothing": {RenameMember(m, "id"), ReplaceString(m.Value, "a")},
	} {
		if got, err := f.Apply(edits...); err != nil || got != f {
			t.Errorf("%s: got %p, %v; want the file itself, %p", name, got, err, f)
		}
	}
}

func TestApplyRefuses(t *testing.T) {
	f := parse(t, strings.Replace(state(`{"a":{"b":"x"},"c":"y"}`), `"serial":1`, `"serial":1,"lineage":"l"`, 1))
	a, c := attr(t, f, "a"), attr(t, f, "c")
	root := make(map[string]Member)
	for m := range f.Root().Members() {
		root[m.Name] = m
	}
	var b Member
	for m := range a.Value.Members() {
		b = m
	}
	resource := Member{}
	for r := range root["resources"].Value.Elements() {
		for m := range r.Members() {
			if m.Name == "name" {
				resource = m
			}
		}
	}
	for name, test := range map[string]struct {
		want  error
		edits []Edit
	}{
		"the same place twice":              {ErrEdit, []Edit{ReplaceString(c.Value, "1"), ReplaceString(c.Value, "2")}},
		"a value and one inside it":         {ErrEdit, []Edit{ReplaceString(b.Value, "1"), ReplaceRaw(a.Value, []byte("1"))}},
		"a removed member's value":          {ErrEdit, []Edit{ReplaceString(b.Value, "1"), RemoveMember(a)}},
		"a member removed twice":            {ErrEdit, []Edit{RemoveMember(c), RemoveMember(c)}},
		"a member after a removed one":      {ErrEdit, []Edit{RemoveMember(c), AddMember(c, "d", []byte("1"))}},
		"the zero edit":                     {ErrEdit, []Edit{{}}},
		"the zero value":                    {ErrEdit, []Edit{ReplaceString(Value{}, "1")}},
		"a member that was made by hand":    {ErrEdit, []Edit{RenameMember(Member{Name: "c", Value: c.Value}, "d")}},
		"another file":                      {ErrEdit, []Edit{ReplaceString(attr(t, parse(t, string(f.Bytes())), "c").Value, "1")}},
		"invalid UTF-8":                     {ErrEdit, []Edit{ReplaceString(c.Value, "\xff")}},
		"invalid UTF-8 in a name":           {ErrEdit, []Edit{RenameMember(c, "\xff")}},
		"invalid JSON":                      {ErrEdit, []Edit{ReplaceRaw(c.Value, []byte("{"))}},
		"JSON of two values":                {ErrEdit, []Edit{AddMember(c, "d", []byte("1 2"))}},
		"no JSON":                           {ErrEdit, []Edit{ReplaceRaw(c.Value, nil)}},
		"the serial":                        {ErrEdit, []Edit{ReplaceRaw(root["serial"].Value, []byte("9"))}},
		"the serial's removal":              {ErrEdit, []Edit{RemoveMember(root["serial"])}},
		"the version":                       {ErrProof, []Edit{ReplaceRaw(root["version"].Value, []byte("3"))}},
		"the version, to an unknown one":    {ErrProof, []Edit{ReplaceRaw(root["version"].Value, []byte("5"))}},
		"the lineage":                       {ErrProof, []Edit{ReplaceString(root["lineage"].Value, "m")}},
		"the name of a resource":            {ErrProof, []Edit{ReplaceString(resource.Value, "o")}},
		"an attribute's object by a number": {ErrProof, []Edit{RemoveMember(root["resources"])}},
	} {
		got, err := f.Apply(test.edits...)
		if !errors.Is(err, test.want) || got != nil {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, test.want)
		}
	}
}

func TestIncrement(t *testing.T) {
	for number, want := range map[string]string{
		"0": "1", "9": "10", "199": "200", "null": "1", "-1": "0", "-0": "1", "-10": "-9", "-100": "-99", "-99": "-98",
		"18446744073709551615":       "18446744073709551616",
		strings.Repeat("9", 100_000): "1" + strings.Repeat("0", 100_000),
	} {
		if got := string(increment([]byte(number))); got != want {
			t.Errorf("increment(%.30s) = %.30s, want %.30s", number, got, want)
		}
	}
}
