package tfconfig

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
)

// The one resource type and its arguments that a slug variable is for
// (Heroku provider, docs/resources/app_release.md).
const (
	releaseType  = provider.Release
	attrSlugID   = "slug_id"
	attrOCIImage = "oci_image"
)

// Variable is a variable of the root module.
type Variable struct {
	Name string
	Position
	Type       string // type constraint as written, "" without one
	HasDefault bool
	Sensitive  bool
	Ephemeral  bool
	// Values are the places in the variable files that Terraform reads by
	// itself, the one that wins last; nil when none sets it.
	Values []Position
}

// Variables returns the variables that the root module declares, by name.
func (c *Config) Variables() []Variable {
	var out []Variable
	for _, name := range slices.Sorted(maps.Keys(c.root.mod.variables)) {
		b := c.root.mod.variables[name]
		v := Variable{
			Name:       name,
			Position:   c.position(b.rng),
			HasDefault: b.attr("default") != nil,
			Sensitive:  isTrue(b.attr("sensitive")),
			Ephemeral:  isTrue(b.attr("ephemeral")),
		}
		if a := b.attr("type"); a != nil {
			if s, ok := literalString(a.expr); ok {
				v.Type = s
			} else {
				v.Type = shorten(c.source(a.expr))
			}
		}
		for _, vf := range c.varFiles {
			if a := vf.body.attr(name); a != nil && vf.auto {
				v.Values = append(v.Values, c.position(a.rng))
			}
		}
		out = append(out, v)
	}
	return out
}

func isTrue(a *attr) bool {
	if a == nil {
		return false
	}
	l, ok := a.expr.(*hclsyntax.LiteralValueExpr)
	return ok && l.Val.Type() == cty.Bool && l.Val.True()
}

// IsSlugVariable reports whether a variable's name is one that pipelines
// resolve to: {name}_slug_{stage} or {name}_oci_image_{stage}, with one of
// Heroku's stages.
func IsSlugVariable(name string) bool {
	_, stage, _ := slugVariable(name)
	return provider.IsStage(stage)
}

// slugVariable takes a name of that form apart, whatever the stage, into the
// argument that it is for and the stage. The last infix counts, as it does
// where names are made: a pipeline may be called blog_slug_store.
func slugVariable(name string) (argument, stage string, ok bool) {
	at := 0
	for infix, attr := range map[string]string{"_slug_": attrSlugID, "_oci_image_": attrOCIImage} {
		if i := strings.LastIndex(name, infix); i > at && i+len(infix) < len(name) {
			at, argument, stage = i, attr, name[i+len(infix):]
		}
	}
	return argument, stage, at > 0
}

// Reach is an argument that a variable's value gets to.
type Reach struct {
	// Address is the heroku_app_release without instance keys, such as
	// module.api.heroku_app_release.web, or the module call, when that
	// module wasn't followed.
	Address   string
	Attribute string // slug_id or oci_image, or the argument of the module call
	Position         // of the argument's expression
	// Exact is false when the value doesn't arrive as it is: it goes into a
	// template, a condition or a function, or selects something.
	Exact bool
	// Unfollowed is true for the argument of a module that wasn't read.
	Unfollowed bool
}

// VariableReport is what [Config.CheckVariables] found about one declared
// variable.
type VariableReport struct {
	Variable
	Resolved bool
	// Reaches lists the releases it gets to, by address; nil when it gets to
	// none.
	Reaches []Reach
	// Problems are plain sentences on what will go wrong, nil when nothing
	// will: no release is reached, a type that no slug id fits, a variable
	// file whose value wins over the environment's, the wrong argument.
	Problems []string
}

// Report is the result of [Config.CheckVariables].
type Report struct {
	// Undeclared are the resolved variables that the root module doesn't
	// declare, sorted; Terraform ignores a TF_VAR_ of that name
	// silently. Nil when there are none.
	Undeclared []string
	// Unresolved are the declared slug variables that weren't resolved, by
	// name. One with a default or a value in a file isn't an error.
	Unresolved []VariableReport
	// Resolved are the declared variables that were resolved, by name.
	Resolved []VariableReport
	// Notes are plain sentences on declared variables that look like slug
	// variables and aren't: their name has no stage of Heroku, and yet they get
	// to a release. They make nothing wrong. Nil when there are none.
	Notes []string
	// Unfollowed are the modules that weren't read, so that what they do with
	// a variable isn't known.
	Unfollowed []Module
	// Incomplete says that the configuration refers to itself too deeply to
	// be followed to the end, so that Reaches may lack some.
	Incomplete bool
}

// OK reports whether every resolved variable is declared and without problems
// and every declared slug variable is resolved or has a value elsewhere.
func (r Report) OK() bool {
	if len(r.Undeclared) > 0 || r.Incomplete {
		return false
	}
	for _, v := range r.Resolved {
		if len(v.Problems) > 0 {
			return false
		}
	}
	for _, v := range r.Unresolved {
		if !v.settled() {
			return false
		}
	}
	return true
}

func (v VariableReport) settled() bool { return v.HasDefault || len(v.Values) > 0 }

