// Package provider is the table of what this module knows about the heroku/heroku
// Terraform provider.
//
// For every resource type and data source it says where an app's name or UUID
// stands in the state, in which of the provider's two shapes, under which
// schema version, and what is derived from the name. Renaming, upgrading to
// UUIDs and finding out what an attribute means all read this table. A new
// resource type is one new entry in the table_*.go of its kind, and a new
// question about resource types is one new field of [Resource].
//
// The facts come from the schemas and state upgraders of the provider's
// releases v1.4.0 to v5.3.2.
package provider

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/herokutf/herokutf/statefile"
)

// The types that code elsewhere is about, rather than any type.
const (
	App        = "heroku_app"
	Addon      = "heroku_addon"
	Attachment = "heroku_addon_attachment"
	Config     = "heroku_app_config_association"
	Coupling   = "heroku_pipeline_coupling"
	Pipeline   = "heroku_pipeline"
	Domain     = "heroku_domain"
	Release    = "heroku_app_release"
	SSL        = "heroku_ssl"
	Space      = "heroku_space"
)

// The modes of a resource in a state file, spelled as state version 4 spells
// them.
const (
	Managed = "managed"
	Data    = "data"
)

// An Identity says which of an app's two identities a field holds.
type Identity uint8

const (
	// Name is the app's name. The provider up to v4.9.0 copies the
	// configured value of an "app" argument, so such a field may hold the
	// UUID instead; only the value itself shows which (see [IsUUID]).
	Name Identity = iota + 1
	// UUID is the app's UUID, checked or computed by the provider.
	UUID
	// Either is whatever was configured or typed at import: the provider
	// neither checks nor refreshes the field.
	Either
)

// A Part says which part of a field's text is the app.
type Part uint8

const (
	// Whole: the app is the whole text.
	Whole Part = iota
	// Prefix: the text is the app, a colon and something else, as in
	// "old-name:acm".
	Prefix
	// Suffix: the text is [Ref.Lead] and the app, as in "config:old-name".
	Suffix
)

// A Ref is a field of a resource's state that refers to an app.
type Ref struct {
	// Path leads from the resource's attributes to the field; the step "*"
	// stands for any element of a list or set.
	Path []string
	// Holds says what stands there.
	Holds Identity
	// Part says which part of the text is the app, and Lead is what
	// precedes it in a [Suffix].
	Part Part
	Lead string
	// When, if not zero, limits the reference to instances whose
	// attribute Attr has the text Value.
	When struct{ Attr, Value string }
}

// App returns the part of a field's text that is the app; ok is false when the
// text doesn't have the form of the field.
func (r *Ref) App(text string) (app string, ok bool) {
	switch r.Part {
	case Prefix:
		app, _, ok = strings.Cut(text, ":")
		return app, ok
	case Suffix:
		return strings.CutPrefix(text, r.Lead)
	}
	return text, true
}

// With returns the field's text with another app in the place of the one it
// has. The text must have the form of the field, see [Ref.App].
func (r *Ref) With(text, app string) string {
	switch r.Part {
	case Prefix:
		_, rest, _ := strings.Cut(text, ":")
		return app + ":" + rest
	case Suffix:
		return r.Lead + app
	}
	return app
}

// A Derivation says how an attribute follows from the app's name.
type Derivation uint8

const (
	// GitURL is https://git.heroku.com/NAME.git.
	GitURL Derivation = iota + 1
	// WebURL is the app's address as the API has it. For apps created or
	// renamed since 14 June 2023 it holds an identifier that nobody can
	// compute from the name.
	WebURL
	// Hostname is NAME.herokuapp.com up to v5.2.1, even where that isn't
	// the app's address, and the host of the web URL from v5.2.2.
	Hostname
)

// GitURLOf returns the [GitURL] of the app of that name.
func GitURLOf(app string) string { return "https://git.heroku.com/" + app + ".git" }

// HostnameOf returns the [Hostname] that releases up to v5.2.1 make of an app's
// name.
func HostnameOf(app string) string { return app + ".herokuapp.com" }

// HostOf returns the [Hostname] that releases from v5.2.2 take from a web URL
// (resource_heroku_app.go): without the scheme and a slash at the end.
func HostOf(webURL string) string {
	_, rest, ok := strings.Cut(webURL, "://")
	if !ok {
		rest = webURL
	}
	return strings.TrimSuffix(rest, "/")
}

// A Derived is an attribute that changes with the app's name without being a
// reference to the app.
type Derived struct {
	Attr string
	From Derivation
}

// A Shape is what the state of a resource type looks like in one of the
// provider's two eras.
type Shape struct {
	// Schema lists the schema versions of the era, ascending; the last one
	// is current at the era's end. Nil: the type doesn't exist in the era.
	Schema []int
	// Refs are the fields that refer to an app.
	Refs []Ref
}

// Exists reports whether the resource type exists in the shape's era.
func (s *Shape) Exists() bool { return s.Schema != nil }

// Current returns the newest schema version of the era.
func (s *Shape) Current() int { return s.Schema[len(s.Schema)-1] }

// Ref returns the reference of that path, or nil.
func (s *Shape) Ref(path ...string) *Ref {
	for i := range s.Refs {
		if slices.Equal(s.Refs[i].Path, path) {
			return &s.Refs[i]
		}
	}
	return nil
}

