package provider

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAdoptedWhole: all that provider 5 stores of an object, with what it stores for
// nothing. What the Read functions of v5.3.2 set stands here, not what the table says.
func TestAdoptedWhole(t *testing.T) {
	type object = map[string]any
	for _, tt := range []struct {
		name, typ, own string
		app            bool // the object is the app itself
		lists          map[List]string
		steps          map[string]string
		vars           map[string]string
		snapshots      bool
		want           object
		wrong          string
	}{
		{
			name: "an app of a team that says nothing", typ: App, app: true,
			own: `{"id": "1", "name": "a", "git_url": null, "web_url": null, "region": {"name": "us"}, "build_stack": {"name": "heroku-24"}, "acm": null,
				"internal_routing": null, "space": null, "team": {"name": "t"}, "generation": null}`,
			lists: map[List]string{TeamApps: `{"locked": true}`, Buildpacks: `[]`, ConfigVars: `{"A": "1", "B": "2"}`},
			vars:  map[string]string{"A": "1"}, snapshots: true,
			want: object{"id": "1", "uuid": "1", "name": "a", "git_url": nil, "web_url": "", "heroku_hostname": "", "region": "us", "stack": "heroku-24", "acm": false,
				"internal_routing": false, "space": "", "generation": "cedar", "organization": []any{object{"name": "t", "locked": true, "personal": false}},
				"buildpacks": []any{}, "config_vars": object{}, "sensitive_config_vars": object{"A": "1"}, "all_config_vars": object{"A": "1", "B": "2"}},
		},
		{
			name: "a personal app that says all", typ: App, app: true,
			own: `{"id": "1", "name": "a", "git_url": "g", "web_url": "https://a-1.herokuapp.com/", "region": {"name": "eu"}, "build_stack": {"name": "cnb"}, "acm": true,
				"internal_routing": true, "space": null, "team": null, "generation": {"name": "cedar"}}`,
			lists: map[List]string{TeamApps: `{"locked": true}`, Buildpacks: `[{"buildpack": {"name": "heroku/go"}}]`, ConfigVars: `{"A": "1"}`},
			want: object{"id": "1", "uuid": "1", "name": "a", "git_url": "g", "web_url": "https://a-1.herokuapp.com/", "heroku_hostname": "a-1.herokuapp.com", "region": "eu", "stack": "cnb",
				"acm": true, "internal_routing": true, "space": nil, "generation": "cedar", "organization": []any{},
				"buildpacks": []any{}, "config_vars": object{}, "sensitive_config_vars": object{}, "all_config_vars": object{}},
		},
		{
			name: "an app in a space", typ: App, app: true,
			own:   `{"id": "1", "name": "a", "region": {"name": "eu"}, "build_stack": {"name": "heroku-24"}, "space": {"name": "s"}, "team": {"name": "t"}, "generation": {"name": "cedar"}}`,
			lists: map[List]string{TeamApps: `{"locked": false}`, Buildpacks: `[{"buildpack": {"name": "heroku/go"}}]`, ConfigVars: `{}`},
			want: object{"id": "1", "uuid": "1", "name": "a", "git_url": nil, "web_url": "", "heroku_hostname": "", "region": "eu", "stack": "heroku-24",
				"acm": false, "internal_routing": false, "space": "s", "generation": "cedar", "organization": []any{object{"name": "t", "locked": false, "personal": false}},
				"buildpacks": []any{"heroku/go"}, "config_vars": object{}, "sensitive_config_vars": object{}, "all_config_vars": object{}},
		},
		{
			name: "the vars of an app", typ: Config, app: true, own: `{"id": "1", "name": "a"}`, lists: map[List]string{ConfigVars: `{"A": "1", "B": "2"}`},
			steps: map[string]string{"app": "a"}, vars: map[string]string{"B": "2"},
			want: object{"id": "config:a", "app_id": "a", "vars": object{}, "sensitive_vars": object{"B": "2"}},
		},
		{
			name: "an add-on with the values of its vars", typ: Addon, own: `{"id": "1", "name": "db", "plan": {"name": "pg:mini"}, "provider_id": null, "config_vars": ["B", "C"]}`,
			lists: map[List]string{ConfigVars: `{"A": "1", "B": "2"}`}, steps: map[string]string{"app": "a"}, snapshots: true,
			want: object{"id": "1", "app_id": "a", "name": "db", "plan": "pg:mini", "provider_id": nil, "config_vars": []any{"B", "C"}, "config_var_values": object{"B": "2"}, "config": nil},
		},
		{
			name: "an add-on without vars", typ: Addon, own: `{"id": "1", "name": "db", "plan": {"name": "pg:mini"}}`,
			lists: map[List]string{ConfigVars: `{"A": "1"}`}, steps: map[string]string{"app": "a"}, snapshots: true,
			want: object{"id": "1", "app_id": "a", "name": "db", "plan": "pg:mini", "provider_id": nil, "config_vars": []any{}, "config_var_values": object{}, "config": nil},
		},
		{
			name: "a drain, as sensitive", typ: "heroku_drain", own: `{"id": "1", "url": "https://u:p@example.com", "token": "d.1"}`, steps: map[string]string{"app": "a"},
			want: object{"id": "1", "app_id": "a", "token": "d.1", "url": nil, "sensitive_url": "https://u:p@example.com"},
		},
		{
			name: "a webhook", typ: "heroku_app_webhook", own: `{"id": "1", "level": "notify", "url": "https://example.com", "include": ["b", "a"]}`, steps: map[string]string{"app": "a"},
			want: object{"id": "1", "app_id": "a", "level": "notify", "url": "https://example.com", "include": []any{"b", "a"}, "secret": nil, "authorization": nil},
		},
		{
			name: "a telemetry drain, whose owner is its own", typ: "heroku_telemetry_drain", steps: map[string]string{"space": "s"},
			own: `{"id": "1", "owner": {"id": "o", "type": "space"}, "exporter": {"endpoint": "e", "type": "otlp", "headers": {"K": "v"}}, "signals": ["traces", "logs"],
				"created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:06Z"}`,
			want: object{"id": "1", "owner_id": "o", "owner_type": "space", "endpoint": "e", "exporter_type": "otlp", "headers": object{"K": "v"}, "signals": []any{"logs", "traces"},
				"created_at": "2026-01-02 03:04:05 +0000 UTC", "updated_at": "2026-01-02 03:04:06 +0000 UTC"},
		},
		{
			name: "a telemetry drain without headers", typ: "heroku_telemetry_drain",
			own: `{"id": "1", "owner": {"id": "o", "type": "app"}, "exporter": {"endpoint": "e", "type": "otlp", "headers": null}, "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:06Z"}`,
			want: object{"id": "1", "owner_id": "o", "owner_type": "app", "endpoint": "e", "exporter_type": "otlp", "headers": object{}, "signals": []any{},
				"created_at": "2026-01-02 03:04:05 +0000 UTC", "updated_at": "2026-01-02 03:04:06 +0000 UTC"},
		},
		{name: "headers of another kind", typ: "heroku_telemetry_drain", own: `{"id": "1", "owner": {"id": "o"}, "exporter": {"headers": ["v"]}}`, wrong: "headers"},
		{name: "a time that is none", typ: "heroku_telemetry_drain", own: `{"id": "1", "created_at": "2026-01-02T03:04:05Z", "updated_at": "now"}`, wrong: "updated_at"},
		{
			name: "a formation without a size", typ: "heroku_formation", own: `{"id": "1", "type": "web", "quantity": 2, "size": null}`, steps: map[string]string{"app": "a"},
			want: object{"id": "1", "app_id": "a", "type": "web", "quantity": json.Number("2"), "size": ""},
		},
		{
			name: "a certificate without a chain", typ: SSL, own: `{"id": "1", "name": "n", "certificate_chain": null}`, steps: map[string]string{"app": "a"},
			want: object{"id": "1", "app_id": "a", "name": "n", "certificate_chain": nil, "private_key": nil},
		},
		{
			name: "a pipeline", typ: Pipeline, own: `{"id": "1", "name": "p", "owner": {"id": "o", "type": "team"}}`,
			want: object{"id": "1", "name": "p", "owner": []any{object{"id": "o", "type": "team"}}},
		},
		{
			name: "a space", typ: Space, own: `{"id": "1", "name": "s", "organization": {"name": "o"}, "region": {"name": "virginia"}, "shield": true, "cidr": null, "data_cidr": "10.1.0.0/16"}`,
			lists: map[List]string{SpaceNAT: `{"sources": ["10.0.0.2", "10.0.0.1"]}`},
			want: object{"id": "1", "name": "s", "organization": "o", "region": "virginia", "shield": true, "cidr": nil, "data_cidr": "10.1.0.0/16", "generation": "cedar",
				"outbound_ips": []any{"10.0.0.2", "10.0.0.1"}},
		},
		{
			name: "a VPN connection", typ: "heroku_space_vpn_connection", steps: map[string]string{"space": "s"},
			own: `{"id": "1", "name": "n", "public_ip": "192.0.2.1", "routable_cidrs": ["10.1.0.0/16", "10.0.0.0/16"], "space_cidr_block": "10.2.0.0/16", "ike_version": 1,
				"tunnels": [{"ip": "192.0.2.2", "pre_shared_key": "k", "status": "UP"}]}`,
			want: object{"id": "s:1", "space": "s", "name": "n", "public_ip": "192.0.2.1", "routable_cidrs": []any{"10.0.0.0/16", "10.1.0.0/16"}, "space_cidr_block": "10.2.0.0/16",
				"ike_version": json.Number("1"), "tunnels": []any{object{"ip": "192.0.2.2", "pre_shared_key": "k"}}, "timeouts": nil},
		},
		{
			name: "a member of a team", typ: "heroku_team_member", own: `{"id": "1", "email": "e", "role": "member", "federated": false}`, steps: map[string]string{"team": "t"},
			want: object{"id": "t:e", "team": "t", "email": "e", "role": "member", "federated": false},
		},
	} {
		r, _ := Lookup(Managed, tt.typ)
		o := &Adoptee{View: View{Own: value(t, tt.own), Lists: make(map[List]any)}, Steps: tt.steps, Vars: tt.vars, Snapshots: tt.snapshots}
		if tt.app {
			o.App = o.Own
		}
		for l, text := range tt.lists {
			o.Lists[l] = value(t, text)
		}
		got, wrong := r.Adopted(o)
		if diff := cmp.Diff(tt.want, got); diff != "" || wrong != tt.wrong {
			t.Errorf("%s: wrong %q, want %q (-want +got):\n%s", tt.name, wrong, tt.wrong, diff)
		}
	}
}

