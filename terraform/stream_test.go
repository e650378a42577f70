package terraform

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"
)

// TestPlanStream: only what is known to change nothing is taken for it. The messages are
// those of Terraform 1.11.4.
func TestPlanStream(t *testing.T) {
	const (
		version = `{"@level":"info","@message":"Terraform 1.11.4","@module":"terraform.ui","terraform":"1.11.4","type":"version","ui":"1.2"}`
		refresh = `{"@message":"terraform_data.a: Refreshing state... [id=x]","hook":{"resource":{"addr":"terraform_data.a"},"id_key":"id","id_value":"x"},"type":"refresh_start"}`
		read    = `{"@message":"data.x.y: Refreshing...","hook":{"action":"read"},"type":"apply_start"}`
		summary = `{"@message":"Plan: 0 to add, 0 to change, 0 to destroy.","changes":{"add":0,"change":0,"import":0,"remove":0,"operation":"plan"},"type":"change_summary"}`
	)
	for _, test := range []struct {
		name  string
		lines []string
		quiet bool
	}{
		{"nothing changes", []string{version, refresh, read, summary}, true},
		{"nothing changes, by OpenTofu", []string{`{"@message":"OpenTofu 1.9.0","tofu":"1.9.0","type":"version","ui":"1.2"}`, refresh, summary}, true},
		{"a version that isn't said", []string{`{"type":"version","ui":"1.2"}`, summary}, false},
		{"logs", []string{version, `{"@message":"l","type":"log"}`, `{"type":"refresh_complete"}`, " ", summary}, true},
		{"an apply that goes on", []string{version, `{"hook":{"action":"update"},"type":"apply_progress"}`, summary}, false},
		{"an apply that is done", []string{version, `{"hook":{"action":"delete"},"type":"apply_complete"}`, `{"hook":{"action":"read"},"type":"apply_complete"}`, summary}, false},
		{"outputs, the first of which changes", []string{version, summary, `{"outputs":{"o":{"action":"create"}},"type":"outputs"}`, `{"outputs":{"o":{"action":"noop"}},"type":"outputs"}`}, false},
		{"a summary that is taken back", []string{version, strings.Replace(summary, `"add":0`, `"add":1`, 1), summary}, false},
		{"no operation", []string{version, strings.Replace(summary, `,"operation":"plan"`, ``, 1)}, false},
		{"no numbers", []string{version, `{"type":"change_summary"}`}, false},
		{"outputs stay", []string{version, summary, `{"outputs":{"o":{"action":"noop"}},"type":"outputs"}`}, true},
		{"a warning", []string{version, `{"@message":"Warning: w","diagnostic":{"severity":"warning","summary":"w","detail":"d"},"type":"diagnostic"}`, summary}, true},
		{"no summary", []string{version, refresh}, false},
		{"no version", []string{summary}, false},
		{"nothing", nil, false},
		{"a change", []string{version, `{"type":"planned_change","change":{"action":"update"}}`, summary}, false},
		{"a move", []string{version, `{"type":"planned_change","change":{"action":"move"}}`, summary}, false},
		{"drift", []string{version, `{"type":"resource_drift","change":{"action":"update"}}`, summary}, false},
		{"outputs", []string{version, summary, `{"outputs":{"o":{"action":"delete"}},"type":"outputs"}`}, false},
		{"an action", []string{version, summary, `{"type":"planned_action_invocation"}`}, false},
		{"a number", []string{version, strings.Replace(summary, `"remove":0`, `"remove":1`, 1)}, false},
		{"a number of the future", []string{version, strings.Replace(summary, `"remove":0`, `"remove":0,"forget":1`, 1)}, false},
		{"another operation", []string{version, strings.Replace(summary, `"plan"`, `"apply"`, 1)}, false},
		{"an error", []string{version, `{"@message":"Error: e","diagnostic":{"severity":"error","summary":"e"},"type":"diagnostic"}`, summary}, false},
		{"an apply", []string{version, `{"hook":{"action":"create"},"type":"apply_start"}`, summary}, false},
		{"text", []string{version, "panic!", summary}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Join(append(test.lines, ""), "\n")
			for _, chunk := range []int{1, 7, len(text) + 1} {
				s := &planStream{out: new(strings.Builder), redact: func(s string) string { return s }}
				for rest := text; rest != ""; {
					n := min(chunk, len(rest))
					if _, err := fmt.Fprint(s, rest[:n]); err != nil {
						t.Fatal(err)
					}
					rest = rest[n:]
				}
				if got := s.quiet(); got != test.quiet {
					t.Errorf("in chunks of %d: got %v, want %v", chunk, got, test.quiet)
				}
			}
		})
	}

	var out strings.Builder
	s := &planStream{out: &out, redact: redactor([]string{"A_TOKEN=secret-one"}, nil)}
	fmt.Fprintln(s, version+"\n"+refresh+"\n\n"+`{"@message":"Error: bad\u001b[0m","diagnostic":{"severity":"error","summary":"bad secret-one","detail":"at\nsecret-one"},"type":"diagnostic"}`+"\nraw")
	if got, want := out.String(), "Terraform 1.11.4\nterraform_data.a: Refreshing state... [id=x]\nError: bad\\x1b[0m\n  at …\nraw\n"; got != want {
		t.Errorf("output %q, want %q", got, want)
	}
	if diff := cmp.Diff([]string{"bad …"}, s.errors); diff != "" {
		t.Errorf("errors (-want +got)\n%s", diff)
	}
	// The longest message that there may be, which comes in two parts.
	s = &planStream{out: io.Discard, redact: s.redact}
	fmt.Fprint(s, version+strings.Repeat(" ", maxMessage-len(version)-1))
	if fmt.Fprint(s, " \n"+summary+"\n"); !s.quiet() {
		t.Error("a long message isn't taken")
	}
	s = &planStream{out: &out, redact: s.redact}
	fmt.Fprint(s, strings.Repeat("x", maxMessage+1))
	fmt.Fprint(s, "\n"+version+"\n"+summary+"\n")
	if s.quiet() || len(s.part) > maxMessage {
		t.Error("a message without an end is taken for one")
	}
}

