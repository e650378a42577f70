package provider

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/leaktest"
)

// TestAttrsAgainstSchemas holds the table's attributes against the provider's
// schemas, in both directions. An entry of a block covers what is in it.
func TestAttrsAgainstSchemas(t *testing.T) {
	text, err := os.ReadFile("testdata/attributes.txt")
	if err != nil {
		t.Fatal(err)
	}
	schema := make(map[string][]string) // by kind and type
	computed := make(map[string]bool)   // by kind, type and attribute
	attributes := 0
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] == "#" {
			continue
		}
		if len(fields) != 3 && (len(fields) != 4 || fields[3] != "computed") {
			t.Fatalf("attributes.txt: %q", line)
		}
		computed[strings.Join(fields[:3], " ")] = len(fields) == 4
		key := fields[0] + " " + fields[1]
		schema[key] = append(schema[key], fields[2])
		attributes++
	}
	if attributes < 200 {
		t.Errorf("attributes.txt has %d attributes, want more than 200", attributes)
	}
	covers := func(entry, attr string) bool { return attr == entry || strings.HasPrefix(attr, entry+".") }
	for r := range All() {
		key := r.Mode + " " + r.Type
		names := make(map[string]bool)
		for i := range r.Attrs {
			a := &r.Attrs[i]
			if names[a.Name] {
				t.Errorf("%s %s stands twice in the table", key, a.Name)
			}
			names[a.Name] = true
			known := a.Name == "id"
			for _, attr := range schema[key] {
				known = known || covers(a.Name, attr)
			}
			if !known {
				t.Errorf("%s %s is in the table, and in no schema", key, a.Name)
			}
		}
		for _, attr := range schema[key] {
			n := 0
			for name := range names {
				if covers(name, attr) {
					n++
				}
			}
			if a := r.Attr(attr); a != nil && a.As.Compared() && a.Computed != computed[key+" "+attr] {
				t.Errorf("%s %s: got Computed %t", key, attr, a.Computed)
			}
			if n != 1 {
				t.Errorf("%s %s is covered by %d entries of the table, want 1", key, attr, n)
			}
		}
		if !names["id"] {
			t.Errorf("%s: no entry for id", key)
		}
		delete(schema, key)
	}
	for key := range schema {
		t.Errorf("%s isn't in the table", key)
	}
}

// TestSecrets holds the table against the list of what is secret, which is written by
// hand, in both directions.
func TestSecrets(t *testing.T) {
	want := make(map[string]leaktest.Secret)
	for _, s := range leaktest.Secrets() {
		want[s.Mode+" "+s.Type+"."+s.Attr] = s
	}
	for r := range All() {
		for i := range r.Attrs {
			a := &r.Attrs[i]
			name := r.Mode + " " + r.Type + "." + a.Name
			s, secret := want[name]
			switch delete(want, name); {
			case secret && !a.Secret:
				t.Errorf("%s is secret, and isn't marked so", name)
			case !secret && a.Secret:
				t.Errorf("%s is marked as secret; add it by hand to the list of package leaktest", name)
			case a.Marked != s.Schema:
				t.Errorf("%s: Marked is %t, and in the schema it is sensitive: %t", name, a.Marked, s.Schema)
			}
			// A report doesn't look into what isn't compared; a configuration shows
			// what isn't secret.
			if secret != a.HoldsSecret("x") || secret != a.HoldsSecret([]any{"x"}) {
				t.Errorf("%s: HoldsSecret is %t", name, a.HoldsSecret("x"))
			}
		}
	}
	for name := range want {
		t.Errorf("%s isn't in the table", name)
	}
}

