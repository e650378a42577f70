//go:build unix

package statefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func childOfSystem(job, path string) error {
	switch job {
	case "limit":
		// No file may grow beyond the limit, as on a full disk.
		limit, err := strconv.ParseUint(os.Getenv("STATEFILE_LIMIT"), 10, 64)
		if err != nil {
			return err
		}
		var r syscall.Rlimit
		set(&r.Cur, limit)
		set(&r.Max, limit)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &r); err != nil {
			return err
		}
		fallthrough
	case "update":
		_, err := Update(context.Background(), path, UpdateOptions{}, setText(os.Getenv("STATEFILE_TEXT")))
		switch {
		case errors.Is(err, ErrReadOnly):
			fmt.Println("read-only")
		case err != nil && diskFull(err):
			fmt.Println("full")
		case err != nil:
			return err
		}
		if e, ok := errors.AsType[*FileError](err); err != nil && (!ok || e.Hint == "") {
			return fmt.Errorf("no hint: %w", err)
		}
		return nil
	case "undo":
		done, err := Undo(context.Background(), path, "", UpdateOptions{})
		switch {
		case errors.Is(err, ErrNoBackup):
			fmt.Println("no backup")
		case err != nil:
			return err
		default:
			fmt.Println("serial", done.RestoredSerial)
		}
		return nil
	}
	return fmt.Errorf("unknown job %q", job)
}

// set sets a number that is signed on FreeBSD alone.
func set[T int64 | uint64](to *T, n uint64) { *to = T(n) }

// However a call ends, nothing stays in the table of what this process holds.
func TestLockTable(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	_, err := Update(t.Context(), path, UpdateOptions{}, func(f *File) (*File, error) {
		if len(held.files) != 1 {
			t.Errorf("held: %v, want one", held.files)
		}
		if _, err := Update(t.Context(), path, UpdateOptions{}, setText("x")); !errors.Is(err, ErrLocked) {
			t.Errorf("got error %v, want %v", err, ErrLocked)
		}
		return f, nil
	})
	must(t, err)
	release := holdLock(t, path)
	if _, err := Update(t.Context(), path, UpdateOptions{}, setText("x")); !errors.Is(err, ErrLocked) {
		t.Errorf("got error %v, want %v", err, ErrLocked)
	}
	release()
	must(t, os.Truncate(path, 0))
	if _, err := Update(t.Context(), path, UpdateOptions{}, setText("x")); !errors.Is(err, ErrNotState) {
		t.Errorf("got error %v, want %v", err, ErrNotState)
	}
	if len(held.files) > 0 {
		t.Errorf("still held: %v", held.files)
	}
}

// The path names another file when it is opened than when it was looked at.
func TestLockMoved(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	before, err := checkPath(path)
	must(t, err)
	must(t, os.Rename(path, path+".old"))
	must(t, os.WriteFile(path, textState(20, "other"), 0o600))
	if _, _, err := openLocked(path, before); !errors.Is(err, errMoved) {
		t.Errorf("another file: got error %v, want %v", err, errMoved)
	}
	must(t, os.Remove(path))
	must(t, os.Symlink(path+".old", path))
	if _, _, err := openLocked(path, before); !errors.Is(err, errMoved) {
		t.Errorf("a link: got error %v, want %v", err, errMoved)
	}
	// The other file is one that this process holds: its lock isn't lost by
	// closing what was opened by mistake.
	must(t, os.Remove(path))
	_, err = Update(t.Context(), path+".old", UpdateOptions{}, func(f *File) (*File, error) {
		must(t, os.WriteFile(path, nil, 0o600))
		before, err := checkPath(path)
		must(t, err)
		must(t, os.Remove(path))
		must(t, os.Link(path+".old", path))
		if _, _, err := openLocked(path, before); !errors.Is(err, errMoved) {
			t.Errorf("a held file: got error %v, want %v", err, errMoved)
		}
		if out, err := command(t, "try", "STATEFILE_PATH", path).Output(); string(out) != "busy\n" {
			t.Errorf("another process finds it %q, %v", out, err)
		}
		return f, nil
	})
	must(t, err)
	if len(held.files) > 0 {
		t.Errorf("still held: %v", held.files)
	}
}

