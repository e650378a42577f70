package tfconfig

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/statefile"
)

// TestNormalValue: numbers have one spelling, texts one form, and what is no value is
// refused wherever it is.
func TestNormalValue(t *testing.T) {
	type object = map[string]any
	nested := func(depth int) any {
		var v any = "x"
		for i := range depth {
			if i%2 == 0 {
				v = []any{v}
			} else {
				v = object{"k": v}
			}
		}
		return v
	}
	for _, tt := range []struct {
		v, want any
		err     error
	}{
		{nil, nil, nil},
		{true, true, nil},
		{"a", "a", nil},
		{"e\u0301", "é", nil},
		{"\xff", nil, errOddValue},
		{json.Number("1.50"), json.Number("1.5"), nil},
		{json.Number("1e3"), json.Number("1000"), nil},
		{json.Number("x"), nil, errOddValue},
		{json.Number("1e400"), nil, errOddValue},
		{json.Number("12345678901234567890123"), json.Number("12345678901234567890123"), nil},
		{7, json.Number("7"), nil},
		{int64(8), json.Number("8"), nil},
		{1.5, json.Number("1.5"), nil},
		{math.NaN(), nil, errOddValue},
		{math.Inf(1), nil, errOddValue},
		{uint8(1), nil, errOddValue},
		{[]any{1, "a"}, []any{json.Number("1"), "a"}, nil},
		{[]any{"a", "\xff"}, nil, errOddValue},
		{[]string{"a"}, nil, errOddValue},
		{object{"e\u0301": 1, "a": nil}, object{"é": json.Number("1"), "a": nil}, nil},
		{object{"\xff": 1}, nil, errOddValue},
		{object{"a": "\xff"}, nil, errOddValue},
		{nested(maxNesting), nested(maxNesting), nil},
		{nested(maxNesting + 1), nil, errTooDeep},
		{nested(maxNesting + 2), nil, errTooDeep},
	} {
		got, err := normalValue(tt.v, 0)
		if !reflect.DeepEqual(got, tt.want) || !errors.Is(err, tt.err) {
			t.Errorf("%.60v: got %.60v, %v", tt.v, got, err)
		}
	}
}

// TestNormalPaths: an attribute has one spelling, whether its block is numbered or not,
// by a change as by where it is written.
func TestNormalPaths(t *testing.T) {
	for _, tt := range []struct {
		path  statefile.Path
		steps string
		want  string
	}{
		{statefile.Path{"a"}, "a", "a"},
		{statefile.Path{"a", 0}, "a 0", "a 0"},
		{statefile.Path{"a", 1}, "a 1", "a 1"},
		{statefile.Path{"a", 0, "b"}, "a 0 b", "a b"},
		{statefile.Path{"a", 1, "b"}, "a 1 b", "a 1 b"},
		{statefile.Path{"a", "b"}, "a b", "a b"},
		{statefile.Path{"a", "b", 0, "c"}, "a b 0 c", "a b 0 c"},
		{statefile.Path{"a", 0, 0, "c"}, "a 0 0 c", "a 0 c"},
	} {
		want := strings.ReplaceAll(tt.want, " ", "\x00")
		steps := strings.Fields(tt.steps)
		if got := normalPath(tt.path); got != want {
			t.Errorf("%s: got %q", tt.path, got)
		}
		if got := normalSteps(steps); got != want {
			t.Errorf("%s: got %q", tt.steps, got)
		}
		if got := strings.Join(steps, " "); got != tt.steps {
			t.Errorf("%s: the steps are %s afterwards", tt.steps, got)
		}
		if got := pathTexts(pathSteps(tt.path)); strings.Join(got, " ") != tt.steps {
			t.Errorf("%s: steps %v", tt.path, got)
		}
	}
}