// TestSecretLists: the answers that have what is secret are kept on no disk. The list is
// written by hand from the Platform API's reference.
func TestSecretLists(t *testing.T) {
	secret := map[List]string{
		Attachments: "log_input_url", ConfigVars: "values", Buildpacks: "URLs with tokens", LogDrains: "URLs, tokens",
		AppTelemetry: "endpoints, headers", SpaceTelemetry: "endpoints, headers", Webhooks: "URLs", Releases: "output_stream_url",
		LatestReleases: "output_stream_url", Builds: "signed URLs", Slugs: "signed URL", SpaceVPNs: "pre_shared_key", PipelineConfig: "values",
	}
	for l := NoList + 1; l < lists; l++ {
		s := l.Source()
		if what := secret[l]; s.Secret != (what != "") {
			t.Errorf("%s: Secret is %t, and it has the secrets %q", l, s.Secret, what)
		}
		if path := regexp.MustCompile("{[a-z]+}").ReplaceAllString(s.Path, "x"); Cacheable(path) == s.Secret {
			t.Errorf("%s is cacheable: %t", path, !s.Secret)
		}
	}
	for r := range All() {
		for i := range r.Attrs {
			a := &r.Attrs[i]
			from := a.From
			if from == NoList {
				from = r.Origin.List
			}
			if a.Secret && a.As.Compared() && !from.Source().Secret {
				t.Errorf("%s.%s is from %s, which are no secret", r.Type, a.Name, from)
			}
		}
		if r.Origin.Else.Attr != "" && r.Origin.List.Source().Secret != r.Origin.Else.List.Source().Secret {
			t.Errorf("%s: one of its lists is secret", r.Type)
		}
	}
}

