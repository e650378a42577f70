package herokutf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"

	"github.com/herokutf/herokutf/internal/diskio"
	"github.com/herokutf/herokutf/internal/provider"
)

// hostile holds values that end a quote, run a command or get lost when a sink
// quotes carelessly. No answer of Heroku's is allowed to hold them; users can
// build Slugs by themselves, though.
var hostile = []string{
	uuidA,
	"plain words",
	"$(touch pwned)", "`touch pwned`", "${HOME}", "$HOME", "%{if true}x%{endif}", "%PATH%", "$${x}", "%%{x}",
	"'; touch pwned; '", "'", "''", "'''", `'\''`, `"; touch pwned; "`, `"`, `\`, `\\`, `\'`, `a\`, `\n`, `\x41`,
	"two\nlines", "\n", "ends\n", "\n\nbegins", "a\rb", "a\r\nb", "ends\r", "tab\there", "\x01\x1b[31m\x7f",
	"-rf", "--", "-n x", "!!", "!touch", "#comment", "a #b", "~", "*", "a;b|c&d<e>f", "(touch pwned)", "{a,b}", "=", "a=b", "<<EOF", "~root",
	"‘; touch pwned; ’", "’", "‚‛“”„", "\u2028\u2029\u0085", "é", "日本", "😀", "\uf600\uf642\ufdd0", "\ufeff", "\ufffd", "A\u0301"[:1],
	" leading", "trailing ", "\\\n", "end_0", "null", "true", "0x10", "a: b", "- a", "\u00a0",
}

// slugsWith returns Slugs whose variables hold values: v0_slug_production has
// the first one.
func slugsWith(values ...string) *Slugs {
	s := &Slugs{Stages: []string{"production"}}
	for i, v := range values {
		name := "v" + strconv.Itoa(i)
		s.Pipelines = append(s.Pipelines, Pipeline{Name: name, Ref: name + "-pipeline"})
		s.Artifacts = append(s.Artifacts, Artifact{Variable: KindSlug.variable(name, "production"), Kind: KindSlug, Value: v})
	}
	return s
}

// writable returns the values that f doesn't refuse.
func writable(f Format) []string {
	return slices.DeleteFunc(slices.Clone(hostile), func(v string) bool { return f.refuses(v) != "" })
}

func write(t testing.TB, s *Slugs, f Format, environ ...string) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.Write(&b, f, environ); err != nil {
		t.Fatalf("Write as %s: %v", f, err)
	}
	return b.String()
}

// TestPrintEnviron is no test but the child process of TestShells: it writes its
// environment to a file.
func TestPrintEnviron(t *testing.T) {
	name := os.Getenv("HEROKUTF_TEST_PRINT_ENVIRON")
	if name == "" {
		t.Skip("it is run by TestShells")
	}
	if err := os.WriteFile(name, []byte(strings.Join(os.Environ(), "\x00")), 0o600); err != nil {
		t.Fatal(err)
	}
}

// noRaceSleep is for the environment of a child process: with -race, each would
// sleep for a second when it exits.
const noRaceSleep = "GORACE=atexit_sleep_ms=0"

