package provider

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/statefile"
)

// TestAt: which attribute a path into a state leads to, nested and flat.
func TestAt(t *testing.T) {
	for _, tt := range []struct {
		typ  string
		path statefile.Path
		want string
	}{
		{App, nil, ""},
		{App, statefile.Path{"name"}, "name"},
		{App, statefile.Path{"colour"}, ""},
		{App, statefile.Path{"organization", 0, "name"}, "organization.name"},
		{App, statefile.Path{"organization.0.name"}, "organization.name"},
		{App, statefile.Path{"organization", "name"}, "organization.name"}, // a map up to v3.2.0
		{App, statefile.Path{"organization"}, ""},
		{App, statefile.Path{"config_vars", "A"}, "config_vars"},
		{App, statefile.Path{"config_vars", 0, "name", "deep"}, "config_vars"},
		{App, statefile.Path{"config_vars.0.A"}, "config_vars"},
		{App, statefile.Path{"buildpacks", 12}, "buildpacks"},
		{App, statefile.Path{"buildpacks.12"}, "buildpacks"},
		{"heroku_space_vpn_connection", statefile.Path{"tunnels", 1, "pre_shared_key"}, "tunnels"},
		{"heroku_build", statefile.Path{"source", 0, "url"}, "source.url"},
		{"heroku_slug", statefile.Path{"blob", 0, "url"}, "blob"},
	} {
		r, _ := Lookup(Managed, tt.typ)
		got := ""
		if a := r.At(tt.path); a != nil {
			got = a.Name
		}
		if got != tt.want {
			t.Errorf("%s %v: got %q, want %q", tt.typ, tt.path, got, tt.want)
		}
	}
}

// TestFindLists: what a step of a list takes and leaves.
func TestFindLists(t *testing.T) {
	in := value(t, `{"nulls": [null, 1, {"a": null}], "text": "x"}`)
	for path, want := range map[string]string{
		"nulls.[]": `[null, 1, {"a": null}]`, "nulls.[].a": `[null, null, null]`, "nulls.[?a]": `[]`, "nulls.[a=1]": `null`, "text.[]": `null`, "text.below": `null`, "text": `"x"`,
	} {
		if diff := cmp.Diff(value(t, want), Find(in, path)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", path, diff)
		}
	}
}

func TestKeys(t *testing.T) {
	for _, tt := range []struct {
		key               Key
		path, text, value string
	}{
		{Key{Attr: "id"}, "id", "a:b:c", "a:b:c"},
		{Key{Attr: "id", Live: "name"}, "name", "", ""},
		{Key{Attr: "id", After: true}, "id", "a:b:c", "b:c"},
		{Key{Attr: "id", After: true}, "id", "a", ""},
	} {
		if path, value := tt.key.Path(), tt.key.Value(tt.text); path != tt.path || value != tt.value {
			t.Errorf("%+v: got %q, %q, want %q, %q", tt.key, path, value, tt.path, tt.value)
		}
	}
	exact, fold := Key{Attr: "a"}, Key{Attr: "a", Fold: true}
	if !exact.Is("a", "a") || exact.Is("a", "A") || exact.Is("a", "b") || !fold.Is("a", "A") || fold.Is("a", "b") {
		t.Error("the case of letters counts where it mustn't, or doesn't where it must")
	}
}

