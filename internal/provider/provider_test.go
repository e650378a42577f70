package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTableAgainstSchemas holds the table against what the provider's schemas
// say, in both directions.
func TestTableAgainstSchemas(t *testing.T) {
	text, err := os.ReadFile("testdata/facts.txt")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			want = append(want, line)
		}
	}
	var got []string
	for r := range All() {
		for _, s := range []struct {
			name  string
			shape *Shape
		}{{"names", &r.Names}, {"uuids", &r.UUIDs}} {
			if !s.shape.Exists() {
				continue
			}
			var names, uuids, schema []string
			for _, ref := range s.shape.Refs {
				path := strings.Join(ref.Path, ".")
				if ref.Holds != UUID {
					names = append(names, path)
				}
				if ref.Holds != Name {
					uuids = append(uuids, path)
				}
			}
			slices.Sort(names)
			slices.Sort(uuids)
			for _, v := range s.shape.Schema {
				schema = append(schema, fmt.Sprint(v))
			}
			got = append(got, fmt.Sprintf("%s %s %s %s names=%s uuids=%s", r.Mode, r.Type, s.name,
				strings.Join(schema, ","), strings.Join(names, ","), strings.Join(uuids, ",")))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table differs from the schemas (-want +got):\n%s", diff)
	}
}

func TestTableIsComplete(t *testing.T) {
	count := map[string]int{}
	for r := range All() {
		count[r.Mode]++
		if found, ok := Lookup(r.Mode, r.Type); !ok || found != r {
			t.Errorf("Lookup(%q, %q) = %p, %v; want the table's entry", r.Mode, r.Type, found, ok)
		}
		if !r.Names.Exists() && !r.UUIDs.Exists() {
			t.Errorf("%s.%s exists in no era", r.Mode, r.Type)
		}
	}
	if count[Managed] != 30 || count[Data] != 7 {
		t.Errorf("table has %d resource types and %d data sources; want 30 and 7", count[Managed], count[Data])
	}
	for _, key := range [][2]string{{Managed, "heroku_team"}, {Data, "heroku_domain"}, {"", "heroku_app"}, {Managed, "aws_instance"}} {
		if r, ok := Lookup(key[0], key[1]); ok {
			t.Errorf("Lookup(%q, %q) = %v; want none", key[0], key[1], r.Type)
		}
	}
}

// TestTableAgainstRealStates: in states that the provider wrote, every text
// that is or holds the app's name or UUID stands where the table says, and
// schema versions are the table's.
func TestTableAgainstRealStates(t *testing.T) {
	const name, uuid = "old-name", "01234567-89ab-cdef-0123-456789abcdef"
	for _, test := range []struct {
		version string
		uuids   bool
		refs    int // references that must be seen, so that the test can't pass by seeing none
	}{
		{"2.5.0", false, 22}, {"3.2.0", false, 23}, {"4.9.0", false, 24}, {"5.0.0", true, 23}, {"5.3.2", true, 24},
	} {
		t.Run(test.version, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("../../statefile/testdata/states", "provider-"+test.version+".tfstate"))
			if err != nil {
				t.Fatal(err)
			}
			var state struct {
				Resources []struct {
					Mode, Type, Name, Provider string
					Instances                  []struct {
						SchemaVersion int `json:"schema_version"`
						Attributes    map[string]any
					}
				}
			}
			if err := json.Unmarshal(data, &state); err != nil {
				t.Fatal(err)
			}
			refs := 0
			for _, res := range state.Resources {
				if !IsHeroku(res.Provider, res.Type) {
					t.Errorf("IsHeroku(%q, %q) = false", res.Provider, res.Type)
				}
				r, ok := Lookup(res.Mode, res.Type)
				if !ok {
					t.Errorf("no entry for %s %s", res.Mode, res.Type)
					continue
				}
				shape := &r.Names
				if test.uuids {
					shape = &r.UUIDs
				}
				for _, inst := range res.Instances {
					if !slices.Contains(shape.Schema, inst.SchemaVersion) {
						t.Errorf("%s.%s: schema version %d; the table has %v", res.Type, res.Name, inst.SchemaVersion, shape.Schema)
					}
					walk(nil, inst.Attributes, func(path []any, text string) {
						if !strings.Contains(text, name) && !strings.Contains(text, uuid) {
							return
						}
						if len(path) == 1 && r.DerivedFrom(path[0].(string)) != 0 {
							return
						}
						for _, ref := range shape.Refs {
							app, ok := ref.App(text)
							if leadsTo(&ref, path) && ok {
								refs++
								if byName := app == name; byName && ref.Holds == UUID || !byName && ref.Holds == Name || !byName && app != uuid {
									t.Errorf("%s.%s %v holds another identity than the table's", res.Type, res.Name, path)
								}
								return
							}
						}
						t.Errorf("%s.%s %v refers to the app, and the table doesn't know", res.Type, res.Name, path)
					})
				}
			}
			if refs != test.refs {
				t.Errorf("saw %d references to the app; want %d", refs, test.refs)
			}
		})
	}
}

