package herokutf_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/internal/testmode"
	"github.com/herokutf/herokutf/statefile"
)

// TestAcceptAttributes accepts what TestDriftAttributes finds. Heroku is as the
// state was before the changes, so that its old values have to come back.
func TestAcceptAttributes(t *testing.T) {
	for _, name := range driftStates {
		for _, form := range stateForms[:3] {
			if form.name != "version 4" && name != "2.5.0" && name != "corners" {
				continue // they differ in what the nested form has as well
			}
			if name != "corners" && name != "5.3.2" && !testmode.Full() {
				continue // the corners have each attribute, and the newest state the most
			}
			t.Run(name+"/"+form.name, func(t *testing.T) {
				state := decodeState(t, stateText(t, name))
				s, _ := matching(t, form.parse(t, state))
				for _, round := range attributeRounds(state, make(map[string]bool)) {
					swap(round)
					f := form.parse(t, state)
					swap(round)
					report := detect(t, s, driftClient(t, s), herokutf.DriftOptions{}, f)
					accepted, err := report.Accept(f)
					if err != nil {
						t.Fatal(err)
					}
					after, err := accepted.Apply()
					if err != nil {
						t.Errorf("after %s: %v", described(round), err)
						continue
					}
					checkLines(t, accepted, after)
					want := notInSync(name)
					for _, left := range accepted.Left {
						if !slices.ContainsFunc(leftBecause, func(why string) bool { return strings.Contains(left.Reason, why) }) {
							t.Errorf("%s %s is left: %s", left.Address, left.Path, left.Reason)
						}
						for i := range report.Objects {
							if o := &report.Objects[i]; o.Address == left.Address {
								want = append(want, reportLine(o))
							}
						}
					}
					again := detect(t, s, driftClient(t, s), herokutf.DriftOptions{}, after)
					got := reported(again)
					slices.Sort(got)
					slices.Sort(want)
					want = slices.Compact(want)
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("after %s, accepted %v (-want +got):\n%s", described(round), accepted.Changes, diff)
					}
					second, err := again.Accept(after)
					if err != nil {
						t.Fatal(err)
					}
					if len(second.Changes) > 0 {
						t.Errorf("after %s: accepted once more: %v", described(round), second.Changes)
					}
					if form.name == "version 4" {
						checkTypes(t, round, after)
					}
				}
			})
		}
	}
}

// leftBecause are the reasons for which something may be left.
var leftBecause = []string{"RepairRename", "terraform state rm", "has no place for it", "a build is what it was"}

// checkTypes: what was accepted has the type that the provider wrote.
func checkTypes(t *testing.T, round []attributeChange, after *statefile.File) {
	t.Helper()
	state := decodeState(t, after.Bytes())
	for i := range round {
		ch := &round[i]
		old := ch.block[ch.at]
		block, member, _ := holder(state.at(t, ch.inst.address()), ch.attr.Name)
		if block == nil || ch.verdict != herokutf.Changed || provider.Empty(old) || provider.Empty(block[member]) {
			continue
		}
		if got, want := fmt.Sprintf("%T", block[member]), fmt.Sprintf("%T", old); got != want {
			t.Errorf("%s.%s: accepted as %s, the provider writes %s", ch.inst.address(), ch.attr.Name, got, want)
		}
	}
}

// checkLines: a change of a scalar is a changed line, and the serial is one more.
func checkLines(t *testing.T, accepted *herokutf.Acceptance, after *statefile.File) {
	t.Helper()
	if len(accepted.Changes) == 0 {
		if after != accepted.File {
			t.Error("without changes it isn't the same file")
		}
		return
	}
	before := make(map[string]int)
	for line := range bytes.Lines(accepted.File.Bytes()) {
		before[strings.TrimRight(string(line), ",\n")]++
	}
	added := 0
	for line := range bytes.Lines(after.Bytes()) {
		text := strings.TrimRight(string(line), ",\n")
		if before[text]--; before[text] < 0 {
			added++
		}
	}
	// Lists and blocks have a few lines each.
	if limit := 1 + 8*len(accepted.Changes); added > limit {
		t.Errorf("%d lines are new after %d changes", added, len(accepted.Changes))
	}
}

