package tfconfig_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/herokutf/herokutf/tfconfig"
)

var update = flag.Bool("update", false, "rewrite the wanted sections of testdata/*/*.txtar")

// archive is one case in testdata: the files of a configuration, and
// sections in brackets for what is asked and wanted.
type archive struct {
	path string
	ar   *txtar.Archive
	dir  string // where the files are unpacked
}

// eachArchive runs f on every case below testdata/kind, from inside the
// directory that holds the case's files, so that paths in output are short.
func eachArchive(t *testing.T, kind string, f func(t *testing.T, a *archive)) {
	paths, err := filepath.Glob(filepath.Join("testdata", kind, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Fatalf("no cases in testdata/%s", kind)
	}
	for _, path := range paths {
		abs, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(abs)
			if err != nil {
				t.Fatal(err)
			}
			a := &archive{path: abs, ar: ar, dir: t.TempDir()}
			for _, file := range ar.Files {
				if strings.HasPrefix(file.Name, "[") {
					continue
				}
				writeFile(t, filepath.Join(a.dir, file.Name), file.Data)
			}
			t.Chdir(a.dir)
			f(t, a)
		})
	}
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// lines returns the lines of a section, without empty ones.
func (a *archive) lines(name string) []string {
	var out []string
	for line := range strings.Lines(a.section(name)) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func (a *archive) section(name string) string {
	for _, f := range a.ar.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// want compares a section with what was got, or with -update writes it.
func (a *archive) want(t *testing.T, name, got string) {
	t.Helper()
	if got != "" && !strings.HasSuffix(got, "\n") {
		got += "\n"
	}
	if *update {
		kept := a.ar.Files[:0:0]
		done := false
		for _, f := range a.ar.Files {
			if f.Name == name {
				if done = true; got == "" {
					continue
				}
				f.Data = []byte(got)
			}
			kept = append(kept, f)
		}
		if !done && got != "" {
			kept = append(kept, txtar.File{Name: name, Data: []byte(got)})
		}
		a.ar.Files = kept
		if err := os.WriteFile(a.path, txtar.Format(a.ar), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(a.section(name), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	// HCL's own texts have one, which is no part of a path.
	return strings.ReplaceAll(filepath.ToSlash(err.Error()), "/n escape", `\n escape`)
}

func TestCheckVariablesArchives(t *testing.T) {
	eachArchive(t, "check", func(t *testing.T, a *archive) {
		c, err := tfconfig.Load(".")
		a.want(t, "[error]", errorText(err))
		if err != nil {
			return
		}
		a.want(t, "[report]", filepath.ToSlash(c.CheckVariables(a.lines("[resolved]")).String()))
	})
}

func TestLoadArchives(t *testing.T) {
	eachArchive(t, "load", func(t *testing.T, a *archive) {
		c, err := tfconfig.Load(".")
		a.want(t, "[error]", errorText(err))
		if err != nil {
			return
		}
		var b strings.Builder
		for _, f := range c.Files() {
			b.WriteString(filepath.ToSlash(f) + "\n")
		}
		for _, f := range c.PassedOver() {
			b.WriteString("passed over: " + filepath.ToSlash(f) + "\n")
		}
		for _, m := range c.Installed() {
			fmt.Fprintf(&b, "installed: %s %s at %s:%d:%d: %s%s\n", m.Address, m.Source, filepath.ToSlash(m.File), m.Line, m.Column, filepath.ToSlash(m.Dir), m.Why)
		}
		for _, m := range c.Unfollowed() {
			fmt.Fprintf(&b, "unfollowed: %s %s at %s:%d:%d: %s%s\n", m.Address, m.Source, filepath.ToSlash(m.File), m.Line, m.Column, m.Dir, m.Why)
		}
		a.want(t, "[files]", b.String())
	})
}

// renames reads the [renames] section: ADDRESS OLD NEW, with - for none.
func (a *archive) renames(t *testing.T) []tfconfig.AppRename {
	t.Helper()
	var out []tfconfig.AppRename
	for _, line := range a.lines("[renames]") {
		f := strings.Fields(line)
		if len(f) < 3 {
			t.Fatalf("bad rename %q", line)
		}
		n := len(f)
		r := tfconfig.AppRename{Address: strings.Join(f[:n-2], " "), Old: f[n-2], New: f[n-1]}
		if r.Address == "-" {
			r.Address = ""
		}
		out = append(out, r)
	}
	return out
}

func TestRenameArchives(t *testing.T) {
	eachArchive(t, "rename", func(t *testing.T, a *archive) {
		c, err := tfconfig.Load(".")
		if err != nil {
			t.Fatal(err)
		}
		renames := a.renames(t)
		var b strings.Builder
		for _, p := range c.RenamePlaces(renames...) {
			mark := "  "
			if p.Editable {
				mark = "* "
			}
			b.WriteString(mark + filepath.ToSlash(p.String()) + aside(p) + "\n")
		}
		a.want(t, "[places]", b.String())

		edits, err := c.EditRename(renames...)
		a.want(t, "[error]", errorText(err))
		edited := map[string]string{}
		editable := map[string][]tfconfig.Place{}
		for _, p := range c.RenamePlaces(renames...) {
			if at := editable[p.File]; p.Editable && (len(at) == 0 || at[len(at)-1].Position != p.Position) {
				editable[p.File] = append(at, p)
			}
		}
		for _, e := range edits {
			edited[filepath.ToSlash(e.Path)] = string(e.New)
			if diff := cmp.Diff(editable[e.Path], e.Places, cmpopts.IgnoreUnexported(tfconfig.Place{})); diff != "" || e.Sensitive {
				t.Errorf("places of %s, sensitive %t (-want +got):\n%s", e.Path, e.Sensitive, diff)
			}
		}
		for _, f := range c.Files() {
			a.want(t, "[edited] "+filepath.ToSlash(f), edited[filepath.ToSlash(f)])
		}
		if err != nil {
			return
		}

		// What Apply writes is what was promised, and then nothing is left to
		// edit.
		if err := tfconfig.Apply(edits); err != nil {
			t.Fatal(err)
		}
		c, err = tfconfig.Load(".")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range edits {
			data, err := os.ReadFile(e.Path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(e.New), string(data)); diff != "" {
				t.Errorf("%s after Apply (-want +got):\n%s", e.Path, diff)
			}
		}
		if swapped(renames) {
			return // the new names are old names too
		}
		again, err := c.EditRename(renames...)
		if err != nil || again != nil {
			t.Errorf("edited again: got %d edits, error %v, want none", len(again), err)
		}
		// And back: every byte is the old one again.
		for i, r := range renames {
			renames[i].Old, renames[i].New = r.New, r.Old
		}
		back, err := c.EditRename(renames...)
		if err != nil {
			t.Fatal(err)
		}
		if err := tfconfig.Apply(back); err != nil {
			t.Fatal(err)
		}
		for _, e := range edits {
			data, err := os.ReadFile(e.Path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(e.Old), string(data)); diff != "" {
				t.Errorf("%s after the way back (-want +got):\n%s", e.Path, diff)
			}
		}
	})
}

// aside is what a place has that its text doesn't show.
func aside(p tfconfig.Place) string {
	out := " {" + p.Old + " " + p.New
	if p.ForcesReplacement {
		out += " replaces"
	}
	return out + "}"
}

func swapped(renames []tfconfig.AppRename) bool {
	for _, r := range renames {
		for _, o := range renames {
			if r.New == o.Old {
				return true
			}
		}
	}
	return false
}

// TestKeysArchives: renames in configurations whose state is known, so that
// keys change, with the addresses in [state].
func TestKeysArchives(t *testing.T) {
	eachArchive(t, "keys", func(t *testing.T, a *archive) {
		c, err := tfconfig.Load(".")
		if err != nil {
			t.Fatal(err)
		}
		renames, state := a.renames(t), a.lines("[state]")
		var b strings.Builder
		for _, m := range tfconfig.Moves(state, renames...) {
			fmt.Fprintf(&b, "%s -> %s", m.From, m.To)
			if m.Note != "" {
				fmt.Fprintf(&b, " [%s]", m.Note)
			}
			b.WriteString("\n")
		}
		a.want(t, "[moves of the state]", b.String())

		edit, err := c.RenameWithState(state, renames...)
		a.want(t, "[error]", errorText(err))
		if err != nil {
			return
		}
		b.Reset()
		for _, p := range edit.Places {
			mark := "  "
			if p.Editable {
				mark = "* "
			}
			b.WriteString(mark + filepath.ToSlash(p.String()) + aside(p) + "\n")
		}
		a.want(t, "[places]", b.String())
		b.Reset()
		for _, m := range edit.ByHand {
			fmt.Fprintf(&b, "%s -> %s: %s\n", m.From, m.To, filepath.ToSlash(m.Note))
		}
		a.want(t, "[by hand]", b.String())
		edited := map[string]string{}
		names := c.Files()
		for _, e := range edit.Files {
			edited[filepath.ToSlash(e.Path)] = string(e.New)
			if e.Old == nil {
				names = append(names, e.Path)
			}
		}
		for _, name := range names {
			a.want(t, "[edited] "+filepath.ToSlash(name), edited[filepath.ToSlash(name)])
		}

		// What Apply writes is what was promised, and then there is nothing left
		// to edit, though the state has its old keys until the next apply.
		if err := tfconfig.Apply(edit.Files); err != nil {
			t.Fatal(err)
		}
		if c, err = tfconfig.Load("."); err != nil {
			t.Fatal(err)
		}
		again, err := c.RenameWithState(state, renames...)
		if err != nil || again.Files != nil || again.Moved != nil {
			t.Errorf("edited again: got %+v, error %v, want nothing", again, err)
		}
	})
}

// changes reads the [changes] section: an address, a path, the old and the new
// value, the latter three as JSON, and "secret".
func (a *archive) changes(t *testing.T) []tfconfig.Change {
	t.Helper()
	var out []tfconfig.Change
	for _, line := range a.lines("[changes]") {
		address, rest, ok := strings.Cut(line, " [")
		d := json.NewDecoder(strings.NewReader("[" + rest))
		d.UseNumber()
		c := tfconfig.Change{Address: address, Sensitive: strings.HasSuffix(line, " secret")}
		var path []any
		for _, to := range []any{&path, &c.Old, &c.New} {
			if err := d.Decode(to); err != nil || !ok {
				t.Fatalf("bad change %q: %v", line, err)
			}
		}
		for _, step := range path {
			if n, ok := step.(json.Number); ok {
				i, _ := n.Int64()
				step = int(i)
			}
			c.Path = append(c.Path, step)
		}
		out = append(out, c)
	}
	return out
}

// checkPlaces holds the places of edited files against those of the changes: every one
// that is edited, and once, if it is replaced.
func checkPlaces(t *testing.T, edit *tfconfig.ValueEdit) {
	t.Helper()
	want := map[string]bool{}
	for _, v := range edit.Changes {
		for _, p := range v.Places {
			if p.Editable {
				want[p.Position.String()] = true
			}
		}
	}
	got := map[string]bool{}
	for _, e := range edit.Files {
		texts := map[string]bool{}
		for _, p := range e.Places {
			if p.File != e.Path {
				t.Errorf("an edit of %s has a place in %s", e.Path, p.File)
			}
			got[p.Position.String()] = true
			if text := p.String() + " " + p.Old + " " + p.New; texts[text] && p.Old != "" && p.New != "" {
				t.Errorf("twice in %s: %s", e.Path, text)
			} else {
				texts[text] = true
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("places (-of the changes +of the files):\n%s", diff)
	}
}

func TestValueArchives(t *testing.T) {
	eachArchive(t, "value", func(t *testing.T, a *archive) {
		c, err := tfconfig.Load(".")
		if err != nil {
			t.Fatal(err)
		}
		changes, state := a.changes(t), a.lines("[state]")
		edit, err := c.SetValues(state, changes...)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, v := range edit.Changes {
			mark := "  "
			if v.Settled {
				mark = "* "
			}
			fmt.Fprintf(&b, "%s%s %s", mark, v.Address, v.Path)
			if v.Reason != "" {
				fmt.Fprintf(&b, ": %s", filepath.ToSlash(v.Reason))
			}
			for _, f := range v.Feeds {
				fmt.Fprintf(&b, " {%s}", filepath.ToSlash(f))
			}
			b.WriteString("\n")
			for _, p := range v.Places {
				note := p
				note.Note = ""
				fmt.Fprintf(&b, "    %s", filepath.ToSlash(note.String()))
				if p.Editable {
					fmt.Fprintf(&b, " %s -> %s", p.Old, p.New)
				}
				b.WriteString("\n")
			}
		}
		a.want(t, "[result]", b.String())
		edited := map[string]string{}
		for _, e := range edit.Files {
			edited[filepath.ToSlash(e.Path)] = string(e.New)
		}
		for _, name := range c.Files() {
			a.want(t, "[edited] "+filepath.ToSlash(name), edited[filepath.ToSlash(name)])
		}
		checkPlaces(t, edit)

		// Once more there is nothing to do, and the way back gives every byte.
		if err := tfconfig.Apply(edit.Files); err != nil {
			t.Fatal(err)
		}
		if c, err = tfconfig.Load("."); err != nil {
			t.Fatal(err)
		}
		again, err := c.SetValues(state, changes...)
		if err != nil || again.Files != nil {
			t.Errorf("edited again: got %d files, error %v, want none", len(again.Files), err)
		}
		if strings.Contains(string(a.ar.Comment), "No way back") {
			return
		}
		var back []tfconfig.Change
		for _, v := range edit.Changes {
			if v.Settled {
				v.Old, v.New = v.New, v.Old
				back = append(back, v.Change)
			}
		}
		reverse, err := c.SetValues(state, back...)
		if err != nil {
			t.Fatal(err)
		}
		if err := tfconfig.Apply(reverse.Files); err != nil {
			t.Fatal(err)
		}
		for _, e := range edit.Files {
			data, err := os.ReadFile(e.Path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(e.Old), string(data)); diff != "" {
				t.Errorf("%s after the way back (-want +got):\n%s", e.Path, diff)
			}
		}
	})
}
