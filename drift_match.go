package herokutf

import (
	"errors"
	"fmt"
	"strings"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// The matcher says which element of a list a subject is, or why none is: it sets
// own, or the verdict and the reason.

// settle gives a subject the verdict that it has whatever its list says. It reports
// whether there is one, or none is wanted.
func settle(s *subject) bool {
	o := &s.object
	switch {
	case !s.chosen:
	case s.deposed():
		o.Verdict, o.Reason = Ignored, "deposed: Terraform has replaced it and will destroy it"
	case s.res == nil:
		o.Verdict, o.Reason = Undetermined, "this version of the library doesn't know the type"
	case s.res.Origin.List == provider.NoList:
		o.Verdict, o.Reason = InSync, "it is in the state alone; Heroku has nothing to compare it with"
	case s.app != nil && !s.app.readable() && s.needsApp():
		lostWithApp(s)
	case s.app == nil && s.needsApp():
		o.Verdict, o.Reason = Undetermined, "the state doesn't say which app it belongs to"
	default:
		return false
	}
	return true
}

// matchApp matches a subject that is what Heroku says of its app: an app, or its config
// vars. err is why the account's list of apps couldn't be read.
func matchApp(s *subject, err error) error {
	if s.own = s.app.live; s.own != nil {
		return nil
	}
	unreadable(s, s.list(), err)
	return err
}

// matchRelease matches a subject that is the release that its app runs, whichever the
// state names. An app that runs none has an empty one.
func matchRelease(s *subject) error {
	if err := s.app.release.err; err != nil {
		unreadable(s, s.list(), err)
		return err
	}
	if s.own = s.app.release.running; s.own == nil {
		s.own = map[string]any{}
	}
	return nil
}

// match matches a subject with the answer for its list. single reads an element by
// itself; it is asked for what a list hasn't that may not show all there is. The error
// is the one that says what couldn't be read.
func match(s *subject, list provider.List, in *answer, single func(id string) *answer) error {
	source := list.Source()
	switch {
	case source.Whole && errors.Is(in.err, platform.ErrNotFound):
		s.object.Verdict, s.object.Reason = Missing, "Heroku has no such "+list.String()
		return nil
	case in.err != nil && (source.Each == "" || !refused(in.err)):
		unreadable(s, list, in.err)
		return in.err
	case source.One:
		s.own = in.value
		return nil
	}
	if s.own = pick(s, in); s.own != nil {
		return nil
	}
	if s.own = formerAddon(s, in); s.own != nil {
		return nil
	}
	if s.app != nil && !s.app.readable() {
		lostWithApp(s)
		return nil
	}
	if source.Each != "" {
		answer := single(singleID(s))
		switch {
		case answer.err == nil:
			s.own = answer.value
			return nil
		case in.err != nil:
			unreadable(s, list, in.err)
			return in.err
		case !errors.Is(answer.err, platform.ErrNotFound):
			unreadable(s, list, answer.err)
			return answer.err
		}
	}
	missing(s, list, in)
	return nil
}

// pick returns the element of a list that the subject is, nil if none is it.
func pick(s *subject, in *answer) any {
	for _, key := range s.res.Origin.Keys {
		want := key.Value(provider.Text(s.attrs.Value(key.Attr)))
		if want == "" {
			continue
		}
		if key.Path() == "id" {
			if e := in.byID[strings.ToLower(want)]; e != nil {
				return e
			}
			continue
		}
		for _, e := range in.elements() {
			if key.Is(provider.Text(provider.Find(e, key.Path())), want) {
				return e
			}
		}
	}
	return nil
}

// formerAddon returns the add-on that a subject is under another name than the state
// knows it by; nil if none is.
func formerAddon(s *subject, in *answer) any {
	if s.object.Type != provider.Addon || s.app == nil {
		return nil
	}
	e := provider.AddonByOldName(s.attrs, s.app.id, in.elements())
	if e == nil {
		return nil
	}
	id := provider.Text(provider.Find(e, "id"))
	s.app.successors = append(s.app.successors, id)
	s.object.origin.addonByName = true
	s.object.Differences = append(s.object.Differences, DriftDifference{Path: s.attrs.path("id", ""), State: s.object.ID, Live: id})
	s.object.Reason = fmt.Sprintf("the add-on was renamed from %s to %s, and the state knows it by the old name alone, under which Terraform doesn't find it: "+
		"the next apply would create a second one; %s", s.object.ID, provider.Text(provider.Find(e, "name")), uuidOfAddon)
	return e
}

// uuidOfAddon says what to do about an add-on that a state knows by name.
const uuidOfAddon = "RepairRename (herokutf rename) puts the add-on's UUID into the state"

// explainAddonID says of an attachment whose state knows the add-on by name that it is
// that add-on's all the same. named are the add-ons of the states by what is their id.
func explainAddonID(s *subject, named map[string]*subject, addons []any) {
	name := provider.Text(s.attrs.Value("addon_id"))
	if s.object.Type != provider.Attachment || s.own == nil || name == "" || provider.IsUUID(name) {
		return
	}
	same := provider.Text(provider.Find(s.own, "addon.name")) == name
	if known := named[name]; !same && known != nil && known.app != nil {
		e := provider.AddonByOldName(known.attrs, known.app.id, addons)
		id := provider.Text(provider.Find(e, "id"))
		same = id != "" && id == provider.Text(provider.Find(s.own, "addon.id"))
	}
	if !same {
		return
	}
	s.object.origin.addonByName = true
	s.object.Reason = "it is attached to the same add-on, which the state knows by name; Terraform stores its UUID and would replace the attachment; " + uuidOfAddon
}

// singleID is the id by which an element of a list is read alone.
func singleID(s *subject) string {
	for _, key := range s.res.Origin.Keys {
		if value := key.Value(provider.Text(s.attrs.Value(key.Attr))); value != "" {
			return value
		}
	}
	return s.object.ID
}

// missing says that a subject isn't in its list, and whether another object has taken
// its place.
func missing(s *subject, list provider.List, in *answer) {
	o := &s.object
	o.Verdict, o.Reason = Missing, "it isn't among the "+list.String()
	other := successor(s, in)
	if other == nil {
		return
	}
	id := provider.Text(provider.Find(other, "id"))
	ref := ""
	if s.app != nil {
		ref, _ = s.app.reference()
		s.app.successors = append(s.app.successors, id)
	}
	o.Verdict, o.ImportID = Replaced, importID(s.res, other, ref)
	o.Reason = fmt.Sprintf("it is gone, and another one, %s, has taken its place", id)
}

// successor returns the element of a list that has taken the place of a subject that is
// gone: it has the same name, or whatever people call such an object by.
func successor(s *subject, in *answer) any {
	alias := s.res.Origin.Alias
	if alias.Attr == "" {
		return nil
	}
	want := provider.Text(s.attrs.Value(alias.Attr))
	// Another attribute may have what that one has elsewhere.
	for i := range s.res.Attrs {
		if attr := &s.res.Attrs[i]; want == "" && attr.Path() == alias.Path() {
			want = provider.Text(s.attrs.Value(attr.Name))
		}
	}
	if s.app != nil && strings.HasPrefix(alias.Path(), "app.") {
		want = s.app.id
	}
	for _, e := range in.elements() {
		id := provider.Text(provider.Find(e, "app.id"))
		if id != "" && s.app != nil && !strings.EqualFold(id, s.app.id) {
			continue
		}
		if want != "" && alias.Is(provider.Text(provider.Find(e, alias.Path())), want) {
			return e
		}
	}
	return nil
}

// unreadable says that a list which the subject is found in can't be read.
func unreadable(s *subject, list provider.List, err error) {
	s.object.Verdict = Undetermined
	if list == provider.SSLEndpoints && errors.Is(err, platform.ErrNotFound) && s.app != nil && s.app.live != nil {
		s.object.Reason = "SSL Endpoint was shut down: remove it from the configuration and with terraform state rm"
		return
	}
	s.object.Reason = fmt.Sprintf("the %s can't be read: %v", list, err)
}

// lostWithApp gives a subject the verdict of its app.
func lostWithApp(s *subject) {
	a, o := s.app, &s.object
	o.Verdict, o.Reason = a.verdict, a.reason
	if s.ref.isApp() {
		if a.taken != nil && a.verdict == Missing {
			id := provider.Text(provider.Find(a.taken, "id"))
			o.Verdict, o.ImportID = Replaced, id
			o.Reason = fmt.Sprintf("the app %s is gone, and another one, %s, is called %s", a.id, id, provider.Text(provider.Find(a.taken, "name")))
		}
	} else if a.verdict == Missing {
		o.Reason = "its app is gone: " + a.reason
	}
}

// withdraw takes the verdicts back of an app that was found by its name alone when
// nothing that the state identifies by UUID as the app's is there: the name may
// have passed to another app.
func withdraw(a *driftApp) {
	if !a.byName {
		return
	}
	proofs := 0
	for _, s := range a.subjects {
		if s.res.Within == "" || !s.chosen || s.deposed() || !provider.IsUUID(s.object.ID) {
			continue
		}
		if s.object.Verdict != Missing && s.object.Verdict != Replaced {
			return
		}
		proofs++
	}
	if proofs == 0 {
		return
	}
	for _, s := range a.subjects {
		if o := &s.object; s.chosen && o.Verdict != Ignored {
			o.Verdict, o.ImportID, o.Differences, s.unread = Undetermined, "", []DriftDifference{}, nil
			o.Reason = "the state identifies the app by its name alone, and the app that has the name has none of the objects that the state identifies by UUID; it may be another app"
		}
	}
}

// claims are the elements of lists that a state has, under whichever type: the
// values of their keys, by list and key. Of the lists of an app they hold the
// app as well, since a feature has the same id in all of them.
type claims map[provider.List]map[provider.Key]map[string]*subject

// newClaims claims what the states manage.
func newClaims(subjects []*subject) claims {
	c := make(claims)
	for _, s := range subjects {
		if s.res != nil && s.object.origin.inst.Mode == statefile.Managed {
			c.add(s)
			s.attrs.drop()
		}
	}
	return c
}

// claim is how claims hold a value.
func claim(list provider.List, app, value string) string {
	if !list.Source().Needs("app") {
		app = ""
	}
	return app + " " + strings.ToLower(value)
}

// add claims what a subject is found by.
func (c claims) add(s *subject) {
	for _, key := range s.res.Origin.Keys {
		value := key.Value(provider.Text(s.attrs.Value(key.Attr)))
		if value == "" {
			continue
		}
		list, app := s.list(), ""
		if s.app != nil {
			app = s.app.id
		}
		if c[list] == nil {
			c[list] = make(map[provider.Key]map[string]*subject)
		}
		if c[list][key] == nil {
			c[list][key] = make(map[string]*subject)
		}
		c[list][key][claim(list, app, value)] = s
	}
}

// has reports whether a state has the element of an app's list.
func (c claims) has(list provider.List, app string, e any) bool { return c.of(list, app, e) != nil }

// of returns what a state has of the element of an app's list; nil if none has it.
func (c claims) of(list provider.List, app string, e any) *subject {
	for key, values := range c[list] {
		if s := values[claim(list, app, provider.Text(provider.Find(e, key.Path())))]; s != nil {
			return s
		}
	}
	return nil
}

// importID fills in the table's pattern of an import id; "" where there is none
// or a part is missing.
func importID(res *provider.Resource, e any, app string) string {
	pattern := res.Import
	var b strings.Builder
	for pattern != "" {
		before, rest, ok := strings.Cut(pattern, "{")
		b.WriteString(before)
		if !ok {
			break
		}
		step, after, _ := strings.Cut(rest, "}")
		value := app
		if step != "app" {
			value = provider.Text(provider.Find(e, step))
		}
		if value == "" {
			return ""
		}
		b.WriteString(value)
		pattern = after
	}
	return b.String()
}
