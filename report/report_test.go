package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/statefile"
)

var update = flag.Bool("update", false, "rewrite the goldens of reports")

const shopID = "aaaaaaaa-0000-4000-8000-000000000001"

// driftMarker is in every secret value of richDrift.
const driftMarker = "hunter2"

var driftTime = time.Date(2026, 11, 28, 11, 4, 9, 0, time.FixedZone("CET", 3600))

// richDrift has every verdict and every field.
func richDrift() *herokutf.DriftReport {
	secret := func(address string, path statefile.Path, state, live any) herokutf.DriftDifference {
		return herokutf.SensitiveDifference([]byte("golden"), address+" "+path.String(), path, state, live)
	}
	blame := func(version int, user string, day int, description string) herokutf.DriftBlame {
		return herokutf.DriftBlame{Version: version, User: user, At: time.Date(2026, 11, day, 9, 30, 0, 0, time.UTC), Description: description}
	}
	return &herokutf.DriftReport{
		Requests: 31,
		Notes: []string{
			`rule 3 (heroku_app_feature.*) has never matched`,
			"the add-ons of team \"acme\" could not be read: GET /teams/acme/addons: 403 Forbidden\nask @acme/admins, see #123",
		},
		Objects: []herokutf.DriftObject{
			{Address: "heroku_app.shop", Type: "heroku_app", ID: shopID, App: "shop-production", Verdict: herokutf.Renamed,
				Reason: `the app is now called "shop-production"`, Next: herokutf.NextPutBack,
				Differences: []herokutf.DriftDifference{
					{Path: statefile.Path{"name"}, State: "shop", Live: "shop-production"},
					{Path: statefile.Path{"web_url"}, State: "https://shop.herokuapp.com/", Live: "https://shop-production-3f9a1c2b4d5e.herokuapp.com/"},
				}},
			{Address: `heroku_formation.shop["web"]`, Type: "heroku_formation", ID: "1", App: "shop-production", Label: "web", Verdict: herokutf.Changed, Next: herokutf.NextUpdate,
				Differences: []herokutf.DriftDifference{
					{Path: statefile.Path{"quantity"}, State: json.Number("2"), Live: json.Number("3"), Next: herokutf.NextNothing},
					{Path: statefile.Path{"size"}, State: "standard-1x", Live: "standard-2x", Next: herokutf.NextUpdate},
				},
				Blame: []herokutf.DriftBlame{blame(42, "ann@example.com", 27, "Scale web to 3"), blame(41, "", 26, "")}},
			{Address: "heroku_app_config_association.shop", Type: "heroku_app_config_association", ID: "config:" + shopID, App: "shop-production", Verdict: herokutf.Changed,
				Reason: "set on Heroku since",
				Differences: []herokutf.DriftDifference{
					secret("a", statefile.Path{"sensitive_vars", "DATABASE_URL"},
						"postgres://u:"+driftMarker+"@ec2-1-2-3-4.compute-1.amazonaws.com:5432/d1",
						"postgres://u:"+driftMarker+"@ec2-5-6-7-8.compute-1.amazonaws.com:5432/d1"),
					secret("b", statefile.Path{"sensitive_vars", "NEW_RELIC"}, nil, driftMarker+"-new"),
					secret("c", statefile.Path{"tunnels"}, []any{map[string]any{"ip": "1.2.3.4", "key": driftMarker}}, nil),
				},
				Ignored: []herokutf.DriftDifference{secret("d", statefile.Path{"vars", "LOG_LEVEL"}, driftMarker+" info", driftMarker+" debug")},
				Blame:   []herokutf.DriftBlame{blame(43, "ann@example.com", 28, "Set DATABASE_URL, NEW_RELIC config vars")}},
			{Address: "heroku_domain.www", Type: "heroku_domain", ID: "2", App: "shop-production", Label: "www.example.com", Verdict: herokutf.Missing,
				Reason: "the app has no such domain", Next: herokutf.NextFail, Forecast: true, Differences: []herokutf.DriftDifference{}},
			{Address: "module.staging.heroku_app.shop", Type: "heroku_app", ID: "3", App: "shop-staging", State: "staging.tfstate", Verdict: herokutf.Changed,
				Differences: []herokutf.DriftDifference{
					{Path: statefile.Path{"buildpacks"}, State: []any{"heroku/nodejs"}, Live: []any{"heroku/nodejs", "heroku/ruby"}},
					{Path: statefile.Path{"organization", 0, "locked"}, State: false, Live: true},
					{Path: statefile.Path{"labels"}, State: map[string]any{"team": "shop", "tier": nil}, Live: nil},
					{Path: statefile.Path{"config_vars.0.NOTE"}, State: strings.Repeat("long and the same, ", 20) + "old end", Live: strings.Repeat("long and the same, ", 20) + "new end"},
					{Path: statefile.Path{"description"}, State: "<script>alert(1)</script>", Live: "a|b `c` \\| \x1b[31mred\x1b[0m\r\n\u202eevil\xff @everyone #1"},
				}},
			{Address: "heroku_addon.db", Type: "heroku_addon", ID: "4", App: "shop-staging", State: "staging.tfstate", Verdict: herokutf.Replaced,
				Reason: "another add-on has its name", Next: herokutf.NextReplace, Forecast: true, ImportID: "01234567-89ab-cdef-0123-456789abcdef", Differences: []herokutf.DriftDifference{
					{Path: statefile.Path{"plan"}, State: "heroku-postgresql:essential-0", Live: "heroku-postgresql:standard-0"},
				}},
			{Address: "heroku_formation.staging", Type: "heroku_formation", ID: "5", App: "shop-staging", State: "staging.tfstate", Verdict: herokutf.Ignored,
				Reason: `rule 1: "scaled by hand"`, Differences: []herokutf.DriftDifference{}, Ignored: []herokutf.DriftDifference{
					{Path: statefile.Path{"quantity"}, State: json.Number("1"), Live: json.Number("0")},
				}},
			{Address: "heroku_app.calm", Type: "heroku_app", ID: "6", App: "calm", Verdict: herokutf.InSync, Differences: []herokutf.DriftDifference{}},
			{Address: "heroku_domain.calm", Type: "heroku_domain", ID: "7", App: "calm", Label: "calm.example.com", Verdict: herokutf.InSync, Differences: []herokutf.DriftDifference{}},
			{Address: "heroku_pipeline.shop", Type: "heroku_pipeline", ID: "8", Verdict: herokutf.Undetermined,
				Reason: "GET /pipelines/8: 503 Service Unavailable", Differences: []herokutf.DriftDifference{}},
			{Type: "heroku_drain", ID: "9", App: "shop-production", Verdict: herokutf.Unmanaged, Label: "", ImportID: shopID + ":9", Differences: []herokutf.DriftDifference{}},
			{Type: "heroku_domain", ID: "10", App: "shop-production", Verdict: herokutf.Unmanaged, Label: "shop.example.com", ImportID: shopID + ":10", Differences: []herokutf.DriftDifference{}},
			{Type: "heroku_app", ID: "11", App: "calm", Verdict: herokutf.Unmanaged, Label: "maintenance mode", Reason: "maintenance mode is on", Differences: []herokutf.DriftDifference{}},
		},
	}
}

