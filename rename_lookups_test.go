package herokutf

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// TestProvenID: what proves which app a name is, what doesn't, and what ends the
// search, by the requests that it takes.
func TestProvenID(t *testing.T) {
	const domain = "d0000000-0000-4000-8000-00000000000"
	domains := func(from, to int) []string {
		var all []string
		for i := from; i <= to; i++ {
			all = append(all, fmt.Sprintf(`heroku_domain {"app":"shop","id":"%s%d"}`, domain, i))
		}
		return all
	}
	addon := `heroku_addon {"app":"shop","id":"` + shopAddon + `"}`
	const (
		noProof = "Nothing in the state proves which app this is: neither a UUID, nor an add-on, nor a release, domain or the like. " +
			"If you know what it is called now, give the rename and trust it (--offline), or give the app's UUID."
		another = `The app "shop" has none of what the state knows of the app by UUID: either it is another app, or all of that is gone. ` +
			"Find out which app it is before you trust a name (--offline)."
	)
	for name, tt := range map[string]struct {
		state    []string
		given    string
		fault    herokutest.Fault
		want     string
		err      error
		hint     string // of ErrUnknownAppID; "": there is none
		requests map[string]int
	}{
		"an add-on":            {state: []string{addon}, want: shopID, requests: map[string]int{"GET /addons/{addon}": 1}},
		"an add-on, given":     {state: []string{addon}, given: shopID, want: shopID, requests: map[string]int{"GET /addons/{addon}": 1}},
		"another add-on":       {state: []string{addon}, given: webID, err: ErrAmbiguousApp, requests: map[string]int{"GET /addons/{addon}": 1}},
		"an add-on that fails": {state: []string{addon}, fault: herokutest.Fault{Route: "GET /addons/{addon}", Status: 500}, err: platform.ErrUnavailable, requests: map[string]int{"GET /addons/{addon}": 1}},
		"an add-on out of sight": {state: []string{addon}, fault: herokutest.Fault{Route: "GET /addons/{addon}", Status: 403}, err: platform.ErrForbidden, hint: noProof,
			requests: map[string]int{"GET /addons/{addon}": 1}},
		"an add-on of no app": {state: []string{addon}, fault: herokutest.Fault{Route: "GET /addons/{addon}", Status: 200, Body: `{"app":{"id":""}}`}, err: ErrUnknownAppID, hint: noProof,
			requests: map[string]int{"GET /addons/{addon}": 1}},
		"the second add-on": {state: []string{addon, `heroku_addon {"app":"shop","id":"` + webAddon + `"}`}, want: shopID,
			fault: herokutest.Fault{Route: "GET /addons/{addon}", Status: 404}, requests: map[string]int{"GET /addons/{addon}": 2}},
		"nothing":        {state: []string{`heroku_formation {"app":"shop","id":"f"}`}, err: ErrUnknownAppID, hint: noProof, requests: map[string]int{}},
		"nothing, given": {state: []string{`heroku_formation {"app":"shop","id":"f"}`}, given: shopID, want: shopID, requests: map[string]int{"GET /apps/{app}": 1}},
		"given, gone": {state: []string{`heroku_formation {"app":"shop","id":"f"}`}, given: "55550000-0000-4000-8000-0000000000ff", err: ErrAppUnreachable, hint: noProof,
			requests: map[string]int{"GET /apps/{app}": 1}},
		"a domain": {state: domains(1, 1), want: shopID, requests: map[string]int{"GET /apps/{app}": 1, "GET /apps/{app}/domains/{id}": 1}},
		"the fifth": {state: append(domains(5, 8), domains(1, 1)...), want: shopID,
			requests: map[string]int{"GET /apps/{app}": 1, "GET /apps/{app}/domains/{id}": 5}},
		"no more than five": {state: append(domains(4, 8), domains(1, 1)...), err: ErrUnknownAppID, hint: another,
			requests: map[string]int{"GET /apps/{app}": 1, "GET /apps/{app}/domains/{id}": 5}},
		"given, but it isn't its": {state: domains(1, 1), given: webID, err: ErrUnknownAppID, hint: strings.Replace(another, "shop", "web", 1),
			requests: map[string]int{"GET /apps/{app}": 1, "GET /apps/{app}/domains/{id}": 1}},
		"a domain that fails": {state: domains(1, 1), fault: herokutest.Fault{Route: "GET /apps/{app}/domains/{id}", Status: 500}, err: platform.ErrUnavailable,
			requests: map[string]int{"GET /apps/{app}": 1, "GET /apps/{app}/domains/{id}": 1}},
		"an app that fails": {state: domains(1, 1), fault: herokutest.Fault{Route: "GET /apps/{app}", Status: 500}, err: platform.ErrUnavailable, requests: map[string]int{"GET /apps/{app}": 1}},
		"an app out of sight": {state: domains(1, 1), fault: herokutest.Fault{Route: "GET /apps/{app}", Status: 403}, err: ErrAppUnreachable, hint: noProof,
			requests: map[string]int{"GET /apps/{app}": 1}},
		"an app whose UUID is none": {state: domains(1, 1), fault: herokutest.Fault{Route: "GET /apps/{app}", Status: 200, Body: `{"id":"..","name":"shop"}`}, err: platform.ErrInvalidName,
			requests: map[string]int{"GET /apps/{app}": 1}},
		"data about an add-on": {state: []string{`data.heroku_addon {"app":"shop","id":"` + shopAddon + `"}`}, err: ErrUnknownAppID, hint: noProof, requests: map[string]int{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := herokutest.New(herokutest.Options{})
			s.AddApp(herokutest.App{ID: shopID, Name: "shop"})
			s.AddApp(herokutest.App{ID: webID, Name: "web"})
			s.AddAddon(herokutest.Addon{ID: shopAddon, App: "shop", Name: "db", Plan: postgres})
			s.AddAddon(herokutest.Addon{ID: webAddon, App: "shop", Name: "cache", Plan: "heroku-redis:mini"})
			s.AddDomain("shop", herokutest.Domain{ID: domain + "1", Hostname: "shop.example.com"})
			if tt.fault.Route != "" {
				s.Inject(tt.fault)
			}
			opts := UpgradeOptions{}
			if tt.given != "" {
				opts.AppIDs = map[string]string{"shop": strings.ToUpper(tt.given)}
			}
			ids, err := LookupAppIDs(t.Context(), clientOf(t, s), withData(t, tt.state...), opts)
			if !errors.Is(err, tt.err) || ids["shop"] != tt.want {
				t.Errorf("got %v, %v; want %q, %v", ids, err, tt.want, tt.err)
			}
			unknown := renameError(err, ErrUnknownAppID)
			if (unknown != nil) != (tt.hint != "") || unknown != nil && (unknown.Hint != tt.hint || unknown.Name != "shop" || len(unknown.Addresses) != len(tt.state)) {
				t.Errorf("got %+v, want the hint %q", unknown, tt.hint)
			}
			wantRequests(t, s, tt.requests)
		})
	}
}

