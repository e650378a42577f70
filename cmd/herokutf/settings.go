package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/spf13/cobra"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
)

// settingsFile is the name of the files with defaults for flags.
const settingsFile = "herokutf.hcl"

// maxSettings is how long such a file may be, in bytes: the parser recurses.
const maxSettings = 64 << 10

// unset are the flags that no file sets, each with what to do instead: what such a
// file says is for whoever works in the repository, so it may neither run, write nor
// show anything by itself, and holds no secret.
var unset = map[string]string{
	"chdir":                "it says from which folder on " + settingsFile + " is looked for: pass it, or set HEROKUTF_CHDIR",
	"terraform":            "it names a program to run: pass it, or set HEROKUTF_TERRAFORM",
	"fingerprint-key-file": "with a key that others know, values can be found out by trying: pass it, or set HEROKUTF_FINGERPRINT_KEY_FILE",
	"var":                  "its value may be secret: name a file of variables with var-file",
	"show-secrets":         "pass it where it is wanted",
	"show-var":             "it shows values in clear: pass it, or set HEROKUTF_SHOW_VAR",
	"accept":               "it writes the state: pass it where it is wanted",
	"import":               "it writes a file: pass it where it is wanted",
	"write-baseline":       "it writes a file: pass it where it is wanted",
	"write-config":         "it writes the configuration: pass it where it is wanted",
	"write-state":          "it writes the state: pass it where it is wanted",
	"release":              "it takes objects out of Terraform: pass it where it is wanted",
	"lock":                 "it writes a file: pass it where it is wanted",
	"to":                   "it writes elsewhere: pass it where it is wanted",
	"output":               "it writes a file: pass it where it is wanted",
	"out":                  "it writes a file: pass it where it is wanted",
	"force":                "it overrides a check: pass it where it is wanted",
	"auto-approve":         "it overrides a check: pass it where it is wanted",
	"allow-destroy":        "it overrides a check: pass it where it is wanted",
	"help":                 "it is no setting",
	"version":              "it is no setting",
}

// A setting is what a file says of a flag.
type setting struct {
	values []string // several for a repeatable flag
	at     string   // FILE:LINE:COLUMN
	dir    string   // of the file: relative paths start there
}

// settings are those of one file: for all verbs that have such a flag, and for one
// verb.
type settings struct {
	all   map[string]setting
	verbs map[string]map[string]setting
}

// of returns what the file says of a verb's flag.
func (s *settings) of(verb, flag string) (setting, bool) {
	if v, ok := s.verbs[verb][flag]; ok {
		return v, true
	}
	v, ok := s.all[flag]
	return v, ok
}

// findSettings reads the files that count in a folder: its own and those of the
// folders above, up to the root of its repository. Without a repository it is the
// folder's own alone: what is above is anybody's. The nearest comes first.
func findSettings(root *cobra.Command, dir string) ([]*settings, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	dirs := []string{abs}
	if top := repository(abs); top != "" {
		for d := abs; d != top; {
			d = filepath.Dir(d)
			dirs = append(dirs, d)
		}
	}
	var all []*settings
	var errs []error
	for _, d := range dirs {
		file := filepath.Join(d, settingsFile)
		data, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) || !isDir(d) {
			continue
		}
		if err == nil {
			var s *settings
			if s, err = parseSettings(root, shownFile(file), d, data); err == nil {
				all = append(all, s)
			}
		}
		errs = append(errs, err)
	}
	return all, errors.Join(errs...)
}

// shownFile is a file as somebody in the current folder would name it.
func shownFile(file string) string {
	if cwd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(cwd, file); err == nil && len(rel) < len(file) {
			return rel
		}
	}
	return file
}

// A settingsParser takes a file apart, and keeps the faults.
type settingsParser struct {
	root      *cobra.Command
	name, dir string
	errs      []error
}

