package provider

import "strings"

// An Attr says what an attribute of a resource's state has to do with Heroku.
type Attr struct {
	// Name is the attribute's name in the state. A dot leads into a block:
	// "organization.name" is the name in the first block of the list, or in
	// the map that it was up to v3.2.0.
	Name string
	// As says how state and Heroku compare.
	As Comparison
	// From is the list that has the value; [NoList] is the one that the
	// object itself is from.
	From List
	// Live leads to the value, from the object or from all of the From list,
	// in the notation of [Find]. "" is Name.
	Live string
	// Type is what the provider stores.
	Type Type
	// Secret marks values that nobody may see, whatever the provider's
	// schema says of them.
	Secret bool
	// If limits the comparison to the cases in which the provider reads the
	// attribute.
	If Condition
	// Argument marks what a configuration for the object has to say.
	Argument bool
	// Computed marks what the provider fills in where the configuration doesn't say
	// it, among what is compared: a new value there needs no argument.
	Computed bool
	// Place is what an app is in by the attribute, "team" or "space", see
	// [Membership]; another one makes Terraform create the app again. "": nothing of
	// the kind.
	Place string
	// Elsewhere is the type of a resource that manages the same of the same space: where
	// the states have one, differences are reported there alone.
	Elsewhere string
	// Open marks a secret that the provider's schema doesn't mark as
	// sensitive: Terraform prints it.
	Open bool

	// The rest is about adoption, see [Resource.Adopted].

	// Optional marks what a configuration says where it isn't the Default, and
	// Default is the text of what the provider takes without the argument; ""
	// is nothing, false and 0.
	Optional bool
	Default  string
	// Blank marks what the provider stores as an empty text, and not as null,
	// where Heroku has nothing.
	Blank bool
	// Marked marks what the provider's schema has as sensitive.
	Marked bool
	// Gone is the release that removed the attribute; "" if none has.
	Gone string
	// Unused marks an attribute in whose place an adoption uses another one.
	Unused bool
	// Named is the member that lists the keys of a map; "": it has all of them.
	Named string
	// Blocks marks a list of objects that a configuration has as blocks.
	Blocks bool
}

// A Comparison says when a value in the state and one on Heroku are the same.
// Null, the empty string, the empty list or map, and what isn't there at all
// are the same in every one of them.
type Comparison uint8

const (
	// Same: equal text, numbers by their value; false and the number 0 are
	// the same as null.
	Same Comparison = iota
	// FoldCase: equal text in any case of letters. Formations up to v5.3.1
	// store what the API says, whose spelling differs from the
	// configuration's.
	FoldCase
	// InOrder: lists of equal elements in the same order.
	InOrder
	// AnyOrder: lists of equal elements, whose order means nothing.
	AnyOrder
	// Set: sets, in which an element counts once.
	Set
	// Mapping: maps of equal keys and values.
	Mapping
	// ManagedKeys: the keys that the state has, and no other, have equal
	// values. What else is on Heroku isn't Terraform's.
	ManagedKeys
	// Plan: as [Same], but a plan without colon means any plan of the
	// service.
	Plan
	// PEM: equal but for white space around and between the lines.
	PEM
	// Timestamp: the same instant. The provider stores what Go prints.
	Timestamp
	// Host: the host of the app's web URL, or, as provider up to v5.2.1
	// computed it, the app's name below herokuapp.com.
	Host
	// Region: the name of the region whose UUID Heroku has.
	Region
	// Generation: as [Same], and nothing is the Cedar generation.
	Generation
	// AppReference: the app that the object belongs to, by name or UUID.
	// Without a Live there is nothing to compare: it is where the object was
	// found.
	AppReference
	// AppName: as [Same], of what changes with the app's name.
	AppName
	// Running: as [Same], of what the app runs. The provider itself never
	// looks at it again.
	Running

	// The rest isn't compared.

	// Known: what identifies the object, by which it was found.
	Known
	// Snapshot: a copy of values that Terraform reads and doesn't manage.
	Snapshot
	// Volatile: different at every reading.
	Volatile
	// WriteOnly: sent to Heroku, which never returns it.
	WriteOnly
	// Local: about the machine that Terraform ran on, or computed there.
	Local
)

// Compared reports whether there is anything to compare at all.
func (c Comparison) Compared() bool { return c < Known }

// A Type is the type of a scalar as the provider stores it.
type Type uint8

// The types of scalars.
const (
	String Type = iota
	Bool
	Int
	Time // as Go prints it
)

// A Condition limits the comparison to when the provider reads the attribute.
// Several can be set.
type Condition uint8

