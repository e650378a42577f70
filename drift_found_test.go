package herokutf

import (
	"strings"
	"testing"

	"github.com/herokutf/herokutf/internal/provider"
)

// A handMatch is an object of a state, what the list of its kind has, and which of that
// it is.
type handMatch struct {
	state string // type and attributes
	in    string // the list
	want  string // the id of what it is, "missing", or "replaced by ID, import IMPORT"
}

// handMatches are written by hand from the provider's Read functions and import ids, see
// handVerdicts: by what an object is known, and what takes its place.
var handMatches = []handMatch{
	{`heroku_collaborator {"id": "c1", "email": "a@example.com"}`, `[{"id": "c1", "user": {"email": "b@example.com"}}, {"id": "c2", "user": {"email": "a@example.com"}}]`, "c1"},
	{`heroku_collaborator {"id": "c1", "email": "a@example.com"}`, `[{"id": "c2", "user": {"email": "a@example.com"}}]`, "replaced by c2, import APP:a@example.com"},
	{`heroku_collaborator {"id": "c1", "email": "a@example.com"}`, `[{"id": "c2", "user": {"email": "A@Example.com"}}]`, "replaced by c2, import APP:A@Example.com"},
	{`heroku_collaborator {"id": "c1", "email": "a@example.com"}`, `[{"id": "c2", "email": "a@example.com", "user": {"email": "b@example.com"}}]`, "missing"},
	{`heroku_team_collaborator {"id": "c1", "email": "a@example.com"}`, `[{"id": "c2", "role": "admin", "user": {"email": "A@example.com"}}]`, "replaced by c2, import APP:A@example.com"},
	{`heroku_team_collaborator {"id": "c1", "email": "a@example.com"}`, `[{"id": "c2", "user": {"email": "b@example.com"}}]`, "missing"},
	{`heroku_addon {"id": "a1", "name": "db"}`, `[{"id": "a1", "name": "other"}, {"id": "a2", "name": "db"}]`, "a1"},
	{`heroku_addon {"id": "db", "name": "db"}`, `[{"id": "a2", "name": "db"}]`, "a2"}, // imported by name
	{`heroku_addon {"id": "a1", "name": "db"}`, `[{"id": "a2", "name": "db", "app": {"id": "APP"}}]`, "replaced by a2, import a2"},
	{`heroku_addon {"id": "a1", "name": "db"}`, `[{"id": "a2", "name": "db", "app": {"id": "OTHER"}}]`, "missing"},
	{`heroku_addon_attachment {"id": "t1", "name": "DATABASE"}`, `[{"id": "t1", "name": "OTHER"}]`, "t1"},
	{`heroku_addon_attachment {"id": "t1", "name": "DATABASE"}`, `[{"id": "t2", "name": "DATABASE", "app": {"id": "OTHER"}}, {"id": "t3", "name": "DATABASE", "app": {"id": "APP"}}]`, "replaced by t3, import t3"},
	{`heroku_addon_attachment {"id": "t1", "name": "DATABASE"}`, `[{"id": "t2", "name": "database", "app": {"id": "APP"}}]`, "missing"},
	{`heroku_app_feature {"id": "APP:f1", "name": "preboot"}`, `[{"id": "f1", "name": "x"}]`, "f1"},
	{`heroku_app_feature {"id": "APP:preboot", "name": "preboot"}`, `[{"id": "f1", "name": "preboot"}]`, "f1"},
	{`heroku_app_feature {"id": "APP:f2", "name": "preboot"}`, `[{"id": "f1", "name": "preboot"}]`, "replaced by f1, import APP:f1"},
	{`heroku_app_webhook {"id": "w1", "url": "https://a"}`, `[{"id": "w1", "url": "https://b"}]`, "w1"},
	{`heroku_app_webhook {"id": "w1", "url": "https://a"}`, `[{"id": "w2", "url": "https://a"}]`, "replaced by w2, import APP:w2"},
	{`heroku_build {"id": "b1"}`, `[{"id": "b1"}]`, "b1"},
	{`heroku_build {"id": "b1"}`, `[{"id": "b2"}]`, "missing"},
	{`heroku_cert {"id": "e1", "app": "APP", "name": "n"}`, `[{"id": "e2", "name": "n"}]`, "replaced by e2, import APP:e2"},
	{`heroku_domain {"id": "d1", "hostname": "a.example.com"}`, `[{"id": "d1", "hostname": "b.example.com"}]`, "d1"},
	{`heroku_domain {"id": "d1", "hostname": "a.example.com"}`, `[{"id": "d2", "hostname": "a.example.com"}]`, "replaced by d2, import APP:d2"},
	{`heroku_drain {"id": "l1", "url": "https://a", "token": "d.1"}`, `[{"id": "l1", "url": "https://b", "token": "d.2"}]`, "l1"},
	{`heroku_drain {"id": "l1", "url": "https://a"}`, `[{"id": "l2", "url": "https://a"}]`, "replaced by l2, import APP:l2:sensitive"},
	{`heroku_drain {"id": "l1", "sensitive_url": "https://a"}`, `[{"id": "l2", "url": "https://a"}]`, "replaced by l2, import APP:l2:sensitive"},
	{`heroku_drain {"id": "l1", "url": "https://a", "token": "d.1"}`, `[{"id": "l2", "url": "https://b", "token": "d.1"}]`, "missing"},
	{`heroku_formation {"id": "f1", "type": "web"}`, `[{"id": "f1", "type": "worker"}]`, "f1"},
	{`heroku_formation {"id": "f1", "type": "web"}`, `[{"id": "f2", "type": "web"}]`, "replaced by f2, import APP:web"},
	{`heroku_pipeline {"id": "p1", "name": "n"}`, `[{"id": "p1", "name": "other"}]`, "p1"},
	{`heroku_pipeline {"id": "n", "name": "n"}`, `[{"id": "p1", "name": "n"}]`, "p1"}, // imported by name up to v2.4.0
	{`heroku_pipeline {"id": "p1", "name": "n"}`, `[{"id": "p2", "name": "n"}]`, "missing"},
	{`heroku_pipeline_coupling {"id": "k1", "app_id": "APP"}`, `[{"id": "k1", "app": {"id": "OTHER"}}]`, "k1"},
	{`heroku_pipeline_coupling {"id": "k1", "app_id": "APP"}`, `[{"id": "k2", "app": {"id": "APP"}}]`, "replaced by k2, import k2"}, // an app has one
	{`heroku_pipeline_coupling {"id": "k1", "app_id": "APP"}`, `[{"id": "k2", "app": {"id": "OTHER"}}]`, "missing"},
	{`heroku_space {"id": "s1", "name": "n"}`, `[{"id": "s1", "name": "m"}]`, "s1"},
	{`heroku_space {"id": "n", "name": "n"}`, `[{"id": "s1", "name": "n"}]`, "s1"},
	{`heroku_space {"id": "s1", "name": "n"}`, `[{"id": "s2", "name": "n"}]`, "replaced by s2, import s2"},
	{`heroku_space_app_access {"id": "u1", "space": "s", "email": "a@example.com"}`, `[{"id": "m", "user": {"id": "u2", "email": "A@example.com"}}]`, "m"},
	{`heroku_space_app_access {"id": "u1", "space": "s", "email": "a@example.com"}`, `[{"id": "m", "user": {"id": "u1", "email": "b@example.com"}}]`, "missing"},
	{`heroku_space_peering_connection_accepter {"id": "pcx-1", "space": "s", "vpc_peering_connection_id": "pcx-1"}`, `[{"id": "x", "pcx_id": "pcx-1"}]`, "x"},
	{`heroku_space_peering_connection_accepter {"id": "pcx-1", "space": "s", "vpc_peering_connection_id": "pcx-1"}`, `[{"id": "pcx-1", "pcx_id": "pcx-2"}]`, "missing"},
	{`heroku_space_vpn_connection {"id": "s:v1", "space": "s", "name": "n"}`, `[{"id": "v1", "name": "m"}]`, "v1"},
	{`heroku_space_vpn_connection {"id": "s:v1", "space": "s", "name": "n"}`, `[{"id": "v2", "name": "n"}]`, "replaced by v2, import "},
	{`heroku_ssl {"id": "e1", "name": "n"}`, `[{"id": "e1", "name": "m"}]`, "e1"},
	{`heroku_ssl {"id": "e1", "name": "n"}`, `[{"id": "e2", "name": "n"}]`, "replaced by e2, import APP:e2"},
	{`heroku_team_member {"id": "t:a@example.com", "team": "t", "email": "a@example.com"}`, `[{"id": "m", "email": "A@example.com"}]`, "m"},
	{`heroku_team_member {"id": "t:a@example.com", "team": "t", "email": "a@example.com"}`, `[{"id": "m", "email": "b@example.com"}]`, "missing"},
	{`heroku_telemetry_drain {"id": "t1", "owner_id": "APP", "owner_type": "app", "endpoint": "https://a"}`, `[{"id": "t1", "exporter": {"endpoint": "https://b"}}]`, "t1"},
	{`heroku_telemetry_drain {"id": "t1", "owner_id": "APP", "owner_type": "app", "endpoint": "https://a"}`, `[{"id": "t2", "exporter": {"endpoint": "https://a"}}]`, "missing"},
	{`heroku_account_feature {"id": "me@example.com:f", "name": "f"}`, `[{"id": "x", "name": "f"}]`, "x"},
	{`heroku_account_feature {"id": "me@example.com:f", "name": "f"}`, `[{"id": "f", "name": "g"}]`, "missing"},
}

