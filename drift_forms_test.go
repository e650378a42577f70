package herokutf

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// TestAttributePaths: where an attribute stands, in a block that is there and in one that
// isn't, in either form.
func TestAttributePaths(t *testing.T) {
	const heroku = `{"version": 4, "serial": 1, "lineage": "x", "resources": [{"mode": "managed", "type": "heroku_app", "name": "x",
		"provider": "provider.heroku", "instances": [{"schema_version": 0, `
	for _, tt := range []struct {
		attributes, name, key string
		want                  statefile.Path
	}{
		{`"attributes": {"name": "a"}`, "name", "", statefile.Path{"name"}},
		{`"attributes": {"organization": [{"name": "t"}]}`, "organization.name", "", statefile.Path{"organization", 0, "name"}},
		{`"attributes": {"organization": []}`, "organization.name", "", statefile.Path{"organization", 0, "name"}},
		{`"attributes": {"organization": null}`, "organization.name", "", statefile.Path{"organization", 0, "name"}},
		{`"attributes": {"source": {"url": "u"}}`, "source.url", "", statefile.Path{"source", "url"}},
		{`"attributes": {"source": {}}`, "source.url", "", statefile.Path{"source", "url"}},
		{`"attributes": {"config_vars": {"A": "1"}}`, "config_vars", "A", statefile.Path{"config_vars", "A"}},
		{`"attributes": {"config_vars": [{"A": "1"}]}`, "config_vars", "A", statefile.Path{"config_vars", 0, "A"}},
		{`"attributes": {"config_vars": null}`, "config_vars", "A", statefile.Path{"config_vars", "A"}},
		{`"attributes_flat": {"name": "a"}`, "name", "", statefile.Path{"name"}},
		{`"attributes_flat": {"organization.#": "1", "organization.0.name": "t"}`, "organization.name", "", statefile.Path{"organization.0.name"}},
		{`"attributes_flat": {"source.%": "0"}`, "source.url", "", statefile.Path{"source.url"}},
		{`"attributes_flat": {"config_vars.%": "1", "config_vars.A": "1"}`, "config_vars", "A", statefile.Path{"config_vars.A"}},
		{`"attributes_flat": {"config_vars.#": "1", "config_vars.0.%": "1", "config_vars.0.A": "1"}`, "config_vars", "A", statefile.Path{"config_vars.0.A"}},
	} {
		f, err := statefile.Parse("x.tfstate", []byte(heroku+tt.attributes+`}]}]}`))
		if err != nil {
			t.Fatal(err)
		}
		for inst := range f.Instances() {
			if diff := cmp.Diff(tt.want, newAttributes(inst).path(tt.name, tt.key)); diff != "" {
				t.Errorf("%s of %s (-want +got):\n%s", tt.name, tt.attributes, diff)
			}
		}
	}
}

