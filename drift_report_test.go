package herokutf

import (
	"bytes"
	"encoding/json"

	"os"
	"path/filepath"

	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/statefile"
)

// driftMarker is in every secret value of richDrift.
const driftMarker = "hunter2"

var driftTime = time.Date(2026, 11, 28, 11, 4, 9, 0, time.FixedZone("CET", 3600))

// richDrift has every verdict and every field.
func richDrift() *DriftReport {
	fp := newFingerprinter([]byte("golden"))
	secret := func(address string, path statefile.Path, state, live any) DriftDifference {
		return sensitiveDifference(fp, address+" "+path.String(), path, state, live)
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
			{Address: "heroku_app.shop", Type: "heroku_app", ID: uuidA, App: "shop-production", Verdict: Renamed,
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
			{Address: "heroku_app_config_association.shop", Type: "heroku_app_config_association", ID: "config:" + uuidA, App: "shop-production", Verdict: Changed,
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
			{Type: "heroku_drain", ID: "9", App: "shop-production", Verdict: Unmanaged, Label: "", ImportID: uuidA + ":9", Differences: []DriftDifference{},
				element: map[string]any{"url": "https://u:" + driftMarker + "@logs.example.com"}},
			{Type: "heroku_domain", ID: "10", App: "shop-production", Verdict: Unmanaged, Label: "shop.example.com", ImportID: uuidA + ":10", Differences: []DriftDifference{}},
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
	if err := r.Write(&b, format, opts); err != nil {
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
			if *updateGolden {
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