const (
	// IfSet: the state has a value already.
	IfSet Condition = 1 << iota
	// IfKept: the state has the attribute, if only as an empty list. Flat
	// attributes don't distinguish that from null.
	IfKept
	// IfLive: Heroku has a value other than null.
	IfLive
	// IfTeam: the app is a team's.
	IfTeam
	// IfInstallations: the app has buildpack installations, see [HasInstallations].
	IfInstallations
	// IfNoACM: the app doesn't manage its certificates automatically.
	IfNoACM
	// IfNoPath: the source of the build isn't a local path.
	IfNoPath
	// IfNamed: the release that runs is the one the state names.
	IfNamed
)

// NeedsApp reports whether the condition is about the app as Heroku has it.
func (c Condition) NeedsApp() bool { return c&(IfTeam|IfInstallations|IfNoACM) != 0 }

// Has reports whether the condition is one of those set.
func (c Condition) Has(one Condition) bool { return c&one != 0 }

// Find returns what the path leads to within a value as JSON decodes it, and
// nil if it leads nowhere. Its steps are separated by dots:
//
//	name            the member of an object
//	[]              every element of a list; the steps behind it are taken from
//	                each of them, and the result is a list
//	[?name]         every element in which the path name leads to something
//	[name=value]    the first element in which it leads to that text
//	{a,b:c.d}       an object of the members a, and b, which is what c.d leads to
//	.               alone: the value itself
func Find(v any, path string) any {
	if path == "." || path == "" {
		return v
	}
	step, rest := cutStep(path)
	switch {
	case step[0] == '{':
		object := make(map[string]any)
		for member := range strings.SplitSeq(step[1:len(step)-1], ",") {
			name, from, ok := strings.Cut(member, ":")
			if !ok {
				from = name
			}
			object[name] = Find(v, from)
		}
		return Find(object, rest)
	case step[0] == '[':
		list, ok := v.([]any)
		if !ok {
			return nil
		}
		filter := step[1 : len(step)-1]
		if key, value, ok := strings.Cut(filter, "="); ok {
			for _, e := range list {
				if Text(Find(e, key)) == value {
					return Find(e, rest)
				}
			}
			return nil
		}
		all := make([]any, 0, len(list))
		for _, e := range list {
			if key, ok := strings.CutPrefix(filter, "?"); !ok || Find(e, key) != nil {
				all = append(all, Find(e, rest))
			}
		}
		return all
	}
	object, _ := v.(map[string]any)
	return Find(object[step], rest)
}

// cutStep cuts the first step off a path.
func cutStep(path string) (step, rest string) {
	end := strings.IndexByte(path, '.')
	switch path[0] {
	case '{':
		end = strings.IndexByte(path, '}') + 1
	case '[':
		end = strings.IndexByte(path, ']') + 1
	}
	if end < 0 {
		return path, ""
	}
	return path[:end], strings.TrimPrefix(path[end:], ".")
}

// A View is what Heroku says of one object.
type View struct {
	// Own is the object; App the app it belongs to, nil if there is none.
	Own, App any
	// Lists are other answers about the same app, space or pipeline.
	Lists map[List]any
	// State is what the state has of the object; nil if it has nothing.
	State Values
}

// Value returns what Heroku says of the attribute.
func (v *View) Value(a *Attr) any {
	root := v.Own
	if a.From != NoList && a.As != Region {
		root = v.Lists[a.From]
	}
	switch a.As {
	case Host:
		if v.computesHost() {
			return HostnameOf(Text(Find(root, "name")))
		}
		return HostOf(Text(Find(root, "web_url")))
	case Region:
		value := Find(root, a.Path())
		if regions, ok := v.Lists[Regions].([]any); ok {
			if name := Find(regions, "[id="+Text(value)+"].name"); name != nil {
				return name
			}
		}
		return value
	}
	return Find(root, a.Path())
}

// Lacks reports whether what Heroku says has no place for the attribute at all: then it
// isn't known, rather than null.
func (v *View) Lacks(a *Attr) bool {
	root := v.Own
	if a.From != NoList && a.As != Region {
		root = v.Lists[a.From]
	}
	object, ok := root.(map[string]any)
	path := a.Path()
	if a.As == Host {
		path = "web_url"
	}
	if !ok || path == "." || path[0] == '[' || path[0] == '{' {
		return false
	}
	step, _ := cutStep(path)
	_, ok = object[step]
	return !ok
}

// computesHost reports whether the state has the hostname that releases up to
// v5.2.1 compute from the name, and not the app's address.
func (v *View) computesHost() bool {
	if v.State == nil {
		return false
	}
	host := Text(v.State.Value("heroku_hostname"))
	return host == HostnameOf(Text(v.State.Value("name"))) && host != HostOf(Text(v.State.Value("web_url")))
}