// TestFlatPathOfNoBlock: an attribute of a block that isn't there has the path that it would
// have in one.
func TestFlatPathOfNoBlock(t *testing.T) {
	f, err := statefile.Parse("x.tfstate", []byte(`{"version": 4, "serial": 1, "lineage": "x", "resources": [{"mode": "managed", "type": "heroku_app", "name": "x",
		"provider": "provider.heroku", "instances": [{"schema_version": 0, "attributes_flat": {"organization.#": "0"}}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for inst := range f.Instances() {
		if got := newAttributes(inst).path("organization.name", ""); !got.Equal(statefile.Path{"organization.0.name"}) {
			t.Errorf("got %v", got)
		}
	}
}

// TestUnflattened: where a configuration has what flat attributes have under a key.
func TestUnflattened(t *testing.T) {
	app, _ := provider.Lookup(provider.Managed, provider.App)
	drain, _ := provider.Lookup(provider.Managed, "heroku_telemetry_drain")
	for _, tt := range []struct {
		attr *provider.Attr
		key  string
		want statefile.Path
	}{
		{app.Attr("name"), "name", statefile.Path{"name"}},
		{app.Attr("config_vars"), "config_vars.A", statefile.Path{"config_vars", "A"}},
		{app.Attr("config_vars"), "config_vars.0.A", statefile.Path{"config_vars", "A"}},
		{app.Attr("config_vars"), "config_vars.1.A", statefile.Path{"config_vars", "1.A"}},
		{app.Attr("config_vars"), "config_vars.A.B", statefile.Path{"config_vars", "A.B"}},
		{app.Attr("config_vars"), "config_vars.0", statefile.Path{"config_vars", "0"}},
		{drain.Attr("headers"), "headers.x.y", statefile.Path{"headers", "x.y"}},
		{app.Attr("organization.name"), "organization.0.name", statefile.Path{"organization", 0, "name"}},
		{app.Attr("buildpacks"), "buildpacks.0", statefile.Path{"buildpacks"}},
		{app.Attr("buildpacks"), "buildpacks.#", statefile.Path{"buildpacks"}},
		{app.Attr("organization.name"), "organization.x.name", statefile.Path{"organization"}},
	} {
		if diff := cmp.Diff(tt.want, unflattened(tt.attr, tt.key)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.key, diff)
		}
	}
}

// TestAttributeNext: what a plan makes of a difference, by what it has before and after.
func TestAttributeNext(t *testing.T) {
	object := func(v any) any { return map[string]any{"stack": v} }
	for _, tt := range []struct {
		before, after any
		want          NextApply
	}{
		{map[string]any{}, map[string]any{}, NextUnknown},
		{nil, object("s"), NextPutBack},
		{map[string]any{}, object("l"), NextNothing},
		{map[string]any{}, object("c"), NextUpdate},
		{object("l"), nil, NextUpdate},
		{object("l"), object("s"), NextPutBack},
		{object("l"), object("l"), NextNothing},
		{object("s"), object("s"), NextUnknown},
		{object("x"), object("x"), NextNothing},
	} {
		change := &tfjson.Change{Before: tt.before, After: tt.after}
		d := &DriftDifference{Path: statefile.Path{"stack"}, State: "s", Live: "l"}
		if got := attributeNext(change, d, nil); got != tt.want {
			t.Errorf("%v, then %v: %s, want %s", tt.before, tt.after, got, tt.want)
		}
	}
}

// TestHoldsPassword: a URL with a password is seen anywhere in a value.
func TestHoldsPassword(t *testing.T) {
	for text, want := range map[string]bool{
		`"https://u:p@example.com"`: true, `"https://u@example.com/"`: true, `"x https://u@h"`: true,
		`"https://example.com/@"`: false, `"https://example.com?a@b"`: false, `"u@example.com"`: false, `""`: false, `7`: false, `null`: false,
		`["a", ["https://u:p@h"]]`: true, `["a"]`: false, `[]`: false,
		`{"a": "b", "c": "https://u:p@h"}`: true, `{"a": {"b": ["https://u:p@h"]}}`: true, `{"https://u:p@h": 1}`: false, `{}`: false,
	} {
		if got := holdsPassword(valueOf(t, text)); got != want {
			t.Errorf("%s: %t, want %t", text, got, want)
		}
	}
}

// TestProgressWait: the wait is that for the requests which the budget doesn't have.
func TestProgressWait(t *testing.T) {
	for _, tt := range []struct {
		requests, left int
		want           time.Duration
	}{
		{10, 4, 6 * platform.Refill}, {10, 0, 10 * platform.Refill}, {10, 10, 0}, {10, 11, 0}, {10, -1, 0}, {0, 0, 0},
	} {
		var got DriftProgress
		p := &progress{call: func(p DriftProgress) { got = p }, sent: new(atomic.Int64)}
		p.sent.Add(3)
		p.begin(2, tt.requests, tt.left)
		if want := (DriftProgress{Apps: 2, Requests: tt.requests + 3, Left: tt.left, Wait: tt.want}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// TestShowUnreadable: what isn't output of show -json is an error, and what isn't there is
// passed over.
func TestShowUnreadable(t *testing.T) {
	for _, text := range []string{``, `{`, `x`, `[]`, `{"format_version": "1.0", "values": 7}`, `{"planned_values": {}}`} {
		if f, err := ParseShowJSON("show.json", []byte(text)); err == nil || f != nil {
			t.Errorf("%s: got %v, %v", text, f, err)
		}
	}
	f, err := ParseShowJSON("show.json", []byte(`{"format_version": "1.0", "values": {"root_module": {"child_modules": [null], "resources": [null,
		{"mode": "managed", "type": "heroku_app", "name": "x", "provider_name": "heroku", "schema_version": 0, "values": {"id": "a"}}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for inst := range f.Instances() {
		if n++; inst.Address() != "heroku_app.x" {
			t.Errorf("got %s", inst.Address())
		}
	}
	if n != 1 {
		t.Errorf("%d instances, want 1", n)
	}
	bad := &tfjson.State{Values: &tfjson.StateValues{RootModule: &tfjson.StateModule{Resources: []*tfjson.StateResource{
		{Type: "heroku_app", AttributeValues: map[string]any{"id": json.Number("x")}}}}}}
	if f, err := fromShowJSON("show.json", bad); err == nil || f != nil || !strings.Contains(err.Error(), `show.json: json: invalid number literal`) {
		t.Errorf("of what has no JSON: %v, %v", f, err)
	}
}

// TestLostByName: an app that a state knows by name alone is asked for by it.
func TestLostByName(t *testing.T) {
	inv := inventoryOf(t, selection{}, stated{"heroku_app x", `{"id": "one", "name": "one"}`})
	r := newReader(nil)
	done := make(chan struct{})
	close(done)
	r.answers["/apps"] = &answer{done: done, value: []any{}, byID: map[string]any{}}
	r.answers["/apps/one"] = &answer{done: done, value: valueOf(t, `{"id": "`+appOne+`", "name": "one"}`)}
	if err := resolveApps(context.Background(), r, listPlanner{}, inv, map[provider.List]bool{provider.Apps: true}); err != nil {
		t.Fatal(err)
	}
	if a := inv.apps[0]; a.id != appOne || !a.byName || a.verdict != "" {
		t.Errorf("the app has the id %q, and is %q: %s", a.id, a.verdict, a.reason)
	}
}
