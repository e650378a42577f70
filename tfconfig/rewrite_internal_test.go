package tfconfig

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// changesOf are the replacements that a text asks for: «old|new».
func changesOf(text string) (plain string, changes []replace) {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "«")
		out.WriteString(before)
		if !ok {
			return out.String(), changes
		}
		inner, after, _ := strings.Cut(rest, "»")
		old, next, _ := strings.Cut(inner, "|")
		changes = append(changes, replace{out.Len(), out.Len() + len(old), next})
		out.WriteString(old)
		text = after
	}
}

// TestRewrite: what a file becomes with replacements; "" where it can't be. What was
// formatted stays so, and nothing else changes.
func TestRewrite(t *testing.T) {
	for _, tt := range []struct{ name, in, want, fault string }{
		{"nothing", "a = 1\n", "a = 1\n", ""},
		{"one", "a = «1|2»\n", "a = 2\n", ""},
		{"several", "a = «1|22»\nb = «2|3»\nc = [«|4, »5]\n", "a = 22\nb = 3\nc = [4, 5]\n", ""},
		{"no text for some", "a = [1«, 2|»]\n", "a = [1]\n", ""},
		{"a name", "«a|abc» = 1\nb = 1\n", "abc = 1\nb   = 1\n", ""},
		{"a name, not formatted", "«a|abc» = 1\nb= 1\n", "abc = 1\nb= 1\n", ""},
		{"a name beside lines that aren't formatted", "«a|abc» = 1\nb = 1\n\nc= 1\n", "abc = 1\nb   = 1\n\nc= 1\n", ""},
		{"a name behind them", "c= 1\n\n«a|abc» = 1\nb = 1\n", "c= 1\n\nabc = 1\nb   = 1\n", ""},
		{"between them", "c= 1\n \t\n«a|abc» = 1\nb = 1\n\nd= 1\n", "c= 1\n \t\nabc = 1\nb   = 1\n\nd= 1\n", ""},
		{"the last line", "c= 1\n\nb = 1\n«a|abc» = 1", "c= 1\n\nb   = 1\nabc = 1", ""},
		{"lines that come", "c= 1\n\na = 1«|\nlong = 2»\nb = 1\n\nd= 1\n", "c= 1\n\na    = 1\nlong = 2\nb    = 1\n\nd= 1\n", ""},
		{"lines that go", "c= 1\n\na    = 1\n«long = 2\n|»b    = 1\n\nd= 1\n", "c= 1\n\na = 1\nb = 1\n\nd= 1\n", ""},
		{"lines that come before others", "a = 1«|\nlong = 2»\n\nd= 1\n\n«b|bcd» = 1\nc = 1\n", "a    = 1\nlong = 2\n\nd= 1\n\nbcd = 1\nc   = 1\n", ""},
		{"a block", "x= 1\nb {\n  «a|abc» = 1\n\n  c = 1\n  d   = 1\n}\n", "x= 1\nb {\n  abc = 1\n\n  c = 1\n  d   = 1\n}\n", ""},
		{"a formatted block", "x= 1\nb {\n  «a|abc» = 1\n  c = 1\n\n  d = 1\n}\ny= 1\n", "x= 1\nb {\n  abc = 1\n  c   = 1\n\n  d = 1\n}\ny= 1\n", ""},
		{"the second block", "b {\n  x= 1\n}\nc {\n  «a|abc» = 1\n  c = 1\n}\nd {\n  y= 1\n}\n", "b {\n  x= 1\n}\nc {\n  abc = 1\n  c   = 1\n}\nd {\n  y= 1\n}\n", ""},
		{"the first block", "b {\n  «a|abc» = 1\n  c = 1\n}\nd {\n  y= 1\n}\n", "b {\n  abc = 1\n  c   = 1\n}\nd {\n  y= 1\n}\n", ""},
		{"beside a block", "b {\n  x= 1\n}\n«a|abc» = 1\nc = 1\n", "b {\n  x= 1\n}\nabc = 1\nc = 1\n", ""},
		{"a block's first line", "x= 1\nb «\"a\"|\"c\"» {\n  c = 1\n}\n", "x= 1\nb \"c\" {\n  c = 1\n}\n", ""},
		{"a block's last line", "x= 1\nb {\n  c = 1«|\n  long = 2»\n}\n", "x= 1\nb {\n  c    = 1\n  long = 2\n}\n", ""},
		{"line ends", "a = 1\r\n«b|bcd» = 2\r\n", "a   = 1\r\nbcd = 2\r\n", ""},
		{"a comment at the end", "a = 1 # c\n«b|bcd» = 2 # d", "a   = 1 # c\nbcd = 2 # d", ""},

		{"it isn't read back", "a = «1|(»\n", "", "main.tf"},
		{"a name runs into another", "a = b«|1»\n", "", "the token at offset 4 changed"},
		{"a comment swallows", "a = «1|1 #» + 2\n", "", "changed"},
		{"a string swallows", "a = [«1|\"» , \"b\"]\n", "", "main.tf"},
	} {
		plain, changes := changesOf(tt.in)
		// In whatever order they are.
		for i, j := 0, len(changes)-1; i < j; i, j = i+1, j-1 {
			changes[i], changes[j] = changes[j], changes[i]
		}
		got, err := rewrite(&file{name: "main.tf", data: []byte(plain)}, changes)
		if tt.fault == "" {
			if err != nil || string(got) != tt.want {
				t.Errorf("%s: got %q, %v, want %q", tt.name, got, err, tt.want)
			}
		} else if err == nil || !strings.Contains(err.Error(), tt.fault) {
			t.Errorf("%s: got %q, %v, want %q", tt.name, got, err, tt.fault)
		}
	}

	f := &file{name: "main.tf", data: []byte("a = 123\n")}
	for name, changes := range map[string][]replace{
		"twice":             {{4, 6, "1"}, {5, 7, "2"}},
		"backwards":         {{5, 4, "1"}},
		"beyond the end":    {{7, 9, "1"}},
		"beyond, as others": {{4, 5, "1"}, {9, 9, "1"}},
	} {
		if got, err := rewrite(f, changes); err == nil || !strings.Contains(err.Error(), "overlaps another") {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	if got, err := rewrite(f, []replace{{4, 5, "9"}, {5, 6, "8"}}); err != nil || string(got) != "a = 983\n" {
		t.Errorf("side by side: %q, %v", got, err)
	}
}

// TestRewriteJSON: JSON is left as it stands, and what was there is there.
func TestRewriteJSON(t *testing.T) {
	for in, want := range map[string]string{ // "": it can't be
		`{"a":«1|22»,  "b":2}`:        `{"a":22,  "b":2}`,
		`{"a":"x"«|,"c":[1]», "b":2}`: `{"a":"x","c":[1], "b":2}`,
		`{"a":1«,"b":2|»}`:            `{"a":1}`,
		`{"a":1«e|E»40, "b":2}`:       "",
		`{"a":«1|[», "b":2}`:          "",
		`{"a":"x«|y»", "b":2}`:        "",
	} {
		plain, changes := changesOf(in)
		got, err := rewrite(&file{name: "x.tfvars.json", json: true, vars: true, data: []byte(plain)}, changes)
		if (err == nil) != (want != "") || err == nil && string(got) != want {
			t.Errorf("%s: got %q, %v, want %q", in, got, err, want)
		}
	}
}

// TestProveVersion: a version that isn't what was meant is none.
func TestProveVersion(t *testing.T) {
	f := &file{name: "main.tf", data: []byte("a = 1\nb = \"x\"\n")}
	one := []replace{{4, 5, "22"}}
	two := []replace{{4, 5, "22"}, {10, 13, "\"yy\""}}
	for _, tt := range []struct {
		data    string
		changes []replace
		ok      bool
	}{
		{"a = 22\nb = \"x\"\n", one, true},
		{"a = 22\nb = \"yy\"\n", two, true},
		{"a = 1\nb = \"x\"\n", nil, true},
		{"a = 22\nb = \"yy\"\n", one, false},
		{"a = 23\nb = \"x\"\n", one, false},
		{"a = 22\nb = \"yz\"\n", two, false},
		{"c = 22\nb = \"x\"\n", one, false},
		{"a = 22\n", one, false},
		{"a = 22\nb = \"x\"\nc = 1\n", one, false},
		{"a = 22", []replace{{4, 15, "22 + 1"}}, false},
		{"a = 22\nb = \"x\"\n\n", one, false},
	} {
		if err := prove(f, []byte(tt.data), tt.changes); (err == nil) != tt.ok {
			t.Errorf("%q: got %v", tt.data, err)
		}
	}
}

// TestTokens: outside of replaced parts, and of how many there are.
func TestTokens(t *testing.T) {
	list := []token{{0, "n", "a"}, {2, "=", "="}, {4, "n", "b"}, {6, "n", "c"}}
	for _, tt := range []struct {
		parts []replace
		want  string
	}{
		{nil, "a=bc"},
		{[]replace{{0, 1, ""}}, "=bc"},
		{[]replace{{1, 2, ""}}, "a=bc"},
		{[]replace{{2, 3, ""}, {6, 7, ""}}, "ab"},
		{[]replace{{2, 2, ""}, {4, 5, ""}}, "a=c"},
		{[]replace{{0, 7, ""}}, ""},
	} {
		var got strings.Builder
		for _, tok := range outside(list, tt.parts) {
			got.WriteString(tok.text)
		}
		if got.String() != tt.want {
			t.Errorf("%v: got %s, want %s", tt.parts, got.String(), tt.want)
		}
	}
	for _, tt := range []struct {
		a, b []token
		same bool
	}{
		{list, list, true},
		{list, list[:3], false},
		{list[:3], list, false},
		{nil, list, false},
		{[]token{{0, "n", "a"}}, []token{{5, "n", "a"}}, true},
		{[]token{{0, "n", "a"}}, []token{{0, "s", "a"}}, false},
		{[]token{{0, "n", "a"}}, []token{{0, "n", "b"}}, false},
	} {
		if err := equalTokens(tt.a, tt.b); (err == nil) != tt.same {
			t.Errorf("%v and %v: got %v", tt.a, tt.b, err)
		}
	}
	// The same text of another type is another token.
	one, other := &file{json: true, data: []byte(`{"a": "1", "b": 10, "c": 1e1}`)}, &file{json: true, data: []byte(`{"a": 1, "b": 1e1, "c": 10}`)}
	a, b := tokens(one), tokens(other)
	differ := 0
	for i := range a {
		if a[i].kind != b[i].kind || a[i].text != b[i].text {
			differ++
		}
		if at := a[i].start; at >= len(one.data) || bytes.ContainsAny(one.data[at:at+1], " :,") {
			t.Errorf("token %d begins at %d", i, at)
		}
	}
	if differ != 3 || len(a) != 8 || len(b) != 8 {
		t.Errorf("%d of %d tokens differ: %v, %v", differ, len(a), a, b)
	}
	// What is no JSON is compared to its end.
	for text, more := range map[string]string{`{"a": 1, ]`: "}", `{"a": 1} "b`: "c", `{"a": 1}{"b": tru`: "X"} {
		cut := tokens(&file{json: true, data: []byte(text)})
		if equalTokens(cut, tokens(&file{json: true, data: []byte(text)})) != nil || equalTokens(cut, tokens(&file{json: true, data: []byte(text + more)})) == nil {
			t.Errorf("%s: %s behind it isn't seen", text, more)
		}
	}
	// A comment is the same whether it ends the file or not.
	if diff := cmp.Diff(tokens(&file{data: []byte("# c")})[0].text, tokens(&file{data: []byte("# c\r\n")})[0].text); diff != "" {
		t.Error(diff)
	}
}
