package statefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/herokutf/herokutf/internal/testmode"
)

// newTexts are texts that make the new state larger, smaller, as large, and much
// larger or smaller than the old one, whose text is "some text here".
var newTexts = map[string]string{
	"larger":       "some longer text here",
	"smaller":      "text",
	"equal":        "text of 14 let",
	"much larger":  strings.Repeat("a long text ", 100),
	"longer by 1":  "some text here.",
	"shorter by 1": "some text her",
}

const oldText = "some text here"

// texts are newTexts in full, and else the ones that make the state grow and
// shrink, between them in every kind of step.
func texts() map[string]string {
	if testmode.Full() {
		return newTexts
	}
	return map[string]string{"larger": newTexts["larger"], "smaller": newTexts["smaller"]}
}

func TestUpdate(t *testing.T) {
	for name, text := range newTexts {
		t.Run(name, func(t *testing.T) {
			old, want := textState(9, oldText), textState(10, text)
			path := writeState(t, old)
			before, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			var stages []Stage
			opts := UpdateOptions{Now: fixedTime, Progress: func(p Progress) { stages = append(stages, p.Stage) },
				disk: &system{chunk: testChunk}}
			got, err := Update(t.Context(), path, opts, setText(text))
			if err != nil {
				t.Fatal(err)
			}
			backup := path + ".herokutf-20260102T150405Z-serial9.backup"
			if want := (Result{Changed: true, OldSerial: "9", NewSerial: "10", Backup: backup}); *got != want {
				t.Errorf("got %+v, want %+v", *got, want)
			}
			wantState(t, path, want)
			wantBackups(t, path, 1, old)
			after, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if !os.SameFile(before, after) || before.Mode() != after.Mode() {
				t.Error("the state is another file or has another mode")
			}
			if want := []Stage{StageLocked, StageBackup, StageWriting, StageDone}; !slices.Equal(stages, want) {
				t.Errorf("got stages %q, want %q", stages, want)
			}
		})
	}
}

func TestUpdateWritesNothing(t *testing.T) {
	broken := errors.New("broken")
	changed := textState(9, "other")
	for name, test := range map[string]struct {
		edit func(*File) (*File, error)
		want error // nil when there is nothing to do
		any  bool  // whether the error isn't one that can be named
	}{
		"same file":    {edit: func(f *File) (*File, error) { return f, nil }},
		"same bytes":   {edit: func(f *File) (*File, error) { return Parse("x", bytes.Clone(f.Bytes())) }},
		"error":        {edit: func(*File) (*File, error) { return nil, broken }, want: broken},
		"no file":      {edit: func(*File) (*File, error) { return nil, nil }, any: true},
		"same serial":  {edit: func(*File) (*File, error) { return Parse("x", changed) }, want: ErrSerial},
		"lower serial": {edit: func(*File) (*File, error) { return Parse("x", textState(8, "other")) }, want: ErrSerial},
		"another lineage": {edit: func(*File) (*File, error) {
			return Parse("x", bytes.Replace(textState(10, "x"), []byte("5c0d"), []byte("6c0d"), 1))
		}, want: ErrLineage},
	} {
		t.Run(name, func(t *testing.T) {
			old := textState(9, oldText)
			path := writeState(t, old)
			got, err := Update(t.Context(), path, UpdateOptions{}, test.edit)
			switch {
			case test.any && err == nil, !errors.Is(err, test.want) && !test.any:
				t.Fatalf("got error %v, want %v", err, test.want)
			case err == nil && *got != Result{OldSerial: "9", NewSerial: "9"}:
				t.Errorf("got %+v, want no change", *got)
			}
			wantState(t, path, old)
			wantBackups(t, path, 0, nil)
		})
	}
}

// A file that is known is taken for the state as long as the state has its bytes, and
// no longer.
func TestUpdateKnown(t *testing.T) {
	old, other := textState(9, oldText), textState(9, "another text!!")
	if len(old) != len(other) {
		t.Fatal("the states are of different length")
	}
	known := parse(t, string(old))
	for name, test := range map[string]struct {
		known *File
		state []byte
		same  bool
	}{
		"the same bytes":  {known, old, true},
		"another text":    {known, other, false},
		"another length":  {known, textState(9, "longer than it was"), false},
		"shorter":         {known, textState(9, ""), false},
		"the zero file":   {new(File), old, false},
		"no file at all":  {nil, old, false},
		"another version": {parse(t, v3), old, false},
	} {
		t.Run(name, func(t *testing.T) {
			path := writeState(t, test.state)
			calls := 0
			_, err := Update(t.Context(), path, UpdateOptions{Known: test.known}, func(f *File) (*File, error) {
				calls++
				if (f == test.known) != test.same {
					t.Errorf("the edit was given the known file: %v", f == test.known)
				}
				if !bytes.Equal(f.Bytes(), test.state) {
					t.Error("the edit was given another state")
				}
				return setText("new")(f)
			})
			if err != nil || calls != 1 {
				t.Fatal(calls, err)
			}
			wantState(t, path, textState(10, "new"))
			wantBackups(t, path, 1, test.state)
		})
	}
	t.Run("no state", func(t *testing.T) {
		path := writeState(t, nil)
		if _, err := Update(t.Context(), path, UpdateOptions{Known: new(File)}, setText("new")); !errors.Is(err, ErrNotState) {
			t.Errorf("got %v, want ErrNotState", err)
		}
	})
}

