package herokutf_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/internal/testmode"
	"github.com/herokutf/herokutf/statefile"
)

// A mutation is a value that a test puts into a state in place of another one.
type mutation struct {
	name  string
	value any
	// path leads to the difference from the attribute; the attribute itself
	// if it is empty. verdict "" means that there is none.
	path    []any
	verdict herokutf.Verdict
}

// mutations are what may become of an attribute's value, as the rules of the
// provider's table have it. app is what Heroku says of the app.
func mutations(attr *provider.Attr, v any) []mutation {
	changed := func(name string, value any) mutation {
		return mutation{name: name, value: value, verdict: herokutf.Changed}
	}
	same := func(name string, value any) mutation { return mutation{name: name, value: value} }
	var all []mutation
	text, list, dict := provider.Text(v), asList(v), asDict(v)
	switch attr.As {
	case provider.Plan:
		service, _, _ := strings.Cut(text, ":")
		return []mutation{
			changed("another plan", service+":other"), changed("another service", "other"), same("any plan", service),
		}
	case provider.FoldCase:
		return []mutation{changed("another", text+"x"), same("upper case", strings.ToUpper(text)), same("lower case", strings.ToLower(text))}
	case provider.PEM:
		if text != "" {
			all = append(all, same("white space", " "+strings.ReplaceAll(text, " ", "\r\n  ")+"\n\n"))
			all = append(all, changed("another", text+"x"))
		}
		return all
	case provider.Timestamp:
		return []mutation{
			changed("a second later", strings.Replace(text, ":05 ", ":06 ", 1)),
			same("as the API spells it", strings.Replace(strings.Replace(text, " +0000 UTC", "Z", 1), " ", "T", 1)),
		}
	case provider.Generation:
		if text == "cedar" {
			return []mutation{changed("fir", "fir"), same("null", nil), same("empty", "")}
		}
		return []mutation{changed("cedar", "cedar")}
	case provider.InOrder, provider.AnyOrder, provider.Set:
		all = append(all, changed("one more", append(slices.Clone(list), another(list))))
		if len(list) > 0 {
			all = append(all, changed("one less", slices.Clone(list)[1:]))
		} else {
			all = append(all, same("null", nil), same("no elements", []any{}))
		}
		if len(list) > 1 {
			turned := slices.Clone(list)
			slices.Reverse(turned)
			if attr.As != provider.InOrder {
				all = append(all, same("another order", turned))
			} else {
				all = append(all, changed("another order", turned))
			}
		}
		return all
	case provider.Mapping, provider.ManagedKeys:
		more := maps.Clone(dict)
		if more == nil {
			more = make(map[string]any)
		}
		more["ADDED_KEY"] = "value"
		all = append(all, mutation{"one more", more, []any{"ADDED_KEY"}, herokutf.Changed})
		if len(dict) == 0 {
			return append(all, same("null", nil), same("no keys", map[string]any{}))
		}
		key := slices.Sorted(maps.Keys(dict))[0]
		other := maps.Clone(dict)
		other[key] = provider.Text(dict[key]) + "x"
		all = append(all, mutation{"another value", other, []any{key}, herokutf.Changed})
		less := maps.Clone(dict)
		delete(less, key)
		if attr.As == provider.ManagedKeys {
			return append(all, same("one less", less))
		}
		return append(all, mutation{"one less", less, []any{key}, herokutf.Changed})
	}
	switch v := v.(type) {
	case bool:
		all = append(all, changed("the other", !v))
		if !v {
			all = append(all, same("null", nil))
		}
	case json.Number:
		n, _ := v.Int64()
		all = append(all, changed("one more", n+1))
		if n == 0 {
			all = append(all, same("null", nil))
		}
	case nil, string:
		all = append(all, changed("another", text+"x"))
		if text == "" {
			all = append(all, same("null", nil), same("empty", ""))
		}
	}
	return all
}

func asList(v any) []any { list, _ := v.([]any); return list }

func asDict(v any) map[string]any { dict, _ := v.(map[string]any); return dict }

// another is an element like those of a list.
func another(list []any) any {
	if len(list) > 0 {
		if block, ok := list[0].(map[string]any); ok {
			block = maps.Clone(block)
			for name := range block {
				block[name] = provider.Text(block[name]) + "x"
			}
			return block
		}
	}
	return "another"
}

