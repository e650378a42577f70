package tfconfig

import (
	"errors"
	"strings"
	"testing"
)

// TestReadBy: whether a source that was found may be the instance that is meant.
func TestReadBy(t *testing.T) {
	n, other := &node{}, &node{}
	a, b := named("a"), named("b")
	out := func(n *node, key step, prev *link) *link {
		return &link{kind: KindOutput, node: n, key: key, prev: prev}
	}
	for _, tt := range []struct {
		name string
		key  *step
		keys map[*node]step
		s    source
		want bool
	}{
		{"no keys", nil, nil, source{}, true},
		{"the key", &a, nil, source{key: a}, true},
		{"another", &a, nil, source{key: b}, false},
		{"a key, of one without", nil, nil, source{key: b}, true},
		{"any", &a, nil, source{}, true},
		{"any, though it has a text", &a, nil, source{key: step{key: "b"}}, true},
		{"the module's key", nil, map[*node]step{n: a}, source{chain: out(n, a, nil)}, true},
		{"another module's key", nil, map[*node]step{n: a}, source{chain: out(n, b, nil)}, false},
		{"any key of the module", nil, map[*node]step{n: a}, source{chain: out(n, step{}, nil)}, true},
		{"a key of another call", nil, map[*node]step{n: a}, source{chain: out(other, b, nil)}, true},
		{"a key further on", nil, map[*node]step{n: a}, source{chain: &link{kind: KindLocal, prev: out(n, b, nil)}}, false},
		{"no output", nil, map[*node]step{n: a}, source{chain: &link{kind: KindLocal, node: n, key: b}}, true},
	} {
		target := &target{key: tt.key, keys: tt.keys}
		if got := target.readBy(tt.s); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}

// TestReferenceText: how an attribute is spelled that is read.
func TestReferenceText(t *testing.T) {
	n := &node{}
	for want, s := range map[string]source{
		"heroku_app.a.name":         {},
		`heroku_app.a["k"].name`:    {key: named("k"), keyed: true},
		`heroku_app.a["a\"b"].name`: {key: named(`a"b`), keyed: true},
		`heroku_app.a["1a"].name`:   {key: named("1a"), keyed: true},
		"heroku_app.a[10].name":     {key: named("10"), keyed: true},
		"heroku_app.a[…].name":      {keyed: true},
	} {
		s.node, s.address, s.attr = n, "heroku_app.a", "name"
		if got := s.reference(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestCheckRenames: which renames can't be meant, and why.
func TestCheckRenames(t *testing.T) {
	for _, tt := range []struct {
		renames []AppRename
		want    string // "": they can
	}{
		{nil, ""},
		{[]AppRename{{Old: "app-a", New: "app-b"}}, ""},
		{[]AppRename{{Address: "heroku_app.a", Old: "app-a", New: "app-b"}, {Address: "heroku_app.b", Old: "app-a", New: "app-b"}}, ""},
		{[]AppRename{{Old: "app-a", New: "app-b"}, {Old: "app-b", New: "app-a"}}, ""},
		{[]AppRename{{Old: "app-a", New: "app-b"}, {Old: "app-b", New: "app-c"}}, ""},
		{[]AppRename{{Old: "App", New: "app-b"}}, `"App" isn't a Heroku app name`},
		{[]AppRename{{Old: "app-a", New: ""}}, `"" isn't a Heroku app name`},
		{[]AppRename{{Old: "app-a", New: "app-b"}, {Old: "app-a", New: "app-c"}}, `"app-a" becomes "app-b" and "app-c"`},
		{[]AppRename{{Old: "app-a", New: "app-c"}, {Old: "app-b", New: "app-c"}}, `"app-a" and "app-b" both become "app-c"`},
		{[]AppRename{{Old: "app-a", New: "app-b"}, {Address: "a.b.c", Old: "app-c", New: "app-d"}}, `"a.b.c" is no resource address`},
	} {
		err := checkRenames(tt.renames)
		if tt.want == "" {
			if err != nil {
				t.Errorf("%v: got %v", tt.renames, err)
			}
		} else if !errors.Is(err, ErrInvalidRename) || !strings.HasSuffix(err.Error(), ": "+tt.want) {
			t.Errorf("%v: got %v, want %s", tt.renames, err, tt.want)
		}
	}
}

// TestVia: what hands a value on, in the order of the way, without its source.
func TestVia(t *testing.T) {
	chain := func(links ...link) (l *link) { // from the use to the source
		for _, next := range links {
			next.prev = l
			l = &next
		}
		return l
	}
	v := func(kind Kind, address string) link { return link{kind: kind, address: address} }
	for _, tt := range []struct {
		chain *link
		want  string
	}{
		{nil, ""},
		{chain(v(KindLocal, "local.a")), ""},
		{chain(v(KindLocal, "local.a"), v(KindLocal, "local.b")), "local.a"},
		{chain(v(KindVariable, "var.a"), v(KindDefault, "var.a")), ""},
		{chain(v(KindVariable, "var.a"), v(KindArgument, "var.a"), v(KindVariable, "var.b"), v(KindValue, "var.b")), "var.a"},
		{chain(v(KindForEach, "heroku_app.a"), v(KindLocal, "local.a"), v(KindLocal, "local.b")), "local.a"},
		{chain(v(KindOutput, "output.a"), v(KindLocal, "local.a"), v(KindForEach, "x"), v(KindLocal, "local.b")), "output.a local.a"},
		{chain(v(KindVariable, "var.a"), v(KindLocal, "var.a")), ""},
		{chain(v(KindLocal, "var.a"), v(KindDefault, "var.a")), "var.a"},
	} {
		if got := strings.Join(via(tt.chain), " "); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
