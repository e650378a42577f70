package terraform

import (
	"regexp"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/printable"
)

var (
	ansi     = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")
	userinfo = regexp.MustCompile(`://[^/\s"']*@`)
)

// redactor returns a function that takes out of a text what mustn't be shown: the
// values of variables whose names are those of secrets, further ones, and what stands
// before the @ of an address.
func redactor(environ, more []string) func(string) string {
	const shortest = 6 // what is shorter stands in any text by chance
	var known []string
	for _, kv := range environ {
		if name, value, _ := strings.Cut(kv, "="); secret(name) && len(value) >= shortest {
			known = append(known, value)
		}
	}
	for _, value := range more {
		if len(value) >= shortest {
			known = append(known, value)
		}
	}
	redact := printable.Redactor("…", known...)
	return func(s string) string { return userinfo.ReplaceAllString(redact(s), "://…@") }
}

// maxDiagnostics is how many errors a message shows.
const maxDiagnostics = 10

// diagnostics finds the errors in what a command reported, as one line each: the
// summary, and unless quiet the text below it. A command that says what is wrong
// without the heading has its first lines taken.
func diagnostics(stderr string, quiet bool, redact func(string) string) []string {
	var found []string
	var text strings.Builder
	var inside, details bool
	flush := func() {
		if line := printable.Line(text.String(), redact); line != "" {
			found = append(found, line)
		}
		text.Reset()
		inside, details = false, false
	}
	plain := ansi.ReplaceAllString(stderr, "")
	for line := range strings.Lines(plain) {
		line, boxed := strings.CutPrefix(strings.TrimRight(line, " \r\n"), "│")
		if boxed {
			line = strings.TrimPrefix(line, " ")
		}
		summary, isError := strings.CutPrefix(line, "Error: ")
		switch {
		case isError:
			flush()
			text.WriteString(summary)
			inside = true
		case !inside:
		case strings.HasPrefix(line, "╵"), strings.HasPrefix(line, "Warning: "):
			flush()
		case line == "":
			details = true
		case quiet && details:
		case strings.HasPrefix(line, "  on ") && strings.Contains(line, " line "), strings.HasPrefix(line, "  with ") && strings.HasSuffix(line, ","):
			// Where it is, in a folder that is gone.
			details = true
		default:
			text.WriteString(separator(text.String()) + line)
		}
	}
	flush()
	if len(found) == 0 && !quiet && !strings.Contains(plain, "Warning: ") {
		if line := printable.Line(plain, redact); line != "" {
			found = append(found, line)
		}
	}
	if len(found) > maxDiagnostics {
		found = found[:maxDiagnostics]
	}
	return found
}

// separator is what goes between a text and what follows it.
func separator(text string) string {
	if text == "" || strings.HasSuffix(text, ",") || strings.ContainsAny(text, ".:") {
		return " "
	}
	return ": "
}

// wantsInit reports whether a command asks for another terraform init. In automation it
// doesn't say so for every cause.
func wantsInit(text string) bool {
	return slices.ContainsFunc([]string{"terraform init", "tofu init", "Required plugins are not installed", "Inconsistent dependency lock file",
		"initialization required", "Module not installed"}, func(phrase string) bool { return strings.Contains(text, phrase) })
}

// judge says what can be done about a failure that is known.
func (e *CommandError) judge(stderr string, where Location) {
	e.locked = strings.Contains(stderr, "Error acquiring the state lock")
	e.wantsInit = wantsInit(stderr)
	e.noJSON = strings.Contains(stderr, "flag provided but not defined: -json")
	switch {
	case e.locked:
		e.Hint = "Another program works on the state. Try again when it is done, or wait for it with --lock-timeout; terraform force-unlock removes a lock that nobody holds any more."
	case e.wantsInit:
		e.Hint = "Run terraform init in " + where.Dir + "."
	case strings.Contains(stderr, "terraform login"), strings.Contains(stderr, "tofu login"):
		e.Hint = "Run terraform login, or set TF_TOKEN_ and the host's name to a token."
	}
}
