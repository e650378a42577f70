package provider

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestForms: the edges of what a UUID and an app's name can be.
func TestForms(t *testing.T) {
	const uuid = "09afAF00-1234-5678-9abc-def0ABCDEF99"
	if !IsUUID(uuid) {
		t.Errorf("%s is no UUID", uuid)
	}
	for i := range len(uuid) {
		for _, c := range []byte("/:@G`g-0 ") {
			text := uuid[:i] + string(c) + uuid[i+1:]
			want := c == '0' && uuid[i] != '-' || c == '-' && uuid[i] == '-'
			if got := IsUUID(text); got != want {
				t.Errorf("IsUUID(%q) = %t", text, got)
			}
		}
	}
	for _, text := range []string{"", uuid[1:], uuid + "0", strings.ReplaceAll(uuid, "-", "")} {
		if IsUUID(text) {
			t.Errorf("%q is a UUID", text)
		}
	}
	for text, want := range map[string]bool{
		"abc": true, "a0z": true, "a-9": true, "z99": true, "ab": false, "": false, "0bc": false, "-bc": false, "ab-": false, "aBc": false, "Abc": false, "a_c": false,
		"a/c": false, "a:c": false, "a`c": false, "a{c": false, "{bc": false, "`bc": false, "ab0": true, "aba": true, "abz": true,
		"a" + strings.Repeat("b", 29): true, "a" + strings.Repeat("b", 30): false,
	} {
		if got := IsAppName(text); got != want {
			t.Errorf("IsAppName(%q) = %t", text, got)
		}
	}
}

// TestLacks: an answer without the member says nothing of it; one with null says null.
func TestLacks(t *testing.T) {
	view := func(own string) *View {
		return &View{Own: value(t, own), Lists: map[List]any{ConfigVars: value(t, `{"a": 1}`), TeamApps: value(t, `{}`)}}
	}
	for _, tt := range []struct {
		attr Attr
		own  string
		want bool
	}{
		{Attr{Name: "a"}, `{}`, true},
		{Attr{Name: "a"}, `{"a": null}`, false},
		{Attr{Name: "a"}, `{"a": 1}`, false},
		{Attr{Name: "a"}, `null`, false},
		{Attr{Name: "a"}, `[]`, false},
		{Attr{Name: "a", Live: "b.c"}, `{"a": 1}`, true},
		{Attr{Name: "a", Live: "b.c"}, `{"b": null}`, false},
		{Attr{Name: "a", Live: "b.c"}, `{"b": {}}`, false},
		{Attr{Name: "a", Live: "b.[].c"}, `{"b": []}`, false},
		{Attr{Name: "a", Live: "b.[].c"}, `{}`, true},
		{Attr{Name: "a", Live: "."}, `{}`, false},
		{Attr{Name: "a", Live: "[].c"}, `{}`, false},
		{Attr{Name: "a", Live: "[?x].c"}, `{}`, false},
		{Attr{Name: "a", Live: "{c}"}, `{}`, false},
		{Attr{Name: "a", As: Host}, `{"a": 1}`, true},
		{Attr{Name: "a", As: Host}, `{"web_url": null}`, false},
		{Attr{Name: "a", From: ConfigVars}, `{}`, false},
		{Attr{Name: "a", From: TeamApps}, `{"a": 1}`, true},
		{Attr{Name: "a", From: SpaceNAT}, `{}`, false}, // that list isn't there
		{Attr{Name: "a", From: Regions, As: Region}, `{}`, true},
		{Attr{Name: "a", From: Regions, As: Region}, `{"a": 1}`, false},
	} {
		if got := view(tt.own).Lacks(&tt.attr); got != tt.want {
			t.Errorf("%+v lacks in %s: %t", tt.attr, tt.own, got)
		}
	}
}

