package statefile

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const heroku = `provider["registry.terraform.io/heroku/heroku"]`

// fresh is an app that a state is to get.
func fresh(name string) NewInstance {
	return NewInstance{Type: "heroku_app", Name: name, Provider: heroku, SchemaVersion: 1,
		Attributes: []byte(`{"id":"` + name + `-id","buildpacks":[],"organization":[{"name":"acme"}]}`)}
}

// with changes a new instance.
func with(i NewInstance, change func(*NewInstance)) NewInstance {
	change(&i)
	return i
}

func TestInsert(t *testing.T) {
	object := func(name string) string {
		return fmt.Sprintf(`"schema_version":1,"attributes":{"id":"%s-id","buildpacks":[],"organization":[{"name":"acme"}]},"sensitive_attributes":[]}`, name)
	}
	one := func(name string) string {
		return fmt.Sprintf(`{"mode":"managed","type":"heroku_app","name":%q,"provider":"provider[\"registry.terraform.io/heroku/heroku\"]","instances":[{%s]}`, name, object(name))
	}
	mini := func(resources ...string) string {
		return `{"version":4,"serial":1,"resources":[` + strings.Join(resources, ",") + `]}`
	}
	next := func(s string) string { return strings.Replace(s, `"serial":1`, `"serial":2`, 1) }
	tests := []struct {
		name, in string
		insert   []NewInstance
		want     string
	}{
		{"no resources, minified", mini(), []NewInstance{fresh("b"), fresh("a")}, next(mini(one("a"), one("b")))},
		{"two instances of a resource", mini(one("b")), []NewInstance{
			with(fresh("a"), func(i *NewInstance) { i.Key = IntKey(10) }), with(fresh("a"), func(i *NewInstance) { i.Key = IntKey(9) }),
		}, next(mini(strings.NewReplacer(`"instances":[{`, `"instances":[{"index_key":9,`, `[]}]}`, `[]},{"index_key":10,`+object("a")+`]}`).Replace(one("a")), one("b")))},
		{"before the first", mini(one("b")), []NewInstance{fresh("a")}, next(mini(one("a"), one("b")))},
		{"after the last", mini(one("b")), []NewInstance{fresh("c")}, next(mini(one("b"), one("c")))},
		{"two between", mini(one("a"), one("d")), []NewInstance{fresh("c"), fresh("b")}, next(mini(one("a"), one("b"), one("c"), one("d")))},
		{"into another order, before the first that is greater", mini(one("c"), one("a")), []NewInstance{fresh("b")}, next(mini(one("b"), one("c"), one("a")))},
		{"null in the list's place", `{"version":4,"serial":1,"resources":null}`, []NewInstance{fresh("a")}, next(mini(one("a")))},
		{"no list", `{"version":4,"serial":1,"lineage":"l","outputs":{},"check_results":null}`, []NewInstance{fresh("a")},
			next(`{"version":4,"serial":1,"lineage":"l","outputs":{},"resources":[` + one("a") + `],"check_results":null}`)},
		{"neither list nor serial", `{"version":4}`, []NewInstance{fresh("a")}, `{"version":4,"resources":[` + one("a") + `],"serial":1}`},
		{"python's spaces", `{"version": 4, "serial": 1, "resources": [{"mode": "managed", "type": "a", "name": "a", "instances": []}]}`,
			[]NewInstance{{Type: "b", Name: "b", Provider: "p", Attributes: []byte(`{"x":[1,2],"y":{}}`)}},
			`{"version": 4, "serial": 2, "resources": [{"mode": "managed", "type": "a", "name": "a", "instances": []}, {"mode": "managed", "type": "b", "name": "b", "provider": "p", "instances": [{"schema_version": 0, "attributes": {"x": [1, 2], "y": {}}, "sensitive_attributes": []}]}]}`},
		{"Terraform's own layout", `{
  "version": 4,
  "serial": 1,
  "resources": []
}
`, []NewInstance{with(fresh("a"), func(i *NewInstance) {
			i.Module, i.Key = `module.m["x"]`, StringKey("<k>")
			i.Sensitive, i.Private, i.Dependencies = []byte(`[[{"type":"get_attr","value":"vars"}]]`), "bnVsbA==", []string{"module.m.heroku_app.z"}
		})}, `{
  "version": 4,
  "serial": 2,
  "resources": [
    {
      "module": "module.m[\"x\"]",
      "mode": "managed",
      "type": "heroku_app",
      "name": "a",
      "provider": "provider[\"registry.terraform.io/heroku/heroku\"]",
      "instances": [
        {
          "index_key": "\u003ck\u003e",
          "schema_version": 1,
          "attributes": {
            "id": "a-id",
            "buildpacks": [],
            "organization": [
              {
                "name": "acme"
              }
            ]
          },
          "sensitive_attributes": [
            [
              {
                "type": "get_attr",
                "value": "vars"
              }
            ]
          ],
          "private": "bnVsbA==",
          "dependencies": [
            "module.m.heroku_app.z"
          ]
        }
      ]
    }
  ]
}
`},
		{"tabs, CRLF, a byte order mark and spaces before colons", "\ufeff{\r\n\t\"version\" : 4,\r\n\t\"serial\" : 1,\r\n\t\"resources\" : [\r\n\t\t{\r\n\t\t\t\"type\" : \"a\",\r\n\t\t\t\"instances\" : []\r\n\t\t}\r\n\t]\r\n}\r\n\r\n",
			[]NewInstance{{Type: "b", Name: "b", Provider: "p", Attributes: []byte(`{"n": 1.0 }`)}},
			"\ufeff{\r\n\t\"version\" : 4,\r\n\t\"serial\" : 2,\r\n\t\"resources\" : [\r\n\t\t{\r\n\t\t\t\"type\" : \"a\",\r\n\t\t\t\"instances\" : []\r\n\t\t},\r\n\t\t{\r\n\t\t\t\"mode\" : \"managed\",\r\n\t\t\t\"type\" : \"b\",\r\n\t\t\t\"name\" : \"b\",\r\n\t\t\t\"provider\" : \"p\",\r\n\t\t\t\"instances\" : [\r\n\t\t\t\t{\r\n\t\t\t\t\t\"schema_version\" : 0,\r\n\t\t\t\t\t\"attributes\" : {\r\n\t\t\t\t\t\t\"n\" : 1.0\r\n\t\t\t\t\t},\r\n\t\t\t\t\t\"sensitive_attributes\" : []\r\n\t\t\t\t}\r\n\t\t\t]\r\n\t\t}\r\n\t]\r\n}\r\n\r\n"},
		{"beside a resource on one line", "{\n \"version\": 4,\n \"serial\": 1,\n \"resources\": [\n  {\"type\": \"a\", \"instances\": []}\n ]\n}",
			[]NewInstance{{Type: "b", Name: "b", Provider: "p", Attributes: []byte(`{}`)}},
			"{\n \"version\": 4,\n \"serial\": 2,\n \"resources\": [\n  {\"type\": \"a\", \"instances\": []},\n  {\"mode\": \"managed\", \"type\": \"b\", \"name\": \"b\", \"provider\": \"p\", \"instances\": [{\"schema_version\": 0, \"attributes\": {}, \"sensitive_attributes\": []}]}\n ]\n}"},
		{"data first, and the order of modules",
			mini(`{"mode":"managed","type":"a","name":"a"}`, `{"module":"module.b","mode":"managed","type":"a","name":"a"}`),
			[]NewInstance{{Module: "module.a", Type: "x", Name: "x", Provider: "p", Attributes: []byte(`{}`)}, {Mode: Data, Type: "z", Name: "z", Provider: "p", Attributes: []byte(`{}`)}},
			next(mini(`{"mode":"data","type":"z","name":"z","provider":"p","instances":[{"schema_version":0,"attributes":{},"sensitive_attributes":[]}]}`, `{"mode":"managed","type":"a","name":"a"}`,
				`{"module":"module.a","mode":"managed","type":"x","name":"x","provider":"p","instances":[{"schema_version":0,"attributes":{},"sensitive_attributes":[]}]}`, `{"module":"module.b","mode":"managed","type":"a","name":"a"}`))},
		{"further instances of a resource",
			mini(`{"mode":"managed","type":"t","name":"n","provider":"p","instances":[{"index_key":1,"attributes":{}},{"index_key":10,"attributes":{}},{"index_key":10,"deposed":"0a","attributes":{}},{"index_key":"m","attributes":{}}]}`),
			[]NewInstance{
				{Type: "t", Name: "n", Provider: "p", Attributes: []byte(`{}`), Key: StringKey("z")}, {Type: "t", Name: "n", Provider: "p", Attributes: []byte(`{}`), Key: StringKey("a")},
				{Type: "t", Name: "n", Provider: "p", Attributes: []byte(`{}`), Key: IntKey(2)}, {Type: "t", Name: "n", Provider: "p", Attributes: []byte(`{}`)}},
			next(mini(`{"mode":"managed","type":"t","name":"n","provider":"p","instances":[{"schema_version":0,"attributes":{},"sensitive_attributes":[]},{"index_key":1,"attributes":{}},{"index_key":2,"schema_version":0,"attributes":{},"sensitive_attributes":[]},{"index_key":10,"attributes":{}},{"index_key":10,"deposed":"0a","attributes":{}},{"index_key":"a","schema_version":0,"attributes":{},"sensitive_attributes":[]},{"index_key":"m","attributes":{}},{"index_key":"z","schema_version":0,"attributes":{},"sensitive_attributes":[]}]}`))},
		{"beside a deposed object of the same address",
			mini(`{"mode":"managed","type":"t","name":"n","provider":"p","instances":[{"deposed":"0a","attributes":{}}]}`),
			[]NewInstance{{Type: "t", Name: "n", Provider: "p", Attributes: []byte(`{}`)}},
			next(mini(`{"mode":"managed","type":"t","name":"n","provider":"p","instances":[{"schema_version":0,"attributes":{},"sensitive_attributes":[]},{"deposed":"0a","attributes":{}}]}`))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := parse(t, test.in)
			var edits []Edit
			for _, i := range test.insert {
				edits = append(edits, InsertInstance(f, i))
			}
			got, err := f.Apply(edits...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got.Bytes())); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			var back []Edit
			for _, i := range test.insert {
				there, ok := got.Instance(i.Address())
				if !ok {
					t.Fatalf("%s isn't there", i.Address())
				}
				if string(there.Attributes().Raw()) == "" || there.Provider != i.Provider || there.SchemaVersion != i.SchemaVersion {
					t.Errorf("%s is there with provider %q and schema %d", i.Address(), there.Provider, there.SchemaVersion)
				}
				back = append(back, RemoveInstance(there))
			}
			before, err := got.Apply(back...)
			if err != nil {
				t.Fatalf("remove: %v", err)
			}
			if strings.Contains(test.in, `"resources": []`) || strings.Contains(test.in, `"resources":[`) || strings.Contains(test.in, "\"resources\" : [") || strings.Contains(test.in, "\"resources\": [") {
				if diff := cmp.Diff(string(withoutSerials(f)), string(withoutSerials(before))); diff != "" {
					t.Errorf("removed again (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestRemoveInstance(t *testing.T) {
	const in = `{"version":4,"serial":1,"resources":[{"type":"a","name":"a","instances":[{"index_key":0},{"index_key":1},{"index_key":2}]}, {"type":"b","name":"b","instances":[{"attributes":{}}]}]}`
	tests := []struct {
		name    string
		remove  []string
		resorce string
	}{
		{"one of three", []string{"a.a[1]"}, `{"type":"a","name":"a","instances":[{"index_key":0},{"index_key":2}]}, {"type":"b","name":"b","instances":[{"attributes":{}}]}`},
		{"the first and the last", []string{"a.a[2]", "a.a[0]"}, `{"type":"a","name":"a","instances":[{"index_key":1}]}, {"type":"b","name":"b","instances":[{"attributes":{}}]}`},
		{"all of a resource", []string{"a.a[2]", "a.a[0]", "a.a[1]"}, `{"type":"b","name":"b","instances":[{"attributes":{}}]}`},
		{"the only one of the last resource", []string{"b.b"}, `{"type":"a","name":"a","instances":[{"index_key":0},{"index_key":1},{"index_key":2}]}`},
		{"all", []string{"b.b", "a.a[2]", "a.a[0]", "a.a[1]"}, ``},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := parse(t, in)
			var edits []Edit
			for _, address := range test.remove {
				i, ok := f.Instance(address)
				if !ok {
					t.Fatalf("no %s", address)
				}
				edits = append(edits, RemoveInstance(i))
			}
			got, err := f.Apply(edits...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(`{"version":4,"serial":2,"resources":[`+test.resorce+`]}`, string(got.Bytes())); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

func TestInsertRefused(t *testing.T) {
	const in = `{"version":4,"serial":1,"resources":[{"mode":"managed","type":"t","name":"n","provider":"p","instances":[{"index_key":1,"attributes":{}}]},{"mode":"managed","type":"t","name":"o","provider":"p"}]}`
	i := NewInstance{Type: "t", Name: "n", Provider: "p", Key: IntKey(1), Attributes: []byte(`{}`)}
	two := with(i, func(i *NewInstance) { i.Key = IntKey(2) })
	tests := []struct {
		name, in string
		insert   []NewInstance
		want     string
	}{
		{"an address that is there", in, []NewInstance{i}, "insert t.n[1]: the state has it already"},
		{"one address twice", in, []NewInstance{two, two}, "insert t.n[2]: it is inserted twice"},
		{"another provider", in, []NewInstance{with(two, func(i *NewInstance) { i.Provider = "q" })}, "its resource is there with the provider p"},
		{"two providers for one resource", in, []NewInstance{with(two, func(i *NewInstance) { i.Name = "x" }), with(two, func(i *NewInstance) { i.Name, i.Key, i.Provider = "x", IntKey(3), "q" })}, "another provider than that of t.x[2]"},
		{"no list of instances", in, []NewInstance{with(two, func(i *NewInstance) { i.Name = "o" })}, "without a list of instances"},
		{"no provider", in, []NewInstance{with(two, func(i *NewInstance) { i.Provider = "" })}, "it has no provider"},
		{"no name", in, []NewInstance{with(two, func(i *NewInstance) { i.Name = "" })}, "no type or no name"},
		{"a mode that isn't one", in, []NewInstance{with(two, func(i *NewInstance) { i.Mode = "x" })}, "neither managed nor data"},
		{"a module that isn't one", in, []NewInstance{with(two, func(i *NewInstance) { i.Module = "m" })}, "no address of a module"},
		{"invalid JSON", in, []NewInstance{with(two, func(i *NewInstance) { i.Attributes = []byte(`{"a":}`) })}, "its attributes are no JSON object"},
		{"no object", in, []NewInstance{with(two, func(i *NewInstance) { i.Attributes = []byte(`[]`) })}, "its attributes are no JSON object"},
		{"nothing", in, []NewInstance{with(two, func(i *NewInstance) { i.Attributes = nil })}, "its attributes are no JSON object"},
		{"marks that are no list", in, []NewInstance{with(two, func(i *NewInstance) { i.Sensitive = []byte(`{}`) })}, "its sensitive attributes are no JSON array"},
		{"a negative schema version", in, []NewInstance{with(two, func(i *NewInstance) { i.SchemaVersion = -1 })}, "its schema version is negative"},
		{"invalid UTF-8", in, []NewInstance{with(two, func(i *NewInstance) { i.Private = "\xff" })}, "not valid UTF-8"},
		{"version 3", v3, []NewInstance{two}, "a state of version 3 can't get new instances; Terraform 0.12 or newer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := parse(t, test.in)
			var edits []Edit
			for _, i := range test.insert {
				edits = append(edits, InsertInstance(f, i))
			}
			got, err := f.Apply(edits...)
			if e, ok := errors.AsType[*EditError](err); !ok || got != nil || !strings.Contains(e.Error(), test.want) {
				t.Errorf("got %v and error %v, want one with %q", got, err, test.want)
			}
		})
	}
	three := parse(t, v3)
	for i := range three.Instances() {
		if _, err := three.Apply(RemoveInstance(i)); !errors.Is(err, ErrEdit) || !strings.Contains(err.Error(), "version 3") {
			t.Errorf("remove from version 3: got error %v", err)
		}
	}
	f := parse(t, in)
	there, _ := f.Instance("t.n[1]")
	if _, err := f.Apply(RemoveInstance(there), RemoveInstance(there)); !errors.Is(err, ErrEdit) {
		t.Errorf("removed twice: got error %v", err)
	}
	if _, err := f.Apply(InsertInstance(three, two)); !errors.Is(err, ErrEdit) {
		t.Errorf("made for another file: got error %v", err)
	}
	if _, err := f.Apply(RemoveInstance(&Instance{})); !errors.Is(err, ErrEdit) {
		t.Errorf("an instance of no file: got error %v", err)
	}
	if _, err := f.Apply(RemoveInstance(there), InsertInstance(f, two)); err != nil && !errors.Is(err, ErrEdit) {
		t.Errorf("beside a removed one: got error %v", err)
	}
}

// What an insertion brings is no text of a log.
func TestNewInstanceIsQuiet(t *testing.T) {
	i := fresh("web")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%q"} {
		if got := fmt.Sprintf(verb, i); got != "statefile.NewInstance(heroku_app.web)" {
			t.Errorf("%s prints %s", verb, got)
		}
		if got := fmt.Sprintf(verb, []any{&i, InsertInstance(parse(t, state(`{}`)), i)}); strings.Contains(got, "web-id") {
			t.Errorf("%s prints %s", verb, got)
		}
	}
	if got := i.LogValue().String(); got != "heroku_app.web" {
		t.Errorf("logs as %s", got)
	}
}

func TestNew(t *testing.T) {
	f := New("x", "1.11.4")
	if f.Version() != 4 || f.Serial() != "0" || len(f.Lineage()) != 36 || f.TerraformVersion() != "1.11.4" || f.Name() != "x" {
		t.Errorf("got %v of version %d, lineage %q, by %q", f, f.Version(), f.Lineage(), f.TerraformVersion())
	}
	if New("x", "1.11.4").Lineage() == f.Lineage() {
		t.Error("two have one lineage")
	}
}