// holder returns what directly holds an attribute of the table and the path to
// the attribute; nil if the state doesn't have it.
func holder(attrs map[string]any, name string) (map[string]any, string, []any) {
	top, rest, nested := strings.Cut(name, ".")
	v, ok := attrs[top]
	switch {
	case !ok:
		return nil, "", nil
	case !nested:
		return attrs, top, []any{top}
	}
	path := []any{top}
	if list, ok := v.([]any); ok {
		if len(list) == 0 {
			return nil, "", nil
		}
		v, path = list[0], append(path, 0)
	}
	block, ok := v.(map[string]any)
	if !ok {
		return nil, "", nil
	}
	if _, ok := block[rest]; !ok {
		return nil, "", nil
	}
	return block, rest, append(path, rest)
}

// flatPath is a path in flat attributes.
func flatPath(path []any) statefile.Path {
	var steps []string
	for _, step := range path {
		steps = append(steps, fmt.Sprint(step))
	}
	return statefile.Path{strings.Join(steps, ".")}
}

// TestDriftAttributes changes every attribute of every object in the ways that
// its kind knows, one of each object at a time, and has Heroku stay as it was.
func TestDriftAttributes(t *testing.T) {
	compared := make(map[string]bool)
	for _, name := range driftStates {
		for _, flat := range []bool{false, true} {
			if flat && name != "corners" && !testmode.Full() {
				continue // the corners have each attribute
			}
			t.Run(fmt.Sprintf("%s/flat=%t", name, flat), func(t *testing.T) {
				testAttributes(t, name, flat, compared)
			})
		}
	}
	for res := range provider.All() {
		for i := range res.Attrs {
			attr := &res.Attrs[i]
			switch attr.As {
			case provider.Known, provider.Snapshot:
				continue // snapshots need no example: nothing reads them
			case provider.AppReference:
				if attr.Live == "" {
					continue
				}
			}
			if key := res.Mode + " " + res.Type + "." + attr.Name; !compared[key] {
				t.Errorf("%s is in none of the states", key)
			}
		}
	}
}

func testAttributes(t *testing.T, name string, flat bool, compared map[string]bool) {
	state := decodeState(t, stateText(t, name))
	parse := func() *statefile.File {
		if flat {
			return state.flat().parse(t)
		}
		return state.parse(t)
	}
	s, _ := matching(t, parse())
	for _, round := range attributeRounds(state, compared) {
		for i := range round {
			// An empty list may be null in flat attributes.
			if ch := &round[i]; flat && ch.attr.If.Has(provider.IfKept) && provider.Empty(ch.value) {
				ch.verdict = ""
			}
		}
		want := append(notInSync(name), wanted(round, flat)...)
		swap(round)
		f := parse()
		swap(round)
		report := detect(t, s, driftClient(t, s), herokutf.DriftOptions{}, f)
		got := reported(report)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after %s (-want +got):\n%s", described(round), diff)
			continue
		}
		for i := range round {
			if round[i].verdict == herokutf.Changed {
				checkDifference(t, objectAt(t, report, round[i].inst.address()), round[i].attr)
			}
		}
	}
}

// An attributeChange is a mutation of one attribute of a state.
type attributeChange struct {
	inst  *treeInstance
	attr  *provider.Attr
	block map[string]any
	at    string
	path  []any // to the difference
	mutation
}

// attributeRounds returns all mutations of a state: each round changes at most
// one attribute of an object. It notes in compared what it has changed.
func attributeRounds(state tree, compared map[string]bool) [][]attributeChange {
	var rounds [][]attributeChange
	for _, inst := range state.instances() {
		res, ok := provider.Lookup(inst.text("mode"), inst.text("type"))
		if _, deposed := inst.instance["deposed"]; !ok || deposed {
			continue
		}
		n := 0
		for i := range res.Attrs {
			attr := &res.Attrs[i]
			block, member, path := holder(inst.attrs, attr.Name)
			if block == nil || attr.As == provider.Known || attr.As == provider.AppReference && attr.Live == "" {
				continue
			}
			compared[res.Mode+" "+res.Type+"."+attr.Name] = true
			for _, m := range attributeMutations(state, inst, res, attr, block[member]) {
				if n == len(rounds) {
					rounds = append(rounds, nil)
				}
				rounds[n] = append(rounds[n], attributeChange{inst, attr, block, member, slices.Concat(path, m.path), m})
				n++
			}
		}
	}
	return rounds
}

