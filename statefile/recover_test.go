package statefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/herokutf/herokutf/internal/testmode"
)

// crash lets a child process do an operation on the state and die at a step. It
// reports whether it died, which it doesn't when there is no such step.
func crash(t *testing.T, path, op, text string, at int, half bool) bool {
	t.Helper()
	env := []string{"STATEFILE_PATH", path, "STATEFILE_OP", op, "STATEFILE_TEXT", text, "STATEFILE_AT", strconv.Itoa(at)}
	if half {
		env = append(env, "STATEFILE_HALF", "1")
	}
	out, err := command(t, "crash", env...).CombinedOutput()
	if err == nil {
		return false
	}
	// Where nothing is put back after half a write, the child ends by itself.
	if _, ok := errors.AsType[*exec.ExitError](err); !ok || len(out) > 0 && !(half && bytes.Contains(out, []byte("dying"))) {
		t.Fatalf("child: %v: %s", err, out)
	}
	return true
}

// checkRecovery checks what a crash or a failure left, recovers it, and checks
// that. It returns what Recover did.
func checkRecovery(t *testing.T, path string, old, new []byte) Outcome {
	t.Helper()
	return checkRecoveryWith(t, path, old, new, old)
}

// checkRecoveryWith is checkRecovery where the backup isn't what the file held.
func checkRecoveryWith(t *testing.T, path string, old, new, backup []byte) Outcome {
	t.Helper()
	left := readFile(t, path)
	whole := bytes.Equal(left, old) || bytes.Equal(left, new)
	// White space behind the old state is the only harmless part of a new one, but for
	// a new one that lacks white space.
	if _, err := Parse(path, left); err == nil && !whole && !bytes.Equal(bytes.TrimSpace(left), bytes.TrimSpace(old)) &&
		!(len(old) == 0 && bytes.Equal(bytes.TrimSpace(left), bytes.TrimSpace(new))) {
		t.Fatalf("Terraform would take a mixture for a state:\n%s", left)
	}
	pending, err := Pending(path)
	must(t, err)
	want := NothingToRecover
	switch {
	case pending == nil && !whole:
		t.Fatalf("nothing is pending, and the state is torn:\n%s", left)
	case pending == nil:
	case bytes.Equal(left, old):
		want = KeptOld
		if pending.Condition != Untouched {
			t.Errorf("pending says %q of the old state", pending.Condition)
		}
	case bytes.Equal(left, new):
		want = KeptNew
		if pending.Condition != Written {
			t.Errorf("pending says %q of the new state", pending.Condition)
		}
	default:
		want = FinishedNew
		if pending.Condition != Torn {
			t.Errorf("pending says %q of a torn state", pending.Condition)
		}
	}
	if pending != nil {
		if !bytes.Equal(readFile(t, pending.Backup), backup) {
			t.Error("the backup is not the old state")
		}
		// Every verb refuses, with the same knowledge.
		for verb, call := range map[string]func() error{
			"Update": func() error { _, err := Update(t.Context(), path, UpdateOptions{}, setText("x")); return err },
			"Undo":   func() error { _, err := Undo(t.Context(), path, "", UpdateOptions{}); return err },
		} {
			err := call()
			e, ok := errors.AsType[*InterruptedError](err)
			if !ok || !errors.Is(err, ErrInterrupted) || errors.Is(err, ErrUndecided) {
				t.Fatalf("%s: got error %v, want %v", verb, err, ErrInterrupted)
			}
			if e.Interrupted != *pending || e.Hint == "" {
				t.Errorf("%s: got %+v, want %+v and a hint", verb, e, pending)
			}
		}
		wantState(t, path, left)
	}
	done, err := Recover(t.Context(), path, UpdateOptions{})
	must(t, err)
	if done.Outcome != want {
		t.Errorf("Recover: got outcome %q, want %q", done.Outcome, want)
	}
	switch {
	case want == FinishedNew:
		wantState(t, path, new)
	default:
		wantState(t, path, left)
	}
	for _, name := range beside(t, path) {
		if !strings.HasSuffix(name, ".backup") {
			t.Errorf("Recover left %q", name)
		} else if b := filepath.Join(filepath.Dir(path), name); !bytes.Equal(readFile(t, b), backup) {
			t.Errorf("backup %s is not the old state", name)
		}
	}
	// Once more changes nothing.
	names := beside(t, path)
	state := readFile(t, path)
	again, err := Recover(t.Context(), path, UpdateOptions{})
	must(t, err)
	if again.Outcome != NothingToRecover {
		t.Errorf("Recover again: got %q", again.Outcome)
	}
	wantState(t, path, state)
	if got := beside(t, path); !slices.Equal(got, names) {
		t.Errorf("Recover again: beside the state %q, before %q", got, names)
	}
	return done.Outcome
}

