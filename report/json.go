package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/herokutf/herokutf"
)

// jsonText writes the report for programs.
func jsonText(r *herokutf.DriftReport, _ Options) ([]byte, error) {
	text, err := r.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return indented(json.MarshalIndent, "", json.RawMessage(text))
}

// indented returns what marshal makes of v, behind head and with a last line that ends.
func indented(marshal func(v any, prefix, indent string) ([]byte, error), head string, v any) ([]byte, error) {
	text, err := marshal(v, "", "  ")
	if err != nil {
		return nil, err
	}
	return slices.Concat([]byte(head), text, []byte("\n")), nil
}

// ReadJSON reads a report that was written as [JSON]. All exported fields come back
// as they were; of secrets there are the fingerprints. See
// [herokutf.DriftReport.UnmarshalJSON] for what doesn't come back, and for errors.
func ReadJSON(r io.Reader) (*herokutf.DriftReport, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read a drift report: %w", err)
	}
	drift := new(herokutf.DriftReport)
	if err := json.Unmarshal(data, drift); err != nil {
		return nil, err
	}
	return drift, nil
}
