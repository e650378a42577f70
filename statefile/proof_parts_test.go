package statefile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// offsets returns where the texts stand, each behind the one before; one that is the
// same as the one before stands at its place.
func offsets(t *testing.T, in string, texts []string) []int {
	t.Helper()
	var all []int
	at := -1
	for n, text := range texts {
		if n == 0 || text != texts[n-1] {
			next := strings.Index(in[at+1:], text)
			if next < 0 {
				t.Fatalf("%q isn't in %s", text, in)
			}
			at += 1 + next
		}
		all = append(all, at)
	}
	return all
}

// What the walk finds between two texts: each difference where it is, and what stands
// there now. Of removed and added members it has to be told.
func TestWalk(t *testing.T) {
	for name, tt := range map[string]struct {
		a, b                  string
		removed, added, whole []string // texts in a that begin at the place
		want                  []string // kind, place in a, and the new name and value
	}{
		"equal":                  {a: `{"a":[1,{"b":null}],"c":"x"}`, b: `{"a":[1,{"b":null}],"c":"x"}`},
		"white space":            {a: ` { "a" : [ 1 , { "b" : null } ] , "c" : "x" }`, b: `{"a":[1,{"b":null}],"c":"x"}`},
		"white space, other way": {a: `{"a":[1,{"b":null},[],{}],"c":"x"}`, b: " {\n\"a\"\t: [ 1 , { \"b\" : null } , [ ] , { } ] , \"c\" : \"x\" \r}"},
		"scalars":                {a: `[1,"a",null,true]`, b: `[2,"b",0,"true"]`, want: []string{"replaced 1 2", `replaced 3 "b"`, "replaced 7 0", `replaced 12 "true"`}},
		"deep":                   {a: `{"a":[{"b":{"c":1}}],"d":2}`, b: `{"a":[{"b":{"c":3}}],"d":4}`, want: []string{"replaced 16 3", "replaced 25 4"}},
		"a value of another kind": {a: `{"a":{"b":1},"c":[1],"d":[{}]}`, b: `{"a":[1],"c":{"b":1},"d":[[]]}`,
			want: []string{"replaced 5 [1]", `replaced 17 {"b":1}`, "replaced 26 []"}},
		"an object as a whole": {a: `{"a":{"b":1,"c":2},"d":3}`, b: `{"a":{"c":2},"d":4}`, whole: []string{`{"b"`},
			want: []string{`replaced 5 {"c":2}`, "replaced 23 4"}},
		"an array as a whole":   {a: `{"a":[1,2],"d":3}`, b: `{"a":[1,3],"d":3}`, whole: []string{`[1`}, want: []string{"replaced 5 [1,3]"}},
		"equal as a whole":      {a: `{"a":[1,2]}`, b: `{"a":[1,2]}`, whole: []string{`[1`}},
		"a longer array":        {a: `{"a":[1,2],"b":3}`, b: `{"a":[1,2,3],"b":4}`, want: []string{"replaced 5 [1,2,3]", "replaced 15 4"}},
		"a shorter array":       {a: `{"a":[1,2],"b":3}`, b: `{"a":[1],"b":4}`, want: []string{"replaced 5 [1]", "replaced 15 4"}},
		"an array that's empty": {a: `[[1],[],2]`, b: `[[],[1],3]`, want: []string{"replaced 1 []", "replaced 5 [1]", "replaced 8 3"}},

		"inserted at the front":     {a: `[1,2]`, b: `[0,1,2]`, added: []string{"1"}, want: []string{"inserted 1 0"}},
		"inserted in the middle":    {a: `[1,2]`, b: `[1, {"x":[1]}, 2]`, added: []string{"2"}, want: []string{`inserted 3 {"x":[1]}`}},
		"inserted at the end":       {a: `[1,2]`, b: `[1,2,3]`, added: []string{"]"}, want: []string{"inserted 4 3"}},
		"inserted into an empty":    {a: `[[],1]`, b: `[[3,4],2]`, added: []string{"]", "]"}, want: []string{"inserted 2 3", "inserted 2 4", "replaced 4 2"}},
		"two at one place":          {a: `[1,2]`, b: `[1,8,9,2]`, added: []string{"2", "2"}, want: []string{"inserted 3 8", "inserted 3 9"}},
		"fewer than was said":       {a: `[1]`, b: `[1,8]`, added: []string{"]", "]"}, want: []string{"inserted 2 8"}},
		"none of those":             {a: `[1]`, b: `[1]`, added: []string{"]"}},
		"inserted elsewhere":        {a: `[1,2]`, b: `[1,2,3]`, added: []string{"2"}, want: []string{"inserted 3 2", "replaced 3 3"}},
		"inserted and more":         {a: `[1,2]`, b: `[0,1,2,3]`, added: []string{"1"}, want: []string{"inserted 1 0", "replaced 0 [0,1,2,3]"}},
		"taken from the front":      {a: `[1,2,3]`, b: `[2,3]`, removed: []string{"1"}, want: []string{"taken 1"}},
		"taken from the middle":     {a: `[1,[2],3]`, b: `[1,4]`, removed: []string{"[2]"}, want: []string{"taken 3", "replaced 7 4"}},
		"taken from the end":        {a: `[1,2,{"a":[]}]`, b: `[1,2]`, removed: []string{`{"a"`}, want: []string{"taken 5"}},
		"all taken":                 {a: `[1,2]`, b: `[]`, removed: []string{"1", "2"}, want: []string{"taken 1", "taken 3"}},
		"taken and inserted":        {a: `[1,2]`, b: `[3,2]`, removed: []string{"1"}, added: []string{"1"}, want: []string{"inserted 1 3", "taken 1"}},
		"taken and one more gone":   {a: `[1,2,3]`, b: `[2]`, removed: []string{"1"}, want: []string{"taken 1", "replaced 0 [2]"}},
		"not taken, as was said":    {a: `[1,2]`, b: `[1,2]`, removed: []string{"1"}, want: []string{"taken 1", "replaced 3 1"}},
		"nothing there to be taken": {a: `[[],1]`, b: `[[],2]`, removed: []string{"]"}, want: []string{"replaced 4 2"}},

		"renamed":               {a: `{"a":1,"b":2}`, b: `{"c":1,"b":2}`, want: []string{`renamed 1 "c"`}},
		"spelled otherwise":     {a: `{"a":1}`, b: `{"\u0061":1}`, want: []string{`renamed 1 "\u0061"`}},
		"renamed and replaced":  {a: `{"a":{"b":1}}`, b: `{"c":{"b":2}}`, want: []string{`renamed 1 "c"`, "replaced 10 2"}},
		"removed":               {a: `{"a":{"x":[1]},"b":2}`, b: `{"b":3}`, removed: []string{`"a"`}, want: []string{"removed 1", "replaced 19 3"}},
		"the last one removed":  {a: `{"a":1,"b":2}`, b: `{"a":1}`, removed: []string{`"b"`}, want: []string{"removed 7"}},
		"the last is missing":   {a: `{"a":1,"b":[2],"c":3}`, b: `{"a":1}`, want: []string{"removed 7", "removed 15"}},
		"all are missing":       {a: `[{"a":1},4]`, b: `[{},5]`, want: []string{"removed 2", "replaced 9 5"}},
		"removed, and is there": {a: `{"a":1,"b":2}`, b: `{"a":1,"b":2}`, removed: []string{`"a"`}, want: []string{"removed 1", `renamed 7 "a"`, "replaced 11 1", `added 7 "b" 2`}},
		"added":                 {a: `{"a":1,"b":2}`, b: `{"a":1,"c":[3],"b":2}`, added: []string{`"a"`}, want: []string{`added 1 "c" [3]`}},
		"two added":             {a: `{"a":1,"b":2}`, b: `{"a":1, "c" : 3 , "d" : 4, "b":2}`, added: []string{`"a"`, `"a"`}, want: []string{`added 1 "c" 3`, `added 1 "d" 4`}},
		"two added, one said":   {a: `{"a":1,"b":2}`, b: `{"a":1,"c":3,"d":4,"b":2}`, added: []string{`"a"`}, want: []string{`added 1 "c" 3`, `renamed 7 "d"`, "replaced 11 4", `added 7 "b" 2`}},
		"added at the end":      {a: `[{"a":1},2]`, b: `[{"a":1,"c":3},4]`, want: []string{`added 2 "c" 3`, "replaced 9 4"}},
		"added to an empty":     {a: `[{},2]`, b: `[{"c":3,"d":4},5]`, want: []string{`added 1 "c" 3`, `added 1 "d" 4`, "replaced 4 5"}},
		"none added":            {a: `{"a":1}`, b: `{"a":1}`, added: []string{`"a"`}},
		"one name twice":        {a: `{"a":1,"a":2}`, b: `{"a":1,"a":3}`, want: []string{"replaced 11 3"}},
		"a quote in a name":     {a: `{"a\"":1,"b\\":2}`, b: `{"a\"":3,"b\\":4}`, want: []string{"replaced 7 3", "replaced 15 4"}},
	} {
		w := &walk{a: []byte(tt.a + ","), b: []byte(tt.b + ","), whole: make(map[int]bool), removed: make(map[int]bool), added: make(map[int]int)}
		for _, at := range offsets(t, tt.a, tt.removed) {
			w.removed[at] = true
		}
		for _, at := range offsets(t, tt.a, tt.added) {
			w.added[at]++
		}
		for _, at := range offsets(t, tt.a, tt.whole) {
			w.whole[at] = true
		}
		i, j := w.value(skipSpace(w.a, 0), skipSpace(w.b, 0))
		if i != len(tt.a) || j != len(tt.b) {
			t.Errorf("%s: the values end at %d and %d, want %d and %d", name, i, j, len(tt.a), len(tt.b))
		}
		var got []string
		kinds := map[difference]string{replaced: "replaced", renamed: "renamed", removed: "removed", added: "added", inserted: "inserted", taken: "taken"}
		for _, c := range w.found {
			got = append(got, strings.Join(strings.Fields(fmt.Sprintf("%s %d %s %s", kinds[c.what], c.at, c.name, c.value)), " "))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s and %s (-want +got):\n%s", name, tt.a, tt.b, diff)
		}
	}
}

