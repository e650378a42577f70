package statefile

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

// around returns the one splice that turns a into b, so that the comparison of
// the bytes outside the edits finds nothing and the walk is on its own.
func around(a, b string) []splice {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	j := 0
	for j < len(a)-i && j < len(b)-i && a[len(a)-1-j] == b[len(b)-1-j] {
		j++
	}
	return []splice{{span{i, len(a) - j}, []byte(b[i : len(b)-j])}}
}

// The walk is the part of the proof that trusts no splice: here the text
// differs from the original in more, in less, or in something else than the
// edit claims, and each time it has to say so.
func TestProofFindsWhatNobodyClaimed(t *testing.T) {
	const before = `{"version":4,"serial":1,"lineage":"l","outputs":{"o":{"value":"a"}},"resources":[` +
		`{"type":"t","name":"n","instances":[{"attributes":{"id":"a","n":1.0,"app":"a","app":"a","l":[1,2],"m":{"k":"v"}}},{"index_key":1,"attributes":{"id":"b"}}]},` +
		`{"type":"t","name":"o","instances":[{"attributes":{"id":"a"}}]}],"extra":1,"check_results":null}`
	f := parse(t, before)
	// The edit: the first app becomes z, the serial 2.
	app := attr(t, f, "app")
	claims := func() []claim {
		return []claim{
			{what: replaced, at: f.serials[0].start, value: []byte("2")},
			{what: replaced, at: app.Value.at.start, value: []byte(`"z"`)},
		}
	}
	done := strings.NewReplacer(`"serial":1`, `"serial":2`, `"app":"a","app":"a"`, `"app":"z","app":"a"`).Replace(before)
	if err := prove(f, parse(t, done), around(before, done), claims()); err != nil {
		t.Fatalf("the edit itself: %v", err)
	}

	// What stands there, what is put there, and what is said of it.
	for name, change := range map[string][3]string{
		"nothing was done":                {done, before, "serial: an edit had no effect"},
		"the serial was not raised":       {`"serial":2`, `"serial":1`, "serial: an edit had no effect"},
		"the serial was raised by two":    {`"serial":2`, `"serial":3`, "serial: an edit had another effect than it should"},
		"the edit is missing":             {`"app":"z"`, `"app":"a"`, "resources[0].instances[0].attributes.app: an edit had no effect"},
		"the edit put something else":     {`"app":"z"`, `"app":"zz"`, "resources[0].instances[0].attributes.app: an edit had another effect than it should"},
		"the edit is escaped another way": {`"app":"z"`, `"app":"\u007a"`, "resources[0].instances[0].attributes.app: an edit had another effect than it should"},
		"the other duplicate was edited":  {`"app":"z","app":"a"`, `"app":"a","app":"z"`, "resources[0].instances[0].attributes.app: an edit had no effect"},
		"both duplicates were edited":     {`"app":"z","app":"a"`, `"app":"z","app":"z"`, "resources[0].instances[0].attributes.app: a value differs without an edit"},
		"a duplicate is gone":             {`"app":"z","app":"a"`, `"app":"z"`, "resources[0].instances[0].attributes.app: a member has another name without an edit"},
		"number text":                     {`1.0`, `1`, "resources[0].instances[0].attributes.n: a value differs without an edit"},
		"number text, same length":        {`1.0`, `1e0`, "resources[0].instances[0].attributes.n: a value differs without an edit"},
		"another attribute":               {`"id":"a","n"`, `"id":"c","n"`, "resources[0].instances[0].attributes.id: a value differs without an edit"},
		"another member's name":           {`"l":[`, `"L":[`, "resources[0].instances[0].attributes.l: a member has another name without an edit"},
		"order of members":                {`"id":"a","n":1.0`, `"n":1.0,"id":"a"`, "resources[0].instances[0].attributes.id: a member has another name without an edit"},
		"an element more":                 {`[1,2]`, `[1,2,3]`, "resources[0].instances[0].attributes.l: a value differs without an edit"},
		"an element less":                 {`[1,2]`, `[1]`, "resources[0].instances[0].attributes.l: a value differs without an edit"},
		"order of elements":               {`[1,2]`, `[2,1]`, "resources[0].instances[0].attributes.l[0]: a value differs without an edit"},
		"a member more":                   {`{"k":"v"}`, `{"k":"v","w":1}`, "resources[0].instances[0].attributes.m.k: a member was added without an edit"},
		"a member more at the front":      {`{"k":"v"}`, `{"w":1,"k":"v"}`, "resources[0].instances[0].attributes.m.k: a member has another name without an edit"},
		"a member less":                   {`{"k":"v"}`, `{}`, "resources[0].instances[0].attributes.m.k: a member is missing without an edit"},
		"an object for a string":          {`"k":"v"`, `"k":{}`, "resources[0].instances[0].attributes.m.k: a value differs without an edit"},
		"an array for an object":          {`{"k":"v"}`, `["k","v"]`, "resources[0].instances[0].attributes.m: a value differs without an edit"},
		"another instance":                {`{"attributes":{"id":"a"}}]}]`, `{"attributes":{"id":"z"}}]}]`, "resources[1].instances[0].attributes.id: a value differs without an edit"},
		"an output":                       {`"value":"a"`, `"value":"z"`, "outputs.o.value: a value differs without an edit"},
		"an unknown field":                {`"extra":1`, `"extra":2`, "extra: a value differs without an edit"},
		"an unknown field is gone":        {`"extra":1,`, ``, "extra: a member has another name without an edit"},
		"an instance is gone":             {`,{"index_key":1,"attributes":{"id":"b"}}`, ``, "resources[0].instances[1]: the address of an instance would change"},
		"an instance more":                {`{"index_key":1,`, `{"index_key":2},{"index_key":1,`, "resources[0].instances[1]: the address of an instance would change"},
		"an instance's key":               {`"index_key":1`, `"index_key":2`, "resources[0].instances[1]: the address of an instance would change"},
		"a resource's name":               {`"name":"o"`, `"name":"p"`, "resources[1].instances[0]: the address of an instance would change"},
		"order of resources":              {`"name":"n"`, `"name":"o"`, "resources[0].instances[0]: the address of an instance would change"},
		"lineage":                         {`"lineage":"l"`, `"lineage":"m"`, "version or lineage would change"},
		"null became something":           {`"check_results":null`, `"check_results":[]`, "check_results: a value differs without an edit"},
		"attributes became flat":          {`"attributes":{"id":"b"}`, `"attributes_flat":{"id":"b"}`, "resources[0].instances[1]: the address of an instance would change"},
		"the document goes on":            {`null}`, `null,"x":0}`, "check_results: a member was added without an edit"},
	} {
		after := strings.Replace(done, change[0], change[1], 1)
		if after == done {
			t.Errorf("%s: the test changes nothing", name)
			continue
		}
		err := prove(f, parse(t, after), around(before, after), claims())
		if e, ok := errors.AsType[*ProofError](err); !ok || !errors.Is(err, ErrProof) || e.Error() != f.Name()+": proof: "+change[2] {
			t.Errorf("%s: got %v, want a ProofError: %s", name, err, change[2])
		}
	}
}

