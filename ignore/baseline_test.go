package ignore

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/herokutf/herokutf/statefile"
)

const hardAddress = `module.a["x*\"${y}%{z}\\"].heroku_formation.web["ü?\n"]`

func baselineFound() []Found {
	return []Found{
		{Subject: Subject{Type: "heroku_domain", App: "shop", ID: "d1", Label: "www.example.com", Verdict: "unmanaged"}},
		{Subject: Subject{Type: "heroku_app_config_association", App: "shop", Label: "KEY", Verdict: "unmanaged"}},
		{Subject: Subject{Address: hardAddress, Type: "heroku_formation", App: "shop", ID: "f1", Verdict: "changed"},
			Paths: []statefile.Path{{"size"}, {"quantity"}, {"quantity"}, {"config_vars", "a.b*"}}},
		{Subject: Subject{Address: "heroku_app.shop", Type: "heroku_app", App: "shop", ID: "a1", Verdict: "renamed"}, Paths: []statefile.Path{{"name"}}},
		{Subject: Subject{Address: "heroku_addon.db", Type: "heroku_addon", App: "shop", ID: "b1", Verdict: "missing"}},
		{Subject: Subject{Address: "heroku_app.calm", Type: "heroku_app", App: "calm", ID: "c1", Verdict: "in_sync"}},
	}
}

// TestBaseline: what was found is covered by the rules as they are read back, each rule
// has something to cover, and what is another object or attribute isn't covered.
func TestBaseline(t *testing.T) {
	expires := time.Date(2027, 2, 27, 0, 0, 0, 0, time.UTC)
	found := baselineFound()
	rules := Baseline(found, "  baseline of\n2026-11-28 ", expires)
	if len(rules) != 7 {
		t.Fatalf("got %d rules, want 7: %v", len(rules), rules)
	}
	var text strings.Builder
	if err := Write(&text, "A baseline.\n\nIt is what it is.\n", rules); err != nil {
		t.Fatal(err)
	}
	const want = `# A baseline.
#
# It is what it is.

ignore {
  address = "heroku_addon.db"
  id      = "b1"
  verdict = "missing"
  reason  = "baseline of 2026-11-28"
  expires = "2027-02-26"
}

ignore {
  address = "heroku_app.shop"
`
	if !strings.HasPrefix(text.String(), want) {
		t.Errorf("got:\n%s", text.String())
	}
	read, err := Parse("baseline.hcl", []byte(text.String()))
	if err != nil {
		t.Fatalf("%v\n%s", err, text.String())
	}
	if diff := cmp.Diff(rules, read.Rules(), cmpopts.IgnoreFields(Rule{}, "Origin"), cmpopts.IgnoreUnexported(Rule{})); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}

	m := read.Matcher(expires.Add(-time.Second))
	for _, f := range found {
		if f.Verdict == "changed" {
			for _, p := range f.Paths {
				if m.Difference(f.Subject, p, 1, 2) == nil {
					t.Errorf("%s %s isn't covered", f.Address, p)
				}
			}
			if m.Difference(f.Subject, statefile.Path{"other"}, 1, 2) != nil || m.Object(f.Subject) != nil {
				t.Errorf("%s is covered as a whole", f.Address)
			}
		} else if got := m.Object(f.Subject) != nil; got != (f.Verdict != "in_sync") {
			t.Errorf("%s %s: covered: %v", f.Address, f.Label, got)
		}
		other := f.Subject
		if other.ID += "x"; f.ID != "" && m.Object(other) != nil {
			t.Errorf("another object at %s is covered", f.Address)
		}
	}
	if notes := m.Notes(false, true); notes != nil {
		t.Errorf("rules of no use: %q", notes)
	}
	if m := read.Matcher(expires); m.Object(found[0].Subject) != nil {
		t.Error("the baseline doesn't expire")
	}
}