// Instances that are equal aren't walked, and all others are.
func TestWalkPassesEqualInstances(t *testing.T) {
	const before = `{"version":4,"serial":1,"resources":[{"type":"t","name":"n","instances":[{"attributes":{"id":"a"}},{"attributes":{"id":"b"}}]},{"type":"t","name":"o","instances":[{"attributes":{"id":"c"}}]}]}`
	f := parse(t, before)
	for _, change := range []string{`"a"`, `"b"`, `"c"`} {
		after := parse(t, strings.Replace(before, change, `"x"`, 1))
		at := strings.Index(before, change)
		for _, instances := range [][2][]Instance{{f.instances, after.instances}, {f.instances, nil}, {nil, after.instances}, {f.instances[1:], after.instances[1:]},
			{f.instances, after.instances[2:]}, {f.instances[2:], after.instances}} {
			w := &walk{a: f.data, b: after.data, ia: instances[0], ib: instances[1]}
			i, j := w.value(0, 0)
			if i != len(f.data) || j != len(after.data) || len(w.found) != 1 || w.found[0].at != at || string(w.found[0].value) != `"x"` {
				t.Errorf("%s, of %d and %d instances: found %+v", change, len(instances[0]), len(instances[1]), w.found)
			}
		}
	}
}

// An instance that has the text of another one isn't taken for it.
func TestWalkOfEqualTexts(t *testing.T) {
	const a = `{"attributes":{"id":"a"}}`
	const before = `{"version":4,"serial":1,"resources":[{"type":"t","name":"n","instances":[` + a + `,` + a + `,` + a + `]}]}`
	f := parse(t, before)
	for n := range f.instances {
		at := f.instances[n].object
		place := at.start + strings.Index(a, `"a"`)
		after := parse(t, before[:place]+`"longer"`+before[place+3:])
		for from := range after.instances {
			w := &walk{a: f.data, b: after.data, ia: f.instances, ib: after.instances[from:]}
			i, j := w.value(0, 0)
			if i != len(f.data) || j != len(after.data) || len(w.found) != 1 || w.found[0].at != place {
				t.Errorf("instance %d, known from %d on: found %+v", n, from, w.found)
			}
			w = &walk{a: f.data, b: after.data, ia: f.instances[from:], ib: after.instances}
			i, j = w.value(0, 0)
			if i != len(f.data) || j != len(after.data) || len(w.found) != 1 || w.found[0].at != place {
				t.Errorf("instance %d, known from %d on in the original: found %+v", n, from, w.found)
			}
		}
	}
}

