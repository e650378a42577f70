package ignore

import (
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/herokutf/herokutf/internal/glob"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/statefile"
)

// Rules say which drift is not to be reported. [Parse] reads
// them; rules can be added in Go as well. The zero value and nil have none.
//
// Rules aren't changed by a comparison: several may share them, as long as
// nobody adds to them meanwhile.
type Rules struct {
	rules []Rule
}

// A Rule covers objects, or attributes of objects, whose drift is not
// to be reported.
//
// Address, Type, App and ID are patterns; those that are given have to fit
// all, and one at least has to be given. In a pattern * stands for any run of
// characters, dots and brackets too, ? for any one character, and \ before a
// character for the character itself. Everything else stands for itself, so
// that ["blue"] in an address is just that. A pattern fits a text as a whole.
type Rule struct {
	// Address is the pattern of [Subject.Address]. What is unmanaged has
	// none, so only a rule without Address fits it.
	Address string
	// Type is the pattern of [Subject.Type], such as heroku_domain; data
	// sources have "data." before it.
	Type string
	// App is the pattern of [Subject.App].
	App string
	// ID is the pattern of [Subject.ID] or [Subject.Label].
	ID string

	// Attribute is the pattern of the paths of differences; "" covers the
	// whole object. It fits a path that is spelled as Terraform spells it
	// (organization[0].locked) or with dots alone (organization.0.locked, as
	// in flat attributes), with the numbers of elements left out
	// (organization.locked), and every path below it: config_vars covers
	// config_vars.FOO.
	Attribute string
	// Verdicts limits the rule to objects with one of these verdicts, in the
	// words of [Verdicts]. Nil or empty: all.
	Verdicts []string

	// Reason says to people why the drift is ignored. It can't be empty.
	Reason string
	// Expires is the time from which on the rule no longer counts. Zero: it
	// never expires.
	Expires time.Time
	// Origin says where the rule stands, as "name:line", for messages. ""
	// for rules made in Go.
	Origin string

	// lifecycle: Address is a resource's, without any key of an instance or a
	// module, and no pattern; it stands for all instances. That such a rule
	// has nothing to ignore is no news, since it is there for Terraform.
	lifecycle bool
	state     string         // of a lifecycle rule: the state that it is for; "": all
	kept      statefile.Path // of a lifecycle rule: what Terraform keeps as it is; empty for everything
}

// Verdicts returns the verdicts that a rule can be limited to, in the words
// of the JSON report. What is in sync, or ignored already, has nothing to ignore.
func Verdicts() []string { return slices.Clone(verdictWords) }

var verdictWords = []string{"changed", "missing", "renamed", "replaced", "unmanaged", "undetermined"}

// A Subject is an object that may be ignored, as a drift report has it.
type Subject struct {
	State   string // name of the state that it is from; "" if there is one alone, or none has it
	Address string // of the instance, as Terraform spells it; "" for what is unmanaged
	Type    string // such as heroku_domain; data sources have "data." before it
	App     string // name of the app that it belongs to or is; "" for what belongs to none
	ID      string // on Heroku
	Label   string // what people call it; "" if there is nothing better than ID
	Verdict string // one of Verdicts, or another that no rule covers
}

// lifecycleReason is the Reason of rules that are made of a configuration.
const lifecycleReason = "lifecycle.ignore_changes"

// Rules returns a copy of the rules in the order in which they were read and
// added, and nil if there are none. [Rules.Add] takes them, to join the
// rules of two files.
func (r *Rules) Rules() []Rule {
	if r == nil || len(r.rules) == 0 {
		return nil
	}
	all := slices.Clone(r.rules)
	for i := range all {
		all[i].Verdicts = slices.Clone(all[i].Verdicts)
	}
	return all
}

// Add adds rules. If one of them can't be used, none is added and the error
// is an [Error] with all faults of all of them.
func (r *Rules) Add(rules ...Rule) error {
	var faults []Fault
	add := slices.Clone(rules)
	for i := range add {
		add[i].Verdicts = slices.Clone(add[i].Verdicts)
		for _, f := range add[i].check() {
			name := add[i].Origin
			if name == "" {
				name = "rule " + strconv.Itoa(i+1)
			}
			faults = append(faults, Fault{Name: name, Err: f.err})
		}
	}
	if len(faults) > 0 {
		return newError(faults)
	}
	r.rules = append(r.rules, add...)
	return nil
}