// crashPoints yields the steps that a process dies at, by their index, and whether
// it does half of the step first: in full before each step, and in the middle of
// each write to the state; else so for the first step of each kind.
func crashPoints(steps []string) iter.Seq2[int, bool] {
	return func(yield func(int, bool) bool) {
		seen := make(map[string]bool)
		for at, step := range steps {
			if seen[step] && !testmode.Full() {
				continue
			}
			seen[step] = true
			if !yield(at, false) {
				return
			}
			writes := strings.HasPrefix(step, "state: ") && !strings.Contains(step, "sync")
			if writes && !yield(at, true) {
				return
			}
		}
	}
}

// The process is killed at the steps of an update.
func TestCrash(t *testing.T) {
	for name, text := range texts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old, new := textState(9, oldText), textState(10, text)
			seen := map[Outcome]int{}
			steps := record(t, old, text)
			for at, half := range crashPoints(steps) {
				path := writeState(t, old)
				if !crash(t, path, "update", text, at, half) {
					t.Fatalf("step %d, %s: the child lived on", at, steps[at])
				}
				seen[checkRecovery(t, path, old, new)]++
				if t.Failed() {
					t.Fatalf("step %d, %s, half %v", at, steps[at], half)
				}
				// And the work can go on.
				if _, err := Update(t.Context(), path, UpdateOptions{}, setText("after")); err != nil {
					t.Fatalf("step %d, %s: %v", at, steps[at], err)
				}
			}
			t.Log(seen)
			for _, o := range []Outcome{NothingToRecover, KeptOld, FinishedNew, KeptNew} {
				if seen[o] == 0 {
					t.Errorf("no crash led to %q: %v", o, seen)
				}
			}
		})
	}
}

// The process is killed from outside, whatever it is doing.
func TestCrashAnytime(t *testing.T) {
	t.Parallel()
	pause := 6 // quarters of a millisecond, by which one kill is later than the one before
	if testmode.Full() {
		pause = 1
	}
	// The new text goes through a variable, which has 32,767 characters on Windows.
	long, short := strings.Repeat("a long text, ", 60_000), strings.Repeat("short", 6_000)
	old, new := textState(9, long), textState(10, short)
	seen := map[Outcome]int{}
	for i := 0; i < 25; i += pause {
		path := writeState(t, old)
		cmd := command(t, "crash", "STATEFILE_PATH", path, "STATEFILE_AT", "1000000000", "STATEFILE_TEXT", short)
		must(t, cmd.Start())
		ended := make(chan struct{})
		go func() {
			cmd.Wait()
			close(ended)
		}()
		// The clock starts when the journal is there: what comes before it is less
		// of a risk and takes longer.
	begun:
		for {
			select {
			case <-ended:
				break begun
			default:
				if _, err := os.Lstat(path + journalSuffix); err == nil {
					break begun
				}
			}
		}
		time.Sleep(time.Duration(i) * 250 * time.Microsecond)
		cmd.Process.Kill()
		<-ended
		seen[checkRecovery(t, path, old, new)]++
		if t.Failed() {
			t.Fatalf("killed after %d quarters of a millisecond", i)
		}
	}
	t.Log(seen)
}

// tear makes a state that an update was killed in the middle of.
func tear(t *testing.T, old []byte, text string) string {
	t.Helper()
	path := writeState(t, old)
	at := slices.Index(record(t, old, text), "state: write")
	if !crash(t, path, "update", text, at+1, false) {
		t.Fatal("the child lived on")
	}
	pending, err := Pending(path)
	must(t, err)
	if pending == nil || pending.Condition != Torn {
		t.Fatalf("got %+v, want a torn state", pending)
	}
	return path
}

