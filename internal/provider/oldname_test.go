package provider

import "testing"

// TestAddonByOldName: an add-on that a state has by a name that is no more is found by
// what stays of it, and never guessed.
func TestAddonByOldName(t *testing.T) {
	const uuid = "01234567-89ab-cdef-0123-456789abcdef"
	db := `{"id": "1", "name": "new-1", "app": {"id": "A"}, "provider_id": "p", "plan": {"name": "x:y"}}`
	state := stated{"id": "old-1", "provider_id": "p", "plan": "x:y"}
	for _, tt := range []struct {
		name   string
		state  stated
		app    string
		addons string
		found  bool
	}{
		{"renamed", state, "A", `[{"name": "other", "app": {"id": "A"}, "provider_id": "q", "plan": {"name": "x:y"}}, ` + db + `]`, true},
		{"none there", state, "A", `[]`, false},
		{"of another app", state, "B", `[` + db + `]`, false},
		{"of another maker's", stated{"id": "old-1", "provider_id": "q", "plan": "x:y"}, "A", `[` + db + `]`, false},
		{"of another plan", stated{"id": "old-1", "provider_id": "p", "plan": "x:z"}, "A", `[` + db + `]`, false},
		{"two of them", state, "A", `[` + db + `, ` + db + `]`, false},
		{"the name is still borne", state, "A", `[` + db + `, {"name": "old-1", "app": {"id": "B"}}]`, false},
		{"no app is known", state, "", `[{"name": "n", "app": {"id": ""}, "provider_id": "p", "plan": {"name": "x:y"}}]`, false},
		{"no provider_id", stated{"id": "old-1", "plan": "x:y"}, "A", `[{"name": "n", "app": {"id": "A"}, "plan": {"name": "x:y"}}]`, false},
		{"no plan", stated{"id": "old-1", "provider_id": "p"}, "A", `[{"name": "n", "app": {"id": "A"}, "provider_id": "p"}]`, false},
		{"no id", stated{"id": "", "provider_id": "p", "plan": "x:y"}, "A", `[` + db + `]`, false},
		{"known by UUID", stated{"id": uuid, "provider_id": "p", "plan": "x:y"}, "A", `[` + db + `]`, false},
	} {
		addons, _ := value(t, tt.addons).([]any)
		got := AddonByOldName(tt.state, tt.app, addons)
		if (got != nil) != tt.found || tt.found && Text(Find(got, "id")) != "1" {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
}

// TestOwnAttachmentNames: of two attachments of one second the add-on's own is the one
// with a name that Heroku gives, whatever the ids.
func TestOwnAttachmentNames(t *testing.T) {
	for name, given := range map[string]bool{
		"DATABASE": true, "HEROKU_POSTGRESQL_RED": true, "POSTGRESQL": true, "POSTGRESQL_ROUND_1": true, "DATABASE_2": false, "REPORTS": false, "POSTGRESQL_SQUARE": false, "": false,
	} {
		attachment := func(id, name string) map[string]any {
			return map[string]any{"id": id, "name": name, "created_at": "2026-01-01", "app": map[string]any{"id": "a"},
				"addon": map[string]any{"id": "x", "name": "postgresql-round-1", "app": map[string]any{"id": "a"}}}
		}
		high, low := attachment("2", name), attachment("1", "MINE")
		if got := IsOwnAttachment(high, []any{low, high}); got != given {
			t.Errorf("%q is the add-on's own: %t", name, got)
		}
		if got := IsOwnAttachment(low, []any{low, high}); got == given {
			t.Errorf("the one beside %q is the add-on's own: %t", name, got)
		}
	}
}

func TestRegionOf(t *testing.T) {
	review, _ := Lookup(Managed, "heroku_review_app_config")
	app, _ := Lookup(Managed, App)
	for _, tt := range []struct {
		res  *Resource
		own  string
		want string
	}{
		{review, `{"deploy_target": {"type": "region", "id": "r"}}`, "r"},
		{review, `{"deploy_target": {"type": "space", "id": "s"}}`, ""},
		{review, `{"deploy_target": {"id": "r"}}`, "r"},
		{review, `{"deploy_target": null}`, ""},
		{app, `{"id": "1", "region": {"id": "r", "name": "eu"}, "deploy_target": {"id": "r"}}`, ""},
	} {
		if got := RegionOf(tt.res, value(t, tt.own)); got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.res.Type, tt.own, got, tt.want)
		}
	}
}