// richPlace is where some objects of richDrift are configured.
func richPlace(state, address string) (string, int) {
	switch {
	case state == "staging.tfstate":
		return "staging env/main.tf", 0
	case strings.HasPrefix(address, "heroku_formation."), address == "heroku_app.shop":
		return "main.tf", 12
	case address == "heroku_domain.www":
		return "/srv/tf/domains.tf", 3
	}
	return "", 0
}

// calmDrift has nothing to report.
func calmDrift() *herokutf.DriftReport {
	r := richDrift()
	r.Notes = nil
	r.Objects = slices.DeleteFunc(r.Objects, func(o herokutf.DriftObject) bool {
		return o.Verdict != herokutf.InSync && o.Verdict != herokutf.Ignored
	})
	return r
}

func writeDrift(t testing.TB, r *herokutf.DriftReport, format Format, opts Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, format, opts); err != nil {
		t.Fatalf("Write as %s: %v", format, err)
	}
	return b.String()
}

func TestDriftReportGolden(t *testing.T) {
	tests := []struct {
		file   string
		report *herokutf.DriftReport
		format Format
		opts   Options
	}{
		{"rich.txt", richDrift(), Text, Options{Time: driftTime}},
		{"rich-verbose.txt", richDrift(), Text, Options{Verbose: true}},
		{"rich-color.txt", richDrift(), Text, Options{Color: true, Verbose: true}},
		{"rich-secrets.txt", richDrift(), Text, Options{ShowSecrets: true}},
		{"rich.json", richDrift(), JSON, Options{Time: driftTime}},
		{"rich.md", richDrift(), Markdown, Options{Time: driftTime}},
		{"rich.html", richDrift(), HTML, Options{Time: driftTime, Title: "Drift of <acme>"}},
		{"rich.sarif", richDrift(), SARIF, Options{Time: driftTime, Place: richPlace}},
		{"rich.xml", richDrift(), JUnit, Options{Time: driftTime, Place: richPlace}},
		{"rich.prom", richDrift(), Metrics, Options{Time: driftTime, Left: new(4400)}},
		{"rich.github", richDrift(), GitHub, Options{Place: richPlace}},
		{"calm.txt", calmDrift(), Text, Options{}},
		{"calm-verbose.txt", calmDrift(), Text, Options{Verbose: true}},
		{"calm.json", calmDrift(), JSON, Options{}},
		{"calm.md", calmDrift(), Markdown, Options{Title: "Drift of *acme*, @acme/ops"}},
		{"calm.html", calmDrift(), HTML, Options{}},
		{"unsure.txt", unsureDrift(), Text, Options{}},
		{"empty.txt", &herokutf.DriftReport{Objects: []herokutf.DriftObject{}}, Text, Options{}},
		{"empty.json", &herokutf.DriftReport{}, JSON, Options{}},
		{"empty.md", &herokutf.DriftReport{}, Markdown, Options{}},
		{"empty.html", &herokutf.DriftReport{}, HTML, Options{}},
		{"empty.sarif", &herokutf.DriftReport{}, SARIF, Options{}},
		{"empty.xml", &herokutf.DriftReport{}, JUnit, Options{}},
		{"empty.prom", &herokutf.DriftReport{}, Metrics, Options{Left: new(-1)}},
		{"empty.github", &herokutf.DriftReport{}, GitHub, Options{}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			golden(t, tt.file, writeDrift(t, tt.report, tt.format, tt.opts))
		})
	}
}

