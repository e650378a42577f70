package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/terraform"
	"github.com/herokutf/herokutf/tfconfig"
)

// A renameReport is what a rename has to say.
type renameReport struct {
	env           *env // spells commands that come next
	state         string
	file          string // the state's; "" if it isn't one
	dryRun, toIDs bool
	offline       bool // nobody was asked
	repair        *herokutf.Repair
	before, after string // serials, as the state writes them
	backup        string
	undo          string                 // the command that puts it back
	plan          *tfjson.Plan           // with the new state; nil: none was made
	noPlan        *terraform.NoPlanError // why
	notes         []herokutf.Note        // beside those of the repair
	legacy        bool                   // the state doesn't say from where the provider comes

	config renameConfig
}

// wouldChange reports whether a run without --dry-run would write something.
func (r *renameReport) wouldChange(writeConfig bool) bool {
	return len(r.repair.Changes) > 0 || writeConfig && len(r.config.edits) > 0
}

// text is the report for people.
func (r *renameReport) text(style ui.Style) string {
	var b strings.Builder
	for _, rename := range r.repair.Renames {
		if slices.Contains(r.repair.Done, rename) {
			fmt.Fprintf(&b, "%s has its new name in the state already", style.New(rename.New))
		} else if r.offline {
			fmt.Fprintf(&b, "%s is taken to be called %s now", style.Old(rename.Old), style.New(rename.New))
		} else {
			fmt.Fprintf(&b, "%s was renamed to %s", style.Old(rename.Old), style.New(rename.New))
		}
		if rename.ID != "" {
			fmt.Fprintf(&b, " %s", style.Dim("("+rename.ID+")"))
		}
		b.WriteString("\n")
	}
	last := ""
	for _, change := range r.repair.Changes {
		if change.Address != last {
			fmt.Fprintf(&b, "\n%s\n", style.Bold(ui.Printable(change.Address)))
			last = change.Address
		}
		fmt.Fprintf(&b, "  %s: %s -> %s\n", ui.Printable(change.Path.String()), style.Old(orAbsent(change.Old)), style.New(orAbsent(change.New)))
	}
	r.textRest(&b, style)
	r.textConfig(&b, style)
	r.config.textMoves(&b, style)
	r.textResult(&b)
	return b.String()
}

// textRest prints what isn't changed, and what is to be known.
func (r *renameReport) textRest(b *strings.Builder, style ui.Style) {
	if len(r.repair.Left) > 0 {
		fmt.Fprintf(b, "\n%s\n", style.Warn("Left as they are:"))
		for _, left := range r.repair.Left {
			fmt.Fprintf(b, "  %s %s: %s\n", ui.Printable(left.Address), ui.Printable(left.Path.String()), left.Reason)
		}
	}
	if len(r.repair.Mentions) > 0 {
		fmt.Fprintf(b, "\n%s\n", style.Warn("The old name also stands here, and was not touched:"))
		isOutput := make(map[string]bool)
		for output := range r.repair.File.Outputs() {
			isOutput[output.Address()] = true
		}
		outputs := false
		for _, mention := range r.repair.Mentions {
			fmt.Fprintf(b, "  %s\n", ui.Printable(strings.TrimSpace(mention.Address+" "+mention.Path.String())))
			outputs = outputs || isOutput[mention.Address]
		}
		if outputs {
			fmt.Fprintln(b, `  Outputs follow with "terraform apply -refresh-only".`)
		}
	}
	if notes := r.allNotes(); len(notes) > 0 {
		fmt.Fprintf(b, "\n%s\n", style.Warn("To know before Terraform runs:"))
		for _, note := range notes {
			fmt.Fprintf(b, "  %s: %s\n", ui.Printable(note.Address), ui.Printable(note.Text))
		}
	}
}

// allNotes returns what Heroku says that no edit mends, and the repair's notes.
func (r *renameReport) allNotes() []herokutf.Note {
	return slices.Concat(r.notes, r.repair.Notes)
}