// TestShells has each shell on the PATH read the output and looks at the
// environment of a process that it starts then.
func TestShells(t *testing.T) {
	const print = ` -test.run=^TestPrintEnviron$`
	tests := []struct {
		name   string
		argv   []string
		format Format
		ways   map[string]string // commands that read ./script and then run "$TESTBIN"
	}{
		{"sh", []string{"sh", "-c"}, FormatShell, posixWays},
		{"bash", []string{"bash", "-c"}, FormatShell, posixWays},
		{"bash as login shell with history expansion", []string{"bash", "-H", "-c"}, FormatShell, posixWays},
		{"dash", []string{"dash", "-c"}, FormatShell, posixWays},
		{"busybox", []string{"busybox", "sh", "-c"}, FormatShell, posixWays},
		{"mksh", []string{"mksh", "-c"}, FormatShell, posixWays},
		{"ksh", []string{"ksh", "-c"}, FormatShell, posixWays},
		{"zsh", []string{"zsh", "-f", "-c"}, FormatShell, posixWays},
		{"zsh with rcquotes", []string{"zsh", "-f", "-o", "rcquotes", "-c"}, FormatShell, posixWays},
		{"fish", []string{"fish", "-N", "-c"}, FormatFish, map[string]string{
			"source": `cat script | source; exec $TESTBIN`,
			"eval":   `eval (cat script); exec $TESTBIN`,
		}},
		{"pwsh", []string{"pwsh", "-NoProfile", "-NonInteractive", "-Command"}, FormatPowerShell, map[string]string{
			"whole":         `Get-Content -Raw script | Invoke-Expression; & $env:TESTBIN`,
			"line by line ": `Get-Content script | Invoke-Expression; & $env:TESTBIN`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			shell, err := exec.LookPath(tt.argv[0])
			if err != nil {
				t.Skipf("%s isn't on the PATH; FuzzSinks reads the format with a parser of its own", tt.argv[0])
			}
			for way, command := range tt.ways {
				for _, locale := range []string{"C", "C.UTF-8"} {
					t.Run(way+" "+locale, func(t *testing.T) {
						values := writable(tt.format)
						s := slugsWith(values...)
						s.Pipelines = append(s.Pipelines, Pipeline{Name: "gone", Ref: "gone"})
						environ := []string{"TF_VAR_gone_slug_production=old", "TF_VAR_gone_oci_image_production=old",
							"TF_VAR_gone_slug_review=kept", "TF_VAR_other_slug_production=kept"}

						dir := t.TempDir()
						if err := os.WriteFile(filepath.Join(dir, "script"), []byte(write(t, s, tt.format, environ...)), 0o600); err != nil {
							t.Fatal(err)
						}
						out := filepath.Join(dir, "environ")
						command = strings.NewReplacer(`"$TESTBIN"`, `"$TESTBIN"`+print, `$TESTBIN`, `$TESTBIN '`+strings.TrimSpace(print)+`'`,
							`$env:TESTBIN`, `$env:TESTBIN '`+strings.TrimSpace(print)+`'`).Replace(command)
						cmd := exec.CommandContext(t.Context(), shell, append(tt.argv[1:len(tt.argv):len(tt.argv)], command)...)
						cmd.Dir = dir
						cmd.Env = append(environ, noRaceSleep, "PATH="+os.Getenv("PATH"), "HOME="+dir, "LC_ALL="+locale,
							"TESTBIN="+os.Args[0], "HEROKUTF_TEST_PRINT_ENVIRON="+out)
						if text, err := cmd.CombinedOutput(); err != nil {
							t.Fatalf("%v: %s", err, text)
						}
						data, err := os.ReadFile(out)
						if err != nil {
							t.Fatal(err)
						}
						got := make(map[string]string)
						for e := range strings.SplitSeq(string(data), "\x00") {
							if key, value, _ := strings.Cut(e, "="); strings.HasPrefix(key, tfVar) {
								got[key] = value
							}
						}
						want := map[string]string{"TF_VAR_gone_slug_review": "kept", "TF_VAR_other_slug_production": "kept"}
						for i, v := range values {
							want[fmt.Sprintf("TF_VAR_v%d_slug_production", i)] = v
						}
						if diff := cmp.Diff(want, got); diff != "" {
							t.Errorf("(-want +got):\n%s", diff)
						}
						if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
							t.Error("a value ran a command")
						}
					})
				}
			}
		})
	}
}

var posixWays = map[string]string{
	"eval":            `set -eu; eval "$(cat script)"; exec "$TESTBIN"`,
	"source":          `set -eu; . ./script; exec "$TESTBIN"`,
	"in double quote": `set -eu; eval "$(cat script; echo)"; (exec "$TESTBIN")`,
}

func needSh(t testing.TB) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skipf("there is no sh on the PATH: %v", err)
	}
}

// An eval without quotes has the shell split the output at white space and join
// it with single blanks; lines must not run into each other then.
func TestShellWithoutQuotes(t *testing.T) {
	needSh(t)
	s := slugsWith(uuidA, uuidB)
	s.Pipelines = append(s.Pipelines, Pipeline{Name: "gone", Ref: "gone"})
	script := write(t, s, FormatShell, "TF_VAR_gone_slug_production=old")
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `eval $(printf '%s' "$SCRIPT"); env | grep ^TF_VAR_ | sort`)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "SCRIPT=" + script, "TF_VAR_gone_slug_production=old"}
	got, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := "TF_VAR_v0_slug_production=" + uuidA + "\nTF_VAR_v1_slug_production=" + uuidB + "\n"; string(got) != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// A dotenv file is also read by shells, as in set -a; . ./.env.
func TestDotenvInShell(t *testing.T) {
	needSh(t)
	values := writable(FormatDotenv)
	dir := t.TempDir()
	if err := slugsWith(values...).WriteFile(filepath.Join(dir, ".env"), FormatDotenv, nil); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `set -aeu; . ./.env; exec "$TESTBIN" -test.run=^TestPrintEnviron$`)
	cmd.Dir = dir
	cmd.Env = []string{noRaceSleep, "PATH=" + os.Getenv("PATH"), "TESTBIN=" + os.Args[0], "HEROKUTF_TEST_PRINT_ENVIRON=environ"}
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	data, err := os.ReadFile(filepath.Join(dir, "environ"))
	if err != nil {
		t.Fatal(err)
	}
	environ := strings.Split(string(data), "\x00")
	for i, v := range values {
		if want := fmt.Sprintf("TF_VAR_v%d_slug_production=%s", i, v); !slices.Contains(environ, want) {
			t.Errorf("%q isn't in the environment", want)
		}
	}
}

// The readers below are written from the rules of what reads each format, apart
// from the writers.

