//go:build unix

package statefile

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/herokutf/herokutf/internal/diskio/powerloss"
	"github.com/herokutf/herokutf/internal/testmode"
)

// memoryDir returns an empty folder in memory, where there is such a thing: a model
// of a disk has no need of a real one.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "statefile-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// recorded returns a system that records what it does in the state's folder. The lock
// info isn't looked at: without the lock it means nothing.
func recorded(t *testing.T, path string) (*system, *powerloss.Disk) {
	t.Helper()
	d := powerloss.Record(t, filepath.Dir(path), func(name string) bool { return strings.HasSuffix(name, ".lock.info") })
	d.Sector = 128 // more than the marker, so that small states have several
	return &system{chunk: testChunk, calls: d, fault: func(step string, n int) (int, error) {
		d.Step(step)
		return n, nil
	}}, d
}

// powerCase is a write that the power fails in.
type powerCase struct {
	old, new []byte   // what the state's file holds before and after; old is nil if there is none
	backups  [][]byte // what a backup may hold
	torn     Outcome  // what Recover does to a torn state
	from     int      // index of the first operation to fail at
	// discarded says that nothing was written to the state, and the backup isn't needed.
	discarded bool
	initial   *File
}

// run lets the power fail at each operation that was recorded, in each way, and
// checks what is left. It returns how often Recover did what. returned is the number of
// operations after which the verb had returned.
func (c powerCase) run(t *testing.T, d *powerloss.Disk, returned int) map[Outcome]int {
	t.Helper()
	d.Check(t)
	limit := 24
	if testmode.Full() {
		limit = 1 << 15 // all; most of them leave the same
	}
	path := filepath.Join(memoryDir(t), "terraform.tfstate")
	seen := make(map[Outcome]int)
	n := 0
	for loss := range d.Losses(c.from, limit, 1) {
		if n++; loss.Sampled && testmode.Full() {
			t.Fatalf("not all combinations can be had at operation %d: make fewer writes", loss.After)
		}
		must(t, loss.Files.Put(filepath.Dir(path)))
		seen[c.check(t, path, loss.After >= returned)]++
		if n%8 == 0 || testmode.Full() {
			c.goOn(t, path)
		}
		if t.Failed() {
			ops := d.Ops()
			next := "the end"
			if loss.After < len(ops) {
				next = ops[loss.After].String()
			}
			t.Fatalf("the power was lost before %s; on the disk isn't: %s\nthere was:\n%s\nit was done:\n%s", next, loss.Lost, loss.Files, d.Lines())
		}
	}
	t.Logf("%d losses: %v", n, seen)
	return seen
}

// check checks what a loss of power has left, and what Recover makes of it. After the
// verb had returned, its outcome lasts.
func (c powerCase) check(t *testing.T, path string, returned bool) Outcome {
	t.Helper()
	left, err := os.ReadFile(path)
	if err != nil && (c.old != nil || returned) {
		t.Errorf("the state is gone: %v", err)
		return ""
	}
	isOld, isNew := bytes.Equal(left, c.old), bytes.Equal(left, c.new)
	spaces := bytes.Equal(bytes.TrimSpace(left), bytes.TrimSpace(c.old)) || len(c.old) == 0 && bytes.Equal(bytes.TrimSpace(left), bytes.TrimSpace(c.new))
	if _, err := Parse(path, left); err == nil && !isOld && !isNew && !spaces {
		t.Errorf("Terraform would take a mixture for a state:\n%s", left)
	}
	pending, err := Pending(path)
	if err != nil {
		t.Error(err)
		return ""
	}
	want := NothingToRecover
	switch {
	case returned && (pending != nil || !isNew):
		t.Errorf("the verb has returned; new state %v, pending %+v", isNew, pending)
	case pending == nil && !isOld && !isNew:
		t.Errorf("nothing is pending, and the state is torn:\n%q", left)
	case pending == nil:
	case isOld:
		want = KeptOld
	case isNew:
		want = KeptNew
	default:
		want = c.torn
	}
	if pending != nil && !c.whole(t, pending.Backup) {
		t.Error("a write is under way, and there is no whole backup")
	}
	if absent(path) {
		return want
	}
	recovery, err := Recover(t.Context(), path, UpdateOptions{})
	switch {
	case err != nil:
		t.Errorf("Recover: %v", err)
		return ""
	case recovery.Outcome != want:
		t.Errorf("Recover: %q, want %q", recovery.Outcome, want)
	case want == FinishedNew:
		wantState(t, path, c.new)
	case want == RestoredOld:
		wantState(t, path, c.old)
	default:
		wantState(t, path, left)
	}
	backups := 0
	for _, name := range beside(t, path) {
		switch {
		case !strings.HasSuffix(name, backupSuffix):
			t.Errorf("Recover left %q", name)
		case !c.whole(t, filepath.Join(filepath.Dir(path), name)):
			t.Errorf("backup %s isn't whole", name)
		default:
			backups++
		}
	}
	if (returned || isNew || want == FinishedNew) && !c.discarded && backups != len(c.backups) {
		t.Errorf("%d backups of the old state, want %d", backups, len(c.backups))
	}
	return want
}

