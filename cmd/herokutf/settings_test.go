package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/herokutf/herokutf/terraform"
)

func TestLiteralsOfSettings(t *testing.T) {
	e, _, _ := testEnv(t)
	root := newRootCmd(e)
	for _, tt := range []struct {
		value string
		want  []string // nil: a fault
	}{
		{`"a"`, []string{"a"}},
		{`""`, []string{""}},
		{`true`, []string{"true"}},
		{`5000`, []string{"5000"}},
		{`["a", "b,c", 1]`, []string{"a", "b,c", "1"}},
		{`[]`, []string{}},
		{`"$${x}"`, []string{"${x}"}},
		{`null`, nil},
		{`-5`, nil},
		{`1 + 1`, nil},
		{`"${true}"`, nil},
		{`"${x}"`, nil},
		{`x`, nil},
		{`upper("x")`, nil},
		{`{ a = 1 }`, nil},
		{`[["a"]]`, nil},
		{strings.Repeat("[", 60_000), nil},
		{strings.Repeat("-", 60_000) + "1", nil},
		{strings.Repeat("a[", 30_000), nil},
		{strings.Repeat(`"${`, 20_000), nil},
		{strings.Repeat(`(`, 60_000), nil},
		{strings.Repeat(`!`, 60_000), nil},
		{strings.Repeat("{", 60_000), nil},
		{`"` + strings.Repeat("a", maxSettings) + `"`, nil},
		{"[" + strings.Repeat("1, ", 40) + "2] # " + strings.Repeat("a", maxSettings-200), append(slices.Repeat([]string{"1"}, 40), "2")},
		{`"${"a"}"`, nil},
		{"1 # " + strings.Repeat("{", 20), []string{"1"}},
		{"1\nignore = [" + strings.Repeat("1 + ", maxSettingsOperators+1) + "1]", nil},
	} {
		s, err := parseSettings(root, "herokutf.hcl", "/", []byte("\xef\xbb\xbfonly = "+tt.value+"\n"))
		switch {
		case tt.want == nil && err == nil:
			t.Errorf("%.20s: no fault", tt.value)
		case tt.want == nil && !strings.HasPrefix(err.Error(), "herokutf.hcl:"):
			t.Errorf("%.20s: %v", tt.value, err)
		case tt.want != nil && err != nil:
			t.Errorf("%.20s: %v", tt.value, err)
		case tt.want != nil:
			got, _ := s.of("drift", "only")
			if diff := cmp.Diff(tt.want, got.values); diff != "" {
				t.Errorf("%.20s (-want +got):\n%s", tt.value, diff)
			}
		}
	}
}

// TestUnsettable: what a file can't set is a flag, and what runs, writes or shows
// something is among it.
func TestUnsettable(t *testing.T) {
	e, _, _ := testEnv(t)
	root := newRootCmd(e)
	known := make(map[string]bool)
	for _, cmd := range append(root.Commands(), root) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known[f.Name] = true })
	}
	for name := range unset {
		if !known[name] {
			t.Errorf("no verb has --%s", name)
		}
		for _, text := range []string{name + " = true", "drift {\n" + name + " = true\n}"} {
			if _, err := parseSettings(root, "herokutf.hcl", "/", []byte(text)); err == nil {
				t.Errorf("a file can set %s", name)
			}
		}
	}
	for name := range needs {
		if !known[name] {
			t.Errorf("no verb has --%s", name)
		}
	}
	for name := range known {
		if strings.HasPrefix(name, "write-") && unset[name] == "" {
			t.Errorf("a file can set --%s, which writes something", name)
		}
	}
}

