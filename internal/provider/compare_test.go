package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// comparisons are all that compare.
func comparisons() []Comparison {
	var all []Comparison
	for c := Same; c.Compared(); c++ {
		all = append(all, c)
	}
	return all
}

func TestCompare(t *testing.T) {
	const (
		pem    = `"-----BEGIN CERTIFICATE-----\nMIIB\nAAAA\n-----END CERTIFICATE-----"`
		spaced = `" -----BEGIN CERTIFICATE-----\r\nMIIB\r\n\r\nAAAA\n-----END CERTIFICATE-----\n"`
	)
	for _, tt := range []struct {
		name        string
		as          Comparison
		typ         Type
		state, live string
		same        bool
	}{
		{"texts", Same, String, `"a"`, `"a"`, true},
		{"other texts", Same, String, `"a"`, `"b"`, false},
		{"case", Same, String, `"a"`, `"A"`, false},
		{"white space", Same, String, `"a"`, `"a "`, false},
		{"text and null", Same, String, `"a"`, `null`, false},
		{"null and text", Same, String, `null`, `"a"`, false},

		{"integers", Same, Int, `1`, `1`, true},
		{"1 and 1.0", Same, Int, `1`, `1.0`, true},
		{"1e3 and 1000", Same, Int, `1e3`, `1000`, true},
		{"a flat number", Same, Int, `"1"`, `1`, true},
		{"a flat number and 1.0", Same, Int, `"1"`, `1.0`, true},
		{"many digits", Same, Int, `12345678901234567890`, `12345678901234567891`, false},
		{"other integers", Same, Int, `1`, `2`, false},
		{"0 and null", Same, Int, `0`, `null`, true},
		{"a flat 0 and null", Same, Int, `"0"`, `null`, true},
		{"0 and 1", Same, Int, `0`, `1`, false},
		{"the text 0 and null", Same, String, `"0"`, `null`, false},

		{"true", Same, Bool, `true`, `true`, true},
		{"false and null", Same, Bool, `false`, `null`, true},
		{"null and false", Same, Bool, `null`, `false`, true},
		{"a flat true", Same, Bool, `"true"`, `true`, true},
		{"a flat false and null", Same, Bool, `"false"`, `null`, true},
		{"true and null", Same, Bool, `true`, `null`, false},
		{"true and false", Same, Bool, `true`, `false`, false},
		{"the text false and null", Same, String, `"false"`, `null`, false},

		{"any case", FoldCase, String, `"standard-2x"`, `"Standard-2X"`, true},
		{"no case helps", FoldCase, String, `"standard-2x"`, `"Standard-1X"`, false},

		{"lists", InOrder, String, `["a", "b"]`, `["a", "b"]`, true},
		{"lists in another order", InOrder, String, `["a", "b"]`, `["b", "a"]`, false},
		{"a shorter list", InOrder, String, `["a"]`, `["a", "b"]`, false},
		{"a flat list of numbers", InOrder, String, `["1", "true"]`, `[1.0, true]`, true},
		{"lists of blocks", InOrder, String, `[{"app_id": "a", "release_id": "r"}]`, `[{"release_id": "r", "app_id": "a"}]`, true},
		{"lists of other blocks", InOrder, String, `[{"app_id": "a", "release_id": "r"}]`, `[{"app_id": "a", "release_id": "s"}]`, false},
		{"a list and null", InOrder, String, `["a"]`, `null`, false},

		{"sets", Set, String, `["a", "b"]`, `["b", "a"]`, true},
		{"a set with an element that the API lists twice", Set, String, `["a", "b"]`, `["b", "a", "a"]`, true},
		{"another set", Set, String, `["a", "b"]`, `["a"]`, false},
		{"lists in any order", AnyOrder, String, `["a", "b"]`, `["b", "a"]`, true},
		{"other sets", AnyOrder, String, `["a", "b"]`, `["a", "c"]`, false},
		{"twice is not once", AnyOrder, String, `["a", "a", "b"]`, `["a", "b", "b"]`, false},
		{"sets of blocks", AnyOrder, String, `[{"action": "allow", "source": "1"}, {"action": "deny", "source": "2"}]`,
			`[{"source": "2", "action": "deny"}, {"source": "1", "action": "allow"}]`, true},
		{"sets of other blocks", AnyOrder, String, `[{"action": "allow", "source": "1"}]`, `[{"action": "deny", "source": "1"}]`, false},

		{"maps", Mapping, String, `{"a": "1", "b": "2"}`, `{"b": "2", "a": "1"}`, true},
		{"maps with another value", Mapping, String, `{"a": "1"}`, `{"a": "2"}`, false},
		{"maps with more on Heroku", Mapping, String, `{"a": "1"}`, `{"a": "1", "b": "2"}`, false},
		{"maps with less on Heroku", Mapping, String, `{"a": "1", "b": "2"}`, `{"a": "1"}`, false},
		{"maps with an empty text", Mapping, String, `{"a": ""}`, `{}`, false},
		{"maps with null", Mapping, String, `{"a": null}`, `{}`, true},
		{"a map in a list", Mapping, String, `[{"web": "./web"}]`, `{"web": "./web"}`, true},

		{"managed keys", ManagedKeys, String, `{"a": "1"}`, `{"a": "1", "b": "2"}`, true},
		{"a managed key with another value", ManagedKeys, String, `{"a": "1"}`, `{"a": "2"}`, false},
		{"a managed key that is gone", ManagedKeys, String, `{"a": "1"}`, `{"b": "1"}`, false},
		{"a managed key without value that is gone", ManagedKeys, String, `{"a": ""}`, `{}`, false},
		{"a managed key without value", ManagedKeys, String, `{"a": ""}`, `{"a": ""}`, true},
		{"nothing managed", ManagedKeys, String, `null`, `{"a": "1"}`, true},
		{"config vars as a list of one map", ManagedKeys, String, `[{"a": "1", "b": "2"}]`, `{"a": "1", "b": "2", "c": "3"}`, true},
		{"config vars as a list, changed", ManagedKeys, String, `[{"a": "1"}]`, `{"a": "2"}`, false},
		{"config vars as an empty list", ManagedKeys, String, `[]`, `{"a": "1"}`, true},

		{"a plan", Plan, String, `"heroku-redis:mini"`, `"heroku-redis:mini"`, true},
		{"another plan", Plan, String, `"heroku-redis:mini"`, `"heroku-redis:premium-0"`, false},
		{"any plan of the service", Plan, String, `"heroku-redis"`, `"heroku-redis:mini"`, true},
		{"any plan of another service", Plan, String, `"heroku-redis"`, `"heroku-postgresql:mini"`, false},
		{"the beginning of a service", Plan, String, `"heroku"`, `"heroku-redis:mini"`, false},
		{"no plan in the state", Plan, String, `""`, `"heroku-redis:mini"`, false},
		{"a plan where Heroku has none", Plan, String, `"heroku-redis:mini"`, `null`, false},

		{"a certificate", PEM, String, pem, pem, true},
		{"a certificate with other white space", PEM, String, pem, spaced, true},
		{"another certificate", PEM, String, pem, `"-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----"`, false},
		{"a certificate and none", PEM, String, pem, `null`, false},
		{"nothing but white space", PEM, String, `" \n"`, `""`, true},

		{"as Go prints a time", Timestamp, String, `"2024-01-02 03:04:05 +0000 UTC"`, `"2024-01-02T03:04:05Z"`, true},
		{"with fractions", Timestamp, String, `"2024-01-02 03:04:05.25 +0000 UTC"`, `"2024-01-02T03:04:05.250Z"`, true},
		{"in another zone", Timestamp, String, `"2024-01-02 03:04:05 +0000 UTC"`, `"2024-01-02T04:04:05+01:00"`, true},
		{"another instant", Timestamp, String, `"2024-01-02 03:04:05 +0000 UTC"`, `"2024-01-02T03:04:06Z"`, false},
		{"no times, but equal", Timestamp, String, `"soon"`, `"soon"`, true},
		{"no times", Timestamp, String, `"soon"`, `"later"`, false},
		{"a time and none", Timestamp, String, `"2024-01-02 03:04:05 +0000 UTC"`, `null`, false},

		{"hosts", Host, String, `"a.herokuapp.com"`, `"a.herokuapp.com"`, true},
		{"other hosts", Host, String, `"a.herokuapp.com"`, `"a-0123456789ab.herokuapp.com"`, false},

		{"regions", Region, String, `"us"`, `"us"`, true},
		{"other regions", Region, String, `"us"`, `"eu"`, false},

		{"Cedar", Generation, String, `"cedar"`, `"cedar"`, true},
		{"Cedar and nothing", Generation, String, `"cedar"`, `null`, true},
		{"nothing and Cedar", Generation, String, `""`, `"cedar"`, true},
		{"Fir and nothing", Generation, String, `"fir"`, `null`, false},

		{"names of apps", AppName, String, `"old"`, `"new"`, false},
		{"what runs", Running, String, `"a"`, `"a"`, true},
		{"something else runs", Running, String, `"a"`, `"b"`, false},
	} {
		a := Attr{Name: "x", As: tt.as, Type: tt.typ}
		diff := a.Compare(value(t, tt.state), value(t, tt.live))
		if same := diff == nil; same != tt.same {
			t.Errorf("%s: %s and %s: got %+v, want the same: %t", tt.name, tt.state, tt.live, diff, tt.same)
		}
	}
}