// A unit that ends elsewhere than it should, in either text, isn't proved.
func TestProofOfUnitsThatEndElsewhere(t *testing.T) {
	f := parse(t, `{"version":4,"serial":1,"x":[1,2],"y":3}`)
	at := f.members[2].value
	if err := proveUnits(f, f, nil, nil, []unit{{before: at, after: at, instance: -1}}); err != nil {
		t.Fatal(err)
	}
	for _, u := range []unit{{before: span{at.start, at.end + 1}, after: at}, {before: at, after: span{at.start, at.end - 1}}} {
		err := proveUnits(f, f, nil, nil, []unit{u})
		if e, ok := errors.AsType[*ProofError](err); !ok || e.Error() != "test.tfstate: proof: x: the value ends elsewhere" {
			t.Errorf("%+v: got %v", u, err)
		}
	}
}

// Neither version nor lineage may be the target of an edit.
func TestProofKeepsVersionAndLineage(t *testing.T) {
	const before = `{"version":4,"serial":1,"lineage":"l","resources":[],"modules":[]}`
	f := parse(t, before)
	for old, new := range map[string]string{"4": "3", `"l"`: `"m"`} {
		after := strings.Replace(before, old, new, 1)
		claims := []claim{{what: replaced, at: strings.Index(before, old), value: []byte(new)}}
		err := prove(f, parse(t, after), around(before, after), claims)
		if e, ok := errors.AsType[*ProofError](err); !ok || e.Problem != "version or lineage would change" || len(e.Path) > 0 {
			t.Errorf("%s for %s: got %v", new, old, err)
		}
	}
}