func TestUpdatePanicReleasesTheLock(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		Update(t.Context(), path, UpdateOptions{}, func(*File) (*File, error) { panic("in the edit") })
	}()
	wantBackups(t, path, 0, nil)
	if _, err := Update(t.Context(), path, UpdateOptions{}, setText("x")); err != nil {
		t.Error(err)
	}
}

func TestUpdateRefuses(t *testing.T) {
	old := textState(9, oldText)
	for name, test := range map[string]struct {
		make func(t *testing.T, path string)
		want error
		kind FormatKind
		text string // of the message
		left bool   // whether the state is as it was
	}{
		"missing":   {func(t *testing.T, path string) { must(t, os.Remove(path)) }, fs.ErrNotExist, "", "terraform.tfstate", false},
		"no folder": {func(t *testing.T, path string) { must(t, os.RemoveAll(filepath.Dir(path))) }, fs.ErrNotExist, "", "terraform.tfstate", false},
		"folder":    {func(t *testing.T, path string) { must(t, os.Remove(path)); must(t, os.Mkdir(path, 0o700)) }, ErrNotState, KindNoRegularFile, "no regular file", false},
		"empty":     {func(t *testing.T, path string) { must(t, os.Truncate(path, 0)) }, ErrNotState, KindEmpty, "empty", false},
		"huge": {func(t *testing.T, path string) {
			if err := os.Truncate(path, 1<<40); err != nil {
				t.Skipf("files have no holes here: %v", err)
			}
		}, ErrNotState, KindTooLarge, "1099511627776 bytes", false},
		"truncated": {func(t *testing.T, path string) { must(t, os.Truncate(path, 100)) }, ErrSyntax, "", ":5:", false},
		"symbolic link": {func(t *testing.T, path string) {
			must(t, os.Rename(path, path+".real"))
			link(t, "terraform.tfstate.real", path)
		}, ErrSymlink, "", `link to "terraform.tfstate.real"`, true},
		"dangling link": {func(t *testing.T, path string) { must(t, os.Remove(path)); link(t, "nowhere", path) }, ErrSymlink, "", "not there", false},
		"link to itself": {func(t *testing.T, path string) {
			must(t, os.Remove(path))
			link(t, filepath.Base(path), path)
		}, ErrSymlink, "", "symbolic link", false},
	} {
		t.Run(name, func(t *testing.T) {
			path := writeState(t, old)
			test.make(t, path)
			names := []string(nil)
			if name != "no folder" {
				names = beside(t, path)
			}
			for verb, call := range map[string]func() error{
				"Update":  func() error { _, err := Update(t.Context(), path, UpdateOptions{}, setText("x")); return err },
				"Undo":    func() error { _, err := Undo(t.Context(), path, "", UpdateOptions{}); return err },
				"Recover": func() error { _, err := Recover(t.Context(), path, UpdateOptions{}); return err },
			} {
				err := call()
				// Recover doesn't read the state when there is nothing to recover.
				if verb == "Recover" && (test.want == ErrSyntax || test.kind == KindEmpty || test.kind == KindTooLarge) {
					if err != nil {
						t.Errorf("Recover: got error %v", err)
					}
					continue
				}
				if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
					t.Fatalf("%s: got error %v, want %v with %q", verb, err, test.want, test.text)
				}
				hint := ""
				switch e := err.(type) {
				case *FileError:
					hint = e.Hint
				case *FormatError:
					hint = e.Hint
					if e.Kind != test.kind {
						t.Errorf("%s: got kind %q, want %q", verb, e.Kind, test.kind)
					}
				case *SyntaxError:
					hint = e.Hint
				}
				if hint == "" {
					t.Errorf("%s: %T has no hint: %v", verb, err, err)
				}
				if name != "no folder" {
					if got := beside(t, path); !slices.Equal(got, names) {
						t.Errorf("%s: beside the state: %q, want %q", verb, got, names)
					}
				}
			}
			if test.left {
				wantState(t, path, old)
			}
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func link(t testing.TB, target, path string) {
	t.Helper()
	err := os.Symlink(target, path)
	if err == nil {
		_, err = os.Lstat(path) // wine makes none, and has no error
	}
	if err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
}

// A torn state names a backup, where there is one.
func TestUpdateNamesTheBackup(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	done, err := Update(t.Context(), path, UpdateOptions{}, setText("x"))
	must(t, err)
	must(t, os.Truncate(path, 100))
	_, err = Update(t.Context(), path, UpdateOptions{}, setText("y"))
	e, ok := errors.AsType[*SyntaxError](err)
	if !ok || e.Backup != done.Backup {
		t.Errorf("got %#v, want a SyntaxError with backup %q", err, done.Backup)
	}
}

// Folders on the way may be links, and a second name of the file stays one.
func TestUpdateThroughLinks(t *testing.T) {
	old, want := textState(9, oldText), textState(10, "new")
	path := writeState(t, old)
	dir := t.TempDir()
	link(t, filepath.Dir(path), filepath.Join(dir, "link"))
	hard := filepath.Join(dir, "hard")
	must(t, os.Link(path, hard))
	if _, err := Update(t.Context(), filepath.Join(dir, "link", "terraform.tfstate"), UpdateOptions{}, setText("new")); err != nil {
		t.Fatal(err)
	}
	wantState(t, path, want)
	wantState(t, hard, want)
	wantBackups(t, path, 1, old)
}

func TestUpdateFindsChanges(t *testing.T) {
	foreign := textState(30, "by someone else")
	for name, test := range map[string]struct {
		change func(t *testing.T, path string)
		want   []byte
	}{
		"written in place": {func(t *testing.T, path string) { must(t, os.WriteFile(path, foreign, 0o600)) }, foreign},
		"appended": {func(t *testing.T, path string) {
			must(t, os.WriteFile(path, append(textState(9, oldText), '\n'), 0o600))
		}, append(textState(9, oldText), '\n')},
		"replaced": {func(t *testing.T, path string) {
			if runtime.GOOS == "windows" {
				t.Skip("an open file can't be replaced here")
			}
			must(t, os.WriteFile(path+".other", foreign, 0o600))
			must(t, os.Rename(path+".other", path))
		}, foreign},
		"removed": {func(t *testing.T, path string) {
			if runtime.GOOS == "windows" {
				t.Skip("an open file can't be removed here")
			}
			must(t, os.Remove(path))
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := writeState(t, textState(9, oldText))
			_, err := Update(t.Context(), path, UpdateOptions{}, func(f *File) (*File, error) {
				test.change(t, path)
				return setText("ours")(f)
			})
			if !errors.Is(err, ErrChanged) {
				t.Errorf("got error %v, want %v", err, ErrChanged)
			}
			if e, ok := errors.AsType[*FileError](err); !ok || e.Hint == "" || e.Path != path {
				t.Errorf("got %#v, want a FileError with a hint", err)
			}
			if test.want != nil {
				wantState(t, path, test.want)
			}
			wantBackups(t, path, 0, nil)
		})
	}
}

// Someone puts another file in the state's place while bytes are being written.
func TestUpdateFindsReplacementDuringTheWrite(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file can't be replaced here")
	}
	foreign := textState(30, "by someone else")
	path := writeState(t, textState(9, oldText))
	s := &system{chunk: testChunk, fault: func(step string, n int) (int, error) {
		if step == "state: unmark" {
			must(t, os.WriteFile(path+".other", foreign, 0o600))
			must(t, os.Rename(path+".other", path))
		}
		return n, nil
	}}
	_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime}, setText("ours"))
	if !errors.Is(err, ErrChanged) {
		t.Errorf("got error %v, want %v", err, ErrChanged)
	}
	wantState(t, path, foreign)
	wantBackups(t, path, 1, textState(9, oldText))

	// And the write fails: that is the error, and the old state is put back into the
	// file that was there.
	path = writeState(t, textState(9, oldText))
	moved := path + ".moved"
	s.fault = func(step string, n int) (int, error) {
		if step == "state: write" && absent(moved) {
			must(t, os.Rename(path, moved))
			must(t, os.WriteFile(path, foreign, 0o600))
			return n / 2, fs.ErrInvalid
		}
		return n, nil
	}
	_, err = Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime}, setText("ours"))
	if e, ok := errors.AsType[*WriteError](err); !ok || !errors.Is(err, fs.ErrInvalid) || e.Condition != Untouched || errors.Is(err, ErrChanged) {
		t.Errorf("got error %v, want %v", err, fs.ErrInvalid)
	}
	wantState(t, path, foreign)
	wantState(t, moved, textState(9, oldText))
}