// withData is children, with "data." before the type of data sources.
func withData(t testing.TB, resources ...string) *statefile.File {
	var all []stated
	for i, r := range resources {
		typ, attributes, _ := strings.Cut(r, " ")
		all = append(all, stated{fmt.Sprintf("%s r%d", typ, i), attributes})
	}
	return stateOf(t, "data", all...)
}

// TestCheckedRenameOfTwo: where a state knows two apps by a name, the UUID of the
// rename says which one is meant, also to say what that is called.
func TestCheckedRenameOfTwo(t *testing.T) {
	_, c := newHeroku(t)
	f := children(t, `heroku_app {"id":"old-name","name":"old-name","uuid":"`+mainID+`"}`, `heroku_pipeline_coupling {"app":"old-name","app_id":"`+personalID+`","id":"c"}`)
	_, err := checkRenames(t.Context(), c, f, Rename{ID: strings.ToUpper(personalID), Old: "old-name", New: "nobody"})
	if e := renameError(err, ErrNoSuchApp); e == nil || e.LiveName != "personal-app" {
		t.Errorf("got %+v", e)
	}
	got, err := checkRenames(t.Context(), c, f, Rename{Old: "old-name", New: "personal-app"})
	if err != nil || got[0].ID != personalID {
		t.Errorf("without a UUID: %v, %v", got, err)
	}
}