// The file is replaced while it is being locked: the one that is there then is the state.
// Nothing of those before stays open or held.
func TestLockReplaced(t *testing.T) {
	replace := func(path string) {
		must(t, os.Rename(path, path+".old"))
		must(t, os.WriteFile(path, textState(20, "other"), 0o600))
	}
	type opener = func(string, os.FileInfo) (*os.File, func() error, error)
	before := func(path string, stat os.FileInfo) (*os.File, func() error, error) {
		replace(path)
		return openLocked(path, stat)
	}
	after := func(path string, stat os.FileInfo) (*os.File, func() error, error) {
		file, release, err := openLocked(path, stat)
		replace(path)
		return file, release, err
	}
	for name, opened := range map[string]opener{"before it is opened": before, "when it is locked": after} {
		path := writeState(t, textState(9, oldText))
		tries := 0
		l, err := lockBy(path, func(path string, stat os.FileInfo) (*os.File, func() error, error) {
			if tries++; tries < 10 {
				return opened(path, stat)
			}
			return openLocked(path, stat)
		})
		if err != nil || tries != 10 {
			t.Fatalf("%s: got error %v after %d tries", name, err, tries)
		}
		if data, err := disk.readBytes(l); err != nil || string(data) != string(textState(20, "other")) {
			t.Errorf("%s: locked %s, %v", name, data, err)
		}
		if len(held.files) != 1 {
			t.Errorf("%s: held: %v", name, held.files)
		}
		must(t, l.close())

		tries = 0
		l, err = lockBy(path, func(path string, stat os.FileInfo) (*os.File, func() error, error) {
			tries++
			return opened(path, stat)
		})
		if l != nil || !errors.Is(err, errMoved) || !strings.Contains(err.Error(), path) || tries != 10 {
			t.Errorf("%s, each time: got %v, error %v after %d tries", name, l, err, tries)
		}
	}

	// The folder is gone, and something else is called so.
	path := writeState(t, textState(9, oldText))
	l, err := lockBy(path, func(path string, stat os.FileInfo) (*os.File, func() error, error) {
		file, release, err := openLocked(path, stat)
		must(t, os.Rename(filepath.Dir(path), filepath.Dir(path)+".old"))
		must(t, os.WriteFile(filepath.Dir(path), nil, 0o600))
		return file, release, err
	})
	if l != nil || !errors.Is(err, syscall.ENOTDIR) || !strings.Contains(err.Error(), path) {
		t.Errorf("no folder any more: got %v, error %v", l, err)
	}
	if len(held.files) > 0 {
		t.Errorf("still held: %v", held.files)
	}
}

func TestIrregular(t *testing.T) {
	for name, make := range map[string]func(path string) error{
		"pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"device": func(path string) error { return syscall.Mknod(path, syscall.S_IFCHR|0o600, 1<<8|3) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "terraform.tfstate")
			if err := make(path); errors.Is(err, os.ErrPermission) {
				t.Skipf("only root makes devices: %v", err)
			} else if err != nil {
				t.Fatal(err)
			}
			_, err := Update(t.Context(), path, UpdateOptions{}, setText("x"))
			if e, ok := errors.AsType[*FormatError](err); !ok || e.Kind != KindNoRegularFile || e.Hint == "" {
				t.Errorf("got error %v, want a FormatError of kind %q with a hint", err, KindNoRegularFile)
			}
			// Nobody ever opens the pipe's other end.
			_, err = ReadFile(path)
			if e, ok := errors.AsType[*FormatError](err); !ok || e.Kind != KindNoRegularFile || e.Hint == "" {
				t.Errorf("ReadFile: got error %v, want a FormatError of kind %q with a hint", err, KindNoRegularFile)
			}
			if names := beside(t, path); len(names) > 0 {
				t.Errorf("beside it: %q", names)
			}
		})
	}
}

// The limit on a file's size is met by the copy of the new state, before the state
// itself is touched.
func TestUpdateSizeLimit(t *testing.T) {
	old := textState(9, oldText)
	path := writeState(t, old)
	out, err := command(t, "limit", "STATEFILE_PATH", path, "STATEFILE_LIMIT", fmt.Sprint(len(old)+100),
		"STATEFILE_TEXT", newTexts["much larger"]).Output()
	if err != nil || string(out) != "full\n" {
		t.Errorf("got %q, %v", out, err)
	}
	wantState(t, path, old)
	wantBackups(t, path, 0, nil)
}

