package report

import (
	"cmp"
	_ "embed"
	"errors"
	"html/template"
	"io"
	"strings"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/printable"
)

//go:embed inventory.html.tmpl
var inventorySource string

// inventoryTemplate has the style of the report's page.
var inventoryTemplate = func() *template.Template {
	_, style, _ := strings.Cut(pageSource, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	return template.Must(template.New("inventory").Parse(`{{define "style"}}` + style + `{{end}}` + inventorySource))
}()

// The words of an inventory, each with the verdict whose color it has, and what it means.
var (
	inventoryOpen    = pageTile{Verdict: string(herokutf.Unmanaged), Words: "not managed", Text: "Heroku has it, no state does, and it can be adopted."}
	inventoryManaged = pageTile{Verdict: string(herokutf.InSync), Words: "managed", Text: "A Terraform state has it."}
	inventoryLeft    = pageTile{Verdict: string(herokutf.Ignored), Words: "left out", Text: "It isn't adopted, for the reason that stands there."}
)

// Inventory writes what [herokutf.Adopt] has found as one HTML page that needs nothing
// else: what no state manages, what one does, and what is left out and why, by app, with
// plans of add-ons, domains, and who has access. With [herokutf.AdoptOptions.All] it is
// the inventory of an account. It holds no secret. Of the options it takes the title, by
// default "Heroku inventory", and the time.
//
// It is an error to write no adoption at all.
func Inventory(w io.Writer, a *herokutf.Adoption, opts Options) error {
	if a == nil {
		return errors.New("the adoption is nil")
	}
	page := pageReport{Title: printable.Text(cmp.Or(opts.Title, "Heroku inventory")), Status: "calm"}
	open, managed, left := inventoryOpen, inventoryManaged, inventoryLeft
	byHome := make(map[string]int) // index into Groups
	counts := make(map[string]int)
	add := func(o *herokutf.AdoptObject) {
		tile := &left
		switch {
		case o.Reason == "":
			tile = &open
		case o.State != "":
			tile = &managed
		}
		tile.Count++
		name := cmp.Or(o.App, "Not in an app")
		i, ok := byHome[name]
		if !ok {
			i = len(page.Groups)
			byHome[name] = i
			page.Groups = append(page.Groups, pageGroup{App: printable.Text(name)})
		}
		counts[name]++
		page.Groups[i].Tally = printable.Count(counts[name], "object")
		page.Groups[i].Objects = append(page.Groups[i].Objects, inventoryObject(o, tile))
	}
	for i := range a.Objects {
		add(&a.Objects[i])
	}
	for i := range a.Left {
		add(&a.Left[i])
	}
	page.Tiles = []pageTile{open, managed, left}
	page.Headline = "All is managed or left out"
	if open.Count > 0 {
		page.Status = "unsure"
		page.Headline = printable.Count(open.Count, "object") + " not managed"
	}
	apps := len(byHome)
	if _, ok := byHome["Not in an app"]; ok {
		apps--
	}
	page.Circumstances = printable.Count(apps, "app") + ", " + printable.Count(a.Requests, "request")
	if !opts.Time.IsZero() {
		page.Circumstances += ", read " + minute(opts.Time)
	}
	for _, n := range a.Notes {
		page.Notes = append(page.Notes, printable.Text(n.Address+": "+n.Text))
	}
	for _, text := range a.Warnings {
		page.Notes = append(page.Notes, printable.Text(text))
	}
	text, err := fill(inventoryTemplate, page)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// inventoryObject is a line of an inventory.
func inventoryObject(o *herokutf.AdoptObject, tile *pageTile) pageObject {
	line := pageObject{Verdict: tile.Verdict, Words: tile.Words, Title: printable.Text(cmp.Or(o.Label, o.ID))}
	for _, aside := range []string{strings.ReplaceAll(strings.TrimPrefix(o.Type, "heroku_"), "_", " "), o.Detail} {
		if aside != "" && aside != o.Label {
			line.Asides = append(line.Asides, elide(printable.Text(aside), noteLimit))
		}
	}
	switch {
	case o.State != "":
		line.Reason = elide(printable.Text("as "+o.Address+" in "+o.State), noteLimit)
	case o.Reason != "":
		line.Reason = elide(printable.Text(o.Reason), noteLimit)
	}
	return line
}
