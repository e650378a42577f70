package herokutf_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/internal/testmode"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
)

// byteClass is what a byte of a state belongs to.
type byteClass byte

const (
	structure byteClass = iota // a brace, bracket, comma, colon or quote
	keyText
	valueText
	escape // in a string, as a whole
	number
	literal // true, false, null
	space
)

// A byteRun is a longest part of a text that is of one class. A structural
// character and an escape stand alone.
type byteRun struct {
	start, end int
	class      byteClass
}

// byteRuns splits a text that is JSON.
func byteRuns(data []byte) []byteRun {
	var runs []byteRun
	quoted, first := false, 0 // in a string, whose first run is that one
	for at := 0; at < len(data); {
		run := byteRun{start: at, end: at + 1}
		until := func(class byteClass, in func(c byte) bool) {
			run.class = class
			for run.end < len(data) && in(data[run.end]) {
				run.end++
			}
		}
		switch c := data[at]; {
		case c == '"':
			if quoted = !quoted; quoted {
				first = len(runs)
			}
		case quoted && c == '\\':
			run.class, run.end = escape, at+2
			if data[at+1] == 'u' {
				run.end = at + 6
			}
		case quoted:
			until(valueText, func(c byte) bool { return c != '"' && c != '\\' })
		case c == ':':
			for i := first; i < len(runs); i++ {
				if runs[i].class == valueText {
					runs[i].class = keyText
				}
			}
		case strings.IndexByte(" \t\r\n", c) >= 0:
			until(space, func(c byte) bool { return strings.IndexByte(" \t\r\n", c) >= 0 })
		case c == '-' || c >= '0' && c <= '9':
			until(number, func(c byte) bool { return strings.IndexByte("+-.eE0123456789", c) >= 0 })
		case c >= 'a' && c <= 'z':
			until(literal, func(c byte) bool { return c >= 'a' && c <= 'z' })
		}
		runs = append(runs, run)
		at = run.end
	}
	return runs
}

// inPlace are bytes of each class, and one that is in no text.
var inPlace = []string{"{", "]", ",", `"`, "a", `\n`, "7", "null", " ", "\x00", "\xff"}

// A textMutation is one of the texts that are made of each run.
type textMutation struct {
	name string
	make func(data []byte, runs []byteRun, i int) []byte
}

func textMutations() []textMutation {
	splice := func(data []byte, start, end int, with ...[]byte) []byte {
		return slices.Concat(data[:start], slices.Concat(with...), data[end:])
	}
	swap := func(data []byte, a, b byteRun) []byte {
		return splice(data, a.start, b.end, data[b.start:b.end], data[a.end:b.start], data[a.start:a.end])
	}
	all := []textMutation{
		{"cut before", func(data []byte, runs []byteRun, i int) []byte { return data[:runs[i].start] }},
		{"doubled", func(data []byte, runs []byteRun, i int) []byte {
			return splice(data, runs[i].end, runs[i].end, data[runs[i].start:runs[i].end])
		}},
		{"removed", func(data []byte, runs []byteRun, i int) []byte { return splice(data, runs[i].start, runs[i].end) }},
		{"swapped with the next", func(data []byte, runs []byteRun, i int) []byte {
			if i+1 == len(runs) {
				return nil
			}
			return swap(data, runs[i], runs[i+1])
		}},
		// These are still JSON, and most of them still a state.
		{"swapped with the next of its class", func(data []byte, runs []byteRun, i int) []byte {
			for _, next := range runs[i+1:] {
				if next.class == runs[i].class {
					return swap(data, runs[i], next)
				}
			}
			return nil
		}},
		{"the next of its class in its place", func(data []byte, runs []byteRun, i int) []byte {
			for _, next := range runs[i+1:] {
				if next.class == runs[i].class {
					return splice(data, runs[i].start, runs[i].end, data[next.start:next.end])
				}
			}
			return nil
		}},
	}
	for _, text := range inPlace {
		all = append(all, textMutation{fmt.Sprintf("replaced by %q", text), func(data []byte, runs []byteRun, i int) []byte {
			return splice(data, runs[i].start, runs[i].end, []byte(text))
		}})
	}
	return all
}

// mutationStates are the states to change: those of the provider, one with what
// none of them has, and that in the older forms.
func mutationStates(t *testing.T) map[string][]byte {
	all := make(map[string][]byte)
	for _, name := range driftStates {
		all[name] = stateText(t, name)
	}
	corners := decodeState(t, all["corners"])
	all["corners, flat"] = corners.flat().encode(t)
	all["corners, version 3"] = corners.version3().encode(t)
	maps.Copy(all, shapes(t))
	return all
}

