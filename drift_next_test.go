package herokutf

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/statefile"
)

// nextOf spells what the next apply would do about objects and their differences.
func nextOf(r *DriftReport) []string {
	var all []string
	for _, o := range r.Objects {
		words := []string{o.Title(), string(o.Next)}
		if o.Forecast {
			words = append(words, "(forecast)")
		}
		for _, d := range append(o.Differences, o.Ignored...) {
			words = append(words, d.Path.String()+"="+string(d.Next))
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}

func nextReport() *DriftReport {
	differ := func(path statefile.Path, state, live any) DriftDifference {
		return DriftDifference{Path: path, State: state, Live: live}
	}
	secret := SensitiveDifference([]byte("k"), "s", statefile.Path{"config_vars", "KEY"}, "old", "new")
	num := func(s string) json.Number { return json.Number(s) }
	return &DriftReport{Objects: []DriftObject{
		{Address: "heroku_app.calm", Type: "heroku_app", Verdict: InSync},
		{Address: "heroku_app.shop", Type: "heroku_app", ID: "0f0f0f0f-0000-4000-8000-000000000001", Verdict: Changed,
			Differences: []DriftDifference{secret, differ(statefile.Path{"stack"}, "heroku-22", "heroku-24"),
				differ(statefile.Path{"buildpacks"}, []any{"a"}, []any{"b"})}},
		{Address: "heroku_app.moved", Type: "heroku_app", ID: "0f0f0f0f-0000-4000-8000-000000000002", Verdict: Changed,
			Differences: []DriftDifference{differ(statefile.Path{"organization", 0, "name"}, "acme", "other"), differ(statefile.Path{"organization", 0, "locked"}, false, true)}},
		{Address: "heroku_app.named", Type: "heroku_app", ID: "0f0f0f0f-0000-4000-8000-000000000003", Verdict: Renamed,
			Differences: []DriftDifference{differ(statefile.Path{"name"}, "a", "b"), differ(statefile.Path{"web_url"}, "https://a/", "https://b/"),
				differ(statefile.Path{"heroku_hostname"}, "a", "b")}},
		{Address: "heroku_app.gone", Type: "heroku_app", Verdict: Missing},
		{Address: "heroku_domain.gone", Type: "heroku_domain", Verdict: Missing},
		{Address: "heroku_domain.again", Type: "heroku_domain", Verdict: Replaced},
		{Address: `heroku_formation.web["a"]`, Type: "heroku_formation", Verdict: Changed,
			Differences: []DriftDifference{differ(statefile.Path{"quantity"}, num("2"), num("5")), differ(statefile.Path{"size"}, "standard-1x", "standard-2x")}},
		{Address: "heroku_app_release.shop", Type: "heroku_app_release", Verdict: Changed,
			Differences: []DriftDifference{differ(statefile.Path{"slug_id"}, "1", "2")}},
		{Address: "heroku_addon.db", Type: "heroku_addon", Verdict: Ignored, Ignored: []DriftDifference{differ(statefile.Path{"plan"}, "a:1", "a:2")}},
		{Address: "heroku_addon.old (deposed 12345678)", Type: "heroku_addon", Verdict: Ignored},
		{Address: "heroku_pipeline.p", Type: "heroku_pipeline", Verdict: Undetermined},
		{Address: "data.heroku_app.d", Type: "data.heroku_app", Verdict: Changed, Differences: []DriftDifference{differ(statefile.Path{"stack"}, "x", "y")}},
		{Address: "heroku_new.x", Type: "heroku_new", Verdict: Undetermined},
		{Address: "heroku_app.flat", Type: "heroku_app", Verdict: Changed, Differences: []DriftDifference{differ(statefile.Path{"config_vars.0.A"}, "1", "2")}},
		{Address: "heroku_app.later", Type: "heroku_app", Verdict: Changed, Differences: []DriftDifference{differ(statefile.Path{"name"}, "a", "b"), differ(statefile.Path{"of_tomorrow"}, "1", "2")}},
		{Address: "heroku_app.kept", Type: "heroku_app", Verdict: Changed, Differences: []DriftDifference{differ(statefile.Path{"name"}, "a", "b"), differ(statefile.Path{"stack"}, "1", "2")}},
		{Type: "heroku_domain", Label: "www.example.com", Verdict: Unmanaged},
	}}
}

func TestForeseeForecast(t *testing.T) {
	r := nextReport()
	r.Foresee(nil)
	want := []string{
		"heroku_app.calm ",
		"heroku_app.shop put_back (forecast) config_vars.KEY=put_back stack=unknown buildpacks=unknown",
		"heroku_app.moved replace (forecast) organization[0].name=replace organization[0].locked=unknown",
		"heroku_app.named put_back (forecast) name=put_back web_url=put_back heroku_hostname=put_back",
		"heroku_app.gone create (forecast)",
		"heroku_domain.gone fail (forecast)",
		"heroku_domain.again fail (forecast)",
		`heroku_formation.web["a"] put_back (forecast) quantity=put_back size=put_back`,
		"heroku_app_release.shop nothing (forecast) slug_id=nothing",
		"heroku_addon.db  plan=",
		"heroku_addon.old (deposed 12345678) destroy (forecast)",
		"heroku_pipeline.p unknown (forecast)",
		"data.heroku_app.d nothing (forecast) stack=nothing",
		"heroku_new.x unknown (forecast)",
		`heroku_app.flat put_back (forecast) ["config_vars.0.A"]=put_back`,
		"heroku_app.later put_back (forecast) name=put_back of_tomorrow=unknown",
		"heroku_app.kept put_back (forecast) name=put_back stack=unknown",
		"heroku_domain www.example.com nothing (forecast)",
	}
	if diff := cmp.Diff(want, nextOf(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestForeseePlan(t *testing.T) {
	object := func(pairs ...any) map[string]any {
		m := make(map[string]any)
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i].(string)] = pairs[i+1]
		}
		return m
	}
	change := func(address string, actions tfjson.Actions, before, after any) *tfjson.ResourceChange {
		return &tfjson.ResourceChange{Address: address, Mode: tfjson.ManagedResourceMode, Change: &tfjson.Change{Actions: actions, Before: before, After: after}}
	}
	update := tfjson.Actions{tfjson.ActionUpdate}
	replace := change("heroku_app.moved", tfjson.Actions{tfjson.ActionDelete, tfjson.ActionCreate},
		object("organization", []any{object("name", "other", "locked", true)}), object("organization", []any{object("name", "acme", "locked", true)}))
	replace.Change.ReplacePaths = []any{[]any{"organization", json.Number("0"), "name"}}
	unknown := change("heroku_app_release.shop", update, object("slug_id", "1"), object())
	unknown.Change.AfterUnknown = object("slug_id", true)
	renamed := change("heroku_app.renamed_since", update, object("name", "b", "web_url", "https://b/", "heroku_hostname", "b"),
		object("name", "a", "web_url", "https://b/", "heroku_hostname", "b"))
	renamed.PreviousAddress = "heroku_app.named"
	deposed := change("heroku_addon.old", tfjson.Actions{tfjson.ActionDelete}, object(), nil)
	deposed.DeposedKey = "12345678"
	plan := &tfjson.Plan{
		ResourceChanges: []*tfjson.ResourceChange{
			nil, {Address: "heroku_app.calm"},
			change("heroku_app.calm", tfjson.Actions{tfjson.ActionDelete}, object(), nil),
			change("heroku_app.shop", update,
				object("config_vars", object("KEY", "new"), "stack", "heroku-24", "buildpacks", []any{"b"}),
				object("config_vars", object("KEY", "old"), "stack", "heroku-26", "buildpacks", []any{"b"})),
			replace, renamed, deposed, unknown,
			change("heroku_app.gone", tfjson.Actions{tfjson.ActionCreate}, nil, object()),
			change(`heroku_formation.web["a"]`, tfjson.Actions{tfjson.ActionNoop}, object(), object()),
			change("heroku_addon.db", update, object("plan", "a:2"), object("plan", "a:1")),
			change("heroku_pipeline.p", tfjson.Actions{"forget"}, object(), nil),
			change("heroku_new.x", tfjson.Actions{"transmute"}, object(), nil),
			change("heroku_app.flat", update, object("config_vars", []any{object("A", "2")}), object("config_vars", []any{object("A", "1")})),
			change("heroku_app.kept", update, object("name", "b", "stack", "2"), object("name", "b", "stack", "1")),
			change("heroku_app.later", update, object("name", "b", "of_tomorrow", "2"), object("name", "a", "of_tomorrow", "1")),
		},
		ResourceDrift: []*tfjson.ResourceChange{change("heroku_domain.gone", tfjson.Actions{tfjson.ActionDelete}, object(), nil)},
	}
	r := nextReport()
	r.Foresee(nil) // another answer takes its place
	r.Foresee(plan)
	want := []string{
		"heroku_app.calm destroy",
		"heroku_app.shop put_back config_vars.KEY=put_back stack=update buildpacks=nothing",
		"heroku_app.moved replace organization[0].name=replace organization[0].locked=nothing",
		"heroku_app.named put_back name=put_back web_url=put_back heroku_hostname=put_back",
		"heroku_app.gone create",
		"heroku_domain.gone nothing",
		"heroku_domain.again unknown",
		`heroku_formation.web["a"] nothing quantity=nothing size=nothing`,
		"heroku_app_release.shop update slug_id=unknown",
		"heroku_addon.db put_back plan=put_back",
		"heroku_addon.old (deposed 12345678) destroy",
		"heroku_pipeline.p nothing",
		"data.heroku_app.d nothing stack=nothing",
		"heroku_new.x unknown",
		`heroku_app.flat put_back ["config_vars.0.A"]=put_back`,
		"heroku_app.later put_back name=put_back of_tomorrow=put_back",
		"heroku_app.kept put_back name=nothing stack=put_back",
		"heroku_domain www.example.com nothing",
	}
	if diff := cmp.Diff(want, nextOf(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	// Of several states one can be meant.
	r = nextReport()
	r.Objects[1].State, r.Objects[2].State = "a", "b"
	r.Foresee(plan, "a")
	if got := []NextApply{r.Objects[1].Next, r.Objects[2].Next, r.Objects[4].Next}; !cmp.Equal(got, []NextApply{NextPutBack, "", ""}) {
		t.Errorf("of one state: got %q", got)
	}

	// What a refresh hasn't seen, an update of something else may write: nobody knows.
	r = &DriftReport{Objects: []DriftObject{{Address: "heroku_formation.web", Type: "heroku_formation", Verdict: Changed,
		Differences: []DriftDifference{{Path: statefile.Path{"quantity"}, State: json.Number("2"), Live: json.Number("5")}}}}}
	r.Foresee(&tfjson.Plan{ResourceChanges: []*tfjson.ResourceChange{change("heroku_formation.web", update,
		object("quantity", json.Number("2"), "size", "eco"), object("quantity", json.Number("2"), "size", "basic"))}})
	if diff := cmp.Diff([]string{"heroku_formation.web update quantity=unknown"}, nextOf(r)); diff != "" {
		t.Errorf("unrefreshed (-want +got):\n%s", diff)
	}
}
