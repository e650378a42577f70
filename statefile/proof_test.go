package statefile

import (
	"errors"
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

	for name, change := range map[string][2]string{
		"nothing was done":                {done, before},
		"the serial was not raised":       {`"serial":2`, `"serial":1`},
		"the serial was raised by two":    {`"serial":2`, `"serial":3`},
		"the edit is missing":             {`"app":"z"`, `"app":"a"`},
		"the edit put something else":     {`"app":"z"`, `"app":"zz"`},
		"the edit is escaped another way": {`"app":"z"`, `"app":"\u007a"`},
		"the other duplicate was edited":  {`"app":"z","app":"a"`, `"app":"a","app":"z"`},
		"both duplicates were edited":     {`"app":"z","app":"a"`, `"app":"z","app":"z"`},
		"a duplicate is gone":             {`"app":"z","app":"a"`, `"app":"z"`},
		"number text":                     {`1.0`, `1`},
		"number text, same length":        {`1.0`, `1e0`},
		"another attribute":               {`"id":"a","n"`, `"id":"c","n"`},
		"another member's name":           {`"l":[`, `"L":[`},
		"order of members":                {`"id":"a","n":1.0`, `"n":1.0,"id":"a"`},
		"an element more":                 {`[1,2]`, `[1,2,3]`},
		"an element less":                 {`[1,2]`, `[1]`},
		"order of elements":               {`[1,2]`, `[2,1]`},
		"a member more":                   {`{"k":"v"}`, `{"k":"v","w":1}`},
		"a member more at the front":      {`{"k":"v"}`, `{"w":1,"k":"v"}`},
		"a member less":                   {`{"k":"v"}`, `{}`},
		"an object for a string":          {`"k":"v"`, `"k":{}`},
		"an array for an object":          {`{"k":"v"}`, `["k","v"]`},
		"another instance":                {`{"attributes":{"id":"a"}}]}]`, `{"attributes":{"id":"z"}}]}]`},
		"an output":                       {`"value":"a"`, `"value":"z"`},
		"an unknown field":                {`"extra":1`, `"extra":2`},
		"an unknown field is gone":        {`"extra":1,`, ``},
		"an instance is gone":             {`,{"index_key":1,"attributes":{"id":"b"}}`, ``},
		"an instance more":                {`{"index_key":1,`, `{"index_key":2},{"index_key":1,`},
		"an instance's key":               {`"index_key":1`, `"index_key":2`},
		"a resource's name":               {`"name":"o"`, `"name":"p"`},
		"order of resources":              {`"name":"n"`, `"name":"o"`},
		"lineage":                         {`"lineage":"l"`, `"lineage":"m"`},
		"null became something":           {`"check_results":null`, `"check_results":[]`},
		"attributes became flat":          {`"attributes":{"id":"b"}`, `"attributes_flat":{"id":"b"}`},
		"the document goes on":            {`null}`, `null,"x":0}`},
	} {
		after := strings.Replace(done, change[0], change[1], 1)
		if after == done {
			t.Errorf("%s: the test changes nothing", name)
			continue
		}
		err := prove(f, parse(t, after), around(before, after), claims())
		if e, ok := errors.AsType[*ProofError](err); !ok || !errors.Is(err, ErrProof) || e.Name != f.Name() {
			t.Errorf("%s: got %v, want a ProofError", name, err)
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
