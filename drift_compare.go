package herokutf

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/glob"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
)

// A comparer says which attributes of a subject differ from what Heroku says of it.
type comparer struct {
	prints *fingerprinter
	clear  []*glob.Glob // names of config vars that are no secrets
}

// A reading is what was read of a list that subjects are compared with: its value, nil
// if there is nothing to compare with, or why it couldn't be read.
type reading struct {
	value any
	err   error
}

// teamApp is the reading of an app in the list of its team.
func teamApp(apps *answer, id string) reading {
	if app := apps.byID[id]; app != nil {
		return reading{value: app}
	}
	return reading{err: errors.New("the app isn't among them")}
}

// compileVars reads DriftOptions.ShowVars.
func compileVars(names []string) ([]*glob.Glob, error) {
	var all []*glob.Glob
	var errs []error
	for _, name := range names {
		g, err := glob.Compile(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("%w: %w", &platform.InvalidNameError{Kind: "name of config vars", Value: printable.Short(name)}, err))
		}
		all = append(all, g)
	}
	return all, errors.Join(errs...)
}

// compare compares a subject that was found. lists are those that its attributes
// are From.
func (c comparer) compare(s *subject, lists map[provider.List]reading) {
	view := &provider.View{Own: s.own, Lists: make(map[provider.List]any), State: s.attrs}
	if s.app != nil {
		view.App = s.app.live
	}
	for i := range s.res.Attrs {
		attr := &s.res.Attrs[i]
		if !s.compares(attr) {
			continue
		}
		if attr.From != provider.NoList {
			list := lists[attr.From]
			if list.err != nil {
				s.unread = append(s.unread, fmt.Sprintf("%s: the %s can't be read: %v", attr.Name, attr.From, list.err))
				continue
			}
			view.Lists[attr.From] = list.value
		}
		switch attr.As {
		case provider.Running: // see comparePins
		case provider.AppReference:
			compareReference(s, view, attr)
		default:
			c.compareAttr(s, view, attr)
		}
	}
	for _, name := range s.attrs.unknown(s.res) {
		s.unread = append(s.unread, "this version of the library doesn't know the attribute "+name)
	}
}

func (c comparer) compareAttr(s *subject, view *provider.View, attr *provider.Attr) {
	unknown := attr.If.NeedsApp() && view.App == nil
	if !unknown && !view.Holds(attr, s.attrs) {
		return
	}
	differences := view.Compare(attr, s.attrs.Value(attr.Name))
	if unknown && differences != nil {
		s.unread = append(s.unread, attr.Name+": it depends on the app, which can't be read")
		return
	}
	if differences != nil && view.Lacks(attr) {
		s.unread = append(s.unread, attr.Name+": the answer of Heroku doesn't have it")
		return
	}
	for _, diff := range differences {
		c.differ(s, attr, diff)
	}
}

// differ adds a difference, with fingerprints in place of secrets.
func (c comparer) differ(s *subject, attr *provider.Attr, diff provider.Difference) {
	path := s.attrs.path(attr.Name, diff.Key)
	if attr.Secret && !c.isClear(attr, diff) || holdsPassword(diff.State) || holdsPassword(diff.Live) {
		// Two states may have the same address, of two apps.
		scope := strings.Join([]string{s.object.State, s.object.origin.appID, s.object.ID, s.object.Address, path.String()}, "\x00")
		s.object.Differences = append(s.object.Differences, c.prints.difference(scope, path, diff.State, diff.Live))
		return
	}
	s.object.Differences = append(s.object.Differences, DriftDifference{Path: path, State: diff.State, Live: diff.Live})
}

// isClear reports whether a difference is one of a config var that is no secret: its
// name is one of those, and none of its values may be a URL with a password.
func (c comparer) isClear(attr *provider.Attr, diff provider.Difference) bool {
	return attr.ConfigVars() && !mayHoldPassword(provider.Text(diff.State)) && !mayHoldPassword(provider.Text(diff.Live)) &&
		slices.ContainsFunc(c.clear, func(g *glob.Glob) bool { return g.Match(diff.Key) })
}