// TestAdoptedLocal: what is local to a machine isn't taken from Heroku, even where that has
// something of the name.
func TestAdoptedLocal(t *testing.T) {
	r := Resource{Mode: Managed, Type: "heroku_of_tomorrow", Attrs: []Attr{
		{Name: "path", As: Local}, {Name: "flag", As: WriteOnly, Type: Bool}, {Name: "word", As: WriteOnly}, {Name: "old", Unused: true}, {Name: "gone", Gone: "v5.0.0"},
	}}
	got, wrong := r.Adopted(&Adoptee{View: View{Own: value(t, `{"path": "/", "flag": true, "word": "w", "old": "o", "gone": "g"}`)}})
	if diff := cmp.Diff(map[string]any{"path": nil, "flag": false, "word": nil, "old": nil}, got); diff != "" || wrong != "" {
		t.Errorf("wrong %q (-want +got):\n%s", wrong, diff)
	}
}

// TestLeavesWhy: why an object isn't taken under Terraform.
func TestLeavesWhy(t *testing.T) {
	anybody := `{"rules": [{"action": "allow", "source": "0.0.0.0/0"}]}`
	for _, tt := range []struct {
		typ, element, app string
		why               string
		left              bool
	}{
		{"heroku_config", `{}`, `null`, "it exists in states alone", true},
		{SSL, `{"certificate_chain": "c"}`, `{"acm": true}`, "Heroku renews the certificate by itself", true},
		{SSL, `{"certificate_chain": null}`, `{"acm": true}`, "Heroku renews the certificate by itself", true},
		{SSL, `{"certificate_chain": ""}`, `{"acm": "true"}`, "it has no certificate yet", true},
		{SSL, `{"certificate_chain": "c"}`, `null`, "", false},
		{Domain, `{"kind": "custom"}`, `{"acm": true}`, "", false},
		{Domain, anybody, `{"acm": true}`, "", false},
		{"heroku_space_inbound_ruleset", anybody, `null`, "a space lets everybody in by default", true},
		{"heroku_space_inbound_ruleset", `{"rules": [{"action": "deny", "source": "0.0.0.0/0"}]}`, `null`, "", false},
		{"heroku_space_inbound_ruleset", `{"rules": [{"action": "allow", "source": "10.0.0.0/8"}]}`, `null`, "", false},
		{"heroku_space_inbound_ruleset", `{"rules": []}`, `null`, "", false},
		{"heroku_app_feature", `{"enabled": false}`, `{}`, "", true},
		{"heroku_app_feature", `{"enabled": true}`, `{}`, "", false},
		{"heroku_formation", `{"quantity": 0}`, `{}`, "no dynos run", true},
		{"heroku_formation", `{"quantity": 1}`, `{}`, "", false},
		{"heroku_drain", `{"addon": {"id": "1"}}`, `{}`, "an add-on has made the drain and removes it", true},
		{"heroku_collaborator", `{"role": "owner"}`, `{}`, "the owner has access in any case", true},
		{"heroku_collaborator", `{"role": null}`, `{}`, "", false},
	} {
		r, _ := Lookup(Managed, tt.typ)
		if why, left := r.Leaves(value(t, tt.element), value(t, tt.app)); why != tt.why || left != tt.left {
			t.Errorf("%s %s of %s: left %t, %q; want %t, %q", tt.typ, tt.element, tt.app, left, why, tt.left, tt.why)
		}
	}
}

