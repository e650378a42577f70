package herokutf

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

func TestSameValue(t *testing.T) {
	list := func(v ...any) any { return v }
	object := func(v ...any) any {
		m := map[string]any{}
		for i := 0; i < len(v); i += 2 {
			m[v[i].(string)] = v[i+1]
		}
		return m
	}
	for _, tt := range []struct {
		a, b any
		want bool
	}{
		{nil, nil, true},
		{nil, "", true},
		{nil, list(), true},
		{"", object(), true},
		{nil, "x", false},
		{"x", "x", true},
		{"x", "y", false},
		{"1", 1.0, true},
		{true, "true", true},
		{true, false, false},
		{list("a", "b"), list("a", "b"), true},
		{list("a", "b"), list("b", "a"), false},
		{list("a"), list("a", "b"), false},
		{list("a"), "a", false},
		{list("a"), object("a", "b"), false},
		{list(object("a", "b")), list(object("a", "b")), true},
		{list(object("a", "b")), list(object("a", "c")), false},
		{object("a", "b"), object("a", "b"), true},
		{object("a", "b"), object("a", "c"), false},
		{object("a", "b"), object("c", "b"), false},
		{object("a", "b", "c", "d"), object("a", "b"), false},
		{object("a", "b", "c", ""), object("a", "b", "d", ""), false},
		{object("a", ""), object("a", nil), true},
		{object("a", "b"), list("b"), false},
	} {
		if got := sameValue(tt.a, tt.b); got != tt.want {
			t.Errorf("%v and %v: same %v, want %v", tt.a, tt.b, got, tt.want)
		}
		if got := sameValue(tt.b, tt.a); got != tt.want {
			t.Errorf("%v and %v: same %v, want %v", tt.b, tt.a, got, tt.want)
		}
	}
}

func TestUnflattenedPath(t *testing.T) {
	for _, tt := range []struct {
		step any
		want statefile.Path
	}{
		{"name", statefile.Path{"name"}},
		{3, statefile.Path{3}},
		{"buildpacks.0", statefile.Path{"buildpacks", 0}},
		{"organization.0.name", statefile.Path{"organization", 0, "name"}},
		{"config_vars.007", statefile.Path{"config_vars", "007"}},
		{"config_vars.-1", statefile.Path{"config_vars", -1}},
		{"config_vars.", statefile.Path{"config_vars", ""}},
	} {
		if diff := cmp.Diff(tt.want, unflattenedPath(tt.step)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tt.step, diff)
		}
	}
}

func TestAlong(t *testing.T) {
	path := func(v ...any) []any { return v }
	for _, tt := range []struct {
		a, b []any
		want bool
	}{
		{path("a"), path("a"), true},
		{path("a"), path("a", "b"), true},
		{path("a", 0.0, "b"), path("a", 1.0, "b"), true},
		{path("a", 0.0, "b"), path("a", 1.0, "c"), false},
		{path("a"), path("b"), false},
		{path(), path("a"), false},
		{path(), path(), false},
	} {
		if along(tt.a, tt.b) != tt.want || along(tt.b, tt.a) != tt.want {
			t.Errorf("%v along %v: want %v both ways", tt.a, tt.b, tt.want)
		}
	}
}

// What the provider makes of an object by itself, written down from its Read functions:
// some forget what is gone, and it is created again, others fail.
func TestForecast(t *testing.T) {
	uuid := "01234567-89ab-cdef-0123-456789abcdef"
	for _, tt := range []struct {
		object   DriftObject
		want     NextApply
		forecast bool
	}{
		{DriftObject{Type: provider.App, Verdict: InSync}, "", false},
		{DriftObject{Type: provider.App, Verdict: Ignored}, "", false},
		{DriftObject{Type: provider.App, Verdict: Ignored, Address: "heroku_app.a (deposed 01234567)"}, NextDestroy, true},
		{DriftObject{Type: "data.heroku_app", Verdict: Changed}, NextNothing, true},
		{DriftObject{Type: "data.heroku_app", Verdict: Missing}, NextFail, true},
		{DriftObject{Type: "heroku_of_later", Verdict: Changed}, NextUnknown, true},
		{DriftObject{Type: "heroku_of_later", Verdict: Missing}, NextUnknown, true},
		{DriftObject{Type: provider.App, Verdict: Missing}, NextCreate, true},
		{DriftObject{Type: provider.App, Verdict: Renamed, ID: uuid}, NextUnknown, true}, // nothing differs
		{DriftObject{Type: provider.App, Verdict: Renamed, ID: "shop", origin: &origin{holders: 1}}, NextUnknown, true},
		{DriftObject{Type: provider.App, Verdict: Renamed, ID: "shop", origin: new(origin)}, NextCreate, true},
		{DriftObject{Type: provider.App, Verdict: Replaced, ID: uuid}, NextUnknown, true},
		{DriftObject{Type: provider.App, Verdict: Undetermined}, NextUnknown, true},
		{DriftObject{Type: provider.App, Verdict: Changed}, NextUnknown, true},
		{DriftObject{Type: provider.App, Verdict: Changed, Differences: []DriftDifference{{Path: statefile.Path{"maintenance"}}}}, NextUnknown, true},
		{DriftObject{Type: provider.App, Verdict: Changed, Differences: []DriftDifference{{Path: statefile.Path{"of_later"}}, {Path: statefile.Path{"git_url"}}}}, NextPutBack, true},
	} {
		o := tt.object
		o.forecast()
		if o.Next != tt.want || o.Forecast != tt.forecast {
			t.Errorf("%s %s %s %v: got %q, a forecast %v, want %q, %v", o.Type, o.Verdict, o.ID, o.Differences, o.Next, o.Forecast, tt.want, tt.forecast)
		}
	}
}

// Of several differences, the one that does most harm counts, in any order.
func TestForecastOfSeveral(t *testing.T) {
	byNext := map[NextApply]string{}
	res, _ := provider.Lookup(provider.Managed, provider.App)
	for i := range res.Attrs {
		o := DriftObject{Type: provider.App, Differences: []DriftDifference{{Path: statefile.Path{res.Attrs[i].Name}}}}
		byNext[o.forecastEach()] = res.Attrs[i].Name
	}
	order := []NextApply{NextNothing, NextUnknown, NextPutBack, NextReplace}
	seen := 0
	for i, worse := range order {
		for _, better := range order[:i] {
			a, b := byNext[worse], byNext[better]
			if a == "" || b == "" {
				continue
			}
			seen++
			for _, names := range [][]string{{a, b}, {b, a}} {
				var o DriftObject
				o.Type = provider.App
				for _, name := range names {
					o.Differences = append(o.Differences, DriftDifference{Path: statefile.Path{name}})
				}
				if got := o.forecastEach(); got != worse {
					t.Errorf("%v: %s, want %s", names, got, worse)
				}
			}
		}
	}
	if seen == 0 {
		t.Errorf("no two attributes of an app differ in what becomes of them: %v", byNext)
	}
}
