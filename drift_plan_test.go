package herokutf

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// The apps that the tests of the parts have.
const (
	appOne = "01234567-89ab-4def-8123-000000000001"
	appTwo = "01234567-89ab-4def-8123-000000000002"
)

// A stated is an instance of a state: "heroku_app x", or "data.heroku_app x" for a data
// source, and its attributes as JSON.
type stated struct{ name, attrs string }

func stateOf(t testing.TB, name string, all ...stated) *statefile.File {
	t.Helper()
	var resources []string
	for _, s := range all {
		typ, label, _ := strings.Cut(s.name, " ")
		typ, isData := strings.CutPrefix(typ, "data.")
		mode, deposed := "managed", ""
		if isData {
			mode = "data"
		}
		if rest, ok := strings.CutSuffix(label, " deposed"); ok {
			label, deposed = rest, `"deposed": "1a2b3c4d", `
		}
		resources = append(resources, fmt.Sprintf(`{"mode": %q, "type": %q, "name": %q, "provider": "provider[\"registry.terraform.io/heroku/heroku\"]",
			"instances": [{%s"schema_version": 0, "attributes": %s}]}`, mode, typ, label, deposed, s.attrs))
	}
	f, err := statefile.Parse(name, []byte(`{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "outputs": {}, "resources": [`+
		strings.Join(resources, ",\n")+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// inventoryOf is what one state has.
func inventoryOf(t testing.TB, chosen selection, all ...stated) *inventory {
	t.Helper()
	return newInventory([]*statefile.File{stateOf(t, "test.tfstate", all...)}, chosen)
}

// valueOf is JSON as the reader has it.
func valueOf(t testing.TB, text string) any {
	t.Helper()
	if !json.Valid([]byte(text)) {
		t.Fatalf("no JSON: %s", text)
	}
	v, err := decodeJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func answerOf(t testing.TB, text string) *answer {
	t.Helper()
	a := &answer{value: valueOf(t, text)}
	a.index()
	return a
}

func elementsOf(t testing.TB, text string) []any { t.Helper(); return answerOf(t, text).elements() }

// errNotFound and errDown are what a client's errors match.
var (
	errNotFound = fmt.Errorf("GET /x: %w", platform.ErrNotFound)
	errDown     = fmt.Errorf("GET /x: %w", platform.ErrUnavailable)
)

func names(lists map[provider.List]bool) []string {
	all := []string{}
	for l := range lists {
		all = append(all, l.String())
	}
	slices.Sort(all)
	return all
}

// TestCertain: what is asked for before the inventory is made is asked for anyway.
func TestCertain(t *testing.T) {
	found := make(map[provider.List]bool)
	for res := range provider.All() {
		for _, only := range [][]string{nil, {"identity"}, {"formation"}, {strings.TrimPrefix(res.Type, "heroku_")}} {
			chosen, err := newSelection(only)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{res.Type + " x", "data." + res.Type + " x", res.Type + " x deposed"} {
				plan := listPlanner{chosen: chosen}
				inv := inventoryOf(t, chosen, stated{name, `{"id": "` + appOne + `"}`})
				all := plan.ofAccount(inv)
				for _, l := range plan.certain(inv.files) {
					found[l] = true
					if !all[l] {
						t.Errorf("%s, only %q: the %s are certain and not needed: %v", name, only, l, names(all))
					}
				}
			}
		}
	}
	if got := names(found); !slices.Contains(got, provider.Apps.String()) || !slices.Contains(got, provider.Couplings.String()) {
		t.Errorf("certain are %v", got)
	}
}

func TestSelection(t *testing.T) {
	for _, tt := range []struct {
		only    []string
		typ     string
		chosen  bool
		shallow bool
	}{
		{nil, "heroku_formation", true, false},
		{[]string{}, "heroku_formation", true, false},
		{[]string{"formation"}, "heroku_formation", true, false},
		{[]string{"heroku_formation"}, "heroku_formation", true, false},
		{[]string{"formation"}, "heroku_app", false, false},
		{[]string{"formation", "domain"}, "heroku_domain", true, false},
		{[]string{"identity"}, "heroku_app", true, true},
		{[]string{"identity"}, "heroku_formation", false, false},
		{[]string{"identity", "app"}, "heroku_app", true, false},
		{[]string{"team"}, "heroku_team", true, false}, // a data source alone
	} {
		s, err := newSelection(tt.only)
		if err != nil {
			t.Errorf("%q: %v", tt.only, err)
			continue
		}
		if chosen, shallow := s.has(tt.typ); chosen != tt.chosen || shallow != tt.shallow {
			t.Errorf("%q: %s is chosen %t, shallow %t, want %t, %t", tt.only, tt.typ, chosen, shallow, tt.chosen, tt.shallow)
		}
	}
	_, err := newSelection([]string{"app", "apps", "Identity"})
	if !errors.Is(err, platform.ErrInvalidName) || !strings.Contains(err.Error(), "apps") || !strings.Contains(err.Error(), "Identity") {
		t.Errorf("unknown words: %v", err)
	}
}

// appAttrs is an app of provider 5, one of the older ones, and a formation of either.
const (
	appAttrs       = `{"id": "` + appOne + `", "name": "one", "config_vars": {"A": "1"}, "buildpacks": []}`
	namedAttrs     = `{"id": "one", "name": "one", "config_vars": {}}`
	formationAttrs = `{"id": "f0000000-0000-4000-8000-000000000001", "app_id": "` + appOne + `", "type": "web", "quantity": 1}`
)

func TestPlannerLists(t *testing.T) {
	formation := []stated{{"heroku_app x", appAttrs}, {"heroku_formation web", formationAttrs}}
	slug := stated{"heroku_slug s", `{"id": "51000000-0000-4000-8000-000000000001", "app_id": "` + appOne + `"}`}
	for _, tt := range []struct {
		name    string
		plan    listPlanner
		only    []string
		state   []stated
		account []string
		app     []string // of the first app
	}{
		{name: "an app and its formation", state: formation,
			account: []string{"apps"}, app: []string{"buildpacks", "config vars", "formation"}},
		{name: "of a map without keys nothing can differ", state: []stated{{"heroku_app x", namedAttrs}},
			account: []string{"apps"}, app: []string{}},
		{name: "the members of a team's app", state: []stated{{"heroku_app x", `{"id": "` + appOne + `", "organization": [{"name": "t", "locked": true}]}`}},
			account: []string{"apps"}, app: []string{"apps of the team"}},
		{name: "an app of Fir has no buildpacks", state: []stated{{"heroku_app x", `{"id": "` + appOne + `", "generation": "fir", "buildpacks": []}`}},
			account: []string{"apps"}, app: []string{}},
		{name: "only the formation", only: []string{"formation"}, state: formation,
			account: []string{"apps"}, app: []string{"formation"}},
		{name: "only identity", only: []string{"identity"}, state: formation,
			account: []string{"apps"}, app: []string{}},
		{name: "only what isn't there", only: []string{"domain"}, state: formation,
			account: []string{}, app: []string{}},
		{name: "what is single is no list of the app", state: []stated{{"heroku_app x", appAttrs}, slug},
			account: []string{"apps"}, app: []string{"buildpacks", "config vars"}},
		{name: "deposed", state: []stated{{"heroku_formation web deposed", formationAttrs}},
			account: []string{"apps"}, app: []string{}},
		{name: "an add-on says which app has a name", only: []string{"formation"},
			state: []stated{{"heroku_addon db", `{"id": "ad000000-0000-4000-8000-000000000001", "app": "one"}`},
				{"heroku_formation web", `{"id": "f0000000-0000-4000-8000-000000000001", "app": "one", "type": "web"}`}},
			account: []string{"add-ons", "apps"}, app: []string{"formation"}},
		{name: "without an app", state: []stated{{"heroku_pipeline p", `{"id": "91000000-0000-4000-8000-000000000001"}`}},
			account: []string{"pipelines"}},
		{name: "a type that isn't known", state: []stated{{"heroku_of_tomorrow x", `{"id": "1"}`}}, account: []string{}},
		{name: "what is unmanaged", plan: listPlanner{unmanaged: true}, state: formation,
			account: []string{"add-on attachments", "add-ons", "apps", "pipeline couplings"},
			app: []string{"app features", "buildpacks", "collaborators", "config vars", "domains", "formation", "log drains",
				"releases", "webhooks"}},
		{name: "what is unmanaged, only the formation", plan: listPlanner{unmanaged: true}, only: []string{"formation"}, state: formation,
			account: []string{"apps"}, app: []string{"config vars", "formation", "releases"}},
		{name: "nothing is unmanaged of an app that no state manages", plan: listPlanner{unmanaged: true},
			state:   []stated{{"heroku_formation web", formationAttrs}},
			account: []string{"apps"}, app: []string{"formation"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			chosen, err := newSelection(tt.only)
			if err != nil {
				t.Fatal(err)
			}
			tt.plan.chosen = chosen
			inv := inventoryOf(t, chosen, tt.state...)
			if diff := cmp.Diff(tt.account, names(tt.plan.ofAccount(inv))); diff != "" {
				t.Errorf("of the account (-want +got):\n%s", diff)
			}
			if tt.app == nil {
				if len(inv.apps) > 0 {
					t.Errorf("there are apps: %v", inv.apps[0].names)
				}
				return
			}
			if diff := cmp.Diff(tt.app, names(tt.plan.ofApp(inv.apps[0]))); diff != "" {
				t.Errorf("of the app (-want +got):\n%s", diff)
			}
		})
	}
}

// releasesOf returns apps with a release each, whose UUIDs end with 1, 2 and so on.
func releasesOf(n int) []stated {
	var all []stated
	for i := range n {
		id := fmt.Sprintf("%s%d", appOne[:len(appOne)-1], i+1)
		all = append(all, stated{fmt.Sprintf("heroku_app_release r%d", i), `{"id": "7e000000-0000-4000-8000-000000000001", "app_id": "` + id + `", "slug_id": "s"}`})
	}
	return all
}

func TestPlannerLatest(t *testing.T) {
	const pipeline = "91000000-0000-4000-8000-000000000001"
	coupling := func(app, pipeline string) string {
		return fmt.Sprintf(`{"app": {"id": %q}, "pipeline": {"id": %q}}`, app, pipeline)
	}
	for _, tt := range []struct {
		name      string
		couplings []string
		want      map[string]string
	}{
		{"none", nil, map[string]string{}},
		{"one app of a pipeline", []string{coupling(appOne, pipeline)}, map[string]string{}},
		{"two apps", []string{coupling(appOne, pipeline), coupling(strings.ToUpper(appTwo), pipeline)}, map[string]string{appOne: pipeline, appTwo: pipeline}},
		{"one that isn't asked for", []string{coupling(appOne, pipeline), coupling(appTwo[:35]+"9", pipeline)}, map[string]string{}},
		{"two pipelines", []string{coupling(appOne, pipeline), coupling(appTwo, pipeline[:35]+"2")}, map[string]string{}},
		{"no UUID", []string{coupling(appOne, "../x"), coupling(appTwo, "../x")}, map[string]string{}},
	} {
		inv := inventoryOf(t, selection{}, releasesOf(3)...)
		got := listPlanner{}.latest(inv.apps, elementsOf(t, "["+strings.Join(tt.couplings, ",")+"]"))
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	// The list of couplings is worth its request from three apps on.
	for n, want := range []bool{false, false, false, true, true} {
		lists := listPlanner{}.ofAccount(inventoryOf(t, selection{}, releasesOf(n)...))
		if lists[provider.Couplings] != want {
			t.Errorf("%d apps: %q, want couplings %t", n, slices.Sorted(maps.Keys(lists)), want)
		}
	}
	inv := inventoryOf(t, selection{}, releasesOf(3)...)
	if lists := (listPlanner{blame: true}).ofAccount(inv); lists[provider.Couplings] {
		t.Error("couplings are read, though the history of each app is")
	}
}

func TestPlannerCost(t *testing.T) {
	const pipeline = "91000000-0000-4000-8000-000000000001"
	for _, tt := range []struct {
		name           string
		plan           listPlanner
		state          []stated
		latest         map[string]string
		prepare        func(*inventory)
		apps, requests int
	}{
		{name: "nothing"},
		{name: "an app and its formation", state: []stated{{"heroku_app x", appAttrs}, {"heroku_formation web", formationAttrs}}, apps: 1, requests: 3},
		{name: "what two objects share", state: []stated{{"heroku_formation web", formationAttrs}, {"heroku_formation worker", formationAttrs}}, apps: 1, requests: 1},
		{name: "releases", state: releasesOf(3), apps: 3, requests: 3},
		{name: "releases of a pipeline", state: releasesOf(3), latest: map[string]string{appOne: pipeline, appTwo: pipeline}, apps: 3, requests: 2},
		{name: "an app that is gone", state: releasesOf(2), prepare: func(inv *inventory) { inv.apps[0].verdict = Missing }, apps: 1, requests: 1},
		{name: "an app that isn't found", state: []stated{{"heroku_app x", namedAttrs}}},
		{name: "without an app", state: []stated{{"heroku_pipeline p", `{"id": "` + pipeline + `"}`},
			{"heroku_pipeline_config_var v", `{"id": "1", "pipeline_id": "` + pipeline + `", "pipeline_stage": "test", "vars": {"A": "1"}}`}}, requests: 1},
		{name: "a single object", state: []stated{{"heroku_slug s", `{"id": "51000000-0000-4000-8000-000000000001", "app_id": "` + appOne + `"}`}}, apps: 1, requests: 1},
		{name: "what is unmanaged", plan: listPlanner{unmanaged: true}, state: []stated{{"heroku_app x", appAttrs}}, apps: 1, requests: 9},
	} {
		inv := inventoryOf(t, selection{}, tt.state...)
		if tt.prepare != nil {
			tt.prepare(inv)
		}
		if apps, requests := tt.plan.cost(inv, tt.latest); apps != tt.apps || requests != tt.requests {
			t.Errorf("%s: %d apps, %d requests, want %d, %d", tt.name, apps, requests, tt.apps, tt.requests)
		}
	}
}
