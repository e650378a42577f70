// Package house holds the structure of the module to its plan: which package may
// import which, and how large a file, a function and the root's surface may be.
package house

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/internal/testmode"
)

const module = "github.com/herokutf/herokutf"

// mayImport says which packages of the module a package may import, besides
// internal ones that know nothing: by its path below the module, "." for the root.
// What isn't a key can't be imported by anybody but by tests, and a key that ends in
// /... stands for all below it.
var mayImport = map[string][]string{
	"internal/diskio/...":           {},
	"internal/glob":                 {},
	"internal/house":                {},
	"internal/leaktest":             {},
	"internal/near":                 {},
	"internal/neterr":               {},
	"internal/printable":            {},
	"internal/postgrestest":         {},
	"internal/testmode":             {},
	"internal/provider":             {"statefile"},
	"internal/stategen":             {},
	"statefile":                     {},
	"platform":                      {"internal/provider"},
	"ignore":                        {"statefile"},
	"tfconfig":                      {"internal/provider", "statefile"},
	".":                             {"platform", "ignore", "statefile", "tfconfig", "internal/provider"},
	"report":                        {".", "statefile"},
	"tfc":                           {"."},
	"internal/faketfc":              {},
	"herokutest":                    {"statefile", "internal/provider"},
	"cmd/herokutf/...":              {".", "report", "terraform", "tfc", "internal/faketfc", "platform", "ignore", "statefile", "tfconfig", "herokutest", "cmd/herokutf/..."},
	"cmd/herokutf/internal/clitest": {"internal/testmode"},
	"examples/...":                  {".", "report", "terraform", "tfc", "platform", "ignore", "statefile", "tfconfig", "herokutest"},
	"bench/...":                     {".", "report", "platform", "statefile", "tfconfig", "herokutest", "internal/stategen", "internal/provider"},
	"acceptance/...":                {},
	"docs":                          {},
	"terraform":                     {"statefile", "tfconfig"},
}

// anywhere are the internal packages that know nothing of the module.
var anywhere = []string{"internal/diskio", "internal/glob", "internal/near", "internal/neterr", "internal/printable"}

// notLinked is what no program links for importing a package alone.
var notLinked = map[string][]string{
	".":         {"html/template", "text/template", "github.com/spf13/cobra", "github.com/spf13/pflag", module + "/report", module + "/herokutest"},
	"platform":  {"html/template", "text/template", "github.com/spf13/cobra", "github.com/hashicorp/hcl/v2", "github.com/hashicorp/terraform-json"},
	"statefile": {"html/template", "text/template", "net/http", "github.com/spf13/cobra", "github.com/hashicorp/hcl/v2", "github.com/heroku/heroku-go/v5"},
}

// notImported is what a package doesn't import itself.
var notImported = map[string][]string{
	".":      {"net/http", "html/template"},
	"ignore": {"net/http", "github.com/heroku/heroku-go/v5"},
	"report": {"net/http", "github.com/heroku/heroku-go/v5"},
}

type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func packages(t *testing.T) map[string]listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...")
	cmd.Dir = "../.."
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := make(map[string]listed)
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[below(p.ImportPath)] = p
	}
}

// below is a package's path below the module, "." for the root, and "" for that of
// another module.
func below(path string) string {
	if path == module {
		return "."
	}
	rest, ok := strings.CutPrefix(path, module+"/")
	if !ok {
		return ""
	}
	return rest
}

// within reports whether a key of mayImport stands for the package.
func within(key, pkg string) bool {
	prefix, all := strings.CutSuffix(key, "/...")
	return key == pkg || all && (pkg == prefix || strings.HasPrefix(pkg, prefix+"/"))
}

// TestFakeAlone: of the command, the verb fake alone links the fake Heroku: what the
// others do must not depend on it.
func TestFakeAlone(t *testing.T) {
	files, err := filepath.Glob("../../cmd/herokutf/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		base := filepath.Base(name)
		if bytes.Contains(text, []byte(module+"/herokutest\"")) && !strings.HasSuffix(base, "_test.go") && base != "fake.go" && base != "fake_control.go" {
			t.Errorf("%s imports herokutest", base)
		}
	}
}

// slugsSize is how many bytes a program that imports the root for slugs alone may have,
// without symbols, on linux/amd64.
const slugsSize = 9_000_000

