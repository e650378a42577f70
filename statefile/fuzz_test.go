package statefile

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/herokutf/herokutf/internal/stategen"
)

// odd are texts at the edges of JSON and of the format.
var odd = []string{
	`{}`, `[]`, `""`, `0`, `-0.0e+10`, `1.`, `01`, `-`, `1e`, `tru`, `nul`, `"\u00e9\ud83d\ude00"`, `"\ud83d"`, `"\udc00"`, `"\ud83dx\ude00"`, `"\x"`, `"\`, `"\u12`,
	"\"\x1f\"", "\"\x7f\"", "\"\xc3\x28\"", "\"\xed\xa0\x80\"", "\"12345678\xc3\xa9\"", `{"a":1,"a":2}`, `{"a":1,}`, `[1,]`, `[1 2]`, `{"a" 1}`, `{1:2}`, `[`, `{"version":4}`,
	"\ufeff{\"version\":4}\r\n", " \t\r\n{\"version\" : 4 , \"serial\" : 99 }\n\n", `{"version":4}}`, `{"version":4} `, `{"version":4}x`, `{"version":3,"modules":[{}]}`,
	`{"version":4,"\u0073erial":1,"SERIAL":2,"ſerial":3}`, `{"version":4,"resources":[{"instances":[{"attributes":{"a":"x","a":"x"},"attributes":{"a":"x"}},{"index_key":"\u0000"}]}]}`,
	`{"serial":null,"version":4}`, `{"serial":-1,"version":3}`, strings.Repeat("[", 50) + strings.Repeat("]", 50),
}

// seeds yields the states of the tests, small ones first of all: with large
// ones a fuzzer spends its time on making them small. TestProperties has those.
func seeds(yield func([]byte) bool) {
	for _, data := range append(odd, v3, v4) {
		if !yield([]byte(data)) {
			return
		}
	}
}

// The properties hold for real states and for large ones too.
func TestProperties(t *testing.T) {
	states := realStates(t)
	states["generated"] = string(stategen.State(61))
	maps.Copy(states, readStates(t, "shapes"))
	for name, data := range states {
		t.Run(name, func(t *testing.T) {
			checkSkip(t, []byte(data))
			checkParse(t, []byte(data), "old-name")
			for pick := range uint(40) {
				checkApply(t, []byte(data), "new <name>", byte(pick), pick*7)
				checkProof(t, []byte(data), pick*uint(len(data))/40, 'x')
			}
		})
	}
}

// Walking over a value without checking it ends where checking it ends, and
// nothing is called valid that encoding/json refuses.
func FuzzSkip(f *testing.F) {
	for data := range seeds {
		f.Add(data)
	}
	f.Fuzz(checkSkip)
}

func checkSkip(t *testing.T, data []byte) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true))
	value, err := dec.ReadValue()
	end := int(dec.InputOffset())
	r := reader{data: data}
	got, rerr := r.value()
	if want := (span{end - len(value), end}); (err == nil) != (rerr == nil) || err == nil && got != want {
		t.Fatalf("the reader finds %v, %v, and jsontext %v, %v", got, rerr, want, err)
	}
	if err != nil {
		return
	}
	if !json.Valid(value) {
		t.Error("encoding/json refuses what was found valid")
	}
	if got := skipValue(data[:end], end-len(value)); got != end {
		t.Errorf("skipValue ends at %d, jsontext at %d", got, end)
	}
	if value.Kind() == '"' {
		want := ""
		if err := json.Unmarshal(value, &want); err != nil || unquote(value) != want {
			t.Errorf("unquote gives %q, encoding/json %q, %v", unquote(value), want, err)
		}
	}
}

// Whatever is parsed can be walked whole without a panic, and its bytes are
// those that were given.
func FuzzParse(f *testing.F) {
	for data := range seeds {
		f.Add(data, "old")
	}
	f.Fuzz(checkParse)
}

func checkParse(t *testing.T, data []byte, s string) {
	given := bytes.Clone(data)
	file, err := Parse("fuzz", data)
	if err != nil {
		if file != nil || err.Error() == "" {
			t.Errorf("got %v beside error %q", file, err)
		}
		return
	}
	if !bytes.Equal(file.Bytes(), given) {
		t.Error("Bytes differ from what was parsed")
	}
	if !json.Valid(bytes.TrimPrefix(data, bom)) {
		t.Error("what was parsed is no JSON")
	}
	found := false
	last := -1
	visit := func(_ Path, v Value) {
		if v.Offset() < 0 || v.Text() == "" && !v.IsString() {
			t.Errorf("%s at %d says %q", v.Kind(), v.Offset(), v.Text())
		}
		found = found || v.IsString() && strings.Contains(v.Text(), s)
	}
	for i := range file.Instances() {
		if i.object.start <= last {
			t.Error("instances are out of order")
		}
		last = i.object.start
		_ = i.Address()
		inInstance := false
		for path, v := range i.Scalars() {
			visit(path, v)
			inInstance = inInstance || v.IsString() && strings.Contains(v.Text(), s)
			if name, ok := path[0].(string); len(path) == 1 && ok {
				if all := i.AttrAll(name); !slices.ContainsFunc(all, func(m Member) bool { return m.Value == v }) {
					t.Errorf("AttrAll(%q) lacks a duplicate", name)
				}
			}
		}
		if inInstance && !i.MayContain(s) {
			t.Errorf("MayContain(%q) is false for an instance that does", s)
		}
	}
	for o := range file.Outputs() {
		_ = o.Address()
		visit(nil, o.Value)
	}
	for path, v := range file.Rest() {
		visit(path, v)
		if at := file.pathOf(v.Offset()); !at.Equal(path) {
			t.Errorf("Rest says %s, pathOf %s", path, at)
		}
	}
	if found && !file.MayContain(s) {
		t.Errorf("MayContain(%q) is false for a file that does", s)
	}
}