// shapes are made-up states in the forms that states of several years have: module trees of
// version 3, Terraform 0.12, several providers.
func shapes(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("statefile/testdata/shapes/*.tfstate")
	if err != nil || len(files) < 3 {
		t.Fatalf("shapes: %v, %v", files, err)
	}
	all := make(map[string][]byte)
	for _, file := range files {
		if all[filepath.Base(file)], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestRenameShapes: each app is renamed and renamed back. Nothing changes that isn't
// listed, and in the end the serial alone is another.
func TestRenameShapes(t *testing.T) {
	for name, data := range shapes(t) {
		apps := 0
		f := parseState(t, name, data)
		for inst := range f.Instances() {
			if inst.Type != "heroku_app" || inst.Mode != statefile.Managed {
				continue
			}
			apps++
			old, _ := inst.Attr("name")
			id, _ := inst.Attr("uuid")
			url, _ := inst.Attr("web_url")
			rename := func(f *statefile.File, to herokutf.Rename) *statefile.File {
				repair, err := herokutf.RepairRename(f, to)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				after, err := repair.Apply()
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if after == f {
					t.Errorf("%s: nothing was renamed of %s", name, inst.Address())
				}
				checkListed(t, f, after, repair.Changes)
				return after
			}
			there := rename(f, herokutf.Rename{ID: id.Text(), Old: old.Text(), New: "renamed-app", WebURL: "https://renamed-app-ba9876543210.herokuapp.com/"})
			back := rename(there, herokutf.Rename{ID: id.Text(), Old: "renamed-app", New: old.Text(), WebURL: url.Text()})
			same, err := f.RaiseSerial(name, there.Serial())
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(back.Bytes(), same.Bytes()) {
				t.Errorf("%s: %s renamed and renamed back is another state", name, inst.Address())
			}
		}
		if apps < 3 {
			t.Errorf("%s: %d apps", name, apps)
		}
	}
}

// TestMutatedStates changes states in every class of bytes, at every boundary of
// a class. Whatever comes of it, each verb gives an error or what is right of
// that text: no panic, no edit that isn't listed, and nothing is lost.
//
// By default that is a small sample, in a full run a larger one. HEROKUTF_MUTATIONS
// is how many texts to make of each state, or all; those are about 800,000, and
// take some ten minutes of a processor.
func TestMutatedStates(t *testing.T) {
	t.Parallel()
	sample, compareEach := 60, 6 // texts of each state, and which of those that parse are compared with Heroku
	if testmode.Full() {
		sample, compareEach = 250, 10
	}
	switch text := os.Getenv("HEROKUTF_MUTATIONS"); text {
	case "":
	case "all":
		sample, compareEach = math.MaxInt, 200
	default:
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("HEROKUTF_MUTATIONS: %q is neither a number of texts nor all", text)
		}
		sample, compareEach = n, max(10, min(n/50, 200))
	}
	mutations := textMutations()
	states := mutationStates(t)
	for _, name := range slices.Sorted(maps.Keys(states)) {
		t.Run(name, func(t *testing.T) {
			data := states[name]
			m := newMutated(t, data)
			runs := byteRuns(data)
			total := len(runs) * len(mutations)
			step := max(total/sample, 1)
			// Each mutation in turn, whatever the step is.
			for step > 1 && step%len(mutations) == 0 {
				step++
			}
			for n := 0; n < total; n += step {
				i, mutation := n/len(mutations), mutations[n%len(mutations)]
				text := mutation.make(data, runs, i)
				if text == nil || bytes.Equal(text, data) {
					continue
				}
				m.compare = m.parsed%compareEach == compareEach-1
				at := runs[i]
				m.check(t, text, func() string {
					return fmt.Sprintf("run %d, %q at %d, %s", i, data[at.start:at.end], at.start, mutation.name)
				})
				if t.Failed() {
					t.FailNow()
				}
			}
			t.Logf("%d texts of %d runs: %d parsed; edited: %d by a rename, %d by an upgrade; %d compared with Heroku, %d accepted",
				m.texts, len(runs), m.parsed, m.renamed, m.upgraded, m.compared, m.accepted)
			if m.parsed == 0 || m.renamed == 0 || m.compared == 0 || m.accepted == 0 {
				t.Error("the mutations don't come to everything")
			}
		})
	}
}

// mutated checks mutations of one state.
type mutated struct {
	server  *fake
	client  *platform.Client
	rename  herokutf.Rename // of an app of the state
	compare bool            // compare this one with Heroku

	texts, parsed, renamed, upgraded, compared, accepted int
}

// newMutated makes a Heroku from which the state has drifted a little: other
// config vars and formations than it says.
func newMutated(t *testing.T, data []byte) *mutated {
	f := parseState(t, "test.tfstate", data)
	s, c := matching(t, f)
	for _, a := range s.Snapshot().Apps {
		for _, p := range a.Formation {
			s.Scale(a.Name, p.Type, p.Quantity+1, "")
		}
		for name := range a.ConfigVars {
			s.SetConfigVars(a.Name, map[string]string{name: "drifted"})
		}
	}
	m := &mutated{server: s, client: c}
	for inst := range f.Instances() {
		if inst.Type == "heroku_app" && inst.Mode == statefile.Managed && m.rename.Old == "" {
			name, _ := inst.Attr("name")
			id, _ := inst.Attr("uuid")
			m.rename = herokutf.Rename{ID: id.Text(), Old: name.Text(), New: "renamed-app", WebURL: "https://renamed-app-ba9876543210.herokuapp.com/"}
		}
	}
	return m
}

func (m *mutated) check(t *testing.T, text []byte, what func() string) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("%s", what())
			panic(r)
		}
		if t.Failed() {
			t.Log(what())
		}
	}()
	m.texts++
	given := bytes.Clone(text)
	f, err := statefile.Parse("test.tfstate", text)
	if err != nil {
		if f != nil {
			t.Errorf("a file beside error %v", err)
		}
		return
	}
	m.parsed++
	if !json.Valid(bytes.TrimPrefix(given, []byte("\xef\xbb\xbf"))) {
		t.Error("it parses, and is no JSON")
	}
	if repair, err := herokutf.RepairRename(f, m.rename); err == nil {
		if m.applied(t, f, repair.Changes, repair.Apply) {
			m.renamed++
		}
	}
	if repair, err := herokutf.UpgradeAppIDs(f, herokutf.UpgradeOptions{AppIDs: map[string]string{m.rename.Old: m.rename.ID}}); err == nil {
		if m.applied(t, f, repair.Changes, repair.Apply) {
			m.upgraded++
		}
	}
	if m.compare {
		m.compareWithHeroku(t, f)
	}
	if !bytes.Equal(f.Bytes(), given) {
		t.Error("the text was changed in place")
	}
}