// The bytes outside the splices are compared, all of them.
func TestUnspliced(t *testing.T) {
	const a = "abcdefgh"
	cd, f := span{2, 4}, span{5, 6}
	for _, tt := range []struct {
		b       string
		splices []splice
		at      int
		ok      bool
	}{
		{a, nil, 0, true},
		{"abcdefgx", nil, 0, false},
		{"xbcdefgh", nil, 0, false},
		{"abcdefghi", nil, 8, false},
		{"abcdefg", nil, 0, false},
		{"", nil, 0, false},
		{"abXefgh", []splice{{cd, []byte("X")}}, 8, true},
		{"abefgh", []splice{{cd, nil}}, 8, true},
		{"abXYZefgh", []splice{{cd, []byte("XYZ")}}, 8, true},
		{"aXefgh", []splice{{cd, []byte("X")}}, 0, false},
		{"abXefgx", []splice{{cd, []byte("X")}}, 4, false},
		{"abXefg", []splice{{cd, []byte("X")}}, 4, false},
		{"abXefghi", []splice{{cd, []byte("X")}}, 8, false},
		{"ab", []splice{{cd, nil}}, 4, false},
		{"a", []splice{{cd, nil}}, 0, false},
		{"abXeYYgh", []splice{{cd, []byte("X")}, {f, []byte("YY")}}, 8, true},
		{"abXxYYgh", []splice{{cd, []byte("X")}, {f, []byte("YY")}}, 4, false},
		{"abXeYYgx", []splice{{cd, []byte("X")}, {f, []byte("YY")}}, 6, false},
		{"abXeYYgh", []splice{{f, []byte("YY")}, {cd, []byte("X")}}, 0, false},
		{"abcdeYgh", []splice{{f, []byte("Y")}, {cd, []byte("X")}}, 6, false},
		{"Xabcdefgh", []splice{{span{}, []byte("X")}}, 8, true},
		{"abcdefghX", []splice{{span{8, 8}, []byte("X")}}, 8, true},
		{"", []splice{{span{0, 8}, nil}}, 8, true},
	} {
		at, ok := unspliced([]byte(a), []byte(tt.b), tt.splices)
		if ok != tt.ok || !ok && at != tt.at {
			t.Errorf("%q with %v: got %d, %v, want %d, %v", tt.b, tt.splices, at, ok, tt.at, tt.ok)
		}
	}
}

