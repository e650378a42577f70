package report

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/statefile"
)

func TestHeadline(t *testing.T) {
	of := func(verdicts ...herokutf.Verdict) *herokutf.DriftReport {
		r := &herokutf.DriftReport{}
		for i, v := range verdicts {
			r.Objects = append(r.Objects, herokutf.DriftObject{Verdict: v, App: []string{"a", "b", "", "a"}[i%4]})
		}
		return r
	}
	for _, tt := range []struct {
		r              *herokutf.DriftReport
		headline, said string
	}{
		{of(), "Nothing to compare", "0 objects"},
		{of(herokutf.InSync), "In sync", "1 object"},
		{of(herokutf.InSync, herokutf.InSync), "In sync", "2 objects"},
		{of(herokutf.InSync, herokutf.Ignored), "In sync", "1 ignored, 1 in sync"},
		{of(herokutf.InSync, herokutf.Undetermined), "No drift seen, but not everything could be compared", "1 undetermined, 1 in sync"},
		{of(herokutf.Undetermined, herokutf.Missing), "Drift found", "1 missing, 1 undetermined"},
		{of(herokutf.Unmanaged, herokutf.InSync), "Drift found", "1 unmanaged, 1 in sync"},
		{of(herokutf.Renamed, herokutf.Changed, herokutf.Replaced, herokutf.Changed), "Drift found", "2 changed, 1 renamed, 1 replaced"},
	} {
		if got := headline(tt.r); got != tt.headline {
			t.Errorf("%s: headline %q, want %q", tt.said, got, tt.headline)
		}
		if got := tally(pointers(tt.r)); got != tt.said {
			t.Errorf("tally %q, want %q", got, tt.said)
		}
		status := map[string]string{"Drift found": "drift", "In sync": "calm", "Nothing to compare": "unsure", "No drift seen, but not everything could be compared": "unsure"}[tt.headline]
		if page := writeDrift(t, tt.r, HTML, Options{}); !strings.Contains(page, tt.headline) || !strings.Contains(page, `<header class="`+status+`">`) {
			t.Errorf("%s: the page doesn't say %q, or in another color", tt.said, tt.headline)
		}
		if got, want := strings.Contains(writeDrift(t, tt.r, Text, Options{Color: true}), "\x1b[33m"+tt.headline), tt.headline != "In sync" && tt.headline != "Nothing to compare"; got != want {
			t.Errorf("%s: painted as a warning: %t", tt.said, got)
		}
	}
	if got := circumstances(of(herokutf.InSync, herokutf.InSync, herokutf.InSync, herokutf.InSync), Options{Time: time.Unix(0, 0)}); got != "2 apps, 0 requests, compared 1970-01-01 00:00 UTC" {
		t.Errorf("got %q", got)
	}
}

func TestValueText(t *testing.T) {
	for _, tt := range []struct {
		v    any
		want string
	}{
		{nil, "null"}, {"", `""`}, {"a\"b\n", `"a\"b\n"`}, {true, "true"}, {false, "false"}, {json.Number("1.50"), "1.50"}, {json.Number("1\x1b"), `1\x1b`},
		{[]any{}, "[]"}, {[]any{"a", nil, json.Number("2")}, `["a", null, 2]`}, {map[string]any{}, "{}"}, {map[string]any{"b": "1", "a": []any{true}}, `{"a": [true], "b": "1"}`},
		{1.5, "1.5"}, {"\u202e", `"\u202e"`},
	} {
		if got := valueText(tt.v); got != tt.want {
			t.Errorf("%#v: got %s, want %s", tt.v, got, tt.want)
		}
	}
	for _, tt := range []struct {
		path statefile.Path
		want string
	}{
		{nil, "(whole)"}, {statefile.Path{}, "(whole)"}, {statefile.Path{"a"}, "a"}, {statefile.Path{"a.0.b"}, "a.0.b"}, {statefile.Path{""}, `[""]`}, {statefile.Path{"a", "b"}, "a.b"},
		{statefile.Path{"a", 0, "b"}, "a[0].b"}, {statefile.Path{"a\x1b"}, `a\x1b`},
	} {
		if got := pathText(tt.path); got != tt.want {
			t.Errorf("%#v: got %s, want %s", tt.path, got, tt.want)
		}
	}
	for _, tt := range []struct {
		s     string
		limit int
		want  string
	}{
		{"12345678", 8, "12345678"}, {"123456789", 8, "12345…89"}, {"éééééééé", 8, "éééééééé"}, {"ééééééééa", 8, "ééééé…éa"},
	} {
		if got := elide(tt.s, tt.limit); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.s, got, tt.want)
		}
	}
}