// TestUnmanagedReported: which apps have objects of a type, and which objects count.
func TestUnmanagedReported(t *testing.T) {
	personal, team, fir := value(t, `{"team": null, "generation": {"name": "cedar"}}`), value(t, `{"team": {"name": "t"}}`), value(t, `{"team": {"name": "t"}, "generation": {"name": "fir"}}`)
	for typ, want := range map[string][3]bool{
		"heroku_collaborator": {true, false, false}, "heroku_team_collaborator": {false, true, true}, "heroku_telemetry_drain": {false, false, true}, Domain: {true, true, true},
	} {
		r, _ := Lookup(Managed, typ)
		if got := [3]bool{r.Unmanaged.IsFor(personal), r.Unmanaged.IsFor(team), r.Unmanaged.IsFor(fir)}; got != want {
			t.Errorf("%s: personal, of a team, Fir: got %v, want %v", typ, got, want)
		}
	}
	for _, tt := range []struct {
		typ, element string
		want         bool
	}{
		{"heroku_drain", `{"addon": {"id": "1"}}`, false}, {"heroku_drain", `{"addon": null}`, true}, {"heroku_drain", `{}`, true},
		{Domain, `{"kind": "heroku"}`, false}, {Domain, `{"kind": "custom"}`, true}, {Domain, `{"kind": null}`, true},
		{"heroku_collaborator", `{"role": "owner"}`, false}, {"heroku_collaborator", `{"role": "admin"}`, false}, {"heroku_collaborator", `{"role": "collaborator"}`, true},
		{"heroku_formation", `{"quantity": 0}`, false}, {"heroku_formation", `{"quantity": 10}`, true},
		{Attachment, `{"name": "DB"}`, true},
	} {
		r, _ := Lookup(Managed, tt.typ)
		if got := r.Unmanaged.Reported(value(t, tt.element)); got != tt.want {
			t.Errorf("%s %s: reported: %t", tt.typ, tt.element, got)
		}
	}
}

// TestSourceLacks: without the member that each element has, an answer is none.
func TestSourceLacks(t *testing.T) {
	for _, tt := range []struct {
		list          List
		element, want string
	}{
		{Domains, `{"id": "1"}`, ""}, {Domains, `{"id": null}`, "id"}, {Domains, `{}`, "id"}, {Domains, `"x"`, "id"},
		{TeamMembers, `{"email": "e"}`, ""}, {TeamMembers, `{"id": "1"}`, "email"},
		{SpaceMembers, `{"user": {"email": "e"}}`, ""}, {SpaceMembers, `{"id": "1", "user": {}}`, "user.email"},
		{ConfigVars, `{}`, ""}, {ConfigVars, `{"A": "1"}`, ""}, {ReviewConfig, `{}`, ""},
		{Slugs, `{"id": "1"}`, ""}, {Slugs, `{}`, "id"},
	} {
		if got := tt.list.Source().Lacks(value(t, tt.element)); got != tt.want {
			t.Errorf("%s %s: lacks %q, want %q", tt.list, tt.element, got, tt.want)
		}
	}
}