// TestCalled: what a resource is made of in names, inventories and messages.
func TestCalled(t *testing.T) {
	for _, tt := range []struct{ typ, element, part, called, details string }{
		{App, `{"id": "1", "name": "a", "team": {"name": "t"}, "space": null, "region": {"name": "eu"}, "build_stack": {"name": "cnb"}}`, "", "a", "t, eu, cnb"},
		{Addon, `{"id": "1", "name": "db-1", "plan": {"name": "heroku-redis:mini"}}`, "redis", "db-1", "heroku-redis:mini"},
		{"heroku_formation", `{"id": "1", "type": "web", "quantity": 2, "size": "Eco"}`, "web", "web", "2 x Eco"},
		{"heroku_formation", `{"id": "1", "type": "web", "quantity": 2}`, "web", "web", "2"},
		{"heroku_app_webhook", `{"id": "1", "level": "sync", "include": ["api:app", "", "api:build"]}`, "", "", "sync, api:app, api:build"},
		{"heroku_drain", `{"id": "1", "url": "https://u:p@example.com"}`, "", "", ""},
		{SSL, `{"id": "1", "name": "tyrannosaurus-1"}`, "", "tyrannosaurus-1", ""},
		{"heroku_space_peering_connection_accepter", `{"pcx_id": "pcx-1", "status": "active"}`, "", "pcx-1", "active"},
		{Space, `{"id": "1", "name": "s", "organization": {"name": "o"}, "region": null}`, "", "s", "o"},
		{"heroku_team_member", `{"id": "1", "email": "Ann.Bee@example.com", "role": "member"}`, "ann_bee", "Ann.Bee@example.com", "member"},
	} {
		r, _ := Lookup(Managed, tt.typ)
		e := value(t, tt.element)
		if part, called, details := r.Part(e), r.Called(e), r.Details(e); part != tt.part || called != tt.called || details != tt.details {
			t.Errorf("%s %s: got %q, %q, %q, want %q, %q, %q", tt.typ, tt.element, part, called, details, tt.part, tt.called, tt.details)
		}
	}
	for in, want := range map[string]string{"azAZ09": "azaz09", "a`{@[/:b": "a______b", "_-a.": "a", "ÄZ": "z", "": "", "__": ""} {
		if got := Identifier(in); got != want {
			t.Errorf("Identifier(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFill(t *testing.T) {
	element := map[string]any{"id": "1", "user": map[string]any{"email": "e", "id": ""}, "n": json.Number("5"), "app": "of the element"}
	steps := map[string]string{"app": "a", "space": "s", "team": ""}
	for pattern, want := range map[string]string{
		"": "", "id": "id", "{id}": "1", "{app}:{id}:sensitive": "a:1:sensitive", "config:{app}": "config:a", "{space}:{user.email}": "s:e", "{n}": "5",
		"{user.id}": "", "{app}:{nothing}": "", "{team}:{id}": "", "before {user} after": "",
	} {
		if got := Fill(pattern, element, steps); got != want {
			t.Errorf("%q: got %q, want %q", pattern, got, want)
		}
	}
}

// TestMarks: what is sensitive in the schema of provider 5, in the table's order.
func TestMarks(t *testing.T) {
	for typ, want := range map[string][]string{
		App: {"sensitive_config_vars", "all_config_vars"}, Addon: {"config_var_values"}, "heroku_drain": {"sensitive_url"}, "heroku_app_webhook": {"secret", "authorization"}, Domain: nil,
	} {
		r, _ := Lookup(Managed, typ)
		if got := r.Marks(); !slices.Equal(got, want) || (got == nil) != (want == nil) {
			t.Errorf("%s: got %q, want %q", typ, got, want)
		}
	}
}

// TestKnowsNamesSpelled: constraints as people write them.
func TestKnowsNamesSpelled(t *testing.T) {
	old := []string{"4", "= 4", "<= 4", "< 4", "< 4.9", "<5", " 4.9.0 ", "< 5 , >= 4", ">= 4 , < 5.0 ", "~> 4.0", "~>4.9", "=v4.9.0", "0.1.2", "<= 4.9.0, >= 4.0.0", "!= 4.8.0, ~> 4.1"}
	for _, c := range append(old, "~> 4", "~>4", "= 5", "<= 5.0.0", "< 5.0.1", "< 6", "> 4", ">= 4.9.0", "5", "~> 5.0.0", "< 40", "< 10", ",") {
		if got, want := KnowsNames(c), slices.Contains(old, c); got != want {
			t.Errorf("%q: got %v, want %v", c, got, want)
		}
	}
}

// TestTextsWithoutURL: only a URL has credentials.
func TestTextsWithoutURL(t *testing.T) {
	plain := Attr{Name: "a"}
	for _, text := range []string{"ann@example.com", "user:pass@example.com", "a@b://c", "://", strings.Repeat("@", 3)} {
		if plain.HoldsSecret(text) {
			t.Errorf("%q holds a secret", text)
		}
	}
}
