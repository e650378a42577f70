package herokutf

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/herokutf/herokutf/statefile"
)

// A DriftFormat is a way to write a [DriftReport].
type DriftFormat string

const (
	// DriftText is for people at a terminal.
	DriftText DriftFormat = "text"

	// DriftJSON is for programs. Its form is fixed and described by
	// drift.schema.json, in the root of this module. It holds every object,
	// and of secrets only fingerprints.
	DriftJSON DriftFormat = "json"

	// DriftMarkdown is for a comment on a pull request, as GitHub renders it.
	// It lists what isn't in sync and isn't ignored, and is never longer than
	// GitHub takes (65,536 characters): objects that don't fit are left out
	// and counted. No value in it can be markup, mention anybody or link to an
	// issue.
	DriftMarkdown DriftFormat = "markdown"

	// DriftHTML is one page that needs nothing else: no network, no script.
	// It holds every object.
	DriftHTML DriftFormat = "html"
)

// DriftFormats returns all formats, in the order in which a help text lists
// them.
func DriftFormats() []DriftFormat {
	return []DriftFormat{DriftText, DriftJSON, DriftMarkdown, DriftHTML}
}

// DriftWriteOptions say how a report is written. The zero value is plain, short
// and holds no secret. DriftJSON takes none of them.
type DriftWriteOptions struct {
	// Color paints DriftText for a terminal.
	Color bool
	// ShowSecrets shows secret values instead of their fingerprints. Only
	// DriftText can: the other formats are made to be kept and passed on.
	ShowSecrets bool
	// Verbose has DriftText list the objects that are in sync, and the
	// differences that are ignored.
	Verbose bool
	// Title heads DriftMarkdown and DriftHTML. Default: "Heroku drift".
	Title string
	// Time is when the comparison was made. It is shown in UTC, by all but
	// DriftJSON. Default: none is shown.
	Time time.Time
}