// golden compares an output with a file in testdata, or rewrites the file with -update.
func golden(t *testing.T, file, got string) {
	t.Helper()
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// unsureDrift has nothing but what couldn't be read.
func unsureDrift() *herokutf.DriftReport {
	r := richDrift()
	r.Objects = slices.DeleteFunc(r.Objects, func(o herokutf.DriftObject) bool {
		return o.Verdict != herokutf.InSync && o.Verdict != herokutf.Undetermined
	})
	return r
}

var driftSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	return c.Compile("../schemas/drift.schema.json")
})

func validateDrift(t *testing.T, text string) error {
	t.Helper()
	schema, err := driftSchema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(doc)
}

func TestDriftSchema(t *testing.T) {
	for name, r := range map[string]*herokutf.DriftReport{"rich": richDrift(), "calm": calmDrift(), "empty": {}} {
		text := writeDrift(t, r, JSON, Options{})
		if err := validateDrift(t, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(text)); err != nil {
			t.Fatal(err)
		}
		for kind, v := range map[string]any{"value": *r, "pointer": r} {
			got, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(compact.String(), string(got)); diff != "" {
				t.Errorf("%s: MarshalJSON of the %s (-want +got):\n%s", name, kind, diff)
			}
		}
	}

	text := writeDrift(t, richDrift(), JSON, Options{})
	for _, tt := range []struct{ name, old, new string }{
		{"version", `"format_version": "1.0"`, `"format_version": "2.0"`},
		{"count missing", `"in_sync": 2,`, ``},
		{"count negative", `"in_sync": 2,`, `"in_sync": -2,`},
		{"unknown member", `"requests": 31,`, `"requests": 31, "more": 1,`},
		{"unknown verdict", `"verdict": "renamed"`, `"verdict": "odd"`},
		{"null differences", `"differences": []`, `"differences": null`},
		{"a step that is no key", `"name"`, `1.5`},
		{"a secret in clear", `"secret:`, `"`},
		{"unknown action", `"action": "fail"`, `"action": "odd"`},
		{"unknown action of an attribute", `"next_apply": "update"`, `"next_apply": ""`},
		{"empty reason", `"reason": "set on Heroku since"`, `"reason": ""`},
		{"a time that isn't one", `"at": "2026-`, `"at": "`},
	} {
		broken := strings.Replace(text, tt.old, tt.new, 1)
		if broken == text {
			t.Errorf("%s: nothing to break", tt.name)
		} else if validateDrift(t, broken) == nil {
			t.Errorf("%s: the schema takes it", tt.name)
		}
	}
}