// TestNothingIsNothing: the ways to say nothing are the same in every comparison.
func TestNothingIsNothing(t *testing.T) {
	nothing := []string{`null`, `""`, `[]`, `{}`}
	for _, as := range comparisons() {
		for _, typ := range []Type{String, Bool, Int} {
			a := Attr{Name: "x", As: as, Type: typ}
			for _, state := range nothing {
				for _, live := range nothing {
					if diff := a.Compare(value(t, state), value(t, live)); diff != nil {
						t.Errorf("comparison %d, type %d: %s and %s: got %+v", as, typ, state, live, diff)
					}
				}
			}
		}
	}
}

func TestCompareTellsWhatDiffers(t *testing.T) {
	vars := Attr{Name: "config_vars", As: ManagedKeys}
	headers := Attr{Name: "headers", As: Mapping}
	state, live := value(t, `{"b": "2", "a": "1", "gone": "3"}`), value(t, `{"a": "1", "b": "two", "new": "4"}`)
	for _, tt := range []struct {
		name        string
		attr        *Attr
		state, live any
		want        []Difference
	}{
		{"a scalar", &Attr{Name: "quantity", Type: Int}, value(t, "1"), value(t, "2"),
			[]Difference{{State: value(t, "1"), Live: value(t, "2")}}},
		{"managed keys, sorted", &vars, state, live,
			[]Difference{{Key: "b", State: "2", Live: "two"}, {Key: "gone", State: "3"}}},
		{"all keys, sorted", &headers, state, live,
			[]Difference{{Key: "b", State: "2", Live: "two"}, {Key: "gone", State: "3"}, {Key: "new", Live: "4"}}},
		{"an empty text is a value", &vars, value(t, `{"a": "1"}`), value(t, `{"a": ""}`),
			[]Difference{{Key: "a", State: "1", Live: ""}}},
	} {
		if diff := cmp.Diff(tt.want, tt.attr.Compare(tt.state, tt.live)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// corpus are values of every kind, for the fuzz tests.
var corpus = []string{
	`null`, `true`, `0`, `1.0`, `-1e400`, `""`, `"a:b"`, `"2024-01-02 03:04:05 +0000 UTC"`, `[]`, `{}`,
	`["a", 1, null, ["b"], {"c": {"d": []}}]`, `{"id": "1", "team": {"name": "t"}, "rules": [{"action": "allow"}, 1]}`,
	`[{"id": "1", "name": "eu", "buildpack": {"name": "heroku/go"}, "release": null}, "x"]`, `{"sources": "x", "web_url": ["y"]}`,
}

// FuzzFind reads every path of the table from any JSON.
func FuzzFind(f *testing.F) {
	for _, text := range corpus {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := decode(text)
		if err != nil {
			return
		}
		all := make(map[List]any)
		for l := range lists {
			all[l] = v
		}
		for r := range All() {
			view := View{Own: v, App: v, Lists: all, State: stated{}}
			for i := range r.Attrs {
				a := &r.Attrs[i]
				view.Holds(a, stated{a.Name: v})
				if a.As.Compared() {
					view.Compare(a, v)
				}
			}
			for _, key := range append(r.Origin.Keys, r.Origin.Alias) {
				Find(v, key.Path())
			}
			if r.Unmanaged != nil {
				r.Unmanaged.Reported(v)
				Find(v, r.Unmanaged.Label)
				Find(v, r.Unmanaged.Of)
			}
		}
	})
}

// FuzzCompare: every value is the same as itself, in every comparison.
func FuzzCompare(f *testing.F) {
	for i, text := range corpus {
		f.Add(text, corpus[(i+1)%len(corpus)])
	}
	f.Fuzz(func(t *testing.T, x, y string) {
		state, err := decode(x)
		if err != nil {
			return
		}
		live, err := decode(y)
		if err != nil {
			return
		}
		for _, as := range comparisons() {
			for _, typ := range []Type{String, Bool, Int} {
				a := Attr{Name: "x", As: as, Type: typ}
				a.Compare(state, live)
				if diff := a.Compare(state, state); diff != nil {
					t.Errorf("comparison %d, type %d: %s differs from itself: %+v", as, typ, x, diff)
				}
			}
		}
	})
}
