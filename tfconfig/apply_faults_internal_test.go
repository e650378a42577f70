package tfconfig

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/diskio"
)

// brokenDisk is a disk of which calls can be put out of order.
type brokenDisk struct {
	diskio.OS
	temp   error
	write  func(f *os.File) error
	sync   func(f *os.File) error
	rename func(from, to string) error
	link   func(from, to string) error
	open   func(path string) error
	opened []*os.File // by OpenFile and CreateTemp
}

var errDisk = errors.New("the disk is broken")

func (d *brokenDisk) WriteAt(f *os.File, p []byte, off int64) (int, error) {
	if d.write != nil {
		return 0, d.write(f)
	}
	return d.OS.WriteAt(f, p, off)
}

func (d *brokenDisk) Sync(f *os.File) error {
	if d.sync != nil {
		return d.sync(f)
	}
	return d.OS.Sync(f)
}

func (d *brokenDisk) Rename(from, to string) error {
	if d.rename != nil {
		if err := d.rename(from, to); err != nil {
			return err
		}
	}
	return d.OS.Rename(from, to)
}

func (d *brokenDisk) Link(from, to string) error {
	if d.link != nil {
		if err := d.link(from, to); err != nil {
			return err
		}
	}
	return d.OS.Link(from, to)
}

func (d *brokenDisk) OpenFile(path string, flag int, perm os.FileMode) (*os.File, error) {
	if d.open != nil {
		if err := d.open(path); err != nil {
			return nil, err
		}
	}
	return d.note(d.OS.OpenFile(path, flag, perm))
}

func (d *brokenDisk) CreateTemp(dir, pattern string) (*os.File, error) {
	if d.temp != nil {
		return nil, d.temp
	}
	return d.note(d.OS.CreateTemp(dir, pattern))
}

func (d *brokenDisk) note(f *os.File, err error) (*os.File, error) {
	if err == nil {
		d.opened = append(d.opened, f)
	}
	return f, err
}

