package terraform

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/diskio"
	"github.com/herokutf/herokutf/statefile"
)

// TestSaveBackup: the name of a backup says when it was made and of which serial, and what
// can't be saved is an error of the folder.
func TestSaveBackup(t *testing.T) {
	at := time.Date(2026, 11, 28, 12, 30, 59, 999, time.FixedZone("", 3600))
	f := local(t, Options{Now: func() time.Time { return at }}, nil)
	dir := t.TempDir()
	for serial, want := range map[string]string{"7": "7", strings.Repeat("9", 40): strings.Repeat("9", 40), strings.Repeat("9", 41): "0"} {
		s := state(t, strings.Replace(standInState, `"serial": 7`, `"serial": `+serial, 1))
		path, err := f.saveBackup(dir, s)
		if err != nil || filepath.Dir(path) != dir || !strings.HasPrefix(filepath.Base(path), "20261128T113059Z-serial"+want+"-") {
			t.Fatalf("%s, %v", path, err)
		}
		if b, ok := parseBackupName(filepath.Base(path)); !ok || b.Serial != want {
			t.Errorf("%s is read as %+v, %v", path, b, ok)
		}
		if saved, err := os.ReadFile(path); err != nil || string(saved) != string(s.Bytes()) {
			t.Errorf("%s, %v", saved, err)
		}
		next, err := followed(diskio.OS{}, path, "12")
		if b, ok := parseBackupName(filepath.Base(next)); err != nil || !ok || b.Next != "12" || exists(path) || !exists(next) {
			t.Errorf("%s, %v", next, err)
		}
		if again, err := followed(diskio.OS{}, path, "13"); again != path || !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "note what followed a backup: ") {
			t.Errorf("%s, %v", again, err)
		}
		if err := errors.Join(discard(""), discard(next)); err != nil || exists(next) {
			t.Error(err)
		}
		if err := discard(next); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	}
	// Whatever has the name already stays.
	path := filepath.Join(dir, "x.tfstate")
	tree(t, dir, map[string]string{"x.tfstate.tmp": "somebody's"})
	if err := saveFile(diskio.OS{}, path, []byte("mine")); !errors.Is(err, fs.ErrExist) || exists(path) {
		t.Errorf("got %v", err)
	}
	if data, err := os.ReadFile(path + ".tmp"); err != nil || string(data) != "somebody's" {
		t.Errorf("somebody's file is %s, %v", data, err)
	}
	_, err := f.saveBackup(filepath.Join(dir, "none"), state(t, standInState))
	e, ok := errors.AsType[*FolderError](err)
	if !ok || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), ": save the old state: ") || !strings.HasPrefix(e.Hint, "Nothing was written. ") {
		t.Errorf("got %v (%+v)", err, e)
	}
	wantWhole(t, err, f)
}

