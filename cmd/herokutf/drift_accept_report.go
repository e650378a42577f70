package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/tfconfig"
)

// pending are the differences that the configuration can't follow.
func (a *accepting) pending() []tfconfig.ValueChange {
	if a.accepted.Config == nil {
		return nil
	}
	return a.accepted.Config.Pending()
}

// refusePart refuses to accept a part, unless that is asked for: the plan would
// change the rest back.
func (a *accepting) refusePart() error {
	if !a.accept.writeConfig || a.accept.partial {
		return nil
	}
	lines := a.pendingLines()
	for _, l := range a.accepted.Left {
		lines = append(lines, ui.Printable(strings.TrimSpace(l.Address+" "+l.Path.String())+": "+l.Reason))
	}
	if lines == nil {
		return nil
	}
	err := errors.New("nothing was written: not all that has drifted can be accepted into state and configuration:\n\t" + strings.Join(lines, "\n\t"))
	return ui.Advise(err, "Change these by hand, or put them back with terraform apply. --partial accepts the rest, --address what it names.")
}

// pendingLines says of each difference that the configuration can't follow where that
// is, and why.
func (a *accepting) pendingLines() (lines []string) {
	for _, c := range a.pending() {
		what := c.Address + " " + c.Path.String()
		reason := c.Reason
		if len(c.Path) == 0 {
			what = c.Address
			reason = "it is gone, and its block can't be taken out: " + reason + ". " + goneAdvice(c.Address)
		}
		line := what + ": " + reason
		if at := placeOf(c); at.File != "" {
			line = at.String() + ": " + line
		}
		if len(c.Feeds) > 1 {
			line += " (" + strings.Join(c.Feeds, ", ") + ")"
		}
		lines = append(lines, ui.Printable(line))
	}
	return lines
}

// goneAdvice says how an object that is gone leaves state and configuration.
func goneAdvice(address string) string {
	if strings.HasSuffix(address, "]") {
		return "Without it there, the next apply takes it out of the state; terraform state rm does it now"
	}
	return "A removed block with lifecycle { destroy = false } in its place (Terraform 1.7) has the next apply take it out of the state; terraform state rm does it now"
}

// placeOf is where a difference would have to be followed.
func placeOf(c tfconfig.ValueChange) tfconfig.Position {
	for _, p := range c.Places {
		if p.File != "" {
			return p.Position
		}
	}
	return tfconfig.Position{}
}

// values are those of a change, as they are to be shown.
func (a *accepting) values(c herokutf.Change) (old, new any) {
	if a.look.showSecrets {
		for _, o := range a.report.Objects {
			for i := range o.Differences {
				if d := &o.Differences[i]; o.Address == c.Address && d.Path.String() == c.Path.String() {
					old, new, _ := d.Values(true)
					return old, new
				}
			}
		}
	}
	return c.Old, c.New
}

// text says what was or would be accepted.
func (a *accepting) text(style ui.Style) string {
	var b strings.Builder
	address := ""
	for _, c := range a.accepted.Changes {
		if c.Address != address {
			address = c.Address
			fmt.Fprintf(&b, "%s\n", style.Bold(ui.Printable(address)))
		}
		old, new := a.values(c)
		fmt.Fprintf(&b, "  %s: %s -> %s\n", ui.Printable(c.Path.String()), style.Old(valueText(old)), style.New(valueText(new)))
	}
	for _, l := range a.accepted.Left {
		fmt.Fprintf(&b, "%s\n", style.Warn(ui.Printable(strings.TrimSpace(l.Address+" "+l.Path.String())+": left: "+l.Reason)))
	}
	a.textConfig(&b, style)
	state := stateName(a.state)
	switch n := ui.Plural(len(a.accepted.Changes), "value"); {
	case len(a.accepted.Changes) == 0:
		fmt.Fprintf(&b, "%s: nothing to accept\n", state)
	case a.accept.dryRun:
		fmt.Fprintf(&b, "%s: %s would be accepted; nothing was written\n", state, n)
	default:
		fmt.Fprintf(&b, "%s: %s accepted\n", state, n)
	}
	if a.accept.writeConfig {
		a.textEdits(&b)
	}
	if a.backup != "" {
		fmt.Fprintf(&b, "backup: %s\nundo:   %s\n", a.backup, a.undo)
		if a.written {
			fmt.Fprintf(&b, "        (of the state; what was edited in the configuration stays)\n")
		}
	}
	return b.String()
}

