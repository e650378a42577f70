package tfconfig

import (
	"encoding/json"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// expression parses an expression in native syntax, in a file of its own.
func expression(t *testing.T, text string) (*file, hclsyntax.Expression) {
	t.Helper()
	f := &file{name: "x.tfvars", vars: true, data: []byte("x = " + text + "\n")}
	return f, onlyValue(t, f)
}

func onlyValue(t *testing.T, f *file) hclsyntax.Expression {
	t.Helper()
	b, faults := parse(f)
	if len(faults) > 0 {
		t.Fatal(faults[0])
	}
	return b.attrs[0].expr
}

// jsonExpression does so in JSON syntax.
func jsonExpression(t *testing.T, text string) (*file, hclsyntax.Expression) {
	t.Helper()
	f := &file{name: "x.tfvars.json", json: true, vars: true, data: []byte(`{"x": ` + text + `}`)}
	return f, onlyValue(t, f)
}

// TestWrittenValue: which values are written out, and which aren't.
func TestWrittenValue(t *testing.T) {
	for text, want := range map[string]any{
		`"a"`:                    "a",
		`"a$${b}"`:               "a${b}",
		`null`:                   nil,
		`true`:                   true,
		`false`:                  false,
		`1.50`:                   json.Number("1.5"),
		`1e3`:                    json.Number("1000"),
		`("a")`:                  "a",
		`(("a"))`:                "a",
		`[]`:                     []any{},
		`["a", 1, [null]]`:       []any{"a", json.Number("1"), []any{nil}},
		`{}`:                     map[string]any{},
		`{ a = 1, "b" = 2 }`:     map[string]any{"a": json.Number("1"), "b": json.Number("2")},
		`{ true = 1, 2 = 3 }`:    map[string]any{"true": json.Number("1"), "2": json.Number("3")},
		`{ a = { 1.5 = true } }`: map[string]any{"a": map[string]any{"1.5": true}},
		`{ (null) = 1 }`:         errOddValue,
		`{ (["a"]) = 1 }`:        errOddValue,
		`{ (1e400) = 1 }`:        errOddValue,
		`{ a = var.x }`:          errOddValue,
		`{ (var.x) = "a" }`:      errOddValue,
		`{ "${var.x}" = "a" }`:   errOddValue,
		`[["a"], [var.x]]`:       errOddValue,
		`[var.x, "a"]`:           errOddValue,
		`"a${var.x}"`:            errOddValue,
		`(var.x)`:                errOddValue,
		`var.x`:                  errOddValue,
		`lower("A")`:             errOddValue,
		`1e400`:                  errOddValue,
		`-1`:                     errOddValue,
	} {
		_, e := expression(t, text)
		got, ok := writtenValue(e)
		if want == any(errOddValue) {
			if ok {
				t.Errorf("%s: got %v, want none", text, got)
			}
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" || !ok {
			t.Errorf("%s: %t (-want +got):\n%s", text, ok, diff)
		}
	}
}

// TestEqualValues compares values as they are after conversion.
func TestEqualValues(t *testing.T) {
	for _, tt := range []struct {
		a, b        any
		same, folds bool
	}{
		{nil, nil, true, true},
		{nil, "", false, false},
		{"", nil, false, false},
		{nil, []any{}, false, false},
		{"a", "a", true, true},
		{"a", "A", false, true},
		{"a", "b", false, false},
		{"1", json.Number("1"), true, true},
		{true, "true", true, true},
		{true, false, false, false},
		{"", []any{}, false, false},
		{[]any{}, "", false, false},
		{map[string]any{}, "", false, false},
		{"", map[string]any{}, false, false},
		{[]any{}, []any{}, true, true},
		{[]any{"a"}, []any{"a", "b"}, false, false},
		{[]any{"a", "b"}, []any{"b", "a"}, false, false},
		{[]any{"a"}, []any{"A"}, false, true},
		{[]any{"1", nil}, []any{json.Number("1"), nil}, true, true},
		{[]any{}, map[string]any{}, false, false},
		{map[string]any{"a": "x"}, map[string]any{"a": "X"}, false, true},
		{map[string]any{"a": "x"}, map[string]any{"A": "x"}, false, false},
		{map[string]any{"a": "x"}, map[string]any{"a": "x"}, true, true},
		{map[string]any{"a": nil}, map[string]any{}, false, false},
		{map[string]any{}, []any{}, false, false},
	} {
		if got := equalValues(tt.a, tt.b, false); got != tt.same {
			t.Errorf("%v and %v: %t", tt.a, tt.b, got)
		}
		if got := equalValues(tt.a, tt.b, true); got != tt.folds {
			t.Errorf("%v and %v, folded: %t", tt.a, tt.b, got)
		}
	}
}

// TestNumberText bounds the numbers that are spelled out.
func TestNumberText(t *testing.T) {
	pow := func(exp int) *big.Float { return new(big.Float).SetMantExp(big.NewFloat(0.5), exp) }
	for _, tt := range []struct {
		f  *big.Float
		ok bool
	}{
		{big.NewFloat(1.5), true},
		{pow(maxExponent), true}, {pow(maxExponent + 1), false},
		{pow(-maxExponent), true}, {pow(-maxExponent - 1), false},
		{new(big.Float).SetInf(false), false}, {new(big.Float).SetInf(true), false},
	} {
		if text, ok := numberText(tt.f); ok != tt.ok || ok == (text == "") {
			t.Errorf("%s: got %q, %t", tt.f.Text('g', 5), text, ok)
		}
	}
}

// TestTextOfValues: a value in both syntaxes, in the type of what it replaces.
func TestTextOfValues(t *testing.T) {
	for _, tt := range []struct {
		v                    any
		old                  string
		native, json, verbat string
	}{
		{"a", ``, `"a"`, `"a"`, `"a"`},
		{"a${b}%{c}", ``, `"a$${b}%%{c}"`, `"a$${b}%%{c}"`, `"a${b}%{c}"`},
		{"<&>", ``, `"<&>"`, `"<&>"`, `"<&>"`},
		{nil, `"a"`, `null`, `null`, `null`},
		{json.Number("2"), `"1"`, `"2"`, `"2"`, `"2"`},
		{json.Number("2"), `1`, `2`, `2`, `2`},
		{"2", `1`, `2`, `2`, `2`},
		{"02", `1`, `"02"`, `"02"`, `"02"`},
		{"x", `1`, `"x"`, `"x"`, `"x"`},
		{"true", `false`, `true`, `true`, `true`},
		{"false", `true`, `false`, `false`, `false`},
		{"yes", `true`, `"yes"`, `"yes"`, `"yes"`},
		{"true", `null`, `"true"`, `"true"`, `"true"`},
		{true, `"false"`, `"true"`, `"true"`, `"true"`},
		{true, `var.x`, `true`, `true`, `true`},
		{"2", `var.x`, `"2"`, `"2"`, `"2"`},
		{[]any{}, `"a"`, `[]`, `[]`, `[]`},
		{[]any{"a", json.Number("1"), []any{true}}, ``, `["a", 1, [true]]`, `["a",1,[true]]`, `["a",1,[true]]`},
		{map[string]any{}, ``, `{}`, `{}`, `{}`},
		{map[string]any{"b": "${x}", "a.b": nil, "for": true, "null": true, "true": true, "false": true, "other": true}, ``,
			"{\n>    \"a.b\" = null\n>    b = \"$${x}\"\n>    \"false\" = true\n>    \"for\" = true\n>    \"null\" = true\n>    other = true\n>    \"true\" = true\n>  }",
			`{"a.b":null,"b":"$${x}","false":true,"for":true,"null":true,"other":true,"true":true}`,
			`{"a.b":null,"b":"${x}","false":true,"for":true,"null":true,"other":true,"true":true}`},
		{map[string]any{"${k}": map[string]any{"a": []any{"${x}"}}}, ``, "{\n>    \"$${k}\" = {\n>      a = [\"$${x}\"]\n>    }\n>  }",
			`{"$${k}":{"a":["$${x}"]}}`, `{"${k}":{"a":["${x}"]}}`},
		{[]any{map[string]any{"a": "b"}}, ``, "[{\n>      a = \"b\"\n>    }]", `[{"a":"b"}]`, `[{"a":"b"}]`},
	} {
		var old hclsyntax.Expression
		if tt.old != "" {
			_, old = expression(t, tt.old)
		}
		for name, text := range map[string][2]string{
			"native":   {tt.native, hclText(tt.v, old, ">  ")},
			"json":     {tt.json, jsonText(tt.v, old, false)},
			"verbatim": {tt.verbat, jsonText(tt.v, old, true)},
		} {
			if text[0] != text[1] {
				t.Errorf("%v for %q, %s: got %s, want %s", tt.v, tt.old, name, text[1], text[0])
			}
		}
	}
}

// TestHeredoc: what a heredoc becomes with another text; "" where it can't be one.
func TestHeredoc(t *testing.T) {
	for _, tt := range []struct{ old, text, want string }{
		{"<<EOT\na\nEOT\n", "b\n", "<<EOT\nb\nEOT\n"},
		{"<<EOT\na\nEOT", "b\nc\n", "<<EOT\nb\nc\nEOT"},
		{"<<EOT\na\nEOT\n \n\n", "b\n", "<<EOT\nb\nEOT\n \n\n"},
		{"<<EOT\nEOT\n", "b\n", "<<EOT\nb\nEOT\n"},
		{"<< EOT\na\nEOT\n", "b\n", "<< EOT\nb\nEOT\n"},
		{"<<EOT\n  a\n  EOT\n", "b\n", "<<EOT\nb\n  EOT\n"},
		{"<<-EOT\n    a\n  b\n  EOT\n", "c\n\nd\n", "<<-EOT\n  c\n\n  d\n  EOT\n"},
		{"<<-EOT\n\ta\n\n\t\tb\n  EOT\n", "c\n", "<<-EOT\n\tc\n  EOT\n"},
		{"<<-EOT\n  a\n    b\n  EOT\n", "c\n", "<<-EOT\n  c\n  EOT\n"},
		{"<<EOT\r\na\r\nEOT\r\n", "b\r\nc\r\n", "<<EOT\r\nb\r\nc\r\nEOT\r\n"},
		{"<<EOT\r\na\r\nEOT\r\n", "b\n", ""},
		{"<<EOT\na\nEOT\n", "b\r\n", ""},
		{"<<EOT\na\nEOT\n", "${b} %{c}\n", "<<EOT\n$${b} %%{c}\nEOT\n"},
		{"<<EOT\na\nEOT\n", "\tb\n", "<<EOT\n\tb\nEOT\n"},
		{"<<EOT\na\nEOT\n", "b\x01\n", ""},
		{"<<EOT\na\nEOT\n", "b", ""},
		{"<<EOT\na\nEOT\n", "", ""},
		{"<<EOT\na\nEOT\n", "b\n EOT \n", ""},
		{"<<EOT\na\nEND\n", "b\n", ""},
		{`"a"`, "b\n", ""},
		{"\"a\n\"", "b\n", ""},
		{"<<EOT", "b\n", ""},
		{"EOT\na\nEOT", "b\n", ""},
		{"<EOT\na\n<EOT", "b\n", ""},
	} {
		got, ok := heredoc(tt.old, tt.text)
		if ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("%q with %q: got %q, %t, want %q", tt.old, tt.text, got, ok, tt.want)
		}
	}
}

