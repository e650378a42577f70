package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/statefile"
)

// TestMarkdownExactLimit: what fits to the byte is all there, and with a byte less it
// is counted as left out.
func TestMarkdownExactLimit(t *testing.T) {
	const said = len("\n 0123456789012345678 left out: more than fits into a comment.\n") // what is kept free to say so
	r := bigDrift(40)
	for i := range r.Objects {
		r.Objects[i].App = fmt.Sprintf("app-%02d", i/27) // three that have changed, but for the last
	}
	d := &SlugDiff{}
	for i := range 60 {
		d.Changes = append(d.Changes, SlugChange{Variable: fmt.Sprintf("v%02d_slug_production", i), Old: artifact("production", "one", 1), New: artifact("production", "two", 2)})
	}
	for name, write := range map[string]func(limit int) (string, error){
		"object": func(limit int) (string, error) { return encoded(r, limit) },
		"change": func(limit int) (string, error) {
			var b bytes.Buffer
			err := WriteSlugs(&b, d, Markdown, Options{Limit: limit})
			return b.String(), err
		},
	} {
		full, err := write(defaultLimit)
		if err != nil || len(full) < leastLimit || strings.Contains(full, "left out") {
			t.Fatalf("%s: %v, %d bytes", name, err, len(full))
		}
		fits := 0
		for limit := len(full); limit < len(full)+said+10; limit++ {
			text, err := write(limit)
			if err != nil || len(text) > limit {
				t.Errorf("%s: limit %d: %v, %d bytes", name, limit, err, len(text))
			}
			if text == full {
				fits = limit
				break
			}
			if !strings.Contains(text, "\n1 "+name+" left out: more than fits into a comment.\n") {
				t.Errorf("%s: limit %d of %d says nothing of the one left out:\n%s", name, limit, len(full), text[len(text)-200:])
			}
		}
		if want := len(full) + len("\n%s left out: more than fits into a comment.\n") + len("1234567890 "+name+"s"); fits != want {
			t.Errorf("%s: all fits into %d, want %d", name, fits, want)
		}
		if _, err := write(leastLimit); err != nil {
			t.Errorf("%s: the least limit: %v", name, err)
		}
		text, err := write(leastLimit - 1)
		for limit := leastLimit; limit < leastLimit+600; limit += 20 { // where an app's table is cut, and between two
			if text, err := write(limit); err != nil || strings.Count(text, "<details") != strings.Count(text, "</details>") {
				t.Errorf("%s: limit %d: %v, not all that is opened is closed:\n%s", name, limit, err, text)
			}
		}
		if want := "a limit of 4095 bytes for Markdown is too small: it has to be 4096 at least, or 0 for what GitHub takes"; err == nil || err.Error() != want || text != "" {
			t.Errorf("%s: less than the least: %v, %q", name, err, text)
		}
	}
}

func encoded(r *herokutf.DriftReport, limit int) (string, error) {
	text, err := encode(r, Markdown, Options{Limit: limit})
	return string(text), err
}

// TestMarkdownNotesRoom: of the notes there are as many as there is room for.
func TestMarkdownNotesRoom(t *testing.T) {
	r := &herokutf.DriftReport{Notes: []string{" one ", "two of them", "three", "four", "five"}}
	items := []string{"- one\n", "- two of them\n", "- three\n", "- four\n", "- five\n"}
	const head = "\n**Notes**\n\n"
	for room := range len(head) + 60 {
		want, size := head, len(head)
		for i, item := range items {
			if size += len(item); size > room {
				want += fmt.Sprintf("- and %s\n", printable.Count(len(items)-i, "more note"))
				break
			}
			want += item
		}
		if got := markdownNotes(r, room); got != want {
			t.Fatalf("room %d: got %q, want %q", room, got, want)
		}
	}
	if got := markdownNotes(&herokutf.DriftReport{}, 100); got != "" {
		t.Errorf("no notes: %q", got)
	}
}

// TestMarkdownRowRoom: of the differences of an object there are as many as there is room
// for, and of the releases three.
func TestMarkdownRowRoom(t *testing.T) {
	o := &herokutf.DriftObject{Address: "heroku_app.a", Verdict: herokutf.Changed}
	for i, path := range []string{"a", "bbbbb", "cc", "d"} {
		o.Differences = append(o.Differences, herokutf.DriftDifference{Path: statefile.Path{path}, State: strings.Repeat("x", i), Live: nil})
	}
	lines := func(room int) []string {
		_, text, _ := strings.Cut(markdownRow(o, room), "| `heroku_app.a` | ")
		return strings.Split(strings.TrimSuffix(text, " |\n"), "<br>")
	}
	all := lines(1000)
	if len(all) != 4 {
		t.Fatalf("got %q", all)
	}
	for room := range len(strings.Join(all, "")) + 3 {
		var want []string
		size := 0
		for i, line := range all {
			if size += len(line); size > room {
				want = append(want, "and "+printable.Count(len(all)-i, "more difference"))
				break
			}
			want = append(want, line)
		}
		if diff := cmp.Diff(want, lines(room)); diff != "" {
			t.Fatalf("room %d (-want +got):\n%s", room, diff)
		}
	}
	o.Differences = nil
	for n := range 6 {
		o.Blame = nil
		var want []string
		for i := range n {
			o.Blame = append(o.Blame, herokutf.DriftBlame{Version: 9 - i})
			if i < 3 {
				want = append(want, fmt.Sprintf("v%d", 9-i))
			}
		}
		switch n {
		case 0:
			want = []string{""}
		case 4:
			want = append(want, "and 1 older release")
		case 5:
			want = append(want, "and 2 older releases")
		}
		if diff := cmp.Diff(want, lines(1000)); diff != "" {
			t.Errorf("%d releases (-want +got):\n%s", n, diff)
		}
	}
}

