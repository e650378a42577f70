package herokutf

import "encoding/json"

// jsonText writes the report for programs.
func jsonText(r *DriftReport, _ DriftWriteOptions) ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	return append(text, '\n'), err
}
