package herokutf_test

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/statefile"
)

// acceptanceOf renders what an acceptance changes and leaves.
func acceptanceOf(a *herokutf.Acceptance) []string {
	var all []string
	for _, c := range a.Changes {
		all = append(all, fmt.Sprintf("%s %s: %v -> %v", c.Address, c.Path, c.Old, c.New))
	}
	for _, l := range a.Left {
		all = append(all, fmt.Sprintf("%s %s: left, %s", l.Address, l.Path, l.Reason))
	}
	return all
}

// TestAcceptPlaces: what is accepted, and what is left and why, where the state has more
// or less than Terraform writes.
func TestAcceptPlaces(t *testing.T) {
	const (
		noPlace = "left, the state has no place for it; terraform apply -refresh-only makes one"
		addon   = "ad000000-0000-4000-8000-000000000001"
		slugOne = "51000000-0000-4000-8000-000000000001"
		slugTwo = "51000000-0000-4000-8000-000000000002"
		first   = "7e000000-0000-4000-8000-000000000001"
		second  = "7e000000-0000-4000-8000-000000000002"
	)
	deploy := func(s *herokutest.Server) string {
		s.AddSlug("app-one", herokutest.Slug{ID: slugTwo})
		return s.Deploy("app-one", slugTwo).ID
	}
	release := func(name, id string, more map[string]any) edge {
		attrs := map[string]any{"id": id, "app_id": edgeApp, "slug_id": slugOne}
		maps.Copy(attrs, more)
		return edge{"heroku_app_release", name, 1, attrs}
	}
	for _, tt := range []struct {
		name  string
		state []edge
		setup func(*herokutest.Server) (id string) // stands for ID in what is wanted
		alter func(*herokutf.DriftReport)
		want  []string
	}{
		{
			name:  "a release without a description",
			state: []edge{release("r", first, nil)}, setup: deploy,
			want: []string{
				"heroku_app_release.r slug_id: " + slugOne + " -> " + slugTwo,
				"heroku_app_release.r id: " + first + " -> ID",
				"heroku_app_release.r description: " + noPlace,
			},
		},
		{
			name:  "one release of two",
			state: []edge{release("r", first, nil), release("s", second, nil)}, setup: deploy,
			want: []string{
				"heroku_app_release.r slug_id: left, the states have several releases of the app, and only one can be the one that runs",
				"heroku_app_release.s slug_id: left, the states have several releases of the app, and only one can be the one that runs",
			},
		},
		{
			name: "an add-on of another app",
			state: []edge{{"heroku_app", "x", 1, edgeAppAttributes("app-one")}, {"heroku_app", "y", 1, map[string]any{"id": edgeOther, "name": "app-two"}},
				{"heroku_addon", "a", 1, map[string]any{"id": addon, "app_id": edgeApp, "name": "db", "plan": "heroku-postgresql:mini"}}},
			setup: func(s *herokutest.Server) string {
				s.AddApp(herokutest.App{ID: edgeOther, Name: "app-two"})
				s.AddAddon(herokutest.Addon{ID: addon, Name: "data", App: "app-two", Plan: "heroku-postgresql:mini"})
				return ""
			},
			want: []string{
				"heroku_addon.a name: db -> data",
				"heroku_addon.a app_id: left, it belongs to another app now; the configuration has to follow",
			},
		},
		{
			name: "blocks without a member",
			state: []edge{
				{"heroku_app", "x", 1, map[string]any{"id": edgeApp, "name": "app-one", "organization": []any{map[string]any{}}}},
				{"heroku_app", "y", 1, map[string]any{"id": edgeOther, "name": "app-two", "organization": []any{map[string]any{"personal": false}}}}},
			setup: func(s *herokutest.Server) string {
				s.AddTeam(herokutest.Team{Name: "acme"})
				s.AddApp(herokutest.App{ID: edgeOther, Name: "app-two", Team: "acme"})
				s.UpdateApp("app-one", func(a *herokutest.App) { a.Team, a.Owner = "acme", "" })
				return ""
			},
			want: []string{
				"heroku_app.y organization[0].name: <nil> -> acme",
				"heroku_app.x organization[0].name: " + noPlace,
			},
		},
		{
			name:  "a difference that the caller has added",
			state: []edge{{"heroku_app", "x", 1, edgeAppAttributes("app-one")}},
			alter: func(r *herokutf.DriftReport) {
				r.Objects[0].Verdict = herokutf.Changed
				r.Objects[0].Differences = []herokutf.DriftDifference{{Path: statefile.Path{"of_tomorrow"}, State: "1", Live: "2"}}
			},
			want: []string{"heroku_app.x of_tomorrow: left, it isn't known how the provider stores it"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newFake()
			s.AddApp(herokutest.App{ID: edgeApp, Name: "app-one"})
			id := ""
			if tt.setup != nil {
				id = tt.setup(s)
			}
			f := edgeState(t, tt.state...)
			drift, _ := edgeDrift(t, edgeClient(t, s, nil), f, herokutf.DriftOptions{})
			if tt.alter != nil {
				tt.alter(drift)
			}
			a, err := drift.Accept(f)
			if err != nil {
				t.Fatal(err)
			}
			want := slices.Clone(tt.want)
			for i := range want {
				want[i] = strings.ReplaceAll(want[i], "ID", id)
			}
			if diff := cmp.Diff(want, acceptanceOf(a)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestAcceptKeyComes: a key of a map that comes stands where its name belongs.
func TestAcceptKeyComes(t *testing.T) {
	const address = "heroku_telemetry_drain.space"
	live := map[string]any{"x-a": "0", "x-m": "<3>", "x-z": "1"}
	for _, key := range slices.Sorted(maps.Keys(live)) {
		state := decodeState(t, stateText(t, "corners"))
		state.at(t, address)["headers"] = live
		s, c := matching(t, state.parse(t))
		want := state.parse(t)
		headers := maps.Clone(live)
		delete(headers, key)
		state.at(t, address)["headers"] = headers
		f := state.parse(t)
		a, after := accept(t, detect(t, s, c, herokutf.DriftOptions{}, f), f, address)
		headersOf := func(f *statefile.File) (keys []string) {
			for inst := range f.Instances() {
				if v, ok := inst.Attr("headers"); ok && inst.Address() == address {
					for m := range v.Members() {
						keys = append(keys, m.Name+"="+m.Value.Text())
					}
				}
			}
			return keys
		}
		got, inOrder := headersOf(after), headersOf(want)
		if key == "x-a" { // nothing is before the first one
			slices.Sort(got)
		}
		if !slices.Equal(got, inOrder) || len(a.Changes) != 1 || a.Left != nil {
			t.Errorf("%s: got %q, want %q; %q", key, got, inOrder, acceptanceOf(a))
		}
	}
}

// TestAcceptFlatSet: in flat attributes an element of a set stands under the CRC-32 of
// its text, one of a list under its number.
func TestAcceptFlatSet(t *testing.T) {
	const text = `{
  "version": 4, "serial": 1, "lineage": "x",
  "resources": [{"mode": "managed", "type": "heroku_telemetry_drain", "name": "x", "provider": "provider.heroku", "instances": [{"schema_version": 0,
    "attributes_flat": {"id": "7d000000-0000-4000-8000-000000000001", "owner_id": "` + edgeApp + `", "owner_type": "app", "signals.#": "2", SIGNALS}}]}]
}
`
	under := func(signal string) string { return fmt.Sprint(crc32.ChecksumIEEE([]byte(signal))) }
	for _, tt := range []struct{ before, after string }{
		{
			fmt.Sprintf(`"signals.%s": "logs", "signals.%s": "traces"`, under("logs"), under("traces")),
			fmt.Sprintf(`"signals.#": "1", "signals.%s": "metrics"`, under("metrics")),
		},
		{`"signals.0": "logs", "signals.1": "traces"`, `"signals.#": "1", "signals.0": "metrics"`},
	} {
		f, err := statefile.Parse("flat.tfstate", []byte(strings.Replace(text, "SIGNALS", tt.before, 1)))
		if err != nil {
			t.Fatal(err)
		}
		s := newFake()
		s.AddApp(herokutest.App{ID: edgeApp, Name: "app-one"})
		c := edgeClient(t, s, map[string]string{"/apps/" + edgeApp + "/telemetry-drains": `[{"id": "7d000000-0000-4000-8000-000000000001",
			"owner": {"id": "` + edgeApp + `", "type": "app"}, "signals": ["metrics"]}]`})
		drift, _ := edgeDrift(t, c, f, herokutf.DriftOptions{})
		a, after := accept(t, drift, f)
		if !bytes.Contains(after.Bytes(), []byte(tt.after+"}}")) {
			t.Errorf("%q: got %s", acceptanceOf(a), after.Bytes())
		}
	}
}