// The instances of the outcome are those of the original, in their order, less those that
// are taken and with those that are inserted, at their places.
func TestProveInstances(t *testing.T) {
	const (
		a = `{"index_key":0,"attributes":{"id":"a"}}`
		b = `{"index_key":1,"attributes":{"id":"b"}}`
		c = `{"attributes":{"id":"c"}}`
	)
	state := func(n, o string) string {
		text := `{"version":4,"serial":1,"resources":[`
		if n != "" {
			text += `{"mode":"managed","type":"t","name":"n","provider":"p","instances":[` + n + `]}`
		}
		if n != "" && o != "" {
			text += ","
		}
		if o != "" {
			text += `{"mode":"managed","type":"t","name":"o","provider":"p","instances":[` + o + `]}`
		}
		return text + `]}`
	}
	before := state(a+","+b, c)
	f := parse(t, before)
	added := func(name string, key Key) *NewInstance {
		return &NewInstance{Mode: Managed, Type: "t", Name: name, Key: key, Provider: "p", Attributes: []byte(`{"id":"x"}`)}
	}
	const x, y, z = `{"index_key":7,"attributes":{"id":"x"}}`, `{"index_key":8,"attributes":{"id":"x"}}`, `{"index_key":9,"attributes":{"id":"x"}}`
	nx, ny, oz := added("n", IntKey(7)), added("n", IntKey(8)), added("o", IntKey(9))
	at := func(s string) int { return strings.Index(before, s) }
	list := at(`{"mode"`)
	end := strings.LastIndex(before, "]}]}")
	const (
		number   = "the number of instances would change"
		address  = "the address of an instance would change"
		inserted = "an instance would be inserted otherwise than it should"
	)
	insert := func(at int, adds ...*NewInstance) claim { return claim{what: insertion, at: at, adds: adds} }
	take := func(at int) claim { return claim{what: taken, at: at} }
	for name, tt := range map[string]struct {
		after   string
		claims  []claim
		at      int
		problem string
	}{
		"the same":                      {after: before},
		"other attributes":              {after: state(strings.Replace(a, `"a"`, `"z"`, 1)+","+b, c)},
		"other claims":                  {after: before, claims: []claim{{what: removed, at: at(a)}, {what: replaced, at: at(b)}}},
		"the first is gone":             {after: state(b, c), at: at(a), problem: address},
		"the last is gone":              {after: state(a+","+b, ""), problem: number},
		"all are gone":                  {after: state("", ""), problem: number},
		"one more at the end":           {after: state(a+","+b, c+","+z), problem: number},
		"one more at the front":         {after: state(x+","+a+","+b, c), at: at(a), problem: address},
		"the order":                     {after: state(b+","+a, c), at: at(a), problem: address},
		"the last is another":           {after: state(a+","+b, z), at: at(c), problem: address},
		"the first taken":               {after: state(b, c), claims: []claim{take(at(a))}},
		"the second taken":              {after: state(a, c), claims: []claim{take(at(b))}},
		"the last taken":                {after: state(a+","+b, ""), claims: []claim{take(at(c))}},
		"two taken":                     {after: state("", c), claims: []claim{take(at(b)), take(at(a))}},
		"a resource taken":              {after: state("", c), claims: []claim{take(list)}},
		"all taken":                     {after: state("", ""), claims: []claim{take(at(c)), take(list)}},
		"taken, and still there":        {after: before, claims: []claim{take(at(b))}, at: at(c), problem: address},
		"the last, and still there":     {after: before, claims: []claim{take(at(c))}, problem: number},
		"another than was taken":        {after: state(a, c), claims: []claim{take(at(a))}, at: at(b), problem: address},
		"inserted at the front":         {after: state(x+","+a+","+b, c), claims: []claim{insert(at(a), nx)}},
		"inserted in the middle":        {after: state(a+","+x+","+b, c), claims: []claim{insert(at(b), nx)}},
		"inserted behind":               {after: state(a+","+b+","+x, c), claims: []claim{insert(at(c), nx)}},
		"inserted at the end":           {after: state(a+","+b, c+","+z), claims: []claim{insert(end, oz)}},
		"two inserted":                  {after: state(x+","+y+","+a+","+b, c), claims: []claim{insert(at(a), nx, ny)}},
		"two, not sorted":               {after: state(x+","+a+","+b, c+","+z), claims: []claim{insert(end, oz), insert(at(a), nx)}},
		"two at the front":              {after: state(x+","+y+","+a+","+b, c), claims: []claim{insert(at(a), nx), insert(at(a), ny)}},
		"two, the other way":            {after: state(y+","+x+","+a+","+b, c), claims: []claim{insert(at(a), nx, ny)}, at: at(a), problem: inserted},
		"inserted elsewhere":            {after: state(a+","+x+","+b, c), claims: []claim{insert(at(a), nx)}, at: at(a), problem: inserted},
		"inserted too early":            {after: state(x+","+a+","+b, c), claims: []claim{insert(at(b), nx)}, at: at(a), problem: address},
		"inserted another":              {after: state(y+","+a+","+b, c), claims: []claim{insert(at(a), nx)}, at: at(a), problem: inserted},
		"not inserted":                  {after: before, claims: []claim{insert(at(c), nx)}, at: at(c), problem: inserted},
		"not inserted at the end":       {after: before, claims: []claim{insert(end, oz)}, at: end, problem: inserted},
		"another at the end":            {after: state(a+","+b, c+","+y), claims: []claim{insert(end, oz)}, at: end, problem: inserted},
		"half inserted":                 {after: state(a+","+b, c+","+y), claims: []claim{insert(end, added("o", IntKey(8)), oz)}, at: end, problem: inserted},
		"inserted for one that is gone": {after: state(x+","+b, c), claims: []claim{insert(at(a), nx), take(at(a))}},
		"with another provider": {after: strings.Replace(state(a+","+b, c+","+z), `"name":"o","provider":"p"`, `"name":"o","provider":"q"`, 1),
			claims: []claim{insert(end, oz)}, at: end, problem: inserted},
	} {
		gotAt, got := proveInstances(f, parse(t, tt.after), slices.Clone(tt.claims))
		if got != tt.problem || gotAt != tt.at && got != "" {
			t.Errorf("%s: got %q at %d, want %q at %d", name, got, gotAt, tt.problem, tt.at)
		}
	}
}

