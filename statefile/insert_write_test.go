package statefile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/herokutf/herokutf/internal/stategen"
)

// initial stands for no state, always with the same lineage.
var initial = func() *File {
	random := New("", "1.11.4")
	f, err := Parse("", bytes.Replace(random.Bytes(), []byte(random.Lineage()), []byte("5c0d0f2c-1111-4222-8333-444455556666"), 1))
	if err != nil {
		panic(err)
	}
	return f
}()

// insertApps inserts some apps, more than one write of the tests takes.
func insertApps(f *File) (*File, error) {
	return f.Apply(InsertInstance(f, fresh("web")), InsertInstance(f, fresh("api")), InsertInstance(f, with(fresh("shop"), func(i *NewInstance) {
		i.Module, i.Attributes = "module.m", []byte(`{"text":"`+strings.Repeat("long ", 100)+`"}`)
	})))
}

// insertCases are what a state may be before its first insertion: the bytes in its
// file, nil for none, and what the edit is given.
func insertCases(t testing.TB) map[string]struct{ have, backup, new []byte } {
	cases := make(map[string]struct{ have, backup, new []byte })
	for name, have := range map[string][]byte{"a state": textState(9, "x"), "an empty file": {}, "no file": nil} {
		from := initial
		if len(have) > 0 {
			from = parse(t, string(have))
		}
		new, err := insertApps(from)
		must(t, err)
		cases[name] = struct{ have, backup, new []byte }{have, from.Bytes(), new.Bytes()}
	}
	return cases
}

// placed writes a state into a new folder, unless there is none.
func placed(t testing.TB, have []byte) string {
	if have == nil {
		return filepath.Join(t.TempDir(), "terraform.tfstate")
	}
	return writeState(t, have)
}

func absent(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

func TestUpdateInserts(t *testing.T) {
	for name, test := range insertCases(t) {
		t.Run(name, func(t *testing.T) {
			path := placed(t, test.have)
			opts := UpdateOptions{Initial: initial, Now: fixedTime}
			refused := errors.New("refused")
			opts.Check = func(f *File) error {
				if !bytes.Equal(f.Bytes(), test.new) {
					t.Error("another state is checked")
				}
				return refused
			}
			if _, err := Update(t.Context(), path, opts, insertApps); !errors.Is(err, refused) {
				t.Errorf("got error %v, want %v", err, refused)
			}
			if names := beside(t, path); len(names) > 0 || absent(path) != (test.have == nil) {
				t.Errorf("a refused update left %q", names)
			}
			opts.Check = func(*File) error {
				t.Error("what is as it was is checked")
				return nil
			}
			same, err := Update(t.Context(), path, opts, func(f *File) (*File, error) { return f, nil })
			if err != nil || same.Changed || absent(path) != (test.have == nil) {
				t.Errorf("without a change: got %+v, error %v", same, err)
			}

			checks, edits := 0, 0
			opts.Check = func(*File) error { checks++; return nil }
			done, err := Update(t.Context(), path, opts, func(f *File) (*File, error) { edits++; return insertApps(f) })
			must(t, err)
			if checks != 1 || edits != 1 {
				t.Errorf("the edit was called %d times, and its outcome checked %d times", edits, checks)
			}
			wantState(t, path, test.new)
			wantBackups(t, path, 1, test.backup)
			from, _ := Parse("", test.backup)
			if !done.Changed || done.OldSerial != from.Serial() || done.NewSerial != string(increment([]byte(from.Serial()))) {
				t.Errorf("got %+v", done)
			}
			if stat, err := os.Stat(path); test.have == nil && err == nil && stat.Mode().Perm()&0o077 != 0 && filepath.Separator == '/' {
				t.Errorf("the new state has mode %v", stat.Mode())
			}
			// What follows finds a state.
			again, err := Update(t.Context(), path, opts, func(f *File) (*File, error) {
				if !bytes.Equal(f.Bytes(), test.new) {
					t.Error("the edit got another state")
				}
				return f, nil
			})
			if err != nil || again.Changed {
				t.Errorf("got %+v, error %v", again, err)
			}
			undone, err := Undo(t.Context(), path, "", UpdateOptions{Initial: initial})
			must(t, err)
			f, err := ReadFile(path)
			must(t, err)
			if undone.Restored != done.Backup || !bytes.Equal(withoutSerials(f), withoutSerials(from)) || CompareSerials(f.Serial(), done.NewSerial) <= 0 {
				t.Errorf("undone to serial %s: %+v", f.Serial(), undone)
			}
		})
	}
	if _, err := Update(t.Context(), placed(t, nil), UpdateOptions{}, insertApps); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without an initial state: got error %v", err)
	}
	if _, err := Update(t.Context(), placed(t, []byte{}), UpdateOptions{}, insertApps); !errors.Is(err, ErrNotState) {
		t.Errorf("without an initial state: got error %v", err)
	}
	if _, err := Update(t.Context(), filepath.Join(t.TempDir(), "no", "x.tfstate"), UpdateOptions{Initial: initial}, insertApps); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a folder: got error %v", err)
	}
}

