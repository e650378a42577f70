package provider

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite docs/resource-types.md and testdata/table.txt")

// TestResourceTypesPage holds docs/resource-types.md against the table, from
// which it is made: what people read of a type is what the code does.
func TestResourceTypesPage(t *testing.T) {
	const file = "../../docs/resource-types.md"
	page := resourceTypesPage()
	if *update {
		if err := os.WriteFile(file, []byte(page), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(old), page); diff != "" {
		t.Errorf("the page is stale; go test ./internal/provider -run %s -update rewrites it (-page +table):\n%s", t.Name(), diff)
	}
}

// TestResourceTypesPageSaysAll: a comparison, a condition or a member of the
// table that the page has no words for would be left out without a sound.
func TestResourceTypesPageSaysAll(t *testing.T) {
	for c := Same; c <= Local; c++ {
		if compared[c] == "" && notCompared[c] == "" {
			t.Errorf("no words for comparison %d", c)
		}
		if c.Compared() == (notCompared[c] != "") {
			t.Errorf("comparison %d: Compared() is %v, and the page says otherwise", c, c.Compared())
		}
	}
	for bit := range 8 {
		c := Condition(1 << bit)
		used := false
		for r := range All() {
			used = used || slices.ContainsFunc(r.Attrs, func(a Attr) bool { return a.If.Has(c) })
		}
		if (conditions[c] != "") != used {
			t.Errorf("condition %d is used: %v, and has the words %q", c, used, conditions[c])
		}
	}
}

// compared says of the comparisons when the values are the same; notCompared
// says of the others why they aren't compared.
var compared = map[Comparison]string{
	Same:         "same text",
	FoldCase:     "same text, upper or lower case",
	InOrder:      "same elements in the same order",
	AnyOrder:     "same elements in any order",
	Set:          "same elements in any order, each counted once",
	Mapping:      "same keys and values",
	ManagedKeys:  "the keys in the state; other keys on Heroku don't count",
	Plan:         "same text; a plan without a colon means any plan of the service",
	PEM:          "same text except for white space",
	Timestamp:    "same instant",
	Host:         "the host of the web URL, or NAME.herokuapp.com as releases up to v5.2.1 store it",
	Region:       "the region's name; Heroku has its UUID",
	Generation:   "same text; an empty value means cedar",
	AppReference: "the app it belongs to, by UUID or name",
	AppName:      "same text; it changes with the app's name, and is reported as renamed",
	Running:      "what the app runs now, by slug or image",
}

var notCompared = map[Comparison]string{
	Known:     "it identifies the object",
	Snapshot:  "Terraform reads it and doesn't manage it",
	Volatile:  "it differs each time it is read",
	WriteOnly: "sent to Heroku, which never returns it",
	Local:     "it is local to the machine that ran Terraform",
}

var conditions = map[Condition]string{
	IfSet:           "the state has a value",
	IfKept:          "the state has it, even as an empty list",
	IfLive:          "Heroku has a value",
	IfTeam:          "the app belongs to a team",
	IfInstallations: "the app has buildpack installations: it is not built by Cloud Native Buildpacks",
	IfNoACM:         "the app doesn't manage its certificates automatically",
	IfNoPath:        "the source isn't a local path",
	IfNamed:         "the current release is the one in the state",
}

const pageHead = `# Resource types

<!-- Made from the table in internal/provider by: go test ./internal/provider -run TestResourceTypesPage -update -->

Every resource type and data source of the heroku/heroku provider, releases v1.4.0 to v5.3.2: where a state holds an app, what
[` + "`herokutf rename`" + `](rename.md) changes, and how [` + "`herokutf drift`" + `](drift.md) compares each attribute. The page is generated from
the table that the code itself reads.

- **name era** means the provider up to v4.9.0, which identifies apps by name; **UUID era** means the provider from v5.0.0.
- An attribute with a dot is in a block: ` + "`organization.name`" + ` is ` + "`name`" + ` in the first block ` + "`organization`" + `.
- Null, an empty string, an empty list, an empty map and an absent attribute are the same in every comparison.
- **secret** values are shown as fingerprints in reports, whatever the provider's schema says.
- **found in** is the list in which the object is looked up, with its request. A list is read once for all objects in it.
- **adopted** says what is taken under Terraform where no state has it, and which arguments its configuration gets. Secrets become
  variables, and identifiers references.
`

func resourceTypesPage() string {
	var b strings.Builder
	b.WriteString(pageHead)
	for _, part := range []struct{ mode, heading, lead string }{
		{Managed, "Resources", "Each type has a section below the table."},
		{Data, "Data sources", "Only the arguments of a data source are compared: every plan reads the rest again."},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", part.heading, part.lead)
		b.WriteString("| type | releases | follows a rename | found in | attributes compared | import | reported when unmanaged | adopted |\n|---|---|---|---|---|---|---|---|\n")
		for r := range All() {
			if r.Mode == part.mode {
				summary(&b, r)
			}
		}
		for r := range All() {
			if r.Mode == part.mode {
				section(&b, r)
			}
		}
	}
	return b.String()
}

// anchor is what GitHub makes of the heading of a section.
func anchor(r *Resource) string {
	return strings.NewReplacer(".", "").Replace(title(r))
}

func title(r *Resource) string {
	if r.Mode == Data {
		return "data." + r.Type
	}
	return r.Type
}

func code(s string) string { return "`" + s + "`" }

func codes(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = code(s)
	}
	return strings.Join(quoted, ", ")
}

