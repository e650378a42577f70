package herokutf_test

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
)

// A shownModule is a module as terraform show -json prints it.
type shownModule struct {
	address   string
	resources []shownResource
	children  []shownModule
}

type shownResource struct {
	name    string // type and name
	index   any    // nil without count and for_each
	deposed string
	data    bool
}

func (m shownModule) show() map[string]any {
	resources, children := []any{}, []any{}
	for _, r := range m.resources {
		typ, name, _ := strings.Cut(r.name, ".")
		mode := "managed"
		if r.data {
			mode = "data"
		}
		shown := map[string]any{
			"mode": mode, "type": typ, "name": name, "provider_name": "registry.terraform.io/heroku/heroku", "schema_version": 1,
			"values": map[string]any{"id": r.id(m.address), "name": "a"},
		}
		shown["address"] = r.name // with module and index in fact; the parts are what counts
		if r.index != nil {
			shown["index"] = r.index
		}
		if r.deposed != "" {
			shown["deposed_key"] = r.deposed
		}
		resources = append(resources, shown)
	}
	for _, c := range m.children {
		children = append(children, c.show())
	}
	module := map[string]any{"resources": resources, "child_modules": children}
	if m.address != "" {
		module["address"] = m.address
	}
	return module
}

// address is the instance's, as Terraform spells it.
func (r shownResource) address(module string) string {
	address := r.name
	if r.data {
		address = "data." + address
	}
	if module != "" {
		address = module + "." + address
	}
	switch index := r.index.(type) {
	case int:
		address += fmt.Sprintf("[%d]", index)
	case string:
		address += fmt.Sprintf("[%q]", index)
	}
	return address
}

// id is another one for every instance.
func (r shownResource) id(module string) string {
	sum := crc32.ChecksumIEEE([]byte(r.address(module) + r.deposed))
	return fmt.Sprintf("b0000000-0000-4000-8000-0000%08x", sum)
}

// all yields the resources with the addresses of their modules.
func (m shownModule) all(yield func(module string, r shownResource)) {
	for _, r := range m.resources {
		yield(m.address, r)
	}
	for _, c := range m.children {
		c.all(yield)
	}
}

// shownTree has instances by count and by for_each, in the root module and in modules
// that have them in turn.
func shownTree() shownModule {
	pipeline := func(name string, index any) shownResource {
		return shownResource{name: "heroku_pipeline." + name, index: index}
	}
	counted := []shownResource{pipeline("counted", 0), pipeline("counted", 1), pipeline("counted", 2), pipeline("counted", 10)}
	named := []shownResource{pipeline("each", "a"), pipeline("each", "b.c"), pipeline("each", `d"]["e`)}
	return shownModule{
		resources: slices.Concat([]shownResource{pipeline("alone", nil)}, counted, named, []shownResource{pipeline("last", nil)}),
		children: []shownModule{
			{address: "module.plain", resources: slices.Concat(counted, named)},
			{address: `module.env["blue"]`, resources: append(counted[:2:2], pipeline("alone", nil))},
			{address: `module.env["green"]`, resources: append(counted[:2:2], pipeline("alone", nil)), children: []shownModule{
				{address: `module.env["green"].module.deep[0]`, resources: named},
				{address: `module.env["green"].module.deep[1]`, resources: named, children: []shownModule{
					{address: `module.env["green"].module.deep[1].module.deeper`, resources: []shownResource{pipeline("alone", nil)}},
				}},
			}},
		},
	}
}

func encodeShown(t testing.TB, m shownModule) []byte {
	t.Helper()
	data, err := json.Marshal(map[string]any{
		"format_version": "1.0", "terraform_version": "1.9.0", "values": map[string]any{"root_module": m.show()},
	})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestShowInstances: what show -json prints of a state is all of it. Each instance that
// were left out would be one that is never compared.
func TestShowInstances(t *testing.T) {
	root := shownTree()
	f, err := herokutf.ParseShowJSON("show.json", encodeShown(t, root))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	root.all(func(module string, r shownResource) {
		want = append(want, r.address(module)+" "+r.id(module))
	})
	for inst := range f.Instances() {
		id, _ := inst.Attr("id")
		got = append(got, inst.Address()+" "+id.Text())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("instances (-want +got):\n%s", diff)
	}
	ids := make(map[string]bool)
	for _, line := range want {
		ids[line[strings.LastIndexByte(line, ' '):]] = true
	}
	if len(ids) != len(want) || len(want) < 25 {
		t.Fatalf("%d ids of %d instances", len(ids), len(want))
	}

	// Each of them is compared.
	s := herokutest.NewServer()
	root.all(func(module string, r shownResource) { s.AddPipeline(herokutest.Pipeline{ID: r.id(module), Name: "b"}) })
	report := detect(t, s, driftClient(t, s), herokutf.DriftOptions{}, f)
	if n := report.Count(herokutf.Changed); n != len(want) || len(report.Objects) != len(want) {
		t.Errorf("%d of %d objects have changed, want all of %d", n, len(report.Objects), len(want))
	}
	for i := range report.Objects {
		o := &report.Objects[i]
		if !strings.HasPrefix(want[i], o.Address+" ") && !slices.ContainsFunc(want, func(w string) bool { return strings.HasPrefix(w, o.Address+" ") }) {
			t.Errorf("nothing in the state is %s", o.Address)
		}
	}
}

// TestShowParts: data sources, what is deposed, and resources whose instances don't follow
// one another.
func TestShowParts(t *testing.T) {
	root := shownModule{resources: []shownResource{
		{name: "heroku_pipeline.a", index: 0},
		{name: "heroku_pipeline.a", index: 0, deposed: "0badcafe"},
		{name: "heroku_app.a", index: 0},
		{name: "heroku_app.a", index: 1, data: true},
		{name: "heroku_pipeline.a", index: 1},
		{name: "heroku_pipeline.b", index: "x"},
	}, children: []shownModule{{address: "module.m", resources: []shownResource{{name: "heroku_pipeline.b", index: "x"}}}}}
	f, err := herokutf.ParseShowJSON("show.json", encodeShown(t, root))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for inst := range f.Instances() {
		got = append(got, strings.TrimSpace(inst.Address()+" "+inst.Deposed))
	}
	slices.Sort(got)
	var want []string
	root.all(func(module string, r shownResource) {
		want = append(want, strings.TrimSpace(r.address(module)+" "+r.deposed))
	})
	slices.Sort(want)
	if len(got) == len(want) {
		for i := range got {
			// How an address names what is deposed is the file's affair.
			if got[i] != want[i] && !strings.Contains(got[i], "0badcafe") {
				t.Errorf("got %s, want %s", got[i], want[i])
			}
		}
	} else {
		t.Errorf("got %q, want %q", got, want)
	}
}