func TestAcceptErrors(t *testing.T) {
	f := readState(t, "5.3.2")
	s, c := matching(t, f)
	s.SetConfigVars("old-name", map[string]string{"FOO": "other"})
	s.Scale("old-name", "web", 7, "")
	report := detect(t, s, c, herokutf.DriftOptions{}, f)

	if _, err := report.Accept(readState(t, "5.0.0")); !errors.Is(err, herokutf.ErrOtherState) {
		t.Errorf("another state: %v", err)
	}
	_, err := report.Accept(f, "heroku_app.main", "heroku_app.nobody", "heroku_app.nothing")
	if !errors.Is(err, herokutf.ErrNotInReport) || !strings.Contains(err.Error(), "nobody") || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("unknown addresses: %v", err)
	}
	for _, pattern := range []string{"heroku_nothing.*", "*web?", `heroku_formation.we\*`, `heroku_formation.*\`} {
		if _, err := report.Accept(f, pattern, "heroku_formation.web"); !errors.Is(err, herokutf.ErrNotInReport) {
			t.Errorf("pattern %s: %v", pattern, err)
		}
	}
	for _, patterns := range [][]string{{"heroku_formation.w?b"}, {"*_formation.*"}, {`*.w\eb`, "heroku_formation.web"}} {
		accepted, err := report.Accept(f, patterns...)
		if err != nil || len(accepted.Changes) != 1 || accepted.Changes[0].Address != "heroku_formation.web" {
			t.Errorf("patterns %s: %v, %v", patterns, accepted, err)
		}
	}
	// A copy of the file is as good as the file.
	accepted, err := report.Accept(readState(t, "5.3.2"), "heroku_formation.web")
	if err != nil {
		t.Fatal(err)
	}
	want := []herokutf.Change{{Address: "heroku_formation.web", Path: statefile.Path{"quantity"}}}
	if len(accepted.Changes) != 1 || accepted.Changes[0].Address != want[0].Address || !accepted.Changes[0].Path.Equal(want[0].Path) {
		t.Errorf("got %v, want %v", accepted.Changes, want)
	}
	after, err := accepted.Apply()
	if err != nil {
		t.Fatal(err)
	}
	got := reported(detect(t, s, c, herokutf.DriftOptions{}, after))
	wantReported := []string{
		"changed heroku_app.main config_vars.FOO",
		"changed heroku_app_config_association.ca vars.FOO",
		"changed heroku_app_config_association.ca_by_name vars.FOO",
	}
	if diff := cmp.Diff(wantReported, got); diff != "" {
		t.Errorf("after accepting one object (-want +got):\n%s", diff)
	}
}

// TestAcceptLeft: what can't be accepted is named, and not touched.
func TestAcceptLeft(t *testing.T) {
	for _, tt := range []struct {
		name string
		act  func(*fake)
		want string // in the reasons of what is left
	}{
		{"a rename where names are identities", func(s *fake) { s.Rename("old-name", "new-name") }, "RepairRename"},
		{"an add-on that is gone", func(s *fake) { s.DeleteAddon("postgresql-curly-1234") }, "terraform state rm"},
		{"an app that is gone", func(s *fake) { s.DeleteApp("personal-app") }, "terraform state rm"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := readState(t, "4.9.0")
			s, c := matching(t, f)
			tt.act(s)
			accepted, err := detect(t, s, c, herokutf.DriftOptions{}, f).Accept(f)
			if err != nil {
				t.Fatal(err)
			}
			if len(accepted.Changes) > 0 {
				t.Errorf("accepted: %v", accepted.Changes)
			}
			if len(accepted.Left) == 0 {
				t.Fatal("nothing is left")
			}
			for _, left := range accepted.Left {
				if !strings.Contains(left.Reason, tt.want) {
					t.Errorf("%s: left because %s", left.Address, left.Reason)
				}
			}
		})
	}
}

// TestAcceptRelease: a release becomes the one that runs, whole.
func TestAcceptRelease(t *testing.T) {
	for _, name := range driftStates[:5] {
		for _, form := range stateForms[:3] {
			t.Run(name+"/"+form.name, func(t *testing.T) {
				f := form.parse(t, decodeState(t, stateText(t, name)))
				s, c := matching(t, f)
				release := s.Deploy("old-name", "")
				report := detect(t, s, c, herokutf.DriftOptions{}, f)
				_, after := accept(t, report, f, "heroku_app_release.r")
				for inst := range after.Instances() {
					if inst.Address() != "heroku_app_release.r" {
						continue
					}
					id, _ := inst.Attr("id")
					slug, _ := inst.Attr("slug_id")
					if id.Text() != release.ID || slug.Text() != release.Slug {
						t.Errorf("got release %s, slug %s, want %s, %s", id.Text(), slug.Text(), release.ID, release.Slug)
					}
				}
				if got := reported(detect(t, s, c, herokutf.DriftOptions{}, after)); len(got) > 0 {
					t.Errorf("then: %q", got)
				}
			})
		}
	}
}

// TestAcceptKeyGone: a key of a map that Heroku doesn't have goes from the state with its
// name. Null in its place would be a config var of the state all the same.
func TestAcceptKeyGone(t *testing.T) {
	for _, name := range []string{"5.3.2"} {
		for _, form := range stateForms[:3] {
			for _, tt := range []struct {
				address, attr string
				left          string // what stays of the map, as JSON
			}{
				{"heroku_app.main", "config_vars", `{"BAR": "kept"}`},
				{"heroku_app_config_association.ca", "vars", `{"BAR": "kept"}`},
				{"heroku_pipeline_config_var.pcv", "vars", `{"BAR": "kept"}`},
				{"heroku_app.main", "sensitive_config_vars", `{}`},
				{"heroku_app_config_association.ca", "sensitive_vars", `{}`},
			} {
				state := decodeState(t, stateText(t, name))
				vars := map[string]any{}
				if tt.left != "{}" {
					vars["BAR"] = "kept"
				}
				state.at(t, tt.address)[tt.attr] = maps.Clone(vars)
				s, c := matching(t, state.parse(t))
				vars["AGONE"], vars["XGONE"] = "1", ""
				state.at(t, tt.address)[tt.attr] = vars
				f := form.parse(t, state)
				accepted, after := accept(t, detect(t, s, c, herokutf.DriftOptions{}, f), f, tt.address)
				where := fmt.Sprintf("%s, %s: %s.%s", name, form.name, tt.address, tt.attr)
				if len(accepted.Changes) != 2 || len(accepted.Left) > 0 {
					t.Errorf("%s: changed %v, left %v", where, accepted.Changes, accepted.Left)
				}
				for _, c := range accepted.Changes {
					if c.New != nil || c.Old == nil {
						t.Errorf("%s: %v is %v", where, c.Path, c.New)
					}
				}
				for _, key := range []string{"AGONE", "XGONE"} {
					if bytes.Contains(after.Bytes(), []byte(key)) {
						t.Errorf("%s: %s is still there", where, key)
					}
				}
				for inst := range after.Instances() {
					if inst.Address() != tt.address {
						continue
					}
					if v, ok := inst.Attr(tt.attr); ok {
						var got, want any
						if json.Unmarshal(v.Raw(), &got) != nil || json.Unmarshal([]byte(tt.left), &want) != nil || !cmp.Equal(got, want) {
							t.Errorf("%s: it is %s, want %s", where, v.Raw(), tt.left)
						}
						continue
					}
					size, _ := inst.Attr(tt.attr + ".%")
					if kept, ok := inst.Attr(tt.attr + ".BAR"); size.Text() != strconv.Itoa(len(vars)-2) || ok != (tt.left != "{}") || ok && kept.Text() != "kept" {
						t.Errorf("%s: it has %s keys, BAR: %t", where, size.Text(), ok)
					}
				}
			}
		}
	}
}
