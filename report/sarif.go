package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/printable"
)

// What SARIF 2.1.0 calls things; the numbers are sections of its specification.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}

	sarifRun struct { // 3.14
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"` // [] says that all was looked at, 3.14.23
		ColumnKind  string            `json:"columnKind"`
	}

	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}

	sarifDriver struct { // 3.19
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}

	sarifRule struct { // 3.49
		ID            string       `json:"id"`
		Name          string       `json:"name"`
		Short         sarifMessage `json:"shortDescription"`
		Full          sarifMessage `json:"fullDescription"`
		HelpURI       string       `json:"helpUri"`
		Configuration sarifLevel   `json:"defaultConfiguration"`
	}

	sarifLevel struct {
		Level string `json:"level"`
	}

	sarifMessage struct { // 3.11
		Text string `json:"text"`
	}

	sarifInvocation struct { // 3.20
		Successful    bool                `json:"executionSuccessful"`
		End           string              `json:"endTimeUtc,omitempty"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}

	sarifNotification struct {
		Level   string       `json:"level"`
		Message sarifMessage `json:"message"`
	}

	sarifResult struct { // 3.27
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Message      sarifMessage       `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
		Properties   map[string]string  `json:"properties"`
	}

	sarifSuppression struct { // 3.35
		Kind          string `json:"kind"`
		Justification string `json:"justification,omitempty"`
	}

	sarifLocation struct { // 3.28
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations"`
	}

	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}

	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId,omitempty"`
	}

	sarifRegion struct {
		StartLine int `json:"startLine"`
	}

	sarifLogical struct { // 3.33
		Name      string `json:"name"`
		Qualified string `json:"fullyQualifiedName"`
		Kind      string `json:"kind"`
	}
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	projectURI  = "https://github.com/herokutf/herokutf"
	verdictsURI = projectURI + "/blob/main/docs/drift.md#verdicts"
)

// sarifVerdicts are those that are findings, each a rule, and how grave they are.
var sarifVerdicts = []struct {
	verdict herokutf.Verdict
	level   string
}{
	{herokutf.Changed, "warning"},
	{herokutf.Missing, "error"},
	{herokutf.Renamed, "warning"},
	{herokutf.Replaced, "error"},
	{herokutf.Unmanaged, "note"},
	{herokutf.Undetermined, "note"},
	{herokutf.Ignored, "note"},
}

