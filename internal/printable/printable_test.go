package printable

import (
	"encoding/json"
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
	if got, want := Keep("a\tb\n\x1bc", "\n\t"), "a\tb\n"+`\x1bc`; got != want {
		t.Errorf("Keep = %q, want %q", got, want)
	}
}

func TestJSON(t *testing.T) {
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