func TestDriftWriteErrors(t *testing.T) {
	bad := func(v any) *herokutf.DriftReport {
		return &herokutf.DriftReport{Objects: []herokutf.DriftObject{{Address: "heroku_app.a", Verdict: herokutf.Changed, Differences: []herokutf.DriftDifference{{Path: statefile.Path{"x"}, State: v}}}}}
	}
	for _, tt := range []struct {
		name   string
		report *herokutf.DriftReport
		format Format
		opts   Options
		want   string
	}{
		{"format", richDrift(), "yaml", Options{}, `unknown format "yaml": it has to be one of text, json, markdown, html, sarif, junit, metrics, github`},
		{"json secrets", richDrift(), JSON, Options{ShowSecrets: true}, "format json never shows secrets: only text can"},
		{"markdown secrets", richDrift(), Markdown, Options{ShowSecrets: true}, "format markdown never shows secrets: only text can"},
		{"html secrets", richDrift(), HTML, Options{ShowSecrets: true}, "format html never shows secrets: only text can"},
		{"verdict", &herokutf.DriftReport{Objects: []herokutf.DriftObject{{Address: "heroku_app.a", Verdict: "odd"}}}, Text, Options{}, `object 0 of the report (heroku_app.a): unknown verdict "odd"`},
		{"value", bad(func() {}), JSON, Options{}, "json: unsupported type: func()"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			err := Write(&b, tt.report, tt.format, tt.opts)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got error %v, want %s", err, tt.want)
			}
			if b.Len() > 0 {
				t.Errorf("wrote %q before the error", b.String())
			}
		})
	}
	for _, format := range Formats() {
		w := &failingWriter{}
		if err := Write(w, richDrift(), format, Options{}); !errors.Is(err, errFailingWriter) || w.calls != 1 {
			t.Errorf("%s: got error %v after %d calls, want the writer's after 1", format, err, w.calls)
		}
	}
}

var errFailingWriter = errors.New("disk full")

type failingWriter struct{ calls int }

func (w *failingWriter) Write([]byte) (int, error) {
	w.calls++
	return 0, errFailingWriter
}

// TestDriftSecrets looks for the secret values of the report wherever it can be
// written, printed and logged.
func TestDriftSecrets(t *testing.T) {
	if text := writeDrift(t, richDrift(), Text, Options{ShowSecrets: true, Verbose: true}); strings.Count(text, driftMarker) != 6 {
		t.Fatalf("the values asked for are shown %d times, want 6:\n%s", strings.Count(text, driftMarker), text)
	}
	outputs := make(map[string]string)
	for _, format := range Formats() {
		outputs[string(format)] = writeDrift(t, richDrift(), format, Options{Verbose: true, Color: true})
	}
	r := richDrift()
	values := map[string]any{"report": *r, "report pointer": r, "objects": r.Objects}
	for i := range r.Objects {
		o := &r.Objects[i]
		values[fmt.Sprint("object ", i)], values[fmt.Sprint("object pointer ", i)] = *o, o
		values[fmt.Sprint("differences ", i)], values[fmt.Sprint("ignored ", i)] = o.Differences, o.Ignored
		for j := range o.Differences {
			values[fmt.Sprint("difference ", i, j)] = o.Differences[j]
			values[fmt.Sprint("difference pointer ", i, j)] = &o.Differences[j]
		}
	}
	for name, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			outputs[name+" "+verb] = fmt.Sprintf(verb, v)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		outputs[name+" JSON"] = string(text)
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		outputs[name+" slog"] = log.String()
	}
	marker := fmt.Sprintf("%x", driftMarker)
	for name, text := range outputs {
		if strings.Contains(text, driftMarker) || strings.Contains(text, marker) {
			t.Errorf("%s shows a secret: %s", name, text)
		}
	}

	// What was marked by hand and has no fingerprint isn't shown either.
	byHand := &herokutf.DriftReport{Objects: []herokutf.DriftObject{{Address: "heroku_app.a", Verdict: herokutf.Changed, Differences: []herokutf.DriftDifference{
		{Path: statefile.Path{"x"}, State: driftMarker, Live: []any{"secret:" + driftMarker}, Sensitive: true},
	}}}}
	for _, format := range Formats() {
		text := writeDrift(t, byHand, format, Options{})
		if strings.Contains(text, driftMarker) || format != Metrics && !strings.Contains(text, "secret") {
			t.Errorf("%s of a report made by hand: %s", format, text)
		}
	}
	if err := validateDrift(t, writeDrift(t, byHand, JSON, Options{})); err != nil {
		t.Error(err)
	}
}