// TestBackupList: which backups there are, in which order, and of what.
func TestBackupList(t *testing.T) {
	b := newBench(t, "")
	f := b.open(t, Options{})
	if got, err := f.Backups(""); got != nil || err != nil {
		t.Errorf("none: %v, %v", got, err)
	}
	dir := filepath.Join(b.dir, ".terraform", "herokutf")
	names := []string{
		"l1/default/20261128T120001Z-serial9-a.tfstate", "l1/default/20261128T120001Z-serial10-a.tfstate", "l2/default/20261128T120001Z-serial10-b-then12.tfstate",
		"l1/default/20261128T120000Z-serial99-a-then100.tfstate", "l2/default/20261128T120002Z-serial1-a.tfstate",
		"l1/default/20261128T120003Z-serial1-a.tfstate/a folder", "l1/default/README", "l1/prod/20261128T120003Z-serial1-a.tfstate", "l3/README", "l4/prod/x",
	}
	files := map[string]string{}
	for _, name := range names {
		files[name] = ""
	}
	tree(t, dir, files)
	want := func(lineages ...string) []Backup {
		var list []Backup
		for _, i := range []int{4, 1, 2, 0, 3} {
			lineage, _, _ := strings.Cut(names[i], "/")
			for _, l := range lineages {
				if l == lineage {
					b, _ := parseBackupName(filepath.Base(names[i]))
					b.Path, b.Lineage = filepath.Join(dir, filepath.FromSlash(names[i])), l
					list = append(list, b)
				}
			}
		}
		return list
	}
	for lineage, lineages := range map[string][]string{"": {"l1", "l2"}, "l1": {"l1"}, "l2": {"l2"}, "l3": nil, "l5": nil} {
		got, err := f.Backups(lineage)
		if diff := cmp.Diff(want(lineages...), got); err != nil || diff != "" {
			t.Errorf("lineage %q: %v (-want +got)\n%s", lineage, err, diff)
		}
	}
	// Of those with the highest serial, the newest is gone back to by force, and before them
	// the one that the state has followed.
	for serial, want := range map[string]int{"7": 3, "100": 3, "99": 3} {
		got, err := f.newestBackup(state(t, strings.NewReplacer(standInLineage, "l1", `"serial": 7`, `"serial": `+serial).Replace(standInState)))
		if err != nil || filepath.Base(got.Path) != filepath.Base(names[want]) {
			t.Errorf("serial %s: %s, %v", serial, got.Path, err)
		}
	}
	tree(t, dir, map[string]string{"l6/default/20261128T120001Z-serial5-a.tfstate": "", "l6/default/20261128T120002Z-serial5-b.tfstate": "", "l6/default/20261128T120003Z-serial4-c-then6.tfstate": "", "l6/default/20261128T120000Z-serial3-d-then7.tfstate": ""})
	for serial, want := range map[string]string{"5": "b", "6": "c-then6", "7": "d-then7", "8": "b"} {
		got, err := f.newestBackup(state(t, strings.NewReplacer(standInLineage, "l6", `"serial": 7`, `"serial": `+serial).Replace(standInState)))
		if err != nil || !strings.HasSuffix(got.Path, "-"+want+backupSuffix) {
			t.Errorf("serial %s: %s, %v", serial, got.Path, err)
		}
	}
	// Files in the place of folders; Windows says of what is below one that it isn't there.
	if runtime.GOOS != "windows" {
		tree(t, dir, map[string]string{"l9": ""})
		for _, lineage := range []string{"", "l9"} {
			if got, err := f.Backups(lineage); got != nil || err == nil || !strings.HasPrefix(err.Error(), "list backups: ") {
				t.Errorf("lineage %q: %v, %v", lineage, got, err)
			}
		}
		b.environ = append(b.environ, "HEROKUTF_BACKUPS="+filepath.Join(dir, "l9"))
		if got, err := b.open(t, Options{}).Backups(""); got != nil || err == nil || !strings.HasPrefix(err.Error(), "list backups: ") {
			t.Errorf("a file for all: %v, %v", got, err)
		}
	}
	t.Chdir(b.parent)
	b.environ = append(b.environ, "HEROKUTF_BACKUPS=mine")
	if got, want := b.open(t, Options{}).backupsDir(), filepath.Join(b.parent, "mine"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// Those of a file are beside it, and have no lineage.
	f = local(t, Options{}, nil)
	done, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff}, rename("one", "two"))
	if err != nil {
		t.Fatal(err)
	}
	beside, err := statefile.Backups(f.location.Path)
	if err != nil || len(beside) != 1 {
		t.Fatal(beside, err)
	}
	got, err := f.Backups("whatever")
	if diff := cmp.Diff([]Backup{{Path: done.Backup, Time: beside[0].Time, Serial: "7"}}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	f.location.Path = filepath.Join(f.location.Path, "x", "y")
	if got, err := f.Backups(""); err == nil && got != nil {
		t.Errorf("got %v", got)
	}
}