// TestSlugsAreSmall: what slugs don't need stays out of a program that resolves them.
// What would bring it in is a variable of a package, or an init function, that refers to
// it, and whatever calls methods by their name, as text/template does: then the linker
// keeps them all.
func TestSlugsAreSmall(t *testing.T) {
	if !testmode.Full() {
		t.Skip("links a program")
	}
	program := filepath.Join(t.TempDir(), "slugs")
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", program, "./examples/slugs")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > slugsSize {
		t.Errorf("examples/slugs has %d bytes, want at most %d: see what weighs with go tool nm -size -sort size", info.Size(), slugsSize)
	}
}

func TestImports(t *testing.T) {
	all := packages(t)
	for name, p := range all {
		var allowed []string
		known := false
		for key, list := range mayImport {
			if within(key, name) {
				known, allowed = true, append(allowed, list...)
			}
		}
		if !known {
			t.Errorf("package %s has no place in the house: give it one in mayImport", name)
			continue
		}
		for _, imported := range p.Imports {
			room := below(imported)
			if room == "" || slices.Contains(anywhere, room) {
				continue
			}
			if !slices.ContainsFunc(allowed, func(key string) bool { return within(key, room) }) {
				t.Errorf("package %s imports %s, which it may not know", name, room)
			}
		}
		for _, not := range notImported[name] {
			if slices.Contains(p.Imports, not) {
				t.Errorf("package %s imports %s", name, not)
			}
		}
		for _, not := range notLinked[name] {
			if slices.Contains(p.Deps, not) {
				t.Errorf("who imports package %s links %s", name, not)
			}
		}
	}
	for key := range mayImport {
		found := false
		for name := range all {
			found = found || within(key, name)
		}
		if !found {
			t.Errorf("mayImport has %s, and there is no such package", key)
		}
	}
}

// sources yields the Go files of the module that aren't tests.
func sources(t *testing.T, yield func(name string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != ".."):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(name)
		if err == nil {
			yield(strings.TrimPrefix(filepath.ToSlash(name), "../../"), text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSizes: a file that is longer than this is two, and so is a function.
func TestSizes(t *testing.T) {
	const fileLines, funcLines = 600, 80
	files := 0
	sources(t, func(name string, text []byte) {
		files++
		if n := bytes.Count(text, []byte("\n")); n > fileLines {
			t.Errorf("%s has %d lines, more than %d", name, n, fileLines)
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1; n > funcLines {
				t.Errorf("%s: %s has %d lines, more than %d", fset.Position(fn.Pos()), fn.Name.Name, n, funcLines)
			}
		}
	})
	if files < 50 {
		t.Errorf("only %d files were found", files)
	}
}

// TestExamplesAreThin: an example shows how little a tool of one's own needs.
func TestExamplesAreThin(t *testing.T) {
	const mainLines, allLines = 80, 120
	lines := make(map[string]int)
	sources(t, func(name string, text []byte) {
		dir := path.Dir(name)
		if !strings.HasPrefix(dir, "examples/") || dir == "examples/quickstart" {
			return
		}
		n := bytes.Count(text, []byte("\n"))
		if lines[dir] += n; path.Base(name) == "main.go" && n > mainLines {
			t.Errorf("%s has %d lines, more than %d", name, n, mainLines)
		}
	})
	for dir, n := range lines {
		if n > allLines {
			t.Errorf("%s has %d lines, more than %d", dir, n, allLines)
		}
	}
	if len(lines) < 3 {
		t.Errorf("only %d examples were found", len(lines))
	}
}

// TestRootIsSmall counts what somebody who reads the root's page has to read:
// exported functions and types, with their methods. It was 80 before adoption, pins and
// what the next apply does came.
func TestRootIsSmall(t *testing.T) {
	const most = 91
	fset := token.NewFileSet()
	var files []*ast.File
	names, err := filepath.Glob("../../*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(fset, files, module)
	if err != nil {
		t.Fatal(err)
	}
	n := len(p.Funcs)
	for _, typ := range p.Types {
		n += 1 + len(typ.Funcs) + len(typ.Methods)
	}
	if n > most || n < 20 {
		t.Errorf("the root has %d exported functions, types and methods; it should have %d at most", n, most)
	}
}
