package statefile

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A value holds what is within it: of an insertion also neither end.
func TestUnitHolds(t *testing.T) {
	u := unit{before: span{10, 20}}
	for s, want := range map[span]bool{
		{10, 20}: true, {10, 11}: true, {19, 20}: true, {12, 13}: true, {9, 11}: false, {9, 20}: false, {10, 21}: false, {19, 21}: false, {5, 7}: false, {25, 27}: false,
		{9, 9}: false, {10, 10}: false, {11, 11}: true, {19, 19}: true, {20, 20}: false, {21, 21}: false,
	} {
		if got := u.holds(s); got != want {
			t.Errorf("%v in %v: got %v", s, u.before, got)
		}
	}
}

// Which values edits are within, and where those are then.
func TestUnits(t *testing.T) {
	const before = `{"version":4,"serial":1,"lineage":"l","x":[1,2],"outputs":{},"resources":[{"type":"t","name":"n","provider":"p","instances":[` +
		`{"attributes":{"id":"a","b":"c"}},{"attributes":{"id":"d"}}]}],"y":3}`
	f := parse(t, before)
	at := func(s string) span { n := strings.Index(before, s); return span{n, n + len(s)} }
	put := func(place, text string) splice { return splice{at(place), []byte(text)} }
	moved := func(s span, start, end int) span { return span{s.start + start, s.end + end} }
	one, two, serial, x := at(`{"attributes":{"id":"a","b":"c"}}`), at(`{"attributes":{"id":"d"}}`), span{at(`1,"lineage"`).start, at(`,"lineage"`).start}, at(`[1,2]`)
	behind := at(`,"b"`)
	for name, tt := range map[string]struct {
		splices []splice
		want    []unit
	}{
		"nothing":            {nil, nil},
		"an instance":        {[]splice{put(`"a"`, `"longer"`)}, []unit{{one, moved(one, 0, 5), 0, false}}},
		"a whole instance":   {[]splice{{two, []byte(`{}`)}}, []unit{{two, span{two.start, two.start + 2}, 1, false}}},
		"twice the same":     {[]splice{put(`"a"`, `"longer"`), {span{behind.start, behind.start}, []byte(`,"z":1`)}, put(`"c"`, `0`)}, []unit{{one, moved(one, 0, 5+6-2), 0, false}}},
		"both":               {[]splice{put(`"a"`, `""`), put(`"d"`, `"dd"`)}, []unit{{one, moved(one, 0, -1), 0, false}, {two, moved(two, -1, 0), 1, false}}},
		"serial and unknown": {[]splice{{serial, []byte("10")}, put(`[1,2]`, `[]`), put(`"a"`, `"b"`)}, []unit{{serial, moved(serial, 0, 1), -1, true}, {x, moved(x, 1, -2), -1, false}, {one, moved(one, -2, -2), 0, false}}},
	} {
		got, ok := f.units(tt.splices)
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(unit{}, span{})); diff != "" || !ok {
			t.Errorf("%s: %v (-want +got):\n%s", name, ok, diff)
		}
	}
	for _, s := range []splice{put("4", "3"), put(`"l"`, `"m"`), put(`"x"`, `"z"`), put(`"name":"n"`, `"name":"m"`), put(`{"version"`, `{"version"`), put(`]}],"y"`, `]}],"y"`), {at(`[{"type"`), nil}} {
		if got, ok := f.units([]splice{put(`"x":[`, `"x":[`), s}); ok || got != nil {
			t.Errorf("%v is within %v", s.span, got)
		}
		if got, ok := f.units([]splice{s}); ok || got != nil {
			t.Errorf("%v is within %v", s.span, got)
		}
	}
	empty := parse(t, `{"version":4,"serial":1,"resources":[],"outputs":null}`)
	null := empty.members[3].value
	if got, ok := empty.units([]splice{{null, []byte("{}")}}); ok || got != nil {
		t.Errorf("outputs that aren't there are %v", got)
	}
}