// Recover is killed at each of its steps, and recovered.
func TestCrashInRecover(t *testing.T) {
	for name, text := range texts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old, new := textState(9, oldText), textState(10, text)
			torn := tear(t, old, text)
			for at := 0; ; at++ {
				path := filepath.Join(t.TempDir(), "terraform.tfstate")
				must(t, os.CopyFS(filepath.Dir(path), os.DirFS(filepath.Dir(torn))))
				if !crash(t, path, "recover", "", at, at%2 == 1) {
					if at < 10 {
						t.Errorf("Recover had %d steps only", at)
					}
					wantState(t, path, new)
					t.Logf("killed at %d steps", at)
					return
				}
				checkRecovery(t, path, old, new)
				wantState(t, path, new)
				if t.Failed() {
					t.Fatalf("step %d", at)
				}
			}
		})
	}
}

// An undo is an update.
func TestCrashInUndo(t *testing.T) {
	t.Parallel()
	changed := func() string {
		path := writeState(t, textState(9, oldText))
		_, err := Update(t.Context(), path, UpdateOptions{}, setText("a change to be undone"))
		must(t, err)
		return path
	}
	var steps []string
	s := &system{now: fixedTime, chunk: testChunk, fault: func(step string, n int) (int, error) {
		steps = append(steps, step)
		return n, nil
	}}
	path := changed()
	_, err := Undo(t.Context(), path, "", UpdateOptions{disk: s})
	must(t, err)
	wantState(t, path, textState(11, oldText))
	if path := changed(); crash(t, path, "undo", "", len(steps), false) {
		t.Errorf("an undo has more than %d steps", len(steps))
	} else {
		wantState(t, path, textState(11, oldText))
	}
	for at, half := range crashPoints(steps) {
		if half {
			continue
		}
		path := changed()
		if !crash(t, path, "undo", "", at, false) {
			t.Fatalf("step %d, %s: the child lived on", at, steps[at])
		}
		// The first backup is the old state of the first update.
		done, err := Recover(t.Context(), path, UpdateOptions{})
		must(t, err)
		got := readFile(t, path)
		if !bytes.Equal(got, textState(10, "a change to be undone")) && !bytes.Equal(got, textState(11, oldText)) {
			t.Fatalf("step %d, %s: %q left\n%s", at, steps[at], done.Outcome, got)
		}
	}
}

// Each step fails once.
func TestFaults(t *testing.T) {
	for name, text := range texts() {
		old, new := textState(9, oldText), textState(10, text)
		for at, step := range record(t, old, text) {
			t.Run(fmt.Sprintf("%s %d %s", name, at, step), func(t *testing.T) {
				path := writeState(t, old)
				n := -1
				s := &system{chunk: testChunk, fault: func(_ string, size int) (int, error) {
					if n++; n == at {
						return size / 2, syscall.ENOSPC
					}
					return size, nil
				}}
				done, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime}, setText(text))
				if !errors.Is(err, syscall.ENOSPC) {
					t.Fatalf("got error %v, want %v", err, syscall.ENOSPC)
				}
				e, _ := errors.AsType[*WriteError](err)
				switch {
				case done != nil:
					// The new state is there; only the clearing away failed.
					if e == nil || e.Condition != Written || !done.Changed || done.Backup == "" {
						t.Errorf("got %+v with error %v", done, err)
					}
					wantState(t, path, new)
				default:
					if e != nil && e.Condition != Untouched || errors.Is(err, ErrInterrupted) {
						t.Errorf("got error %v of a state that is as it was", err)
					}
					wantState(t, path, old)
					backups := 0
					if e != nil {
						backups = 1
						if e.Hint == "" || e.Backup == "" {
							t.Errorf("got %+v, want a hint and a backup", e)
						}
					}
					wantBackups(t, path, backups, old)
				}
				checkRecovery(t, path, old, new)
			})
		}
	}
}

// From a step on, everything fails, as with a disk that is pulled out. What is left
// can be recovered when it is back.
func TestFaultsThatStay(t *testing.T) {
	for name, text := range texts() {
		old, new := textState(9, oldText), textState(10, text)
		torn := 0
		for at, step := range record(t, old, text) {
			t.Run(fmt.Sprintf("%s %d %s", name, at, step), func(t *testing.T) {
				path := writeState(t, old)
				n := -1
				s := &system{chunk: testChunk, fault: func(_ string, size int) (int, error) {
					if n++; n >= at {
						return size / 2, syscall.EIO
					}
					return size, nil
				}}
				_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime}, setText(text))
				if !errors.Is(err, syscall.EIO) {
					t.Fatalf("got error %v, want %v", err, syscall.EIO)
				}
				if e, ok := errors.AsType[*WriteError](err); ok && e.Condition == Torn {
					torn++
					if !errors.Is(err, ErrInterrupted) || e.Hint == "" || !bytes.Equal(readFile(t, e.Backup), old) {
						t.Errorf("got %+v, want ErrInterrupted, a hint and the old state's backup", e)
					}
				}
				checkRecovery(t, path, old, new)
			})
		}
		if torn == 0 {
			t.Errorf("%s: no fault left a torn state", name)
		}
	}
}

