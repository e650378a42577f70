package statefile

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parse parses a state that has to be valid.
func parse(t testing.TB, data string) *File {
	t.Helper()
	f, err := Parse("test.tfstate", []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// realStates returns the states in testdata that Terraform wrote, by file name.
func realStates(t testing.TB) map[string]string {
	t.Helper()
	return readStates(t, "states")
}

// readStates returns the states in a folder of testdata, by file name.
func readStates(t testing.TB, folder string) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/" + folder + "/*.tfstate")
	if err != nil || len(files) == 0 {
		t.Fatalf("no states in testdata: %v", err)
	}
	states := make(map[string]string)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		states[filepath.Base(file)] = string(data)
	}
	return states
}

func TestParseKeepsTheBytes(t *testing.T) {
	for name, data := range realStates(t) {
		f := parse(t, data)
		if string(f.Bytes()) != data {
			t.Errorf("%s: Bytes differ from what was parsed", name)
		}
		if f.Version() != 4 || f.Serial() == "0" || f.Lineage() != "x" || f.TerraformVersion() != "1.11.4" {
			t.Errorf("%s: got version %d, serial %s, lineage %q, Terraform %q", name, f.Version(), f.Serial(), f.Lineage(), f.TerraformVersion())
		}
	}
}

// The instances of the shapes, by address.
func TestParseShapes(t *testing.T) {
	for name, want := range map[string][]string{
		"version3-modules.tfstate":  {"heroku_app.web", "null_resource.deploy[1]", "data.aws_region.current", "module.shop.heroku_formation.web[0]", "module.shop.module.worker.heroku_app.this"},
		"terraform-0.12.tfstate":    {"heroku_app.numbered[1]", `heroku_formation.each["the \"green\" one"]`, "data.heroku_team.org", "module.shop.heroku_app.this", "module.shop.module.worker.heroku_app.this"},
		"several-providers.tfstate": {`heroku_app.eu["paris"]`, `module.shop["a.b"].heroku_app.this`, `module.shop["a.b"].module.worker[0].heroku_formation.web[0]`},
	} {
		data := readStates(t, "shapes")[name]
		f := parse(t, data)
		if string(f.Bytes()) != data {
			t.Errorf("%s: Bytes differ from what was parsed", name)
		}
		for _, address := range want {
			if _, ok := f.Instance(address); !ok {
				t.Errorf("%s: no %s", name, address)
			}
		}
		deposed := 0
		for i := range f.Instances() {
			if i.Deposed != "" {
				deposed++
			}
		}
		if deposed == 0 {
			t.Errorf("%s: no deposed instance", name)
		}
	}
}

func TestParseCopiesNothing(t *testing.T) {
	data := []byte(v4)
	f, err := Parse("a", data)
	if err != nil {
		t.Fatal(err)
	}
	if &f.Bytes()[0] != &data[0] {
		t.Error("Bytes is another slice than the one parsed")
	}
}

// v4 holds every kind of instance of version 4.
const v4 = `{
  "version": 4,
  "terraform_version": "1.11.4",
  "serial": 7,
  "lineage": "abc",
  "outputs": {
    "url": {"value": "https://old.example", "type": "string"},
    "all": {"sensitive": true, "value": ["a", 1], "type": ["tuple", ["string", "number"]]}
  },
  "resources": [
    {
      "mode": "managed",
      "type": "heroku_app",
      "name": "plain",
      "provider": "provider[\"registry.terraform.io/heroku/heroku\"]",
      "instances": [{"schema_version": 0, "attributes": {"id": "old", "n": 1.0, "list": [{"a": true}, null]}}]
    },
    {
      "module": "module.env[\"blue\"].module.inner[0]",
      "mode": "data",
      "type": "heroku_app",
      "name": "counted",
      "each": "list",
      "provider": "provider.heroku",
      "instances": [
        {"index_key": 0, "schema_version": 1, "attributes": {"id": "x"}},
        {"index_key": 1, "schema_version": 1, "attributes_flat": {"id": "y", "config_vars.0.FOO": "z"}}
      ]
    },
    {
      "mode": "managed",
      "type": "heroku_app",
      "name": "keyed",
      "each": "map",
      "provider": "",
      "instances": [
        {"index_key": "a \"b\" \\ ${c} %{d} $e\n\u0007ü", "schema_version": 2, "attributes": {"id": "p"}},
        {"index_key": "k", "schema_version": 2, "deposed": "1a2b3c4d", "attributes": {"id": "q"}, "status": "tainted"},
        {"index_key": "none", "schema_version": 2, "attributes": null}
      ]
    }
  ],
  "check_results": null
}
`

// v3 holds every kind of instance of version 3.
const v3 = `{
    "version": 3,
    "terraform_version": "0.11.14",
    "serial": 12,
    "lineage": "def",
    "modules": [
        {
            "path": ["root"],
            "outputs": {"url": {"sensitive": false, "type": "string", "value": "https://old.example"}},
            "resources": {
                "heroku_app.plain": {
                    "type": "heroku_app",
                    "depends_on": [],
                    "primary": {
                        "id": "old",
                        "attributes": {"id": "old", "config_vars.#": "1", "config_vars.0.FOO": "bar"},
                        "meta": {"schema_version": "1"},
                        "tainted": false
                    },
                    "deposed": [{"id": "older", "attributes": {"name": "older"}, "meta": {}, "tainted": true}],
                    "provider": "provider.heroku"
                },
                "data.heroku_app.d.1": {
                    "type": "heroku_app",
                    "primary": {"id": "d", "attributes": {"name": "d"}},
                    "provider": ""
                },
                "heroku_app.gone": {"type": "heroku_app", "primary": null, "deposed": []}
            },
            "depends_on": []
        },
        {
            "resources": {"heroku_app.inner": {"primary": {"attributes": {"name": "n"}, "id": "i"}}},
            "path": ["root", "a", "b"],
            "outputs": {"o": {"value": "v"}}
        }
    ]
}
`

func TestInstances(t *testing.T) {
	type instance struct {
		Address, Resource, Provider string
		Schema                      int
		Flat                        bool
	}
	tests := []struct {
		name, data string
		want       []instance
	}{
		{"v4", v4, []instance{
			{"heroku_app.plain", "heroku_app.plain", `provider["registry.terraform.io/heroku/heroku"]`, 0, false},
			{`module.env["blue"].module.inner[0].data.heroku_app.counted[0]`, `module.env["blue"].module.inner[0].data.heroku_app.counted`, "provider.heroku", 1, false},
			{`module.env["blue"].module.inner[0].data.heroku_app.counted[1]`, `module.env["blue"].module.inner[0].data.heroku_app.counted`, "provider.heroku", 1, true},
			{`heroku_app.keyed["a \"b\" \\ $${c} %%{d} $e\n\u0007ü"]`, "heroku_app.keyed", "", 2, false},
			{`heroku_app.keyed["k"] (deposed 1a2b3c4d)`, "heroku_app.keyed", "", 2, false},
			{`heroku_app.keyed["none"]`, "heroku_app.keyed", "", 2, false},
		}},
		{"v3", v3, []instance{
			{"heroku_app.plain", "heroku_app.plain", "provider.heroku", 1, true},
			{"heroku_app.plain (deposed #0)", "heroku_app.plain", "provider.heroku", 0, true},
			{"data.heroku_app.d[1]", "data.heroku_app.d", "", 0, true},
			{"module.a.module.b.heroku_app.inner", "module.a.module.b.heroku_app.inner", "", 0, true},
		}},
		{"what says where an instance belongs comes after it", `{"resources":[{"instances":[{"attributes":{"id":"1"},"index_key":3}],` +
			`"name":"n","type":"t","mode":"data","module":"module.m","provider":"p"}],"version":4}`,
			[]instance{{"module.m.data.t.n[3]", "module.m.data.t.n", "p", 0, false}}},
		{"the last of duplicates, in any case of letters", `{"version":4,"resources":[{"type":"dead","name":"d","instances":[{}]}],` +
			`"Resources":[{"mode":"managed","type":"t","TYPE":"u","name":"n","instances":[{},{}],"instances":[{"index_key":1,"Index_Key":"x"}]}]}`,
			[]instance{{`u.n["x"]`, "u.n", "", 0, false}}},
		{"key that Terraform reads through a float", `{"version":4,"resources":[{"type":"t","name":"n","instances":[{"index_key":1.0},{"index_key":2e1},{"index_key":null}]}]}`,
			[]instance{{"t.n[1]", "t.n", "", 0, false}, {"t.n[20]", "t.n", "", 0, false}, {"t.n", "t.n", "", 0, false}}},
		{"nothing", `{"version":4}`, nil},
		{"null", `{"version":4,"resources":null,"outputs":null,"serial":null,"lineage":null}`, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []instance
			for i := range parse(t, test.data).Instances() {
				got = append(got, instance{i.Address(), i.ResourceAddress(), i.Provider, i.SchemaVersion, i.Flat()})
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("instances (-want +got):\n%s", diff)
			}
		})
	}
}

// Every instance is found by its address, and nothing by any other text.
func TestInstance(t *testing.T) {
	states := realStates(t)
	states["v3"], states["v4"] = v3, v4
	for name, data := range states {
		f := parse(t, data)
		for i := range f.Instances() {
			got, ok := f.Instance(i.Address())
			if !ok || got != i {
				t.Errorf("%s: Instance(%q) = %p, %v, want %p", name, i.Address(), got, ok, i)
			}
		}
	}
	for _, test := range []struct{ data, address, id string }{
		{v4, "heroku_app.plain", "old"},
		{v4, `module.env["blue"].module.inner[0].data.heroku_app.counted[0]`, "x"},
		{v4, `heroku_app.keyed["a \"b\" \\ $${c} %%{d} $e\n\u0007ü"]`, "p"},
		{v4, `heroku_app.keyed["k"] (deposed 1a2b3c4d)`, "q"},
		{v4, `heroku_app.keyed["k"]`, ""}, // there is a deposed one alone
		{v4, "heroku_app.keyed", ""},
		{v4, "heroku_app.plain[0]", ""},
		{v4, "data.heroku_app.plain", ""},
		{v4, "", ""},
		{v3, "heroku_app.plain", "old"},
		{v3, "heroku_app.plain (deposed #0)", "older"},
		{v3, "data.heroku_app.d[1]", "d"},
		{v3, "module.a.module.b.heroku_app.inner", "i"},
		{v3, "heroku_app.gone", ""},
		{`{"version":4,"resources":[{"type":"t","name":"n","instances":[{"attributes":{"id":"1"}},{"attributes":{"id":"2"}}]}]}`, "t.n", "2"},
		{`{"version":4}`, "t.n", ""},
	} {
		i, ok := parse(t, test.data).Instance(test.address)
		if ok != (test.id != "") || ok != (i != nil) {
			t.Errorf("Instance(%q) = %v, %v", test.address, i, ok)
		} else if ok {
			if id, _ := i.Attr("id"); id.Text() != test.id {
				t.Errorf("Instance(%q) has id %q, want %q", test.address, id.Text(), test.id)
			}
		}
	}
	f := parse(t, v4)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, ok := f.Instance("heroku_app.plain"); !ok {
				t.Error("not found from one of several goroutines")
			}
		})
	}
	wg.Wait()
}

func TestScalars(t *testing.T) {
	tests := []struct {
		name, data string
		want       []string
	}{
		{"v4", v4, []string{
			`heroku_app.plain id "old"`, `heroku_app.plain n 1.0`, `heroku_app.plain list[0].a true`, `heroku_app.plain list[1] null`,
			`module.env["blue"].module.inner[0].data.heroku_app.counted[0] id "x"`,
			`module.env["blue"].module.inner[0].data.heroku_app.counted[1] id "y"`,
			`module.env["blue"].module.inner[0].data.heroku_app.counted[1] ["config_vars.0.FOO"] "z"`,
			`heroku_app.keyed["a \"b\" \\ $${c} %%{d} $e\n\u0007ü"] id "p"`,
			`heroku_app.keyed["k"] (deposed 1a2b3c4d) id "q"`,
		}},
		{"v3", v3, []string{
			`heroku_app.plain id "old"`, `heroku_app.plain id "old"`, `heroku_app.plain ["config_vars.#"] "1"`, `heroku_app.plain ["config_vars.0.FOO"] "bar"`,
			`heroku_app.plain (deposed #0) id "older"`, `heroku_app.plain (deposed #0) name "older"`,
			`data.heroku_app.d[1] id "d"`, `data.heroku_app.d[1] name "d"`,
			`module.a.module.b.heroku_app.inner name "n"`, `module.a.module.b.heroku_app.inner id "i"`,
		}},
		{"duplicates", `{"version":4,"resources":[{"type":"t","name":"n","instances":[{"attributes":{"id":"1","x":{"y":2,"y":3},"id":"4"}}]}]}`,
			[]string{`t.n id "1"`, `t.n x.y 2`, `t.n x.y 3`, `t.n id "4"`}},
		{"of two objects of attributes only the last, and flat ones only without the others",
			`{"version":4,"resources":[{"type":"t","name":"n","instances":[{"attributes":{"id":"1"},"attributes_flat":{"id":"2"},"attributes":{"id":"3"}}]}]}`,
			[]string{`t.n id "3"`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for i := range parse(t, test.data).Instances() {
				for path, value := range i.Scalars() {
					got = append(got, i.Address()+" "+path.String()+" "+string(value.Raw()))
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("scalars (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIteratorsStop(t *testing.T) {
	for _, data := range []string{v3, v4} {
		f := parse(t, data)
		for range f.Instances() {
			break
		}
		for range f.Outputs() {
			break
		}
		for range f.Rest() {
			break
		}
		for i := range f.Instances() {
			n := 0
			for range i.Scalars() {
				n++
				break
			}
			if n > 1 {
				t.Error("Scalars went on")
			}
		}
	}
}

func TestOutputs(t *testing.T) {
	type output struct {
		Address, Value string
		Sensitive      bool
	}
	for _, test := range []struct {
		name, data string
		want       []output
	}{
		{"v4", v4, []output{{"output.url", `"https://old.example"`, false}, {"output.all", `["a", 1]`, true}}},
		{"v3", v3, []output{{"output.url", `"https://old.example"`, false}, {"module.a.module.b.output.o", `"v"`, false}}},
	} {
		var got []output
		for o := range parse(t, test.data).Outputs() {
			got = append(got, output{o.Address(), string(o.Value.Raw()), o.Sensitive})
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: outputs (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestAttr(t *testing.T) {
	data := `{"version":4,"resources":[{"type":"t","name":"n","instances":[{"schema_version":3,"attributes":{"id":"1","a":{"id":"9"},"\u0069d":"4","app":null}}]}]}`
	i := slices.Collect(parse(t, data).Instances())[0]
	if v, ok := i.Attr("id"); !ok || v.Text() != "4" {
		t.Errorf("Attr(id) = %q, %v; want the last duplicate", v.Text(), ok)
	}
	if all := i.AttrAll("id"); len(all) != 2 || all[0].Value.Text() != "1" || all[1].Value.Text() != "4" || all[1].Name != "id" {
		t.Errorf("AttrAll(id) = %v, want both", all)
	}
	if v, ok := i.Attr("app"); !ok || v.Kind() != Null {
		t.Errorf("Attr(app) = %v, %v; want null", v.Kind(), ok)
	}
	if v, ok := i.Attr("none"); ok || v.Kind() != 0 || v.Raw() != nil {
		t.Errorf("Attr(none) = %v, %v; want nothing", v, ok)
	}
	if all := i.AttrAll("none"); all != nil {
		t.Errorf("AttrAll(none) = %v, want nil", all)
	}
	if v, ok := i.SchemaVersionValue(); !ok || v.Text() != "3" || v.Kind() != Number {
		t.Errorf("SchemaVersionValue = %v, %v", v, ok)
	}

	old := slices.Collect(parse(t, v3).Instances())
	if v, _ := old[0].Attr("id"); v.Text() != "old" || !bytes.Contains(old[0].Attributes().Raw(), v.Raw()) {
		t.Errorf("version 3: Attr(id) = %q, want the attribute", v.Text())
	}
	if v, ok := old[2].Attr("id"); !ok || v.Text() != "d" {
		t.Errorf("version 3 without the attribute: Attr(id) = %q, %v; want primary.id", v.Text(), ok)
	}
	if all := old[0].AttrAll("id"); len(all) != 2 || all[0].Value.Offset() > all[1].Value.Offset() {
		t.Errorf("version 3: AttrAll(id) = %v, want primary.id and the attribute", all)
	}
	if v, ok := old[0].SchemaVersionValue(); !ok || v.Text() != "1" || v.Kind() != String {
		t.Errorf("version 3: SchemaVersionValue = %v, %v", v, ok)
	}
	if _, ok := old[1].SchemaVersionValue(); ok {
		t.Error("version 3 without schema version: got one")
	}
}

func TestRest(t *testing.T) {
	tests := []struct {
		name, data string
		want       []string
	}{
		{"v4", v4, []string{`resources[2].instances[0].index_key`, `resources[2].instances[1].index_key`, `resources[2].instances[2].index_key`}},
		{"v3", v3, nil},
		{"unknown fields and dead duplicates", `{"version":4,"serial":1,"extra":{"a":["x",1]},"resources":[{"type":"dead","odd":"y"}],"outputs":{"o":{"value":"v"}},` +
			`"resources":[{"type":"t","instances":[{"attributes":{"id":"no"},"attributes_flat":{"id":"dead"},"private":"no","dependencies":["no"],"identity":{"id":"z"},` +
			`"sensitive_attributes":[[{"type":"get_attr","value":"no"}]],"status":"tainted"}]}],"check_results":[{"object_kind":"resource"}]}`,
			[]string{"extra.a[0]", "resources[0].odd", "resources[0].instances[0].attributes_flat.id", "resources[0].instances[0].identity.id", "check_results[0].object_kind"}},
		{"unknown fields of version 3", `{"version":3,"remote":{"type":"s3"},"modules":[{"path":["root"],"new":"a","resources":{"a.b":{"type":"a","primary":{"id":"no","attributes":{"x":"no"},` +
			`"meta":{"schema_version":"1","timeouts":"t"},"u":"v"},"primary2":"w"}}}]}`,
			[]string{"remote.type", "modules[0].new", `modules[0].resources["a.b"].primary.meta.timeouts`, `modules[0].resources["a.b"].primary.u`, `modules[0].resources["a.b"].primary2`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for path, value := range parse(t, test.data).Rest() {
				if !value.IsString() {
					t.Errorf("%s is no string", path)
				}
				got = append(got, path.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("rest (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMayContain(t *testing.T) {
	for _, test := range []struct {
		raw, s string
		want   bool
	}{
		{`"my-app"`, "my-app", true},
		{`"my-ap"`, "my-app", false},
		{`"\u006dy-app"`, "my-app", true},
		{`"a\u0026b\u003c\u003e"`, "my-app", false},
		{`"a\u0026b"`, "a&b", true},
		{`"\n\t\"\\"`, "my-app", false},
		{`"a\/b"`, "a/b", true},
		{`"a\/b"`, "ab", false},
		{`"\/b"`, "/b", true},
		{`"\n\u006dy-app"`, "my-app", true},
		{`"\u00FC\u006dy-app"`, "my-app", true},
		{`"a\"b"`, `a"b`, true},
		{`"\ud83d\ude00"`, "😀", true},
		{`"\ud83d\ude00"`, "my-app", false},
		{`"gr\u00FCn"`, "grün", true},
		{`"\u00FC"`, "ö", false},
		{`""`, "", true},
	} {
		if got := mayContain([]byte(test.raw), test.s); got != test.want {
			t.Errorf("mayContain(%s, %q) = %v, want %v", test.raw, test.s, got, test.want)
		}
	}
}

// TestWalksStop: whoever has seen enough of instances, members, elements or scalars gets
// no more.
func TestWalksStop(t *testing.T) {
	f := parse(t, `{"version":4,"serial":1,"resources":[{"mode":"managed","type":"a","name":"a","instances":[
		{"attributes":{"a":[1,[2,3],4],"b":{"c":5,"d":6},"e":7}}, {"index_key":1,"attributes":{}}, {"index_key":2,"attributes":{}}]}]}`)
	var i *Instance
	for i = range f.Instances() {
		break
	}
	for most := range 8 {
		got := ""
		for _, v := range i.Scalars() {
			if len(got) == most {
				break
			}
			got += string(v.Raw())
		}
		if got != "1234567"[:most] {
			t.Errorf("%d scalars: got %s", most, got)
		}
	}
	list, ok := i.Attr("a")
	for v := range list.Elements() {
		if ok = ok && string(v.Raw()) == "1"; ok {
			break
		}
	}
	for m := range i.Attributes().Members() {
		if ok = ok && m.Name == "a"; ok {
			break
		}
	}
	if !ok {
		t.Error("the first element or member is another one")
	}
}
