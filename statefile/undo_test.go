package statefile

import (
	"bytes"
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clock returns times a second apart.
func clock() func() time.Time {
	at := fixedTime()
	return func() time.Time {
		at = at.Add(time.Second)
		return at
	}
}

func TestUndo(t *testing.T) {
	first, second := textState(9, oldText), textState(10, "a change")
	path := writeState(t, first)
	opts := UpdateOptions{Now: clock()}
	done, err := Update(t.Context(), path, opts, setText("a change"))
	must(t, err)
	undone, err := Undo(t.Context(), path, "", opts)
	must(t, err)
	wantState(t, path, textState(11, oldText))
	wantState(t, undone.Backup, second)
	if undone.OldSerial != "10" || undone.NewSerial != "11" || !undone.Changed || undone.Restored != done.Backup || undone.RestoredSerial != "9" || done.Restored != "" {
		t.Errorf("got %+v after %+v, want serial 11 over 10, from that backup", undone, done)
	}
	// The undo is undone, and so on.
	for serial, text := range []string{12: "a change", 13: oldText, 14: "a change"} {
		if text != "" {
			_, err := Undo(t.Context(), path, "", opts)
			must(t, err)
			wantState(t, path, textState(serial, text))
		}
	}
	// Any backup will do, if that is meant.
	if _, err := Undo(t.Context(), path, done.Backup, opts); !errors.Is(err, ErrMovedOn) {
		t.Errorf("error %v, want ErrMovedOn", err)
	}
	opts.Force = true
	_, err = Undo(t.Context(), path, done.Backup, opts)
	must(t, err)
	wantState(t, path, textState(15, oldText))
	backups, err := Backups(path)
	must(t, err)
	if len(backups) != 6 || backups[0].Serial != "14" {
		t.Errorf("got %+v, want 6 backups, that of serial 14 first", backups)
	}
	for _, name := range beside(t, path) {
		if !strings.HasSuffix(name, ".backup") {
			t.Errorf("%q was left", name)
		}
	}
}

// Even within a second by the clock, the newest backup is the one of the last
// write.
func TestUndoWithinASecond(t *testing.T) {
	path := writeState(t, textState(99, oldText))
	opts := UpdateOptions{Now: fixedTime}
	for _, text := range []string{"one", "two"} {
		_, err := Update(t.Context(), path, opts, setText(text))
		must(t, err)
	}
	for _, want := range [][]byte{textState(102, "one"), textState(103, "two"), textState(104, "one")} {
		_, err := Undo(t.Context(), path, "", opts)
		must(t, err)
		wantState(t, path, want)
	}
}

// What other tools leave alone, Undo does too: everything but the serial is
// the backup's.
func TestUndoKeepsBytes(t *testing.T) {
	edit := func(state, old, new string) string { return strings.Replace(state, old, new, 1) }
	base := string(textState(9, oldText))
	for name, test := range map[string]struct{ backup, now, want string }{
		"line ends": {strings.ReplaceAll(base, "\n", "\r\n"), string(textState(20, "x")), edit(strings.ReplaceAll(base, "\n", "\r\n"), `"serial": 9`, `"serial": 21`)},
		"minified": {`{"lineage":"5c0d0f2c-1111-4222-8333-444455556666","serial":9,"version":4,"outputs":{},"resources":[],"x":1.50}`, string(textState(9, "x")),
			`{"lineage":"5c0d0f2c-1111-4222-8333-444455556666","serial":10,"version":4,"outputs":{},"resources":[],"x":1.50}`},
		"higher in the backup": {edit(base, `"serial": 9`, `"serial": 500`), string(textState(20, "x")), edit(base, `"serial": 9`, `"serial": 501`)},
		"large": {base, edit(base, `"serial": 9`, `"serial": 99999999999999999999999999999`),
			edit(base, `"serial": 9`, `"serial": 100000000000000000000000000000`)},
		"twice":    {edit(base, `"serial": 9`, `"serial": 21, "serial": 9`), string(textState(20, "x")), edit(base, `"serial": 9`, `"serial": 21, "serial": 21`)},
		"none":     {edit(base, "  \"serial\": 9,\n", ""), string(textState(20, "x")), edit(edit(base, "  \"serial\": 9,\n", ""), `"version": 4,`, "\"version\": 4,\n  \"serial\":21,")},
		"last end": {strings.TrimSuffix(base, "\n"), string(textState(20, "x")), edit(strings.TrimSuffix(base, "\n"), `"serial": 9`, `"serial": 21`)},
	} {
		t.Run(name, func(t *testing.T) {
			path := writeState(t, []byte(test.now))
			backup := filepath.Join(t.TempDir(), "any name")
			must(t, os.WriteFile(backup, []byte(test.backup), 0o600))
			_, err := Undo(t.Context(), path, backup, UpdateOptions{Force: true})
			must(t, err)
			got := string(readFile(t, path))
			if name == "none" { // its white space is the editor's
				got, test.want = strings.ReplaceAll(got, " ", ""), strings.ReplaceAll(test.want, " ", "")
			}
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			wantState(t, backup, []byte(test.backup))
		})
	}
}

// TestUndoMovedOn: the backup that counts is the one whose serial comes before the
// state's, and a state that was written since isn't given up.
func TestUndoMovedOn(t *testing.T) {
	at := fixedTime().Add(1000 * time.Hour)
	path := writeState(t, textState(1, "first"))
	opts := UpdateOptions{Now: func() time.Time { at = at.Add(-time.Hour); return at }} // the clock goes backwards
	for serial, text := range []string{1: "second", 2: "third"} {
		if text != "" {
			_, err := Update(t.Context(), path, opts, setText(text))
			must(t, err)
			wantState(t, path, textState(serial+1, text))
		}
	}
	undone, err := Undo(t.Context(), path, "", opts)
	must(t, err)
	wantState(t, path, textState(4, "second"))
	if undone.RestoredSerial != "2" {
		t.Errorf("serial %s was put back, want 2", undone.RestoredSerial)
	}

	resource := `"resources": [{"mode": "managed", "type": "heroku_addon", "name": "db", "provider": "p", "instances": [{"attributes": {"id": "1"}}]}]`
	moved := bytes.Replace(textState(5, "second"), []byte(`"resources": []`), []byte(resource), 1)
	if !bytes.Contains(moved, []byte("heroku_addon")) {
		t.Fatal("no resource was added")
	}
	must(t, os.WriteFile(path, moved, 0o600))
	for _, force := range []bool{false, true} {
		opts.Force = force // which is for a backup that is named
		_, err := Undo(t.Context(), path, "", opts)
		if e, ok := errors.AsType[*MovedOnError](err); !ok || e.Serial != "5" || e.Next != "4" || strings.Join(e.Added, " ") != "heroku_addon.db" || e.Changed != nil || e.Removed != nil ||
			!strings.Contains(err.Error(), "its serial is 5, and that of the state that followed the backup was 4; new since: heroku_addon.db") {
			t.Errorf("force %v: error %v", force, err)
		}
		if _, err := PlanUndo(path, "", opts); !errors.Is(err, ErrMovedOn) {
			t.Errorf("force %v: plan: error %v", force, err)
		}
	}
	wantState(t, path, moved)
	if _, err := Undo(t.Context(), path, undone.Backup, opts); err != nil {
		t.Error(err)
	}
	wantState(t, path, textState(6, "third"))
}

func TestUndoRefuses(t *testing.T) {
	state := textState(9, oldText)
	other := bytes.Replace(textState(3, "x"), []byte("5c0d"), []byte("6c0d"), 1)
	for name, test := range map[string]struct {
		backup func(path string) string
		want   error
	}{
		"none":            {func(string) string { return "" }, ErrNoBackup},
		"missing":         {func(path string) string { return path + ".gone" }, ErrNoBackup},
		"the state":       {func(path string) string { return path }, ErrNoBackup},
		"folder":          {func(path string) string { return filepath.Dir(path) }, ErrNotState},
		"another lineage": {func(path string) string { return beforehand(t, path, other) }, ErrLineage},
		"torn":            {func(path string) string { return beforehand(t, path, state[:90]) }, ErrSyntax},
		"empty":           {func(path string) string { return beforehand(t, path, nil) }, ErrNotState},
	} {
		t.Run(name, func(t *testing.T) {
			path := writeState(t, state)
			backup := test.backup(path)
			names := beside(t, path)
			_, err := Undo(t.Context(), path, backup, UpdateOptions{})
			if !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
			if e, ok := err.(*FileError); (test.want == ErrNoBackup) != ok || ok && (e.Path != cmp.Or(backup, path) || e.Hint == "") {
				t.Errorf("got %#v, want an error of the backup with a hint", err)
			}
			wantState(t, path, state)
			if got := beside(t, path); strings.Join(got, " ") != strings.Join(names, " ") {
				t.Errorf("beside the state: %q, want %q", got, names)
			}
		})
	}
	t.Run("equal", func(t *testing.T) {
		path := writeState(t, state)
		backup := beforehand(t, path, state)
		plan, err := PlanUndo(path, backup, UpdateOptions{})
		must(t, err)
		done, err := Undo(t.Context(), path, backup, UpdateOptions{})
		must(t, err)
		if want := (Result{OldSerial: "9", NewSerial: "9", Restored: backup, RestoredSerial: "9"}); *done != want || *plan != want {
			t.Errorf("got %+v, planned %+v, want no change: %+v", *done, *plan, want)
		}
	})
}

func TestOfOursWithoutFolder(t *testing.T) {
	if got, err := ofOurs(filepath.Join(t.TempDir(), "none", "x")); got != nil || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, %v", got, err)
	}
}