// TestMarkdownOpen: a comment of up to twenty objects is open.
func TestMarkdownOpen(t *testing.T) {
	for _, n := range []int{1, 20, 21} {
		r := bigDrift(n)
		text := writeDrift(t, r, Markdown, Options{})
		open := "<details>"
		if n <= 20 {
			open = "<details open>"
		}
		if strings.Count(text, open) != n || strings.Count(text, "<details") != n || strings.Count(text, "\n</details>\n") != n {
			t.Errorf("%d objects:\n%s", n, text)
		}
	}
}

// TestEntities: letters and digits stay, in any script, and all else of ASCII is a number.
func TestEntities(t *testing.T) {
	if got, want := entities("azAZ09 é日"), "azAZ09 é日"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := entities("@[`{/:\x7f"), "&#64;&#91;&#96;&#123;&#47;&#58;&#127;"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := markdownCode("é|"), "<code>é&#124;</code>"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestPathColumn: values stand below each other, unless a path is longer than 40
// characters.
func TestPathColumn(t *testing.T) {
	for n, want := range map[int]int{5: 5, 40: 40, 41: 1} {
		o := herokutf.DriftObject{Address: "heroku_app.a", Verdict: herokutf.Changed, Differences: []herokutf.DriftDifference{
			{Path: statefile.Path{"é"}, State: "1", Live: "2"}, {Path: statefile.Path{strings.Repeat("é", n)}, State: "3", Live: "4"},
		}}
		text := writeDrift(t, &herokutf.DriftReport{Objects: []herokutf.DriftObject{o}}, Text, Options{})
		for _, line := range []string{"      é:" + strings.Repeat(" ", want) + `"1" -> "2"` + "\n", "      " + strings.Repeat("é", n) + `: "3" -> "4"` + "\n"} {
			if !strings.Contains(text, line) {
				t.Errorf("%d: no %q in\n%s", n, line, text)
			}
		}
	}
}

// TestPicks: a page of one app and one state has nothing to choose from.
func TestPicks(t *testing.T) {
	one := []herokutf.DriftObject{{Address: "heroku_app.a", App: "a", State: "s", Verdict: herokutf.InSync}, {Address: "heroku_app.b", App: "a", State: "s", Verdict: herokutf.InSync}}
	other := herokutf.DriftObject{Address: "heroku_app.c", App: "b", State: "s", Verdict: herokutf.InSync}
	elsewhere := herokutf.DriftObject{Type: "heroku_domain", App: "a", Verdict: herokutf.Unmanaged}
	pick := func(number int, name string, count int) pagePick { return pagePick{number, name, count} }
	for _, tt := range []struct {
		objects      []herokutf.DriftObject
		apps, states []pagePick
	}{
		{nil, nil, nil},
		{one, nil, nil},
		{append(one[:2:2], other), []pagePick{pick(0, "a", 2), pick(1, "b", 1)}, nil},
		{append(one[:2:2], elsewhere), nil, []pagePick{pick(0, "in no state", 1), pick(1, "s", 2)}},
	} {
		r := &herokutf.DriftReport{Objects: tt.objects}
		apps, states := newPager(r).picks(r)
		if diff := cmp.Diff([][]pagePick{tt.apps, tt.states}, [][]pagePick{apps, states}); diff != "" {
			t.Errorf("%d objects (-want +got):\n%s", len(tt.objects), diff)
		}
	}
}

// TestAside: the label is said where the title doesn't, and the app's heading doesn't.
func TestAside(t *testing.T) {
	for _, tt := range []struct {
		o    herokutf.DriftObject
		want []string
	}{
		{herokutf.DriftObject{Address: "heroku_app.a", App: "shop", Label: "shop"}, nil},
		{herokutf.DriftObject{Address: "heroku_domain.a", App: "shop", Label: "x.example.com"}, []string{"x.example.com"}},
		{herokutf.DriftObject{Address: "heroku_domain.a", App: "shop", Label: "x\x1b", State: "s\x1b"}, []string{`x\x1b`, `in s\x1b`}},
		{herokutf.DriftObject{Address: "heroku_domain.a", App: "shop", State: "s"}, []string{"in s"}},
		{herokutf.DriftObject{Type: "heroku_domain", App: "shop", Label: "x.example.com"}, nil},
	} {
		if diff := cmp.Diff(tt.want, aside(&tt.o)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tt.o, diff)
		}
	}
}

// TestNextOnlyIfAsked: where nobody has asked for the next apply, no format speaks of it.
func TestNextOnlyIfAsked(t *testing.T) {
	r := bigDrift(2)
	for _, format := range Formats() {
		if text := strings.ToLower(writeDrift(t, r, format, Options{})); strings.Contains(text, "next_apply") || strings.Contains(text, "next apply") {
			t.Errorf("%s:\n%s", format, text)
		}
	}
	r.Objects[0].Next = herokutf.NextFail
	text := writeDrift(t, r, Metrics, Options{})
	if !strings.Contains(text, "herokutf_drift_next_apply{action=\"fail\"} 1\n") || !strings.Contains(text, "herokutf_drift_next_apply{action=\"destroy\"} 0\n") {
		t.Errorf("one of two:\n%s", text)
	}
}