// White space is no difference to the walk; the comparison of what lies between
// the splices finds it.
func TestProofComparesTheBytesBetween(t *testing.T) {
	const before = "{\"version\": 4, \"serial\": 1, \"x\": [1, 2]}\n"
	f := parse(t, before)
	const done = "{\"version\": 4, \"serial\": 2, \"x\": [1, 2]}\n"
	claims := func() []claim { return []claim{{what: replaced, at: f.serials[0].start, value: []byte("2")}} }
	splices := []splice{{f.serials[0], []byte("2")}}
	if err := prove(f, parse(t, done), splices, claims()); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{{"\n", ""}, {"\n", "\r\n"}, {"\n", "\n\n"}, {"[1, 2]", "[1,2]"}, {"{\"v", "{ \"v"}, {"{\"v", "\ufeff{\"v"}, {"\": 2", "\":  2"}} {
		after := strings.Replace(done, change[0], change[1], 1)
		if err := prove(f, parse(t, after), splices, claims()); !errors.Is(err, ErrProof) {
			t.Errorf("%q for %q: got %v, want ErrProof", change[1], change[0], err)
		}
	}
}

// planned does what Apply does, up to the outcome, which it doesn't prove.
func planned(t *testing.T, f *File, edits []Edit) *plan {
	t.Helper()
	p := &plan{f: f, removed: make(map[int]bool)}
	for _, e := range edits {
		must(t, p.add(e))
	}
	must(t, p.takeOut())
	must(t, p.insertAll())
	p.remove()
	must(t, p.raiseSerial())
	must(t, p.sort())
	return p
}