// insertion is a kind of claim, in a function where its name says something else.
const insertion = inserted

// Two instances are one in two versions of a state if nothing of their address differs;
// and a new one is there if what it says is there.
func TestSameInstance(t *testing.T) {
	const text = `{"version":4,"resources":[{"module":"module.m","mode":"managed","type":"t","name":"n","provider":"p","instances":[` +
		`{"index_key":"k","schema_version":2,"attributes":{"id": "a", "n": 1.0, "n": 2}}]}]}`
	i := &parse(t, text).instances[0]
	fresh := func() *NewInstance {
		return &NewInstance{Module: "module.m", Type: "t", Name: "n", Key: StringKey("k"), Provider: "p", SchemaVersion: 2,
			Attributes: []byte(`{"id":"a","n":1.0,"n":2}`)}
	}
	if j := *i; !i.same(&j) || !fresh().is(i) {
		t.Error("an instance isn't the same as itself")
	}
	moved := *i
	moved.object, moved.attributes, moved.Provider, moved.SchemaVersion = span{}, span{}, "q", 3
	if !i.same(&moved) {
		t.Error("an instance isn't the same at another place")
	}
	for name, change := range map[string]func(*Instance){
		"module": func(i *Instance) { i.Module = "" }, "mode": func(i *Instance) { i.Mode = Data }, "type": func(i *Instance) { i.Type = "u" },
		"name": func(i *Instance) { i.Name = "m" }, "key": func(i *Instance) { i.Key = StringKey("l") }, "no key": func(i *Instance) { i.Key = Key{} },
		"deposed": func(i *Instance) { i.Deposed = "d" }, "flat": func(i *Instance) { i.flat = true },
	} {
		j := *i
		if change(&j); i.same(&j) || j.same(i) {
			t.Errorf("another %s: it is the same", name)
		}
		if fresh().is(&j) {
			t.Errorf("another %s: it is the new one", name)
		}
	}
	for name, change := range map[string]func(*NewInstance){
		"mode": func(i *NewInstance) { i.Mode = Data }, "provider": func(i *NewInstance) { i.Provider = "q" }, "schema version": func(i *NewInstance) { i.SchemaVersion = 1 },
		"attributes": func(i *NewInstance) { i.Attributes = []byte(`{"id":"a","n":1.0}`) }, "text of a number": func(i *NewInstance) { i.Attributes = []byte(`{"id":"a","n":1,"n":2}`) },
		"no JSON": func(i *NewInstance) { i.Attributes = i.Attributes[1:] },
	} {
		n := fresh()
		if change(n); n.is(i) {
			t.Errorf("another %s: it is the new one", name)
		}
	}
	without := *i
	if without.attributes = (span{}); fresh().is(&without) {
		t.Error("without attributes: it is the new one")
	}
}

