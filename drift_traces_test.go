package herokutf

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/statefile"
)

// TestTraces: which releases may have made a change, by what was changed and how.
func TestTraces(t *testing.T) {
	addon := stated{"heroku_addon a", `{"id": "ad000000-0000-4000-8000-000000000001", "app_id": "` + appOne + `", "name": "db", "plan": "redis:mini"}`}
	formation := stated{"heroku_formation w", formationAttrs}
	const releases = `[{"version": 9, "description": "Update redis:large"}, {"version": 8, "description": "Update redis by hand"}, {"version": 7, "description": "Detach db"},
		{"version": 6, "description": "Attach db"}, {"version": 5, "description": "Add db, redis:mini"}, {"version": 4, "description": "Scale web, db"}, {"version": 3, "description": "Deploy web"}]`
	for _, tt := range []struct {
		name    string
		state   stated
		verdict Verdict
		differs []DriftDifference
		want    []int
	}{
		{"another plan", addon, Changed, []DriftDifference{{Path: statefile.Path{"plan"}, State: "redis:mini", Live: "redis:large"}}, []int{9}},
		{"an add-on that is gone", addon, Missing, nil, []int{8, 7, 4}},
		{"one in whose place another is", addon, Replaced, nil, []int{8, 7, 6}},
		{"a formation", formation, Changed, []DriftDifference{{Path: statefile.Path{"quantity"}, State: "1", Live: "2"}}, []int{4}},
	} {
		s := subjectOf(t, "", tt.state)
		s.object.Verdict, s.object.Differences = tt.verdict, tt.differs
		var got []int
		for _, b := range traces(s).among(elementsOf(t, releases)) {
			got = append(got, b.Version)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", tt.name, traces(s), diff)
		}
	}
}

// TestEscaped: what isn't seen in a terminal is written as HCL's quoted texts have it.
func TestEscaped(t *testing.T) {
	for text, want := range map[string]string{
		"a = \"b\"\n": "a = \"b\"\n", "ä日\n": "ä日\n", "\x1b[31m": `\u001b[31m`, "\u202e": `\u202e`, "\U000e0001": `\U000e0001`, "\uffff": `\uffff`, "": "",
	} {
		if got := string(escaped([]byte(text))); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestRolledBackTo: a rollback is what Heroku describes as one, and nothing else.
func TestRolledBackTo(t *testing.T) {
	for description, want := range map[string]int{
		"Rollback to v12": 12, "Rollback to v1": 1, "12": 0, "v12": 0, "": 0, "Rollback to v": 0, "Rollback to vx": 0, "Rollback to 12": 0, "Set V config vars": 0,
	} {
		if got, ok := rolledBackTo(description); ok != (want != 0) || got != want {
			t.Errorf("%q: back to %d, %t", description, got, ok)
		}
	}
	among := trace{vars: []string{"LEVEL"}}.among(elementsOf(t, `[{"version": 14, "description": "12"}, {"version": 13, "description": "Set LEVEL config vars"},
		{"version": 12, "description": "Deploy web"}]`))
	if len(among) != 1 || among[0].Version != 13 {
		t.Errorf("blamed %v, want v13", among)
	}
}

// TestImportsReferTo: import blocks refer to what stands in the root module of the one
// state there is.
func TestImportsReferTo(t *testing.T) {
	const resource = `{%s"mode": %q, "type": %q, "name": %q, "provider": "provider[\"registry.terraform.io/heroku/heroku\"]", "instances": [{%s"schema_version": 0, "attributes": {"id": %q}}]}`
	parse := func(resources ...string) *statefile.File {
		f, err := statefile.Parse("x.tfstate", []byte(`{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "outputs": {}, "resources": [`+strings.Join(resources, ",")+`]}`))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	one := parse(
		fmt.Sprintf(resource, "", "managed", "heroku_app", "root", "", "1"),
		fmt.Sprintf(resource, `"module": "module.m", `, "managed", "heroku_app", "within", "", "2"),
		fmt.Sprintf(resource, "", "managed", "heroku_app", "old", `"deposed": "1a2b3c4d", `, "3"),
		fmt.Sprintf(resource, "", "data", "heroku_app", "read", "", "4"),
		fmt.Sprintf(resource, "", "managed", "heroku_of_tomorrow", "x", "", "5"))
	b := newImportBuilder(&DriftReport{states: []*statefile.File{one}})
	if diff := cmp.Diff(map[string]string{"1": "heroku_app.root"}, b.managed); diff != "" {
		t.Errorf("of one state (-want +got):\n%s", diff)
	}
	if len(b.taken) != 5 {
		t.Errorf("taken: %v", b.taken)
	}
	two := newImportBuilder(&DriftReport{states: []*statefile.File{one, parse(fmt.Sprintf(resource, "", "managed", "heroku_app", "other", "", "6"))}})
	if len(two.managed) > 0 || len(two.taken) != 6 {
		t.Errorf("of two states: refers to %v, taken: %v", two.managed, two.taken)
	}
}

// TestTreeOfNothing: an instance whose attributes are no tree has its id, if it has one.
func TestTreeOfNothing(t *testing.T) {
	for name, tt := range map[string]struct{ attributes, id string }{
		"null":         {`"attributes": null`, ""},
		"none":         {`"schema_version": 0`, ""},
		"flat, empty":  {`"attributes_flat": {}`, ""},
		"flat, a list": {`"attributes_flat": {"#": "1", "id": "x"}`, "x"},
		"flat":         {`"attributes_flat": {"id": "x", "name": "shop"}`, "x"},
	} {
		f, err := statefile.Parse("x.tfstate", []byte(`{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "outputs": {}, "resources": [
			{"mode": "managed", "type": "heroku_app", "name": "a", "provider": "provider[\"registry.terraform.io/heroku/heroku\"]", "instances": [{`+tt.attributes+`}]}]}`))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for inst := range f.Instances() {
			a := newAttributes(inst)
			if got, _ := a.Value("id").(string); a.tree() == nil || got != tt.id {
				t.Errorf("%s: %v", name, a.tree())
			}
		}
	}
}

// TestFollowedBlocks: that the block of one object is gone says nothing of another's.
func TestFollowedBlocks(t *testing.T) {
	const attrs = `{"id": %q, "name": %q, "organization": [{"name": "acme", "locked": false, "personal": false}]}`
	f := stateOf(t, "x.tfstate", stated{"heroku_app a", fmt.Sprintf(attrs, appOne, "a")}, stated{"heroku_app b", fmt.Sprintf(attrs, appTwo, "b")})
	a := &Acceptance{File: f}
	var want []followed
	for inst := range f.Instances() {
		o := &DriftObject{Address: inst.Address(), Type: inst.Type, Verdict: Changed, origin: &origin{inst: inst}, Differences: []DriftDifference{
			{Path: statefile.Path{"organization", 0, "name"}, State: "acme"}, {Path: statefile.Path{"organization", 0, "locked"}, State: false},
		}}
		a.accept(o, inst)
		if len(a.values) != len(want)+1 || a.values[len(want)].change.Address != o.Address || a.values[len(want)].change.Path.String() != "organization" {
			t.Fatalf("%s: to follow: %v, left: %v", o.Address, a.values, a.Left)
		}
		for i, f := range want {
			if a.values[i].change.Address != f.change.Address {
				t.Errorf("%s: value %d is now of %s", o.Address, i, a.values[i].change.Address)
			}
		}
		want = a.values
	}
}
