package herokutf

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/statefile"
)

// TestUpgradeForms: what becomes of each form in which a resource may know its app, and
// which changes are shown, whole.
func TestUpgradeForms(t *testing.T) {
	const app = `heroku_app 1 {"id":"` + shopID + `","name":"shop","uuid":"` + shopID + `"}`
	for name, tt := range map[string]struct {
		in, out string // of the second resource, whose type and version in has
		changes []string
	}{
		"by name":                  {`heroku_formation 0 {"app":"shop","id":"f"}`, `1 {"app_id":"SHOP","id":"f"}`, []string{"schema_version 0>1", "app shop>-", "app_id ->SHOP"}},
		"app_id is empty":          {`heroku_formation 0 {"app":"shop","app_id":"","id":"f"}`, `1 {"app_id":"SHOP","id":"f"}`, []string{"schema_version 0>1", "app shop>-", "app_id >SHOP"}},
		"app_id is null":           {`heroku_formation 0 {"app":"shop","app_id":null,"id":"f"}`, `1 {"app_id":"SHOP","id":"f"}`, []string{"schema_version 0>1", "app shop>-", "app_id null>SHOP"}},
		"app_id is there":          {`heroku_formation 0 {"app":"shop","app_id":"SHOP","id":"f"}`, `1 {"app_id":"SHOP","id":"f"}`, []string{"schema_version 0>1", "app shop>-"}},
		"app_id is another's":      {`heroku_formation 0 {"app":"shop","app_id":"WEB","id":"f"}`, `1 {"app_id":"WEB","id":"f"}`, []string{"schema_version 0>1", "app shop>-"}},
		"app is a UUID":            {`heroku_formation 0 {"app":"SHOP","id":"f"}`, `1 {"app_id":"SHOP","id":"f"}`, []string{"schema_version 0>1", "app SHOP>-", "app_id ->SHOP"}},
		"app is empty":             {`heroku_formation 0 {"app":"","id":"f"}`, `1 {"app_id":"","id":"f"}`, []string{"schema_version 0>1", "app >-", "app_id ->"}},
		"app is empty, app_id not": {`heroku_formation 0 {"app":"","app_id":null,"id":"f"}`, `1 {"app_id":null,"id":"f"}`, []string{"schema_version 0>1", "app >-"}},
		"app is null":              {`heroku_formation 0 {"app":null,"id":"f"}`, `1 {"app_id":null,"id":"f"}`, []string{"schema_version 0>1", "app null>-", "app_id ->null"}},
		"app is a list":            {`heroku_formation 0 {"app":["x"],"id":"f"}`, `1 {"app_id":["x"],"id":"f"}`, []string{"schema_version 0>1", "app array>-", "app_id ->array"}},
		"app twice":                {`heroku_formation 0 {"app":"shop","app":"shop","id":"f"}`, `1 {"app_id":"SHOP","app_id":"SHOP","id":"f"}`, []string{"schema_version 0>1", "app shop>-", "app_id ->SHOP", "app shop>-", "app_id ->SHOP"}},
		"app_id twice":             {`heroku_formation 0 {"app":"shop","app_id":"","app_id":null}`, `1 {"app_id":"SHOP","app_id":"SHOP"}`, []string{"schema_version 0>1", "app shop>-", "app_id >SHOP", "app_id null>SHOP"}},
		"app twice, and app_id":    {`heroku_formation 0 {"app":"shop","app":"shop","app_id":"","id":"f"}`, `1 {"app_id":"SHOP","id":"f"}`, []string{"schema_version 0>1", "app shop>-", "app shop>-", "app_id >SHOP"}},
		"nothing":                  {`heroku_formation 0 {"id":"f"}`, `1 {"id":"f"}`, []string{"schema_version 0>1"}},
		"of provider 5":            {`heroku_formation 1 {"app_id":"SHOP","id":"f"}`, `1 {"app_id":"SHOP","id":"f"}`, nil},
		"of a later version":       {`heroku_formation 7 {"app":"shop","id":"f"}`, `7 {"app_id":"SHOP","id":"f"}`, []string{"app shop>-", "app_id ->SHOP"}},
		"feature":                  {`heroku_app_feature 0 {"app":"shop","id":"shop:acm"}`, `1 {"app_id":"SHOP","id":"SHOP:acm"}`, []string{"schema_version 0>1", "app shop>-", "app_id ->SHOP", "id shop:acm>SHOP:acm"}},
		"feature with both":        {`heroku_app_feature 0 {"app":"shop","app_id":"shop","id":"shop:acm"}`, `1 {"app_id":"SHOP","id":"SHOP:acm"}`, []string{"schema_version 0>1", "app shop>-", "app_id shop>SHOP", "id shop:acm>SHOP:acm"}},
		"feature without colon":    {`heroku_app_feature 1 {"app_id":"SHOP","id":"shop"}`, `1 {"app_id":"SHOP","id":"shop"}`, nil},
		"webhook":                  {`heroku_app_webhook 0 {"app_id":"shop","id":"w"}`, `0 {"app_id":"SHOP","id":"w"}`, []string{"app_id shop>SHOP"}},
		"webhook of no app":        {`heroku_app_webhook 0 {"app_id":"Not One","id":"w"}`, `0 {"app_id":"Not One","id":"w"}`, nil},
		"association":              {`heroku_app_config_association 0 {"app_id":"shop","id":"config:shop"}`, `0 {"app_id":"SHOP","id":"config:SHOP"}`, []string{"app_id shop>SHOP", "id config:shop>config:SHOP"}},
		"certificate":              {`heroku_cert 0 {"app":"shop","id":"c"}`, `0 {"app":"shop","id":"c"}`, nil},
		"another's":                {`heroku_space 0 {"name":"shop"}`, `0 {"name":"shop"}`, nil},
	} {
		ids := strings.NewReplacer("SHOP", shopID, "WEB", webID)
		r, err := UpgradeAppIDs(versioned(t, app, ids.Replace(tt.in)), UpgradeOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if name == "certificate" { // what becomes of it the note says
			continue
		}
		show := func(v any) string {
			if v == nil {
				return "-"
			}
			return fmt.Sprint(v)
		}
		var changes []string
		for _, c := range r.Changes {
			changes = append(changes, c.Path.String()+" "+show(c.Old)+">"+show(c.New))
		}
		want := make([]string, 0, len(tt.changes))
		for _, c := range tt.changes {
			want = append(want, ids.Replace(c))
		}
		if diff := cmp.Diff(want, append([]string{}, changes...)); diff != "" {
			t.Errorf("%s: changes (-want +got):\n%s", name, diff)
		}
		typ, _, _ := strings.Cut(tt.in, " ")
		if got, want := bodyOf(applied(t, r)), bodyOf(versioned(t, app, ids.Replace(typ+" "+tt.out))); got != want {
			t.Errorf("%s: got  %s\nwant %s", name, got, want)
		}
	}
}

// bodyOf is what a state says of its resources, without any white space.
func bodyOf(f *statefile.File) string {
	_, body, _ := strings.Cut(string(f.Bytes()), `"resources"`)
	return strings.Join(strings.Fields(body), "")
}

// TestUpgradeIDs: which UUID an app's name becomes, and what of several or none.
func TestUpgradeIDs(t *testing.T) {
	const formation = `heroku_formation 0 {"app":"shop","id":"f"}`
	coupled := func(name, id string) string {
		return `heroku_pipeline_coupling 0 {"id":"c","app":"` + name + `","app_id":"` + id + `"}`
	}
	for name, tt := range map[string]struct {
		state []string
		opts  UpgradeOptions
		want  string // app_id of the first resource
		says  string // the error
	}{
		"given":            {state: []string{formation}, opts: UpgradeOptions{AppIDs: map[string]string{"shop": strings.ToUpper(shopID)}}, want: shopID},
		"by the state":     {state: []string{formation, coupled("shop", shopID)}, want: shopID},
		"by both":          {state: []string{formation, coupled("shop", shopID)}, opts: UpgradeOptions{AppIDs: map[string]string{"shop": strings.ToUpper(shopID)}}, want: shopID},
		"by the rename":    {state: []string{formation}, opts: UpgradeOptions{Renames: []Rename{{ID: strings.ToUpper(shopID), Old: "shop", New: "store"}}}, want: shopID},
		"by the new name":  {state: []string{formation}, opts: UpgradeOptions{Renames: []Rename{{Old: "shop", New: "store"}}, AppIDs: map[string]string{"store": shopID}}, want: shopID},
		"state's new name": {state: []string{formation, coupled("store", shopID)}, opts: UpgradeOptions{Renames: []Rename{{Old: "shop", New: "store"}}}, want: shopID},
		"a chain": {state: []string{formation, coupled("web", webID)}, want: shopID,
			opts: UpgradeOptions{Renames: []Rename{{Old: "shop", New: "web"}, {Old: "web", New: "site"}}, AppIDs: map[string]string{"shop": shopID}}},
		"by a certificate": {state: []string{`heroku_domain 0 {"app":"shop","id":"d","sni_endpoint_id":"e"}`, `heroku_ssl 0 {"app_id":"` + shopID + `","id":"e"}`}, want: shopID},
		"its own":          {state: []string{coupled("shop", shopID), coupled("shop", webID)}, want: shopID},
		"none": {state: []string{formation, `heroku_domain 0 {"app":"shop","id":"d"}`, `heroku_domain 0 {"app":"a-shop","id":"d"}`},
			says: "app \"a-shop\" has no known UUID; it stands at heroku_domain.r2\napp \"shop\" has no known UUID; it stands at heroku_formation.r0, heroku_domain.r1"},
		"several, once": {state: []string{formation, `heroku_domain 0 {"app":"shop","id":"d"}`, coupled("shop", shopID), coupled("shop", webID), `heroku_domain 0 {"app":"web","id":"d"}`, coupled("web", shopID)},
			opts: UpgradeOptions{AppIDs: map[string]string{"web": webID}},
			says: `app "shop" is ambiguous: ` + shopID + " and " + webID + "; nothing says which is meant at heroku_formation.r0, heroku_domain.r1\n" +
				`app "web" is ambiguous: ` + shopID + " and " + webID + "; nothing says which is meant at heroku_domain.r4"},
		"no name": {state: []string{`heroku_formation 0 {"app":"Not One","id":"f"}`}, says: `app "Not One" has no known UUID; it stands at heroku_formation.r0`},
		"bad":     {state: []string{formation}, opts: UpgradeOptions{AppIDs: map[string]string{"shop": "x", "a": "y"}}, says: `UUID of app "a": "y" is not one`},
		"bad rename": {state: []string{formation}, opts: UpgradeOptions{Renames: []Rename{{Old: "shop", New: "shop"}}, AppIDs: map[string]string{"shop": "x"}},
			says: `rename "shop" to "shop": both names are the same`},
	} {
		r, err := UpgradeAppIDs(versioned(t, tt.state...), tt.opts)
		if err != nil || tt.says != "" {
			if err == nil || err.Error() != tt.says || r != nil {
				t.Errorf("%s: got %v\nwant %s", name, err, tt.says)
			}
			continue
		}
		for inst := range applied(t, r).Instances() {
			if v, _ := inst.Attr("app_id"); v.Text() != tt.want {
				t.Errorf("%s: %s has the UUID %s, want %s", name, inst.Address(), v.Text(), tt.want)
			}
			break
		}
	}
}

// TestUpgradeNotes: what provider 5 has no more is noted, and its app's rename is made.
func TestUpgradeNotes(t *testing.T) {
	f := versioned(t, `heroku_app 0 {"id":"shop","name":"shop","uuid":"`+shopID+`"}`, `heroku_cert 0 {"app":"shop","id":"c"}`)
	r, err := UpgradeAppIDs(f, UpgradeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Notes) != 1 || r.Notes[0].Address != "heroku_cert.r1" || !strings.HasPrefix(r.Notes[0].Text, "heroku_cert is not part of provider 5.2.11 and newer, which fail on it. ") {
		t.Errorf("notes %v", r.Notes)
	}
}
