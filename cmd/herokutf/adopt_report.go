package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/terraform"
)

// An adoptReport is what an adoption has to say.
type adoptReport struct {
	*herokutf.Adoption
	state         string // as messages name it
	again         string // the command
	dryRun        bool
	remote        bool
	before, after string // serials, as the state writes them
	written       bool   // the state was
	backup        string
	plan          *tfjson.Plan           // nil: none was made
	noPlan        *terraform.NoPlanError // why
	files         []string               // that were written
}

// deliver prints the report.
func (a *adopting) deliver() error {
	for _, warning := range a.report.Warnings {
		a.printer.Warn(warning)
	}
	text, err := a.formatted()
	if err := a.printResult(a.Stdout, a.format, text, err); err != nil {
		return err
	}
	if a.dryRun && a.wouldChange() {
		return exitCode(exitWouldChange)
	}
	return nil
}

// formatted is the report in the format that is asked for.
func (a *adopting) formatted() (string, error) {
	switch a.format {
	case formatJSON:
		return a.json()
	case formatHTML:
		var b strings.Builder
		err := report.Inventory(&b, a.report.Adoption, report.Options{Time: time.Now()})
		return b.String(), err
	}
	return a.text(a.style(a.Stdout)), nil
}

// wouldChange reports whether there is something to write: files, or the state.
func (a *adopting) wouldChange() bool { return len(a.files) > 0 || a.report.after != "" }

// text is the report for people.
func (a *adopting) text(style ui.Style) string {
	r := &a.report
	var b strings.Builder
	heading := "Adopted:"
	if a.dryRun || !r.written && r.after != "" {
		heading = "To adopt:"
	}
	textObjects(&b, style.Bold(heading), r.Objects, func(o *herokutf.AdoptObject) []string {
		how := ""
		if o.Import {
			how = "(import)"
		}
		return []string{o.Address, described(o), how}
	})
	textObjects(&b, style.Warn("Left out:"), r.Left, func(o *herokutf.AdoptObject) []string {
		return []string{shortType(o.Type), described(o), o.Reason}
	})
	if len(r.Notes) > 0 {
		fmt.Fprintf(&b, "%s\n", style.Warn("To know:"))
		for _, note := range r.Notes {
			fmt.Fprintf(&b, "  %s: %s\n", ui.Printable(note.Address), ui.Printable(note.Text))
		}
		b.WriteString("\n")
	}
	a.textFiles(&b, style)
	a.textResult(&b)
	return b.String()
}

// textObjects lists objects by app, in columns.
func textObjects(b *strings.Builder, heading string, objects []herokutf.AdoptObject, columns func(*herokutf.AdoptObject) []string) {
	if len(objects) == 0 {
		return
	}
	fmt.Fprintf(b, "%s\n", heading)
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 8, 2, ' ', 0)
	for i := range objects {
		cells := columns(&objects[i])
		if app := objects[i].App; app != "" {
			cells = append([]string{app}, cells...)
		} else {
			cells = append([]string{"-"}, cells...)
		}
		for i, cell := range cells {
			cells[i] = ui.Printable(cell)
		}
		fmt.Fprintf(w, "  %s\n", strings.Join(cells, "\t"))
	}
	w.Flush()
	for line := range strings.Lines(table.String()) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	b.WriteString("\n")
}

// described is what people know an object by.
func described(o *herokutf.AdoptObject) string {
	switch {
	case o.Label == "" && o.Detail == "":
		return ""
	case o.Label == "" || strings.Contains(o.Detail, o.Label):
		return o.Detail
	case o.Detail == "":
		return o.Label
	}
	return o.Label + " " + o.Detail
}

func shortType(typ string) string { return strings.TrimPrefix(typ, "heroku_") }

// textFiles lists the files that were, or are to be, written.
func (a *adopting) textFiles(b *strings.Builder, style ui.Style) {
	heading, paths := "Written:", a.report.files
	if a.dryRun {
		heading = "To write:"
		for _, f := range a.files {
			paths = append(paths, f.Path)
		}
	}
	if len(paths) > 0 {
		fmt.Fprintf(b, "%s\n", style.Bold(heading))
		for _, path := range paths {
			if strings.HasSuffix(path, secretSuffix) {
				fmt.Fprintf(b, "  %s  (secrets: mode 0600; %s)\n", ui.Printable(path), a.ignored)
			} else {
				fmt.Fprintf(b, "  %s\n", ui.Printable(path))
			}
		}
		b.WriteString("\n")
	}
	if len(a.report.Pending) > 0 {
		fmt.Fprintf(b, "Written by an earlier run: %s\n\n", ui.Printable(strings.Join(a.report.Pending, ", ")))
	}
}

