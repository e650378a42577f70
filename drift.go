package herokutf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/herokutf/herokutf/ignore"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// A Verdict says how an object of a state stands to Heroku.
type Verdict string

// The verdicts. Their texts are those of the JSON report.
const (
	// InSync: every attribute that can be compared is the same.
	InSync Verdict = "in_sync"
	// Changed: some attributes differ, or another slug runs than the state
	// says.
	Changed Verdict = "changed"
	// Missing: Heroku has no such object any more, or doesn't show it to
	// this token where it shows others.
	Missing Verdict = "missing"
	// Renamed: the app has another name. It is reported once for each app, at the
	// app itself, or at the first object that holds the old name where no
	// state has the app.
	Renamed Verdict = "renamed"
	// Replaced: the object is gone, and another one bears its name.
	Replaced Verdict = "replaced"
	// Unmanaged: Heroku has it and no state does, or it is something that no
	// attribute holds, such as maintenance mode.
	Unmanaged Verdict = "unmanaged"
	// Ignored: an [ignore.Rules] rule covers all that differs, or Terraform
	// itself has given the object up and will destroy it.
	Ignored Verdict = "ignored"
	// Undetermined: what could be compared is the same, but not all could
	// be: a read failed, access is missing, or this version of the library
	// doesn't know the type or an attribute.
	Undetermined Verdict = "undetermined"
)

// Verdicts lists all verdicts in the order in which reports have them.
func Verdicts() []Verdict {
	return []Verdict{InSync, Changed, Missing, Renamed, Replaced, Unmanaged, Ignored, Undetermined}
}

// String returns the verdict as people write it: "in sync". The text of the JSON
// report is string(v).
func (v Verdict) String() string { return strings.ReplaceAll(string(v), "_", " ") }

// IsDrift reports whether the verdict says that Heroku and the state differ:
// changed, missing, renamed, replaced or unmanaged.
func (v Verdict) IsDrift() bool {
	switch v {
	case Changed, Missing, Renamed, Replaced, Unmanaged:
		return true
	}
	return false
}

// DriftOptions say what to look for. The zero value compares everything that
// the states manage.
type DriftOptions struct {
	// Unmanaged looks for what the apps in the states have and no state
	// manages. It costs up to ten more lists an app.
	Unmanaged bool

	// Only limits the comparison to kinds of [DriftKinds]: resource types, with
	// or without "heroku_" before them, or "identity": apps, add-ons,
	// attachments and couplings, with nothing of them that takes a list an app.
	// Nil or empty: all. Other words are an error.
	Only []string

	// Ignore are rules for what is not to be reported. Nil: none.
	Ignore *ignore.Rules

	// Config is the configuration of the state, with a single one: then
	// [DriftReport.Accept] says what has to change in it, and
	// [DriftReport.WriteImports] writes what fits into it. Nil: none is known.
	Config *tfconfig.Config

	// Blame asks for the release history of every app with a change of its
	// formation, config vars, code or add-ons, and says in
	// [DriftObject.Blame] who made a change there and when.
	Blame bool

	// Key is the key of the fingerprints that stand for secret values. With
	// the same key the same value gives the same fingerprint. Nil or empty: a
	// random one, so that fingerprints of two reports say nothing together.
	Key []byte

	// ShowVars are the names of config vars that hold no secrets, such as
	// LOG_LEVEL or FEATURE_*: wherever the values of these differ, they are in
	// the report, and so in every format, in place of fingerprints. In a name *
	// stands for any text and ? for any one character; a \ takes that meaning
	// from what follows, and one at the end is an error. A value that may be a
	// URL with a password stays a secret. Nil or empty: all of them are secrets.
	ShowVars []string

	// Progress is called before the first request for a single app, with an
	// estimate of what is to come, and then whenever an app was compared, one
	// call at a time. It holds the work up: return soon. Default: nothing is
	// called.
	Progress func(DriftProgress)

	// Now is the time that expiry dates of ignore rules are held against.
	// Default: time.Now().
	Now time.Time
}

// A DriftProgress says how far a comparison is, and what it costs.
type DriftProgress struct {
	// Apps are the apps that are compared, and Done those that were: 0 in the
	// first call. Apps that are gone, and those that nothing is chosen of, don't
	// count.
	Apps, Done int
	// Requests is how many there are going to be in all, without repetitions.
	// It is an estimate of the first call, as are Left and Wait; they are the same
	// in all others.
	Requests int
	// Left are the requests that the account's budget has left, -1 if the
	// API hasn't said; Wait is how long the requests beyond them take at the
	// budget's refill, 0 if there are enough.
	Left int
	Wait time.Duration
}

