package provider

import (
	"encoding/json"
	"slices"
	"strings"
)

// An Adopt says which objects of a type are taken under Terraform, and how.
type Adopt struct {
	// Never says why none is; "" if they are.
	Never string
	// Unless are the marks of elements that aren't, with the reason of each.
	Unless []Unless
	// NoACM says why none of an app is whose certificates are managed
	// automatically; "" if it makes no difference.
	NoACM string
	// Name leads to what the name of a resource is made of, beside that of its app,
	// space or pipeline; "" if there is nothing better than a number.
	Name string
	// Label leads to what people call an element, for types without
	// [Unmanaged].
	Label string
	// Detail leads to what an inventory says of an element.
	Detail []string
	// Import is the id that an import block takes, where it is another one than
	// [Resource.Import]; its braces are those, {space} and {team}.
	Import string
	// Timeouts says that the provider's schema has timeouts.
	Timeouts bool
}

// An Unless is a mark of an element: "name=value", "name" for any value at all, or
// "!name" for none; and why it isn't taken, "" if that goes without saying.
type Unless struct{ Mark, Why string }

// Leaves reports whether an element of the type's list isn't taken under Terraform, and
// why, "" if that goes without saying. app is the app that it belongs to, nil for none.
func (r *Resource) Leaves(element, app any) (why string, left bool) {
	switch {
	case r.Adopt.Never != "":
		return r.Adopt.Never, true
	case r.Adopt.NoACM != "" && Find(app, "acm") == true:
		return r.Adopt.NoACM, true
	case r.Type == "heroku_space_inbound_ruleset" && allowsAll(element):
		return "a space lets everybody in by default", true
	}
	for _, u := range r.Adopt.Unless {
		mark, none := strings.CutPrefix(u.Mark, "!")
		name, want, equal := strings.Cut(mark, "=")
		value := Find(element, name)
		switch {
		case none && Empty(value), equal && Text(value) == want, !none && !equal && !Empty(value):
			return u.Why, true
		}
	}
	return "", false
}

func allowsAll(ruleset any) bool {
	rules, _ := Find(ruleset, "rules").([]any)
	return len(rules) == 1 && Text(Find(rules[0], "action")) == "allow" && Text(Find(rules[0], "source")) == "0.0.0.0/0"
}

// Part returns what the name of a resource for the element is made of beside that of
// its app, in the characters of names; "" for nothing.
func (r *Resource) Part(element any) string {
	text := Text(Find(element, r.Adopt.Name))
	text, _, _ = strings.Cut(text, ":") // the service of a plan
	text, _, _ = strings.Cut(text, "@") // the local part of an email address
	return Identifier(strings.ReplaceAll(strings.TrimPrefix(text, "heroku-"), "*", "wildcard"))
}

// Identifier returns a text in lower case with "_" for what names of resources and
// variables don't have, and without "_" at its ends.
func Identifier(s string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '_'
	}, s), "_")
}

// Details is what an inventory says of an element, separated by commas; "" for nothing.
func (r *Resource) Details(element any) string {
	var all []string
	for _, path := range r.Adopt.Detail {
		v := Find(element, path)
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, e := range list {
			if text := Text(e); text != "" {
				all = append(all, text)
			}
		}
	}
	if r.Type == "heroku_formation" {
		return strings.Join(all, " x ")
	}
	return strings.Join(all, ", ")
}

// CalledBy leads to what people call an element.
func (r *Resource) CalledBy() string {
	switch {
	case r.Adopt.Label != "":
		return r.Adopt.Label
	case r.Unmanaged != nil:
		return r.Unmanaged.Label
	}
	return "name"
}

// Called returns what people call an element; "" if there is nothing better than its id.
func (r *Resource) Called(element any) string {
	if path := r.CalledBy(); path != "id" {
		return Text(Find(element, path))
	}
	return ""
}

// Fill fills in a pattern of an id, as [Resource.Import] and [Resource.ID] are: members
// of the element in braces, and the steps. "" if a part is missing.
func Fill(pattern string, element any, steps map[string]string) string {
	var b strings.Builder
	for pattern != "" {
		before, rest, ok := strings.Cut(pattern, "{")
		b.WriteString(before)
		if !ok {
			break
		}
		step, after, _ := strings.Cut(rest, "}")
		value := steps[step]
		if value == "" {
			value = Text(Find(element, step))
		}
		if value == "" {
			return ""
		}
		b.WriteString(value)
		pattern = after
	}
	return b.String()
}

// In5 reports whether provider 5 has the attribute.
func (r *Resource) In5(a *Attr) bool {
	return a.Gone == "" && (a.As != AppReference || r.UUIDs.Ref(a.Name) != nil)
}

// An Adoptee is an object that is taken under Terraform.
type Adoptee struct {
	View
	// Steps are the app, space, pipeline, stage and team that it belongs to, as the
	// state has them.
	Steps map[string]string
	// Vars are the config vars that Terraform is to manage; nil for none.
	Vars map[string]string
	// Snapshots says that the provider copies config vars that it doesn't manage.
	Snapshots bool
}

// Identity is the id that the provider gives the object.
func (r *Resource) Identity(o *Adoptee) string {
	pattern := r.ID
	if pattern == "" {
		pattern = "{id}"
	}
	return Fill(pattern, o.Own, o.Steps)
}