func yes(ok bool) string {
	if ok {
		return "yes"
	}
	return "-"
}

func releases(r *Resource) string {
	switch {
	case r.Since != "" && r.Gone != "":
		return r.Since + " until before " + r.Gone
	case r.Since != "":
		return "since " + r.Since
	case r.Gone != "":
		return "until before " + r.Gone
	}
	return "all"
}

// foundIn names a list and the request that reads it.
func foundIn(l List) string {
	if l == NoList {
		return "the state only"
	}
	return l.String() + ", " + code("GET "+l.Source().Path)
}

func summary(b *strings.Builder, r *Resource) {
	n := 0
	for i := range r.Attrs {
		if a := &r.Attrs[i]; a.As.Compared() && live(r, a) != "" {
			n++
		}
	}
	named := false
	for range r.NameRefs() {
		named = true
	}
	list := "-"
	if r.Origin.List != NoList {
		list = r.Origin.List.String()
	}
	imports := "-"
	if r.Import != "" {
		imports = code(r.Import)
	}
	fmt.Fprintf(b, "| [%s](#%s) | %s | %s | %s | %d of %d | %s | %s | %s |\n",
		title(r), anchor(r), releases(r), yes(named || len(r.Derived) > 0), list, n, len(r.Attrs), imports, yes(r.Unmanaged != nil), yes(r.Mode == Managed && r.Adopt.Never == ""))
}