// sarif writes what isn't in sync as findings of a static analysis. What is ignored is
// there, too, as suppressed.
func sarif(r *herokutf.DriftReport, opts Options) ([]byte, error) {
	run := sarifRun{ColumnKind: "utf16CodeUnits", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "herokutf", InformationURI: projectURI}
	for _, v := range sarifVerdicts {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: string(v.verdict), Name: "Drift" + strings.ToUpper(string(v.verdict[0])) + string(v.verdict[1:]),
			Short: sarifMessage{"Heroku object " + v.verdict.String()}, Full: sarifMessage{meaning(v.verdict)},
			HelpURI: verdictsURI, Configuration: sarifLevel{v.level},
		})
	}
	done := sarifInvocation{Successful: true}
	if !opts.Time.IsZero() {
		done.End = opts.Time.UTC().Format("2006-01-02T15:04:05Z")
	}
	for _, n := range r.Notes {
		done.Notifications = append(done.Notifications, sarifNotification{"note", sarifText(elide(printable.Text(n), noteLimit))})
	}
	run.Invocations = []sarifInvocation{done}
	places := newPlaces(r, opts)
	for _, o := range pointers(r) {
		if o.Verdict != herokutf.InSync {
			run.Results = append(run.Results, newSarifResult(o, places))
		}
	}
	return indented(json.MarshalIndent, "", sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

func newSarifResult(o *herokutf.DriftObject, places *places) sarifResult {
	rule := 0
	for i, v := range sarifVerdicts {
		if v.verdict == o.Verdict {
			rule = i
		}
	}
	location := sarifLocation{Logical: []sarifLogical{{Name: o.Title(), Qualified: o.Title(), Kind: "resource"}}}
	if file, line := places.of(o); file != "" {
		location.Physical = &sarifPhysical{Artifact: sarifURI(file)}
		if line > 0 {
			location.Physical.Region = &sarifRegion{line}
		}
	}
	result := sarifResult{
		RuleID: string(o.Verdict), RuleIndex: rule, Level: sarifVerdicts[rule].level,
		Message:      sarifText(strings.Join(append([]string{o.Title() + ": " + o.Verdict.String()}, sentences(o)...), "\n")),
		Locations:    []sarifLocation{location},
		Fingerprints: map[string]string{"herokutfObject/v1": fingerprint(o)},
		Properties:   map[string]string{"verdict": string(o.Verdict), "type": printable.Text(o.Type)},
	}
	for name, value := range map[string]string{"app": o.App, "state": o.State, "importId": o.ImportID, "nextApply": string(o.Next)} {
		if value != "" {
			result.Properties[name] = printable.Text(value)
		}
	}
	if o.Verdict == herokutf.Ignored {
		result.Suppressions = []sarifSuppression{{"external", elide(printable.Text(o.Reason), noteLimit)}}
	}
	return result
}

// sentences are the details of an object, each on one line: what the verdict rests on,
// what differs, and what the next apply would do.
func sentences(o *herokutf.DriftObject) []string {
	var lines []string
	if o.Reason != "" {
		lines = append(lines, elide(printable.Text(o.Reason), noteLimit))
	}
	for _, d := range shownDifferences(o.Differences, false, lineLimit) {
		line := d.Path + ": " + d.State.Text + " -> " + d.Live.Text
		if aside := nextAside(o, d); aside != "" {
			line += " (" + aside + ")"
		}
		lines = append(lines, line)
	}
	if len(o.Ignored) > 0 {
		lines = append(lines, printable.Count(len(o.Ignored), "difference")+" ignored")
	}
	if o.Next != "" {
		lines = append(lines, nextHead(o)+": "+nextText(o))
	}
	if o.ImportID != "" {
		lines = append(lines, "import id: "+printable.Text(o.ImportID))
	}
	for _, b := range o.Blame {
		lines = append(lines, blameText(b))
	}
	return lines
}

// sarifText is a message that holds no placeholder and no link, whatever is in it
// (3.11.5, 3.11.6).
func sarifText(s string) sarifMessage {
	return sarifMessage{strings.NewReplacer("{", "{{", "}", "}}", "](", "] (").Replace(s)}
}

// sarifURI is the address of a file: from the root of what is checked, or absolute.
func sarifURI(file string) sarifArtifact {
	slashed := strings.ReplaceAll(file, `\`, "/")
	if path.IsAbs(slashed) {
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: slashed}).String()}
	}
	return sarifArtifact{URI: (&url.URL{Path: path.Clean(slashed)}).EscapedPath(), Base: "%SRCROOT%"}
}

// fingerprint stays the same for an object from report to report, whatever its
// verdict is.
func fingerprint(o *herokutf.DriftObject) string {
	parts := []string{o.State, o.Address}
	if o.Address == "" {
		parts = append(parts, o.Type, o.App, o.ID, o.Label)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", parts))
	return hex.EncodeToString(sum[:16])
}

// places finds out where objects stand in the configuration.
type places struct {
	place func(state, address string) (string, int)
	apps  map[string]*herokutf.DriftObject // by name
}

func newPlaces(r *herokutf.DriftReport, opts Options) *places {
	p := &places{opts.Place, make(map[string]*herokutf.DriftObject)}
	for _, o := range slices.Backward(pointers(r)) {
		if o.Type == "heroku_app" && o.Address != "" {
			p.apps[o.App] = o
		}
	}
	return p
}

// of returns the file and line of an object, or of the app that what is unmanaged
// belongs to; "" if nobody knows.
func (p *places) of(o *herokutf.DriftObject) (file string, line int) {
	if p.place == nil {
		return "", 0
	}
	if app := p.apps[o.App]; o.Address == "" && app != nil {
		o = app
	}
	return p.place(o.State, o.Address)
}
