package tfconfig

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSlugVariables: names take apart at the last infix, with something before and behind it.
func TestSlugVariables(t *testing.T) {
	for name, want := range map[string]string{
		"api_slug_production": "slug_id production slug", "api_oci_image_staging": "oci_image staging slug", "a_slug_b_slug_review": "slug_id review slug",
		"blog_slug_store_oci_image_production": "oci_image production slug", "a_oci_image_b_slug_development": "slug_id development slug",
		"a_slug_prod": "slug_id prod", "_slug_production": "", "_oci_image_production": "", "a_slug_": "", "a_oci_image_": "", "a_slug": "", "": "", "slug_production": "",
		"_slug_slug_production": "slug_id production slug", "a_slug_slug_": "", "a_slug__slug_": "", "a_oci_image_slug_x": "slug_id x",
	} {
		argument, stage, ok := slugVariable(name)
		got := ""
		if ok {
			got = argument + " " + stage
		} else if argument+stage != "" {
			t.Errorf("%s: got %q, %q", name, argument, stage)
		}
		if IsSlugVariable(name) {
			got += " slug"
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// TestVariables: what is declared of each variable of the root module, and which files give
// it a value.
func TestVariables(t *testing.T) {
	dir := folder(t, map[string]string{
		"main.tf": `variable "b" {
  type      = list(
    string
  )
  sensitive = true
  ephemeral = true
  default   = null
}
variable "a" {}
variable "c" {
  type      = "string"
  sensitive = false
  ephemeral = false
}
variable "d" {
  sensitive = null
  ephemeral = "true"
}
variable "g" {
  type      = a.b
  sensitive = var.a
  ephemeral = 1
}
module "m" {
  source = "./m"
}
`,
		"more.tf.json":     `{"variable": {"e": {"type": "map(string)", "sensitive": true}, "f": {"sensitive": 1}}}`,
		"m/main.tf":        "variable \"inner\" {}\n",
		"terraform.tfvars": "a = 1\nb = 2\n",
		"x.auto.tfvars":    "\n  a = 1\n",
		"other.tfvars":     "c = 1\n",
	})
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string, line, column int) Position {
		return Position{File: filepath.Join(dir, name), Line: line, Column: column}
	}
	want := []Variable{
		{Name: "a", Position: at("main.tf", 9, 1), Values: []Position{at("terraform.tfvars", 1, 1), at("x.auto.tfvars", 2, 3)}},
		{Name: "b", Position: at("main.tf", 1, 1), Type: "list( string )", HasDefault: true, Sensitive: true, Ephemeral: true, Values: []Position{at("terraform.tfvars", 2, 1)}},
		{Name: "c", Position: at("main.tf", 10, 1), Type: "string"},
		{Name: "d", Position: at("main.tf", 15, 1)},
		{Name: "e", Position: at("more.tf.json", 1, 15), Type: "map(string)", Sensitive: true},
		{Name: "f", Position: at("more.tf.json", 1, 64)},
		{Name: "g", Position: at("main.tf", 19, 1), Type: "a.b"},
	}
	if diff := cmp.Diff(want, c.Variables()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestReports: all that is found of variables, field by field.
func TestReports(t *testing.T) {
	dir := folder(t, map[string]string{
		"main.tf": `variable "a_slug_production" {
  type = "any"
}
variable "b_slug_production" {
  type = bool
}
variable "c" {}
variable "d_slug_prod" {}
variable "e_slug_prod" {}
variable "f_oci_image_staging" {}
variable "g_slug_production" {}
resource "heroku_app_release" "b" {
  slug_id   = coalesce(var.a_slug_production, "x-${var.a_slug_production}")
  oci_image = "${var.a_slug_production}-x"
  app_id    = var.c
}
resource "heroku_app_release" "a" {
  slug_id   = var.f_oci_image_staging
  oci_image = var.a_slug_production
}
resource "heroku_app_release" "c" {
  slug_id     = var.c
  oci_image   = upper(var.g_slug_production)
  description = var.d_slug_prod
}
resource "heroku_app_release" "d" {
  slug_id = "${var.d_slug_prod}x"
}
resource "other" "slug" {
  slug_id = var.b_slug_production
}
data "heroku_app_release" "x" {
  slug_id = var.b_slug_production
}
module "far" {
  source     = "acme/far/heroku"
  version    = var.g_slug_production
  providers  = { heroku = var.b_slug_production }
  depends_on = [var.b_slug_production]
  slug       = var.e_slug_prod
  count      = var.f_oci_image_staging
}
variable "h_slug_prod" {}
variable "i_slug_staging" {}
resource "heroku_app_release" "h" {
  oci_image = var.h_slug_prod
  slug_id   = var.i_slug_staging
}
`,
		"terraform.tfvars": "c = 1\n",
		"x.auto.tfvars":    "c = 2\n",
		"y.auto.tfvars":    "i_slug_staging = 1\n",
	})
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	at := func(line, column int) Position {
		return Position{File: filepath.Join(dir, "main.tf"), Line: line, Column: column}
	}
	values := []Position{{filepath.Join(dir, "terraform.tfvars"), 1, 1}, {filepath.Join(dir, "x.auto.tfvars"), 1, 1}}
	want := Report{
		Undeclared: []string{"x", "y"},
		Resolved: []VariableReport{
			{Variable: Variable{Name: "a_slug_production", Position: at(1, 1), Type: "any"}, Resolved: true, Reaches: []Reach{
				{Address: "heroku_app_release.a", Attribute: "oci_image", Position: at(19, 15), Exact: true},
				{Address: "heroku_app_release.b", Attribute: "oci_image", Position: at(14, 15)},
				{Address: "heroku_app_release.b", Attribute: "slug_id", Position: at(13, 15), Exact: true},
			}, Problems: []string{"it reaches oci_image of heroku_app_release.a, and its name says slug_id"}},
			{Variable: Variable{Name: "c", Position: at(7, 1), Values: values}, Resolved: true, Reaches: []Reach{{Address: "heroku_app_release.c", Attribute: "slug_id", Position: at(22, 17), Exact: true}},
				Problems: []string{values[1].String() + " sets it too, and a variable file wins over TF_VAR_c"}},
			{Variable: Variable{Name: "h_slug_prod", Position: at(43, 1)}, Resolved: true, Reaches: []Reach{{Address: "heroku_app_release.h", Attribute: "oci_image", Position: at(46, 15), Exact: true}}},
		},
		Unresolved: []VariableReport{
			{Variable: Variable{Name: "b_slug_production", Position: at(4, 1), Type: "bool"}, Problems: []string{"its type is bool, and an id is a string", "it reaches no heroku_app_release"}},
			{Variable: Variable{Name: "f_oci_image_staging", Position: at(10, 1)}, Reaches: []Reach{
				{Address: "heroku_app_release.a", Attribute: "slug_id", Position: at(18, 15), Exact: true},
				{Address: "module.far", Attribute: "count", Position: at(41, 16), Exact: true, Unfollowed: true},
			}, Problems: []string{"it reaches slug_id of heroku_app_release.a, and its name says oci_image"}},
			{Variable: Variable{Name: "g_slug_production", Position: at(11, 1)}, Reaches: []Reach{{Address: "heroku_app_release.c", Attribute: "oci_image", Position: at(23, 17)}}},
			{Variable: Variable{Name: "i_slug_staging", Position: at(44, 1), Values: []Position{{filepath.Join(dir, "y.auto.tfvars"), 1, 1}}}, Reaches: []Reach{{Address: "heroku_app_release.h", Attribute: "slug_id", Position: at(47, 15), Exact: true}}},
		},
		Notes: []string{at(8, 1).String() + ": variable \"d_slug_prod\" reaches heroku_app_release.d, and no pipeline resolves it: \"prod\" is no stage"},
		Unfollowed: []Module{{Address: "module.far", Source: "acme/far/heroku", File: filepath.Join(dir, "main.tf"), Line: 36, Column: 16,
			Why: "init hasn't installed it"}},
	}
	got := c.CheckVariables([]string{"y", "a_slug_production", "x", "c", "x", "h_slug_prod"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.OK() {
		t.Error("it is OK")
	}
	text := strings.ReplaceAll(got.String(), dir+string(filepath.Separator), "")
	if diff := cmp.Diff(`x: resolved, but no variable of the root module has this name
y: resolved, but no variable of the root module has this name
main.tf:4:1: variable "b_slug_production" is declared, but not resolved
  problem: its type is bool, and an id is a string
  problem: it reaches no heroku_app_release
main.tf:10:1: variable "f_oci_image_staging" is declared, but not resolved
  problem: it reaches slug_id of heroku_app_release.a, and its name says oci_image
  reaches heroku_app_release.a.slug_id at main.tf:18:15
  reaches module.far.count at main.tf:41:16 (not followed)
main.tf:11:1: variable "g_slug_production" is declared, but not resolved
  reaches heroku_app_release.c.oci_image at main.tf:23:17 (as part of an expression)
main.tf:44:1: variable "i_slug_staging" is declared, but not resolved (set in y.auto.tfvars:1:1)
  reaches heroku_app_release.h.slug_id at main.tf:47:15
main.tf:1:1: variable "a_slug_production" is resolved
  problem: it reaches oci_image of heroku_app_release.a, and its name says slug_id
  reaches heroku_app_release.a.oci_image at main.tf:19:15
  reaches heroku_app_release.b.oci_image at main.tf:14:15 (as part of an expression)
  reaches heroku_app_release.b.slug_id at main.tf:13:15
main.tf:7:1: variable "c" is resolved
  problem: x.auto.tfvars:1:1 sets it too, and a variable file wins over TF_VAR_c
  reaches heroku_app_release.c.slug_id at main.tf:22:17
main.tf:43:1: variable "h_slug_prod" is resolved
  reaches heroku_app_release.h.oci_image at main.tf:46:15
note: main.tf:8:1: variable "d_slug_prod" reaches heroku_app_release.d, and no pipeline resolves it: "prod" is no stage
main.tf:36:16: module.far isn't followed: its source "acme/far/heroku" is no local path, and init hasn't installed it
`, text); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

// TestReportTexts: what a report says and finds fault with, of each of its parts.
func TestReportTexts(t *testing.T) {
	file := Position{File: "a.tf", Line: 1, Column: 2}
	declared := VariableReport{Variable: Variable{Name: "v", Position: file}}
	valued, defaulted, both, wrong := declared, declared, declared, declared
	valued.Values = []Position{file, {"b.tfvars", 3, 4}}
	defaulted.HasDefault = true
	both.Values, both.HasDefault = valued.Values, true
	wrong.Problems = []string{"p\u202e"}
	for name, tt := range map[string]struct {
		r    Report
		ok   bool
		want string
	}{
		"nothing":              {Report{}, true, ""},
		"undeclared":           {Report{Undeclared: []string{"x\u202e"}}, false, `x\u202e: resolved, but no variable of the root module has this name` + "\n"},
		"incomplete":           {Report{Incomplete: true}, false, "the configuration refers to itself too deeply: some of what is reached may be missing\n"},
		"resolved":             {Report{Resolved: []VariableReport{declared}}, true, "a.tf:1:2: variable \"v\" is resolved\n"},
		"wrong":                {Report{Resolved: []VariableReport{declared, wrong}}, false, "a.tf:1:2: variable \"v\" is resolved\na.tf:1:2: variable \"v\" is resolved\n" + `  problem: p\u202e` + "\n"},
		"unresolved":           {Report{Unresolved: []VariableReport{defaulted, declared}}, false, "a.tf:1:2: variable \"v\" is declared, but not resolved (has a default)\na.tf:1:2: variable \"v\" is declared, but not resolved\n"},
		"settled":              {Report{Unresolved: []VariableReport{valued, both}}, true, strings.Repeat("a.tf:1:2: variable \"v\" is declared, but not resolved (set in b.tfvars:3:4)\n", 2)},
		"unresolved and wrong": {Report{Unresolved: []VariableReport{{Variable: defaulted.Variable, Problems: wrong.Problems}}}, true, "a.tf:1:2: variable \"v\" is declared, but not resolved (has a default)\n" + `  problem: p\u202e` + "\n"},
		"notes":                {Report{Notes: []string{"n\u202e"}}, true, `note: n\u202e` + "\n"},
		"unfollowed":           {Report{Unfollowed: []Module{{Address: "module.m\u202e", Source: "s", File: "a.tf", Line: 1, Column: 2, Why: "w\u202e"}}}, true, `a.tf:1:2: module.m\u202e isn't followed: its source "s" is no local path, and w\u202e` + "\n"},
		"unfollowed path":      {Report{Unfollowed: []Module{{Address: "module.m", Source: `C:\m`, File: "a.tf", Line: 1, Column: 2, Why: "w"}}}, true, `a.tf:1:2: module.m isn't followed: its source "C:\m" is no local path, and w` + "\n"},
	} {
		if got := tt.r.OK(); got != tt.ok {
			t.Errorf("%s: OK is %t", name, got)
		}
		if diff := cmp.Diff(tt.want, tt.r.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestDeclared: what uses up addresses in the root module, in both syntaxes.
func TestDeclared(t *testing.T) {
	dir := folder(t, map[string]string{
		"a.tf": `import {
  to = heroku_app.a["x"]
  id = "x"
}
resource "heroku_app" "a" {
  name  = "x" # c
  stack = upper("y")
  organization {
    name = "z"
  }
}
resource "heroku_app" "empty" {}
import {
  to = heroku_app.b
  id = heroku_app.a.id
}
import {
  to = "text"
}
import {
  id = heroku_app.q.id
}
moved {
  from = heroku_app.c["k"]
  to   = heroku_app.d[0]
  note = heroku_app.n
}
removed {
  from = heroku_app.e
  lifecycle {
    destroy = false
  }
}
moved {
  from = heroku_app.empty
  to   = heroku_app.a
}
data "heroku_app" "x" {}
module "m" {
  source = "./m"
  to     = heroku_app.o
}
resource "t" "n" {
  from = heroku_app.p
}
`,
		"b.tf.json": `{"moved": [{"from": "heroku_app.f[0]", "to": "heroku_app.g"}], "resource": {"heroku_app": {"j": {"name": "${x}", "n": 1}}}, "import": {"to": "heroku_app.i", "id": "x"}}`,
		"m/main.tf": "resource \"heroku_app\" \"inner\" {}\n",
	})
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string, line, column int) Position {
		return Position{File: filepath.Join(dir, name), Line: line, Column: column}
	}
	want := map[string]Declaration{
		"heroku_app.a":     {Position: at("a.tf", 5, 1), Arguments: map[string]string{"name": `"x"`, "stack": `upper("y")`}},
		"heroku_app.empty": {Position: at("a.tf", 12, 1), Arguments: map[string]string{}},
		"heroku_app.b":     {Position: at("a.tf", 13, 1), Imported: true},
		"heroku_app.c":     {Position: at("a.tf", 23, 1)},
		"heroku_app.d":     {Position: at("a.tf", 23, 1)},
		"heroku_app.e":     {Position: at("a.tf", 28, 1)},
		"heroku_app.f":     {Position: at("b.tf.json", 1, 2)},
		"heroku_app.g":     {Position: at("b.tf.json", 1, 2)},
		"heroku_app.i":     {Position: at("b.tf.json", 1, 125), Imported: true},
		"t.n":              {Position: at("a.tf", 43, 1), Arguments: map[string]string{"from": "heroku_app.p"}},
		"heroku_app.j":     {Position: at("b.tf.json", 1, 92), Arguments: map[string]string{"name": "${x}", "n": "1"}},
	}
	if diff := cmp.Diff(want, c.Declared()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if c, err = Load(folder(t, map[string]string{"a.tf": ""})); err != nil || c.Declared() == nil || len(c.Declared()) != 0 {
		t.Errorf("got %v", err)
	}
}
