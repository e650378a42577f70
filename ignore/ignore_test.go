package ignore

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/herokutf/herokutf/statefile"
)

const ignoreText = `# What we know about.
ignore {
  address   = "heroku_formation.*"
  attribute = "quantity"
  reason    = "autoscaled"
  expires   = "2027-03-31"
}

ignore {
  type    = "heroku_domain"
  app     = "shop-*"
  id      = "\\*.example.com"
  verdict = ["unmanaged", "missing"]
  reason  = <<-END
    customers bring
    their own domains
  END
}

ignore {
  address = "module.env[\"blue\"].heroku_app.web"
  verdict = "changed"
  reason  = "$${x} is literal"
  expires = "2027-03-31T18:00:00+02:00"
}
`

const ignoreJSON = `{"//": "What we know about.", "ignore": [
{"address": "heroku_formation.*", "attribute": "quantity", "reason": "autoscaled", "expires": "2027-03-31"},
{"type": "heroku_domain", "app": "shop-*", "id": "\\*.example.com",
 "verdict": ["unmanaged", "missing"], "reason": "customers bring their own domains", "//": "really"},
{"address": "module.env[\"blue\"].heroku_app.web", "verdict": "changed", "reason": "$${x} is literal",
 "expires": "2027-03-31T18:00:00+02:00"}
]}`

// wantRules are the rules of both texts, with the lines as given.
func wantRules(name string, lines ...int) []Rule {
	origin := func(i int) string { return fmt.Sprintf("%s:%d", name, lines[i]) }
	return []Rule{
		{Address: "heroku_formation.*", Attribute: "quantity", Reason: "autoscaled",
			Expires: time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC), Origin: origin(0)},
		{Type: "heroku_domain", App: "shop-*", ID: `\*.example.com`, Verdicts: []string{"unmanaged", "missing"},
			Reason: "customers bring their own domains", Origin: origin(1)},
		{Address: `module.env["blue"].heroku_app.web`, Verdicts: []string{"changed"}, Reason: "${x} is literal",
			Expires: time.Date(2027, 3, 31, 16, 0, 0, 0, time.UTC), Origin: origin(2)},
	}
}

