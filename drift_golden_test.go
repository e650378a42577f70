package herokutf_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/ignore"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// TestDriftGolden runs testdata/drift/*.txtar. The comment of each file says what is
// asked for, a line each:
//
//	state: NAME         the state of release NAME, and a Heroku that is as it says
//	adopted             the state and the Heroku of testdata/adopt/all.txtar
//	configured          the configuration that comes of it
//	send: WHO METHOD PATH [BODY]
//	fault: STATUS GET PATTERN [APP]
//	unmanaged           blame, imports and foresee likewise
//	only: KIND ...      show likewise, names of config vars
//	accept: ADDRESS ... accept alone is all of them
//
// All else there is for the reader. The files are *.tfstate, further states, folder/NAME,
// the configuration of the folder, ignore, rules, and plan.json. Of the output, report is
// the report, imports.tf, and accepted what has to change.
func TestDriftGolden(t *testing.T) {
	isOutput := func(name string) bool { return slices.Contains([]string{"report", "imports.tf", "accepted"}, name) }
	runGolden(t, "testdata/drift", isOutput, func(t *testing.T, archive *txtar.Archive) []txtar.File {
		return newGoldenDrift(t, archive).run(t)
	})
}

// A goldenDrift is a Heroku, states, and what is asked for.
type goldenDrift struct {
	server *herokutest.Server
	client *platform.Client
	files  []*statefile.File
	opts   herokutf.DriftOptions
	plan   *tfjson.Plan // nil: none

	imports, foresee, accept bool
	addresses                []string // to accept; nil: all
}

func newGoldenDrift(t *testing.T, archive *txtar.Archive) *goldenDrift {
	t.Helper()
	now := goldenTime
	opts := herokutest.Options{Clock: func() time.Time { return now }}
	g := &goldenDrift{opts: herokutf.DriftOptions{Key: []byte("a key of the test"), Now: goldenTime}}
	var sent []string
	var configuration map[string]string
	var faults []herokutest.Fault
	for line := range strings.Lines(string(archive.Comment)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch fields := strings.Fields(rest); word {
		case "state":
			g.files = append(g.files, readState(t, fields[0]))
			g.server, _ = matchingUnder(t, opts, g.files...)
		case "adopted":
			account, err := txtar.ParseFile("testdata/adopt/all.txtar")
			if err != nil {
				t.Fatal(err)
			}
			g.files = append(g.files, parseState(t, "terraform.tfstate", sectionOf(account, "out.tfstate")))
			g.server = herokutest.New(opts)
			if err := g.server.Load(bytes.NewReader(sectionOf(account, "heroku.json"))); err != nil {
				t.Fatal(err)
			}
			configuration = writtenBy(account.Files)
		case "configured":
			g.opts.Config = folder(t, configuration)
		case "send":
			sent = append(sent, strings.TrimSpace(rest))
		case "fault":
			faults = append(faults, faultOf(t, fields))
		case "unmanaged":
			g.opts.Unmanaged = true
		case "blame":
			g.opts.Blame = true
		case "imports":
			g.imports = true
		case "foresee":
			g.foresee = true
		case "only":
			g.opts.Only = fields
		case "show":
			g.opts.ShowVars = fields
		case "accept":
			g.accept, g.addresses = true, fields
		}
	}
	for _, who := range []string{"ann", "bob"} {
		g.server.AddAccount(herokutest.Account{Email: who + "@example.com", Tokens: []string{who}})
	}
	for _, request := range sent {
		now = now.Add(time.Hour)
		part := append(strings.SplitN(request, " ", 4), "")
		sendAs(t, g.server, part[0], part[1], part[2], part[3])
	}
	for _, fault := range faults {
		g.server.Inject(fault)
	}
	g.client = driftClient(t, g.server)
	g.readFiles(t, archive)
	return g
}

