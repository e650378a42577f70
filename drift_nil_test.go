package herokutf_test

import (
	"io"
	"strings"
	"testing"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
)

// TestDriftNil: what is nil is an error that says so.
func TestDriftNil(t *testing.T) {
	f := readState(t, "5.3.2")
	s, c := matching(t, f)
	var none *herokutf.DriftReport
	drift := detect(t, s, c, herokutf.DriftOptions{}, f)
	s.ResetRequests()
	detectIn := func(c *platform.Client, files ...*statefile.File) error {
		r, err := herokutf.DetectDriftIn(t.Context(), c, files, herokutf.DriftOptions{})
		if r != nil {
			t.Errorf("a report beside %v", err)
		}
		return err
	}
	for _, tt := range []struct {
		name string
		call func() error
		want string
	}{
		{"client", func() error { return detectIn(nil, f) }, "detect drift: the client is nil"},
		{"state", func() error { return detectIn(c, nil) }, "detect drift: the state is nil"},
		{"second state", func() error { return detectIn(c, f, nil, nil) }, "detect drift: state 2 of 3 is nil"},
		{"one state", func() error {
			_, err := herokutf.DetectDrift(t.Context(), c, nil, herokutf.DriftOptions{})
			return err
		}, "detect drift: the state is nil"},
		{"accept a report", func() error { _, err := none.Accept(f); return err }, "accept drift: the report is nil"},
		{"accept into a state", func() error { _, err := drift.Accept(nil); return err }, "accept drift: the state is nil"},
		{"apply", func() error { _, err := (*herokutf.Acceptance)(nil).Apply(); return err }, "accept drift: the acceptance has no state"},
		{"apply the zero value", func() error { _, err := new(herokutf.Acceptance).Apply(); return err }, "accept drift: the acceptance has no state"},
		{"imports", func() error { return none.WriteImports(io.Discard) }, "write the import blocks: the report is nil"},
		{"unmarshal", func() error { return none.UnmarshalJSON([]byte("{}")) }, "read a drift report: the report is nil"},
		{"write as text", func() error { return report.Write(io.Discard, nil, report.Text, report.Options{}) }, "the report is nil"},
		{"write as HTML", func() error { return report.Write(io.Discard, nil, report.HTML, report.Options{}) }, "the report is nil"},
	} {
		if err := tt.call(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
	if n := len(s.Log()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
	if !none.Equal(nil) || none.Equal(drift) {
		t.Error("nil equals something else than nil")
	}
}