// TestNoChangesPlan: it is what terraform show says of the same, as far as it goes.
func TestNoChangesPlan(t *testing.T) {
	f := state(t, `{"version":4,"serial":1,"lineage":"l","resources":[
		{"mode":"data","type":"t","name":"d","provider":"p","instances":[{"attributes":{}}]},
		{"module":"module.m[\"k\"]","mode":"managed","type":"t","name":"a","provider":"p","instances":[{"index_key":"x","attributes":{}},{"index_key":3,"attributes":{}}]},
		{"mode":"managed","type":"t","name":"b","provider":"p","instances":[{"attributes":{}},{"deposed":"0000000a","attributes":{}}]}]}`)
	plan := (&planStream{version: "1.11.4"}).noChanges(f)
	if plan.FormatVersion != "1.2" || plan.TerraformVersion != "1.11.4" || plan.Complete == nil || !*plan.Complete {
		t.Errorf("plan %+v", plan)
	}
	text, err := json.Marshal(plan.ResourceChanges)
	if err != nil {
		t.Fatal(err)
	}
	const want = `[{"address":"module.m[\"k\"].t.a[\"x\"]","module_address":"module.m[\"k\"]","mode":"managed","type":"t","name":"a","index":"x","change":{"actions":["no-op"],"before":null}},` +
		`{"address":"module.m[\"k\"].t.a[3]","module_address":"module.m[\"k\"]","mode":"managed","type":"t","name":"a","index":3,"change":{"actions":["no-op"],"before":null}},` +
		`{"address":"t.b","mode":"managed","type":"t","name":"b","change":{"actions":["no-op"],"before":null}},` +
		`{"address":"t.b (deposed 0000000a)","mode":"managed","type":"t","name":"b","deposed":"0000000a","change":{"actions":["no-op"],"before":null}}]`
	if got := string(text); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if data, err := json.Marshal(plan); err != nil || json.Unmarshal(data, new(tfjson.Plan)) != nil {
		t.Errorf("it isn't read back: %v", err)
	}
}
