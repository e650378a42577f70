package herokutf

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

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/statefile"
)

var update = flag.Bool("update-report", false, "rewrite the goldens of reports")

const shopID = "aaaaaaaa-0000-4000-8000-000000000001"

// driftMarker is in every secret value of richDrift.
const driftMarker = "hunter2"

var driftTime = time.Date(2026, 11, 28, 11, 4, 9, 0, time.FixedZone("CET", 3600))

// richDrift has every verdict and every field.
func richDrift() *DriftReport {
	secret := func(address string, path statefile.Path, state, live any) DriftDifference {
		return SensitiveDifference([]byte("golden"), address+" "+path.String(), path, state, live)
	}
	blame := func(version int, user string, day int, description string) DriftBlame {
		return DriftBlame{version, user, time.Date(2026, 11, day, 9, 30, 0, 0, time.UTC), description}
	}
	return &DriftReport{
		Requests: 31,
		Notes: []string{
			`rule 3 (heroku_app_feature.*) has never matched`,
			"the add-ons of team \"acme\" could not be read: GET /teams/acme/addons: 403 Forbidden\nask @acme/admins, see #123",
		},
		Objects: []DriftObject{
			{Address: "heroku_app.shop", Type: "heroku_app", ID: shopID, App: "shop-production", Verdict: Renamed,
				Reason: `the app is now called "shop-production"`,
				Differences: []DriftDifference{
					{Path: statefile.Path{"name"}, State: "shop", Live: "shop-production"},
					{Path: statefile.Path{"web_url"}, State: "https://shop.herokuapp.com/", Live: "https://shop-production-3f9a1c2b4d5e.herokuapp.com/"},
				}},
			{Address: `heroku_formation.shop["web"]`, Type: "heroku_formation", ID: "1", App: "shop-production", Label: "web", Verdict: Changed,
				Differences: []DriftDifference{
					{Path: statefile.Path{"quantity"}, State: json.Number("2"), Live: json.Number("3")},
					{Path: statefile.Path{"size"}, State: "standard-1x", Live: "standard-2x"},
				},
				Blame: []DriftBlame{blame(42, "ann@example.com", 27, "Scale web to 3"), blame(41, "", 26, "")}},
			{Address: "heroku_app_config_association.shop", Type: "heroku_app_config_association", ID: "config:" + shopID, App: "shop-production", Verdict: Changed,
				Reason: "set on Heroku since",
				Differences: []DriftDifference{
					secret("a", statefile.Path{"sensitive_vars", "DATABASE_URL"},
						"postgres://u:"+driftMarker+"@ec2-1-2-3-4.compute-1.amazonaws.com:5432/d1",
						"postgres://u:"+driftMarker+"@ec2-5-6-7-8.compute-1.amazonaws.com:5432/d1"),
					secret("b", statefile.Path{"sensitive_vars", "NEW_RELIC"}, nil, driftMarker+"-new"),
					secret("c", statefile.Path{"tunnels"}, []any{map[string]any{"ip": "1.2.3.4", "key": driftMarker}}, nil),
				},
				Ignored: []DriftDifference{secret("d", statefile.Path{"vars", "LOG_LEVEL"}, driftMarker+" info", driftMarker+" debug")},
				Blame:   []DriftBlame{blame(43, "ann@example.com", 28, "Set DATABASE_URL, NEW_RELIC config vars")}},
			{Address: "heroku_domain.www", Type: "heroku_domain", ID: "2", App: "shop-production", Label: "www.example.com", Verdict: Missing,
				Reason: "the app has no such domain", Differences: []DriftDifference{}},
			{Address: "module.staging.heroku_app.shop", Type: "heroku_app", ID: "3", App: "shop-staging", State: "staging.tfstate", Verdict: Changed,
				Differences: []DriftDifference{
					{Path: statefile.Path{"buildpacks"}, State: []any{"heroku/nodejs"}, Live: []any{"heroku/nodejs", "heroku/ruby"}},
					{Path: statefile.Path{"organization", 0, "locked"}, State: false, Live: true},
					{Path: statefile.Path{"labels"}, State: map[string]any{"team": "shop", "tier": nil}, Live: nil},
					{Path: statefile.Path{"config_vars.0.NOTE"}, State: strings.Repeat("long and the same, ", 20) + "old end", Live: strings.Repeat("long and the same, ", 20) + "new end"},
					{Path: statefile.Path{"description"}, State: "<script>alert(1)</script>", Live: "a|b `c` \\| \x1b[31mred\x1b[0m\r\n\u202eevil\xff @everyone #1"},
				}},
			{Address: "heroku_addon.db", Type: "heroku_addon", ID: "4", App: "shop-staging", State: "staging.tfstate", Verdict: Replaced,
				Reason: "another add-on has its name", ImportID: "01234567-89ab-cdef-0123-456789abcdef", Differences: []DriftDifference{
					{Path: statefile.Path{"plan"}, State: "heroku-postgresql:essential-0", Live: "heroku-postgresql:standard-0"},
				}},
			{Address: "heroku_formation.staging", Type: "heroku_formation", ID: "5", App: "shop-staging", State: "staging.tfstate", Verdict: Ignored,
				Reason: `rule 1: "scaled by hand"`, Differences: []DriftDifference{}, Ignored: []DriftDifference{
					{Path: statefile.Path{"quantity"}, State: json.Number("1"), Live: json.Number("0")},
				}},
			{Address: "heroku_app.calm", Type: "heroku_app", ID: "6", App: "calm", Verdict: InSync, Differences: []DriftDifference{}},
			{Address: "heroku_domain.calm", Type: "heroku_domain", ID: "7", App: "calm", Label: "calm.example.com", Verdict: InSync, Differences: []DriftDifference{}},
			{Address: "heroku_pipeline.shop", Type: "heroku_pipeline", ID: "8", Verdict: Undetermined,
				Reason: "GET /pipelines/8: 503 Service Unavailable", Differences: []DriftDifference{}},
			{Type: "heroku_drain", ID: "9", App: "shop-production", Verdict: Unmanaged, Label: "", ImportID: shopID + ":9", Differences: []DriftDifference{}},
			{Type: "heroku_domain", ID: "10", App: "shop-production", Verdict: Unmanaged, Label: "shop.example.com", ImportID: shopID + ":10", Differences: []DriftDifference{}},
			{Type: "heroku_app", ID: "11", App: "calm", Verdict: Unmanaged, Label: "maintenance mode", Reason: "maintenance mode is on", Differences: []DriftDifference{}},
		},
	}
}

