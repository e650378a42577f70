package terraform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/statefile"
)

func TestSplitWords(t *testing.T) {
	for _, test := range []struct {
		in   string
		want []string
	}{
		{"", nil},
		{"  \t\n", nil},
		{"-var a=b", []string{"-var", "a=b"}},
		{`-var='a=b c' -x=""`, []string{"-var=a=b c", "-x="}},
		{`a\ b "c\"d" 'e\f'`, []string{"a b", `c"d`, `e\f`}},
		{`''`, []string{""}},
		{`"open end`, []string{"open end"}},
		{"a\rb\nc\td  e", []string{"a", "b", "c", "d", "e"}},
		{`x"y z"w 'a"b' "a'b" \  \''`, []string{"xy zw", `a"b`, "a'b", " ", "'"}},
		{`'' "" a`, []string{"", "", "a"}},
		{"'\t\r\n' end\\", []string{"\t\r\n", "end"}},
	} {
		if diff := cmp.Diff(test.want, splitWords(test.in)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", test.in, diff)
		}
	}
}

// TestPlanFlags: of TF_CLI_ARGS only what sets variables, and how it refreshes.
func TestPlanFlags(t *testing.T) {
	dir := real(t, t.TempDir())
	abs := filepath.Join(dir, "abs.tfvars")
	f, err := Open(dir, Options{
		Environ: append([]string{
			"TF_CLI_ARGS=-no-color var=9 -var a=1 refresh parallelism 2",
			"TF_CLI_ARGS_plan=-state=other.tfstate -target=x -refresh=false -var-file prod.tfvars --var='b=2 3' -out=y -lock=false -parallelism=3 -destroy -refresh -var",
		}, nothing...),
		Vars: []Var{{File: "../shared.tfvars"}, {Value: "c=4"}, {File: abs}},
	})
	if err != nil {
		t.Fatal(err)
	}
	there := func(path string) string {
		if path == abs {
			return "/elsewhere"
		}
		return path
	}
	want := []string{"-var=a=1", "-refresh=false", "-var-file=" + filepath.Join(dir, "prod.tfvars"), "-var=b=2 3", "-parallelism=3", "-refresh=true",
		"-var-file=" + filepath.Join(filepath.Dir(dir), "shared.tfvars"), "-var=c=4", "-var-file=/elsewhere"}
	if diff := cmp.Diff(want, f.planFlags(there)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, kv := range f.childEnviron(nil, false) {
		if strings.HasPrefix(kv, "TF_CLI_ARGS") {
			t.Errorf("a call would get %s", kv)
		}
	}
}

func TestOverrideStem(t *testing.T) {
	for _, test := range []struct {
		overrides []string
		want      string
	}{
		{nil, "zz_herokutf_check_override"},
		{[]string{"a_override.tf", "override.tf"}, "zz_herokutf_check_override"},
		{[]string{"zz_herokutf_check_override.tf"}, "zz_herokutf_check_z_override"},
		{[]string{"zzz_override.tf", "~_override.tf.json"}, "~_z_override"},
	} {
		got := overrideStem(test.overrides)
		if got != test.want || !isOverride(got) {
			t.Errorf("%v: got %s, want %s", test.overrides, got, test.want)
		}
		for _, name := range test.overrides {
			if got+".tf" <= name {
				t.Errorf("%s comes before %s", got, name)
			}
		}
	}
}

func TestConfigFiles(t *testing.T) {
	dir := t.TempDir()
	tree(t, dir, map[string]string{"a.tf": "", "b.tf.json": "", "b.tofu.json": "", "a.tofu": "", "c.tofu": "", "override.tf": "", "x_override.tofu": "",
		"d.tfvars": "", ".e.tf": "", "f.tf~": "", "sub.tf/g.tf": ""})
	for _, test := range []struct {
		tofu               bool
		primary, overrides []string
	}{
		{false, []string{"a.tf", "b.tf.json"}, []string{"override.tf"}},
		{true, []string{"a.tofu", "b.tofu.json", "c.tofu"}, []string{"override.tf", "x_override.tofu"}},
	} {
		primary, overrides, err := configFiles(dir, test.tofu)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([][]string{test.primary, test.overrides}, [][]string{primary, overrides}); diff != "" {
			t.Errorf("tofu %v (-want +got)\n%s", test.tofu, diff)
		}
	}
}

func TestDiagnostics(t *testing.T) {
	redact := redactor([]string{"HEROKU_API_KEY=secret-token", "PGPASSWORD=x", "REGION=us-east-1"}, []string{"conn-secret"})
	for _, test := range []struct {
		name, in string
		quiet    bool
		want     []string
	}{
		{"nothing", "", false, nil},
		{"no heading", "Failed to write state: cannot import state with serial 1 over newer state with serial 3\n", false,
			[]string{"Failed to write state: cannot import state with serial 1 over newer state with serial 3"}},
		{"no heading, quiet", "the value of x is 5\n", true, nil},
		{"boxes and colours", "\x1b[31m╷\x1b[0m\x1b[0m\n\x1b[31m│\x1b[0m \x1b[0m\x1b[1m\x1b[31mError: \x1b[0m\x1b[0m\x1b[1mInvalid reference\x1b[0m\n│ \n│   on main.tf line 3:\n│    3:   x = y\n│ \n│ A reference must be.\n╵\n", false,
			[]string{"Invalid reference: 3: x = y A reference must be."}},
		{"plain", "\nError: Error acquiring the state lock\n\nError message: HTTP remote state already locked\nLock Info:\n  ID:        x\n  Who:       me@host\n\n\n", false,
			[]string{"Error acquiring the state lock: Error message: HTTP remote state already locked Lock Info: ID: x Who: me@host"}},
		{"quiet", "\nError: Provider produced inconsistent final plan\n\nwas cty.StringVal(\"value\")\n\nError: Second\n\nmore\n", true,
			[]string{"Provider produced inconsistent final plan", "Second"}},
		{"warnings", "Warning: x\n\ntext\n", false, nil},
		{"a warning after", "Error: A\n\nWarning: B\n\ntext\n", false, []string{"A"}},
		{"secrets", "Error: parse \"postgres://me:pass@host:port\": secret-token conn-secret us-east-1 x\n", false,
			[]string{"parse \"postgres://…@host:port\": … … us-east-1 x"}},
		{"between boxes", "╷\n│ Error: A\n╵\nnoise\n╷\n│ Error: B\n│ \n│ d\n╵\nmore noise\n", false, []string{"A", "B: d"}},
		{"quiet, between boxes", "╷\n│ Error: A\n│ \n│ value\n╵\nnoise\n╷\n│ Error: B\n│ \n│ d\n╵\n", true, []string{"A", "B"}},
		{"quiet, of two lines", "Error: A\nB\n\nvalue\n", true, []string{"A: B"}},
		{"quiet, with a line of the configuration", "Error: A\n  on main.tf line 3:\n   3: password = \"value\"\nvalue\n", true, []string{"A"}},
		{"quiet, with an object", "Error: A\n  with heroku_app.a,\nvalue\n", true, []string{"A"}},
		{"control characters", "Error: a\x1b]0;t\x07b\u202ec\n", false, []string{"a]0;tbc"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, diagnostics(test.in, test.quiet, redact)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	if got := diagnostics(strings.Repeat("Error: x\n\n", 50), false, redact); len(got) != maxDiagnostics {
		t.Errorf("%d diagnostics, want %d", len(got), maxDiagnostics)
	}
}

func TestRecordSecrets(t *testing.T) {
	dir := t.TempDir()
	tree(t, dir, map[string]string{stateName: backendRecord("x", `"conn_str":"c1","password":"p1","region":"r","assume_role":{"external_id":"e","secret_key":"s1"},"list":[{"token":"t1"}]`)})
	r, err := readRecord(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, s := range r.secrets() {
		got[s] = true
	}
	if diff := cmp.Diff(map[string]bool{"c1": true, "p1": true, "s1": true, "t1": true}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestMissingProviders(t *testing.T) {
	dir := t.TempDir()
	tree(t, dir, map[string]string{
		lockFileName: `provider "registry.terraform.io/heroku/heroku" {
  version = "5.3.2"
  hashes  = ["h1:x"]
}
provider "registry.terraform.io/hashicorp/null" {
  version = "3.0.0"
}
provider "registry.terraform.io/hashicorp/time" {
  version = "0.9.0"
}
`,
		".terraform/providers/registry.terraform.io/heroku/heroku/4.9.0/linux_amd64/x":  "",
		".terraform/providers/registry.terraform.io/hashicorp/time/0.9.0/linux_amd64/x": "",
	})
	f, err := Open(dir, Options{Environ: nothing})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`registry.terraform.io/heroku/heroku 5.3.2 ("4.9.0" is)`, "registry.terraform.io/hashicorp/null 3.0.0"}
	if diff := cmp.Diff(want, f.missingProviders()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if err := os.Remove(filepath.Join(dir, lockFileName)); err != nil {
		t.Fatal(err)
	}
	if got := f.missingProviders(); got != nil {
		t.Errorf("without a lock file: %v", got)
	}
}

func state(t *testing.T, text string) *statefile.File {
	t.Helper()
	f, err := statefile.Parse("test", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestCompare: what became of a state, whatever Terraform makes of its text.
func TestCompare(t *testing.T) {
	instance := func(key, attributes string) string {
		return `{` + key + `"schema_version":0,"attributes":{` + attributes + `},"sensitive_attributes":[],"dependencies":["b","a"]}`
	}
	resource := func(name string, instances ...string) string {
		return `{"mode":"managed","type":"t","name":"` + name + `","provider":"p","instances":[` + strings.Join(instances, ",") + `]}`
	}
	text := func(serial, lineage string, resources ...string) string {
		return `{"version":4,"terraform_version":"1.5.0","serial":` + serial + `,"lineage":"` + lineage + `","outputs":{"o":{"value":1,"type":"number"}},"resources":[` + strings.Join(resources, ",") + `]}`
	}
	before := text("7", "l", resource("a", instance("", `"id":"x","n":1,"env":{"K":"v"}`)), resource("b", instance(`"index_key":0,`, `"id":"y"`), instance(`"index_key":"0",`, `"id":"z"`)))
	wanted := text("8", "l", resource("a", instance("", `"id":"new","n":1,"env":{"K":"v"}`)), resource("b", instance(`"index_key":0,`, `"id":"y"`), instance(`"index_key":"0",`, `"id":"z"`)))
	for _, test := range []struct {
		name, now string
		want      outcome
	}{
		{"the same bytes", wanted, written},
		{"a higher serial and a last line", strings.Replace(wanted, `"serial":8`, `"serial":9`, 1) + "\n", written},
		{"written anew", `{"version":4,"terraform_version":"1.11.4","serial":9,"lineage":"l","outputs":{"o":{"value":1.0,"type":"number"}},"resources":[
			{"mode":"managed","type":"t","name":"b","provider":"p","instances":[
				{"index_key":"0","schema_version":0,"attributes":{"id":"z"},"dependencies":["a","b"]},
				{"index_key":0,"schema_version":0,"attributes":{"id":"y"},"dependencies":["a","b"]}]},
			{"mode":"managed","type":"t","name":"a","provider":"p","instances":[
				{"schema_version":0,"attributes":{"env":{"K":"v"},"n":1,"id":"new","gone":null},"dependencies":["a","b"]}]}],"check_results":null}`, written},
		{"the old one", before + "\n", untouched},
		{"the old content with another serial", strings.Replace(before, `"serial":7`, `"serial":8`, 1), overwritten},
		{"an apply from the old one", text("8", "l", resource("a", instance("", `"id":"x","n":2,"env":{"K":"v"}`))), overwritten},
		{"a later apply from the old one", text("19", "l", resource("a", instance("", `"id":"x","n":2,"env":{"K":"v"}`))), overwritten},
		{"an apply on top", text("10", "l", resource("a", instance("", `"id":"new","n":2,"env":{"K":"v","L":"w"}`)), resource("c", instance("", `"id":"c"`))), later},
		{"an apply on top that destroyed it", text("10", "l"), overwritten},
		{"another lineage", strings.Replace(wanted, `"l"`, `"m"`, 1), overwritten},
		{"instances with keys of another kind", text("9", "l", resource("a", instance("", `"id":"new","n":1,"env":{"K":"v"}`)), resource("b", instance(`"index_key":"0",`, `"id":"y"`), instance(`"index_key":0,`, `"id":"z"`))), later},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := compare(state(t, before), state(t, wanted), state(t, test.now)); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}

	// What was taken out must not come back, and what was put in must be there.
	out := text("8", "l", resource("a", instance("", `"id":"x","n":1,"env":{"K":"v"}`)), resource("n", instance("", `"id":"n"`)))
	for _, test := range []struct {
		name, now string
		want      outcome
	}{
		{"both", text("10", "l", resource("a", instance("", `"id":"x","n":5,"env":{}`)), resource("n", instance("", `"id":"n","more":1`))), later},
		{"back again", text("10", "l", resource("a", instance("", `"id":"x","n":5`)), resource("n", instance("", `"id":"n"`)), resource("b", instance(`"index_key":0,`, `"id":"y"`))), overwritten},
		{"not there", text("10", "l", resource("a", instance("", `"id":"x","n":5`))), overwritten},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := compare(state(t, before), state(t, out), state(t, test.now)); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestEqual(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{`1`, `1.0`, true},
		{`9007199254740993`, `9007199254740992`, false},
		{`1e999999999`, `1e999999999`, true},
		{`1e999999999`, `1`, false},
		{`""`, `null`, false},
		{`[]`, `null`, true},
		{`{"a":null}`, `{}`, true},
		{`{"a":[]}`, `{"a":{}}`, true},
		{`{"a":1}`, `{"b":1}`, false},
		{`[1,2]`, `[2,1]`, false},
		{`"1"`, `1`, false},
		{`false`, `null`, false},
	} {
		wrap := func(v string) string {
			return `{"version":4,"serial":1,"lineage":"l","outputs":{"o":{"value":` + v + `}},"resources":[]}`
		}
		if got := same(state(t, wrap(test.a)), state(t, wrap(test.b))); got != test.want {
			t.Errorf("%s and %s: got %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

func TestBackupNames(t *testing.T) {
	for _, test := range []struct {
		name string
		want Backup // without a time
		ok   bool
	}{
		{"20261128T202300Z-serial7-abc.tfstate", Backup{Serial: "7"}, true},
		{"20261128T202300Z-serial7-abc-then9.tfstate", Backup{Serial: "7", Next: "9"}, true},
		{"20261128T202300Z-serial7.tfstate", Backup{}, false},
		{"20261128T202300Z-serial7-abc.tfstate.tmp", Backup{}, false},
		{"20261128T202300Z-serial7-abc-9.tfstate", Backup{}, false},
		{"20261128T202300Z-serial-abc.tfstate", Backup{}, false},
		{"2026-serial7-abc.tfstate", Backup{}, false},
		{"terraform.tfstate", Backup{}, false},
	} {
		got, ok := parseBackupName(test.name)
		if ok != test.ok || ok && (got.Serial != test.want.Serial || got.Next != test.want.Next || got.Time.Year() != 2026) {
			t.Errorf("%s: %+v, %v", test.name, got, ok)
		}
	}
	for in, want := range map[string]string{"": "%", "..": "%2E.", "a/b": "a%2Fb", "5c0d-1": "5c0d-1", "ü": "%C3%BC", "C:x": "C%3Ax"} {
		if got := fileName(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestLimited(t *testing.T) {
	for _, test := range []struct {
		last bool
		want string
	}{{false, "abcdef"}, {true, "efghij"}} {
		l := &limited{most: 6, last: test.last}
		for _, part := range []string{"ab", "cde", "fghij"} {
			if n, err := l.Write([]byte(part)); n != len(part) || err != nil {
				t.Errorf("wrote %d, %v", n, err)
			}
		}
		if l.kept.String() != test.want || !l.over {
			t.Errorf("last %v: got %q, want %q", test.last, l.kept.String(), test.want)
		}
		if l.Write([]byte("0123456789")); test.last && l.kept.String() != "456789" {
			t.Errorf("got %q", l.kept.String())
		}
	}
}