// AddLifecycle adds a rule for each path that a configuration tells
// Terraform to ignore, as IgnoreChanges of package tfconfig returns them: by
// the address of a resource without keys; the empty path is everything. A rule
// covers the attributes of all instances of
// its resource, and not that an instance is missing, which Terraform doesn't
// ignore either. It covers exactly what its path leads to, see
// [Matcher.Difference]. Its Reason is "lifecycle.ignore_changes". That it has
// nothing to ignore is never noted.
//
// states are those that the configuration is of, by [Subject.State]; none: all.
func (r *Rules) AddLifecycle(changes map[string][]statefile.Path, states ...string) {
	if len(states) == 0 {
		states = []string{""}
	}
	for _, address := range slices.Sorted(maps.Keys(changes)) {
		for _, path := range changes[address] {
			attribute := "*"
			if len(path) > 0 {
				attribute = glob.Quote(path.String())
			}
			for _, state := range states {
				r.rules = append(r.rules, Rule{
					Address:   withoutKeys(address),
					Attribute: attribute,
					Reason:    lifecycleReason,
					lifecycle: true,
					state:     state,
					kept:      path.Clone(),
				})
			}
		}
	}
}

// ruleFault is a fault of a rule, with the argument that it is in; "" if that
// is the whole rule.
type ruleFault struct {
	argument string
	err      error
}

// check returns all faults of the rule, and gives the Reason its final form.
func (r *Rule) check() (faults []ruleFault) {
	fault := func(argument, format string, args ...any) {
		faults = append(faults, ruleFault{argument, fmt.Errorf(format, args...)})
	}
	if r.Address == "" && r.Type == "" && r.App == "" && r.ID == "" {
		fault("", "the rule says nothing of which objects it is for: it needs address, type, app or id")
	}
	for _, p := range []struct{ name, pattern string }{
		{"address", r.Address}, {"type", r.Type}, {"app", r.App}, {"id", r.ID}, {"attribute", r.Attribute},
	} {
		if _, err := glob.Compile(p.pattern); err != nil {
			fault(p.name, "%s %q: %w", p.name, printable.Short(p.pattern), err)
		}
	}
	r.Reason = strings.Join(strings.Fields(r.Reason), " ")
	if r.Reason == "" {
		fault("reason", "the rule gives no reason")
	} else if !utf8.ValidString(r.Reason) || strings.ContainsFunc(r.Reason, func(c rune) bool { return !unicode.IsPrint(c) }) {
		fault("reason", "the reason holds characters that can't be printed")
	}
	for _, v := range r.Verdicts {
		switch {
		case v == "in_sync" || v == "ignored":
			fault("verdict", "verdict %q: there is nothing to ignore in such objects", v)
		case !slices.Contains(verdictWords, v):
			fault("verdict", "unknown verdict %q", printable.Short(v))
		}
	}
	return faults
}

// String names what the rule is for, such as
// `address heroku_formation.*, attribute quantity`.
func (r Rule) String() string {
	var parts []string
	for _, p := range []struct{ name, pattern string }{
		{"address", r.Address}, {"type", r.Type}, {"app", r.App}, {"id", r.ID}, {"attribute", r.Attribute},
	} {
		if p.pattern != "" {
			parts = append(parts, p.name+" "+p.pattern)
		}
	}
	for _, v := range r.Verdicts {
		parts = append(parts, "verdict "+v)
	}
	return strings.Join(parts, ", ")
}

// A Matcher holds objects against rules, and keeps account of which rules
// were of use. It can be used from several goroutines. [Rules.Matcher] makes
// one.
type Matcher struct {
	all       []*compiledRule              // in the order of the rules
	patterns  []*compiledRule              // those that count and have patterns
	resources map[resource][]*compiledRule // those that count for all instances of a resource
}

// A resource is one of a state, by its address without keys; the state "" is any.
type resource struct{ state, address string }

type compiledRule struct {
	rule                             *Rule
	address, typ, app, id, attribute *glob.Glob // nil: not given
	expired                          bool
	met                              atomic.Bool // an object was what the rule is for
	used                             atomic.Bool // there was something to ignore
}

