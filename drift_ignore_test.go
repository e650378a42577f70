package herokutf

import (
	"slices"
	"testing"

	"github.com/herokutf/herokutf/ignore"
)

// TestIgnoreVerdicts: rules know every verdict of a report that there is
// something to ignore in, and no other.
func TestIgnoreVerdicts(t *testing.T) {
	var want []string
	for _, v := range Verdicts() {
		if v != InSync && v != Ignored {
			want = append(want, string(v))
		}
	}
	if got := ignore.Verdicts(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
