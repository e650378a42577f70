package herokutest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/internal/stategen"
	"github.com/herokutf/herokutf/statefile"
)

// The tests read the fake the way the provider's table says to, and hold every
// attribute of a state against what it says. They test the table as well: a path
// that leads nowhere is a difference.

// states are those that the provider wrote, and one of what none of them has.
var states = []string{"provider-2.5.0", "provider-3.2.0", "provider-4.9.0", "provider-5.0.0", "provider-5.3.2", "corners"}

func load(t testing.TB, name string) []byte {
	t.Helper()
	dir := filepath.Join("..", "statefile", "testdata", "states")
	if name == "corners" {
		dir = "testdata"
	}
	data, err := os.ReadFile(filepath.Join(dir, name+".tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parse(t testing.TB, name string, data []byte) *statefile.File {
	t.Helper()
	f, err := statefile.Parse(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestFromStateMatches: nothing of a state differs from the fake that is made for it,
// in whichever form the state is. Together the states have a value for every
// attribute that can be compared.
func TestFromStateMatches(t *testing.T) {
	for form, write := range forms {
		seen := make(attributes)
		for _, name := range states {
			t.Run(form+"/"+name, func(t *testing.T) {
				check(t, parse(t, name, write(t, load(t, name))), seen)
			})
		}
		for r := range provider.All() {
			for i := range r.Attrs {
				a := &r.Attrs[i]
				comparable := r.Mode == provider.Managed && a.As.Compared() && (a.As != provider.AppReference || a.Live != "")
				if name := r.Type + "." + a.Name; comparable && !seen[name] {
					t.Errorf("%s: %s has a value in none of the states", form, name)
				}
			}
		}
	}
}

// forms are the forms of a state that hold the same, out of version 4.
var forms = map[string]func(testing.TB, []byte) []byte{
	"version 4": func(_ testing.TB, data []byte) []byte { return data },

	"attributes_flat": func(t testing.TB, data []byte) []byte {
		state := decode(t, data)
		for _, r := range state["resources"].([]any) {
			for _, i := range r.(map[string]any)["instances"].([]any) {
				inst := i.(map[string]any)
				inst["attributes_flat"] = flatten(inst["attributes"])
				delete(inst, "attributes")
			}
		}
		return marshal(t, state)
	},

	"version 3": func(t testing.TB, data []byte) []byte {
		resources := make(map[string]any)
		for _, r := range decode(t, data)["resources"].([]any) {
			r := r.(map[string]any)
			inst := r["instances"].([]any)[0].(map[string]any)
			flat := flatten(inst["attributes"])
			object := map[string]any{
				"id": flat["id"], "attributes": flat, "tainted": false,
				"meta": map[string]any{"schema_version": fmt.Sprint(inst["schema_version"])},
			}
			address := fmt.Sprint(r["type"], ".", r["name"])
			if r["mode"] == "data" {
				address = "data." + address
			}
			old := map[string]any{"type": r["type"], "provider": "provider.heroku", "primary": object, "deposed": []any{}}
			if _, ok := inst["deposed"]; ok {
				old["primary"], old["deposed"] = nil, []any{object}
			}
			resources[address] = old
		}
		return marshal(t, map[string]any{
			"version": 3, "serial": 1, "lineage": "x", "terraform_version": "0.11.15",
			"modules": []any{map[string]any{"path": []any{"root"}, "outputs": map[string]any{}, "resources": resources}},
		})
	},
}

func decode(t testing.TB, data []byte) map[string]any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// flatten is the reverse of unflatten.
func flatten(attributes any) map[string]any {
	flat := make(map[string]any)
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case nil: // isn't there
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

// attributes are those that had a value and were compared, as TYPE.NAME.
type attributes map[string]bool

// check compares every managed object of a state with a fake that is made for
// it.
func check(t *testing.T, f *statefile.File, seen attributes) {
	t.Helper()
	server, err := FromState(Options{}, f)
	if err != nil {
		t.Fatal(err)
	}
	h := &heroku{t: t, server: server, answers: make(map[string]any)}
	objects := 0
	for inst := range f.Instances() {
		r, ok := provider.Lookup(string(inst.Mode), inst.Type)
		if !ok || r.Mode == provider.Data || inst.Deposed != "" {
			continue
		}
		v, err := read(inst)
		if err != nil {
			t.Fatal(err)
		}
		objects++
		h.compare(inst.Address(), r, v, seen)
	}
	if objects == 0 {
		t.Error("the state has no objects")
	}
}

// heroku reads from a fake, each path once.
type heroku struct {
	t       *testing.T
	server  *Server
	answers map[string]any
}

// get returns the answer to a GET of the list; the steps of its path are filled
// in by the function.
func (h *heroku) get(list provider.List, step func(string) string) any {
	h.t.Helper()
	source := list.Source()
	path := source.Path
	for strings.Contains(path, "{") {
		before, rest, _ := strings.Cut(path, "{")
		name, after, _ := strings.Cut(rest, "}")
		value := step(name)
		if value == "" {
			h.t.Errorf("%s: nothing for {%s}", source.Path, name)
			return nil
		}
		path = before + value + after
	}
	return h.read(path, source.Field)
}

func (h *heroku) read(path, field string) any {
	h.t.Helper()
	if answer, ok := h.answers[path]; ok {
		return answer
	}
	req := httptest.NewRequest("GET", "https://api.heroku.com"+path, nil)
	req.RequestURI = ""
	req.Header.Set("Accept", "application/vnd.heroku+json; version=3")
	req.Header.Set("Authorization", "Bearer token")
	if field != "" {
		req.Header.Set("Range", field+" ..; max=1000")
	}
	resp, err := h.server.RoundTrip(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		h.t.Errorf("GET %s: %s", path, resp.Status)
		return nil
	}
	d := json.NewDecoder(resp.Body)
	d.UseNumber()
	var answer any
	if err := d.Decode(&answer); err != nil {
		h.t.Fatal(err)
	}
	h.answers[path] = answer
	return answer
}

func (h *heroku) compare(address string, r *provider.Resource, v attrs, seen attributes) {
	h.t.Helper()
	origin := &r.Origin
	list := origin.List
	if list == provider.NoList {
		return
	}
	if origin.Else.List != provider.NoList && v.text(origin.Else.Attr) == origin.Else.Value {
		list = origin.Else.List
	}
	view := provider.View{Lists: make(map[provider.List]any), State: v}
	app := appOf(r, v)
	if app != "" {
		view.App = h.read("/apps/"+app, "")
	}
	step := func(name string) string {
		switch name {
		case "app":
			return app
		case "team":
			if team := provider.Text(provider.Find(view.App, "team.name")); team != "" {
				return team
			}
		}
		return v.text(origin.Steps[name]...)
	}
	answer := h.get(list, step)
	switch {
	case origin.Current:
		view.Own = running(answer)
	case list == provider.Apps:
		view.Own = element(answer, func(e any) bool { return is(e, "id", app) || is(e, "name", app) })
	case len(origin.Keys) == 0:
		view.Own = answer
	default:
		for _, key := range origin.Keys {
			want := key.Value(v.text(key.Attr))
			if view.Own == nil && want != "" {
				view.Own = element(answer, func(e any) bool { return key.Is(provider.Text(provider.Find(e, key.Path())), want) })
			}
		}
	}
	if view.Own == nil {
		h.t.Errorf("%s: not on Heroku", address)
		return
	}
	for i := range r.Attrs {
		a := &r.Attrs[i]
		if !a.As.Compared() || !v.has(a.Name) {
			continue // this release of the provider doesn't have it
		}
		state := v.Value(a.Name)
		if a.As == provider.AppReference {
			if a.Live != "" {
				seen[r.Type+"."+a.Name] = true
				id := provider.Text(view.Value(a))
				if ref := provider.Text(state); !is(view.App, "id", id) || !is(view.App, "id", ref) && !is(view.App, "name", ref) {
					h.t.Errorf("%s: %s: the state has app %s, Heroku %s", address, a.Name, ref, id)
				}
			}
			continue
		}
		// What isn't read under the conditions, the API may refuse to show.
		before := *a
		before.If &^= provider.IfLive
		if !view.Holds(&before, v) {
			continue
		}
		switch a.From {
		case provider.NoList:
		case provider.TeamApps:
			view.Lists[a.From] = element(h.get(a.From, step), func(e any) bool { return provider.Find(e, "id") == provider.Find(view.App, "id") })
		case provider.Releases:
			view.Lists[a.From] = running(h.get(a.From, step))
		case provider.SpaceNAT, provider.SpaceRuleset:
			space := provider.Text(provider.Find(view.Own, "id"))
			view.Lists[a.From] = h.get(a.From, func(string) string { return space })
		default:
			view.Lists[a.From] = h.get(a.From, step)
		}
		if !view.Holds(a, v) {
			continue
		}
		if !provider.Empty(state) {
			seen[r.Type+"."+a.Name] = true
		}
		for _, d := range view.Compare(a, state) {
			h.t.Errorf("%s: %s %s: the state has %v, Heroku %v", address, a.Name, d.Key, d.State, d.Live)
		}
	}
}

// appOf returns the app that an object is or belongs to, by UUID if the state has
// it.
func appOf(r *provider.Resource, v attrs) string {
	var app string
	for _, shape := range []*provider.Shape{&r.UUIDs, &r.Names} {
		for _, ref := range shape.Refs {
			if len(ref.Path) != 1 || ref.When.Attr != "" && v.text(ref.When.Attr) != ref.When.Value {
				continue
			}
			if text, ok := ref.App(v.text(ref.Path[0])); ok && (app == "" || provider.IsUUID(text)) {
				app = text
			}
		}
	}
	return app
}

// running returns the release that runs.
func running(releases any) any {
	return element(releases, func(e any) bool { return is(e, "current", "true") })
}

func element(list any, is func(any) bool) any {
	all, _ := list.([]any)
	for _, e := range all {
		if is(e) {
			return e
		}
	}
	return nil
}

func is(v any, path, text string) bool { return provider.Text(provider.Find(v, path)) == text }

func TestDriftMatches(t *testing.T) {
	f := parse(t, "drift", stategen.Drift(23))
	seen := make(attributes)
	check(t, f, seen)
	for _, name := range []string{"heroku_app.config_vars", "heroku_app_release.slug_id", "heroku_pipeline_coupling.stage", "heroku_team_collaborator.permissions"} {
		if !seen[name] {
			t.Errorf("%s wasn't compared", name)
		}
	}
}

// TestNothingElse: what the states don't name isn't there, so that nothing is
// unmanaged either.
func TestNothingElse(t *testing.T) {
	f := parse(t, "drift", stategen.Drift(23))
	seed, err := stateSeed([]*statefile.File{f})
	if err != nil {
		t.Fatal(err)
	}
	apps, addons := 0, 0
	for inst := range f.Instances() {
		switch inst.Type {
		case "heroku_app":
			apps++
		case "heroku_addon":
			addons++
		}
	}
	if len(seed.Apps) != apps || len(seed.Addons) != addons || len(seed.Pipelines) != 3 || len(seed.Teams) != 1 {
		t.Errorf("got %d apps, %d add-ons, %d pipelines and %d teams, want %d, %d, 3 and 1",
			len(seed.Apps), len(seed.Addons), len(seed.Pipelines), len(seed.Teams), apps, addons)
	}
	again, err := stateSeed([]*statefile.File{f})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(seed, again); diff != "" {
		t.Errorf("the second time (-first +second):\n%s", diff)
	}
}

// TestFromStateDatabases: what a state doesn't say of an add-on is as on Heroku: a
// database is DATABASE to its app, a further one has a color, and drivers know the
// scheme of its address.
func TestFromStateDatabases(t *testing.T) {
	const app, other = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
	addon := func(name, n, more string) string {
		return fmt.Sprintf(`{"mode":"managed","type":"heroku_addon","name":%q,"provider":"provider[\"registry.terraform.io/heroku/heroku\"]",
			"instances":[{"schema_version":1,"attributes":{"id":"ad000000-0000-4000-8000-00000000000%s","name":%[1]q,"app_id":%[3]q%[4]s}}]}`, name, n, app, more)
	}
	database := func(name, n, more string) string {
		return addon(name, n, `,"plan":"heroku-postgresql:essential-0"`+more)
	}
	attachment := fmt.Sprintf(`{"mode":"managed","type":"heroku_addon_attachment","name":"x","provider":"provider[\"registry.terraform.io/heroku/heroku\"]",
		"instances":[{"schema_version":1,"attributes":{"id":"a7000000-0000-4000-8000-000000000001","addon_id":"ad000000-0000-4000-8000-000000000001","app_id":%q,"name":"SHARED"}}]}`, other)
	var many []string
	ofMany := map[string]string{"DATABASE_URL": "postgres://", "HEROKU_POSTGRESQL_1_URL": "postgres://", "HEROKU_POSTGRESQL_2_URL": "postgres://"}
	for _, color := range attachmentColors {
		ofMany["HEROKU_POSTGRESQL_"+color+"_URL"] = "postgres://"
	}
	for i := range len(ofMany) {
		many = append(many, strings.Replace(database(fmt.Sprint("db-", i), "1", ""), "00000000001", fmt.Sprintf("%011d", i), 1))
	}
	for _, tt := range []struct {
		name      string
		resources []string
		want      map[string]string // the app's config vars: how each begins
	}{
		{"no config vars", []string{database("a", "1", ""), database("b", "2", "")},
			map[string]string{"DATABASE_URL": "postgres://uad000000:pad000000@a.", "HEROKU_POSTGRESQL_AMBER_URL": "postgres://uad000000:pad000000@b."}},
		{"the second is DATABASE", []string{database("a", "1", ""), database("b", "2", `,"config_vars":["DATABASE_URL"]`)},
			map[string]string{"DATABASE_URL": "postgres://uad000000:pad000000@b.", "HEROKU_POSTGRESQL_AMBER_URL": "postgres://uad000000:pad000000@a."}},
		{"both are DATABASE", []string{database("a", "1", `,"config_vars":["DATABASE_URL"]`), database("b", "2", `,"config_vars":["DATABASE_URL"]`)},
			map[string]string{"DATABASE_URL": "postgres://uad000000:pad000000@a.", "HEROKU_POSTGRESQL_AMBER_URL": "postgres://uad000000:pad000000@b."}},
		{"two config vars", []string{database("a", "1", `,"config_vars":["DATABASE_URL","DATABASE_POOL_URL"]`)},
			map[string]string{"DATABASE_URL": "postgres://u", "DATABASE_POOL_URL": "postgres://u"}},
		{"a value", []string{database("a", "1", `,"config_vars":["DATABASE_URL"],"config_var_values":{"DATABASE_URL":"postgres://given"}`)},
			map[string]string{"DATABASE_URL": "postgres://given"}},
		{"attached to another app", []string{database("a", "1", ""), attachment},
			map[string]string{"DATABASE_URL": "postgres://u"}},
		{"no UUID", []string{strings.Replace(database("a", "1", `,"config_vars":["DATABASE_URL"]`), "ad000000-0000-4000-8000-000000000001", "a", 1)},
			map[string]string{"DATABASE_URL": "postgres://u"}},
		{"other services", []string{addon("r", "1", `,"plan":"heroku-redis:mini","config_vars":["REDIS_URL"]`), addon("p", "2", `,"plan":"papertrail:choklad"`)},
			map[string]string{"REDIS_URL": "rediss://:p", "PAPERTRAIL_URL": "https://p.addon.example/ad000000-"}},
		{"more than there are colors", many, ofMany},
	} {
		f := parse(t, "x", []byte(`{"version":4,"serial":1,"lineage":"x","resources":[`+strings.Join(tt.resources, ",")+`]}`))
		s, err := FromState(Options{}, f)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		a, _ := s.App(app)
		for name, value := range a.ConfigVars {
			if want, ok := tt.want[name]; !ok || !strings.HasPrefix(value, want) {
				t.Errorf("%s: %s is %q, want %q", tt.name, name, value, want)
			}
		}
		if len(a.ConfigVars) != len(tt.want) {
			t.Errorf("%s: got %d config vars, want %d", tt.name, len(a.ConfigVars), len(tt.want))
		}
	}
}

// TestAddressInSpace: the address of an app in a Private Space has http, however it
// came there, unless the seed or the state says otherwise.
func TestAddressInSpace(t *testing.T) {
	state := func(attributes string) *Server {
		s, err := FromState(Options{}, parse(t, "x", []byte(`{"version":4,"serial":1,"lineage":"x","resources":[
			{"mode":"managed","type":"heroku_app","name":"x","provider":"provider[\"registry.terraform.io/heroku/heroku\"]","instances":[
			{"schema_version":1,"attributes":{"id":"11111111-1111-4111-8111-111111111111","name":"walled","organization":[{"name":"acme"}]`+attributes+`}}]}]}`)))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	seed := func(app string) *Server {
		s := New(Options{})
		if err := s.Load(strings.NewReader(`{"teams":[{"name":"acme"}],"spaces":[{"name":"x","team":"acme"}],"apps":[{"name":"walled"` + app + `}]}`)); err != nil {
			t.Fatal(err)
		}
		return s
	}
	added := New(Options{})
	added.AddTeam(Team{Name: "acme"})
	added.AddSpace(Space{Name: "x", Team: "acme"})
	added.AddApp(App{Name: "walled", Space: "x"})
	for _, tt := range []struct {
		name   string
		server *Server
		want   string
	}{
		{"added", added, "http"},
		{"seed", seed(`,"space":"x"`), "http"},
		{"seed, Common Runtime", seed(""), "https"},
		{"seed that says https", seed(`,"space":"x","plain_http":false`), "https"},
		{"seed that says http", seed(`,"plain_http":true`), "http"},
		{"state", state(`,"space":"x"`), "http"},
		{"state, Common Runtime", state(""), "https"},
		{"state that says https", state(`,"space":"x","web_url":"https://walled.herokuapp.com/"`), "https"},
		{"state that says http", state(`,"space":"x","web_url":"http://walled.herokuapp.com/"`), "http"},
	} {
		tt.server.UpdateApp("walled", func(a *App) { a.Maintenance = true })
		again := New(Options{})
		if err := again.Seed(tt.server.Snapshot()); err != nil {
			t.Fatal(err)
		}
		for when, s := range map[string]*Server{"": tt.server, " again": again} {
			h := &heroku{t: t, server: s, answers: make(map[string]any)}
			url := provider.Text(provider.Find(h.read("/apps/walled", ""), "web_url"))
			if scheme, _, _ := strings.Cut(url, ":"); scheme != tt.want {
				t.Errorf("%s%s: got %s, want %s", tt.name, when, url, tt.want)
			}
		}
	}
}

// TestFromStateErrors: what no Heroku can hold is an error that says which object
// it is.
func TestFromStateErrors(t *testing.T) {
	app := func(label, name, uuid string) string {
		return fmt.Sprintf(`{"mode":"managed","type":"heroku_app","name":%q,"provider":"provider[\"registry.terraform.io/heroku/heroku\"]",
			"instances":[{"schema_version":1,"attributes":{"id":%q,"name":%q,"uuid":%[2]q}}]}`, label, uuid, name)
	}
	state := func(resources ...string) *statefile.File {
		return parse(t, "x", []byte(`{"version":4,"serial":1,"lineage":"x","resources":[`+strings.Join(resources, ",")+`]}`))
	}
	one, two := app("one", "api", "11111111-1111-4111-8111-111111111111"), app("two", "api", "22222222-2222-4222-8222-222222222222")
	drain := `{"mode":"managed","type":"heroku_drain","name":"logs","provider":"provider[\"registry.terraform.io/heroku/heroku\"]",
		"instances":[{"schema_version":1,"attributes":{"id":"not-a-uuid","app_id":"11111111-1111-4111-8111-111111111111","url":"https://user:secret@logs.example.com"}}]}`
	for _, tt := range []struct {
		name  string
		files []*statefile.File
		want  string // of the error; empty: none
	}{
		{"nothing", nil, ""},
		{"the same app twice", []*statefile.File{state(one), state(one)}, ""},
		{"UUID", []*statefile.File{state(one, drain)}, `seed: app "api": log-drain id "not-a-uuid" is no UUID`},
		{"one name", []*statefile.File{state(one), state(two)}, ""}, // the later one is the app
	} {
		_, err := FromState(Options{}, tt.files...)
		if got := fmt.Sprint(err); (tt.want == "") != (err == nil) || err != nil && got != tt.want {
			t.Errorf("%s: got error %q, want %q", tt.name, got, tt.want)
		}
	}
}

// FuzzFromState: whatever a state holds, there is a server or an error, and the
// same again.
func FuzzFromState(f *testing.F) {
	for _, name := range states {
		f.Add(load(f, name))
	}
	f.Add([]byte(`{"version":4,"serial":1,"lineage":"x","resources":[{"mode":"managed","type":"heroku_space","name":"x","instances":[{"schema_version":0,"attributes":{}}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := statefile.Parse("fuzz", data)
		if err != nil {
			return
		}
		s, err := FromState(Options{Clock: func() time.Time { return epoch }}, file)
		again, errAgain := FromState(Options{Clock: func() time.Time { return epoch }}, file)
		if (err == nil) != (errAgain == nil) {
			t.Fatalf("got error %v, then %v", err, errAgain)
		}
		if err == nil {
			if diff := cmp.Diff(s.Snapshot(), again.Snapshot()); diff != "" {
				t.Errorf("the second time (-first +second):\n%s", diff)
			}
		}
	})
}

func BenchmarkFromState(b *testing.B) {
	f := parse(b, "drift", stategen.Drift(1000))
	for b.Loop() {
		if _, err := FromState(Options{}, f); err != nil {
			b.Fatal(err)
		}
	}
}

// TestGenerationInSpace: an app is of its space's generation, unless a seed says otherwise.
func TestGenerationInSpace(t *testing.T) {
	s := New(Options{})
	s.AddTeam(Team{Name: "acme"})
	s.AddSpace(Space{Name: "new", Team: "acme", Generation: Fir})
	s.AddSpace(Space{Name: "old", Team: "acme"})
	for _, tt := range []struct {
		app  App
		want string
	}{
		{App{Name: "app-a", Space: "new"}, Fir},
		{App{Name: "app-b", Space: "old"}, Cedar},
		{App{Name: "app-c", Space: "new", Generation: Cedar}, Cedar},
	} {
		if got := s.AddApp(tt.app); got.Generation != tt.want || (got.Stack == "cnb") != (tt.want == Fir) {
			t.Errorf("%s: got %s and stack %s, want %s", tt.app.Name, got.Generation, got.Stack, tt.want)
		}
	}
}
