// Package docs holds the documentation to what is there: links lead somewhere,
// and every exported name says what it is.
package docs

import (
	"errors"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

var root = os.DirFS("..")

// public are the packages that others import.
var public = []string{".", "platform", "report", "ignore", "terraform", "statefile", "tfconfig", "tfc", "herokutest"}

// TestLinks: every relative link in a Markdown file leads to a file, and its
// fragment to a heading there.
func TestLinks(t *testing.T) {
	pages := make(map[string][]string) // anchors by file
	links := make(map[string][]string)
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && name != "."):
			return fs.SkipDir
		case path.Ext(name) != ".md":
			return nil
		}
		text, err := fs.ReadFile(root, name)
		pages[name], links[name] = parse(string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for name, targets := range links {
		for _, target := range targets {
			u, err := url.Parse(target)
			if err != nil {
				t.Errorf("%s: link %q: %v", name, target, err)
				continue
			}
			if u.Scheme != "" || u.Host != "" {
				continue
			}
			checked++
			file := name
			if u.Path != "" {
				file = path.Join(path.Dir(name), u.Path)
			}
			if _, err := fs.Stat(root, file); err != nil {
				t.Errorf("%s: link %q: no such file", name, target)
				continue
			}
			if u.Fragment != "" && !slices.Contains(pages[file], u.Fragment) {
				t.Errorf("%s: link %q: %s has no such heading", name, target, file)
			}
		}
	}
	if len(pages) < 10 || checked < 60 {
		t.Errorf("%d pages with %d relative links were found; that can't be all", len(pages), checked)
	}
}

var (
	inlineCode = regexp.MustCompile("`[^`]*`")
	mdLink     = regexp.MustCompile(`\]\(([^()\s]+)\)`)
)

// parse returns the anchors and the targets of links of a Markdown text.
func parse(text string) (anchors, links []string) {
	fence := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		trimmed := strings.TrimSpace(line)
		if fence != "" {
			if trimmed == fence {
				fence = ""
			}
			continue
		}
		if strings.HasPrefix(trimmed, "```") {
			fence = "```"
			continue
		}
		if heading, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			anchor := anchorOf(heading)
			for n := 1; slices.Contains(anchors, anchor); n++ {
				anchor = anchorOf(heading) + "-" + strconv.Itoa(n)
			}
			anchors = append(anchors, anchor)
		}
		for _, m := range mdLink.FindAllStringSubmatch(inlineCode.ReplaceAllString(line, "code"), -1) {
			links = append(links, m[1])
		}
	}
	return anchors, links
}