// asNobody lets a child update the state as a user who isn't root.
func asNobody(t *testing.T, path string) string {
	t.Helper()
	return asNobodyDo(t, path, "update")
}

// asNobodyDo lets a child do a job to the state as a user who isn't root.
func asNobodyDo(t *testing.T, path, job string) string {
	t.Helper()
	cmd := command(t, job, "STATEFILE_PATH", path, "STATEFILE_TEXT", "new")
	if os.Geteuid() == 0 {
		// The test binary is in a folder that only root may enter.
		dir, err := os.MkdirTemp(diskTemp, "child-*")
		must(t, err)
		t.Cleanup(func() { os.RemoveAll(dir) })
		exe := filepath.Join(dir, "child")
		from, err := os.Open(cmd.Path)
		must(t, err)
		defer from.Close()
		to, err := os.OpenFile(exe, os.O_CREATE|os.O_WRONLY, 0o755)
		must(t, err)
		_, err = io.Copy(to, from)
		must(t, errors.Join(err, to.Close()))
		must(t, os.Chmod(dir, 0o755))
		must(t, os.Chmod(filepath.Dir(filepath.Dir(path)), 0o755))
		cmd.Path, cmd.Args[0] = exe, exe
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if errors.Is(err, os.ErrPermission) {
		t.Skipf("can't run as another user here: %v", err)
	}
	if err != nil {
		t.Fatalf("child: %v: %s", err, stderr.String())
	}
	return string(out)
}

const nobody = 65534

// own gives a path to the user of the child, if that is another one.
func own(t *testing.T, path string) {
	t.Helper()
	if os.Geteuid() == 0 {
		must(t, os.Chown(path, nobody, nobody))
	}
}

func TestUpdateReadOnly(t *testing.T) {
	old := textState(9, oldText)
	for name, test := range map[string]struct{ file, folder os.FileMode }{
		"file":    {0o444, 0o755},
		"folder":  {0o644, 0o555},
		"no read": {0o200, 0o755},
		"sealed":  {0o644, 0o600},
	} {
		t.Run(name, func(t *testing.T) {
			path := writeState(t, old)
			dir := filepath.Dir(path)
			own(t, path)
			own(t, dir)
			must(t, os.Chmod(path, test.file))
			must(t, os.Chmod(dir, test.folder))
			t.Cleanup(func() { os.Chmod(dir, 0o700) })
			if got := asNobody(t, path); got != "read-only\n" {
				t.Errorf("got %q, want read-only", got)
			}
			must(t, os.Chmod(dir, 0o755))
			must(t, os.Chmod(path, 0o644))
			wantState(t, path, old)
			wantBackups(t, path, 0, nil)
		})
	}
}

// When root repairs a user's state, the user gets the backup and can go on alone;
// nothing of root's is in the way.
func TestUpdateByRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	path := writeState(t, textState(9, oldText))
	own(t, path)
	own(t, filepath.Dir(path))
	s := &system{chunk: testChunk, fault: func(_ string, n int) (int, error) {
		for _, name := range beside(t, path) {
			stat, err := os.Stat(filepath.Join(filepath.Dir(path), name))
			must(t, err)
			if st := stat.Sys().(*syscall.Stat_t); st.Uid != nobody || stat.Mode().Perm() != 0o600 {
				t.Errorf("%s: owner %d, mode %v", name, st.Uid, stat.Mode())
			}
		}
		return n, nil
	}}
	_, err := Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime}, setText("by root"))
	must(t, err)
	if got := asNobody(t, path); got != "" {
		t.Errorf("got %q", got)
	}
	wantState(t, path, textState(11, "new"))
}