// swap makes the changes of a round, and takes them back when called again.
func swap(round []attributeChange) {
	for i := range round {
		ch := &round[i]
		ch.block[ch.at], ch.value = ch.value, ch.block[ch.at]
	}
}

// wanted are the lines that are to be reported of a round.
func wanted(round []attributeChange, flat bool) []string {
	var want []string
	for i := range round {
		ch := &round[i]
		at := statefile.Path(ch.path)
		if flat {
			at = flatPath(ch.path)
		}
		switch ch.verdict {
		case "":
		case herokutf.Missing:
			want = append(want, fmt.Sprintf("%s %s", ch.verdict, ch.inst.address()))
		default:
			want = append(want, fmt.Sprintf("%s %s %s", ch.verdict, ch.inst.address(), at))
		}
	}
	return want
}

func described(round []attributeChange) string {
	var made []string
	for i := range round {
		made = append(made, fmt.Sprintf("%s.%s: %s", round[i].inst.address(), round[i].attr.Name, round[i].name))
	}
	return strings.Join(made, ", ")
}

// checkDifference: a secret is a fingerprint, everything else what it is.
func checkDifference(t *testing.T, o *herokutf.DriftObject, attr *provider.Attr) {
	t.Helper()
	d := &o.Differences[0]
	if d.Sensitive != attr.Secret {
		t.Errorf("%s.%s: Sensitive is %t", o.Address, attr.Name, d.Sensitive)
	}
	for _, v := range []any{d.State, d.Live} {
		if text, _ := v.(string); attr.Secret && v != nil && !strings.HasPrefix(text, "secret:") {
			t.Errorf("%s.%s: no fingerprint but %v", o.Address, attr.Name, v)
		}
	}
}

// attributeMutations are the mutations of an attribute, and what the rules about
// the whole object make of them.
func attributeMutations(state tree, inst *treeInstance, res *provider.Resource, attr *provider.Attr, v any) []mutation {
	all := mutations(attr, v)
	silence := func() {
		for i := range all {
			all[i].verdict, all[i].path = "", nil
		}
	}
	text := func(name string) string {
		block, member, _ := holder(inst.attrs, name)
		return provider.Text(block[member])
	}
	rename := func(name string) []mutation {
		return []mutation{{name: "renamed", value: name, verdict: herokutf.Renamed}}
	}
	switch {
	case !attr.As.Compared():
		silence()
	case attr.As == provider.AppReference:
		return nil // see TestDriftMoved
	case attr.If.Has(provider.IfInstallations) && text("generation") == "fir":
		silence()
	case slices.ContainsFunc(state.instances(), func(i *treeInstance) bool { return attr.Elsewhere != "" && i.text("type") == attr.Elsewhere }):
		silence()
	case res.Type == "heroku_pipeline_promotion" && attr.Name == "source_app_id":
		// A promotion doesn't go with the app that it came from.
		all = []mutation{{name: "gone", value: "00000000-0000-4000-8000-00000000dead", verdict: herokutf.Changed}}
	case attr.As == provider.Region:
		all = []mutation{{name: "another", value: "tokyo", verdict: herokutf.Changed}}
	case attr.As == provider.AppName && attr.Name == "name":
		return rename("another-name")
	case attr.As == provider.Running:
		if provider.Empty(v) {
			return nil // the other one of slug and image is reported
		}
		releases := slices.ContainsFunc(state.instances(), func(i *treeInstance) bool {
			return i.text("type") == "heroku_app_release" && slices.Contains([]any{i.attrs["app"], i.attrs["app_id"]}, cmpOr(inst.attrs["app_id"], inst.attrs["app"]))
		})
		if !res.Origin.Current && releases {
			silence() // the release says what is to run
		}
	case res.Type == "heroku_team_member" && attr.Name == "email":
		// Its email is what a member is known by.
		return []mutation{{name: "somebody else", value: "else@example.com", verdict: herokutf.Missing}}
	case attr.If.Has(provider.IfLive) && provider.Empty(v), attr.If.Has(provider.IfNoPath) && text("source.path") != "":
		silence() // Heroku has nothing there
	case attr.If.Has(provider.IfKept):
		all = append(all, mutation{name: "null", value: nil})
	case attr.If.Has(provider.IfSet) && provider.Empty(v):
		return all[1:]
	}
	return all
}

func cmpOr(a, b any) any {
	if a != nil {
		return a
	}
	return b
}
