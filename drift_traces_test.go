package herokutf

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/statefile"
)

// TestTraces: which releases may have made a change, by what was changed and how.
func TestTraces(t *testing.T) {
	addon := stated{"heroku_addon a", `{"id": "ad000000-0000-4000-8000-000000000001", "app_id": "` + appOne + `", "name": "db", "plan": "redis:mini"}`}
	formation := stated{"heroku_formation w", formationAttrs}
	const releases = `[{"version": 9, "description": "Update redis:large"}, {"version": 8, "description": "Update redis by hand"}, {"version": 7, "description": "Detach db"},
		{"version": 6, "description": "Attach db"}, {"version": 5, "description": "Add db, redis:mini"}, {"version": 4, "description": "Scale web, db"}, {"version": 3, "description": "Deploy web"}]`
	for _, tt := range []struct {
		name    string
		state   stated
		verdict Verdict
		differs []DriftDifference
		want    []int
	}{
		{"another plan", addon, Changed, []DriftDifference{{Path: statefile.Path{"plan"}, State: "redis:mini", Live: "redis:large"}}, []int{9}},
		{"an add-on that is gone", addon, Missing, nil, []int{8, 7, 4}},
		{"one in whose place another is", addon, Replaced, nil, []int{8, 7, 6}},
		{"a formation", formation, Changed, []DriftDifference{{Path: statefile.Path{"quantity"}, State: "1", Live: "2"}}, []int{4}},
	} {
		s := subjectOf(t, "", tt.state)
		s.object.Verdict, s.object.Differences = tt.verdict, tt.differs
		var got []int
		for _, b := range traces(s).among(elementsOf(t, releases)) {
			got = append(got, b.Version)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", tt.name, traces(s), diff)
		}
	}
}

// TestEscaped: what isn't seen in a terminal is written as HCL's quoted texts have it.
func TestEscaped(t *testing.T) {
	for text, want := range map[string]string{
		"a = \"b\"\n": "a = \"b\"\n", "ä日\n": "ä日\n", "\x1b[31m": `\u001b[31m`, "\u202e": `\u202e`, "\U000e0001": `\U000e0001`, "\uffff": `\uffff`, "": "",
	} {
		if got := string(escaped([]byte(text))); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
