// Package powerloss records what a program does to a folder, and works out what the
// disk may hold when the power is lost on the way.
//
// What a disk may hold, as this package has it, is less kind than any one file system.
// Until a file is synced, each write to it may have got there whole, in part (some of the
// sectors) or not at all, whatever came before or after it, and its length may be any that it had; bytes that
// were not written within it are zero. Until a folder is synced, each name that was
// made, moved or removed in it may be so or not. A rename by itself gives a name
// one file or the other. The sync of a file doesn't sync its name.
package powerloss

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/herokutf/herokutf/internal/diskio"
)

// ErrDead is what all calls return after the end of the program.
var ErrDead = errors.New("the program was killed")

// Kind is a kind of operation.
type Kind string

// The kinds of operations.
const (
	Step       Kind = "step" // a label for what comes behind it; nothing happens
	Create     Kind = "create"
	Write      Kind = "write"
	Truncate   Kind = "truncate"
	Sync       Kind = "sync"
	SyncFolder Kind = "sync folder"
	Rename     Kind = "rename"
	Link       Kind = "link"
	Remove     Kind = "remove"
)

// Op is one operation on the disk.
type Op struct {
	Kind   Kind
	Name   string // of the file, with slashes, from the folder on; of a step, its label
	To     string // the new name of Rename and Link
	Offset int64  // of Write
	Size   int64  // bytes of Write, the length of Truncate

	data []byte
	node int
}

// String describes the operation in a line.
func (o Op) String() string {
	switch o.Kind {
	case Write:
		return fmt.Sprintf("write %s: %d bytes at %d", o.Name, o.Size, o.Offset)
	case Truncate:
		return fmt.Sprintf("truncate %s: to %d bytes", o.Name, o.Size)
	case Rename, Link:
		return fmt.Sprintf("%s %s to %s", o.Kind, o.Name, o.To)
	}
	return fmt.Sprintf("%s %s", o.Kind, o.Name)
}

// Disk passes the calls on to the system and records them.
type Disk struct {
	// Before, if set, is asked before each operation. With an error the call fails
	// with it and does nothing. It isn't called for steps.
	Before func(Op) error
	// Sector is how many bytes a disk writes at once, wholly or not at all.
	Sector int64

	dir    string
	ignore func(name string) bool
	mu     sync.Mutex
	dead   bool
	ops    []Op
	start  map[string]int // names
	names  map[string]int // now
	bases  [][]byte       // contents of the start, by node
	open   map[*os.File]int
}

// FailAt lets one operation fail, which is numbered from 0, and returns what will be of
// its kind then: it is empty as long as there was none.
func (d *Disk) FailAt(at int, err error) *Kind {
	n, failed := -1, new(Kind)
	d.Before = func(op Op) error {
		if n++; n != at {
			return nil
		}
		*failed = op.Kind
		return err
	}
	return failed
}

// Record returns a disk that begins with what is in the folder now, all of it synced. Names
// that ignore reports aren't looked at; they may be changed by other ways. ignore may be nil.
func Record(t testing.TB, dir string, ignore func(name string) bool) *Disk {
	t.Helper()
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	if ignore == nil {
		ignore = func(string) bool { return false }
	}
	d := &Disk{Sector: 512, dir: dir, ignore: ignore, open: make(map[*os.File]int), start: make(map[string]int)}
	for name, content := range read(t, dir) {
		if !ignore(name) {
			d.start[name] = len(d.bases)
			d.bases = append(d.bases, []byte(content))
		}
	}
	d.names = maps.Clone(d.start)
	return d
}

// read reads the files of a folder and of those in it, by their names.
func read(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Kill ends the program: all calls fail from now on, and do nothing.
func (d *Disk) Kill() { d.setDead(true) }

// Restart lets another program begin, on the same machine: what was written is there,
// synced or not.
func (d *Disk) Restart() { d.setDead(false) }

func (d *Disk) setDead(dead bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead = dead
}

// Step labels the operations that come.
func (d *Disk) Step(label string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ops = append(d.ops, Op{Kind: Step, Name: label})
}

// Ops returns what was done so far.
func (d *Disk) Ops() []Op {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.ops)
}

