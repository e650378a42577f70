package printable

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"plain é":               "plain é",
		"a\x1b[31mb":            `a\x1b[31mb`,
		"a\u202eb\u009bc":       `a\u202eb\u009bc`,
		"a\x9bb":                `a\x9bb`,
		"two\nlines":            `two\nlines`,
		"\U000e0001tag \x7f":    `\U000e0001tag \x7f`,
		"\ufffd is a character": "\ufffd is a character",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"\"a\" \\ 'b'": "\"a\" \\ 'b'", "a\ufffd\x80\n\ufffd": "a\ufffd\\x80\n\ufffd", "\u202e": `\u202e`} {
		if got := Keep(in, "\n\ufffd"); got != want {
			t.Errorf("Keep(%q) = %q, want %q", in, got, want)
		}
	}
	if got, want := Keep("a\tb\n\x1bc", "\n\t"), "a\tb\n"+`\x1bc`; got != want {
		t.Errorf("Keep = %q, want %q", got, want)
	}
}

func TestShort(t *testing.T) {
	a := func(n int) string { return strings.Repeat("a", n) }
	for in, want := range map[string]string{
		"": "", a(64): a(64), a(65): a(64) + "…", a(62) + "é": a(62) + "é", a(63) + "é": a(63) + "…", a(62) + "éé": a(62) + "é…", a(61) + "\U0001f600": a(61) + "…",
		strings.Repeat("\x80", 65): "…", "a" + strings.Repeat("\x80", 64): "…",
	} {
		if got := Short(in); got != want {
			t.Errorf("Short(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	redact := Redactor("[x]", "secret")
	long := strings.Repeat("é", MaxLine)
	for in, want := range map[string]string{
		"":                               "",
		" one\r\n\ttwo\u00a0three\u2028": "one two three",
		"a\x1b[31m\x00\u202eb\u200b":     "a[31mb",
		"a\ufffdb\xff":                   "ab",
		long:                             long,
		long + "é":                       long + "…",
		" " + long + "\x1b":              long,
		"the secret is":                  "the [x] is",
		"s\x1bec\u200bret":               "[x]", // a character that goes doesn't hide it
		"sec\xffret":                     "[x]",
		long[:2*MaxLine-6] + "secret":    long[:2*MaxLine-6] + "[x]", // nor does the cut
	} {
		if got := Line(in, redact); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Line("the\nsecret", nil); got != "the secret" {
		t.Errorf("without secrets: got %q", got)
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{-1: "-1 apps", 0: "0 apps", 1: "1 app", 2: "2 apps"} {
		if got := Count(n, "app"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPath(t *testing.T) {
	for in, want := range map[string]string{
		"":                             `""`,
		"infra/terraform.tfstate":      `"infra/terraform.tfstate"`,
		`C:\Users\é\terraform.tfstate`: `"C:\Users\é\terraform.tfstate"`,
		`\\server\share\`:              `"\\server\share\"`,
		`a"b`:                          `"a\"b"`,
		"a\x1b[31m\u202eb\u009bc":      `"a\x1b[31m\u202eb\u009bc"`,
		"a\x9bb\nc":                    `"a\x9bb\nc"`,
	} {
		if got := Path(in); got != want {
			t.Errorf("Path(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	if got := string(JSON([]byte("{\r\n\t\"k\":\t\"\u0085\"\r\n}"))); got != "{\r\n\t\"k\":\t\"\\u0085\"\r\n}" {
		t.Errorf("white space between values: %q", got)
	}
	for _, in := range []string{"plain é", "a\u202eb\u009bc\x7f", "\U000e0001 \u2028", "line\nbreak", "\x1b[2J"} {
		raw, err := json.MarshalIndent(map[string]string{"k": in}, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		got := JSON(raw)
		if plain := Keep(string(got), "\n\t"); plain != string(got) {
			t.Errorf("JSON(%q) has %q", raw, plain)
		}
		var back map[string]string
		if err := json.Unmarshal(got, &back); err != nil || back["k"] != in {
			t.Errorf("JSON(%q) = %q, which is %q, %v", raw, got, back["k"], err)
		}
	}
}

func TestRedactor(t *testing.T) {
	const secret = `HRKU-a+b/c="<&'\0`
	redact := Redactor("[x]", "", "HRKU", secret)
	spellings := map[string]func(string) string{
		"as it is": func(s string) string { return s },
		"JSON":     func(s string) string { data, _ := json.Marshal(s); return string(data[1 : len(data)-1]) },
		"JSON, every character": func(s string) string {
			var b strings.Builder
			for i := range len(s) {
				fmt.Fprintf(&b, `\u%04X`, s[i])
			}
			return b.String()
		},
		"a query":     url.QueryEscape,
		"a path":      url.PathEscape,
		"lower hex":   func(s string) string { return strings.ToLower(hexEscaped(s)) },
		"every octet": hexEscaped,
		"HTML":        html.EscapeString,
		"HTML, by number": func(s string) string {
			var b strings.Builder
			for i := range len(s) {
				fmt.Fprintf(&b, []string{"&#%d;", "&#x%X;", "&#%03d;"}[i%3], s[i])
			}
			return b.String()
		},
		"Go":         func(s string) string { q := strconv.Quote(s); return q[1 : len(q)-1] },
		"JavaScript": func(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\x5C`), `'`, `\'`) },
	}
	for name, spell := range spellings {
		if got, want := redact("before "+spell(secret)+" after "+spell(secret)), "before [x] after [x]"; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for in, want := range map[string]string{
		"":                    "",
		"nothing":             "nothing",
		"HRKU-a+b":            "[x]-a+b", // a part of one is another
		"HRKHRKU":             "HRK[x]",
		"HRKUHRKU":            "[x][x]",
		"100% \\ & é HRK":     "100% \\ & é HRK",
		"%48RKU%":             "[x]%",
		"%48RK":               "%48RK",
		"&#x48;R&#75;U":       "[x]",
		`\u{48}RKU`:           "[x]",
		"%%48RKU&":            "%[x]&",
		"hrku":                "hrku",
		`\u0048\u0052KU\u002`: `[x]\u002`,
	} {
		if got := redact(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	// What ends one isn't looked at again.
	if got := Redactor("[x]", "c", "abc", "bc")("abc abcc cbc"); got != "[x] [x][x] [x][x]" {
		t.Errorf("got %q", got)
	}
	// A secret may itself look like an escape.
	if got := Redactor("[x]", "a%41b")("a%41b aAb a%2541b"); got != "[x] aAb [x]" {
		t.Errorf("got %q", got)
	}
	list := []string{"one", "three"}
	redact = Redactor("[x]", list...)
	if list[0] = "two"; redact("one two three") != "[x] two [x]" {
		t.Error("the caller's slice is kept")
	}
	if got := Redactor("[x]")("HRKU"); got != "HRKU" {
		t.Errorf("no secrets: got %q", got)
	}
}

func hexEscaped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}