// applied makes the changes, and holds what came of them against their list.
func (m *mutated) applied(t *testing.T, f *statefile.File, changes []herokutf.Change, apply func() (*statefile.File, error)) bool {
	t.Helper()
	after, err := apply()
	if err != nil {
		t.Errorf("apply: %v", err)
		return false
	}
	checkListed(t, f, after, changes)
	return after != f
}

// compareWithHeroku detects drift, accepts it, and looks again.
func (m *mutated) compareWithHeroku(t *testing.T, f *statefile.File) {
	t.Helper()
	m.compared++
	detect := func(f *statefile.File) *herokutf.DriftReport {
		t.Helper()
		m.server.SetRateLimit(herokutest.BucketSize)
		drift, err := herokutf.DetectDrift(t.Context(), m.client, f, herokutf.DriftOptions{Unmanaged: m.compared%4 == 0})
		if err != nil {
			t.Fatalf("detect: %v", err)
		}
		return drift
	}
	drift := detect(f)
	for _, format := range report.Formats() {
		if err := report.Write(io.Discard, drift, format, report.Options{}); err != nil {
			t.Errorf("write %v: %v", format, err)
		}
	}
	acceptance, err := drift.Accept(f)
	if err != nil {
		t.Fatalf("accept: %v", err)
	}
	after, err := acceptance.Apply()
	if err != nil {
		t.Errorf("apply what is accepted: %v", err)
		return
	}
	checkListed(t, f, after, acceptance.Changes)
	if after == f {
		return
	}
	m.accepted++
	again := detect(after)
	second, err := again.Accept(after)
	if err != nil {
		t.Fatalf("accept again: %v", err)
	}
	for _, c := range second.Changes {
		t.Errorf("accepted, and then again: %s %s", c.Address, c.Path)
	}
}