// Another program makes the first state while the edit is worked out, or begins to.
func TestCreateMeetsAnother(t *testing.T) {
	for _, theirs := range [][]byte{textState(1, "theirs"), {}} {
		path := placed(t, nil)
		_, err := Update(t.Context(), path, UpdateOptions{Initial: initial}, func(f *File) (*File, error) {
			must(t, os.WriteFile(path, theirs, 0o600))
			return insertApps(f)
		})
		if e, ok := errors.AsType[*FileError](err); !ok || e.Path != path || !errors.Is(err, ErrChanged) {
			t.Errorf("got error %v, want %v", err, ErrChanged)
		}
		wantState(t, path, theirs)
		wantBackups(t, path, 0, nil)
	}
}

// Where a write was interrupted and the state is gone, no first one is made.
func TestCreateAfterInterruption(t *testing.T) {
	path := leftAt(t, textState(9, oldText), "new", "state: write")
	must(t, os.Remove(path))
	_, err := Update(t.Context(), path, UpdateOptions{Initial: initial}, insertApps)
	if e, ok := errors.AsType[*InterruptedError](err); !ok || !errors.Is(err, ErrUndecided) || e.Condition != Missing || !absent(path) {
		t.Errorf("got error %v, nothing there: %v", err, absent(path))
	}
}

// The process is killed at the steps of an insertion.
func TestCrashInInsert(t *testing.T) {
	for name, test := range insertCases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := map[Outcome]int{}
			for at, half := range crashPoints(recordInsert(t, test.have)) {
				path := placed(t, test.have)
				if !crash(t, path, "insert", "", at, half) {
					t.Fatalf("step %d: the child lived on", at)
				}
				if absent(path) {
					if names := beside(t, path); len(names) > 0 {
						t.Errorf("step %d: no state, and %q", at, names)
					}
				} else {
					seen[checkRecoveryWith(t, path, test.have, test.new, test.backup)]++
				}
				if t.Failed() {
					t.Fatalf("step %d, half %v", at, half)
				}
				// And the work can go on.
				_, err := Update(t.Context(), path, UpdateOptions{Initial: initial}, func(f *File) (*File, error) {
					if _, there := f.Instance("heroku_app.web"); there {
						return f, nil
					}
					return insertApps(f)
				})
				must(t, err)
				wantState(t, path, test.new)
			}
			for _, o := range []Outcome{NothingToRecover, KeptOld, FinishedNew, KeptNew} {
				if seen[o] == 0 {
					t.Errorf("no crash led to %q: %v", o, seen)
				}
			}
		})
	}
}

// recordInsert returns the steps of an insertion.
func recordInsert(t testing.TB, have []byte) (steps []string) {
	s := &system{chunk: testChunk, fault: func(step string, n int) (int, error) {
		steps = append(steps, step)
		return n, nil
	}}
	_, err := Update(t.Context(), placed(t, have), UpdateOptions{disk: s, Now: fixedTime, Initial: initial}, insertApps)
	must(t, err)
	return steps
}

// Each step of an insertion fails, once or from then on.
func TestFaultsInInsert(t *testing.T) {
	for name, test := range insertCases(t) {
		for at, step := range recordInsert(t, test.have) {
			for _, forGood := range []bool{false, true} {
				path := placed(t, test.have)
				n := -1
				s := &system{chunk: testChunk, fault: func(_ string, size int) (int, error) {
					if n++; n == at || forGood && n > at {
						return size / 2, syscall.EIO
					}
					return size, nil
				}}
				done, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime, Initial: initial}, insertApps)
				if !errors.Is(err, syscall.EIO) {
					t.Fatalf("%s, step %d, %s, for good %v: got error %v", name, at, step, forGood, err)
				}
				if done != nil {
					wantState(t, path, test.new)
				}
				if !absent(path) {
					checkRecoveryWith(t, path, test.have, test.new, test.backup)
				} else if names := beside(t, path); len(names) > 0 {
					t.Errorf("no state, and %q", names)
				}
				if t.Failed() {
					t.Fatalf("%s, step %d, %s, for good %v", name, at, step, forGood)
				}
			}
		}
	}
}

