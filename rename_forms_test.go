package herokutf

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// stateParts is a version 4 state with a note, an output and the instances t.n[0], t.n[1]
// and so on of a type that nobody knows.
func stateParts(t testing.TB, note, output string, instances ...string) *statefile.File {
	var all []string
	for i, text := range instances {
		all = append(all, fmt.Sprintf(`{"index_key":%d,"schema_version":0,"attributes":{"x":"%s"}}`, i, text))
	}
	return parseState(t, "parts", fmt.Sprintf(`{"version":4,"serial":1,"lineage":"l","note":"%s","outputs":{"o":{"value":"%s"}},
		"resources":[{"mode":"managed","type":"t","name":"n","provider":"provider.t","instances":[%s]}]}`, note, output, strings.Join(all, ",")))
}

// TestLocate: exactly the instances that may hold a word, and whether something beside
// them and the outputs may, however many words are looked for.
func TestLocate(t *testing.T) {
	for name, tt := range map[string]struct {
		note, output string
		instances    []string
		want         []string
		elsewhere    bool
	}{
		"nowhere":                   {"x", "y", []string{"a", "b"}, nil, false},
		"an instance":               {"x", "y", []string{"a", "my-app", "b"}, []string{"t.n[1]"}, false},
		"two, one of them twice":    {"x", "y", []string{"my-app my-app", "a", "my-app"}, []string{"t.n[0]", "t.n[2]"}, false},
		"an output":                 {"x", "my-app", []string{"a"}, nil, false},
		"elsewhere":                 {"my-app", "y", []string{"a"}, nil, true},
		"everywhere":                {"my-app", "my-app", []string{"my-app"}, []string{"t.n[0]"}, true},
		"an output and an instance": {"x", "my-app", []string{"a", "my-app"}, []string{"t.n[1]"}, false},
		"behind an escape":          {"x", "y", []string{`a\nmy-app`, `\u003cmy-app`, `a\tb`}, []string{"t.n[0]", "t.n[1]"}, false},
		"with an escape":            {"x", "y", []string{`\u006dy-app`, `my\u002Dapp`, `\u00e9`, `\u20acmy`}, []string{"t.n[0]", "t.n[1]"}, false},
		"an app's host":             {"x", "y", []string{"my-app-0123456789ab.herokuapp.com"}, []string{"t.n[0]"}, false},
		"long runs":                 {"x", "y", []string{strings.Repeat("a", 300), "my-app"}, []string{"t.n[1]"}, false},
	} {
		f := stateParts(t, tt.note, tt.output, tt.instances...)
		few, many := make(wordSet), make(wordSet)
		few.add("my-app")
		many.add("my-app")
		for i := range fewWords {
			many.add(fmt.Sprintf("no-such-app-%d", i))
		}
		for _, w := range []wordSet{few, many} {
			instances, elsewhere := w.locate(f)
			var got []string
			for _, inst := range instances {
				got = append(got, inst.Address())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || elsewhere != tt.elsewhere {
				t.Errorf("%s, %d words: elsewhere %t, instances (-want +got):\n%s", name, len(w), elsewhere, diff)
			}
		}
	}
	old := parseState(t, "v3", `{"version":3,"serial":1,"lineage":"l","modules":[{"path":["root"],"outputs":{},"resources":{
		"t.a":{"type":"t","primary":{"id":"my-app","attributes":{"x":"y"}}},"t.b":{"type":"t","primary":{"id":"b","attributes":{"x":"my-app"}}},"t.c":{"type":"t","primary":{"id":"c"}}}}]}`)
	w := make(wordSet)
	w.add("my-app", "other")
	instances, elsewhere := w.locate(old)
	if len(instances) != 2 || !elsewhere || instances[0].Address() != "t.a" || instances[1].Address() != "t.b" {
		t.Errorf("version 3: %v, %t", instances, elsewhere)
	}
	none := make(wordSet)
	none.add("other")
	if instances, elsewhere := none.locate(old); instances != nil || elsewhere {
		t.Errorf("version 3, none: %v, %t", instances, elsewhere)
	}
}

// TestOffsets: where in a text words, and escapes of characters of names, stand.
func TestOffsets(t *testing.T) {
	w := make(wordSet)
	w.add("aba", "my-app")
	for _, tt := range []struct {
		text                  string
		word, escaped, places []int // of aba, by wherever; of escapes; of both words, by words
	}{
		{"", nil, nil, nil},
		{"aba", []int{0}, nil, []int{0}},
		{"ababa", []int{0, 2}, nil, nil},
		{" aba aba", []int{1, 5}, nil, []int{1, 5}},
		{`\naba`, []int{2}, nil, []int{2}},
		{`\u003caba`, []int{6}, nil, []int{6}},
		{`\aba`, []int{1}, nil, []int{1}},
		{`\n \u00 \a`, nil, nil, nil},
		{"my-app.my-app-0123456789ab.x", nil, nil, []int{0, 7}},
		{"xmy-app my-app-", nil, nil, nil},
		{`\u0061`, nil, []int{0}, nil},
		{`\u002d\u002D\u0041`, nil, []int{0, 6}, nil},
		{`\u00e9 \u0030`, nil, []int{7}, nil},
		{`\u006`, nil, nil, nil},
		{`\u00zz\u0062`, nil, []int{6}, nil},
		{strings.Repeat("a", 600) + " aba", []int{601}, nil, []int{601}},
	} {
		data := []byte(tt.text)
		for what, got := range map[string][2][]int{"the word": {tt.word, wherever(data, "aba")}, "escapes": {tt.escaped, escapes(data)}, "words": {tt.places, w.words(data)}} {
			if !slices.Equal(got[0], got[1]) {
				t.Errorf("%q: %s at %v, want %v", tt.text, what, got[1], got[0])
			}
		}
	}
	for word, want := range map[string]string{
		"a-0123456789ab": "a", "a-b-09az09az09az": "a-b", "-0123456789ab": "", "0123456789ab": "", "": "", "a_0123456789ab": "", "a-0123456789a": "", "a-0123456789abc": "",
		"a-/123456789ab": "", "a-:123456789ab": "", "a-`123456789ab": "", "a-{123456789ab": "", "a-0123456789aB": "", "a-0123456789-b": "",
	} {
		name, ok := cutHostSuffix(word)
		if ok != (want != "") || ok && name != want || !ok && name != word {
			t.Errorf("%q without the identifier is %q, %t; want %q", word, name, ok, want)
		}
	}
}

// TestMentionPlaces: every place with an old name is listed once, by its value or by the
// key that leads to it, and none of those that are the provider's or Terraform's own.
func TestMentionPlaces(t *testing.T) {
	f := parseState(t, "mentions", `{"version":4,"serial":1,"lineage":"l","outputs":{
		"a":{"value":{"shop":"x","list":["a",{"k":"shop"},{"shop":[1]}],"both":{"shop":"the shop"}}},"b":{"value":"shop"},"c":{"value":"shops"},"d":{"value":["x","shop"]},"e":{"value":1}},
		"resources":[
		{"mode":"managed","type":"heroku_app","name":"a","provider":"provider.heroku","instances":[{"schema_version":0,"attributes":{
			"config_vars":{"shop":"x","A":"shop","B":"x","L":["x","shop",{"shop":1}],"M":[{"a":1},{"b":{"shop":null}}],"shop.c":"shop"},"id":"shop","name":"shop","shop":"x","stack":["shop"],"region":"the shop"}}]},
		{"mode":"managed","type":"heroku_space","name":"s","provider":"provider.heroku","instances":[{"schema_version":0,"attributes":{"name":"shop","tags":{"shop":null},"shop":"x"}}]},
		{"mode":"managed","type":"t","name":"t","provider":"provider.t","instances":[{"index_key":"shop","schema_version":0,"attributes_flat":{"shop":"x","a.shop":"x","b.shop":"shop","c.shops":"x","d":"shop"}}]}],
		"check_results":[{"object_kind":"resource","config_addr":"heroku_app.shop","status":"fail","objects":[{"object_addr":"heroku_app.shop","failure_messages":["shop is down"]}]}],
		"more":{"config_addr":"heroku_app.shop"}}`)
	r, err := RepairRename(f, Rename{Old: "shop", New: "store"})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(`
output.a shop
output.a list[1].k
output.a list[2].shop
output.a both.shop
output.b 
output.d [1]
heroku_app.a config_vars.shop
heroku_app.a config_vars.A
heroku_app.a config_vars.L[1]
heroku_app.a config_vars.L[2].shop
heroku_app.a config_vars.M[1].b.shop
heroku_app.a config_vars["shop.c"]
heroku_app.a stack[0]
heroku_app.a region
heroku_space.s name
heroku_space.s tags.shop
t.t["shop"] ["a.shop"]
t.t["shop"] ["b.shop"]
t.t["shop"] d
 resources[2].instances[0].index_key
 check_results[0].objects[0].failure_messages[0]
 more.config_addr`), "\n")
	upgraded, err := UpgradeAppIDs(f, UpgradeOptions{Renames: r.Renames, AppIDs: map[string]string{"shop": shopID}})
	if err != nil {
		t.Fatal(err)
	}
	for what, mentions := range map[string][]Leftover{"renamed": r.Mentions, "upgraded": upgraded.Mentions} {
		if diff := cmp.Diff(want, places2(mentions)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	for _, tt := range []struct {
		path statefile.Path
		want bool
	}{
		{statefile.Path{"check_results", 0, "config_addr"}, true}, {statefile.Path{"check_results", 0, "objects", 1, "object_addr"}, true}, {statefile.Path{"check_results", "config_addr"}, true},
		{statefile.Path{"check_results"}, false}, {statefile.Path{"config_addr"}, false}, {nil, false}, {statefile.Path{"x", 0, "config_addr"}, false}, {statefile.Path{"check_results", 0}, false}, {statefile.Path{"check_results", 0, "status"}, false},
	} {
		if got := isAddress(tt.path); got != tt.want {
			t.Errorf("%v is an address: %t", tt.path, got)
		}
	}
}

// TestDerivedFields: what becomes of the fields that follow from an app's name, by what
// is known of its address and of the provider that wrote the state.
func TestDerivedFields(t *testing.T) {
	const (
		url      = "https://store-ba9876543210.herokuapp.com/"
		old      = "https://shop-0123456789ab.herokuapp.com/"
		base     = `"id":"` + shopID + `","name":"shop","uuid":"` + shopID + `"`
		computed = `,"heroku_hostname":"shop.herokuapp.com"`
	)
	for name, tt := range map[string]struct {
		kind   string // "heroku_app 0" with the schema version
		attrs  string // after base
		url    string
		more   string // another resource
		want   []string
		before bool // the state has the new name already
	}{
		"git":                         {kind: "heroku_app 1", attrs: `,"git_url":"https://git.heroku.com/shop.git"`, want: []string{"git_url https://git.heroku.com/store.git"}},
		"another git":                 {kind: "heroku_app 1", attrs: `,"git_url":"https://git.example.com/shop.git"`, want: []string{"mention git_url"}},
		"no git":                      {kind: "heroku_app 1", attrs: `,"git_url":"https://git.heroku.com/other.git"`},
		"address, unknown":            {kind: "heroku_app 1", attrs: `,"web_url":"` + old + `"`, want: []string{"left web_url"}},
		"address":                     {kind: "heroku_app 1", attrs: `,"web_url":"` + old + `"`, url: url, want: []string{"web_url " + url}},
		"address, done":               {kind: "heroku_app 1", attrs: `,"web_url":"` + url + `"`, url: url},
		"address, another":            {kind: "heroku_app 1", attrs: `,"web_url":"https://example.com/"`, url: url, want: []string{"web_url " + url}},
		"address, another's, unknown": {kind: "heroku_app 1", attrs: `,"web_url":"https://example.com/"`},
		"address, done, name within":  {kind: "heroku_app 1", attrs: `,"web_url":"https://store.example.com/shop"`, url: "https://store.example.com/shop", want: []string{"mention web_url"}},

		"host of the name":             {kind: "heroku_app 0", attrs: computed, want: []string{"heroku_hostname store.herokuapp.com"}},
		"host of the name, with URL":   {kind: "heroku_app 0", attrs: computed, url: url, want: []string{"heroku_hostname store.herokuapp.com"}},
		"another host, by name":        {kind: "heroku_app 0", attrs: `,"heroku_hostname":"shop.example.com"`, url: url, want: []string{"mention heroku_hostname"}},
		"unlike host, by name":         {kind: "heroku_app 0", attrs: `,"heroku_hostname":"example.com"`, url: url},
		"host, by address":             {kind: "heroku_app 1", attrs: `,"generation":"cedar","web_url":"` + old + `","heroku_hostname":"shop-0123456789ab.herokuapp.com"`, url: url, want: []string{"web_url " + url, "heroku_hostname store-ba9876543210.herokuapp.com"}},
		"host, by address, unknown":    {kind: "heroku_app 1", attrs: `,"generation":"cedar","web_url":"` + old + `","heroku_hostname":"shop-0123456789ab.herokuapp.com"`, want: []string{"left web_url", "left heroku_hostname"}},
		"host of an old address":       {kind: "heroku_app 1", attrs: `,"last_release_id":"x","heroku_hostname":"shop.herokuapp.com"`, url: url, want: []string{"heroku_hostname store-ba9876543210.herokuapp.com"}},
		"host of an old one, unknown":  {kind: "heroku_app 1", attrs: `,"last_release_id":"x","heroku_hostname":"shop.herokuapp.com"`, want: []string{"left heroku_hostname"}},
		"host of a custom address":     {kind: "heroku_app 1", attrs: `,"generation":"fir","web_url":"https://example.com/","heroku_hostname":"example.com"`, url: url, want: []string{"web_url " + url, "heroku_hostname store-ba9876543210.herokuapp.com"}},
		"host that is nobody's":        {kind: "heroku_app 1", attrs: `,"generation":"fir","web_url":"` + url + `","heroku_hostname":"example.com"`, url: url},
		"host of the name in a UUID's": {kind: "heroku_app 1", attrs: `,"web_url":"` + old + `"` + computed, url: url, want: []string{"web_url " + url, "heroku_hostname store.herokuapp.com"}},
		"the same in both":             {kind: "heroku_app 1", attrs: `,"web_url":"https://shop.herokuapp.com/"` + computed, url: url, want: []string{"web_url " + url, "heroku_hostname store-ba9876543210.herokuapp.com"}},
		"no address":                   {kind: "heroku_app 1", attrs: `,"web_url":null` + computed, want: []string{"left heroku_hostname"}},
		"another host, with address":   {kind: "heroku_app 1", attrs: `,"web_url":"https://example.com/","heroku_hostname":"shop.example.com"`, want: []string{"left heroku_hostname"}},
		"data, beside names":           {kind: "data.heroku_app 0", attrs: `,"web_url":"https://shop.herokuapp.com/"` + computed, url: url, more: `heroku_app 0 {"id":"other","name":"other"}`, want: []string{"web_url " + url, "heroku_hostname store.herokuapp.com"}},
		"data, beside UUIDs":           {kind: "data.heroku_app 0", attrs: `,"web_url":"https://shop.herokuapp.com/"` + computed, url: url, more: `heroku_app 1 {"id":"` + webID + `","name":"other"}`, want: []string{"web_url " + url, "heroku_hostname store-ba9876543210.herokuapp.com"}},
		"data, alone":                  {kind: "data.heroku_app 0", attrs: `,"web_url":"https://shop.herokuapp.com/"` + computed, url: url, want: []string{"web_url " + url, "heroku_hostname store-ba9876543210.herokuapp.com"}},
		"data, beside data":            {kind: "data.heroku_app 0", attrs: `,"web_url":"https://shop.herokuapp.com/"` + computed, url: url, more: `data.heroku_app 0 {"id":"` + webID + `","name":"other"}`, want: []string{"web_url " + url, "heroku_hostname store-ba9876543210.herokuapp.com"}},
		"data, beside another's":       {kind: "data.heroku_app 0", attrs: `,"web_url":"https://shop.herokuapp.com/"` + computed, url: url, more: `heroku_formation 0 {"id":"f","app":"other"}`, want: []string{"web_url " + url, "heroku_hostname store-ba9876543210.herokuapp.com"}},
		"the name is new already":      {kind: "heroku_app 1", attrs: `,"git_url":"https://git.heroku.com/shop.git","web_url":"` + old + `"`, url: url, before: true, want: []string{"git_url https://git.heroku.com/store.git", "web_url " + url}},
	} {
		attrs := base + tt.attrs
		if tt.before {
			attrs = strings.Replace(attrs, `"name":"shop"`, `"name":"store"`, 1)
		}
		f := versioned(t, tt.kind+" {"+attrs+"}", tt.more)
		r, err := RepairRename(f, Rename{ID: shopID, Old: "shop", New: "store", WebURL: tt.url})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, c := range r.Changes {
			if p := c.Path.String(); p != "name" && p != "id" {
				got = append(got, fmt.Sprintf("%s %s", p, c.New))
			}
		}
		for _, l := range r.Left {
			got = append(got, "left "+l.Path.String())
			if l.Reason != addressLeft {
				t.Errorf("%s: left for %q", name, l.Reason)
			}
		}
		for _, m := range r.Mentions {
			got = append(got, "mention "+m.Path.String())
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// versioned is a state of resources "type VERSION {...}" that are r0, r1 and so on; "" is
// none.
func versioned(t testing.TB, resources ...string) *statefile.File {
	t.Helper()
	var all []string
	for i, r := range resources {
		if r == "" {
			continue
		}
		fields := strings.SplitN(r, " ", 3)
		mode, typ := "managed", fields[0]
		if rest, ok := strings.CutPrefix(typ, "data."); ok {
			mode, typ = "data", rest
		}
		all = append(all, fmt.Sprintf(`{"mode":%q,"type":%q,"name":"r%d","provider":"provider[\"registry.terraform.io/heroku/heroku\"]","instances":[{"schema_version":%s,"attributes":%s}]}`, mode, typ, i, fields[1], fields[2]))
	}
	return parseState(t, "versioned", `{"version":4,"serial":1,"lineage":"l","outputs":{},"resources":[`+strings.Join(all, ",")+`]}`)
}

// TestInNameEra: the first app that a state manages says which shape the provider gave them.
func TestInNameEra(t *testing.T) {
	for _, tt := range []struct {
		resources []string
		want      bool
	}{
		{nil, false},
		{[]string{"data.heroku_app 0 {}"}, false},
		{[]string{"heroku_formation 0 {}"}, false},
		{[]string{"heroku_app 0 {}"}, true},
		{[]string{"heroku_app 1 {}"}, false},
		{[]string{"heroku_formation 0 {}", "heroku_app 0 {}", "heroku_app 1 {}"}, true},
		{[]string{"data.heroku_app 0 {}", "heroku_app 1 {}", "heroku_app 0 {}"}, false},
	} {
		p := &planner{file: versioned(t, tt.resources...)}
		if got := p.inNameEra(); got != tt.want || p.inNameEra() != got {
			t.Errorf("%q: %t, want %t", tt.resources, got, tt.want)
		}
	}
}

// TestAppRenamesOf: which heroku_app is which renamed app, of what was made by a function
// and what by hand.
func TestAppRenamesOf(t *testing.T) {
	ab := []Rename{{ID: shopID, Old: "alpha", New: "beta"}}
	for name, tt := range map[string]struct {
		f       *statefile.File
		renames []Rename
		want    []tfconfig.AppRename
	}{
		"UUID in capitals": {versioned(t, `heroku_app 0 {"id":"alpha","name":"alpha","uuid":"`+shopID+`"}`), []Rename{{ID: strings.ToUpper(shopID), Old: "alpha", New: "beta"}}, []tfconfig.AppRename{{Address: "heroku_app.r0", Old: "alpha", New: "beta"}}},
		"an app of its own beside": {versioned(t, `heroku_app 0 {"id":"alpha","name":"alpha","uuid":"`+shopID+`"}`, `heroku_app 0 {"id":"gamma","name":"gamma"}`, `heroku_formation 0 {"id":"f","app":"alpha"}`), ab,
			[]tfconfig.AppRename{{Address: "heroku_app.r0", Old: "alpha", New: "beta"}}},
		"two of one name, one elsewhere": {versioned(t, `heroku_app 0 {"id":"alpha","name":"alpha","uuid":"`+shopID+`"}`, `heroku_pipeline_coupling 0 {"id":"c","app":"alpha","app_id":"`+webID+`"}`),
			[]Rename{{ID: shopID, Old: "alpha", New: "beta"}, {ID: webID, Old: "alpha", New: "gamma"}}, []tfconfig.AppRename{{Address: "heroku_app.r0", Old: "alpha", New: "beta"}, {Old: "alpha", New: "gamma"}}},
		"twice renamed, elsewhere": {versioned(t, `heroku_pipeline_coupling 0 {"id":"c","app":"alpha","app_id":"`+shopID+`"}`, `heroku_pipeline_coupling 0 {"id":"d","app":"beta","app_id":"`+shopID+`"}`),
			[]Rename{{ID: shopID, Old: "alpha", New: "gamma"}, {ID: shopID, Old: "beta", New: "gamma"}}, []tfconfig.AppRename{{Old: "alpha", New: "gamma"}, {Old: "beta", New: "gamma"}}},
		"twice renamed, in capitals": {versioned(t, `heroku_app 0 {"id":"alpha","name":"alpha","uuid":"`+shopID+`"}`, `heroku_pipeline_coupling 0 {"id":"c","app":"beta","app_id":"`+shopID+`"}`),
			[]Rename{{ID: strings.ToUpper(shopID), Old: "alpha", New: "gamma"}, {ID: shopID, Old: "beta", New: "gamma"}}, []tfconfig.AppRename{{Address: "heroku_app.r0", Old: "alpha", New: "gamma"}}},
	} {
		r, err := RepairRename(tt.f, tt.renames...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		byHand := &Repair{File: tt.f, Renames: tt.renames}
		for _, got := range [][]tfconfig.AppRename{r.AppRenames(), byHand.AppRenames()} {
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
	foreign := parseState(t, "foreign", `{"version":4,"serial":1,"lineage":"l","outputs":{},"resources":[
		{"mode":"managed","type":"heroku_app","name":"x","provider":"provider.acme","instances":[{"schema_version":0,"attributes":{"id":"alpha","name":"alpha"}}]}]}`)
	got := (&Repair{File: foreign, Renames: ab}).AppRenames()
	if diff := cmp.Diff([]tfconfig.AppRename{{Old: "alpha", New: "beta"}}, got); diff != "" {
		t.Errorf("another provider's app (-want +got):\n%s", diff)
	}
}