// String returns the report as lines of text, each ending in a newline:
// first what is wrong, then what each variable reaches.
func (r Report) String() string {
	var b strings.Builder
	for _, name := range r.Undeclared {
		fmt.Fprintf(&b, "%s: resolved, but no variable of the root module has this name\n", printable.Text(name))
	}
	for _, v := range r.Unresolved {
		note := ""
		switch {
		case len(v.Values) > 0:
			note = fmt.Sprintf(" (set in %s)", v.Values[len(v.Values)-1])
		case v.HasDefault:
			note = " (has a default)"
		}
		fmt.Fprintf(&b, "%s: variable %q is declared, but not resolved%s\n", v.Position, v.Name, note)
		v.write(&b)
	}
	for _, v := range r.Resolved {
		fmt.Fprintf(&b, "%s: variable %q is resolved\n", v.Position, v.Name)
		v.write(&b)
	}
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", printable.Text(note))
	}
	for _, m := range r.Unfollowed {
		fmt.Fprintf(&b, "%s: %s isn't followed: its source %s is no local path, and %s\n",
			Position{m.File, m.Line, m.Column}, printable.Text(m.Address), printable.Path(m.Source), printable.Text(m.Why))
	}
	if r.Incomplete {
		b.WriteString("the configuration refers to itself too deeply: some of what is reached may be missing\n")
	}
	return b.String()
}

func (v VariableReport) write(b *strings.Builder) {
	for _, p := range v.Problems {
		fmt.Fprintf(b, "  problem: %s\n", printable.Text(p))
	}
	for _, r := range v.Reaches {
		note := ""
		switch {
		case r.Unfollowed:
			note = " (not followed)"
		case !r.Exact:
			note = " (as part of an expression)"
		}
		fmt.Fprintf(b, "  reaches %s.%s at %s%s\n", printable.Text(r.Address), printable.Text(r.Attribute), r.Position, note)
	}
}

// CheckVariables compares the variables that were resolved, by name without
// TF_VAR_, with those that the root module declares, and follows each
// declared slug variable (see [IsSlugVariable]) and each resolved one to the
// slug_id and oci_image of every heroku_app_release: through references in
// either spelling, locals, module arguments and outputs, for_each, and the
// functions that hand values on. What a variable only takes part in is
// reported with Exact false.
func (c *Config) CheckVariables(resolved []string) Report {
	isResolved := map[string]bool{}
	for _, name := range resolved {
		isResolved[name] = true
	}
	report := Report{Unfollowed: c.Unfollowed()}
	reaches, complete := c.reaches()
	report.Incomplete = !complete
	for _, v := range c.Variables() {
		if !isResolved[v.Name] && !IsSlugVariable(v.Name) {
			_, stage, ok := slugVariable(v.Name)
			i := slices.IndexFunc(reaches[v.Name], func(r Reach) bool { return !r.Unfollowed })
			if ok && i >= 0 {
				report.Notes = append(report.Notes, fmt.Sprintf("%s: variable %q reaches %s, and no pipeline resolves it: %q is no stage",
					v.Position, v.Name, reaches[v.Name][i].Address, stage))
			}
			continue
		}
		r := VariableReport{Variable: v, Resolved: isResolved[v.Name], Reaches: reaches[v.Name]}
		r.Problems = problems(r)
		if r.Resolved {
			report.Resolved = append(report.Resolved, r)
		} else {
			report.Unresolved = append(report.Unresolved, r)
		}
		delete(isResolved, v.Name)
	}
	report.Undeclared = slices.Sorted(maps.Keys(isResolved))
	return report
}

func problems(r VariableReport) []string {
	var out []string
	switch t := strings.TrimSpace(r.Type); t {
	case "", "string", "any":
	default:
		out = append(out, fmt.Sprintf("its type is %s, and an id is a string", t))
	}
	if r.Ephemeral {
		out = append(out, "it is ephemeral, and Terraform refuses ephemeral values in resources")
	}
	if len(r.Reaches) == 0 {
		out = append(out, "it reaches no heroku_app_release")
	}
	if want, stage, _ := slugVariable(r.Name); provider.IsStage(stage) {
		for _, reach := range r.Reaches {
			if !reach.Unfollowed && reach.Exact && reach.Attribute != want {
				out = append(out, fmt.Sprintf("it reaches %s of %s, and its name says %s", reach.Attribute, reach.Address, want))
			}
		}
	}
	if r.Resolved && len(r.Values) > 0 {
		out = append(out, fmt.Sprintf("%s sets it too, and a variable file wins over TF_VAR_%s", r.Values[len(r.Values)-1], r.Name))
	}
	return out
}

// reaches follows every release argument back to the root's variables.
// It returns false when it was cut short.
func (c *Config) reaches() (map[string][]Reach, bool) {
	var w work
	out := map[string][]Reach{}
	follow := func(n *node, b *block, a *attr, unfollowed bool) {
		exact := map[string]bool{}
		t := c.tracer(&w, func(source) {})
		t.onRoot = func(name string, e bool) { exact[name] = exact[name] || e }
		t.resolve(a.expr, nil, t.scope(n, b), true, nil)
		for name, e := range exact {
			out[name] = append(out[name], Reach{
				Address:    n.prefix() + b.address(),
				Attribute:  a.name,
				Position:   c.position(a.expr.Range()),
				Exact:      e,
				Unfollowed: unfollowed,
			})
		}
	}
	for _, n := range c.nodes {
		if n.mod == nil {
			for _, a := range n.call.attrs {
				switch a.name {
				case "source", "version", "providers", "depends_on":
				default:
					follow(n.parent, n.call, a, true)
				}
			}
			continue
		}
		for _, b := range n.mod.order {
			if b.kind != "resource" || b.labels[0] != releaseType {
				continue
			}
			for _, a := range b.attrs {
				if a.name == attrSlugID || a.name == attrOCIImage {
					follow(n, b, a, false)
				}
			}
		}
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b Reach) int {
			return cmp.Or(cmp.Compare(a.Address, b.Address), cmp.Compare(a.Attribute, b.Attribute))
		})
	}
	return out, !w.incomplete
}