// Insertions into real and generated states are at their place, change nothing else
// and go away again to the byte.
func TestInsertProperties(t *testing.T) {
	states := realStates(t)
	states["generated"] = string(stategen.State(61))
	states["initial"] = string(initial.Bytes())
	for name, data := range states {
		t.Run(name, func(t *testing.T) {
			for pick := range uint(30) {
				checkInsert(t, []byte(data), "new_<name>", `{"a":[1.0,{"b":"<"}],"é":{}}`, byte(pick), pick*7)
			}
		})
	}
}

// FuzzInsert: as above, with any state and any attributes.
func FuzzInsert(f *testing.F) {
	for data := range seeds {
		for what := range byte(3) {
			f.Add(data, "n", `{"id":"x"}`, what, uint(1))
		}
	}
	f.Fuzz(checkInsert)
}

func checkInsert(t *testing.T, data []byte, name, attributes string, what byte, pick uint) {
	file, err := Parse("fuzz", data)
	if err != nil {
		return
	}
	i := NewInstance{Type: "heroku_app", Name: name, Provider: heroku, SchemaVersion: int(what), Attributes: []byte(attributes)}
	// Beside an instance that is there, or of its resource.
	if n := uint(len(file.instances)); n > 0 {
		near := file.instances[pick%n]
		switch what % 3 {
		case 1:
			i.Module, i.Type, i.Mode = near.Module, near.Type, near.Mode
		case 2:
			i.Module, i.Type, i.Name, i.Mode, i.Provider, i.Key = near.Module, near.Type, near.Name, near.Mode, near.Provider, StringKey(name)
		}
	}
	after, err := file.Apply(InsertInstance(file, i))
	if err != nil {
		if _, ok := errors.AsType[*EditError](err); !ok || after != nil {
			t.Fatalf("Apply: %v", err)
		}
		if i.fault() == "" && file.Version() == 4 && what%3 == 0 && !strings.Contains(err.Error(), "already") && !strings.Contains(err.Error(), "its resource is there") {
			t.Fatalf("Apply: %v", err)
		}
		return
	}
	there, ok := after.Instance(i.Address())
	if !ok || !i.is(there) || len(after.instances) != len(file.instances)+1 {
		t.Fatalf("%s isn't what was inserted, among %d", i.Address(), len(after.instances))
	}
	if got, want := after.Serial(), string(increment([]byte(file.Serial()))); got != want {
		t.Errorf("serial %s after %s", got, file.Serial())
	}
	sorted := func(f *File) bool {
		list := f.layout().resources
		for n := 1; n < len(list); n++ {
			if compareResources(&list[n-1].Instance, &list[n].Instance) > 0 {
				return false
			}
		}
		return true
	}
	if sorted(file) && !sorted(after) {
		t.Error("the order is lost")
	}
	if _, err := after.Apply(InsertInstance(after, i)); !errors.Is(err, ErrEdit) {
		t.Errorf("inserted twice: got error %v", err)
	}
	back, err := after.Apply(RemoveInstance(there))
	if err != nil {
		t.Fatalf("remove: %v", err)
	}
	if l := file.layout(); len(file.serials) == 0 || l.list.none() || kindOf(data[l.list.start]) != Array {
		return // the serial or the list that was added stays
	}
	got, want := withoutSerials(back), withoutSerials(file)
	if !bytes.Equal(got, want) && !bytes.Equal(compact(got), compact(want)) {
		t.Errorf("removed again: got %q, want %q", got, want)
	}
	if !bytes.Equal(got, want) && !emptyList(file) {
		t.Errorf("removed again, white space differs: got %q, want %q", got, want)
	}
}

// compact returns the text without white space outside strings.
func compact(text []byte) []byte {
	var out []byte
	for at := 0; at < len(text); {
		if text[at] == '"' {
			end := skipString(text, at)
			out = append(out, text[at:end]...)
			at = end
			continue
		}
		if bytes.IndexByte([]byte(whiteSpace), text[at]) < 0 {
			out = append(out, text[at])
		}
		at++
	}
	return out
}

// emptyList reports whether a list of the state's is empty, whose white space isn't
// kept.
func emptyList(f *File) bool {
	l := f.layout()
	for _, r := range l.resources {
		if !r.list.none() && f.data[skipSpace(f.data, r.list.start+1)] == ']' {
			return true
		}
	}
	return len(l.resources) == 0
}
