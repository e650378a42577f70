package statefile

import (
	"encoding/json"
	"testing"
)

func TestPath(t *testing.T) {
	for _, test := range []struct {
		path         Path
		text, asJSON string
	}{
		{nil, "", "[]"},
		{Path{}, "", "[]"},
		{Path{"a", "b-c_1"}, "a.b-c_1", `["a","b-c_1"]`},
		{Path{"a", 0, "b"}, "a[0].b", `["a",0,"b"]`},
		{Path{"config_vars.0.FOO"}, `["config_vars.0.FOO"]`, `["config_vars.0.FOO"]`},
		{Path{"x", "a \"b\"", "0", ""}, `x["a \"b\""]["0"][""]`, `["x","a \"b\"","0",""]`},
	} {
		if got := test.path.String(); got != test.text {
			t.Errorf("String of %#v: got %s, want %s", test.path, got, test.text)
		}
		if got, err := json.Marshal(test.path); err != nil || string(got) != test.asJSON {
			t.Errorf("JSON of %#v: got %s, %v; want %s", test.path, got, err, test.asJSON)
		}
		var back Path
		if err := json.Unmarshal([]byte(test.asJSON), &back); err != nil || !back.Equal(test.path) {
			t.Errorf("from JSON %s: got %#v, %v; want %#v", test.asJSON, back, err, test.path)
		}
		if c := test.path.Clone(); !c.Equal(test.path) || (c == nil) != (test.path == nil) {
			t.Errorf("Clone of %#v: got %#v", test.path, c)
		}
	}
	if (Path{"0"}).Equal(Path{0}) || (Path{"a"}).Equal(Path{"a", 0}) {
		t.Error("paths of other steps are equal")
	}
	p := Path{"a", 0}
	c := p.Clone()
	if p[1] = 1; c[1] != 0 {
		t.Error("Clone shares its steps")
	}
}

func TestPathFromJSON(t *testing.T) {
	for _, bad := range []string{`"a"`, `{}`, `[1.5]`, `[-1]`, `[null]`, `[true]`, `[["a"]]`, `[1e2]`, `[99999999999999999999]`} {
		p := Path{"before"}
		if err := json.Unmarshal([]byte(bad), &p); err == nil || !p.Equal(Path{"before"}) {
			t.Errorf("%s: got %#v, %v; want an error and the path as it was", bad, p, err)
		}
	}
	p := Path{"before"}
	if err := p.UnmarshalJSON([]byte("null")); err != nil || !p.Equal(Path{"before"}) {
		t.Errorf("null: got %#v, %v", p, err)
	}
}
