package herokutf

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/herokutf/herokutf/statefile"
)

var updateGolden = flag.Bool("update", false, "rewrite the wanted sections of testdata/rename/*.txtar")

// TestRenameGolden runs testdata/rename/*.txtar. The comment of each file says
// what is asked for, in lines beginning with "rename:" (OLD=NEW, and id=UUID
// and url=URL if known), "appid:" (NAME=UUID) and "to-ids"; all else there is
// for the reader. "once" says that a second run does something else.
func TestRenameGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/rename/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sections := make(map[string]string)
			for _, f := range archive.Files {
				sections[f.Name] = string(f.Data)
			}
			asked := parseGolden(t, string(archive.Comment))
			in := parseState(t, "in.tfstate", sections["in.tfstate"])
			repair, err := asked.run(in)
			report, out := describe(repair, err), ""
			if err == nil && repair.Changes != nil {
				after, err := repair.Apply()
				if err != nil {
					t.Fatal(err)
				}
				out = string(after.Bytes())
				again, err := asked.run(after)
				if err != nil && !asked.once {
					t.Errorf("second run: %v", err)
				} else if !asked.once && again.Changes != nil {
					t.Errorf("second run: %d changes, first %v; want none", len(again.Changes), again.Changes[0])
				}
			}
			if *updateGolden {
				archive.Files = []txtar.File{{Name: "in.tfstate", Data: []byte(sections["in.tfstate"])}, {Name: "report", Data: []byte(report)}}
				if out != "" {
					archive.Files = append(archive.Files, txtar.File{Name: "out.tfstate", Data: []byte(out)})
				}
				if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(sections["report"], report); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(sections["out.tfstate"], out); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
		})
	}
}

type golden struct {
	opts        UpgradeOptions
	toIDs, once bool
}

func parseGolden(t *testing.T, comment string) golden {
	g := golden{opts: UpgradeOptions{AppIDs: map[string]string{}}}
	for line := range strings.Lines(comment) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		switch fields[0] {
		case "to-ids":
			g.toIDs = true
		case "once":
			g.once = true
		case "appid:":
			name, id, _ := strings.Cut(fields[1], "=")
			g.opts.AppIDs[name] = id
		case "rename:":
			var r Rename
			r.Old, r.New, _ = strings.Cut(fields[1], "=")
			for _, f := range fields[2:] {
				switch key, value, _ := strings.Cut(f, "="); key {
				case "id":
					r.ID = value
				case "url":
					r.WebURL = value
				default:
					t.Fatalf("unknown word %q", f)
				}
			}
			g.opts.Renames = append(g.opts.Renames, r)
		}
	}
	return g
}

func (g golden) run(f *statefile.File) (*Repair, error) {
	if g.toIDs {
		return UpgradeAppIDs(f, g.opts)
	}
	return RepairRename(f, g.opts.Renames...)
}

func describe(r *Repair, err error) string {
	var b strings.Builder
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintf(&b, "error: %s\n", strings.TrimSuffix(line, "\n"))
		}
		return b.String()
	}
	for _, c := range r.Changes {
		fmt.Fprintf(&b, "change %s %s: %v -> %v\n", c.Address, c.Path, c.Old, c.New)
	}
	for _, l := range r.Left {
		fmt.Fprintf(&b, "left %s %s\n", l.Address, l.Path)
	}
	for _, m := range r.Mentions {
		fmt.Fprintf(&b, "mention %s %s\n", m.Address, m.Path)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note %s: %s\n", n.Address, n.Text)
	}
	if b.Len() == 0 {
		return "nothing to do\n"
	}
	return b.String()
}
