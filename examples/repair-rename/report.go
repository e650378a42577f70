package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/examples/internal/cli"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// report is what a run has to say.
type report struct {
	state         string
	dryRun        bool
	toIDs         bool
	repair        *herokutf.Repair // nil after -undo and -recover
	before, after string           // serials, as the state writes them
	backup        string
	outcome       statefile.Outcome // of -recover

	places  []tfconfig.Place
	edits   []tfconfig.FileEdit
	written bool // the edits of the configuration are on disk
}

// wouldChange reports whether a run without -dry-run would write something.
func (r *report) wouldChange(writeConfig bool) bool {
	return len(r.repair.Changes) > 0 || writeConfig && len(r.edits) > 0
}

// writeConfig makes the edits of the configuration if that is asked for and
// hasn't been done.
func (r *report) writeConfig(o *options) error {
	if !o.writeConfig || o.dryRun || r.written || len(r.edits) == 0 {
		return nil
	}
	if err := tfconfig.Apply(r.edits); err != nil {
		if r.backup != "" {
			return fmt.Errorf("the state is repaired, the configuration is not: %w", err)
		}
		return err
	}
	r.written = true
	return nil
}

// text prints the report for people.
func (r *report) text(w io.Writer, style cli.Style) {
	for _, rename := range r.repair.Renames {
		fmt.Fprintf(w, "%s was renamed to %s", style.Old(rename.Old), style.New(rename.New))
		if rename.ID != "" {
			fmt.Fprintf(w, " %s", style.Dim("("+rename.ID+")"))
		}
		fmt.Fprintln(w)
	}
	last := ""
	for _, change := range r.repair.Changes {
		if change.Address != last {
			fmt.Fprintf(w, "\n%s\n", style.Bold(change.Address))
			last = change.Address
		}
		fmt.Fprintf(w, "  %s: %s -> %s\n", change.Path, style.Old(shown(change.Old)), style.New(shown(change.New)))
	}
	if len(r.repair.Left) > 0 {
		fmt.Fprintf(w, "\n%s\n", style.Warn("Left as they are:"))
		for _, left := range r.repair.Left {
			fmt.Fprintf(w, "  %s %s: %s\n", left.Address, left.Path, left.Reason)
		}
	}
	if len(r.repair.Mentions) > 0 {
		fmt.Fprintf(w, "\n%s\n", style.Warn("The old name also stands here, and was not touched:"))
		isOutput := make(map[string]bool)
		for output := range r.repair.File.Outputs() {
			isOutput[output.Address()] = true
		}
		outputs := false
		for _, mention := range r.repair.Mentions {
			fmt.Fprintf(w, "  %s\n", strings.TrimSpace(mention.Address+" "+mention.Path.String()))
			outputs = outputs || isOutput[mention.Address]
		}
		if outputs {
			fmt.Fprintln(w, `  Outputs follow with "terraform apply -refresh-only".`)
		}
	}
	if len(r.repair.Notes) > 0 {
		fmt.Fprintf(w, "\n%s\n", style.Warn("To know before Terraform runs:"))
		for _, note := range r.repair.Notes {
			fmt.Fprintf(w, "  %s: %s\n", note.Address, note.Text)
		}
	}
	r.textConfig(w, style)

	r.textResult(w)
}

// textResult prints what was done and what comes next.
func (r *report) textResult(w io.Writer) {
	state := r.state
	if state == "-" {
		state = "standard input"
	}
	if len(r.repair.Changes) == 0 {
		if len(r.repair.Renames)+len(r.repair.Mentions)+len(r.places) > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s: nothing to do\n", state)
		return
	}
	fmt.Fprintln(w)
	n := cli.Plural(len(r.repair.Changes), "change")
	if r.dryRun {
		fmt.Fprintf(w, "%s: %s to make, serial %s -> %s; nothing was written\n", state, n, r.before, r.after)
		return
	}
	fmt.Fprintf(w, "%s: %s made, serial %s -> %s\n", state, n, r.before, r.after)
	if r.backup != "" {
		fmt.Fprintf(w, "backup: %s\n", r.backup)
		fmt.Fprintf(w, "undo:   repair-rename -state %s -undo\n", r.state)
	}
	next := "next:   "
	if len(r.repair.Renames) > 0 && r.places == nil {
		// A later run finds no renames in the repaired state: they have to be
		// given.
		fmt.Fprintf(w, "%sgive the app its new name in the configuration (%s -config DIR lists the places), then terraform plan\n",
			next, strings.TrimSpace(flags(r.repair.Renames)))
		next = "        "
	}
	if r.toIDs {
		fmt.Fprintf(w, "%sthe state is for provider 5 alone now, with app_id = heroku_app.NAME.id in place of app; then terraform plan\n", next)
	}
}