// value reads a value as the comparison gets it: numbers stay text.
func value(t testing.TB, text string) any {
	t.Helper()
	v, err := decode(text)
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func decode(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

func TestFind(t *testing.T) {
	const in = `{"name": "a", "team": {"name": "t", "id": 1}, "null": null, "empty": [],
		"list": [{"id": "1", "n": 1, "app": {"id": "x"}}, {"id": "2", "n": 2.0, "release": {"id": "r"}}, {"id": "1", "n": 3}],
		"deep": [{"in": [1, 2]}, {"in": []}, {}]}`
	for _, tt := range []struct{ path, want string }{
		{"", in},
		{".", in},
		{"name", `"a"`},
		{"team.name", `"t"`},
		{"team.nothing", `null`},
		{"nothing.name", `null`},
		{"name.below", `null`},
		{"null", `null`},
		{"null.below", `null`},
		{"list.id", `null`}, // a list has no members
		{"list.[].id", `["1","2","1"]`},
		{"list.[].nothing", `[null,null,null]`},
		{"list.[]", `[{"id":"1","n":1,"app":{"id":"x"}},{"id":"2","n":2.0,"release":{"id":"r"}},{"id":"1","n":3}]`},
		{"empty.[].id", `[]`},
		{"nothing.[].id", `null`},
		{"team.[].id", `null`},
		{"list.[?release].id", `["2"]`},
		{"list.[?release.id].id", `["2"]`},
		{"list.[?nothing].id", `[]`},
		{"list.[id=1].n", `1`},
		{"list.[id=2].release.id", `"r"`},
		{"list.[n=2].id", `"2"`},
		{"list.[release.id=r].id", `"2"`},
		{"list.[id=3].n", `null`},
		{"list.[id=1]", `{"id":"1","n":1,"app":{"id":"x"}}`},
		{"list.[].{id,app:app.id}", `[{"id":"1","app":"x"},{"id":"2","app":null},{"id":"1","app":null}]`},
		{"list.[?release].{id:release.id}", `[{"id":"r"}]`},
		{"{name,team:team.name}", `{"name":"a","team":"t"}`},
		{"{one:team.name}.one", `"t"`},
		{"deep.[].in.[]", `[[1,2],[],null]`},
	} {
		if diff := cmp.Diff(value(t, tt.want), Find(value(t, in), tt.path)); diff != "" {
			t.Errorf("Find %q (-want +got):\n%s", tt.path, diff)
		}
	}
	for _, in := range []string{"null", "1", `"text"`, "true", "[]", "{}", "[[]]"} {
		if got := Find(value(t, in), "a.b"); got != nil {
			t.Errorf("Find a.b in %s: got %v, want nil", in, got)
		}
	}
}

// stated are an instance's values by the names of the attributes.
type stated map[string]any

func (s stated) Value(name string) any { return s[name] }

func TestViewValue(t *testing.T) {
	view := View{
		Own: value(t, `{"name": "api", "web_url": "https://api-0123456789ab.herokuapp.com/", "stack": {"name": "heroku-24"},
			"deploy_target": {"type": "region", "id": "59acc0de-0000-4000-8000-000000000001"}}`),
		Lists: map[List]any{
			ConfigVars: value(t, `{"A": "1"}`),
			Buildpacks: value(t, `[{"ordinal": 0, "buildpack": {"name": "heroku/go"}}]`),
			Regions:    value(t, `[{"id": "59acc0de-0000-4000-8000-000000000000", "name": "eu"}, {"id": "59acc0de-0000-4000-8000-000000000001", "name": "us"}]`),
		},
	}
	target := Attr{Name: "deploy_target.id", As: Region, From: Regions}
	for _, tt := range []struct {
		name string
		attr Attr
		want string
	}{
		{"by its own name", Attr{Name: "name"}, `"api"`},
		{"by a path", Attr{Name: "stack", Live: "stack.name"}, `"heroku-24"`},
		{"not there", Attr{Name: "colour"}, `null`},
		{"a whole other list", Attr{Name: "config_vars", From: ConfigVars, Live: "."}, `{"A": "1"}`},
		{"of another list", Attr{Name: "buildpacks", From: Buildpacks, Live: "[].buildpack.name"}, `["heroku/go"]`},
		{"a list that isn't there", Attr{Name: "outbound_ips", From: SpaceNAT, Live: "sources"}, `null`},
		{"host", Attr{Name: "heroku_hostname", As: Host}, `"api-0123456789ab.herokuapp.com"`},
		{"region by its UUID", target, `"us"`},
	} {
		if diff := cmp.Diff(value(t, tt.want), view.Value(&tt.attr)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}

	// A deploy target that is a space has no region.
	space := View{Own: value(t, `{"deploy_target": {"id": "a space"}}`), Lists: view.Lists}
	if got := space.Value(&target); got != "a space" {
		t.Errorf("target in a space: got %v", got)
	}
	// Without the regions there is the UUID to report.
	blind := View{Own: view.Own}
	if got := blind.Value(&target); got != "59acc0de-0000-4000-8000-000000000001" {
		t.Errorf("region without the list: got %v", got)
	}
	noHost := View{Own: value(t, `{"web_url": null}`)}
	if got := noHost.Value(&Attr{Name: "heroku_hostname", As: Host}); !Empty(got) {
		t.Errorf("host of no web URL: got %v", got)
	}
}

func TestViewCompareHost(t *testing.T) {
	host := Attr{Name: "heroku_hostname", As: Host}
	for _, tt := range []struct {
		name, url, state string
		stated           stated
		same             bool
	}{
		{"the address", "https://api-0123456789ab.herokuapp.com/", "api-0123456789ab.herokuapp.com", nil, true},
		{"computed up to v5.2.1", "https://api-0123456789ab.herokuapp.com/", "api.herokuapp.com", nil, true},
		{"computed, beside the address", "https://api-0123456789ab.herokuapp.com/", "api.herokuapp.com",
			stated{"name": "api", "heroku_hostname": "api.herokuapp.com", "web_url": "https://api-0123456789ab.herokuapp.com/"}, true},
		{"from before June 2023", "https://api.herokuapp.com/", "api.herokuapp.com",
			stated{"name": "api", "heroku_hostname": "api.herokuapp.com", "web_url": "https://api.herokuapp.com/"}, true},
		{"another", "https://api-0123456789ab.herokuapp.com/", "old.herokuapp.com", nil, false},
		{"none", "", "old.herokuapp.com", nil, false},
	} {
		view := View{Own: map[string]any{"name": "api", "web_url": tt.url}}
		if tt.stated != nil {
			view.State = tt.stated
		}
		if diff := view.Compare(&host, tt.state); (len(diff) == 0) != tt.same {
			t.Errorf("%s: got %v, want the same: %t", tt.name, diff, tt.same)
		}
	}
}

func TestViewHolds(t *testing.T) {
	const (
		personal = `{"team": null, "acm": false, "generation": {"name": "cedar"}}`
		team     = `{"team": {"name": "t"}, "acm": true, "generation": {"name": "fir"}}`
	)
	for _, tt := range []struct {
		name     string
		attr     Attr
		own, app string
		state    stated
		want     bool
	}{
		{"no condition", Attr{Name: "a"}, `null`, `null`, nil, true},
		{"kept", Attr{Name: "a", If: IfKept}, `{"a": ["1"]}`, `null`, stated{"a": []any{}}, true},
		{"not kept", Attr{Name: "a", If: IfKept}, `{"a": ["1"]}`, `null`, stated{"a": nil}, false},
		{"set", Attr{Name: "a", If: IfSet}, `{}`, `null`, stated{"a": "1"}, true},
		{"not set", Attr{Name: "a", If: IfSet}, `{"a": "1"}`, `null`, nil, false},
		{"set to nothing", Attr{Name: "a", If: IfSet}, `{"a": "1"}`, `null`, stated{"a": ""}, false},
		{"live", Attr{Name: "a", If: IfLive}, `{"a": "1"}`, `null`, nil, true},
		{"live as null", Attr{Name: "a", If: IfLive}, `{"a": null}`, `null`, stated{"a": "1"}, false},
		{"live false", Attr{Name: "a", If: IfLive}, `{"a": false}`, `null`, nil, true},
		{"of a team", Attr{Name: "a", If: IfTeam}, `{}`, team, nil, true},
		{"of nobody", Attr{Name: "a", If: IfTeam}, `{}`, personal, nil, false},
		{"of no app", Attr{Name: "a", If: IfTeam}, `{}`, `null`, nil, false},
		{"Cedar", Attr{Name: "a", If: IfInstallations}, `{}`, personal, nil, true},
		{"Fir", Attr{Name: "a", If: IfInstallations}, `{}`, team, nil, false},
		{"Fir in the state alone", Attr{Name: "a", If: IfInstallations}, `{}`, `{}`, stated{"generation": "fir"}, false},
		{"no generation", Attr{Name: "a", If: IfInstallations}, `{}`, `{}`, nil, true},
		{"no ACM", Attr{Name: "a", If: IfNoACM}, `{}`, personal, nil, true},
		{"ACM", Attr{Name: "a", If: IfNoACM}, `{}`, team, nil, false},
		{"no path", Attr{Name: "a", If: IfNoPath}, `{}`, `null`, stated{"source.path": ""}, true},
		{"a path", Attr{Name: "a", If: IfNoPath}, `{}`, `null`, stated{"source.path": "src"}, false},
		{"named", Attr{Name: "a", If: IfNamed}, `{"id": "1"}`, `null`, stated{"id": "1"}, true},
		{"another one", Attr{Name: "a", If: IfNamed}, `{"id": "2"}`, `null`, stated{"id": "1"}, false},
		{"both", Attr{Name: "a", If: IfLive | IfNoACM}, `{"a": "1"}`, personal, nil, true},
		{"the first alone", Attr{Name: "a", If: IfLive | IfNoACM}, `{"a": "1"}`, team, nil, false},
		{"the second alone", Attr{Name: "a", If: IfLive | IfNoACM}, `{}`, personal, nil, false},
	} {
		view := View{Own: value(t, tt.own), App: value(t, tt.app)}
		if got := view.Holds(&tt.attr, tt.state); got != tt.want {
			t.Errorf("%s: got %t, want %t", tt.name, got, tt.want)
		}
	}
}
