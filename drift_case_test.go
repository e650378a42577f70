package herokutf_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
)

// TestDriftUpperCase: a UUID is the same in upper and in lower case, wherever a state has
// one.
func TestDriftUpperCase(t *testing.T) {
	uuid := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	for _, name := range []string{"4.9.0", "5.3.2", "corners"} {
		for _, form := range stateForms[:1] {
			text := uuid.ReplaceAllStringFunc(string(stateText(t, name)), strings.ToUpper)
			if !strings.ContainsAny(text, "BCDF") || text == string(stateText(t, name)) {
				t.Fatalf("%s has no UUIDs", name)
			}
			f := form.parse(t, decodeState(t, []byte(text)))
			s, c := matching(t, form.parse(t, decodeState(t, stateText(t, name))))
			got := reported(detect(t, s, c, herokutf.DriftOptions{Unmanaged: true}, f))
			want := reported(detect(t, s, c, herokutf.DriftOptions{Unmanaged: true}, form.parse(t, decodeState(t, stateText(t, name)))))
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s (-lower +upper):\n%s", name, form.name, diff)
			}
		}
	}
}