func beforehand(t testing.TB, path string, data []byte) string {
	t.Helper()
	name := path + ".by-hand"
	must(t, os.WriteFile(name, data, 0o600))
	return name
}

func TestCompareNumbers(t *testing.T) {
	ascending := []string{"-100000000000000000000000", "-12", "-9", "-1", "0", "1", "9", "12", "99999999999999999999", "100000000000000000000"}
	for i, a := range ascending {
		for j, b := range ascending {
			if got := compareNumbers(a, b); got != cmp.Compare(i, j) {
				t.Errorf("compareNumbers(%q, %q) = %d", a, b, got)
			}
		}
	}
	for _, zero := range []string{"", "0", "-0", "000"} {
		if compareNumbers(zero, "0") != 0 || compareNumbers("0", zero) != 0 {
			t.Errorf("%q is not 0", zero)
		}
	}
}

// A write that failed and was rolled back leaves a backup of what the state still
// is. It is no way back.
func TestUndoPastFailedWrite(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	opts := UpdateOptions{Now: clock()}
	_, err := Update(t.Context(), path, opts, setText("a change"))
	must(t, err)
	failing := opts
	failing.disk = &system{now: opts.Now, chunk: testChunk, fault: func(step string, n int) (int, error) {
		if step == "state: sync content" {
			return n, errors.New("injected")
		}
		return n, nil
	}}
	if _, err := Update(t.Context(), path, failing, setText("another change")); err == nil {
		t.Fatal("the write didn't fail")
	}
	wantState(t, path, textState(10, "a change"))
	backups, err := Backups(path)
	must(t, err)
	if len(backups) != 2 {
		t.Fatalf("%d backups, want that of the failed write as well", len(backups))
	}
	undone, err := Undo(t.Context(), path, "", opts)
	must(t, err)
	wantState(t, path, textState(11, oldText))
	if undone.Restored != backups[1].Path {
		t.Errorf("%s put back, want %s", undone.Restored, backups[1].Path)
	}
	// What is named is taken at its word.
	opts.Force = true
	same, err := Undo(t.Context(), path, undone.Restored, opts)
	must(t, err)
	if !same.Changed {
		t.Errorf("got %+v, want a change: the serial differs", same)
	}
}

