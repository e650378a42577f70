package herokutf

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/internal/leaktest"
	"github.com/herokutf/herokutf/statefile"
)

func TestFingerprinter(t *testing.T) {
	a, b := newFingerprinter([]byte("a")), newFingerprinter([]byte("b"))
	form := regexp.MustCompile(`^secret:[0-9a-f]{16}$`)
	seen := make(map[any]string)
	for _, tt := range []struct {
		fp    *fingerprinter
		scope string
		v     any
	}{
		{a, "x", "v"}, {b, "x", "v"}, {a, "y", "v"}, {a, "xv", ""}, {a, "", "xv"}, {a, "x", ""}, {a, "x", "5"}, {a, "x", json.Number("5")}, {a, "x", true}, {a, "x", "true"},
		{a, "x", []any{"v"}}, {a, "x", `["v"]`}, {a, "x", []any{"v", nil}}, {a, "x", map[string]any{"k": "v"}}, {a, "x", map[string]any{"k": nil}},
		{a, "x", "\xff"}, {a, "x", "\xfe"}, {a, "x", "\ufffd"}, {a, "x", json.Number("no")},
		{newFingerprinter(nil), "x", "v"}, {newFingerprinter([]byte{}), "x", "v"},
	} {
		got := tt.fp.of(tt.scope, tt.v)
		if s, ok := got.(string); !ok || !form.MatchString(s) || !isFingerprint(got) {
			t.Errorf("of(%q, %#v) = %#v, want one like secret:3f9a1c2b4d5e6f70", tt.scope, tt.v, got)
		}
		what := fmt.Sprintf("of(%q, %#v)", tt.scope, tt.v)
		if other := seen[got]; other != "" {
			t.Errorf("%s and %s are the same", what, other)
		}
		seen[got] = what
		if again := tt.fp.of(tt.scope, tt.v); again != got {
			t.Errorf("%s is %v and then %v", what, got, again)
		}
	}
	if got := a.of("x", nil); got != nil {
		t.Errorf("of nil: got %v", got)
	}
	if got, want := newFingerprinter([]byte("a")).of("x", map[string]any{"a": "1", "b": "2"}), a.of("x", map[string]any{"b": "2", "a": "1"}); got != want {
		t.Errorf("the same key and value: got %v and %v", got, want)
	}
	// People compare reports of many versions; the value is from another
	// implementation.
	if got, want := a.of("x", "v"), "secret:3f62da485e38963d"; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	key := []byte("a")
	c := newFingerprinter(key)
	if key[0] = 'b'; c.of("x", "v") != a.of("x", "v") {
		t.Error("the key isn't copied")
	}

	d := a.difference("x", statefile.Path{"p"}, "old", nil)
	if state, live := d.plain(); state != "old" || live != nil || d.Live != nil || d.State != a.of("x", "old") || !d.Sensitive {
		t.Errorf("got %+v with the values %v, %v", d, state, live)
	}
	d = DriftDifference{State: "s", Live: "l"}
	if state, live := d.plain(); state != "s" || live != "l" {
		t.Errorf("of no secret: got %v, %v", state, live)
	}
}

// TestSecretValues: the values of a secret are shown to whoever asks for them, and only if
// they are known: what stands in their place by mistake isn't.
func TestSecretValues(t *testing.T) {
	fp := newFingerprinter([]byte("a"))
	known, print := fp.difference("x", statefile.Path{"p"}, "old", "new"), fp.of("x", "old")
	for name, tt := range map[string]struct {
		d           DriftDifference
		secrets     bool
		state, live any
		clear       bool
	}{
		"not asked":            {known, false, fp.of("x", "old"), fp.of("x", "new"), false},
		"asked":                {known, true, "old", "new", true},
		"read back":            {DriftDifference{Sensitive: true, State: print}, true, print, nil, false},
		"by hand":              {DriftDifference{Sensitive: true, State: "old", Live: "new"}, false, "secret", "secret", false},
		"by hand, and asked":   {DriftDifference{Sensitive: true, State: "old", Live: "new"}, true, "secret", "secret", false},
		"no secret":            {DriftDifference{State: "old", Live: 5}, false, "old", 5, true},
		"no secret, and asked": {DriftDifference{State: "old", Live: 5}, true, "old", 5, true},
	} {
		if state, live, clear := tt.d.Values(tt.secrets); state != tt.state || live != tt.live || clear != tt.clear {
			t.Errorf("%s: got %v, %v, %t", name, state, live, clear)
		}
	}
}

// TestIsFingerprint: nothing else than a fingerprint passes for one.
func TestIsFingerprint(t *testing.T) {
	for v, want := range map[any]bool{
		nil: true, "secret:0123456789abcdef": true,
		"0123456789abcdef": false, "secret:0123456789abcde": false, "secret:0123456789abcdeff": false, "secret:0123456789abcdeg": false,
		"secret:": false, "": false, 5: false, true: false,
	} {
		if got := isFingerprint(v); got != want {
			t.Errorf("%v: %v, want %v", v, got, want)
		}
	}
}

// TestDriftObjectHidesElement: what Heroku says of an object stays in it.
func TestDriftObjectHidesElement(t *testing.T) {
	const marker = "hunter2"
	o := DriftObject{Type: "heroku_drain", ID: "9", Verdict: Unmanaged, origin: &origin{element: map[string]any{"url": "https://u:" + marker + "@logs.example.com"}}}
	r := DriftReport{Objects: []DriftObject{o}}
	for name, v := range map[string]any{"object": o, "pointer": &o, "report": r, "report pointer": &r} {
		for _, text := range leaktest.Printed(v) {
			if strings.Contains(text, marker) || strings.Contains(text, fmt.Sprintf("%x", marker)) {
				t.Errorf("%s: %s", name, text)
			}
		}
	}
}
