package statefile

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/internal/stategen"
)

// sameIndex compares the index of a file with that of a fresh look at its text, every
// field that there is.
func sameIndex(t *testing.T, got *File) {
	t.Helper()
	want, err := index(got.name, bytes.Clone(got.data))
	if err != nil {
		t.Fatalf("the outcome doesn't parse: %v", err)
	}
	for address, i := range want.addresses() {
		if there, ok := got.Instance(address); !ok || there.file != got || there.object != i.object {
			t.Errorf("%s isn't found where it is", address)
		}
	}
	plain := func(f *File) File {
		if f.versionAt.Value.file != f {
			t.Error("the version belongs to another file")
		}
		plain := *f
		plain.text, plain.addresses, plain.versionAt.Value.file = nil, nil, nil
		plain.instances = slices.Clone(f.instances)
		for n := range plain.instances {
			if plain.instances[n].file != f {
				t.Fatalf("instance %d belongs to another file", n)
			}
			plain.instances[n].file = nil
		}
		return plain
	}
	g, w := plain(got), plain(want)
	for n := range min(len(g.instances), len(w.instances)) {
		if !reflect.DeepEqual(g.instances[n], w.instances[n]) {
			t.Fatalf("instance %d: got %+v, want %+v", n, g.instances[n], w.instances[n])
		}
	}
	if !reflect.DeepEqual(g, w) {
		t.Errorf("got serials %v, outputs %v, members %v, root %v, version at %v", g.serials, g.outputs, g.members, g.root, g.versionAt)
		t.Errorf("want serials %v, outputs %v, members %v, root %v, version at %v", w.serials, w.outputs, w.members, w.root, w.versionAt)
	}
}

// everything returns every member and element of a state that an edit can be about,
// the root's own included.
func everything(f *File) (members []Member, values []Value) {
	var walk func(v Value)
	walk = func(v Value) {
		values = append(values, v)
		for m := range v.Members() {
			members = append(members, m)
			walk(m.Value)
		}
		for e := range v.Elements() {
			walk(e)
		}
	}
	walk(f.Root())
	return members, values
}

// carryStates are states of both versions, and such as hold things twice, in odd places
// and under odd names.
func carryStates(t *testing.T) map[string]string {
	states := realStates(t)
	states["generated"] = string(stategen.State(13))
	states["v3"], states["v4"] = v3, v4
	maps.Copy(states, map[string]string{
		"twice": `{"version":4,"serial":1,"Serial":2,"outputs":{"a":{"value":1}},"OUTPUTS":{"b":{"value":{"c":[1]}}},"resources":[{"type":"a","name":"b","instances":[{"attributes":{"id":"x"}}]}],` +
			`"resources":[{"type":"t","name":"n","instances":[{"attributes":{"id":"old"}}],"instances":[{"attributes":{"id":"1"},"attributes":{"id":"2"},"provider":"p","index_key":0,"index_key":"k"},{"deposed":"d","deposed":null}],"provider":"q"}]}`,
		"flat":      `{"version":4,"resources":[{"mode":"data","type":"t","name":"n","module":"module.a","instances":[{"schema_version":1,"attributes_flat":{"id":"x","m.%":"1"},"x":[{}]},{"attributes":null,"attributes_flat":{"id":"y"}}]}],"serial":null}`,
		"both":      `{"version":3,"serial":9,"resources":[{"type":"t","instances":[{"attributes":{"id":"1"}}]}],"modules":[{"resources":{"t.n":{"primary":{"id":"a","attributes":{"id":"a"}},"primary":{"id":"b","meta":{"schema_version":"1"},"attributes":{"id":"b"}},"deposed":[{"id":"c"},{"attributes":{"id":"d"},"id":"d"}]}},"path":["root","m"],"outputs":{"o":{"value":"v"}}}]}`,
		"no serial": `{"version":4,"resources":[{"type":"t","name":"n","instances":[{"attributes":{"id":"x"}}]}]}`,
		"spread":    "\ufeff{\r\n\t\"version\" : 4 ,\r\n\"serial\" : 007e0 , \"x\" : { } }",
		"unknown":   "\ufeff{ \"x\" : { \"y\" : [ 1 , { \"z\" : null } ] } , \"version\" : 4 ,\r\n\"serial\" : 7 , \"resources\" : [ ] , \"x\" : { } }\n",
	})
	return states
}