// leadsTo reports whether a path of strings and ints is that of the field.
func leadsTo(ref *Ref, path []any) bool {
	return slices.EqualFunc(path, ref.Path, func(step any, want string) bool {
		_, element := step.(int)
		return element && want == "*" || step == want
	})
}

func walk(path []any, v any, visit func([]any, string)) {
	switch v := v.(type) {
	case map[string]any:
		for k, v := range v {
			walk(append(path, k), v, visit)
		}
	case []any:
		for i, v := range v {
			walk(append(path, i), v, visit)
		}
	case string:
		visit(path, v)
	}
}

func TestRef(t *testing.T) {
	feature, _ := Lookup(Managed, "heroku_app_feature")
	config, _ := Lookup(Managed, "heroku_app_config_association")
	app, _ := Lookup(Managed, "heroku_app")
	for _, test := range []struct {
		ref      *Ref
		text     string
		app      string
		ok       bool
		replaced string
	}{
		{feature.Names.Ref("id"), "old-name:acm", "old-name", true, "new:acm"},
		{feature.Names.Ref("id"), "old-name:a:b", "old-name", true, "new:a:b"},
		{feature.Names.Ref("id"), "old-name", "old-name", false, ""},
		{config.Names.Ref("id"), "config:old-name", "old-name", true, "config:new"},
		{config.Names.Ref("id"), "old-name", "old-name", false, ""},
		{app.Names.Ref("id"), "old-name", "old-name", true, "new"},
	} {
		got, ok := test.ref.App(test.text)
		if got != test.app || ok != test.ok {
			t.Errorf("App(%q) = %q, %v; want %q, %v", test.text, got, ok, test.app, test.ok)
		}
		if ok {
			if got := test.ref.With(test.text, "new"); got != test.replaced {
				t.Errorf("With(%q) = %q; want %q", test.text, got, test.replaced)
			}
			if got := test.ref.With(test.ref.With(test.text, "new"), test.app); got != test.text {
				t.Errorf("With and back = %q; want %q", got, test.text)
			}
		}
	}
}

func TestNameRefs(t *testing.T) {
	for _, test := range []struct{ mode, typ, want string }{
		{Managed, "heroku_app", "id name"},
		{Managed, "heroku_app_feature", "app id app_id"},
		{Managed, "heroku_pipeline_coupling", "app"},
		{Managed, "heroku_ssl", ""},
		{Data, "heroku_app", "name"},
	} {
		r, _ := Lookup(test.mode, test.typ)
		var got []string
		for ref := range r.NameRefs() {
			got = append(got, strings.Join(ref.Path, "."))
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s %s: NameRefs = %q; want %q", test.mode, test.typ, got, test.want)
		}
	}
}

