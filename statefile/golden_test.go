package statefile

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the wanted outcomes in testdata")

// Each archive in testdata/edit holds a state ("in"), edits ("edits", one a
// line) and the wanted outcome ("want") or error ("error"). An edit names an
// instance by its address and a top-level attribute, both as Go strings:
//
//	string ADDRESS ATTRIBUTE TEXT
//	raw ADDRESS ATTRIBUTE JSON
//	rename ADDRESS ATTRIBUTE NAME
//	remove ADDRESS ATTRIBUTE
//	add ADDRESS ATTRIBUTE NAME JSON
//
// It is made to every duplicate of the attribute.
func TestEditGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/edit/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := make(map[string][]byte)
			for _, part := range archive.Files {
				parts[part.Name] = part.Data
			}
			got := txtar.File{Name: "want"}
			if after, err := applyScript(t, parts["in"], string(parts["edits"])); err != nil {
				got = txtar.File{Name: "error", Data: []byte(err.Error() + "\n")}
			} else {
				got.Data = after
			}
			if *update {
				archive.Files = append(archive.Files[:2], got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, ok := parts[got.Name]
			if !ok {
				t.Fatalf("got %s:\n%s", got.Name, got.Data)
			}
			if diff := cmp.Diff(string(want), string(got.Data)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", got.Name, diff)
			}
		})
	}
}

// applyScript makes the edits of a script to a state.
func applyScript(t *testing.T, in []byte, script string) ([]byte, error) {
	t.Helper()
	f, err := Parse("in", in)
	if err != nil {
		return nil, err
	}
	var edits []Edit
	for line := range strings.Lines(script) {
		op, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		var args []string
		for rest != "" {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			arg, err := strconv.Unquote(quoted)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			args = append(args, arg)
			rest = strings.TrimSpace(rest[len(quoted):])
		}
		found := false
		for i := range f.Instances() {
			if i.Address() != args[0] {
				continue
			}
			for _, m := range i.AttrAll(args[1]) {
				found = true
				switch op {
				case "string":
					edits = append(edits, ReplaceString(m.Value, args[2]))
				case "raw":
					edits = append(edits, ReplaceRaw(m.Value, []byte(args[2])))
				case "rename":
					edits = append(edits, RenameMember(m, args[2]))
				case "remove":
					edits = append(edits, RemoveMember(m))
				case "add":
					edits = append(edits, AddMember(m, args[2], []byte(args[3])))
				default:
					t.Fatalf("unknown edit %q", op)
				}
			}
		}
		if !found {
			return nil, fmt.Errorf("%s has no attribute %s", args[0], args[1])
		}
	}
	after, err := f.Apply(edits...)
	if err != nil {
		return nil, err
	}
	return after.Bytes(), nil
}