// hostileDrift has the text in every field that holds one.
func hostileDrift(text string) *herokutf.DriftReport {
	differences := []herokutf.DriftDifference{
		{Path: statefile.Path{text}, State: text, Live: []any{text}},
		{Path: statefile.Path{"a", text, 0}, State: map[string]any{text: text}, Live: json.Number("1")},
	}
	object := herokutf.DriftObject{Address: text, Type: text, ID: text, App: text, Label: text + "2", State: text, ImportID: text, Reason: text,
		Verdict: herokutf.Changed, Differences: differences, Ignored: differences, Blame: []herokutf.DriftBlame{{Version: 1, User: text, At: driftTime, Description: text}}}
	unmanaged := object
	unmanaged.Address, unmanaged.Verdict = "", herokutf.Unmanaged
	return &herokutf.DriftReport{Objects: []herokutf.DriftObject{object, unmanaged}, Notes: []string{text}}
}

var driftHostile = []string{
	"plain", "a|b", `\|`, `\\|`, "`", "``", "a`b``c", "`|`", `\`, "\\`", "<script>alert(1)</script>", "</details>", "<!--", "&lt;", "&#124;", "@everyone", "see #123, GH-1 a/b#2",
	"a\nb", "a\r\n\r\n# b", "| a |\n|---|", "https://example.com www.example.com", "*a* _b_ ~~c~~ [x](y) ![x](y)", "- x", "1. x", "1) x", "# x", "    x", "$x$", "$`x`$", ":tada:",
	" x ", "\u202e\u2028\u2066", "\x1b]0;x\x07\x1b[2J", "\x9b31m", "\xff\xfe", "{{.}}", "\u00a0|", strings.Repeat("`|<", 500), `"`, "'", "]]>", "=", "---", "+ x", "> x",
}

// FuzzDriftWrite checks that no value reaches beyond its place: whatever it is,
// the output has the structure that it has with a harmless one.
func FuzzDriftWrite(f *testing.F) {
	for _, s := range driftHostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s == "" {
			return // no field, which is another structure
		}
		r := hostileDrift("x" + s + "x")
		calm := hostileDrift("xyx")
		if got, want := markdownShape(t, writeDrift(t, r, Markdown, Options{Title: "x" + s + "x"})),
			markdownShape(t, writeDrift(t, calm, Markdown, Options{Title: "xyx"})); got != want {
			t.Errorf("shape of the Markdown (-want +got):\n%s", cmp.Diff(want, got))
		}
		page, calmPage := writeDrift(t, r, HTML, Options{Title: s + "x"}), writeDrift(t, calm, HTML, Options{Title: "x"})
		tags := func(page string) []string {
			return driftTag.FindAllString(driftAttr.ReplaceAllString(page, `$1=""`), -1)
		}
		got, want := tags(page), tags(calmPage)
		if !slices.Equal(got, want) {
			t.Errorf("tags of the page (-want +got):\n%s", cmp.Diff(want, got))
		}
		for _, format := range Formats() {
			text := writeDrift(t, r, format, Options{Title: s, Verbose: true})
			if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !strconv.IsPrint(r) }); i >= 0 && format != JSON {
				t.Errorf("%s has %q in it", format, text[i:min(i+5, len(text))])
			}
			if !utf8.ValidString(text) {
				t.Errorf("%s is no UTF-8", format)
			}
		}
		if got, want := strings.Count(writeDrift(t, r, Text, Options{}), "\n"), strings.Count(writeDrift(t, calm, Text, Options{}), "\n"); got != want {
			t.Errorf("text has %d lines, want %d", got, want)
		}
		// A title that begins with what would be a list or a heading.
		note := writeDrift(t, &herokutf.DriftReport{Notes: []string{s}}, Markdown, Options{})
		_, note, _ = strings.Cut(note, "\n\n**Notes**\n\n- ")
		if driftBlock.MatchString(note) {
			t.Errorf("note begins as %q", note)
		}
	})
}