func section(b *strings.Builder, r *Resource) {
	fmt.Fprintf(b, "\n### %s\n\n", title(r))
	item := func(name, format string, args ...any) {
		fmt.Fprintf(b, "- %s: %s\n", name, fmt.Sprintf(format, args...))
	}

	item("Releases", "%s", releases(r))
	item("Found in", "%s%s", foundIn(r.Origin.List), found(&r.Origin))
	if r.Origin.Else.Attr != "" {
		item("Found elsewhere", "where %s is %s: %s", code(r.Origin.Else.Attr), code(r.Origin.Else.Value), foundIn(r.Origin.Else.List))
	}
	if r.Refers() {
		item("App in the name era", "%s", appIn(r, &r.Names))
		item("App in the UUID era", "%s", appIn(r, &r.UUIDs))
	}
	if len(r.Derived) > 0 {
		var names []string
		for _, d := range r.Derived {
			names = append(names, d.Attr)
		}
		item("Follows from the app's name", "%s", codes(names))
	}
	if r.Refers() && r.Mode == Managed && r.Type != App {
		if r.UpdatesApp {
			item("When its app changes", "Terraform updates it in place")
		} else {
			item("When its app changes", "Terraform replaces it")
		}
	}
	if r.Irreplaceable {
		item("Irreplaceable", "%s refuses a plan that destroys or replaces it", code("herokutf deploy"))
	}
	if r.Mode == Managed {
		switch r.Import {
		case "":
			item("Import ID", "none")
		default:
			item("Import ID", "%s; {app} is its app, other braces are fields of the object on Heroku", code(r.Import))
		}
	}
	if r.Unmanaged != nil {
		item("Reported when unmanaged", "%s", unmanagedObjects(r))
	}
	if r.Mode == Managed {
		item("Adopted", "%s", adopted(r))
	}
	for _, m := range r.ListedMaps {
		item("Converted by --to-ids", "%s, a map up to v3.2.0 and a list of one map since v4.0.0", code(m.Attr))
	}

	b.WriteString("\n| attribute | compared | with | |\n|---|---|---|---|\n")
	for i := range r.Attrs {
		a := &r.Attrs[i]
		how, with := same(a), ""
		if !a.As.Compared() {
			how = "no: " + notCompared[a.As]
		} else if with = live(r, a); with == "" {
			how = "no: the object was found by it"
		}
		var marks []string
		if a.Secret {
			marks = append(marks, "secret")
		}
		for bit := range 8 {
			if c := Condition(1 << bit); a.If.Has(c) {
				marks = append(marks, "only if "+conditions[c])
			}
		}
		if a.Elsewhere != "" {
			marks = append(marks, "only if no "+a.Elsewhere+" manages it")
		}
		if a.Place != "" {
			marks = append(marks, "another "+a.Place+" makes Terraform create the app again")
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", code(a.Name), how, with, strings.Join(marks, "; "))
	}
}

// adopted says what an adoption writes of a type, and which objects it leaves.
func adopted(r *Resource) string {
	if r.Adopt.Never != "" {
		return "never: " + r.Adopt.Never
	}
	var written []string
	for i := range r.Attrs {
		a := &r.Attrs[i]
		switch {
		case !r.In5(a):
		case a.Argument && a.Default == "" || a.As == ManagedKeys && a.Marked:
			written = append(written, code(a.Name))
		case a.Argument || a.Optional:
			written = append(written, code(a.Name)+" unless "+defaultOf(a))
		}
	}
	var text strings.Builder
	text.WriteString("with " + strings.Join(written, ", "))
	if r.Adopt.NoACM != "" {
		text.WriteString("; not where certificates are managed automatically")
	}
	for _, u := range r.Adopt.Unless {
		name, none := strings.CutPrefix(u.Mark, "!")
		name, value, equal := strings.Cut(name, "=")
		switch {
		case none:
			text.WriteString("; not without " + code(name))
		case equal:
			text.WriteString("; not with " + code(name) + " " + code(value))
		default:
			text.WriteString("; not with any " + code(name))
		}
	}
	return text.String()
}

// defaultOf is what an argument that isn't written says.
func defaultOf(a *Attr) string {
	switch {
	case a.Default != "":
		return code(a.Default)
	case a.Type == Bool:
		return code("false")
	case a.Type == Int:
		return code("0")
	}
	return "empty"
}

// same says when two values of the attribute are the same.
func same(a *Attr) string {
	if a.As == Same {
		switch a.Type {
		case Bool:
			return "same truth value; absent means false"
		case Int:
			return "same number"
		}
	}
	return compared[a.As]
}

// found says how an object is picked out of its list.
func found(o *Origin) string {
	switch {
	case o.List == NoList:
		return ""
	case o.Current:
		return "; the current release"
	case len(o.Keys) == 0:
		return ""
	}
	var by []string
	for _, k := range o.Keys {
		text := code(k.Attr)
		if k.After {
			text = "the part of " + text + " after the colon"
		}
		if k.Path() != k.Attr {
			text += " as its " + code(k.Path())
		}
		by = append(by, text)
	}
	text := "; by " + strings.Join(by, ", else by ")
	if o.Alias.Attr != "" {
		text += "; another one with the same " + code(o.Alias.Attr) + " has taken its place"
	}
	return text
}

// appIn says where the state has the app.
func appIn(r *Resource, s *Shape) string {
	if !s.Exists() {
		return "the type doesn't exist"
	}
	holds := map[Identity]string{Name: "the name, or the UUID if it was configured so", UUID: "the UUID", Either: "the name or the UUID, as configured"}
	if r.Type == App {
		holds[Name] = "the name"
	}
	var all []string
	for i := range s.Refs {
		ref := &s.Refs[i]
		text := code(strings.Join(ref.Path, ".")) + " (" + holds[ref.Holds]
		switch ref.Part {
		case Prefix:
			text += ", followed by a colon and more"
		case Suffix:
			text += ", after " + code(ref.Lead)
		}
		if ref.When.Attr != "" {
			text += ", where " + code(ref.When.Attr) + " is " + code(ref.When.Value)
		}
		all = append(all, text+")")
	}
	if all == nil {
		all = append(all, "nowhere")
	}
	versions := make([]string, len(s.Schema))
	for i, v := range s.Schema {
		versions[i] = strconv.Itoa(v)
	}
	return strings.Join(all, ", ") + "; schema version " + strings.Join(versions, ", ")
}

// live says what an attribute is compared with; "" if with nothing.
func live(r *Resource, a *Attr) string {
	if a.As == AppReference && a.Live == "" {
		return ""
	}
	from := a.From
	if a.As == Region {
		from = NoList // the list translates; the value is the object's
	}
	path := a.Path()
	if a.As == Host {
		path = "web_url"
	}
	text := code(path)
	if path == "." {
		text = "the whole object"
	}
	if from != NoList && from != r.Origin.List {
		text += " of the " + from.String()
	}
	if a.As == Region {
		text += ", looked up in the " + a.From.String()
	}
	return text
}

// unmanagedObjects says which objects are reported when no state has them.
func unmanagedObjects(r *Resource) string {
	text := "objects that are in no state"
	switch r.Unmanaged.Team {
	case OfTeams:
		text += ", of apps that belong to a team"
	case Personal:
		text += ", of personal apps"
	}
	if len(r.Unmanaged.Unless) > 0 {
		var marks []string
		for _, mark := range r.Unmanaged.Unless {
			name, value, ok := strings.Cut(mark, "=")
			if ok {
				marks = append(marks, code(name)+" "+code(value))
			} else {
				marks = append(marks, "any "+code(name))
			}
		}
		text += ", but not those with " + strings.Join(marks, " or ")
	}
	return text
}
