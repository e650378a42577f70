package herokutf

import (
	"bytes"
	"encoding/json"
)

// jsonText writes the report for programs.
func jsonText(r *DriftReport, _ DriftWriteOptions) ([]byte, error) {
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