// An edit of each kind puts something else into the state than it says, at another
// place, or says less or more: the proof finds each.
func TestProofOfEachEdit(t *testing.T) {
	const text = `{"version":4,"serial":1,"lineage":"l","resources":[` +
		`{"mode":"managed","type":"t","name":"n","provider":"p","instances":[{"schema_version":0,"index_key":0,"attributes":{"id":"a","n":1.0,"app":"a","m":{"k":"v"}}},` +
		`{"schema_version":0,"index_key":1,"attributes":{"id":"b"}}]}]}`
	f := parse(t, text)
	app, m := attr(t, f, "app"), attr(t, f, "m")
	for name, edits := range map[string][]Edit{
		"replace by a string":  {ReplaceString(app.Value, "qqq")},
		"replace by JSON":      {ReplaceRaw(m.Value, []byte(`["qqq"]`))},
		"an object by another": {ReplaceRaw(m.Value, []byte(`{"k":"qqq","r":"v"}`))},
		"rename":               {RenameMember(app, "qqq")},
		"rename and replace":   {RenameMember(app, "qqq"), ReplaceString(app.Value, "rrr")},
		"remove":               {RemoveMember(app)},
		"add":                  {AddMember(app, "qqq", []byte(`"rrr"`))},
		"insert":               {InsertInstance(f, NewInstance{Type: "t", Name: "n", Key: IntKey(2), Provider: "p", Attributes: []byte(`{"id":"qqq"}`)})},
		"insert a resource":    {InsertInstance(f, NewInstance{Type: "t", Name: "z", Provider: "p", Attributes: []byte(`{"id":"qqq"}`)})},
		"remove an instance":   {RemoveInstance(&f.instances[1])},
	} {
		t.Run(name, func(t *testing.T) {
			p := planned(t, f, edits)
			holds := func(splices []splice, claims []claim) (after *File, err error) {
				q := &plan{f: f, splices: splices}
				if after, err = index("after", q.spliced()); err != nil {
					return nil, err
				}
				return after, prove(f, after, slices.Clone(splices), slices.Clone(claims))
			}
			if _, err := holds(p.splices, p.claims); err != nil {
				t.Fatalf("the edit itself: %v", err)
			}
			tampered := 0
			refused := func(what string, splices []splice, claims []claim) {
				t.Helper()
				after, err := holds(splices, claims)
				if after == nil {
					return // no state at all
				}
				if tampered++; !errors.Is(err, ErrProof) {
					t.Errorf("%s: got %v, want %v\n%s", what, err, ErrProof, after.data)
				}
			}
			for i, c := range p.claims {
				for what, change := range map[string]func(*claim){
					"another name":  func(c *claim) { c.name = append(bytes.Clone(c.name), 'x') },
					"another value": func(c *claim) { c.value = append(bytes.Clone(c.value), 'x') },
					"another place": func(c *claim) { c.at++ },
					"another kind":  func(c *claim) { c.what = c.what%taken + 1 },
				} {
					claims := slices.Clone(p.claims)
					change(&claims[i])
					refused(what+" than claim "+c.what.String(), p.splices, claims)
				}
				refused("without claim "+c.what.String(), p.splices, slices.Delete(slices.Clone(p.claims), i, i+1))
				refused("twice claim "+c.what.String(), p.splices, append(slices.Clone(p.claims), c))
			}
			for i, s := range p.splices {
				refused("without a splice", slices.Delete(slices.Clone(p.splices), i, i+1), p.claims)
				for n, b := range s.text {
					if b != 'q' && b != 'r' {
						continue
					}
					splices := slices.Clone(p.splices)
					splices[i].text = bytes.Clone(s.text)
					splices[i].text[n] = 'x'
					refused("other text", splices, p.claims)
				}
			}
			if tampered < 8 {
				t.Errorf("only %d ways to tamper", tampered)
			}
		})
	}
}

// What makes the address of an instance, and what else the proof holds fast, can't be
// the target of an edit, whatever its kind.
func TestProofKeepsAddresses(t *testing.T) {
	const text = `{"version":4,"serial":1,"lineage":"l","resources":[` +
		`{"module":"module.m","mode":"managed","type":"t","name":"n","each":"list","provider":"p","instances":[` +
		`{"index_key":0,"deposed":"d","schema_version":0,"attributes":{"id":"a"}},{"index_key":"k","attributes_flat":{"id":"b"}}]}]}`
	f := parse(t, text)
	fixed := map[string]bool{"module": true, "mode": true, "type": true, "name": true, "index_key": true, "deposed": true}
	seen := 0
	var walk func(v Value)
	walk = func(v Value) {
		for e := range v.Elements() {
			walk(e)
		}
		for m := range v.Members() {
			walk(m.Value)
			if !fixed[m.Name] {
				continue
			}
			seen++
			other := []byte(`"other"`)
			if m.Name == "mode" {
				other = []byte(`"data"`)
			}
			for what, edit := range map[string]Edit{
				"replaced": ReplaceRaw(m.Value, other), "a string": ReplaceString(m.Value, "data"),
				"renamed": RenameMember(m, "x"), "removed": RemoveMember(m),
			} {
				if _, err := f.Apply(edit); !errors.Is(err, ErrProof) {
					t.Errorf("%s %s: got %v, want %v", m.Name, what, err, ErrProof)
				}
			}
			if m.Name == "index_key" {
				if _, err := f.Apply(ReplaceRaw(m.Value, []byte("7"))); !errors.Is(err, ErrProof) {
					t.Errorf("another number of an instance: got %v", err)
				}
			}
		}
	}
	walk(f.Root())
	if seen != 7 {
		t.Errorf("%d members that make addresses, want 7", seen)
	}
}

func TestProofErrorSaysWhereAndNoValue(t *testing.T) {
	before := strings.Replace(v4, `"id": "old"`, `"id": "hunter2"`, 1)
	f := parse(t, before)
	after := strings.Replace(before, "hunter2", "hunter3", 1)
	err := prove(f, parse(t, after), around(before, after), nil)
	want := "test.tfstate: proof: resources[0].instances[0].attributes.id: a value differs without an edit"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestPathOf(t *testing.T) {
	f := parse(t, v4)
	for _, i := range []*Instance{&f.instances[0], &f.instances[5]} {
		if got, want := f.pathOf(i.object.start).String(), map[*Instance]string{
			&f.instances[0]: "resources[0].instances[0]", &f.instances[5]: "resources[2].instances[2]"}[i]; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := f.pathOf(f.root.start); len(got) != 0 {
		t.Errorf("root: got %s", got)
	}
}
