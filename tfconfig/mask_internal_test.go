package tfconfig

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMask: of a file, only what is known to be no secret is shown: texts that an edit says
// are none, names, labels and keys, and arguments that the provider's table knows.
func TestMask(t *testing.T) {
	for name, tt := range map[string]struct {
		text, want      string
		shown, secrets  []string
		json, untouched bool
	}{
		"unknown texts":    {text: "x = \"a\"\ny = [\"b\", \"c d\"]\n", want: "x = \"(secret)\"\ny = [\"(secret)\", \"(secret)\"]\n"},
		"shown":            {text: "x = \"a\"\ny = \"b\"\n", want: "x = \"a\"\ny = \"(secret)\"\n", shown: []string{"a"}},
		"shown and secret": {text: "x = \"a\"\n", want: "x = \"(secret)\"\n", shown: []string{"a"}, secrets: []string{"a"}},
		"escaped":          {text: `x = "a\"b"` + "\n", want: "x = \"a\\\"b\"\n", shown: []string{`a"b`}},
		"escaped, unknown": {text: `x = "a\"b"` + "\n", want: "x = \"(secret)\"\n", shown: []string{`a\"b`}},
		"templates":        {text: "x = \"a${b}c\"\n", want: "x = \"(secret)${b}(secret)\"\n"},
		"empty":            {text: "x = \"\"\n", untouched: true},
		"numbers":          {text: "x = 7\ny = 8\n", want: "x = 7\ny = (secret)\n", secrets: []string{"8"}},
		"shown numbers":    {text: "x = 7\n", untouched: true, shown: []string{"7"}, secrets: []string{"7"}},
		"unknown numbers":  {text: "x = 7\n", untouched: true},
		"bools":            {text: "x = true\ny = false\nz = null\n", want: "x = (secret)\ny = (secret)\nz = null\n", secrets: []string{"true", "false", "null"}},
		"unknown bools":    {text: "x = true\ny = false\n", untouched: true},
		"shown bools":      {text: "x = true\ny = false\n", want: "x = true\ny = (secret)\n", shown: []string{"true"}, secrets: []string{"true", "false"}},
		"names":            {text: "x = a.b\n", untouched: true, secrets: []string{"x", "a", "b"}},
		"heredoc":          {text: "x = <<E\n  a\n\nb c\nE\n", want: "x = <<E\n  (secret)\n\n(secret)\nE\n"},
		"shown heredoc":    {text: "x = <<E\n  a\nb c\nE\n", want: "x = <<E\n  a\n(secret)\nE\n", shown: []string{"a"}},
		"indented heredoc": {text: "x = <<-E\n\ta\n  E\n", want: "x = <<-E\n\t(secret)\n  E\n"},
		"comments":         {text: "x = \"a\" # a\n", want: "x = \"(secret)\" # a\n"},
		"labels":           {text: "a \"b\" {\n  x = \"b\"\n}\n", want: "a \"b\" {\n  x = \"(secret)\"\n}\n"},
		"keys":             {text: "x = { \"a\" = \"b\", c = \"d\", \"e\" : \"f\" }\n", want: "x = { \"a\" = \"(secret)\", c = \"(secret)\", \"e\" : \"(secret)\" }\n"},
		"moved and the like": {text: "moved {\n  from = a.b[\"c\"]\n}\nremoved {\n  from = a.b[\"c\"]\n}\nimport {\n  id = \"x\"\n}\nother {\n  x = a[\"c\"]\n}\n",
			want: "moved {\n  from = a.b[\"c\"]\n}\nremoved {\n  from = a.b[\"c\"]\n}\nimport {\n  id = \"x\"\n}\nother {\n  x = a[\"(secret)\"]\n}\n"},
		"module": {text: "module \"m\" {\n  source = \"a\"\n  version = \"1\"\n  other = \"b\"\n}\nother \"m\" {\n  source = \"a\"\n}\nmodule \"n\" {}\n",
			want: "module \"m\" {\n  source = \"a\"\n  version = \"1\"\n  other = \"(secret)\"\n}\nother \"m\" {\n  source = \"(secret)\"\n}\nmodule \"n\" {}\n"},
		"resource": {text: "resource \"heroku_app\" \"a\" {\n  name = \"n\"\n  stack = \"s\"\n  config_vars = { a = \"b\" }\n  sensitive_config_vars = { a = \"b\" }\n  other = \"o\"\n  organization {\n    name = \"t\"\n    x = \"y\"\n  }\n  lifecycle {\n    name = \"z\"\n  }\n}\n",
			want: "resource \"heroku_app\" \"a\" {\n  name = \"n\"\n  stack = \"s\"\n  config_vars = { a = \"(secret)\" }\n  sensitive_config_vars = { a = \"(secret)\" }\n  other = \"(secret)\"\n  organization {\n    name = \"t\"\n    x = \"(secret)\"\n  }\n  lifecycle {\n    name = \"(secret)\"\n  }\n}\n"},
		"visible numbers": {text: "resource \"heroku_formation\" \"a\" {\n  quantity = 7\n  other = 7\n}\n", want: "resource \"heroku_formation\" \"a\" {\n  quantity = 7\n  other = (secret)\n}\n", secrets: []string{"7"}},
		"resources of others": {text: "resource \"other_app\" \"a\" {\n  name = \"n\"\n}\nresource {\n  name = \"n\"\n}\ndata \"heroku_app\" \"a\" {\n  name = \"n\"\n}\n",
			want: "resource \"other_app\" \"a\" {\n  name = \"(secret)\"\n}\nresource {\n  name = \"(secret)\"\n}\ndata \"heroku_app\" \"a\" {\n  name = \"(secret)\"\n}\n"},
		"JSON":         {text: "{\"a\": {\"b\": [\"c\", 7, true]}}\n", want: "{\"a\": {\"b\": [\"(secret)\", 7, true]}}\n"},
		"JSON secrets": {text: "{\"a\": {\"b\": [\"c\", 7, true, null]}, \"d\": \"e\"}\n", want: "{\"a\": {\"b\": [\"c\", (secret), (secret), null]}, \"d\": \"(secret)\"}\n", shown: []string{"c"}, secrets: []string{"7", "true", "null"}},
		"not HCL":      {text: "x = \"a\ny = \"b\"\n", want: "(secret)\n(secret)\n(secret)\n"},
		"not UTF-8":    {text: "x = \xff\n\xff\"b\"\n", want: "(secret)\n(secret)\n(secret)\n"},
	} {
		e := &FileEdit{Path: "a.tf", shown: tt.shown, secrets: tt.secrets}
		want := tt.want
		if tt.untouched {
			want = tt.text
		}
		if diff := cmp.Diff(want, string(e.mask([]byte(tt.text)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if visible([]byte("x = \""), "a.tf") != nil || visible([]byte("module \"m\" {\n}\n}\n"), "a.tf") != nil {
		t.Error("something is visible of a file that can't be read")
	}
	var parts []string
	const text = "resource \"heroku_app\" \"a\" {\n  name = \"n\"\n}\nmodule \"m\" {\n  version = 1\n}\nmoved {\n}\nx = { a = 1 }\n"
	for _, r := range visible([]byte(text), "a.tf") {
		parts = append(parts, string(r.SliceBytes([]byte(text))))
	}
	slices.Sort(parts)
	if diff := cmp.Diff([]string{`"a"`, `"heroku_app"`, `"m"`, `"n"`, "1", "a", "{\n}"}, parts); diff != "" {
		t.Errorf("visible (-want +got):\n%s", diff)
	}
}

// TestPatch: an edit as a difference, whose lines are those of the masked files.
func TestPatch(t *testing.T) {
	const x, many = "x = \"k\"\n", "# 1\n# 2\n# 3\n# 4\n# 5\n# 6\n# 7\n# 8\n"
	for name, tt := range map[string]struct {
		old, new, masked string
		clear            string // "": the same with k, a and b
	}{
		"nothing": {old: "x = \"a\"\n", new: "x = \"a\"\n"},
		"a line": {old: x + "y = \"a\"\n" + x, new: x + "y = \"b\"\n" + x,
			masked: "diff f.tf f.tf\n--- f.tf\n+++ f.tf\n@@ -1,3 +1,3 @@\n x = \"(secret)\"\n-y = \"(secret)\"\n+y = \"b\"\n x = \"(secret)\"\n"},
		"two hunks": {old: "y = \"a\"\n" + many + "z = \"a\"\n", new: "y = \"b\"\ny = \"c\"\n" + many + "z = \"b\"\n",
			masked: "diff f.tf f.tf\n--- f.tf\n+++ f.tf\n@@ -1,4 +1,5 @@\n-y = \"(secret)\"\n+y = \"b\"\n+y = \"(secret)\"\n # 1\n # 2\n # 3\n" +
				"@@ -7,4 +8,4 @@\n # 6\n # 7\n # 8\n-z = \"(secret)\"\n+z = \"b\"\n"},
		"new":                      {new: "y = \"a\"\nz = \"b\"\n", masked: "diff f.tf f.tf\n--- f.tf\n+++ f.tf\n@@ -0,0 +1,2 @@\n+y = \"(secret)\"\n+z = \"b\"\n"},
		"all":                      {old: "y = \"a\"\nz = \"b\"\n", masked: "diff f.tf f.tf\n--- f.tf\n+++ f.tf\n@@ -1,2 +0,0 @@\n-y = \"(secret)\"\n-z = \"b\"\n"},
		"no line break at the end": {old: "y = \"a\"", new: "y = \"b\"", masked: "diff f.tf f.tf\n--- f.tf\n+++ f.tf\n@@ -1,1 +1,1 @@\n-y = \"(secret)\"\n\\ No newline at end of file\n+y = \"b\"\n\\ No newline at end of file\n"},
		"a line break comes":       {old: "y = \"a\"", new: "y = \"a\"\n", masked: "diff f.tf f.tf\n--- f.tf\n+++ f.tf\n@@ -1,1 +1,1 @@\n-y = \"(secret)\"\n\\ No newline at end of file\n+y = \"(secret)\"\n"},
		"beside --- and +++":       {old: "y = \"a\"\n# -- a\n", new: "y = \"a\"\n# ++ b\n", masked: "diff f.tf f.tf\n--- f.tf\n+++ f.tf\n@@ -1,2 +1,2 @@\n y = \"(secret)\"\n-# -- a\n+# ++ b\n"},
	} {
		e := &FileEdit{Path: "f.tf", Old: []byte(tt.old), New: []byte(tt.new), shown: []string{"b"}}
		if tt.old == "" {
			e.Old = nil
		}
		got := e.Patch(false)
		if diff := cmp.Diff(tt.masked, string(got)); diff != "" || (got == nil) != (tt.masked == "") {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		clear := string(e.Patch(true))
		if strings.Contains(clear, masked) || strings.Count(clear, "\n") != strings.Count(tt.masked, "\n") || tt.masked != "" && !strings.HasPrefix(clear, "diff f.tf f.tf\n--- f.tf\n+++ f.tf\n@@ ") {
			t.Errorf("%s, with secrets: %s", name, clear)
		}
	}
}

// TestTextsOfValues: all texts that a value may be written as, line by line.
func TestTextsOfValues(t *testing.T) {
	got := appendTexts([]string{"x"}, []any{"a", map[string]any{"k": []any{"  b c \n d\n"}}, json.Number("7"), true, nil, json.Number("1.5"), ""})
	if diff := cmp.Diff([]string{"x", "a", "b c", "d", "7", "true", "1.5"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for raw, want := range map[string]string{`a`: "a", `a\"b`: `a"b`, `a\nb`: "a\nb", `$${a}`: "${a}", ``: "", `a"b`: "-", `${a}`: "-", `a\q`: "-"} {
		if got, ok := unquoted([]byte(raw)); ok != (want != "-") || ok && got != want {
			t.Errorf("%s: got %q, %t", raw, got, ok)
		}
	}
	if got := endLine([]byte("a\n")); string(got) != "a\n" {
		t.Errorf("got %q", got)
	}
	line := []byte("abc")
	if got := endLine(line[:1]); string(got) != "a\n" || string(line) != "abc" {
		t.Errorf("got %q, %q", got, line)
	}
	for _, tt := range []struct{ secret, hidden, want bool }{{false, false, false}, {true, false, true}, {false, true, true}} {
		if got := (&task{secret: tt.secret, change: Change{Hidden: tt.hidden}}).hidden(); got != tt.want {
			t.Errorf("%+v: got %t", tt, got)
		}
	}
}
