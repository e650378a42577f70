package report

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/printable"
)

//go:embed report.html.tmpl
var pageSource string

var pageTemplate = template.Must(template.New("drift").Parse(pageSource))

// What the template takes. All texts are printable.
type (
	pageReport struct {
		Title, Headline, Status, Circumstances string
		Tally                                  string
		Count                                  int        // of objects
		Apps, States                           []pagePick // to choose from; nil where there is one alone
		Tiles                                  []pageTile
		Groups                                 []pageGroup // what is to be looked at
		InSync, Ignored                        []pageGroup
		InSyncCount, IgnoredCount              string
		Notes                                  []string
	}

	pageTile struct {
		Verdict     string // as in JSON
		Words, Text string
		Count       int
	}

	// A pagePick is an app or a state, by its place in the order of all.
	pagePick struct {
		Number int
		Name   string
		Count  int // of objects
	}

	pageGroup struct {
		App, Tally string
		Number     int // of the app
		Objects    []pageObject
	}

	pageObject struct {
		Verdict              string // as in JSON
		Words                string
		Title                string
		Anchor               string // stays the same from report to report
		State                int    // number of the state
		Asides               []string
		Reason, ImportID     string
		NextHead, Next       string // what the next apply would do; "": not asked for
		NextAction           string // as in JSON
		Differences, Ignored []pageDifference
		Blame                []pageBlame
	}

	pageDifference struct {
		shownDifference
		Aside string // what the next apply would do, where it is to be said
	}

	pageBlame struct {
		Version              int
		User, At, Stamp, Why string
	}
)

// meaning explains a verdict to somebody who reads a report for the first time.
func meaning(v herokutf.Verdict) string {
	switch v {
	case herokutf.InSync:
		return "All that can be compared is the same."
	case herokutf.Changed:
		return "Some attributes differ between the state and Heroku."
	case herokutf.Missing:
		return "Heroku has no such object any more, or doesn’t show it to this token."
	case herokutf.Renamed:
		return "The app has another name on Heroku."
	case herokutf.Replaced:
		return "The object is gone, and another one bears its name."
	case herokutf.Unmanaged:
		return "Heroku has it, and no state does."
	case herokutf.Ignored:
		return "A rule covers all that differs, or Terraform has given the object up."
	case herokutf.Undetermined:
		return "What could be compared is the same, but not all could be."
	}
	return ""
}

// html writes the report as a page.
func htmlPage(r *herokutf.DriftReport, opts Options) ([]byte, error) {
	page := pageReport{
		Title:         opts.heading(),
		Headline:      headline(r),
		Circumstances: circumstances(r, opts),
		Tally:         printable.Count(len(r.Objects), "object"),
		Count:         len(r.Objects),
		InSyncCount:   printable.Count(r.Count(herokutf.InSync), "object"),
		IgnoredCount:  printable.Count(r.Count(herokutf.Ignored), "object"),
	}
	switch {
	case r.Drifted():
		page.Status = "drift"
	case r.Count(herokutf.Undetermined) > 0 || len(r.Objects) == 0:
		page.Status = "unsure"
	default:
		page.Status = "calm"
	}
	for _, v := range byWeight {
		page.Tiles = append(page.Tiles, pageTile{string(v), v.String(), meaning(v), r.Count(v)})
	}
	pages := newPager(r)
	page.Apps, page.States = pages.picks(r)
	page.Groups = pages.groups(r, func(o *herokutf.DriftObject) bool {
		return o.Verdict != herokutf.InSync && o.Verdict != herokutf.Ignored
	})
	page.InSync = pages.groups(r, func(o *herokutf.DriftObject) bool { return o.Verdict == herokutf.InSync })
	page.Ignored = pages.groups(r, func(o *herokutf.DriftObject) bool { return o.Verdict == herokutf.Ignored })
	for _, n := range r.Notes {
		page.Notes = append(page.Notes, printable.Text(n))
	}
	return fill(pageTemplate, page)
}