// Each step of Recover fails, once or for good. Another Recover ends it.
func TestFaultsInRecover(t *testing.T) {
	old, new := textState(9, oldText), textState(10, newTexts["much larger"])
	torn := tear(t, old, newTexts["much larger"])
	for _, forGood := range []bool{false, true} {
		for at := 0; ; at++ {
			path := filepath.Join(t.TempDir(), "terraform.tfstate")
			must(t, os.CopyFS(filepath.Dir(path), os.DirFS(filepath.Dir(torn))))
			n := -1
			s := &system{now: fixedTime, chunk: testChunk, fault: func(_ string, size int) (int, error) {
				if n++; n == at || forGood && n > at {
					return size / 2, syscall.EIO
				}
				return size, nil
			}}
			_, err := Recover(t.Context(), path, UpdateOptions{disk: s})
			if err == nil {
				if at < 10 {
					t.Errorf("Recover had %d steps only", at)
				}
				t.Logf("failed at %d steps, for good %v", at, forGood)
				break
			}
			left := readFile(t, path)
			if e, ok := errors.AsType[*WriteError](err); ok {
				want := Torn
				if bytes.Equal(left, new) && !errors.Is(err, ErrInterrupted) {
					want = Written
				}
				if e.Condition != want || e.Hint == "" || !bytes.Equal(readFile(t, e.Backup), old) {
					t.Errorf("step %d: got %+v of a state that is %q", at, e, want)
				}
			}
			if !errors.Is(err, syscall.EIO) {
				t.Errorf("step %d: got error %v, want %v", at, err, syscall.EIO)
			}
			checkRecovery(t, path, old, new)
			wantState(t, path, new)
			if t.Failed() {
				t.Fatalf("step %d, for good %v", at, forGood)
			}
		}
	}
}