// TestLookupSkips: what needs no look-up gets none.
func TestLookupSkips(t *testing.T) {
	const coupling = `heroku_pipeline_coupling {"app":"personal-app","app_id":"` + personalID + `","id":"c"}`
	formation := `heroku_formation {"app":"old-name","id":"f"}`
	for name, tt := range map[string]struct {
		state   []string
		renames []Rename
		given   map[string]string
		want    map[string]string
		fails   bool
	}{
		"known by the state":       {state: []string{coupling, `heroku_formation {"app":"personal-app","id":"f"}`}, want: map[string]string{}},
		"the rename has it":        {state: []string{formation}, renames: []Rename{{ID: mainID, Old: "old-name", New: "new-name"}}, want: map[string]string{}},
		"the new name has it":      {state: []string{formation, coupling}, renames: []Rename{{Old: "old-name", New: "personal-app"}}, want: map[string]string{}},
		"another new name has it":  {state: []string{formation, coupling}, renames: []Rename{{Old: "other", New: "personal-app"}}, want: map[string]string{}, fails: true},
		"data about an app":        {state: []string{`data.heroku_app {"id":"1","name":"old-name"}`}, want: map[string]string{}},
		"data about an add-on":     {state: []string{`data.heroku_addon {"app":"old-name","id":"a"}`}, want: map[string]string{}, fails: true},
		"a managed app":            {state: []string{`heroku_app {"id":"old-name","name":"old-name"}`}, want: map[string]string{}, fails: true},
		"what is given stays":      {state: []string{coupling}, given: map[string]string{"elsewhere": mainID}, want: map[string]string{"elsewhere": mainID}},
		"what is given and proven": {state: []string{formation}, given: map[string]string{"old-name": strings.ToUpper(mainID)}, want: map[string]string{"old-name": mainID}},
	} {
		_, c := newHeroku(t)
		ids, err := LookupAppIDs(t.Context(), c, withData(t, tt.state...), UpgradeOptions{Renames: tt.renames, AppIDs: tt.given})
		if diff := cmp.Diff(tt.want, ids); diff != "" || (err != nil) != tt.fails {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

// TestLookupOfNoName: what is given as a new name isn't asked for when it would be another path.
func TestLookupOfNoName(t *testing.T) {
	s, c := newHeroku(t)
	f := children(t, `heroku_domain {"app":"old-name","id":"d0000000-0000-4000-8000-000000000001"}`)
	ids, err := LookupAppIDs(t.Context(), c, f, UpgradeOptions{Renames: []Rename{{Old: "old-name", New: ".."}}})
	if !errors.Is(err, platform.ErrInvalidName) || len(ids) > 0 {
		t.Errorf("got %v, %v", ids, err)
	}
	wantRequests(t, s, map[string]int{})
}

// TestCertificatesLink: a domain belongs to the app of its certificate, and to no
// other; empty and odd ids are no link.
func TestCertificatesLink(t *testing.T) {
	for name, tt := range map[string]struct {
		state []string
		want  []string
	}{
		"linked":               {[]string{`heroku_domain {"app":"shop","id":"d","sni_endpoint_id":"e"}`, `heroku_ssl {"app_id":"` + shopID + `","id":"e"}`}, []string{shopID}},
		"of two":               {[]string{`heroku_domain {"app":"shop","id":"d","sni_endpoint_id":"e"}`, `heroku_ssl {"app_id":"` + webID + `","id":"x"}`, `heroku_ssl {"app_id":"` + shopID + `","id":"e"}`}, []string{shopID}},
		"another":              {[]string{`heroku_domain {"app":"shop","id":"d","sni_endpoint_id":"e"}`, `heroku_ssl {"app_id":"` + shopID + `","id":"x"}`}, nil},
		"no endpoint":          {[]string{`heroku_domain {"app":"shop","id":"d","sni_endpoint_id":""}`, `heroku_ssl {"app_id":"` + shopID + `"}`}, nil},
		"null and null":        {[]string{`heroku_domain {"app":"shop","id":"d","sni_endpoint_id":null}`, `heroku_ssl {"app_id":"` + shopID + `","id":null}`}, nil},
		"no domain":            {[]string{`heroku_formation {"app":"shop","id":"d","sni_endpoint_id":"e"}`, `heroku_ssl {"app_id":"` + shopID + `","id":"e"}`}, nil},
		"no certificate":       {[]string{`heroku_domain {"app":"shop","id":"d","sni_endpoint_id":"e"}`, `heroku_pipeline_coupling {"app":"web","app_id":"` + shopID + `","id":"e"}`}, nil},
		"an app of its own":    {[]string{`heroku_domain {"app":"shop","app_id":"` + webID + `","id":"d","sni_endpoint_id":"e"}`, `heroku_ssl {"app_id":"` + shopID + `","id":"e"}`}, []string{webID}},
		"certificate, no UUID": {[]string{`heroku_domain {"app":"shop","id":"d","sni_endpoint_id":"e"}`, `heroku_ssl {"app_id":"web","id":"e"}`}, nil},
	} {
		if diff := cmp.Diff(tt.want, indexApps(children(t, tt.state...)).idsOf("shop")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestAppRefs: the names and the UUID that an instance gives its app.
func TestAppRefs(t *testing.T) {
	for name, tt := range map[string]struct {
		state string
		names []string
		id    string
	}{
		"app":              {`heroku_app {"id":"old","name":"new","uuid":"` + strings.ToUpper(shopID) + `"}`, []string{"old", "new"}, shopID},
		"once":             {`heroku_app {"id":"shop","name":"shop"}`, []string{"shop"}, ""},
		"the first UUID":   {`heroku_app {"id":"` + shopID + `","name":"shop","uuid":"` + webID + `"}`, []string{"shop"}, shopID},
		"twice the same":   {`heroku_formation {"app":"one","app":"two"}`, []string{"one", "two"}, ""},
		"no text":          {`heroku_formation {"app":["one"],"app":123}`, nil, ""},
		"no name":          {`heroku_formation {"app":"Not One"}`, nil, ""},
		"association":      {`heroku_app_config_association {"app_id":"shop","id":"config:store"}`, []string{"shop", "store"}, ""},
		"another form":     {`heroku_app_config_association {"app_id":null,"id":"other:store"}`, nil, ""},
		"feature":          {`heroku_app_feature {"app":null,"id":"shop:acm"}`, []string{"shop"}, ""},
		"name in a UUID's": {`heroku_pipeline_coupling {"app":"shop","app_id":"store"}`, []string{"shop"}, ""},
		"drain of an app":  {`heroku_telemetry_drain {"owner_type":"app","owner_id":"` + shopID + `"}`, nil, shopID},
		"drain of a space": {`heroku_telemetry_drain {"owner_type":"space","owner_id":"` + shopID + `"}`, nil, ""},
		"drain of nothing": {`heroku_telemetry_drain {"owner_id":"` + shopID + `"}`, nil, ""},
	} {
		for inst := range children(t, tt.state).Instances() {
			a := newAppRef(inst, lookup(inst))
			if diff := cmp.Diff(tt.names, a.names); diff != "" || a.id != tt.id || a.address != inst.Address() || a.inst != inst {
				t.Errorf("%s: UUID %q, want %q; names (-want +got):\n%s", name, a.id, tt.id, diff)
			}
			if a.isApp() != (inst.Type == provider.App) || a.isManagedApp() != a.isApp() {
				t.Errorf("%s: app %t, managed %t", name, a.isApp(), a.isManagedApp())
			}
		}
	}
	// What an app owns, from what is deposed, or read, or known by a name.
	x := indexApps(stateOf(t, "owned",
		stated{"heroku_addon_attachment at", `{"app_id":"shop","addon_id":"a","id":"` + attachedAs + `"}`},
		stated{"heroku_addon ad", `{"app":"shop","id":"` + shopAddon + `"}`},
		stated{"heroku_addon named", `{"app":"shop","id":"db"}`},
		stated{"data.heroku_addon read", `{"app":"shop","id":"` + webAddon + `"}`},
		stated{"heroku_domain d", `{"app":"shop","id":"d0000000-0000-4000-8000-000000000001"}`},
		stated{"heroku_domain none", `{"app":"shop"}`},
		stated{"heroku_domain old deposed", `{"app":"shop","id":"d0000000-0000-4000-8000-000000000002"}`},
	))
	if diff := cmp.Diff([]string{"/addons/" + shopAddon, "/addon-attachments/" + attachedAs}, x.owned("shop")); diff != "" {
		t.Errorf("owned (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]possession{{"domains", "d0000000-0000-4000-8000-000000000001"}}, x.possessions("shop"), cmp.AllowUnexported(possession{})); diff != "" {
		t.Errorf("possessions (-want +got):\n%s", diff)
	}
	if x.owned("web") != nil || x.possessions("web") != nil || x.addresses("web", anyRef) != nil || (&appIndex{}).names() != nil {
		t.Error("an app that isn't there owns something")
	}
}

// TestMemberships: where the state has an app, and which apps are compared.
func TestMemberships(t *testing.T) {
	const team = `"organization":[{"name":"acme","locked":false}]`
	uuid := `"uuid":"` + mainID + `",`
	const left = `has left the team "acme"`
	for name, tt := range map[string]struct {
		state []stated
		want  string // the address of the note; "": none
	}{
		"by its UUID":     {[]stated{{"heroku_app a", `{` + uuid + `"id":"old-name","name":"old-name",` + team + `}`}}, "heroku_app.a"},
		"by its coupling": {[]stated{{"heroku_app a", `{"id":"old-name","name":"old-name",` + team + `}`}, {"heroku_pipeline_coupling c", `{"id":"c","app":"old-name","app_id":"` + mainID + `"}`}}, "heroku_app.a"},
		"of two apps": {[]stated{{"heroku_app a", `{"id":"old-name","name":"old-name",` + team + `}`}, {"heroku_pipeline_coupling c", `{"id":"c","app":"old-name","app_id":"` + mainID + `"}`},
			{"heroku_pipeline_coupling d", `{"id":"d","app":"old-name","app_id":"` + personalID + `"}`}}, ""},
		"no name":        {[]stated{{"heroku_app a", `{` + team + `}`}, {"heroku_pipeline_coupling c", `{"id":"c","app":"old-name","app_id":"` + mainID + `"}`}}, ""},
		"deposed":        {[]stated{{"heroku_app a deposed", `{` + uuid + `"id":"old-name","name":"old-name",` + team + `}`}}, ""},
		"read":           {[]stated{{"data.heroku_app a", `{` + uuid + `"id":"x","name":"old-name",` + team + `}`}}, ""},
		"a child's":      {[]stated{{"heroku_formation a", `{"id":"x","app_id":"` + mainID + `","app":"old-name",` + team + `}`}}, ""},
		"it doesn't say": {[]stated{{"heroku_app a", `{` + uuid + `"id":"old-name","name":"old-name","space":"acme"}`}}, ""},
		"no text":        {[]stated{{"heroku_app a", `{` + uuid + `"id":"old-name","name":"old-name","organization":[{"name":null}],"space":null}`}}, ""},
	} {
		_, c := newHeroku(t)
		found, err := SurveyNames(t.Context(), c, stateOf(t, name, tt.state...), UpgradeOptions{})
		if err != nil && name != "no name" {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if (tt.want == "") != (found.Notes == nil) || tt.want != "" && (len(found.Notes) != 1 || found.Notes[0].Address != tt.want || !strings.Contains(found.Notes[0].Text, left)) {
			t.Errorf("%s: notes %v", name, found.Notes)
		}
	}
}

// TestMembershipOfFlatState: the flat attributes of Terraform 0.11 say it as well.
func TestMembershipOfFlatState(t *testing.T) {
	flat := parseState(t, "flat", `{"version":3,"serial":1,"lineage":"l","modules":[{"path":["root"],"outputs":{},"resources":{"heroku_app.a":{"type":"heroku_app","depends_on":[],"deposed":[],
		"provider":"provider.heroku","primary":{"id":"old-name","attributes":{"id":"old-name","organization.#":"1","organization.0.name":"acme","space":"moon"},"meta":{},"tainted":false}}}}]}`)
	for inst := range flat.Instances() {
		if got, ok := membership(inst); !ok || got != (provider.Membership{Team: "acme", Space: "moon"}) {
			t.Errorf("flat: %+v, %t", got, ok)
		}
	}
}