// TestBaselineOrder: whatever order was found in, rules are in one, by address, type, app,
// id, attribute and verdict, those without an address last, and each once.
func TestBaselineOrder(t *testing.T) {
	found := []Found{
		{Subject: Subject{Address: "heroku_addon.b", Type: "heroku_addon", ID: "2", Verdict: "missing"}},
		{Subject: Subject{Address: "heroku_app.a", Type: "heroku_app", ID: "1", Verdict: "changed"}, Paths: []statefile.Path{{"acm"}, {"stack"}}},
		{Subject: Subject{Address: "heroku_app.a", Type: "heroku_app", ID: "1", Verdict: "changed"}, Paths: []statefile.Path{{"acm"}}},
		{Subject: Subject{Address: "heroku_app.a", ID: "1", Verdict: "missing"}, Paths: []statefile.Path{{"acm"}}},
		{Subject: Subject{Address: "heroku_app.a", ID: "2", Verdict: "changed"}},
		{Subject: Subject{Address: "heroku_app.a", ID: "2", Verdict: "missing"}},
		{Subject: Subject{Type: "a", App: "x", ID: "8", Verdict: "unmanaged"}},
		{Subject: Subject{Type: "a", App: "x", ID: "9", Label: "0", Verdict: "unmanaged"}},
		{Subject: Subject{Type: "a", App: "y", Label: "7", Verdict: "unmanaged"}},
		{Subject: Subject{Type: "b", App: "x", ID: "1", Verdict: "unmanaged"}},
		{Subject: Subject{Type: "b", App: "x", ID: "1", Verdict: "ignored"}},
	}
	want := []string{
		"address heroku_addon.b, id 2, verdict missing",
		"address heroku_app.a, id 1, verdict missing",
		"address heroku_app.a, id 1, attribute acm, verdict changed",
		"address heroku_app.a, id 1, attribute stack, verdict changed",
		"address heroku_app.a, id 2, verdict changed",
		"address heroku_app.a, id 2, verdict missing",
		"type a, app x, id 8, verdict unmanaged",
		"type a, app x, id 9, verdict unmanaged",
		"type a, app y, id 7, verdict unmanaged",
		"type b, app x, id 1, verdict unmanaged",
	}
	for range len(found) {
		found = append(found[1:], found[0])
		for range 2 {
			var got []string
			for _, r := range Baseline(found, "r", time.Time{}) {
				got = append(got, r.String())
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
			slices.Reverse(found)
		}
	}
}

// TestWriteText: every byte of what is written.
func TestWriteText(t *testing.T) {
	full := Rule{Address: "a", Type: "b", App: "c", ID: "d", Attribute: "e", Verdicts: []string{"changed", "missing"}, Reason: "f", Expires: time.Date(2027, 1, 1, 1, 0, 0, 0, time.FixedZone("", 3600))}
	for _, tt := range []struct {
		comment string
		rules   []Rule
		want    string
	}{
		{"", nil, ""},
		{"one\n\n", nil, "# one\n"},
		{"a\x1bb\n \n  c ", nil, "# a\\x1bb\n#\n#   c\n"},
		{"", []Rule{full, {ID: "g", Reason: "h"}}, `ignore {
  address   = "a"
  type      = "b"
  app       = "c"
  id        = "d"
  attribute = "e"
  verdict   = ["changed", "missing"]
  reason    = "f"
  expires   = "2026-12-31"
}

ignore {
  id     = "g"
  reason = "h"
}
`},
		{"c", []Rule{{App: "5 $", Type: "100 %", ID: "$x %y $${ %{", Address: "ü😀\u200b\U000f0000\"'\t", Reason: "$", Expires: time.Date(2027, 1, 1, 0, 0, 0, 1, time.UTC)}}, `# c

ignore {
  address = "ü😀\u200b\U000f0000\"'\u0009"
  type    = "100 %"
  app     = "5 $"
  id      = "$x %y $$${ %%{"
  reason  = "$"
  expires = "2027-01-01T00:00:00.000000001Z"
}
`},
	} {
		var b strings.Builder
		if err := Write(&b, tt.comment, tt.rules); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, b.String()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	err := Write(io.Discard, "", []Rule{full, {Address: "a"}})
	if err == nil || err.Error() != "write ignore rules: rule 2: the rule gives no reason" {
		t.Errorf("a rule without a reason: %v", err)
	}
	r, w := io.Pipe()
	r.Close()
	if err := Write(w, "", []Rule{full}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a writer that fails: %v", err)
	}
}

func TestWriteRules(t *testing.T) {
	for _, r := range []Rule{
		{Type: "a", Reason: "r"},
		{App: "a*", ID: `\*`, Attribute: "x", Verdicts: []string{"changed", "missing"}, Reason: "r", Expires: time.Date(2027, 1, 1, 18, 0, 0, 1, time.UTC)},
		{ID: "\U000f0000\u200b$${", Reason: "100 %{"},
	} {
		var b strings.Builder
		if err := Write(&b, "", []Rule{r}); err != nil {
			t.Fatal(err)
		}
		read, err := Parse("r.hcl", []byte(b.String()))
		if err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		if diff := cmp.Diff([]Rule{r}, read.Rules(), cmpopts.IgnoreFields(Rule{}, "Origin"), cmpopts.IgnoreUnexported(Rule{})); diff != "" {
			t.Errorf("read back (-want +got):\n%s", diff)
		}
	}
	var b strings.Builder
	if err := Write(&b, "", []Rule{{Address: "a"}}); err == nil || b.Len() > 0 {
		t.Errorf("a rule without a reason: error %v, wrote %q", err, b.String())
	}
}