// anchorOf is what GitHub makes of a heading: letters, digits, dashes and
// underscores in lower case, and dashes in place of spaces.
func anchorOf(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

func TestParse(t *testing.T) {
	anchors, links := parse("# What? `a.b` & c\n## data.heroku_app\n## Twice\n## Twice\n[a](b.md#c) `[no](x)` [`d`](e.md)\n```\n# no\n[no](y)\n```\n#hashtag\n")
	if want := []string{"what-ab--c", "dataheroku_app", "twice", "twice-1"}; !slices.Equal(anchors, want) {
		t.Errorf("anchors %q, want %q", anchors, want)
	}
	if want := []string{"b.md#c", "e.md"}; !slices.Equal(links, want) {
		t.Errorf("links %q, want %q", links, want)
	}
}

// TestEveryNameIsDocumented: every exported name of the public packages has a
// comment of its own or of its group, methods too.
func TestEveryNameIsDocumented(t *testing.T) {
	for _, dir := range public {
		p, fset := load(t, dir, false)
		names := 0
		missing := func(pos token.Pos, name string) {
			t.Errorf("%s: %s has no comment", fset.Position(pos), name)
		}
		values := func(all []*doc.Value) {
			for _, v := range all {
				for _, spec := range v.Decl.Specs {
					spec := spec.(*ast.ValueSpec)
					for _, name := range spec.Names {
						names++
						if name.IsExported() && v.Doc == "" && spec.Doc == nil && spec.Comment == nil {
							missing(name.Pos(), name.Name)
						}
					}
				}
			}
		}
		funcs := func(all []*doc.Func) {
			for _, f := range all {
				names++
				if f.Doc == "" && !wellKnown(f) {
					missing(f.Decl.Pos(), f.Recv+"."+f.Name)
				}
			}
		}
		if p.Doc == "" {
			t.Errorf("package %s has no comment", p.Name)
		}
		values(p.Consts)
		values(p.Vars)
		funcs(p.Funcs)
		for _, typ := range p.Types {
			names++
			if typ.Doc == "" {
				missing(typ.Decl.Pos(), typ.Name)
			}
			values(typ.Consts)
			values(typ.Vars)
			funcs(typ.Funcs)
			funcs(typ.Methods)
		}
		if names < 8 {
			t.Errorf("package %s: %d exported names were found; that can't be all", p.Name, names)
		}
	}
}

// wellKnown reports whether a method is one that Go itself gives a meaning, and
// that has nothing to add to it.
func wellKnown(f *doc.Func) bool {
	return f.Recv != "" && slices.Contains([]string{"Error", "Unwrap", "Is", "String", "GoString", "Format", "LogValue", "MarshalJSON", "UnmarshalJSON", "MarshalText"}, f.Name)
}

// TestEveryVerbHasAnExample: every exported function and method is called in a
// runnable example of its package.
func TestEveryVerbHasAnExample(t *testing.T) {
	for _, dir := range public {
		p, _ := load(t, dir, true)
		called := make(map[string]bool)
		for _, e := range examples(p) {
			if e.Output == "" && !e.EmptyOutput {
				continue // it doesn't run
			}
			ast.Inspect(e.Code, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					called[s.Sel.Name] = true
				}
				return true
			})
			if e.Play != nil {
				ast.Inspect(e.Play, func(n ast.Node) bool {
					if s, ok := n.(*ast.SelectorExpr); ok {
						called[s.Sel.Name] = true
					}
					return true
				})
			}
		}
		check := func(f *doc.Func) {
			name := strings.TrimPrefix(f.Recv+"."+f.Name, ".")
			if !called[f.Name] {
				t.Errorf("package %s: no runnable example calls %s", p.Name, name)
			}
		}
		for _, f := range p.Funcs {
			check(f)
		}
		for _, typ := range p.Types {
			for _, f := range typ.Funcs {
				check(f)
			}
			for _, f := range typ.Methods {
				if !wellKnown(f) {
					check(f)
				}
			}
		}
	}
}

func examples(p *doc.Package) []*doc.Example {
	all := slices.Clone(p.Examples)
	for _, f := range p.Funcs {
		all = append(all, f.Examples...)
	}
	for _, typ := range p.Types {
		all = append(all, typ.Examples...)
		for _, f := range slices.Concat(typ.Funcs, typ.Methods) {
			all = append(all, f.Examples...)
		}
	}
	return all
}

// load parses a package, with its tests if examples are wanted.
func load(t *testing.T, dir string, tests bool) (*doc.Package, *token.FileSet) {
	t.Helper()
	fset := token.NewFileSet()
	entries, err := os.ReadDir("../" + dir)
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, e := range entries {
		if path.Ext(e.Name()) != ".go" || strings.HasSuffix(e.Name(), "_test.go") && !tests {
			continue
		}
		f, err := parser.ParseFile(fset, path.Join("..", dir, e.Name()), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(fset, files, "github.com/herokutf/herokutf/"+dir)
	if err != nil {
		t.Fatal(err)
	}
	return p, fset
}

// TestScripts: what is to be copied from here can be read by bash.
func TestScripts(t *testing.T) {
	scripts, err := fs.Glob(root, "docs/examples/*.sh")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, script := range scripts {
		out, err := exec.Command("bash", "-n", "../"+script).CombinedOutput()
		if errors.Is(err, exec.ErrNotFound) {
			t.Skip("there is no bash")
		}
		if err != nil {
			t.Error(fmt.Sprintf("%s: %v", script, err), string(out))
		}
	}
}
