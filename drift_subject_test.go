package herokutf

import (
	"maps"
	"slices"
	"testing"

	"github.com/herokutf/herokutf/internal/provider"
)

// TestLinkSpaces: what a resource of the states manages of a space is its own, by the
// space's UUID or name, unless Terraform has given the resource up.
func TestLinkSpaces(t *testing.T) {
	const id = "5a000000-0000-4000-8000-000000000002"
	const ruleset = "heroku_space_inbound_ruleset"
	for _, tt := range []struct {
		name, attrs string
		want        []string
	}{
		{ruleset + " r", `{"id": "1", "space": "walls"}`, []string{ruleset}},
		{ruleset + " r", `{"id": "1", "space": "5A000000-0000-4000-8000-000000000002"}`, []string{ruleset}},
		{ruleset + " r", `{"id": "1", "space": "halls"}`, nil},
		{ruleset + " r deposed", `{"id": "1", "space": "walls"}`, nil},
		{"heroku_app a", `{"id": "` + appOne + `", "name": "one", "space": "walls"}`, nil},
		{"heroku_of_tomorrow x", `{"id": "1", "space": "walls"}`, nil},
	} {
		inv := inventoryOf(t, selection{}, stated{"heroku_space s", `{"id": "` + id + `", "name": "walls", "trusted_ip_ranges": ["192.0.2.1/32"]}`}, stated{tt.name, tt.attrs})
		if got := slices.Sorted(maps.Keys(inv.subjects[0].elsewhere)); !slices.Equal(got, tt.want) {
			t.Errorf("%s %s: %q, want %q", tt.name, tt.attrs, got, tt.want)
		}
		if listed := slices.Contains(inv.subjects[0].lists, provider.SpaceRuleset); listed != (tt.want == nil) {
			t.Errorf("%s %s: the rules of the space are read: %t", tt.name, tt.attrs, listed)
		}
	}
}

// TestMentioned: an app exists if a list of the account that was read names it.
func TestMentioned(t *testing.T) {
	done := make(chan struct{})
	close(done)
	lists := []provider.List{provider.Addons, provider.Attachments, provider.Couplings}
	for _, in := range append(lists, provider.Pipelines) {
		r := newReader(nil)
		for _, l := range append(lists, provider.Pipelines) {
			text := `[{"id": "1", "app": {"id": "` + appTwo + `"}}]`
			if l == in {
				text = `[{"id": "1", "app": {"id": "` + appOne + `"}}]`
			}
			read := &answer{done: done, value: valueOf(t, text)}
			read.index()
			r.answers[l.Source().Path] = read
		}
		all := map[provider.List]bool{provider.Addons: true, provider.Attachments: true, provider.Couplings: true, provider.Pipelines: true}
		if got := mentioned(t.Context(), r, all, appOne); got != slices.Contains(lists, in) {
			t.Errorf("in the %s: %t", in, got)
		}
		delete(all, in)
		if mentioned(t.Context(), r, all, appOne) {
			t.Errorf("in the %s, which weren't read", in)
		}
	}
}