// readFiles reads further states, the configuration, the rules and the plan.
func (g *goldenDrift) readFiles(t *testing.T, archive *txtar.Archive) {
	t.Helper()
	folderFiles := make(map[string]string)
	for _, f := range archive.Files {
		switch dir, name := path.Split(f.Name); {
		case dir == "folder/":
			folderFiles[name] = string(f.Data)
		case path.Ext(name) == ".tfstate":
			g.files = append(g.files, parseState(t, name, f.Data))
		case name == "ignore":
			rules, err := ignore.Parse(name, f.Data)
			if err != nil {
				t.Fatal(err)
			}
			g.opts.Ignore = rules
		case name == "plan.json":
			g.plan = new(tfjson.Plan)
			if err := json.Unmarshal(f.Data, g.plan); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(folderFiles) > 0 {
		g.opts.Config = folder(t, folderFiles)
	}
}

// run returns all that comes of a comparison.
func (g *goldenDrift) run(t *testing.T) []txtar.File {
	t.Helper()
	var text bytes.Buffer
	g.opts.Progress = func(p herokutf.DriftProgress) {
		fmt.Fprintf(&text, "progress: %d of %d apps, %d requests\n", p.Done, p.Apps, p.Requests)
	}
	report := detect(t, g.server, g.client, g.opts, g.files...)
	if g.foresee {
		report.Foresee(g.plan)
	}
	writeReport(t, &text, report)
	out := []txtar.File{{Name: "report", Data: text.Bytes()}}
	if g.imports {
		var imports bytes.Buffer
		if err := report.WriteImports(&imports); err != nil {
			t.Fatal(err)
		}
		out = append(out, txtar.File{Name: "imports.tf", Data: imports.Bytes()})
	}
	if g.accept {
		var accepted bytes.Buffer
		for _, f := range g.files {
			a, err := report.Accept(f, g.addresses...)
			if err != nil {
				fmt.Fprintf(&accepted, "%s: error: %v\n", f.Name(), err)
				continue
			}
			writeAcceptance(t, &accepted, a)
		}
		out = append(out, txtar.File{Name: "accepted", Data: accepted.Bytes()})
	}
	return out
}

// writeReport writes what the JSON of a report says, an object on a line, without empty
// members. The report that is read back has to be the same.
func writeReport(t *testing.T, w *bytes.Buffer, report *herokutf.DriftReport) {
	t.Helper()
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var back herokutf.DriftReport
	if err := json.Unmarshal(text, &back); err != nil || !back.Equal(report) {
		t.Errorf("the report that was read back is another one: %v\n%s", err, cmp.Diff(report, &back))
	}
	var read struct {
		Summary  json.RawMessage
		Requests int
		Objects  []map[string]any
		Notes    []string
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(w, "summary: %s\nrequests: %d\n", read.Summary, read.Requests)
	for _, o := range read.Objects {
		maps.DeleteFunc(o, func(_ string, v any) bool {
			list, ok := v.([]any)
			return v == "" || ok && len(list) == 0
		})
		var line bytes.Buffer
		enc := json.NewEncoder(&line)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(o); err != nil {
			t.Fatal(err)
		}
		w.Write(line.Bytes())
	}
	for _, note := range read.Notes {
		fmt.Fprintf(w, "note: %s\n", note)
	}
}

// writeAcceptance writes what changes, what is left, and what the state and the
// configuration have afterwards.
func writeAcceptance(t *testing.T, w *bytes.Buffer, a *herokutf.Acceptance) {
	t.Helper()
	after, err := a.Apply()
	if err != nil {
		t.Fatal(err)
	}
	changed := make(map[string]bool)
	for _, c := range a.Changes {
		fmt.Fprintf(w, "%s: change %s\n", a.File.Name(), c)
		changed[c.Address] = true
	}
	for _, l := range a.Left {
		fmt.Fprintf(w, "%s: left %s %s: %s\n", a.File.Name(), l.Address, l.Path, l.Reason)
	}
	for inst := range after.Instances() {
		if changed[inst.Address()] {
			fmt.Fprintf(w, "%s: %s\n%s\n", a.File.Name(), inst.Address(), inst.Attributes().Raw())
		}
	}
	if a.Config == nil || a.Config.Files == nil {
		return
	}
	for _, c := range a.Config.Changes {
		fmt.Fprintf(w, "configuration: %s %s: %v -> %v settled %v: %s\n", c.Address, c.Path, c.Old, c.New, c.Settled, strings.ReplaceAll(c.Reason, filepath.Dir(a.Config.Files[0].Path)+string(filepath.Separator), ""))
	}
	for _, f := range a.Config.Files {
		fmt.Fprintf(w, "configuration: %s\n%s", filepath.Base(f.Path), f.New)
	}
}