// TestProveValues: an edit that doesn't make the value is taken back, with its reason,
// and no other; one that can't be read is an error.
func TestProveValues(t *testing.T) {
	const config = "resource \"heroku_app\" \"a\" {\n  stack  = \"x\"\n  region = \"us\"\n}\n"
	c := loadText(t, config)
	tasks := func() []*task {
		return []*task{
			{change: Change{Address: "heroku_app.a", Path: statefile.Path{"stack"}, Old: "x", New: "y"}, path: "stack", op: opReplace},
			{change: Change{Address: "heroku_app.a", Path: statefile.Path{"region"}, Old: "us", New: "eu"}, path: "region", op: opReplace},
			{change: Change{Address: "heroku_app.a", Path: statefile.Path{"space"}, New: "s"}, path: "space", reason: "it can't"},
		}
	}
	edit := func(old, next string) []FileEdit {
		return []FileEdit{{Path: c.files[0].name, New: []byte(strings.NewReplacer(strings.Split(old+","+next, ",")...).Replace(config))}}
	}
	const lost = "the edit, read back: it hasn't got its new value"
	for name, tt := range map[string]struct {
		edits   []FileEdit
		reasons [3]string
		again   bool
		fault   bool
	}{
		"both":       {[]FileEdit{{Path: c.files[0].name, New: []byte(strings.NewReplacer(`"x"`, `"y"`, `"us"`, `"eu"`).Replace(config))}}, [3]string{"", "", "it can't"}, false, false},
		"one":        {edit(`"x"`, `"y"`), [3]string{"", lost + ": the value there is neither the old nor the new one", "it can't"}, true, false},
		"none":       {edit(`"x"`, `"z"`), [3]string{lost + ": the value there is neither the old nor the new one", lost, "it can't"}, true, false},
		"no edit":    {nil, [3]string{"", "", "it can't"}, false, false},
		"unreadable": {edit(`"x"`, `(`), [3]string{"", "", "it can't"}, false, true},
	} {
		s := newSetter(c, nil)
		s.tasks = tasks()
		again, err := s.proveValues(tt.edits)
		if again != tt.again || (err != nil) != tt.fault {
			t.Errorf("%s: got again %t, %v", name, again, err)
		}
		for i, task := range s.tasks {
			want := tt.reasons[i]
			if want == "" && task.reason != "" || !strings.HasPrefix(task.reason, strings.TrimSuffix(want, ": the value there is neither the old nor the new one")) {
				t.Errorf("%s: %s: got %q, want %q", name, task.change.Path, task.reason, want)
			}
		}
	}
}

// TestNoProof: edits that can't be read back, or stand in each other's way, are none.
func TestNoProof(t *testing.T) {
	const config = "resource \"heroku_app\" \"a\" {\n  stack = \"x\"\n}\n"
	change := Change{Address: "heroku_app.a", Path: statefile.Path{"stack"}, Old: "x", New: "y"}
	c := loadText(t, config)
	addresses := []string{"heroku_app.a"}
	s := newSetter(c, addresses)
	s.expand(0, change)
	s.expand(1, Change{Address: "heroku_app.a"}) // takes the block out, of which SetValues tells the other
	if files, err := s.settle(); files != nil || !errors.Is(err, ErrProof) || !strings.Contains(err.Error(), "overlaps another") {
		t.Errorf("twice: got %v, %v", files, err)
	}
	c = loadText(t, config)
	if err := os.RemoveAll(c.dir); err != nil {
		t.Fatal(err)
	}
	if edit, err := c.SetValues(addresses, change); edit != nil || !errors.Is(err, ErrProof) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a folder that is gone: got %v, %v", edit, err)
	}
}

