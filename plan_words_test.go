package herokutf

import (
	"encoding/json"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/statefile"
)

// TestPlanValues: where a path of a plan leads to, and when two values of one are the same.
func TestPlanValues(t *testing.T) {
	in := map[string]any{"a": "x", "list": []any{"0", map[string]any{"b": true}}, "known": false, "unknown": true, "null": nil}
	for _, tt := range []struct {
		path statefile.Path
		want any
		has  bool
	}{
		{statefile.Path{"a"}, "x", true}, {statefile.Path{"a", "b"}, nil, true}, {statefile.Path{"b"}, nil, false}, {statefile.Path{"null"}, nil, true},
		{statefile.Path{"list", 0}, "0", true}, {statefile.Path{"list", 1, "b"}, true, true}, {statefile.Path{"list", 1, "b", "c"}, true, true}, {statefile.Path{"list", 2}, nil, true},
		{statefile.Path{"list", -1}, nil, true}, {statefile.Path{"list", "0"}, nil, true}, {statefile.Path{"unknown", "x", 0}, true, true}, {statefile.Path{"known", "x"}, nil, true}, {statefile.Path{0}, nil, false},
	} {
		if got := planValue(in, tt.path); got != tt.want {
			t.Errorf("%v leads to %v, want %v", tt.path, got, tt.want)
		}
		if got := hasAttr(in, tt.path); got != tt.has {
			t.Errorf("%v is there: %t", tt.path, got)
		}
	}
	if hasAttr(in, nil) || hasAttr(nil, statefile.Path{"a"}) || hasAttr([]any{"a"}, statefile.Path{"a"}) {
		t.Error("an attribute of no object, or an empty one")
	}
	number := func(s string) json.Number { return json.Number(s) }
	for _, tt := range []struct {
		a, b any
		want bool
	}{
		{nil, "", true}, {nil, []any{}, true}, {map[string]any{}, "", true}, {nil, false, false}, {"", number("0"), false}, {"a", nil, false}, {nil, "a", false},
		{number("1"), number("1.0"), true}, {number("1"), number("2"), false}, {number("1"), "1", false}, {number("no"), number("no"), true}, {number("no"), number("1"), false}, {number("1"), number("no"), false},
		{"a", "a", true}, {"a", "b", false}, {[]any{"a"}, []any{"a"}, true}, {[]any{"a"}, []any{"b"}, false}, {true, true, true}, {true, false, false},
	} {
		if got := sameInPlan(tt.a, tt.b); got != tt.want {
			t.Errorf("%v and %v are the same: %t", tt.a, tt.b, got)
		}
	}
}

// TestKeeps: a plan keeps a difference where it has Heroku's value, where it changes
// nothing and its refresh has seen it, and where nobody knows the value yet.
func TestKeeps(t *testing.T) {
	d := DriftDifference{Path: statefile.Path{"size"}, State: "old", Live: "live"}
	object := func(v any) map[string]any { return map[string]any{"size": v} }
	for name, tt := range map[string]struct {
		before, after, unknown any
		want                   bool
	}{
		"back to the state's":                {object("live"), object("old"), nil, false},
		"Heroku's":                           {object("live"), object("live"), nil, true},
		"to Heroku's":                        {object("old"), object("live"), nil, true},
		"to another one":                     {object("live"), object("other"), nil, false},
		"no change, seen in other words":     {object("LIVE"), object("LIVE"), nil, true},
		"no change, and the refresh is late": {object("old"), object("old"), nil, false},
		"not known yet":                      {object("live"), object(nil), object(true), true},
		"known":                              {object("live"), object("old"), object(false), false},
		"the plan doesn't have it":           {map[string]any{}, map[string]any{}, nil, false},
		"it comes":                           {map[string]any{}, object("live"), nil, true},
		"it goes":                            {object("live"), map[string]any{}, nil, false},
	} {
		if got := keeps(&tfjson.Change{Before: tt.before, After: tt.after, AfterUnknown: tt.unknown}, d); got != tt.want {
			t.Errorf("%s: kept %t", name, got)
		}
		// Of a secret the plan has the value and the report its fingerprint.
		secret := DriftDifference{Path: d.Path, State: "secret:0123456789abcdef", Live: "secret:fedcba9876543210", Sensitive: true, values: func() (state, live any) { return d.State, d.Live }}
		if got := keeps(&tfjson.Change{Before: tt.before, After: tt.after, AfterUnknown: tt.unknown}, secret); got != tt.want {
			t.Errorf("%s, of a secret: kept %t", name, got)
		}
	}
}

// TestActionWords: what actions of a plan are called, and what they do on Heroku.
func TestActionWords(t *testing.T) {
	const create, update, destroy, forget = tfjson.ActionCreate, tfjson.ActionUpdate, tfjson.ActionDelete, tfjson.Action("forget")
	for _, tt := range []struct {
		actions tfjson.Actions
		words   string
		next    NextApply
	}{
		{tfjson.Actions{tfjson.ActionNoop}, "no-op", NextNothing}, {tfjson.Actions{tfjson.ActionRead}, "read", NextNothing}, {tfjson.Actions{update}, "update", NextUpdate},
		{tfjson.Actions{create}, "create", NextCreate}, {tfjson.Actions{destroy}, "delete", NextDestroy}, {tfjson.Actions{destroy, create}, "replace", NextReplace},
		{tfjson.Actions{create, destroy}, "replace", NextReplace}, {tfjson.Actions{forget}, "forget", NextNothing}, {tfjson.Actions{create, forget}, "create and forget", NextCreate},
		{tfjson.Actions{forget, create}, "forget and create", NextCreate},
	} {
		if got := joinActions(tt.actions); got != tt.words {
			t.Errorf("%v: called %q, want %q", tt.actions, got, tt.words)
		}
		if got := actionOf(tt.actions); got != tt.next {
			t.Errorf("%v: does %q, want %q", tt.actions, got, tt.next)
		}
	}
	for _, tt := range []struct {
		a, b []any
		want bool
	}{
		{[]any{"a"}, []any{"a"}, true}, {[]any{"a"}, []any{"b"}, false}, {[]any{"a", 0, "b"}, []any{"a", 1, "b"}, true}, {[]any{"a", 0, "b"}, []any{"a", 1, "c"}, false},
		{[]any{"a"}, []any{"a", 0}, true}, {[]any{"a", 0}, []any{"a"}, true}, {nil, []any{"a"}, false}, {[]any{"a"}, nil, false}, {nil, nil, false}, {[]any{"a", "b"}, []any{"a", 0}, false},
	} {
		if got := along(tt.a, tt.b); got != tt.want {
			t.Errorf("%v along %v: %t", tt.a, tt.b, got)
		}
	}
}
