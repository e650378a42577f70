package herokutf

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/tfconfig"
)

// TestImportResources: what the resource of an unmanaged object says.
func TestImportResources(t *testing.T) {
	const endpoint, odd = "5e000000-0000-4000-8000-000000000001", "5e000000-0000-4000-8000-000000000002"
	f := stateOf(t, "test.tfstate", stated{"heroku_app x", appAttrs},
		stated{"heroku_ssl c", `{"id": "` + endpoint + `", "app_id": "` + appOne + `"}`},
		stated{"heroku_ssl an odd name", `{"id": "` + odd + `", "app_id": "` + appOne + `"}`})
	for _, tt := range []struct{ name, typ, element, live, want string }{
		{"a domain", "heroku_domain", `{"hostname": "www.example.com", "sni_endpoint": null}`, `{}`,
			`hostname = "www.example.com"`},
		{"with a certificate of the state", "heroku_domain", `{"hostname": "www.example.com", "sni_endpoint": {"id": "` + endpoint + `"}}`, `{}`,
			`hostname = "www.example.com" sni_endpoint_id = heroku_ssl.c.id`},
		{"with one that nothing can refer to", "heroku_domain", `{"hostname": "www.example.com", "sni_endpoint": {"id": "` + odd + `"}}`, `{}`,
			`hostname = "www.example.com" sni_endpoint_id = "` + odd + `"`},
		{"with one of Heroku's", "heroku_domain", `{"hostname": "www.example.com", "sni_endpoint": {"id": "` + endpoint + `"}}`, `{"acm": true}`,
			`hostname = "www.example.com"`},
		{"a webhook", "heroku_app_webhook", `{"level": "notify", "include": [], "url": "https://example.com/"}`, `{}`,
			`level = "notify" url = var.one_label_url include = []`},
		{"a formation", "heroku_formation", `{"type": "web", "quantity": 2, "size": "Standard-1X"}`, `{}`,
			`type = "web" quantity = 2 size = "Standard-1X"`},
		{"a feature", "heroku_app_feature", `{"name": "preboot", "enabled": true}`, `{}`,
			`name = "preboot" enabled = true`},
	} {
		report := &DriftReport{
			Objects: []DriftObject{{Type: tt.typ, Verdict: Unmanaged, App: "one", Label: "label", ImportID: "i",
				origin: &origin{element: valueOf(t, tt.element), live: valueOf(t, tt.live), byUUID: true, appRef: appOne, appID: appOne}}},
		}
		report.states = append(report.states, f)
		var b strings.Builder
		if err := report.WriteImports(&b); err != nil {
			t.Fatal(err)
		}
		_, got, _ := strings.Cut(b.String(), `resource "`+tt.typ+`" "one_label" {`)
		if got = strings.Join(strings.Fields(got), " "); got != "app_id = heroku_app.x.id "+tt.want+" }" {
			t.Errorf("%s: got\n%s, want\n%s", tt.name, got, tt.want)
		}
	}
}

// TestImportNames: the name of a resource is made of the app's and the label, or of the
// name that the app has in the configuration.
func TestImportNames(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte("resource \"heroku_domain\" \"shop_taken\" {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := tfconfig.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		app, label, address string
		config              *tfconfig.Config
		want                string
	}{
		{"one", "www.Example.com", "heroku_app.shop", nil, "one_www_example_com"},
		{"one", "www.Example.com", "heroku_app.shop", config, "shop_www_example_com"},
		{"one", "taken", "heroku_app.shop", config, "shop_taken_2"},
		{"one", "www", "", config, "one_www"},
		{"one", "www", `heroku_app.shop["eu"]`, config, "one_www"},
		{"one", "there", "", nil, "one_there_3"},
		{"9one", "www", "", nil, "app_9one_www"},
		{"0one", "www", "", nil, "app_0one_www"},
		{"ünsere", "Z9", "", nil, "nsere_z9"},
		{"", "日本", "", nil, "app_"},
	} {
		b := newImportBuilder(&DriftReport{config: tt.config})
		b.taken["heroku_domain.one_there"], b.taken["heroku_domain.one_there_2"], b.taken["heroku_formation.one_www"] = true, true, true
		b.managed[appOne] = tt.address
		got := b.name(&DriftObject{Type: provider.Domain, App: tt.app, Label: tt.label, origin: &origin{appRef: appOne}})
		if got != tt.want || !b.taken["heroku_domain."+got] {
			t.Errorf("%+v: got %q", tt, got)
		}
	}
}

type noSpace struct{}

var errNoSpace = errors.New("no space left on device")

func (noSpace) Write([]byte) (int, error) { return 0, errNoSpace }

// TestUnwritten: what can't be written is an error, and so is what can't be a report.
func TestUnwritten(t *testing.T) {
	if err := new(DriftReport).WriteImports(noSpace{}); !errors.Is(err, errNoSpace) {
		t.Errorf("imports: %v", err)
	}
	bad := DriftReport{Objects: []DriftObject{{Address: "heroku_app.a", Verdict: InSync}, {Address: "heroku_app.b", Verdict: "odd"}}}
	text, err := bad.MarshalJSON()
	if want := `object 1 of the report (heroku_app.b): unknown verdict "odd"`; err == nil || !strings.Contains(err.Error(), want) || text != nil {
		t.Errorf("a report with an unknown verdict: %s, %v, want %s", text, err, want)
	}
}

// TestExpression: a reference that a state's odd names would make more than one expression
// of, or none, is none.
func TestExpression(t *testing.T) {
	for text, want := range map[string]bool{
		`heroku_app.a.id`: true, `module.m["x"].heroku_app.a[0].uuid`: true,
		``: false, `heroku_app.a b.id`: false, "heroku_app.a\nb = 1": false, "heroku_app.a\n+ b": false,
	} {
		tokens, ok := expression(text)
		if ok != want || !ok && tokens != nil || ok && !strings.HasPrefix(text, strings.TrimSpace(string(tokens.Bytes()))) {
			t.Errorf("%q: got %q, %t", text, tokens.Bytes(), ok)
		}
	}
}
