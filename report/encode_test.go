package report

import (
	"encoding/json"
	"html/template"
	"strings"
	"testing"
)

// TestNothingHalf: what can't be encoded is an error, and no part of it is there.
func TestNothingHalf(t *testing.T) {
	odd := template.Must(template.New("odd").Parse("begins{{.Nothing}}"))
	if text, err := fill(odd, pageReport{}); text != nil || err == nil || !strings.HasPrefix(err.Error(), "write the page: ") {
		t.Errorf("a page: %q, %v", text, err)
	}
	if text, err := indented(json.MarshalIndent, "begins", func() {}); text != nil || err == nil {
		t.Errorf("a document: %q, %v", text, err)
	}
	if text, err := indented(json.MarshalIndent, "begins ", []int{1}); string(text) != "begins [\n  1\n]\n" || err != nil {
		t.Errorf("a document: %q, %v", text, err)
	}
}
