package terraform

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/statefile"
)

// A planStream reads what "terraform plan -json" prints: a message a line (Terraform's
// "Machine-Readable UI"). Its texts go to out, one a line; they name objects and hold no
// values of attributes.
//
// It finds out whether the plan changes nothing at all. That saves terraform show, which
// starts the provider once more to say so at length.
type planStream struct {
	out    io.Writer
	redact func(string) string

	part    []byte // of a line
	version string // of terraform; "" before its message
	summary bool   // that nothing is added, changed, removed or imported
	changes bool   // there is a message of a change, or one that isn't known
	errors  []string
}

// maxMessage is how long one message may be, in bytes.
const maxMessage = 16 << 20

func (s *planStream) Write(p []byte) (int, error) {
	n := len(p)
	for {
		line, rest, whole := bytes.Cut(p, []byte("\n"))
		if len(s.part)+len(line) > maxMessage {
			s.changes, s.part, line = true, nil, nil
		}
		s.part = append(s.part, line...)
		if !whole {
			return n, nil
		}
		s.message(s.part)
		s.part, p = s.part[:0], rest
	}
}

// message takes one line.
func (s *planStream) message(line []byte) {
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	var m struct {
		Text       string                     `json:"@message"`
		Type       string                     `json:"type"`
		Terraform  string                     `json:"terraform"`
		Tofu       string                     `json:"tofu"`
		Changes    map[string]json.RawMessage `json:"changes"`
		Hook       struct{ Action string }    `json:"hook"`
		Diagnostic struct {
			Severity, Summary, Detail string
		} `json:"diagnostic"`
		Outputs map[string]struct{ Action string } `json:"outputs"`
	}
	if json.Unmarshal(line, &m) != nil {
		s.changes = true
		s.out.Write(append(bytes.Clone(line), '\n'))
		return
	}
	io.WriteString(s.out, s.redact(printable.Text(m.Text))+"\n")
	switch m.Type {
	case "version":
		s.version = m.Terraform
		if s.version == "" {
			s.version = m.Tofu
		}
	case "refresh_start", "refresh_complete", "log":
	case "apply_start", "apply_progress", "apply_complete":
		s.changes = s.changes || m.Hook.Action != "read"
	case "change_summary":
		s.summary = zero(m.Changes)
		s.changes = s.changes || !s.summary
	case "outputs":
		for _, output := range m.Outputs {
			s.changes = s.changes || output.Action != "noop"
		}
	case "diagnostic":
		if m.Diagnostic.Severity == "error" {
			s.errors = append(s.errors, printable.Line(m.Diagnostic.Summary, s.redact))
		}
		if m.Diagnostic.Detail != "" {
			io.WriteString(s.out, "  "+printable.Line(m.Diagnostic.Detail, s.redact)+"\n")
		}
	default:
		s.changes = true // also what future versions report
	}
}

// zero reports whether every number of a summary of a plan is 0.
func zero(changes map[string]json.RawMessage) bool {
	for name, value := range changes {
		if name == "operation" {
			if string(value) != `"plan"` {
				return false
			}
		} else if string(value) != "0" {
			return false
		}
	}
	return changes["operation"] != nil
}

// quiet reports whether the plan changes nothing at all.
func (s *planStream) quiet() bool {
	return s.version != "" && s.summary && !s.changes && s.errors == nil && len(s.part) == 0
}

// noChanges is the plan of a state that stays as it is: each managed object of it, with
// the action no-op.
func (s *planStream) noChanges(state *statefile.File) *tfjson.Plan {
	plan := &tfjson.Plan{FormatVersion: "1.2", TerraformVersion: s.version, Complete: new(true)}
	for i := range state.Instances() {
		if i.Mode != statefile.Managed {
			continue
		}
		rc := &tfjson.ResourceChange{Address: i.Address(), ModuleAddress: i.Module, Mode: tfjson.ManagedResourceMode, Type: i.Type, Name: i.Name,
			DeposedKey: i.Deposed, Change: &tfjson.Change{Actions: tfjson.Actions{tfjson.ActionNoop}}}
		if s, ok := i.Key.Str(); ok {
			rc.Index = s
		} else if n, ok := i.Key.Int(); ok {
			rc.Index = json.Number(strconv.Itoa(n))
		}
		plan.ResourceChanges = append(plan.ResourceChanges, rc)
	}
	return plan
}
