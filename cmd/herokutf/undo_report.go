package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/terraform"
)

// An undoReport is what an undo has done, or would do.
type undoReport struct {
	state  string // as messages name it
	result *terraform.Result
	edited []string // files of the configuration that were edited along with what was taken back
	dryRun bool
}

// text says it to people.
func (u *undoReport) text(e *env) string {
	var b strings.Builder
	switch r := u.result; {
	case !r.Changed:
		return fmt.Sprintf("%s: nothing to do; it is what %s holds\n", u.state, r.Restored)
	case u.dryRun:
		fmt.Fprintf(&b, "%s: %s to put back, serial %s -> %s; nothing was written\n", u.state, r.Restored, r.OldSerial, r.NewSerial)
	default:
		fmt.Fprintf(&b, "%s: %s put back, serial %s -> %s\n", u.state, r.Restored, r.OldSerial, r.NewSerial)
		fmt.Fprintf(&b, "backup: %s\n", r.Backup)
	}
	harm := u.textPlan(&b)
	if u.dryRun {
		return b.String()
	}
	next := e.terraformAgain("plan")
	if u.edited != nil {
		next = "take back what the same run edited in " + fileList(u.edited) + ", then " + next
	}
	fmt.Fprintf(&b, "next:   %s\n", next)
	if harm {
		fmt.Fprintf(&b, "        apply nothing before that is as it should be; %s takes this undo back\n", e.self("undo"))
	}
	return b.String()
}

// textPlan says what Terraform would do with the state that is put back, and reports
// whether that is nothing to be applied.
func (u *undoReport) textPlan(b *strings.Builder) (harm bool) {
	r := u.result
	if failed(r.NoPlan) {
		fmt.Fprintf(b, "plan:   it fails with this state and the configuration as it is now: %s\n", ui.Printable(r.NoPlan.Err.Error()))
		return true
	}
	if r.Plan == nil {
		return false
	}
	refused, harm := errors.AsType[*herokutf.PlanError](herokutf.CheckPlanSettled(r.Plan))
	switch n := len(newPlanJSON(r.Plan).Actions); {
	case harm:
		fmt.Fprintf(b, "plan:   with this state and the configuration as it is now Terraform would destroy, replace or create Heroku objects:%s\n", harmLines(refused))
	case n > 0:
		fmt.Fprintf(b, "plan:   with this state and the configuration as it is now Terraform would change %s\n", ui.Plural(n, "object"))
	default:
		fmt.Fprintf(b, "plan:   no changes\n")
	}
	return harm
}

// failed reports whether a plan was tried.
func failed(none *terraform.NoPlanError) bool {
	return none != nil && (none.Reason == terraform.PlanFailed || none.Reason == terraform.InitFailed)
}

// json is the same for programs.
func (u *undoReport) json() (string, error) {
	doc := newRenameJSON(u.result.OldSerial, u.result.NewSerial, u.result.Backup)
	doc.Restored, doc.Edited = u.result.Restored, u.edited
	doc.plan(u.result)
	return doc.String()
}

// fileList spells paths on one line.
func fileList(files []string) string {
	words := make([]string, len(files))
	for i, file := range files {
		words[i] = ui.Printable(shellQuote(file))
	}
	return strings.Join(words, ", ")
}

// backupJSON is a backup in the JSON of undo --list.
type backupJSON struct {
	Path   string    `json:"path"`
	Serial string    `json:"serial"` // "" when the name doesn't have it
	Time   time.Time `json:"time"`
	// Edited are the files of the configuration that the same run has edited; nil when
	// there are none.
	Edited []string `json:"edited,omitempty"`
}

// printList lists the backups of the state.
func (o *undoOptions) printList() error {
	state, backups, err := o.backups()
	if err != nil {
		return err
	}
	if o.format == formatJSON {
		doc := struct {
			FormatVersion string       `json:"format_version"`
			Backups       []backupJSON `json:"backups"`
		}{"1.0", append([]backupJSON{}, backups...)} // never null
		text, err := ui.JSON(doc)
		return o.printResult(o.Stdout, o.format, text, err)
	}
	var b strings.Builder
	for _, backup := range backups {
		fmt.Fprintf(&b, "%s  serial %-6s  %s\n", backup.Time.UTC().Format("2006-01-02 15:04:05 UTC"), backup.Serial, backup.Path)
		if backup.Edited != nil {
			fmt.Fprintf(&b, "%24s edited with it: %s\n", "", fileList(backup.Edited))
		}
	}
	if len(backups) == 0 {
		fmt.Fprintf(&b, "%s: there is no backup of it\n", state)
	}
	return o.print(o.Stdout, b.String())
}
