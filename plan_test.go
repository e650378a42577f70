package herokutf_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf"
)

// plan builds a plan as "terraform show -json" prints it.
func plan(t *testing.T, changes, drift string) *tfjson.Plan {
	t.Helper()
	doc := fmt.Sprintf(`{"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [%s], "resource_drift": [%s]}`, changes, drift)
	var p tfjson.Plan
	if err := json.Unmarshal([]byte(doc), &p); err != nil {
		t.Fatalf("plan: %v", err)
	}
	return &p
}

func change(address, typ, actions, more string) string {
	return fmt.Sprintf(`{"address": %q, "mode": "managed", "type": %q, "name": "x", "provider_name": "registry.terraform.io/heroku/heroku", "change": {"actions": %s%s}}`,
		address, typ, actions, more)
}

func TestCheckPlan(t *testing.T) {
	tests := []struct {
		name           string
		changes, drift string
		allowed        []string
		want           []herokutf.Destruction
	}{
		{name: "empty"},
		{
			name:    "releases are replaced at every deploy",
			changes: change("heroku_app_release.api", "heroku_app_release", `["delete","create"]`, `, "replace_paths": [["slug_id"]]`),
		},
		{
			name:    "updates, reads, creations and forgotten objects",
			changes: change("heroku_app.a", "heroku_app", `["update"]`, "") + "," + change("heroku_app.b", "heroku_app", `["create"]`, "") + "," + change("heroku_addon.c", "heroku_addon", `["no-op"]`, "") + "," + change("heroku_app.d", "heroku_app", `["forget"]`, ""),
		},
		{
			name:    "destroyed app",
			changes: change(`module.env["blue"].heroku_app.a[0]`, "heroku_app", `["delete"]`, ""),
			want:    []herokutf.Destruction{{Address: `module.env["blue"].heroku_app.a[0]`, Type: "heroku_app", Action: herokutf.ActionDestroy}},
		},
		{
			name: "replaced either way round",
			changes: change("heroku_addon.db", "heroku_addon", `["delete","create"]`, `, "replace_paths": [["app"]]`) + "," +
				change("heroku_app.a", "heroku_app", `["create","delete"]`, `, "replace_paths": [["region"], ["organization", 0, "name"], ["region"]]`),
			want: []herokutf.Destruction{
				{Address: "heroku_addon.db", Type: "heroku_addon", Action: herokutf.ActionReplace, Because: []string{"app"}},
				{Address: "heroku_app.a", Type: "heroku_app", Action: herokutf.ActionReplace, Because: []string{"organization", "region"}},
			},
		},
		{
			name:    "allowed by its whole address only",
			changes: change("heroku_addon.db", "heroku_addon", `["delete"]`, "") + "," + change("heroku_addon.db[0]", "heroku_addon", `["delete"]`, ""),
			allowed: []string{"heroku_addon.db"},
			want:    []herokutf.Destruction{{Address: "heroku_addon.db[0]", Type: "heroku_addon", Action: herokutf.ActionDestroy}},
		},
		{
			name:    "an app that vanished and would be created again",
			changes: change("heroku_app.main", "heroku_app", `["create"]`, ""),
			drift:   change("heroku_app.main", "heroku_app", `["delete"]`, ""),
			want:    []herokutf.Destruction{{Address: "heroku_app.main", Type: "heroku_app", Action: herokutf.ActionRecreate}},
		},
		{
			name: "a deposed object",
			changes: `{"address": "heroku_app.a", "mode": "managed", "type": "heroku_app", "name": "a", "deposed": "1a2b3c4d",
				"provider_name": "registry.terraform.io/heroku/heroku", "change": {"actions": ["delete"]}}`,
			want: []herokutf.Destruction{{Address: "heroku_app.a (deposed 1a2b3c4d)", Type: "heroku_app", Action: herokutf.ActionDestroy}},
		},
		{
			name: "a deposed object, allowed as the error spells it",
			changes: `{"address": "heroku_app.a", "mode": "managed", "type": "heroku_app", "name": "a", "deposed": "1a2b3c4d",
				"provider_name": "registry.terraform.io/heroku/heroku", "change": {"actions": ["delete"]}}`,
			allowed: []string{"heroku_app.a (deposed 1a2b3c4d)"},
		},
		{
			name:    "another provider's objects",
			changes: change("aws_db_instance.x", "aws_db_instance", `["delete"]`, ""),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := herokutf.CheckPlan(plan(t, tt.changes, tt.drift), tt.allowed...)
			var got []herokutf.Destruction
			if destroy, ok := errors.AsType[*herokutf.PlanError](err); ok {
				got = destroy.Destructions
				if !errors.Is(err, herokutf.ErrDestroys) || destroy.Hint == "" {
					t.Errorf("error %v: not ErrDestroys, or without a hint", err)
				}
			} else if err != nil {
				t.Fatalf("CheckPlan: %v", err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("destructions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSlugsCheckPlan(t *testing.T) {
	slugs := &herokutf.Slugs{Artifacts: []herokutf.Artifact{
		{Variable: "web_slug_production", Value: "2"},
		{Variable: "api_slug_staging", Value: "1"},
	}}
	tests := []struct {
		name, variables string
		want            []string
	}{
		{"none declared", ``, nil},
		{"another variable", `"region": {"value": "eu"}`, nil},
		{"as resolved", `"api_slug_staging": {"value": "1"}, "web_slug_production": {"value": "2"}`, nil},
		{"another value", `"api_slug_staging": {"value": "1"}, "web_slug_production": {"value": "1"}`, []string{"web_slug_production"}},
		{"null", `"api_slug_staging": {}`, []string{"api_slug_staging"}},
		{"other types", `"web_slug_production": {"value": ["2"]}, "api_slug_staging": {"value": 1}`, []string{"api_slug_staging", "web_slug_production"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var plan tfjson.Plan
			if err := json.Unmarshal([]byte(`{"format_version": "1.2", "variables": {`+tt.variables+`}}`), &plan); err != nil {
				t.Fatal(err)
			}
			err := slugs.CheckPlan(&plan)
			var got []string
			if e, ok := errors.AsType[*herokutf.PlanError](err); ok {
				got = e.Variables
				if !errors.Is(err, herokutf.ErrOverridden) || e.Hint == "" {
					t.Errorf("error %v: not ErrOverridden, or without a hint", err)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("variables (-want +got):\n%s", diff)
			}
		})
	}
}

func ExampleSlugs_CheckPlan() {
	slugs := &herokutf.Slugs{Artifacts: []herokutf.Artifact{
		{Variable: "api_slug_production", Value: "51000000-0000-4000-8000-000000000002"},
	}}
	// What "terraform show -json FILE" printed: a variable file has an old slug.
	doc := `{"format_version": "1.2", "variables": {
		"api_slug_production": {"value": "51000000-0000-4000-8000-000000000001"}}}`
	var plan tfjson.Plan
	if err := json.Unmarshal([]byte(doc), &plan); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(slugs.CheckPlan(&plan))
	// Output: plan has other values than were resolved: api_slug_production
}

func ExampleCheckPlan() {
	// What "terraform show -json FILE" printed.
	doc := `{"format_version": "1.2", "resource_changes": [
		{"address": "heroku_addon.db", "mode": "managed", "type": "heroku_addon",
		 "change": {"actions": ["delete", "create"], "replace_paths": [["app"]]}}]}`
	var plan tfjson.Plan
	if err := json.Unmarshal([]byte(doc), &plan); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(herokutf.CheckPlan(&plan))
	fmt.Println(herokutf.CheckPlan(&plan, "heroku_addon.db"))
	// Output:
	// plan destroys what can't be made again
	//   heroku_addon.db: replace (because of app)
	// <nil>
}
