package provider

import (
	"maps"
	"testing"
)

// TestFates: the lists name attributes that are compared, each in one list alone.
func TestFates(t *testing.T) {
	compared := make(map[string]bool)
	for res := range All() {
		for i := range res.Attrs {
			if a := &res.Attrs[i]; res.Mode == Managed && a.As.Compared() {
				compared[res.Type+"."+a.Name] = true
			}
		}
	}
	seen := make(map[string]bool)
	for _, list := range []map[string]bool{forced, computed, either} {
		for name := range list {
			if !compared[name] {
				t.Errorf("%s is no attribute that is compared", name)
			}
			if seen[name] {
				t.Errorf("%s is in two lists", name)
			}
		}
		maps.Copy(seen, list)
	}
	for _, tt := range []struct {
		typ, attr string
		want      Fate
	}{
		{"heroku_formation", "quantity", PutBack},
		{"heroku_app", "config_vars", PutBack},
		{"heroku_app", "stack", Configured},
		{"heroku_app", "organization.name", Replaced},
		{"heroku_app", "all_config_vars", Left},
		{"heroku_app_release", "slug_id", Left},
		{"heroku_domain", "cname", Left},
	} {
		res, ok := Lookup(Managed, tt.typ)
		if !ok {
			t.Fatal(tt.typ)
		}
		if got := res.Fate(res.Attr(tt.attr)); got != tt.want {
			t.Errorf("%s.%s: got %d, want %d", tt.typ, tt.attr, got, tt.want)
		}
	}
	for res := range All() {
		for i := range res.Attrs {
			if a := &res.Attrs[i]; res.Mode == Data && res.Fate(a) != Left {
				t.Errorf("data.%s.%s: an apply changes no object of a data source", res.Type, a.Name)
			}
		}
	}
	// What differs in a place that decides where the app is, is forced there too.
	for res := range All() {
		for i := range res.Attrs {
			if a := &res.Attrs[i]; res.Mode == Managed && a.Place != "" && res.Fate(a) != Replaced {
				t.Errorf("%s.%s: another %s replaces the app", res.Type, a.Name, a.Place)
			}
		}
	}
	recreated := 0
	for res := range All() {
		if res.Recreates() {
			recreated++
		}
	}
	if recreated != 2 {
		t.Errorf("%d types are created again, want apps and add-ons", recreated)
	}
}