// checkListed: every value that differs is one that is listed, the serial is
// raised, and what isn't in an instance is as it was.
func checkListed(t *testing.T, before, after *statefile.File, changes []herokutf.Change) {
	t.Helper()
	if len(changes) == 0 {
		if after != before {
			t.Error("nothing is listed, and it is another file")
		}
		return
	}
	if after == before {
		t.Error("changes are listed, and none was made")
		return
	}
	listed := make(map[string][]string) // path by address
	for _, c := range changes {
		listed[c.Address] = append(listed[c.Address], flatSteps(c.Path))
	}
	is := func(address, path string) bool {
		// A list and a map in flat attributes have their sizes beside them.
		base := strings.TrimSuffix(strings.TrimSuffix(path, ".#"), ".%")
		return slices.ContainsFunc(listed[address], func(at string) bool {
			return path == at || strings.HasPrefix(path, at+".") || base != path && (base == at || strings.HasPrefix(at, base+"."))
		})
	}
	old, new := slices.Collect(before.Instances()), slices.Collect(after.Instances())
	if len(old) != len(new) {
		t.Errorf("%d instances became %d", len(old), len(new))
		return
	}
	for i := range old {
		address := old[i].Address()
		if got := new[i].Address(); got != address {
			t.Errorf("%s became %s", address, got)
		}
		if listed[address] == nil {
			if !bytes.Equal(raw(old[i].Attributes()), raw(new[i].Attributes())) {
				t.Errorf("%s isn't listed, and differs", address)
			}
			continue
		}
		left, right := scalarsOf(old[i], is), scalarsOf(new[i], is)
		if !slices.Equal(left, right) {
			t.Errorf("%s: what isn't listed differs; listed: %q\nbefore %q\nafter  %q", address, listed[address], left, right)
		}
	}
	left, right := outside(before, old), outside(after, new)
	left = strings.Replace(left, `"serial":null`, `"serial":`, 1)
	// Where the document had no serial, it was added.
	const serial = `,"serial":`
	for i := 0; len(right)-len(left) == len(serial); i++ {
		at := strings.Index(right[i:], serial)
		if at < 0 {
			break
		}
		if i += at; right[:i]+right[i+len(serial):] == left {
			right = left
		}
	}
	if left != right {
		t.Errorf("outside of the instances it was\n%s\nand is\n%s", left, right)
	}
}

func raw(v statefile.Value) []byte {
	if v.Kind() == 0 {
		return nil
	}
	return v.Raw()
}

// flatSteps writes a path as flat attributes spell it.
func flatSteps(path statefile.Path) string {
	var steps []string
	for _, step := range path {
		steps = append(steps, fmt.Sprint(step))
	}
	return strings.Join(steps, ".")
}

// scalarsOf are the values of an instance but those that are listed.
func scalarsOf(inst *statefile.Instance, listed func(address, path string) bool) []string {
	var all []string
	address := inst.Address()
	for path, v := range inst.Scalars() {
		if at := flatSteps(path); !listed(address, at) {
			all = append(all, at+"="+string(v.Raw()))
		}
	}
	return all
}

// outside is the text without the attributes of instances, without white space
// and without numbers: the serial and schema versions may change, and in version
// 3 the ids, which stand before or behind the attributes.
func outside(f *statefile.File, instances []*statefile.Instance) string {
	data := bytes.Clone(f.Bytes())
	for _, inst := range instances {
		if v := inst.Attributes(); v.Kind() != 0 {
			for i := v.Offset(); i < v.Offset()+len(v.Raw()); i++ {
				data[i] = ' '
			}
		}
		if f.Version() == 3 {
			for path, v := range inst.Scalars() {
				if len(path) == 1 && path[0] == "id" {
					for i := v.Offset(); i < v.Offset()+len(v.Raw()); i++ {
						data[i] = ' '
					}
				}
			}
		}
	}
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, string(data))
}

// The classes are found as they are meant.
func TestByteRuns(t *testing.T) {
	const text = `{"a\n":"é\u00e9x", "n": [-1.5e+3,true],"":null}`
	var got strings.Builder
	names := map[byteClass]string{structure: "", keyText: "k", valueText: "v", escape: "e", number: "n", literal: "l", space: "s"}
	at := 0
	for _, run := range byteRuns([]byte(text)) {
		if run.start != at {
			t.Fatalf("a run begins at %d, the one before ends at %d", run.start, at)
		}
		at = run.end
		if run.class != structure {
			fmt.Fprintf(&got, "%s(%s)", names[run.class], text[run.start:run.end])
		}
	}
	if want := `k(a)e(\n)v(é)e(\u00e9)v(x)s( )k(n)s( )n(-1.5e+3)l(true)l(null)`; got.String() != want || at != len(text) {
		t.Errorf("got %s up to %d, want %s", got.String(), at, want)
	}
}