// A context that has ended ends the verb at the next moment: before it looks at the state,
// and before the edit.
func TestUpdateCancelledEarly(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	ctx, cancel := context.WithCancel(t.Context())
	opts := UpdateOptions{BackUpFirst: true, Progress: func(Progress) { cancel() }}
	if _, err := Update(ctx, path, opts, neverCalled(t)); !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "read state ") {
		t.Errorf("while it was locked: got error %v", err)
	}
	wantBackups(t, path, 0, nil)
	opts.Progress = func(p Progress) { t.Errorf("progress %+v", p) }
	for _, name := range []string{path, path + ".none"} {
		opts.Initial = initial
		if _, err := Update(ctx, name, opts, neverCalled(t)); !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "lock state ") {
			t.Errorf("before: got error %v", err)
		}
		if _, err := Recover(ctx, name, opts); !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "lock state ") {
			t.Errorf("Recover, before: got error %v", err)
		}
	}
	wantBackups(t, path, 0, nil)
}

func TestUpdateCancelled(t *testing.T) {
	old := textState(9, oldText)
	reason := errors.New("the user had enough")
	steps := record(t, old, "new")
	begun := slices.Index(steps, "state: mark")
	for i, step := range steps {
		if step == "check" {
			// That is where the context is asked for the last time.
			begun = i
		}
	}
	for i, step := range steps {
		t.Run(fmt.Sprintf("%d %s", i, step), func(t *testing.T) {
			path := writeState(t, old)
			ctx, cancel := context.WithCancelCause(t.Context())
			n := -1
			s := &system{chunk: testChunk, fault: func(_ string, size int) (int, error) {
				if n++; n == i {
					cancel(reason)
				}
				return size, nil
			}}
			_, err := Update(ctx, path, UpdateOptions{disk: s, Now: fixedTime}, setText("new"))
			if i <= begun {
				if !errors.Is(err, reason) && !errors.Is(err, context.Canceled) {
					t.Errorf("got error %v, want %v", err, reason)
				}
				if i == begun && err.Error() != fmt.Sprintf("write state %q: the user had enough", path) && runtime.GOOS != "windows" {
					t.Errorf("got error %v, want one that says what was to be done", err)
				}
				wantState(t, path, old)
				wantBackups(t, path, 0, nil)
				return
			}
			if err != nil {
				t.Errorf("got error %v, want the write to go on", err)
			}
			wantState(t, path, textState(10, "new"))
			wantBackups(t, path, 1, old)
		})
	}
}

