package provider

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// schema5 is the schema of provider 5.3.2: the words of each attribute, by type and
// name, its type first. "version" is that of the type.
func schema5(t *testing.T) map[string]map[string][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/schema-5.3.2.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]map[string][]string)
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if words[0] == "#" {
			continue
		}
		if all[words[0]] == nil {
			all[words[0]] = make(map[string][]string)
		}
		all[words[0]][words[1]] = words[2:]
	}
	return all
}

// TestAdoptAgainstSchema: what an adoption writes into states and configurations is what
// the provider's schema has.
func TestAdoptAgainstSchema(t *testing.T) {
	schemas := schema5(t)
	if len(schemas) != 29 {
		t.Errorf("%d types", len(schemas))
	}
	for r := range All() {
		schema := schemas[r.Type]
		if r.Mode != Managed || r.Gone != "" {
			continue
		}
		if got := schema["version"]; len(got) != 1 || got[0] != string(rune('0'+r.UUIDs.Current())) {
			t.Errorf("%s: version %q in the schema, %d in the table", r.Type, got, r.UUIDs.Current())
		}
		if r.Adopt.Never != "" {
			continue
		}
		known := map[string]bool{"id": true, "version": true}
		for i := range r.Attrs {
			a := &r.Attrs[i]
			if !r.In5(a) {
				continue
			}
			words, ok := schema[a.Name]
			if !ok {
				t.Errorf("%s: %s is in the table alone", r.Type, a.Name)
				continue
			}
			known[a.Name] = true
			checkAttr(t, r.Type, a, words)
		}
		if _, ok := schema["timeouts"]; ok != r.Adopt.Timeouts {
			t.Errorf("%s: timeouts in the schema: %v, in the table: %v", r.Type, ok, r.Adopt.Timeouts)
		}
		for name, words := range schema {
			top, _, _ := strings.Cut(name, ".")
			if parent := r.Attr(top); !known[name] && name != "timeouts" && (parent == nil || !parent.Blocks) && !strings.HasPrefix(words[0], "blocks") {
				t.Errorf("%s: %s is in the schema alone", r.Type, name)
			}
		}
	}
}

// checkAttr holds an attribute against the words of the schema.
func checkAttr(t *testing.T, typ string, a *Attr, words []string) {
	t.Helper()
	has := func(word string) bool { return slices.Contains(words[1:], word) }
	if has("sensitive") != a.Marked {
		t.Errorf("%s: %s is sensitive in the schema: %v, in the table: %v", typ, a.Name, has("sensitive"), a.Marked)
	}
	// A block that isn't there needs no arguments.
	if has("required") && !a.Argument && a.Name == a.Top() || (a.Argument || a.Optional) && !has("required") && !has("optional") && !a.Blocks {
		t.Errorf("%s: %s is an argument in the table: %v, %v, in the schema: %q", typ, a.Name, a.Argument, a.Optional, words)
	}
	want := "string"
	switch {
	case a.As == Mapping || a.As == ManagedKeys || a.As == Snapshot || a.As == WriteOnly && words[0] == "map(string)":
		want = "map(string)"
	case a.As == Set:
		want = "set"
	case a.As == InOrder || a.As == AnyOrder:
		want = "list"
	case a.Type == Bool:
		want = "bool"
	case a.Type == Int:
		want = "number"
	}
	if got := words[0]; got != want && got != want+"(string)" && !(a.Blocks && got == "blocks("+want+")") {
		t.Errorf("%s: %s is %s in the schema, %s in the table", typ, a.Name, got, want)
	}
}

// TestAdoptColumns: what the table says of adoption fits what it says else.
func TestAdoptColumns(t *testing.T) {
	for r := range All() {
		if r.Mode != Managed {
			continue
		}
		marks := make(map[string]bool)
		for _, u := range r.Adopt.Unless {
			marks[u.Mark] = true
		}
		if r.Unmanaged != nil && r.Adopt.Never == "" {
			for _, mark := range r.Unmanaged.Unless {
				if !marks[mark] {
					t.Errorf("%s: what has the mark %q isn't reported as unmanaged, and would be adopted", r.Type, mark)
				}
			}
		}
		if r.Unmanaged != nil && r.Adopt.Never != "" {
			t.Errorf("%s is reported as unmanaged, and is never adopted", r.Type)
		}
		for i := range r.Attrs {
			switch a := &r.Attrs[i]; {
			case a.Default != "" && !a.Argument && !a.Optional:
				t.Errorf("%s: %s has a default, and is no argument", r.Type, a.Name)
			case a.Unused && a.Argument:
				t.Errorf("%s: %s is not used, and an argument", r.Type, a.Name)
			}
		}
	}
}