// calmDrift has nothing to tell.
func calmDrift() *DriftReport {
	r := richDrift()
	r.Notes = nil
	r.Objects = slices.DeleteFunc(r.Objects, func(o DriftObject) bool { return o.Verdict != InSync && o.Verdict != Ignored })
	return r
}

func writeDrift(t testing.TB, r *DriftReport, format DriftFormat, opts DriftWriteOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteReport(&b, r, format, opts); err != nil {
		t.Fatalf("Write as %s: %v", format, err)
	}
	return b.String()
}

func TestDriftReportGolden(t *testing.T) {
	tests := []struct {
		file   string
		report *DriftReport
		format DriftFormat
		opts   DriftWriteOptions
	}{
		{"rich.txt", richDrift(), DriftText, DriftWriteOptions{Time: driftTime}},
		{"rich-verbose.txt", richDrift(), DriftText, DriftWriteOptions{Verbose: true}},
		{"rich-color.txt", richDrift(), DriftText, DriftWriteOptions{Color: true, Verbose: true}},
		{"rich-secrets.txt", richDrift(), DriftText, DriftWriteOptions{ShowSecrets: true}},
		{"rich.json", richDrift(), DriftJSON, DriftWriteOptions{Time: driftTime}},
		{"rich.md", richDrift(), DriftMarkdown, DriftWriteOptions{Time: driftTime}},
		{"rich.html", richDrift(), DriftHTML, DriftWriteOptions{Time: driftTime, Title: "Drift of <acme>"}},
		{"calm.txt", calmDrift(), DriftText, DriftWriteOptions{}},
		{"calm-verbose.txt", calmDrift(), DriftText, DriftWriteOptions{Verbose: true}},
		{"calm.json", calmDrift(), DriftJSON, DriftWriteOptions{}},
		{"calm.md", calmDrift(), DriftMarkdown, DriftWriteOptions{Title: "Drift of *acme*, @acme/ops"}},
		{"calm.html", calmDrift(), DriftHTML, DriftWriteOptions{}},
		{"unsure.txt", unsureDrift(), DriftText, DriftWriteOptions{}},
		{"empty.txt", &DriftReport{Objects: []DriftObject{}}, DriftText, DriftWriteOptions{}},
		{"empty.json", &DriftReport{}, DriftJSON, DriftWriteOptions{}},
		{"empty.md", &DriftReport{}, DriftMarkdown, DriftWriteOptions{}},
		{"empty.html", &DriftReport{}, DriftHTML, DriftWriteOptions{}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			file := filepath.Join("testdata", "drift-report", tt.file)
			got := writeDrift(t, tt.report, tt.format, tt.opts)
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
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
}

// unsureDrift has nothing but what couldn't be read.
func unsureDrift() *DriftReport {
	r := richDrift()
	r.Objects = slices.DeleteFunc(r.Objects, func(o DriftObject) bool { return o.Verdict != InSync && o.Verdict != Undetermined })
	return r
}

var driftSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	return c.Compile("drift.schema.json")
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
	for name, r := range map[string]*DriftReport{"rich": richDrift(), "calm": calmDrift(), "empty": {}} {
		text := writeDrift(t, r, DriftJSON, DriftWriteOptions{})
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

	text := writeDrift(t, richDrift(), DriftJSON, DriftWriteOptions{})
	for _, tt := range []struct{ name, old, new string }{
		{"version", `"format_version": "1.0"`, `"format_version": "2.0"`},
		{"count missing", `"in_sync": 2,`, ``},
		{"count negative", `"in_sync": 2,`, `"in_sync": -2,`},
		{"unknown member", `"requests": 31,`, `"requests": 31, "more": 1,`},
		{"unknown verdict", `"verdict": "renamed"`, `"verdict": "odd"`},
		{"null differences", `"differences": []`, `"differences": null`},
		{"a step that is no key", `"name"`, `1.5`},
		{"a secret in clear", `"secret:`, `"`},
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
	bad := func(v any) *DriftReport {
		return &DriftReport{Objects: []DriftObject{{Address: "heroku_app.a", Verdict: Changed, Differences: []DriftDifference{{Path: statefile.Path{"x"}, State: v}}}}}
	}
	for _, tt := range []struct {
		name   string
		report *DriftReport
		format DriftFormat
		opts   DriftWriteOptions
		want   string
	}{
		{"format", richDrift(), "yaml", DriftWriteOptions{}, `unknown format "yaml": it has to be one of text, json, markdown, html`},
		{"json secrets", richDrift(), DriftJSON, DriftWriteOptions{ShowSecrets: true}, "format json never shows secrets: only text can"},
		{"markdown secrets", richDrift(), DriftMarkdown, DriftWriteOptions{ShowSecrets: true}, "format markdown never shows secrets: only text can"},
		{"html secrets", richDrift(), DriftHTML, DriftWriteOptions{ShowSecrets: true}, "format html never shows secrets: only text can"},
		{"verdict", &DriftReport{Objects: []DriftObject{{Address: "heroku_app.a", Verdict: "odd"}}}, DriftText, DriftWriteOptions{}, `object 0 of the report (heroku_app.a): unknown verdict "odd"`},
		{"value", bad(func() {}), DriftJSON, DriftWriteOptions{}, "json: unsupported type: func()"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			err := WriteReport(&b, tt.report, tt.format, tt.opts)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got error %v, want %s", err, tt.want)
			}
			if b.Len() > 0 {
				t.Errorf("wrote %q before the error", b.String())
			}
		})
	}
	for _, format := range DriftFormats() {
		w := &failingWriter{}
		if err := WriteReport(w, richDrift(), format, DriftWriteOptions{}); !errors.Is(err, errFailingWriter) || w.calls != 1 {
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
	if text := writeDrift(t, richDrift(), DriftText, DriftWriteOptions{ShowSecrets: true, Verbose: true}); strings.Count(text, driftMarker) != 6 {
		t.Fatalf("the values asked for are shown %d times, want 6:\n%s", strings.Count(text, driftMarker), text)
	}
	outputs := make(map[string]string)
	for _, format := range DriftFormats() {
		outputs[string(format)] = writeDrift(t, richDrift(), format, DriftWriteOptions{Verbose: true, Color: true})
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
	byHand := &DriftReport{Objects: []DriftObject{{Address: "heroku_app.a", Verdict: Changed, Differences: []DriftDifference{
		{Path: statefile.Path{"x"}, State: driftMarker, Live: []any{"secret:" + driftMarker}, Sensitive: true},
	}}}}
	for _, format := range DriftFormats() {
		text := writeDrift(t, byHand, format, DriftWriteOptions{})
		if strings.Contains(text, driftMarker) || !strings.Contains(text, "secret") {
			t.Errorf("%s of a report made by hand: %s", format, text)
		}
	}
	if err := validateDrift(t, writeDrift(t, byHand, DriftJSON, DriftWriteOptions{})); err != nil {
		t.Error(err)
	}
}

// hostileDrift has the text in every field that holds one.
func hostileDrift(text string) *DriftReport {
	differences := []DriftDifference{
		{Path: statefile.Path{text}, State: text, Live: []any{text}},
		{Path: statefile.Path{"a", text, 0}, State: map[string]any{text: text}, Live: json.Number("1")},
	}
	object := DriftObject{Address: text, Type: text, ID: text, App: text, Label: text + "2", State: text, ImportID: text, Reason: text,
		Verdict: Changed, Differences: differences, Ignored: differences, Blame: []DriftBlame{{1, text, driftTime, text}}}
	unmanaged := object
	unmanaged.Address, unmanaged.Verdict = "", Unmanaged
	return &DriftReport{Objects: []DriftObject{object, unmanaged}, Notes: []string{text}}
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
		if got, want := markdownShape(t, writeDrift(t, r, DriftMarkdown, DriftWriteOptions{Title: "x" + s + "x"})),
			markdownShape(t, writeDrift(t, calm, DriftMarkdown, DriftWriteOptions{Title: "xyx"})); got != want {
			t.Errorf("shape of the Markdown (-want +got):\n%s", cmp.Diff(want, got))
		}
		page, calmPage := writeDrift(t, r, DriftHTML, DriftWriteOptions{Title: s + "x"}), writeDrift(t, calm, DriftHTML, DriftWriteOptions{Title: "x"})
		got, want := driftTag.FindAllString(page, -1), driftTag.FindAllString(calmPage, -1)
		if !slices.Equal(got, want) {
			t.Errorf("tags of the page (-want +got):\n%s", cmp.Diff(want, got))
		}
		for _, format := range DriftFormats() {
			text := writeDrift(t, r, format, DriftWriteOptions{Title: s, Verbose: true})
			if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !strconv.IsPrint(r) }); i >= 0 && format != DriftJSON {
				t.Errorf("%s has %q in it", format, text[i:min(i+5, len(text))])
			}
			if !utf8.ValidString(text) {
				t.Errorf("%s is no UTF-8", format)
			}
		}
		if got, want := strings.Count(writeDrift(t, r, DriftText, DriftWriteOptions{}), "\n"), strings.Count(writeDrift(t, calm, DriftText, DriftWriteOptions{}), "\n"); got != want {
			t.Errorf("text has %d lines, want %d", got, want)
		}
		// A title that begins with what would be a list or a heading.
		note := writeDrift(t, &DriftReport{Notes: []string{s}}, DriftMarkdown, DriftWriteOptions{})
		_, note, _ = strings.Cut(note, "\n\n**Notes**\n\n- ")
		if driftBlock.MatchString(note) {
			t.Errorf("note begins as %q", note)
		}
	})
}