func TestRecoverCancelled(t *testing.T) {
	path := tear(t, textState(9, oldText), "new")
	state := readFile(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Recover(ctx, path, UpdateOptions{Progress: func(Progress) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	wantState(t, path, state)
	if _, err := Recover(t.Context(), path, UpdateOptions{}); err != nil {
		t.Error(err)
	}
	wantState(t, path, textState(10, "new"))
}

// The power fails while the state grows: its new length may be there, and the
// bytes not, or not all of them.
func TestRecoverGrown(t *testing.T) {
	old, new := textState(9, oldText), textState(10, newTexts["much larger"])
	tail := new[len(old):]
	zeros := make([]byte, len(tail))
	for name, test := range map[string]struct {
		tail []byte
		cond Condition
	}{
		"all":        {tail, Torn},
		"a part":     {tail[:100], Torn},
		"zeros":      {zeros, Torn},
		"some zeros": {slices.Concat(tail[:300], zeros[300:600], tail[600:]), Torn},
		"no more":    {nil, Untouched},
		"too much":   {append(bytes.Clone(tail), '\n'), Damaged},
		"other text": {bytes.Repeat([]byte("?"), len(tail)), Damaged},
	} {
		t.Run(name, func(t *testing.T) {
			path := tear(t, old, newTexts["much larger"])
			must(t, os.WriteFile(path, slices.Concat(old, test.tail), 0o600))
			if test.cond != Damaged {
				checkRecovery(t, path, old, new)
				return
			}
			pending, err := Pending(path)
			must(t, err)
			if pending.Condition != Damaged {
				t.Errorf("got %q, want %q", pending.Condition, Damaged)
			}
		})
	}
}

// What is read back isn't what was written.
func TestReadBackDiffers(t *testing.T) {
	old := textState(9, oldText)
	path := writeState(t, old)
	s := &system{chunk: testChunk, fault: func(step string, n int) (int, error) {
		if step == "state: read back" {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			must(t, err)
			_, err = f.WriteAt([]byte("X"), 500)
			must(t, errors.Join(err, f.Close()))
		}
		return n, nil
	}}
	_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime}, setText("new"))
	if e, ok := errors.AsType[*WriteError](err); !ok || e.Condition != Untouched || !errors.Is(err, errDiffers) {
		t.Errorf("got error %v, want a WriteError that says so", err)
	}
	wantState(t, path, old)
	wantBackups(t, path, 1, old)
}

// Someone else was at the state between the crash and Recover.
func TestRecoverForeign(t *testing.T) {
	old, new := textState(9, oldText), textState(10, "new")
	for name, test := range map[string]struct {
		data    []byte // nil: removed
		outcome Outcome
		cond    Condition
		serial  string
	}{
		"higher serial":    {textState(12, "by terraform"), KeptReplaced, Replaced, "12"},
		"same serial":      {textState(10, "by terraform"), KeptReplaced, Replaced, "10"},
		"restored by hand": {textState(3, "from a tape"), KeptReplaced, Replaced, "3"},
		// Equal in length and half way between the two, but not ours.
		"half way":   {textState(9, "new"), KeptReplaced, Replaced, "9"},
		"old again":  {old, KeptOld, Untouched, "9"},
		"new by now": {new, KeptNew, Written, "10"},
		"new line":   {append(bytes.Clone(old), '\n'), KeptReplaced, Replaced, "9"},
		"empty":      {[]byte{}, "", Damaged, ""},
		"a start":    {old[:200], "", Damaged, ""},
		"rubbish":    {[]byte("hello, this is a text that has nothing to do with states whatsoever\n"), "", Damaged, ""},
		"as marked":  {bytes.Repeat([]byte("hello, "), 60), "", Damaged, ""}, // the marker's first letter
		"zeros":      {make([]byte, len(old)), "", Damaged, ""},
		"removed":    {nil, "", Missing, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := tear(t, old, "new")
			if test.data == nil {
				must(t, os.Remove(path))
			} else {
				must(t, os.WriteFile(path, test.data, 0o600))
			}
			names := beside(t, path)
			pending, err := Pending(path)
			must(t, err)
			if pending == nil || pending.Condition != test.cond {
				t.Fatalf("Pending: got %+v, want %q", pending, test.cond)
			}
			done, err := Recover(t.Context(), path, UpdateOptions{})
			if test.outcome != "" {
				must(t, err)
				if done.Outcome != test.outcome || done.Serial != test.serial {
					t.Errorf("got %+v, want %q, serial %s", done, test.outcome, test.serial)
				}
				wantState(t, path, test.data)
				wantBackups(t, path, 1, old)
				return
			}
			e, ok := errors.AsType[*InterruptedError](err)
			if !ok || !errors.Is(err, ErrUndecided) || !errors.Is(err, ErrInterrupted) || e.Hint == "" || e.Condition != test.cond {
				t.Fatalf("got %#v, want an InterruptedError that unwraps to ErrUndecided", err)
			}
			if test.data != nil {
				wantState(t, path, test.data)
			}
			names = slices.DeleteFunc(names, func(s string) bool { return strings.HasSuffix(s, ".lock.info") })
			if got := slices.DeleteFunc(beside(t, path), func(s string) bool { return strings.HasSuffix(s, ".lock.info") }); !slices.Equal(got, names) {
				t.Errorf("beside the state: %q, want %q", got, names)
			}
			// The advice works.
			must(t, os.WriteFile(path, readFile(t, e.Copy), 0o600))
			done, err = Recover(t.Context(), path, UpdateOptions{})
			must(t, err)
			if done.Outcome != KeptNew {
				t.Errorf("got %q after the advice was followed", done.Outcome)
			}
			wantBackups(t, path, 1, old)
		})
	}
}

