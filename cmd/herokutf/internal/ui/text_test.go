package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSentence(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"there is drift", "There is drift."},
		{"Run herokutf recover.", "Run herokutf recover."},
		{"did you mean api?", "Did you mean api?"},
		{"terraform.tfstate:5:1: the text ends", "terraform.tfstate:5:1: the text ends."},
		{"empty: the file is empty", "empty: the file is empty."},
		{"--state needs a value", "--state needs a value."},
		{"terraform plan shows it", "terraform plan shows it."},
		{"BUILD_PIPELINE_A: the value is empty", "BUILD_PIPELINE_A: the value is empty."},
		{"plan destroys\n  heroku_addon.db: replace", "Plan destroys\n  heroku_addon.db: replace"},
		{"ähnlich", "Ähnlich."},
		{"unusual words begin, too", "Unusual words begin, too."},
	}
	for _, tt := range tests {
		if got := Sentence(tt.in); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		name, in string
		width    int
		want     string
	}{
		{"no width", "a b c", 0, "a b c"},
		{"fits", "a b c\n", 5, "a b c\n"},
		{"breaks at spaces", "one two three\n", 8, "one two\n  three\n"},
		{"goes on like the line", "  one two three", 10, "  one two\n    three"},
		{"long words stay whole", "see /a/path/that/is/long now", 8, "see\n  /a/path/that/is/long\n  now"},
		{"first word too long", "/a/path/that/is/long", 8, "/a/path/that/is/long"},
		{"line by line", "one two three\nok\n", 8, "one two\n  three\nok\n"},
		{"paint takes no room", "\x1b[1mone\x1b[0m two", 7, "\x1b[1mone\x1b[0m two"},
		{"spaces inside stay", "a   b", 10, "a   b"},
	}
	for _, tt := range tests {
		if got := Wrap(tt.in, tt.width); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestDuration(t *testing.T) {
	for _, tt := range []struct {
		in   time.Duration
		want string
	}{
		{0, "1 s"},
		{400 * time.Millisecond, "1 s"},
		{12*time.Second + 300*time.Millisecond, "12 s"},
		{99 * time.Second, "99 s"},
		{110 * time.Second, "2 minutes"},
		{45 * time.Minute, "45 minutes"},
		{125 * time.Minute, "2 h 5 min"},
	} {
		if got := Duration(tt.in); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"format", "state", "stage", "lock-timeout", "dry-run", "only"}
	tests := []struct {
		word string
		want []string
	}{
		{"formt", []string{"format"}},
		{"fromat", []string{"format"}},
		{"statge", []string{"state", "stage"}},
		{"dryrun", []string{"dry-run"}},
		{"timeout", []string{"lock-timeout"}},
		{"Only", []string{"only"}},
		{"xyz", nil},
		{"", nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, Nearest(tt.word, names, 2)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.word, diff)
		}
	}
}

func TestPrintable(t *testing.T) {
	if got, want := Printable("a\x1b[1mb\nö"), `a\x1b[1mb\nö`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := plain("\x1b[1mbold\x1b[0m, \x1b[31mred\x1b[0m"); got != "bold, red" {
		t.Errorf("got %q", got)
	}
	if got := Plural(1, "object") + ", " + Plural(2, "object"); got != "1 object, 2 objects" {
		t.Errorf("got %q", got)
	}
}

func TestStyle(t *testing.T) {
	getenv := func(env string) func(string) string {
		return func(name string) string {
			if name == env {
				return "1"
			}
			return ""
		}
	}
	terminal := Screen{Writer: &strings.Builder{}, Terminal: true}
	tests := []struct {
		name   string
		screen Screen
		env    string
		mode   ColorMode
		want   bool
	}{
		{"terminal", terminal, "", ColorAuto, true},
		{"nothing asked for", terminal, "", "", true},
		{"NO_COLOR", terminal, "NO_COLOR", ColorAuto, false},
		{"no terminal", Screen{Writer: &strings.Builder{}}, "", ColorAuto, false},
		{"always", Screen{Writer: &strings.Builder{}}, "NO_COLOR", ColorAlways, true},
		{"never", terminal, "", ColorNever, false},
	}
	for _, tt := range tests {
		style := NewStyle(IO{Getenv: getenv(tt.env)}, tt.screen, tt.mode)
		if style.On() != tt.want {
			t.Errorf("%s: colours %v, want %v", tt.name, style.On(), tt.want)
		}
		if got := style.Old("x") == "\x1b[31mx\x1b[0m"; got != tt.want {
			t.Errorf("%s: painted %v, want %v", tt.name, got, tt.want)
		}
	}
	if got := (Style{on: true}).Bold(""); got != "" {
		t.Errorf("nothing is painted as %q", got)
	}
}