// readShell reads the output for POSIX shells as XCU 2.2 has it: between single
// quotes everything is literal, and a backslash outside of them quotes the next
// character.
func readShell(t testing.TB, text string) map[string]string {
	values := make(map[string]string)
	for text != "" {
		rest, ok := strings.CutPrefix(text, "export ")
		name, rest, ok2 := strings.Cut(rest, "=")
		if !ok || !ok2 {
			t.Fatalf("no export: %q", text)
		}
		var b strings.Builder
		for !strings.HasPrefix(rest, ";\n") {
			switch {
			case strings.HasPrefix(rest, "'"):
				word, after, ok := strings.Cut(rest[1:], "'")
				if !ok {
					t.Fatalf("open quote: %q", rest)
				}
				b.WriteString(word)
				rest = after
			case strings.HasPrefix(rest, `\`) && len(rest) > 1:
				b.WriteByte(rest[1])
				rest = rest[2:]
			default:
				t.Fatalf("outside of quotes: %q", rest)
			}
		}
		values[name] = b.String()
		text = rest[2:]
	}
	return values
}

// readFish reads the output for fish: between single quotes a backslash escapes
// a quote and a backslash and stands for itself elsewhere; outside, \X and two
// hexadecimal digits are a byte.
func readFish(t testing.TB, text string) map[string]string {
	values := make(map[string]string)
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, "set -gx ")
		name, rest, ok2 := strings.Cut(rest, " ")
		if !ok || !ok2 {
			t.Fatalf("no set: %q", line)
		}
		var b strings.Builder
		for rest != ";\n" {
			switch {
			case strings.HasPrefix(rest, "'"):
				rest = rest[1:]
				for !strings.HasPrefix(rest, "'") {
					if rest == "" {
						t.Fatalf("open quote: %q", line)
					}
					if strings.HasPrefix(rest, `\\`) || strings.HasPrefix(rest, `\'`) {
						rest = rest[1:]
					}
					b.WriteByte(rest[0])
					rest = rest[1:]
				}
				rest = rest[1:]
			case strings.HasPrefix(rest, `\X`) && len(rest) >= 4:
				n, err := strconv.ParseUint(rest[2:4], 16, 8)
				if err != nil {
					t.Fatal(err)
				}
				b.WriteByte(byte(n))
				rest = rest[4:]
			default:
				t.Fatalf("outside of quotes: %q", rest)
			}
		}
		values[name] = b.String()
	}
	return values
}

// readPowerShell reads $env:NAME = 'a' + [char]0x0 + ...; with any of the
// characters that PowerShell takes for a single quote, two of which in a row are
// the first of them.
func readPowerShell(t testing.TB, text string) map[string]string {
	isQuote := func(r rune) bool { return r == '\'' || r >= 0x2018 && r <= 0x201b }
	values := make(map[string]string)
	for line := range strings.Lines(text) {
		name, rest, ok := strings.Cut(strings.TrimPrefix(line, "$env:"), " = ")
		if !ok {
			t.Fatalf("no assignment: %q", line)
		}
		var b strings.Builder
		in := []rune(rest)
		for {
			switch {
			case isQuote(in[0]):
				in = in[1:]
				for {
					if len(in) == 0 {
						t.Fatalf("open quote: %q", line)
					}
					if isQuote(in[0]) {
						if !isQuote(in[1]) {
							break
						}
						in = in[1:]
					}
					b.WriteRune(in[0])
					in = in[1:]
				}
				in = in[1:]
			default:
				var r rune
				// Not all of what is left: a value may have thousands of terms.
				term, _, _ := strings.Cut(string(in[:min(len(in), 64)]), " ")
				term = strings.TrimSuffix(term, ";\n")
				if n, _ := fmt.Sscanf(term, "[char]0x%x", &r); n != 1 || r > 0xffff {
					if n, _ := fmt.Sscanf(term, "[char]::ConvertFromUtf32(0x%x)", &r); n != 1 {
						t.Fatalf("neither string nor character: %q", term)
					}
				}
				b.WriteRune(r)
				in = in[len([]rune(term)):]
			}
			if slices.Equal(in, []rune(";\n")) {
				break
			}
			if len(in) < 3 || string(in[:3]) != " + " {
				t.Fatalf("after a term: %q", string(in))
			}
			in = in[3:]
		}
		values[name] = b.String()
	}
	return values
}

// readDotenv reads the least that readers of dotenv files agree on.
func readDotenv(t testing.TB, text string) map[string]string {
	values := make(map[string]string)
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if inner, ok := strings.CutPrefix(value, "'"); ok {
			inner, ok = strings.CutSuffix(inner, "'")
			if !ok || strings.ContainsAny(inner, "'\\") {
				t.Fatalf("not to be read by all: %q", line)
			}
			value = inner
		} else if strings.ContainsAny(value, " \t\"'`$#\\!;&|<>()*?[]{}~=%") {
			t.Fatalf("bare, but no plain word: %q", line)
		}
		values[name] = value
	}
	return values
}