// Matcher prepares the rules for one comparison. Rules that have expired by now
// match nothing. It can be called on nil.
func (r *Rules) Matcher(now time.Time) *Matcher {
	m := &Matcher{resources: map[resource][]*compiledRule{}}
	rules := r.Rules()
	for i := range rules {
		rule := &rules[i]
		c := &compiledRule{rule: rule, expired: !rule.Expires.IsZero() && !now.Before(rule.Expires)}
		m.all = append(m.all, c)
		for _, p := range []struct {
			to      **glob.Glob
			pattern string
		}{
			{&c.address, rule.Address}, {&c.typ, rule.Type}, {&c.app, rule.App}, {&c.id, rule.ID}, {&c.attribute, rule.Attribute},
		} {
			if p.pattern != "" {
				*p.to, _ = glob.Compile(p.pattern) // checked when the rule was added
			}
		}
		switch {
		case c.expired:
		case rule.lifecycle:
			key := resource{rule.state, rule.Address}
			m.resources[key] = append(m.resources[key], c)
		default:
			m.patterns = append(m.patterns, c)
		}
	}
	return m
}

// fitting yields the rules that are for the object, whatever its verdict and
// its differences.
func (m *Matcher) fitting(s Subject) iter.Seq[*compiledRule] {
	return func(yield func(*compiledRule) bool) {
		for _, c := range m.patterns {
			if c.address.Match(s.Address) && c.typ.Match(s.Type) && c.app.Match(s.App) &&
				(c.id.Match(s.ID) || s.Label != "" && c.id.Match(s.Label)) {
				c.met.Store(true)
				if !yield(c) {
					return
				}
			}
		}
		if len(m.resources) == 0 || s.Address == "" {
			return
		}
		address := withoutKeys(s.Address)
		for i, state := range []string{"", s.State} {
			if i > 0 && state == "" {
				return
			}
			for _, c := range m.resources[resource{state, address}] {
				c.met.Store(true)
				if !yield(c) {
					return
				}
			}
		}
	}
}

func (c *compiledRule) judges(v string) bool {
	return len(c.rule.Verdicts) == 0 || slices.Contains(c.rule.Verdicts, v)
}

// Object returns the first rule without an attribute that covers the object;
// nil if there is none. It is to be called for every object, in sync or not: that
// is how [Matcher.Notes] knows which rules are for nothing that exists.
func (m *Matcher) Object(s Subject) *Rule {
	var first *Rule
	// All of them are looked at, so that one of two rules for the same object
	// isn't said to be of no use.
	for c := range m.fitting(s) {
		if c.attribute != nil || !c.judges(s.Verdict) || !slices.Contains(verdictWords, s.Verdict) {
			continue
		}
		c.used.Store(true)
		if first == nil {
			first = c.rule
		}
	}
	return first
}

// Difference returns the first rule with an attribute that covers a difference
// in the object; nil if there is none. state and live are the values at the
// path, as JSON decodes them.
//
// Rules of a configuration cover what Terraform keeps: everything at and below
// their path, and a list or a map in which everything that differs is kept,
// element by element. That isn't so for lists of unequal length: Terraform
// changes them.
func (m *Matcher) Difference(s Subject, path statefile.Path, state, live any) *Rule {
	var first *Rule
	var spelled []string
	var kept []*compiledRule
	for c := range m.fitting(s) {
		if c.attribute == nil || !c.judges(s.Verdict) {
			continue
		}
		if c.rule.lifecycle {
			kept = append(kept, c)
			continue
		}
		if spelled == nil {
			spelled = spellings(path)
		}
		if !slices.ContainsFunc(spelled, c.attribute.Match) {
			continue
		}
		c.used.Store(true)
		if first == nil {
			first = c.rule
		}
	}
	if first == nil {
		if c := keeper(kept, path, state, live); c != nil {
			first = c.rule
		}
	}
	return first
}

// keeper returns the first of the rules by which Terraform keeps what differs
// at a path; nil if it doesn't keep all of it.
func keeper(rules []*compiledRule, path statefile.Path, state, live any) *compiledRule {
	deeper := false
	for _, c := range rules {
		if within(path, c.rule.kept) {
			return c
		}
		deeper = deeper || within(c.rule.kept, path)
	}
	if !deeper {
		return nil
	}
	var first *compiledRule
	all := func(step, state, live any) bool {
		if reflect.DeepEqual(state, live) {
			return true
		}
		c := keeper(rules, append(slices.Clip(path), step), state, live)
		if first == nil {
			first = c
		}
		return c != nil
	}
	switch state := state.(type) {
	case []any:
		live, ok := live.([]any)
		if !ok || len(live) != len(state) {
			return nil
		}
		for i := range state {
			if !all(i, state[i], live[i]) {
				return nil
			}
		}
	case map[string]any:
		live, ok := live.(map[string]any)
		if !ok {
			return nil
		}
		keys := maps.Clone(state)
		maps.Copy(keys, live)
		for key := range keys {
			if !all(key, state[key], live[key]) {
				return nil
			}
		}
	}
	return first
}