// What an edit doesn't change is moved by what comes before it.
func TestMoves(t *testing.T) {
	m := newMoves([]splice{{span{5, 5}, []byte("ab")}, {span{8, 10}, nil}, {span{12, 13}, []byte("xyz")}})
	for at, want := range map[int]int{0: 0, 4: 4, 5: 7, 7: 9, 8: 10, 10: 10, 11: 11, 12: 12, 13: 15, 100: 102} {
		if got := m.offset(at); got != want {
			t.Errorf("%d: got %d, want %d", at, got, want)
		}
	}
	if got, want := m.span(span{5, 12}), (span{7, 12}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := newMoves(nil).offset(7); got != 7 {
		t.Errorf("without an edit: got %d", got)
	}
}

// How deep a value may be doesn't depend on how it is read.
func TestCarriedDepth(t *testing.T) {
	for name, text := range map[string]string{
		"instance, 4": `{"version":4,"serial":1,"resources":[{"type":"t","name":"n","instances":[{"attributes":{"id":["HERE"]}}]}]}`,
		"member":      `{"version":4,"serial":1,"resources":[],"x":["HERE"]}`,
		"output":      `{"version":4,"serial":1,"resources":[],"outputs":{"o":{"value":["HERE"]}}}`,
		"primary, 3":  `{"version":3,"serial":1,"modules":[{"path":["root"],"outputs":{},"resources":{"t.n":{"type":"t","primary":{"id":"a","meta":{"x":["HERE"]},"attributes":{"id":"a"}}}}}]}`,
		"deposed, 3":  `{"version":3,"serial":1,"modules":[{"path":["root"],"outputs":{},"resources":{"t.n":{"type":"t","primary":{"id":"a"},"deposed":[{"id":"b","meta":{"x":["HERE"]},"attributes":{"id":"a"}}]}}}]}`,
	} {
		f := parse(t, text)
		place := strings.Index(text, `["HERE"]`)
		allowed, refused := 0, 0
		for depth := maxDepth - 14; depth <= maxDepth; depth++ {
			p := &plan{f: f, splices: []splice{{span{place, place + len(`["HERE"]`)}, []byte(strings.Repeat("[", depth) + strings.Repeat("]", depth))}}}
			_, _, ok := p.carried("test", p.spliced())
			_, err := index("test", p.spliced())
			if ok != (err == nil) {
				t.Errorf("%s, %d deep: carried over %v, and read: %v", name, depth, ok, err)
			}
			if ok {
				allowed++
			} else {
				refused++
			}
		}
		if allowed == 0 || refused == 0 {
			t.Errorf("%s: %d depths are allowed, %d refused", name, allowed, refused)
		}
	}
}

// White space of any kind and length is skipped, and nothing else.
func TestSkipSpaceOfAnyKind(t *testing.T) {
	endings := []string{""}
	for n := 0; n < len(endings) && len(endings[n]) < 4; n++ {
		for _, c := range " \n\r\t" {
			endings = append(endings, endings[n]+string(c))
		}
	}
	for spaces := range 18 {
		for _, start := range []string{"", "\n"} {
			for _, ending := range endings {
				white := start + strings.Repeat(" ", spaces) + ending
				for _, behind := range []string{"", "x", "x        x", "\v", "\x1f", "\x00 ", "}"} {
					data := []byte("]" + white + behind)
					if got := skipSpace(data, 1); got != 1+len(white) {
						t.Fatalf("%q: got %d, want %d", data, got, 1+len(white))
					}
				}
			}
		}
	}
}

// The text of a string, whatever it is spelled with.
func TestStringsInScan(t *testing.T) {
	for raw, want := range map[string]string{`""`: "", `"a"`: "a", `"\\"`: `\`, `"\u0061b"`: "ab", `"a\/b"`: "a/b", `"\ud83d\ude00"`: "😀"} {
		if got := unquote([]byte(raw)); got != want {
			t.Errorf("%s: got %q", raw, got)
		}
		if !unquotesTo([]byte(raw), want) || unquotesTo([]byte(raw), want+"x") || unquotesTo([]byte(raw), "x"+want) {
			t.Errorf("%s isn't %q alone", raw, want)
		}
		if got := skipString([]byte("["+raw+`,"\"x"]`), 1); got != 1+len(raw) {
			t.Errorf("%s ends at %d", raw, got)
		}
	}
	for digits, want := range map[string]rune{"0000": 0, "0009": 9, "00a0": 0xa0, "9aF0": 0x9af0, "ABCD": 0xabcd, "ffff": 0xffff, "1234": 0x1234} {
		if got := hex4([]byte(digits)); got != want {
			t.Errorf("%s: got %#x", digits, got)
		}
	}
	for r := range rune(0x200) {
		if got, want := needsEscape(r), r < 0x20 || bytes.ContainsRune([]byte(`"\`), r); got != want {
			t.Errorf("%q has to be escaped: %v", r, got)
		}
	}
	if !needsEscape('\ufffd') {
		t.Error("what isn't UTF-8 may stand as it is")
	}
	for _, tt := range []struct {
		text string
		unit rune
		want bool
	}{
		{"a", 'a', true}, {"a", 'b', false}, {"\ud7ff", 0xd7ff, true}, {"a", 0xd7ff, false}, {"\ue000", 0xe000, true}, {"a", 0xe000, false}, {"😀", 0xe000, false}, {"😀", 0xd7ff, false},
		{"a😀", 0xd800, true}, {"a😀", 0xdfff, true}, {"a", 0xd800, false}, {"\uffff", 0xdfff, false}, {"\U00010000", 0xd800, true},
	} {
		if got := escaped(tt.text, tt.unit); got != tt.want {
			t.Errorf("%#x in %q: got %v", tt.unit, tt.text, got)
		}
	}
}