// mayHoldPassword reports whether a config var could have a URL with a user or a
// password in it. Passwords that nobody has escaped have any character, so it sees more
// in a text than holdsPassword, which is for the URLs that Heroku has checked.
func mayHoldPassword(s string) bool {
	_, rest, ok := strings.Cut(s, "//")
	return ok && strings.Contains(rest, "@")
}

// withPassword is a URL with a user or a password in it, as those of private
// buildpacks have.
var withPassword = regexp.MustCompile(`://[^/?#\s]*@`)

// holdsPassword reports whether a value has such a URL anywhere.
func holdsPassword(v any) bool {
	switch v := v.(type) {
	case string:
		return withPassword.MatchString(v)
	case []any:
		return slices.ContainsFunc(v, holdsPassword)
	case map[string]any:
		for _, e := range v {
			if holdsPassword(e) {
				return true
			}
		}
	}
	return false
}

// compareReference compares the app that an object belongs to with the one that
// the state has. That the app has another name is reported at the app.
func compareReference(s *subject, view *provider.View, attr *provider.Attr) {
	state := provider.Text(s.attrs.Value(attr.Name))
	if attr.Live == "" || state == "" || s.app == nil || s.app.id == "" {
		return
	}
	id := provider.Text(view.Value(attr))
	if id == "" || strings.EqualFold(id, s.app.id) {
		return
	}
	live := id
	if name := provider.Text(provider.Find(view.Own, "app.name")); !provider.IsUUID(state) && name != "" {
		live = name
	}
	s.object.Differences = append(s.object.Differences, DriftDifference{Path: s.attrs.path(attr.Name, ""), State: state, Live: live})
}

// comparePins holds the releases and builds that the states name against what
// the app runs. Of several the one that runs will do.
func (c comparer) comparePins(a *driftApp) {
	if a.release.err != nil {
		return
	}
	pins := pinsOf(a)
	differing := make([][]pinDifference, len(pins))
	for i, s := range pins {
		differences, compared := comparePin(s, a)
		if compared && differences == nil {
			return
		}
		differing[i] = differences
	}
	for i, s := range pins {
		if differing[i] == nil {
			continue
		}
		for _, d := range differing[i] {
			c.differ(s, d.attr, d.difference)
		}
		s.object.origin.running, s.object.origin.pins = a.release.running, len(pins)
		s.object.Reason = "the app runs no release"
		if a.release.running != nil {
			s.object.Reason = fmt.Sprintf("the app runs release v%s", provider.Text(provider.Find(a.release.running, "version")))
		}
	}
}

// pinsOf returns the subjects that say what the app runs: releases or, where the
// states have none, builds. Where there are releases, builds only make slugs for them.
func pinsOf(a *driftApp) []*subject {
	var pins, builds []*subject
	released := false
	for _, s := range a.subjects {
		if s.res.Origin.Current && !s.deposed() {
			released = true
		}
		if s.own == nil || s.object.Verdict != "" {
			continue
		}
		switch {
		case s.res.Origin.Current:
			pins = append(pins, s)
		case slices.ContainsFunc(s.res.Attrs, func(a provider.Attr) bool { return a.As == provider.Running }):
			builds = append(builds, s)
		}
	}
	if !released {
		return builds
	}
	return pins
}

type pinDifference struct {
	attr       *provider.Attr
	difference provider.Difference
}

// comparePin returns how a pin differs from what the app runs. compared is false if
// the pin names nothing.
func comparePin(s *subject, a *driftApp) (all []pinDifference, compared bool) {
	running := a.release.running
	view := &provider.View{Own: running, App: a.live, Lists: map[provider.List]any{provider.Releases: running}}
	for i := range s.res.Attrs {
		attr := &s.res.Attrs[i]
		state := s.attrs.Value(attr.Name)
		// Null in one of slug and image is the other's doing.
		if attr.As != provider.Running || provider.Empty(state) {
			continue
		}
		compared = true
		for _, diff := range view.Compare(attr, state) {
			all = append(all, pinDifference{attr, diff})
		}
	}
	return all, compared
}