func TestParse(t *testing.T) {
	one := ` {"ignore": {"address": "a", "reason": "b"}}`
	tests := []struct {
		name, file, text string
		want             []Rule
	}{
		{"HCL", "ignore.hcl", ignoreText, wantRules("ignore.hcl", 2, 9, 20)},
		{"HCL with a byte order mark and CRLF", "ignore.hcl", "\xef\xbb\xbf" + strings.ReplaceAll(ignoreText, "\n", "\r\n"), wantRules("ignore.hcl", 2, 9, 20)},
		{"JSON by its name", "ignore.json", ignoreJSON, wantRules("ignore.json", 2, 3, 5)},
		{"JSON by its first byte", "-", "\n" + ignoreJSON, wantRules("-", 3, 4, 6)},
		{"JSON with one rule", "-", one, []Rule{{Address: "a", Reason: "b", Origin: "-:1"}}},
		{"nothing", "ignore.hcl", "", nil},
		{"comments", "ignore.hcl", "# later\n", nil},
		{"no rules in JSON", "ignore.json", `{"ignore": []}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rules, err := Parse(tt.file, []byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			got := rules.Rules()
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreUnexported(Rule{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			// What was read can be added again.
			var again Rules
			if err := again.Add(got...); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(got, again.Rules(), cmpopts.IgnoreUnexported(Rule{})); diff != "" {
				t.Errorf("added (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseFaults(t *testing.T) {
	tests := []struct {
		name, file, text string
		want             []string
	}{
		{"all at once", "i.hcl", `version = 1
ignored {
}
ignore "x" {
  adress = "heroku_app.a"
  nested {}
}
ignore {
  address   = ""
  attribute = "a\\"
  verdict   = ["chnaged", "in_sync"]
  reason    = "  "
  expires   = "2027-02-30"
}
`, []string{
			`i.hcl:1:1: unknown argument "version": arguments stand in ignore blocks`,
			`i.hcl:2:1: unknown block "ignored": a rule is an ignore block`,
			`i.hcl:4:1: the rule says nothing of which objects it is for: it needs address, type, app or id`,
			`i.hcl:4:1: the rule gives no reason`,
			`i.hcl:4:8: an ignore block has no label`,
			`i.hcl:5:3: unknown argument "adress"`,
			`i.hcl:6:3: an ignore block holds no blocks, such as "nested"`,
			`i.hcl:9:15: address is empty: leave it out`,
			`i.hcl:10:15: attribute "a\\": a \ at the end stands before nothing`,
			`i.hcl:11:15: unknown verdict "chnaged"`,
			`i.hcl:11:15: verdict "in_sync": there is nothing to ignore in such objects`,
			`i.hcl:12:15: the rule gives no reason`,
			`i.hcl:13:15: expires "2027-02-30" is neither a date such as 2027-03-31 nor a time such as 2027-03-31T18:00:00Z`,
		}},
		{"no literals", "i.hcl", `ignore {
  address   = var.address
  attribute = "a-${var.b}"
  type      = upper("x")
  app       = ["a"]
  id        = 7
  verdict   = [changed]
  reason    = null
  expires   = timestamp()
}
`, []string{
			`i.hcl:2:15: address has to be a text in quotes, without variables and functions`,
			`i.hcl:3:20: attribute has to be a text in quotes, without variables and functions`,
			`i.hcl:4:15: type has to be a text in quotes, without variables and functions`,
			`i.hcl:5:15: app has to be a text in quotes, without variables and functions`,
			`i.hcl:6:15: id has to be a text in quotes, without variables and functions`,
			`i.hcl:7:16: verdict has to be a text in quotes, without variables and functions`,
			`i.hcl:8:15: reason has to be a text in quotes, without variables and functions`,
			`i.hcl:9:15: expires has to be a text in quotes, without variables and functions`,
		}},
		{"no HCL", "i.hcl", "ignore {\n  address = \n}\n", []string{
			`i.hcl:2:13: Invalid expression: Expected the start of an expression, but found an invalid expression token`,
		}},
		{"twice", "i.json", `{"ignore": {"address": "a", "address": "b", "reason": "c"}}`, []string{
			`i.json:1:29: address is given twice`,
		}},
		{"JSON, all at once", "i.json", `{"version": 1, "ignore": [7,
{"address": "${var.a}", "reason": "b"},
{"address": ["a"], "reason": null},
{"address": "a", "reason": "b", "because": "c", "verdict": []}]}`, []string{
			`i.json:1:2: unknown member "version": rules stand in "ignore"`,
			`i.json:1:27: a rule is an object`,
			`i.json:2:13: address has to be a text without variables and functions; ${ and %{ are written $${ and %%{`,
			`i.json:3:13: address has to be a text`,
			`i.json:3:30: reason has to be a text`,
			`i.json:4:33: unknown argument "because"`,
			`i.json:4:60: verdict is an empty list: leave it out for all verdicts`,
		}},
		{"large", "i.hcl", strings.Repeat("# comment\n", 1<<17), []string{`i.hcl: the text is larger than 1 MiB`}},
		{"control characters", "i.json", `{"ignore": {"address": "a", "reason": "\u001b[31mred"}}`, []string{
			`i.json:1:39: the reason holds characters that can't be printed`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rules, err := Parse(tt.file, []byte(tt.text))
			if rules != nil {
				t.Error("got rules beside the error")
			}
			e, ok := errors.AsType[*Error](err)
			if !ok || !errors.Is(err, ErrRules) || e.Hint == "" {
				t.Fatalf("got %v, want an *Error with a hint", err)
			}
			if diff := cmp.Diff(tt.want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Texts that would exhaust a recursive parser end in an error.
func TestParseBombs(t *testing.T) {
	const n = 50_000
	for name, text := range map[string]string{
		"lists.hcl":    "a = " + strings.Repeat("[", n),
		"blocks.hcl":   strings.Repeat("ignore {\n", n),
		"parens.hcl":   "a = " + strings.Repeat("(", n),
		"not.hcl":      "a = " + strings.Repeat("!", n) + "true",
		"sum.hcl":      "a = 1" + strings.Repeat("+1", n),
		"index.hcl":    "a = x" + strings.Repeat("[0]", n),
		"template.hcl": "a = " + strings.Repeat(`"${`, n),
		"lists.json":   strings.Repeat("[", n),
		"objects.json": strings.Repeat(`{"a":`, n),
	} {
		if _, err := Parse(name, []byte(text)); err == nil || !strings.Contains(err.Error(), "nested too deep") {
			t.Errorf("%s: got %.200v, want that it is nested too deep", name, err)
		}
	}
	// Long, and yet flat.
	rule := "ignore {\n  address = \"heroku_app.*\"\n  verdict = [\"changed\"]\n  reason = \"r\"\n}\n"
	rules, err := Parse("many.hcl", []byte(strings.Repeat(rule, 10_000)))
	if err != nil || len(rules.Rules()) != 10_000 {
		t.Errorf("many rules: got %d, %v", len(rules.Rules()), err)
	}
}

// TestParseBounds: how deep is too deep, what counts and what doesn't, and where the fault
// is.
func TestParseBounds(t *testing.T) {
	const deepHCL, deepJSON = "nested too deep, or too many operators: rules are made of plain texts", "nested too deep: a rule is an object of plain texts"
	open, shut := strings.Repeat("[", maxIgnoreDepth), strings.Repeat("]", maxIgnoreDepth)
	for _, tt := range []struct {
		name, text string
		at         string // of the fault; "" if it isn't one
	}{
		{"i.hcl", "a = " + open + shut, ""},
		{"i.hcl", "\na = " + open + "[" + shut, "2:25"},
		{"i.hcl", "a = [" + strings.Repeat("[], ", 2*maxIgnoreDepth) + "]", ""},
		{"i.hcl", strings.Repeat("a {\n}\n", 2*maxIgnoreDepth), ""},
		{"i.hcl", "a = <<X\n" + open + "[\nX\n", ""},
		{"i.hcl", "# " + open + "[\n", ""},
		{"i.hcl", "a = [" + strings.Repeat("<<X\nx\nX\n, ", 2*maxIgnoreDepth) + "]", ""},
		{"i.hcl", "a = x" + strings.Repeat("[0]", maxIgnoreOps), ""},
		{"i.hcl", "a = x" + strings.Repeat("[0]", maxIgnoreOps+1), "1:306"},
		{"i.hcl", "a = 1" + strings.Repeat("+1", maxIgnoreOps), ""},
		{"i.hcl", "a = 1" + strings.Repeat("+1", maxIgnoreOps+1), "1:206"},
		{"i.json", open + shut, ""},
		{"i.json", "\n\n" + open + "[" + shut, "3:21"},
		{"i.json", "[\n" + open + shut + "]", "2:20"},
		{"i.json", "{\"a\":\n [" + strings.Repeat("{\"a\":", maxIgnoreDepth-2) + " {", "2:94"},
		{"i.json", "[" + strings.Repeat("[], {}, ", 2*maxIgnoreDepth) + "[]]", ""},
		{"i.json", "[\"" + open + "{" + "\", \"\\\"" + open + "\"]", ""},
		{"i.json", "[\"]]}\\\"}\",\"\\\\\"," + open, "1:35"},
		{"i.json", "\"\\", ""},
	} {
		_, err := Parse(tt.name, []byte(tt.text))
		var found strings.Builder
		if e, ok := errors.AsType[*Error](err); ok {
			for _, f := range e.Faults {
				if text := f.Err.Error(); text == deepHCL || text == deepJSON {
					fmt.Fprintf(&found, "%d:%d", f.Line, f.Column)
				}
			}
		}
		if found.String() != tt.at {
			t.Errorf("%s %q: too deep at %q, want %q", tt.name, tt.text, found.String(), tt.at)
		}
	}
	for size, large := range map[int]bool{maxIgnoreSize: false, maxIgnoreSize + 1: true} {
		if _, err := Parse("i.hcl", bytes.Repeat([]byte("#"), size)); (err != nil) != large {
			t.Errorf("%d bytes: got %v", size, err)
		}
	}
}

func TestAdd(t *testing.T) {
	var rules Rules
	err := rules.Add(
		Rule{Address: "heroku_app.*", Reason: "fine"},
		Rule{Reason: " "},
		Rule{ID: `x\`, Reason: "r", Verdicts: []string{"odd"}, Origin: "rules.yaml:7"},
	)
	want := []string{
		"rule 2: the rule says nothing of which objects it is for: it needs address, type, app or id",
		"rule 2: the rule gives no reason",
		`rules.yaml:7: id "x\\": a \ at the end stands before nothing`,
		`rules.yaml:7: unknown verdict "odd"`,
	}
	if !errors.Is(err, ErrRules) {
		t.Fatalf("got %v, want ErrRules", err)
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := rules.Rules(); got != nil {
		t.Errorf("got rules %v beside the error", got)
	}
	if err := rules.Add(Rule{Address: "heroku_app.*", Reason: "in\nlines"}); err != nil {
		t.Error(err)
	}
	if got := rules.Rules(); len(got) != 1 || got[0].Reason != "in lines" {
		t.Errorf("got %v", got)
	}
}

func TestAttribute(t *testing.T) {
	vars := statefile.Path{"config_vars", "FOO"}
	listed := statefile.Path{"config_vars", 0, "FOO"}
	flat := statefile.Path{"config_vars.0.FOO"}
	locked := statefile.Path{"organization", 0, "locked"}
	odd := statefile.Path{"labels", "a.b"}
	tests := []struct {
		pattern string
		fit     []statefile.Path
		not     []statefile.Path
	}{
		{"config_vars", []statefile.Path{vars, listed, flat, {"config_vars"}, {"config_vars.%"}}, []statefile.Path{locked, {"config_vars_x"}}},
		{"config_vars.FOO", []statefile.Path{vars, listed, flat}, []statefile.Path{{"config_vars", "FOOD"}, {"config_vars"}}},
		{"config_vars.F*", []statefile.Path{vars, listed, flat, {"config_vars", "FOOD"}}, []statefile.Path{{"config_vars", "BAR"}}},
		{"config_vars.0", []statefile.Path{listed, flat}, []statefile.Path{vars}},
		{"organization[0].locked", []statefile.Path{locked, {"organization.0.locked"}}, []statefile.Path{{"organization", 1, "locked"}}},
		{"organization.0.locked", []statefile.Path{locked, {"organization.0.locked"}}, nil},
		{"organization.locked", []statefile.Path{locked, {"organization", 1, "locked"}}, nil},
		{`labels["a.b"]`, []statefile.Path{odd}, []statefile.Path{{"labels", "a"}}},
		{"labels.a.b", []statefile.Path{odd}, nil},
		{"*", []statefile.Path{vars, flat, locked, {"name"}}, nil},
		{"o", nil, []statefile.Path{locked}},
	}
	for _, tt := range tests {
		var rules Rules
		if err := rules.Add(Rule{Type: "heroku_app", Attribute: tt.pattern, Reason: "r"}); err != nil {
			t.Fatal(err)
		}
		m := rules.Matcher(time.Now())
		o := Subject{Type: "heroku_app", Verdict: "changed"}
		for _, path := range tt.fit {
			if m.Difference(o, path, "x", "y") == nil {
				t.Errorf("%q doesn't cover %v", tt.pattern, path)
			}
		}
		for _, path := range tt.not {
			if m.Difference(o, path, "x", "y") != nil {
				t.Errorf("%q covers %v", tt.pattern, path)
			}
		}
		if m.Object(o) != nil {
			t.Errorf("%q covers the whole object", tt.pattern)
		}
	}
}

func TestMatcher(t *testing.T) {
	now := time.Date(2027, 3, 31, 23, 59, 59, 0, time.UTC)
	rules, err := Parse("i.hcl", []byte(`
ignore {
  address   = "heroku_formation.*"
  attribute = "quantity"
  reason    = "autoscaled"
  expires   = "2027-03-31"
}
ignore {
  type    = "heroku_domain"
  app     = "shop-*"
  verdict = "unmanaged"
  reason  = "customers' domains"
}
ignore {
  id     = "www.example.com"
  reason = "by its label"
}
ignore {
  address = "heroku_app.old"
  reason  = "being moved"
  expires = "2027-03-30T12:00:00Z"
}
ignore {
  address = "heroku_app.gone"
  reason  = "long forgotten"
}
ignore {
  type    = "heroku_app"
  verdict = "missing"
  reason  = "never happens"
}
`))
	if err != nil {
		t.Fatal(err)
	}
	quantity := statefile.Path{"quantity"}
	formation := Subject{Address: `module.x.heroku_formation.web`, Type: "heroku_formation", Verdict: "changed"}
	own := formation
	own.Address = `heroku_formation.web["a"]`
	domain := Subject{Type: "heroku_domain", App: "shop-eu", ID: "1", Label: "www.example.org", Verdict: "unmanaged"}
	managed := domain
	managed.Verdict = "missing"
	labelled := Subject{Type: "heroku_domain", App: "other", ID: "2", Label: "www.example.com", Verdict: "missing"}
	old := Subject{Address: "heroku_app.old", Type: "heroku_app", Verdict: "changed"}
	synced := Subject{Address: "heroku_app.gone", Type: "heroku_app", Verdict: "in_sync"}

	reason := func(r *Rule) string {
		if r == nil {
			return ""
		}
		return r.Reason
	}
	m := rules.Matcher(now)
	for _, tt := range []struct{ name, got, want string }{
		{"attribute", reason(m.Difference(own, quantity, "x", "y")), "autoscaled"},
		{"other attribute", reason(m.Difference(own, statefile.Path{"size"}, "x", "y")), ""},
		{"other address", reason(m.Difference(formation, quantity, "x", "y")), ""},
		{"rule with an attribute for an object", reason(m.Object(own)), ""},
		{"unmanaged", reason(m.Object(domain)), "customers' domains"},
		{"rule without an attribute for a difference", reason(m.Difference(domain, quantity, "x", "y")), ""},
		{"other verdict", reason(m.Object(managed)), ""},
		{"label", reason(m.Object(labelled)), "by its label"},
		{"expired", reason(m.Object(old)), ""},
		{"in sync", reason(m.Object(synced)), ""},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
	want := []string{
		"i.hcl:18: the ignore rule for address heroku_app.old has expired (since 2027-03-30T12:00:00Z): what it covers is reported again",
		"i.hcl:23: the ignore rule for address heroku_app.gone had nothing to ignore",
		"i.hcl:27: the ignore rule for type heroku_app, verdict missing had nothing to ignore",
	}
	if diff := cmp.Diff(want, m.Notes(false, true)); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}

	// A second later the date is over. Nothing is known of the first
	// comparison.
	m = rules.Matcher(now.Add(time.Second))
	if got := m.Difference(own, quantity, "x", "y"); got != nil {
		t.Errorf("after its last day: got %v", got)
	}
	want = []string{
		"i.hcl:2: the ignore rule for address heroku_formation.*, attribute quantity has expired (since 2027-04-01): what it covers is reported again",
		"i.hcl:18: the ignore rule for address heroku_app.old has expired (since 2027-03-30T12:00:00Z): what it covers is reported again",
		"i.hcl:8: the ignore rule for type heroku_domain, app shop-*, verdict unmanaged never matched: there is no such object",
		"i.hcl:14: the ignore rule for id www.example.com never matched: there is no such object",
		"i.hcl:23: the ignore rule for address heroku_app.gone never matched: there is no such object",
		"i.hcl:27: the ignore rule for type heroku_app, verdict missing never matched: there is no such object",
	}
	if diff := cmp.Diff(want, m.Notes(false, true)); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestMatcherOfNothing(t *testing.T) {
	for _, rules := range []*Rules{nil, {}} {
		m := rules.Matcher(time.Now())
		o := Subject{Address: "heroku_app.a", Verdict: "changed"}
		if m.Object(o) != nil || m.Difference(o, statefile.Path{"name"}, "x", "y") != nil || m.Notes(false, true) != nil {
			t.Error("no rules match something")
		}
	}
}

func TestAddLifecycle(t *testing.T) {
	var rules Rules
	rules.AddLifecycle(map[string][]statefile.Path{
		"module.a.heroku_app.web": {{"config_vars", "A*"}, {"organization", 0, "locked"}},
		"heroku_formation.web":    {{}},
		"heroku_addon.unused":     {{"plan"}},
	})
	m := rules.Matcher(time.Now())
	tests := []struct {
		address string
		path    statefile.Path
		want    bool
	}{
		{"heroku_formation.web", statefile.Path{"quantity"}, true},
		{"heroku_formation.web[3]", statefile.Path{"size"}, true},
		{`heroku_formation.web["a.b]\"["]`, statefile.Path{"size"}, true},
		{"heroku_formation.web2", statefile.Path{"size"}, false},
		{"module.a.heroku_formation.web", statefile.Path{"size"}, false},
		{"data.heroku_formation.web", statefile.Path{"size"}, false},
		{"module.a.heroku_app.web", statefile.Path{"organization", 0, "locked"}, true},
		{`module.a["x.heroku_app.y"].heroku_app.web[0]`, statefile.Path{"organization.0.locked"}, true},
		{`module.a["x"].module.b["y"].heroku_app.web`, statefile.Path{"organization", 0, "locked"}, false},
		{"module.a.heroku_app.web", statefile.Path{"config_vars", "A*"}, true},
		{"module.a.heroku_app.web", statefile.Path{"config_vars", "AB"}, false},
		{"module.a.heroku_app.web", statefile.Path{"config_vars"}, false},
		{"module.a.heroku_app.web", statefile.Path{"organization", "locked"}, false},
		{"module.a.heroku_app.web", statefile.Path{"organization", 1, "locked"}, false},
	}
	for _, tt := range tests {
		o := Subject{Address: tt.address, Verdict: "changed"}
		got := m.Difference(o, tt.path, "x", "y")
		if (got != nil) != tt.want || got != nil && got.Reason != "lifecycle.ignore_changes" {
			t.Errorf("%s %v: got %v, want one: %v", tt.address, tt.path, got, tt.want)
		}
		if missing := (Subject{Address: tt.address, Verdict: "missing"}); m.Object(missing) != nil {
			t.Errorf("%s: that it is missing is ignored", tt.address)
		}
	}
	if got := m.Notes(false, true); got != nil {
		t.Errorf("got notes %q", got)
	}
	// They stay what they are when they are added to others.
	var more Rules
	if err := more.Add(rules.Rules()...); err != nil {
		t.Fatal(err)
	}
	m = more.Matcher(time.Now())
	if m.Difference(Subject{Address: "heroku_formation.web[0]", Verdict: "changed"}, statefile.Path{"size"}, "x", "y") == nil || m.Notes(false, true) != nil {
		t.Error("added to other rules they are others")
	}
}

// What Terraform makes of ignore_changes where a whole list or map differs: only
// elements that are there on both sides are kept.
func TestLifecycleElements(t *testing.T) {
	list := func(e ...any) []any { return e }
	type object = map[string]any
	tests := []struct {
		name        string
		kept        []statefile.Path
		path        statefile.Path
		state, live any
		want        bool
	}{
		{"the element", []statefile.Path{{"buildpacks", 0}}, statefile.Path{"buildpacks"}, list("a", "b"), list("x", "b"), true},
		{"another element", []statefile.Path{{"buildpacks", 1}}, statefile.Path{"buildpacks"}, list("a", "b"), list("x", "b"), false},
		{"two, one kept", []statefile.Path{{"buildpacks", 1}}, statefile.Path{"buildpacks"}, list("a", "b"), list("x", "y"), false},
		{"two, both kept", []statefile.Path{{"buildpacks", 1}, {"buildpacks", 0}}, statefile.Path{"buildpacks"}, list("a", "b"), list("x", "y"), true},
		{"longer", []statefile.Path{{"buildpacks", 1}}, statefile.Path{"buildpacks"}, list("a"), list("a", "b"), false},
		{"shorter", []statefile.Path{{"buildpacks", 1}}, statefile.Path{"buildpacks"}, list("a", "b"), list("a"), false},
		{"gone", []statefile.Path{{"buildpacks", 0}}, statefile.Path{"buildpacks"}, list("a"), nil, false},
		{"all of it", []statefile.Path{{"buildpacks"}}, statefile.Path{"buildpacks"}, list("a"), nil, true},
		{"everything", []statefile.Path{{}}, statefile.Path{"buildpacks"}, list("a"), nil, true},
		{"a member", []statefile.Path{{"b", 0, "m"}}, statefile.Path{"b"}, list(object{"m": "x", "n": "y"}), list(object{"m": "z", "n": "y"}), true},
		{"another member", []statefile.Path{{"b", 0, "m"}}, statefile.Path{"b"}, list(object{"m": "x", "n": "y"}), list(object{"m": "x", "n": "z"}), false},
		{"a key that came", []statefile.Path{{"m", "k"}}, statefile.Path{"m"}, object{}, object{"k": "v"}, true},
		{"a map that is gone", []statefile.Path{{"m", "k"}}, statefile.Path{"m"}, object{"k": "v"}, nil, false},
		{"a map that is text", []statefile.Path{{"m", "k"}}, statefile.Path{"m"}, object{"k": "v"}, "v", false},
		{"a key that went", []statefile.Path{{"m", "k"}}, statefile.Path{"m"}, object{"k": "v"}, object{}, true},
		{"two keys, one kept", []statefile.Path{{"m", "k"}}, statefile.Path{"m"}, object{"k": "v"}, object{"k": "w", "l": "x"}, false},
		{"another key of it", []statefile.Path{{"m", "k"}}, statefile.Path{"m"}, object{"k": "v", "l": "x"}, object{"k": "v", "l": "y"}, false},
		{"a list that is text", []statefile.Path{{"b", 0}}, statefile.Path{"b"}, list("a"), "a", false},
		{"a text, something below it kept", []statefile.Path{{"b", 0}}, statefile.Path{"b"}, "a", "b", false},
		{"a flat path below a kept one", []statefile.Path{{"m"}}, statefile.Path{"m.k"}, "a", "b", true},
		{"a flat path beside a kept one", []statefile.Path{{"m"}}, statefile.Path{"mk"}, "a", "b", false},
		{"a flat path of a longer name", []statefile.Path{{"b", 1}}, statefile.Path{"b.10"}, "a", "b", false},
		{"a flat path below a kept element", []statefile.Path{{"b", 1}}, statefile.Path{"b.1.m"}, "a", "b", true},
		{"a path above a kept one, flat", []statefile.Path{{"b", 1, "m"}}, statefile.Path{"b.1"}, "a", "b", false},
		{"a flat list", []statefile.Path{{"buildpacks", 0}}, statefile.Path{"buildpacks.0"}, "a", "b", true},
		{"another name", []statefile.Path{{"buildpack"}}, statefile.Path{"buildpacks"}, list("a"), list("b"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var rules Rules
			rules.AddLifecycle(map[string][]statefile.Path{"heroku_app.a": tt.kept})
			o := Subject{Address: "heroku_app.a[0]", Verdict: "changed"}
			if got := rules.Matcher(time.Now()).Difference(o, tt.path, tt.state, tt.live); (got != nil) != tt.want {
				t.Errorf("got %v, want one: %v", got, tt.want)
			}
		})
	}
}

func BenchmarkMatcher(b *testing.B) {
	var rules Rules
	changes := map[string][]statefile.Path{}
	for i := range 100 {
		if err := rules.Add(Rule{Address: fmt.Sprintf("module.*.heroku_formation.web%d*", i), Attribute: "quantity", Reason: "r"}); err != nil {
			b.Fatal(err)
		}
		changes[fmt.Sprintf("module.env.heroku_app.app%d", i)] = []statefile.Path{{"config_vars"}}
	}
	rules.AddLifecycle(changes)
	objects := make([]Subject, 10_000)
	for i := range objects {
		objects[i] = Subject{Address: fmt.Sprintf(`module.env["e%d"].heroku_formation.web%d["x"]`, i, i%200), Type: "heroku_formation", Verdict: "changed"}
	}
	path := statefile.Path{"quantity"}
	b.ReportAllocs()
	for b.Loop() {
		m := rules.Matcher(time.Time{})
		found := 0
		for i := range objects {
			m.Object(objects[i])
			if m.Difference(objects[i], path, "x", "y") != nil {
				found++
			}
		}
		if found == 0 {
			b.Fatal("nothing found")
		}
	}
}

// FuzzRules: no text makes the parser or the matcher panic, and rules
// that were read can be added.
func FuzzRules(f *testing.F) {
	for _, text := range []string{ignoreText, ignoreJSON, "", "{", "ignore", "ignore {", `{"ignore": [[{}]]}`, `[{"ignore": {}}]`, "ignore {\n  reason = <<X\n$${\nX\n}\n", `{"ignore": {"reason": "\u0000%%{"}}`} {
		f.Add("i.hcl", []byte(text), `module.a["b"].heroku_app.c[0]`, "config_vars.0.FOO")
		f.Add("i.json", []byte(text), "heroku_formation.a", "quantity")
	}
	f.Fuzz(func(t *testing.T, name string, text []byte, address, attribute string) {
		rules, err := Parse(name, text)
		if err != nil {
			if e, ok := errors.AsType[*Error](err); !ok || len(e.Faults) == 0 {
				t.Errorf("got %v, want an *Error with faults", err)
			}
			return
		}
		var again Rules
		if err := again.Add(rules.Rules()...); err != nil {
			t.Errorf("what was read can't be added: %v", err)
		}
		again.AddLifecycle(map[string][]statefile.Path{address: {{attribute}}})
		m := again.Matcher(time.Now())
		o := Subject{Address: address, Verdict: "changed"}
		m.Object(o)
		m.Difference(o, statefile.Path{attribute, 0}, "x", "y")
		if !strings.Contains(address, "[") && address != "" && utf8.ValidString(attribute) && attribute != "" && m.Difference(o, statefile.Path{attribute}, "x", "y") == nil {
			t.Errorf("%q of %q isn't covered by a rule for it", attribute, address)
		}
		m.Notes(false, true)
	})
}

// TestLifecycleOfStates: what a configuration ignores counts for the state that it is of.
func TestLifecycleOfStates(t *testing.T) {
	var rules Rules
	rules.AddLifecycle(map[string][]statefile.Path{"heroku_app.a": {{"stack"}}}, "prod", "stage")
	rules.AddLifecycle(map[string][]statefile.Path{"heroku_app.b": {{"stack"}}})
	m := rules.Matcher(time.Now())
	for _, tt := range []struct {
		state, address string
		want           bool
	}{
		{"prod", "heroku_app.a", true},
		{"stage", "heroku_app.a[0]", true},
		{"other", "heroku_app.a", false},
		{"", "heroku_app.a", false},
		{"other", "heroku_app.b", true},
		{"", "heroku_app.b", true},
	} {
		s := Subject{State: tt.state, Address: tt.address, Verdict: "changed"}
		if got := m.Difference(s, statefile.Path{"stack"}, 1, 2) != nil; got != tt.want {
			t.Errorf("%s of %q: ignored: %v, want %v", tt.address, tt.state, got, tt.want)
		}
	}
}

// TestRulesKeepNothing: rules stay what they were when they were added, whatever a caller
// does with his slices, and with those that he is given.
func TestRulesKeepNothing(t *testing.T) {
	var rules Rules
	verdicts := []string{"missing"}
	added := []Rule{{Type: "heroku_app", Reason: "r", Verdicts: verdicts}}
	if err := rules.Add(added...); err != nil {
		t.Fatal(err)
	}
	path := statefile.Path{"buildpacks", 0}
	paths := []statefile.Path{path}
	changes := map[string][]statefile.Path{"heroku_app.a": paths}
	states := []string{"prod"}
	rules.AddLifecycle(changes, states...)
	before := rules.Matcher(time.Now())

	spoil := func() {
		verdicts[0], added[0].Type, added[0].Verdicts = "changed", "heroku_domain", []string{"unmanaged"}
		path[1], paths[0], changes["heroku_app.a"], states[0] = 1, statefile.Path{"stack"}, nil, "stage"
		given := rules.Rules()
		given[0].Verdicts[0], given[0].Type, given[1].Address = "changed", "heroku_domain", "heroku_app.b"
		words := Verdicts()
		words[0], words[1] = "odd", "odd"
	}
	check := func(m *Matcher) {
		t.Helper()
		o := Subject{State: "prod", Address: "heroku_app.a", Type: "heroku_app", Verdict: "missing"}
		if m.Object(o) == nil {
			t.Error("the rule has changed with the caller's slice")
		}
		o.Verdict = "changed"
		if m.Object(o) != nil {
			t.Error("the rule has the caller's new verdict")
		}
		if m.Difference(o, statefile.Path{"buildpacks"}, []any{"a", "b"}, []any{"x", "b"}) == nil || m.Difference(o, statefile.Path{"buildpacks"}, []any{"a", "b"}, []any{"a", "x"}) != nil {
			t.Error("the rule of the configuration has changed with the caller's path")
		}
	}
	check(rules.Matcher(time.Now()))
	spoil()
	check(before)
	check(rules.Matcher(time.Now()))
	if err := new(Rules).Add(Rule{Type: "a", Reason: "r", Verdicts: []string{"missing", "changed"}}); err != nil {
		t.Error(err)
	}
}

// TestRuleOfAttribute: a rule for attributes covers what it says of an object and nothing
// else, and a rule for objects no attribute alone.
func TestRuleOfAttribute(t *testing.T) {
	for name, rule := range map[string]Rule{
		"by address": {Address: "heroku_formation.web", Attribute: "quantity", Reason: "r"},
		"by type":    {Type: "heroku_formation", Attribute: "quantity", Reason: "r"},
		"by app":     {App: "shop", Attribute: "quantity", Reason: "r"},
		"by id":      {ID: "web", Attribute: "quantity", Reason: "r"},
		"all of it":  {Type: "heroku_formation", Attribute: "quantity", Reason: "r", Verdicts: Verdicts()},
	} {
		var rules Rules
		if err := rules.Add(rule); err != nil {
			t.Fatal(err)
		}
		m := rules.Matcher(time.Now())
		for _, verdict := range append(Verdicts(), "in_sync", "ignored") {
			o := Subject{Address: "heroku_formation.web", Type: "heroku_formation", App: "shop", ID: "1", Label: "web", Verdict: verdict}
			if m.Object(o) != nil {
				t.Errorf("%s: the whole object is ignored, %s", name, verdict)
			}
			if m.Difference(o, statefile.Path{"size"}, "a", "b") != nil {
				t.Errorf("%s: another attribute is ignored", name)
			}
			if got := m.Difference(o, statefile.Path{"quantity"}, 1, 2) != nil; got != (verdict != "in_sync" && verdict != "ignored" || rule.Verdicts == nil) {
				t.Errorf("%s: its attribute is ignored: %t, %s", name, got, verdict)
			}
		}
		rule.Attribute = ""
		rules = Rules{}
		if err := rules.Add(rule); err != nil {
			t.Fatal(err)
		}
		m = rules.Matcher(time.Now())
		o := Subject{Address: "heroku_formation.web", Type: "heroku_formation", App: "shop", ID: "1", Label: "web", Verdict: "changed"}
		if m.Difference(o, statefile.Path{"quantity"}, 1, 2) != nil || m.Object(o) == nil {
			t.Errorf("%s: a rule for objects is one for attributes", name)
		}
		for field, other := range map[string]Subject{
			"address": {Address: "heroku_formation.web2", Type: o.Type, App: o.App, ID: "2", Verdict: "changed"},
			"type":    {Address: "x", Type: "heroku_formation_x", App: "other", ID: "2", Verdict: "changed"},
		} {
			if m.Object(other) != nil && !(name == "by app" && field == "address") && !(name == "by type" && field == "address") && !(name == "all of it" && field == "address") {
				t.Errorf("%s: another %s fits", name, field)
			}
		}
	}
}

// TestRuleFits: all that a rule says of objects has to fit, an id or what people call the
// object by.
func TestRuleFits(t *testing.T) {
	fits := Subject{Address: "module.m.heroku_app.a", Type: "heroku_app", App: "shop", ID: "1-2", Label: "blue", Verdict: "changed"}
	for name, rule := range map[string]Rule{
		"all":       {Address: "module.*.heroku_app.a", Type: "heroku_app", App: "sh?p", ID: "1-*"},
		"the label": {Address: "*", Type: "*", App: "*", ID: "blue"},
		"address":   {Address: "*.a"}, "type": {Type: "heroku_*"}, "app": {App: "shop"}, "id": {ID: "1-2"},
	} {
		rule.Reason = "r"
		var rules Rules
		if err := rules.Add(rule); err != nil {
			t.Fatal(err)
		}
		m := rules.Matcher(time.Now())
		if m.Object(fits) == nil {
			t.Errorf("%s: %s doesn't fit", name, rule)
		}
		for field, change := range map[string]func(*Subject){
			"address": func(s *Subject) { s.Address = "module.m.heroku_app.b" },
			"type":    func(s *Subject) { s.Type = "data.heroku_app" },
			"app":     func(s *Subject) { s.App = "shops" },
			"id":      func(s *Subject) { s.ID, s.Label = "2-1", "green" },
			"nothing": func(s *Subject) { s.Address, s.Type, s.App, s.ID, s.Label = "", "", "", "", "" },
		} {
			other := fits
			change(&other)
			has := field == "nothing" || field == "address" && rule.Address != "" && name != "the label" || field == "type" && rule.Type != "" && name != "the label" ||
				field == "app" && rule.App != "" && name != "the label" || field == "id" && rule.ID != ""
			if got := m.Object(other) != nil; got == has {
				t.Errorf("%s: another %s fits: %t", name, field, got)
			}
		}
	}
	// Nobody calls what has no label by "".
	var rules Rules
	if err := rules.Add(Rule{ID: "*", Reason: "r"}, Rule{ID: "?", Reason: "s"}); err != nil {
		t.Fatal(err)
	}
	m := rules.Matcher(time.Now())
	if got := m.Object(Subject{ID: "1", Verdict: "missing"}); got == nil || got.Reason != "r" {
		t.Errorf("of two rules the first counts; got %v", got)
	}
	if notes := m.Notes(false, true); len(notes) > 0 {
		t.Errorf("both rules were of use: %q", notes)
	}
}

// TestNotes: what is said of rules that were of no use depends on what was looked for.
func TestNotes(t *testing.T) {
	var rules Rules
	if err := rules.Add(
		Rule{Address: "heroku_app.a", Reason: "r", Origin: "i:1"},
		Rule{Type: "heroku_domain", Reason: "r", Origin: "i:2"},
		Rule{Address: "*", Type: "heroku_drain", Reason: "r", Verdicts: []string{"unmanaged"}, Origin: "i:3"},
		Rule{Address: "heroku_app.b", Reason: "r", Expires: time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)), Origin: "i:4"},
		Rule{Address: "heroku_app.b", Reason: "r", Expires: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)},
	); err != nil {
		t.Fatal(err)
	}
	rules.AddLifecycle(map[string][]statefile.Path{"heroku_app.x": {{}}})
	for _, tt := range []struct {
		partial, unmanaged bool
		want               string // the origins
	}{
		{true, true, "i:4 the"}, {true, false, "i:4 the"}, {false, false, "i:4 the i:1"}, {false, true, "i:4 the i:1 i:2 i:3"},
	} {
		var origins []string
		for _, note := range rules.Matcher(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)).Notes(tt.partial, tt.unmanaged) {
			origin, _, _ := strings.Cut(strings.Replace(note, ": ", " ", 1), " ")
			origins = append(origins, origin)
			if strings.HasPrefix(note, "i:4") && !strings.Contains(note, "since 2026-01-02T02:04:05Z") || strings.HasPrefix(note, "the") && !strings.Contains(note, "since 2026-01-02)") {
				t.Error(note)
			}
		}
		if got := strings.Join(origins, " "); got != tt.want {
			t.Errorf("partial %t, unmanaged %t: notes of %s, want %s", tt.partial, tt.unmanaged, got, tt.want)
		}
	}
}

// TestReasonsAreText: a reason from a program has to be what a page can show.
func TestReasonsAreText(t *testing.T) {
	for reason, want := range map[string]string{
		"a\xffb": "characters that can't be printed", "\u202ea": "characters that can't be printed", " \n ": "gives no reason", "a  b\n": "",
	} {
		var rules Rules
		err := rules.Add(Rule{Address: "heroku_app.*", Reason: reason})
		if want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v", reason, err)
		}
	}
}