// readGitHub reads like the runner: a line NAME=value, or NAME<<END, lines, END.
// With crlf, as on Windows, a carriage return belongs to the end of the line.
func readGitHub(t testing.TB, text string, crlf bool) map[string]string {
	values := make(map[string]string)
	next := func() (line, end string) {
		line, text, _ = strings.Cut(text, "\n")
		end = "\n"
		if crlf && strings.HasSuffix(line, "\r") {
			line, end = line[:len(line)-1], "\r\n"
		}
		return line, end
	}
	for text != "" {
		line, _ := next()
		if line == "" {
			continue
		}
		equals, here := strings.Index(line, "="), strings.Index(line, "<<")
		switch {
		case equals >= 0 && (here < 0 || equals < here):
			values[line[:equals]] = line[equals+1:]
		case here >= 0:
			name, delimiter := line[:here], line[here+2:]
			var lines []string
			var last string
			for {
				if text == "" {
					t.Fatalf("delimiter %q not found", delimiter)
				}
				line, end := next()
				if line == delimiter {
					break
				}
				lines = append(lines, line+end)
				last = end
			}
			values[name] = strings.TrimSuffix(strings.Join(lines, ""), last)
		default:
			t.Fatalf("no variable: %q", line)
		}
	}
	return values
}

// readTFVars reads a variables file as Terraform does, without an evaluation
// context. Names get the prefix of the environment for comparison.
func readTFVars(t testing.TB, text string, isJSON bool) map[string]string {
	parse := hclparse.NewParser().ParseHCL
	if isJSON {
		parse = hclparse.NewParser().ParseJSON
	}
	file, diags := parse([]byte(text), "slugs.auto.tfvars")
	if diags.HasErrors() {
		t.Fatalf("%v in %q", diags, text)
	}
	attrs, diags := file.Body.JustAttributes()
	if diags.HasErrors() {
		t.Fatalf("%v in %q", diags, text)
	}
	values := make(map[string]string)
	for name, attr := range attrs {
		value, diags := attr.Expr.Value((*hcl.EvalContext)(nil))
		if diags.HasErrors() {
			t.Fatalf("%v in %q", diags, text)
		}
		values[tfVar+name] = value.AsString()
	}
	return values
}

// withPrefix gives names the prefix of the environment, for comparison.
func withPrefix(values map[string]string) map[string]string {
	out := make(map[string]string)
	for name, value := range values {
		out[tfVar+name] = value
	}
	return out
}

// readExternal reads as the provider hashicorp/external does: one object, of
// strings alone, whose values become strings of Terraform's.
func readExternal(t testing.TB, text string) map[string]string {
	values := make(map[string]string)
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	for name, value := range values {
		values[name] = cty.StringVal(value).AsString()
	}
	return values
}

func readJSON(t testing.TB, text string) map[string]string {
	var out jsonSlugs
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	values := make(map[string]string)
	for _, a := range out.Artifacts {
		values[tfVar+a.Variable] = a.Value
	}
	return values
}

// readBack reads text, which is in format f, in every way there is for f.
func readBack(t testing.TB, f Format, text string) []map[string]string {
	switch f {
	case FormatShell, FormatCircleCI:
		return []map[string]string{readShell(t, text)}
	case FormatFish:
		return []map[string]string{readFish(t, text)}
	case FormatPowerShell:
		return []map[string]string{readPowerShell(t, text)}
	case FormatDotenv:
		return []map[string]string{readDotenv(t, text)}
	case FormatGitHubOutput:
		return []map[string]string{withPrefix(readGitHub(t, text, false)), withPrefix(readGitHub(t, text, true))}
	case FormatExternal:
		return []map[string]string{withPrefix(readExternal(t, text))}
	case FormatGitHub:
		return []map[string]string{readGitHub(t, text, false), readGitHub(t, text, true)}
	case FormatTFVars:
		return []map[string]string{readTFVars(t, text, false)}
	case FormatTFVarsJSON:
		return []map[string]string{readTFVars(t, text, true)}
	case FormatJSON:
		return []map[string]string{readJSON(t, text)}
	}
	t.Fatalf("no reader for %q", f)
	return nil
}