// TestApplyBrokenDisk: whatever call fails, and whatever becomes of the files meanwhile, the
// error says all of it, and the folder holds what is said.
func TestApplyBrokenDisk(t *testing.T) {
	closed := func(f *os.File) error { return f.Close() }
	broken := func(*os.File) error { return errDisk }
	brokenTo := func(_, to string) error { return errDisk }
	whole := map[string]string{"a.tf": "a", "b.tf": "b"}
	for name, tt := range map[string]struct {
		disk func(dir string) *brokenDisk
		want string            // DIR is the folder's name
		left map[string]string // nil: whole
	}{
		"none":               {func(string) *brokenDisk { return &brokenDisk{} }, "", map[string]string{"a.tf": "A", "b.tf": "B", "n.tf": "N", "e.tf": ""}},
		"without links":      {func(string) *brokenDisk { return &brokenDisk{link: brokenTo} }, "", map[string]string{"a.tf": "A", "b.tf": "B", "n.tf": "N", "e.tf": ""}},
		"can't make a file":  {func(string) *brokenDisk { return &brokenDisk{temp: errDisk} }, "DIR/a.tf: the disk is broken", nil},
		"can't write":        {func(string) *brokenDisk { return &brokenDisk{write: broken} }, "DIR/a.tf: the disk is broken", nil},
		"can't sync":         {func(string) *brokenDisk { return &brokenDisk{sync: broken} }, "DIR/a.tf: the disk is broken", nil},
		"can't change mode":  {func(string) *brokenDisk { return &brokenDisk{write: closed} }, "DIR/a.tf: chmod TEMP: file already closed", nil},
		"can't close":        {func(string) *brokenDisk { return &brokenDisk{sync: closed} }, "DIR/a.tf: close TEMP: file already closed", nil},
		"can't rename":       {func(string) *brokenDisk { return &brokenDisk{rename: brokenTo} }, "DIR/a.tf: the disk is broken", nil},
		"can't rename later": {func(string) *brokenDisk { return &brokenDisk{rename: onlyTo("b.tf", brokenTo)} }, "DIR/b.tf: the disk is broken", nil},
		"can't link, and not make": {func(string) *brokenDisk {
			return &brokenDisk{link: brokenTo, open: func(string) error { return errDisk }}
		}, "DIR/n.tf: the disk is broken", nil},
		"can't link, and not rename": {func(string) *brokenDisk {
			return &brokenDisk{link: brokenTo, rename: onlyTo("n.tf", brokenTo)}
		}, "DIR/n.tf: the disk is broken", nil},
		"a file has come": {func(string) *brokenDisk {
			return &brokenDisk{link: onlyTo("n.tf", func(_, to string) error { return os.WriteFile(to, []byte("x"), 0o600) })}
		}, "DIR/n.tf: a file of this name is there already (file changed since it was read)", map[string]string{"a.tf": "a", "b.tf": "b", "n.tf": "x"}},
		"a file has come, without links": {func(string) *brokenDisk {
			return &brokenDisk{link: onlyTo("n.tf", func(_, to string) error { return errors.Join(os.WriteFile(to, []byte("x"), 0o600), errDisk) })}
		}, "DIR/n.tf: open DIR/n.tf: file exists", map[string]string{"a.tf": "a", "b.tf": "b", "n.tf": "x"}},
		"can't put back": {func(string) *brokenDisk {
			renamed := 0
			return &brokenDisk{rename: func(_, to string) error {
				if renamed++; renamed > 1 {
					return errDisk
				}
				return nil
			}}
		}, "DIR/b.tf: the disk is broken\nDIR/a.tf: put back: the disk is broken", map[string]string{"a.tf": "A", "b.tf": "b"}},
		"can't write for putting back": {func(string) *brokenDisk {
			d := &brokenDisk{}
			d.rename = onlyTo("b.tf", func(_, to string) error {
				d.write = broken
				return errDisk
			})
			return d
		}, "DIR/b.tf: the disk is broken\nDIR/a.tf: put back: the disk is broken", map[string]string{"a.tf": "A", "b.tf": "b"}},
		"a new file that is gone": {func(string) *brokenDisk {
			return &brokenDisk{link: onlyTo("e.tf", func(_, to string) error {
				return errors.Join(os.Remove(filepath.Join(filepath.Dir(to), "n.tf")), os.WriteFile(to, []byte("x"), 0o600))
			})}
		}, "DIR/e.tf: a file of this name is there already (file changed since it was read)\nDIR/n.tf: put back: remove DIR/n.tf: no such file or directory",
			map[string]string{"a.tf": "a", "b.tf": "b", "e.tf": "x"}},
		"two have changed": {func(dir string) *brokenDisk {
			synced := 0
			return &brokenDisk{sync: func(f *os.File) error {
				if synced++; synced == 4 {
					return errors.Join(os.WriteFile(filepath.Join(dir, "a.tf"), []byte("x"), 0o600), os.WriteFile(filepath.Join(dir, "n.tf"), []byte("y"), 0o600))
				}
				return nil
			}}
		}, "DIR/a.tf: file changed since it was read\nDIR/n.tf: a file of this name is there already (file changed since it was read)", map[string]string{"a.tf": "x", "b.tf": "b", "n.tf": "y"}},
		"can't sync the folder": {func(dir string) *brokenDisk {
			return &brokenDisk{sync: func(f *os.File) error {
				if f.Name() == dir {
					return errDisk
				}
				return nil
			}}
		}, "DIR: the disk is broken", map[string]string{"a.tf": "A", "b.tf": "B", "n.tf": "N", "e.tf": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := filepath.EvalSymlinks(folder(t, whole))
			if err != nil {
				t.Fatal(err)
			}
			d := tt.disk(dir)
			err = apply(d, []FileEdit{
				{Path: filepath.Join(dir, "a.tf"), Old: []byte("a"), New: []byte("A")}, {Path: filepath.Join(dir, "b.tf"), Old: []byte("b"), New: []byte("B")},
				{Path: filepath.Join(dir, "n.tf"), New: []byte("N")}, {Path: filepath.Join(dir, "e.tf")},
			})
			got := ""
			if err != nil {
				for _, f := range d.opened[:min(1, len(d.opened))] { // the first of CreateTemp
					err = errors.New(strings.ReplaceAll(err.Error(), f.Name(), "TEMP"))
				}
				got = strings.ReplaceAll(err.Error(), dir, "DIR")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" && filepath.Separator == '/' || (tt.want == "") != (got == "") {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			want := tt.left
			if want == nil {
				want = whole
			}
			if diff := cmp.Diff(want, folderOf(t, dir)); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			for _, f := range d.opened {
				if err := f.Close(); !errors.Is(err, os.ErrClosed) {
					t.Errorf("%s is left open: %v", f.Name(), err)
				}
			}
		})
	}
}

// onlyTo lets a call fail for one file alone.
func onlyTo(name string, fails func(from, to string) error) func(from, to string) error {
	return func(from, to string) error {
		if filepath.Base(to) == name {
			return fails(from, to)
		}
		return nil
	}
}

// TestPlannedFaults: all that stands in the way of edits is found at once, each by its own
// words, before anything is written.
func TestPlannedFaults(t *testing.T) {
	dir := folder(t, map[string]string{"a.tf": "a", "b.tf": "b", ".terraform/modules/m/c.tf": "c", "d.tf/x": "", "same.tf": "s"})
	edit := func(name, old, new string) FileEdit {
		return FileEdit{Path: filepath.Join(dir, filepath.FromSlash(name)), Old: []byte(old), New: []byte(new)}
	}
	made := func(name string) FileEdit { return FileEdit{Path: filepath.Join(dir, filepath.FromSlash(name))} }
	err := apply(diskio.OS{}, []FileEdit{
		edit("a.tf", "x", "A"), edit("b.tf", "b", "B"), edit("b.tf", "b", "C"), edit("b.tf", "x", "D"), edit(".terraform/modules/m/c.tf", "c", "C"), edit("d.tf", "d", "D"),
		edit("none.tf", "x", "X"), made("a.tf"), made("none/x.tf"), made(".terraform/modules/m/d.tf"), made("new.tf"), made("d.tf/../new.tf"), edit("same.tf", "s", "s"), edit("same.tf", "x", "x"),
	})
	const putThere = "it stands in the folder into which init puts modules, and would put it back: change it where the module comes from, and run init -upgrade"
	want := strings.Join([]string{
		"a.tf: file changed since it was read", "b.tf: is edited twice", "b.tf: file changed since it was read", ".terraform/modules/m/c.tf: " + putThere, "d.tf: isn't a regular file",
		"none.tf: ", "a.tf: a file of this name is there already (file changed since it was read)", "none/x.tf: ", ".terraform/modules/m/d.tf: " + putThere, "new.tf: is edited twice",
	}, "\n")
	var got []string
	list, _ := errors.AsType[ErrorList](err)
	for _, e := range list {
		rel, _ := filepath.Rel(dir, e.Name)
		text := e.Err.Error()
		if errors.Is(e, fs.ErrNotExist) {
			text = "" // the system's
		}
		got = append(got, filepath.ToSlash(rel)+": "+text)
	}
	if diff := cmp.Diff(want, strings.Join(got, "\n")); diff != "" {
		t.Errorf("(-want +got):\n%s\n%v", diff, err)
	}
	if diff := cmp.Diff(map[string]string{"a.tf": "a", "b.tf": "b", ".terraform/modules/m/c.tf": "c", "d.tf/x": "", "same.tf": "s"}, folderOf(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	// A file in the place of the folder of a new one isn't one that has changed.
	err = apply(diskio.OS{}, []FileEdit{made("a.tf/x.tf")})
	if err == nil || errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), "x.tf") {
		t.Errorf("got %v", err)
	}
	for path, old := range map[string][]byte{dir: []byte("x"), filepath.Join(dir, "none"): []byte("x")} {
		if err := (&replacement{target: path, edit: FileEdit{Old: old}}).unchanged(); err == nil || errors.Is(err, ErrChanged) {
			t.Errorf("a file that can't be read: got %v", err)
		}
	}
	// Nobody may write this one, not even root. Its content isn't what is said, so that it stays.
	if _, err := os.Stat("/sys/kernel/uevent_seqnum"); err == nil {
		if err := apply(diskio.OS{}, []FileEdit{{Path: "/sys/kernel/uevent_seqnum", Old: []byte("x"), New: []byte("y")}}); err == nil || errors.Is(err, ErrChanged) {
			t.Errorf("a file that can't be written: got %v", err)
		}
	}
	// By two names of a folder, one file is made twice.
	if os.Symlink(".", filepath.Join(dir, "link")) == nil {
		if err := apply(diskio.OS{}, []FileEdit{made("link/new.tf"), made("new.tf")}); err == nil || !strings.Contains(err.Error(), "is edited twice") {
			t.Errorf("got %v", err)
		}
	}
	if err := apply(diskio.OS{}, nil); err != nil {
		t.Error(err)
	}
}