// textResult prints what was done and what comes next.
func (r *renameReport) textResult(b *strings.Builder) {
	state := stateName(r.state)
	if len(r.repair.Changes) == 0 {
		if len(r.repair.Renames)+len(r.repair.Mentions)+len(r.config.places)+len(r.config.moved)+len(r.config.byHand)+len(r.allNotes()) > 0 {
			fmt.Fprintln(b)
		}
		fmt.Fprintf(b, "%s: nothing to do\n", state)
		return
	}
	fmt.Fprintln(b)
	n := ui.Plural(len(r.repair.Changes), "change")
	if r.dryRun {
		fmt.Fprintf(b, "%s: %s to make, serial %s -> %s; nothing was written\n", state, n, r.before, r.after)
		return
	}
	fmt.Fprintf(b, "%s: %s made, serial %s -> %s\n", state, n, r.before, r.after)
	if r.backup != "" {
		fmt.Fprintf(b, "backup: %s\n", r.backup)
		fmt.Fprintf(b, "undo:   %s\n", r.undo)
		if r.config.written {
			fmt.Fprintf(b, "        (of the state; it names what was edited in the configuration)\n")
		}
	}
	label := "next:   "
	for _, next := range r.next() {
		fmt.Fprintf(b, "%s%s\n", label, next)
		label = "        "
	}
}

// next says what is to be done after a repair. A later run finds no renames in
// the repaired state: they have to be given.
func (r *renameReport) next() []string {
	var next []string
	plan := r.env.terraformAgain("plan")
	switch again := r.env.self("rename") + arguments(r.repair.Renames); {
	case len(r.repair.Renames) == 0 && !r.toIDs:
		next = append(next, plan)
	case len(r.repair.Renames) == 0:
	case !r.config.looked && r.file == "":
		next = append(next, "give the app its new name in the configuration, then "+plan)
	case !r.config.looked:
		again = place{dir: r.env.place.dir, state: r.file}.self("rename") + arguments(r.repair.Renames)
		next = append(next, "give the app its new name in the configuration ("+again+" --config DIR lists the places), then "+plan)
	case len(r.config.edits) > 0 && !r.config.written:
		next = append(next, again+" --write-config edits the configuration; then "+plan)
	default:
		next = append(next, plan)
	}
	if r.toIDs {
		next = append(next, "the state is for provider 5 alone now, with app_id = heroku_app.NAME.id in place of app; then "+plan)
	}
	next = append(r.config.next(), next...)
	if r.legacy {
		next = slices.Insert(next, 0, replaceProvider)
	}
	return next
}

// replaceProvider is what Terraform 0.13 and newer need before they plan with a
// state that Terraform 0.12 or older has written.
const replaceProvider = "terraform state replace-provider -- -/heroku heroku/heroku, since the state doesn't say from where its provider comes"

// placeGroups are the places in a configuration by what is to be done about
// them.
func (r *renameReport) placeGroups() []struct {
	heading string
	belongs func(tfconfig.Place) bool
} {
	edited := "To edit in the configuration (--write-config does it):"
	if r.config.written {
		edited = "Edited in the configuration:"
	}
	return []struct {
		heading string
		belongs func(tfconfig.Place) bool
	}{
		{edited, func(p tfconfig.Place) bool { return p.Editable }},
		{"To change in the configuration by hand:", byHand},
		{"Follows by itself:", follows},
		{"Holds the old name as well; look whether it is meant:", func(p tfconfig.Place) bool {
			return !p.Editable && p.Kind == tfconfig.KindMention
		}},
	}
}

func (r *renameReport) textConfig(b *strings.Builder, style ui.Style) {
	for _, group := range r.placeGroups() {
		headed := false
		for _, place := range r.config.places {
			if !group.belongs(place) {
				continue
			}
			if !headed {
				fmt.Fprintf(b, "\n%s\n", style.Warn(group.heading))
				headed = true
			}
			fmt.Fprintf(b, "  %s\n", ui.Printable(place.String()))
		}
	}
}

// byHand reports whether somebody has to change a place.
func byHand(p tfconfig.Place) bool {
	return !p.Editable && p.Kind != tfconfig.KindMention && !follows(p)
}

// follows reports whether a place needs no change of its own: what reads the
// name from the app, and an expression whose value stands elsewhere among the
// places. Whatever else isn't edited has a note that says why.
func follows(p tfconfig.Place) bool {
	return p.Kind == tfconfig.KindReference || !p.Editable && p.Kind != tfconfig.KindMention && p.Note == ""
}