// single are objects that no list holds: an app and its config vars, the release that
// runs, what a path names, and what is in states alone.
var single = map[string]bool{
	"heroku_app": true, "heroku_app_config_association": true, "heroku_app_release": true, "heroku_config": true, "heroku_pipeline_config_var": true,
	"heroku_pipeline_promotion": true, "heroku_review_app_config": true, "heroku_slug": true, "heroku_space_inbound_ruleset": true,
}

func TestMatchesByHand(t *testing.T) {
	had := make(map[string]bool)
	ids := strings.NewReplacer("APP", appOne, "OTHER", appTwo)
	for _, tt := range handMatches {
		typ, attrs, _ := strings.Cut(ids.Replace(tt.state), " ")
		had[typ] = true
		if res, ok := provider.Lookup(provider.Managed, typ); ok && res.Refers() && !strings.Contains(attrs, `"app`) && !strings.Contains(attrs, `"owner_id"`) {
			attrs = strings.TrimSuffix(attrs, "}") + `, "app_id": "` + appOne + `"}`
		}
		s := subjectOf(t, `{"id": "`+appOne+`", "name": "one"}`, stated{typ + " x", attrs})
		err := match(s, s.list(), answerOf(t, ids.Replace(tt.in)), func(string) *answer { return &answer{err: errNotFound} })
		got := provider.Text(provider.Find(s.own, "id"))
		switch o := &s.object; {
		case o.Verdict == Replaced:
			_, after, _ := strings.Cut(o.Reason, "another one, ")
			by, _, _ := strings.Cut(after, ",")
			got = "replaced by " + by + ", import " + o.ImportID
		case o.Verdict != "":
			got = string(o.Verdict)
		}
		if want := ids.Replace(tt.want); err != nil || got != want {
			t.Errorf("%s among %s: got %s, %v, want %s", tt.state, tt.in, got, err, want)
		}
	}
	for res := range provider.All() {
		if res.Mode == provider.Managed && had[res.Type] == single[res.Type] {
			t.Errorf("%s: among the matches %t, without a list %t", res.Type, had[res.Type], single[res.Type])
		}
		if res.Mode == provider.Managed && single[res.Type] && len(res.Origin.Keys) > 0 {
			t.Errorf("%s has keys", res.Type)
		}
	}
}