// textConfig prints the places in the configuration by what is to be done
// about them.
func (r *report) textConfig(w io.Writer, style cli.Style) {
	edited := "To edit in the configuration (-write-config does it):"
	if r.written {
		edited = "Edited in the configuration:"
	}
	groups := []struct {
		heading string
		belongs func(tfconfig.Place) bool
	}{
		{edited, func(p tfconfig.Place) bool { return p.Editable }},
		{"To change in the configuration by hand:", func(p tfconfig.Place) bool {
			return !p.Editable && p.Kind != tfconfig.KindMention && !follows(p)
		}},
		{"Follows by itself:", follows},
		{"Holds the old name as well; look whether it is meant:", func(p tfconfig.Place) bool {
			return !p.Editable && p.Kind == tfconfig.KindMention
		}},
	}
	for _, group := range groups {
		headed := false
		for _, place := range r.places {
			if !group.belongs(place) {
				continue
			}
			if !headed {
				fmt.Fprintf(w, "\n%s\n", style.Warn(group.heading))
				headed = true
			}
			fmt.Fprintf(w, "  %s\n", place)
		}
	}
}

// follows reports whether a place needs no change of its own: what reads the
// name from the app, and an expression whose value stands elsewhere among the
// places. Whatever else isn't edited has a note that says why.
func follows(p tfconfig.Place) bool {
	return p.Kind == tfconfig.KindReference || !p.Editable && p.Kind != tfconfig.KindMention && p.Note == ""
}

// shown is a change's value; an attribute that is absent has none.
func shown(v any) string {
	if v == nil {
		return "(absent)"
	}
	return fmt.Sprint(v)
}

// json prints the report for programs.
func (r *report) json(w io.Writer) error {
	type serial struct {
		Old json.Number `json:"old"`
		New json.Number `json:"new"`
	}
	doc := struct {
		FormatVersion string              `json:"format_version"`
		Renames       []herokutf.Rename   `json:"renames"`
		Changes       []herokutf.Change   `json:"changes"`
		Mentions      []herokutf.Mention  `json:"mentions"`
		Left          []herokutf.Leftover `json:"left,omitempty"`
		Notes         []herokutf.Note     `json:"notes,omitempty"`
		Serial        *serial             `json:"serial,omitempty"`
		Backup        string              `json:"backup"`
		Outcome       statefile.Outcome   `json:"outcome,omitempty"`
	}{
		FormatVersion: "1.0",
		Renames:       []herokutf.Rename{},
		Changes:       []herokutf.Change{},
		Mentions:      []herokutf.Mention{},
		Backup:        r.backup,
		Outcome:       r.outcome,
	}
	if r.before != "" || r.after != "" {
		doc.Serial = &serial{Old: json.Number(r.before), New: json.Number(r.after)}
	}
	if r.repair != nil {
		doc.Renames = append(doc.Renames, r.repair.Renames...)
		doc.Changes = append(doc.Changes, r.repair.Changes...)
		doc.Mentions = append(doc.Mentions, r.repair.Mentions...)
		doc.Left = r.repair.Left
		doc.Notes = r.repair.Notes
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(doc)
}

// print writes the report of a run that planned nothing: text as it is, or
// the JSON form.
func (r *report) print(std cli.IO, format, text string) error {
	var buf bytes.Buffer
	if format == "json" {
		if err := r.json(&buf); err != nil {
			return err
		}
	} else {
		buf.WriteString(strings.TrimLeft(text, "\n"))
	}
	_, err := std.Stdout.Write(buf.Bytes())
	return err
}