// FuzzSinks: what each format's reader reads is the value, and nothing else is
// set, however two values stand together.
func FuzzSinks(f *testing.F) {
	for i, v := range hostile {
		f.Add(v, hostile[(i*7+3)%len(hostile)])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, format := range Formats() {
			s := slugsWith(a, b)
			var out bytes.Buffer
			if err := s.Write(&out, format, nil); err != nil {
				if !errors.Is(err, ErrUnquotable) {
					t.Fatalf("%s: %v", format, err)
				}
				if provider.IsUUID(a) && provider.IsUUID(b) {
					t.Fatalf("%s refuses UUIDs: %v", format, err)
				}
				if out.Len() != 0 {
					t.Fatalf("%s: wrote %q before the error", format, out.String())
				}
				continue
			}
			want := map[string]string{"TF_VAR_v0_slug_production": a, "TF_VAR_v1_slug_production": b}
			for _, got := range readBack(t, format, out.String()) {
				if !maps.Equal(got, want) {
					t.Errorf("%s: got %q, want %q, from\n%s", format, got, want, out.String())
				}
			}
			if (format == FormatFish || format == FormatPowerShell || format == FormatTFVarsJSON || format == FormatExternal) && !isASCII(out.String()) {
				t.Errorf("%s: not ASCII: %q", format, out.String())
			}
		}
	})
}

// TestAppendUnreadable: to a file whose end can't be read nothing is appended.
func TestAppendUnreadable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(path, []byte("A=1"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := appendLines(file, []byte("B=2\n")); err == nil || !strings.Contains(err.Error(), "read the end of ") {
		t.Errorf("a file that is open for writing alone: %v", err)
	}
	file.Close()
	// Windows says of a handle that was closed that it is invalid.
	if err := appendLines(file, []byte("B=2\n")); err == nil || !errors.Is(err, os.ErrClosed) && runtime.GOOS != "windows" {
		t.Errorf("a file that is closed: %v", err)
	}
	if text, err := os.ReadFile(path); string(text) != "A=1" {
		t.Errorf("the file has %q, %v", text, err)
	}
}

// TestWriteNoDate: a time that JSON doesn't have is an error, and nothing is written.
func TestWriteNoDate(t *testing.T) {
	s := exampleSlugs()
	s.Artifacts[0].Release.CreatedAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	var b strings.Builder
	if err := s.Write(&b, FormatJSON, nil); err == nil || b.Len() > 0 {
		t.Errorf("written: %q, %v", b.String(), err)
	}
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// FuzzShell: what a real sh has in its environment after the output is the
// value.
func FuzzShell(f *testing.F) {
	needSh(f)
	for _, v := range hostile {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if FormatShell.refuses(value) != "" {
			return
		}
		script := write(t, slugsWith(value), FormatShell)
		cmd := exec.CommandContext(t.Context(), "sh", "-c", script+`printf %s "$TF_VAR_v0_slug_production"`)
		cmd.Dir = t.TempDir()
		got, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v from %q", err, script)
		}
		if string(got) != value {
			t.Errorf("got %q, want %q, from %q", got, value, script)
		}
	})
}

func exampleSlugs() *Slugs {
	at := time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC)
	api := NamedID{ID: uuidA, Name: "api"}
	return &Slugs{
		Pipelines: []Pipeline{{"api", uuidA}, {"web_ui", "web-ui"}},
		Stages:    []string{"development", "production", "staging"},
		Artifacts: []Artifact{
			{
				Variable: "web_ui_oci_image_staging", Kind: KindOCIImage, Value: "cccccccc-0000-4000-8000-000000000003",
				Pipeline: NamedID{ID: uuidB, Name: "web-ui"}, Stage: "staging", App: NamedID{ID: uuidB, Name: "web-staging"},
				Release: Release{ID: uuidA, Version: 3, Status: "succeeded", CreatedAt: at, User: "ann@example.com"},
				Newest:  &Release{ID: uuidB, Version: 4, Status: "failed", CreatedAt: at.Add(time.Minute), User: "bob@example.com"},
			},
			{
				Variable: "api_slug_production", Kind: KindSlug, Value: uuidB, Pipeline: api, Stage: "production",
				App: NamedID{ID: uuidA, Name: "api-eu"}, Others: []NamedID{{ID: uuidB, Name: "api-us"}},
				Release: Release{ID: uuidA, Version: 12, Status: "succeeded", CreatedAt: at, User: "ann@example.com"},
			},
		},
	}
}

