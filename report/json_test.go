package report

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/statefile"
)

// TestReadJSON: what was written comes back whole, and writes the same again.
func TestReadJSON(t *testing.T) {
	indexed := &herokutf.DriftReport{Requests: 1, Objects: []herokutf.DriftObject{{
		Address: "heroku_app.a", Type: "heroku_app", ImportID: "a:1", Verdict: herokutf.Changed,
		Differences: []herokutf.DriftDifference{{Path: statefile.Path{"organization", 0, "0"}, State: true, Live: nil}},
	}}}
	for name, want := range map[string]*herokutf.DriftReport{"rich": richDrift(), "calm": calmDrift(), "unsure": unsureDrift(), "indexed": indexed, "empty": {}} {
		if name == "rich" {
			// A string that is no UTF-8 can't come back from JSON.
			for i := range want.Objects {
				for j := range want.Objects[i].Differences {
					if s, ok := want.Objects[i].Differences[j].Live.(string); ok {
						want.Objects[i].Differences[j].Live = strings.ToValidUTF8(s, "\ufffd")
					}
				}
			}
		}
		text := writeDrift(t, want, JSON, Options{})
		got, err := ReadJSON(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(text, writeDrift(t, got, JSON, Options{})); diff != "" {
			t.Errorf("%s, written again (-want +got):\n%s", name, diff)
		}
	}
}

// TestReportsCompare: cmp finds a difference in every exported field, and needs no
// options for it.
func TestReportsCompare(t *testing.T) {
	for name, change := range map[string]func(r *herokutf.DriftReport){
		"requests":   func(r *herokutf.DriftReport) { r.Requests++ },
		"notes":      func(r *herokutf.DriftReport) { r.Notes = r.Notes[1:] },
		"objects":    func(r *herokutf.DriftReport) { r.Objects = r.Objects[1:] },
		"state":      func(r *herokutf.DriftReport) { r.Objects[1].State = "x" },
		"address":    func(r *herokutf.DriftReport) { r.Objects[1].Address = "x" },
		"type":       func(r *herokutf.DriftReport) { r.Objects[1].Type = "x" },
		"id":         func(r *herokutf.DriftReport) { r.Objects[1].ID = "x" },
		"verdict":    func(r *herokutf.DriftReport) { r.Objects[1].Verdict = herokutf.Missing },
		"app":        func(r *herokutf.DriftReport) { r.Objects[1].App = "x" },
		"label":      func(r *herokutf.DriftReport) { r.Objects[1].Label = "x" },
		"import id":  func(r *herokutf.DriftReport) { r.Objects[1].ImportID = "x" },
		"reason":     func(r *herokutf.DriftReport) { r.Objects[1].Reason = "x" },
		"difference": func(r *herokutf.DriftReport) { r.Objects[1].Differences = r.Objects[1].Differences[1:] },
		"path":       func(r *herokutf.DriftReport) { r.Objects[1].Differences[0].Path = statefile.Path{"x"} },
		"old":        func(r *herokutf.DriftReport) { r.Objects[1].Differences[0].State = "x" },
		"new":        func(r *herokutf.DriftReport) { r.Objects[1].Differences[0].Live = "x" },
		"next":       func(r *herokutf.DriftReport) { r.Objects[1].Next = herokutf.NextDestroy },
		"forecast":   func(r *herokutf.DriftReport) { r.Objects[1].Forecast = true },
		"its next":   func(r *herokutf.DriftReport) { r.Objects[1].Differences[0].Next = herokutf.NextDestroy },
		"sensitive":  func(r *herokutf.DriftReport) { r.Objects[1].Differences[0].Sensitive = true },
		"ignored":    func(r *herokutf.DriftReport) { r.Objects[2].Ignored = nil },
		"blame":      func(r *herokutf.DriftReport) { r.Objects[1].Blame[0].User = "x" },
		"blamed at":  func(r *herokutf.DriftReport) { r.Objects[1].Blame[0].At = driftTime },
	} {
		r := richDrift()
		if diff := cmp.Diff(richDrift(), r); diff != "" {
			t.Fatalf("two reports that are the same (-want +got):\n%s", diff)
		}
		change(r)
		if cmp.Equal(richDrift(), r) {
			t.Errorf("%s: another one isn't seen", name)
		}
		if diff := cmp.Diff(richDrift(), r); diff == "" || strings.Contains(diff, driftMarker) {
			t.Errorf("%s: got the difference %q", name, diff)
		}
	}
	var none *herokutf.DriftReport
	if none.Equal(richDrift()) || richDrift().Equal(none) || !none.Equal(nil) {
		t.Error("no report is another one")
	}
}

func TestReadJSONFaults(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", "unexpected end of JSON input"},
		{"[]", "read a drift report: json: cannot unmarshal array"},
		{`{"format_version":"2.0"}`, `read a drift report: its format_version is "2.0", and this version of the library reads 1.x`},
		{`{}`, `read a drift report: its format_version is ""`},
		{`{"format_version":"1.0","objects":[{"address":"heroku_app.a","verdict":"odd"}]}`, `read a drift report: object 0 of the report (heroku_app.a): unknown verdict "odd"`},
	} {
		r, err := ReadJSON(strings.NewReader(tt.text))
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) || r != nil {
			t.Errorf("%q: got %v and error %v, want %s", tt.text, r, err, tt.want)
		}
	}
	broken := errors.New("broken")
	if r, err := ReadJSON(iotest.ErrReader(broken)); r != nil || !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "read a drift report: ") {
		t.Errorf("what can't be read: got %v and error %v", r, err)
	}
	if _, err := ReadJSON(strings.NewReader(`{"format_version":"1.7","objects":[],"new":1}`)); err != nil {
		t.Errorf("of a later version: %v", err)
	}
}
