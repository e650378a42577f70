package report

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/statefile"
)

// hostile has what could end a text or be taken for markup in any format.
func hostile() *herokutf.DriftReport {
	const text = "]]>\x00\x1b[31m{0} [a](b) \"q\" \\ \n<x>&amp;\u2028\xff{{"
	return &herokutf.DriftReport{
		Notes: []string{text},
		Objects: []herokutf.DriftObject{
			{State: text, Address: text, Type: text, ID: text, App: text, Label: text, ImportID: text, Reason: text, Verdict: herokutf.Changed, Next: herokutf.NextApply(text),
				Differences: []herokutf.DriftDifference{{Path: statefile.Path{text}, State: text, Live: []any{text}, Next: herokutf.NextApply(text)}},
				Blame:       []herokutf.DriftBlame{{Version: 1, User: text, Description: text}}},
			{Type: text, Label: text, App: text, Verdict: herokutf.Ignored, Reason: text},
			{Type: text, App: text, Verdict: herokutf.Undetermined, Reason: text},
		},
	}
}

// anyPlace puts every object into a file that needs quoting.
func anyPlace(string, string) (string, int) { return `env\pro d%/main <1>.tf`, 7 }

func formatReports() map[string]*herokutf.DriftReport {
	return map[string]*herokutf.DriftReport{"rich": richDrift(), "calm": calmDrift(), "unsure": unsureDrift(), "hostile": hostile(), "empty": {}}
}

