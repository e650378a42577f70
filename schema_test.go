package herokutf

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/herokutf/herokutf/herokutest"
)

// schemas are those of what the library and its commands print.
var schemas = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	all := make(map[string]*jsonschema.Schema)
	for _, name := range []string{"slugs", "rename"} {
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		schema, err := c.Compile("schemas/" + name + ".schema.json")
		if err != nil {
			return nil, err
		}
		all[name] = schema
	}
	return all, nil
})

// validate holds a document against one of the schemas.
func validate(t *testing.T, schema, doc string) error {
	t.Helper()
	all, err := schemas()
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(doc))
	if err != nil {
		t.Fatalf("%v in %s", err, doc)
	}
	return all[schema].Validate(v)
}

// TestSlugsJSON: what every case of TestResolveSlugs finds, problems included,
// is as the schema says, comes back whole, and can be compared without options.
func TestSlugsJSON(t *testing.T) {
	docs := make(map[string]bool)
	for _, tt := range resolveTests {
		s := fakeHeroku(herokutest.Policy{})
		tt.world(s)
		pipelines := tt.pipelines
		if pipelines == nil {
			pipelines = []Pipeline{{"api", n(1)}}
		}
		opts := tt.opts
		opts.KeepGoing = true
		slugs, err := ResolveSlugs(t.Context(), fakeClient(t, s), pipelines, opts)
		if err != nil {
			continue // what was asked is wrong
		}
		slugs.Notes = nil // for people alone
		t.Run(tt.name, func(t *testing.T) {
			doc := roundTrip(t, slugs)
			if err := validate(t, "slugs", doc); err != nil {
				t.Errorf("%s: %v", doc, err)
			}
			if indented := write(t, slugs, FormatJSON); !strings.HasPrefix(indented, "{\n  \"format_version\": \"1.0\",\n  \"artifacts\": [") {
				t.Errorf("FormatJSON begins otherwise: %s", indented)
			} else if err := validate(t, "slugs", indented); err != nil {
				t.Error(err)
			}
			for i := range slugs.Artifacts {
				roundTrip(t, &slugs.Artifacts[i])
			}
			for _, p := range slugs.Problems {
				if !strings.Contains(p.Error(), p.Err.Error()) || len(reasonNames(p)) == 0 {
					t.Errorf("problem %v has no reason", p)
				}
			}
			docs[doc] = true
		})
	}
	if len(docs) < 25 {
		t.Errorf("%d documents only", len(docs))
	}
}

// roundTrip marshals v, reads that back and compares, and returns the text.
func roundTrip[T any](t *testing.T, v *T) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var back T
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatalf("%v from %s", err, data)
	}
	if diff := cmp.Diff(*v, back); diff != "" {
		t.Errorf("read back (-before +after):\n%s", diff)
	}
	again, err := json.Marshal(&back)
	if err != nil || string(again) != string(data) {
		t.Errorf("written again: %s, %v; want %s", again, err, data)
	}
	return string(data)
}

func TestSlugsUnmarshal(t *testing.T) {
	var s Slugs
	later := `{"format_version":"1.7","more":1,"artifacts":[{"variable":"a_slug_staging","value":"` + n(1) + `","color":"red"}],
		"problems":[{"reasons":["never_released","invented_later"],"message":"x"}]}`
	if err := json.Unmarshal([]byte(later), &s); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Variables(), []string{"a_slug_staging"}) || len(s.Problems) != 1 || s.Problems[0].Error() != "x" {
		t.Errorf("got %+v", s)
	}
	before := s
	for _, bad := range []string{`[]`, `{}`, `{"format_version":"2.0","artifacts":[]}`, `{"format_version":1}`, `{"format_version":"1.0","artifacts":[{"release":{"version":"3"}}]}`} {
		if err := json.Unmarshal([]byte(bad), &s); err == nil || !strings.Contains(err.Error(), "read slugs: ") {
			t.Errorf("%s: got error %v", bad, err)
		}
	}
	if diff := cmp.Diff(before, s); diff != "" {
		t.Errorf("errors changed the slugs (-before +after):\n%s", diff)
	}
	if got := slugReasons; len(got) != len(slices.Compact(slices.Sorted(func(yield func(string) bool) {
		for _, r := range got {
			if !yield(r.name) {
				return
			}
		}
	}))) {
		t.Error("two reasons have one name")
	}
}

func TestSlugsSchemaIsStrict(t *testing.T) {
	doc := string(must(t)(json.Marshal(exampleSlugs())))
	if err := validate(t, "slugs", doc); err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string][2]string{
		"another member":     {`"artifacts":`, `"extra":1,"artifacts":`},
		"no version":         {`"format_version":"1.0",`, ``},
		"another kind":       {`"kind":"slug"`, `"kind":"tarball"`},
		"a value that isn't": {`"value":"`, `"value":"x`},
		"an app without id":  {`"app":{"id":"`, `"app":{"uuid":"`},
		"a version of text":  {`"version":`, `"version":"4","v":`},
		"a time of no zone":  {`Z","user"`, `","user"`},
		"a variable that no": {`"variable":"`, `"variable":"1`},
	} {
		broken := strings.Replace(doc, edit[0], edit[1], 1)
		if broken == doc {
			t.Errorf("%s: nothing was edited in %s", name, doc)
		} else if validate(t, "slugs", broken) == nil {
			t.Errorf("%s: the schema takes it", name)
		}
	}
}

