package herokutf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/herokutf/herokutf/internal/printable"
)

// A Format is a way to write the variables of [Slugs]. Those that make
// environment variables put TF_VAR_ before the names, where Terraform looks for
// them; FormatTFVars, FormatTFVarsJSON, FormatExternal, FormatGitHubOutput and
// FormatJSON don't.
type Format string

const (
	// FormatShell is for POSIX shells, as in eval "$(...)".
	FormatShell Format = "shell"

	// FormatFish is for fish, as in ... | source.
	FormatFish Format = "fish"

	// FormatPowerShell is for PowerShell and Windows PowerShell, as in
	// ... | Out-String | Invoke-Expression. It is plain ASCII, since Windows
	// PowerShell reads the output of programs in a code page in which a part
	// of another character can be a quote.
	FormatPowerShell Format = "powershell"

	// FormatDotenv is a file of NAME=value lines. Its readers agree on no way
	// to write a quote, a backslash or a line break, so a value with one is
	// refused.
	FormatDotenv Format = "dotenv"

	// FormatGitHub is for the file that $GITHUB_ENV names. A later step of
	// the job has the variables then. It has no way to unset one.
	FormatGitHub Format = "github"

	// FormatGitHubOutput is for the file that $GITHUB_OUTPUT names. Other steps,
	// and other jobs, have the values as outputs of the step then.
	FormatGitHubOutput Format = "github-output"

	// FormatCircleCI is for the file that $BASH_ENV names, in which CircleCI's
	// later steps begin: the lines of FormatShell, which are appended.
	FormatCircleCI Format = "circleci"

	// FormatExternal is what a program answers to Terraform's data source
	// "external": one flat object of strings.
	FormatExternal Format = "external"

	// FormatTFVars is for a file like slugs.auto.tfvars.
	FormatTFVars Format = "tfvars"

	// FormatTFVarsJSON is for a file like slugs.auto.tfvars.json.
	FormatTFVarsJSON Format = "tfvars-json"

	// FormatJSON has every field of every artifact, and the problems.
	FormatJSON Format = "json"
)

// Formats returns all formats, in the order in which a help text lists them.
func Formats() []Format {
	return []Format{FormatShell, FormatFish, FormatPowerShell, FormatDotenv,
		FormatTFVars, FormatTFVarsJSON, FormatJSON, FormatGitHub, FormatGitHubOutput, FormatCircleCI, FormatExternal}
}

// check refuses what isn't among [Formats].
func (f Format) check() error {
	if slices.Contains(Formats(), f) {
		return nil
	}
	var names []string
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	return fmt.Errorf("unknown format %q: it has to be one of %s", string(f), strings.Join(names, ", "))
}

// tfVar begins the environment variables that Terraform reads variables from.
const tfVar = "TF_VAR_"

// unsets reports whether f is applied to an environment and can remove variables
// from it.
func (f Format) unsets() bool {
	return f == FormatShell || f == FormatFish || f == FormatPowerShell || f == FormatCircleCI
}

// appends reports whether the file of f holds what others have written, too.
func (f Format) appends() bool {
	return f == FormatGitHub || f == FormatGitHubOutput || f == FormatCircleCI
}

// stale returns the variables of environ that an earlier run set and that have
// no value in s, sorted: TF_VAR_{name}_slug_{stage} and those of the other kinds
// for the pipelines and the stages of this run.
// Variables of other pipelines and other stages belong to somebody else.
// It returns nil when there are none.
func (s *Slugs) stale(environ []string, fold bool) []string {
	resolved := s.Variables()
	var stale []string
	for _, e := range lastEntries(environ, fold) {
		for _, p := range s.Pipelines {
			for _, stage := range s.Stages {
				for _, kind := range []ArtifactKind{KindSlug, KindOCIImage, KindRelease} {
					v := kind.variable(p.Name, stage)
					if sameKey(e.key, tfVar+v, fold) && !slices.Contains(resolved, v) {
						stale = append(stale, e.key)
					}
				}
			}
		}
	}
	slices.Sort(stale)
	return slices.Compact(stale)
}