// TestResourcesThatStay: a resource stays as long as one that stays refers to it, whichever
// is to go first.
func TestResourcesThatStay(t *testing.T) {
	const config = "resource \"heroku_app\" \"a\" {\n  name = \"n\"\n}\nresource \"heroku_domain\" \"b\" {\n  app_id = heroku_app.a.id\n}\n"
	const more = "resource \"heroku_domain\" \"c\" {\n  hostname = heroku_domain.b.hostname\n}\n"
	addresses := []string{"heroku_app.a", "heroku_domain.b"}
	for _, changes := range [][]Change{{{Address: addresses[0]}, {Address: addresses[1]}}, {{Address: addresses[1]}, {Address: addresses[0]}}} {
		edit, err := loadText(t, config).SetValues(addresses, changes...)
		if err != nil || len(edit.Files) != 1 || len(edit.Pending()) != 0 || len(edit.Files[0].New) != 0 {
			t.Errorf("both go: got %+v, %v", edit, err)
		}
		nested := strings.NewReplacer("  hostname = ", "  timeouts {\n    create = ", "}", "  }\n}").Replace(more)
		edit, err = loadText(t, config+nested).SetValues(addresses, changes...)
		if err != nil || len(edit.Files) != 0 || len(edit.Pending()) != 2 {
			t.Fatalf("one stays, by a nested block: got %+v, %v", edit, err)
		}
		edit, err = loadText(t, config+more).SetValues(addresses, changes...)
		if err != nil || len(edit.Files) != 0 || len(edit.Pending()) != 2 {
			t.Fatalf("one stays: got %+v, %v", edit, err)
		}
		for _, change := range edit.Changes {
			by := map[string]string{addresses[0]: "heroku_domain.b at ", addresses[1]: "heroku_domain.c at "}[change.Address]
			if !strings.HasPrefix(change.Reason, by) || !strings.HasSuffix(change.Reason, " refers to it") {
				t.Errorf("%s: %s", change.Address, change.Reason)
			}
		}
	}
}