// TestOutlook: what Terraform makes of an app that has changed hands, by team and space.
func TestOutlook(t *testing.T) {
	for _, tt := range []struct {
		was, now Membership
		want     string // "": nothing comes of it
	}{
		{Membership{}, Membership{}, ""},
		{Membership{"a", "s"}, Membership{"a", "s"}, ""},
		{Membership{"a", ""}, Membership{}, `the app has left the team "a"`},
		{Membership{"a", "s"}, Membership{"", "t"}, `the app has left the team "a"`},
		{Membership{}, Membership{"b", ""}, `the app has joined the team "b"`},
		{Membership{"", "s"}, Membership{"b", "t"}, `the app has joined the team "b"`},
		{Membership{"a", ""}, Membership{"b", ""}, `the app is in the team "b", not in "a"`},
		{Membership{"a", "s"}, Membership{"b", "t"}, `the app is in the team "b", not in "a"`},
		{Membership{"a", "s"}, Membership{"a", ""}, `the app isn't in the space "s"`},
		{Membership{"", "s"}, Membership{"", ""}, `the app isn't in the space "s"`},
		{Membership{"a", ""}, Membership{"a", "t"}, `the app is in the space "t"`},
		{Membership{"a", "s"}, Membership{"a", "t"}, `the app is in the space "t"`},
	} {
		got := tt.was.Outlook(tt.now)
		if !strings.HasPrefix(got, tt.want) || (got == "") != (tt.want == "") {
			t.Errorf("%v to %v: %q, want %q", tt.was, tt.now, got, tt.want)
		}
	}
}

// TestInstallations: which apps have buildpack installations, by what Heroku and, where
// nothing is known of that, the state say.
func TestInstallations(t *testing.T) {
	for _, tt := range []struct {
		app   string
		state Values
		want  bool
	}{
		{`null`, nil, true},
		{`null`, stated{"stack": "heroku-24"}, true},
		{`null`, stated{"stack": "cnb"}, false},
		{`null`, stated{"generation": "fir", "stack": "heroku-24"}, false},
		{`{"stack": {"name": "heroku-24"}, "build_stack": {"name": "heroku-24"}}`, stated{"stack": "cnb"}, true},
		{`{"stack": {"name": "cnb"}, "build_stack": {"name": "heroku-24"}}`, nil, false},
		{`{"stack": {"name": "heroku-24"}, "build_stack": {"name": "cnb"}}`, nil, false},
		{`{"stack": {"name": "heroku-24"}, "generation": {"name": "fir"}}`, nil, false},
		{`{"stack": {"name": "heroku-24"}, "generation": {"name": "cedar"}}`, stated{"generation": "fir"}, false},
		{`{"stack": {"name": "heroku-24"}, "generation": {"name": "cedar"}}`, stated{"generation": "cedar"}, true},
	} {
		if got := HasInstallations(value(t, tt.app), tt.state); got != tt.want {
			t.Errorf("%s, %v: %t", tt.app, tt.state, got)
		}
	}
}

// TestWritten: which values of an adopted object its configuration says.
func TestWritten(t *testing.T) {
	argument, optional := Attr{Name: "a", Argument: true}, Attr{Name: "a", Optional: true}
	fixed := Attr{Name: "a", Argument: true, Default: "true"}
	vars, open := Attr{Name: "a", As: ManagedKeys, Marked: true}, Attr{Name: "a", As: ManagedKeys, Argument: true, Optional: true}
	zero := json.Number("0")
	for _, tt := range []struct {
		attr *Attr
		v    any
		want bool
	}{
		{&argument, "x", true}, {&argument, "", true}, {&argument, false, true}, {&argument, zero, true}, {&argument, nil, false},
		{&optional, "x", true}, {&optional, "", false}, {&optional, false, false}, {&optional, true, true}, {&optional, zero, false}, {&optional, json.Number("5"), true}, {&optional, []any{}, false}, {&optional, nil, false},
		{&fixed, true, false}, {&fixed, false, true}, {&fixed, nil, false},
		{&vars, map[string]any{"A": "1"}, true}, {&vars, map[string]any{}, false}, {&vars, nil, false},
		{&open, map[string]any{"A": "1"}, false},
		{&Attr{Name: "a"}, "x", false}, {&Attr{Name: "a", Computed: true}, "x", false},
	} {
		if got := tt.attr.Written(tt.v); got != tt.want {
			t.Errorf("%+v: %v is written: %t", *tt.attr, tt.v, got)
		}
	}
	for v, want := range map[any]bool{
		"": false, "plain": false, "https://example.com/": false, "https://u@example.com/": true, "https://u:p@example.com": true, "https://example.com/a@b": false,
		"git@github.com:a/b": false, "ssh://git@github.com/a/b": false, "https://git:p@example.com": true, 5: false,
	} {
		plain, secret := Attr{Name: "a"}, Attr{Name: "a", Secret: true}
		if plain.HoldsSecret(v) != want || plain.HoldsSecret([]any{"x", v}) != want || !secret.HoldsSecret(v) || !secret.HoldsSecret([]any{}) {
			t.Errorf("%v holds a secret: %t", v, plain.HoldsSecret(v))
		}
	}
}