// Environ returns base, usually [os.Environ], as a child process should have
// it: with the variables of s, as TF_VAR_{name}_slug_{stage} and
// TF_VAR_{name}_oci_image_{stage}, and without those that an earlier run has set
// for the same pipelines and stages and that have no value in s. Variables of
// other pipelines and other stages stay: they belong to somebody else. base is
// left as it is; nil slugs have no variables.
func (s *Slugs) Environ(base []string) []string {
	if s == nil {
		return slices.Clone(base)
	}
	return s.environ(base, runtime.GOOS == "windows")
}

func (s *Slugs) environ(base []string, fold bool) []string {
	drop := s.stale(base, fold)
	for _, v := range s.Variables() {
		drop = append(drop, tfVar+v)
	}
	env := slices.DeleteFunc(slices.Clone(base), func(e string) bool {
		key, _, _ := strings.Cut(e, "=")
		return slices.ContainsFunc(drop, func(d string) bool { return sameKey(key, d, fold) })
	})
	for _, a := range s.sorted() {
		env = append(env, tfVar+a.Variable+"="+a.Value)
	}
	return env
}

// Write writes s to w in format f, in one call of w.Write and not before all
// of it is known to be right.
//
// environ is the environment that the output will be applied to, usually
// [os.Environ]. The formats for shells unset the variables there that
// [Slugs.Environ] would leave out; FormatGitHub, which can't, is refused. With a
// nil environ nothing is unset.
//
// No value can run a command or reach beyond its variable, whatever it holds.
// What can't be written is an error that joins a [*SlugError] for each variable:
// with [ErrUnquotable] for a value that f can't express and for a variable whose
// name isn't one, with [ErrStale] for one that can't be unset. Nil slugs and an
// unknown format are errors, too.
func (s *Slugs) Write(w io.Writer, f Format, environ []string) error {
	text, err := s.encode(f, environ, runtime.GOOS == "windows")
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func (s *Slugs) encode(f Format, environ []string, fold bool) ([]byte, error) {
	if s == nil {
		return nil, fmt.Errorf("write slugs: %w", errNilSlugs)
	}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("write slugs: %w", err)
	}
	artifacts := s.sorted()
	stale := s.stale(environ, fold)
	var problems []*SlugError
	for i, a := range artifacts {
		reason := f.refuses(a.Value)
		switch {
		case !pipelineVarName.MatchString(a.Variable):
			reason = "the name of the variable isn't one"
		case i > 0 && artifacts[i-1].Variable == a.Variable:
			reason = "the variable has two values"
		}
		if reason != "" {
			problems = append(problems, &SlugError{Variables: []string{a.Variable}, Err: &slugReason{reason, []error{ErrUnquotable}}})
		}
	}
	if f == FormatGitHub {
		for _, v := range stale {
			problems = append(problems, &SlugError{Variables: []string{v}, Err: ErrStale})
		}
	}
	if problems != nil {
		return nil, newSlugErrors("write slugs as "+string(f), problems)
	}

	switch f {
	case FormatJSON:
		return indentJSON(s)
	case FormatTFVarsJSON, FormatExternal:
		values := make(map[string]string)
		for _, a := range artifacts {
			values[a.Variable] = a.Value
		}
		text, err := indentJSON(values)
		return asciiJSON(text), err
	case FormatTFVars:
		file := hclwrite.NewEmptyFile()
		for _, a := range artifacts {
			file.Body().SetAttributeValue(a.Variable, cty.StringVal(a.Value))
		}
		return file.Bytes(), nil
	}
	prefix := tfVar
	if f == FormatGitHubOutput {
		prefix = ""
	}
	var b bytes.Buffer
	for _, a := range artifacts {
		b.WriteString(f.set(prefix+a.Variable, a.Value))
	}
	if f.unsets() {
		for _, name := range stale {
			b.WriteString(f.unset(name))
		}
	}
	return b.Bytes(), nil
}