func must(t *testing.T) func([]byte, error) []byte {
	return func(data []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
}

// renameDoc is a document as a command makes it of a repair.
func renameDoc(t *testing.T, r *Repair, more string) string {
	t.Helper()
	part := func(v any, empty bool) string {
		if empty {
			return "[]"
		}
		return string(must(t)(json.Marshal(v)))
	}
	doc := fmt.Sprintf(`{"format_version":"1.1","renames":%s,"changes":%s,"mentions":%s,"backup":""`,
		part(r.Renames, r.Renames == nil), part(r.Changes, r.Changes == nil), part(r.Mentions, r.Mentions == nil))
	if r.Left != nil {
		doc += `,"left":` + part(r.Left, false)
	}
	if r.Notes != nil {
		doc += `,"notes":` + part(r.Notes, false)
	}
	return doc + more + "}"
}

// TestRepairRoundTrip: the parts of every repair of the golden files come back from
// JSON whole, and make documents as the schema has them.
func TestRepairRoundTrip(t *testing.T) {
	states := goldenStates(t)
	upgrades, lefts, notes := 0, 0, 0
	for _, name := range slices.Sorted(maps.Keys(states)) {
		t.Run(name, func(t *testing.T) {
			f := parseState(t, name, states[name])
			for _, rename := range []Rename{
				{Old: "old-name", New: "new-name"},
				{ID: mainID, Old: "old-name", New: "new-name", WebURL: newURL},
				{Old: "app-one", New: "brand-new"},
			} {
				var repairs []*Repair
				if r, err := RepairRename(f, rename); err == nil {
					repairs = append(repairs, r)
				}
				if r, err := UpgradeAppIDs(f, UpgradeOptions{Renames: []Rename{rename}, AppIDs: map[string]string{"app-one": mainID}}); err == nil {
					repairs = append(repairs, r)
					upgrades++
				}
				for _, r := range repairs {
					roundTrip(t, &r.Renames)
					roundTrip(t, &r.Changes)
					roundTrip(t, &r.Mentions)
					roundTrip(t, &r.Left)
					roundTrip(t, &r.Notes)
					lefts += len(r.Left)
					notes += len(r.Notes)
					if err := validate(t, "rename", renameDoc(t, r, "")); err != nil {
						t.Errorf("%v", err)
					}
				}
			}
		})
	}
	if upgrades == 0 || lefts == 0 || notes == 0 {
		t.Errorf("%d upgrades, %d fields left, %d notes; want some of each", upgrades, lefts, notes)
	}
}

// TestRepairEqual: repairs can be compared without options.
func TestRepairEqual(t *testing.T) {
	repair := func(f string, renames ...Rename) *Repair {
		r, err := RepairRename(parseState(t, "x", f), renames...)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	state := string(readState(t, "4.9.0").Bytes())
	rename := Rename{Old: "old-name", New: "new-name"}
	a := repair(state, rename)
	if diff := cmp.Diff(a, repair(state, rename)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(*a, *repair(state, rename)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var none *Repair
	for name, other := range map[string]*Repair{
		"another state": repair(state+"\n", rename), "another rename": repair(state, Rename{Old: "old-name", New: "other-name"}), "none": repair(state), "nil": none, "zero": {},
	} {
		if cmp.Equal(a, other) || cmp.Equal(other, a) {
			t.Errorf("%s is equal", name)
		}
	}
	if !(Repair{}).Equal(Repair{}) {
		t.Error("zero repairs differ")
	}
}

func TestRenameSchemaIsStrict(t *testing.T) {
	r, err := RepairRename(readState(t, "4.9.0"), Rename{ID: mainID, Old: "old-name", New: "new-name"})
	if err != nil {
		t.Fatal(err)
	}
	const more = `,"serial":{"old":12345678901234567890,"new":12345678901234567891}` +
		`,"config":{"edits":[{"file":"main.tf","line":3,"address":"heroku_app.main","old":"old-name","new":"new-name"}],"by_hand":[{"file":"","line":0,"reason":"x"}],"moved":[{"from":"a.b","to":"a.c"}]}` +
		`,"plan":{"actions":{"update":1}},"outcome":"kept new","restored":"terraform.tfstate.herokutf-1"`
	doc := renameDoc(t, r, more)
	for _, ok := range []string{
		doc,
		renameDoc(t, r, ""),
		strings.Replace(doc, `"1.1"`, `"1.0"`, 1),
		strings.Replace(doc, `,"moved":[{"from":"a.b","to":"a.c"}]`, ``, 1),
		`{"format_version":"1.0","renames":[],"changes":[],"mentions":[],"backup":"","outcome":"nothing to recover"}`,
	} {
		if err := validate(t, "rename", ok); err != nil {
			t.Errorf("%v", err)
		}
	}
	for name, edit := range map[string][2]string{
		"another member":      {`"mentions":`, `"extra":1,"mentions":`},
		"another version":     {`"1.1"`, `"2.0"`},
		"no mentions":         {`"mentions":`, `"left_out":`},
		"a serial of text":    {`"old":12345678901234567890`, `"old":"1"`},
		"an id that is none":  {`"id":"0`, `"id":"x`},
		"a name in capitals":  {`"new":"new-name"}],"changes"`, `"new":"NEW"}],"changes"`},
		"a change of nothing": {`{"address":"heroku_app.main",`, `{"address":"",`},
		"a path of halves":    {`"path":["`, `"path":[0.5,"`},
		"no reason":           {`"reason":"`, `"text":"`},
		"line 0":              {`"line":3`, `"line":0`},
		"another outcome":     {`"kept new"`, `"kept"`},
		"a plan of nothing":   {`"actions":`, `"steps":`},
	} {
		broken := strings.Replace(doc, edit[0], edit[1], 1)
		if broken == doc {
			t.Errorf("%s: nothing was edited in %s", name, doc)
		} else if validate(t, "rename", broken) == nil {
			t.Errorf("%s: the schema takes it", name)
		}
	}
}