// whole reports whether a backup is one that may be there.
func (c powerCase) whole(t *testing.T, backup string) bool {
	data, err := os.ReadFile(backup)
	return err == nil && slices.ContainsFunc(c.backups, func(b []byte) bool { return bytes.Equal(b, data) })
}

// goOn does what a user does next.
func (c powerCase) goOn(t *testing.T, path string) {
	t.Helper()
	done, err := Update(t.Context(), path, UpdateOptions{Initial: c.initial}, func(f *File) (*File, error) {
		return f.RaiseSerial(path, f.Serial())
	})
	if err != nil || !done.Changed {
		t.Errorf("an update after the recovery: %+v, %v", done, err)
	}
}

// wantSeen fails unless each outcome was seen.
func wantSeen(t *testing.T, seen map[Outcome]int, want ...Outcome) {
	t.Helper()
	for _, o := range want {
		if seen[o] == 0 {
			t.Errorf("no loss of power led to %q: %v", o, seen)
		}
	}
}

// powerTexts are texts that make the state grow, shrink and neither. None takes so many
// writes that not all combinations of them could be lost.
func powerTexts() map[string]string {
	larger := strings.Repeat("a long text ", 40)
	if !testmode.Full() {
		return map[string]string{"larger": larger, "smaller": newTexts["smaller"], "equal": newTexts["equal"]}
	}
	texts := maps.Clone(newTexts)
	texts["much larger"] = larger
	return texts
}

func TestPowerLoss(t *testing.T) {
	for name, text := range powerTexts() {
		for _, first := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, backup first: %v", name, first), func(t *testing.T) {
				t.Parallel()
				c := powerCase{old: textState(9, oldText), new: textState(10, text), torn: FinishedNew}
				c.backups = [][]byte{c.old}
				path := writeState(t, c.old)
				s, d := recorded(t, path)
				_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime, BackUpFirst: first}, setText(text))
				must(t, err)
				wantSeen(t, c.run(t, d, len(d.Ops())), NothingToRecover, KeptOld, FinishedNew, KeptNew)
			})
		}
	}
}

func TestPowerLossInInsert(t *testing.T) {
	for name, test := range insertCases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := powerCase{old: test.have, new: test.new, backups: [][]byte{test.backup}, torn: FinishedNew, initial: initial}
			path := placed(t, test.have)
			s, d := recorded(t, path)
			s.chunk = 3 * testChunk // few writes, as of powerTexts
			_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime, Initial: initial}, insertApps)
			must(t, err)
			wantSeen(t, c.run(t, d, len(d.Ops())), NothingToRecover, KeptOld, FinishedNew, KeptNew)
		})
	}
}

func TestPowerLossInUndo(t *testing.T) {
	t.Parallel()
	c := powerCase{old: textState(10, "a change to be undone"), new: textState(11, oldText), torn: FinishedNew}
	c.backups = [][]byte{textState(9, oldText), c.old}
	path := writeState(t, textState(9, oldText))
	_, err := Update(t.Context(), path, UpdateOptions{Now: fixedTime}, setText("a change to be undone"))
	must(t, err)
	s, d := recorded(t, path)
	_, err = Undo(t.Context(), path, "", UpdateOptions{disk: s, Now: fixedTime})
	must(t, err)
	wantSeen(t, c.run(t, d, len(d.Ops())), NothingToRecover, KeptOld, FinishedNew, KeptNew)
}

// firstOfEach returns the indexes of the labels, in short of the first of each kind.
func firstOfEach(labels []string) []int {
	var at []int
	seen := make(map[string]bool)
	for i, label := range labels {
		if !seen[label] || testmode.Full() {
			at = append(at, i)
		}
		seen[label] = true
	}
	return at
}

// A step fails, and the power while the old state is put back.
func TestPowerLossInRollback(t *testing.T) {
	for name, text := range powerTexts() {
		old := textState(9, oldText)
		steps := record(t, old, text)
		for _, at := range firstOfEach(steps) {
			if !strings.HasPrefix(steps[at], "state: ") {
				continue
			}
			t.Run(name+" "+steps[at], func(t *testing.T) {
				t.Parallel()
				c, d := failedAt(t, UpdateOptions{}, old, text, steps, at)
				c.runRolledBack(t, d, len(d.Ops()))
			})
		}
	}
}

// A step fails of a write whose backup began before the edit, and the power while all is put
// back: the state, or what stands beside it if nothing was written to the state yet.
func TestPowerLossInRollbackOfFirst(t *testing.T) {
	old := textState(9, oldText)
	for name, text := range powerTexts() {
		if name != "smaller" && (name != "much larger" || !testmode.Full()) {
			continue
		}
		steps := record(t, old, text)
		seen := make(map[string]bool)
		for at, step := range steps[:slices.Index(steps, "remove copy")] {
			if seen[step] || at < slices.Index(steps, "backup: create") {
				continue
			}
			seen[step] = true
			t.Run(name+" "+step, func(t *testing.T) {
				t.Parallel()
				c, d := failedAt(t, UpdateOptions{BackUpFirst: true}, old, text, steps, at)
				c.discarded = !strings.HasPrefix(step, "state: ")
				c.runRolledBack(t, d, len(d.Ops()))
			})
		}
	}
}