// A disk of its own is filled so that a few pages are free: for any number of
// them the update goes through or leaves everything as it was.
func TestUpdateFullDisk(t *testing.T) {
	dir := t.TempDir()
	// Not through package syscall, where only Linux has a Mount.
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=256k", "none", dir).CombinedOutput(); err != nil {
		t.Skipf("needs root and tmpfs to have a small disk: %v: %s", err, bytes.TrimSpace(out))
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	page := os.Getpagesize()
	old := textState(9, strings.Repeat("x", page+page/2))
	text := strings.Repeat("y", 3*page+page/2)
	path := filepath.Join(dir, "terraform.tfstate")
	full, passed := 0, 0
	for free := range 20 {
		for _, name := range beside(t, path) {
			must(t, os.Remove(filepath.Join(dir, name)))
		}
		must(t, os.WriteFile(path, old, 0o600))
		fill(t, filepath.Join(dir, "filler"), free*page)
		_, err := Update(t.Context(), path, UpdateOptions{}, setText(text))
		must(t, os.Remove(filepath.Join(dir, "filler")))
		if err == nil {
			passed++
			wantState(t, path, textState(10, text))
			wantBackups(t, path, 1, old)
			continue
		}
		full++
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%d pages free: got error %v, want %v", free, err, syscall.ENOSPC)
		}
		wantState(t, path, old)
		e, ok := errors.AsType[*WriteError](err)
		switch {
		case ok && (e.Condition != Untouched || e.Hint == ""):
			t.Errorf("%d pages free: got %+v, want an untouched state", free, e)
		case ok:
			t.Logf("%d pages free: %v", free, err)
			wantBackups(t, path, 1, old)
		default:
			wantBackups(t, path, 0, nil)
		}
	}
	if full == 0 || passed == 0 {
		t.Errorf("%d updates found the disk full, %d passed; want some of both", full, passed)
	}
}

// fill leaves so many bytes free on a small disk.
func fill(t *testing.T, name string, free int) {
	t.Helper()
	f, err := os.Create(name)
	must(t, err)
	size := 0
	for block := make([]byte, os.Getpagesize()); err == nil; {
		var n int
		n, err = f.Write(block)
		size += n
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	must(t, f.Truncate(int64(max(0, size-free))))
	must(t, f.Close())
}

// In a folder like /tmp, where everyone may make files, nobody gets a state of
// theirs into another one's by putting files beside it.
func TestPlantedFiles(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to make files of others")
	}
	const stranger = 1
	old, planted := textState(9, oldText), textState(10, "planted")
	for name, test := range map[string]struct {
		mode    os.FileMode
		owner   int
		trusted bool
	}{
		"a stranger's":                  {0o777 | os.ModeSticky, stranger, false},
		"the owner's":                   {0o777 | os.ModeSticky, nobody, true},
		"root's":                        {0o777 | os.ModeSticky, 0, true},
		"anyone's who could replace it": {0o777, stranger, true},
	} {
		t.Run(name, func(t *testing.T) {
			path := writeState(t, old)
			own(t, path)
			must(t, os.Chmod(filepath.Dir(path), test.mode))
			plant := func(name string, data []byte) {
				must(t, os.WriteFile(name, data, 0o644))
				must(t, os.Chown(name, test.owner, test.owner))
			}
			backup := path + ".herokutf-20300102T150405Z-serial8.backup"
			plant(backup, textState(8, "planted"))
			done, err := Undo(t.Context(), path, "", UpdateOptions{})
			if test.trusted {
				must(t, err)
				if done.Restored != backup {
					t.Errorf("got %+v, want %q restored", done, backup)
				}
			} else if !errors.Is(err, ErrNoBackup) {
				t.Errorf("Undo: got error %v, want %v", err, ErrNoBackup)
			} else {
				wantState(t, path, old)
				// Who names it has looked at it.
				_, err = Undo(t.Context(), path, backup, UpdateOptions{})
				must(t, err)
			}

			// With a journal that makes the whole state look like one that a
			// write of the planted one has begun to grow.
			must(t, os.WriteFile(path, old, 0o600))
			copied := bytes.Clone(planted)
			copied = append(bytes.TrimSuffix(copied, []byte("\n")), bytes.Repeat([]byte("\n"), len(old))...)
			plant(path+copySuffix, copied)
			j := journal{Format: 1,
				Old: revision{filepath.Base(backup), "9", int64(len(old)) - 1, sum(old[:len(old)-1])},
				New: revision{filepath.Base(path + copySuffix), "10", int64(len(copied)), sum(copied)}}
			plant(path+journalSuffix, j.encode())
			_, err = Recover(t.Context(), path, UpdateOptions{})
			if test.trusted {
				must(t, err)
				wantState(t, path, copied)
				return
			}
			if e, ok := errors.AsType[*FileError](err); !ok || !errors.Is(err, ErrInterrupted) || e.Hint == "" {
				t.Errorf("Recover: got error %v, want %v and a hint", err, ErrInterrupted)
			}
			wantState(t, path, old)
		})
	}
}