// Holds reports whether the conditions of the attribute are met. The state is
// the value that the instance has there, and source the path of a build's
// source.
func (v *View) Holds(a *Attr, inst Values) bool {
	app := func(path string) string { return Text(Find(v.App, path)) }
	switch {
	case a.If.Has(IfKept) && inst.Value(a.Name) == nil,
		a.If.Has(IfSet) && Empty(inst.Value(a.Name)),
		a.If.Has(IfLive) && Empty(v.Value(a)),
		a.If.Has(IfTeam) && app("team.name") == "",
		a.If.Has(IfInstallations) && !HasInstallations(v.App, inst),
		a.If.Has(IfNoACM) && app("acm") == "true",
		a.If.Has(IfNoPath) && Text(inst.Value("source.path")) != "",
		a.If.Has(IfNamed) && Text(Find(v.Own, "id")) != Text(inst.Value("id")):
		return false
	}
	return true
}

// Values gives the values of an instance's attributes, by [Attr.Name].
type Values interface{ Value(name string) any }

// Empty reports whether a value is null, or an empty text, list or map.
func Empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// Path returns the notation of [Find] for the attribute's value on Heroku.
func (a *Attr) Path() string {
	if a.Live != "" {
		return a.Live
	}
	return a.Name
}

// Top returns the name of the attribute that holds it, which is Name itself
// unless it leads into a block.
func (a *Attr) Top() string {
	top, _, _ := strings.Cut(a.Name, ".")
	return top
}

// A Shaped says what an argument's value is made of in a state.
type Shaped uint8

const (
	Listed    Shaped = iota // a scalar, or a list: elements have numbers
	Mapped                  // a map: elements have keys
	Unordered               // a set: elements have neither
)

// ArgumentShape returns what an argument of a managed resource is made of. What
// the table doesn't know is Listed.
func ArgumentShape(typ, argument string) Shaped {
	res, ok := Lookup(Managed, typ)
	if !ok {
		return Listed
	}
	attr := res.Attr(argument)
	if attr == nil {
		return Listed
	}
	switch attr.As {
	case Mapping, ManagedKeys:
		return Mapped
	case Set:
		return Unordered
	}
	return Listed
}

// An Origin says how the object of a resource is found on Heroku.
type Origin struct {
	// List is the list that has it. NoList: the object exists in the state
	// alone.
	List List
	// Else is another list, for some instances.
	Else Otherwise
	// Keys identify the element of the list, the first that gives a
	// value: members of the element, by the attribute that holds their value
	// in the state. None: the app itself, or the only object there is.
	Keys []Key
	// Alias is a key that people know the object by. Another element with
	// the same value has taken its place.
	Alias Key
	// Steps are the attributes that fill in the steps of the list's path,
	// apart from {app}: the first one with a value.
	Steps map[string][]string
	// Current: of the releases it is the one that runs, whichever the state
	// names.
	Current bool
}

// Otherwise is the list for instances whose attribute Attr has the text Value.
type Otherwise struct {
	Attr, Value string
	List        List
}

// A Key is what an object is known by.
type Key struct {
	Attr string // in the state
	Live string // on Heroku, in the notation of [Find]; "" is Attr
	// After cuts the text of the attribute behind its first colon.
	After bool
	// Fold ignores the case of letters.
	Fold bool
}

// Path returns the notation of [Find] for the key's value on Heroku.
func (k *Key) Path() string {
	if k.Live != "" {
		return k.Live
	}
	return k.Attr
}

// Value returns the key's value for an attribute's text; "" for none.
func (k *Key) Value(text string) string {
	if k.After {
		_, text, _ = strings.Cut(text, ":")
	}
	return text
}

// Is reports whether two values of the key are the same.
func (k *Key) Is(a, b string) bool {
	if k.Fold {
		return strings.EqualFold(a, b)
	}
	return a == b
}

// Unmanaged says which elements of a resource's list are reported when no state
// has them.
type Unmanaged struct {
	// Of leads to the UUID of the app an element belongs to, for lists of
	// more than one app; "" for lists of one.
	Of string
	// Label leads to what people call an element.
	Label string
	// Unless are members that mark an element which Heroku has made by itself
	// or that isn't in use: "name=value", or "name" for any value at all.
	Unless []string
	// Team says which apps the type is for: [OfTeams] or [Personal] ones, or
	// all.
	Team Ownership
	// Fir: only apps of that generation have such objects.
	Fir bool
}

// IsFor reports whether an app as Heroku has it can have such objects.
func (u *Unmanaged) IsFor(app any) bool {
	team := Text(Find(app, "team.name")) != ""
	switch {
	case u.Team == OfTeams && !team, u.Team == Personal && team:
		return false
	}
	return !u.Fir || IsFir(app, nil)
}

// An Ownership distinguishes apps of teams from personal ones.
type Ownership uint8

const (
	AnyOwner Ownership = iota
	OfTeams
	Personal
)

// Reported reports whether an element that no state has is to be reported.
func (u *Unmanaged) Reported(element any) bool {
	for _, mark := range u.Unless {
		name, want, ok := strings.Cut(mark, "=")
		value := Find(element, name)
		if ok && Text(value) == want || !ok && !Empty(value) {
			return false
		}
	}
	return true
}
