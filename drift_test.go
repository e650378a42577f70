package herokutf_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// driftStates are those that five releases of the provider wrote, and one of
// what none of them has.
var driftStates = []string{"2.5.0", "3.2.0", "4.9.0", "5.0.0", "5.3.2", "corners"}

func stateText(t testing.TB, name string) []byte {
	t.Helper()
	path := filepath.Join("statefile", "testdata", "states", "provider-"+name+".tfstate")
	if name == "corners" {
		path = filepath.Join("herokutest", "testdata", "corners.tfstate")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// fake is a Heroku in memory.
type fake = herokutest.Server

func readState(t testing.TB, name string) *statefile.File {
	t.Helper()
	return parseState(t, name+".tfstate", stateText(t, name))
}

func parseState(t testing.TB, name string, data []byte) *statefile.File {
	t.Helper()
	f, err := statefile.Parse(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// matching starts a Heroku that is as the states say.
func matching(t testing.TB, files ...*statefile.File) (*herokutest.Server, *platform.Client) {
	t.Helper()
	return matchingUnder(t, herokutest.Options{}, files...)
}

func matchingUnder(t testing.TB, opts herokutest.Options, files ...*statefile.File) (*herokutest.Server, *platform.Client) {
	t.Helper()
	s, err := herokutest.FromState(opts, files...)
	if err != nil {
		t.Fatal(err)
	}
	return s, driftClient(t, s)
}

// driftClient returns a client that takes every failure for the last.
func driftClient(t testing.TB, s *herokutest.Server) *platform.Client {
	t.Helper()
	c, err := platform.New(platform.Options{
		Token: "token-of-the-test", Transport: s, Retries: -1, Backoff: time.Microsecond, MaxWait: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// detect compares, and holds the comparison to what is true of every one: it
// sends GET alone, and no list twice.
func detect(t testing.TB, s *herokutest.Server, c *platform.Client, opts herokutf.DriftOptions, files ...*statefile.File) *herokutf.DriftReport {
	t.Helper()
	s.ResetRequests()
	s.SetRateLimit(herokutest.BucketSize)
	report, err := herokutf.DetectDriftIn(t.Context(), c, files, opts)
	if err != nil {
		t.Fatal(err)
	}
	checkRequests(t, s)
	if got := len(s.Log()); report.Requests != got {
		t.Errorf("the report says %d requests, Heroku saw %d", report.Requests, got)
	}
	return report
}

func checkRequests(t testing.TB, s *herokutest.Server) {
	t.Helper()
	seen := make(map[string]bool)
	for _, r := range s.Log() {
		if r.Method != "GET" {
			t.Errorf("%s %s was sent", r.Method, r.Path)
		}
		if strings.Contains(r.Range, "]") {
			continue // the next page of a list
		}
		if seen[r.Path] {
			t.Errorf("%s was read twice", r.Path)
		}
		seen[r.Path] = true
	}
}

// reported renders what a report says of the objects that aren't in sync: the
// verdict, the address, and the paths that differ.
func reported(report *herokutf.DriftReport) []string {
	all := []string{}
	for i := range report.Objects {
		if o := &report.Objects[i]; o.Verdict != herokutf.InSync {
			all = append(all, reportLine(o))
		}
	}
	return all
}

func reportLine(o *herokutf.DriftObject) string {
	name := o.Address
	if name == "" {
		name = strings.TrimSpace(o.App + " " + o.Type + " " + o.Label)
	}
	if o.State != "" {
		name = o.State + ": " + name
	}
	// Version 3 counts them.
	name = strings.NewReplacer("1a2b3c4d", "#", "#0", "#").Replace(name)
	var text strings.Builder
	text.WriteString(string(o.Verdict) + " " + name)
	for i := range o.Differences {
		text.WriteString(" " + o.Differences[i].Path.String())
	}
	return text.String()
}

// objectAt returns the object of an address.
func objectAt(t testing.TB, report *herokutf.DriftReport, address string) *herokutf.DriftObject {
	t.Helper()
	for i := range report.Objects {
		if report.Objects[i].Address == address {
			return &report.Objects[i]
		}
	}
	t.Fatalf("the report has no %s", address)
	return nil
}

// A tree is a state that a test changes.
type tree map[string]any

func decodeState(t testing.TB, data []byte) tree {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v tree
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// encode writes the state as Terraform lays it out.
func (s tree) encode(t testing.TB) []byte {
	t.Helper()
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(data, '\n')
}

func (s tree) parse(t testing.TB) *statefile.File {
	t.Helper()
	return parseState(t, "test.tfstate", s.encode(t))
}

// A treeInstance is an instance in a tree.
type treeInstance struct {
	resource, instance, attrs map[string]any
}

func (i *treeInstance) text(name string) string { s, _ := i.resource[name].(string); return s }

// address is right for resources of the root module without count.
func (i *treeInstance) address() string {
	address := i.text("type") + "." + i.text("name")
	if i.text("mode") == "data" {
		return "data." + address
	}
	return address
}

func (s tree) instances() []*treeInstance {
	var all []*treeInstance
	for _, r := range s["resources"].([]any) {
		r := r.(map[string]any)
		for _, i := range r["instances"].([]any) {
			i := i.(map[string]any)
			attrs, _ := i["attributes"].(map[string]any)
			all = append(all, &treeInstance{resource: r, instance: i, attrs: attrs})
		}
	}
	return all
}

// at returns the attributes of the instance with the address.
func (s tree) at(t testing.TB, address string) map[string]any {
	t.Helper()
	for _, i := range s.instances() {
		if i.address() == address {
			return i.attrs
		}
	}
	t.Fatalf("the state has no %s", address)
	return nil
}

// remove takes out the resources for which drop is true.
func (s tree) remove(drop func(*treeInstance) bool) {
	s["resources"] = slices.DeleteFunc(s["resources"].([]any), func(r any) bool {
		return drop(&treeInstance{resource: r.(map[string]any)})
	})
}

// A stateForm is a form in which a state can be.
type stateForm struct {
	name  string
	parse func(testing.TB, tree) *statefile.File
}

var stateForms = []stateForm{
	{"version 4", func(t testing.TB, s tree) *statefile.File { return s.parse(t) }},
	{"attributes_flat", func(t testing.TB, s tree) *statefile.File { return s.flat().parse(t) }},
	{"version 3", func(t testing.TB, s tree) *statefile.File { return s.version3().parse(t) }},
	{"show", func(t testing.TB, s tree) *statefile.File {
		f, err := herokutf.ParseShowJSON("show.json", s.show().encode(t))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}},
}

// flat returns the state with flat attributes, as Terraform leaves them until a
// provider has upgraded them.
func (s tree) flat() tree {
	out := maps.Clone(s)
	resources := []any{}
	for _, r := range s["resources"].([]any) {
		r := maps.Clone(r.(map[string]any))
		instances := []any{}
		for _, i := range r["instances"].([]any) {
			i := maps.Clone(i.(map[string]any))
			i["attributes_flat"] = flatAttributes(i["attributes"])
			delete(i, "attributes")
			instances = append(instances, i)
		}
		r["instances"] = instances
		resources = append(resources, r)
	}
	out["resources"] = resources
	return out
}

// version3 returns the state as Terraform 0.11 keeps it.
func (s tree) version3() tree {
	resources := make(map[string]any)
	for _, i := range s.instances() {
		flat := flatAttributes(i.attrs)
		object := map[string]any{
			"id": flat["id"], "attributes": flat, "tainted": false,
			"meta": map[string]any{"schema_version": fmt.Sprint(i.instance["schema_version"])},
		}
		old := map[string]any{"type": i.text("type"), "provider": "provider.heroku", "primary": object, "deposed": []any{}}
		if i.text("type") == "null_resource" {
			old["provider"] = "provider.null"
		}
		if _, ok := i.instance["deposed"]; ok {
			old["primary"], old["deposed"] = nil, []any{object}
		}
		resources[i.address()] = old
	}
	return tree{
		"version": 3, "serial": 1, "lineage": "x", "terraform_version": "0.11.15",
		"modules": []any{map[string]any{"path": []any{"root"}, "outputs": map[string]any{}, "resources": resources}},
	}
}

// show returns what terraform show -json says of the state.
func (s tree) show() tree {
	resources := []any{}
	for _, i := range s.instances() {
		name, _, _ := strings.Cut(strings.TrimPrefix(i.text("provider"), `provider["`), `"]`)
		shown := map[string]any{
			"address": i.address(), "mode": i.text("mode"), "type": i.text("type"), "name": i.text("name"),
			"provider_name": name, "schema_version": i.instance["schema_version"], "values": i.attrs,
		}
		if key, ok := i.instance["deposed"]; ok {
			shown["deposed_key"] = key
		}
		resources = append(resources, shown)
	}
	return tree{
		"format_version": "1.0", "terraform_version": s["terraform_version"],
		"values": map[string]any{"root_module": map[string]any{"resources": resources}},
	}
}

// flatAttributes are attributes as Terraform up to 0.11 stores them: without
// those that are null.
func flatAttributes(attributes any) map[string]any {
	flat := make(map[string]any)
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case nil:
		case map[string]any:
			if at != "" {
				flat[at+".%"] = fmt.Sprint(len(v))
				at += "."
			}
			for name, member := range v {
				walk(at+name, member)
			}
		case []any:
			flat[at+".#"] = fmt.Sprint(len(v))
			for i, e := range v {
				if block, ok := e.(map[string]any); ok {
					for name, member := range block {
						walk(fmt.Sprint(at, ".", i, ".", name), member)
					}
					continue
				}
				walk(fmt.Sprint(at, ".", i), e)
			}
		default:
			flat[at] = fmt.Sprint(v)
		}
	}
	walk("", attributes)
	return flat
}

// notInSync is what is reported of the corners, which have a type that nobody knows
// and an object that Terraform has given up.
func notInSync(name string) []string {
	if name == "corners" {
		return []string{
			"undetermined heroku_of_tomorrow.x",
			"ignored heroku_formation.deposed (deposed #)",
		}
	}
	return []string{}
}

// TestDriftInSync: there is no false alarm, whichever release wrote the state,
// in whichever form it is.
func TestDriftInSync(t *testing.T) {
	for _, name := range driftStates {
		for _, form := range stateForms {
			t.Run(name+"/"+form.name, func(t *testing.T) {
				f := form.parse(t, decodeState(t, stateText(t, name)))
				s, c := matching(t, f)
				for _, opts := range []herokutf.DriftOptions{{}, {Blame: true}} {
					report := detect(t, s, c, opts, f)
					got, want := reported(report), notInSync(name)
					slices.Sort(got)
					slices.Sort(want)
					if !slices.Equal(got, want) {
						t.Errorf("with Blame %t: got %q, want %q", opts.Blame, got, want)
						for i := range report.Objects {
							if o := &report.Objects[i]; o.Reason != "" {
								t.Logf("%s: %s", o.Address, o.Reason)
							}
						}
					}
				}
			})
		}
	}
}

func newFake() *fake { return herokutest.New(herokutest.Options{}) }

// accept accepts a report into a state, and returns the acceptance and the outcome.
func accept(t *testing.T, report *herokutf.DriftReport, f *statefile.File, addresses ...string) (*herokutf.Acceptance, *statefile.File) {
	t.Helper()
	a, err := report.Accept(f, addresses...)
	if err != nil {
		t.Fatal(err)
	}
	after, err := a.Apply()
	if err != nil {
		t.Fatal(err)
	}
	return a, after
}
