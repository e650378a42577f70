package tfconfig

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// TestNestingBounds: what is at a bound is read, what is beyond it is refused, at the place
// where it gets too deep.
func TestNestingBounds(t *testing.T) {
	rep := strings.Repeat
	x := func(format string, n int) string {
		return "x = " + strings.ReplaceAll(format, "@", rep("+1", n)) + "\n"
	}
	for _, tt := range []struct {
		name, text string
		line, col  int // of the fault; 0 for none
	}{
		{"parens", "x = " + rep("(", maxNesting) + "1" + rep(")", maxNesting) + "\n", 0, 0},
		{"parens", "x = " + rep("(", maxNesting+1) + "1" + rep(")", maxNesting+1) + "\n", 1, 5 + maxNesting},
		{"objects", "x = " + rep("{a=", maxNesting) + "1" + rep("}", maxNesting) + "\n", 0, 0},
		{"objects", "x = " + rep("{a=", maxNesting+1) + "1" + rep("}", maxNesting+1) + "\n", 1, 5 + 3*maxNesting},
		{"templates", "x = " + rep(`"${`, maxNesting/2) + "1" + rep(`}"`, maxNesting/2) + "\n", 0, 0},
		{"templates", "x = " + rep(`"${`, maxNesting/2+1) + "1" + rep(`}"`, maxNesting/2+1) + "\n", 1, 5 + 3*maxNesting/2},
		{"heredocs", "x = " + rep("[", maxNesting-1) + "<<E\na\nE\n" + rep("]", maxNesting-1) + "\n", 0, 0},
		{"heredocs", "x = " + rep("[", maxNesting) + "<<E\na\nE\n" + rep("]", maxNesting) + "\n", 1, 5 + maxNesting},
		{"brackets that end", "x = [" + rep("(1), [], {}, \"\", \"${1}\",", maxNesting) + "]\n", 0, 0},
		{"heredocs that end", rep("x = <<E\na\nE\n", maxNesting+1), 0, 0},
		{"operators", x("1@", maxOperators), 0, 0},
		{"operators", x("1@", maxOperators+1), 1, 6 + 2*maxOperators},
		{"in the second line", "a = 1\n" + x("1@", maxOperators+1), 2, 6 + 2*maxOperators},
		{"operators of elements", x("[1@, 1@]", maxOperators), 0, 0},
		{"operators of arguments", x("1@", maxOperators) + x("1@", maxOperators), 0, 0},
		{"operators of lines of an object", "x = {\n" + strings.ReplaceAll(x("1@", maxOperators)+x("1@", maxOperators), "x", "a") + "}\n", 0, 0},
		{"operators of lines of a list", "x = [1" + rep("+1", maxOperators-1) + "\n+1\n+1]\n", 3, 1},
		{"operators behind a comment", x("1 /* c */ @", maxOperators), 0, 0},
		{"operators of a key", x("{ (1@) = 1@ }", maxOperators), 0, 0},
		{"operators of a condition", x("t ? 1 @ : 1", maxOperators-1), 0, 0},
		{"operators of a condition", x("t ? 1 @ : 1", maxOperators), 1, 11 + 2*(maxOperators-1)},
		{"operators on both sides of a colon", "x = t ? 1" + rep("+1", maxOperators-1) + " : 1+1\n", 1, 5 + 5 + 2*(maxOperators-1) + 4},
		{"operators around brackets", x("1@ + (1@)", maxOperators-2), 0, 0},
		{"operators around brackets", "x = 1" + rep("+1", maxOperators-1) + "+(1)+1\n", 1, 6 + 2*(maxOperators-1) + 3},
		{"indices", "x = a" + rep("[0]", maxOperators) + "\n", 0, 0},
		{"indices", "x = a" + rep("[0]", maxOperators+1) + "\n", 1, 6 + 3*maxOperators + 2},
		{"calls", "x = " + rep("f(", 3) + rep("[1][0],", maxOperators) + rep(")", 3) + "\n", 0, 0},
		{"words and texts", "x = [" + rep("a, 1, \"b${c}\", {for k, v in d : k => v},", maxOperators) + "]\n", 0, 0},
		{"directives", "x = \"" + rep("%{if a}b%{endif}", maxControls/2) + "\"\n", 0, 0},
		{"directives", "x = \"" + rep("%{if a}b%{endif}", maxControls/2) + "%{if a}%{endif}\"\n", 1, 6 + 16*maxControls/2},
	} {
		got := checkNesting(&file{name: "x.tf", data: []byte(tt.text)})
		if (got != nil) != (tt.line > 0) || got != nil && (got.Line != tt.line || got.Column != tt.col || got.Name != "x.tf" || !errors.Is(got, errTooDeep)) {
			t.Errorf("%s, %d bytes: got %v, want line %d, column %d", tt.name, len(tt.text), got, tt.line, tt.col)
		}
	}
	err := tooDeep(&file{name: "a.tf"}, hcl.Pos{Line: 3, Column: 4}).Error()
	if want := "a.tf:3:4: nested too deep: more than 500 levels of brackets or 2000 operators in one expression"; err != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

// TestShallow: a file that isn't lexed for it is within the bounds.
func TestShallow(t *testing.T) {
	for _, unit := range []string{"(", "[", "{", "\"${", "<<E\n", "!", "-", "+1", "*1", "/1", "%1", ">1", "=", "==1", "!=1", ">=1", "<=1", "<1", "&&t", "||t", "?1:", "?1:1", ".a", "[a]", "[*]", ".*", "%{if a}", "..."} {
		for _, n := range []int{maxNesting/2 + 1, maxNesting + 1, maxOperators/2 + 1, maxOperators + 1} {
			f := &file{name: "x.tf", data: []byte("x = 1" + strings.Repeat(unit, n))}
			tokens, _ := hclsyntax.LexConfig(f.data, f.name, hcl.InitialPos)
			if shallow(f.data) && checkTokens(f, tokens) != nil {
				t.Errorf("%d times %q is taken for shallow", n, unit)
			}
		}
	}
}

// TestShallowSums: brackets and other operators count together.
func TestShallowSums(t *testing.T) {
	for _, bracket := range []string{"[0]", "(0)"} {
		if data := "x = a" + strings.Repeat(bracket, maxNesting) + strings.Repeat("+1", maxOperators-maxNesting+1); shallow([]byte(data)) {
			t.Errorf("%d times %s and +1 up to more than the bound are taken for shallow", maxNesting, bracket)
		}
	}
}

// TestJSONNesting: brackets count outside of texts alone.
func TestJSONNesting(t *testing.T) {
	rep := strings.Repeat
	for _, tt := range []struct {
		name, text string
		line, col  int
	}{
		{"lists", rep("[", maxNesting) + rep("]", maxNesting), 0, 0},
		{"lists", rep("[", maxNesting+1), 1, maxNesting + 1},
		{"objects", rep(`{"a":`, maxNesting), 0, 0},
		{"objects", rep(`{"a":`, maxNesting+1), 1, 5*maxNesting + 1},
		{"in turn", rep(`[{"a":`, maxNesting/2) + "1" + rep("}]", maxNesting/2), 0, 0},
		{"in turn", rep(`[{"a":`, maxNesting/2) + "[", 1, 3*maxNesting + 1},
		{"that end", rep("[]{}", maxNesting), 0, 0},
		{"in a text", `"` + rep("[{", maxNesting) + `"`, 0, 0},
		{"behind an escaped quote", `"\"` + rep("[{", maxNesting) + `"`, 0, 0},
		{"behind an escaped backslash", `"\\"` + rep("[", maxNesting+1), 1, maxNesting + 5},
		{"behind a backslash outside", `\"` + rep("[", maxNesting+1) + `"`, 0, 0},
		{"in the third line", "[\n\"a\",\n " + rep("[", maxNesting), 3, maxNesting + 1},
		{"behind the end of a text", `"]]]"` + rep("[", maxNesting+1), 1, maxNesting + 6},
	} {
		got := checkNesting(&file{name: "x.json", json: true, data: []byte(tt.text)})
		if (got != nil) != (tt.line > 0) || got != nil && (got.Line != tt.line || got.Column != tt.col || got.Name != "x.json" || !errors.Is(got, errTooDeep)) {
			t.Errorf("%s: got %v, want line %d, column %d", tt.name, got, tt.line, tt.col)
		}
	}
}

// TestLowerFirst: a word at the start of a message is written small, an abbreviation isn't.
func TestLowerFirst(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "A": "A", "Invalid x": "invalid x", "Ab": "ab", "Zb": "zb", "A b": "a b", "A@": "a@", "A[": "a[",
		"AA": "AA", "AZ": "AZ", "JSON x": "JSON x", "ab": "ab", "@b": "@b", "[b": "[b", "éa": "éa",
	} {
		if got := lowerFirst(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

// TestLiteralTexts: which expressions are texts as they stand, in both syntaxes.
func TestLiteralTexts(t *testing.T) {
	for text, want := range map[string]string{
		`"a"`: "a", `""`: "", `"a$${b}"`: "a${b}", `"a\nb"`: "a\nb", "<<E\na\nb\nE": "a\nb\n",
		`"a${7}"`: "-", `"a${null}"`: "-", `"a${true}"`: "-", `"a${"b"}"`: "-", `"${"b"}"`: "-", `"${b}"`: "-", `"a${b}"`: "-",
		`7`: "-", `true`: "-", `null`: "-", `a`: "-", `["a"]`: "-",
	} {
		_, e := expression(t, text)
		if got, ok := literalString(e); ok != (want != "-") || ok && got != want || !ok && got != "" {
			t.Errorf("%s: got %q, %t, want %q", text, got, ok, want)
		}
	}
	for text, want := range map[string]string{
		`"a"`: "a", `""`: "", `"a${"`: "a${", `7`: "-", `true`: "-", `null`: "-", `["a"]`: "-", `{"a": "b"}`: "-",
	} {
		_, e := jsonExpression(t, text)
		if got, ok := literalString(e); ok != (want != "-") || ok && got != want {
			t.Errorf("JSON %s: got %q, %t, want %q", text, got, ok, want)
		}
	}
}

// TestKeyTexts: the keys of objects that are written out.
func TestKeyTexts(t *testing.T) {
	for text, want := range map[string]string{
		`a`: "a", `"a"`: "a", `("a")`: "-", `(a)`: "-", `a.b`: "-", `"a${b}"`: "-", `7`: "7", `1.50`: "1.5", `true`: "true", `false`: "false",
		`null`: "null", `(null)`: "-", `1e400`: "-", `a-b`: "a-b",
	} {
		_, e := expression(t, "{ "+text+" = 1 }")
		if got, ok := keyString(e.(*hclsyntax.ObjectConsExpr).Items[0].KeyExpr); ok != (want != "-") || ok && got != want || !ok && got != "" {
			t.Errorf("%s: got %q, %t, want %q", text, got, ok, want)
		}
	}
	// Those of an index.
	for text, want := range map[string]string{`"a"`: "a", `7`: "7", `true`: "true", `false`: "false", `1e400`: "-", `null`: "-", `a`: "-", `("a")`: "-"} {
		_, e := expression(t, text)
		if got, ok := keyString(e); ok != (want != "-") || ok && got != want || !ok && got != "" {
			t.Errorf("index %s: got %q, %t, want %q", text, got, ok, want)
		}
	}
}

// TestSteps: what isn't written out is a step to any member.
func TestSteps(t *testing.T) {
	got := steps(hcl.Traversal{
		hcl.TraverseAttr{Name: "a"}, hcl.TraverseIndex{Key: cty.StringVal("k")}, hcl.TraverseIndex{Key: cty.NumberIntVal(2)},
		hcl.TraverseIndex{Key: cty.NumberFloatVal(1.5)}, hcl.TraverseIndex{Key: cty.NullVal(cty.String)}, hcl.TraverseSplat{},
	})
	if want := []step{named("a"), named("k"), named("2"), {}, {}, {}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// spelled is a body in one line, with lines for positions: what stands where.
func spelled(b *body) string {
	var out []string
	for _, a := range b.attrs {
		text := fmt.Sprintf("%s@%d:%d", a.name, a.rng.Start.Line, a.rng.Start.Column)
		if a.block != "" {
			text += " in " + a.block
		}
		out = append(out, text)
	}
	for _, nested := range b.blocks {
		out = append(out, fmt.Sprintf("%s@%d:%d{%s}", strings.Join(append([]string{nested.kind}, nested.labels...), " "), nested.rng.Start.Line, nested.rng.Start.Column, spelled(&nested.body)))
	}
	return strings.Join(out, ", ")
}

// TestBodies: arguments and blocks are in the order of the file, with their places.
func TestBodies(t *testing.T) {
	native := "resource \"t\" \"n\" {\n  b = 1\n  a = 2\n  x {\n    d = 1\n    c = 2\n    y \"l\" {\n      e = 1\n    }\n  }\n}\nlocals {\n  z = 1\n}\n"
	json := `{"variable": {"v": {"type": "string", "default": "${a"}},
"//": "a comment", "unknown": {"x": {}},
"resource": {"t": {"n": {"b": 1, "a": [{"c": 1}]}, "m": {}}},
"terraform": [{"x": 1}, {"y": 2}],
"module": {"m": {"version": "${", "source": "%{"}},
"locals": {"z": 1, "y": null, "x": 2}, "data": {"d": {"e": {}}}, "check": {"c": {}}, "moved": {}, "import": {}, "output": {"o": {}}, "provider": {"p": {}}}`
	for _, tt := range []struct {
		name, text, want string
		labels           int
	}{
		{"a.tf", native, "resource t n@1:1{b@2:3, a@3:3, x@4:3{d@5:5 in x, c@6:5 in x, y l@7:5{e@8:7 in x.y}}}, locals@12:1{z@13:3}", 3},
		{"a.tf.json", json, "variable v@1:15{type@1:21, default@1:39}, resource t n@3:20{b@3:26, a@3:34}, resource t m@3:52{}, terraform@4:1{x@4:16}, " +
			"terraform@4:1{y@4:26}, module m@5:12{version@5:18, source@5:35}, locals@6:1{z@6:12, y@6:20, x@6:31}, data d e@6:55{}, check c@6:76{}, " +
			"moved@6:86{}, import@6:99{}, output o@6:124{}, provider p@6:147{}", 11},
	} {
		f := &file{name: tt.name, data: []byte(tt.text), json: strings.HasSuffix(tt.name, ".json")}
		b, faults := parse(f)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		if diff := cmp.Diff(tt.want, spelled(b)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		for _, nested := range b.blocks {
			if nested.file != f || len(nested.attrs) > 0 && nested.attrs[0].file != f {
				t.Errorf("%s: a block has the file %v", tt.name, nested.file)
			}
		}
		if len(f.labels) != tt.labels {
			t.Errorf("%s: %d labels, want %d", tt.name, len(f.labels), tt.labels)
		}
	}
	f := &file{name: "a.tf", data: []byte(native)}
	b, _ := parse(f)
	if r := b.blocks[0]; native[r.open] != '{' || native[r.end:r.end+9] != "}\nlocals " || r.file != f || r.attrs[0].file != f || r.blocks[0].attrs[0].file != f {
		t.Errorf("got %+v", r)
	}
}

// TestFaultsOfJSON: every fault of a JSON file is found, with its place; no value is shown.
func TestFaultsOfJSON(t *testing.T) {
	for _, tt := range []struct {
		text string
		vars bool
		want []string
	}{
		{`{"a": 1, "a": 2}`, true, []string{`x:1:10: duplicate attribute definition`}},
		{`[{"a": 1}, 7]`, true, []string{`x:1:1: incorrect JSON value type`}},
		{`{"variable": 7}`, false, []string{`x:1:14: incorrect JSON value type`, `x:1:14: missing block label`}},
		{`{"variable": {"v": {"default": 1, "default": 2}}, "locals": {"a": 1, "a": 2}}`, false, []string{`x:1:35: duplicate attribute definition`, `x:1:70: duplicate attribute definition`}},
		{`{"locals": {"a": "${x", "b": "${", "c": {"${": "%{if"}}}`, false, []string{`x:1:19: unclosed template interpolation sequence`,
			`x:1:33: missing expression`, `x:1:45: missing expression`, `x:1:53: missing expression`, `x:1:53: unexpected end of template`}},
		{`{"locals": {"a": "` + strings.Repeat("${(", maxNesting) + `"}}`, false, []string{`x:1:18: nested too deep`}},
	} {
		_, faults := parse(&file{name: "x", json: true, vars: tt.vars, data: []byte(tt.text)})
		if len(faults) != len(tt.want) {
			t.Errorf("%.80s: got %v", tt.text, faults)
			continue
		}
		for i, want := range tt.want {
			if got := faults[i].Error(); !strings.HasPrefix(got, want) {
				t.Errorf("%.80s: got %s, want %s", tt.text, got, want)
			}
		}
	}
}

// TestJSONTexts: a text in JSON is a template where Terraform takes it for one, in its
// place, or where its quotes are if what is in it is written otherwise.
func TestJSONTexts(t *testing.T) {
	for _, tt := range []struct {
		text, want string // the references that are in it
		escaped    bool
	}{
		{`"a"`, "", false}, {`"${a}"`, "a", false}, {`"%{ if a }%{ endif }"`, "a", false}, {`"x$${a}"`, "", false}, {`"$a %a"`, "", false},
		{`["${a}", {"${b}": "${c}"}]`, "a b c", false}, {`"${f(\"x\", a)}"`, "a", true}, {`"é ${a}"`, "a", false}, {`"\u00e9 ${a}"`, "a", true}, {`"\n${a}"`, "a", true},
		{`"\n"`, "", false}, {`{"a": "b"}`, "", false}, {`{"${a}": 1}`, "a", false}, {`null`, "", false}, {`7`, "", false}, {`true`, "", false},
	} {
		_, e := jsonExpression(t, tt.text)
		if len(hclsyntax.Variables(e)) > 0 {
			t.Errorf("%s: in a variable file it has references", tt.text)
		}
		const before = `{"locals": {"x": `
		f := &file{name: "x.tf.json", json: true, data: []byte(before + tt.text + `}}`)}
		b, faults := parse(f)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		e = b.blocks[0].attrs[0].expr
		var names []string
		for _, ref := range hclsyntax.Variables(e) {
			names = append(names, ref.RootName())
			if at := ref.SourceRange(); !tt.escaped && string(at.SliceBytes(f.data)) != ref.RootName() {
				t.Errorf("%s: the reference is at %v", tt.text, at)
			}
		}
		if at := string(e.Range().SliceBytes(f.data)); at != tt.text && (tt.text[0] != '"' || !strings.Contains(tt.text, "{")) {
			t.Errorf("%s stands at %q", tt.text, at)
		}
		if l, ok := e.(*hclsyntax.LiteralValueExpr); ok && !l.Val.RawEquals(map[string]cty.Value{"null": cty.NullVal(cty.DynamicPseudoType), "7": cty.NumberIntVal(7), "true": cty.True}[tt.text]) {
			t.Errorf("%s: got %#v", tt.text, l.Val)
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != tt.want {
			t.Errorf("%s: got the references %q, want %q", tt.text, got, tt.want)
		}
		if len(f.escaped) != 0 != tt.escaped || tt.escaped && string(f.escaped[0].SliceBytes(f.data)) != tt.text {
			t.Errorf("%s: escaped is %v", tt.text, f.escaped)
		}
	}
}
