package terraform

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/herokutf/herokutf/internal/diskio"
	"github.com/herokutf/herokutf/tfconfig"
)

// asNobody makes the files that the test opens from here on be opened by a user who may not
// do everything, and gives that one the paths.
func asNobody(t *testing.T, paths ...string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	for _, path := range paths {
		if err := os.Chown(path, nobody, nobody); err != nil {
			t.Skipf("nothing can be given to another user: %v", err)
		}
		for dir := filepath.Dir(path); len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
			if info, err := os.Stat(dir); err == nil && info.Mode()&0o001 == 0 {
				os.Chmod(dir, info.Mode().Perm()|0o111)
			}
		}
	}
	runtime.LockOSThread() // the system keeps it for a thread
	t.Cleanup(func() {
		syscall.Setfsuid(0)
		runtime.UnlockOSThread()
	})
	if err := syscall.Setfsuid(nobody); err != nil {
		t.Skipf("files can't be opened as another user: %v", err)
	}
	if _, err := os.Stat(paths[0]); err != nil {
		t.Skipf("another user doesn't see the test's files: %v", err)
	}
}

// TestRemoveReadOnly: folders that a command made read-only are removed as any other, and
// what can't be removed stays, with its lock, for the next run to find.
func TestRemoveReadOnly(t *testing.T) {
	parent := t.TempDir()
	tree(t, parent, map[string]string{"s/a/b/c": "", "s/d": "", "s/theirs/x": "", "s/" + scratchLock: ""})
	root := filepath.Join(parent, "s")
	at := func(names ...string) string { return filepath.Join(append([]string{root}, names...)...) }
	asNobody(t, root, at("a"), at("a", "b"), at("a", "b", "c"), at("d"), at(scratchLock))
	for _, dir := range []string{at("a", "b"), at("a")} {
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() != 0 {
		if err := os.Chmod(at("theirs"), 0o500); err != nil {
			t.Fatal(err)
		}
	}
	if err := removeAll(at("a")); err != nil || exists(at("a")) {
		t.Errorf("read-only folders: %v", err)
	}
	if os.Geteuid() != 0 {
		return // this user may give itself every permission
	}
	if err := removeAll(at("theirs")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("another user's: %v", err)
	}
	lock, err := os.OpenFile(at(scratchLock), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &scratch{root, lock}
	if err := s.close(); !errors.Is(err, fs.ErrPermission) || !strings.HasPrefix(err.Error(), "remove the folder that the plan was made in: ") {
		t.Errorf("got %v", err)
	}
	if exists(at("d")) || !exists(at(scratchLock)) {
		t.Error("what can be removed stays, or the lock is gone")
	}
	if err := lock.Close(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("the lock stays open: %v", err)
	}
}

// TestRemoveWithin: the last that is removed is the folder itself.
func TestRemoveWithin(t *testing.T) {
	parent := t.TempDir()
	tree(t, parent, map[string]string{"s/" + scratchLock: ""})
	root := filepath.Join(parent, "s")
	if os.Geteuid() != 0 {
		if err := os.Chmod(parent, 0o500); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(parent, 0o700) })
	}
	asNobody(t, root, filepath.Join(root, scratchLock))
	lock, err := os.OpenFile(filepath.Join(root, scratchLock), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := removeLocked(root, lock); !errors.Is(err, fs.ErrPermission) || exists(filepath.Join(root, scratchLock)) {
		t.Errorf("got %v", err)
	}
}

// TestUnreadable: files and folders that this user may not read end an Open, and a mirror
// that needs them.
func TestUnreadable(t *testing.T) {
	const record = `{"version":3,"backend":{"type":"pg","config":{}}}`
	for name, says := range map[string]string{
		".":                       "Make the folder readable.",
		".terraform/" + stateName: "Run terraform init -reconfigure there",
		".terraform/environment":  "or select a workspace with terraform workspace select.",
	} {
		t.Run(name, func(t *testing.T) {
			dir := real(t, t.TempDir())
			tree(t, dir, map[string]string{"main.tf": backendBlock("pg"), ".terraform/" + stateName: record, ".terraform/environment": "prod"})
			path := filepath.Join(dir, name)
			asNobody(t, dir, path)
			if err := os.Chmod(path, map[bool]os.FileMode{true: 0o300}[name == "."]); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(path, 0o700) })
			f, err := Open(dir, Options{Environ: nothing})
			e, ok := errors.AsType[*FolderError](err)
			if f != nil || !ok || e.Dir != dir || !errors.Is(err, fs.ErrPermission) || !strings.Contains(e.Hint, says) || errors.Is(err, ErrUninitialized) != strings.Contains(name, stateName) {
				t.Errorf("got %v (%+v)", err, e)
			}
		})
	}
}

