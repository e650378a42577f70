package provider

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
)

type generation5 string

func (g generation5) Value(name string) any {
	if name == "generation" {
		return string(g)
	}
	return nil
}

func TestIsFir(t *testing.T) {
	fir, cedar := mustDecode(t, `{"generation": {"name": "fir"}}`), mustDecode(t, `{"generation": {"name": "cedar"}}`)
	for _, tt := range []struct {
		app  any
		inst Values
		want bool
	}{
		{fir, nil, true}, {cedar, nil, false}, {nil, nil, false}, {nil, generation5("fir"), true}, {nil, generation5(""), false}, {cedar, generation5("fir"), true},
	} {
		if got := IsFir(tt.app, tt.inst); got != tt.want {
			t.Errorf("%v, %v: got %t", tt.app, tt.inst, got)
		}
	}
}

func TestIsOwnAttachment(t *testing.T) {
	all, _ := mustDecode(t, `[
		{"app": {"id": "a"}, "addon": {"id": "x", "app": {"id": "a"}}, "created_at": "2026-01-02"},
		{"app": {"id": "a"}, "addon": {"id": "x", "app": {"id": "a"}}, "created_at": "2026-01-01"},
		{"app": {"id": "a"}, "addon": {"id": "y", "app": {"id": "b"}}, "created_at": "2026-01-01"},
		{"app": {"id": "a"}, "addon": {"id": "z", "app": {"id": "a"}}, "created_at": "2026-01-03"},
		{"app": {}, "addon": {"id": "z", "app": {}}, "created_at": "2026-01-01"}]`).([]any)
	for i, want := range []bool{false, true, false, false, false} {
		if i == 3 {
			// The last one, without an app, is older and of the same add-on.
			if !IsOwnAttachment(all[i], all[:4]) {
				t.Error("the only one of an add-on isn't its own")
			}
		}
		if got := IsOwnAttachment(all[i], all); got != want {
			t.Errorf("attachment %d: got %t", i, got)
		}
	}
}

// TestIsOwnAttachmentTie: of two attachments of one second one is the add-on's own.
func TestIsOwnAttachmentTie(t *testing.T) {
	all, _ := mustDecode(t, `[
		{"id": "1", "name": "REPORTS", "app": {"id": "a"}, "addon": {"id": "x", "name": "db-1", "app": {"id": "a"}}, "created_at": "2026-01-01"},
		{"id": "2", "name": "DATABASE", "app": {"id": "a"}, "addon": {"id": "x", "name": "db-1", "app": {"id": "a"}}, "created_at": "2026-01-01"},
		{"id": "3", "name": "REDIS", "app": {"id": "a"}, "addon": {"id": "y", "name": "redis-round-1", "app": {"id": "a"}}, "created_at": "2026-01-01"},
		{"id": "1", "name": "CACHE", "app": {"id": "a"}, "addon": {"id": "y", "name": "redis-round-1", "app": {"id": "a"}}, "created_at": "2026-01-01"},
		{"id": "5", "name": "B", "app": {"id": "a"}, "addon": {"id": "z", "name": "mail-1", "app": {"id": "a"}}, "created_at": "2026-01-01"},
		{"id": "4", "name": "C", "app": {"id": "a"}, "addon": {"id": "z", "name": "mail-1", "app": {"id": "a"}}, "created_at": "2026-01-01"}]`).([]any)
	for i, want := range []bool{false, true, true, false, false, true} {
		if got := IsOwnAttachment(all[i], all); got != want {
			t.Errorf("attachment %d: got %t", i, got)
		}
	}
}

func TestVarsOfAddons(t *testing.T) {
	if got := AddonVars(mustDecode(t, `{"config_vars": ["A_URL", "B"]}`)); !slices.Equal(got, []string{"A_URL", "B"}) {
		t.Errorf("got %q", got)
	}
	for _, addon := range []string{`{}`, `{"config_vars": "A"}`, `null`} {
		if got := AddonVars(mustDecode(t, addon)); got != nil {
			t.Errorf("%s: got %q", addon, got)
		}
	}
	for _, tt := range []struct {
		attachment, name string
		want             bool
	}{
		{`{"name": "REDIS"}`, "REDIS", true}, {`{"name": "REDIS"}`, "REDIS_URL", true}, {`{"name": "REDIS"}`, "REDISTRIBUTE", false},
		{`{"name": "REDIS"}`, "MY_REDIS", false}, {`{"name": ""}`, "_URL", false}, {`{"name": ""}`, "", false}, {`{}`, "A", false},
	} {
		if got := IsVarOf(mustDecode(t, tt.attachment), tt.name); got != tt.want {
			t.Errorf("%s, %s: got %t", tt.attachment, tt.name, got)
		}
	}
}

func TestStored(t *testing.T) {
	for _, tt := range []struct {
		as   Comparison
		typ  Type
		live string
		want any
		ok   bool
	}{
		{Same, String, `"a"`, "a", true},
		{Same, String, `null`, "", true},
		{Same, String, `5`, "5", true},
		{Same, String, `{}`, nil, false},
		{Same, String, `[]`, nil, false},
		{Same, Bool, `true`, true, true},
		{Same, Bool, `null`, false, true},
		{Same, Bool, `"true"`, true, true},
		{Same, Bool, `"yes"`, false, false},
		{Same, Int, `5`, json.Number("5"), true},
		{Same, Int, `5.0`, json.Number("5"), true},
		{Same, Int, `null`, json.Number("0"), true},
		{Same, Int, `5.5`, json.Number("0"), false},
		{Same, Time, `"2026-01-02T03:04:05+01:00"`, "2026-01-02 02:04:05 +0000 UTC", true},
		{Volatile, Time, `"yesterday"`, nil, false},
		{Timestamp, String, `"2026-01-02T03:04:05Z"`, "2026-01-02 03:04:05 +0000 UTC", true},
		{Timestamp, String, `"2026-01-02T03:04:05+01:00"`, "2026-01-02 02:04:05 +0000 UTC", true},
		{Timestamp, String, `"yesterday"`, nil, false},
		{Timestamp, String, `null`, nil, false},
		{InOrder, String, `["b", "a", "b"]`, []any{"b", "a", "b"}, true},
		{AnyOrder, String, `["b", "a"]`, []any{"b", "a"}, true},
		{Set, String, `["b", "a", "b"]`, []any{"a", "b", "b"}, true},
		{Set, String, `null`, []any{}, true},
		{Set, String, `["b", null]`, nil, false},
		{InOrder, String, `"b"`, nil, false},
		{ManagedKeys, String, `"1"`, "1", true},
		{ManagedKeys, String, `""`, "", true},
		{ManagedKeys, String, `null`, nil, true},
		{ManagedKeys, String, `1`, "", false},
		{Mapping, String, `"1"`, "1", true},
	} {
		a := &Attr{Name: "a", As: tt.as, Type: tt.typ}
		live := mustDecode(t, tt.live)
		before, _ := json.Marshal(live)
		got, ok := a.Stored(live)
		if ok != tt.ok || ok && !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s as %d of type %d: got %#v, %t, want %#v, %t", tt.live, tt.as, tt.typ, got, ok, tt.want, tt.ok)
		}
		if after, _ := json.Marshal(live); string(after) != string(before) {
			t.Errorf("%s was changed", tt.live)
		}
	}
}

func mustDecode(t *testing.T, text string) any {
	t.Helper()
	v, err := decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