// TestCarried: after edits of every kind at any place, the index is that of a fresh
// look, be it carried over or not; and with edits of attributes, of the document's
// fields that nobody knows, and of the serial, it is carried over.
func TestCarried(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 16))
	texts := []string{"", "x", "a longer text than most", "<&>", "\u2028", "0"}
	raws := []string{"null", "1.0", `"text"`, `{"a":[1,{"b":"c"}]}`, `[]`, ` [ 2 ] `, `{}`, `{"id":"z"}`}
	carried, read := 0, 0
	for name, text := range carryStates(t) {
		f, err := Parse(name, []byte(text))
		if err != nil {
			continue
		}
		members, values := everything(f)
		for range 150 {
			var edits []Edit
			for range 1 + random.IntN(3) {
				m, v := members[random.IntN(len(members))], values[random.IntN(len(values))]
				raw := []byte(raws[random.IntN(len(raws))])
				edits = append(edits, []Edit{
					ReplaceString(v, texts[random.IntN(len(texts))]), ReplaceString(m.Value, texts[random.IntN(len(texts))]), ReplaceRaw(v, raw),
					RenameMember(m, texts[random.IntN(len(texts))]), RemoveMember(m), AddMember(m, texts[random.IntN(len(texts))], raw),
				}[random.IntN(6)])
			}
			p, err := f.plan(edits)
			if err != nil || len(p.splices) == 0 {
				continue
			}
			after, units, ok := p.carried(f.name, p.spliced())
			if !ok {
				read++
				if after, err = f.Apply(edits...); err == nil {
					sameIndex(t, after)
				}
				continue
			}
			carried++
			sameIndex(t, after)
			// The short proof holds where the long one does, and nowhere else.
			short := proveUnits(f, after, p.splices, slices.Clone(p.claims), units)
			long := prove(f, after, p.splices, slices.Clone(p.claims))
			if (short == nil) != (long == nil) {
				t.Errorf("%s, %v: within the units the proof says %v, over all %v", name, edits, short, long)
			}
			if t.Failed() {
				t.Fatalf("%s, %v", name, edits)
			}
		}
		for i := range f.Instances() {
			for path, v := range i.Scalars() {
				p, err := f.plan([]Edit{ReplaceString(v, "carried")})
				if err != nil || len(p.splices) == 0 {
					continue
				}
				if after, _, ok := p.carried(f.name, p.spliced()); ok {
					sameIndex(t, after)
				} else if len(f.serials) > 0 {
					t.Errorf("%s: %s %s isn't carried over", name, i.Address(), path)
				}
			}
		}
	}
	if carried < 500 || read < 500 {
		t.Errorf("carried over %d times, read anew %d times", carried, read)
	}
}

// TestCarriedLies: what splices do beyond a unit, or to the structure of one, is seen.
func TestCarriedLies(t *testing.T) {
	const before = `{"version":4,"serial":1,"x":[1,2],"outputs":{},"resources":[{"type":"t","name":"n","provider":"p","instances":[` +
		`{"attributes":{"id":"a"}},{"attributes":{"id":"b"}}]}]}`
	f := parse(t, before)
	at := func(s string) span { n := strings.Index(before, s); return span{n, n + len(s)} }
	for _, tt := range []struct {
		place, text string
		ok          bool
	}{
		{`"a"`, `"z"`, true},
		{`"a"`, `"z`, false},
		{`"a"`, `"z"}},{"attributes":{"id":"y"`, false},
		{`"a"`, `1}`, false},
		{`"a"`, `{"a":[}]`, false},
		{`"a"`, "\"\xff\"", false},
		{`"a"`, `"\ud800"`, false},
		{`"a"`, strings.Repeat("[", maxDepth-6) + strings.Repeat("]", maxDepth-6), true},
		{`"a"`, strings.Repeat("[", maxDepth-5) + strings.Repeat("]", maxDepth-5), false},
		{`{"id":"a"}`, `7`, false},
		{`"attributes":{"id":"a"}`, `"schema_version":-1`, false},
		{`"attributes":{"id":"a"}`, `"provider":"q"`, false},
		{`{"attributes":{"id":"a"}}`, `null`, false},
		{`{"attributes":{"id":"a"}}`, `{}, {}`, false},
		{`{"attributes":{"id":"a"}}`, ``, false},
		{`[1,2]`, `[1,2,3]`, true},
		{`[1,2]`, `[1,2],"lineage":"l"`, false},
		{`[1,2]`, `[1`, false},
		{`[1,2]`, strings.Repeat("[", maxDepth-1) + strings.Repeat("]", maxDepth-1), true},
		{`[1,2]`, strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth), false},
		{`"x":[1,2]`, `"lineage":"l"`, false},
		{`"x"`, `"version"`, false},
		{`"outputs":{}`, `"outputs":[]`, false},
		{`"n"`, `"m"`, false},
		{`4`, `3`, false},
	} {
		s := splice{at(tt.place), []byte(tt.text)}
		p := &plan{f: f, splices: []splice{s}}
		if place, ok := strings.CutPrefix(tt.place, `"outputs":`); ok {
			s.span, s.text = at(place), []byte("[]")
			p.splices[0] = s
		}
		after, _, ok := p.carried("lies", p.spliced())
		if ok != tt.ok {
			t.Errorf("%.40q for %q: carried over: %v", tt.text, tt.place, ok)
		}
		if ok {
			sameIndex(t, after)
		}
	}
	// An insertion at the edge of a value is none of its own.
	for _, place := range []int{at(`[1,2]`).start, at(`[1,2]`).end, at(`{"attributes":{"id":"a"}}`).start, at(`{"attributes":{"id":"a"}}`).end, 0, len(before)} {
		if _, ok := f.units([]splice{{span{place, place}, []byte(" ")}}); ok {
			t.Errorf("an insertion at %d is said to be within a value", place)
		}
	}
}