// A Resource is the table's entry for one resource type or data source.
type Resource struct {
	Mode string // [Managed] or [Data]
	Type string // such as "heroku_app"

	// Since and Gone are the provider releases that brought and removed the
	// type; "" for the first release there is, and for never.
	Since, Gone string

	// Names is the shape up to v4.9.0, in which apps are known by name, and
	// UUIDs the one from v5.0.0, in which they are known by UUID.
	Names, UUIDs Shape

	// Derived are the attributes that follow from the app's name, in both
	// shapes.
	Derived []Derived

	// Within is the collection below /apps/{app} of the Platform API in which
	// the object is found by its id under no other app than its own; "" for
	// objects that aren't of one app or whose id other apps know as well.
	Within string

	// Addons are the attributes that hold an add-on: its UUID, or its name,
	// where one was imported or configured by it.
	Addons []string

	// UpdatesApp marks a type that is updated in place when its reference to
	// the app changes. All others are replaced: app and app_id force it.
	UpdatesApp bool

	// Irreplaceable marks what can't be made again once it is destroyed: an
	// app with its domains and config vars, an add-on with its data.
	Irreplaceable bool

	// Origin says how the object is found on Heroku, and Attrs what each of
	// its attributes has to do with it: every attribute that any release of
	// the provider has, but for id where it is [Known].
	Origin Origin
	Attrs  []Attr

	// Import is the id that "terraform import" takes for an object, with
	// members of the object on Heroku in braces, in the notation of [Find],
	// and {app} for its app, by UUID or as the state has it; "" if it can't be imported.
	Import string

	// ImportsUUID marks a type whose import leaves the app's UUID where
	// references to an app are whatever was configured.
	ImportsUUID bool

	// Trace are the attributes whose texts, or what is before a colon in them,
	// the description of a release names when the object changes.
	Trace []string

	// Unmanaged says which objects that no state has are reported; nil if
	// that can't be determined.
	Unmanaged *Unmanaged

	// ID is the id that the provider gives an object, in the notation of
	// Import; "" is {id}.
	ID string

	// Adopt says how objects of the type are taken under Terraform.
	Adopt Adopt

	// ListedMaps are the attributes that are a map up to v3.2.0 and a list
	// of one such map since v4.0.0, under the same schema version. No
	// release converts them: the newer ones can't read the older form.
	ListedMaps []ListedMap
}

// A ListedMap is an attribute that became a list of one map.
type ListedMap struct {
	Attr string
	Keys []string // of the map, sorted
}

// NameRefs returns the references that may hold an app's name, whatever the
// shape, each path once.
func (r *Resource) NameRefs() iter.Seq[*Ref] {
	return func(yield func(*Ref) bool) {
		for _, s := range []*Shape{&r.Names, &r.UUIDs} {
			for i := range s.Refs {
				ref := &s.Refs[i]
				if ref.Holds == UUID {
					continue
				}
				if s == &r.UUIDs {
					if old := r.Names.Ref(ref.Path...); old != nil && old.Holds != UUID {
						continue
					}
				}
				if !yield(ref) {
					return
				}
			}
		}
	}
}

// Refers reports whether the type refers to apps at all, in any shape.
func (r *Resource) Refers() bool { return len(r.Names.Refs)+len(r.UUIDs.Refs) > 0 }

// Attr returns the entry of an attribute by its name, or nil.
func (r *Resource) Attr(name string) *Attr {
	for i := range r.Attrs {
		if r.Attrs[i].Name == name {
			return &r.Attrs[i]
		}
	}
	return nil
}

// At returns the entry of what a path leads to, from the attributes of a state,
// flat ones too; nil if there is none.
func (r *Resource) At(path statefile.Path) *Attr {
	var names []string
	for _, step := range path {
		if name, ok := step.(string); ok {
			names = append(names, strings.Split(name, ".")...)
		}
	}
	names = slices.DeleteFunc(names, func(s string) bool { _, err := strconv.Atoi(s); return err == nil })
	for n := min(len(names), 2); n > 0; n-- {
		if attr := r.Attr(strings.Join(names[:n], ".")); attr != nil {
			return attr
		}
	}
	return nil
}

// DerivedFrom returns how the attribute follows from the app's name, or zero.
func (r *Resource) DerivedFrom(attr string) Derivation {
	for _, d := range r.Derived {
		if d.Attr == attr {
			return d.From
		}
	}
	return 0
}

// Lookup returns the entry of a resource type or data source. The entry is
// shared: callers must not change it.
func Lookup(mode, typ string) (*Resource, bool) {
	switch mode {
	case Managed:
		r, ok := managed[typ]
		return r, ok
	case Data:
		r, ok := data[typ]
		return r, ok
	}
	return nil, false
}

// All yields every entry, managed resources first, each kind sorted by type.
func All() iter.Seq[*Resource] {
	return func(yield func(*Resource) bool) {
		for i := range table {
			if !yield(&table[i]) {
				return
			}
		}
	}
}

var managed, data = index()

func index() (m, d map[string]*Resource) {
	m, d = make(map[string]*Resource), make(map[string]*Resource)
	for i := range table {
		r := &table[i]
		if r.Mode == Data {
			d[r.Type] = r
		} else {
			m[r.Type] = r
		}
	}
	return m, d
}

// IsUUID reports whether s has the form of a UUID, in either case of letters.
// No app name does: names have at most 30 characters.
func IsUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return false
			}
		}
	}
	return true
}

// IsAppName reports whether s can be the name of a Heroku app: 3 to 30 lower
// case letters, digits and dashes, beginning with a letter and not ending with
// a dash (the pattern of the Platform API's schema, narrowed as the API does
// when it refuses a name).
func IsAppName(s string) bool {
	if len(s) < 3 || len(s) > 30 || s[0] < 'a' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
