package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	// pathName are the names that paths have here.
	pathName = regexp.MustCompile(`(?i)(path|dir|folder|file|backup|journal|target|executable)$`)
	// pathHere are the names that stand for a path in some folders only: a flag's value, and a
	// module's source.
	pathHere = map[string]*regexp.Regexp{"cmd/": regexp.MustCompile(`(?i)value$`), "tfconfig/": regexp.MustCompile(`(?i)source$`)}
	// formatVerb is a verb of package fmt.
	formatVerb = regexp.MustCompile(`%[-+# 0]*[0-9]*(?:\.[0-9]+)?([a-zA-Z%])`)
)

// TestQuotedPaths: a path in a message is quoted by Path of package printable, as %q doubles
// the backslashes of Windows.
func TestQuotedPaths(t *testing.T) {
	seen := 0
	sources(t, func(name string, text []byte) {
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncDecl); ok && f.Name.Name == "GoString" {
				return false // which spells Go
			}
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			for _, arg := range quotedArguments(call) {
				seen++
				if word := lastName(arg); mayBePath(name, word) || word == "Name" && isMethodCall(arg) {
					t.Errorf("%s: %q is quoted by %%q: print a path by printable.Path", name, word)
				}
			}
			return true
		})
	})
	if seen < 100 {
		t.Errorf("only %d quoted arguments were seen", seen)
	}
}

// mayBePath reports whether a path may have the name in that file.
func mayBePath(file, name string) bool {
	for folder, names := range pathHere {
		if strings.HasPrefix(file, folder) && names.MatchString(name) {
			return true
		}
	}
	return pathName.MatchString(name)
}

func TestQuotedArguments(t *testing.T) {
	for code, want := range map[string]string{
		`fmt.Errorf("a %d of %q: %w", n, e.Path, err)`:      "Path",
		`l.fault(f, rng, "module %q: %s", child.dir, x)`:    "dir",
		`strconv.Quote(path)`:                               "path",
		`quote(backup)`:                                     "backup",
		`fmt.Sprintf("100%% of %-5q", short(l.Backup))`:     "Backup",
		`fmt.Sprintf("%q", cmp.Or(file))`:                   "file",
		`fmt.Sprintf("%s", path)`:                           "",
		`fmt.Sprintf("%q", paths[0])`:                       "paths",
		`fmt.Errorf("%w" + " %q", ErrSymlink, root.target)`: "target",
	} {
		expr, err := parser.ParseExpr(code)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, arg := range quotedArguments(expr.(*ast.CallExpr)) {
			got.WriteString(lastName(arg))
		}
		if got.String() != want {
			t.Errorf("%s: got %q, want %q", code, got.String(), want)
		}
	}
}

// quotedArguments returns the arguments of a call that its format, the first text among
// its arguments, quotes by %q, and those of functions such
// as strconv.Quote.
func quotedArguments(call *ast.CallExpr) (quoted []ast.Expr) {
	if name := strings.ToLower(lastName(call.Fun)); (name == "quote" || name == "quoted") && len(call.Args) == 1 {
		return call.Args
	}
	for i, arg := range call.Args {
		format, ok := text(arg)
		if !ok || !strings.Contains(format, "%") {
			continue
		}
		at := i + 1
		for _, verb := range formatVerb.FindAllStringSubmatch(format, -1) {
			if verb[1] == "%" {
				continue
			}
			if at < len(call.Args) && verb[1] == "q" {
				quoted = append(quoted, call.Args[at])
			}
			at++
		}
		return quoted
	}
	return nil
}

// text returns the value of a text that is written out.
func text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			s, err := strconv.Unquote(e.Value)
			return s, err == nil
		}
	case *ast.BinaryExpr:
		x, ok := text(e.X)
		y, also := text(e.Y)
		return x + y, ok && also
	}
	return "", false
}

// lastName returns the name of what an expression is about: of a call without a
// receiver's name that of its last argument.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.StarExpr:
		return lastName(e.X)
	case *ast.IndexExpr:
		return lastName(e.X)
	case *ast.BinaryExpr:
		return lastName(e.X)
	case *ast.CallExpr:
		if len(e.Args) > 0 {
			return lastName(e.Args[len(e.Args)-1])
		}
		return lastName(e.Fun)
	}
	return ""
}

// isMethodCall reports whether an expression is a call such as f.Name().
func isMethodCall(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	return ok && len(call.Args) == 0
}