// failedAt returns a write of which a step has failed, and what was done. What the power
// leaves torn becomes the new state, although the write had failed: either is whole.
func failedAt(t *testing.T, opts UpdateOptions, old []byte, text string, steps []string, at int) (powerCase, *powerloss.Disk) {
	t.Helper()
	path := writeState(t, old)
	s, d := recorded(t, path)
	fault, n := s.fault, -1
	s.fault = func(step string, size int) (int, error) {
		if n++; n == at {
			fault(step, size)
			return size / 2, syscall.EIO
		}
		return fault(step, size)
	}
	opts.disk, opts.Now = s, fixedTime
	_, err := Update(t.Context(), path, opts, setText(text))
	e, ok := errors.AsType[*WriteError](err)
	if writing := strings.HasPrefix(steps[at], "state: "); !errors.Is(err, syscall.EIO) || ok != writing || writing && e.Condition != Untouched {
		t.Fatalf("got error %v", err)
	}
	from := slices.IndexFunc(d.Ops(), func(op powerloss.Op) bool { return op.Kind == powerloss.Step && op.Name == steps[at] })
	return powerCase{old: old, new: textState(10, text), backups: [][]byte{old}, torn: FinishedNew, from: from}, d
}

// runRolledBack is run for a write that failed: the state is the old one in the end.
func (c powerCase) runRolledBack(t *testing.T, d *powerloss.Disk, returned int) {
	t.Helper()
	c.run(t, d, returned+1)
	last := c
	last.new, last.from = c.old, returned
	last.run(t, d, returned)
}

// killedAt returns a state whose update was killed before a step, and a system that goes on
// recording what happens to it.
func killedAt(t *testing.T, old []byte, text string, at int) (path string, s *system, d *powerloss.Disk) {
	t.Helper()
	path = writeState(t, old)
	s, d = recorded(t, path)
	dying := *s
	n := -1
	dying.fault = func(step string, size int) (int, error) {
		if n++; n >= at {
			d.Kill()
			return size, powerloss.ErrDead
		}
		return s.fault(step, size)
	}
	_, err := Update(t.Context(), path, UpdateOptions{disk: &dying, Now: fixedTime}, setText(text))
	if !errors.Is(err, powerloss.ErrDead) {
		t.Fatalf("got error %v of a killed program", err)
	}
	d.Restart()
	return path, s, d
}

// The process is killed, and the power fails while another one recovers: what the first had
// written need not be on the disk.
func TestPowerLossInRecover(t *testing.T) {
	for name, text := range powerTexts() {
		old, new := textState(9, oldText), textState(10, text)
		steps := record(t, old, text)
		seen := make(map[Outcome]int)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, at := range firstOfEach(steps) {
				path, s, d := killedAt(t, old, text, at)
				killed := len(d.Ops())
				done, err := Recover(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime})
				must(t, err)
				seen[done.Outcome]++
				c := powerCase{old: old, new: new, backups: [][]byte{old}, torn: FinishedNew, from: killed}
				switch done.Outcome {
				case NothingToRecover:
					continue
				case KeptOld:
					c.runRolledBack(t, d, len(d.Ops()))
				default:
					c.run(t, d, len(d.Ops()))
				}
			}
			wantSeen(t, seen, KeptOld, FinishedNew, KeptNew)
		})
	}
}

// The copy of the new state is lost, and the power fails while the old one is put
// back.
func TestPowerLossInRestore(t *testing.T) {
	for name, text := range powerTexts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old := textState(9, oldText)
			path := tear(t, old, text)
			pending, err := Pending(path)
			must(t, err)
			must(t, os.WriteFile(pending.Copy, []byte("lost"), 0o600))
			s, d := recorded(t, path)
			done, err := Recover(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime})
			must(t, err)
			if done.Outcome != RestoredOld {
				t.Fatalf("got %q", done.Outcome)
			}
			c := powerCase{old: old, new: old, backups: [][]byte{old}, torn: RestoredOld}
			wantSeen(t, c.run(t, d, len(d.Ops())), NothingToRecover, KeptOld, RestoredOld)
		})
	}
}

// Someone has put a whole state in the place of a torn one, which isn't on the disk
// yet. When Recover has kept it, it is.
func TestPowerLossInReplaced(t *testing.T) {
	t.Parallel()
	old, theirs := textState(9, oldText), textState(12, "by another program")
	path := tear(t, old, "new")
	s, d := recorded(t, path)
	f, err := d.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	must(t, err)
	_, err = d.WriteAt(f, theirs, 0)
	must(t, errors.Join(err, f.Close()))
	done, err := Recover(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime})
	must(t, err)
	if done.Outcome != KeptReplaced {
		t.Fatalf("got %q", done.Outcome)
	}
	c := powerCase{old: theirs, new: theirs, backups: [][]byte{old}, from: len(d.Ops())}
	c.run(t, d, len(d.Ops()))
}