var (
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
	if n := len(text); n > markdownLimit {
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
	for _, n := range []int{1, 50, 400} {
		for _, text := range []string{"a", strings.Repeat("|", 1000), strings.Repeat("日本", 300)} {
			r := &DriftReport{}
			for i := range n {
				o := hostileDrift(text).Objects[0]
				o.App = fmt.Sprintf("app-%04d", i/3)
				for range 200 {
					o.Differences = append(o.Differences, o.Differences[0])
				}
				o.Differences = slices.Clip(o.Differences)
				r.Objects = append(r.Objects, o)
				r.Notes = append(r.Notes, text)
			}
			got := writeDrift(t, r, DriftMarkdown, DriftWriteOptions{})
			if len(got) > markdownLimit {
				t.Errorf("%d objects of %.5q: %d bytes", n, text, len(got))
			}
			rows := strings.Count(got, "\n| changed |")
			if open, closed := strings.Count(got, "<details"), strings.Count(got, "</details>"); open != closed || rows == 0 {
				t.Errorf("%d objects of %.5q: %d rows, %d groups, %d of them closed", n, text, rows, open, closed)
			}
			left := ""
			if rows < n {
				left = fmt.Sprintf("\n%s left out: more than fits into a comment.\n", printable.Count(n-rows, "object"))
			}
			if !strings.Contains(got, left) || (left == "") == strings.Contains(got, "left out") {
				t.Errorf("%d objects of %.5q: %d rows, and not said that the others are left out", n, text, rows)
			}
		}
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
func bigDrift(n int) *DriftReport {
	r := &DriftReport{Requests: 10 * n}
	for i := range n {
		app := fmt.Sprintf("app-%04d", i)
		for j := range 9 {
			o := DriftObject{Address: fmt.Sprintf(`module.app["%s"].heroku_formation.f%d`, app, j), Type: "heroku_formation", ID: shopID, App: app, Verdict: InSync, Differences: []DriftDifference{}}
			if j == 0 {
				o.Verdict = Changed
				o.Differences = []DriftDifference{
					{Path: statefile.Path{"quantity"}, State: json.Number("1"), Live: json.Number("2")},
					SensitiveDifference([]byte("big"), o.Address, statefile.Path{"vars", "A"}, "1", "2"),
				}
			}
			r.Objects = append(r.Objects, o)
		}
	}
	return r
}

func BenchmarkDriftWrite(b *testing.B) {
	r := bigDrift(1000)
	for _, format := range DriftFormats() {
		b.Run(string(format), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(writeDrift(b, r, format, DriftWriteOptions{}))))
			for b.Loop() {
				if err := WriteReport(io.Discard, r, format, DriftWriteOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