// refuses returns why value can't be written in format f, or "".
func (f Format) refuses(value string) string {
	switch {
	case value == "":
		return "the value is empty"
	case !utf8.ValidString(value):
		return "the value isn't UTF-8"
	case strings.ContainsRune(value, 0):
		return "the value has a zero byte"
	}
	switch f {
	case FormatTFVars, FormatTFVarsJSON, FormatExternal:
		// Terraform reads strings in Unicode's normal form C.
		if cty.StringVal(value).AsString() != value {
			return "Terraform would change the value: it isn't in Unicode's normal form C"
		}
	case FormatGitHub, FormatGitHubOutput:
		// A runner on Windows takes CR LF for the end of a line.
		if strings.Contains(value, "\r") {
			return "the value has a carriage return"
		}
	case FormatDotenv:
		if strings.ContainsAny(value, "'\\\n\r") {
			return "the value has a quote, a backslash or a line break, which readers of dotenv files take in different ways"
		}
	}
	return ""
}

// set returns the line that gives the environment variable name its value.
//
// Lines for shells end in a semicolon, so that they are still commands of their
// own where someone writes eval $(...) without quotes and the shell joins them.
func (f Format) set(name, value string) string {
	switch f {
	case FormatShell, FormatCircleCI:
		return "export " + name + "=" + quoteShell(value) + ";\n"
	case FormatFish:
		return "set -gx " + name + " " + quoteFish(value) + ";\n"
	case FormatPowerShell:
		return "$env:" + name + " = " + quotePowerShell(value) + ";\n"
	case FormatDotenv:
		return name + "=" + quoteDotenv(value) + "\n"
	default: // FormatGitHub and FormatGitHubOutput
		if !strings.Contains(value, "\n") {
			return name + "=" + value + "\n"
		}
		end := delimiter(value)
		return name + "<<" + end + "\n" + value + "\n" + end + "\n"
	}
}

// unset returns the line that removes the environment variable name.
func (f Format) unset(name string) string {
	switch f {
	case FormatShell, FormatCircleCI:
		return "unset -v " + name + ";\n"
	case FormatFish:
		return "set -eg " + name + ";\n"
	default: // FormatPowerShell
		return "Remove-Item -LiteralPath 'Env:" + name + "' -ErrorAction SilentlyContinue;\n"
	}
}

// asciiJSON spells what isn't ASCII in JSON with escapes. The JSON reader that
// Terraform has, that of hashicorp/hcl, goes by grapheme clusters, in which a
// quote or a backslash goes missing behind some characters, such as U+0605.
func asciiJSON(text []byte) []byte {
	var b []byte
	for _, r := range string(text) {
		switch {
		case r < utf8.RuneSelf:
			b = append(b, byte(r))
		case r < 0x10000:
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		}
	}
	return b
}

// quoteShell quotes s for a POSIX shell (POSIX.1-2017, XCU 2.2.2): between
// single quotes every character but the single quote stands for itself.
func quoteShell(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// quoteFish quotes s for fish on one line of ASCII. Between fish's single quotes
// a backslash escapes a single quote and a backslash; bytes beyond printable
// ASCII are written as \X escapes outside of quotes. fish keeps some code points
// for itself, which would not come through as they are.
func quoteFish(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, c := range []byte(s) {
		switch {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case printableASCII(rune(c)):
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, `'\X%02x'`, c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// quotePowerShell returns an expression for s on one line of ASCII. Between
// single quotes every character but quotes stands for itself; U+2018 to U+201B
// are quotes to PowerShell too, and are added as numbers like everything else
// beyond printable ASCII.
func quotePowerShell(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range s {
		switch {
		case r == '\'':
			b.WriteString("''")
		case printableASCII(r):
			b.WriteRune(r)
		case r > 0xffff: // .NET's characters are UTF-16
			fmt.Fprintf(&b, "' + [char]::ConvertFromUtf32(0x%x) + '", r)
		default:
			fmt.Fprintf(&b, "' + [char]0x%x + '", r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// quoteDotenv quotes s unless it is a plain word. What single quotes hold is
// literal to every reader as long as refuses has let it pass.
func quoteDotenv(s string) string {
	plain := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-' || r == '_' || r == '.'
	}
	if !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + s + "'"
}

func printableASCII(r rune) bool { return r >= ' ' && r <= '~' }

// delimiter returns a word that value doesn't contain.
func delimiter(value string) string {
	h := fnv.New64a()
	io.WriteString(h, value)
	for n := h.Sum64(); ; n++ {
		if word := "end_" + strconv.FormatUint(n, 16); !strings.Contains(value, word) {
			return word
		}
	}
}

func indentJSON(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	return append(printable.JSON(text), '\n'), err
}