// orAbsent is a change's value; an attribute that is absent has none.
func orAbsent(v any) string {
	if v == nil {
		return "(absent)"
	}
	return ui.Printable(fmt.Sprint(v))
}

// The form of the JSON of rename, undo and recover is rename.schema.json, in
// the root of this module.
type (
	renameJSON struct {
		FormatVersion string              `json:"format_version"`
		Renames       []herokutf.Rename   `json:"renames"`
		Changes       []herokutf.Change   `json:"changes"`
		Mentions      []herokutf.Leftover `json:"mentions"`
		Left          []herokutf.Leftover `json:"left,omitempty"`
		Notes         []herokutf.Note     `json:"notes,omitempty"`
		Config        *configJSON         `json:"config,omitempty"`
		Plan          *planJSON           `json:"plan,omitempty"`
		Serial        *serialJSON         `json:"serial,omitempty"`
		Backup        string              `json:"backup"`
		Restored      string              `json:"restored,omitempty"` // of undo: the backup that was put back
		Outcome       string              `json:"outcome,omitempty"`  // of recover
		Edited        []string            `json:"edited,omitempty"`   // of undo: files that the run edited which is taken back
		NoPlan        string              `json:"no_plan,omitempty"`  // why there is no plan, unless none was wanted
	}
	serialJSON struct {
		Old json.Number `json:"old"`
		New json.Number `json:"new"`
	}
	configJSON struct {
		Edits  []editJSON   `json:"edits"`
		ByHand []byHandJSON `json:"by_hand"`
		Moved  []moveJSON   `json:"moved,omitempty"`
	}
	moveJSON struct {
		From string `json:"from"`
		To   string `json:"to"`
	}
	editJSON struct {
		File    string `json:"file"`
		Line    int    `json:"line"`
		Address string `json:"address"`
		Old     string `json:"old"`
		New     string `json:"new"`
	}
	byHandJSON struct {
		File   string `json:"file"`
		Line   int    `json:"line"`
		Reason string `json:"reason"`
	}
)

// newRenameJSON returns what every run of these verbs has.
func newRenameJSON(before, after, backup string) *renameJSON {
	doc := &renameJSON{
		FormatVersion: "1.1",
		Renames:       []herokutf.Rename{},
		Changes:       []herokutf.Change{},
		Mentions:      []herokutf.Leftover{},
		Backup:        backup,
	}
	if before != "" || after != "" {
		doc.Serial = &serialJSON{Old: json.Number(before), New: json.Number(after)}
	}
	return doc
}

// plan notes what a plan says, or why there is none.
func (doc *renameJSON) plan(result *terraform.Result) {
	doc.Plan = newPlanJSON(result.Plan)
	if result.NoPlan != nil {
		doc.NoPlan = string(result.NoPlan.Reason)
	}
}

func (doc *renameJSON) String() (string, error) {
	return ui.JSON(doc)
}

// json is the report for programs.
func (r *renameReport) json() (string, error) {
	doc := newRenameJSON(r.before, r.after, r.backup)
	doc.Renames = append(doc.Renames, r.repair.Renames...)
	doc.Changes = append(doc.Changes, r.repair.Changes...)
	doc.Mentions = append(doc.Mentions, r.repair.Mentions...)
	doc.Left, doc.Notes = r.repair.Left, slices.Concat(r.allNotes(), r.config.notes())
	doc.plan(&terraform.Result{Plan: r.plan, NoPlan: r.noPlan})
	if r.config.looked {
		doc.Config = r.configJSON()
	}
	return doc.String()
}

func (r *renameReport) configJSON() *configJSON {
	config := &configJSON{Edits: []editJSON{}, ByHand: []byHandJSON{}}
	for _, p := range r.config.places {
		switch {
		case p.Editable:
			config.Edits = append(config.Edits, editJSON{p.File, p.Line, p.Address, p.Old, p.New})
		case byHand(p):
			config.ByHand = append(config.ByHand, byHandJSON{p.File, p.Line, p.Note})
		}
	}
	for _, move := range r.config.moved {
		config.Moved = append(config.Moved, moveJSON{move.From, move.To})
	}
	return config
}