func TestIsHeroku(t *testing.T) {
	for _, test := range []struct {
		address, typ string
		want         bool
	}{
		{`provider["registry.terraform.io/heroku/heroku"]`, "heroku_app", true},
		{`provider["registry.terraform.io/heroku/heroku"].eu`, "heroku_app", true},
		{`provider["registry.opentofu.org/heroku/heroku"]`, "heroku_app", true},
		{`provider["registry.opentofu.org/heroku/heroku"].by_team["a.b"]`, "heroku_app", true},
		{`provider["registry.terraform.io/-/heroku"]`, "heroku_app", true},
		{`provider["mirror.example.com/acme/heroku"]`, "heroku_app", true},
		{`module.env.provider["registry.terraform.io/heroku/heroku"]`, "heroku_app", true},
		{`module.env["a].b\"."].module.x.provider["registry.terraform.io/heroku/heroku"]`, "heroku_app", true},
		{`module.env[0].provider.heroku`, "heroku_app", true},
		{`provider.heroku`, "heroku_app", true},
		{`provider.heroku.eu`, "heroku_app", true},
		{`module.x.provider.heroku`, "heroku_app", true},
		{`module.provider.provider.heroku.eu`, "heroku_app", true},
		{``, "heroku_app", true},
		{``, "heroku", true},
		{``, "herokux_formation", false},
		{``, "aws_instance", false},
		{`provider["registry.terraform.io/davidji99/herokux"]`, "heroku_app", false},
		{`provider["registry.terraform.io/heroku/aws"]`, "heroku_app", false},
		{`provider.aws`, "aws_instance", false},
		{`provider.aws.heroku`, "aws_instance", false},
		{`heroku`, "heroku_app", true},
		{`heroku.eu`, "heroku_app", true},
		{`herokux`, "heroku_app", false},
		{`aws.heroku`, "aws_instance", false},
		{`module.x.heroku`, "heroku_app", false},
		{`provider`, "heroku_app", false},
		{`provider["registry.terraform.io/heroku/heroku`, "heroku_app", false},
		{`module.`, "heroku_app", false},
		{`module.a["b.provider.heroku`, "heroku_app", false},
		{`module.a["b"]provider.heroku`, "heroku_app", false},
		{`.heroku`, "heroku_app", false},
		{`["registry.terraform.io/heroku/heroku"]`, "heroku_app", false},
		{`providerx/heroku"]`, "heroku_app", false},
	} {
		if got := IsHeroku(test.address, test.typ); got != test.want {
			t.Errorf("IsHeroku(%q, %q) = %v; want %v", test.address, test.typ, got, test.want)
		}
	}
}

// TestIsLegacy: the references with which Terraform 0.13 and newer plan nothing.
func TestIsLegacy(t *testing.T) {
	for address, want := range map[string]bool{
		`provider.heroku`: true, `provider.heroku.eu`: true, `heroku`: true, ``: true, `module.x.provider.heroku`: true, `module.a["b.c"].provider.heroku`: true,
		`provider["registry.terraform.io/-/heroku"]`: true, `module.x.provider["registry.terraform.io/-/heroku"].eu`: true,
		`provider["registry.terraform.io/heroku/heroku"]`: false, `module.a[0].module.b["c"].provider["registry.terraform.io/heroku/heroku"]`: false,
		`module.a`: false, `module.`: false, `module.a["b`: false, `module.a["b.provider.heroku`: false, `module.a["b"]provider.heroku`: false, `module.a[0`: false,
	} {
		if got := IsLegacy(address); got != want {
			t.Errorf("IsLegacy(%q) = %v; want %v", address, got, want)
		}
	}
}

func TestIdentityForms(t *testing.T) {
	for s, want := range map[string]bool{
		"01234567-89ab-cdef-0123-456789abcdef":  true,
		"01234567-89AB-CDEF-0123-456789ABCDEF":  true,
		"01234567-89ab-cdef-0123-456789abcde":   false,
		"01234567-89ab-cdef-0123-456789abcdeg":  false,
		"01234567x89ab-cdef-0123-456789abcdef":  false,
		"01234567-89ab-cdef-0123-456789abcdef ": false,
		"old-name":                              false,
	} {
		if got := IsUUID(s); got != want {
			t.Errorf("IsUUID(%q) = %v; want %v", s, got, want)
		}
		if IsUUID(s) && IsAppName(s) {
			t.Errorf("%q is both a UUID and a name", s)
		}
	}
	for s, want := range map[string]bool{
		"old-name": true, "abc": true, "a23": true, strings.Repeat("a", 30): true,
		strings.Repeat("a", 31): false, "ab": false, "": false, "1ab": false, "-ab": false,
		"ab-": false, "Old": false, "a_b": false, "a.b": false, "old name": false, "ol\u00e9": false,
	} {
		if got := IsAppName(s); got != want {
			t.Errorf("IsAppName(%q) = %v; want %v", s, got, want)
		}
	}
}

func FuzzIsHeroku(f *testing.F) {
	f.Add(`module.env["a].b\"."].provider["registry.terraform.io/heroku/heroku"].x["y"]`, "heroku_app")
	f.Add(`provider.heroku`, "x")
	f.Fuzz(func(t *testing.T, address, typ string) {
		got := IsHeroku(address, typ)
		if address == "" {
			return
		}
		if got && !strings.Contains(address, "heroku") {
			t.Errorf("IsHeroku(%q) = true, and the address has no heroku", address)
		}
		// Names without "provider" before them are a module's own.
		if local, _, _ := strings.Cut(address, "."); local == "heroku" {
			return
		}
		if inModule := IsHeroku("module.m."+address, typ); inModule != got && !strings.HasPrefix(address, "module.") {
			t.Errorf("IsHeroku(%q) = %v, and within a module %v", address, got, inModule)
		}
	})
}