// fill returns what a template makes of a page.
func fill(t *template.Template, page pageReport) ([]byte, error) {
	var b bytes.Buffer
	if err := t.Execute(&b, page); err != nil {
		return nil, fmt.Errorf("write the page: %w", err)
	}
	return b.Bytes(), nil
}

// A pager numbers apps and states, and gives objects their anchors.
type pager struct {
	apps, states map[string]int
	anchors      map[*herokutf.DriftObject]string
}

func newPager(r *herokutf.DriftReport) *pager {
	p := &pager{make(map[string]int), make(map[string]int), make(map[*herokutf.DriftObject]string)}
	taken := make(map[string]bool)
	var states []string
	for _, o := range pointers(r) {
		name := anchor(o)
		for i := 2; taken[name]; i++ {
			name = anchor(o) + "~" + strconv.Itoa(i)
		}
		taken[name] = true
		p.anchors[o] = name
		states = append(states, o.State)
	}
	for i, g := range byApp(r, func(*herokutf.DriftObject) bool { return true }) {
		p.apps[g.app] = i
	}
	slices.Sort(states)
	for i, state := range slices.Compact(states) {
		p.states[state] = i
	}
	return p
}

// anchor names an object in the address of the page: by what it is, and not by where
// it stands in the report.
func anchor(o *herokutf.DriftObject) string {
	name := o.Address
	if name == "" {
		name = strings.Join([]string{o.Type, o.App, cmp.Or(o.Label, o.ID)}, "/")
	}
	if o.State != "" {
		name = o.State + ":" + name
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return '_' // an id has none
		}
		return r
	}, printable.Text(name))
}

// picks are what there is to choose from.
func (p *pager) picks(r *herokutf.DriftReport) (apps, states []pagePick) {
	inState := make(map[string]int)
	for _, o := range pointers(r) {
		inState[o.State]++
	}
	for _, g := range byApp(r, func(*herokutf.DriftObject) bool { return true }) {
		apps = append(apps, pagePick{p.apps[g.app], g.heading(), len(g.objects)})
	}
	for _, state := range slices.Sorted(maps.Keys(inState)) {
		name := "in no state"
		if state != "" {
			name = printable.Text(state)
		}
		states = append(states, pagePick{p.states[state], name, inState[state]})
	}
	if len(apps) < 2 {
		apps = nil
	}
	if len(states) < 2 {
		states = nil
	}
	return apps, states
}

func (p *pager) groups(r *herokutf.DriftReport, keep func(*herokutf.DriftObject) bool) []pageGroup {
	var groups []pageGroup
	for _, g := range byApp(r, keep) {
		out := pageGroup{App: g.heading(), Tally: tally(g.objects), Number: p.apps[g.app]}
		for _, o := range g.objects {
			po := pageObject{
				Verdict: string(o.Verdict), Words: o.Verdict.String(), Title: o.Title(), Asides: aside(o),
				Anchor: p.anchors[o], State: p.states[o.State],
				Reason:      elide(printable.Text(o.Reason), noteLimit),
				ImportID:    printable.Text(o.ImportID),
				Differences: pageDifferences(o, o.Differences),
				Ignored:     pageDifferences(o, o.Ignored),
			}
			if o.Next != "" {
				po.NextHead, po.Next, po.NextAction = nextHead(o), nextText(o), string(o.Next)
			}
			for _, b := range o.Blame {
				pb := pageBlame{Version: b.Version, User: printable.Text(b.User), Why: elide(printable.Text(b.Description), noteLimit)}
				if !b.At.IsZero() {
					pb.At, pb.Stamp = minute(b.At), b.At.UTC().Format("2006-01-02T15:04:05Z")
				}
				po.Blame = append(po.Blame, pb)
			}
			out.Objects = append(out.Objects, po)
		}
		groups = append(groups, out)
	}
	return groups
}

func pageDifferences(o *herokutf.DriftObject, differences []herokutf.DriftDifference) []pageDifference {
	var out []pageDifference
	for _, d := range shownDifferences(differences, false, pageLimit) {
		out = append(out, pageDifference{d, nextAside(o, d)})
	}
	return out
}
