package tfconfig

import (
	"slices"
	"testing"
)

// TestSpaced: an alignment is taken when it changes white space alone.
func TestSpaced(t *testing.T) {
	if got, err := spaced([]byte("a = 1\n"), []byte("a   = 1\n")); string(got) != "a   = 1\n" || err != nil {
		t.Errorf("aligned: %q, %v", got, err)
	}
	if got, err := spaced([]byte("a = 1\n"), []byte("a = 2\n")); got != nil || err == nil {
		t.Errorf("changed: %q, %v", got, err)
	}
}

// TestMergedInsertions: insertions of one place are one, and stand before what goes from
// there.
func TestMergedInsertions(t *testing.T) {
	for _, tt := range []struct{ changes, want []replace }{
		{nil, nil},
		{[]replace{{3, 3, "a"}, {3, 3, "b"}}, []replace{{3, 3, "ab"}}},
		{[]replace{{3, 3, "a"}, {4, 4, "b"}}, []replace{{3, 3, "a"}, {4, 4, "b"}}},
		{[]replace{{3, 5, ""}, {3, 3, "a"}}, []replace{{3, 3, "a"}, {3, 5, ""}}},
		{[]replace{{3, 5, "c"}, {3, 3, "a"}, {3, 3, "b"}}, []replace{{3, 3, "ab"}, {3, 5, "c"}}},
		{[]replace{{5, 5, "a"}, {0, 5, ""}, {5, 5, "b"}}, []replace{{0, 5, ""}, {5, 5, "ab"}}},
		{[]replace{{7, 9, ""}, {5, 7, ""}}, []replace{{5, 7, ""}, {7, 9, ""}}},
	} {
		if got := merge(slices.Clone(tt.changes)); !slices.Equal(got, tt.want) {
			t.Errorf("%v: got %v, want %v", tt.changes, got, tt.want)
		}
	}
}