// Whatever stands in a state, the path to it is found from its offset.
func TestPathOfEverything(t *testing.T) {
	for name, text := range map[string]string{"v4": v4, "v3": v3, "spread": "\ufeff{ \"version\" : 4 , \"a\\\"b\" : [ { } , [ [ 1 ] , 2 ] , { \"x\" : { \"y\" : [ ] } } ] , \"a\" : \"b\" }\n"} {
		f, err := Parse(name, []byte(text))
		must(t, err)
		places := 0
		check := func(at int, want Path) {
			if places++; !f.pathOf(at).Equal(want) {
				t.Errorf("%s, at %d: got %s, want %s", name, at, f.pathOf(at), want)
			}
		}
		var walk func(v Value, path Path)
		walk = func(v Value, path Path) {
			check(v.at.start, path)
			if v.Kind() == Object || v.Kind() == Array {
				check(v.at.end-1, path) // its bracket
			}
			for m := range v.Members() {
				inner := append(path.Clone(), m.Name)
				check(m.name.start, inner)
				check(m.name.end-1, inner)
				walk(m.Value, inner)
			}
			n := 0
			for e := range v.Elements() {
				walk(e, append(path.Clone(), n))
				n++
			}
		}
		walk(f.Root(), Path{})
		if places < 20 {
			t.Errorf("%s: %d places only", name, places)
		}
	}
	if got := parse(t, v4).pathOf(bytes.IndexByte([]byte(v4), ',')); len(got) != 0 {
		t.Errorf("between two members: got %s", got)
	}
}