// textConfig prints what becomes of the configuration: in a dry run as a patch.
func (a *accepting) textConfig(b *strings.Builder, style ui.Style) {
	if a.accepted.Config == nil {
		return
	}
	for _, c := range a.accepted.Config.Changes {
		if c.Settled && len(c.Path) == 0 {
			fmt.Fprintf(b, "%s\n  %s\n", style.Bold(ui.Printable(c.Address)),
				ui.Printable("gone from Heroku: its block goes; the next apply takes it out of the state, or now: terraform state rm "+shellQuote(c.Address)))
		}
	}
	if lines := a.pendingLines(); lines != nil {
		fmt.Fprintf(b, "\n%s\n", style.Warn("Not accepted; to change in the configuration by hand:"))
		for _, line := range lines {
			fmt.Fprintf(b, "  %s\n", line)
		}
	}
	if len(a.edits()) == 0 {
		return
	}
	b.WriteString("\n")
	if a.accept.dryRun {
		for i := range a.edits() {
			a.textPatch(b, style, &a.edits()[i])
		}
	} else {
		fmt.Fprintf(b, "%s\n", style.Warn("Edited in the configuration:"))
		for _, e := range a.configJSON().Edits {
			fmt.Fprintf(b, "  %s\n", ui.Printable(fmt.Sprintf("%s:%d: %s", e.File, e.Line, editText(e))))
		}
	}
	b.WriteString("\n")
}

// textPatch prints the edit of a file.
func (a *accepting) textPatch(b *strings.Builder, style ui.Style, e *tfconfig.FileEdit) {
	for line := range strings.Lines(string(e.Patch(a.look.showSecrets))) {
		text := ui.Printable(strings.TrimSuffix(line, "\n"))
		switch {
		case strings.HasPrefix(line, "-"):
			text = style.Old(text)
		case strings.HasPrefix(line, "+"):
			text = style.New(text)
		}
		b.WriteString(text + "\n")
	}
}

// editText is an edit in one line.
func editText(e editJSON) string {
	if e.Old+e.New == "" {
		return e.Address
	}
	orNone := func(s string) string {
		if s == "" {
			return "(none)"
		}
		return s
	}
	return fmt.Sprintf("%s: %s -> %s", e.Address, orNone(e.Old), orNone(e.New))
}

// textEdits prints how many edits there are.
func (a *accepting) textEdits(b *strings.Builder) {
	edits := ui.Plural(len(a.configJSON().Edits), "edit") + " in " + ui.Plural(len(a.edits()), "file")
	switch {
	case len(a.edits()) == 0:
		fmt.Fprintf(b, "configuration: nothing to edit\n")
	case a.accept.dryRun:
		fmt.Fprintf(b, "configuration: %s to make; nothing was written\n", edits)
	default:
		fmt.Fprintf(b, "configuration: %s made\n", edits)
	}
}

// configJSON is what becomes of the configuration, for programs; nil if it was left
// out.
func (a *accepting) configJSON() *configJSON {
	if a.accepted.Config == nil {
		return nil
	}
	doc := &configJSON{Edits: []editJSON{}, ByHand: []byHandJSON{}}
	for _, c := range a.accepted.Config.Changes {
		if !c.Settled {
			at := placeOf(c)
			doc.ByHand = append(doc.ByHand, byHandJSON{at.File, at.Line, strings.TrimSpace(c.Address+" "+c.Path.String()) + ": " + c.Reason})
			continue
		}
		for _, p := range c.Places {
			if !p.Editable {
				continue
			}
			edit := editJSON{p.File, p.Line, p.Address, p.Old, p.New}
			if p.Attribute != "" {
				edit.Address += " " + p.Attribute
			}
			if !slices.Contains(doc.Edits, edit) {
				doc.Edits = append(doc.Edits, edit)
			}
		}
	}
	return doc
}

// json is what --accept --format json prints; accept.schema.json, in the root of
// this module, describes it.
func (a *accepting) json() (string, error) {
	doc := struct {
		Format  string              `json:"format_version"`
		Changes []herokutf.Change   `json:"changes"`
		Left    []herokutf.Leftover `json:"left,omitempty"`
		Config  *configJSON         `json:"config,omitempty"`
		Backup  string              `json:"backup,omitempty"`
	}{"1.1", append([]herokutf.Change{}, a.accepted.Changes...), a.accepted.Left, a.configJSON(), a.backup} // never null
	return ui.JSON(doc)
}

// valueText is a value on one line.
func valueText(v any) string {
	if v == nil {
		return "(none)"
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return ui.Printable(fmt.Sprint(v))
	}
	return ui.Printable(string(raw))
}