// A DriftReport is what [DetectDrift] has found.
type DriftReport struct {
	// Objects are all objects of the states in their order, in sync or not,
	// and then what no state manages, by app. Never nil.
	Objects []DriftObject
	// Requests is how many requests were sent, repetitions included.
	Requests int
	// Notes concern the whole: rules of [ignore.Rules] that
	// have expired or never matched, lists that couldn't be read. Nil if
	// there is nothing.
	Notes []string

	states []*statefile.File
	config *tfconfig.Config
}

// A DriftObject is an object of a state or of Heroku, and how the two stand to
// each other.
type DriftObject struct {
	// State is the name of the state that the object is from, if there is
	// more than one; else "", as for what is unmanaged.
	State string
	// Address is that of the instance, as Terraform spells it; "" for what is
	// unmanaged.
	Address string
	Type    string // such as "heroku_app"; data sources have "data." before it
	ID      string // on Heroku, or in the state where Heroku has none
	Verdict Verdict
	// App is the present name of the app that it belongs to or is, or the one
	// in the state if Heroku has none; "" for what belongs to no app.
	App string
	// Label is what people call the object: a hostname, a process type, the
	// name of an add-on. "" if there is nothing better than the ID.
	Label string
	// ImportID is what "terraform import" takes to adopt an unmanaged object,
	// or one that has taken the place of what the state has. "": there is
	// none, or nothing to adopt.
	ImportID string
	// Reason says in a sentence what the verdict rests on, without a full
	// stop; "" where the differences say it all. It holds no secret.
	Reason string
	// Differences, in the order of the provider's table; never nil.
	Differences []DriftDifference
	// Ignored are differences that a rule of [ignore.Rules] covers; nil if
	// there are none.
	Ignored []DriftDifference
	// Blame are the releases that may have made the change, newest first; nil
	// if that wasn't asked for or isn't known.
	Blame []DriftBlame
	// Next is what the next apply would do about it, and Forecast that this is a
	// forecast rather than a plan's word. "": nobody has asked, or it is in sync
	// and stays so. See [DriftReport.Foresee].
	Next     NextApply
	Forecast bool

	origin *origin // nil in a report that was made by hand or read back
}

// An origin is where a report has an object from, for what becomes of it:
// acceptance and imports. It is behind a pointer, which fmt doesn't follow.
type origin struct {
	file    *statefile.File
	inst    *statefile.Instance
	partial bool // some of it couldn't be compared
	element any  // what Heroku says of it, for skeletons of unmanaged objects
	holders int  // of a rename: how many more objects hold the old name
	pins    int  // releases of its app that the states have
	live    any  // what Heroku says of its app, for skeletons
	running any  // the release that runs, where the object is to be that one
	appID   string
	// addonByName says that the state knows the add-on by name.
	addonByName bool
	// For imports: how the states refer to the app, by UUID or by name.
	byUUID bool
	appRef string
}

// A DriftDifference is an attribute that differs.
type DriftDifference struct {
	// Path leads to the value from the instance's attributes. In flat
	// attributes the whole key is one step.
	Path statefile.Path
	// State and Live are the values, as JSON has them: nil, a string, a bool,
	// a json.Number, a []any, or a map[string]any. Of a secret each is its
	// fingerprint, a string, or nil where there is none.
	State, Live any
	// Sensitive marks fingerprints.
	Sensitive bool
	// Next is what the next apply would do about the attribute; "" where that is
	// known of the object alone, or not asked for.
	Next NextApply

	values secretValues
}

// A DriftBlame is a release that may have made a change.
type DriftBlame struct {
	Version     int
	User        string    // email
	At          time.Time // UTC
	Description string
}

// secretValues keeps the values behind fingerprints. They are in a function,
// which no verb of fmt, no logger and no encoder looks into.
type secretValues func() (state, live any)

// Count returns how many objects have the verdict.
func (r *DriftReport) Count(v Verdict) int {
	n := 0
	for i := range r.Objects {
		if r.Objects[i].Verdict == v {
			n++
		}
	}
	return n
}

// Drifted reports whether anything was found: changed, missing, renamed,
// replaced or unmanaged objects.
func (r *DriftReport) Drifted() bool {
	for i := range r.Objects {
		if r.Objects[i].Verdict.IsDrift() {
			return true
		}
	}
	return false
}

// errNoReport is the condition of a report that is nil.
var errNoReport = errors.New("the report is nil")

// validate reports the first object whose verdict isn't one of [Verdicts]. No format
// has a place for it, and a report that leaves an object out would say that all is
// well with it. What [DetectDrift] returns is valid.
func (r *DriftReport) validate() error {
	for i := range r.Objects {
		if o := &r.Objects[i]; !slices.Contains(Verdicts(), o.Verdict) {
			return fmt.Errorf("object %d of the report (%s): unknown verdict %q", i, o.Title(), string(o.Verdict))
		}
	}
	return nil
}
