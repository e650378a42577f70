package provider

import "testing"

// TestConfigVars: attributes that count as config vars hold what the lists of config
// vars have, and nothing else that is compared does.
func TestConfigVars(t *testing.T) {
	n := 0
	for res := range All() {
		for i := range res.Attrs {
			attr := &res.Attrs[i]
			list := attr.From
			if list == NoList {
				list = res.Origin.List
			}
			want := attr.As.Compared() && (list == ConfigVars || list == PipelineConfig)
			if got := attr.ConfigVars(); got != want {
				t.Errorf("%s.%s: got %t, want %t", res.Type, attr.Name, got, want)
			}
			if want {
				n++
			}
		}
	}
	if n < 6 {
		t.Errorf("%d attributes are config vars", n)
	}
}