// TestElidePairEdges: what is as long as the limit stays, and the common beginning goes
// where it is most of it.
func TestElidePairEdges(t *testing.T) {
	short, long := strings.Repeat("a", 80), strings.Repeat("a", 81)
	for _, tt := range []struct{ a, b, x, y string }{
		{short, "b", short, "b"},
		{"b", short, "b", short},
		{short, short + "b", short, "…" + strings.Repeat("a", 16) + "b"},
		{long, "b", strings.Repeat("a", 59) + "…" + strings.Repeat("a", 20), "b"},
		{strings.Repeat("a", 40) + strings.Repeat("b", 60), strings.Repeat("a", 40) + strings.Repeat("c", 60),
			strings.Repeat("a", 40) + strings.Repeat("b", 19) + "…" + strings.Repeat("b", 20), strings.Repeat("a", 40) + strings.Repeat("c", 19) + "…" + strings.Repeat("c", 20)},
		{strings.Repeat("a", 41) + strings.Repeat("b", 60), strings.Repeat("a", 41) + "c", "…" + strings.Repeat("a", 16) + strings.Repeat("b", 60), strings.Repeat("a", 41) + "c"},
	} {
		if x, y := elidePair(tt.a, tt.b, 80); x != tt.x || y != tt.y {
			t.Errorf("%q and %q: got %q and %q, want %q and %q", tt.a, tt.b, x, y, tt.x, tt.y)
		}
	}
}

// TestNextWords: each thing that the next apply can do has words of its own, of an object
// and of an attribute to which it does something else.
func TestNextWords(t *testing.T) {
	object := map[herokutf.NextApply]string{
		herokutf.NextNothing: "leaves it as it is", herokutf.NextPutBack: "puts it back", herokutf.NextUpdate: "updates it as the configuration says",
		herokutf.NextCreate: "creates another one", herokutf.NextReplace: "destroys it and creates another one", herokutf.NextDestroy: "destroys it",
		herokutf.NextFail: "fails at it, as does every plan with a refresh", herokutf.NextUnknown: "not known",
	}
	attribute := map[herokutf.NextApply]string{
		herokutf.NextNothing: "stays", herokutf.NextPutBack: "is put back", herokutf.NextUpdate: "is updated", herokutf.NextReplace: "forces another one", herokutf.NextUnknown: "not known",
	}
	if len(nextActions) != len(object) {
		t.Errorf("%d actions, words for %d", len(nextActions), len(object))
	}
	r := &herokutf.DriftReport{}
	for i, next := range nextActions {
		o := herokutf.DriftObject{Address: fmt.Sprintf("heroku_app.a%d", i), Type: "heroku_app", Verdict: herokutf.Changed, Next: next, Forecast: i%2 == 0,
			Differences: []herokutf.DriftDifference{{Path: statefile.Path{"a"}, State: "1", Live: "2", Next: next}}}
		head := "next apply: "
		if o.Forecast {
			head = "next apply (forecast): "
		}
		for _, format := range []Format{Text, Markdown, HTML, SARIF, JUnit, GitHub} {
			text := writeDrift(t, &herokutf.DriftReport{Objects: []herokutf.DriftObject{o}}, format, Options{})
			words := head + object[next]
			if format == HTML {
				words = object[next]
			}
			if !strings.Contains(text, words) {
				t.Errorf("%s of %s doesn't say %q:\n%s", format, next, words, text)
			}
			if format != HTML && strings.Contains(text, "2 (") {
				t.Errorf("%s of %s says the same of the attribute:\n%s", format, next, text)
			}
		}
		for _, other := range nextActions {
			want := attribute[other]
			if other == next {
				want = ""
			} else if want == "" {
				want = "not known"
			}
			if got := nextAside(&o, shownDifference{Next: other}); got != want {
				t.Errorf("%s of an object, %s of an attribute: %q, want %q", next, other, got, want)
			}
		}
		if got := nextAside(&o, shownDifference{}); got != "" {
			t.Errorf("nothing is known of the attribute: %q", got)
		}
		painted := writeDrift(t, &herokutf.DriftReport{Objects: []herokutf.DriftObject{o}}, Text, Options{Color: true})
		code := map[herokutf.NextApply]string{herokutf.NextReplace: "\x1b[31m", herokutf.NextDestroy: "\x1b[31m", herokutf.NextFail: "\x1b[31m", herokutf.NextNothing: ""}
		want, ok := code[next]
		if !ok {
			want = "\x1b[33m"
		}
		if !strings.Contains(painted, head+want+object[next]) {
			t.Errorf("%s is painted as in %q, want %q", next, painted, want)
		}
		r.Objects = append(r.Objects, o)
	}
	metrics := writeDrift(t, r, Metrics, Options{})
	for _, next := range nextActions {
		if !strings.Contains(metrics, fmt.Sprintf("herokutf_drift_next_apply{action=%q} 1\n", string(next))) {
			t.Errorf("the metrics don't count %s:\n%s", next, metrics)
		}
	}
}