// An edit changes nothing outside of it, keeps the instances, raises the serial
// by one, and is undone by its reverse.
func FuzzApply(f *testing.F) {
	for data := range seeds {
		f.Add(data, "new-name", byte(0), uint(0))
		f.Add(data, "<\u2028>", byte(1), uint(3))
		f.Add(data, "x", byte(2), uint(1))
		for pick := range uint(4) {
			f.Add(data, "x", byte(3), pick)
		}
	}
	f.Fuzz(checkApply)
}

func checkApply(t *testing.T, data []byte, s string, what byte, pick uint) {
	file, err := Parse("fuzz", data)
	if err != nil {
		return
	}
	// The members of all attributes, one of which is edited.
	attributes := func(file *File) (all []Member) {
		for i := range file.Instances() {
			all = slices.AppendSeq(all, i.Attributes().Members())
		}
		return all
	}
	all := attributes(file)
	if len(all) == 0 {
		return
	}
	pick %= uint(len(all))
	m := all[pick]
	var e Edit
	var reverse func(all []Member) Edit
	switch what % 4 {
	case 0, 1:
		e = ReplaceString(m.Value, s)
		reverse = func(all []Member) Edit { return ReplaceRaw(all[pick].Value, m.Value.Raw()) }
	case 2:
		e = RenameMember(m, s)
		reverse = func(all []Member) Edit { return RenameMember(all[pick], m.Name) }
	case 3:
		e = AddMember(m, s, []byte(" [1.0, null]"))
		reverse = func(all []Member) Edit { return RemoveMember(all[pick+1]) }
	}
	after, err := file.Apply(e)
	if err != nil {
		if after != nil {
			t.Error("got a file beside an error")
		}
		// Only text that no JSON holds may be refused.
		if strings.ToValidUTF8(s, "") == s {
			t.Fatalf("Apply: %v", err)
		}
		return
	}
	if after == file {
		return
	}
	sameIndex(t, after)
	if got, want := after.Serial(), string(increment([]byte(file.Serial()))); got != want {
		t.Errorf("serial %s after %s", got, file.Serial())
	}
	if len(after.instances) != len(file.instances) {
		t.Errorf("%d instances became %d", len(file.instances), len(after.instances))
	}
	if again, err := Parse("fuzz", after.Bytes()); err != nil || len(again.instances) != len(file.instances) {
		t.Errorf("the outcome doesn't parse: %v", err)
	}

	back, err := after.Apply(reverse(attributes(after)))
	if err != nil {
		t.Fatalf("reverse: %v", err)
	}
	// A name that was spelled with escapes comes back as Terraform spells
	// it; everything else comes back to the byte.
	if what%4 == 2 && string(m.name.of(data)) != string(encode(m.Name)) {
		return
	}
	if len(file.serials) == 0 {
		return // the serial that was added stays
	}
	if got, want := withoutSerials(back), withoutSerials(file); !bytes.Equal(got, want) {
		s := around(string(want), string(got))[0]
		t.Errorf("after the reverse: got %q instead of %q at %d", s.text, want[s.start:s.end], s.start)
	}
}

// withoutSerials returns the text without the digits of the serials.
func withoutSerials(f *File) []byte {
	var text []byte
	at := 0
	for _, serial := range f.serials {
		text = append(text, f.data[at:serial.start]...)
		at = serial.end
	}
	return append(text, f.data[at:]...)
}

// The proof refuses an outcome in which any byte but those of the edit differs.
func FuzzProof(f *testing.F) {
	for data := range seeds {
		f.Add(data, uint(100), byte('x'))
	}
	f.Fuzz(checkProof)
}

func checkProof(t *testing.T, data []byte, at uint, c byte) {
	file, err := Parse("fuzz", data)
	if err != nil {
		return
	}
	changed := bytes.Clone(data)
	changed[at%uint(len(data))] = c
	after, err := index("fuzz", changed)
	if err != nil || bytes.Equal(changed, data) {
		return
	}
	// Even when the splices cover the place, so that only the walk is left
	// to find it, white space apart.
	err = prove(file, after, around(string(data), string(changed)), nil)
	if space := []byte(" \t\r\n"); err == nil && !(bytes.IndexByte(space, c) >= 0 && bytes.IndexByte(space, data[at%uint(len(data))]) >= 0) {
		t.Errorf("the proof holds for a change at %d", at%uint(len(data)))
	}
	if prove(file, after, nil, nil) == nil {
		t.Errorf("the proof holds for a change at %d that no splice made", at%uint(len(data)))
	}
}
