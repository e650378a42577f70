package herokutf_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// TestAdoptGolden runs testdata/adopt/*.txtar. The comment of each file says what is
// asked for, a line each:
//
//	account: NAME       heroku.json is that of NAME.txtar
//	again               the folder has what the adoption of the account wrote
//	apps: NAME ...      pipelines, teams, spaces and skip likewise
//	all                 config-association, no-config-vars and import-blocks likewise
//	file: NAME
//	fault: STATUS GET PATTERN [APP]
//	report alone        neither files nor state are compared
//
// All else there is for the reader. The files are heroku.json, what Heroku has,
// folder/NAME, the configuration of the folder, terraform.tfstate, its state, and
// other*.tfstate, others. Of the output, report has what the adoption says,
// out/NAME is a file to write, and out.tfstate the new state.
func TestAdoptGolden(t *testing.T) {
	runGolden(t, "testdata/adopt", isOutput, func(t *testing.T, archive *txtar.Archive) []txtar.File {
		return newGoldenAccount(t, archive).adopt(t)
	})
}

// runGolden compares what comes of each archive in dir with those of its files that are
// output, in their order, or rewrites them with -update.
func runGolden(t *testing.T, dir string, isOutput func(name string) bool, run func(*testing.T, *txtar.Archive) []txtar.File) {
	t.Helper()
	names, err := filepath.Glob(dir + "/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := run(t, archive)
			if flag.Lookup("update").Value.String() == "true" {
				archive.Files = append(slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return isOutput(f.Name) }), got...)
				if err := os.WriteFile(name, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			var want, names []string
			for _, f := range archive.Files {
				if isOutput(f.Name) {
					want = append(want, f.Name)
				}
			}
			for _, f := range got {
				names = append(names, f.Name)
				if diff := cmp.Diff(string(sectionOf(archive, f.Name)), string(f.Data)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", f.Name, diff)
				}
			}
			if diff := cmp.Diff(want, names); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

func isOutput(name string) bool {
	return name == "report" || name == "out.tfstate" || strings.HasPrefix(name, "out/")
}

// A goldenAccount is a Heroku, a folder and what is asked for.
type goldenAccount struct {
	server *herokutest.Server
	client *platform.Client
	state  *statefile.File // nil: none
	opts   herokutf.AdoptOptions
	alone  bool // the report is all that is compared
}

// goldenTime is when the Heroku of golden files is looked at.
var goldenTime = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// sectionOf is a file of an archive; nil if it has none of that name.
func sectionOf(archive *txtar.Archive, name string) []byte {
	for _, f := range archive.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// writtenBy are the files that an adoption has written, of an archive's files.
func writtenBy(account []txtar.File) map[string]string {
	files := make(map[string]string)
	for _, f := range account {
		if name, ok := strings.CutPrefix(f.Name, "out/"); ok {
			files[name] = strings.TrimPrefix(string(f.Data), "(secret)\n")
		}
	}
	return files
}

// faultOf is what STATUS GET PATTERN [APP] asks for.
func faultOf(t *testing.T, fields []string) herokutest.Fault {
	t.Helper()
	status, err := strconv.Atoi(fields[0])
	if err != nil {
		t.Fatal(err)
	}
	return herokutest.Fault{Route: fields[1] + " " + fields[2], App: strings.Join(fields[3:], ""), Status: status, Times: -1}
}

func newGoldenAccount(t *testing.T, archive *txtar.Archive) *goldenAccount {
	t.Helper()
	seed := sectionOf(archive, "heroku.json")
	var written []txtar.File
	g := &goldenAccount{server: herokutest.New(herokutest.Options{Clock: func() time.Time { return goldenTime }})}
	var faults []herokutest.Fault
	files := make(map[string]string)
	for line := range strings.Lines(string(archive.Comment)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch fields := strings.Fields(rest); word {
		case "account":
			account, err := txtar.ParseFile(filepath.Join("testdata", "adopt", fields[0]+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			seed = sectionOf(account, "heroku.json")
			written = account.Files
		case "again":
			maps.Copy(files, writtenBy(written))
		case "apps":
			g.opts.Apps = fields
		case "pipelines":
			g.opts.Pipelines = fields
		case "teams":
			g.opts.Teams = fields
		case "spaces":
			g.opts.Spaces = fields
		case "skip":
			g.opts.Skip = fields
		case "file":
			g.opts.File = fields[0]
		case "all":
			g.opts.All = true
		case "config-association":
			g.opts.ConfigAssociation = true
		case "no-config-vars":
			g.opts.NoConfigVars = true
		case "import-blocks":
			g.opts.ImportBlocks = true
		case "report alone":
			g.alone = true
		case "fault":
			faults = append(faults, faultOf(t, fields))
		}
	}
	if err := g.server.Load(bytes.NewReader(seed)); err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		g.server.Inject(fault)
	}
	g.client = clientOf(t, g.server)
	for _, f := range archive.Files {
		switch dir, name := path.Split(f.Name); {
		case dir == "folder/":
			files[name] = string(f.Data)
		case f.Name == "terraform.tfstate":
			g.state = parseState(t, f.Name, f.Data)
		case strings.HasPrefix(f.Name, "other"):
			g.opts.Others = append(g.opts.Others, parseState(t, f.Name, f.Data))
		}
	}
	if len(files) > 0 {
		g.opts.Config = folder(t, files)
	}
	return g
}

// adopt returns all that comes of an adoption.
func (g *goldenAccount) adopt(t *testing.T) []txtar.File {
	t.Helper()
	var report bytes.Buffer
	g.opts.Progress = func(p herokutf.DriftProgress) {
		fmt.Fprintf(&report, "progress: %d of %d apps, %d requests\n", p.Done, p.Apps, p.Requests)
	}
	a, err := herokutf.Adopt(t.Context(), g.client, g.state, g.opts)
	if err != nil {
		fmt.Fprintf(&report, "error: %v\n", err)
		var hint interface{ Hint() string }
		if errors.As(err, &hint) {
			fmt.Fprintf(&report, "hint: %s\n", hint.Hint())
		}
		return []txtar.File{{Name: "report", Data: report.Bytes()}}
	}
	fmt.Fprintf(&report, "requests: %d\n", a.Requests)
	writeObjects(t, &report, "adopted", a.Objects)
	writeObjects(t, &report, "left", a.Left)
	for _, name := range a.Pending {
		fmt.Fprintf(&report, "pending: %s\n", name)
	}
	for _, n := range a.Notes {
		fmt.Fprintf(&report, "note: %v\n", n)
	}
	for _, warning := range a.Warnings {
		if g.opts.Config != nil {
			warning = strings.ReplaceAll(warning, g.opts.Config.Dir()+string(filepath.Separator), "")
		}
		fmt.Fprintf(&report, "warning: %s\n", warning)
	}
	out := []txtar.File{{Name: "report", Data: report.Bytes()}}
	if g.alone {
		return out
	}
	for _, f := range a.Files {
		text := f.Text
		if f.Secret {
			text = "(secret)\n" + text
		}
		out = append(out, txtar.File{Name: "out/" + f.Name, Data: []byte(text)})
	}
	next, err := a.Apply(g.state)
	if err != nil {
		t.Fatal(err)
	}
	if next != g.state {
		text := next.Bytes()
		if g.state == nil { // its lineage is a new one each time
			text = bytes.Replace(text, []byte(next.Lineage()), []byte("LINEAGE"), 1)
		}
		out = append(out, txtar.File{Name: "out.tfstate", Data: text})
	}
	return out
}

// writeObjects writes objects with all that is said of them, a line each.
func writeObjects(t *testing.T, report *bytes.Buffer, title string, objects []herokutf.AdoptObject) {
	t.Helper()
	for _, o := range objects {
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		var members map[string]any
		if err := json.Unmarshal(text, &members); err != nil {
			t.Fatal(err)
		}
		maps.DeleteFunc(members, func(_ string, v any) bool { return v == "" || v == false })
		if text, err = json.Marshal(members); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(report, "%s: %s\n", title, text)
	}
}