func TestFormats(t *testing.T) {
	const image = "cccccccc-0000-4000-8000-000000000003"
	environ := []string{
		"TF_VAR_api_slug_production=old", "TF_VAR_api_slug_staging=old", "TF_VAR_web_ui_slug_staging=old",
		"TF_VAR_web_ui_oci_image_production=", "TF_VAR_api_slug_review=kept", "TF_VAR_apis_slug_staging=kept", "TF_VAR_api_slug_staging_x=kept",
		"tf_var_api_slug_development=kept", "api_slug_staging=kept",
	}
	tests := []struct {
		format  Format
		environ []string
		want    string
	}{
		{FormatShell, environ, `export TF_VAR_api_slug_production='` + uuidB + `';
export TF_VAR_web_ui_oci_image_staging='` + image + `';
unset -v TF_VAR_api_slug_staging;
unset -v TF_VAR_web_ui_oci_image_production;
unset -v TF_VAR_web_ui_slug_staging;
`},
		{FormatFish, environ[:2], `set -gx TF_VAR_api_slug_production '` + uuidB + `';
set -gx TF_VAR_web_ui_oci_image_staging '` + image + `';
set -eg TF_VAR_api_slug_staging;
`},
		{FormatPowerShell, environ[:2], `$env:TF_VAR_api_slug_production = '` + uuidB + `';
$env:TF_VAR_web_ui_oci_image_staging = '` + image + `';
Remove-Item -LiteralPath 'Env:TF_VAR_api_slug_staging' -ErrorAction SilentlyContinue;
`},
		{FormatDotenv, environ, `TF_VAR_api_slug_production=` + uuidB + `
TF_VAR_web_ui_oci_image_staging=` + image + `
`},
		{FormatGitHub, environ[:1], `TF_VAR_api_slug_production=` + uuidB + `
TF_VAR_web_ui_oci_image_staging=` + image + `
`},
		{FormatGitHubOutput, environ, `api_slug_production=` + uuidB + `
web_ui_oci_image_staging=` + image + `
`},
		{FormatCircleCI, environ[:2], `export TF_VAR_api_slug_production='` + uuidB + `';
export TF_VAR_web_ui_oci_image_staging='` + image + `';
unset -v TF_VAR_api_slug_staging;
`},
		{FormatExternal, environ, `{
  "api_slug_production": "` + uuidB + `",
  "web_ui_oci_image_staging": "` + image + `"
}
`},
		{FormatTFVars, environ, `api_slug_production      = "` + uuidB + `"
web_ui_oci_image_staging = "` + image + `"
`},
		{FormatTFVarsJSON, environ, `{
  "api_slug_production": "` + uuidB + `",
  "web_ui_oci_image_staging": "` + image + `"
}
`},
		{FormatJSON, environ, `{
  "format_version": "1.0",
  "artifacts": [
    {
      "variable": "api_slug_production",
      "value": "` + uuidB + `",
      "kind": "slug",
      "pipeline": {
        "id": "` + uuidA + `",
        "name": "api"
      },
      "stage": "production",
      "app": {
        "id": "` + uuidA + `",
        "name": "api-eu"
      },
      "other_apps": [
        {
          "id": "` + uuidB + `",
          "name": "api-us"
        }
      ],
      "release": {
        "id": "` + uuidA + `",
        "version": 12,
        "status": "succeeded",
        "created_at": "2026-11-22T10:30:00Z",
        "user": "ann@example.com"
      }
    },
    {
      "variable": "web_ui_oci_image_staging",
      "value": "` + image + `",
      "kind": "oci-image",
      "pipeline": {
        "id": "` + uuidB + `",
        "name": "web-ui"
      },
      "stage": "staging",
      "app": {
        "id": "` + uuidB + `",
        "name": "web-staging"
      },
      "release": {
        "id": "` + uuidA + `",
        "version": 3,
        "status": "succeeded",
        "created_at": "2026-11-22T10:30:00Z",
        "user": "ann@example.com"
      },
      "newest_release": {
        "id": "` + uuidB + `",
        "version": 4,
        "status": "failed",
        "created_at": "2026-11-22T10:31:00Z",
        "user": "bob@example.com"
      }
    }
  ],
  "pipelines": [
    {
      "name": "api",
      "ref": "` + uuidA + `"
    },
    {
      "name": "web_ui",
      "ref": "web-ui"
    }
  ],
  "stages": [
    "development",
    "production",
    "staging"
  ]
}
`},
	}
	for _, tt := range tests {
		t.Run(string(tt.format), func(t *testing.T) {
			// As where names of variables differ by case, wherever the test runs.
			got, err := exampleSlugs().encode(tt.format, tt.environ, false)
			if diff := cmp.Diff(tt.want, string(got)); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
	if len(tests) != len(Formats()) {
		t.Errorf("%d formats tested of %d", len(tests), len(Formats()))
	}
}

func TestJSONWithoutArtifacts(t *testing.T) {
	s := &Slugs{Problems: []*SlugError{{
		Pipeline: Pipeline{"api", uuidA}, Stage: "production", App: NamedID{ID: uuidB, Name: "api"}, Err: errors.New("no slug"),
	}}}
	const want = `{
  "format_version": "1.0",
  "artifacts": [],
  "problems": [
    {
      "pipeline": "api",
      "ref": "` + uuidA + `",
      "stage": "production",
      "app": {
        "id": "` + uuidB + `",
        "name": "api"
      },
      "reasons": [],
      "message": "no slug"
    }
  ]
}
`
	if diff := cmp.Diff(want, write(t, s, FormatJSON)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFormatCheck(t *testing.T) {
	for _, f := range Formats() {
		if err := f.check(); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	for _, f := range []Format{"Shell", ""} {
		if err := f.check(); err == nil {
			t.Errorf("no error for the format %q", f)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	tests := []struct {
		name    string
		slugs   *Slugs
		environ []string
		formats []Format
		want    error
	}{
		{"an empty value", slugsWith(""), nil, Formats(), ErrUnquotable},
		{"a zero byte", slugsWith("a\x00b"), nil, Formats(), ErrUnquotable},
		{"bytes that aren't UTF-8", slugsWith("a\xffb"), nil, Formats(), ErrUnquotable},
		{"a variable that is none", &Slugs{Artifacts: []Artifact{{Variable: "a b", Value: uuidA}}}, nil, Formats(), ErrUnquotable},
		{"a command in the variable", &Slugs{Artifacts: []Artifact{{Variable: "a=b;touch pwned;c", Value: uuidA}}}, nil, Formats(), ErrUnquotable},
		{"a variable twice", &Slugs{Artifacts: []Artifact{{Variable: "a", Value: uuidA}, {Variable: "a", Value: uuidB}}}, nil, Formats(), ErrUnquotable},
		{"a quote in dotenv", slugsWith("it's"), nil, []Format{FormatDotenv}, ErrUnquotable},
		{"a carriage return for GitHub", slugsWith("a\rb"), nil, []Format{FormatGitHub}, ErrUnquotable},
		{"what Terraform would normalise", slugsWith("e\u0301"), nil, []Format{FormatTFVars, FormatTFVarsJSON}, ErrUnquotable},
		{"what GitHub can't unset", exampleSlugs(), []string{"TF_VAR_api_slug_staging=old"}, []Format{FormatGitHub}, ErrStale},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, f := range tt.formats {
				var b bytes.Buffer
				if err := tt.slugs.Write(&b, f, tt.environ); !errors.Is(err, tt.want) {
					t.Errorf("%s: got error %v, want %v", f, err, tt.want)
				}
				if b.Len() > 0 {
					t.Errorf("%s: wrote %q", f, b.String())
				}
				name := filepath.Join(t.TempDir(), "out")
				if err := tt.slugs.WriteFile(name, f, tt.environ); !errors.Is(err, tt.want) {
					t.Errorf("%s: WriteFile: got error %v, want %v", f, err, tt.want)
				}
				if _, err := os.Lstat(name); err == nil {
					t.Errorf("%s: there is a file", f)
				}
			}
		})
	}
	if err := exampleSlugs().Write(&bytes.Buffer{}, "yaml", nil); err == nil || !strings.Contains(err.Error(), "tfvars-json") {
		t.Errorf("got error %v for a format that doesn't exist, want one that lists the formats", err)
	}
}

func TestEnviron(t *testing.T) {
	base := []string{
		"PATH=/bin", "TF_VAR_api_slug_production=old", "TF_VAR_api_slug_staging=old", "TF_VAR_api_slug_review=kept",
		"tf_var_api_slug_development=?", "TF_VAR_api_slug_production=older", "odd",
	}
	was := slices.Clone(base)
	resolved := []string{"TF_VAR_api_slug_production=" + uuidB, "TF_VAR_web_ui_oci_image_staging=cccccccc-0000-4000-8000-000000000003"}

	got := exampleSlugs().environ(base, false)
	want := append([]string{"PATH=/bin", "TF_VAR_api_slug_review=kept", "tf_var_api_slug_development=?", "odd"}, resolved...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got = exampleSlugs().environ(base, true)
	want = append([]string{"PATH=/bin", "TF_VAR_api_slug_review=kept", "odd"}, resolved...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("without regard to case (-want +got):\n%s", diff)
	}
	if !slices.Equal(base, was) {
		t.Errorf("base is %q now", base)
	}
	if got := exampleSlugs().Environ(nil); !slices.Equal(got, resolved) {
		t.Errorf("from nothing: got %q, want %q", got, resolved)
	}
}

func TestWriteFile(t *testing.T) {
	s := exampleSlugs()
	for _, f := range Formats() {
		if f.appends() {
			continue
		}
		t.Run(string(f), func(t *testing.T) {
			dir := t.TempDir()
			name := filepath.Join(dir, "out")
			if err := os.WriteFile(name, []byte(strings.Repeat("old content\n", 1000)), 0o644); err != nil {
				t.Fatal(err)
			}
			var reader *os.File
			if runtime.GOOS != "windows" { // where nobody replaces an open file
				var err error
				if reader, err = os.Open(name); err != nil {
					t.Fatal(err)
				}
				defer reader.Close()
			}
			if err := s.WriteFile(name, f, nil); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if want := write(t, s, f); string(got) != want {
				t.Errorf("got %q, want %q", got, want)
			}
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			if runtime.GOOS != "windows" && info.Mode() != 0o600 {
				t.Errorf("got mode %v, want 0600", info.Mode())
			}
			// Who has the old file open goes on reading the whole of it.
			if reader != nil {
				if info, err := reader.Stat(); err != nil || info.Size() != 12000 {
					t.Errorf("the old file has %d bytes, error %v", info.Size(), err)
				}
			}
			if names := list(t, dir); !slices.Equal(names, []string{"out"}) {
				t.Errorf("the directory holds %q", names)
			}
		})
	}
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestWriteFileThroughLink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := os.WriteFile(target, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("target", link); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Skipf("a symbolic link isn't seen to be one: %v", err)
	}
	if err := exampleSlugs().WriteFile(link, FormatTFVars, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := os.Readlink(link); err != nil || got != "target" {
		t.Errorf("the link leads to %q, error %v", got, err)
	}
	if got, err := os.ReadFile(target); err != nil || string(got) != write(t, exampleSlugs(), FormatTFVars) {
		t.Errorf("the target holds %q, error %v", got, err)
	}
	if err := os.Remove(target); err != nil {
		t.Fatal(err)
	}
	if err := exampleSlugs().WriteFile(link, FormatTFVars, nil); err == nil {
		t.Error("no error for a link that leads nowhere")
	}
	if names := list(t, dir); !slices.Equal(names, []string{"link"}) {
		t.Errorf("the directory holds %q", names)
	}
}

func TestWriteFileFaults(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sub", "no/such/dir/file"} {
		for _, f := range []Format{FormatTFVars, FormatGitHub} {
			if err := exampleSlugs().WriteFile(filepath.Join(dir, name), f, nil); err == nil {
				t.Errorf("no error for %q as %s", name, f)
			}
		}
	}
	if names := list(t, dir); !slices.Equal(names, []string{"sub"}) {
		t.Errorf("the directory holds %q", names)
	}
}

func TestWriteFileToDevice(t *testing.T) {
	if _, err := os.Stat("/dev/null"); err != nil {
		t.Skipf("no device to write to: %v", err)
	}
	before, err := os.Stat("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	if err := exampleSlugs().WriteFile("/dev/null", FormatTFVars, nil); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	if before.Mode() != after.Mode() {
		t.Errorf("/dev/null was %v and is %v", before.Mode(), after.Mode())
	}
}

// TestWriteFileToDescriptor: the pipe of a shell's -o >(command), which has a
// path below /dev/fd, but no name.
func TestWriteFileToDescriptor(t *testing.T) {
	if _, err := os.Stat("/dev/fd/0"); err != nil || runtime.GOOS == "windows" {
		t.Skipf("no /dev/fd: %v", err)
	}
	for _, f := range []Format{FormatTFVars, FormatGitHub} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if err := exampleSlugs().WriteFile(fmt.Sprintf("/dev/fd/%d", w.Fd()), f, nil); err != nil {
			t.Errorf("as %s: %v", f, err)
		}
		w.Close()
		got, err := io.ReadAll(r)
		if want := write(t, exampleSlugs(), f); err != nil || string(got) != want {
			t.Errorf("as %s: got %q (%v), want %q", f, got, err, want)
		}
	}
}

func TestWriteFileAppends(t *testing.T) {
	for _, f := range []Format{FormatGitHub, FormatGitHubOutput, FormatCircleCI} {
		s := slugsWith("two\nlines", uuidA)
		text := write(t, s, f)
		for _, before := range []string{"", "OTHER=1\n", "OTHER=1"} {
			name := filepath.Join(t.TempDir(), "env")
			if err := os.WriteFile(name, []byte(before), 0o644); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := s.WriteFile(name, f, nil); err != nil {
					t.Fatal(err)
				}
			}
			got, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want := before
			if before == "OTHER=1" {
				want += "\n"
			}
			if want += text + text; string(got) != want {
				t.Errorf("%s: got %q, want %q", f, got, want)
			}
			if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o644 {
				t.Errorf("%s: the mode is %v now, error %v", f, info.Mode(), err)
			}
		}
	}
}

// TestFirstWriters: of several that write a new file at once, none takes the file of
// another for a link, and what is there in the end is whole.
func TestFirstWriters(t *testing.T) {
	dir := t.TempDir()
	for round := range 200 {
		path := filepath.Join(dir, strconv.Itoa(round))
		begin := make(chan struct{})
		errs := make(chan error)
		for i := range 4 {
			go func() {
				<-begin
				errs <- replaceFile(diskio.OS{}, path, bytes.Repeat([]byte{byte('a' + i)}, 1000), ownerOnly)
			}()
		}
		close(begin)
		for range 4 {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(path)
		if err != nil || len(text) != 1000 || len(bytes.Trim(text, string(text[:1]))) > 0 {
			t.Fatalf("got %d bytes, %v", len(text), err)
		}
	}
}

// TestFormatsFold: on Windows a variable is stale in any spelling.
func TestFormatsFold(t *testing.T) {
	environ := []string{"tf_var_api_slug_development=old"}
	for fold, want := range map[bool]bool{false: false, true: true} {
		text, err := exampleSlugs().encode(FormatPowerShell, environ, fold)
		if got := strings.Contains(string(text), "tf_var_api_slug_development"); err != nil || got != want {
			t.Errorf("folded %v: unset %v, want %v; %v", fold, got, want, err)
		}
	}
}
