package terraform

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/statefile"
)

func decode(t *testing.T, text string) any {
	t.Helper()
	if text == "" {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// TestEqualTrees: what is the same to Terraform, in both directions.
func TestEqualTrees(t *testing.T) {
	long := func(last string) string { return "1." + strings.Repeat("0", maxDigits-3) + last }
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{``, `null`, true}, {`null`, `[]`, true}, {`null`, `{}`, true}, {`{}`, `[]`, true}, {`{"a":{"b":[]}}`, `[]`, true}, {`{"a":{"b":[]}}`, `null`, true},
		{`null`, `""`, false}, {`null`, `0`, false}, {`null`, `false`, false}, {`[]`, `[null]`, false}, {`{}`, `{"a":0}`, false}, {`{}`, `{"a":""}`, false}, {`null`, `{"a":{"b":1}}`, false},
		{`{"a":1}`, `"x"`, false}, {`{"a":1}`, `[1]`, false}, {`{"a":1}`, `1`, false}, {`[1]`, `1`, false}, {`[1]`, `"1"`, false}, {`1`, `"1"`, false}, {`true`, `"true"`, false}, {`true`, `1`, false},
		{`{"a":1}`, `{"a":1}`, true}, {`{"a":1}`, `{"a":2}`, false}, {`{"a":1}`, `{"a":1,"b":2}`, false}, {`{"a":1}`, `{"a":1,"b":null,"c":{"d":[]}}`, true}, {`{"a":1,"b":[]}`, `{"b":{},"a":1}`, true},
		{`{"a":1,"b":2}`, `{"a":1}`, false}, {`{"a":{"b":1}}`, `{"a":{"b":2}}`, false}, {`{"a":{"b":1}}`, `{"a":{"b":1.0}}`, true},
		{`[1,2]`, `[1,2]`, true}, {`[1,2]`, `[1]`, false}, {`[1,2]`, `[1,3]`, false}, {`[1,null]`, `[1,{}]`, true}, {`[{"a":1}]`, `[{"a":2}]`, false},
		{`"x"`, `"x"`, true}, {`"x"`, `"y"`, false}, {`true`, `true`, true}, {`true`, `false`, false},
		{`1`, `1.0`, true}, {`1`, `1.00`, true}, {`1`, `2`, false}, {`-0`, `0`, true}, {`1e2`, `1e2`, true}, {`1e2`, `100`, false}, {`1E2`, `100`, false},
		// Long numbers are compared by their text.
		{long("0"), `1`, true}, {long("0"), long("00"), false}, {`1`, long("00"), false}, {long("00"), long("00"), true}, {long("1"), `1`, false},
	} {
		for _, turned := range []bool{false, true} {
			a, b := tt.a, tt.b
			if turned {
				a, b = b, a
			}
			if got := equal(decode(t, a), decode(t, b)); got != tt.want {
				t.Errorf("%.40s and %.40s: got %v, want %v", a, b, got, tt.want)
			}
		}
	}
}

// TestKeeps: whether a change is still there, whatever else there is.
func TestKeeps(t *testing.T) {
	for _, tt := range []struct {
		before, changed, after string
		want                   bool
	}{
		{`1`, `1`, `2`, true}, // nothing was changed
		{`1`, `2`, `2`, true}, {`1`, `2`, `1`, false}, {`1`, `2`, `3`, false}, {`1`, `2`, ``, false}, {``, `2`, `2`, true}, {``, `2`, ``, false}, {`1`, ``, ``, true}, {`1`, ``, `1`, false},
		{`{"a":1,"b":1}`, `{"a":2,"b":1}`, `{"a":2,"b":5,"c":6}`, true},
		{`{"a":1,"b":1}`, `{"a":2,"b":1}`, `{"a":1,"b":1}`, false},
		{`{"a":1,"b":1}`, `{"a":2,"b":1}`, `{"b":1}`, false},
		{`{"a":1,"b":1}`, `{"a":2,"b":1}`, `2`, false},
		{`{"a":1,"b":1}`, `{"b":1}`, `{"b":3}`, true},
		{`{"a":1,"b":1}`, `{"b":1}`, `{"b":1,"a":[]}`, true},
		{`{"a":1,"b":1}`, `{"b":1}`, `{"b":1,"a":1}`, false},
		{`{"a":1,"b":1}`, `{"b":1}`, `{"b":1,"a":7}`, false},
		{`{"a":{"x":1,"y":1}}`, `{"a":{"x":2,"y":1}}`, `{"a":{"x":2,"y":9}}`, true},
		{`{"a":{"x":1,"y":1}}`, `{"a":{"x":2,"y":1}}`, `{"a":{"x":1,"y":1}}`, false},
		{`{"a":1}`, `[1]`, `[1]`, true}, {`{"a":1}`, `[1]`, `{"a":1}`, false}, {`[1]`, `{"a":1}`, `{"a":1}`, true}, {`[1]`, `{"a":1}`, `{"a":1,"b":2}`, false}, {`[1,2]`, `[1,3]`, `[1,3]`, true}, {`[1,2]`, `[1,3]`, `[1,3,4]`, false},
	} {
		if got := keeps(decode(t, tt.before), decode(t, tt.changed), decode(t, tt.after)); got != tt.want {
			t.Errorf("%s to %s, now %s: got %v, want %v", tt.before, tt.changed, tt.after, got, tt.want)
		}
	}
}

// TestCompareNames: objects are held against each other by all that their addresses say.
func TestCompareNames(t *testing.T) {
	object := func(head, instance string) string {
		return `{` + head + `,"instances":[` + instance + `]}`
	}
	const head = `"mode":"managed","type":"t","name":"a","provider":"p"`
	text := func(serial, outputs, resources string) *statefile.File {
		return state(t, `{"version":4,"terraform_version":"1.5.0","serial":`+serial+`,"lineage":"l","outputs":{`+outputs+`},"resources":[`+resources+`]}`)
	}
	one := `{"schema_version":0,"attributes":{"id":"x"}}`
	base := text("7", "", object(head, one))
	for name, other := range map[string]string{
		"module": object(`"module":"module.m",`+head, one), "mode": object(strings.Replace(head, "managed", "data", 1), one), "type": object(strings.Replace(head, `"t"`, `"u"`, 1), one),
		"name": object(strings.Replace(head, `"a"`, `"b"`, 1), one), "provider": object(strings.Replace(head, `"p"`, `"q"`, 1), one),
		"index": object(head, `{"index_key":0,`+one[1:]), "text": object(head, `{"index_key":"0",`+one[1:]), "deposed": object(head, `{"deposed":"00000001",`+one[1:]),
		"attributes": object(head, strings.Replace(one, `"x"`, `"y"`, 1)), "schema": object(head, strings.Replace(one, "0", "1", 1)), "nothing": "", "more": object(head, `{"index_key":1,`+one[1:]+`,{"index_key":2,`+one[1:]),
	} {
		now := text("8", "", other)
		if same(base, now) || same(now, base) {
			t.Errorf("another %s is the same", name)
		}
		// From base to now is a change: it is kept only where it is.
		if got := compare(base, now, text("10", `"o":{"value":1,"type":"number"}`, other)); got != later {
			t.Errorf("another %s, and an apply on top: got %d", name, got)
		}
		if got := compare(base, now, text("10", `"o":{"value":1,"type":"number"}`, object(head, one))); got != overwritten {
			t.Errorf("another %s, and an apply from before: got %d", name, got)
		}
	}
	// Only a serial above that of the new state can be a later one.
	changed := object(head, strings.Replace(one, `"x"`, `"y"`, 1))
	for serial, want := range map[string]outcome{"7": overwritten, "8": overwritten, "9": later} {
		if got := compare(base, text("8", "", changed), text(serial, `"o":{"value":1,"type":"number"}`, changed)); got != want {
			t.Errorf("serial %s: got %d, want %d", serial, got, want)
		}
	}
	// Outputs count.
	a, b := text("8", `"o":{"value":1,"type":"number"}`, ""), text("9", `"o":{"value":2,"type":"number"}`, "")
	if same(a, b) || !same(a, text("12", `"o":{"type":"number","value":1.0}`, "")) {
		t.Error("outputs aren't compared")
	}
	// What has an address twice is compared one by one.
	twice := func(x, y string) *statefile.File {
		return text("9", "", object(head, `{"schema_version":0,"attributes":{"id":"`+x+`"}},{"schema_version":0,"attributes":{"id":"`+y+`"}}`))
	}
	if same(twice("x", "y"), twice("z", "y")) || same(twice("x", "y"), twice("x", "z")) || !same(twice("x", "y"), twice("x", "y")) {
		t.Error("an object that is there twice isn't compared")
	}
	// The serial is below that of the other, the same, above it, and 0.
	for _, serials := range [][2]string{{"7", "9"}, {"7", "7"}, {"9", "7"}, {"0", "0"}, {"0", "1"}, {"1", "0"}} {
		if !same(text(serials[0], "", changed), text(serials[1], "", changed)) || same(text(serials[0], "", changed), text(serials[1], "", object(head, one))) {
			t.Errorf("serials %v count", serials)
		}
	}
}

// TestCompareOld: a state of an earlier version, which isn't looked into, is never taken for
// one that holds a change, nor for the same as another one.
func TestCompareOld(t *testing.T) {
	old := func(serial, name string) *statefile.File {
		return state(t, `{"version":3,"serial":`+serial+`,"lineage":"l","modules":[{"path":["root"],"outputs":{},"resources":{"t.`+name+`":{"type":"t","primary":{"id":"x"}}}}]}`)
	}
	now := func(serial, id string) *statefile.File {
		return state(t, `{"version":4,"serial":`+serial+`,"lineage":"l","outputs":{},"resources":[{"mode":"managed","type":"t","name":"a","provider":"p","instances":[{"schema_version":0,"attributes":{"id":"`+id+`"}}]}]}`)
	}
	if same(old("7", "a"), old("8", "b")) || same(old("8", "a"), old("7", "b")) || same(old("7", "a"), now("8", "x")) || same(now("8", "x"), old("7", "a")) || !same(old("7", "a"), old("8", "a")) {
		t.Error("states of version 3 are compared by what isn't known of them")
	}
	none := state(t, `{"version":4,"serial":8,"lineage":"l","outputs":{},"resources":[]}`)
	for i, tt := range [][3]*statefile.File{
		{now("7", "x"), none, old("10", "a")}, {old("7", "a"), none, now("10", "x")},
		{old("7", "a"), now("8", "x"), now("10", "y")}, {now("7", "x"), old("8", "a"), now("10", "y")}, {now("7", "x"), now("8", "y"), old("10", "a")}, {old("7", "a"), old("8", "b"), old("10", "c")},
		{old("7", "a"), now("8", "x"), old("10", "a")}, {now("7", "x"), old("8", "a"), old("10", "b")},
	} {
		if got := compare(tt[0], tt[1], tt[2]); got != overwritten {
			t.Errorf("%d: got %d", i, got)
		}
		if kept(tt[0], tt[1], tt[2]) {
			t.Errorf("%d: it is kept", i)
		}
	}
}
