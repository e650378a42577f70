package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/herokutf/herokutf"
)

// jsonText writes the report for programs.
func jsonText(r *herokutf.DriftReport, _ Options) ([]byte, error) {
	text, err := r.MarshalJSON()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
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