// TestPaints: verdicts by colour.
func TestPaints(t *testing.T) {
	for v, want := range map[herokutf.Verdict]string{
		herokutf.Changed: "33", herokutf.Missing: "31", herokutf.Renamed: "33", herokutf.Replaced: "31", herokutf.Unmanaged: "33", herokutf.Undetermined: "33", herokutf.Ignored: "2", herokutf.InSync: "32",
	} {
		if got := paintOf(v); got != want {
			t.Errorf("%s: %s, want %s", v, got, want)
		}
		if meaning(v) == "" {
			t.Errorf("%s has no meaning", v)
		}
	}
	if (&textWriter{}).paint(paintBold, "a") != "a" || (&textWriter{opts: Options{Color: true}}).paint("", "a") != "a" || (&textWriter{opts: Options{Color: true}}).paint(paintBold, "") != "" {
		t.Error("painted without a colour, without a code, or nothing")
	}
}

// TestGitHubOrder: of more objects than GitHub shows, the gravest are shown, and the rest
// is counted.
func TestGitHubOrder(t *testing.T) {
	order := []herokutf.Verdict{herokutf.Missing, herokutf.Replaced, herokutf.Renamed, herokutf.Changed, herokutf.Unmanaged, herokutf.Undetermined}
	for _, each := range []int{1, 2} {
		r := &herokutf.DriftReport{}
		for n := range each {
			for i := range order {
				v := order[len(order)-1-i]
				r.Objects = append(r.Objects, herokutf.DriftObject{Address: fmt.Sprintf("heroku_app.%s_%d", v, n), Type: "heroku_app", Verdict: v})
			}
			r.Objects = append(r.Objects, herokutf.DriftObject{Address: "heroku_app.in", Verdict: herokutf.InSync}, herokutf.DriftObject{Address: "heroku_app.ig", Verdict: herokutf.Ignored})
		}
		var want []string
		for _, v := range order {
			for n := range each {
				want = append(want, fmt.Sprintf("::warning title=heroku_app.%s_%d%%3A %s::%s", v, n, v.String(), meaning(v)))
			}
		}
		if each == 2 {
			want = append(want[:9], "::warning title=Heroku drift::3 more are in the report")
		}
		if diff := cmp.Diff(want, strings.Split(strings.TrimSpace(writeDrift(t, r, GitHub, Options{})), "\n")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	// Ten are all shown.
	r := &herokutf.DriftReport{}
	for i := range annotations {
		r.Objects = append(r.Objects, herokutf.DriftObject{Address: fmt.Sprintf("heroku_app.a%d", i), Verdict: herokutf.Missing})
	}
	if text := writeDrift(t, r, GitHub, Options{}); strings.Count(text, "\n") != annotations || strings.Contains(text, "more are") {
		t.Errorf("of ten:\n%s", text)
	}
}

// TestPlacesOf: what is unmanaged is shown where its app is configured.
func TestPlacesOf(t *testing.T) {
	r := &herokutf.DriftReport{Objects: []herokutf.DriftObject{
		{Type: "heroku_app", App: "shop", ID: "unmanaged", Verdict: herokutf.Unmanaged},
		{Address: "data.heroku_app.d", Type: "data.heroku_app", App: "shop", Verdict: herokutf.Missing},
		{Address: "heroku_app.shop", Type: "heroku_app", App: "shop", State: "s", Verdict: herokutf.Changed},
		{Address: "heroku_app.again", Type: "heroku_app", App: "shop", State: "t", Verdict: herokutf.Changed},
		{Type: "heroku_domain", App: "shop", Label: "x", Verdict: herokutf.Unmanaged},
		{Type: "heroku_app", App: "other", Label: "other", Verdict: herokutf.Unmanaged},
	}}
	var asked []string
	opts := Options{Place: func(state, address string) (string, int) {
		asked = append(asked, state+" "+address)
		return map[string]string{"heroku_app.shop": "a b.tf", "heroku_app.again": "/abs/c.tf", "data.heroku_app.d": `sub\..\d.tf`}[address], len(address) % 2 * 7
	}}
	text := writeDrift(t, r, GitHub, opts)
	want := []string{"s heroku_app.shop", " data.heroku_app.d", "s heroku_app.shop", "t heroku_app.again", "s heroku_app.shop", " "}
	if len(asked) != len(want) {
		t.Errorf("asked for %q", asked)
	}
	for _, w := range want {
		if !strings.Contains(strings.Join(asked, "|")+"|", w+"|") {
			t.Errorf("%q isn't asked for: %q", w, asked)
		}
	}
	for _, w := range []string{"file=a b.tf,line=7,title=heroku_app.shop", "file=a b.tf,line=7,title=heroku_domain x", "file=/abs/c.tf,line=1,", "::warning title=heroku_app other"} {
		if !strings.Contains(text, w) {
			t.Errorf("no %q in\n%s", w, text)
		}
	}
	var log sarifLog
	if err := json.Unmarshal([]byte(writeDrift(t, r, SARIF, opts)), &log); err != nil {
		t.Fatal(err)
	}
	var uris []string
	for _, result := range log.Runs[0].Results {
		uri := "none"
		if p := result.Locations[0].Physical; p != nil {
			uri = p.Artifact.URI + " " + p.Artifact.Base
			if p.Region != nil {
				uri += fmt.Sprint(" ", p.Region.StartLine)
			}
		}
		uris = append(uris, uri)
	}
	wantURIs := []string{"a%20b.tf %SRCROOT% 7", "d.tf %SRCROOT% 7", "a%20b.tf %SRCROOT% 7", "file:///abs/c.tf ", "a%20b.tf %SRCROOT% 7", "none"}
	if diff := cmp.Diff(wantURIs, uris); diff != "" {
		t.Errorf("SARIF (-want +got):\n%s", diff)
	}
	for _, file := range []string{`file="a b.tf" line="7"`, `file="/abs/c.tf"`} {
		if text := writeDrift(t, r, JUnit, opts); !strings.Contains(text, file) {
			t.Errorf("JUnit has no %s:\n%s", file, text)
		}
	}
}

// TestMarkdownProse: what would be markup is text, and what needn't be escaped isn't.
func TestMarkdownProse(t *testing.T) {
	for in, want := range map[string]string{
		"plain, with; 'signs' \"and\" /paths (as here)": "plain, with; 'signs' \"and\" /paths (as here)",
		"heroku_app.shop is gone: add it. Then":         "heroku_app.shop is gone: add it. Then", "a_b": "a_b", "1.2-3_4": "1.2-3_4", "right": "right", "_a_": "&#95;a&#95;", "a-b": "a-b", "-a": "&#45;a", "1) x": "1&#41; x", "1. x": "1&#46; x",
		"*b*": "&#42;b&#42;", "@me": "&#64;&#8203;me", "#12": "&#35;&#8203;12", "GH-12": "GH-&#8203;12", "gh-1": "gh-&#8203;1", "www.example.com": "www&#46;example.com", "a:b": "a&#58;b", "é-é": "é-é", "<b>": "&#60;b&#62;",
		"a.": "a.", "a. b": "a. b", "a.b": "a.b", "1.": "1&#46;", "`": "&#96;",
	} {
		if got := markdownProse(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if got, want := entities("\x7f\u0080é {"), "&#127;\u0080é &#123;"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for in, want := range map[string]string{"": "", "a": "`a`", "a|b": "<code>a&#124;b</code>", "a`b": "<code>a&#96;b</code>", " a": "<code> a</code>", "a ": "<code>a </code>", "a b": "`a b`"} {
		if got := markdownCode(in); got != want {
			t.Errorf("code of %q: got %q, want %q", in, got, want)
		}
	}
}
