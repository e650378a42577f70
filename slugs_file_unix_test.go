//go:build unix

package herokutf

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"testing"

	"github.com/herokutf/herokutf/internal/diskio"
)

// A tempFile keeps the new file of a replacement, and closes it behind one of the calls.
type tempFile struct {
	diskio.OS
	file        *os.File
	early, late bool // closed behind the writing or the syncing
	fails       error
}

func (c *tempFile) CreateTemp(dir, pattern string) (f *os.File, err error) {
	c.file, err = c.OS.CreateTemp(dir, pattern)
	return c.file, err
}

func (c *tempFile) WriteAt(f *os.File, p []byte, off int64) (int, error) {
	if c.fails != nil {
		return 0, c.fails
	}
	n, err := c.OS.WriteAt(f, p, off)
	if c.early {
		f.Close()
	}
	return n, err
}

func (c *tempFile) Sync(f *os.File) error {
	if c.early {
		return nil
	}
	err := c.OS.Sync(f)
	if c.late {
		f.Close()
	}
	return err
}

// TestReplaceFileModes: a new file has the mode asked for, whatever the umask, one that
// was there keeps its own, and slugs are for nobody else's eyes.
func TestReplaceFileModes(t *testing.T) {
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	for _, tt := range []struct{ before, asked, want os.FileMode }{
		{0, 0o644, 0o644}, {0, ownerOnly, 0o600}, {0o640, 0o644, 0o640}, {0o666, 0o644, 0o666}, {0o644, ownerOnly, 0o600}, {0o400, ownerOnly, 0o600},
	} {
		path := filepath.Join(t.TempDir(), "x")
		if tt.before != 0 {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, tt.before); err != nil {
				t.Fatal(err)
			}
		}
		if err := replaceFile(diskio.OS{}, path, []byte("text"), tt.asked); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != tt.want || info.Size() != 4 {
			t.Errorf("%o, asked for %o: it is %v, %v, want %o", tt.before, tt.asked, info, err, tt.want)
		}
	}
}

// TestReplaceFileCloses: whatever fails, the new file is closed, the error is returned
// and nothing is left.
func TestReplaceFileCloses(t *testing.T) {
	for name, on := range map[string]*tempFile{
		"writing": {fails: syscall.ENOSPC}, "the mode": {early: true}, "closing": {late: true},
	} {
		path := filepath.Join(t.TempDir(), "x")
		if err := replaceFile(on, path, []byte("text"), 0o644); err == nil || on.fails != nil && !errors.Is(err, on.fails) {
			t.Errorf("%s: error %v", name, err)
		}
		if err := on.file.Close(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: the file was open: %v", name, err)
		}
		if names := list(t, filepath.Dir(path)); names != nil {
			t.Errorf("%s: the directory holds %q", name, names)
		}
	}
}

// TestFilesAreClosed: no file that is read or written stays open.
func TestFilesAreClosed(t *testing.T) {
	const open = "/proc/self/fd"
	if _, err := os.Stat(open); err != nil {
		t.Skipf("no list of open files: %v", err)
	}
	// Or the garbage collector closes them.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	dir := t.TempDir()
	pins := &Slugs{Artifacts: []Artifact{goodPin()}}
	lock := filepath.Join(dir, "lock")
	for _, tt := range []struct {
		name string
		do   func() error
	}{
		{"Lock", func() error { return pins.Lock(lock) }},
		{"ReadLock", func() error { _, err := ReadLock(lock); return err }},
		{"appending", func() error { return exampleSlugs().WriteFile(filepath.Join(dir, "env"), FormatGitHub, nil) }},
		{"a device", func() error { return exampleSlugs().WriteFile("/dev/null", FormatTFVars, nil) }},
	} {
		const times = 20
		before := len(list(t, open))
		for range times {
			if err := tt.do(); err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
		}
		if more := len(list(t, open)) - before; more >= times {
			t.Errorf("%s: %d files more are open", tt.name, more)
		}
	}
}

// TestWriteFileNowhere: what can't be written to is an error, in every way of writing.
func TestWriteFileNowhere(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	// Paths of sockets have to be short.
	short, err := os.MkdirTemp("", "s")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(short)
	paths := map[string]string{"below a file": filepath.Join(plain, "x"), "a folder": dir}
	if l, err := net.Listen("unix", filepath.Join(short, "s")); err == nil {
		defer l.Close()
		paths["a socket"] = filepath.Join(short, "s")
	}
	if runtime.GOOS == "linux" {
		paths["a full device"] = "/dev/full"
		gone, err := os.CreateTemp(dir, "gone")
		if err != nil {
			t.Fatal(err)
		}
		defer gone.Close()
		if err := os.Remove(gone.Name()); err != nil {
			t.Fatal(err)
		}
		paths["a file without a name"] = fmt.Sprintf("/dev/fd/%d", gone.Fd())
	}
	for name, path := range paths {
		for _, f := range []Format{FormatTFVars, FormatGitHub} {
			if name == "a file without a name" && f == FormatGitHub {
				continue // which can be appended to
			}
			if err := exampleSlugs().WriteFile(path, f, nil); err == nil {
				t.Errorf("%s, as %s: no error", name, f)
			}
		}
	}
	if text, err := os.ReadFile(plain); err != nil || string(text) != "x" {
		t.Errorf("the file holds %q, %v", text, err)
	}
}

// TestWriteFileToStandard: the standard files are written to where they are, and their
// errors are the caller's.
func TestWriteFileToStandard(t *testing.T) {
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	closed, err := os.Create(filepath.Join(t.TempDir(), "closed"))
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for path, standard := range map[string]**os.File{"/dev/stdout": &os.Stdout, "/dev/stderr": &os.Stderr} {
		for _, f := range []Format{FormatTFVars, FormatGitHub} {
			if err := out.Truncate(0); err != nil {
				t.Fatal(err)
			}
			if _, err := out.WriteAt([]byte("before\n"), 0); err != nil {
				t.Fatal(err)
			}
			if _, err := out.Seek(7, 0); err != nil {
				t.Fatal(err)
			}
			was := *standard
			*standard = out
			err := exampleSlugs().WriteFile(path, f, nil)
			*standard = closed
			closedErr := exampleSlugs().WriteFile(path, f, nil)
			*standard = was
			if err != nil || !errors.Is(closedErr, os.ErrClosed) {
				t.Errorf("%s as %s: %v; closed: %v", path, f, err, closedErr)
			}
			if got, err := os.ReadFile(out.Name()); err != nil || string(got) != "before\n"+write(t, exampleSlugs(), f) {
				t.Errorf("%s as %s: %q, %v", path, f, got, err)
			}
		}
	}
}
