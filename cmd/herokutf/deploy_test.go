package main

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/statefile"
)

// TestUndone: which drift a plan would put back, or fail on.
func TestUndone(t *testing.T) {
	differs := func(path statefile.Path, state, live any) []herokutf.DriftDifference {
		return []herokutf.DriftDifference{{Path: path, State: state, Live: live}}
	}
	scaled := differs(statefile.Path{"quantity"}, json.Number("2"), json.Number("5"))
	secret := []herokutf.DriftDifference{herokutf.SensitiveDifference(nil, "x", statefile.Path{"config_vars", "KEY"}, "old", "new")}
	for _, tt := range []struct {
		name    string
		verdict herokutf.Verdict
		diffs   []herokutf.DriftDifference
		change  string
		want    string
	}{
		{"put back", herokutf.Changed, scaled, `"actions": ["update"], "before": {"quantity": 5}, "after": {"quantity": 2}`, "update quantity"},
		{"taken in", herokutf.Changed, scaled, `"actions": ["update"], "before": {"quantity": 2}, "after": {"quantity": 5}`, ""},
		{"taken in, spelt as another number", herokutf.Changed, scaled, `"actions": ["update"], "before": {"quantity": 2}, "after": {"quantity": 5.0}`, ""},
		{"untouched", herokutf.Changed, scaled, `"actions": ["no-op"], "before": {"quantity": 2}, "after": {"quantity": 2}`, ""},
		{"a third value", herokutf.Changed, scaled, `"actions": ["update"], "before": {"quantity": 5}, "after": {"quantity": 7}`, "update quantity"},
		{"only the provider knows", herokutf.Changed, scaled, `"actions": ["update"], "before": {"quantity": 5}, "after": {}, "after_unknown": {"quantity": true}`, ""},
		{"taken out of the configuration", herokutf.Changed, scaled, `"actions": ["update"], "before": {"quantity": 5}, "after": {"quantity": null}`, "update quantity"},
		{"destroyed, which another gate judges", herokutf.Changed, scaled, `"actions": ["delete"], "before": {"quantity": 5}, "after": null`, ""},
		{"forgotten", herokutf.Changed, scaled, `"actions": ["forget"], "before": {"quantity": 5}, "after": null`, ""},
		{"made anew with the old value", herokutf.Changed, scaled, `"actions": ["delete", "create"], "before": {"quantity": 5}, "after": {"quantity": 2}`, "replace quantity"},
		{"an attribute that the plan doesn't have", herokutf.Changed, differs(statefile.Path{"config_vars.0.KEY"}, "a", "b"),
			`"actions": ["update"], "before": {"config_vars": [{"KEY": "b"}]}, "after": {"config_vars": [{"KEY": "a"}]}`, `update ["config_vars.0.KEY"]`},
		{"an element of a list, put back", herokutf.Changed, differs(statefile.Path{"vars", 0, "KEY"}, "a", "b"),
			`"actions": ["update"], "before": {"vars": [{"KEY": "b"}]}, "after": {"vars": [{"KEY": "a"}]}`, "update vars[0].KEY"},
		{"an element of a list, taken in", herokutf.Changed, differs(statefile.Path{"vars", 0, "KEY"}, "a", "b"),
			`"actions": ["update"], "before": {"vars": [{"KEY": "b"}]}, "after": {"vars": [{"KEY": "b"}]}`, ""},
		{"nothing in the words of both", herokutf.Changed, differs(statefile.Path{"space"}, "eu", nil),
			`"actions": ["update"], "before": {"space": "eu"}, "after": {"space": ""}`, ""},
		{"a secret, put back", herokutf.Changed, secret, `"actions": ["update"], "before": {"config_vars": {"KEY": "new"}}, "after": {"config_vars": {"KEY": "old"}}`, "update config_vars.KEY"},
		{"a secret, taken in", herokutf.Changed, secret, `"actions": ["update"], "before": {"config_vars": {"KEY": "new"}}, "after": {"config_vars": {"KEY": "new"}}`, ""},
		{"a secret that is unset", herokutf.Changed, secret, `"actions": ["update"], "before": {"config_vars": {"KEY": "new"}}, "after": {"config_vars": {}}`, "update config_vars.KEY"},
		{"gone, and made again", herokutf.Missing, nil, `"actions": ["create"], "before": null, "after": {}`, "create, as Terraform doesn't find it"},
		{"gone, and updated", herokutf.Missing, nil, `"actions": ["update"], "before": {}, "after": {}`, "update, while it is missing"},
		{"gone, and destroyed", herokutf.Missing, nil, `"actions": ["delete"], "before": {}, "after": null`, "delete, while it is missing"},
		{"gone, and left alone", herokutf.Missing, nil, `"actions": ["no-op"], "before": {}, "after": {}`, ""},
		{"another one in its place", herokutf.Replaced, nil, `"actions": ["update"], "before": {}, "after": {}`, "update, while it is replaced"},
		{"renamed, and named back", herokutf.Renamed, differs(statefile.Path{"name"}, "old", "new"),
			`"actions": ["update"], "before": {"name": "new"}, "after": {"name": "old"}`, "update name"},
		{"renamed, and the configuration says so", herokutf.Renamed, differs(statefile.Path{"name"}, "old", "new"),
			`"actions": ["update"], "before": {"name": "new", "acm": false}, "after": {"name": "new", "acm": true}`, ""},
		{"changed for a reason alone", herokutf.Changed, nil, `"actions": ["update"], "before": {}, "after": {}`, "update"},
		{"an action that nobody knows", herokutf.Changed, scaled, `"actions": ["re\u001bcycle"], "before": {"quantity": 5}, "after": {"quantity": 2}`, `re\x1bcycle quantity`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan, err := herokutf.ParsePlan("plan", []byte(`{"format_version": "1.2", "resource_changes": [
				null, {"address": "x.other", "change": {"actions": ["update"]}}, {"address": "x.nothing"},
				{"address": "x.y", "deposed": "1a2b3c4d", "mode": "managed", "type": "x", "change": {"actions": ["create"]}},
				{"address": "x.y", "mode": "managed", "type": "x", "change": {`+tt.change+`}}]}`))
			if err != nil {
				t.Fatal(err)
			}
			got := undone(plan, []herokutf.DriftObject{{Address: "x.y", Verdict: tt.verdict, Differences: tt.diffs}, {Address: "x.elsewhere", Verdict: tt.verdict, Differences: tt.diffs}})
			why := ""
			if len(got) > 0 {
				why = got[0].why
			}
			if diff := cmp.Diff(tt.want, why); diff != "" || len(got) > 1 {
				t.Errorf("%d undone (-want +got):\n%s", len(got), diff)
			}
		})
	}
}