// within reports whether a path is at or below another. A path of flat
// attributes is one step with dots in it.
func within(path, above statefile.Path) bool {
	if len(path) == 1 && len(above) > 0 {
		flat := fmt.Sprint(path[0])
		var dotted []string
		for _, step := range above {
			dotted = append(dotted, fmt.Sprint(step))
		}
		prefix := strings.Join(dotted, ".")
		return flat == prefix || strings.HasPrefix(flat, prefix+".")
	}
	return len(path) >= len(above) && path[:len(above)].Equal(above)
}

// Notes returns what is to be said of the rules after a comparison: which have
// expired, and which were of no use. partial says that only some types were
// compared, so that nothing is known of the use of the others; unmanaged, that what
// no state manages was looked for. Nil if there is nothing.
func (m *Matcher) Notes(partial, unmanaged bool) []string {
	if partial {
		return m.expired()
	}
	return append(m.expired(), m.unused(unmanaged)...)
}

// expired returns a line for each rule that has expired.
func (m *Matcher) expired() (lines []string) {
	for _, c := range m.all {
		if c.expired {
			lines = append(lines, fmt.Sprintf("%s has expired (%s): what it covers is reported again", c.name(), since(c.rule.Expires)))
		}
	}
	return lines
}

// unused returns a line for each rule that was of no use. Rules that may be for
// what is unmanaged are passed over if that wasn't looked for.
func (m *Matcher) unused(unmanaged bool) (lines []string) {
	for _, c := range m.all {
		switch {
		case c.expired || c.rule.lifecycle || c.used.Load():
		case !unmanaged && (c.rule.Address == "" || slices.Contains(c.rule.Verdicts, "unmanaged")):
		case c.met.Load():
			lines = append(lines, c.name()+" had nothing to ignore")
		default:
			lines = append(lines, c.name()+" never matched: there is no such object")
		}
	}
	return lines
}

func (c *compiledRule) name() string {
	name := "the ignore rule for " + c.rule.String()
	if c.rule.Origin != "" {
		name = c.rule.Origin + ": " + name
	}
	return name
}

// since spells the time at which a rule has expired: a date if it is the
// begin of a day.
func since(t time.Time) string {
	t = t.UTC()
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return "since " + t.Format(time.DateOnly)
	}
	return "since " + t.Format(time.RFC3339)
}

// spellings returns how a rule may name the path, and everything that the path
// is in: as Terraform does, with dots alone, and without the numbers of
// elements. The path of a flat attribute, one step with dots in it, is taken
// apart first. The empty path has none.
func spellings(path statefile.Path) []string {
	if len(path) == 1 {
		if key, ok := path[0].(string); ok && strings.Contains(key, ".") {
			path = nil
			for step := range strings.SplitSeq(key, ".") {
				if n, err := strconv.Atoi(step); err == nil && strconv.Itoa(n) == step {
					path = append(path, n)
				} else {
					path = append(path, step)
				}
			}
		}
	}
	var texts, dotted, bare []string
	for i, step := range path {
		text := fmt.Sprint(step)
		dotted = append(dotted, text)
		if _, ok := step.(int); !ok {
			bare = append(bare, text)
		}
		for _, s := range []string{path[:i+1].String(), strings.Join(dotted, "."), strings.Join(bare, ".")} {
			if s != "" && !slices.Contains(texts, s) {
				texts = append(texts, s)
			}
		}
	}
	return texts
}

// withoutKeys takes the keys of modules and of the instance out of an
// address. Keys may hold dots, brackets and escaped quotes.
func withoutKeys(address string) string {
	if strings.IndexByte(address, '[') < 0 {
		return address
	}
	out := make([]byte, 0, len(address))
	key, quoted := false, false
	for i := 0; i < len(address); i++ {
		switch b := address[i]; {
		case quoted && b == '\\':
			i++
		case key && b == '"':
			quoted = !quoted
		case quoted:
		case key && b == ']':
			key = false
		case key:
		case b == '[':
			key = true
		default:
			out = append(out, b)
		}
	}
	return string(out)
}