// textResult prints what was done and what comes next.
func (a *adopting) textResult(b *strings.Builder) {
	r := &a.report
	if len(r.Objects) == 0 && len(r.files) == 0 {
		fmt.Fprintf(b, "%s: nothing to adopt\n", r.state)
		return
	}
	n := ui.Plural(len(r.Objects), "object")
	switch {
	case r.plan != nil:
		fmt.Fprintln(b, "plan:   no changes of what is adopted")
	case r.noPlan != nil:
		fmt.Fprintf(b, "plan:   %s\n", noPlanText(r.noPlan))
	}
	switch {
	case a.dryRun && a.wouldChange():
		fmt.Fprintf(b, "%s: %s to adopt; nothing was written\n", r.state, n)
		return
	case r.written:
		fmt.Fprintf(b, "%s: %s adopted, serial %s -> %s\n", r.state, a.counted(), r.before, r.after)
	case r.after != "":
		fmt.Fprintf(b, "%s: %s to adopt; the state was not written\n", r.state, n)
	default:
		fmt.Fprintf(b, "%s: %s to import by the next apply\n", r.state, n)
	}
	if r.backup != "" {
		fmt.Fprintf(b, "backup: %s\n", r.backup)
		undo := a.self("undo")
		if files := withoutIgnore(r.files); len(files) > 0 {
			undo += ", and remove " + ui.Printable(strings.Join(files, " "))
		}
		fmt.Fprintf(b, "undo:   %s\n", undo)
	}
	fmt.Fprintf(b, "next:   %s\n", a.next())
}

// noPlanText says why there is no plan.
func noPlanText(e *terraform.NoPlanError) string {
	switch e.Reason {
	case terraform.NoTerraform:
		return "none was made, no terraform command was found"
	case terraform.NotInitialized, terraform.NoConfiguration:
		return "none was made, the folder isn't initialized"
	}
	return "none was made: " + ui.Printable(e.Err.Error())
}

// counted says how many objects are in the state now, and how many the next apply imports.
func (a *adopting) counted() string {
	imports := 0
	for i := range a.report.Objects {
		if a.report.Objects[i].Import {
			imports++
		}
	}
	n := ui.Plural(len(a.report.Objects)-imports, "object")
	if imports > 0 {
		n += fmt.Sprintf(" of %d", len(a.report.Objects))
	}
	return n
}

// withoutIgnore returns the files that an undo removes.
func withoutIgnore(files []string) []string {
	return slices.DeleteFunc(slices.Clone(files), func(path string) bool { return strings.HasSuffix(path, gitignore) })
}

// next says what is to be done after an adoption.
func (a *adopting) next() string {
	r := &a.report
	switch {
	case !r.written && r.after != "":
		return "merge the files, so that everybody has them, then " + r.again + " --write-state\n" +
			"before: apply nothing: Terraform would create what is adopted, " + strings.TrimSuffix(a.refusal(), ".")
	case r.noPlan != nil:
		return "terraform init, then terraform plan"
	case slices.ContainsFunc(r.Objects, func(o herokutf.AdoptObject) bool { return o.Import }):
		return "terraform plan, which imports, and terraform apply"
	}
	return "terraform plan"
}

// The form of the JSON of adopt is adopt.schema.json, in the root of this module.
type adoptJSON struct {
	FormatVersion string                 `json:"format_version"`
	Objects       []herokutf.AdoptObject `json:"objects"`
	Left          []herokutf.AdoptObject `json:"left"`
	Notes         []herokutf.Note        `json:"notes"`
	Warnings      []string               `json:"warnings"`
	Files         []adoptFileJSON        `json:"files"`
	Pending       []string               `json:"pending"`
	Released      []string               `json:"released"`
	Plan          *planJSON              `json:"plan,omitempty"`
	Serial        *serialJSON            `json:"serial,omitempty"`
	StateWritten  bool                   `json:"state_written"`
	Backup        string                 `json:"backup"`
}

type adoptFileJSON struct {
	Path    string `json:"path"`
	Secret  bool   `json:"secret"`
	Written bool   `json:"written"`
}

// newJSON returns what every run of the verb has.
func (a *adopting) newJSON() *adoptJSON {
	doc := &adoptJSON{
		FormatVersion: "1.0", Objects: []herokutf.AdoptObject{}, Left: []herokutf.AdoptObject{}, Notes: []herokutf.Note{},
		Warnings: []string{}, Files: []adoptFileJSON{}, Pending: []string{}, Released: []string{},
	}
	for _, f := range a.report.files {
		doc.Files = append(doc.Files, adoptFileJSON{f, strings.HasSuffix(f, secretSuffix), true})
	}
	for _, f := range a.files {
		doc.Files = append(doc.Files, adoptFileJSON{f.Path, f.Sensitive, false})
	}
	return doc
}

const secretSuffix = ".auto.tfvars.json"

// json is the report for programs.
func (a *adopting) json() (string, error) {
	r := &a.report
	doc := a.newJSON()
	doc.Objects = append(doc.Objects, r.Objects...)
	doc.Left = append(doc.Left, r.Left...)
	doc.Notes = append(doc.Notes, r.Notes...)
	doc.Warnings = append(doc.Warnings, r.Warnings...)
	doc.Pending = append(doc.Pending, r.Pending...)
	doc.Plan, doc.StateWritten, doc.Backup = newPlanJSON(r.plan), r.written, r.backup
	if r.after != "" {
		doc.Serial = &serialJSON{Old: json.Number(r.before), New: json.Number(r.after)}
	}
	return ui.JSON(doc)
}