// TestMirrorUnwritable: what can't be taken out of a mirror is an error, also of an edited
// file.
func TestMirrorUnwritable(t *testing.T) {
	top := real(t, t.TempDir())
	tree(t, top, map[string]string{"prod/main.tf": "new", "mirror/main.tf/x": ""})
	prod, root := filepath.Join(top, "prod"), filepath.Join(top, "mirror")
	if os.Geteuid() != 0 {
		for _, dir := range []string{filepath.Join(root, "main.tf"), root} {
			if err := os.Chmod(dir, 0o500); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(dir, 0o700) })
		}
	}
	asNobody(t, prod)
	m := &mirror{scratch: &scratch{root: root}, base: prod, config: prod}
	path := filepath.Join(prod, "main.tf")
	for name, files := range map[string][]edited{"as it is": nil, "edited": {{path, path, []byte("x")}}} {
		// The mirror has a folder in its place, which another user's is.
		if err := m.apply(files); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := resolve(top, []tfconfig.FileEdit{{Path: "prod/main.tf"}}); err != nil {
		t.Error(err)
	}
}

// TestNoMoreFiles: a process that may open no more files makes no folder that it can't lock.
func TestNoMoreFiles(t *testing.T) {
	parent := t.TempDir()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	few := limit
	few.Cur = 3
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	s, err := newScratch(parent)
	if lerr := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); lerr != nil {
		t.Fatal(lerr)
	}
	if s != nil || !errors.Is(err, syscall.EMFILE) || scratches(t, parent) != nil {
		t.Errorf("got %v, %v, left %v", s, err, scratches(t, parent))
	}
}

// openBelow returns the files below dir that this process has open.
func openBelow(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("nobody says which files are open: %v", err)
	}
	var open []string
	for _, e := range entries {
		if target, err := os.Readlink(filepath.Join("/proc/self/fd", e.Name())); err == nil && strings.HasPrefix(target, dir+"/") {
			open = append(open, target)
		}
	}
	return open
}

// TestNothingStaysOpen: whether it succeeds or fails, a file that was opened is closed.
func TestNothingStaysOpen(t *testing.T) {
	dir := real(t, t.TempDir())
	tree(t, dir, map[string]string{"file": "text", "folder/x": ""})
	live, err := newScratch(dir)
	if err != nil {
		t.Fatal(err)
	}
	held := filepath.Join(live.root, scratchLock)
	before := openBelow(t, dir)
	if len(before) != 1 {
		t.Fatalf("open are %v", before)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := saveFile(diskio.OS{}, at("saved"), []byte("text")); err != nil {
		t.Error(err)
	}
	if err := copyFile(at("file"), at("copied")); err != nil {
		t.Error(err)
	}
	if err := copyFile(at("folder"), at("copied2")); err == nil {
		t.Error("a folder was copied as a file")
	}
	if err := copyFile(at("file"), at("copied")); err == nil {
		t.Error("a file was copied over another one")
	}
	sweep(dir)
	if got := openBelow(t, dir); len(got) != 1 || got[0] != held {
		t.Errorf("open are %v", got)
	}
	if err := live.close(); err != nil {
		t.Error(err)
	}
	if got := openBelow(t, dir); got != nil {
		t.Errorf("open are %v", got)
	}
}