// A copy beside the state was damaged or lost.
func TestRecoverWithoutCopies(t *testing.T) {
	old, new := textState(9, oldText), textState(10, "new")
	spoil := func(t *testing.T, name string) {
		data := readFile(t, name)
		data[len(data)/2] ^= 1
		must(t, os.WriteFile(name, data, 0o600))
	}
	remove := func(t *testing.T, name string) { must(t, os.Remove(name)) }
	replace := func(t *testing.T, name string) { remove(t, name); link(t, "/etc/passwd", name) }
	for name, harm := range map[string]func(*testing.T, string){"spoilt": spoil, "removed": remove, "a link": replace} {
		t.Run(name, func(t *testing.T) {
			path := tear(t, old, "new")
			pending, err := Pending(path)
			must(t, err)
			state := readFile(t, path)
			harm(t, pending.Copy)
			harm(t, pending.Backup)
			_, err = Recover(t.Context(), path, UpdateOptions{})
			if !errors.Is(err, ErrUndecided) {
				t.Errorf("without copies: got error %v, want %v", err, ErrUndecided)
			}
			wantState(t, path, state)

			path = tear(t, old, "new")
			pending, err = Pending(path)
			must(t, err)
			harm(t, pending.Backup)
			done, err := Recover(t.Context(), path, UpdateOptions{})
			must(t, err)
			if done.Outcome != FinishedNew {
				t.Errorf("without the backup: got %q", done.Outcome)
			}
			wantState(t, path, new)

			path = tear(t, old, "new")
			pending, err = Pending(path)
			must(t, err)
			harm(t, pending.Copy)
			done, err = Recover(t.Context(), path, UpdateOptions{})
			must(t, err)
			if done.Outcome != RestoredOld {
				t.Errorf("without the copy: got %q", done.Outcome)
			}
			wantState(t, path, old)
			wantBackups(t, path, 1, old)
		})
	}
}