// TestSarif holds the format to what of its published schema it uses, or to all of it if
// HEROKUTF_SARIF_SCHEMA names a copy.
func TestSarif(t *testing.T) {
	file := os.Getenv("HEROKUTF_SARIF_SCHEMA")
	if file == "" {
		file = "testdata/sarif-subset.schema.json"
	}
	schema, err := jsonschema.NewCompiler().Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	validate := func(text string) error {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(doc)
	}
	for name, r := range formatReports() {
		for where, place := range map[string]func(string, string) (string, int){"": nil, " with files": anyPlace} {
			if err := validate(writeDrift(t, r, SARIF, Options{Time: driftTime, Place: place})); err != nil {
				t.Errorf("%s%s: %v", name, where, err)
			}
		}
	}
	text := writeDrift(t, richDrift(), SARIF, Options{Time: driftTime, Place: richPlace})
	for _, tt := range []struct{ name, old, new string }{
		{"version", `"version": "2.1.0"`, `"version": "2.0"`},
		{"level", `"level": "warning"`, `"level": "grave"`},
		{"line", `"startLine": 12`, `"startLine": 0`},
		{"rule", `"ruleIndex": 0`, `"ruleIndex": -2`},
		{"suppression", `"kind": "external"`, `"kind": "mine"`},
		{"message", `"message": {`, `"message": {}, "unknown": {`},
	} {
		if broken := strings.Replace(text, tt.old, tt.new, 1); broken == text {
			t.Errorf("%s: nothing to break", tt.name)
		} else if validate(broken) == nil {
			t.Errorf("%s: the schema takes it", tt.name)
		}
	}
	for _, want := range []string{`"uri": "staging%20env/main.tf"`, `"uri": "file:///srv/tf/domains.tf"`, `"uriBaseId": "%SRCROOT%"`, `{{\"team\"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
}

// TestJUnit reads the tests back, strictly: nothing but what the format has, with the
// numbers that come to what is there.
func TestJUnit(t *testing.T) {
	for name, r := range formatReports() {
		text := writeDrift(t, r, JUnit, Options{Time: driftTime, Place: anyPlace})
		dec := xml.NewDecoder(strings.NewReader(text))
		dec.Strict = true
		counts, depth := map[string]int{}, 0
		attr := func(e xml.StartElement, name string) int {
			for _, a := range e.Attr {
				if a.Name.Local == name {
					n, err := strconv.Atoi(a.Value)
					if err != nil {
						t.Errorf("%s: %s is %q", e.Name.Local, name, a.Value)
					}
					return n
				}
			}
			return -1
		}
		var total xml.StartElement
		for {
			tok, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			switch e := tok.(type) {
			case xml.StartElement:
				depth++
				want := map[string]int{"testsuites": 1, "testsuite": 2, "testcase": 3, "system-out": 3, "failure": 4, "error": 4, "skipped": 4}[e.Name.Local]
				if want != depth {
					t.Errorf("%s: <%s> at depth %d, want %d", name, e.Name.Local, depth, want)
				}
				counts[e.Name.Local]++
				if depth == 1 {
					total = e.Copy()
				} else if depth == 2 {
					counts["tests"] += attr(e, "tests")
				}
			case xml.EndElement:
				depth--
			}
		}
		if len(r.Objects) != counts["testcase"] || counts["tests"] != counts["testcase"] {
			t.Errorf("%s: %d tests in %d objects, and the suites say %d", name, counts["testcase"], len(r.Objects), counts["tests"])
		}
		for element, member := range map[string]string{"testcase": "tests", "failure": "failures", "error": "errors", "skipped": "skipped"} {
			if got := attr(total, member); got != counts[element] {
				t.Errorf("%s: %s=%d, and there are %d", name, member, got, counts[element])
			}
		}
	}
}

// TestMetrics has the tool of Prometheus read the metrics.
func TestMetrics(t *testing.T) {
	for name, r := range formatReports() {
		text := writeDrift(t, r, Metrics, Options{Time: driftTime, Left: new(0)})
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "# HELP herokutf_drift_") && !strings.HasPrefix(line, "# TYPE herokutf_drift_") && !strings.HasPrefix(line, "herokutf_drift_") {
				t.Errorf("%s: the line %q", name, line)
			}
		}
		if !strings.Contains(text, "\nherokutf_drift_budget_left_requests 0\n") || !strings.Contains(text, "\nherokutf_drift_last_run_timestamp_seconds 1795860249\n") {
			t.Errorf("%s: no budget or no time:\n%s", name, text)
		}
	}
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("no promtool on the PATH, which is in Debian's prometheus: whether Prometheus takes the metrics isn't tried")
	}
	for name, r := range formatReports() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		cmd := exec.CommandContext(ctx, promtool, "check", "metrics")
		cmd.Stdin = strings.NewReader(writeDrift(t, r, Metrics, Options{Time: driftTime, Left: new(4400)}))
		out, err := cmd.CombinedOutput()
		cancel()
		if err != nil || len(bytes.TrimSpace(out)) > 0 {
			t.Errorf("%s: promtool: %v\n%s", name, err, out)
		}
	}
}

// TestGitHub: GitHub shows ten warnings of a step, so that the rest is counted, and no
// value ends a command or begins another.
func TestGitHub(t *testing.T) {
	r := &herokutf.DriftReport{}
	for i := range 12 {
		r.Objects = append(r.Objects, herokutf.DriftObject{
			Address: fmt.Sprintf("heroku_domain.d[\"a,b:%d\"]", i), Type: "heroku_domain", Verdict: herokutf.Changed,
			Differences: []herokutf.DriftDifference{{Path: statefile.Path{"hostname"}, State: "a%\r\n::error::b", Live: "c"}},
		})
	}
	r.Objects[11].Verdict = herokutf.Missing
	lines := strings.Split(strings.TrimSuffix(writeDrift(t, r, GitHub, Options{}), "\n"), "\n")
	if len(lines) != 10 {
		t.Fatalf("%d commands:\n%s", len(lines), strings.Join(lines, "\n"))
	}
	for _, line := range lines {
		if !strings.HasPrefix(line, "::warning title=") || strings.Contains(line, "\r") {
			t.Errorf("no warning: %q", line)
		}
	}
	if want := `::warning title=heroku_domain.d["a%2Cb%3A11"]%3A missing::`; !strings.HasPrefix(lines[0], want) {
		t.Errorf("first: %q, want %q", lines[0], want)
	}
	if want := "::warning title=Heroku drift::3 more are in the report"; lines[9] != want {
		t.Errorf("last: %q, want %q", lines[9], want)
	}
}