// record returns the steps of an update, in order.
func record(t testing.TB, old []byte, text string) []string {
	t.Helper()
	return recordEdit(t, old, setText(text))
}

// recordEdit is record for any edit.
func recordEdit(t testing.TB, old []byte, edit func(*File) (*File, error)) []string {
	t.Helper()
	var steps []string
	s := &system{chunk: testChunk, fault: func(step string, n int) (int, error) {
		steps = append(steps, step)
		return n, nil
	}}
	_, err := Update(context.Background(), writeState(t, old), UpdateOptions{disk: s, Now: fixedTime}, edit)
	must(t, err)
	return steps
}

// Nobody may read what stands beside a state who can't read the state, at no
// moment.
func TestUpdateKeepsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes here")
	}
	for _, mode := range []os.FileMode{0o600, 0o640, 0o644, 0o666} {
		path := writeState(t, textState(9, oldText))
		must(t, os.Chmod(path, mode))
		seen := map[string]bool{}
		look := func() {
			for _, name := range beside(t, path) {
				stat, err := os.Stat(filepath.Join(filepath.Dir(path), name))
				must(t, err)
				seen[name] = true
				if stat.Mode().Perm() != 0o600 {
					t.Errorf("state %v: %s has mode %v", mode, name, stat.Mode())
				}
			}
		}
		s := &system{chunk: testChunk, fault: func(_ string, n int) (int, error) { look(); return n, nil }}
		_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime}, setText("new"))
		must(t, err)
		look()
		if len(seen) != 6 { // lock info, journal, copy, backup, and two of them as .tmp
			t.Errorf("saw %v, want 6 files", seen)
		}
		stat, err := os.Stat(path)
		must(t, err)
		if stat.Mode().Perm() != mode {
			t.Errorf("the state's mode is %v, want %v", stat.Mode(), mode)
		}
	}
}

