package report

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/statefile"
)

// A Format is a way to write a [herokutf.DriftReport].
type Format string

const (
	// Text is for people at a terminal.
	Text Format = "text"

	// JSON is for programs. Its form is fixed and described by
	// schemas/drift.schema.json of this module. It holds every object,
	// and of secrets only fingerprints.
	JSON Format = "json"

	// Markdown is for a comment on a pull request, as GitHub renders it.
	// It lists what isn't in sync and isn't ignored, and is never longer than
	// Options.Limit: objects that don't fit are left out and counted. No value in it can be markup, mention anybody or link to an
	// issue.
	Markdown Format = "markdown"

	// HTML is one page that needs nothing else: no network, no script. It
	// holds every object, each with an anchor that is its address, and can be filtered
	// by verdict, app and state.
	HTML Format = "html"

	// SARIF is version 2.1.0 of the format that code scanning reads. What isn't in
	// sync is a finding, what is ignored a suppressed one. Options.Place says where
	// they stand.
	SARIF Format = "sarif"

	// JUnit is the XML that CI systems read of tests. Each object is a test: drift is
	// a failure, what couldn't be compared an error, and what is ignored skipped.
	JUnit Format = "junit"

	// Metrics is the text format of Prometheus, for the textfile collector of its
	// node exporter: gauges by verdict, app and kind.
	Metrics Format = "metrics"

	// GitHub is for the log of a GitHub Actions step: a warning for each object that
	// isn't in sync, ten at the most, which GitHub shows at the file and line of
	// Options.Place.
	GitHub Format = "github"
)

// formats are all formats, in the order in which a help text lists them. A new one
// is a file with its function, and a line here.
var formats = []struct {
	format  Format
	encode  func(*herokutf.DriftReport, Options) ([]byte, error)
	secrets bool // it can show secrets
}{
	{Text, text, true},
	{JSON, jsonText, false},
	{Markdown, markdown, false},
	{HTML, htmlPage, false},
	{SARIF, sarif, false},
	{JUnit, junit, false},
	{Metrics, metrics, false},
	{GitHub, github, false},
}

// Formats returns all formats, in the order in which a help text lists
// them.
func Formats() []Format {
	all := make([]Format, len(formats))
	for i, f := range formats {
		all[i] = f.format
	}
	return all
}

// Options say how a report is written. The zero value is plain, short
// and holds no secret. JSON takes none of them.
type Options struct {
	// Color paints Text for a terminal.
	Color bool
	// ShowSecrets shows secret values instead of their fingerprints. Only
	// Text can: the other formats are made to be kept and passed on.
	ShowSecrets bool
	// Verbose has Text list the objects that are in sync, and the
	// differences that are ignored.
	Verbose bool
	// Width is that of the terminal, in characters: Text breaks sentences that are
	// wider. Default: they stay whole.
	Width int
	// Title heads Markdown and HTML, and names the tests of JUnit. Default: "Heroku drift".
	Title string
	// Limit is how long Markdown may be, in bytes, which are never fewer than
	// characters. A caller who puts something before or behind the report takes that
	// off what the reader of the whole takes. At least 4,096, in which there is room
	// for the headline, some notes and a few objects; less is an error. Default:
	// 65,536, what GitHub takes.
	Limit int
	// Time is when the comparison was made. It is shown in UTC, by all but
	// JSON. Default: none is shown.
	Time time.Time
	// Place returns the file in which an object of a state is configured, and the line,
	// from 1; state is that of [herokutf.DriftObject.State], and address is "" for what is
	// unmanaged in no app of the report. SARIF and JUnit ask it. The file is taken from
	// the root of the repository where it is relative; "" is for what isn't known, and
	// some readers of SARIF refuse a finding without a file. Default: nothing is known.
	Place func(state, address string) (file string, line int)
	// Left is how many requests the account's budget has left, for Metrics. Nil, and
	// less than 0: that isn't known.
	Left *int
}

