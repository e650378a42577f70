package tfconfig

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPlaceTexts: what a place says, with each of its parts and without it.
func TestPlaceTexts(t *testing.T) {
	at := Position{File: "a.tf", Line: 3, Column: 7}
	for want, p := range map[string]Place{
		"a.tf:3:7: name":                        {Position: at, Kind: KindName},
		"a.tf:3:7: name of heroku_app.a":        {Position: at, Kind: KindName, Attribute: "name", Address: "heroku_app.a"},
		"a.tf:3:7: child app_id of t.n":         {Position: at, Kind: KindChild, Attribute: "app_id", Address: "t.n"},
		`a.tf:3:7: mention of "old-app": "x"`:   {Position: at, Kind: KindMention, Old: "old-app", New: "new-app", Text: `"x"`},
		`a.tf:3:7: name: "x"`:                   {Position: at, Kind: KindName, Old: "old-app", Text: `"x"`},
		"a.tf:3:7: data (via var.a, local.b)":   {Position: at, Kind: KindData, Via: []string{"var.a", "local.b"}},
		"a.tf:3:7: data [it isn't edited]":      {Position: at, Kind: KindData, Note: "it isn't edited"},
		"heroku_app.a: it isn't there":          {Position: at, Kind: KindAbsent, Address: "heroku_app.a", Note: "it isn't there", Text: "x"},
		"a.tf: name":                            {Position: Position{File: "a.tf", Column: 7}, Kind: KindName},
		`a.tf:3:7: data of t.n["a\u202eb"]: \t`: {Position: at, Kind: KindData, Address: "t.n[\"a\u202eb\"]", Text: "\t"},
		`heroku_app.a\u202e: \u202e`:            {Kind: KindAbsent, Address: "heroku_app.a\u202e", Note: "\u202e"},
	} {
		if diff := cmp.Diff(want, p.String()); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", p, diff)
		}
	}
	for want, p := range map[string]Position{"a.tf": {File: "a.tf"}, "a.tf:1:2": {File: "a.tf", Line: 1, Column: 2}, `a\u202e.tf:1:2`: {File: "a\u202e.tf", Line: 1, Column: 2}} {
		if got := p.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	x := func(n int) string { return strings.Repeat("é", n) }
	for text, want := range map[string]string{"": "", " a\n\tb ": "a b", "a\u202e": `a\u202e`, x(maxText): x(maxText), x(maxText + 1): x(maxText) + "…"} {
		if got := shorten(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestErrorTexts: faults are one line each, with the place as far as it is known.
func TestErrorTexts(t *testing.T) {
	list := ErrorList{{Name: "a.tf", Err: errDisk}, {Name: "b.tf", Line: 2, Column: 3, Err: errTooDeep}, {Name: "c\u202e.tf", Line: 1, Err: errThere}}
	if diff := cmp.Diff("a.tf: the disk is broken\nb.tf:2:3: nested too deep\n"+`c\u202e.tf:1:0: a file of this name is there already (file changed since it was read)`, list.Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := list.Unwrap(); len(got) != 3 || got[1] != error(list[1]) || list[1].Unwrap() != errTooDeep {
		t.Errorf("got %v", got)
	}
}

// TestPositionsInJSON: what stands in a text with escapes is where its quotes are, and what
// doesn't stands where it is.
func TestPositionsInJSON(t *testing.T) {
	const text = `{"locals": {"a": "${f(\"x\", a)}", "b": "${b}", "c": "x\u00e9${c}"}}`
	c, err := Load(folder(t, map[string]string{"a.tf.json": text}))
	if err != nil {
		t.Fatal(err)
	}
	f := c.files[0]
	for name, want := range map[string]int{"a": 18, "b": 44, "c": 54} {
		rng := c.root.mod.locals[name].expr.Range()
		for _, v := range []int{rng.Start.Byte, rng.End.Byte - 1} {
			r := rng
			r.Start.Byte, r.Start.Column = v, v+1
			got := c.position(r)
			if name == "b" {
				want = v + 1
			}
			if got != (Position{File: f.name, Line: 1, Column: want}) {
				t.Errorf("%s at offset %d: got %v, want column %d", name, v, got, want)
			}
		}
	}
	// Beside the texts.
	for _, r := range f.escaped {
		for _, at := range []int{r.Start.Byte - 1, r.End.Byte} {
			o := r
			o.Start.Byte, o.Start.Column = at, 99
			if got := c.position(o); got.Column != 99 {
				t.Errorf("offset %d: got %v", at, got)
			}
		}
	}
	if _, e := expression(t, "a"); c.source(e) != "" {
		t.Error("an expression of no file has a text")
	}
	// A text that is no UTF-8 is longer as HCL has it than in the file.
	bad := folder(t, map[string]string{"b.tf.json": `{"locals": {"a": "` + strings.Repeat("\xff", 50) + `${lower(\"old-app\")}"}}`})
	if c, err = Load(bad); err == nil {
		for _, p := range c.RenamePlaces(AppRename{Old: "old-app", New: "new-app"}) {
			if p.Editable {
				t.Errorf("got %v", p)
			}
		}
		if got := c.source(c.root.mod.locals["a"].expr); got != "" {
			t.Errorf("got the text %q", got)
		}
	}
}

// TestPositionInRoot: an address in a module is configured by the call in the root module,
// if that is asked for.
func TestPositionInRoot(t *testing.T) {
	c, err := Load(folder(t, map[string]string{
		"main.tf":     "module \"a\" {\n  source = \"./a\"\n}\nresource \"heroku_app\" \"r\" {}\nmodule \"far\" {\n  source = \"acme/far/heroku\"\n}\n",
		"a/main.tf":   "\nmodule \"b\" {\n  source = \"./b\"\n}\n",
		"a/b/main.tf": "\n\nresource \"heroku_app\" \"x\" {}\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string][2]int{ // lines, in the module and in the root module
		"module.a.module.b.heroku_app.x": {3, 1}, `module.a["k"].module.b[0].heroku_app.x["y"]`: {3, 1}, "heroku_app.r": {4, 4}, "module.far.heroku_app.x": {0, 5},
		"module.a.heroku_app.none": {0, 1}, "module.none.heroku_app.x": {0, 0}, "heroku_app.none": {0, 0}, "no address": {0, 0},
		"module.a.heroku_app": {0, 0}, "module.a.heroku_app.x.y": {0, 0},
	} {
		for i, inRoot := range []bool{false, true} {
			got, ok := c.Position(address, inRoot)
			if got.Line != want[i] || ok != (want[i] > 0) || ok != (got.Column == 1) || ok != (got.File != "") {
				t.Errorf("%s, %t: got %v, %t, want line %d", address, inRoot, got, ok, want[i])
			}
		}
	}
}