// TestAppOf: the objects that say which app they belong to, whatever it is called. The
// list is written by hand from the Platform API's reference.
func TestAppOf(t *testing.T) {
	want := map[string]string{Addon: "/addons/{id}", Attachment: "/addon-attachments/{id}", Coupling: "/pipeline-couplings/{id}"}
	got := make(map[string]string)
	for r := range All() {
		if path := r.AppOf(); path != "" {
			got[r.Type] = path
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestKept: what Heroku can't delete, by hand from the provider's Delete functions.
func TestKept(t *testing.T) {
	var got []string
	for r := range All() {
		if r.Kept() {
			got = append(got, r.Type)
		}
	}
	if want := []string{Release, "heroku_build", "heroku_slug"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHostOf(t *testing.T) {
	for in, want := range map[string]string{
		"https://a-1.herokuapp.com/": "a-1.herokuapp.com", "http://a.example.com": "a.example.com", "a.example.com/": "a.example.com", "a.example.com": "a.example.com", "": "", "https://": "",
	} {
		if got := HostOf(in); got != want {
			t.Errorf("HostOf(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestComputedHost: a state that has the hostname made of the name gets such a one again,
// unless that is the app's address.
func TestComputedHost(t *testing.T) {
	const old, now = "https://api.herokuapp.com/", "https://renamed-1.herokuapp.com/"
	host := Attr{Name: "heroku_hostname", As: Host}
	for _, tt := range []struct {
		state Values
		want  string
	}{
		{nil, "renamed-1.herokuapp.com"},
		{stated{"name": "api", "heroku_hostname": "api.herokuapp.com", "web_url": "https://api-1.herokuapp.com/"}, "renamed.herokuapp.com"},
		{stated{"name": "api", "heroku_hostname": "api.herokuapp.com", "web_url": old}, "renamed-1.herokuapp.com"},
		{stated{"name": "api", "heroku_hostname": "api-1.herokuapp.com", "web_url": "https://api-1.herokuapp.com/"}, "renamed-1.herokuapp.com"},
		{stated{"name": "api", "heroku_hostname": "other.herokuapp.com", "web_url": "https://api-1.herokuapp.com/"}, "renamed-1.herokuapp.com"},
	} {
		view := View{Own: map[string]any{"name": "renamed", "web_url": now}, State: tt.state}
		if got := view.Value(&host); got != tt.want {
			t.Errorf("%v: got %v, want %s", tt.state, got, tt.want)
		}
	}
	// The name below herokuapp.com is an app's host, and no value of anything else.
	view := View{Own: map[string]any{"name": "api", "cname": "x"}}
	if diff := view.Compare(&Attr{Name: "cname"}, "api.herokuapp.com"); len(diff) != 1 {
		t.Errorf("another attribute: got %v", diff)
	}
}

// TestUUIDsInAnyCase: the case of letters makes no other UUID, and another text.
func TestUUIDsInAnyCase(t *testing.T) {
	const lower, upper = "01234567-89ab-cdef-0123-456789abcdef", "01234567-89AB-CDEF-0123-456789ABCDEF"
	for _, as := range []Comparison{Same, AppReference, Running} {
		a := Attr{Name: "a", As: as}
		if a.Compare(lower, upper) != nil || a.Compare("x"+lower, "x"+upper) == nil {
			t.Errorf("comparison %d: the case of letters counts in a UUID, or doesn't elsewhere", as)
		}
	}
	for _, as := range []Comparison{InOrder, AnyOrder, Set} {
		a := Attr{Name: "a", As: as}
		if a.Compare([]any{lower, "b"}, []any{upper, "b"}) != nil || a.Compare([]any{"a", map[string]any{"id": lower}}, []any{"a", map[string]any{"id": upper}}) != nil || a.Compare([]any{"a"}, []any{"A"}) == nil {
			t.Errorf("comparison %d of lists", as)
		}
	}
}

// TestDifferencesAreSorted: reports of the same are the same.
func TestDifferencesAreSorted(t *testing.T) {
	state, live := make(map[string]any), make(map[string]any)
	for _, key := range []string{"k", "c", "x", "a", "q", "m", "z", "d"} {
		state[key], live[key+"2"] = "1", "2"
	}
	for _, as := range []Comparison{Mapping, ManagedKeys} {
		var keys []string
		for _, d := range (&Attr{Name: "a", As: as}).Compare(state, live) {
			keys = append(keys, d.Key)
		}
		if !slices.IsSorted(keys) || len(keys) < 8 {
			t.Errorf("comparison %d: %q", as, keys)
		}
	}
}

// TestHoldsOtherConditions: a condition that isn't set keeps nothing from being compared.
func TestHoldsOtherConditions(t *testing.T) {
	view := View{Own: value(t, `{"id": "2", "a": "1"}`), App: value(t, `{"acm": true, "team": null, "generation": {"name": "fir"}}`)}
	state := stated{"id": "1", "a": "1", "source.path": "src"}
	for _, c := range []Condition{0, IfSet, IfKept, IfLive, IfSet | IfKept | IfLive} {
		if !view.Holds(&Attr{Name: "a", If: c}, state) {
			t.Errorf("condition %b doesn't hold", c)
		}
	}
	for bit := range 8 {
		c := Condition(1 << bit)
		if want := c == IfTeam || c == IfInstallations || c == IfNoACM; c.NeedsApp() != want || (c|IfLive).NeedsApp() != want {
			t.Errorf("condition %b needs the app: %t", c, c.NeedsApp())
		}
	}
	if Condition(0).NeedsApp() {
		t.Error("no condition needs the app")
	}
}

// TestNameRefsOfBothEras: a field that holds a name in either era is one, and once.
func TestNameRefsOfBothEras(t *testing.T) {
	r := Resource{
		Names: Shape{Refs: []Ref{field(UUID, "a"), field(Name, "b"), field(Either, "c")}},
		UUIDs: Shape{Refs: []Ref{field(Either, "a"), field(Either, "b"), field(UUID, "c"), field(Name, "d"), field(UUID, "e")}},
	}
	var got []string
	for ref := range r.NameRefs() {
		got = append(got, ref.Path[0])
	}
	if want := []string{"b", "c", "a", "d"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for range r.NameRefs() {
		break // a loop may end early
	}
	for range All() {
		break
	}
}
