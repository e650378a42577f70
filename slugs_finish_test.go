package herokutf

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestFinish: which notes a resolution gets, in which order, and what the releases' UUIDs
// are called.
func TestFinish(t *testing.T) {
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	artifact := func(variable, app string, version int, expires time.Time) Artifact {
		return Artifact{Variable: variable, Value: "v", Kind: KindSlug, Stage: "production", App: NamedID{ID: app, Name: app},
			Release: Release{ID: "r-" + app, Version: version}, ExpiresAfter: expires}
	}
	slugs := func() *Slugs {
		pending := artifact("z_slug_production", "z", 5, time.Time{})
		pending.Pending = map[string]Release{"zb": {Version: 7}, "za": {Version: 6}}
		seen := artifact("y_slug_production", "y", 5, now)
		seen.Newest = &Release{Version: 15}
		return &Slugs{Artifacts: []Artifact{pending, seen, artifact("a_slug_production", "a", 5, now), artifact("b_slug_production", "b", 5, now)}}
	}
	const (
		a  = "a_slug_production: Heroku keeps"
		y  = "y_slug_production: Heroku keeps"
		za = "z_slug_production: release v6 of za is pending"
		zb = "z_slug_production: release v7 of zb is pending"
	)
	for name, tt := range map[string]struct {
		opts SlugOptions
		want []string
	}{
		"resolved": {SlugOptions{}, []string{a, y, za, zb}},
		"pins":     {SlugOptions{Locked: &Slugs{}}, []string{a, y}},
	} {
		s := slugs()
		s.finish(tt.opts, map[string]int{"a": 15, "b": 14}, now)
		if !slices.EqualFunc(s.Notes, tt.want, strings.HasPrefix) {
			t.Errorf("%s: notes %q", name, s.Notes)
		}
		if len(s.Artifacts) != 4 {
			t.Errorf("%s: %d artifacts", name, len(s.Artifacts))
		}
	}
	s := slugs()
	s.finish(SlugOptions{ReleaseIDs: true}, nil, now)
	var got []string
	for _, a := range s.Artifacts {
		got = append(got, a.Variable+"="+a.Value)
	}
	if diff := cmp.Diff([]string{
		"a_release_id_production=r-a", "a_slug_production=v", "b_release_id_production=r-b", "b_slug_production=v",
		"y_release_id_production=r-y", "y_slug_production=v", "z_release_id_production=r-z", "z_slug_production=v",
	}, got); diff != "" {
		t.Errorf("with releases (-want +got):\n%s", diff)
	}
	s = &Slugs{}
	if s.finish(SlugOptions{}, nil, now); s.Notes != nil {
		t.Errorf("notes of nothing: %q", s.Notes)
	}
}

// TestIndexOfApps: names and UUIDs that belong together, what an app owns, and in which
// order.
func TestIndexOfApps(t *testing.T) {
	const one, two, endpoint = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222", "33333333-3333-4333-8333-333333333333"
	f := stateOf(t, "state",
		stated{"heroku_app zeta", `{"id": "zeta", "name": "zeta", "uuid": "AAAAAAAA-1111-4111-8111-111111111111"}`},
		stated{"heroku_domain d", `{"id": "` + two + `", "app": "alpha", "sni_endpoint_id": "` + endpoint + `"}`},
		stated{"heroku_domain e", `{"id": "no-uuid", "app": "beta", "sni_endpoint_id": "other"}`},
		stated{"heroku_ssl s", `{"id": "` + endpoint + `", "app_id": "` + one + `"}`},
		stated{"heroku_addon a", `{"id": "` + two + `", "app": "beta"}`},
		stated{"heroku_addon b", `{"id": "no-uuid", "app": "beta"}`},
	)
	x := indexApps(f)
	if diff := cmp.Diff([]string{"zeta", "alpha", "beta"}, x.inOrder()); diff != "" {
		t.Errorf("in order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"alpha", "beta", "zeta"}, x.names()); diff != "" {
		t.Errorf("sorted (-want +got):\n%s", diff)
	}
	for name, want := range map[string][]string{"zeta": {"aaaaaaaa-1111-4111-8111-111111111111"}, "alpha": {one}, "beta": nil, "none": nil} {
		if diff := cmp.Diff(want, x.idsOf(name)); diff != "" {
			t.Errorf("UUIDs of %s (-want +got):\n%s", name, diff)
		}
	}
	if got := x.owned("beta"); len(got) != 1 || !strings.Contains(got[0], two) {
		t.Errorf("beta has %q", got)
	}
	if got := x.possessions("alpha"); len(got) != 1 || got[0].id != two {
		t.Errorf("alpha possesses %v", got)
	}
	if got := x.possessions("beta"); got != nil {
		t.Errorf("beta possesses %v", got)
	}
	if got := x.addresses("beta", func(a *appRef) bool { return a.inst.Type != "heroku_domain" }); !slices.Equal(got, []string{"heroku_addon.a", "heroku_addon.b"}) {
		t.Errorf("beta stands at %q", got)
	}
}