func TestBackupNames(t *testing.T) {
	at := fixedTime()
	sorted := []string{
		backupName("x.tfstate", at, "9", 0),
		backupName("x.tfstate", at.Add(time.Second), "9", 0),
		backupName("x.tfstate", at.Add(time.Second), "10", 0),
		backupName("x.tfstate", at.Add(time.Second), "10", 1),
		backupName("x.tfstate", at.Add(time.Second), "10", 9),
		backupName("x.tfstate", at.Add(time.Hour), strings.Repeat("9", 400), 0),
		backupName("x.tfstate", at.Add(time.Hour+time.Second), "0", 0),
	}
	others := []string{"x.tfstate.backup", "x.tfstate.1700000000.backup", "x.tfstate.herokutf-new", "x.tfstate.herokutf-journal",
		"y.tfstate.herokutf-20260102T150405Z-serial9.backup", "x.tfstate.herokutf-20261302T150405Z-serial9.backup",
		"x.tfstate.herokutf-20260102T150405Z-serial.backup", "x.tfstate.herokutf-20260102T150405Z-serial9-1.backup",
		"x.tfstate.herokutf-20260102T150405Z-serial9-x.backup", "x.tfstate.herokutf-20260102T150405Z-serial9.backup.tmp",
		"x.tfstate.herokutf-20260102T150405Z-serial9-02.backup", "x.tfstate.herokutf-20260102T150405Z.backup",
		"x.tfstate.herokutf-20260102T150405.5Z-serial9.backup"}
	dir := t.TempDir()
	path := filepath.Join(dir, "x.tfstate")
	all := slices.Concat(sorted, others)
	for _, i := range rand.Perm(len(all)) {
		must(t, os.WriteFile(filepath.Join(dir, all[i]), nil, 0o600))
	}
	backups, err := Backups(path)
	must(t, err)
	var got []string
	for _, b := range slices.Backward(backups) {
		got = append(got, filepath.Base(b.Path))
		if len(filepath.Base(b.Path)) > 200 {
			t.Errorf("%q is too long for some disks", b.Path)
		}
	}
	if !slices.Equal(got, sorted) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(sorted, "\n"))
	}
	if b := backups[len(backups)-1]; !b.Time.Equal(at) || b.Serial != "9" {
		t.Errorf("got %+v, want serial 9 at %v", b, at)
	}
}

func FuzzBackupNames(f *testing.F) {
	f.Add("x.herokutf-20260102T150405Z-serial9.backup")
	f.Add("x.herokutf-20260102T150405Z-serial-long-3.backup")
	f.Fuzz(func(t *testing.T, name string) {
		b, ok := parseBackupName("x", name)
		if !ok {
			return
		}
		serial := b.Serial
		if serial == "" {
			serial = strings.Repeat("1", 30)
		}
		if got := backupName("x", b.Time, serial, b.count); got != name {
			t.Errorf("%q is read as %+v, which is called %q", name, b, got)
		}
	})
}

func TestUpdateReplacesNoBackup(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	name := path + ".herokutf-20260102T150405Z-serial9.backup"
	must(t, os.WriteFile(name, []byte("something else"), 0o600))
	done, err := Update(t.Context(), path, UpdateOptions{Now: fixedTime}, setText("x"))
	must(t, err)
	if want := strings.TrimSuffix(name, ".backup") + "-2.backup"; done.Backup != want {
		t.Errorf("got backup %q, want %q", done.Backup, want)
	}
	wantState(t, name, []byte("something else"))
	wantState(t, done.Backup, textState(9, oldText))
}

// No increment is lost among goroutines and processes.
func TestUpdateConcurrently(t *testing.T) {
	const goroutines, processes = 6, 3
	times := 2
	if testmode.Full() {
		times = 5
	}
	path := writeState(t, textState(1, "0"))
	other := filepath.Join(filepath.Dir(path), ".", "..", filepath.Base(filepath.Dir(path)), "terraform.tfstate")
	hard := filepath.Join(t.TempDir(), "hard")
	must(t, os.Link(path, hard))
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() {
			for range times {
				name := []string{path, other, hard}[i%3]
				if _, err := Update(t.Context(), name, UpdateOptions{LockTimeout: time.Minute}, increase); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range processes {
		wg.Go(func() {
			out, err := command(t, "increment", "STATEFILE_PATH", path, "STATEFILE_TIMES", fmt.Sprint(times)).CombinedOutput()
			if err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	all := (goroutines + processes) * times
	wantState(t, path, textState(1+all, fmt.Sprint(all)))
}