// TestListsThatGo: a list is taken out as it is put there, or it is said why it isn't.
func TestListsThatGo(t *testing.T) {
	for text, want := range map[string]string{
		`["a", "b"]`:           "",
		`["b", "a"]`:           "the value there is neither the old nor the new one",
		`["a", upper("b")]`:    "not all elements of the list are written out",
		`"a"`:                  "the value there is neither the old nor the new one",
		`concat(["a"], ["b"])`: "an expression makes it; ",
		`true ? ["a"] : ["b"]`: "an expression makes it; ",
	} {
		c := loadText(t, "variable \"x\" {}\nresource \"heroku_app\" \"a\" {\n  name = \"n\"\n  buildpacks = "+text+"\n}\n")
		edit, err := c.SetValues([]string{"heroku_app.a"}, Change{Address: "heroku_app.a", Path: statefile.Path{"buildpacks"}, Old: []any{"a", "b"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := edit.Changes[0].Reason; !strings.HasPrefix(got, want) || (got == "") != (want == "") || (len(edit.Files) == 0) != (want != "") {
			t.Errorf("%s: got %q, want %q, and %d edits", text, got, want, len(edit.Files))
		}
	}
}

// TestListsOfNoPlace: a list isn't put behind a key that a map hasn't got.
func TestListsOfNoPlace(t *testing.T) {
	c := loadText(t, "resource \"heroku_app\" \"a\" {\n  config_vars = { A = \"1\" }\n}\n")
	edit, err := c.SetValues([]string{"heroku_app.a"}, Change{Address: "heroku_app.a", Path: statefile.Path{"config_vars", "B"}, New: []any{"x"}})
	if err != nil || len(edit.Files) != 0 || edit.Changes[0].Reason != "its value isn't written out anywhere" {
		t.Errorf("got %+v, %v", edit, err)
	}
}

// TestListLimit: lists are compared up to a length.
func TestListLimit(t *testing.T) {
	for _, n := range []int{maxList, maxList + 1} {
		old := strings.Repeat(`"a", `, n-1) + `"b"`
		for _, text := range []string{"[" + old + "]", `["b"]`} {
			f, e := expression(t, text)
			next := []any{"b"}
			if text == `["b"]` {
				next = make([]any, n)
				for i := range next {
					next[i] = "b"
				}
			}
			_, err := listEdits(f, &task{file: f, place: place{source: source{expr: e}, list: next}})
			if (err == nil) != (n == maxList) {
				t.Errorf("%d elements: %v", n, err)
			}
		}
	}
}

// TestForbidden: a place in an installed module, and one that would show a secret.
func TestForbidden(t *testing.T) {
	for _, tt := range []struct {
		task task
		want string
	}{
		{task{}, "its place isn't known"},
		{task{file: &file{}}, ""},
		{task{file: &file{from: "a module from x"}}, "it stands in a module from x"},
		{task{file: &file{}, secret: true}, "it is secret, and no variable file has it: secrets aren't written into the configuration"},
		{task{file: &file{vars: true}, secret: true}, ""},
		{task{file: &file{vars: true}}, ""},
	} {
		if got := tt.task.forbidden(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// TestClashes: which tasks of one place can't both be done.
func TestClashes(t *testing.T) {
	c := loadText(t, "resource \"heroku_app\" \"a\" {\n}\n")
	target, err := c.lookup("heroku_app.a")
	if err != nil {
		t.Fatal(err)
	}
	make := func(o op, key, name string, value any) *task {
		return &task{op: o, target: target, change: Change{Path: statefile.Path{"stack"}, New: value}, place: place{key: key, name: name}}
	}
	for _, tt := range []struct {
		a, b *task
		want bool
	}{
		{make(opReplace, "", "", "x"), make(opReplace, "", "", "x"), false},
		{make(opReplace, "", "", "x"), make(opReplace, "", "", "y"), true},
		{make(opReplace, "", "", "x"), make(opInsert, "", "", "y"), false},
		{make(opInsert, "", "", "x"), make(opReplace, "", "", "y"), false},
		{make(opInsert, "k", "", "x"), make(opInsert, "k", "", "y"), true},
		{make(opInsert, "k", "", "x"), make(opInsert, "k", "", "x"), false},
		{make(opInsert, "k", "", "x"), make(opInsert, "l", "", "y"), false},
		{make(opInsert, "k", "m", "x"), make(opInsert, "k", "n", "y"), false},
		{make(opInsert, "k", "m", "x"), make(opInsert, "k", "m", "y"), true},
		{make(opInsert, "k", "", "x"), make(opRemove, "k", "", "y"), false},
		{make(opRemove, "k", "", "x"), make(opInsert, "k", "", "y"), false},
		{make(opRemove, "k", "", "x"), make(opRemove, "k", "", "y"), false},
	} {
		if got := tt.a.clashes(tt.b); got != tt.want {
			t.Errorf("%d %s.%s and %d %s.%s: %t", tt.a.op, tt.a.place.name, tt.a.place.key, tt.b.op, tt.b.place.name, tt.b.place.key, got)
		}
	}
}

// TestAlone: what has the lines that it stands on for itself.
func TestAlone(t *testing.T) {
	for text, want := range map[string]bool{
		"«a»":                  true,
		"«a»\n":                true,
		"x\n  «a» \t\r\ny":     true,
		"«a» # c\n":            true,
		"«a» // c\n":           true,
		"«a»,\n":               true,
		"«a» , # c\n":          true,
		"«a\nb»\nx":            true,
		"x «a»\n":              false,
		"/* c */ «a»\n":        false,
		"«a» x\n":              false,
		"«a» /* c */\n":        false,
		"«a» / 2\n":            false,
		"«a»,,\n":              false,
		"«a», b\n":             false,
		"x «a\nb»\n":           false,
		"«a\nb» x\n":           false,
		"x\n«a»\r\n# unlike\n": true,
	} {
		start := strings.Index(text, "«")
		end := strings.Index(text, "»") - len("«")
		f := &file{data: []byte(strings.NewReplacer("«", "", "»", "").Replace(text))}
		if got := f.alone(start, end); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

// TestLines: where lines begin and end, and how far they are indented.
func TestLines(t *testing.T) {
	f := &file{data: []byte("ab\n \tcd\r\n\nef")}
	for at, want := range map[int][4]any{
		0: {0, 2, 3, ""}, 2: {0, 2, 3, ""}, 3: {3, 7, 9, ""}, 4: {3, 7, 9, " "}, 5: {3, 7, 9, " \t"}, 6: {3, 7, 9, " \t"}, 7: {3, 7, 9, " \t"},
		8: {3, 8, 9, " \t"}, 9: {9, 9, 10, ""}, 10: {10, 12, 12, ""}, 12: {10, 12, 12, ""},
	} {
		if got := [4]any{f.lineStart(at), f.lineEnd(at), f.nextLine(at), f.indent(at)}; got != want {
			t.Errorf("%d: got %q, want %q", at, got, want)
		}
	}
	if f.newline() != "\r\n" || (&file{data: []byte("a\n\r")}).newline() != "\n" {
		t.Error("the line ends of a file are others")
	}
}