// TestItemEdits takes items out of lists and maps and adds others, on one line and on
// several; "" where that can't be done.
func TestItemEdits(t *testing.T) {
	type adds = map[int][]string
	for _, tt := range []struct {
		name, old string
		json      bool
		cut       []int
		add       adds
		want      string
	}{
		{"first of a line", `["a", "b", "c"]`, false, []int{0}, nil, `["b", "c"]`},
		{"middle of a line", `["a", "b", "c"]`, false, []int{1}, nil, `["a", "c"]`},
		{"last of a line", `["a", "b", "c"]`, false, []int{2}, nil, `["a", "b"]`},
		{"last two of a line", `["a", "b", "c"]`, false, []int{1, 2}, nil, `["a"]`},
		{"first two of a line", `["a", "b", "c"]`, false, []int{0, 1}, nil, `["c"]`},
		{"all of a line", `[ "a", "b" ]`, false, []int{0, 1}, nil, `[]`},
		{"all for others", `[ "a", "b" ]`, false, []int{0, 1}, adds{-1: {"x"}, 1: {"y"}}, `[ x, y ]`},
		{"into none", `[]`, false, nil, adds{-1: {"x", "y"}}, `[x, y]`},
		{"into an empty map", `{}`, false, nil, adds{-1: {"x = 1", "y = 2"}}, `{ x = 1, y = 2 }`},
		{"into an empty map, not as terraform fmt has it", "{}\ny   = 2", false, nil, adds{-1: {"x = 1"}}, "{ x = 1 }\ny   = 2"},
		{"before all", `["a", "b"]`, false, nil, adds{-1: {"x", "y"}}, `[x, y, "a", "b"]`},
		{"before a kept one", `["a", "b"]`, false, []int{0}, adds{-1: {"x"}}, `[x, "b"]`},
		{"for the first", `["a", "b"]`, false, []int{0}, adds{0: {"x"}}, `[x, "b"]`},
		{"for the last", `["a", "b"]`, false, []int{1}, adds{1: {"x"}}, `["a", x]`},
		{"behind the last", `["a", "b"]`, false, nil, adds{1: {"x", "y"}}, `["a", "b", x, y]`},
		{"within", `["a", "b"]`, false, nil, adds{0: {"x"}}, `["a", x, "b"]`},
		{"behind one that goes", `["a", "b", "c"]`, false, []int{1}, adds{1: {"x"}}, `["a", x, "c"]`},
		{"a map's first", `{ a = 1, b = 2 }`, false, []int{0}, nil, `{ b = 2 }`},
		{"a map's last", `{ a = 1, b = 2 }`, false, []int{1}, nil, `{ a = 1 }`},
		{"lines: first", "[\n  \"a\",\n  \"b\"\n]", false, []int{0}, nil, "[\n  \"b\"\n]"},
		{"lines: last", "[\n  \"a\",\n  \"b\"\n]", false, []int{1}, nil, "[\n  \"a\"\n]"},
		{"lines: last with a comma", "[\n  \"a\",\n  \"b\",\n]", false, []int{1}, nil, "[\n  \"a\",\n]"},
		{"lines: behind the last", "[\n  \"a\", # why\n  \"b\"\n]", false, nil, adds{1: {"x"}}, "[\n  \"a\", # why\n  \"b\",\n  x\n]"},
		{"lines: behind the last with a comma", "[\n  \"a\",\n]", false, nil, adds{0: {"x", "y"}}, "[\n  \"a\",\n  x,\n  y,\n]"},
		{"lines: before all", "[\n  \"a\"\n]", false, nil, adds{-1: {"x"}}, "[\n  x,\n  \"a\"\n]"},
		{"lines: for the last", "[\n  \"a\",\n  \"b\"\n]", false, []int{1}, adds{1: {"x"}}, "[\n  \"a\",\n  x\n]"},
		{"lines: into none", "[\n]", false, nil, adds{-1: {"x"}}, "[\n  x,\n]"},
		{"lines: a map without commas", "{\n\ta = 1\n\tb = 2\n}", false, []int{0}, adds{1: {"x = 1"}}, "{\n\tb = 2\n\tx = 1\n}"},
		{"lines: a map with commas", "{\n  a = 1,\n  b = 2\n}", false, nil, adds{1: {"x = 1"}}, "{\n  a = 1,\n  b = 2,\n  x = 1\n}"},
		{"lines: Windows", "[\r\n  \"a\",\r\n  \"b\"\r\n]", false, []int{0}, adds{1: {"x"}}, "[\r\n  \"b\",\r\n  x\r\n]"},
		{"lines: a heredoc", "{\n  a = <<EOT\nx\nEOT\n  b = 2\n}", false, []int{0}, nil, "{\n  b = 2\n}"},
		{"lines: behind a heredoc", "{\n  a = <<EOT\nx\nEOT\n  b = 2\n}", false, nil, adds{0: {"x = 1"}}, "{\n  a = <<EOT\nx\nEOT\n  x = 1\n  b = 2\n}"},
		{"two on one of the lines", "[\n  \"a\", \"b\",\n  \"c\",\n]", false, []int{0}, nil, ""},
		{"two on one of the lines, behind", "[\n  \"a\", \"b\",\n  \"c\",\n]", false, nil, adds{1: {"x"}}, ""},
		{"two on another line", "[\n  \"a\", \"b\",\n  \"c\",\n]", false, []int{2}, nil, "[\n  \"a\", \"b\",\n]"},
		{"first on the bracket's line", "[\"a\",\n  \"b\",\n]", false, nil, adds{-1: {"x"}}, ""},
		{"first on the bracket's line, which stays so", "[\"a\",\n  \"b\",\n  \"c\",\n]", false, []int{1}, adds{2: {"x"}}, "[\"a\",\n  \"c\",\n  x,\n]"},
		{"JSON: first", `["a", "b"]`, true, []int{0}, nil, `["b"]`},
		{"JSON: last", `["a\"", "b\""]`, true, []int{1}, nil, `["a\""]`},
		{"JSON: into an empty map", `{}`, true, nil, adds{-1: {`"x": 1`}}, `{"x": 1}`},
		{"JSON: a map's last", `{"a": "1", "b": "2"}`, true, []int{1}, nil, `{"a": "1"}`},
		{"JSON: lines", "[\n  \"a\",\n  \"b\"\n]", true, []int{1}, adds{1: {`"x"`, `"y"`}}, "[\n  \"a\",\n  \"x\",\n  \"y\"\n]"},
		{"JSON: lines, into none", "[\n]", true, nil, adds{-1: {`"x"`}}, "[\n  \"x\"\n]"},
		{"JSON: lines of a map", "{\n  \"a\": \"1\",\n  \"b\": \"2\"\n}", true, []int{1}, nil, "{\n  \"a\": \"1\"\n}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			parseAs := expression
			if tt.json {
				parseAs = jsonExpression
			}
			f, e := parseAs(t, tt.old)
			cut := map[int]bool{}
			for _, i := range tt.cut {
				cut[i] = true
			}
			changes, err := itemsOf(f, e).edits(cut, tt.add)
			if (err == nil) != (tt.want != "") {
				t.Fatalf("got %v", err)
			}
			if err != nil {
				return
			}
			want := "x = " + tt.want + "\n"
			if tt.json {
				want = `{"x": ` + tt.want + `}`
			}
			got, err := rewrite(f, f.mergeCuts(changes))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func itemsOf(f *file, e hclsyntax.Expression) *items {
	if o, ok := e.(*hclsyntax.ObjectConsExpr); ok {
		return objectItems(f, o, f.vars)
	}
	return listItems(f, e.(*hclsyntax.TupleConsExpr), f.vars)
}

// TestNewItem: how an item is spelled that joins others, and behind which it belongs.
func TestNewItem(t *testing.T) {
	for _, tt := range []struct {
		old  string
		json bool
		key  string
		want string
		at   int
	}{
		{`{}`, false, "k", `k = "v"`, -1},
		{`{ a = 1 }`, false, "a.b", `"a.b" = "v"`, 0},
		{`{ z = 1 }`, false, "k", `k = "v"`, 0},
		{`{ "a" : 1, "z" : 2 }`, false, "k", `k : "v"`, 0},
		{`{ "a" : 1, z = 2 }`, false, "k", `k = "v"`, 0},
		{`{ b = 1, c = 2 }`, false, "a", `a = "v"`, -1},
		{`{ b = 1, c = 2 }`, false, "x", `x = "v"`, 1},
		{`{ c = 1, b = 2 }`, false, "a", `a = "v"`, 1},
		{`{"a": "1", "z": "2"}`, true, "${k}", `"${k}": "v"`, -1},
	} {
		parseAs := expression
		if tt.json {
			parseAs = jsonExpression
		}
		c := itemsOf(parseAs(t, tt.old))
		if got := c.item(tt.key, "v"); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.old, got, tt.want)
		}
		if got := c.after(tt.key); got != tt.at {
			t.Errorf("%s: %s belongs behind %d, want %d", tt.old, tt.key, got, tt.at)
		}
	}
}

// TestCommon: the longest list that is in both, in order.
func TestCommon(t *testing.T) {
	for _, tt := range []struct {
		a, b []any
		want [][2]int
	}{
		{nil, nil, nil},
		{[]any{"a"}, nil, nil},
		{[]any{"a", "b", "c"}, []any{"a", "c"}, [][2]int{{0, 0}, {2, 1}}},
		{[]any{"a", "c"}, []any{"a", "b", "c"}, [][2]int{{0, 0}, {1, 2}}},
		{[]any{"x", "a", "b"}, []any{"a", "b", "x"}, [][2]int{{1, 0}, {2, 1}}},
		{[]any{"a", "b", "x"}, []any{"x", "a", "b"}, [][2]int{{0, 1}, {1, 2}}},
		{[]any{"1", "A"}, []any{json.Number("1"), "a"}, [][2]int{{0, 0}}},
	} {
		if diff := cmp.Diff(tt.want, common(tt.a, tt.b)); diff != "" {
			t.Errorf("%v and %v (-want +got):\n%s", tt.a, tt.b, diff)
		}
	}
}

// TestAddressConcerned: which addresses may have a name that is changed for a key.
func TestAddressConcerned(t *testing.T) {
	w := newMover([]AppRename{{Old: "old-app", New: "new-app"}})
	for address, want := range map[string]bool{
		`heroku_app.a["old-app"]`:                    true,
		`heroku_app.a["new-app"]`:                    true,
		`module.m["x"].heroku_app.a["old-app"]`:      true,
		`module.m["old-app"].heroku_app.a["x"]`:      true,
		`heroku_app.a["other"]`:                      false,
		`heroku_app.a[0]`:                            false,
		`heroku_app.a`:                               false,
		`heroku_app.a["old-app"`:                     false,
		`heroku_app.a["old-app"] (deposed 1a2b3c4d)`: false,
	} {
		if got := w.concerned(address); got != want {
			t.Errorf("%s: %t", address, got)
		}
	}
}