// Write writes the report to w in the format, in one call of w.Write and not
// before all of it is ready. Values from the state and from Heroku can't be
// taken for markup or for control sequences in any format; long ones are
// shortened, except in DriftJSON.
//
// It is an error to ask for a format there isn't, for secrets in another format
// than DriftText, and to write a report with a verdict there isn't or with
// values that JSON doesn't have.
func (r *DriftReport) Write(w io.Writer, format DriftFormat, opts DriftWriteOptions) error {
	text, err := r.encode(format, opts)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func (r *DriftReport) encode(format DriftFormat, opts DriftWriteOptions) ([]byte, error) {
	if !slices.Contains(DriftFormats(), format) {
		return nil, fmt.Errorf("unknown format %q: it has to be one of text, json, markdown, html", string(format))
	}
	if opts.ShowSecrets && format != DriftText {
		return nil, fmt.Errorf("format %s never shows secrets: only text can", format)
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	switch format {
	case DriftJSON:
		j, err := r.json()
		if err != nil {
			return nil, err
		}
		return indentJSON(j)
	case DriftMarkdown:
		return r.markdown(opts), nil
	case DriftHTML:
		return r.html(opts)
	}
	return r.text(opts), nil
}

// check refuses verdicts that no format has a place for, since a report that
// leaves an object out says that all is well with it.
func (r *DriftReport) check() error {
	for i := range r.Objects {
		if o := &r.Objects[i]; !slices.Contains(Verdicts(), o.Verdict) {
			return fmt.Errorf("object %d of the report (%s): unknown verdict %q", i, o.title(), string(o.Verdict))
		}
	}
	return nil
}

// words is the verdict as people write it.
func (v Verdict) words() string { return strings.ReplaceAll(string(v), "_", " ") }

// byWeight are the verdicts as people want to read them: what calls for action
// first.
var byWeight = []Verdict{Changed, Missing, Renamed, Replaced, Unmanaged, Undetermined, Ignored, InSync}

// headline is the result in a few words.
func (r *DriftReport) headline() string {
	switch {
	case r.Drifted():
		return "Drift found"
	case r.Count(Undetermined) > 0:
		return "No drift seen, but not everything could be compared"
	case len(r.Objects) == 0:
		return "Nothing to compare"
	}
	return "In sync"
}

// tally counts the verdicts of objects, leaving out those with none: "2 changed,
// 1 missing". If all objects are in sync, it is "N objects".
func tally(objects []*DriftObject) string {
	counts := make(map[Verdict]int)
	for _, o := range objects {
		counts[o.Verdict]++
	}
	if counts[InSync] == len(objects) {
		return counted(len(objects), "object")
	}
	var parts []string
	for _, v := range byWeight {
		if counts[v] > 0 {
			parts = append(parts, strconv.Itoa(counts[v])+" "+v.words())
		}
	}
	return strings.Join(parts, ", ")
}

// circumstances says what was compared, how and when: "3 apps, 31 requests".
func (r *DriftReport) circumstances(opts DriftWriteOptions) string {
	s := counted(r.apps(), "app") + ", " + counted(r.Requests, "request")
	if !opts.Time.IsZero() {
		s += ", compared " + minute(opts.Time)
	}
	return s
}

func (r *DriftReport) apps() int {
	names := make(map[string]bool)
	for i := range r.Objects {
		names[r.Objects[i].App] = true
	}
	delete(names, "")
	return len(names)
}

func (r *DriftReport) pointers() []*DriftObject {
	objects := make([]*DriftObject, len(r.Objects))
	for i := range r.Objects {
		objects[i] = &r.Objects[i]
	}
	return objects
}

// A driftGroup are the objects of an app, or of none, in the report's order.
type driftGroup struct {
	app     string
	objects []*DriftObject
}

// heading names the group.
func (g driftGroup) heading() string {
	if g.app == "" {
		return "Of no app"
	}
	return printableText(g.app)
}

// byApp groups the objects that keep wants, by the apps' names; those of no app
// come last.
func (r *DriftReport) byApp(keep func(*DriftObject) bool) []driftGroup {
	groups := make(map[string][]*DriftObject)
	for _, o := range r.pointers() {
		if keep(o) {
			groups[o.App] = append(groups[o.App], o)
		}
	}
	apps := slices.SortedFunc(maps.Keys(groups), func(a, b string) int {
		if (a == "") != (b == "") {
			return cmp.Compare(b, a)
		}
		return cmp.Compare(a, b)
	})
	var out []driftGroup
	for _, app := range apps {
		out = append(out, driftGroup{app, groups[app]})
	}
	return out
}

// title is the object's address, or what there is instead of one. It is
// printable.
func (o *DriftObject) title() string {
	if o.Address != "" {
		return printableText(o.Address)
	}
	return printableText(strings.TrimSpace(o.Type + " " + cmp.Or(o.Label, o.ID)))
}

// aside is what is to be said besides the title: the label, where that isn't in
// it and says more, and the state.
func (o *DriftObject) aside() []string {
	var parts []string
	if o.Address != "" && o.Label != "" && o.Label != o.App {
		parts = append(parts, printableText(o.Label))
	}
	if o.State != "" {
		parts = append(parts, "in "+printableText(o.State))
	}
	return parts
}

// A shownDifference is a difference as people read it. All of it is printable.
type shownDifference struct {
	Path        string
	State, Live shownValue
}

type shownValue struct {
	Text string
	Kind string // "none", "secret" or ""
}

// The lengths that values are shortened to, in characters.
const (
	lineLimit = 80  // in text and Markdown
	pageLimit = 160 // in HTML
	pathLimit = 120
	noteLimit = 600 // reasons, notes, descriptions
)

// shownDifferences returns the differences with their values shortened to limit. A
// shortened pair still shows where the two differ.
func shownDifferences(differences []DriftDifference, secrets bool, limit int) []shownDifference {
	out := make([]shownDifference, 0, len(differences))
	for i := range differences {
		d := &differences[i]
		s := shownDifference{Path: elide(pathText(d.Path), pathLimit)}
		if d.Sensitive && (!secrets || d.values == nil) {
			state, live := d.masked()
			s.State, s.Live = shownSecret(state), shownSecret(live)
		} else {
			state, live := d.plain()
			s.State, s.Live = shownPlain(state), shownPlain(live)
			s.State.Text, s.Live.Text = elidePair(s.State.Text, s.Live.Text, limit)
		}
		out = append(out, s)
	}
	return out
}

func shownPlain(v any) shownValue {
	if v == nil {
		return shownValue{"(none)", "none"}
	}
	return shownValue{valueText(v), ""}
}

// shownSecret is for what masked returns.
func shownSecret(v any) shownValue {
	s, ok := v.(string)
	if !ok {
		return shownPlain(nil)
	}
	return shownValue{"(" + strings.ReplaceAll(s, ":", " ") + ")", "secret"}
}

// valueText spells a value on one line, much as JSON does, without anything
// that isn't printable.
func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return strconv.Quote(v)
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return printableText(v.String())
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = valueText(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		parts := make([]string, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, strconv.Quote(k)+": "+valueText(v[k]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return printableText(fmt.Sprint(v))
}

// pathText spells a path. The only step of a path of flat attributes is a
// path itself, and needs no brackets around it.
func pathText(p statefile.Path) string {
	if len(p) == 0 {
		return "(whole)"
	}
	if key, ok := p[0].(string); ok && len(p) == 1 && key != "" {
		return printableText(key)
	}
	return printableText(p.String())
}

// printableText escapes what a terminal or a browser would not show as it is:
// control and formatting characters, line breaks, and bytes that are no UTF-8.
func printableText(s string) string {
	plain := true
	for _, r := range s {
		plain = plain && r != utf8.RuneError && strconv.IsPrint(r)
	}
	if plain {
		return s
	}
	var b strings.Builder
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		if strconv.IsPrint(r) && (r != utf8.RuneError || size > 1) {
			b.WriteRune(r)
		} else {
			quoted := strconv.Quote(s[:size])
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[size:]
	}
	return b.String()
}

// elide cuts the middle out of a printable text that has more than limit
// characters. The end stays, since that is where names differ.
func elide(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	text := []rune(s)
	if len(text) <= limit {
		return s
	}
	tail := limit / 4
	return string(text[:limit-tail-1]) + "…" + string(text[len(text)-tail:])
}

// elidePair shortens two texts, each to about limit characters, and leaves out
// most of a long common beginning, so that two that differ still do.
func elidePair(a, b string, limit int) (string, string) {
	if len(a) <= limit && len(b) <= limit {
		return a, b
	}
	const context = 16 // characters before the first that differs
	x, y := []rune(a), []rune(b)
	same := 0
	for same < len(x) && same < len(y) && x[same] == y[same] {
		same++
	}
	cut := func(text []rune) string {
		if len(text) <= limit {
			return string(text)
		}
		if same > limit/2 {
			return "…" + elide(string(text[same-context:]), limit-1)
		}
		return elide(string(text), limit)
	}
	return cut(x), cut(y)
}

// blameText is a release on one line; it is printable.
func blameText(b DriftBlame) string {
	s := "v" + strconv.Itoa(b.Version)
	if b.User != "" {
		s += " by " + printableText(b.User)
	}
	if !b.At.IsZero() {
		s += ", " + minute(b.At)
	}
	if b.Description != "" {
		s += ": " + elide(printableText(b.Description), noteLimit)
	}
	return s
}

// heading is the title of a page.
func (opts DriftWriteOptions) heading() string {
	return cmp.Or(strings.TrimSpace(printableText(opts.Title)), "Heroku drift")
}

// minute spells a time for people.
func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// counted is "1 thing" or "N things".
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return strconv.Itoa(n) + " " + thing
}
