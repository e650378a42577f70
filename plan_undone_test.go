package herokutf

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/statefile"
)

// TestUndoneBy: what a plan's change of a drifted object does to it, in words.
func TestUndoneBy(t *testing.T) {
	number := func(s string) map[string]any { return map[string]any{"quantity": json.Number(s), "size\x1b": "eco"} }
	quantity := DriftDifference{Path: statefile.Path{"quantity"}, State: json.Number("2"), Live: json.Number("5")}
	size := DriftDifference{Path: statefile.Path{"size\x1b"}, State: "basic", Live: "eco"}
	back := func(actions ...tfjson.Action) *tfjson.Change {
		return &tfjson.Change{Actions: actions, Before: number("5"), After: number("2")}
	}
	toBasic := back("update")
	toBasic.After = map[string]any{"quantity": json.Number("2"), "size\x1b": "basic"}
	kept := back("update")
	kept.After = number("5")
	differs := []DriftDifference{quantity}
	for name, tt := range map[string]struct {
		verdict Verdict
		differs []DriftDifference
		change  *tfjson.Change
		want    string
	}{
		"not in the plan":    {Changed, differs, nil, ""},
		"no-op":              {Changed, differs, back("no-op"), ""},
		"read":               {Changed, differs, back("read"), ""},
		"forget":             {Changed, differs, back("forget"), ""},
		"missing, forgotten": {Missing, nil, back("forget"), ""},
		"create":             {Missing, nil, back("create"), "create, as Terraform doesn't find it"},
		"create, changed":    {Changed, differs, back("create"), "create, as Terraform doesn't find it"},
		"delete":             {Changed, differs, back("delete"), ""},
		"delete, missing":    {Missing, nil, back("delete"), "delete, while it is missing"},
		"delete, replaced":   {Replaced, nil, back("delete"), "delete, while it is replaced"},
		"update, missing":    {Missing, nil, back("update"), "update, while it is missing"},
		"replace, replaced":  {Replaced, differs, back("delete", "create"), "replace, while it is replaced"},
		"nothing differs":    {Changed, nil, back("update"), "update"},
		"update":             {Changed, differs, back("update"), "update quantity"},
		"replace":            {Changed, differs, back("create", "delete"), "replace quantity"},
		"taken in":           {Changed, differs, kept, ""},
		"one of two":         {Changed, []DriftDifference{quantity, size}, back("update"), "update quantity"},
		"both":               {Changed, []DriftDifference{quantity, size}, toBasic, `update quantity, ["size\u001b"]`},
		"create and forget":  {Changed, differs, back("create", "forget"), "create and forget quantity"},
		"unknown":            {Changed, differs, back("re\x1bcycle"), `re\x1bcycle quantity`},
	} {
		o := DriftObject{Verdict: tt.verdict, Differences: tt.differs}
		if got := o.UndoneBy(tt.change); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// TestPlanWords: what is wrong with a plan, whole: the text and the advice.
func TestPlanWords(t *testing.T) {
	object := func(address, typ string, change tfjson.Change) *tfjson.ResourceChange {
		return &tfjson.ResourceChange{Address: address, Mode: tfjson.ManagedResourceMode, Type: typ, Change: &change}
	}
	paths := func(attrs ...string) []any {
		all := []any{"no path", []any{}, []any{1}}
		for _, attr := range attrs {
			all = append(all, []any{attr, 0})
		}
		return all
	}
	const (
		renamed = "If the app was renamed on Heroku, repair the state (RepairRename, or herokutf rename) and plan again. If it is meant to go, allow its address (--allow-destroy)."
		meant   = "If this is meant, allow each address (--allow-destroy). Else look at what changed in the configuration."
		destroy = "plan destroys or replaces objects\n  "
	)
	vanished := []*tfjson.ResourceChange{nil, {Address: "heroku_app.x"}, object("heroku_app.a", "heroku_app", tfjson.Change{Actions: tfjson.Actions{"delete"}}),
		object("heroku_app.b", "heroku_app", tfjson.Change{Actions: tfjson.Actions{"update"}}), object("heroku_domain.a", "heroku_domain", tfjson.Change{Actions: tfjson.Actions{"delete"}})}
	create, replace := tfjson.Actions{"create"}, tfjson.Actions{"delete", "create"}
	for name, tt := range map[string]struct {
		change     *tfjson.ResourceChange
		text, hint string // "": it passes
		settled    string // of CheckPlanSettled
	}{
		"replaced":       {object("heroku_app.b", "heroku_app", tfjson.Change{Actions: replace, ReplacePaths: paths("region", "acm", "region")}), destroy + "heroku_app.b: replace (because of acm, region)", meant, "heroku_app.b: replace (because of acm, region)"},
		"for its app":    {object("heroku_addon.b", "heroku_addon", tfjson.Change{Actions: replace, ReplacePaths: paths("plan", "app")}), destroy + "heroku_addon.b: replace (because of app, plan)", renamed, "heroku_addon.b: replace (because of app, plan)"},
		"for its app_id": {object("heroku_addon.b", "heroku_addon", tfjson.Change{Actions: replace, ReplacePaths: paths("app_id")}), destroy + "heroku_addon.b: replace (because of app_id)", renamed, "heroku_addon.b: replace (because of app_id)"},
		"for nothing":    {object("heroku_addon.b\x1b", "heroku_addon", tfjson.Change{Actions: replace, ReplacePaths: paths()}), destroy + `heroku_addon.b\x1b: replace`, meant, `heroku_addon.b\x1b: replace`},
		"destroyed":      {object("heroku_addon.b", "heroku_addon", tfjson.Change{Actions: tfjson.Actions{"delete"}, ReplacePaths: paths("app")}), destroy + "heroku_addon.b: destroy", meant, "heroku_addon.b: destroy"},
		"again":          {object("heroku_app.a", "heroku_app", tfjson.Change{Actions: create}), destroy + "heroku_app.a: create again", renamed, "heroku_app.a: create again"},
		"updated before": {object("heroku_app.b", "heroku_app", tfjson.Change{Actions: create}), "", "", "heroku_app.b: create"},
		"new":            {object("heroku_app.c", "heroku_app", tfjson.Change{Actions: create}), "", "", "heroku_app.c: create"},
		"a domain again": {object("heroku_domain.a", "heroku_domain", tfjson.Change{Actions: create}), "", "", "heroku_domain.a: create"},
		"gone, and kept": {object("heroku_app.a", "heroku_app", tfjson.Change{Actions: tfjson.Actions{"update"}}), "", "", ""},
		"another's":      {object("herokux_app.a", "herokux_app", tfjson.Change{Actions: create}), "", "", ""},
		"a release":      {object("heroku_app_release.a", "heroku_app_release", tfjson.Change{Actions: replace}), "", "", ""},
	} {
		plan := &tfjson.Plan{ResourceDrift: vanished, ResourceChanges: []*tfjson.ResourceChange{nil, {Address: "x"}, tt.change}}
		for _, check := range []func(*tfjson.Plan, ...string) error{CheckPlan, CheckPlanStrict} {
			err := check(plan)
			e, _ := errors.AsType[*PlanError](err)
			if tt.text == "" && err != nil || tt.text != "" && (e == nil || e.Error() != tt.text || e.Hint != tt.hint || e.Err != ErrDestroys || len(e.Destructions) != 1 || e.Variables != nil) {
				t.Errorf("%s: %v, %+v", name, err, e)
			}
		}
		err := CheckPlanSettled(plan)
		e, _ := errors.AsType[*PlanError](err)
		if tt.settled == "" && err != nil || tt.settled != "" && (e == nil || e.Error() != ErrUnsettled.Error()+"\n  "+tt.settled || e.Err != ErrUnsettled || e.Hint != "Look what else the configuration, the state and Heroku differ in.") {
			t.Errorf("%s: settled: %v, %+v", name, err, e)
		}
	}
	other := &PlanError{Err: ErrOverridden, Variables: []string{"a", "b"}}
	if other.Error() != "plan has other values than were resolved: a, b" || !errors.Is(other, ErrOverridden) {
		t.Errorf("got %v", other)
	}
	if err := CheckPlan(&tfjson.Plan{}, "heroku_app.*", `x\`); err == nil || !strings.HasPrefix(err.Error(), `check plan: the address "x\\" that is allowed: `) {
		t.Errorf("got %v", err)
	}
}

// TestWhatIsAPlan: a document is taken for a plan for any of what only plans have, and for
// nothing that a state has.
func TestWhatIsAPlan(t *testing.T) {
	for doc, reason := range map[string]string{
		`"planned_values":{}`: "", `"resource_changes":[]`: "", `"output_changes":{}`: "", `"variables":{}`: "", `"configuration":{}`: "", `"lineage":"x","planned_values":{}`: "",
		`"values":{}`: "it is a state as", `"values":{},"planned_values":{}`: "it is a state as", `"terraform_version":"1"`: "it is a state as", `"@level":"info","planned_values":{}`: "it is what",
	} {
		got, hint := notPlan([]byte(` {"format_version":"1.2",` + doc + `}`))
		if !strings.HasPrefix(got, reason) || (got == "") != (reason == "") || (hint == "") != (reason == "") {
			t.Errorf("%s: %q", doc, got)
		}
	}
	for doc, want := range map[string][2]string{
		"": {"it is empty", showPlan}, "[1]": {"it isn't a JSON object", showPlan}, `{"lineage":"x"}`: {"it is a state", showPlan}, `{"x":1}`: {"it has no format_version", showPlan}, `{"x":`: {},
		"PK\x03\x04": {"it is the plan file itself", "Run terraform show -json on the file, and give what it prints."},
		"\xff\xfe{":  {"it is UTF-16, as > in PowerShell writes it", "Write it as UTF-8: terraform show -json PLANFILE | Out-File -Encoding utf8 FILE."},
		"\xfe\xff{":  {"it is UTF-16, as > in PowerShell writes it", "Write it as UTF-8: terraform show -json PLANFILE | Out-File -Encoding utf8 FILE."},
	} {
		if reason, hint := notPlan([]byte(doc)); reason != want[0] || hint != want[1] {
			t.Errorf("%q: %q, %q", doc, reason, hint)
		}
	}
}
