package ignore

import (
	"errors"
	"testing"
)

// TestParseOneFault: what can't be used is one fault, and what is missing by it no second
// one.
func TestParseOneFault(t *testing.T) {
	const text = " has to be a text in quotes, without variables and functions"
	for _, tt := range []struct{ name, text, want string }{
		{"i.hcl", "ignore {\n  address = \"\"\n  reason = \"r\"\n}\n", "i.hcl:2:13: address is empty: leave it out"},
		{"i.hcl", "ignore {\n  type = \"\"\n  reason = \"r\"\n}\n", "i.hcl:2:10: type is empty: leave it out"},
		{"i.hcl", "ignore {\n  app = 7\n  reason = \"r\"\n}\n", "i.hcl:2:9: app" + text},
		{"i.hcl", "ignore {\n  id = null\n  reason = \"r\"\n}\n", "i.hcl:2:8: id" + text},
		{"i.hcl", "ignore {\n  id = \"a\"\n  reason = true\n}\n", "i.hcl:3:12: reason" + text},
		{"i.hcl", "ignore {\n  id = \"a\"\n  reason = \"\"\n}\n", "i.hcl:3:12: the rule gives no reason"},
		{"i.hcl", "ignore {\n  id = \"a\"\n}\n", "i.hcl:1:1: the rule gives no reason"},
		{"i.hcl", "ignore {\n  attribute = \"a\"\n  reason = \"r\"\n}\n", "i.hcl:1:1: the rule says nothing of which objects it is for: it needs address, type, app or id"},
		{"i.hcl", "ignore {\n  attribute = \"\"\n  id = \"a\"\n  reason = \"r\"\n}\n", "i.hcl:2:15: attribute is empty: leave it out"},
		{"i.hcl", "ignore {\n  id = \"a${1}\"\n  reason = \"r\"\n}\n", "i.hcl:2:12: id" + text},
		{"i.hcl", "ignore {\n  id = \"a${null}\"\n  reason = \"r\"\n}\n", "i.hcl:2:12: id" + text},
		{"i.hcl", "ignore {\n  id = \"${\"a\"}\"\n  reason = \"r\"\n}\n", "i.hcl:2:8: id" + text},
		{"i.hcl", "ignore {\n  id = \"a\"\n  verdict = []\n  reason = \"r\"\n}\n", "i.hcl:3:13: verdict is an empty list: leave it out for all verdicts"},
		{"i.hcl", "ignore {\n  id = \"a\"\n  verdict = [\"changed\", \"\"]\n  reason = \"r\"\n}\n", "i.hcl:3:13: unknown verdict \"\""},
		{"i.hcl", "ignore {\n  id = \"a\"\n  verdict = \"ignored\"\n  reason = \"r\"\n}\n", "i.hcl:3:13: verdict \"ignored\": there is nothing to ignore in such objects"},
		{"i.hcl", "ignore {\n  id = \"a\"\n  expires = \"\"\n  reason = \"r\"\n}\n", "i.hcl:3:13: expires \"\" is neither a date such as 2027-03-31 nor a time such as 2027-03-31T18:00:00Z"},
		{"i.hcl", "ignore {\n  id = \"a\"\n  expires = \"0001-01-01T00:00:00Z\"\n  reason = \"r\"\n}\n", "i.hcl:3:13: expires \"0001-01-01T00:00:00Z\" is neither a date such as 2027-03-31 nor a time such as 2027-03-31T18:00:00Z"},
		{"i.hcl", "ignore \"a\" \"b\" {\n  id = \"a\"\n  reason = \"r\"\n}\n", "i.hcl:1:8: an ignore block has no label"},
		{"i.json", `{"ignore": {"id": "a", "reason": "r"}, "ignore": {"id": "b", "reason": "r"}}`, "i.json:1:40: Duplicate attribute definition: The argument \"ignore\" was already set at i.json:1,2-38"},
		{"i.json", `{"ignore": {"id": 7, "reason": "r"}}`, "i.json:1:19: id has to be a text"},
		{"i.json", `{"ignore": {"id": null, "reason": "r"}}`, "i.json:1:19: id has to be a text"},
		{"i.json", `{"ignore": {"id": "a%{b", "reason": "r"}}`, "i.json:1:19: id has to be a text without variables and functions; ${ and %{ are written $${ and %%{"},
		{"i.json", `{"ignore": {"id": "a\u0000", "reason": "r"}}`, "i.json:1:19: id has to be a text without variables and functions; ${ and %{ are written $${ and %%{"},
		{"i.json", `{"ignore": {"id": "a\u0001", "reason": "r"}}`, "i.json:1:19: id has to be a text without variables and functions; ${ and %{ are written $${ and %%{"},
		{"i.json", `{"ignore": "x"}`, "i.json:1:12: a rule is an object"},
		{"i.json", `{"ignore": [[]]}`, "i.json:1:13: a rule is an object"},
		{"i.json", `{"ignore": {"id": "a", "reason": "r", "verdict": {"a": "b"}}}`, "i.json:1:50: verdict has to be a text"},
	} {
		_, err := Parse(tt.name, []byte(tt.text))
		e, ok := errors.AsType[*Error](err)
		if !ok || len(e.Faults) != 1 || e.Faults[0].Error() != tt.want {
			t.Errorf("%s: got %v, want %s", tt.text, err, tt.want)
		}
	}
}

// TestParseTexts: what texts stand for in both syntaxes.
func TestParseTexts(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"i.hcl", `ignore {` + "\n  id = \"a$${b}%%{c} \\\"\"\n  reason = \"r\"\n}\n", `a${b}%{c} "`},
		{"i.hcl", "ignore {\n  id = <<X\na\nX\n  reason = \"r\"\n}\n", "a\n"},
		{"i.json", `{"ignore": {"id": "a$${b}%%{c} $ % {", "reason": "r"}}`, "a${b}%{c} $ % {"},
		{"i.json", `{"ignore": {"id": "$$${a}", "reason": "r"}}`, "$${a}"},
		{"i.json", "\xef\xbb\xbf" + `{"ignore": {"id": "a", "reason": "r"}}`, "a"},
		{"i", "\xef\xbb\xbf" + `{"ignore": {"id": "a", "reason": "r"}}`, "a"},
	} {
		rules, err := Parse(tt.name, []byte(tt.text))
		if err != nil || len(rules.Rules()) != 1 || rules.Rules()[0].ID != tt.want {
			t.Errorf("%s: got %q, %v", tt.text, rules.Rules(), err)
		}
	}
}
