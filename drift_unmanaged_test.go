package herokutf

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/herokutf/herokutf/ignore"
	"github.com/herokutf/herokutf/internal/provider"
)

// TestUnmanagedUnread: a list that can't be read is noted, and nothing else of the app is
// left out; when the comparison is over, that is the error.
func TestUnmanagedUnread(t *testing.T) {
	inv := inventoryOf(t, selection{}, stated{"heroku_app x", appAttrs})
	a := inv.apps[0]
	a.live = valueOf(t, `{"id": "`+appOne+`", "name": "one", "maintenance": true}`)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	plan := listPlanner{unmanaged: true}
	lists := []provider.List{provider.ConfigVars, provider.Releases}
	for res := range plan.unmanagedTypes() {
		if res.Unmanaged.IsFor(a.live) && !slices.Contains(lists, res.Origin.List) {
			lists = append(lists, res.Origin.List)
		}
	}
	done := make(chan struct{})
	close(done)
	for _, bad := range lists {
		finder := func() *unmanagedFinder {
			r := newReader(nil)
			for _, l := range lists {
				path, err := fill(l.Source().Path, a.steps())
				if err != nil {
					t.Fatal(err)
				}
				read := &answer{done: done, value: []any{}}
				switch l {
				case bad:
					read = &answer{done: done, err: fmt.Errorf("GET %s: %w", path, errDown)}
				case provider.ConfigVars:
					read.value = map[string]any{"OTHER": "1"}
				}
				read.index()
				r.answers[path] = read
			}
			return &unmanagedFinder{plan: plan, lists: &appReader{reader: r}, claims: newClaims(inv.subjects), report: &assembler{rules: new(ignore.Rules).Matcher(time.Time{})}}
		}
		if err := finder().find(cancelled, a); !errors.Is(err, context.Canceled) {
			t.Errorf("without the %s, at the end of the comparison: %v", bad, err)
		}
		u := finder()
		if err := u.find(t.Context(), a); err != nil {
			t.Errorf("without the %s: %v", bad, err)
		}
		if notes := strings.Join(u.report.notes, "; "); !strings.Contains(notes, "GET ") || !strings.Contains(notes, "one: ") {
			t.Errorf("without the %s: noted %q", bad, notes)
		}
		want := 2 // a config var, and maintenance mode
		if bad == provider.ConfigVars || bad == provider.Addons || bad == provider.Attachments {
			want = 1
		}
		if len(u.report.unmanaged) != want {
			t.Errorf("without the %s: %d objects are reported, want %d", bad, len(u.report.unmanaged), want)
		}
	}
}

// TestUnmanagedUnblamed: when the comparison is over while it reads who added what is
// unmanaged, that is the error.
func TestUnmanagedUnblamed(t *testing.T) {
	chosen, err := newSelection([]string{"heroku_domain"})
	if err != nil {
		t.Fatal(err)
	}
	inv := inventoryOf(t, selection{}, stated{"heroku_app x", appAttrs})
	a := inv.apps[0]
	a.live = valueOf(t, `{"id": "`+appOne+`", "name": "one"}`)
	done := make(chan struct{})
	close(done)
	r := newReader(nil)
	for path, read := range map[string]*answer{
		"/apps/" + appOne + "/domains":  {done: done, value: elementsOf(t, `[{"id": "x", "hostname": "www.example.com", "kind": "custom", "app": {"id": "`+appOne+`"}}]`)},
		"/apps/" + appOne + "/releases": {done: done, err: errDown},
	} {
		read.index()
		r.answers[path] = read
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for ctx, want := range map[context.Context]error{t.Context(): nil, cancelled: context.Canceled} {
		a.release = release{}
		u := &unmanagedFinder{plan: listPlanner{unmanaged: true, blame: true, chosen: chosen}, lists: &appReader{reader: r},
			claims: newClaims(inv.subjects), report: &assembler{rules: new(ignore.Rules).Matcher(time.Time{})}}
		if err := u.find(ctx, a); !errors.Is(err, want) {
			t.Errorf("got error %v, want %v", err, want)
		}
		if len(u.report.notes) != 1 || want == nil && len(u.report.unmanaged) != 1 {
			t.Errorf("got %d objects, notes %q", len(u.report.unmanaged), u.report.notes)
		}
	}
}

// TestBlameUnmanaged: the release that added an object names it, or the plan of an
// add-on.
func TestBlameUnmanaged(t *testing.T) {
	releases := elementsOf(t, `[
		{"version": 9, "description": "Detach REPORTS (@ref:db-1)"}, {"version": 8, "description": "Attach REPORTS (@ref:db-1)"},
		{"version": 7, "description": "Remove A, KEY config vars"}, {"version": 6, "description": "Set A, KEY config vars"},
		{"version": 5, "description": "Add heroku-redis:mini add-on"}, {"version": 4, "description": "Attach DATABASE (@ref:db-1)"},
		{"version": 3, "description": "Deploy 0123abcd"}]`)
	plan := &origin{element: valueOf(t, `{"plan": {"name": "heroku-redis:mini"}}`)}
	for _, tt := range []struct {
		object DriftObject
		want   []int
	}{
		{DriftObject{Type: provider.Config, ID: "KEY"}, []int{6}},
		{DriftObject{Type: provider.Attachment, Label: "REPORTS"}, []int{8}},
		{DriftObject{Type: provider.Addon, Label: "cache", origin: plan}, []int{5}},
		{DriftObject{Type: provider.Addon, Label: "DATABASE", origin: plan}, []int{4}},
		{DriftObject{Type: provider.Domain, Label: "KEY"}, nil},
	} {
		var got []int
		for _, b := range blameUnmanaged(&tt.object, releases) {
			got = append(got, b.Version)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s %s: blamed %v, want %v", tt.object.Type, tt.object.Label, got, tt.want)
		}
	}
}
