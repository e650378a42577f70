package herokutf_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/statefile"
)

// plan builds a plan as "terraform show -json" prints it.
func plan(t *testing.T, changes, drift string) *tfjson.Plan {
	t.Helper()
	doc := fmt.Sprintf(`{"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [%s], "resource_drift": [%s]}`, changes, drift)
	p, err := herokutf.ParsePlan("plan", []byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return p
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
		strict         []herokutf.Destruction // besides want
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
			strict:  []herokutf.Destruction{{Address: "aws_db_instance.x", Type: "aws_db_instance", Action: herokutf.ActionDestroy}},
		},
		{
			name: "another object is made and the one there is forgotten, as Terraform 1.16 and OpenTofu 1.12 have it",
			changes: change("heroku_addon.db", "heroku_addon", `["create","forget"]`, `, "replace_paths": [["app"]]`) + "," +
				change("heroku_addon.cache", "heroku_addon", `["forget","create"]`, ""),
			want: []herokutf.Destruction{
				{Address: "heroku_addon.db", Type: "heroku_addon", Action: herokutf.ActionAbandon, Because: []string{"app"}},
				{Address: "heroku_addon.cache", Type: "heroku_addon", Action: herokutf.ActionAbandon},
			},
		},
		{
			name: "actions that nobody knows are named",
			changes: change("heroku_app.a", "heroku_app", `["recycle"]`, "") + "," + change("heroku_app.b", "heroku_app", `["update","delete"]`, "") + "," +
				change("heroku_app.c", "heroku_app", `[]`, "") + "," + change("heroku_app.d", "heroku_app", `["up\u001b[2J"]`, ""),
			want: []herokutf.Destruction{
				{Address: "heroku_app.a", Type: "heroku_app", Action: "recycle"},
				{Address: "heroku_app.b", Type: "heroku_app", Action: "update, delete"},
				{Address: "heroku_app.c", Type: "heroku_app", Action: "unknown, since the plan names no action"},
				{Address: "heroku_app.d", Type: "heroku_app", Action: `up\x1b[2J`},
			},
		},
		{
			name: "objects of any type",
			changes: change("heroku_space.eu", "heroku_space", `["delete"]`, "") + "," +
				change("heroku_domain.www", "heroku_domain", `["delete","create"]`, `, "replace_paths": [["hostname"]]`) + "," +
				change("aws_s3_bucket.b", "aws_s3_bucket", `["create","forget"]`, "") + "," +
				change("aws_s3_bucket.c", "aws_s3_bucket", `["recycle"]`, "") + "," +
				change("aws_s3_bucket.d", "aws_s3_bucket", `["update"]`, "") + "," + change("aws_s3_bucket.e", "aws_s3_bucket", `["forget"]`, "") + "," +
				change("heroku_app_release.api", "heroku_app_release", `["delete"]`, ""),
			strict: []herokutf.Destruction{
				{Address: "heroku_space.eu", Type: "heroku_space", Action: herokutf.ActionDestroy},
				{Address: "heroku_domain.www", Type: "heroku_domain", Action: herokutf.ActionReplace, Because: []string{"hostname"}},
				{Address: "aws_s3_bucket.b", Type: "aws_s3_bucket", Action: herokutf.ActionAbandon},
				{Address: "aws_s3_bucket.c", Type: "aws_s3_bucket", Action: "recycle"},
				{Address: "heroku_app_release.api", Type: "heroku_app_release", Action: herokutf.ActionDestroy},
			},
		},
		{
			name: "a deposed object of any type",
			changes: `{"address": "heroku_space.a", "mode": "managed", "type": "heroku_space", "name": "a", "deposed": "1a2b3c4d",
				"provider_name": "registry.terraform.io/heroku/heroku", "change": {"actions": ["delete"]}}`,
			strict: []herokutf.Destruction{{Address: "heroku_space.a (deposed 1a2b3c4d)", Type: "heroku_space", Action: herokutf.ActionDestroy}},
		},
		{
			name: "allowed by patterns",
			changes: change(`module.app["eu"].heroku_addon.db[0]`, "heroku_addon", `["delete"]`, "") + "," + change("heroku_space.eu", "heroku_space", `["delete"]`, "") + "," +
				change(`heroku_app.a["back\\slash"]`, "heroku_app", `["delete"]`, "") + "," + change("heroku_app.b", "heroku_app", `["delete"]`, ""),
			allowed: []string{`module.app["*"].heroku_addon.*`, "heroku_space.??", `heroku_app.a["back\\slash"]`},
			want:    []herokutf.Destruction{{Address: "heroku_app.b", Type: "heroku_app", Action: herokutf.ActionDestroy}},
		},
	}
	checks := map[string]func(*tfjson.Plan, ...string) error{"": herokutf.CheckPlan, ", strict": herokutf.CheckPlanStrict}
	for _, tt := range tests {
		for mode, check := range checks {
			t.Run(tt.name+mode, func(t *testing.T) {
				err := check(plan(t, tt.changes, tt.drift), tt.allowed...)
				var got []herokutf.Destruction
				if destroy, ok := errors.AsType[*herokutf.PlanError](err); ok {
					got = destroy.Destructions
					if !errors.Is(err, herokutf.ErrDestroys) || destroy.Hint == "" {
						t.Errorf("error %v: not ErrDestroys, or without a hint", err)
					}
				} else if err != nil {
					t.Fatalf("CheckPlan: %v", err)
				}
				want := tt.want
				if mode != "" {
					want = append(want, tt.strict...)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("destructions (-want +got):\n%s", diff)
				}
			})
		}
	}
	for mode, check := range checks {
		if err := check(plan(t, "", ""), `heroku_app.a\`); err == nil || !strings.Contains(err.Error(), `a \ at the end`) {
			t.Errorf("a pattern that is none%s: %v", mode, err)
		}
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
			plan, err := herokutf.ParsePlan("plan", []byte(`{"format_version": "1.2", "variables": {`+tt.variables+`}}`))
			if err != nil {
				t.Fatal(err)
			}
			err = slugs.CheckPlan(plan)
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
	plan, err := herokutf.ParsePlan("FILE", []byte(doc))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(slugs.CheckPlan(plan))
	// Output: plan has other values than were resolved: api_slug_production
}

func ExampleCheckPlan() {
	// What "terraform show -json FILE" printed.
	doc := `{"format_version": "1.2", "resource_changes": [
		{"address": "heroku_addon.db", "mode": "managed", "type": "heroku_addon",
		 "change": {"actions": ["delete", "create"], "replace_paths": [["app"]]}}]}`
	plan, err := herokutf.ParsePlan("FILE", []byte(doc))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(herokutf.CheckPlan(plan))
	fmt.Println(herokutf.CheckPlan(plan, "heroku_addon.db"))
	// Output:
	// plan destroys or replaces objects
	//   heroku_addon.db: replace (because of app)
	// <nil>
}

func ExampleCheckPlanStrict() {
	// What "terraform show -json FILE" printed.
	doc := `{"format_version": "1.2", "resource_changes": [
		{"address": "heroku_app_release.api", "mode": "managed", "type": "heroku_app_release",
		 "change": {"actions": ["delete", "create"], "replace_paths": [["slug_id"]]}},
		{"address": "heroku_domain.www", "mode": "managed", "type": "heroku_domain",
		 "change": {"actions": ["delete"]}}]}`
	plan, err := herokutf.ParsePlan("FILE", []byte(doc))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(herokutf.CheckPlanStrict(plan))
	fmt.Println(herokutf.CheckPlanStrict(plan, "heroku_domain.*"))
	// Output:
	// plan destroys or replaces objects
	//   heroku_domain.www: destroy
	// <nil>
}

func ExampleCheckPlanSettled() {
	// What "terraform show -json FILE" printed.
	doc := `{"format_version": "1.2", "resource_changes": [
		{"address": "heroku_app.api", "mode": "managed", "type": "heroku_app", "change": {"actions": ["update"]}},
		{"address": "heroku_domain.www", "mode": "managed", "type": "heroku_domain", "change": {"actions": ["create"]}},
		{"address": "random_id.x", "mode": "managed", "type": "random_id", "change": {"actions": ["create"]}}]}`
	plan, err := herokutf.ParsePlan("FILE", []byte(doc))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(herokutf.CheckPlanSettled(plan))
	// Output:
	// plan destroys, replaces or creates Heroku objects
	//   heroku_domain.www: create
}

func ExampleDriftObject_UndoneBy() {
	scaled := herokutf.DriftObject{Verdict: herokutf.Changed, Differences: []herokutf.DriftDifference{
		{Path: statefile.Path{"quantity"}, State: json.Number("2"), Live: json.Number("5")}}}
	back := &tfjson.Change{Actions: tfjson.Actions{"update"}, Before: map[string]any{"quantity": json.Number("5")}, After: map[string]any{"quantity": json.Number("2")}}
	fmt.Println(scaled.UndoneBy(back))
	// Output: update quantity
}

func ExampleParsePlan() {
	// What "terraform show -json" printed without the name of a plan file.
	_, err := herokutf.ParsePlan("plan.json", []byte(`{"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {}}}`))
	fmt.Println(err)
	if e, ok := errors.AsType[*herokutf.PlanError](err); ok {
		fmt.Println(e.Hint)
	}

	plan, err := herokutf.ParsePlan("plan.json", []byte(`{"format_version": "1.2", "terraform_version": "1.11.4",
		"variables": {"retention": {"value": 12345678901234567890}}, "planned_values": {"root_module": {}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan.TerraformVersion, plan.Variables["retention"].Value)
	// Output:
	// read the plan plan.json: not a plan as JSON: it is a state as "terraform show -json" prints it
	// Name the plan file: terraform show -json PLANFILE.
	// 1.11.4 12345678901234567890
}

func TestParsePlanRefuses(t *testing.T) {
	for _, tt := range []struct{ name, data, says string }{
		{"nothing", "", "it is empty"},
		{"white space", " \n", "it is empty"},
		{"text", "No changes. Your infrastructure matches the configuration.", "it isn't a JSON object"},
		{"a list", "[]", "it isn't a JSON object"},
		{"null", "null", "it isn't a JSON object"},
		{"an object of something", `{"a": 1}`, "it has no format_version"},
		{"an empty object", `{}`, "it has no format_version"},
		{"a state file", `{"version": 4, "serial": 1, "lineage": "x", "resources": []}`, "it is a state"},
		{"a state as JSON", `{"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {}}}`, "it is a state as"},
		{"an empty state as JSON", `{"format_version": "1.0"}`, "it is a state as"},
		{"messages", `{"@level":"info","@message":"Terraform 1.11.4","type":"version"}` + "\n" + `{"@level":"info"}` + "\n", `"terraform plan -json"`},
		{"a plan file", "PK\x03\x04\x14\x00", "it is the plan file itself"},
		{"UTF-16", "\xff\xfe{\x00}\x00", "it is UTF-16"},
		{"a later format", `{"format_version": "2.0", "planned_values": {}}`, "unsupported plan format version"},
		{"no format", `{"format_version": "", "planned_values": {}}`, "format version is missing"},
		{"a format of letters", `{"format_version": "new", "planned_values": {}}`, "invalid format version"},
		{"cut off", `{"format_version": "1.2", "planned_values": {`, "unexpected end of JSON input"},
		{"something behind it", `{"format_version": "1.2", "planned_values": {}} x`, "after top-level value"},
		{"another type", `{"format_version": "1.2", "resource_changes": {}}`, "cannot unmarshal"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan, err := herokutf.ParsePlan("p.json", []byte(tt.data))
			e, ok := errors.AsType[*herokutf.PlanError](err)
			if plan != nil || !ok || !errors.Is(err, herokutf.ErrNotPlan) {
				t.Fatalf("got %v, %v; want nil and ErrNotPlan", plan, err)
			}
			if text := err.Error(); !strings.HasPrefix(text, "read the plan p.json: ") || !strings.Contains(text, tt.says) || strings.Contains(text, "\n") {
				t.Errorf("got %q, want it to contain %q, on one line", text, tt.says)
			}
			if !strings.HasSuffix(e.Hint, ".") {
				t.Errorf("hint %q", e.Hint)
			}
		})
	}
}

func TestParsePlan(t *testing.T) {
	for name, prefix := range map[string]string{"plain": "", "with a byte order mark": "\xef\xbb\xbf", "behind white space": "\r\n "} {
		plan, err := herokutf.ParsePlan("p", []byte(prefix+`{"format_version": "1.2", "applyable": true, "planned_values": {"outputs": {"n": {"value": 1e400}}},
			"resource_changes": [null, {"type": "heroku_app"}], "resource_drift": [null, {}], "variables": {"v": null}}`))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := plan.PlannedValues.Outputs["n"].Value; got != json.Number("1e400") {
			t.Errorf("%s: got the number %v", name, got)
		}
		if err := herokutf.CheckPlan(plan); err != nil {
			t.Errorf("%s: CheckPlan: %v", name, err)
		}
		if err := (&herokutf.Slugs{Artifacts: []herokutf.Artifact{{Variable: "v", Value: "x"}}}).CheckPlan(plan); err != nil {
			t.Errorf("%s: Slugs.CheckPlan: %v", name, err)
		}
	}
}

// FuzzParsePlan: nothing panics, every refusal is one line and has advice, and
// what is read survives being checked.
func FuzzParsePlan(f *testing.F) {
	for _, seed := range []string{
		"", "{}", "null", "PK\x03\x04", `{"@level":"info"}`, `{"format_version":"1.0","values":{}}`,
		`{"format_version":"1.2","variables":{"a":{"value":1.50}},"resource_changes":[{"mode":"managed","type":"heroku_app","address":"heroku_app.a","change":{"actions":["delete","create"],"replace_paths":[["a",0],[],1]}}]}`,
		`{"format_version":"1.2","resource_changes":[null,{"change":null},{"type":"heroku_addon","mode":"managed","change":{"actions":null}}],"resource_drift":[{"change":{}}],"variables":{"a":null}}`,
	} {
		f.Add([]byte(seed))
	}
	slugs := &herokutf.Slugs{Artifacts: []herokutf.Artifact{{Variable: "a", Value: "1"}}}
	f.Fuzz(func(t *testing.T, data []byte) {
		plan, err := herokutf.ParsePlan("x", data)
		if err != nil {
			e, ok := errors.AsType[*herokutf.PlanError](err)
			if plan != nil || !ok || !errors.Is(err, herokutf.ErrNotPlan) || e.Hint == "" || strings.ContainsAny(err.Error(), "\n\r\x1b") {
				t.Fatalf("got %v, %q", plan, err)
			}
			return
		}
		for _, err := range []error{herokutf.CheckPlan(plan), slugs.CheckPlan(plan)} {
			if err == nil {
				continue
			}
			e, ok := errors.AsType[*herokutf.PlanError](err)
			if !ok || len(e.Destructions)+len(e.Variables) == 0 || e.Hint == "" {
				t.Fatalf("got %v", err)
			}
		}
	})
}

// TestCheckPlanSettled: the plan of a state that was put right may update, and do what
// it likes to others' objects.
func TestCheckPlanSettled(t *testing.T) {
	all := strings.Join([]string{
		change("heroku_app.a", "heroku_app", `["update"]`, ""),
		change("heroku_app.b", "heroku_app", `["create"]`, ""),
		change("heroku_app.gone", "heroku_app", `["create"]`, ""),
		change("heroku_addon.c", "heroku_addon", `["no-op"]`, ""),
		change("heroku_app_release.api", "heroku_app_release", `["delete","create"]`, `, "replace_paths": [["slug_id"]]`),
		change("heroku_domain.www", "heroku_domain", `["create","delete"]`, `, "replace_paths": [["hostname"]]`),
		change("heroku_space.eu", "heroku_space", `["delete"]`, ""),
		change("heroku_space.us", "heroku_space", `["recycle"]`, ""),
		change("aws_s3_bucket.b", "aws_s3_bucket", `["delete"]`, ""),
		change("random_id.x", "random_id", `["create"]`, ""),
	}, ",")
	err := herokutf.CheckPlanSettled(plan(t, all, change("heroku_app.gone", "heroku_app", `["delete"]`, "")))
	e, ok := errors.AsType[*herokutf.PlanError](err)
	if !ok || !errors.Is(err, herokutf.ErrUnsettled) || errors.Is(err, herokutf.ErrDestroys) || e.Hint == "" {
		t.Fatalf("error %v", err)
	}
	want := []herokutf.Destruction{
		{Address: "heroku_app.b", Type: "heroku_app", Action: herokutf.ActionCreate},
		{Address: "heroku_app.gone", Type: "heroku_app", Action: herokutf.ActionRecreate},
		{Address: "heroku_domain.www", Type: "heroku_domain", Action: herokutf.ActionReplace, Because: []string{"hostname"}},
		{Address: "heroku_space.eu", Type: "heroku_space", Action: herokutf.ActionDestroy},
		{Address: "heroku_space.us", Type: "heroku_space", Action: "recycle"},
	}
	if diff := cmp.Diff(want, e.Destructions); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := herokutf.CheckPlanSettled(plan(t, change("heroku_app.a", "heroku_app", `["update"]`, ""), "")); err != nil {
		t.Error(err)
	}
	if herokutf.CheckPlanSettled(nil) == nil {
		t.Error("a nil plan is no error")
	}
}