// TestLocalOptions: how a local state is locked, and its backup called.
func TestLocalOptions(t *testing.T) {
	at := time.Date(2030, 1, 2, 15, 4, 5, 0, time.UTC)
	waiting := make(chan bool, 100)
	f := local(t, Options{LockTimeout: time.Minute, Now: func() time.Time { return at }, Waiting: func(p statefile.Progress) {
		if p.Stage == statefile.StageWaiting {
			waiting <- true
		}
	}}, nil)
	held := ""
	var done *Result
	ended := make(chan error)
	// Somebody else has the lock until this one waits for it.
	_, err := statefile.Update(t.Context(), f.location.Path, statefile.UpdateOptions{}, func(s *statefile.File) (*statefile.File, error) {
		go func() {
			var err error
			done, err = f.Update(t.Context(), UpdateOptions{Plan: PlanOff, Operation: "an operation of mine", Before: func() error {
				data, err := os.ReadFile(filepath.Join(f.location.Dir, "."+stateName+".lock.info"))
				held = string(data)
				return err
			}}, rename("one", "two"))
			ended <- err
		}()
		select {
		case <-waiting:
		case err := <-ended:
			return nil, fmt.Errorf("it didn't wait: %w", err)
		}
		return s, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err = <-ended; err != nil || !strings.Contains(held, "an operation of mine") || !strings.Contains(filepath.Base(done.Backup), "20300102T150405Z") {
		t.Errorf("%+v, %v, lock %s", done, err, held)
	}
	// A copy of somebody's is gone back to by force alone.
	tree(t, f.location.Dir, map[string]string{"copy": strings.NewReplacer("one", "three", `"serial": 7`, `"serial": 3`).Replace(standInState)})
	copied := filepath.Join(f.location.Dir, "copy")
	if _, err := f.Undo(t.Context(), copied, UpdateOptions{Plan: PlanOff}); !errors.Is(err, ErrMovedOn) {
		t.Errorf("got %v", err)
	}
	if done, err := f.Undo(t.Context(), copied, UpdateOptions{Plan: PlanOff, Force: true}); err != nil || done.Restored != copied || done.RestoredSerial != "3" || done.NewSerial != "9" {
		t.Errorf("%+v, %v", done, err)
	}
	// The same content is no change, and is not planned.
	now, err := f.Pull(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tree(t, f.location.Dir, map[string]string{"copy": string(now.Bytes())})
	if done, err := f.Undo(t.Context(), copied, UpdateOptions{Plan: PlanOff, DryRun: true}); err != nil || done.Changed || done.NewSerial != "9" {
		t.Errorf("%+v, %v", done, err)
	}
	// What is pushed has to be later.
	if err := f.Push(t.Context(), state(t, standInState)); err == nil {
		t.Error("an older state was pushed")
	}
}

// TestPushFaults: a state that can't be pushed, or was pushed and left something behind.
func TestPushFaults(t *testing.T) {
	b := newBench(t, "")
	next := state(t, strings.Replace(standInState, `"serial": 7`, `"serial": 8`, 1))
	tree(t, b.parent, map[string]string{"file": ""})
	environ := b.environ
	b.environ = append(environ, "HEROKUTF_BACKUPS="+filepath.Join(b.parent, "file"))
	f := b.open(t, Options{})
	err := f.Push(t.Context(), next)
	if e, ok := errors.AsType[*FolderError](err); !ok || !strings.Contains(e.Hint, "HEROKUTF_BACKUPS") || !strings.Contains(err.Error(), "make a folder for backups: ") {
		t.Errorf("got %v (%+v)", err, e)
	}
	wantWhole(t, err, f)
	if err := f.push(t.Context(), filepath.Join(b.parent, "none"), next); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "push the state: ") {
		t.Errorf("got %v", err)
	}
	if b.remote(t) != standInState || len(b.calls(t)) != 1 || b.calls(t)[0] != "" {
		t.Errorf("something was pushed: %v", b.calls(t))
	}
	b.environ = append(environ, standInFault+"=lock-gone") // which Windows doesn't let go
	if err := b.open(t, Options{}).Push(t.Context(), next); runtime.GOOS != "windows" && (err == nil || !strings.Contains(err.Error(), "remove the folder ")) || !strings.Contains(b.remote(t), `"serial": 9`) {
		t.Errorf("got %v", err)
	}
	// Where there is no local state yet, terraform writes it.
	b = newBench(t, "")
	tree(t, b.dir, map[string]string{"main.tf": resource("one"), ".terraform/terraform.tfstate": `{"version":3}`})
	if err := b.open(t, Options{}).Push(t.Context(), next); err != nil || b.calls(t)[0] != "state push" {
		t.Errorf("%v, calls %v", err, b.calls(t))
	}
	// What is pulled is a state.
	tree(t, b.dir, map[string]string{"main.tf": backendBlock("pg") + resource("one"), ".terraform/terraform.tfstate": backendRecord("pg", "")})
	for text, is := range map[string]error{"no state": nil, " \n": ErrNoState} {
		tree(t, b.store, map[string]string{"remote.tfstate": text})
		f := b.open(t, Options{})
		got, err := f.Pull(t.Context())
		if got != nil || err == nil || errors.Is(err, ErrNoState) != (is != nil) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
		wantWhole(t, err, f)
	}
}