// Adopted returns the attributes as provider 5 stores them: all of its schema, with null
// for what is unset. ok is false if an attribute is of another kind than the provider
// stores there; its name is the second result.
func (r *Resource) Adopted(o *Adoptee) (attrs map[string]any, wrong string) {
	attrs = make(map[string]any)
	blocks := make(map[string]bool) // that are there
	for i := range r.Attrs {
		a := &r.Attrs[i]
		if !r.In5(a) {
			continue
		}
		v, ok := r.stored(a, o)
		if !ok {
			return nil, a.Name
		}
		top, member, nested := strings.Cut(a.Name, ".")
		if !nested {
			attrs[top] = v
			continue
		}
		block, _ := attrs[top].(map[string]any)
		if block == nil {
			block = make(map[string]any)
			attrs[top] = block
		}
		block[member] = v
		blocks[top] = blocks[top] || a.As != WriteOnly && a.Type == String && !Empty(v)
	}
	for name, there := range blocks {
		list := []any{}
		if there {
			list = append(list, attrs[name])
		}
		attrs[name] = list
	}
	if r.Adopt.Timeouts {
		attrs["timeouts"] = nil
	}
	return attrs, ""
}

// stored returns an attribute as provider 5 stores it.
func (r *Resource) stored(a *Attr, o *Adoptee) (any, bool) {
	switch {
	case a.Name == "id":
		return r.Identity(o), true
	case a.As == AppReference:
		return o.Steps["app"], true
	case a.As == WriteOnly && a.Type == Bool:
		return false, true
	case a.As == WriteOnly, a.As == Local, a.Unused:
		return nil, true
	case a.As == ManagedKeys:
		if !a.Marked {
			return map[string]any{}, true
		}
		return texts(o.Vars, nil), true
	case a.As == Snapshot:
		return o.snapshot(a), true
	}
	for step, names := range r.Origin.Steps {
		if a.Live == "" && slices.Contains(names, a.Name) {
			return o.Steps[step], true
		}
	}
	read := *a
	read.If &^= IfSet | IfKept
	var live any
	if o.Holds(&read, unset{}) {
		live = o.Value(a)
	}
	return a.kept(live, o)
}

// unset is an instance that has nothing.
type unset struct{}

func (unset) Value(string) any { return nil }

// kept is Stored with what the provider stores for nothing.
func (a *Attr) kept(live any, o *Adoptee) (any, bool) {
	switch {
	case a.As == Mapping:
		m, ok := live.(map[string]any)
		if live != nil && !ok {
			return nil, false
		}
		return texts(m, nil), true
	case live == nil && a.Place == "space" && Text(Find(o.App, "team.name")) != "":
		return "", true // of apps of teams alone the provider reads it
	case a.As == Generation:
		return generation(Text(live)), true
	case live == nil && a.Type == String && (a.As == Same || a.As == AppName || a.As == PEM):
		if a.Blank {
			return "", true
		}
		return nil, true
	}
	return a.Stored(live)
}

func (o *Adoptee) snapshot(a *Attr) any {
	if !o.Snapshots {
		return map[string]any{}
	}
	root := o.Own
	if a.From != NoList {
		root = o.Lists[a.From]
	}
	all, _ := Find(root, a.Path()).(map[string]any)
	var named []string
	if a.Named != "" {
		named = []string{}
		list, _ := Find(o.Own, a.Named).([]any)
		for _, name := range list {
			named = append(named, Text(name))
		}
	}
	return texts(all, named)
}

// texts returns a map of texts; of those named alone, unless that is nil.
func texts[V any](m map[string]V, named []string) map[string]any {
	all := make(map[string]any, len(m))
	for key, v := range m {
		if named == nil || slices.Contains(named, key) {
			all[key] = Text(any(v))
		}
	}
	return all
}

// Written reports whether a configuration of the object says the attribute, whose value
// in the state it is given.
func (a *Attr) Written(v any) bool {
	if a.As == ManagedKeys {
		return a.Marked && !Empty(v)
	}
	return (a.Argument || a.Optional && !Empty(v)) && v != nil && (a.Default == "" || Text(v) != a.Default) && (a.Argument || !isZero(v))
}

func isZero(v any) bool { return v == false || v == json.Number("0") }

// HoldsSecret reports whether a configuration mustn't show the value: it never shows
// that of a secret, nor a URL with credentials, such as that of a private buildpack.
func (a *Attr) HoldsSecret(v any) bool {
	if list, ok := v.([]any); ok {
		return a.Secret || slices.ContainsFunc(list, a.HoldsSecret)
	}
	text, _ := v.(string)
	_, rest, _ := strings.Cut(text, "://")
	authority, _, _ := strings.Cut(rest, "/")
	user, _, credentials := strings.Cut(authority, "@")
	return a.Secret || credentials && user != "git"
}

// Marks are the names of the attributes that the provider's schema has as sensitive, in
// the table's order; nil if there are none.
func (r *Resource) Marks() []string {
	var all []string
	for i := range r.Attrs {
		if r.Attrs[i].Marked {
			all = append(all, r.Attrs[i].Name)
		}
	}
	return all
}

// KnowsNames reports whether a version of the provider, or every version that a
// constraint allows, is older than 5.0.0: those know apps by name.
func KnowsNames(constraint string) bool {
	for one := range strings.SplitSeq(constraint, ",") {
		one = strings.TrimSpace(one)
		version := strings.TrimLeft(one, "=<>~! ")
		major, rest, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
		old := len(major) == 1 && major < "5"
		switch op := strings.TrimSpace(strings.TrimSuffix(one, version)); op {
		case "", "=", "~>", "<=":
			// "~> 4" alone allows 5 as well.
			if old && (op != "~>" || rest != "") {
				return true
			}
		case "<":
			if old || major == "5" && strings.Trim(rest, ".0") == "" {
				return true
			}
		}
	}
	return false
}