var (
	driftAttr   = regexp.MustCompile(`( id| href| aria-label)="[^"]*"`) // those that hold values
	driftTag    = regexp.MustCompile(`<[^>]*>?`)
	driftBlock  = regexp.MustCompile(`^(\d+[.)](\s|$)|[-+*](\s|$)|[#>=|]|    )`)
	driftSpan   = regexp.MustCompile("<code>([^<`|]*)</code>|`[^`|\n]+`")
	driftEntity = regexp.MustCompile(`&#[0-9]+;`)
	driftOwn    = regexp.MustCompile(`<br>|</?details( open)?>|</?summary>|^## |\*\*[A-Za-z ]+:?\*\*|(?m)^- |^\|---\|---\|---\|$|\|`)
	driftWord   = regexp.MustCompile(`[^\s<>|]+`)
	driftWords  = regexp.MustCompile(`(t[ ]*)+`)
)

// markdownShape takes the values out of the Markdown: code spans become a C, and
// in what is left, which must have no other markup, runs of text a t.
func markdownShape(t *testing.T, text string) string {
	t.Helper()
	if n := len(text); n > defaultLimit {
		t.Errorf("%d bytes", n)
	}
	text = driftSpan.ReplaceAllString(text, "C")
	rest := driftOwn.ReplaceAllString(driftEntity.ReplaceAllString(text, ""), "")
	if i := strings.IndexAny(rest, "<>`\\*[]#@~$&!|{}"); i >= 0 {
		t.Errorf("markup outside of values: %q", rest[i:min(len(rest), i+30)])
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "|") || strings.HasPrefix(line, "<") {
			b.WriteString(driftWords.ReplaceAllString(driftWord.ReplaceAllStringFunc(line, func(s string) string {
				if s == "C" || s == "C:" {
					return "C"
				}
				return "t"
			}), "t"))
		} else {
			b.WriteString("line\n")
		}
	}
	return b.String()
}

// TestDriftMarkdownLimit writes reports of all sizes.
func TestDriftMarkdownLimit(t *testing.T) {
	for _, limit := range []int{0, leastLimit, leastLimit + 1, 10_000, defaultLimit - 100, 200_000} {
		most := limit
		if limit == 0 {
			most = defaultLimit
		}
		for _, n := range []int{1, 50, 400} {
			if n == 400 && limit != 0 && limit < defaultLimit {
				continue // 50 are too many for these already
			}
			for _, text := range []string{"a", strings.Repeat("|", 1000), strings.Repeat("@", 1000), strings.Repeat("日本", 300)} {
				r := &herokutf.DriftReport{}
				for i := range n {
					o := hostileDrift(text).Objects[0]
					o.App = fmt.Sprintf("app-%04d", i/3)
					for range 4000 / max(n, 20) {
						o.Differences = append(o.Differences, o.Differences[0])
					}
					o.Differences = slices.Clip(o.Differences)
					r.Objects = append(r.Objects, o)
					r.Notes = append(r.Notes, text)
				}
				got := writeDrift(t, r, Markdown, Options{Limit: limit, Title: text})
				what := fmt.Sprintf("limit %d, %d objects of %.5q", limit, n, text)
				if len(got) > most {
					t.Errorf("%s: %d bytes", what, len(got))
				}
				rows := strings.Count(got, "\n| changed |")
				// Of the longest texts not even one object fits into the least.
				enough := rows > 0 || len(text) > 1 && limit > 0 && limit <= 10_000
				if open, closed := strings.Count(got, "<details"), strings.Count(got, "</details>"); open != closed || !enough {
					t.Errorf("%s: %d rows, %d groups, %d of them closed", what, rows, open, closed)
				}
				left := ""
				if rows < n {
					left = fmt.Sprintf("\n%s left out: more than fits into a comment.\n", printable.Count(n-rows, "object"))
				}
				if !strings.Contains(got, left) || (left == "") == strings.Contains(got, "left out") {
					t.Errorf("%s: %d rows, and not said that the others are left out", what, rows)
				}
				if limit == 0 && n < 400 && got != writeDrift(t, r, Markdown, Options{Limit: defaultLimit, Title: text}) {
					t.Errorf("%s: the default isn't %d", what, defaultLimit)
				}
			}
		}
	}
	// A few plain objects do fit into the least.
	got := writeDrift(t, bigDrift(10), Markdown, Options{Limit: leastLimit})
	if rows := strings.Count(got, "\n| changed |"); rows < 5 {
		t.Errorf("%d of 10 objects are in %d bytes", rows, len(got))
	}
	for _, limit := range []int{-1, 1, leastLimit - 1} {
		var b strings.Builder
		err := Write(&b, bigDrift(1), Markdown, Options{Limit: limit})
		if err == nil || !strings.Contains(err.Error(), "4096") || b.Len() > 0 {
			t.Errorf("limit %d: %v, and %d bytes", limit, err, b.Len())
		}
		// It is of Markdown alone.
		writeDrift(t, bigDrift(1), Text, Options{Limit: limit})
	}
}

