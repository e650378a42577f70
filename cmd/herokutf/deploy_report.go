package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/report"
)

// How a deployment has ended.
const (
	resultApplied   = "applied"
	resultUnchanged = "unchanged" // there was nothing to apply
	resultPlanned   = "planned"   // --plan-only, and no gate refuses the plan
	resultRefused   = "refused"
)

// A deploySummary is what a deployment has done, in the form of
// schemas/deploy.schema.json.
type deploySummary struct {
	FormatVersion string          `json:"format_version"`
	Result        string          `json:"result"`
	Slugs         *herokutf.Slugs `json:"slugs"`
	// Difference is that between the state and Slugs, before the plan; nil if
	// there is no state, or it wasn't looked at.
	Difference *report.SlugDiff `json:"difference,omitempty"`
	Releases   []deployRelease  `json:"releases"`
	Plan       deployPlan       `json:"plan"`
	Drift      []deployDrift    `json:"drift"`
	Refused    []deployRefusal  `json:"refused"`
}

// A deployRelease is what an app runs before and after.
type deployRelease struct {
	Address string `json:"address"`
	App     string `json:"app"`               // its name, or what the plan has instead
	Old     string `json:"old,omitempty"`     // UUID of the slug or image; "" if there is none
	New     string `json:"new"`               // likewise
	Commit  string `json:"commit,omitempty"`  // of New
	Version int    `json:"version,omitempty"` // of the release that New was resolved from
	User    string `json:"user,omitempty"`    // who made that release
}

type deployPlan struct {
	Actions map[string]int `json:"actions"`        // how many objects, by action; nil without a plan
	File    string         `json:"file,omitempty"` // where --out keeps it
}

type deployDrift struct {
	Address string           `json:"address"`
	Verdict herokutf.Verdict `json:"verdict"`
	Undone  string           `json:"undone,omitempty"` // what the plan would do; "" if it leaves it alone
}

type deployRefusal struct {
	Gate    string `json:"gate"`
	Message string `json:"message"`
}

// sumUp reports what a plan would release.
func (d *deployment) sumUp(ctx context.Context, plan *shownPlan) error {
	d.summary.Plan.Actions = make(map[string]int)
	commits, names := make(map[string]string), d.appNames(plan)
	var text strings.Builder
	for _, rc := range plan.ResourceChanges {
		if rc == nil || rc.Change == nil {
			continue
		}
		d.summary.Plan.Actions[joinActions(rc.Change.Actions)]++
		if rc.Type != "heroku_app_release" || rc.Mode != tfjson.ManagedResourceMode || rc.Change.Actions.NoOp() {
			continue
		}
		app := cmp.Or(word(rc.Change.After, "app_id", "app"), word(rc.Change.Before, "app_id", "app"))
		r := deployRelease{Address: rc.Address, App: cmp.Or(names[app], app),
			Old: word(rc.Change.Before, "slug_id", "oci_image"), New: word(rc.Change.After, "slug_id", "oci_image")}
		if r.New == "" || r.New == r.Old {
			continue
		}
		if a := d.artifact(r.New); a != nil {
			if _, known := commits[r.New]; !known {
				commits[r.New] = d.commit(ctx, a)
			}
			r.Commit, r.Version, r.User = commits[r.New], a.Release.Version, a.Release.User
		}
		d.summary.Releases = append(d.summary.Releases, r)
		text.WriteString(ui.Printable(r.String()) + "\n")
	}
	if d.format != formatJSON {
		d.printer.Print(text.String())
	}
	return ctx.Err()
}

// String returns one line.
func (r *deployRelease) String() string {
	s := fmt.Sprintf("%s (%s): %s -> %s", r.Address, r.App, cmp.Or(r.Old, "none"), r.New)
	if r.Commit != "" {
		s += ", commit " + r.Commit
	}
	if r.Version != 0 {
		s += fmt.Sprintf(", released as v%d", r.Version)
	}
	if r.User != "" {
		s += " by " + r.User
	}
	return s
}

// appNames returns the names of the apps that a plan or the slugs know, by UUID.
func (d *deployment) appNames(plan *shownPlan) map[string]string {
	names := make(map[string]string)
	for _, a := range d.slugs.Artifacts {
		names[a.App.ID] = a.App.Name
		for _, app := range a.Others {
			names[app.ID] = app.Name
		}
	}
	for _, rc := range plan.ResourceChanges {
		if rc != nil && rc.Change != nil && rc.Type == "heroku_app" {
			names[word(rc.Change.Before, "id")] = word(rc.Change.Before, "name")
		}
	}
	return names
}

// artifact returns the first artifact with a value; nil if there is none.
func (d *deployment) artifact(value string) *herokutf.Artifact {
	i := slices.IndexFunc(d.slugs.Artifacts, func(a herokutf.Artifact) bool { return a.Value == value })
	if i < 0 {
		return nil
	}
	return &d.slugs.Artifacts[i]
}

// commit asks which commit an artifact was built from, unless that is known. It is
// for people to read: "" if it can't be had.
func (d *deployment) commit(ctx context.Context, a *herokutf.Artifact) string {
	if a.Commit != "" || d.offline {
		return a.Commit
	}
	return commitOf(ctx, d.heroku, a.App.ID, a.Kind, a.Value)
}

// word returns the first of some attributes of an object that is a text; "" if none
// is.
func word(object any, names ...string) string {
	attrs, _ := object.(map[string]any)
	for _, name := range names {
		if s, _ := attrs[name].(string); s != "" {
			return s
		}
	}
	return ""
}

// report prints the summary with --format json, unless the run has failed. err is
// how it has ended.
func (d *deployment) report(err error) error {
	refused := refusals(err)
	if d.format != formatJSON || err != nil && refused == nil {
		return nil
	}
	s := &d.summary
	s.FormatVersion, s.Slugs = "1.0", d.slugs
	if refused != nil {
		s.Result = resultRefused
	}
	s.Releases = append([]deployRelease{}, s.Releases...) // never null
	s.Drift, s.Refused = []deployDrift{}, []deployRefusal{}
	for _, r := range refused {
		s.Refused = append(s.Refused, deployRefusal{r.gate, ui.Sentence(r.Error())})
	}
	undone := make(map[string]string)
	for _, u := range d.undone {
		undone[u.object.Address] = u.why
	}
	for _, o := range d.drifted() {
		s.Drift = append(s.Drift, deployDrift{o.Address, o.Verdict, undone[o.Address]})
	}
	text, err := ui.JSON(s)
	return d.printResult(d.Stdout, d.format, text, err)
}

// joinActions spells actions as one word or several.
func joinActions(actions tfjson.Actions) string {
	if actions.Replace() {
		return "replace"
	}
	words := make([]string, len(actions))
	for i, action := range actions {
		words[i] = string(action)
	}
	return ui.Printable(strings.Join(words, " and "))
}