// Lines describes what was done, a line for each operation and for each step that
// had none.
func (d *Disk) Lines() string {
	var b strings.Builder
	label, shown := "", true
	step := func() {
		if !shown {
			fmt.Fprintf(&b, "%s\n", label)
		}
	}
	for _, op := range d.Ops() {
		if op.Kind == Step {
			step()
			label, shown = op.Name, false
			continue
		}
		shown = true
		fmt.Fprintf(&b, "%s\n", strings.TrimLeft(fmt.Sprintf("%-24s %s", label, op), " "))
	}
	step()
	return b.String()
}

// do asks whether the operation may be done, does it, and records it. record is called
// with the lock held.
func (d *Disk) do(op Op, f func() error, record func()) error {
	d.mu.Lock()
	dead, before := d.dead, d.Before
	d.mu.Unlock()
	if dead {
		return ErrDead
	}
	if before != nil {
		if err := before(op); err != nil {
			return err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return ErrDead
	}
	if err := f(); err != nil {
		return err
	}
	record()
	return nil
}

// name returns a path as it is called here, and "" for one that isn't looked at.
func (d *Disk) name(path string) string {
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return ""
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return ""
	}
	name, err := filepath.Rel(d.dir, filepath.Join(dir, filepath.Base(path)))
	if err != nil || name == ".." || strings.HasPrefix(name, ".."+string(filepath.Separator)) {
		return ""
	}
	if name = filepath.ToSlash(name); d.ignore(name) {
		return ""
	}
	return name
}

// node returns which file an open one is, and -1 for one that isn't looked at. The
// caller holds the lock.
func (d *Disk) node(f *os.File) int {
	if n, ok := d.open[f]; ok {
		return n
	}
	n := -1
	if stat, err := f.Stat(); err == nil {
		for name, node := range d.names {
			if there, err := os.Lstat(filepath.Join(d.dir, filepath.FromSlash(name))); err == nil && os.SameFile(stat, there) {
				n = node
			}
		}
	}
	d.open[f] = n
	return n
}

