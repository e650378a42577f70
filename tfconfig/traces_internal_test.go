package tfconfig

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestTraces: which texts an expression comes from, and whether as they are.
func TestTraces(t *testing.T) {
	for _, tt := range []struct {
		expr   string
		path   path
		strict bool
		want   string
	}{
		{`local.list[*][each.key]`, nil, false, "k, one"},
		{`local.list[*][each.key]`, nil, true, "one"},
		{`merge({ a = "x" }, { b = "y", a = "z" })`, path{named("a")}, true, "z exact"},
		{`merge({ a = "x" }, { b = "y" })`, path{named("a")}, true, "x exact"},
		{`merge({ a = "x" }, { (var.k) = "y", a = "z" })`, path{named("a")}, true, "x, y, z"},
		{`merge({ a = "x" }, { (var.k) = "y" })`, path{named("a")}, true, "x, y"},
		{`var.k == "" && (local.n == "c" || "d" == local.n) ? "x" : "y"`, nil, false, "c, d, n, x exact, y exact"},
		{`(local.n != "") ? "x" : "y"`, nil, false, "x exact, y exact"},
		{`(local.n != "") ? "x" : "y"`, nil, true, ", n, x, y"},
	} {
		c := loadText(t, "variable \"k\" {}\nlocals {\n  n = \"n\"\n  list = [{ k = \"one\", z = \"two\" }]\n}\n"+
			"resource \"heroku_app\" \"a\" {\n  for_each = { k = 1 }\n  name = "+tt.expr+"\n}\n")
		target, err := c.lookup(`heroku_app.a["k"]`)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		tr, sc := target.instance(c, &work{strict: tt.strict}, func(s source) {
			if s.text {
				got = append(got, s.value+map[bool]string{true: " exact"}[s.exact])
			}
		})
		tr.strict = tt.strict
		tr.resolve(target.block.attr("name").expr, tt.path, sc, true, nil)
		slices.Sort(got)
		if got := strings.Join(slices.Compact(got), ", "); got != tt.want {
			t.Errorf("%s %v, strict %t: got %s, want %s", tt.expr, fmt.Sprint(tt.path), tt.strict, got, tt.want)
		}
	}
}