// TestUnmanagedByHand: what no state has is reported unless Heroku has made it by itself
// or it isn't in use. What people are by their role isn't anybody's to manage.
func TestUnmanagedByHand(t *testing.T) {
	const (
		personal, team = `{"team": null, "generation": {"name": "cedar"}}`, `{"team": {"name": "t"}, "generation": {"name": "cedar"}}`
		fir            = `{"team": null, "generation": {"name": "fir"}}`
	)
	seen := make(map[string]bool)
	for _, tt := range []struct{ typ, element, app, label string }{ // no label: not reported
		{"heroku_addon", `{"name": "db", "app": {"id": "x"}}`, personal, "db"},
		{"heroku_addon_attachment", `{"name": "DATABASE", "app": {"id": "x"}}`, personal, "DATABASE"},
		{"heroku_app_feature", `{"id": "1", "name": "preboot", "enabled": true}`, personal, "preboot"},
		{"heroku_app_feature", `{"id": "1", "name": "preboot", "enabled": false}`, personal, ""},
		{"heroku_app_webhook", `{"id": "1", "url": "https://secret"}`, personal, "1"},
		{"heroku_collaborator", `{"role": "collaborator", "user": {"email": "a@example.com"}}`, personal, "a@example.com"},
		{"heroku_collaborator", `{"role": null, "user": {"email": "a@example.com"}}`, personal, "a@example.com"},
		{"heroku_collaborator", `{"role": "owner", "user": {"email": "a@example.com"}}`, personal, ""},
		{"heroku_collaborator", `{"role": "admin", "user": {"email": "a@example.com"}}`, personal, ""},
		{"heroku_collaborator", `{"role": "collaborator", "user": {"email": "a@example.com"}}`, team, ""},
		{"heroku_team_collaborator", `{"role": "member", "user": {"email": "a@example.com"}}`, team, "a@example.com"},
		{"heroku_team_collaborator", `{"role": "viewer", "user": {"email": "a@example.com"}}`, team, "a@example.com"},
		{"heroku_team_collaborator", `{"role": "admin", "user": {"email": "a@example.com"}}`, team, ""},
		{"heroku_team_collaborator", `{"role": "owner", "user": {"email": "a@example.com"}}`, team, ""},
		{"heroku_team_collaborator", `{"role": "member", "user": {"email": "a@example.com"}}`, personal, ""},
		{"heroku_domain", `{"hostname": "a.example.com", "kind": "custom"}`, personal, "a.example.com"},
		{"heroku_domain", `{"hostname": "a.herokuapp.com", "kind": "heroku"}`, personal, ""},
		{"heroku_drain", `{"id": "1", "url": "https://secret", "addon": null}`, personal, "1"},
		{"heroku_drain", `{"id": "1", "url": "https://secret", "addon": {"id": "2"}}`, personal, ""},
		{"heroku_formation", `{"type": "web", "quantity": 1}`, personal, "web"},
		{"heroku_formation", `{"type": "web", "quantity": 0}`, personal, ""},
		{"heroku_pipeline_coupling", `{"stage": "staging", "app": {"id": "x"}}`, personal, "staging"},
		{"heroku_telemetry_drain", `{"id": "1", "exporter": {"endpoint": "https://secret"}}`, fir, "1"},
		{"heroku_telemetry_drain", `{"id": "1", "exporter": {"endpoint": "https://secret"}}`, personal, ""},
	} {
		seen[tt.typ] = true
		res, _ := provider.Lookup(provider.Managed, tt.typ)
		label, element := "", valueOf(t, tt.element)
		if u := res.Unmanaged; u != nil && u.IsFor(valueOf(t, tt.app)) && u.Reported(element) {
			label = provider.Text(provider.Find(element, u.Label))
		}
		if label != tt.label {
			t.Errorf("%s %s of an app %s: reported as %q, want %q", tt.typ, tt.element, tt.app, label, tt.label)
		}
		// Those of one request for the whole account belong to the app that they name.
		if of := res.Unmanaged.Of; (of != "") != strings.Contains(tt.element, `"app"`) || of != "" && provider.Find(element, of) != "x" {
			t.Errorf("%s: the app is read from %q", tt.typ, of)
		}
	}
	for res := range provider.All() {
		if (res.Unmanaged != nil) != seen[res.Type] && res.Mode == provider.Managed {
			t.Errorf("%s isn't in the list", res.Type)
		}
	}
}