func TestElidePair(t *testing.T) {
	long := strings.Repeat("0123456789", 30)
	texts := []string{"", "a", long, long + "x", long + "y", "x" + long, long[:150] + "é" + long[150:], long[:150] + "ê" + long[150:], long + long, long[:80], long[:81]}
	for _, a := range texts {
		for _, b := range texts {
			x, y := elidePair(a, b, lineLimit)
			if (a == b) != (x == y) {
				t.Errorf("%q and %q are shown as %q and %q", a, b, x, y)
			}
			for _, s := range []string{x, y} {
				if n := utf8.RuneCountInString(s); n > lineLimit {
					t.Errorf("%q has %d characters", s, n)
				}
			}
		}
	}
}

// bigDrift is of n apps with nine objects each, of which one has changed.
func bigDrift(n int) *herokutf.DriftReport {
	r := &herokutf.DriftReport{Requests: 10 * n}
	for i := range n {
		app := fmt.Sprintf("app-%04d", i)
		for j := range 9 {
			o := herokutf.DriftObject{Address: fmt.Sprintf(`module.app["%s"].heroku_formation.f%d`, app, j), Type: "heroku_formation", ID: shopID, App: app, Verdict: herokutf.InSync, Differences: []herokutf.DriftDifference{}}
			if j == 0 {
				o.Verdict = herokutf.Changed
				o.Differences = []herokutf.DriftDifference{
					{Path: statefile.Path{"quantity"}, State: json.Number("1"), Live: json.Number("2")},
					herokutf.SensitiveDifference([]byte("big"), o.Address, statefile.Path{"vars", "A"}, "1", "2"),
				}
			}
			r.Objects = append(r.Objects, o)
		}
	}
	return r
}

func BenchmarkDriftWrite(b *testing.B) {
	r := bigDrift(1000)
	for _, format := range Formats() {
		b.Run(string(format), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(writeDrift(b, r, format, Options{}))))
			for b.Loop() {
				if err := Write(io.Discard, r, format, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		s     string
		width int
		want  []string
	}{
		{"a sentence that is longer than the line it has to fit in", 20, []string{"a sentence that is", "longer than the line", "it has to fit in"}},
		{"short", 20, []string{"short"}},
		{"", 20, []string{""}},
		{strings.Repeat("x", 30) + " and more", 20, []string{strings.Repeat("x", 30), "and more"}},
		{"äöüäöüäöüä öüäöüäöüä", 20, []string{"äöüäöüäöüä öüäöüäöüä"}},
		{"too narrow to be wrapped at all", 19, []string{"too narrow to be wrapped at all"}},
		{"no width is known", 0, []string{"no width is known"}},
	} {
		if diff := cmp.Diff(tt.want, wrap(tt.s, tt.width)); diff != "" {
			t.Errorf("%q in %d (-want +got):\n%s", tt.s, tt.width, diff)
		}
	}
	text := writeDrift(t, richDrift(), Text, Options{Width: 40})
	if got, want := strings.Join(strings.Fields(text), " "), strings.Join(strings.Fields(writeDrift(t, richDrift(), Text, Options{})), " "); got != want {
		t.Errorf("the width changes the words (-want +got):\n%s", cmp.Diff(want, got))
	}
	if !strings.Contains(text, "\n  rule 3 (heroku_app_feature.*) has\n  never matched\n") {
		t.Errorf("notes aren't wrapped:\n%s", text)
	}
}
