package terraform

import (
	"errors"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/statefile"
)

// TestJudge: failures that are known, and what can be done about them.
func TestJudge(t *testing.T) {
	where := Location{Dir: "/prod"}
	for stderr, want := range map[string]string{
		"":                                     "",
		"Error acquiring the state lock":       "--lock-timeout",
		"run terraform init":                   "Run terraform init in /prod.",
		"run tofu init":                        "Run terraform init in /prod.",
		"Required plugins are not installed":   "Run terraform init in /prod.",
		"Inconsistent dependency lock file":    "Run terraform init in /prod.",
		"Backend initialization required":      "Run terraform init in /prod.",
		"Module not installed":                 "Run terraform init in /prod.",
		"run terraform login":                  "TF_TOKEN_",
		"run tofu login":                       "TF_TOKEN_",
		"some other fault":                     "",
		"flag provided but not defined: -json": "",
		"Error acquiring the state lock. Run terraform init. Run terraform login": "--lock-timeout",
		"Run terraform init. Run terraform login":                                 "Run terraform init in /prod.",
	} {
		e := &CommandError{Command: "terraform plan", Code: 1}
		e.judge(stderr, where)
		if (e.Hint == "") != (want == "") || !strings.Contains(e.Hint, want) {
			t.Errorf("%q: got %q, want %q", stderr, e.Hint, want)
		}
		locked := strings.Contains(stderr, "lock.") || strings.HasSuffix(stderr, "state lock")
		if e.locked != locked || errors.Is(e, statefile.ErrLocked) != locked || e.noJSON != strings.Contains(stderr, "-json") || !errors.Is(e, ErrCommand) {
			t.Errorf("%q: got %+v", stderr, e)
		}
	}
	broken := errors.New("broken")
	for _, tt := range []struct {
		err  CommandError
		want string
	}{
		{CommandError{Command: "c", Code: 3}, "c: exit code 3"},
		{CommandError{Command: "c", State: "s", Code: 0}, "c, s: exit code 0"},
		{CommandError{Command: "c", Code: -1}, "c: ended by a signal"},
		{CommandError{Command: "c", Code: -1, Err: broken}, "c: broken"},
		{CommandError{Command: "c", Code: -1, Err: broken, Diagnostics: []string{"d", "e"}}, "c: broken: d; e"},
		{CommandError{Command: "c", Code: -1, Diagnostics: []string{"d"}}, "c: d"},
	} {
		if got := tt.err.Error(); got != tt.want || errors.Is(&tt.err, broken) != (tt.err.Err != nil) {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	for text, want := range map[string]string{"": " ", "a": ": ", "a.": " ", "a:": " ", "a,": " ", "a. b": " ", "a: b": " ", "a b": ": "} {
		if got := separator(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	plain := func(s string) string { return s }
	for stderr, want := range map[string]string{
		"Error: A\n\n  on main.tf line 3:\n   3: secret\n":               "A: 3: secret",
		"Error: A\n\n  with heroku_app.a,\n  on main.tf line 3:\ntext\n": "A: text",
		"Error: A\n\n  on the other hand\n":                              "A: on the other hand",
		"Error: A\n\n  with a\n":                                         "A: with a",
		"Error: A\n\nthe second line of it,\nand more\n":                 "A: the second line of it, and more",
		"Error: A\n\n  on a line of it\n":                                "A",
		"before\nError: A\r\n":                                           "A",
		"  Error: A\n":                                                   "Error: A",
	} {
		if got := strings.Join(diagnostics(stderr, false, plain), "|"); got != want {
			t.Errorf("%q: got %q, want %q", stderr, got, want)
		}
	}
}