// TestArgumentShape: elements of what isn't known, and of scalars, have numbers.
func TestArgumentShape(t *testing.T) {
	for _, tt := range []struct {
		typ, argument string
		want          Shaped
	}{
		{"heroku_app", "buildpacks", Listed}, {"heroku_app", "config_vars", Mapped}, {"heroku_app", "name", Listed}, {"heroku_app", "no_such", Listed},
		{"heroku_of_tomorrow", "x", Listed}, {"heroku_slug", "process_types", Mapped}, {"heroku_telemetry_drain", "signals", Unordered}, {"heroku_space", "outbound_ips", Listed},
		{"heroku_app_webhook", "include", Listed},
	} {
		if got := ArgumentShape(tt.typ, tt.argument); got != tt.want {
			t.Errorf("%s.%s: %d, want %d", tt.typ, tt.argument, got, tt.want)
		}
	}
}

// TestBlocks: an adopted block is there when it has a text, and not for what the provider
// makes up.
func TestBlocks(t *testing.T) {
	app, _ := Lookup(Managed, App)
	for _, tt := range []struct {
		app, team string
		want      int
	}{
		{`{"id": "1", "name": "a", "team": {"name": "t"}}`, `{"locked": false}`, 1},
		{`{"id": "1", "name": "a", "team": {"name": "t"}}`, `{"locked": true}`, 1},
		{`{"id": "1", "name": "a", "team": null}`, `{"locked": true}`, 0},
	} {
		own := value(t, tt.app)
		o := &Adoptee{View: View{Own: own, App: own, Lists: map[List]any{TeamApps: value(t, tt.team), Buildpacks: []any{}, ConfigVars: map[string]any{}}}}
		attrs, wrong := app.Adopted(o)
		if blocks, _ := attrs["organization"].([]any); len(blocks) != tt.want || wrong != "" {
			t.Errorf("%s: organization is %v, wrong %q", tt.app, attrs["organization"], wrong)
		}
	}
}

// TestAddonIdentity: two add-ons are one only if all that stays of them is known and the
// same.
func TestAddonIdentity(t *testing.T) {
	a := AddonIdentity{App: "A", ProviderID: "p", Plan: "x:y"}
	for _, tt := range []struct {
		b    AddonIdentity
		want bool
	}{
		{a, true}, {AddonIdentity{"a", "p", "X:y"}, true}, {AddonIdentity{"A", "P", "x:y"}, false}, {AddonIdentity{"B", "p", "x:y"}, false}, {AddonIdentity{"A", "p", "x:z"}, false},
		{AddonIdentity{"", "p", "x:y"}, false}, {AddonIdentity{"A", "", "x:y"}, false}, {AddonIdentity{"A", "p", ""}, false},
	} {
		if a.Same(tt.b) != tt.want || tt.b.Same(a) != tt.want {
			t.Errorf("%+v and %+v: %t", a, tt.b, a.Same(tt.b))
		}
		empty := tt.b
		if empty == a {
			continue
		}
		if (empty.App == "" || empty.ProviderID == "" || empty.Plan == "") && empty.Same(empty) {
			t.Errorf("%+v is the same as itself, though not all is known", empty)
		}
	}
}