// Write writes the report to w in the format, in one call of w.Write and not
// before all of it is ready. Values from the state and from Heroku can't be
// taken for markup or for control sequences in any format; long ones are
// shortened, except in JSON.
//
// It is an error to ask for a format there isn't, for secrets in another format
// than Text, or for a Limit that is too small, and to write no report at all,
// one with a verdict there isn't, or one with values that JSON doesn't have.
func Write(w io.Writer, r *herokutf.DriftReport, format Format, opts Options) error {
	text, err := encode(r, format, opts)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func encode(r *herokutf.DriftReport, format Format, opts Options) ([]byte, error) {
	for _, f := range formats {
		switch {
		case f.format != format:
			continue
		case opts.ShowSecrets && !f.secrets:
			return nil, fmt.Errorf("format %s never shows secrets: only text can", format)
		}
		if err := check(r); err != nil {
			return nil, err
		}
		return f.encode(r, opts)
	}
	return nil, fmt.Errorf("unknown format %q: it has to be one of %s", string(format), joined(Formats()))
}

// check refuses verdicts that no format has a place for: a report that leaves an
// object out would say that all is well with it.
func check(r *herokutf.DriftReport) error {
	if r == nil {
		return errors.New("the report is nil")
	}
	for i := range r.Objects {
		if o := &r.Objects[i]; !slices.Contains(herokutf.Verdicts(), o.Verdict) {
			return fmt.Errorf("object %d of the report (%s): unknown verdict %q", i, o.Title(), string(o.Verdict))
		}
	}
	return nil
}

func joined(formats []Format) string {
	words := make([]string, len(formats))
	for i, f := range formats {
		words[i] = string(f)
	}
	return strings.Join(words, ", ")
}

// byWeight are the verdicts as people want to read them: what calls for action
// first.
var byWeight = []herokutf.Verdict{herokutf.Changed, herokutf.Missing, herokutf.Renamed, herokutf.Replaced, herokutf.Unmanaged, herokutf.Undetermined, herokutf.Ignored, herokutf.InSync}

// headline is the result in a few words.
func headline(r *herokutf.DriftReport) string {
	switch {
	case r.Drifted():
		return "Drift found"
	case r.Count(herokutf.Undetermined) > 0:
		return "No drift seen, but not everything could be compared"
	case len(r.Objects) == 0:
		return "Nothing to compare"
	}
	return "In sync"
}

// tally counts the verdicts of objects, leaving out those with none: "2 changed,
// 1 missing". If all objects are in sync, it is "N objects".
func tally(objects []*herokutf.DriftObject) string {
	counts := make(map[herokutf.Verdict]int)
	for _, o := range objects {
		counts[o.Verdict]++
	}
	if counts[herokutf.InSync] == len(objects) {
		return printable.Count(len(objects), "object")
	}
	var parts []string
	for _, v := range byWeight {
		if counts[v] > 0 {
			parts = append(parts, strconv.Itoa(counts[v])+" "+v.String())
		}
	}
	return strings.Join(parts, ", ")
}

// circumstances says what was compared, how and when: "3 apps, 31 requests".
func circumstances(r *herokutf.DriftReport, opts Options) string {
	s := printable.Count(countApps(r), "app") + ", " + printable.Count(r.Requests, "request")
	if !opts.Time.IsZero() {
		s += ", compared " + minute(opts.Time)
	}
	return s
}

func countApps(r *herokutf.DriftReport) int {
	names := make(map[string]struct{})
	for i := range r.Objects {
		names[r.Objects[i].App] = struct{}{}
	}
	delete(names, "")
	return len(names)
}

func pointers(r *herokutf.DriftReport) []*herokutf.DriftObject {
	objects := make([]*herokutf.DriftObject, len(r.Objects))
	for i := range r.Objects {
		objects[i] = &r.Objects[i]
	}
	return objects
}

// A group are the objects of an app, or of none, in the report's order.
type group struct {
	app     string
	objects []*herokutf.DriftObject
}

// heading names the group.
func (g group) heading() string {
	if g.app == "" {
		return "Without an app"
	}
	return printable.Text(g.app)
}

// byApp groups the objects that keep wants, by the apps' names; those that belong to no
// app come last.
func byApp(r *herokutf.DriftReport, keep func(*herokutf.DriftObject) bool) []group {
	groups := make(map[string][]*herokutf.DriftObject)
	for _, o := range pointers(r) {
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
	var out []group
	for _, app := range apps {
		out = append(out, group{app, groups[app]})
	}
	return out
}

// aside is what is to be said besides the title: the label, where that isn't in
// it and says more, and the state.
func aside(o *herokutf.DriftObject) []string {
	var parts []string
	if o.Address != "" && o.Label != "" && o.Label != o.App {
		parts = append(parts, printable.Text(o.Label))
	}
	if o.State != "" {
		parts = append(parts, "in "+printable.Text(o.State))
	}
	return parts
}

// A shownDifference is a difference as people read it. All of it is printable.
type shownDifference struct {
	Path        string
	State, Live shownValue
	Next        herokutf.NextApply
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
func shownDifferences(differences []herokutf.DriftDifference, secrets bool, limit int) []shownDifference {
	out := make([]shownDifference, 0, len(differences))
	for i := range differences {
		d := differences[i]
		s := shownDifference{Path: elide(pathText(d.Path), pathLimit), Next: d.Next}
		state, live, clear := d.Values(secrets)
		if !clear {
			s.State, s.Live = shownSecret(state), shownSecret(live)
		} else {
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

// shownSecret is for a fingerprint.
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
		return printable.Text(v.String())
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
	return printable.Text(fmt.Sprint(v))
}

// pathText spells a path. The only step of a path of flat attributes is a
// path itself, and needs no brackets around it.
func pathText(p statefile.Path) string {
	if len(p) == 0 {
		return "(whole)"
	}
	if key, ok := p[0].(string); ok && len(p) == 1 && key != "" {
		return printable.Text(key)
	}
	return printable.Text(p.String())
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

// nextHead begins what the next apply would do about an object.
func nextHead(o *herokutf.DriftObject) string {
	if o.Forecast {
		return "next apply (forecast)"
	}
	return "next apply"
}

// nextText says what the next apply would do about an object, behind "next apply: ".
func nextText(o *herokutf.DriftObject) string {
	switch o.Next {
	case herokutf.NextNothing:
		return "leaves it as it is"
	case herokutf.NextPutBack:
		return "puts it back"
	case herokutf.NextUpdate:
		return "updates it as the configuration says"
	case herokutf.NextCreate:
		return "creates another one"
	case herokutf.NextReplace:
		return "destroys it and creates another one"
	case herokutf.NextDestroy:
		return "destroys it"
	case herokutf.NextFail:
		return "fails at it, as does every plan with a refresh"
	}
	return "not known"
}

// nextAside says what the next apply would do about an attribute, where that is
// something else than what it does about the object; "" otherwise.
func nextAside(o *herokutf.DriftObject, d shownDifference) string {
	if d.Next == "" || d.Next == o.Next {
		return ""
	}
	switch d.Next {
	case herokutf.NextNothing:
		return "stays"
	case herokutf.NextPutBack:
		return "is put back"
	case herokutf.NextUpdate:
		return "is updated"
	case herokutf.NextReplace:
		return "forces another one"
	}
	return "not known"
}

// blameText is a release on one line; it is printable.
func blameText(b herokutf.DriftBlame) string {
	s := "v" + strconv.Itoa(b.Version)
	if b.User != "" {
		s += " by " + printable.Text(b.User)
	}
	if !b.At.IsZero() {
		s += ", " + minute(b.At)
	}
	if b.Description != "" {
		s += ": " + elide(printable.Text(b.Description), noteLimit)
	}
	return s
}

// heading is the title of a page.
func (opts Options) heading() string {
	return cmp.Or(strings.TrimSpace(printable.Text(opts.Title)), "Heroku drift")
}

// minute spells a time for people.
func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