func TestAdopted(t *testing.T) {
	for _, tt := range []struct {
		name, typ, own, app string
		steps               map[string]string
		vars                map[string]string
		want                map[string]any
		wrong               string
	}{
		{
			name: "an add-on", typ: Addon, own: `{"id": "1", "name": "db", "plan": {"name": "pg:mini"}, "provider_id": "p", "config_vars": ["B", "A"]}`,
			steps: map[string]string{"app": "a"},
			want: map[string]any{"id": "1", "app_id": "a", "name": "db", "plan": "pg:mini", "provider_id": "p", "config_vars": []any{"B", "A"},
				"config_var_values": map[string]any{}, "config": nil},
		},
		{
			name: "an attachment without namespace", typ: Attachment, own: `{"id": "1", "name": "DB", "addon": {"id": "2"}, "namespace": null}`,
			steps: map[string]string{"app": "a"},
			want:  map[string]any{"id": "1", "app_id": "a", "name": "DB", "addon_id": "2", "namespace": ""},
		},
		{
			name: "a domain under automatic certificates", typ: Domain, own: `{"id": "1", "hostname": "h", "cname": null, "sni_endpoint": {"id": "2"}}`, app: `{"acm": true}`,
			steps: map[string]string{"app": "a"},
			want:  map[string]any{"id": "1", "app_id": "a", "hostname": "h", "cname": "", "sni_endpoint_id": nil},
		},
		{
			name: "a set", typ: "heroku_team_collaborator", own: `{"id": "1", "user": {"email": "e"}, "permissions": [{"name": "view"}, {"name": "deploy"}]}`,
			steps: map[string]string{"app": "a"},
			want:  map[string]any{"id": "1", "app_id": "a", "email": "e", "permissions": []any{"deploy", "view"}},
		},
		{
			name: "config vars of a pipeline", typ: "heroku_pipeline_config_var", own: `{"A": "1"}`,
			steps: map[string]string{"pipeline": "p", "stage": "test"}, vars: map[string]string{"A": "1"},
			want: map[string]any{"id": "p:test", "pipeline_id": "p", "pipeline_stage": "test", "vars": map[string]any{}, "sensitive_vars": map[string]any{"A": "1"}, "all_vars": map[string]any{}},
		},
		{name: "another kind", typ: Addon, own: `{"id": "1", "name": ["db"], "plan": {"name": "pg:mini"}}`, wrong: "name"},
		{name: "a number that is none", typ: "heroku_formation", own: `{"id": "1", "type": "web", "quantity": "many"}`, wrong: "quantity"},
	} {
		r, _ := Lookup(Managed, tt.typ)
		o := &Adoptee{View: View{Own: value(t, tt.own)}, Steps: tt.steps, Vars: tt.vars}
		if tt.app != "" {
			o.App = value(t, tt.app)
		}
		got, wrong := r.Adopted(o)
		if diff := cmp.Diff(tt.want, got); diff != "" || wrong != tt.wrong {
			t.Errorf("%s: wrong %q, want %q (-want +got):\n%s", tt.name, wrong, tt.wrong, diff)
		}
	}
}

func TestLeaves(t *testing.T) {
	for _, tt := range []struct {
		typ, element, app string
		left              bool
	}{
		{Domain, `{"kind": "heroku"}`, `{}`, true},
		{Domain, `{"kind": "custom"}`, `{}`, false},
		{SSL, `{"certificate_chain": "c"}`, `{"acm": true}`, true},
		{SSL, `{"certificate_chain": "c"}`, `{"acm": false}`, false},
		{SSL, `{"certificate_chain": null}`, `{"acm": false}`, true},
		{"heroku_drain", `{"addon": {"id": "1"}}`, `{}`, true},
		{"heroku_drain", `{"addon": null}`, `{}`, false},
		{"heroku_team_collaborator", `{"role": "member", "permissions": []}`, `{}`, true},
		{"heroku_team_collaborator", `{"role": "admin", "permissions": [{"name": "view"}]}`, `{}`, true},
		{"heroku_team_collaborator", `{"role": "member", "permissions": [{"name": "view"}]}`, `{}`, false},
		{"heroku_space_inbound_ruleset", `{"rules": [{"action": "allow", "source": "0.0.0.0/0"}]}`, `null`, true},
		{"heroku_space_inbound_ruleset", `{"rules": [{"action": "allow", "source": "0.0.0.0/0"}, {"action": "deny", "source": "10.0.0.0/8"}]}`, `null`, false},
		{Release, `{}`, `{}`, true},
	} {
		r, _ := Lookup(Managed, tt.typ)
		if _, left := r.Leaves(value(t, tt.element), value(t, tt.app)); left != tt.left {
			t.Errorf("%s %s: left: %v, want %v", tt.typ, tt.element, left, tt.left)
		}
	}
}

func TestPart(t *testing.T) {
	for text, want := range map[string]string{
		"*.shop.example.com": "wildcard_shop_example_com", "a-b.example.com": "a_b_example_com", "ünïcode.example": "n_code_example", "": "",
	} {
		r, _ := Lookup(Managed, Domain)
		if got := r.Part(map[string]any{"hostname": text}); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for typ, element := range map[string]string{
		Addon: `{"plan": {"name": "heroku-postgresql:mini"}}`, "heroku_collaborator": `{"user": {"email": "postgresql@example.com"}}`,
	} {
		r, _ := Lookup(Managed, typ)
		if got := r.Part(value(t, element)); got != "postgresql" {
			t.Errorf("%s: got %q", typ, got)
		}
	}
}

func TestKnowsNames(t *testing.T) {
	old := []string{"4.9.0", "= 4.9.0", "~> 4.9", "~> 4.0.0", "< 5", "< 5.0.0", "<= 4.9", ">= 3.0, < 5.0", "v4.1.0", "2.5.0"}
	for _, c := range append(old, "5.3.2", "~> 5.0", "~> 5", ">= 4", ">= 4.0, < 6", "", "!= 4.9.0", "> 4.9.0", "< 5.1", "10.0.0", "latest") {
		if got, want := KnowsNames(c), slices.Contains(old, c); got != want {
			t.Errorf("%q: got %v, want %v", c, got, want)
		}
	}
}