// TestLinesOfEnvironment: of a flag that is repeatable, the environment has a value a line.
func TestLinesOfEnvironment(t *testing.T) {
	e, _, _ := testEnv(t, "HEROKUTF_IGNORE=a b.hcl\n\nc.hcl\n", "HEROKUTF_ONLY=app,domain\nformation", "HEROKUTF_VAR_FILE=x.tfvars\ny.tfvars", "HEROKUTF_CACHE=d\ne")
	var got *driftOptions
	cmd := newDriftCmd(e, func(_ context.Context, o *driftOptions) error { got = o; return nil })
	cmd.SetArgs([]string{})
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a b.hcl", "c.hcl"}, got.scope.ignore); diff != "" {
		t.Errorf("ignore (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"app", "domain", "formation"}, got.scope.only); diff != "" {
		t.Errorf("only (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]terraform.Var{{File: "x.tfvars"}, {File: "y.tfvars"}}, got.vars); diff != "" {
		t.Errorf("var-file (-want +got):\n%s", diff)
	}
	if got.cache != "d\ne" {
		t.Errorf("one value became several: %q", got.cache)
	}
}

func TestRebase(t *testing.T) {
	top, err := filepath.Abs("/") // with a drive, where there are any
	if err != nil {
		t.Fatal(err)
	}
	in := func(path string) string {
		if rest, ok := strings.CutPrefix(path, "/"); ok {
			return top + rest
		}
		return path
	}
	for _, tt := range []struct{ path, from, dir, want string }{
		{"a.hcl", "/r", "/r/env", "../a.hcl"},
		{"env/*", "/r", "/r", "env/*"},
		{"/a.hcl", "/r", "/r", "/a.hcl"},
		{"-", "/r", "/x", "-"},
		{"", "/r", "/x", ""},
	} {
		tt.want = filepath.ToSlash(in(tt.want))
		if got := filepath.ToSlash(rebase(in(tt.path), in(tt.from), in(tt.dir))); got != tt.want {
			t.Errorf("rebase(%q, %q, %q) = %q, want %q", tt.path, tt.from, tt.dir, got, tt.want)
		}
	}
}

// TestShallow: how deep brackets may stand in a file with settings, and how many
// operators, to the last.
func TestShallow(t *testing.T) {
	for text, want := range map[string]bool{
		"a = " + strings.Repeat("[", maxSettingsDepth) + strings.Repeat("]", maxSettingsDepth):     true,
		"a = " + strings.Repeat("[", maxSettingsDepth+1) + strings.Repeat("]", maxSettingsDepth+1): false,
		"a = " + strings.Repeat("(", maxSettingsDepth+1):                                           false,
		"a = " + strings.Repeat("{", maxSettingsDepth+1):                                           false,
		"a = " + strings.Repeat("[],", 3*maxSettingsDepth):                                         true,
		"a = " + strings.Repeat("\"${", maxSettingsDepth/2) + "x":                                  true,
		"a = " + strings.Repeat("\"${", maxSettingsDepth/2+1) + "x":                                false,
		"a = " + strings.Repeat("\"%{", maxSettingsDepth/2+1) + "x":                                false,
		"a = " + strings.Repeat("!", maxSettingsOperators) + "x":                                   true,
		"a = " + strings.Repeat("!", maxSettingsOperators+1) + "x":                                 false,
		strings.Repeat("a = [\"b\", 1, true] # c\n", 2*maxSettingsOperators):                       true,
		strings.Repeat("a = <<E\nb\nE\n", 2*maxSettingsDepth):                                      true,
		strings.Repeat("b {\n}\n", 2*maxSettingsDepth) + strings.Repeat("c = ()\n", 20):            true,
	} {
		at, ok := shallow("x", []byte(text))
		if ok != want || ok != (at.Filename == "") {
			t.Errorf("%.40q: got %t at %v", text, ok, at)
		}
	}
}

// TestRefusedSetting: a value that its flag refuses is shown as a path is, which it may be.
func TestRefusedSetting(t *testing.T) {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.Duration("timeout", 0, "")
	err := (&setter{}).put(flags.Lookup("timeout"), []string{`C:\prod`}, fromFile, "herokutf.hcl:1:1")
	if want := `herokutf.hcl:1:1: --timeout "C:\prod": `; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}
