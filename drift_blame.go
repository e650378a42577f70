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
		c.report.note("%s: who made the changes isn't reported, since the releases can't be read: %v", a.name(), releases.err)
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
			if s.res != nil && traces(s) != nil || s.object.origin.running != nil {
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
	var all []DriftBlame
	words := traces(s)
	for _, release := range releases {
		description := provider.Text(provider.Find(release, "description"))
		if len(all) < mostBlamed && mentionsAny(description, words) {
			all = append(all, blameOf(release))
		}
	}
	return all
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

// traces are what the description of a release that made the change would name;
// nil if no release names such changes.
func traces(s *subject) []string {
	var words []string
	for _, diff := range s.object.Differences {
		if attr := attrOf(s.res, diff.Path); attr != nil && attr.ConfigVars() {
			key, _ := diff.Path[len(diff.Path)-1].(string)
			words = append(words, key[strings.LastIndexByte(key, '.')+1:])
		}
	}
	trace := func(value string) {
		service, _, _ := strings.Cut(value, ":")
		words = append(words, value, service)
	}
	for _, name := range s.res.Trace {
		trace(provider.Text(s.attrs.Value(name)))
		// The release that gave it another name or plan names the new one.
		for _, diff := range s.object.Differences {
			if attr := attrOf(s.res, diff.Path); attr != nil && attr.Name == name {
				trace(provider.Text(diff.Live))
			}
		}
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	slices.Sort(words)
	return slices.Compact(words)
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
	b.Version, _ = strconv.Atoi(provider.Text(provider.Find(release, "version")))
	if at, err := time.Parse(time.RFC3339, provider.Text(provider.Find(release, "created_at"))); err == nil {
		b.At = at.UTC()
	}
	return b
}
