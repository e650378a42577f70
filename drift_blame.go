package herokutf

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
)

// mostBlamed is how many releases are named for one change.
const mostBlamed = 3

// blame adds to the changed objects of an app the releases that may have made the
// changes.
func (c *comparison) blame(ctx context.Context, a *driftApp) error {
	changed := traceable(a)
	if changed == nil {
		return nil
	}
	releases := c.lists.list(ctx, a, provider.Releases)
	if releases.err != nil {
		c.report.noteUnblamed(a, releases.err)
		return c.reader.fatal(ctx, releases.err)
	}
	for _, s := range changed {
		s.object.Blame = blameOn(s, releases.elements())
	}
	return nil
}

// traceable returns the changed subjects of an app whose changes make a release. Heroku
// makes one for a change of code, config vars and add-ons, with a description that
// names them, and none for a change of the formation.
func traceable(a *driftApp) []*subject {
	var changed []*subject
	for _, s := range a.subjects {
		switch s.object.Verdict {
		case Changed, Missing, Replaced, Renamed:
			if traces(s).any() || s.object.origin.running != nil {
				changed = append(changed, s)
			}
		}
	}
	return changed
}

// blameOn returns the releases that may have changed a subject, newest first. releases
// are in descending order.
func blameOn(s *subject, releases []any) []DriftBlame {
	if running := s.object.origin.running; running != nil {
		return []DriftBlame{blameOf(codeRelease(releases, running))}
	}
	return traces(s).among(releases)
}

// blameUnmanaged returns the releases that may have added something to an app that no
// state manages, newest first; nil for what Heroku makes no release of.
func blameUnmanaged(o *DriftObject, releases []any) []DriftBlame {
	added := trace{not: []string{"Detach", "Remove"}}
	switch o.Type {
	case provider.Config:
		added.vars = []string{o.ID}
	case provider.Addon:
		added.words = []string{o.Label}
		if all := added.among(releases); all != nil {
			return all
		}
		added.words = []string{provider.Text(provider.Find(o.origin.element, "plan.name"))}
	case provider.Attachment:
		added.words = []string{o.Label}
	}
	return added.among(releases)
}

// codeRelease returns the release with which the code of the running one came: those
// after it changed config vars or add-ons. The releases are in descending order.
func codeRelease(releases []any, running any) any {
	code := func(r any) string {
		return provider.Text(provider.Find(r, "slug.id")) + provider.Text(provider.Find(r, "artifacts.[type=oci-image].id"))
	}
	came := running
	i := slices.IndexFunc(releases, func(r any) bool { return provider.Find(r, "current") == true })
	for _, r := range releases[max(i, 0):] {
		switch {
		case code(r) == code(running):
			came = r
		case provider.Text(provider.Find(r, "status")) != "failed":
			return came
		}
	}
	return came
}

// A trace is what the description of a release that made a change would say.
type trace struct {
	vars  []string // config vars, of which it names one
	words []string // other words, of which it names one
	not   []string // what it doesn't begin with
}

func (t trace) any() bool { return len(t.vars) > 0 || len(t.words) > 0 }

// traces returns what releases that made the changes of a subject would say.
func traces(s *subject) trace {
	var t trace
	for _, diff := range s.object.Differences {
		if attr := s.res.At(diff.Path); attr != nil && attr.ConfigVars() {
			key, _ := diff.Path[len(diff.Path)-1].(string)
			t.vars = append(t.vars, key[strings.LastIndexByte(key, '.')+1:])
		}
	}
	add := func(value string) {
		service, _, _ := strings.Cut(value, ":")
		t.words = append(t.words, value, service)
	}
	// An add-on that is still there was neither made nor taken away: to give it
	// another name makes no release, and the one that made it doesn't explain that.
	stays := s.object.Verdict == Changed && s.object.Type == provider.Addon
	switch {
	case stays, s.object.Type == "heroku_formation":
		t.not = []string{"Attach", "Detach", "Add", "Deploy", "Deployed"}
	case s.object.Verdict == Missing:
		t.not = []string{"Attach", "Add"}
	}
	for _, name := range s.res.Trace {
		if !stays {
			add(provider.Text(s.attrs.Value(name)))
		}
		// The release that gave it another name or plan names the new one.
		for _, diff := range s.object.Differences {
			if attr := s.res.At(diff.Path); attr != nil && attr.Name == name {
				if live := provider.Text(diff.Live); stays {
					t.words = append(t.words, live)
				} else {
					add(live)
				}
			}
		}
	}
	t.words = slices.DeleteFunc(t.words, func(w string) bool { return w == "" })
	return t
}

// among returns those of an app's releases that a trace is of, the first few of
// them. releases are in descending order.
func (t trace) among(releases []any) []DriftBlame {
	var all []DriftBlame
	for i, release := range releases {
		if len(all) < mostBlamed && t.isOf(releases, i) {
			all = append(all, blameOf(release))
		}
	}
	return all
}

// isOf reports whether the i-th release may have made the change: its description
// names what was changed; or it is a rollback, which brings back the config vars of
// another release, and one in between had changed them.
func (t trace) isOf(releases []any, i int) bool {
	description := provider.Text(provider.Find(releases[i], "description"))
	if len(t.vars) > 0 {
		if to, ok := rolledBackTo(description); ok {
			for j := i + 1; j < len(releases); j++ {
				if version := versionOf(releases[j]); version <= to {
					return false
				}
				if t.isOf(releases, j) {
					return true
				}
			}
			return len(releases) > 0 && versionOf(releases[len(releases)-1]) > to+1 // what was in between isn't known
		}
	}
	first, _, _ := strings.Cut(description, " ")
	return !slices.Contains(t.not, first) && (mentionsAny(description, t.vars) || mentionsAny(description, t.words))
}

// rolledBackTo returns the version that a release by this description went back to.
func rolledBackTo(description string) (version int, ok bool) {
	text, ok := strings.CutPrefix(description, "Rollback to v")
	if !ok {
		return 0, false
	}
	version, err := strconv.Atoi(text)
	return version, err == nil
}

func versionOf(release any) int {
	version, _ := strconv.Atoi(provider.Text(provider.Find(release, "version")))
	return version
}

// mentionsAny reports whether a text has one of the words, as a whole.
func mentionsAny(text string, words []string) bool {
	part := func(r rune) bool {
		return r == '_' || r == '-' || r == ':' || unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !part(r) }) {
		if slices.Contains(words, strings.Trim(word, ":-")) {
			return true
		}
	}
	return false
}

func blameOf(release any) DriftBlame {
	b := DriftBlame{
		User:        provider.Text(provider.Find(release, "user.email")),
		Description: printable.Short(provider.Text(provider.Find(release, "description"))),
	}
	b.Version = versionOf(release)
	if at, err := time.Parse(time.RFC3339, provider.Text(provider.Find(release, "created_at"))); err == nil {
		b.At = at.UTC()
	}
	return b
}