// called returns a name that the file has now.
func (d *Disk) called(node int) string {
	var names []string
	for name, n := range d.names {
		if n == node {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "(removed)"
	}
	return slices.Min(names)
}

// onFile does an operation on an open file.
func (d *Disk) onFile(f *os.File, op Op, call func() error) error {
	d.mu.Lock()
	op.node = d.node(f)
	op.Name = d.called(op.node)
	d.mu.Unlock()
	return d.do(op, call, func() {
		if op.node >= 0 {
			d.ops = append(d.ops, op)
		}
	})
}

// OpenFile opens a file, and makes one that isn't there if the flag says so.
func (d *Disk) OpenFile(path string, flag int, perm os.FileMode) (f *os.File, err error) {
	_, lerr := os.Lstat(path)
	creates := flag&os.O_CREATE != 0 && errors.Is(lerr, fs.ErrNotExist)
	op := Op{Kind: Create, Name: d.name(path)}
	err = d.do(op, func() error {
		f, err = os.OpenFile(path, flag, perm)
		return err
	}, func() { d.opened(op, f, creates, flag&os.O_TRUNC != 0) })
	return f, err
}

// CreateTemp makes a new file of a random name.
func (d *Disk) CreateTemp(dir, pattern string) (f *os.File, err error) {
	op := Op{Kind: Create, Name: d.name(filepath.Join(dir, pattern))}
	err = d.do(op, func() error {
		f, err = os.CreateTemp(dir, pattern)
		return err
	}, func() {
		op.Name = d.name(f.Name())
		d.opened(op, f, true, false)
	})
	return f, err
}

// opened records a file that was opened. The caller holds the lock.
func (d *Disk) opened(op Op, f *os.File, creates, truncates bool) {
	switch {
	case creates && op.Name != "":
		op.node = len(d.bases)
		d.bases = append(d.bases, nil)
		d.names[op.Name], d.open[f] = op.node, op.node
		d.ops = append(d.ops, op)
	case creates:
		d.open[f] = -1
	case truncates:
		if op.node = d.node(f); op.node >= 0 {
			op.Kind = Truncate
			d.ops = append(d.ops, op)
		}
	}
}

// WriteAt writes to a file.
func (d *Disk) WriteAt(f *os.File, p []byte, off int64) (n int, err error) {
	err = d.onFile(f, Op{Kind: Write, Offset: off, Size: int64(len(p)), data: bytes.Clone(p)}, func() error {
		n, err = f.WriteAt(p, off)
		return err
	})
	return n, err
}

// Truncate gives a file a length.
func (d *Disk) Truncate(f *os.File, size int64) error {
	return d.onFile(f, Op{Kind: Truncate, Size: size}, func() error { return f.Truncate(size) })
}

// Sync syncs a file or a folder.
func (d *Disk) Sync(f *os.File) error {
	stat, err := f.Stat()
	if err != nil {
		return err
	}
	if !stat.IsDir() {
		return d.onFile(f, Op{Kind: Sync}, f.Sync)
	}
	op := Op{Kind: SyncFolder, Name: d.name(filepath.Join(f.Name(), "x"))}
	if op.Name != "" {
		op.Name = filepath.ToSlash(filepath.Dir(filepath.FromSlash(op.Name)))
	}
	return d.do(op, f.Sync, func() {
		if op.Name != "" {
			d.ops = append(d.ops, op)
		}
	})
}

// Rename gives a file another name.
func (d *Disk) Rename(from, to string) error {
	return d.onNames(Op{Kind: Rename, Name: d.name(from), To: d.name(to)}, func() error { return os.Rename(from, to) })
}

// Link gives a file one more name.
func (d *Disk) Link(from, to string) error {
	return d.onNames(Op{Kind: Link, Name: d.name(from), To: d.name(to)}, func() error { return os.Link(from, to) })
}

// Remove removes a name.
func (d *Disk) Remove(path string) error {
	return d.onNames(Op{Kind: Remove, Name: d.name(path)}, func() error { return os.Remove(path) })
}

func (d *Disk) onNames(op Op, call func() error) error {
	return d.do(op, call, func() {
		node, known := d.names[op.Name]
		if !known {
			return
		}
		op.node = node
		rename(d.names, op)
		d.ops = append(d.ops, op)
	})
}

// rename does to names what an operation does.
func rename(names map[string]int, op Op) {
	switch op.Kind {
	case Create:
		names[op.Name] = op.node
	case Rename:
		if names[op.Name] == op.node {
			delete(names, op.Name)
		}
		names[op.To] = op.node
	case Link:
		names[op.To] = op.node
	case Remove:
		delete(names, op.Name)
	}
}

var _ diskio.Calls = (*Disk)(nil)

// Check fails the test if what was recorded doesn't lead to what is in the folder
// now: something was done by another way.
func (d *Disk) Check(t testing.TB) {
	t.Helper()
	got := read(t, d.dir)
	maps.DeleteFunc(got, func(name, _ string) bool { return d.ignore(name) })
	v := d.after(len(d.ops))
	for i, op := range v.names {
		rename(v.durable, op)
		v.names[i] = Op{}
	}
	want := make(map[string]string)
	for name, node := range v.durable {
		want[name] = string(v.nodes[node].now())
	}
	if !maps.Equal(got, want) {
		t.Errorf("the calls that were recorded don't lead to what is in the folder: there is\n%s\nand should be\n%s", Files(got), Files(want))
	}
}

// Files are the contents of files by their names.
type Files map[string]string

// String lists the files with their lengths.
func (f Files) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f)) {
		fmt.Fprintf(&b, "%s (%d bytes)\n", name, len(f[name]))
	}
	return b.String()
}

// key tells two contents of a folder apart.
func (f Files) key() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f)) {
		fmt.Fprintf(&b, "%q%d\n%s", name, len(f[name]), f[name])
	}
	return b.String()
}

// Put makes a folder hold the files and nothing else.
func (f Files) Put(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = cmp.Or(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	for name, content := range f {
		path := filepath.Join(dir, filepath.FromSlash(name))
		err = cmp.Or(err, os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600))
	}
	return err
}