// parseSettings reads a file. All faults are reported at once, with their places.
func parseSettings(root *cobra.Command, name, dir string, data []byte) (*settings, error) {
	p := &settingsParser{root: root, name: name, dir: dir}
	if len(data) > maxSettings {
		return nil, fmt.Errorf("%s: the file is larger than %d KiB", name, maxSettings>>10)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if at, ok := shallow(name, data); !ok {
		p.fault(at, "nested too deep, or too many operators: values are plain")
		return nil, errors.Join(p.errs...)
	}
	file, diags := hclsyntax.ParseConfig(data, name, hcl.InitialPos)
	if diags.HasErrors() {
		for _, d := range diags {
			at := hcl.Range{Filename: name, Start: hcl.InitialPos}
			if d.Subject != nil {
				at = *d.Subject
			}
			p.fault(at, "%s", strings.TrimSuffix(ui.Printable(d.Summary+": "+d.Detail), "."))
		}
		return nil, errors.Join(p.errs...)
	}
	body := file.Body.(*hclsyntax.Body)
	s := &settings{verbs: make(map[string]map[string]setting)}
	s.all = p.arguments(body, nil)
	for _, block := range body.Blocks {
		verb := subcommand(root, block.Type)
		switch {
		case verb == nil || verb.Hidden || !settable(verb):
			p.fault(block.TypeRange, "unknown block %q: a block is a verb's, such as drift%s", ui.Printable(block.Type), didYouMean("", block.Type, verbNames(root)))
			continue
		case len(block.Labels) > 0:
			p.fault(block.LabelRanges[0], "a block has no label")
		case s.verbs[verb.Name()] != nil:
			p.fault(block.TypeRange, "%s has a block already", verb.Name())
			continue
		}
		for _, nested := range block.Body.Blocks {
			p.fault(nested.TypeRange, "a block holds no blocks, such as %q", ui.Printable(nested.Type))
		}
		s.verbs[verb.Name()] = p.arguments(block.Body, verb)
	}
	return s, errors.Join(p.errs...)
}

func (p *settingsParser) fault(at hcl.Range, format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%s:%d:%d: "+format, append([]any{p.name, at.Start.Line, at.Start.Column}, args...)...))
}

// arguments reads those of a verb's block; with nil those for all verbs.
func (p *settingsParser) arguments(body *hclsyntax.Body, verb *cobra.Command) map[string]setting {
	out := make(map[string]setting)
	names := slices.SortedFunc(maps.Keys(body.Attributes), func(a, b string) int {
		return body.Attributes[a].NameRange.Start.Byte - body.Attributes[b].NameRange.Start.Byte
	})
	for _, name := range names {
		a := body.Attributes[name]
		known := settingNames(p.root, verb)
		why, refused := unset[name]
		switch {
		case refused:
			p.fault(a.NameRange, "%s can't be set in a file: %s", name, why)
			continue
		case secretWord(name) && !slices.Contains(known, name):
			p.fault(a.NameRange, "unknown setting %q: no secret stands in this file; the token is in HEROKU_API_KEY, or kept by heroku login", ui.Printable(name))
			continue
		case !slices.Contains(known, name):
			in := "no verb has such a flag"
			if verb != nil {
				in = verb.Name() + " has no such flag"
			}
			p.fault(a.NameRange, "unknown setting %q: %s%s", ui.Printable(name), in, didYouMean("", name, known))
			continue
		}
		values, err := literals(a.Expr)
		if err != nil {
			p.fault(a.Expr.Range(), "%s: %w", name, err)
			continue
		}
		out[name] = setting{values, fmt.Sprintf("%s:%d:%d", p.name, a.NameRange.Start.Line, a.NameRange.Start.Column), p.dir}
	}
	return out
}

// secretWord reports whether a name is that of a secret.
func secretWord(name string) bool {
	return slices.ContainsFunc([]string{"token", "key", "secret", "password", "credential"}, func(word string) bool {
		return strings.Contains(strings.ToLower(name), word)
	})
}

// The bounds of what such a file nests: the parser recurses, and Go ends the process
// when the stack overflows.
const (
	maxSettingsDepth     = 10  // brackets within brackets; a list in a block has two
	maxSettingsOperators = 100 // none of which a value may have
)

// shallow reports whether a text can be parsed, and where it can't.
func shallow(name string, data []byte) (hcl.Range, bool) {
	tokens, _ := hclsyntax.LexConfig(data, name, hcl.InitialPos)
	depth, operators := 0, 0
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc,
			hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
			depth--
		case hclsyntax.TokenIdent, hclsyntax.TokenEqual, hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit, hclsyntax.TokenNumberLit,
			hclsyntax.TokenComma, hclsyntax.TokenNewline, hclsyntax.TokenComment, hclsyntax.TokenEOF:
		default:
			operators++
		}
		if depth > maxSettingsDepth || operators > maxSettingsOperators {
			return t.Range, false
		}
	}
	return hcl.Range{}, true
}

var errNotPlain = errors.New("it has to be a plain value: a text in quotes, a number, true, false, or a list of these")

// literals are the texts of a value: a text, a number, true or false, or a list of
// such. No error holds any of it.
func literals(e hclsyntax.Expression) ([]string, error) {
	if len(e.Variables()) > 0 {
		return nil, errors.New("it has to be a plain value, without variables; texts stand in quotes")
	}
	elements := []hclsyntax.Expression{e}
	if list, ok := e.(*hclsyntax.TupleConsExpr); ok {
		elements = list.Exprs
	}
	texts := []string{}
	for _, e := range elements {
		switch e.(type) {
		case *hclsyntax.LiteralValueExpr, *hclsyntax.TemplateExpr:
		default:
			return nil, errNotPlain
		}
		value, diags := e.Value(nil)
		if diags.HasErrors() || value.IsNull() || !value.IsKnown() {
			return nil, errNotPlain
		}
		text, err := convert.Convert(value, cty.String)
		if err != nil {
			return nil, errNotPlain
		}
		if strings.HasPrefix(text.AsString(), "HRKU-") {
			return nil, errors.New("it is a token, and no secret stands in this file")
		}
		texts = append(texts, text.AsString())
	}
	return texts, nil
}

// settable reports whether a verb takes settings at all: those that only print
// something about the command don't.
func settable(verb *cobra.Command) bool {
	return !slices.Contains([]string{"version", "completion", "man", "help"}, verb.Name())
}

func verbNames(root *cobra.Command) []string {
	var names []string
	for _, cmd := range root.Commands() {
		if !cmd.Hidden && settable(cmd) {
			names = append(names, cmd.Name())
		}
	}
	return names
}

// settingNames are the flags that a file may set: of a verb, or of any with nil.
func settingNames(root, verb *cobra.Command) []string {
	verbs := []*cobra.Command{verb}
	if verb == nil {
		verbs = root.Commands()
	}
	var names []string
	for _, cmd := range verbs {
		if settable(cmd) {
			names = append(names, flagNames(cmd)...)
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return unset[name] != "" })
}