func TestRecoverRefusesForeignJournals(t *testing.T) {
	old := textState(9, oldText)
	for name, text := range map[string]string{
		"empty":       "",
		"no JSON":     "journal",
		"a folder":    "a folder",
		"a link":      "a link",
		"other":       "{}",
		"later":       `{"format": 2}`,
		"other names": `{"format":1,"old":{"file":"../../etc/passwd","size":1},"new":{"file":"/etc/passwd","size":1}}`,
		"other copy":  `{"format":1,"old":{"file":"terraform.tfstate.herokutf-20260102T150405Z-serial9.backup","size":1},"new":{"file":"../x","size":1}}`,
		"serial":      `{"format":1,"old":{"file":"terraform.tfstate.herokutf-20260102T150405Z-serial9.backup","size":1,"serial":"\u001b[2J"},"new":{"file":"terraform.tfstate.herokutf-new","size":1,"serial":"10"}}`,
		"a kind":      `{"format":1,"created":5,"old":{"file":"terraform.tfstate.herokutf-20260102T150405Z-serial9.backup","size":1,"serial":"9"},"new":{"file":"terraform.tfstate.herokutf-new","size":1,"serial":"10"}}`,
		"no size":     `{"format":1,"old":{"file":"terraform.tfstate.herokutf-20260102T150405Z-serial9.backup"},"new":{"file":"terraform.tfstate.herokutf-new"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			path := writeState(t, old)
			switch text {
			case "a folder":
				must(t, os.Mkdir(path+journalSuffix, 0o700))
			case "a link":
				link(t, path, path+journalSuffix)
			default:
				must(t, os.WriteFile(path+journalSuffix, []byte(text), 0o600))
			}
			for verb, call := range map[string]func() error{
				"Pending": func() error { _, err := Pending(path); return err },
				"Recover": func() error { _, err := Recover(context.Background(), path, UpdateOptions{}); return err },
				"Update":  func() error { _, err := Update(context.Background(), path, UpdateOptions{}, setText("x")); return err },
			} {
				err := call()
				e, ok := errors.AsType[*FileError](err)
				if !ok || !errors.Is(err, ErrInterrupted) || e.Path != path || !strings.HasPrefix(e.Hint, "A write may have left the state torn.") || !strings.Contains(err.Error(), "can't be read: ") {
					t.Errorf("%s: got error %v, want %v and a hint", verb, err, ErrInterrupted)
				}
			}
			wantState(t, path, old)
		})
	}
}

// A journal is refused for any one thing that isn't as this package writes it.
func TestJournalCheck(t *testing.T) {
	const base = "terraform.tfstate"
	good := func() *journal {
		return &journal{Format: 1,
			Old: revision{base + ".herokutf-20260102T150405Z-serial9.backup", "9", 10, "00000000"},
			New: revision{base + ".herokutf-new", "10", 11, "00000000"}}
	}
	must(t, good().check(base))
	first := good()
	first.Old.Size = 0 // there was no state
	must(t, first.check(base))
	for name, change := range map[string]func(*journal){
		"format":                           func(j *journal) { j.Format = 2 },
		"no backup":                        func(j *journal) { j.Old.File = "" },
		"a backup outside the folder":      func(j *journal) { j.Old.File = "../" + j.Old.File },
		"a backup in another folder":       func(j *journal) { j.Old.File = "/tmp/" + j.Old.File },
		"a backup of another state":        func(j *journal) { j.Old.File = "other.tfstate.herokutf-20260102T150405Z-serial9.backup" },
		"a backup without its suffix":      func(j *journal) { j.Old.File = strings.TrimSuffix(j.Old.File, ".backup") },
		"a backup with another suffix":     func(j *journal) { j.Old.File += ".tmp" },
		"the state for a backup":           func(j *journal) { j.Old.File = base },
		"no copy":                          func(j *journal) { j.New.File = "" },
		"a copy outside the folder":        func(j *journal) { j.New.File = "../" + j.New.File },
		"a copy of another state":          func(j *journal) { j.New.File = "other.tfstate.herokutf-new" },
		"the state for a copy":             func(j *journal) { j.New.File = base },
		"a backup for a copy":              func(j *journal) { j.New.File = j.Old.File },
		"a size below 0":                   func(j *journal) { j.Old.Size = -1 },
		"a new state without a byte":       func(j *journal) { j.New.Size = 0 },
		"a new state of a size below 0":    func(j *journal) { j.New.Size = -1 },
		"no serial":                        func(j *journal) { j.Old.Serial = "" },
		"no new serial":                    func(j *journal) { j.New.Serial = "" },
		"a serial that isn't a number":     func(j *journal) { j.Old.Serial = "9\x1b[2J" },
		"a new serial that isn't a number": func(j *journal) { j.New.Serial = "1 0" },
	} {
		j := good()
		change(j)
		if err := j.check(base); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A backup's name is just as this package makes it.
func TestParseBackupName(t *testing.T) {
	const good = "x.herokutf-20260102T150405Z-serial9.backup"
	if b, ok := parseBackupName("x", good); !ok || b.Serial != "9" || !b.Time.Equal(fixedTime()) {
		t.Errorf("got %+v, %v", b, ok)
	}
	if b, ok := parseBackupName("x", "x.herokutf-20260102T150405Z-serial-long-2.backup"); !ok || b.Serial != "" || b.count != 1 {
		t.Errorf("got %+v, %v", b, ok)
	}
	for _, name := range []string{
		"", "x", strings.TrimPrefix(good, "x.herokutf-"), strings.TrimSuffix(good, ".backup"), good + ".tmp", strings.TrimSuffix(good, "backup") + "files", "y" + good[1:], "x" + good, "./" + good,
		"x.herokutf-20260102T150405Z.backup", "x.herokutf-20260102T150405Z-serial.backup", "x.herokutf-20260102T150405Z-serial9x.backup",
		"x.herokutf-20260102T150405-serial9.backup", "x.herokutf-20261302T150405Z-serial9.backup", "x.herokutf-20260102T150405.5Z-serial9.backup",
		"x.herokutf-20260102T150405Z-serial9-1.backup", "x.herokutf-20260102T150405Z-serial9-02.backup", "x.herokutf-20260102T150405Z-serial9-.backup",
		"x.herokutf-20260102T150405Z-serial9--2.backup", "x.herokutf-20260102T150405Z-serial9+2.backup",
		"x.herokutf-20260102T150405Z-serial9-99999999999999999999.backup", "x.herokutf-20260102T150405Z-serial9-0.backup", "x.herokutf--serial9.backup",
		"x.herokutf-20260102T150405Z-serial-9.backup", "x.herokutf-20260102T150405Z-serial123456789012345678901.backup",
	} {
		if b, ok := parseBackupName("x", name); ok {
			t.Errorf("%q is taken for a backup: %+v", name, b)
		}
	}
}

// flipBefore is a fault that changes a byte of the state before a step, and lets another step
// fail, once, if it is named.
func flipBefore(t *testing.T, path, step, fails string) func(string, int) (int, error) {
	return func(at string, n int) (int, error) {
		switch at {
		case fails:
			fails = ""
			return n / 2, syscall.EIO
		case step:
			data := readFile(t, path)
			data[len(data)/2] ^= 1
			must(t, os.WriteFile(path, data, 0o600))
		}
		return n, nil
	}
}

// What is read back after the old state was put back isn't what was written, and so
// after a recovery. The write isn't taken for ended.
func TestReadBackDiffersAfterPuttingBack(t *testing.T) {
	old, text := textState(9, oldText), newTexts["much larger"]
	pending := func(t *testing.T, path string) {
		t.Helper()
		p, err := Pending(path)
		must(t, err)
		if p == nil || !bytes.Equal(readFile(t, p.Backup), old) || !bytes.Equal(readFile(t, p.Copy), textState(10, text)) {
			t.Errorf("got %+v, want a write under way with whole copies", p)
		}
	}
	for _, fails := range []string{"state: write", "state: grow"} {
		path := writeState(t, old)
		s := &system{chunk: testChunk, fault: flipBefore(t, path, "rollback: read back", fails)}
		_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime}, setText(text))
		if e, ok := errors.AsType[*WriteError](err); !ok || e.Condition != Torn || !errors.Is(err, errDiffers) || !errors.Is(err, ErrInterrupted) {
			t.Errorf("%s: got error %v, want a torn state", fails, err)
		}
		pending(t, path)
	}
	path := tear(t, old, text)
	s := &system{chunk: testChunk, now: fixedTime, fault: flipBefore(t, path, "recover: read back", "")}
	_, err := Recover(t.Context(), path, UpdateOptions{disk: s})
	if e, ok := errors.AsType[*WriteError](err); !ok || e.Condition != Torn || !errors.Is(err, errDiffers) || !errors.Is(err, ErrInterrupted) {
		t.Errorf("Recover: got error %v, want a torn state", err)
	}
	pending(t, path)
}

// A write that is under way isn't an interrupted one.
func TestPendingDuringAWrite(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	asked := 0
	s := &system{chunk: testChunk, fault: func(step string, n int) (int, error) {
		if strings.HasPrefix(step, "state: ") {
			asked++
			if pending, err := Pending(path); pending != nil || !errors.Is(err, ErrLocked) {
				t.Errorf("%s: got %+v and error %v, want %v", step, pending, err, ErrLocked)
			}
			if _, err := Recover(t.Context(), path, UpdateOptions{}); !errors.Is(err, ErrLocked) {
				t.Errorf("%s: Recover: got error %v, want %v", step, err, ErrLocked)
			}
		}
		return n, nil
	}}
	_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime}, setText("new"))
	must(t, err)
	if asked == 0 {
		t.Error("never asked")
	}
	wantState(t, path, textState(10, "new"))
}

// Several processes recover at once.
func TestRecoverConcurrently(t *testing.T) {
	old, new := textState(9, oldText), textState(10, "new")
	path := tear(t, old, "new")
	var mu sync.Mutex
	seen := map[Outcome]int{}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			done, err := Recover(t.Context(), path, UpdateOptions{LockTimeout: time.Minute})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
				return
			}
			seen[done.Outcome]++
		})
	}
	wg.Wait()
	if seen[FinishedNew] != 1 || seen[NothingToRecover] != 5 {
		t.Errorf("got %v, want one that finished it", seen)
	}
	wantState(t, path, new)
	wantBackups(t, path, 1, old)
}

// The error of reading a torn state without a lock says what it is, and where the
// old one is.
func TestReadTornState(t *testing.T) {
	path := tear(t, textState(9, oldText), "new")
	pending, err := Pending(path)
	must(t, err)
	_, err = ReadFile(path)
	if e, ok := errors.AsType[*FormatError](err); !ok || e.Kind != KindInterrupted || e.Hint == "" || e.Backup != pending.Backup {
		t.Errorf("got %#v, want a FormatError of kind %q with backup %q", err, KindInterrupted, pending.Backup)
	}
}

// No head of a state can be taken for a part of the marker, whatever the newTexts.
func TestMarker(t *testing.T) {
	for n := int64(1); n < 200; n++ {
		m := markerOf(n, 100)
		if len(m) != int(min(n, 100, int64(len(marker)))) || m[len(m)-1] != marker[len(marker)-1] {
			t.Errorf("%d: got %q", n, m)
		}
		if _, err := Parse("x", m); err == nil {
			t.Errorf("%q is a state", m)
		}
	}
	path := filepath.Join(t.TempDir(), "terraform.tfstate")
	for _, state := range [][]byte{textState(9, oldText), textState(10, "new"), []byte(`{"version":4,"serial":1,"lineage":"x"}`)} {
		j := journal{Old: revision{Size: int64(len(state)), CRC32C: sum(textState(1, ""))}, New: revision{Size: 1000}}
		if j.torn(path, state) {
			t.Errorf("a whole state is taken for a torn one:\n%s", state)
		}
	}
}
