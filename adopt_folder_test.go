package herokutf

import (
	"testing"

	"github.com/herokutf/herokutf/tfconfig"
)

// TestAdoptAlias: the default block of the provider counts, wherever it stands, or the only
// one that there is.
func TestAdoptAlias(t *testing.T) {
	blocks := func(aliases ...string) (all []tfconfig.ProviderBlock) {
		for _, alias := range aliases {
			all = append(all, tfconfig.ProviderBlock{Alias: alias, Off: []string{"customizations.set_" + alias + "app_all_config_vars_in_state"}})
		}
		return all
	}
	for _, tt := range []struct {
		provider  tfconfig.Provider
		argument  string
		reference string
		snapshots [2]bool
		refused   bool
	}{
		{tfconfig.Provider{}, "", "p", [2]bool{true, true}, false},
		{tfconfig.Provider{Local: "heroku", Blocks: blocks("")}, "", "p", [2]bool{false, true}, false},
		{tfconfig.Provider{Local: "h", Blocks: blocks("", "a")}, "h", "p", [2]bool{false, true}, false},
		{tfconfig.Provider{Blocks: blocks("a", "", "b")}, "", "p", [2]bool{false, true}, false},
		{tfconfig.Provider{Blocks: blocks("a")}, "heroku.a", "p.a", [2]bool{true, true}, false},
		{tfconfig.Provider{Local: "h", Blocks: blocks("a")}, "h.a", "p.a", [2]bool{true, true}, false},
		{tfconfig.Provider{Blocks: blocks("a", "b")}, "", "p", [2]bool{true, true}, true},
	} {
		x := &adoptFolder{reference: "p", snapshots: [2]bool{true, true}}
		err := x.findAlias(tt.provider)
		if (err != nil) != tt.refused || x.argument != tt.argument || x.reference != tt.reference || x.snapshots != tt.snapshots {
			t.Errorf("%+v: %q, %q, %v, %v", tt.provider, x.argument, x.reference, x.snapshots, err)
		}
	}
}

// TestAdoptIdentifiers: names of Heroku become identifiers and names of files.
func TestAdoptIdentifiers(t *testing.T) {
	for _, tt := range []struct{ typ, name, ident, stem string }{
		{"heroku_app", "shop-eu", "shop_eu", "shop-eu"},
		{"heroku_app", "override", "override", "app-override"},
		{"heroku_pipeline", "override", "override", "pipeline-override"},
		{"heroku_space", "walls", "walls", "space-walls"},
		{"", "acme", "acme", "team-acme"},
		{"heroku_pipeline", "0st", "heroku_0st", "pipeline-0st"},
		{"heroku_pipeline", "9th", "heroku_9th", "pipeline-9th"},
		{"heroku_pipeline", "日本", "heroku_b0000000_1", "pipeline-b0000000-1"},
	} {
		h := &home{typ: tt.typ, name: tt.name, id: "b0000000-1"}
		if ident, stem := h.ident(), h.stem(); ident != tt.ident || stem != tt.stem {
			t.Errorf("%s %s: got %q and %q, want %q and %q", tt.typ, tt.name, ident, stem, tt.ident, tt.stem)
		}
	}
}

// TestIsFileOf: an earlier run's file has the name, or the name with a number.
func TestIsFileOf(t *testing.T) {
	for path, want := range map[string]bool{
		"x/shop.tf": true, "x/shop_2.tf": true, "x/shop_30.tf": true,
		"x/shop_.tf": true, "x/shop_b.tf": false, "x/shop_2b.tf": false, "x/shop2.tf": false, "x/shop-2.tf": false,
		"x/other.tf": false, "x/shop.tofu": false, "x/shop.tf.json": false, "x/sho.tf": false, "x/2.tf": false,
	} {
		if got := isFileOf(path, "shop.tf"); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}