func TestRaiseSerial(t *testing.T) {
	f, err := Parse("a.tfstate", []byte(`{"version":4,"serial":7,"lineage":"x","resources":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ other, want string }{
		{"3", "8"},
		{"7", "8"},
		{"9", "10"},
		{"99999999999999999999", "100000000000000000000"},
	} {
		got, err := f.RaiseSerial("b.tfstate", test.other)
		if err != nil {
			t.Fatal(err)
		}
		if got.Serial() != test.want || got.Lineage() != "x" || got.Name() != "b.tfstate" {
			t.Errorf("above %s: serial %s of %s, want %s", test.other, got.Serial(), got.Name(), test.want)
		}
	}
	for _, other := range []string{"", "-", "1.5", "x", "1 "} {
		if got, err := f.RaiseSerial("b.tfstate", other); !errors.Is(err, ErrSerial) || got != nil {
			t.Errorf("above %q: error %v, want ErrSerial", other, err)
		}
	}
}

// TestUpdateCheck: an objection to the new state leaves the old one, and no backup.
func TestUpdateCheck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "terraform.tfstate")
	old := []byte(`{"version":4,"serial":7,"lineage":"x","resources":[]}`)
	if err := os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	raise := func(f *File) (*File, error) { return f.RaiseSerial(path, f.Serial()) }
	objection := errors.New("no")
	checked := ""
	opts := UpdateOptions{Check: func(f *File) error { checked = f.Serial(); return objection }}
	if _, err := Update(t.Context(), path, opts, raise); err != objection || checked != "8" {
		t.Errorf("error %v with serial %q checked, want the objection to serial 8", err, checked)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, old) {
		t.Errorf("the state is %s, %v", now, err)
	}
	if all, err := Backups(path); err != nil || all != nil {
		t.Errorf("backups %v, %v", all, err)
	}
	checked = ""
	if _, err := Update(t.Context(), path, opts, func(f *File) (*File, error) { return f, nil }); err != nil || checked != "" {
		t.Errorf("unchanged: error %v, and serial %q was checked", err, checked)
	}
	objection = nil
	if _, err := Update(t.Context(), path, opts, raise); err != nil || checked != "8" {
		t.Errorf("error %v with serial %q checked", err, checked)
	}
	objection = errors.New("no")
	if _, err := Undo(t.Context(), path, "", opts); err != objection || checked != "9" {
		t.Errorf("undo: error %v with serial %q checked, want the objection to serial 9", err, checked)
	}
}
